"""Five rows of one column: how much stands at each value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from boundgen.data.matching import MISSING, Coder, domain_coder
from boundgen.data.table import Chunk, Table
from boundgen.data.tally import (
    Amount,
    added,
    counts,
    probabilities,
    tally,
    tally_amounts,
    tally_clusters,
    tally_weighted_clusters,
    weights,
)
from boundgen.errors import DataError
from boundgen.language.variables import Variable
from boundgen.work.limits import Report, ignore

ROWS = {
    "Y": ["1", "0", "1", "1", "NA"],
    "n": ["3", "2", "4.0", "0", "5"],
    "p": ["0.25", "1/4", "0.5", "0", "0"],
    "w": ["0.5", "2", "1/3", "0", "NA"],
    "school": ["a", "a", "1", "1.0", None],
}


def chunks(columns: Sequence[str], _report: Report) -> Iterator[Chunk]:
    """Two chunks: what stands in both is added up."""
    for part in (slice(0, 2), slice(2, 5)):
        yield [ROWS[column][part] for column in columns]  # type: ignore[misc]


TABLE = Table("rows", tuple(ROWS), chunks)


def coders() -> list[Coder]:
    return [domain_coder(Variable("Y", (0, 1)), {})]


def test_rows() -> None:
    assert tally(TABLE, ["Y"], coders(), ignore).amounts == {
        (1,): Amount.of_units(3),
        (0,): Amount.of_units(1),
        (MISSING,): Amount.of_units(1),
    }


def test_counts_are_units() -> None:
    found = tally_amounts(TABLE, ["Y"], coders(), counts("n"), ignore).amounts
    assert {key: (amount.units, amount.total) for key, amount in found.items()} == {
        (1,): (7, 7),
        (0,): (2, 2),
        (MISSING,): (5, 5),
    }


def test_probabilities_are_exact_and_rows_are_counted() -> None:
    found = tally_amounts(TABLE, ["Y"], coders(), probabilities("p"), ignore).amounts
    assert (found[1,].total, found[0,].total) == (Fraction(3, 4), Fraction(1, 4))
    assert found[1,].units == 3


def test_weights_and_their_squares() -> None:
    """1/2 + 1/3, 1/4 + 1/9, and 1/16 + 1/81; a weight of zero is no unit, and one that is missing no weight."""
    found = tally_amounts(TABLE, ["Y"], coders(), weights("w"), ignore)
    assert found.amounts[1,] == Amount(2, Fraction(5, 6), Fraction(13, 36), Fraction(97, 1296))
    assert found.lacking == {("w",): {(MISSING,): Amount(1)}}


def test_clusters() -> None:
    """``1`` and ``1.0`` are one school; who has none is taken out."""
    found = tally_clusters(TABLE, ["Y"], coders(), "school", ignore)
    assert found.clusters == {(1,): {"a": 1, "1": 2}, (0,): {"a": 1}}
    assert found.lacking == {("school",): {(MISSING,): Amount(1)}}
    assert set(found.amounts) == {(1,), (0,)}


def test_weights_within_clusters() -> None:
    found = tally_weighted_clusters(TABLE, ["Y"], coders(), "school", weights("w"), ignore)
    assert found.clusters == {(1,): {"a": Decimal("0.5"), "1": Fraction(1, 3)}, (0,): {"a": 2}}
    # The last row has neither.
    assert found.lacking == {("w", "school"): {(MISSING,): Amount(1)}}


def test_decimals_and_fractions_add_up() -> None:
    assert added([Decimal("0.5"), Fraction(1, 3), 1]) == Fraction(11, 6)
    assert added([Decimal("0.1")] * 3) == Decimal("0.3")


def test_amounts_add_up() -> None:
    assert Amount(1, Fraction(2), Fraction(4)) + Amount(1, Fraction(3), Fraction(9)) == Amount(
        2, Fraction(5), Fraction(13)
    )


@pytest.mark.parametrize(("column", "what"), [("w", "count"), ("school", "probability"), ("school", "weight")])
def test_what_is_no_amount(column: str, what: str) -> None:
    kinds = {"count": counts, "probability": probabilities, "weight": weights}
    with pytest.raises(DataError, match=f"in column '{column}' is not a {what}"):
        tally_amounts(TABLE, ["Y"], coders(), kinds[what](column), ignore)
