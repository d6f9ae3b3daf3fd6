"""The formulas of Blackwell, Ma & Opacic (2024) come out of the engine as the paper prints them.

Where the stored paper is misprinted the formula here is the one that exact arithmetic gives, with a remark.
"""

from __future__ import annotations

from itertools import product

import pytest

from boundgen import catalogue
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.text import term_text


def terms(model: str, estimand: str) -> tuple[set[str], set[str]]:
    bounds = catalogue.load(model).bound(estimand)
    return shown(bounds, "lower"), shown(bounds, "upper")


def shown(bounds: Bounds, side: str) -> set[str]:
    return {term_text(term, bounds.notation, unicode=False) for term in getattr(bounds, side).shown}


@pytest.mark.parametrize(
    ("estimand", "lower", "upper"),
    [
        (
            "delta0",
            {"-p10.0 - p11.0", "-p11.0 - p01.1 - p11.1", "-p10.0 - p00.1 - p10.1"},
            {"p00.0 + p01.0", "p01.0 + p01.1 + p11.1", "p00.0 + p00.1 + p10.1"},
        ),
        (
            "delta1",
            {"-p00.1 - p01.1", "-p01.0 - p11.0 - p01.1", "-p00.0 - p10.0 - p00.1"},
            {"p10.1 + p11.1", "p01.0 + p11.0 + p11.1", "p00.0 + p10.0 + p10.1"},
        ),
        # Sjolander (2009), natural direct effect.
        (
            "zeta0",
            {"-p10.0 - p11.0", "p11.1 - p00.0 - 2p10.0 - p11.0", "p10.1 - p01.0 - p10.0 - 2p11.0"},
            {"p00.0 + p01.0", "p00.0 + 2p01.0 + p11.0 - p00.1", "2p00.0 + p01.0 + p10.0 - p01.1"},
        ),
    ],
)
def test_randomization_bounds(estimand: str, lower: set[str], upper: set[str]) -> None:
    """Section 4.2, from Imai, Tingley & Yamamoto (2013)."""
    assert terms("mediation_randomization", estimand) == (lower, upper)


def test_proposition_1() -> None:
    """Equations (7) and (8)."""
    assert terms("mediation_mmr", "delta0") == ({"-ATM", "-p10.0"}, {"ATM", "p00.0"})
    assert terms("mediation_mmr", "delta1") == ({"-ATM", "-p01.1"}, {"ATM", "p11.1"})


def test_proposition_1_as_one_line() -> None:
    first = catalogue.load("mediation_mmr").bound("delta1").text().splitlines()[0]
    assert first == "max{−ATM, −p01·1} ≤ δ(1) ≤ min{ATM, p11·1}"


def test_proposition_2() -> None:
    """Equation (9). The middle terms of the print are valid but never active (p10·1 - p10·0 - p00·0 is
    -ATM - p00·1), and on the lower side two sharp terms are missing."""
    lower, upper = terms("mediation_mmr_average", "delta1")
    assert lower == {"-ATM", "-p01.1", "-p00.1 - p11.1", "-p01.0 - p11.0 - p00.1"}
    assert upper == {"ATM", "p11.1"}


def test_proposition_3() -> None:
    """Equation (12). The upper term printed as ATM + (1 - p11·1) should be p00·0 + p10·0 + p10·1."""
    lower, upper = terms("mediation_limited_defiers", "delta1")
    assert lower == {
        "-ATM - 2gamma",
        "-p00.1 - p01.1",
        "-p00.0 - p10.0 - p00.1",
        "-ATM - p00.1 - gamma",
        "-p01.0 - p11.0 - p01.1",
        "-p01.1 - gamma",
    }
    assert upper == {
        "ATM + 2gamma",
        "p10.1 + p11.1",
        "p11.1 + gamma",
        "p01.0 + p11.0 + p11.1",
        "p00.0 + p10.0 + p10.1",
        "ATM + p10.1 + gamma",
    }


def test_proposition_4() -> None:
    """Full monotonicity: the bounds no longer cross zero."""
    assert terms("mediation_full_monotonicity", "delta0") == (
        {"0"},
        {"ATM", "p00.0 - p00.1", "p11.1 - p11.0", "p10.1 + p11.1 - p10.0 - p11.0"},
    )
    assert terms("mediation_full_monotonicity", "delta1") == terms("mediation_full_monotonicity", "delta0")


def test_total_effect_is_shared_out() -> None:
    """δ(1) + ζ(0) is the total effect: at every vertex of the data the bounds mirror each other."""
    model = catalogue.load("mediation_randomization")
    delta, zeta = model.bound("delta1"), model.bound("zeta0")
    data = {cell.name: "1/4" for block in delta.arms for cell in block.cells}
    low, high = delta.evaluate(data)
    direct_low, direct_high = zeta.evaluate(data)
    assert (low + direct_high, high + direct_low) == (0, 0)


# ---------------------------------------------------------------- Supplement A
def total(counted: str, person: dict[str, int]) -> int:
    """How often a sum over y and m of ψ counts a person, such as "1ym1 y1m0": indices are y1, y0, m1, m0."""
    kind = "".join(str(person[name]) for name in ("y1", "y0", "m1", "m0"))
    return sum(
        index.replace("y", str(y)).replace("m", str(m)) == kind
        for index in counted.split()
        for y, m in product((0, 1), repeat=2)
    )


def test_equation_10_as_printed_is_another_mean() -> None:
    """Printed is ψ_{1ym1} + ψ_{1ym0}, which is E[Y(1, 1)]; E[Y(1, M(0))] is ψ_{1ym1} + ψ_{y1m0}."""
    wrong = []
    for values in product((0, 1), repeat=4):
        person = dict(zip(("y1", "y0", "m1", "m0"), values, strict=True))
        truth = person["y1"] if person["m0"] else person["y0"]
        assert total("1ym1 y1m0", person) == truth
        assert total("1ym1 1ym0", person) == person["y1"]
        wrong += [values] if person["y1"] != truth else []
    assert wrong == [(0, 1, 0, 0), (0, 1, 1, 0), (1, 0, 0, 0), (1, 0, 1, 0)]


def test_bounds_from_equation_10_as_printed_are_not_those_of_proposition_1() -> None:
    mmr = catalogue.load("mediation_mmr")
    printed = mmr.bound("E[Y(1, M(1)) - Y(1, 1)]", name="printed")
    assert (shown(printed, "lower"), shown(printed, "upper")) == ({"-p00.1"}, {"p10.1"})
    assert terms("mediation_mmr", "delta1") == ({"-ATM", "-p01.1"}, {"ATM", "p11.1"})
    # One kind of person: Y(1, 1) = 1, Y(1, 0) = 0, M(1) = 1, M(0) = 0. The effect is one.
    witness = {"P(Y=0,M=0|A=0)": 1, "P(Y=1,M=1|A=1)": 1}
    assert mmr.bound("delta1").evaluate(witness) == (0, 1)
    assert printed.evaluate(witness) == (0, 0)
