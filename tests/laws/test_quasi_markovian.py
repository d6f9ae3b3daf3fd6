"""Random graphs in which each variable has one unmeasured cause at most, against SCIP and against brute force."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

from boundgen import derive, evaluate
from boundgen.evaluation.evaluations import Evaluation
from support.quasi_markovian import Truth, by_grid, by_scip, truths

# What HiGHS and SCIP may be off by.
CLOSE, NEAR = 1e-6, 2e-5
MANY = settings(
    max_examples=int(os.environ.get("QUASI_MARKOVIAN_EXAMPLES", "150")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
SEED = int(os.environ.get("QUASI_MARKOVIAN_SEED", "1"))


def evaluated(truth: Truth) -> dict[str, Evaluation]:
    """Each estimand at the observed law, by its closed form where it has one; the truth is inside."""
    model = truth.model
    found = {each.estimand: each for each in evaluate(derive(model, conditions=False, partial=True), truth.cells)}
    for i, question in enumerate(truth.questions):
        each, true = found[f"e{i}"], truth.truth(question)
        if each.lower is None:
            assert true is None, truth.text
        elif true is not None:
            assert each.upper is not None
            assert each.lower <= true <= each.upper, truth.text
    return found


def against_grid(truth: Truth) -> None:
    chance = np.random.default_rng(0)
    for name, each in evaluated(truth).items():
        assert each.lower is not None
        assert each.upper is not None
        low, high = float(each.lower), float(each.upper)
        least, most, has_all_vertices = by_grid(truth, truth.questions[int(name[1:])], chance)
        assert low - CLOSE <= least, truth.text
        assert most <= high + CLOSE, truth.text
        if has_all_vertices:
            assert (least, most) == pytest.approx((low, high), abs=CLOSE), truth.text


def against_scip(truth: Truth) -> None:
    pytest.importorskip("pyscipopt")
    for name, each in evaluated(truth).items():
        if each.lower is None or each.upper is None:
            continue
        (proved_low, found_low), (proved_high, found_high) = by_scip(truth, truth.questions[int(name[1:])])
        low, high = float(each.lower), float(each.upper)
        # Where its time ended, what it found is inside and what it proved is outside.
        assert proved_low - NEAR <= low, truth.text
        assert high <= proved_high + NEAR, truth.text
        assert not found_low < low - NEAR, truth.text
        assert not found_high > high + NEAR, truth.text


@given(truths(most=3, questions=1))
@settings(max_examples=12, deadline=None)
def test_against_brute_force_over_a_grid(truth: Truth) -> None:
    against_grid(truth)


@given(truths(positive=False, most=3, questions=1))
@settings(max_examples=4, deadline=None)
def test_against_scip(truth: Truth) -> None:
    against_scip(truth)


@pytest.mark.slow
@seed(SEED)
@given(truths())
@MANY
def test_many_against_brute_force_over_a_grid(truth: Truth) -> None:
    against_grid(truth)


@pytest.mark.slow
@seed(SEED)
@given(truths(positive=False))
@MANY
def test_many_against_scip(truth: Truth) -> None:
    against_scip(truth)
