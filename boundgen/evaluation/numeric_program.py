"""Bounds at one distribution as a numeric linear program (PuLP), for where the closed form was not finished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from boundgen.bounds.derived import Derivation, EstimandDerivation
from boundgen.errors import LibraryError
from boundgen.evaluation.evaluations import Evaluation
from boundgen.evaluation.exact_bounds import Values
from boundgen.program.linear_program import LinearProgram
from boundgen.work.libraries import install, library


@dataclass(frozen=True)
class Numeric:
    """The sharp bounds of one estimand at data, in floating point.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
    lower, upper : float or None
        None where no population of the model gives these data.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    lower: float | None
    upper: float | None


def numeric_bounds(derived: Derivation, cells: Values, evaluations: Sequence[Evaluation]) -> tuple[Numeric, ...]:
    """The sharp bounds at data for every evaluation whose closed form is not proved sharp.

    Raises
    ------
    LibraryError
        If PuLP is not installed.
    """
    stages = {
        stage.estimand.name: stage
        for stage, bounds in zip(derived.stages, derived.bounds, strict=True)
        if bounds.missing
    }
    return tuple(_numeric(stages[each.estimand], cells, each) for each in evaluations if each.estimand in stages)


def possible_numeric_bounds(
    derived: Derivation, cells: Values, evaluations: Sequence[Evaluation]
) -> tuple[tuple[Numeric, ...], tuple[str, ...]]:
    """The same where PuLP is installed; and what is missing of the bounds, without PuLP that it is too.

    Bounds that were derived are valid, and are not lost for want of a library.
    """
    if not derived.missing:
        return (), ()
    try:
        return numeric_bounds(derived, cells, evaluations), derived.missing
    except LibraryError as error:
        return (), (*derived.missing, str(error))


def _numeric(stage: EstimandDerivation, cells: Values, each: Evaluation) -> Numeric:
    at = {**cells, **dict(each.parameters)}
    over = float(stage.denominator.value(at)) if stage.denominator else 1.0
    # The reduced program has the same optimum and far fewer columns.
    low = _minimum(stage.lower.reduced.complete, at)
    high = _minimum(stage.upper.reduced.complete, at)
    if low is None or high is None or over == 0:
        return Numeric(each.estimand, each.parameters, None, None)
    return Numeric(each.estimand, each.parameters, low / over, -high / over)


def _minimum(program: LinearProgram, at: Values) -> float | None:
    """The least cost of weights that meet the rows; None where none do."""
    pulp = _library()
    problem = pulp.LpProblem("bound", pulp.LpMinimize)
    weights = [problem.add_variable(f"w{j}", 0) for j in range(len(program.columns))]
    problem += pulp.lpSum(float(column.cost) * weights[j] for j, column in enumerate(program.columns))
    sums: list[list[Any]] = [[] for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            sums[i].append(float(entry) * weights[j])
    for row, terms in zip(program.rows, sums, strict=True):
        left, right = pulp.lpSum(terms), float(row.right.value(at))
        problem += left == right if row.relation == "=" else left <= right
    # The solver that comes with PuLP 3, by the class that asks for no other.
    status = problem.solve(pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False))
    if pulp.LpStatus[status] != "Optimal":
        return None
    return float(pulp.value(problem.objective) or 0) + float(program.offset.value(at))


def _library() -> Any:
    """PuLP, in a version whose problems make their own variables and that still brings its solver.

    Raises
    ------
    LibraryError
    """
    pulp = library("pulp", "numeric", "the numeric linear program needs")
    if not hasattr(pulp.LpProblem, "add_variable") or not hasattr(pulp, "PULP_CBC_CMD"):
        raise LibraryError(
            f"the numeric linear program needs PuLP 3.3.2 or a later 3; version {pulp.__version__} is installed",
            remedy=install("numeric"),
        )
    return pulp


def numeric_text(numerics: Sequence[Numeric], missing: Sequence[str]) -> str:
    """What stands below a table of bounds that are not proved sharp."""
    lines = ["The bounds above are valid, but not proved sharp.", *missing]
    if numerics:
        lines.append("Sharp bounds at these data by a numeric linear program:")
    for each in numerics:
        values = "".join(f", {name} = {value}" for name, value in each.parameters)
        if each.lower is None or each.upper is None:
            lines.append(f"  {each.estimand}{values}: no population of the model gives these data")
        else:
            lines.append(f"  {each.estimand}{values}: [{each.lower:.6f}, {each.upper:.6f}]")
    return "\n".join(lines)
