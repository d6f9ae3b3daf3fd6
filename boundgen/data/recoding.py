"""Recodes at a column: quantiles become numbers, and texts become values of a variable or names of levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.data.cuts import numbers_used
from boundgen.data.matching import MISSING, Code, Coder, Missing, ValueLabels, bounded_coder, domain_coder
from boundgen.data.median import quantile
from boundgen.data.options import RowFilter
from boundgen.data.recodes import CutAt, CutPoint, NewValues, Quantiles, Recode, There
from boundgen.data.table import Table
from boundgen.data.texts import Text, is_missing, label_text, listed, number_or_truth
from boundgen.errors import DataError, quoted
from boundgen.language.values import Value, values_text
from boundgen.language.variables import Variable
from boundgen.work.limits import Report

MOST_SHOWN = 12


def with_limits(
    table: Table, column: str, recode: Recode, filters: Sequence[RowFilter], count_column: str | None, report: Report
) -> Recode:
    """Quantiles as numbers to cut at: those of the rows that are used, whatever their weights.

    Raises
    ------
    DataError
        If the column has no numbers, or so few different ones that levels fall together.
    """
    if not isinstance(recode.rule, Quantiles):
        return recode
    count = recode.rule.count
    limits = []
    for place in range(1, count):
        found = quantile(lambda: numbers_used(table, column, filters, count_column, report), Fraction(place, count))
        if found is None:
            raise DataError(f"{table.name}: column {quoted(column)} has no numbers, so no quantiles")
        limits.append(found)
    if len(set(limits)) < len(limits):
        shown = ", ".join(f"{limit:.6g}" for limit in limits)
        raise DataError(
            f"{table.name}: the limits of {count} levels of {quoted(column)} fall together: {shown}",
            remedy=f"Use fewer levels, or say where to cut: {recode.name}=cut(NUMBER,NUMBER).",
        )
    return replace(recode, rule=CutAt(tuple(CutPoint(">", limit) for limit in limits)))


# ---------------------------------------------------------------- values of variables
class ThereCoder(Coder):
    """One value where the column holds something, and another where it does not."""

    def __init__(self, there: Value, absent: Value) -> None:
        super().__init__(lambda _: there)
        self._absent = absent

    def _code(self, text: Text) -> Code:
        found = super()._code(text)
        return self._absent if isinstance(found, Missing) else found


def variable_coder(recode: Recode, variable: Variable, labels: ValueLabels, there: Value | None = None) -> Coder:
    """The values of a variable, made of the texts of a column.

    Parameters
    ----------
    recode : Recode
        Without quantiles.
    variable : Variable
    labels : mapping of text to label
    there : value, optional
        The value of an indicator where the column is not empty; without it the second of its two.

    Raises
    ------
    DataError
        For rules that make other values, or another number of them, than the variable has.
    """
    if variable.bounded and not isinstance(recode.rule, NewValues):
        raise DataError(
            f"{quoted(variable.name)} has every value between its ends, so a recode makes no levels of it",
            remedy=f"Declare levels, {variable.name} in {{0, 1}}, or recode values: {variable.name}=values(-99=NA).",
        )
    if isinstance(recode.rule, There):
        return _there_coder(variable, there)
    if isinstance(recode.rule, CutAt):
        return _cut_coder(recode.rule, variable)
    assert isinstance(recode.rule, NewValues)
    return _values_coder(recode.rule, variable, labels)


def _there_coder(variable: Variable, there: Value | None) -> Coder:
    if len(variable.domain) != 2:
        raise DataError(
            f"{quoted(variable.name)} has {len(variable.domain)} values, so it does not say whether a value is there",
            remedy="Only a variable with two values can.",
        )
    low, high = variable.domain
    seen = high if there is None else there
    return ThereCoder(seen, low if seen == high else high)


def _cut_coder(rule: CutAt, variable: Variable) -> Coder:
    if len(variable.domain) != len(rule.names):
        raise DataError(
            f"{quoted(variable.name)} has {len(variable.domain)} values, and the cut makes {len(rule.names)}",
            remedy="One number fewer than there are values cuts them apart.",
        )

    def meaning(text: str) -> Value | None:
        number = number_or_truth(text)
        return None if number is None else variable.domain[rule.level(number)]

    return Coder(meaning)


def _values_coder(rule: NewValues, variable: Variable, labels: ValueLabels) -> Coder:
    own = bounded_coder(variable) if variable.bounded else domain_coder(variable, {})
    plain = own if variable.bounded else domain_coder(variable, labels)
    targets = {new: _target(own, new, variable) for new in (*dict(rule.pairs).values(), *_other(rule))}
    return ValuesCoder(rule, labels, lambda text, new: plain.of_text(text) if new is None else targets[new])


def _other(rule: NewValues) -> tuple[str, ...]:
    return () if rule.other is None else (rule.other,)


def _target(own: Coder, new: str, variable: Variable) -> Value | Missing:
    found = MISSING if is_missing(new) and new not in variable.domain else own.of_text(new)
    if found is None:
        domain = values_text(variable.domain)
        raise DataError(
            f"{quoted(new)} is no value of {quoted(variable.name)}, which is in "
            + (f"[{domain}]" if variable.bounded else f"{{{domain}}}"),
            remedy="Recode to values that the model declares, or to NA.",
        )
    return found


class Becoming:
    """What a text becomes by a rule; None for those that stay as they are.

    >>> become = Becoming(NewValues((("treated", "1"), ("2", "1"))), {"7": "treated"})
    >>> become("treated"), become("2.0"), become("7"), become("other")
    ('1', '1', '1', None)
    """

    def __init__(self, rule: NewValues, labels: ValueLabels) -> None:
        self._pairs, self._other, self._labels = {label_text(old): new for old, new in rule.pairs}, rule.other, labels
        self._idle = dict.fromkeys(self._pairs)
        self._others: dict[str, None] = {}

    def __call__(self, text: str) -> str | None:
        for written in (label_text(text), self._labels.get(text)):
            if written is not None and written in self._pairs:
                self._idle.pop(written, None)
                return self._pairs[written]
        if len(self._others) < MOST_SHOWN:
            self._others[text] = None
        return self._other

    def check(self, table: Table, column: str, name: str) -> None:
        """Refuse values that were never met: ``values(Yes=1, else=0)`` where the file says ``yes``.

        Raises
        ------
        DataError
        """
        if self._idle:
            others = f"; it holds {listed([*self._others])} too" if self._others else ""
            raise DataError(
                f"{table.name}: column {quoted(column)} nowhere holds {quoted(next(iter(self._idle)))}, "
                f"which --recode {name} names",
                remedy=f"Write values as they stand there, capitals too{others}.",
            )


class ValuesCoder(Coder):
    """NewValues by a rule that names texts, and that keeps in mind which it has met."""

    def __init__(
        self, rule: NewValues, labels: ValueLabels, value: Callable[[str, str | None], Value | Missing | None]
    ) -> None:
        self.becoming = become = Becoming(rule, labels)
        super().__init__(lambda text: value(text, become(text)), {old for old, _ in rule.pairs}.__contains__)


# ---------------------------------------------------------------- covariates
def level_coder(recode: Recode, labels: ValueLabels, numbered: bool = False) -> Coder:
    """The levels of a covariate as values of their own: texts, and intervals or their numbers from 0."""
    rule = recode.rule
    if isinstance(rule, There):
        return ThereCoder("1", "0")
    if isinstance(rule, CutAt):
        names = [str(i) for i in range(len(rule.names))] if numbered else rule.names

        def level(text: str) -> Value | None:
            number = number_or_truth(text)
            return None if number is None else names[rule.level(number)]

        return Coder(level)
    assert isinstance(rule, NewValues)

    def value(text: str, new: str | None) -> Value | Missing:
        return MISSING if new is not None and is_missing(new) else label_text(text if new is None else new)

    return ValuesCoder(rule, labels, value)
