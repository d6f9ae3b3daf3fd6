"""Which characters a text may hold, whatever it is written into."""

from __future__ import annotations

import unicodedata

# Unicode's Bidi_Control: invisible, and what stands behind them is shown in another order than it is read.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, halves of surrogate pairs, and the two separators that end a line where nobody sees it.
BROKEN = ("Cc", "Cs", "Zl", "Zp")
NAMES = {"\0": "NUL", "\t": "a tab", "\n": "a line break", "\r": "a carriage return"}
KINDS = {"Cc": "a control character", "Cs": "a lone surrogate", "Zl": "a line separator", "Zp": "a paragraph separator"}


def is_plain(character: str) -> bool:
    """Whether every language can hold the character in a comment and in a string, and shows it where it stands."""
    return character not in TURNING and unicodedata.category(character) not in BROKEN


def first_unplain(text: str) -> int | None:
    """Where the first character stands that is not plain.

    >>> first_unplain("Sjölander (2009)"), first_unplain("a\\rb")
    (None, 1)
    """
    if text.isascii() and text.isprintable():
        return None
    return next((i for i, character in enumerate(text) if not is_plain(character)), None)


def character_name(character: str) -> str:
    r"""What a character that is not plain is called in a message.

    >>> character_name("\r"), character_name("\u202e")
    ('a carriage return (U+000D)', 'a mark that turns the direction of text (U+202E)')
    """
    kind = KINDS.get(unicodedata.category(character), "a mark that turns the direction of text")
    return f"{NAMES.get(character, kind)} (U+{ord(character):04X})"


def plain_line(text: str) -> str:
    """The text on one line: what is not plain is a blank.

    File names come from the operating system and may hold anything; texts of a model are refused before.
    """
    return "".join(character if is_plain(character) else " " for character in text)
