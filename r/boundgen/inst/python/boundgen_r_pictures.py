"""What the R package draws, as plain values: words, units, exact curves. The drawing is ggplot2's.

Estimands are called by their names: devices of R such as pdf() know no Greek.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any


# ---------------------------------------------------------------- estimates
def estimation_picture(estimation: Any, lost: bool = False) -> dict[str, Any]:
    """What a picture of estimates says beside their numbers.

    Parameters
    ----------
    estimation : Estimation
    lost : bool
        Whether to look for the interval of where the sign is lost, where a parameter has several values.

    Returns
    -------
    dict
    """
    from boundgen.bounds.total_effect import total_effect
    from boundgen.data.report import sources_text
    from boundgen.pictures.estimates import outer_label, outer_name
    from boundgen.pictures.intervals import unit_of

    names = list(dict.fromkeys(each.estimand for each in estimation.estimates))
    derivation = estimation.derivation
    total = None if derivation is None else total_effect(derivation, estimation.data.probabilities)
    titled = derivation is not None and derivation.model.title
    found: dict[str, Any] = {
        "title": derivation.model.title if titled else estimation.model,
        "source": sources_text(estimation.data),
        "labels": {name: _label(estimation.notation, name) for name in names},
        "unit": unit_of(estimation.arms),
        "outer": outer_name(estimation),
        "outer_label": outer_label(estimation),
        "total": None if total is None else float(total.value),
        "total_label": None if total is None else f"total effect of {total.treatment} on {total.outcome}",
        "parameters": [name for name, _ in estimation.estimates[0].parameters],
        "notes": _notes(estimation.notes),
        "p_values": [None if each.conditions is None else each.conditions.p_value for each in estimation.estimates],
    }
    parameter = curve_parameter(estimation)
    panels = [] if parameter is None else list(_panels(estimation, parameter, lost))
    return {**found, "parameter": parameter, "panels": panels}


def law_picture(estimation: Any) -> dict[str, Any]:
    """What a picture of estimates by the whole law of an outcome says beside their numbers.

    Parameters
    ----------
    estimation : LawEstimation

    Returns
    -------
    dict
    """
    from boundgen.data.report import sources_text

    model = estimation.model
    labels = {each.name: f"{each.name}: {each.label}" if each.label else each.name for each in model.estimands}
    return {
        "title": model.title or model.name,
        "source": sources_text(estimation.data),
        "labels": labels,
        "unit": "units of the outcome",
        "outer": "set_interval",
        "outer_label": f"{estimation.level * 100:g}% interval of the bounds",
        "total": None,
        "total_label": None,
        "parameters": [each.name for each in model.parameters],
        "notes": [],
        "p_values": [],
        "parameter": None,
        "panels": [],
    }


def _label(notation: Any, name: str) -> str:
    """The name of an estimand, with its words where it has some."""
    words = dict(notation.words).get(name, "")
    return _plain(f"{name}: {words}" if words else name)


def _notes(notes: Sequence[str]) -> list[str]:
    return [_plain(" ".join(note.split())) for note in notes]


def _plain(text: str) -> str:
    """Signs as the keyboard has them; letters stay, for labels may be in any language."""
    for sign, plain in (("−", "-"), ("≥", ">="), ("≤", "<=")):
        text = text.replace(sign, plain)
    return text


def curve_parameter(estimation: Any) -> str | None:
    """The parameter for the axis, where curves say more than bars: they have kinks, which a closed form tells."""
    from boundgen.pictures.estimate_bands import band_parameter

    parameter: str | None = band_parameter(estimation)
    return None if any(each.numeric for each in estimation.estimates) else parameter


def _panels(estimation: Any, parameter: str, lost: bool) -> Iterator[dict[str, Any]]:
    """Each estimand at each choice of the other parameters, where the parameter changes it."""
    from boundgen.pictures.sensitivity import unchanged

    same = unchanged(estimation.bounds, parameter)
    bounds = {each.name: each for each in estimation.bounds if each.name not in same}
    places: dict[tuple[str, Any], list[Fraction]] = {}
    for each in estimation.estimates:
        if each.estimand in bounds:
            others = tuple(pair for pair in each.parameters if pair[0] != parameter)
            places.setdefault((each.estimand, others), []).append(dict(each.parameters)[parameter])
    for (name, others), values in places.items():
        fixed = dict(others)
        ends = min(values), max(values)
        panel = curves(bounds[name], estimation.data.probabilities, parameter, ends, fixed)
        at = _lost(estimation, bounds[name], parameter, ends, fixed) if lost else None
        yield {**panel, "lost_interval": at}


def curves(bounds: Any, cells: Any, parameter: str, ends: tuple[Any, Any], fixed: Mapping[str, Any]) -> dict[str, Any]:
    """The bounds at given data against a parameter, exact: corners, kinks, where the sign is lost.

    Parameters
    ----------
    bounds : Bounds or PiecewiseBounds
    cells : mapping of canonical cell name to exact number
    parameter : str
    ends : (low, high)
        None where the declared end is meant.
    fixed : mapping of name to number
        The other parameters.

    Returns
    -------
    dict
    """
    from boundgen.pictures.intervals import unit_of_bounds
    from boundgen.pictures.sensitivity import curves_of

    found = curves_of(bounds, cells, parameter, *ends, fixed)
    return {
        "estimand": bounds.name,
        "fixed": {name: float(value) for name, value in fixed.items()},
        "unit": unit_of_bounds(bounds),
        "low": float(found.low),
        "high": float(found.high),
        "allowed": None if found.allowed is None else list(map(float, found.allowed)),
        "lower": _curve(found.lower),
        "upper": _curve(found.upper),
    }


def curves_picture(
    derivation: Any, data: Any, parameter: str, ends: tuple[Any, Any], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """What a picture of exact bounds against a parameter says, where the data have no units.

    Parameters
    ----------
    derivation : Derivation
    data : ObservedData
    parameter : str
    ends : (low, high)
    fixed : mapping of name to number

    Returns
    -------
    dict
    """
    from boundgen.data.options import choices, several_values
    from boundgen.data.report import sources_text
    from boundgen.exact.rational import measured
    from boundgen.pictures.sensitivity import unchanged

    same = unchanged(derivation.closed_forms, parameter)
    bounds = [each for each in derivation.closed_forms if each.name not in same]
    values = {name: [measured(each, name) for each in several_values(name, value)] for name, value in fixed.items()}
    return {
        "title": derivation.model.title or derivation.model.name,
        "source": sources_text(data),
        "labels": {each.name: _label(each.notation, each.name) for each in bounds},
        "parameters": [each.name for each in derivation.model.parameters],
        "notes": [],
        "parameter": parameter,
        "panels": [
            curves(each, data.probabilities, parameter, ends, choice) for each in bounds for choice in choices(values)
        ],
    }


def _curve(curve: Any) -> dict[str, Any]:
    """One side; a bound with pieces is several lines, with gaps where it has no end or is not defined."""
    stretches = getattr(curve, "stretches", None)
    lines = [curve.points] if stretches is None else [each.points for each in stretches if len(each.points) > 1]
    endless = [each for each in stretches or () if each.kind == "infinite"]
    return {
        "lines": [[_pair(point) for point in line] for line in lines],
        "kinks": [_pair(point) for point in curve.kinks],
        "sign_lost": list(map(float, curve.sign_lost)),
        "endless": [[float(each.low), float(each.high), each.sign] for each in endless],
    }


def _pair(point: tuple[Fraction, Fraction]) -> list[float]:
    return [float(point[0]), float(point[1])]


def _lost(
    estimation: Any, bounds: Any, parameter: str, ends: tuple[Fraction, Fraction], fixed: Mapping[str, Fraction]
) -> list[float | None] | None:
    """The interval of where the sign is lost; its limits are those of the default method alone."""
    from boundgen import breakdown
    from boundgen.errors import BoundgenError
    from boundgen.inference.methods import DEFAULT

    if estimation.method != DEFAULT or estimation.data.strata is not None:
        return None
    try:
        found = breakdown(
            bounds,
            estimation.data,
            parameter,
            dict(fixed),
            low=ends[0],
            high=ends[1],
            level=estimation.level,
            seed=estimation.seed,
            draws=estimation.draws,
        )
    except BoundgenError:
        return None
    (one,) = found.breakdowns
    return None if one.conclusion is None else list(one.interval)


# ---------------------------------------------------------------- side by side
def side_by_side_picture(study: Any) -> dict[str, Any]:
    """What the founding paper's figure says beside its numbers.

    Parameters
    ----------
    study : SideBySide

    Returns
    -------
    dict
    """
    from boundgen.data.report import sources_text
    from boundgen.pictures.estimates import outer_label, outer_name
    from boundgen.pictures.intervals import unit_of

    first = study.estimations[0]
    same = len({each.n for each in study.chosen}) == 1
    effects = [chosen.effect(study.mediator) for chosen in study.chosen]
    totals = [chosen.effect(study.outcome) for chosen in study.chosen]
    counted = study.mediator is not None and set(study.models[0].by_name[study.mediator].domain) != {0, 1}
    return {
        "source": "; ".join(dict.fromkeys(sources_text(each.data) for each in study.estimations)),
        "mediator": study.mediator,
        "models": [model.name for model in study.models],
        "sets": list(study.sets),
        "rows": [each.label if same else f"{each.label} (n = {each.n})" for each in study.chosen],
        "lengths": [sum(len(each.rows()) for each in chosen.estimations) for chosen in study.chosen],
        "labels": {name: _described(study, name) for name in study.estimands},
        "unit": unit_of(first.arms),
        "mediator_unit": "units of the mediator" if counted else "probability",
        "outer": outer_name(first),
        "outer_label": outer_label(first),
        "effect_title": next((f"effect of {each.treatment} on {each.variable}" for each in effects if each), None),
        "total_title": next((f"total effect of {each.treatment} on {each.variable}" for each in totals if each), None),
        "effects": [_effect(each) for each in effects],
        "totals": [_effect(each) for each in totals],
        "notes": _notes(study.notes),
    }


def _described(study: Any, name: str) -> str:
    has = (each for each in study.estimations if any(e.estimand == name for e in each.estimates))
    return _label(next(has).notation, name)


def _effect(effect: Any) -> list[float | None]:
    """The value and the ends of its interval."""
    if effect is None:
        return [None, None, None]
    return [effect.value, *(effect.interval or (None, None))]
