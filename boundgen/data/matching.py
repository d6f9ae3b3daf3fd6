"""What the text in a column means: a value of the declared domain, whether it is above a cut, whether a row is used.

A `Coder` holds the meaning of every text that it has met, so that a column costs one look-up per row.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from boundgen.data.options import Cut, Operator, RowFilter
from boundgen.data.texts import Text, exact_number, is_missing, label_text, looks_numeric, number_or_truth
from boundgen.errors import DataError, quoted
from boundgen.language.expressions import Value
from boundgen.language.values import number_value
from boundgen.language.variables import Variable

MOST_KEPT = 100_000
MOST_UNKNOWN = 50
LONGEST_SHOWN = 80
MOST_COVARIATE_VALUES = 1000
OTHERS = "others"
COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Missing(Enum):
    """No value where one is expected."""

    MISSING = "missing"


@dataclass(frozen=True)
class Unknown:
    """A value that the model does not declare."""

    text: str


MISSING = Missing.MISSING
Code = Value | Missing | Unknown
ValueLabels = Mapping[str, str]


class Coder(dict[Text, Code]):
    """The code of each text of a column; texts are looked at when they are first met."""

    def __init__(
        self, meaning: Callable[[str], Value | Missing | None], keeps: Callable[[str], bool] = lambda _: False
    ) -> None:
        super().__init__()
        self._meaning, self._keeps = meaning, keeps
        self._unknown: set[str] = set()

    def __missing__(self, text: Text) -> Code:
        found = self[text] = self._code(text)
        return found

    def _code(self, text: Text) -> Code:
        if text is None or (is_missing(text) and not self._keeps(text.strip())):
            return MISSING
        value = self.of_text(text)
        return self._stranger(text.strip()) if value is None else value

    def of_text(self, text: str) -> Value | Missing | None:
        """What a text that is there means; None where it means nothing."""
        return self._meaning(text.strip())

    def _stranger(self, text: str) -> Unknown:
        """Columns of the wrong kind hold very many strange values; only some of them are told apart."""
        if len(self._unknown) < MOST_UNKNOWN:
            self._unknown.add(text)
        return Unknown(text if text in self._unknown else OTHERS)

    def column(self, texts: list[Text]) -> list[Code]:
        """The codes of one chunk of a column."""
        if len(self) > MOST_KEPT:
            self.clear()
        return list(map(self.__getitem__, texts))


def domain_coder(variable: Variable, labels: ValueLabels) -> Coder:
    """Numbers are matched exactly (``1``, ``1.0``, ``true``; ``.5``, ``1/2``), names by text, or by their Stata label.

    What is no identifier (``high school``) matches one with underscores (``high_school``) too.
    """
    names = {value: value for value in variable.domain if isinstance(value, str)}
    numbers = {Fraction(value): value for value in variable.domain if not isinstance(value, str)}

    def meaning(text: str) -> Value | None:
        for written in (text, labels.get(text, text)):
            found = names.get(written) or names.get(re.sub(r"\W+", "_", written))
            if found is not None:
                return found
        number = exact_number(text)
        return None if number is None else numbers.get(number)

    return Coder(meaning, names.__contains__)


def bounded_coder(variable: Variable) -> Coder:
    """Numbers between the ends of a bounded outcome, exactly."""
    low, high = variable.domain
    assert not isinstance(low, str)
    assert not isinstance(high, str)

    def meaning(text: str) -> Value | None:
        number = exact_number(text)
        return number_value(number) if number is not None and low <= number <= high else None

    return Coder(meaning)


def cut_coder(cut: Cut, variable: Variable, labels: ValueLabels) -> Coder:
    """The second of two values where the column compares as the cut says."""
    if len(variable.domain) != 2:
        raise DataError(
            f"{quoted(cut.variable)} has {len(variable.domain)} values, so it cannot be dichotomized",
            remedy="Only a variable with two values can.",
        )
    low, high = variable.domain
    test = comparison(cut.operator, cut.value, labels)
    if test is None:
        raise DataError(f"{quoted(cut.variable)} is compared with {quoted(cut.value)}, which is not a number")

    def meaning(text: str) -> Value | None:
        found = test(text)
        return None if found is None else high if found else low

    return Coder(meaning)


def filter_coder(row_filter: RowFilter, labels: ValueLabels) -> Coder:
    """1 where the row is used; a missing value meets no filter."""
    test = comparison(row_filter.operator, row_filter.value, labels)
    if test is None:
        raise DataError(f"{quoted(row_filter)} compares with {quoted(row_filter.value)}, which is not a number")

    def meaning(text: str) -> Value | None:
        _refuse_odd_number(row_filter, text)
        return int(bool(test(text)))

    return Coder(meaning)


def covariate_coder() -> Coder:
    """Every text is a value of its own, as long as there are not very many."""
    met: set[str] = set()

    def meaning(text: str) -> Value | None:
        label = label_text(text)
        if len(met) < MOST_COVARIATE_VALUES:
            met.add(label)
        return label if label in met else None

    return Coder(meaning)


def comparison(op: Operator, value: str, labels: ValueLabels) -> Callable[[str], bool | None] | None:
    """A test of texts that is None where a text cannot be compared; None where the value cannot be."""
    threshold = number_or_truth(value)

    def ordered(text: str) -> bool | None:
        number = number_or_truth(text)
        return None if number is None or threshold is None else COMPARE[op](number, threshold)

    def equal(text: str) -> bool | None:
        number = number_or_truth(text)
        same = value in (text, labels.get(text)) or (number is not None and number == threshold)
        unread = threshold is not None and number is None and looks_numeric(text)
        return None if unread and not same else same == (op == "=")

    if op in ("=", "!="):
        return equal
    return ordered if threshold is not None else None


def _refuse_odd_number(row_filter: RowFilter, text: str) -> None:
    """A number that is not read would fail every comparison, and its row would be left out without a word."""
    if number_or_truth(row_filter.value) is not None and number_or_truth(text) is None and looks_numeric(text):
        raise DataError(
            f"'{text[:LONGEST_SHOWN]}' in column '{row_filter.column}' cannot be compared, as '{row_filter}' asks",
            remedy="Write numbers with a decimal point, and without separators of thousands.",
        )
