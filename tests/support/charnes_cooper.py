"""Random models beyond one linear program, and their bounds at data, sharing nothing with boundgen.

A judge enumerates response types itself and solves, in floating point, the program of Charnes and Cooper (1962):
theta = psi / divisor, so that the divisor of theta is one, and the data times t = 1 / divisor.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import linprog

CLEAR = 1e-7
Law = Mapping[str, Fraction]
Unit = Mapping[str, tuple[int, ...]]
Atom = tuple[str, tuple[tuple[str, int], ...], int]
Event = tuple[Atom, ...]
# A sum of (coefficient, name of a parameter, event).
Quantity = tuple[tuple[Fraction, str, Event], ...]


def quantity(*parts: tuple[int, Event]) -> Quantity:
    return tuple((Fraction(c), "", event) for c, event in parts)


def spelled(event: Event) -> str:
    """``Y(X=1)=1, X=0``."""
    done = ((v, ", ".join(f"{n}={x}" for n, x in do), value) for v, do, value in event)
    return ", ".join(f"{v}({do})={value}" if do else f"{v}={value}" for v, do, value in done)


def written(parts: Quantity) -> str:
    """As a model text has it."""
    return " + ".join(f"{c} * {f'{name} * ' if name else ''}P({spelled(event)})" for c, name, event in parts)


@dataclass(frozen=True)
class Observed:
    """``observe P(outcomes | arms, selection)``; the law of arms where `is_law`."""

    outcomes: tuple[str, ...]
    arms: tuple[str, ...] = ()
    selection: tuple[tuple[str, int], ...] = ()
    is_law: bool = False

    @property
    def text(self) -> str:
        behind = [*self.arms, *(f"{name}={value}" for name, value in self.selection)]
        return f"observe P({', '.join(self.outcomes)}{' | ' + ', '.join(behind) if behind else ''})"


@dataclass(frozen=True)
class Draft:
    """A model.

    Parameters
    ----------
    variables : tuple of (name, parents, number of values)
        In causal order; those in `randomized` have no parents.
    demands : tuple of (text, list of pairs of atoms)
        Unit-level: the first of a pair implies the second.
    ratio : pair of Quantity
        The estimand; without a divisor the second is empty.
    rows : tuple of (text, left, factor, divided)
        Population-level: ``left >= 0``, whose coefficients may hold parameters.
    comparisons : tuple of (text, event, condition, event, condition)
        The mean of the first event given its condition is at least that of the second.
    """

    variables: tuple[tuple[str, tuple[str, ...], int], ...]
    randomized: tuple[str, ...]
    observed: tuple[Observed, ...]
    ratio: tuple[Quantity, Quantity]
    estimand: str
    demands: tuple[tuple[str, tuple[tuple[Atom, Atom], ...]], ...] = ()
    rows: tuple[tuple[str, Quantity], ...] = ()
    comparisons: tuple[tuple[str, Event, Event, Event, Event], ...] = ()
    parameters: tuple[str, ...] = ()
    shares: tuple[tuple[str, Event], ...] = ()

    @property
    def text(self) -> str:
        lines = ["model drawn"]
        for name, parents, values in self.variables:
            of = f"({', '.join(parents)})" if parents else ""
            lines.append(f"variable {name}{of} in 0..{values - 1}{' randomized' * (name in self.randomized)}")
        lines += [each.text for each in self.observed]
        lines += [f"parameter {name} in [0, 1]" for name in self.parameters]
        lines += [f"assume {text}" for text, *_ in (*self.demands, *self.rows, *self.comparisons)]
        return "\n".join([*lines, f"estimand e = {self.estimand}", ""])


class Judge:
    """The response types of a draft, data of populations, and bounds at data."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.values = {name: n for name, _, n in draft.variables}
        self.worlds = [
            dict(zip(draft.randomized, w, strict=True))
            for w in itertools.product(*(range(self.values[r]) for r in draft.randomized))
        ]
        self.units = [unit for unit in self._units() if self._meets(unit)]

    def _units(self) -> Iterator[dict[str, dict[tuple[int, ...], int]]]:
        choices = []
        for name, parents, values in self.draft.variables:
            if name not in self.draft.randomized:
                keys = list(itertools.product(*(range(self.values[p]) for p in parents)))
                functions = itertools.product(range(values), repeat=len(keys))
                choices.append([(name, dict(zip(keys, f, strict=True))) for f in functions])
        yield from (dict(each) for each in itertools.product(*choices))

    def _meets(self, unit: Any) -> bool:
        return all(
            self.value(unit, world, *second[:2]) >= second[2]
            for world in self.worlds
            for _, pairs in self.draft.demands
            for first, second in pairs
            if self.value(unit, world, *first[:2]) >= first[2]
        )

    def value(self, unit: Any, world: Mapping[str, int], name: str, do: Sequence[tuple[str, int]]) -> int:
        """The value of a variable in an arm, under interventions."""
        known = {**world, **dict(do)}
        for each, parents, _ in self.draft.variables:
            if each not in known:
                known[each] = unit[each][tuple(known[p] for p in parents)]
        return known[name]

    def holds(self, unit: Any, world: Mapping[str, int], event: Event) -> bool:
        return all(self.value(unit, world, name, do) == value for name, do, value in event)

    # ------------------------------------------------------------ data
    def cells(self, seen: Observed) -> Iterator[tuple[str, dict[str, int], Event, Event]]:
        """Name, arm, event and selection of each cell."""
        for arm in itertools.product(*(range(self.values[name]) for name in seen.arms)):
            for outcome in itertools.product(*(range(self.values[name]) for name in seen.outcomes)):
                event = tuple((n, (), v) for n, v in zip(seen.outcomes, outcome, strict=True))
                context = list(zip(seen.arms, arm, strict=True))
                behind = ",".join(f"{n}={v}" for n, v in (*context, *seen.selection))
                name = f"P({','.join(f'{n}={v}' for n, _, v in event)}{'|' + behind if behind else ''})"
                yield name, dict(context), event, tuple((n, (), v) for n, v in seen.selection)

    def law(self, weights: Mapping[int, Fraction], arms: Sequence[Fraction]) -> dict[str, Fraction] | None:
        """What a population shows; None where a selection has no unit."""
        found = {}
        for seen in self.draft.observed:
            for name, arm, event, selection in self.cells(seen):
                if seen.is_law:
                    pairs = zip(self.worlds, arms, strict=True)
                    shares = (p for w, p in pairs if all(w[n] == v for n, _, v in event))
                    found[name] = sum(shares, Fraction(0))
                    continue
                world = next(w for w in self.worlds if arm.items() <= w.items())
                inside = {i: x for i, x in weights.items() if self.holds(self.units[i], world, selection)}
                whole = sum(inside.values(), Fraction(0))
                if not whole:
                    return None
                part = (x for i, x in inside.items() if self.holds(self.units[i], world, event))
                found[name] = sum(part, Fraction(0)) / whole
        return found

    def vector(self, parts: Quantity, arms: Sequence[Fraction], given: Law) -> list[Fraction]:
        """What each response type adds."""
        return [
            sum(
                (
                    p * c * (given[name] if name else 1)
                    for w, p in zip(self.worlds, arms, strict=True)
                    for c, name, event in parts
                    if self.holds(unit, w, event)
                ),
                Fraction(0),
            )
            for unit in self.units
        ]

    # ------------------------------------------------------------ the program
    def program(self, data: Law, arms: Sequence[Fraction], given: Law) -> Program:
        equal, zero = [[Fraction(1)] * len(self.units)], []
        right = [Fraction(1)]
        selections = []
        for seen in self.draft.observed:
            for name, arm, event, selection in self.cells(seen) if not seen.is_law else ():
                world = next(w for w in self.worlds if arm.items() <= w.items())
                inside = [int(self.holds(u, world, (*selection, *event))) for u in self.units]
                if selection:
                    selected = [int(self.holds(u, world, selection)) for u in self.units]
                    selections.append(selected)
                    equal.append([Fraction(i) - data[name] * s for i, s in zip(inside, selected, strict=True)])
                    right.append(Fraction(0))
                else:
                    equal.append([Fraction(i) for i in inside])
                    right.append(data[name])
        zero += [self.vector(row, arms, given) for _, row in self.draft.rows]
        zero += [row for each in self.draft.comparisons if (row := self._compared(each, data, arms)) is not None]
        return Program(equal, right, zero, selections)

    def _compared(self, each: Any, data: Law, arms: Sequence[Fraction]) -> list[Fraction] | None:
        _, first, given, second, other = each
        shares = [self._share(condition, data, arms) for condition in (given, other)]
        if 0 in shares:
            return None
        above = self.vector(((1 / shares[0], "", (*first, *given)),), arms, {})
        below = self.vector(((1 / shares[1], "", (*second, *other)),), arms, {})
        return [a - b for a, b in zip(above, below, strict=True)]

    def _share(self, condition: Event, data: Law, arms: Sequence[Fraction]) -> Fraction:
        """The probability of a factual event, by the first statement, over the arms."""
        seen = self.draft.observed[0]
        total = Fraction(0)
        for world, p in zip(self.worlds, arms, strict=True):
            cells = [cell for cell in self.cells(seen) if cell[1].items() <= world.items()]
            total += p * sum((data[name] for name, _, event, _ in cells if set(condition) <= set(event)), Fraction(0))
        return total

    def known(self, data: Law, arms: Sequence[Fraction], parameters: Law) -> dict[str, Fraction]:
        """The values of coefficients: parameters, and shares by their text."""
        return {**parameters, **{text: self._share(event, data, arms) for text, event in self.draft.shares}}

    def bounds(self, data: Law, arms: Sequence[Fraction], given: Law) -> tuple[float, float] | None:
        """The infimum and the supremum; None where the estimand is not defined."""
        program = self.program(data, arms, given)
        top = self.vector(self.draft.ratio[0], arms, given)
        below = self.vector(self.draft.ratio[1], arms, given) if self.draft.ratio[1] else None
        return program.bounds(top, below)


