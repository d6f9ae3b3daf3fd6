"""A file of plain R: functions whose names begin with the model's, vectorized over laws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from boundgen.codegen.content import REFUSED_IN_PART, ModuleContent, ParameterRange, TermFunction
from boundgen.codegen.expressions import ends, given_names, mean_ends, polynomial_parts, terms
from boundgen.codegen.header import header_lines
from boundgen.codegen.layout import comment, filled, sum_lines, wrapped
from boundgen.codegen.names import free_names
from boundgen.codegen.piece_code import CodeExpression, piece_code, words_of_functions
from boundgen.codegen.piece_content import PieceFunction, pieces_note
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
    columns = f"lapply(columns, .{r_prefix(content.name)}_filled, size)"
    behind = "".join(f", {name} = NULL" for name in parameters)
    return filled(
        "module.R.txt",
        {
            "header": comment(header_lines(content, "r"), "#", r.comment),
            "about": "\n".join(_about(content)),
            "prefix": r_prefix(content.name),
            "cells": _commented((quoted(cell), names.get(cell, "")) for cell in content.cells),
            "parameters": ", ".join(_range(p, names) for p in content.parameters),
            "estimands": ",\n".join(f"  {quoted(e.name)} = {quoted(e.meaning)}" for e in content.estimands),
            "conditions": ",".join(f"\n  {quoted(text)}" for text in content.conditions)
            + ("\n" if content.conditions else ""),
            "doc": "\n".join(_parameter_doc(p, names) for p in content.parameters),
            "signature": f"p, estimand = NULL{behind}",
            "law_signature": f"p{behind}",
            "columns": f".{r_prefix(content.name)}_factors({columns})" if content.factors else columns,
            "passed": f"list({', '.join(f'{name} = {name}' for name in parameters)})",
            "formulas": "\n\n".join(_formulas(content, names)),
            "without": "; NA where none does" if content.with_pieces else "",
            "evaluation": filled(
                f"bound_of_{'pieces' if content.has_pieces else 'terms'}.R.txt", {"prefix": r_prefix(content.name)}
            ).rstrip("\n"),
            "complete_arms": _numbers(content, complete=True),
            "incomplete_arms": _numbers(content, complete=False),
            "probabilities": (
                f"c({', '.join(str(i + 1) for i in content.probabilities)})" if content.means else "seq_along(cells)"
            ),
            "means": "\n".join(_means(content)),
        },
    )


def r_names(content: ModuleContent) -> dict[str, str]:
    """What each cell and parameter is called in the file."""
    parameters = [p.name for p in content.parameters]
    wanted = [f"x{name}" if name.startswith("_") else name for name in (*content.key_symbols, *parameters)]
    return dict(zip(content.keys, free_names(wanted, RESERVED), strict=True))


def _commented(items: Iterable[tuple[str, str]], indent: str = "  ") -> str:
    """Arguments a line, each with its comment, where it has one, behind the comma."""
    pairs = list(items)
    last = len(pairs) - 1
    return "\n".join(
        f"{indent}{item}{',' if i < last else ''}{f' # {r.comment(text)}' if text else ''}"
        for i, (item, text) in enumerate(pairs)
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
        f"An error {REFUSED_IN_PART}",
        *([pieces_note(content.with_pieces, "NaN", "infinite")] if content.with_pieces else []),
        *([f"{content.without_conditions} So {prefix}_conditions is empty."] if content.without_conditions else []),
        "Symbols:",
    ]
    for paragraph in paragraphs:
        yield from wrapped(paragraph, "# ")
        yield "#"
    for line in content.legend:
        yield from wrapped(r.comment(line), "#   ", "#     ")


def _range(parameter: ParameterRange, names: Mapping[str, str]) -> str:
    return f"{names[parameter.name]} = c({', '.join(ends(parameter, ('-Inf', 'Inf')))})"


def _parameter_doc(parameter: ParameterRange, names: Mapping[str, str]) -> str:
    called = "" if names[parameter.name] == parameter.name else f", called {parameter.name} in the model"
    low = "(-Inf" if parameter.low is None else f"[{parameter.low}"
    high = "Inf)" if parameter.high is None else f"{parameter.high}]"
    return f"#' @param {names[parameter.name]} Parameter in {low}, {high}{called}; a number, or one for each law."


def _means(content: ModuleContent) -> Iterator[str]:
    """Checks that means are possible."""
    prefix = r_prefix(content.name)
    for mean in content.means:
        share = "1" if mean.share is None else f"cells[[{mean.share + 1}]]"
        value, (low, high) = f"cells[[{mean.cell + 1}]]", mean_ends(mean)
        yield f"  rest <- pmin({value} - ({low}) * {share}, ({high}) * {share} - {value})"
        yield f"  good <- is.finite({value}) & rest >= -.{prefix}_tolerance * (({high}) - ({low}))"
        yield "  if (!all(good)) {"
        yield f'    said <- paste0({prefix}_cells[{mean.cell + 1}], " is ", .{prefix}_first_bad({value}, good))'
        yield f"    stop(said, {quoted(f'; it must be {mean.wanted}')}, call. = FALSE)"
        yield "  }"


def _numbers(content: ModuleContent, complete: bool) -> str:
    arms = [content.places(arm, 1) for arm in content.arms if arm.complete == complete]
    return ", ".join(f"c({', '.join(map(str, arm))})" for arm in arms)


# ---------------------------------------------------------------- formulas
def _formulas(content: ModuleContent, names: Mapping[str, str]) -> Iterator[str]:
    """The names of a law's columns, the functions, and the tables of these."""
    prefix = r_prefix(content.name)
    symbols = ", ".join(quoted(names[key]) for key in content.keys)
    yield "\n".join(wrapped(f".{prefix}_symbols <- c({symbols})", "", "  "))
    if content.factors:
        yield "\n".join(_factors(content))
    for function in content.functions():
        yield _function(content, function, names)
    for table, kind in (("lower_terms", "lower"), ("upper_terms", "upper"), ("denominators", "denominator")):
        chosen = [function for function in content.functions() if function.kind == kind]
        entries = ", ".join(f"{quoted(function.estimand)} = .{prefix}_{function.name}" for function in chosen)
        yield f".{prefix}_{table} <- list({entries})"


