"""Why every term of a kind is valid at every number of levels.

A term is valid where it is on its side of the estimand for each principal stratum. Three arguments bring every number
of levels back to few of them, at which the engine looks:

dropped arms
    The variable is randomized, and a term holds cells of few of its arms. Who forgets all other arms has the model with
    these levels alone: it has the same response types but for those at levels that are gone, and each of its
    assumptions is one of the larger model. So a term that is valid there is valid here.
few levels
    The levels are values of the variable. A unit has few of them: one for each setting of what affects the variable.
    Leave out all levels but these, those that the term takes one by one, and those up to the highest that is named (so
    that named ones stay at their places): the unit is one of the smaller model, with the same cells and the same part
    in the estimand, and the term has the same value for it.
thresholds
    The levels are numbers from 0 on of an outcome that affects nothing, in means alone. For each step from one level to
    the next there is the outcome "that level or a higher one", which meets all comparisons of potential outcomes that
    are not strict. The estimand, and the term, are sums over the steps of those of the model with two levels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from boundgen.families.kinds import TermKind, TermKinds
from boundgen.families.programs import LevelStrata, is_valid, units_at
from boundgen.families.scaling import LevelScaling, chain_link, outcome_of, parts_of, step_of
from boundgen.families.views import LevelledTerm
from boundgen.language.expressions import And, Comparison, Expectation, Outcome
from boundgen.language.statements import Assumption, Estimand
from boundgen.strata.cells import Arm, distinct_cells
from boundgen.work.limits import Budget

# Relations that hold between indicators of thresholds where they hold between levels.
NOT_STRICT = ("<=", ">=", "=")
TRANSITIVE = ("<=", ">=", "=", "<", ">")


@dataclass(frozen=True)
class LevelArgument:
    """Why something holds at every number of levels, or why that is not known.

    Parameters
    ----------
    name : str
        Of the argument; empty where there is none.
    levels : tuple of int
        The numbers of levels at which the engine has looked, and found what the argument needs.
    text : str
        In words.
    """

    name: str
    levels: tuple[int, ...]
    text: str

    @property
    def proved(self) -> bool:
        """Whether it is a proof."""
        return bool(self.name)


@dataclass(frozen=True)
class SideQuestion:
    """What is known of one side of an estimand's bound when arguments are looked for.

    Parameters
    ----------
    scaling : LevelScaling
    estimand : Estimand
    lower : bool
    kinds : TermKinds
        Its `start` is a number of levels, or of steps.
    by_steps : bool
    derived : tuple of int
        The numbers of levels at which the bound was derived.
    units : mapping of int to LevelStrata
        The principal strata at some of them.
    """

    scaling: LevelScaling
    estimand: Estimand
    lower: bool
    kinds: TermKinds
    by_steps: bool
    derived: tuple[int, ...]
    units: Mapping[int, LevelStrata]

    @property
    def are_labels(self) -> bool:
        """Whether levels are nothing but names, in which no one computes, and which only name levels."""
        return not (self.scaling.is_arithmetic(self.estimand) or self.scaling.is_crossed(self.estimand))

    @property
    def start(self) -> int:
        """From how many levels on the kinds are all terms."""
        return self.kinds.start + self.by_steps

    @property
    def most(self) -> int:
        """The most levels that have to be there for a term: those it takes, and all up to the highest named one."""
        return self.scaling.kept + max((kind.pattern.taken for kind in self.kinds.kinds), default=0)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms at the largest number of levels."""
        return self.units[self.derived[-1]].arms

    def units_at(self, levels: int, budget: Budget) -> LevelStrata | None:
        """The principal strata at so many levels."""
        return self.units.get(levels) or units_at(self.scaling, self.estimand.name, levels, budget)


def validity(question: SideQuestion, budget: Budget) -> LevelArgument:
    """Why the kinds are valid at every number of levels, or why that is not known."""
    for made in (dropped_arms(question), few_levels(question, budget), thresholds(question, budget)):
        if made is not None:
            return made
    return LevelArgument("", (), "no argument is known for every number")


# ---------------------------------------------------------------- arms that are dropped
def dropped_arms(question: SideQuestion) -> LevelArgument | None:
    """The argument for randomized variables."""
    if not are_droppable(question):
        return None
    most = question.most
    levels = max(most, question.start)
    names = question.scaling.variable
    return LevelArgument(
        "dropped arms",
        (levels,),
        f"each term touches at most {most} levels of {names}, and who leaves the other arms out has the model with "
        f"these levels, at which the term was derived ({levels} levels)",
    )


def are_droppable(question: SideQuestion) -> bool:
    """Whether the levels are arms, which no term holds but for those that it takes one by one."""
    law = any(question.scaling.variable in observed for observed in question.scaling.model.laws)
    return not law and holds_few_arms(question)


def holds_few_arms(question: SideQuestion) -> bool:
    """Whether the levels are arms that may be left out, and terms take few of them."""
    scaling = question.scaling
    if not scaling.declared.randomized or not question.are_labels or question.by_steps:
        return False
    return is_inherited(scaling) and all(
        not b.profile for k in question.kinds.kinds for b in k.pattern.blocks if b.grows
    )


def is_inherited(scaling: LevelScaling) -> bool:
    """Whether every assumption of a model with fewer levels follows from those with more.

    Those *for all* levels do; of a chain, where what is compared is one quantity at two levels: it goes on through
    levels that are left out.
    """
    for assumption in scaling.model.assumptions:
        link = chain_link(assumption, scaling.declared)
        if link is not None and (link.relation not in TRANSITIVE or step_of(link.left, scaling.variable) != link.right):
            return False
    return True


