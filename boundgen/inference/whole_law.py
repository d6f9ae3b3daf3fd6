"""Confidence limits of bounds by the whole law of an outcome: cross-fitted dual bounds (Ji, Lei & Spector 2023).

A lower bound is a maximum: over all dual solutions f of the linear program, of what the law gives them, E f. What a
dual solution must meet (the assumptions, the values) does not depend on the law, so E f is valid whatever f is (weak
duality), and sharp if f is optimal at the law. So f is chosen with one part of the sample and E f is estimated with the
rest, and the parts change roles: the mean over all units of the f chosen without their part. Given the other parts this
is a mean of independent terms, with a standard error and a normal limit. It is centred at or below the bound, so that
its one-sided limit covers at least as often as said: no enumeration, and nothing is lost where several f tie, where the
bound has a kink and a bootstrap of the program's value fails (Fang & Santos 2019). Limits of both sides at half the
error each cover the interval of the bounds.

Where no potential outcome of a stratum is seen in two groups of cells (Lee's bounds, mediation), the f of a part is a
dual solution at its empirical law; it is determined, at values that the part has not seen too, by few thresholds.
Otherwise (an instrument) it is a dual solution at laws within a small distance of that part's empirical law, in
cumulated cells: the program then exists even where the empirical law is none of the model's, and f varies little
between values that the part has not seen. The distance bears on how well f is chosen and not on whether the limits are
valid.

Of a ratio N / D, D identified, both are estimated so and the error is that of N - r D. Where D is not identified, the
lower limit is the greatest l for which N - l D is shown to be non-negative: if the bound is below l, this is not.

What is taken as given: the range of an outcome that the model does not state ends for is that of the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf, isinf, sqrt
from statistics import NormalDist

import numpy as np

from boundgen.data.observed import ObservedArm, ObservedData
from boundgen.errors import DataError
from boundgen.evaluation.law_program import SENSES, LawAt, LawProgram, Sense, Solved
from boundgen.evaluation.whole_law import ABOVE_LEAST, law_at, law_ends
from boundgen.exact.arrays import Array
from boundgen.strata.one_outcome import OutcomeProblem

FOLDS = 5
# Of 1 / sqrt(n), the distance within which the law of a part may be moved where its dual solution is chosen.
MOVED = 0.25
FEWEST_UNITS = 10
# So often is the interval halved in which a limit of a ratio is sought.
HALVINGS = 10
# So often the distance from the plug-in value is doubled before a limit is taken to be infinite.
DOUBLINGS = 40


@dataclass(frozen=True)
class LawEstimate:
    """The bounds of one estimand by the whole law of an outcome, with limits.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
    plug_in : (float, float) or (None, None)
        Bounds at the empirical law.
    interval : (float, float) or (None, None)
        Covers the interval between the bounds with the level at least, in large samples.
    distance : float
        As of `LawEvaluation`.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    plug_in: tuple[float | None, float | None]
    interval: tuple[float | None, float | None]
    distance: float


@dataclass(frozen=True, eq=False)
class _Arm:
    """An arm of one part: what stands in its cells, and of each fold."""

    units: Array
    totals: Array
    squares: Array
    folds: Array
    whole: float
    n: int

    def shares(self, fold: int) -> Array:
        """Shares of cells without a fold; the last entry is what is in no cell."""
        kept = np.divide(self.units - self.folds[fold], self.units, out=np.zeros(len(self.units)), where=self.units > 0)
        left = self.totals * kept
        shares: Array = left / left.sum()
        return shares


@dataclass(frozen=True, eq=False)
class LawSample:
    """The sample in parts (strata of covariates), arms and folds.

    Parameters
    ----------
    shares : array
        Of the parts.
    units : int
    arms : tuple of tuple of arms
    """

    shares: Array
    units: int
    arms: tuple[tuple[_Arm, ...], ...]


def law_sample(data: ObservedData, seed: int) -> LawSample:
    """Units, in folds at random within each arm.

    Returns
    -------
    LawSample

    Raises
    ------
    DataError
        For data that do not say how many units there are, or which are the same.
    """
    if any(source.kind == "probabilities" for source in data.sources):
        raise DataError("probabilities do not say how many units there are", remedy="Intervals need rows or counts.")
    if len({arm.observation for arm in data.arms}) > 1:
        raise DataError(
            "several observe statements may be about the same units",
            remedy="Intervals by a whole law are for one observe statement: leave --law out, or evaluate.",
        )
    parts = (data.arms,) if data.strata is None else data.strata.arms
    draw = np.random.default_rng(seed)
    arms = tuple(tuple(_arm(arm, draw) for arm in part) for part in parts)
    units = np.array([sum(arm.n for arm in part) for part in arms], dtype=float)
    shares = np.array([1.0]) if data.strata is None else units / units.sum()
    return LawSample(shares, int(units.sum()), arms)


