"""Families against derivations, and against programs at data, at numbers of levels that were not used to find them."""

from __future__ import annotations

import json
import random
import runpy
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import BoundsFamily, Model, derive, family
from boundgen.derivation import posed
from boundgen.errors import DataError, ModelError, NoClosedFormError
from boundgen.evaluation.exact_bounds import bounds_at
from boundgen.families.kinds import affine
from boundgen.families.patterns import Block, KindPattern, compositions, counts_of
from boundgen.families.views import ByLevels, BySteps
from boundgen.program.linear_program import LinearProgram
from support.golden import compare
from support.scalable import FAMILIES, MONOTONE_INSTRUMENT, scalable

# Numbers of levels at which no bound is derived in a test.
MANY = 8


@cache
def found(name: str) -> BoundsFamily:
    _, variable, levels, _ = FAMILIES[name]
    return family(scalable(name), {variable: levels})


@cache
def program(name: str, levels: int) -> LinearProgram:
    return posed(found(name).scaling.at(levels)).problem.programs[0].program


def population(name: str, levels: int, seed: int) -> Mapping[str, Fraction]:
    """The cells of a population of a few strata, of which some have most of the people."""
    chance, columns = random.Random(seed), program(name, levels).columns
    chosen = chance.sample(columns, min(len(columns), chance.randint(1, 12)))
    weights = [chance.randint(1, 9) ** chance.randint(1, 3) for _ in chosen]
    cells: dict[str, Fraction] = {}
    for column, weight in zip(chosen, weights, strict=True):
        for i, _ in column.entries:
            if (row := program(name, levels).rows[i]).kind == "cell":
                cells[row.name] = cells.get(row.name, Fraction(0)) + Fraction(weight, sum(weights))
    return cells


# ---------------------------------------------------------------- laws
@pytest.mark.parametrize("name", FAMILIES)
def test_kinds_are_the_terms_at_a_number_of_levels_that_was_not_used(name: str) -> None:
    _, variable, _, levels = FAMILIES[name]
    own = found(name)
    bounds = derive(own.scaling.at(levels), conditions=False).bounds[0]
    (estimand,) = own.estimands
    places = (BySteps if estimand.by_steps else ByLevels)(bounds, variable, own.first, levels)
    for side, terms in ((estimand.lower, bounds.lower.terms), (estimand.upper, bounds.upper.terms)):
        derived = {places.key(places.view(term)) for term in terms}
        assert derived == {places.key(view) for kind in side.kinds for view in kind.views(places.size)}


@pytest.mark.slow
def test_nine_levels_of_an_instrument() -> None:
    bounds = derive(found("instrument").scaling.at(9), conditions=False, engine="orbits").bounds[0]
    places = ByLevels(bounds, "Z", 0, 9)
    side = found("instrument").estimands[0].lower
    kinds = {places.key(view) for kind in side.kinds for view in kind.views(9)}
    assert {places.key(places.view(term)) for term in bounds.lower.terms} == kinds
    assert len(kinds) == 1737


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_values_are_those_of_the_program_at_data(name: str, seed: int) -> None:
    levels = min(MANY, FAMILIES[name][3])
    cells = population(name, levels, seed)
    own = found(name)
    assert own.evaluate(own.estimands[0].name, levels, cells) == bounds_at(program(name, levels), None, cells)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1), st.tuples(*[st.integers(-4, 4)] * 3))
def test_an_affine_function_goes_through_its_points(points: list[tuple[int, int]], c: tuple[int, int, int]) -> None:
    values = [(point, Fraction(c[0] + c[1] * point[0] + c[2] * point[1])) for point in points]
    line = affine(values)
    assert line is not None
    assert all(line.at(point) == value for point, value in values)
    other = [*values, (values[0][0], values[0][1] + 1)]
    assert affine(other) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=3), st.integers(0, 6))
def test_blocks_are_filled_in_every_way(parts: list[tuple[int, bool]], size: int) -> None:
    blocks = tuple(Block(((((("V", i),), (), ()), Fraction(1)),), n, grows) for i, (n, grows) in enumerate(parts))
    counts = list(counts_of(blocks, size))
    assert len(set(counts)) == len(counts)
    assert all(sum(each) == size for each in counts)
    assert all(n >= b.count and (b.grows or n == b.count) for each in counts for n, b in zip(each, blocks, strict=True))
    in_order = KindPattern((), (), blocks, ordered=True)
    assert len({view for _, view in in_order.views(size)}) == len(counts)
    anywhere = KindPattern((), (), blocks, ordered=False)
    views = [view for _, view in anywhere.views(size)]
    assert len(set(views)) == len(views)
    assert {view for _, view in in_order.views(size)} <= set(views)


