"""What `check` and `show` hold, beside their texts: the stages, read from their JSON, fit on one another."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

from boundgen import Model, catalogue
from boundgen.errors import ModelError
from boundgen.inspection.check import check
from boundgen.inspection.names import STAGES
from boundgen.inspection.remarks import remarks
from boundgen.work.limits import Budget
from support.catalogue import derived

Values = Mapping[str, Fraction]
NAMES = ("mediation_mmr", "mediation_limited_defiers", "iv_ate", "late_ratio", "sace_mono")
UNOBSERVED = "model bare\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\n"
UNASKED = UNOBSERVED + "observe P(Y | A)\n"
UNKNOWN_CLAIM = f"""{UNASKED}estimand both = P(Y(0)=1, Y(1)=1)
claim "anybody" for both
  lower 0
claim "nobody" for both
  lower P(Y(0)=0, Y(1)=1)
"""


def staged(name: str, stage: str) -> dict[str, Any]:
    """The first estimand of a shipped model at a stage."""
    model = catalogue.load(name)
    found: dict[str, Any] = model.show(stage, [model.estimands[0].name]).json()["estimands"][0]
    return found


def value(term: Mapping[str, Any], at: Values) -> Fraction:
    """A function of the data, from its JSON."""
    return Fraction(term["constant"]) + sum(Fraction(c) * at[name] for name, c in term["coefficients"].items())


def distribution(program: Mapping[str, Any], draw: random.Random) -> dict[str, Fraction]:
    """Cells of a random population."""
    weights = [Fraction(draw.randrange(1, 9)) for _ in program["columns"]]
    shares = [weight / sum(weights) for weight in weights]
    sums = [Fraction(0) for _ in program["rows"]]
    for share, column in zip(shares, program["columns"], strict=True):
        for i, entry in column["entries"].items():
            sums[int(i)] += share * Fraction(entry)
    return {row["name"]: total for row, total in zip(program["rows"], sums, strict=True) if row["kind"] == "cell"}


def inside(point: Sequence[Fraction], dual: Mapping[str, Any], *, ray: bool = False) -> bool:
    """Whether a point meets the inequalities of a dual polyhedron, and a ray those without their constants."""
    numbers = [[Fraction(number) for number in row] for row in dual["inequalities"]]
    return all((0 if ray else b) + sum(c * y for c, y in zip(row, point, strict=True)) >= 0 for b, *row in numbers)


@pytest.mark.parametrize("name", NAMES)
def test_vertices_and_rays_are_those_of_the_dual(name: str) -> None:
    at = distribution(staged(name, "program"), random.Random(name))
    at |= {parameter.name: Fraction(1, 7) for parameter in catalogue.load(name).parameters}
    dual, shown = staged(name, "dual"), staged(name, "vertices")
    for side, sign in (("lower", 1), ("upper", -1)):
        assert shown[side]["rows"] == dual[side]["rows"]
        rights = [value(row["right"], at) for row in dual[side]["rows"]]
        for each, key, ray in [(v, "term", False) for v in shown[side]["vertices"]] + [
            (r, "condition", True) for r in shown[side]["rays"]
        ]:
            point = list(map(Fraction, each["point"]))
            assert inside(point, dual[side], ray=ray)
            gives = sum(y * right for y, right in zip(point, rights, strict=True))
            assert value(each[key], at) == gives * (-1 if ray else sign)


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_json_count_the_same(name: str) -> None:
    model = catalogue.load(name)
    first = [model.estimands[0].name]
    kinds = {stage: [row.get("kind") for row in model.show(stage, first).rows()] for stage in STAGES}
    sides = {stage: [staged(name, stage)[side] for side in ("lower", "upper")] for stage in STAGES[3:]}
    program = staged(name, "program")
    assert len(kinds["strata"]) == len(program["columns"])
    assert len(kinds["program"]) == 1 + len(program["rows"])
    assert len(kinds["reduced"]) == 2 + sum(len(side["rows"]) for side in sides["reduced"])
    assert kinds["dual"].count("inequality") == sum(len(side["inequalities"]) for side in sides["dual"])
    assert kinds["vertices"].count("vertex") == sum(len(side["vertices"]) for side in sides["vertices"])
    assert kinds["vertices"].count("ray") == sum(len(side["rays"]) for side in sides["vertices"])


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_what_the_derivation_has(name: str) -> None:
    found = check(catalogue.load(name), Budget()).json()
    for each, stage, bounds in zip(found["estimands"], derived(name).stages, derived(name).bounds, strict=True):
        conditional = bounds.denominator is not None
        assert (each["name"], each["identified"], each["conditional"]) == (bounds.name, bounds.identified, conditional)
        for side, of in (("lower", stage.lower), ("upper", stage.upper)):
            assert each[side]["dual"] == {
                "dimension": of.dual.dimension,
                "inequalities": len(of.dual.inequalities),
            }
            assert each[side]["passes"][-1]["columns"] == len(of.reduced.program.columns)


@pytest.mark.parametrize("text", [UNOBSERVED, UNASKED])
def test_a_model_that_asks_nothing_has_no_rows(text: str) -> None:
    found = check(Model.parse(text), Budget())
    assert (found.rows(), found.json()["estimands"]) == ([], [])
    assert (found.arms, found.cells) == ((2, 4) if "observe" in text else (0, 0))
    assert r"\begin{tabular}" in found.latex()
    assert repr(found) == "<Checked bare: no estimands>"


INSTRUMENT = """model m
variable Z in {0, 1}
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y, Z)
estimand moved = E[X(1) - X(0)]
"""


def test_what_looks_like_an_instrument_is_remarked() -> None:
    found = check(Model.parse(INSTRUMENT), Budget())
    (remark,) = found.remarks
    assert remark.startswith("Z looks like an instrument: nothing affects it, and it affects X alone.")
    assert "share unmeasured causes with X and Y" in remark
    assert found.json()["remarks"] == [remark]
    assert " ".join(found.text().split()).count(f"Remark: {remark}") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Z in {0, 1}\n", "Z in {0, 1} randomized\n"),
        ("Y(X)", "Y(X, Z)"),  # a confounder
        ("P(X, Y, Z)", "P(X, Y)"),  # an unmeasured cause
        ("P(X, Y, Z)", "P(X, Z, Y=1)"),  # what is affected further says only who is seen
        ("P(X, Y, Z)", "P(X, Z | Y=1)"),
        ("estimand", "assume E[Y(1) | Z=1] >= E[Y(1) | Z=0]\nestimand"),  # a monotone instrument
    ],
)
def test_what_does_not_is_not(old: str, new: str) -> None:
    assert old in INSTRUMENT
    assert check(Model.parse(INSTRUMENT.replace(old, new)), Budget()).remarks == ()


def test_what_is_said_to_be_confounded_is_not_remarked() -> None:
    model = Model.parse(INSTRUMENT)
    assert remarks(model)
    assert not remarks(model.confounded("X", "Y"))
    assert not remarks(model.unconfounded())


def test_no_published_model_is_remarked() -> None:
    assert not [name for name in catalogue.names() if remarks(catalogue.load(name))]


def test_a_claim_that_cannot_be_judged_is_not_answered() -> None:
    found = check(Model.parse(UNKNOWN_CLAIM), Budget())
    assert [each.name for each in found.unanswered] == [each["name"] for each in found.json()["unanswered"]]
    assert len(found.refused) == 1
    assert found.text().splitlines()[-1] == found.refused[0].line


def test_a_stage_that_there_is_not() -> None:
    with pytest.raises(ModelError, match="stages: model, strata, program"):
        catalogue.load("mediation_mmr").show("cells")
