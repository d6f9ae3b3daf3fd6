"""Printing by orbit: orbits partition the terms, printed orbits expand to all of them, a mirror is one."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from command import Run, assert_refused
from test_golden import compare
from test_orbit_enumeration import MEDIATED, TWO_SOURCES, instrument

from boundgen import Model, catalogue, derive
from boundgen.bounds.mirror import mirror
from boundgen.bounds.orbits import condition_form, orbits, term_form
from boundgen.bounds.relabelling import exchanged, renamed
from boundgen.strata.cells import distinct_cells
from boundgen.terms import Term

PARTLY = """
model partly
variable Z in {a, b, c} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume X(b) >= X(a)
assume X(c) >= X(a)
estimand ate = E[Y(1) - Y(0)]
"""
CONDITIONAL = """
model conditional
variable X in {0, 1}
variable Y(X) in {0, 1}
variable i(X) in {0, 1}
observe P(X, Y)
estimand benefit = P(Y(0)=0 | X=1, Y=1)
"""
MODELS = {
    **{f"{k} levels": instrument(k) for k in (2, 3, 4)},
    "3 treatments": instrument(3, 3),
    "parameter": Model.parse(MEDIATED),
    "sources": Model.parse(TWO_SOURCES),
    "partly": Model.parse(PARTLY),
    "conditional": Model.parse(CONDITIONAL),
    **{name: catalogue.load(name) for name in catalogue.names() if "/" not in name},
}


@pytest.mark.parametrize("name", MODELS)
def test_printed_orbits_expand_to_the_terms(name: str) -> None:
    derivation = derive(MODELS[name])
    found, cells, form = orbits(derivation), distinct_cells(derivation.blocks), term_form(derivation)
    lists = [
        (orbit, side.terms, form)
        for bounds, of in zip(derivation.bounds, found.bounds, strict=True)
        for orbit, side in ((of.lower, bounds.lower), (of.upper, bounds.upper))
    ]
    assert derivation.conditions is not None
    assert found.conditions is not None
    for group, terms, form in (*lists, (found.conditions, derivation.conditions, condition_form(derivation))):
        parts = [{form(term) for term in orbit.expanded(cells)} for orbit in group]
        assert [len(part) for part in parts] == [orbit.size for orbit in group]
        assert sum(map(len, parts)) == len(terms), "orbits overlap"
        assert set[Term]().union(*parts) == {form(term) for term in terms}


@pytest.mark.parametrize("name", MODELS)
def test_a_mirror_makes_one_side_of_the_other(name: str) -> None:
    derivation = derive(MODELS[name], conditions=False)
    form = term_form(derivation)
    for bounds in derivation.bounds:
        found = mirror(
            derivation.model, derivation.blocks, bounds.lower.terms, bounds.upper.terms, bounds.denominator, form
        )
        if found is None:
            continue
        levels = {name: {a: b for pair in pairs for a, b in (pair, pair[::-1])} for name, pairs in found.exchanges}
        names = exchanged(distinct_cells(derivation.blocks), levels)
        assert names is not None
        images = {form(Term.of(found.constant) - renamed(term, names)) for term in bounds.lower.terms}
        assert images == {form(term) for term in bounds.upper.terms}


@pytest.mark.parametrize("levels", [3, 4, 5])
def test_an_instrument_has_seven_orbits_for_every_number_of_levels(levels: int) -> None:
    found = orbits(derive(instrument(levels), conditions=False)).bounds[0]
    assert (len(found.lower), len(found.upper)) == (7, 7)
    assert str(found.mirror) == "minus the lower one with Y=0 and Y=1 exchanged"


def test_only_exchangeable_levels_are_grouped() -> None:
    """Monotonicity from a on leaves b and c alone exchangeable."""
    text = derive(Model.parse(PARTLY)).text(orbits=True)
    assert "for all distinct i, j in {b, c} of Z" in text or "for all i in {b, c} of Z" in text
    assert "in Z (" not in text


def test_letters_of_the_model_are_not_used_twice() -> None:
    text = str(instrument(3)).replace("ate", "effect").replace("estimand", "parameter i in [0, 1]\n\nestimand", 1)
    derivation = derive(Model.parse(text), conditions=False)
    assert "for all distinct j, k, l in Z" in derivation.text(orbits=True)


def test_a_mirror_may_have_a_constant() -> None:
    model = Model.parse(
        "model one\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\nestimand p = P(Y(1)=1)\n"
    )
    text = derive(model).text(orbits=True)
    assert "p <= 1 minus the lower one with Y=0 and Y=1 exchanged" in text.replace("≤", "<=")
    derivation = derive(model)
    found = orbits(derivation).bounds[0].mirror
    assert found is not None
    assert found.constant == Fraction(1)


def test_golden() -> None:
    derivation = derive(instrument(4))
    compare("orbits_4_levels.txt", derivation.text(orbits=True))
    compare("orbits_4_levels.ascii.txt", derivation.text(unicode=False, orbits=True))
    compare("orbits_4_levels.tex", derivation.latex(orbits=True))
    compare("orbits_4_levels.json", json.dumps(derivation.json(orbits=True)["estimands"][0], indent=1) + "\n")


def test_json_keeps_the_terms() -> None:
    derivation = derive(instrument(3))
    plain, by_orbit = derivation.json(), derivation.json(orbits=True)
    assert by_orbit["estimands"][0]["lower"]["terms"] == plain["estimands"][0]["lower"]["terms"]
    assert sum(orbit["size"] for orbit in by_orbit["estimands"][0]["lower"]["orbits"]) == len(
        plain["estimands"][0]["lower"]["terms"]
    )
    assert by_orbit["conditions"] == plain["conditions"]


def test_sympy_is_not_printed_by_orbit(run: Run) -> None:
    assert_refused(
        run("derive", "iv_ate", "--orbits", "--format", "sympy"),
        "boundgen: sympy expressions are not printed by orbit: leave --orbits or --format sympy out.\n"
        "  Try: boundgen derive --help",
    )
