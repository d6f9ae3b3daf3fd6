"""Random models, and a numeric judge of their bounds that shares nothing with boundgen.

A model is drawn as statements of its own and written as text. The judge lists every full response type of these
statements, as arrays, and asks HiGHS for the least and the largest estimand among the populations that give the data.
Of boundgen it knows the text and the names of cells alone.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from scipy.optimize import linprog

MOST_TYPES = 3000
MOST_CELLS = 20
DOMAINS = {
    2: (("0", "1"), ("0", "1"), ("0", "1"), ("1", "2"), ("-1", "1"), ("no", "yes"), ('"1st class"', '"2nd, a|b=c"')),
    3: (("0", "1", "2"), ("0", "1", "2"), ("-1", "0", "1"), ("low", "mid", "high")),
}
RELATIONS = {
    "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
# What the text says of a parameter, and between which values it is drawn.
PARAMETERS = {
    "g": ("[0, 1]", (Fraction(0), Fraction(1))),
    "r": ("[-1/2, 1/2]", (Fraction(-1, 2), Fraction(1, 2))),
    "t": ("[0, inf)", (Fraction(0), Fraction(2))),
}
Law = Mapping[str, Fraction]
Settings = tuple[tuple[str, int | None], ...]
World = Mapping[str, Any]


# ---------------------------------------------------------------- what a model says
@dataclass(frozen=True)
class Var:
    """A variable. Levels are numbers from zero; `values` are what the text calls them."""

    name: str
    values: tuple[str, ...]
    randomized: bool
    parents: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        return self.values[0].lstrip("-").isdigit()

    def line(self) -> str:
        parents = f"({', '.join(self.parents)})" if self.parents else ""
        return f"variable {self.name}{parents} in {{{', '.join(self.values)}}}{' randomized' * self.randomized}"


@dataclass(frozen=True)
class Outcome:
    """A potential outcome: what is set to a level, to an outcome, or to a quantified name."""

    name: str
    settings: tuple[tuple[str, Any], ...] = ()
    positional: bool = False


@dataclass(frozen=True)
class Compared:
    """``left relation right``; right is an outcome of the same variable, or a level."""

    left: Outcome
    relation: str
    right: Any


@dataclass(frozen=True)
class Joined:
    """Formulas joined by ``and``, ``or``, ``->``, or negated by ``not``."""

    how: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Mean:
    """``P(event | ...)``, or ``E[...]`` of a sum of products of outcomes, in an arm and given a factual event."""

    event: tuple[Any, ...]
    products: tuple[tuple[int, tuple[Outcome, ...]], ...] = ()
    arm: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Linear:
    """``constant + parameters + means``."""

    means: tuple[tuple[Fraction, Mean], ...]
    parameters: tuple[tuple[str, int], ...] = ()
    constant: Fraction = Fraction(0)


@dataclass(frozen=True)
class Seen:
    """An observed distribution; a level of None is each of them."""

    outcomes: Settings
    arms: Settings
    done: Settings


@dataclass(frozen=True)
class Drawn:
    """A random model. Restrictions are ``linear <= 0`` or ``linear = 0``."""

    variables: tuple[Var, ...]
    seen: tuple[Seen, ...]
    parameters: tuple[str, ...]
    unit: tuple[tuple[Any, tuple[tuple[str, str], ...]], ...]
    restrictions: tuple[tuple[Linear, str], ...]
    estimand: Linear

    @cached_property
    def by_name(self) -> dict[str, Var]:
        return {variable.name: variable for variable in self.variables}

    @cached_property
    def text(self) -> str:
        write = Writer(self.by_name)
        lines = ["model drawn", *(variable.line() for variable in self.variables)]
        lines += [write.seen(one) for one in self.seen]
        lines += [f"parameter {name} in {PARAMETERS[name][0]}" for name in self.parameters]
        for formula, indices in self.unit:
            over = ", ".join(f"{index} in {name}" for index, name in indices)
            lines.append(f"assume {write.formula(formula)}{' for all ' + over if over else ''}")
        lines += [f"assume {write.linear(one)} {relation} 0" for one, relation in self.restrictions]
        return "\n".join([*lines, f"estimand e = {write.linear(self.estimand)}"]) + "\n"


@dataclass(frozen=True)
class Writer:
    """Statements as the language writes them."""

    by_name: Mapping[str, Var]

    def level(self, name: str, level: Any) -> str:
        if isinstance(level, Outcome):
            return self.outcome(level)
        return level if isinstance(level, str) else self.by_name[name].values[level]

    def outcome(self, outcome: Outcome) -> str:
        names = [("" if outcome.positional else f"{n}=") + self.level(n, level) for n, level in outcome.settings]
        return f"{outcome.name}({', '.join(names)})" if names else outcome.name

    def formula(self, formula: Any) -> str:
        if isinstance(formula, Compared):
            return f"{self.outcome(formula.left)} {formula.relation} {self.level(formula.left.name, formula.right)}"
        parts = [f"({self.formula(part)})" for part in formula.parts]
        return f"not {parts[0]}" if formula.how == "not" else f" {formula.how} ".join(parts)

    def settings(self, settings: Sequence[tuple[str, int | None]]) -> str:
        return ", ".join(n if level is None else f"{n}={self.by_name[n].values[level]}" for n, level in settings)

    def seen(self, seen: Seen) -> str:
        behind = [self.settings(seen.arms)] * bool(seen.arms) + [f"do({self.settings(seen.done)})"] * bool(seen.done)
        return f"observe P({self.settings(seen.outcomes)}{' | ' * bool(behind)}{', '.join(behind)})"

    def mean(self, mean: Mean) -> str:
        behind = self.settings((*mean.arm, *mean.given))
        bar = f" | {behind}" if behind else ""
        if mean.event:
            return f"P({', '.join(map(self.formula, mean.event))}{bar})"
        terms = [f"{c:+d} * {' * '.join(map(self.outcome, product))}" for c, product in mean.products]
        return f"E[{' '.join(terms).replace('+', '+ ').replace('-', '- ').removeprefix('+ ')}{bar}]"

    def linear(self, linear: Linear) -> str:
        terms = [f"{c} * {self.mean(mean)}" for c, mean in linear.means]
        terms += [f"{c} * {name}" for name, c in linear.parameters]
        terms += [str(linear.constant)] * bool(linear.constant)
        return " + ".join(terms).replace("+ -", "- ")


# ---------------------------------------------------------------- drawing
class Draws:
    """Draws a model from a source of chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.variables = self._variables()
        self.by_name = {variable.name: variable for variable in self.variables}
        self.responses = [v for v in self.variables if not v.randomized]

    def now(self, one_in: float) -> bool:
        return self.chance.random() * one_in < 1

    def level(self, name: str) -> int:
        return self.chance.randrange(len(self.by_name[name].values))

    def some(self, items: Sequence[Any], least: int = 0, most: int = 9) -> list[Any]:
        size = self.chance.randint(min(least, len(items)), min(most, len(items)))
        return [items[i] for i in sorted(self.chance.sample(range(len(items)), size))]

    def _variables(self) -> tuple[Var, ...]:
        found: list[Var] = []
        types, count = 1, self.chance.choice([2, 3, 3, 3, 4, 4, 5, 5])
        for name in "ABCDW"[:count]:
            values = self.chance.choice(DOMAINS[3 if self.now(5) else 2])
            last = len(found) == count - 1
            randomized = not last and self.now(1.5 if not found else 4)
            parents: list[Var] = []
            for other in [] if randomized else self.chance.sample(found, len(found)):
                more = len(values) ** prod(len(p.values) for p in [*parents, other])
                if types * more * 2 ** (count - len(found) - 1) <= MOST_TYPES and (not self.now(4) or last):
                    parents.append(other)
            parents.sort(key=lambda parent: parent.name)
            types *= 1 if randomized else len(values) ** prod(len(p.values) for p in parents)
            found.append(Var(name, values, randomized, tuple(p.name for p in parents)))
        return tuple(found)

    def above(self, name: str) -> list[str]:
        found = set(self.by_name[name].parents)
        for parent in self.by_name[name].parents:
            found |= set(self.above(parent))
        return sorted(found)

    def open_arms(self, name: str, blocked: frozenset[str]) -> set[str]:
        """The randomized variables that reach a variable past what is set."""
        if name in blocked:
            return set()
        variable = self.by_name[name]
        return {name} if variable.randomized else {a for p in variable.parents for a in self.open_arms(p, blocked)}

    # ------------------------------------------------------------ outcomes and formulas
    def outcome(self, name: str, fixed: frozenset[str], depth: int = 1) -> Outcome:
        variable, above = self.by_name[name], self.above(name)
        if not above or (not self.open_arms(name, fixed) and self.now(3)):
            return Outcome(name)
        positional = self.now(1.5)
        chosen = set(variable.parents) if positional else set(self.some(above, least=1))
        chosen |= set() if positional else self.open_arms(name, fixed | chosen)
        ordered = variable.parents if positional else sorted(chosen)
        return Outcome(name, tuple((n, self.argument(n, fixed, depth)) for n in ordered), positional)

    def argument(self, name: str, fixed: frozenset[str], depth: int) -> Any:
        nested = depth and not self.by_name[name].randomized and self.now(3)
        return self.outcome(name, fixed, depth - 1) if nested else self.level(name)

    def compared(self, fixed: frozenset[str]) -> Compared:
        variable = self.chance.choice([self.responses[-1], *self.responses])
        left = self.outcome(variable.name, fixed)
        if self.now(3):
            return Compared(left, self.chance.choice([*RELATIONS]), self.outcome(variable.name, fixed))
        relation = self.chance.choice([*RELATIONS] if variable.numeric else ["=", "!="])
        return Compared(left, "=" if self.now(1.5) else relation, self.level(variable.name))

    def formula(self, fixed: frozenset[str], depth: int = 1) -> Any:
        if not depth or not self.now(3):
            return self.compared(fixed)
        how = self.chance.choice(["and", "or", "->", "not"])
        return Joined(how, tuple(self.formula(fixed, depth - 1) for _ in range(1 if how == "not" else 2)))

    def mean(self, arm: Mapping[str, int] | None = None, given: tuple[tuple[str, int], ...] = ()) -> Mean:
        if arm is None:
            arm = {v.name: self.level(v.name) for v in self.variables if v.randomized and self.now(2)}
        fixed, numeric = frozenset(arm), [v.name for v in self.responses if v.numeric]
        if not numeric or self.now(2):
            return Mean(
                tuple(self.formula(fixed) for _ in range(self.chance.choice([1, 1, 2]))), (), (*arm.items(),), given
            )
        name = self.chance.choice([numeric[-1], *numeric])
        one, other = self.outcome(name, fixed), self.outcome(self.chance.choice([name, *numeric]), fixed)
        products = self.chance.choice([((1, (one,)), (-1, (other,))), ((1, (one,)),), ((1, (one, other)),)])
        return Mean((), products, (*arm.items(),), given)

    # ------------------------------------------------------------ statements
    def seen(self, joint: bool) -> Seen:
        names = [v.name for v in self.responses]
        outcomes = names if joint and len(names) < 4 else self.some(names, 1, 3 if joint else 2)
        others = [name for name in names if name not in outcomes]
        done = [] if joint or not others or not self.now(3) else self.some(others, 1)
        needed = {arm for name in outcomes for arm in self.open_arms(name, frozenset(done))}
        arms = [v.name for v in self.variables if v.randomized and (v.name in needed or self.now(5))]
        return Seen(self._settings(outcomes, 7), self._settings(arms, 7), self._settings(done, 2))

    def _settings(self, names: Sequence[str], one_in: int) -> Settings:
        return tuple((name, self.level(name) if self.now(one_in) else None) for name in names)

    def monotone(self) -> tuple[Any, tuple[tuple[str, str], ...]]:
        able = [v for v in self.responses if v.parents]
        variable = self.chance.choice(able)
        moved = self.chance.choice(variable.parents)
        low, high = sorted(self.chance.sample(range(len(self.by_name[moved].values)), 2))
        rest = tuple((f"k{i}", p) for i, p in enumerate(p for p in variable.parents if p != moved))
        index = {p: k for k, p in rest}

        def at(level: int) -> Outcome:
            return Outcome(variable.name, tuple((p, index.get(p, level)) for p in variable.parents), True)

        return Compared(at(high), self.chance.choice([">=", ">=", "<=", "="]), at(low)), rest

    def restriction(self, parameters: Sequence[str]) -> tuple[Linear, str]:
        sign = Fraction(self.chance.choice([1, -1]))
        relation = "=" if self.now(8) else "<="
        if self.now(3):
            return Linear(((sign, self.mean()), (-sign, self.mean()))), relation
        if parameters and self.now(1.5):
            return Linear(((Fraction(1), self.mean()),), ((self.chance.choice(parameters), -1),)), "<="
        bound = Fraction(self.chance.randint(1, 5), 6)
        return Linear(((sign, self.mean()),), (), -sign * bound), relation

    def estimand(self, seen: Sequence[Seen], parameters: Sequence[str]) -> Linear:
        able = [one for one in seen if not one.done]
        if able and self.now(3):
            one = self.chance.choice(able)
            event = {*self.some(one.outcomes, 1, 2), *(pair for pair in one.outcomes if pair[1] is not None)}
            chosen = tuple((n, self.level(n) if v is None else v) for n, v in one.outcomes if (n, v) in event)
            arm = {n: self.level(n) if v is None else v for n, v in one.arms}
            return Linear(((Fraction(self.chance.choice([1, 1, 2, -1])), self.mean(arm, chosen)),))
        means = [(Fraction(1), self.mean())]
        means += [(Fraction(self.chance.choice([-1, -2, 1]), self.chance.choice([1, 2])), self.mean())] * self.now(4)
        return Linear(tuple(means), tuple((name, 1) for name in parameters if self.now(4)))

    def drawn(self) -> Drawn:
        seen = [self.seen(joint=True)]
        while len(seen) < 3 and self.now(2):
            seen.append(self.seen(joint=False))
        parameters = self.some(list(PARAMETERS), 1, 1) if self.now(3) else []
        able = any(v.parents for v in self.responses)
        unit = [self.monotone() for _ in range(2) if able and self.now(2.5)]
        unit += [(self.formula(frozenset()), ())] * self.now(6)
        restrictions = [self.restriction(parameters) for _ in range(self.chance.choice([0, 0, 0, 1, 1, 2]))]
        return Drawn(
            self.variables, tuple(seen), tuple(parameters), tuple(unit), tuple(restrictions),
            self.estimand(seen, parameters),
        )  # fmt: skip


