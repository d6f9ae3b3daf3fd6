"""Independent causes: a model to factors whose laws are independent (Tian & Pearl 2002), and estimands in them.

Where each variable has at most one unmeasured cause, and all variables are observed, the data identify the law of each
group of variables that share one, under interventions on what affects it from outside: its c-factor. The law of a
group's response types meets linear constraints with these factors as right sides, and the laws of groups are
independent; an estimand is multilinear in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from boundgen.errors import NotLinearError
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction, over_one_denominator
from boundgen.exact.terms import Term
from boundgen.language.expressions import Comparison, Inequality, Label, Outcome, Probability, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Assumption, Estimand, Observation
from boundgen.program.factored_program import Factor, FactoredProgram, FactoredTerm, FactorRow
from boundgen.strata.averages import Average, is_plain, products
from boundgen.strata.cells import Arm, Assignment, cell_name, observed_arms
from boundgen.strata.enumeration import KnownResponses, Restriction, Stage, enumerate_strata
from boundgen.strata.forms import LinearForm, Mean
from boundgen.strata.stages import inequality_forms, restrictions
from boundgen.strata.unit import Response, Unit, UnknownOutcome
from boundgen.work.limits import Budget

KnownValues = tuple[tuple[Response, Value], ...]


# ---------------------------------------------------------------- the data
@dataclass(frozen=True)
class ObservedLaw:
    """The joint law of all variables that are not randomized, in each arm.

    Parameters
    ----------
    model : Model
    names : tuple of str
        The variables in the order of the `observe` statement.
    arms : tuple of Arm
        One for each choice of the randomized variables.
    weights : mapping of arm to Polynomial
        Of each arm, by its context: its probability, where their law is observed; else one.
    """

    model: Model
    names: tuple[str, ...]
    arms: tuple[Arm, ...]
    weights: Mapping[Assignment, Polynomial]

    def total(self, values: Mapping[str, Value]) -> Polynomial:
        """The probability of values of some variables; randomized ones choose arms, which else are averaged."""
        chosen = self._chosen(values)
        weights = [self.weights[arm.cells[0].context] if len(chosen) > 1 else ONE for arm in chosen]
        if not values.keys() & set(self.names):
            return Polynomial.total(weights)
        found: list[tuple[tuple[str, ...], Fraction]] = []
        for arm, weight in zip(chosen, weights, strict=True):
            cells = self._cells(arm, values)
            found += [((*names, cell), number) for names, number in weight.terms for cell in cells]
        return Polynomial.of(found)

    def cells(self, values: Mapping[str, Value]) -> list[str]:
        """The names of the observed cells, in all arms, whose units have these values."""
        return [name for arm in self._chosen(values) for name in self._cells(arm, values)]

    def _chosen(self, values: Mapping[str, Value]) -> list[Arm]:
        def agrees(arm: Arm) -> bool:
            return all(values.get(name, value) == value for name, value in arm.cells[0].context)

        return [arm for arm in self.arms if agrees(arm)]

    @staticmethod
    def _cells(arm: Arm, values: Mapping[str, Value]) -> list[str]:
        return [c.name for c in arm.cells if all(values.get(name, value) == value for name, value in c.event)]


def observed_law(model: Model, arms: Sequence[Arm]) -> ObservedLaw | None:
    """The joint law of all variables, where one `observe` statement has it; None otherwise."""
    names = {v.name for v in model.variables if not v.randomized}
    joint = None
    for number, observation in enumerate(model.observations):
        outcomes = {name for name, _ in observation.outcomes}
        if all(model.by_name[name].randomized for name in outcomes):
            continue
        fixed = [value for _, value in (*observation.outcomes, *observation.arms) if value is not None]
        if joint is not None or outcomes != names or observation.interventions or observation.selection or fixed:
            return None
        joint = number
    if joint is None:
        return None
    own = tuple(arm for arm in arms if arm.observation == joint)
    laws = {frozenset(cell.event): cell.name for arm in arms if arm.law for cell in arm.cells}
    weights = {}
    for arm in own:
        context = arm.cells[0].context
        known = laws.get(frozenset(context))
        weights[context] = Polynomial.name(known) if known and context else ONE
    if len({weight == ONE for weight in weights.values()}) > 1:
        weights = dict.fromkeys(weights, ONE)
    return ObservedLaw(model, tuple(name for name, _ in model.observations[joint].outcomes), own, weights)


# ---------------------------------------------------------------- factors
@dataclass(frozen=True)
class DistrictFactor:
    """Variables that share causes, and the cells of their c-factor.

    Parameters
    ----------
    model : Model
    law : ObservedLaw
    variables : tuple of str
        In the order of declaration.
    """

    model: Model
    law: ObservedLaw
    variables: tuple[str, ...]

    @cached_property
    def outside(self) -> tuple[str, ...]:
        """What affects the variables directly and is not one of them, in the order of declaration."""
        parents = {parent for name in self.variables for parent in self.model.by_name[name].parents}
        return tuple(v.name for v in self.model.variables if v.name in parents and v.name not in self.variables)

    @cached_property
    def observation(self) -> Observation:
        """The factor as a distribution that an experiment on what affects it would show."""
        randomized = [name for name in self.outside if self.model.by_name[name].randomized]
        return Observation(
            tuple((name, None) for name in self.variables),
            tuple((name, None) for name in randomized),
            tuple((name, None) for name in self.outside if name not in randomized),
        )

    def known(self, cell: Assignment, context: Assignment) -> Iterator[tuple[int, RationalFunction]]:
        """The probability of the first k values of a cell, for each k: products of conditional probabilities.

        Each variable is given those before it that share its cause, and what affects any of these (Tian & Pearl 2002,
        Theorem 1).
        """
        values, found = dict(cell), RationalFunction(ONE)
        for k, (name, given) in enumerate(self.given(cell, context), 1):
            above, below = self.law.total({**given, name: values[name]}), self.law.total(given)
            found = (found * RationalFunction.of(above, below)).without([below])
            yield k, found

    @cached_property
    def conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each variable, and what its conditional probability is given, in the order of declaration."""
        found = []
        for k, name in enumerate(self.variables):
            parents = {parent for own in self.variables[: k + 1] for parent in self.model.by_name[own].parents}
            given = {*self.variables[:k], *parents} - {name}
            found.append((name, tuple(other for other in self.model.by_name if other in given)))
        return tuple(found)

    def given(self, cell: Assignment, context: Assignment) -> Iterator[tuple[str, dict[str, Value]]]:
        """Each variable of a cell in order, and the values that its conditional probability is given."""
        values = {**dict(context), **dict(cell)}
        for name, given in self.conditions:
            yield name, {other: values[other] for other in given}

    def formula(self) -> str:
        """How its cells are computed, in words of conditional probabilities: ``P(X) P(Y | X, M)``."""
        return " ".join(f"P({' | '.join(filter(None, (name, ', '.join(given))))})" for name, given in self.conditions)


