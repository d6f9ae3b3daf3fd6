"""Verdicts on claims, by exact linear programs.

A claimed term is valid iff it nowhere exceeds the estimand: one program, whose solution is a distribution
over strata. A valid claim is sharp iff no term of the sharp bound is anywhere above all claimed terms: one
program a term, whose solution is an observed distribution. No search decides anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any, Literal

from boundgen.bounds.activity import active_terms
from boundgen.bounds.conditions import is_trivial, is_zero
from boundgen.bounds.derived import NO_IMPLICATIONS, Derivation, SideDerivation
from boundgen.bounds.simplest_form import Simplifier, simplifier_of
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.derivation import derive
from boundgen.errors import ContradictionError, ModelError, UndecidedError
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.expressions import Sum
from boundgen.language.model import Model
from boundgen.language.printer import print_inequality, print_sum
from boundgen.language.statements import (
    Claim,
    ClaimedCode,
    ClaimSide,
    ConditionsClaim,
    Estimand,
    Verdict,
    about,
    named_claim,
)
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region, data_region, model_region
from boundgen.polyhedra.witnesses import Population, smallest_population
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import shown_cells
from boundgen.strata.means import values_of_means
from boundgen.strata.stratum import Stratum
from boundgen.verification.claimed_code import called
from boundgen.verification.claimed_functions import ClaimReading
from boundgen.verification.claimed_terms import claimed_conditions, claimed_side, is_over, linear_side
from boundgen.verification.code_judgement import CodeSide, code_call, code_terms, terms_of_code
from boundgen.verification.condition_judgement import product_conditions_verdict
from boundgen.verification.factored_claims import factored_verdict, linear_in_factors
from boundgen.verification.independent_conditions import independent_conditions_verdict
from boundgen.verification.law_order import Law
from boundgen.verification.law_space import LawSpace, law_space
from boundgen.verification.misprints import likely_misprint
from boundgen.verification.piecewise_judgement import FunctionCase, SharpFunction, piecewise_verdict, verdict_of
from boundgen.verification.sampled_laws import region_laws
from boundgen.verification.verdicts import ClaimVerdict, Status, TermVerdict, Witness
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered, attempt, parted

ESTIMAND = "the estimand"
RANDOM_LAWS = 200


@dataclass(frozen=True, repr=False)
class Verification(Rendered):
    """All verdicts on a model's claims, one for each side, in the order of the model.

    Parameters
    ----------
    model : Model
    derivation : Derivation or None
        The sharp bounds that the claims were held against; None without claims.
    claims : tuple of ClaimVerdict
    unanswered : tuple of Unanswered
        Estimands without bounds, and claims that cannot be judged, each with the reason.
    """

    model: Model
    derivation: Derivation | None
    claims: tuple[ClaimVerdict, ...]
    unanswered: tuple[Unanswered, ...] = ()

    def __repr__(self) -> str:
        return f"<Verification of {self.model.name}: {', '.join(claim.verdict for claim in self.claims)}>"

    def text(self, unicode: bool = True) -> str:
        """A paragraph for each side of each claim, to be checked with a pencil."""
        from boundgen.verification.report import verification_text

        return verification_text(self, unicode)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each side of each claim, with its verdict."""
        from boundgen.verification.report import verification_rows

        return verification_rows(self)

    def json(self) -> dict[str, Any]:
        """The verdicts in the schema ``boundgen.verification/1``."""
        from boundgen.verification.report import verification_json

        return verification_json(self)


