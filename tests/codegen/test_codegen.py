"""Evaluator modules: right, readable by their own languages, and the same bytes every time.

Generated Python is compared with exact evaluation and with the numeric program; R and JavaScript, really run, with
Python. Stata has no free interpreter: its text is compared with golden files, and its expressions are evaluated by a
few lines of Python below.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import itertools
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tracemalloc
import types
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundgen import Model, catalogue, derive
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_layout import is_unbounded
from boundgen.codegen.content import ModuleContent, module_content
from boundgen.codegen.expressions import number
from boundgen.codegen.generate import evaluator_files
from boundgen.codegen.python_module import (
    IMPORTED,
    python_module,
    python_names,
    python_package_module,
    python_shared,
)
from boundgen.codegen.stata_module import stata_module, stata_names, stata_program
from boundgen.codegen.targets import TARGETS
from boundgen.derivation import Derivation
from boundgen.errors import LimitError, ModelError
from boundgen.polyhedra.weighted_optimum import UNDEFINED
from support.catalogue import INDEPENDENT, LINEAR
from support.catalogue import derived as derived_from_catalogue
from support.command import Run
from support.derivations import derived, read
from support.golden import compare
from support.independent import Problem, problem
from support.paths import ROOT
from support.piece_models import PIECE_MODELS
from support.stata import STATA_ARM, stata_blocks, stata_bounds, stata_shortfalls, stata_value
from support.strategies import Draft, distributions, drafts, observed, parameter_values

NAMES = tuple(name for name in catalogue.names() if name not in INDEPENDENT)
NEAR = 1e-12
CLEAR = 1e-7
# Names that mean something in a target language, values that are words, do(), data sources that overlap.
ODD = r"""model random "Odd \names \u00e9 */ /* ``` $x `y' /// %s {0} --> "
source "Somebody \N (2020), http:///x — Sjölander"

variable A in {none, high} randomized
variable M(A) in {no, yes}
variable Y(A, M) in {-1, 2}

observe P(Y, M | A)
observe P(M | A=high)
observe P(Y=2 | A, do(M))

parameter lambda in [0, 1/3]
parameter function in (-inf, 2]
parameter p in [0, inf)
parameter np in [-1/2, 1]
parameter law in (-inf, inf)
parameter L in [0, 1]
parameter l in [0, 1]
parameter __proto__ in [0, 1]
parameter _evaluate in [0, 1]
define name = P(M=yes | A=high) - P(M=yes | A=none)

assume few: P(M(high)=no, M(none)=yes) <= lambda
assume P(Y(none, no)=2, Y(high, no)=-1) <= 1/3 * L + law

estimand bounds = 1/3 * E[Y(high, M(high)) - Y(high, M(none))]
estimand violations = P(Y(none, yes)=2 | M=yes, A=high)
estimand _evaluate = E[Y(none, M(high))] + __proto__ + function - p - np + l + _evaluate
"""
LONG = """model a_model_with_a_name_that_is_longer_than_thirty_two_letters
variable Z in {0, 1, 2} randomized
variable X(Z) in {0, 1}
variable a_variable_with_a_long_name(X) in {a_value_with_a_long_name, another_value_with_a_long_name}
observe P(X, a_variable_with_a_long_name | Z)
parameter a_parameter_with_a_name_that_is_long in [0, 1]
parameter a_parameter_with_a_name_that_is_long_too in [0, 1]
parameter a_third_parameter_with_a_name_that_is_long in [0, 1]
assume P(X(1)=0, X(0)=1) <= a_parameter_with_a_name_that_is_long + 3 a_parameter_with_a_name_that_is_long_too
estimand effect = a_third_parameter_with_a_name_that_is_long
  + P(a_variable_with_a_long_name(1)=another_value_with_a_long_name)
  - 1/7 * P(a_variable_with_a_long_name(0)=another_value_with_a_long_name)
