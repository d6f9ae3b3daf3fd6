"""What independence buys: bounds of two models compared, in one of which at least not all variables share causes.

Where the second model allows no population that the first does not allow, its bounds are never wider. By how much they
are narrower is seen at random distributions that both allow, at which both are evaluated exactly.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any, Literal

from boundgen.bounds.derived import Derivation
from boundgen.bounds.independences import Independence
from boundgen.bounds.independent_problem import FactoredEstimand, IndependentProblem, PolynomialEstimand
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.symbols import Notation
from boundgen.errors import LimitError, NoClosedFormError
from boundgen.evaluation.independent import cells_of_factors, independent_evaluation
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption, print_estimand
from boundgen.polyhedra.product_optimum import is_possible_at
from boundgen.polyhedra.weighted_optimum import UNDEFINED, Ends, is_possible, weighted_bounds_at
from boundgen.program.inverted import linear_at_data
from boundgen.questions.sampled import (
    LAWS,
    TRIES,
    EndsAt,
    LawAndEnds,
    LawValues,
    SampledComparison,
    ends_of,
    is_interval,
    random_laws,
    seen_at,
)
from boundgen.rendering.rendered import Rendered
from boundgen.verification.factored_laws import factored_laws
from boundgen.verification.latent_laws import latent_laws
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered

Including = Literal["first", "second", "both", ""]
AnyImplication = Independence | AnyCondition
NO_UNITS = (
    "in each of the random distributions nobody has some value that cells of factors are given, so that these are "
    "not identified there, and what is identified elsewhere may be an interval"
)


@dataclass(frozen=True)
class ShownImplication:
    """A testable implication of one of the models, in the symbols of that.

    Parameters
    ----------
    implication : Independence, Term or ProductCondition
    notation : Notation
    """

    implication: AnyImplication
    notation: Notation


@dataclass(frozen=True)
class IndependenceSeen:
    """One estimand under both models.

    Parameters
    ----------
    sampled : SampledComparison
        What was seen at random distributions.
    widths : tuple of two Fraction, or None
        The mean widths of both bounds there; None where one is infinite, or there are none.
    """

    sampled: SampledComparison
    widths: tuple[Fraction, Fraction] | None


@dataclass(frozen=True, repr=False)
class IndependenceComparison(Rendered):
    """Two models with the same observed cells, of which one at least has variables that share no causes.

    Parameters
    ----------
    first, second : Derivation
    seen : tuple of IndependenceSeen
    includes : {"first", "second", "both", ""}
        Which of the models allows all populations of the other: its bounds are never narrower. Of two such models the
        bounds are the same.
    appear, disappear : tuple of ShownImplication
        Testable implications of one model that data of the other were found to break.
    undecided : tuple of ShownImplication
        Those that no such data were found to break.
    notes : tuple of str
    unanswered : tuple of Unanswered
        Estimands that are not compared.
    """

    first: Derivation
    second: Derivation
    seen: tuple[IndependenceSeen, ...]
    includes: Including
    appear: tuple[ShownImplication, ...]
    disappear: tuple[ShownImplication, ...]
    undecided: tuple[ShownImplication, ...]
    notes: tuple[str, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def sampled(self) -> tuple[SampledComparison, ...]:
        """What was seen of each estimand."""
        return tuple(each.sampled for each in self.seen)

    def text(self, unicode: bool = True) -> str:
        """What changes, as text."""
        from boundgen.questions.independence_report import independence_text

        return independence_text(self, unicode)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each side of each estimand, and for each testable implication."""
        from boundgen.questions.independence_report import independence_rows

        return independence_rows(self)

    def json(self) -> dict[str, Any]:
        """What changes, in the schema ``boundgen.comparison/1``."""
        from boundgen.questions.independence_report import independence_json

        return independence_json(self)

    def __repr__(self) -> str:
        return f"<IndependenceComparison of {self.first.model.name} and {self.second.model.name}>"


