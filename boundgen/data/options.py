"""What the caller says about columns, as frozen values: ``A=treat``, ``manip=0``, ``M>7``, ``g=0:1:0.1``."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, Literal, cast

from boundgen.data.quoting import in_quotes, parts, split_once, unquoted
from boundgen.errors import DataError, quoted
from boundgen.exact.rational import rational, shown

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
WrittenOption = str | Sequence[str] | Mapping[str, Any]
MOST_CHOICES = 100_000
MOST_COLUMN_CHOICES = 40
SCOPED = re.compile(r"\s*([0-9]{1,9})\s*:\s*(.+)", re.DOTALL)
OPERATORS = ("=", "!=", "<", ">")
COMPARISON = re.compile(r"\s*(.+?)\s*(!=|<=|>=|==|=|<|>)\s*(.+?)\s*", re.DOTALL)


@dataclass(frozen=True)
class ColumnName:
    """``A=treat``: where a variable is found; `statement` counts from 0, None is all of them."""

    statement: int | None
    variable: str
    column: str

    def __str__(self) -> str:
        """As an option, whatever stands in the names."""
        scope = "" if self.statement is None else f"{self.statement + 1}: "
        return f"{scope}{in_quotes(self.variable)}={in_quotes(self.column)}"


@dataclass(frozen=True)
class RowFilter:
    """``manip=0``: which rows are used."""

    statement: int | None
    column: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        return f"{self.column}{self.operator}{self.value}"


@dataclass(frozen=True)
class Cut:
    """``M>7``: a variable with two values has the second where its column compares so, else the first."""

    variable: str
    operator: Operator
    value: str

    @property
    def at_median(self) -> bool:
        return self.value == "median"


def column_names(
    written: WrittenOption | Mapping[str, str] | Sequence[str | Mapping[str, str]],
) -> tuple[ColumnName, ...]:
    """``"A=treat,M=anger"``, several of them, or a mapping.

    >>> [(name.variable, name.column) for name in column_names("A=treat, Y='vote, 2nd wave'")]
    [('A', 'treat'), ('Y', 'vote, 2nd wave')]
    """
    if isinstance(written, Mapping):
        return tuple(ColumnName(None, variable, str(column)) for variable, column in written.items())
    if isinstance(written, list | tuple) and any(isinstance(one, Mapping) for one in written):
        return tuple(name for one in written for name in column_names(one))
    found = []
    for text in texts_of(cast(WrittenOption, written)):
        statement, rest = scoped(text)
        for part in parts(rest, ",", names=True):
            variable, column = split_once(part, "=", names=True)
            if not variable or not column:
                raise DataError(
                    f"{quoted(text)} does not name columns",
                    remedy="Write VARIABLE=COLUMN,VARIABLE=COLUMN.",
                )
            found.append(ColumnName(statement, unquoted(variable), unquoted(column)))
    return tuple(found)


def column_choices(written: WrittenOption | Mapping[str, str | Sequence[str]]) -> list[tuple[ColumnName, ...]]:
    """Every choice of one column for each variable, of which several may be named for one.

    >>> [[f"{name.variable}={name.column}" for name in choice] for choice in column_choices("A=treat,M=anger,fear")]
    [['A=treat', 'M=anger'], ['A=treat', 'M=fear']]

    Raises
    ------
    DataError
        For a column that no variable is named for, and more choices than a table can hold.
    """
    found: dict[tuple[int | None, str], list[str]] = {}
    for statement, variable, column in _named_columns(written):
        several = found.setdefault((statement, variable), [])
        if column not in several:
            several.append(column)
    names = [[ColumnName(*key, column) for column in several] for key, several in found.items()]
    if prod(map(len, names)) > MOST_COLUMN_CHOICES:
        raise DataError(
            f"{prod(map(len, names))} choices of columns", remedy=f"At most {MOST_COLUMN_CHOICES}: name fewer columns."
        )
    return list(itertools.product(*names))


def _named_columns(
    written: WrittenOption | Mapping[str, str | Sequence[str]],
) -> Iterable[tuple[int | None, str, str]]:
    """Statement, variable and column; a column without a variable belongs to the variable before it."""
    if isinstance(written, Mapping):
        yield from ((None, variable, column) for variable, given in written.items() for column in texts_of(given))
        return
    for text in texts_of(written):
        statement, rest = scoped(text)
        variable = ""
        for part in parts(rest, ",", names=True):
            before, after = split_once(part, "=", names=True)
            variable, column = (unquoted(before), after) if after is not None else (variable, before)
            if not variable or not column:
                raise DataError(
                    f"{quoted(text)} does not name columns",
                    remedy="Write VARIABLE=COLUMN,VARIABLE=COLUMN; several columns of one variable: M=COLUMN,COLUMN.",
                )
            yield statement, variable, unquoted(column)


def column_list(written: WrittenOption) -> tuple[str, ...]:
    """Columns by name.

    >>> column_list("sex, educ"), column_list(["sex", "educ"])
    (('sex', 'educ'), ('sex', 'educ'))
    """
    names = [unquoted(part) for text in texts_of(written) for part in parts(text, ",", names=True)]
    if not all(names):
        raise DataError(f"'{','.join(names)}' does not name columns", remedy="Write COLUMN,COLUMN.")
    if len(set(names)) < len(names):
        raise DataError(f"'{','.join(names)}' names a column twice", remedy="Name each once.")
    return tuple(names)


def row_filters(written: WrittenOption) -> tuple[RowFilter, ...]:
    """``"manip=0"``, or several that a row must all meet."""
    return tuple(_row_filter(text) for text in texts_of(written))


def _row_filter(text: str) -> RowFilter:
    statement, rest = scoped(text)
    column, operator, value = _comparison(rest, text, "Write COLUMN=VALUE, or !=, <, <=, >, >= for =.")
    return RowFilter(statement, column, operator, value)


def cuts(written: WrittenOption) -> tuple[Cut, ...]:
    """``"M=median"``, ``"M>7"``; several for several variables."""
    found: list[Cut] = []
    for text in texts_of(written):
        for part in text.split(","):
            cut = Cut(*_comparison(part, text, "Write VARIABLE=median, VARIABLE>NUMBER or VARIABLE=VALUE."))
            if cut.variable in (other.variable for other in found):
                raise DataError(f"{quoted(cut.variable)} is dichotomized twice", remedy="Say it once.")
            found.append(cut)
    return tuple(found)


def scoped(text: str) -> tuple[int | None, str]:
    """``1: REST`` is about the first observe statement alone.

    >>> scoped("2: manip=1"), scoped("manip=1")
    ((1, 'manip=1'), (None, 'manip=1'))
    """
    match = SCOPED.fullmatch(text)
    return (int(match[1]) - 1, match[2].strip()) if match else (None, text.strip())


def _comparison(text: str, whole: str, remedy: str) -> tuple[str, Operator, str]:
    match = COMPARISON.fullmatch(text)
    if not match:
        raise DataError(f"{quoted(whole)} is not a comparison", remedy=remedy)
    operator = "=" if match[2] == "==" else match[2]
    return match[1], cast(Operator, operator), match[3]


def texts_of(written: WrittenOption) -> tuple[str, ...]:
    """Each text of an option that may be given several times; a mapping says what each name is to be.

    >>> texts_of({"M": "median", "A": "treated", "age": ">30"})
    ('M=median', 'A=treated', 'age>30')

    Raises
    ------
    DataError
        For what is no text.
    """
    if isinstance(written, str):
        return (written,)
    if isinstance(written, Mapping):
        return tuple(
            f"{name}{'' if str(value).startswith(OPERATORS) else '='}{value}" for name, value in written.items()
        )
    texts = tuple(written) if isinstance(written, Sequence) else (written,)
    for text in texts:
        if not isinstance(text, str):
            raise DataError(
                f"an option is of type {type(text).__name__}, not a text",
                remedy="Rows are chosen by where='age>30', columns named as 'COLUMN'; or change the table beforehand.",
            )
    return texts


def with_columns(written: Any, more: Sequence[Mapping[str, str]]) -> Any:
    """What was said of columns, and what was said by keywords."""
    return [*([written] if isinstance(written, str | Mapping) else written), *more] if more else written


def one_column(name: str, written: object) -> str | None:
    """The column that an option or a variable names; None where it names none.

    Raises
    ------
    DataError
        For what is no name.
    """
    if written is None or isinstance(written, str):
        return written
    if isinstance(written, int):
        return str(written)
    raise DataError(
        f"{name} is of type {type(written).__name__}, not the name of a column",
        remedy=f"Put it into the table as a column, and name that: {name}='COLUMN'.",
    )


# ---------------------------------------------------------------- values of parameters
def several_values(name: str, written: Any) -> Sequence[Any]:
    """The values that a caller gives a parameter: one, several, also in an array, or a grid ``0:0.3:0.1``."""
    if isinstance(written, str):
        return [value for part in written.split(",") for value in (_values(name, part) if ":" in part else [part])]
    if getattr(written, "ndim", 0):
        return list(written)
    return written if isinstance(written, Sequence) else [written]


def parameter_values(written: WrittenOption) -> dict[str, tuple[Fraction, ...]]:
    """``"gamma=0.1"``, ``"gamma=0,1/3"``, a grid ``"gamma=0:0.3:0.01"``, or several parameters.

    >>> parameter_values("g=0:1:0.5, h=1/3")
    {'g': (Fraction(0, 1), Fraction(1, 2), Fraction(1, 1)), 'h': (Fraction(1, 3),)}
    """
    found: dict[str, tuple[Fraction, ...]] = {}
    name = ""
    for text in texts_of(written):
        for part in text.split(","):
            before, equals, after = (piece.strip() for piece in part.partition("="))
            name = before if equals else name
            value = after if equals else before
            if not name or not value:
                raise DataError(
                    f"{quoted(text)} gives no parameter a value", remedy="Write NAME=VALUE or NAME=LOW:HIGH:STEP."
                )
            found[name] = (*found.get(name, ()), *_values(name, value))
        name = ""
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


def _values(name: str, text: str) -> tuple[Fraction, ...]:
    """One number, or every step from the low to the high end, both included."""
    ends = [rational(part, name, remedy="Write a number: 0.1 or 1/10.") for part in text.split(":")]
    if len(ends) == 1:
        return (ends[0],)
    if len(ends) != 3:
        raise DataError(f"{quoted(f'{name}={text}')} is not a grid", remedy="Write NAME=LOW:HIGH:STEP.")
    low, high, step = ends
    if step <= 0 or high < low:
        raise DataError(
            f"the grid {quoted(f'{name}={text}')} has no values", remedy="LOW is at most HIGH, and STEP above zero."
        )
    steps = (high - low) // step
    if steps >= MOST_CHOICES:
        raise DataError(
            f"the grid {quoted(f'{name}={text}')} has {shown(int(steps) + 1)} values", remedy=f"At most {MOST_CHOICES}."
        )
    return tuple(low + i * step for i in range(steps + 1))


def choices(values: Mapping[str, Sequence[Fraction]]) -> Iterable[dict[str, Fraction]]:
    """Every choice of one value for each parameter."""
    names = list(values)
    size = 1
    for name in names:
        size *= len(values[name])
    if size > MOST_CHOICES:
        raise DataError(f"the parameters have {size} choices of values", remedy=f"At most {MOST_CHOICES}.")
    return (dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*values.values()))
