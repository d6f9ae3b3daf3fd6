"""What a text in a column means: one column, a few texts."""

from __future__ import annotations

import pytest

from boundgen.data.matching import MISSING, Unknown, covariate_coder, domain_coder
from boundgen.language.variables import Variable

TWO = Variable("Y", (0, 1))
LEVELS = Variable("E", ("low", "high_school"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("1.0", 1), ("true", 1), (" 0 ", 0), ("False", 0), ("1e0", 1)],
)
def test_integers_are_matched_by_number(text: str, value: int) -> None:
    assert domain_coder(TWO, {})[text] == value


@pytest.mark.parametrize("text", [None, "", "NA", ".", " nan "])
def test_no_value(text: str | None) -> None:
    assert domain_coder(TWO, {})[text] is MISSING


@pytest.mark.parametrize("text", ["2", "yes", "0.5", "-1"])
def test_values_that_the_model_does_not_declare(text: str) -> None:
    assert domain_coder(TWO, {})[text] == Unknown(text)


def test_names_are_matched_by_text() -> None:
    """What is no name in a model has underscores there."""
    coder = domain_coder(LEVELS, {})
    assert coder.column(["low", "high school", "high_school", "Low"]) == [
        "low",
        "high_school",
        "high_school",
        Unknown("Low"),
    ]


def test_names_by_their_label() -> None:
    assert domain_coder(LEVELS, {"3": "high school"})["3"] == "high_school"


def test_a_declared_name_is_a_value_though_it_looks_missing() -> None:
    assert domain_coder(Variable("D", ("none", "NA")), {}).column(["NA", "none", ""]) == ["NA", "none", MISSING]


def test_every_text_of_a_covariate_is_a_value() -> None:
    """However its program writes numbers."""
    assert covariate_coder().column(["1", "1.0", "town", "NA"]) == ["1", "1", "town", MISSING]
