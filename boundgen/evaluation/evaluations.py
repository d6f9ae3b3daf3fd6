"""Bounds at data, as values: one for each estimand and each choice of parameters, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from boundgen.bounds.closed_form import Bounds, checked_values
from boundgen.bounds.independences import Independence
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.symbols import Notation
from boundgen.data.observed import ObservedData
from boundgen.derivation import Derivation
from boundgen.errors import DataError
from boundgen.exact.rational import Written
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.weighted_optimum import End
from boundgen.program.weighted_program import WeightedProgram
from boundgen.rendering.named import named_part
from boundgen.rendering.rendered import Rendered
from boundgen.work.unanswered import Unanswered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundgen.evaluation.exact_bounds import ExactBounds
    from boundgen.evaluation.numeric_program import Numeric


EvaluationMethod = Literal["closed form", "linear program", "polynomial program"]


@dataclass(frozen=True)
class Violation:
    """A testable implication that fails.

    Parameters
    ----------
    condition : Term or ProductCondition
        To be non-negative.
    amount : Fraction
        How far it is below zero, as a positive number.
    """

    condition: AnyCondition
    amount: Fraction


@dataclass(frozen=True)
class Evaluation:
    """The bounds of one estimand at data, at one choice of parameters.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
    lower, upper : Fraction, infinity or None
        None where the estimand is not defined at the data: its condition, or its divisor, is zero, or no population
        of the model gives these data; infinite where it is not bounded there. Where a testable implication fails the
        lower may be above the upper.
    active_lower, active_upper : tuple of int
        The numbers of the terms, or of the pieces, that give the bounds, from 0 in the order of the bounds; none where
        a program gave them, or an end that no piece has.
    violations : tuple of Violation, or None
        None where the bounds were derived without testable implications.
    method : {"closed form", "linear program", "polynomial program"}
        Whether the closed form was evaluated, or the program of these data solved, in rational numbers; a polynomial
        program is solved numerically, and the ends are outside of the sharp ones.
    gap : Fraction or None
        Of a polynomial program: how far inside of its ends the sharp bounds may lie; None where that is not known.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    lower: End
    upper: End
    active_lower: tuple[int, ...]
    active_upper: tuple[int, ...]
    violations: tuple[Violation, ...] | None
    method: EvaluationMethod = "closed form"
    gap: Fraction | None = None

    @property
    def crossed(self) -> bool:
        """Whether the lower bound is above the upper: no distribution of strata agrees with data and assumptions."""
        return self.lower is not None and self.upper is not None and self.lower > self.upper


