"""Text, LaTeX, sympy, JSON and the modules' content print the same terms: each form is read back and evaluated."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.latex import bounds_latex, quotient_latex
from boundgen.bounds.text import quotient_text
from boundgen.codegen.content import EstimandContent, module_content
from boundgen.derivation import Derivation
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import model_region
from support.forms import HERE, derived, text_sides

NAMES = ["mediation_mmr", "mediation_limited_defiers", "iv_ate_monotone", "late_ratio", "manski_att", "causation_both"]


# ---------------------------------------------------------------- points of the model
def points(found: Derivation, count: int = 3) -> list[dict[str, Fraction]]:
    """Cells, parameters and definitions at mixtures of extreme populations."""
    chance = random.Random(1)
    region = model_region(found.stages[0].lower.reduced.complete, found.model.parameters)
    corners = []
    for _ in range(15):
        goal = {j: Fraction(chance.randint(-9, 9)) for j in range(region.size)}
        best = maximum(region.size, goal, region.constraints, region.nonnegative)
        assert best is not None
        corners.append(best.point)
    definitions = dict(found.bounds[0].simplifier.definitions)
    mixed = []
    for _ in range(count):
        shares = [Fraction(chance.randint(1, 20)) for _ in corners]
        total = sum(shares)
        point = [
            sum(s * c for s, c in zip(shares, column, strict=True)) / total for column in zip(*corners, strict=True)
        ]
        at = region.values([Fraction(value) for value in point])
        mixed.append({**at, **{name: term.value(at) for name, term in definitions.items()}})
    return mixed


# ---------------------------------------------------------------- reading forms back
class Terms(tuple[Fraction, ...]):
    """What a max or a min is of."""

    def __truediv__(self, other: Fraction) -> Terms:
        return Terms(each / other for each in self)

    def __rtruediv__(self, other: Fraction) -> Terms:
        raise TypeError


def several(*terms: Fraction) -> Terms:
    return Terms(terms)


def value(text: str, names: Mapping[str, str], at: Mapping[str, Fraction]) -> Terms:
    """A side as printed in text: the values of its terms."""
    symbols = sorted(names.items(), key=lambda pair: -len(pair[1]))
    text = re.sub(r"\n?.* (?:is|are) in no term\.?", "", text)
    for i, (_, symbol) in enumerate(symbols):
        text = re.sub(rf"(?<![\w.·]){re.escape(symbol)}(?![\w·])|(?<=\d){re.escape(symbol)}(?![\w·])", f" @{i}@ ", text)
    text = re.sub(r"(?<![@\d])(\d+)(?![@\d])", r" F(\1) ", text.replace("−", "-"))
    text = re.sub(r"(\)|@) +(?=@\d)", r"\1 * ", text)
    text = re.sub(r"@(\d+)@", lambda m: f"v[{int(m[1])}]", text)
    text = re.sub(r"(?:max|min)\{", "several(", text).replace("}", ")")
    scope = {"F": Fraction, "v": [at[name] for name, _ in symbols], "several": several}
    found = eval(text.replace("\n", " ").strip(), scope)
    return found if isinstance(found, Terms) else several(found)


def plain_latex(text: str) -> str:
    r"""LaTeX as text: ``\frac{a}{b}`` is ``((a)/(b))``."""
    text = re.sub(r"\\begin\{array\}\{l+\}|\\end\{array\}|\\left\\\{|\\right\\\}", lambda m: mark(m[0]), text)
    text = re.sub(r"\\\\\n", ", ", text)
    while (start := text.find(r"\frac{")) >= 0:
        above, rest = braced(text, start + 5)
        below, rest = braced(rest, 0)
        text = f"{text[:start]}(({above})/({below})){rest}"
    return re.sub(r"\\(max|min) *", r"\1", re.sub(r"\\tfrac\{(\d+)\}\{(\d+)\}", r"\1/\2", text))


def mark(symbol: str) -> str:
    return "{" if "left" in symbol else "}" if "right" in symbol else ""


def braced(text: str, start: int) -> tuple[str, str]:
    """What stands in the braces that open there, and what comes after."""
    assert text[start] == "{"
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start + 1 : i], text[i + 1 :]
    raise AssertionError(text)


def latex_sides(bounds: Bounds) -> tuple[str, str]:
    body = bounds_latex(bounds).removeprefix("\\[\n").partition("\n\\]")[0]
    if r"\leq" not in body:
        return (body.split(" = ", 1)[1],) * 2
    low, _, high = re.split(r"\n?\\leq\n?", body)
    return low, high


def in_latex(text: str, bounds: Bounds, at: Mapping[str, Fraction]) -> Terms:
    # Symbols hold braces: they are exchanged for words before the text is taken apart.
    names = bounds.notation.latex()
    words = {name: f"w{i}w" for i, name in enumerate(names)}
    for name, symbol in sorted(names.items(), key=lambda pair: -len(pair[1])):
        text = re.sub(rf"(?<![\w\\]){re.escape(symbol)}(?!\w)", words[name], text)
    return value(plain_latex(text), words, at)


def in_sympy(expression: sympy.Expr, bounds: Bounds, at: Mapping[str, Fraction]) -> Terms:
    identifiers = bounds.notation.identifiers()
    numbers = {
        sympy.Symbol(identifiers[name], real=True): sympy.Rational(each.numerator, each.denominator)
        for name, each in at.items()
        if name in identifiers
    }
    over = sympy.Integer(1)
    if isinstance(expression, sympy.Mul) and any(isinstance(arg, sympy.Max | sympy.Min) for arg in expression.args):
        (extremum,) = (arg for arg in expression.args if isinstance(arg, sympy.Max | sympy.Min))
        for arg in expression.args:
            over = over if arg is extremum else over * arg
        expression = extremum
    parts = expression.args if isinstance(expression, sympy.Max | sympy.Min) else (expression,)
    values = [sympy.nsimplify((part * over).subs(numbers)) for part in parts]
    return Terms(Fraction(int(each.p), int(each.q)) for each in values)


def in_json(side: Mapping[str, list[dict[str, object]]], over: object, at: Mapping[str, Fraction]) -> Terms:
    divisor = Fraction(1) if over is None else json_value(over, at)
    return Terms(json_value(term, at) / divisor for term in side["terms"])


def json_value(term: object, at: Mapping[str, Fraction]) -> Fraction:
    assert isinstance(term, dict)
    parts = (Fraction(c) * at[name] for name, c in term["coefficients"].items())
    return Fraction(term["constant"]) + sum(parts, Fraction(0))


# ---------------------------------------------------------------- the laws
@pytest.mark.parametrize("name", [*HERE, *NAMES])
def test_every_form_has_the_same_terms(name: str) -> None:
    found = derived(name)
    contents = [each for each in module_content(found, name).estimands if isinstance(each, EstimandContent)]
    for at in points(found):
        for bounds, content in zip(found.bounds, contents, strict=True):
            document = bounds.json()
            texts, displays, expressions = text_sides(bounds), latex_sides(bounds), bounds.sympy()
            over = Fraction(1) if content.denominator is None else content.denominator.term.value(at)
            if not over:
                continue
            names = bounds.notation.texts(unicode=False)
            for k, side in enumerate(("lower", "upper")):
                exact = in_json(document[side], document["denominator"], at)
                formulas = content.lower if k == 0 else content.upper
                forms: dict[str, Terms] = {
                    "text": value(texts[k], names, at),
                    "latex": in_latex(displays[k], bounds, at),
                    "sympy": in_sympy(expressions[k], bounds, at),
                    "module": Terms(formula.term.value(at) / over for formula in formulas),
                    "comments": Terms(value(formula.text, names, at)[0] / over for formula in formulas),
                }
                for form, values in forms.items():
                    assert sorted(values) == sorted(exact), (bounds.name, side, form)


def quotients(bounds: Bounds, form: Callable[..., str], *more: object) -> list[str]:
    return [form(bounds, each, *more) for side in (bounds.lower, bounds.upper) for each in bounds.quotients(side)]


@pytest.mark.parametrize("name", [*HERE, *NAMES])
def test_what_is_a_number_is_printed_as_a_number(name: str) -> None:
    """In text and LaTeX alike, and in JSON as that multiple of the denominator."""
    found = derived(name)
    several_points = points(found, 4)
    for bounds in found.bounds:
        texts, displays = quotients(bounds, quotient_text, False), quotients(bounds, quotient_latex)
        terms = [*bounds.lower.terms, *bounds.upper.terms]
        for text, display, term in zip(texts, displays, terms, strict=True):
            over = bounds.denominator or Term(Fraction(1))
            ends = {term.value(at) / over.value(at) for at in several_points if over.value(at)}
            number = re.fullmatch(r"-?\d+(/\d+)?", text)
            assert bool(number) == bool(re.fullmatch(r"-?(\d+|\\tfrac\{\d+\}\{\d+\})", display)), (text, display)
            if len(ends) == 1:
                assert number, text
                assert Fraction(text) in ends
            if number and bounds.denominator is not None:
                assert term == bounds.denominator.scaled(Fraction(text))


def test_numbers_that_were_sums() -> None:
    found = {bounds.name: bounds for bounds in derived("equal").bounds}
    assert found["e"].text(unicode=False).startswith("e = 3/2  (identified)")
    assert bounds_latex(found["e"]) == "\\[\ne = \\tfrac{3}{2}\n\\]"
    assert found["e"].json()["lower"]["terms"] == [{"constant": "3/2", "coefficients": {}}]
    assert [str(side) for side in found["e"].sympy()] == ["3/2", "3/2"]
    # The denominator stays the probability of the condition, though it is 1/2 here.
    assert found["g"].text(unicode=False).startswith("g = p11 / (p10 + p11)  (identified)")
    assert bounds_latex(found["g"]) == "\\[\ng = \\frac{p_{11}}{p_{10} + p_{11}}\n\\]"
    assert found["g"].json()["denominator"] == {
        "constant": "0",
        "coefficients": {"P(X=1,Y=0)": "1", "P(X=1,Y=1)": "1"},
    }


def test_multiples_of_the_denominator() -> None:
    twice = derived("multiples").bounds[0]
    assert twice.text(unicode=False).startswith("-2 <= twice <= 0\n")
    assert bounds_latex(twice) == "\\[\n-2\n\\leq \\mathrm{twice} \\leq\n0\n\\]"
    assert [str(side) for side in twice.sympy()] == ["-2", "0"]
    denominator = {"P(X=1,Y=0)": "-2", "P(X=1,Y=1)": "-2"}
    assert twice.json()["lower"]["terms"] == [{"constant": "0", "coefficients": denominator}]
    loss = derived("defined").bounds[1]
    assert "ATX / ATX" not in loss.text(unicode=False)
    low, high = text_sides(loss)
    assert high == "-1" or "-1" in high
    assert low


def test_both_sides_of_an_identified_estimand_are_one_form() -> None:
    for name in [*HERE, *NAMES]:
        for bounds in derived(name).bounds:
            if bounds.identified and len(bounds.lower.terms) == len(bounds.upper.terms) == 1:
                assert bounds.lower == bounds.upper


@pytest.mark.parametrize("name", [*HERE, *NAMES])
def test_forms_are_final(name: str) -> None:
    """What is printed is not simplified any further."""
    found = derived(name)
    for bounds in found.bounds:
        over = bounds.denominator
        for term in (*bounds.lower.terms, *bounds.upper.terms):
            if over is None or term.multiple_of(over) is None:
                assert bounds.simplifier.plain(term) == term
    always = replace(found.bounds[0].simplifier, equalities=())
    assert [always.sign(term) for term in found.conditions or ()] == [*(found.conditions or ())]
