"""Bounds by the whole law of an outcome: Lee's formula, the exact program with crossed strata, what is refused."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Derivation, Model, catalogue, derive, estimate, evaluate, read_data
from boundgen.data.whole_law import with_whole_law
from boundgen.errors import DataError, ModelError
from boundgen.evaluation.law_program import SENSES, LawAt, LawProgram
from boundgen.evaluation.whole_law import LawEvaluations, law_at
from boundgen.strata.cells import observed_arms
from boundgen.strata.one_outcome import OutcomeProblem, outcome_problem
from boundgen.work.limits import Budget, Limits
from support.command import Run, assert_refused

SELECTION = """model selection
variable Z in {0, 1} randomized
variable S(Z) in {0, 1}
variable Y(Z) in DOMAIN
observe P(S=1, Y | Z)
assume few: P(S(0)=1, S(1)=0) <= 1/10
estimand survivors = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
estimand low = P(Y(1) <= 1, S(1)=1, S(0)=1)
estimand every = E[Y(1) - Y(0)]
"""
MEDIATION = """model mediation
variable Z in {0, 1} randomized
variable S(Z) in {0, 1}
variable Y(Z, S) in DOMAIN
observe P(Y, S | Z)
parameter most in [0, 1]
assume few: P(S(0)=1, S(1)=0) <= most
assume mean: E[Y(1, 1)] <= 5/2
estimand around = E[Y(1, S(0)) - Y(0, S(0))]
estimand always = E[Y(1, 1) - Y(0, 1) | S(0)=1, S(1)=1]
"""
COMPLIANCE = """model compliance
variable Z in {0, 1} randomized
variable S(Z) in {0, 1}
variable Y(S) in DOMAIN
observe P(Y, S | Z)
estimand effect = E[Y(1) - Y(0)]
estimand compliers = E[Y(1) - Y(0) | S(0)=0, S(1)=1]
estimand law = P(Y(1) <= 1 | S(0)=0, S(1)=1)
"""
TEXTS = {"selection": SELECTION, "mediation": MEDIATION, "compliance": COMPLIANCE}
LEE = """model lee
variable Z in {0, 1} randomized
variable S(Z) in {0, 1}
variable Y(Z) in [-100, 100]
observe P(S=1, Y | Z)
assume S(1) >= S(0)
estimand survivors = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""


def model_of(text: str, domain: str = "{0, 1, 3}") -> Model:
    return Model.parse(text.replace("DOMAIN", domain))


def units(chance: np.random.Generator, n: int, digits: int = 1) -> pd.DataFrame:
    """Units with more survival where Z is one; half of them in each arm."""
    arms, latent = np.arange(n) % 2, chance.normal(size=n)
    seen = (latent + chance.normal(size=n) > 0.2 - 0.5 * arms).astype(int)
    outcome = np.round(latent + 0.3 * arms + chance.normal(size=n), digits)
    return pd.DataFrame({"Z": arms, "S": seen, "Y": outcome})


@cache
def derived(text: str) -> Derivation:
    """Crossed strata, posed once."""
    return derive(model_of(text))


# ---------------------------------------------------------------- the program with crossed strata
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=4, deadline=None)
def test_the_flow_program_has_the_bounds_of_crossed_strata(text: str, seed: int) -> None:
    """With three values strata can be crossed, and the exact program solved: populations of the model, any of them."""
    chance = np.random.default_rng(seed)
    model = model_of(text)
    strata = chance.dirichlet([3, 0.3, 2, 2])
    n, latent = 1000, chance.normal(size=1000)
    kind = chance.choice(4, size=n, p=strata)
    z = np.arange(n) % 2
    s = np.array([[0, 1], [1, 0], [0, 0], [1, 1]])[kind, z]
    shift = 0.3 * (s if text == COMPLIANCE else z)
    y = np.select([latent + shift < -0.5, latent + shift < 1], [0, 1], 3)
    frame = pd.DataFrame({"Z": z, "S": s, "Y": y})
    parameters = {"most": "1/4"} if text == MEDIATION else None
    found = evaluate(model, frame, parameters, law="Y")
    exact = evaluate(derived(text), frame, parameters)
    assert len(found) == len(exact) > 0
    for one, other in zip(found, exact, strict=True):
        assert other.lower is not None
        assert other.upper is not None
        if other.lower > other.upper or other.violations:
            continue
        assert one.distance == 0
        assert one.lower == pytest.approx(float(other.lower), abs=1e-9)
        assert one.upper == pytest.approx(float(other.upper), abs=1e-9)


