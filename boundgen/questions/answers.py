"""What an exact engine can say about a bound: `ask`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.derived import Derivation, EstimandDerivation
from boundgen.bounds.factoring import has_overlapping_causes
from boundgen.bounds.independent_problem import FactoredEstimand, IndependentProblem
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.proved import RAISE
from boundgen.bounds.sides import reason_of
from boundgen.bounds.simplest_form import Simplifier, simplifier_of
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.derivation import derivation_within
from boundgen.errors import BudgetError, LimitError, NoClosedFormError
from boundgen.exact.rational import Written, rational
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.polyhedra.engine import Enumerate
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.questions.assumptions import AssumptionAnswer, assumption_answers
from boundgen.questions.extremes import SideAnswer, both_sides
from boundgen.questions.observable import Observable, observable
from boundgen.questions.piece_signs import PieceSign, piece_sign
from boundgen.questions.point_identification import Identified, identified
from boundgen.questions.ratio_signs import RatioSign, is_linear_question, ratio_sign
from boundgen.rendering.rendered import Rendered
from boundgen.verification.factored_claims import factor_equations, model_laws
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import attempt, parted


@dataclass(frozen=True)
class EstimandAnswers:
    """What is to be said of one estimand's bounds.

    Parameters
    ----------
    bounds : Bounds
    lower, upper : SideAnswer
    identified : Identified
    """

    bounds: Bounds
    lower: SideAnswer
    upper: SideAnswer
    identified: Identified

    @property
    def contains_value(self) -> bool:
        """Whether the bounds contain the value at every observable distribution."""
        return self.lower.always and self.upper.always


@dataclass(frozen=True, repr=False)
class Answers(Rendered):
    """What is to be said of a model's bounds and assumptions; every answer has its proof or witness.

    Parameters
    ----------
    derivation : Derivation
    value : Fraction
        The value that bounds may contain and relative to which a sign is meant.
    estimands : tuple of EstimandAnswers
        Whose bounds are linear terms.
    ratios : tuple of RatioSign
        Of ratios, on which side of the value they can be.
    pieces : tuple of PieceSign
        The same of what has weights, or divisors of either sign.
    assumptions : tuple of AssumptionAnswer
    simplifier : Simplifier
    """

    derivation: Derivation
    value: Fraction
    estimands: tuple[EstimandAnswers, ...]
    ratios: tuple[RatioSign, ...]
    pieces: tuple[PieceSign, ...]
    assumptions: tuple[AssumptionAnswer, ...]
    simplifier: Simplifier

    def text(self, unicode: bool = True) -> str:
        """The answers as text."""
        from boundgen.questions.report import answers_text

        return answers_text(self, unicode)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each question about an estimand or an assumption, with its answer."""
        from boundgen.questions.rows import answers_rows

        return answers_rows(self)

    def json(self) -> dict[str, Any]:
        """The answers in the schema ``boundgen.answers/1``."""
        from boundgen.questions.to_json import answers_json

        return answers_json(self)

    def __repr__(self) -> str:
        return f"<Answers about {self.derivation.model.name}: {', '.join(e.bounds.name for e in self._all)}>"

    @property
    def _all(self) -> tuple[EstimandAnswers | RatioSign | PieceSign, ...]:
        return (*self.estimands, *self.ratios, *self.pieces)


