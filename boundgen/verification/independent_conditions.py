"""Verdicts on claimed testable implications of models some of whose variables share no causes.

A claim is necessary if it holds at all laws of the model. In cells of factors (Tian & Pearl 2002), in lowest terms, an
equation that the model makes is one of zero with zero; a random law of the model refutes one that it does not make. A
claim is all there is if it implies each independence of the model, as a combination of equations, and what the response
types demand of the cells of factors; a law at which the claim holds and one of these does not says that it is not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import prod

from boundgen.bounds.derived import Derivation
from boundgen.bounds.factored_programs import factored_program
from boundgen.bounds.factoring import FactoredModel, factored_model
from boundgen.bounds.independences import Independence, are_complete, independences
from boundgen.bounds.independent_problem import FactoredEstimand
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.superfluous import Homogeneous
from boundgen.bounds.weighted_implications import without_last
from boundgen.errors import NotIdentifiedError, UndecidedError
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ZERO, Monomial, Polynomial, RationalFunction
from boundgen.language.expressions import Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_inequality
from boundgen.language.statements import ConditionsClaim, Estimand, Holds, Verdict
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import model_region
from boundgen.program.from_strata import linear_program
from boundgen.strata.means import values_of_means
from boundgen.verification.claimed_functions import ClaimReading
from boundgen.verification.factored_claims import (
    DataFactorFrame,
    FactorFrame,
    FactorReading,
    drawn_laws,
    laws_space,
)
from boundgen.verification.factored_laws import observed_shares
from boundgen.verification.implied_conditions import Demand, Demands
from boundgen.verification.latent_laws import latent_laws
from boundgen.verification.law_order import Law, LawOrder
from boundgen.verification.moved_laws import apart, laws_with_equations
from boundgen.verification.verdicts import ClaimVerdict, TermVerdict, Witness
from boundgen.work.limits import Budget

LAWS = 80
# From so many laws others are moved away, and so far.
MOVED, PAIRS, FEW = 40, 60, 15
FAR = (Fraction(1), Fraction(9, 10), Fraction(1, 2))
# Equations are multiplied by cells where there are not more products than these.
MOST_PRODUCTS = 3000
# Longer equations are not multiplied out in observed cells.
MOST_TERMS = 2000
OPEN = "is neither proved nor refuted"
REMEDY = "boundgen derive prints the testable implications."
IndependentImplication = Independence | AnyCondition
MultipliedFunctions = tuple[tuple[Fraction, tuple[RationalFunction, ...]], ...]


@dataclass(frozen=True)
class ClaimedLine:
    """One claimed inequality: a sum of products that must not be negative where it is defined.

    Parameters
    ----------
    holds : Holds
        As it was written; an equation makes two of these.
    products : tuple of (Fraction, tuple of RationalFunction)
        Multiples of products of functions of observed cells and parameters.
    own : RationalFunction or None
        In cells of factors, in lowest terms; None where there are no factors.
    """

    holds: Holds
    products: MultipliedFunctions
    own: RationalFunction | None

    @property
    def equation(self) -> bool:
        """Whether its opposite is claimed too."""
        return self.holds.body.relation == "="

    @property
    def opposite(self) -> ClaimedLine:
        """The other half of an equation, or what stands on the right."""
        products = tuple((-coefficient, functions) for coefficient, functions in self.products)
        return replace(self, products=products, own=None if self.own is None else -self.own)

    def value(self, law: Law) -> Fraction:
        """The value at data; zero where it says nothing."""
        total = Fraction(0)
        for coefficient, functions in self.products:
            for function in functions:
                value = function.value(law)
                if value is None:
                    return Fraction(0)
                coefficient *= value
            total += coefficient
        return total

    @cached_property
    def numerator(self) -> Polynomial | None:
        """What has its sign, as one polynomial; None where that is too long."""
        functions = [function for _, each in self.products for function in each]
        below = dict.fromkeys(f.denominator for f in functions if f.denominator.constant is None)
        size = sum(prod(len(f.numerator.terms) for f in each) for _, each in self.products)
        if size * prod(len(each.terms) for each in below) > MOST_TERMS:
            return None
        total = RationalFunction(ZERO)
        for coefficient, each in self.products:
            product = RationalFunction.of_number(coefficient)
            for function in each:
                product *= function
            total += product
        return total.numerator


def independent_conditions_verdict(derivation: Derivation, claim: ConditionsClaim, budget: Budget) -> ClaimVerdict:
    """Necessary: no law of the model breaks them. Sufficient: they imply all testable implications.

    Parameters
    ----------
    derivation : Derivation
        Of a model some of whose variables share no causes.
    claim : ConditionsClaim
    budget : Budget

    Returns
    -------
    ClaimVerdict

    Raises
    ------
    UndecidedError
        Where neither a proof nor a law decides.
    """
    assert derivation.independent is not None
    frame = _frame(derivation.independent.model, budget)
    case = _Case(derivation, claim, frame, _laws(derivation, frame), budget)
    lines = list(_lines(case))
    doing = f"judging {claim.where}"
    wrong = [case.refuting(line) for line in budget.counted(doing, lines)]
    if not any(wrong) and not all(case.is_necessary(line) for line in budget.counted(doing, lines)):
        raise UndecidedError(f"that the model demands what is claimed {OPEN}", claim.place, REMEDY)
    left: list[IndependentImplication] = []
    loose: list[Law | None] = []
    if not any(wrong):
        left = case.not_implied(lines)
        laws = case.meeting(lines, left)
        loose = [next((law for law in laws if case.slack(each, law) < 0), None) for each in left]
        if not any(loose) and (left or not case.all_known):
            raise UndecidedError(
                f"the model demands what is claimed; that this implies every testable implication {OPEN}",
                claim.place,
                REMEDY,
            )
    verdict: Verdict = "invalid" if any(wrong) else "valid" if any(loose) else "sharp"
    law = next(filter(None, (*wrong, *loose)), None)
    written: dict[str, bool] = {}
    for line, bad in zip(lines, wrong, strict=True):
        text = print_inequality(line.holds.body, case.model.by_name)
        written[text] = written.get(text, False) or bad is not None
    return ClaimVerdict(
        where=claim.where,
        estimand="conditions",
        side="conditions",
        verdict=verdict,
        expected=claim.expect,
        witness=None if law is None else case.witness(law, lines),
        terms=tuple(TermVerdict(text, "wrong" if bad else "sharp") for text, bad in written.items()),
        missing=tuple(each for each, found in zip(left, loose, strict=True) if found is not None),
    )


def _lines(case: _Case) -> Iterator[ClaimedLine]:
    """What must not be negative, each with the line that says so."""
    for holds in case.claim.holds:
        for indices in case.model.environments(holds.indices):
            line = case.line(holds, indices)
            if holds.body.relation != "<=":
                yield line
            if holds.body.relation != ">=":
                yield line.opposite


# ---------------------------------------------------------------- the model
def _frame(model: Model, budget: Budget) -> FactorFrame | None:
    """Its factors, where all variables are observed; their response types are drawn apart from assumptions."""
    factored = factored_model(model, budget)
    if factored is None:
        return None
    factors = factored_program(factored, Estimand("everybody", Sum.of((1, ()))), budget).factors
    return FactorFrame(factored, factors, drawn_laws(factored, factors, model.name, LAWS))


def _laws(derivation: Derivation, frame: FactorFrame | None) -> tuple[Law, ...]:
    """Laws of the data of random populations of the model."""
    independent = derivation.independent
    assert independent is not None
    if frame is not None and _has_factors(derivation):
        return tuple({**law, **observed} for law, observed in frame.laws)
    draw = random.Random(independent.model.name)
    return tuple(islice(latent_laws(independent.model, independent.arms, draw), LAWS))


def _has_factors(derivation: Derivation) -> bool:
    """Whether the laws of the factors are all that a law of the model is."""
    independent = derivation.independent
    return independent is not None and any(isinstance(each, FactoredEstimand) for each in independent.posed)


@dataclass(frozen=True)
class _Case:
    """A model, and what is known of the laws of its data.

    Parameters
    ----------
    derivation : Derivation
    claim : ConditionsClaim
    frame : FactorFrame or None
        None where not all variables are observed.
    laws : tuple of Law
        Of the model; with cells of factors, where these are all there is.
    budget : Budget
    """

    derivation: Derivation
    claim: ConditionsClaim
    frame: FactorFrame | None
    laws: tuple[Law, ...]
    budget: Budget

    @property
    def model(self) -> Model:
        return self.derivation.model

    @cached_property
    def observed(self) -> BoundingProblem:
        """In which claims are read."""
        independent = self.derivation.independent
        assert independent is not None
        return BoundingProblem(independent.model, independent.arms, self.derivation.problem.definitions, ())

    @cached_property
    def is_factored(self) -> bool:
        return self.frame is not None and _has_factors(self.derivation)

    @property
    def factored(self) -> FactoredModel:
        assert self.frame is not None
        return self.frame.factored

    def line(self, holds: Holds, indices: Mapping[str, Value]) -> ClaimedLine:
        """The left side less the right one, at values of quantified names."""
        side = holds.body.left + holds.body.right.scaled(-1)
        try:
            products = self._products(side, indices)
        except NotIdentifiedError:
            if self.frame is None:
                raise
            # Independence may identify what is observed nowhere.
            reading = FactorReading(self.observed, self.claim, self.budget, indices, frame=self.frame)
            own = self.frame.own(reading.function(side))
            return ClaimedLine(holds, ((Fraction(1), (_in_observed(own, self._cells),)),), own)
        line = ClaimedLine(holds, products, None)
        numerator = line.numerator
        if numerator is not None and not self._normal(numerator).terms:
            return replace(line, own=RationalFunction(ZERO))
        return line if self.frame is None else replace(line, own=_in_factors(self.frame, products))

    def _products(self, side: Sum, indices: Mapping[str, Value]) -> MultipliedFunctions:
        reading = ClaimReading(self.observed, self.claim, self.budget, indices)
        try:
            return tuple((c, tuple(reading.function(Sum.of((1, (a,)))) for a in atoms)) for c, atoms in side.terms)
        except NotIdentifiedError:
            # What the data identify may be so together alone.
            return ((Fraction(1), (reading.function(side),)),)

    def _normal(self, polynomial: Polynomial) -> Polynomial:
        return without_last(polynomial, self.observed.arms)

    # ---------------------------------------------------------------- what every law of the model meets
    def refuting(self, line: ClaimedLine) -> Law | None:
        """A law of the model that breaks a line."""
        if self._is_identity(line):
            return None
        return next((law for law in self.laws if line.value(law) < 0), None)

    @staticmethod
    def _is_identity(line: ClaimedLine) -> bool:
        return line.own is not None and not line.own.numerator.terms

    def is_necessary(self, line: ClaimedLine) -> bool:
        """Whether it is proved of all laws of the model."""
        if self._is_identity(line):
            return True
        arms = self.observed.arms
        numerator = line.numerator
        if numerator is not None and Homogeneous.of(self.model, arms).is_nonnegative(self._normal(numerator)):
            return True
        if self.is_factored and line.own is not None:
            return self._order.nowhere_below(line.own, RationalFunction(ZERO)).proved
        return numerator is not None and self._holds_with_all_confounded(numerator)

    @cached_property
    def _order(self) -> LawOrder:
        assert self.frame is not None
        return LawOrder(laws_space(self.factored, self.frame.factors))

    def _holds_with_all_confounded(self, function: Polynomial) -> bool:
        """Whether a linear function is not negative, whatever shares causes: the model is a special case of that."""
        term = function.term
        if term is None:
            return False
        confounded = replace(self.model, causes=None, estimands=(), claims=())
        region = model_region(linear_program(confounded, self.observed.arms, None, self.budget), self.model.parameters)
        if not {name for name, _ in term.coefficients} <= region.names.keys():
            return False
        coefficients, constant = region.function(-term)
        try:
            best = maximum(region.size, coefficients, region.constraints, region.nonnegative)
        except ArithmeticError:
            # Along a parameter without an end it falls below any number.
            return False
        return best is None or best.value + constant <= 0

    # ---------------------------------------------------------------- what a law of the model must meet
    @cached_property
    def independences(self) -> tuple[Independence, ...]:
        """Those of the observed law; none where not all variables are observed."""
        return () if self.frame is None else independences(self.model)

    @property
    def conditions(self) -> tuple[AnyCondition, ...]:
        """What the response types of factors demand, as far as it was derived."""
        return (self.derivation.known_conditions or ()) if self.is_factored else ()

    @property
    def all_known(self) -> bool:
        """Whether independences and conditions are all testable implications."""
        return self.is_factored and (self.derivation.known_conditions is not None or are_complete(self.model))

    def not_implied(self, lines: Sequence[ClaimedLine]) -> list[IndependentImplication]:
        """The testable implications that are not seen to follow from what is claimed."""
        equations = _Equations(self, lines)
        apart = [each for each in self.independences if not equations.imply(each)]
        # Observed cells are products of cells of factors where the independences hold.
        if apart or not self.conditions:
            return [*apart, *self.conditions]
        demands = self._demands(lines)
        return [each for each in self.conditions if not demands.imply(Demand.of(each))]

    def _demands(self, lines: Sequence[ClaimedLine]) -> Demands:
        """What is claimed, in cells of factors that are conditional probabilities and need not be the model's."""
        assert self.frame is not None
        frame = DataFactorFrame(self.factored, self.frame.factors, self.frame.laws)
        claimed = [_in_factors(frame, line.products) for line in lines]
        known = [RationalFunction(Polynomial.linear(each)) for term in frame.demanded for each in (term, -term)]
        listed = [Demand(RationalFunction(each.numerator)) for each in (*known, *claimed) if each.numerator.terms]
        names = {cell.name for arm in self.factored.pseudo_arms for cell in arm.cells}
        names |= {parameter.name for parameter in self.model.parameters}
        own = tuple({name: law[name] for name in names} for law, _ in self.frame.laws[:MOVED])
        problem = replace(self.derivation.problem, posed=())
        return Demands(problem, self.model.parameters, tuple(listed), (), own)

    def slack(self, implication: IndependentImplication, law: Law) -> Fraction:
        """What a testable implication leaves at data: negative where it is broken, zero where it says nothing."""
        if isinstance(implication, Independence):
            return -implication.distance(self.factored.law, law)
        names = Demand.of(implication).function.names & self._cells.keys()
        cells = {name: self._cells[name].value(law) for name in names}
        known = {name: value for name, value in cells.items() if value is not None}
        return implication.value({**law, **known}) if len(known) == len(cells) else Fraction(0)

    @cached_property
    def _cells(self) -> dict[str, RationalFunction]:
        return dict(self.factored.cells)

    # ---------------------------------------------------------------- laws that meet what is claimed
    def meeting(self, lines: Sequence[ClaimedLine], missing: Sequence[IndependentImplication]) -> list[Law]:
        """Laws of the data at which all lines hold and something that is missing does not."""
        if not missing:
            return []
        found = []
        for law in self._others(lines):
            if all(line.value(law) >= 0 for line in lines) and any(self.slack(each, law) < 0 for each in missing):
                found.append(law)
                if len(found) >= len(missing):
                    break
        return found

    def _others(self, lines: Sequence[ClaimedLine]) -> Iterator[Law]:
        """Laws of the data that need not be the model's: moved along the claimed equations, or in cells of factors."""
        draw = random.Random(self.model.name)
        written = [line.numerator for line in lines if line.equation]
        equations = [each for each in written if each]
        names = {cell.name for arm in self.observed.arms for cell in arm.cells}
        for law in self.laws[:MOVED]:
            yield from laws_with_equations(law, equations, self.observed.arms, draw)
        if self.is_factored and self.laws:
            demands = self._demands(lines)
            for each in self.conditions:
                for law in islice(demands.breaking(Demand.of(each)), FEW):
                    yield {**self.laws[0], **law, **observed_shares(self.factored, law)}
            for _ in range(PAIRS if len(self.laws) > 1 else 0):
                one, other = draw.sample(self.laws, 2)
                own = [name for name in one if name not in names]
                parts = [{name: each[name] for name in own} for each in (one, other)]
                for far in FAR:
                    cells = apart(parts[0], parts[1], far)
                    if cells is not None:
                        yield {**one, **cells, **observed_shares(self.factored, cells)}

    def witness(self, law: Law, lines: Sequence[ClaimedLine]) -> Witness:
        """Data, as they are read."""
        parameters = [parameter.name for parameter in self.model.parameters]
        shown = {cell for arm in self.observed.arms for cell in arm.shown}
        seen = values_of_means(self.observed.arms, law)
        slacks = [self.slack(each, law) for each in (*self.independences, *self.conditions)]
        return Witness(
            cells=tuple((name, value) for name, value in seen.items() if name in shown and value),
            parameters=tuple((name, law[name]) for name in parameters),
            strata=None,
            estimand=None,
            claimed=min(line.value(law) for line in lines),
            sharp=min(slacks, default=Fraction(0)),
        )


