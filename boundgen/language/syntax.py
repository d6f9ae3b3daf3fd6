"""What was written, before names are looked up: the common tongue of text and Python.

The parser makes these nodes from text, Python makes them with operators, and `resolution` turns
both into the frozen expressions of a `Model`. The operators follow the language: ``&`` is *and*,
``~`` is *not*, ``>>`` is *->*, ``either(a, b)`` is *or*, and ``|`` is the bar of P(... | ...).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Literal

from boundgen.calls import public
from boundgen.errors import ModelError, Place
from boundgen.exact.rational import rational
from boundgen.language.values import value_text

RelationSign = Literal["=", "!=", "<=", ">=", "<", ">"]


class Syntax:
    """Anything that may be written in an expression."""

    where: Place | None = None

    def __add__(self, other: Writable) -> Syntax:
        return Plus((*_parts(self), (1, written(other))))

    def __radd__(self, other: Writable) -> Syntax:
        return Plus(((1, written(other)), (1, self)))

    def __sub__(self, other: Writable) -> Syntax:
        return Plus((*_parts(self), (-1, written(other))))

    def __rsub__(self, other: Writable) -> Syntax:
        return Plus(((1, written(other)), (-1, self)))

    def __neg__(self) -> Syntax:
        return Plus(((-1, self),))

    def __mul__(self, other: Writable) -> Syntax:
        return Times((("*", self), ("*", written(other))))

    def __rmul__(self, other: Writable) -> Syntax:
        return Times((("*", written(other)), ("*", self)))

    def __truediv__(self, other: Writable) -> Syntax:
        return Times((("*", self), ("/", written(other))))

    def __rtruediv__(self, other: Writable) -> Syntax:
        return Times((("*", written(other)), ("/", self)))

    # A comparison of syntax is syntax, not a truth value: E(Y) == 1 states an equality.
    def __eq__(self, other: object) -> Syntax:  # type: ignore[override]
        return Compare("=", self, written(other))

    def __ne__(self, other: object) -> Syntax:  # type: ignore[override]
        return Compare("!=", self, written(other))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return spelled(self)

    def __le__(self, other: Writable) -> Syntax:
        return Compare("<=", self, written(other))

    def __ge__(self, other: Writable) -> Syntax:
        return Compare(">=", self, written(other))

    def __lt__(self, other: Writable) -> Syntax:
        return Compare("<", self, written(other))

    def __gt__(self, other: Writable) -> Syntax:
        return Compare(">", self, written(other))

    def __and__(self, other: Writable) -> Syntax:
        return Both((self, written(other)))

    def __invert__(self) -> Syntax:
        return Negated(self)

    def __rshift__(self, other: Writable) -> Syntax:
        return Implies((self, written(other)))

    def __or__(self, other: Writable) -> Syntax:
        return Bar(self, written(other))

    def __ror__(self, other: Writable) -> Syntax:
        return Bar(written(other), self)

    def __bool__(self) -> bool:
        raise ModelError(
            "a comparison of potential outcomes has no truth value in Python",
            remedy="Join comparisons with & (and), either(a, b) (or), ~ (not); "
            "bracket each of them: P((Y == 1) | (A == 1)). A chain a <= b <= c is (a <= b) & (b <= c).",
        )


@dataclass(frozen=True, eq=False, repr=False)
class Name(Syntax):
    """A name: of a variable, a value, a quantified name, a parameter or a definition."""

    name: str
    where: Place | None = None

    def __call__(self, *positional: Writable, **named: Writable) -> Call:
        return Call(
            self.name,
            tuple(written(argument) for argument in positional),
            tuple((name, written(argument)) for name, argument in named.items()),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Call(Syntax):
    """A potential outcome: ``Y(1, M(0))`` or ``Y(A=1)``."""

    name: str
    positional: tuple[Syntax, ...]
    named: tuple[tuple[str, Syntax], ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class NumberNode(Syntax):
    value: Fraction
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Plus(Syntax):
    """A sum of signed parts; one part with sign -1 is a negative."""

    parts: tuple[tuple[int, Syntax], ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Times(Syntax):
    """A product and quotient of factors, each with the operator before it."""

    parts: tuple[tuple[str, Syntax], ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Compare(Syntax):
    relation: RelationSign
    left: Syntax
    right: Syntax
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Both(Syntax):
    parts: tuple[Syntax, ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Either(Syntax):
    parts: tuple[Syntax, ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Implies(Syntax):
    parts: tuple[Syntax, ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Negated(Syntax):
    part: Syntax
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Do(Syntax):
    """``do(M=1)`` behind a bar; in an `observe`, a bare name stands for each of its values."""

    settings: tuple[tuple[str, Syntax | None], ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class ProbabilityNode(Syntax):
    event: tuple[Syntax, ...]
    given: tuple[Syntax, ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Expected(Syntax):
    """``E[Y; M=0 | A=1]``: with an event, the mean of Y times the indicator of M=0."""

    content: Syntax
    given: tuple[Syntax, ...]
    where: Place | None = None
    event: tuple[Syntax, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Extremum(Syntax):
    """``max(...)`` or ``min(...)``, in a claim."""

    op: Literal["max", "min"]
    terms: tuple[Syntax, ...]
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Guarded(Syntax):
    """A term of a maximum that counts where a condition on the data holds: ``a / b if b > 0``."""

    term: Syntax
    condition: Syntax
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Bar(Syntax):
    """``left | right`` inside the P or E of Python; the parser never makes it."""

    left: Syntax
    right: Syntax
    where: Place | None = None


@dataclass(frozen=True, eq=False, repr=False)
class FunctionSide(Syntax):
    """A side of a claim that a function elsewhere computes; arguments by name are pairs. None: all cells by name."""

    language: str
    path: str
    arguments: tuple[Syntax | tuple[str, Syntax], ...] | None = None
    where: Place | None = None


Writable = Syntax | int | Fraction | str


def written(value: object) -> Syntax:
    """Python values as syntax: integers and fractions are numbers, strings are value names."""
    if isinstance(value, Syntax):
        return value
    if isinstance(value, Rational) and not isinstance(value, bool):
        return NumberNode(rational(value, "a number", ModelError))
    if isinstance(value, str):
        return Name(value)
    raise ModelError(
        f"{value!r} cannot stand in a model",
        remedy="Write an integer, a Fraction (floats are not exact), a value name or an expression.",
    )


def _parts(node: Syntax) -> tuple[tuple[int, Syntax], ...]:
    return node.parts if isinstance(node, Plus) else ((1, node),)


def children(node: Syntax) -> Iterator[Syntax]:
    """The nodes directly below a node."""
    match node:
        case Call():
            yield from node.positional
            yield from (value for _, value in node.named)
        case Plus() | Times():
            yield from (part for _, part in node.parts)
        case Compare() | Bar():
            yield from (node.left, node.right)
        case Both() | Either() | Implies():
            yield from node.parts
        case Extremum():
            yield from node.terms
        case Guarded():
            yield from (node.term, node.condition)
        case FunctionSide():
            yield from (each[1] if isinstance(each, tuple) else each for each in node.arguments or ())
        case Negated():
            yield node.part
        case ProbabilityNode():
            yield from (*node.event, *node.given)
        case Expected():
            yield from (node.content, *node.event, *node.given)
        case Do():
            yield from (value for _, value in node.settings if value is not None)


def walk(node: Syntax) -> Iterator[Syntax]:
    """A node and all below it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)


