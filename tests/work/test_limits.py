"""Limits cover every phase, and identified estimands need no enumeration. Processor time alone is measured."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from boundgen import Limits, Model, catalogue, derive
from boundgen.bounds import sides
from boundgen.bounds.identification import has_interior, is_identified
from boundgen.bounds.posing import estimand_program
from boundgen.cli.main import main
from boundgen.errors import BudgetError, LimitError, ModelError
from boundgen.polyhedra.engine import Generators
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import model_region
from boundgen.program.linear_program import right_side
from boundgen.program.reduced import reduce
from boundgen.strata.cells import observed_arms
from boundgen.work import clock
from boundgen.work.limits import Budget
from support.command import Run

INSTRUMENT = """model instrument
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
MANY_LEVELS = """model levels
variable Z in {0, 1} randomized
variable X(Z) in 0..7
variable Y(X) in 0..3
observe P(X, Y | Z)
estimand d = E[Y(7) - Y(0)]
"""
MEDIATION = """model mediation
variable A in {0, 1} randomized
variable M(A) in 0..3
variable Y(A, M) in 0..3
observe P(M, Y | A)
assume M(1) >= M(0)
estimand te = E[Y(A=1) - Y(A=0)]
estimand nie = E[Y(1, M(1)) - Y(1, M(0))]
"""
TOTAL_EFFECT = {f"P(M={m},Y={y}|A={a})": (y if a else -y) for a in (0, 1) for m in range(4) for y in range(4)}


class Enumerated(Exception):
    """Somebody enumerates where nothing is to be enumerated."""


