"""Claims that point at functions of Python and R: what decides, what laws say, and what is refused."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from boundgen import Model, P, from_code, variable, verify
from boundgen.errors import BoundgenError
from boundgen.verification.verdicts import ClaimVerdict
from support.command import Run

IV = """model iv
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume monotone: X(1) >= X(0)
estimand ate = E[Y(1) - Y(0)]
claim "Somebody (2001)" for ate
"""
RATIO = """model rr
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
define cases = P(Y=1)
estimand rr = E[Y(1)] / E[Y(0)]
claim "Somebody (2001)" for rr
"""
TREATED = """model att
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand att = E[Y(1) - Y(0) | X=1]
claim "Somebody (2001)" for att
"""
CODE = """
from fractions import Fraction
import random

def lower(p):
    return max(p["P(X=0,Y=0|Z=0)"] + p["P(X=1,Y=1|Z=1)"] - 1, -1)
def pair(a, b, *, c):
    print("hello")
    return a + b - 1, 1 - c
def branches(a, b):
    return a + b - 1 if b > 0 - a else -1
def product(a, b):
    return a + b - 1 - a * b + b * a
def squared(a, b):
    return (a + b - 1) - (1 - a) * a
def sly(a, b):
    return a + b - 1 if type(a) is not Fraction else -1
def tight(a, b):
    return a + b - a * b
def rounds(a, b):
    return float(a + b - 1)
def raises(a, b):
    raise ValueError("not\\ntoday")
def draws(a, b):
    return Fraction(random.random())
def ends(a, b):
    import os
    os._exit(0)
def says(a, b):
    return "much"
def ratio(p):
    return p["P(X=1,Y=1)"] / (p["P(X=0,Y=1)"] + p["P(X=1,Y=0)"] + p["P(X=1,Y=1)"])
def crude(p):
    return p["P(X=1,Y=1)"] / p["cases"]
def treated(y, x):
    return max(y - x, -x) / x
"""
RAISES = CODE[: CODE.index("raise Value")].count("\n") + 1
LIBRARIES = """
import numpy as np
import sympy

def both(a, b):
    return np.max([a + b - 1, 0 * a - 1]), sympy.Min(1 + a * 0, 3 - 2 * a)
