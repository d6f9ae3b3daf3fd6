"""The picture of an evaluation: an interval chart, or bounds against the parameter whose grid was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from boundgen.derivation import Derivation
from boundgen.errors import DataError
from boundgen.evaluation.curves import Sensitivity
from boundgen.evaluation.evaluations import Evaluation
from boundgen.evaluation.piecewise_curves import PiecewiseSensitivity, sampled_sensitivity
from boundgen.exact.rational import Written
from boundgen.pictures.intervals import BarNumber, BoundsBar, interval_chart, unit_of, unit_of_bounds
from boundgen.pictures.sensitivity import curves_of, panels_picture, unchanged
from boundgen.pictures.sensitivity_marks import equation

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def evaluation_chart(
    evaluations: Sequence[Evaluation],
    derivation: Derivation,
    cells: Mapping[str, Written],
    *,
    total: BarNumber | None = None,
    title: str = "",
) -> Figure:
    """An interval chart where each parameter has one value, else bounds against the parameter that has several.

    Kinks are computed from the terms at these data, not from the grid: of the grid only its ends are used. Where an
    estimand has no closed form, its bounds are exact at the values of the grid, and joined by lines.

    Parameters
    ----------
    evaluations : sequence of Evaluation
        Of `boundgen.evaluate`.
    derivation : Derivation
        Where the evaluations come from.
    cells : mapping of canonical cell name to exact number
        The data at which they were made.
    total : number, optional
        The total effect, for the interval chart.
    title : str
        Parameters that have one value are added to it.

    Raises
    ------
    DataError
        Nothing to draw, as where no estimand's condition has a positive probability at the data; more than one
        parameter with several values; against a parameter, bounds without their testable implications.
    LibraryError
        If matplotlib is not installed.
    """
    values = _values(evaluations)
    defined = _defined(evaluations)
    varying = varying_parameter(values)
    units = {each.name: unit_of_bounds(each) for each in derivation.closed_forms}
    own = unit_of(derivation.arms)
    fixed = {name: several[0] for name, several in values.items() if name != varying}
    heading = "\n".join(part for part in (title, ", ".join(equation(*each) for each in fixed.items())) if part)
    if varying is None:
        intervals = [_interval(each, derivation.notation.described(each.estimand)) for each in defined]
        unit = " or ".join(dict.fromkeys(units.get(each.estimand, own) for each in defined))
        return interval_chart(
            intervals, quantity="plug-in bounds", bounds_label="plug-in bounds", unit=unit, total=total, title=heading
        )
    asked = dict.fromkeys(each.estimand for each in defined)
    same = unchanged([each for each in derivation.closed_forms if each.name in asked], varying)
    names = [name for name in asked if name not in same or same.issuperset(asked)]
    found = [_panel(name, evaluations, derivation, cells, (varying, values[varying]), fixed) for name in names]
    words = dict(derivation.notation.words)
    return panels_picture(
        found, [units.get(name, own) for name in names], [words.get(name, "") for name in names], own, heading
    )


def _panel(
    name: str,
    evaluations: Sequence[Evaluation],
    derivation: Derivation,
    cells: Mapping[str, Written],
    varying: tuple[str, Sequence[Fraction]],
    fixed: Mapping[str, Fraction],
) -> Sensitivity | PiecewiseSensitivity:
    """The bounds on one estimand against a parameter; without a closed form they are known on the grid alone."""
    parameter, grid = varying
    for bounds in derivation.closed_forms:
        if bounds.name == name:
            return curves_of(bounds, cells, parameter, min(grid), max(grid), fixed)
    own = [
        (dict(each.parameters)[parameter], (each.lower, each.upper)) for each in evaluations if each.estimand == name
    ]
    return sampled_sensitivity(name, parameter, own)


def varying_parameter(values: Mapping[str, Sequence[Fraction]]) -> str | None:
    """The parameter that has several values; None where each has one.

    Raises
    ------
    DataError
        Where several have.
    """
    varying = [name for name, several in values.items() if len(several) > 1]
    if len(varying) > 1:
        raise DataError(
            f"several parameters have several values: {', '.join(varying)}",
            remedy="A picture has one axis for parameters: give all but one of them a single value.",
        )
    return varying[0] if varying else None


def _values(evaluations: Sequence[Evaluation]) -> dict[str, tuple[Fraction, ...]]:
    """The values of each parameter, each once."""
    found: dict[str, dict[Fraction, None]] = {}
    for each in evaluations:
        for name, value in each.parameters:
            found.setdefault(name, {})[value] = None
    return {name: tuple(several) for name, several in found.items()}


def _defined(evaluations: Sequence[Evaluation]) -> Sequence[Evaluation]:
    """Those with bounds at the data; others are not drawn, and are an error where there is nothing else to draw."""
    found = [each for each in evaluations if each.lower is not None and each.upper is not None]
    if evaluations and not found:
        raise DataError(
            f"{evaluations[0].estimand} cannot be drawn: at these data its condition does not have a positive "
            "probability",
            remedy="Draw the other estimands.",
        )
    return found


def _interval(each: Evaluation, name: str) -> BoundsBar:
    assert each.lower is not None
    assert each.upper is not None
    return BoundsBar(name, "", each.lower, each.upper, contradicted=bool(each.violations))
