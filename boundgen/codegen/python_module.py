"""A numpy module: it imports numpy alone, and is meant to be read."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence

from boundgen.codegen.content import (
    REFUSED,
    REFUSED_IN_PART,
    ModuleContent,
    ModuleFormula,
    ParameterRange,
    TermFunction,
)
from boundgen.codegen.expressions import ends, given_names, mean_ends, operands, polynomial_parts
from boundgen.codegen.header import MARK, header_lines
from boundgen.codegen.layout import WIDTH, comment, filled, sum_lines, template, with_comment, wrapped
from boundgen.codegen.names import free_names
from boundgen.codegen.piece_code import ZERO, CodeExpression, piece_code, words_of_functions
from boundgen.codegen.piece_content import PieceFunction, pieces_note
from boundgen.codegen.python_layout import call, definition, literal
from boundgen.rendering import python
from boundgen.rendering.layout import listed
from boundgen.rendering.python import quoted
from boundgen.version import VERSION

# Names that a parameter of the model does not have in the module; in part what its functions use.
USED = frozenset(
    """p estimand name shape laws law found index values shortfall condition parameters np zip dict abs int
    CONDITIONS lower upper bounds active_terms violations""".split()
)
RESERVED = frozenset((*keyword.kwlist, *USED))
AMBIGUOUS = frozenset(("l", "O", "I"))
INDENT = "    "
# Where the template passes parameters on.
PASSED = "{{passed}}"
ARMS = "the cells of each arm, and the least that they sum to"
MEANS = "means: the cell, that of its probability, and the ends of the outcome"
NAN = ", nan where the probability of the condition is 0"
NAN_OF_PIECES = ", nan where it is not defined, infinite where there is none"
NAN_OF_FACTORS = ", nan where nobody meets a condition of a factor"
WITHOUT_PIECE = ", -1 where none does"
SHARED = "_evaluate"
IMPORTED = f"from .{SHARED} import _bound, _evaluate, _first, _sides"
IN_PIECES = re.compile(r"\b_(?:largest|nonzero|positive|smallest|where)(?=\()")


def python_module(content: ModuleContent) -> str:
    """The text of the module that needs numpy alone, with the exemptions from the linter that it needs."""
    return _module(content, package=False)


def python_package_module(content: ModuleContent) -> str:
    """The text of the module beside the shared part."""
    return _module(content, package=True)


def python_shared(pieces: bool = False) -> str:
    """The text of the part that the modules of a package share; `pieces`: whether one of them has some."""
    return filled("shared.py.txt", {"mark": f"{MARK}{VERSION}", "helpers": _helpers(pieces)})


def _module(content: ModuleContent, package: bool) -> str:
    text = _text(content, package, "")
    codes = _exemptions(content, text)
    return _text(content, package, f"# ruff: noqa: {', '.join(codes)}") if codes else text


def _helpers(pieces: bool, means: bool = False) -> str:
    bound = template(f"bound_of_{'pieces' if pieces else 'terms'}.py.txt")
    tests = template(f"tests_of_{'means' if means else 'cells'}.py.txt")
    return filled("helpers.py.txt", {"bound": bound.rstrip("\n"), "tests": tests.rstrip("\n")}).rstrip("\n")


def _imports(formulas: str) -> list[str]:
    """What is shared, of that what formulas with pieces call as far as these do."""
    shared, names = IMPORTED.split(" import ")
    return ["", f"{shared} import {', '.join(sorted({*names.split(', '), *IN_PIECES.findall(formulas)}))}"]


def _exemptions(content: ModuleContent, text: str) -> list[str]:
    """Citations are longer than a line, and the model has names of its own."""
    parameters = _parameters(content)
    needed = {
        "E501": any(len(line) > WIDTH for line in text.split("\n")),
        "E741": not AMBIGUOUS.isdisjoint(parameters),
        "N803": any(name != name.lower() for name in parameters),
        "N999": content.name != content.name.lower(),
    }
    return [code for code, is_needed in needed.items() if is_needed]


def _text(content: ModuleContent, package: bool, exemptions: str) -> str:
    names = python_names(content)
    pieces = content.has_pieces
    # The part that modules share knows of no means.
    package = package and not content.means
    helpers = "" if package else f"\n\n\n{_helpers(pieces, bool(content.means))}"
    formulas = "\n\n\n".join("\n".join(lines) for lines in (*_factors(content), *_functions(content, names)))
    slots = {
        "exemptions": exemptions,
        "header": comment(header_lines(content, "python", package), "#", python.comment),
        "about": "\n".join(_about(content)),
        "imports": "\n".join(["import numpy as np", *(_imports(formulas) if package else [])]),
        "formulas": formulas,
        "tables": "\n".join(_tables(content)),
        "nan": _nan(content),
        "without": WITHOUT_PIECE * bool(content.with_pieces),
        "max": "fmax" if isinstance(content.shortfalls, PieceFunction) else "maximum",
        "helpers": helpers,
    }
    return filled("module.py.txt", slots | _data(content, names) | _heads(content))


def _nan(content: ModuleContent) -> str:
    """Where bounds are no numbers."""
    if content.with_pieces:
        return NAN_OF_PIECES
    if content.factors:
        return NAN_OF_FACTORS
    return NAN if any(e.denominator for e in content.estimands) else ""


def _heads(content: ModuleContent) -> dict[str, str]:
    """The heads of the public functions, and the parameters that they pass on."""
    parameters = _parameters(content)
    behind = ["*", *parameters] if parameters else []
    heads = {
        f"def_{name}": "\n".join(definition(name, ["p", "estimand=None", *behind]))
        for name in ("lower", "upper", "bounds", "active_terms")
    }
    passed = f"{{{', '.join(f'{quoted(name)}: {name}' for name in parameters)}}}"
    calls = [line for line in template("module.py.txt").split("\n") if PASSED in line]
    is_long = max(len(line.replace(PASSED, passed)) for line in calls) > WIDTH
    given = literal("parameters = ", [f"{quoted(name)}: {name}" for name in parameters], "{}", INDENT)
    return heads | {
        "def_violations": "\n".join(definition("violations", ["p", *behind])),
        "given": "\n".join(given) if is_long else "",
        "passed": "parameters" if is_long else passed,
    }


# ---------------------------------------------------------------- names
def python_names(content: ModuleContent) -> dict[str, str]:
    """What each cell and parameter is called in the module."""
    parameters = [p.name for p in content.parameters]
    wanted = [*content.key_symbols, *parameters]
    reserved = {*RESERVED, *(name for name in wanted if name.startswith("_"))}
    return dict(zip(content.keys, free_names(wanted, reserved), strict=True))


def _parameters(content: ModuleContent) -> list[str]:
    names = python_names(content)
    return [names[p.name] for p in content.parameters]


# ---------------------------------------------------------------- documentation
def _about(content: ModuleContent) -> Iterator[str]:
    """The module's docstring: what goes in, what comes out, what the symbols are, which errors there are."""
    estimands = [e.name for e in content.estimands]
    title = f": {content.title}" if content.title else ""
    what = f"Sharp bounds on {listed(estimands)} in model {content.name}{title}."
    yield from wrapped(f'"""{python.docstring(what)}')
    yield ""
    named = f", {quoted(estimands[0])}" if len(estimands) > 1 else ""
    given = "".join(f", {name}=..." for name in _parameters(content))
    yield f"{INDENT}low, high = bounds(p{named}{given})  # and lower, upper, active_terms; violations(p{given})"
    yield ""
    values = "Parameters are numbers or arrays. " if content.parameters else ""
    refused = f"{REFUSED}." if all(arm.complete for arm in content.arms) else REFUSED_IN_PART
    yield from wrapped(
        "p is an array whose last axis follows CELLS, or a mapping (a dict, a pandas DataFrame) from CELLS to arrays. "
        f"{values}All of them broadcast. A ValueError {refused}"
    )
    for parameter, name in zip(content.parameters, _parameters(content), strict=True):
        if parameter.name != name:
            yield f"Parameter {parameter.name} of the model is called {name} here."
    if content.with_pieces:
        yield ""
        yield from wrapped(pieces_note(content.with_pieces, "nan", "infinite"))
    if content.without_conditions:
        yield ""
        yield from wrapped(f"{content.without_conditions} So there are no CONDITIONS.")
    yield ""
    for line in content.legend:
        yield from wrapped(python.docstring(line), INDENT, INDENT * 2)
    yield '"""'