def pseudo_model(model: Model, factors: Sequence[DistrictFactor]) -> Model:
    """The model as if each factor were seen in an experiment of its own: what is derived is in cells of factors."""
    laws = [o for o in model.observations if all(model.by_name[name].randomized for name, _ in o.outcomes)]
    observations = [factor.observation for factor in factors]
    return replace(model, causes=None, observations=(*observations, *laws), definitions=(), estimands=(), claims=())


@dataclass(frozen=True)
class FactoredModel:
    """A model with independent causes, its factors, and the functions of the data that their cells are.

    Parameters
    ----------
    model : Model
    arms : tuple of Arm
        What is observed.
    law : ObservedLaw
    factors : tuple of DistrictFactor
    pseudo : Model
        The same model with the cells of factors in place of what is observed.
    pseudo_arms : tuple of Arm
    cells : tuple of (str, RationalFunction)
        The cells of factors as functions of observed cells.
    """

    model: Model
    arms: tuple[Arm, ...]
    law: ObservedLaw
    factors: tuple[DistrictFactor, ...]
    pseudo: Model
    pseudo_arms: tuple[Arm, ...]
    cells: tuple[tuple[str, RationalFunction], ...]

    def is_trivial(self, term: Term) -> bool:
        """Whether a function of the cells of factors is zero at every law: their products are so built."""
        known = dict(self.cells)
        parts = [known[name].scaled(c) for name, c in term.coefficients if name in known]
        if len(parts) < len(term.coefficients) or self._is_nonzero_somewhere(term):
            return False
        numerators, over = over_one_denominator([RationalFunction.of_number(term.constant), *parts])
        total = Polynomial.total(numerators)
        return not total or self._without_last_cells(total, over.names)

    def _is_nonzero_somewhere(self, term: Term) -> bool:
        """Whether a function of the cells of factors is not zero at one uneven law: then nothing is to be expanded."""
        law: dict[str, Fraction] = {}
        for arm in self.arms:
            # Cubes of neighbours meet few linear relations by chance.
            parts = {cell.name: (3 + len(law) + i) ** 3 for i, cell in enumerate(arm.cells)}
            whole = sum(parts.values()) + (0 if arm.complete else 1)
            law |= {name: Fraction(part, whole) for name, part in parts.items()}
        at = {name: value for name, value in self.at(law).items() if value is not None}
        return bool(term.value(at)) if all(name in at for name, _ in term.coefficients) else False

    def _without_last_cells(self, polynomial: Polynomial, names: frozenset[str]) -> bool:
        """Whether a polynomial is zero with the last cell of each arm written as one minus the others."""
        for arm in self.arms:
            *others, last = (cell.name for cell in arm.cells)
            if not arm.complete or last not in polynomial.names | names:
                continue
            rest = ONE - Polynomial.total(map(Polynomial.name, others))
            found = ZERO
            for monomial, coefficient in polynomial.terms:
                left = tuple(name for name in monomial if name != last)
                product = Polynomial(((left, coefficient),))
                for _ in range(len(monomial) - len(left)):
                    product *= rest
                found += product
            polynomial = found
        return not polynomial

    def alone(self, number: int) -> tuple[Model, dict[str, str]]:
        """A factor as a model of its own, and the names here of the cells that it has there."""
        return _alone(self, number)

    def at(self, values: Mapping[str, Fraction | int]) -> dict[str, Fraction | None]:
        """The cells of factors at data; None where what they are given has no units."""
        return {name: function.value(values) for name, function in self.cells}


