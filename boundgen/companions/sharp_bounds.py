"""Sharp bounds beside estimates: the natural effects at a sample's shares, without the estimator's assumptions.

The bounds are exact linear programs over the principal strata at the shares of the sample, so that mediators and
outcomes may have many levels. They are the values that `boundgen evaluate` gives where a closed form can be derived.
The law of a randomized variable is the sample's, like all else: effects that are averages over it have its shares as
weights, which are numbers here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from boundgen.bounds.assembly import weighted_program
from boundgen.bounds.normal_form import normal_form
from boundgen.bounds.posing import is_linear, unchecked_program
from boundgen.companions.intervals import groups_of
from boundgen.companions.result import CompanionEstimate, Diagnostic, SharpBounds
from boundgen.data.columns import Labels
from boundgen.evaluation.exact_bounds import bounds_at
from boundgen.exact.arrays import Array
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.program.linear_program import LinearProgram
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Budget, Limits, ignore

# Principal strata: (levels of M) ** arms times (levels of Y) ** responses.
MOST_STRATA = 3_000
FINEST = 1000
ROUNDING = 1e-9
ALONE = "Sampling error alone may do that."
NOT_ASKED = "No sharp bounds were asked for."
RANDOMIZATION, MMR = "randomization", "monotonic mediator response"
# What a label says beside the assumption, where it holds in the other direction or in none; none of it is M(1) >= M(0).
FALLING, NEITHER = "M(1) ≤ M(0)", "in either direction"
NATURAL_EFFECTS = {
    "delta0": "E[Y(0, M(1)) - Y(0, M(0))]",
    "delta1": "E[Y(1, M(1)) - Y(1, M(0))]",
    "zeta0": "E[Y(1, M(0)) - Y(0, M(0))]",
    "zeta1": "E[Y(1, M(1)) - Y(0, M(1))]",
}
MEDIATION = """model companion "Randomized treatment"
variable A in {{0, 1}} randomized
variable M(A) in {{{mediator}}}
variable Y(A, M) in {outcome}
observe P(Y, M | A)
"""
INSTRUMENT = """model companion "Randomized treatment, randomized instrument"
variable D in {{0, 1}} randomized
variable Z in {{0, 1}} randomized
variable M(D, Z) in {{{mediator}}}
variable Y(D, M) in {outcome}
observe P(Y, M | D, Z)
observe P(Z)
"""
# Equations (15) to (18), averages over Z by its law; and the effect of a binary mediator on those who have it.
INSTRUMENT_EFFECTS = {
    "nie0": "E[Y(0, M(D=1)) - Y(0, M(D=0))]",
    "nie1": "E[Y(1, M(D=1)) - Y(1, M(D=0))]",
    "nde0": "E[Y(1, M(D=0)) - Y(0, M(D=0))]",
    "nde1": "E[Y(1, M(D=1)) - Y(0, M(D=1))]",
}
MEDIATOR_EFFECTS = {
    "ett0": "E[Y(0, 1) - Y(0, 0) | M(D=0)=1]",
    "ett1": "E[Y(1, 1) - Y(1, 0) | M(D=1)=1]",
}
# Kim (2022), Assumptions 3 and 4: which way M moves is a matter of coding.
ASSUMPTION_3 = "assume a3: M(1, z) {sign} M(0, z) for all z in Z\n"
ASSUMPTION_4 = "assume a4: M(d, 1) {sign} M(d, 0) for all d in D\n"
FALLING_3, FALLING_4 = "M(1, z) ≤ M(0, z)", "M(d, 1) ≤ M(d, 0)"
MOST_SAMPLE_STRATA = 50


@dataclass(frozen=True)
class Levels:
    """A discrete column as integers: level i stands for ``values[i] = integers[i] / scale``."""

    integers: tuple[int, ...]
    scale: int
    codes: tuple[int, ...]

    def __str__(self) -> str:
        return f"{{{', '.join(map(str, self.integers))}}}"


@dataclass(frozen=True)
class Between:
    """A column with too many levels, by its means alone: numbers between the least and the largest that it holds.

    A unit counts in the cells of both ends, by where its value lies (see `boundgen.strata.means`).
    """

    values: tuple[Fraction, ...]
    codes: tuple[int, ...]
    scale: int = 1

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The least and the largest value."""
        return self.values[0], self.values[-1]

    def __str__(self) -> str:
        return f"[{self.ends[0]}, {self.ends[1]}]"