def _arm(arm: ObservedArm, draw: np.random.Generator) -> _Arm:
    if arm.units is None or arm.units < FEWEST_UNITS:
        raise DataError(
            f"the arm {arm.name} has {arm.units or 0} units" if arm.name else f"there are {arm.units or 0} units",
            remedy=f"At least {FEWEST_UNITS} are needed for an interval by the whole law.",
        )
    rest = arm.whole.units - sum(amount.units for amount in arm.amounts)
    units = np.array([*(amount.units for amount in arm.amounts), rest], dtype=np.int64)
    totals = np.array([float(amount.total) for amount in arm.amounts])
    squares = np.array([float(amount.squares) for amount in arm.amounts])
    totals = np.append(totals, max(0.0, float(arm.whole.total) - totals.sum()))
    squares = np.append(squares, max(0.0, float(arm.whole.squares) - squares.sum()))
    cells = draw.permutation(np.repeat(np.arange(len(units)), units))
    folds = np.array([np.bincount(cells[fold::FOLDS], minlength=len(units)) for fold in range(FOLDS)])
    return _Arm(units.astype(float), totals, squares, folds.astype(float), float(totals.sum()), int(units.sum()))


def law_estimate(
    name: str,
    problem: OutcomeProblem,
    data: ObservedData,
    sample: LawSample,
    choice: Mapping[str, Fraction],
    level: float,
) -> LawEstimate:
    """Plug-in bounds and limits of one estimand at one choice of parameters.

    Returns
    -------
    LawEstimate
    """
    low, high, distance = law_ends(problem, law_at(problem, data), choice)
    if low is None or high is None:
        return LawEstimate(name, tuple(choice.items()), (None, None), (None, None), distance)
    z = NormalDist().inv_cdf(1 - (1 - level) / 2)
    fits = _Folds(problem, sample, choice)
    ends = [
        _limit(fits, sense, plug_in, (low, high), z) if problem.divided else fits.mean(sense).limit(sense, z)
        for sense, plug_in in zip(SENSES, (low, high), strict=True)
    ]
    least, most = fits.range()
    return LawEstimate(name, tuple(choice.items()), (low, high), (max(ends[0], least), min(ends[1], most)), distance)


@dataclass(frozen=True, eq=False)
class _Function:
    """For each fold a function of a unit, chosen without it: of each part, weights of cells and a constant."""

    sample: LawSample
    problem: OutcomeProblem
    chosen: tuple[Solved, ...]

    def plus(self, other: _Function, factor: float) -> _Function:
        """The sum with a multiple of another."""
        added = tuple(
            Solved(
                one.value + factor * two.value,
                tuple(
                    tuple(a + factor * b for a, b in zip(x, y, strict=True))
                    for x, y in zip(one.duals, two.duals, strict=True)
                ),
                tuple(a + factor * b for a, b in zip(one.constants, two.constants, strict=True)),
            )
            for one, two in zip(self.chosen, other.chosen, strict=True)
        )
        return _Function(self.sample, self.problem, added)

    def moments(self) -> tuple[float, float]:
        """The mean over units of the function that was chosen without them, and its standard error."""
        mean = variance = spread = 0.0
        for part, (share, arms) in enumerate(zip(self.sample.shares, self.sample.arms, strict=True)):
            value = 0.0
            for number, arm in enumerate(arms):
                weights = [self._weights(solved, part, number, len(arm.units)) for solved in self.chosen]
                centre, square = _arm_moments(arm, weights)
                value += centre
                variance += square
            units = np.array([arm.n for arm in arms], dtype=float)
            value += float(np.mean([solved.constants[part] for solved in self.chosen]))
            mean += value
            spread += value**2 / share if units.sum() else 0.0
        if len(self.sample.shares) > 1:
            # The shares of the parts are estimated too; the weights hold them as factors.
            variance += max(0.0, spread - mean**2) / self.sample.units
        return mean, sqrt(variance)

    def _weights(self, solved: Solved, part: int, number: int, size: int) -> Array:
        found = np.zeros(size)
        for group, dual in zip(self.problem.groups, solved.duals[part], strict=True):
            if group.arm == number:
                found[list(group.cells)] = dual
        return found

    def limit(self, sense: Sense, z: float) -> float:
        """The one-sided limit of its mean."""
        mean, error = self.moments()
        return mean - z * error if sense == "lower" else mean + z * error


def _arm_moments(arm: _Arm, weights: Sequence[Array]) -> tuple[float, float]:
    """The mean in an arm, each unit by the function of its fold, and its variance around what the arm gives each."""
    per_unit = np.divide(arm.totals, arm.units, out=np.zeros(len(arm.units)), where=arm.units > 0)
    square = np.divide(arm.squares, arm.units, out=np.zeros(len(arm.units)), where=arm.units > 0)
    mean = variance = 0.0
    for fold, values in zip(arm.folds, weights, strict=True):
        centre = float(arm.totals @ values) / arm.whole
        mean += float((fold * per_unit) @ values) / arm.whole
        variance += float((fold * square) @ (values - centre) ** 2) / arm.whole**2
    return mean, variance * arm.n / (arm.n - 1)


