"""Why the kinds are all terms at every number of levels.

The bound at one number of levels is sharp because its derivation is. Three arguments reach every number of levels:

glued arms
    The variable is randomized, and no assumption joins two of its levels. Let S be all potential outcomes that it does
    not affect directly, of which there are N combinations, and the estimand a mean over these. Given S, what units show
    in one arm may go with whatever they show in another one. So a law q of S is possible if it is possible in each arm
    by itself, and the bound is a linear program in the N shares q with rows for each arm. At a vertex of its dual
    polyhedron at most N - 1 rows count, the total beside them. They are of at most N - 1 arms: the bound is the best of
    those with N - 1 arms, and the kinds there are all kinds.
one arm
    All units are seen in one arm, so each population is a mix of those in which everybody is in one cell, and so is the
    bound: its one term has for each cell the best value that a principal stratum of that cell has. A stratum that has
    it is one at every larger number of levels too: a level that was left out may do what a level beside it does.
one arm, thresholds
    As for one arm, where levels are numbers. With two levels, each of the two cells that differ by the outcome alone
    has a stratum with the best value, and the two differ by outcomes alone that are at the upper level in the one and
    at the lower level in the other. The stratum whose outcomes are at the cell's level where these two differ, and at
    the first or at the last level where they do not, has the best value at each step, and so in all.
identity
    Where the lower bound is the upper one, both are the estimand.
two arms
    A principal stratum is a pair of cells, one in each arm, and every pair is possible: the bound is the cost of the
    cheapest way to pair the cells of two arms (a transport problem). Where the cost of a pair is a part of the first
    cell, a part of the second, and 0 or 1 beside them, the cheapest way costs the largest P(U) - P(N(U)), over sets U
    of cells of the first arm, with N(U) the cells of the second that go with one of U at no cost (V. Strassen 1965).
    Where of two sets N(e) one holds the other, or both together are everything, N(U) is empty, one N(e), or everything,
    so U may be taken from as many sets as there are cells. Whether that is so is seen on few levels, because it is
    asked of three cells at a time; and the sets are the terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.families.family import FamilySide
from boundgen.families.kinds import SideAt
from boundgen.families.programs import CostedStratum, LevelStrata, TermOfUnits
from boundgen.families.scaling import named_levels, outcome_of, parts_of
from boundgen.families.validity import (
    LevelArgument,
    SideQuestion,
    are_droppable,
    are_few,
    one_step_views,
    thresholds,
    weak_comparisons,
)
from boundgen.families.views import Shape, shape_of
from boundgen.language.expressions import Index, Inequality, Outcome
from boundgen.language.statements import Assumption
from boundgen.language.values import Value
from boundgen.strata.unit import Response
from boundgen.work.limits import Budget

# Three cells are compared, and the first and the last level may differ from those between.
COMPARED = 5
# Beside the first level, the last one and that of a set's own cell, of those between.
ENDS = 5


def sharpness(question: SideQuestion, sides: Mapping[int, SideAt], budget: Budget) -> LevelArgument:
    """Why the kinds, which are valid at every number of levels, are all terms there, or why that is not known."""
    for argument in (
        glued_arms(question, budget),
        one_arm(question),
        one_arm_by_thresholds(question, budget),
        two_arms(question, sides, budget),
    ):
        if argument is not None:
            return argument
    return conjectured(question)


def conjectured(question: SideQuestion) -> LevelArgument:
    """That nothing is known beyond what was derived."""
    first, last = question.start, question.derived[-1]
    return LevelArgument(
        "", tuple(range(first, last + 1)), f"derived for {first} to {last} levels, and conjectured beyond"
    )


def identified(lower: FamilySide, upper: FamilySide) -> tuple[FamilySide, FamilySide]:
    """Both sides, sharp where they are one function that is valid on both."""
    if lower.kinds != upper.kinds or not (lower.valid.proved and upper.valid.proved):
        return lower, upper
    if len(lower.kinds) != 1 or any(count != 1 for _, count in (*lower.counts, *upper.counts)):
        return lower, upper
    text = "the lower bound is the upper one: the estimand is identified"
    argument = LevelArgument("identity", (max(lower.start, upper.start),), text)
    return replace(lower, sharp=argument), replace(upper, sharp=argument)


# ---------------------------------------------------------------- arms that are glued together
def glued_arms(question: SideQuestion, budget: Budget) -> LevelArgument | None:
    """The argument for randomized variables whose levels no assumption joins."""
    scaling = question.scaling
    if not are_droppable(question) or not all(_joins_nothing(a, scaling.variable) for a in scaling.model.assumptions):
        return None
    if named_levels(question.estimand, scaling.variable):
        return None
    units = question.units_at(max(scaling.fewest, 2), budget)
    if units is None or not units.plain:
        return None
    combinations = shared_combinations(units, question)
    needed = max(combinations - 1 + scaling.kept, question.start)
    if needed > question.derived[-1] or question.most > needed:
        return None
    return LevelArgument(
        "glued arms",
        (needed,),
        f"the potential outcomes that {scaling.variable} does not affect directly have at most {combinations} "
        f"combinations, so a vertex of the dual polyhedron has cells of at most {combinations - 1} arms, and with "
        f"{needed} levels all kinds were derived",
    )


def shared_combinations(units: LevelStrata, question: SideQuestion) -> int:
    """How many values all potential outcomes have together that the variable does not affect directly."""
    model, variable = question.scaling.model, question.scaling.variable
    shared = [each for each in model.variables if not each.randomized and variable not in each.parents]
    if model.assumptions:
        # An assumption may join outcomes that cells and estimand do not ask about.
        sizes = [prod(len(model.by_name[parent].domain) for parent in each.parents) for each in shared]
        return prod(len(each.domain) ** size for each, size in zip(shared, sizes, strict=True))
    names = {each.name for each in shared}
    asked = {response for unit in units.units for response, _ in unit.stratum.responses if response[0] in names}
    return prod(len(model.by_name[name].domain) for name, _ in asked)


def _joins_nothing(assumption: Assumption, variable: str) -> bool:
    """Whether an assumption is about each unit, and about one level of the variable at most."""
    if isinstance(assumption.body, Inequality):
        return False
    indices = [name for name, over in assumption.indices if over == variable]
    used = {part.name for part in parts_of(assumption.body) if isinstance(part, Index) and part.name in indices}
    return len(used) + len(named_levels(assumption.body, variable)) <= 1


# ---------------------------------------------------------------- one arm
def one_arm(question: SideQuestion) -> LevelArgument | None:
    """The argument for data that are one distribution."""
    if not are_few(question) or len(question.arms) > 1 or not question.arms[0].complete or not _can_grow(question):
        return None
    kinds = question.kinds.kinds
    if len(kinds) != 1 or len(list(kinds[0].views(question.derived[-1]))) != 1:
        return None
    needed = max(question.most + 1, question.start)
    if needed > question.derived[-1]:
        return None
    return LevelArgument(
        "one arm",
        (needed,),
        "all units are seen in one arm, so each cell counts with the best value that a principal stratum in it has; "
        f"with {needed} levels each cell has such a stratum, and so it has with more",
    )


def _can_grow(question: SideQuestion) -> bool:
    """Whether a new level may do what one beside it does: comparisons are weak, and of one quantity at two levels."""
    scaling = question.scaling
    variable = scaling.variable
    if not any(variable in other.parents for other in scaling.model.variables):
        return True
    return all(_is_even(assumption, variable) for assumption in scaling.model.assumptions)


def _is_even(assumption: Assumption, variable: str) -> bool:
    if not _speaks_of(assumption, variable):
        return True
    parts = weak_comparisons(assumption)
    return parts is not None and all(
        isinstance(part.left, Outcome)
        and isinstance(part.right, Outcome)
        and _without_levels(part.left, variable) == _without_levels(part.right, variable)
        for part in parts
    )


def _without_levels(outcome: Outcome, variable: str) -> tuple[str, tuple[tuple[str, object], ...]]:
    settings = tuple((name, None if name == variable else value) for name, value in outcome.interventions)
    return outcome.variable, settings


def _speaks_of(assumption: Assumption, variable: str) -> bool:
    if any(over == variable for _, over in assumption.indices):
        return True
    outcomes = (part for part in parts_of(assumption.body) if isinstance(part, Outcome))
    return any(outcome_of(each, variable) or variable in dict(each.interventions) for each in outcomes)


def one_arm_by_thresholds(question: SideQuestion, budget: Budget) -> LevelArgument | None:
    """The argument for data that are one distribution, and means of an outcome."""
    if (
        not question.by_steps
        or thresholds(question, budget) is None
        or len(question.arms) > 1
        or not question.arms[0].complete
    ):
        return None
    if any(_is_nested(assumption, question.scaling.variable) for assumption in question.scaling.model.assumptions):
        return None
    kinds = question.kinds.kinds
    if len(kinds) != 1 or len(list(kinds[0].views(question.derived[-1] - 1))) != 1:
        return None
    units = question.units_at(2, budget)
    (view,) = one_step_views(kinds)
    term = TermOfUnits(view, question.scaling.variable, question.scaling.first, by_steps=True)
    if units is None or not _have_best_pairs(units, term):
        return None
    return LevelArgument(
        "one arm, thresholds",
        (2,),
        "all units are seen in one arm, and with two levels the cells of each step have principal strata with the best "
        "value that differ by outcomes at the cells' own levels alone, so they fit together over all steps",
    )


def _is_nested(assumption: Assumption, variable: str) -> bool:
    """Whether an outcome of the variable is compared under values that other outcomes have."""
    outcomes = (part for part in parts_of(assumption.body) if isinstance(part, Outcome) and part.variable == variable)
    return any(isinstance(value, Outcome) for each in outcomes for _, value in each.interventions)


def _have_best_pairs(units: LevelStrata, term: TermOfUnits) -> bool:
    """Whether each pair of cells that differ by the outcome alone has strata with the best value that fit together."""
    best: dict[Shape, tuple[list[CostedStratum], list[CostedStratum]]] = {}
    for unit in units.units:
        shape, level = shape_of(unit.cells[0], term.variable)
        if level is None:
            return False
        found = best.setdefault(shape, ([], []))
        if term.value(unit) == unit.cost:
            found[level - term.first].append(unit)
    return all(
        any(_fit(dict(a.stratum.responses), dict(b.stratum.responses), term.variable) for a in low for b in high)
        for low, high in best.values()
    )


def _fit(low: Mapping[Response, Value], high: Mapping[Response, Value], variable: str) -> bool:
    """Whether two strata differ alone by outcomes of the variable that are lower in the first one."""
    if set(low) != set(high):
        return False
    different = [response for response in low if low[response] != high[response]]
    return all(name == variable for name, _ in different) and all(low[r] < high[r] for r in different)  # type: ignore[operator]


# ---------------------------------------------------------------- two arms
def two_arms(question: SideQuestion, sides: Mapping[int, SideAt], budget: Budget) -> LevelArgument | None:
    """The argument for data that are two distributions."""
    if not are_few(question) or len(question.arms) != 2 or not all(arm.complete for arm in question.arms):
        return None
    needed = COMPARED + question.scaling.kept
    # In an order, so many that stretches of levels that are alike can only be those that grow.
    if any(kind.pattern.ordered for kind in question.kinds.kinds):
        needed = max(needed, ENDS + 2 * question.most)
    if needed > question.derived[-1]:
        return None
    for levels in range(question.start, needed + 1):
        units = question.units_at(levels, budget)
        pairing = None if units is None else Pairing.of(units, question.lower)
        if pairing is None or not _are_terms(pairing, sides[levels], question.lower):
            return None
    return LevelArgument(
        "two arms",
        tuple(range(question.start, needed + 1)),
        "the bound is the cost of the cheapest way to pair the cells of two arms, and its terms are sets of cells "
        f"(Strassen 1965); that these sets are the kinds is seen on three cells at a time, with up to {needed} levels",
    )


def _are_terms(pairing: Pairing, side: SideAt, lower: bool) -> bool:
    """Whether every set of cells that may count gives a term of this side."""
    for term in pairing.terms():
        key, numbers = side.levels.key(side.levels.view(term if lower else -term))
        if side.keys.get(key) != numbers:
            return False
    return True


@dataclass(frozen=True)
class Pairing:
    """The pairs of cells of two arms: what each cell costs by itself, and which pairs cost nothing beside that.

    Parameters
    ----------
    first, second : mapping of cell to number
    free : mapping of cell to frozenset of str
        The cells of the second arm with which a cell of the first one goes at no cost.
    """

    first: Mapping[str, Number]
    second: Mapping[str, Number]
    free: Mapping[str, frozenset[str]]

    @staticmethod
    def of(units: LevelStrata, lower: bool) -> Pairing | None:
        """The pairs of cells where each is possible, costs are 0 or 1, and sets of free cells are simple."""
        arms = [[cell.name for cell in arm.cells] for arm in units.arms]
        costs: dict[tuple[str, str], Number] = {}
        for unit in units.units:
            one, other = (next((c.name for c in unit.cells if c.name in own), "") for own in map(set, arms))
            cost = unit.cost if lower else -unit.cost
            costs[one, other] = min(cost, costs.get((one, other), cost))
        if set(costs) != {(one, other) for one in arms[0] for other in arms[1]}:
            return None
        first = {one: min(costs[one, other] for other in arms[1]) for one in arms[0]}
        second = {other: min(costs[one, other] - first[one] for one in arms[0]) for other in arms[1]}
        rest = {(one, other): cost - first[one] - second[other] for (one, other), cost in costs.items()}
        if not set(rest.values()) <= {0, 1}:
            return None
        free = {one: frozenset(other for other in arms[1] if not rest[one, other]) for one in arms[0]}
        found = Pairing(first, second, free)
        return found if found._is_simple() else None

    def _is_simple(self) -> bool:
        """Whether of two sets one holds the other, or both together are everything."""
        sets = {*self.free.values()}
        return all(a <= b or b <= a or a | b == frozenset(self.second) for a in sets for b in sets)

    def terms(self) -> Iterator[Term]:
        """One term for no cells, and one for each set of free cells that is not everything."""
        alone = Term.of(0, {**self.first, **self.second})
        yield alone
        for free in dict.fromkeys(self.free.values()):
            if free != frozenset(self.second):
                chosen = {one: Fraction(1) for one, own in self.free.items() if own <= free}
                yield alone + Term.of(0, {**chosen, **{other: Fraction(-1) for other in free}})
