"""Estimates as text, table rows, LaTeX and JSON (schema ``boundgen.estimate/1``)."""

from __future__ import annotations

import csv
import io
from textwrap import fill
from typing import Any

from boundgen.bounds.json_form import term_json
from boundgen.bounds.symbols import Notation, latex_name, pretty
from boundgen.bounds.text import WIDTH, conditions_text
from boundgen.data.observed import CovariateStrata
from boundgen.data.report import data_text
from boundgen.inference.estimate import Estimate, Estimation
from boundgen.inference.estimated_bounds import INTERVALS, EstimatedBounds, Interval, is_crossed
from boundgen.inference.feasibility import Violation
from boundgen.inference.methods import METHODS
from boundgen.inference.within import AveragedBounds, share
from boundgen.rendering import latex, spreadsheet
from boundgen.work.unanswered import unanswered_json

SCHEMA = "boundgen.estimate/1"
DIGITS = 4
MOST_VIOLATIONS = 10


def estimation_json(found: Estimation) -> dict[str, Any]:
    """All estimates; numbers are floats, a rejected interval is null."""
    return {
        "schema": SCHEMA,
        "model": found.model,
        "n": found.n,
        "arms": {arm.name: arm.units for arm in found.data.arms},
        "level": found.level,
        "seed": found.seed,
        "draws": found.draws,
        "method": found.method,
        "assumes": METHODS[found.method].assumes,
        "clusters": [joint.clusters.count if joint.clusters else None for joint in found.data.joints],
        "strata": None if found.data.strata is None else _strata_json(found.data.strata),
        "estimates": [_estimate_json(found, each) for each in found.estimates],
        "notes": list(found.notes),
        **unanswered_json(found.unanswered),
    }


def _strata_json(strata: CovariateStrata) -> list[dict[str, Any]]:
    return [
        {
            "values": dict(zip(strata.covariates, values, strict=True)),
            "units": units,
            "share": float(share(strata, i)),
        }
        for i, (values, units) in enumerate(zip(strata.values, strata.units, strict=True))
    ]


def _within_json(each: AveragedBounds, order: Any) -> dict[str, Any]:
    """Combinations can be thousands, so that they are counted and not listed."""
    low, high = each.found.kept
    return {
        **_intervals_json(each.found),
        "combinations": dict(zip(("lower", "upper"), each.combinations, strict=True)),
        "kept": {"lower": len(low), "upper": len(high)},
        "draws": each.draws,
        "violations": [
            {"stratum": one.stratum, **_violation_json(one.violation, order)} for one in each.violations or ()
        ],
        "conditions_p_value": each.p_value,
    }


def _intervals_json(found: EstimatedBounds) -> dict[str, Any]:
    intervals = {name: found.interval(name) for name in INTERVALS}
    ends = {name: None if interval is None else list(interval) for name, interval in intervals.items()}
    return {**ends, "crossed": list(found.crossed)}


def _violation_json(violation: Violation, order: Any) -> dict[str, Any]:
    return {
        "condition": term_json(violation.condition, order),
        "amount": violation.amount,
        "standard_error": violation.standard_error,
        "p_value": violation.p_value,
    }


def _estimate_json(found: Estimation, each: Estimate) -> dict[str, Any]:
    order = found.bounds[0].notation.order
    conditions = each.conditions
    return {
        "estimand": each.estimand,
        "parameters": {name: float(value) for name, value in each.parameters},
        **_intervals_json(each.found),
        "range": None if each.range is None else [float(each.range.low), float(each.range.high)],
        "kept": {"lower": list(each.found.kept[0]), "upper": list(each.found.kept[1])},
        "critical_values": {
            name: {"value": critical.value, "monte_carlo_error": critical.error}
            for name, critical in each.found.critical_values
        },
        "violations": [_violation_json(one, order) for one in (conditions.violations if conditions else ())],
        "conditions_p_value": conditions.p_value if conditions else None,
        "nearest": None if each.nearest is None else list(each.nearest),
        "within": None if each.within is None else _within_json(each.within, order),
    }


def estimation_rows(found: Estimation) -> list[dict[str, Any]]:
    """One flat row for each estimate, and with covariates one more for the averaged bounds."""
    rows = []
    for each in found.estimates:
        violations = None if each.conditions is None else len(each.conditions.violations)
        row = _row(found, each, each.found, violations)
        if each.within is None:
            rows.append(row)
            continue
        inside = None if each.within.violations is None else len(each.within.violations)
        rows.append({**row, "within": ""})
        rows.append({**_row(found, each, each.within.found, inside), "within": _covariates(found)})
    return rows


def _row(found: Estimation, each: Estimate, bounds: EstimatedBounds, violations: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"estimand": each.estimand}
    row |= {name: float(value) for name, value in each.parameters}
    for name in INTERVALS:
        low, high = bounds.interval(name) or (None, None)
        row |= {f"{name}_lower": low, f"{name}_upper": high}
    return row | {
        "n": found.n,
        "level": found.level,
        "method": found.method,
        "crossed": " ".join(bounds.crossed),
        "violations": violations,
    }