# ---------------------------------------------------------------- Lee (2009)
def lee(treated: np.ndarray, control: np.ndarray, share: float) -> tuple[float, float]:
    """Proposition 1a: the treated who are seen, trimmed to a share from above or below, less the control's mean."""
    order = np.argsort(treated)
    many = share * len(treated)
    whole = int(many)

    def trimmed(index: np.ndarray) -> float:
        values = treated[index]
        return float((values[:whole].sum() + (many - whole) * values[min(whole, len(values) - 1)]) / many)

    return trimmed(order) - control.mean(), trimmed(order[::-1]) - control.mean()


def parts(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    seen = frame[frame.S == 1]
    treated, control = (seen.Y[z == seen.Z].to_numpy() for z in (1, 0))
    return treated, control, frame.S[frame.Z == 0].mean() / frame.S[frame.Z == 1].mean()


@pytest.mark.parametrize("digits", [0, 6], ids=["ties", "distinct values"])
def test_lees_trimming_bounds(digits: int) -> None:
    frame = units(np.random.default_rng(5), 1200, digits)
    (found,) = evaluate(catalogue.load("sace_mono"), frame, law="Y")
    assert (found.lower, found.upper) == pytest.approx(lee(*parts(frame)), abs=1e-6)
    assert found.distance == 0
    # Ends that the model states do not matter where all are seen; outcomes of the others may be missing.
    frame.loc[frame.S == 0, "Y"] = np.nan
    (stated, *_) = evaluate(Model.parse(LEE), frame, law="Y")
    assert (stated.lower, stated.upper) == pytest.approx((found.lower, found.upper), abs=1e-9)


def test_lees_bounds_with_weights() -> None:
    chance = np.random.default_rng(6)
    frame = units(chance, 400)
    frame["w"] = chance.integers(1, 5, size=400)
    repeated = frame.loc[frame.index.repeat(frame.w)]
    (found,) = evaluate("sace_mono", frame, law="Y", weights="w")
    assert (found.lower, found.upper) == pytest.approx(lee(*parts(repeated)), abs=1e-6)


def test_lees_tightened_bounds() -> None:
    """Proposition 1b: bounds within covariates, averaged over their law among the control units that are seen."""
    chance = np.random.default_rng(7)
    frames = [units(chance, 600).assign(x=x, Y=lambda each, x=x: (each.Y + x).round(1)) for x in (0, 1, 2)]
    found = estimate("sace_mono", pd.concat(frames), law="Y", within="x").estimates[0]
    weights = [int(((each.Z == 0) & (each.S == 1)).sum()) for each in frames]
    averaged = np.average([lee(*parts(each)) for each in frames], axis=0, weights=weights)
    assert found.plug_in == pytest.approx(tuple(averaged), abs=1e-6)
    (whole,) = evaluate("sace_mono", pd.concat(frames), law="Y")
    assert whole.lower < averaged[0] < averaged[1] < whole.upper


def test_fewer_seen_with_treatment_are_said() -> None:
    """Shares contradict the model: at the nearest shares nobody is trimmed."""
    frame = units(np.random.default_rng(8), 800).assign(Z=lambda each: 1 - each.Z)
    (found,) = evaluate("sace_mono", frame, law="Y")
    seen = frame[frame.S == 1]
    assert found.distance == pytest.approx((frame.S[frame.Z == 0].mean() - frame.S[frame.Z == 1].mean()) / 2)
    assert found.lower == pytest.approx(seen.Y[seen.Z == 1].mean() - seen.Y[seen.Z == 0].mean(), abs=1e-6)
    assert "No population of the model has exactly these data" in evaluate("sace_mono", frame, law="Y").text()


def test_compliers_at_a_continuous_outcome_are_near_walds_ratio() -> None:
    """Two arms see the same units, and no two samples have one law: the nearest laws contain Wald's ratio."""
    chance = np.random.default_rng(9)
    z = np.arange(400) % 2
    kind = chance.choice(3, size=400, p=[0.5, 0.3, 0.2])
    x = np.where(kind == 0, z, kind - 1)
    y = np.round(chance.normal(size=400) + x, 2)
    text = COMPLIANCE.replace("estimand effect", "assume S(1) >= S(0)\nestimand effect")
    model = model_of(text, "{0, 1}")
    found = {each.estimand: each for each in evaluate(model, pd.DataFrame({"Z": z, "S": x, "Y": y}), law="Y")}
    wald = (y[z == 1].mean() - y[z == 0].mean()) / (x[z == 1].mean() - x[z == 0].mean())
    each = found["compliers"]
    assert 0 < each.distance < 0.1
    assert each.lower <= wald <= each.upper
    assert 0 <= found["law"].lower <= found["law"].upper <= 1


# ---------------------------------------------------------------- duality
def problem_at(text: str, frame: pd.DataFrame, name: str) -> tuple[OutcomeProblem, LawAt]:
    model, data = with_whole_law(model_of(text), "Y", frame)
    arms = observed_arms(model, Limits(cells=10**6))
    problem = outcome_problem(model, arms, "Y", model.estimand_named(name), Budget(Limits()))
    return problem, law_at(problem, data)


@pytest.mark.parametrize(("text", "name"), [(SELECTION, "every"), (COMPLIANCE, "effect")])
def test_a_dual_solution_is_valid_at_every_law(text: str, name: str) -> None:
    """What was chosen at one law bounds the estimand at others, and is sharp at its own."""
    chance = np.random.default_rng(10)
    frames = [units(chance, 300, 0) for _ in range(4)]
    for i, frame in enumerate(frames):
        if text == COMPLIANCE:  # Z has no effect in these, so that both arms see one law
            half = frame.iloc[:150]
            frames[i] = pd.concat([half.assign(Z=0), half.assign(Z=1)])
    whole = pd.concat(frames)
    problem, _ = problem_at(text, whole, name)
    laws = [_law_over(problem, frame, whole) for frame in frames]
    for sense, sign in zip(SENSES, (1, -1), strict=True):
        solved = [LawProgram(problem, law, {}, every=True) for law in laws]
        ends = [program.end(sense, program.costs) for program in solved]
        values = [each.value for each in ends if each is not None]
        assert len(values) == 4
        for i, chosen in enumerate(ends):
            assert chosen is not None
            given_by = [
                sum(chosen.constants) + sum(float(d @ c) for d, c in zip(chosen.duals[0], law.cells[0], strict=True))
                for law in laws
            ]
            assert given_by[i] == pytest.approx(values[i], abs=1e-8)
            assert all(sign * one <= sign * value + 1e-8 for one, value in zip(given_by, values, strict=True))


def _law_over(problem: OutcomeProblem, frame: pd.DataFrame, whole: pd.DataFrame) -> LawAt:
    """The law of some rows over the values of all."""
    cells = []
    values = [float(Fraction(value)) for value in problem.values if not isinstance(value, str)]
    many = len(problem.groups) == 4
    events = [(z, s) for z in (0, 1) for s in ((0, 1) if many else (1,))]
    for z, s in events:
        arm = frame[z == frame.Z]
        own = arm[s == arm.S].Y
        cells.append(np.array([(own == value).sum() / len(arm) for value in values]))
    assert set(whole.Y[whole.S == 1]) <= set(values)
    return LawAt((1.0,), (tuple(cells),))


# ---------------------------------------------------------------- what is refused, and how it is printed
FRAME = units(np.random.default_rng(11), 100, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("assume Y(1) >= Y(0)", "assumption Y(1) >= Y(0) is about 'Y' of single units"),
        ("estimand both = E[Y(1) * Y(0)]", "estimand 'both' speaks of two of them together"),
        ("estimand both = P(Y(1) > Y(0))", "estimand 'both' speaks of two of them together"),
        ("variable W(Y) in {0, 1}", "'Y' is a parent of 'W'"),
    ],
)
def test_statements_about_two_outcomes_are_refused(change: str, message: str) -> None:
    first, rest = SELECTION.split("observe")
    text = f"{first}{change}\nobserve{rest}" if "variable" in change else f"{SELECTION}{change}\n"
    model = model_of(text, "{0, 1}")
    with pytest.raises(ModelError) as error:
        evaluate(model, FRAME, law="Y")
    assert message in str(error.value).replace("≥", ">=")
    assert "leave law= out, or" in str(error.value) or "leave the statement or law= out" in str(error.value)


