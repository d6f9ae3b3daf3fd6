"""Random models in which each variable has at most one unmeasured cause, and two judges of their bounds.

The judges list the response types of each group of variables that share a cause. Neither knows Tian's formulas, nor
anything else of boundgen. To SCIP an observed probability is the product of what the groups add to it. By brute force
the laws of all groups but the largest stand on a grid, their vertices among it, and HiGHS solves what is left; what
the data say of each group is read off the population itself, so all of its groups need a law without zeros.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb, prod
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from boundgen.language.model import Model

World = Mapping[str, int]
Types = dict[str, tuple[int, ...]]
# What one unit adds to an estimand, and whether it is in its condition.
Asked = Callable[["Unit"], tuple[int, int]]
NAMES = "VWXY"
MOST_TYPES, MOST_BASES, MOST_PROGRAMS = 64, 13_000, 400
# A condition of fewer is no divisor for SCIP.
FEW = 0.02


@dataclass(frozen=True)
class Unit:
    """A response type of each variable: its values for all values of its parents."""

    parents: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, int]
    types: Types

    def value(self, name: str, world: World) -> int:
        """The value of a variable where the world sets some."""
        if name in world:
            return world[name]
        place = 0
        for parent in self.parents[name]:
            place = self.levels[parent] * place + self.value(parent, world)
        return self.types[name][place]


@dataclass(frozen=True)
class Question:
    """An estimand in words, and what it is."""

    text: str
    asked: Asked


@dataclass(frozen=True)
class Truth:
    """A model, a law of the response types of each of its groups, and questions.

    Parameters
    ----------
    parents : mapping of names to names
        In an order in which causes stand before effects.
    levels : mapping of names to numbers
        How many values each has.
    groups : tuple of tuple of str
        Those that share a cause.
    randomized : tuple of str
        Of those without parents.
    laws : tuple of laws, one for each group
        The numbers of its types, with their shares.
    questions : tuple of Question
    """

    parents: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, int]
    groups: tuple[tuple[str, ...], ...]
    randomized: tuple[str, ...]
    laws: tuple[Mapping[int, Fraction], ...]
    questions: tuple[Question, ...]

    # ------------------------------------------------------------ in words
    @cached_property
    def text(self) -> str:
        lines = ["model random"]
        for name, above in self.parents.items():
            listed = f"({', '.join(above)})" if above else ""
            lines.append(
                f"variable {name}{listed} in 0..{self.levels[name] - 1}{' randomized' * (name in self.randomized)}"
            )
        lines += [f"confounded {', '.join(own)}" for own in self.groups if len(own) > 1] or ["unconfounded"]
        bar = f" | {', '.join(self.randomized)}" if self.randomized else ""
        lines.append(f"observe P({', '.join(self.seen)}{bar})")
        lines += [f"estimand e{i} = {question.text}" for i, question in enumerate(self.questions)]
        return "\n".join(lines) + "\n"

    @property
    def model(self) -> Model:
        return Model.parse(self.text)

    # ------------------------------------------------------------ response types
    @property
    def seen(self) -> tuple[str, ...]:
        return tuple(name for name in self.parents if name not in self.randomized)

    @cached_property
    def types(self) -> tuple[tuple[Types, ...], ...]:
        """The types of each group."""
        return tuple(types_of(self.parents, self.levels, own) for own in self.groups)

    def unit(self, types: Types) -> Unit:
        return Unit(self.parents, self.levels, types)

    def falls(self, number: int, values: World) -> Any:
        """Which types of a group show these values where what affects them has these values."""
        own = self.groups[number]
        return np.array(
            [
                all(self.unit(types).value(n, _without(values, n)) == values[n] for n in own)
                for types in self.types[number]
            ],
            dtype=float,
        )

    @cached_property
    def cells(self) -> dict[str, Fraction]:
        """What is observed."""
        found = {}
        for values in self.settings():
            shares = (
                sum((share for i, share in law.items() if falls[i]), Fraction(0))
                for law, falls in zip(self.laws, self._falls(values), strict=True)
            )
            found[self.cell(values)] = prod(shares, start=Fraction(1))
        return found

    def settings(self) -> Iterator[World]:
        """All values of all variables."""
        for values in itertools.product(*(range(self.levels[name]) for name in self.parents)):
            yield dict(zip(self.parents, values, strict=True))

    def _falls(self, values: World) -> list[Any]:
        return [self.falls(k, values) for k in range(len(self.groups))]

    def cell(self, values: World) -> str:
        """The name of an observed probability."""
        event, arm = (",".join(f"{n}={values[n]}" for n in names) for names in (self.seen, self.randomized))
        return f"P({event}{'|' * bool(arm)}{arm})"

    def truth(self, question: Question) -> Fraction | None:
        """The estimand; None where nobody is in its condition."""
        total, inside = Fraction(0), Fraction(0)
        for chosen in itertools.product(*(law.items() for law in self.laws)):
            weight, together = Fraction(1), Types()
            for (number, share), types in zip(chosen, self.types, strict=True):
                weight, together = weight * share, together | types[number]
            value, condition = question.asked(self.unit(together))
            total, inside = total + weight * value, inside + weight * condition
        return total / inside if inside else None

    def table(self, question: Question) -> tuple[Any, Any]:
        """What each choice of one type of each group adds to the estimand, and whether it is in its condition."""
        shape = tuple(map(len, self.types))
        value, inside = np.zeros(shape), np.zeros(shape)
        for place in itertools.product(*map(range, shape)):
            together = Types()
            for types, i in zip(self.types, place, strict=True):
                together |= types[i]
            value[place], inside[place] = question.asked(self.unit(together))
        return value, inside


def types_of(
    parents: Mapping[str, tuple[str, ...]], levels: Mapping[str, int], own: Sequence[str]
) -> tuple[Types, ...]:
    """Every response type of a group."""
    kinds = [
        list(itertools.product(range(levels[name]), repeat=prod(levels[parent] for parent in parents[name])))
        for name in own
    ]
    return tuple(dict(zip(own, types, strict=True)) for types in itertools.product(*kinds))


def _without(values: World, name: str) -> dict[str, int]:
    return {other: value for other, value in values.items() if other != name}


# ---------------------------------------------------------------- by chance
@st.composite
def truths(draw: st.DrawFn, *, positive: bool = True, most: int = 4, questions: int = 2, three: bool = False) -> Truth:
    """Three or four binary variables, of which one may have three values.

    Where the law is to be positive, each type of each group has a share.
    """
    names = NAMES[4 - draw(st.integers(3, most)) :]
    parents: dict[str, tuple[str, ...]] = {}
    for name in names:
        above = list(parents)
        own = draw(st.lists(st.sampled_from(above), max_size=2, unique=True)) if above else []
        parents[name] = tuple(other for other in above if other in own)
    if not parents["Y"]:
        parents["Y"] = (draw(st.sampled_from(names[:-1])),)
    levels = dict.fromkeys(names, 2)
    if three and draw(st.booleans()):
        levels[draw(st.sampled_from(names))] = 3
    roots = [name for name in names[:-1] if not parents[name]]
    randomized = tuple(draw(st.lists(st.sampled_from(roots), max_size=1)) if draw(st.booleans()) else ())
    groups: list[list[str]] = []
    for name in names:
        if name in randomized:
            continue
        places = [own for own in groups if _size(parents, levels, [*own, name]) <= MOST_TYPES]
        chosen = draw(st.sampled_from([None, *range(len(places))]))
        if chosen is None:
            groups.append([name])
        else:
            places[chosen].append(name)
    laws = tuple(_law(draw, _size(parents, levels, own), positive) for own in groups)
    asked = tuple(_question(draw, parents, randomized) for _ in range(draw(st.integers(1, questions))))
    return Truth(parents, levels, tuple(map(tuple, groups)), randomized, laws, asked)


def _size(parents: Mapping[str, tuple[str, ...]], levels: Mapping[str, int], own: Sequence[str]) -> int:
    return prod(levels[name] ** prod(levels[parent] for parent in parents[name]) for name in own)


def _law(draw: st.DrawFn, size: int, positive: bool) -> dict[int, Fraction]:
    few = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5, unique=True))
    weights = {i: draw(st.integers(1, 30)) for i in few}
    if positive:
        weights = {i: weights.get(i, 0) + 1 for i in range(size)}
    return {i: Fraction(weight, sum(weights.values())) for i, weight in weights.items()}


def _question(draw: st.DrawFn, parents: Mapping[str, tuple[str, ...]], randomized: Sequence[str]) -> Question:
    """An effect, a joint event of potential outcomes, or a natural effect; of all, or of those who show something."""
    above = ancestors("Y", parents)
    cause = draw(st.sampled_from([name for name in parents if name in above]))
    seen = [name for name in parents if name not in randomized]
    arm = {name: draw(st.integers(0, 1)) for name in randomized}

    def world(name: str, value: int) -> dict[str, int]:
        """The cause set, and with it what is randomized and affects the variable."""
        return {cause: value, **{n: v for n, v in arm.items() if n != cause and n in ancestors(name, parents)}}

    kind = draw(st.sampled_from(["ate", "pns", "joint", "nested", "benefit", "counterfactual"]))
    between = [name for name in seen if name in above and cause in ancestors(name, parents)]
    if kind == "nested" and between:
        return _nested(world, draw(st.sampled_from(between)))
    if kind == "joint":
        return _joint(world, draw(st.sampled_from(["Y", *between])), *(draw(st.integers(0, 1)) for _ in range(3)))
    one, zero = world("Y", 1), world("Y", 0)
    if kind == "counterfactual":
        return _given(world, draw(st.sampled_from(["Y", *between])), draw(st.integers(0, 1)))
    given: dict[str, int] = {}
    if draw(st.booleans()):
        given = {name: draw(st.integers(0, 1)) for name in draw(st.sets(st.sampled_from(seen), min_size=1, max_size=2))}
    bar = f" | {', '.join(f'{n}={v}' for n, v in {**arm, **given}.items())}" if given else ""

    def inside(u: Unit) -> int:
        return int(all(u.value(name, arm) == v for name, v in given.items()))

    high, low = f"Y({_set(one)})", f"Y({_set(zero)})"
    if kind == "ate":
        return Question(
            f"E[{high} - {low}{bar}]", lambda u: ((u.value("Y", one) - u.value("Y", zero)) * inside(u), inside(u))
        )
    if kind == "benefit":
        return Question(
            f"P({high} >= {low}{bar})", lambda u: (int(u.value("Y", one) >= u.value("Y", zero)) * inside(u), inside(u))
        )
    return Question(
        f"P({high}=1, {low}=0{bar})",
        lambda u: (int(u.value("Y", one) == 1 and u.value("Y", zero) == 0) * inside(u), inside(u)),
    )


def _joint(world: Callable[[str, int], dict[str, int]], other: str, x: int, y: int, z: int) -> Question:
    """Y where the cause has one value, and a variable where it has the other."""
    one, two = world("Y", x), world(other, 1 - x)
    return Question(
        f"P(Y({_set(one)})={y}, {other}({_set(two)})={z})",
        lambda u: (int(u.value("Y", one) == y and u.value(other, two) == z), 1),
    )


def _given(world: Callable[[str, int], dict[str, int]], other: str, value: int) -> Question:
    """Y where the cause is set, among those of whom a potential outcome is known."""
    one, two = world("Y", 1), world(other, 0)

    def inside(u: Unit) -> int:
        return int(u.value(other, two) == value)

    return Question(
        f"P(Y({_set(one)})=1 | {other}({_set(two)})={value})",
        lambda u: (int(u.value("Y", one) == 1) * inside(u), inside(u)),
    )


def _nested(world: Callable[[str, int], dict[str, int]], mediator: str) -> Question:
    """What of an effect goes through a mediator."""
    one, of_mediator = world("Y", 1), world(mediator, 0)
    text = f"E[Y({_set(one)}) - Y({_set(one)}, {mediator}={mediator}({_set(of_mediator)}))]"
    return Question(
        text, lambda u: (u.value("Y", one) - u.value("Y", {**one, mediator: u.value(mediator, of_mediator)}), 1)
    )


def _set(world: World) -> str:
    return ", ".join(f"{name}={value}" for name, value in world.items())


def ancestors(name: str, parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    """What affects a variable, directly or not."""
    found = set(parents[name])
    return found.union(*(ancestors(above, parents) for above in found))


# ---------------------------------------------------------------- SCIP
def by_scip(truth: Truth, question: Question, seconds: float = 10) -> list[tuple[float, float]]:
    """For the least and the greatest value: what SCIP proves, and what it finds; these are alike where it ended.

    Where next to nobody may be in the condition, it would divide by what it is off by: nothing is proved or found.
    """
    scip = pytest.importorskip("pyscipopt")
    value, inside = truth.table(question)
    if not inside.all() and _by_scip(scip, truth, inside, np.ones_like(inside), "minimize", seconds)[0] < FEW:
        return [(-math.inf, math.nan), (math.inf, math.nan)]
    return [_by_scip(scip, truth, value, inside, sense, seconds) for sense in ("minimize", "maximize")]


def _by_scip(scip: Any, truth: Truth, value: Any, inside: Any, sense: str, seconds: float) -> tuple[float, float]:
    program = scip.Model()
    program.hideOutput()
    program.setParam("limits/absgap", 1e-7)
    program.setParam("numerics/feastol", 1e-8)
    program.setParam("limits/time", seconds)
    shares = [[program.addVar(lb=0, ub=1) for _ in types] for types in truth.types]
    for own in shares:
        program.addCons(scip.quicksum(own) == 1)
    sums: dict[tuple[int, bytes], Any] = {}

    def share(number: int, inside: Any) -> Any:
        """The probability of an event of a group."""
        key = number, inside.astype(bool).tobytes()
        if key not in sums:
            sums[key] = program.addVar(lb=0, ub=1)
            program.addCons(sums[key] == scip.quicksum(s for s, i in zip(shares[number], inside, strict=True) if i))
        return sums[key]

    for values in truth.settings():
        product: Any = 1
        for number in range(len(truth.groups)):
            product = product * share(number, truth.falls(number, values))
        program.addCons(product == float(truth.cells[truth.cell(values)]))
    # Not at its ends: what is rounded would be beyond them.
    goal = program.addVar(lb=-3, ub=3)
    program.addCons(goal * _polynomial(inside, share) == _polynomial(value, share))
    program.setObjective(goal, sense)
    program.optimize()
    found = program.getObjVal() if program.getNSols() else float("nan")
    return float(program.getDualbound()), float(found)


def _polynomial(table: Any, share: Callable[[int, Any], Any]) -> Any:
    """A sum over types as products of shares of events, one of each group whose types the table tells apart."""
    parts: list[tuple[float, list[tuple[int, Any]]]] = []

    def go(rest: Any, number: int, events: list[tuple[int, Any]]) -> None:
        if not rest.any():
            return
        if not rest.ndim:
            parts.append((float(rest), events))
            return
        alike: dict[bytes, list[int]] = {}
        for i, piece in enumerate(rest):
            alike.setdefault(piece.tobytes(), []).append(i)
        for members in alike.values():
            inside = np.zeros(len(rest))
            inside[members] = 1
            go(rest[members[0]], number + 1, [*events, (number, inside)] if len(alike) > 1 else events)

    go(table, 0, [])
    total: Any = 0
    for coefficient, events in parts:
        product: Any = coefficient
        for number, inside in events:
            product = product * share(number, inside)
        total = total + product
    return total


# ---------------------------------------------------------------- brute force
def by_grid(truth: Truth, question: Question, chance: np.random.Generator, mixtures: int = 10) -> tuple[Any, Any, bool]:
    """The least and the greatest value over a grid of laws of all groups but one, and whether it has all vertices."""
    numerator, condition = truth.table(question)
    systems = [_system(truth, k) for k in range(len(truth.groups))]
    last = max(range(len(systems)), key=lambda k: systems[k][0].shape[1])
    others = [k for k in range(len(systems)) if k != last]
    complete, grids = True, []
    for k in others:
        merged, keys = _merged(systems[k][0], np.moveaxis(np.stack([numerator, condition]), 1 + k, 0))
        laws = _vertices(merged, systems[k][1])
        if laws is None:
            complete, laws = False, _some(merged, systems[k][1], chance)
        mixed = [chance.dirichlet(np.ones(len(laws))) @ laws for _ in range(mixtures if len(laws) > 1 else 0)]
        grids.append((keys, np.array([*laws, *mixed])))
    many = prod(len(laws) for _, laws in grids)
    places = list(itertools.product(*(range(len(laws)) for _, laws in grids)))
    if many > MOST_PROGRAMS:
        complete = False
        places = [places[i] for i in chance.choice(many, MOST_PROGRAMS, replace=False)]
    found = []
    for place in places:
        value, inside = numerator, condition
        # From the last axis on, so that the numbers of the others stay.
        for k, (keys, laws), i in sorted(
            zip(others, grids, place, strict=True), reverse=True, key=lambda each: each[0]
        ):
            value, inside = (np.tensordot(t.take(keys, k), laws[i], (k, 0)) for t in (value, inside))
        found += _ends(value, inside, *systems[last])
    return min(found), max(found), complete


def _system(truth: Truth, number: int) -> tuple[Any, Any]:
    """What the data say of a group: the law of what it shows, for all values of what affects it."""
    law = np.zeros(len(truth.types[number]))
    for i, share in truth.laws[number].items():
        law[i] = float(share)
    rows = np.array([truth.falls(number, values) for values in truth.settings()])
    rows = _independent(np.unique(rows, axis=0))
    return rows, rows @ law


def _independent(rows: Any) -> Any:
    kept: list[Any] = []
    for row in rows:
        if np.linalg.matrix_rank(np.array([*kept, row])) > len(kept):
            kept.append(row)
    return np.array(kept)


def _merged(rows: Any, asked: Any) -> tuple[Any, list[int]]:
    """The rows over types that these and the estimand tell apart, and one type of each kind."""
    kinds: dict[bytes, int] = {}
    for j in range(rows.shape[1]):
        kinds.setdefault(rows[:, j].tobytes() + asked[j].tobytes(), j)
    keys = list(kinds.values())
    return rows[:, keys], keys


def _vertices(rows: Any, right: Any) -> Any:
    """Every vertex of the laws with these rows; None where there are too many bases."""
    rank, size = rows.shape
    if comb(size, rank) > MOST_BASES:
        return None
    bases = np.array(list(itertools.combinations(range(size), rank)))
    squares = rows[:, bases].transpose(1, 0, 2)
    regular = np.abs(np.linalg.det(squares)) > 0.5
    bases = bases[regular]
    solved = np.linalg.solve(squares[regular], np.broadcast_to(right[:, None], (len(bases), rank, 1)))[..., 0]
    allowed = (solved > -1e-12).all(axis=1)
    laws = np.zeros((allowed.sum(), size))
    np.put_along_axis(laws, bases[allowed], solved[allowed], axis=1)
    return np.unique(laws.round(12), axis=0)


def _some(rows: Any, right: Any, chance: np.random.Generator) -> Any:
    optimize = pytest.importorskip("scipy.optimize")
    costs = chance.normal(size=(12, rows.shape[1]))
    return np.unique([optimize.linprog(cost, None, None, rows, right).x.round(12) for cost in costs], axis=0)


def _ends(value: Any, inside: Any, rows: Any, right: Any) -> list[float]:
    """The least and the greatest ratio over the laws of one group (Charnes & Cooper 1962)."""
    optimize = pytest.importorskip("scipy.optimize")
    matrix = np.hstack([rows, -right[:, None]])
    matrix = np.vstack([matrix, [*inside, 0]])
    scaled = np.array([0.0] * len(right) + [1.0])
    kinds = np.unique(np.vstack([np.append(value, 0), matrix]), axis=1)
    ends = []
    for sign in (1, -1):
        found = optimize.linprog(sign * kinds[0], None, None, kinds[1:], scaled)
        ends += [sign * found.fun] if found.status == 0 else []
    return ends
