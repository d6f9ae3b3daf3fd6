"""The proportion of the total effect that is mediated: an estimate with Fieller's set, and sharp bounds beside it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt
from statistics import NormalDist

from boundgen.companions.result import CompanionEstimate, ResultTable, SharpBounds, TableCell
from boundgen.exact.arrays import Array
from boundgen.rendering.numbers import percent_of

SHARES = {"delta0": "δ(0) / τ", "delta1": "δ(1) / τ"}
TITLE = "Proportion of the total effect that is mediated"
COLUMNS = ("proportion", "", "estimate", "low", "high")


def proportion_table(
    estimates: Sequence[CompanionEstimate],
    covariances: dict[str, Array | None],
    bounds: Sequence[SharpBounds],
    level: float,
) -> ResultTable | None:
    """The proportions mediated; None where the estimated total effect is zero, which nothing is a share of.

    Parameters
    ----------
    estimates : sequence of CompanionEstimate
        Among them ``delta0``, ``delta1`` and ``total``.
    covariances : dict of str to array of shape (2, 2), or None
        Of an indirect effect and the total effect; None where it is not known.
    bounds : sequence of SharpBounds
        On the indirect effects; the total effect of the sample divides them.
    level : float

    Returns
    -------
    ResultTable or None
    """
    values = {each.name: each.value for each in estimates}
    total = values["total"]
    if total == 0:
        return None
    rows: list[tuple[TableCell, ...]] = []
    for name, symbol in SHARES.items():
        pieces = fieller_set(values[name], total, covariances[name], level)
        first = pieces[0] if pieces else (None, None)
        rows.append((symbol, f"{percent_of(level)}% Fieller", values[name] / total, *first))
        rows += [(symbol, "  or", None, *piece) for piece in pieces[1:]]
        rows += [_sharp_row(symbol, each, total) for each in bounds if each.estimand == name]
    return ResultTable("proportion_mediated", TITLE, COLUMNS, tuple(rows))


def _sharp_row(symbol: str, bounds: SharpBounds, total: float) -> tuple[TableCell, ...]:
    words = f"sharp, {bounds.assumptions}"
    if bounds.lower is None or bounds.upper is None:
        return symbol, f"{words}: contradicted", None, None, None
    return symbol, words, None, *sorted((bounds.lower / total, bounds.upper / total))


def fieller_set(part: float, total: float, covariance: Array | None, level: float) -> tuple[tuple[float, float], ...]:
    """All ratios l at which ``part - l total`` does not differ from zero; unbounded where the total may be zero."""
    if covariance is None:
        return ()
    z = NormalDist().inv_cdf((1 + level) / 2)
    square = total**2 - z**2 * float(covariance[1, 1])
    cross = part * total - z**2 * float(covariance[0, 1])
    plain = part**2 - z**2 * float(covariance[0, 0])
    inside = cross**2 - square * plain
    if square == 0 or (square < 0 and inside <= 0):
        return ((-inf, inf),)
    ends = sorted((cross + sign * sqrt(max(0.0, inside))) / square for sign in (-1, 1))
    return ((ends[0], ends[1]),) if square > 0 else ((-inf, ends[0]), (ends[1], inf))