def levels_of(column: Array) -> Levels | None:
    """The values of a column on a common scale of integers; None where they are too fine to be levels."""
    values, codes = np.unique(column, return_inverse=True)
    if len(values) > FINEST:
        return None
    exact = _exact(values)
    scale = lcm(*(value.denominator for value in exact))
    return Levels(tuple(int(value * scale) for value in exact), scale, tuple(codes.tolist()))


@dataclass(frozen=True)
class ResponseDirection:
    """Which way a column may move all units: whether some population has its shares, if it only rises, or only falls.

    By first-order stochastic dominance, exact: where a variable is randomized, its units can all rise if and only if
    no level is exceeded less often.
    """

    rising: bool
    falling: bool

    def sign(self) -> str:
        """The direction that fits; rising where both do, or none."""
        return "<=" if self.falling and not self.rising else ">="

    def words(self, falling: str) -> str:
        """What a label must say of the direction: nothing where it is rising."""
        if self.rising:
            return ""
        return falling if self.falling else NEITHER


def natural_effect_bounds(
    treatment: Array,
    mediator: Array,
    outcome: Array,
    weights: Array | None = None,
    strata: Labels | None = None,
) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on δ(0), δ(1), ζ(0), ζ(1) under randomization, and under monotonic mediator response too.

    Both directions of the monotonic response are tried, and the one that fits is named.

    Parameters
    ----------
    treatment, mediator, outcome : arrays of shape (n,)
        The treatment is 0 or 1; mediator and outcome are numbers.
    weights : array of shape (n,), optional
    strata : Labels, optional
        Within which the treatment is randomized. Bounds are then means over strata, by their shares of the sample.

    Returns
    -------
    bounds : tuple of SharpBounds
        Named ``delta0``, ``delta1``, ``zeta0``, ``zeta1``, in units of the outcome; empty where there are none.
    reason : str
        Why there are none, as a sentence.
    """
    found = _discrete(mediator, outcome, mediators=2, outcomes=3)
    if isinstance(found, str):
        return (), found
    m, y = found
    samples = _samples({"A": treatment}, m, y, weights, strata)
    direction = _direction(samples, 0)
    given = "given X" if strata is not None else ""
    sets = {
        _label(RANDOMIZATION, given): "",
        _label(MMR, direction.words(FALLING), given): f"assume mmr: M(1) {direction.sign()} M(0)\n",
    }
    text = MEDIATION.format(mediator=_indices(m), outcome=y)
    return _bounds(_between(sets, y), text, NATURAL_EFFECTS, samples, y.scale), ""


def instrument_bounds(
    treatment: Array,
    instrument: Array,
    mediator: Array,
    outcome: Array,
    weights: Array | None = None,
    strata: Labels | None = None,
) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on Kim's natural effects (2022, equations 15-18), and on those of a binary mediator.

    Each under four sets of his assumptions; of Assumptions 3 and 4 both directions are tried, and that which fits is
    named.

    Parameters
    ----------
    treatment, instrument : arrays of shape (n,)
        0 or 1.
    mediator, outcome, weights, strata
        As for `natural_effect_bounds`.

    Returns
    -------
    bounds : tuple of SharpBounds
        Named ``nie0``, ``nie1``, ``nde0``, ``nde1``; and ``ett0``, ``ett1``, the effect of a binary mediator on those
        who have it, without treatment and with it. All are averages over the instrument by the sample's P(Z).
    reason : str
    """
    found = _discrete(mediator, outcome, mediators=4, outcomes=4)
    if isinstance(found, str):
        return (), found
    m, y = found
    samples = _samples({"D": treatment, "Z": instrument}, m, y, weights, strata)
    effects = INSTRUMENT_EFFECTS | (MEDIATOR_EFFECTS if len(m.integers) == 2 else {})
    text = INSTRUMENT.format(mediator=_indices(m), outcome=y)
    sets = instrument_sets(_direction(samples, 0), _direction(samples, 1), "given X" if strata is not None else "")
    return _bounds(_between(sets, y), text, effects, samples, y.scale), ""