def spelled(node: Syntax) -> str:
    """About what was written, for messages and for Python's prompt."""
    match node:
        case Name():
            return value_text(node.name)
        case NumberNode():
            return str(node.value)
        case Call():
            named = [f"{name}={spelled(value)}" for name, value in node.named]
            return f"{node.name}({', '.join([*map(spelled, node.positional), *named])})"
        case Plus():
            text = "".join(f" {'-' if sign < 0 else '+'} {_inner(part)}" for sign, part in node.parts)
            return text[3:] if node.parts[0][0] > 0 else "-" + text[3:]
        case Times():
            return "".join(f" {operator} {_inner(part)}" for operator, part in node.parts)[3:]
        case Compare():
            return f"{spelled(node.left)} {node.relation} {spelled(node.right)}"
        case Both() | Either() | Implies():
            word = {Both: " and ", Either: " or ", Implies: " -> "}[type(node)]
            return word.join(_inner(part) for part in node.parts)
        case Negated():
            return f"not ({spelled(node.part)})"
        case Extremum():
            return f"{node.op}({_listed(node.terms)})"
        case Guarded():
            return f"{spelled(node.term)} if {spelled(node.condition)}"
        case Do():
            return f"do({', '.join(n if v is None else f'{n}={spelled(v)}' for n, v in node.settings)})"
        case ProbabilityNode():
            return f"P({_listed(node.event)}{_behind(node.given)})"
        case Expected():
            event = f"; {_listed(node.event)}" if node.event else ""
            return f"E[{spelled(node.content)}{event}{_behind(node.given)}]"
        case Bar():
            return f"{spelled(node.left)} | {spelled(node.right)}"
        case FunctionSide():
            return f'from {node.language} "{node.path}"'
    return "..."