@dataclass
class Program:
    """``equal psi = right``, ``zero psi >= 0``, ``psi >= 0``."""

    equal: list[list[Fraction]]
    right: list[Fraction]
    zero: list[list[Fraction]]
    selections: list[list[int]] = field(default_factory=list)

    def bounds(self, top: Sequence[Fraction], below: Sequence[Fraction] | None) -> tuple[float, float] | None:
        for selected in self.selections:
            most = self._least([-Fraction(s) for s in selected])
            if most is None or most > -CLEAR:
                return None
        if below is None:
            low, high = self._least(top), self._least([-x for x in top])
            return None if low is None or high is None else (low, -high)
        ends = (self._least(below), self._least([-x for x in below]))
        if None in ends:
            return None
        least, most = ends[0] or 0.0, -(ends[1] or 0.0)
        if most < CLEAR and least > -CLEAR:
            return None
        assert least > -CLEAR or most < CLEAR, "a divisor of either sign"
        sign = 1 if most >= CLEAR else -1
        lowest = self._least_ratio([sign * x for x in top], [sign * x for x in below])
        highest = self._least_ratio([-sign * x for x in top], [sign * x for x in below])
        return lowest, -highest

    def _least(self, costs: Sequence[Fraction]) -> float | None:
        found = linprog(
            np.array(costs, float),
            A_eq=np.array(self.equal, float),
            b_eq=np.array(self.right, float),
            A_ub=-np.array(self.zero, float) if self.zero else None,
            b_ub=np.zeros(len(self.zero)) if self.zero else None,
        )
        assert found.status in (0, 2), found
        return None if found.status == 2 else float(found.fun)

    def _least_ratio(self, top: Sequence[Fraction], below: Sequence[Fraction]) -> float:
        rows = [[*row, -right] for row, right in zip(self.equal, self.right, strict=True)]
        found = linprog(
            np.array([*top, 0], float),
            A_eq=np.array([*rows, [*below, 0]], float),
            b_eq=np.array([0] * len(rows) + [1], float),
            A_ub=-np.array([[*row, 0] for row in self.zero], float) if self.zero else None,
            b_ub=np.zeros(len(self.zero)) if self.zero else None,
        )
        assert found.status in (0, 3), found
        return float(found.fun) if found.status == 0 else -np.inf


