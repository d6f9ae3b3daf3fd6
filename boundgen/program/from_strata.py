"""Model and estimand to linear program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, Literal

from boundgen.errors import NotLinearError
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Assumption
from boundgen.program.linear_program import Column, Entry, LinearProgram, Row
from boundgen.program.pinned import pinned_probability
from boundgen.strata.cells import Arm, distinct_cells
from boundgen.strata.enumeration import Restriction, enumerate_strata
from boundgen.strata.forms import LinearForm
from boundgen.strata.stages import arm_stage, form_stage, inequality_forms, restrictions
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget

ONE = Term(Fraction(1))


@dataclass(frozen=True)
class FormRow:
    """A population-level assumption on its way to a row."""

    assumption: Assumption
    label: str
    form: LinearForm
    relation: Literal["=", "<="]


@dataclass(frozen=True)
class Leaf:
    """What the stages found of one stratum, told apart."""

    stratum: Stratum
    forms: tuple[Any, ...]
    cells: frozenset[int]
    cost: Any


def linear_program(model: Model, arms: Sequence[Arm], cost: LinearForm | None, budget: Budget) -> LinearProgram:
    """The program of a quantity, or with cost zero where there is none.

    Strata with the same cells, assumption entries and estimand value are one column.
    """
    arms = [arm for arm in arms if not arm.law]
    restricted, forms = _assumptions(model, budget)
    leaves = _leaves(model, arms, restricted, [row.form for row in forms], cost, budget)
    rows = [Row("cell", cell.name, "=", Term.of(0, {cell.name: 1})) for cell in distinct_cells(arms)]
    entries: list[dict[int, Entry]] = [{**dict.fromkeys(sorted(leaf.cells), 1), len(rows): 1} for leaf in leaves]
    rows.append(Row("total", "total", "=", ONE))
    size = (len(rows) + len(forms)) * len(leaves)
    budget.limits.check("entries of the linear program", size, budget.limits.entries, "--max-entries")
    for k in _solvable_order(forms, leaves, rows, entries):
        values, right = _form_entries(forms[k], [leaf.forms[k] for leaf in leaves], rows, entries)
        for entry, value in zip(entries, values, strict=True):
            entry[len(rows)] = value
        rows.append(Row("assumption", forms[k].label, forms[k].relation, right))
    costs = [_cost(cost, leaf.cost) for leaf in leaves]
    columns = tuple(
        Column(leaf.stratum, tuple((i, e) for i, e in entry.items() if e), value, event)
        for leaf, entry, (value, event) in zip(leaves, entries, costs, strict=True)
    )
    return LinearProgram(tuple(rows), columns, _offset(cost))


def _leaves(
    model: Model,
    arms: Sequence[Arm],
    restricted: list[Restriction],
    forms: list[LinearForm],
    cost: LinearForm | None,
    budget: Budget,
) -> list[Leaf]:
    """The strata that cells, assumption rows and estimand tell apart."""
    numbers = {cell.name: i for i, cell in enumerate(distinct_cells(arms))}
    stages = [
        *map(form_stage, forms),
        *(arm_stage(arm, numbers) for arm in arms),
        *([form_stage(cost)] if cost else []),
    ]
    found = []
    for values, stratum in enumerate_strata(model.by_name, restricted, stages, budget).items():
        cells = frozenset(cell for cell in values[len(forms) : len(forms) + len(arms)] if cell >= 0)
        found.append(Leaf(stratum, values[: len(forms)], cells, values[-1] if cost else 0))
    return found


def _solvable_order(
    forms: list[FormRow], leaves: list[Leaf], rows: list[Row], entries: list[dict[int, Entry]]
) -> Iterator[int]:
    """The rows in an order in which each finds the denominators that it needs fixed by those before it.

    The rows are added while this goes on. What is left when no row can be solved comes last, to be refused.
    """
    waiting = list(range(len(forms)))
    while waiting:
        solvable = (k for k in waiting if _denominators(forms[k], [leaf.forms[k] for leaf in leaves], rows, entries))
        chosen = next(solvable, waiting[0])
        waiting.remove(chosen)
        yield chosen


def _offset(cost: LinearForm | None) -> Term:
    """What the estimand adds to its mean over strata; a conditional one has its number in the numerator."""
    if cost is None:
        return Term()
    return Term.of(0 if cost.conditional else cost.constant, dict(cost.parameters))


def _assumptions(model: Model, budget: Budget) -> tuple[list[Restriction], list[FormRow]]:
    size = sum(prod(len(model.by_name[v].domain) for _, v in a.indices) for a in model.assumptions)
    budget.limits.check(
        "assumptions", size, budget.limits.assumptions, "--max-assumptions", "write fewer quantified names"
    )
    restricted: list[Restriction] = []
    forms: list[FormRow] = []
    for assumption in model.assumptions:
        if isinstance(assumption.body, Inequality):
            label = assumption.name or print_assumption(assumption, model.by_name).removeprefix("assume ")
            forms += [FormRow(assumption, label, f, r) for f, r in inequality_forms(model, assumption)]
        else:
            restricted += restrictions(model, assumption)
    return restricted, forms


def _denominators(
    row: FormRow, values: list[Any], rows: list[Row], entries: list[dict[int, Entry]]
) -> list[Fraction] | Literal["one condition", "none"] | None:
    """The known probability of each mean's condition, or why none is needed; None where they are not known."""
    form = row.form
    if not form.conditional:
        return "none"
    conditions = [[pair[k][1] for pair in values] for k in range(len(form.means))]
    if not form.parameters and all(condition == conditions[0] for condition in conditions):
        return "one condition"
    pinned = [pinned_probability(condition, rows, entries) for condition in conditions]
    known = [probability for probability in pinned if probability]
    return known if len(known) == len(pinned) else None


