"""A table of canonical cell names with counts or probabilities -> arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.data.arms import no_rest
from boundgen.data.cell_names import CellName, name_of, parsed
from boundgen.data.joint import Joint
from boundgen.data.notes import KINDS
from boundgen.data.observed import SUM_ROUNDING, DataSource, ObservedArm, arms_apart, observed_arm, rescaled
from boundgen.data.table import Table
from boundgen.data.tally import Amount, count_value, probability_value
from boundgen.data.texts import listed
from boundgen.errors import DataError, quoted
from boundgen.exact.rational import rational
from boundgen.language.model import Model
from boundgen.language.values import value_text
from boundgen.strata.cells import Arm, mean_cells, shown_cells
from boundgen.strata.means import stand_in_values
from boundgen.work.limits import Report

CELL = "cell"
# A column that holds means beside probabilities.
VALUE = "value"
MOST_ROWS = 100_000


@dataclass(frozen=True)
class CellAmounts:
    """What a table says about cells by name.

    Parameters
    ----------
    name : str
        The file.
    kind : {"counts", "probabilities"}
    cells : mapping of canonical name to number
    beside : mapping of model_arm number to count
        Units of incomplete arms that are in none of the cells.
    """

    name: str
    kind: str
    cells: Mapping[str, Fraction]
    beside: Mapping[int, Fraction]


def read_cells(
    model: Model, model_arms: Sequence[Arm], table: Table, kind: str, amount_column: str, report: Report
) -> CellAmounts:
    """Look every name up.

    Raises
    ------
    DataError
        For names that are no cells of the model, names that stand twice, numbers that are none.
    """
    names = {name_of(name): name for name in shown_cells(model_arms)}
    means = {mean.name: mean for mean in mean_cells(model_arms)}
    if means and kind == "counts":
        raise DataError(
            f"{table.name}: counts of cells say nothing of {listed(list(means))}",
            remedy=f"Give probabilities and means, in a column 'probability' or '{VALUE}', or a row for each unit.",
        )
    cells: dict[str, Fraction] = {}
    beside: dict[int, Fraction] = {}
    joint: dict[bool, str] = {}
    for written, text in _rows(table, amount_column, report):
        plain = parsed(written)
        name = plain and _within_arm(plain, names, model_arms)
        if name and name.arm:
            joint.setdefault(name != plain, written)
        known = names.get(name) if name else None
        if known in means:
            amount = rational(text, f"{table.name}: the mean {known}")
        else:
            amount = _amount(table.name, kind, written, text)
        if known is not None:
            if known in cells:
                raise DataError(f"{table.name}: the cell {known} stands there twice", remedy="Give each cell once.")
            cells[known] = amount
            continue
        model_arm = _beside(model, model_arms, name) if name else None
        if model_arm is None:
            raise _unknown(table.name, written, model_arms)
        beside[model_arm] = beside.get(model_arm, Fraction(0)) + amount
    if True in joint and kind == "probabilities":
        _within_arms(model_arms, cells, beside, joint, table.name)
    if means:
        cells = _stand_ins(model_arms, cells, table.name)
    return CellAmounts(table.name, kind, cells, beside)


def _within_arm(name: CellName, names: Mapping[CellName, str], model_arms: Sequence[Arm]) -> CellName:
    """``P(Y=1, A=1)`` as ``P(Y=1 | A=1)``, where the model observes what stands in arms: a table of all variables."""
    if name in names or name.arm or name.mean:
        return name
    for model_arm in model_arms:
        arm = name_of(model_arm.cells[0].name)
        if arm.arm and arm.arm < name.event and arm.set_to == name.set_to and not model_arm.cells[0].selection:
            return CellName(name.event - arm.arm, arm.arm, name.set_to)
    return name


def _within_arms(
    model_arms: Sequence[Arm],
    cells: dict[str, Fraction],
    beside: dict[int, Fraction],
    joint: Mapping[bool, str],
    name: str,
) -> None:
    """Joint probabilities as those within each arm.

    Raises
    ------
    DataError
        Where some are joint and others not, and where they do not sum to one.
    """
    if False in joint:
        raise DataError(
            f"{name}: {joint[True]} is a joint probability, and {joint[False]} is not",
            remedy="Give joint probabilities of all cells, or those within each arm.",
        )
    own = [[cell.name for cell in model_arm.cells] for model_arm in model_arms]
    totals = [
        sum((cells.get(one, Fraction(0)) for one in each), beside.get(i, Fraction(0))) for i, each in enumerate(own)
    ]
    for observation in dict.fromkeys(model_arm.observation for model_arm in model_arms):
        arms = [i for i, model_arm in enumerate(model_arms) if model_arm.observation == observation]
        total = sum((totals[i] for i in arms), Fraction(0))
        if total and abs(total - 1) > SUM_ROUNDING:
            raise DataError(f"{name}: the joint probabilities sum to {float(total):.10g}", remedy="They must sum to 1.")
    for i, each in enumerate(own):
        for one in each if totals[i] else ():
            if one in cells:
                cells[one] /= totals[i]
        beside.update({i: beside[i] / totals[i]} if i in beside and totals[i] else {})


def _stand_ins(model_arms: Sequence[Arm], cells: dict[str, Fraction], name: str) -> dict[str, Fraction]:
    """Cells of stand-ins in place of shares and means."""
    try:
        return stand_in_values(model_arms, cells)
    except DataError as error:
        raise DataError(f"{name}: {error.message}", remedy=error.remedy) from None


def _rows(table: Table, amount_column: str, report: Report) -> Iterator[tuple[str, str]]:
    """Names and numbers; what is empty in the column of probabilities may stand in one of values."""
    count = 0
    beside = [VALUE] if VALUE in table.columns and amount_column != VALUE else []
    for names, *amounts in table.chunks([CELL, amount_column, *beside], report):
        count += len(names)
        if count > MOST_ROWS:
            raise DataError(f"{table.name}: more than {MOST_ROWS} rows are no table of cells")
        for name, *written in zip(names, *amounts, strict=True):
            yield name or "", next((text for text in written if text and text.strip()), "")
    if not count:
        raise DataError(f"{table.name}: there are no rows", remedy="Data have at least one row below the header.")


def _amount(name: str, kind: str, cell: str, text: str) -> Fraction:
    value = count_value(text.strip()) if kind == "counts" else probability_value(text.strip())
    if value is None:
        needs = "Counts are integers, zero or more." if kind == "counts" else "Write 0.25 or 1/4, from 0 to 1."
        what = "count" if kind == "counts" else "probability"
        raise DataError(f"{name}: {quoted(text)} is not the {what} of {cell}", remedy=needs)
    return Fraction(value)


def _beside(model: Model, model_arms: Sequence[Arm], name: CellName) -> int | None:
    """The incomplete arm in which this event is one of no observed cell: ``P(S=0|A=1)`` beside ``P(Y,S=1|A)``."""
    for i, model_arm in enumerate(model_arms):
        fixed = {
            f"{n}={value_text(v)}": n for n, v in model.observations[model_arm.observation].outcomes if v is not None
        }
        contradicts = any(
            setting not in fixed and setting.partition("=")[0] in fixed.values() for setting in name.event
        )
        if not model_arm.complete and name.context == name_of(model_arm.cells[0].name).context and contradicts:
            return i
    return None


def _unknown(name: str, written: str, model_arms: Sequence[Arm]) -> DataError:
    known = list(shown_cells(model_arms))
    return DataError(f"{name}: the model has no cell {quoted(written)}", remedy=f"cells: {listed(known)}")


def cell_arms(model_arms: Sequence[Arm], numbers: Sequence[int], cell_amounts: CellAmounts) -> dict[int, ObservedArm]:
    """The arms of these `observe` statements."""
    chosen = [(i, model_arm) for i, model_arm in enumerate(model_arms) if model_arm.observation in numbers]
    for _, model_arm in chosen:
        _check_law(model_arm, cell_amounts)
    return {i: _arm(model_arm, cell_amounts, cell_amounts.beside.get(i)) for i, model_arm in chosen}


def _check_law(model_arm: Arm, cell_amounts: CellAmounts) -> None:
    names = [cell.name for cell in model_arm.cells]
    if model_arm.law and not any(name in cell_amounts.cells for name in names):
        of = ", ".join(name for name, _ in model_arm.cells[0].event)
        what = "counts" if cell_amounts.kind == "counts" else "probabilities"
        raise DataError(
            f"{cell_amounts.name}: the law of {of} is observed too, and nothing says it",
            remedy=f"Add the {what} of {listed(names)}.",
        )


def _arm(model_arm: Arm, cell_amounts: CellAmounts, beside: Fraction | None) -> ObservedArm:
    shares = [cell_amounts.cells.get(cell.name, Fraction(0)) for cell in model_arm.cells]
    if cell_amounts.kind == "probabilities":
        return rescaled(model_arm, shares, cell_amounts.name)
    if beside is None and not model_arm.complete:
        raise no_rest(model_arm, cell_amounts.name)
    total = sum(shares, beside or Fraction(0))
    if not total:
        name = model_arm.cells[0].name
        raise DataError(
            f"{cell_amounts.name}: an arm is empty: its cells, of which {name} is one, count 0 units",
            remedy="Bounds need every arm that the model observes.",
        )
    amounts = [Amount.of_units(int(share)) for share in shares]
    return observed_arm(model_arm, amounts, Amount.of_units(int(total)), int(total))


def cells_joint(model: Model, model_arms: Sequence[Arm], arms: Mapping[int, ObservedArm]) -> Joint:
    """Counts by name do not say which units of one statement are which of another in the same experiment."""
    numbers: dict[frozenset[str], set[int]] = {}
    for i, arm in arms.items():
        # Estimated shares within arms do not covary with those of the arms, whether or not units are the same.
        if model_arms[i].law:
            continue
        experiment = frozenset(name for name, _ in model.observations[arm.observation].interventions)
        numbers.setdefault(experiment, set()).add(arm.observation + 1)
    shared = [" and ".join(map(str, sorted(several))) for several in numbers.values() if len(several) > 1]
    what = f"observe statements {', '.join(shared)} are treated as independent samples: counts by name do not tell"
    return arms_apart(arms.items(), what if shared else "")


def cells_source(model_arms: Sequence[Arm], cell_amounts: CellAmounts, arms: Mapping[int, ObservedArm]) -> DataSource:
    """What was read; a law counts units once more."""
    counted = [arm for i, arm in arms.items() if not model_arms[i].law] or list(arms.values())
    units = sum(arm.units or 0 for arm in counted) if cell_amounts.kind == "counts" else None
    return DataSource(cell_amounts.name, KINDS[cell_amounts.kind], units, units)