def _covariates(found: Estimation) -> str:
    return ", ".join(found.data.strata.covariates) if found.data.strata else ""


def estimation_csv(found: Estimation) -> str:
    """The rows as CSV."""
    rows = estimation_rows(found)
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(spreadsheet.cells, rows))
    return file.getvalue()


# ---------------------------------------------------------------- text
def estimation_text(found: Estimation, unicode: bool) -> str:
    """Data, table, what the columns are, what fails."""
    percent = f"{100 * found.level:g}%"
    notation = found.bounds[0].notation
    parameters = [pretty(name, unicode) for name, _ in found.estimates[0].parameters]
    header = ["", *parameters, *(head for _, head in _heads(found)), f"terms {METHODS[found.method].terms}"]
    rows = [header, *(row for each in found.estimates for row in _text_rows(found, each, unicode))]
    parts = [
        found.model,
        _indented(data_text(found.data)),
        _indented(_table(rows)),
        *([_indented("\n".join(each.said(unicode) for each in found.unanswered))] if found.unanswered else []),
        _indented(_explanation(found, percent)),
        *([_indented(_strata_text(found, found.data.strata))] if found.data.strata else []),
        *(_indented(f"Note: {note}.") for note in found.notes),
        *(_indented(text) for text in _violations(found, notation, unicode)),
    ]
    return "\n\n".join(parts) + "\n"


def _heads(found: Estimation, percent: str = "%") -> list[tuple[str, str]]:
    """The columns of the table: what the method gives, of which the adaptive interval is for JSON and CSV."""
    heads = {
        "plug_in": "plug-in",
        "half_median_unbiased": "half-median-unbiased",
        "set_interval": f"{100 * found.level:g}{percent} set",
        "parameter_interval": f"{100 * found.level:g}{percent} parameter",
    }
    return [(name, head) for name, head in heads.items() if name in METHODS[found.method].gives]


def _text_rows(found: Estimation, each: Estimate, unicode: bool) -> list[list[str]]:
    row = _text_row(found, pretty(each.estimand, unicode), each, each.found, unicode)
    if each.within is None:
        return [row]
    return [row, _text_row(found, f"  within {_covariates(found)}", each, each.within.found, unicode)]


def _text_row(found: Estimation, name: str, each: Estimate, bounds: EstimatedBounds, unicode: bool) -> list[str]:
    cells = [name, *(f"{float(value):g}" for _, value in each.parameters)]
    cells += [_interval(bounds.interval(head), unicode) for head, _ in _heads(found)]
    low, high = bounds.kept
    return [*cells, f"{len(low)} + {len(high)}"]


def _strata_text(found: Estimation, strata: CovariateStrata) -> str:
    """What the averaged rows are."""
    averaged = [each.within for each in found.estimates if each.within]
    most = max(max(each.combinations) for each in averaged)
    fewest = min(each.draws for each in averaged)
    error = max(value.error for each in averaged for _, value in each.found.critical_values)
    few = f" ({fewest} draws at least)" if fewest < found.draws else ""
    lines = [
        f"Rows within {_covariates(found)}: bounds within {len(strata.values)} strata, averaged over these. Terms are",
        f"combinations of one term for each stratum, {most} at most; Monte-Carlo error at most {error:.1g}{few}.",
        *(f"  {name}: {units} units" for name, units in zip(strata.names, strata.units, strict=True)),
    ]
    return "\n".join(lines)


def _interval(interval: Interval | None, unicode: bool) -> str:
    if interval is None:
        return "empty"
    low, high = (_decimal(end) for end in interval)
    text = f"[{low}, {high}]" if not is_crossed(interval) else f"crossed: {low} > {high}"
    return text.replace("-", "−") if unicode else text


def _decimal(value: float) -> str:
    """Rounded; zero has no sign."""
    text = f"{value:.{DIGITS}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _explanation(found: Estimation, percent: str) -> str:
    method = METHODS[found.method]
    sentences = [
        f"Method: {found.method} ({method.source}). {method.assumes}",
        "Plug-in bounds are too narrow on average.",
    ]
    if "half_median_unbiased" in method.gives:
        sentences.append("Half-median-unbiased bounds err on either side at most half of the time.")
    if "parameter_interval" in method.gives:
        sentences.append(
            "The set interval covers all of the bounds, the parameter interval the estimand itself, "
            f"each with probability {percent} at least where the method is right."
        )
    return fill(" ".join(sentences), WIDTH) + "\n" + _simulation(found)


def _simulation(found: Estimation) -> str:
    error = max((value.error for each in found.estimates for _, value in each.found.critical_values), default=0.0)
    if not error:
        return "Critical values: exact probabilities."
    drawn = "resamples" if METHODS[found.method].resamples else "draws"
    return f"Critical values: {found.draws} {drawn}, seed {found.seed}, Monte-Carlo error at most {error:.1g}."


