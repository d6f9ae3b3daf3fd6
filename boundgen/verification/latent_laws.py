"""Laws of the data of a model with independent causes, by random causes: each has few values, and types follow them.

Nothing is said of factors, so that it does for variables with several causes and for what is observed in part.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.strata.cells import Arm, Cell
from boundgen.verification.sampled_laws import randomization, within

# A cause that variables share has so many values, what befalls one variable alone so many.
SHARED, OWN = 3, 2
MOST_UNITS = 5000
WEIGHTS = (1, 1, 2, 5, 20)
DrawnTypes = dict[tuple[Any, ...], Value]


def latent_laws(model: Model, arms: tuple[Arm, ...], draw: random.Random) -> Iterator[dict[str, Fraction]]:
    """Observed cells and parameters of random populations whose causes are independent.

    Parameters
    ----------
    model : Model
        Without assumptions, which random causes need not meet.
    arms : tuple of Arm
    draw : random.Random

    Yields
    ------
    dict of name to Fraction
        Nothing is yielded where there are assumptions or too many causes, or where units are selected.
    """
    own = [arm for arm in arms if not arm.law]
    causes = _causes(model)
    size = 1
    for _, values in causes:
        size *= values
    if model.assumptions or size > MOST_UNITS or any(cell.selection for arm in own for cell in arm.cells):
        return
    while True:
        law = {each.name: within(each, draw) for each in model.parameters}
        law |= {name: Fraction(value) for name, value in randomization(arms, draw).items()}
        yield law | _cells(model, own, causes, draw)


def _causes(model: Model) -> list[tuple[frozenset[str], int]]:
    """Whom each cause affects, and how many values it has."""
    shared = [(frozenset(names), SHARED) for names in model.causes or ()]
    return [*shared, *((frozenset([v.name]), OWN) for v in model.variables if not v.randomized)]


def _cells(
    model: Model, arms: list[Arm], causes: list[tuple[frozenset[str], int]], draw: random.Random
) -> dict[str, Fraction]:
    weights = [[draw.choice(WEIGHTS) for _ in range(values)] for _, values in causes]
    shares = [[Fraction(weight, sum(each)) for weight in each] for each in weights]
    types: dict[str, DrawnTypes] = {v.name: {} for v in model.variables}
    found = {cell.name: Fraction(0) for arm in arms for cell in arm.cells}
    settings = {cell.context: [other for arm in arms for other in arm.cells if other.context == cell.context]
                for arm in arms for cell in arm.cells}  # fmt: skip
    for state in product(*(range(values) for _, values in causes)):
        share = Fraction(1)
        for own, value in zip(shares, state, strict=True):
            share *= own[value]
        for context, cells in settings.items():
            world = _world(model, dict(context), causes, state, types, draw)
            for name in {cell.name for cell in cells if _is_in(world, cell)}:
                found[name] += share
    return found


def _world(
    model: Model,
    context: Mapping[str, Value],
    causes: list[tuple[frozenset[str], int]],
    state: tuple[int, ...],
    types: dict[str, DrawnTypes],
    draw: random.Random,
) -> dict[str, Value]:
    """The values of a unit in an arm; its types are drawn when they are first asked for."""
    world = dict(context)
    for variable in model.variables:
        if variable.name in world:
            continue
        if variable.randomized:
            # What no arm names affects nothing that is observed.
            world[variable.name] = variable.domain[0]
            continue
        own = tuple(value for (names, _), value in zip(causes, state, strict=True) if variable.name in names)
        key = (own, *(world[parent] for parent in variable.parents))
        known = types[variable.name]
        if key not in known:
            known[key] = draw.choice(variable.domain)
        world[variable.name] = known[key]
    return world


def _is_in(world: Mapping[str, Value], cell: Cell) -> bool:
    return all(world[name] == value for name, value in cell.event)