"""
# A number alone is a term; nothing is a testable implication.
PLAIN = """model numpy
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X=1)
estimand y0 = P(Y(0)=1)
"""
# Names that every object of JavaScript has, functions and reserved words of R and Python, macros of Stata's template.
NAMED = r"""model constructor "coding: unicode_escape \x0aimport os"
variable Z in {if, function} randomized
variable X(Z) in {__proto__, constructor}
variable Y(X) in {toString, hasOwnProperty}
observe P(X, Y | Z)
parameter abs in [0, 1]
parameter valueOf in [0, 1]
parameter repeat in [0, 1]
parameter __dirname in [0, 1]
parameter __debug__ in [0, 1]
parameter len in [0, 1]
parameter touse in [0, 1]
define c = P(X=__proto__ | Z=if)
assume P(X=constructor, Y=hasOwnProperty | Z=if) = abs
estimand __proto__ = P(Y(constructor)=hasOwnProperty) + valueOf
estimand constructor = P(Y(__proto__)=toString) - repeat
estimand toString = P(Y(constructor)=toString | X=constructor, Z=if)
estimand hasOwnProperty = P(Y(X=__proto__)=toString) + __dirname + __debug__ + len + touse
"""
WRITTEN = {"odd": ODD, "long": LONG, "plain": PLAIN, "named": NAMED} | PIECE_MODELS


# ---------------------------------------------------------------- helpers
def loaded(content: ModuleContent) -> Any:
    """The Python module of a content."""
    module = types.ModuleType(content.name)
    exec(compile(python_module(content), f"{content.name}.py", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def derivations() -> dict[str, Derivation]:
    found = {name: derived_from_catalogue(name) for name in NAMES}
    return found | {name: derive(Model.parse(text)) for name, text in WRITTEN.items()}


@pytest.fixture(scope="module")
def contents(derivations: dict[str, Derivation]) -> dict[str, ModuleContent]:
    return {name: module_content(each, f"{name}.bounds") for name, each in derivations.items()}


@pytest.fixture(scope="module")
def modules(contents: dict[str, ModuleContent]) -> dict[str, Any]:
    return {name: loaded(content) for name, content in contents.items()}


def shares(count: int, total: int, chance: random.Random) -> list[Fraction]:
    """A distribution over so many cells, often with zeros."""
    weights = [chance.choice([0, 0, 1, 1, 2, 3, 5]) for _ in range(count)]
    weights[chance.randrange(count)] += 1
    return [Fraction(w * total, sum(weights) * total) for w in weights]


def rational_law(content: ModuleContent, chance: random.Random) -> dict[str, Fraction]:
    """A distribution of each arm; arms of cells that all have a value add nothing, others complete what is left."""
    law: dict[str, Fraction] = {}
    for arm in content.arms:
        fresh = [cell for cell in arm.cells if cell not in law]
        left = 1 - sum((law[cell] for cell in arm.cells if cell in law), Fraction(0))
        parts = shares(len(fresh) + (not arm.complete), 1, chance) if fresh else []
        law |= {cell: left * part for cell, part in zip(fresh, parts, strict=False)}
    return law


def rational_parameters(content: ModuleContent, chance: random.Random) -> dict[str, Fraction]:
    found = {}
    for parameter in content.parameters:
        low = parameter.low if parameter.low is not None else Fraction(-2)
        high = parameter.high if parameter.high is not None else Fraction(2)
        found[parameter.name] = low + (high - low) * Fraction(chance.randrange(7), 6)
    return found


def keywords(content: ModuleContent, values: Mapping[str, Fraction]) -> dict[str, float]:
    """Parameters as they are called in the Python module."""
    names = python_names(content)
    return {names[name]: float(value) for name, value in values.items()}


def row(content: ModuleContent, law: Mapping[str, Fraction]) -> np.ndarray:
    return np.array([float(law.get(cell, 0)) for cell in content.cells])


def exact(
    bounds: Bounds | PiecewiseBounds, law: Mapping[str, Fraction], parameters: Mapping[str, Fraction]
) -> tuple[float, float]:
    """Exact evaluation as floats, of pieces as they are printed; nan where the condition has probability zero."""
    at = {**law, **parameters}
    if isinstance(bounds, PiecewiseBounds):
        return printed_end(bounds, bounds.lower, at), printed_end(bounds, bounds.upper, at)
    if bounds.denominator and bounds.denominator.value(at) == 0:
        return float("nan"), float("nan")
    low, high = bounds.evaluate(law, parameters)
    return float(low), float(high)


def printed_end(bounds: PiecewiseBounds, side: PiecewiseSide, at: Mapping[str, Fraction]) -> float:
    """Infinite where no piece holds on a side without end."""
    over, value = bounds.denominator.value(at) if bounds.denominator else 1, side.value(at)
    if over and value is None and is_unbounded(bounds.program, side.op) and bounds.ends(at)[0] != UNDEFINED:
        return math.inf if side.op == "min" else -math.inf
    return float(value / over) if over and value is not None else math.nan


def assert_attained(side: PiecewiseSide, number: int, at: Mapping[str, Fraction]) -> None:
    """The piece of that number has the value of the side; where the side is no number there is none."""
    wanted = side.value(at)
    assert (number == -1) == (wanted is None)
    if wanted is not None:
        value = PiecewiseSide(side.op, (side.pieces[number],)).value(at)
        assert value is not None
        assert float(value) == pytest.approx(float(wanted), abs=NEAR, rel=NEAR)


def assert_agrees(
    module: Any, content: ModuleContent, derivation: Derivation, law: dict[str, Fraction], values: dict[str, Fraction]
) -> None:
    """Everything that the module says of a law is what exact evaluation says."""
    given, p = keywords(content, values), row(content, law)
    at = {**law, **values}
    for bounds in derivation.closed_forms:
        wanted = exact(bounds, law, values)
        found = module.bounds(p, bounds.name, **given)
        assert found == pytest.approx(wanted, abs=1e-9, rel=1e-9, nan_ok=True)
        assert found == pytest.approx(
            (module.lower(p, bounds.name, **given), module.upper(p, bounds.name, **given)), abs=0, nan_ok=True
        )
        first, last = module.active_terms(p, bounds.name, **given)
        if isinstance(bounds, PiecewiseBounds):
            assert_attained(bounds.lower, first, at)
            assert_attained(bounds.upper, last, at)
            continue
        low, high = ([float(term.value(at)) for term in side.terms] for side in (bounds.lower, bounds.upper))
        assert low[first] == pytest.approx(max(low), abs=NEAR)
        assert high[last] == pytest.approx(min(high), abs=NEAR)
    assert derivation.known_conditions is not None
    broken = {float(-term.value(at)) for term in derivation.known_conditions if term.value(at) < 0}
    failing = {value for value in module.violations(p, **given).values() if value > NEAR}
    assert sorted(failing) == pytest.approx(sorted(broken), abs=NEAR) or {round(v, 9) for v in failing} == {
        round(v, 9) for v in broken
    }


# ---------------------------------------------------------------- numbers
@pytest.mark.parametrize("name", [*NAMES, *WRITTEN])
def test_python_is_exact_evaluation(
    name: str, modules: dict[str, Any], contents: dict[str, ModuleContent], derivations: dict[str, Derivation]
) -> None:
    chance = random.Random(name)
    content = contents[name]
    for _ in range(12):
        law, values = rational_law(content, chance), rational_parameters(content, chance)
        assert_agrees(modules[name], content, derivations[name], law, values)


@given(st.data())
@settings(max_examples=60)
def test_python_is_exact_evaluation_for_random_models(data: st.DataObject) -> None:
    draft: Draft = data.draw(drafts(estimands=2))
    model = read(draft)
    derivation = derived(model)
    judge = problem(model)
    content = module_content(derivation, "drawn.bounds")
    module = loaded(content)
    weights, inside = data.draw(distributions(judge))
    mixed = data.draw(observed(judge, judge.data(weights)))
    for law, values in ((judge.data(weights), inside), (mixed, data.draw(parameter_values(judge)))):
        if in_range(judge, values):
            assert_agrees(module, content, derivation, law, values)


def in_range(judge: Problem, values: Mapping[str, Fraction]) -> bool:
    return all(
        (p.low is None or values[p.name] >= p.low) and (p.high is None or values[p.name] <= p.high)
        for p in judge.model.parameters
    )


@given(st.data())
@settings(max_examples=40)
@pytest.mark.slow
def test_python_is_the_numeric_program(data: st.DataObject) -> None:
    """At data of the model the bounds are the extremes of the program over all response types."""
    model = read(data.draw(drafts()))
    content = module_content(derived(model), "drawn.bounds")
    judge = problem(model, content.estimands[0].name)
    weights, values = data.draw(distributions(judge))
    law = judge.data(weights)
    over = judge.estimand(weights, values)[1]
    assume(over > 0)
    numeric = judge.numeric(law, values)
    assert numeric.lower is not None
    found = loaded(content).bounds(row(content, law), content.estimands[0].name, **keywords(content, values))
    scaled = [value * float(over) for value in found]
    assert scaled == pytest.approx([numeric.lower, numeric.upper], abs=CLEAR * 10)


# ---------------------------------------------------------------- shapes
@pytest.fixture(scope="module")
def defiers(modules: dict[str, Any]) -> Any:
    return modules["mediation_limited_defiers"]


def laws(module: Any, *shape: int) -> np.ndarray:
    """Random laws of complete arms."""
    chance = np.random.default_rng(7)
    found = np.empty((*shape, len(module.CELLS)))
    for arm, _ in module._ARMS:
        found[..., arm] = chance.dirichlet(np.ones(len(arm)), shape)
    return found


@pytest.mark.parametrize("shape", [(), (1,), (5,), (0,), (3, 4), (2, 9000), (9000, 3), (2, 1, 5), (3, 0), (20_000,)])
def test_shapes(shape: tuple[int, ...], defiers: Any) -> None:
    p = laws(defiers, *shape)
    low, high = defiers.bounds(p, "delta1", gamma=0.1)
    active = defiers.active_terms(p, "delta1", gamma=0.1)
    failing = defiers.violations(p, gamma=0.1)
    assert all(np.shape(found) == shape for found in (low, high, *active, *failing.values()))
    by_name = {cell: p[..., i] for i, cell in enumerate(defiers.CELLS)}
    for other in (by_name, np.asfortranarray(p), p.tolist() if 0 not in shape else p, p.astype(object), p[..., ::1]):
        found = defiers.bounds(other, "delta1", gamma=np.full(shape, 0.1))
        assert np.array_equal(found[0], low)
        assert np.array_equal(found[1], high)
    for index in [*np.ndindex(shape)][:: max(1, int(np.prod(shape)) // 7)]:
        assert defiers.lower(p[index], "delta1", gamma=0.1) == np.asarray(low)[index]


def test_one_law_gives_plain_numbers(defiers: Any) -> None:
    p = laws(defiers)
    assert isinstance(defiers.lower(p, "delta1", gamma=0), float)
    assert all(isinstance(value, float) for value in defiers.violations(p, gamma=0).values())
    assert all(isinstance(number, np.integer) for number in defiers.active_terms(p, "delta1", gamma=0))


def test_parameters_broadcast(defiers: Any) -> None:
    p, gamma = laws(defiers, 4, 1), np.linspace(0, 0.3, 7)
    low = defiers.lower(p, "delta1", gamma=gamma)
    assert low.shape == (4, 7)
    assert low[2, 5] == defiers.lower(p[2, 0], "delta1", gamma=gamma[5])
    assert defiers.lower(p[0, 0], "delta1", gamma=gamma).shape == (7,)


def test_columns_of_a_mapping_broadcast(modules: dict[str, Any]) -> None:
    module = modules["confounded_treatment"]
    half = np.linspace(0, 0.5, 11)
    p = dict.fromkeys(module.CELLS, 0.25) | {module.CELLS[0]: half, module.CELLS[1]: 0.5 - half}
    assert module.lower(p, "ate").shape == (11,)


def test_data_frame_is_a_mapping(defiers: Any) -> None:
    pandas = pytest.importorskip("pandas")
    p = laws(defiers, 5)
    frame = pandas.DataFrame(p, columns=list(defiers.CELLS))
    shuffled = frame[list(reversed(defiers.CELLS))]
    assert np.array_equal(defiers.lower(shuffled, "delta1", gamma=0.1), defiers.lower(p, "delta1", gamma=0.1))
    with pytest.raises(ValueError, match=r"^p must have the cells"):
        defiers.lower(pandas.DataFrame(p), "delta1", gamma=0.1)


def test_input_is_not_changed_and_result_is_fresh(defiers: Any) -> None:
    p = laws(defiers, 50)
    before = p.copy()
    low, _ = defiers.bounds(p, "delta1", gamma=0)
    low[:] = 9
    assert np.array_equal(p, before)


def test_ties_go_to_the_first_term(defiers: Any) -> None:
    p = np.tile([1, 0, 0, 0], 2)
    at = dict(zip(defiers.CELLS, p.tolist(), strict=True))
    bounds = derive(catalogue.load("mediation_limited_defiers"), ["delta1"]).bounds[0]
    low, high = bounds.active(at, {"gamma": 0})
    assert defiers.active_terms(p, "delta1", gamma=0) == (low[0], high[0])


def test_estimand_may_be_left_out_where_there_is_one(modules: dict[str, Any]) -> None:
    module = modules["richardson_robins_ace_z3"]
    p = laws(module, 3)
    assert np.array_equal(module.lower(p), module.lower(p, "ate"))
    assert np.array_equal(module.upper(p), module.upper(p, estimand="ate"))


@pytest.mark.filterwarnings("error")
def test_condition_of_probability_zero_is_nan_without_a_warning(modules: dict[str, Any]) -> None:
    module = modules["iv_ate_monotone"]
    p = laws(module, 3)
    p[1, 4:] = p[1, :4]
    low, high = module.bounds(p, "late")
    assert np.isnan([low[1], high[1]]).all()
    assert np.isfinite(low[[0, 2]]).all()
    assert np.isnan(module.lower(p[1], "late"))


def test_violations_of_an_equality_are_absolute(modules: dict[str, Any], contents: dict[str, ModuleContent]) -> None:
    assert any(contents["odd"].shortfalls.absolute)
    chance = random.Random(1)
    values = keywords(contents["odd"], rational_parameters(contents["odd"], chance))
    many = [row(contents["odd"], rational_law(contents["odd"], chance)) for _ in range(40)]
    assert all(value.min() >= 0 for value in modules["odd"].violations(np.array(many), **values).values())


def test_sub_normalised_cells_are_allowed(modules: dict[str, Any]) -> None:
    module = modules["plain"]
    assert module.bounds([0.1, 0.2]) == pytest.approx((0, 1))
    with pytest.raises(ValueError, match=r"it must be at most 1$"):
        module.bounds([0.6, 0.5])


@pytest.mark.parametrize("kind", ["rows", "columns", "fortran"])
def test_memory_is_the_result_and_little_more(kind: str, modules: dict[str, Any]) -> None:
    module = modules["iv_ate"]
    p = laws(module, 400_000)
    column = p[:, 0].nbytes
    given: Any = {"rows": p, "columns": {c: p[:, i].copy() for i, c in enumerate(module.CELLS)}}.get(kind)
    given = np.asfortranarray(p) if given is None else given
    tracemalloc.start()
    module.lower(given, "ate")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.6 * column


def test_memory_of_a_grid_is_the_result_and_little_more(defiers: Any) -> None:
    p, gamma = laws(defiers, 600, 1), np.linspace(0, 0.3, 700)
    tracemalloc.start()
    low = defiers.lower(p, "delta1", gamma=gamma)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert low.shape == (600, 700)
    assert peak < 1.6 * low.nbytes


# ---------------------------------------------------------------- errors
GOOD = [0.2, 0.3, 0.1, 0.4, 0.25, 0.25, 0.25, 0.25]
CELLS = [f"P(Y={y},M={m}|A={a})" for a in (0, 1) for y in (0, 1) for m in (0, 1)]
MANY = [GOOD] * 9000
ERRORS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "one number": (1, {}, "p has shape (); its last axis must have length 8, as CELLS"),
    "wrong shape": ([GOOD[:7]], {}, "p has shape (1, 7); its last axis must have length 8, as CELLS"),
    "words": (["0.1"] * 8, {}, f"{CELLS[0]} is not an array of real numbers"),
    "ragged": ([GOOD, [1]], {}, "setting an array element with a sequence"),
    "nothing": ([None] * 8, {}, f"{CELLS[0]} is nan; it must be a probability"),
    "complex": ([1j] * 8, {}, f"{CELLS[0]} is not an array of real numbers"),
    "masked": (np.ma.masked_less(GOOD, 0.2), {}, f"{CELLS[2]} is not an array of real numbers"),
    "negative": (
        [*MANY, [-0.2, 0.7, 0.1, 0.4, 0.25, 0.25, 0.25, 0.25]],
        {},
        "P(Y=0,M=0|A=0) is -0.2 at index [9000]; it must be a probability",
    ),
    "negative in one law": ([-0.2, *GOOD[1:]], {}, "P(Y=0,M=0|A=0) is -0.2; it must be a probability"),
    "nan": ([[GOOD, [*GOOD[:7], np.nan]]], {}, "P(Y=1,M=1|A=1) is nan at index [0, 1]; it must be a probability"),
    "inf": ([*GOOD[:7], np.inf], {}, "P(Y=1,M=1|A=1) is inf; it must be a probability"),
    "percent": (
        [[100 * x for x in GOOD[:4]] + GOOD[4:]],
        {},
        f"the cells {', '.join(CELLS[:4])} sum to 100.0 at index [0]; it must be 1",
    ),
    "too little": (
        [[*GOOD[:4], 0.25, 0.25, 0.25, 0]],
        {},
        f"the cells {', '.join(CELLS[4:])} sum to 0.75 at index [0]; it must be 1",
    ),
    "missing cells": (
        dict.fromkeys(CELLS[:6], 0.25),
        {},
        f"p must have the cells of CELLS and no others; it differs in {CELLS[6]}, {CELLS[7]}",
    ),
    "unknown cells": (
        dict(zip([*CELLS, "x"], [*GOOD, 1], strict=True)),
        {},
        "p must have the cells of CELLS and no others; it differs in x",
    ),
    "cell of words": (dict.fromkeys(CELLS, "a"), {}, f"{CELLS[0]} is not an array of real numbers"),
    "shapes": (
        {**dict.fromkeys(CELLS[:7], 0.25), CELLS[7]: [0.25] * 3},
        {"gamma": [0, 0.1]},
        "shape mismatch: objects cannot be broadcast to a single shape",
    ),
    "no value": (GOOD, {"gamma": None}, "parameter gamma is nan; it must be a number between 0.0 and 1.0"),
    "out of range": (
        GOOD,
        {"gamma": [0, 1.5]},
        "parameter gamma is 1.5 at index [1]; it must be a number between 0.0 and 1.0",
    ),
    "nan parameter": (GOOD, {"gamma": np.nan}, "parameter gamma is nan; it must be a number between 0.0 and 1.0"),
    "parameter of words": (GOOD, {"gamma": "a"}, "gamma is not an array of real numbers"),
    "no estimand": (
        GOOD,
        {"estimand": None},
        "estimand is None; it must be one of delta0, delta1, zeta0, zeta1, atm, ate",
    ),
    "unknown estimand": (
        GOOD,
        {"estimand": "late"},
        "estimand is 'late'; it must be one of delta0, delta1, zeta0, zeta1, atm, ate",
    ),
}
# Of these only the beginning is compared.
SAID_BY_NUMPY = ("ragged", "shapes")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str, defiers: Any) -> None:
    p, changed, message = ERRORS[name]
    given, pattern = {"gamma": 0.1} | changed, f"^{re.escape(message)}{'' if name in SAID_BY_NUMPY else '$'}"
    if "estimand" not in changed:
        with pytest.raises(ValueError, match=pattern):
            defiers.violations(p, **given)
    for call in (defiers.lower, defiers.upper, defiers.bounds, defiers.active_terms):
        with pytest.raises(ValueError, match=pattern):
            call(p, **{"estimand": "delta1"} | given)


def test_parameter_that_is_not_given_is_refused(defiers: Any) -> None:
    for call in (defiers.lower, defiers.upper, defiers.bounds, defiers.active_terms, defiers.violations):
        with pytest.raises(TypeError, match=r"missing 1 required keyword-only argument: 'gamma'$"):
            call(GOOD)


def test_rounding_is_forgiven(defiers: Any) -> None:
    p = np.array(GOOD) + np.array([1e-10, -2e-10, 0, 0, 0, 0, 0, 0])
    assert np.isfinite(defiers.lower(p, "delta1", gamma=0))
    zero = np.array([-1e-17, 0.5, 0.1, 0.4, 0.25, 0.25, 0.25, 0.25])
    assert np.isfinite(defiers.lower(zero, "delta1", gamma=0))
    with pytest.raises(ValueError, match="sum to"):
        defiers.lower(np.array(GOOD) + 1e-6, "delta1", gamma=0)


@pytest.mark.parametrize(("value", "fine"), [(Fraction(1, 3), True), (0, True), (-1e-9, False), (0.34, False)])
def test_ends_of_ranges(value: Any, fine: bool, modules: dict[str, Any], contents: dict[str, ModuleContent]) -> None:
    content, module = contents["odd"], modules["odd"]
    chance = random.Random(3)
    values: dict[str, Any] = keywords(content, rational_parameters(content, chance)) | {"lambda_": value}
    p = row(content, rational_law(content, chance))
    if fine:
        module.violations(p, **values)
    else:
        with pytest.raises(
            ValueError, match=re.escape(f"parameter lambda_ is {value}; it must be a number between 0.0")
        ):
            module.violations(p, **values)


def test_unbounded_parameters_are_finite(modules: dict[str, Any], contents: dict[str, ModuleContent]) -> None:
    content = contents["odd"]
    chance = random.Random(3)
    values = keywords(content, rational_parameters(content, chance)) | {"p_": np.inf}
    with pytest.raises(ValueError, match=r"parameter p_ is inf; it must be a number between 0\.0 and inf"):
        modules["odd"].violations(row(content, rational_law(content, chance)), **values)


# ---------------------------------------------------------------- names
def test_names_of_the_odd_model(modules: dict[str, Any], contents: dict[str, ModuleContent]) -> None:
    module = modules["odd"]
    assert list(module.ESTIMANDS) == ["bounds", "violations", "_evaluate"]
    assert list(module.PARAMETERS) == ["lambda_", "function", "p_", "np_", "law_", "L", "l", "__proto___", "_evaluate_"]
    assert module.PARAMETERS["lambda_"] == (0, 1 / 3)
    assert "Parameter lambda of the model is called lambda_ here." in module.__doc__
    assert module.PARAMETERS["function"] == (-np.inf, 2)
    assert TARGETS["python"].file_name("random") == "random_.py"
    assert TARGETS["python"].file_name("numpy") == "numpy_.py"
    assert list(contents["odd"].cells) == module.CELLS


PATTERNS = [  # of pytest, unittest, testthat and node
    *("test_*.py", "*_test.py", "test*.py", "test*.R"),
    *("test.mjs", "test-*.mjs", "*.test.mjs", "*-test.mjs", "*_test.mjs"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_no_file_has_a_name_that_test_runners_collect(target: str) -> None:
    models = [*NAMES, *WRITTEN, "test", "Test", "tests", "test_iv", "testable_iv", "iv_test", "test_of_a_test", "_test"]
    files = [TARGETS[target].file_name(name) for name in models]
    assert len({*files}) == len(files)
    assert not [file for file in files for pattern in PATTERNS if fnmatch(file.lower(), pattern.lower())]


def test_models_that_would_be_one_file_are_refused() -> None:
    models = [("a", Model.parse(PLAIN.replace("numpy", name))) for name in ("test_iv", "bounds_test_iv")]
    with pytest.raises(ModelError, match=r"^models test_iv and bounds_test_iv would be one file bounds_test_iv\.py"):
        evaluator_files(models)


def test_stata_names_are_short_small_and_different(contents: dict[str, ModuleContent]) -> None:
    for name in ("odd", "long"):
        found = list(stata_names(contents[name]).values())
        assert len(set(found)) == len(found)
        assert all(len(each) <= 31 and each == each.lower() for each in found)
    programs = [stata_program(name) for name in (*NAMES, *(f"{'x' * 40}{i}" for i in range(9)))]
    assert len(set(programs)) == len(programs)
    assert max(map(len, programs)) <= 32


# ---------------------------------------------------------------- the text of modules
@pytest.fixture(scope="module")
def texts(contents: dict[str, ModuleContent]) -> dict[str, dict[str, str]]:
    """Every module in every language: target -> file name -> text."""
    return {
        name: {target.file_name(content.name): target.text(content) for content in contents.values()}
        for name, target in TARGETS.items()
    }


def written(texts: Mapping[str, str], folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def assert_linted(folder: Path) -> None:
    ruff = shutil.which("ruff") or shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        pytest.skip("ruff is not installed: make lint installs it")
    # Docstrings of generated modules are excused in pyproject too.
    for words in (["check", "--no-cache", "--ignore", "D,DOC"], ["format", "--no-cache", "--check"]):
        done = subprocess.run(
            [ruff, *words, "--config", str(ROOT / "pyproject.toml"), str(folder)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_python_passes_the_linter(texts: dict[str, dict[str, str]], tmp_path: Path) -> None:
    assert_linted(written(texts["python"], tmp_path / "made"))


def test_python_is_meant_to_be_read(contents: dict[str, ModuleContent]) -> None:
    """Cells, then formulas, then functions, then helpers; a line of documentation for each; half the lines of old."""
    for content in contents.values():
        tree = ast.parse(python_module(content))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        names = [node.name for node in functions]
        public = names.index("lower")
        assert names[public : public + 5] == ["lower", "upper", "bounds", "active_terms", "violations"]
        assert names[public - 1] == "_shortfalls"
        assert names[public + 5] == "_sides"
        assert all("\n" not in (ast.get_docstring(node) or "\n") for node in functions)
    files = [ROOT / "derived" / TARGETS["python"].file_name(name) for name in LINEAR]
    lines = sorted(len(path.read_text(encoding="utf-8").split("\n")) for path in files)
    assert lines[len(lines) // 2] <= 168


def test_remarks_say_more_than_the_code(contents: dict[str, ModuleContent]) -> None:
    """Only where a definition has a name."""
    assert "yield p01_1 + p11_1 - p11_0 + gamma  # ATM + p01.0 + gamma" in python_module(
        contents["mediation_limited_defiers"]
    )
    assert "yield" not in "".join(line for line in python_module(contents["iv_ate"]).split("\n") if "#" in line)


def test_python_imports_numpy_alone(texts: dict[str, dict[str, str]], tmp_path: Path) -> None:
    """In a Python that finds numpy and the standard library, and nothing else."""
    for text in texts["python"].values():
        imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert [ast.unparse(node) for node in imports] == ["import numpy as np"]
    folder = written(texts["python"], tmp_path / "made")
    home = Path(np.__file__).parents[1]
    (tmp_path / "site").mkdir()
    for name in ("numpy", "numpy.libs"):
        if (home / name).exists():
            (tmp_path / "site" / name).symlink_to(home / name)
    code = f"""
