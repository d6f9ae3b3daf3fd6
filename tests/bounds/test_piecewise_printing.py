"""Fractions, sums of maxima and chambers as statisticians write them, from sides that are made by hand."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy

from boundgen import Model, derive, evaluate
from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_forms import shown_polynomial
from boundgen.bounds.piecewise_printing import printed_piecewise
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.statements import Observation
from support.golden import compare
from support.piecewise import Hand
from support.printed_values import printed_value

SACE = """
model sace
variable Z in {0, 1} randomized
variable S(Z) in {0, 1}
variable Y(Z, S) in {0, 1}
observe P(Y, S | Z)
estimand e = P(Y(1, 1)=1)
"""
MEDIATION = """
model mediation
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter gamma in [0, 1]
define ATM = P(M=1 | A=1) - P(M=1 | A=0)
assume P(M(0)=1, M(1)=0) <= gamma
estimand e = P(Y(1, 1)=1)
"""
OBSERVATIONAL = """
model observational
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand e = P(Y(1)=1)
"""
PAYOFFS = """
model payoffs
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
observe P(Y | do(X))
parameter w in [-1, 1]
parameter s in [-1, 1]
estimand e = P(Y(1)=1, Y(0)=0)
"""
INSTRUMENT = """
model instrument
variable V in {0, 1, 2} randomized
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X | V)
estimand e = P(Y(1)=1)
"""
LAW = Observation((("V", None),))


def survivors() -> PiecewiseBounds:
    """The effect among those who survive in both arms, without monotonicity."""
    hand = Hand(SACE)
    share = "p01.1 + p11.1 + p01.0 + p11.0 - 1"
    lower, upper = (
        hand.fractions(op, end, *(f"{above} : {share} if {share} > 0" for above in terms))
        for op, end, terms in (
            ("max", "-1", ("-1*p11.0", "-1*p01.1", "p11.1 + p01.0 - 1")),
            ("min", "1", ("p01.0", "p11.1", "p11.1 + p01.0", "2*p11.1 + 2*p01.1 + 2*p01.0 + 2*p11.0 - 2")),
        )
    )
    return hand.bounds("sace", lower, upper, known_divisor=False)


def responders() -> PiecewiseBounds:
    """The probability of benefit among those whose mediator responds."""
    hand = Hand(MEDIATION)
    lower = hand.fractions("max", "0", "ATM - p10.0 - p01.1 : ATM if ATM > 0", "-1*ATM : ATM if ATM > 0")
    upper = hand.fractions("min", "1", "p00.0 : ATM if ATM > 0", "p11.1 : ATM if ATM > 0")
    return hand.bounds("benefit", lower, upper, known_divisor=False)


def always_takers() -> PiecewiseBounds:
    """The share of always-takers whom the treatment affects, with a cap on defiers."""
    hand = Hand(MEDIATION)
    share = "p01.1 + p11.1 + p01.0 + p11.0 - 1"
    cap = "p01.0 + p11.0 - gamma"
    lower = hand.fractions(
        "max",
        "0",
        f"p11.0 - p11.1 - gamma : {cap} if {cap} > 0",
        f"p01.0 - p01.1 - gamma : {cap} if {cap} > 0",
        f"p11.0 + p01.1 - 1 : {share} if {share} > 0",
        f"p01.0 + p11.1 - 1 : {share} if {share} > 0 and p01.0 - p11.1 >= 0",
    )
    return hand.bounds("affected", lower, hand.fractions("min", "1"), known_divisor=False)


def risk_ratio() -> PiecewiseBounds:
    """Observational: one fraction a side; the upper one has no end."""
    hand = Hand(OBSERVATIONAL)
    return hand.bounds(
        "rr",
        hand.fractions("max", "p11 : 1 - p00 if 1 - p00 > 0"),
        hand.fractions("min", "1 - p10 : p01 if p01 > 0"),
        columns=[(1, 0), (0, 0), (1, 1)],
        known_divisor=False,
    )


def monotone_instrument() -> PiecewiseBounds:
    """Three levels, whose law is known."""
    hand = Hand(INSTRUMENT, LAW)
    weights = [f"P(V={v})" for v in range(3)]
    below = [[f"p11.{u}" for u in range(v + 1)] for v in range(3)]
    above = [[f"1 - p01.{u}" for u in range(v, 3)] for v in range(3)]
    return hand.bounds(
        "mean",
        PiecewiseSide("max", (hand.piece(*zip(weights, below, strict=True)),)),
        PiecewiseSide("min", (hand.piece(*zip(weights, above, strict=True)),)),
    )


def pay_offs() -> PiecewiseBounds:
    """Two chambers, by the sign of a combination of pay-offs."""
    hand = Hand(PAYOFFS)
    low = ["0", "q1.1 - q1.0", "p01 + p11 - q1.0", "q1.1 - p01 - p11"]
    high = ["q1.1", "q0.0", "p11 + p00", "q1.1 - q1.0 + p10 + p01"]
    fixed = ("1", ["w*q1.0"])
    mirrored = ["-1*q1.1", "-1*q0.0", "-1*p11 - p00", "q1.0 - q1.1 - p10 - p01"]
    negated = ["0", "q1.0 - q1.1", "q1.0 - p01 - p11", "p01 + p11 - q1.1"]
    lower = PiecewiseSide(
        "max",
        (
            hand.piece(fixed, ("-1*s", mirrored), guards=["-1*s >= 0"]),
            hand.piece(fixed, ("s", low), guards=["s >= 0"]),
        ),
    )
    upper = PiecewiseSide(
        "min",
        (
            hand.piece(fixed, ("s", high), guards=["s >= 0"]),
            hand.piece(fixed, ("-1*s", negated), guards=["-1*s >= 0"]),
        ),
    )
    return hand.bounds("gain", lower, upper)


CASES = [survivors, responders, always_takers, risk_ratio, monotone_instrument, pay_offs]
EVERY = pytest.mark.parametrize("bounds", [case() for case in CASES], ids=lambda bounds: bounds.name)


# ---------------------------------------------------------------- printed
@EVERY
def test_text(bounds: PiecewiseBounds) -> None:
    compare(f"piecewise_{bounds.name}.txt", bounds.text() + "\n")


@EVERY
def test_text_in_ascii(bounds: PiecewiseBounds) -> None:
    text = bounds.text(unicode=False)
    assert text.isascii()
    compare(f"piecewise_{bounds.name}.ascii.txt", text + "\n")


@EVERY
def test_latex(bounds: PiecewiseBounds) -> None:
    compare(f"piecewise_{bounds.name}.tex", bounds.latex() + "\n")


def test_the_share_of_responders_who_benefit() -> None:
    """Numerator over divisor as one less what is lost; the guard and what remains are said once."""
    assert responders().text().split("\n")[:2] == [
        "benefit ≥ max{0, 1 − (p10·0 + p01·1) / ATM}  if ATM > 0, else 0",
        "benefit ≤ min{1, p00·0 / ATM, p11·1 / ATM}  if ATM > 0, else 1",
    ]


def test_a_multiple_of_the_divisor_is_a_number() -> None:
    """2π / π is 2, above 1 and so never the smallest; −ATM / ATM is −1, below 0."""
    assert len(survivors().upper.pieces) == 4
    assert len(responders().lower.pieces) == 2


def test_no_brackets_round_one_symbol_and_no_double_signs() -> None:
    for case in CASES:
        for text in (case().text(), case().text(unicode=False)):
            for strange in ("− −", "- -", "+ −", "+ -", "(0)", "−−", "--", "(ATM)", "1 (", "(1)"):
                assert strange not in text, text


def test_a_weight_into_which_all_options_divide_is_multiplied_out() -> None:
    hand = Hand(OBSERVATIONAL)
    share = "p00 + p01"
    lower = PiecewiseSide("max", (hand.piece((share, [f"p01 : {share}", "0"]), ("p10 + p11", ["p11 : p10 + p11"])),))
    upper = PiecewiseSide("min", (hand.piece((share, ["p11 : 1 - p00 - p01", "1"])),))
    bounds = hand.bounds("mean", lower, upper)
    assert bounds.text().split("\n")[0] == "p11 + max{0, p01} ≤ mean ≤ P(X=0) min{1, p11 / P(X=1)}"


def test_what_the_data_identify_of_the_divisor_stands_below() -> None:
    hand = Hand(INSTRUMENT, LAW)
    over = "P(V=0)*p11.0 + P(V=1)*p11.1"
    lower = PiecewiseSide("max", (hand.piece(("P(V=0)", ["p11.0", "p11.1"]), ("P(V=1)", ["p11.1", "p11.2"])),))
    upper = hand.fractions("min", "P(V=0) - P(V=0)*p01.0", "2*P(V=0)*p11.0 + 2*P(V=1)*p11.1")
    bounds = hand.bounds("share", lower, upper, denominator=over)
    assert bounds.text().split("\n")[:2] == [
        "share ≥ (P(V=0) max{p11·0, p11·1} + P(V=1) max{p11·1, p11·2}) / (P(V=0) p11·0 + P(V=1) p11·1)",
        "share ≤ min{2, P(V=0) (1 − p01·0) / (P(V=0) p11·0 + P(V=1) p11·1)}",
    ]


def test_many_terms_have_one_divisor() -> None:
    hand = Hand(MEDIATION)
    lower = hand.fractions("max", "p11.0", "p01.0 - p01.1", "p11.0 - p11.1", "-1*p01.1")
    upper = hand.fractions("min", "p01.0 + p11.0", "p01.1")
    bounds = hand.bounds("share", lower, upper, denominator="p01.0 + p11.0")
    assert bounds.text().split("\n")[:2] == [
        "share ≥ max{p11·0, −p01·1, p01·0 − p01·1, p11·0 − p11·1} / (p01·0 + p11·0)",
        "share ≤ min{1, p01·1 / (p01·0 + p11·0)}",
    ]
    assert r"\frac{\max \left\{ \begin{array}{l}" in bounds.latex()


def test_what_is_identified_is_one_function() -> None:
    hand = Hand(INSTRUMENT, LAW)
    means = " + ".join(f"P(V={v})*p11.{v}" for v in range(3))
    same = replace(hand.bounds("e", hand.fractions("max", means), hand.fractions("min", means)), identified=True)
    line = "e = P(V=0) p11·0 + P(V=1) p11·1 + P(V=2) p11·2  (identified)"
    assert same.text().split("\n")[0] == line
    assert r"\mathrm{P}(V=0) \, p_{11 \cdot 0}" in same.latex()
    assert "leq" not in same.latex()


def test_what_sums_to_one_shortens_products() -> None:
    """P(V=0) a + P(V=1) a + P(V=2) b is a + P(V=2) (b − a)."""
    hand = Hand(INSTRUMENT, LAW)
    side = hand.fractions("max", "P(V=0)*p11.0 + P(V=1)*p11.0 + P(V=2)*p11.0")
    assert hand.bounds("a", side, hand.fractions("min", "1")).text().split("\n")[0] == "p11·0 ≤ a ≤ 1"


def test_rows_are_pieces() -> None:
    rows = responders().rows()
    assert [row["term"] for row in rows if row["side"] == "lower"] == ["0", "1 - (p10.0 + p01.1) / ATM if ATM > 0"]
    assert set(rows[0]) == {"estimand", "side", "number", "term"}


def test_shares_are_divided_out_and_called_by_their_event() -> None:
    """What was multiplied out is p21 / P(X=2) − p01 / P(X=0)."""
    hand = Hand(OBSERVATIONAL.replace("variable X in {0, 1}", "variable X in {0, 1, 2}"))
    shares = ["p00 + p01", "p10 + p11", "p20 + p21"]
    common = "p00*p20 + p00*p21 + p01*p20 + p01*p21"
    difference = f"p00*p21 - p01*p20 : {common}"
    longer = "p10*p21 + p11*p21 : p10*p20 + p10*p21 + p11*p20 + p11*p21"
    lower = PiecewiseSide("max", (hand.piece((shares[0], [difference, "-1"]), (shares[2], [longer, "1"])),))
    upper = PiecewiseSide("min", (hand.piece((shares[1], ["1", f"p11 : {shares[1]}"])),))
    lines = hand.bounds("ate", lower, upper).text().split("\n")
    assert lines[0] == ("P(X=0) max{−1, p21 / P(X=2) − p01 / P(X=0)} + max{p20 + p21, p21} ≤ ate ≤ min{p11, p10 + p11}")


def test_a_divisor_that_averages_over_a_law_is_called_by_its_event() -> None:
    hand = Hand(INSTRUMENT, LAW)
    over = " + ".join(f"P(V={v})*p01.{v} + P(V={v})*p11.{v}" for v in range(3))
    side = hand.fractions("min", f"P(V=0)*p11.0 : {over} if {over} > 0")
    bounds = hand.bounds("share", hand.fractions("max", f"0 : {over} if {over} > 0"), side)
    assert bounds.text().split("\n")[1] == "share ≤ P(V=0) p11·0 / P(X=1)  if P(X=1) > 0"


def test_printing_again_changes_nothing() -> None:
    for case in CASES:
        assert printed_piecewise(case()) == case()


# ---------------------------------------------------------------- the same values
@pytest.mark.parametrize("seed", range(24))
def test_shortest_forms_have_the_values(seed: int) -> None:
    """Random sums of maxima of fractions with products, before and after; and as text."""
    draw = random.Random(seed)
    hand = Hand(INSTRUMENT, LAW) if seed % 2 else Hand(MEDIATION)
    sides = [PiecewiseSide(op, tuple(a_piece(hand, draw) for _ in range(draw.randint(1, 3)))) for op in ("max", "min")]
    bounds = hand.bounds("e", *sides)
    rows = bounds.rows()
    for at in at_random(bounds, definitions(bounds), zeros=False):
        for before, after in zip(sides, (bounds.lower, bounds.upper), strict=True):
            if _is_defined(before, at):
                assert after.value(at) == before.value(at)
        for row in rows:
            side = bounds.lower if row["side"] == "lower" else bounds.upper
            piece = replace(side.pieces[row["number"]], guards=())
            value = PiecewiseSide(side.op, (piece,)).value(at)
            if value is not None:
                text = row["term"].partition(" if ")[0]
                assert printed_value(text, bounds.notation, at) == value, text


def _is_defined(side: PiecewiseSide, at: Mapping[str, Fraction]) -> bool:
    return all(
        option.denominator.value(at) for piece in side.pieces for each in piece.summands for option in each.options
    )


def a_polynomial(hand: Hand, draw: random.Random, signed: bool = True) -> Polynomial:
    names = [name for name in hand.notation.order if name not in hand.definitions]
    laws = [name for name in names if name.startswith("P(V=") and "|" not in name] or ["gamma"]
    cells = [name for name in names if "|" in name]
    least = -2 if signed else 1
    terms: list[tuple[tuple[str, ...], int]] = [((), draw.choice([0, 0, 1]))]
    for _ in range(draw.randint(1, 3)):
        names = (draw.choice(cells), *([draw.choice(laws)] if draw.random() < 0.3 else []))
        terms.append((names, draw.randint(least, 2)))
    return Polynomial.of(terms)


def a_piece(hand: Hand, draw: random.Random) -> Piece:
    summands = []
    divisor = a_polynomial(hand, draw, signed=False)
    for _ in range(draw.randint(1, 2)):
        weight = draw.choice([ONE, divisor, a_polynomial(hand, draw, signed=False)])
        over = draw.choice([ONE, divisor, a_polynomial(hand, draw, signed=False)])
        options = [RationalFunction(a_polynomial(hand, draw), over) for _ in range(draw.randint(1, 3))]
        summands.append(Summand(weight, tuple(options)))
    guards = [Guard(a_polynomial(hand, draw), draw.choice([">", ">="])) for _ in range(draw.randint(0, 1))]
    return Piece(tuple(guards), tuple(summands))


@EVERY
def test_what_is_printed_has_the_values(bounds: PiecewiseBounds) -> None:
    """Each row of text, read again."""
    for row in bounds.rows():
        text, _, _ = row["term"].partition(" if ")
        side = bounds.lower if row["side"] == "lower" else bounds.upper
        piece = replace(side.pieces[row["number"]], guards=())
        for at in at_random(bounds, definitions(bounds)):
            value = PiecewiseSide(side.op, (piece,)).value(at)
            if value is not None:
                assert printed_value(text, bounds.notation, at) == value, text


def definitions(bounds: PiecewiseBounds) -> dict[str, Term]:
    return dict(bounds.simplifier.definitions)


def at_random(
    bounds: PiecewiseBounds, known: Mapping[str, Term] = {}, zeros: bool = True
) -> Iterator[dict[str, Fraction]]:
    draw = random.Random(1)
    for _ in range(20):
        at = {parameter.name: Fraction(draw.randint(-9 if zeros else 1, 9), 10) for parameter in bounds.parameters}
        for arm in bounds.arms:
            counts = [draw.choice([0, 1, 2, 3, 5] if zeros else [1, 2, 3, 5]) for _ in arm.cells]
            total = sum(counts) or 1
            counts = counts if sum(counts) else [1, *counts[1:]]
            at |= {cell.name: Fraction(n, total) for cell, n in zip(arm.cells, counts, strict=True)}
        yield at | {name: term.value(at) for name, term in known.items()}


@EVERY
def test_sympy_has_the_values(bounds: PiecewiseBounds) -> None:
    names = bounds.notation.identifiers()
    for expression, side in zip(bounds.sympy(), (bounds.lower, bounds.upper), strict=True):
        for at in at_random(bounds):
            numbers = {symbol: sympy.Rational(str(at[name])) for name, symbol in _symbols(expression, names)}
            value = side.value(at)
            assert str(expression.xreplace(numbers).doit()) == (
                {"max": "-oo", "min": "oo"}[side.op] if value is None else str(value)
            )


def _symbols(expression: object, names: dict[str, str]) -> Iterator[tuple[str, object]]:
    by_text = {text: name for name, text in names.items()}
    return ((by_text[str(symbol)], symbol) for symbol in expression.free_symbols)  # type: ignore[attr-defined]


@EVERY
def test_json_is_exact_and_complete(bounds: PiecewiseBounds) -> None:
    document = json.loads(json.dumps(bounds.json()))
    assert document["denominator"] is None
    for at in at_random(bounds):
        for name, side in (("lower", bounds.lower), ("upper", bounds.upper)):
            assert _side_value(document[name], at) == side.value(at)


def _side_value(side: dict, at: dict[str, Fraction]) -> Fraction | None:  # type: ignore[type-arg]
    pick = {"max": max, "min": min}[side["op"]]
    values = []
    for piece in side["pieces"]:
        held = [(_value(guard["value"], at), guard["relation"]) for guard in piece["if"]]
        if all(value > 0 or (relation == ">=" and not value) for value, relation in held):
            values.append(
                sum(
                    _value(each["weight"], at)
                    * pick(_value(o["numerator"], at) / _value(o["denominator"], at) for o in each["options"])
                    for each in piece["sum"]
                )
            )
    return pick(values) if values else None


def _value(polynomial: dict, at: dict[str, Fraction]) -> Fraction:  # type: ignore[type-arg]
    total = Fraction(polynomial["constant"])
    for product, coefficient in polynomial["coefficients"].items():
        value = Fraction(coefficient)
        for name in product.split("*"):
            value *= at[name]
        total += value
    return total


def test_what_multiplies_and_divides_is_left_out() -> None:
    model = """model plain
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand cancels = E[Y(1)] / E[Y(0) | X=1]
estimand weighted = E[Y(1)] / E[Y(0)] * P(X=1)
"""
    derived = derive(Model.parse(model))
    text = derived.text()
    assert "\n  p11 ≤ cancels ≤ ∞\n" in text
    assert "\n  weighted ≥ p11 (p10 + p11) / (1 − p00)\n" in text
    assert "\n  weighted ≤ (1 − p10) (p10 + p11) / p01  if p01 > 0, else ∞\n" in text
    # What is computed is undefined where the estimand is.
    cells = {"P(X=0,Y=0)": "1/2", "P(X=0,Y=1)": "1/2"}
    found = {each.estimand: each.lower for each in evaluate(derived, cells)}
    assert found == {"cancels": None, "weighted": 0}
    (piece,) = derived.json()["estimands"][0]["lower"]["pieces"]
    assert piece["sum"][0]["options"][0]["denominator"]["coefficients"] == {"P(X=1,Y=0)": "1", "P(X=1,Y=1)": "1"}


@pytest.mark.parametrize("seed", range(10))
def test_products_of_two_sums_are_printed_as_such(seed: int) -> None:
    chance = random.Random(seed)
    hand = Hand(OBSERVATIONAL)
    cells = sorted(cell.name for arm in hand.arms for cell in arm.cells)
    one, other = (Polynomial.of(((name,), 1) for name in chance.sample(cells, chance.randint(1, 3))) for _ in range(2))
    (product,) = shown_polynomial(one * other, hand.reading)
    assert len(product) <= 2
    at = {name: Fraction(chance.randint(1, 9)) for name in cells}
    total = sum(at.values())
    at = {name: value / total for name, value in at.items()}
    shown = Fraction(1)
    for term in product:
        shown *= term.value(at)
    assert shown == (one * other).value(at)
