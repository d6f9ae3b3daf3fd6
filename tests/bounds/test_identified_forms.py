"""Where variables share no causes: every printed form of what is identified has the value of `evaluate`."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings

from boundgen import Derivation, Model, catalogue, derive
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.shares import shares
from boundgen.bounds.typeset import derivation_typeset
from boundgen.strata.cells import Arm
from support.independent_causes import Population, populations
from support.printed_values import printed_value

RATIOS = """estimand rr = E[Y(X=1)] / E[Y(X=0)]
estimand ett = E[Y(X=1) - Y(X=0) | X=1]
estimand above = E[Y(X=1) | X=0]
estimand change = (E[Y(X=1)] - E[Y(X=0)]) / E[Y(X=0)]
"""
HERE = {
    "frontdoor": """variable X in {0, 1}
variable M(X) in {0, 1, 2}
variable Y(M) in {0, 1}
confounded X, Y
observe P(X, M, Y)
"""
    + RATIOS,
    "monotone": """variable X in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, Y
observe P(X, M, Y)
assume mono: M(1) >= M(0)
estimand moved = E[Y(X=1) - Y(X=0) | M(1) > M(0)]
"""
    + RATIOS,
    "mediator": """variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
unconfounded
observe P(Y, M | A)
estimand rr = E[Y(A=1)] / E[Y(A=0)]
estimand nie = E[Y(1, M(1))] / E[Y(1, M(0))]
""",
    "instrument": """variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, M
observe P(X, M, Y, Z)
estimand shown = E[Y(X=1) | X=1]
""",
}
NAMES = [name for name in catalogue.names() if catalogue.load(name).factored]


def found(name: str) -> Derivation:
    model = Model.parse(f"model {name}\n{HERE[name]}") if name in HERE else catalogue.load(name)
    return derive(model, conditions=False, partial=True)


# ---------------------------------------------------------------- reading forms back
def formulas(bounds: PiecewiseBounds, display: str) -> dict[str, str]:
    """The right side of each form, as text in ASCII without letters."""
    first = {
        "text": bounds.text(),
        "ascii": bounds.text(unicode=False),
        "orbits": bounds.text(unicode=False, orbits=True),
    }
    texts = {form: text.split("\n\n")[0].split(" = ", 1)[1] for form, text in first.items()}
    body = bounds.latex().split("\\[\n")[1].split("\n\\]")[0]
    texts |= {form: text.split(" = ", 1)[1] for form, text in (("latex", body), ("typeset", display))}
    return {form: without_letters(plain(text), bounds) for form, text in texts.items()}


def plain(text: str) -> str:
    text = text.replace("(identified)", "").replace("\u2212", "-").replace("\u00b7", ".").replace("\n", " ")
    text = re.sub(r"\\sum_\{(\w) \\in (\w+)\} ?|\u03a3_\{(\w)\u2208(\w+)\}|sum_\{(\w) in (\w+)\} ?", summed, text)
    text = re.sub(r"\\begin\{aligned\}\[t\]|\\end\{aligned\}|& |\{\} |\\\\", " ", text)
    text = re.sub(r"\\tfrac\{(\d+)\}\{(\d+)\}", r"(\1/\2)", text)
    text = re.sub(r"\\mathrm\{(\w+)\}", r"\1", text.replace(r"\, ", "").replace(r" \cdot ", "."))
    # Symbols hold braces: p_{11.0} is p11.0.
    text = re.sub(r"(?<=\b[a-z])_\{([\w.]+)\}", r"\1", text)
    while (start := text.find(r"\frac{")) >= 0:
        above, below = braced(text, start + 5), ""
        below = braced(text, start + 7 + len(above))
        rest = text[start + 9 + len(above) + len(below) :]
        text = f"{text[:start]}(({above}) / ({below})){rest}"
    return re.sub(r"(?<=\b[a-z])_(?=[\w.])", "", text)


def summed(match: re.Match[str]) -> str:
    letter, name = (each for each in match.groups() if each)
    return f"SUM {letter} {name} "


def braced(text: str, start: int) -> str:
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start + 1 : i]
    raise AssertionError(text)


def without_letters(text: str, bounds: PiecewiseBounds) -> str:
    """Each sum over levels written out: it goes to the next sign, stroke or bracket that is not inside of it."""
    assert bounds.model is not None
    while match := re.search(r"SUM (\w) (\w+) ", text):
        depth, end = 0, match.end()
        while end < len(text) and depth >= 0 and not (depth == 0 and re.match(r" [-+/] ", text[end:])):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        end -= depth < 0
        body = text[match.end() : end]
        own = [
            re.sub(
                rf"(?<![A-Za-z]){match[1]}(?![A-Za-z])", str(v), re.sub(rf"(?<=[a-z]){match[1]}(?=\.)", str(v), body)
            )
            for v in bounds.model.by_name[match[2]].domain
        ]
        text = f"{text[: match.start()]}({' + '.join(own)}){text[end:]}"
    return text


def check(derivation: Derivation, laws: list[dict[str, Fraction]]) -> int:
    """Every form of every identified ratio and mean at data; how many values were compared."""
    compared = 0
    displays = {each["name"]: each.get("display") for each in derivation_typeset(derivation)["estimands"]}
    for bounds in derivation.piecewise:
        if not bounds.identified:
            continue
        texts = formulas(bounds, displays[bounds.name][0])
        events = shares(bounds.shown or bounds)
        for cells in laws:
            low, high = bounds.evaluate(cells)
            assert low == high
            at = bounds.checked(cells, {})
            more = {symbol.text(False): event.value(at) for event, symbol in events.items()}
            for form, text in texts.items():
                assert printed_value(text, bounds.notation, at, more) == low, (bounds.name, form, text)
                compared += 1
    return compared


# ---------------------------------------------------------------- the laws
def random_laws(arms: tuple[Arm, ...]) -> Iterator[dict[str, Fraction]]:
    draw = random.Random(3)
    for _ in range(2):
        cells: dict[str, Fraction] = {}
        for arm in arms:
            numbers = [draw.randint(1, 9) for _ in arm.cells]
            cells |= {cell.name: Fraction(n, sum(numbers)) for cell, n in zip(arm.cells, numbers, strict=True)}
        yield cells


@pytest.mark.parametrize("name", [*HERE, *NAMES])
def test_every_form_is_the_whole_formula(name: str) -> None:
    derivation = found(name)
    assert derivation.independent is not None
    compared = check(derivation, list(random_laws(derivation.independent.arms)))
    assert compared or name not in HERE


@given(populations(positive=True))
@settings(max_examples=8, deadline=None)
def test_every_form_of_random_models_is(population: Population) -> None:
    model = Model.parse(f"{population.model}{RATIOS}")
    check(derive(model, conditions=False, partial=True), [population.cells])


def test_what_is_shared_cancels() -> None:
    texts = {b.name: b.text(unicode=False).split("\n")[0] for n in HERE for b in found(n).piecewise}
    assert texts["moved"] == "moved = p01.1 + p11.1 - p01.0 - p11.0  (identified)"
    assert texts["shown"] == (
        "shown = (P(Z=0) p11.0 q1.1 + P(Z=1) p11.1 q1.1 + P(Z=0) p10.0 q1.0 + P(Z=1) p10.1 q1.0) / P(X=1)  (identified)"
    )
