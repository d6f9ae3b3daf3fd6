"""Either exact library alone does all the work: on Windows there is only cddlib, elsewhere by wheels only PPL."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from boundgen.errors import EngineError
from boundgen.polyhedra import libraries
from boundgen.polyhedra.libraries import cdd_installed, exact_library
from boundgen.polyhedra.optimum import Constraint
from support.paths import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
pytestmark = pytest.mark.skipif(not cdd_installed(), reason="the second library is not there")


def solvers() -> list[type]:
    from boundgen.polyhedra import cdd_solver, ppl_solver

    return [cdd_solver.LibrarySolver, ppl_solver.LibrarySolver]


def random_program(seed: int) -> tuple[int, dict[int, int], list[Constraint], list[int]]:
    draws = random.Random(seed)
    size = draws.randint(1, 4)

    def row() -> dict[int, int]:
        return {i: c for i in range(size) if (c := draws.randint(-2, 2))}

    constraints = [
        Constraint(row(), draws.randint(-2, 3), draws.choice([">=", ">=", "="])) for _ in range(draws.randint(0, 6))
    ]
    return size, row(), constraints, [i for i in range(size) if draws.random() < 0.7]


def answer(solver: type, program: tuple[int, dict[int, int], list[Constraint], list[int]]) -> Fraction | str:
    size, objective, constraints, nonnegative = program
    made = solver(size, objective, nonnegative)
    for constraint in constraints:
        made.add(dict(constraint.coefficients), int(constraint.constant), constraint.relation)
    try:
        best = made.solve()
    except ArithmeticError:
        return "unbounded"
    if best is None:
        return "infeasible"
    for constraint in constraints:
        value = sum((c * best.point[i] for i, c in constraint.coefficients.items()), Fraction(constraint.constant))
        assert value == 0 if constraint.relation == "=" else value >= 0
    assert sum((c * best.point[i] for i, c in objective.items()), Fraction(0)) == best.value
    return best.value


def test_programs_have_the_same_answer_in_both_libraries() -> None:
    answers = [[answer(solver, random_program(seed)) for solver in solvers()] for seed in range(400)]
    assert all(one == other for one, other in answers)
    kinds = {found if isinstance(found, str) else "optimal" for found, _ in answers}
    assert kinds == {"unbounded", "infeasible", "optimal"}


def test_cones_have_the_same_rays_in_both_libraries() -> None:
    from boundgen.polyhedra import cdd_rays, ppl_rays

    for seed in range(60):
        draws = np.random.default_rng(seed)
        size = int(draws.integers(2, 5))
        # A pointed cone: the positive orthant cut by a few more inequalities.
        rows = [*np.eye(size, dtype=int).tolist(), *draws.integers(-2, 3, (int(draws.integers(0, 70)), size)).tolist()]
        found = [library.extreme_rays(rows, lambda: None, None) for library in (cdd_rays, ppl_rays)]
        assert found[0] is not None
        assert found[1] is not None
        reduced = [sorted(tuple(np.array(ray) // np.gcd.reduce(ray)) for ray in rays) for rays in found]
        assert reduced[0] == reduced[1]


@pytest.mark.parametrize("name", ["mediation_mmr", "iv_ate", "richardson_robins_ace_z3", "mediation_limited_defiers"])
def test_cddlib_alone_derives_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from boundgen import catalogue, derive
    from boundgen.polyhedra import cones, optimum

    model = catalogue.load(name)
    expected = derive(model).json()
    monkeypatch.setattr(libraries, "ppl_installed", lambda: False)
    for cached in (optimum._solver, cones._library):
        cached.cache_clear()
    try:
        assert exact_library() == "cdd"
        assert derive(model).json() == expected
        assert derive(model, engine="orbits").json() == expected
    finally:
        for cached in (optimum._solver, cones._library):
            cached.cache_clear()


def test_without_any_library_one_paragraph_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _name: None)
    with pytest.raises(EngineError, match="no exact library is installed") as caught:
        exact_library()
    assert "pip install pplpy" in caught.value.remedy
    assert "pip install pycddlib" in caught.value.remedy


ALONE = """
import importlib.abc, importlib.util, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "ppl":
            raise ModuleNotFoundError("No module named 'ppl'", name="ppl")

from boundgen.polyhedra import libraries

spec = importlib.util.find_spec
libraries.find_spec = lambda name: None if name == "ppl" else spec(name)
sys.meta_path.insert(0, Absent())
sys.argv = ["boundgen", *sys.argv[1:]]
from boundgen.cli.main import main

main()
"""


@pytest.mark.parametrize(
    "words",
    [
        "derive mediation_mmr",
        "derive iv_ate --engine orbits --cache kept",
        "check iv_ate",
        "evaluate mediation_mmr jobs",
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (
                "verify mediation_limited_defiers",
                "certify mediation_mmr delta1",
                "ask mediation_mmr delta1",
                "estimate mediation_mmr jobs --draws 1000",
            )
        ),
    ],
)
def test_no_verb_asks_for_the_parma_library(words: str, tmp_path: Path) -> None:
    """As on Windows, where it cannot be imported."""
    run = partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    there = run([sys.executable, "-m", "boundgen", *words.replace(" --cache kept", "").split()])
    alone = run([sys.executable, "-c", ALONE, *words.split()])
    assert (alone.returncode, alone.stderr) == (0, "")
    if not words.startswith(("verify", "certify", "ask")):
        # Witnesses are points of optima, of which the libraries may take different ones.
        assert alone.stdout == there.stdout
