"""Pieces by orbit: what is written once stands for exactly the pieces that were derived, with their guards."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_layout import script
from boundgen.bounds.piecewise_orbits import PieceOrbits, unfolded
from boundgen.bounds.piecewise_symmetry import renamed_function, renamed_summand
from boundgen.bounds.piecewise_text import orbits_of, piecewise_inequality
from boundgen.derivation import Derivation
from support.catalogue import WITH_PIECES, derived
from support.command import Run
from support.golden import compare

INSTRUMENT = """variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
LATE = "estimand late = E[Y(1) - Y(0) | X(2) > X(0)]\n"
MODELS = {
    "rr3": f"model rr3\nvariable Z in 0..2 randomized\n{INSTRUMENT}estimand rr = E[Y(1)] / E[Y(0)]\n",
    "late3": f"model late3\nvariable Z in 0..2 randomized\n{INSTRUMENT}{LATE}",
    "late4": f"model late4\nvariable Z in 0..3 randomized\n{INSTRUMENT}{LATE}",
    "weighed": f"""model weighed
variable Z in 0..2 randomized
{INSTRUMENT}parameter s in [-1, 1]
estimand pay = s * P(Y(1)=1) + P(Y(0)=1)
""",
    "attributable": f"""model attributable
variable Z in 0..2 randomized
{INSTRUMENT}observe P(Z)
estimand attributable = E[Y - Y(0)] / E[Y]
""",
    "miv4": """model miv4
variable V in {a, b, c, d}
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X, V)
assume b: E[Y(x) | V=b] >= E[Y(x) | V=a] for all x in X
assume c: E[Y(x) | V=c] >= E[Y(x) | V=a] for all x in X
assume d: E[Y(x) | V=d] >= E[Y(x) | V=a] for all x in X
estimand risk1 = E[Y(1)]
estimand ate = E[Y(1) - Y(0)]
""",
    "survivors": """model survivors
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in 0..3
observe P(Y, S=1 | A)
estimand changed = P(Y(1) != Y(0) | S(0)=1, S(1)=1)
estimand second = P(Y(1)=2 | S(0)=1, S(1)=1)
""",
    "total": """model total
variable Z in 0..2 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
define T = P(Y=1 | Z=0) + P(Y=1 | Z=1) + P(Y=1 | Z=2)
define U = P(Y=1 | Z=0)
estimand rr = E[Y(1)] / E[Y(0)]
""",
}
QUICK = ["attributable", "survivors", "risk_ratio", "sace_nomono", "manski_iv_marginal", "mts_ate"]
SLOW = sorted({*MODELS, *WITH_PIECES} - {*QUICK})
PIECES = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]


@cache
def derivation(name: str) -> Derivation:
    """Each model is derived once."""
    return derive(Model.parse(MODELS[name]), conditions=False) if name in MODELS else derived(name)


@cache
def folded(name: str) -> tuple[PieceOrbits, ...]:
    """The orbits of each estimand, as they are printed."""
    return tuple(orbits_of(bounds.shown or bounds) for bounds in derivation(name).piecewise)


# ---------------------------------------------------------------- laws
@pytest.mark.parametrize("name", PIECES)
def test_orbits_partition_the_pieces_and_unfold_to_them(name: str) -> None:
    for found in folded(name):
        check_partition(found)


def check_partition(found: PieceOrbits) -> None:
    """As functions, with their guards, the pieces that an orbit stands for are its members, and no others."""
    plain = found.plain(script(found.bounds, latex=False, unicode=False))
    for side, listed in ((found.bounds.lower, found.lower), (found.bounds.upper, found.upper)):
        assert sorted(i for orbit in listed for i in orbit.members) == list(range(len(side.pieces)))
        for orbit in listed:
            members = {found.forms.piece(side.pieces[i]) for i in orbit.members}
            assert orbit.representative in {side.pieces[i] for i in orbit.members}
            pieces = unfolded(found, orbit, side.op, plain)
            assert {found.forms.piece(piece) for piece in pieces} == members
            assert len(members) == len(orbit.members)


ESTIMANDS = ["E[Y(1)] / E[Y(0)]", "P(Y(1) != Y(0) | X(0)=1)", "s * P(Y(1)=1) - P(Y(0)=1)", "E[Y(1) | X(0) < X(1)]"]


@settings(max_examples=5, deadline=None)
@given(st.integers(2, 3), st.sampled_from(ESTIMANDS), st.sampled_from(["", "assume X(0) <= X(1)\n"]))
def test_orbits_of_random_models(levels: int, estimand: str, assumption: str) -> None:
    text = f"model drawn\nvariable Z in 0..{levels - 1} randomized\n{INSTRUMENT}parameter s in [-1, 1]\n"
    for bounds in derive(Model.parse(f"{text}{assumption}estimand e = {estimand}\n"), conditions=False).piecewise:
        check_partition(orbits_of(bounds.shown or bounds))


