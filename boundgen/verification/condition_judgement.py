"""Verdicts on claimed testable implications of models whose own ones are no linear functions of the data.

They are judged at data where all groups that assumptions compare have units: of an empty group a model demands nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeVar

from boundgen.bounds.derived import Derivation
from boundgen.errors import UndecidedError
from boundgen.exact.polynomials import ZERO, RationalFunction
from boundgen.language.printer import print_inequality
from boundgen.language.statements import ConditionsClaim, Holds, Verdict
from boundgen.polyhedra.weighted_optimum import extreme_population, is_possible
from boundgen.program.weighted_program import WeightedProgram
from boundgen.verification.claimed_functions import ClaimReading
from boundgen.verification.group_space import group_space
from boundgen.verification.implied_conditions import Demand, Demands
from boundgen.verification.law_order import Law, LawOrder
from boundgen.verification.law_space import LawSpace, law_space
from boundgen.verification.sampled_laws import sampled_laws
from boundgen.verification.verdicts import ClaimVerdict, TermVerdict, Witness
from boundgen.work.limits import Budget

T = TypeVar("T")
SAMPLES = 100
OPEN = "is neither proved nor refuted"
REMEDY = "boundgen derive prints the testable implications."


def product_conditions_verdict(derivation: Derivation, claim: ConditionsClaim, budget: Budget) -> ClaimVerdict:
    """Necessary: no data of the model break them. Sufficient: they imply every testable implication.

    Parameters
    ----------
    derivation : Derivation
        Of a model with weights or ratios, whose testable implications are known.
    claim : ConditionsClaim
    budget : Budget

    Returns
    -------
    ClaimVerdict

    Raises
    ------
    UndecidedError
        Where neither a proof nor data decide.
    """
    lines = list(_claimed(derivation, claim, budget))
    spaces, doing = _spaces(derivation), f"judging {claim.where}"
    program = derivation.problem.weighted[0].program
    conditions = derivation.known_conditions or ()
    allowed = _demands(derivation, map(Demand.of, conditions), program, spaces)
    implied = [allowed.imply(demand) for _, demand in budget.counted(doing, lines)]
    wrong = [None if own else _refuting(allowed, each, program) for own, (_, each) in zip(implied, lines, strict=True)]
    doubtful = [demand for own, (_, demand) in zip(implied, lines, strict=True) if not own]
    if not any(wrong) and not all(any(_is_proved(space, each) for space in spaces) for each in doubtful):
        raise UndecidedError(f"that the model demands what is claimed {OPEN}", claim.place, REMEDY)
    asked = _demands(derivation, (demand for _, demand in lines), program, ())
    needed = () if any(wrong) else budget.counted(doing, conditions)
    left = [each for each in needed if not asked.imply(Demand.of(each))]
    loose = [next(asked.breaking(Demand.of(each)), None) for each in left]
    if left and not any(loose):
        raise UndecidedError(f"that what is claimed implies every testable implication {OPEN}", claim.place, REMEDY)
    verdict: Verdict = "invalid" if any(wrong) else "valid" if left else "sharp"
    law = next(filter(None, (*wrong, *loose)), None)
    written: dict[str, bool] = {}
    for (holds, _), bad in zip(lines, wrong, strict=True):
        text = print_inequality(holds.body, derivation.model.by_name)
        written[text] = written.get(text, False) or bad is not None
    return ClaimVerdict(
        where=claim.where,
        estimand="conditions",
        side="conditions",
        verdict=verdict,
        expected=claim.expect,
        witness=None if law is None else _witness(derivation, law, [demand for _, demand in lines], program),
        terms=tuple(TermVerdict(text, "wrong" if bad else "sharp") for text, bad in written.items()),
        missing=tuple(each for each, found in zip(left, loose, strict=True) if found is not None),
    )


def _claimed(derivation: Derivation, claim: ConditionsClaim, budget: Budget) -> Iterator[tuple[Holds, Demand]]:
    """What must not be negative, each with the line that says so."""
    for holds in claim.holds:
        for indices in derivation.model.environments(holds.indices):
            reading = ClaimReading(derivation.problem, claim, budget, indices)
            left, right = reading.function(holds.body.left), reading.function(holds.body.right)
            if holds.body.relation != ">=":
                yield holds, Demand(right + -left)
            if holds.body.relation != "<=":
                yield holds, Demand(left + -right)


# ---------------------------------------------------------------- what the model allows
def _spaces(derivation: Derivation) -> tuple[LawSpace, ...]:
    found = (law_space(bounds) or group_space(bounds) for bounds in derivation.piecewise[:1])
    return tuple(space for space in found if space is not None)


def _demands(
    derivation: Derivation, listed: Iterator[Demand], program: WeightedProgram, spaces: Sequence[LawSpace]
) -> Demands:
    more = itertools.chain.from_iterable(sampled_laws(space, SAMPLES) for space in spaces)
    return Demands(derivation.problem, derivation.model.parameters, tuple(listed), program.shares, tuple(more))


def _refuting(allowed: Demands, demand: Demand, program: WeightedProgram) -> Law | None:
    """Data of a population of the model that break a claimed implication, where some are found."""
    return next((law for law in allowed.breaking(demand) if is_possible(program, law)), None)


def _is_proved(space: LawSpace, demand: Demand) -> bool:
    return LawOrder(space).nowhere_below(space.read(demand.function), RationalFunction(ZERO)).proved


# ---------------------------------------------------------------- witnesses
def _witness(derivation: Derivation, law: Law, claimed: Sequence[Demand], program: WeightedProgram) -> Witness:
    """Data, and a population of the model that has them where there is one."""
    names = [parameter.name for parameter in derivation.model.parameters]
    shares = extreme_population(program, law, "lower") if is_possible(program, law) else None
    columns = program.columns
    strata = None if shares is None else tuple((c.stratum, w) for c, w in zip(columns, shares, strict=True) if w)
    conditions = derivation.known_conditions or ()
    return Witness(
        cells=tuple((name, value) for name, value in law.items() if name not in names and value),
        parameters=tuple((name, law[name]) for name in names),
        strata=strata,
        estimand=None,
        claimed=min(demand.value(law) for demand in claimed),
        sharp=min((each.value(law) for each in conditions), default=Fraction(0)),
    )