def _violations(found: Estimation, notation: Notation, unicode: bool) -> list[str]:
    """What fails, once for each choice of parameters; then the projections; then what is no interval."""
    failing = [each for each in found.estimates if each.conditions is not None and each.conditions.violations]
    paragraphs = [_violation_text(each, notation, unicode) for each in failing]
    paragraphs += [
        _within_violations(each, each.within, notation, unicode)
        for each in found.estimates
        if each.within and each.within.violations
    ]
    paragraphs = list(dict.fromkeys(paragraphs))
    if not paragraphs:
        left_out = all(each.conditions is None for each in found.estimates)
        paragraphs = ["Testable implications were left out." if left_out else "No testable implication fails."]
    near = [
        f"  {_where(each, unicode)}: {_interval(each.nearest, unicode)}" for each in failing if each.nearest is not None
    ]
    if near:
        paragraphs.append("\n".join(["Bounds at the nearest distribution of the model:", *near]))
    return [*paragraphs, *_no_intervals(found, unicode)]


def _violation_text(each: Estimate, notation: Notation, unicode: bool) -> str:
    assert each.conditions
    at = _at(each, unicode)
    lines = [f"Testable implications that fail{f' at {at}' if at else ''} (p = {each.conditions.p_value:.3f} jointly):"]
    for violation in each.conditions.violations:
        (condition,) = conditions_text((violation.condition,), notation, unicode)
        lines.append(
            f"  {condition} fails by {violation.amount:.{DIGITS}f} "
            f"(standard error {violation.standard_error:.{DIGITS}f}, p = {violation.p_value:.3f})"
        )
    return "\n".join(lines)


def _within_violations(each: Estimate, within: AveragedBounds, notation: Notation, unicode: bool) -> str:
    at = _at(each, unicode)
    where = f" at {at}" if at else ""
    lines = [f"Testable implications that fail within strata{where} (p = {within.p_value:.3f} jointly):"]
    violations = sorted(within.violations or (), key=lambda one: -one.violation.amount)
    for one in violations[:MOST_VIOLATIONS]:
        (condition,) = conditions_text((one.violation.condition,), notation, unicode)
        lines.append(
            f"  {one.stratum}: {condition} fails by {one.violation.amount:.{DIGITS}f} "
            f"(standard error {one.violation.standard_error:.{DIGITS}f}, p = {one.violation.p_value:.3f})"
        )
    if len(violations) > MOST_VIOLATIONS:
        lines.append(f"  and {len(violations) - MOST_VIOLATIONS} more")
    return "\n".join(lines)


def _no_intervals(found: Estimation, unicode: bool) -> list[str]:
    """What is crossed or empty must not be taken for an interval."""
    printed = [(_where(each, unicode), each.found) for each in found.estimates]
    printed += [
        (f"{_where(each, unicode)} within {_covariates(found)}", each.within.found)
        for each in found.estimates
        if each.within
    ]
    crossed: dict[tuple[str, ...], list[str]] = {}
    for where, bounds in printed:
        crossed.setdefault(bounds.crossed, []).append(where)
    texts = [
        f"Lower is above upper in {', '.join(_called(name) for name in names)} of {', '.join(where)}. "
        "These are no intervals: assumptions and sample disagree."
        for names, where in crossed.items()
        if names
    ]
    empty = [where for where, bounds in printed if _is_empty(found, bounds)]
    if empty:
        texts.append(f"The parameter interval of {', '.join(empty)} is empty: every value is rejected.")
    return [fill(text, WIDTH) for text in texts]


def _is_empty(found: Estimation, bounds: EstimatedBounds) -> bool:
    return "parameter_interval" in METHODS[found.method].gives and bounds.parameter_interval is None


def _called(name: str) -> str:
    names = {"plug_in": "plug-in bounds", "half_median_unbiased": "half-median-unbiased bounds"}
    return names.get(name, name.replace("_", " ").replace("parameter interval adaptive", "adaptive parameter interval"))


def _at(each: Estimate, unicode: bool) -> str:
    return ", ".join(f"{pretty(name, unicode)} = {float(value):g}" for name, value in each.parameters)


def _where(each: Estimate, unicode: bool) -> str:
    at = _at(each, unicode)
    return pretty(each.estimand, unicode) + (f" at {at}" if at else "")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))


# ---------------------------------------------------------------- LaTeX
def estimation_latex(found: Estimation) -> str:
    """A table for booktabs."""
    heads = _heads(found, "\\%")
    parameters = [f"${latex_name(name)}$" for name, _ in found.estimates[0].parameters]
    header = ["", *parameters, *(head[0].upper() + head[1:] for _, head in heads)]
    lines = [
        *(f"% {each.line}" for each in found.unanswered),
        rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
        r"\toprule",
        " & ".join(header) + r" \\",
        r"\midrule",
    ]
    for each in found.estimates:
        rows = [(f"${latex_name(each.estimand)}$", each.found)]
        rows += [(r"\quad within " + latex.escaped(_covariates(found)), each.within.found)] if each.within else []
        for name, bounds in rows:
            cells = [name, *(f"{float(value):g}" for _, value in each.parameters)]
            cells += [_interval_latex(bounds.interval(head)) for head, _ in heads]
            lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _interval_latex(interval: Interval | None) -> str:
    if interval is None:
        return "empty"
    text = _interval(interval, False)
    return f"${text}$" if not is_crossed(interval) else f"crossed: ${text.removeprefix('crossed: ')}$"
