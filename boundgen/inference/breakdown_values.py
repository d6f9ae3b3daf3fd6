"""Breakdown values, as values: one for each estimand and each choice of the other parameters, and all of a sample's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.data.observed import ObservedData
from boundgen.evaluation.breakdown_points import BreakdownRange, Conclusion
from boundgen.rendering.rendered import Rendered
from boundgen.work.unanswered import Unanswered


@dataclass(frozen=True)
class Breakdown:
    """Where one conclusion is lost.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
        The other parameters.
    conclusion : {"above", "below"} or None
        Of the estimand, against the threshold; None where the sample supports neither at the start of the range.
    start : Fraction
        The smallest value of the range at which no testable implication fails in the sample.
    plug_in : Fraction or None
        The smallest value from there on at which the bound at the sample's shares does not support the conclusion,
        exact where it is rational. Here and below None says: there is none in the range.
    half_median_unbiased : float or None
        Above the breakdown value at most half of the time.
    lower_limit : float or None
        Below the breakdown value with the probability of the level.
    interval : (lower, upper)
        Of the breakdown value.
    regained : Fraction or None
        Where the plug-in bound supports the conclusion again.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    conclusion: Conclusion | None
    start: Fraction
    plug_in: Fraction | None
    half_median_unbiased: float | None
    lower_limit: float | None
    interval: tuple[float | None, float | None]
    regained: Fraction | None = None

    @property
    def lost_at_start(self) -> bool:
        """Whether the sample does not support the conclusion even at the start of the range."""
        return self.plug_in == self.start


@dataclass(frozen=True, repr=False)
class Breakdowns(Rendered):
    """Breakdown values of one sample.

    Parameters
    ----------
    model : str
    bounds : tuple of Bounds or PiecewiseBounds
    data : ObservedData
    within : BreakdownRange
        The parameter, and from where to where it was looked at.
    threshold : Fraction
    asked : {"above", "below"} or None
        The conclusion that was asked about; None where the sample chose.
    level : float
    seed, draws, n : int
    breakdowns : tuple of Breakdown
    notes : tuple of str
    unanswered : tuple of Unanswered
    """

    model: str
    bounds: tuple[Bounds | PiecewiseBounds, ...]
    data: ObservedData
    within: BreakdownRange
    threshold: Fraction
    asked: Conclusion | None
    level: float
    seed: int
    draws: int
    n: int
    breakdowns: tuple[Breakdown, ...]
    notes: tuple[str, ...]
    unanswered: tuple[Unanswered, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """A tidy table: one row for each estimand and choice of the other parameters."""
        from boundgen.inference.breakdown_report import breakdown_rows

        return breakdown_rows(self)

    def text(self, unicode: bool = True) -> str:
        """The breakdown values as a table, with what stands behind them."""
        from boundgen.inference.breakdown_report import breakdown_text

        return breakdown_text(self, unicode)

    def latex(self) -> str:
        """The breakdown values as a LaTeX table (booktabs)."""
        from boundgen.inference.breakdown_report import breakdown_latex

        return breakdown_latex(self)

    def json(self) -> dict[str, Any]:
        """Everything in the schema ``boundgen.breakdown/1``."""
        from boundgen.inference.breakdown_report import breakdown_json

        return breakdown_json(self)

    def __repr__(self) -> str:
        return f"<Breakdowns of {self.model}: {len(self.breakdowns)} breakdown values from {self.n} units>"
