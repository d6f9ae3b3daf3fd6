"""Estimands in words, as far as their form allows: effects that the field has a name for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boundgen.language.expressions import Argument, Expectation, Formula, Outcome, Probability
from boundgen.language.model import Model
from boundgen.language.printer import print_formula, print_value
from boundgen.language.statements import Estimand
from boundgen.language.variables import ancestors

USUAL = (1, 0)
Move = tuple[str, Argument, Argument, tuple[tuple[str, Argument], ...]]


def estimand_words(estimand: Estimand, model: Model) -> str:
    """The label of an estimand; without one, words for a share, a mean or a mean difference, else nothing.

    Returns
    -------
    str

    Examples
    --------
    >>> from boundgen import catalogue
    >>> model = catalogue.load("mediation_mmr")
    >>> for estimand in model.estimands:
    ...     print(estimand_words(estimand, model))
    indirect effect of A on Y through M, at A=0
    indirect effect of A on Y through M, at A=1
    direct effect of A on Y, M as under A=0
    direct effect of A on Y, M as under A=1
    effect of A on M
    effect of A on Y
    """
    if estimand.label:
        return estimand.label
    quantity = _only_quantity(estimand)
    if quantity is None:
        return ""
    words = _share(quantity, model) if isinstance(quantity, Probability) else _mean(quantity, model)
    among = _formulas(quantity.given.event, model)
    return f"{words}, among units with {among}" if words and among else words


def _only_quantity(estimand: Estimand) -> Probability | Expectation | None:
    """The one probability or mean, of no arm, that is the estimand."""
    if estimand.written or estimand.divisor is not None:
        return None
    match estimand.expression.terms:
        case [(1, (Probability() | Expectation() as quantity,))] if not quantity.given.arm:
            return None if quantity.given.interventions else quantity
    return None


def _share(quantity: Probability, model: Model) -> str:
    return f"share of units with {_formulas(quantity.event, model)}"


def _formulas(formulas: Sequence[Formula], model: Model) -> str:
    return " and ".join(print_formula(formula, model.by_name) for formula in formulas)


def _mean(quantity: Expectation, model: Model) -> str:
    """Of one potential outcome, or of the difference of two of one variable."""
    if quantity.event:
        return ""
    match sorted(quantity.content.terms, key=lambda term: -term[0]):
        case [(1, (Outcome() as first,)), (-1, (Outcome() as second,))] if first.variable == second.variable:
            return _effect(first, second, model)
        case [(1, (Outcome(variable=variable, interventions=set_to),))] if all(_is_set(value) for _, value in set_to):
            return f"mean of {variable}{_at(dict(set_to))}"
    return ""


def _effect(first: Outcome, second: Outcome, model: Model) -> str:
    """What is set otherwise in the one potential outcome than in the other, and what both have in common."""
    one, other = dict(first.interventions), dict(second.interventions)
    if set(one) != set(other):
        return ""
    changed = [name for name in one if one[name] != other[name]]
    set_otherwise = [name for name in changed if _is_set(one[name]) and _is_set(other[name])]
    if changed == set_otherwise and len(changed) == 1:
        return _of_treatment(first.variable, changed[0], one, other, model)
    moved = [_moved(one[name], other[name]) for name in changed if name not in set_otherwise]
    if None in moved or len({*moved}) != 1:
        return ""
    ((treatment, high, low, rest),) = {move for move in moved if move is not None}
    effect = f"effect of {_contrast(treatment, high, low)} on {first.variable}"
    kept = {name: value for name, value in one.items() if _is_set(value) and name not in set_otherwise}
    at = _at({**kept, **dict(rest)})
    if not set_otherwise:
        return f"indirect {effect} through {' and '.join(changed)}{at}"
    whole = set_otherwise == [treatment] and (one[treatment], other[treatment]) == (high, low)
    return effect + at if whole else ""


def _of_treatment(
    outcome: str, treatment: str, one: Mapping[str, Argument], other: Mapping[str, Argument], model: Model
) -> str:
    """One variable is set otherwise; the others are set to values, or what they would be."""
    effect = f"effect of {_contrast(treatment, one[treatment], other[treatment])} on {outcome}"
    kept = {name: value for name, value in one.items() if name != treatment}
    if all(map(_is_set, kept.values())):
        held = any(treatment in ancestors(name, model.by_name) for name in kept)
        return f"{'controlled direct ' if held else ''}{effect}{_at(kept)}"
    natural = {name: value for name, value in kept.items() if isinstance(value, Outcome)}
    under = list({value.interventions for value in natural.values()})
    if len(natural) < len(kept) or len(under) != 1 or not all(_is_set(value) for _, value in under[0]):
        return ""
    at = ", ".join(f"{name}={_shown(value)}" for name, value in under[0])
    return f"direct {effect}, {' and '.join(natural)} as under {at}"


def _moved(one: Argument, other: Argument) -> Move | None:
    """The one variable that is set otherwise in two potential outcomes of a mediator, both values, and what is kept."""
    if not isinstance(one, Outcome) or not isinstance(other, Outcome):
        return None
    first, second = dict(one.interventions), dict(other.interventions)
    changed = [name for name in first if first[name] != second.get(name)]
    if set(first) != set(second) or len(changed) != 1:
        return None
    (name,) = changed
    rest = tuple((kept, value) for kept, value in first.items() if kept != name)
    return (name, first[name], second[name], rest) if all(map(_is_set, (*first.values(), second[name]))) else None


def _at(kept: Mapping[str, Argument]) -> str:
    """The values at which others are held."""
    return f", at {', '.join(f'{name}={_shown(value)}' for name, value in kept.items())}" if kept else ""


def _is_set(value: Argument) -> bool:
    return not isinstance(value, Outcome)


def _contrast(name: str, high: Argument, low: Argument) -> str:
    return name if (high, low) == USUAL else f"{name}={_shown(high)} rather than {_shown(low)}"


def _shown(value: Argument) -> str:
    return "" if isinstance(value, Outcome) else print_value(value)
