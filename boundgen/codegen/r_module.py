"""A file of plain R: functions whose names begin with the model's, vectorized over laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from boundgen.codegen.content import Arm, EstimandContent, Formula, ModuleContent, Range
from boundgen.codegen.expressions import number, operands, used
from boundgen.codegen.header import header_lines
from boundgen.codegen.layout import comment, filled, wrapped
from boundgen.codegen.names import free_names
from boundgen.rendering import r
from boundgen.rendering.r import quoted

# Reserved words, and what the template uses in functions that have a parameter of the model as an argument.
RESERVED = frozenset(
    """if else repeat while function for next break in TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_complex_
    NA_character_ p estimand name laws value""".split()
)


def r_prefix(name: str) -> str:
    """The beginning of all names: R names do not begin with an underscore."""
    return f"x{name}" if name.startswith("_") else name


def r_module(content: ModuleContent) -> str:
    """The text of the file."""
    names = r_names(content)
    parameters = [names[p.name] for p in content.parameters]
    behind = "".join(f", {name} = NULL" for name in parameters)
    complete = [arm for arm in content.arms if arm.complete]
    incomplete = [arm for arm in content.arms if not arm.complete]
    return filled(
        "module.R.txt",
        {
            "header": comment(header_lines(content, "r"), "#", r.comment),
            "about": "\n".join(_about(content)),
            "prefix": r_prefix(content.name),
            "cells": _commented((quoted(cell), names[cell]) for cell in content.cells),
            "parameters": ", ".join(_range(p, names) for p in content.parameters),
            "estimands": ",\n".join(f"  {quoted(e.name)} = {quoted(e.meaning)}" for e in content.estimands),
            "conditions": ", ".join(f"\n  {quoted(c.formula.text)}" for c in content.conditions)
            + ("\n" if content.conditions else ""),
            "doc": "\n".join(_parameter_doc(p, names) for p in content.parameters),
            "signature": f"p, estimand = NULL{behind}",
            "law_signature": f"p{behind}",
            "passed": f"list({', '.join(f'{name} = {name}' for name in parameters)})",
            "formulas": "\n\n".join("\n".join(lines) for lines in _functions(content, names)),
            "complete_arms": _numbers(content, complete),
            "incomplete_arms": _numbers(content, incomplete),
        },
    )


def r_names(content: ModuleContent) -> dict[str, str]:
    """What each cell and parameter is called in the file."""
    parameters = [p.name for p in content.parameters]
    wanted = [f"x{name}" if name.startswith("_") else name for name in (*content.symbols, *parameters)]
    return dict(zip([*content.cells, *parameters], free_names(wanted, RESERVED), strict=True))


def _remark(key: str) -> str:
    """What a symbol stands for; parameters are called by their names."""
    return f" # {r.comment(key)}" if "(" in key else ""


def _commented(items: Iterator[tuple[str, str]], indent: str = "  ") -> str:
    """Arguments a line, each with its comment behind the comma."""
    pairs = list(items)
    return "\n".join(
        f"{indent}{item}{',' if i < len(pairs) - 1 else ''} # {r.comment(text)}" for i, (item, text) in enumerate(pairs)
    )


def _about(content: ModuleContent) -> Iterator[str]:
    """What goes in and what comes out."""
    prefix, size = r_prefix(content.name), len(content.cells)
    paragraphs = [
        f"Load this file with source(); it needs R alone, and defines {prefix}_lower, {prefix}_upper, {prefix}_bounds, "
        f"{prefix}_active_terms and {prefix}_violations.",
        f"p holds the observed probabilities: a numeric matrix or a data frame with a row for each law and {size} "
        f"columns named as {prefix}_cells says, in any order (a matrix without names: in that order), or a vector for "
        "a single law. Parameters are numbers, or vectors with a number for each law.",
        "An error says what is wrong and where: unknown or missing cells, values that are not numbers, negative cells, "
        "arms whose cells do not sum to 1 (up to 1e-9; to at most 1, where only some of an arm's cells are observed), "
        "a parameter that is missing or out of its range, an estimand that is unknown or, where there are several, "
        "not named.",
        "Symbols:",
    ]
    for paragraph in paragraphs:
        yield from wrapped(paragraph, "# ")
        yield "#"
    for line in content.legend:
        yield from wrapped(r.comment(line), "#   ", "#     ")


def _range(parameter: Range, names: Mapping[str, str]) -> str:
    return f"{names[parameter.name]} = c({_end(parameter.low, '-Inf')}, {_end(parameter.high, 'Inf')})"


def _end(value: Fraction | None, unbounded: str) -> str:
    return unbounded if value is None else number(value)


def _parameter_doc(parameter: Range, names: Mapping[str, str]) -> str:
    called = "" if names[parameter.name] == parameter.name else f", called {parameter.name} in the model"
    low = "(-Inf" if parameter.low is None else f"[{parameter.low}"
    high = "Inf)" if parameter.high is None else f"{parameter.high}]"
    return f"#' @param {names[parameter.name]} Parameter in {low}, {high}{called}; a number, or one for each law."


def _numbers(content: ModuleContent, arms: Sequence[Arm]) -> str:
    place = {cell: str(i) for i, cell in enumerate(content.cells, 1)}
    return ", ".join(f"c({', '.join(place[cell] for cell in arm.cells)})" for arm in arms)


# ---------------------------------------------------------------- formulas
def _functions(content: ModuleContent, names: Mapping[str, str]) -> Iterator[list[str]]:
    prefix = r_prefix(content.name)
    for estimand in content.estimands:
        yield from _estimand_functions(content, estimand, names)
    shortfalls = [Formula(-c.formula.term, c.formula.text) for c in content.conditions]
    about = "By how much the testable implications fail, where they do; else numbers that are not positive."
    absolute = [c.equality for c in content.conditions]
    yield _function(content, f".{prefix}_shortfalls", about, shortfalls, names, absolute)
    for table, kind in (("lower_terms", "lower"), ("upper_terms", "upper"), ("denominators", "denominator")):
        chosen = [e for e in content.estimands if kind != "denominator" or e.denominator]
        entries = ", ".join(f"{quoted(e.name)} = .{prefix}_{kind}_of_{e.name}" for e in chosen)
        yield [f".{prefix}_{table} <- list({entries})"]


def _estimand_functions(
    content: ModuleContent, estimand: EstimandContent, names: Mapping[str, str]
) -> Iterator[list[str]]:
    over = " times the probability of its condition" if estimand.denominator else ""
    for side, which, formulas in (("lower", "largest", estimand.lower), ("upper", "smallest", estimand.upper)):
        about = f"The {side} bound of {estimand.name}{over} is the {which} of these terms."
        yield _function(content, f".{r_prefix(content.name)}_{side}_of_{estimand.name}", about, formulas, names)
    if estimand.denominator:
        about = f"The probability of the condition of {estimand.name}."
        name = f".{r_prefix(content.name)}_denominator_of_{estimand.name}"
        yield _function(content, name, about, [estimand.denominator], names)


def _function(
    content: ModuleContent,
    name: str,
    about: str,
    formulas: Sequence[Formula],
    names: Mapping[str, str],
    absolute: Sequence[bool] = (),
) -> list[str]:
    """A function of laws that gives a list of terms."""
    keys = [*content.cells, *(p.name for p in content.parameters)]
    taken = [f"  {names[key]} <- laws$columns[[{i + 1}]]{_remark(key)}" for i, key in used(formulas, keys)]
    terms = [" ".join(operands(formula.term, content.order, names)) for formula in formulas]
    terms = (
        [f"abs({term})" if is_absolute else term for term, is_absolute in zip(terms, absolute, strict=True)]
        if absolute
        else terms
    )
    items = _commented(zip(terms, (formula.text for formula in formulas), strict=True), "    ")
    body = ["  list(", items, "  )"] if formulas else ["  list()"]
    return [f"# {about}", f"{name} <- function(laws) {{", *taken, *body, "}"]