"""
TWO = "(P(X=0, Y=0 | Z=0), P(X=1, Y=1 | Z=1))"


@pytest.fixture
def judged(tmp_path: Path):
    (tmp_path / "bounds.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "libraries.py").write_text(LIBRARIES, encoding="utf-8")

    def of(side: str, model: str = IV) -> ClaimVerdict:
        path = tmp_path / "paper.bounds"
        path.write_text(f"{model}  {side}\n", encoding="utf-8")
        return verify(path).claims[0]

    return of


# ---------------------------------------------------------------- the language
def test_text_and_python_say_the_same() -> None:
    text = (
        IV
        + '  lower from python "bounds.py:lower"\n  upper from r "a b/bounds.R:ate.upper"(P(X=1 | Z=0), q=1 - p01.0)\n'
    )
    model = Model.parse(text)
    assert Model.parse(str(model)) == model
    X, Y, Z = (variable(name, [0, 1]) for name in "XYZ")
    lower = from_code("python", "bounds.py:lower")
    upper = from_code("r", "a b/bounds.R:ate.upper", P((X == 1) | (Z == 0)), q=1 - P(X == 0, (Y == 1) | (Z == 0)))
    bare = Model.parse(IV.partition("claim")[0])
    assert bare.claim("Somebody (2001)", "ate", lower=lower, upper=upper) == model


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ('lower of python "bounds.py:lower"', "unexpected 'python' behind 'of'"),
        ('lower from perl "bounds.pl:lower"', "code of the language 'perl' cannot be called"),
        ('lower from python "bounds.py"', "'bounds.py' names no function"),
        ('lower from python ":lower"', "':lower' names no function"),
        ('lower from python "bounds.py:lower"(a=1, a=2)', "argument 'a' stands twice"),
        ('lower from python "bounds.py:lower"(a=1, 2)', "an argument without a name stands behind one with"),
        ('lower from python "bounds.py:lower"(ate)', "'ate' is an estimand"),
        ('lower from python "bounds.py:lower"(P(Y=1 | Z=1, X=1))', "a claim is written in joint probabilities"),
    ],
)
def test_what_cannot_be_read_says_where(side: str, said: str) -> None:
    with pytest.raises(BoundgenError, match=r"<text>:9:\d+: ") as error:
        Model.parse(f"{IV}  {side}\n")
    assert said in str(error.value)


# ---------------------------------------------------------------- verdicts
LIBRARY = pytest.param(f'libraries:both"{TWO}', marks=pytest.mark.slow)


@pytest.mark.parametrize("call", ['bounds.py:lower"', f'bounds:branches"{TWO}', LIBRARY])
def test_a_maximum_of_linear_terms_is_decided_however_it_is_written(judged, call: str) -> None:
    found = judged(f'lower from python "{call}')
    assert (found.verdict, found.laws) == ("sharp", None)


def test_one_of_a_pair_and_arguments_by_name(judged) -> None:
    call = f'from python "bounds.py:pair"{TWO[:-1]}, c=P(X=1, Y=0 | Z=0))'
    assert judged(f"lower {call}").verdict == "sharp"
    wrong = judged(f"upper {call}")
    assert wrong.verdict == "valid"
    assert [str(term) for term in wrong.missing]


def test_a_quotient_by_the_estimands_denominator_is_decided(judged) -> None:
    found = judged('lower from python "bounds.py:treated"(P(X=1, Y=1), P(X=1))', TREATED)
    assert found.verdict == "sharp"


def test_what_is_no_maximum_of_terms_is_held_against_laws_and_never_sharp(judged) -> None:
    found = judged(f'lower from python "bounds.py:product"{TWO}')
    assert (found.verdict, found.as_expected) == ("agrees", True)
    # Eight strata without defiers, each a vertex, and what is drawn.
    assert found.laws == 8 + 200
    ratio = judged('lower from python "bounds.py:ratio"', RATIO)
    assert (ratio.verdict, ratio.witness) == ("agrees", None)


def test_a_function_that_knows_what_it_is_called_with_is_not_decided(judged) -> None:
    found = judged(f'lower from python "bounds.py:sly"{TWO}')
    assert (found.verdict, found.laws) == ("loose", 208)


def test_a_law_that_refutes_is_a_population(judged) -> None:
    linear, ratio = (f'lower from python "bounds.py:tight"{TWO}', IV), ('lower from python "bounds.py:crude"', RATIO)
    for found in (judged(*linear), judged(*ratio)):
        assert (found.verdict, found.laws, found.as_expected) == ("invalid", None, False)
        assert found.witness
        assert found.witness.strata
        assert sum(share for _, share in found.witness.strata) == 1
        assert found.witness.estimand is not None
        assert found.witness.estimand == found.witness.sharp < found.witness.claimed


def test_what_is_nowhere_better_and_somewhere_worse_is_loose(judged) -> None:
    found = judged(f'lower from python "bounds.py:squared"{TWO}\n  expect valid')
    assert (found.verdict, found.laws, found.as_expected) == ("loose", 208, True)
    assert found.witness
    assert found.witness.claimed is not None
    assert found.witness.claimed < found.witness.sharp


# ---------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (f'bounds:rounds"{TWO}', "'bounds:rounds' gives a float, and is called with exact rationals"),
        (f'bounds:raises"{TWO}', f"'bounds:raises' raises ValueError: not today (bounds.py, line {RAISES})"),
        (f'bounds:draws"{TWO}', "'bounds:draws' is no function of what it is called with"),
        (f'bounds:ends"{TWO}', "'bounds:ends' ended the process that called it"),
        (f'bounds:says"{TWO}', "'bounds:says' gives a value of type str, and no number"),
        (f'bounds:lowr"{TWO}', "'bounds' has no function 'lowr'\n"),
        (f'bounds.py:lower"{TWO}', "raises TypeError: lower() takes 1 positional argument but 2 were given"),
        ('bound.py:lower"', "there is no file 'bound.py'"),
        ('boundz:lower"', "'boundz' cannot be imported: ModuleNotFoundError: No module named 'boundz'\n"),
        ('bounds.py:pair"', "It is called with one mapping: 'P(X=0,Y=0|Z=0)', "),
    ],
)
def test_a_function_that_is_no_bound_is_refused_in_one_paragraph(judged, call: str, said: str) -> None:
    with pytest.raises(BoundgenError) as error:
        judged(f'lower from python "{call}')
    assert said in str(error.value)
    assert "paper.bounds:8:1: " in str(error.value)
    assert "Traceback" not in str(error.value)


def test_code_runs_where_claims_are_judged_alone(run: Run) -> None:
    Path("bounds.py").write_text("open('ran', 'w')\ndef f(p):\n    return -1\n", encoding="utf-8")
    Path("paper.bounds").write_text(IV + '  lower from python "bounds.py:f"\n  expect valid\n', encoding="utf-8")
    for words in (("check",), ("derive",), ("format",), ("show",)):
        assert run(*words, "paper.bounds").status == 0
    assert not Path("ran").exists()
    assert run("verify", "paper.bounds").status == 0
    assert Path("ran").exists()


def test_time_that_is_over_ends_the_function(run: Run) -> None:
    Path("bounds.py").write_text("def f(p):\n    while True:\n        pass\n", encoding="utf-8")
    Path("paper.bounds").write_text(IV + '  lower from python "bounds.py:f"\n', encoding="utf-8")
    found = run("verify", "paper.bounds", "--time-limit", "0.5")
    assert (found.status, "Traceback" in found.err) == (2, False)


# ---------------------------------------------------------------- R
R = """
lower <- function(p) max(p[["P(X=0,Y=0|Z=0)"]] + p[["P(X=1,Y=1|Z=1)"]] - 1, -1)
pair <- function(a, b) { cat("hello\\n"); c(a + b, 1) }
stops <- function(a, b) stop("not today")
"""


@pytest.mark.skipif(not shutil.which("Rscript"), reason="needs R")
def test_functions_of_r_agree_within_a_tolerance_or_are_refuted(judged, tmp_path: Path) -> None:
    (tmp_path / "bounds.R").write_text(R, encoding="utf-8")
    found = judged('lower from r "bounds.R:lower"')
    assert (found.verdict, found.tolerance) == ("agrees", Fraction(1, 10**9))
    wrong = judged(f'lower from r "bounds.R:pair"{TWO}')
    assert wrong.verdict == "invalid"
    assert wrong.witness
    with pytest.raises(BoundgenError, match=r"'bounds\.R:stops' stops: not today"):
        judged(f'lower from r "bounds.R:stops"{TWO}')


def test_r_that_is_not_there_is_no_verdict(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("paper.bounds").write_text(IV + '  lower from r "bounds.R:lower"\n', encoding="utf-8")
    monkeypatch.setattr("boundgen.verification.claimed_code.r_is_there", lambda: False)
    found = run("verify", "paper.bounds")
    assert found.status == 3
    assert "'bounds.R:lower' is R code, and Rscript is not there to call it" in found.out + found.err


def test_what_agrees_is_said_with_the_number_of_laws(run: Run) -> None:
    Path("bounds.py").write_text(CODE, encoding="utf-8")
    Path("paper.bounds").write_text(IV + f'  lower from python "bounds.py:product"{TWO}\n', encoding="utf-8")
    found = run("verify", "paper.bounds")
    assert found.status == 0
    assert "ate, lower bound: agrees at " in found.out
    assert " laws of the data\n" in found.out