def _inner(node: Syntax) -> str:
    simple = isinstance(node, Name | NumberNode | Call | ProbabilityNode | Expected | Extremum)
    return spelled(node) if simple else f"({spelled(node)})"


def _listed(nodes: tuple[Syntax, ...]) -> str:
    return ", ".join(map(spelled, nodes))


def _behind(given: tuple[Syntax, ...]) -> str:
    return f" | {_listed(given)}" if given else ""


# ---------------------------------------------------------------- the Python spelling
@public
def P(*event: Writable, given: tuple[Writable, ...] | list[Writable] = ()) -> ProbabilityNode:
    """A probability, or in `Model.observe` an observed distribution: ``P(Y, M | A)``, ``P(Y(1) == 1)``."""
    before, behind = _split(tuple(written(part) for part in event))
    return ProbabilityNode(before, (*behind, *(written(part) for part in given)))


@public
def E(content: Writable, *more: Writable, given: tuple[Writable, ...] | list[Writable] = ()) -> Expected:
    """An expectation of integer arithmetic in potential outcomes: ``E(Y(1, M(1)) - Y(1, M(0)))``."""
    before, behind = _split((written(content), *(written(part) for part in more)))
    if len(before) != 1:
        raise ModelError("E takes one expression before the bar")
    return Expected(before[0], (*behind, *(written(part) for part in given)))


def _split(parts: tuple[Syntax, ...]) -> tuple[tuple[Syntax, ...], tuple[Syntax, ...]]:
    for i, part in enumerate(parts):
        if isinstance(part, Bar):
            return (*parts[:i], part.left), (part.right, *parts[i + 1 :])
    return parts, ()


@public
def do(*names: Writable, **values: Writable) -> Do:
    """An intervention behind the bar: ``P(Y | A, do(M))``, ``P((Y == 1) | do(M=1))``."""
    settings: list[tuple[str, Syntax | None]] = []
    for name in names:
        node = written(name)
        if not isinstance(node, Name):
            raise ModelError("do(...) takes variables, or variable=value")
        settings.append((node.name, None))
    settings += [(name, written(value)) for name, value in values.items()]
    return Do(tuple(settings))


@public
def either(*formulas: Writable) -> Either:
    """The disjunction (*or*) of unit-level formulas."""
    return Either(tuple(written(formula) for formula in formulas))


@public
def from_code(language: str, path: str, *arguments: Writable, **named: Writable) -> FunctionSide:
    """A bound that a function elsewhere computes, for `Model.claim`: ``from_code("python", "bounds.py:lower")``.

    Parameters
    ----------
    language : {"python", "r"}
    path : str
        A file or a module, a colon, and the function's name.
    arguments, named
        What it is called with. Without any: with all cells, parameters and definitions by their names.

    Returns
    -------
    FunctionSide

    Examples
    --------
    >>> from_code("python", "bounds.py:lower", "gamma")
    from python "bounds.py:lower"
    """
    given: tuple[Syntax | tuple[str, Syntax], ...] = tuple(map(written, arguments))
    given = (*given, *((name, written(value)) for name, value in named.items()))
    return FunctionSide(language, path, given or None)
