"""A model file in one layout: spaces, line indents and columns of comments. Words, their order, and comments stay.

What is laid out states the same model; laying it out again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from boundgen.language.parser import parse_model

TOKEN = re.compile(
    r'(?P<space>[ \t\f]+)|(?P<string>"[^"]*")|(?P<comment>#.*)'
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?:[ \t]*/[ \t]*[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)?)"
    r"|(?P<name>\w+)|(?P<sign>->|\.\.|!=|<=|>=|[-+*/=<>|,;:()\[\]{}])|(?P<other>.)"
)
CLAIM_LINES = {"lower", "upper", "expect", "holds"}
# After them a minus belongs to what follows, and a bracket stands apart.
WORDS = {"and", "or", "not", "in", "for", "all", "if", *CLAIM_LINES}
OPEN, CLOSE = "([{", ")]}"
# Longer code has its comment right behind it, and does not push the others away.
COMMENT_COLUMN = 60


@dataclass(frozen=True)
class WrittenToken:
    """A word, number, sign, text or comment, and whether a space stood before it."""

    kind: str
    text: str
    spaced: bool


@dataclass(frozen=True)
class LaidOutLine:
    """A line as it will stand: code with its indent, and the comment behind it."""

    code: str
    comment: str


def format_model(text: str, file: str = "<text>") -> str:
    r"""A model's text in the one layout.

    Parameters
    ----------
    text : str
        Of a model that can be read.
    file : str
        Its name, for errors.

    Returns
    -------
    str

    Raises
    ------
    ModelError, ModelSyntaxError
        For a text that states no model.

    Examples
    --------
    >>> from boundgen.language.formatter import format_model
    >>> print(format_model("model m\nvariable  A in {0,1}   randomized# drawn\n"), end="")
    model m
    variable A in {0, 1} randomized  # drawn
    """
    model = parse_model(text, file)
    found = laid_out(text)
    assert parse_model(found, file) == model, "the layout states the same model"
    return found


def laid_out(text: str) -> str:
    """The layout alone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
    paragraphs: list[list[LaidOutLine]] = [[]]
    for line in _lines(lines):
        if line is None:
            paragraphs.append([])
        else:
            paragraphs[-1].append(line)
    return "\n\n".join("\n".join(_aligned(each)) for each in paragraphs if each) + "\n"


def _lines(lines: Sequence[str]) -> Iterator[LaidOutLine | None]:
    """Each line, None for an empty one."""
    claim, depth = False, 0
    for number, line in enumerate(lines):
        tokens = _tokens(line)
        if not tokens:
            yield None
            continue
        code = [token for token in tokens if token.kind != "comment"]
        comment = tokens[-1].text.rstrip() if tokens[-1].kind == "comment" else ""
        starts = bool(code) and not line[0].isspace()
        if starts:
            claim, depth = code[0].text == "claim", 0
        if code:
            indent = 0 if starts else _indent(code, claim, depth)
            depth += sum((token.text in OPEN) - (token.text in CLOSE) for token in code if token.kind == "sign")
            yield LaidOutLine(" " * indent + _spaced(code), comment)
        else:
            yield LaidOutLine(" " * _next_indent(lines[number:], claim, depth) + comment, "")


def _indent(code: Sequence[WrittenToken], claim: bool, depth: int) -> int:
    """A claim's own lines stand under it; what goes on with one stands under that."""
    return 2 if not claim or (depth == 0 and code[0].text in CLAIM_LINES) else 4


def _next_indent(lines: Sequence[str], claim: bool, depth: int) -> int:
    """A comment on a line of its own stands as far in as what it stands above."""
    for line in lines:
        code = [token for token in _tokens(line) if token.kind != "comment"]
        if code:
            return _indent(code, claim, depth) if line[0].isspace() else 0
    return 0


def _tokens(line: str) -> list[WrittenToken]:
    found, spaced = [], False
    for match in TOKEN.finditer(line):
        kind = match.lastgroup or "other"
        if kind != "space":
            found.append(WrittenToken(kind, match[0], spaced))
        spaced = kind == "space"
    return found


def _spaced(code: Sequence[WrittenToken]) -> str:
    text = code[0].text if code[0].kind != "number" else _number(code[0].text)
    signs = _unary(code)
    says = _definition_sign(code)
    for i, (left, right) in enumerate(pairwise(code)):
        text += " " * (says in (i, i + 1) or _apart(left, right, signs[i]))
        text += _number(right.text) if right.kind == "number" else right.text
    return text


def _definition_sign(code: Sequence[WrittenToken]) -> int | None:
    """Where the sign stands that says what a name means: it is no event as in P(Y=1)."""
    signs = (i for i, token in enumerate(code) if token.kind == "sign" and token.text == "=")
    return next(signs, None) if code[0].text in ("estimand", "define") else None


def _number(text: str) -> str:
    return re.sub(r"[ \t]*/[ \t]*", "/", text)


def _unary(code: Sequence[WrittenToken]) -> list[bool]:
    """Which signs are no operation between two."""
    found = []
    before = None
    for token in code:
        alone = before is None or before.text in WORDS or (before.kind == "sign" and before.text not in CLOSE)
        found.append(token.text in ("+", "-") and token.kind == "sign" and alone)
        before = token
    return found


def _apart(left: WrittenToken, right: WrittenToken, left_unary: bool) -> bool:
    """Whether a space stands between two tokens."""
    signs = {token.text for token in (left, right) if token.kind == "sign"}
    if "other" in (left.kind, right.kind):
        return right.spaced
    if left.kind == "sign" and (left.text in OPEN or left_unary):
        return False
    if right.kind == "sign" and right.text in (*CLOSE, ",", ";", ":"):
        return False
    if ".." in signs:
        return False
    if left.text in ("=", "!=") and left.kind == "sign":
        return left.spaced
    if right.text in ("=", "!=") and right.kind == "sign":
        return right.spaced
    if right.kind == "sign" and right.text in OPEN:
        # A call is tight: P(, E[, Y(; a bracket of its own is not.
        return (left.kind == "sign" and left.text not in CLOSE) or left.text in WORDS or left.kind == "number"
    return True


def _aligned(lines: Sequence[LaidOutLine]) -> Iterator[str]:
    """The comments of a paragraph in one column."""
    widths = [len(line.code) for line in lines if line.comment and len(line.code) <= COMMENT_COLUMN]
    column = max(widths, default=0)
    for line in lines:
        yield f"{line.code:<{column}}  {line.comment}" if line.comment else line.code
