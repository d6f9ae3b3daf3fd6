"""Both sides of a linear program whose costs are polynomials in observed probabilities and parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from boundgen.bounds.chambers import Chamber, recession, subdivision
from boundgen.bounds.order import simplest_first
from boundgen.bounds.parting import Parting, shortest_parting
from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.weight_space import WeightNames, WeightSpace, dot, weight_space
from boundgen.errors import BudgetError, LimitError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.linear_program import LinearProgram
from boundgen.program.merging import merge
from boundgen.program.zeros import remove_zeros
from boundgen.work.limits import Budget

Parts = list[tuple[Polynomial, tuple[Term, ...]]]


@dataclass(frozen=True)
class WeightedSide:
    """One side of a bound with symbolic weights.

    Parameters
    ----------
    form : PiecewiseSide or None
    reason : str
        Why there is no closed form; empty where there is one.
    identified : bool
        Whether the equality rows identify the mean of the costs at all possible weights.
    implications : tuple of Term
        Each is not negative wherever some ψ meets the rows, and together they say that some ψ does; what a law
        of the data meets anyway is among them, and an equality is two opposite terms.
    """

    form: PiecewiseSide | None
    reason: str
    identified: bool
    implications: tuple[Term, ...]


@dataclass(frozen=True)
class _Weighted:
    """A reduced program, what is known of the names in its costs, and the region of right sides."""

    program: LinearProgram
    names: WeightNames
    region: Region
    reading: Simplifier

    @cached_property
    def order(self) -> Callable[[Term], tuple[Any, ...]]:
        """For sorting functions of the data."""
        read = self.reading.order
        return simplest_first([*read, *(name for name in self.region.names if name not in read)])


def weighted_sides(
    program: LinearProgram,
    costs: Sequence[Polynomial],
    names: WeightNames,
    parameters: Sequence[Parameter],
    reading: Simplifier,
    budget: Budget,
) -> tuple[WeightedSide, WeightedSide]:
    """The minimum and the maximum of ``costs · ψ`` over ψ >= 0 that meet the rows, as functions of data and weights.

    They are exact wherever some ψ meets the rows. The minimum must be finite at all possible weights.

    Parameters
    ----------
    program : LinearProgram
        Cells may stand for anything that is fixed by the data; the costs that columns have are not used.
    costs : sequence of Polynomial
        The cost of each column in the names of weights.
    names : WeightNames
        What is known of these names, and of names on the right that are neither cells nor parameters.
    parameters : sequence of Parameter
    reading : Simplifier
        Writes functions of right sides for the reader.
    budget : Budget

    Raises
    ------
    BudgetError
        Where time or memory are used up.
    """
    weighted, spaces = _posed(program, costs, names, parameters, reading)
    independent = drop_dependent_rows(remove_zeros(program).program)
    equalities = [each for equality in independent.equalities for each in (equality, -equality)]
    try:
        implications = (*equalities, *recession(weighted.program, budget))
    except BudgetError:
        raise
    except LimitError as error:
        none = WeightedSide(None, error.message, False, ())
        return none, none
    lower, upper = (_side(weighted, spaces, sign, implications, budget) for sign in (1, -1))
    return lower, upper


def weighted_side(
    program: LinearProgram,
    costs: Sequence[Polynomial],
    names: WeightNames,
    parameters: Sequence[Parameter],
    reading: Simplifier,
    sign: int,
    budget: Budget,
) -> WeightedSide:
    """As `weighted_sides`, the minimum (of sign -1, the maximum) alone, without implications."""
    return _side(*_posed(program, costs, names, parameters, reading), sign, (), budget)


def _posed(
    program: LinearProgram,
    costs: Sequence[Polynomial],
    names: WeightNames,
    parameters: Sequence[Parameter],
    reading: Simplifier,
) -> tuple[_Weighted, list[WeightSpace]]:
    possible = remove_zeros(program)
    small, kept = reduced_weights(program, costs)
    others = names_on_the_right(possible.program, names, parameters)
    region = model_region(merge(possible.program).program, (*parameters, *others))
    # By arm is mostly shorter; what averages over arms may be shorter as it is.
    spaces = [weight_space(small, each, names) for each in dict.fromkeys((names.spread(kept), tuple(kept)))]
    return _Weighted(small, names, region, reading), spaces


def reduced_weights(program: LinearProgram, costs: Sequence[Polynomial]) -> tuple[LinearProgram, list[Polynomial]]:
    """The program that is enumerated, and the costs of its columns."""
    possible = remove_zeros(program)
    return _distinct(drop_dependent_rows(possible.program).program, [costs[j] for j in possible.columns])


def _distinct(program: LinearProgram, costs: Sequence[Polynomial]) -> tuple[LinearProgram, list[Polynomial]]:
    """Of columns with the same entries and the same cost the first."""
    first: dict[object, int] = {}
    for j, column in enumerate(program.columns):
        first.setdefault((column.entries, costs[j]), j)
    kept = list(first.values())
    return replace(program, columns=tuple(program.columns[j] for j in kept)), [costs[j] for j in kept]


def names_on_the_right(program: LinearProgram, names: WeightNames, parameters: Sequence[Parameter]) -> list[Parameter]:
    """Names on the right that no cell row and no parameter explains, with what is known of them."""
    known = {row.name for row in program.rows if row.kind == "cell"} | {parameter.name for parameter in parameters}
    used = dict.fromkeys(name for row in program.rows for name, _ in row.right.coefficients)
    return [Parameter(name, *names.range_of(name)) for name in used if name not in known]


# ---------------------------------------------------------------- one side
def _side(
    weighted: _Weighted, spaces: Sequence[WeightSpace], sign: int, implications: tuple[Term, ...], budget: Budget
) -> WeightedSide:
    """The shorter form of those by several choices of weights."""
    identified = not spaces[0].corners
    found: list[tuple[Piece, ...]] = []
    reasons = []
    for space in spaces[:1] if identified else spaces:
        try:
            found.append(_pieces(weighted, space, sign, budget))
        except BudgetError:
            raise
        except LimitError as error:
            reasons.append(error.message)
    if not found:
        return WeightedSide(None, reasons[0], identified, implications)
    form = PiecewiseSide("max" if sign > 0 else "min", min(found, key=_length))
    return WeightedSide(form, "", identified, implications)


def _length(pieces: Sequence[Piece]) -> tuple[int, int]:
    return len(pieces), sum(len(summand.options) for piece in pieces for summand in piece.summands)


def _pieces(weighted: _Weighted, space: WeightSpace, sign: int, budget: Budget) -> tuple[Piece, ...]:
    if not space.corners:
        return (_piece(weighted, space, Parting(space.identified, {}), None),)
    found = subdivision(weighted.program, space, sign, weighted.region, budget)
    signed = {direction: tuple(term.scaled(sign) for term in terms) for direction, terms in found.directions.items()}
    parting = shortest_parting(Parting(space.identified, signed), space, weighted.reading)
    return tuple(_piece(weighted, space, parting, chamber) for chamber in found.chambers)


def _piece(weighted: _Weighted, space: WeightSpace, parting: Parting, chamber: Chamber | None) -> Piece:
    """What is identified, and in each direction of the chamber its multiple times its functions."""
    names = weighted.names
    parts: Parts = [(ONE, (weighted.program.offset,))]
    parts += [(Polynomial.of([(k, 1)]), (term,)) for k, term in zip(space.monomials, parting.identified, strict=True)]
    guards = []
    for direction, multiple in zip(chamber.directions, chamber.multiples, strict=True) if chamber else ():
        values = [dot(multiple, corner) for corner in space.corners]
        weight = space.polynomial(multiple)
        if any(values):
            parts.append((weight, parting.directions[direction]))
        if min(values) < 0:
            guards.append(Guard(names.collected(weight), ">="))
    return Piece(tuple(guards), _summands(parts, weighted))


def _summands(parts: Parts, weighted: _Weighted) -> tuple[Summand, ...]:
    """Parts with the same functions together, by weights; what is zero is left out."""
    weights: dict[tuple[Term, ...], Polynomial] = {}
    order = weighted.order
    for weight, terms in parts:
        options = tuple(sorted(map(weighted.reading.plain, terms), key=order))
        weights[options] = weights.get(options, Polynomial()) + weight
    constant, found = Term(), []
    for options, weight in weights.items():
        collected = weighted.names.collected(weight)
        if len(options) == 1 and collected.constant is not None:
            constant += options[0].scaled(collected.constant)
        elif options != (Term(),):
            found.append((collected, options))
    if constant != Term() or not found:
        found.append((ONE, (constant,)))
    found.sort(key=lambda part: _place(part[0], weighted.names))
    return tuple(
        Summand(weight, tuple(RationalFunction(Polynomial.linear(term)) for term in options))
        for weight, options in found
    )


def _place(weight: Polynomial, names: WeightNames) -> tuple[bool, Any]:
    """A sorting key of weights: sums of names before numbers and differences."""
    plain = all(monomial and c > 0 for monomial, c in weight.terms)
    return not plain, min(map(names.place, dict(weight.terms)))
