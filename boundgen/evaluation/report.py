"""Evaluations as text, CSV, LaTeX and JSON (schema ``boundgen.evaluation/1``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from boundgen.bounds.closed_form import Bounds, Side
from boundgen.bounds.json_form import term_json
from boundgen.bounds.latex import quotient_latex
from boundgen.bounds.symbols import latex_name, pretty
from boundgen.bounds.text import WIDTH, conditions_text, legend_text, quotient_text
from boundgen.data.observed import ObservedData
from boundgen.data.report import data_text
from boundgen.derivation import Derivation
from boundgen.evaluation.evaluate import Evaluation
from boundgen.exact.terms import Term
from boundgen.rendering import latex
from boundgen.work.unanswered import unanswered_json

SCHEMA = "boundgen.evaluation/1"
DIGITS = 4
MOST_VIOLATIONS = 10
NOTE = (
    "Plug-in values, without sampling error. In finite samples the max and min of estimated terms\n"
    "lie too far inward: the bounds of the population are, on average, wider than these."
)


# ---------------------------------------------------------------- text
def evaluation_text(derived: Derivation, data: ObservedData, found: Sequence[Evaluation], unicode: bool = True) -> str:
    """Title, data, table, symbols, what fails, and what plug-in values are."""
    model = derived.model
    parts = [
        f"{model.name}: {model.title}" if model.title else model.name,
        data_text(data),
        _values_text(derived, found, unicode),
        *(["\n".join(each.said(unicode) for each in derived.unanswered)] if derived.unanswered else []),
        legend_text(derived.notation, unicode),
        *_violation_parts(derived, found, unicode),
        NOTE,
    ]
    first, *rest = parts
    return "\n\n".join([first, *(_indented(part) for part in rest)]) + "\n"


def _values_text(derived: Derivation, found: Sequence[Evaluation], unicode: bool) -> str:
    """A table with the active terms beside the bounds, or below it where they are long."""
    rows = _text_rows(derived, found, unicode)
    table = _table(rows)
    if max(map(len, table.split("\n"))) <= WIDTH:
        return table
    at_least, at_most = ("≥", "≤") if unicode else (">=", "<=")
    named = [f"{row[0]}{_at(rows[0][1:-4], row[1:-4])}" for row in rows[1:]]
    sides = [(row[-2], row[-1]) for row in rows[1:]]
    terms = [
        f"{name} {sign} {term}"
        for name, side in zip(named, sides, strict=True)
        for sign, term in zip((at_least, at_most), side, strict=True)
    ]
    return _table([row[:-2] for row in rows], texts=0) + "\n\n" + "\n".join(terms)


def _at(names: Sequence[str], values: Sequence[str]) -> str:
    return f" at {', '.join(f'{n} = {v}' for n, v in zip(names, values, strict=True))}:" if names else ""


def _text_rows(derived: Derivation, found: Sequence[Evaluation], unicode: bool) -> list[list[str]]:
    bounds = {each.name: each for each in derived.bounds}
    names = [pretty(parameter.name, unicode) for parameter in derived.model.parameters]
    rows = [["", *names, "lower", "upper", "lower term", "upper term"]]
    for each in found:
        own = bounds[each.estimand]
        low = _active(own, own.lower, each.active_lower, unicode)
        high = _active(own, own.upper, each.active_upper, unicode)
        values = [short(value, unicode) for _, value in each.parameters]
        ends = [decimal(each.lower, unicode), decimal(each.upper, unicode)]
        rows.append([pretty(each.estimand, unicode) + _mark(each), *values, *ends, low, high])
    return rows


def _active(bounds: Bounds, side: Side, active: tuple[int, ...], unicode: bool) -> str:
    """The terms that give the bound; several where they are equal."""
    quotients = bounds.quotients(side)
    return " = ".join(quotient_text(bounds, quotients[i], unicode) for i in active)


def decimal(value: Fraction | None, unicode: bool = False) -> str:
    """Four digits behind the point."""
    if value is None:
        return "none"
    text = f"{float(value):.{DIGITS}f}"
    text = text.removeprefix("-") if float(text) == 0 else text
    return text.replace("-", "−") if unicode else text


def short(value: Fraction, unicode: bool = False) -> str:
    """As many digits as a parameter needs, six at most."""
    text = f"{float(value):.6g}"
    return text.replace("-", "−") if unicode else text


def _table(rows: Sequence[Sequence[str]], texts: int = 2) -> str:
    """Columns of equal width; numbers stand to the right, the first column and the last ones of texts to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    last = len(widths) - texts
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 or i >= last else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _violation_parts(derived: Derivation, found: Sequence[Evaluation], unicode: bool) -> list[str]:
    if any(each.violations is None for each in found):
        return ["Testable implications were left out."]
    parts = []
    failing = _worst(found)
    if failing:
        lines = [
            f"{_condition_text(derived, term, unicode)}  fails by {decimal(amount, unicode)}"
            for term, amount in failing[:MOST_VIOLATIONS]
        ]
        more = [f"and {len(failing) - MOST_VIOLATIONS} more"] if len(failing) > MOST_VIOLATIONS else []
        where = ", in the rows with *" if derived.model.parameters else ""
        parts.append(f"Testable implications fail at these data{where}:\n\n" + _indented("\n".join([*lines, *more])))
    if any(each.crossed for each in found):
        parts.append("Where the lower bound is above the upper, no population meets the assumptions with these data.")
    if any(each.lower is None for each in found):
        parts.append("none: at these data the estimand's condition does not have a positive probability.")
    return parts or ["No testable implication fails."]


