"""Multisite trials whose effects are known: one that meets the nine assumptions, and one that violates each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundgen.exact.arrays import Array

# What is violated, and how.
VIOLATIONS: Mapping[str, str] = {
    "none": "all nine assumptions hold",
    "(i)": "the outcome depends on the first mediator of others in the same site and arm",
    "(ii)": "the treatment has a direct effect on the outcome",
    "(iii)": "three doses; the second step moves the first mediator most where its effect is large",
    "(iv)": "the outcome is a square of the first mediator",
    "(v)": "the first mediator affects the second",
    "(vi)": "within sites, those whom the treatment moves more have larger effects",
    "(vii)": "sites where the treatment moves the first mediator more have larger effects",
    "(viii)": "a hidden cause of the outcome decides who is treated",
    "(ix)": "compliances of the two mediators are almost proportional across sites",
}
DIRECT, UPSTREAM = 1.0, 0.8
SECOND = -0.5
MEANS = (1.0, 0.4)
SPREAD, PEERS, SHORTCUT, CURVE, COVARYING, BENT, SELECTION = 0.5, 0.5, 0.6, 0.5, 2.0, 0.8, 1.0


@dataclass(frozen=True, eq=False)
class Trial:
    """A sample of a population, with what is true of it.

    Parameters
    ----------
    columns : mapping of str to arrays of shape (n,)
        ``y``, ``t``, ``m1``, ``m2``, and ``site``.
    truth : (float, float)
        The average effect of one unit of each mediator, from its level without treatment, in the population.
    """

    columns: Mapping[str, Any]
    truth: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Units:
    """What units bring with them."""

    site: Any
    hidden: Array
    before: Array
    moved: Array
    effects: Array


def trial(violation: str, sites: int, units: int, chance: np.random.Generator) -> Trial:
    """Draw a multisite trial.

    Parameters
    ----------
    violation : str
        A key of `VIOLATIONS`.
    sites, units : int
        How many sites, and how many units in each.
    chance : numpy.random.Generator

    >>> trial("(v)", 4, 10, np.random.default_rng(1)).truth  # the direct effect is 1; 0.8 of a unit of m2 adds -0.4
    (0.6, -0.5)
    """
    who = _units(violation, sites, units, chance)
    t = _treatment(violation, who, chance)
    mediators = _mediators(violation, who, t)
    y = who.hidden + chance.normal(size=len(t)) + np.sum(who.effects * mediators, axis=1)
    y += _violated(violation, who, t, mediators)
    columns = {"y": y, "t": t, "m1": mediators[:, 0], "m2": mediators[:, 1], "site": who.site}
    return Trial(columns, _truth(violation))


def _units(violation: str, sites: int, units: int, chance: np.random.Generator) -> _Units:
    site = np.repeat(np.arange(sites), units)
    compliance = np.column_stack([chance.uniform(-1, 1, sites) + mean for mean in MEANS])
    if violation == "(ix)":
        compliance[:, 1] = 0.5 * compliance[:, 0] + 0.05 * chance.normal(size=sites)
    average = np.array([DIRECT, SECOND]) + 0.1 * chance.normal(size=(sites, 2))
    if violation == "(vii)":
        average[:, 0] += BENT * (compliance[:, 0] - MEANS[0])
    n = len(site)
    hidden = 0.7 * chance.normal(size=n) + 0.5 * chance.normal(size=sites)[site]
    own = SPREAD * chance.normal(size=(n, 2))
    effects = average[site] + SPREAD * chance.normal(size=(n, 2))
    if violation == "(vi)":
        effects[:, 0] += COVARYING * own[:, 0]
    before = 0.7 * hidden[:, None] + 0.3 * chance.normal(size=(n, 2))
    return _Units(site, hidden, before, compliance[site] + own, effects)


def _treatment(violation: str, who: _Units, chance: np.random.Generator) -> Array:
    n = len(who.site)
    if violation == "(iii)":
        return chance.integers(0, 3, n).astype(np.float64)
    odds = SELECTION * who.hidden if violation == "(viii)" else np.zeros(n)
    return (chance.random(n) < 1 / (1 + np.exp(-odds))).astype(np.float64)


def _mediators(violation: str, who: _Units, t: Array) -> Array:
    found = who.before + who.moved * t[:, None]
    if violation == "(iii)":
        found[:, 0] += (t == 2) * COVARYING * (who.effects[:, 0] - DIRECT)
    if violation == "(v)":
        found[:, 1] += UPSTREAM * found[:, 0]
    return found


def _violated(violation: str, who: _Units, t: Array, mediators: Array) -> Array:
    """What a violation adds to the outcome."""
    if violation == "(i)":
        arms = (2 * who.site + t).astype(int)
        sums, counts = np.bincount(arms, weights=mediators[:, 0]), np.bincount(arms)
        return np.asarray(PEERS * (sums[arms] - mediators[:, 0]) / np.maximum(1, counts[arms] - 1))
    if violation == "(ii)":
        return SHORTCUT * t
    if violation == "(iv)":
        return np.asarray(CURVE * mediators[:, 0] ** 2)
    return np.zeros(len(t))


def _truth(violation: str) -> tuple[float, float]:
    if violation == "(iv)":
        # The mediator is zero on average without treatment: its first unit adds CURVE.
        return DIRECT + CURVE, SECOND
    return (DIRECT + UPSTREAM * SECOND if violation == "(v)" else DIRECT), SECOND


def compliance_trial(units: int, chance: np.random.Generator) -> tuple[Mapping[str, Any], float, float]:
    """One site, one mediator, and effects that covary with compliance: the columns, E Δ, and equation (5).

    >>> compliance_trial(10, np.random.default_rng(1))[1:]  # 1, and 1 + cov(Γ, Δ) / E Γ
    (1.0, 1.5)
    """
    own = SPREAD * chance.normal(size=units)
    moved, effects = MEANS[0] + own, DIRECT + COVARYING * own
    hidden, t = chance.normal(size=units), chance.integers(0, 2, units).astype(np.float64)
    m = hidden + moved * t
    columns = {"y": 2 * hidden + effects * m, "t": t, "m1": m, "site": np.zeros(units, dtype=int)}
    return columns, DIRECT, DIRECT + COVARYING * SPREAD**2 / MEANS[0]
