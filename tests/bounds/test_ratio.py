"""Bounds on ratios against exact programs of Charnes & Cooper at random laws, against counts, and against formulas."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen.bounds.ratio import ratio_sides
from boundgen.bounds.ratio_side import RatioSide, RatioTerm, RatioValue
from boundgen.errors import BudgetError
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import Column, LinearProgram, Row
from boundgen.strata.cells import observed_arms
from boundgen.strata.forms import linear_form
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget

Sides = tuple[RatioSide, RatioSide]
Weights = list[Fraction]

IV = """model m
variable Z in {levels} randomized
variable X(Z) in {{0, 1}}
variable Y(X) in {{0, 1}}
observe P(X, Y | Z)
estimand e = {asked}
"""
SELECTED = """model m
variable Z in {{0, 1}} randomized
variable S(Z) in {{0, 1}}
variable Y(Z) in {levels}
observe P(Y, S=1 | Z)
estimand e = E[Y(Z=1) - Y(Z=0) | S(Z=0)=1, S(Z=1)=1]
"""
MEDIATED = """model m
variable A in {{0, 1}} randomized
variable M(A) in {levels}
variable Y(A, M) in {{0, 1}}
observe P(Y, M | A)
estimand e = {asked}
"""
OBSERVED = """model m
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand e = E[Y(1) + 2 Y(0)]
"""
BENEFIT = "P(Y(1, M(1)) > Y(0, M(0)) | M(1) > M(0))"
AFFECTED = "P(Y(1, 1) != Y(0, 1) | M(0) = 1, M(1) = 1)"
GAMMA = "parameter g in [0, 1]\n"


def late(levels: int) -> str:
    every = "{" + ", ".join(map(str, range(levels))) + "}"
    return IV.format(levels=every, asked=f"E[Y(1) - Y(0) | X(0)=0, X({levels - 1})=1]")


def instrument(asked: str, levels: str = "{0, 1}") -> str:
    return IV.format(levels=levels, asked=asked)


def mediated(asked: str, levels: str = "{0, 1}") -> str:
    return MEDIATED.format(levels=levels, asked=asked)


TEXTS = {
    "SACE": SELECTED.format(levels="{0, 1}"),
    "SACE, 3 levels": SELECTED.format(levels="{0, 1, 2}"),
    "SACE, 4 levels": SELECTED.format(levels="{0, 1, 2, 3}"),
    "LATE": late(2),
    "LATE, Z of 3 levels": late(3),
    "LATE, Z of 4 levels": late(4),
    "necessity": instrument("P(Y(0)=0 | Y(1)=1)"),
    "necessity among compliers": instrument("P(Y(X=0)=0 | Y(X=1)=1, X(Z=0)=0, X(Z=1)=1)"),
    "risk ratio": instrument("E[Y(1) + 2 Y(0)]"),
    "risk ratio, Z of 3 levels": instrument("E[Y(1) + 2 Y(0)]", "{0, 1, 2}"),
    "observational risk ratio": OBSERVED,
    "benefit": mediated(BENEFIT),
    "benefit, M of 3 levels": mediated(BENEFIT, "{0, 1, 2}"),
    "benefit, M of 4 levels": mediated(BENEFIT, "{0, 1, 2, 3}"),
    "effect": mediated("E[Y(1, M(1)) - Y(0, M(0)) | M(1) > M(0)]"),
    "affected": mediated(AFFECTED),
    "effect among the always affected": mediated("E[Y(1, 1) - Y(0, 1) | M(0) = 1, M(1) = 1]"),
    "affected, few defiers": mediated(AFFECTED) + GAMMA + "assume P(M(1) < M(0)) <= g\n",
    "affected, at most a tenth of defiers": mediated(AFFECTED) + "assume P(M(1) < M(0)) <= 1/10\n",
    "LATE, few defiers": late(3) + GAMMA + "assume P(X(2) < X(0)) <= g\n",
    "LATE, an effect that is not negative": late(2) + "assume E[Y(1)] >= E[Y(0)]\n",
    "SACE, a known share": SELECTED.format(levels="{0, 1}") + "assume P(S(0) = 1) = P(S(1) = 1)\n",
}
# Fractions of the lower and of the upper side.
COUNTS = {
    "SACE": (3, 3),
    "SACE, 3 levels": (8, 8),
    "SACE, 4 levels": (15, 15),
    "LATE": (12, 12),
    "LATE, Z of 3 levels": (58, 58),
    "LATE, Z of 4 levels": (232, 232),
    "necessity": (4, 4),
    "necessity among compliers": (3, 3),
    "risk ratio": (8, 8),
    "risk ratio, Z of 3 levels": (39, 39),
    "observational risk ratio": (1, 1),
    "benefit": (1, 2),
    "benefit, M of 3 levels": (4, 8),
    "benefit, M of 4 levels": (10, 22),
    "effect": (3, 3),
    "affected": (2, 2),
    "effect among the always affected": (3, 3),
    "affected, few defiers": (4, 4),
}


@cache
def posed(name: str) -> tuple[LinearProgram, Sequence[Parameter]]:
    """The program of a model; a risk ratio E[Y(1)] / E[Y(0)] is read off E[Y(1) + 2 Y(0)], which tells strata apart."""
    model, budget = Model.parse(TEXTS[name]), Budget()
    form = linear_form(model, model.estimands[0].expression, {})
    program = linear_program(model, observed_arms(model, budget.limits), form, budget)
    if "risk ratio" in name:
        columns = [replace(c, cost=int(c.cost) % 2, event=int(c.cost) // 2) for c in program.columns]
        program = replace(program, columns=tuple(columns))
    return program, model.parameters


@cache
def derived(name: str) -> Sides:
    return ratio_sides(*posed(name), Budget())


# ---------------------------------------------------------------- the judge: one exact linear program
def judged(program: LinearProgram, rights: Sequence[Fraction]) -> tuple[RatioValue, RatioValue]:
    """The infimum and supremum at given right sides: strata times t, and the divisor is one."""
    t = len(program.columns)
    demands = []
    for i, row in enumerate(program.rows):
        negative = {j: -Fraction(e) for j, c in enumerate(program.columns) for k, e in c.entries if k == i}
        demands.append(Constraint({**negative, t: rights[i]}, 0, "=" if row.relation == "=" else ">="))
    demands.append(Constraint({j: c.event for j, c in enumerate(program.columns)}, -1, "="))

    def extreme(sign: int) -> RatioValue:
        try:
            best = maximum(t + 1, {j: sign * c.cost for j, c in enumerate(program.columns)}, demands, range(t + 1))
        except ArithmeticError:
            return sign * math.inf
        return None if best is None else sign * best.value

    return extreme(-1), extreme(1)


def rights_of(program: LinearProgram, weights: Weights, names: Mapping[str, Fraction]) -> tuple[dict, list[Fraction]]:
    """Cells and right sides at a distribution over strata."""
    at = dict(names)
    for i, row in enumerate(program.rows):
        if row.kind == "cell":
            pairs = zip(weights, program.columns, strict=True)
            at[row.name] = sum((w * dict(c.entries).get(i, 0) for w, c in pairs), Fraction(0))
    return at, [row.right.value(at) for row in program.rows]


def agrees(program: LinearProgram, weights: Weights, rights: Sequence[Fraction]) -> bool:
    """Whether a distribution meets the assumptions."""
    for i, row in enumerate(program.rows):
        pairs = zip(weights, program.columns, strict=True)
        value = sum((w * dict(c.entries).get(i, 0) for w, c in pairs), Fraction(0))
        if value > rights[i] or (row.relation == "=" and value != rights[i]):
            return False
    return True


def assert_right(
    program: LinearProgram, sides: Sides, at: Mapping[str, Fraction], rights: Sequence[Fraction], inside: bool
) -> None:
    """Both sides exact; the printed forms too where all strata have weight, and valid everywhere."""
    wanted = judged(program, rights)
    assert tuple(side.value(rights) for side in sides) == wanted
    if wanted[0] is None:
        return
    for side, sign, value in zip(sides, (1, -1), wanted, strict=True):
        printed: RatioValue = side.piecewise().value(at)
        printed = -sign * math.inf if printed is None else printed
        assert printed == value if inside else sign * printed <= sign * value


def laws(program: LinearProgram, count: int, seed: int = 1) -> Iterator[tuple[Weights, bool]]:
    """Distributions over strata: over all of them, and over few."""
    chance, size = random.Random(seed), len(program.columns)
    for k in range(count):
        few = [size, size, size // 2, 3, 2][k % 5]
        shares = [Fraction(0)] * size
        for j in chance.sample(range(size), few):
            shares[j] = Fraction(chance.randint(1, 30))
        yield [share / sum(shares) for share in shares], few == size


# ---------------------------------------------------------------- models
@pytest.mark.parametrize("name", sorted(set(TEXTS) - {"LATE, Z of 4 levels", "SACE, a known share"}))
def test_models_against_exact_programs(name: str) -> None:
    program, _ = posed(name)
    chance = random.Random(2)
    checked = 0
    for weights, inside in laws(program, 25):
        at, rights = rights_of(program, weights, {"g": Fraction(chance.randint(0, 16), 16)})
        if agrees(program, weights, rights):
            assert_right(program, derived(name), at, rights, inside)
            checked += 1
    assert checked >= 5


def test_an_equality_of_the_data() -> None:
    """P(S=1|Z=0) = P(S=1|Z=1) is assumed: the data are moved until it holds."""
    program, _ = posed("SACE, a known share")
    place = next(i for i, row in enumerate(program.rows) if row.kind == "assumption")
    sides = derived("SACE, a known share")
    for weights, inside in laws(program, 20):
        value = [dict(c.entries).get(place, 0) for c in program.columns]
        up, down = (sum(w for w, v in zip(weights, value, strict=True) if v == sign) for sign in (1, -1))
        if up and down:
            moved = [w * (down if v == 1 else up if v == -1 else 1) for w, v in zip(weights, value, strict=True)]
            level = [w / sum(moved) for w in moved]
            at, rights = rights_of(program, level, {})
            assert agrees(program, level, rights)
            assert_right(program, sides, at, rights, inside)


@pytest.mark.parametrize("name", COUNTS)
def test_numbers_of_fractions(name: str) -> None:
    sides = derived(name)
    assert tuple(len(side.terms) for side in sides) == COUNTS[name]
    assert not any(side.missing for side in sides)


def test_a_few_fractions_of_late_need_no_limits() -> None:
    alone = [term for term in derived("LATE")[0].terms if all(guard.relation == ">" for guard in term.guards)]
    assert len(alone) == 4


# ---------------------------------------------------------------- formulas
def at_laws(name: str) -> Iterator[tuple[Sides, dict[str, Fraction]]]:
    program, _ = posed(name)
    for weights, _inside in laws(program, 15, seed=3):
        yield derived(name), rights_of(program, weights, {})[0]


def test_the_formula_of_sace() -> None:
    """A share pi at least survives always, and worst cases are trimmed from its arms (Zhang & Rubin, 2003)."""
    for (lower, upper), at in at_laws("SACE"):
        p = {(y, z): at[f"P(Y={y},S=1|Z={z})"] for y in (0, 1) for z in (0, 1)}
        pi = sum(p.values()) - 1
        low, high = [Fraction(-1)], [Fraction(1)]
        if pi > 0:
            low += [-p[1, 0] / pi, -p[0, 1] / pi, 1 - (p[1, 0] + p[0, 1]) / pi]
            high += [p[1, 1] / pi, p[0, 0] / pi, (p[1, 1] + p[0, 0]) / pi - 1]
        assert lower.piecewise().value(at) == max(low)
        assert upper.piecewise().value(at) == min(high)


def test_the_formula_of_benefit_where_the_mediator_moves() -> None:
    for (lower, upper), at in at_laws("benefit"):
        p = {(y, m, a): at[f"P(Y={y},M={m}|A={a})"] for y in (0, 1) for m in (0, 1) for a in (0, 1)}
        moved = p[0, 1, 1] + p[1, 1, 1] - p[0, 1, 0] - p[1, 1, 0]
        low, high = [Fraction(0)], [Fraction(1)]
        if moved > 0:
            low.append(1 - (p[1, 0, 0] + p[0, 1, 1]) / moved)
            high += [p[0, 0, 0] / moved, p[1, 1, 1] / moved]
        assert lower.piecewise().value(at) == max(low)
        assert upper.piecewise().value(at) == min(high)


def test_the_formula_of_the_observational_risk_ratio() -> None:
    """One fraction a side without a guard: the constants 0 and infinity say nothing beside them."""
    lower, upper = derived("observational risk ratio")
    for at in ({f"P(X={x},Y={y})": Fraction(2 * x + y + 1, 10) for x in (0, 1) for y in (0, 1)},):
        assert lower.piecewise().value(at) == at["P(X=1,Y=1)"] / (1 - at["P(X=0,Y=0)"])
        assert upper.piecewise().value(at) == (1 - at["P(X=1,Y=0)"]) / at["P(X=0,Y=1)"]
    assert (lower.constant, lower.covered, upper.constant) == (0, True, None)
    assert [len(side.piecewise().pieces) for side in (lower, upper)] == [1, 1]


@pytest.mark.parametrize("name", ["SACE", "LATE", "necessity", "risk ratio", "benefit, M of 3 levels"])
def test_every_fraction_is_needed(name: str) -> None:
    """At data of its own strata it is the bound, and without it the printed form says less."""
    program, _ = posed(name)
    chance = random.Random(5)
    for side in derived(name):
        for term in side.terms:
            (strata,) = side.tight(term)
            weights = inside_limits(program, strata, term, chance)
            at, rights = rights_of(program, weights, {})
            others = replace(side, terms=tuple(other for other in side.terms if other != term))
            assert side.piecewise().value(at) == side.value(rights) == term.fraction.value(at)
            assert others.piecewise().value(at) != side.value(rights)


def inside_limits(program: LinearProgram, strata: Sequence[int], term: RatioTerm, chance: random.Random) -> Weights:
    """A distribution over strata whose ratio is strictly between the limits of a term."""
    while True:
        weights = [Fraction(chance.randint(1, 40)) ** 2 * (j in strata) for j in range(len(program.columns))]
        over = sum(w * c.event for w, c in zip(weights, program.columns, strict=True))
        ratio = sum(w * c.cost for w, c in zip(weights, program.columns, strict=True)) / over
        if (term.low is None or term.low < ratio) and (term.high is None or ratio < term.high):
            return [w / sum(weights) for w in weights]


def test_larger_numerators_and_divisors() -> None:
    """Three times the numerator is three times the bound; three times both is the same one."""
    program, _ = posed("LATE")
    tripled = replace(program, columns=tuple(replace(c, cost=3 * c.cost) for c in program.columns))
    both = replace(tripled, columns=tuple(replace(c, event=Fraction(3) * c.event) for c in tripled.columns))
    variants = [ratio_sides(each, (), Budget()) for each in (tripled, both)]
    for plain, large, same in zip(derived("LATE"), *variants, strict=True):
        assert len(plain.terms) == len(large.terms) == len(same.terms)
        for weights, _inside in laws(program, 10):
            at, rights = rights_of(program, weights, {})
            value = plain.value(rights)
            assert same.value(rights) == value
            assert large.value(rights) == (None if value is None else 3 * value)
            assert same.piecewise().value(at) == plain.piecewise().value(at)


def test_what_the_estimand_adds() -> None:
    """A parameter beside the ratio stands in the printed form of both sides, with its sign."""
    program, _ = posed("SACE")
    at, _rights = rights_of(program, next(laws(program, 1))[0], {"b": Fraction(1, 3)})
    moved = ratio_sides(replace(program, offset=Term.of(0, {"b": 2})), (), Budget())
    for plain, other in zip(derived("SACE"), moved, strict=True):
        value = plain.piecewise().value(at)
        assert value is not None
        assert other.piecewise().value(at) == value + Fraction(2, 3)


# ---------------------------------------------------------------- programs by hand
TOTAL = Row("total", "total", "=", Term.of(1))


def cell(name: str) -> Row:
    return Row("cell", name, "=", Term.of(0, {name: 1}))


def column(j: int, cost: Fraction | int, event: Fraction | int, entries: Mapping[int, Fraction | int]) -> Column:
    return Column(Stratum(((("X", ()), j),)), tuple((i, e) for i, e in entries.items() if e), cost, event)


def test_an_identified_divisor_is_refused() -> None:
    """The total is a row, so a divisor that is one everywhere is its multiple."""
    program = LinearProgram((cell("p"), TOTAL), (column(0, 1, 1, {0: 1, 1: 1}), column(1, 0, 1, {1: 1})))
    with pytest.raises(ArithmeticError, match="identified"):
        ratio_sides(program, (), Budget())


def test_one_fraction_by_hand() -> None:
    """Strata a and b share the cell p, c is outside; a / (a + c) is from 0, or undefined without c, to p / (p + c)."""
    columns = (column(0, 1, 1, {0: 1, 1: 1}), column(1, 0, 0, {0: 1, 1: 1}), column(2, 0, 1, {1: 1}))
    program = LinearProgram((cell("p"), TOTAL), columns)
    lower, upper = ratio_sides(program, (), Budget())
    assert (lower.constant, lower.terms) == (0, ())
    (term,) = upper.terms
    assert (str(term.fraction), term.guards, upper.constant) == ("p", (), 1)
    third = Fraction(1, 3)
    assert [side.value([third, Fraction(1)]) for side in (lower, upper)] == [0, third]
    assert [side.value([Fraction(0), Fraction(1)]) for side in (lower, upper)] == [0, 0]


def test_undefined_and_unbounded() -> None:
    """Only strata of the cell p have a divisor; of its two the second may be absent, so n / d has no upper bound."""
    columns = (column(0, 1, 0, {0: 1, 1: 1}), column(1, 1, 1, {0: 1, 1: 1}), column(2, 0, 0, {1: 1}))
    lower, upper = ratio_sides(LinearProgram((cell("p"), TOTAL), columns), (), Budget())
    half, one, none = Fraction(1, 2), Fraction(1), Fraction(0)
    assert (lower.value([half, one]), upper.value([half, one])) == (1, math.inf)
    assert (lower.value([none, one]), upper.value([none, one])) == (None, None)
    assert (upper.piecewise().pieces, upper.constant) == ((), None)


def test_without_a_total_a_limit_may_be_the_bound() -> None:
    """The stratum without cells may have any weight, so the ratio comes as close to its own, 1, as one likes."""
    columns = (column(0, 0, 1, {0: 1}), column(1, 3, 1, {1: 1}), column(2, 1, 1, {}))
    program = LinearProgram((cell("p"), cell("q")), columns)
    sides = ratio_sides(program, (), Budget())
    for p, q in ((1, 3), (3, 1), (1, 1), (2, 0)):
        at = {"p": Fraction(p), "q": Fraction(q)}
        assert_right(program, sides, at, [Fraction(p), Fraction(q)], True)


def test_data_that_contradict_the_model() -> None:
    """The edges say something, and nothing breaks."""
    program, _ = posed("LATE")
    for side in derived("LATE"):
        side.value([Fraction((-1) ** i * i, 7) for i, _ in enumerate(program.rows)])


# ---------------------------------------------------------------- limits
class _Clock:
    """A report that ends the work after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def __call__(self, *_told: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise BudgetError("time is over; nothing was derived")


def test_a_side_that_was_not_finished_is_valid() -> None:
    """Whatever ends the work, at whatever step: what was found holds, and it says what is missing."""
    program, parameters = posed("LATE, few defiers")
    unfinished = set()
    for steps in (0, 5, 30, 40, 60, 90, 150):
        sides = ratio_sides(program, parameters, Budget(report=_Clock(steps)))
        unfinished |= {side.missing.partition(": ")[2] for side in sides}
        assert sides[1].missing
        for weights, _inside in laws(program, 6):
            at, rights = rights_of(program, weights, {"g": Fraction(1, 2)})
            if agrees(program, weights, rights):
                assert_valid(sides, at, rights, judged(program, rights))
    assert len(unfinished) >= 3, unfinished


def assert_valid(
    sides: Sides, at: Mapping[str, Fraction], rights: Sequence[Fraction], wanted: tuple[RatioValue, RatioValue]
) -> None:
    """No side is inside the sharp one, and the ratio is undefined where it is."""
    for side, sign, value in zip(sides, (1, -1), wanted, strict=True):
        found, printed = side.value(rights), side.piecewise().value(at)
        assert (found is None) == (value is None)
        if value is not None and found is not None:
            assert sign * found <= sign * value
            assert printed is not None
            assert sign * printed <= sign * value


# ---------------------------------------------------------------- random programs
@st.composite
def programs(draw: st.DrawFn) -> tuple[LinearProgram, list[Parameter]]:
    """A few strata, cells and assumptions, with and without a total."""
    rows = [cell(f"p{i}") for i in range(draw(st.integers(1, 3)))]
    rows += [TOTAL] if draw(st.booleans()) else []
    parameters = []
    for k in range(draw(st.integers(0, 2))):
        right = draw(st.sampled_from([Term(), Term.of(Fraction(1, 3)), Term.of(0, {f"g{k}": 1})]))
        if right.coefficients:
            parameters.append(Parameter(f"g{k}", Fraction(0), draw(st.sampled_from([None, Fraction(1)]))))
        rows.append(Row("assumption", f"a{k}", draw(st.sampled_from(["=", "<="])), right))
    columns = []
    for j in range(draw(st.integers(2, 6))):
        choices = [(0, 1) if row.kind == "cell" else (1,) if row.kind == "total" else (-1, 0, 1) for row in rows]
        entries = {i: draw(st.sampled_from(values)) for i, values in enumerate(choices)}
        event = draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]))
        columns.append(column(j, draw(st.integers(-2, 2)), event, entries))
    return LinearProgram(tuple(rows), tuple(columns)), parameters


