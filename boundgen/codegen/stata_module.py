"""A Stata program: an ado-file, whose cells and parameters are variables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from boundgen.codegen.content import ModuleContent, TermFunction
from boundgen.codegen.expressions import ends, given_names, mean_ends, polynomial_parts, terms
from boundgen.codegen.header import header_lines
from boundgen.codegen.layout import comment, filled, wrapped
from boundgen.codegen.names import free_names
from boundgen.codegen.piece_code import ZERO, CodeExpression, PieceCode, PieceWords, piece_code
from boundgen.codegen.piece_content import PieceFunction, PiecewiseContent, pieces_note
from boundgen.rendering import stata

PREFIX = "bounds_"
# The longest names of programs, and of local macros.
LONGEST, LONGEST_LOCAL, LONGEST_LABEL = 32, 31, 80
DIGITS = 6
# Local macros of the template; if, in and using begin other parts of a command.
RESERVED = frozenset(
    """touse varlist if in using generate estimand estimands active violations cells cell count new number side lower
    upper first_lower first_upper over probabilities""".split()
)
INDENT = "    "
# The program that compares a term with the best one before.
BETTER = {"lower": "_larger", "upper": "_smaller"}
UNBOUNDED = ("mindouble()", "maxdouble()")


def stata_program(name: str) -> str:
    """The program's name: one that no command of Stata has, and not longer than Stata allows.

    >>> stata_program("iv_ate")
    'bounds_iv_ate'
    >>> stata_program("a_model_whose_name_is_longer_than_that")
    'bounds_a_model_whose_name_677e7b'
    """
    full = PREFIX + name
    if len(full) <= LONGEST:
        return full
    return f"{full[: LONGEST - DIGITS - 1]}_{hashlib.sha256(name.encode()).hexdigest()[:DIGITS]}"


def stata_module(content: ModuleContent) -> str:
    """The text of the ado-file."""
    names = stata_names(content)
    macros = {key: f"`{name}'" for key, name in names.items()}
    cells = [names[cell] for cell in content.cells]
    return filled(
        "module.ado.txt",
        {
            "version": content.version,
            "header": comment(header_lines(content, "stata"), "*", stata.comment),
            "about": "\n".join(_about(content, names)),
            "program": stata_program(content.name),
            "options": "".join(f" {names[p.name]}(string)" for p in content.parameters),
            "size": str(len(cells)),
            "cells": " ".join(cells),
            "unpacked": "\n".join(_unpacked(content, cells)),
            "chosen": "\n".join(_chosen(content)),
            "given": "\n".join(_given(content, names)),
            "sums": "\n".join(_sums(content, macros)),
            "probabilities": "probabilities" if content.means else "varlist",
            "factors": "\n".join(_factors(content, macros)),
            "formulas": "\n".join(_formulas(content, macros)),
            "unbounded": "\n".join([*_unbounded(content, macros), *_undefined(content, macros)]),
            "holds": " & !missing(`value')" if content.with_pieces else "",
            "shortfalls": "\n".join(_shortfalls(content, macros)),
        },
    )


def _unpacked(content: ModuleContent, cells: Sequence[str]) -> Iterator[str]:
    """Each cell by its name; with means, those that are probabilities apart."""
    yield from (f"{INDENT}local {name} : word {i} of `varlist'" for i, name in enumerate(cells, 1))
    if content.means:
        yield f"{INDENT}local probabilities {' '.join(f'`{cells[i]}{chr(39)}' for i in content.probabilities)}"


def stata_names(content: ModuleContent) -> dict[str, str]:
    """The local macro of each cell and parameter: Stata knows options in small letters."""
    parameters = [p.name for p in content.parameters]
    # The laws of randomized variables are observed, and the formulas are functions of them too.
    symbols = dict(zip(content.cells, content.symbols, strict=True))
    symbols = dict(zip(content.keys, content.key_symbols, strict=False)) | symbols
    keys = [*dict.fromkeys([*content.cells, *symbols]), *parameters]
    wanted = [*(symbols[key].lower() for key in keys[: len(symbols)]), *(name.lower() for name in parameters)]
    over = given_names(content).values()
    given = {f"given_{i}" for i, _ in enumerate(parameters, 1)}
    return dict(zip(keys, free_names(wanted, RESERVED | given | set(over), LONGEST_LOCAL), strict=True))


def _about(content: ModuleContent, names: Mapping[str, str]) -> Iterator[str]:
    """How the command is given."""
    options = "".join(f" {names[p.name]}(#)" for p in content.parameters)
    estimand = "" if len(content.estimands) == 1 else " estimand(name)"
    yield from wrapped(
        f"{stata_program(content.name)} [varlist] [if] [in], generate(lower upper){estimand}{options} "
        "[active(lower upper) violations(stub)]",
        "* ",
        "*     ",
    )
    yield "*"
    paragraphs = [
        "varlist: the variables that hold the cells, in this order; without it, the variables that are called so:",
        *(f"  {names[cell]}  {cell}" for cell in content.cells),
        f"generate: the new variables of the bounds. estimand: {', '.join(e.name for e in content.estimands)}.",
        *(
            f"{names[p.name]}: a number, variable or expression, between {' and '.join(ends(p, UNBOUNDED))}."
            for p in content.parameters
        ),
        "active: new variables with the number of the term that attains each bound, counted from 1 in the order of the "
        "formulas below; the first of several that are equal in floating point.",
        "violations: the beginning of the names of new variables that say by how much each testable implication fails, "
        "0 where it holds; their labels are the implications.",
        "A bound is missing where the probability of the estimand's condition is 0. Cells that are no probabilities, "
        "arms that do not sum to 1 (up to 1e-9: store cells as double; to at most 1, where only some of an arm's "
        "cells are observed) and parameters that are missing or out of range end in error 198. "
        "Results: r(N), r(estimand).",
        *([pieces_note(content.with_pieces, "missing", ".i")] if content.with_pieces else []),
        *([content.without_conditions] if content.without_conditions else []),
        "Symbols:",
        *(f"  {line}" for line in content.legend),
    ]
    for paragraph in paragraphs:
        indent = "*   " if paragraph.startswith("  ") else "* "
        yield from wrapped(stata.comment(paragraph.strip()), indent, f"{indent}  ")


# ---------------------------------------------------------------- choices
def _chosen(content: ModuleContent) -> Iterator[str]:
    names = [e.name for e in content.estimands]
    yield f"{INDENT}local estimands {' '.join(names)}"
    yield f'{INDENT}if "`estimand\'" == "" {{'
    if len(names) == 1:
        yield f"{INDENT * 2}local estimand {names[0]}"
    else:
        yield f'{INDENT * 2}display as error "no estimand is named; estimands: `estimands\'"'
        yield f"{INDENT * 2}exit 198"
    yield f"{INDENT}}}"
    yield f"{INDENT}if !`: list estimand in estimands' {{"
    yield f"{INDENT * 2}display as error \"there is no estimand `estimand'; estimands: `estimands'\""
    yield f"{INDENT * 2}exit 198"
    yield f"{INDENT}}}"


def _given(content: ModuleContent, names: Mapping[str, str]) -> Iterator[str]:
    """Each parameter's option becomes a variable."""
    if content.parameters:
        yield ""
        yield f"{INDENT}* Parameters become variables."
        yield f"{INDENT}tempvar {' '.join(f'given_{i}' for i, _ in enumerate(content.parameters, 1))}"
    for i, parameter in enumerate(content.parameters, 1):
        name = names[parameter.name]
        low, high = ends(parameter, UNBOUNDED)
        yield f'{INDENT}_parameter `touse\' `given_{i}\' {name} `"`{name}\'"\' "{low}" "{high}"'
        yield f"{INDENT}local {name} `given_{i}'"
    if content.parameters:
        yield ""


