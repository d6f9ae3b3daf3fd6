"""Texts of dagitty, DOT and the statements of CausalQueries, which are alike, as tokens."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

from boundgen.errors import GraphError, Place, Source

TokenKind = Literal["word", "text", "edge", "sign", "end"]
TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*)
    |(?P<text>"(?:\\.|[^"\\])*")
    |(?P<edge><->|<-@|<--|<-|@->|@-@|@--|--@|-->|->|--|o->|<-o|→|←|↔)
    |(?P<word>-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?![\w.])|[\w.]+)
    |(?P<sign>[{}\[\]=;,:+])""",
    re.VERBOSE | re.DOTALL,
)
# More than the largest graph has.
MOST_TOKENS = 400_000
BLANKS = re.compile(r"\s*")
SPELLED = {"→": "->", "←": "<-", "↔": "<->"}
REMEDY = 'Write X -> Y; names of other signs than letters, digits, _ and . stand in quotation marks: "IL-6".'


class Token(NamedTuple):
    """A word, a text in quotation marks, an edge or a sign, and where it begins."""

    kind: TokenKind
    text: str
    at: int

    @property
    def is_name(self) -> bool:
        """Whether it can be the name of a node."""
        return self.kind in ("word", "text")


def tokens(source: Source) -> list[Token]:
    """The tokens of a text, the last of which is its end.

    Parameters
    ----------
    source : Source

    Returns
    -------
    list of Token

    Raises
    ------
    GraphError
        Where something stands that is no token.
    """
    text, at, found = source.text, 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise GraphError(f"'{text[at]}' is of no graph", TextPlaces(source).at(at), _remedy(text, at))
        kind = match.lastgroup
        if kind == "text":
            found.append(Token("text", _unquoted(match[0]), at))
        elif kind == "edge":
            found.append(Token("edge", SPELLED.get(match[0], match[0]), at))
        elif kind != "blank":
            found.append(Token("word" if kind == "word" else "sign", match[0], at))
        at = match.end()
        if len(found) > MOST_TOKENS:
            raise GraphError(
                f"{source.file}: this text is too long for a graph of a few variables",
                remedy="Draw those that the question needs.",
            )
        if found and found[-1].text == "=" and (markup := _markup(text, at)):
            found.append(Token("text", markup[0], at))
            at = markup[1]
    return [*found, Token("end", "", len(text))]


def _remedy(text: str, at: int) -> str:
    if text[at] == '"':
        return "The quotation mark that closes this text is missing."
    return "A comment that begins with /* ends with */." if text.startswith("/*", at) else REMEDY


class TextPlaces:
    """Where the positions of a text stand; its lines are counted once.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.starts = [0, *(i + 1 for i, sign in enumerate(source.text) if sign == "\n")]

    def at(self, position: int, length: int = 1) -> Place:
        """The place of a position."""
        line = bisect_right(self.starts, position)
        return Place(self.source, line, position - self.starts[line - 1] + 1, length)


def _unquoted(text: str) -> str:
    r"""A text without its quotation marks; lines are joined, and \" is a quotation mark."""
    return re.sub(r"\\(\r?\n|.)", lambda found: _escaped(found[1]), text[1:-1], flags=re.DOTALL)


def _escaped(sign: str) -> str:
    if sign in ('"', "\\"):
        return sign
    # Of Graphviz: the ends of lines in labels.
    return " " if sign in "nlr" else "" if sign.endswith("\n") else f"\\{sign}"


def _markup(text: str, at: int) -> tuple[str, int] | None:
    """Markup of Graphviz, ``<b>X</b>`` within angle brackets, behind an equals sign: its words and where it ends."""
    start = BLANKS.match(text, at).end()  # type: ignore[union-attr]
    if not text.startswith("<", start):
        return None
    depth = 0
    for i in range(start, len(text)):
        depth += {"<": 1, ">": -1}.get(text[i], 0)
        if not depth:
            return " ".join(re.sub(r"<[^>]*>", " ", text[start + 1 : i]).split()), i + 1
    return None