# ---------------------------------------------------------------- populations
def population(judge: Judge, chance: random.Random, few: bool) -> dict[int, Fraction]:
    """Shares of response types: of all, or of few."""
    count = len(judge.units)
    chosen = chance.sample(range(count), min(count, chance.randint(2, 5))) if few else range(count)
    raw = {i: Fraction(chance.randint(1, 9)) for i in chosen}
    total = sum(raw.values())
    return {i: x / total for i, x in raw.items()}


def arm_shares(judge: Judge, chance: random.Random, zero: bool) -> list[Fraction]:
    """A law of the randomized variables; perhaps with an arm that nobody is in."""
    raw = [Fraction(chance.randint(1, 9)) for _ in judge.worlds]
    if zero and len(raw) > 1:
        raw[chance.randrange(len(raw))] = Fraction(0)
    return [x / sum(raw) for x in raw]


# ---------------------------------------------------------------- drafts
def _under(name: str, value: int, **do: int) -> Atom:
    return name, tuple(do.items()), value


def _effect(name: str, chance: random.Random, first: Mapping[str, int], second: Mapping[str, int]) -> Quantity:
    """``P(Y(first)=1, given) - P(Y(second)=1, given)`` or one of the two."""
    up, down = (_under(name, 1, **first),), (_under(name, 1, **second),)
    return chance.choice(
        [quantity((1, up), (-1, down)), quantity((1, up)), quantity((1, (*up, _under(name, 0, **second))))]
    )