def _sums(content: ModuleContent, macros: Mapping[str, str]) -> Iterator[str]:
    for arm in content.arms:
        cells = [macros[cell] for cell in arm.cells]
        least = "1" if arm.complete else "0"
        yield f'{INDENT}_arm `touse\' {least} "{" ".join(cells)}" "{" + ".join(cells)}"'
    for mean in content.means:
        value = macros[content.cells[mean.cell]]
        whole = "1" if mean.share is None else macros[content.cells[mean.share]]
        low, high = mean_ends(mean)
        rest = f"min({value} - ({low}) * {whole}, ({high}) * {whole} - {value})"
        yield f"{INDENT}capture assert !missing({value}) & {rest} >= -1e-9 * (({high}) - ({low})) if `touse'"
        yield f"{INDENT}if _rc {{"
        yield f'{INDENT * 2}display as error "{value} must be {mean.wanted} in every observation"'
        yield f"{INDENT * 2}exit 198"
        yield f"{INDENT}}}"


# ---------------------------------------------------------------- formulas
def _formulas(content: ModuleContent, macros: Mapping[str, str]) -> Iterator[str]:
    """A arm for each estimand."""
    for estimand in content.estimands:
        yield f'{INDENT}if "`estimand\'" == "{estimand.name}" {{'
        for function in content.functions():
            if function.estimand == estimand.name:
                yield f"{INDENT * 2}* {function.about}"
                if isinstance(function, PieceFunction):
                    yield from _pieces(content, function, macros)
                else:
                    yield from _lines(content, function, macros)
        yield f"{INDENT}}}"