def _in_factors(frame: FactorFrame, products: MultipliedFunctions) -> RationalFunction:
    """A sum of products of functions of observed cells in cells of factors, each in lowest terms first."""
    return frame.lowest.total([(c, [frame.read(function) for function in each]) for c, each in products])


def _in_observed(function: RationalFunction, cells: dict[str, RationalFunction]) -> RationalFunction:
    """A function of cells of factors in what is observed."""

    def value(polynomial: Polynomial) -> RationalFunction:
        total = RationalFunction(ZERO)
        for names, coefficient in polynomial.terms:
            product = RationalFunction.of_number(coefficient)
            for name in names:
                product *= cells.get(name, RationalFunction(Polynomial.name(name)))
            total += product
        return total

    above, below = value(function.numerator), value(function.denominator)
    return above * RationalFunction.of(below.denominator, below.numerator)


# ---------------------------------------------------------------- equations that follow from others
class _Equations:
    """The claimed equations, and sums of multiples of them and of what they are times one cell."""

    def __init__(self, case: _Case, lines: Sequence[ClaimedLine]) -> None:
        self._case, self._number = case, dict[Monomial, int]()
        self._span = Span()
        written = [line.numerator for line in lines if line.equation]
        equations = [each for each in dict.fromkeys(self._normal(each) for each in written if each) if each]
        for equation in equations:
            self._span.add(len(self._number), self._vector(equation))
        cells = [cell.name for arm in case.observed.arms for cell in arm.cells]
        self._products = (
            [] if len(equations) * len(cells) > MOST_PRODUCTS else [(e, c) for e in equations for c in cells]
        )

    def imply(self, independence: Independence) -> bool:
        """Whether an independence is such a sum for all values."""
        return all(
            self._depends(self._normal(left[0] * left[1] - right[0] * right[1]))
            for left, right in independence.equations(self._case.factored.law)
        )

    def _depends(self, equation: Polynomial) -> bool:
        if self._span.depends(self._vector(equation)) is not None:
            return True
        while self._products:
            own, cell = self._products.pop()
            self._span.add(-1 - len(self._products), self._vector(self._normal(own * Polynomial.name(cell))))
        return self._span.depends(self._vector(equation)) is not None

    def _normal(self, polynomial: Polynomial) -> Polynomial:
        return without_last(polynomial, self._case.observed.arms)

    def _vector(self, polynomial: Polynomial) -> dict[int, Fraction]:
        return {self._number.setdefault(names, len(self._number)): c for names, c in polynomial.terms}
