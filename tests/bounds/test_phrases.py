"""Terms as papers write them: what stands first, which signs, on which side."""

from __future__ import annotations

from fractions import Fraction

from boundgen.bounds.phrases import phraser, relations, two_sides, written
from boundgen.exact.terms import Term

# A definition, two cells, a parameter.
ORDER = ("ATM", "P(Y=0)", "P(Y=1)", "g")
NAMES = {"ATM": "ATM", "P(Y=0)": "p0", "P(Y=1)": "p1", "g": "γ"}


def text(term: Term) -> str:
    return written(phraser(ORDER, NAMES)(term), "−")


def test_order() -> None:
    """Definitions, cells that are added, cells that are subtracted, parameters, a negative number."""
    everything = Term.of(-1, {"g": 2, "P(Y=0)": -1, "P(Y=1)": 1, "ATM": -1})
    assert text(everything) == "−ATM + p1 − p0 + 2γ − 1"


def test_a_positive_number_stands_first() -> None:
    assert text(Term.of(1, {"P(Y=0)": -1})) == "1 − p0"
    assert text(Term.of(-1, {"P(Y=0)": 1})) == "p0 − 1"


def test_numbers_alone() -> None:
    assert [text(Term.of(number)) for number in (0, 2, Fraction(-1, 2))] == ["0", "2", "−1/2"]


def test_fractions_keep_their_distance() -> None:
    assert text(Term.of(0, {"P(Y=0)": Fraction(1, 2), "P(Y=1)": 3})) == "1/2 p0 + 3p1"


def test_conditions_have_no_minus_signs() -> None:
    """a - b >= 0 is a >= b; 1 - a >= 0 is a <= 1; -a >= 0, of a cell, is a = 0; of a parameter a <= 0."""
    assert two_sides(Term.of(0, {"P(Y=1)": 1, "P(Y=0)": -1})) == (
        Term.of(0, {"P(Y=1)": 1}),
        ">=",
        Term.of(0, {"P(Y=0)": 1}),
    )
    assert two_sides(Term.of(1, {"P(Y=1)": -1})) == (Term.of(0, {"P(Y=1)": 1}), "<=", Term.of(1))
    assert two_sides(Term.of(0, {"P(Y=1)": -1})) == (Term.of(0, {"P(Y=1)": 1}), "=", Term())
    assert two_sides(Term.of(0, {"g": -1})) == (Term.of(0, {"g": 1}), "<=", Term())


def test_two_opposite_conditions_are_an_equality() -> None:
    half = Term.of(Fraction(-1, 2), {"P(Y=1)": 1})
    assert relations((half, -half)) == [(Term.of(0, {"P(Y=1)": 1}), "=", Term.of(Fraction(1, 2)))]
    assert [relation for _, relation, _ in relations((half, Term.of(0, {"g": 1})))] == [">=", ">="]
