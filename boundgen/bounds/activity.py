"""Remove terms that can never be active: each removal, and each term that stays, is proved exactly."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.exact.terms import Term
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.region import Region
from boundgen.work.limits import Budget


def active_terms(terms: Sequence[Term], region: Region, budget: Budget) -> tuple[Term, ...]:
    """The terms of a max that are strictly the largest somewhere in the region.

    Terms are tried from the back, so of two that are equal on the region the first one stays.
    """
    functions = AffineFunctions(region, terms)
    kept = list(range(len(terms)))
    needed: set[int] = set()
    for k in reversed(range(len(terms))):
        budget.step("removing terms that can never be active", len(terms) - k, len(terms))
        if k in needed:
            continue
        others = [other for other in kept if other != k]
        leads, points = functions.strictly_active(k, others)
        for point in points:
            values = functions.values(point, kept)
            top = max(values.values())
            leaders = [other for other, value in values.items() if value == top]
            needed |= set(leaders) if len(leaders) == 1 else set()
        if not leads:
            kept = others
    return tuple(terms[k] for k in kept)