def _form_entries(
    row: FormRow, values: list[Any], rows: list[Row], entries: list[dict[int, Entry]]
) -> tuple[list[Entry], Term]:
    """A row's entries and right side: the numbers and parameters moved to the right."""
    form = row.form
    right = -Term.of(form.constant, dict(form.parameters))
    denominators = _denominators(row, values, rows, entries)
    if denominators == "none":
        return values, right
    if denominators == "one condition":
        # Multiplied by the probability of the one condition: exact, and linear.
        return [sum(n for n, _ in pair) + form.constant * pair[0][1] for pair in values], Term()
    if denominators is None:
        raise _not_linear(row)
    weighted = [sum((n / d for d, (n, _) in zip(denominators, pair, strict=True)), Fraction(0)) for pair in values]
    return list(weighted), right


def _not_linear(row: FormRow) -> NotLinearError:
    if row.form.parameters:
        return NotLinearError(
            f"assumption {row.label} puts a parameter beside a conditional mean: multiplied out, "
            "it would stand before the unknown probability of the condition, which is not linear in ψ",
            row.assumption.where,
            "State it with the numerator, P(event, condition), or fix the condition's probability at a number "
            "(assume P(X=1) = 1/2).",
        )
    return NotLinearError(
        f"assumption {row.label} compares means with different denominators, "
        "and not all of them are known numbers: it is not linear in ψ",
        row.assumption.where,
        "Conditional means can be compared behind one condition, or where assumptions fix the probability "
        "of each condition at a number (assume P(X=1) = 1/2). Monotone treatment selection and monotone "
        "instruments are not linear otherwise.",
    )


def _cost(form: LinearForm | None, value: Any) -> tuple[Entry, int]:
    """The estimand's numerator and conditioning event in one stratum."""
    if form is None or not form.conditional:
        return value, 1
    events = {event for _, event in value}
    if len(events) > 1:
        raise NotLinearError(
            "the conditions behind the bars of the estimand differ, so its denominators differ",
            form.means[0].where,
            "Bound the parts one by one, or put every part behind the same condition.",
        )
    event = events.pop()
    return sum(n for n, _ in value) + form.constant * event, event
