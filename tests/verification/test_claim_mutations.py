"""Mutants of right claims: the verdict changes exactly when an independent numeric program says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from boundgen import derive
from boundgen.derivation import Derivation
from boundgen.language.statements import Claim, ClaimSide, ConditionsClaim
from boundgen.verification.judgement import judge
from boundgen.verification.shipped_claims import models_with_claims
from support.catalogue import LINEAR
from support.independent_claims import BoundJudge, ConditionsJudge
from support.mutants import CONDITION_KINDS, SIDE_KINDS, Mutant, condition_mutants, mutants, spread

MODELS = {model.name: model for model in models_with_claims() if model.name in LINEAR}
KEPT, LOOSE, WRONG = "sharp", "valid", "invalid"
# The verdicts that mutants of each kind must be seen to have.
POSSIBLE = {
    "drop a term": {LOOSE},
    "add a term": {KEPT, WRONG},
    "change a coefficient": {LOOSE, WRONG},
    "swap two cells": {KEPT, LOOSE, WRONG},
    "use another cell": {LOOSE, WRONG},
    "shift a constant": {LOOSE, WRONG},
    "rewrite": {KEPT},
    "drop an implication": {KEPT, LOOSE},
    "loosen an implication": {KEPT, LOOSE},
    "tighten an implication": {WRONG},
    "flip an implication": {WRONG},
    "make an equality": {WRONG},
}
assert set(POSSIBLE) == {*SIDE_KINDS, *CONDITION_KINDS}


@cache
def derived(name: str) -> Derivation:
    conditions = any(isinstance(claim, ConditionsClaim) for claim in MODELS[name].claims)
    return derive(MODELS[name], conditions=conditions)


@cache
def bound_judge(name: str, estimand: str) -> BoundJudge:
    return BoundJudge(MODELS[name], estimand)


@cache
def conditions_judge(name: str) -> ConditionsJudge:
    return ConditionsJudge(MODELS[name])


def right_claims() -> Iterator[tuple[str, Claim]]:
    """Every claim for an estimand, with its model's name."""
    for name, model in MODELS.items():
        yield from ((name, claim) for claim in model.claims if isinstance(claim, Claim))


def right_conditions() -> Iterator[tuple[str, ConditionsClaim]]:
    """Every claim for conditions that is sharp, with its model's name."""
    for name, model in MODELS.items():
        for claim in model.claims:
            if isinstance(claim, ConditionsClaim) and claim.expect == "sharp":
                yield name, claim


def sharp_sides(claim: Claim) -> Iterator[tuple[str, ClaimSide]]:
    if claim.lower and claim.expect_lower == "sharp":
        yield "lower", claim.lower
    if claim.upper and claim.expect_upper == "sharp":
        yield "upper", claim.upper


# ---------------------------------------------------------------- the claims that are mutated are right
def confirm(count: int) -> None:
    """The claims that are recorded as sharp are the numeric bounds."""
    sides = 0
    for name, claim in right_claims():
        for side, formula in sharp_sides(claim):
            bound_judge(name, claim.estimand).confirm(side, formula, count)
            sides += 1
    assert sides > 100
    assert all(conditions_judge(name).confirm(claim, 4 * count) == {True, False} for name, claim in right_conditions())


def test_right_claims_are_the_numeric_bounds() -> None:
    confirm(2)


@pytest.mark.slow
def test_right_claims_are_the_numeric_bounds_at_many_data() -> None:
    confirm(60)


# ---------------------------------------------------------------- mutants
def compare(kind: str, most: int, largest: int) -> None:
    """Engine and independent judge on mutants of every claim of the catalogue."""
    seen: Counter[str] = Counter()
    differences = []
    for name, mutant, numeric in (*judged_bounds(kind, most, largest), *judged_conditions(kind, most)):
        (found,) = judge(derived(name), mutant.claim)
        seen[numeric] += 1
        if found.verdict != numeric:
            differences.append((name, mutant.side, str(mutant.claim), found.verdict, numeric))
    print(f"{kind}: {dict(seen)}")
    assert not differences
    assert set(seen) >= POSSIBLE[kind], "the comparison is not empty"


def judged_bounds(kind: str, most: int, largest: int) -> Iterator[tuple[str, Mutant, str]]:
    """Mutants of claims for estimands, with the independent verdict."""
    for name, claim in right_claims():
        right = dict(sharp_sides(claim))
        if any(len(formula.terms) > largest for formula in right.values()):
            continue
        judging = bound_judge(name, claim.estimand)
        for mutant in spread(mutants(MODELS[name], claim, kind), most):
            yield name, mutant, judging.verdict(mutant.side, getattr(mutant.claim, mutant.side), right[mutant.side])


def judged_conditions(kind: str, most: int) -> Iterator[tuple[str, Mutant, str]]:
    """Mutants of claims for conditions, with the independent verdict."""
    for name, right in right_conditions():
        for mutant in spread(condition_mutants(MODELS[name], right, kind), most):
            assert isinstance(mutant.claim, ConditionsClaim)
            yield name, mutant, conditions_judge(name).verdict(mutant.claim, right)


@pytest.mark.parametrize("kind", POSSIBLE)
def test_mutants(kind: str) -> None:
    """A few of every kind; claims of more than eight terms are left to the long run."""
    compare(kind, most=1, largest=8)


@pytest.mark.slow
@pytest.mark.parametrize("kind", POSSIBLE)
def test_many_mutants(kind: str) -> None:
    compare(kind, most=12, largest=100)
