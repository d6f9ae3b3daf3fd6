"""A few lines of Python that evaluate the expressions of a Stata program, for Stata has no free interpreter."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

NEAR = 1e-12
STATA_TERM = re.compile(r"_(larger|smaller) `touse' `(?:lower|upper)' `first_(lower|upper)' (\d+) \"(.*?)\"(?:  //|$)")
STATA_SHARED = re.compile(r"quietly generate double `(\w+)' = (.*?) if `touse'$")
STATA_UNBOUNDED = re.compile(r"quietly replace `(lower|upper)' = \.i if missing\(`\1'\) & (.*) > 1e-14 & `touse'$")
STATA_OVER = re.compile(r"quietly replace `over' = (.*?) if `touse'(?:  //|$)")
STATA_SHORTFALL = re.compile(r"_shortfall `touse' `violations' (\d+) \"(.*?)\" \"(.*?)\"$")
STATA_MISSING = re.compile(r"quietly replace `(\w+)' = \. if abs\(`\1'\) <= 1e-14 & `touse'$")
STATA_ARM = re.compile(r"_arm `touse' ([01]) \"(.*?)\" \"(.*?)\"$")


def stata_value(expression: str, macros: Mapping[str, float]) -> float:
    """A Stata expression of numbers, macros, ``+ - * /``, brackets, abs(), and what pieces need; nan for ``.``."""
    text = re.sub(r"`(\w+)'", lambda match: repr(macros[match[1]]), expression)
    text = re.sub(r", \.(?=[,)])", ", nan", text).replace(" & ", " and ")
    tree = ast.parse(text, mode="eval")
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub)
    compared = (ast.Compare, ast.Gt, ast.GtE, ast.BoolOp, ast.And)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Load)]
    assert all(isinstance(node.func, ast.Name) and node.func.id in STATA_FUNCTIONS for node in calls)
    assert all(isinstance(node, (*allowed, *compared)) for node in ast.walk(tree) if node not in (*calls, *names))
    # What is compared is never missing, which Stata takes for a large number.
    sides = (
        side for node in ast.walk(tree) if isinstance(node, ast.Compare) for side in (node.left, *node.comparators)
    )
    assert all("nan" not in ast.unparse(side) for side in sides)
    return float(eval(compile(tree, "stata", "eval"), {"__builtins__": {}, "nan": float("nan")} | STATA_FUNCTIONS))


def stata_extreme(extreme: Any, values: Sequence[float]) -> float:
    """Missing values are left out, as Stata does it."""
    present = [value for value in values if not math.isnan(value)]
    return float(extreme(present)) if present else float("nan")


SIDES = (("lower", "max"), ("upper", "min"))
STATA_FUNCTIONS: dict[str, Any] = {
    "abs": abs,
    "cond": lambda holds, value, other: value if holds else other,
    "missing": lambda *values: any(map(math.isnan, values)),
    "max": lambda *values: stata_extreme(max, values),
    "min": lambda *values: stata_extreme(min, values),
}


def stata_blocks(text: str) -> dict[str, list[str]]:
    """The lines of each estimand's block."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n"):
        begun = re.fullmatch(r"    if \"`estimand'\" == \"(\w+)\" \{", line)
        name = begun[1] if begun else "" if line == "    }" else name
        if name:
            found.setdefault(name, []).append(line)
    return found


def stata_bounds(lines: Sequence[str], macros: Mapping[str, float]) -> list[float]:
    """The bounds of an estimand, from the lines of its blocks."""
    known = dict(macros) | {"over": 1.0}
    found: dict[str, list[float]] = {"lower": [], "upper": []}
    endless: set[str] = set()
    for line in lines:
        if m := STATA_SHARED.search(line):
            known[m[1]] = stata_value(m[2], known)
        elif m := STATA_TERM.search(line):
            found[m[2]].append(stata_value(m[4], known))
            assert int(m[3]) == len(found[m[2]])
            assert m[1] == {"lower": "larger", "upper": "smaller"}[m[2]]
        elif m := STATA_OVER.search(line):
            known["over"] = stata_value(m[1], known)
        elif (m := STATA_UNBOUNDED.search(line)) and stata_value(m[2], known) > NEAR / 100:
            endless.add(m[1])
    over = known["over"] if abs(known["over"]) > NEAR / 100 else math.nan
    bounds = {side: STATA_FUNCTIONS[op](*found[side]) / over for side, op in SIDES}
    infinite = {"lower": -math.inf, "upper": math.inf}
    return [infinite[side] if side in endless and math.isnan(value) else value for side, value in bounds.items()]


def stata_shortfalls(text: str, macros: Mapping[str, float]) -> list[float]:
    """By how much each testable implication fails, from the lines of their block."""
    known, found = dict(macros), []
    for line in text.partition("    * The testable implications.\n")[2].partition("\nend\n")[0].split("\n"):
        if m := STATA_SHARED.search(line):
            known[m[1]] = stata_value(m[2], known)
        elif m := STATA_SHORTFALL.search(line):
            found.append(STATA_FUNCTIONS["max"](0, stata_value(m[2], known)))
            assert int(m[1]) == len(found)
    return found


def stata_factors(text: str, macros: Mapping[str, float]) -> dict[str, float]:
    """The macros, and the cells of factors that are made of them; nan where a divisor is zero."""
    known = dict(macros)
    for line in text.partition("    * Cells of factors, ")[2].partition("\n\n")[0].split("\n"):
        if m := STATA_SHARED.search(line):
            known[m[1]] = stata_value(m[2], known)
        elif (m := STATA_MISSING.search(line)) and abs(known[m[1]]) <= NEAR / 100:
            known[m[1]] = math.nan
    return known