@public
def verify(
    model: Model | str | os.PathLike[str], *, engine: str = "auto", limits: Limits = Limits(), report: Report = ignore
) -> Verification:
    """Judge every claim of a model.

    Parameters
    ----------
    model : Model
    engine : {"auto", "cdd", "ppl", "orbits"}
    limits : Limits
    report : function of (what, done, total)
        Called while long work goes on.

    Returns
    -------
    Verification

    Raises
    ------
    ModelError
        As in `derive`, and where a claim uses what the data do not identify.

    Examples
    --------
    >>> from boundgen import catalogue, verify
    >>> for claim in verify(catalogue.load("mediation_mmr_average")).claims:
    ...     print(f"{claim.where.split(', ', 3)[-1]}, {claim.side}: {claim.verdict}")
    eq. (9), lower: valid
    eq. (9), upper: sharp
    eq. (9), corrected, lower: sharp

    A witness is a population that anybody can check.

    >>> claim = verify(catalogue.load("mediation_mmr_average")).claims[0]
    >>> for stratum, share in claim.witness.strata:
    ...     print(f"{share}: {stratum}")
    1: M(0)=0, M(1)=1, Y(0,0)=1, Y(1,0)=0, Y(1,1)=0
    >>> print(claim.witness.estimand, claim.witness.claimed, claim.witness.sharp)
    0 -1 0
    """
    model = given_model(model)
    if not model.claims:
        return Verification(model, None, ())
    budget = Budget(limits, report)
    derivation = _derived(model, engine, limits)
    without = {each.name for each in derivation.unanswered}
    judged = [
        attempt(name, action)
        for claim in model.claims
        if about(claim) not in without or derivation.independent is not None
        for name, action in _judgements(derivation, claim, budget)
    ]
    found, refused = parted(judged)
    if not found and refused and not any(isinstance(each.error, UndecidedError) for each in refused):
        raise refused[0].error
    return Verification(
        model,
        derivation,
        tuple(verdict for verdicts in found for verdict in verdicts),
        (*_without_bounds(derivation), *refused),
    )


def _without_bounds(derivation: Derivation) -> tuple[Unanswered, ...]:
    """Estimands with claims that are not judged; where causes are independent claims need no closed form."""
    if derivation.independent is not None:
        return ()
    names = {about(claim) for claim in derivation.model.claims}
    return tuple(each for each in derivation.unanswered if each.name in names)


def _derived(model: Model, engine: str, limits: Limits) -> Derivation:
    """The bounds of all estimands that claims are about; for implications alone, those of any that has bounds."""
    asked = tuple(dict.fromkeys(claim.estimand for claim in model.claims if isinstance(claim, Claim)))
    implications = _judges_conditions(model)
    try:
        factored = model.factored
        return derive(
            model,
            asked,
            engine=engine,
            conditions=implications,
            limits=limits,
            partial=factored or not asked,
        )
    except ContradictionError:
        raise
    except ModelError:
        if not asked or not implications:
            raise
    return derive(model, engine=engine, conditions=True, limits=limits)


def judge(
    derivation: Derivation, claim: Claim | ConditionsClaim, budget: Budget = Budget()
) -> tuple[ClaimVerdict, ...]:
    """Judge one claim, of the model or about it, by what was derived: a verdict for each side.

    Parameters
    ----------
    derivation : Derivation
        Of the claim's estimand; with conditions, where the claim is about them.
    claim : Claim or ConditionsClaim
    budget : Budget

    Returns
    -------
    tuple of ClaimVerdict

    Raises
    ------
    ModelError
        Where the claim uses what the data do not identify.
    """
    return tuple(verdict for _, action in _judgements(derivation, claim, budget) for verdict in action())


def _judgements(
    derivation: Derivation, claim: Claim | ConditionsClaim, budget: Budget
) -> Iterator[tuple[str, Callable[[], tuple[ClaimVerdict, ...]]]]:
    """What is judged at once: a claim, or where its estimand's bounds have pieces a side of it."""
    if derivation.independent is not None and isinstance(claim, ConditionsClaim):
        yield named_claim(claim), lambda: (independent_conditions_verdict(derivation, claim, budget),)
    elif derivation.independent is not None and isinstance(claim, Claim):
        for side in claim.sides:
            yield f"{named_claim(claim)}, {side}", partial(_factored, derivation, claim, side, budget)
    elif isinstance(claim, ConditionsClaim):
        yield named_claim(claim), lambda: (_conditions(derivation, claim, budget),)
    elif any(side and side.code for side in (claim.lower, claim.upper)):
        for side in claim.sides:
            one = replace(claim, upper=None) if side == "lower" else replace(claim, lower=None)
            yield f"{named_claim(claim)}, {side}", partial(_any_side, derivation, one, side, budget)
    elif not any(bounds.name == claim.estimand for bounds in derivation.piecewise):
        yield named_claim(claim), lambda: tuple(_sides(derivation, claim, budget))
    else:
        for side in claim.sides:
            yield f"{named_claim(claim)}, {side}", partial(_piecewise, derivation, claim, side, budget)


