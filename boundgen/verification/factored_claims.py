"""Claims of models whose variables share no causes: as functions of cells of factors, against the bounds in these.

A claim is written in what is observed. Observed cells are products of cells of factors (Tian & Pearl 2002), so that
each function of the data is one of these, in lowest terms: two functions that are equal at all laws of the model are
one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice

from boundgen.bounds.assembly import identified_function
from boundgen.bounds.derived import Derivation
from boundgen.bounds.factored_programs import factored_program
from boundgen.bounds.factoring import FactoredModel
from boundgen.bounds.independent import known_factors, times_known
from boundgen.bounds.independent_problem import FactoredEstimand, IndependentProblem, PolynomialEstimand
from boundgen.bounds.lowest_terms import LowestTerms
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.problem import BoundingProblem
from boundgen.errors import UndecidedError
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.expressions import Sum
from boundgen.language.statements import Claim, Estimand
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.product_optimum import factored_bounds_at
from boundgen.polyhedra.region import Region
from boundgen.polyhedra.weighted_optimum import End
from boundgen.program.factored_program import Factor
from boundgen.verification.claimed_code import called
from boundgen.verification.claimed_functions import ClaimedFunction, ClaimReading
from boundgen.verification.claimed_terms import selected_cells
from boundgen.verification.code_judgement import CodeReading, CodeSide, code_call
from boundgen.verification.factored_laws import factor_possible, factored_laws, observed_names, observed_shares
from boundgen.verification.law_order import Law
from boundgen.verification.law_space import LawSpace, box, law_space, simplex
from boundgen.verification.piecewise_judgement import (
    SAMPLES,
    PiecewiseCase,
    WhichSide,
    claimed_value,
    sharp_functions,
    verdict_of,
)
from boundgen.verification.verdicts import ClaimVerdict, TermVerdict, Witness
from boundgen.work.limits import Budget

# How much of a law whose cells are positive is mixed into one that refutes a claim and has cells that are zero.
MIXED = (Fraction(0), Fraction(1, 16), Fraction(1, 1024), Fraction(1, 10**6))


# ---------------------------------------------------------------- functions of cells of factors
@dataclass(frozen=True)
class FactorFrame:
    """Functions of observed cells as functions of cells of factors, of which the last of each arm is not used.

    Parameters
    ----------
    factored : FactoredModel
    factors : tuple of Factor
        With their rows.
    laws : sequence of pairs of Law
        Random ones of the model in cells of factors, each with the observed one, which gives these.
    """

    factored: FactoredModel
    factors: tuple[Factor, ...]
    laws: Sequence[tuple[Law, Law]] = ()
    known: dict[RationalFunction, RationalFunction] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def lowest(self) -> LowestTerms:
        """Where functions are computed with; equations among the cells leave some of them out."""
        equations = list(self.demanded)
        laws = [[cell.name for cell in arm.cells] for arm in self.factored.pseudo_arms if arm.law]
        equations += [Term.of(-1, dict.fromkeys(law, 1)) for law in laws]
        cells = [cell.name for arm in self.factored.pseudo_arms for cell in arm.cells]
        parameters = [parameter.name for parameter in self.factored.model.parameters]
        return LowestTerms(
            tuple(dict.fromkeys([*cells, *parameters])), tuple(equations), self.laws[0][0] if self.laws else {}
        )

    @property
    def demanded(self) -> tuple[Term, ...]:
        """What is zero at all laws of the model."""
        return factor_equations(self.factors)

    @cached_property
    def products(self) -> dict[str, Polynomial]:
        """Each observed cell as a product of cells of factors."""
        names = observed_names(self.factored)
        found = {name: Polynomial(((tuple(sorted(keys)), Fraction(1)),)) for name, keys in names.items()}
        laws = (cell.name for arm in self.factored.arms if arm.law for cell in arm.cells)
        return {**found, **{name: Polynomial.name(name) for name in laws}}

    def read(self, function: RationalFunction) -> RationalFunction:
        """A function of observed cells and parameters."""
        if function not in self.known:
            self.known[function] = self.lowest.substituted(function, self.products)
        return self.known[function]

    def own(self, function: RationalFunction) -> RationalFunction:
        """One that is in cells of factors already."""
        return self.lowest.substituted(function, {})


@dataclass(frozen=True)
class DataFactorFrame(FactorFrame):
    """The same at all laws of the data that are products of cells of factors, whether or not they are the model's."""

    @property
    def demanded(self) -> tuple[Term, ...]:
        """What the cells, as functions of the data, meet whatever these are."""
        arms = self.factored.pseudo_arms
        sums = [Term.of(-1, {cell.name: 1 for cell in arm.cells}) for arm in arms if arm.complete and not arm.law]
        return (*sums, *filter(self.factored.is_trivial, factor_equations(self.factors)))


