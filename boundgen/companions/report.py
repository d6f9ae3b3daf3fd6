"""Companion results as text and as rows."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from boundgen.companions.result import (
    CompanionAssumption,
    CompanionEstimate,
    CompanionResult,
    ConfidenceSet,
    DataFacts,
    Diagnostic,
    ResultTable,
    SharpBounds,
    TableCell,
)
from boundgen.companions.sharp_bounds import is_outside
from boundgen.rendering.layout import WIDTH, filled, indented
from boundgen.rendering.numbers import LARGE, of_any_size, percent_of, with_minus
from boundgen.rendering.table import even, table
from boundgen.rendering.text import in_ascii

# A longer table is for programs: of it only the beginning is shown.
MOST_ROWS, FIRST_ROWS = 40, 10
NO_ESTIMATE = "–"


# ---------------------------------------------------------------- rows
def result_rows(result: CompanionResult) -> list[dict[str, Any]]:
    """A row for each estimate and each of its confidence sets beyond the first, then a row for each of the bounds."""
    rows: list[dict[str, Any]] = []
    for each in result.estimates:
        row = {"method": result.method, "kind": "estimate", "name": each.name, "value": each.value}
        rows.append({**row, "error": each.error, "lower": each.low, "upper": each.high, "of": each.interval})
        for other in each.others:
            low, high = (other.pieces[0][0], other.pieces[-1][1]) if other.pieces else (None, None)
            rows.append({**row, "error": None, "lower": low, "upper": high, "of": other.kind})
    for one in result.bounds:
        rows.append(
            {
                "method": result.method,
                "kind": "sharp bounds",
                "name": one.estimand,
                "value": None,
                "error": None,
                "lower": one.lower,
                "upper": one.upper,
                "of": one.assumptions,
            }
        )
    return rows


# ---------------------------------------------------------------- text
def result_text(result: CompanionResult, unicode: bool = True) -> str:
    """Data, estimates beside bounds, what is assumed, what bears on it, warnings, further tables."""
    parts = [
        f"{result.method}: {result.title}\n  {result.source}",
        data_text(result.data),
        table(estimate_rows(result)),
        *_bounds_notes(result),
        "Assumptions\n" + "\n".join(map(_assumption_text, result.assumptions)),
        *(["Diagnostics\n" + "\n".join(map(_diagnostic_text, result.diagnostics))] if result.diagnostics else []),
        *(filled(f"Warning: {warning}") for warning in result.warnings),
        *(f"{further.title}\n{_further_table(further)}" for further in result.tables),
        "Options: " + ", ".join(f"{name} {_option(value)}" for name, value in result.options),
    ]
    text = parts[0] + "\n\n" + "\n\n".join(indented(part) for part in parts[1:]) + "\n"
    return text if unicode else as_ascii(text)


def data_text(facts: DataFacts) -> str:
    """How many units, which columns, and what was left out."""
    used = "all used" if facts.rows == facts.used else f"{facts.used} used"
    roles = "; ".join(f"{part} {column}" for part, column in facts.roles)
    lines = [f"data: {facts.rows} {facts.unit}, {used}" + (f" ({roles})" if roles else "")]
    return "\n".join(filled(line) for line in [*lines, *(f"  {note}" for note in facts.notes)])


def estimate_rows(result: CompanionResult) -> list[list[str]]:
    """A line for each estimate, and under it a line for each of the bounds on the same effect."""
    kinds = list(dict.fromkeys(other.kind for each in result.estimates for other in each.others))
    level = dict(result.options).get("level")
    percent = f"{percent_of(level)}% " if isinstance(level, float) else ""
    first = list(dict.fromkeys(each.interval for each in result.estimates))
    header = ["", "estimate", "s.e.", percent + (first[0] if len(first) == 1 else "interval"), *kinds]
    rows = [header]
    for each in result.estimates:
        rows.append([each.symbol, *_estimate_cells(each, kinds)])
        rows += [_bounds_row(f"  sharp, {b.assumptions}", b, each) for b in result.bounds if b.estimand == each.name]
    for symbol, alone in without_estimate(result).items():
        rows.append([symbol, NO_ESTIMATE])
        rows += [_bounds_row(f"  sharp, {b.assumptions}", b, None) for b in alone]
    return even(rows)


def without_estimate(result: CompanionResult) -> dict[str, list[SharpBounds]]:
    """Sharp bounds on what the method does not estimate, by the symbol of that."""
    named = {each.name for each in result.estimates}
    found: dict[str, list[SharpBounds]] = {}
    for b in result.bounds:
        if b.estimand not in named:
            found.setdefault(b.symbol or bounds_symbol(b.estimand), []).append(b)
    return found


def _estimate_cells(each: CompanionEstimate, kinds: Sequence[str]) -> list[str]:
    sets = {other.kind: other for other in each.others}
    interval = "" if each.low is None or each.high is None else interval_text(each.low, each.high)
    error = "" if each.error is None else of_any_size(each.error)
    return [of_any_size(each.value), error, interval, *(set_text(sets[kind]) if kind in sets else "" for kind in kinds)]


def _bounds_row(label: str, bounds: SharpBounds, estimate: CompanionEstimate | None) -> list[str]:
    if bounds.lower is None or bounds.upper is None:
        return [label, "", "", "contradicted by the sample"]
    outside = estimate is not None and is_outside(estimate, bounds)
    return [label, "outside" if outside else "", "", interval_text(bounds.lower, bounds.upper)]


def bounds_symbol(name: str) -> str:
    """``delta0`` as δ(0)."""
    from boundgen.bounds.symbols import pretty

    return pretty(name)


def _bounds_notes(result: CompanionResult) -> list[str]:
    if result.bounds:
        said = (
            "Sharp bounds assume only what stands beside them. They are taken at the sample's shares, without "
            "sampling error; `boundgen estimate` gives intervals."
        )
        told = dict.fromkeys(f"{b.symbol}: {b.words}." for b in result.bounds if b.words)
        return ["\n".join(map(filled, (said, *told)))]
    return [filled(result.no_bounds)] if result.no_bounds else []


def _assumption_text(each: CompanionAssumption) -> str:
    number = f"{each.number} " if each.number else ""
    return fill(f"{number}{each.name}: {each.words}", WIDTH - 4, initial_indent="  ", subsequent_indent="    ")


def _diagnostic_text(each: Diagnostic) -> str:
    mark = "! " if each.warning else "  "
    text = f"{each.name}: {_cell(each.value)}" + (f" ({each.words})" if each.words else "")
    return fill(text, WIDTH - 4, initial_indent=mark, subsequent_indent="    ")


def _further_table(further: ResultTable) -> str:
    shown = further.rows if len(further.rows) <= MOST_ROWS else further.rows[:FIRST_ROWS]
    more = len(further.rows) - len(shown)
    left = [f"  and {more} rows more, in --format json"] if more else []
    return "\n".join([table([further.columns, *([_cell(cell) for cell in row] for row in shown)]), *left])


def _cell(value: TableCell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGE:
        return with_minus(f"{value:.0f}", True)
    return of_any_size(value) if isinstance(value, float) else str(value)


def _option(value: TableCell) -> str:
    return f"{value:g}" if isinstance(value, float) else _cell(value)


def interval_text(low: float, high: float) -> str:
    """``[low, high]``; round brackets where an end is infinite."""
    left = "(" if low == float("-inf") else "["
    right = ")" if high == float("inf") else "]"
    return f"{left}{of_any_size(low)}, {of_any_size(high)}{right}"


def set_text(confidence_set: ConfidenceSet) -> str:
    """The pieces of a set."""
    return " ∪ ".join(interval_text(*piece) for piece in confidence_set.pieces) or "empty"


ASCII = {
    "δ": "delta", "ζ": "zeta", "τ": "tau", "β": "beta", "α": "alpha", "π": "pi", "γ": "gamma", "ρ": "rho", "σ": "sigma",
    "θ": "theta", "λ": "lambda", "μ": "mu", "κ": "kappa", "−": "-", "∞": "inf", "∪": "u", "⊥": "independent of",
    "′": "'", "×": "x", "·": "*", "₀": "0", "₁": "1", "₂": "2", "₃": "3", "≤": "<=", "≥": ">=", "≠": "!=", "Σ": "sum",
    "–": "-", "’": "'", "²": "^2", "ä": "ae", "ö": "oe", "ü": "ue", "χ": "chi", "ε": "epsilon", "Δ": "Delta",
    "Γ": "Gamma",
}  # fmt: skip


def as_ascii(text: str) -> str:
    """The text in ASCII; what has no spelling is left out as a question mark."""
    spelled = "".join(ASCII.get(letter, letter) for letter in text)
    return in_ascii(spelled)
