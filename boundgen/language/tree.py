"""lark's tree to statements and syntax: each method stands for one rule of the grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import Any, TypeVar

from lark import Token, v_args
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from boundgen.errors import BoundgenError, ModelError, ModelSyntaxError, Place, Source
from boundgen.exact.rational import rational
from boundgen.exact.terms import exact
from boundgen.language import syntax as s
from boundgen.language.printed import AT_LEAST, AT_MOST
from boundgen.language.statements import Ordering, Setting
from boundgen.language.values import Value, number_value
from boundgen.language.variables import MOST_VALUES

T = TypeVar("T")
Quantifiers = tuple[tuple[tuple[str, str], ...], tuple[Ordering, ...]]
HOW_TO_START = 'A model starts with: model NAME "title"'
STATEMENTS = "model source variable confounded unconfounded observe parameter define assume estimand claim".split()


@dataclass(frozen=True)
class Statement:
    """One statement as it was read."""

    kind: str
    where: Place
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class ObservedItem:
    """A variable of an `observe`, perhaps with its value, and where it stands."""

    setting: Setting
    where: Place | None


@dataclass(frozen=True)
class OutcomeEnds:
    """The ends of a bounded outcome; None where there is none."""

    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True)
class Interventions:
    """The ``do(...)`` of an `observe`."""

    items: tuple[ObservedItem, ...]


# Most numbers of a model.
DIGITS = frozenset("0123456789")


def placed(where: Place, action: Callable[[], T]) -> T:
    try:
        return action()
    except BoundgenError as error:
        raise error.located(where) from None


@v_args(meta=True)
class TreeReader(Transformer_NonRecursive):  # type: ignore[type-arg]
    """Each method turns one rule of the grammar into what it stands for."""

    def __init__(self, source: Source, meaning: Callable[[str], s.Syntax]) -> None:
        super().__init__()
        self._source, self._meaning = source, meaning

    def _at(self, meta: Meta) -> Place | None:
        if meta.empty:
            return None
        length = meta.end_pos - meta.start_pos
        return Place(self._source, meta.line, meta.column, length if meta.end_line == meta.line else 10**6)

    def _number(self, meta: Meta, text: str) -> Fraction:
        if text in DIGITS:
            return exact(int(text))
        return placed(self._at(meta) or Place(self._source, 1, 1), lambda: rational(text, "a number", ModelSyntaxError))

    # statements
    def start(self, _: Meta, statements: list[Any]) -> list[Statement]:
        return statements

    def lone_assumption(self, _: Meta, parts: list[Any]) -> list[Any]:
        return parts

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
        return tuple(map(_value, parts))

    def ranged(self, meta: Meta, parts: list[int | Fraction]) -> tuple[int, ...]:
        low, high = parts
        for end in parts:
            if not isinstance(end, int):
                raise ModelSyntaxError(
                    f"{end} is not an integer", self._at(meta), "A range 0..3 holds integers; list others: {0, 1/2, 1}."
                )
        assert isinstance(low, int)
        assert isinstance(high, int)
        if high < low:
            raise ModelError(f"the range {low}..{high} is empty", self._at(meta), "Write the smaller end first: 0..3.")
        if high - low >= MOST_VALUES:
            raise ModelError(
                f"a domain of {high - low + 1} values, and it may have at most {MOST_VALUES}",
                self._at(meta),
                "Bounds of this size cannot be derived in closed form; coarsen the variable.",
            )
        return tuple(range(low, high + 1))

    def bounded(self, _: Meta, parts: list[tuple[Fraction | None, Fraction | None]]) -> OutcomeEnds:
        return OutcomeEnds(*parts[0])

    def rational(self, meta: Meta, parts: list[Token]) -> int | Fraction:
        number = self._number(meta, parts[-1])
        return number_value(-number if parts[0] == "-" else number)

    def confounded(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("confounded", meta, [str(part) for part in parts])

    def unconfounded(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("unconfounded", meta, parts)

    def observe(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("observe", meta, parts)

    def items(self, _: Meta, parts: list[ObservedItem]) -> list[ObservedItem]:
        return parts

    def item(self, meta: Meta, parts: list[Any]) -> ObservedItem:
        name, value = parts
        return ObservedItem((str(name), None if value is None else _value(value)), self._at(meta))

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
            raise ModelSyntaxError(
                "the ends of a range are in the wrong order", self._at(meta), "Write [0, 1], [0, inf) or (-inf, 0]."
            )
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

    def quantifier(self, _: Meta, parts: list[Quantifiers]) -> Quantifiers:
        indices, orders = zip(*parts, strict=True)
        return tuple(chain.from_iterable(indices)), tuple(chain.from_iterable(orders))

    def binding(self, _: Meta, parts: list[Any]) -> Quantifiers:
        """``z in Z``; ``z1 > z0 in Z`` runs over the pairs in that order."""
        *written, variable = parts
        names, relations = list(map(str, written[0::2])), written[1::2]
        return tuple((name, str(variable)) for name in names), tuple(zip(names[:-1], relations, names[1:], strict=True))

    def define(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("define", meta, [_text(parts[0]), parts[1]])

    def estimand(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("estimand", meta, [_text(parts[0]), parts[2], _text(parts[1]) or ""])

    def claim(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("claim", meta, [_text(parts[0]), _text(parts[1]), *parts[2:]])

    def claim_side(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("claim_side", meta, [str(parts[0]), parts[1]])

    def claim_code(self, meta: Meta, parts: list[Any]) -> Statement:
        side, word, language, path, arguments = parts
        if word != "from":
            raise ModelSyntaxError(
                f"unexpected '{language}' behind '{word}'",
                self._at(meta),
                f'Write {side} max(...) with its terms, or {side} from python "file.py:function".',
            )
        code = s.FunctionSide(str(language), str(_text(path)), tuple(arguments) if arguments else None, self._at(meta))
        return self._statement("claim_side", meta, [str(side), code])

    def expect_all(self, meta: Meta, parts: list[str]) -> Statement:
        return self._statement("expect_all", meta, [("lower", parts[0]), ("upper", parts[0])])

    def expect_sides(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("expect_sides", meta, parts)

    def expectation(self, _: Meta, parts: list[Any]) -> tuple[str, str]:
        return str(parts[0]), parts[1]

    def verdict(self, _: Meta, parts: list[Token]) -> str:
        return str(parts[0])

    def holds(self, meta: Meta, parts: list[Any]) -> Statement:
        return self._statement("holds", meta, parts)

    def extremum(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        op, *terms = parts
        return s.Extremum("max" if op == "max" else "min", tuple(terms), self._at(meta))

    def guarded(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        term, word, condition = parts
        if word != "if":
            raise ModelSyntaxError(
                f"unexpected '{word}' behind a term",
                self._at(meta),
                "A term ends in a comma, a bracket, or: if D > 0.",
            )
        return s.Guarded(term, condition, self._at(meta))

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

    def chain(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        """``a <= b <= c`` is ``a <= b and b <= c``."""
        links = zip(parts[0:-2:2], parts[1::2], parts[2::2], strict=True)
        return s.Both(tuple(s.Compare(relation, a, b, self._at(meta)) for a, relation, b in links), self._at(meta))

    def relation(self, _: Meta, parts: list[Token]) -> str:
        return {AT_MOST: "<=", AT_LEAST: ">="}.get(str(parts[0]), str(parts[0]))

    def printed(self, meta: Meta, parts: list[Token]) -> s.Syntax:
        place = self._at(meta) or Place(self._source, 1, 1)
        found = placed(place, lambda: self._meaning(str(parts[0])))
        assert isinstance(found, s.Name | s.ProbabilityNode | s.Expected)
        return replace(found, where=place)

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
        return s.NumberNode(self._number(meta, parts[0]), self._at(meta))

    def name(self, meta: Meta, parts: list[Token]) -> s.Syntax:
        return s.Name(str(parts[0]), self._at(meta))

    def label(self, meta: Meta, parts: list[Token]) -> s.Syntax:
        return s.Name(str(_text(parts[0])), self._at(meta))

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
        return s.ProbabilityNode(tuple(parts[0]), tuple(parts[1] or ()), self._at(meta))

    def expected(self, meta: Meta, parts: list[Any]) -> s.Syntax:
        content, event, given = parts
        return s.Expected(content, tuple(given or ()), self._at(meta), tuple(event or ()))

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


def _value(written: int | Fraction | Token) -> Value:
    """A value of a domain: a number, or a label without its quotation marks."""
    return str(written).strip('"') if isinstance(written, Token) else written
