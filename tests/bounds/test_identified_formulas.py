"""What is identified although a variable has several causes: the napkin graph, and one that is not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate
from boundgen.bounds.factoring import factored_model
from boundgen.bounds.identified_formulas import identified_formula
from boundgen.inspection.check import check
from boundgen.work.limits import Budget
from support.napkin import NAPKIN, napkin_law

DERIVED = derive(Model.parse(NAPKIN), partial=True)


def test_the_napkin_is_a_ratio_of_sums() -> None:
    text = DERIVED.text(unicode=False)
    assert "p_wxy.r = P(W=w, X=x, Y=y | do(R=r)) = P(W) P(X | W, R) P(Y | W, R, X)" in text
    assert "risk = (p011.0 + p111.0) / (p010.0 + p011.0 + p110.0 + p111.0)  (identified)" in text
    assert "- (p001.0 + p101.0) / (p000.0 + p001.0 + p100.0 + p101.0)  (identified)" in text
    assert r"\mathrm{risk} = \frac{p_{011 \cdot 0} + p_{111 \cdot 0}}" in DERIVED.latex()
    assert "risk: over independent components; identified" in check(Model.parse(NAPKIN), Budget()).text(False)


@given(st.lists(st.integers(1, 9), min_size=16, max_size=16))
@settings(max_examples=15, deadline=None)
def test_the_napkin_is_right(tenths: list[int]) -> None:
    law, (without, treated) = napkin_law([Fraction(k, 10) for k in tenths])
    cells = {f"P(W={w},R={r},X={x},Y={y})": value for (w, r, x, y), value in law.items()}
    risk, ate = evaluate(DERIVED, cells)
    assert risk.method == ate.method == "closed form"
    assert (risk.lower, risk.upper) == (treated, treated)
    assert (ate.lower, ate.upper) == (treated - without,) * 2
    # As it is published, here at R = 1: sum_w P(x, y | r, w) P(w) over sum_w P(x | r, w) P(w).
    shares = {w: sum(v for values, v in law.items() if values[0] == w) for w in (0, 1)}
    given = {w: shares[w] / sum(v for values, v in law.items() if values[:2] == (w, 1)) for w in (0, 1)}
    above = sum(given[w] * law[w, 1, 1, 1] for w in (0, 1))
    assert treated == above / (above + sum(given[w] * law[w, 1, 1, 0] for w in (0, 1)))


@pytest.mark.parametrize(
    ("causes", "asked", "is_identified"),
    [
        ("confounded W, X\nconfounded W, Y", "P(Y(X=1)=1)", True),
        ("confounded W, X\nconfounded W, Y", "P(Y(X=1)=1, X(R=1)=1)", True),
        ("confounded W, X\nconfounded W, Y", "P(Y(X=1)=1, Y(X=0)=0)", False),
        ("confounded W, X\nconfounded X, Y", "P(Y(X=1)=1)", False),
        ("confounded W, X\nconfounded X, R", "P(X(R=1)=1)", False),
        ("confounded W, X\nconfounded W, R", "P(Y(X=1)=1)", True),
    ],
)
def test_what_is_identified(causes: str, asked: str, is_identified: bool) -> None:
    text = NAPKIN.split("confounded")[0] + f"{causes}\nobserve P(W, R, X, Y)\nestimand asked = {asked}\n"
    model = Model.parse(text)
    factored = factored_model(model, Budget())
    assert factored is not None
    assert bool(identified_formula(factored, model.estimands[0])) == is_identified


@given(st.lists(st.integers(1, 9), min_size=16, max_size=16))
@settings(max_examples=5, deadline=None)
def test_a_formula_that_divides_by_zero_is_taken_elsewhere(tenths: list[int]) -> None:
    """Where R decides X the printed formulas, which are at R = 0, have no value for X = 1, and those at R = 1 have."""
    chances = [Fraction(k, 10) for k in tenths]
    # Behind the chances of both causes and of W are those of X, by R and its cause: X is R.
    chances[6:10] = [Fraction(0), Fraction(0), Fraction(1), Fraction(1)]
    law, (without, treated) = napkin_law(chances)
    cells = {f"P(W={w},R={r},X={x},Y={y})": value for (w, r, x, y), value in law.items()}
    risk, ate = evaluate(DERIVED, cells)
    assert risk.method == ate.method == "closed form"
    assert (risk.lower, risk.upper) == (treated, treated)
    assert (ate.lower, ate.upper) == (treated - without,) * 2
