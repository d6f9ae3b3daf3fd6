"""Effects of a treatment on a mediator in groups of units: by predicted effect, held out, and by single covariates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import NormalDist
from typing import Literal

import numpy as np

from boundgen.companions.causal_trees import ALIKE, SampledUnits, difference, is_large_enough
from boundgen.exact.arrays import Array, Mask

GroupKind = Literal["all", "tested", "fifth", "covariate"]
FIFTHS = ("first", "second", "third", "fourth", "last")
# A covariate with more values is halved at its median.
MOST_VALUES = 6


@dataclass(frozen=True)
class EffectGroup:
    """The average effect of the treatment on the mediator in a group of units.

    Parameters
    ----------
    kind : {"all", "tested", "fifth", "covariate"}
        All units; those whose predicted effects are most contrary; fifths of the predicted effects, from the most
        contrary on; units with some value of a covariate. What is predicted is held out: medians over halves.
    group : str
    units : int
    effect, error : float
    p_value : float or None
        Of no effect the other way: of subgroups by covariates adjusted for their number (Holm 1979). Of fifths there
        is none, as they would be tested twice.
    """

    kind: GroupKind
    group: str
    units: int
    effect: float
    error: float
    p_value: float | None


def contrary_p_value(effect: float, error: float) -> float:
    """The one-sided p-value of an effect that is not negative."""
    if error == 0:
        return 0.0 if effect < 0 else 1.0
    return NormalDist().cdf(effect / error)


# ---------------------------------------------------------------- by predicted effect
Fifth = tuple[int, int, float, float]


def fifths(predicted: Array, treated: Mask, outcome: Array, pieces: SampledUnits = ALIKE) -> Iterator[Fifth]:
    """Of one held-out half: which fifth, its units, the effect there and its error (Chernozhukov et al. 2018)."""
    edges = np.quantile(predicted, np.linspace(0, 1, len(FIFTHS) + 1))[1:-1]
    places = np.searchsorted(edges, predicted, side="left")
    for number in range(len(FIFTHS)):
        chosen = places == number
        if is_large_enough(treated[chosen], pieces.at(chosen)):
            yield (number, int(chosen.sum()), *difference(outcome[chosen], treated[chosen], pieces.at(chosen)))


def groups_of_fifths(each_half: Iterable[Fifth], halves: int, sign: int) -> Iterator[EffectGroup]:
    """Medians over the halves, of fifths that more than half of them have."""
    several = list(each_half)
    for number, name in enumerate(FIFTHS):
        own = [one[1:] for one in several if one[0] == number]
        if 2 * len(own) > halves:
            units, effect, error = (float(median) for median in np.median(own, axis=0))
            yield EffectGroup("fifth", f"{name} fifth", ceil(units), sign * effect, error, None)


# ---------------------------------------------------------------- by covariate
def covariate_groups(
    names: Sequence[str], x: Array, treated: Mask, outcome: Array, sign: int, pieces: SampledUnits = ALIKE
) -> tuple[EffectGroup, ...]:
    """Subgroups by single covariates that have enough units in both arms."""
    masks = _covariate_masks(names, x)
    groups = [(name, chosen) for name, chosen in masks if is_large_enough(treated[chosen], pieces.at(chosen))]
    effects = [difference(outcome[chosen], treated[chosen], pieces.at(chosen)) for _, chosen in groups]
    p_values = _holm([contrary_p_value(*each) for each in effects])
    return tuple(
        EffectGroup("covariate", name, int(chosen.sum()), sign * effect, error, p)
        for (name, chosen), (effect, error), p in zip(groups, effects, p_values, strict=True)
    )


def _covariate_masks(names: Sequence[str], x: Array) -> Iterator[tuple[str, Mask]]:
    """Names of subgroups, and which units they are. Of texts, which are indicators, the first is the rest."""
    last = ""
    for number, name in enumerate(names):
        column, (texts, is_indicator, _) = x[:, number], name.partition("=")
        values = np.unique(column)
        if is_indicator:
            if texts != last:
                own = [k for k, other in enumerate(names) if other.startswith(f"{texts}=")]
                yield f"{texts}: another", (x[:, own] == 0).all(axis=1)
            last = texts
            yield name, column == 1
        elif len(values) <= MOST_VALUES:
            yield from ((f"{name}={value:g}", column == value) for value in values)
        else:
            median = float(np.median(column))
            yield f"{name} <= {median:g}", column <= median
            yield f"{name} > {median:g}", column > median


def _holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted so that all together are wrong with the probability of one."""
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted
