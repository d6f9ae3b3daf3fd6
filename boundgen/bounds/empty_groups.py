"""Groups whose means assumptions speak of: those that nobody can be in, and those that assumptions leave empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from boundgen.errors import ModelError
from boundgen.language.expressions import Expectation, Inequality, Probability, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption, print_sum
from boundgen.language.resolution import atoms_of
from boundgen.language.statements import Assumption
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import model_region
from boundgen.program.from_strata import linear_program
from boundgen.strata.averages import is_plain
from boundgen.strata.enumeration import enumerate_strata
from boundgen.strata.forms import LinearForm, Mean, linear_form
from boundgen.strata.stages import form_stage, inequality_forms, restrictions
from boundgen.work.limits import Budget


def refuse_impossible_groups(model: Model, budget: Budget) -> None:
    """Raise an error where an assumption speaks of a mean given what can never happen, whatever else is assumed."""
    for assumption in model.assumptions:
        for atom, groups in _groups(model, assumption):
            if not any(_can_happen(model, group, budget) for _, group in groups):
                raise ModelError(
                    f"the condition of assumption {_named(model, assumption)} has probability zero",
                    atom.where or assumption.where,
                    "Condition on an event that can happen.",
                )


def empty_groups(model: Model, plain: Model, budget: Budget) -> tuple[str, ...]:
    """A sentence for each group of a mean that has to be empty, so that an assumption can hold.

    Parameters
    ----------
    model : Model
    plain : Model
        The same with the assumptions alone whose coefficients are numbers.
    budget : Budget

    Returns
    -------
    tuple of str
    """
    found = []
    for assumption in plain.assumptions:
        for atom, groups in _groups(plain, assumption):
            for indices, group in groups:
                if not _may_have_units(plain, group, budget):
                    at = "".join(f", {name} = {value}" for name, value in indices.items())
                    share = Sum.of((1, (Probability(atom.given.event, replace(atom.given, event=())),)))
                    found.append(
                        f"under the assumptions {print_sum(share, model.by_name)} is zero{at}: "
                        f"nobody is in this group of assumption {_named(model, assumption)}"
                    )
    for assumption in model.assumptions:
        if assumption not in plain.assumptions and not _may_be_met(model, assumption, budget):
            found.append(
                f"assumption {_named(model, assumption)} holds only where nobody is in one of the groups it compares"
            )
    return tuple(dict.fromkeys(found))


def _named(model: Model, assumption: Assumption) -> str:
    return assumption.name or f"'{print_assumption(assumption, model.by_name).removeprefix('assume ')}'"


def _groups(
    model: Model, assumption: Assumption
) -> Iterator[tuple[Probability | Expectation, list[tuple[Mapping[str, Value], LinearForm]]]]:
    """Each mean given an event in an assumption, with the probability of the event for each choice of its names."""
    body = assumption.body
    if not isinstance(body, Inequality):
        return
    for atom in dict.fromkeys((*atoms_of(body.left), *atoms_of(body.right))):
        if isinstance(atom, Probability | Expectation) and atom.given.event:
            yield (
                atom,
                [
                    (indices, _share(linear_form(model, Sum.of((1, (atom,))), indices).means[0]))
                    for indices in model.environments(assumption.indices, assumption.orders)
                ],
            )


def _share(mean: Mean) -> LinearForm:
    """The probability of a mean's condition."""
    share = replace(mean, coefficient=Fraction(1), content=mean.condition, condition=(), event=())
    return LinearForm(Fraction(0), (), (share,))


def _can_happen(model: Model, share: LinearForm, budget: Budget) -> bool:
    """Whether a unit can be in a group, by the declarations alone."""
    return any(value for (value,) in enumerate_strata(model.by_name, [], [form_stage(share)], budget))


def _may_have_units(model: Model, share: LinearForm, budget: Budget) -> bool:
    """Whether a group has a positive probability somewhere in the model."""
    program = linear_program(model, (), share, budget)
    region = model_region(program, model.parameters)
    shares = {j: column.cost for j, column in enumerate(program.columns) if column.cost}
    found = maximum(region.size, shares, region.constraints, region.nonnegative)
    return found is not None and found.value > 0


def _may_be_met(model: Model, assumption: Assumption, budget: Budget) -> bool:
    """Whether means of groups can be as an assumption compares them, for what is seen group by group."""
    body = assumption.body
    if not isinstance(body, Inequality) or not (is_plain(model, body.left) and is_plain(model, body.right)):
        return True
    restricted = [
        r for each in model.assumptions if not isinstance(each.body, Inequality) for r in restrictions(model, each)
    ]
    for form, relation in inequality_forms(model, assumption):
        if form.parameters or not form.conditional:
            continue
        leaves = [values for (values,) in enumerate_strata(model.by_name, restricted, [form_stage(form)], budget)]
        least, most = form.constant, form.constant
        for group in dict.fromkeys(_group(mean) for mean in form.means):
            own = [k for k, mean in enumerate(form.means) if _group(mean) == group]
            sums = [sum(leaf[k][0] for k in own) for leaf in leaves if leaf[own[0]][1]]
            least, most = least + min(sums, default=0), most + max(sums, default=0)
        if least > 0 or (relation == "=" and most < 0):
            return False
    return True


def _group(mean: Mean) -> object:
    return mean.condition, mean.context, mean.indices