def _given(parts: Quantity, condition: Event) -> Quantity:
    return tuple((c, name, (*event, *condition)) for c, name, event in parts)


def _over(top: Quantity, below: Quantity) -> tuple[tuple[Quantity, Quantity], str]:
    return (top, below), f"({written(top)}) / ({written(below)})"


def _unit_demand(name: str, parent: str) -> tuple[str, tuple[tuple[Atom, Atom], ...]]:
    high, low = _under(name, 1, **{parent: 1}), _under(name, 1, **{parent: 0})
    return f"{name}({parent}=1) >= {name}({parent}=0)", ((low, high),)


INSTRUMENT = (("Z", (), 2), ("X", ("Z",), 2), ("Y", ("X",), 2))
DIRECT = (("Z", (), 2), ("X", ("Z",), 2), ("Y", ("Z", "X"), 2))
THREE = (("Z", (), 3), ("X", ("Z",), 2), ("Y", ("X",), 2))
PLAIN = (("X", (), 2), ("Y", ("X",), 2))
COVARIATE = (("V", (), 2), ("X", ("V",), 2), ("Y", ("V", "X"), 2))


def _demands(chance: random.Random, pairs: Sequence[tuple[str, str]], most: int = 1) -> tuple[Any, ...]:
    chosen = chance.sample(list(pairs), chance.randint(0, min(most, len(pairs))))
    return tuple(_unit_demand(*pair) for pair in chosen)


def _base(chance: random.Random) -> tuple[Any, tuple[str, ...], tuple[Observed, ...], list[tuple[str, str]]]:
    variables = chance.choice([INSTRUMENT, DIRECT, PLAIN, THREE])
    if variables == PLAIN:
        return variables, (), (Observed(("X", "Y")),), [("Y", "X")]
    return variables, ("Z",), (Observed(("X", "Y"), ("Z",)),), [("X", "Z"), ("Y", "X")]


