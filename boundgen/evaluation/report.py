"""Evaluations as text, CSV, LaTeX and JSON (schema ``boundgen.evaluation/1``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from textwrap import fill
from typing import Any

from boundgen.bounds.closed_form import Bounds, Side, checked_values
from boundgen.bounds.derived import NO_IMPLICATIONS
from boundgen.bounds.latex import quotient_latex
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_layout import script
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.symbols import latex_name, pretty
from boundgen.bounds.text import condition_text, legend_text, quotient_text, term_text
from boundgen.bounds.to_json import condition_json
from boundgen.data.report import data_text
from boundgen.evaluation.evaluations import Evaluation, Evaluations, Violation
from boundgen.evaluation.numeric_program import Numeric, numeric_text
from boundgen.evaluation.polynomial_bounds import CLOSED
from boundgen.exact.rational import Written
from boundgen.exact.terms import Term
from boundgen.polyhedra.weighted_optimum import End, is_possible
from boundgen.rendering import latex
from boundgen.rendering.layout import WIDTH, indented
from boundgen.rendering.numbers import decimal, short
from boundgen.rendering.signs import signs
from boundgen.rendering.table import table
from boundgen.work.unanswered import unanswered_json

INFINITY = "∞"
SCHEMA = "boundgen.evaluation/1"
POLYNOMIAL = "polynomial program"
NUMERIC = (
    "By a polynomial program, numerically: the sharp bounds are inside of these ends, which are at most 2e-6 and the\n"
    "gap away from them."
)
LEFT_OUT = "Testable implications were left out."
MOST_VIOLATIONS = 10
UNDEFINED = "undefined"
# Longer pieces are read in the derivation.
LONGEST_PIECE = 50
NOTE = (
    "Plug-in values, without sampling error. In finite samples the max and min of estimated terms\n"
    "lie too far inward: the bounds of the population are, on average, wider than these."
)


# ---------------------------------------------------------------- text
def evaluations_text(evaluations: Evaluations, unicode: bool = True) -> str:
    """Title, data, table, symbols, what fails, what plug-in values are; then what was not finished."""
    parts = [
        *_title(evaluations),
        *([data_text(evaluations.data)] if evaluations.data else []),
        _values_text(evaluations, unicode),
        *(["\n".join(each.said(unicode) for each in evaluations.unanswered)] if evaluations.unanswered else []),
        _symbols(evaluations, unicode),
        *_independence_parts(evaluations, unicode),
        *_violation_parts(evaluations, unicode),
        *_numeric_parts(evaluations),
        NOTE,
    ]
    first, *rest = parts
    return "\n\n".join([first, *(indented(part) for part in rest)]) + "\n" + _unfinished(evaluations)


def _symbols(evaluations: Evaluations, unicode: bool) -> str:
    """What the symbols of the terms are, and each estimand of the table in words."""
    notation = evaluations.notation
    words = dict(notation.words)
    named = [name for name in dict.fromkeys(each.estimand for each in evaluations) if name in words]
    lines = [fill(notation.explained(name, unicode), WIDTH, subsequent_indent="  ") for name in named]
    return "\n".join([*lines, *filter(None, [legend_text(replace(notation, labels=()), unicode)])])


def _numeric_parts(evaluations: Evaluations) -> list[str]:
    """What is said of intervals that a polynomial program gave."""
    if not any(each.method == POLYNOMIAL for each in evaluations):
        return []
    return ["\n".join([NUMERIC, *open_gaps(evaluations)])]


def open_gaps(evaluations: Evaluations) -> list[str]:
    """Where time ended before a polynomial program was solved: how far inside the sharp bounds may lie."""
    found = []
    for each in evaluations:
        if each.method == POLYNOMIAL and each.lower is not None and (each.gap is None or each.gap > CLOSED):
            far = "an unknown distance" if each.gap is None else f"{float(each.gap):.2g}"
            found.append(
                f"{each.estimand}: time ended before the program was solved; the sharp bounds may lie {far} inside. "
                "Give it more: --time-limit SECONDS."
            )
    return found


def _title(evaluations: Evaluations) -> list[str]:
    if evaluations.derivation is None:
        return [evaluations.data.model] if evaluations.data else []
    model = evaluations.derivation.model
    return [f"{model.name}: {model.title}" if model.title else model.name]


def _unfinished(evaluations: Evaluations) -> str:
    """What was not finished; where that are bounds, the sharp ones at these data."""
    if evaluations.unproved:
        return "\n" + numeric_text(evaluations.numeric, evaluations.missing) + "\n"
    return "\n" + "\n".join(evaluations.missing) + "\n" if evaluations.missing else ""


def _values_text(evaluations: Evaluations, unicode: bool) -> str:
    """A table with the active terms beside the bounds, or below it where they are long."""
    rows = _text_rows(evaluations, unicode)
    numbers = range(1, len(rows[0]) - 2)
    whole = table(rows, numbers)
    if max(map(len, whole.split("\n"))) <= WIDTH:
        return whole
    sign = signs(unicode)
    named = [f"{row[0]}{_at(rows[0][1:-4], row[1:-4])}" for row in rows[1:]]
    sides = [(row[-2], row[-1]) for row in rows[1:]]
    terms = []
    for name, side, each in zip(named, sides, evaluations, strict=True):
        if set(side) in ({each.method}, {UNDEFINED}):
            terms.append(f"{name.removesuffix(':')}: {side[0]}")
            continue
        terms += [
            f"{name} {relation} {term}" for relation, term in zip((sign.at_least, sign.at_most), side, strict=True)
        ]
    return table([row[:-2] for row in rows], numbers) + "\n\n" + "\n".join(terms)


def _at(names: Sequence[str], values: Sequence[str]) -> str:
    return f" at {', '.join(f'{n} = {v}' for n, v in zip(names, values, strict=True))}:" if names else ""


def _text_rows(evaluations: Evaluations, unicode: bool) -> list[list[str]]:
    names = [pretty(parameter.name, unicode) for parameter in evaluations.parameters]
    rows = [["", *names, "lower", "upper", "lower term", "upper term"]]
    for each in evaluations:
        low, high = _active_terms(evaluations, each, unicode)
        values = [short(value, unicode) for _, value in each.parameters]
        ends = [_end_text(end, unicode) for end in (each.lower, each.upper)]
        rows.append([evaluations.notation.estimand(each.estimand, unicode) + _mark(each), *values, *ends, low, high])
    return rows


def _end_text(end: End, unicode: bool) -> str:
    if end is None:
        return "none"
    if isinstance(end, float):
        return f"{'-' if end < 0 else ''}{INFINITY if unicode else 'inf'}"
    return decimal(end, unicode)


def _active_terms(evaluations: Evaluations, each: Evaluation, unicode: bool) -> tuple[str, str]:
    """The terms that give the bounds; several where they are equal. Otherwise how the bounds were found."""
    bounds = evaluations.of(each)
    if each.lower is None:
        return UNDEFINED, UNDEFINED
    if _is_of_factors(evaluations):
        return each.method, each.method
    if isinstance(bounds, PiecewiseBounds):
        return _active_pieces(bounds, each, evaluations.cells, script(bounds, latex=False, unicode=unicode))
    if bounds is None:
        return each.method, each.method
    return (
        _active(bounds, bounds.lower, each.active_lower, unicode),
        _active(bounds, bounds.upper, each.active_upper, unicode),
    )


def _active_pieces(
    bounds: PiecewiseBounds, each: Evaluation, cells: Mapping[str, Written], writing: Script
) -> tuple[str, str]:
    """The first of the pieces that give each end, where it is short; otherwise how the bounds were found."""
    at = checked_values(bounds.arms, bounds.parameters, cells, dict(each.parameters))
    found = []
    for side, active in ((bounds.lower, each.active_lower), (bounds.upper, each.active_upper)):
        pieces = [side.pieces[i].reduced(at, side.op) for i in active]
        texts = (writing.piece(piece, side.op, bounds.denominator) for piece in pieces)
        found.append(next((text for text in texts if len(text) <= LONGEST_PIECE or writing.latex), each.method))
    return found[0], found[1]


def _active(bounds: Bounds, side: Side, active: tuple[int, ...], unicode: bool) -> str:
    quotients = bounds.quotients(side)
    return " = ".join(quotient_text(bounds, quotients[i], unicode) for i in active)


def _violation_parts(evaluations: Evaluations, unicode: bool) -> list[str]:
    parts = [_left_out(evaluations)] if any(each.violations is None for each in evaluations) else []
    failing = _worst(evaluations)
    if failing:
        lines = [
            f"{failing_text(evaluations, term, unicode)}  fails by {decimal(amount, unicode)}"
            for term, amount in failing[:MOST_VIOLATIONS]
        ]
        more = [f"and {len(failing) - MOST_VIOLATIONS} more"] if len(failing) > MOST_VIOLATIONS else []
        where = ", in the rows with *" if evaluations.parameters else ""
        parts.append(f"Testable implications fail at these data{where}:\n\n" + indented("\n".join([*lines, *more])))
    if any(each.crossed for each in evaluations):
        parts.append("Where the lower bound is above the upper, no population meets the assumptions with these data.")
    undefined = [_undefined(evaluations, each, unicode) for each in evaluations if each.lower is None]
    parts += ["\n".join(dict.fromkeys(undefined))] if undefined else []
    if any(distance for _, distance in evaluations.independences):
        return parts
    return parts or ["No testable implication fails."]


def _independence_parts(evaluations: Evaluations, unicode: bool) -> list[str]:
    """How far the data are from each conditional independence."""
    lines = [f"{each.text}  off by {decimal(distance, unicode)}" for each, distance in evaluations.independences]
    return ["Independences that the model implies, and the most that they are off by at these data:\n\n"
            + indented("\n".join(lines))] if lines else []  # fmt: skip


def _left_out(evaluations: Evaluations) -> str:
    derivation = evaluations.derivation
    return NO_IMPLICATIONS if derivation and derivation.conditions_missing == NO_IMPLICATIONS else LEFT_OUT


def _undefined(evaluations: Evaluations, each: Evaluation, unicode: bool) -> str:
    """Why there is no interval: what is divided by is zero, or there is no population."""
    said = f"{evaluations.notation.estimand(each.estimand, unicode)} is undefined: "
    if evaluations.derivation is not None and evaluations.derivation.independent is not None:
        return f"{said}its condition or divisor is 0 at these data, or no population fits them."
    bounds = evaluations.of(each)
    at = evaluations.values(each)
    if isinstance(bounds, Bounds):
        assert bounds.denominator is not None
        below = term_text(bounds.denominator, evaluations.notation, unicode)
        return f"{said}{below} is {'negative' if bounds.denominator.value(at) else '0'} at these data."
    program = bounds.program if bounds else evaluations.program(each)
    if bounds and not program.over.numerator.value(at):
        below = script(bounds, latex=False, unicode=unicode).polynomial(bounds.denominator or program.over.numerator)
        return f"{said}{below} is 0 at these data."
    if not is_possible(program, at):
        return f"{said}no population fits these data."
    return f"{said}its condition or divisor is 0 in every population that fits these data."


def _mark(each: Evaluation) -> str:
    """With parameters a condition may fail at some of their values alone."""
    return " *" if each.parameters and each.violations else ""


def _worst(evaluations: Evaluations) -> list[tuple[AnyCondition, Fraction]]:
    """Each condition that fails, with the most that it fails by."""
    worst: dict[AnyCondition, Fraction] = {}
    for each in evaluations:
        for violation in each.violations or ():
            worst[violation.condition] = max(violation.amount, worst.get(violation.condition, Fraction(0)))
    return list(worst.items())


def failing_text(evaluations: Evaluations, condition: AnyCondition, unicode: bool) -> str:
    """A testable implication as the derivation prints it."""
    shown = evaluations.shown(condition) if isinstance(condition, Term) else condition
    return condition_text(shown, evaluations.notation, unicode)


# ---------------------------------------------------------------- rows, LaTeX, JSON
def evaluation_rows(evaluations: Evaluations) -> list[dict[str, Any]]:
    """One row for each evaluation, with plain names and full digits."""
    return [_row(evaluations, each) for each in evaluations]


def _row(evaluations: Evaluations, each: Evaluation) -> dict[str, Any]:
    low, high = _active_terms(evaluations, each, False)
    return {
        "estimand": each.estimand,
        **{name: float(value) for name, value in each.parameters},
        "lower": None if each.lower is None else float(each.lower),
        "upper": None if each.upper is None else float(each.upper),
        "lower_term": low,
        "upper_term": high,
        "violations": None if each.violations is None else len(each.violations),
    }


def evaluations_latex(evaluations: Evaluations) -> str:
    """A tabular that needs no package; what the data and the symbols are stands above it in comments."""
    names = [f"${latex_name(parameter.name)}$" for parameter in evaluations.parameters]
    head = ["", *names, "lower", "upper", "lower term", "upper term"]
    rows = [head, *(_latex_row(evaluations, each) for each in evaluations)]
    above = "".join(f"% {latex.comment(line)}".rstrip() + "\n" for line in _comments(evaluations))
    return above + latex.tabular(f"l{'r' * (len(names) + 2)}ll", rows, (r"\hline",) * 3)


def _comments(evaluations: Evaluations) -> list[str]:
    failing = "\n".join(_violation_parts(evaluations, True)).split("\n")
    return [
        *(data_text(evaluations.data).split("\n") if evaluations.data else []),
        *(each.line for each in evaluations.unanswered),
        *(line for line in failing if line),
        *NOTE.split("\n"),
        *_symbols(evaluations, True).split("\n"),
    ]


def _is_of_factors(evaluations: Evaluations) -> bool:
    """Whether terms are in cells of factors, which the data are not."""
    return evaluations.derivation is not None and evaluations.derivation.independent is not None


def _latex_row(evaluations: Evaluations, each: Evaluation) -> list[str]:
    bounds = evaluations.of(each)
    values = [f"${short(value)}$" for _, value in each.parameters]
    shown = [*values, *(_end_latex(end) for end in (each.lower, each.upper))]
    terms: list[str] = [each.method, each.method]
    if each.lower is None:
        terms = [UNDEFINED, UNDEFINED]
    elif _is_of_factors(evaluations):
        pass
    elif isinstance(bounds, Bounds):
        sides = ((bounds.lower, each.active_lower), (bounds.upper, each.active_upper))
        terms = [f"${_latex_terms(bounds, side, active)}$" for side, active in sides]
    elif isinstance(bounds, PiecewiseBounds):
        pieces = _active_pieces(bounds, each, evaluations.cells, script(bounds, latex=True))
        terms = [piece if piece == each.method else f"${piece}$" for piece in pieces]
    return [f"{evaluations.notation.estimand_latex(each.estimand)}{_mark(each)}", *shown, *terms]


def _end_latex(end: End) -> str:
    if isinstance(end, float):
        return r"$-\infty$" if end < 0 else r"$\infty$"
    return "none" if end is None else f"${decimal(end)}$"


def _latex_terms(bounds: Bounds, side: Side, active: tuple[int, ...]) -> str:
    quotients = bounds.quotients(side)
    return " = ".join(quotient_latex(bounds, quotients[i]) for i in active)


def evaluations_json(evaluations: Evaluations) -> dict[str, Any]:
    """Numbers as floats; conditions as in the JSON of a derivation, each to be non-negative."""
    document = {
        "schema": SCHEMA,
        "evaluations": [_one_json(evaluations, each) for each in evaluations],
        **_independences_json(evaluations),
        **unanswered_json(evaluations.unanswered),
    }
    if not evaluations.missing:
        return document
    numeric = [_numeric_json(each) for each in evaluations.numeric]
    return {**document, "missing": list(evaluations.missing), "numeric": numeric}


def _independences_json(evaluations: Evaluations) -> dict[str, Any]:
    found = [{**each.json(), "distance": float(distance)} for each, distance in evaluations.independences]
    return {"independences": found} if found else {}


def _numeric_json(numeric: Numeric) -> dict[str, Any]:
    return {
        "estimand": numeric.estimand,
        "parameters": [[name, str(value)] for name, value in numeric.parameters],
        "lower": numeric.lower,
        "upper": numeric.upper,
    }


def _one_json(evaluations: Evaluations, each: Evaluation) -> dict[str, Any]:
    failing = None if each.violations is None else [_violation_json(evaluations, one) for one in each.violations]
    sides = (("lower", each.active_lower), ("upper", each.active_upper))
    return {
        "estimand": each.estimand,
        "parameters": {name: float(value) for name, value in each.parameters},
        "lower": _end_json(each.lower),
        "upper": _end_json(each.upper),
        "method": each.method,
        **({"gap": None if each.gap is None else float(each.gap)} if each.method == POLYNOMIAL else {}),
        "active": {side: active[0] for side, active in sides if active} or None,
        "violations": failing,
    }


def _end_json(end: End) -> float | str | None:
    """JSON has no infinities: they are texts."""
    return str(end) if isinstance(end, float) else None if end is None else float(end)


def _violation_json(evaluations: Evaluations, violation: Violation) -> dict[str, Any]:
    condition = condition_json(violation.condition, evaluations.notation)
    return {"condition": condition, "amount": float(violation.amount)}
