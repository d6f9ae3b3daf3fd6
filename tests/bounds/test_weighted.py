"""Bounds with symbolic weights: their shape, their print, and exact programs with numbers put in."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from boundgen.bounds.weight_space import WeightNames
from boundgen.bounds.weighted import WeightedSide
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from support.weighted import (
    Problem,
    chain,
    instrument,
    name,
    pay_offs,
    selection,
    treated,
)

FREE = dict.fromkeys(("helped", "always", "never", "harmed"), (None, None))
ZERO, ONE = Fraction(0), Fraction(1)
Shape = list[list[int]]

# The numbers of options in each summand of each piece, of the lower side and of the upper side.
TABLE: dict[str, tuple[Callable[[], Problem], Shape, Shape]] = {
    "selection of 2 levels, E[Y(1)]": (lambda: selection(2, False, lambda t: t[1]), [[1]], [[1]]),
    "selection of 2 levels, effect": (lambda: selection(2, False, lambda t: t[1] - t[0]), [[1, 1]], [[1]]),
    "selection of 3 levels, effect": (lambda: selection(3, False, lambda t: t[2] - t[0]), [[1, 1, 1]], [[1]]),
    "monotone selection of 3 levels, E[Y(1)]": (lambda: selection(3, True, lambda t: t[1]), [[1, 1]], [[1, 1]]),
    "monotone selection of 3 levels, effect": (lambda: selection(3, True, lambda t: t[2] - t[0]), [[1]], [[1]]),
    "monotone selection of 4 levels, effect": (lambda: selection(4, True, lambda t: t[3] - t[0]), [[1]], [[1]]),
    "instrument of 2 levels, E[Y(1)]": (lambda: instrument(2, lambda t: t[2]), [[1, 2]], [[2, 1]]),
    "instrument of 3 levels, E[Y(1)]": (lambda: instrument(3, lambda t: t[2]), [[1, 2, 3]], [[3, 2, 1]]),
    "instrument of 2 levels, effect": (lambda: instrument(2, lambda t: t[2] - t[1]), [[2, 2]], [[2, 2]]),
    "instrument of 3 levels, effect": (lambda: instrument(3, lambda t: t[2] - t[1]), [[3, 4, 3]], [[3, 4, 3]]),
    "instrument, monotone": (lambda: instrument(3, lambda t: t[2] - t[1], True), [[3, 4, 3]], [[3, 4, 3]]),
    "pay-offs": (lambda: pay_offs(FREE), [[1, 1, 1, 4]] * 2, [[1, 1, 1, 4]] * 2),
    "treated, 2 levels": (lambda: treated(2, lambda a, b: b - a), [[1, 4]], [[1, 4]]),
    "treated, 3 levels": (lambda: treated(3, lambda a, b: b - a), [[1, 1, 1, 9]], [[1, 1, 1, 9]]),
    "necessity": (lambda: treated(2, lambda a, b: b * (1 - a)), [[3, 3]], [[3, 3]]),
    "chain": (lambda: chain(2), [[8]] * 2, [[8]] * 2),
    "chain, 3 levels": (lambda: chain(3), [[20, 20]] * 6, [[20, 20]] * 6),
}


def shape(side: WeightedSide) -> Shape:
    assert side.form is not None, side.reason
    return [[len(summand.options) for summand in piece.summands] for piece in side.form.pieces]


def shown(side: WeightedSide, piece: int = 0) -> list[str]:
    assert side.form is not None
    return [
        f"({summand.weight}) {side.form.op}{{{', '.join(str(each.numerator.term) for each in summand.options)}}}"
        for summand in side.form.pieces[piece].summands
    ]


@pytest.mark.parametrize("which", TABLE)
def test_shapes_of_known_problems(which: str) -> None:
    problem, lower, upper = TABLE[which]
    assert [*map(shape, problem().sides())] == [lower, upper]


@pytest.mark.parametrize("which", TABLE)
def test_closed_forms_are_the_exact_minimum_and_maximum(which: str) -> None:
    """At random weights and laws, many with zeros."""
    assert TABLE[which][0]().disagreements(12) == []


def test_a_monotone_instrument_gives_nested_maxima() -> None:
    """C. F. Manski & J. V. Pepper (2000), Proposition 1."""
    lower, upper = instrument(3, lambda t: t[2]).sides()
    assert shown(lower) == ["(q0) max{p11.0}", "(q1) max{p11.0, p11.1}", "(q2) max{p11.0, p11.1, p11.2}"]
    assert shown(upper) == [
        "(q0) min{1 - p01.0, 1 - p01.1, 1 - p01.2}",
        "(q1) min{1 - p01.1, 1 - p01.2}",
        "(q2) min{1 - p01.2}",
    ]


def test_monotone_response_and_selection() -> None:
    """Groups with the same function of the data stand together."""
    lower, upper = selection(3, True, lambda t: t[1]).sides()
    assert shown(lower) == ["(q0) max{p1.0}", "(q1 + q2) max{p1.1}"]
    assert shown(upper) == ["(q0 + q1) min{p1.1}", "(q2) min{p1.2}"]
    assert shown(selection(3, True, lambda t: t[2] - t[0]).sides()[0]) == ["(1) max{0}"]


def test_pay_offs() -> None:
    """What is identified, and the sign of one combination of pay-offs (A. Li & J. Pearl, 2019)."""
    lower, _ = pay_offs(FREE).sides()
    assert lower.form is not None
    assert [str(guard.polynomial) for piece in lower.form.pieces for guard in piece.guards] == [
        "-always + harmed + helped - never",
        "always - harmed - helped + never",
    ]
    assert shown(lower) == [
        "(always) max{P1}",
        "(never) max{1 - P0}",
        "(harmed) max{P0 - P1}",
        "(-always + harmed + helped - never) max{0, -P0 + P1, P1 + p00 + p10 - 1, 1 - P0 - p00 - p10}",
    ]


def test_pay_offs_of_one_sign_need_no_cases() -> None:
    """Where the combination of pay-offs is positive in their ranges there is one piece."""
    ranges = {"helped": (Fraction(2), None), "always": (ZERO, ONE), "never": (ZERO, ONE), "harmed": (ZERO, ONE)}
    problem = pay_offs(ranges)
    for side in problem.sides():
        assert side.form is not None
        assert [piece.guards for piece in side.form.pieces] == [()]
    assert problem.disagreements(12) == []


def test_what_rows_identify_has_no_options() -> None:
    """The effect of a randomized treatment, weighted by a parameter."""
    problem = Problem([(0, 0), (0, 1), (1, 0), (1, 1)], [name("b").scaled(k) for k in (0, 1, -1, 0)])
    problem.total()
    problem.cell("a", lambda unit: unit[0] == 1)
    problem.cell("c", lambda unit: unit[1] == 1)
    lower, upper = problem.sides()
    assert lower.identified
    assert upper.identified
    assert shown(lower) == ["(b) max{-a + c}"]
    assert shown(upper) == ["(b) min{-a + c}"]


def test_effects_on_the_treated_are_what_is_identified_and_one_average() -> None:
    """E[(Y(1) - Y(0)) 1(X=1)] = E[Y] - E[Y(0)]; which level of Z is which does not matter."""
    lower, _ = treated(3, lambda a, b: b - a).sides()
    assert shown(lower)[:3] == ["(w0) max{p10.0 + p11.0}", "(w1) max{p10.1 + p11.1}", "(w2) max{p10.2 + p11.2}"]
    assert lower.form is not None
    assert lower.form.pieces[0].summands[3].weight == Polynomial.number(1)


def test_an_average_over_arms_beside_one_arm_has_the_shorter_form() -> None:
    """An effect, plus the share of one arm that complies."""
    problem = treated(2, lambda a, b: b - a)
    problem.costs = [Polynomial.number(u[3] - u[2]) + name("w1").scaled(int(u[0] < u[1])) for u in problem.columns]
    assert [*map(shape, problem.sides())] == [[[6, 8]], [[8, 4]]]
    assert problem.disagreements(12) == []


def test_weights_that_are_zero_leave_zero() -> None:
    """A parameter whose range is the number zero."""
    lower, upper = Problem([0, 1], [Polynomial(), name("b")], {"b": (ZERO, ZERO)}, rows=[], entries=[]).sides()
    assert lower.identified
    assert shown(lower) == ["(1) max{0}"]
    assert shown(upper) == ["(1) min{0}"]


def test_no_bound_is_no_closed_form() -> None:
    """Shares that need not sum to one, and a weight that is negative."""
    problem = Problem([0, 1], [Polynomial(), name("b")], {"b": (None, Fraction(-1))})
    problem.cell("p", lambda j: j == 0)
    lower, upper = problem.sides()
    assert lower.form is None
    assert "no finite bound" in lower.reason
    assert shown(upper) == ["(1) min{0}"]


def test_no_closed_form_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three weights of any sign have eight cases."""
    monkeypatch.setattr("boundgen.bounds.chambers.MOST_CHAMBERS", 7)
    problem = Problem([(k, sign) for k in range(3) for sign in (-1, 1)], [])
    problem.costs = [name(f"w{k}").scaled(sign) for k, sign in problem.columns]
    for k in range(3):
        problem.total(lambda column, k=k: column[0] == k)
    lower, _ = problem.sides()
    assert lower.form is None
    assert lower.reason.startswith("its closed form would have more than")


