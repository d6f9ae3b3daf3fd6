"""Sums of maxima: ``the sum over v of P(V=v) max{...}``, as monotone instruments have them (Manski & Pepper 2000).

The options of the maxima are kinds, in which the level of the weight is marked. Two arguments are about them:

dropped arms
    Whatever the law of V is, the sum is a bound; so with the law that is nearly all at one level each maximum bounds
    the mean within its arm. There an option holds few arms, and the others may be left out.
ordered means
    All variables are affected by V, and the one assumption is that the estimand's mean within an arm does not decrease
    (or increase) with V. Then what units would do in one arm says nothing of another one, but for this order. Within an
    arm the mean may be anything between two numbers l and h; so the least that all means may be together is, at each
    level, the largest l of the levels up to there: that is in order, and reaches the sum of the maxima.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.exact.polynomials import ONE
from boundgen.exact.terms import Term
from boundgen.families.kinds import SideAt
from boundgen.families.scaling import parts_of
from boundgen.families.validity import LevelArgument, SideQuestion, holds_few_arms
from boundgen.families.views import WEIGHT, ByWeights
from boundgen.language.expressions import Expectation, Index, Inequality, Outcome, Sum
from boundgen.language.statements import Assumption

INCREASING = {(">=", ">"), (">=", ">="), ("<=", "<"), ("<=", "<=")}
DECREASING = {("<=", ">"), ("<=", ">="), (">=", "<"), (">=", "<=")}


def weighted_terms(side: PiecewiseSide) -> tuple[Term, ...] | None:
    """The options of a sum of maxima, each beside its weight; None where the side is something else."""
    if len(side.pieces) != 1 or side.pieces[0].guards:
        return None
    found = []
    for summand in side.pieces[0].summands:
        weight = summand.weight.term
        if weight is None or weight.constant or [c for _, c in weight.coefficients] != [1]:
            return None
        for option in summand.options:
            term = option.numerator.term if option.denominator == ONE else None
            if term is None:
                return None
            found.append(term + Term.of(0, {WEIGHT + weight.coefficients[0][0]: 1}))
    return tuple(found)


def weighted_validity(question: SideQuestion) -> LevelArgument:
    """Why each maximum is a bound within its arm."""
    scaling = question.scaling
    own = all(_names_arms(each.body, question) for each in scaling.model.assumptions)
    if not holds_few_arms(question) or not own or not _is_mean(question):
        return LevelArgument("", (), "no argument is known for every number")
    most = question.most
    levels = max(most, question.start)
    return LevelArgument(
        "dropped arms",
        (levels,),
        f"each maximum is a bound within the arm of its weight, an option touches at most {most} levels of "
        f"{scaling.variable} with that one, and who leaves the other arms out has the model with these levels",
    )


def weighted_sharpness(question: SideQuestion, sides: Mapping[int, SideAt]) -> LevelArgument:
    """Why the options are all at every number of levels."""
    scaling, variable = question.scaling, question.scaling.variable
    first, last = question.start, question.derived[-1]
    within = all(variable in each.parents or each.randomized for each in scaling.model.variables)
    order = _order(question) if len(scaling.model.assumptions) == 1 else 0
    randomized = [each.name for each in scaling.model.variables if each.randomized]
    alone = within and order and randomized == [variable] and _is_mean(question)
    if alone and all(_are_ordered(at, order if question.lower else -order) for at in sides.values()):
        return LevelArgument(
            "ordered means",
            tuple(range(first, last + 1)),
            "within an arm the mean may be anything between two numbers, arms have nothing in common but the order of "
            "their means, and so the best numbers of the levels up to each are reached together",
        )
    return LevelArgument("", tuple(range(first, last + 1)), f"derived for {first} to {last} levels")


def _is_mean(question: SideQuestion) -> bool:
    """Whether the estimand is a combination of means over all arms."""
    estimand = question.estimand
    if estimand.divisor is not None or estimand.written:
        return False
    for _, atoms in estimand.expression.terms:
        match atoms:
            case (Expectation(given=given, event=event),):
                if event or given.arm or given.event or given.interventions:
                    return False
            case _:
                return False
    return not any(question.scaling.variable in dict(each.interventions) for each in _outcomes(estimand.expression))


def _outcomes(part: Any) -> Iterator[Outcome]:
    return (each for each in parts_of(part) if isinstance(each, Outcome))


def _names_arms(part: Any, question: SideQuestion) -> bool:
    """Whether each outcome is one within an arm."""
    return all(question.scaling.variable in dict(each.interventions) for each in _outcomes(part))


def _order(question: SideQuestion) -> int:
    """1 where the assumption is that the estimand within an arm does not decrease, -1 where it does not increase."""
    (assumption,) = question.scaling.model.assumptions
    variable = question.scaling.variable
    body, orders = assumption.body, assumption.orders
    if not isinstance(body, Inequality) or len(orders) != 1 or dict(assumption.indices) != _both(assumption, variable):
        return 0
    left, relation, right = orders[0]
    names = [next((n for n in (left, right) if _is_within(side, question, n)), "") for side in (body.left, body.right)]
    if set(names) != {left, right}:
        return 0
    # In the order in which the assumption has them.
    stated = relation if names == [left, right] else {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(relation, "")
    return 1 if (body.relation, stated) in INCREASING else -1 if (body.relation, stated) in DECREASING else 0


def _both(assumption: Assumption, variable: str) -> dict[str, str]:
    left, _, right = assumption.orders[0]
    return {left: variable, right: variable}


def _is_within(side: Sum, question: SideQuestion, index: str) -> bool:
    """Whether a side is the estimand within the arm of that index."""
    return _normal(side) == _normal(_within(question.estimand.expression, question.scaling.variable, index))


def _within(part: Any, variable: str, index: str) -> Any:
    """An expression whose outcomes are within the arm of an index."""
    if isinstance(part, Outcome):
        return replace(part, interventions=((variable, Index(index)), *part.interventions))
    if isinstance(part, tuple):
        return tuple(_within(each, variable, index) for each in part)
    if isinstance(part, Sum):
        return Sum(tuple((c, _within(atoms, variable, index)) for c, atoms in part.terms))
    if isinstance(part, Expectation):
        return replace(part, content=_within(part.content, variable, index))
    return part


def _normal(side: Sum) -> frozenset[Any]:
    """An expression without the order in which things are written."""

    def plain(part: Any) -> Any:
        if isinstance(part, Outcome):
            return part.variable, frozenset((name, plain(value)) for name, value in part.interventions)
        if isinstance(part, Expectation):
            return _normal(part.content), part.given, part.event
        return part

    return frozenset((c, tuple(map(plain, atoms))) for c, atoms in side.terms)


def _are_ordered(at: SideAt, order: int) -> bool:
    """Whether the options of each level are those of the levels up to it (or from it on), each alike."""
    levels = at.levels
    assert isinstance(levels, ByWeights)
    held: dict[int, dict[int, set[Any]]] = {}
    for term in at.terms:
        view = levels.view(term)
        weight = next(place for place, each in enumerate(view.profiles) if levels.is_marked(each))
        cells = [(place, levels.unmarked(each)) for place, each in enumerate(view.profiles)]
        own = [(place, each) for place, each in cells if each]
        if len(own) != 1 or view.fixed:
            return False
        held.setdefault(weight, {}).setdefault(own[0][0], set()).add((own[0][1], view.constant))
    every = {frozenset(options) for of_weight in held.values() for options in of_weight.values()}
    levels_of = {weight: set(of_weight) for weight, of_weight in held.items()}
    wanted = {v: {u for u in range(levels.size) if (u <= v if order > 0 else u >= v)} for v in range(levels.size)}
    return len(every) == 1 and levels_of == wanted
