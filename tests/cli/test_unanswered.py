"""One estimand that has no answer does not take the others of its file down, in any verb."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from boundgen import BoundgenError, Model, derive, estimate, evaluate
from boundgen.data.reading import read_data
from boundgen.errors import ContradictionError, ModelError
from boundgen.work.limits import Limits
from support.command import Run

HEAD = """model study
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
WELL = "estimand ate = E[Y(1) - Y(0)]\nestimand att = E[Y(1) - Y(0) | Z=1, X=1]\n"
BAD = {
    "either sign": ("E[Y(1)] / E[Y(1) - Y(0)]", "the divisor of estimand 'bad' may have either sign"),
    "unknown product": ("P(Y(1)=1) * P(Y(0)=1)", "the product of two probabilities is not linear"),
    "conditions differ": ("E[Y(1) | X(0)=0, X(1)=1] - E[Y(0) | X(0)=0]", "the conditions behind the bars of estimand"),
    "impossible": ("E[Y(1) | X(0)=0, X(0)=1]", "the condition of estimand 'bad' has probability zero"),
    "ratio": ("E[Y(1)] / E[Y(0)] / P(X(1)=1)", "one ratio divides once"),
    "share": ("(E[Y(1)] - E[Y(0)]) / (2 E[Y(1)] - P(X(1)=1)) - E[Y(1)]", "do not have the same divisor"),
    "product": ("P(Y(1)=1) * P(Y(0)=1) * P(X(1)=1)", "a product of three population quantities"),
    "constant": ("P(Y(1)=1 or Y(1)=0)", "estimand 'bad' is constant"),
}
PIECES = "estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]\nestimand rr = E[Y(1)] / E[Y(0)]\n"
DATA = "Z,X,Y,n\n0,0,0,30\n0,0,1,20\n0,1,0,10\n0,1,1,40\n1,0,0,10\n1,0,1,20\n1,1,0,30\n1,1,1,40\n"
# Nobody takes X under Z=1: att is undefined at these data.
UNDEFINED = "Z,X,Y,n\n0,0,0,30\n0,0,1,20\n0,1,0,10\n0,1,1,40\n1,0,0,50\n1,0,1,50\n"
VERBS = {
    "derive": ["derive", "m.bounds"],
    "latex": ["derive", "m.bounds", "--format", "latex"],
    "sympy": ["derive", "m.bounds", "--format", "sympy"],
    "orbits": ["derive", "m.bounds", "--orbits"],
    "show": ["show", "m.bounds", "--at", "vertices"],
    "check": ["check", "m.bounds"],
    "verify": ["verify", "m.bounds"],
    "ask": ["ask", "m.bounds"],
    "compare": ["compare", "m.bounds", "m.bounds"],
    "sweep": ["sweep", "m.bounds", "--no-cache"],
    "evaluate": ["evaluate", "m.bounds", "data.csv"],
    "evaluate, csv": ["evaluate", "m.bounds", "data.csv", "--format", "csv"],
    "evaluate, latex": ["evaluate", "m.bounds", "data.csv", "--format", "latex"],
    "evaluate, plot": ["evaluate", "m.bounds", "data.csv", "--plot", "picture.svg"],
    "estimate": ["estimate", "m.bounds", "data.csv", "--draws", "1000"],
    "estimate, plot": ["estimate", "m.bounds", "data.csv", "--draws", "1000", "--plot", "picture.svg"],
    "generate": ["generate", "m.bounds", "-o", "modules"],
    "certify": ["certify", "m.bounds"],
}


def model(kind: str) -> Model:
    """The estimand without an answer stands first."""
    return Model.parse(f"{HEAD}estimand bad = {BAD[kind][0]}\n{WELL}")


def write(kind: str, well: str = WELL) -> None:
    claims = 'claim "here" for bad\n  lower -1\nclaim "there" for ate\n  lower -1\n  expect valid\n' if well else ""
    Path("m.bounds").write_text(f"{HEAD}estimand bad = {BAD[kind][0]}\n{well}{claims}", encoding="utf-8")
    Path("data.csv").write_text(DATA, encoding="utf-8")