def _conditions(randomized: bool) -> list[Event]:
    """Events whose probability is not known."""
    found: list[Event] = [(_under("Y", 1, X=0),), (_under("Y", 1, X=1),), (_under("Y", 0, X=0), _under("Y", 1, X=1))]
    if not randomized:
        return [*found, (_under("X", 1), _under("Y", 1, X=0)), (_under("Y", 1),), (_under("X", 1),)]
    taker, never = (_under("X", 0, Z=0), _under("X", 1, Z=1)), (_under("X", 0, Z=0), _under("X", 0, Z=1))
    return [*found, taker, never, (*taker, _under("Y", 1, X=1)), (_under("Y", 0, Z=1), _under("X", 1, Z=0))]


def ratio_draft(chance: random.Random) -> Draft:
    variables, randomized, observed, pairs = _base(chance)
    if variables == DIRECT:
        pairs = pairs[:1]
        whats = [("Z", 0, 1)]
    else:
        whats = [("X", 0, 1)]
    name = whats[0][0]
    top = _effect("Y", chance, {name: 1}, {name: 0})
    if variables == DIRECT:
        conditions = [c for c in _conditions(True) if all(do and do[0][0] == "Z" for _, do, _ in c)]
    else:
        conditions = _conditions(bool(randomized))
    condition = chance.choice(conditions)
    if chance.random() < 0.7:
        top = _given(top, condition)
    below = quantity((1, condition))
    if chance.random() < 0.2:
        other = chance.choice(conditions)
        below = quantity((1, condition), (2, other))
    if name == "X" and randomized and chance.random() < 0.15:
        below = quantity((1, (_under("X", 1, Z=1),)), (-1, (_under("X", 1, Z=0),)))
    ratio, text = _over(top, below)
    return Draft(variables, randomized, observed, ratio, text, _demands(chance, pairs))


def law_draft(chance: random.Random) -> Draft:
    variables = chance.choice([INSTRUMENT, INSTRUMENT, DIRECT, THREE])
    observed = chance.choice(
        [
            (Observed(("X", "Y"), ("Z",)), Observed(("Z",), is_law=True)),
            (Observed(("X",), ("Z",)), Observed(("Y",), ("Z",)), Observed(("Z",), is_law=True)),
        ]
    )
    factual = [(_under("X", 1),), (_under("X", 0),), (_under("X", 1), _under("Y", 1)), (_under("Y", 0),), ()]
    condition = chance.choice(factual)
    whom = chance.choice(["X", "X", "Z"])
    top = _effect("Y", chance, {whom: 1}, {whom: 0})
    if chance.random() < 0.3:
        top = (*top, *quantity((chance.choice([-1, 1]), (_under("X", 1, Z=1), _under("Y", 1)))))
    top = _given(top, condition)
    demands = _demands(chance, [("X", "Z")] + ([("Y", "X")] if variables != DIRECT else []))
    if not condition or chance.random() < 0.3:
        return Draft(variables, ("Z",), observed, (top, ()), written(top), demands)
    below = quantity((1, condition))
    if chance.random() < 0.2:
        below = (*below, *quantity((1, (_under("Y", 1, X=1),))))
    ratio, text = _over(top, below)
    return Draft(variables, ("Z",), observed, ratio, text, demands)


def coefficient_draft(chance: random.Random) -> Draft:
    variables, randomized, observed, pairs = _base(chance)
    events = _conditions(bool(randomized))
    if variables == DIRECT:
        events = [c for c in events if all(do and do[0][0] == "Z" for _, do, _ in c)]
        pairs = pairs[:1]
    if chance.random() < 0.4:
        return _compared_draft(chance)
    one, two, three = (chance.choice(events) for _ in range(3))
    rows: tuple[tuple[str, Quantity], ...] = ()
    top = quantity((1, one), (-1, two))
    if chance.random() < 0.5:
        top = ((Fraction(1), "g", one), (Fraction(-2), "", two), (Fraction(1), "h", three))
    else:
        row = ((Fraction(1), "g", two), (Fraction(-1), "", one))
        rows = ((f"{written(row)} >= 0", row),)
        top = chance.choice(
            [
                _effect("Y", chance, {"Z" if randomized else "X": 1}, {"Z" if randomized else "X": 0}),
                quantity((1, three)),
            ]
        )
    demands = _demands(chance, pairs)
    if chance.random() < 0.25:
        ratio, text = _over(_given(top, three), quantity((1, three)))
        return Draft(variables, randomized, observed, ratio, text, demands, rows, (), ("g", "h"))
    return Draft(variables, randomized, observed, (top, ()), written(top), demands, rows, (), ("g", "h"))


