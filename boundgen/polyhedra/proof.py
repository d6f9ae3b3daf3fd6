"""Proofs that a linear function is nowhere negative on a region: multiples of the region's constraints."""

from __future__ import annotations

from fractions import Fraction

from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Function, Region
from boundgen.terms import Number


def nonnegativity_proof(region: Region, function: Function) -> tuple[Fraction, ...] | None:
    """One multiple for each constraint of the region, such that what is left of the function is plainly >= 0.

    Left over after the multiples of the constraints are taken away are non-negative multiples of the unknowns
    that may not be negative, and a non-negative number (Farkas' lemma). Multiples of inequalities are
    non-negative; the sum of all multiples, those of the unknowns too, is as small as possible, so that the
    proof is short.

    Returns
    -------
    tuple of Fraction, or None
        None where the function is negative somewhere in the region.
    """
    coefficients, constant = function
    size = len(region.constraints)
    inequalities = [k for k, constraint in enumerate(region.constraints) if constraint.relation == ">="]
    left: list[dict[int, Number]] = [{} for _ in range(region.size)]
    for k, constraint in enumerate(region.constraints):
        for i, c in constraint.coefficients.items():
            left[i][k] = -c
    free = set(range(region.size)) - set(region.nonnegative)
    demands = [Constraint(left[i], coefficients.get(i, 0), "=" if i in free else ">=") for i in range(region.size)]
    demands.append(Constraint({k: -constraint.constant for k, constraint in enumerate(region.constraints)}, constant))
    objective: dict[int, Number] = dict.fromkeys(inequalities, -1)
    for i in region.nonnegative:
        for k, c in left[i].items():
            objective[k] = objective.get(k, 0) - c
    best = maximum(size, objective, demands, inequalities)
    return best.point if best else None
