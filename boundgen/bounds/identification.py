"""Quantities that the observed data and the equality assumptions identify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.exact.linear_algebra import Span, transpose
from boundgen.exact.terms import Term, combination
from boundgen.language.statements import Parameter
from boundgen.polyhedra.faces import CONSTANT, face, no_step
from boundgen.polyhedra.optimum import Constraint, Maximum, maximum
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram
from boundgen.program.zeros import remove_zeros


def identified_cost(program: LinearProgram) -> Term | None:
    """The mean of the cost over strata as a combination of the rows' right sides, or None where it is not one."""
    possible = remove_zeros(program).program
    multiples = row_space_multiples(possible)
    if multiples is None:
        return None
    return combination((c, possible.rows[i].right) for i, c in multiples.items()) + program.offset


def row_space_multiples(program: LinearProgram) -> dict[int, Fraction] | None:
    """The multiples of equality rows that sum to the cost of every column, or None where there are none."""
    rows = transpose((column.entries for column in program.columns), len(program.rows))
    span = Span()
    for i in program.equalities:
        span.add(i, rows[i])
    return span.depends({j: column.cost for j, column in enumerate(program.columns) if column.cost})


def row_space_vertex(program: LinearProgram) -> tuple[Fraction, ...] | None:
    """The multiples of equality rows that are the cost of every column, or None where there are none.

    Measured from that point the dual polyhedron is a cone, so it is its only vertex: there is nothing to enumerate.
    Rows must be independent.
    """
    multiples = row_space_multiples(program)
    if multiples is None:
        return None
    return tuple(multiples.get(i, Fraction(0)) for i in range(len(program.rows)))


def settled_point(reduced: ReducedProgram, parameters: Sequence[Parameter]) -> tuple[Fraction, ...]:
    """A dual point whose term is the value of an identified estimand at every observable distribution.

    The bound is linear where lower equals upper, so a term that attains it in the middle of the region of distributions
    and parameters is the bound everywhere. One linear program finds it.
    """
    program = reduced.program
    region = model_region(reduced.complete, parameters)
    middle = face(region)
    assert middle is not None, "the model is not empty"
    values = region.values(middle.point)
    rights = [row.right.value(values) for row in program.rows]
    demands = []
    for column in program.columns:
        demands.append(Constraint({i: -entry for i, entry in column.entries}, column.cost))
    demands += [Constraint({i: -1}) for i, row in enumerate(program.rows) if row.relation == "<="]
    best = maximum(len(program.rows), dict(enumerate(rights)), demands, ())
    assert best is not None, "the program has a minimum"
    return best.point


def event_program(program: LinearProgram) -> LinearProgram:
    """The program whose cost is the probability of the estimand's condition."""
    columns = tuple(replace(column, cost=column.event, event=1) for column in program.columns)
    return LinearProgram(program.rows, columns)


def is_identified(program: LinearProgram, parameters: Sequence[Parameter], step: Callable[[], None] = no_step) -> bool:
    """Whether the lower bound equals the upper bound at every observable distribution.

    A combination of rows is fixed by the data. With cells and the total alone all strata may have positive probability
    at once, so nothing else is. With assumptions the same holds if all of them may be slack at once; otherwise what is
    zero wherever they hold is found first. In the middle of the region that is left every direction can be gone both
    ways, so the estimand is identified only if it is a combination of what the data and these zeros fix.
    """
    if identified_cost(program) is not None:
        return True
    if not program.restricted:
        return False
    possible = remove_zeros(program).program
    region = model_region(possible, parameters)
    if has_interior(region):
        return False
    middle = face(region, step=step)
    assert middle is not None, "the model is not empty"
    fixed = middle.hull
    for label, function in enumerate(region.names.values()):
        fixed.add(-2 - label, function)
    cost = {j: column.cost for j, column in enumerate(possible.columns) if column.cost}
    # Functions of the hull have a constant; the estimand is fixed up to one.
    fixed.add(-1, {CONSTANT: 1})
    return fixed.depends(cost) is not None


def has_interior(region: Region) -> bool:
    """Whether all inequalities may be slack and all non-negative unknowns positive at once.

    Each unknown is written as a common margin and what it has above that, each slack too: one more unknown.
    """
    margin = region.size
    free = set(region.nonnegative)
    program = Maximum(region.size + 1, {margin: 1}, (), (*region.nonnegative, margin))
    program.add(Constraint({margin: -1}, 1))
    for constraint in region.constraints:
        shift = sum((c for i, c in constraint.coefficients.items() if i in free), Fraction(0))
        slack = 1 if constraint.relation == ">=" else 0
        coefficients = {**constraint.coefficients, margin: shift - slack}
        program.add(Constraint(coefficients, constraint.constant, constraint.relation))
    best = program.solve()
    return best is not None and best.value > 0
