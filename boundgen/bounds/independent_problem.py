"""The problem of a model some of whose variables share no causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.corner_form import SeenLevel
from boundgen.bounds.factoring import FactoredModel
from boundgen.bounds.polynomial_rows import PolynomialProblem
from boundgen.exact.polynomials import RationalFunction
from boundgen.exact.rational import Number
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.program.factored_program import FactoredProgram
from boundgen.strata.cells import Arm
from boundgen.work.unanswered import Unanswered


@dataclass(frozen=True)
class FactoredEstimand:
    """An estimand as a function of independent laws.

    Parameters
    ----------
    estimand : Estimand
    program : FactoredProgram
    """

    estimand: Estimand
    program: FactoredProgram


@dataclass(frozen=True)
class PolynomialEstimand:
    """An estimand whose bounds at data are a polynomial program.

    Parameters
    ----------
    estimand : Estimand
    problem : PolynomialProblem
    formula : tuple of RationalFunction
        Where the data identify it all the same: the fractions, in cells of factors, whose sum it is.
    elsewhere : tuple of tuple of RationalFunction
        Then of each part of the estimand the fractions that it is; they divide by different probabilities.
    levels : tuple of SeenLevel
        Where units are selected by the levels of something, and the bounds are attained at corners.
    """

    estimand: Estimand
    problem: PolynomialProblem
    formula: tuple[RationalFunction, ...] = ()
    levels: tuple[SeenLevel, ...] = ()
    elsewhere: tuple[tuple[RationalFunction, ...], ...] = ()

    def identified_at(self, known: Mapping[str, Number]) -> Fraction | None:
        """What the data identify, also where the printed formula divides by zero; None where nothing does."""
        found = [
            next((value for own in part if own.names <= known.keys() and (value := own.value(known)) is not None), None)
            for part in self.elsewhere
        ]
        values = [value for value in found if value is not None]
        return sum(values, Fraction(0)) if values and len(values) == len(found) else None

    @property
    def at_data(self) -> str:
        """What its bounds are, in words."""
        if self.levels:
            return "a closed form over corners, one for each level that selects units"
        if self.problem.linear:
            return "a linear program at data, whose coefficients are data"
        return "a polynomial program at data, which is solved numerically"


@dataclass(frozen=True)
class IndependentProblem:
    """A model some of whose variables share no causes.

    Parameters
    ----------
    model : Model
    arms : tuple of Arm
        What is observed.
    factored : FactoredModel or None
        None where not all variables are observed together, and where some variable has several causes and no estimand
        is identified.
    posed : tuple of FactoredEstimand or PolynomialEstimand
        Of the first kind where no variable has several causes and all are observed, else of the second.
    unanswered : tuple of Unanswered
        Estimands that are no ratio of multilinear functions.
    """

    model: Model
    arms: tuple[Arm, ...]
    factored: FactoredModel | None
    posed: tuple[FactoredEstimand | PolynomialEstimand, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
