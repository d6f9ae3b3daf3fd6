"""Whether a table holds micro-data, counts or probabilities, and in which column: by names, by values, or by asking.

A table of counts that is read as micro-data gives bounds of as many units as it has rows, and nothing looks wrong. So
what could be a table is never taken for micro-data: it is recognised, declared, or refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from boundgen.data.amount_words import is_index, possible_amounts, sure_amounts
from boundgen.data.table import Table
from boundgen.data.tables_of_counts import Read, table_column
from boundgen.data.tally import count_value, probability_value
from boundgen.data.texts import listed
from boundgen.errors import DataError
from boundgen.work.limits import Report


@dataclass(frozen=True)
class Said:
    """What the caller says about amounts.

    Parameters
    ----------
    kind : {"auto", "microdata", "counts", "probabilities"}
    counts, probabilities, weights : str or None
        Columns.
    takes_probabilities : bool
        Whether probabilities can be used.
    """

    kind: str
    counts: str | None = None
    probabilities: str | None = None
    weights: str | None = None
    takes_probabilities: bool = True

    def declared(self, columns: Sequence[str]) -> tuple[str, str] | None:
        """The kind and column that an option names, where the table has it."""
        named = {"counts": self.counts, "probabilities": self.probabilities}
        found = [(kind, column) for kind, column in named.items() if column is not None and column in columns]
        return found[0] if found else None


def kind_of(table: Table, read: Read, said: Said, report: Report) -> tuple[str, str | None]:
    """What a table holds, and the column of amounts; None for micro-data.

    Raises
    ------
    DataError
        Where it could be several, and for options that contradict each other.
    """
    _check_said(table, read, said)
    declared = said.declared(table.columns)
    if declared:
        return declared
    if said.kind == "microdata":
        return "microdata", None
    free = [column for column in table.columns if column not in {*read.all, *read.known}]
    if said.kind == "auto":
        return _guessed(table, read, said, [column for column in free if column != said.weights], report)
    return said.kind, _only(table, said.kind, free)


def _check_said(table: Table, read: Read, said: Said) -> None:
    if said.counts is not None and said.probabilities is not None:
        raise DataError("--counts and --probabilities exclude each other", remedy="Name one column.")
    for kind, column in (("counts", said.counts), ("probabilities", said.probabilities)):
        if column is None:
            continue
        if said.kind not in ("auto", kind):
            raise DataError(f"--{kind} and --kind {said.kind} exclude each other", remedy="Leave --kind out.")
        if column in (*read.all, *read.known):
            raise DataError(
                f"column '{column}' cannot be both what is analysed and the {kind}", remedy="Name another column."
            )
        if column in table.columns:
            table.check(column, f" for {kind}", "")


def _only(table: Table, kind: str, free: Sequence[str]) -> str:
    """The column of amounts, where their kind was said."""
    found = sure_amounts(free)[kind] or possible_amounts(free)[kind]
    if not found:
        raise DataError(
            f"{table.name}: no column is known to hold {kind}",
            remedy=f"Name it: --{kind} COLUMN; columns: {listed(table.columns)}",
        )
    if len(found) > 1:
        raise DataError(f"{table.name}: columns {listed(found)} could hold the {kind}", remedy=f"--{kind} COLUMN.")
    return found[0]


def _guessed(table: Table, read: Read, said: Said, free: Sequence[str], report: Report) -> tuple[str, str | None]:
    if said.weights:
        _refuse_counts_as_weights(table, read, said.weights, report)
        return "microdata", None
    sure, perhaps = sure_amounts(free), possible_amounts(free)
    amounts = [*sure["counts"], *sure["probabilities"]]
    beside = [column for column in free if column not in amounts and not is_index(column)]
    if amounts:
        if len(amounts) > 1 or beside:
            raise _which(table, said, amounts)
        return _by_values(table, amounts[0], "counts" if sure["counts"] else "probabilities", report), amounts[0]
    found = table_column(table, read, report)
    hinted = [*perhaps["counts"], *perhaps["probabilities"]]
    if len(hinted) == 1 and beside == hinted:
        if found is None:
            raise _which(table, said, hinted)
        return _by_values(table, hinted[0], "counts" if perhaps["counts"] else "probabilities", report), hinted[0]
    if found is not None:
        raise _table(table, read, said, found)
    return "microdata", None


def _by_values(table: Table, column: str, kind: str, report: Report) -> str:
    """R calls shares ``Freq`` too: numbers up to one that are not all counts are probabilities."""
    table.check(column, f" for {kind}", "")
    if kind == "probabilities":
        return kind
    texts = [(text or "").strip() for chunk in table.chunks([column], report) for text in set(chunk[0])]
    if all(count_value(text) is not None for text in texts):
        return kind
    return "probabilities" if all(probability_value(text) is not None for text in texts) else kind


def _refuse_counts_as_weights(table: Table, read: Read, weights: str, report: Report) -> None:
    """Weights are of single units: counts as weights would make a sample of as many units as there are rows."""
    counts = weights in sure_amounts([weights])["counts"]
    if counts and table.columns.count(weights) == 1 and table_column(table, read, report, (weights,)) is not None:
        raise DataError(
            f"{table.name}: column '{weights}' holds counts, not weights of units",
            remedy=f"--counts {weights}, or --kind microdata with --weights if each row is one unit.",
        )


def _which(table: Table, said: Said, amounts: Sequence[str]) -> DataError:
    beside = f"columns {listed(tuple(amounts))}" if len(amounts) > 1 else f"a column '{amounts[0]}' beside others"
    if not said.takes_probabilities:
        remedy = "Say it: --kind microdata or --counts COLUMN."
        return DataError(f"{table.name}: {beside}: are these micro-data or counts?", remedy=remedy)
    return DataError(
        f"{table.name}: {beside}: are these micro-data, counts or probabilities?",
        remedy="Say it: --kind microdata, --counts COLUMN or --probabilities COLUMN.",
    )


def _table(table: Table, read: Read, said: Said, column: str) -> DataError:
    return DataError(
        f"{table.name}: this looks like a table and not like micro-data: every combination of "
        f"{listed(read.all, 6)} stands there once, beside numbers in column '{column}'",
        remedy=f"Say what they are: --counts '{column}'"
        + (f" or --probabilities '{column}'; " if said.takes_probabilities else "; ")
        + "or --kind microdata, if each row is one unit.",
    )
