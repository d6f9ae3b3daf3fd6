"""The rows of the compliance matrix: sites, or where each value of the treatment is an arm, arms of sites.

Reardon & Raudenbush have one treatment. With several arms in a site each, against the site's control arm, is a further
instrument: equation (11) holds for every arm of every site.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from boundgen.companions.multisite.rank_conditions import exact_effects
from boundgen.data.columns import Columns, Labels
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

MOST_ARMS = 20


@dataclass(frozen=True, eq=False)
class EffectRows:
    """What has an effect of its own.

    Parameters
    ----------
    names : tuple of str
    sites : tuple of int
        The site of each row, by its code.
    arms : tuple of (control, arm) or None
        The two values of the treatment that are compared; None for the treatment as it is.
    units : tuple of int
    shares : array of shape (rows,)
        Weights of the rows in averages over units: the site's share, in equal parts to its arms.
    """

    names: tuple[str, ...]
    sites: tuple[int, ...]
    arms: tuple[tuple[float, float] | None, ...]
    units: tuple[int, ...]
    shares: Array

    def instruments(self, sample: Columns) -> Array:
        """The treatment, or whether it is the row's arm, in the site of each row and zero elsewhere; not centred."""
        t, codes = sample.one("A"), sample.labels["S"].codes
        columns = [
            np.where(codes == site, t if arms is None else t == arms[1], 0.0)
            for site, arms in zip(self.sites, self.arms, strict=True)
        ]
        return np.column_stack(columns)

    def exact(self, sample: Columns) -> list[list[Fraction]]:
        """The effects on the mediators, a row for each, without rounding."""
        t, sites, m = sample.one("A"), sample.labels["S"], sample.matrix("M")
        if all(arms is None for arms in self.arms):
            return exact_effects(t, m, sites, sample.weights)
        found = []
        for site, arms in zip(self.sites, self.arms, strict=True):
            assert arms is not None
            here = (sites.codes == site) & np.isin(t, arms)
            one = Labels(("one",), np.zeros(int(here.sum()), dtype=np.int64))
            weights = None if sample.weights is None else sample.weights[here]
            found += exact_effects((t[here] == arms[1]).astype(np.float64), m[here], one, weights)
        return found


def effect_rows(sample: Columns, by_arm: bool) -> EffectRows:
    """The sites, or the arms of sites but for the lowest value of the treatment there.

    Returns
    -------
    EffectRows

    Raises
    ------
    DataError
        Where the lowest value of the treatment is not in every site, and for treatments of too many values.
    """
    t, sites, w = sample.one("A"), sample.labels["S"], sample.unit_weights
    share = np.bincount(sites.codes, weights=w) / w.sum()
    codes = tuple(range(len(sites.names)))
    if not by_arm:
        return EffectRows(sites.names, codes, (None,) * len(codes), tuple(map(int, sites.counts)), share)
    values = np.unique(t)
    if len(values) > MOST_ARMS:
        raise DataError(
            f"the treatment has {len(values)} values, too many to be arms", remedy="Leave --arms out: it is a dose."
        )
    control = float(values[0])
    names, of_site, arms, units, shares = [], [], [], [], []
    for code, site in enumerate(sites.names):
        here = t[sites.codes == code]
        own = [float(value) for value in np.unique(here)]
        if own[0] != control:
            raise DataError(
                f"site '{site}' has no unit with treatment {control:g}, the control arm",
                remedy="Leave such sites out, --where SITE!=VALUE.",
            )
        for value in own[1:]:
            names.append(f"{site}, {sample.name('A')}={value:g}")
            of_site.append(code)
            arms.append((control, value))
            units.append(int(np.isin(here, (control, value)).sum()))
            shares.append(float(share[code]) / (len(own) - 1))
    return EffectRows(tuple(names), tuple(of_site), tuple(arms), tuple(units), np.array(shares))
