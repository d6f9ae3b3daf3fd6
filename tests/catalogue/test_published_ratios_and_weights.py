"""Ratios and weights of the catalogue give, at data, what their sources print.

The formulas are written here as the sources have them, not as boundgen prints them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest

from boundgen import evaluate
from support.catalogue import derived, random_counts

Interval = tuple[Fraction, Fraction]
Formula = Callable[[Mapping[str, Fraction]], Interval | None]


class Law:
    """Probabilities of events of a complete joint distribution, by name: ``P("Y=1,X=0")``, ``P("Y=1", "X=0")``."""

    def __init__(self, cells: Mapping[str, Fraction]) -> None:
        self.cells = {frozenset(name[2:-1].split(",")): p for name, p in cells.items()}

    def __call__(self, event: str, given: str = "") -> Fraction:
        return self._sum(f"{event},{given}") / self._sum(given) if given else self._sum(event)

    def _sum(self, event: str) -> Fraction:
        parts = {part for part in event.split(",") if part}
        return sum((p for cell, p in self.cells.items() if parts <= cell), Fraction(0))


def mts_risk1(cells: Mapping[str, Fraction]) -> Interval:
    """Manski & Pepper (2000): E[Y(t)] is at most E[Y | X=t] where the treated are better off."""
    p = Law(cells)
    return p("Y=1,X=1"), p("Y=1", "X=1")


def mts_ate(cells: Mapping[str, Fraction]) -> Interval:
    p = Law(cells)
    return -p("Y=0,X=1") - p("Y=1,X=0"), p("Y=1", "X=1") - p("Y=1", "X=0")


def mtr_mts(t: int) -> Formula:
    """Manski & Pepper (2000), Proposition 2: those below t have at most, those above at least, E[Y | X=t]."""

    def formula(cells: Mapping[str, Fraction]) -> Interval:
        p = Law(cells)
        below, above = (sum((p(f"X={u}") for u in us), Fraction(0)) for us in (range(t), range(t + 1, 4)))
        low = sum((p(f"Y=1,X={u}") for u in range(t)), Fraction(0)) + (1 - below) * p("Y=1", f"X={t}")
        high = sum((p(f"Y=1,X={u}") for u in range(t + 1, 4)), Fraction(0)) + (1 - above) * p("Y=1", f"X={t}")
        return low, high

    return formula


def mtr_mts_ate30(cells: Mapping[str, Fraction]) -> Interval:
    p = Law(cells)
    return Fraction(0), p("Y=1", "X=3") - p("Y=1", "X=0")


def miv(levels: int) -> Formula:
    """Manski & Pepper (2000), Proposition 1: the best bound below v, and above it, mixed by the shares of v."""

    def formula(cells: Mapping[str, Fraction]) -> Interval:
        p = Law(cells)
        low = [p("Y=1,X=1", f"V={v}") for v in range(levels)]
        high = [1 - p("Y=0,X=1", f"V={v}") for v in range(levels)]
        shares = [p(f"V={v}") for v in range(levels)]
        return (
            sum((w * max(low[: v + 1]) for v, w in enumerate(shares)), Fraction(0)),
            sum((w * min(high[v:]) for v, w in enumerate(shares)), Fraction(0)),
        )

    return formula


def risk_ratio(cells: Mapping[str, Fraction]) -> Interval:
    """Manski (1990) for each risk; both ends are reached at once."""
    p = Law(cells)
    return p("Y=1,X=1") / (1 - p("Y=0,X=0")), (1 - p("Y=0,X=1")) / p("Y=1,X=0")


def attributable(cells: Mapping[str, Fraction]) -> Interval:
    """Robins & Greenland (1989)."""
    p = Law(cells)
    return -p("Y=0,X=1") / p("Y=1"), p("Y=1,X=1") / p("Y=1")


PUBLISHED: dict[tuple[str, str], Formula] = {
    ("mts_ate", "risk1"): mts_risk1,
    ("mts_ate", "ate"): mts_ate,
    ("mtr_mts_x4", "risk1"): mtr_mts(1),
    ("mtr_mts_x4", "risk2"): mtr_mts(2),
    ("mtr_mts_x4", "ate30"): mtr_mts_ate30,
    ("miv_v3", "risk1"): miv(3),
    ("risk_ratio", "rr"): risk_ratio,
    ("risk_ratio", "attributable"): attributable,
}


@pytest.mark.parametrize(("name", "estimand"), PUBLISHED)
def test_bounds_at_data_are_the_published_ones(name: str, estimand: str) -> None:
    chance, compared = random.Random(f"{name} {estimand}"), 0
    for _ in range(200):
        counts = random_counts(derived(name).model, chance)
        cells = {cell: Fraction(count, sum(counts.values())) for cell, count in counts.items()}
        (found,) = (each for each in evaluate(derived(name), cells) if each.estimand == estimand)
        wanted = PUBLISHED[name, estimand](cells)
        if found.lower is not None and wanted[0] <= wanted[1]:
            assert (found.lower, found.upper) == wanted
            compared += 1
    assert compared >= 5