def _compared_draft(chance: random.Random) -> Draft:
    """Monotone selection, and a monotone instrument."""
    covariate = chance.random() < 0.4
    variables, name = (COVARIATE, "V") if covariate else (PLAIN, "X")
    observed = (Observed(("V", "X", "Y") if covariate else ("X", "Y")),)
    comparisons = []
    for x in chance.choice([(0,), (1,), (0, 1)]):
        text = f"E[Y(X={x}) | {name}=1] >= E[Y(X={x}) | {name}=0]"
        outcome = (_under("Y", 1, X=x),)
        comparisons.append((text, outcome, (_under(name, 1),), outcome, (_under(name, 0),)))
    top = _effect("Y", chance, {"X": 1}, {"X": 0})
    demands = _demands(chance, [] if covariate else [("Y", "X")])
    if chance.random() < 0.4:
        condition = chance.choice([(_under("X", 1),), (_under("Y", 1),), (_under("Y", 1, X=1),)])
        ratio, text = _over(_given(top, condition), quantity((1, condition)))
        return Draft(variables, (), observed, ratio, text, demands, (), tuple(comparisons))
    return Draft(variables, (), observed, (top, ()), written(top), demands, (), tuple(comparisons))


SELECTED = (("D", (), 2), ("M", ("D",), 2), ("Y", ("D", "M"), 2))
ARMS = (("A", (), 2), ("S", ("A",), 2), ("Y", ("A", "S"), 2))
OUTCOME = (("A", (), 2), ("Y", ("A",), 2), ("S", ("Y",), 2))


def selection_draft(chance: random.Random) -> Draft:
    variables = chance.choice([SELECTED, ARMS, OUTCOME, PLAIN])
    if variables == PLAIN:
        observed = chance.choice(
            [
                (Observed(("X",), (), (("Y", 1),)),),
                (Observed(("X",), (), (("Y", 1),)), Observed(("X",), (), (("Y", 0),))),
                (Observed(("X",), (), (("Y", 1),)), Observed(("Y",))),
            ]
        )
        return _selection_draft(chance, variables, (), observed, "X", [("Y", "X")], (_under("X", 1),))
    if variables == SELECTED:
        observed = (Observed(("D", "Y"), (), (("M", 1),)),) + ((Observed(("M",)),) if chance.random() < 0.4 else ())
        return _selection_draft(chance, variables, (), observed, "D", [("M", "D")], (_under("M", 1),))
    seen = (Observed(("Y",), ("A",), (("S", 1),)),) + ((Observed(("S",), ("A",)),) if chance.random() < 0.4 else ())
    pairs = [("S", "A")] if variables == ARMS else [("Y", "A"), ("S", "Y")]
    both = (_under("S", 1, A=0), _under("S", 1, A=1))
    return _selection_draft(chance, variables, ("A",), seen, "A", pairs, both)


def _selection_draft(
    chance: random.Random,
    variables: Any,
    randomized: tuple[str, ...],
    observed: tuple[Observed, ...],
    cause: str,
    pairs: list[tuple[str, str]],
    selected: Event,
) -> Draft:
    top = _effect("Y", chance, {cause: 1}, {cause: 0})
    demands = _demands(chance, pairs)
    kind = chance.random()
    if kind < 0.4:
        return Draft(variables, randomized, observed, (top, ()), written(top), demands)
    condition = selected if kind < 0.75 else (_under("Y", 1, **{cause: 1}),)
    ratio, text = _over(_given(top, condition), quantity((1, condition)))
    return Draft(variables, randomized, observed, ratio, text, demands)