@pytest.mark.parametrize("name", PIECES)
def test_options_and_summands_unfold_to_those_that_were_folded(name: str) -> None:
    """Relabelling by what is said to lead from one to the others leads to all of them, and to no others."""
    for found in folded(name):
        plain = found.plain(script(found.bounds, latex=False, unicode=False))
        forms = found.forms
        for op, listed in (("max", found.lower), ("min", found.upper)):
            for orbit in listed:
                writing = found.script(orbit, op, plain)
                for summand in orbit.representative.summands:
                    options = summand.options
                    for members, group in writing.folded_options(options):
                        met, new = set(), {options[members[0]]}
                        while new:
                            met |= {forms.function(option) for option in new}
                            moved = {renamed_function(o, i) for o in new for each in group.values() for i in each}
                            new = {option for option in moved if forms.function(option) not in met}
                        assert met == {forms.function(options[i]) for i in members}
                for members, levels in writing.folded_summands(orbit.representative.summands):
                    if levels is not None:
                        summands = [orbit.representative.summands[i] for i in members]
                        first = {
                            forms.summand(renamed_summand(each, images))
                            for each in summands
                            for images in writing.inner[levels]
                        }
                        assert first == {forms.summand(each) for each in summands}
                        assert len(summands) == len(levels.levels)


@pytest.mark.parametrize("name", PIECES)
def test_mirror_at_random_data(name: str) -> None:
    """The upper bound is the constant minus the lower one at data whose levels are exchanged."""
    draw = random.Random(3)
    for bounds, found in zip(derivation(name).piecewise, folded(name), strict=True):
        if found.mirror is None:
            continue
        for _ in range(5):
            data: dict[str, Fraction] = {}
            for arm in bounds.arms:
                sizes = [draw.randint(1, 9) for _ in arm.cells]
                data |= {c.name: Fraction(n, sum(sizes)) for c, n in zip(arm.cells, sizes, strict=True)}
            parameters = {each.name: Fraction(draw.randint(1, 9), 10) for each in bounds.parameters}
            there = exchanged(bounds, data, found.mirror.exchanged)
            high = bounds.upper.value({**data, **parameters})
            low = bounds.lower.value({**there, **parameters})
            over = bounds.denominator.value({**data, **parameters}) if bounds.denominator else 1
            assert (high is None) == (low is None)
            if high is not None and low is not None:
                assert high == found.mirror.constant * over - low


def exchanged(
    bounds: PiecewiseBounds, data: Mapping[str, Fraction], pairs: Sequence[tuple[str, Sequence[tuple[object, object]]]]
) -> dict[str, Fraction]:
    """The data of a population in which levels are exchanged, by the names of the cells alone."""
    other = {f"{v}={a}": f"{v}={b}" for v, each in pairs for pair in each for a, b in (pair, pair[::-1])}
    names = [cell.name for arm in bounds.arms for cell in arm.cells]
    return {name: data[re.sub(r"\w+=[^,|)]*", lambda m: other.get(m[0], m[0]), name)] for name in names}


# ---------------------------------------------------------------- what is printed, read again
def pieces_of(text: str) -> list[str]:
    """The pieces of a printed side without letters."""
    inside = text[text.index("{") + 1 : text.rindex("}")]
    return [line.strip().rstrip(",") for line in inside.strip().split("\n")]


