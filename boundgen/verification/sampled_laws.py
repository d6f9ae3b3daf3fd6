"""Laws of the data that a model allows, drawn at random with rational numbers, the same ones at each call."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm

from boundgen.exact.integers import integers
from boundgen.exact.rational import Number
from boundgen.language.statements import Parameter
from boundgen.polyhedra.cones import direct_rays
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region
from boundgen.program.weighted_program import WeightedProgram
from boundgen.strata.cells import Arm
from boundgen.verification.law_space import LawSpace
from boundgen.work.limits import Budget

SEED = 20260
CORNERS = 24
MOST_VERTICES = 2000
# Unknowns without an end are drawn within this size.
FAR = 4


def sampled_laws(space: LawSpace, count: int) -> Iterator[dict[str, Fraction]]:
    """Means of few corners of the region of unknowns, with weights that are drawn in the same way."""
    draw = random.Random(SEED)
    corners = _corners(space.region, draw)
    ends = [_corners(block, draw) for block in space.blocks]
    if not corners or not all(ends):
        return
    for _ in range(count):
        point = _mean(corners, draw)
        weights: dict[str, Fraction] = {}
        for block, own in zip(space.blocks, ends, strict=True):
            weights |= block.values(_mean(own, draw))
        yield space.data(point, weights)


def corner_laws(space: LawSpace, most: int) -> Iterator[dict[str, Fraction]]:
    """Corners of the region of unknowns with ends of the weights, at most so many."""
    draw = random.Random(SEED)
    corners = _corners(space.region, draw)
    ends = [_corners(block, draw) for block in space.blocks]
    for point, *weights in itertools.islice(itertools.product(corners, *ends), most):
        values: dict[str, Fraction] = {}
        for block, end in zip(space.blocks, weights, strict=True):
            values |= block.values(end)
        yield space.data(point, values)


def region_laws(region: Region, count: int, budget: Budget) -> Iterator[dict[str, Fraction]]:
    """The vertices of a region, as far as they can be listed, else corners of it; then means of few of them."""
    draw = random.Random(SEED)
    corners: Sequence[Sequence[Fraction]] = _vertices(region, budget) or _corners(region, draw)
    found = {tuple(sorted(law.items())): law for law in map(region.values, corners)}
    yield from found.values()
    for _ in range(count):
        yield region.values(_mean(corners, draw))


def _vertices(region: Region, budget: Budget) -> list[tuple[Fraction, ...]]:
    """All vertices; none where the region has no end, or more than can be listed."""
    steps = itertools.count()
    rows = [_row(constraint.coefficients, constraint.constant, region.size) for constraint in region.constraints]
    equal = [row for row, each in zip(rows, region.constraints, strict=True) if each.relation == "="]
    rows += [[-x for x in row] for row in equal]
    rows += [[int(i == j) for i in range(region.size + 1)] for j in (*region.nonnegative, region.size)]
    try:
        rays = direct_rays(integers(rows), lambda: budget.step("listing laws", next(steps)), MOST_VERTICES)
    except ArithmeticError:
        return []
    if rays is None or not all(int(ray[-1]) for ray in rays):
        return []
    return sorted(tuple(Fraction(int(x), int(ray[-1])) for x in ray[:-1]) for ray in rays)


def _row(coefficients: Mapping[int, Number], constant: Number, size: int) -> list[int]:
    scale = lcm(constant.denominator, *(c.denominator for c in coefficients.values()))
    return [*(int(coefficients.get(i, 0) * scale) for i in range(size)), int(constant * scale)]


def _corners(region: Region, draw: random.Random) -> list[Sequence[Fraction]]:
    free = [i for i in range(region.size) if i not in region.nonnegative]
    box = [Constraint({i: s}, FAR) for i in free for s in (1, -1)]
    found: dict[Sequence[Fraction], None] = {}
    for _ in range(CORNERS):
        objective = {i: draw.randint(-5, 5) for i in range(region.size)}
        try:
            best = maximum(region.size, objective, [*region.constraints, *box], region.nonnegative)
        except ArithmeticError:
            continue
        if best is not None:
            found[best.point] = None
    return list(found)


def _mean(corners: Sequence[Sequence[Fraction]], draw: random.Random) -> list[Fraction]:
    chosen = [draw.choice(corners) for _ in range(draw.randint(1, 4))]
    weights = [draw.randint(1, 5) for _ in chosen]
    total = sum(weights)
    return [
        sum((Fraction(w, total) * x for w, x in zip(weights, values, strict=True)), Fraction(0))
        for values in zip(*chosen, strict=True)
    ]


# ---------------------------------------------------------------- populations that need not meet assumptions
def populations(
    program: WeightedProgram, arms: Sequence[Arm], parameters: Sequence[Parameter], draw: random.Random
) -> Iterator[dict[str, Number]]:
    """Populations of some strata, whether or not they meet assumptions whose coefficients the data give.

    Parameters
    ----------
    program : WeightedProgram
    arms : sequence of Arm
    parameters : sequence of Parameter
    draw : random.Random

    Yields
    ------
    dict of name to number
        Cells and parameters, but no laws of randomized variables.
    """
    own = [arm for arm in arms if not arm.law]
    if not all(arm.complete for arm in own if arm.cells[0].selection):
        return
    while True:
        chosen = draw.sample(range(len(program.columns)), draw.randint(1, len(program.columns)))
        shares = {j: Fraction(draw.randint(1, 9)) for j in chosen}
        total = sum(shares.values())
        weights = _cell_weights(program, {j: share / total for j, share in shares.items()})
        values: dict[str, Number] = {each.name: within(each, draw) for each in parameters}
        for arm in own:
            inside = sum(weights.get(cell.name, Fraction(0)) for cell in arm.cells) if arm.cells[0].selection else 1
            if not inside:
                break
            values |= {cell.name: weights.get(cell.name, Fraction(0)) / inside for cell in arm.cells}
        else:
            yield values


def _cell_weights(program: WeightedProgram, shares: Mapping[int, Fraction]) -> dict[str, Fraction]:
    """How many units are in each cell; in a row of a law given a selection, the entries' constants say who is."""
    found: dict[str, Fraction] = {}
    for j, share in shares.items():
        for i, entry in program.columns[j].entries:
            row = program.rows[i]
            if row.kind in ("cell", "selection"):
                inside = dict(entry.numerator.terms).get((), Fraction(0))
                found[row.name] = found.get(row.name, Fraction(0)) + inside * share
    return found


def within(parameter: Parameter, draw: random.Random) -> Fraction:
    """A value in its range; of an infinite one, near its end or zero."""
    low, high = parameter.low, parameter.high
    if low is None:
        low = Fraction(-2) if high is None else high - 4
    if high is None:
        high = low + 4
    return low + (high - low) * Fraction(draw.randint(0, 20), 20)


def randomization(arms: Sequence[Arm], draw: random.Random) -> dict[str, Number]:
    """Random laws of randomized variables, as far as they are observed."""
    found: dict[str, Number] = {}
    for arm in arms:
        if arm.law:
            weights = [draw.randint(1, 9) for _ in arm.cells]
            found |= {cell.name: Fraction(w, sum(weights)) for cell, w in zip(arm.cells, weights, strict=True)}
    return found