# ---------------------------------------------------------------- few levels of a unit
def few_levels(question: SideQuestion, budget: Budget) -> LevelArgument | None:
    """The argument for levels that are values of units."""
    scaling = question.scaling
    if not are_few(question):
        return None
    taken = levels_of_a_unit(scaling)
    most = question.most
    needed = max(most + taken, question.start)
    for levels in range(question.derived[-1] + 1, needed + 1):
        units = question.units_at(levels, budget)
        if units is None or not all(
            is_valid(view, units, scaling, question.lower, by_steps=False)
            for view in views(question.kinds.kinds, levels)
        ):
            return None
    return LevelArgument(
        "few levels",
        tuple(range(question.start, needed + 1)),
        f"a unit has at most {taken} {'levels' if taken > 1 else 'level'} of {scaling.variable}, and a term takes at "
        f"most {most} one by one: leaving out all other levels changes neither, and with up to {needed} levels each "
        "term is valid for every principal stratum",
    )


def are_few(question: SideQuestion) -> bool:
    """Whether a unit has few of the levels, and neither cells nor assumptions speak of others."""
    scaling, variable = question.scaling, question.scaling.variable
    if scaling.declared.randomized or question.by_steps or not question.are_labels:
        return False
    if any(variable in dict((*cell.context, *cell.selection)) for cell in distinct_cells(question.arms)):
        return False
    even = all(not any(line.per) for kind in question.kinds.kinds for _, line in kind.numbers)
    return even and question.units[question.derived[-1]].plain and is_inherited(scaling)


def levels_of_a_unit(scaling: LevelScaling) -> int:
    """How many potential outcomes the variable has: one for each setting of its parents."""
    return prod(len(scaling.model.by_name[parent].domain) for parent in scaling.declared.parents)


def views(kinds: Sequence[TermKind], size: int) -> Iterator[LevelledTerm]:
    """The terms of all kinds."""
    for kind in kinds:
        yield from kind.views(size)


# ---------------------------------------------------------------- thresholds
def thresholds(question: SideQuestion, budget: Budget) -> LevelArgument | None:
    """The argument for outcomes of which means are asked."""
    scaling = question.scaling
    # A level is the number of steps up to it only where the first one is 0.
    if not question.by_steps or scaling.first != 0 or not has_thresholds(question):
        return None
    if any(line.number for kind in question.kinds.kinds for _, line in kind.numbers):
        return None
    units = question.units_at(2, budget)
    if units is None or not all(
        is_valid(view, units, scaling, question.lower, by_steps=True) for view in one_step_views(question.kinds.kinds)
    ):
        return None
    return LevelArgument(
        "thresholds",
        (2,),
        f"estimand and terms are sums over the steps between levels of {scaling.variable} of what they are for two "
        "levels, that step and all above it against all below it; there each part is valid for every principal stratum",
    )


def one_step_views(kinds: Sequence[TermKind]) -> Iterator[LevelledTerm]:
    """What one level of each block adds to a term, as a term of the model with two levels."""
    for kind in kinds:
        for i, block in enumerate(kind.pattern.blocks):
            numbers = {name: line.per[i] for name, line in kind.numbers}
            constant = numbers.pop("", Fraction(0))
            fixed = tuple(sorted((name, c) for name, c in numbers.items() if c))
            yield LevelledTerm(constant, fixed, (block.profile,))


def has_thresholds(question: SideQuestion) -> bool:
    """Whether the estimand is linear in the levels, nothing is affected by them, and comparisons of them are weak."""
    scaling, variable = question.scaling, question.scaling.variable
    if scaling.is_crossed(question.estimand) or scaling.named or not question.units[question.derived[-1]].plain:
        return False
    if any(variable in other.parents for other in scaling.model.variables):
        return False
    if any(variable in dict((*cell.context, *cell.selection)) for cell in distinct_cells(question.arms)):
        return False
    return is_linear(question.estimand, variable) and all(
        _is_weak(each, variable) for each in scaling.model.assumptions
    )


def is_linear(estimand: Estimand, variable: str) -> bool:
    """Whether an estimand is a combination of means of outcomes of the variable."""
    if estimand.divisor is not None or estimand.written:
        return False
    for _, atoms in estimand.expression.terms:
        match atoms:
            case (Expectation(content=content, given=given, event=event),):
                if not all(sum(outcome_of(atom, variable) for atom in factors) == 1 for _, factors in content.terms):
                    return False
                if _mentions((given, event), variable):
                    return False
            case _:
                return False
    return True


def _is_weak(assumption: Assumption, variable: str) -> bool:
    if not _mentions(assumption.body, variable):
        return True
    parts = weak_comparisons(assumption)
    return parts is not None and all(outcome_of(side, variable) for part in parts for side in (part.left, part.right))


def weak_comparisons(assumption: Assumption) -> list[Comparison] | None:
    """The comparisons that an assumption is made of, none of them strict; None where it is made of others.

    Returns
    -------
    list of Comparison or None
    """
    parts = assumption.body.parts if isinstance(assumption.body, And) else (assumption.body,)
    found = [part for part in parts if isinstance(part, Comparison) and part.relation in NOT_STRICT]
    return found if len(found) == len(parts) else None


def _mentions(part: object, variable: str) -> bool:
    return any(isinstance(each, Outcome) and each.variable == variable for each in parts_of(part))
