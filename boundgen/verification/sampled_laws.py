"""Laws of the data that a model allows, drawn at random with rational numbers, the same ones at each call."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region
from boundgen.verification.law_space import LawSpace

SEED = 20260
CORNERS = 24
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