def test_implications_are_those_of_the_rows() -> None:
    """Two bounds on a share that must not cross, and a cell that is the same as another."""
    problem = Problem([(0,), (1,)], [Polynomial(), name("b")], ranges={"b": (ZERO, ONE)})
    problem.total()
    problem.cell("p", lambda unit: unit[0] == 1)
    problem.cell("same", lambda unit: unit[0] == 1)
    lower, upper = problem.sides()
    assert lower.implications == upper.implications
    same = Term.of(0, {"same": 1, "p": -1})
    assert {same, -same, Term.of(0, {"p": 1}), Term.of(1, {"p": -1})} == set(lower.implications)


def test_a_cap_on_the_right_is_kept() -> None:
    """A share of defiers of at most g, and a pay-off for each of them."""
    problem = pay_offs(FREE)
    problem.parameters = (Parameter("g", ZERO, ONE),)
    problem.at_least(lambda unit: -((unit[1], unit[2]) == (1, 0)), Term.of(0, {"g": -1}))
    lower, _ = problem.sides()
    assert lower.form is not None
    assert any("g" in option.names for piece in lower.form.pieces for each in piece.summands for option in each.options)


# ---------------------------------------------------------------- random programs
@st.composite
def random_problems(draw: st.DrawFn) -> Problem:
    """Up to three weights of known and unknown sign over a few strata, with a total, cells and an assumption."""
    size = draw(st.integers(3, 7))
    small = st.integers(-2, 2)
    monomials = [("q0",), ("q1",), ("b",), (), ("b", "q0")]
    chosen = draw(st.lists(st.sampled_from(monomials), min_size=1, max_size=3, unique=True))
    costs = [Polynomial.of([(monomial, draw(small)) for monomial in chosen]) for _ in range(size)]
    low, high = draw(st.sampled_from([(None, None), (ZERO, None), (Fraction(-1), Fraction(2)), (ONE, ONE)]))
    problem = Problem([*range(size)], costs, {"b": (low, high)}, draw(st.sampled_from([(("q0", "q1"),), ()])))
    problem.total()
    for k in range(draw(st.integers(0, 3))):
        inside = draw(st.lists(st.booleans(), min_size=size, max_size=size))
        problem.cell(f"p{k}", lambda j, inside=inside: inside[j])
    if draw(st.booleans()):
        values = [draw(st.integers(-1, 1)) for _ in range(size - 1)]
        problem.at_least(lambda j, values=[1, *values]: values[j])
    return problem


@settings(max_examples=80, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(random_problems(), st.integers(0, 2**20))
def test_random_programs(problem: Problem, seed: int) -> None:
    assert problem.disagreements(6, seed) == []


# ---------------------------------------------------------------- names of weights
def test_a_law_that_sums_to_one_is_written_as_one_where_that_is_shorter() -> None:
    names = WeightNames({}, (("q0", "q1"),))
    q0, q1, b = name("q0"), name("q1"), name("b")
    assert names.collected((q0 + q1) * b) == b
    assert names.collected(q0 + q1.scaled(2)) == q0 + q1.scaled(2)
    assert names.collected(Polynomial.number(1) - q0) == q1