def _equations(factor: Factor) -> Iterator[Term]:
    """What is zero whatever the law of the response types: sums of arms, and what sets of another arm's cells fix."""
    span, names = Span(), dict[int, str]()
    for number, row in enumerate(factor.rows):
        if row.kind not in ("cell", "total"):
            continue
        names[number] = row.name
        multiples = span.add(number, dict(row.entries))
        if multiples is not None:
            cells = {names[k]: -c for k, c in multiples.items() if k}
            yield Term.of(-multiples.get(0, Fraction(0)), {**cells, row.name: Fraction(1)})


@dataclass(frozen=True)
class FactorReading(ClaimReading):
    """Reads a claim as functions of cells of factors: what the data identify, or what they do by independence."""

    frame: FactorFrame = field(kw_only=True)

    def _atom(self, alone: Sum) -> RationalFunction | None:
        if alone not in self.known:
            found = self._observed(alone) or self._by_factors(alone)
            if found is None:
                return None
            self.known[alone] = found
        return self.known[alone]

    def _summed(self, expression: Sum) -> RationalFunction | None:
        products = []
        for coefficient, atoms in expression.terms:
            factors = [self._atom(Sum.of((1, (atom,)))) for atom in atoms]
            if None in factors:
                return None
            products.append((coefficient, [factor for factor in factors if factor is not None]))
        return self.frame.lowest.total(products)

    def _observed(self, alone: Sum) -> RationalFunction | None:
        selected = selected_cells(self.problem, alone, self.indices)
        if selected is not None:
            return self.frame.read(RationalFunction(Polynomial.linear(selected)))
        found = identified_function(self.problem.model, self.problem.arms, alone, self.budget, self.indices)
        return None if found is None else self.frame.read(found)

    def _by_factors(self, alone: Sum) -> RationalFunction | None:
        program = factored_program(self.frame.factored, Estimand("quantity", alone), self.budget)
        known = known_factors(program)
        if any(None in each.events for each in known):
            return None
        above, below = (
            Polynomial.total(times_known(term, known) for term in terms)
            for terms in (program.numerator, program.divisor or ())
        )
        return self.frame.own(RationalFunction.of(above, below) if program.divisor else RationalFunction(above))

    def _identified(self, expression: Sum) -> RationalFunction:
        problem = self.problem
        found = identified_function(problem.model, problem.arms, expression, self.budget, self.indices)
        return self.frame.read(found) if found is not None else super()._identified(expression)


def claimed_in_factors(
    derivation: Derivation, frame: FactorFrame, claim: Claim, side: WhichSide, budget: Budget
) -> list[ClaimedFunction]:
    """One side of a claim, multiplied out, in lowest terms.

    Returns
    -------
    list of ClaimedFunction
    """
    independent = derivation.independent
    assert independent is not None
    formula = claim.lower if side == "lower" else claim.upper
    assert formula
    reading = FactorReading(_observed_problem(derivation, independent), claim, budget, frame=frame)
    found = reading.functions(formula, "max" if side == "lower" else "min")
    return [replace(each, function=frame.own(each.function)) for each in found]


def _observed_problem(derivation: Derivation, independent: IndependentProblem) -> BoundingProblem:
    """In which claims are read: they are written in what is observed."""
    return BoundingProblem(independent.model, independent.arms, derivation.problem.definitions, ())