def instrument_sets(
    third: ResponseDirection = ResponseDirection(True, False),
    fourth: ResponseDirection = ResponseDirection(True, False),
    given: str = "",
) -> dict[str, str]:
    """Kim's sets of assumptions by their label, Assumptions 3 and 4 in the direction that fits."""
    a3, a4 = ASSUMPTION_3.format(sign=third.sign()), ASSUMPTION_4.format(sign=fourth.sign())
    of_3, of_4 = third.words(FALLING_3), fourth.words(FALLING_4)
    return {
        _label("Assumptions 1-2", given): "",
        _label("Assumptions 1-3", of_3, given): a3,
        _label("Assumptions 1-2 and 4", of_4, given): a4,
        _label("Assumptions 1-4", *dict.fromkeys((of_3, of_4)), given): a3 + a4,
    }


def sample_strata(covariates: Array, arms: Sequence[Array]) -> Labels | str:
    """The strata of discrete covariates, or why there are none to bound within.

    Parameters
    ----------
    covariates : array of shape (n, how many)
    arms : sequence of arrays of shape (n,)
        Each stratum must have units in all arms that these columns make.

    Returns
    -------
    Labels or str
    """
    _, codes = np.unique(covariates, axis=0, return_inverse=True)
    codes = np.asarray(codes).ravel()
    count = int(codes.max()) + 1
    if count > MOST_SAMPLE_STRATA:
        return f"the covariates have {count} different values, and {MOST_SAMPLE_STRATA} are the most to bound within"
    settings, place = np.unique(np.column_stack(arms), axis=0, return_inverse=True)
    held = np.zeros((count, len(settings)), dtype=bool)
    held[codes, np.asarray(place).ravel()] = True
    if not held.all():
        return f"{int((~held.all(axis=1)).sum())} of {count} strata of the covariates lack an arm"
    return Labels(tuple(map(str, range(count))), codes.astype(np.int64))


def strata_diagnostics(reason: str) -> tuple[Diagnostic, ...]:
    """What is said where bounds are not within strata, and why."""
    if not reason:
        return ()
    words = f"{reason}; so these bounds are of what is randomized whatever X. Cut covariates: --recode"
    return (Diagnostic("sharp bounds", "without covariates", words),)


def _label(*words: str) -> str:
    return ", ".join(filter(None, words))


def sharp_warnings(estimates: Sequence[CompanionEstimate], bounds: Sequence[SharpBounds]) -> tuple[str, ...]:
    """Which estimates lie outside sharp bounds on the same effect, and which assumptions the sample contradicts."""
    values = {each.name: each for each in estimates}
    found = []
    contradicted = dict.fromkeys(each.assumptions for each in bounds if each.contradicted)
    if contradicted:
        found.append(
            f"No population has the sample's shares under {', or under '.join(contradicted)}. "
            "Sampling error alone may do that; `boundgen estimate` tests it."
        )
    outside: dict[str, list[str]] = {}
    for assumptions in dict.fromkeys(each.assumptions for each in bounds):
        beside = [each for each in bounds if each.assumptions == assumptions and each.estimand in values]
        symbols = [values[b.estimand].symbol for b in beside if is_outside(values[b.estimand], b)]
        if symbols:
            outside.setdefault(", ".join(symbols), []).append(assumptions)
    for what, sets in outside.items():
        found.append(f"{what}: outside the sharp bounds under {', and under '.join(sets)}. {ALONE}")
    return tuple(found)


def is_outside(estimate: CompanionEstimate, bounds: SharpBounds) -> bool:
    """Whether an estimate is not in the bounds."""
    if bounds.lower is None or bounds.upper is None:
        return False
    return not bounds.lower - ROUNDING <= estimate.value <= bounds.upper + ROUNDING