@pytest.mark.parametrize("kind", BAD)
def test_the_others_are_answered_as_without_it(kind: str) -> None:
    found = derive(model(kind))
    alone = derive(Model.parse(f"{HEAD}{WELL}"))
    assert [bounds.json() for bounds in found.bounds] == [bounds.json() for bounds in alone.bounds]
    assert found.conditions == alone.conditions
    assert [each.name for each in found.unanswered] == ["bad"]
    assert BAD[kind][1] in found.unanswered[0].reason
    assert found.json()["unanswered"] == [{"name": "bad", "reason": found.unanswered[0].reason}]
    assert f"bad: not answered: {found.unanswered[0].reason}" in found.text()
    assert found.text(unicode=False).isascii()
    assert "unanswered" not in alone.json()


@pytest.mark.parametrize("kind", BAD)
def test_a_model_with_it_prints_and_reads_as_itself(kind: str) -> None:
    found = model(kind)
    assert Model.parse(str(found)) == found
    assert str(Model.parse(str(found))) == str(found)


@pytest.mark.parametrize("kind", BAD)
def test_alone_it_is_an_error(kind: str) -> None:
    with pytest.raises(ModelError):
        derive(model(kind), ["bad"])
    with pytest.raises(ModelError):
        derive(Model.parse(f"{HEAD}estimand bad = {BAD[kind][0]}\n"))


@pytest.mark.parametrize("kind", ["either sign", "ratio"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_answers_the_rest_and_says_the_one(run: Run, verb: str, kind: str) -> None:
    write(kind)
    found = run(*VERBS[verb])
    assert found.status == 3
    assert found.err.count("\n") == 1 + (verb == "compare")
    assert found.err.startswith("boundgen: bad: not answered: ")
    assert BAD[kind][1] in found.err
    assert found.out


@pytest.mark.parametrize("kind", ["either sign", "ratio"])
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "compare"])
def test_every_verb_refuses_it_alone(run: Run, verb: str, kind: str) -> None:
    write(kind, well="")
    if verb == "verify":
        text = Path("m.bounds").read_text(encoding="utf-8")
        Path("m.bounds").write_text(text + 'claim "here" for bad\n  lower -1\n', encoding="utf-8")
    found = run(*VERBS[verb])
    assert (found.status, found.out) == (2, "")
    assert BAD[kind][1] in found.err
    assert not Path("picture.svg").exists()


@pytest.mark.parametrize(
    "verb", ["derive", "show", "check", "verify", "ask", "compare", "evaluate", "estimate", "sweep"]
)
def test_json_has_a_key_for_it(run: Run, verb: str) -> None:
    write("ratio")
    found = run(*VERBS[verb], "--format", "json")
    said = json.loads(found.out)["unanswered"]
    assert {each["name"] for each in said} == {"bad"}
    assert all(BAD["ratio"][1] in each["reason"] for each in said)
    assert found.status == 3
    whole = f"{HEAD}{WELL}" + 'claim "there" for ate\n  lower -1\n  expect valid\n'
    Path("m.bounds").write_text(whole, encoding="utf-8")
    complete = run(*VERBS[verb], "--format", "json")
    assert complete.status == 0
    assert "unanswered" not in json.loads(complete.out)


def test_named_beside_another_it_does_not_take_that_down(run: Run) -> None:
    write("ratio")
    found = run("derive", "m.bounds", "ate", "bad")
    assert found.status == 3
    assert "ate ≥ max{" in found.out
    assert "att" not in found.out


@pytest.mark.parametrize("expression", ["E[W(1)] / E[Y(0)]", "E[Y(1)] / P(V=1)", "E[Y(1)] * (Y(1) = 1)", "E[Y(1)] / 0"])
def test_what_cannot_be_read_is_an_error_of_the_file(run: Run, expression: str) -> None:
    Path("m.bounds").write_text(f"{HEAD}estimand bad = {expression}\n{WELL}", encoding="utf-8")
    found = run("derive", "m.bounds")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("m.bounds:6:")


def test_contradicting_assumptions_concern_all() -> None:
    both = "assume X(1) = 0\nassume P(X(1)=1) >= 1/2\n"
    with pytest.raises(ContradictionError):
        derive(Model.parse(f"{HEAD}{both}estimand bad = {BAD['ratio'][0]}\n{WELL}"))


