"""Options of closed forms that another one is nowhere worse than, where right sides are not linear in the data.

The program takes such right sides for numbers of their own, and does not know how they are bound up with the cells.
That one option is at least another is seen in the numerator of their difference: with all products brought to the same
degree in each arm, no coefficient is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.piecewise import Piece, PiecewiseSide
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.language.model import Model
from boundgen.strata.cells import Arm

# More products than these are not multiplied out.
MOST_PRODUCTS = 1000
# At so many laws options are compared first.
POINTS = 24
MOST_OPTIONS = 40


@dataclass(frozen=True)
class Homogeneous:
    """Polynomials in the cells of complete arms, which sum to one.

    Parameters
    ----------
    arms : tuple of frozenset of str
    signed, others : frozenset of str
        Names of what may be negative, and of what else is in no complete arm.
    shares : tuple of Polynomial
        Probabilities, which are not negative in the model, whatever they are as polynomials.
    """

    arms: tuple[frozenset[str], ...]
    signed: frozenset[str]
    others: frozenset[str]
    shares: tuple[Polynomial, ...] = ()

    @classmethod
    def of(cls, model: Model, arms: Sequence[Arm], shares: Sequence[RationalFunction] = ()) -> Homogeneous:
        """What the data and parameters of a model are."""
        complete = tuple(frozenset(cell.name for cell in arm.cells) for arm in arms if arm.complete)
        signed = frozenset(p.name for p in model.parameters if p.low is None or p.low < 0)
        numerators = tuple(share.numerator for share in shares if share.denominator == ONE and share.names)
        cells = {cell.name for arm in arms if not arm.complete for cell in arm.cells}
        return cls(complete, signed, frozenset(cells | {p.name for p in model.parameters}) - signed, numerators)

    def is_nonnegative(self, polynomial: Polynomial) -> bool:
        """Whether it is a sum of positive multiples of products of what is never negative."""
        if polynomial.names & self.signed:
            return False
        for arm in self.arms:
            whole = Polynomial.of(((name,), 1) for name in arm)
            degrees = [sum(name in arm for name in names) for names, _ in polynomial.terms]
            most = max(degrees, default=0)
            parts = [Polynomial() for _ in range(most + 1)]
            for degree, term in zip(degrees, polynomial.terms, strict=True):
                parts[degree] += Polynomial((term,))
            total = Polynomial()
            for part in parts:
                total = total * whole + part if total else part
                if len(total.terms) > MOST_PRODUCTS:
                    return False
            polynomial = total
        return all(c > 0 for _, c in polynomial.terms)

    def shorter(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial without factors that are the sum of an arm, which is one."""
        return polynomial.without(Polynomial.of(((name,), 1) for name in arm) for arm in self.arms)

    def is_at_most(self, one: RationalFunction, other: RationalFunction) -> bool:
        """Whether one is nowhere more than the other; both have denominators that are not negative."""
        for point in self.points:
            values = one.value(point), other.value(point)
            if values[0] is not None and values[1] is not None and values[0] > values[1]:
                return False
        if len(one.numerator.terms) * len(other.denominator.terms) > MOST_PRODUCTS:
            return False
        return self.has_sign(other.numerator * one.denominator - one.numerator * other.denominator)

    def has_sign(self, polynomial: Polynomial) -> bool:
        """Whether it is seen to be nowhere negative in the model: times probabilities."""
        return self.is_nonnegative(polynomial.without(self.shares))

    @cached_property
    def points(self) -> tuple[dict[str, Fraction], ...]:
        """A few places at which most options differ: what is not so there needs no proof."""
        found = []
        for k in range(POINTS):
            point = {name: Fraction(1 + (k + i) % POINTS, POINTS) for i, name in enumerate(sorted(self.others))}
            for arm in self.arms:
                weights = {name: 1 + (3 * k + 1) ** i % 11 for i, name in enumerate(sorted(arm), k)}
                point |= {name: Fraction(weight, sum(weights.values())) for name, weight in weights.items()}
            if all(share.value(point) >= 0 for share in self.shares):
                found.append(point)
        return tuple(found)


def without_superfluous(side: PiecewiseSide, known: Homogeneous) -> PiecewiseSide:
    """A side without guards that always hold, and without options and pieces that another is nowhere worse than.

    Parameters
    ----------
    side : PiecewiseSide
    known : Homogeneous

    Returns
    -------
    PiecewiseSide
    """
    plain = [_plain(piece, side.op, known) for piece in side.pieces]
    if len(plain) > MOST_OPTIONS:
        return replace(side, pieces=tuple(plain))
    kept = list(plain)
    for piece in plain:
        if any(
            _covers(other, piece, side.op, known) for other in kept if other is not piece and other.law == piece.law
        ):
            kept = [other for other in kept if other is not piece]
    return replace(side, pieces=tuple(kept))


def without_idle_guards(side: PiecewiseSide, known: Homogeneous) -> PiecewiseSide:
    """A side without guards that always hold, and without pieces that apply at most where one is zero."""
    pieces = tuple(
        replace(piece, guards=tuple(guard for guard in piece.guards if not known.is_nonnegative(guard.polynomial)))
        for piece in side.pieces
        if not any(known.is_nonnegative(-guard.polynomial) for guard in piece.guards)
    )
    return replace(side, pieces=pieces) if pieces else side


def _plain(piece: Piece, op: str, known: Homogeneous) -> Piece:
    guards = tuple(guard for guard in piece.guards if not known.is_nonnegative(guard.polynomial))
    summands = (replace(each, options=tuple(_shorter(o, known) for o in each.options)) for each in piece.summands)
    needed = (replace(s, options=tuple(s.options[k] for k in needed_options(s.options, op, known))) for s in summands)
    return replace(piece, guards=guards, summands=tuple(needed))


def _shorter(option: RationalFunction, known: Homogeneous) -> RationalFunction:
    return RationalFunction.of(known.shorter(option.numerator), known.shorter(option.denominator))


def needed_options(options: Sequence[RationalFunction], op: str, known: Homogeneous) -> tuple[int, ...]:
    """The places of the options of a maximum or minimum that none of the others is known to be nowhere worse than.

    Parameters
    ----------
    options : sequence of RationalFunction
        In cells and parameters.
    op : {"max", "min"}
    known : Homogeneous

    Returns
    -------
    tuple of int
    """
    kept = list(range(len(options)))
    if len(options) > MOST_OPTIONS or not all(known.has_sign(option.denominator) for option in options):
        return tuple(kept)
    for k, option in enumerate(options):
        if any(_is_worse(option, options[other], op, known) for other in kept if other != k):
            kept.remove(k)
    return tuple(kept)


def _is_worse(one: RationalFunction, other: RationalFunction, op: str, known: Homogeneous) -> bool:
    """Whether the other says at least as much everywhere."""
    return known.is_at_most(one, other) if op == "max" else known.is_at_most(other, one)


def _covers(one: Piece, other: Piece, op: str, known: Homogeneous) -> bool:
    """Whether one piece applies wherever the other does, and says at least as much."""
    options = [_single(each) for each in (one, other)]
    if options[0] is None or options[1] is None or not set(one.guards) <= set(other.guards):
        return False
    positive = {guard.polynomial for guard in other.guards}
    if not all(o.denominator in positive or known.has_sign(o.denominator) for o in options if o is not None):
        return False
    return _is_worse(options[1], options[0], op, known)


def _single(piece: Piece) -> RationalFunction | None:
    """The one option of a piece that has no weights."""
    if len(piece.summands) != 1 or len(piece.summands[0].options) != 1 or piece.summands[0].weight.constant != 1:
        return None
    return piece.summands[0].options[0]
