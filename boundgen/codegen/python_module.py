"""A numpy module: it imports numpy alone, and is meant to be read."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from boundgen.codegen.content import Arm, EstimandContent, Formula, ModuleContent, Range
from boundgen.codegen.expressions import number, operands, used
from boundgen.codegen.header import header_lines
from boundgen.codegen.layout import WIDTH, comment, filled, sum_lines, with_comment, wrapped
from boundgen.codegen.names import free_names
from boundgen.codegen.python_layout import definition, literal
from boundgen.rendering import python
from boundgen.rendering.python import quoted

# What the template uses in functions that have a parameter of the model as an argument.
USED = frozenset(
    """p estimand name shape laws law found index values shortfall condition parameters np zip dict abs
    CONDITIONS lower upper bounds active_terms violations""".split()
)
AMBIGUOUS = frozenset(("l", "O", "I"))
INDENT = "    "
NAN = "; nan where the probability of its condition is 0"


def python_module(content: ModuleContent) -> str:
    """The text of the module, with the exemptions from the linter that it needs."""
    text = _text(content, "")
    codes = _exemptions(content, text)
    return _text(content, f"# ruff: noqa: {', '.join(codes)}") if codes else text


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


def _text(content: ModuleContent, exemptions: str) -> str:
    names = python_names(content)
    parameters = _parameters(content)
    behind = ["*", *(f"{name}=None" for name in parameters)] if parameters else []
    heads = {
        name: "\n".join(definition(name, ["p", "estimand=None", *behind]))
        for name in ("lower", "upper", "bounds", "active_terms")
    }
    passed = [f"{quoted(name)}: {name}" for name in parameters]
    complete = [arm for arm in content.arms if arm.complete]
    incomplete = [arm for arm in content.arms if not arm.complete]
    return filled(
        "module.py.txt",
        {
            **{f"def_{name}": head for name, head in heads.items()},
            "def_violations": "\n".join(definition("violations", ["p", *behind])),
            "exemptions": exemptions,
            "header": comment(header_lines(content, "python"), "#", python.comment),
            "about": "\n".join(_about(content)),
            "cells": "\n".join(
                line
                for cell in content.cells
                for line in with_comment([f"{INDENT}{quoted(cell)},"], names[cell], "#", INDENT)
            ),
            "parameters": "\n".join(literal("PARAMETERS = ", _ranges(content), "{}")),
            "estimands": "\n".join(f"{INDENT}{quoted(e.name)}: {quoted(e.meaning)}," for e in content.estimands),
            "conditions": "\n".join(
                literal("CONDITIONS = ", [quoted(c.formula.text) for c in content.conditions], "()")
            ),
            "doc": "\n".join(_arguments(content, with_estimand=True)),
            "law_doc": "\n".join(_arguments(content, with_estimand=False)),
            "given": "\n".join(literal("parameters = ", passed, "{}", INDENT)) if parameters else "",
            "passed": "parameters" if parameters else "{}",
            "nan": NAN if any(e.denominator for e in content.estimands) else "",
            "formulas": "\n\n\n".join("\n".join(lines) for lines in _functions(content, names)),
            "complete_arms": "\n".join(literal("_COMPLETE_ARMS = ", _numbers(content, complete), "()")),
            "incomplete_arms": "\n".join(literal("_INCOMPLETE_ARMS = ", _numbers(content, incomplete), "()")),
        },
    )


# ---------------------------------------------------------------- names
def python_names(content: ModuleContent) -> dict[str, str]:
    """What each cell and parameter is called in the module."""
    parameters = [p.name for p in content.parameters]
    wanted = [*content.symbols, *parameters]
    reserved = {*keyword.kwlist, *USED, *(name for name in wanted if name.startswith("_"))}
    return dict(zip([*content.cells, *parameters], free_names(wanted, reserved), strict=True))


def _parameters(content: ModuleContent) -> list[str]:
    names = python_names(content)
    return [names[p.name] for p in content.parameters]


# ---------------------------------------------------------------- documentation
def _about(content: ModuleContent) -> Iterator[str]:
    """The module's docstring: what goes in, what comes out, what the symbols are, which errors there are."""
    estimands = [e.name for e in content.estimands]
    title = f": {content.title}" if content.title else ""
    what = f"Sharp bounds on {_listed(estimands)} in model {content.name}{title}."
    yield from wrapped(f'"""{python.docstring(what)}')
    yield ""
    named = f", {estimands[0]!r}".replace("'", '"') if len(estimands) > 1 else ""
    given = "".join(f", {name}=..." for name in _parameters(content))
    calls = [f"{name}(p{named}{given})" for name in ("lower", "upper", "bounds", "active_terms")]
    calls.append(f"violations(p{given})")
    width = max(map(len, calls))
    for call, what in zip(
        calls,
        ("lower bound", "upper bound", "both", "which terms attain them", "by how much testable implications fail"),
        strict=True,
    ):
        yield f"{INDENT}{call.ljust(width)}  {what}"
    yield ""
    size = len(content.cells)
    yield from wrapped(
        f"p holds the observed probabilities: an array of shape (..., {size}) whose last axis follows CELLS, or a "
        "mapping (a dict, a pandas DataFrame) from the name of each cell to an array of shape (...). "
        "Results have shape (...), and are plain numbers for a single law. Parameters are numbers or arrays that "
        "broadcast against (...). Numbers are evaluated as 64-bit floats, without units: probabilities are in [0, 1]."
    )
    yield ""
    yield from wrapped(
        "A ValueError says what is wrong and where: an array of another shape, unknown or missing cells, values that "
        "are not real numbers, negative cells, arms whose cells do not sum to 1 (up to 1e-9; to at most 1, where only "
        "some of an arm's cells are observed), a parameter that is missing or out of its range, an estimand that is "
        "unknown or, where there are several, not named."
    )
    yield ""
    yield "Symbols:"
    yield ""
    for line in content.legend:
        yield from wrapped(python.docstring(line), INDENT, INDENT * 2)
    for source in content.sources:
        yield ""
        yield from wrapped(python.docstring(f"Source: {source}"))
    yield '"""'


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _arguments(content: ModuleContent, with_estimand: bool) -> Iterator[str]:
    names = python_names(content)
    yield ""
    yield "    Parameters"
    yield "    ----------"
    yield f"    p : array of shape (..., {len(content.cells)}), or mapping from cell name to array of shape (...)"
    yield "        Observed probabilities."
    if with_estimand:
        yield "    estimand : str"
        yield "        A name in `ESTIMANDS`" + ("; may be left out." if len(content.estimands) == 1 else ".")
    for parameter in content.parameters:
        yield f"    {names[parameter.name]} : number, or array that broadcasts against (...)"
        called = "" if names[parameter.name] == parameter.name else f", called {parameter.name} in the model"
        yield f"        Parameter in {_interval(parameter)}{called}."
    yield ""