def test_a_limit_that_one_exceeds_leaves_the_others(run: Run) -> None:
    """The third variable matters to one estimand alone."""
    text = (
        "model wide\nvariable X in {0, 1}\nvariable W(X) in 0..9\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\n"
        "estimand large = P(W(0) < W(1), Y(1)=1)\nestimand ate = E[Y(1) - Y(0)]\n"
    )
    Path("m.bounds").write_text(text, encoding="utf-8")
    found = run("derive", "m.bounds", "--max-strata", "100")
    assert found.status == 3
    assert "−p01 − p10 ≤ ate ≤ p00 + p11" in found.out
    assert found.err.startswith("boundgen: large: not answered: ")
    assert run("derive", "m.bounds").status == 0
    with pytest.raises(BoundgenError):
        derive(Model.parse(text), ["large"], limits=Limits(strata=100))


# ---------------------------------------------------------------- exact at data alone
UNCLOSED = "parameter b in [0, 1]\nestimand odd = E[Y(1) | X(0)=0, X(1)=1] - b * E[Y(0) | X(0)=0, X(1)=1]\n"
WHY = "there is no closed form: its divisor is unknown, and its weights are functions of the data"
# These answer it, as they look at data or at the program.
AT_DATA = {"check", "estimate", "estimate, plot", *(verb for verb in VERBS if verb.startswith("evaluate"))}


def write_unclosed(well: str = WELL) -> None:
    Path("m.bounds").write_text(f"{HEAD}{UNCLOSED}{well}", encoding="utf-8")
    Path("data.csv").write_text(DATA, encoding="utf-8")


def line(verb: str) -> list[str]:
    at_data = verb.startswith(("evaluate", "estimate"))
    return [*VERBS[verb], *(["--at", "b=1/2"] if at_data else [])]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in AT_DATA])
def test_without_a_closed_form_every_verb_answers_the_rest(run: Run, verb: str) -> None:
    write_unclosed()
    if verb == "verify":
        text = Path("m.bounds").read_text(encoding="utf-8")
        claims = 'claim "here" for odd\n  lower -1\nclaim "there" for ate\n  lower -1\n  expect valid\n'
        Path("m.bounds").write_text(text + claims, encoding="utf-8")
    found = run(*line(verb))
    assert found.status == 3
    assert found.err.count("\n") == 1 + (verb == "compare")
    assert found.err.startswith("boundgen: odd: not answered: ")
    assert WHY in found.err
    assert found.out


@pytest.mark.parametrize("verb", sorted(AT_DATA))
def test_without_a_closed_form_data_have_bounds(run: Run, verb: str) -> None:
    write_unclosed()
    found = run(*line(verb))
    assert (found.status, found.err) == (0, "")
    assert "odd" in found.out


@pytest.mark.parametrize("verb", ["derive", "show", "ask", "compare", "generate", "certify"])
def test_without_a_closed_form_alone_there_is_no_answer(run: Run, verb: str) -> None:
    write_unclosed("")
    found = run(*line(verb))
    assert found.status == 3
    assert WHY in found.err
    assert bool(found.out) == (verb == "derive")


# ---------------------------------------------------------------- pieces
@pytest.mark.parametrize(
    "verb", ["derive", "latex", "sympy", "orbits", "show", "check", "ask", "compare", "sweep", "evaluate, plot"]
)
def test_what_has_pieces_is_answered_beside_the_others(run: Run, verb: str) -> None:
    Path("m.bounds").write_text(f"{HEAD}{WELL}{PIECES}", encoding="utf-8")
    Path("data.csv").write_text(DATA, encoding="utf-8")
    found = run(*VERBS[verb])
    assert (found.status, found.err) == (0, "")
    if verb != "evaluate, plot":
        assert "late" in found.out


# ---------------------------------------------------------------- at data
@pytest.mark.parametrize("form", ["text", "json", "latex", "csv"])
def test_data_that_leave_one_undefined_leave_the_others(run: Run, form: str) -> None:
    Path("m.bounds").write_text(HEAD + WELL, encoding="utf-8")
    Path("data.csv").write_text(UNDEFINED, encoding="utf-8")
    found = run("estimate", "m.bounds", "data.csv", "--draws", "1000", "--format", form)
    assert found.status == 3
    assert found.err == (
        "boundgen: att: not answered: the condition of att does not have a positive probability in these data\n"
    )
    assert "ate" in found.out
    assert run("evaluate", "m.bounds", "data.csv", "--format", form).status == 0


def test_estimates_of_the_others_are_those_without_it() -> None:
    alone = Model.parse(HEAD + WELL.splitlines()[0] + "\n")
    read = Model.parse(HEAD + WELL)
    Path("undefined.csv").write_text(UNDEFINED, encoding="utf-8")
    try:
        data = read_data(read, "undefined.csv")
        found = estimate(derive(read), data, draws=1000)
        (ate,) = estimate(derive(alone), data, draws=1000).estimates
    finally:
        Path("undefined.csv").unlink()
    assert found.estimates == (ate,)
    assert [each.name for each in found.unanswered] == ["att"]


