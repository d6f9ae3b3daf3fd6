"""The picture of an evaluation: an interval chart, or bounds against the parameter whose grid was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from boundgen.bounds.closed_form import Rational
from boundgen.bounds.symbols import pretty
from boundgen.derivation import Derivation
from boundgen.errors import DataError
from boundgen.pictures.intervals import Interval, Number, interval_chart, unit_of
from boundgen.pictures.sensitivity import sensitivity_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Evaluation(Protocol):
    """Bounds on one estimand at given data and parameter values; any value with these fields will do."""

    @property
    def estimand(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Any]: ...
    @property
    def lower(self) -> Number: ...
    @property
    def upper(self) -> Number: ...
    @property
    def violations(self) -> Sequence[object]: ...


def evaluation_chart(
    evaluations: Sequence[Evaluation],
    derivation: Derivation,
    cells: Mapping[str, Rational],
    *,
    total: Number | None = None,
    title: str = "",
) -> Figure:
    """An interval chart where each parameter has one value, else bounds against the parameter that has several.

    Kinks are computed from the terms at these data, not from the grid: of the grid only its ends are used.

    Parameters
    ----------
    evaluations : sequence of Evaluation
    derivation : Derivation
        Where the evaluations come from.
    cells : mapping of canonical cell name to exact number
        The data at which they were made.
    total : number, optional
        The total effect, for the interval chart.
    title : str

    Raises
    ------
    DataError
        Nothing to draw, or more than one parameter with several values.
    LibraryError
        If matplotlib is not installed.
    """
    varying = [name for name in _names(evaluations) if len(_values(evaluations, name)) > 1]
    if not varying:
        intervals = [_interval(each) for each in evaluations]
        return interval_chart(intervals, unit=unit_of(derivation.blocks), total=total, title=title)
    if len(varying) > 1:
        raise DataError(
            f"several parameters have several values: {', '.join(varying)}",
            remedy="A picture has one axis for parameters: give all but one of them a single value.",
        )
    grid = _values(evaluations, varying[0])
    chosen = {each.estimand for each in evaluations}
    fixed = {name: value for name, value in _exact(evaluations[0].parameters).items() if name != varying[0]}
    return sensitivity_picture(
        [bounds for bounds in derivation.bounds if bounds.name in chosen],
        cells,
        varying[0],
        low=min(grid),
        high=max(grid),
        parameters=fixed,
        title=title,
    )


def _names(evaluations: Sequence[Evaluation]) -> list[str]:
    return list(dict.fromkeys(name for each in evaluations for name in each.parameters))


def _values(evaluations: Sequence[Evaluation], name: str) -> set[Fraction]:
    return {_exact(each.parameters)[name] for each in evaluations}


def _exact(parameters: Mapping[str, Any]) -> dict[str, Fraction]:
    """Parameter values as the decimals that were written: a float stands for its shortest decimal."""
    return {name: Fraction(str(value)) for name, value in parameters.items()}


def _interval(each: Evaluation) -> Interval:
    return Interval(pretty(each.estimand), "", each.lower, each.upper, contradicted=bool(each.violations))