def _interval(parameter: Range) -> str:
    low = "(-inf" if parameter.low is None else f"[{parameter.low}"
    return low + (", inf)" if parameter.high is None else f", {parameter.high}]")


# ---------------------------------------------------------------- data
def _ranges(content: ModuleContent) -> list[str]:
    names = python_names(content)
    return [
        f"{quoted(names[p.name])}: ({_end(p.low, '-np.inf')}, {_end(p.high, 'np.inf')})" for p in content.parameters
    ]


def _end(value: Fraction | None, unbounded: str) -> str:
    if value is None:
        return unbounded
    return f"{number(value)}.0" if value.denominator == 1 and number(value).lstrip("-").isdigit() else number(value)


def _numbers(content: ModuleContent, arms: Sequence[Arm]) -> list[list[str]]:
    place = {cell: str(i) for i, cell in enumerate(content.cells)}
    return [[place[cell] for cell in arm.cells] for arm in arms]


# ---------------------------------------------------------------- formulas
def _functions(content: ModuleContent, names: Mapping[str, str]) -> Iterator[list[str]]:
    """A function for each side, denominator, and the testable implications; then the tables of them."""
    for estimand in content.estimands:
        yield from _estimand_functions(content, estimand, names)
    yield _shortfalls(content, names)
    sides = [(side, e.name) for e in content.estimands for side in ("lower", "upper")]
    terms = [f"({quoted(side)}, {quoted(name)}): {_function(side, name)}" for side, name in sides]
    over = [f"{quoted(e.name)}: {_function('denominator', e.name)}" for e in content.estimands if e.denominator]
    yield [*literal("_TERMS = ", terms, "{}"), *literal("_DENOMINATORS = ", over, "{}")]


