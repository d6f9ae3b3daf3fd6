"""The expressions of a model: frozen, with every name looked up.

Arithmetic is kept expanded, as a sum of rational multiples of products of atoms, so that two
spellings of one polynomial are one value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from boundgen.errors import Place
from boundgen.language.syntax import RelationSign
from boundgen.language.values import Value as Value


@dataclass(frozen=True)
class Index:
    """A quantified name."""

    name: str


@dataclass(frozen=True)
class Label:
    """A named value, such as ``high``."""

    name: str


@dataclass(frozen=True)
class Outcome:
    """A potential outcome: a variable under an intervention that sets other variables.

    The empty intervention is the factual value. Parents that are not set take the value that they
    have under the same intervention.
    """

    variable: str
    interventions: tuple[tuple[str, Argument], ...] = ()


Argument = Value | Index | Outcome


@dataclass(frozen=True)
class Quantity:
    """A parameter or a definition, by name."""

    name: str


@dataclass(frozen=True)
class Given:
    """What stands behind a bar: the arm, the interventions of an experiment, and a factual event."""

    arm: tuple[tuple[str, Value | Index], ...] = ()
    interventions: tuple[tuple[str, Value | Index], ...] = ()
    event: tuple[Formula, ...] = ()


@dataclass(frozen=True)
class Probability:
    """The probability of an event (all of the formulas), perhaps given something."""

    event: tuple[Formula, ...]
    given: Given = Given()
    where: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Expectation:
    """The mean of arithmetic in potential outcomes, perhaps given something, counted zero outside an event."""

    content: Sum
    given: Given = Given()
    where: Place | None = field(default=None, compare=False, repr=False)
    event: tuple[Formula, ...] = ()


Atom = Outcome | Index | Quantity | Probability | Expectation


@dataclass(frozen=True)
class Sum:
    """Rational multiples of products of atoms; the empty product stands for the number one."""

    terms: tuple[tuple[Fraction, tuple[Atom, ...]], ...] = ()

    @staticmethod
    def of(*terms: tuple[Fraction | int, tuple[Atom, ...]]) -> Sum:
        """Like terms collected, in the order of their first appearance, without zeros."""
        collected: dict[tuple[Atom, ...], Fraction] = {}
        for coefficient, atoms in terms:
            collected[atoms] = collected.get(atoms, Fraction(0)) + coefficient
        return Sum(tuple((c, atoms) for atoms, c in collected.items() if c))

    @staticmethod
    def total(parts: Iterable[Sum]) -> Sum:
        """The sum of sums."""
        return Sum.of(*(term for part in parts for term in part.terms))

    def __add__(self, other: Sum) -> Sum:
        return Sum.of(*self.terms, *other.terms)

    def __mul__(self, other: Sum) -> Sum:
        return Sum.of(*((a * b, tuple(sorted(x + y, key=_order))) for a, x in self.terms for b, y in other.terms))

    def scaled(self, factor: Fraction | int) -> Sum:
        return Sum.of(*((coefficient * factor, atoms) for coefficient, atoms in self.terms))

    @property
    def constant(self) -> Fraction | None:
        """The value, where it is a number; None otherwise."""
        if not self.terms:
            return Fraction(0)
        return self.terms[0][0] if len(self.terms) == 1 and not self.terms[0][1] else None


# Products repeat few atoms many times, and spelling an atom out is slow.
@lru_cache(maxsize=4096)
def _order(atom: Atom) -> str:
    """What the factors of a product are sorted by."""
    return repr(atom)


Operand = Outcome | Index | Label | Sum


@dataclass(frozen=True)
class Comparison:
    relation: RelationSign
    left: Operand
    right: Operand


@dataclass(frozen=True)
class And:
    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Not:
    part: Formula


@dataclass(frozen=True)
class Implication:
    """``a -> b -> c``: the conclusion holds, or one of the premises does not."""

    premises: tuple[Formula, ...]
    conclusion: Formula


Formula = Comparison | And | Or | Not | Implication


@dataclass(frozen=True)
class Inequality:
    """A population-level statement: ``left <= right``, ``left = right`` or ``left >= right``."""

    relation: RelationSign
    left: Sum
    right: Sum
