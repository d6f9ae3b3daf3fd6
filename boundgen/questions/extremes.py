"""The most favourable data: the largest lower and the smallest upper bound that can be observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.derived import Derivation, EstimandDerivation
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.scaled import Scaled, scaled
from boundgen.questions.containment import ContainmentProof, proof
from boundgen.questions.distributions import Distribution, populations
from boundgen.questions.observable import Observable
from boundgen.work.limits import Budget

ONE = Term(Fraction(1))


@dataclass(frozen=True)
class SideAnswer:
    """What one side of a bound can come to at observable distributions.

    Parameters
    ----------
    side : {"lower", "upper"}
    always : bool
        Whether the lower bound is never above the value (the upper never below it).
    proofs : tuple of ContainmentProof
        One for each term, where it is never.
    witness : Distribution or None
        A smallest population where the side is beyond the value.
    extreme : Fraction or None
        The largest lower (smallest upper) bound; None where there is no limit to it.
    at : Distribution or None
        The most favourable population: the extreme is attained at its data.
    """

    side: Literal["lower", "upper"]
    always: bool
    proofs: tuple[ContainmentProof, ...]
    witness: Distribution | None
    extreme: Fraction | None
    at: Distribution | None


def side_answer(
    derivation: Derivation,
    stage: EstimandDerivation,
    bounds: Bounds,
    seen: Observable,
    value: Fraction,
    side: Literal["lower", "upper"],
    budget: Budget,
) -> SideAnswer:
    """How far one side goes, and whether it goes beyond the value."""
    sign = 1 if side == "lower" else -1
    over = bounds.denominator
    right = (over or ONE).scaled(value)
    terms = (bounds.lower if side == "lower" else bounds.upper).terms
    maxima = [_largest(scaled(seen.region, over), term.scaled(sign), budget) for term in terms]
    beyond = [term for term, most in zip(terms, maxima, strict=True) if most is None or most > sign * value]
    program = (stage.lower if side == "lower" else stage.upper).reduced.complete
    people = populations(program, derivation.model.parameters)
    positive = [over] if over else []
    witness = people.smallest([(term - right).scaled(sign), *positive] for term in beyond) if beyond else None
    proofs = [proof(seen, term, right, sign) for term in terms] if not beyond else []
    assert all(proofs), "what is nowhere negative has a proof"
    extreme, at = None, None
    known = [most for most in maxima if most is not None]
    if len(known) == len(maxima):
        extreme = sign * max(known)
        best = terms[maxima.index(max(known))]
        attained = Constraint(*people.region.function(best - (over or ONE).scaled(extreme)), "=")
        at = people.smallest([positive or [ONE]], [attained])
    return SideAnswer(side, not beyond, tuple(found for found in proofs if found), witness, extreme, at)


def _largest(space: Scaled, term: Term, budget: Budget) -> Fraction | None:
    """The largest value of a term, over the denominator; None where there is none."""
    budget.step("looking for the most favourable distributions", 0)
    try:
        best = space.largest(space.function(term))
    except ArithmeticError:
        return None
    assert best, "a model whose assumptions agree can be observed"
    return best.value


def both_sides(
    derivation: Derivation,
    stage: EstimandDerivation,
    bounds: Bounds,
    seen: Observable,
    value: Fraction,
    budget: Budget,
) -> tuple[SideAnswer, SideAnswer]:
    """The lower and the upper side."""
    sides: Sequence[Literal["lower", "upper"]] = ("lower", "upper")
    low, high = (side_answer(derivation, stage, bounds, seen, value, side, budget) for side in sides)
    return low, high
