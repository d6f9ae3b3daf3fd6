"""What an editor is told about the text of a model, which may be half written: pure functions of the text.

Lines and columns count from 0, in characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from boundgen.errors import BoundgenError
from boundgen.language.formatter import format_model
from boundgen.language.parser import parse_model
from boundgen.language.tree import STATEMENTS
from boundgen.work.limits import Limits

# How long somebody waits at a name.
HOVER_SECONDS = 5
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A statement that declares a name, at the margin; a colon stands behind the name of an assumption.
DECLARATION = re.compile(
    r"(?P<kind>model|variable|parameter|define|estimand|assume(?=[ \t]+\w+[ \t]*:))[ \t]+(?P<name>[A-Za-z_]\w*)",
    re.ASCII,
)
CLAIM_LINES = {
    "lower": "the claimed lower bound",
    "upper": "the claimed upper bound",
    "expect": "the recorded verdicts: sharp, valid, invalid",
    "holds": "a claimed testable implication",
}
FUNCTIONS = {
    "P": "probability: P(event | arm)",
    "E": "mean: E[Y(1) - Y(0)]",
    "max": "the largest of several terms, in a claim",
    "min": "the smallest of several terms, in a claim",
    "do": "an intervention, behind a bar: P(Y | do(X=1))",
}
WHAT_STATEMENTS_SAY = {
    "model": "the name of the model, and its title",
    "source": "where the model is from",
    "variable": "a variable with its parents and values",
    "confounded": "variables that share an unmeasured cause",
    "unconfounded": "no variables share an unmeasured cause",
    "observe": "a distribution that the data have",
    "parameter": "a constant of the assumptions, with its range",
    "define": "a name for a quantity that the data identify",
    "assume": "what is assumed of units or of their distribution",
    "estimand": "a quantity to bound",
    "claim": "a published bound, to be verified",
}


@dataclass(frozen=True)
class TextSpan:
    """Part of a line."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class TextDiagnostic:
    """What is wrong in a text, where, and what to do."""

    span: TextSpan
    message: str


@dataclass(frozen=True)
class Completion:
    """A word that may be meant."""

    word: str
    kind: Literal["statement", "variable", "parameter", "definition", "estimand", "assumption", "function"]
    detail: str


@dataclass(frozen=True)
class DeclaredName:
    """A name, the kind of statement that declares it, where, and the statement as it is written."""

    name: str
    kind: str
    span: TextSpan
    statement: str


# ---------------------------------------------------------------- what is wrong
def diagnostics(text: str) -> list[TextDiagnostic]:
    r"""The first error of a text, at its place; none for a model that can be read.

    Returns
    -------
    list of TextDiagnostic

    Examples
    --------
    >>> diagnostics("model m\nvariabel X in {0, 1}\n")[0].span
    TextSpan(line=1, start=0, end=8)
    """
    try:
        parse_model(text)
    except BoundgenError as error:
        said = f"{error.message}\n{error.remedy}" if error.remedy else error.message
        if error.where is None:
            return [TextDiagnostic(TextSpan(0, 0, len(lines_of(text)[0])), said)]
        start = error.where.column - 1
        return [TextDiagnostic(TextSpan(error.where.line - 1, start, start + max(1, error.where.length)), said)]
    except RecursionError:
        return [TextDiagnostic(TextSpan(0, 0, len(lines_of(text)[0])), "the model is nested too deeply")]
    return []


# ---------------------------------------------------------------- names
def declared_names(text: str) -> list[DeclaredName]:
    """The names that a text declares, in its order; the text need not be a model."""
    found = []
    lines = lines_of(text)
    for number, line in enumerate(lines):
        if match := DECLARATION.match(line):
            span = TextSpan(number, match.start("name"), match.end("name"))
            found.append(DeclaredName(match["name"], match["kind"], span, "\n".join(_statement(lines, number))))
    return found


def _statement(lines: list[str], number: int) -> Iterator[str]:
    """A statement's lines, without their comments: the first, and the indented ones below it."""
    yield _without_comment(lines[number]).rstrip()
    for line in lines[number + 1 :]:
        code = _without_comment(line).rstrip()
        if code and not line[0].isspace():
            return
        if code:
            yield code


def _without_comment(line: str) -> str:
    return "".join(part for part in re.findall(r'"[^"]*"|#.*|[^"#]+|"', line) if not part.startswith("#"))


def word_at(text: str, line: int, column: int) -> TextSpan | None:
    """The word at a place, or right before it; None in comments, texts in quotes and between words."""
    lines = lines_of(text)
    if not 0 <= line < len(lines) or _is_prose(lines[line], column):
        return None
    for match in WORD.finditer(lines[line]):
        if match.start() <= column <= match.end():
            return TextSpan(line, match.start(), match.end())
    return None


