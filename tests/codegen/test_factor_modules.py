"""Python modules of models whose variables share no causes: observed cells go in, formulas are in cells of factors."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest

from boundgen.codegen.generate import evaluator_files
from boundgen.derivation import derive
from boundgen.errors import NoClosedFormError
from boundgen.evaluation.evaluate import evaluate
from boundgen.language.model import Model

CHAIN = "variable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\n"
ATE = "estimand ate = E[Y(X=1) - Y(X=0)]\n"
STAGE = (
    f"variable Z in {{0, 1}} randomized\nvariable X(Z) in {{0, 1}}\n{CHAIN}confounded X, M\nobserve P(X, M, Y | Z)\n"
)
MODELS = {
    "front_door": f"variable X in {{0, 1}}\n{CHAIN}confounded X, Y\nobserve P(X, M, Y)\n{ATE}"
    "parameter g in [0, 1]\nassume d: P(M(X=1)=0, M(X=0)=1) <= g\nestimand switch = P(M(X=1)=1, M(X=0)=0)\n",
    "stage": f"{STAGE}{ATE}",
    "law_known": f"{STAGE}observe P(Z)\n{ATE}",
}


def _model(name: str) -> Model:
    return Model.parse(f"model {name}\n{MODELS[name]}")


def _module(name: str) -> ModuleType:
    (file,) = evaluator_files([(f"{name}.bounds", _model(name))])
    found = ModuleType(name)
    exec(compile(file.text, file.name, "exec"), found.__dict__)
    return found


def _law(model: Model, chance: np.random.Generator) -> dict[str, Fraction]:
    """Exact shares: near even ones, so that no inequality fails."""
    independent = derive(model, partial=True).independent
    assert independent is not None
    found = {}
    for arm in independent.arms:
        counts = [int(count) for count in chance.integers(20, 40, len(arm.cells))]
        found |= {c.name: Fraction(count, sum(counts)) for c, count in zip(arm.cells, counts, strict=True)}
    return found


@pytest.mark.parametrize("name", MODELS)
def test_modules_say_what_evaluate_says(name: str) -> None:
    model, module, chance = _model(name), _module(name), np.random.default_rng(3)
    given = {"g": 0.25} if name == "front_door" else {}
    for _ in range(5):
        law = _law(model, chance)
        assert list(module.CELLS) == list(law)
        for each in evaluate(model, law, {key: Fraction(value) for key, value in given.items()}).evaluations:
            ends = module.bounds({cell: float(share) for cell, share in law.items()}, each.estimand, **given)
            assert each.lower is not None
            assert each.upper is not None
            assert ends == pytest.approx((float(each.lower), float(each.upper)), abs=1e-12)


def test_a_condition_that_nobody_meets_is_nan() -> None:
    module = _module("front_door")
    shares = [0.25, 0.25, 0.0, 0.0, 0.1, 0.1, 0.2, 0.1]
    assert np.isnan(module.bounds(shares, "ate", g=0.5)).all()
    # The mediator's law is given the treatment alone.
    assert not np.isnan(module.bounds(shares, "switch", g=0.5)).any()


@pytest.mark.parametrize("target", ["r", "stata", "js"])
def test_other_languages_say_that_they_have_none(target: str) -> None:
    with pytest.raises(NoClosedFormError, match=f"modules for {target} are not made where variables share no causes"):
        evaluator_files([("stage.bounds", _model("stage"))], target)
