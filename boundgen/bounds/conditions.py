"""Dual rays to testable implications."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.limits import Work
from boundgen.polyhedra.region import Region
from boundgen.terms import Term


def conditions(
    rays: Sequence[Term], equalities: Sequence[Term], region: Region, irredundant: bool, work: Work
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
    kept = []
    for done, term in enumerate(candidates):
        work.step("proving which conditions are not trivial", done, len(candidates))
        if region.where_positive(-term, [], lead=False) is not None:
            kept.append(term)
    if irredundant and not equalities:
        return tuple(kept)
    for done, term in enumerate(reversed(tuple(kept))):
        work.step("removing conditions that follow from others", done, len(candidates))
        others = [other for other in kept if other is not term]
        if region.where_positive(-term, others, lead=False) is None:
            kept = others
    return tuple(kept)
