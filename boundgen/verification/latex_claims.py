r"""Bounds in the LaTeX of a paper as claims: ``\max\{-p_{01 \cdot 1}, \gamma\} \leq \delta(1)``.

The displays of a file are read one by one. A row that bounds an estimand becomes a claim; one with ``\max`` or
``\min`` that cannot be read is refused with its place, so that no bound is left out or read otherwise.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, NoReturn

from boundgen.bounds.factoring import printed_cells
from boundgen.bounds.symbols import latex_name, latex_value, notation
from boundgen.errors import BoundgenError, ModelError, ModelSyntaxError, Place, Source, quoted
from boundgen.language.model import Model
from boundgen.language.values import value_text
from boundgen.rendering import latex
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Limits

if TYPE_CHECKING:
    from boundgen.bounds.symbols import CellSymbol

ENVIRONMENTS = "equation|align|alignat|gather|multline|eqnarray|flalign|displaymath"
DISPLAY = re.compile(
    r"(?<!\\)(?:\\\\)*(?:\\\[(?P<a>.*?)\\\]|\$\$(?P<b>.*?)\$\$"
    rf"|\\begin\{{(?P<name>(?:{ENVIRONMENTS})\*?)\}}(?:\{{\d+\}})?(?P<c>.*?)\\end\{{(?P=name)\}})",
    re.DOTALL,
)
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
# A command, words, or one character; what a command of these kinds holds in braces belongs to it.
TOKEN = re.compile(
    r"\\\\\*?(?:\s*\[[\d.]+\s*[a-z]+\])?|\\(?:operatorname|mathrm)\*?\s*\{(?:max|min)\}"
    r"|\\(?:text|textrm|textit|mbox|label|tag|begin|end)\*?\s*\{(?:\\.|[^\\{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|\\.|\S",
    re.DOTALL,
)
BLANK = re.compile(
    r"\\(?:[,;:!> ]|q?quad|left|right|middle|[Bb]igg?[lrm]?|displaystyle|textstyle|limits|nonumber|notag)|~|&"
    r"|\\(?:label|tag)\b.*",
    re.DOTALL,
)
# Environments in which a formula goes on in the next line, and those that list terms behind a maximum.
ROWS = re.compile(r"\\(?:begin|end)\{(?:aligned|split|gathered|array|[Bb]?matrix|smallmatrix)\}")
LIST = re.compile(r"\\begin\{(?:aligned|gathered|array|B?matrix|smallmatrix)\}")
# What was written before there was ``cases``: a brace before an array that nothing closes.
BRACED = re.compile(
    r"\\left\s*\\(?:\{|lbrace)\s*\\begin\{array\}(?:\[\w\])?\{[^{}]*\}((?:(?!\\(?:begin|end)\{array\}).)*)"
    r"\\end\{array\}\s*\\right\s*\.",
    re.DOTALL,
)
CASES = re.compile(r"\\(?P<which>begin|end)\{d?cases\}")
AT_MOST, AT_LEAST = {r"\leq", r"\le", r"\leqslant", "≤"}, {r"\geq", r"\ge", r"\geqslant", "≥"}
RELATIONS = {*AT_MOST, *AT_LEAST, "="}
MEMBER = r"\in"
# Relations that say no bound of the language: refused beside an estimand, so that nothing is left out unseen.
UNREAD = {"<", ">", r"\lt", r"\gt", MEMBER, r"\subset", r"\subseteq", r"\lesssim", r"\gtrsim", r"\approx", r"\simeq"}
# In the condition of a term, and what is said where it does not hold.
COMPARED = {**dict.fromkeys(AT_MOST, "<="), **dict.fromkeys(AT_LEAST, ">=")}
COMPARED |= {"<": "<", r"\lt": "<", ">": ">", r"\gt": ">"}
CONTRARY = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}
IF, AND, OTHERWISE = {"if", "when", "for"}, {"and"}, {"otherwise", "else"}
OPEN = {"{": "}", "(": ")", "[": "]", r"\{": r"\}"}
CLOSED = {*OPEN.values()}
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac")
EXTREMA = (r"\max", r"\min")
PROBABILITY = ([r"\Pr"], ["P"], *([rf"\{font}", "{", "P", "}"] for font in ("mathrm", "mathbb", "operatorname")))
DO = [[rf"\{font}", "{", "d", "o", "}"] for font in ("mathrm", "mathit", "operatorname")]
TIMES = (r"\cdot", r"\times", "*")
WORD = re.compile(r"\\(?:text|textrm|textit|mbox)\*?\s*\{(.*)\}", re.DOTALL)


@dataclass(frozen=True)
class TexToken:
    """A piece of LaTeX and where it begins in the file."""

    text: str
    start: int


@dataclass(frozen=True)
class ReadClaim:
    """A bound that was read.

    Parameters
    ----------
    where : str
        ``paper.tex, line 12``.
    lower, upper : str
        Formulas of the language; empty where the display says nothing of that side.
    """

    where: str
    estimand: str
    lower: str
    upper: str

    def __str__(self) -> str:
        sides = (("lower", self.lower), ("upper", self.upper))
        lines = [f"  {name} {text}" for name, text in sides if text]
        return "\n".join([f'claim "{self.where}" for {self.estimand}', *lines])


@dataclass(frozen=True)
class LatexClaims:
    """The claims of a file about a model; as text they can be appended to it.

    Parameters
    ----------
    unread : tuple of str
        A line for each equation of an estimand without maxima that is no formula of what is observed: a definition.
    """

    model: Model
    claims: tuple[ReadClaim, ...]
    unread: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n\n".join([*(f"# {said}" for said in self.unread), *map(str, self.claims)]) + "\n"

    @property
    def judged(self) -> Model:
        """The model with these claims and no others."""
        return Model.parse(f"{replace(self.model, claims=())}\n{self}")


def latex_claims(
    text: str, file: str, model: Model, notations: Sequence[str] = (), lines: str | None = None
) -> LatexClaims:
    r"""Read the displays of a LaTeX file that bound estimands of a model.

    Parameters
    ----------
    text
        The file's content.
    file
        Its name, for messages and for the claims.
    notations
        What the paper's symbols are, beside those that the model's output has: ``p_{ym \cdot a}``, a symbol of cells
        with the variables' letters, and ``delta1 = \tau``, a name of the model with its symbol.
    lines
        ``40-90``: only the displays that begin in these lines are read.

    Returns
    -------
    LatexClaims

    Raises
    ------
    ModelSyntaxError
        Where a display with ``\max`` or ``\min`` cannot be read, or none bounds an estimand.
    """
    source = Source(file, text)
    symbols = _Symbols.of(model, notations)
    bare = replace(model, claims=())
    wanted = _wanted(lines)
    found: list[ReadClaim] = []
    unread: list[str] = []
    for tokens in _rows(text):
        line = _place(source, tokens[0].start).line
        if not wanted[0] <= line <= wanted[1]:
            continue
        row = _Row(tokens, symbols, source)
        try:
            claim = _claim_of(row)
            if claim:
                _check(claim, bare, _place(source, tokens[0].start))
                found.append(claim)
        except ModelSyntaxError as error:
            if "=" not in row.words or {*row.words} & {*EXTREMA, *AT_MOST, *AT_LEAST}:
                raise
            unread.append(f"{PurePath(file).name}, line {line}: an equation that is not read: {error.message}")
    if not found:
        names = ", ".join(f"{each.name} as {latex_name(each.name)}" for each in model.estimands) or "none"
        raise ModelSyntaxError(
            "; ".join([f"{file}: no display bounds an estimand of {model.name}", *unread]),
            remedy=f"Estimands: {names}. Say what the paper calls one: --notation 'NAME = LATEX'.",
        )
    return LatexClaims(model, tuple(found), tuple(unread))


def _wanted(lines: str | None) -> tuple[float, float]:
    """The first and the last line to read."""
    if lines is None:
        return 1, float("inf")
    match = re.fullmatch(r"\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*", lines, re.ASCII)
    if not match:
        raise ModelError(f"--lines {quoted(lines)} is no range of lines", remedy="Write --lines 40-90, or one number.")
    return int(match[1]), int(match[2] or match[1])


def _check(claim: ReadClaim, bare: Model, place: Place) -> None:
    """Refuse, at its place, a bound that the language does not take."""
    try:
        Model.parse(f"{bare}\n{claim}\n")
    except BoundgenError as error:
        raise ModelSyntaxError(error.message, place, error.remedy) from None


def _place(source: Source, start: int, length: int = 1) -> Place:
    line = source.text.count("\n", 0, start) + 1
    return Place(source, line, start - source.text.rfind("\n", 0, start), length)


# ---------------------------------------------------------------- tokens
def _tokens(text: str, start: int = 0, end: int | None = None) -> list[TexToken]:
    """What is no space; indices of one character are put into braces, as ``x_1`` and ``x_{1}`` are one symbol."""
    end = len(text) if end is None else end
    found = [TexToken(_plain(m[0]), m.start()) for m in TOKEN.finditer(text, start, end) if not BLANK.fullmatch(m[0])]
    kept: list[TexToken] = []
    i = 0
    while i < len(found):
        token = found[i]
        if token.text == "{" and i + 1 < len(found) and found[i + 1].text == "}":
            i += 2
            continue
        kept.append(token)
        i += 1
        if token.text in ("_", "^") and i < len(found) and found[i].text != "{":
            kept += [TexToken("{", found[i].start), found[i], TexToken("}", found[i].start)]
            i += 1
    return kept


def _plain(token: str) -> str:
    r"""``\\\\[1ex]`` as ``\\\\``, and ``\operatorname{max}`` as ``\max``; others as they are."""
    if token.startswith(r"\\"):
        return r"\\"
    spelled = re.fullmatch(r"\\(?:operatorname|mathrm)\*?\s*\{(max|min)\}", token)
    return f"\\{spelled[1]}" if spelled else token


def _rows(text: str) -> Iterator[list[TexToken]]:
    """The statements of all displays; a line without a relation, or that begins with one, goes on with the last."""
    text = COMMENT.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), text)
    text = BRACED.sub(_as_cases, text)
    for display in DISPLAY.finditer(text):
        group = next(name for name in "abc" if display[name] is not None)
        rows: list[list[TexToken]] = []
        for row in _lines(_tokens(text, *display.span(group))):
            begins = row[0].text not in RELATIONS and not _says(row[0].text, IF)
            whole = begins and any(token.text in {*RELATIONS, MEMBER} for token in _outside(row))
            if whole or not rows:
                rows.append(row)
            else:
                rows[-1] += row
        yield from rows


def _as_cases(braced: re.Match[str]) -> str:
    r"""``\left\{ \begin{array}{ll} ... \end{array} \right.`` as ``cases``, with everything where it stands."""
    start, end = r"\begin{cases}", r"\end{cases}"
    (opened, closed), rows = braced.span(1), braced[1]
    return start.rjust(opened - braced.start()) + rows + end.ljust(braced.end() - closed)


def _lines(tokens: Iterable[TexToken]) -> Iterator[list[TexToken]]:
    r"""Tokens between ``\\`` outside of all brackets."""
    line: list[TexToken] = []
    depth = 0
    for token in tokens:
        depth += _step(token.text)
        if token.text == r"\\" and depth == 0:
            if line:
                yield line
            line = []
        else:
            line.append(token)
    if line:
        yield line


def _step(text: str) -> int:
    cases = CASES.fullmatch(text)
    if cases:
        return 1 if cases["which"] == "begin" else -1
    return (text in OPEN) - (text in CLOSED)


def _says(text: str, words: set[str]) -> bool:
    """Whether this is one of some words in the text of a formula."""
    said = WORD.fullmatch(text)
    return bool(said) and said[1].strip(" ~,.").lower() in words if said else False


def _outside(tokens: Iterable[TexToken]) -> Iterator[TexToken]:
    depth = 0
    for token in tokens:
        depth += _step(token.text)
        if depth == 0:
            yield token


# ---------------------------------------------------------------- symbols
@dataclass(frozen=True)
class _Symbols:
    """Symbols of a paper: their tokens, and what they are in the language."""

    model: Model
    meanings: Mapping[tuple[str, ...], str]
    estimands: Mapping[tuple[str, ...], str]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, model: Model, notations: Sequence[str]) -> _Symbols:
        names = notation(model, observed_arms(model, Limits())) if model.observations else None
        cells = names.symbols if names else ()
        meanings = {_words(symbol.latex()): name for name, symbol in printed_cells(model, Limits())}
        known = [*(each.name for each in model.parameters), *(each.name for each in model.definitions)]
        meanings |= {_words(latex_name(name)): name for name in known}
        estimands = {_words(latex_name(each.name)): each.name for each in model.estimands}
        for said in notations:
            left, equals, right = said.partition("=")
            if equals and left.strip() in {each.name for each in model.estimands}:
                estimands[_words(right)] = left.strip()
            elif equals and left.strip() in known:
                meanings[_words(right)] = left.strip()
            else:
                meanings |= _of_template(said, cells, model)
        labels = {each.name: f"({latex.escaped(each.label)})" for each in model.estimands if each.label}
        return cls(model, meanings, estimands, labels)

    @cached_property
    def _by_first(self) -> Mapping[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self.meanings, key=len, reverse=True):
            found.setdefault(words[0], []).append(words)
        return found

    def at(self, words: Sequence[str], start: int) -> tuple[str, ...] | None:
        """The longest symbol that stands there and has no further index."""
        for symbol in self._by_first.get(words[start], ()):
            end = start + len(symbol)
            if tuple(words[start:end]) == symbol and (end >= len(words) or words[end] not in ("_", "^", "'")):
                return symbol
        return None


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in _tokens(text))


def _of_template(said: str, cells: Sequence[tuple[str, CellSymbol]], model: Model) -> dict[tuple[str, ...], str]:
    r"""The symbols of cells that a template as ``p_{ym \cdot a}`` stands for."""
    names = {each.name.lower(): each.name for each in model.variables}
    head, index, tail = re.split(r"([_(^])", said.strip(), maxsplit=1) if re.search(r"[_(^]", said) else (said, "", "")
    letter = re.compile(rf"\\[A-Za-z]+|{'|'.join(sorted(map(re.escape, names), key=len, reverse=True)) or '$^'}")
    shown = [names[m[0]] for m in letter.finditer(tail) if m[0] in names]
    found: dict[tuple[str, ...], str] = {}
    contexts = set()
    for name, symbol in cells:
        if sorted(symbol.variables) != sorted(shown):
            continue
        values = dict(zip(symbol.variables, symbol.event + symbol.context, strict=True))
        contexts.add((frozenset(symbol.variables[: len(symbol.event)]), symbol.letter))
        filled = letter.sub(lambda m, v=values: latex_value(v[names[m[0]]]) if m[0] in names else m[0], tail)
        found[_words(head + index + filled)] = name
    if len(contexts) == 1:
        return found
    legends = ", ".join(dict.fromkeys(symbol.latex() for _, symbol in cells[:3])) or "none"
    wrong = "cells of several distributions" if contexts else "neither cells nor a name"
    raise ModelError(
        f"--notation {quoted(said)} says {wrong} of {model.name}",
        remedy=f"Write 'p_{{ym \\cdot a}}' with the variables {', '.join(names)}, or 'NAME = LATEX' with a name of the"
        f" model; the model's own symbols ({legends}, ...) are known.",
    )


# ---------------------------------------------------------------- statements
@dataclass
class _Row:
    """A row of a display that is being read."""

    tokens: list[TexToken]
    symbols: _Symbols
    source: Source
    at: int = 0
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = [token.text for token in self.tokens]

    def refuse(self, message: str, at: int | None = None, remedy: str = "") -> NoReturn:
        at = self.at if at is None else at
        token = self.tokens[min(at, len(self.tokens) - 1)]
        remedy = remedy or "Write it out, or say what a symbol is with --notation."
        raise ModelSyntaxError(message, _place(self.source, token.start, len(token.text)), remedy)

    @property
    def next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, *texts: str) -> bool:
        if self.next and self.next in texts:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            self.refuse(f"'{text}' is missing here" if self.next else f"'{text}' is missing at the end of the display")

    def part(self, start: int, end: int) -> _Row:
        return _Row(self.tokens[start:end], self.symbols, self.source)


def _claim_of(row: _Row) -> ReadClaim | None:
    """The claim of a row that bounds an estimand; None for what has neither an estimand nor a maximum."""
    parts, signs = _interval(row) or _chain(row)
    names = [_estimand(part) for part in parts]
    places = [k for k, name in enumerate(names) if name]
    extrema = [k for k, word in enumerate(row.words) if word in EXTREMA]
    if not places or not signs:
        _refuse_unread(row)
        if extrema:
            known = ", ".join(f"{each.name} as {latex_name(each.name)}" for each in row.symbols.model.estimands)
            row.refuse(
                f"this display bounds no estimand of {row.symbols.model.name}",
                extrema[0],
                f"Estimands: {known or 'none'}. Say what the paper calls one: --notation 'NAME = LATEX'.",
            )
        return None
    if len(places) > 1 or len(parts) > 3 or (len(parts) == 3 and (places != [1] or signs[0] != signs[1])):
        row.refuse(
            "this is no bound on one estimand",
            len(parts[0].tokens),
            r"Write 'LOWER \leq ESTIMAND \leq UPPER', or one side of it.",
        )
    (k,) = places
    sides: dict[str, str] = {}
    for j, part in enumerate(parts):
        if j == k:
            continue
        sign = signs[min(j, k)]
        for side in ("lower", "upper") if sign == "=" else ("lower" if (sign == "<") == (j < k) else "upper",):
            own = part.part(0, len(part.words))
            sides[side] = _whole(own, row.symbols.labels.get(names[k], ""), "max" if side == "lower" else "min")
    line = _place(row.source, row.tokens[0].start).line
    name = PurePath(row.source.file).name.replace('"', "'")
    return ReadClaim(f"{name}, line {line}", names[k], sides.get("lower", ""), sides.get("upper", ""))


def _interval(row: _Row) -> tuple[list[_Row], list[str]] | None:
    r"""``ESTIMAND \in [LOWER, UPPER]`` as the chain of relations that it is."""
    whole = [(k, row.words[k]) for k, depth in enumerate(_depths(row.words)) if depth == 0]
    member = next((k for k, word in whole if word == MEMBER), None)
    if member is None or not _estimand(row.part(0, member)) or row.part(member + 1, len(row.words)).next != "[":
        return None
    inside = _depths(row.words[member + 1 :])
    closed = inside.index(0) + member + 1 if 0 in inside else len(row.words)
    commas = [k + member + 1 for k, depth in enumerate(inside) if depth == 1 and row.words[k + member + 1] == ","]
    if closed == len(row.words) or len(commas) != 1 or not all(_is_end(w, "") for w in row.words[closed + 1 :]):
        row.refuse("this is no interval of two ends", member, r"Write 'ESTIMAND \in [LOWER, UPPER]'.")
    lower, upper = row.part(member + 2, commas[0]), row.part(commas[0] + 1, closed)
    return [lower, row.part(0, member), upper], ["<", "<"]


def _depths(words: Sequence[str]) -> list[int]:
    """In how many brackets each word stands; one that closes stands outside."""
    return list(itertools.accumulate(map(_step, words)))


def _refuse_unread(row: _Row) -> None:
    """Refuse an estimand beside a relation that is not read."""
    depths, start = _depths(row.words), 0
    unread = [k for k, word in enumerate(row.words) if word in UNREAD and depths[k] == 0]
    for k in [*unread, len(row.words)] if unread else []:
        if _estimand(row.part(start, k)):
            row.refuse(
                f"'{row.words[min(k, unread[-1])]}' beside an estimand is not read as a bound",
                min(k, unread[-1]),
                r"Write \leq, \geq, = or \in [LOWER, UPPER]; --lines reads other displays alone.",
            )
        start = k + 1


def _chain(row: _Row) -> tuple[list[_Row], list[str]]:
    """The sides of the relations, and the relations."""
    depth, start = 0, 0
    parts, signs = [], []
    for k, word in enumerate(row.words):
        depth += _step(word)
        if depth == 0 and _says(word, IF):
            # What follows are relations of a condition.
            break
        if depth == 0 and word in RELATIONS:
            parts.append(row.part(start, k))
            signs.append("<" if word in AT_MOST else ">" if word in AT_LEAST else "=")
            start = k + 1
    parts.append(row.part(start, len(row.words)))
    if signs and not all(part.tokens for part in parts):
        row.refuse("nothing stands on one side of this relation", 0)
    return parts, signs


def _estimand(part: _Row) -> str:
    r"""The estimand whose name this is; the words behind it, and ``\\``, do not count."""
    words = [word for word in part.words if word != r"\\" and not ROWS.fullmatch(word)]
    for symbol, name in part.symbols.estimands.items():
        label = part.symbols.labels.get(name, "")
        behind = words[len(symbol) :]
        if tuple(words[: len(symbol)]) == symbol and all(_is_end(word, label) for word in behind):
            return name
    return ""


def _is_end(word: str, label: str) -> bool:
    """Whether it may stand at the end of a display and means nothing for the formula."""
    said = WORD.fullmatch(word)
    return word in (".", ",", ";") or bool(said and label and said[1] == label)


def _whole(part: _Row, label: str, op: str) -> str:
    """A side of a relation as a formula of the language; `op` is the extremum of terms with conditions."""
    while part.words and (_is_end(part.words[-1], label) or part.words[-1] == r"\\"):
        del part.words[-1], part.tokens[-1]
    if not part.tokens:
        part.refuse("nothing stands on one side of this relation", 0)
    _skip(part)
    if CASES.fullmatch(part.next):
        text = f"{op}({_cases(part)})"
    else:
        text = _sum(part)
        guard = _condition(part)
        text = f"{op}({_guarded(text, guard)})" if guard else text
    if part.next:
        _refuse_token(part)
    return text


# ---------------------------------------------------------------- conditions
def _cases(row: _Row) -> str:
    """The rows of ``cases`` as terms with conditions; the last may say what holds otherwise."""
    row.at += 1
    terms: list[str] = []
    conditions: list[list[str]] = []
    while not CASES.fullmatch(row.next):
        start = row.at
        # Where there is no number there is no bound.
        endless = _is_endless(row)
        text = "" if endless else _sum(row, rows_end=not ROWS.fullmatch(row.next))
        row.take(",", ";")
        guard = _condition(row)
        if guard:
            conditions.append(guard)
            terms += [] if endless else [_guarded(text, guard)]
        elif _says(row.next, OTHERWISE) and conditions:
            row.at += 1
            terms += [] if endless else [_guarded(text, [*none]) for none in _none_of(conditions)]
        elif row.next:
            row.refuse("a row of cases has no condition", start, r"Write & \text{if } a > b, or \text{otherwise}.")
        while row.take(",", ".", ";", r"\\"):
            pass
        if not row.next:
            row.expect(r"\end{cases}")
    row.at += 1
    if not terms:
        row.refuse("no row of cases gives a number", 0)
    return ", ".join(terms)


def _is_endless(row: _Row) -> bool:
    start = row.at
    row.take("+", "-", "−")
    if row.take(r"\infty"):
        return True
    row.at = start
    return False


def _none_of(conditions: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Where none of several conditions holds: of each of them one comparison does not, in every way."""
    contraries = [[_contrary(comparison) for comparison in condition] for condition in conditions]
    return itertools.product(*contraries)


def _contrary(comparison: str) -> str:
    left, relation, right = re.split(r" (<=|>=|<|>) ", comparison)
    return f"{left} {CONTRARY[relation]} {right}"


def _guarded(text: str, guard: Sequence[str]) -> str:
    # A number and the word behind it would be read as their product.
    return f"({text}) if {' and '.join(guard)}"


def _condition(row: _Row, rows_end: bool = True) -> list[str]:
    """The comparisons that stand as the condition of a term; none where there is none."""
    if not _says(row.next, IF):
        return []
    row.at += 1
    found: list[str] = []
    while True:
        left = _sum(row, rows_end)
        if row.next not in COMPARED:
            row.refuse(
                "a condition compares two formulas", remedy=r"Write \text{if } a > b; \geq, < and \leq compare too."
            )
        relation = COMPARED[row.next]
        row.at += 1
        found.append(f"{left} {relation} {_sum(row, rows_end)}")
        if not (_says(row.next, AND) or row.next in (r"\land", r"\wedge")):
            return found
        row.at += 1


# ---------------------------------------------------------------- formulas
def _skip(row: _Row) -> None:
    while row.next == r"\\" or ROWS.fullmatch(row.next):
        begins = row.next.startswith(r"\begin")
        row.at += 1
        if begins and row.next in ("[", "{"):
            # Where lines stand, [t], and what columns an array has, {l}.
            row.at = row.words.index(OPEN[row.next], row.at) + 1 if OPEN[row.next] in row.words[row.at :] else row.at


def _sum(row: _Row, rows_end: bool = False) -> str:
    text = ""
    while True:
        if not rows_end:
            _skip(row)
        sign = ""
        if row.take("+"):
            sign = "+"
        elif row.take("-", "−"):
            sign = "-"
        elif text:
            return text
        if not rows_end:
            _skip(row)
        product = _product(row, rows_end)
        if text:
            text += f" {sign} {product}"
        else:
            text = ("-" if sign == "-" else "") + product


def _product(row: _Row, rows_end: bool) -> str:
    text = _factor(row)
    divided = False
    while True:
        if not rows_end:
            _skip(row)
        if row.take(*TIMES):
            text += f" * {_factor(row)}"
        elif row.take("/"):
            text += f" / {_factor(row)}"
            divided = True
        elif row.next and _begins(row):
            if divided or row.next.isdigit():
                row.refuse(f"what '{row.next}' belongs to is not said here", remedy=r"Write \cdot, or brackets.")
            text += f" * {_factor(row)}"
        else:
            return text


def _begins(row: _Row) -> bool:
    """Whether a factor begins here."""
    word = row.next
    ends = {*CLOSED, *RELATIONS, *COMPARED, "+", "-", "−", ",", ";", ".", r"\\", r"\land", r"\wedge"}
    return word not in ends and not any(
        (ROWS.fullmatch(word), CASES.fullmatch(word), _says(word, IF | AND | OTHERWISE))
    )


def _factor(row: _Row) -> str:
    word, start = row.next, row.at
    symbol = row.symbols.at(row.words, row.at) if word else None
    if symbol:
        row.at += len(symbol)
        return row.symbols.meanings[symbol]
    if word.isdigit():
        return _number(row)
    if word in EXTREMA:
        return _extremum(row)
    if word in FRACTIONS:
        row.at += 1
        return _fraction(row)
    for spelled in PROBABILITY:
        if row.words[start : start + len(spelled) + 1] == [*spelled, "("]:
            row.at += len(spelled) + 1
            return _probability(row)
    if word in OPEN:
        row.at += 1
        inside = _sum(row)
        _skip(row)
        row.expect(OPEN[word])
        return f"({inside})"
    return _refuse_token(row)


def _number(row: _Row) -> str:
    text, end = "", row.tokens[row.at].start
    while (row.next.isdigit() or (row.next == "." and text)) and row.tokens[row.at].start == end:
        if row.next == "." and not (row.at + 1 < len(row.words) and row.words[row.at + 1].isdigit()):
            break
        text += row.next
        row.at += 1
        end += 1
    return text


def _fraction(row: _Row) -> str:
    sides = []
    for _ in range(2):
        if row.take("{"):
            sides.append(_sum(row))
            row.expect("}")
        elif row.next.isdigit():
            # TeX takes one digit: \frac12.
            sides.append(row.next)
            row.at += 1
        else:
            row.refuse(r"\frac has two parts in braces")
    if all(re.fullmatch(r"\d+", side) for side in sides):
        return "/".join(sides)
    return f"({sides[0]}) / ({sides[1]})"


def _extremum(row: _Row) -> str:
    op = row.next[1:]
    row.at += 1
    listed = ""
    if row.next in (r"\{", "(", "["):
        listed = OPEN[row.next]
        row.at += 1
    elif row.next == "{" and row.at + 1 < len(row.words):
        listed = "}"
        row.at += 1
    elif not LIST.fullmatch(row.next):
        row.refuse(rf"behind \{op} the terms stand in \{{...\}}")
    rows_end = bool(LIST.fullmatch(row.next))
    if rows_end:
        _skip(row)
    terms: list[str] = []
    while True:
        term = _sum(row, rows_end)
        guard = _condition(row, rows_end)
        terms.append(_guarded(term, guard) if guard else term)
        ended = False
        while row.take(",", ";") or (rows_end and row.take(r"\\")):
            ended = True
        if row.next == listed or row.next.startswith(r"\end"):
            break
        if not row.next:
            row.expect(listed or r"\end")
        if not ended:
            _refuse_token(row)
    if rows_end:
        if not ROWS.fullmatch(row.next):
            row.refuse("the list of terms does not end here")
        row.at += 1
    if listed:
        _skip(row)
        row.expect(listed)
    return f"{op}({', '.join(terms)})"


def _probability(row: _Row) -> str:
    """``P(Y=0, M=1 | A=0)``, between its brackets as the language has it."""
    text, depth = "", 0
    while row.next and (depth or row.next != ")"):
        word, said = row.next, WORD.fullmatch(row.next)
        if row.words[row.at : row.at + 5] in DO:
            text += "do"
            row.at += 4
        elif (word == "(" and text.endswith("do")) or (word == ")" and depth):
            text += word
            depth += 1 if word == "(" else -1
        elif word in (r"\mid", "|", r"\vert"):
            text += " | "
        elif said:
            text += said[1] if re.fullmatch(r"\w+", said[1]) else value_text(said[1])
        elif re.fullmatch(r"[\w=,-]|\\_", word):
            text += {",": ", ", r"\_": "_"}.get(word, word)
        else:
            _refuse_token(row)
        row.at += 1
    row.expect(")")
    return f"P({text})"


def _refuse_token(row: _Row) -> NoReturn:
    r"""Name what cannot be read: a macro, or a symbol with its index."""
    word = row.next
    if not word:
        row.at = max(0, len(row.words) - 1)
        row.refuse("the formula ends too early")
    end = row.at + 1
    while end + 1 < len(row.words) and row.words[end] in ("_", "^") and row.words[end + 1] == "{":
        if "}" not in row.words[end:]:
            break
        end = row.words.index("}", end) + 1
    last = row.tokens[end - 1]
    shown = re.sub(r"\s+", " ", row.source.text[row.tokens[row.at].start : last.start + len(last.text)])
    if re.fullmatch(r"\\[A-Za-z]+", shown):
        row.refuse(f"the macro '{shown}' is not known here")
    if len(shown) > 1 and not word.startswith("\\"):
        row.refuse(f"'{shown}' is no symbol of {row.symbols.model.name}")
    row.refuse(f"'{shown}' cannot be read here")