def linear_in_factors(
    derivation: Derivation, claim: Claim, side: WhichSide, budget: Budget
) -> list[tuple[str, Term]] | None:
    """The terms of one side, each as it is written and as a linear function of cells of one factor.

    Returns
    -------
    list of (str, Term), or None
        None where the bounds of the estimand or the terms are no such functions.
    """
    stage = next((each for each in derivation.stages if each.estimand.name == claim.estimand), None)
    if stage is None or stage.denominator is not None:
        return None
    claimed = claimed_in_factors(derivation, _frame(derivation, claim.estimand), claim, side, budget)
    known = {row.name for row in stage.program.rows} | {p.name for p in derivation.model.parameters}
    found = []
    for each in claimed:
        term = each.function.numerator.term if each.function.denominator == ONE and not each.guards else None
        if term is None or each.demands or not {name for name, _ in term.coefficients} <= known:
            return None
        found.append((each.written, term))
    return found


def _frame(derivation: Derivation, name: str) -> FactorFrame:
    independent = derivation.independent
    assert independent is not None
    assert independent.factored is not None
    asked = next(each for each in independent.posed if each.estimand.name == name)
    assert isinstance(asked, FactoredEstimand)
    return FactorFrame(independent.factored, asked.program.factors, _laws(independent, asked))


def factor_equations(factors: Sequence[Factor]) -> tuple[Term, ...]:
    """Functions of cells of factors that are zero whatever the laws of the response types."""
    return tuple(term for factor in factors for term in _equations(factor))


# ---------------------------------------------------------------- one estimand with a closed form
@dataclass(frozen=True)
class ModelLaws:
    """Laws of a model in cells of factors.

    Parameters
    ----------
    factored : FactoredModel
    factors : tuple of Factor
    drawn : tuple of Law
        Random ones, that the data give.
    """

    factored: FactoredModel
    factors: tuple[Factor, ...]
    drawn: tuple[Law, ...]

    def near(self, laws: Iterable[Law]) -> Iterator[Law]:
        """Laws of the model near these: data with cells that are zero do not give all cells of factors."""
        for law in laws:
            middle = self.drawn[0] if self.drawn else law
            for share in MIXED:
                mixed = {name: (1 - share) * value + share * middle.get(name, value) for name, value in law.items()}
                if self.allow(mixed):
                    yield mixed
                    break

    def allow(self, law: Law) -> bool:
        """Whether each factor has a law with these cells, and the data give them."""
        if not all(factor_possible(factor, law) for factor in self.factors):
            return False
        observed = {**law, **observed_shares(self.factored, law)}
        return None not in self.factored.at(observed).values()


def model_laws(independent: IndependentProblem, name: str) -> ModelLaws:
    """The laws of the model of an estimand of that name."""
    asked = next(each for each in independent.posed if each.estimand.name == name)
    assert isinstance(asked, FactoredEstimand)
    assert independent.factored is not None
    drawn = tuple(law for law, _ in _laws(independent, asked))
    return ModelLaws(independent.factored, asked.program.factors, drawn)


@dataclass(frozen=True)
class FactoredCase(PiecewiseCase):
    """One side of an estimand in cells of factors, at the laws of all factors.

    Parameters
    ----------
    laws : ModelLaws
    """

    laws: ModelLaws

    def _samples(self) -> Iterator[Law]:
        """Random laws of the model."""
        yield from self.laws.drawn

    def _candidates(self, laws: Sequence[Law]) -> Iterator[Law]:
        yield from self.laws.near(laws)

    def shown(self, law: Law) -> dict[str, Fraction]:
        """What is observed."""
        return observed_shares(self.laws.factored, law)

    def _is_defined(self, law: Law) -> bool:
        return super()._is_defined(law) and self.laws.allow(law)


def factored_space(bounds: PiecewiseBounds, factors: Sequence[Factor]) -> LawSpace | None:
    """The laws of all factors: the response types of those that are weights are blocks of their own.

    Parameters
    ----------
    bounds : PiecewiseBounds
    factors : sequence of Factor

    Returns
    -------
    LawSpace or None
    """
    space = law_space(bounds)
    if space is None:
        return None
    blocks = [_block(factor) for factor in factors]
    known = {*space.region.names, *space.weights}
    return replace(space, blocks=(*space.blocks, *(block for block in blocks if not known & block.names.keys())))


