"""Simulation: how often the intervals cover what they should, at populations that are known exactly.

Every replication draws a sample of a population whose sharp bounds are known, and runs the same code as `estimate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import chain, islice
from typing import Protocol

import numpy as np

from boundgen import catalogue
from boundgen.bounds.closed_form import Bounds
from boundgen.data.observed import ObservedData
from boundgen.derivation import derive
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.bootstrap import percentile_side
from boundgen.inference.cautions import cautions
from boundgen.inference.conditional_test import Projection
from boundgen.inference.cox_shi import sides_of_terms
from boundgen.inference.directional import directional_side, nearly_active
from boundgen.inference.estimated_bounds import ROUNDING, Interval
from boundgen.inference.estimated_terms import EstimatedTerms, estimated_terms
from boundgen.inference.from_data import sample_of
from boundgen.inference.intersection import one_side, value_test
from boundgen.inference.inversion import Position
from boundgen.inference.names import METHODS as NAMES
from boundgen.inference.resampling import Resampling, joint_interval, resampling_of
from boundgen.inference.sample import UNSEEN
from boundgen.inference.stoye import RegularSide, active_ends, stoye_interval
from boundgen.inference.strata_arrays import StrataArrays, strata_arrays
from boundgen.inference.strata_test import StrataTest
from boundgen.inference.subsampling import FEWEST as FEWEST_IN_PART
from boundgen.inference.subsampling import part_sizes, shrinkage_of, subsampled_side
from boundgen.language.model import Model
from boundgen.simulation.designs import SampleDesign

DEFAULT, *_ = NAMES
LEVEL = 0.95
# Of each side of the interval of the set.
OUTER = 1 - (1 - LEVEL) / 2
DRAWS = 2000
FEWEST_PER_ARM = 30
# What a study of at least 1000 replications should find, sampling error of the study included.
COVERAGE_GOAL, HALF_MEDIAN_GOAL, PLUG_IN_LIMIT = 0.92, 0.46, 0.40
# Of both ends, below and from so many units on; and of samples of which a note warns.
MANY = 1000
TWO_SIDED_GOALS = 0.93, 0.94
WARNED_GOAL = 0.90
# Methods that test each value by a distance.
BY_DISTANCE = ("cox-shi", "numeric")


@dataclass(frozen=True)
class KnownBounds:
    """A distribution of the cells, exact, and the bounds there.

    Parameters
    ----------
    name : str
    bounds : Bounds
        Of a model whose arms are complete.
    cells : mapping of name to Fraction
        That the model allows.
    design : SampleDesign
        How it is sampled.
    strata : StrataArrays or None
        The model as a program, for intervals that need no closed form.
    """

    name: str
    bounds: Bounds
    cells: Mapping[str, Fraction]
    design: SampleDesign = SampleDesign()
    strata: StrataArrays | None = None

    @property
    def truth(self) -> tuple[Fraction, Fraction]:
        """The sharp bounds."""
        return self.bounds.evaluate(self.cells)

    @property
    def active(self) -> tuple[int, int]:
        """How many terms give the lower, and the upper bound."""
        low, high = self.bounds.active(self.cells)
        return len(low), len(high)


@dataclass(frozen=True)
class Unwarned:
    """What intervals did in the replications whose sample has no note that warns of it.

    Parameters
    ----------
    replications : int
    parameter : (lower, upper) or None
        How often the interval of the parameter covers it at either end; None where there is none.
    whole : float
        How often the interval of the set covers all of it.
    """

    replications: int
    parameter: tuple[float, float] | None
    whole: float


@dataclass(frozen=True)
class Coverage:
    """What one method did at one population and sample size, in shares of replications.

    Parameters
    ----------
    population, method : str
    tied : bool
        Whether several terms give each bound.
    n, replications : int
    plug_in, half_median, one_sided : (lower, upper)
        How often the plug-in bound, the bound at one half and the one at 0.95 lie on the outer side of the truth. The
        last two should be at least 0.5 and 0.95.
    parameter : (lower, upper) or None
        How often the 0.95 interval of the parameter covers it if it is the lower, or the upper end of the sharp bounds.
    slack : (lower, upper)
        How far outside the truth the bound at 0.95 lies on average; NaN where only the truth was tested.
    whole : float
        How often the 0.95 interval of the set covers all of it.
    unwarned : Unwarned
    """

    population: str
    method: str
    tied: bool
    n: int
    replications: int
    plug_in: tuple[float, float]
    half_median: tuple[float, float]
    one_sided: tuple[float, float]
    parameter: tuple[float, float] | None
    slack: tuple[float, float]
    whole: float
    unwarned: Unwarned


class AnySide(Protocol):
    """One side of the bounds, as a lower bound."""

    def covers(self, truth: float, level: float) -> bool: ...

    def bound(self, level: float, /) -> float: ...


class SideWithBound(Protocol):
    def bound(self, level: float) -> float: ...


@dataclass(frozen=True)
class BoundedSide:
    """A side whose bounds at each level are computed.

    Parameters
    ----------
    side : object with a method bound(level)
    """

    side: SideWithBound

    def covers(self, truth: float, level: float) -> bool:
        """Whether the bound is not above."""
        return self.side.bound(level) <= truth + ROUNDING

    def bound(self, level: float) -> float:
        """Below the truth with this probability."""
        return self.side.bound(level)


@dataclass(frozen=True)
class SideOfTest:
    """A side whose test is asked of the truth alone: to look for where rejection begins would take long.

    Parameters
    ----------
    test : function of value to Projection
    """

    test: Callable[[float], Projection]

    def covers(self, truth: float, level: float) -> bool:
        """Whether the truth is not rejected."""
        return not self.test(truth).rejected(level)

    def bound(self, _level: float) -> float:
        """Not looked for."""
        return np.nan


# ---------------------------------------------------------------- populations
NO_TIE, TIE, NEAR_TIE = (
    "4/10 1/10 4/10 1/10 | 3/20 3/10 1/10 9/20",
    "3/8 1/8 3/8 1/8 | 1/4 1/4 1/4 1/4",
    "3/8 1/8 3/8 1/8 | 1/4 23/100 1/4 27/100",
)
RARE = "97/100 1/100 1/50 0 | 93/100 1/50 1/50 3/100"
APART = "2/5 1/10 3/10 1/5 | 1/5 3/20 1/10 11/20"
RARE_INSTRUMENT = "9/10 1/20 1/25 1/100 | 17/20 1/20 3/50 1/25"
INSTRUMENT_TIES = "1/4 1/4 1/4 1/4 | 1/4 1/4 1/4 1/4"
POINT = "7/10 3/10 | 1/2 1/2"
RARE_POINT = "99/100 1/100 | 97/100 3/100"
MEDIATION, INSTRUMENT, EXPERIMENT = "mediation_mmr", "iv_ate", "experiment"
SMALL_ARM = SampleDesign(ratio=(9, 1))
# A row for each population: its name, its model, the shares of cells arm by arm, and how it is sampled.
POPULATIONS: tuple[tuple[str, str, str, SampleDesign], ...] = (
    ("mediation, no tie", MEDIATION, NO_TIE, SampleDesign()),
    ("mediation, tie", MEDIATION, TIE, SampleDesign()),
    ("mediation, near tie", MEDIATION, NEAR_TIE, SampleDesign()),
    ("mediation, rare", MEDIATION, RARE, SampleDesign()),
    ("mediation, 9:1", MEDIATION, NO_TIE, SMALL_ARM),
    ("mediation, 60 clusters", MEDIATION, NO_TIE, SampleDesign(clusters=60, likeness=0.3)),
    ("mediation, 20 clusters", MEDIATION, NO_TIE, SampleDesign(clusters=20, likeness=0.3)),
    ("mediation, 60 uneven", MEDIATION, NO_TIE, SampleDesign(clusters=60, likeness=0.3, uneven=1.0)),
    ("mediation, 20 uneven", MEDIATION, NO_TIE, SampleDesign(clusters=20, likeness=0.3, uneven=1.0)),
    ("mediation, weights", MEDIATION, NO_TIE, SampleDesign(spread=1.5)),
    ("instrument, no tie", INSTRUMENT, APART, SampleDesign()),
    ("instrument, ties", INSTRUMENT, INSTRUMENT_TIES, SampleDesign()),
    ("instrument, rare", INSTRUMENT, RARE_INSTRUMENT, SampleDesign()),
    ("instrument, 9:1", INSTRUMENT, APART, SMALL_ARM),
    ("instrument, 60 clusters", INSTRUMENT, APART, SampleDesign(clusters=60, likeness=0.3)),
    ("instrument, 20 clusters", INSTRUMENT, APART, SampleDesign(clusters=20, likeness=0.3)),
    ("instrument, 60 uneven", INSTRUMENT, APART, SampleDesign(clusters=60, likeness=0.3, uneven=1.0)),
    ("instrument, 20 uneven", INSTRUMENT, APART, SampleDesign(clusters=20, likeness=0.3, uneven=1.0)),
    ("instrument, weights", INSTRUMENT, APART, SampleDesign(spread=1.5)),
    ("experiment", EXPERIMENT, POINT, SampleDesign()),
    ("experiment, rare", EXPERIMENT, RARE_POINT, SampleDesign()),
    ("experiment, 9:1", EXPERIMENT, RARE_POINT, SMALL_ARM),
    ("experiment, 20 clusters", EXPERIMENT, POINT, SampleDesign(clusters=20, likeness=0.3)),
    ("experiment, 60 uneven", EXPERIMENT, POINT, SampleDesign(clusters=60, likeness=0.3, uneven=1.0)),
    ("experiment, 20 uneven", EXPERIMENT, POINT, SampleDesign(clusters=20, likeness=0.3, uneven=1.0)),
    ("experiment, weights", EXPERIMENT, POINT, SampleDesign(spread=1.5)),
)
# The effect of a randomized treatment: a point.
EXPERIMENT_MODEL = """model experiment
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
observe P(Y | A)
estimand effect = E[Y(1) - Y(0)]
"""


@cache
def populations() -> tuple[KnownBounds, ...]:
    """Those of the table: terms far from ties, at ties and close to them, rare cells, and so on."""
    derived = {
        MEDIATION: derive(catalogue.load(MEDIATION), ["delta1"]),
        INSTRUMENT: derive(catalogue.load(INSTRUMENT), ["ate"]),
        EXPERIMENT: derive(Model.parse(EXPERIMENT_MODEL)),
    }
    bounds = {name: each.bounds[0] for name, each in derived.items()}
    strata = {name: strata_arrays(each.problem.posed[0], {}) for name, each in derived.items()}
    return tuple(
        KnownBounds(name, bounds[model], arm_shares(bounds[model], *shares.split("|")), design, strata[model])
        for name, model, shares, design in POPULATIONS
    )


def arm_shares(bounds: Bounds, *shares: str) -> dict[str, Fraction]:
    """The cells of each arm, from their shares in its order."""
    return {
        cell.name: Fraction(share)
        for model_arm, listed in zip(bounds.arms, shares, strict=True)
        for cell, share in zip(model_arm.cells, listed.split(), strict=True)
    }


def missed_goals(coverages: Iterable[Coverage]) -> list[str]:
    """Where intervals that hold at ties cover too rarely, and where plug-in bounds at ties do better than they should.

    Of the methods that test values (Cox & Shi 2023) only two-sided intervals are asked for: they give no other.
    """
    missed = []
    for row in coverages:
        if row.method not in (DEFAULT, *BY_DISTANCE):
            continue
        goals = [*_goals(row)]
        if row.method == DEFAULT and row.tied and max(row.plug_in) >= PLUG_IN_LIMIT:
            missed.append(f"{row.population}, n = {row.n}: plug-in {max(row.plug_in):.3f} >= {PLUG_IN_LIMIT}")
        by = "" if row.method == DEFAULT else f" ({row.method})"
        missed += [
            f"{row.population}{by}, n = {row.n}: {what} {got:.3f} < {goal}" for what, got, goal in goals if got < goal
        ]
    return missed


def _goals(row: Coverage) -> Iterator[tuple[str, float, float]]:
    """What is asked of shares: what it is, how large it was, and how large it should be."""
    if row.method == DEFAULT:
        yield "one-sided coverage", min(row.one_sided), COVERAGE_GOAL
    if row.n >= MANY and row.method == DEFAULT:
        yield "half-median-unbiasedness", min(row.half_median), HALF_MEDIAN_GOAL
    # Of a sample whose units warn of it, less is promised; a share of few replications says little.
    silent = row.unwarned
    if silent.replications * 2 >= row.replications:
        goal = two_sided_goal(row.n)
        yield "coverage of the set without a warning", silent.whole, goal
        if silent.parameter:
            yield "coverage of the parameter without a warning", min(silent.parameter), goal
    if row.parameter:
        yield "coverage of the parameter", min(row.parameter), WARNED_GOAL


def two_sided_goal(n: int) -> float:
    """Of intervals of n units without a warning."""
    return TWO_SIDED_GOALS[n >= MANY]


# ---------------------------------------------------------------- replications
def coverage(population: KnownBounds, n: int, replications: int, seed: int = 1, draws: int = DRAWS) -> list[Coverage]:
    """One row for each method.

    Parameters
    ----------
    population : KnownBounds
    n : int
        Units in all arms, which share them equally.
    replications : int
    seed : int
    draws : int
        For critical values and of resamples in each replication: fewer than in an estimate that is published, since
        their errors average out over replications.

    Raises
    ------
    DataError
        For samples or numbers of replications that are too small.
    """
    if replications < 1 or n < FEWEST_PER_ARM * len(population.bounds.arms):
        raise DataError(
            f"{replications} replications of samples of {n} units",
            remedy=f"At least one, and {FEWEST_PER_ARM} units in each arm.",
        )
    seen: dict[str, list[list[float]]] = {}
    for number, data in enumerate(_samples(population, n, replications, seed)):
        for method, line in _replication(population, data, seed + number, draws):
            seen.setdefault(method, []).append(line)
    tied = min(population.active) > 1
    return [summary(population.name, method, tied, n, np.array(lines)) for method, lines in seen.items()]


def _samples(population: KnownBounds, n: int, replications: int, seed: int) -> Iterator[ObservedData]:
    chance = np.random.default_rng([seed, n])
    return islice(population.design.samples(population.bounds.arms, population.cells, n, chance), replications)


def _replication(
    population: KnownBounds, data: ObservedData, seed: int, draws: int
) -> Iterator[tuple[str, list[float]]]:
    bounds, sample = population.bounds, sample_of(data)
    drawn = resampling_of(data, sample)
    lower = estimated_terms(bounds.lower.terms, bounds.denominator, sample, {})
    upper = estimated_terms(bounds.upper.terms, bounds.denominator, sample, {}, sign=-1)
    low, high = map(float, population.truth)
    plug_in = float(lower.values.max()), float(upper.values.max())
    noted = bool(cautions(sample, [bounds]))
    answers = _methods(lower, upper, drawn, (low, high), seed, draws)
    if population.strata:
        answers = chain(answers, [_numeric(StrataTest(population.strata, sample), (low, high))])
    for method, sides, covered in answers:
        line: list[float] = []
        for side, estimate, truth in zip(sides, plug_in, (low, -high), strict=True):
            line += [estimate <= truth + ROUNDING, side.covers(truth, 0.5), side.covers(truth, LEVEL)]
            line.append(truth - side.bound(LEVEL))
        both = all(side.covers(end, OUTER) for side, end in zip(sides, (low, -high), strict=True))
        yield method, [*line, *(covered or (np.nan, np.nan)), both, noted]


Answer = tuple[str, tuple[AnySide, AnySide], tuple[bool, bool] | None]


def _methods(
    lower: EstimatedTerms, upper: EstimatedTerms, drawn: Resampling, truth: Interval, seed: int, draws: int
) -> Iterator[Answer]:
    """Each method's two sides, and whether its parameter interval covers the ends."""
    sample, n = drawn.sample, drawn.sample.n
    first, second = (one_side(terms, sample.smoothed, n, seed, draws) for terms in (lower, upper))
    test = value_test(lower, upper, sample.smoothed, n, 1 - LEVEL, seed, draws)
    yield (
        "intersection",
        (BoundedSide(first), BoundedSide(second)),
        (test.excess(truth[0]) <= 0, test.excess(truth[1]) <= 0),
    )

    values = sides_of_terms(lower, upper, sample)
    sides = (
        SideOfTest(lambda end: values.one(0).at(Position.of(end))),
        SideOfTest(lambda end: values.one(1).at(Position.of(-end))),
    )
    yield "cox-shi", sides, _accepted(values.both, truth)

    ends, _, _ = active_ends(lower, upper, sample.smoothed)
    regular = (
        BoundedSide(RegularSide(ends.low, ends.low_error)),
        BoundedSide(RegularSide(-ends.high, ends.high_error)),
    )
    yield "stoye", regular, _covers(stoye_interval(ends, LEVEL, n), truth)

    moves = drawn.moves(draws, seed, UNSEEN)
    low, high = (directional_side(terms, nearly_active(terms, sample), moves, sample) for terms in (lower, upper))
    yield "directional", (BoundedSide(low), BoundedSide(high)), _covers(joint_interval(low, high, LEVEL, n), truth)

    sizes = [arm.size for arm in drawn.arms or ()]
    parts = part_sizes(sizes) if sizes else []
    if min(parts, default=0) >= FEWEST_IN_PART:
        part_moves, shrinkage = drawn.parts(parts, draws, seed), shrinkage_of(parts, sizes)
        low, high = (subsampled_side(terms, part_moves, shrinkage) for terms in (lower, upper))
        yield "subsampling", (BoundedSide(low), BoundedSide(high)), _covers(joint_interval(low, high, LEVEL, n), truth)

    moves = drawn.moves(draws, seed)
    first_side, second_side = (BoundedSide(percentile_side(terms, moves)) for terms in (lower, upper))
    yield "bootstrap", (first_side, second_side), None