def _alone(factored: FactoredModel, number: int) -> tuple[Model, dict[str, str]]:
    """A factor as a model of its own, whose estimand is what any unit shows; and its cells by their names there."""
    own, model = factored.factors[number], factored.model
    outside = [replace(model.by_name[name], randomized=True, parents=()) for name in own.outside]
    variables = (*outside, *(model.by_name[name] for name in own.variables))
    observation = Observation(
        tuple((name, None) for name in own.variables), tuple((name, None) for name in own.outside)
    )
    first = own.variables[0]
    above = tuple((name, model.by_name[name].domain[0]) for name in model.by_name[first].parents)
    value = model.by_name[first].domain[0]
    right: Label | Sum = Label(value) if isinstance(value, str) else Sum.of((Fraction(value), ()))
    mean = Probability((Comparison("=", Outcome(first, above), right),))
    assumed = tuple(each for each in model.assumptions if _about(model, each) <= set(own.variables))
    alone = Model(
        model.name,
        variables,
        observations=(observation,),
        parameters=model.parameters,
        assumptions=assumed,
        estimands=(Estimand("shown", Sum.of((1, (mean,)))),),
    )
    names = {}
    for arm in (arm for arm in factored.pseudo_arms if arm.observation == number):
        for cell in arm.cells:
            behind = dict(cell.context)
            arms = tuple((name, behind[name]) for name in own.outside)
            names[cell_name(cell.event, arms, ())] = cell.name
    return alone, names


def factored_model(model: Model, budget: Budget) -> FactoredModel | None:
    """The factors of a model; None where a variable has several causes, or not all variables are observed."""
    if any(not any(set(own) <= set(c) for c in model.causes or ()) for own in model.components if len(own) > 1):
        return None
    arms = observed_arms(model, budget.limits)
    law = observed_law(model, arms)
    if law is None:
        return None
    factors = tuple(DistrictFactor(model, law, own) for own in model.components)
    pseudo = pseudo_model(model, factors)
    pseudo_arms = observed_arms(pseudo, budget.limits)
    cells = {}
    for number, factor in enumerate(factors):
        for arm in (arm for arm in pseudo_arms if arm.observation == number):
            for cell in arm.cells:
                *_, (_, function) = factor.known(cell.event, cell.context)
                cells[cell.name] = function
    return FactoredModel(model, arms, law, factors, pseudo, pseudo_arms, tuple(cells.items()))


