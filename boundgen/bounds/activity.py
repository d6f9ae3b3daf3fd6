"""Remove terms that can never be active: each removal, and each term that stays, is proved exactly."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.limits import Work
from boundgen.polyhedra.region import Point, Region
from boundgen.terms import Term


def active_terms(terms: Sequence[Term], region: Region, work: Work) -> tuple[Term, ...]:
    """The terms of a max that are strictly the largest somewhere in the region.

    Terms are tried from the back, so of two that are equal on the region the first one stays.
    """
    kept = list(terms)
    points: list[Point] = []
    for done, term in enumerate(reversed(terms)):
        work.step("removing terms that can never be active", done, len(terms))
        others = [other for other in kept if other is not term]
        if any(_leads(term, others, region, point) for point in points):
            continue
        point = region.where_positive(term, others, lead=True)
        if point is None:
            kept = others
        else:
            points.append(point)
    return tuple(kept)


def _leads(term: Term, others: Sequence[Term], region: Region, point: Point) -> bool:
    value = region.value(term, point)
    return all(region.value(other, point) < value for other in others)