def compared_independence(
    first: Derivation, second: Derivation, names: Sequence[str], budget: Budget
) -> IndependenceComparison:
    """Compare two derivations, of which one at least is of a model whose variables do not all share causes.

    Parameters
    ----------
    first, second : Derivation
        Also without closed forms.
    names : sequence of str
        Of estimands.
    budget : Budget

    Returns
    -------
    IndependenceComparison

    Where no estimand can be evaluated exactly in both, the first reason is raised.
    """
    asked, unanswered = [], list[Unanswered]()
    for name in names:
        missing = next((why for each in (first, second) if (why := _not_exact(each, name))), None)
        if missing is None:
            asked.append(name)
        else:
            unanswered.append(Unanswered(name, missing.message, missing))
    if not asked:
        raise unanswered[0].error
    includes = _including(first.model, second.model)
    drawn = list(itertools.islice(_common_laws(first, second, includes, budget), 2 * LAWS))
    # Where nobody has what a factor's cells are given, the data do not identify them, and what is identified elsewhere
    # is an interval. Such laws count only where assumptions leave no others.
    full = [law for law in drawn if _has_units(first, law) and _has_units(second, law)]
    seen_of = [_seen(first, second, name, full or drawn, budget) for name in asked]
    same = [name for name in asked if _written(first.model, name) != _written(second.model, name)]
    notes = [
        f"{name} is {_written(first.model, name)} in {first.model.name} and {_written(second.model, name)} in "
        f"{second.model.name}"
        for name in same
    ]
    notes += [
        f"the testable implications of {own.model.name} were not derived"
        for own in (first, second)
        if is_not_parted(own)
    ]
    if drawn and not full:
        notes.append(NO_UNITS)
    # Data of a special case break no implication of the model that it is one of.
    appear, more = ((), ()) if includes in ("second", "both") else _broken(second, first, budget)
    disappear, others = ((), ()) if includes in ("first", "both") else _broken(first, second, budget)
    return IndependenceComparison(
        first,
        second,
        tuple(seen_of),
        "" if same else includes,
        appear,
        disappear,
        (*more, *others),
        tuple(notes),
        tuple(unanswered),
    )


def is_not_parted(derived: Derivation) -> bool:
    """Whether the data do not part what is independent, so that there are no cells of factors."""
    independent = derived.independent
    return independent is not None and not any(isinstance(each, FactoredEstimand) for each in independent.posed)


def _written(model: Model, name: str) -> str:
    return print_estimand(model.estimand_named(name), model.by_name)


def _not_exact(derived: Derivation, name: str) -> LimitError | None:
    """Why an estimand is not compared: it is a polynomial program at data, no laws are drawn, or it has no bounds."""
    independent = derived.independent
    if independent is None:
        known = {*(each.name for each in derived.closed_forms), *(e.estimand.name for e in derived.problem.weighted)}
        if name in known:
            return None
        reason = next((each.reason for each in derived.unanswered if each.name == name), "it has no bounds")
    else:
        posed = {each.estimand.name: each for each in independent.posed}
        asked = posed.get(name)
        if isinstance(asked, FactoredEstimand):
            return None
        reason = next((each.reason for each in independent.unanswered if each.name == name), "")
        if asked is not None and asked.formula:
            reason = "it is identified although a variable has several causes, and such formulas are not compared"
        elif asked is not None and asked.problem.linear:
            if next(_laws(derived, Budget()), None) is not None:
                return None
            reason = (
                "it is a linear program at data, and under assumptions, a selection or many causes no laws are drawn"
            )
        reason = reason or (f"its bounds are {asked.at_data}" if asked else "it has no bounds")
    error = NoClosedFormError(
        f"{name} is not compared: {reason} ({derived.model.name})",
        remedy="boundgen evaluate gives the bounds of each model at data.",
    )
    return error.beside(derived.text())


# ---------------------------------------------------------------- is one a special case of the other
def _including(first: Model, second: Model) -> Including:
    """Which of two models allows all populations of the other."""
    of_first, of_second = _includes(first, second), _includes(second, first)
    if of_first and of_second:
        return "both"
    return "first" if of_first else "second" if of_second else ""