# ---------------------------------------------------------------- estimands
@dataclass(frozen=True)
class _Expanded:
    """A coefficient and the responses that a part of an estimand needs."""

    coefficient: Polynomial
    responses: KnownValues


def factored_program(factored: FactoredModel, estimand: Estimand, budget: Budget) -> FactoredProgram:
    """An estimand as a multilinear function of the laws of the factors.

    Raises
    ------
    NotLinearError
        For products of probabilities, and means given different conditions.
    """
    numerator, divisor = _parts(factored.model, estimand)
    groups = [factor.variables for factor in factored.factors]
    # A randomized variable whose law is observed is a group of its own, wherever the estimand asks for it.
    needed = [each.responses for each in (*numerator, *(divisor or ()))]
    events: list[dict[KnownValues, int]] = [{} for _ in groups]
    for responses in needed:
        for k, own in enumerate(_by_group(responses, groups)):
            if own:
                events[k].setdefault(own, len(events[k]))
    factors = tuple(_factor(factored, number, tuple(own), budget) for number, own in enumerate(events))
    return FactoredProgram(
        factors, _terms(numerator, groups, events), None if divisor is None else _terms(divisor, groups, events)
    )


def _terms(
    parts: Sequence[_Expanded], groups: Sequence[tuple[str, ...]], events: Sequence[Mapping[KnownValues, int]]
) -> tuple[FactoredTerm, ...]:
    found: dict[tuple[tuple[int, int], ...], Polynomial] = {}
    for each in parts:
        own = _by_group(each.responses, groups)
        key = tuple((k, events[k][responses]) for k, responses in enumerate(own) if responses)
        found[key] = found.get(key, ZERO) + each.coefficient
    return tuple(FactoredTerm(coefficient, key) for key, coefficient in found.items() if coefficient)


def _by_group(responses: KnownValues, groups: Sequence[tuple[str, ...]]) -> list[KnownValues]:
    return [tuple(each for each in responses if each[0][0] in group) for group in groups]


@dataclass(frozen=True)
class EstimandParts:
    """An estimand as sums of coefficients times the probabilities of responses.

    Parameters
    ----------
    numerator, divisor : sequence of (Polynomial, KnownValues)
        No divisor is one.
    low, high : Fraction
        What it lies between without data.
    """

    numerator: Sequence[tuple[Polynomial, KnownValues]]
    divisor: Sequence[tuple[Polynomial, KnownValues]] | None
    low: Fraction
    high: Fraction

    @property
    def leaves(self) -> list[tuple[int, KnownValues]]:
        """The responses of both."""
        return [(1, known) for _, known in (*self.numerator, *(self.divisor or ()))]


def estimand_parts(model: Model, estimand: Estimand) -> EstimandParts:
    """An estimand taken apart, whatever the data are.

    Raises
    ------
    NotLinearError
        For products of probabilities, means given different conditions, and ratios of linear expressions.
    """
    if estimand.divisor is not None:
        raise NotLinearError(
            f"estimand '{estimand.name}' is a ratio, and independent causes make a polynomial program",
            estimand.where,
            "Ask for its numerator and its divisor, each by itself.",
        )
    numerator, divisor = _parts(model, estimand)
    low = high = Fraction(0)
    for each in products(model, estimand.expression, {}, estimand.where):
        sizes = [Fraction(1)]
        for average in each.averages:
            values = [value for _, mean in average.parts for value, _ in leaves(model, mean.value)]
            sizes = [Fraction(min(values)), Fraction(max(values))]
        number = each.coefficient.constant
        if number is None:
            raise NotLinearError(
                f"estimand '{estimand.name}' multiplies by a parameter, and its bounds are a polynomial program",
                estimand.where,
                "Put a number in their place.",
            )
        ends = [number * size for size in sizes]
        low, high = low + min(ends), high + max(ends)
    return EstimandParts(
        [(each.coefficient, each.responses) for each in numerator],
        None if divisor is None else [(each.coefficient, each.responses) for each in divisor],
        low,
        high,
    )


