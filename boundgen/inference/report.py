"""Estimates as text, table rows, LaTeX and JSON (schema ``boundgen.estimate/1``)."""

from __future__ import annotations

import csv
import io
from typing import Any

from boundgen.bounds.json_form import term_json
from boundgen.bounds.symbols import Notation, latex_name, pretty
from boundgen.bounds.text import conditions_text
from boundgen.data.report import data_text
from boundgen.inference.estimate import Estimate, Estimation
from boundgen.inference.intersection import Interval

SCHEMA = "boundgen.estimate/1"
DIGITS = 4


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
        "estimates": [_estimate_json(found, each) for each in found.estimates],
        "notes": list(found.notes),
    }


def _estimate_json(found: Estimation, each: Estimate) -> dict[str, Any]:
    order = found.bounds[0].notation.order
    conditions = each.conditions
    return {
        "estimand": each.estimand,
        "parameters": {name: float(value) for name, value in each.parameters},
        "plug_in": list(each.found.plug_in),
        "half_median_unbiased": list(each.found.half_median_unbiased),
        "set_interval": list(each.found.set_interval),
        "parameter_interval": None if each.found.parameter_interval is None else list(each.found.parameter_interval),
        "parameter_interval_adaptive": list(each.found.parameter_interval_adaptive),
        "kept": {"lower": list(each.found.kept[0]), "upper": list(each.found.kept[1])},
        "critical_values": {
            name: {"value": critical.value, "monte_carlo_error": critical.error}
            for name, critical in each.found.critical_values
        },
        "violations": [
            {
                "condition": term_json(violation.condition, order),
                "amount": violation.amount,
                "standard_error": violation.standard_error,
                "p_value": violation.p_value,
            }
            for violation in (conditions.violations if conditions else ())
        ],
        "conditions_p_value": conditions.p_value if conditions else None,
        "nearest": None if each.nearest is None else list(each.nearest),
    }


def estimation_rows(found: Estimation) -> list[dict[str, Any]]:
    """One flat row for each estimate."""
    rows = []
    for each in found.estimates:
        row: dict[str, Any] = {"estimand": each.estimand}
        row |= {name: float(value) for name, value in each.parameters}
        for name, interval in _intervals(each):
            low, high = (None, None) if interval is None else interval
            row |= {f"{name}_lower": low, f"{name}_upper": high}
        row |= {
            "n": found.n,
            "level": found.level,
            "violations": len(each.conditions.violations) if each.conditions else None,
        }
        rows.append(row)
    return rows


def _intervals(each: Estimate) -> list[tuple[str, Interval | None]]:
    return [
        ("plug_in", each.found.plug_in),
        ("half_median_unbiased", each.found.half_median_unbiased),
        ("set_interval", each.found.set_interval),
        ("parameter_interval", each.found.parameter_interval),
        ("parameter_interval_adaptive", each.found.parameter_interval_adaptive),
    ]


def estimation_csv(found: Estimation) -> str:
    """The rows as CSV."""
    rows = estimation_rows(found)
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


# ---------------------------------------------------------------- text
def estimation_text(found: Estimation, unicode: bool) -> str:
    """Data, table, what the columns are, what fails."""
    percent = f"{100 * found.level:g}%"
    notation = found.bounds[0].notation
    parameters = [pretty(name, unicode) for name, _ in found.estimates[0].parameters]
    header = [
        "",
        *parameters,
        "plug-in",
        "half-median-unbiased",
        f"{percent} set",
        f"{percent} parameter",
        "terms kept",
    ]
    rows = [header, *(_text_row(each, unicode) for each in found.estimates)]
    parts = [
        found.model,
        _indented(data_text(found.data)),
        _indented(_table(rows)),
        _indented(_explanation(found, percent)),
        *(_indented(f"Note: {note}.") for note in found.notes),
        *(_indented(text) for text in _violations(found, notation, unicode)),
    ]
    return "\n\n".join(parts) + "\n"


def _text_row(each: Estimate, unicode: bool) -> list[str]:
    cells = [pretty(each.estimand, unicode), *(f"{float(value):g}" for _, value in each.parameters)]
    cells += [_interval(interval, unicode) for _, interval in _intervals(each)[:4]]
    low, high = each.found.kept
    return [*cells, f"{len(low)} + {len(high)}"]


def _interval(interval: Interval | None, unicode: bool) -> str:
    if interval is None:
        return "empty"
    low, high = (f"{end:.{DIGITS}f}" for end in interval)
    text = f"[{low}, {high}]"
    return text.replace("-", "−") if unicode else text


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _explanation(found: Estimation, percent: str) -> str:
    error = max((value.error for each in found.estimates for _, value in each.found.critical_values), default=0.0)
    simulated = f"{found.draws} draws, seed {found.seed}" if found.draws else "exact probabilities"
    return (
        "Plug-in bounds are too narrow on average. Half-median-unbiased bounds (Chernozhukov, Lee & Rosen 2013)\n"
        "err on either side at most half of the time. The set interval covers all of the bounds, the parameter\n"
        f"interval the estimand itself, each with probability {percent} at least in large samples.\n"
        f"Critical values: {simulated}, Monte-Carlo error at most {error:.1g}."
    )


def _violations(found: Estimation, notation: Notation, unicode: bool) -> list[str]:
    paragraphs = []
    for each in found.estimates:
        if each.conditions is None:
            continue
        if each.conditions.violations:
            paragraphs.append(_violation_text(each, notation, unicode))
    if not paragraphs:
        left_out = all(each.conditions is None for each in found.estimates)
        return ["Testable implications were left out." if left_out else "No testable implication fails."]
    return list(dict.fromkeys(paragraphs))


def _violation_text(each: Estimate, notation: Notation, unicode: bool) -> str:
    assert each.conditions
    at = ", ".join(f"{pretty(name, unicode)} = {float(value):g}" for name, value in each.parameters)
    lines = [f"Testable implications that fail{f' at {at}' if at else ''} (p = {each.conditions.p_value:.3f} jointly):"]
    for violation in each.conditions.violations:
        (condition,) = conditions_text((violation.condition,), notation, unicode)
        lines.append(
            f"  {condition} fails by {violation.amount:.{DIGITS}f} "
            f"(standard error {violation.standard_error:.{DIGITS}f}, p = {violation.p_value:.3f})"
        )
    if each.crossed:
        lines.append("  So the plug-in bounds cross: assumptions and sample disagree.")
    if each.nearest is not None:
        lines.append(f"  Bounds at the nearest distribution of the model: {_interval(each.nearest, unicode)}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))


# ---------------------------------------------------------------- LaTeX
def estimation_latex(found: Estimation) -> str:
    """A table for booktabs."""
    percent = f"{100 * found.level:g}\\%"
    parameters = [f"${latex_name(name)}$" for name, _ in found.estimates[0].parameters]
    header = ["", *parameters, "Plug-in", "Half-median-unbiased", f"{percent} set", f"{percent} parameter"]
    lines = [
        rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
        r"\toprule",
        " & ".join(header) + r" \\",
        r"\midrule",
    ]
    for each in found.estimates:
        cells = [f"${latex_name(each.estimand)}$", *(f"{float(value):g}" for _, value in each.parameters)]
        cells += [f"${_interval(interval, False)}$" if interval else "empty" for _, interval in _intervals(each)[:4]]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"
