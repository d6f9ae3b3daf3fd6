"""What modules say of bounds with pieces beyond their numbers, which are compared with all others in test_codegen."""

from __future__ import annotations

import itertools
import types
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundgen import Model, derive
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.codegen.content import module_content
from boundgen.codegen.generate import evaluator_files
from boundgen.codegen.python_layout import call
from boundgen.codegen.python_module import python_module
from boundgen.derivation import Derivation
from boundgen.errors import NoClosedFormError
from support.command import Run
from support.piece_models import CONFOUNDED, INSTRUMENT, MEDIATION, PIECE_MODELS

WITHOUT = f"""model capped
{MEDIATION.strip()}
parameter g in [0, 1]
assume few: P(M(1)=0, M(0)=1) <= g * P(M(1)=1, M(0)=0)
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""
# Of its two estimands one has no closed form.
IN_PART = f"""model weighed
{CONFOUNDED.strip()}
parameter w in [-1, 1]
estimand ratio = (P(Y(1)=1) + w * P(Y(1)=1, Y(0)=1)) / E[Y(0)]
estimand rr = E[Y(1)] / E[Y(0)]
"""


@cache
def derivation(name: str) -> Derivation:
    return derive(Model.parse(PIECE_MODELS[name]))


@cache
def text(name: str) -> str:
    return python_module(module_content(derivation(name), name))


@cache
def module(name: str) -> Any:
    found = types.ModuleType(name)
    exec(compile(text(name), f"{name}.py", "exec"), found.__dict__)
    return found


def piecewise(name: str, estimand: str) -> PiecewiseBounds:
    return next(bounds for bounds in derivation(name).piecewise if bounds.name == estimand)


# ---------------------------------------------------------------- where there is no number
@pytest.mark.filterwarnings("error")
def test_a_side_without_end_is_infinite_where_no_piece_holds() -> None:
    """In the last law nobody has the outcome without the treatment, so that there is no ratio."""
    p = np.array([[0.1, 0.2, 0.3, 0.4], [0.1, 0, 0.3, 0.6], [1, 0, 0, 0]])
    assert module("two_ratios").upper(p, "rr") == pytest.approx([3.5, np.inf, np.nan], nan_ok=True)
    assert module("two_ratios").lower(p, "less") == pytest.approx([-3.5, -np.inf, np.nan], nan_ok=True)
    assert module("two_ratios").lower(p, "rr") == pytest.approx([0.4 / 0.9, 0.6 / 0.9, np.nan], nan_ok=True)
    assert [side.tolist() for side in module("two_ratios").active_terms(p, "rr")] == [[0, 0, -1], [0, -1, -1]]


@pytest.mark.filterwarnings("error")
def test_a_bound_is_nan_where_the_divisor_is_zero() -> None:
    p = np.array([[0.1, 0.2, 0.3, 0.4, 0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4, 0.2, 0.1, 0.4, 0.3]])
    low, high = module("proportion").bounds(p, "share")
    assert np.isfinite([low[0], high[0]]).all()
    assert np.isnan([low[1], high[1]]).all()
    assert [side[1] for side in module("proportion").active_terms(p, "share")] == [-1, -1]
    nobody = {"P(Y=0|X=0)": 0, "P(Y=1|X=0)": 1, "P(Y=0|X=1)": 0, "P(Y=1|X=1)": 1, "P(X=0)": 0.5, "P(X=1)": 0.5}
    assert np.isnan(module("trial_with_shares").bounds(nobody, "harmed")).all()


@pytest.mark.filterwarnings("error")
def test_rounding_decides_no_guard() -> None:
    """At laws in tenths divisors and guards are often zero, and in floating point only nearly."""
    tenths = [law for law in itertools.product(range(11), repeat=4) if sum(law) == 10][::7]
    laws = [(*one, *other) for one, other in zip(tenths, reversed(tenths), strict=True)]
    for name, estimand, values in (("complier_effect", "late", {}), ("always_takers", "affected", {"over1": 0.1})):
        bounds = piecewise(name, estimand)
        found = module(name).bounds(np.array(laws) / 10, estimand, **values)
        for i, law in enumerate(laws):
            at = {cell: Fraction(k, 10) for cell, k in zip(module(name).CELLS, law, strict=True)}
            at |= {key: Fraction(str(value)) for key, value in values.items()}
            wanted = [float(side.value(at) or 0) for side in (bounds.lower, bounds.upper)]
            assert [side[i] for side in found] == pytest.approx(wanted, abs=1e-12)


def test_products_of_small_shares_are_not_zero() -> None:
    small = Fraction(1, 10**8)
    at = dict(zip(module("monotone_selection").CELLS, (small / 2, small / 2, (1 - small) / 4, 0), strict=True))
    at["P(X=1,Y=1)"] = 1 - sum(at.values())
    wanted = piecewise("monotone_selection", "ate").upper.value(at)
    assert wanted is not None
    p = {cell: float(value) for cell, value in at.items()}
    assert module("monotone_selection").upper(p, "ate") == pytest.approx(float(wanted), rel=1e-6)


def test_many_laws_are_each_by_itself() -> None:
    chance = np.random.default_rng(3)
    for name in ("complier_effect", "proportion", "treated"):
        made = module(name)
        p = np.concatenate([chance.dirichlet(np.ones(len(arm)), (30, 3)) for arm, _ in made._ARMS], axis=-1)
        for estimand in made.ESTIMANDS:
            found = np.array(made.bounds(p, estimand))
            assert found.shape == (2, 30, 3)
            assert np.array_equal(found[:, 7, 1], made.bounds(p[7, 1], estimand), equal_nan=True)
            assert all(isinstance(value, float) for value in made.bounds(p[0, 0], estimand))


def test_parameters_broadcast() -> None:
    p = np.array([0.1, 0.2, 0.3, 0.4, 0.2, 0.1, 0.4, 0.3])
    caps = np.linspace(0, 0.6, 7)
    low = module("always_takers").lower(p, over1=caps)
    assert low.shape == (7,)
    assert low[2] == module("always_takers").lower(p, over1=caps[2])


# ---------------------------------------------------------------- what is read
def test_the_docstring_says_what_nan_means() -> None:
    said = " ".join(str(module("two_ratios").__doc__).split())
    assert "The formulas of rr and less have pieces, each nan where it does not hold." in said
    assert "A bound is nan where the divisor is 0 or no piece holds, and infinite where" in said
    assert "Where cells are 0 these bounds may be wider than the exact ones, which boundgen evaluate gives." in said
    assert "nan" in module("two_ratios").lower.__doc__


def test_products_among_the_testable_implications() -> None:
    """Where nobody has X=1 nothing is compared; the amounts are those of exact evaluation."""
    (condition,) = module("chain").CONDITIONS
    assert condition == "if P(X=1) > 0: P(Y=1|X=2) >= P(Y=1|X=0)"
    p = np.array([[0.1, 0.3, 0.1, 0.1, 0.3, 0.1], [0.2, 0.3, 0, 0, 0.4, 0.1], [0.3, 0.1, 0.1, 0.1, 0.1, 0.3]])
    assert module("chain").violations(p)[condition] == pytest.approx([0.5, 0, 0])
    assert f"  # {condition}\n" in text("chain")
    assert module("two_sources").CONDITIONS[0] == "q10 = (p00 + p01) (q10 + q11)"
    assert "best1 = _largest(q11 + " in text("two_sources")


def test_what_is_shared_has_a_name_that_is_free() -> None:
    """The parameter is called over1."""
    lower = text("always_takers").partition("def _lower_of_affected")[2].partition("\ndef ")[0]
    assert lower.count("over2 = _positive(p01_0 + p11_0 - over1)\n") == 1
    assert "    yield (p01_0 - p01_1 - over1) / over2\n" in lower


def test_remarks_use_defined_names() -> None:
    assert "  # -(p00.1 + p01.1) / TE if TE > 0\n" in text("proportion")
    assert "#" not in text("complier_effect").partition("def _lower_of")[2].partition("_FORMULAS")[0]


def test_weights_stand_before_maxima() -> None:
    assert "yield P_X1 * _largest(0, p1_0 - p1_1)\n" in text("trial_with_shares")


def test_an_argument_that_is_long_has_a_line_for_each_operand() -> None:
    parts = ["a", *(f"+ b{i}" for i in range(40))]
    assert call("x = f", [parts, ["c"]], "")[:3] == ["x = f(", "    a", "    + b0"]
    assert call("x = f", [parts, ["c"]], "")[-3:] == ["    + b39,", "    c,", ")"]


def test_a_linear_estimand_beside_pieces_is_as_it_is_alone() -> None:
    alone = derive(Model.parse(f"model complier_effect\n{INSTRUMENT}estimand ate = E[Y(1) - Y(0)]\n"))
    start, end = "def _lower_of_ate", "\n\n\ndef _lower_of_late"
    part = text("complier_effect").partition(start)[2].partition(end)[0]
    assert part in python_module(module_content(alone, "x"))


# ---------------------------------------------------------------- what has no closed form
def test_an_estimand_without_a_closed_form_is_said(run: Run) -> None:
    Path("m.bounds").write_text(IN_PART, encoding="utf-8")
    found = run("generate", "m.bounds", "-o", "made")
    assert (found.status, found.out) == (3, "made/weighed.py\n1 module, 1 written\n")
    assert found.err.startswith("boundgen: ratio: not answered: there is no closed form: ")
    assert '"ratio"' not in Path("made/weighed.py").read_text(encoding="utf-8")


def test_a_model_without_a_closed_form_does_not_take_others_down(run: Run) -> None:
    Path("m.bounds").write_text(WITHOUT, encoding="utf-8")
    found = run("generate", "m.bounds", "iv_ate", "-o", "made", "--package")
    assert (found.status, found.out) == (3, "made/_evaluate.py\nmade/iv_ate.py\n2 modules, 2 written\n")
    assert "delta1: not answered" in found.err
    again = run("generate", "m.bounds", "iv_ate", "-o", "made", "--package", "--check")
    assert (again.status, again.out) == (3, "made: 2 modules up to date\n")


def test_where_nothing_has_a_closed_form_that_is_an_error(run: Run) -> None:
    with pytest.raises(NoClosedFormError, match="there is no closed form"):
        evaluator_files([("m", Model.parse(WITHOUT))])
    Path("m.bounds").write_text(WITHOUT, encoding="utf-8")
    found = run("generate", "m.bounds", "-o", "made")
    assert (found.status, found.out) == (3, "")
    assert not Path("made").exists()