def _any_side(
    derivation: Derivation, claim: Claim, side: Literal["lower", "upper"], budget: Budget
) -> tuple[ClaimVerdict, ...]:
    if any(bounds.name == claim.estimand for bounds in derivation.piecewise):
        return _piecewise(derivation, claim, side, budget)
    return tuple(_sides(derivation, claim, budget))


def _piecewise(
    derivation: Derivation, claim: Claim, side: Literal["lower", "upper"], budget: Budget
) -> tuple[ClaimVerdict, ...]:
    return (piecewise_verdict(derivation, claim, side, budget),)


def _factored(
    derivation: Derivation, claim: Claim, side: Literal["lower", "upper"], budget: Budget
) -> tuple[ClaimVerdict, ...]:
    formula = claim.lower if side == "lower" else claim.upper
    terms = None if formula and formula.code else linear_in_factors(derivation, claim, side, budget)
    if terms is None:
        return (factored_verdict(derivation, claim, side, budget),)
    case = _case(derivation, claim.estimand, side)
    claimed = [term.scaled(case.sign) for _, term in terms]
    expected = claim.expect_lower if side == "lower" else claim.expect_upper
    return (_judged(case, claim, claimed, [text for text, _ in terms], expected, budget),)


def _judges_conditions(model: Model) -> bool:
    return any(isinstance(claim, ConditionsClaim) for claim in model.claims)


# ---------------------------------------------------------------- bounds
@dataclass(frozen=True)
class JudgedSide:
    """One side of an estimand as a lower bound: for the upper side everything is negated.

    Parameters
    ----------
    region : Region
        What the assumptions allow; the estimand's numerator is one of its names.
    sharp : tuple of Term
    over : Term or None
        The denominator.
    """

    derivation: Derivation
    estimand: Estimand
    side: Literal["lower", "upper"]
    stage: SideDerivation
    region: Region
    sharp: tuple[Term, ...]
    over: Term | None

    @property
    def sign(self) -> int:
        return 1 if self.side == "lower" else -1


def _sides(derivation: Derivation, claim: Claim, budget: Budget) -> list[ClaimVerdict]:
    found = []
    sides: tuple[tuple[Literal["lower", "upper"], ClaimSide | None, Verdict | None], ...] = (
        ("lower", claim.lower, claim.expect_lower),
        ("upper", claim.upper, claim.expect_upper),
    )
    for side, formula, expected in sides:
        if formula:
            found.append(_side(_case(derivation, claim.estimand, side), claim, formula, expected, budget))
    return found


def _case(derivation: Derivation, name: str, side: Literal["lower", "upper"]) -> JudgedSide:
    stage = next(stage for stage in derivation.stages if stage.estimand.name == name)
    found = stage.lower if side == "lower" else stage.upper
    program = found.reduced.complete
    region = model_region(program, derivation.model.parameters)
    numerator = {j: column.cost for j, column in enumerate(program.columns) if column.cost}
    named = replace(region, names=region.names | {ESTIMAND: numerator})
    return JudgedSide(derivation, stage.estimand, side, found, named, found.active, stage.denominator)


def _side(case: JudgedSide, claim: Claim, formula: ClaimSide, expected: Verdict | None, budget: Budget) -> ClaimVerdict:
    if formula.code:
        return _code_side(case, claim, formula.code, expected, budget)
    if case.over is not None and not is_over(formula):
        return verdict_of(_divided_case(case, case.over, claim, formula, budget), claim, budget)
    formula = linear_side(formula, claim)
    written = [_written(case, numerator, denominator) for numerator, denominator in formula.terms]
    return _judged(case, claim, _claimed(case, claim, formula, budget), written, expected, budget)


def _code_side(
    case: JudgedSide, claim: Claim, code: ClaimedCode, expected: Verdict | None, budget: Budget
) -> ClaimVerdict:
    """A function: decided where it is a maximum of terms, and otherwise held against the sharp bound at laws."""
    known = code_terms(case.derivation.problem, claim, code, budget)
    quantities = list(known.values())
    call = code_call(claim, code, case.side, tuple(known))
    cells = {name: function for name, function in case.region.names.items() if name != ESTIMAND}
    laws = list(region_laws(replace(case.region, names=cells), RANDOM_LAWS, budget))
    answer = called(call, [[term.value(law) for term in quantities] for law in laws], budget)
    terms = terms_of_code(answer, quantities, case.sign, case.region, case.over)
    if terms is not None and _is_met(case, terms, laws, answer.values):
        written = [_as_text(case, term.scaled(case.sign)) for term in terms]
        return _judged(case, claim, terms, written, expected, budget)

    def bound(law: Law) -> Fraction | None:
        return _bound_at(case, law)

    def witness(law: Law, claimed: Fraction) -> Witness:
        return _told(case, claimed, _population_at(case, law))

    return CodeSide(call, case.sign, expected, bound, witness).verdict(laws, answer.values)