import importlib, importlib.util, pathlib, sys
sys.path[:0] = [{str(folder)!r}, {str(tmp_path / "site")!r}]
assert importlib.util.find_spec("boundgen") is None
for name in sorted(path.stem for path in pathlib.Path({str(folder)!r}).glob("*.py")):
    assert importlib.import_module(name).CELLS
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-W", "error", "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("target", TARGETS)
def test_header_holds_the_model(
    target: str, contents: dict[str, ModuleContent], texts: dict[str, dict[str, str]]
) -> None:
    """The model can be read back from the header, and its digest is the header's."""
    mark = {"python": "#", "r": "#", "stata": "*", "js": "//"}[target]
    for key, content in contents.items():
        if key == "odd" and target == "stata":
            continue  # marks of Stata's comments are taken apart
        text = texts[target][TARGETS[target].file_name(content.name)]
        lines = text.split("\n")
        start = next(i for i, line in enumerate(lines) if line.startswith(f"{mark}   model "))
        taken = itertools.takewhile(lambda line, mark=mark: line.startswith(f"{mark}   "), lines[start:])
        model = str(Model.parse("\n".join(line.removeprefix(f"{mark}   ") for line in taken)))
        assert model == content.text
        assert hashlib.sha256(model.encode()).hexdigest()[:16] == content.digest
        assert f"(SHA-256 {content.digest}...)" in text
        assert str(ROOT) not in text
        assert all(source in text for source in content.sources)


