"""What independence buys in the catalogue: the table of the guide, computed again, and numbers that others print."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from boundgen import catalogue, derive, evaluate, read_data
from support.catalogue import INDEPENDENT
from support.paths import ROOT

PAGE = (ROOT / "docs" / "guide" / "independence.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.partition("## What it buys in the catalogue")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ") and " data " not in line and "---" not in line
]
PRINTED = ("outcome_selection", "nonresponse")


def ends(name: str, data: str, estimand: str, *, confounded: bool) -> str:
    model = catalogue.load(name)
    model = replace(model, causes=None) if confounded else model
    derived = derive(model, estimand, conditions=False, partial=True)
    (found,) = evaluate(derived, read_data(model, data))
    assert found.lower is not None
    assert found.upper is not None
    low, high = (f"{float(end):.4f}" for end in (found.lower, found.upper))
    return low if low == high else f"{low}, {high}"


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] not in PRINTED], ids=" ".join)
def test_the_table_of_the_guide(row: tuple[str, ...]) -> None:
    name, data, estimand, own, wide = row
    assert ends(name, data, estimand, confounded=False) == own
    assert ends(name, data, estimand, confounded=True) == wide


@pytest.mark.parametrize("row", [row for row in ROWS if row[0] in PRINTED], ids=" ".join)
def test_numbers_of_autobounds(row: tuple[str, ...]) -> None:
    """What its demonstration prints; and for nonresponse what the code that replicates the article computes."""
    if row[0] == "nonresponse":
        pytest.importorskip("pyscipopt")
    test_the_table_of_the_guide(row)
    low, high = map(float, row[3].split(", "))
    if row[0] == "outcome_selection":
        assert (round(low, 3), round(high, 3)) == (-0.494, 0.624)
    else:
        assert (low, high) == tuple(round(float(end), 4) for end in worst_cases())
        # In its tests an end in [-0.26, -0.24], and one in [0.74, 0.75].
        assert -0.26 <= low <= -0.24
        assert 0.74 <= high <= 0.75


def worst_cases() -> tuple[Fraction, Fraction]:
    """Those who do not answer have the outcome that is worst for an end (Manski 1990), by the counts."""
    lines = (ROOT / "boundgen" / "catalogue" / "data" / "nonresponse.csv").read_text(encoding="utf-8").splitlines()
    counts = {(x, y): int(n) for x, _, y, n in (line.split(",") for line in lines if line[0] in "01")}

    def share(x: str, *values: str) -> Fraction:
        return Fraction(sum(counts[x, y] for y in values), sum(counts[x, y] for y in ("0", "1", "")))

    return share("1", "1") - share("0", "1", ""), share("1", "1", "") - share("0", "1")


def test_every_model_with_independent_causes_is_in_the_table_but_one() -> None:
    assert {row[0] for row in ROWS} == {*INDEPENDENT} - {"chain"}


def test_the_front_door_of_the_primer() -> None:
    """The adjustment formula by hand, from Table 3.1: tar is of 95 per cent of the smokers, and of 5 of the others."""
    (found,) = evaluate("front_door", "smoking", estimands="ate")
    cancer = {
        (0, 0): Fraction(90, 100),
        (0, 1): Fraction(95, 100),
        (1, 0): Fraction(10, 100),
        (1, 1): Fraction(15, 100),
    }
    tar = {0: Fraction(5, 100), 1: Fraction(95, 100)}
    risk = {
        x: sum((tar[x] if m else 1 - tar[x]) * sum(cancer[other, m] / 2 for other in (0, 1)) for m in (0, 1))
        for x in (0, 1)
    }
    assert (risk[0], risk[1]) == (Fraction(5025, 10000), Fraction(5475, 10000))
    assert found.lower == found.upper == risk[1] - risk[0]
