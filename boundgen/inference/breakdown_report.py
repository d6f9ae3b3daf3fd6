"""Breakdown values as text, table rows, LaTeX and JSON (schema ``boundgen.breakdown/1``)."""

from __future__ import annotations

from fractions import Fraction
from math import isinf
from textwrap import fill
from typing import Any

from boundgen.bounds.symbols import latex_name, pretty
from boundgen.data.report import data_text
from boundgen.evaluation.breakdown_points import ParameterValue
from boundgen.inference.breakdown_values import Breakdown, Breakdowns
from boundgen.rendering import latex
from boundgen.rendering.layout import WIDTH, indented
from boundgen.rendering.numbers import decimal, percent_of, short
from boundgen.rendering.table import table
from boundgen.work.unanswered import unanswered_json

SCHEMA = "boundgen.breakdown/1"
SIGNS = {"above": ">", "below": "<", None: "neither"}


# ---------------------------------------------------------------- JSON and rows
def breakdown_json(breakdowns: Breakdowns) -> dict[str, Any]:
    """Everything; a value that is not in the range is null."""
    return {
        "schema": SCHEMA,
        "model": breakdowns.model,
        "n": breakdowns.n,
        "arms": {arm.name: arm.units for arm in breakdowns.data.arms},
        "parameter": breakdowns.within.parameter,
        "range": [float(breakdowns.within.low), _json_end(breakdowns.within.high)],
        "threshold": str(breakdowns.threshold),
        "asked": breakdowns.asked,
        "level": breakdowns.level,
        "seed": breakdowns.seed,
        "draws": breakdowns.draws,
        "breakdowns": [_one_json(each) for each in breakdowns.breakdowns],
        "notes": list(breakdowns.notes),
        **unanswered_json(breakdowns.unanswered),
    }


def _json_end(end: ParameterValue) -> float | str:
    return "inf" if isinf(end) else float(end)


def _one_json(each: Breakdown) -> dict[str, Any]:
    return {
        "estimand": each.estimand,
        "parameters": {name: float(value) for name, value in each.parameters},
        "conclusion": each.conclusion,
        "start": float(each.start),
        "lost_at_start": each.lost_at_start,
        "plug_in": None if each.plug_in is None else float(each.plug_in),
        "exact": None if each.plug_in is None else str(each.plug_in),
        "half_median_unbiased": each.half_median_unbiased,
        "lower_limit": each.lower_limit,
        "interval": list(each.interval),
        "regained": None if each.regained is None else float(each.regained),
    }


def breakdown_rows(breakdowns: Breakdowns) -> list[dict[str, Any]]:
    """One flat row for each breakdown value; what is not in the range is empty."""
    return [
        {
            "estimand": each.estimand,
            **{name: float(value) for name, value in each.parameters},
            "parameter": breakdowns.within.parameter,
            "range_lower": float(breakdowns.within.low),
            "range_upper": float(breakdowns.within.high),
            "threshold": float(breakdowns.threshold),
            "conclusion": each.conclusion or "neither",
            "lost_at_start": each.lost_at_start,
            "plug_in": None if each.plug_in is None else float(each.plug_in),
            "half_median_unbiased": each.half_median_unbiased,
            "lower_limit": each.lower_limit,
            "interval_lower": each.interval[0],
            "interval_upper": each.interval[1],
            "n": breakdowns.n,
            "level": breakdowns.level,
        }
        for each in breakdowns.breakdowns
    ]


# ---------------------------------------------------------------- text
def breakdown_text(breakdowns: Breakdowns, unicode: bool) -> str:
    """Data, table, what the columns are."""
    others = [pretty(name, unicode) for name, _ in breakdowns.breakdowns[0].parameters]
    header = ["", *others, "conclusion", *_heads(breakdowns, "%")]
    rows = [_text_row(breakdowns, each, unicode) for each in breakdowns.breakdowns]
    unanswered = "\n".join(each.said(unicode) for each in breakdowns.unanswered)
    parts = [
        breakdowns.model,
        indented(data_text(breakdowns.data)),
        indented(
            f"breakdown values of {pretty(breakdowns.within.parameter, unicode)} {_looked_at(breakdowns, unicode)}"
        ),
        indented(table([header, *rows])),
        *([indented(unanswered)] if unanswered else []),
        indented(_explanation(breakdowns, unicode)),
        *(indented(f"Note: {note}.") for note in breakdowns.notes),
    ]
    return "\n\n".join(parts) + "\n"


