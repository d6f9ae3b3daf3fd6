"""Printing by orbit: what is printed once stands for exactly the terms that were derived."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import perm
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.mirror import Sides, mirror
from boundgen.bounds.orbits import Orbit, bound_orbits, condition_orbits, expand
from boundgen.bounds.relabelling import NormalForms, exact, transposition, up_to_scale, up_to_sign
from boundgen.bounds.text import inequality_text
from boundgen.derivation import Derivation
from boundgen.exact.terms import Term
from support.catalogue import LINEAR, derived
from support.command import Run, assert_refused
from support.derivations import case
from support.golden import compare
from support.strategies import Draft, distributions, drafts


def instrument(levels: int, more: str = "") -> str:
    return f"""model iv{levels} "Instrument of {levels} levels"
variable Z in 0..{levels - 1} randomized
variable X(Z) in {{0, 1}}
variable Y(X) in {{0, 1}}
observe P(X, Y | Z)
{more or "estimand ate = E[Y(1) - Y(0)]"}
"""


MEDIATOR = """model mediator
variable A in {0, 1} randomized
variable M(A) in 0..3
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume P(M(1) != M(0)) <= g
estimand nie = E[Y(1, M(1)) - Y(1, M(0))]
estimand nde = E[Y(1, M(0)) - Y(0, M(0))]
"""
PARALLEL_MEDIATORS = """model parallel
variable A in {0, 1} randomized
variable M(A) in 0..2
variable N(A) in {low, mid, high}
variable Y(A, M, N) in {0, 1}
observe P(Y, M, N | A)
estimand nie = E[Y(1, M(1), N(1)) - Y(1, M(0), N(1))]
"""
ENCOURAGED = """model encouraged
variable Z in {none, phone, mail} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume X(none) <= X(phone), X(none) <= X(mail)
estimand ate = E[Y(1) - Y(0)]
"""
TWO_SOURCES = """model sources
variable Z in 0..2 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
observe P(Y | do(X))
estimand harm = P(Y(1) < Y(0))
estimand ate_there = E[Y(1) - Y(0) | Z=1, X=1]
"""
TWO_PAIRS = """model pairs
variable Z in 0..3 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume X(z) <= X(2), X(z) <= X(3) for all z in Z, Z = 0
estimand risk = P(Y(1)=1)
"""
TWO_INSTRUMENTS = """model instruments
variable Z in 0..1 randomized
variable W in {0, 1} randomized
variable X(Z, W) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z, W)
estimand risk = P(Y(1)=1)
"""
TREATMENT = """model treatment
variable Z in 0..2 randomized
variable X(Z) in 0..2
variable Y(X) in {0, 1}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
estimand risk = P(Y(1)=1)
"""
DIFFERENT = """model different
variable X in {a, b} randomized
variable Y(X) in 0..3
observe P(Y | X)
estimand changed = P(Y(a) != Y(b))
estimand product = E[Y(a) * Y(b)]
"""
DEFINED = """model defined
variable Z in 0..2 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
define R1 = P(Y=1 | Z=1)
define T = P(Y=1 | Z=0) + P(Y=1 | Z=1) + P(Y=1 | Z=2)
estimand ate = E[Y(1) - Y(0)]
estimand risk = P(Y(1)=1)
"""
MODELS = {
    "iv2": instrument(2),
    "iv3": instrument(3),
    "iv4": instrument(4),
    "iv5": instrument(5, "estimand risk = P(Y(1)=1)"),
    "mediator": MEDIATOR,
    "parallel": PARALLEL_MEDIATORS,
    "encouraged": ENCOURAGED,
    "sources": TWO_SOURCES,
    "instruments": TWO_INSTRUMENTS,
    "treatment": TREATMENT,
    "different": DIFFERENT,
    "defined": DEFINED,
}


@cache
def derivation(name: str) -> Derivation:
    """Each model is derived once."""
    return derive(Model.parse(MODELS[name])) if name in MODELS else derived(name)


# ---------------------------------------------------------------- orbits partition the terms, and expand to them
def check_partition(orbits: Sequence[Orbit], places: Sequence[int]) -> None:
    assert sorted(i for orbit in orbits for i in orbit.members) == sorted(places)


def check_bounds(bounds: Bounds) -> None:
    """As functions of the data, the terms that an orbit stands for are its members, and no others."""
    functions = NormalForms(bounds.arms, bounds.notation.order, bounds.simplifier.equalities)
    found = bound_orbits(bounds)
    for side, orbits in ((bounds.lower, found.lower), (bounds.upper, found.upper)):
        check_partition(orbits, range(len(side.terms)))
        for orbit in orbits:
            members = {exact(functions.vector(side.terms[i])) for i in orbit.members}
            assert orbit.representative in {side.terms[i] for i in orbit.members}
            assert {exact(functions.vector(term)) for term in expand(bounds, orbit)} == members
            assert len(members) == len(orbit.members)


def check_conditions(found: Derivation) -> None:
    bounds, terms = found.bounds[0], found.conditions or ()
    grouped = condition_orbits(bounds, found.shown_conditions or ())
    place = {term: i for i, term in enumerate(terms)}
    opposite = [i for i, term in enumerate(terms) if -term in place]
    check_partition(grouped.equalities, [i for i in opposite if place[-terms[i]] > i])
    check_partition(grouped.inequalities, sorted({*range(len(terms))} - {*opposite}))
    for orbits, zeros, key in (
        (grouped.equalities, [], up_to_sign),
        (grouped.inequalities, [terms[i] for i in opposite], up_to_scale),
    ):
        functions = NormalForms(bounds.arms, bounds.notation.order, zeros)
        for orbit in orbits:
            members = {key(functions.vector(terms[i])) for i in orbit.members}
            assert {key(functions.vector(term)) for term in expand(bounds, orbit)} == members


@pytest.mark.parametrize("name", [*MODELS, *LINEAR])
def test_orbits_partition_the_terms_and_expand_to_them(name: str) -> None:
    for bounds in derivation(name).bounds:
        check_bounds(bounds)
    check_conditions(derivation(name))


@pytest.mark.parametrize("name", LINEAR)
def test_every_model_prints(name: str) -> None:
    found = derivation(name)
    assert found.text(unicode=False, orbits=True).isascii()
    assert found.latex(orbits=True).isascii()
    for bounds in found.bounds:
        if not bound_orbits(bounds).grouped:
            assert bounds.text(orbits=True) == bounds.text()
            assert bounds.latex(orbits=True) == bounds.latex()


@settings(max_examples=settings().max_examples // 2)
@given(drafts(), st.data())
def test_orbits_of_random_models(draft: Draft, data: st.DataObject) -> None:
    """The same, and at distributions of the model the printed terms have the values of the derived ones."""
    found = case(draft)
    check_bounds(found.bounds)
    check_conditions(found.derivation)
    weights, parameters = data.draw(distributions(found.judge))
    at = {**found.judge.data(weights), **parameters}
    grouped = bound_orbits(found.bounds)
    for side, orbits in ((found.bounds.lower, grouped.lower), (found.bounds.upper, grouped.upper)):
        printed = {term.value(at) for orbit in orbits for term in expand(found.bounds, orbit)}
        assert printed == {term.value(at) for term in side.terms}
    over = found.bounds.denominator.value(at) if found.bounds.denominator else 1
    if grouped.mirror is not None and over:
        _, high = found.bounds.evaluate(found.judge.data(weights), parameters)
        there = {**exchange(found.bounds, found.judge.data(weights), grouped.mirror.exchanged), **parameters}
        lower = max(term.value(there) for term in found.bounds.lower.terms) / over
        assert high == grouped.mirror.constant - lower


def exchange(bounds: Bounds, data: Mapping[str, Fraction], exchanged: Any) -> dict[str, Fraction]:
    """The data of a population in which levels are exchanged, by the names of the cells alone."""
    other = {f"{v}={a}": f"{v}={b}" for v, pairs in exchanged for pair in pairs for a, b in (pair, pair[::-1])}
    names = [cell.name for block in bounds.arms for cell in block.cells]
    images = [re.sub(r"\w+=[^,|)]*", lambda m: other.get(m[0], m[0]), name) for name in names]
    return {name: data.get(image, Fraction(0)) for name, image in zip(names, images, strict=True)}


# ---------------------------------------------------------------- what is printed, read again
def test_seven_orbits_whatever_the_number_of_levels() -> None:
    """Each of the seven orbits of terms has one member for each choice of one, two or three levels."""
    for levels in (3, 4, 5):
        bounds = derive(Model.parse(instrument(levels)), conditions=False).bounds[0]
        found = bound_orbits(bounds)
        assert len(found.lower) == len(found.upper) == 7
        expected = [levels, *[perm(levels, 2)] * 3, *[perm(levels, 3)] * 3]
        assert sorted(len(orbit.members) for orbit in found.lower) == sorted(expected)


def read_terms(text: str, bounds: Bounds, classes: Mapping[str, Sequence[str]]) -> Iterator[Term]:
    """All terms of ``p0i.0 - sum_{j!=i} p1j.1 - 1 for all i in M``, read from the ASCII text alone."""
    term, _, words = text.partition(" for all ")
    letters: dict[str, str] = {}
    for names, variable in re.findall(r"((?:[a-z]\d*, )*[a-z]\d*) in (?:\{[^}]*\} of )?(\w+)", words):
        letters |= dict.fromkeys(names.split(", "), variable)
    known = {name.replace("_", "", 1): cell for cell, name in bounds.notation.texts(False).items()}
    by_variable = [
        [dict(zip(mine, chosen, strict=True)) for chosen in itertools.permutations(classes[variable], len(mine))]
        for variable, mine in (
            (v, [letter for letter in letters if letters[letter] == v]) for v in dict.fromkeys(letters.values())
        )
    ]
    for choice in itertools.product(*by_variable):
        values = {letter: level for chosen in choice for letter, level in chosen.items()}
        yield read_term(term, values, letters, known, classes)


TOKEN = re.compile(r"([+-] ?)?((?:\d+(?:/\d+)? ?)?)((?:sum_\{[^}]*\} )*)([A-Za-z][A-Za-z0-9_,.]*)?")


def read_term(
    text: str,
    values: Mapping[str, str],
    letters: Mapping[str, str],
    known: Mapping[str, str],
    classes: Mapping[str, Sequence[str]],
) -> Term:
    constant, coefficients = Fraction(0), dict[str, Fraction]()
    for sign, number, sums, symbol in TOKEN.findall(text):
        if not number and not symbol:
            continue
        c = Fraction(number.strip() or 1) * (-1 if sign.strip() == "-" else 1)
        choices = []
        for index, relation, of in re.findall(r"sum_\{(\w+)(!=| in )([^}]*)\}", sums):
            used = {values[letter] for letter in of.split(", ")} if relation == "!=" else set()
            variable = letters[of.split(", ")[0]] if relation == "!=" else of
            choices.append([(index, level) for level in classes[variable] if level not in used])
        for chosen in itertools.product(*choices):
            if symbol:
                name = known[with_levels(symbol.replace("_", "", 1), {**values, **dict(chosen)})]
                coefficients[name] = coefficients.get(name, Fraction(0)) + c
        constant += Fraction(0) if symbol else c
    return Term.of(constant, coefficients)


def with_levels(symbol: str, values: Mapping[str, str]) -> str:
    """``p0i.0`` with a level in place of the letter: indices are single characters here."""
    return symbol if symbol in values or len(symbol) < 2 else symbol[0] + "".join(values.get(c, c) for c in symbol[1:])


@pytest.mark.parametrize("name", ["iv2", "iv3", "iv4", "iv5", "mediator", "sources", "instruments", "treatment"])
def test_printed_orbits_evaluate_to_the_bounds(name: str) -> None:
    """The texts of all orbits, read by a reader of its own, give the bounds at any data; so does the mirror."""
    numbers = random.Random(7)
    document = derivation(name).json(orbits=True)
    for bounds, entry in zip(derivation(name).bounds, document["estimands"], strict=True):
        data = {}
        for block in bounds.arms:
            sizes = [numbers.randint(0, 9) for _ in block.cells]
            data |= {c.name: Fraction(n, sum(sizes)) for c, n in zip(block.cells, sizes, strict=True)}
        parameters = {"g": Fraction(1, 7)} if name == "mediator" else {}
        low, high = bounds.evaluate(data, parameters)
        at = {**data, **parameters}
        over = bounds.denominator.value(at) if bounds.denominator else 1
        printed = {}
        for side, best in (("lower", max), ("upper", min)):
            terms = []
            for orbit in entry[side]["orbits"]:
                whole = {v: [str(x) for x in domain] for v, domain in bounds.notation.domains}
                mine = {v: orbit["levels"][letters[0]] for v, letters in orbit["quantifiers"].items()}
                found = list(read_terms(orbit["text"], bounds, {**whole, **mine}))
                assert len({str(term) for term in found}) >= orbit["size"]
                terms += found
            printed[side] = terms
            assert best(term.value(at) for term in terms) / over == (low if side == "lower" else high)
        if entry["mirror"]:
            exchanged = exchange(bounds, data, entry["mirror"]["exchanged"].items())
            lower = max(term.value({**exchanged, **parameters}) for term in printed["lower"])
            assert Fraction(entry["mirror"]["constant"]) - lower / over == high


# ---------------------------------------------------------------- what is printed
def printed(text: str) -> str:
    return inequality_text(derive(Model.parse(text), conditions=False).bounds[0], False, orbits=True)


def test_levels_that_an_assumption_tells_apart_keep_their_names() -> None:
    """Phone and mail may be exchanged, none may not."""
    found = printed(ENCOURAGED)
    assert "for all i in {phone, mail} of Z" in found
    assert "for all distinct i, j in {phone, mail} of Z" in found
    assert ".none" in found


def test_monotone_instrument_is_printed_as_usual() -> None:
    """Ordered levels cannot be exchanged: no letters, and the upper bound is still the mirror."""
    text = instrument(3, "assume X(0) <= X(1), X(1) <= X(2)\nestimand ate = E[Y(1) - Y(0)]")
    assert printed(text) == "ate >= p00.0 + p11.2 - 1\nupper bound: minus the lower one with Y=0 and Y=1 exchanged"


def test_nothing_to_group_is_printed_as_without_orbits() -> None:
    text = """model selection
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in 0..2
observe P(Y, S=1 | A)
estimand e = P(Y(1)=1)
"""
    assert printed(text) == "p1.1 <= e <= 1 - p0.1 - p2.1"


def test_levels_that_symbols_do_not_show_get_no_letters() -> None:
    """Three statements have three letters p, q, r: no index says which arm they are of."""
    seen = "\n".join(f"observe P(X, Y | Z={z})" for z in range(3))
    text = instrument(3, "estimand risk = P(Y(1)=1)").replace("observe P(X, Y | Z)", seen)
    assert "for all" not in printed(text)
    assert "q11" in printed(text)


def test_sum_over_all_other_levels() -> None:
    bounds = derivation("mediator").bounds[0]
    text = inequality_text(bounds, False, orbits=True)
    assert "p_0i.0 + p_1i.0 - sum_{j!=i} p_0j.1 - 1" in text
    assert "−Σ_{i∈M} p_0i·1" in inequality_text(bounds, True, orbits=True)


def test_sum_over_some_levels_says_over_which() -> None:
    """An assumption about M=3 leaves the other levels alike."""
    text = """model part
