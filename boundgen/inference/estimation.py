"""Estimates of bounds, as values: one for each estimand and each choice of parameters, and all of a sample's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.symbols import Notation
from boundgen.data.observed import ObservedData
from boundgen.derivation import Derivation
from boundgen.inference.equations_test import EquationTests
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval
from boundgen.inference.feasibility import ConditionsTest
from boundgen.inference.linear_lines import EstimatedDenominator
from boundgen.inference.misspecified import Misfit
from boundgen.inference.names import METHODS
from boundgen.inference.within import AveragedBounds
from boundgen.rendering.named import named_part
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm
from boundgen.work.unanswered import Unanswered

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ModelTest:
    """The test that some population of the model has the cells of the sample, but for sampling error.

    Parameters
    ----------
    statistic : float
        The squared distance in standard errors.
    freedom : int
        Degrees of freedom.
    p_value : float
    """

    statistic: float
    freedom: int
    p_value: float


@dataclass(frozen=True)
class DataProjection:
    """An interval that is the least and the greatest value over all data that the sample does not exclude.

    Parameters
    ----------
    cells : int
        How many have an interval, which are right together.
    closed : bool
        Whether the polynomial programs, of the interval and of the plug-in bounds, were solved to the end; else both
        are longer still.
    gap : float or None
        By how much at most; None where that is not known.
    """

    cells: int
    closed: bool
    gap: float | None


@dataclass(frozen=True)
class Estimate:
    """The bounds of one estimand at a sample, at one choice of parameters.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
    found : EstimatedBounds
        Plug-in and half-median-unbiased bounds, intervals, kept terms.
    conditions : ConditionsTest or None
        Testable implications that fail, with their test; None where they were left out.
    nearest : (lower, upper) or None
        The bounds at the nearest distribution of the model, where that was asked for and the sample breaks conditions.
    within : AveragedBounds or None
        Bounds within strata of covariates, averaged over these; None where the data have no strata.
    range : Range or None
        What the estimand may be in the model, whatever the data are; intervals are cut there.
    cuts : tuple of str
        What was cut away, in words.
    denominator : EstimatedDenominator or None
        What the bounds are divided by, where that is identified.
    misfit : Misfit or None
        What intervals are where assumptions and sample disagree; None where they do not.
    numeric : ModelTest or None
        Where no closed form was used: intervals are those of the conditional chi-squared test on the program over
        strata, and with them comes a test of the model.
    projection : DataProjection or None
        Where independent causes leave no closed form: how its interval was found.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    found: EstimatedBounds
    conditions: ConditionsTest | None
    nearest: Interval | None = None
    within: AveragedBounds | None = None
    range: Range | None = None
    cuts: tuple[str, ...] = ()
    denominator: EstimatedDenominator | None = None
    misfit: Misfit | None = None
    numeric: ModelTest | None = None
    projection: DataProjection | None = None

    @property
    def contradicted(self) -> bool:
        """Whether the bounds are narrow because assumptions and sample disagree."""
        return self.misfit is not None and self.misfit.fails

    @property
    def crossed(self) -> tuple[str, ...]:
        """The intervals, by name, whose lower end is above the upper one: no value is in them."""
        return self.found.crossed


@dataclass(frozen=True, repr=False)
class Estimation(Rendered):
    """Estimates of bounds from one sample.

    Parameters
    ----------
    model : str
    bounds : tuple of Bounds or PiecewiseBounds
        The bounds that were estimated.
    data : ObservedData
    level : float
        Of the intervals.
    seed, draws : int
        Of the simulation of critical values.
    n : int
        Units in all arms.
    estimates : tuple of Estimate
    notes : tuple of str
        What the reader should know of the sample.
    method : str
        A name in `boundgen.inference.methods.METHODS`, which says what it assumes.
    derivation : Derivation or None
        Where the bounds come from, if that was given: pictures show the total effect if it can be computed.
    unanswered : tuple of Unanswered
        Estimands without bounds, or that these data leave undefined, each with the reason.
    equations : EquationTests or None
        Where variables share no causes: the test of the equations that this implies.
    """

    model: str
    bounds: tuple[Bounds | PiecewiseBounds, ...]
    data: ObservedData
    level: float
    seed: int
    draws: int
    n: int
    estimates: tuple[Estimate, ...]
    notes: tuple[str, ...]
    method: str = METHODS[0]
    derivation: Derivation | None = None
    unanswered: tuple[Unanswered, ...] = ()
    equations: EquationTests | None = None

    def __getitem__(self, name: str | int) -> Estimate | tuple[Estimate, ...]:
        """The estimate of one estimand; at several values of parameters all of them."""
        return cast(Estimate, named_part(self, ((each.estimand, each) for each in self.estimates), name))

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The observed arms of the model."""
        return self.bounds[0].arms if self.bounds or not self.derivation else self.derivation.arms

    @property
    def notation(self) -> Notation:
        """How cells are printed."""
        return self.bounds[0].notation if self.bounds or not self.derivation else self.derivation.notation

    def rows(self) -> list[dict[str, Any]]:
        """A tidy table: one row for each estimand and choice of parameters; `pandas.DataFrame` takes it."""
        from boundgen.inference.report import estimation_rows

        return estimation_rows(self)

    def text(self, unicode: bool = True) -> str:
        """The estimates as a table, with what stands behind them."""
        from boundgen.inference.report import estimation_text

        return estimation_text(self, unicode)

    def latex(self) -> str:
        """The estimates as a LaTeX table (booktabs)."""
        from boundgen.inference.report import estimation_latex

        return estimation_latex(self)

    def json(self) -> dict[str, Any]:
        """The estimates in the schema ``boundgen.estimate/1``."""
        from boundgen.inference.report import estimation_json

        return estimation_json(self)

    def plot(self, *, total: float | None = None, title: str = "") -> Figure:
        """Bounds as thick bars, corrected bounds as lines in them, intervals of the estimand as thin lines.

        Parameters
        ----------
        total : float, optional
            The total effect, a dotted line; by default what `total_effect` finds.
        title : str

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        DataError
            For more bars than fit in a picture.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.estimates import estimation_chart

        return estimation_chart(self, total, title)

    def __repr__(self) -> str:
        return f"<Estimation of {self.model}: {len(self.estimates)} estimates from {self.n} units>"
