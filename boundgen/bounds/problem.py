"""The problem: what is known of a model and its estimands before anything is enumerated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from boundgen.bounds.simplest_form import Simplifier, simplifier_of
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.program.linear_program import LinearProgram
from boundgen.program.weighted_program import WeightedProgram
from boundgen.strata.cells import Arm
from boundgen.strata.forms import LinearForm
from boundgen.work.unanswered import Unanswered

if TYPE_CHECKING:
    from boundgen.bounds.corner_form import Corners
    from boundgen.bounds.outer_factors import OuterFactor
    from boundgen.program.factored_program import FactoredProgram


@dataclass(frozen=True)
class EstimandProgram:
    """An estimand as a problem over strata.

    Parameters
    ----------
    estimand : Estimand
    form : LinearForm
        What each unit contributes to it.
    program : LinearProgram
        Of a conditional estimand that of the numerator.
    denominator : Term or None
        The probability of the estimand's condition as a function of the data; None without a condition, and where the
        data do not identify it or were not asked yet.
    """

    estimand: Estimand
    form: LinearForm
    program: LinearProgram
    denominator: Term | None = None


@dataclass(frozen=True)
class WeightedEstimand:
    """An estimand that is not one linear program with constant coefficients: a ratio, or weights that are functions.

    Parameters
    ----------
    estimand : Estimand
    program : WeightedProgram
        Where several factors are not identified, over the last one, at any law of the others.
    outer : tuple of OuterFactor
        These others, whose probabilities stand in the costs by names of their own.
    factored : FactoredProgram or None
        Of all factors, where there are others.
    corners : Corners or None
        Where units are selected by the levels of something: these, and the program at any data.
    """

    estimand: Estimand
    program: WeightedProgram
    outer: tuple[OuterFactor, ...] = ()
    factored: FactoredProgram | None = None
    corners: Corners | None = None


@dataclass(frozen=True)
class BoundingProblem:
    """A model and the estimands that are asked for, on the way to their bounds.

    Parameters
    ----------
    model : Model
    arms : tuple of Arm
        The observed arms with their cells.
    definitions : tuple of (name, Term)
        The model's definitions as functions of the data.
    posed : tuple of EstimandProgram or WeightedEstimand
        Each estimand as one linear program, or as what else it is.
    unanswered : tuple of Unanswered
        Estimands that have no answer, each with the reason; the others have a program.
    """

    model: Model
    arms: tuple[Arm, ...]
    definitions: tuple[tuple[str, Term], ...]
    posed: tuple[EstimandProgram | WeightedEstimand, ...]
    unanswered: tuple[Unanswered, ...] = ()

    @cached_property
    def reader(self) -> Simplifier:
        """Reads terms where nothing more is known of the data than that arms sum to one."""
        return simplifier_of(self.model, self.arms, self.definitions, ())

    @property
    def programs(self) -> tuple[EstimandProgram, ...]:
        """The estimands that are one linear program."""
        return tuple(each for each in self.posed if isinstance(each, EstimandProgram))

    @property
    def weighted(self) -> tuple[WeightedEstimand, ...]:
        """The estimands that are not: ratios, and programs some of whose coefficients are functions."""
        return tuple(each for each in self.posed if isinstance(each, WeightedEstimand))

    @property
    def names(self) -> tuple[str, ...]:
        """The estimands in the order in which they were asked for."""
        return tuple(each.estimand.name for each in self.posed)