variable A in {0, 1} randomized
variable M(A) in 0..3
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
assume Y(1, 3) >= Y(0, 3)
estimand nde = E[Y(1, M(0)) - Y(0, M(0))]
"""
    bounds = derive(Model.parse(text)).bounds[0]
    check_bounds(bounds)
    assert inequality_text(bounds, False, orbits=True).startswith(
        """nde >= max{
    -sum_{i in {0, 1, 2}} p_1i.0,
    p_0i.0 + p_1i.1 - sum_{j in {0, 1, 2}, j!=i} p_1j.0 - 1  for all i in {0, 1, 2} of M,
    p03.0 + p13.1 - sum_{i in {0, 1, 2}} p_1i.0 - 1
}"""
    )
    assert r"\sum_{j \in \{0, 1, 2\}, j \neq i} p_{1j \cdot 0}" in bounds.latex(orbits=True)


def test_exchange_that_breaks_an_equality_of_the_model_is_none() -> None:
    """Nobody without encouragement is treated: what is zero for Z=0 is not for Z=1."""
    bounds = derive(Model.parse(instrument(2, "assume X(0) = 0\nestimand risk = P(Y(1)=1)"))).bounds[0]
    assert bounds.simplifier.equalities
    exchanges = [transposition("Z", 0, 1), transposition("Y", 0, 1)]
    with_zeros = NormalForms(bounds.arms, (), bounds.simplifier.equalities)
    without = NormalForms(bounds.arms, (), ())
    assert [with_zeros.action(exchange) is None for exchange in exchanges] == [True, False]
    assert [without.action(exchange) is None for exchange in exchanges] == [False, False]


def test_mirror_must_keep_the_denominator() -> None:
    """Minus the numerators are those with Y exchanged, but the upper bound is divided by something else then."""
    bounds = derivation("iv2").bounds[0]
    functions = NormalForms(bounds.arms, (), ())
    names = [cell.name for cell in bounds.arms[0].cells]
    low, high = (functions.vector(Term.of(0, {name: c})) for name, c in ((names[0], 1), (names[1], -1)))
    domains = [("Y", (0, 1))]
    for over, found in (
        (Term.of(1), True),
        (Term.of(0, {names[0]: 1, names[1]: 1}), True),
        (Term.of(0, {names[0]: 1}), False),
    ):
        sides = Sides((low,), (high,), functions.vector(over))
        assert (mirror(functions, domains, sides, (), {}) is not None) == found


def test_letters_mean_nothing_else_in_the_model() -> None:
    """i is a parameter, j a variable, k a value: the letters are m, n and r."""
    text = """model taken
variable J in {k, K2, K3} randomized
variable X(J) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | J)
parameter i in [0, 1]
assume P(X(K2) != X(K3)) <= 1 + i
estimand ate = E[Y(1) - Y(0)]
"""
    assert "for all distinct m, n, r in J" in printed(text)


def test_two_classes_of_one_variable() -> None:
    text = TWO_PAIRS.replace(
        "assume X(z) <= X(2), X(z) <= X(3) for all z in Z, Z = 0",
        "assume X(0) <= X(2), X(0) <= X(3), X(1) <= X(2), X(1) <= X(3)",
    )
    found = derive(Model.parse(text), conditions=False).bounds[0]
    check_bounds(found)
    assert [c.levels for c in bound_orbits(found).classes] == [(0, 1), (2, 3)]
    assert "of Z" in inequality_text(found, False, orbits=True)


def test_definition_that_relabelling_changes_is_not_printed() -> None:
    """R1 is of one arm, so a term for all arms cannot use it; the sum over all arms can stay."""
    bounds = derivation("defined").bounds
    assert any(name == "R1" for b in bounds for term in b.lower.shown for name, _ in term.coefficients)
    for each in bounds:
        assert "R1" not in inequality_text(each, False, orbits=True)


def test_mirror_says_which_definitions_change_with_it() -> None:
    """Exchanging values of Y changes the sign of the total effect; it leaves the effect on M as it is."""
    text = """model mmr
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
define ATM = P(M=1 | A=1) - P(M=1 | A=0)
define TE = P(Y=1 | A=1) - P(Y=1 | A=0)
assume M(1) >= M(0)
estimand zeta0 = E[Y(1, M(0)) - Y(0, M(0))]
"""
    bounds = derive(Model.parse(text), conditions=False).bounds[0]
    assert inequality_text(bounds, False) == "max{-ATM + TE, TE - p11.1} <= zeta0 <= min{ATM + TE, TE + p01.1}"
    assert printed(text) == (
        "zeta0 >= max{-ATM + TE, TE - p11.1}\nupper bound: minus the lower one with Y=0 and Y=1 exchanged, in TE too"
    )


def test_mirror_of_values_in_reverse_order() -> None:
    text = """model ordered
