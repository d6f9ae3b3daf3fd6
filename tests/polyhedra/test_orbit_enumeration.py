"""Adjacency decomposition over orbits: the same generators as direct enumeration, interrupted, resumed, or in parts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from boundgen import Limits, Model, ask, catalogue, certify, compare, derive, verify
from boundgen.derivation import derivation_within
from boundgen.errors import LimitError
from boundgen.exact.integers import independent_rows, integers, inverse, product
from boundgen.polyhedra import auto_engine, decomposition, journal, orbit_engine
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, engine
from boundgen.polyhedra.symmetry import homogeneous, isomorphism, linear_map
from boundgen.work import limits
from boundgen.work.limits import Budget, Resources
from support.command import Run
from support.models import instrument
from support.paths import ROOT

MEDIATED = """
model mediated
variable A in {0, 1} randomized
variable M(A) in 0..2
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume P(M(1)=0, M(0)=2) <= g
estimand nie = E[Y(1, M(1)) - Y(1, M(0))]
"""
TWO_SOURCES = """
model sources
variable Z in {0, 1, 2} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1, 2}
observe P(X | Z)
observe P(Y | do(X))
observe P(X, Y | Z=0)
estimand ate = E[Y(1) - Y(0)]
"""
MODELS = {
    "3 levels": instrument(3),
    "4 levels": instrument(4),
    "3 treatments": instrument(3, 3),
    "inequality and parameter": Model.parse(MEDIATED),
    "several sources": Model.parse(TWO_SOURCES),
    **{
        name: catalogue.load(name)
        for name in ("iv_ate", "mediation_mmr", "mediation_limited_defiers", "confounded_treatment")
    },
}


def duals(model: Model) -> list[DualPolyhedron]:
    found = derivation_within(model, (), engine("ppl"), False, Budget())
    return [side.dual for stage in found.stages for side in (stage.lower, stage.upper)]


def same(one: Generators, other: Generators) -> bool:
    return (one.vertices, one.rays) == (other.vertices, other.rays)


@pytest.mark.parametrize("name", MODELS)
def test_orbits_give_what_direct_enumeration_gives(name: str) -> None:
    for dual in duals(MODELS[name]):
        found = engine("orbits")(dual, Budget())
        assert same(found, engine("ppl")(dual, Budget()))
        assert not found.missing


@pytest.mark.parametrize("name", MODELS)
def test_symmetries_do_not_change_the_result(name: str) -> None:
    """Without a graph nothing is symmetric, and every vertex is looked at."""
    dual = duals(MODELS[name])[0]
    plain = replace(dual, graph=None)
    assert same(engine("orbits")(plain, Budget()), engine("orbits")(dual, Budget()))


def test_hard_local_cones_are_decomposed_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    dual = duals(instrument(4))[0]
    direct = engine("ppl")(dual, Budget())
    monkeypatch.setattr(orbit_engine, "LOCAL", 20)
    levels: list[int] = []
    original = decomposition.extreme_rays

    def counted(cone: decomposition.Cone, step: decomposition.Step, most: int) -> decomposition.Integers:
        levels.append(most)
        return original(cone, step, most)

    monkeypatch.setattr("boundgen.polyhedra.explorers.extreme_rays", counted)
    assert same(engine("orbits")(dual, Budget()), direct)
    assert 20 * decomposition.HARDER in levels, "no local cone was decomposed"


def test_orbits_are_closed_under_the_symmetries_and_have_few_representatives() -> None:
    """An instrument has the same orbits for every number of levels from three on."""
    counts = []
    for levels in (3, 4, 5):
        remarks: list[str] = []
        engine("orbits")(duals_of_lower(instrument(levels)), Budget(remark=remarks.append))
        counts.append(remarks[-1].split(" of rays")[0].split(" and ")[0])
    assert counts == ["5 orbits of vertices"] * 3


def duals_of_lower(model: Model) -> DualPolyhedron:
    """Without enumerating anything."""
    kept: list[DualPolyhedron] = []

    class Enough(Exception):
        pass

    def stop(polyhedron: DualPolyhedron, *_: object) -> Generators:
        kept.append(polyhedron)
        raise Enough

    with pytest.raises(Enough):
        derivation_within(model, (), stop, False, Budget())
    return kept[0]


def test_the_mirror_image_is_the_other_side() -> None:
    lower, upper = duals(instrument(4))
    assert isomorphism(lower, upper) is not None
    found = engine("ppl")(lower, Budget())
    remarks: list[str] = []
    image = engine("orbits")(upper, Budget(remark=remarks.append), ((lower, found),))
    assert same(image, engine("ppl")(upper, Budget()))
    assert remarks == ["a mirror image of a polyhedron that is enumerated already"]


def test_polyhedra_that_differ_are_no_mirror_images() -> None:
    lower, upper = duals(catalogue.load("mediation_mmr"))[:2]
    other = duals(instrument(3))[0]
    assert isomorphism(lower, other) is None
    assert isomorphism(duals(Model.parse(MEDIATED))[0], upper) is None


def test_only_linear_maps_are_symmetries() -> None:
    rows = homogeneous(duals(instrument(3))[0])
    identity = list(range(len(rows)))
    found = linear_map(rows, rows, identity)
    assert found is not None
    assert np.array_equal(found, np.eye(rows.shape[1], dtype=int))
    wrong = [1, 0, *identity[2:]]
    assert linear_map(rows, rows, wrong) is None


def test_auto_says_how_it_enumerates() -> None:
    remarks: list[str] = []
    derive(instrument(3), engine="auto", remark=remarks.append)
    assert all("direct enumeration" in remark for remark in remarks)
    remarks.clear()
    derive(instrument(5), engine="auto", remark=remarks.append, conditions=False)
    assert (
        remarks[0] == "16 dimensions, 124 inequalities: decomposition over orbits, as it meets many vertices and rays"
    )
    assert remarks[1].startswith("5 orbits of vertices and 6 of rays under ")


def test_auto_gives_up_direct_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    dual = duals(instrument(4))[0]
    monkeypatch.setattr(auto_engine, "EASY", 5)
    remarks: list[str] = []
    assert same(engine("auto")(dual, Budget(remark=remarks.append)), engine("ppl")(dual, Budget()))
    assert "decomposition" in remarks[0]


def test_an_executor_gives_the_same() -> None:
    dual = duals(instrument(4))[0]
    with ThreadPoolExecutor(2) as executor:
        found = engine("orbits")(dual, Budget(resources=Resources(executor)))
    assert same(found, engine("ppl")(dual, Budget()))


# ---------------------------------------------------------------- exact integers
def test_inverse_is_exact() -> None:
    draws = np.random.default_rng(0)
    for size in (1, 2, 5, 9):
        matrix = integers(draws.integers(-4, 5, (size, size)).tolist())
        if len(independent_rows(matrix)) == size:
            numerators, denominator = inverse(matrix)
            assert np.array_equal(product(matrix, numerators), denominator * np.eye(size, dtype=int))


def test_products_that_would_overflow_are_exact() -> None:
    large = 2**40
    matrix = integers([[large, 1], [1, large]])
    assert product(matrix, matrix).tolist() == [[large**2 + 1, 2 * large], [2 * large, large**2 + 1]]
    assert integers([[2**70]]).tolist() == [[2**70]]


# ---------------------------------------------------------------- budgets
def verify_with_claim(model: Model, limits: Limits) -> object:
    return verify(Model.parse(f'{model}\nclaim "x" for ate\n  lower -1\n'), limits=limits)


def test_what_was_found_in_time_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that jumps forward in the middle of the enumeration."""
    model = instrument(5)
    complete = derive(model, conditions=False)
    original = Budget.step

    def hurried(self: Budget, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        late = what.startswith("enumerating orbits") and (total or 0) > 2
        original(self, what, done, total, 10**6 if late else reserve)

    monkeypatch.setattr(Budget, "step", hurried)
    with pytest.raises(LimitError, match=r"^the time limit of 1000 s was reached while enumerating orbits of vertices"):
        derive(model, conditions=False, limits=Limits(seconds=1000))
    for question in (ask, lambda model, limits: compare(model, model, limits=limits), certify, verify_with_claim):
        with pytest.raises(LimitError, match="while enumerating orbits"):
            question(model, limits=Limits(seconds=1000))  # type: ignore[operator]
    found = derive(model, limits=Limits(seconds=1000), partial=True)
    assert found.missing[0].startswith("the time limit of 1000 s was reached while enumerating orbits")
    assert "may have further neighbours" in found.missing[0]
    assert found.conditions is None
    for side in ("lower", "upper"):
        some, every = (set(getattr(each.bounds[0], side).terms) for each in (found, complete))
        assert some < every
    assert "Valid bounds that are not proved sharp." in found.text()
    assert found.json()["estimands"][0]["missing"] == list(found.bounds[0].missing)
    assert found.latex().count("% Valid bounds") == 1


def test_memory_is_a_budget_too(monkeypatch: pytest.MonkeyPatch) -> None:
    used = iter([50.0, *([101.0] * 10**6)])
    monkeypatch.setattr(limits, "memory_used", lambda: next(used))
    with pytest.raises(LimitError, match=r"^the memory limit of 100 MiB was reached while"):
        derive(instrument(5), conditions=False, engine="orbits", limits=Limits(mebibytes=100))
    assert limits.memory_used() > 100


def test_memory_used_is_measured() -> None:
    assert 10 < limits.memory_used() < 10**5


def test_a_time_limit_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "model.bounds").write_text(HARD, encoding="utf-8")
    words = "derive model.bounds --no-conditions --checkpoint notes --time-limit".split()
    # A busy machine needs more of them before there is something to print.
    for seconds in ("3", "12", "48"):
        found = subprocess.run(
            [sys.executable, "-m", "boundgen", *words, seconds],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if found.returncode != 2 and (tmp_path / "notes").exists():
            break
    assert found.returncode == 3
    assert found.stderr.startswith("boundgen: the derivation is not complete: the ")
    assert "Valid bounds that are not proved sharp." in found.stdout
    assert list((tmp_path / "notes").iterdir())


HARD = str(instrument(3, 3, 3)).replace("P(Y(1)=1) - P(Y(0)=1)", "E[Y(1) - Y(0)]")


def test_data_get_a_numeric_bound_where_time_was_short(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """The sharp bounds lie within those that are only valid, and are what the closed form gives."""
    model = instrument(5)
    Path("model.bounds").write_text(str(model), encoding="utf-8")
    derivation = derive(model)
    counts = {cell.name: 1 + (7 * k) % 5 for k, cell in enumerate(derivation.cells)}
    arms = [block.cells for block in derivation.arms]
    data = {c.name: Fraction(counts[c.name], sum(counts[o.name] for o in arm)) for arm in arms for c in arm}
    lines = "".join(f'"{cell}",{value}\n' for cell, value in data.items())
    Path("data.csv").write_text(f"cell,probability\n{lines}", encoding="utf-8")
    sharp = derivation.bounds[0].evaluate(data)
    original = Budget.step

    def hurried(self: Budget, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        late = what.startswith("enumerating orbits") and (total or 0) > 2
        original(self, what, done, total, 10**6 if late else reserve)

    monkeypatch.setattr(Budget, "step", hurried)
    found = run("evaluate", "model.bounds", "data.csv", "--time-limit", "1000", "--format", "json")
    assert found.status == 3
    assert found.err.startswith("boundgen: the derivation is not complete: the time limit of 1000 s was reached while")
    answer = json.loads(found.out)
    (numeric,), (valid,) = answer["numeric"], answer["evaluations"]
    assert numeric["lower"] == pytest.approx(float(sharp[0]), abs=1e-7)
    assert numeric["upper"] == pytest.approx(float(sharp[1]), abs=1e-7)
    assert valid["lower"] <= numeric["lower"] + 1e-7
    assert valid["upper"] >= numeric["upper"] - 1e-7
    text = run("evaluate", "model.bounds", "data.csv", "--time-limit", "1000").out
    assert "The bounds above are valid, but not proved sharp." in text
    assert f"ate: [{numeric['lower']:.6f}, {numeric['upper']:.6f}]" in text
    monkeypatch.setitem(sys.modules, "pulp", None)
    without = run("evaluate", "model.bounds", "data.csv", "--time-limit", "1000")
    assert without.status == 3
    assert without.out.startswith(text.partition("The bounds above are valid")[0])
    assert "program needs pulp, which is not installed\n  Install it: pip install 'boundgen[numeric]'" in without.out


# ---------------------------------------------------------------- checkpoints
@pytest.mark.slow
def test_a_killed_process_is_resumed_with_nothing_lost(tmp_path: Path) -> None:
    """Killed in the middle, the journal's last line cut: what was noted is not computed again."""
    model = instrument(4, 3)
    (tmp_path / "model.bounds").write_text(str(model), encoding="utf-8")
    script = (
        "import boundgen.polyhedra.journal as j; j.PATIENCE = -1\n"
        "import boundgen.polyhedra.explorers as e, time\n"
        "slow = e.all_neighbours\n"
        "e.all_neighbours = lambda *given: (time.sleep(0.2), slow(*given))[1]\n"
        "from boundgen.cli.main import main; main()\n"
    )
    words = ["derive", "model.bounds", "--no-conditions", "--engine", "orbits", "--checkpoint", "notes"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", script, *words], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        notes = tmp_path / "notes"
        for _ in range(600):
            if notes.exists() and sum(len(file.read_bytes().splitlines()) for file in notes.iterdir()) > 5:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    (file,) = notes.iterdir()
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines) + lines[-1][: len(lines[-1]) // 2])
    noted = sum(json.loads(line.split(" ", 1)[1]).get("done", False) for line in lines[1:])
    remarks: list[str] = []
    found = derive(
        model,
        conditions=False,
        engine="orbits",
        remark=remarks.append,
        resources=Resources(checkpoints=notes, resume=True),
    )
    assert f"resumed: the neighbours of {noted} orbits are known" in remarks
    assert noted >= 4
    assert found.json() == derive(model, conditions=False, engine="orbits").json()
    assert not list(notes.iterdir()), "a finished derivation leaves no checkpoint"


@pytest.mark.parametrize("damage", ["other polyhedron", "first line", "nonsense"])
def test_damaged_checkpoints_are_not_used(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dual = duals(instrument(4))[0]
    monkeypatch.setattr(journal, "PATIENCE", -1.0)
    monkeypatch.setattr(journal.Journal, "finish", journal.Journal.close)
    resources = Resources(checkpoints=tmp_path)
    complete = engine("orbits")(dual, Budget(resources=resources))
    (file,) = tmp_path.iterdir()
    text = file.read_text()
    if damage == "other polyhedron":
        engine("orbits")(duals(instrument(3))[0], Budget(resources=resources))
        (other,) = set(tmp_path.iterdir()) - {file}
        other.replace(file)
    else:
        file.write_text(text[3:] if damage == "first line" else "\x00\xff nonsense\n" * 3)
    remarks: list[str] = []
    found = engine("orbits")(dual, Budget(resources=replace(resources, resume=True), remark=remarks.append))
    assert same(found, complete)
    assert not any("resumed" in remark for remark in remarks)


def test_a_checkpoint_that_cannot_be_written_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PATIENCE", -1.0)
    (tmp_path / "file").write_text("")
    dual, said = duals(instrument(3))[0], list[str]()
    found = engine("orbits")(
        dual, Budget(resources=Resources(checkpoints=tmp_path / "file" / "notes", complain=said.append))
    )
    assert same(found, engine("orbits")(dual, Budget()))
    assert len(said) == 1
    assert said[0].startswith(f"the checkpoint {tmp_path}/file/notes/")