def drawn_model(seed: int) -> Drawn | None:
    """The model of a seed; None for one that observes too much to be derived in a moment."""
    found = Draws(seed).drawn()
    return found if len(Judge(found).cells) <= MOST_CELLS else None


# ---------------------------------------------------------------- the judge
@dataclass(frozen=True, eq=False)
class Judge:
    """Every full response type of a model, and the numeric programs over them."""

    model: Drawn

    @cached_property
    def tables(self) -> dict[str, Any]:
        """For each variable that is not randomized a column for each setting of its parents, a row for each type."""
        shapes = {}
        for variable in self.model.variables:
            if not variable.randomized:
                columns = prod(len(self.model.by_name[p].values) for p in variable.parents)
                shapes[variable.name] = list(itertools.product(range(len(variable.values)), repeat=columns))
        places = np.indices([len(functions) for functions in shapes.values()]).reshape(len(shapes), -1)
        return {n: np.array(functions)[place] for (n, functions), place in zip(shapes.items(), places, strict=True)}

    @cached_property
    def size(self) -> int:
        return len(next(iter(self.tables.values())))

    def level(self, name: str, world: World) -> Any:
        """The level of a variable for each type, where the world sets some variables."""
        if name in world:
            return np.broadcast_to(world[name], self.size)
        column = np.zeros(self.size, dtype=int)
        for parent in self.model.by_name[name].parents:
            column = column * len(self.model.by_name[parent].values) + self.level(parent, world)
        return self.tables[name][np.arange(self.size), column]

    def outcome(self, outcome: Outcome, world: World, index: Mapping[str, int]) -> Any:
        inner = {n: self._operand(level, world, index) for n, level in outcome.settings}
        return self.level(outcome.name, {**world, **inner})

    def _operand(self, level: Any, world: World, index: Mapping[str, int]) -> Any:
        if isinstance(level, Outcome):
            return self.outcome(level, world, index)
        return index[level] if isinstance(level, str) else level

    def holds(self, formula: Any, world: World, index: Mapping[str, int]) -> Any:
        if isinstance(formula, Compared):
            left = self.outcome(formula.left, world, index)
            return RELATIONS[formula.relation](left, self._operand(formula.right, world, index))
        parts = [self.holds(part, world, index) for part in formula.parts]
        if formula.how == "not":
            return ~parts[0]
        first, second = parts
        return {"and": first & second, "or": first | second, "->": ~first | second}[formula.how]

    def mean(self, mean: Mean) -> tuple[Any, Any]:
        """What each type adds to a mean, and whether it is in its condition."""
        world = dict(mean.arm)
        inside = np.ones(self.size, dtype=bool)
        for name, level in mean.given:
            inside = inside & (self.level(name, world) == level)
        if mean.event:
            value = np.ones(self.size, dtype=int)
            for formula in mean.event:
                value = value * self.holds(formula, world, {})
        else:
            value = sum(c * self._product(outcomes, world) for c, outcomes in mean.products)
        return value * inside, inside

    def _product(self, outcomes: Sequence[Outcome], world: World) -> Any:
        found = np.ones(self.size, dtype=int)
        for each in outcomes:
            values = np.array([int(value) for value in self.model.by_name[each.name].values])
            found = found * values[self.outcome(each, world, {})]
        return found

    # ------------------------------------------------------------ rows
    @cached_property
    def arms(self) -> list[list[str]]:
        """The names of the cells of each arm of each observed distribution."""
        return [[name for name, _ in arm] for arm in self._arms()]

    @cached_property
    def cells(self) -> dict[str, Any]:
        """For each observed cell, which types fall into it."""
        return {name: self._falls(*where) for arm in self._arms() for name, where in arm}

    def _arms(self) -> Iterator[list[tuple[str, tuple[Any, Any]]]]:
        for seen in self.model.seen:
            for arm, done in itertools.product(self._assigned(seen.arms), self._assigned(seen.done)):
                behind = [self._equal(arm)] * bool(arm) + [f"do({self._equal(done)})"] * bool(done)
                bar = f"|{','.join(behind)}" if behind else ""
                yield [
                    (f"P({self._equal(event)}{bar})", (event, (*arm, *done))) for event in self._assigned(seen.outcomes)
                ]

    def _assigned(self, settings: Settings) -> list[tuple[tuple[str, int], ...]]:
        every = [
            [(n, i) for i in (range(len(self.model.by_name[n].values)) if v is None else [v])] for n, v in settings
        ]
        return list(itertools.product(*every))

    def _equal(self, settings: Sequence[tuple[str, int]]) -> str:
        return ",".join(f"{name}={self.model.by_name[name].values[level]}" for name, level in settings)

    def _falls(self, event: Sequence[tuple[str, int]], world: Sequence[tuple[str, int]]) -> Any:
        return np.logical_and.reduce([self.level(name, dict(world)) == level for name, level in event])

    @cached_property
    def allowed(self) -> Any:
        """The types that meet the unit-level assumptions, by number."""
        found = np.ones(self.size, dtype=bool)
        for formula, indices in self.model.unit:
            for levels in itertools.product(*(range(len(self.model.by_name[name].values)) for _, name in indices)):
                index = {k: level for (k, _), level in zip(indices, levels, strict=True)}
                found = found & self.holds(formula, {}, index)
        return np.flatnonzero(found)

    @cached_property
    def restrictions(self) -> list[tuple[Any, Linear, str]]:
        return [(self._added(linear)[0], linear, relation) for linear, relation in self.model.restrictions]

    @cached_property
    def target(self) -> tuple[Any, Any]:
        """What each type adds to the estimand's numerator, and to its denominator."""
        return self._added(self.model.estimand)

    def _added(self, linear: Linear) -> tuple[Any, Any]:
        """Numerators times six, so that they are integers, and the condition (that of all means)."""
        total, inside = np.zeros(self.size, dtype=int), np.ones(self.size, dtype=bool)
        for c, mean in linear.means:
            value, inside = self.mean(mean)
            total = total + int(6 * c) * value
        return total, inside

    @property
    def conditional(self) -> bool:
        return any(mean.given for _, mean in self.model.estimand.means)

    def fixed(self, linear: Linear, parameters: Law) -> Fraction:
        return linear.constant + sum((c * parameters[name] for name, c in linear.parameters), Fraction(0))

    # ------------------------------------------------------------ numeric programs
    def _rows(self, data: Law, parameters: Law) -> tuple[Any, list[float], list[str]]:
        rows = [np.ones(len(self.allowed)), *(self.cells[name][self.allowed] for name in data)]
        right = [1.0, *(float(value) for value in data.values())]
        kinds = ["="] * len(rows)
        for entries, linear, relation in self.restrictions:
            rows.append(entries[self.allowed] / 6)
            right.append(-float(self.fixed(linear, parameters)))
            kinds.append(relation)
        return np.array(rows, dtype=float), right, kinds

    def is_empty(self) -> bool:
        """Whether no population and no values of the parameters meet the assumptions."""
        free = {name: Fraction(0) for name in self.model.parameters}
        rows, right, kinds = self._rows({}, free)
        more = [[0.0], *([-c for _, c in linear.parameters] or [0.0] for _, linear, _ in self.restrictions)]
        assert all(len(each) == 1 for each in more), "a restriction has one parameter at most"
        # Of one parameter with a coefficient of -1, more is weaker: the largest value is what counts.
        top = [10.0**3 if name == "t" else float(PARAMETERS[name][1][1]) for name in self.model.parameters]
        loosest = [value + top[0] * each[0] if top else value for value, each in zip(right, more, strict=True)]
        return self._solved(np.zeros(len(self.allowed)), rows, loosest, kinds) is None

    def missed(self, data: Law, parameters: Law) -> float:
        """By how much data miss the model: the least sum of slacks."""
        rows, right, kinds = self._rows(data, parameters)
        rows = np.unique(rows, axis=1)
        up, down = np.eye(len(right))[:, 1:], -np.eye(len(right))[:, [i for i, k in enumerate(kinds) if k == "=" and i]]
        slack = np.hstack([-up, -down])
        cost = np.concatenate([np.zeros(rows.shape[1]), np.ones(slack.shape[1])])
        found = self._solved(cost, np.hstack([rows, slack]), right, kinds)
        assert found is not None
        return found

    def bounds(self, data: Law, parameters: Law) -> tuple[float, float] | None:
        """The least and the largest numerator; None where there is no population with these data."""
        rows, right, kinds = self._rows(data, parameters)
        every = np.unique(np.vstack([self.target[0][self.allowed] / 6, rows]), axis=1)
        ends = [self._solved(sign * every[0], every[1:], right, kinds) for sign in (1, -1)]
        if ends[0] is None or ends[1] is None:
            return None
        more = float(self.fixed(self.model.estimand, parameters))
        return ends[0] + more, -ends[1] + more

    def _solved(self, cost: Any, rows: Any, right: Sequence[float], kinds: Sequence[str]) -> float | None:
        equal = np.array([kind == "=" for kind in kinds])
        values = np.array(right)
        below = (rows[~equal], values[~equal]) if (~equal).any() else (None, None)
        options = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
        found = linprog(cost, *below, rows[equal], values[equal], (0, None), method="highs", options=options)
        return float(found.fun) if found.status == 0 else None