def test_pictures_leave_out_what_is_undefined(run: Run) -> None:
    Path("m.bounds").write_text(HEAD + WELL, encoding="utf-8")
    Path("data.csv").write_text(UNDEFINED, encoding="utf-8")
    found = run("evaluate", "m.bounds", "data.csv", "--plot", "picture.svg")
    assert found.status == 3
    assert found.err == "boundgen: att: not drawn: undefined at these data\n"
    assert Path("picture.svg").exists()
    cells = {"P(X=0,Y=0|Z=0)": 1, "P(X=0,Y=0|Z=1)": 1}
    figure = derive(Model.parse(HEAD + WELL)).plot(cells, title="a study")
    titles = [axes.get_title(loc) for axes in figure.axes for loc in ("left", "center", "right")]
    assert "a study\natt: not drawn" in titles


def test_a_sweep_at_data_tells_what_is_undefined(run: Run) -> None:
    Path("m.bounds").write_text(HEAD + WELL, encoding="utf-8")
    Path("data.csv").write_text(UNDEFINED, encoding="utf-8")
    found = run("sweep", "m.bounds", "--no-cache", "--data", "data.csv", "--format", "json")
    assert found.status == 0
    rows = {row["estimand"]: row for row in json.loads(found.out)["rows"]}
    assert [rows["att"][key] for key in ("status", "interval")] == ["derived", None]
    assert rows["att"]["lower"]
    assert Fraction(rows["ate"]["interval"][0]) <= Fraction(rows["ate"]["interval"][1])
    assert "undefined" in run("sweep", "m.bounds", "--no-cache", "--data", "data.csv").out


# ---------------------------------------------------------------- claims
def test_a_claim_that_cannot_be_judged_leaves_the_others(run: Run) -> None:
    claims = (
        'claim "good" for ate\n  upper 1\n  expect valid\nclaim "not identified" for ate\n  upper P(Y(1)=1)\n'
        'claim "implication" for conditions\n  holds P(X=0, Y=0 | Z=0) + P(X=0, Y=1 | Z=1) <= 1\n  expect valid\n'
    )
    Path("m.bounds").write_text(HEAD + WELL + claims, encoding="utf-8")
    for verb in ("verify", "check"):
        found = run(verb, "m.bounds")
        assert found.status == 3
        assert found.err == (
            'boundgen: claim "not identified" for ate: not answered: the claim uses P(Y(1)=1), '
            "which the observed data do not identify\n"
        )
    assert "testable implications: valid, not sharp" in run("verify", "m.bounds").out


def test_an_unmet_expectation_outranks_what_is_not_answered(run: Run) -> None:
    write("ratio")
    text = Path("m.bounds").read_text(encoding="utf-8").replace("expect valid", "expect sharp")
    Path("m.bounds").write_text(text, encoding="utf-8")
    assert run("verify", "m.bounds").status == 1


def test_implications_are_judged_though_every_other_claim_is_not(run: Run) -> None:
    claims = (
        'claim "a" for bad\n  lower -1\n'
        'claim "b" for conditions\n  holds P(X=0, Y=0 | Z=0) + P(X=0, Y=1 | Z=1) <= 1\n  expect valid\n'
    )
    Path("m.bounds").write_text(f"{HEAD}estimand bad = {BAD['ratio'][0]}\n{WELL}{claims}", encoding="utf-8")
    found = run("verify", "m.bounds")
    assert found.status == 3
    assert "testable implications: valid, not sharp" in found.out


def test_a_claim_for_it_may_divide() -> None:
    ratio = BAD["ratio"][0]
    text = f'{HEAD}estimand bad = {ratio}\n{WELL}claim "a" for bad\n  upper P(X=1 | Z=1) / P(Y=1 | Z=1)\n'
    read = Model.parse(text)
    assert Model.parse(str(read)) == read


def test_evaluation_has_a_row_for_each_that_is_answered() -> None:
    cells = {f"P(X={x},Y={y}|Z={z})": "1/4" for x in (0, 1) for y in (0, 1) for z in (0, 1)}
    assert [each.estimand for each in evaluate(derive(model("ratio")), cells)] == ["ate", "att"]
