"""How often intervals of a ratio cover its bounds, down to divisors that are hardly distinguished from zero.

The effect among those who survive with and without treatment, without monotonicity: its lower bound is divided by the
least share of survivors that the data allow. At the populations here that share is 0.5, 0.1 or 0.02, and the lower
bound is 0.6 at each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.derivation import derive
from boundgen.errors import DataError
from boundgen.inference.cautions import cautions
from boundgen.inference.cox_shi import sides_at_sample
from boundgen.inference.estimated_bounds import ROUNDING
from boundgen.inference.estimated_functions import EstimatedFunctions
from boundgen.inference.estimated_terms import EstimatedTerms, linearised, ratio
from boundgen.inference.from_data import counted_sample
from boundgen.inference.intersection import one_side
from boundgen.inference.inversion import ACCURACY, Inversion, Position, inversion
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, combined
from boundgen.language.model import Model
from boundgen.simulation.coverage import DRAWS, FEWEST_PER_ARM, LEVEL, OUTER, Coverage, summary

DIVISORS = ("1/2", "1/10", "1/50")
MODEL = """
model survivors "Effect among survivors, no monotonicity"
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""


@dataclass(frozen=True)
class RatioPopulation:
    """A distribution of the cells, exact.

    Parameters
    ----------
    name : str
    bounds : PiecewiseBounds
    cells : mapping of name to Fraction
    """

    name: str
    bounds: PiecewiseBounds
    cells: Mapping[str, Fraction]

    @property
    def truth(self) -> tuple[float, float]:
        """The sharp bounds."""
        low, high = self.bounds.evaluate(self.cells)
        assert low is not None
        assert high is not None
        return float(low), float(high)


@cache
def ratio_populations() -> tuple[RatioPopulation, ...]:
    """One for each divisor; the lower bound is one minus 2/5, whatever the divisor."""
    (bounds,) = derive(Model.parse(MODEL.strip() + "\n"), partial=True).piecewise
    return tuple(_population(bounds, Fraction(divisor)) for divisor in DIVISORS)


def _population(bounds: PiecewiseBounds, divisor: Fraction) -> RatioPopulation:
    few, many = divisor / 5, (1 + divisor) / 2 - divisor / 5
    cells = {
        "P(Y=0,S=1|A=0)": many,
        "P(Y=1,S=1|A=0)": few,
        "P(Y=0,S=1|A=1)": few,
        "P(Y=1,S=1|A=1)": many,
    }
    return RatioPopulation(f"survivors, {float(divisor):g}", bounds, cells)


# ---------------------------------------------------------------- replications
def ratio_coverage(
    population: RatioPopulation, n: int, replications: int, seed: int = 1, draws: int = DRAWS
) -> list[Coverage]:
    """A row for the inverted test, one for that of Cox & Shi, and one for the delta method.

    That takes fractions for what normal terms are.

    Parameters
    ----------
    population : RatioPopulation
    n : int
        Units in both arms, which share them equally.
    replications, seed, draws : int
        As for `coverage`.

    Returns
    -------
    list of Coverage

    Raises
    ------
    DataError
        For samples or numbers of replications that are too small.
    """
    if replications < 1 or n < 2 * FEWEST_PER_ARM:
        raise DataError(
            f"{replications} replications of samples of {n} units",
            remedy=f"At least one, and {FEWEST_PER_ARM} units in each arm.",
        )
    seen: dict[str, list[list[float]]] = {"intersection": [], "cox-shi": [], "delta method": []}
    for number, drawn in enumerate(_samples(population, n, replications, seed)):
        inverted = inversion(population.bounds, drawn, {}, seed + number, draws)
        noted = bool(cautions(drawn, [population.bounds]))
        seen["intersection"].append([*_inverted(inverted, population.truth), noted])
        seen["cox-shi"].append([*_by_cox_shi(population, inverted), noted])
        seen["delta method"].append(
            [*_by_delta(population.bounds, drawn, population.truth, seed + number, draws), noted]
        )
    return [summary(population.name, method, False, n, np.array(lines)) for method, lines in seen.items()]


def _samples(population: RatioPopulation, n: int, replications: int, seed: int) -> Iterator[Sample]:
    chance = np.random.default_rng([seed, n])
    arms = population.bounds.arms
    shares = [[float(population.cells[cell.name]) for cell in arm.cells] for arm in arms]
    sizes = [n // 2 + n % 2, n // 2]
    counts = [
        chance.multinomial(size, [*own, 1 - sum(own)], size=replications)
        for size, own in zip(sizes, shares, strict=True)
    ]
    names = [[*(cell.name for cell in arm.cells), f"dead {i}"] for i, arm in enumerate(arms)]
    for number in range(replications):
        yield counted_sample([("", own, drawn[number].tolist()) for own, drawn in zip(names, counts, strict=True)])


def _inverted(inverted: Inversion, truth: tuple[float, float]) -> list[float]:
    line: list[float] = []
    for side, sign in ((0, 1), (1, -1)):
        ends = [inverted.plug_in[side], inverted.end(side, 0.5), inverted.end(side, LEVEL)]
        line += [sign * end <= sign * truth[side] + ACCURACY for end in ends] + [sign * (truth[side] - ends[-1])]
    rejected = (inverted.joint_tests.rejects(Position.of(end), LEVEL) for end in truth)
    outside = (inverted.tests(side).rejects(Position.of(end), OUTER) for side, end in enumerate(truth))
    return [*line, *(not each for each in rejected), not any(outside)]


def _by_cox_shi(population: RatioPopulation, inverted: Inversion) -> list[float]:
    tests = sides_at_sample(inverted, population.bounds, {})
    ends = [Position.of(end) for end in population.truth]
    line: list[float] = []
    for side, sign in ((0, 1), (1, -1)):
        found = tests.one(side).at(ends[side])
        plug_in, truth = inverted.plug_in[side], population.truth[side]
        outer = [sign * plug_in <= sign * truth + ACCURACY, *(not found.rejected(level) for level in (0.5, LEVEL))]
        line += [*outer, np.nan]
    covered = [not tests.both.at(end).rejected(LEVEL) for end in ends]
    return [*line, *covered, all(not tests.one(side).at(end).rejected(OUTER) for side, end in enumerate(ends))]


def _by_delta(
    bounds: PiecewiseBounds, sample: Sample, truth: tuple[float, float], seed: int, draws: int
) -> list[float]:
    line: list[float] = []
    covers = True
    for form, sign, end in ((bounds.lower, 1, truth[0]), (bounds.upper, -1, truth[1])):
        terms = _fractions(form, sample, sign)
        side = one_side(terms, sample.smoothed, sample.n, seed, draws)
        ends = [float(terms.values.max()), side.bound(0.5), side.bound(LEVEL)]
        line += [each <= sign * end + ROUNDING for each in ends] + [sign * end - ends[-1]]
        covers = covers and side.bound(OUTER) <= sign * end + ROUNDING
    return [*line, np.nan, np.nan, covers]


def _fractions(side: PiecewiseSide, sample: Sample, sign: int) -> EstimatedTerms:
    """The fractions that hold at the sample, linearised."""
    functions = EstimatedFunctions(sample, {})
    at = dict(zip(sample.cells, sample.variation.shares, strict=True))
    found: list[ExactEstimate] = []
    for piece in side.pieces:
        for option in piece.summands[0].options if all(guard.holds(at) for guard in piece.guards) else ():
            quotient = ratio(functions.polynomial(option.numerator), functions.polynomial(option.denominator))
            found.append(combined([(Fraction(sign), quotient)]))
    return linearised(found, sample)