def _is_prose(line: str, column: int) -> bool:
    """Whether a place is within a comment or a text in quotes."""
    parts = re.finditer(r'"[^"]*("|$)|#.*', line)
    return any(part.start() < column < part.end() or (part.start() < column and part[0][0] == "#") for part in parts)


def declaration_of(text: str, line: int, column: int) -> DeclaredName | None:
    """The declaration of the name at a place.

    An estimand may be called like a variable: behind the "for" of a claim, and where it is declared, it is meant.

    Returns
    -------
    DeclaredName or None
    """
    span = word_at(text, line, column)
    if span is None:
        return None
    written = lines_of(text)[line]
    named = [each for each in declared_names(text) if each.name == written[span.start : span.end]]
    here = [each for each in named if each.span == span]
    claimed = [each for each in named if each.kind == "estimand"] if written.startswith("claim") else []
    usual = sorted(named, key=lambda each: each.kind in ("estimand", "assume", "model"))
    return next(iter((*here, *claimed, *usual)), None)


# ---------------------------------------------------------------- completion
def completions(text: str, line: int, column: int) -> list[Completion]:
    r"""What may stand at a place: statements at the margin; elsewhere functions, names, and in a claim its lines.

    Returns
    -------
    list of Completion

    Examples
    --------
    >>> [each.word for each in completions("model m\nest", 1, 3)]
    ['estimand']
    """
    lines = lines_of(text)
    before = lines[line][:column] if 0 <= line < len(lines) else ""
    if _is_prose(before + " ", column):
        return []
    begun = re.search(r"[A-Za-z_]?\w*$", before, re.ASCII)
    word = begun[0] if begun else ""
    rest = before[: len(before) - len(word)]
    return [each for each in _possible(text, line, rest) if each.word.startswith(word)]


def _possible(text: str, line: int, rest: str) -> list[Completion]:
    if not rest:
        return [Completion(word, "statement", WHAT_STATEMENTS_SAY[word]) for word in STATEMENTS]
    names = [_as_completion(each) for each in declared_names(text) if each.kind != "model" and each.span.line != line]
    begins = _begins(text, line)
    if rest.startswith("claim") and re.search(r"\bfor\s+$", rest):
        return [each for each in names if each.kind == "estimand"]
    usable = [each for each in names if each.kind not in ("estimand", "assumption")]
    if begins == "claim" and not rest.strip():
        return [Completion(word, "statement", detail) for word, detail in CLAIM_LINES.items()]
    return [*usable, *(Completion(word, "function", detail) for word, detail in FUNCTIONS.items())]


def _begins(text: str, line: int) -> str:
    """The word that begins the statement to which a line belongs."""
    for each in reversed(lines_of(text)[: line + 1]):
        if match := WORD.match(each):
            return match[0]
    return ""


def _as_completion(declared: DeclaredName) -> Completion:
    match declared.kind:
        case "define":
            return Completion(declared.name, "definition", declared.statement)
        case "assume":
            return Completion(declared.name, "assumption", declared.statement)
        case "parameter":
            return Completion(declared.name, "parameter", declared.statement)
        case "estimand":
            return Completion(declared.name, "estimand", declared.statement)
    return Completion(declared.name, "variable", declared.statement)


# ---------------------------------------------------------------- hover
def hover(text: str, line: int, column: int, seconds: float = HOVER_SECONDS) -> str | None:
    """What is said of the name at a place: its declaration, and of an estimand its bounds; None where there is no name.

    Parameters
    ----------
    text : str
    line, column : int
    seconds : float
        How long a derivation may take.

    Returns
    -------
    str or None
    """
    declared = declaration_of(text, line, column)
    if declared is None:
        return None
    if declared.kind != "estimand":
        return declared.statement
    return f"{declared.statement}\n\n{bounds_text(text, declared.name, seconds)}"


@lru_cache(maxsize=32)
def bounds_text(text: str, estimand: str, seconds: float) -> str:
    """The bounds of an estimand as they are printed, or in a sentence why there are none."""
    from boundgen.derivation import derive

    try:
        derivation = derive(
            parse_model(text), [estimand], conditions=False, partial=True, limits=Limits(seconds=seconds)
        )
        return derivation.text().strip("\n")
    except BoundgenError as error:
        return f"no bounds here: {error.message}"


# ---------------------------------------------------------------- layout
def formatted(text: str) -> str | None:
    """The text in the one layout; None where it is no model, or is laid out so already."""
    try:
        found = format_model(text)
    except (BoundgenError, RecursionError):
        return None
    return None if found == text else found


def lines_of(text: str) -> list[str]:
    """The lines of a text, as editors and the language count them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