def _parts(model: Model, estimand: Estimand) -> tuple[list[_Expanded], list[_Expanded] | None]:
    numerator, conditions = _sum(model, estimand.expression, estimand)
    if estimand.divisor is not None:
        below, more = _sum(model, estimand.divisor, estimand)
        if conditions or more:
            raise _not_one_ratio(estimand)
        return numerator, below
    if not conditions:
        return numerator, None
    if len(conditions) > 1 or any(None in each for each in conditions):
        raise _not_one_ratio(estimand)
    return numerator, list(next(iter(conditions.values())))


def _not_one_ratio(estimand: Estimand) -> NotLinearError:
    return NotLinearError(
        f"estimand '{estimand.name}' adds or divides means given different conditions, and causes are independent",
        estimand.where,
        "Ask for each mean by itself.",
    )


def _sum(
    model: Model, expression: Sum, estimand: Estimand
) -> tuple[list[_Expanded], dict[tuple[object, ...], tuple[_Expanded, ...]]]:
    """The parts of an expression, and the conditions that its means are given; all share one where there is any."""
    parts: list[_Expanded] = []
    conditions: dict[tuple[object, ...], tuple[_Expanded, ...]] = {}
    plain = False
    for each in products(model, expression, {}, estimand.where):
        if len(each.averages) > 1:
            raise NotLinearError(
                f"estimand '{estimand.name}' multiplies two probabilities, and causes are independent",
                estimand.where,
                "Ask for each by itself.",
            )
        if not each.averages:
            parts.append(_Expanded(each.coefficient, ()))
            plain = True
            continue
        (average,) = each.averages
        for weight, mean in average.parts:
            parts += [
                _Expanded((each.coefficient * weight).scaled(value), known)
                for single in _single(mean)
                for value, known in leaves(model, single.value)
                if value
            ]
        if average.conditional:
            key = tuple((weight, m.condition, m.context, m.indices) for weight, m in average.parts)
            conditions[key] = tuple(_condition(model, average))
        else:
            plain = True
    if conditions and plain:
        raise _not_one_ratio(estimand)
    return parts, conditions


def _condition(model: Model, average: Average) -> Iterator[_Expanded]:
    for weight, mean in average.parts:
        for value, known in leaves(model, mean.meets_condition):
            if value:
                yield _Expanded(weight, known)


def _single(mean: Mean) -> Iterator[Mean]:
    """A mean of a sum as means of its terms: each may be identified where their sum is not one event."""
    if isinstance(mean.content, Sum) and len(mean.content.terms) > 1:
        for term in mean.content.terms:
            yield replace(mean, content=Sum((term,)))
    else:
        yield mean


def leaves(model: Model, stage: Callable[[Unit], Fraction | int]) -> list[tuple[Fraction | int, KnownValues]]:
    """The value for all units, by the responses that it depends on; each unit meets the responses of one leaf."""
    found: list[tuple[Fraction | int, KnownValues]] = []
    stack: list[KnownResponses] = [{}]
    while stack:
        known = stack.pop()
        try:
            found.append((stage(Unit(model.by_name, known)), tuple(sorted(known.items(), key=repr))))
        except UnknownOutcome as unknown:
            stack += [{**known, unknown.response: value} for value in unknown.domain]
    return found


# ---------------------------------------------------------------- one factor
def population_forms(model: Model, assumption: Assumption) -> list[tuple[LinearForm, Literal["=", "<="]]]:
    """A population-level assumption as ``form <= 0`` or ``form = 0``, for each value of its quantified names.

    Raises
    ------
    NotLinearError
        Where it gives a mean a condition, or multiplies probabilities: such rows depend on the data.
    """
    body = assumption.body
    assert isinstance(body, Inequality)
    plain = is_plain(model, body.left) and is_plain(model, body.right)
    forms = inequality_forms(model, assumption) if plain else []
    if not plain or any(form.conditional for form, _ in forms):
        raise NotLinearError(
            "an assumption gives a mean a condition or multiplies probabilities, and causes are independent",
            assumption.where,
            "State it in joint probabilities with numbers and parameters: P(Y(1)=1, X=1) <= g.",
        )
    return forms


