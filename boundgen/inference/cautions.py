"""Where a sample says little: cells, arms and clusters that are few, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.data.texts import listed
from boundgen.evaluation.asked import AnyBounds
from boundgen.inference.sample import ArmPrecision, Sample
from boundgen.program.linear_program import LinearProgram, Row
from boundgen.program.weighted_program import WeightedProgram, WeightedRow

# Fewer units in a cell, or in an arm, are few.
FEW_IN_CELL = 5
FEW_UNITS = 30
# Up to so many units, arms are small if a cell has few.
SMALL_ARM = 50
# Fewer clusters in an arm are few.
FEW_CLUSTERS = 20
MOST_SHOWN = 8


def cautions(sample: Sample, bounds: Sequence[AnyBounds], *, unseen: bool = True, student: bool = True) -> list[str]:
    """What the reader should know of the arms and cells that these bounds use.

    Parameters
    ----------
    sample : Sample
    bounds : sequence of bounds
    unseen : bool
        Whether intervals allow for what the sample may not have seen.
    student : bool
        Whether they are by Student's t where variances are imprecise.

    Returns
    -------
    list of str
    """
    used = [arm for arm in sample.precision if _is_used(arm, sample, bounds)]
    said = "intervals allow for what may be unseen there" if unseen else "this method takes the sample for all there is"
    return [*(f"{cells}: {said}" for cells in _cells(used, sample, bounds)), *_arms(used, sample, student)]


def _is_used(arm: ArmPrecision, sample: Sample, bounds: Sequence[AnyBounds]) -> bool:
    """Whether a term rests on it; of bounds with pieces, every arm is taken to be used."""
    if any(isinstance(each, PiecewiseBounds) for each in bounds):
        return True
    names = {sample.cells[place] for place in arm.places}
    terms = (term for each in bounds if isinstance(each, Bounds) for term in (*each.lower.terms, *each.upper.terms))
    return any(name in names for term in terms for name, _ in term.coefficients)


def _cells(used: Sequence[ArmPrecision], sample: Sample, bounds: Sequence[AnyBounds]) -> Iterator[str]:
    """Cells that are empty, and others of fewer than five units; not those that the model says are empty."""
    # In cells of the stand-in of a bounded outcome no unit has to be whole.
    stand_ins = {cell for each in bounds for arm in each.arms if arm.means for cell in (c.name for c in arm.cells)}
    impossible = _impossible(bounds) | stand_ins
    empty, few = [], []
    for arm in used:
        for place in arm.places:
            name, units = sample.cells[place], sample.probabilities[place] * arm.size
            if name not in impossible and not sample.variation.shares[place]:
                empty.append(name)
            elif name not in impossible and units < FEW_IN_CELL * (1 - 1e-9):
                few.append(f"{name} ({units:.3g})")
    parts = [f"no unit in {_shown(empty)}"] if empty else []
    parts += [f"fewer than {FEW_IN_CELL} units in {_shown(few)}"] if few else []
    if parts:
        yield "; ".join(parts)


def _shown(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return listed(list(names), MOST_SHOWN)


def _impossible(bounds: Sequence[AnyBounds]) -> set[str]:
    """Cells in which the model puts nobody."""
    found: set[str] = set()
    for each in bounds:
        program: LinearProgram | WeightedProgram | None = each.program
        if program is not None:
            possible = {i for column in program.columns for i, _ in column.entries}
            rows: Sequence[Row | WeightedRow] = program.rows
            found |= {row.name for i, row in enumerate(rows) if row.kind == "cell" and i not in possible}
    return found


def _arms(used: Sequence[ArmPrecision], sample: Sample, student: bool) -> Iterator[str]:
    said = "intervals are by Student's t, and doubtful if very few" if student else "intervals are too short"
    small = [f"{_name(arm)}: {arm.units}" for arm in used if _is_small(arm, sample)]
    if small:
        yield f"small arms ({', '.join(small)}): the normal approximation is doubtful"
    clustered = [arm for arm in used if arm.clustered and min(arm.pieces, 2 * arm.freedom) < FEW_CLUSTERS]
    if clustered:
        worth = ", ".join(_worth(arm) for arm in clustered)
        yield f"few clusters ({worth} of equal size): {said}"
    weighted = [arm for arm in used if not arm.clustered and min(arm.pieces, 3 * arm.freedom) < FEW_UNITS]
    weighted = [arm for arm in weighted if arm.freedom < inf]
    if weighted:
        worth = ", ".join(_worth(arm) for arm in weighted)
        yield f"a few large weights ({worth} of equal weight): {said}"


def _is_small(arm: ArmPrecision, sample: Sample) -> bool:
    """Fewer than 30 units; or not many more, and few of them in some cell that is not rare."""
    if arm.units < FEW_UNITS:
        return True
    shares = sample.probabilities[arm.places] * arm.units
    return arm.units < SMALL_ARM and any(0 < units < 2 * FEW_IN_CELL for units in shares)


def _worth(arm: ArmPrecision) -> str:
    equal = arm.pieces >= arm.count * (1 - 1e-9)
    return f"{_name(arm)}: {arm.count}" + ("" if equal else f", worth {arm.pieces:.3g}")


def _name(arm: ArmPrecision) -> str:
    return arm.name or "all units"
