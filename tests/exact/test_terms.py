"""Terms: 1 - 2p, and what is done with it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from boundgen.exact.terms import Term, combination, plain_number

HALF = Fraction(1, 2)


def test_equal_functions_are_equal_values() -> None:
    """Whatever the order, and with zeros or without."""
    assert Term.of(1, {"q": 1, "p": -2}) == Term.of(1, {"p": -2, "q": 1, "r": 0})


def test_sums_cancel() -> None:
    p, one_minus_p = Term.of(0, {"p": 1}), Term.of(1, {"p": -1})
    assert p + one_minus_p == Term.of(1)
    assert p - p == Term()
    assert -one_minus_p == Term.of(-1, {"p": 1})


def test_combination() -> None:
    """1/2 (1 + p) + 1/2 (1 - p) = 1."""
    assert combination([(HALF, Term.of(1, {"p": 1})), (HALF, Term.of(1, {"p": -1}))]) == Term.of(1)


def test_value() -> None:
    assert Term.of(1, {"p": -2, "q": HALF}).value({"p": Fraction(1, 4), "q": 1}) == 1
    assert Term.of(1, {"p": -2}).value({}) == 1


def test_primitive_has_coprime_integers_and_the_same_sign() -> None:
    assert Term.of(HALF, {"p": Fraction(-3, 4)}).primitive() == Term.of(2, {"p": -3})
    assert Term.of(0, {"p": -6, "q": 4}).primitive() == Term.of(0, {"p": -3, "q": 2})
    assert Term().primitive() == Term()


def test_multiples() -> None:
    assert Term.of(0, {"p": 3}).multiple_of(Term.of(0, {"p": 2})) == Fraction(3, 2)
    assert Term.of(1, {"p": 3}).multiple_of(Term.of(0, {"p": 2})) is None
    assert Term.of(1).multiple_of(Term()) is None


def test_text() -> None:
    written = {
        Term(): "0",
        Term.of(1, {"p": -1}): "1 - p",
        Term.of(-1, {"p": 1, "q": HALF}): "p + 1/2 q - 1",
        Term.of(0, {"p": -2}): "-2 p",
    }
    assert {term: str(term) for term in written} == written


def test_plain_numbers_are_integers_where_they_can_be() -> None:
    assert type(plain_number(Fraction(4, 2))) is int
    assert plain_number(HALF) == HALF


@given(st.lists(st.fractions(-2, 2, max_denominator=3), min_size=3, max_size=3))
def test_equal_terms_have_one_hash_and_sums_are_those_of_fractions(numbers: list[Fraction]) -> None:
    term = Term.of(numbers[0], {"p": numbers[1], "q": numbers[2]})
    assert hash(term) == hash(Term.of(numbers[0], {"q": numbers[2], "p": numbers[1]}))
    assert hash(term) == hash(term.scaled(-1).scaled(-1))
    assert term.value({"p": Fraction(1, 2), "q": 3}) == numbers[0] + numbers[1] / 2 + 3 * numbers[2]
    assert all(type(c) is Fraction for c in (term.constant, *term.mapping().values(), term.value({})))
    assert term.primitive().scaled(2).primitive() == term.primitive()
