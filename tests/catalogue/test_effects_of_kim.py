"""Natural effects with an instrument whose law is known, held against populations that are known whole.

Kim (2022), On the Use of Instrumental Variables in Mediation Analysis: the true effects are equations (15) to (18),
the instrumental variable estimands (11) to (14).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest

from boundgen import evaluate
from support.catalogue import derived

NAME = "mediation_instrument_law"
Mediator = tuple[tuple[int, int], tuple[int, int]]  # M(d, z) is mediator[d][z]
Outcome = tuple[tuple[int, int], tuple[int, int]]  # Y(d, m) is outcome[d][m]
TABLES = [((a, b), (c, d)) for a, b, c, d in itertools.product((0, 1), repeat=4)]
MONOTONE = [m for m in TABLES if all(m[1][z] >= m[0][z] and m[z][1] >= m[z][0] for z in (0, 1))]
EFFECTS = {"nie0": (0, 1, 0, 0), "nie1": (1, 1, 1, 0), "nde0": (1, 0, 0, 0), "nde1": (1, 1, 0, 1)}


@dataclass(frozen=True)
class Population:
    """Shares of principal strata, and of Z = 0 and Z = 1."""

    shares: dict[tuple[Mediator, Outcome], Fraction]
    law: tuple[Fraction, Fraction]

    def mean(self, quantity: Callable[[Mediator, Outcome], int]) -> Fraction:
        return sum((share * quantity(m, y) for (m, y), share in self.shares.items()), Fraction(0))

    def cells(self) -> dict[str, Fraction]:
        found = {f"P(Z={z})": share for z, share in enumerate(self.law)}
        for y, m, d, z in itertools.product((0, 1), repeat=4):
            name = f"P(Y={y},M={m}|D={d},Z={z})"
            found[name] = self.mean(lambda k, o, y=y, m=m, d=d, z=z: k[d][z] == m and o[d][m] == y)
        return found

    def effect(self, name: str) -> Fraction:
        """The effect by its definition: the difference of Y(d, M(e)) and Y(f, M(g)), with Z as it is."""
        d, e, f, g = EFFECTS[name]
        return sum(
            (self.law[z] * self.mean(lambda m, y, z=z: y[d][m[e][z]] - y[f][m[g][z]]) for z in (0, 1)), Fraction(0)
        )

    def iv_estimand(self, name: str) -> Fraction | None:
        """Equations (11) to (14), of means by arm; None where the instrument moves nobody's mediator."""
        slopes, intercepts, mediators = [], [], []
        for d in (0, 1):
            y = [self.mean(lambda m, o, d=d, z=z: o[d][m[d][z]]) for z in (0, 1)]
            m = [self.mean(lambda k, _, d=d, z=z: k[d][z]) for z in (0, 1)]
            if m[0] == m[1]:
                return None
            slopes.append((y[1] - y[0]) / (m[1] - m[0]))
            intercepts.append(y[0] - slopes[d] * m[0])
            mediators.append(self.law[0] * m[0] + self.law[1] * m[1])
        level = int(name[-1])
        if name.startswith("nie"):
            return slopes[level] * (mediators[1] - mediators[0])
        return intercepts[1] - intercepts[0] + (slopes[1] - slopes[0]) * mediators[level]


def populations(number: int, same_effects: bool = False) -> Iterator[Population]:
    """Some with few strata, some with all; with the same effects for all where that is asked."""
    for seed in range(number):
        chance = random.Random(seed)
        strata = list(itertools.product(MONOTONE, TABLES))
        if same_effects:
            outcome = chance.choice(TABLES)
            strata = [(m, y) for m, y in strata if y == outcome]
        chosen = chance.sample(strata, min(len(strata), chance.choice((2, 4, 60))))
        weights = [chance.randrange(1, 20) for _ in chosen]
        shares = {stratum: Fraction(w, sum(weights)) for stratum, w in zip(chosen, weights, strict=True)}
        share = Fraction(chance.randrange(1, 10), 10)
        yield Population(shares, (1 - share, share))


def bounds_of(population: Population) -> dict[str, tuple[Fraction, Fraction]]:
    found = evaluate(derived(NAME), population.cells())
    assert {each.method for each in found} == {"closed form"}
    return {each.estimand: (each.lower, each.upper) for each in found}


def test_true_effects_are_within_the_bounds() -> None:
    for population in populations(40):
        bounds = bounds_of(population)
        for name in EFFECTS:
            low, high = bounds[name]
            assert low <= population.effect(name) <= high
        moved = (population.law[z] * population.mean(lambda m, _, z=z: m[1][z] - m[0][z]) for z in (0, 1))
        assert bounds["atm"] == (sum(moved),) * 2
        assert bounds["ate"] == (population.effect("nie1") + population.effect("nde0"),) * 2


def test_the_estimands_equal_the_effects_where_these_are_the_same_for_all() -> None:
    """Proposition 1 of the source."""
    compared = 0
    for population in populations(40, same_effects=True):
        for name in EFFECTS:
            printed = population.iv_estimand(name)
            if printed is not None:
                assert printed == population.effect(name)
                compared += 1
    assert compared > 50


@pytest.mark.parametrize("name", EFFECTS)
def test_the_estimands_may_lie_outside_the_bounds(name: str) -> None:
    """Where effects differ, monotonicity does not make the printed estimand a possible value of the effect."""
    outside = 0
    for population in populations(100):
        printed = population.iv_estimand(name)
        low, high = bounds_of(population)[name]
        outside += printed is not None and not low <= printed <= high
    assert outside