def _numeric(test: StrataTest, truth: Interval) -> Answer:
    """What there is without a closed form: the program over strata."""
    sides = (
        SideOfTest(lambda end: test.at(Position.of(end), "lower")),
        SideOfTest(lambda end: test.at(Position.of(-end), "upper")),
    )
    return "numeric", sides, _accepted(test, truth)


class ValuesTest(Protocol):
    def at(self, position: Position, /) -> Projection: ...


def _accepted(test: ValuesTest, truth: Interval) -> tuple[bool, bool]:
    low, high = (not test.at(Position.of(end)).rejected(LEVEL) for end in truth)
    return low, high


def _covers(interval: Interval | None, truth: Interval) -> tuple[bool, bool]:
    if interval is None:
        return False, False
    low, high = interval[0] - ROUNDING, interval[1] + ROUNDING
    return low <= truth[0] <= high, low <= truth[1] <= high


def summary(population: str, method: str, tied: bool, n: int, lines: Array) -> Coverage:
    """The means over replications, of which each is a line.

    Of each side four figures, then two of the parameter, whether the set interval covers, and whether a note warns.
    """
    means = [float(mean) for mean in lines.mean(axis=0)]
    pairs = [(means[i], means[i + 4]) for i in range(4)]
    parameter = None if np.isnan(means[8]) else (means[8], means[9])
    silent = lines[lines[:, 11] == 0]
    low, high, whole = (float(mean) for mean in silent[:, 8:11].mean(axis=0)) if len(silent) else (np.nan,) * 3
    unwarned = Unwarned(len(silent), None if np.isnan(low) else (low, high), whole if len(silent) else 0.0)
    return Coverage(
        population, method, tied, n, len(lines), pairs[0], pairs[1], pairs[2], parameter, pairs[3], means[10], unwarned
    )
