"""Selection by a variable that shares no cause with what is selected, as a closed form: one corner for each level.

A cell ``q s`` is the probability of what is seen times that of being seen, which depends on one level alone. With
``u = 1 / s``, at least one, ``q = cell u``, and all that is known of the u is that the q sum to one: at a corner all
units that were not seen have one level. Where each response type shows itself in one cell, the estimand is linear in
the q, and its bounds are attained at corners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.piecewise import Piece, PiecewiseSide, Summand
from boundgen.bounds.polynomial_rows import PolynomialProblem, share_name
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.polyhedra.weighted_optimum import Ends, weighted_bounds_at
from boundgen.program.inverted import linear_at_data
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram, WeightedRow
from boundgen.strata.stratum import Stratum

UNIT = RationalFunction(ONE)


@dataclass(frozen=True)
class SeenCell:
    """A cell, and the least and the greatest that the estimand is of a response type that shows itself in it."""

    name: str
    least: Fraction
    greatest: Fraction


@dataclass(frozen=True)
class SeenLevel:
    """The cells that are seen with one probability.

    Parameters
    ----------
    cells : tuple of SeenCell
    whole : bool
        Whether all of its units are seen.
    """

    cells: tuple[SeenCell, ...]
    whole: bool

    @property
    def share(self) -> Polynomial:
        """How many units are seen in it."""
        return Polynomial.linear(Term.of(0, {cell.name: 1 for cell in self.cells}))

    def sum_of(self, greatest: bool) -> Polynomial:
        """What these units add to the estimand, at least or at most."""
        values = {cell.name: cell.greatest if greatest else cell.least for cell in self.cells}
        return Polynomial.linear(Term.of(0, values))


@dataclass(frozen=True)
class Corners:
    """What a closed form over corners is of.

    Parameters
    ----------
    levels : tuple of SeenLevel
    problem : PolynomialProblem
        Linear once it is inverted, also at data with nobody in a level.
    """

    levels: tuple[SeenLevel, ...]
    problem: PolynomialProblem

    def allow(self, values: Mapping[str, Number]) -> bool:
        """Whether no more than everybody is seen."""
        seen = sum((level.share.value(values) for level in self.levels), Fraction(0))
        return seen <= 1

    def ends(self, values: Mapping[str, Number]) -> Ends:
        """Both ends by the program at these data."""
        linear = linear_at_data(self.problem.at(values))
        assert linear is not None, "what is selected alone is linear once it is inverted"
        return weighted_bounds_at(linear, {})


# ---------------------------------------------------------------- reading the program
def levels_of(problem: PolynomialProblem) -> tuple[SeenLevel, ...]:
    """The levels by which units are selected; none where the program is not of that kind.

    Parameters
    ----------
    problem : PolynomialProblem

    Returns
    -------
    tuple of SeenLevel
    """
    plain = not (problem.assumed or problem.independent) and problem.divisor == ONE
    if not plain or any(selection is not None for *_, selection in problem.cells):
        return ()
    owner = {share_name(group.first + j): k for k, group in enumerate(problem.groups) for j in range(len(group.types))}
    term = problem.numerator.term
    asked = {owner.get(name) for name in problem.numerator.names}
    if term is None or len(asked) != 1 or None in asked:
        return ()
    (main,) = asked
    costs = {name: Fraction(0) for name, k in owner.items() if k == main}
    costs.update(term.coefficients)
    costs = {name: cost + term.constant for name, cost in costs.items()}
    by_chance: dict[str, list[SeenCell]] = {}
    shown: list[str] = []
    for name, polynomial, _ in problem.cells:
        found = _shown_with_chance(polynomial, owner, main)
        if found is None:
            return ()
        types, chance = found
        by_chance.setdefault(chance, []).append(
            SeenCell(name, min(costs[own] for own in types), max(costs[own] for own in types))
        )
        shown += types
    # Each type is seen in one cell, and two levels are not selected by one group: its chances could be related.
    groups = [owner[chance] for chance in by_chance if chance]
    free = all(len(problem.groups[k].types) > 1 for k in groups)
    if sorted(shown) != sorted(costs) or len(set(groups)) < len(groups) or not groups or not free:
        return ()
    return tuple(SeenLevel(tuple(cells), not chance) for chance, cells in by_chance.items())


def _shown_with_chance(
    polynomial: Polynomial, owner: Mapping[str, int], main: int | None
) -> tuple[list[str], str] | None:
    """``(a + b + ...) s``: the types, and the share of another group by which all are multiplied, or nothing."""
    types, chances = [], set()
    for names, c in polynomial.terms:
        own = [name for name in names if owner.get(name) == main]
        other = [name for name in names if owner.get(name) != main]
        if c != 1 or len(own) != 1 or len(other) > 1:
            return None
        types += own
        chances.add(other[0] if other else "")
    return (types, chances.pop()) if len(chances) == 1 else None


# ---------------------------------------------------------------- the form
def corner_sides(levels: Sequence[SeenLevel]) -> tuple[PiecewiseSide, PiecewiseSide]:
    """Both sides: the worst of the corners, where all units that are not seen have one level.

    Parameters
    ----------
    levels : sequence of SeenLevel
        As `levels_of` gives them.

    Returns
    -------
    tuple of PiecewiseSide
    """
    return (
        PiecewiseSide("max", tuple(_corners(levels, greatest=False))),
        PiecewiseSide("min", tuple(_corners(levels, greatest=True))),
    )


def _corners(levels: Sequence[SeenLevel], greatest: bool) -> list[Piece]:
    pieces = []
    for number, level in enumerate([each for each in levels if not each.whole]):
        others = [other for other in levels if other is not level]
        seen = Polynomial.total(other.sum_of(greatest) for other in others)
        weight = ONE - Polynomial.total(other.share for other in others)
        summands = [Summand(ONE, (RationalFunction(seen),))] if seen != ZERO else []
        mean = RationalFunction.of(level.sum_of(greatest), level.share)
        if mean.numerator != ZERO or not summands:
            summands.append(Summand(weight, (mean,)))
        pieces.append(Piece((), tuple(summands), number))
    return pieces


def corner_program(levels: Sequence[SeenLevel]) -> WeightedProgram:
    """The same as a program, for data with units in each level: the inverse chance of each, at least and at most."""
    rows = [WeightedRow("total", "total", "=", UNIT)]
    columns = []
    for number, level in enumerate(levels, 1):
        rows.append(WeightedRow("assumption", "", "=" if level.whole else "<=", -UNIT))
        entries = ((0, RationalFunction(level.share)), (number, -UNIT))
        columns += [WeightedColumn(Stratum(()), entries, level.sum_of(greatest), ONE) for greatest in (False, True)]
    shares = tuple(RationalFunction(level.share) for level in levels)
    return WeightedProgram(tuple(rows), tuple(columns), UNIT, True, shares)
