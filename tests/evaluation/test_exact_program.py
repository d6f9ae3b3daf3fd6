"""Exact programs at data give what the closed form gives there, at random distributions of the catalogue's models."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

import pytest

from boundgen import catalogue, derive
from boundgen.bounds.problem import EstimandProgram
from boundgen.evaluation.exact_program import bounds_at

# Unit-level assumptions alone, an inequality with a parameter, denominators, parameters in the estimand.
NAMES = ("mediation_mmr", "mediation_limited_defiers", "iv_ate", "late_ratio", "sace_mono", "mtr_ate")


def distribution(asked: EstimandProgram, draw: random.Random) -> Mapping[str, Fraction]:
    """What a random population of few strata shows; a parameter is as large as its assumption needs it."""
    strata = [Fraction(draw.randrange(4) * draw.randrange(2)) for _ in asked.program.columns]
    strata[draw.randrange(len(strata))] += 1
    total = sum(strata)
    sums = [Fraction(0) for _ in asked.program.rows]
    for weight, column in zip(strata, asked.program.columns, strict=True):
        for i, entry in column.entries:
            sums[i] += weight / total * entry
    values = {row.name: value for row, value in zip(asked.program.rows, sums, strict=True) if row.kind == "cell"}
    for row, value in zip(asked.program.rows, sums, strict=True):
        if row.kind == "assumption":
            values |= {name: value for name, _ in row.right.coefficients}
    return values


@pytest.mark.parametrize("name", NAMES)
def test_exact_programs_agree_with_the_closed_form(name: str) -> None:
    draw = random.Random(name)
    derived = derive(catalogue.load(name), conditions=False)
    parameters = {parameter.name for parameter in derived.model.parameters}
    for stage, bounds in zip(derived.stages, derived.bounds, strict=True):
        for _ in range(10):
            values = distribution(stage.asked, draw)
            found = bounds_at(stage.asked, values)
            if bounds.denominator is not None and bounds.denominator.value(values) == 0:
                assert found is None
                continue
            cells = {cell: value for cell, value in values.items() if cell not in parameters}
            assert found == bounds.evaluate(cells, {each: values[each] for each in parameters})


def test_no_population_has_what_the_model_excludes() -> None:
    asked = derive(catalogue.load("mediation_mmr"), conditions=False).stages[0].asked
    # M falls with A, which the model excludes.
    assert bounds_at(asked, {"P(Y=1,M=1|A=0)": Fraction(1), "P(Y=1,M=0|A=1)": Fraction(1)}) is None
