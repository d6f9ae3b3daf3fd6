"""Models compared where not all variables share causes: what is proved, and what is seen at random distributions."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from boundgen.bounds.independent_problem import FactoredEstimand
from boundgen.derivation import derive
from boundgen.evaluation.evaluate import evaluate
from boundgen.language.model import Model
from boundgen.questions.comparison import compare
from boundgen.questions.independence import NO_UNITS, IndependenceComparison, allows, compared_independence
from boundgen.sweep.assumption_effects import matter, questions
from boundgen.verification.factored_laws import factored_laws
from boundgen.work.limits import Budget, Limits
from support.command import Run
from support.independent_causes import Population, populations

VARIABLES = "variable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nobserve P(X, M, Y)\n"
ASKED = "estimand ate = E[Y(X=1) - Y(X=0)]\nestimand pns = P(Y(X=1)=1, Y(X=0)=0)\n"
STAGE = "variable Z in {0, 1} randomized\n" + VARIABLES.replace("X in", "X(Z) in").replace("M, Y)", "M, Y | Z)")
SEVERAL = "confounded X, M\nconfounded M, Y"
CAPPED = "parameter g in [0, 1]\nassume few: P(M(X=1)=0, M(X=0)=1) <= g\n"


def _model(name: str, causes: str, variables: str = VARIABLES, more: str = "") -> Model:
    return Model.parse(f"model {name}\n{variables}{causes}\n{more}{ASKED}")


def _compared(first: Model, second: Model, *names: str) -> IndependenceComparison:
    found = compare(first, second, names)
    assert isinstance(found, IndependenceComparison)
    return found


# ---------------------------------------------------------------- laws
@given(populations())
@settings(max_examples=2, deadline=None)
def test_taking_a_cause_away_never_widens(population: Population) -> None:
    wide, own = (derive(replace(population.model, **more), partial=True) for more in ({"causes": None}, {}))
    found = compared_independence(wide, own, ["ate", "pns"], Budget(Limits()))
    assert found.includes == "first"
    assert all(each.relation in ("never wider", "the same") and each.laws for each in found.sampled)
    turned = compared_independence(own, wide, ["ate"], Budget(Limits()))
    assert turned.includes == "second"
    assert turned.sampled[0].relation in ("never narrower", "the same")


def test_a_model_is_as_wide_as_itself() -> None:
    model = _model("front_door", "confounded X, Y")
    found = _compared(model, replace(model, name="other"))
    assert (found.includes, [each.relation for each in found.sampled]) == ("both", ["the same", "the same"])
    assert (found.appear, found.disappear, found.undecided) == ((), (), ())


@pytest.mark.parametrize(("variables", "causes", "more"), [(STAGE, "X, M", ""), (VARIABLES, "X, Y", CAPPED)])
def test_laws_that_are_drawn_are_laws_of_the_model(variables: str, causes: str, more: str) -> None:
    """Also of the model in which everything is confounded, and they meet assumptions on a population."""
    model = _model("drawn", f"confounded {causes}", variables, more)
    derived, wide = derive(model, "ate"), derive(replace(model, causes=None), "ate")
    assert derived.independent is not None
    assert derived.independent.factored is not None
    (asked, *_) = derived.independent.posed
    assert isinstance(asked, FactoredEstimand)
    laws = factored_laws(derived.independent.factored, asked.program.factors, random.Random(1))
    for law in itertools.islice(laws, 10):
        assert allows(derived, law)
        assert allows(wide, law)
        for arm in derived.independent.arms:
            assert sum(law[cell.name] for cell in arm.cells) == 1


# ---------------------------------------------------------------- what is known of some
def test_the_front_door_buys_everything() -> None:
    found = _compared(_model("wide", ""), _model("front_door", "confounded X, Y"))
    ate, pns = found.seen
    assert ate.widths == (1, 0)
    assert pns.widths is not None
    assert 0 < pns.widths[1] < pns.widths[0]
    assert pns.sampled.narrowings[0].at


def test_of_two_that_are_no_special_case_nothing_is_proved() -> None:
    found = _compared(_model("front", "confounded X, Y"), _model("back", "confounded X, M"), "ate")
    assert found.includes == ""
    assert found.sampled[0].laws > 0
    assert "Neither model is a special case of the other" in found.text(False)
    (disappears,) = found.appear
    assert disappears.implication.words == "Y is independent of X given M"  # type: ignore[union-attr]


def test_an_assumption_more_is_a_special_case() -> None:
    plain, capped = (_model(f"m{len(more)}", "unconfounded", more=more) for more in ("", CAPPED))
    assert _compared(plain, capped, "pns").includes == "first"
    (question,) = questions(_model("front", "confounded X, Y", more=CAPPED), ["pns"], None)
    assert matter(question).reason == ""


def test_where_no_distribution_has_all_units_that_is_said() -> None:
    """The assumption leaves nobody with X = 1."""
    never = "assume never: X = 1\n"
    found = _compared(
        _model("front", "confounded X, Y", more=never), _model("chain", "unconfounded", more=never), "ate"
    )
    assert found.sampled[0].laws > 0
    assert NO_UNITS in found.notes
    assert NO_UNITS not in _compared(_model("wide", ""), _model("chain", "unconfounded"), "ate").notes


def test_every_form_says_it() -> None:
    found = _compared(_model("wide", ""), _model("chain", "unconfounded"), "ate")
    text = found.text(False)
    assert "so that the bounds of chain are never wider.\n" in text
    assert "Mean width there: " in text
    assert "Testable implications that appear:\n\n  P(X, M, Y) P(M) = P(X, M) P(M, Y)" in text
    document = found.json()
    assert (document["includes"], document["sampled"][0]["second_is"]) == ("first", "never wider")
    assert document["conditions"]["appear"][0]["variable"] == "Y"
    assert found.csv().split("\n")[1].startswith("ate,lower,second,narrower by as much as")


def test_a_linear_program_at_data_is_compared_exactly() -> None:
    """The bounds at each law are those of `evaluate`, and the laws are of both models."""
    wide, two = (derive(_model(name, causes), "ate", partial=True) for name, causes in (("wide", ""), ("two", SEVERAL)))
    found = compared_independence(wide, two, ["ate"], Budget(Limits()))
    (seen,) = found.seen
    assert (found.includes, seen.sampled.laws, seen.sampled.relation) == ("first", 60, "never wider")
    for narrowing in seen.sampled.narrowings:
        assert narrowing.most > 0
        law = {cell.name: Fraction(0) for cell in two.arms[0].cells} | dict(narrowing.at)
        assert allows(two, law)
        ends = [getattr(evaluate(each, law)[0], narrowing.of) for each in (wide, two)]
        assert abs(ends[0] - ends[1]) == narrowing.most
    assert "Note: the testable implications of two were not derived." in found.text(False)
    assert "that appear: none known\n\nTestable implications that disappear: none\n" in found.text(False)


def test_where_data_do_not_part_causes_a_law_may_be_impossible() -> None:
    two = derive(_model("two", SEVERAL), partial=True)
    names = [cell.name for cell in two.arms[0].cells]
    # X and Y are independent where nothing but M, here a constant, could join them.
    shares = {"P(X=0,M=0,Y=0)": Fraction(1, 2), "P(X=1,M=0,Y=1)": Fraction(1, 2)}
    assert not allows(two, dict.fromkeys(names, Fraction(0)) | shares)
    assert allows(two, dict.fromkeys(names, Fraction(0)) | {"P(X=0,M=0,Y=0)": Fraction(1)})


@pytest.mark.parametrize(
    ("causes", "more", "why"),
    [
        (SEVERAL, CAPPED, "under assumptions, a selection or many causes no laws are drawn (two)"),
        ("confounded X, M\nconfounded X, Y", "", "its bounds are a polynomial program at data"),
    ],
)
def test_what_is_no_linear_program_or_has_no_laws_is_not_compared(run: Run, causes: str, more: str, why: str) -> None:
    Path("wide.bounds").write_text(str(_model("wide", "")))
    Path("two.bounds").write_text(str(_model("two", causes, more=more)))
    found = run("compare", "wide.bounds", "two.bounds", "ate")
    assert (found.status, found.out) == (3, "")
    assert "ate is not compared: " in found.err
    assert why in found.err


def test_what_is_identified_gets_no_narrower() -> None:
    """Assumptions make laws in which nobody has some value, where even the front door leaves an interval."""
    assumed = "parameter g in [0, 1/2]\nassume mono: M(1) >= M(0)\nassume lim: P(Y(1)=0, Y(0)=1) <= g\n"
    mono, _ = questions(_model("front", "confounded X, Y", more=assumed), ["ate"], None)
    found = matter(mono)
    assert (found.lower, found.upper, found.reason) == ("0", "0", "")
    assert found.laws > 0
