"""Two factors that are not identified: the closed form of one at the extreme laws of the other."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive
from boundgen.bounds.derived import Derivation
from boundgen.bounds.independent_problem import FactoredEstimand
from boundgen.bounds.piecewise_symmetry import renamed_piece
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.sums_of_maxima import sum_of_maxima
from boundgen.errors import NoClosedFormError
from boundgen.exact.terms import Term
from boundgen.polyhedra.extreme_laws import Costs, extreme_laws
from boundgen.polyhedra.product_optimum import factored_bounds_at
from boundgen.work.limits import Budget

FRONT_DOOR = """model front_door
variable X in {0, 1}
variable M(X) in 0..LAST
variable Y(M) in {0, 1}
confounded X, Y
observe P(X, M, Y)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""
TRIAL = """model trial
variable X in {0, 1} randomized
variable M(X) in {0, 1}
variable Y(X, M) in {0, 1}
unconfounded
observe P(M, Y | X)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""


@cache
def derivation(name: str) -> Derivation:
    text = TRIAL if name == "trial" else FRONT_DOOR.replace("LAST", str(int(name) - 1))
    return derive(Model.parse(text), conditions=False)


def test_the_probability_of_causation_behind_a_front_door() -> None:
    _, lower, upper = derivation("2").text(unicode=False).split("pns ")
    assert (
        lower.split()
        == (
            ">= if q1.1 >= q1.0: (q1.1 - q1.0) max{0, p01.1 - p01.0} + (q1.1 - q1.0) max{0, p11.1 - p11.0} "
            "if q1.1 <= q1.0: (q1.1 - q1.0) min{0, p01.1 - p01.0} + (q1.1 - q1.0) min{0, p11.1 - p11.0}"
        ).split()
    )
    assert (
        upper.split("\n\n")[0].split()
        == (
            "<= if q1.1 >= q0.0: "
            "q0.0 min{p01.1, p00.0} + q0.0 min{p11.1, p10.0} + q0.1 min{p01.0, p00.1} + q0.1 min{p11.0, p10.1} "
            "if q1.1 <= q0.0: "
            "q1.1 min{p01.1, p00.0} + q1.1 min{p11.1, p10.0} + q1.0 min{p01.0, p00.1} + q1.0 min{p11.0, p10.1}"
        ).split()
    )
    # Two laws, of which one is possible at a time: pieces as others are, which all that reads pieces knows.
    assert not derivation("2").piecewise[0].over_laws


def test_where_several_extreme_laws_are_possible_the_worst_counts() -> None:
    (bounds,) = derivation("trial").piecewise
    assert bounds.over_laws
    text = bounds.text(unicode=False)
    assert text.startswith("pns >= min{\n    p0.0 max{0, q1.10 - q1.00} + (p1.0 - p1.1) max{0, q1.10 - q1.01}")
    assert "pns <= max{\n    p0.0 min{q0.00, q1.10}" in text
    assert r"\mathrm{pns} \geq \min \left\{" in bounds.latex()
    lower = bounds.json()["lower"]
    assert (lower["op"], [law["op"] for law in lower["laws"]]) == ("min", ["max"] * 4)
    assert bounds.text(orbits=True) == bounds.text()


@pytest.mark.parametrize("name", ["2", "trial", "3", pytest.param("4", marks=pytest.mark.slow)])
@given(weights=st.lists(st.integers(0, 9), min_size=16, max_size=16), zeros=st.booleans())
@settings(max_examples=12, deadline=None)
def test_closed_forms_are_exact_also_where_cells_are_zero(name: str, weights: list[int], zeros: bool) -> None:
    """Against a linear program at each vertex, and, of a trial, where all is seen without confounding."""
    derived = derivation(name)
    assert derived.independent is not None
    assert derived.independent.factored is not None
    (asked,), (bounds,) = derived.independent.posed, derived.piecewise
    assert isinstance(asked, FactoredEstimand)
    at: dict[str, Fraction] = {}
    for arm in derived.independent.arms:
        own = [weights.pop(0) if zeros else 1 + weights.pop(0) for _ in arm.cells]
        total = sum(own)
        at |= {
            c.name: Fraction(w, total) if total else Fraction(1, len(own)) for c, w in zip(arm.cells, own, strict=True)
        }
    known = derived.independent.factored.at(at)
    values = {cell: value for cell, value in known.items() if value is not None}
    if len(values) == len(known):
        ends, is_closed = bounds.ends({**at, **values})
        assert is_closed
        assert ends == factored_bounds_at(asked.program, {**at, **values}, Budget())


def test_sympy_says_the_same() -> None:
    sympy = pytest.importorskip("sympy")
    (bounds,) = derivation("trial").piecewise
    cells = {"P(M=0|X=0)": "2/5", "P(M=1|X=0)": "3/5", "P(M=0|X=1)": "1/2", "P(M=1|X=1)": "1/2"}
    for (x, m), one in zip(product((0, 1), repeat=2), ("1/7", "4/7", "5/7", "6/7"), strict=True):
        cells |= {f"P(Y=1|X={x},do(M={m}))": one, f"P(Y=0|X={x},do(M={m}))": str(1 - Fraction(one))}
    names = bounds.notation.identifiers()
    put = {sympy.Symbol(names[cell], real=True): sympy.Rational(value) for cell, value in cells.items()}
    ends: Any = bounds.evaluate(cells)
    assert [Fraction(str(side.subs(put))) for side in bounds.sympy()] == list(ends)


def test_what_would_be_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.bounds.over_laws.MOST_LAWS", 20)
    with pytest.raises(NoClosedFormError, match="closed form would go over more than 20 extreme laws"):
        derive(Model.parse(FRONT_DOOR.replace("LAST", "3")), conditions=False)


def test_laws_that_differ_by_relabelling_are_printed_once() -> None:
    (bounds,) = derivation("3").piecewise
    text = " ".join(bounds.text(unicode=False, orbits=True).split())
    assert text.startswith(
        "pns >= min{ "
        "(q_j.0 - q_j.1) max{0, p01.i - p01.j} + (q_j.0 - q_j.1) max{0, p11.i - p11.j} "
        "+ (q_k.0 - q_k.1) max{0, p00.k - p00.i} + (q_k.0 - q_k.1) max{0, p10.k - p10.i} "
        "if q_j.0 >= q_j.1 and q_k.0 >= q_k.1 for all distinct i, j, k in M,"
    )
    assert text.count("for all distinct i, j, k in M") == 4
    assert [orbit["size"] for orbit in bounds.json(orbits=True)["lower"]["orbits"]] == [3, 3]


@given(weights=st.lists(st.integers(1, 9), min_size=12, max_size=12))
@settings(max_examples=8, deadline=None)
def test_one_law_of_each_kind_relabelled_in_all_ways_is_the_side(weights: list[int]) -> None:
    """That is what the printed kinds say; the list holds of laws that are always equal only one."""
    derived = derivation("3")
    (bounds,) = derived.piecewise
    assert derived.independent is not None
    assert derived.independent.factored is not None
    cells = derived.independent.arms[0].cells
    observed = {cell.name: Fraction(w, sum(weights)) for cell, w in zip(cells, weights, strict=True)}
    known = derived.independent.factored.at(observed)
    at = {cell: value for cell, value in known.items() if value is not None}
    for side in (bounds.lower, bounds.upper):
        assert side.kinds is not None
        pick, worst = (max, min) if side.op == "max" else (min, max)
        found = []
        for kind in side.kinds.kinds:
            laws = {side.laws[kind.first]}
            while (
                more := {
                    tuple(renamed_piece(piece, images) for piece in law)
                    for law in laws
                    for images in side.kinds.symmetries
                }
                - laws
            ):
                laws |= more
            for law in laws:
                values = [value for piece in law if (value := piece.value(at, side.op)) is not None]
                found += [pick(values)] if values else []
        assert worst(found) == side.value(at)


def test_laws_are_of_one_kind_only_where_assumptions_are_relabelled_too() -> None:
    text = FRONT_DOOR.replace("LAST", "2") + "assume M(X=1) >= M(X=0)\n"
    (bounds,) = derive(Model.parse(text), conditions=False).piecewise
    assert all(side.kinds is None for side in (bounds.lower, bounds.upper))


def test_bases_that_are_never_best_are_left_out() -> None:
    """A table of two rows with given margins, and costs that are not negative off its diagonal: two of four bases."""
    rows = [{0: 1, 1: 1}, {2: 1, 3: 1}, {0: 1, 2: 1}]
    for sign, absent in ((1, {1, 2}), (-1, {0, 3})):
        laws = extreme_laws(rows, Costs(((0, sign, 0, 0), (0, 0, sign, 0))), 10, Budget())
        assert {*range(4)} - {*laws[0].columns} | ({*range(4)} - {*laws[1].columns}) == absent
    # The first cell where the second is zero: all of its row.
    (first,) = [law for law in laws if 0 not in law.columns]
    assert first.values[first.columns.index(1)] == (Fraction(1), Fraction(0), Fraction(0))


def test_a_maximum_over_sums_of_choices_is_a_sum_of_maxima() -> None:
    reading = Simplifier((("p", "q"),), (), (), {"p": 0, "q": 1, "r": 0, "s": 0})
    zero, r, s = Term(), Term.of(0, {"r": 1}), Term.of(0, {"s": 1})
    found = sum_of_maxima((zero, r, s, r + s), reading)
    assert sorted(map(set, found), key=str) == sorted([{zero, r}, {zero, s}], key=str)
    assert sum_of_maxima((zero, r, s, r + s.scaled(2)), reading) == ((zero, r, s, r + s.scaled(2)),)
