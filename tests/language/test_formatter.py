"""The formatter: the same model, once and for all, with its comments."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from boundgen.catalogue import names, text
from boundgen.errors import ModelSyntaxError
from boundgen.language.formatter import format_model
from boundgen.language.parser import parse_model
from support.command import Result, Run

ALL = {name: text(name) for name in names()}
MESSY = """model  m   "A title"
# first

source "Somebody (2001)"


variable Z in {0,1}  randomized#assigned
variable X( Z )in {0 ,1}   # taken

    # of the outcome
variable Y(X) in 0 .. 1
observe P( X,Y|Z )
parameter g in [ 0,1/ 2]
assume a :X(1)>=X(0)
assume b: not(X(1)=1 and Y(0)!= 1)or X(0) =0
define q=P(Y=0,X=1|Z=0)
estimand ate=E[Y(1)-Y(0)]
claim "Here" for ate
   lower max( - P( X=0,Y=1|Z=0),
 -2*P(X=0, Y=0|Z=1))
     # of the upper side
   expect valid
"""
NEAT = """model m "A title"
# first

source "Somebody (2001)"

variable Z in {0, 1} randomized  #assigned
variable X(Z) in {0, 1}          # taken

# of the outcome
variable Y(X) in 0..1
observe P(X, Y | Z)
parameter g in [0, 1/2]
assume a: X(1) >= X(0)
assume b: not (X(1)=1 and Y(0)!=1) or X(0) = 0
define q = P(Y=0, X=1 | Z=0)
estimand ate = E[Y(1) - Y(0)]
claim "Here" for ate
  lower max(-P(X=0, Y=1 | Z=0),
    -2 * P(X=0, Y=0 | Z=1))
  # of the upper side
  expect valid
"""


def sampled(found: list[str], step: int) -> list[object]:
    """Some in the fast run, all in the slow one."""
    return [name if i % step == 0 else pytest.param(name, marks=pytest.mark.slow) for i, name in enumerate(found)]


def test_a_messy_file() -> None:
    assert format_model(MESSY) == NEAT


@pytest.mark.parametrize("name", sampled(sorted(ALL), 4))
def test_the_same_model_with_its_comments_and_once_for_all(name: str) -> None:
    neat = format_model(ALL[name])
    assert parse_model(neat) == parse_model(ALL[name])
    assert format_model(neat) == neat
    assert comments(neat) == comments(ALL[name])


def comments(model: str) -> list[str]:
    return [found for line in model.splitlines() for found in re.findall(r"#.*", re.sub(r'"[^"]*"', "", line))]


@pytest.mark.parametrize("name", sorted(ALL)[::4])
def test_spaces_do_not_matter(name: str) -> None:
    chance, neat = random.Random(name), format_model(ALL[name])
    assert format_model(mangled(neat, chance)) == neat


def mangled(model: str, chance: random.Random) -> str:
    """More spaces where there are some, outside of texts and comments, and around commas and bars."""
    lines = []
    for line in model.splitlines():
        parts = re.split(r'("[^"]*"|#.*)', line)
        for i in range(0, len(parts), 2):
            parts[i] = re.sub(r"(?<=\S) (?=\S)", lambda _: " " * chance.randint(1, 3), parts[i])
            parts[i] = re.sub(r"(?<=\S), ", lambda _: chance.choice([",", " , ", ",  "]), parts[i])
        lines.append("".join(parts) + " " * chance.randint(0, 2))
    return "\n\n\n".join(["\n".join(lines)]) + "\n" * chance.randint(0, 3)


def test_what_states_no_model_is_refused() -> None:
    with pytest.raises(ModelSyntaxError, match="the text ends"):
        format_model("model m\nvariable A in {0,\n", "m.bounds")


def test_files_are_laid_out_or_checked(run: Run) -> None:
    messy, neat = Path("messy.bounds"), Path("neat.bounds")
    messy.write_text(MESSY, encoding="utf-8")
    neat.write_text(NEAT, encoding="utf-8")
    checked = run("format", "--check", "messy.bounds", "neat.bounds")
    assert checked == Result(1, "messy.bounds: would be laid out otherwise\n1 file unchanged\n", "")
    assert messy.read_text(encoding="utf-8") == MESSY
    assert run("format", "messy.bounds", "neat.bounds") == Result(0, "messy.bounds: laid out\n1 file unchanged\n", "")
    assert messy.read_text(encoding="utf-8") == NEAT
    assert run("format", "--check", "messy.bounds").status == 0


def test_one_bad_file_and_nothing_is_written(run: Run) -> None:
    messy = Path("messy.bounds")
    messy.write_text(MESSY, encoding="utf-8")
    Path("bad.bounds").write_text("hello\n", encoding="utf-8")
    found = run("format", "messy.bounds", "bad.bounds")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("bad.bounds:1:1: unexpected 'hello'")
    assert messy.read_text(encoding="utf-8") == MESSY