def _bound_at(case: JudgedSide, law: Law) -> Fraction | None:
    """The sharp bound; None where the estimand is undefined."""
    over = case.over.value(law) if case.over else Fraction(1)
    return max(term.value(law) for term in case.sharp) / over if over else None


def _is_met(case: JudgedSide, terms: Sequence[Term], laws: Sequence[Law], values: Sequence[Fraction | None]) -> bool:
    """Whether numbers give what symbols gave: a function may ask which of them it has."""
    for law, value in zip(laws, values, strict=True):
        over = case.over.value(law) if case.over else 1
        if value is not None and max(term.value(law) for term in terms) != value * over * case.sign:
            return False
    return True


def _as_text(case: JudgedSide, term: Term) -> str:
    text = str(_reader(case).plain(term))
    return f"({text}) / ({case.over})" if case.over else text


def _population_at(case: JudgedSide, law: Law) -> Population:
    """One with this law whose estimand is the sharp bound."""
    fixed = [Constraint(function, -law[name], "=") for name, function in case.region.names.items() if name != ESTIMAND]
    goal = {i: -c for i, c in case.region.names[ESTIMAND].items()}
    best = maximum(case.region.size, goal, [*case.region.constraints, *fixed], case.region.nonnegative)
    assert best, "the law is one of the model"
    columns = len(case.stage.reduced.complete.columns)
    return Population(best.point[:columns], best.point[columns:])


@dataclass(frozen=True)
class DividedCase(FunctionCase):
    """One side of an estimand with a divisor that the data identify, for claims that are not written over it.

    Parameters
    ----------
    judged : JudgedSide
    """

    judged: JudgedSide

    def bound(self, law: Law) -> Fraction | None:
        """The sharp bound, exactly."""
        return _bound_at(self.judged, law)

    def told(self, law: Law, claimed: Fraction | None) -> Witness:
        """A population with this law that attains the sharp bound."""
        return _told(self.judged, claimed, _population_at(self.judged, law))


def _divided_case(case: JudgedSide, divisor: Term, claim: Claim, formula: ClaimSide, budget: Budget) -> DividedCase:
    """Times the divisor such a claim is no linear function: it is judged as a function of the data."""
    derivation = case.derivation
    places = {name: Polynomial.name(name) for name in case.region.names if name != ESTIMAND}
    wholes = tuple(tuple(cell.name for cell in arm.cells) for arm in derivation.arms if arm.complete)
    over = Polynomial.linear(divisor)
    estimand = RationalFunction.of(Polynomial.linear(_estimand(case)), over).scaled(case.sign)
    space = LawSpace(case.region, (), places, estimand, (), wholes)
    sharp = tuple(SharpFunction(RationalFunction.of(Polynomial.linear(term), over), ()) for term in case.sharp)
    read = ClaimReading(derivation.problem, claim, budget).functions(formula, "max" if case.sign == 1 else "min")
    claimed = tuple(replace(each, function=each.function.scaled(case.sign)) for each in read)
    return DividedCase(case.side, space, sharp, claimed, case)


def _judged(
    case: JudgedSide,
    claim: Claim,
    claimed: list[Term],
    written: Sequence[str],
    expected: Verdict | None,
    budget: Budget,
) -> ClaimVerdict:
    """The verdict on claimed terms, in the signs of a lower bound, each as it is written."""
    estimand = _estimand(case)
    wrong = [not is_trivial(estimand - term, case.region) for term in claimed]
    valid = [term for term, bad in zip(claimed, wrong, strict=True) if not bad]
    missing = _missing(case, valid)
    verdict: Verdict = "invalid" if any(wrong) else "valid" if missing else "sharp"
    useful = active_terms(valid, case.region, budget)
    return ClaimVerdict(
        where=claim.where,
        estimand=claim.estimand,
        side=case.side,
        verdict=verdict,
        expected=expected,
        witness=_witness(case, claimed, wrong, missing, estimand),
        terms=tuple(
            TermVerdict(text, _status(case, term, bad, useful))
            for text, term, bad in zip(written, claimed, wrong, strict=True)
        ),
        missing=tuple(_reader(case).plain(term.scaled(case.sign)) for term in missing),
        misprint="" if verdict == "sharp" else _misprint(case, claimed, wrong, written),
    )