def _function(kind: str, estimand: str) -> str:
    return f"_{kind}_of_{estimand}"


def _estimand_functions(
    content: ModuleContent, estimand: EstimandContent, names: Mapping[str, str]
) -> Iterator[list[str]]:
    over = " times the probability of its condition" if estimand.denominator else ""
    same = " It is identified: both bounds are equal where the testable implications hold." * estimand.identified
    for side, which, formulas in (("lower", "largest", estimand.lower), ("upper", "smallest", estimand.upper)):
        many = f"the {which} of these terms" if len(formulas) > 1 else "this term"
        about = f"The {side} bound of {estimand.name}{over} is {many}.{same}"
        yield _generator(content, _function(side, estimand.name), about, formulas, names)
    if estimand.denominator:
        about = f"The probability of the condition of {estimand.name}."
        head = _head(content, _function("denominator", estimand.name), about, [estimand.denominator], names)
        yield [*head, *_statement("yield", content, estimand.denominator, names)]


def _generator(
    content: ModuleContent, name: str, about: str, formulas: Sequence[Formula], names: Mapping[str, str]
) -> list[str]:
    head = _head(content, name, about, formulas, names)
    return [*head, *(line for formula in formulas for line in _statement("yield", content, formula, names))]


def _head(
    content: ModuleContent, name: str, about: str, formulas: Sequence[Formula], names: Mapping[str, str]
) -> list[str]:
    """The beginning of a function of a law: what it is, and the cells and parameters that it uses."""
    keys = [*content.cells, *(p.name for p in content.parameters)]
    taken = [line for i, key in used(formulas, keys) for line in _named(f"{names[key]} = law[{i}]", key)]
    return [f"def {name}({'law' if taken else '_law'}):", *wrapped(f'"""{about}"""', INDENT), *taken]


def _named(line: str, key: str) -> list[str]:
    """A line with the cell that it is about; parameters are called by their names."""
    return with_comment([INDENT + line], python.comment(key), "#", INDENT) if "(" in key else [INDENT + line]


def _statement(keyword: str, content: ModuleContent, formula: Formula, names: Mapping[str, str]) -> list[str]:
    parts = operands(formula.term, content.order, names)
    return with_comment(sum_lines(keyword, parts, INDENT), python.comment(formula.text), "#", INDENT)


def _shortfalls(content: ModuleContent, names: Mapping[str, str]) -> list[str]:
    """What is missing to each testable implication: minus the term that must not be negative."""
    formulas = [Formula(-c.formula.term, c.formula.text) for c in content.conditions]
    about = "By how much the testable implications fail, where they do; else a number that is not positive."
    lines = _head(content, "_shortfalls", about, formulas, names)
    for condition, formula in zip(content.conditions, formulas, strict=True):
        if condition.equality:
            parts = operands(formula.term, content.order, names)
            lines += with_comment(_absolute(parts), python.comment(formula.text), "#", INDENT)
        else:
            lines += _statement("yield", content, formula, names)
    return lines if formulas else [*lines, f"{INDENT}yield from ()"]


def _absolute(parts: Sequence[str]) -> list[str]:
    line = f"{INDENT}yield abs({' '.join(parts)})"
    if len(line) <= WIDTH:
        return [line]
    inner = f"{INDENT * 2}{' '.join(parts)}"
    return [f"{INDENT}yield abs(", *([inner] if len(inner) <= WIDTH else [INDENT * 2 + p for p in parts]), f"{INDENT})"]