def _lines(content: ModuleContent, function: TermFunction, macros: Mapping[str, str]) -> Iterator[str]:
    """A line for each term of a bound, or for the denominator."""
    expressions = terms(function, content.order, macros, "abs")
    for i, (term, formula) in enumerate(zip(expressions, function.formulas, strict=True), 1):
        yield _line(function.kind, i, term, formula.remark)


def _line(kind: str, i: int, term: str, said: str) -> str:
    """A term or a piece, or the denominator."""
    remark = f"  // {stata.comment(said)}" if said else ""
    if kind in BETTER:
        return f"{INDENT * 2}{BETTER[kind]} `touse' `{kind}' `first_{kind}' {i} \"{term}\"{remark}"
    return f"{INDENT * 2}quietly replace `over' = {term} if `touse'{remark}"


def _pieces(content: ModuleContent, function: PieceFunction, macros: Mapping[str, str]) -> Iterator[str]:
    """What several pieces share becomes variables; then a line for each piece, or for the denominator."""
    code = _code(content, replace(function, defined=()), macros)
    yield from _shared(code)
    for i, (piece, remark) in enumerate(zip(code.pieces, function.remarks, strict=True), 1):
        yield _line(function.kind, i, str(piece), remark)


def _code(content: ModuleContent, function: PieceFunction, macros: Mapping[str, str]) -> PieceCode:
    given = {f"given_{i}" for i, _ in enumerate(content.parameters, 1)}
    names = {macro.strip("`'") for macro in macros.values()}
    return piece_code(function, content.order, _words(macros), RESERVED | given | names)


def _shared(code: PieceCode) -> Iterator[str]:
    """Variables for what has a name."""
    if code.named:
        yield f"{INDENT * 2}tempvar {' '.join(name for name, _ in code.named)}"
    for name, value in code.named:
        yield f"{INDENT * 2}quietly generate double `{name}' = {value} if `touse'"


def _words(macros: Mapping[str, str]) -> PieceWords:
    def divisor(code: CodeExpression, positive: bool, zero: str) -> CodeExpression:
        value = str(code) if positive else f"abs({code})"
        return CodeExpression.of([f"cond({value} > {zero}, {code}, .)"])

    def where(value: CodeExpression, guards: Sequence[tuple[CodeExpression, bool]]) -> CodeExpression:
        holds = " & ".join(f"{guard} > {ZERO}" if strict else f"{guard} >= -{ZERO}" for guard, strict in guards)
        return CodeExpression.of([f"cond({holds}, {value}, .)"])

    def extremum(options: Sequence[CodeExpression], is_upper: bool, is_divided: bool) -> CodeExpression:
        values = ", ".join(map(str, options))
        best = f"{'min' if is_upper else 'max'}({values})"
        # Stata leaves out what is missing.
        return CodeExpression.of([f"cond(missing({values}), ., {best})" if is_divided else best])

    def among(options: Sequence[CodeExpression], is_upper: bool) -> CodeExpression:
        # Stata leaves out what is missing.
        values = ", ".join(map(str, options))
        return CodeExpression.of([f"{'min' if is_upper else 'max'}({values})"])

    return PieceWords(macros, "`{}'".format, divisor, where, extremum, among)