def _claimed(case: JudgedSide, claim: Claim, formula: ClaimSide, budget: Budget) -> list[Term]:
    derivation = case.derivation
    found = claimed_side(derivation.problem, claim, formula, case.over, case.region, budget)
    return [term.scaled(case.sign) for term in found]


def _missing(case: JudgedSide, valid: Sequence[Term]) -> list[Term]:
    """Sharp terms that are somewhere above all valid claimed ones."""
    found = []
    for term in case.sharp:
        functions = AffineFunctions(case.region, [term, *valid])
        if functions.strictly_active(0, range(1, len(valid) + 1))[0]:
            found.append(term)
    return found


def _status(case: JudgedSide, term: Term, wrong: bool, useful: Sequence[Term]) -> Status:
    if wrong:
        return "wrong"
    if term not in useful:
        return "superfluous"
    return "sharp" if any(_same(case.region, term, sharp) for sharp in case.sharp) else "loose"


def _same(region: Region, one: Term, other: Term) -> bool:
    return is_zero(one - other, region)


def _written(case: JudgedSide, numerator: Sum, denominator: Sum | None) -> str:
    names = case.derivation.model.by_name
    text = print_sum(numerator, names)
    return f"({text}) / ({print_sum(denominator, names)})" if denominator else text


def _reader(case: JudgedSide) -> Simplifier:
    return simplifier_of(case.derivation.model, case.derivation.arms, (), ())


def _misprint(case: JudgedSide, claimed: list[Term], wrong: list[bool], written: Sequence[str]) -> str:
    """The one change of one term that makes the side sharp, if there is one."""
    for k in range(len(claimed)):
        others = [term for i, term in enumerate(claimed) if i != k]
        is_number = case.over is not None and claimed[k].multiple_of(case.over) is not None
        if is_number or any(bad for i, bad in enumerate(wrong) if i != k):
            continue
        missing = _missing(case, others)
        if len(missing) == 1:
            right = likely_misprint(claimed[k].scaled(case.sign), missing[0].scaled(case.sign), case.derivation.arms)
            if right is not None:
                return f"{written[k]} should be {f'({right}) / ({case.over})' if case.over else right}"
    return ""


# ---------------------------------------------------------------- witnesses
def _witness(
    case: JudgedSide, claimed: list[Term], wrong: list[bool], missing: list[Term], estimand: Term
) -> Witness | None:
    """For a wrong term a distribution over strata that it excludes; for a loose claim one where it is loose."""
    positive = [case.over] if case.over else []
    if any(wrong):
        options = [[term - estimand, *positive] for term, bad in zip(claimed, wrong, strict=True) if bad]
    else:
        options = [[term - other for other in claimed] + positive for term in missing]
    columns = len(case.stage.reduced.complete.columns)
    found = [population for demands in options if (population := smallest_population(case.region, columns, demands))]
    if not found:
        return None
    best = min(found, key=lambda found: (sum(map(bool, found.strata)), max(w.denominator for w in found.strata)))
    at = case.region.values((*best.strata, *best.parameters))
    over = case.over.value(at) if case.over else Fraction(1)
    return _told(case, max(term.value(at) for term in claimed) * case.sign / over, best)


def _estimand(case: JudgedSide) -> Term:
    return Term.of(0, {ESTIMAND: 1}) + case.stage.reduced.original.offset