SHARES: tuple[tuple[str, Event], ...] = (
    ("P(X=1)", (_under("X", 1),)),
    ("P(X=0)", (_under("X", 0),)),
    ("P(X=1, Y=1)", (_under("X", 1), _under("Y", 1))),
)
FACTORIAL = (("Z", (), 2), ("W", (), 2), ("X", ("Z", "W"), 2), ("Y", ("X",), 2))
LEVELS = (("X", (), 2), ("Y", ("X",), 3))
LEVELS_GIVEN = (("Z", (), 2), ("X", ("Z",), 2), ("Y", ("X",), 3))


def share_draft(chance: random.Random) -> Draft:
    """Observed shares as coefficients, of the estimand or of an assumption; perhaps averaged over a law."""
    law = chance.random() < 0.5
    variables, randomized = (INSTRUMENT, ("Z",)) if law else (PLAIN, ())
    joint = Observed(("X", "Y"), randomized)
    observed = (joint, Observed(("Z",), is_law=True)) if law else (joint,)
    events = [*_conditions(False), (_under("X", 0), _under("Y", 1, X=1)), (_under("Y", 1, X=1), _under("Y", 1, X=0))]
    one, two, three = (chance.choice(events) for _ in range(3))
    names = [name for name, _ in SHARES]
    top: Quantity = (
        (Fraction(chance.choice([1, 2, -1])), chance.choice(names), one),
        (Fraction(chance.choice([1, -1])), chance.choice([*names, ""]), two),
    )
    rows: tuple[tuple[str, Quantity], ...] = ()
    if chance.random() < 0.4:
        row = ((Fraction(1), "", three), (Fraction(-1), chance.choice(names), one))
        rows = ((f"{written(row)} >= 0", row),)
        top = chance.choice([top, _effect("Y", chance, {"X": 1}, {"X": 0})])
    demands = _demands(chance, [("Y", "X"), *([("X", "Z")] if law else [])])
    comparisons = ()
    if chance.random() < 0.3:
        text = "E[Y(X=1) | X=1] >= E[Y(X=1) | X=0]"
        outcome = (_under("Y", 1, X=1),)
        comparisons = ((text, outcome, (_under("X", 1),), outcome, (_under("X", 0),)),)
    shape = (demands, rows, comparisons, (), SHARES)
    if chance.random() < 0.5:
        below = chance.choice([quantity((1, three)), ((Fraction(1), chance.choice(names), three),)])
        ratio, text = _over(top, below)
        return Draft(variables, randomized, observed, ratio, text, *shape)
    return Draft(variables, randomized, observed, (top, ()), written(top), *shape)


def wide_draft(chance: random.Random) -> Draft:
    """Two randomized variables with their joint law; outcomes with three values."""
    variables = chance.choice([FACTORIAL, LEVELS, LEVELS_GIVEN])
    randomized = tuple(name for name, parents, _ in variables if name in "ZW")
    laws = (Observed(randomized, is_law=True),) if randomized else ()
    observed = (Observed(("X", "Y"), randomized), *laws)
    top_value = 2 if variables != FACTORIAL else 1
    up, down = (_under("Y", top_value, X=1),), (_under("Y", top_value, X=0),)
    top = chance.choice([quantity((1, up), (-1, down)), quantity((1, (*up, _under("Y", 0, X=0)))), quantity((2, up))])
    conditions: list[Event] = [(_under("X", 1),), (_under("Y", 0),), (_under("X", 0), _under("Y", top_value)), down]
    condition = chance.choice(conditions)
    demands = _demands(chance, [("Y", "X")] if variables == FACTORIAL else [])
    if chance.random() < 0.7:
        ratio, text = _over(_given(top, condition), quantity((1, condition)))
        return Draft(variables, randomized, observed, ratio, text, demands)
    top = _given(top, conditions[0])
    return Draft(variables, randomized, observed, (top, ()), written(top), demands)


DRAFTS = {
    "ratio": ratio_draft,
    "law": law_draft,
    "coefficient": coefficient_draft,
    "selection": selection_draft,
    "share": share_draft,
    "wide": wide_draft,
}


def drawn(kind: str, seed: int) -> Draft:
    """The model of a seed."""
    return DRAFTS[kind](random.Random(f"{kind} {seed}"))
