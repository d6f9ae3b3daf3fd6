"""Check a certificate (``boundgen.certificate/1``) with the standard library alone.

This file shares no code with the engine and may be copied and run by itself: ``python check_certificate.py FILE``.
It answers with exit status 0 if every step holds, 1 if one does not, 2 if the file is not a certificate, 3 if every
step holds that was looked at, and there were too many response types to go through.

What it proves, for each estimand, is about the model whose statements it prints. It reads them itself:

1. Cells, arms and ranges of parameters are those of the statements; strata, their entries and costs, the rows of
   assumptions and the estimand's condition and offset are what the statements say of these strata, each listed stratum
   can be there, and no other is needed: all response types that meet the assumptions are gone through.

The program is then min (or max) of cost · ψ over ψ >= 0 with A ψ = b (or <= b), where b are the observed cells,
numbers and parameters.

2. Impossible strata and dependent rows are what they are said to be.
3. Every listed dual vertex is feasible, so its term is valid at all data (weak duality), and it is a vertex.
4. The list is complete: the edges at every vertex are computed here, and each ends at a listed vertex or is a listed
   ray. The graph of a polyhedron is connected, so there are no others, and the largest term is the bound.
5. Every printed term alone is the bound at its witness; for every other term some mean of printed ones is as good.
6. The model implies every testable implication, the testable implications imply the demand of every ray and of
   every dependent row, and none of them is superfluous.

Of a ratio n · ψ / d · ψ the polyhedron is that of the pairs (y, l) with A'y + l d <= n. Where coefficients are
functions of the data, the rows are shown to be those of a program of numbers in other unknowns, and the costs to be
a sum of weights times numbers: the weights' cone is cut into cells, and at one point of each the list of vertices is
complete.

Where coefficients are functions of the data, the testable implications are what the extreme rays of the multiples of
rows of numbers demand, which are found here.

Where variables share no causes, groups of variables that do have independent response types. Every observed cell is
then a product of probabilities, one of each group: that its variables show the cell's values where what affects them
from outside has these. It is checked, as polynomials in these, that listed functions of observed cells are such
probabilities, and that an estimand is what is listed as its formula: it is identified. Where one group is left, an
estimand is a sum of probabilities of that group, each times one of the others that is identified; a certificate of that
group's model, with these as parameters, is checked by itself. Where several are left, the parameters are probabilities
of types of all others, and the bound is the worst of what it is at some laws of these: all basic solutions of the
equations for their probabilities are gone through here, and those that are not listed are shown not to be needed.

Where there are too many response types to go through, the report begins with what was not compared.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import sys
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import comb, gcd, lcm, prod
from typing import Any, NoReturn

SCHEMA = "boundgen.certificate/1"
# The largest certificate of the catalogue has half a million bytes and a tenth as many parts.
LARGEST = 20_000_000
MOST_PARTS = 1_500_000
LONGEST_TEXT = 500_000
LONGEST_STRING = 20_000
# Steps of going through response types, cells or assumptions of a model.
MOST_STEPS = 500_000
MOST_COPIES = 200_000
# Response types of variables that share causes.
MOST_TYPES = 20_000
# Sets of as many types as there are equations for their probabilities.
MOST_BASES = 5_000
# Products of polynomials, and ways to choose one option of each maximum.
MOST_PRODUCTS = 50_000
MOST_CORNERS = 2_000
MOST_SUMS = 20_000
# Guards of which all sums are looked at.
MOST_GUARDS = 8
NOT_COMPARED = "NOT COMPARED with the model's statements: whether the strata of"
RATIONAL = re.compile(r"-?[0-9]{1,300}(/[0-9]{1,300})?", re.ASCII)
NAME = re.compile("[A-Za-z_][A-Za-z0-9_]{0,200}", re.ASCII)
NUMBER = re.compile("0|[1-9][0-9]{0,8}", re.ASCII)
Vector = dict[int, Fraction]
Value = int | Fraction | str
World = Mapping[str, Value]


class Malformed(ValueError):
    """The file is not a certificate."""


class Wrong(ValueError):
    """The certificate is well-formed, and a step of its proof does not hold."""


# ---------------------------------------------------------------- reading
def read(path: str) -> Any:
    """The JSON in a file; numbers other than counts, and keys that stand twice, are refused."""
    with open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Malformed(f"it is larger than {LARGEST} bytes")
    if sum(map(content.count, (b",", b"{", b"["))) > MOST_PARTS:
        raise Malformed(f"it has more than {MOST_PARTS} parts")
    try:
        return json.loads(
            content.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"it is not JSON, or was cut off: {error.msg} in line {error.lineno}") from None
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Malformed) else Malformed("its numbers or its nesting are too large") from None


def _no_float(text: str) -> Any:
    raise Malformed(f"{text[:40]} is not a rational in a string")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed(f"the key {key[:40]!a} stands twice in one object")
        found[key] = value
    return found


def _refuse_hidden(document: Any) -> None:
    """Nothing in a certificate may look like something else: printable ASCII alone, and lines only in the text."""
    stack = [("", document)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            is_text = path == ".text" or path.endswith(".certificate.text")
            text = value.replace("\n", "") if is_text else value
            if not (text.isascii() and text.isprintable()):
                raise Malformed(f"{path[1:]} holds something else than printable ASCII: {text[:40]!a}")
            if len(text) > (LONGEST_TEXT if is_text else LONGEST_STRING):
                raise Malformed(f"{path[1:]} is too long")
        elif isinstance(value, dict):
            for key in value:
                if not isinstance(key, str) or not (key.isascii() and key.isprintable() and len(key) <= LONGEST_STRING):
                    raise Malformed(f"{path[1:] or 'the certificate'} has a key that is no short printable ASCII")
            stack += [(f"{path}.{key[:80]}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            stack += [(f"{path}[{i}]", inner) for i, inner in enumerate(value)]


class Node:
    """A value in the JSON with its path, so that every complaint says where."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.value, self.path = value, path

    def __getitem__(self, key: str) -> Node:
        if key not in self.mapping():
            raise Malformed(f"{self.path or 'the certificate'} has no '{key}'")
        return Node(self.value[key], f"{self.path}.{key[:80]}" if self.path else key[:80])

    def only(self, *keys: str) -> None:
        """Refuse keys that nothing here looks at."""
        for key in self.mapping():
            if key not in keys:
                raise Malformed(f"{self.path or 'the certificate'} has an unknown key '{key[:80]}'")

    def has(self, key: str) -> bool:
        return key in self.mapping()

    def mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = self._of(dict, "an object")
        return found

    def items(self) -> list[Node]:
        return [Node(value, f"{self.path}[{i}]") for i, value in enumerate(self._of(list, "a list"))]

    def pairs(self) -> list[tuple[str, Node]]:
        return [(key, self[key]) for key in self.mapping()]

    def text(self) -> str:
        return str(self._of(str, "a text"))

    def name(self) -> str:
        """An identifier, so that nothing that is printed can pass for an answer."""
        text = self.text()
        if not NAME.fullmatch(text):
            raise Malformed(f"{self.path} is not a name")
        return text

    def none(self) -> bool:
        return self.value is None

    def same(self, expected: Any, what: str) -> None:
        """Demand a value that was computed here."""
        _demand(_exact(self.value, expected), f"{self.path}: {what}")

    def index(self, size: int) -> int:
        """A number of a row or column, as an integer or as the text of one."""
        value = self.value
        if isinstance(value, str) and NUMBER.fullmatch(value):
            value = int(value)
        if type(value) is not int or not 0 <= value < size:
            raise Malformed(f"{self.path} is not a number from 0 to {size - 1}")
        return value

    def rational(self) -> Fraction:
        text = self._of(str, "a rational in a string")
        if not RATIONAL.fullmatch(text):
            raise Malformed(f"{self.path} is not a rational: {text[:40]!r}")
        try:
            return Fraction(text)
        except ZeroDivisionError:
            raise Malformed(f"{self.path} divides by zero") from None

    def rationals(self) -> dict[str, Fraction]:
        return {key: node.rational() for key, node in self.pairs()}

    def vector(self, size: int) -> Vector:
        """Rationals by number."""
        return {Node(key, f"{self.path}.{key[:80]}").index(size): node.rational() for key, node in self.pairs()}

    def _of(self, kind: type, what: str) -> Any:
        if type(self.value) is not kind:
            raise Malformed(f"{self.path or 'the certificate'} is not {what}")
        return self.value


def _exact(one: Any, other: Any) -> bool:
    """Equal, and of the same types: JSON's true is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_exact(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_exact, one, other))
    return bool(one == other)


def _demand(holds: bool, complaint: str) -> None:
    if not holds:
        raise Wrong(complaint)


class Affine:
    """A constant and coefficients of named quantities."""

    def __init__(self, constant: Fraction, coefficients: dict[str, Fraction]) -> None:
        self.constant = constant
        self.coefficients = {name: c for name, c in coefficients.items() if c}

    def plus(self, multiple: Fraction | int, other: Affine) -> Affine:
        """This and a multiple of another one."""
        found = dict(self.coefficients)
        for name, c in other.coefficients.items():
            found[name] = found.get(name, Fraction(0)) + multiple * c
        return Affine(self.constant + multiple * other.constant, found)

    def equals(self, other: Affine) -> bool:
        return self.constant == other.constant and self.coefficients == other.coefficients

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        return self.constant + sum((c * values.get(name, 0) for name, c in self.coefficients.items()), Fraction(0))

    def __str__(self) -> str:
        numbers = [(self.constant, "")] * bool(self.constant) + [(c, name) for name, c in self.coefficients.items()]
        shown = "".join(f" {'-' if c < 0 else '+'} {_product(abs(c), name)}" for c, name in numbers)
        return shown.removeprefix(" + ").replace(" - ", "-", 1) if shown.startswith(" - ") else shown[3:] or "0"


def _product(number: Fraction, name: str) -> str:
    return name if name and number == 1 else f"{number} {name}".strip()


NOTHING = Affine(Fraction(0), {})


class Polynomial:
    """A sum of multiples of products of names; the names of a product are sorted."""

    def __init__(self, terms: Mapping[tuple[str, ...], Fraction]) -> None:
        self.terms = {names: c for names, c in terms.items() if c}

    @staticmethod
    def of(number: Fraction | int) -> Polynomial:
        return Polynomial({(): Fraction(number)})

    @staticmethod
    def name(name: str) -> Polynomial:
        return Polynomial({(name,): Fraction(1)})

    @staticmethod
    def linear(function: Affine) -> Polynomial:
        return Polynomial({(): function.constant, **{(name,): c for name, c in function.coefficients.items()}})

    def __add__(self, other: Polynomial) -> Polynomial:
        found = dict(self.terms)
        for names, c in other.terms.items():
            found[names] = found.get(names, Fraction(0)) + c
        return Polynomial(found)

    def __mul__(self, other: Polynomial) -> Polynomial:
        found: dict[tuple[str, ...], Fraction] = {}
        if len(self.terms) * len(other.terms) > MOST_PRODUCTS:
            raise Malformed("a product of polynomials is too long")
        for x, a in self.terms.items():
            for y, b in other.terms.items():
                names = tuple(sorted(x + y))
                found[names] = found.get(names, Fraction(0)) + a * b
        return Polynomial(found)

    def times(self, number: Fraction | int) -> Polynomial:
        return Polynomial({names: c * number for names, c in self.terms.items()})

    def __neg__(self) -> Polynomial:
        return self.times(-1)

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def names(self) -> set[str]:
        return {name for names in self.terms for name in names}

    @property
    def number(self) -> Fraction | None:
        """Its value, where it is a number."""
        return self.terms.get((), Fraction(0)) if self.terms.keys() <= {()} else None

    @property
    def affine(self) -> Affine | None:
        """The same as a linear function, where it is one."""
        if any(len(names) > 1 for names in self.terms):
            return None
        return Affine(self.terms.get((), Fraction(0)), {names[0]: c for names, c in self.terms.items() if names})

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        return sum(
            (c * prod((values[name] for name in names), start=Fraction(1)) for names, c in self.terms.items()),
            Fraction(0),
        )

    @property
    def key(self) -> Hashable:
        return frozenset(self.terms.items())

    def __str__(self) -> str:
        return str(
            Affine(self.terms.get((), Fraction(0)), {" ".join(names): c for names, c in self.terms.items() if names})
        )


ONE_ = Polynomial.of(1)
ZERO_ = Polynomial({})


class Function:
    """A polynomial over a product of powers of polynomials, each with the first of its coefficients one."""

    def __init__(self, above: Polynomial, below: Sequence[Polynomial] = ()) -> None:
        powers: dict[Hashable, list[Polynomial]] = {}
        for factor in below:
            if not factor:
                raise Malformed("a function divides by zero")
            first = factor.terms[min(factor.terms)]
            plain = factor.times(1 / first)
            above = above.times(1 / first)
            if plain.number is None:
                powers.setdefault(plain.key, []).append(plain)
        top = Polynomial.of(0) if not above else above.times(1 / above.terms[min(above.terms)])
        if top.number is None and top.key in powers:
            # The numerator is one of the factors.
            powers[top.key] = powers[top.key][1:]
            above = Polynomial.of(above.terms[min(above.terms)])
        self.above, self.powers = above, {key: same for key, same in powers.items() if same}

    @property
    def below(self) -> list[Polynomial]:
        return [factor for same in self.powers.values() for factor in same]

    def missing(self, other: Function) -> list[Polynomial]:
        """The factors of the other divisor that are not here."""
        return [f for key, same in other.powers.items() for f in same[len(self.powers.get(key, ())) :]]

    def __add__(self, other: Function) -> Function:
        mine, theirs = self.missing(other), other.missing(self)
        above = _times(self.above, mine) + _times(other.above, theirs)
        return Function(above, [*self.below, *mine])

    def __mul__(self, other: Function) -> Function:
        one, two = Function(self.above, other.below), Function(other.above, self.below)
        return Function(one.above * two.above, [*one.below, *two.below])

    def __neg__(self) -> Function:
        return self.times(-1)

    def times(self, number: Fraction | int) -> Function:
        return Function(self.above.times(number), self.below)

    @property
    def inverse(self) -> Function:
        return Function(_times(ONE_, self.below), [self.above])

    @property
    def number(self) -> Fraction | None:
        return None if self.powers else self.above.number

    def at(self, values: Mapping[str, Fraction]) -> Fraction | None:
        below = _times(ONE_, self.below).at(values)
        return self.above.at(values) / below if below else None

    @property
    def key(self) -> Hashable:
        return self.above.key, frozenset((key, len(same)) for key, same in self.powers.items())

    def __str__(self) -> str:
        return f"({self.above}) / ({_times(ONE_, self.below)})" if self.powers else str(self.above)


def _without(polynomial: Polynomial, factors: Iterable[Polynomial]) -> Polynomial:
    """A polynomial with factors divided out as often as they divide it."""
    for factor in factors:
        while factor.number is None and polynomial and (less := divided(polynomial, factor)) is not None:
            polynomial = less
    return polynomial


def divided(polynomial: Polynomial, factor: Polynomial) -> Polynomial | None:
    """The quotient, where there is no remainder; products are in the order of their degree, then of their names."""
    lead = max(factor.terms, key=lambda names: (len(names), names))
    rest, found = polynomial, ZERO_
    while rest:
        names = max(rest.terms, key=lambda names: (len(names), names))
        left = list(names)
        for name in lead:
            if name not in left:
                return None
            left.remove(name)
        step = Polynomial({tuple(left): rest.terms[names] / factor.terms[lead]})
        found, rest = found + step, rest + -(step * factor)
    return found


def _sum(parts: Iterable[Polynomial]) -> Polynomial:
    total = ZERO_
    for part in parts:
        total += part
    return total


def _times(first: Polynomial, others: Iterable[Polynomial]) -> Polynomial:
    for other in others:
        first = first * other
    return first


UNIT, NONE = Function(ONE_), Function(ZERO_)


# ---------------------------------------------------------------- the language: what a statement may hold
@dataclass(frozen=True)
class Variable:
    """A variable with its values in their order."""

    name: str
    domain: tuple[Value, ...]
    randomized: bool
    parents: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        return all(isinstance(value, int | Fraction) for value in self.domain)


@dataclass(frozen=True)
class Name:
    """A value name, a quantified name, a parameter or a definition."""

    name: str


@dataclass(frozen=True)
class Call:
    """A potential outcome; the factual one where nothing is set."""

    variable: str
    settings: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True)
class Mean:
    """The mean of a content where an event holds, in the world of an arm, inside a condition."""

    event: tuple[Formula, ...]
    content: Sum
    context: tuple[tuple[str, Argument], ...] = ()
    condition: tuple[Formula, ...] = ()


@dataclass(frozen=True)
class Compare:
    relation: str
    left: Sum
    right: Sum


@dataclass(frozen=True)
class Join:
    """Parts joined by and, or, not (one part)."""

    kind: str
    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Sum:
    """Rational multiples of products."""

    terms: tuple[tuple[Fraction, tuple[Name | Call | Mean, ...]], ...]

    @property
    def single(self) -> Name | Call | Mean | None:
        """The one thing that it consists of, if it does."""
        one = len(self.terms) == 1 and self.terms[0][0] == 1 and len(self.terms[0][1]) == 1
        return self.terms[0][1][0] if one else None

    @property
    def constant(self) -> Fraction | None:
        """Its value, where it is a number."""
        if not self.terms:
            return Fraction(0)
        return self.terms[0][0] if len(self.terms) == 1 and not self.terms[0][1] else None

    @staticmethod
    def of(terms: Iterable[tuple[Fraction, tuple[Name | Call | Mean, ...]]]) -> Sum:
        """Like terms collected, without zeros."""
        found: dict[tuple[Name | Call | Mean, ...], Fraction] = {}
        for coefficient, atoms in terms:
            found[atoms] = found.get(atoms, Fraction(0)) + coefficient
        return Sum(tuple((c, atoms) for atoms, c in found.items() if c))

    def minus(self, other: Sum) -> Sum:
        return Sum.of([*self.terms, *((-c, atoms) for c, atoms in other.terms)])


Argument = int | Fraction | Name | Call
Product = tuple[Polynomial, tuple["Average", ...]]
Formula = Compare | Join
ONE = Sum(((Fraction(1), ()),))
KEYWORDS = frozenset(
    "model source variable in randomized observe parameter assume for all define estimand claim conditions lower "
    "upper expect sharp valid invalid holds if do and or not max min inf P E".split()
)
WORD = r'[A-Za-z_][A-Za-z0-9_]*|"[^"\n]{1,60}"|[0-9]+(?:/[0-9]+)?'
TOKEN = re.compile(rf" ?({WORD}|->|<=|>=|!=|\.\.|[-+*/=<>(){{}}\[\],:|])", re.ASCII)


# ---------------------------------------------------------------- the language: expressions
class Line:
    """The tokens of one statement, read from the left; it knows the names of the model above."""

    def __init__(self, text: str, number: int, model: Model) -> None:
        self.where, self.model, self.at = f"text, line {number}", model, 0
        self.tokens: list[str] = []
        self.population = False
        self.indices: dict[str, Variable] = {}
        place = 0
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found or (place == 0 and text[0] == " "):
                self.refuse("this is not written as a certificate writes it")
            self.tokens.append(found[1])
            place = found.end()

    def refuse(self, complaint: str) -> NoReturn:
        raise Malformed(f"{self.where}: {complaint}")

    # ---------------- tokens
    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def skip(self, token: str) -> bool:
        found = self.peek() == token
        self.at += found
        return found

    def want(self, *tokens: str) -> None:
        for token in tokens:
            if not self.skip(token):
                self.refuse(f"'{token}' is missing before '{self.peek()[:40]}'")

    def end(self) -> None:
        if self.peek():
            self.refuse(f"'{self.peek()[:40]}' is not expected")

    def name(self) -> str:
        """A name that is no keyword."""
        name = self.peek()
        if not NAME.fullmatch(name) or name in KEYWORDS:
            self.refuse(f"'{name[:40]}' is not a name")
        self.at += 1
        return name

    def label(self) -> str:
        """A value that is no number, in quotation marks where it is no name."""
        if not self.peek().startswith('"'):
            return self.name()
        label = self.peek()[1:-1]
        if _spelled(label) != self.peek():
            self.refuse(f"{self.peek()[:40]} needs no quotation marks")
        self.at += 1
        return label

    def variable(self) -> Variable:
        name = self.name()
        if name not in self.model.variables:
            self.refuse(f"there is no variable '{name[:40]}'")
        return self.model.variables[name]

    def number(self) -> Fraction:
        """A rational with its sign, in lowest terms."""
        sign, word = -1 if self.skip("-") else 1, self.peek()
        if not RATIONAL.fullmatch(word) or int(word.partition("/")[2] or 1) == 0:
            self.refuse(f"'{word[:40]}' is not a number")
        self.at += 1
        found = Fraction(word)
        if str(found) != word or (sign < 0 and not found):
            self.refuse(f"'{word[:40]}' is not written in lowest terms")
        return sign * found

    def value(self) -> int | Fraction:
        """A number as a value."""
        number = self.number()
        return int(number) if number.denominator == 1 else number

    def integer(self) -> int:
        number = self.number()
        if number.denominator != 1:
            self.refuse(f"{number} is not an integer")
        return int(number)

    def listed(self, read: Callable[[], Any], close: str) -> list[Any]:
        """Things with commas between them, up to a bracket."""
        found = [read()]
        while self.skip(","):
            found.append(read())
        self.want(close)
        return found

    # ---------------- formulas
    def formula(self) -> Formula:
        """Implications, the loosest: a -> b -> c says that c holds or one of a, b does not."""
        parts = [self.disjunction()]
        while self.skip("->"):
            parts.append(self.disjunction())
        return parts[0] if len(parts) == 1 else Join("or", (*(Join("not", (p,)) for p in parts[:-1]), parts[-1]))

    def disjunction(self) -> Formula:
        parts = [self.conjunction()]
        while self.skip("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Join("or", tuple(parts))

    def conjunction(self) -> Formula:
        parts = [self.negation()]
        while self.skip("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else Join("and", tuple(parts))

    def negation(self) -> Formula:
        if self.skip("not"):
            return Join("not", (self.negation(),))
        if self.skip("("):
            found = self.formula()
            self.want(")")
            return found
        left, relation = self.sum(), self.peek()
        if relation not in COMPARE:
            self.refuse(f"'{relation[:40]}' is not a comparison")
        self.at += 1
        return self.checked(Compare(relation, left, self.sum()))

    def checked(self, found: Compare) -> Compare:
        """A potential outcome is equal to values that it has, if to any."""
        for side, other in ((found.left, found.right), (found.right, found.left)):
            value = other.constant if other.constant is not None else other.single
            if (
                isinstance(side.single, Call)
                and found.relation in ("=", "!=")
                and not isinstance(value, Call | Mean | None)
            ):
                domain = self.model.variables[side.single.variable].domain
                values = self.values(value) if isinstance(value, Name) else (value,)
                if not set(values) <= set(domain):
                    self.refuse(f"{side.single.variable} is compared with a value that it does not have")
        return found

    # ---------------- arithmetic
    def sum(self) -> Sum:
        terms = [self.product(-1 if self.skip("-") else 1)]
        while self.peek() in ("+", "-"):
            self.at += 1
            terms.append(self.product(1 if self.tokens[self.at - 1] == "+" else -1))
        return Sum.of(terms)

    def product(self, sign: int) -> tuple[Fraction, tuple[Name | Call | Mean, ...]]:
        coefficient, atoms = Fraction(sign), []
        while True:
            if self.peek()[:1].isdigit():
                coefficient *= self.number()
            else:
                atoms.append(self.atom())
            if not self.skip("*"):
                return coefficient, tuple(atoms)

    def atom(self) -> Name | Call | Mean:
        if self.peek() in ("P", "E"):
            return self.mean()
        if self.peek().startswith('"'):
            label = self.label()
            if label not in self.model.labels:
                self.refuse(f"there is no value '{label[:40]}'")
            return Name(label)
        name = self.name()
        if name in self.model.variables:
            return self.call(self.model.variables[name])
        quantity = name in self.model.parameters or name in self.model.definitions
        self.population |= quantity
        self.model.used.add(name)
        if not quantity and name not in self.indices and name not in self.model.labels:
            self.refuse(f"there is no name '{name[:40]}'")
        return Name(name)

    def call(self, variable: Variable) -> Call:
        """A potential outcome, its arguments by position or by name."""
        if not self.skip("("):
            return Call(variable.name)
        if self.peek(1) == "=":
            return Call(variable.name, self.settings())
        settings = []
        for parent in variable.parents:
            settings.append((parent, self.argument(self.model.variables[parent])))
            self.want("," if len(settings) < len(variable.parents) else ")")
        return Call(variable.name, tuple(settings))

    def settings(self) -> tuple[tuple[str, Argument], ...]:
        """``A=1, M=0)``."""
        found = self.listed(self.setting, ")")
        if len({name for name, _ in found}) < len(found):
            self.refuse("a variable is set twice")
        return tuple(found)

    def setting(self) -> tuple[str, Argument]:
        variable = self.variable()
        self.want("=")
        return variable.name, self.argument(variable)

    def argument(self, variable: Variable) -> Argument:
        """A value of a variable, a quantified name, or a potential outcome."""
        found: Argument
        if self.peek() == "-" or self.peek()[:1].isdigit():
            found = self.value()
        else:
            atom = self.atom()
            if isinstance(atom, Mean):
                self.refuse("a probability is no value of a variable")
            found = atom
        values = self.values(found)
        if not set(values) <= set(variable.domain):
            self.refuse(f"{variable.name} does not have all of the values {', '.join(map(str, values))[:80]}")
        return found

    def values(self, argument: Argument) -> tuple[Value, ...]:
        match argument:
            case int() | Fraction():
                return (argument,)
            case Call(name):
                return self.model.variables[name].domain
            case Name(name):
                return self.indices[name].domain if name in self.indices else (name,)

    # ---------------- probabilities and expectations
    def mean(self) -> Mean:
        self.population = True
        probability = self.skip("P")
        self.want("(") if probability else self.want("E", "[")
        event: list[Formula] = []
        content = ONE
        if not probability:
            content = self.sum()
        else:
            event.append(self.formula())
            while self.skip(","):
                event.append(self.formula())
        found = self.bar(tuple(event), content) if self.skip("|") else Mean(tuple(event), content)
        self.want(")" if probability else "]")
        return found

    def bar(self, event: tuple[Formula, ...], content: Sum) -> Mean:
        """What stands behind a bar: an arm, a factual event, interventions."""
        context: list[tuple[str, Argument]] = []
        condition: list[Formula] = []
        more = True
        while more:
            if self.skip("do"):
                self.want("(")
                context += self.settings()
            elif self.names_arm():
                context.append(self.setting())
            else:
                condition.append(self.formula())
            more = self.skip(",")
        if len(dict(context)) < len(context) or any(isinstance(argument, Call) for _, argument in context):
            self.refuse("a variable is set twice behind a bar, or to a potential outcome")
        return Mean(event, content, tuple(context), tuple(condition))

    def names_arm(self) -> bool:
        found = self.model.variables.get(self.peek())
        return found is not None and found.randomized and self.peek(1) == "="


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


# ---------------------------------------------------------------- the language: statements
Settings = list[tuple[str, tuple[Value, ...], bool]]


@dataclass(frozen=True)
class Observation:
    """Outcomes, and the arms and interventions behind the bar, each with its values and whether all are meant.

    Where the outcomes are randomized variables it is their law, which is no function of a unit. Behind the bar may
    stand an event among whose units alone the outcomes are seen.
    """

    outcomes: Settings
    arms: Settings
    interventions: Settings
    law: bool = False
    selection: Settings = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        """One for each arm and intervention."""
        names = tuple(name for name, _, _ in self.outcomes)
        complete = all(whole for _, _, whole in self.outcomes)
        chosen = {name: values[0] for name, values, _ in self.selection}
        for arm in _assignments(self.arms):
            for intervention in _assignments(self.interventions):
                events = list(_assignments(self.outcomes))
                cells = {tuple(e.values()): _cell_name(e, {**arm, **chosen}, intervention) for e in events}
                yield Block(names, {**arm, **intervention}, cells, complete, self.law, chosen)


def _assignments(settings: Settings) -> Iterator[dict[str, Value]]:
    for values in itertools.product(*(values for _, values, _ in settings)):
        yield dict(zip((name for name, _, _ in settings), values, strict=True))


def _cell_name(event: dict[str, Value], arm: dict[str, Value], intervention: dict[str, Value]) -> str:
    """``P(Y=1,M=0|A=1)``, ``P(Y=1|A=1,do(M=0))``."""
    parts = ([f"{name}={_spelled(value)}" for name, value in part.items()] for part in (event, arm, intervention))
    before, behind, done = parts
    behind += [f"do({','.join(done)})"] if done else []
    return f"P({','.join(before)}{'|' if behind else ''}{','.join(behind)})"


def _spelled(value: Value) -> str:
    """A value in names and statements: a label that is no name stands in quotation marks."""
    plain = not isinstance(value, str) or (NAME.fullmatch(value) and (value not in KEYWORDS or value == "if"))
    return str(value) if plain else f'"{value}"'


@dataclass(frozen=True)
class Assumption:
    """A formula about units or an inequality about the population, for all values of its names in their orders."""

    label: str
    population: bool
    body: Formula
    indices: tuple[tuple[str, Variable], ...]
    orders: tuple[tuple[str, str, str], ...] = ()

    def parts(self) -> tuple[Formula, ...]:
        conjunction = isinstance(self.body, Join) and self.body.kind == "and"
        return self.body.parts if isinstance(self.body, Join) and conjunction else (self.body,)

    def copies(self) -> Iterator[dict[str, Value]]:
        """Every assignment of values to quantified names that has the orders, by the places of the values."""
        names = [name for name, _ in self.indices]
        for places in itertools.product(*(range(len(variable.domain)) for _, variable in self.indices)):
            at = dict(zip(names, places, strict=True))
            if all(COMPARE[relation](at[left], at[right]) for left, relation, right in self.orders):
                yield {name: variable.domain[at[name]] for name, variable in self.indices}


class Model:
    """A model as its text says: the statements that `certify` writes, one in each line."""

    def __init__(self, text: str) -> None:
        self.name = ""
        self.variables: dict[str, Variable] = {}
        self.labels: set[str] = set()
        self.observations: list[Observation] = []
        self.parameters: dict[str, tuple[Fraction | None, Fraction | None]] = {}
        self.definitions: dict[str, Form | None] = {}
        self.written: dict[str, Sum] = {}
        self.assumptions: list[Assumption] = []
        self.estimands: dict[str, tuple[str, Sum, Sum | None]] = {}
        self.causes: list[tuple[str, ...]] | None = None
        self.lines: list[str] = []
        self.used: set[str] = set()
        self.copies = 0
        for number, written in enumerate(text.split("\n"), 1):
            if written:
                self._statement(Line(written, number, self), written)
        if not self.observations:
            raise Malformed("text: the model observes nothing")
        if not self.definitions.keys() <= self.used:
            raise Malformed("text: a definition is not used")

    def _statement(self, line: Line, written: str) -> None:
        read = {
            "variable": self._variable,
            "confounded": self._confounded,
            "unconfounded": self._unconfounded,
            "observe": self._observe,
            "parameter": self._parameter,
            "define": self._define,
            "assume": self._assume,
            "estimand": self._estimand,
        }
        kind, line.at = line.tokens[0], 1
        if kind == "model" and not self.name:
            self.name = line.name()
        elif self.name and kind in read:
            read[kind](line, written)
            self.lines += [written] if kind != "estimand" else []
        else:
            line.refuse("this is none of the statements of a certificate, or not in its place")
        line.end()

    def _fresh(self, line: Line) -> str:
        name = line.name()
        taken = (self.variables, self.parameters, self.definitions, line.indices, self.labels)
        if any(name in names for names in taken):
            line.refuse(f"'{name[:40]}' is declared twice")
        return name

    def _variable(self, line: Line, _: str) -> None:
        name = self._fresh(line)
        parents = [v.name for v in line.listed(line.variable, ")")] if line.skip("(") else []
        line.want("in")
        domain = self._domain(line)
        randomized = line.skip("randomized")
        labels = {value for value in domain if isinstance(value, str)}
        if len(set(domain)) < len(domain) or len(set(parents)) < len(parents) or (randomized and parents):
            line.refuse("a value or a parent stands twice, or a randomized variable has parents")
        if labels & (self.variables.keys() | self.parameters.keys() | self.definitions.keys() | {name}):
            line.refuse("a value has the name of something else")
        self.labels |= labels
        self.variables[name] = Variable(name, domain, randomized, tuple(parents))

    def _domain(self, line: Line) -> tuple[Value, ...]:
        if line.skip("{"):

            def value() -> Value:
                return line.value() if line.peek()[:1] in "-0123456789" else line.label()

            return tuple(line.listed(value, "}"))
        low = line.integer()
        line.want("..")
        high = line.integer()
        if not 0 <= high - low <= 1000:
            line.refuse("a domain has between one and a thousand values")
        return tuple(range(low, high + 1))

    def _confounded(self, line: Line, _: str) -> None:
        found = [line.variable()]
        while line.skip(","):
            found.append(line.variable())
        names = tuple(variable.name for variable in found)
        if len(set(names)) < max(len(names), 2) or any(variable.randomized for variable in found) or self.causes == []:
            line.refuse("two variables or more that are not randomized share a cause, and none beside 'unconfounded'")
        self.causes = [*(self.causes or []), names]

    def _unconfounded(self, line: Line, _: str) -> None:
        if self.causes is not None:
            line.refuse("'unconfounded' stands alone")
        self.causes = []

    def parts_causes(self) -> bool:
        """Whether some variables share no cause with others: a cause of all is what is meant without a statement."""
        everyone = [name for name, variable in self.variables.items() if not variable.randomized]
        return self.causes is not None and len(everyone) > max(map(len, self.causes), default=1)

    def _observe(self, line: Line, _: str) -> None:
        found = Observation([], [], [])
        line.want("P", "(")
        self._observed(line, found.outcomes)
        if line.skip("|"):
            if line.peek() != "do":
                self._observed(line, found.arms)
            if line.peek(-1) in ("|", ",") and line.skip("do"):
                line.want("(")
                self._observed(line, found.interventions)
                line.want(")")
        line.want(")")
        law = all(self.variables[name].randomized for name, _, _ in found.outcomes)
        selection = [each for each in found.arms if not self.variables[each[0]].randomized]
        arms = [each for each in found.arms if each not in selection]
        if any(whole for _, _, whole in selection) or found.arms != arms + selection:
            line.refuse("a selection is one event, and stands behind the arms")
        found = Observation(found.outcomes, arms, found.interventions, law, selection)
        self._check_observation(line, found, law)
        self.observations.append(found)

    def _check_observation(self, line: Line, found: Observation, law: bool) -> None:
        every = [*found.outcomes, *found.arms, *found.interventions, *found.selection]
        before = any(self.variables[name].randomized for name, _, _ in found.outcomes)
        behind = all(self.variables[name].randomized for name, _, _ in found.arms)
        if (before and not law) or not behind or len({name for name, _, _ in every}) < len(every):
            line.refuse("randomized variables stand behind the bar, others before it, each once")
        if law and (len(every) > len(found.outcomes) or not all(whole for _, _, whole in every)):
            line.refuse("the law of randomized variables is observed for all of their values, and by itself")
        self.copies += prod(len(values) for _, values, _ in every)
        if self.copies > MOST_COPIES:
            line.refuse("there are too many observed cells")

    def _observed(self, line: Line, found: Settings) -> None:
        more = True
        while more and line.peek() != "do":
            variable = line.variable()
            if line.skip("="):
                value = line.argument(variable)
                if isinstance(value, Call):
                    line.refuse("a variable is observed at a value")
                found.append((variable.name, (value.name if isinstance(value, Name) else value,), False))
            else:
                found.append((variable.name, variable.domain, True))
            more = line.skip(",")

    def _parameter(self, line: Line, _: str) -> None:
        name = self._fresh(line)
        line.want("in")
        low = high = None
        if line.skip("("):
            line.want("-", "inf")
        else:
            line.want("[")
            low = line.number()
        line.want(",")
        if line.skip("inf"):
            line.want(")")
        else:
            high = line.number()
            line.want("]")
        if low is not None and high is not None and low > high:
            line.refuse("the range is empty")
        self.parameters[name] = low, high

    def _define(self, line: Line, _: str) -> None:
        name = self._fresh(line)
        line.want("=")
        self.written[name] = line.sum()
        try:
            form = self.form(self.written[name], {})
        except Malformed:
            self.definitions[name] = None
        else:
            # What holds a conditional mean is a function of the data all the same.
            self.definitions[name] = None if form.conditional else form

    def _assume(self, line: Line, written: str) -> None:
        label = written.removeprefix("assume ")
        if line.peek(1) == ":":
            label = line.name()
            line.want(":")
            if any(label == other.label for other in self.assumptions):
                line.refuse("an assumption is named twice")
        indices, orders = self._quantifier(line)
        body = line.formula()
        if line.peek() == "for":
            line.at = len(line.tokens)
        if line.population and not (isinstance(body, Compare) and body.relation in ("<=", "=", ">=")):
            line.refuse("this is not one comparison of probabilities")
        self.copies += prod(len(variable.domain) for _, variable in indices)
        if self.copies > MOST_COPIES:
            line.refuse("there are too many assumptions")
        self.assumptions.append(Assumption(label, line.population, body, indices, orders))

    def _quantifier(self, line: Line) -> tuple[tuple[tuple[str, Variable], ...], tuple[tuple[str, str, str], ...]]:
        """Quantified names, and orders like z1 > z0 of two over one variable; they come last, and are read first."""
        if "for" not in line.tokens:
            return (), ()
        orders: list[tuple[str, str, str]] = []
        start, line.at = line.at, line.tokens.index("for")
        line.want("for", "all")
        more = True
        while more:
            names, relations = [self._fresh(line)], []
            while line.peek() in COMPARE and line.peek() != "=":
                relations.append(line.peek())
                line.at += 1
                names.append(self._fresh(line))
            line.want("in")
            if len(set(names)) < len(names):
                line.refuse("a quantified name stands twice")
            line.indices |= dict.fromkeys(names, line.variable())
            orders += zip(names[:-1], relations, names[1:], strict=True)
            more = line.skip(",")
        line.end()
        line.at = start
        return tuple(line.indices.items()), tuple(orders)

    def _estimand(self, line: Line, written: str) -> None:
        name = line.name()
        line.want("=")
        if name in self.estimands:
            line.refuse(f"estimand '{name[:40]}' stands twice")
        start = f"estimand {name} = "
        if not written.startswith(start):
            line.refuse("this is not written as a certificate writes it")
        expression = written.removeprefix(start)
        if "/" not in line.tokens:
            self.estimands[name] = expression, line.sum(), None
            return
        numerator = self._part(line)
        line.want("/")
        self.estimands[name] = expression, numerator, self._part(line)

    def _part(self, line: Line) -> Sum:
        """Numerator or divisor of a ratio, in brackets where it is a sum."""
        if not line.skip("("):
            return Sum.of([line.product(-1 if line.skip("-") else 1)])
        found = line.sum()
        line.want(")")
        return found

    # ---------------- linear expressions
    def form(self, expression: Sum, indices: World) -> Form:
        """A linear expression with its definitions written out and its quantified names replaced."""
        found = Form()
        for coefficient, atoms in expression.terms:
            rest = []
            for atom in atoms:
                value = indices.get(atom.name) if isinstance(atom, Name) else None
                if isinstance(value, int | Fraction):
                    coefficient *= value
                else:
                    rest.append(atom)
            found = found.plus(coefficient, self._linear(rest, indices))
        return found

    def _linear(self, atoms: Sequence[Name | Call | Mean], indices: World) -> Form:
        match atoms:
            case []:
                return Form(Fraction(1))
            case [Mean() as mean]:
                return Form(means={(mean, tuple(indices.items())): Fraction(1)})
            case [Name(name)] if name in self.parameters:
                return Form(parameters={name: Fraction(1)})
            case [Name(name)] if (form := self.definitions.get(name)) is not None:
                return form
        raise Malformed("text: an expression is not linear in probabilities, parameters and definitions")

    # ---------------- products of averages
    def products(self, expression: Sum, indices: World, defined: bool = False) -> list[Product]:
        """An expression with its definitions written out and its quantified names replaced, as a sum of products."""
        found = []
        for coefficient, atoms in expression.terms:
            group: list[Product] = [(Polynomial.of(coefficient), ())]
            for atom in atoms:
                factors = self._factors(atom, indices, defined)
                group = [(a * b, (*x, *y)) for a, x in group for b, y in factors]
                if len(group) > MOST_PRODUCTS:
                    raise Malformed("text: an expression has too many products")
            found += group
        if any(len(averages) > 2 for _, averages in found):
            raise Malformed("text: more than two probabilities are multiplied")
        return found

    def _factors(self, atom: Name | Call | Mean, indices: World, defined: bool) -> list[Product]:
        match atom:
            case Mean():
                return [(Polynomial.of(1), (self._average(atom, indices, defined),))]
            case Name(name) if name in self.parameters:
                return [(Polynomial.name(name), ())]
            case Name(name) if name in self.written:
                return self.products(self.written[name], {}, True)
            case Name(name) if isinstance(value := indices.get(name), int | Fraction):
                return [(Polynomial.of(value), ())]
        raise Malformed("text: an expression is no sum of products of probabilities and parameters")

    def _average(self, mean: Mean, indices: World, defined: bool) -> Average:
        """A mean in its arm; without an arm that it depends on, the average over the arms by their observed law."""
        fixed = {name for name, _ in mean.context}
        needed: set[str] = set()
        for call in _calls((mean.event, mean.content, mean.condition)):
            needed |= self._randomized(call.variable, fixed | {name for name, _ in call.settings})
        names = tuple(indices.items())
        if not needed:
            return Average((((), mean),), names, defined)
        laws = [o for o in self.observations if o.law and needed <= {name for name, _, _ in o.outcomes}]
        behind = {name for name, _ in mean.context if self.variables[name].randomized}
        if not laws or any(behind & {name for name, _, _ in o.outcomes} for o in laws):
            raise Malformed(f"text: no law over the arms of {', '.join(sorted(needed))} alone is observed")
        law = min(laws, key=lambda o: len(o.outcomes))
        weights: dict[tuple[tuple[str, Value], ...], list[str]] = {}
        for event in _assignments(law.outcomes):
            arm = tuple((name, value) for name, value in event.items() if name in needed)
            weights.setdefault(arm, []).append(_cell_name(event, {}, {}))
        parts = []
        for arm, cells in weights.items():
            context = tuple((name, Name(value) if isinstance(value, str) else value) for name, value in arm)
            parts.append((tuple(cells), Mean(mean.event, mean.content, mean.context + context, mean.condition)))
        return Average(tuple(parts), names, defined)

    def _randomized(self, name: str, fixed: set[str]) -> set[str]:
        """The randomized variables on which a potential outcome still depends."""
        if name in fixed:
            return set()
        variable = self.variables[name]
        above = [self._randomized(parent, fixed) for parent in variable.parents]
        return {name} if variable.randomized else set().union(*above)

    def asked(self, name: str, fixed: Container[str]) -> set[str]:
        """The variables on whose responses a potential outcome depends, where some are set."""
        above = (self.asked(parent, fixed) for parent in self.variables[name].parents)
        return set() if name in fixed else {name}.union(*above)

    def demands(self) -> list[tuple[str, str, list[Product]]]:
        """Assumptions about the population as ``products <= 0`` or ``= 0``, with their labels."""
        found = []
        for assumption in self.assumptions:
            if assumption.population and isinstance(assumption.body, Compare):
                body = assumption.body
                left, right = (body.right, body.left) if body.relation == ">=" else (body.left, body.right)
                relation = "=" if body.relation == "=" else "<="
                difference = left.minus(right)
                found += [(assumption.label, relation, self.products(difference, i)) for i in assumption.copies()]
        return found

    # ---------------- what follows from the statements
    def blocks(self) -> list[Block]:
        """Every arm of every observed distribution; arms that repeat earlier ones are left out."""
        found: list[Block] = []
        seen: set[str] = set()
        summing: set[frozenset[str]] = set()
        for observation in self.observations:
            for block in observation.blocks():
                names = frozenset(block.cells.values())
                # A complete arm says that its cells sum to one, even if each of them was named before.
                if not names <= seen or (block.complete and names not in summing):
                    found.append(block)
                    seen |= names
                    summing |= {names} if block.complete else set()
        return found

    def restrictions(self) -> list[Restriction]:
        """Assumptions about units, for each choice of quantified names; conjunctions part by part."""
        return [
            (part, indices)
            for assumption in self.assumptions
            if not assumption.population
            for indices in assumption.copies()
            for part in assumption.parts()
        ]

    def inequalities(self) -> list[tuple[str, Form, str]]:
        """``form <= 0`` or ``form = 0`` for each choice of quantified names, with the assumption's label."""
        found = []
        for assumption in self.assumptions:
            if assumption.population and isinstance(assumption.body, Compare):
                body = assumption.body
                left, right = (body.right, body.left) if body.relation == ">=" else (body.left, body.right)
                relation = "=" if body.relation == "=" else "<="
                found += [(assumption.label, self.form(left.minus(right), i), relation) for i in assumption.copies()]
        return found


