"""Text to model: lark reads the grammar, this file turns its tree into syntax and a `Model`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from importlib import resources
from typing import Any

from lark import Lark, Token, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import VisitError
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from boundgen.errors import BoundgenError, ModelError, ModelSyntaxError, Place, Source
from boundgen.language import syntax as s
from boundgen.language.model import (
    Claim,
    ClaimSide,
    ConditionsClaim,
    Model,
    Observation,
    Parameter,
    Setting,
    check_range,
)
from boundgen.language.variables import MOST_VALUES, Variable

DEEPEST = 60
LONGEST_NUMBER = 40
STATEMENTS = "model source variable observe parameter assume define estimand claim".split()


# ---------------------------------------------------------------- entry points
def parse_model(text: str, file: str = "<text>") -> Model:
    """The model that a text states."""
    source = Source(file, text.replace("\r\n", "\n").replace("\r", "\n"))
    statements: list[Statement] = _read(source, "start")
    return _build(statements)


def parse_formula(text: str) -> s.Syntax:
    """One expression of the language, as syntax."""
    found: s.Syntax = _read(Source("<text>", text), "lone_formula")
    return found


@cache
def _grammar() -> Lark:
    text = resources.files("boundgen.language").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start=["start", "lone_formula"],
        propagate_positions=True,
        maybe_placeholders=True,
    )


def _read(source: Source, start: str) -> Any:
    _check_depth(source)
    if not source.text.strip():
        raise ModelSyntaxError(f"{source.file}: the text is empty", remedy='A model starts with: model NAME "title"')
    try:
        tree = _grammar().parse(source.text, start=start)
    except UnexpectedCharacters as error:
        raise _unexpected_character(error, source) from None
    except UnexpectedToken as error:
        raise _unexpected_token(error.token, error.accepts or error.expected, source) from None
    except UnexpectedEOF as error:
        raise _unexpected_token(Token("$END", ""), set(error.expected), source) from None
    try:
        return _Reader(source).transform(tree)
    except VisitError as error:
        raise error.orig_exc from None


# ---------------------------------------------------------------- statements
@dataclass(frozen=True)
class Statement:
    """One statement as it was read."""

    kind: str
    where: Place
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Interventions:
    """The ``do(...)`` of an `observe`."""

    settings: tuple[Setting, ...]


def _build(statements: list[Statement]) -> Model:
    """Names first, then what uses them: a definition may be used above its line."""
    first = statements[0]
    if first.kind != "model":
        raise ModelSyntaxError(
            "the first statement is not 'model'", first.where, 'A model starts with: model NAME "title"'
        )
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in STATEMENTS}
    for statement in statements:
        by_kind[statement.kind].append(statement)
    if len(by_kind["model"]) > 1:
        raise ModelSyntaxError("'model' stands twice", by_kind["model"][1].where, "One file holds one model.")
    name, title = first.parts
    model: Model = _placed(
        first.where,
        lambda: Model(name, tuple(_variable(statement) for statement in by_kind["variable"]), title or ""),
    )
    for kind in STATEMENTS[1:]:
        for statement in by_kind[kind]:
            if kind != "variable":
                model = _placed(statement.where, partial(_ADD[statement.kind], model, statement))
    return model


def _placed(where: Place, action: Callable[[], Any]) -> Any:
    try:
        return action()
    except BoundgenError as error:
        raise error.located(where) from None


def _variable(statement: Statement) -> Variable:
    name, parents, domain, randomized = statement.parts
    return _placed(  # type: ignore[no-any-return]
        statement.where, lambda: Variable(name, domain, bool(randomized), tuple(parents or ()), statement.where)
    )


def _add_source(model: Model, statement: Statement) -> Model:
    return model.source(statement.parts[0])


def _add_observation(model: Model, statement: Statement) -> Model:
    items, bar = statement.parts
    arms = tuple(part for part in bar or () if not isinstance(part, Interventions))
    sets = tuple(each for part in bar or () if isinstance(part, Interventions) for each in part.settings)
    found = Observation(tuple(items), arms, sets, statement.where)
    return replace(model, observations=(*model.observations, found))


def _add_parameter(model: Model, statement: Statement) -> Model:
    name, low, high = statement.parts
    check_range(name, low, high)
    return replace(model, parameters=(*model.parameters, Parameter(name, low, high, statement.where)))


def _add_definition(model: Model, statement: Statement) -> Model:
    name, node = statement.parts
    found = model.define(name, node)
    last = replace(found.definitions[-1], where=statement.where)
    return replace(found, definitions=(*found.definitions[:-1], last))


def _add_assumption(model: Model, statement: Statement) -> Model:
    name, node, indices = statement.parts
    found = model.assume(node, name, indices or ())
    last = replace(found.assumptions[-1], where=statement.where)
    return replace(found, assumptions=(*found.assumptions[:-1], last))


def _add_estimand(model: Model, statement: Statement) -> Model:
    name, node = statement.parts
    found = model.estimand(name, node)
    last = replace(found.estimands[-1], where=statement.where)
    return replace(found, estimands=(*found.estimands[:-1], last))


def _add_claim(model: Model, statement: Statement) -> Model:
    where, about, *lines = statement.parts
    read = _conditions_claim if about == "conditions" else _claim
    return replace(model, claims=(*model.claims, read(model, where, about, lines, statement.where)))


_ADD: dict[str, Callable[[Model, Statement], Model]] = {
    "source": _add_source,
    "observe": _add_observation,
    "parameter": _add_parameter,
    "define": _add_definition,
    "assume": _add_assumption,
    "estimand": _add_estimand,
    "claim": _add_claim,
}


def _claim(model: Model, where: str, about: str, lines: list[Statement], place: Place) -> Claim:
    found: dict[str, Any] = {}
    for line in lines:
        if line.kind == "holds":
            raise ModelSyntaxError("'holds' belongs to a claim for conditions", line.where, "Write lower or upper.")
        entries = _expectations(line) if line.kind == "expect" else {line.parts[0]: _side(model, line)}
        for key, value in entries.items():
            if key in found:
                raise ModelSyntaxError(f"'{key.split('_')[-1]}' stands twice in one claim", line.where)
            found[key] = value
    for side in ("lower", "upper"):
        if side not in found:
            found.pop(f"expect_{side}", None)
    return Claim(where, about, **found, place=place)


def _expectations(line: Statement) -> dict[str, str]:
    return {f"expect_{side}": verdict for side, verdict in line.parts}


def _side(model: Model, line: Statement) -> ClaimSide:
    name, (op, terms, over) = line.parts
    if op not in (None, "max" if name == "lower" else "min"):
        raise ModelSyntaxError(
            f"a {name} bound is a {'max' if name == 'lower' else 'min'}, not a {op}", line.where, "Write the other one."
        )
    return _placed(line.where, lambda: model.claim_side(op, terms, over))  # type: ignore[no-any-return]


def _conditions_claim(model: Model, where: str, _: str, lines: list[Statement], place: Place) -> ConditionsClaim:
    holds = []
    expect = None
    for line in lines:
        if line.kind == "claim_side":
            raise ModelSyntaxError("a claim for conditions has 'holds' lines", line.where, "holds LINEAR <= LINEAR")
        if line.kind == "holds":
            holds.append(_placed(line.where, partial(model.holds, line.parts[0], line.parts[1] or ())))
        elif line.parts[0][1] != line.parts[-1][1] or len(line.parts) != 2:
            raise ModelSyntaxError("a claim for conditions expects one verdict", line.where)
        else:
            expect = line.parts[0][1]
    if not holds:
        raise ModelSyntaxError("a claim for conditions has no 'holds' line", place, "holds LINEAR <= LINEAR")
    return ConditionsClaim(where, tuple(holds), expect, place)


# ---------------------------------------------------------------- tree to syntax
@v_args(meta=True)
class _Reader(Transformer_NonRecursive):  # type: ignore[type-arg]
    """Each method turns one rule of the grammar into what it stands for."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def _at(self, meta: Meta) -> Place | None:
        if meta.empty:
            return None
        length = meta.end_pos - meta.start_pos
        return Place(self._source, meta.line, meta.column, length if meta.end_line == meta.line else 10**6)

    def _fraction(self, text: str) -> Fraction:
        top, _, bottom = text.partition("/")
        if len(text) > LONGEST_NUMBER:
            raise ModelSyntaxError(f"the number {text[:20]}... has more than {LONGEST_NUMBER} digits")
        if bottom and Fraction(bottom.strip()) == 0:
            raise ModelSyntaxError(f"the fraction {text} divides by zero")
        return Fraction(top.strip()) / Fraction(bottom.strip() or 1)

    def _number(self, meta: Meta, text: str) -> Fraction:
        return _placed(self._at(meta) or Place(self._source, 1, 1), lambda: self._fraction(text))  # type: ignore[no-any-return]

    # statements
    def start(self, _: Meta, statements: list[Any]) -> list[Statement]:
        return statements

    def lone_formula(self, _: Meta, parts: list[Any]) -> s.Syntax:
        return parts[0]  # type: ignore[no-any-return]

    def _statement(self, kind: str, meta: Meta, parts: list[Any]) -> Statement:
        place = self._at(meta)
        assert place
        return Statement(kind, place, tuple(parts))

    def model(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("model", meta, [_text(part) for part in parts])

    def source(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("source", meta, [_text(parts[0])])

    def variable(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("variable", meta, [_text(parts[0]), *parts[1:]])

    def parents(self, _: Meta, parts: list[Any]) -> list[str]:
        return [str(part) for part in parts]

    def listed(self, _: Meta, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(part if isinstance(part, int) else str(part) for part in parts)

    def ranged(self, meta: Meta, parts: list[int]) -> tuple[int, ...]:
        low, high = parts
        if high < low:
            raise ModelError(f"the range {low}..{high} is empty", self._at(meta))
        if high - low >= MOST_VALUES:
            raise ModelError(
                f"a domain of {high - low + 1} values, and it may have at most {MOST_VALUES}",
                self._at(meta),
                "Bounds of this size cannot be derived in closed form; coarsen the variable.",
            )
        return tuple(range(low, high + 1))

    def integer(self, meta: Meta, parts: list[Token]) -> int:
        number = self._number(meta, parts[-1])
        if number.denominator != 1:
            raise ModelSyntaxError(f"{number} is not an integer", self._at(meta), "Values are integers or names.")
        return -int(number) if parts[0] == "-" else int(number)

    def observe(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("observe", meta, parts)

    def items(self, _: Meta, parts: list[Setting]) -> list[Setting]:
        return parts

    def item(self, _: Meta, parts: list[Any]) -> Setting:
        name, value = parts
        return str(name), value if isinstance(value, int | None) else str(value)

    def bar(self, _: Meta, parts: list[Any]) -> list[Any]:
        return parts

    def set_items(self, _: Meta, parts: list[Any]) -> Interventions:
        return Interventions(tuple(parts[0]))

    def parameter(self, meta: Meta, parts: list[Any]) -> Statement:
        name, (low, high) = parts
        return self._statement("parameter", meta, [_text(name), low, high])

    def interval(self, meta: Meta, parts: list[Any]) -> tuple[Fraction | None, Fraction | None]:
        opening, low, high, closing = parts
        if low == "inf" or high == "-inf":
            raise ModelSyntaxError("the ends of a range are in the wrong order", self._at(meta))
        for bracket, end, unbounded in (opening, low, "("), (closing, high, ")"):
            if (bracket == unbounded) != isinstance(end, str):
                raise ModelSyntaxError(
                    "a range is closed at a number and open at inf", self._at(meta), "Write [0, 1] or [0, inf)."
                )
        return None if isinstance(low, str) else low, None if isinstance(high, str) else high

    def end(self, meta: Meta, parts: list[Token]) -> Fraction | str:
        negative = parts[0] == "-"
        if parts[-1] == "inf":
            return "-inf" if negative else "inf"
        number = self._number(meta, parts[-1])
        return -number if negative else number

    def assume(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("assume", meta, [parts[0] and str(parts[0]), *parts[1:]])

    def quantifier(self, _: Meta, parts: list[Any]) -> list[tuple[str, str]]:
        return parts

    def binding(self, _: Meta, parts: list[Token]) -> tuple[str, str]:
        return str(parts[0]), str(parts[1])

    def define(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("define", meta, [_text(parts[0]), parts[1]])

    def estimand(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("estimand", meta, [_text(parts[0]), parts[1]])

    def claim(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("claim", meta, [_text(parts[0]), _text(parts[1]), *parts[2:]])

    def claim_side(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("claim_side", meta, [str(parts[0]), parts[1]])

    def expect_all(self, meta: Meta, parts: list[str]) -> Statement:
        return self._statement("expect", meta, [("lower", parts[0]), ("upper", parts[0])])

    def expect_sides(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("expect", meta, parts)

    def expectation(self, _: Meta, parts: list[Any]) -> tuple[str, str]:
        return str(parts[0]), parts[1]

    def verdict(self, _: Meta, parts: list[Token]) -> str:
        return str(parts[0])

    def holds(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("holds", meta, parts)

    def extremum(self, _: Meta, parts: list[Any]) -> tuple[str, list[s.Syntax], s.Syntax | None]:
        op, *terms, over = parts
        return str(op), terms, over

    def single(self, _: Meta, parts: list[Any]) -> tuple[None, list[s.Syntax], None]:
        return None, parts, None

    # expressions
    def implies(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Implies(tuple(parts), self._at(meta))

    def either(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Either(tuple(parts), self._at(meta))

    def both(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Both(tuple(parts), self._at(meta))

    def negated(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        *nots, part = parts
        return s.Negated(part, self._at(meta)) if len(nots) % 2 else part

    def compare(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        left, relation, right = parts
        return s.Compare(relation, left, right, self._at(meta))

    def relation(self, _: Meta, parts: list[Token]) -> str:
        return str(parts[0])

    def plus(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        signs = [1, *(-1 if sign == "-" else 1 for sign in parts[1::2])]
        return s.Plus(tuple(zip(signs, parts[0::2], strict=True)), self._at(meta))

    def times(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        operators = ["*", *(str(operator) for operator in parts[1::2])]
        return s.Times(tuple(zip(operators, parts[0::2], strict=True)), self._at(meta))

    def signed(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        *signs, part = parts
        return s.Plus((((-1) ** signs.count("-"), part),), self._at(meta))

    def juxtaposed(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Times((("*", parts[0]), ("*", parts[1])), self._at(meta))

    def number(self, meta: Meta, parts: list[Token]) -> s.Syntax:
        return s.Number(self._number(meta, parts[0]), self._at(meta))

    def name(self, meta: Meta, parts: list[Token]) -> s.Syntax:
        return s.Name(str(parts[0]), self._at(meta))

    def call(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        arguments = parts[1] or []
        positional = tuple(part for part in arguments if not isinstance(part, tuple))
        named = tuple(part for part in arguments if isinstance(part, tuple))
        return s.Call(str(parts[0]), positional, named, self._at(meta))

    def arguments(self, _: Meta, parts: list[Any]) -> list[Any]:
        return parts

    def named(self, _: Meta, parts: list[Any]) -> tuple[str, s.Syntax]:
        return str(parts[0]), parts[1]

    def probability(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Probability(tuple(parts[0]), tuple(parts[1] or ()), self._at(meta))

    def expected(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Expected(parts[0], tuple(parts[1] or ()), self._at(meta))

    def event(self, _: Meta, parts: list[Any]) -> list[Any]:
        return parts

    def given(self, _: Meta, parts: list[Any]) -> list[Any]:
        return parts

    def set_values(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        return s.Do(tuple(parts), self._at(meta))

    def group(self, _: Meta, parts: list[Any]) -> s.Syntax:
        return parts[0]  # type: ignore[no-any-return]


def _text(token: Token | None) -> str | None:
    return None if token is None else str(token).strip('"')


# ---------------------------------------------------------------- errors
_FRIENDLY = {
    "_NEWLINE": "the end of the statement",
    "$END": "the end of the text",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "EQUAL": "'='",
}


def _check_depth(source: Source) -> None:
    """Brackets deeper than any model needs are refused before anything recurses."""
    depth = 0
    for match in re.finditer(r'"[^"\n]*"|#[^\n]*|[(\[{]|[)\]}]', source.text):
        symbol = match.group()
        if symbol in "([{":
            depth += 1
        elif symbol in ")]}":
            depth -= 1
        if depth > DEEPEST:
            raise ModelSyntaxError(
                f"brackets are nested more than {DEEPEST} deep",
                _place(source, match.start(), 1),
                "Split the expression into several statements.",
            )


def _place(source: Source, position: int, length: int) -> Place:
    before = source.text[:position]
    return Place(source, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1, length)


def _unexpected_character(error: UnexpectedCharacters, source: Source) -> ModelSyntaxError:
    position = error.pos_in_stream or 0
    character = source.text[position]
    where = _place(source, position, 1)
    if character == '"':
        return ModelSyntaxError("a text in quotes does not end on its line", where, "Texts have no line breaks.")
    if ord(character) > 127:
        return ModelSyntaxError(
            f"unexpected character {character!r}",
            where,
            "Names and operators are ASCII: letters, digits, underscores; <=, >=, !=, ->. "
            "Other characters may stand in comments and quoted texts.",
        )
    return ModelSyntaxError(f"unexpected character {character!r}", where, "It is not part of the language.")


def _unexpected_token(token: Token, accepts: set[str], source: Source) -> ModelSyntaxError:
    if token.type == "$END":
        where = _place(source, len(source.text.rstrip()), 1)
        return ModelSyntaxError("the text ends in the middle of a statement", where, _expected(accepts))
    assert token.start_pos is not None
    where = _place(source, token.start_pos, len(token))
    if token.type == "_NEWLINE":
        end = _place(source, len(source.text[: token.start_pos].rstrip()), 1)
        return ModelSyntaxError(
            "the statement ends too early",
            end,
            _expected(accepts) + "; a line that goes on is followed by indented ones",
        )
    line = source.line(where.line)
    if token in STATEMENTS and not line[: where.column - 1].strip():
        return ModelSyntaxError(
            f"'{token}' starts a statement inside another one",
            where,
            "An indented line continues the one above it; statements start at the left margin.",
        )
    if token in ("=", "!=", "<=", ">=", "<", ">"):
        return ModelSyntaxError(
            f"unexpected '{token}'", where, "Comparisons are not chained; join them with 'and'. " + _expected(accepts)
        )
    reserved = " (a reserved word)" if str(token).isidentifier() and token.type != "NAME" and "NAME" in accepts else ""
    return ModelSyntaxError(f"unexpected '{token}'{reserved}", where, _expected(accepts))


def _expected(accepts: set[str]) -> str:
    terminals = {t.name: t for t in _grammar().terminals}
    words = set()
    for name in accepts:
        pattern = terminals[name].pattern.value if name in terminals else name
        words.add(_FRIENDLY.get(name) or f"'{pattern}'")
    return "expected " + " or ".join(sorted(words, key=lambda word: (word.startswith("'"), word)))
