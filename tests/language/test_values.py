"""Rational values, quoted labels, chains, orders of quantified names, labels of estimands, bounded outcomes."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from boundgen import E, Model, P, derive, evaluate, index, read_data, variable
from boundgen.data.cell_names import parsed
from boundgen.errors import BoundgenError
from boundgen.verification.certificate import certify
from boundgen.verification.check_certificate import check

TITANIC = """model titanic
variable Z in {"1st class", "2nd, (b)|c", crew} randomized
variable X(Z) in {-3/2, 0, 1/2}
observe P(X | Z)
"""
CHAINED = TITANIC + 'assume up: X("1st class") <= X("2nd, (b)|c") <= X(crew)\n'
SHARE = 'estimand share "of those, $50%$" = P(X("2nd, (b)|c")=1/2, X("1st class")=0)\n'


def test_labels_and_fractions_are_written_back() -> None:
    model = Model.parse(CHAINED + SHARE)
    assert Model.parse(str(model)) == model
    assert 'variable Z in {"1st class", "2nd, (b)|c", crew} randomized' in str(model)
    assert model.by_name["X"].domain == (Fraction(-3, 2), 0, Fraction(1, 2))
    assert type(model.by_name["X"].domain[1]) is int


def test_what_needs_no_quotation_marks_has_none() -> None:
    quoted = Model.parse('model m\nvariable X in {"low", "in"}\nobserve P(X)\nestimand e = P(X="low")\n')
    assert 'variable X in {low, "in"}' in str(quoted)
    assert "P(X=low)" in str(quoted)
    assert Model.parse(str(quoted)) == quoted


def test_python_says_the_same() -> None:
    z = variable("Z", ["1st class", "2nd, (b)|c", "crew"], randomized=True)
    x = variable("X", [-1.5, 0, Fraction(1, 2)], parents=[z])
    model = Model("titanic", [z, x]).observe(P(x | z))
    chain = (x("1st class") <= x("2nd, (b)|c")) & (x("2nd, (b)|c") <= x("crew"))
    event = P(x("2nd, (b)|c") == Fraction(1, 2), x("1st class") == 0)
    built = model.assume(chain, name="up").estimand("share", event, label="of those, $50%$")
    assert built == Model.parse(CHAINED + SHARE)
    with pytest.raises(BoundgenError, match="A chain a <= b <= c is "):
        _ = x("1st class") <= x("crew") <= x("crew")


def test_a_chain_is_its_comparisons() -> None:
    joined = CHAINED.replace("<= X(crew)", 'and X("2nd, (b)|c") <= X(crew)')
    assert Model.parse(CHAINED) == Model.parse(joined)


def test_orders_of_names_are_the_values_in_that_order() -> None:
    z, start = "variable Z in {low, mid, high} randomized\n", "model m\n"
    text = start + z + "variable X(Z) in {0, 1}\nobserve P(X | Z)\n"
    end = "estimand e = P(X(low)=0, X(high)=1)\n"
    ordered = Model.parse(text + "assume X(b) >= X(a) for all b > a in Z\n" + end)
    written = Model.parse(text + "assume X(low) <= X(mid) <= X(high), X(low) <= X(high)\n" + end)
    assert Model.parse(str(ordered)) == ordered
    assert "for all b > a in Z" in str(ordered)
    assert derive(ordered).json() == derive(written).json()
    means = Model.parse(text + "assume E[X(b)] >= E[X(a)] for all c > b > a in Z\n" + end)
    assert (
        derive(means).json()["estimands"]
        == derive(Model.parse(text + "assume E[X(mid)] >= E[X(low)]\n" + end)).json()["estimands"]
    )
    a, b = index("a", "Z"), index("b", "Z")
    model = Model.parse(text)
    x, low = variable("X", [0, 1], parents=["Z"]), ordered.assumptions[0]
    assert model.assume(x(b) >= x(a), for_all=[b > a]).assumptions[0] == low
    with pytest.raises(BoundgenError, match="orders of two over one variable"):
        model.assume(x(b) >= x(a), for_all=[b > index("c", "X")])


def test_outputs_hold_labels_as_words() -> None:
    derivation = derive(Model.parse(CHAINED + SHARE))
    assert "share: of those, $50%$" in derivation.text()
    assert r"\text{(of those, \$50\%\$)}" in derivation.latex()
    document = json.loads(json.dumps(derivation.json()))
    assert document["estimands"][0]["label"] == "of those, $50%$"
    assert document["cells"][0] == 'P(X=-3/2|Z="1st class")'
    assert r"p_{\tfrac{1}{2} \cdot \text{1st class}}" in derivation.latex()


def test_symbols_with_labels_may_be_written_in_claims() -> None:
    model = derive(Model.parse(CHAINED + SHARE)).model
    claimed = model.claim("x", "share", upper=["p_0·1st class", 'p_1/2·"2nd, (b)|c" − p_1/2·1st class'])
    upper = claimed.claims[0].upper  # type: ignore[union-attr]
    assert upper is not None
    assert str(upper.terms[1][0].terms[0][1][0]).count("2nd, (b)|c") == 1


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("P(X=0.5|Z=1st class)", 'P(X=1/2|Z="1st class")'),
        ('P( X = -1.50 | Z = "2nd, (b)|c" )', 'P(X=-3/2|Z="2nd, (b)|c")'),
        ('E[Y;X=0.5,M="a;b"|Z=crew]', 'E[Y; M="a;b", X=1/2 | Z=crew]'),
    ],
)
def test_names_of_cells_as_people_write_them(written: str, canonical: str) -> None:
    assert parsed(written) == parsed(canonical) is not None


def test_data_match_values_exactly(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "rows.csv"
    arms = ["1st class", '"2nd, (b)|c"', "crew"]
    file.write_text("Z,X\n" + "".join(f"{arm},{x}\n" for arm in arms for x in (".5", "1/2", "-1.50", "0.0")))
    model = Model.parse(TITANIC + SHARE)
    data = read_data(model, str(file), kind="microdata")
    assert data.probabilities['P(X=1/2|Z="2nd, (b)|c")'] == Fraction(1, 2)
    assert [name for name, _ in data.units] == ['Z="1st class"', 'Z="2nd, (b)|c"', "Z=crew"]
    assert evaluate(derive(model), data)[0].upper == Fraction(1, 4)
    file.write_text("Z,X\ncrew,0.3\n")
    with pytest.raises(BoundgenError, match=r"not in \{-3/2, 0, 1/2\}"):
        read_data(model, str(file), kind="microdata")


def test_certificates_know_values_labels_and_orders() -> None:
    text = CHAINED + "assume X(b) != -3/2 for all b > a in Z\n" + SHARE
    assert check(certify(Model.parse(text))).endswith("Every step holds.")


# ---------------------------------------------------------------- bounded outcomes
BOUNDED = """model bounded
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in [-1, 3/2]
observe P(Y, M | A)
"""


def test_bounded_outcomes_are_written_back() -> None:
    text = BOUNDED + "assume Y(1, m) >= Y(0, m) for all m in M\ndefine low = E[Y; M=0 | A=1]\nestimand e = E[Y(1, 0)]\n"
    model = Model.parse(text)
    assert Model.parse(str(model)) == model
    a = variable("A", [0, 1], randomized=True)
    m = variable("M", [0, 1], parents=[a])
    y = variable("Y", between=(-1, "3/2"), parents=[a, m])
    k = index("m", m)
    built = Model("bounded", [a, m, y]).observe(P(y, m | a)).define("low", "E[Y; M=0 | A=1]")
    assert built.assume(y(1, k) >= y(0, k), for_all=[k]).estimand("e", E(y(1, 0))) == model


def test_two_bounded_outcomes_are_observed_apart() -> None:
    text = BOUNDED.replace("observe", "variable W(A) in [0, 1]\nobserve").replace("P(Y, M", "P(Y, W, M")
    model = Model.parse(text + "estimand e = E[Y(1, 0)] + E[W(1)]\n")
    assert "observe P(Y, M | A)\nobserve P(W, M | A)" in str(model)
    cells = derive(model).json()["cells"]
    assert len(cells) == len(set(cells)) == 12


def test_certificates_are_of_the_stand_in() -> None:
    document = certify(Model.parse(BOUNDED + "estimand e = E[Y(1, M(1)) - Y(1, M(0))]\n"))
    assert "variable Y(A, M) in {-1, 3/2}" in document["text"]
    assert check(document).endswith("Every step holds.")


def test_an_outcome_alone_has_a_mean() -> None:
    text = BOUNDED.replace("P(Y, M | A)", "P(Y | A)") + "estimand e = E[Y(A=1) - Y(A=0)]\n"
    (bounds,) = derive(Model.parse(text)).closed_forms
    assert bounds.evaluate({"E[Y|A=0]": "1/2", "E[Y|A=1]": "-1/4"}) == (Fraction(-3, 4), Fraction(-3, 4))
    with pytest.raises(BoundgenError, match="no Y between -1 and 3/2 has this mean"):
        bounds.evaluate({"E[Y|A=0]": "7/4", "E[Y|A=1]": "-1/4"})


def test_impossible_means_are_named() -> None:
    (bounds,) = derive(Model.parse(BOUNDED + "estimand e = E[Y(A=1)]\n")).closed_forms
    arms = {"P(M=0|A=0)": 1, "E[Y;M=0|A=0]": 0, "P(M=0|A=1)": "1/2", "P(M=1|A=1)": "1/2", "E[Y;M=0|A=1]": 0}
    assert bounds.evaluate({**arms, "E[Y;M=1|A=1]": "3/4"}) == (Fraction(3, 4), Fraction(3, 4))
    with pytest.raises(BoundgenError, match=r"E\[Y;M=1\|A=1\] = 1: no Y between -1 and 3/2"):
        bounds.evaluate({**arms, "E[Y;M=1|A=1]": 1})
    with pytest.raises(BoundgenError, match="is not given"):
        bounds.evaluate(arms)
