"""Whether a mean over strata, whose coefficients may be functions of the data, is never negative in the model."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from boundgen.exact.polynomials import Polynomial
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.linear_program import LinearProgram
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Budget

MOST_CORNERS = 256


def is_nonnegative(
    values: Sequence[Polynomial],
    program: Callable[[Sequence[Fraction]], LinearProgram],
    model: Model,
    budget: Budget,
) -> bool:
    """Whether ``values · ψ`` is proved non-negative at every ψ of the model and all weights in their ranges.

    It is linear in each weight, so its least value is at a corner of the weights' ranges.

    Parameters
    ----------
    values : sequence of Polynomial
        One for each stratum.
    program : function
        The program over strata with these costs.
    model : Model
    budget : Budget
    """
    if all(_plainly_nonnegative(value, model) for value in values):
        return True
    names = sorted({name for value in values for name in value.names})
    corners = _corners(names, model, budget)
    if corners is None:
        return False
    return all(_least(program([value.value(at) for value in values]), model) >= 0 for at in corners)


def sign_of(
    polynomial: Polynomial, program: LinearProgram, model: Model, others: Sequence[Parameter], budget: Budget
) -> int:
    """1 where a function of the data is nowhere negative in the model, -1 where nowhere positive, else 0.

    Laws of randomized variables, and parameters, vary by themselves, so it is looked at in their corners, where it has
    to be linear in the other cells; what is not is said to have both signs.

    Parameters
    ----------
    polynomial : Polynomial
    program : LinearProgram
        Whose cells it is a function of.
    model : Model
    others : sequence of Parameter
        Other names in right sides of the program.
    budget : Budget
    """
    for sign in (1, -1):
        if _plainly_nonnegative(polynomial.scaled(sign), model):
            return sign
    region = model_region(program, (*model.parameters, *others))
    weights = sorted(polynomial.names - {row.name for row in program.rows if row.kind == "cell"})
    corners = _corners(weights, model, budget)
    terms = [polynomial.at(corner, weights).term for corner in corners or ()]
    if not terms or any(
        term is None or not {name for name, _ in term.coefficients} <= region.names.keys() for term in terms
    ):
        return 0
    ends = [_ends(region, term) for term in terms if term is not None]
    if all(low is not None and low >= 0 for low, _ in ends):
        return 1
    return -1 if all(high is not None and high <= 0 for _, high in ends) else 0


def _ends(region: Region, term: Term) -> tuple[Fraction | None, Fraction | None]:
    """The least and the greatest value of a function on a region; None where there is none."""
    coefficients, constant = region.function(term)
    found: list[Fraction | None] = []
    for sign in (-1, 1):
        try:
            objective = {i: sign * c for i, c in coefficients.items()}
            best = maximum(region.size, objective, region.constraints, region.nonnegative)
        except ArithmeticError:
            best = None
        found.append(None if best is None else sign * best.value + constant)
    return found[0], found[1]


def _plainly_nonnegative(value: Polynomial, model: Model) -> bool:
    signed = {p.name for p in model.parameters if p.low is None or p.low < 0}
    return all(c > 0 and not signed & set(names) for names, c in value.terms)


def _corners(names: Sequence[str], model: Model, budget: Budget) -> list[dict[str, Fraction]] | None:
    """Corners of the ranges of weights: arms of a law one at a time; None where there are too many, or no end."""
    groups: list[list[dict[str, Fraction]]] = []
    left = set(names)
    for arm in observed_arms(model, budget.limits):
        cells = [cell.name for cell in arm.cells]
        if left & set(cells):
            corners = [{cell: Fraction(1)} for cell in cells]
            groups.append(corners if arm.complete else [*corners, {}])
            left -= set(cells)
    for parameter in model.parameters:
        if parameter.name in left:
            if parameter.low is None or parameter.high is None:
                return None
            groups.append([{parameter.name: parameter.low}, {parameter.name: parameter.high}])
    found = list(itertools.islice(_joined(groups), MOST_CORNERS + 1))
    return found if len(found) <= MOST_CORNERS else None


def _joined(groups: Sequence[Sequence[Mapping[str, Fraction]]]) -> Iterator[dict[str, Fraction]]:
    for chosen in itertools.product(*groups):
        yield {name: value for corner in chosen for name, value in corner.items()}


def _least(program: LinearProgram, model: Model) -> Fraction:
    region = model_region(program, model.parameters)
    found = maximum(
        region.size,
        {j: -column.cost for j, column in enumerate(program.columns) if column.cost},
        region.constraints,
        region.nonnegative,
    )
    return Fraction(0) if found is None else -found.value