def _factors(content: ModuleContent) -> Iterator[str]:
    """The function that makes cells of factors of observed cells."""
    places = {cell: f"law[[{i}]]" for i, cell in enumerate(content.cells, 1)}
    prefix = r_prefix(content.name)
    yield "# Cells of factors, NaN where nobody meets a condition; then parameters."
    yield f".{prefix}_factors <- function(law) {{"
    given = given_names(content)
    for divisor, name in given.items():
        yield from sum_lines(f"{name} <-", polynomial_parts(divisor, places), "  ")
        yield f"  {name} <- ifelse(abs({name}) <= .{prefix}_zero, NaN, {name})"
    yield "  found <- list()"
    for i, each in enumerate(content.factors, 1):
        yield f"  # {r.comment(each.name)}"
        yield from sum_lines("above <-", polynomial_parts(each.function.numerator, places), "  ")
        over = given.get(each.function.denominator)
        yield f"  found[[{i}]] <- above{f' / {over}' if over else ''}"
    yield f"  c(found, law[-seq_len({len(content.cells)})])" if content.parameters else "  found"
    yield "}"


def _function(content: ModuleContent, function: TermFunction | PieceFunction, names: Mapping[str, str]) -> str:
    """A function of laws that gives a list of terms or pieces."""
    name = f".{r_prefix(content.name)}_{function.name}"
    if isinstance(function, PieceFunction):
        return "\n".join([f"# {function.about}", *_pieces(content, function, names, name)])
    expressions = terms(function, content.order, names, "abs")
    items = _commented(zip(expressions, (formula.remark for formula in function.formulas), strict=True))
    head = f"{name} <- function(laws) with(laws$columns, list("
    return "\n".join([f"# {function.about}", head, *([items] if items else []), "))"])


def _pieces(content: ModuleContent, function: PieceFunction, names: Mapping[str, str], name: str) -> Iterator[str]:
    """What several pieces share; then each piece with its remark, last what the bound is where none holds."""
    prefix = f".{r_prefix(content.name)}"
    positive, nonzero, where = (f"{prefix}_{word}" for word in ("positive", "nonzero", "where"))
    words = words_of_functions(names, positive, nonzero, where, "pmax", "pmin", _among)
    code = piece_code(function, content.order, words, RESERVED)
    items = [(str(piece), remark) for piece, remark in zip(code.pieces, function.remarks, strict=True)]
    if function.is_unbounded:
        items.append((words.endless(function, code, "Inf"), "where no other piece holds"))
    yield f"{name} <- function(laws) with(laws$columns, {{"
    yield from (f"  {shared} <- {value}" for shared, value in code.named)
    yield from ("  list(", _commented(items or [("NaN", "")], "    "), "  )", "})")


def _among(options: Sequence[CodeExpression], is_upper: bool) -> CodeExpression:
    """Without those that are no numbers."""
    parts = tuple(option.parts for option in options)
    return CodeExpression((*parts, ("na.rm = TRUE",)), "pmin" if is_upper else "pmax")
