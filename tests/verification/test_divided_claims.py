"""Claims about estimands with a divisor that the data identify, whether or not they are written over it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen.derivation import Derivation, derive
from boundgen.errors import UndecidedError
from boundgen.language.model import Model
from boundgen.language.statements import Claim
from boundgen.verification.judgement import judge, verify

Law = dict[str, Fraction]

OBSERVED = """model observed
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand af = 1 - E[Y(0)] / E[Y]
estimand att = E[Y(1) - Y(0) | X=1]
"""
TRIAL = """model trial
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
observe P(Y | A)
estimand rr = E[Y(1)] / E[Y(0)]
estimand half = 1/2 * E[Y(1)] / E[Y(0)]
"""
MODELS = {"af": OBSERVED, "att": OBSERVED, "rr": TRIAL, "half": TRIAL}
DIVISORS = {"af": "P(Y=1)", "att": "P(X=1)", "rr": "P(Y=1 | A=0)", "half": "P(Y=1 | A=0)"}
TYPES = tuple(itertools.product((0, 1), repeat=3))
CELLS = {
    OBSERVED: [f"P(X={x}, Y={y})" for x in (0, 1) for y in (0, 1)],
    TRIAL: [f"P(Y={y} | A={a})" for a in (0, 1) for y in (0, 1)],
}


# ---------------------------------------------------------------- by hand
def by_hand(name: str, shares: Sequence[Fraction]) -> tuple[Fraction, Fraction, Law]:
    """The estimand, what it is divided by, and the cells, where types (X, Y(0), Y(1)) have these shares."""

    def share(*conditions: tuple[int, int]) -> Fraction:
        return sum(
            (s for s, t in zip(shares, TYPES, strict=True) if all(t[i] == v for i, v in conditions)), Fraction(0)
        )

    if MODELS[name] == TRIAL:
        law = {f"P(Y={y} | A={a})": share((1 + a, y)) for a in (0, 1) for y in (0, 1)}
        above, below = share((2, 1)) * (1 if name == "rr" else Fraction(1, 2)), share((1, 1))
    else:
        law = {f"P(X={x}, Y={y})": share((0, x), (1 + x, y)) for x in (0, 1) for y in (0, 1)}
        treated = share((0, 1), (2, 1)) - share((0, 1), (1, 1))
        seen = law["P(X=0, Y=1)"] + law["P(X=1, Y=1)"]
        above, below = (seen - share((1, 1)), seen) if name == "af" else (treated, share((0, 1)))
    return above, below, law


def populations(seed: int) -> Iterator[list[Fraction]]:
    """Single types, pairs of types, and mixtures of all."""
    size = len(TYPES)
    for i, j in itertools.product(range(size), repeat=2):
        yield [Fraction((k == i) + (k == j), 2) for k in range(size)]
    for n in range(40):
        weights = [(seed * (k + 3) + n * (k * k + 1) + 7 * n * n) % 11 + (n % 3 == k % 3) * 9 for k in range(size)]
        yield [Fraction(w, sum(weights)) for w in weights]


# ---------------------------------------------------------------- claims
@dataclass(frozen=True)
class Written:
    """``constant + multiples of cells + a multiple of a product``, perhaps over the divisor of the estimand."""

    constant: Fraction
    multiples: tuple[tuple[Fraction, str], ...]
    product: tuple[Fraction, str, str] | None
    divided: bool

    def text(self, name: str) -> str:
        parts = [str(self.constant), *(f"({c}) * {cell}" for c, cell in self.multiples)]
        if self.product:
            parts.append("({}) * {} * {}".format(*self.product))
        whole = " + ".join(parts)
        return f"({whole}) / {DIVISORS[name]}" if self.divided else whole

    def value(self, law: Law, below: Fraction) -> Fraction:
        total = self.constant + sum(c * law[cell] for c, cell in self.multiples)
        if self.product:
            total += self.product[0] * law[self.product[1]] * law[self.product[2]]
        return total / below if self.divided else total


NUMBERS = st.sampled_from([Fraction(x) for x in ("-3", "-1", "-1/2", "1/2", "2/3", "1", "2", "100")])


@st.composite
def sides(draw: st.DrawFn) -> tuple[str, str, list[Written]]:
    name = draw(st.sampled_from(sorted(MODELS)))
    cells = st.sampled_from(CELLS[MODELS[name]])
    terms = []
    for _ in range(draw(st.integers(1, 2))):
        multiples = draw(st.lists(st.tuples(NUMBERS, cells), max_size=2))
        product = draw(st.none() | st.tuples(NUMBERS, cells, cells)) if name != "att" else None
        # Of conditional estimands what has no divisor is refused where it is read.
        divided = name == "att" or draw(st.booleans())
        terms.append(Written(draw(st.just(Fraction(0)) | NUMBERS), tuple(multiples), product, divided))
    return name, draw(st.sampled_from(["lower", "upper"])), terms


@cache
def derived(model: str) -> Derivation:
    return derive(Model.parse(model))


def claim_of(name: str, side: str, terms: Sequence[Written]) -> Claim:
    op = "max" if side == "lower" else "min"
    text = f"{op}({', '.join(term.text(name) for term in terms)})" if len(terms) > 1 else terms[0].text(name)
    (claim,) = Model.parse(f'{MODELS[name]}claim "random" for {name}\n  {side} {text}\n').claims
    assert isinstance(claim, Claim)
    return claim


@settings(max_examples=60, deadline=None)
@given(sides(), st.integers(0, 10))
@pytest.mark.slow
def test_no_population_refutes_what_is_said_to_be_valid(side: tuple[str, str, list[Written]], seed: int) -> None:
    name, which, terms = side
    sign = 1 if which == "lower" else -1
    try:
        (found,) = judge(derived(MODELS[name]), claim_of(name, which, terms))
    except UndecidedError:
        found = None
    beyond = False
    for shares in populations(seed):
        above, below, law = by_hand(name, shares)
        beyond |= bool(below) and max(sign * term.value(law, below) for term in terms) > sign * above / below
    if beyond:
        assert found is None or found.verdict == "invalid"
    if found and found.verdict == "invalid":
        assert found.witness
        assert isinstance(found.witness.claimed, Fraction)
        assert isinstance(found.witness.estimand, Fraction)
        assert sign * found.witness.claimed > sign * found.witness.estimand
        assert found.witness.strata
        shares = [Fraction(0)] * len(TYPES)
        for stratum, share in found.witness.strata:
            own = {part.replace(" ", "") for part in str(stratum).split(", ")}
            for k, (x, y0, y1) in enumerate(TYPES):
                if own <= {f"X={x}", f"Y(0)={y0}", f"Y(1)={y1}"}:
                    shares[k] += share / (2 ** (3 - len(own)))
        above, below, law = by_hand(name, shares)
        assert found.witness.estimand == above / below
        assert found.witness.claimed == sign * max(sign * term.value(law, below) for term in terms)


# ---------------------------------------------------------------- examples
@pytest.mark.parametrize(
    ("name", "side", "verdict"),
    [
        ("rr", "lower 100 * P(Y=1 | A=1)", "invalid"),
        ("rr", "lower P(Y=1 | A=1)", "valid"),
        ("rr", "lower P(Y=1 | A=1) * P(Y=1 | A=1)", "valid"),
        ("rr", "lower 3 * P(Y=1 | A=1)", "invalid"),
        ("rr", "lower P(Y=1 | A=1) - P(Y=1 | A=0)", "valid"),
        ("rr", "lower P(Y=1 | A=1) / P(Y=1 | A=0)", "sharp"),
        ("rr", "lower max(P(Y=1 | A=1) / P(Y=1 | A=0), 2 * P(Y=1 | A=1))", "invalid"),
        ("rr", "upper 2 * P(Y=1 | A=1)", "invalid"),
        ("rr", "upper 7", "invalid"),
        ("half", "lower 1/2 * P(Y=1 | A=1)", "valid"),
        ("half", "lower P(Y=1 | A=1)", "invalid"),
        ("af", "lower 5 * P(X=1, Y=1) - 1", "invalid"),
        ("af", "lower 100 * P(X=1, Y=1) * P(X=1, Y=1) - 1", "invalid"),
        ("af", "upper P(X=1, Y=1) - P(X=0, Y=1) + 1", "valid"),
        ("af", "upper 1 - 100 * P(X=1, Y=1)", "invalid"),
        ("af", "upper min(1 - P(X=0, Y=1), 1 - 1/2 * P(X=0, Y=1))", "valid"),
        ("af", "upper P(X=1 | Y=1)", "sharp"),
        ("af", "upper P(X=1, Y=1)", "invalid"),
        ("af", "upper 1 - max(0, P(X=0, Y=1))", "valid"),
    ],
)
def test_terms_without_the_divisor_are_counted_whole(name: str, side: str, verdict: str) -> None:
    (claim,) = Model.parse(f'{MODELS[name]}claim "printed" for {name}\n  {side}\n').claims
    (found,) = judge(derived(MODELS[name]), claim)
    assert found.verdict == verdict
    assert not found.misprint


def test_what_a_claim_over_a_divisor_misses_is_said_over_it() -> None:
    claims = 'claim "printed" for rr\n  lower P(Y=0 | A=1) / P(Y=1 | A=0)\nclaim "number" for rr\n  lower 0\n'
    printed, number = verify(Model.parse(TRIAL + claims)).claims
    assert printed.misprint == "(P(Y=0 | A=1)) / (P(Y=1 | A=0)) should be (P(Y=1|A=1)) / (P(Y=1|A=0))"
    assert not number.misprint
    assert "missing: (p1·1) / (p1·0)" in verify(Model.parse(TRIAL + claims)).text()


@pytest.mark.parametrize(
    ("side", "verdict"),
    [
        ("lower P(X=1, Y=1) / (1/2 * (1 - P(X=0, Y=0)))", "invalid"),
        ("lower P(X=1, Y=1) / (3/2 * (1 - P(X=0, Y=0)))", "valid"),
        ("lower P(X=1, Y=1) / (1 - P(X=0, Y=0))", "sharp"),
        ("lower 1/2 * P(X=1, Y=1)", "valid"),
    ],
)
def test_numbers_in_a_fraction_count(side: str, verdict: str) -> None:
    """Against a divisor that is not identified; parts of a fraction are compared times one number."""
    model = OBSERVED + f'estimand rr = E[Y(1)] / E[Y(0)]\nclaim "printed" for rr\n  {side}\n'
    (found,) = verify(Model.parse(model)).claims
    assert found.verdict == verdict


FACTORED = """model mediated
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
unconfounded
observe P(Y, M | A)
estimand rr = E[Y(A=1)] / E[Y(A=0)]
"""


@pytest.mark.parametrize(
    ("side", "verdict"),
    [
        ("lower P(Y=1 | A=1)", "valid"),
        ("lower 2 * P(Y=1 | A=1)", "invalid"),
        ("upper P(Y=1 | A=1)", "invalid"),
        ("lower P(Y=1 | A=1) / P(Y=1 | A=0)", "sharp"),
    ],
)
def test_where_causes_are_independent(side: str, verdict: str) -> None:
    (found,) = verify(Model.parse(f'{FACTORED}claim "printed" for rr\n  {side}\n')).claims
    assert found.verdict == verdict
