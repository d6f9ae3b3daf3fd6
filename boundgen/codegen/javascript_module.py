"""An ES module without dependencies, for Node.js and browsers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from boundgen.codegen.content import REFUSED_IN_PART, ModuleContent, ParameterRange, TermFunction
from boundgen.codegen.expressions import ends, given_names, mean_ends, polynomial_parts, terms
from boundgen.codegen.header import header_lines
from boundgen.codegen.layout import comment, filled, sum_lines, template, wrapped
from boundgen.codegen.names import free_names
from boundgen.codegen.piece_code import CodeExpression, piece_code, words_of_functions
from boundgen.codegen.piece_content import PieceFunction, pieces_note
from boundgen.rendering import javascript
from boundgen.rendering.javascript import quoted

# Reserved words, and names with a meaning of their own in the module or as the name of an option.
RESERVED = frozenset(
    """arguments await break case catch class const continue debugger default delete do else enum eval export extends
    false finally for function if implements import in instanceof interface let new null package private protected
    public return static super switch this throw true try typeof var void while with yield undefined NaN Infinity
    __proto__ estimand law Math""".split()
)
# What functions with pieces call.
CALLED = frozenset(("positive", "nonzero", "where", "among"))


def javascript_module(content: ModuleContent) -> str:
    """The text of the module."""
    names = javascript_names(content)
    conditions = "".join(f"\n  {quoted(text)}," for text in content.conditions)
    return filled(
        "module.mjs.txt",
        {
            "header": comment(header_lines(content, "js"), "//", javascript.comment),
            "about": "\n".join(_about(content, names)),
            "cells": "\n".join(_cell(cell, names) for cell in content.cells),
            "parameters": _braced([_range(p, names) for p in content.parameters]),
            "estimands": "\n".join(f"  {javascript.key(e.name)}: {quoted(e.meaning)}," for e in content.estimands),
            "conditions": f"[{conditions}\n]" if conditions else "[]",
            "checked": "factors" if content.factors else "checked",
            "options": _options(content, names),
            "formulas": "\n\n".join(_formulas(content, names)),
            "first": "active" if content.with_pieces else "first",
            "without": "; -1 where none does" if content.with_pieces else "",
            "better": " || Number.isNaN(terms[best])" if content.with_pieces else "",
            "pieces": "\n\n".join(template(name).rstrip("\n") for name in _called(content)),
            "complete_arms": _numbers(content, complete=True),
            "incomplete_arms": _numbers(content, complete=False),
            "skip": _skip(content),
            "means": "\n".join(_means(content)),
        },
    )


def javascript_names(content: ModuleContent) -> dict[str, str]:
    """What each cell and parameter is called in the module."""
    parameters = [p.name for p in content.parameters]
    reserved = RESERVED | CALLED if content.has_pieces else RESERVED
    return dict(zip(content.keys, free_names([*content.key_symbols, *parameters], reserved), strict=True))


def _cell(cell: str, names: Mapping[str, str]) -> str:
    """A cell and what it is called in the formulas; those of factors have names there, which are not observed."""
    return f"  {quoted(cell)}, // {names[cell]}" if cell in names else f"  {quoted(cell)},"


def _braced(entries: Sequence[str]) -> str:
    return f"{{ {', '.join(entries)} }}" if entries else "{}"


def _options(content: ModuleContent, names: Mapping[str, str]) -> str:
    """What the options of a call are."""
    estimand = "estimand, which may be left out" if len(content.estimands) == 1 else "estimand"
    return " and ".join(filter(None, [estimand, ", ".join(names[p.name] for p in content.parameters)]))


def _about(content: ModuleContent, names: Mapping[str, str]) -> Iterator[str]:
    """What goes in and what comes out."""
    given = [f"{names[p.name]}: ..." for p in content.parameters]
    named = [f'estimand: "{content.estimands[0].name}"'] if len(content.estimands) > 1 else []
    options = f", {_braced([*named, *given])}" if named or given else ""
    paragraphs = [
        f"lower(p{options}), upper, bounds and activeTerms; violations(p{', ' + _braced(given) if given else ''}).",
        f"p holds the observed probabilities. One law is an array of {len(content.cells)} numbers in the order of "
        "CELLS, or an object from the name of each cell to a number. Many laws are an array of laws, or an object from "
        "the name of each cell to an array; results are then arrays too. Parameters are numbers, or arrays with a "
        "number for each law.",
        f"A RangeError {REFUSED_IN_PART}",
        *([pieces_note(content.with_pieces, "NaN", "infinite")] if content.with_pieces else []),
        *([f"{content.without_conditions} So CONDITIONS is empty."] if content.without_conditions else []),
        "Symbols:",
    ]
    for paragraph in paragraphs:
        yield from wrapped(paragraph, "// ")
        yield "//"
    for line in content.legend:
        yield from wrapped(javascript.comment(line), "//   ", "//     ")


def _range(parameter: ParameterRange, names: Mapping[str, str]) -> str:
    return f"{names[parameter.name]}: [{', '.join(ends(parameter, ('-Infinity', 'Infinity')))}]"


def _means(content: ModuleContent) -> Iterator[str]:
    """A check that means are possible."""
    if content.means:
        rows = [[m.cell, m.share] for m in content.means]
        ends = ", ".join(
            f"[{json.dumps(cell)}, {json.dumps(share)}, {', '.join(mean_ends(m))}, {quoted(m.wanted)}]"
            for (cell, share), m in zip(rows, content.means, strict=True)
        )
        yield f"  for (const [cell, share, low, high, wanted] of [{ends}]) {{"
        yield "    const whole = share === null ? 1 : law[share];"
        yield "    const rest = Math.min(law[cell] - low * whole, high * whole - law[cell]);"
        yield "    if (rest >= -TOLERANCE * (high - low)) continue;"
        yield "    throw new RangeError(`${CELLS[cell]} is ${law[cell]}${where}; it must be ${wanted}`);"
        yield "  }"


def _skip(content: ModuleContent) -> str:
    """Means are no probabilities."""
    return f"    if ({json.dumps([m.cell for m in content.means])}.includes(i)) return;" if content.means else ""


def _numbers(content: ModuleContent, complete: bool) -> str:
    return json.dumps([content.places(arm) for arm in content.arms if arm.complete == complete])


# ---------------------------------------------------------------- formulas
def _formulas(content: ModuleContent, names: Mapping[str, str]) -> Iterator[str]:
    """The functions, and the tables of these."""
    if content.factors:
        yield "\n".join(_factors(content))
    for function in content.functions():
        yield _function(content, function, names)
    for table, kind in (("LOWER", "lower"), ("UPPER", "upper"), ("DENOMINATORS", "denominator")):
        chosen = [function for function in content.functions() if function.kind == kind]
        yield f"const {table} = {_braced([f'{javascript.key(each.estimand)}: {each.name}' for each in chosen])};"


def _factors(content: ModuleContent) -> Iterator[str]:
    """The function that makes cells of factors of observed cells."""
    places = {cell: f"law[{i}]" for i, cell in enumerate(content.cells)}
    given = given_names(content)
    yield "// Cells of factors, NaN where nobody meets a condition; then parameters."
    yield "function factors(columns, where) {"
    yield "  const law = checked(columns, where);"
    yield "  let above;"
    for divisor, name in given.items():
        *lines, last = sum_lines("above =", polynomial_parts(divisor, places), "  ")
        yield from (*lines, f"{last};", f"  const {name} = Math.abs(above) <= ZERO ? NaN : above;")
    yield "  const found = [];"
    for each in content.factors:
        over = given.get(each.function.denominator)
        *lines, last = sum_lines("above =", polynomial_parts(each.function.numerator, places), "  ")
        yield f"  // {javascript.comment(each.name)}"
        yield from (*lines, f"{last};", f"  found.push(above{f' / {over}' if over else ''});")
    yield f"  return [...found, ...law.slice({len(content.cells)})];" if content.parameters else "  return found;"
    yield "}"


def _function(content: ModuleContent, function: TermFunction | PieceFunction, names: Mapping[str, str]) -> str:
    """A function of a law that gives an array of terms or pieces, or the denominator."""
    wanted = function.used
    taken = ", ".join(names[key] if key in wanted else "" for key in content.keys).rstrip(", ")
    head = f"function {function.name}({'law' if wanted else ''}) {{"
    unpacked = wrapped(f"const [{taken}] = law;", "  ", "    ") if wanted else []
    if isinstance(function, PieceFunction):
        shared, pairs = _pieces(content, function, names)
    else:
        remarks = [formula.remark for formula in function.formulas]
        shared, pairs = [], list(zip(terms(function, content.order, names, "Math.abs"), remarks, strict=True))
    remarks = [f" // {javascript.comment(remark)}" if remark else "" for _, remark in pairs]
    if function.kind == "denominator":
        body = [f"  return {pairs[0][0]};{remarks[0]}"]
    else:
        items = [f"    {term},{remark}" for (term, _), remark in zip(pairs, remarks, strict=True)]
        body = ["  return [", *items, "  ];"] if items else ["  return [];"]
    return "\n".join([f"// {function.about}", head, *unpacked, *shared, *body, "}"])


def _pieces(
    content: ModuleContent, function: PieceFunction, names: Mapping[str, str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """What several pieces share; then each piece with its remark, last what the bound is where none holds."""
    words = words_of_functions(names, "positive", "nonzero", "where", "Math.max", "Math.min", _among)
    code = piece_code(function, content.order, words, RESERVED | CALLED)
    shared = [f"  const {name} = {value};" for name, value in code.named]
    pairs = [(str(piece), remark) for piece, remark in zip(code.pieces, function.remarks, strict=True)]
    if function.is_unbounded:
        pairs.append((words.endless(function, code, "Infinity"), "where no other piece holds"))
    return shared, pairs or [("NaN", "")]


def _called(content: ModuleContent) -> Iterator[str]:
    """The templates of functions that formulas call."""
    if content.has_pieces:
        yield "pieces.mjs.txt"
    if any(isinstance(function, PieceFunction) and function.laws for function in content.functions()):
        yield "laws.mjs.txt"


def _among(options: Sequence[CodeExpression], is_upper: bool) -> CodeExpression:
    """Of those that are numbers."""
    pick = "Math.min" if is_upper else "Math.max"
    return CodeExpression(((pick,), *(option.parts for option in options)), "among")