@given(programs(), st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_random_programs(drawn: tuple[LinearProgram, list[Parameter]], chance: random.Random) -> None:
    program, parameters = drawn
    law = any_law(program, parameters, chance)
    if law is None or not any(w and c.event for w, c in zip(law[0], program.columns, strict=True)):
        return
    try:
        sides = ratio_sides(program, parameters, Budget())
    except ArithmeticError:
        return
    for weights, names in (law, any_law(program, parameters, chance, 2) or law):
        at, rights = rights_of(program, weights, names)
        assert agrees(program, weights, rights)
        assert_right(program, sides, at, rights, all(weights))


def any_law(
    program: LinearProgram, parameters: Sequence[Parameter], chance: random.Random, corners: int = 12
) -> tuple[Weights, dict[str, Fraction]] | None:
    """A mixture of corners of the model, with weights of at most two and parameters of at most one."""
    size = len(program.columns)
    number = {parameter.name: size + k for k, parameter in enumerate(parameters)}
    demands = [Constraint({j: -1}, 2) for j in range(size)] + [Constraint({k: -1}, 1) for k in number.values()]
    for i, row in enumerate(program.rows):
        if row.kind != "cell":
            shifted = {j: -Fraction(e) for j, c in enumerate(program.columns) for k, e in c.entries if k == i}
            shifted |= {number[name]: c for name, c in row.right.coefficients}
            demands.append(Constraint(shifted, row.right.constant, "=" if row.relation == "=" else ">="))
    unknowns, points = size + len(number), []
    for _ in range(corners):
        best = maximum(unknowns, {k: chance.randint(-5, 5) for k in range(unknowns)}, demands, range(unknowns))
        if best is None:
            return None
        points.append([chance.randint(1, 9), *best.point])
    total = sum(point[0] for point in points)
    mixed = [sum((p[0] * p[k + 1] for p in points), Fraction(0)) / total for k in range(unknowns)]
    return mixed[:size], {name: mixed[k] for name, k in number.items()}
