"""Random models some of whose variables share no causes, with a law that they allow and what is true there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from boundgen.language.model import Model

World = dict[str, int]
Types = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Population:
    """A model, its observed cells, and its estimands, all from one product of laws of response types."""

    model: Model
    cells: dict[str, Fraction]
    truth: dict[str, Fraction]


def shown(parents: dict[str, list[str]], types: Types, fixed: World) -> World:
    """The values of a unit, with some variables set."""
    values: World = {}
    for name in parents:
        place = sum(values[parent] << i for i, parent in enumerate(reversed(parents[name])))
        values[name] = fixed[name] if name in fixed else types[name][place]
    return values


@st.composite
def populations(
    draw: Any,
    positive: bool = False,
    parts: list[list[str]] | None = None,
    direct: bool | None = None,
    four: bool = False,
) -> Population:
    """Three or four binary variables in a row of effects, each with at most one cause, of few response types."""
    parents: dict[str, list[str]] = {"X": [], "M": ["X"], "Y": ["M"]}
    if four:
        parents = {"W": [], **parents, "X": ["W"]}
    if direct or (direct is None and draw(st.booleans())):
        parents["Y"] = ["X", "M"]
    three = [[["X", "Y"], ["M"]], [["X", "M"], ["Y"]], [["X"], ["M", "Y"]], [["X"], ["M"], ["Y"]]]
    parts = parts or draw(st.sampled_from(three))
    if four and not any("W" in part for part in parts):
        parts = [["W"], *parts] if draw(st.booleans()) or len(parts) < 3 else [["W", parts[0][0]], *parts[1:]]
    laws = [_law(draw, parents, part, positive) for part in parts]
    names = tuple(parents)
    cells = {_cell(names, values): Fraction(0) for values in itertools.product((0, 1), repeat=len(names))}
    truth = {"pns": Fraction(0), "ate": Fraction(0)}
    for types, weight in _joint(laws):
        cells[_cell(names, tuple(shown(parents, types, {}).values()))] += weight
        high, low = (shown(parents, types, {"X": x})["Y"] for x in (1, 0))
        truth["ate"] += weight * (high - low)
        truth["pns"] += weight * (high > low)
    return Population(written(parents, parts), cells, truth)


def written(parents: dict[str, list[str]], parts: list[list[str]]) -> Model:
    """The model in words."""
    lines = [f"variable {n}{'(' + ', '.join(own) + ')' if own else ''} in {{0, 1}}" for n, own in parents.items()]
    causes = [f"confounded {', '.join(part)}" for part in parts if len(part) > 1] or ["unconfounded"]
    asked = ["estimand pns = P(Y(X=1)=1, Y(X=0)=0)", "estimand ate = E[Y(X=1) - Y(X=0)]"]
    return Model.parse("\n".join(["model random", *lines, *causes, f"observe P({', '.join(parents)})", *asked]) + "\n")


def _cell(names: tuple[str, ...], values: tuple[int, ...]) -> str:
    return f"P({','.join(f'{name}={value}' for name, value in zip(names, values, strict=True))})"


def _law(draw: Any, parents: dict[str, list[str]], part: list[str], positive: bool) -> list[tuple[Types, Fraction]]:
    """Few joint response types of a component; all of them where every cell is to be positive."""
    kinds = [list(itertools.product((0, 1), repeat=2 ** len(parents[name]))) for name in part]
    every = list(itertools.product(*kinds))
    chosen = every if positive else draw(st.lists(st.sampled_from(every), min_size=1, max_size=5, unique=True))
    weights = draw(st.lists(st.integers(1, 9), min_size=len(chosen), max_size=len(chosen)))
    return [
        (dict(zip(part, types, strict=True)), Fraction(weight, sum(weights)))
        for types, weight in zip(chosen, weights, strict=True)
    ]


def _joint(laws: list[list[tuple[Types, Fraction]]]) -> Iterator[tuple[Types, Fraction]]:
    for together in itertools.product(*laws):
        weight, types = Fraction(1), Types()
        for own, share in together:
            weight, types = weight * share, types | own
        yield types, weight