# ---------------------------------------------------------------- the sample's cells
def _discrete(
    mediator: Array, outcome: Array, *, mediators: int, outcomes: int
) -> tuple[Levels, Levels | Between] | str:
    """Mediator and outcome as levels, an outcome of many by its means; or why the mediator has too many."""
    m, y = levels_of(mediator), levels_of(outcome)
    if m is not None:
        if y is not None and len(m.integers) ** mediators * len(y.integers) ** outcomes <= MOST_STRATA:
            return m, y
        if len(m.integers) ** mediators * 2**outcomes <= MOST_STRATA:
            return m, _between_ends(outcome)
        counts = f"the mediator has {len(m.integers)} levels"
    else:
        counts = f"the mediator has more than {FINEST} levels"
    return (
        f"No sharp bounds: {counts}, too many principal strata. "
        "With --dichotomize M=median there are bounds, on the effects of the cut mediator."
    )


def _between_ends(outcome: Array) -> Between:
    values, codes = np.unique(outcome, return_inverse=True)
    return Between(tuple(_exact(values)), tuple(codes.tolist()))


def _between(sets: Mapping[str, str], outcome: Levels | Between) -> Mapping[str, str]:
    """What is assumed, with the range of an outcome that is used by its means."""
    if isinstance(outcome, Levels):
        return sets
    low, high = (f"{float(end):g}" for end in outcome.ends)
    return {f"{label}, Y from {low} to {high}": assumed for label, assumed in sets.items()}


def _indices(levels: Levels) -> str:
    """Only the order of a mediator's levels matters."""
    return ", ".join(map(str, range(len(levels.integers)))) if len(levels.integers) > 1 else "0"


@dataclass(frozen=True)
class _Sample:
    """A sample, or a stratum of one.

    Parameters
    ----------
    part : Fraction
        Its share of the whole sample.
    arms : tuple of str
        The variables that make arms.
    shares : dict
        The exact share in its arm of each cell: values of the arms, of the mediator, and of the outcome.
    sizes : dict
        The exact share of each arm.
    """

    part: Fraction
    arms: tuple[str, ...]
    shares: dict[tuple[Fraction | int, ...], Fraction]
    sizes: dict[tuple[int, ...], Fraction]

    @property
    def cells(self) -> dict[str, Fraction]:
        """By canonical names: the shares, and the law of Z."""
        found = {}
        for (*setting, i, value), share in self.shares.items():
            behind = ",".join(f"{name}={at}" for name, at in zip(self.arms, setting, strict=True))
            found[f"P(Y={value},M={i}|{behind})"] = share
        if "Z" in self.arms:
            place = self.arms.index("Z")
            share = sum((size for setting, size in self.sizes.items() if setting[place]), Fraction(0))
            found |= {"P(Z=0)": 1 - share, "P(Z=1)": share}
        return found

    def above(self) -> dict[tuple[int, ...], list[Fraction]]:
        """In each arm the shares of units at least at each level of the mediator."""
        top = max(int(key[-2]) for key in self.shares)
        found = {setting: [Fraction(0)] * (top + 1) for setting in self.sizes}
        for (*setting, i, _), share in self.shares.items():
            for level in range(int(i) + 1):
                found[tuple(map(int, setting))][level] += share
        return found


def _samples(
    arms: Mapping[str, Array], m: Levels, y: Levels | Between, weights: Array | None, strata: Labels | None
) -> list[_Sample]:
    """The whole sample, or each of its strata."""
    codes = np.zeros(len(m.codes), dtype=np.int64) if strata is None else strata.codes
    columns = (codes, *arms.values(), np.array(m.codes), np.array(y.codes))
    groups = groups_of(tuple(column.astype(np.float64) for column in columns), weights)
    amounts: defaultdict[tuple[int, ...], defaultdict[tuple[Fraction | int, ...], Fraction]]
    amounts = defaultdict(lambda: defaultdict(Fraction))
    totals: defaultdict[tuple[int, ...], defaultdict[tuple[int, ...], Fraction]]
    totals = defaultdict(lambda: defaultdict(Fraction))
    rows = np.column_stack(groups.columns).astype(int).tolist()
    for (stratum, *arm, i, j), count, weight in zip(rows, groups.counts, _exact(groups.weights), strict=True):
        for value, part in _parts(y, j):
            amounts[stratum][(*arm, i, value)] += int(count) * weight * part
        totals[stratum][tuple(arm)] += int(count) * weight
    sizes = {stratum: sum(held.values(), Fraction(0)) for stratum, held in totals.items()}
    whole = sum(sizes.values(), Fraction(0))
    return [
        _Sample(
            sizes[stratum] / whole,
            tuple(arms),
            {cell: amount / totals[stratum][tuple(map(int, cell[:-2]))] for cell, amount in amounts[stratum].items()},
            {setting: total / sizes[stratum] for setting, total in totals[stratum].items()},
        )
        for stratum in sorted(amounts)
    ]