# ---------------------------------------------------------------- data
def _data(content: ModuleContent, names: Mapping[str, str]) -> dict[str, str]:
    """Cells, parameters, estimands and conditions."""
    ranges = [f"{quoted(names[p.name])}: ({', '.join(_ends(p))})" for p in content.parameters]
    estimands = [f"{quoted(e.name)}: {quoted(e.meaning)}" for e in content.estimands]
    conditions = [quoted(text) for text in content.conditions]
    return {
        "cells": "\n".join(_cells(content)),
        "parameters": "\n".join(literal("PARAMETERS = ", ranges, "{}")),
        "estimands": "\n".join(literal("ESTIMANDS = ", estimands, "{}")),
        "conditions": "\n".join(literal("CONDITIONS = ", conditions, "()")),
    }


def _cells(content: ModuleContent) -> list[str]:
    """Words, with a line for each arm, or all on one; texts where labels hold blanks or quotation marks."""
    if any(re.search(r'[\s"\\]', cell) for cell in content.cells):
        return literal("CELLS = ", list(map(quoted, content.cells)), "[]")
    line = f'CELLS = "{" ".join(content.cells)}".split()'
    if len(line) <= WIDTH:
        return [line]
    seen: set[str] = set()
    rows: list[str] = []
    for arm in content.arms:
        rows += wrapped(" ".join(cell for cell in arm.cells if cell not in seen), INDENT)
        seen |= {*arm.cells}
    return ['CELLS = """', *rows, '""".split()']


