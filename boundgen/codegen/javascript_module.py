"""An ES module without dependencies, for Node.js and browsers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from boundgen.codegen.content import Arm, EstimandContent, Formula, ModuleContent, Range
from boundgen.codegen.expressions import number, operands, used
from boundgen.codegen.header import header_lines
from boundgen.codegen.layout import comment, filled, wrapped
from boundgen.codegen.names import free_names
from boundgen.rendering import javascript
from boundgen.rendering.javascript import quoted

# Reserved words, and names with a meaning of their own in the module or as the name of an option.
RESERVED = frozenset(
    """arguments await break case catch class const continue debugger default delete do else enum eval export extends
    false finally for function if implements import in instanceof interface let new null package private protected
    public return static super switch this throw true try typeof var void while with yield undefined NaN Infinity
    __proto__ estimand law Math""".split()
)


def javascript_module(content: ModuleContent) -> str:
    """The text of the module."""
    names = javascript_names(content)
    complete = [arm for arm in content.arms if arm.complete]
    incomplete = [arm for arm in content.arms if not arm.complete]
    conditions = "".join(f"\n  {quoted(c.formula.text)}," for c in content.conditions)
    return filled(
        "module.mjs.txt",
        {
            "header": comment(header_lines(content, "js"), "//", javascript.comment),
            "about": "\n".join(_about(content, names)),
            "cells": "\n".join(f"  {quoted(cell)}, // {names[cell]}" for cell in content.cells),
            "parameters": _braced([_range(p, names) for p in content.parameters]),
            "estimands": "\n".join(f"  {javascript.key(e.name)}: {quoted(e.meaning)}," for e in content.estimands),
            "conditions": f"[{conditions}\n]" if conditions else "[]",
            "options": _options(content, names),
            "formulas": "\n\n".join("\n".join(lines) for lines in _functions(content, names)),
            "complete_arms": _numbers(content, complete),
            "incomplete_arms": _numbers(content, incomplete),
        },
    )


def javascript_names(content: ModuleContent) -> dict[str, str]:
    """What each cell and parameter is called in the module."""
    parameters = [p.name for p in content.parameters]
    return dict(zip([*content.cells, *parameters], free_names([*content.symbols, *parameters], RESERVED), strict=True))


def _remark(key: str) -> str:
    """What a symbol stands for; parameters are called by their names."""
    return f" // {javascript.comment(key)}" if "(" in key else ""


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
        "A RangeError says what is wrong and where: unknown or missing cells, values that are not numbers, negative "
        "cells, arms whose cells do not sum to 1 (up to 1e-9; to at most 1, where only some of an arm's cells are "
        "observed), a parameter that is missing or out of its range, an estimand that is unknown or, where there are "
        "several, not named.",
        "Symbols:",
    ]
    for paragraph in paragraphs:
        yield from wrapped(paragraph, "// ")
        yield "//"
    for line in content.legend:
        yield from wrapped(javascript.comment(line), "//   ", "//     ")


def _range(parameter: Range, names: Mapping[str, str]) -> str:
    return f"{names[parameter.name]}: [{_end(parameter.low, '-Infinity')}, {_end(parameter.high, 'Infinity')}]"


def _end(value: Fraction | None, unbounded: str) -> str:
    return unbounded if value is None else number(value)


def _numbers(content: ModuleContent, arms: Sequence[Arm]) -> str:
    place = {cell: i for i, cell in enumerate(content.cells)}
    return json.dumps([[place[cell] for cell in arm.cells] for arm in arms])


# ---------------------------------------------------------------- formulas
def _functions(content: ModuleContent, names: Mapping[str, str]) -> Iterator[list[str]]:
    for estimand in content.estimands:
        yield from _estimand_functions(content, estimand, names)
    shortfalls = [Formula(-c.formula.term, c.formula.text) for c in content.conditions]
    about = "By how much the testable implications fail, where they do; else numbers that are not positive."
    items = [
        f"Math.abs({term})" if condition.equality else term
        for condition, term in zip(content.conditions, _terms(content, shortfalls, names), strict=True)
    ]
    yield _function(content, "shortfalls", about, shortfalls, _list(items, shortfalls), names)
    for table, kind in (("LOWER", "lower"), ("UPPER", "upper"), ("DENOMINATORS", "denominator")):
        chosen = [e for e in content.estimands if kind != "denominator" or e.denominator]
        yield [f"const {table} = {_braced([f'{javascript.key(e.name)}: {kind}_of_{e.name}' for e in chosen])};"]


def _estimand_functions(
    content: ModuleContent, estimand: EstimandContent, names: Mapping[str, str]
) -> Iterator[list[str]]:
    over = " times the probability of its condition" if estimand.denominator else ""
    for side, which, formulas in (("lower", "largest", estimand.lower), ("upper", "smallest", estimand.upper)):
        about = f"The {side} bound of {estimand.name}{over} is the {which} of these terms."
        items = _list(_terms(content, formulas, names), formulas)
        yield _function(content, f"{side}_of_{estimand.name}", about, formulas, items, names)
    if estimand.denominator:
        about = f"The probability of the condition of {estimand.name}."
        [term] = _terms(content, [estimand.denominator], names)
        body = [f"  return {term}; // {javascript.comment(estimand.denominator.text)}"]
        yield _function(content, f"denominator_of_{estimand.name}", about, [estimand.denominator], body, names)


def _terms(content: ModuleContent, formulas: Sequence[Formula], names: Mapping[str, str]) -> list[str]:
    return [" ".join(operands(formula.term, content.order, names)) for formula in formulas]


def _list(items: Sequence[str], formulas: Sequence[Formula]) -> list[str]:
    """A return statement with an item a line."""
    lines = [
        f"    {item}, // {javascript.comment(formula.text)}" for item, formula in zip(items, formulas, strict=True)
    ]
    return ["  return [", *lines, "  ];"] if lines else ["  return [];"]


def _function(
    content: ModuleContent,
    name: str,
    about: str,
    formulas: Sequence[Formula],
    body: Sequence[str],
    names: Mapping[str, str],
) -> list[str]:
    keys = [*content.cells, *(p.name for p in content.parameters)]
    taken = [f"  const {names[key]} = law[{i}];{_remark(key)}" for i, key in used(formulas, keys)]
    return [f"// {about}", f"function {name}({'law' if taken else ''}) {{", *taken, *body, "}"]
