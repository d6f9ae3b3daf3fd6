"""The methods of inference: what each assumes, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.inference.bootstrap import bootstrap_bounds
from boundgen.inference.cox_shi import cox_shi_bounds
from boundgen.inference.directional import directional_bounds
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.inference.intersection import intersection_bounds
from boundgen.inference.names import METHODS as NAMES
from boundgen.inference.resampling import Resampling
from boundgen.inference.stoye import stoye_bounds
from boundgen.inference.subsampling import subsampled_bounds

DEFAULT, *_ = NAMES


@dataclass(frozen=True)
class Method:
    """A way from estimated terms to intervals.

    Parameters
    ----------
    name : str
    source : str
        Who proposed it.
    assumes : str
        When its intervals are right, in one sentence.
    gives : tuple of str
        Which of the intervals.
    terms : str
        What it does with terms: those that it names are "kept", "active" or "used".
    resamples : bool
        Whether draws are resampled data rather than Gaussian vectors.
    found : function of (lower, upper, resampling, level, seed, draws)
        With minus the upper terms.
    unseen : bool
        Whether it allows for what the sample may not have seen; others take empty cells for certain zeros.
    student : bool
        Whether its intervals are longer, by Student's t, where variances rest on few clusters or a few large weights.
    """

    name: str
    source: str
    assumes: str
    gives: tuple[str, ...]
    terms: str
    resamples: bool
    found: Callable[[EstimatedTerms, EstimatedTerms, Resampling, float, int, int], EstimatedBounds]
    unseen: bool = True
    student: bool = True


def _intersection(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, seed: int, draws: int
) -> EstimatedBounds:
    sample = resampling.sample
    return intersection_bounds(lower, upper, sample.smoothed, sample.n, level=level, seed=seed, draws=draws)


def _stoye(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, _seed: int, _draws: int
) -> EstimatedBounds:
    return stoye_bounds(lower, upper, resampling.sample.smoothed, resampling.sample.n, level)


_CORRECTED = ("plug_in", "half_median_unbiased", "set_interval", "parameter_interval")
METHODS = {
    method.name: method
    for method in (
        Method(
            "intersection",
            "Chernozhukov, Lee & Rosen 2013",
            "Right in large samples whether or not terms tie, and conservative where they nearly do.",
            (*_CORRECTED, "parameter_interval_adaptive"),
            "kept",
            False,
            _intersection,
        ),
        Method(
            "cox-shi",
            "Cox & Shi 2023, refined",
            "Right in large samples whether or not terms tie, and shorter where one term binds at an end; longer where "
            "terms tie there. Nothing is drawn or chosen.",
            ("plug_in", "set_interval", "parameter_interval"),
            "active",
            False,
            cox_shi_bounds,
        ),
        Method(
            "stoye",
            "Imbens & Manski 2004, Stoye 2009",
            "Right where on each side one term is the largest by far; wrong where terms tie or nearly do, "
            "for it takes the term that is active in the sample for the one that is active in truth.",
            ("plug_in", "set_interval", "parameter_interval"),
            "active",
            False,
            _stoye,
        ),
        Method(
            "directional",
            "Fang & Santos 2019",
            "Right in large samples at each fixed distribution, whether or not terms tie; between ties and clear "
            "differences it depends on what counts as a tie, here sqrt(log n) standard errors.",
            _CORRECTED,
            "kept",
            True,
            directional_bounds,
        ),
        Method(
            "subsampling",
            "Politis & Romano 1994",
            "Right in large samples at each fixed distribution, whether or not terms tie; in samples of usual size "
            "it depends on the size of the parts, here n^(2/3) units.",
            _CORRECTED,
            "used",
            True,
            subsampled_bounds,
            unseen=False,
            student=False,
        ),
        Method(
            "bootstrap",
            "percentiles",
            "INVALID where terms tie or nearly do: there its intervals cover too rarely. A baseline for comparison, "
            "not to be reported by itself.",
            ("plug_in", "set_interval"),
            "used",
            True,
            bootstrap_bounds,
            unseen=False,
            student=False,
        ),
    )
}


def method_named(name: str) -> Method:
    """The method of that name.

    Raises
    ------
    DataError
        If there is none.
    """
    if name not in METHODS:
        raise DataError(
            f"there is no method {quoted(name)}", remedy=f"{did_you_mean(name, METHODS)}methods: {', '.join(METHODS)}"
        )
    return METHODS[name]
