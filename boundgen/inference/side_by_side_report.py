"""Estimates side by side as text, table rows, LaTeX and JSON (schema ``boundgen.report/1``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from boundgen.bounds.symbols import Notation, pretty
from boundgen.data.report import sources_text, unused_text
from boundgen.inference.estimated_bounds import Interval
from boundgen.inference.estimation import Estimate, Estimation
from boundgen.inference.report import (
    LATEX_MARK,
    NARROW,
    estimation_json,
    estimation_rows,
    interval_heads,
    interval_latex,
    interval_text,
    is_contradicted,
    method_text,
    note_text,
    without_form_text,
    without_terms,
)
from boundgen.inference.side_by_side import ChosenColumns, SideBySide, TreatmentEffect
from boundgen.rendering import latex
from boundgen.rendering.layout import indented
from boundgen.rendering.numbers import decimal, percent_of, short
from boundgen.rendering.table import table
from boundgen.rendering.text import in_ascii
from boundgen.work.unanswered import unanswered_json

SCHEMA = "boundgen.report/1"


def side_by_side_json(study: SideBySide) -> dict[str, Any]:
    """Each choice of columns with its effects, and under each set of assumptions what `estimate` gives."""
    return {
        "schema": SCHEMA,
        "models": [model.name for model in study.models],
        "mediator": study.mediator,
        "outcome": study.outcome,
        "choices": [
            {
                "columns": dict(chosen.columns),
                "n": chosen.n,
                "effects": [_effect_json(each) for each in chosen.effects],
                "estimations": [estimation_json(each) for each in chosen.estimations],
            }
            for chosen in study.chosen
        ],
        **unanswered_json(study.unanswered),
    }


def _effect_json(effect: TreatmentEffect) -> dict[str, Any]:
    return {
        "treatment": effect.treatment,
        "variable": effect.variable,
        "value": effect.value,
        "interval": None if effect.interval is None else list(effect.interval),
    }


def side_by_side_rows(study: SideBySide) -> list[dict[str, Any]]:
    """What was chosen and the effects of the treatment stand in each row, so that it can be read alone."""
    names = list(dict.fromkeys(name for row in _estimation_rows(study) for name in row))
    rows = []
    for chosen in study.chosen:
        before = {f"column_{variable}": column for variable, column in chosen.columns} | _effect_columns(study, chosen)
        for estimation in chosen.estimations:
            for row in estimation_rows(estimation):
                rows.append({**before, "model": estimation.model, **{name: row.get(name) for name in names}})
    return rows


def _estimation_rows(study: SideBySide) -> Iterator[dict[str, Any]]:
    for estimation in study.estimations:
        yield from estimation_rows(estimation)


def _effect_columns(study: SideBySide, chosen: ChosenColumns) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for role, variable in (("mediator", study.mediator), ("outcome", study.outcome)):
        effect = chosen.effect(variable)
        low, high = (effect.interval if effect else None) or (None, None)
        columns |= {
            f"effect_on_{role}": effect.value if effect else None,
            f"effect_on_{role}_lower": low,
            f"effect_on_{role}_upper": high,
        }
    return columns


# ---------------------------------------------------------------- text
def side_by_side_text(study: SideBySide, unicode: bool) -> str:
    """Data, effects, bounds, and what symbols and columns are, each once."""
    parts = [
        "\n".join(_data_lines(study)),
        table(_effect_table(study, unicode)),
        table(_bounds_table(study, unicode)),
        *(["\n".join(each.said(unicode) for each in study.unanswered)] if study.unanswered else []),
        *([f"{_mark(unicode)} {NARROW}"] if _marked(study) else []),
        "\n".join(definitions_text(study, unicode)),
        _explanation(study),
        *(note_text(note) for note in study.notes),
    ]
    text = "\n\n".join([", ".join(model.name for model in study.models), *map(indented, parts)]) + "\n"
    return text if unicode else in_ascii(text)


def _explanation(study: SideBySide) -> str:
    """The method, where some model needs it; then, of all models, how what has no closed form was found."""
    first = study.estimations[0]
    by_terms = next((each for each in study.estimations if not without_terms(each)), first)
    several = len(study.models) > 1
    named = [
        replace(each, estimand=f"{each.estimand} in {estimation.model}") if several else each
        for estimation in study.estimations
        for each in estimation.estimates
    ]
    method = method_text(by_terms, f"{percent_of(first.level)}%")
    return "\n".join([method, *without_form_text(replace(first, estimates=tuple(named)))])


def _data_lines(study: SideBySide) -> Iterator[str]:
    """The data, and for each choice of columns which units are not used."""
    yield "data: " + "; ".join(dict.fromkeys(sources_text(each.data) for each in study.estimations))
    for chosen in study.chosen:
        for line in dict.fromkeys(line for each in chosen.estimations for line in unused_text(each.data)):
            yield f"  {chosen.label}: {line}" if chosen.columns else f"  {line}"


def _marked(study: SideBySide) -> bool:
    return any(is_contradicted(each) for estimation in study.estimations for each in estimation.estimates)


def _mark(unicode: bool) -> str:
    return "†" if unicode else "(!)"


def _effect_table(study: SideBySide, unicode: bool) -> list[list[str]]:
    """A row for each choice: units, and the effect of the treatment on mediator and outcome."""
    named = [name for name in (study.mediator, study.outcome) if name and study.chosen[0].effect(name)]
    percent = f"{percent_of(study.estimations[0].level)}%"
    heads = [part for name in named for part in (_effect_head(study, name), percent)]
    rows = [["", "n", *heads]]
    for chosen in study.chosen:
        cells = [chosen.label, str(chosen.n)]
        for name in named:
            effect = chosen.effect(name)
            cells += [decimal(effect.value, unicode), _text(effect.interval, unicode)] if effect else ["", ""]
        rows.append(cells)
    return rows


def _effect_head(study: SideBySide, name: str) -> str:
    effect = study.chosen[0].effect(name)
    return f"effect of {effect.treatment if effect else ''} on {name}"


def _text(interval: Interval | None, unicode: bool) -> str:
    return interval_text("", interval, unicode)


def _bounds_table(study: SideBySide, unicode: bool) -> list[list[str]]:
    heads = [head for _, head in interval_heads(study.estimations[0])]
    rows = [["", "", "assumptions", *heads]]
    for chosen, estimation, each in estimates_of(study):
        name = estimation.notation.estimand(each.estimand, unicode)
        mark = f" {_mark(unicode)}" if is_contradicted(each) else ""
        intervals = [interval_text(head, each.found.interval(head), unicode) for head, _ in interval_heads(estimation)]
        rows.append([chosen.label, name + mark, assumed(estimation, each, unicode), *intervals])
    return rows


def estimates_of(study: SideBySide) -> Iterator[tuple[ChosenColumns, Estimation, Estimate]]:
    """Choice by choice and estimand by estimand, the sets of assumptions below one another."""
    for chosen in study.chosen:
        for name in study.estimands:
            for estimation in chosen.estimations:
                yield from ((chosen, estimation, each) for each in estimation.estimates if each.estimand == name)


def assumed(estimation: Estimation, each: Estimate, unicode: bool = True) -> str:
    """The set of assumptions, with the values of its parameters."""
    at = ", ".join(f"{pretty(name, unicode)} = {short(value)}" for name, value in each.parameters)
    return estimation.model + (f", {at}" if at else "")


def definitions_text(study: SideBySide, unicode: bool) -> list[str]:
    """What each estimand and each set of assumptions is, once."""
    lines = [notation.explained(name, unicode) for name, notation in _notations(study).items()]
    return lines + [f"{model.name}: {model.title}" for model in study.models if model.title]


def _notations(study: SideBySide) -> dict[str, Notation]:
    """The notation that explains each estimand."""
    return {
        name: next(each.notation for each in study.estimations if any(e.estimand == name for e in each.estimates))
        for name in study.estimands
    }


# ---------------------------------------------------------------- LaTeX
def side_by_side_latex(study: SideBySide) -> str:
    """Both tables; below them what the symbols are."""
    head, *body = _effect_table(study, False)
    effects = [[latex.escaped(cell) for cell in head]]
    effects += [[latex.escaped(row[0]), *(f"${cell}$" if cell else "" for cell in row[1:])] for row in body]
    first = latex.tabular("l" + "r" * (len(effects[0]) - 1), effects)
    heads = [head[0].upper() + head[1:] for _, head in interval_heads(study.estimations[0], "\\%")]
    rows: list[Sequence[str]] = [["", "", "Assumptions", *heads]]
    for chosen, estimation, each in estimates_of(study):
        name = estimation.notation.estimand_latex(each.estimand) + (f"${LATEX_MARK}$" if is_contradicted(each) else "")
        intervals = [interval_latex(each.found.interval(head)) for head, _ in interval_heads(estimation)]
        rows.append([latex.escaped(chosen.label), name, latex.escaped(assumed(estimation, each)), *intervals])
    second = latex.tabular("lll" + "r" * len(heads), rows)
    said = (*(each.line for each in study.unanswered), *(f"Note: {note}." for note in study.notes))
    comments = "".join(f"% {latex.comment(line)}\n" for line in said)
    return f"{comments}{first}\n{second}\n{{\\footnotesize {' '.join(_sentences(study))}}}\n"


def _sentences(study: SideBySide) -> Iterator[str]:
    if _marked(study):
        yield f"${LATEX_MARK}$ {latex.escaped(NARROW)}."
    for name, notation in _notations(study).items():
        yield f"{notation.explained_latex(name)}."
    for model in study.models:
        if model.title:
            yield latex.escaped(f"{model.name}: {model.title}.")
    yield latex.escaped(
        "Data: " + "; ".join(dict.fromkeys(sources_text(each.data) for each in study.estimations)) + "."
    )