class _Folds:
    """The programs without each fold, at one choice of parameters."""

    def __init__(self, problem: OutcomeProblem, sample: LawSample, choice: Mapping[str, Fraction]) -> None:
        self.problem, self.sample, self.choice = problem, sample, choice
        self.small = MOVED / sqrt(sample.units)
        self.laws = [self._law(fold) for fold in range(FOLDS)]
        self.programs = [self._program(law) for law in self.laws]
        self.distances = [self._distance(program) for program in self.programs]

    def _law(self, fold: int) -> LawAt:
        cells = []
        for arms in self.sample.arms:
            shares = [arm.shares(fold) for arm in arms]
            cells.append(tuple(shares[group.arm][list(group.cells)] for group in self.problem.groups))
        return LawAt(tuple(float(share) for share in self.sample.shares), tuple(cells))

    def _program(self, law: LawAt) -> LawProgram:
        """At the law itself where nothing but shares can contradict the model, and they do not."""
        if self.problem.apart:
            program = LawProgram(self.problem, law, self.choice, every=True)
            return program if program.feasible() else LawProgram(self.problem, law, self.choice, "shares", every=True)
        return LawProgram(self.problem, law, self.choice, "cells", every=True)

    def _distance(self, program: LawProgram) -> float | None:
        if program.relaxed == "nothing":
            return None
        if program.relaxed == "shares":
            return program.distance() + ABOVE_LEAST
        near = program.end("lower", np.zeros(len(program.costs)), self.small)
        return self.small if near is not None else program.distance() + self.small

    def of(self, sense: Sense, costs: Sequence[Array]) -> _Function:
        """The dual solutions of linear quantities, one for each fold."""
        found = []
        for program, distance, cost in zip(self.programs, self.distances, costs, strict=True):
            solved = program.end(sense, cost, distance)
            assert solved is not None, "some population is within the distance"
            found.append(solved)
        return _Function(self.sample, self.problem, tuple(found))

    def mean(self, sense: Sense, divisor: float = 0.0) -> _Function:
        """Of the numerator, less a multiple of the divisor."""
        return self.of(sense, [program.costs - divisor * program.divisors for program in self.programs])

    def divisor(self) -> _Function | None:
        """The divisor as a function of the data; None where they do not identify it."""
        shares = self.problem.of_shares()
        if shares is None:
            return None
        chosen = []
        for law in self.laws:
            few = LawAt(law.shares, tuple(tuple(np.array([cell.sum()]) for cell in part) for part in law.cells))
            program = LawProgram(shares, few, self.choice, "cells", every=True)
            solved = program.end("lower", program.divisors, program.distance() + self.small)
            if solved is None or not program.is_function(program.divisors, solved):
                return None
            duals = tuple(
                tuple(np.repeat(dual, len(group.cells)) for group, dual in zip(self.problem.groups, part, strict=True))
                for part in solved.duals
            )
            chosen.append(replace(solved, duals=duals))
        return _Function(self.sample, self.problem, tuple(chosen))

    def range(self) -> tuple[float, float]:
        """The least and the greatest value of the estimand in the model, whatever the data."""
        program = LawProgram(self.problem, self.laws[0], self.choice, "cells", every=True)
        if self.problem.divided:
            low, high = (program.ratio(sense, None) for sense in SENSES)
        else:
            ends = [program.end(sense, program.costs, None) for sense in SENSES]
            low, high = (None if end is None else end.value for end in ends)
        return -inf if low is None else low, inf if high is None else high


def _limit(fits: _Folds, sense: Sense, plug_in: float, ends: tuple[float, float], z: float) -> float:
    """The limit of a ratio."""
    divisor = fits.divisor()
    if divisor is not None:
        below = fits.mean(sense, 0.0)
        over = divisor.moments()[0]
        if over <= 0:
            raise DataError("the divisor is not above zero in the sample", remedy="More units are needed.")
        ratio = below.moments()[0] / over
        error = below.plus(divisor, -ratio).moments()[1] / over
        return ratio - z * error if sense == "lower" else ratio + z * error
    return _sought(fits, sense, plug_in, ends, z)


def _sought(fits: _Folds, sense: Sense, plug_in: float, ends: tuple[float, float], z: float) -> float:
    """The outermost value that is not shown to be outside of the bounds, by halving."""
    sign = 1.0 if sense == "lower" else -1.0

    def shown(value: float) -> bool:
        limit = fits.mean(sense, value).limit(sense, z)
        return sign * limit >= 0

    if isinf(plug_in):
        return plug_in
    width = abs(plug_in) + 1 if any(map(isinf, ends)) else max(ends[1] - ends[0], 1e-9 + abs(ends[0]) / 1000)
    inner, outer = plug_in + sign * width / 2, plug_in - sign * width / 2
    for _ in range(DOUBLINGS):
        if shown(outer):
            break
        inner, outer = outer, outer - sign * (abs(outer - plug_in))
    else:
        return -sign * inf
    for _ in range(HALVINGS):
        middle = (inner + outer) / 2
        if shown(middle):
            outer = middle
        else:
            inner = middle
    return outer