def _includes(wide: Model, narrow: Model) -> bool:
    """Whether every population of the narrow model is one of the wide one: it has all of its assumptions, and more."""
    if wide.by_name.keys() != narrow.by_name.keys():
        return False
    fewer = all(
        set(narrow.by_name[name].parents) <= set(variable.parents)
        and narrow.by_name[name].randomized == variable.randomized
        for name, variable in wide.by_name.items()
    )
    if wide.causes is not None and wide.factored:
        everyone = tuple(name for name, variable in narrow.by_name.items() if not variable.randomized)
        causes = (everyone,) if narrow.causes is None else narrow.causes
        fewer = fewer and all(any(set(own) <= set(cause) for cause in wide.causes) for own in causes)
    ranges = {parameter.name: parameter for parameter in wide.parameters}
    same = all(ranges.get(each.name, each) == each for each in narrow.parameters)
    return fewer and same and _assumptions(wide) <= _assumptions(narrow)


def _assumptions(model: Model) -> set[str]:
    plain = (replace(assumption, name=None) for assumption in model.assumptions)
    return {print_assumption(assumption, model.by_name) for assumption in plain}


# ---------------------------------------------------------------- at random distributions
def _common_laws(first: Derivation, second: Derivation, includes: Including, budget: Budget) -> Iterator[LawValues]:
    """Distributions that both allow: those of the special case, or drawn in turn from either."""
    models = {"first": (second,), "second": (first,)}.get(includes, (second, first))
    drawn = (_laws(derived, budget) for derived in models)
    for law in itertools.islice(itertools.chain.from_iterable(zip(*drawn, strict=False)), TRIES):
        if includes or (allows(first, law) and allows(second, law)):
            yield law


def _laws(derived: Derivation, budget: Budget) -> Iterator[LawValues]:
    independent = derived.independent
    if independent is None:
        return random_laws(derived, derived.model.parameters, budget)
    if is_not_parted(derived):
        return latent_laws(independent.model, independent.arms, random.Random(derived.model.name))
    assert independent.factored is not None, "it has cells of factors"
    return factored_laws(independent.factored, _asked(independent).program.factors, random.Random(derived.model.name))


def _asked(independent: IndependentProblem) -> FactoredEstimand:
    return next(each for each in independent.posed if isinstance(each, FactoredEstimand))


def _linear(independent: IndependentProblem) -> PolynomialEstimand:
    return next(each for each in independent.posed if isinstance(each, PolynomialEstimand) and each.problem.linear)


def allows(derived: Derivation, law: LawValues) -> bool:
    """Whether some population of the model has these data."""
    independent = derived.independent
    if independent is None:
        if derived.known_conditions is None:
            weighted = derived.problem.weighted
            return bool(weighted) and is_possible(weighted[0].program, law)
        return all(condition.value(law) >= 0 for condition in derived.known_conditions)
    if is_not_parted(derived):
        program = linear_at_data(_linear(independent).problem.at(law))
        return program is not None and is_possible(program, {})
    assert independent.factored is not None, "it has cells of factors"
    at = {name: value for name, value in independent.factored.at(law).items() if value is not None}
    holds = all(not each.distance(independent.factored.law, law) for each in derived.independences)
    return holds and is_possible_at(_asked(independent).program, {**law, **at})


def _has_units(derived: Derivation, law: LawValues) -> bool:
    """Whether somebody has each value that cells of factors are given."""
    factored = derived.independent.factored if derived.independent else None
    return factored is None or None not in factored.at(law).values()


def _seen(
    first: Derivation, second: Derivation, name: str, laws: Sequence[LawValues], budget: Budget
) -> IndependenceSeen:
    ends = [_ends(derived, name, budget) for derived in (first, second)]
    found: list[LawAndEnds] = []
    for law in laws:
        budget.step("comparing bounds at random distributions", len(found), LAWS)
        one, other = (at(law) for at in ends)
        if is_interval(one) and is_interval(other):
            found.append((law, one, other))
        if len(found) == LAWS:
            break
    return IndependenceSeen(seen_at(name, found), _widths(found))


