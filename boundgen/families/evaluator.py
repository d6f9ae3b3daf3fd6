"""The value of a bound for every number of levels, with the standard library alone.

A term is a number for each level, which depends on the block that the level is of, and the bound is the best of all
ways to put levels into blocks. So it is found level by level: the best value for each state, which says how many levels
each block has so far, as far as that matters. The time grows in proportion to the number of levels, however many terms
there are.

Modules that `boundgen family --module` makes hold this file and the kinds, and need nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

AnyNumber = Any
WeightedCells = Sequence[tuple[str, AnyNumber]]


def bound(side: Mapping[str, Any], cells: Mapping[str, AnyNumber], levels: int, lower: bool) -> AnyNumber:
    """One side of a bound at an observed distribution.

    Parameters
    ----------
    side : mapping
        As in the JSON of a family: `kinds`, with `variable`, `first` and `by_steps` beside them.
    cells : mapping of canonical name to number
        And of parameters. What is left out is zero.
    levels : int
        How many levels the variable has.
    lower : bool
        Whether it is the largest term, and not the smallest one.

    Returns
    -------
    number
    """
    data = _Data(cells, side["variable"], side["first"], levels, side["by_steps"])
    better = max if lower else min
    if side["weight"] is None:
        return _best_of_all(side, data, better, None)
    places = range(levels)
    return sum(data.at(place, [(side["weight"], 1)]) * _best_of_all(side, data, better, place) for place in places)


def _best_of_all(
    side: Mapping[str, Any], data: _Data, better: Callable[..., AnyNumber], weighted: int | None
) -> AnyNumber:
    """The best term of all kinds, or the best option of the maximum whose weight is of this level.

    Raises
    ------
    ValueError
        Where there is none with so many levels.
    """
    values = [value for kind in side["kinds"] if (value := _best(kind, data, better, weighted)) is not None]
    if not values:
        raise ValueError(f"there are no bounds with {data.levels} levels of {side['variable']}")
    return better(values)


class _Data:
    """Cells by levels, or by steps: then each stands for the sum of a level and all above it."""

    def __init__(self, cells: Mapping[str, AnyNumber], variable: str, first: int, levels: int, by_steps: bool) -> None:
        self.cells, self.mark, self.first, self.levels = cells, f"{variable}=*", first, levels
        self.variable, self.by_steps = variable, by_steps
        self._sums: dict[str, list[AnyNumber]] = {}

    @property
    def size(self) -> int:
        """How many levels, or steps, there are."""
        return self.levels - self.by_steps

    def at(self, place: int, held: WeightedCells) -> AnyNumber:
        """What a level with this profile adds to a term."""
        return sum((_exact(c) * self._value(template, place) for template, c in held), 0)

    def named(self, name: str) -> AnyNumber:
        """A cell of no level, a parameter, or a sum over all levels; of the empty name one."""
        if not name:
            return 1
        return self._tails(name)[0] if self.mark in name else self.cells.get(name, 0)

    def _value(self, template: str, place: int) -> AnyNumber:
        if self.by_steps:
            return self._tails(template)[place + 1]
        return self.cells.get(self._cell(template, place), 0)

    def _cell(self, template: str, place: int) -> str:
        return template.replace(self.mark, f"{self.variable}={self.first + place}")

    def _tails(self, template: str) -> list[AnyNumber]:
        if template not in self._sums:
            found: list[AnyNumber] = [0]
            for place in reversed(range(self.levels)):
                found.append(found[-1] + self.cells.get(self._cell(template, place), 0))
            self._sums[template] = found[:0:-1]
        return self._sums[template]


def _best(
    kind: Mapping[str, Any], data: _Data, better: Callable[..., AnyNumber], weighted: int | None
) -> AnyNumber | None:
    """The best term of a kind, or None where there is none with so many levels."""
    blocks = kind["blocks"]
    named = dict(kind["named"])
    start = sum((_exact(c) * data.named(name) for name, c in kind["fixed"]), 0)
    start += sum((_exact(number) * data.named(name) for name, number, _ in kind["numbers"]), 0)
    each = [sum((_exact(per[i]) * data.named(name) for name, _, per in kind["numbers"]), 0) for i in range(len(blocks))]
    states: dict[tuple[int, ...], AnyNumber] = {(0,) * (len(blocks) + 1): start}
    for place in range(data.size):
        if place in named:
            states = {state: value + data.at(place, named[place]) for state, value in states.items()}
            continue
        here = [data.at(place, held) + each[i] for i, (_, _, held) in enumerate(blocks)]
        found: dict[tuple[int, ...], AnyNumber] = {}
        for state, value in states.items():
            for i, state_then in _steps(state, blocks, kind["ordered"]):
                if (place == weighted) != (i == kind["weighted"]) and weighted is not None:
                    continue
                then = value + here[i]
                found[state_then] = better(found[state_then], then) if state_then in found else then
        states = found
    ends = [v for s, v in states.items() if all(n >= least for n, (least, _, _) in zip(s[1:], blocks, strict=True))]
    return better(ends) if ends and all(place < data.size for place in named) else None


def _steps(
    state: tuple[int, ...], blocks: Sequence[tuple[int, bool, WeightedCells]], ordered: bool
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The blocks that the next level may be of, each with the state after it: the last block, and how many each has."""
    for i in range(state[0] if ordered else 0, len(blocks)):
        least, grows, _ = blocks[i]
        if state[1 + i] < least or grows:
            counts = list(state)
            counts[0] = i if ordered else 0
            counts[1 + i] = min(counts[1 + i] + 1, least)
            yield i, tuple(counts)
        if ordered and state[1 + i] < least:
            # Blocks in an order are filled one after the other.
            return


def _exact(number: AnyNumber) -> AnyNumber:
    """A number as JSON holds it."""
    found = Fraction(number) if isinstance(number, str) else number
    return int(found) if isinstance(found, Fraction) and found.denominator == 1 else found
