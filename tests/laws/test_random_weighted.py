"""Random ratios, laws, coefficients and selections against the program of Charnes and Cooper, solved apart.

`make test` looks at a fixed number of models of each kind, `make slow` for a fixed time; RANDOM_MODELS_SECONDS and
RANDOM_MODELS_SEED are as in test_random_models.py.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections import Counter
from fractions import Fraction

import pytest

from boundgen import Model, derive, evaluate
from boundgen.derivation import Derivation
from boundgen.errors import ModelError
from boundgen.evaluation.evaluations import Evaluation
from boundgen.polyhedra.weighted_optimum import End, is_possible, weighted_bounds_at
from boundgen.strata.cells import Arm
from support.charnes_cooper import CLEAR, DRAFTS, Draft, Judge, Law, arm_shares, drawn, population

FEW_MODELS, LAWS = 12, 4
SECONDS = float(os.environ.get("RANDOM_MODELS_SECONDS", "120")) / len(DRAFTS)
SEED = os.environ.get("RANDOM_MODELS_SEED", "1000000")
# Drawing may cancel everything.
NO_QUESTION = "is constant"


def derived(draft: Draft) -> Derivation | None:
    try:
        return derive(Model.parse(draft.text), partial=True)
    except ModelError as error:
        if NO_QUESTION in error.message:
            return None
        raise


class Sample:
    """A population of the model and what it shows."""

    def __init__(self, judge: Judge, chance: random.Random, few: bool) -> None:
        self.weights = population(judge, chance, few)
        self.arms = arm_shares(judge, chance, few and chance.random() < 0.3)
        self.parameters = {name: Fraction(chance.randint(0, 5), 5) for name in judge.draft.parameters}
        self.data = judge.law(self.weights, self.arms)

    def is_of(self, judge: Judge) -> bool:
        """Whether the population meets the assumptions, and has units that each selection asks for."""
        if self.data is None:
            return False
        rows = judge.program(self.data, self.arms, self.known(judge)).zero
        return all(sum(x * row[i] for i, x in self.weights.items()) >= 0 for row in rows)

    def known(self, judge: Judge) -> Law:
        assert self.data is not None
        return judge.known(self.data, self.arms, self.parameters)

    def truth(self, judge: Judge) -> Fraction | None:
        """The estimand; None where its divisor is zero."""
        parts = [judge.vector(part, self.arms, self.known(judge)) for part in judge.draft.ratio if part]
        top, *below = [sum((x * part[i] for i, x in self.weights.items()), Fraction(0)) for part in parts]
        return top if not below else top / below[0] if below[0] else None


def sample(judge: Judge, chance: random.Random, few: bool) -> Sample | None:
    drawn_ones = (Sample(judge, chance, few) for _ in range(100))
    return next((each for each in drawn_ones if each.is_of(judge)), None)


def is_close(end: End, value: float) -> bool:
    assert end is not None
    return end == value or math.isclose(float(end), value, rel_tol=CLEAR, abs_tol=10 * CLEAR)


def check_sample(derivation: Derivation, judge: Judge, each: Sample) -> str:
    assert each.data is not None
    (found,) = evaluate(derivation, each.data, each.parameters)
    assert not found.violations
    for asked in derivation.problem.weighted:
        assert weighted_bounds_at(asked.program, {**each.data, **each.parameters}) == (found.lower, found.upper)
    expected = judge.bounds(each.data, each.arms, each.known(judge))
    if expected is None:
        assert (found.lower, found.upper) == (None, None)
        return "undefined"
    assert is_close(found.lower, expected[0]), (found, expected)
    assert is_close(found.upper, expected[1]), (found, expected)
    truth = each.truth(judge)
    assert truth is None or is_inside(truth, found)
    return found.method


def check_any_law(derivation: Derivation, chance: random.Random, parameters: Law) -> str:
    """Testable implications fail where no population has the data; where all groups have units, there alone."""
    law = {cell: x for arm in derivation.arms for cell, x in any_law(arm, chance).items()}
    at, known = {**law, **parameters}, derivation.known_conditions
    for asked in derivation.problem.weighted if known is not None else ():
        fails = any(condition.value(at) < 0 for condition in known or ())
        possible = is_possible(asked.program, at)
        assert not (fails and possible), at
        assert fails or possible or not all(share.value(at) for share in asked.program.shares), at
        return "outside" if fails else "inside"
    return "not known"


def any_law(arm: Arm, chance: random.Random) -> Law:
    """Of one arm by itself, often with zeros."""
    raw = [chance.randint(0, 4) for _ in arm.cells]
    total = sum(raw) + (0 if arm.complete else chance.randint(0, 9))
    return {
        cell.name: Fraction(x, total) if total else Fraction(1, len(raw))
        for cell, x in zip(arm.cells, raw, strict=True)
    }


def is_inside(truth: Fraction, found: Evaluation) -> bool:
    assert found.lower is not None
    assert found.upper is not None
    return found.lower <= truth <= found.upper


def check(kind: str, seed: int) -> Counter[str]:
    draft = drawn(kind, seed)
    try:
        derivation = derived(draft)
        if derivation is None:
            return Counter(["no question"])
        judge, chance = Judge(draft), random.Random(seed)
        samples = [sample(judge, chance, few=bool(i % 2)) for i in range(LAWS)]
        found = Counter(check_sample(derivation, judge, each) for each in samples if each is not None)
        values = {name: Fraction(chance.randint(0, 5), 5) for name in draft.parameters}
        return found + Counter(check_any_law(derivation, chance, values) for _ in range(LAWS))
    except BaseException as error:
        error.add_note(f"{kind} {seed}:\n{draft.text}")
        raise


@pytest.mark.parametrize("kind", DRAFTS)
def test_some_models_of_each_kind(kind: str) -> None:
    counts = sum((check(kind, seed) for seed in range(FEW_MODELS)), Counter[str]())
    assert counts["closed form"] >= FEW_MODELS / 3
    assert counts.total() > 2 * FEW_MODELS
    assert counts["outside"]
    assert counts["inside"]


INSTRUMENT = """model instrument
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
parameter g in [0, 1]
estimand e = E[Y(1) - Y(0) | Y(1)=1]
"""
EVEN = {f"P(X={x},Y={y}|Z={z})": Fraction(1, 4) for x in (0, 1) for y in (0, 1) for z in (0, 1)}


def test_an_assumption_that_demands_nothing_at_the_end_of_a_range() -> None:
    """Divided by 1 - g the row has numbers for entries, and demands what it does not where g is one."""
    free = derive(Model.parse(INSTRUMENT))
    bound = derive(Model.parse(f"{INSTRUMENT}assume g * P(Y(0)=1) >= P(Y(0)=1)\n"), partial=True)
    (without,), (found,) = (evaluate(each, EVEN, {"g": 1}) for each in (free, bound))
    assert (without.method, found.method) == ("closed form", "linear program")
    assert (found.lower, found.upper) == (without.lower, without.upper)


def test_a_right_side_in_cells_where_others_are_conditional() -> None:
    """In conditional probabilities P(X=1, Y=1) is no unknown: the right side has a name of its own."""
    draft = drawn("share", 45)
    assert "P(X=1, Y=1) * P(X=1)" in draft.text
    assert check("share", 45)["closed form"]


DEFINED = """model defined
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
define q = P(X=1)
estimand e = (1 - q) * P(Y(1)=1) - q * P(Y(0)=1)
"""


def test_weights_that_are_shares_have_one_sign() -> None:
    """One minus a share is a share too: the cells of a whole arm sum to one."""
    (bounds,) = derive(Model.parse(DEFINED)).piecewise
    assert not any(piece.guards for side in (bounds.lower, bounds.upper) for piece in side.pieces)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DRAFTS)
def test_models_of_each_kind_for_a_time(kind: str) -> None:
    first = random.SystemRandom().randrange(10**12) if SEED == "random" else int(SEED)
    end, counts, seed = time.process_time() + SECONDS, Counter[str](), first
    while time.process_time() < end:
        counts += check(kind, seed)
        seed += 1
    print(f"{kind}, seeds {first} to {seed - 1}: {dict(counts)}")
    assert counts
