"""Derivations in pieces of LaTeX: the same terms as the whole, and each of them once."""

from __future__ import annotations

import pytest

from boundgen import catalogue, derive
from boundgen.bounds.typeset import derivation_typeset

LINEAR = ["iv_ate", "mediation_limited_defiers", "sace_mono"]


@pytest.mark.parametrize("name", LINEAR)
def test_pieces_are_those_of_the_whole(name: str) -> None:
    derivation = derive(catalogue.load(name))
    whole, found = derivation.latex(), derivation_typeset(derivation)
    assert found["latex"] == whole
    assert found["derivation"] == derivation.json(orbits=True)
    for estimand, bounds in zip(found["estimands"], derivation.bounds, strict=True):
        for side, terms in (("lower", bounds.lower.terms), ("upper", bounds.upper.terms)):
            assert len(estimand[side]["terms"]) == len(terms)
            assert all(term in whole for term in estimand[side]["terms"])
            members = [at for orbit in estimand[side]["orbits"] or () for at in orbit["members"]]
            assert sorted(members) in ([], list(range(len(terms))))
    assert all(condition in whole for condition in found["all_conditions"])


def test_pieces_are_displays() -> None:
    found = derivation_typeset(derive(catalogue.load("late_nomono")))
    (late,) = found["estimands"]
    assert "lower" not in late
    assert all(body.count(r"\begin") == body.count(r"\end") for body in late["display"])
    assert r"\mathrm{late}" in late["display"][0]
