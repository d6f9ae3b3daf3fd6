"""All Hypothesis strategies: random models as text, and random distributions for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod
from typing import Any, TypeVar

from hypothesis import assume
from hypothesis import strategies as st

from boundgen.language.model import Model
from boundgen.polyhedra.optimum import Constraint, maximum
from support.independent import Problem, linear

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[T]], T]
Weights = tuple[Fraction, ...]
Numbers = dict[str, Fraction]

MOST_TYPES = 600
MOST_CELLS = 16
PARAMETERS = {
    "g": "[0, 1]",
    "t": "[0, inf)",
    "r": "[-1/2, 1/2]",
    "u": "(-inf, inf)",
}
INTEGERS = {2: ("0 1", "0 1", "1 2", "-1 1", "0 1/2"), 3: ("0 1 2", "-1 0 1", "-3/2 0 1/3"), 4: ("0 1 2 3",)}
NAMES = {2: ("no yes", "zero one", '"a,b" "c|(d)"'), 3: ("low mid high", "zero one two"), 4: ("a b c d",)}
NUMBERS = ("0", "1/4", "1/3", "1/2", "2/3", "0.9", "1")


# ---------------------------------------------------------------- models
@dataclass(frozen=True)
class Var:
    """A variable on its way into a text."""

    name: str
    values: tuple[str, ...]
    randomized: bool
    parents: tuple[str, ...]

    @property
    def numeric(self) -> bool:
        return not self.values[0].strip('"')[0].isalpha()

    def line(self) -> str:
        parents = f"({', '.join(self.parents)})" if self.parents else ""
        return f"variable {self.name}{parents} in {{{', '.join(self.values)}}}{' randomized' * self.randomized}"


@dataclass(frozen=True)
class Seen:
    """An `observe` statement: each variable with a value, or with None for all of its values."""

    outcomes: tuple[tuple[str, str | None], ...]
    arms: tuple[tuple[str, str | None], ...]
    done: tuple[tuple[str, str | None], ...]

    def line(self) -> str:
        behind = [*_items(self.arms), *([f"do({', '.join(_items(self.done))})"] if self.done else [])]
        bar = f" | {', '.join(behind)}" if behind else ""
        return f"observe P({', '.join(_items(self.outcomes))}{bar})"


def _items(settings: Iterable[tuple[str, str | None]]) -> list[str]:
    return [name if value is None else f"{name}={value}" for name, value in settings]


@dataclass(frozen=True)
class Draft:
    """The statements of a model, so that a test may add or rename before it is read."""

    variables: tuple[Var, ...]
    seen: tuple[Seen, ...]
    parameters: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    estimands: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = ["model drawn"]
        lines += [variable.line() for variable in self.variables]
        lines += [seen.line() for seen in self.seen]
        lines += [f"parameter {name} in {PARAMETERS[name]}" for name in self.parameters]
        lines += [f"define {name} = {right}" for name, right in zip(("D1", "D2"), self.definitions, strict=False)]
        lines += [f"assume {line}" for line in self.assumptions]
        lines += [f"estimand e{i} = {line}" for i, line in enumerate(self.estimands)]
        return "\n".join([*lines, *self.beyond, *self.claims]) + "\n"

    @property
    def model(self) -> Model:
        return Model.parse(self.text)

    def assuming(self, line: str) -> Draft:
        """The same model with one more assumption."""
        return replace(self, assumptions=(*self.assumptions, line))


@dataclass(frozen=True)
class Scope:
    """The randomized variables that an arm fixes, and the quantified names with their variables."""

    fixed: frozenset[str] = frozenset()
    indices: Mapping[str, str] = field(default_factory=dict)


class Writer:
    """Writes random expressions about given variables."""

    def __init__(self, draw: Draw[Any], variables: Sequence[Var]) -> None:
        self.draw = draw
        self.by_name = {variable.name: variable for variable in variables}
        self.responses = [v for v in variables if not v.randomized]
        self.randomized = [v for v in variables if v.randomized]

    # ------------------------------------------------------------ choices
    def pick(self, items: Sequence[T]) -> T:
        return self.draw(st.sampled_from(list(items)))

    def now(self, one_in: int) -> bool:
        """True once in a while; False where Hypothesis simplifies."""
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def some(self, items: Sequence[T], least: int = 0, most: int = 9) -> list[T]:
        """A part of the items, in their order."""
        size = range(len(items))
        numbers = self.draw(st.sets(st.sampled_from(size), min_size=least, max_size=most)) if items else set()
        return [items[i] for i in sorted(numbers)]

    def above(self, name: str) -> list[str]:
        """Every variable that affects this one."""
        found = set(self.by_name[name].parents)
        for parent in self.by_name[name].parents:
            found |= set(self.above(parent))
        return [other for other in self.by_name if other in found]

    def arms(self, name: str, fixed: Iterable[str]) -> list[str]:
        """The randomized variables that affect this one along a way that the fixed ones do not block."""
        if name in fixed:
            return []
        if self.by_name[name].randomized:
            return [name]
        found = {arm for parent in self.by_name[name].parents for arm in self.arms(parent, fixed)}
        return [other for other in self.by_name if other in found]

    # ------------------------------------------------------------ potential outcomes
    def outcome(self, name: str, scope: Scope, depth: int = 1) -> str:
        """A potential outcome of a variable: factual, by position, or by name."""
        variable = self.by_name[name]
        ways = ["position"] * 3 * bool(variable.parents)
        ways += ["name"] * bool(variable.parents) + ["factual"] * (not self.arms(name, scope.fixed))
        match self.pick(ways):
            case "factual":
                return name
            case "position":
                return f"{name}({', '.join(self.argument(parent, scope, depth) for parent in variable.parents)})"
        above = self.above(name)
        chosen = self.some(above, least=1)
        chosen = [other for other in above if other in {*chosen, *self.arms(name, {*scope.fixed, *chosen})}]
        return f"{name}({', '.join(f'{other}={self.argument(other, scope, depth)}' for other in chosen)})"

    def argument(self, name: str, scope: Scope, depth: int) -> str:
        quantified = [index for index, over in scope.indices.items() if over == name]
        if quantified and self.now(2):
            return self.pick(quantified)
        nested = depth > 0 and not self.by_name[name].randomized and self.now(3)
        return self.outcome(name, scope, depth - 1) if nested else self.pick(self.by_name[name].values)

    def pair(self, scope: Scope, numeric: bool = False) -> tuple[Var, str, str]:
        """A variable and two potential outcomes of it: one parent moves and the others stay."""
        able = [v for v in self.responses if v.parents and (v.numeric or not numeric)]
        variable = self.pick([able[-1], *able])
        moved = self.pick(variable.parents)
        low, high = self.some(self.by_name[moved].values, least=2, most=2)
        rest = {p: self.argument(p, scope, 1) for p in variable.parents if p != moved}

        alone = not self.arms(variable.name, {*scope.fixed, moved}) and self.now(2)

        def at(value: str) -> str:
            if alone:
                return f"{variable.name}({moved}={value})"
            return f"{variable.name}({', '.join(value if p == moved else rest[p] for p in variable.parents)})"

        return variable, at(high), at(low)

    # ------------------------------------------------------------ unit-level formulas
    def comparison(self, scope: Scope) -> str:
        """One comparison between potential outcomes, values and arithmetic."""
        variable, one, other = self.pair(scope)
        alone = self.outcome(self.pick(self.responses[::-1]).name, scope)
        ways = ["value", "value", "pair", "outcome"] + ["number"] * variable.numeric + ["arithmetic"]
        match self.pick(ways):
            case "value":
                return f"{one} {self.pick(['=', '=', '!='])} {self.pick(variable.values)}"
            case "pair":
                return f"{one} {self.relation()} {other}"
            case "outcome":
                found = self.by_name[alone.split("(")[0]]
                return f"{alone} = {self.pick(found.values)}"
            case "number":
                return f"{one} {self.relation()} {self.pick(variable.values)}"
        return f"{self.scalar(scope)} {self.pick(['<', '<=', '>', '>='])} {self.pick(['0', '1', '2', '1/2'])}"

    def relation(self) -> str:
        return self.pick([">=", "<=", "=", "!=", "<", ">"])

    def scalar(self, scope: Scope) -> str:
        """Integer arithmetic in potential outcomes; the number 1 where no variable is numeric."""
        numeric = [v.name for v in self.responses if v.numeric]
        if not numeric:
            return "1"
        atoms = [self.outcome(self.pick(numeric), scope) for _ in range(2)]
        pattern = self.pick(["{0} - {1}", "{0}", "{0} + {1}", "{0} * {1}", "2 * {0} - {1}", "{0} * (1 - {1})"])
        return pattern.format(*atoms)

    def formula(self, scope: Scope, depth: int = 1) -> str:
        if depth == 0 or not self.now(2):
            return self.comparison(scope)
        left, right = self.formula(scope, depth - 1), self.formula(scope, depth - 1)
        pattern = self.pick(["{0} and {1}", "{0} or {1}", "{0} -> {1}", "not ({0} and {1})", "not ({0}) or ({1})"])
        return pattern.format(left, right)

    def monotone(self, scope: Scope) -> str:
        """Responses that do not fall (or change) when one parent moves and the others stay."""
        _, high, low = self.pair(scope)
        return f"{high} {self.pick(['>=', '>=', '<=', '='])} {low}"

    # ------------------------------------------------------------ means
    def mean(self, scope: Scope, condition: str = "", arm: Mapping[str, str] | None = None) -> str:
        """P(...) or E[...], perhaps within an arm and given a factual event."""
        arm = arm if arm is not None else {v.name: self.pick(v.values) for v in self.some(self.randomized)}
        inner = replace(scope, fixed=scope.fixed | frozenset(arm))
        behind = [*(f"{name}={value}" for name, value in arm.items()), *([condition] if condition else [])]
        bar = f" | {', '.join(behind)}" if behind else ""
        if any(v.numeric for v in self.responses) and self.now(2):
            return f"E[{self.scalar(inner)}{bar}]"
        return f"P({', '.join(self.formula(inner) for _ in range(1 + self.now(3)))}{bar})"

    def arm(self) -> tuple[Scope, str]:
        """Some randomized variables behind a bar, and the scope before it."""
        chosen = {v.name: self.pick(v.values) for v in self.some(self.randomized)}
        bar = " | " + ", ".join(f"{name}={value}" for name, value in chosen.items())
        return Scope(frozenset(chosen)), bar if chosen else ""

    def contrast(self) -> str:
        """The effect of one parent on a variable: the mean difference, or a difference of two probabilities."""
        scope, bar = self.arm()
        variable, one, other = self.pair(scope)
        if variable.numeric:
            return f"E[{one} - {other}{bar}]"
        value = self.pick(variable.values)
        return f"P({one}={value}{bar}) - P({other}={value}{bar})"

    def factual(self, seen: Sequence[Seen]) -> tuple[str, dict[str, str]]:
        """A factual event of an observed distribution, and the arm that it is in."""
        able = [one for one in seen if not one.done]
        assume(able)
        one = self.pick(able)
        event = self.some(one.outcomes, least=1, most=2)
        fixed = [(name, value) for name, value in one.outcomes if value is not None]
        event = [item for item in one.outcomes if item in event or item in fixed]
        chosen = [f"{name}={value or self.pick(self.by_name[name].values)}" for name, value in event]
        arm = {name: value or self.pick(self.by_name[name].values) for name, value in one.arms}
        return ", ".join(chosen), arm

    # ------------------------------------------------------------ statements
    def seen(self, joint: bool) -> Seen:
        """An observed distribution: joint or a margin, in all arms or some, perhaps under an intervention."""
        names = [v.name for v in self.responses]
        outcomes = names if joint else self.some(names, least=1, most=2)
        others = [v.name for v in self.responses if v.name not in outcomes]
        done = [] if joint or not self.now(2) else self.some(others)
        needed = {arm for name in outcomes for arm in self.arms(name, done)}
        arms = [v.name for v in self.randomized if v.name in needed or self.now(5)]
        return Seen(self.settings(outcomes, 6), self.settings(arms, 6), self.settings(done, 2))

    def settings(self, names: Sequence[str], one_in: int) -> tuple[tuple[str, str | None], ...]:
        return tuple((name, self.pick(self.by_name[name].values) if self.now(one_in) else None) for name in names)

    def definition(self, seen: Sequence[Seen]) -> str:
        """A margin of an observed distribution, or the difference of two."""
        (event, arm), (other, elsewhere) = self.factual(seen), self.factual(seen)
        first, second = (_probability(*pair) for pair in ((event, arm), (other, elsewhere)))
        return f"{first} - {second}" if self.now(2) else first

    def assumption(self, seen: Sequence[Seen], quantities: Sequence[str]) -> str:
        """A unit-level or population-level assumption, perhaps for all values of a quantified name."""
        over = self.pick(list(self.by_name)) if self.now(3) else None
        scope = Scope(indices={"k": over} if over else {})
        ways = [self.monotone] * 3 + [self.formula] + [lambda s: self.population(s, seen, quantities)] * 3
        return self.pick(ways)(scope) + (f" for all k in {over}" if over else "")

    def population(self, scope: Scope, seen: Sequence[Seen], quantities: Sequence[str]) -> str:
        """A population-level assumption; with a condition, one that can be multiplied out."""
        if self.now(4):
            event, arm = self.factual(seen)
            means = [self.mean(scope, event, arm) for _ in range(2)]
            return f"{means[0]} {self.pick(['<=', '>='])} {self.pick([means[1], *NUMBERS[1:-1]])}"
        left = self.mean(scope)
        pattern = self.pick(["{0} <= {1}", "{0} >= {1}", "{0} <= {2}", "{0} - {2} <= {1}", "{2} >= {1} - {0}"])
        if self.now(8):
            pattern = "{0} = {1}"
        right = self.pick([*quantities] * 3 + [*NUMBERS] + [f"1 - {name}" for name in quantities])
        return pattern.format(left, right, self.mean(scope))

    def limited(self, name: str) -> str:
        """A parameter that limits how many people have an unwanted response."""
        _, one, other = self.pair(Scope())
        return f"P({one} {self.pick(['<', '!='])} {other}) {self.pick(['<=', '>='])} {self.pick([name, f'1 - {name}'])}"

    def estimand(self, seen: Sequence[Seen], quantities: Sequence[str]) -> str:
        """A contrast, a mean, a conditional mean, or a combination of some."""
        match self.pick(["contrast"] * 3 + ["joint"] * 2 + ["mean"] + ["conditional"] * 2 + ["combination"] * 2):
            case "contrast":
                return self.contrast()
            case "joint":
                scope, bar = self.arm()
                variable, one, other = self.pair(scope)
                return f"P({one}={self.pick(variable.values)}, {other}={self.pick(variable.values[::-1])}{bar})"
            case "mean":
                return self.mean(Scope())
            case "conditional":
                event, arm = self.factual(seen)
                one = self.mean(Scope(), event, arm)
                return f"{one} - 1/2 * {self.mean(Scope(), event, arm)}" if self.now(3) else one
        more = self.pick([*quantities, self.mean(Scope())])
        return f"{self.pick(['2 ', '1/2 * ', '-'])}{self.mean(Scope())} + {more}"

    # ------------------------------------------------------------ beyond one linear program
    def beyond(self, quantities: Sequence[str]) -> list[str]:
        """Laws, selections, ratios and coefficients: statements that are read and printed."""
        law = [v.name for v in self.some(self.randomized)]
        lines = [self.law(law)] if law else []
        lines += [self.selection()] if self.now(2) else []
        scope = Scope(frozenset(law))
        lines += [f"estimand r{i} = {self.ratio(scope, quantities)}" for i in range(self.pick(range(3)))]
        lines += [f"estimand w = {self.weighted(scope, quantities)}"] if self.now(2) else []
        if self.now(2):
            lines.append(f"assume {self.weighted(scope, quantities)} >= {self.weighted(scope, quantities)}")
        return lines

    def law(self, names: Sequence[str]) -> str:
        """The law of randomized variables, by itself or in a joint distribution."""
        able = [v.name for v in self.responses if set(self.arms(v.name, ())) <= set(names)]
        before = self.some(able, most=2)
        return f"observe P({', '.join(self.draw(st.permutations([*before, *names])))})"

    def selection(self) -> str:
        """A distribution among those with one value of a variable."""
        names = self.draw(st.permutations([v.name for v in self.responses]))
        outcomes, selecting = names[1:] or names, names[0] if len(names) > 1 else None
        needed = [v.name for v in self.randomized if any(v.name in self.arms(name, ()) for name in names)]
        event = [f"{selecting}={self.pick(self.by_name[selecting].values)}"] if selecting else []
        behind = self.draw(st.permutations([*needed, *event]))
        return f"observe P({', '.join(outcomes)}{' | ' * bool(behind)}{', '.join(behind)})"

    def ratio(self, scope: Scope, quantities: Sequence[str]) -> str:
        """One division, before or behind which numbers and coefficients may stand."""
        patterns = ["{0} / {1}", "1 - {0} / {1}", "-2/3 {0} / ({1} + {2})", "({0} / {1} + 2) / 3", "1 / {0}"]
        patterns += ["{2} * ({0} / {1})", "{0} / {1} - {2} / (2 * {1})", "({0} - {2}) / (2 {1})", "{0} / (1 - {1})"]
        return self.pick(patterns).format(self.mean(scope), self.mean(scope), self.pick([*quantities, "1/2"]))

    def weighted(self, scope: Scope, quantities: Sequence[str]) -> str:
        """Means under coefficients that are parameters, definitions or probabilities."""
        weight = self.pick([*quantities, *(f"(1 - {name})" for name in quantities), self.mean(scope)])
        pattern = self.pick(["{0} * {1}", "{1} * {0} + 1/2", "{0} * (2 {1} - {2})", "{2} - 1/3 * {0} * {1}"])
        return pattern.format(weight, self.mean(scope), self.mean(scope))


def _probability(event: str, arm: Mapping[str, str]) -> str:
    bar = ", ".join(f"{name}={value}" for name, value in arm.items())
    return f"P({event}{' | ' + bar if bar else ''})"


@st.composite
def variables(draw: Draw[Any]) -> tuple[Var, ...]:
    """One to four variables with two to four values, few enough response types to list them all."""
    count = draw(st.sampled_from([3, 2, 3, 3, 4]))
    chain = draw(st.booleans())
    found: list[Var] = []
    types = 1
    for name in "ABCD"[:count]:
        size = draw(st.sampled_from([2, 2, 2, 2, 3, 4]))
        values = tuple(draw(st.sampled_from(INTEGERS[size] * 2 + NAMES[size])).split())
        randomized = name != "ABCD"[count - 1] and draw(st.sampled_from([not found] * 3 + [bool(found)]))
        parents: list[Var] = []
        for other in [] if randomized else found[: -2 if chain else None : -1]:
            arguments = prod(len(parent.values) for parent in [*parents, other])
            if types * size**arguments <= MOST_TYPES and draw(st.integers(0, 5)) < 5:
                parents.insert(0, other)
        if not randomized:
            types *= size ** prod(len(parent.values) for parent in parents)
            assume(types <= MOST_TYPES)
        found.append(Var(name, values, randomized, tuple(parent.name for parent in parents)))
    assume(found[-1].parents)
    return tuple(found)


@st.composite
def drafts(draw: Draw[Any], assumptions: int = 3, estimands: int = 1) -> Draft:
    """A model that can be derived in well under a second."""
    drawn = draw(variables())
    write = Writer(draw, drawn)
    seen = [write.seen(joint=not write.now(4))]
    while len(seen) < 3 and write.now(3):
        seen.append(write.seen(joint=False))
    assume(_cell_count(write, seen) <= MOST_CELLS)
    parameters = write.some(list(PARAMETERS), most=1) if write.now(2) else []
    definitions = [write.definition(seen) for _ in range(write.pick([0, 0, 1, 2]))]
    quantities = [*parameters, *["D1", "D2"][: len(definitions)]]
    limited = [write.limited(name) for name in parameters if write.now(2)]
    assumed = [write.assumption(seen, quantities) for _ in range(write.pick(range(assumptions + 1)))]
    asked = [write.estimand(seen, quantities) for _ in range(write.pick(range(1, estimands + 1)))]
    return Draft(drawn, tuple(seen), tuple(parameters), tuple(definitions), (*limited, *assumed), tuple(asked))


def _cell_count(write: Writer, seen: Sequence[Seen]) -> int:
    settings = [[*one.outcomes, *one.arms, *one.done] for one in seen]
    return sum(prod(len(write.by_name[n].values) for n, value in one if value is None) for one in settings)


@st.composite
def drafts_and_assumption(draw: Draw[Any]) -> tuple[Draft, str]:
    """A model and one more assumption for it."""
    draft = draw(drafts(assumptions=1))
    write = Writer(draw, draft.variables)
    return draft, write.assumption(draft.seen, draft.parameters)


@st.composite
def claims(draw: Draw[Any], draft: Draft) -> str:
    """A claimed bound, or claimed conditions, that may well be false."""
    write = Writer(draw, draft.variables)
    event = _probability(*write.factual(draft.seen))
    if write.now(2):
        over = write.pick(list(write.by_name))
        return f'claim "p. 7" for conditions\n  holds {event} - 1/3 <= 1 for all k in {over}\n  expect valid'
    model = draft.model
    # Only bounds of a conditional estimand divide, and those that are not numbers must.
    if linear(model, model.estimands[0].expression, {}).conditional:
        low = write.pick([f"max({event}, 1 - {event}) / {event}", f"-1/2 * {event} / {event}", "0"])
        high = f"min(1, (1 + {event}) / {event})"
    else:
        low = write.pick([f"max(-{event}, 0)", f"-{event} + 1/2"])
        high = f"min(1, {event})"
    return f'claim "eq. (8)" for e0\n  lower {low}\n  upper {high}\n  expect lower valid, upper invalid'


@st.composite
def wide_drafts(draw: Draw[Any]) -> Draft:
    """A model to be read and printed only, hence without limits, with claims and what is beyond one program."""
    draft = draw(drafts(assumptions=4, estimands=3))
    stated = [draw(claims(draft))] if draw(st.booleans()) else []
    quantities = [*draft.parameters, *["D1", "D2"][: len(draft.definitions)]]
    beyond = Writer(draw, draft.variables).beyond(quantities) if draw(st.booleans()) else []
    return replace(draft, claims=tuple(stated), beyond=tuple(beyond))


@st.composite
def renamings(draw: Draw[Any], draft: Draft) -> dict[str, str]:
    """New names for every variable, named value, parameter, definition, estimand and quantified name."""
    # Labels in quotation marks stand escaped in JSON, so they keep their names.
    values = [value for v in draft.variables if not v.numeric for value in v.values if '"' not in value]
    old = ["A", "B", "C", "D", "D1", "D2", "k", *PARAMETERS, *values, *(f"e{i}" for i in range(3))]
    old = list(dict.fromkeys(old))
    new = draw(st.permutations([f"{letter}{i}" for letter in "VWxyZ" for i in range(8)]))
    return dict(zip(old, new, strict=False))


# ---------------------------------------------------------------- distributions
@st.composite
def parameter_values(draw: Draw[Any], problem: Problem) -> Numbers:
    """Values in range, often at its ends."""
    found = {}
    for parameter in problem.model.parameters:
        low = parameter.low if parameter.low is not None else Fraction(-2)
        high = parameter.high if parameter.high is not None else Fraction(2)
        found[parameter.name] = low + (high - low) * Fraction(draw(st.sampled_from([0, 1, 2, 3, 4, 6])), 6)
    return found


def _mixture(points: Sequence[Sequence[Fraction]], shares: Sequence[int]) -> Weights:
    total = sum(shares)
    return tuple(
        sum((share * Fraction(value) for share, value in zip(shares, values, strict=True)), Fraction(0)) / total
        for values in zip(*points, strict=True)
    )


@st.composite
def distributions(draw: Draw[Any], problem: Problem) -> tuple[Weights, Numbers]:
    """A distribution over people and parameter values that meet the assumptions: a mixture of few extreme ones."""
    size, names = len(problem.columns), [parameter.name for parameter in problem.model.parameters]
    assume(size)
    count = draw(st.integers(1, 4))
    shares = draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    if not problem.restrictions:
        columns = draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count))
        everybody = draw(st.integers(0, 3)) == 3
        points = [[Fraction(i == j) for i in range(size)] for j in columns]
        points += [[Fraction(1, size)] * size] * everybody
        return _mixture(points, [*shares, 3][: len(points)]), draw(parameter_values(problem))
    constraints = [*region(problem), *_boxes(problem)]
    points = [_extreme_point(draw, problem, constraints) for _ in range(count)]
    mixed = _mixture(points, shares)
    return mixed[:size], dict(zip(names, mixed[size:], strict=True))


def _extreme_point(draw: Draw[Any], problem: Problem, constraints: Sequence[Constraint]) -> Weights:
    size, extra = len(problem.columns), len(problem.model.parameters)
    liked = draw(st.lists(st.integers(0, size + extra - 1), max_size=4))
    objective = {i: (-1) ** k * (2 + k) for k, i in enumerate(liked)}
    best = maximum(size + extra, objective, constraints, range(size))
    assume(best is not None)
    assert best
    return best.point


def region(problem: Problem) -> list[Constraint]:
    """All distributions over people and parameter values that the assumptions allow; parameters stand last."""
    size = len(problem.columns)
    number = {parameter.name: size + i for i, parameter in enumerate(problem.model.parameters)}
    found = [Constraint(dict.fromkeys(range(size), 1), -1, "=")]
    for row in problem.restrictions:
        coefficients = {i: -e for i, e in enumerate(row.entries) if e}
        coefficients |= {number[name]: -c for name, c in row.parameters.items()}
        found.append(Constraint(coefficients, -row.constant, "=" if row.relation == "=" else ">="))
    for parameter in problem.model.parameters:
        if parameter.low is not None:
            found.append(Constraint({number[parameter.name]: 1}, -parameter.low))
        if parameter.high is not None:
            found.append(Constraint({number[parameter.name]: -1}, parameter.high))
    return found


def _boxes(problem: Problem) -> list[Constraint]:
    size = len(problem.columns)
    numbers = range(size, size + len(problem.model.parameters))
    return [Constraint({i: sign}, 3) for i, sign in itertools.product(numbers, (1, -1))]


@st.composite
def observed(draw: Draw[Any], problem: Problem, inside: Mapping[str, Fraction] | None = None) -> Numbers:
    """Any distribution of the cells of each arm, the model's or not: arms (that share no cell) need not agree.

    Where a distribution inside the model is given, the result is a mixture with it, to stay near the edge.
    """
    kinds = problem.kinds
    found = dict.fromkeys(problem.cells, Fraction(0))
    for group in _groups(problem):
        count = draw(st.integers(1, 4))
        chosen = draw(st.lists(st.sampled_from(kinds), min_size=count, max_size=count))
        shares = draw(st.lists(st.integers(1, 4), min_size=count, max_size=count))
        for kind, share in zip(chosen, shares, strict=True):
            for name in kind & group:
                found[name] += Fraction(share, sum(shares))
    if inside is None:
        return found
    share = draw(st.sampled_from([Fraction(1, 2), Fraction(1, 4), Fraction(1, 16)]))
    return {name: (1 - share) * inside[name] + share * value for name, value in found.items()}


def _groups(problem: Problem) -> list[frozenset[str]]:
    """The cells of arms, arms that share cells together."""
    groups: list[frozenset[str]] = []
    for names, _ in problem.arms:
        joined = frozenset(names).union(*(group for group in groups if group & set(names)))
        groups = [group for group in groups if not group & joined] + [joined]
    return groups