def written_out(line: str, levels: Sequence[str]) -> set[str]:
    """All that a line with letters stands for."""
    text, _, words = line.partition(" for all ")
    letters = re.findall(r"\b([ijk])\b", words.partition(" in ")[0])
    found = set()
    for number in range(len(levels) ** len(letters)):
        chosen = [levels[number // len(levels) ** k % len(levels)] for k in range(len(letters))]
        if len(set(chosen)) == len(chosen):
            put = dict(zip(letters, chosen, strict=True))
            found.add(re.sub(r"\.([ijk])\b", lambda m, put=put: f".{put[m[1]]}", text).strip())
    return found


def value(text: str, at: Mapping[str, Fraction]) -> Fraction | None:
    """A printed fraction at data, read by a reader of its own; None where its guard does not hold."""
    text, _, guard = text.partition(" if ")
    number = re.compile(r"p\d\d\.\d")
    say = number.sub(lambda m: f"Fraction('{at[m[0]]}')", guard)
    if guard and not eval(say, {"Fraction": Fraction}):
        return None
    say = re.sub(r"(?<![\d.'/p])(\d+)(?![\d.'/])", r"Fraction(\1)", number.sub(lambda m: f"V['{m[0]}']", text))
    found: Fraction = eval(say, {"Fraction": Fraction, "V": at})
    return Fraction(found)


def test_the_text_of_every_orbit_gives_the_bounds() -> None:
    """A risk ratio by an instrument of three levels, each line put in for all levels, guards too."""
    (bounds,) = derivation("rr3").piecewise
    lower, upper = piecewise_inequality(bounds, False, orbits=True).split("rr <=")
    draw = random.Random(11)
    names = {name: symbol.text(False) for name, symbol in bounds.notation.symbols}
    joined = [re.sub(r"\n\s+(?=if |for all )", "  ", side) for side in (lower, upper)]
    lines = [[each for line in pieces_of(side) for each in written_out(line, "012")] for side in joined]
    assert [len(each) for each in lines] == [len(bounds.lower.pieces), len(bounds.upper.pieces)]
    for _ in range(10):
        data: dict[str, Fraction] = {}
        for arm in bounds.arms:
            sizes = [draw.randint(1, 9) for _ in arm.cells]
            data |= {c.name: Fraction(n, sum(sizes)) for c, n in zip(arm.cells, sizes, strict=True)}
        at = {names[name]: number for name, number in data.items()}
        values = [[v for each in side if (v := value(each, at)) is not None] for side in lines]
        assert max(values[0]) == bounds.lower.value(data)
        assert min(values[1]) == bounds.upper.value(data)


def test_options_are_written_once() -> None:
    text = derivation("weighed").piecewise[0].text(unicode=False, orbits=True)
    assert "s max{p11.i for all i in Z; p01.i + p11.i - p01.j - p10.j for all distinct i, j in Z}" in text
    assert text.count("if s >= 0") == 2


def test_summands_are_written_once() -> None:
    text = derivation("miv4").piecewise[0].text(unicode=False, orbits=True)
    assert "risk1 >= p11a + sum_{i in {b, c, d}} P(V=i) max{P(Y=1,X=1|V=a), P(Y=1,X=1|V=i)}" in text
    products = derivation("attributable").piecewise[0].text(orbits=True)
    assert "Σ_{i∈Z} P(Z=i) (p01·i + p11·i)" in products


def test_sums_over_all_levels_and_over_all_others() -> None:
    text = derivation("survivors").piecewise[0].text(unicode=False, orbits=True)
    assert "1 - (p_k.i + sum_{m!=k} p_m.j) / (sum_{m in Y} p_m.i + sum_{m in Y} p_m.j - 1)" in text
    assert "if sum_{i in Y} p_i.0 + sum_{i in Y} p_i.1 > 1, else 0" in text


@pytest.mark.slow
def test_definitions_that_relabelling_changes_are_not_used() -> None:
    (found,) = folded("total")
    plain = found.plain(script(found.bounds, latex=False, unicode=False))
    assert [name for name, _ in plain.reading.definitions] == ["T"]


def test_nothing_to_group_is_printed_as_without_orbits() -> None:
    ungrouped = [
        bounds
        for name in QUICK
        for bounds, found in zip(derivation(name).piecewise, folded(name), strict=True)
        if not found.grouped
    ]
    assert ungrouped
    for bounds in ungrouped:
        assert bounds.text(orbits=True) == bounds.text()
        assert bounds.latex(orbits=True) == bounds.latex()


# ---------------------------------------------------------------- golden files, formats, the command line
@pytest.mark.parametrize(
    "name",
    [
        *("rr3", "weighed", "attributable", "miv4", "survivors", "sace_nomono"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("late3", "late4", "miv_v3")),
    ],
)
def test_golden_text(name: str) -> None:
    text = derivation(name).text(unicode=False, orbits=True)
    assert text.isascii()
    compare(f"{name}.orbits.ascii.txt", text)


@pytest.mark.parametrize("name", ["rr3", "weighed", "miv4", "survivors"])
def test_golden_latex(name: str) -> None:
    text = derivation(name).latex(orbits=True)
    assert text.isascii()
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert all(line.count("$") % 2 == 0 for line in text.splitlines())
    compare(f"{name}.orbits.tex", text)


@pytest.mark.parametrize("name", PIECES)
def test_json_keeps_the_schema(name: str) -> None:
    """Without the added keys the document is the one without orbits."""
    for bounds in derivation(name).piecewise:
        document = bounds.json(orbits=True)
        mirror = document.pop("mirror")
        assert mirror is None or set(mirror) == {"constant", "exchanged", "text"}
        shown = bounds.shown or bounds
        for side, pieces in (("lower", shown.lower.pieces), ("upper", shown.upper.pieces)):
            orbits = document[side].pop("orbits")
            assert sum(orbit["size"] for orbit in orbits) == len(pieces)
            assert all(set(o) == {"representative", "size", "quantifiers", "at", "levels", "text"} for o in orbits)
        assert document == bounds.json()


def test_command_says_nothing_beside_the_bounds(run: Run) -> None:
    found = run("derive", "risk_ratio_iv", "rr", "--orbits", "--ascii", "--no-conditions")
    assert (found.status, found.err) == (0, "")
    assert "for all distinct i, j in Z" in found.out