def test_claims_do_not_change_a_module() -> None:
    model = catalogue.load("mediation_limited_defiers")
    assert model.claims
    without = Model.parse(module_content(derive(model), "x").text)
    assert not without.claims
    assert evaluator_files([("x", without)])[0].text == evaluator_files([("x", model)])[0].text.replace(
        f"generate {model.name} ", "generate x "
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(-3), "-3"),
        (Fraction(1, 3), "1 / 3"),
        (Fraction(-7, 2), "-7 / 2"),
        (Fraction(2**53), "9007199254740992"),
        (Fraction(10**30 + 1), "1e+30"),
        (Fraction(1, 10**30), "1e-30"),
    ],
)
def test_numbers_are_the_nearest_floats(value: Fraction, text: str) -> None:
    assert number(value) == text
    assert eval(text) == float(value)


def test_number_that_is_no_float_is_refused() -> None:
    with pytest.raises(LimitError, match="a number of this model is too large for floating point"):
        number(Fraction(10**400))


# ---------------------------------------------------------------- packages
def written_package(contents: Mapping[str, ModuleContent], folder: Path) -> Path:
    """Modules that import what they share."""
    found = {TARGETS["python"].file_name(each.name): python_package_module(each) for each in contents.values()}
    pieces = any(each.with_pieces for each in contents.values())
    return written(found | {"_evaluate.py": python_shared(pieces)}, folder)