def _widths(laws: Sequence[LawAndEnds]) -> tuple[Fraction, Fraction] | None:
    totals = [Fraction(0), Fraction(0)]
    for _, *both in laws:
        for k, (low, high) in enumerate(both):
            if not isinstance(low, Fraction) or not isinstance(high, Fraction):
                return None
            totals[k] += high - low
    return (totals[0] / len(laws), totals[1] / len(laws)) if laws else None


def _ends(derived: Derivation, name: str, budget: Budget) -> EndsAt:
    independent = derived.independent
    if independent is None:
        if any(each.name == name for each in derived.closed_forms):
            return ends_of(derived, name)
        program = next(each.program for each in derived.problem.weighted if each.estimand.name == name)
        return lambda law: weighted_bounds_at(program, law)
    asked = next(each for each in independent.posed if each.estimand.name == name)
    if isinstance(asked, PolynomialEstimand):
        return partial(_linear_ends, asked)
    closed = next((each for each in derived.closed_forms if each.name == name), None)
    parameters = [parameter.name for parameter in independent.model.parameters]

    def ends(law: LawValues) -> Ends:
        choice = {each: Fraction(law[each]) for each in parameters}
        cells = {cell: value for cell, value in law.items() if cell not in choice}
        own = {cell.name for arm in independent.arms for cell in arm.cells}
        at = cells_of_factors(derived, {cell: value for cell, value in cells.items() if cell in own}, choice)
        found = independent_evaluation(asked, closed, at, choice, budget)
        return found.lower, found.upper

    return ends


def _linear_ends(asked: PolynomialEstimand, law: LawValues) -> Ends:
    """By the linear program of these data; nothing where their zeros leave none."""
    program = linear_at_data(asked.problem.at(law))
    return UNDEFINED if program is None else weighted_bounds_at(program, {})


# ---------------------------------------------------------------- testable implications
def _broken(
    strong: Derivation, weak: Derivation, budget: Budget
) -> tuple[tuple[ShownImplication, ...], tuple[ShownImplication, ...]]:
    """The implications of one model that data of the other break, and those that they were not seen to break."""
    found = list(_implications(strong))
    if not found:
        return (), ()
    known = {*weak.independences, *(() if strong.independent or weak.independent else weak.known_conditions or ())}
    left = [each for each in found if each[0] not in known]
    broken: set[int] = set()
    for law in itertools.islice(_laws(weak, budget), LAWS):
        budget.step("comparing testable implications", len(broken), len(left))
        broken |= {i for i, (_, fails) in enumerate(left) if i not in broken and fails(law)}
        if len(broken) == len(left):
            break
    shown = [ShownImplication(each, strong.notation) for each, _ in left]
    return (
        tuple(each for i, each in enumerate(shown) if i in broken),
        tuple(each for i, each in enumerate(shown) if i not in broken),
    )


def _implications(derived: Derivation) -> Iterator[tuple[AnyImplication, Callable[[LawValues], bool]]]:
    """Each with what says whether it fails at a law of observed cells."""
    independent = derived.independent
    if is_not_parted(derived):
        return
    if independent is None or independent.factored is None:
        for each in derived.known_conditions or ():
            yield each, lambda law, each=each: each.value(law) < 0  # type: ignore[misc]
        return
    factored = independent.factored
    for independence in derived.independences:
        yield independence, lambda law, own=independence: own.distance(factored.law, law) > 0  # type: ignore[misc]
    for term in derived.conditions or ():

        def fails(law: LawValues, term: Term = term) -> bool:
            at = {**law, **{k: v for k, v in factored.at(law).items() if v is not None}}
            return all(name in at for name, _ in term.coefficients) and term.value(at) < 0

        yield term, fails
