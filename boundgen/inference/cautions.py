"""Where a sample says little: cells, arms and clusters that are few, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.data.texts import listed
from boundgen.evaluation.evaluate import AnyBounds
from boundgen.inference.sample import ArmPrecision, Sample

# Fewer units in a cell, or in an arm, are few.
FEW_IN_CELL = 5
FEW_UNITS = 30
# Fewer clusters in an arm, and fewer degrees of freedom of weights, are few.
FEW_CLUSTERS = 20
FEW_WEIGHTS = 5
MOST_SHOWN = 8


def cautions(sample: Sample, bounds: Sequence[AnyBounds]) -> list[str]:
    """What the reader should know of the arms and cells that these bounds use."""
    used = [arm for arm in sample.precision if _is_used(arm, sample, bounds)]
    return [*_cells(used, sample, bounds), *_arms(used)]


def _is_used(arm: ArmPrecision, sample: Sample, bounds: Sequence[AnyBounds]) -> bool:
    """Whether a term rests on it; of bounds with pieces, every arm is taken to be used."""
    if any(isinstance(each, PiecewiseBounds) for each in bounds):
        return True
    names = {sample.cells[place] for place in arm.places}
    terms = (term for each in bounds if isinstance(each, Bounds) for term in (*each.lower.terms, *each.upper.terms))
    return any(name in names for term in terms for name, _ in term.coefficients)


def _cells(used: Sequence[ArmPrecision], sample: Sample, bounds: Sequence[AnyBounds]) -> Iterator[str]:
    """Cells that are empty, and others of fewer than five units; not those that the model says are empty."""
    impossible = _impossible(bounds)
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
        yield f"{'; '.join(parts)}: intervals allow for what may be unseen there"


def _shown(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return listed(list(names), MOST_SHOWN)


def _impossible(bounds: Sequence[AnyBounds]) -> set[str]:
    """Cells in which the model puts nobody."""
    found: set[str] = set()
    for each in bounds:
        if each.program is not None:
            possible = {i for column in each.program.columns for i, _ in column.entries}
            found |= {row.name for i, row in enumerate(each.program.rows) if row.kind == "cell" and i not in possible}
    return found


def _arms(used: Sequence[ArmPrecision]) -> Iterator[str]:
    small = [f"{arm.name or 'all units'}: {arm.units}" for arm in used if arm.units < FEW_UNITS]
    if small:
        yield f"small arms ({', '.join(small)}): the normal approximation is doubtful"
    clustered = [arm for arm in used if arm.clustered and arm.pieces < FEW_CLUSTERS]
    if clustered:
        yield (
            f"few clusters ({', '.join(_amount(arm) for arm in clustered)} of equal size at most): intervals, by "
            "Student's t, may cover less often than they say"
        )
    weighted = [arm for arm in used if not arm.clustered and arm.freedom < FEW_WEIGHTS]
    if weighted:
        yield (
            f"a few large weights ({', '.join(_amount(arm) for arm in weighted)} units of equal weight at most): "
            "intervals, by Student's t, may cover less often than they say"
        )


def _amount(arm: ArmPrecision) -> str:
    return f"{arm.name or 'all units'}: {arm.pieces:.3g}"
