"""Which file serves which `observe` statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boundgen.data.cells_file import CELL, CellAmounts, read_cells
from boundgen.data.roles import Options, observed_variables
from boundgen.data.sources import DataFile, has_columns, statements_text
from boundgen.errors import DataError
from boundgen.language.model import Model
from boundgen.strata.cells import Arm
from boundgen.work.limits import Report


def served_by(
    model: Model, model_arms: Sequence[Arm], files: Sequence[DataFile], options: Options, report: Report
) -> list[tuple[DataFile, list[int], CellAmounts | None]]:
    """Each file with its statements; those that repeat another need no data."""
    numbers = list(dict.fromkeys(model_arm.observation for model_arm in model_arms))
    cells = [_cells(model, model_arms, file, report) for file in files]
    owners = {file.statement: i for i, file in enumerate(files) if file.statement is not None}
    if len(owners) < sum(file.statement is not None for file in files):
        raise DataError("an observe statement was given two files", remedy="Pool them in one.")
    free = [i for i, file in enumerate(files) if file.statement is None]
    for number in numbers:
        if number not in owners:
            owners[number] = _owner(model, model_arms, files, cells, free, owners, number, options)
    served = [(file, [n for n in numbers if owners[n] == i], cells[i]) for i, file in enumerate(files)]
    for file, own, _ in served:
        if not own:
            raise DataError(f"{file.table.name}: no observe statement needs it", remedy=statements_text(model))
    return served


def _cells(model: Model, model_arms: Sequence[Arm], file: DataFile, report: Report) -> CellAmounts | None:
    if not file.holds_cells:
        return None
    file.table.check(CELL, "", "")
    return read_cells(model, model_arms, file.table, file.kind, file.amount_column or "", report)


def _owner(
    model: Model,
    model_arms: Sequence[Arm],
    files: Sequence[DataFile],
    cells: Sequence[CellAmounts | None],
    free: Sequence[int],
    owners: Mapping[int, int],
    number: int,
    options: Options,
) -> int:
    """The file that serves a statement for which none was named.

    A law comes from the file of the statement before it, which may be one statement with it: P(X, Y, Z).

    Raises
    ------
    DataError
    """
    if len(free) == 1:
        return free[0]
    is_law = any(arm.law and arm.observation == number for arm in model_arms)
    pools = (free, range(len(files))) if is_law else (free,)
    able: list[int] = []
    for pool in pools:
        able = able or [i for i in pool if _is_able(model, model_arms, files[i], cells[i], number, options)]
    if len(able) == 1:
        return able[0]
    if is_law and owners.get(number - 1) in able:
        return owners[number - 1]
    what = f"observe statement {number + 1} ({', '.join(observed_variables(model, number))})"
    names = " and ".join(files[i].table.name for i in able)
    raise DataError(
        f"{names} could both serve {what}" if able else f"no file serves {what}",
        remedy=f"Say which: {number + 1}=FILE.",
    )


def _is_able(
    model: Model, model_arms: Sequence[Arm], file: DataFile, cells: CellAmounts | None, number: int, options: Options
) -> bool:
    if cells is not None:
        own = {cell.name for model_arm in model_arms if model_arm.observation == number for cell in model_arm.cells}
        return not own.isdisjoint(cells.cells)
    return has_columns(model, file.table, number, options)