@pytest.mark.parametrize(
    ("law", "options", "message"),
    [
        ("X", {}, "the model has no variable 'X' for law="),
        ("Z", {}, "'Z' is randomized or has named values"),
        ("Y", {"dichotomize": "Y>0"}, "'Y' is recoded or dichotomized, and its whole law is asked for"),
        ("Y", {"columns": "Y=nothing"}, "no column 'nothing' for Y"),
        ("Y", {"sex": 1}, "there is no option 'sex'"),
    ],
)
def test_what_is_no_outcome_is_refused(law: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        evaluate("sace_mono", FRAME, law=law, **options)


def test_values_outside_of_stated_ends_are_refused() -> None:
    model = Model.parse(LEE.replace("[-100, 100]", "[-1, 1]"))
    with pytest.raises(DataError, match="outside of its ends -1 and 1"):
        evaluate(model, FRAME, law="Y")


def test_data_and_bounds_that_come_too_late_are_refused() -> None:
    with pytest.raises(DataError, match="read already"):
        evaluate("sace_mono", read_data("sace_mono", "jobs", columns="Z=A,S=M"), law="Y")
    with pytest.raises(ModelError, match="for a model"):
        evaluate(catalogue.load("sace_mono").bound("sace"), FRAME, law="Y")


def test_the_command_and_python_say_the_same(run: Run) -> None:
    found = evaluate("sace_mono", "training", Z="A", law="Y")
    assert isinstance(found, LawEvaluations)
    printed = run("evaluate", "sace_mono", "training", "--map", "Z=A", "--law", "Y", "--format", "json")
    assert json.loads(printed.out) == found.json()
    assert {each["method"] for each in found.json()["evaluations"]} == {"linear program"}
    assert "its whole law, 44 values from" in found.text()
    assert list(found.to_frame().columns) == ["estimand", "lower", "upper", "method", "distance"]


def test_options_that_say_nothing_of_a_law_are_refused(run: Run) -> None:
    failed = run("estimate", "sace_mono", "training", "--map", "Z=A", "--law", "Y", "--method", "stoye")
    message = "boundgen: --method is not for the whole law of an outcome: leave it or --law out."
    assert_refused(failed, f"{message}\n  Try: boundgen estimate --help")


def test_covariates_on_the_command_line(run: Run, tmp_path: Path) -> None:
    """Within strata with --law; without it evaluate has no bounds within strata, and says where they are."""
    draw = np.random.default_rng(8)
    frame = pd.DataFrame({name: draw.integers(0, 2, 200) for name in ("Z", "S", "x")})
    frame["Y"] = draw.normal(size=200).round(1) + 3 * frame.x
    frame.to_csv(tmp_path / "d.csv", index=False)
    (found,) = json.loads(
        run("evaluate", "sace_mono", str(tmp_path / "d.csv"), "--law", "Y", "--within", "x", "--format", "json").out
    )["evaluations"]
    (same,) = evaluate("sace_mono", frame, law="Y", within="x")
    assert (found["lower"], found["upper"]) == pytest.approx((same.lower, same.upper))
    message = "boundgen: --within goes with --law, or with the verb estimate: plug-in bounds stand there too."
    assert_refused(run("evaluate", "sace_mono", "jobs", "--within", "x"), f"{message}\n  Try: boundgen evaluate --help")
    with pytest.raises(DataError, match="not evaluated by a closed form"):
        evaluate("mediation_mmr", "jobs_sex", within="sex")