def _told(case: JudgedSide, claimed: Fraction | None, population: Population) -> Witness:
    at = case.region.values((*population.strata, *population.parameters))
    over = case.over.value(at) if case.over else Fraction(1)
    columns = case.stage.reduced.complete.columns
    names = [parameter.name for parameter in case.derivation.model.parameters]
    cells = set(shown_cells(case.derivation.arms))
    seen = values_of_means(case.derivation.arms, at)
    scale = case.sign / over
    return Witness(
        cells=tuple((name, value) for name, value in seen.items() if name in cells and value),
        parameters=tuple((name, at[name]) for name in names),
        strata=tuple((column.stratum, w) for column, w in zip(columns, population.strata, strict=True) if w),
        estimand=_estimand(case).value(at) * scale,
        claimed=claimed,
        sharp=max(term.value(at) for term in case.sharp) * scale,
    )


# ---------------------------------------------------------------- testable implications
def _conditions(derivation: Derivation, claim: ConditionsClaim, budget: Budget) -> ClaimVerdict:
    """Necessary: no distribution of the model breaks them. Sufficient: they imply every condition."""
    model = derivation.model
    if derivation.known_conditions is None:
        raise UndecidedError(derivation.conditions_missing or NO_IMPLICATIONS, claim.place)
    possible = _possible(derivation)
    if possible is None and not derivation.problem.weighted:
        raise UndecidedError(NO_IMPLICATIONS, claim.place)
    if possible is None:
        return product_conditions_verdict(derivation, claim, budget)
    region, strata = possible
    everything = data_region(derivation.arms, model.parameters)
    lines = claimed_conditions(derivation.problem, claim, budget)
    claimed = [term for _, term in lines]
    written = [print_inequality(holds.body, model.by_name) for holds, _ in lines]
    wrong = [not is_trivial(term, region) for term in claimed]
    functions = AffineFunctions(everything, [*(derivation.conditions or ()), *claimed])
    count = len(derivation.conditions or ())
    others = range(count, count + len(claimed))
    missing = [c for k, c in enumerate(derivation.conditions or ()) if functions.violated_alone(k, others)[0]]
    verdict: Verdict = "invalid" if any(wrong) else "valid" if missing else "sharp"
    return ClaimVerdict(
        where=claim.where,
        estimand="conditions",
        side="conditions",
        verdict=verdict,
        expected=claim.expect,
        witness=_conditions_witness(derivation, region, strata, everything, claimed, wrong, missing),
        terms=tuple(TermVerdict(text, "wrong" if bad else "sharp") for text, bad in zip(written, wrong, strict=True)),
        missing=tuple(missing),
    )


def _possible(derivation: Derivation) -> tuple[Region, tuple[Stratum, ...]] | None:
    """What the model allows, and the strata that are its first unknowns; None where no linear program says it."""
    if derivation.product_conditions is not None:
        return None
    if derivation.stages:
        program = derivation.stages[0].lower.reduced.complete
        return model_region(program, derivation.model.parameters), tuple(c.stratum for c in program.columns)
    spaces = ((each, law_space(each)) for each in derivation.piecewise)
    for bounds, space in spaces:
        selected = any(column.selected for column in bounds.program.columns)
        if space is not None and not (space.blocks or bounds.normal.symbols or selected):
            return space.region, tuple(column.stratum for column in bounds.normal.program.columns)
    return None


def _conditions_witness(
    derivation: Derivation,
    region: Region,
    possible: Sequence[Stratum],
    everything: Region,
    claimed: list[Term],
    wrong: list[bool],
    missing: list[Term],
) -> Witness | None:
    conditions = derivation.conditions or ()
    names = [parameter.name for parameter in derivation.model.parameters]
    cells = set(shown_cells(derivation.arms))
    if any(wrong):
        broken = claimed[wrong.index(True)]
        population = smallest_population(region, len(possible), [-broken])
        assert population
        at = region.values((*population.strata, *population.parameters))
        strata = tuple((stratum, w) for stratum, w in zip(possible, population.strata, strict=True) if w)
    elif missing:
        functions = AffineFunctions(everything, [missing[0], *claimed])
        _, points = functions.violated_alone(0, range(1, len(claimed) + 1))
        numerators, denominator = points[-1]
        at = everything.values([Fraction(x, denominator) for x in numerators])
        strata = None
    else:
        return None
    seen = values_of_means(derivation.arms, at)
    return Witness(
        cells=tuple((name, value) for name, value in seen.items() if name in cells and value),
        parameters=tuple((name, at[name]) for name in names),
        strata=strata,
        estimand=None,
        claimed=min(term.value(at) for term in claimed),
        sharp=min((term.value(at) for term in conditions), default=Fraction(0)),
    )
