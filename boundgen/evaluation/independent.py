"""Bounds at data where variables share no causes: the closed form in cells of factors, or the program of these data."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from boundgen.bounds.closed_form import Bounds, checked_values
from boundgen.bounds.independent_problem import FactoredEstimand, PolynomialEstimand
from boundgen.derivation import Derivation
from boundgen.evaluation.asked import AnyBounds
from boundgen.evaluation.evaluations import Evaluation
from boundgen.evaluation.polynomial_bounds import polynomial_bounds_at
from boundgen.exact.rational import Written
from boundgen.polyhedra.product_optimum import factored_bounds_at, is_possible_at
from boundgen.polyhedra.weighted_optimum import UNDEFINED, weighted_bounds_at
from boundgen.program.inverted import linear_at_data
from boundgen.work.limits import Budget


def cells_of_factors(
    derivation: Derivation, cells: Mapping[str, Written], choice: Mapping[str, Fraction]
) -> dict[str, Fraction | int | None]:
    """What is observed, parameters, and the cells of factors; None where what these are given has no units."""
    independent = derivation.independent
    assert independent is not None, "asked of models with independent causes"
    at: dict[str, Fraction | int | None] = {
        **checked_values(independent.arms, independent.model.parameters, cells, choice)
    }
    if independent.factored is not None:
        known = {name: value for name, value in at.items() if value is not None}
        at |= independent.factored.at(known)
    return at


def independent_evaluation(
    each: FactoredEstimand | PolynomialEstimand,
    closed: AnyBounds | None,
    at: Mapping[str, Fraction | int | None],
    choice: Mapping[str, Fraction],
    budget: Budget,
) -> Evaluation:
    """One estimand at data.

    Parameters
    ----------
    each : FactoredEstimand or PolynomialEstimand
    closed : Bounds, PiecewiseBounds or None
        Its closed form in cells of factors.
    at : mapping
        Of `cells_of_factors`.
    choice : mapping of parameter to Fraction
    budget : Budget

    Returns
    -------
    Evaluation
    """
    name, chosen = each.estimand.name, tuple(choice.items())
    known = {cell: value for cell, value in at.items() if value is not None}
    if closed is not None and len(known) == len(at) and _is_defined(each, known):
        # A sample breaks equations between cells of factors a little, and what fails is told beside the bounds.
        if isinstance(closed, Bounds):
            own = {cell: known[cell] for arm in closed.arms for cell in (c.name for c in arm.cells)}
            low, high = closed.active(own, dict(choice))
            return Evaluation(name, chosen, *interval_where_defined(closed, own, choice), low, high, None)
        ends, in_form = closed.ends(known)
        unsure = not in_form or closed.program.varies
        if unsure and isinstance(each, FactoredEstimand) and not is_possible_at(each.program, known):
            return Evaluation(name, chosen, *UNDEFINED, (), (), None, "closed form")
        return Evaluation(name, chosen, *ends, (), (), None, "closed form" if in_form else "linear program")
    if isinstance(each, PolynomialEstimand):
        identified = each.identified_at(known)
        if identified is not None:
            return Evaluation(name, chosen, identified, identified, (), (), None, "closed form")
        program = each.problem.at(known)
        linear = linear_at_data(program)
        if linear is not None:
            return Evaluation(name, chosen, *weighted_bounds_at(linear, {}), (), (), None, "linear program")
        found = polynomial_bounds_at(program, budget)
        gaps = [found.gap_lower, found.gap_upper]
        gap = None if None in gaps else max(value for value in gaps if value is not None)
        return Evaluation(name, chosen, found.lower, found.upper, (), (), None, "polynomial program", gap)
    ends = factored_bounds_at(each.program, known, budget)
    return Evaluation(name, chosen, *ends, (), (), None, "linear program")


def interval_where_defined(
    bounds: Bounds, cells: Mapping[str, Written], choice: Mapping[str, Fraction]
) -> tuple[Fraction | None, Fraction | None]:
    """No interval where the data give the estimand's condition no positive probability: nothing to divide by."""
    if bounds.denominator is not None:
        at = {name: Fraction(value) for name, value in cells.items()}
        if bounds.denominator.value({**at, **choice}) <= 0:
            return None, None
    return bounds.evaluate(cells, dict(choice))


def _is_defined(each: FactoredEstimand | PolynomialEstimand, known: Mapping[str, Fraction | int]) -> bool:
    """Whether nothing divides by zero: a formula may, where the data bound the estimand all the same."""
    return isinstance(each, FactoredEstimand) or all(fraction.value(known) is not None for fraction in each.formula)