@dataclass(frozen=True)
class Form:
    """``constant + parameters + the sum of means``, each mean with the values of its quantified names."""

    constant: Fraction = Fraction(0)
    parameters: dict[str, Fraction] = field(default_factory=dict)
    means: dict[tuple[Mean, tuple[tuple[str, Value], ...]], Fraction] = field(default_factory=dict)

    def plus(self, multiple: Fraction, other: Form) -> Form:
        """This and a multiple of another one."""
        parameters, means = dict(self.parameters), dict(self.means)
        for name, c in other.parameters.items():
            parameters[name] = parameters.get(name, Fraction(0)) + multiple * c
        for mean, c in other.means.items():
            means[mean] = means.get(mean, Fraction(0)) + multiple * c
        return Form(self.constant + multiple * other.constant, parameters, means)

    @property
    def conditional(self) -> bool:
        return any(mean.condition for mean, _ in self.means)

    @property
    def fixed(self) -> Affine:
        """The constant and the parameters."""
        return Affine(self.constant, self.parameters)

    def value(self, unit: Unit) -> Hashable:
        """The means' sum in one unit; where there are conditions, each mean with whether its condition holds."""
        found = [(c * unit.mean(*mean), unit.meets(*mean)) for mean, c in self.means.items()]
        return tuple(found) if self.conditional else sum((value for value, _ in found), Fraction(0))


@dataclass(frozen=True)
class Average:
    """A mean, in each arm with the cells that are the arm's probability: none where there is but one."""

    parts: tuple[tuple[tuple[str, ...], Mean], ...]
    indices: tuple[tuple[str, Value], ...]
    defined: bool = False

    @property
    def key(self) -> Hashable:
        return self.parts, self.indices

    @property
    def conditional(self) -> bool:
        return bool(self.parts[0][1].condition)

    @property
    def may_multiply(self) -> bool:
        """Whether it may be a coefficient: part of a definition, or of factual values alone."""
        mean = self.parts[0][1]
        return self.defined or not any(call.settings for call in _calls((mean.event, mean.content, mean.condition)))

    def value(self, unit: Unit) -> tuple[tuple[Fraction, int], ...]:
        """What a unit adds to the mean, and to the probability of its condition, in each arm."""
        return tuple([(unit.mean(mean, self.indices), unit.meets(mean, self.indices)) for _, mean in self.parts])

    def weights(self) -> list[Polynomial]:
        return [Polynomial({(cell,): Fraction(1) for cell in cells}) if cells else ONE_ for cells, _ in self.parts]


def _calls(part: Any) -> Iterator[Call]:
    """The potential outcomes in formulas and expressions, and those that are their arguments."""
    match part:
        case tuple():
            for inner in part:
                yield from _calls(inner)
        case Call(_, settings):
            yield part
            yield from _calls(settings)
        case Mean(event, content, context, condition):
            yield from _calls((event, content, context, condition))
        case Compare(_, left, right):
            yield from _calls((left, right))
        case Join(_, parts):
            yield from _calls(parts)
        case Sum(terms):
            yield from _calls(tuple(atoms for _, atoms in terms))


@dataclass(frozen=True)
class Quotient:
    """A linear expression over another one, neither of which holds conditions or parameters."""

    numerator: Form
    divisor: Form
    conditional: bool = False
    fixed: Affine = NOTHING

    def value(self, unit: Unit) -> Hashable:
        """What a unit adds to both."""
        return tuple([form.value(unit) + form.constant for form in (self.numerator, self.divisor)])  # type: ignore[operator]


@dataclass(frozen=True)
class Block:
    """An arm of an observed distribution: its cells by the values of its variables."""

    names: tuple[str, ...]
    context: dict[str, Value]
    cells: dict[tuple[Value, ...], str]
    complete: bool
    law: bool
    selection: dict[str, Value] = field(default_factory=dict)

    def chooses(self, unit: Unit) -> bool:
        """Whether a unit is among those that are seen."""
        return all([unit.value(name, self.context) == value for name, value in self.selection.items()])

    def cell(self, unit: Unit) -> str:
        """The cell that a unit falls into, or nothing; an outcome that cannot be in a cell spares the others."""
        if self.selection and not self.chooses(unit):
            return ""
        found: dict[int, Value] = {}
        allowed = [set(values) for values in zip(*self.cells, strict=True)]
        unknown: Unknown | None = None
        for i in sorted(range(len(self.names)), key=lambda i: len(allowed[i]) > 1):
            try:
                found[i] = unit.value(self.names[i], self.context)
            except Unknown as asked:
                unknown = unknown or asked
                continue
            if found[i] not in allowed[i]:
                return ""
        if unknown:
            raise unknown
        return self.cells[tuple(found[i] for i in range(len(self.names)))]


# ---------------------------------------------------------------- response types
Response = tuple[str, tuple[Value, ...]]
Known = dict[Response, Value]
Restriction = tuple[Formula, dict[str, Value]]


class Unknown(Exception):
    """A potential outcome was asked for that is not known."""

    def __init__(self, response: Response, domain: tuple[Value, ...]) -> None:
        super().__init__(response)
        self.response, self.domain = response, domain


class TooLong(Exception):
    """There are more response types than are gone through."""


class Unit:
    """A unit of which some potential outcomes are known."""

    def __init__(self, model: Model, known: Known) -> None:
        self.model, self.known = model, known

    def value(self, name: str, world: World) -> Value:
        """The value of a variable in a world that sets some variables."""
        if name in world:
            return world[name]
        variable = self.model.variables[name]
        if variable.randomized:
            raise Malformed(f"text: a value of the randomized {name} is used, and no arm is named")
        response = name, tuple([self.value(parent, world) for parent in variable.parents])
        if response not in self.known:
            raise Unknown(response, variable.domain)
        return self.known[response]

    def outcome(self, call: Call, world: World, indices: World) -> Value:
        """A potential outcome; its arguments are values in the world that it stands in."""
        if not call.settings:
            return self.value(call.variable, world)
        settings = {name: self.argument(argument, world, indices) for name, argument in call.settings}
        return self.value(call.variable, {**world, **settings})

    def argument(self, argument: Argument, world: World, indices: World) -> Value:
        match argument:
            case int() | Fraction():
                return argument
            case Call():
                return self.outcome(argument, world, indices)
            case Name(name):
                return indices.get(name, name)

    def number(self, found: Sum, world: World, indices: World) -> Fraction:
        """Arithmetic in potential outcomes; a zero factor spares the others."""
        total = Fraction(0)
        for coefficient, atoms in found.terms:
            for atom in atoms:
                if not coefficient:
                    break
                value = self._atom(atom, world, indices)
                if isinstance(value, str):
                    raise Malformed(f"text: {value} is not a number")
                coefficient *= value
            total += coefficient
        return total

    def _atom(self, atom: Name | Call | Mean, world: World, indices: World) -> Value:
        match atom:
            case Call():
                return self.outcome(atom, world, indices)
            case Name(name) if name in indices:
                return indices[name]
            case Name(name) if name in self.model.labels:
                return name
        raise Malformed("text: a quantity of the population stands inside a formula about one unit")

    def holds(self, formula: Formula, world: World, indices: World) -> bool:
        """Whether a formula is true, where what is known tells."""
        if isinstance(formula, Compare):
            return self._compare(formula, world, indices)
        if formula.kind == "not":
            return not self.holds(formula.parts[0], world, indices)
        return self.all(formula.parts, formula.kind == "and", world, indices) is (formula.kind == "and")

    def all(self, parts: Iterable[Formula], wanted: bool, world: World, indices: World) -> bool:
        """Whether each part is as wanted; one that is not tells so, whatever is unknown of the others."""
        unknown: Unknown | None = None
        for part in parts:
            try:
                if self.holds(part, world, indices) is not wanted:
                    return False
            except Unknown as asked:
                unknown = unknown or asked
        if unknown:
            raise unknown
        return True

    def _compare(self, formula: Compare, world: World, indices: World) -> bool:
        sides = [self._side(side, world, indices) for side in (formula.left, formula.right)]
        named = [v for v in (self._named(formula.left), self._named(formula.right)) if v]
        if formula.relation not in ("=", "!=") and (named or any(isinstance(side, str) for side in sides)):
            if len(named) != 2 or named[0] != named[1]:
                raise Malformed("text: names of values are ordered between outcomes of one variable only")
            sides = [named[0].domain.index(side) for side in sides]
        return COMPARE[formula.relation](*sides)

    def _named(self, side: Sum) -> Variable | None:
        """The variable of a potential outcome whose values are not all numbers."""
        atom = side.single
        variable = self.model.variables[atom.variable] if isinstance(atom, Call) else None
        return None if variable is None or variable.numeric else variable

    def _side(self, side: Sum, world: World, indices: World) -> Any:
        atom = side.single
        return self.number(side, world, indices) if atom is None else self._atom(atom, world, indices)

    # ---------------- means
    def mean(self, mean: Mean, indices: tuple[tuple[str, Value], ...]) -> Fraction:
        """What one unit adds to a mean: nothing outside of its condition."""
        names, world = dict(indices), self._world(mean, indices)
        if not self.all(mean.condition, True, world, names) or not self.all(mean.event, True, world, names):
            return Fraction(0)
        return self.number(mean.content, world, names)

    def meets(self, mean: Mean, indices: tuple[tuple[str, Value], ...]) -> int:
        return int(self.all(mean.condition, True, self._world(mean, indices), dict(indices)))

    def _world(self, mean: Mean, indices: tuple[tuple[str, Value], ...]) -> World:
        return {name: self.argument(argument, {}, dict(indices)) for name, argument in mean.context}


