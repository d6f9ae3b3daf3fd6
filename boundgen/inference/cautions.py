"""Where a sample says little: cells, arms and clusters that are few, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.problem import EstimandProgram, WeightedEstimand
from boundgen.data.texts import listed
from boundgen.evaluation.asked import AnyBounds
from boundgen.inference.sample import ArmPrecision, Sample
from boundgen.program.linear_program import LinearProgram, Row
from boundgen.program.weighted_program import WeightedProgram, WeightedRow
from boundgen.strata.cells import Arm

# Fewer units in a cell, or in an arm, are few.
FEW_IN_CELL = 5
FEW_UNITS = 30
# Up to so many units, arms are small if a cell has few.
SMALL_ARM = 50
# Fewer clusters in an arm are few.
FEW_CLUSTERS = 40
MOST_SHOWN = 8


@dataclass(frozen=True, eq=False)
class WithinStrata:
    """A sample whose cells are those of strata of covariates.

    Parameters
    ----------
    sample : Sample
    called : mapping of name to name
        What the model calls each cell.
    """

    sample: Sample
    called: Mapping[str, str]


BoundsOrProgram = AnyBounds | EstimandProgram | WeightedEstimand


def cautions(
    sample: Sample,
    bounds: Sequence[BoundsOrProgram],
    *,
    arms: Sequence[Arm] = (),
    unseen: bool = True,
    student: bool = True,
    within: WithinStrata | None = None,
) -> list[str]:
    """What the reader should know of the arms and cells that these bounds use.

    Parameters
    ----------
    sample : Sample
    bounds : sequence of bounds, or of programs where there is no closed form
    arms : sequence of Arm
        Those of the model, for programs; bounds have their own.
    unseen : bool
        Whether intervals allow for what the sample may not have seen.
    student : bool
        Whether they are by Student's t where variances are imprecise.
    within : WithinStrata, optional
        Whose cells are named instead of those of all units: what is rare overall is rare in each stratum.

    Returns
    -------
    list of str
    """
    used = [arm for arm in sample.precision if _is_used(arm, sample, bounds, {})]
    where, called = (within.sample, within.called) if within else (sample, {})
    thin = [arm for arm in where.precision if _is_used(arm, where, bounds, called)] if within else used
    said = "intervals allow for what may be unseen there" if unseen else "this method takes the sample for all there is"
    return [*(f"{cells}: {said}" for cells in _cells(thin, where, bounds, arms, called)), *_arms(used, sample, student)]


def _is_used(arm: ArmPrecision, sample: Sample, bounds: Sequence[BoundsOrProgram], called: Mapping[str, str]) -> bool:
    """Whether a term rests on it; of bounds with pieces, and of programs, every arm is taken to be used."""
    if not all(isinstance(each, Bounds) for each in bounds):
        return not called or sample.cells[arm.places[0]] in called
    names = {called.get(sample.cells[place], sample.cells[place]) for place in arm.places}
    terms = (term for each in bounds if isinstance(each, Bounds) for term in (*each.lower.terms, *each.upper.terms))
    return any(name in names for term in terms for name, _ in term.coefficients)


def _cells(
    used: Sequence[ArmPrecision],
    sample: Sample,
    bounds: Sequence[BoundsOrProgram],
    arms: Sequence[Arm],
    called: Mapping[str, str],
) -> Iterator[str]:
    """Cells that are empty, and others of fewer than five units; not those that the model says are empty."""
    # In cells of the stand-in of a bounded outcome no unit has to be whole.
    own = (arm for each in bounds if isinstance(each, Bounds | PiecewiseBounds) for arm in each.arms)
    stand_ins = {cell.name for arm in (*own, *arms) if arm.means for cell in arm.cells}
    impossible = _impossible(bounds) | stand_ins
    empty, few = [], []
    for arm in used:
        for place in arm.places:
            name, units = sample.cells[place], sample.probabilities[place] * arm.size
            possible = called.get(name, name) not in impossible
            if possible and not sample.variation.shares[place]:
                empty.append(name)
            elif possible and units < FEW_IN_CELL * (1 - 1e-9):
                few.append(f"{name} ({units:.3g})")
    parts = [f"no unit in {_shown(empty)}"] if empty else []
    parts += [f"fewer than {FEW_IN_CELL} units in {_shown(few)}"] if few else []
    if parts:
        yield "; ".join(parts)


def _shown(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return listed(list(names), MOST_SHOWN)


def _impossible(bounds: Sequence[BoundsOrProgram]) -> set[str]:
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
