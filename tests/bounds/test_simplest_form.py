"""The printed form of a term: fewest symbols, no number where cells say it as shortly, definitions that shorten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.terms import Term, combination

ARM0 = ("a0", "b0", "c0", "d0")
ARM1 = ("a1", "b1", "c1", "d1")
ATM = Term.of(0, {"b1": 1, "d1": 1, "b0": -1, "d0": -1})
PLAIN = Simplifier((ARM0, ARM1), (), (), {})
WITH_ATM = Simplifier((ARM0, ARM1), (("ATM", ATM),), (), {})


def test_complement_replaces_a_number() -> None:
    """1 - a - b is c + d."""
    assert PLAIN.plain(Term.of(1, {"a0": -1, "b0": -1})) == Term.of(0, {"c0": 1, "d0": 1})


def test_number_stays_where_it_is_shorter() -> None:
    """1 - a beats b + c + d, and a + b' - 1 beats a - a' - c' - d'."""
    assert PLAIN.plain(Term.of(0, {"b0": 1, "c0": 1, "d0": 1})) == Term.of(1, {"a0": -1})
    assert PLAIN.plain(Term.of(-1, {"a0": 1, "b1": 1})) == Term.of(-1, {"a0": 1, "b1": 1})


def test_whole_arm_is_a_number() -> None:
    assert PLAIN.plain(Term.of(0, dict.fromkeys(ARM0, 1))) == Term.of(1)


def test_number_moves_between_arms_for_free() -> None:
    """(a + b) of one arm minus all of another: two symbols."""
    term = combination([(1, Term.of(0, {"a0": 1, "b0": 1})), (-1, Term.of(0, dict.fromkeys(ARM1, 1)))])
    assert PLAIN.plain(term) == Term.of(0, {"c0": -1, "d0": -1})


def test_small_coefficients_are_preferred() -> None:
    """2a + 2b + c + d - 1 is a + b."""
    assert PLAIN.plain(Term.of(-1, {"a0": 2, "b0": 2, "c0": 1, "d0": 1})) == Term.of(0, {"a0": 1, "b0": 1})


def test_definition_is_used_where_it_shortens() -> None:
    assert WITH_ATM.with_definitions(-ATM) == Term.of(0, {"ATM": -1})
    assert WITH_ATM.with_definitions(Term.of(0, {"d1": 1})) == Term.of(0, {"d1": 1})


def test_definition_is_found_behind_another_form() -> None:
    """-ATM written with the complements of both arms."""
    term = Term.of(0, {"a1": 1, "c1": 1, "a0": -1, "c0": -1, "d1": -1})
    assert WITH_ATM.with_definitions(term) == Term.of(0, {"ATM": -1, "d1": -1})


def test_equalities_of_the_model_shorten() -> None:
    """Where b0 is a structural zero it is not printed."""
    reader = Simplifier((ARM0,), (), (Term.of(0, {"b0": 1}),), {})
    assert reader.plain(Term.of(0, {"a0": 1, "b0": -1})) == Term.of(0, {"a0": 1})


def test_parameters_are_left_alone() -> None:
    assert PLAIN.plain(Term.of(1, {"a0": -1, "b0": -1, "g": 2})) == Term.of(0, {"c0": 1, "d0": 1, "g": 2})


def test_tie_goes_to_cells_with_higher_values() -> None:
    """P(Y=1|A=1) - P(Y=1|A=0), not P(Y=0|A=0) - P(Y=0|A=1)."""
    reader = Simplifier((("y0", "y1"), ("z0", "z1")), (), (), {"y0": 1, "z0": 1})
    assert reader.plain(Term.of(0, {"y0": 1, "z0": -1})) == Term.of(0, {"z1": 1, "y1": -1})


@given(st.lists(st.integers(-2, 2), min_size=9, max_size=9), st.integers(-2, 2), st.integers(-2, 2))
def test_a_number_is_one_whether_told_from_the_arms_or_from_all_equalities(
    numbers: list[int], first: int, second: int
) -> None:
    """Terms with the same coefficient in an arm are numbers; an equality that says no more changes nothing."""
    term = Term.of(numbers[0], dict(zip((*ARM0, *ARM1), numbers[1:], strict=True)))
    even = Term.of(numbers[0], {**dict.fromkeys(ARM0, first), **dict.fromkeys(ARM1, second)})
    known = Simplifier((ARM0, ARM1), (), (Term.of(-1, dict.fromkeys(ARM0, 1)),), {})
    assert PLAIN.number(term) == known.number(term)
    assert PLAIN.number(even) == known.number(even) == numbers[0] + first + second
