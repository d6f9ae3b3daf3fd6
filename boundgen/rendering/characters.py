"""Which characters a text may hold, whatever it is written into."""

from __future__ import annotations

import re
import unicodedata

# Control characters, separators of lines, halves of surrogate pairs; and Unicode's Bidi_Control: invisible marks behind
# which text is shown in another order than it is read.
UNPLAIN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NAMES = {"\0": "NUL", "\t": "a tab", "\n": "a line break", "\r": "a carriage return"}
KINDS = {
    "Cc": "a control character",
    "Cf": "a mark that turns the direction of text",
    "Cs": "a lone surrogate",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}


def is_plain(character: str) -> bool:
    """Whether every language can hold the character in a comment and in a string, and shows it where it stands."""
    return UNPLAIN.match(character) is None


def first_unplain(text: str) -> int | None:
    """Where the first character stands that is not plain.

    >>> first_unplain("Sjölander (2009)"), first_unplain("a\\rb")
    (None, 1)
    """
    match = UNPLAIN.search(text)
    return match and match.start()


def character_name(character: str) -> str:
    r"""What a character that is not plain is called in a message.

    >>> character_name("\r"), character_name("\u202e")
    ('a carriage return (U+000D)', 'a mark that turns the direction of text (U+202E)')
    """
    return f"{NAMES.get(character) or KINDS[unicodedata.category(character)]} (U+{ord(character):04X})"


def plain_line(text: str) -> str:
    """The text on one line: what is not plain is a blank.

    File names come from the operating system and may hold anything; texts of a model are refused before.
    """
    return UNPLAIN.sub(" ", text)