def test_numbers_are_written_as_sums_in_every_way() -> None:
    assert sorted(compositions(3, 2)) == [(0, 3), (1, 2), (2, 1), (3, 0)]


# ---------------------------------------------------------------- examples
def test_an_instrument_has_seven_kinds() -> None:
    side = found("instrument").estimands[0].lower
    assert len(side.kinds) == 7
    assert (side.valid.name, side.sharp.name) == ("dropped arms", "glued arms")


@pytest.mark.parametrize(
    ("name", "valid", "sharp"),
    [
        ("instrument", "dropped arms", "glued arms"),
        ("mediator", "few levels", "two arms"),
        ("treatment", "few levels", ""),
        ("outcome", "few levels", "two arms"),
        ("outcome_of_instrument", "few levels", ""),
        ("mean", "thresholds", "one arm, thresholds"),
        ("mean_of_mediator", "thresholds", ""),
        ("response", "few levels", "one arm"),
        ("monotone", "dropped arms", ""),
        ("identified", "few levels", "identity"),
    ],
)
def test_arguments(name: str, valid: str, sharp: str) -> None:
    (estimand,) = found(name).estimands
    for side in (estimand.lower, estimand.upper):
        assert (side.valid.name, side.sharp.name) == (valid, sharp)


@pytest.mark.parametrize("name", ["instrument", "mediator", "outcome", "mean_of_mediator", "treatment"])
@pytest.mark.parametrize("form", ["text", "ascii", "latex"])
def test_forms(name: str, form: str) -> None:
    own = found(name)
    text = own.latex() if form == "latex" else own.text(unicode=form == "text")
    assert text.isascii() == (form != "text")
    compare(f"family_{name}.{form}.txt", text)


def test_json_holds_the_kinds_and_the_arguments() -> None:
    document = json.loads(json.dumps(found("mediator").json()))
    side = document["estimands"][0]["lower"]
    assert document["schema"] == "boundgen.family/1"
    assert side["terms"] == {"2": 3, "3": 4, "4": 5, "5": 6}
    assert side["sharp"]["argument"] == "two arms"
    assert [kind["for"] for kind in side["kinds"]] == ["", "for all i in M"]
    assert side["kinds"][0]["blocks"] == [[0, True, [["P(Y=0,M=*|A=0)", "1"]]]]


def test_levels_are_numbers_in_some_estimands_alone() -> None:
    text = f"{scalable('mean')}estimand share = P(X=1)\n"
    own = family(Model.parse(text), {"Y": range(2, 4)})
    assert [(each.name, each.by_steps, each.lower.valid.name) for each in own.estimands] == [
        ("ate", True, "thresholds"),
        ("share", False, "few levels"),
    ]


def test_an_arm_that_symbols_do_not_show() -> None:
    text = str(scalable("instrument")).replace("P(X, Y | Z)", "P(X, Y | Z=1)")
    assert "p11" in family(Model.parse(text), {"Z": range(2, 4)}).text()


def test_rows_are_the_kinds() -> None:
    rows = found("outcome").rows()
    assert [row["side"] for row in rows] == ["lower", "upper"]
    assert rows[0]["for"] == "for all 0 <= i <= k"


@pytest.mark.parametrize("name", ["instrument", "mean_of_mediator", "outcome_of_instrument"])
def test_the_module_needs_nothing_else(name: str, tmp_path: Path) -> None:
    own = found(name)
    path = tmp_path / "family_module.py"
    path.write_text(own.python(), encoding="utf-8")
    module = runpy.run_path(str(path))
    assert "boundgen" not in {line.split()[1] for line in own.python().splitlines() if line.startswith("import ")}
    estimand = own.estimands[0].name
    cells = population(name, 5, 1)
    assert module["bounds"](estimand, 5, cells) == own.evaluate(estimand, 5, cells)
    floats = module["bounds"](estimand, 5, {cell: float(share) for cell, share in cells.items()})
    assert floats == pytest.approx([float(end) for end in own.evaluate(estimand, 5, cells)])
    with pytest.raises(ValueError, match="hold from 2 on"):
        module["bounds"](estimand, 1, {})
    with pytest.raises(ValueError, match="no estimand"):
        module["bounds"]("other", 3, {})


# ---------------------------------------------------------------- sums of maxima
@cache
def instrument_of_order(text: str = MONOTONE_INSTRUMENT) -> BoundsFamily:
    return family(Model.parse(text), {"V": range(2, 4)})


def law_of_arms(levels: int, seed: int) -> dict[str, Fraction]:
    """A law of V, and of X and Y within each arm."""
    chance, cells = random.Random(seed), {}
    arms = [chance.randint(1, 9) for _ in range(levels)]
    for v, share in enumerate(arms):
        within = {f"P(X={x},Y={y}|V={v})": chance.randint(0, 9) + (x == y == 0) for x in (0, 1) for y in (0, 1)}
        cells |= {name: Fraction(n, sum(within.values())) for name, n in within.items()}
        cells[f"P(V={v})"] = Fraction(share, sum(arms))
    return cells


