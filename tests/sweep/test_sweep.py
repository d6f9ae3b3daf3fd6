"""Sweeps: rows equal single derivations, whatever the executor; caches that are damaged are not believed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import pytest

from boundgen import BoundgenError, Model, catalogue, derive
from boundgen.bounds.text import terms_text
from boundgen.errors import LimitError, SchedulerError
from boundgen.polyhedra.cache import cached, polyhedron_digest
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, engine
from boundgen.sweep import Sweep, sweep
from boundgen.work.executors import local_executor, ordered_results, scheduler_executor
from boundgen.work.limits import Budget, Resources
from support.command import Run, assert_refused
from support.models import instrument
from support.paths import ROOT, TESTS

MODEL = Model.parse("""
model study
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume no_defiers: X(1) >= X(0)
assume helps: Y(1) >= Y(0)
assume never: X(1) = 0
estimand ate = E[Y(1) - Y(0)]
estimand p1 = P(Y(1)=1)
""")
DATA = {
    "P(X=0,Y=0|Z=0)": "1/2",
    "P(X=0,Y=1|Z=0)": "1/4",
    "P(X=1,Y=0|Z=0)": "1/8",
    "P(X=1,Y=1|Z=0)": "1/8",
    "P(X=0,Y=0|Z=1)": "1/4",
    "P(X=0,Y=1|Z=1)": "1/8",
    "P(X=1,Y=0|Z=1)": "1/4",
    "P(X=1,Y=1|Z=1)": "3/8",
}


@pytest.fixture(scope="module")
def found() -> Sweep:
    return sweep(MODEL, cells=DATA)


def test_every_subset_and_estimand_once(found: Sweep) -> None:
    keys = [(row.assumptions, row.estimand) for row in found.cases]
    assert len(set(keys)) == len(keys) == 2**3 * 2
    assert keys[:4] == [((), "ate"), ((), "p1"), (("no_defiers",), "ate"), (("no_defiers",), "p1")]


PIECES = Model.parse("""
model pieces
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
parameter b in [0, 1]
assume no_defiers: X(1) >= X(0)
assume mts: E[Y(1) | Z=1, X=1] >= E[Y(1) | Z=1, X=0]
estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]
estimand odd = E[Y(1) | X(0)=0, X(1)=1] - b * E[Y(0) | X(0)=0, X(1)=1]
estimand ate = E[Y(1) - Y(0)]
""")


@pytest.mark.slow
def test_pieces_and_programs_at_data_have_intervals() -> None:
    found = sweep(PIECES, cells=DATA, parameters={"b": "1/2"})
    rows = {(row.assumptions, row.estimand): row for row in found.cases}
    assert {row.status for row in found.cases} == {"derived", "no closed form"}
    late, odd = rows[(), "late"], rows[(), "odd"]
    (bounds,) = derive(Model.parse(late_model()), ["late"]).piecewise
    assert late.interval == tuple(map(str, bounds.evaluate(DATA, {"b": "1/2"})))
    assert (late.method, odd.method) == ("closed form", "linear program")
    assert [len(late.lower), len(late.upper)] == [len(bounds.lower.pieces), len(bounds.upper.pieces)]
    # Half of the second mean more than the first ratio.
    assert late.interval is not None
    assert odd.interval is not None
    assert all(Fraction(one) <= Fraction(other) for one, other in zip(late.interval, odd.interval, strict=True))
    assert found.unanswered == ()
    assert "linear program" in json.dumps(found.json())
    assert "no closed form" in found.text()
    assert {row["width"] is None for row in found.rows()} == {False}


def test_a_row_without_an_answer_ends_with_a_status_of_its_own(run: Run) -> None:
    Path("miv.bounds").write_text(
        "model miv\nvariable A in {0, 1}\nvariable M in {0, 1}\nvariable Y(M) in {0, 1}\nobserve P(Y, M, A)\n"
        "assume miv: E[Y(m) | A=1] >= E[Y(m) | A=0] for all m in M\nestimand rr = E[Y(1)] / E[Y(0)]\n",
        encoding="utf-8",
    )
    found = run("sweep", "miv.bounds", "--no-cache")
    assert found.status == 3
    reason = "rr: not answered: under 1 of 2 choices of assumptions: there is no closed form"
    assert found.err.startswith(f"boundgen: {reason}")
    assert json.loads(run("sweep", "miv.bounds", "--no-cache", "--format", "json").out)["unanswered"][0]["name"] == "rr"
    # With data the row has an exact value.
    assert run("sweep", "miv.bounds", "--no-cache", "--data", "framing").status == 0
    assert run("sweep", "miv.bounds", "--no-cache", "--always", "miv").status == 2


def late_model() -> str:
    return "\n".join(line for line in str(PIECES).splitlines() if not line.startswith("assume"))


def test_without_data_what_has_no_closed_form_has_no_answer() -> None:
    found = sweep(PIECES, ["odd", "ate"], always=("mts",))
    statuses = {row.assumptions: row.status for row in found.cases if row.estimand == "odd"}
    assert statuses["mts",] == "no closed form"
    seen = [matter for matter in found.matters if matter.laws]
    assert {matter.verdict.partition(" (")[0] for matter in seen} <= {"narrows the bounds", "no change seen"}
    assert [each["laws"] for each in found.json()["matters"] if "laws" in each] == [each.laws for each in seen]


def test_an_infinite_end_is_said() -> None:
    text = (
        "model open\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\nestimand rr = E[Y(1)] / E[Y(0)]\n"
    )
    cells = {"P(X=0,Y=0)": "1/2", "P(X=1,Y=1)": "1/2"}
    found = sweep(Model.parse(text), cells=cells)
    (row,) = found.rows()
    assert (row["lower"], row["upper"], row["width"]) == ("1", "inf", "inf")
    assert "[1.0000, inf]" in found.text()


def test_rows_are_single_derivations(found: Sweep) -> None:
    row = next(row for row in found.cases if row.assumptions == ("no_defiers", "helps") and row.estimand == "ate")
    model = Model.parse(str(MODEL).replace("assume never: X(1) = 0\n", ""))
    derivation = derive(model, ["ate"])
    (bounds,) = derivation.bounds
    assert list(row.lower) == terms_text(bounds.lower.shown, bounds.notation, unicode=False)
    assert list(row.upper) == terms_text(bounds.upper.shown, bounds.notation, unicode=False)
    assert row.interval == tuple(map(str, bounds.evaluate(DATA)))
    assert len(row.conditions) == len(derivation.conditions or ())


def test_more_assumptions_never_widen(found: Sweep) -> None:
    """At data that meet the implications of both."""
    for one in found.cases:
        for other in found.cases:
            both = one.interval and other.interval and one.violations == other.violations == 0
            if both and one.estimand == other.estimand and set(one.assumptions) < set(other.assumptions):
                assert one.interval is not None
                assert other.interval is not None
                assert Fraction(one.interval[0]) <= Fraction(other.interval[0])
                assert Fraction(one.interval[1]) >= Fraction(other.interval[1])


def test_what_assumptions_add(found: Sweep) -> None:
    """Where nobody is treated with Z=1, no_defiers leaves nobody treated; then only `helps` says anything."""
    verdicts = {(matter.assumption, matter.estimand): matter.verdict for matter in found.matters}
    assert verdicts["helps", "ate"] == verdicts["helps", "p1"] == "narrows the bounds"
    assert verdicts["no_defiers", "ate"] == "testable, but does not change the bounds"


def test_an_assumption_that_others_imply_does_not_matter() -> None:
    text = str(MODEL).replace("assume never: X(1) = 0", "assume again: not (X(0) = 1 and X(1) = 0)")
    verdicts = {m.assumption: m.verdict for m in sweep(Model.parse(text), ["ate"]).matters}
    assert verdicts["again"] == verdicts["no_defiers"] == "does not matter"
    assert verdicts["helps"] == "narrows the bounds"


def test_contradictions_are_rows() -> None:
    text = str(MODEL).replace("assume never: X(1) = 0", "assume all_defy: X(0) > X(1)")
    rows = {row.assumptions: row for row in sweep(Model.parse(text), ["ate"]).cases}
    assert rows["no_defiers", "all_defy"].status == "contradiction"
    assert rows[("all_defy",)].status == "derived"
    assert "contradiction" in sweep(Model.parse(text), ["ate"]).text()


def test_always() -> None:
    found = sweep(MODEL, ["ate"], always=["helps"])
    assert len(found.cases) == 4
    assert all("helps" in row.assumptions for row in found.cases)


def test_several_models_as_they_are() -> None:
    models = [catalogue.load(name) for name in ("mediation_randomization", "mediation_mmr")]
    found = sweep(models, ["delta1"])
    assert [(row.model, row.assumptions) for row in found.cases] == [
        ("mediation_randomization", ()),
        ("mediation_mmr", ("mmr",)),
    ]
    assert found.matters == ()


def test_time_limits_are_rows() -> None:
    (row,) = sweep(instrument(6), seconds=1e-6).cases
    assert row.status == "unfinished"
    assert "time limit" in row.reason


def test_too_many_subsets() -> None:
    with pytest.raises(LimitError, match=r"^3 assumptions have 8 subsets, more than 4\n"):
        sweep(MODEL, most=4)
    with pytest.raises(BoundgenError, match=r"has no assumption 'x'(.|\n)*no_defiers, helps, never"):
        sweep(MODEL, always=["x"])


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_executors_do_not_change_the_result(kind: str, found: Sweep) -> None:
    with local_executor(kind, 2) as executor:
        assert sweep(MODEL, cells=DATA, executor=executor) == found


def test_the_verb(run: Run, found: Sweep) -> None:
    Path("study.bounds").write_text(str(MODEL), encoding="utf-8")
    Path("data.csv").write_text(
        "cell,probability\n" + "".join(f'"{cell}",{value}\n' for cell, value in DATA.items()), encoding="utf-8"
    )
    words = ["sweep", "study.bounds", "--data", "data.csv", "--no-cache"]
    assert run(*words).out == found.text()
    assert json.loads(run(*words, "--format", "json").out) == json.loads(json.dumps(found.json()))
    assert run(*words, "--format", "csv").out == found.csv()
    lines = run(*words, "--format", "latex").out.splitlines()
    assert len(lines) == 2 + 1 + len(found.cases)
    assert run(*words, "-o", "table.txt").out == "table.txt: 16 derivations\n"
    assert Path("table.txt").read_text(encoding="utf-8") == found.text()


def test_bad_use(run: Run) -> None:
    assert_refused(
        run("sweep", "iv_ate", "iv_ate_monotone", "--always", "x"),
        "boundgen: --always and --data are for a single model.\n  Try: boundgen sweep --help",
    )
    refused = run("sweep", "mediation_mmr", "--always", "x")
    assert (refused.status, refused.out) == (2, "")
    assert "model mediation_mmr has no assumption 'x'" in refused.err
    assert refused.err.endswith("  assumptions: mmr\n")
    assert run("sweep", "mediation_mmr", "--scheduler", "nowhere").status == 2


# ---------------------------------------------------------------- the cache
def dual() -> DualPolyhedron:
    return derive(instrument(2), conditions=False).stages[0].lower.dual


def test_the_cache_serves_what_it_has(tmp_path: Path) -> None:
    told: list[str] = []
    calls: list[int] = []

    def counted(polyhedron: DualPolyhedron, budget: Budget, *_: object) -> Generators:
        calls.append(1)
        return engine("ppl")(polyhedron, budget)

    remembering = cached(counted, tmp_path, told.append)
    first, second = (remembering(dual(), Budget()) for _ in range(2))
    assert first == second == engine("ppl")(dual(), Budget())
    assert (told, len(calls)) == (["miss", "hit"], 1)


def test_names_make_no_difference() -> None:
    text = str(instrument(2)).replace("Z", "Q").replace("ate", "effect")
    assert polyhedron_digest(derive(Model.parse(text), conditions=False).stages[0].lower.dual) == polyhedron_digest(
        dual()
    )


@pytest.mark.parametrize("damage", range(8))
def test_damaged_entries_are_computed_again(damage: int, tmp_path: Path) -> None:
    told: list[str] = []
    remembering = cached(engine("ppl"), tmp_path, told.append)
    right = remembering(dual(), Budget())
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    content = bytearray(file.read_bytes())
    if damage == 0:
        content = content[: len(content) // 2]
    elif damage == 1:
        content = bytearray()
    else:
        content[len(content) * damage // 8] ^= 1 << (damage % 7)
    file.write_bytes(content)
    assert remembering(dual(), Budget()) == right
    assert remembering(dual(), Budget()) == right
    assert told == ["miss", "damaged", "hit"]


def test_an_entry_of_another_polyhedron_is_not_believed(tmp_path: Path) -> None:
    remembering = cached(engine("ppl"), tmp_path)
    remembering(dual(), Budget())
    other = derive(instrument(3), conditions=False).stages[0].lower.dual
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    digest = polyhedron_digest(other)
    (tmp_path / digest[:2]).mkdir(exist_ok=True)
    file.rename(tmp_path / digest[:2] / f"{digest[2:]}.json")
    assert remembering(other, Budget()) == engine("ppl")(other, Budget())


def test_points_outside_are_not_believed(tmp_path: Path) -> None:
    """A right checksum alone is not enough."""
    bad = Generators(((Fraction(10**6),) * dual().dimension,), ())
    cached(lambda *_: bad, tmp_path)(dual(), Budget())
    told: list[str] = []
    assert cached(engine("ppl"), tmp_path, told.append)(dual(), Budget()) == engine("ppl")(dual(), Budget())
    assert told == ["damaged"]


def fill(folder: str) -> int:
    remembering = cached(engine("ppl"), Path(folder))
    return len([remembering(dual(), Budget()) for _ in range(20)])


def test_two_processes_may_share_it(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(fill, [str(tmp_path)] * 4, chunksize=1) == [20] * 4
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1, "a half-written file was left"
    told: list[str] = []
    cached(engine("ppl"), tmp_path, told.append)(dual(), Budget())
    assert told == ["hit"]


def test_a_cache_that_cannot_be_written_is_an_error(run: Run) -> None:
    Path("file").write_text("", encoding="utf-8")
    refused = run("derive", "iv_ate", "--cache", "file")
    assert refused.status == 2
    assert refused.err.endswith("\n  Name another folder: --cache FOLDER.\n")


def test_derive_uses_a_cache(tmp_path: Path) -> None:
    remarks: list[str] = []
    made = [
        derive(instrument(3), conditions=False, resources=Resources(cache=tmp_path), remark=remarks.append).text()
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert "the enumeration was found in the cache" in remarks


# ---------------------------------------------------------------- executors
def slow_square(number: int) -> int:
    time.sleep(0.02 * (number % 3))
    return number * number


def test_results_are_in_the_order_of_the_items() -> None:
    squares = [k * k for k in range(12)]
    assert ordered_results(None, slow_square, range(12)) == squares
    with ThreadPoolExecutor(4) as executor:
        assert ordered_results(executor, slow_square, range(12)) == squares


def test_what_ends_the_work_ends_it() -> None:
    def stop(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        ordered_results(executor, slow_square, range(10**4), stop)


def test_the_library_may_be_imported_in_a_thread() -> None:
    """As it is by a worker that never needed it before."""
    script = (
        "import threading\n"
        "def first(): import boundgen; print(boundgen.catalogue.load('iv_ate').bound('ate').identified)\n"
        "thread = threading.Thread(target=first); thread.start(); thread.join()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.work.executors.CONNECT_SECONDS", 1)
    with (
        pytest.raises(SchedulerError, match=r"^no scheduler answers at tcp://127\.0\.0\.1:9: "),
        scheduler_executor("tcp://127.0.0.1:9"),
    ):
        pass


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A real scheduler and two workers in processes of their own, on the loopback address."""
    pytest.importorskip("distributed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, TESTS, Path(__file__).parent)))}
    file = tmp_path / "scheduler.json"
    quiet = {"env": environment, "cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter", "--scheduler-file", str(file)]
    started = [subprocess.Popen([*dask, *words], **quiet)]  # type: ignore[call-overload]
    try:
        for _ in range(200):
            if file.exists() and file.read_text():
                break
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
        started += [
            subprocess.Popen([*worker, "--no-dashboard"], **quiet)  # type: ignore[call-overload]
            for _ in range(2)
        ]
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_lost_worker_loses_nothing(scheduler: tuple[str, list[subprocess.Popen[bytes]]], found: Sweep) -> None:
    """One of two workers is killed in the middle of the run."""
    address, workers = scheduler
    killed: list[int] = []

    def kill(done: int, _total: int) -> None:
        if done >= 4 and not killed:
            workers[0].send_signal(signal.SIGKILL)
            killed.append(workers[0].wait())

    with scheduler_executor(address) as executor:
        assert sweep(MODEL, cells=DATA, executor=executor, done=kill) == found
        assert killed
        assert ordered_results(executor, slow_square, range(8)) == [k * k for k in range(8)]
        dual = derive(instrument(4), conditions=False).stages[0].lower.dual
        assert engine("orbits")(dual, Budget(resources=Resources(executor))) == engine("ppl")(dual, Budget())
