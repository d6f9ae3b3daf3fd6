"""Events out of totals, ``deaths`` of ``n`` in each group, as counts of units with and without the event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from boundgen.data.amounts import plain_word
from boundgen.data.quoting import split_once, unquoted
from boundgen.data.table import Chunk, Table
from boundgen.data.tally import count_value
from boundgen.data.texts import Text, is_missing, listed
from boundgen.errors import DataError, quoted
from boundgen.language.model import Model
from boundgen.language.variables import Variable
from boundgen.work.limits import Report

EVENTS = frozenset(
    """event|events|n events|no of events|number of events|deaths|died|success|successes|responders|positive|positives|
    affected|cases|ereignisse|evenements|eventos|eventi""".replace("\n    ", "").split("|")
)
TOTALS = frozenset(
    """total|totals|n|n total|at risk|n at risk|number at risk|trials|denominator|group size|sample size|patients|
    participants|randomized|randomised|gesamt|totale""".replace("\n    ", "").split("|")
)


@dataclass(frozen=True)
class EventColumns:
    """Which columns say how many units of a group have the second value of a variable, and how many there are."""

    variable: Variable
    column: str
    events: str
    totals: str

    @property
    def counts(self) -> str:
        """The column of counts that is made of them."""
        return f"{self.events} of {self.totals}"


def event_columns(
    model: Model, table: Table, variables: Sequence[tuple[str, str]], events: str | None, totals: str | None
) -> EventColumns | None:
    """Events and totals, as they are named, or by their names where one variable has no column; None for neither.

    Parameters
    ----------
    model : Model
    table : Table
    variables : sequence of (variable, column)
        What is observed, and where it is looked for.
    events, totals : str or None
        ``"deaths"``, or ``"Y=deaths"``; ``"n"``.

    Raises
    ------
    DataError
        Where only one of both is named, or nothing says what the events are of.
    """
    if events is None and totals is None:
        return _recognised(model, table, variables)
    if events is None or totals is None:
        raise DataError("--events and --totals belong together", remedy="Name both columns.")
    events, totals = str(events), str(totals)
    before, behind = split_once(events, "=", names=True)
    column = unquoted(before if behind is None else behind)
    totals = unquoted(totals)
    if column not in table.columns and totals not in table.columns:
        return None
    table.check(column, " for events", "")
    table.check(totals, " for totals", "")
    if behind is not None:
        where = dict(variables)
        if unquoted(before) not in where:
            raise DataError(
                f"the model observes no variable {quoted(unquoted(before))}", remedy=f"observed: {listed([*where])}"
            )
        return _checked(model, table, unquoted(before), where[unquoted(before)], column, totals)
    able = [one for one in variables if one[1] == column] or _without_column(table, variables)
    if len(able) != 1:
        raise DataError(
            f"{table.name}: nothing says which variable column {quoted(column)} counts events of",
            remedy=f"Say it: --events VARIABLE={column}.",
        )
    return _checked(model, table, *able[0], column, totals)


def _without_column(table: Table, variables: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one in dict.fromkeys(variables) if one[1] not in table.columns]


def _recognised(model: Model, table: Table, variables: Sequence[tuple[str, str]]) -> EventColumns | None:
    absent = _without_column(table, variables)
    used = {column for _, column in variables}
    free = [column for column in table.columns if column not in used]
    events = [column for column in free if plain_word(column) in EVENTS]
    totals = [column for column in free if plain_word(column) in TOTALS]
    if len(absent) != 1 or len(events) != 1 or len(totals) != 1 or not _is_two(model, absent[0][0]):
        return None
    return EventColumns(model.by_name[absent[0][0]], absent[0][1], events[0], totals[0])


def _is_two(model: Model, name: str) -> bool:
    return len(model.by_name[name].domain) == 2 and not model.by_name[name].bounded


def _checked(model: Model, table: Table, name: str, column: str, events: str, totals: str) -> EventColumns:
    variable = model.by_name[name]
    if len(variable.domain) != 2 or variable.bounded:
        raise DataError(
            f"{table.name}: {quoted(name)} has not two values, so events do not say which",
            remedy="Only a variable with two values has events, which are its second value.",
        )
    return EventColumns(variable, column, events, totals)


def with_events(table: Table, group: EventColumns) -> Table:
    """The table with two rows for each: units with the event, and without."""
    low, high = (str(value) for value in group.variable.domain)
    made = (group.column, group.counts)

    def chunks(columns: Sequence[str], report: Report) -> Iterator[Chunk]:
        stored = list(dict.fromkeys(column for column in columns if column not in made))
        for *chunk, events, totals in table.chunks([*stored, group.events, group.totals], report):
            rows = range(len(events))
            kept = [i for i in rows if not _is_empty([events[i], totals[i], *(texts[i] for texts in chunk)])]
            pairs = [_numbers(table, group, events[i], totals[i]) for i in kept]
            held: dict[str, list[Text]] = {
                name: [texts[i] for i in kept for _ in range(2)] for name, texts in zip(stored, chunk, strict=True)
            }
            held[group.column] = [value for _ in kept for value in (high, low)]
            held[group.counts] = [str(n) for pair in pairs for n in pair]
            yield [held[column] for column in columns]

    note = f"{group.variable.name} is {high} for {group.events}, of {group.totals}"
    columns = tuple(dict.fromkeys((*table.columns, *made)))
    return replace(table, columns=columns, chunks=chunks, notes=(*table.notes, note), counts=group.counts)


def _is_empty(texts: Sequence[Text]) -> bool:
    """Spreadsheets leave empty rows below."""
    return all(map(is_missing, texts))


def _numbers(table: Table, group: EventColumns, events: Text, totals: Text) -> tuple[int, int]:
    numbers = []
    for column, text in ((group.events, events), (group.totals, totals)):
        number = None if text is None else count_value(text.strip())
        if number is None:
            raise DataError(
                f"{table.name}: {quoted(text or '')} in column {quoted(column)} is not a count",
                remedy="Counts are integers, zero or more.",
            )
        numbers.append(number)
    if numbers[0] > numbers[1]:
        raise DataError(
            f"{table.name}: {numbers[0]} in column {quoted(group.events)} is more than {numbers[1]} in column "
            f"{quoted(group.totals)}",
            remedy="Events are some of the units of the same row.",
        )
    return numbers[0], numbers[1] - numbers[0]