# ---------------------------------------------------------------- identified at once
def test_an_identified_estimand_is_not_enumerated(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Generators:
        raise Enumerated

    monkeypatch.setattr("boundgen.derivation.engine_named", lambda _: refuse)
    (bounds,) = derive(Model.parse(MEDIATION), ["te"], conditions=False).bounds
    assert bounds.identified
    assert bounds.lower.terms == bounds.upper.terms
    # Any distribution will do: the term is the difference of the means of Y.
    cells = {name: Fraction(1 + k % 16 + (k // 16) * (k % 3), 1) for k, name in enumerate(TOTAL_EFFECT)}
    for a in (0, 1):
        arm = [name for name in cells if name.endswith(f"A={a})")]
        total = sum(cells[name] for name in arm)
        cells |= {name: cells[name] / total for name in arm}
    assert bounds.lower.terms[0].value(cells) == sum(TOTAL_EFFECT[name] * cells[name] for name in cells)
    with pytest.raises(Enumerated):
        derive(Model.parse(MEDIATION), ["nie"], conditions=False)


def test_the_term_is_that_of_the_enumeration() -> None:
    model = Model.parse(INSTRUMENT + "assume X(1) >= X(0)\nestimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]\n")
    found = derive(model)
    from boundgen.bounds.sides import stage_with_rays
    from boundgen.polyhedra.engine import engine

    stage = stage_with_rays(found.stages[0], engine("ppl"), Budget())
    for side in (stage.lower, stage.upper):
        (vertex,) = side.generators.vertices
        assert right_side(side.reduced.program, vertex) == side.active[0]
        assert side.generators.rays


def test_identified_is_never_said_beside_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time that ends during enumeration costs the testable implications, not the bound."""

    def late(*_: object) -> Generators:
        raise BudgetError("the time limit of 5 s was reached while enumerating; nothing was derived")

    monkeypatch.setattr("boundgen.derivation.engine_named", lambda _: late)
    by_rows = derive(Model.parse(MEDIATION), ["te"], partial=True)
    by_inequalities = derive(
        Model.parse(INSTRUMENT + "assume E[Y(1)] <= 1/2\nassume E[Y(1)] >= 1/2\nestimand e = E[Y(1)]\n"), partial=True
    )
    for found in (by_rows, by_inequalities):
        assert found.bounds[0].identified
        assert not found.bounds[0].missing
        assert found.conditions is None
        assert "testable implications were not derived" in found.conditions_missing
        assert "(identified)" in found.text()
        assert "not proved sharp" not in found.text()
    for side in (by_inequalities.bounds[0].lower, by_inequalities.bounds[0].upper):
        assert [(str(term.constant), term.coefficients) for term in side.terms] == [("1/2", ())]


def test_what_is_not_identified_and_not_enumerated_has_the_range_of_the_estimand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*_: object) -> Generators:
        raise BudgetError("the time limit of 5 s was reached while enumerating; nothing was derived")

    monkeypatch.setattr("boundgen.derivation.engine_named", lambda _: late)
    model = Model.parse(MEDIATION)
    found = derive(model, partial=True)
    assert [bounds.identified for bounds in found.bounds] == [True, False]
    assert [str(side.terms[0].constant) for side in (found.bounds[1].lower, found.bounds[1].upper)] == ["-3", "3"]
    assert "no term is known" in found.bounds[1].missing[0]
    with pytest.raises(LimitError, match="the time limit of 5 s was reached"):
        derive(model)


ASSUMED = [
    "assume P(X(0)=1, X(1)=0) <= 0",
    "assume P(X(0)=1, X(1)=0) <= 1/4",
    "assume P(X(0)=1, X(1)=0) + P(Y(1) < Y(0)) <= 0",
    "assume E[Y(1)] <= 1/2\nassume E[Y(1)] >= 1/2",
    "assume P(Y(1) >= Y(0)) >= 1/2\nassume P(Y(1) < Y(0)) >= 1/2",
    "parameter g in [0, 0]\nassume P(X(0)=1, X(1)=0) <= g",
    "parameter g in [0, 1]\nassume E[Y(1)] <= g\nassume E[Y(1)] >= g",
]


@pytest.mark.parametrize("assumed", ASSUMED)
@pytest.mark.parametrize("estimand", ["E[Y(1) - Y(0)]", "E[Y(1)]", "P(X(0)=1, X(1)=0)", "P(Y(1)=1, Y(0)=0)"])
def test_identified_means_that_no_two_distributions_with_the_same_data_differ(assumed: str, estimand: str) -> None:
    """Against one linear program over two distributions side by side."""
    model = Model.parse(f"{INSTRUMENT}{assumed}\nestimand e = {estimand}\n")
    blocks = observed_arms(model, Limits())
    program = estimand_program(model, blocks, model.estimands[0], Budget()).program
    region = model_region(program, model.parameters)
    joint, shared = region.beside(region)
    cost = {j: Fraction(column.cost) for j, column in enumerate(program.columns)}
    objective = {**cost, **{j + region.size: -c for j, c in cost.items()}}
    same = [Constraint(difference, 0, "=") for difference in shared]
    best = maximum(joint.size, objective, [*joint.constraints, *same], joint.nonnegative)
    assert best is not None
    assert is_identified(program, model.parameters) == (best.value == 0)


def test_an_interior_is_one() -> None:
    free = Model.parse(INSTRUMENT + ASSUMED[1] + "\nestimand e = E[Y(1)]\n")
    tight = Model.parse(INSTRUMENT + ASSUMED[3] + "\nestimand e = E[Y(1)]\n")
    found = []
    for model in (free, tight):
        program = estimand_program(model, observed_arms(model, Limits()), model.estimands[0], Budget()).program
        found.append(has_interior(model_region(reduce(program).complete, ())))
    assert found == [True, False]


# ---------------------------------------------------------------- reading
def product_of(count: int) -> str:
    return INSTRUMENT + f"estimand e = E[{' * '.join(['(Y(0) + Y(1))'] * count)}]\n"


@pytest.mark.slow
def test_long_products_are_read_fast_or_refused() -> None:
    """A product of sums is kept expanded; spelling its factors out again and again took minutes."""
    start = time.process_time()
    few = Model.parse(product_of(100)).estimands[0]
    ((content,),) = [atoms for _, atoms in few.expression.terms]
    coefficients = sorted(int(c) for c, _ in content.content.terms)  # type: ignore[union-attr]
    assert len(coefficients) == 101
    assert sum(coefficients) == 2**100
    for count in (101, 2400):
        with pytest.raises(ModelError, match="more than 100 factors that are not numbers"):
            Model.parse(product_of(count))
    assert time.process_time() - start < 30


def test_reading_is_linear_in_names() -> None:
    """Each name is looked up in a set: eight times the names take about eight times as long, not sixty-four."""

    def seconds(count: int) -> float:
        text = "model names\n" + "".join(f"variable V{k} in {{0, 1}}\n" for k in range(count))
        text += "observe P(V0)\n" + "define d0 = P(V0=1)\n"
        text += "".join(f"define d{k} = d{k - 1}\n" for k in range(1, count))
        text += "estimand e = E[V1]\n" + "".join(f'claim "{k}" for e\n  lower 0\n' for k in range(count))
        start = time.process_time()
        Model.parse(text)
        return time.process_time() - start

    seconds(100)
    assert seconds(2000) < 24 * seconds(250)


# ---------------------------------------------------------------- the clock of a command
HUGE = {
    "estimands": lambda: (
        MANY_LEVELS + "".join(f"estimand e{k} = E[Y({k % 7})] - {k} P(Y(1)=1)\n" for k in range(20000))
    ),
    "claims": lambda: (
        MANY_LEVELS + "".join(f'claim "{k}" for d\n  lower max(P(Y=1, X=1 | Z=1), 0)\n' for k in range(10000))
    ),
    "arrows": lambda: MANY_LEVELS + f"assume {' -> '.join(['Y(1) >= 0'] * 40000)}\n",
    "events": lambda: MANY_LEVELS + f"estimand e = P({', '.join(['Y(1) <= 2'] * 50000)})\n",
    "definitions": lambda: (
        MANY_LEVELS
        + "define d0 = P(X=1 | Z=1)\n"
        + "".join(f"define d{k} = d{k - 1} + d{k - 1}\n" for k in range(1, 9000))
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no alarm")
@pytest.mark.parametrize("kind", HUGE)
def test_a_limit_covers_reading(kind: str, tmp_path: Path) -> None:
    """One paragraph, nothing on stdout, and hardly more processor time than the limit."""
    file = tmp_path / "huge.bounds"
    file.write_text(HUGE[kind](), encoding="utf-8")
    assert file.stat().st_size < 1_000_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from boundgen.cli.main import main; main()",
            "derive",
            str(file),
            "--time-limit",
            "1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.startswith("the time limit of 1 s was reached while ")
    assert "nothing was derived" in found.stderr
    assert "Traceback" not in found.stderr
    assert after.ru_utime - before.ru_utime < 4


@pytest.mark.skipif(sys.platform == "win32", reason="there is no alarm")
def test_valid_bounds_and_a_true_message_within_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "levels.bounds"
    file.write_text(MANY_LEVELS, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["boundgen", "derive", str(file), "--time-limit", "6", "--ascii"])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert ended.value.code == 3
    assert "Valid bounds that are not proved sharp." in captured.out
    assert captured.err.startswith("boundgen: the derivation is not complete: the time limit of 6 s was reached while ")


def test_a_mirrored_side_takes_no_share_of_the_time() -> None:
    """The upper bound is the lower one relabelled, so the lower one may use nearly all the time."""
    deadlines = []

    def look(_polyhedron: object, budget: Budget, _known: object) -> Generators:
        deadlines.append(budget.own_share().end - budget.start)
        raise BudgetError("over")

    from boundgen.derivation import derivation_within

    budget = Budget(Limits(seconds=1000))
    derivation_within(Model.parse(MANY_LEVELS), (), look, False, budget, partial=True)
    assert deadlines[0] > 800


def test_estimands_that_were_not_reached_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Budget.step

    def hurried(self: Budget, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        original(self, what, done, total, 10**6 if what == "deriving estimands" and done else reserve)

    monkeypatch.setattr(Budget, "step", hurried)
    model = Model.parse(INSTRUMENT + "estimand one = E[Y(1)]\nestimand two = E[Y(0)]\n")
    found = derive(model, limits=Limits(seconds=1000), partial=True)
    assert [bounds.name for bounds in found.bounds] == ["one"]
    assert found.bounds[0].missing == ()
    assert found.missing == ()
    assert [each.name for each in found.unanswered] == ["two"]
    assert "the time limit of 1000 s was reached while deriving estimands" in found.unanswered[0].reason


def test_an_interruption_is_not_blamed_on_a_line() -> None:
    error = BudgetError("the time limit of 1 s was reached")
    assert error.located(None) is error


@pytest.mark.skipif(sys.platform == "win32", reason="there is no alarm")
def test_an_alarm_does_not_interrupt_what_writes_found_terms_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine time may be over only there; the terms are not lost."""
    whole = derive(catalogue.load("iv_ate"), conditions=False)
    side = whole.stages[0].lower
    kept = sides.right_side
    rung: list[bool] = []

    def slow(*given: Any) -> Any:
        rung.append(signal.getitimer(signal.ITIMER_REAL)[0] > 0)
        return kept(*given)

    monkeypatch.setattr(sides, "right_side", slow)
    clock.begin(1000)
    try:
        terms = sides._terms(side.reduced, side.generators)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    finally:
        clock.end()
    assert set(terms) == set(side.terms)
    assert not any(rung)


def test_what_was_derived_is_said_by_verbs_that_need_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Budget.step

    def hurried(self: Budget, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        original(self, what, done, total, 10**6 if what.startswith("looking for the most favourable") else reserve)

    monkeypatch.setattr(Budget, "step", hurried)
    found = run("ask", "iv_ate", "ate", "--time-limit", "1000")
    assert (found.status, found.out) == (3, "")
    assert "the bounds are complete, the questions were not all answered" in found.err
    assert "max{" in found.err


@pytest.mark.parametrize(
    "words", ["estimate hard data.csv --method stoye", "certify hard", "generate hard -o made", "ask hard"]
)
def test_valid_bounds_are_said_by_verbs_that_need_sharp_ones(
    words: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    original = Budget.step

    def hurried(self: Budget, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        original(self, what, done, total, 10**6 if what == "enumerating orbits of vertices" and done > 1 else reserve)

    monkeypatch.setattr(Budget, "step", hurried)
    levels = "\n".join(f"{z},{x},{y},9" for z in range(6) for x in (0, 1) for y in (0, 1))
    (tmp_path / "data.csv").write_text(f"Z,X,Y,count\n{levels}\n", encoding="utf-8")
    (tmp_path / "hard").write_text(SIX, encoding="utf-8")
    found = run(*words.split(), "--time-limit", "1000")
    assert (found.status, found.out) == (3, "")
    assert "the time limit of 1000 s was reached" in found.err
    assert "Valid bounds that are not proved sharp." in found.err


SIX = """model six
variable Z in 0..5 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
"""
