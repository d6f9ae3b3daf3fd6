"""Proofs about linear functions on a region: multiples of the region's constraints (Farkas' lemma)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import AffineFunction, Region


@dataclass(frozen=True)
class Proof:
    """Why a weighted mean of functions is nowhere negative on a region.

    Take the multiples of the region's constraints away from the mean: what is left are non-negative multiples
    of unknowns that may not be negative, and a non-negative number. Multiples of inequalities are not negative.

    Parameters
    ----------
    weights : tuple of Fraction
        One for each function; they sum to one.
    multiples : tuple of Fraction
        One for each constraint of the region.
    """

    weights: tuple[Fraction, ...]
    multiples: tuple[Fraction, ...]


def nonnegativity_proof(region: Region, function: AffineFunction) -> tuple[Fraction, ...] | None:
    """Multiples of the constraints that prove a function nowhere negative; None where it is negative somewhere."""
    found = mean_proof(region, [function])
    return found.multiples if found else None


def mean_proof(region: Region, functions: Sequence[AffineFunction]) -> Proof | None:
    """Weights under which the mean of the functions is nowhere negative, with its proof.

    There are such weights exactly where at every point of the region some function is not negative.
    The multiples of inequalities and what is left of unknowns have the smallest sum, so that the proof is short.
    """
    count, size = len(functions), len(functions) + len(region.constraints)
    demands: list[dict[int, Number]] = [{} for _ in range(region.size)]
    constants: dict[int, Number] = {}
    for k, (coefficients, constant) in enumerate(functions):
        constants[k] = constant
        for i, c in coefficients.items():
            demands[i][k] = c
    for k, constraint in enumerate(region.constraints, count):
        constants[k] = -constraint.constant
        for i, c in constraint.coefficients.items():
            demands[i][k] = -c
    free = set(range(region.size)) - set(region.nonnegative)
    inequalities = [k for k, constraint in enumerate(region.constraints, count) if constraint.relation == ">="]
    objective: dict[int, Number] = dict.fromkeys(inequalities, -1)
    for i in region.nonnegative:
        for k, c in demands[i].items():
            objective[k] = objective.get(k, 0) - c
    best = maximum(
        size,
        objective,
        [
            Constraint(dict.fromkeys(range(count), 1), -1, "="),
            Constraint(constants),
            *(Constraint(demand, 0, "=" if i in free else ">=") for i, demand in enumerate(demands)),
        ],
        [*range(count), *inequalities],
    )
    return Proof(best.point[:count], best.point[count:]) if best else None
