"""Independent causes: a model to factors whose laws are independent, and functions of the data (Tian & Pearl 2002).

Where each variable has at most one unmeasured cause, and all variables are observed, the data identify the law of each
group of variables that share one, under interventions on what affects it from outside: its c-factor. The law of a
group's response types meets linear constraints with these factors as right sides, and the laws of groups are
independent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.needed_responses import depends_on
from boundgen.bounds.observed_law import ObservedLaw, observed_law
from boundgen.bounds.symbols import CellSymbol, notation
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction, over_one_denominator
from boundgen.exact.terms import Term
from boundgen.language.expressions import Comparison, Label, Outcome, Probability, Sum, Value
from boundgen.language.model import Model
from boundgen.language.statements import Assumption, Estimand, Observation
from boundgen.strata.cells import Arm, Assignment, cell_name, observed_arms
from boundgen.work.limits import Budget, Limits


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
    assumed = tuple(each for each in model.assumptions if depends_on(model, each) <= set(own.variables))
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


def printed_cells(model: Model, limits: Limits) -> tuple[tuple[str, CellSymbol], ...]:
    """Cells and their symbols in the output: observed ones and, where causes are independent, those of factors."""
    if not model.observations:
        return ()
    arms = observed_arms(model, limits)
    observed = notation(model, arms).symbols
    law = observed_law(model, arms) if model.factored else None
    if law is None:
        return observed
    pseudo = pseudo_model(model, district_factors(model, law))
    return tuple(dict.fromkeys((*observed, *notation(pseudo, observed_arms(pseudo, limits)).symbols)))


def district_factors(model: Model, law: ObservedLaw) -> tuple[DistrictFactor, ...]:
    """The factors of a law of all variables, one for each group that causes join."""
    return tuple(DistrictFactor(model, law, own) for own in model.components)


def has_overlapping_causes(model: Model) -> bool:
    """Whether several causes join a group of variables: its response types then meet more than linear rows."""
    return any(not any(set(own) <= set(c) for c in model.causes or ()) for own in model.components if len(own) > 1)


def factored_model(model: Model, budget: Budget) -> FactoredModel | None:
    """The factors of a model, one for each group that causes join; None where not all variables are observed."""
    arms = observed_arms(model, budget.limits)
    law = observed_law(model, arms)
    if law is None:
        return None
    factors = district_factors(model, law)
    pseudo = pseudo_model(model, factors)
    pseudo_arms = observed_arms(pseudo, budget.limits)
    cells = {}
    for number, factor in enumerate(factors):
        for arm in (arm for arm in pseudo_arms if arm.observation == number):
            for cell in arm.cells:
                *_, (_, function) = factor.known(cell.event, cell.context)
                cells[cell.name] = function
    return FactoredModel(model, arms, law, factors, pseudo, pseudo_arms, tuple(cells.items()))


def unassigned_assumption(factored: FactoredModel) -> Assumption | None:
    """An assumption on a population that joins variables of several groups, or multiplies probabilities."""
    groups = [set(factor.variables) for factor in factored.factors]
    for assumption in factored.model.assumptions:
        if not any(depends_on(factored.model, assumption) <= group for group in groups):
            return assumption
    return None