def _factors(content: ModuleContent, macros: Mapping[str, str]) -> Iterator[str]:
    """Variables for the cells of factors, missing where nobody meets a condition."""
    made = [each for each in content.factors if each.name not in content.cells]
    if not made:
        return
    given = given_names(content)
    names = [*given.values(), *(macros[each.name].strip("`'") for each in made)]
    yield ""
    yield f"{INDENT}* Cells of factors, missing where nobody meets a condition."
    yield f"{INDENT}tempvar {' '.join(names)}"
    for divisor, name in given.items():
        value = " ".join(polynomial_parts(divisor, macros))
        yield f"{INDENT}quietly generate double `{name}' = {value} if `touse'"
        yield f"{INDENT}quietly replace `{name}' = . if abs(`{name}') <= {ZERO} & `touse'"
    for each in made:
        above, over = polynomial_parts(each.function.numerator, macros), given.get(each.function.denominator)
        value = " ".join(above) if over is None else f"({' '.join(above)}) / `{over}'"
        yield f"{INDENT}* {stata.comment(each.name)}"
        yield f"{INDENT}quietly generate double {macros[each.name]} = {value} if `touse'"


def _undefined(content: ModuleContent, macros: Mapping[str, str]) -> Iterator[str]:
    """No bounds where what they rest on is missing: max() and min() leave that out."""
    made = [each.name for each in content.factors if each.name not in content.cells]
    for estimand in content.estimands if made else ():
        own = [function for function in content.functions() if function.estimand == estimand.name]
        used = [macros[name] for name in made if any(name in function.used for function in own)]
        if used:
            yield f'{INDENT}if "`estimand\'" == "{estimand.name}" {{'
            yield f"{INDENT * 2}foreach number in lower upper first_lower first_upper {{"
            yield f"{INDENT * 3}quietly replace ``number'' = . if missing({', '.join(used)}) & `touse'"
            yield f"{INDENT * 2}}}"
            yield f"{INDENT}}}"


def _unbounded(content: ModuleContent, macros: Mapping[str, str]) -> Iterator[str]:
    """Bounds that are infinite where no piece holds, but not where the estimand is undefined."""
    for estimand in content.estimands:
        sides = (estimand.lower, estimand.upper) if isinstance(estimand, PiecewiseContent) else ()
        endless = [side for side in sides if side.is_unbounded]
        if endless:
            yield f'{INDENT}if "`estimand\'" == "{estimand.name}" {{'
        for side in endless:
            code = _code(content, replace(side, pieces=()), macros)
            yield from _shared(code)
            holds = f"{code.defined} > {ZERO}" if code.defined else f"abs(`over') > {ZERO}"
            yield f"{INDENT * 2}quietly replace `{side.kind}' = .i if missing(`{side.kind}') & {holds} & `touse'"
        if endless:
            yield f"{INDENT}}}"


def _shortfalls(content: ModuleContent, macros: Mapping[str, str]) -> Iterator[str]:
    """What each testable implication lacks."""
    if not content.conditions:
        yield f"{INDENT}* The model has no testable implications."
        return
    yield ""
    yield f"{INDENT}* The testable implications."
    yield f'{INDENT}if "`violations\'" != "" {{'
    yield f"{INDENT * 2}forvalues number = 1/{len(content.conditions)} {{"
    yield f"{INDENT * 3}confirm new variable `violations'`number'"
    yield f"{INDENT * 2}}}"
    if isinstance(content.shortfalls, PieceFunction):
        code = _code(content, content.shortfalls, macros)
        yield from _shared(code)
        expressions = [str(piece) for piece in code.pieces]
    else:
        expressions = terms(content.shortfalls, content.order, macros, "abs")
    for i, (term, text) in enumerate(zip(expressions, content.conditions, strict=True), 1):
        label = stata.quoted(text, LONGEST_LABEL)
        yield f"{INDENT * 2}_shortfall `touse' `violations' {i} \"{term}\" {label}"
    yield f"{INDENT}}}"
