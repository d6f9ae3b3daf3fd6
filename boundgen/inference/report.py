"""Estimates as text, table rows, LaTeX and JSON (schema ``boundgen.estimate/1``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isinf, isnan
from textwrap import fill
from typing import Any, TypeGuard

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.independences import Independence
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.symbols import Notation, latex_name, pretty
from boundgen.bounds.text import condition_text, conditions_text, divisor_text, legend_text
from boundgen.bounds.to_json import condition_json
from boundgen.data.observed import CovariateStrata, StratumGroup
from boundgen.data.report import data_text
from boundgen.exact.terms import Term
from boundgen.inference.cox_shi import NAME as COX_SHI
from boundgen.inference.critical import draws_for
from boundgen.inference.equations_test import EquationTest, EquationTests
from boundgen.inference.estimated_bounds import INTERVALS, EstimatedBounds, Interval, is_crossed
from boundgen.inference.estimation import DataProjection, Estimate, Estimation, ModelTest
from boundgen.inference.feasibility import EstimatedViolation
from boundgen.inference.inversion import ACCURACY
from boundgen.inference.linear_lines import STRONG, EstimatedDenominator
from boundgen.inference.methods import DEFAULT, METHODS
from boundgen.inference.misspecified import Misfit
from boundgen.inference.within import AveragedBounds, share
from boundgen.rendering import latex
from boundgen.rendering.layout import WIDTH, indented
from boundgen.rendering.numbers import DIGITS, decimal, end, end_json, percent_of, short
from boundgen.rendering.table import table
from boundgen.work.unanswered import unanswered_json

PROJECTION = "projection"

SCHEMA = "boundgen.estimate/1"
MOST_VIOLATIONS = 10
LATEX_MARK = r"^{\dagger}"
NARROW = "narrow because assumptions and sample disagree"
LEAST_P = 0.001
# What methods do with terms, in the words of `Method.terms`.
TERMS = {
    "kept": "may be the largest and the smallest in the population",
    "active": "are the largest and the smallest in the sample",
    "used": "the intervals are made of",
}


def estimation_json(estimation: Estimation) -> dict[str, Any]:
    """All estimates; numbers are floats, a rejected interval is null."""
    return {
        "schema": SCHEMA,
        "model": estimation.model,
        "n": estimation.n,
        "arms": {arm.name: arm.units for arm in estimation.data.arms},
        "level": estimation.level,
        "seed": estimation.seed,
        "draws": estimation.draws,
        "method": estimation.method,
        "assumes": METHODS[estimation.method].assumes,
        "clusters": [joint.clusters.count if joint.clusters else None for joint in estimation.data.joints],
        "strata": None if estimation.data.strata is None else _strata_json(estimation.data.strata),
        "estimates": [_estimate_json(estimation, each) for each in estimation.estimates],
        "notes": list(estimation.notes),
        **({} if estimation.equations is None else {"equations": _equations_json(estimation, estimation.equations)}),
        **unanswered_json(estimation.unanswered),
    }


def _equations_json(estimation: Estimation, equations: EquationTests) -> dict[str, Any]:
    """Equations of products by their parts, those among cells of factors as a function that is zero."""

    def of(each: EquationTest) -> dict[str, Any]:
        named = each.equation.json() if isinstance(each.equation, Independence) else None
        return {
            **(named or {"condition": condition_json(each.equation, estimation.notation.order)}),  # type: ignore[arg-type]
            "distance": each.distance,
            **_wald_json(each),
        }

    return {"tests": [of(each) for each in equations.tests], **_wald_json(equations)}


def _wald_json(test: EquationTest | EquationTests) -> dict[str, Any]:
    statistic = None if isinf(test.statistic) else test.statistic
    return {"statistic": statistic, "degrees_of_freedom": test.freedom, "p_value": test.p_value}


def _strata_json(strata: CovariateStrata) -> list[dict[str, Any]]:
    return [
        {
            "values": _values_json(strata.covariates, group),
            "units": units,
            "share": float(share(strata, i)),
        }
        for i, (group, units) in enumerate(zip(strata.groups, strata.units, strict=True))
    ]


def _values_json(covariates: Sequence[str], group: StratumGroup) -> dict[str, str] | list[dict[str, str]]:
    """The values of a stratum; of a merged one those of each."""
    named = [dict(zip(covariates, values, strict=True)) for values in group]
    return named[0] if len(named) == 1 else named


def _within_json(each: AveragedBounds, order: Any) -> dict[str, Any]:
    """Combinations can be thousands, so that they are counted and not listed."""
    low, high = each.found.kept
    return {
        **_intervals_json(each.found),
        **_misfit_json(each.misfit),
        "combinations": dict(zip(("lower", "upper"), each.combinations, strict=True)),
        "kept": {"lower": len(low), "upper": len(high)},
        "draws": each.draws,
        "violations": [
            {"stratum": one.stratum, **_violation_json(one.violation, order)} for one in each.violations or ()
        ],
        "conditions_p_value": each.p_value,
    }


def _intervals_json(bounds: EstimatedBounds) -> dict[str, Any]:
    intervals = {name: bounds.interval(name) for name in INTERVALS}
    ends = {name: _ends_json(own) if _has_numbers(own) else None for name, own in intervals.items()}
    return {**ends, "crossed": list(bounds.crossed)}


def _has_numbers(interval: Interval | None) -> TypeGuard[Interval]:
    """Of a sample that no population has there are no plug-in bounds, where nothing else is near."""
    return interval is not None and not any(map(isnan, interval))


def _misfit_json(misfit: Misfit | None) -> dict[str, Any]:
    """Whether assumptions and sample disagree; intervals that take the model to be right, where others are given."""
    ordinary = misfit.ordinary if misfit else None
    return {
        "contradicted": misfit is not None and misfit.fails,
        "relaxation": misfit.relaxation if misfit else None,
        "ordinary": None if ordinary is None else _intervals_json(ordinary),
    }


def _denominator_json(denominator: EstimatedDenominator) -> dict[str, float | None]:
    strength = denominator.strength
    return {
        "value": denominator.value,
        "standard_error": denominator.standard_error,
        "strength": None if isinf(strength) else strength,
    }


def _ends_json(ends: Interval) -> list[float | str | None]:
    return [end_json(each) for each in ends]


def _violation_json(violation: EstimatedViolation, order: Any) -> dict[str, Any]:
    return {
        "condition": condition_json(violation.condition, order),
        "amount": violation.amount,
        "standard_error": violation.standard_error,
        "p_value": violation.p_value,
    }


def _estimate_json(estimation: Estimation, each: Estimate) -> dict[str, Any]:
    order = estimation.notation.order
    conditions = each.conditions
    return {
        "estimand": each.estimand,
        "parameters": {name: float(value) for name, value in each.parameters},
        **_intervals_json(each.found),
        **_misfit_json(each.misfit),
        "denominator": None if each.denominator is None else _denominator_json(each.denominator),
        "range": None if each.range is None else _ends_json((float(each.range.low), float(each.range.high))),
        "kept": {"lower": list(each.found.kept[0]), "upper": list(each.found.kept[1])},
        "critical_values": {
            name: {"value": critical.value, "monte_carlo_error": critical.error}
            for name, critical in each.found.critical_values
        },
        "violations": [_violation_json(one, order) for one in (conditions.violations if conditions else ())],
        "conditions_p_value": conditions.p_value if conditions else None,
        "numeric": None if each.numeric is None else _numeric_json(each.numeric),
        **({} if each.projection is None else {"projection": _projection_json(each.projection)}),
        "nearest": None if each.nearest is None else _ends_json(each.nearest),
        "within": None if each.within is None else _within_json(each.within, order),
    }


def _numeric_json(test: ModelTest) -> dict[str, Any]:
    return {"statistic": test.statistic, "degrees_of_freedom": test.freedom, "p_value": test.p_value}


def _projection_json(projection: DataProjection) -> dict[str, Any]:
    return {"cells": projection.cells, "closed": projection.closed, "gap": projection.gap}


def estimation_rows(estimation: Estimation) -> list[dict[str, Any]]:
    """One flat row for each estimate, and with covariates one more for the averaged bounds."""
    rows = []
    for each in estimation.estimates:
        violations = None if each.conditions is None else len(each.conditions.violations)
        row = _row(estimation, each, each, violations)
        if each.within is None:
            rows.append(row)
            continue
        inside = None if each.within.violations is None else len(each.within.violations)
        rows.append({**row, "within": ""})
        rows.append({**_row(estimation, each, each.within, inside), "within": _covariates(estimation)})
    return rows


def _row(
    estimation: Estimation, each: Estimate, shown: Estimate | AveragedBounds, violations: int | None
) -> dict[str, Any]:
    row: dict[str, Any] = {"estimand": each.estimand}
    row |= {name: float(value) for name, value in each.parameters}
    for name in INTERVALS:
        low, high = shown.found.interval(name) or (None, None)
        row |= {f"{name}_lower": low, f"{name}_upper": high}
    equations = estimation.equations
    row |= {} if equations is None else {"equations_p_value": equations.p_value}
    return row | {
        "n": estimation.n,
        "level": estimation.level,
        "method": _method(estimation, each),
        "notes": "; ".join(" ".join(note.split()) for note in estimation.notes),
        "crossed": " ".join(shown.found.crossed),
        "violations": violations,
        "contradicted": int(is_contradicted(shown)),
        "relaxation": shown.misfit.relaxation if shown.misfit else None,
        "denominator": each.denominator.value if each.denominator else None,
        "denominator_standard_error": each.denominator.standard_error if each.denominator else None,
    }


def _method(estimation: Estimation, each: Estimate) -> str:
    """By what the intervals of an estimate were found."""
    if each.projection is not None:
        return PROJECTION
    return estimation.method if each.numeric is None else f"{COX_SHI}, numeric"


def _covariates(estimation: Estimation) -> str:
    return ", ".join(estimation.data.strata.covariates) if estimation.data.strata else ""


# ---------------------------------------------------------------- text
def estimation_text(estimation: Estimation, unicode: bool) -> str:
    """Data, table, what the columns are, what fails."""
    percent = f"{percent_of(estimation.level)}%"
    notation = estimation.notation
    parameters = [pretty(name, unicode) for name, _ in estimation.estimates[0].parameters]
    header = [
        "",
        *parameters,
        *(head for _, head in interval_heads(estimation)),
        f"terms {METHODS[estimation.method].terms}",
    ]
    rows = [header, *(row for each in estimation.estimates for row in _text_rows(estimation, each, unicode))]
    parts = [
        estimation.model,
        indented(data_text(estimation.data)),
        indented(table(rows)),
        *([indented("\n".join(each.said(unicode) for each in estimation.unanswered))] if estimation.unanswered else []),
        *(indented(text) for text in (_marked(estimation, unicode), _denominators(estimation, unicode)) if text),
        indented(_symbols(estimation, unicode)),
        indented(explanation(estimation, percent)),
        *([indented(_strata_text(estimation, estimation.data.strata))] if estimation.data.strata else []),
        *(indented(note_text(note)) for note in estimation.notes),
        *([indented(legend_text(notation, unicode))] if _names_factors(estimation) else []),
        *(indented(text) for text in _violations(estimation, notation, unicode)),
        *(indented(text) for text in _equations_text(estimation, unicode)),
    ]
    return "\n\n".join(parts) + "\n"


def _names_factors(estimation: Estimation) -> bool:
    """Whether something is printed in the symbols of cells of factors, which nobody knows."""
    tests = estimation.equations.tests if estimation.equations else ()
    failing = any(each.conditions and each.conditions.violations for each in estimation.estimates)
    return any(isinstance(each.equation, Term) for each in tests) or bool(tests and failing)


def _equations_text(estimation: Estimation, unicode: bool) -> list[str]:
    """Each equation that independent causes imply with its test, and all together; what the symbols are."""
    equations = estimation.equations
    if equations is None:
        return []
    lines = ["Equations that independent causes imply (Wald's test, by the delta method):"]
    for each in equations.tests:
        equation = _equation_text(each, estimation.notation, unicode)
        lines.append(f"  {equation}  off by {each.distance:.{DIGITS}f} ({_wald_text(each, unicode)})")
    if len(equations.tests) > 1:
        lines.append(f"All of them together: {_wald_text(equations, unicode)}.")
    return ["\n".join(lines)]


def _equation_text(each: EquationTest, notation: Notation, unicode: bool) -> str:
    if isinstance(each.equation, Independence):
        return each.equation.text
    return conditions_text((each.equation, -each.equation), notation, unicode)[0]


def _wald_text(test: EquationTest | EquationTests, unicode: bool) -> str:
    name = "χ²" if unicode else "chi-squared"
    value = "∞" if unicode else "inf"
    value = value if isinf(test.statistic) else f"{test.statistic:.2f}"
    return f"{name} = {value}, {test.freedom} degree{'s' * (test.freedom != 1)} of freedom, {_p(test.p_value)}"


def _symbols(estimation: Estimation, unicode: bool) -> str:
    """What each estimand of the table is, and what is counted in its last column; each once."""
    names = dict.fromkeys(each.estimand for each in estimation.estimates)
    lines = [estimation.notation.explained(name, unicode) for name in names]
    if not without_terms(estimation):
        word = METHODS[estimation.method].terms
        lines.append(f"terms {word}: how many terms of the lower and of the upper bound {TERMS[word]}")
    return "\n".join(fill(line, WIDTH, subsequent_indent="  ", break_long_words=False) for line in lines)


def without_terms(estimation: Estimation) -> bool:
    """Whether no interval is of the method that was asked for."""
    return all(each.numeric or each.projection for each in estimation.estimates)


def note_text(note: str) -> str:
    """A paragraph; notes that are lines already stay as they are."""
    text = f"Note: {note}."
    return text if "\n" in note else fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def interval_heads(estimation: Estimation, percent: str = "%") -> list[tuple[str, str]]:
    """The columns of the table: what the method gives, of which the adaptive interval is for JSON and CSV."""
    heads = {
        "plug_in": "plug-in",
        "half_median_unbiased": "half-median-unbiased",
        "set_interval": f"{percent_of(estimation.level)}{percent} set",
        "parameter_interval": f"{percent_of(estimation.level)}{percent} parameter",
    }
    return [(name, head) for name, head in heads.items() if name in METHODS[estimation.method].gives]


def _text_rows(estimation: Estimation, each: Estimate, unicode: bool) -> list[list[str]]:
    name = estimation.notation.estimand(each.estimand, unicode)
    row = _text_row(estimation, name, each, each, unicode)
    if each.within is None:
        return [row]
    return [row, _text_row(estimation, f"  within {_covariates(estimation)}", each, each.within, unicode)]


def _text_row(
    estimation: Estimation, name: str, each: Estimate, shown: Estimate | AveragedBounds, unicode: bool
) -> list[str]:
    mark = f" {_mark(unicode)}" if is_contradicted(shown) else ""
    cells = [name + mark, *(short(value) for _, value in each.parameters)]
    cells += [interval_text(head, shown.found.interval(head), unicode) for head, _ in interval_heads(estimation)]
    low, high = shown.found.kept
    return [*cells, "numeric" if each.numeric or each.projection else f"{len(low)} + {len(high)}"]


def is_contradicted(shown: Estimate | AveragedBounds) -> bool:
    """Whether the bounds of a row are narrow because assumptions and sample disagree."""
    return shown.misfit is not None and shown.misfit.fails


def _mark(unicode: bool) -> str:
    return "†" if unicode else "(!)"


def _shown(estimation: Estimation) -> Iterator[Estimate | AveragedBounds]:
    for each in estimation.estimates:
        yield each
        if each.within is not None:
            yield each.within


def _marked(estimation: Estimation, unicode: bool) -> str:
    """What the mark of a row says; empty where no row has it."""
    sentences = _disagreement(estimation)
    return fill(f"{_mark(unicode)} {sentences}", WIDTH) if sentences else ""


def _disagreement(estimation: Estimation) -> str:
    """That rows are narrow because assumptions and sample disagree, and what their intervals are."""
    marked = [each.misfit for each in _shown(estimation) if each.misfit and each.misfit.fails]
    if not marked:
        return ""
    sentences = [f"{NARROW[0].upper()}{NARROW[1:]}."]
    relaxed = [each.relaxation for each in marked if each.relaxation is not None]
    if relaxed:
        sentences.append(
            "The intervals hold in a wrong model too (Stoye 2020, Andrews & Kwon 2024): they are of the values left "
            "when all terms and implications are relaxed by what they need to hold together, in the sample "
            f"{_errors(relaxed)} standard errors. What the effect is if an assumption is false they do not tell."
        )
    if len(relaxed) < len(marked):
        sentences.append("Intervals that do not allow for it take the assumptions to be right.")
    return " ".join(sentences)


def _errors(numbers: Sequence[float]) -> str:
    low, high = (f"{end:.2g}" for end in (min(numbers), max(numbers)))
    return low if low == high else f"{low} to {high}"


def _denominators(estimation: Estimation, unicode: bool) -> str:
    """What bounds are divided by, and how well that is known."""
    lines = [
        f"{_where(each, unicode)} is divided by {_denominator(estimation, each, unicode)}"
        for each in estimation.estimates
        if each.denominator
    ]
    return "\n".join(dict.fromkeys(lines))


def _denominator(estimation: Estimation, each: Estimate, unicode: bool) -> str:
    assert each.denominator
    one = each.denominator
    (name,) = [
        divisor_text(bounds, unicode)
        for bounds in estimation.bounds
        if bounds.name == each.estimand and isinstance(bounds, Bounds)
    ]
    text = f"{name} = {decimal(one.value, unicode)} (standard error {decimal(one.standard_error, unicode)}"
    if isinf(one.strength):
        return f"{text})"
    weak = ", weak" if one.strength < STRONG else ""
    return f"{text}, {one.strength:.1f} of them from zero{weak})"


def _strata_text(estimation: Estimation, strata: CovariateStrata) -> str:
    """What the averaged rows are."""
    averaged = [each.within for each in estimation.estimates if each.within]
    most = max(max(each.combinations) for each in averaged)
    fewest = min(each.draws for each in averaged)
    error = max(value.error for each in averaged for _, value in each.found.critical_values)
    few = f" ({fewest} draws at least)" if fewest < estimation.draws else ""
    covariates = _covariates(estimation)
    lines = [
        f"Rows within {covariates}: bounds within {len(strata.groups)} strata, averaged over these. Terms are",
        f"combinations of one term for each stratum, {most} at most; Monte-Carlo error at most {error:.1g}{few}.",
        *(f"  {name}: {units} units" for name, units in zip(strata.names, strata.units, strict=True)),
    ]
    return "\n".join(lines)


def interval_text(name: str, interval: Interval | None, unicode: bool) -> str:
    """An interval; of those that are not of values a method may give none."""
    if interval is None:
        return "none" if name == "half_median_unbiased" else _interval(interval, unicode)
    return _interval(interval, unicode) if _has_numbers(interval) else "none"


def _interval(interval: Interval | None, unicode: bool) -> str:
    if interval is None:
        return "empty"
    low, high = (end(each, unicode) for each in interval)
    return f"[{low}, {high}]" if not is_crossed(interval) else f"crossed: {low} > {high}"


def explanation(estimation: Estimation, percent: str) -> str:
    """What the method is, and what its columns are; how what has no closed form was found."""
    return "\n".join([method_text(estimation, percent), *without_form_text(estimation)])


def method_text(estimation: Estimation, percent: str) -> str:
    """What the method is, and what its columns are."""
    method = METHODS[estimation.method]
    whole = without_terms(estimation)
    sentences = [] if whole else [f"Method: {estimation.method} ({method.source}). {method.assumes}"]
    sentences.append("Plug-in bounds are too narrow on average.")
    if "half_median_unbiased" in method.gives and not whole:
        sentences.append("Half-median-unbiased bounds err on either side at most half of the time.")
    if "parameter_interval" in method.gives:
        sentences.append(
            "The set interval covers all of the bounds, the parameter interval the estimand itself, "
            f"each with probability {percent} at least where the method is right."
        )
    found = [fill(" ".join([*sentences, *_inverted(estimation)]), WIDTH)]
    found += [] if whole else [_simulation(estimation)]
    return "\n".join(found)


def without_form_text(estimation: Estimation) -> list[str]:
    """How intervals without a closed form are found."""
    return [*_numeric_text(estimation), *_projection_text(estimation)]


def _numeric_text(estimation: Estimation) -> list[str]:
    """How intervals without a closed form are found, and the test of the model that comes with them."""
    numeric = {each.estimand: each.numeric for each in estimation.estimates if each.numeric}
    if not numeric:
        return []
    least = min(test.p_value for test in numeric.values())
    text = (
        f"Numeric, without a closed form: {', '.join(numeric)}. There the conditional chi-squared test "
        "(Cox & Shi 2023) is made on the program over strata, in floating point, and inverted to "
        f"{ACCURACY:g}: no draws, no half-median-unbiased bounds. The same test of the model itself: "
        f"p = {least:.3f}{' at least' if len(numeric) > 1 else ''}."
    )
    return ["", fill(text, WIDTH)]


def _projection_text(estimation: Estimation) -> list[str]:
    """How intervals are found where independent causes leave no closed form."""
    found = {each.estimand: each.projection for each in estimation.estimates if each.projection}
    if not found:
        return []
    text = (
        f"By projection, without a closed form: {', '.join(found)}. The interval is the least and the greatest value "
        f"over all populations of the model whose {max(each.cells for each in found.values())} cells lie in intervals "
        "(Clopper & Pearson 1934) that are right together with that probability, in samples of any size. It is the "
        "same for the bounds and for the estimand, and longer than needed. Its programs are solved in floating point: "
        "the ends hold up to 2e-6."
    )
    return ["", *(fill(each, WIDTH) for each in (text, *open_projections(estimation)))]


def open_projections(estimation: Estimation) -> list[str]:
    """Where time ended before the programs of a projection were solved: by how much its ends may be too far out."""
    late: dict[str, list[float | None]] = {}
    for each in estimation.estimates:
        if each.projection is not None and not each.projection.closed:
            late.setdefault(each.estimand, []).append(each.projection.gap)
    found = []
    for name, gaps in late.items():
        known = [gap for gap in gaps if gap is not None]
        far = f"{max(known):.2g} at most" if len(known) == len(gaps) else "an unknown distance"
        found.append(
            f"{name}: time ended before its programs were solved; the ends of its interval and of its plug-in bounds "
            f"are right, and too far out by {far}. Give it more: --time-limit SECONDS."
        )
    return found


def _inverted(estimation: Estimation) -> list[str]:
    """How intervals of ratios and sums of maxima are found."""
    names = [
        each.name
        for each in estimation.bounds
        if isinstance(each, PiecewiseBounds) or (each.denominator is not None and estimation.method == DEFAULT)
    ]
    if not names:
        return []
    return [
        f"Those of {', '.join(names)} are the values that its test does not reject, found to {ACCURACY:g}; nothing is "
        "divided, so a divisor may be near zero."
    ]


def _simulation(estimation: Estimation) -> str:
    if estimation.method == COX_SHI:
        return "Critical values: of chi-squared distributions; nothing is drawn."
    error = max((value.error for each in estimation.estimates for _, value in each.found.critical_values), default=0.0)
    if not error:
        return "Critical values: exact probabilities."
    drawn = "resamples" if METHODS[estimation.method].resamples else "draws"
    terms = [len(each.lower.terms) + len(each.upper.terms) for each in estimation.bounds if isinstance(each, Bounds)]
    least = draws_for(max(terms, default=0), estimation.draws)
    few = f" ({least} where terms are many)" if least < estimation.draws else ""
    return (
        f"Critical values: {estimation.draws} {drawn}{few}, seed {estimation.seed}, Monte-Carlo error at most "
        f"{error:.1g}."
    )


def _violations(estimation: Estimation, notation: Notation, unicode: bool) -> list[str]:
    """What fails, once for each choice of parameters; then the projections; then what is no interval."""
    failing = [each for each in estimation.estimates if each.conditions is not None and each.conditions.violations]
    paragraphs = [_violation_text(each, notation, unicode) for each in failing]
    paragraphs += [
        _within_violations(each, each.within, notation, unicode)
        for each in estimation.estimates
        if each.within and each.within.violations
    ]
    paragraphs = list(dict.fromkeys(paragraphs))
    if not paragraphs:
        left_out = all(each.conditions is None for each in estimation.estimates)
        paragraphs = ["Testable implications were left out." if left_out else _none_fails(estimation)]
    near = [
        f"  {_where(each, unicode)}: {_interval(each.nearest, unicode)}" for each in failing if each.nearest is not None
    ]
    if near:
        paragraphs.append("\n".join(["Bounds at the nearest distribution of the model:", *near]))
    return [*paragraphs, *_no_intervals(estimation, unicode)]


def _none_fails(estimation: Estimation) -> str:
    """Of inequalities none does; equations are said to fail where they are rejected at the level."""
    equations = estimation.equations
    values = [equations.p_value, *(each.p_value for each in equations.tests)] if equations else []
    if all(value >= 1 - estimation.level for value in values):
        return "No testable implication fails."
    return f"No inequality that the model implies fails; an equation below is rejected at {100 * estimation.level:g}%."


def _violation_text(each: Estimate, notation: Notation, unicode: bool) -> str:
    assert each.conditions
    at = _at(each, unicode)
    lines = [f"Testable implications that fail{f' at {at}' if at else ''} ({_p(each.conditions.p_value)} jointly):"]
    for violation in each.conditions.violations:
        condition = condition_text(violation.condition, notation, unicode)
        lines.append(
            f"  {condition} fails by {violation.amount:.{DIGITS}f} "
            f"(standard error {violation.standard_error:.{DIGITS}f}, {_p(violation.p_value)})"
        )
    return "\n".join(lines)


def _p(value: float) -> str:
    return f"p = {value:.3f}" if value >= LEAST_P else f"p < {LEAST_P}"


def _within_violations(each: Estimate, within: AveragedBounds, notation: Notation, unicode: bool) -> str:
    at = _at(each, unicode)
    where = f" at {at}" if at else ""
    lines = [f"Testable implications that fail within strata{where} ({_p(within.p_value or 0.0)} jointly):"]
    violations = sorted(within.violations or (), key=lambda one: -one.violation.amount)
    for one in violations[:MOST_VIOLATIONS]:
        condition = condition_text(one.violation.condition, notation, unicode)
        lines.append(
            f"  {one.stratum}: {condition} fails by {one.violation.amount:.{DIGITS}f} "
            f"(standard error {one.violation.standard_error:.{DIGITS}f}, {_p(one.violation.p_value)})"
        )
    if len(violations) > MOST_VIOLATIONS:
        lines.append(f"  and {len(violations) - MOST_VIOLATIONS} more")
    return "\n".join(lines)


def _no_intervals(estimation: Estimation, unicode: bool) -> list[str]:
    """What is crossed or empty must not be taken for an interval."""
    printed = [(_where(each, unicode), each.found) for each in estimation.estimates]
    printed += [
        (f"{_where(each, unicode)} within {_covariates(estimation)}", each.within.found)
        for each in estimation.estimates
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
    empty = [where for where, bounds in printed if _is_empty(estimation, bounds)]
    if empty:
        texts.append(f"The parameter interval of {', '.join(empty)} is empty: every value is rejected.")
    return [fill(text, WIDTH) for text in texts]


def _is_empty(estimation: Estimation, bounds: EstimatedBounds) -> bool:
    return "parameter_interval" in METHODS[estimation.method].gives and bounds.parameter_interval is None


def _called(name: str) -> str:
    names = {"plug_in": "plug-in bounds", "half_median_unbiased": "half-median-unbiased bounds"}
    return names.get(name, name.replace("_", " ").replace("parameter interval adaptive", "adaptive parameter interval"))


def _at(each: Estimate, unicode: bool) -> str:
    return ", ".join(f"{pretty(name, unicode)} = {float(value):g}" for name, value in each.parameters)


def _where(each: Estimate, unicode: bool) -> str:
    at = _at(each, unicode)
    return pretty(each.estimand, unicode) + (f" at {at}" if at else "")


# ---------------------------------------------------------------- LaTeX
def estimation_latex(estimation: Estimation) -> str:
    """A table for booktabs."""
    heads = interval_heads(estimation, "\\%")
    parameters = [f"${latex_name(name)}$" for name, _ in estimation.estimates[0].parameters]
    header = ["", *parameters, *(head[0].upper() + head[1:] for _, head in heads)]
    lines = [each.line for each in estimation.unanswered]
    numeric = dict.fromkeys(each.estimand for each in estimation.estimates if each.numeric)
    lines += [f"{name}: numeric, by {COX_SHI} on the program over strata" for name in numeric]
    lines += [f"{each.estimand}: by projection" for each in estimation.estimates if each.projection]
    lines += [f"Note: {note}." for note in estimation.notes]
    above = "".join(f"% {latex.comment(line)}\n" for line in lines)
    rows = [row for each in estimation.estimates for row in _latex_rows(estimation, each, heads)]
    below = _disagreement(estimation)
    said = [f"${LATEX_MARK}$ {latex.escaped(below)}"] if below else []
    said += _equations_latex(estimation)
    said += [
        f"{estimation.notation.explained_latex(name)}."
        for name in dict.fromkeys(e.estimand for e in estimation.estimates)
    ]
    note = f"\n\n{{\\footnotesize {' '.join(said)}}}\n"
    return above + latex.tabular(f"l{'r' * (len(header) - 1)}", [header, *rows]) + note


def _equations_latex(estimation: Estimation) -> list[str]:
    """One sentence on the test of what independent causes imply."""
    tests = estimation.equations
    if tests is None:
        return []
    value = r"\infty" if isinf(tests.statistic) else f"{tests.statistic:.2f}"
    return [f"Equations that independent causes imply: $\\chi^2_{{{tests.freedom}}} = {value}$, ${_p(tests.p_value)}$."]


def _latex_rows(estimation: Estimation, each: Estimate, heads: Sequence[tuple[str, str]]) -> Iterator[list[str]]:
    named: list[tuple[str, Estimate | AveragedBounds]] = [(estimation.notation.estimand_latex(each.estimand), each)]
    named += [(r"\quad within " + latex.escaped(_covariates(estimation)), each.within)] if each.within else []
    for name, shown in named:
        mark = f"${LATEX_MARK}$" if is_contradicted(shown) else ""
        cells = [name + mark, *(short(value) for _, value in each.parameters)]
        intervals = ((head, shown.found.interval(head)) for head, _ in heads)
        yield [
            *cells,
            *("none" if interval_text(*each, False) == "none" else interval_latex(each[1]) for each in intervals),
        ]


def interval_latex(interval: Interval | None) -> str:
    """An interval in the text of a document."""
    if interval is None:
        return "empty"
    text = _interval(interval, False).replace("inf", r"\infty")
    return f"${text}$" if not is_crossed(interval) else f"crossed: ${text.removeprefix('crossed: ')}$"