def _direction(samples: Sequence[_Sample], place: int) -> ResponseDirection:
    """Which way the variable at this place among the arms may move the mediator, in all strata and at all others."""
    rising = falling = True
    for sample in samples:
        above = sample.above()
        for setting, low in above.items():
            other = (*setting[:place], 1, *setting[place + 1 :])
            if setting[place] == 0 and other in above:
                rising &= all(a <= b for a, b in zip(low, above[other], strict=True))
                falling &= all(a >= b for a, b in zip(low, above[other], strict=True))
    return ResponseDirection(rising, falling)


def _parts(outcome: Levels | Between, code: int) -> list[tuple[Fraction | int, Fraction]]:
    """The value of a unit; of an outcome that is used by its means both ends, with how much of the unit is there."""
    if isinstance(outcome, Levels):
        return [(outcome.integers[code], Fraction(1))]
    low, high = outcome.ends
    share = (outcome.values[code] - low) / (high - low)
    return [(low, 1 - share), (high, share)]


def _exact(numbers: Array) -> list[Fraction]:
    """Numbers as they are written in decimals."""
    return [Fraction(repr(float(number))) for number in numbers]


# ---------------------------------------------------------------- programs
def _bounds(
    sets: Mapping[str, str], text: str, effects: Mapping[str, str], samples: Sequence[_Sample], scale: int
) -> tuple[SharpBounds, ...]:
    estimands = "".join(f"estimand {name} = {effect}\n" for name, effect in effects.items())
    models = {label: Model.parse(text + assumed + estimands) for label, assumed in sets.items()}
    found = (_bounds_of(model, name, label, samples, scale) for name in effects for label, model in models.items())
    return tuple(each for each in found if each is not None)


def _bounds_of(model: Model, name: str, label: str, samples: Sequence[_Sample], scale: int) -> SharpBounds | None:
    """The ends over the populations that give these cells; None for the effect on those whom the sample has none of."""
    # Over strata numerators and divisors add up: what one stratum's population does binds no other's.
    lower = upper = divisor = Fraction(0)
    for sample in samples:
        cells = sample.cells
        program, over = _program_at(model, model.estimand_named(name), cells)
        if not over:
            continue
        ends = bounds_at(program, None, cells)
        if ends is None:
            return SharpBounds(name, label, None, None, contradicted=True)
        lower, upper = lower + sample.part * ends[0], upper + sample.part * ends[1]
        divisor += sample.part * over
    if not divisor:
        return None
    return SharpBounds(name, label, float(lower / divisor / scale), float(upper / divisor / scale))


def _program_at(model: Model, estimand: Estimand, cells: Mapping[str, Fraction]) -> tuple[LinearProgram, Fraction]:
    """The program of an estimand's numerator, with numbers as weights, and the value of its divisor."""
    arms, budget = observed_arms(model, Limits()), Budget(Limits(), ignore)
    if is_linear(model, estimand):
        return unchecked_program(model, arms, estimand, budget).program, Fraction(1)
    program = weighted_program(model, arms, estimand, budget)
    normal = normal_form(program)
    assert not isinstance(normal, str), "assumptions have numbers as coefficients"
    return normal.costing([cost.value(cells) for cost in normal.costs]), normal.over.value(cells) or Fraction(0)