def _mark(each: Evaluation) -> str:
    """With parameters a condition may fail at some of their values alone."""
    return " *" if each.parameters and each.violations else ""


def _worst(found: Sequence[Evaluation]) -> list[tuple[Term, Fraction]]:
    """Each condition that fails, with the most that it fails by."""
    worst: dict[Term, Fraction] = {}
    for each in found:
        for violation in each.violations or ():
            worst[violation.condition] = max(violation.amount, worst.get(violation.condition, Fraction(0)))
    return list(worst.items())


def _condition_text(derived: Derivation, condition: Term, unicode: bool) -> str:
    return conditions_text((_shown(derived, condition),), derived.notation, unicode)[0]


def _shown(derived: Derivation, condition: Term) -> Term:
    """The condition as the derivation prints it, with defined names."""
    pairs = dict(zip(derived.conditions or (), derived.shown_conditions or (), strict=True))
    return pairs.get(condition, condition)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


# ---------------------------------------------------------------- CSV, LaTeX, JSON
def evaluation_csv(derived: Derivation, found: Sequence[Evaluation]) -> str:
    """One row for each evaluation, with plain names and full digits."""
    bounds = {each.name: each for each in derived.bounds}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [parameter.name for parameter in derived.model.parameters]
    writer.writerow(["estimand", *names, "lower", "upper", "lower_term", "upper_term", "violations"])
    for each in found:
        own = bounds[each.estimand]
        terms = [_active(own, own.lower, each.active_lower, False), _active(own, own.upper, each.active_upper, False)]
        values = [float(value) for _, value in each.parameters]
        ends = ["" if end is None else float(end) for end in (each.lower, each.upper)]
        failing = "" if each.violations is None else len(each.violations)
        writer.writerow([each.estimand, *values, *ends, *terms, failing])
    return stream.getvalue()


def evaluation_latex(derived: Derivation, data: ObservedData, found: Sequence[Evaluation]) -> str:
    """A tabular that needs no package; what the data and the symbols are stands above it in comments."""
    bounds = {each.name: each for each in derived.bounds}
    names = [f"${latex_name(parameter.name)}$" for parameter in derived.model.parameters]
    without = [each.line for each in derived.unanswered]
    comments = [*data_text(data).split("\n"), *without, *_violations_comment(derived, found), *NOTE.split("\n")]
    head = ["", *names, "lower", "upper", "lower term", "upper term"]
    rows = [_latex_row(bounds[each.estimand], each) for each in found]
    return "\n".join(
        [
            *(f"% {latex.comment(line)}".rstrip() for line in comments),
            *(f"% {latex.comment(line)}" for line in legend_text(derived.notation, True).split("\n")),
            f"\\begin{{tabular}}{{l{'r' * (len(names) + 2)}ll}}",
            "\\hline",
            f"{' & '.join(head)} \\\\",
            "\\hline",
            *(f"{' & '.join(row)} \\\\" for row in rows),
            "\\hline",
            "\\end{tabular}",
            "",
        ]
    )


def _latex_row(bounds: Bounds, each: Evaluation) -> list[str]:
    values = [f"${short(value)}$" for _, value in each.parameters]
    shown = [*values, *("none" if end is None else f"${decimal(end)}$" for end in (each.lower, each.upper))]
    terms = [
        f"${_latex_terms(bounds, side, active)}$"
        for side, active in ((bounds.lower, each.active_lower), (bounds.upper, each.active_upper))
    ]
    return [f"${latex_name(each.estimand)}${_mark(each)}", *shown, *terms]


def _latex_terms(bounds: Bounds, side: Side, active: tuple[int, ...]) -> str:
    quotients = bounds.quotients(side)
    return " = ".join(quotient_latex(bounds, quotients[i]) for i in active)


def _violations_comment(derived: Derivation, found: Sequence[Evaluation]) -> list[str]:
    return [line for part in _violation_parts(derived, found, True) for line in part.split("\n") if line]


def evaluation_json(derived: Derivation, found: Sequence[Evaluation]) -> dict[str, Any]:
    """Numbers as floats; conditions as in the JSON of a derivation, each to be non-negative."""
    return {
        "schema": SCHEMA,
        "evaluations": [_one_json(derived, each) for each in found],
        **unanswered_json(derived.unanswered),
    }


def _one_json(derived: Derivation, each: Evaluation) -> dict[str, Any]:
    violations = each.violations
    return {
        "estimand": each.estimand,
        "parameters": {name: float(value) for name, value in each.parameters},
        "lower": None if each.lower is None else float(each.lower),
        "upper": None if each.upper is None else float(each.upper),
        "active": {"lower": each.active_lower[0], "upper": each.active_upper[0]},
        "violations": None
        if violations is None
        else [{"condition": term_json(v.condition, derived.order), "amount": float(v.amount)} for v in violations],
    }