class Strata:
    """What is asked of each unit, in the order in which branching asks it, and the listed answers."""

    def __init__(
        self,
        model: Model,
        before: Sequence[Callable[[Unit], Hashable]],
        last: Sequence[Callable[[Unit], Hashable]] = (),
    ) -> None:
        self.model, self.steps, self.restrictions = model, 0, model.restrictions()
        self.blocks = [block for block in model.blocks() if not block.law]
        self.stages = [*before, *(block.cell for block in self.blocks), *last]

    def values(self, known: Known) -> tuple[Hashable, ...] | None:
        """What a stratum answers; None where it does not tell."""
        unit = Unit(self.model, known)
        try:
            return tuple([stage(unit) for stage in self.stages])
        except Unknown:
            return None

    def possible(self, known: Known) -> bool:
        """Whether the outcomes that are not known can be chosen so that the assumptions about units hold."""
        return self._satisfiable(known, self._open(known, self.restrictions))

    def uncovered(self, listed: Container[tuple[Hashable, ...]]) -> bool:
        """Whether some response type that meets the assumptions has other answers than every listed stratum."""
        pending = self._open({}, self.restrictions)
        stack: list[tuple[Known, tuple[Hashable, ...], list[Restriction]]] = (
            [] if pending is None else [({}, (), pending)]
        )
        while stack:
            known, values, pending = stack.pop()
            self._tick()
            if len(values) == len(self.stages):
                if values not in listed and self._satisfiable(known, pending):
                    return True
                continue
            try:
                stack.append((known, (*values, self.stages[len(values)](Unit(self.model, known))), pending))
            except Unknown as asked:
                stack += [(more, values, left) for more, left in self._branches(known, asked, pending)]
        return False

    def _satisfiable(self, known: Known, pending: list[Restriction] | None) -> bool:
        stack = [] if pending is None else [(known, pending)]
        while stack:
            known, pending = stack.pop()
            self._tick()
            if not pending:
                return True
            formula, indices = pending[0]
            try:
                Unit(self.model, known).holds(formula, {}, indices)
            except Unknown as asked:
                stack += self._branches(known, asked, pending)
        return False

    def _branches(
        self, known: Known, asked: Unknown, pending: list[Restriction]
    ) -> list[tuple[Known, list[Restriction]]]:
        branches = [{**known, asked.response: value} for value in asked.domain]
        return [(more, left) for more in branches if (left := self._open(more, pending)) is not None]

    def _open(self, known: Known, restrictions: list[Restriction]) -> list[Restriction] | None:
        """The assumptions that are not decided yet; None where one is broken."""
        unit, left = Unit(self.model, known), []
        for formula, indices in restrictions:
            self._tick()
            try:
                if not unit.holds(formula, {}, indices):
                    return None
            except Unknown:
                left.append((formula, indices))
        return left

    def _tick(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooLong


CERTIFICATE = [
    *"schema model text variables cells arms parameters conditions estimands ratios weighted quotients".split(),
    "implications",
    "factors",
    "identified",
    "given",
    "digest",
]
RATIO = "name expression rows columns offset impossible dependent lower upper".split()
ESTIMAND = [*RATIO, "denominator"]


class Certificate:
    """What all estimands share: the model as its text says, and testable implications."""

    def __init__(self, node: Node) -> None:
        if not node.has("schema") or node["schema"].value != SCHEMA:
            raise Malformed(f"its schema is not {SCHEMA}")
        node.only(*CERTIFICATE)
        self.node = node
        self.name = node["model"].name()
        _refuse_hidden(node.value)
        self.model = Model(node["text"].text())
        node["model"].same(self.model.name, "not the name in the text")
        self.blocks = self.model.blocks()
        self.cells = {name: block for block in self.blocks for name in block.cells.values()}
        self.of_units = [name for name, block in self.cells.items() if not block.law]
        seen = [block for block in self.blocks if not block.law]
        self.within = len(seen) == 1 and bool(seen[0].selection)
        self.arms = [(list(block.cells.values()), block.complete) for block in self.blocks]
        self.low = {name: low for name, (low, _) in self.model.parameters.items()}
        self.high = {name: high for name, (_, high) in self.model.parameters.items()}
        self._compare()
        # Null where testable implications are no part of the certificate.
        listed = [] if node["conditions"].none() else node["conditions"].items()
        for condition in listed:
            condition.only("term", "implied", "broken")
        self.conditions = [self.affine(c["term"]) for c in listed]

    def _compare(self) -> None:
        """Everything that is listed about variables, cells, arms and parameters is what the text says."""
        variables = [{"name": v.name, "parents": list(v.parents)} for v in self.model.variables.values()]
        self.node["variables"].same(variables, "not the variables of the text")
        self.node["cells"].same(list(self._listed_cells().values()), "not the observed cells of the text")
        arms = [{"cells": names, "complete": complete} for names, complete in self.arms]
        self.node["arms"].same(arms, "not the observed arms of the text")
        parameters = [
            {"name": name, "low": _end(low), "high": _end(high)} for name, (low, high) in self.model.parameters.items()
        ]
        self.node["parameters"].same(parameters, "not the parameters and ranges of the text")

    def _listed_cells(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for block in self.blocks:
            context = {name: str(value) for name, value in block.context.items()}
            for values, name in block.cells.items():
                event = dict(zip(block.names, map(str, values), strict=True))
                chosen = {key: str(value) for key, value in block.selection.items()}
                about = {"name": name, "event": event, "context": context}
                found.setdefault(name, about | ({"selection": chosen} if chosen else {}))
        return found

    def affine(self, node: Node) -> Affine:
        node.only("constant", "coefficients")
        coefficients = node["coefficients"].rationals()
        for name in coefficients:
            if name not in self.cells and name not in self.low:
                raise Malformed(f"{node.path} speaks of {name[:80]!r}, which is neither a cell nor a parameter")
        return Affine(node["constant"].rational(), coefficients)

    def polynomial(self, node: Node, others: Container[str] = ()) -> Polynomial:
        """Products are written with a star; other names than those of cells and parameters may be meant."""
        node.only("constant", "coefficients")
        found = Polynomial.of(node["constant"].rational())
        for key, c in node["coefficients"].rationals().items():
            names = tuple(sorted(key.split("*")))
            for name in names:
                if name not in self.cells and name not in self.low and name not in others:
                    raise Malformed(f"{node.path} speaks of {name[:80]!r}, which is neither a cell nor a parameter")
            found += Polynomial({names: c})
        return found

    def function(self, node: Node) -> Function:
        node.only("numerator", "denominator")
        below = self.polynomial(node["denominator"])
        if not below:
            raise Malformed(f"{node.path} divides by zero")
        found = Function(self.polynomial(node["numerator"]), [below])
        if not found.above and below.number != 1:
            raise Malformed(f"{node.path}: zero is written over one")
        return found

    def is_nonnegative(self, polynomial: Polynomial) -> bool:
        """Whether it is seen to be nowhere negative, at the ends of parameters and with all products at one degree."""
        for name in sorted(polynomial.names & self.low.keys()):
            constant, slope = in_parameter(polynomial, name)
            if slope is None:
                return False
            low, high = self.low[name], self.high[name]
            ends = [constant + slope.times(end) for end in (low, high) if end is not None]
            ends += [slope] if high is None else []
            ends += [-slope] if low is None else []
            return all(map(self.is_nonnegative, ends))
        for cells in self.laws():
            if polynomial.names & cells:
                polynomial = homogeneous(polynomial, cells)
        return all(c > 0 for c in polynomial.terms.values())

    def laws(self) -> list[set[str]]:
        """The cells of each arm, which sum to one with what is not observed of it."""
        return [{*cells, *([] if complete else [f"rest of {k}"])} for k, (cells, complete) in enumerate(self.arms)]

    def range_function(self, end: str, name: str) -> Affine:
        """What is not negative while a parameter is in its range."""
        limit = (self.low if end == "low" else self.high).get(name)
        if limit is None:
            raise Malformed(f"there is no {end} end of a parameter {name[:80]!r}")
        sign = 1 if end == "low" else -1
        return Affine(-sign * limit, {name: Fraction(sign)})

    def in_range(self, values: Mapping[str, Fraction]) -> bool:
        return all(
            (low is None or values.get(name, 0) >= low)
            and ((high := self.high[name]) is None or high >= values.get(name, 0))
            for name, low in self.low.items()
        )

    def without_ranges(self, function: Affine, proof: Node) -> Affine:
        """The function less the proof's multiples of parameter ranges."""
        for end in ("low", "high"):
            for name, multiple in proof[end].rationals().items() if proof.has(end) else ():
                _demand(multiple >= 0, f"{proof.path}: a multiple of an inequality is negative")
                function = function.plus(-multiple, self.range_function(end, name))
        return function


def in_parameter(polynomial: Polynomial, name: str) -> tuple[Polynomial, Polynomial | None]:
    """What stands beside a name, and what is multiplied by it; None where it is not linear in it."""
    parts: list[dict[tuple[str, ...], Fraction]] = [{}, {}]
    for names, c in polynomial.terms.items():
        if names.count(name) > 1:
            return polynomial, None
        parts[name in names][tuple(each for each in names if each != name)] = c
    return Polynomial(parts[0]), Polynomial(parts[1])


def homogeneous(polynomial: Polynomial, cells: set[str], most: int = 0) -> Polynomial:
    """The same with every product times the sum of an arm as often as that makes all of one degree in it."""
    whole = Polynomial({(cell,): Fraction(1) for cell in sorted(cells)})
    parts: dict[int, dict[tuple[str, ...], Fraction]] = {}
    for names, c in polynomial.terms.items():
        parts.setdefault(sum(name in cells for name in names), {})[names] = c
    total = ZERO_
    for degree in range(max(most, *parts, 0) + 1):
        total = total * whole + Polynomial(parts.get(degree, {}))
    return total


def _end(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


# ---------------------------------------------------------------- the program
@dataclass(frozen=True)
class Row:
    """A row of the program, with its entry in each stratum."""

    kind: str
    name: str
    relation: str
    right: Affine
    entries: list[Fraction]


class Column:
    """A stratum: its potential outcomes, entries by row, cost, and whether the estimand's condition holds in it."""

    def __init__(self, node: Node, model: Model, *others: str) -> None:
        node.only("stratum", "entries", *(others or ("cost", "event")))
        self.node = node
        self.known = dict(read_response(key, value, model) for key, value in node["stratum"].pairs())
        self.entries: Vector = {}
        self.cost = self.event = Fraction(0)


def read_response(key: str, node: Node, model: Model) -> tuple[Response, Value]:
    """``Y(1,0)`` with its value; a root is written without brackets."""
    name, _, inside = key.partition("(")
    variable = model.variables.get(name)
    if variable is None or variable.randomized or key != (f"{name}({inside}" if variable.parents else name):
        raise Malformed(f"{node.path} is not a potential outcome of the text")
    words = re.findall(r'"[^"]*"|[^,]+', inside.removesuffix(")")) if variable.parents else []
    if len(words) != len(variable.parents) or (words and not inside.endswith(")")):
        raise Malformed(f"{node.path} is not a potential outcome of the text")
    pairs = zip(words, variable.parents, strict=True)
    given = tuple(_value_of(model.variables[parent], word, node) for word, parent in pairs)
    return (name, given), _value_of(variable, node.text(), node)


def _value_of(variable: Variable, word: str, node: Node) -> Value:
    for value in variable.domain:
        if word in (str(value), _spelled(value)):
            return value
    raise Malformed(f"{node.path}: {variable.name} has no value {word[:40]!r}")


def _rows(
    inequalities: list[tuple[str, Form, str]], blocks: int, answers: list[tuple[Hashable, ...]], cells: Iterable[str]
) -> list[Row]:
    """The rows of cells, of the total and of assumptions, as what the strata answer says."""
    forms = len(inequalities)
    found = []
    for cell in cells:
        inside = [Fraction(cell in answer[forms : forms + blocks]) for answer in answers]
        found.append(Row("cell", cell, "=", Affine(Fraction(0), {cell: Fraction(1)}), inside))
    found.append(Row("total", "total", "=", Affine(Fraction(1), {}), [Fraction(1)] * len(answers)))
    waiting = list(range(forms))
    while waiting:
        for k in waiting:
            row = _assumption_row(*inequalities[k], [answer[k] for answer in answers], found)
            if row is not None:
                break
        else:
            raise Malformed("text: an assumption is not linear in the probabilities of strata")
        found.append(row)
        waiting.remove(k)
    return found


def _rows_within(
    inequalities: list[tuple[str, Form, str]], blocks: int, answers: list[tuple[Any, ...]], cells: Iterable[str]
) -> list[Row]:
    """The rows where all is seen in one selection: unknowns are probabilities divided by that of the selection."""
    # They sum to one in the selection. Assumptions say the same of them, if nothing but zero stands on the right.
    forms = len(inequalities)
    found = []
    for cell in cells:
        inside = [Fraction(cell in answer[forms : forms + blocks]) for answer in answers]
        found.append(Row("cell", cell, "=", Affine(Fraction(0), {cell: Fraction(1)}), inside))
    for k, demand in enumerate(inequalities):
        row = _assumption_row(*demand, [answer[k] for answer in answers], [])
        if row is None or not row.right.equals(NOTHING):
            raise Malformed("text: an assumption compares what is seen in a selection with all units")
        found.append(row)
    chosen = [Fraction(bool(answer[forms + blocks])) for answer in answers]
    return [*found, Row("total", "selected", "=", Affine(Fraction(1), {}), chosen)]


def _assumption_row(label: str, form: Form, relation: str, answers: list[Any], above: list[Row]) -> Row | None:
    """An assumption as a row; None where rows above do not fix the probabilities of its conditions yet."""
    right = NOTHING.plus(-1, form.fixed)
    if not form.conditional:
        return Row("assumption", label, relation, right, answers)
    conditions = [[pairs[k][1] for pairs in answers] for k in range(len(form.means))]
    if not any(form.parameters.values()) and all(condition == conditions[0] for condition in conditions):
        # Multiplied by the probability of the one condition.
        entries = [sum((n for n, _ in pairs), form.constant * pairs[0][1]) for pairs in answers]
        return Row("assumption", label, relation, NOTHING, entries)
    fixed = [_fixed_probability(condition, above) for condition in conditions]
    if not all(fixed):
        return None
    entries = [sum((n / d for d, (n, _) in zip(fixed, pairs, strict=True) if d), Fraction(0)) for pairs in answers]
    return Row("assumption", label, relation, right, entries)


def _fixed_probability(event: list[int], rows: list[Row]) -> Fraction | None:
    """The number at which equalities of assumptions and the total fix the probability of an event, if they do."""
    basis: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        if row.kind != "cell" and row.relation == "=" and not row.right.coefficients:
            rest = _reduced([*row.entries, row.right.constant], basis)
            pivot = next((i for i, x in enumerate(rest[:-1]) if x), -1)
            if pivot >= 0:
                basis.append((pivot, [x / rest[pivot] for x in rest]))
    rest = _reduced([*map(Fraction, event), Fraction(0)], basis)
    return None if any(rest[:-1]) else -rest[-1]


def _reduced(row: list[Fraction], basis: list[tuple[int, list[Fraction]]]) -> list[Fraction]:
    for pivot, other in basis:
        if row[pivot]:
            row = [x - row[pivot] * y for x, y in zip(row, other, strict=True)]
    return row


class Program:
    """The program of one estimand, and proofs about functions of its strata."""

    def __init__(self, certificate: Certificate, node: Node) -> None:
        node.only(*ESTIMAND if node.has("denominator") else RATIO)
        self.certificate, self.node, self.path = certificate, node, node.path
        self.name, model = node["name"].name(), certificate.model
        if self.name not in model.estimands:
            raise Malformed(f"{node.path}: the text has no estimand '{self.name[:80]}'")
        others = any(block.selection for block in certificate.blocks) and not certificate.within
        if others or (certificate.within and node.has("denominator")):
            raise Malformed("text: a law given a selection stands in a linear program")
        self.expression, numerator, divisor = model.estimands[self.name]
        node["expression"].same(self.expression, "not the expression of the text")
        self.cost, self.inequalities = self._form(numerator, divisor), model.inequalities()
        chosen = [certificate.blocks[0].chooses] if certificate.within else []
        self.strata = Strata(model, [form.value for _, form, _ in self.inequalities], [*chosen, self.cost.value])
        self.columns = [Column(column, model) for column in node["columns"].items()]
        strata = {tuple(sorted(column.known.items(), key=repr)) for column in self.columns}
        _demand(len(strata) == len(self.columns), f"{self.path}.columns: a stratum is listed twice")
        self.possible = list(range(len(self.columns)))
        self._compare()

    def _form(self, numerator: Sum, divisor: Sum | None) -> Form | Quotient:
        model = self.certificate.model
        above = model.form(numerator, {})
        if divisor is None:
            return above
        below = model.form(divisor, {})
        if any(form.conditional or form.parameters for form in (above, below)) or self.node.has("denominator"):
            raise Malformed("text: a ratio with conditions or parameters, or one that is said to be linear")
        return Quotient(above, below)

    def _compare(self) -> None:
        """Rows, columns, offset and the list of strata are what the text says."""
        size = len(self.certificate.of_units) + 1 + len(self.inequalities)
        found = len(self.node["rows"].items())
        _demand(found == size, f"{self.path}.rows: not one row for each cell, the total and each inequality")
        answers, cost = self._answers(), self.cost
        read = _rows_within if self.certificate.within else _rows
        rows = read(self.inequalities, len(self.strata.blocks), answers, self.certificate.of_units)
        self.kinds, self.names = [row.kind for row in rows], [row.name for row in rows]
        self.relations, self.right = [row.relation for row in rows], [row.right for row in rows]
        self.row_of = {name: i for i, name in enumerate(self.names) if self.kinds[i] == "cell"}
        self.offset = NOTHING if cost.conditional or self.certificate.within else cost.fixed
        if (cost.conditional or self.certificate.within) and cost.fixed.coefficients:
            raise Malformed("text: a parameter is added to a conditional mean")
        self._compare_rows(self.node)
        self._compare_columns(rows, answers)
        self.complete = self._compare_strata(set(answers))

    def _answers(self) -> list[tuple[Hashable, ...]]:
        """What is asked of each listed stratum."""
        found = []
        for column in self.columns:
            answer = self.strata.values(column.known)
            if answer is None:
                raise Wrong(f"{column.node.path}: the stratum leaves open what the program asks of it")
            found.append(answer)
        return found

    def _compare_rows(self, node: Node) -> None:
        for i, row in enumerate(node["rows"].items()):
            row.only("kind", "name", "relation", "right")
            for key, expected in (("kind", self.kinds[i]), ("name", self.names[i]), ("relation", self.relations[i])):
                row[key].same(expected, "not what the text says")
            right = self.certificate.affine(row["right"])
            _demand(right.equals(self.right[i]), f"{row.path}.right: not what the text says")
        offset = self.certificate.affine(node["offset"])
        _demand(offset.equals(self.offset), f"{self.path}.offset: not what the text says")

    def _compare_columns(self, rows: list[Row], answers: list[tuple[Hashable, ...]]) -> None:
        for j, (column, answer) in enumerate(zip(self.columns, answers, strict=True)):
            column.entries = {i: row.entries[j] for i, row in enumerate(rows) if row.entries[j]}
            column.cost, column.event = self._cost(answer[-1])
            listed = column.node["entries"].vector(len(rows))
            for i in range(len(rows)):
                same = listed.get(i, 0) == column.entries.get(i, 0)
                _demand(same, f"{column.node.path}: the entry of {self.names[i]} is not {column.entries.get(i, 0)}")
            _demand(column.node["cost"].rational() == column.cost, f"{column.node.path}.cost: it is {column.cost}")
            _demand(column.node["event"].rational() == column.event, f"{column.node.path}.event: it is {column.event}")

    def _cost(self, answer: Any) -> tuple[Fraction, Fraction]:
        """The estimand's numerator and its condition, or its divisor, in one stratum."""
        if isinstance(self.cost, Quotient):
            return answer[0], answer[1]
        if not self.cost.conditional:
            # Within a selection the mean over all units is a ratio, to which a number adds itself times the divisor.
            return answer + (self.cost.constant if self.certificate.within else 0), Fraction(1)
        events = {event for _, event in answer}
        if len(events) != 1 or self.cost.parameters:
            raise Malformed("text: the conditions of the estimand differ")
        event = Fraction(events.pop())
        return sum((n for n, _ in answer), self.cost.constant * event), event

    def _compare_strata(self, listed: Container[tuple[Hashable, ...]]) -> bool:
        """Whether all response types were gone through; each has to answer as a listed stratum that can be there."""
        try:
            for column in self.columns:
                _demand(self.strata.possible(column.known), f"{column.node.path}: the assumptions exclude the stratum")
            _demand(not self.strata.uncovered(listed), f"{self.path}.columns: a stratum of the model is missing")
        except TooLong:
            return False
        return True

    def written(self, function: Affine) -> str:
        """A combination of right sides."""
        return str(function)

    def is_nonnegative(self, function: Affine) -> bool:
        """Whether a combination of right sides is seen to be nowhere negative."""
        return self.certificate.is_nonnegative(Polynomial.linear(function))

    def divided(self) -> list[str]:
        """What the report says of a factor of the divisor that the data identify."""
        return []

    # ---------------- what follows for the data
    @property
    def whole(self) -> bool:
        """Whether the rows say all that the model says."""
        return True

    def divisors(self) -> list[Polynomial]:
        """By what is divided somewhere: no data are spoken of where one of them is zero."""
        return []

    def combined(self, multiples: Vector) -> Function:
        """A combination of right sides."""
        total = NOTHING
        for i, c in multiples.items():
            total = total.plus(c, self.right[i])
        return Function(Polynomial.linear(total))

    def same_polynomials(self, one: Polynomial, other: Polynomial) -> bool:
        """Whether two functions are the same at all data of the model."""
        identities = Identities()
        for cells, complete in self.certificate.arms:
            if complete:
                identities.add(Affine(Fraction(-1), dict.fromkeys(cells, Fraction(1))))
        return not identities.plain(one + -other)

    def seen_positive(self, polynomial: Polynomial) -> bool:
        """Whether a function is seen to be nowhere negative in the model."""
        return self.certificate.is_nonnegative(polynomial)

    def assumed(self) -> tuple[list[Polynomial], list[Polynomial]]:
        """What the rows of numbers rest on: functions that are not negative in the model, and ones that are zero."""
        return [], []

    def cone(self, kept: list[int]) -> list[Vector] | None:
        """The extreme rays of the multiples of rows by which no stratum has more than nothing; None with a line."""
        rows = [row[:-1] for row in Dual(self, 1, kept).inequalities]
        rays = extreme_rays(rows, len(kept))
        if rays is None:
            return None
        return [{i: Fraction(x) for i, x in zip(kept, ray, strict=True) if x} for ray in rays]

    def dependence(self, row: int, kept: list[int]) -> Vector:
        """A row minus the combination of kept equalities that has the same entries."""
        span = Elimination()
        for i in kept:
            if self.relations[i] == "=":
                span.add(i, self._entries(i))
        multiples = span.depends(self._entries(row))
        if multiples is None:
            raise Wrong(f"{self.path}.dependent: row {row} is no combination of others")
        return {row: Fraction(1)} | {i: -c for i, c in multiples.items()}

    def _entries(self, row: int) -> Vector:
        return {j: e for j in self.possible if (e := self.columns[j].entries.get(row))}

    def ratio_at(self, node: Node) -> tuple[Fraction, Fraction, dict[str, Fraction]]:
        """Numerator and divisor of a ratio at a population of the model, and the right sides of rows."""
        strata, _, at = _population(self, node)
        cost = sum((self.columns[j].cost * w for j, w in strata.items()), Fraction(0))
        return cost, sum((self.columns[j].event * w for j, w in strata.items()), Fraction(0)), at

    def independent(self, node: Node) -> list[int]:
        """The rows but those that are combinations of others."""
        dependent = self.dependent_rows(node)
        return [i for i in range(len(self.kinds)) if i not in dependent]

    def remove_impossible(self, node: Node) -> None:
        """Strata that a row with right side zero and entries of one sign forbids, step by step."""
        for step in node.items():
            step.only("row", "columns")
            i = step["row"].index(len(self.kinds))
            listed = {j.index(len(self.columns)) for j in step["columns"].items()}
            entries = {j: self.columns[j].entries[i] for j in self.possible if i in self.columns[j].entries}
            one_sign = all(e > 0 for e in entries.values()) or (
                self.relations[i] == "=" and all(e < 0 for e in entries.values())
            )
            forbids = self.kinds[i] == "assumption" and self.right[i].equals(NOTHING) and one_sign
            _demand(forbids and listed == set(entries), f"{step.path}: the row does not forbid just these strata")
            self.possible = [j for j in self.possible if j not in listed]

    def over_strata(self, function: Affine) -> tuple[Vector, Affine]:
        """A function of cells and parameters: its value in each stratum, and the rest."""
        found: Vector = {}
        for j in self.possible:
            entries = self.columns[j].entries
            found[j] = sum(
                (
                    c
                    for name, c in function.coefficients.items()
                    if name in self.row_of and self.row_of[name] in entries
                ),
                Fraction(0),
            )
        rest = {name: c for name, c in function.coefficients.items() if name not in self.row_of}
        return found, Affine(function.constant, rest)

    def check_nonnegative(self, strata: Vector, rest: Affine, proof: Node, what: str) -> None:
        """Less multiples of rows and ranges, nothing negative is left."""
        proof.only("rows", "low", "high")
        strata = dict(strata)
        for i, multiple in (proof["rows"].vector(len(self.kinds)) if proof.has("rows") else {}).items():
            if self.kinds[i] == "cell":
                raise Malformed(f"{proof.path}: a proof uses the row of a cell")
            _demand(multiple >= 0 or self.relations[i] == "=", f"{proof.path}: a multiple of an inequality is negative")
            rest = rest.plus(-multiple, self.right[i])
            for j in self.possible:
                strata[j] += multiple * self.columns[j].entries.get(i, 0)
        for name in rest.coefficients.keys() & self.row_of.keys():
            for j in self.possible:
                strata[j] += rest.coefficients[name] * self.columns[j].entries.get(self.row_of[name], 0)
        rest = Affine(rest.constant, {n: c for n, c in rest.coefficients.items() if n not in self.row_of})
        rest = self.certificate.without_ranges(rest, proof)
        proved = rest.constant >= 0 and not rest.coefficients and all(value >= 0 for value in strata.values())
        _demand(proved, f"{proof.path}: this does not prove that {what}")

    def check_implied(self, function: Affine, proof: Node, what: str) -> None:
        """A function of the data is nowhere negative under the model."""
        self.check_nonnegative(*self.over_strata(function), proof, what)

    def check_zero(self, strata: Vector, rest: Affine, node: Node, what: str) -> None:
        """Nowhere negative and nowhere positive."""
        proofs = node.items()
        if len(proofs) != 2:
            raise Malformed(f"{node.path} is not two proofs")
        self.check_nonnegative(strata, rest, proofs[0], what)
        opposite = {j: -value for j, value in strata.items()}
        self.check_nonnegative(opposite, NOTHING.plus(-1, rest), proofs[1], what)

    def check_denominator(self, node: Node) -> Affine | None:
        """The probability of the condition is the listed function of the data."""
        if node.none():
            certain = all(self.columns[j].event == 1 for j in self.possible)
            _demand(certain, f"{node.path}: the estimand has a condition, and there is no denominator")
            return None
        node.only("term", "equal")
        term = self.certificate.affine(node["term"])
        strata, rest = self.over_strata(NOTHING.plus(-1, term))
        difference = {j: value + self.columns[j].event for j, value in strata.items()}
        self.check_zero(difference, rest, node["equal"], "the denominator is the probability of the condition")
        happens = any(self.columns[j].event for j in self.possible)
        _demand(happens and not term.equals(NOTHING), f"{node.path}: the condition has probability zero")
        return term

    def dependent_rows(self, node: Node) -> set[int]:
        """Equality rows that are combinations of others; the testable implications imply that their data are too."""
        found: set[int] = set()
        for step in node.items():
            step.only("row", "multiples", "implied")
            i = step["row"].index(len(self.kinds))
            _demand(self.relations[i] == "=", f"{step.path}: the row is not an equality")
            demand = self.right[i]
            entries = {j: self.columns[j].entries.get(i, Fraction(0)) for j in self.possible}
            for k, multiple in step["multiples"].vector(len(self.kinds)).items():
                _demand(k != i and k not in found, f"{step.path}: a dependent row explains another one")
                _demand(self.relations[k] == "=", f"{step.path}: an inequality explains an equality")
                demand = demand.plus(-multiple, self.right[k])
                for j in self.possible:
                    entries[j] -= multiple * self.columns[j].entries.get(k, 0)
            _demand(not any(entries.values()), f"{step.path}: the row is not this combination of others")
            proofs = step["implied"].items()
            if len(proofs) != 2:
                raise Malformed(f"{step.path}.implied is not two proofs")
            for sign, proof in zip((1, -1), proofs, strict=True):
                check_from_data(self.certificate, NOTHING.plus(sign, demand), proof)
            found.add(i)
        return found


def check_from_data(certificate: Certificate, function: Affine, proof: Node) -> None:
    """A function is not negative at any data that meet the testable implications."""
    proof.only("low", "high", "arms", "conditions")
    function = certificate.without_ranges(function, proof)
    for key in ("arms", "conditions"):
        size = len(certificate.arms if key == "arms" else certificate.conditions)
        for k, multiple in (proof[key].vector(size) if proof.has(key) else {}).items():
            if key == "arms":
                cells, complete = certificate.arms[k]
                part = Affine(Fraction(1), dict.fromkeys(cells, Fraction(-1)))
            else:
                part, complete = certificate.conditions[k], False
            _demand(complete or multiple >= 0, f"{proof.path}: a multiple of an inequality is negative")
            function = function.plus(-multiple, part)
    left = function.coefficients
    plain = function.constant >= 0 and all(c >= 0 and name in certificate.cells for name, c in left.items())
    _demand(plain, f"{proof.path}: the testable implications do not imply it by these multiples")


# ---------------------------------------------------------------- vertices and rays
class Dual:
    """The dual polyhedron of one side: inequalities ``a · y <= c`` in integers, over the rows that are kept."""

    def __init__(self, program: Program, sign: int, kept: list[int], ratio: bool = False) -> None:
        self.size = len(kept) + ratio
        number = {i: k for k, i in enumerate(kept)}
        least: dict[tuple[Fraction, ...], Fraction] = {}
        for j in program.possible:
            a = [Fraction(0)] * self.size
            for i, entry in program.columns[j].entries.items():
                if i in number:
                    a[number[i]] = entry
            if ratio:
                a[-1] = program.columns[j].event
            cost = sign * program.columns[j].cost
            least[tuple(a)] = min(cost, least.get(tuple(a), cost))
        for i in kept:
            if program.relations[i] == "<=":
                a = [Fraction(0)] * self.size
                a[number[i]] = Fraction(1)
                least[tuple(a)] = min(Fraction(0), least.get(tuple(a), Fraction(0)))
        self.inequalities = [_integers([*a, c]) for a, c in least.items()]

    def edges(self, vertex: Sequence[int]) -> list[tuple[int, ...]] | None:
        """The directions of the edges at a vertex (given with its denominator last); None if it is not one."""
        on = [row[:-1] for row in self.inequalities if _dot(row, vertex) == row[-1] * vertex[-1]]
        return extreme_rays(on, self.size)

    def end(self, vertex: Sequence[int], edge: Sequence[int]) -> tuple[int, ...] | None:
        """The vertex at the other end of an edge; None where the edge has no end."""
        best: Fraction | None = None
        for row in self.inequalities:
            rate = _dot(row, edge)
            if rate > 0:
                step = Fraction(row[-1] * vertex[-1] - _dot(row, vertex), rate)
                best = step if best is None or step < best else best
        if best is None:
            return None
        # vertex / d + best / d * edge, where d is the denominator and best was taken times d.
        return _point([Fraction(x, vertex[-1]) + best / vertex[-1] * e for x, e in zip(vertex[:-1], edge, strict=True)])


def _dot(row: Sequence[int], vector: Sequence[int]) -> int:
    """Products of the places that both have, a last constant or denominator left out."""
    return sum([a * x for a, x in zip(row[:-1], vector, strict=False) if a])


def _integers(values: Sequence[Fraction]) -> tuple[int, ...]:
    scale = lcm(*(value.denominator for value in values))
    return tuple(int(value * scale) for value in values)


def _point(values: Sequence[Fraction]) -> tuple[int, ...]:
    """Numerators over a common denominator, which stands last."""
    return _integers([*values, Fraction(1)])


def _primitive(vector: Sequence[int]) -> tuple[int, ...]:
    divisor = gcd(*vector)
    return tuple(x // divisor for x in vector) if divisor else tuple(vector)


def extreme_rays(rows: Sequence[Sequence[int]], size: int) -> list[tuple[int, ...]] | None:
    """The extreme rays of the cone ``a · d <= 0`` for all rows (double description); None where it has a line."""
    basis = _independent(rows, size)
    if basis is None:
        return None
    rays = [(ray, _met(rows, ray, basis)) for ray in _simplex_rays([rows[k] for k in basis], size)]
    done = sum(1 << k for k in basis)
    rays = [(ray, met & done) for ray, met in rays]
    for k in range(len(rows)):
        if not done >> k & 1:
            rays = _cut(rays, rows[k], k, size)
            done |= 1 << k
    return [ray for ray, _ in rays]


def _cut(
    rays: list[tuple[tuple[int, ...], int]], row: Sequence[int], k: int, size: int
) -> list[tuple[tuple[int, ...], int]]:
    """The rays of a cone after one more inequality."""
    values = [sum([a * x for a, x in zip(row, ray, strict=True) if a]) for ray, _ in rays]
    kept = [(ray, met | (value == 0) << k) for (ray, met), value in zip(rays, values, strict=True) if value <= 0]
    inside = [i for i, value in enumerate(values) if value < 0]
    outside = [i for i, value in enumerate(values) if value > 0]
    for i in outside:
        for j in inside:
            common = rays[i][1] & rays[j][1]
            if common.bit_count() >= size - 2 and _adjacent(rays, i, j, common):
                between = [values[i] * x - values[j] * y for x, y in zip(rays[j][0], rays[i][0], strict=True)]
                kept.append((_primitive(between), common | 1 << k))
    return kept


def _adjacent(rays: list[tuple[tuple[int, ...], int]], i: int, j: int, common: int) -> bool:
    return not any(common & met == common for k, (_, met) in enumerate(rays) if k not in (i, j))


def _met(rows: Sequence[Sequence[int]], ray: Sequence[int], which: Iterable[int]) -> int:
    return sum(1 << k for k in which if not sum(a * x for a, x in zip(rows[k], ray, strict=True)))


def _independent(rows: Sequence[Sequence[int]], size: int) -> list[int] | None:
    """Rows that span everything, the first that do; None where all rows together do not."""
    reduced: list[tuple[int, list[Fraction]]] = []
    chosen: list[int] = []
    for k, row in enumerate(rows):
        rest = [Fraction(x) for x in row]
        for pivot, basis in reduced:
            if factor := rest[pivot]:
                rest = [x - factor * y if y else x for x, y in zip(rest, basis, strict=True)]
        pivot = next((i for i, x in enumerate(rest) if x), -1)
        if pivot >= 0:
            factor = rest[pivot]
            reduced.append((pivot, [x / factor if x else x for x in rest]))
            chosen.append(k)
        if len(chosen) == size:
            return chosen
    return None


def _simplex_rays(rows: Sequence[Sequence[int]], size: int) -> list[tuple[int, ...]]:
    """The rays of a cone with as many independent inequalities as dimensions: the columns of minus the inverse."""
    wide = [[Fraction(x) for x in row] + [Fraction(-(i == k)) for k in range(size)] for i, row in enumerate(rows)]
    for c in range(size):
        pivot = next(r for r in range(c, size) if wide[r][c])
        wide[c], wide[pivot] = wide[pivot], wide[c]
        factor = wide[c][c]
        if factor != 1:
            wide[c] = [x / factor if x else x for x in wide[c]]
        for r in range(size):
            if r != c and (factor := wide[r][c]):
                wide[r] = [x - factor * y if y else x for x, y in zip(wide[r], wide[c], strict=True)]
    return [_primitive(_integers([wide[r][size + k] for r in range(size)])) for k in range(size)]


def check_side(program: Program, side: Node, sign: int, dependent: set[int]) -> list[Affine]:
    """All of one side; the printed terms."""
    side.only("vertices", "rays", "symmetries")
    kept = [i for i in range(len(program.kinds)) if i not in dependent]
    dual = Dual(program, sign, kept)
    nodes = side["vertices"].items()
    multiples = [node["multiples"].vector(len(program.kinds)) for node in nodes]
    rays = [node["multiples"].vector(len(program.kinds)) for node in side["rays"].items()]
    for i in dependent:
        _demand(not any(y.get(i) for y in (*multiples, *rays)), f"{side.path}: a dependent row is used")
    vertices = [_point([y.get(i, Fraction(0)) for i in kept]) for y in multiples]
    directions = [_primitive(_integers([y.get(i, Fraction(0)) for i in kept])) for y in rays]
    for vertex, node in zip(vertices, nodes, strict=True):
        feasible = all(_dot(row, vertex) <= row[-1] * vertex[-1] for row in dual.inequalities)
        _demand(feasible, f"{node.path}: not dual feasible, so its term is not valid")
    _demand(len(set(vertices)) == len(vertices), f"{side.path}: a vertex is listed twice")
    _demand(len(set(directions)) == len(directions), f"{side.path}: a ray is listed twice")
    _check_closed(dual, vertices, directions, side)
    terms = [_sided_term(program, node, y, sign) for node, y in zip(nodes, multiples, strict=True)]
    _check_terms(program, nodes, terms, sign)
    for node, y in zip(side["rays"].items(), rays, strict=True):
        node.only("multiples", "implied")
        demand = NOTHING
        for i, multiple in y.items():
            demand = demand.plus(-multiple, program.right[i])
        check_from_data(program.certificate, demand, node["implied"])
    return [program.certificate.affine(node["term"]) for node in nodes if node.has("witness")]


def _check_closed(
    dual: Dual, vertices: list[tuple[int, ...]], rays: list[tuple[int, ...]], side: Node
) -> list[tuple[int, int]]:
    """Every edge at every vertex ends at a listed vertex or is a listed ray, and every listed ray is such an edge.

    Where linear maps are given that carry the polyhedron and the lists to themselves, they carry the edges at a vertex
    to those at its image, so one vertex of each orbit is enough.

    Returns
    -------
    list of (int, int)
        The edges that were looked at, by the numbers of their ends; rays are numbered after vertices.
    """
    path = side.path
    _demand(bool(vertices), f"{path}.vertices: there is none")
    maps = [_symmetry(dual, node) for node in side["symmetries"].items()] if side.has("symmetries") else []
    listed = [*vertices, *((*ray, 0) for ray in rays)]
    images = [_images(listed, matrix, f"{path}.symmetries[{k}]") for k, matrix in enumerate(maps)]
    orbits = _orbits(len(listed), images)
    known, found = {vertex: k for k, vertex in enumerate(listed)}, set()
    looked: list[tuple[int, int]] = []
    for orbit in orbits:
        first = min(orbit)
        if first >= len(vertices):
            continue
        edges = dual.edges(vertices[first])
        _demand(edges is not None, f"{path}.vertices[{first}]: not a vertex")
        for edge in edges or ():
            end = dual.end(vertices[first], edge)
            if end is None:
                _demand((*edge, 0) in known, f"{path}: not complete: a ray at vertex {first} is not listed")
                found.add(known[*edge, 0])
                looked.append((first, known[*edge, 0]))
            else:
                _demand(end in known, f"{path}: not complete: a neighbour of vertex {first} is not listed")
                looked.append((first, known[end]))
    for orbit in orbits:
        if min(orbit) >= len(vertices):
            _demand(not orbit.isdisjoint(found), f"{path}.rays[{min(orbit) - len(vertices)}]: not an extreme ray")
    return looked


def _symmetry(dual: Dual, node: Node) -> list[list[int]]:
    """A matrix that multiplies points, denominator last, from the right, and carries the polyhedron to itself."""
    size = dual.size + 1
    matrix = [[0] * size for _ in range(size)]
    for i, row in enumerate(node.items()):
        for k, value in row.vector(size).items():
            if i >= size or value.denominator != 1:
                raise Malformed(f"{row.path} is not a row of {size} integers")
            matrix[i][k] = int(value)
    # Row (a, c) says c d - a . y >= 0 of a point (y, d); of its image it says the same of the point with this row.
    rows = {_primitive([*(-a for a in row[:-1]), row[-1]]) for row in dual.inequalities}
    carried = {_primitive([sum(x * y for x, y in zip(line, row, strict=True) if x) for line in matrix]) for row in rows}
    _demand(carried == rows, f"{node.path}: does not carry the polyhedron to itself")
    last = [line[-1] for line in matrix]
    _demand(not any(last[:-1]) and last[-1] > 0, f"{node.path}: carries points to infinity")
    return matrix


def _images(listed: list[tuple[int, ...]], matrix: list[list[int]], path: str) -> list[int]:
    """Where each listed vertex and ray goes."""
    place = {_primitive(point): k for k, point in enumerate(listed)}
    columns = list(zip(*matrix, strict=True))
    found = []
    for point in listed:
        image = _primitive([sum(x * y for x, y in zip(point, column, strict=True) if x) for column in columns])
        _demand(image in place, f"{path}: carries a listed vertex or ray to one that is not listed")
        found.append(place[image])
    return found


def _orbits(size: int, images: list[list[int]]) -> list[set[int]]:
    """Which numbers the permutations connect."""
    found: list[set[int]] = []
    seen: set[int] = set()
    for start in range(size):
        if start not in seen:
            orbit, queue = {start}, [start]
            while queue:
                k = queue.pop()
                fresh = {image[k] for image in images} - orbit
                orbit |= fresh
                queue += fresh
            seen |= orbit
            found.append(orbit)
    return found


def _sided_term(program: Program, node: Node, y: Vector, sign: int) -> Affine:
    """A vertex's term: its multiples of the right sides, and what parameters add to the estimand."""
    term = program.offset
    for i, multiple in y.items():
        term = term.plus(sign * multiple, program.right[i])
    node.only("multiples", "term", "equal", "witness" if node.has("witness") else "superfluous")
    listed = program.certificate.affine(node["term"])
    difference = listed.plus(-1, term)
    if node.has("equal"):
        program.check_zero(*program.over_strata(difference), node["equal"], "the term is that of its vertex")
    else:
        _demand(difference.equals(NOTHING), f"{node.path}.term: not the term of its vertex")
    return listed


def _check_terms(program: Program, nodes: list[Node], terms: list[Affine], sign: int) -> None:
    printed = {k: NOTHING.plus(sign, terms[k]) for k, node in enumerate(nodes) if node.has("witness")}
    _demand(bool(printed), f"{program.path}: no term has a witness")
    for k, node in enumerate(nodes):
        if k in printed:
            _check_witness(program, node["witness"], k, printed, sign)
        else:
            _check_superfluous(program, node["superfluous"], NOTHING.plus(sign, terms[k]), printed)


def _check_witness(program: Program, node: Node, k: int, printed: dict[int, Affine], sign: int) -> None:
    """A population of the model whose estimand is this term, and where every other printed term is worse."""
    strata, parameters, at = _population(program, node)
    estimand = sum((program.columns[j].cost * w for j, w in strata.items()), program.offset.at(parameters))
    value = printed[k].at(at)
    _demand(value == sign * estimand, f"{node.path}: the term is not the estimand of this population")
    rivals = all(value > other.at(at) for i, other in printed.items() if i != k)
    _demand(rivals, f"{node.path}: another term is as good here")


def _population(program: Program, node: Node) -> tuple[Vector, dict[str, Fraction], dict[str, Fraction]]:
    """Strata and parameters of a population of the model, and its data."""
    node.only("strata", "parameters")
    strata, parameters = node["strata"].vector(len(program.columns)), node["parameters"].rationals()
    _demand(all(w >= 0 for w in strata.values()), f"{node.path}: a probability is negative")
    _demand(set(parameters) == set(program.certificate.low), f"{node.path}: not a value for each parameter")
    _demand(program.certificate.in_range(parameters), f"{node.path}: a parameter is out of its range")
    sums = [Fraction(0)] * len(program.kinds)
    for j, weight in strata.items():
        for i, entry in program.columns[j].entries.items():
            sums[i] += entry * weight
    at = dict(parameters)
    for i, total in enumerate(sums):
        if program.kinds[i] == "cell":
            at[program.names[i]] = total
            continue
        right = program.right[i].at(parameters)
        holds = total == right if program.relations[i] == "=" else total <= right
        _demand(holds, f"{node.path}: the population breaks {program.names[i]}")
    return strata, parameters, at


def _check_superfluous(program: Program, node: Node, term: Affine, printed: dict[int, Affine]) -> None:
    """A weighted mean of printed terms is nowhere worse."""
    node.only("weights", "proof")
    size = max(printed) + 1
    weights = node["weights"].vector(size)
    proper = all(w >= 0 and k in printed for k, w in weights.items()) and sum(weights.values()) == 1
    _demand(proper, f"{node.path}.weights: not weights of printed terms that sum to one")
    mean = NOTHING.plus(-1, term)
    for k, weight in weights.items():
        mean = mean.plus(weight, printed[k])
    program.check_implied(mean, node["proof"], "printed terms are as good")


# ---------------------------------------------------------------- ratios
@dataclass(frozen=True)
class Edge:
    """An edge along which the ratio l changes: its fraction, the ends of l, and the ratios of the strata on it."""

    numerator: Affine
    divisor: Affine
    low: Fraction | None
    high: Fraction | None
    ratios: list[tuple[Fraction, Fraction]]

    def value(self, at: Mapping[str, Fraction]) -> Fraction | None:
        """The fraction at data where it is a bound: its divisor positive, and it between the ends."""
        over = self.divisor.at(at)
        if over <= 0:
            return None
        found = self.numerator.at(at) / over
        inside = (self.low is None or found >= self.low) and (self.high is None or found <= self.high)
        return found if inside else None

    @property
    def matters(self) -> bool:
        """Whether some mixture of the strata has a ratio strictly between the ends."""
        finite = [n / d for n, d in self.ratios if d]
        if not finite:
            return False
        least = None if any(not d and n < 0 for n, d in self.ratios) else min(finite)
        most = None if any(not d and n > 0 for n, d in self.ratios) else max(finite)
        reaches = self.high is None or least is None or least < self.high
        return reaches and (self.low is None or most is None or most > self.low)

    @property
    def flat(self) -> Fraction | None:
        """The one ratio that all strata have, if they do."""
        found = {n / d if d else None for n, d in self.ratios if n or d}
        return found.pop() if len(found) == 1 else None


def check_ratio(program: Program, node: Node) -> list[str]:
    """Both sides of a ratio whose divisor is not identified."""
    program.remove_impossible(node["impossible"])
    kept = program.independent(node["dependent"])
    lines = [f"{program.name} = {program.expression}"]
    _demand(all(program.columns[j].event >= 0 for j in program.possible), f"{program.path}: a divisor is negative")
    for name, sign, word in (("lower", 1, "largest"), ("upper", -1, "smallest")):
        if node[name].has("unbounded"):
            _check_unbounded(program, node[name], sign)
            lines.append(f"  {name} bound: none, at any data the ratio may be as {'small' if sign > 0 else 'large'} as")
            lines[-1] += " one likes"
            continue
        lines.append(f"  {name} bound, at almost all data: the {word} of")
        lines += [f"    {text}" for text in check_ratio_side(program, node[name], sign, kept)]
    return lines + program.divided()


def _check_unbounded(program: Program, side: Node, sign: int) -> None:
    """Strata of which more and more may be added: no row and no divisor sees them, and the numerator falls."""
    side.only("unbounded")
    strata = side["unbounded"].vector(len(program.columns))
    proper = all(w >= 0 and j in program.possible for j, w in strata.items())
    _demand(proper, f"{side.path}.unbounded: not multiples of possible strata that are not negative")
    sums = [Fraction(0)] * len(program.kinds)
    for j, w in strata.items():
        for i, entry in program.columns[j].entries.items():
            sums[i] += entry * w
    unseen = all(not x if program.relations[i] == "=" else x <= 0 for i, x in enumerate(sums))
    _demand(unseen, f"{side.path}.unbounded: a row says how much there is of these strata")
    event = sum((program.columns[j].event * w for j, w in strata.items()), Fraction(0))
    cost = sum((sign * program.columns[j].cost * w for j, w in strata.items()), Fraction(0))
    _demand(not event and cost < 0, f"{side.path}.unbounded: the ratio does not go on with these strata")


def check_ratio_side(program: Program, side: Node, sign: int, kept: list[int]) -> list[str]:
    """The polyhedron of duals and ratios is closed; every edge that matters has its fraction among the terms."""
    side.only("vertices", "rays", "constant", "terms")
    rows = len(program.kinds)
    dual = Dual(program, sign, kept, ratio=True)
    listed = [[node.vector(rows + 1) for node in side[key].items()] for key in ("vertices", "rays")]
    for i in set(range(rows)) - set(kept):
        _demand(not any(y.get(i) for part in listed for y in part), f"{side.path}: a dependent row is used")
    places = [*kept, rows]
    vertices = [_point([y.get(i, Fraction(0)) for i in places]) for y in listed[0]]
    rays = [_primitive(_integers([y.get(i, Fraction(0)) for i in places])) for y in listed[1]]
    for k, vertex in enumerate(vertices):
        feasible = all(_dot(row, vertex) <= row[-1] * vertex[-1] for row in dual.inequalities)
        _demand(feasible, f"{side.path}.vertices[{k}]: not dual feasible")
    twice = len(set(vertices)) < len(vertices) or len(set(rays)) < len(rays)
    _demand(not twice, f"{side.path}: a vertex or a ray is listed twice")
    ends = [*listed[0], *listed[1]]
    edges = {}
    for start, end in _check_closed(dual, vertices, rays, side):
        edge = _edge(program, sign, ends[start], ends[end], end >= len(vertices))
        if edge is not None:
            edges[start, end] = edge
    constant = _check_constant(program, side["constant"], sign)
    if not any(ray[-1] > 0 for ray in rays):
        _check_largest(program, side, listed[0], constant)
    terms = _check_fractions(side["terms"], edges, constant)
    _check_fraction_witnesses(program, side["terms"], terms, constant, sign)
    shown = [] if constant is None else [str(sign * constant)]
    shown += [_shown(program, term, sign) for term in terms]
    return [*shown, *(["(and it has no end where none of these applies)"] if constant is None else [])]


def _check_largest(program: Program, side: Node, vertices: list[Vector], constant: Fraction | None) -> None:
    """Where l has an end, strata of which the data say nothing have it as their ratio, and may outweigh all others.

    The bound then is this end wherever a vertex has it and y . p > 0: it is the constant, or nowhere so.
    """
    rows = len(program.kinds)
    largest = max(y.get(rows, Fraction(0)) for y in vertices)
    for k, y in enumerate(vertices):
        if y.get(rows, Fraction(0)) == largest and (constant is None or constant < largest):
            function = NOTHING
            for i in range(rows):
                function = function.plus(-y.get(i, Fraction(0)), program.right[i])
            never = program.is_nonnegative(function)
            _demand(never, f"{side.path}.vertices[{k}]: its ratio may be the bound, and it is not the constant")


def _edge(program: Program, sign: int, start: Vector, end: Vector, unbounded: bool) -> Edge | None:
    """On an edge y = a + l b, so that y . p = 0 where l = (a . p) / (-b . p)."""
    rows, zero = len(program.kinds), Fraction(0)
    here, there = start.get(rows, zero), end.get(rows, zero)
    rise = there if unbounded else there - here
    if not rise:
        return None
    numerator = divisor = NOTHING
    for i in range(rows):
        step = end.get(i, zero) - (zero if unbounded else start.get(i, zero))
        divisor = divisor.plus(-step / rise, program.right[i])
        numerator = numerator.plus(start.get(i, zero) - here * step / rise, program.right[i])
    if unbounded:
        low, high = (here, None) if rise > 0 else (None, here)
    else:
        low, high = min(here, there), max(here, there)
    ratios = []
    for j in program.possible:
        column = program.columns[j]
        at_start = sum((e * start.get(i, zero) for i, e in column.entries.items()), here * column.event)
        at_end = sum((e * end.get(i, zero) for i, e in column.entries.items()), there * column.event)
        cost = sign * column.cost
        if at_start == cost and at_end == (zero if unbounded else cost):
            ratios.append((cost, column.event))
    return Edge(numerator, divisor, low, high, ratios)


def _check_constant(program: Program, node: Node, sign: int) -> Fraction | None:
    """A number below every ratio that the model allows."""
    if node.none():
        return None
    node.only("value", "proof")
    value = sign * node["value"].rational()
    strata = {j: sign * program.columns[j].cost - value * program.columns[j].event for j in program.possible}
    program.check_nonnegative(strata, NOTHING, node["proof"], "the model allows no ratio beyond it")
    return value


def _check_fractions(node: Node, edges: dict[tuple[int, int], Edge], constant: Fraction | None) -> list[Edge]:
    """Each term is the fraction of its edges; edges without one do not matter, or give no more than the constant."""
    terms, named = [], set()
    ends = 1 + max((k for pair in edges for k in pair), default=0)
    for term in node.items():
        term.only("edges", "witness") if term.has("witness") else term.only("edges")
        own = []
        for pair in term["edges"].items():
            start, end = [k.index(ends) for k in pair.items()][:2]
            key = (start, end) if (start, end) in edges else (end, start)
            _demand(key in edges and key not in named, f"{pair.path}: not an edge of which nothing was said")
            named |= {key, (key[1], key[0])}
            own.append(edges[key])
        _demand(bool(own), f"{term.path}: it has no edge")
        first = own[0]
        same = all(e.numerator.equals(first.numerator) and e.divisor.equals(first.divisor) for e in own)
        _demand(same, f"{term.path}: the fractions of its edges differ")
        low = None if any(e.low is None for e in own) else min(e.low for e in own if e.low is not None)
        high = None if any(e.high is None for e in own) else max(e.high for e in own if e.high is not None)
        terms.append(Edge(first.numerator, first.divisor, low, high, [pair for e in own for pair in e.ratios]))
    for key, edge in edges.items():
        little = edge.flat is not None and constant is not None and edge.flat <= constant
        _demand(key in named or not edge.matters or little, f"{node.path}: the fraction of edge {key} is missing")
    return terms


def _check_fraction_witnesses(
    program: Program, node: Node, terms: list[Edge], constant: Fraction | None, sign: int
) -> None:
    """A population whose ratio is the term, where every other one that counts is worse."""
    for k, term in enumerate(node.items()):
        if not term.has("witness"):
            continue
        place = term["witness"]
        cost, event, at = program.ratio_at(place)
        value = terms[k].value(at)
        _demand(
            event > 0 and value == sign * cost / event, f"{place.path}: the term is not the ratio of this population"
        )
        others = [other.value(at) for i, other in enumerate(terms) if i != k]
        rivals = [rival for rival in (*others, constant) if rival is not None]
        _demand(value is not None and all(value > rival for rival in rivals), f"{place.path}: another term is as good")


def _shown(program: Program, term: Edge, sign: int) -> str:
    numerator, divisor = program.written(NOTHING.plus(sign, term.numerator)), program.written(term.divisor)
    ends = [
        str(sign * end) for end in ((term.low, term.high) if sign > 0 else (term.high, term.low)) if end is not None
    ]
    low, high = (term.low, term.high) if sign > 0 else (term.high, term.low)
    said = [f"at least {ends[0]}"] if low is not None else []
    said += [f"at most {ends[-1]}"] if high is not None else []
    return f"({numerator}) / ({divisor}) where the divisor is positive and it is {' and '.join(said) or 'finite'}"


# ---------------------------------------------------------------- weights: the program as the statements say it
class Elimination:
    """Vectors that are added one by one, able to say how another one depends on them."""

    def __init__(self) -> None:
        self.basis: list[tuple[int, Vector, Vector]] = []

    def depends(self, vector: Mapping[int, Fraction]) -> Vector | None:
        """The multiples of added vectors, by their labels, that sum to a vector."""
        rest, multiples = self._reduced(vector)
        return None if rest else multiples

    def add(self, label: int, vector: Mapping[int, Fraction]) -> Vector | None:
        """Add a vector, unless it depends on those before; then say how."""
        rest, multiples = self._reduced(vector)
        if not rest:
            return multiples
        pivot = min(rest)
        factor = 1 / rest[pivot]
        coordinates = {k: -c * factor for k, c in multiples.items()} | {label: factor}
        self.basis.append((pivot, {j: c * factor for j, c in rest.items()}, coordinates))
        return None

    def multiples(self, vector: Mapping[int, Fraction]) -> Vector:
        """The multiples of added vectors that sum to a vector, but for its rest."""
        return self._reduced(vector)[1]

    def rest(self, vector: Mapping[int, Fraction]) -> Vector:
        """What is left of a vector: the same for two whose difference depends on those that were added."""
        return self._reduced(vector)[0]

    def _reduced(self, vector: Mapping[int, Fraction]) -> tuple[Vector, Vector]:
        rest = {j: c for j, c in vector.items() if c}
        multiples: Vector = {}
        for pivot, other, coordinates in self.basis:
            factor = rest.get(pivot)
            if factor:
                _subtract(rest, factor, other)
                _subtract(multiples, -factor, coordinates)
        return rest, multiples


def _subtract(target: Vector, factor: Fraction, vector: Vector) -> None:
    for j, c in vector.items():
        value = target.get(j, Fraction(0)) - factor * c
        if value:
            target[j] = value
        else:
            target.pop(j, None)


class Identities:
    """Linear equalities that hold at all data of the model; by them some names are functions of the others."""

    def __init__(self) -> None:
        self.rest: dict[str, Affine] = {}

    def add(self, function: Affine) -> None:
        """This one is zero."""
        function = self._without(function)
        if not function.coefficients:
            return
        name = list(function.coefficients)[-1]
        c = function.coefficients[name]
        own = Affine(-function.constant / c, {k: -x / c for k, x in function.coefficients.items() if k != name})
        self.rest = {key: self._replaced(other, name, own) for key, other in self.rest.items()} | {name: own}

    def _without(self, function: Affine) -> Affine:
        for name, own in self.rest.items():
            function = self._replaced(function, name, own)
        return function

    def _replaced(self, function: Affine, name: str, own: Affine) -> Affine:
        c = function.coefficients.get(name)
        if not c:
            return function
        left = {k: x for k, x in function.coefficients.items() if k != name}
        return Affine(function.constant, left).plus(c, own)

    def plain(self, polynomial: Polynomial) -> Polynomial:
        """The same function in free names alone, in which equal functions are equal polynomials."""
        found = ZERO_
        for names, c in polynomial.terms.items():
            parts = (Polynomial.linear(self.rest[n]) if n in self.rest else Polynomial.name(n) for n in names)
            found += _times(Polynomial.of(c), parts)
        return found

    def equal(self, one: Function, other: Function) -> bool:
        """Whether two functions are the same at all data of the model."""
        difference = one + -other
        return not self.plain(difference.above)

    def point(self, names: Iterable[str], seed: int) -> dict[str, Fraction]:
        """Numbers for all names that meet the equalities."""
        found = {name: Fraction((seed * (k + 3) ** 3 + 17 * k) % 1009 + 1, 1013) for k, name in enumerate(names)}
        return found | {name: own.at(found) for name, own in self.rest.items()}


@dataclass(frozen=True)
class Mix:
    """Multiples of a unit's part in averages, or in their conditions; of the number one where there is no average."""

    parts: list[tuple[int | None, bool, Function]]

    def of(self, values: Sequence[tuple[Polynomial, Polynomial]]) -> Function:
        total = NONE
        for k, event, factor in self.parts:
            total += factor if k is None else factor * Function(values[k][event])
        return total

    def times(self, factor: Function) -> Mix:
        return Mix([(k, event, own * factor) for k, event, own in self.parts])


@dataclass(frozen=True)
class PosedRow:
    """A row whose entries may be functions of the data, with one of them for each stratum."""

    kind: str
    name: str
    relation: str
    right: Function
    entries: list[Function]


class Posed:
    """The program of an estimand whose coefficients may be functions of the data, over some strata."""

    def __init__(
        self,
        certificate: Certificate,
        numerator: Sum,
        divisor: Sum | None,
        strata: list[Known],
        ratio: bool = False,
    ) -> None:
        model = certificate.model
        # Whether the divisor is one that the data do not identify.
        self.ratio = ratio
        self.certificate, self.demands = certificate, model.demands()
        above, below = model.products(numerator, {}), None if divisor is None else model.products(divisor, {})
        averages: dict[Hashable, Average] = {}
        for group in (*(group for *_, group in self.demands), above, below or []):
            for _, factors in group:
                averages |= {average.key: averages.get(average.key, average) for average in factors}
        self.averages, self.number = list(averages.values()), {key: k for k, key in enumerate(averages)}
        self.weights = [average.weights() for average in self.averages]
        self.chosen = [block for block in model.blocks() if block.selection]
        # All is seen in a selection of unknown probability: unknowns are probabilities divided by that one.
        self.within = certificate.within
        self.strata = Strata(model, [a.value for a in self.averages], [block.chooses for block in self.chosen])
        self.answers = [self.strata.values(known) for known in strata]
        self.values = [self._polynomials(answer) for answer in self.answers if answer is not None]
        self.shares: dict[Hashable, Polynomial] = {}
        self.rows: list[PosedRow] = []
        self.mixes: list[Mix] = []
        self.zero: list[Polynomial] = []
        self.span, self.identities, self.known = Elimination(), Identities(), set[tuple[int, bool]]()
        for cells, complete in certificate.arms:
            if complete:
                self.identities.add(Affine(Fraction(-1), dict.fromkeys(cells, Fraction(1))))
        if len(self.values) == len(strata):
            self._observe()
            self._assume()
            self.cost: Mix
            self.event: Mix | None
            self.cost, self.event = self._quotient(above, below) if ratio else (self._objective(above, below), None)

    def _polynomials(self, answer: Any) -> list[tuple[Polynomial, Polynomial]]:
        """What a stratum adds to each average and to the probability of its condition."""
        found = []
        for weights, parts in zip(self.weights, answer, strict=False):
            pair = [ZERO_, ZERO_]
            for weight, part in zip(weights, parts, strict=True):
                pair = [total + weight.times(value) for total, value in zip(pair, part, strict=True)]
            found.append((pair[0], pair[1]))
        return found

    # ---------------- rows
    def _add(self, row: PosedRow) -> None:
        numbers = [entry.number for entry in row.entries]
        if row.relation == "=" and None not in numbers:
            multiples = self.span.add(len(self.rows), {j: c for j, c in enumerate(numbers) if c})
            if multiples is not None:
                demand = row.right + -self._combined(multiples)
                function = None if demand.powers else demand.above.affine
                if function is not None:
                    self.identities.add(function)
                    self.zero.append(Polynomial.linear(function))
        self.rows.append(row)

    def _combined(self, multiples: Vector) -> Function:
        total = NONE
        for i, c in multiples.items():
            total += self.rows[i].right.times(c)
        return total

    def _observe(self) -> None:
        start = len(self.averages)
        blocks = self.strata.blocks
        seen = [answer[start : start + len(blocks)] for answer in self.answers if answer is not None]
        for block in blocks:
            for cell in () if block.selection else block.cells.values():
                if not any(row.name == cell for row in self.rows):
                    inside = [UNIT if cell in own else NONE for own in seen]
                    self._add(PosedRow("cell", cell, "=", Function(Polynomial.name(cell)), inside))
        flags = [[bool(x) for x in answer[start + len(blocks) :]] for answer in self.answers if answer is not None]
        total = [UNIT if not self.within or own[0] else NONE for own in flags]
        self._add(PosedRow("total", "total", "=", UNIT, total))
        for k, block in enumerate(self.chosen):
            share = self._identified([ONE_ if own[k] else ZERO_ for own in flags])
            if share is None:
                raise Malformed("text: the probability of a selection is not known, and it is not the only law")
            for cell in block.cells.values():
                inside = [UNIT if cell in own else NONE for own in seen]
                self._add(PosedRow("selection", cell, "=", Function(Polynomial.name(cell)) * share, inside))

    def _assume(self) -> None:
        """Each in an order in which what it needs is identified by those before it."""
        waiting = list(self.demands)
        while waiting:
            for demand in waiting:
                row = self._assumption(*demand)
                if row is not None:
                    break
            else:
                raise Malformed("text: an assumption is not linear in what the data do not identify")
            self._add(row)
            waiting.remove(demand)

    def _assumption(self, label: str, relation: str, group: list[Product]) -> PosedRow | None:
        right, unknown = NONE, []
        for product in group:
            resolved = self._resolved(product)
            if resolved is None:
                return None
            coefficient, k = resolved
            mean = UNIT if k is None else None if coefficient.number is not None else self._mean(k)
            if mean is not None:
                right += -(coefficient * mean)
            elif k is not None:
                unknown.append((coefficient, k))
        events = {self._event(k) for _, k in unknown}
        if self.within and (len(events) > 1 or (right.above and events <= {None})):
            raise Malformed("text: an assumption compares what is seen in a selection with all units")
        if len(events) > 1:
            shares = [UNIT if self._event(k) is None else self._share(k) for _, k in unknown]
            if any(share is None for share in shares):
                return None
            parts = zip(unknown, shares, strict=True)
            unknown = [(c * share.inverse if share.above else NONE, k) for (c, k), share in parts if share is not None]
        mix: list[tuple[int | None, bool, Function]] = [(k, False, c) for c, k in unknown]
        if len(events) == 1 and events != {None} and right.above:
            k = unknown[0][1]
            share = self._share(k)
            right, mix = (right * share, mix) if share is not None else (NONE, [*mix, (k, True, -right)])
        self.mixes.append(Mix(mix))
        entries = [self.mixes[-1].of(values) for values in self.values]
        return PosedRow("assumption", label, relation, right, entries)

    # ---------------- what the data identify
    def _identified(self, values: Sequence[Polynomial]) -> Function | None:
        """The mean of a function of the stratum, where it is a combination of rows of numbers."""
        vectors: dict[tuple[str, ...], Vector] = {}
        for j, value in enumerate(values):
            for names, c in value.terms.items():
                vectors.setdefault(names, {})[j] = c
        total = NONE
        for names, vector in vectors.items():
            multiples = self.span.depends(vector)
            if multiples is None:
                return None
            total += Function(Polynomial({names: Fraction(1)})) * self._combined(multiples)
        return total

    def _part(self, k: int, event: bool) -> Function | None:
        found = self._identified([values[k][event] for values in self.values])
        if found is not None:
            self.known.add((k, event))
        return found

    def _share(self, k: int) -> Function | None:
        """The probability of a condition, which is not negative in the model, whatever it is as a polynomial."""
        share = self._part(k, True)
        if share is not None and share.above.names and not share.powers:
            self.shares[share.above.key] = share.above
        return share

    def is_nonnegative(self, polynomial: Polynomial) -> bool:
        """Whether a function is seen to be nowhere negative in the model, without factors that are probabilities."""
        if self.certificate.is_nonnegative(polynomial):
            return True
        plain = self.identities.plain(polynomial)
        shares = [self.identities.plain(share) for share in self.shares.values()]
        return any(
            self.certificate.is_nonnegative(_without(one, factors))
            for one, factors in ((polynomial, self.shares.values()), (plain, shares))
        )

    def _mean(self, k: int) -> Function | None:
        if self.within and not self.averages[k].conditional:
            return None
        value, share = self._part(k, False), self._share(k) if self.averages[k].conditional else UNIT
        return None if value is None or share is None or not share.above else value * share.inverse

    def _event(self, k: int) -> Hashable:
        """The condition of an average, by which units are in it."""
        return tuple(values[k][1].key for values in self.values) if self.averages[k].conditional else None

    def _resolved(self, product: Product) -> tuple[Function, int | None] | None:
        """A product as what is known times one average, or none."""
        coefficient, averages = Function(product[0]), list(product[1])
        if len(averages) > 1:
            for average in averages:
                mean = self._mean(self.number[average.key]) if average.may_multiply else None
                if mean is not None:
                    averages.remove(average)
                    return coefficient * mean, self.number[averages[0].key]
            return None
        return coefficient, self.number[averages[0].key] if averages else None

    # ---------------- the estimand
    def _objective(self, above: list[Product], below: list[Product] | None) -> Mix:
        """What each stratum adds to the estimand, as a function of the data."""
        mix, event = self._sum(above, below is not None)
        if below is None:
            return mix if event is None else mix.times(self._one_over(event))
        divisor, other = self._sum(below, True)
        if self.within and not self._same_event(event, other):
            raise Malformed("text: an estimand divides what is seen in a selection by a mean over all units")
        value = self._value(divisor)
        if value is None or not value.above:
            raise Malformed("text: the data do not identify the divisor of an estimand")
        if event is not None and self._same_event(event, other):
            return mix.times(value.inverse)
        if other is not None:
            value *= self._one_over(other)
        return mix.times(value.inverse if event is None else value.inverse * self._one_over(event))

    def _quotient(self, above: list[Product], below: list[Product] | None) -> tuple[Mix, Mix]:
        """What each stratum adds to the numerator of a ratio, and to its divisor."""
        mix, event = self._sum(above)
        whole = Mix([(event, event is not None, UNIT)])
        if below is None:
            return mix, whole
        divisor, other = self._sum(below)
        if self._same_event(event, other):
            return mix, divisor
        value = self._value(divisor)
        if self.within and (other is None or (event is None and value is None)):
            raise Malformed("text: an estimand divides what is seen in a selection by a mean over all units")
        if value is not None and value.above:
            return mix.times(value.inverse if other is None else (value * self._one_over(other)).inverse), whole
        factors = [UNIT if k is None else self._one_over(k) for k in (event, other)]
        return mix.times(factors[0]), divisor.times(factors[1])

    def _same_event(self, one: int | None, other: int | None) -> bool:
        if one is None or other is None:
            return one is other
        return self._event(one) == self._event(other)

    def _one_over(self, k: int) -> Function:
        share = self._share(k)
        if share is None or not share.above:
            raise Malformed("text: the data do not identify the condition of an estimand")
        return share.inverse

    def _value(self, mix: Mix) -> Function | None:
        """The mean of a mix, where the data identify it."""
        values = [mix.of(own) for own in self.values]
        known = [(UNIT if k is None else self._part(k, event)) for k, event, _ in mix.parts]
        total: Function | None = NONE
        if all(known):
            for (_, _, factor), part in zip(mix.parts, known, strict=True):
                total = total + factor * part if part is not None and total is not None else total
        else:
            self.mixes.append(mix)
            total = None if any(v.powers for v in values) else self._identified([v.above for v in values])
        if total is not None and total.above.names and not total.powers:
            self._note_sign(total.above, values)
        return total

    def _note_sign(self, mean: Polynomial, values: list[Function]) -> None:
        """The mean of what no stratum has less than nothing of is not negative in the model."""
        numbers = [value.number for value in values]
        if all(number is not None and number >= 0 for number in numbers):
            self.shares[mean.key] = mean

    def _sum(self, group: list[Product], quotient: bool = False) -> tuple[Mix, int | None]:
        """A sum of products; and the average whose condition all of them have, by the probability of which it is."""
        # Within a selection it stands for a mean over all units only where it is divided, or divides.
        constant, unknown = NONE, []
        for product in group:
            resolved = self._resolved(product)
            if resolved is None:
                raise Malformed("text: an estimand multiplies two probabilities that are not known")
            coefficient, k = resolved
            if k is None:
                constant += coefficient
            else:
                unknown.append((coefficient, k))
        events = {self._event(k) for _, k in unknown}
        shared = unknown[0][1] if len(events) == 1 and events != {None} else None
        whole = self.ratio or quotient
        mixed = len(events) > 1 if whole else None in events or not events or (constant.above and shared is None)
        if self.within and mixed:
            raise Malformed("text: an estimand is not given the selection")
        if len(events) > 1:
            unknown = [(c if self._event(k) is None else c * self._one_over(k), k) for c, k in unknown]
        parts: list[tuple[int | None, bool, Function]] = [(shared, True, constant)] if constant.above else []
        return Mix([*parts, *((k, False, c) for c, k in unknown)]), shared

    # ---------------- one population
    def cells_at(self, strata: Vector) -> dict[str, Fraction]:
        """The observed probabilities."""
        start, found = len(self.averages), dict[str, Fraction]()
        answers: dict[int, Any] = {j: self.answers[j] for j in strata}
        for k, block in enumerate(self.strata.blocks):
            whole = Fraction(1)
            if block.selection:
                flag = start + len(self.strata.blocks) + self.chosen.index(block)
                whole = sum((w for j, w in strata.items() if answers[j][flag]), Fraction(0)) or whole
            for cell in block.cells.values():
                inside = sum((w for j, w in strata.items() if answers[j][start + k] == cell), Fraction(0))
                found[cell] = inside / whole
        return found

    def meets(self, strata: Vector, at: Mapping[str, Fraction]) -> bool:
        """Whether strata meet all rows at data."""
        for row in self.rows:
            right = row.right.at(at)
            parts = [(row.entries[j].at(at), w) for j, w in strata.items()]
            if right is None or any(entry is None for entry, _ in parts):
                return False
            total = sum((entry * w for entry, w in parts if entry is not None), Fraction(0))
            if not (total == right if row.relation == "=" else total <= right):
                return False
        return True

    def mean(self, mix: Mix, strata: Vector, at: Mapping[str, Fraction]) -> Fraction | None:
        """The sum over strata of a mix at data; None where something is divided by zero."""
        parts = [(mix.of(self.values[j]).at(at), w) for j, w in strata.items()]
        if any(value is None for value, _ in parts):
            return None
        return sum((value * w for value, w in parts if value is not None), Fraction(0))

    # ---------------- all response types
    def key(self, answer: Any) -> Hashable:
        """What the program asks of a stratum: its entries, its cost, its conditions, and its part in what is known."""
        values = self._polynomials(answer)
        asked = [self.cost] if self.event is None else [self.cost, self.event]
        functions = [mix.of(values) for mix in (*self.mixes, *asked)]
        plain = tuple([self._plain(function) for function in functions])
        conditions = {(k, True) for k, average in enumerate(self.averages) if average.conditional}
        known = tuple([values[k][event].key for k, event in sorted(self.known | conditions)])
        return answer[len(self.averages) :], plain, known

    def _plain(self, function: Function) -> Hashable:
        below = frozenset((key, len(same)) for key, same in function.powers.items())
        return self.identities.plain(function.above).key, below if function.above else None


class Covered:
    """The listed strata, by what the program asks of them."""

    def __init__(self, posed: Posed) -> None:
        self.posed, self.seen = posed, dict[Hashable, Hashable]()
        self.keys = {self._key(answer) for answer in posed.answers}

    def _key(self, answer: Any) -> Hashable:
        if answer not in self.seen:
            self.seen[answer] = self.posed.key(answer)
        return self.seen[answer]

    def __contains__(self, answer: object) -> bool:
        return self._key(answer) in self.keys


# ---------------------------------------------------------------- weights: rows of numbers
WEIGHTED = "name expression columns rows others impossible dependent over printed lower upper".split()


@dataclass(frozen=True)
class Direction:
    """Costs as multiples of those of the weights, with points of the dual polyhedron at these costs."""

    multiples: list[Fraction]
    options: list[Vector]
    superfluous: set[int]


# A function of the data that is positive (``>``), or not negative (``>=``).
Guard = tuple[Polynomial, str]


# Weights, each with the functions of which the largest is taken times it.
Groups = list[tuple[Function, list[Function]]]


@dataclass(frozen=True)
class Applied:
    """What bounds the estimand where its guards hold: a function, and a sum of weights times the largest of some.

    The same may be said with more groups, as long as maxima that differ by one function are not joined.
    """

    guards: list[Guard]
    rest: Function
    groups: Groups
    weights: list[Polynomial] = field(default_factory=list)
    apart: tuple[Function, Groups] | None = None

    @property
    def ways(self) -> list[tuple[Function, Groups]]:
        """The ways in which it is said."""
        return [(self.rest, self.groups), *([] if self.apart is None else [self.apart])]

    @cached_property
    def options(self) -> list[list[Function]]:
        """In each way the functions of which it is the largest: all sums of one option of each group."""
        return [_sums(groups, rest) for rest, groups in self.ways]

    def times(self, factor: Function) -> Applied:
        ways = [(rest * factor, [(weight * factor, own) for weight, own in groups]) for rest, groups in self.ways]
        return Applied(self.guards, *ways[0], self.weights, *ways[1:])

    def given(self, guard: Guard) -> Applied:
        return Applied([*self.guards, guard], self.rest, self.groups, self.weights, self.apart)


class Weighted(Program):
    """An estimand whose program has weights, shares or a divisor that are functions of the data.

    Its rows become rows of numbers in unknowns that are strata divided by known shares; both have the same solutions.
    """

    keys, ratio = WEIGHTED, False
    of_column: tuple[str, ...] = ("scale",)

    def __init__(self, certificate: Certificate, node: Node) -> None:
        node.only(*self.keys)
        self.certificate, self.node, self.path = certificate, node, node.path
        self.name, model = node["name"].name(), certificate.model
        if self.name not in model.estimands:
            raise Malformed(f"{node.path}: the text has no estimand '{self.name[:80]}'")
        self.expression, numerator, divisor = model.estimands[self.name]
        node["expression"].same(self.expression, "not the expression of the text")
        self.columns = [Column(column, model, *self.of_column) for column in node["columns"].items()]
        strata = {tuple(sorted(column.known.items(), key=repr)) for column in self.columns}
        _demand(len(strata) == len(self.columns), f"{self.path}.columns: a stratum is listed twice")
        self.possible = list(range(len(self.columns)))
        self.posed = Posed(certificate, numerator, divisor, [c.known for c in self.columns], self.ratio)
        for column, answer in zip(self.columns, self.posed.answers, strict=True):
            _demand(answer is not None, f"{column.node.path}: the stratum leaves open what the program asks of it")
        self.strata = self.posed.strata
        self.same = self.posed.identities.equal
        self.offset = NOTHING
        self._read_rows()
        self._compare_entries()
        self.over = certificate.function(node["over"])
        self.complete = self._compare_strata(Covered(self.posed))

    def _read_rows(self) -> None:
        self.kinds, self.names, self.relations, self.right = [], [], [], []
        self.functions: list[Function] = []
        for i, row in enumerate(self.node["rows"].items()):
            row.only("kind", "relation", "right", "main", "of")
            kind, relation = row["kind"].text(), row["relation"].text()
            proper = kind in ("cell", "total", "assumption") and relation in ("=", "<=")
            if not proper or (kind == "cell" and relation != "="):
                raise Malformed(f"{row.path} is of no kind that there is")
            function = self.certificate.function(row["right"])
            name = str(function.above)
            self.kinds.append(kind)
            self.relations.append(relation)
            self.functions.append(function)
            self.names.append(name if name in self.certificate.cells and not function.powers else f"row {i}")
        self.row_of = {name: i for i, name in enumerate(self.names) if self.kinds[i] == "cell"}
        for i, function in enumerate(self.functions):
            affine = None if function.powers else function.above.affine
            # Of a right side that is no linear function of parameters and cells nothing is known but its name.
            known = (
                affine is not None and affine.coefficients.keys() <= self.certificate.low.keys() | self.row_of.keys()
            )
            self.right.append(affine if affine and known else Affine(Fraction(0), {f"row {i}": Fraction(1)}))
        self._name_shares()

    def _name_shares(self) -> None:
        """Sums of cells by which is divided get names, so that products of divisors stay short."""
        self.shares: dict[str, Polynomial] = {}
        known = {factor.key: factor for function in self.functions for factor in function.below}
        for factor in known.values():
            affine = factor.affine
            if affine is not None and affine.coefficients.keys() <= self.certificate.cells.keys():
                name = f"share {len(self.shares)}"
                self.shares[name] = factor
                self.posed.identities.add(Affine(Fraction(0), {name: Fraction(-1)}).plus(1, affine))

    def short(self, function: Function) -> Function:
        """The same function of shares and of as few cells as there are."""
        plain = self.posed.identities.plain
        return Function(plain(function.above), [plain(factor) for factor in function.below])

    def long(self, polynomial: Polynomial) -> Polynomial:
        """The same polynomial with shares written out."""
        found = ZERO_
        for names, c in polynomial.terms.items():
            found += _times(Polynomial.of(c), (self.shares.get(name, Polynomial.name(name)) for name in names))
        return found

    def _compare_entries(self) -> None:
        """Rows are multiples of the model's rows in other unknowns, and these follow from them."""
        size, posed = len(self.kinds), self.posed
        self.scales = [self.certificate.polynomial(column.node["scale"]) for column in self.columns]
        for column, scale in zip(self.columns, self.scales, strict=True):
            column.entries = {i: c for i, c in column.node["entries"].vector(size).items() if c}
            proper = bool(scale) and self.posed.is_nonnegative(scale)
            _demand(proper, f"{column.node.path}.scale: not seen to be positive")
        mains: dict[int, tuple[int, set[int]]] = {}
        for i, row in enumerate(self.node["rows"].items()):
            multiples = self._multiples(row["of"], len(posed.rows))
            main = None if row["main"].none() else row["main"].index(len(posed.rows))
            self._compare_row(i, row, multiples, main)
            if main is not None:
                mains[main] = i, set(multiples) - {main}
        follow = {self._follows(step) for step in self.node["others"].items()}
        self.equivalent = self._is_whole(mains, follow)

    def _multiples(self, node: Node, size: int) -> dict[int, Function]:
        return {Node(key, node.path).index(size): self.certificate.function(value) for key, value in node.pairs()}

    def _compare_row(self, i: int, row: Node, multiples: dict[int, Function], main: int | None) -> None:
        posed = self.posed
        relations = {k: posed.rows[k].relation for k in multiples}
        equalities = all(relation == "=" for k, relation in relations.items() if k != main)
        _demand(equalities, f"{row.path}.of: a multiple of an inequality is beside the main one")
        if main is not None:
            _demand(
                main in multiples and self._is_positive(multiples[main]), f"{row.path}.main: not a positive multiple"
            )
        kind = "total" if main is None else posed.rows[main].kind
        row["kind"].same("cell" if kind == "selection" else kind, "not the kind of the model's row")
        relation = "=" if main is None else relations[main]
        _demand(self.relations[i] == relation, f"{row.path}.relation: it is {relation}")
        right = NONE
        for k, multiple in multiples.items():
            right += multiple * posed.rows[k].right
        _demand(self.same(right, self.functions[i]), f"{row.path}.right: not what the model's rows say")
        for j, column in enumerate(self.columns):
            total = NONE
            for k, multiple in multiples.items():
                total += multiple * posed.rows[k].entries[j] * Function(self.scales[j])
            entry = column.entries.get(i, Fraction(0))
            _demand(
                self.same(total, Function(Polynomial.of(entry))), f"{column.node.path}: the entry of row {i} is wrong"
            )

    def _is_positive(self, function: Function) -> bool:
        parts = [function.above, *function.below]
        return bool(function.above) and all(self.posed.is_nonnegative(part) for part in parts)

    def _follows(self, step: Node) -> int:
        """An equality of the model that is a combination of the rows of numbers."""
        step.only("row", "of")
        k = step["row"].index(len(self.posed.rows))
        row, multiples = self.posed.rows[k], self._multiples(step["of"], len(self.kinds))
        equalities = row.relation == "=" and all(self.relations[i] == "=" for i in multiples)
        _demand(equalities, f"{step.path}: an inequality is no combination")
        right = NONE
        for i, multiple in multiples.items():
            right += multiple * self.functions[i]
        holds = self.same(right, row.right)
        for j, column in enumerate(self.columns):
            total = NONE
            for i, multiple in multiples.items():
                total += multiple.times(column.entries.get(i, Fraction(0)))
            holds = holds and self.same(total, row.entries[j] * Function(self.scales[j]))
        _demand(holds, f"{step.path}: the row is not this combination")
        return k

    def _is_whole(self, mains: dict[int, tuple[int, set[int]]], follow: set[int]) -> bool:
        """Whether no row of the model is left out: each follows from the rows of numbers."""
        progress = True
        while progress:
            fresh = {k for k, (_, others) in mains.items() if others <= follow} - follow
            progress = bool(fresh)
            follow |= fresh
        return follow >= set(range(len(self.posed.rows)))

    def independent(self, node: Node) -> list[int]:
        """The rows but those that are combinations of others."""
        dropped = {i.index(len(self.kinds)) for i in node.items()}
        span = Elimination()
        kept = [i for i in range(len(self.kinds)) if i not in dropped]
        for i in (*(i for i in kept if self.relations[i] == "="), *sorted(dropped)):
            vector = {j: e for j in self.possible if (e := self.columns[j].entries.get(i))}
            depends = span.add(i, vector) is not None
            _demand(depends or i in kept, f"{node.path}: row {i} is no combination of others")
            _demand(i in kept or self.relations[i] == "=", f"{node.path}: row {i} is an inequality")
        return kept

    @property
    def whole(self) -> bool:
        return self.equivalent

    def divisors(self) -> list[Polynomial]:
        functions = [f for row in self.posed.rows for f in (row.right, *row.entries)]
        functions += [*self.functions, *(Function(ONE_, [scale]) for scale in self.scales)]
        return list({factor.key: factor for function in functions for factor in function.below}.values())

    def same_polynomials(self, one: Polynomial, other: Polynomial) -> bool:
        return self.same(Function(one), Function(other))

    def seen_positive(self, polynomial: Polynomial) -> bool:
        return self.posed.is_nonnegative(polynomial)

    def assumed(self) -> tuple[list[Polynomial], list[Polynomial]]:
        return list(self.posed.shares.values()), self.posed.zero

    def combined(self, multiples: Vector) -> Function:
        """A combination of right sides."""
        total = NONE
        for i, c in multiples.items():
            total += self.functions[i].times(c)
        return total


QUOTIENT = "name expression columns rows others impossible dependent over lower upper".split()


class WeightedRatio(Weighted):
    """A ratio by what is unknown, whose rows, numerator or divisor have coefficients that are functions of the data.

    In the unknowns of the rows of numbers numerator and divisor are numbers, each times one function of the data.
    """

    keys, of_column, ratio = QUOTIENT, ("scale", "cost", "event"), True

    def __init__(self, certificate: Certificate, node: Node) -> None:
        super().__init__(certificate, node)
        _demand(self.equivalent, f"{self.path}.rows: a row of the model is left out")
        for column in self.columns:
            column.cost, column.event = column.node["cost"].rational(), column.node["event"].rational()
        event = self.posed.event
        assert event is not None
        factors = (
            self._factor(self.posed.cost, [column.cost for column in self.columns], "cost"),
            self._factor(event, [column.event for column in self.columns], "event"),
        )
        if factors[0] is not None and factors[1] is not None:
            same = self.same(self.over * factors[0], factors[1])
            _demand(same, f"{self.path}.over: not what numerator and divisor are divided by")
        self.sign = next((s for s in (1, -1) if self._is_positive(self.over.times(s))), 0)

    def _factor(self, mix: Mix, numbers: list[Fraction], what: str) -> Function | None:
        """The function of the data that stands beside the numbers; None where these are all zero."""
        own = [mix.of(values) * Function(scale) for values, scale in zip(self.posed.values, self.scales, strict=True)]
        factor = next((f.times(1 / c) for f, c in zip(own, numbers, strict=True) if c), None)
        for column, function, c in zip(self.columns, own, numbers, strict=True):
            expected = NONE if factor is None else factor.times(c)
            _demand(self.same(function, expected), f"{column.node.path}.{what}: not what the text says")
        return factor

    def divided(self) -> list[str]:
        if self.over.number == 1:
            return []
        turned = "" if self.sign > 0 else "; where that is negative, lower and upper change places"
        return [f"  both times {self.over.inverse}{turned}"]

    def written(self, function: Affine) -> str:
        found = self._expanded(function)
        wholes = [Polynomial({(cell,): Fraction(1) for cell in cells}) for cells, all_ in self.certificate.arms if all_]
        return str(Function(_without(found.above, wholes), [_without(factor, wholes) for factor in found.below]))

    def is_nonnegative(self, function: Affine) -> bool:
        found = self._expanded(function)
        return all(map(self.posed.is_nonnegative, (found.above, *found.below)))

    def ratio_at(self, node: Node) -> tuple[Fraction, Fraction, dict[str, Fraction]]:
        """The same at strata as the model has them, before they are divided by shares."""
        node.only("strata", "parameters", "laws")
        strata, at = node["strata"].vector(len(self.columns)), node["parameters"].rationals()
        _demand(set(at) == set(self.certificate.low), f"{node.path}: not a value for each parameter")
        _demand(self.certificate.in_range(at), f"{node.path}: a parameter is out of its range")
        at |= self._laws(node["laws"])
        at |= self.posed.cells_at(strata)
        proper = all(w >= 0 for w in strata.values()) and self.posed.meets(strata, at)
        _demand(proper, f"{node.path}: not a population of the model")
        event = self.posed.event
        assert event is not None
        over, cost = self.over.at(at), self.posed.mean(self.posed.cost, strata, at)
        divisor = self.posed.mean(event, strata, at)
        rights = {f"row {i}": function.at(at) for i, function in enumerate(self.functions)}
        _demand(None not in (over, cost, divisor, *rights.values()), f"{node.path}: a divisor is zero")
        known = {name: value for name, value in rights.items() if value is not None}
        return (over or Fraction(0)) * (cost or 0), divisor or Fraction(0), {**at, **known}

    def _laws(self, node: Node) -> dict[str, Fraction]:
        """Values for the laws of randomized variables."""
        found = node.rationals()
        for block in self.certificate.blocks:
            if block.law:
                own = [found.get(cell) for cell in block.cells.values()]
                proper = sum((x for x in own if x is not None), Fraction(0)) == 1
                _demand(proper and all(x is not None and x >= 0 for x in own), f"{node.path}: a law is not one")
        names = {cell for block in self.certificate.blocks if block.law for cell in block.cells.values()}
        _demand(set(found) == names, f"{node.path}: not the laws of the text")
        return found

    def _expanded(self, function: Affine) -> Function:
        """With what the names of right sides stand for."""
        found = Function(Polynomial.of(function.constant))
        for name, c in function.coefficients.items():
            own = self.functions[int(name[4:])] if name.startswith("row ") else Function(Polynomial.name(name))
            found += own.times(c)
        return found


class Objective:
    """The cost of each stratum as the sum of weights times numbers, and of what rows identify."""

    def __init__(self, program: Weighted, node: Node) -> None:
        certificate, size = program.certificate, len(program.columns)
        self.weights: list[Polynomial] = []
        self.costs: list[Vector] = []
        for each in node["weights"].items():
            each.only("weight", "costs")
            self.weights.append(certificate.polynomial(each["weight"]))
            self.costs.append(each["costs"].vector(size))
        identified: list[tuple[Polynomial, Vector]] = []
        self.fixed = NONE
        for each in node["identified"].items():
            each.only("weight", "multiples")
            weight, multiples = certificate.polynomial(each["weight"]), each["multiples"].vector(len(program.kinds))
            _demand(all(program.relations[i] == "=" for i in multiples), f"{each.path}: an inequality is used")
            identified.append((weight, multiples))
            self.fixed += Function(weight) * program.combined(multiples)
        for j in program.possible:
            entries, total = program.columns[j].entries, ZERO_
            for weight, costs in zip(self.weights, self.costs, strict=True):
                total += weight.times(costs.get(j, Fraction(0)))
            for weight, multiples in identified:
                total += weight.times(sum((c * entries.get(i, 0) for i, c in multiples.items()), Fraction(0)))
            own = program.posed.cost.of(program.posed.values[j]) * Function(program.scales[j]) * program.over
            _demand(program.same(own, Function(total)), f"{node.path}.weights: not the cost of stratum {j}")
        self.corners = corners(certificate, self.weights)


def corners(certificate: Certificate, weights: list[Polynomial]) -> list[list[Fraction]]:
    """Vectors of which the weights are a sum of multiples that are not negative, whatever the data are."""
    # A function that is linear in each law and in each parameter is a mean of its values at their ends.
    names = sorted(set[str]().union(*(weight.names for weight in weights)))
    blocks: list[list[str]] = []
    for cells, complete in certificate.arms:
        if complete and set(cells) & set(names) and not any(set(cells) & set(block) for block in blocks):
            blocks.append(cells)
    blocks += [[name] for name in names if not any(name in block for block in blocks)]
    ends = [_ends(certificate, block) for block in blocks]
    monomials = sorted({names for weight in weights for names in weight.terms})
    linear = all(sum(name in block for name in m) <= 1 for m in monomials for block in blocks)
    found = []
    if linear and prod(map(len, ends)) <= MOST_CORNERS:
        for corner in itertools.product(*ends):
            found.append([_at_corner(weight, blocks, corner) for weight in weights])
    else:
        for m in monomials:
            unit = [weight.terms.get(m, Fraction(0)) for weight in weights]
            found.append(unit)
            low = [certificate.low[name] for name in m if name in certificate.low]
            if any(end is None or end < 0 for end in low):
                found.append([-x for x in unit])
    return [list(corner) for corner in dict.fromkeys(map(tuple, found)) if any(corner)]


def _ends(certificate: Certificate, block: list[str]) -> list[tuple[Fraction, dict[str, Fraction]]]:
    """The ends of a law, or of the range of a name: what one is there, and each name; at infinity one is zero."""
    one, zero = Fraction(1), Fraction(0)
    name = block[0]
    if len(block) > 1:
        return [(one, {n: Fraction(n == chosen) for n in block}) for chosen in block]
    if name not in certificate.low:
        return [(one, {name: zero}), (one, {name: one})]
    low, high = certificate.low[name], certificate.high[name]
    found = [(one, {name: end}) for end in dict.fromkeys((low, high)) if end is not None] or [(one, {name: zero})]
    found += [(zero, {name: -one})] if low is None else []
    return found + ([(zero, {name: one})] if high is None else [])


def _at_corner(
    weight: Polynomial, blocks: list[list[str]], corner: Sequence[tuple[Fraction, dict[str, Fraction]]]
) -> Fraction:
    total = Fraction(0)
    for names, c in weight.terms.items():
        for block, (one, values) in zip(blocks, corner, strict=True):
            inside = [name for name in names if name in block]
            c *= values[inside[0]] if inside else one
        total += c
    return total


# ---------------------------------------------------------------- weights: one side
class WeightedSide:
    """One side: directions of weights with their options, pieces of directions, and the cells in which they suffice."""

    def __init__(self, program: Weighted, node: Node, sign: int, kept: list[int]) -> None:
        node.only("weights", "identified", "directions", "pieces", "cells", *(["cut"] if node.has("cut") else []))
        self.program, self.node, self.sign, self.kept = program, node, sign, kept
        self.objective = Objective(program, node)
        self.weights, self.costs = self.objective.weights, self.objective.costs
        self.corners = self.objective.corners
        self.directions = [self._direction(direction) for direction in node["directions"].items()]
        self.pieces = [self._piece(piece) for piece in node["pieces"].items()]
        _demand(bool(self.pieces), f"{node.path}.pieces: there is none")
        self._check_cells(node["cells"], [])
        self.cut: set[int] = set()
        if node.has("cut"):
            self._check_cuts(node["cut"])

    def _direction(self, node: Node) -> Direction:
        """Every option is dual feasible, and what is said to be superfluous is."""
        node.only("direction", "options")
        program, size = self.program, len(self.program.kinds)
        multiples = node["direction"].vector(len(self.weights))
        options, superfluous = [], set()
        for k, option in enumerate(node["options"].items()):
            option.only("multiples", *(["superfluous"] if option.has("superfluous") else []))
            y = option["multiples"].vector(size)
            _demand(all(i in self.kept or not c for i, c in y.items()), f"{option.path}: a dependent row is used")
            signs = all(c <= 0 for i, c in y.items() if program.relations[i] == "<=")
            _demand(signs and self._is_feasible(y, multiples), f"{option.path}: not dual feasible, so it is not valid")
            options.append(y)
            superfluous |= {k} if option.has("superfluous") else set()
        for k in superfluous:
            self._check_superfluous(node["options"].items()[k]["superfluous"], k, options, superfluous)
        own = [multiples.get(i, Fraction(0)) for i in range(len(self.weights))]
        _demand(len(superfluous) < len(options), f"{node.path}.options: none is printed")
        return Direction(own, options, superfluous)

    def _is_feasible(self, y: Vector, direction: Vector) -> bool:
        program = self.program
        for j in program.possible:
            cost = sum((c * self.costs[i].get(j, 0) for i, c in direction.items()), Fraction(0))
            entries = program.columns[j].entries
            if sum((c * entries.get(i, 0) for i, c in y.items()), Fraction(0)) > self.sign * cost:
                return False
        return True

    def _check_superfluous(self, node: Node, k: int, options: list[Vector], superfluous: set[int]) -> None:
        """A mean of other options is nowhere worse, by the rows of the program."""
        node.only("weights", "proof")
        weights = node["weights"].vector(len(options))
        proper = all(w >= 0 and i not in superfluous for i, w in weights.items()) and sum(weights.values()) == 1
        _demand(proper, f"{node.path}.weights: not weights of printed options that sum to one")
        parts = [(Fraction(-1), options[k]), *((w, options[other]) for other, w in weights.items())]
        self._check_difference(parts, node["proof"])

    def _check_difference(self, parts: Iterable[tuple[Fraction, Vector]], proof: Node) -> None:
        """A combination of options is nowhere negative, by the rows of the program."""
        program, difference = self.program, dict[int, Fraction]()
        for w, option in parts:
            for i, c in option.items():
                difference[i] = difference.get(i, Fraction(0)) + w * c
        strata, rest = dict.fromkeys(program.possible, Fraction(0)), NOTHING
        for i, c in difference.items():
            if program.kinds[i] == "cell":
                for j in program.possible:
                    strata[j] += c * program.columns[j].entries.get(i, 0)
            else:
                rest = rest.plus(c, program.right[i])
        program.check_nonnegative(strata, rest, proof, "other options are as good")

    # ---------------- pieces and cells
    def _piece(self, node: Node) -> list[tuple[int, list[Fraction]]]:
        """Directions that span all weights, each with its multiple as a function of the weights."""
        size = len(self.weights)
        numbers = [k.index(len(self.directions)) for k in node.items()]
        _demand(len(numbers) == size, f"{node.path}: not as many directions as weights")
        inverse = _inverse([self.directions[k].multiples for k in numbers])
        if inverse is None:
            raise Wrong(f"{node.path}: its directions do not span all weights")
        # The weights are the sum of multiples times directions.
        return [(k, [line[p] for line in inverse]) for p, k in enumerate(numbers)]

    def _check_cuts(self, node: Node) -> None:
        """Pieces that are never needed: a direction inside cuts them into smaller ones, which are as good."""
        # Its options are at least each sum of options of the piece in its direction. At the weights that one of the
        # smaller pieces has, the sum of the piece is a mean of sums of the smaller one, or below it.
        listed = [cut["piece"].index(len(self.pieces)) for cut in node.items()]
        for cut, p in zip(node.items(), listed, strict=True):
            cut.only("piece", "direction", "means")
            inside, piece = cut["direction"].index(len(self.directions)), self.pieces[p]
            numbers = [number for number, _ in piece]
            shares = [value_at(multiple, self.directions[inside].multiples) for _, multiple in piece]
            part = [k for k, share in enumerate(shares) if share]
            proper = p not in self.cut and min(shares) >= 0 and len(part) > 1
            _demand(proper, f"{cut.path}.direction: it does not cut the piece")
            choices = [self._shown(numbers[k]) for k in part]
            if prod(map(len, choices)) > MOST_SUMS:
                raise Malformed(f"{cut.path}: there are too many combinations of options")
            for chosen, mean in _paired(list(itertools.product(*choices)), cut["means"]):
                mean.only("weights", "proof")
                weights, own = mean["weights"].vector(len(self.directions[inside].options)), self._shown(inside)
                fine = all(w >= 0 and k in own for k, w in weights.items()) and sum(weights.values()) == 1
                _demand(fine, f"{mean.path}.weights: not weights of printed options that sum to one")
                parts = [(w, self.directions[inside].options[k]) for k, w in weights.items()]
                parts += [
                    (-shares[k], self.directions[numbers[k]].options[o]) for k, o in zip(part, chosen, strict=True)
                ]
                self._check_difference(parts, mean["proof"])
            for k in part:
                smaller = [inside if i == k else number for i, number in enumerate(numbers)]
                _demand(self._is_left(smaller, set(listed)), f"{cut.path}: a smaller piece is none, or cut later")
            self.cut.add(p)

    def _shown(self, number: int) -> list[int]:
        direction = self.directions[number]
        return [k for k in range(len(direction.options)) if k not in direction.superfluous]

    def _is_left(self, numbers: list[int], cut: set[int]) -> bool:
        """Whether directions are those of a piece that is left, or was cut before, or applies at most on a border."""
        for p, piece in enumerate(self.pieces):
            if {number for number, _ in piece} == set(numbers):
                return p not in cut or p in self.cut
        inverse = _inverse([self.directions[k].multiples for k in numbers])
        lines = [] if inverse is None else [[line[p] for line in inverse] for p in range(len(numbers))]
        values = [[value_at(line, corner) for corner in self.corners] for line in lines]
        return any(max(row) <= 0 and min(row) < 0 for row in values)

    def guards(self, piece: list[tuple[int, list[Fraction]]]) -> list[list[Fraction]]:
        """The multiples that may be negative."""
        return [m for _, m in piece if any(value_at(m, corner) < 0 for corner in self.corners)]

    def combinations(self, piece: list[tuple[int, list[Fraction]]]) -> Iterator[list[tuple[int, int]]]:
        """Every choice of one option in each direction that counts, as numbers of directions and options."""
        counts = [p for p, (_, m) in enumerate(piece) if any(value_at(m, corner) for corner in self.corners)]
        choices = [[(p, k) for k in range(len(self.directions[piece[p][0]].options))] for p in counts]
        if prod(map(len, choices)) > MOST_SUMS:
            raise Malformed(f"{self.node.path}: there are too many combinations of options")
        yield from map(list, itertools.product(*choices))

    def _check_cells(self, node: Node, path: list[list[Fraction]]) -> None:
        """Cells cover all weights: one is cut in two, or empty, or the pieces that apply give all vertices there."""
        if node.has("cone") and not path:
            node.only("cone")
            self._check_cone(node)
        elif node.has("piece"):
            node.only("piece", "position", "positive", "negative")
            piece = self.pieces[node["piece"].index(len(self.pieces))]
            guard = piece[node["position"].index(len(piece))][1]
            self._check_cells(node["positive"], [*path, guard])
            self._check_cells(node["negative"], [*path, [-x for x in guard]])
        elif node.has("empty"):
            node.only("empty")
            multiples = [value.rational() for value in node["empty"].items()]
            proper = len(multiples) == len(path) and any(multiples) and all(x >= 0 for x in multiples)
            nowhere = proper and all(
                sum(x * value_at(guard, corner) for x, guard in zip(multiples, path, strict=True)) <= 0
                for corner in self.corners
            )
            _demand(nowhere, f"{node.path}: the cell is not seen to be empty")
        else:
            node.only("point")
            self._check_cell(node, path)

    def _check_cone(self, node: Node) -> None:
        """Where one piece applies everywhere: the duals at its multiples of directions are a cone."""
        # Each extreme ray has costs in one direction, and is an option there, or has no costs. So the minimum is the
        # sum of multiples times the largest option in each direction.
        program, size = self.program, len(self.kept)
        _demand(len(self.pieces) == 1 and not self.guards(self.pieces[0]), f"{node.path}: there are several pieces")
        directions = [self.directions[number] for number, _ in self.pieces[0]]
        place = {i: k for k, i in enumerate(self.kept)}
        rows: dict[tuple[int, ...], None] = {}
        for j in program.possible:
            row = [Fraction(0)] * size
            for i, entry in program.columns[j].entries.items():
                if i in place:
                    row[place[i]] = entry
            costs = (
                sum((c * own.get(j, 0) for c, own in zip(direction.multiples, self.costs, strict=True)), Fraction(0))
                for direction in directions
            )
            rows[_primitive(_integers([*row, *(-self.sign * cost for cost in costs)]))] = None
        signs = {place[i]: 1 for i in self.kept if program.relations[i] == "<="}
        signs |= {size + k: -1 for k in range(len(directions))}
        rows |= {tuple(sign * (k == i) for k in range(size + len(directions))): None for i, sign in signs.items()}
        rays = extreme_rays([row for row in rows if any(row)], size + len(directions))
        if rays is None:
            raise Wrong(f"{node.path}: the cone of duals and weights has a line")
        known = [{tuple(y.get(i, Fraction(0)) for i in self.kept) for y in d.options} for d in directions]
        for ray in rays:
            costly = [k for k in range(len(directions)) if ray[size + k]]
            _demand(len(costly) <= 1, f"{node.path}: not complete: an option has costs in several directions")
            for k in costly:
                option = tuple(Fraction(x, ray[size + k]) for x in ray[:size])
                _demand(option in known[k], f"{node.path}: not complete: an option is not listed")

    def _check_cell(self, node: Node, path: list[list[Fraction]]) -> None:
        """At weights inside of a cell every edge of the dual polyhedron ends at a sum of options.

        Each sum meets the same inequalities as equalities all over the inside: vertices and edges are the same there.
        """
        program = self.program
        multiples = node["point"].vector(len(self.corners))
        whole = len(multiples) == len(self.corners) and all(x > 0 for x in multiples.values())
        _demand(whole, f"{node.path}: not a positive multiple of each corner")
        size = range(len(self.weights))
        at = [sum((x * self.corners[c][i] for c, x in multiples.items()), Fraction(0)) for i in size]
        _demand(all(value_at(guard, at) > 0 for guard in path), f"{node.path}: the weights are not inside the cell")
        for j in program.possible:
            costs = (x * own.get(j, 0) for x, own in zip(at, self.costs, strict=True))
            program.columns[j].cost = sum(costs, Fraction(0))
        points: set[tuple[int, ...]] = set()
        for piece in self.pieces:
            if not all(self._holds(guard, path) for guard in self.guards(piece)):
                continue
            for chosen in self.combinations(piece):
                total: Vector = {}
                for p, k in chosen:
                    direction, multiple = self.directions[piece[p][0]], value_at(piece[p][1], at)
                    for i, c in direction.options[k].items():
                        total[i] = total.get(i, Fraction(0)) + multiple * c
                points.add(_point([total.get(i, Fraction(0)) for i in self.kept]))
        self._check_all(Dual(program, self.sign, self.kept), points, node)

    def _holds(self, guard: list[Fraction], path: list[list[Fraction]]) -> bool:
        """Whether a function is not negative in a cell: a positive multiple of one by which the cell is cut."""
        return any(parallel(guard, other) for other in path)

    def _check_all(self, dual: Dual, points: set[tuple[int, ...]], node: Node) -> None:
        """From one vertex on, all vertices are among the points: they hang together by edges."""
        first = next((point for point in sorted(points) if dual.edges(point) is not None), None)
        if first is None:
            raise Wrong(f"{node.path}: no sum of options is a vertex")
        seen, pending = {first}, [first]
        while pending:
            vertex = pending.pop()
            for edge in dual.edges(vertex) or ():
                end = dual.end(vertex, edge)
                if end is not None and end not in seen:
                    _demand(end in points, f"{node.path}: not complete: a vertex is no sum of options")
                    seen.add(end)
                    pending.append(end)

    # ---------------- as functions of the data
    def applied(self) -> list[Applied]:
        """The pieces as functions of the data, before they are divided."""
        program, found = self.program, []
        options = [
            [
                program.short(program.combined(y).times(self.sign))
                for k, y in enumerate(d.options)
                if k not in d.superfluous
            ]
            for d in self.directions
        ]
        fixed = program.short(self.objective.fixed)
        comparison = Comparison(program)
        for p, piece in enumerate(self.pieces):
            if p in self.cut:
                continue
            single = [
                (program.short(Function(self._weight(multiple))), options[number])
                for number, multiple in piece
                if any(value_at(multiple, corner) for corner in self.corners)
            ]
            rest, groups = comparison.joined(fixed, single)
            guards: list[Guard] = [(self._weight(guard), ">=") for guard in self.guards(piece)]
            apart = (fixed, single) if len(groups) < len(single) else None
            found.append(Applied(guards, rest, groups, apart=apart))
        return found

    def _weight(self, multiples: list[Fraction]) -> Polynomial:
        total = ZERO_
        for c, weight in zip(multiples, self.weights, strict=True):
            total += weight.times(c)
        return total


def value_at(function: Sequence[Fraction], point: Sequence[Fraction]) -> Fraction:
    """The value of a linear function without a constant."""
    return sum((a * x for a, x in zip(function, point, strict=True)), Fraction(0))


def parallel(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    """Whether one is a positive multiple of the other."""
    k = next((k for k, x in enumerate(other) if x), None)
    if k is None or one[k] / other[k] <= 0:
        return False
    return all(x == one[k] / other[k] * y for x, y in zip(one, other, strict=True))


def _inverse(rows: list[list[Fraction]]) -> list[list[Fraction]] | None:
    """The inverse of a square matrix; None where there is none."""
    size = len(rows)
    wide = [[*row, *(Fraction(i == k) for k in range(size))] for i, row in enumerate(rows)]
    for c in range(size):
        pivot = next((r for r in range(c, size) if wide[r][c]), None)
        if pivot is None:
            return None
        wide[c], wide[pivot] = wide[pivot], wide[c]
        wide[c] = [x / wide[c][c] for x in wide[c]]
        for r in range(size):
            if r != c and wide[r][c]:
                wide[r] = [x - wide[r][c] * y for x, y in zip(wide[r], wide[c], strict=True)]
    return [row[size:] for row in wide]


def _sums(groups: list[tuple[Function, list[Function]]], rest: Function) -> list[Function]:
    """All sums of one option of each group times its weight."""
    if prod(len(options) for _, options in groups) > MOST_SUMS:
        raise Malformed("there are too many combinations of options")
    found = [rest]
    for weight, options in groups:
        weighed = [weight * option for option in options]
        found = [total + own for total in found for own in weighed]
    return found


# ---------------------------------------------------------------- weights: what is printed
def check_weighted(program: Weighted, node: Node) -> list[str]:
    """Both sides of an estimand with weights, and that they are what is printed."""
    sides, certificate, printed = proved_sides(program, node), program.certificate, node["printed"]
    printed.only("denominator", "lower", "upper", *(["beside"] if printed.has("beside") else []))
    below = ONE_ if printed["denominator"].none() else certificate.polynomial(printed["denominator"])
    _demand(program.posed.is_nonnegative(below), f"{printed.path}.denominator: it may be negative")
    whole = program.short(Function(below))
    lines = [f"{program.name} = {program.expression}"]
    for (name, sign), own in zip(SIDES, sides, strict=True):
        pieces = [_read_piece(certificate, piece, name) for piece in printed[name].items()]
        beside = printed["beside"][name].items() if printed.has("beside") else []
        left = [_read_piece(certificate, piece, name) for piece in beside]
        shown = [piece.over(whole, program) for piece in (*pieces, *left)]
        _compare_printed(program, printed[name], own, shown, sign)
        count = f"{len(pieces)} pieces" if not left else f"{len(pieces)} + {len(left)} pieces"
        lines.append(f"  {name} bound: the {'largest' if sign > 0 else 'smallest'} of {count} that apply")
        lines += [f"    {piece}" for piece in pieces]
        if left:
            lines.append("    and those that are not printed; that these are never needed is no part of this proof:")
            lines += [f"    {piece}" for piece in left]
    return lines + ([] if printed["denominator"].none() else [f"  divided by {below}"])


SIDES = (("lower", 1), ("upper", -1))


def proved_sides(program: Weighted, node: Node) -> list[list[Applied]]:
    """What is proved of both sides, divided by the divisor."""
    program.remove_impossible(node["impossible"])
    kept = program.independent(node["dependent"])
    found = [WeightedSide(program, node[name], sign, kept) for name, sign in SIDES]
    identified = not any(side.weights for side in found)
    _demand(program.equivalent or identified, f"{program.path}.rows: a row of the model is left out")
    sides, over = [side.applied() for side in found], program.over
    _demand(all(map(program.posed.is_nonnegative, over.below)), f"{program.path}.over: its divisor may be negative")
    if not program.posed.is_nonnegative(over.above):
        sides = _by_sign(sides, over, program.posed.is_nonnegative(-over.above))
    divisor = program.short(over).inverse
    return [[each.times(divisor) for each in side] for side in sides]


def unprinted_pieces(program: Weighted, node: Node) -> dict[str, list[tuple[list[Guard], list[Function]]]]:
    """For each side what is proved and not printed: guards, and the functions that apply where they hold."""
    below = (
        ONE_
        if node["printed"]["denominator"].none()
        else program.certificate.polynomial(node["printed"]["denominator"])
    )
    whole, found = program.short(Function(below)), {}
    for (name, sign), own in zip(SIDES, proved_sides(program, node), strict=True):
        pieces = [_read_piece(program.certificate, piece, name) for piece in node["printed"][name].items()]
        left: dict[int, tuple[list[Guard], list[Function]]] = {}
        shown = [piece.over(whole, program) for piece in pieces]
        for applied, function in unprinted(Comparison(program), own, shown, sign):
            times = function * whole
            long = Function(program.long(times.above), [program.long(factor) for factor in times.below])
            left.setdefault(id(applied), (applied.guards, []))[1].append(long)
        found[name] = list(left.values())
    return found


def _by_sign(sides: list[list[Applied]], over: Function, negative: bool) -> list[list[Applied]]:
    """Where the divisor is negative the largest becomes the smallest, and the other way round."""
    if negative:
        return [sides[1], sides[0]]
    above = [[each.given((over.above, ">")) for each in side] for side in sides]
    below = [[each.given((-over.above, ">")) for each in side] for side in sides]
    return [above[0] + below[1], above[1] + below[0]]


@dataclass(frozen=True)
class PrintedPiece:
    """A sum of weights times the largest (smallest) of some functions, which applies where others are not negative."""

    word: str
    guards: list[Guard]
    summands: list[tuple[Polynomial, list[Function]]]

    def over(self, below: Function, program: Weighted) -> Applied:
        """The same, divided."""
        short = program.short
        groups: Groups = []
        rest = NONE
        for weight, options in self.summands:
            over, own = short(Function(weight)) * below.inverse, [short(option) for option in options]
            if len(own) > 1:
                groups.append((over, own))
            else:
                rest += over * own[0]
        return Applied(self.guards, rest, groups, [weight for weight, options in self.summands if len(options) > 1])

    def __str__(self) -> str:
        parts = []
        for weight, options in self.summands:
            inner = str(options[0]) if len(options) == 1 else f"{self.word}({', '.join(map(str, options))})"
            parts.append(inner if weight.number == 1 else f"({weight}) * ({inner})")
        said = " and ".join(f"{guard} {relation} 0" for guard, relation in self.guards)
        return " + ".join(parts) + (f" where {said}" if said else "")


def _read_piece(certificate: Certificate, node: Node, name: str) -> PrintedPiece:
    node.only("if", "sum")
    guards = []
    for guard in node["if"].items():
        guard.only("value", "relation")
        if guard["relation"].text() not in (">", ">="):
            raise Malformed(f"{guard.path}.relation is not a relation")
        guards.append((certificate.polynomial(guard["value"]), guard["relation"].text()))
    summands = []
    for summand in node["sum"].items():
        summand.only("weight", "op", "options")
        summand["op"].same("max" if name == "lower" else "min", "not that of its side")
        weight, options = certificate.polynomial(summand["weight"]), summand["options"].items()
        summands.append((weight, [certificate.function(option) for option in options]))
    if not summands or not all(options for _, options in summands):
        raise Malformed(f"{node.path} says nothing")
    return PrintedPiece("max" if name == "lower" else "min", guards, summands)


def _compare_printed(program: Weighted, node: Node, own: list[Applied], printed: list[Applied], sign: int) -> None:
    """Each printed function is proved where it applies, and each that is proved is printed, or one that is as good."""
    comparison = Comparison(program)
    for k, each in enumerate(printed):
        signs = all(comparison.is_positive(weight, each.guards) for weight in each.weights)
        _demand(signs, f"{node.path}[{k}]: a weight may be negative where it applies")
        there = [other for other in own if comparison.within(other.guards, each.guards)]
        if any(comparison.is_one(each, other) for other in there):
            continue
        proved = [f for other in there for way in other.options for f in way]
        for function in each.options[0]:
            known = comparison.is_among(function, proved)
            _demand(known, f"{node.path}[{k}]: not what is proved where it applies")
    for _, function in unprinted(comparison, own, printed, sign):
        _demand(False, f"{node.path}: an option that is proved is not printed: {str(function)[:200]}")


def unprinted(
    comparison: Comparison, own: list[Applied], printed: list[Applied], sign: int
) -> Iterator[tuple[Applied, Function]]:
    """What is proved and not printed, nor anything that is seen to be as good; joined or not, whichever leaves less."""
    for each in own:
        there = [other for other in printed if comparison.within(other.guards, each.guards)]
        if any(comparison.is_one(other, each) for other in there):
            continue
        shown = [f for other in there for f in other.options[0]]
        ways = [[f for f in way if not comparison.covers(shown, f, sign)] for way in each.options]
        yield from ((each, function) for function in min(ways, key=len))


class Comparison:
    """Which functions of the data are the same, or nowhere worse, and which guards hold where others do."""

    def __init__(self, program: Weighted) -> None:
        self.program, identities = program, program.posed.identities
        names = sorted({*program.certificate.cells, *program.certificate.low, *program.shares})
        self.points = [identities.point(names, seed) for seed in (5, 11, 23)]
        self.marks: dict[Hashable, tuple[Fraction | None, ...]] = {}

    def mark(self, function: Function) -> tuple[Fraction | None, ...]:
        """Values at a few places: those of functions that are the same are the same."""
        if function.key not in self.marks:
            self.marks[function.key] = tuple(function.at(point) for point in self.points)
        return self.marks[function.key]

    # ---------------- sums of maxima
    def joined(self, rest: Function, single: Groups) -> tuple[Function, Groups]:
        """Maxima that differ by one function together, which then is added: u max + w max."""
        groups: Groups = []
        for weight, options in single:
            for k, (own, others) in enumerate(groups):
                shift = self.shift(options, others)
                if shift is not None:
                    groups[k] = own + weight, others
                    rest += weight * shift
                    break
            else:
                groups.append((weight, options))
        return rest, groups

    def shift(self, options: list[Function], others: list[Function]) -> Function | None:
        """What is added to some options to give others, in any order."""
        if len(options) != len(others):
            return None
        for first in options:
            shift = first + -others[0]
            left = {self.mark(other + shift): other for other in others}
            if {self.mark(option) for option in options} != left.keys() or len(left) < len(options):
                continue
            if all(self.program.same(option, left[self.mark(option)] + shift) for option in options):
                return shift
        return None

    def is_one(self, one: Applied, other: Applied) -> bool:
        """Whether two sums of maxima have the same weights, with options that differ by one function."""
        return any(self._is_way(one, *way) for way in other.ways)

    def _is_way(self, one: Applied, rest: Function, groups: Groups) -> bool:
        left = list(groups)
        for weight, options in one.groups:
            for k, (own, others) in enumerate(left):
                shift = self.shift(others, options) if self.program.same(own, weight) else None
                if shift is not None:
                    rest += weight * shift
                    del left[k]
                    break
            else:
                return False
        # A group of one option is a function that is added.
        if any(len(options) > 1 for _, options in left):
            return False
        for weight, options in left:
            rest += weight * options[0]
        return self.program.same(rest, one.rest)

    # ---------------- functions and guards
    def keys(self, guards: list[Guard]) -> set[tuple[Hashable, str]]:
        """Those that may fail, but for a positive multiple."""
        plain, nonnegative = self.program.posed.identities.plain, self.program.posed.is_nonnegative
        found = [(plain(guard), relation) for guard, relation in guards if not nonnegative(guard)]
        return {(guard.times(1 / abs(guard.terms[min(guard.terms)])).key, r) for guard, r in found if guard}

    def within(self, guards: list[Guard], others: list[Guard]) -> bool:
        """Whether some guards hold wherever others do."""
        given = self.keys(others)
        return all((key, ">") in given or (key, relation) in given for key, relation in self.keys(guards))

    def is_positive(self, weight: Polynomial, guards: list[Guard]) -> bool:
        """Whether a function is nowhere negative where guards hold: the sum of some, and of what never is."""
        if self.within([(weight, ">=")], guards):
            return True
        sizes = range(2, len(guards) + 1) if len(guards) <= MOST_GUARDS else ()
        sums = (sum((guard for guard, _ in some), ZERO_) for k in sizes for some in itertools.combinations(guards, k))
        return any(self.program.posed.is_nonnegative(weight + -each) for each in sums)

    def is_among(self, function: Function, others: list[Function]) -> bool:
        mark = self.mark(function)
        return any(self.program.same(function, other) for other in others if self.mark(other) == mark)

    def covers(self, others: list[Function], function: Function, sign: int) -> bool:
        """Whether a function is among others, or one of these is nowhere worse."""
        return self.is_among(function, others) or any(_is_as_good(self.program, o, function, sign) for o in others)


def _is_as_good(program: Weighted, one: Function, other: Function, sign: int) -> bool:
    """Whether one function is nowhere worse than another: no coefficient of their difference is negative."""
    difference = (one + -other).times(sign)
    parts = [*difference.below, program.posed.identities.plain(difference.above)]
    return all(program.posed.is_nonnegative(program.long(part)) for part in parts)


# ---------------------------------------------------------------- testable implications, by rows of numbers
# A function of the data that is not negative, and where it says something.
Implication = tuple[Function, list[Guard]]


class Implications:
    """What the model demands of the data: each follows from its rows, and all that its rows demand follows from these.

    By Farkas' lemma some strata meet rows of numbers if and only if no multiples of these, by which no stratum has
    more than nothing, have a right side above zero. Such multiples are a cone, and its extreme rays say it all.
    """

    def __init__(self, certificate: Certificate, programs: Sequence[Program], node: Node) -> None:
        node.only("of", "listed", "complete")
        self.certificate, self.node, name = certificate, node, node["of"].name()
        found = next((program for program in programs if program.name == name), None)
        if found is None:
            raise Malformed(f"{node.path}.of: there is no such estimand here")
        self.program = found
        _demand(found.whole, f"{node.path}.of: its rows leave out a row of the model")
        self.divisors = found.divisors()
        _demand(all(map(found.seen_positive, self.divisors)), f"{node.path}: a divisor may be negative")
        # Linear ones stand, and are proved, among the conditions.
        linear = [(Function(Polynomial.linear(condition)), list[Guard]()) for condition in certificate.conditions]
        apart = not node["listed"].none()
        if apart and not certificate.node["conditions"].none():
            raise Malformed(f"{node.path}.listed: testable implications stand in two places")
        self.listed: list[Implication] = [self.read(each) for each in node["listed"].items()] if apart else linear

    def read(self, node: Node) -> Implication:
        """A quotient over what is not negative, where functions are positive that are not zero anyway."""
        node.only("function", "if", "multiples", "by")
        function = self.certificate.function(node["function"])
        _demand(all(map(self.program.seen_positive, function.below)), f"{node.path}: its divisor may be negative")
        guards = []
        for guard in node["if"].items():
            guard.only("value", "relation")
            value, relation = self.certificate.polynomial(guard["value"]), guard["relation"].text()
            _demand(relation in (">", ">=") and self.is_nonzero(value), f"{guard.path}: it is no divisor")
            guards.append((value, relation))
        return function, guards

    def is_nonzero(self, polynomial: Polynomial) -> bool:
        """Whether a function is a positive multiple of divisors, and so positive wherever none of them is zero."""
        arms = [Polynomial({(c,): Fraction(1) for c in cells}) for cells, complete in self.certificate.arms if complete]
        if not polynomial:
            return False
        number = _without(polynomial, [*self.divisors, *arms]).number
        return number is not None and number > 0

    # ---------------- each is implied
    def check_implied(self) -> None:
        nodes = [] if self.node["listed"].none() else self.node["listed"].items()
        for node, (function, _) in zip(nodes, self.listed, strict=False):
            multiples = node["multiples"].vector(len(self.program.kinds))
            demand = self.demand(multiples, node)
            by = self.certificate.polynomial(node["by"])
            _demand(self.is_nonzero(by), f"{node.path}.by: not a positive multiple of divisors")
            same = self.program.same_polynomials(by * function.above, demand)
            _demand(same, f"{node.path}: not what these multiples of rows say")

    def demand(self, multiples: Vector, node: Node) -> Polynomial:
        """What multiples of rows demand of the data: a function that is not negative."""
        program = self.program
        signs = all(c <= 0 for i, c in multiples.items() if program.relations[i] == "<=")
        sums = (
            sum((c * program.columns[j].entries.get(i, 0) for i, c in multiples.items()), Fraction(0))
            for j in program.possible
        )
        _demand(
            signs and all(total <= 0 for total in sums), f"{node.path}.multiples: some stratum has more than nothing"
        )
        return self.above(-program.combined(multiples))

    def above(self, function: Function) -> Polynomial:
        """The numerator, which has the sign of the whole."""
        seen = all(map(self.program.seen_positive, function.below))
        _demand(seen, f"{self.node.path}: a divisor may be negative")
        return function.above

    # ---------------- together they are all
    def check_complete(self) -> bool:
        """Whether it is proved that there are no others."""
        node, program = self.node["complete"], self.program
        if node.none():
            return False
        node.only("positive", "zero", "rows", "rays")
        positive, zero = program.assumed()
        for polynomial, proof in _paired(positive, node["positive"]):
            self.check_follows(polynomial, proof, plain=True)
        for polynomial, proofs in _paired(zero, node["zero"]):
            for own, proof in _paired([polynomial, -polynomial], proofs):
                self.check_follows(own, proof, plain=True)
        kept, rays = self.cone()
        left = [i for i in range(len(program.kinds)) if i not in kept]
        for i, proofs in _paired(left, node["rows"]):
            demand = self.above(program.combined(program.dependence(i, kept)))
            for own, proof in _paired([demand, -demand], proofs):
                self.check_follows(own, proof)
        for ray, proof in _paired(rays, node["rays"]):
            self.check_follows(self.above(-program.combined(ray)), proof)
        return True

    def cone(self) -> tuple[list[int], list[Vector]]:
        """The rows but those that are combinations of others, and the extreme rays of their multiples, in order."""
        kept = self.program.independent(self.program.node["dependent"])
        rays = self.program.cone(kept)
        if rays is None:
            raise Wrong(f"{self.node.path}: the cone of multiples of rows has a line")
        return kept, sorted(rays, key=lambda ray: sorted(ray.items()))

    def check_follows(self, polynomial: Polynomial, proof: Node, plain: bool = False) -> None:
        """A function is not negative where the listed ones are not: it is more than multiples of these.

        What others rest on is plain: it may not rest on the sign of a divisor that is no sum of cells.
        """
        proof.only("times", "from")
        times = self.certificate.polynomial(proof["times"])
        sign = times.number is not None and times.number > 0 if plain else self.is_nonzero(times)
        _demand(sign, f"{proof.path}.times: not a positive multiple of divisors")
        rest = times * polynomial
        for key, value in proof["from"].pairs():
            multiple = self.certificate.polynomial(value)
            _demand(self.certificate.is_nonnegative(multiple), f"{value.path}: it may be negative")
            function, guards = self.listed[Node(key, proof.path).index(len(self.listed))]
            signs = [*function.below, *(guard for guard, _ in guards)]
            seen = not plain or all(map(self.certificate.is_nonnegative, signs))
            _demand(seen, f"{value.path}: it rests on a divisor whose sign is not known")
            rest += -(multiple * function.above)
        _demand(self.certificate.is_nonnegative(rest), f"{proof.path}: the testable implications do not imply it so")


def _paired(values: Sequence[Any], node: Node) -> Iterator[tuple[Any, Node]]:
    """Values that were found here, each with its proof."""
    proofs = node.items()
    _demand(len(proofs) == len(values), f"{node.path}: {len(values)} proofs are needed, and there are {len(proofs)}")
    return zip(values, proofs, strict=True)


# ---------------------------------------------------------------- independent causes
class Group:
    """Variables that unmeasured causes connect: their joint response types, and what they show."""

    def __init__(self, model: Model, names: tuple[str, ...]) -> None:
        self.model, self.names = model, names
        parents = {parent for name in names for parent in model.variables[name].parents}
        self.outside = tuple(name for name in model.variables if name in parents and name not in names)
        self.types = list(self._types())
        # The number one, then each probability that what is observed is a product of.
        self.span, self.symbols = Elimination(), [""]
        self.inside = [set(range(len(self.types)))]
        self.span.add(0, dict.fromkeys(self.inside[0], Fraction(1)))

    def _types(self) -> Iterator[Known]:
        variables = [self.model.variables[name] for name in self.names]
        responses = [
            ((variable.name, above), variable.domain)
            for variable in variables
            for above in itertools.product(*(self.model.variables[parent].domain for parent in variable.parents))
        ]
        if prod(len(domain) for _, domain in responses) > MOST_TYPES:
            raise Malformed("a group of variables that share causes has too many response types")
        for values in itertools.product(*(domain for _, domain in responses)):
            known = {response: value for (response, _), value in zip(responses, values, strict=True)}
            if self._possible(known):
                yield known

    def _possible(self, known: Known) -> bool:
        """Whether the type breaks no assumption about units; one that it does not decide says nothing here."""
        for formula, indices in self.model.restrictions():
            try:
                if not Unit(self.model, known).holds(formula, {}, indices):
                    return False
            except Unknown:
                continue
        return True

    def symbol(self, values: World) -> str:
        """What the probability is called that the variables show values where those outside have theirs."""
        event = {name: values[name] for name in self.names}
        behind = {name: values[name] for name in self.outside if self.model.variables[name].randomized}
        done = {name: values[name] for name in self.outside if name not in behind}
        return _cell_name(event, behind, done)

    def identities(self) -> Iterator[Affine]:
        """What is zero among these probabilities, whatever the law of the types; they are listed on the way."""
        every = [(name, self.model.variables[name].domain, True) for name in (*self.outside, *self.names)]
        for values in _assignments(every):
            world = {name: values[name] for name in self.outside}
            inside = {
                t
                for t, known in enumerate(self.types)
                if all(Unit(self.model, known).value(name, world) == values[name] for name in self.names)
            }
            self.inside.append(inside)
            self.symbols.append(self.symbol(values))
            multiples = self.span.add(len(self.symbols) - 1, dict.fromkeys(inside, Fraction(1)))
            if multiples is not None:
                others = Affine(multiples.get(0, Fraction(0)), {self.symbols[k]: c for k, c in multiples.items() if k})
                yield others.plus(-1, Affine(Fraction(0), {self.symbols[-1]: Fraction(1)}))

    def where(self, known: Known) -> set[int]:
        """The types with these responses, as far as they are its own."""
        own = {response: value for response, value in known.items() if response[0] in self.names}
        return {t for t, each in enumerate(self.types) if own.items() <= each.items()}

    def written(self, t: int) -> list[str]:
        """The responses of a type in words."""
        shown = []
        for (name, above), value in self.types[t].items():
            arguments = ",".join(str(each) for each in above)
            shown.append(f"{name}{f'({arguments})' if above else ''}={value}")
        return shown

    def event(self, known: Known) -> Polynomial:
        """The probability of some responses: as far as it is a combination of those, and what is left, by types."""
        if not any(name in self.names for name, _ in known):
            return ONE_
        vector = dict.fromkeys(self.where(known), Fraction(1))
        rest, multiples = self.span.rest(vector), self.span.multiples(vector)
        found: dict[tuple[str, ...], Fraction] = {(self.symbols[k],) if k else (): c for k, c in multiples.items()}
        return Polynomial({**found, **{(f"type {t} of {self.names[0]}",): c for t, c in rest.items()}})


class Independent:
    """A model some of whose variables share no causes: observed cells as products of probabilities of groups."""

    def __init__(self, certificate: Certificate) -> None:
        self.certificate, self.model, self.steps = certificate, certificate.model, 0
        self.groups = [Group(self.model, names) for names in self._connected()]
        self.identities = Identities()
        for group in self.groups:
            for function in group.identities():
                self.identities.add(function)
        self.symbols = {symbol for group in self.groups for symbol in group.symbols[1:]}
        self.products = dict(self._products())

    def _connected(self) -> Iterator[tuple[str, ...]]:
        """The variables that are not randomized, those together that causes connect."""
        left = [variable.name for variable in self.model.variables.values() if not variable.randomized]
        while left:
            found, before = {left[0]}, set[str]()
            while found != before:
                before = set(found)
                found |= {name for cause in self.model.causes or [] if found & set(cause) for name in cause}
            yield tuple(name for name in left if name in found)
            left = [name for name in left if name not in found]

    def _products(self) -> Iterator[tuple[str, Polynomial]]:
        """Observed cells of all variables; a law of randomized variables is what it is."""
        everyone = {name for group in self.groups for name in group.names}
        randomized = {variable.name for variable in self.model.variables.values() if variable.randomized}
        for block in self.certificate.blocks:
            if block.law:
                names = list(block.cells.values())
                self.identities.add(Affine(Fraction(-1), dict.fromkeys(names, Fraction(1))))
                yield from ((name, Polynomial.name(name)) for name in names)
            elif set(block.names) == everyone and block.context.keys() == randomized and not block.selection:
                for values, name in block.cells.items():
                    world = {**block.context, **dict(zip(block.names, values, strict=True))}
                    yield name, _times(ONE_, (Polynomial.name(group.symbol(world)) for group in self.groups))

    def observed(self, polynomial: Polynomial, path: str) -> Polynomial:
        """A polynomial of observed cells, in the probabilities of groups."""
        found = ZERO_
        for names, c in polynomial.terms.items():
            if not all(name in self.products or name in self.certificate.low for name in names):
                raise Malformed(f"{path} speaks of what is not observed together with all other variables")
            parts = (self.products.get(name, Polynomial.name(name)) for name in names)
            found += _times(Polynomial.of(c), parts)
        return found

    def check_factor(self, node: Node) -> str:
        """A function of observed cells is the probability of a group that it is said to be."""
        node.only("name", "numerator", "denominator")
        name = node["name"].text()
        if name not in self.symbols:
            raise Malformed(f"{node.path}.name is no cell of a group of variables that share causes")
        parts = [self.certificate.polynomial(node[key]) for key in ("numerator", "denominator")]
        above, below = (self.observed(part, node.path) for part in parts)
        _demand(bool(self.identities.plain(below)), f"{node.path}: it divides by zero")
        difference = above + -(Polynomial.name(name) * below)
        _demand(not self.identities.plain(difference), f"{node.path}: it is not the probability of {name}")
        return f"    {name} = ({parts[0]}) / ({parts[1]})"

    def value(self, expression: Sum, model: Model | None = None) -> Polynomial:
        """A linear expression, perhaps of another model of these units, in the probabilities of groups and types."""
        above, below = self.quotient(expression, model)
        if below.number != 1:
            raise Malformed("text: an estimand gives probabilities a condition")
        return above

    def quotient(self, expression: Sum, model: Model | None = None) -> tuple[Polynomial, Polynomial]:
        """The same of what may be given a condition: as one polynomial over another, a product of probabilities."""
        parts: dict[Hashable, tuple[Polynomial, Polynomial]] = {None: (ZERO_, ONE_)}
        for coefficient, averages in (model or self.model).products(expression, {}):
            if len(averages) > 1:
                raise Malformed("text: an estimand multiplies probabilities")
            if not averages:
                parts[None] = parts[None][0] + coefficient, ONE_
            for average in averages:
                weighted = list(zip(average.weights(), (mean for _, mean in average.parts), strict=True))
                means = [coefficient * weight * self._mean(mean, average.indices, model) for weight, mean in weighted]
                given = [(mean.condition, mean.context) for _, mean in weighted]
                key = (tuple(given), average.indices) if average.conditional else None
                if key not in parts:
                    sure = Sum.of([(Fraction(1), ())])
                    events = [(w, Mean((), sure, mean.context, mean.condition)) for w, mean in weighted]
                    shares = [weight * self._mean(event, average.indices, model) for weight, event in events]
                    parts[key] = ZERO_, _sum(shares)
                above, below = parts[key]
                parts[key] = above + _sum(means), below
        total, over = ZERO_, ONE_
        for above, below in parts.values():
            total, over = total * below + above * over, over * below
        return total, over

    def _mean(self, mean: Mean, indices: tuple[tuple[str, Value], ...], model: Model | None = None) -> Polynomial:
        return _sum(
            _times(Polynomial.of(value), (group.event(known) for group in self.groups))
            for value, known in self._cases(mean, indices, model)
        )

    def _cases(
        self, mean: Mean, indices: tuple[tuple[str, Value], ...], model: Model | None = None
    ) -> Iterator[tuple[Fraction, Known]]:
        """The responses that decide a mean, with its value where that is not zero."""
        stack = [Known()]
        while stack:
            known = stack.pop()
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise Malformed("an estimand has too many cases")
            try:
                value = Unit(model or self.model, known).mean(mean, indices)
            except Unknown as asked:
                stack += [{**known, asked.response: value} for value in asked.domain]
                continue
            if value:
                yield value, known

    def terms(self, expression: Sum) -> list[tuple[Polynomial, Known]]:
        """The same as coefficients, in parameters and laws of randomized variables, times events of responses."""
        found = []
        for coefficient, averages in self.model.products(expression, {}):
            for average in averages:
                for weight, (_, mean) in zip(average.weights(), average.parts, strict=True):
                    cases = self._cases(mean, average.indices)
                    found += [((coefficient * weight).times(value), known) for value, known in cases]
        return found

    def check_identified(self, node: Node, listed: Container[str]) -> list[str]:
        """An estimand is its formula at all laws of the model at which nothing is divided by zero."""
        node.only("name", "expression", "formula")
        name = node["name"].name()
        if name not in self.model.estimands:
            raise Malformed(f"{node.path}.name is no estimand of the text")
        expression, numerator, divisor = self.model.estimands[name]
        node["expression"].same(expression, "not the expression of the text")
        node["formula"].only("numerator", "denominator")
        parts = [
            self.certificate.polynomial(node["formula"][key], self.symbols) for key in ("numerator", "denominator")
        ]
        for used in parts[0].names | parts[1].names:
            if used not in listed and used not in self.certificate.low and used not in self.products:
                raise Malformed(f"{node.path}: {used[:80]} is not among the factors")
        above, below = self.quotient(numerator)
        if divisor is not None:
            more, less = self.quotient(divisor)
            above, below = above * less, below * more
        _demand(bool(self.identities.plain(parts[1])), f"{node.path}.formula: it divides by zero")
        difference = above * parts[1] + -(parts[0] * below)
        _demand(not self.identities.plain(difference), f"{node.path}.formula: it is not the estimand")
        over = "" if parts[1].number == 1 else f" / ({parts[1]})"
        return [f"{name} = {expression}", f"  identified: ({parts[0]}){over}"]


class Outer:
    """A group that goes over its laws: for any costs that the others may give its types one of them is the best.

    ``min c · μ`` over ``A μ = b, μ >= 0`` is attained at a basic solution with reduced costs that are not negative.
    The costs of all others' laws are sums of positive multiples of finitely many vectors. Moved a little to the sum
    of all of these, and much less to fixed numbers that part what is left, they have a best basis still, and as they
    come back it is one. So a basis is not needed if some reduced cost is never positive in all of these vectors and
    negative in one, or zero in all of them and negative in the fixed numbers.
    """

    def __init__(
        self, independent: Independent, group: Group, others: Sequence[Group], terms: Sequence[tuple[Polynomial, Known]]
    ) -> None:
        self.independent, self.group = independent, group
        span = Elimination()
        self.rows = [k for k, own in enumerate(group.inside) if span.add(k, dict.fromkeys(own, Fraction(1))) is None]
        costs = self._costs(others, terms)
        first: dict[Hashable, int] = {}
        for t in range(len(group.types)):
            own = tuple(i for i, k in enumerate(self.rows) if t in group.inside[k])
            first.setdefault((own, tuple(cost.get(t, Fraction(0)) for cost in costs)), t)
        self.kinds = list(first.values())
        size = len(self.kinds)
        if comb(size, len(self.rows)) > MOST_BASES:
            raise Malformed(f"the types of {', '.join(group.names)} have more than {MOST_BASES} sets of equations")
        self.columns = [{i: Fraction(1) for i, k in enumerate(self.rows) if t in group.inside[k]} for t in self.kinds]
        self.costs = [[cost.get(t, Fraction(0)) for t in self.kinds] for cost in costs]
        often = [sum(cost[k] != 0 for cost in self.costs) for k in range(size)]
        self.ties = [Fraction(1000 * size * often[k] + (7919 * k * k + 104_729 * k) % 997) for k in range(size)]

    def _costs(self, others: Sequence[Group], terms: Sequence[tuple[Polynomial, Known]]) -> list[Vector]:
        """What each type adds where each other group has one type, by products of what is identified."""
        groups = (self.group, *others)
        parts: list[tuple[Polynomial, list[set[int]]]] = []
        for coefficient, known in terms:
            identified = (group.event(known) for group in self.independent.groups if group not in groups)
            weight = _times(coefficient, identified)
            low = self.independent.certificate.low
            signed = [name for name, least in low.items() if least is None or least < 0]
            if not weight.names.isdisjoint(signed):
                raise Malformed("text: a coefficient may have either sign")
            _demand(
                weight.names <= {*self.independent.symbols, *self.independent.certificate.cells, *low},
                "given: a further group is not identified",
            )
            parts.append((weight, [group.where(known) for group in groups]))
        choices = [{k for k, _ in enumerate(parts)}]
        for place, other in enumerate(others, 1):
            kinds = {
                frozenset(k for k, (_, own) in enumerate(parts) if t in own[place]) for t in range(len(other.types))
            }
            choices = [set(each) for each in {frozenset(choice & kind) for choice in choices for kind in kinds}]
            if len(choices) > MOST_CORNERS:
                raise Malformed("an estimand has too many cases")
        found: dict[Hashable, Vector] = {}
        for choice in choices:
            by_product: dict[tuple[str, ...], Vector] = {}
            for k in sorted(choice):
                weight, own = parts[k]
                for names, c in weight.terms.items():
                    vector = by_product.setdefault(names, {})
                    for t in own[0]:
                        vector[t] = vector.get(t, Fraction(0)) + c
            for vector in by_product.values():
                vector = {t: c for t, c in sorted(vector.items()) if c}
                if vector:
                    found[tuple(vector.items())] = vector
        return list(found.values())

    def _solved(self, basis: Sequence[int]) -> Elimination | None:
        """The columns of a basis; None where they depend on one another."""
        solved = Elimination()
        if len(basis) != len(self.rows) or any(solved.add(k, self.columns[k]) is not None for k in basis):
            return None
        return solved

    def law(self, basis: Sequence[int]) -> dict[int, Affine] | None:
        """The probability of each kind of type, where all others have none; None where that is not fixed."""
        solved = self._solved(basis)
        if solved is None:
            return None
        found = {k: Affine(Fraction(0), {}) for k in basis}
        for i, row in enumerate(self.rows):
            right = Affine(Fraction(0), {self.group.symbols[row]: Fraction(1)}) if row else Affine(Fraction(1), {})
            for k, c in solved.multiples({i: Fraction(1)}).items():
                found[k] = found[k].plus(c, right)
        return found

    def needed(self, sign: int) -> list[tuple[int, ...]]:
        """The bases that may be the best: the others are shown not to be needed."""
        size = range(len(self.kinds))
        return [basis for basis in itertools.combinations(size, len(self.rows)) if self._may_be_best(basis, sign)]

    def _may_be_best(self, basis: tuple[int, ...], sign: int) -> bool:
        solved = self._solved(basis)
        if solved is None:
            return False
        for j in range(len(self.kinds)):
            if j not in basis:
                multiples = solved.multiples(self.columns[j])
                own = [sign * (cost[j] - sum(c * cost[k] for k, c in multiples.items())) for cost in self.costs]
                tie = self.ties[j] - sum(c * self.ties[k] for k, c in multiples.items())
                if max(own, default=Fraction(0)) <= 0 and (any(own) or tie < 0):
                    return False
        return True


class Given:
    """An estimand as a sum over one group, whose model has a certificate of its own, with weights as parameters.

    Where other groups are not identified either the weights are probabilities of their types, and its bound is the
    worst of what it is at some of their laws.
    """

    def __init__(self, independent: Independent, node: Node) -> None:
        node.only("name", "expression", "weights", "certificate", *(["laws"] if node.has("laws") else []))
        self.independent, self.node, self.path = independent, node, node.path
        self.name = node["name"].name()
        if self.name not in independent.model.estimands:
            raise Malformed(f"{node.path}.name is no estimand of the text")
        self.inner = Certificate(Node(node["certificate"].value))
        self.model = self.inner.model
        own = [variable.name for variable in self.model.variables.values() if not variable.randomized]
        self.group = self._group(own, self.path)
        _demand(self.model.causes is None, f"{self.path}: not the model of one group")
        laws = node["laws"].items() if node.has("laws") else []
        self.others = [self._group([n.text() for n in each["variables"].items()], each.path) for each in laws]
        distinct = {group.names for group in (self.group, *self.others)}
        _demand(len(distinct) == len(self.others) + 1, f"{self.path}.laws: a group stands twice")

    def _group(self, names: list[str], path: str) -> Group:
        found = [group for group in self.independent.groups if list(group.names) == names]
        _demand(len(found) == 1, f"{path}: not the model of one group")
        return found[0]

    def check(self, listed: Container[str]) -> list[str]:
        """What is proved; how the data give the probabilities in it has to be listed."""
        self._compare()
        independent = self.independent
        expression, numerator, divisor = independent.model.estimands[self.name]
        self.node["expression"].same(expression, "not the expression of the text")
        if divisor is not None or list(self.model.estimands) != [self.name]:
            raise Malformed(f"{self.path}: it is of this estimand alone, and of no ratio")
        weights = dict(self._weights())
        _, inner, below = self.model.estimands[self.name]
        if below is not None:
            raise Malformed(f"{self.path}: it is of no ratio")
        used = {name for weight in weights.values() for name in weight.names} & independent.symbols
        for name in (*(s for group in (self.group, *self.others) for s in group.symbols[1:]), *used):
            _demand(name in listed, f"{self.path}: {name[:80]} is not among the factors")
        found = ZERO_
        for names, c in independent.value(inner, self.model).terms.items():
            found += _times(Polynomial.of(c), (weights.get(name, Polynomial.name(name)) for name in names))
        above, share = independent.quotient(numerator)
        _demand(share.names <= independent.symbols, f"{self.path}: the probability of its condition is not identified")
        _demand(share.number == 1 or not self.others, f"{self.path}: it has a condition, and several groups are left")
        difference = above + -found
        _demand(not independent.identities.plain(difference), f"{self.path}: this sum is not the estimand")
        proved = check(self.node["certificate"].value).split("\n")
        if proved[0].startswith(NOT_COMPARED):
            raise Malformed(f"{self.path}: the group has too many response types")
        lines = [f"{self.name} = {expression}", f"  of the group {', '.join(self.group.names)}, where"]
        if self.others:
            known = {name: node.value for name, node in self.node["weights"].pairs()}
            said = (f"{name} = P({', '.join(f'{k}={v}' for k, v in own.items())})" for name, own in known.items())
            lines += [*(f"    {each}" for each in said), *self._check_laws(numerator)]
        else:
            lines += [f"    {name} = {weight}" for name, weight in weights.items()]
        lines += [] if share.number == 1 else [f"  divided by {share}"]
        return [*lines, *(f"  {line}" for line in proved)]

    def _check_laws(self, numerator: Sum) -> list[str]:
        """For each other group and side, the laws that are listed are all that may be the worst."""
        terms = self.independent.terms(numerator)
        lines = []
        for group, node in zip(self.others, self.node["laws"].items(), strict=True):
            node.only("variables", "lower", "upper")
            rest = [other for other in (self.group, *self.others) if other is not group]
            outer = Outer(self.independent, group, rest, terms)
            for name, sign in SIDES:
                nodes = node[name].items()
                lines.append(f"    {name} bound: the {'least' if sign > 0 else 'greatest'} of what is below at")
                lines[-1] += f" {len(nodes)} laws of {', '.join(group.names)}, of those that are possible"
                found = [self._law(outer, each) for each in nodes]
                needed = outer.needed(sign)
                missing = [basis for basis in needed if basis not in [own for own, _ in found]]
                _demand(not missing, f"{node.path}.{name}: a law that may be the worst is left out")
                for _, values in found:
                    shown = (f"P({', '.join(group.written(t))}) = {value}" for t, value in values)
                    lines.append(f"      {'; '.join(shown)}")
        return lines

    def _law(self, outer: Outer, node: Node) -> tuple[tuple[int, ...], list[tuple[int, Affine]]]:
        """A basic solution: the types, and what the equations say of their probabilities."""
        found: dict[int, Node] = {}
        for each in node.items():
            each.only("type", "probability")
            pairs = each["type"].pairs()
            known = dict(read_response(key, value, self.independent.model) for key, value in pairs)
            kinds = [k for k, t in enumerate(outer.kinds) if outer.group.types[t] == known]
            _demand(len(kinds) == 1 and kinds[0] not in found, f"{each.path}: its type is none of those that differ")
            found[kinds[0]] = each["probability"]
        basis = tuple(sorted(found))
        values = outer.law(basis)
        if values is None:
            raise Wrong(f"{node.path}: the equations do not fix its probabilities")
        for kind, probability in found.items():
            probability.only("constant", "coefficients")
            own = Affine(probability["constant"].rational(), probability["coefficients"].rationals())
            _demand(own.equals(values[kind]), f"{probability.path}: it is not the probability of this type")
        return basis, [(outer.kinds[kind], values[kind]) for kind in found]

    def _compare(self) -> None:
        """The model of the group: its variables as they are, what affects them randomized, one law, its assumptions."""
        outer, group = self.independent.model, self.group
        wanted = {name: outer.variables[name] for name in group.names}
        wanted |= {name: Variable(name, outer.variables[name].domain, True, ()) for name in group.outside}
        _demand(self.model.variables == wanted, f"{self.path}: its variables are not those of the group")
        seen = [(o.outcomes, o.arms, o.interventions, o.law, o.selection) for o in self.model.observations]
        outcomes, arms = ([(n, wanted[n].domain, True) for n in names] for names in (group.names, group.outside))
        _demand(seen == [(outcomes, arms, [], False, [])], f"{self.path}: it does not observe the group's law")
        assumed = [line for line in self.model.lines if line.startswith("assume ")]
        for line in assumed:
            _demand(line in outer.lines, f"{self.path}: it assumes what the model does not")
        written = [line for line in outer.lines if line.startswith("assume ")]
        further = {name for other in self.others for name in other.names}
        for line, assumption in zip(written, outer.assumptions, strict=True):
            calls = [(call.variable, {name for name, _ in call.settings}) for call in _calls(assumption.body)]
            about = set[str]().union(*(outer.asked(name, fixed) for name, fixed in calls))
            inside = bool(about & set(group.names))
            _demand(not inside or line in assumed, f"{self.path}: it does not assume what the model does")
            if assumption.population and about & further:
                raise Malformed("text: probabilities are assumed of a group that goes over its laws")
        for name, ends in outer.parameters.items():
            _demand(self.model.parameters.get(name, ends) == ends, f"{self.path}: a parameter has another range")

    def _weights(self) -> Iterator[tuple[str, Polynomial]]:
        """Each parameter that is not one of the model is the probability of responses of other groups."""
        own = [name for name in self.model.parameters if name not in self.independent.model.parameters]
        if sorted(own) != sorted(self.node["weights"].mapping()):
            raise Malformed(f"{self.path}.weights: not the further parameters of the group's model")
        for name, node in self.node["weights"].pairs():
            known = dict(read_response(key, value, self.independent.model) for key, value in node.pairs())
            _demand(not {v for v, _ in known} & set(self.group.names), f"{node.path}: it is of the group itself")
            found = _times(ONE_, (group.event(known) for group in self.independent.groups))
            types = found.names - self.independent.symbols
            unknown = {f"type {t} of {other.names[0]}" for other in self.others for t in range(len(other.types))}
            _demand(types <= unknown, f"{node.path}: the data do not identify it")
            low, high = self.model.parameters[name]
            _demand((low is None or low <= 0) and (high is None or high >= 1), f"{node.path}: it is cut")
            yield name, found


def check_independent(certificate: Certificate) -> list[str]:
    """Check a certificate of estimands that independence identifies, but for one group of variables at most."""
    if any(certificate.node.has(key) for key in (*KINDS, "implications")) or certificate.conditions:
        raise Malformed("estimands: where variables share no causes only what is identified has a certificate")
    independent = Independent(certificate)
    factors = certificate.node["factors"].items()
    names = [node["name"].text() for node in factors]
    nodes, given = certificate.node["identified"].items(), certificate.node["given"].items()
    listed = [n["name"].value for n in (*nodes, *given)]
    if (
        len(set(names)) < len(names)
        or len(set(listed)) < len(listed)
        or set(listed) != set(certificate.model.estimands)
    ):
        raise Malformed("identified: not the estimands of the text, or a factor stands twice")
    said = [independent.check_factor(node) for node in factors]
    proved = [line for node in nodes for line in independent.check_identified(node, names)]
    proved += [line for node in given for line in Given(independent, node).check(names)]
    _check_digest(certificate.node)
    lines = [certificate.name, *(f"  {line}" for line in certificate.model.lines)]
    where = ["  where", *said] if said else []
    return [*lines, "testable implications: not part of this certificate", *proved, *where, "Every step holds."]


# ---------------------------------------------------------------- everything
def check(document: Any) -> str:
    """Check a certificate that was read as JSON.

    Returns
    -------
    str
        What is proved.

    Raises
    ------
    Malformed
        If it is not a certificate.
    Wrong
        If a step does not hold; the message names the first one.
    """
    try:
        certificate = Certificate(Node(document))
        if certificate.model.parts_causes():
            return "\n".join(check_independent(certificate))
        if any(certificate.node.has(key) for key in ("factors", "identified", "given")):
            raise Malformed("factors: all variables may share causes")
        nodes = [n for key in KINDS if certificate.node.has(key) for n in certificate.node[key].items()]
        programs = [KINDS[node.path.partition("[")[0]](certificate, node) for node in nodes]
        return "\n".join(_report(certificate, programs))
    except RecursionError:
        raise Malformed("its text or its nesting is too deep") from None


KINDS: dict[str, type[Program]] = {
    "estimands": Program,
    "ratios": Program,
    "weighted": Weighted,
    "quotients": WeightedRatio,
}


def _report(certificate: Certificate, programs: list[Program]) -> list[str]:
    names = [program.name for program in programs]
    if not names or len(set(names)) < len(names):
        raise Malformed("estimands: there is none, or one stands twice")
    if set(names) != set(certificate.model.estimands):
        raise Malformed("estimands: not those of the text")
    _demand(
        all(program.node.has("denominator") == program.path.startswith("estimands") for program in programs),
        "estimands: a ratio stands among those that are none, or the other way round",
    )
    proved = [line for program in programs for line in _check_estimand(program, program.node)]
    if certificate.node["conditions"].none():
        optional = certificate.within or all(isinstance(p, Weighted) for p in programs)
        _demand(optional, "conditions: testable implications are left out")
    else:
        _check_conditions(certificate, programs[0])
    implications, all_ = None, False
    if certificate.node.has("implications"):
        implications = Implications(certificate, programs, certificate.node["implications"])
        implications.check_implied()
        all_ = implications.check_complete()
    _check_digest(certificate.node)
    left = [program.name for program in programs if not program.complete]
    said = f"{NOT_COMPARED} {', '.join(left)} are those that the model allows, and all of them."
    lines = [said] if left else []
    lines += [certificate.name, *(f"  {line}" for line in certificate.model.lines)]
    lines += _shown_implications(certificate, implications, all_)
    return [*lines, *proved, "Every step that was compared holds." if left else "Every step holds."]


def _shown_implications(certificate: Certificate, implications: Implications | None, complete: bool) -> list[str]:
    """How many there are, whether these are all, and each of them."""
    linear = [f"    {condition} >= 0" for condition in certificate.conditions]
    if implications is None:
        none = "not part of this certificate" if certificate.node["conditions"].none() else "none"
        found = f"testable implications: {len(linear) or none}"
        ratios = not certificate.node["estimands"].items() and not certificate.node["conditions"].none()
        return [f"{found}{UNKNOWN_OTHERS if ratios else ''}", *linear]
    where = " where no divisor is zero" if implications.divisors else ""
    lines = [f"testable implications{where}: {len(implications.listed) or 'none'}{'' if complete else UNKNOWN_OTHERS}"]
    for function, guards in implications.listed:
        said = " and ".join(f"{guard} {relation} 0" for guard, relation in guards)
        lines.append(f"    {function} >= 0{f' where {said}' if said else ''}")
    return lines


UNKNOWN_OTHERS = " (that there are no others is no part of this proof)"


def _check_estimand(program: Program, node: Node) -> list[str]:
    if isinstance(program, Weighted) and not program.ratio:
        return check_weighted(program, node)
    if not node.has("denominator"):
        return check_ratio(program, node)
    program.remove_impossible(node["impossible"])
    dependent = program.dependent_rows(node["dependent"])
    over = program.check_denominator(node["denominator"])
    lines = [f"{program.name} = {program.expression}"]
    for name, sign, word in (("lower", 1, "max"), ("upper", -1, "min")):
        terms = check_side(program, node[name], sign, dependent)
        size = len(node[name]["vertices"].items())
        lines.append(f"  {name} bound: {word} of {len(terms)} terms (of {size} dual vertices)")
        lines += [f"    {term}" for term in terms]
    return lines + ([f"  divided by {over}"] if over else [])


def _check_conditions(certificate: Certificate, program: Program) -> None:
    for k, node in enumerate(certificate.node["conditions"].items()):
        program.check_implied(certificate.conditions[k], node["implied"], "the model implies it")
        at = node["broken"].rationals()
        known = all(name in certificate.cells or name in certificate.low for name in at)
        _demand(known and certificate.in_range(at), f"{node.path}.broken: not data and parameters in range")
        _demand(all(at.get(cell, 0) >= 0 for cell in certificate.cells), f"{node.path}.broken: a cell is negative")
        for cells, complete in certificate.arms:
            total = sum((at.get(cell, Fraction(0)) for cell in cells), Fraction(0))
            _demand(total <= 1 and (not complete or total == 1), f"{node.path}.broken: an arm does not sum to one")
        for other, condition in enumerate(certificate.conditions):
            holds = condition.at(at) >= 0
            _demand(holds == (other != k), f"{node.path}.broken: these data do not break this condition alone")


def _check_digest(node: Node) -> None:
    rest = {key: value for key, value in node.value.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    node["digest"].same(hashlib.sha256(text.encode()).hexdigest(), "not the digest of this certificate")


def main() -> int:
    """Check the file that the command line names."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python check_certificate.py FILE\n")
        return 2
    try:
        report = check(read(sys.argv[1]))
    except Wrong as error:
        print(f"{sys.argv[1]}: does not hold: {error}")
        return 1
    except (Malformed, OSError) as error:
        sys.stderr.write(f"{sys.argv[1]}: not a certificate: {error}\n")
        return 2
    print(report)
    return 3 if report.startswith(NOT_COMPARED) else 0


if __name__ == "__main__":
    sys.exit(main())
