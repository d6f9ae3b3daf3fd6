"""Texts of a column as numbers: read as numbers, as truth, or by indicators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from boundgen.data.parts import PARTS
from boundgen.data.texts import listed, number_or_truth
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array

MOST_TEXTS = 20


def coded(column: str, part: str, texts: Sequence[str], about: str = "", called: str = "") -> list[tuple[str, Array]]:
    """A column of numbers, or of texts the indicators of all but the first: any coding spans the same space.

    Parameters
    ----------
    column, part : str
    texts : sequence of str
        None of them missing.
    about, called : str
        The file, and how the command line names the column (by its part, unless that is said), for messages.

    Returns
    -------
    list of (name, array)
        ``[("age", ...)]``, or ``[("sex=male", ...)]``.

    Raises
    ------
    DataError
        Numbers among texts, and texts that are all the same or too many.

    >>> [(name, values.tolist()) for name, values in coded("sex", "X", ["male", "female", "male"])]
    [('sex=male', [1.0, 0.0, 1.0])]
    """
    numbers = {text: number_or_truth(text.strip()) for text in dict.fromkeys(texts)}
    words = sorted(text for text, number in numbers.items() if number is None)
    if not words:
        return [(column, np.array([numbers[text] for text in texts], dtype=np.float64))]
    _check_words(column, part, words, len(numbers), about, called)
    return [(f"{column}={word}", np.array([text == word for text in texts], dtype=np.float64)) for word in words[1:]]


def _check_words(column: str, part: str, words: Sequence[str], different: int, about: str, called: str) -> None:
    """Refuse numbers among texts, and texts that are all the same or too many."""
    if len(words) < different:
        raise no_number(column, part, words[0], about, called)
    if not 2 <= len(words) <= MOST_TEXTS:
        raise DataError(
            f"{about}column {quoted(column)} ({PARTS[part]}) has {len(words)} different texts",
            remedy=f"2 to {MOST_TEXTS} become indicators; group them first.",
        )


def coding_note(column: str, texts: Sequence[str]) -> str:
    """How a column of texts was coded."""
    words = sorted(set(texts))
    return f"{column} is coded by indicators of {listed(words[1:])}, against {words[0]}"


def no_number(column: str, part: str, text: str, about: str = "", called: str = "") -> DataError:
    """Of a text where a number is needed."""
    return DataError(
        f"{about}column {quoted(column)} ({PARTS[part]}) holds {quoted(text)}, which is not a number",
        remedy=f"Code it in numbers, or make it 0 and 1: --dichotomize {quoted(f'{called or part}={text}')}.",
    )
