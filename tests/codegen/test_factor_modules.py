"""Modules of models whose variables share no causes: observed cells go in, formulas are in cells of factors."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from boundgen.codegen.content import ModuleContent, module_content
from boundgen.codegen.stata_module import stata_names
from boundgen.codegen.targets import TARGETS
from boundgen.derivation import derive
from boundgen.evaluation.evaluate import evaluate
from boundgen.language.model import Model
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Limits
from support.stata import stata_blocks, stata_bounds, stata_factors

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
    # Bounds that are the worst of what they are at several extreme laws of M's response types.
    "levels": "variable X in {0, 1} randomized\nvariable M(X) in {0, 1, 2}\nvariable Y(M) in {0, 1}\nunconfounded\n"
    "observe P(M, Y | X)\nestimand pns = P(Y(X=1)=1, Y(X=0)=0)\n",
}


def _model(name: str) -> Model:
    return Model.parse(f"model {name}\n{MODELS[name]}")


@cache
def _content(name: str) -> ModuleContent:
    return module_content(derive(_model(name)), f"{name}.bounds")


@cache
def _module(name: str) -> ModuleType:
    found = ModuleType(name)
    exec(compile(_text(name, "python"), f"{name}.py", "exec"), found.__dict__)
    return found


def _law(model: Model, chance: np.random.Generator) -> dict[str, Fraction]:
    """Exact shares: near even ones, so that no inequality fails."""
    found = {}
    for arm in observed_arms(model, Limits()):
        counts = [int(count) for count in chance.integers(20, 40, len(arm.cells))]
        found |= {c.name: Fraction(count, sum(counts)) for c, count in zip(arm.cells, counts, strict=True)}
    return found


@pytest.mark.parametrize("name", MODELS)
def test_modules_say_what_evaluate_says(name: str) -> None:
    model, module, chance = _model(name), _module(name), np.random.default_rng(3)
    given, derived = {"g": 0.25} if name == "front_door" else {}, derive(model)
    for _ in range(5):
        law = _law(model, chance)
        assert list(module.CELLS) == list(law)
        for each in evaluate(derived, law, {key: Fraction(value) for key, value in given.items()}).evaluations:
            ends = module.bounds({cell: float(share) for cell, share in law.items()}, each.estimand, **given)
            assert each.lower is not None
            assert each.upper is not None
            assert ends == pytest.approx((float(each.lower), float(each.upper)), abs=1e-12)


def test_several_laws_count_at_the_same_data() -> None:
    assert derive(_model("levels")).piecewise[0].over_laws
    assert "at each of 6 extreme laws; of these the" in _text("levels", "python")
    assert np.isnan(_module("levels").bounds([0.2, 0.3, 0.25, 0.25, 0, 0] * 2)).all()


def test_a_condition_that_nobody_meets_is_nan() -> None:
    module = _module("front_door")
    shares = [0.25, 0.25, 0.0, 0.0, 0.1, 0.1, 0.2, 0.1]
    assert np.isnan(module.bounds(shares, "ate", g=0.5)).all()
    # The mediator's law is given the treatment alone.
    assert not np.isnan(module.bounds(shares, "switch", g=0.5)).any()


# ---------------------------------------------------------------- other languages
ROWS = 6


def _laws(name: str) -> tuple[list[dict[str, Fraction]], dict[str, float]]:
    """The last of them has nobody in some cells."""
    chance = np.random.default_rng(4)
    found = [_law(_model(name), chance) for _ in range(ROWS)]
    first = list(found[-1])
    for cell in first[:2]:
        found[-1][first[2]] += found[-1][cell]
        found[-1][cell] = Fraction(0)
    return found, {"g": 0.25} if name == "front_door" else {}


def _by_python(name: str) -> dict[str, list[list[float]]]:
    """The bounds of each estimand: an entry for each law."""
    module, (laws, given) = _module(name), _laws(name)
    p = np.array([[float(share) for share in law.values()] for law in laws])
    return {each: [side.tolist() for side in module.bounds(p, each, **given)] for each in module.ESTIMANDS}


def _text(name: str, target: str) -> str:
    return TARGETS[target].text(_content(name))


def _run(command: str, script: str, folder: Path, name: str) -> str:
    interpreter = shutil.which(command)
    if interpreter is None:
        pytest.skip(f"{command} is not installed")
    (folder / name).write_text(script, encoding="utf-8")
    done = subprocess.run([interpreter, name], cwd=folder, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    return done.stdout.decode()


def test_r_is_python(tmp_path: Path) -> None:
    script, wanted = ["options(digits = 17)"], []
    for name in MODELS:
        (tmp_path / f"{name}.R").write_text(_text(name, "r"), encoding="utf-8")
        laws, given = _laws(name)
        numbers = ", ".join(str(float(share)) for law in laws for share in law.values())
        script += [f'source("{name}.R")', f"p <- matrix(c({numbers}), {ROWS}, byrow = TRUE)"]
        for estimand, sides in _by_python(name).items():
            more = "".join(f", {key} = {value}" for key, value in given.items())
            script.append(f'cat(unlist({name}_bounds(p, "{estimand}"{more})), sep = "\\n")')
            script.append('cat("\\n")')
            wanted += [number for side in sides for number in side]
    found = _run("Rscript", "\n".join(script), tmp_path, "run.R").split()
    assert [float(number.replace("NaN", "nan")) for number in found] == pytest.approx(wanted, abs=1e-12, nan_ok=True)


def test_javascript_is_python(tmp_path: Path) -> None:
    script, wanted = [], []
    for name in MODELS:
        (tmp_path / f"{name}.mjs").write_text(_text(name, "js"), encoding="utf-8")
        laws, given = _laws(name)
        p = [[float(share) for share in law.values()] for law in laws]
        script.append(f'import * as {name} from "./{name}.mjs";')
        for estimand, sides in _by_python(name).items():
            options = json.dumps({"estimand": estimand, **given})
            script.append(f"for (const side of {name}.bounds({p}, {options})) console.log(side.join(' '));")
            script.append(f"console.log({name}.bounds({p[0]}, {options}).join(' '));")
            wanted += [*sides[0], *sides[1], sides[0][0], sides[1][0]]
    found = _run("node", "\n".join(script), tmp_path, "run.mjs").split()
    assert [float(number.replace("NaN", "nan")) for number in found] == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", MODELS)
def test_stata_is_python(name: str) -> None:
    """Where nobody meets a condition of a factor, Stata's bound is missing whatever piece needs it."""
    text, (laws, given) = _text(name, "stata"), _laws(name)
    names = stata_names(_content(name))
    blocks = stata_blocks(text)
    for estimand, sides in _by_python(name).items():
        assert "missing(`" in "\n".join(blocks[estimand])
        for number, law in enumerate(laws[:-1]):
            macros = {names[cell]: float(share) for cell, share in law.items()} | {
                names[k]: v for k, v in given.items()
            }
            found = stata_bounds(blocks[estimand], stata_factors(text, macros))
            assert found == pytest.approx([side[number] for side in sides], abs=1e-12)