@given(levels=st.integers(2, 9), seed=st.integers(0, 10**6))
@settings(max_examples=20)
def test_a_monotone_instrument_has_the_bounds_of_manski_and_pepper(levels: int, seed: int) -> None:
    p = law_of_arms(levels, seed)
    treated = [(p[f"P(X=1,Y=1|V={v})"], 1 - p[f"P(X=1,Y=0|V={v})"]) for v in range(levels)]
    low = sum(p[f"P(V={v})"] * max(least for least, _ in treated[: v + 1]) for v in range(levels))
    high = sum(p[f"P(V={v})"] * min(most for _, most in treated[v:]) for v in range(levels))
    assert instrument_of_order().evaluate("mean", levels, p) == (low, high)


def test_a_monotone_instrument_is_sharp_at_every_number() -> None:
    (estimand,) = instrument_of_order().estimands
    assert estimand.weighted
    for side in (estimand.lower, estimand.upper):
        assert (side.valid.name, side.sharp.name) == ("dropped arms", "ordered means")
    compare("family_miv.text.txt", instrument_of_order().text())
    compare("family_miv.latex.txt", instrument_of_order().latex())


def test_an_order_downwards() -> None:
    (estimand,) = instrument_of_order(MONOTONE_INSTRUMENT.replace(">=", "<=")).estimands
    assert estimand.lower.sharp.name == "ordered means"


def test_an_order_of_another_mean_is_no_argument() -> None:
    other = MONOTONE_INSTRUMENT.replace("estimand mean = E[Y(X=1)]", "estimand ate = E[Y(X=1) - Y(X=0)]")
    (estimand,) = instrument_of_order(other).estimands
    assert not estimand.lower.sharp.proved


def test_sums_of_maxima_have_no_certificate() -> None:
    with pytest.raises(NoClosedFormError, match="sums of maxima"):
        instrument_of_order().certificate()


# ---------------------------------------------------------------- the model at other numbers of levels
def test_a_chain_goes_through_all_levels() -> None:
    scaled = found("monotone").scaling
    assert "X(2) <= X(3) and X(3) <= X(4)" in str(scaled.at(5))
    assert str(scaled.at(2)).count("<=") == 1


def test_a_named_level_stays() -> None:
    text = str(scalable("treatment")).replace("Y(1) - Y(0)", "Y(2) - Y(0)")
    with pytest.raises(ModelError, match="X=2 is named, and is not among 2 levels"):
        family(Model.parse(text), {"X": range(2, 5)})


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({"Q": range(2, 4)}, "no variable 'Q'"),
        ({"Z": range(2, 3)}, "one number of levels"),
        ({"Z": [2, 4]}, "no positive integers in a row"),
        ({"Z": range(3)}, "no positive integers in a row"),
        ({"Z": range(2, 4), "X": range(2, 4)}, "2 variables"),
        ({}, "0 variables"),
    ],
)
def test_levels_that_cannot_be_asked_for(levels: Mapping[str, range], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        family(scalable("instrument"), levels)


@pytest.mark.parametrize("domain", ["{low, high}", "{0, 2}", "{0, 1/2, 1}"])
def test_levels_that_have_no_next_one(domain: str) -> None:
    model = Model.parse(str(scalable("instrument")).replace("Z in {0, 1, 2}", f"Z in {domain}"))
    with pytest.raises(ModelError, match="of which there is no next one"):
        family(model, {"Z": range(2, 4)})


def test_kinds_that_do_not_come_back() -> None:
    text = str(scalable("outcome_of_instrument")).replace("P(Y(1)=1)", "E[Y(1) - Y(0)]")
    with pytest.raises(NoClosedFormError, match=r"have no kinds that come back .*8, 52 terms"):
        family(Model.parse(text), {"Y": range(2, 4)})


def test_what_has_pieces_is_left_out() -> None:
    text = f"{scalable('mediator')}estimand ratio = E[Y(1, M(0))] / E[Y(A=0)]\n"
    own = family(Model.parse(text), {"M": range(2, 4)})
    assert [each.name for each in own.estimands] == ["nde"]
    assert [each.name for each in own.unanswered] == ["ratio"]


def test_values_are_refused_as_those_of_bounds_are() -> None:
    own = found("instrument")
    with pytest.raises(DataError, match="no family of 'atee'"):
        own.evaluate("atee", 3, {})
    with pytest.raises(DataError, match="hold from 2 on"):
        own.evaluate("ate", 1, {})
    with pytest.raises(DataError, match="sum to 0"):
        own.evaluate("ate", 3, {})