def test_package_is_the_modules(
    contents: dict[str, ModuleContent], modules: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_package(contents, tmp_path / "made_together")
    monkeypatch.syspath_prepend(tmp_path)
    for key, content in contents.items():
        name = TARGETS["python"].file_name(content.name).removesuffix(".py")
        module = importlib.import_module(f"made_together.{name}")
        p, values = float_laws(content, 20, key)
        assert_same_numbers(expected(module, content, p, values), expected(modules[key], content, p, values))
        assert module.__doc__ == modules[key].__doc__
    with pytest.raises(ValueError, match=r"^p has shape"):
        module.violations([1], **dict.fromkeys(module.PARAMETERS, 0))


def test_package_has_the_shared_part_once(contents: dict[str, ModuleContent], tmp_path: Path) -> None:
    for content in contents.values():
        shared = python_shared(bool(content.with_pieces))
        functions = [node.name for node in ast.parse(shared).body if isinstance(node, ast.FunctionDef)]
        alone, together = python_module(content), python_package_module(content)
        assert all(f"\ndef {name}(" in alone and f"\ndef {name}(" not in together for name in functions)
        imports = [node for node in ast.parse(together).body if isinstance(node, ast.Import | ast.ImportFrom)]
        first, second = map(ast.unparse, imports)
        assert first == "import numpy as np"
        assert second == IMPORTED or (content.with_pieces and {*IMPORTED.split()} - {"_sides"} <= {*second.split()})
    folder = written_package(contents, tmp_path / "made")
    assert_linted(folder)


# ---------------------------------------------------------------- the folder derived
@pytest.mark.slow
def test_derived_is_up_to_date() -> None:
    files = evaluator_files([(name, catalogue.load(name)) for name in catalogue.names()])
    there = {path.name: path.read_bytes() for path in (ROOT / "derived").glob("*.py")}
    assert there == {file.name: file.text.encode() for file in files if file.text}, "make derived"


@pytest.mark.parametrize("target", [pytest.param(t, marks=[pytest.mark.slow] * (t != "python")) for t in TARGETS])
def test_other_hash_seeds_give_the_same_bytes(target: str, tmp_path: Path) -> None:
    names = ["mediation_limited_defiers", "causation_both", "ods_iv", "late_ratio"]
    for name in ("complier_effect", "treated", "ratio_with_instrument"):
        names.append(str(tmp_path / f"{name}.bounds"))
        Path(names[-1]).write_text(PIECE_MODELS[name], encoding="utf-8")
    made = []
    for seed in ("1", "2", "2"):
        folder = tmp_path / f"made{len(made)}"
        subprocess.run(
            [sys.executable, "-m", "boundgen", "generate", *names, "--target", target, "-o", str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1] == made[2]
    assert len(made[0]) == len(names)


# ---------------------------------------------------------------- the command
def test_generate_writes_and_checks(run: Run) -> None:
    first = run("generate", "mediation_mmr", "iv_ate", "-o", "made")
    assert (first.status, first.err) == (0, "")
    assert first.out == "made/mediation_mmr.py\nmade/iv_ate.py\n2 modules, 2 written\n"
    assert run("generate", "mediation_mmr", "iv_ate", "-o", "made").out == "2 modules, 0 written\n"
    found = run("generate", "iv_ate", "-o", "made", "--check")
    assert (found.status, found.out) == (0, "made: 1 module up to date\n")


def test_generate_check_names_what_is_wrong(run: Run) -> None:
    run("generate", "mediation_mmr", "-o", "made")
    Path("made/mediation_mmr.py").write_text("x", encoding="utf-8")
    found = run("generate", "mediation_mmr", "iv_ate", "-o", "made", "--check")
    assert found.status == 1
    assert found.out == (
        "made/mediation_mmr.py: stale\nmade/iv_ate.py: missing\n"
        "to refresh: boundgen generate mediation_mmr iv_ate -o made\n"
    )
    assert Path("made/mediation_mmr.py").read_text(encoding="utf-8") == "x"


def test_generate_has_all_formats(run: Run) -> None:
    words = ("generate", "iv_ate", "-o", "made")
    assert run(*words, "--check", "--format", "csv").out == "file,status\nmade/iv_ate.py,missing\n"
    assert json.loads(run(*words, "--format", "json").out) == {
        "schema": "boundgen.generated/1",
        "files": [{"file": "made/iv_ate.py", "status": "written"}],
    }
    assert r"made/iv\_ate.py & up to date \\" in run(*words, "--format", "latex").out
    Path("made/iv_ate.py").write_text("x", encoding="utf-8")
    found = run(*words, "--check", "--format", "json")
    assert found.status == 1
    assert json.loads(found.out)["refresh"] == "boundgen generate iv_ate -o made"


def test_generate_check_finds_what_is_left_over(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.catalogue.names", lambda: ("iv_ate",))
    run("generate", "mediation_mmr", "-o", "made", "--target", "r")
    run("generate", "--all", "-o", "made", "--target", "r")
    Path("made/own.R").write_text("# mine", encoding="utf-8")
    found = run("generate", "--all", "-o", "made", "--target", "r", "--check")
    assert found.status == 1
    assert found.out == (
        "made/mediation_mmr.R: left over; delete it\nto refresh: boundgen generate --all --target r -o made\n"
    )


def test_what_of_the_catalogue_has_no_closed_form_is_no_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.catalogue.names", lambda: ("front_door", "nonresponse"))
    found = run("generate", "--all", "-o", "made")
    assert (found.status, found.out) == (0, "made/front_door.py\n1 module, 1 written\n")
    assert [line.split(": not answered: ")[0] for line in found.err.splitlines()] == ["boundgen: nonresponse: ate"]
    assert run("generate", "nonresponse", "-o", "made").status == 3


def test_generate_package(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.catalogue.names", lambda: ("iv_ate", "mediation_mmr"))
    found = run("generate", "--all", "--package", "-o", "made")
    assert found.out == "made/_evaluate.py\nmade/iv_ate.py\nmade/mediation_mmr.py\n3 modules, 3 written\n"
    assert run("generate", "--all", "--package", "-o", "made", "--check").out == "made: 3 modules up to date\n"
    assert "#   boundgen generate iv_ate --package -o derived\n" in Path("made/iv_ate.py").read_text(encoding="utf-8")
    Path("made/_evaluate.py").write_text("x", encoding="utf-8")
    found = run("generate", "iv_ate", "--package", "-o", "made", "--check")
    assert (found.status, found.out) == (
        1,
        "made/_evaluate.py: stale\nto refresh: boundgen generate iv_ate --package -o made\n",
    )
    run("generate", "--all", "--package", "-o", "made")
    run("generate", "--all", "-o", "made")
    found = run("generate", "--all", "-o", "made", "--check")
    assert found.out.startswith("made/_evaluate.py: left over; delete it\n")


def test_generate_from_a_file_names_no_folder(run: Run) -> None:
    folder = Path("some where")
    folder.mkdir()
    (folder / "my model.bounds").write_text(PLAIN, encoding="utf-8")
    run("generate", "some where/my model.bounds", "-o", "made")
    text = Path("made/numpy_.py").read_text(encoding="utf-8")
    assert "#   boundgen generate 'my model.bounds' -o derived\n" in text
    assert "some where" not in text


def test_a_copy_of_a_catalogue_model_gives_the_module_of_the_catalogue(run: Run) -> None:
    Path("copy.bounds").write_text(catalogue.text("iv_ate"), encoding="utf-8")
    run("generate", "copy.bounds", "-o", "made")
    assert Path("made/iv_ate.py").read_bytes() == (ROOT / "derived" / "iv_ate.py").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "x"], "boundgen: name model files, or --all.\n  Try: boundgen generate --help"),
        (["iv_ate", "--all", "-o", "x"], "boundgen: name model files, or --all.\n  Try: boundgen generate --help"),
        (
            ["iv_ate", "--package", "--target", "r", "-o", "x"],
            "boundgen: --package is for Python modules.\n  Try: boundgen generate --help",
        ),
        (["iv_ate"], "boundgen: Missing option '-o' / '--output'.\n  Try: boundgen generate --help"),
        (
            ["nothing", "-o", "x"],
            "nothing: there is no such file\n  See 'boundgen catalogue' for the shipped models.",
        ),
        (
            ["iv_ate", "iv_ate", "-o", "x"],
            "two models are called iv_ate, and would be one file iv_ate.py\n  Rename one of them.",
        ),
        (["iv_ate", "-o", "a_file"], "a_file: cannot be made: File exists\n  Name another folder with -o."),
    ],
)
def test_generate_errors(words: list[str], message: str, run: Run) -> None:
    Path("a_file").write_text("", encoding="utf-8")
    found = run("generate", *words)
    assert (found.status, found.out) == (2, "")
    assert found.err.rstrip("\n").endswith(message)
    assert not Path("x").exists()