def _factor(factored: FactoredModel, number: int, events: Sequence[KnownValues], budget: Budget) -> Factor:
    own, model = factored.factors[number], factored.model
    arms = [arm for arm in factored.pseudo_arms if arm.observation == number]
    forms = [
        (assumption, form, relation)
        for assumption in model.assumptions
        if isinstance(assumption.body, Inequality) and _about(model, assumption) <= set(own.variables)
        for form, relation in population_forms(model, assumption)
    ]
    restricted = [
        restriction
        for assumption in model.assumptions
        if not isinstance(assumption.body, Inequality) and _about(model, assumption) <= set(own.variables)
        for restriction in restrictions(model, assumption)
    ]
    stages: list[Stage] = [_event_stage(model, event) for event in events]
    stages += [_seen_stage(arm) for arm in arms]
    stages += [form.value for _, form, _ in forms]
    strata = enumerate_strata(model.by_name, restricted, stages, budget)
    values = list(strata)
    columns = range(len(values))
    rows = [FactorRow("total", "total", "=", RationalFunction(ONE), tuple((j, 1) for j in columns))]
    for k, arm in enumerate(arms, len(events)):
        rows += _arm_rows(own, arm, [leaf[k] for leaf in values])
    for k, (assumption, form, relation) in enumerate(forms, len(events) + len(arms)):
        entries = tuple((j, values[j][k]) for j in columns if values[j][k])
        right = Polynomial.of([((), -form.constant), *(((name,), -c) for name, c in form.parameters)])
        label = print_assumption(assumption, model.by_name).removeprefix("assume ")
        rows.append(FactorRow("assumption", label, relation, RationalFunction(right), entries))
    inside = tuple(tuple(j for j in columns if values[j][k]) for k in range(len(events)))
    return Factor(own.variables, tuple(strata.values()), tuple(rows), inside)


def _arm_rows(factor: DistrictFactor, arm: Arm, seen: Sequence[Assignment]) -> Iterator[FactorRow]:
    """A row for each cell and each beginning of one, which is all that is known where later variables have no units."""
    done: set[Assignment] = set()
    for cell in arm.cells:
        order = factor.variables
        values = dict(cell.event)
        for k, function in factor.known(cell.event, cell.context):
            start = tuple((name, values[name]) for name in order[:k])
            if start in done:
                continue
            done.add(start)
            inside = tuple((j, 1) for j, own in enumerate(seen) if set(start) <= set(own))
            if k == len(order):
                yield FactorRow("cell", cell.name, "=", function, inside)
            else:
                yield FactorRow("part", cell_name(start, cell.context, ()), "=", function, inside)


def _event_stage(model: Model, event: KnownValues) -> Stage:
    def stage(unit: Unit) -> bool:
        for response, value in event:
            if response not in unit.known:
                raise UnknownOutcome(response, model.by_name[response[0]].domain)
            if unit.known[response] != value:
                return False
        return True

    return stage


def _seen_stage(arm: Arm) -> Stage:
    """The values that a unit shows in an arm of the factor."""
    names = [name for name, _ in arm.cells[0].event]
    world = dict(arm.cells[0].context)

    def stage(unit: Unit) -> Assignment:
        return tuple((name, unit.value(name, world)) for name in names)

    return stage


def _about(model: Model, assumption: Assumption) -> set[str]:
    """The variables on whose response types an assumption depends."""
    body = assumption.body
    found: set[str] = set()
    if isinstance(body, Inequality):
        for form, _ in population_forms(model, assumption):
            for mean in form.means:
                found |= {name for _, known in leaves(model, mean.value) for (name, _), _ in known}
        return found
    for restriction in restrictions(model, assumption):
        found |= {name for _, known in restriction_leaves(model, restriction) for (name, _), _ in known}
    return found


def restriction_leaves(model: Model, restriction: Restriction) -> list[tuple[Fraction | int, KnownValues]]:
    """Whether units meet a unit-level assumption, by the responses that it asks for."""
    indices = dict(restriction.indices)
    return leaves(model, lambda unit: int(unit.holds(restriction.formula, {}, indices)))


def unassigned_assumption(factored: FactoredModel) -> Assumption | None:
    """An assumption on a population that joins variables of several groups, or multiplies probabilities."""
    groups = [set(factor.variables) for factor in factored.factors]
    for assumption in factored.model.assumptions:
        if not any(_about(factored.model, assumption) <= group for group in groups):
            return assumption
    return None