variable X in {0, 1} randomized
variable Y(X) in 0..3
observe P(Y | X)
estimand gain = P(Y(1) > Y(0)) - P(Y(1) < Y(0))
"""
    assert printed(text).endswith("upper bound: minus the lower one with the values of Y in reverse order")


def test_bounds_that_are_numbers_have_no_mirror() -> None:
    text = """model numbers
variable X in {a, b}
variable Y(X) in 0..2
observe P(X, Y)
estimand e = E[Y(a) | X=b]
"""
    found = derive(Model.parse(text), conditions=False).bounds[0]
    assert found.text(orbits=True) == found.text()
    assert bound_orbits(found).mirror is None


# ---------------------------------------------------------------- golden files, formats, the command line
def test_golden_text_and_latex() -> None:
    found = derivation("iv4")
    compare("iv4.orbits.txt", found.text(orbits=True))
    text = found.text(unicode=False, orbits=True)
    assert text.isascii()
    compare("iv4.orbits.ascii.txt", text)
    compare("iv4.orbits.tex", found.latex(orbits=True))
    compare("mediator.orbits.txt", derivation("mediator").text(orbits=True))
    compare("mediator.orbits.tex", derivation("mediator").latex(orbits=True))


@pytest.mark.parametrize("name", MODELS)
def test_latex_is_balanced(name: str) -> None:
    text = derivation(name).latex(orbits=True)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right") + text.count(r"\leftarrow")
    assert text.count(r"\begin{array}{ll}") == len(re.findall(r"\\end\{array\}", text)) - text.count(
        r"\begin{array}{l}"
    )
    for line in text.splitlines():
        assert line.count("$") % 2 == 0
        assert line.isascii()


@pytest.mark.parametrize("name", ["iv3", "mediator", "mediation_mmr"])
def test_json_keeps_the_schema(name: str) -> None:
    """Without the added keys the document is the one without orbits."""
    plain, document = derivation(name).json(), derivation(name).json(orbits=True)
    for orbit in document.pop("condition_orbits"):
        assert set(orbit) == {"representative", "size", "quantifiers", "at", "levels", "text"}
    for entry in document["estimands"]:
        entry.pop("mirror")
        sizes = [sum(orbit["size"] for orbit in entry[side].pop("orbits")) for side in ("lower", "upper")]
        assert sizes == [len(entry[side]["terms"]) for side in ("lower", "upper")]
    assert document == plain


def test_json_of_an_orbit() -> None:
    orbit = derivation("iv3").json(orbits=True)["estimands"][0]["lower"]["orbits"][1]
    assert orbit == {
        "representative": {
            "constant": "-1",
            "coefficients": {"P(X=0,Y=0|Z=0)": "1", "P(X=1,Y=1|Z=1)": "1"},
        },
        "size": 6,
        "quantifiers": {"Z": ["i", "j"]},
        "at": {"i": "0", "j": "1"},
        "levels": {"i": ["0", "1", "2"], "j": ["0", "1", "2"]},
        "text": "p00.i + p11.j - 1 for all distinct i, j in Z",
    }


def test_command(run: Run) -> None:
    found = run("derive", "iv_ate", "ate", "--orbits", "--ascii", "--no-conditions")
    assert found.status == 0
    assert "p00.i + p11.j - 1                      for all distinct i, j in Z," in found.out
    assert "upper bound: minus the lower one with Y=0 and Y=1 exchanged" in found.out
    assert '"orbits"' in run("derive", "iv_ate", "--orbits", "--format", "json").out
    assert r"\text{for all distinct $i, j$ in $Z$}" in run("derive", "iv_ate", "--orbits", "--format", "latex").out


def test_command_refuses_sympy(run: Run) -> None:
    assert_refused(
        run("derive", "iv_ate", "--orbits", "--format", "sympy"),
        "boundgen: --orbits prints for readers; sympy takes every term. Leave --orbits out.\n"
        "  Try: boundgen derive --help",
    )