def _ends(parameter: ParameterRange) -> Iterator[str]:
    """Floats, so that messages say 0.0 whatever the end is."""
    for end in ends(parameter, ("-np.inf", "np.inf")):
        yield f"{end}.0" if re.fullmatch(r"-?\d+", end) else end


def _tables(content: ModuleContent) -> Iterator[str]:
    """What the evaluation is given: the functions of each estimand, and the cells of each arm with their least sum."""
    rows = [f"{quoted(e.name)}: ({', '.join(f'_{each.name}' for each in e.functions())})" for e in content.estimands]
    yield from literal("_FORMULAS = ", rows, "{}")
    arms = [[[str(i) for i in content.places(arm)], "1" if arm.complete else "0"] for arm in content.arms]
    yield from with_comment(literal("_ARMS = ", arms, "()"), ARMS, "#", "")
    if content.means:
        rows = [f"({m.cell}, {m.share}, {', '.join(mean_ends(m))})" for m in content.means]
        yield from with_comment(literal("_MEANS = ", rows, "()"), MEANS, "#", "")
    yield "_MODEL = (CELLS, PARAMETERS, _ARMS)"


# ---------------------------------------------------------------- formulas
def _functions(content: ModuleContent, names: Mapping[str, str]) -> Iterator[list[str]]:
    """Functions of a law: a list of its cells and then its parameters, numbers or arrays."""
    for function in content.functions():
        is_divisor = function.kind == "denominator"
        about = f"{function.about[:-1]}, nan where it is 0." if is_divisor else function.about
        taken = _unpacked(content, function, names)
        if isinstance(function, PieceFunction):
            body = [*_pieces(content, function, names)]
        else:
            body = [*_terms(content, function, names)]
        yield [
            f"def _{function.name}({'law' if taken else '_law'}):",
            *wrapped(f'"""{about}"""', INDENT),
            *([f"{INDENT}law = _factors(law)"] if taken and content.factors else []),
            *taken,
            *(body or [f"{INDENT}yield from ()"]),
        ]


def _factors(content: ModuleContent) -> Iterator[list[str]]:
    """The function that makes cells of factors of observed cells, where formulas are functions of these."""
    if not content.factors:
        return
    places = {cell: f"law[{i}]" for i, cell in enumerate(content.cells)}
    given = given_names(content)
    lines = [
        "def _factors(law):",
        f'{INDENT}"""Cells of factors, nan where nobody meets a condition; then parameters."""',
    ]
    for divisor, name in given.items():
        lines += sum_lines(f"{name} =", polynomial_parts(divisor, places), INDENT)
        lines.append(f"{INDENT}{name} = np.where(np.abs({name}) <= {ZERO}, np.nan, {name})")
    lines.append(f"{INDENT}found = []")
    for each in content.factors:
        lines.append(f"{INDENT}# {python.comment(each.name)}")
        lines += sum_lines("above =", polynomial_parts(each.function.numerator, places), INDENT)
        over = given.get(each.function.denominator)
        lines.append(f"{INDENT}found.append(above{f' / {over}' if over else ''})")
    rest = f", *law[{len(content.cells)}:]" if content.parameters else ""
    yield [*lines, f"{INDENT}return [*found{rest}]" if rest else f"{INDENT}return found"]


