"""Random graphs in which each variable has one unmeasured cause at most, against SCIP and against brute force.

`make test` looks at a few, `make slow` at many; QUASI_MARKOVIAN_EXAMPLES says at how many of each kind, and
QUASI_MARKOVIAN_SEED at which.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

from boundgen import Model, derive, evaluate
from boundgen.errors import PiecewiseError
from boundgen.evaluation.evaluations import Evaluation
from boundgen.verification.certificate import certified
from boundgen.verification.check_certificate import check
from support.quasi_markovian import Truth, by_grid, by_scip, truths

# What HiGHS and SCIP may be off by.
CLOSE, NEAR = 1e-6, 2e-5
MANY = int(os.environ.get("QUASI_MARKOVIAN_EXAMPLES", "60"))
SEED = int(os.environ.get("QUASI_MARKOVIAN_SEED", "1"))


def evaluated(model: Model, truth: Truth) -> dict[str, Evaluation]:
    """Each estimand at the observed law, by its closed form where it has one."""
    found = evaluate(derive(model, conditions=False, partial=True), truth.cells)
    return {each.estimand: each for each in found}


def holds_the_truth(truth: Truth) -> dict[str, Evaluation]:
    found = evaluated(truth.model, truth)
    for i, question in enumerate(truth.questions):
        each, true = found[f"e{i}"], truth.truth(question)
        if each.lower is None:
            assert true is None, truth.text
        elif true is not None:
            assert each.upper is not None
            assert each.lower <= true <= each.upper, truth.text
    return found


def is_that_of_the_grid(truth: Truth) -> None:
    chance = np.random.default_rng(0)
    for name, each in holds_the_truth(truth).items():
        assert each.lower is not None
        assert each.upper is not None
        low, high = float(each.lower), float(each.upper)
        least, most, has_all_vertices = by_grid(truth, truth.questions[int(name[1:])], chance)
        assert low - CLOSE <= least, truth.text
        assert most <= high + CLOSE, truth.text
        if has_all_vertices:
            assert (least, most) == pytest.approx((low, high), abs=CLOSE), truth.text


def is_that_of_scip(truth: Truth) -> None:
    pytest.importorskip("pyscipopt")
    for name, each in holds_the_truth(truth).items():
        if each.lower is None or each.upper is None:
            continue
        (proved_low, found_low), (proved_high, found_high) = by_scip(truth, truth.questions[int(name[1:])])
        low, high = float(each.lower), float(each.upper)
        # Where its time ended, what it found is inside and what it proved is outside.
        assert proved_low - NEAR <= low, truth.text
        assert high <= proved_high + NEAR, truth.text
        assert not found_low < low - NEAR, truth.text
        assert not found_high > high + NEAR, truth.text


def widens_with_causes(truth: Truth) -> None:
    """Where two groups share a cause, and where all do, which is what is meant without a statement."""
    free = tuple(name for own in truth.groups for name in own)
    first, *others = sorted(truth.groups, key=len)
    merged = ((*first, *others[0]), *others[1:]) if others else (first,)
    widths = [truth.model.causes, tuple(own for own in merged if len(own) > 1), (free,) if len(free) > 1 else (), None]
    found = [evaluated(replace(truth.model, causes=causes), truth) for causes in widths]
    for name in found[0]:
        ends = [(each[name].lower, each[name].upper) for each in found]
        for (low, high), (lower, higher) in itertools.pairwise(ends):
            assert lower <= low <= high <= higher, truth.text  # type: ignore[operator]
        assert ends[2] == ends[3], truth.text


def meets_what_is_implied(truth: Truth) -> None:
    for each in evaluate(derive(truth.model, partial=True), truth.cells):
        assert not each.violations, truth.text


def has_a_certificate_that_holds(truth: Truth) -> None:
    # Of conditional means, and of several groups that are not identified, there are none.
    with suppress(PiecewiseError):
        assert check(certified(truth.model)[0]).splitlines()[-1] == "Every step holds.", truth.text


@given(truths(most=3, questions=1))
@settings(max_examples=12, deadline=None)
def test_against_brute_force_over_a_grid(truth: Truth) -> None:
    is_that_of_the_grid(truth)


@given(truths(positive=False, most=3, questions=1))
@settings(max_examples=4, deadline=None)
def test_against_scip(truth: Truth) -> None:
    is_that_of_scip(truth)


@given(truths(most=3, questions=1))
@settings(max_examples=8, deadline=None)
def test_taking_a_cause_away_never_widens(truth: Truth) -> None:
    widens_with_causes(truth)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "positive", "most"),
    [
        (is_that_of_the_grid, True, 3),
        (is_that_of_the_grid, True, 4),
        (is_that_of_scip, False, 3),
        (is_that_of_scip, False, 4),
        (widens_with_causes, True, 3),
        (meets_what_is_implied, True, 3),
        (has_a_certificate_that_holds, True, 3),
    ],
)
def test_many(law: Callable[[Truth], None], positive: bool, most: int) -> None:
    @seed(SEED)
    @given(truths(positive=positive, most=most, three=most == 3))
    @settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(truth: Truth) -> None:
        law(truth)

    holds()
