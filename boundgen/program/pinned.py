"""Probabilities that the assumptions fix at a number."""

from __future__ import annotations

from fractions import Fraction

from boundgen.exact.linear_algebra import Span
from boundgen.program.linear_program import Entry, Row


def pinned_probability(event: list[int], rows: list[Row], entries: list[dict[int, Entry]]) -> Fraction | None:
    """The number at which equality assumptions fix the probability of an event, or None.

    Parameters
    ----------
    event : list of int
        Whether each stratum is in the event.
    rows, entries
        The rows so far, and each stratum's entries by row.
    """
    span = Span()
    for i, row in enumerate(rows):
        if row.kind != "cell" and row.relation == "=" and not row.right.coefficients:
            span.add(i, {j: entry[i] for j, entry in enumerate(entries) if entry.get(i)})
    multiples = span.depends({j: value for j, value in enumerate(event) if value})
    if multiples is None:
        return None
    return sum((c * rows[i].right.constant for i, c in multiples.items()), Fraction(0))