def laws_space(factored: FactoredModel, factors: Sequence[Factor]) -> LawSpace:
    """The laws of all factors, with no estimand.

    Parameters
    ----------
    factored : FactoredModel
    factors : sequence of Factor

    Returns
    -------
    LawSpace
    """
    region, *blocks = sorted(map(_block, factors), key=lambda block: -block.size)
    blocks += [simplex([cell.name for cell in arm.cells], "=") for arm in factored.arms if arm.law]
    if factored.model.parameters:
        blocks.append(box(factored.model.parameters))
    return LawSpace(region, tuple(blocks), {}, RationalFunction(ZERO), ())


def _block(factor: Factor) -> Region:
    """The laws of a factor's response types; those that show the same are one."""
    # Assumptions with parameters demand nothing here: what is proved holds all the same.
    rows = [row for row in factor.rows if row.kind == "cell" or (row.kind == "assumption" and not row.right.names)]
    kinds: dict[tuple[tuple[int, Number], ...], int] = {}
    for j in range(len(factor.columns)):
        own = tuple((k, entry) for k, row in enumerate(rows) if (entry := dict(row.entries).get(j)))
        kinds.setdefault(own, len(kinds))
    entries: list[dict[int, Number]] = [{} for _ in rows]
    for own, kind in kinds.items():
        for k, entry in own:
            entries[k][kind] = entry
    size = range(len(kinds))
    demands = [Constraint(dict.fromkeys(size, 1), -1, "=")]
    for row, own_entries in zip(rows, entries, strict=True):
        if row.kind == "assumption":
            right = row.right.value({})
            assert right is not None, "the right sides of assumptions have no divisor"
            less = {j: -c for j, c in own_entries.items()}
            demands.append(Constraint(less, right, "=" if row.relation == "=" else ">="))
    names = {row.name: own for row, own in zip(rows, entries, strict=True) if row.kind == "cell"}
    return Region(len(kinds), tuple(demands), tuple(size), names)


def factored_verdict(derivation: Derivation, claim: Claim, side: WhichSide, budget: Budget) -> ClaimVerdict:
    """The verdict on one side of a claim about an estimand of a model whose variables share no causes.

    Parameters
    ----------
    derivation : Derivation
    claim : Claim
    side : {"lower", "upper"}
    budget : Budget

    Returns
    -------
    ClaimVerdict

    Raises
    ------
    UndecidedError
        Where neither a proof nor a law of the data decides.
    """
    independent = derivation.independent
    assert independent is not None
    asked = next((each for each in independent.posed if each.estimand.name == claim.estimand), None)
    factored = independent.factored
    if factored is None or not isinstance(asked, FactoredEstimand):
        at_data = asked.at_data if isinstance(asked, PolynomialEstimand) else "not known"
        raise UndecidedError(
            f"the bounds of this estimand are {at_data}, so that no claim about it is judged",
            claim.place,
            "boundgen evaluate gives the bounds at data.",
        )
    laws = _laws(independent, asked)
    formula = claim.lower if side == "lower" else claim.upper
    if formula and formula.code:
        reading = CodeReading(_observed_problem(derivation, independent), claim, formula.code, budget)
        return _code_verdict(factored, asked, reading, side, laws)
    frame = FactorFrame(factored, asked.program.factors, laws)
    claimed = claimed_in_factors(derivation, frame, claim, side, budget)
    bounds = next((each for each in derivation.closed_forms if each.name == claim.estimand), None)
    sign = 1 if side == "lower" else -1
    signed = tuple(replace(each, function=each.function.scaled(sign)) for each in claimed)
    if isinstance(bounds, PiecewiseBounds) and bounds.factored is None:
        space = factored_space(bounds, asked.program.factors)
        if space is not None:
            form = bounds.lower if side == "lower" else bounds.upper
            sharp = tuple(
                replace(each, function=frame.own(each.function))
                for each in sharp_functions(form, bounds.denominator, sign)
            )
            own = ModelLaws(factored, asked.program.factors, tuple(law for law, _ in laws))
            case = FactoredCase(side, space, sharp, signed, bounds, own)
            return verdict_of(case, claim, budget)
    return _at_laws(factored, asked, signed, claim, side, laws, budget)


# ---------------------------------------------------------------- at random laws
def _laws(independent: IndependentProblem, asked: FactoredEstimand) -> list[tuple[Law, Law]]:
    """Laws of all factors, each with the observed one; of those alone that the data give."""
    factored = independent.factored
    assert factored is not None
    return drawn_laws(factored, asked.program.factors, independent.model.name)