def _terms(content: ModuleContent, function: TermFunction, names: Mapping[str, str]) -> Iterator[str]:
    """A term on each line."""
    is_denominator = function.kind == "denominator"
    word = "probability =" if is_denominator else "yield"
    for formula, flag in zip(function.formulas, function.absolute, strict=True):
        yield from _statement(content, formula, flag, names, word)
    if is_denominator:
        yield f"{INDENT}return np.where(np.abs(probability) <= {ZERO}, np.nan, probability)"


def _pieces(content: ModuleContent, function: PieceFunction, names: Mapping[str, str]) -> Iterator[str]:
    """What several pieces share, then a piece on each line; last what the bound is where none holds."""
    words = words_of_functions(names, "_positive", "_nonzero", "_where", "_largest", "_smallest", _among)
    code = piece_code(function, content.order, words, RESERVED)
    for name, shared in code.named:
        yield from _code(f"{name} =", shared)
    if function.kind == "denominator":
        yield from _code("return", CodeExpression((code.pieces[0].parts,), "_nonzero"))
        return
    for piece, remark in zip(code.pieces, function.remarks, strict=True):
        lines = _code("yield", piece)
        yield from with_comment(lines, python.comment(remark), "#", INDENT) if remark else lines
    if function.is_unbounded:
        yield f"{INDENT}yield {words.endless(function, code, 'np.inf')}  # where no other piece holds"
    elif not function.pieces:
        yield f"{INDENT}yield np.nan"


def _among(options: Sequence[CodeExpression], is_upper: bool) -> CodeExpression:
    """Two by two."""
    best, *others = options
    for option in others:
        best = CodeExpression((best.parts, option.parts), "np.fmin" if is_upper else "np.fmax")
    return best


def _code(word: str, code: CodeExpression) -> list[str]:
    return call(f"{word} {code.call}", code.arguments, INDENT) if code.call else sum_lines(word, code.parts, INDENT)


def _unpacked(content: ModuleContent, function: TermFunction | PieceFunction, names: Mapping[str, str]) -> list[str]:
    """Names for the cells and parameters that are used, as many on a line as fit."""
    wanted = function.used
    targets = [names[key] if key in wanted else "_" for key in content.keys]
    lines, start = [], 0
    while start < len(targets):
        stop = start + 1
        while stop < len(targets) and len(_assignment(targets, start, stop + 1)) <= WIDTH:
            stop += 1
        lines.append(_assignment(targets, start, stop))
        start = stop
    return [line for line in lines if line]


def _assignment(targets: Sequence[str], start: int, stop: int) -> str:
    """Names for a part of a law, without what is not used at its ends."""
    places = [i for i in range(start, stop) if targets[i] != "_"]
    if not places:
        return ""
    first, last = places[0], places[-1] + 1
    if last == first + 1:
        return f"{INDENT}{targets[first]} = law[{first}]"
    part = "" if last - first == len(targets) else f"[{first or ''}:{last if last < len(targets) else ''}]"
    return f"{INDENT}{', '.join(targets[first:last])} = law{part}"


def _statement(
    content: ModuleContent, formula: ModuleFormula, absolute: bool, names: Mapping[str, str], word: str
) -> list[str]:
    parts = operands(formula.term, content.order, names)
    lines = _absolute(parts) if absolute else sum_lines(word, parts, INDENT)
    return with_comment(lines, python.comment(formula.remark), "#", INDENT) if formula.remark else lines


def _absolute(parts: Sequence[str]) -> list[str]:
    line = f"{INDENT}yield abs({' '.join(parts)})"
    if len(line) <= WIDTH:
        return [line]
    inner = f"{INDENT * 2}{' '.join(parts)}"
    return [f"{INDENT}yield abs(", *([inner] if len(inner) <= WIDTH else [INDENT * 2 + p for p in parts]), f"{INDENT})"]