# ---------------------------------------------------------------- laws
Population = dict[int, Fraction]


@dataclass
class Laws:
    """Random data for a model: inside of it, at its edge, and outside."""

    judge: Judge
    chance: random.Random
    parameters: dict[str, Fraction] = field(default_factory=dict)

    def value(self) -> None:
        """Draw values of the parameters, often at an end of their range."""
        for name in self.judge.model.parameters:
            low, high = PARAMETERS[name][1]
            self.parameters[name] = low + (high - low) * Fraction(self.chance.choice([0, 1, 2, 3, 4, 6]), 6)

    def population(self, types: Sequence[int]) -> Population:
        """A few types, or many."""
        count = min(len(types), self.chance.choice([1, 2, 3, 6, 40]))
        shares = {int(i): self.chance.randint(1, 5) for i in self.chance.sample(list(types), count)}
        return {i: Fraction(share, sum(shares.values())) for i, share in shares.items()}

    def inside(self) -> Population | None:
        """A population that meets all assumptions, at the edge of one where nothing else was found, or by chance."""
        for _ in range(40):
            found = self.population(self.judge.allowed)
            for k in range(len(self.judge.restrictions)):
                if not self._meets(found, k) or self.now(4):
                    found = self._at_edge(found, k)
            if all(self._meets(found, k) for k in range(len(self.judge.restrictions))):
                return found
        return None

    def now(self, one_in: int) -> bool:
        return self.chance.randrange(one_in) == 0

    def _excess(self, population: Population, k: int) -> Fraction:
        entries, linear, _ = self.judge.restrictions[k]
        total = sum((share * int(entries[i]) for i, share in population.items()), Fraction(0)) / 6
        return total + self.judge.fixed(linear, self.parameters)

    def _meets(self, population: Population, k: int) -> bool:
        excess = self._excess(population, k)
        return excess == 0 or (excess < 0 and self.judge.restrictions[k][2] == "<=")

    def _at_edge(self, first: Population, k: int) -> Population:
        """A mixture with another population for which the restriction holds with equality, if one is found."""
        for _ in range(20):
            second = self.population(self.judge.allowed)
            low, high = self._excess(first, k), self._excess(second, k)
            if low * high < 0:
                return mixture(first, second, low / (low - high))
        return first

    def data(self, population: Population) -> dict[str, Fraction]:
        return {
            name: sum((share for i, share in population.items() if falls[i]), Fraction(0))
            for name, falls in self.judge.cells.items()
        }

    def outside(self) -> dict[str, Fraction]:
        """Each arm from a population of its own, whatever is assumed; arms that share cells from the same one."""
        found = {}
        for group in self._groups():
            data = self.data(self.population(range(self.judge.size)))
            found |= {name: data[name] for name in group}
        return {name: found[name] for name in self.judge.cells}

    def _groups(self) -> list[set[str]]:
        groups: list[set[str]] = []
        for names in self.judge.arms:
            joined = set(names).union(*(group for group in groups if group & set(names)))
            groups = [group for group in groups if not group & joined] + [joined]
        return groups

    def near(self, inside: Law) -> dict[str, Fraction]:
        share, other = self.chance.choice([Fraction(1, 2), Fraction(1, 8), Fraction(1, 32)]), self.outside()
        return {name: (1 - share) * value + share * other[name] for name, value in inside.items()}


def mixture(first: Population, second: Population, share: Fraction) -> Population:
    """``(1 - share)`` of the first population, and the share of the second."""
    parts = [(first, 1 - share), (second, share)]
    return {i: sum((p.get(i, Fraction(0)) * w for p, w in parts), Fraction(0)) for i in {*first, *second}}
