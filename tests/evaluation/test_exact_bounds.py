"""Exact programs at data give what the closed form gives there, at random distributions of the catalogue's models."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from boundgen import catalogue, derive, evaluate, read_data
from boundgen.bounds.problem import EstimandProgram
from boundgen.evaluation.exact_bounds import bounds_at
from support.catalogue import derived, random_counts

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
    derivation = derive(catalogue.load(name), conditions=False)
    parameters = {parameter.name for parameter in derivation.model.parameters}
    for stage, bounds in zip(derivation.stages, derivation.bounds, strict=True):
        for _ in range(10):
            values = distribution(stage.asked, draw)
            found = bounds_at(stage.asked.program, stage.asked.denominator, values)
            if bounds.denominator is not None and bounds.denominator.value(values) == 0:
                assert found is None
                continue
            cells = {cell: value for cell, value in values.items() if cell not in parameters}
            assert found == bounds.evaluate(cells, {each: values[each] for each in parameters})


def test_no_population_has_what_the_model_excludes() -> None:
    asked = derive(catalogue.load("mediation_mmr"), conditions=False).stages[0].asked
    # M falls with A, which the model excludes.
    assert bounds_at(asked.program, None, {"P(Y=1,M=1|A=0)": Fraction(1), "P(Y=1,M=0|A=1)": Fraction(1)}) is None


@pytest.mark.parametrize("name", ["mediation_limited_defiers", "late_ratio", "manski_att", "iv_ate_monotone"])
def test_the_exact_program_where_the_closed_form_was_not_finished(name: str) -> None:
    """Bounds that are said not to be proved sharp, but are: the program then gives the same."""
    model = catalogue.load(name)
    unproved = [replace(bounds, missing=("no time",)) for bounds in derived(name).bounds]
    chance, values = random.Random(name), {parameter.name: Fraction(1, 3) for parameter in model.parameters}
    for _ in range(20):
        found = evaluate(unproved, read_data(model, random_counts(model, chance)), values)
        assert len(found.exact) == len(found)
        for each, exact in zip(found, found.exact, strict=True):
            sharp = (each.lower, each.upper) if not each.violations else (None, None)
            assert (exact.estimand, exact.parameters, exact.lower, exact.upper) == (
                each.estimand,
                each.parameters,
                *sharp,
            )
        assert found.missing == ("no time",)
    assert evaluate(derived(name), read_data(model, random_counts(model, chance)), values).exact == ()