def drawn_laws(
    factored: FactoredModel, factors: Sequence[Factor], seed: str, count: int = SAMPLES
) -> list[tuple[Law, Law]]:
    """Laws of all factors, each with the observed one; of those alone that the data give.

    Parameters
    ----------
    factored : FactoredModel
    factors : sequence of Factor
        With their rows.
    seed : str
    count : int

    Returns
    -------
    list of pairs of Law
    """
    found = []
    for law in islice(factored_laws(factored, factors, random.Random(seed)), count):
        cells = factored.at(law)
        known = {name: value for name, value in cells.items() if value is not None}
        if len(known) == len(cells):
            found.append(({**{n: v for n, v in law.items() if n not in known}, **known}, dict(law)))
    return found


def _at_laws(
    factored: FactoredModel,
    asked: FactoredEstimand,
    claimed: Sequence[ClaimedFunction],
    claim: Claim,
    side: WhichSide,
    laws: Sequence[tuple[Law, Law]],
    budget: Budget,
) -> ClaimVerdict:
    """Without a proof: a law that refutes the claim, or no verdict."""
    sign, place = (1, 0) if side == "lower" else (-1, 1)
    equal = 0
    for done, (law, observed) in enumerate(laws):
        budget.step(f"judging {claim.where}", done, len(laws))
        values = [(value, each) for each in claimed if (value := claimed_value(each, law)) is not None]
        end: End = factored_bounds_at(asked.program, {**observed, **law}, budget)[place]
        if end is None or not values:
            continue
        best, sharp = max(value for value, _ in values), sign * end
        equal += best == sharp
        if best > sharp:
            wrong = {each.written for value, each in values if value > sharp}
            return ClaimVerdict(
                where=claim.where,
                estimand=claim.estimand,
                side=side,
                verdict="invalid",
                expected=claim.expect_lower if side == "lower" else claim.expect_upper,
                witness=_witness(factored, observed, sign * best, end),
                terms=tuple(
                    TermVerdict(text, "wrong" if text in wrong else "loose")
                    for text in dict.fromkeys(each.written for each in claimed)
                ),
                missing=(),
            )
    raise UndecidedError(
        f"the {side} side is nowhere beyond the sharp bound at {len(laws)} random laws of the model, and equal to it "
        f"at {equal} of them; it is neither proved nor refuted",
        claim.place,
        "boundgen evaluate gives the exact bounds at data.",
    )


def _code_verdict(
    factored: FactoredModel,
    asked: FactoredEstimand,
    reading: CodeReading,
    side: WhichSide,
    laws: Sequence[tuple[Law, Law]],
) -> ClaimVerdict:
    """What a function is at random laws of the model."""
    claim, budget = reading.claim, reading.budget
    sign, place = (1, 0) if side == "lower" else (-1, 1)
    drawn = ((law, observed, reading.at(observed)) for law, observed in laws)
    given = [({**observed, **law}, values) for law, observed, values in drawn if values is not None]
    call = code_call(claim, reading.code, side, tuple(given[0][1]) if given else ())
    answer = called(call, [tuple(values.values()) for _, values in given], budget)

    def bound(law: Law) -> End:
        end = factored_bounds_at(asked.program, law, budget)[place]
        return None if end is None else sign * end

    def witness(law: Law, claimed: Fraction) -> Witness:
        end = bound(law)
        assert end is not None, "only laws at which the estimand has bounds are witnesses"
        parameters = {parameter.name: law[parameter.name] for parameter in factored.model.parameters}
        return _witness(factored, {**observed_shares(factored, law), **parameters}, claimed, sign * end)

    expected = claim.expect_lower if side == "lower" else claim.expect_upper
    return CodeSide(call, sign, expected, bound, witness).verdict([law for law, _ in given], answer.values)


def _witness(factored: FactoredModel, observed: Law, claimed: Fraction, sharp: Fraction | float) -> Witness:
    parameters = {parameter.name for parameter in factored.model.parameters}
    cells = tuple((name, value) for name, value in observed.items() if value and name not in parameters)
    return Witness(cells, tuple((name, observed[name]) for name in parameters), None, None, claimed, sharp)
