"""Dual rays to testable implications."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.exact.terms import Term
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.region import Region
from boundgen.work.limits import Budget


def conditions(
    rays: Sequence[Term], equalities: Sequence[Term], region: Region, irredundant: bool, budget: Budget
) -> tuple[Term, ...]:
    """The conditions ``term >= 0`` that data and parameters must meet, without trivial and implied ones.

    Parameters
    ----------
    rays : sequence of Term
        One for each extreme ray; each must be non-negative.
    equalities : sequence of Term
        Each must be zero, which is two opposite terms unless one of them is trivial.
    region : Region
        All distributions and parameter values in range.
    irredundant : bool
        Whether the rays are known not to imply one another: without assumption rows and equalities they
        are the facets of the cone of observable distributions, and only triviality needs a proof.
    """
    candidates = [*(term for e in equalities for term in (e, -e)), *rays]
    functions = AffineFunctions(region, candidates)
    kept = [k for k in range(len(candidates)) if not _is_trivial(functions, k, len(candidates), budget)]
    if not irredundant or equalities:
        kept = _without_implied(functions, kept, budget)
    return tuple(candidates[k] for k in kept)


def is_trivial(term: Term, region: Region) -> bool:
    """Whether ``term >= 0`` everywhere in the region."""
    return not AffineFunctions(region, [term]).is_negative_somewhere(0)


def is_zero(term: Term, region: Region) -> bool:
    """Whether ``term = 0`` everywhere in the region."""
    return is_trivial(term, region) and is_trivial(-term, region)


def _is_trivial(functions: AffineFunctions, k: int, total: int, budget: Budget) -> bool:
    budget.step("proving which conditions are trivial", k, total)
    return not functions.is_negative_somewhere(k)


def _without_implied(functions: AffineFunctions, candidates: list[int], budget: Budget) -> list[int]:
    """Drop, from the back, what the others imply."""
    kept = list(candidates)
    needed: set[int] = set()
    for done, k in enumerate(reversed(candidates)):
        budget.step("removing conditions that follow from others", done, len(candidates))
        if k in needed:
            continue
        others = [other for other in kept if other != k]
        independent, points = functions.violated_alone(k, others)
        for point in points:
            negative = [other for other, value in functions.values(point, kept).items() if value < 0]
            needed |= set(negative) if len(negative) == 1 else set()
        if not independent:
            kept = others
    return kept
