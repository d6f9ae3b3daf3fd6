"""What the caller says about values: ``Y=cut(1,3)``, ``Y=quantiles(4)``, ``A=values(treated=1, else=0)``, ``R=there``.

One grammar for variables and covariates, on the command line and in Python.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from boundgen.data.options import Operator, WrittenOption, texts_of
from boundgen.data.quoting import in_quotes, is_quoted, parts, split_once, unquoted
from boundgen.data.texts import as_number
from boundgen.errors import DataError, quoted

MOST_LEVELS = 100
RULE = re.compile(r"\s*(cut|quantiles|values)\s*\((.*)\)\s*", re.DOTALL)
LIMIT = re.compile(r"\s*(>=|>)?\s*(.+?)\s*", re.DOTALL)
THERE, ELSE = "there", "else"
GRAMMAR = "Write V=cut(1,3,5), V=quantiles(4), V=values(treated=1, control=0) or V=there."


@dataclass(frozen=True)
class CutPoint:
    """``3`` and ``>3``: above it begins the next level; ``>=3``: at it."""

    operator: Operator
    number: float

    def is_passed(self, number: float) -> bool:
        """Whether a number is in a level behind this limit."""
        return number >= self.number if self.operator == ">=" else number > self.number


@dataclass(frozen=True)
class CutAt:
    """``cut(1,3,5)``: up to 1, above it up to 3, above it up to 5, above 5."""

    limits: tuple[CutPoint, ...]

    def level(self, number: float) -> int:
        """The level of a number, from 0."""
        return sum(limit.is_passed(number) for limit in self.limits)

    @property
    def names(self) -> tuple[str, ...]:
        """The levels as intervals: ``(-inf, 12]``, ``(12, inf)``."""
        ends = [f"{limit.number:.15g}" for limit in self.limits]
        low = ["(-inf", *(f"{'[' if m.operator == '>=' else '('}{e}" for m, e in zip(self.limits, ends, strict=True))]
        high = [*(f"{e}{')' if m.operator == '>=' else ']'}" for m, e in zip(self.limits, ends, strict=True)), "inf)"]
        return tuple(f"{one}, {other}" for one, other in zip(low, high, strict=True))


@dataclass(frozen=True)
class Quantiles:
    """``quantiles(4)``: levels of as many units as the ties allow, lowest first."""

    count: int


@dataclass(frozen=True)
class NewValues:
    """``values(treated=1, control=0)``: what values and labels become; the others stay, or are what `other` says."""

    pairs: tuple[tuple[str, str], ...]
    other: str | None = None


@dataclass(frozen=True)
class There:
    """``there``: whether the column holds a value."""


Rule = CutAt | Quantiles | NewValues | There


@dataclass(frozen=True)
class Recode:
    """How the values of a variable or of a covariate are made of those of its column."""

    name: str
    rule: Rule


def recodes(written: WrittenOption | Mapping[str, Any]) -> tuple[Recode, ...]:
    """``"Y=cut(1,3,5), A=values(treated=1)"``, several of them, or a mapping of names to rules.

    >>> [one.name for one in recodes({"Y": "cut(1,3)", "A": {"treated": 1, "control": 0}})]
    ['Y', 'A']
    >>> recodes("A=values('1st class'=1, else=0)")[0].rule
    NewValues(pairs=(('1st class', '1'),), other='0')

    Raises
    ------
    DataError
        For what is no rule, and for names that are recoded twice.
    """
    found = tuple(_recodes(written))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{quoted(name)} is recoded twice", remedy="Say it once.")
    return found


def _recodes(written: WrittenOption | Mapping[str, Any]) -> Iterator[Recode]:
    if isinstance(written, Mapping):
        for name, rule in written.items():
            yield Recode(str(name), _mapped(rule) if isinstance(rule, Mapping) else _rule(str(rule), str(rule)))
        return
    if not isinstance(written, str | Sequence) or not all(isinstance(text, str) for text in written):
        raise DataError(f"{quoted(written)} recodes nothing", remedy=GRAMMAR)
    for text in texts_of(written):
        for part in parts(text, ","):
            name, rule = split_once(part, "=")
            if not name or not rule:
                raise DataError(f"{quoted(text)} recodes nothing", remedy=GRAMMAR)
            yield Recode(unquoted(name), _rule(rule, text))


def _mapped(rule: Mapping[Any, Any]) -> NewValues:
    """``{"treated": 1, "control": 0}``; None is a value that is missing."""
    pairs = {str(old): "" if new is None else str(new) for old, new in rule.items()}
    other = pairs.pop(ELSE, None)
    return NewValues(tuple(pairs.items()), other)


def _rule(text: str, whole: str) -> Rule:
    if text.strip() == THERE:
        return There()
    match = RULE.fullmatch(text)
    if not match:
        raise DataError(f"{quoted(whole)} says no rule for values", remedy=GRAMMAR)
    given = [part for part in parts(match[2], ",") if part]
    if not given:
        raise DataError(f"{quoted(whole)} says no rule for values", remedy=GRAMMAR)
    if match[1] == "cut":
        return _cut_at(given, whole)
    return _quantiles(given, whole) if match[1] == "quantiles" else _values(given, whole)


def _cut_at(given: list[str], whole: str) -> CutAt:
    limits = []
    for text in given:
        match = LIMIT.fullmatch(text)
        number = as_number(match[2]) if match else None
        if match is None or number is None:
            raise DataError(f"{quoted(text)} in {quoted(whole)} is no number to cut at", remedy="Write cut(1,3,5).")
        limits.append(CutPoint(cast(Operator, match[1] or ">"), number))
    if any(one.number >= other.number for one, other in itertools.pairwise(limits)):
        raise DataError(f"the numbers in {quoted(whole)} do not rise", remedy="Write the lowest first: cut(1,3,5).")
    if len(limits) >= MOST_LEVELS:
        raise DataError(f"{quoted(whole)} makes {len(limits) + 1} levels", remedy=f"At most {MOST_LEVELS}.")
    return CutAt(tuple(limits))


def _quantiles(given: list[str], whole: str) -> Quantiles:
    (first, *more) = given
    if more or not (first.isascii() and first.isdecimal()) or not 2 <= int(first[:4]) <= MOST_LEVELS:
        raise DataError(
            f"{quoted(whole)} does not say how many levels",
            remedy=f"Write quantiles(4) for quarters: 2 to {MOST_LEVELS} levels.",
        )
    return Quantiles(int(first))


def _values(given: list[str], whole: str) -> NewValues:
    pairs: dict[str, str] = {}
    other = None
    for text in given:
        olds, new = split_once(text, "=")
        if not olds or new is None or new == "":
            raise DataError(f"{quoted(text)} in {quoted(whole)} is no OLD=NEW", remedy="Write values(treated=1).")
        for old in parts(olds, "|"):
            if old == ELSE and not is_quoted(old):
                other = unquoted(new)
                continue
            if unquoted(old) in pairs:
                raise DataError(
                    f"{quoted(whole)} says twice what {quoted(unquoted(old))} becomes", remedy="Say it once."
                )
            pairs[unquoted(old)] = unquoted(new)
    if not pairs:
        raise DataError(f"{quoted(whole)} names no value", remedy="Write values(treated=1, else=0).")
    return NewValues(tuple(pairs.items()), other)


def label_in_rule(text: str) -> str:
    """A value as a rule names it, in quotation marks where it needs them."""
    return text if re.fullmatch(r"[\w.+-]+", text) and text != ELSE else in_quotes(text)


def rule_text(rule: Rule) -> str:
    """A rule in a note: where a column was cut, and which values became others.

    >>> rule_text(CutAt((CutPoint(">", 1.0), CutPoint(">=", 3.0)))), rule_text(There())
    ('cut above 1, at 3', 'whether it is there')
    """
    if isinstance(rule, There):
        return "whether it is there"
    if isinstance(rule, CutAt):
        return "cut " + ", ".join(
            f"{'at' if one.operator == '>=' else 'above'} {one.number:.15g}" for one in rule.limits
        )
    if isinstance(rule, Quantiles):
        return f"{rule.count} levels by quantiles"
    said = [f"{old} becomes {new or 'missing'}" for old, new in rule.pairs]
    return ", ".join([*said, *([] if rule.other is None else [f"others {rule.other}"])])