def test_nothing_is_written_where_one_model_fails(run: Run) -> None:
    Path("bad.bounds").write_text("model bad\n", encoding="utf-8")
    found = run("generate", "iv_ate", "bad.bounds", "-o", "made")
    assert found.status == 2
    assert not Path("made").exists()


# ---------------------------------------------------------------- other languages
def float_laws(content: ModuleContent, count: int, seed: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Laws, and for each of them a value of each parameter."""
    chance = random.Random(seed)
    many = [row(content, rational_law(content, chance)) for _ in range(count)]
    values = [rational_parameters(content, chance) for _ in range(count)]
    return np.array(many), {p.name: np.array([float(v[p.name]) for v in values]) for p in content.parameters}


def expected(module: Any, content: ModuleContent, p: np.ndarray, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What Python says, with lists for arrays."""
    names = python_names(content)
    given = {names[name]: value for name, value in values.items()}
    return {
        "bounds": {name: [side.tolist() for side in module.bounds(p, name, **given)] for name in module.ESTIMANDS},
        "active": {
            name: [side.tolist() for side in module.active_terms(p, name, **given)] for name in module.ESTIMANDS
        },
        "violations": [value.tolist() for value in module.violations(p, **given).values()],
    }


def assert_same_numbers(found: Any, wanted: Any) -> None:
    """Equal to 1e-12, with None for nan, and infinities spelled."""
    if isinstance(wanted, Mapping):
        assert list(found) == list(wanted)
        found, wanted = list(found.values()), list(wanted.values())
    if isinstance(wanted, Sequence):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same_numbers(one, other)
    else:
        one = float("nan") if found is None else float(found)
        assert one == pytest.approx(wanted, abs=NEAR, rel=NEAR, nan_ok=True)


def parameter_keys(name: str, content: ModuleContent) -> list[str]:
    """The names of parameters in a generated file, in the order of the model."""
    from boundgen.codegen.javascript_module import javascript_names
    from boundgen.codegen.r_module import r_names

    names = {"js": javascript_names, "r": r_names}[name](content)
    return [names[p.name] for p in content.parameters]


NODE = """
import { readFileSync } from "node:fs";
const jobs = JSON.parse(readFileSync(process.argv[2]));
const found = {};
for (const [name, { file, rows, columns, values }] of Object.entries(jobs)) {
  const m = await import(file);
  const names = Object.keys(m.ESTIMANDS);
  const each = (f) => Object.fromEntries(names.map((estimand) => [estimand, f({ ...values, estimand })]));
  const violations = Object.values(m.violations(rows, values));
  const swapped = Object.values(m.violations(columns, values));
  if (JSON.stringify(violations) !== JSON.stringify(swapped)) throw new Error(`${name}: rows and columns differ`);
  for (const estimand of names) {
    const first = Object.fromEntries(Object.entries(values).map(([key, list]) => [key, list[0]]));
    const one = m.lower(rows[0], { ...first, estimand });
    const many = m.lower(rows, { ...values, estimand });
    if (!Object.is(one, many[0])) throw new Error(`${name}: one law and many differ`);
  }
  found[name] = { bounds: each((o) => m.bounds(rows, o)), active: each((o) => m.activeTerms(rows, o)), violations };
}
const infinities = (_, value) => (value === Infinity || value === -Infinity ? String(value) : value);
console.log(JSON.stringify(found, infinities));
"""


def test_javascript_is_python(
    contents: dict[str, ModuleContent],
    modules: dict[str, Any],
    texts: dict[str, dict[str, str]],
    tmp_path: Path,
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    folder = written(texts["js"], tmp_path / "made")
    jobs, wanted = {}, {}
    for key, content in contents.items():
        p, values = float_laws(content, 40, key)
        wanted[key] = expected(modules[key], content, p, values)
        jobs[key] = {
            "file": str(folder / TARGETS["js"].file_name(content.name)),
            "rows": p.tolist(),
            "columns": dict(zip(content.cells, p.T.tolist(), strict=True)),
            "values": dict(zip(parameter_keys("js", content), (v.tolist() for v in values.values()), strict=True)),
        }
    (tmp_path / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    (tmp_path / "run.mjs").write_text(NODE, encoding="utf-8")
    done = subprocess.run([node, "run.mjs", "jobs.json"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    for key in wanted:
        assert_same_numbers(found[key], wanted[key])


NODE_ERRORS = """
const m = await import(process.argv[2]);
const good = %s;
const o = { estimand: "delta1", gamma: 0.1 };
const calls = [
  () => m.lower(good, { gamma: 0.1 }),
  () => m.lower(good, { ...o, estimand: "late" }),
  () => m.lower(good, { estimand: "delta1" }),
  () => m.lower(good, { ...o, gamma: 2 }),
  () => m.lower(good, { ...o, delta: 2 }),
  () => m.lower([good, good], { ...o, gamma: [0, 0, 0] }),
  () => m.lower(3, o),
  () => m.lower([good, good.slice(1)], o),
  () => m.lower([good, good.map((x) => 2 * x)], o),
  () => m.lower([-0.2, ...good.slice(1)], o),
  () => m.lower([good, [NaN, ...good.slice(1)]], o),
  () => m.lower([["0.2", ...good.slice(1)]], o),
  () => m.lower(Object.fromEntries(m.CELLS.slice(1).map((cell) => [cell, 0.25])), o),
  () => m.lower(Object.fromEntries([...m.CELLS, "x"].map((cell) => [cell, 0.25])), o),
];
for (const call of calls) {
  try {
    console.log("no error", call());
  } catch (error) {
    console.log(String(error));
  }
}
"""
JAVASCRIPT_ERRORS = f"""\
RangeError: no estimand is named; estimands: delta0, delta1, zeta0, zeta1, atm, ate
RangeError: there is no estimand "late"; estimands: delta0, delta1, zeta0, zeta1, atm, ate
RangeError: parameter gamma has no value
RangeError: parameter gamma is 2; it must be a number between 0 and 1
RangeError: there is no parameter delta
RangeError: the lengths of cells and parameters differ: 2, 3
RangeError: p is neither an array nor an object of cells
RangeError: p[1] has length 7; it must have length 8, one for each of CELLS
RangeError: the cells {", ".join(CELLS[:4])} sum to 2 at index 1; they must sum to 1
RangeError: {CELLS[0]} is -0.2; it must be a probability
RangeError: {CELLS[0]} is NaN at index 1; it must be a probability
RangeError: {CELLS[0]} is 0.2 at index 0; it must be a probability
RangeError: p lacks {CELLS[0]}; it must have every cell of CELLS
RangeError: p has unknown cells x; it must have the cells of CELLS and no others
"""


def test_javascript_errors(texts: dict[str, dict[str, str]], tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    folder = written(texts["js"], tmp_path / "made")
    (tmp_path / "run.mjs").write_text(NODE_ERRORS % json.dumps(GOOD), encoding="utf-8")
    done = subprocess.run(
        [node, "run.mjs", str(folder / "mediation_limited_defiers.mjs")],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.stderr) == (JAVASCRIPT_ERRORS, "")


R_SCRIPT = """
show <- function(values) cat(paste(c(format(values, digits = 17, trim = TRUE), ""), collapse = " "), "\\n", sep = "")
for (job in readLines("jobs.txt")) {
  part <- strsplit(job, "\\t")[[1]]
  prefix <- part[2]
  source(part[3])
  get_part <- function(what) get(paste0(prefix, "_", what))
  data <- read.csv(paste0(part[1], ".csv"), check.names = FALSE)
  cells <- get_part("cells")
  p <- as.matrix(data[, cells])
  values <- unname(as.list(data[, -seq_along(cells), drop = FALSE]))
  names(values) <- names(get_part("parameters"))
  for (estimand in names(get_part("estimands"))) {
    both <- do.call(get_part("bounds"), c(list(p, estimand), values))
    show(both$lower)
    show(both$upper)
    active <- do.call(get_part("active_terms"), c(list(p, estimand), values))
    show(active$lower)
    show(active$upper)
    swapped <- do.call(get_part("lower"), c(list(as.data.frame(p[, rev(cells)], optional = TRUE), estimand), values))
    one <- do.call(get_part("upper"), c(list(p[1, ], estimand), lapply(values, function(value) value[1])))
    stopifnot(identical(swapped, both$lower), identical(one, both$upper[1]))
  }
  failing <- do.call(get_part("violations"), c(list(unname(p)), values))
  stopifnot(identical(colnames(failing), get_part("conditions")) || ncol(failing) == 0)
  for (i in seq_len(ncol(failing))) show(failing[, i])
}
"""


def r_interpreter() -> str:
    found = shutil.which("Rscript")
    if found is None:
        pytest.skip("R is not installed: make system installs it on Debian")
    return found


def numbers(line: str) -> list[float]:
    return [float(word.replace("NaN", "nan").replace("NA", "nan")) for word in line.split()]


def test_r_is_python(
    contents: dict[str, ModuleContent],
    modules: dict[str, Any],
    texts: dict[str, dict[str, str]],
    tmp_path: Path,
) -> None:
    rscript = r_interpreter()
    folder = written(texts["r"], tmp_path / "made")
    jobs = []
    wanted: dict[str, list[list[float]]] = {}
    for key, content in contents.items():
        p, values = float_laws(content, 30, key)
        said = expected(modules[key], content, p, values)
        wanted[key] = []
        for name in modules[key].ESTIMANDS:
            wanted[key] += said["bounds"][name]
            wanted[key] += [[term + 1 if term >= 0 else float("nan") for term in s] for s in said["active"][name]]
        wanted[key] += said["violations"]
        head = ",".join(f'"{name}"' for name in (*content.cells, *values))
        lines = [",".join(map(repr, map(float, line))) for line in np.column_stack([p, *values.values()])]
        (tmp_path / f"{key}.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        jobs.append(f"{key}\t{content.name}\t{folder / TARGETS['r'].file_name(content.name)}")
    (tmp_path / "jobs.txt").write_text("\n".join(jobs) + "\n", encoding="utf-8")
    (tmp_path / "run.R").write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run([rscript, "--vanilla", "run.R"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr
    found = iter(done.stdout.decode().splitlines())
    for key, lists in wanted.items():
        assert_same_numbers([numbers(next(found)) for _ in lists], lists)
        assert key
    assert next(found, None) is None


R_ERRORS_SCRIPT = """
options(warn = 2)
source(commandArgs(trailingOnly = TRUE))
good <- c(%s)
f <- mediation_limited_defiers_lower
say <- function(call) cat(tryCatch({ call; "no error" }, error = conditionMessage), "\\n", sep = "")
named <- function(names, values) setNames(as.list(values), names)
cells <- mediation_limited_defiers_cells
say(f(good, gamma = 0.1))
say(f(good, "late", gamma = 0.1))
say(f(good, "delta1"))
say(f(good, "delta1", gamma = c(0, 2)))
say(f(good, "delta1", gamma = "a"))
say(f(rbind(good, good), "delta1", gamma = c(0, 0, 0)))
say(f(good[-1], "delta1", gamma = 0.1))
say(f("a", "delta1", gamma = 0.1))
say(f(rbind(good, 2 * good), "delta1", gamma = 0.1))
say(f(c(-0.2, good[-1]), "delta1", gamma = 0.1))
say(f(rbind(good, c(NA, good[-1])), "delta1", gamma = 0.1))
say(f(named(cells[-1], good[-1]), "delta1", gamma = 0.1))
say(f(named(c(cells, "x"), c(good, 1)), "delta1", gamma = 0.1))
say(f(data.frame(named(cells, good)), "delta1", gamma = 0.1))
say(f(named(cells, c("a", good[-1])), "delta1", gamma = 0.1))
"""
R_ERRORS = f"""\
no estimand is named; estimands: delta0, delta1, zeta0, zeta1, atm, ate
there is no estimand late; estimands: delta0, delta1, zeta0, zeta1, atm, ate
parameter gamma has no value
parameter gamma is 2 in row 2; it must be a number between 0 and 1
parameter gamma is not numeric
the numbers of laws and of values of parameters differ: 2, 3
p must have 8 columns, one for each of mediation_limited_defiers_cells
p must have 8 columns, one for each of mediation_limited_defiers_cells
the cells {", ".join(CELLS[:4])} sum to 2 in row 2; they must sum to 1
{CELLS[0]} is -0.2; it must be a probability
{CELLS[0]} is NA in row 2; it must be a probability
p lacks {CELLS[0]}; it must have every cell of mediation_limited_defiers_cells (data.frame needs check.names = FALSE)
p has unknown cells x; it must have the cells of mediation_limited_defiers_cells and no others
p lacks {", ".join(CELLS)}; it must have every cell of mediation_limited_defiers_cells \
(data.frame needs check.names = FALSE)
{CELLS[0]} is not numeric
"""


def test_r_errors(texts: dict[str, dict[str, str]], tmp_path: Path) -> None:
    rscript = r_interpreter()
    folder = written(texts["r"], tmp_path / "made")
    (tmp_path / "run.R").write_text(R_ERRORS_SCRIPT % ", ".join(map(str, GOOD)), encoding="utf-8")
    done = subprocess.run(
        [rscript, "--vanilla", "run.R", str(folder / "mediation_limited_defiers.R")],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.stderr) == (R_ERRORS, "")


# ---------------------------------------------------------------- Stata
def test_stata_expressions_are_python(
    contents: dict[str, ModuleContent], modules: dict[str, Any], texts: dict[str, dict[str, str]]
) -> None:
    for key, content in contents.items():
        text = texts["stata"][TARGETS["stata"].file_name(content.name)]
        blocks = stata_blocks(text)
        assert list(blocks) == [e.name for e in content.estimands]
        p, values = float_laws(content, 8, key)
        said = expected(modules[key], content, p, values)
        names = stata_names(content)
        for i, law in enumerate(p):
            macros = dict(zip((names[cell] for cell in content.cells), law.tolist(), strict=True))
            macros |= {names[name]: float(value[i]) for name, value in values.items()}
            for name, lines in blocks.items():
                wanted = [side[i] for side in said["bounds"][name]]
                assert stata_bounds(lines, macros) == pytest.approx(wanted, abs=NEAR, rel=NEAR, nan_ok=True)
            assert stata_shortfalls(text, macros) == pytest.approx([v[i] for v in said["violations"]], abs=NEAR)
            arms = [m for line in text.split("\n") if (m := STATA_ARM.search(line))]
            assert [m[1] == "1" for m in arms] == [arm.complete for arm in content.arms]
            assert all(stata_value(m[3], macros) <= 1 + 1e-9 for m in arms)


@pytest.mark.parametrize("name", ["mediation_limited_defiers", "tp_pn_comb", "risk_ratio", "always_takers"])
def test_stata_golden(name: str, contents: dict[str, ModuleContent]) -> None:
    compare(f"codegen/{stata_program(name)}.ado", stata_module(contents[name]))


def test_stata_text_has_the_limits_of_stata(texts: dict[str, dict[str, str]]) -> None:
    for name, text in texts["stata"].items():
        assert f"program define {name.removesuffix('.ado')}, rclass\n" in text
        assert text.count("program define ") == text.count("\nend\n")
        assert text.count("{") == text.count("}")
        for line in text.split("\n"):
            assert not line.startswith("*") or not re.search(r"///|/\*|\*/|`", line)
            assert line.count("`") == line.count("'") or line.startswith("*")