@dataclass(frozen=True, repr=False)
class Evaluations(Rendered, Sequence[Evaluation]):
    """Bounds at data: a sequence of `Evaluation`, estimand by estimand, that can be printed.

    Where time or memory ended the derivation, the bounds are valid and not proved sharp; `exact` and `numeric` then
    give the sharp ones at these data.

    Parameters
    ----------
    evaluations : tuple of Evaluation
    bounds : tuple of Bounds or PiecewiseBounds
        What was evaluated; estimands without a closed form have none.
    cells : mapping of cell to probability
        At which it was.
    data : ObservedData or None
        Where the cells come from, if they were read.
    derivation : Derivation or None
        Where the bounds come from, if that was given.
    """

    evaluations: tuple[Evaluation, ...]
    bounds: tuple[Bounds | PiecewiseBounds, ...] = field(compare=False)
    cells: Mapping[str, Written] = field(compare=False)
    data: ObservedData | None = field(default=None, compare=False)
    derivation: Derivation | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.evaluations)

    @overload
    def __getitem__(self, index: int) -> Evaluation: ...
    @overload
    def __getitem__(self, index: slice) -> Evaluations: ...
    @overload
    def __getitem__(self, index: str) -> Evaluation | tuple[Evaluation, ...]: ...
    def __getitem__(self, index: int | slice | str) -> Evaluation | Evaluations | tuple[Evaluation, ...]:
        if isinstance(index, slice):
            return replace(self, evaluations=self.evaluations[index])
        if isinstance(index, str):
            return cast(Evaluation, named_part(self, ((each.estimand, each) for each in self.evaluations), index))
        return self.evaluations[index]

    def __repr__(self) -> str:
        names = dict.fromkeys(each.estimand for each in self.evaluations)
        return f"<Evaluations of {', '.join(names)}: {len(self)}>"

    # ------------------------------------------------------------ what is told beside the numbers
    @property
    def notation(self) -> Notation:
        """How cells are printed."""
        return self.derivation.notation if self.derivation else self.bounds[0].notation

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the model."""
        return self.derivation.model.parameters if self.derivation else self.bounds[0].parameters

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """Estimands without bounds."""
        known = {each.estimand for each in self.evaluations}
        return tuple(each for each in self.derivation.unanswered if each.name not in known) if self.derivation else ()

    def of(self, evaluation: Evaluation) -> Bounds | PiecewiseBounds | None:
        """The bounds that an evaluation is one of; None where there is no closed form."""
        return next((bounds for bounds in self.bounds if bounds.name == evaluation.estimand), None)

    def program(self, evaluation: Evaluation) -> WeightedProgram:
        """The program of an estimand without a closed form."""
        assert self.derivation is not None, "estimands without a closed form come from a derivation"
        return next(w.program for w in self.derivation.problem.weighted if w.estimand.name == evaluation.estimand)

    def values(self, evaluation: Evaluation) -> dict[str, Fraction | int]:
        """Cells and parameters of an evaluation, as exact numbers."""
        arms = self.derivation.arms if self.derivation else self.bounds[0].arms
        return checked_values(arms, self.parameters, self.cells, dict(evaluation.parameters))

    def shown(self, condition: Term) -> Term:
        """A testable implication as the derivation prints it, with defined names."""
        if self.derivation is None:
            return condition
        terms, shown = self.derivation.conditions or (), self.derivation.shown_conditions or ()
        return dict(zip(terms, shown, strict=True)).get(condition, condition)

    @property
    def independences(self) -> tuple[tuple[Independence, Fraction], ...]:
        """The conditional independences of the model, and how far the data are from each; zero where it holds."""
        factored = self.derivation.independent.factored if self.derivation and self.derivation.independent else None
        if factored is None or self.derivation is None:
            return ()
        cells = self._exact_cells
        return tuple((each, each.distance(factored.law, cells)) for each in self.derivation.independences)

    # ------------------------------------------------------------ where the closed form was not finished
    @property
    def unproved(self) -> bool:
        """Whether some of the bounds are not proved sharp."""
        return any(bounds.missing for bounds in self.bounds)

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not finished, bounds or testable implications, and whether a library for `numeric` is missing."""
        return self._numeric[1]

    @property
    def numeric(self) -> tuple[Numeric, ...]:
        """Sharp bounds in floating point, by PuLP, of what is not proved sharp; none where PuLP is not installed."""
        return self._numeric[0]

    @cached_property
    def _numeric(self) -> tuple[tuple[Numeric, ...], tuple[str, ...]]:
        from boundgen.evaluation.numeric_program import possible_numeric_bounds

        if self.derivation is None:
            return (), tuple(dict.fromkeys(text for bounds in self.bounds for text in bounds.missing))
        return possible_numeric_bounds(self.derivation, self._exact_cells, self.evaluations)

    @cached_property
    def exact(self) -> tuple[ExactBounds, ...]:
        """Sharp bounds in rational numbers of what is not proved sharp: slower than `numeric`, and without rounding."""
        from boundgen.evaluation.exact_bounds import exact_bounds

        pairs = [(each, self.of(each)) for each in self.evaluations]
        return tuple(
            exact_bounds(bounds, self._exact_cells, each.parameters)
            for each, bounds in pairs
            if isinstance(bounds, Bounds) and bounds.missing
        )

    @property
    def _exact_cells(self) -> dict[str, Fraction]:
        return {name: Fraction(value) for name, value in self.cells.items()}

    # ------------------------------------------------------------ forms
    def text(self, unicode: bool = True) -> str:
        """Data, bounds with the terms that give them, symbols, testable implications that fail."""
        from boundgen.evaluation.report import evaluations_text

        return evaluations_text(self, unicode)

    def latex(self) -> str:
        """The bounds as a LaTeX table, which needs no package."""
        from boundgen.evaluation.report import evaluations_latex

        return evaluations_latex(self)

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.evaluation/1``."""
        from boundgen.evaluation.report import evaluations_json

        return evaluations_json(self)

    def plot(self, *, total: float | None = None, title: str = "") -> Figure:
        """Bounds as bars, or against the one parameter that has several values.

        Parameters
        ----------
        total : float, optional
            The total effect, a dotted line.
        title : str

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        DataError
            For what `boundgen.pictures.evaluations.evaluation_chart` does not draw, and where bounds were evaluated
            by themselves: they draw themselves, `Bounds.plot`.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.evaluations import evaluation_chart

        if self.derivation is None:
            raise DataError(
                "these bounds were evaluated by themselves", remedy="Evaluate a model, or draw each: bounds.plot(data)."
            )
        return evaluation_chart(self, self.derivation, self.cells, total=total, title=title)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each evaluation, with plain names and full digits."""
        from boundgen.evaluation.report import evaluation_rows

        return evaluation_rows(self)
