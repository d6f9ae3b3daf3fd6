"""Estimates by the whole law of an outcome: from data to a table that can be printed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from boundgen.calls import public
from boundgen.data.observed import ObservedData
from boundgen.data.report import data_text
from boundgen.errors import DataError
from boundgen.evaluation.asked import WrittenValues
from boundgen.evaluation.whole_law import far_text, law_request, law_text, named
from boundgen.inference.whole_law import FOLDS, LawEstimate, law_estimate, law_sample
from boundgen.language.model import Model
from boundgen.rendering.layout import indented
from boundgen.rendering.named import named_part
from boundgen.rendering.numbers import end, end_json, short
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.table import table
from boundgen.work.limits import Limits, Report, ignore

METHOD = "cross-fitted dual bounds"
ASSUMES = "independent units in each arm; outcomes between the values named above where the model states no ends"


@dataclass(frozen=True, repr=False)
class LawEstimation(Rendered):
    """Bounds by the whole law of an outcome, with intervals.

    Parameters
    ----------
    estimates : tuple of LawEstimate
    model, outcome, data
        As of `LawEvaluations`.
    level : float
    seed : int
        Of the folds.
    """

    estimates: tuple[LawEstimate, ...]
    model: Model
    outcome: str
    data: ObservedData
    level: float
    seed: int

    def __getitem__(self, name: str | int) -> LawEstimate | tuple[LawEstimate, ...]:
        """The estimate of one estimand; at several values of parameters all of them."""
        return cast(LawEstimate, named_part(self, ((each.estimand, each) for each in self.estimates), name))

    def __repr__(self) -> str:
        return f"<LawEstimation of {', '.join(dict.fromkeys(e.estimand for e in self.estimates))}>"

    def text(self, unicode: bool = True) -> str:
        """Data, bounds, intervals, and what these assume."""
        names = [parameter.name for parameter in self.model.parameters]
        rows = [["", *names, "plug-in", f"{self.level * 100:g}% interval of the bounds"]]
        for each in self.estimates:
            values = [short(value, unicode) for _, value in each.parameters]
            pairs = (_pair(each.plug_in, unicode), _pair(each.interval, unicode))
            rows.append([named(self.model, each.estimand), *values, *pairs])
        first = f"{self.model.name}: {self.model.title}" if self.model.title else self.model.name
        parts = [
            data_text(self.data),
            law_text(self.model, self.outcome, self.data),
            table(rows, range(1, len(names) + 1)),
            *far_text([(each.plug_in[0], each.distance) for each in self.estimates]),
            f"Plug-in: a linear program at the empirical law, numeric (exact to 1e-9 of the outcome's range).\n"
            f"Interval: {METHOD} ({FOLDS} folds, seed {self.seed}), which cover both bounds in large samples;\n"
            f"assumed: {ASSUMES}.",
        ]
        return "\n\n".join([first, *map(indented, parts)]) + "\n"

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.estimate/1`` of a whole law: plug-in values and one interval."""
        return {
            "schema": "boundgen.estimate/1",
            "model": self.model.name,
            "law": {"outcome": self.outcome, "values": len(self.model.by_name[self.outcome].domain)},
            "n": sum(arm.units or 0 for arm in self.data.arms),
            "arms": {arm.name: arm.units for arm in self.data.arms},
            "level": self.level,
            "seed": self.seed,
            "method": METHOD,
            "assumes": ASSUMES,
            "estimates": [
                {
                    "estimand": each.estimand,
                    "parameters": {name: float(value) for name, value in each.parameters},
                    "plug_in": [end_json(one) for one in each.plug_in],
                    "set_interval": [end_json(one) for one in each.interval],
                    "method": "linear program",
                    "distance": each.distance,
                }
                for each in self.estimates
            ],
        }

    def rows(self) -> list[dict[str, Any]]:
        """A row for each estimate."""
        return [
            {
                "estimand": each.estimand,
                **{name: float(value) for name, value in each.parameters},
                "lower": each.plug_in[0],
                "upper": each.plug_in[1],
                "interval_lower": each.interval[0],
                "interval_upper": each.interval[1],
                "level": self.level,
                "distance": each.distance,
            }
            for each in self.estimates
        ]


def _pair(ends: tuple[float | None, float | None], unicode: bool) -> str:
    low, high = ends
    return "none" if low is None or high is None else f"[{end(low, unicode)}, {end(high, unicode)}]"


@public
def estimate_law(
    asked: Model | str | os.PathLike[str],
    outcome: str,
    source: Any,
    parameters: WrittenValues | None = None,
    *,
    estimands: Sequence[str] = (),
    level: float = 0.95,
    seed: int = 1,
    limits: Limits = Limits(),
    report: Report = ignore,
    **options: Any,
) -> LawEstimation:
    """Bounds by the whole law of a numeric outcome, and intervals that cover both.

    Parameters
    ----------
    asked, outcome, source, parameters, estimands, limits, report
        As for `boundgen.evaluation.whole_law.evaluate_law`.
    level : float
        Of the intervals.
    seed : int
        Of the folds: the same seed gives the same numbers.
    **options
        Those of `read_data`.

    Returns
    -------
    LawEstimation

    Raises
    ------
    DataError
        For data without numbers of units, for clusters, and for arms of few units.
    """
    if not 0 < level < 1:
        raise DataError(f"the level {level:g} is not between 0 and 1", remedy="0.95 is usual.")
    if seed < 0:
        raise DataError(f"the seed {seed} is negative", remedy="Give zero or a positive integer.")
    if options.get("cluster"):
        raise DataError("intervals by a whole law take no clusters", remedy="Leave --cluster out, or --law.")
    put = law_request(asked, outcome, source, parameters, estimands, limits, report, options)
    sample = law_sample(put.data, seed)
    found = []
    for number, (name, problem, choice) in enumerate(put.each(), 1):
        found.append(law_estimate(name, problem, put.data, sample, choice, level))
        report(f"estimating {name}", number, len(put.problems) * len(put.chosen))
    return LawEstimation(tuple(found), put.model, outcome, put.data, level, seed)
