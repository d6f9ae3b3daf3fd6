"""Companion results as a LaTeX table (booktabs)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from boundgen.companions.report import interval_text, set_text, without_estimate
from boundgen.companions.result import CompanionResult, SharpBounds
from boundgen.rendering.latex import SPELLED, SUBSCRIPTS, escaped, subscript, tabular
from boundgen.rendering.numbers import of_any_size

# δ(0), NIE₀, LATE; anything else is words.
SYMBOL = re.compile(rf"[A-Za-z0-9,()−{''.join(SPELLED)}{''.join(SUBSCRIPTS)}]+")


def result_latex(result: CompanionResult) -> str:
    """Estimates, errors and intervals; under each the sharp bounds on the same effect."""
    return table_latex((result,))


def table_latex(results: Sequence[CompanionResult]) -> str:
    """One table for one result or several, each under its name."""
    kinds = list(dict.fromkeys(o.kind for found in results for each in found.estimates for o in each.others))
    header = ["", "Estimate", "s.e.", "Interval", *(escaped(kind[0].upper() + kind[1:]) for kind in kinds)]
    rows = [header]
    for found in results:
        rows += [[rf"\emph{{{escaped(found.method)}}}"]] if len(results) > 1 else []
        rows += _result_rows(found, kinds)
    return tabular(f"l{'r' * (len(header) - 1)}", rows)


def _result_rows(result: CompanionResult, kinds: Sequence[str]) -> list[list[str]]:
    rows = []
    for each in result.estimates:
        sets = {other.kind: other for other in each.others}
        interval = "" if each.low is None or each.high is None else _math(interval_text(each.low, each.high))
        error = "" if each.error is None else _math(of_any_size(each.error))
        others = [_math(set_text(sets[kind])) if kind in sets else "" for kind in kinds]
        rows.append([symbol_latex(each.symbol), _math(of_any_size(each.value)), error, interval, *others])
        rows += [_bounds_row(r"\quad sharp, ", b) for b in result.bounds if b.estimand == each.name]
    for symbol, alone in without_estimate(result).items():
        rows.append([symbol_latex(symbol), "--"])
        rows += [_bounds_row(r"\quad sharp, ", b) for b in alone]
    return rows


def _bounds_row(label: str, bounds: SharpBounds) -> list[str]:
    known = bounds.lower is not None and bounds.upper is not None
    said = _math(interval_text(bounds.lower or 0.0, bounds.upper or 0.0)) if known else "contradicted"
    return [label + escaped(bounds.assumptions), "", "", said]


def symbol_latex(symbol: str) -> str:
    """``δ(0)`` as ``$\\delta(0)$``, ``NIE₀`` as ``$\\mathrm{NIE}_{0}$``, words as they are."""
    if not SYMBOL.fullmatch(symbol):
        return escaped(symbol)
    text = re.sub("[₀-₉ₖ]+", lambda m: f"_{{{subscript(m[0])}}}", symbol)
    text = re.sub(r"(?<![\\\w])[A-Za-z]{2,}", lambda m: rf"\mathrm{{{m[0]}}}", text)
    return f"${''.join(SPELLED.get(letter, letter) + (' ' if letter in SPELLED else '') for letter in text)}$"


def _math(text: str) -> str:
    """A number or interval in math mode."""
    return f"${text.replace('−', '-').replace('∞', chr(92) + 'infty').replace('∪', chr(92) + 'cup')}$" if text else ""