@public
def ask(
    model: Model | str | os.PathLike[str],
    estimands: str | Sequence[str] = (),
    *,
    value: Written = 0,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> Answers:
    """Does a bound always contain a value, can data establish a sign, where is it a point, what do assumptions do?

    Parameters
    ----------
    model : Model
    estimands : str or sequence of str
        Names of estimands; all of them where none is named.
    value : Fraction, int or str
        The value in question, such as 0 or "1/2".
    engine, limits, report
        As in `derive`.

    Returns
    -------
    Answers

    Raises
    ------
    DataError
        Where the value is not a rational number.
    ModelError, LimitError, EngineError
        As in `derive`.

    Examples
    --------
    >>> from boundgen import catalogue
    >>> delta1 = ask(catalogue.load("mediation_mmr"), ["delta1"]).estimands[0]
    >>> delta1.contains_value
    True
    >>> [(str(delta1.bounds.notation.definitions[0][0]), face.value) for face in delta1.identified.faces]
    [('ATM', Fraction(0, 1))]
    """
    model = given_model(model)
    number = rational(value, "the value", remedy="Give a number such as 0, -1/2 or 0.1.")
    budget = Budget(limits, report)
    enumerate_dual = engine_named(engine)
    found = derivation_within(model, estimands, enumerate_dual, True, budget)
    try:
        return _answers(found, number, enumerate_dual, budget)
    except BudgetError as error:
        what = f"{reason_of(error)}: the bounds are complete, the questions were not all answered"
        raise LimitError(what, remedy=RAISE).beside(found.text()) from None


def _answers(derivation: Derivation, value: Fraction, enumerate_dual: Enumerate, budget: Budget) -> Answers:
    independent = derivation.independent
    # Where variables share no causes everything is in cells of factors, as if each were seen in an experiment.
    model, conditions = derivation.problem.model, (*_equations(independent), *(derivation.conditions or ()))
    seen = observable(derivation.arms, model.parameters, conditions)
    equalities = [c for c in conditions if -c in conditions]
    simplifier = simplifier_of(model, derivation.arms, derivation.problem.definitions, equalities)
    estimands = tuple(
        _estimand(derivation, stage, _with_own_arms(bounds, stage, independent), seen, simplifier, value, budget)
        for stage, bounds in zip(derivation.stages, derivation.bounds, strict=True)
    )

    def sign_of(bounds: PiecewiseBounds) -> RatioSign | PieceSign:
        if independent is None and is_linear_question(derivation, bounds):
            return ratio_sign(derivation, bounds, seen, value, enumerate_dual, budget)
        if independent is not None and has_overlapping_causes(independent.model):
            raise NoClosedFormError(
                f"{bounds.name} is identified, but which data its model allows is not known: a variable has several "
                "causes",
                remedy="boundgen evaluate gives its value at data.",
            )
        if independent is not None and independent.factored is None:
            raise NoClosedFormError(
                f"what data say of the sign of {bounds.name} is not told where not all variables are observed together",
                remedy="boundgen evaluate gives its bounds at data.",
            )
        laws = None if independent is None else model_laws(independent, bounds.name)
        return piece_sign(bounds, value, budget, laws)

    signs, without = parted(attempt(bounds.name, partial(sign_of, bounds)) for bounds in derivation.piecewise)
    if without and not estimands and not signs:
        raise without[0].error
    assumptions = assumption_answers(derivation, enumerate_dual, budget) if independent is None else ()
    answered = replace(derivation, unanswered=(*derivation.unanswered, *without))
    ratios = tuple(each for each in signs if isinstance(each, RatioSign))
    pieces = tuple(each for each in signs if isinstance(each, PieceSign))
    return Answers(answered, value, estimands, ratios, pieces, assumptions, simplifier)


def _with_own_arms(bounds: Bounds, stage: EstimandDerivation, independent: IndependentProblem | None) -> Bounds:
    """Where variables share no causes, a population of one group shows the cells of its factor alone."""
    if independent is None:
        return bounds
    own = {row.name for row in stage.program.rows}
    return replace(bounds, arms=tuple(arm for arm in bounds.arms if own & {cell.name for cell in arm.cells}))


def _equations(independent: IndependentProblem | None) -> tuple[Term, ...]:
    """What is zero among cells of factors, whatever the data."""
    asked = () if independent is None else independent.posed
    first = next((each for each in asked if isinstance(each, FactoredEstimand)), None)
    found = () if first is None else factor_equations(first.program.factors)
    return tuple(sign for term in found for sign in (term, -term))


def _estimand(
    derivation: Derivation,
    stage: EstimandDerivation,
    bounds: Bounds,
    seen: Observable,
    simplifier: Simplifier,
    value: Fraction,
    budget: Budget,
) -> EstimandAnswers:
    lower, upper = both_sides(derivation, stage, bounds, seen, value, budget)
    return EstimandAnswers(bounds, lower, upper, identified(bounds, seen, simplifier, budget))
