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
from boundgen.companions.result import CompanionEstimate, SharpBounds
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
# Kim (2022), Assumptions 3 and 4.
ASSUMPTION_3 = "assume a3: M(1, z) >= M(0, z) for all z in Z\n"
ASSUMPTION_4 = "assume a4: M(d, 1) >= M(d, 0) for all d in D\n"
INSTRUMENT_SETS = {
    "Assumptions 1-2": "",
    "Assumptions 1-3": ASSUMPTION_3,
    "Assumptions 1-2 and 4": ASSUMPTION_4,
    "Assumptions 1-4": ASSUMPTION_3 + ASSUMPTION_4,
}


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


def natural_effect_bounds(
    treatment: Array, mediator: Array, outcome: Array, weights: Array | None = None
) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on δ(0), δ(1), ζ(0), ζ(1) under randomization, and under monotonic mediator response too.

    Parameters
    ----------
    treatment, mediator, outcome : arrays of shape (n,)
        The treatment is 0 or 1; mediator and outcome are numbers.
    weights : array of shape (n,), optional

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
    cells = _cells({"A": treatment}, m, y, weights)
    text = MEDIATION.format(mediator=_indices(m), outcome=y)
    sets = {RANDOMIZATION: "", MMR: "assume mmr: M(1) >= M(0)\n"}
    return _bounds(_between(sets, y), text, NATURAL_EFFECTS, cells, y.scale), ""


def instrument_bounds(
    treatment: Array, instrument: Array, mediator: Array, outcome: Array, weights: Array | None = None
) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on Kim's natural effects (2022, equations 15-18), and on those of a binary mediator.

    Each under four sets of his assumptions.

    Parameters
    ----------
    treatment, instrument : arrays of shape (n,)
        0 or 1.
    mediator, outcome, weights
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
    share = _share(instrument, weights)
    cells = _cells({"D": treatment, "Z": instrument}, m, y, weights) | {"P(Z=0)": 1 - share, "P(Z=1)": share}
    effects = INSTRUMENT_EFFECTS | (MEDIATOR_EFFECTS if len(m.integers) == 2 else {})
    text = INSTRUMENT.format(mediator=_indices(m), outcome=y)
    return _bounds(_between(INSTRUMENT_SETS, y), text, effects, cells, y.scale), ""


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


def _cells(arms: Mapping[str, Array], m: Levels, y: Levels | Between, weights: Array | None) -> dict[str, Fraction]:
    """The exact share of each cell in its arm, by canonical name."""
    groups = groups_of(
        (*arms.values(), np.array(m.codes, dtype=np.float64), np.array(y.codes, dtype=np.float64)), weights
    )
    amounts: defaultdict[tuple[Fraction | int, ...], Fraction] = defaultdict(Fraction)
    totals: defaultdict[tuple[Fraction | int, ...], Fraction] = defaultdict(Fraction)
    rows = np.column_stack(groups.columns).astype(int).tolist()
    for (*arm, i, j), count, weight in zip(rows, groups.counts, _exact(groups.weights), strict=True):
        for value, part in _parts(y, j):
            amounts[(*arm, i, value)] += int(count) * weight * part
        totals[tuple(arm)] += int(count) * weight
    shares = {}
    for (*setting, i, value), amount in amounts.items():
        behind = ",".join(f"{name}={at}" for name, at in zip(arms, setting, strict=True))
        shares[f"P(Y={value},M={i}|{behind})"] = amount / totals[tuple(setting)]
    return shares


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


def _share(column: Array, weights: Array | None) -> Fraction:
    """The share of ones, exact."""
    groups = groups_of((column,), weights)
    exact = [int(count) * weight for count, weight in zip(groups.counts, _exact(groups.weights), strict=True)]
    return sum((w for w, one in zip(exact, groups.columns[0], strict=True) if one), Fraction(0)) / sum(
        exact, Fraction(0)
    )


# ---------------------------------------------------------------- programs
def _bounds(
    sets: Mapping[str, str], text: str, effects: Mapping[str, str], cells: Mapping[str, Fraction], scale: int
) -> tuple[SharpBounds, ...]:
    estimands = "".join(f"estimand {name} = {effect}\n" for name, effect in effects.items())
    models = {label: Model.parse(text + assumed + estimands) for label, assumed in sets.items()}
    found = (_bounds_of(model, name, label, cells, scale) for name in effects for label, model in models.items())
    return tuple(each for each in found if each is not None)


def _bounds_of(model: Model, name: str, label: str, cells: Mapping[str, Fraction], scale: int) -> SharpBounds | None:
    """The ends over the populations that give these cells; None for the effect on those whom the sample has none of."""
    program, over = _program_at(model, model.estimand_named(name), cells)
    if not over:
        return None
    ends = bounds_at(program, None, cells)
    if ends is None:
        return SharpBounds(name, label, None, None, contradicted=True)
    lower, upper = ends
    return SharpBounds(name, label, float(lower / over / scale), float(upper / over / scale))


def _program_at(model: Model, estimand: Estimand, cells: Mapping[str, Fraction]) -> tuple[LinearProgram, Fraction]:
    """The program of an estimand's numerator, with numbers as weights, and the value of its divisor."""
    arms, budget = observed_arms(model, Limits()), Budget(Limits(), ignore)
    if is_linear(model, estimand):
        return unchecked_program(model, arms, estimand, budget).program, Fraction(1)
    program = weighted_program(model, arms, estimand, budget)
    normal = normal_form(program)
    assert not isinstance(normal, str), "assumptions have numbers as coefficients"
    return normal.costing([cost.value(cells) for cost in normal.costs]), normal.over.value(cells) or Fraction(0)