def _heads(breakdowns: Breakdowns, percent: str) -> list[str]:
    level = f"{percent_of(breakdowns.level)}{percent}"
    return ["plug-in", "half-median-unbiased", f"{level} lower limit", f"{level} interval"]


def _looked_at(breakdowns: Breakdowns, unicode: bool) -> str:
    within = breakdowns.within
    return f"from {short(within.low, unicode)} " + ("on" if isinf(within.high) else f"to {short(within.high, unicode)}")


def _text_row(breakdowns: Breakdowns, each: Breakdown, unicode: bool) -> list[str]:
    low, high = (_value(end, unicode) for end in each.interval)
    return [
        pretty(each.estimand, unicode),
        *(short(value, unicode) for _, value in each.parameters),
        _conclusion(breakdowns, each, unicode),
        *(_value(value, unicode) for value in (each.plug_in, each.half_median_unbiased, each.lower_limit)),
        f"[{low}, {high}]",
    ]


def _conclusion(breakdowns: Breakdowns, each: Breakdown, unicode: bool) -> str:
    sign = SIGNS[each.conclusion]
    return sign if each.conclusion is None else f"{sign} {short(breakdowns.threshold, unicode)}"


def _value(value: Fraction | float | None, unicode: bool) -> str:
    return "none" if value is None else decimal(value, unicode)


def _explanation(breakdowns: Breakdowns, unicode: bool) -> str:
    name = pretty(breakdowns.within.parameter, unicode)
    percent = f"{percent_of(breakdowns.level)}%"
    sentences = [
        f"The smallest {name} at which the bound on the conclusion's side is not beyond the threshold (Kline & Santos "
        "2013, Masten & Poirier 2020); none: it is not lost in this range.",
        "Of the sample's bounds that is the plug-in value; the half-median-unbiased one is too large at most half of "
        f"the time, the lower limit with a probability of at most {percent_of(1 - Fraction(repr(breakdowns.level)))}%.",
        f"The interval covers the value with probability {percent} at least: in it is what the test of intersection "
        "bounds (Chernozhukov, Lee & Rosen 2013) does not reject as the breakdown value.",
        *_of_conclusions(breakdowns, unicode),
    ]
    simulated = f"Critical values: {breakdowns.draws} draws, seed {breakdowns.seed}."
    return "\n".join([fill(" ".join(sentences), WIDTH), simulated if breakdowns.draws else "Critical values: exact."])


def _of_conclusions(breakdowns: Breakdowns, unicode: bool) -> list[str]:
    """What was chosen by the sample, and what was lost before it began."""
    said = []
    if breakdowns.asked is None:
        said.append("The sample chose the conclusion, for which the lower limit pays: it is the interval's.")
    lost = dict.fromkeys(pretty(each.estimand, unicode) for each in breakdowns.breakdowns if each.lost_at_start)
    if lost:
        said.append(f"Lost already at the start: {', '.join(lost)}.")
    if any(each.conclusion is None for each in breakdowns.breakdowns):
        said.append("Where the sample supports neither conclusion, nothing limits the value from above: name one.")
    return said


# ---------------------------------------------------------------- LaTeX
def breakdown_latex(breakdowns: Breakdowns) -> str:
    """A table for booktabs; the comment above says of which parameter."""
    others = [f"${latex_name(name)}$" for name, _ in breakdowns.breakdowns[0].parameters]
    heads = [head[0].upper() + head[1:] for head in _heads(breakdowns, "\\%")]
    header = ["", *others, "Conclusion", *heads]
    rows = [_latex_row(breakdowns, each) for each in breakdowns.breakdowns]
    said = [f"breakdown values of {breakdowns.within.parameter} {_looked_at(breakdowns, False)}"]
    said += [each.line for each in breakdowns.unanswered]
    above = "".join(f"% {latex.comment(line)}\n" for line in said)
    return above + latex.tabular(f"ll{'r' * (len(header) - 2)}", [header, *rows])


def _latex_row(breakdowns: Breakdowns, each: Breakdown) -> list[str]:
    name, *cells = _text_row(breakdowns, each, unicode=False)
    del name
    return [f"${latex_name(each.estimand)}$", *(cell if cell.isalpha() else f"${_spelled(cell)}$" for cell in cells)]


def _spelled(cell: str) -> str:
    return cell.replace("none", r"\text{none}")
