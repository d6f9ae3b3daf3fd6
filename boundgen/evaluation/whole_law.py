"""Bounds at data by the whole law of a numeric outcome: sharp, by a sparse linear program, in floating point."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from boundgen.bounds.posing import chosen_estimands
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.data.given import keywords_of
from boundgen.data.observed import ObservedArm, ObservedData
from boundgen.data.options import choices
from boundgen.data.report import data_text
from boundgen.data.whole_law import LAW_CELLS, law_outcome, with_whole_law
from boundgen.errors import DataError
from boundgen.evaluation.asked import WrittenValues
from boundgen.evaluation.evaluate import checked_parameters
from boundgen.evaluation.law_program import SAME, LawAt, LawProgram
from boundgen.exact.arrays import Array
from boundgen.language.model import Model
from boundgen.rendering.layout import indented
from boundgen.rendering.named import named_part
from boundgen.rendering.numbers import end, end_json, short
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.table import table
from boundgen.strata.cells import observed_arms
from boundgen.strata.one_outcome import OutcomeProblem, outcome_problem
from boundgen.work.limits import Budget, Limits, Report, ignore

METHOD: Literal["linear program"] = "linear program"
# The nearest populations are those a little farther than the least distance, which is found in floating point.
ABOVE_LEAST = 1e-9
NOTE = (
    "Plug-in values of the empirical law, without sampling error; numeric (a linear program), exact to 1e-9\n"
    "of the outcome's range."
)


@dataclass(frozen=True)
class LawEvaluation:
    """The bounds of one estimand by the whole law of an outcome.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
    lower, upper : float or None
        None where the estimand is undefined: its condition or divisor is zero.
    distance : float
        How far the empirical law is from those of the model: the largest difference of shares, or of cumulated cells
        where two arms see one potential outcome; the bounds are then those of the nearest laws. Zero where a
        population has these data.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    lower: float | None
    upper: float | None
    distance: float = 0.0
    method: Literal["linear program"] = METHOD


@dataclass(frozen=True, repr=False)
class LawEvaluations(Rendered, Sequence[LawEvaluation]):
    """Bounds by the whole law of an outcome: a sequence of `LawEvaluation` that can be printed.

    Parameters
    ----------
    evaluations : tuple of LawEvaluation
    model : Model
        With the values of the outcome that the data have.
    outcome : str
    data : ObservedData
    """

    evaluations: tuple[LawEvaluation, ...]
    model: Model
    outcome: str
    data: ObservedData

    def __len__(self) -> int:
        return len(self.evaluations)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, str):
            return named_part(self, ((each.estimand, each) for each in self.evaluations), index)
        return self.evaluations[index]

    def __repr__(self) -> str:
        return f"<LawEvaluations of {', '.join(dict.fromkeys(e.estimand for e in self.evaluations))}: {len(self)}>"

    def text(self, unicode: bool = True) -> str:
        """Data, bounds, and what they are."""
        names = [parameter.name for parameter in self.model.parameters]
        rows = [["", *names, "lower", "upper", "method"]]
        for each in self:
            values = [short(value, unicode) for _, value in each.parameters]
            ends = ["none" if one is None else end(one, unicode) for one in (each.lower, each.upper)]
            rows.append([named(self.model, each.estimand), *values, *ends, each.method])
        first = f"{self.model.name}: {self.model.title}" if self.model.title else self.model.name
        parts = [
            data_text(self.data),
            law_text(self.model, self.outcome, self.data),
            table(rows, range(1, len(rows[0]) - 1)),
            *far_text([(each.lower, each.distance) for each in self]),
            NOTE,
        ]
        return "\n\n".join([first, *map(indented, parts)]) + "\n"

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.evaluation/1``, with the outcome and the number of its values."""
        return {
            "schema": "boundgen.evaluation/1",
            "law": {"outcome": self.outcome, "values": len(self.model.by_name[self.outcome].domain)},
            "evaluations": [
                {
                    "estimand": each.estimand,
                    "parameters": {name: float(value) for name, value in each.parameters},
                    "lower": end_json(each.lower),
                    "upper": end_json(each.upper),
                    "method": each.method,
                    "active": None,
                    "violations": None,
                    "distance": each.distance,
                }
                for each in self
            ],
        }

    def rows(self) -> list[dict[str, Any]]:
        """A row for each evaluation."""
        return [
            {
                "estimand": each.estimand,
                **{name: float(value) for name, value in each.parameters},
                "lower": each.lower,
                "upper": each.upper,
                "method": each.method,
                "distance": each.distance,
            }
            for each in self
        ]


def named(model: Model, estimand: str) -> str:
    """An estimand with its label in words, where it has one."""
    label = model.estimand_named(estimand).label
    return f"{estimand} ({label})" if label else estimand


def law_text(model: Model, outcome: str, data: ObservedData) -> str:
    """Which outcome is used by its whole law, and between which values."""
    domain = [value for value in model.by_name[outcome].domain if not isinstance(value, str)]
    low, high = (short(Fraction(value)) for value in (domain[0], domain[-1]))
    said = f"{outcome}: its whole law, {len(domain)} values from {low} to {high}"
    if data.strata is None:
        return said
    return f"{said}; averaged over {len(data.strata.groups)} strata of {', '.join(data.strata.covariates)}"


def far_text(ends: Sequence[tuple[float | None, float]]) -> list[str]:
    """What is said where the empirical law is none of the model's, and where an estimand is undefined."""
    far = max((distance for _, distance in ends), default=0.0)
    found = []
    if far:
        found.append(
            "No population of the model has exactly these data: shares (or cumulated cells, where two arms see the\n"
            f"same outcome of the same units) differ by {short(far)} from those of the nearest;\n"
            "the bounds are those of the nearest."
        )
    if any(end is None for end, _ in ends):
        found.append("none: at these data the estimand is not defined: its condition or divisor is zero.")
    return found


# ---------------------------------------------------------------- evaluating
@dataclass(frozen=True)
class LawRequest:
    """What is asked of an outcome's whole law: a problem for each estimand, and each choice of parameters."""

    model: Model
    outcome: str
    data: ObservedData
    problems: tuple[tuple[str, OutcomeProblem], ...]
    chosen: tuple[dict[str, Fraction], ...]

    def each(self) -> Iterator[tuple[str, OutcomeProblem, dict[str, Fraction]]]:
        """Every estimand at every choice."""
        for name, problem in self.problems:
            for choice in self.chosen:
                yield name, problem, choice


def law_request(
    asked: Model | str | os.PathLike[str],
    outcome: str,
    source: Any,
    parameters: WrittenValues | None,
    estimands: Sequence[str],
    limits: Limits,
    report: Report,
    options: Mapping[str, Any],
) -> LawRequest:
    """Read a law and pose the problems; what can be refused without data is refused first."""
    model = given_model(asked)
    if isinstance(source, ObservedData):
        raise DataError("the data are read already, without the values of the outcome", remedy="Give the table itself.")
    options, more = keywords_of(model, model.parameters, options, ("parameters", "estimands"))
    values = {**(parameters or {}), **more}
    wanted = chosen_estimands(model, tuple(estimands))
    chosen = tuple(choices(checked_parameters(model.parameters, values)))
    budget = Budget(limits)
    law_outcome(model, outcome)
    few = observed_arms(model, limits)
    for each in wanted:
        outcome_problem(model, few, outcome, each, budget)
    law, data = with_whole_law(model, outcome, source, limits, report, **options)
    arms = observed_arms(law, Limits(cells=LAW_CELLS))
    problems = tuple((each.name, outcome_problem(law, arms, outcome, each, budget)) for each in wanted)
    return LawRequest(law, outcome, data, problems, chosen)


@public
def evaluate_law(
    asked: Model | str | os.PathLike[str],
    outcome: str,
    source: Any,
    parameters: WrittenValues | None = None,
    *,
    estimands: Sequence[str] = (),
    limits: Limits = Limits(),
    report: Report = ignore,
    **options: Any,
) -> LawEvaluations:
    """Sharp bounds at data by the whole law of a numeric outcome, whatever its number of values.

    Parameters
    ----------
    asked : Model, str or path
    outcome : str
        A variable with numbers as values, or a bounded one. Its values are those of the data; a bounded outcome keeps
        the ends that the model states for outcomes of those never seen.
    source : what `read_data` reads
    parameters : mapping
        As in `evaluate`.
    estimands : sequence of str
        All of them, where none is named.
    limits : Limits
    report : function of (what, done, total)
    **options
        Those of `read_data`; names of variables for their columns, names of parameters for their values.

    Returns
    -------
    LawEvaluations
    """
    put = law_request(asked, outcome, source, parameters, estimands, limits, report, options)
    found = []
    for number, (name, problem, choice) in enumerate(put.each(), 1):
        law = law_at(problem, put.data)
        found.append(LawEvaluation(name, tuple(choice.items()), *law_ends(problem, law, choice)))
        report(f"evaluating {name}", number, len(put.problems) * len(put.chosen))
    return LawEvaluations(tuple(found), put.model, outcome, put.data)


def law_at(problem: OutcomeProblem, data: ObservedData) -> LawAt:
    """The empirical law, within strata of covariates where there are such."""
    if data.strata is None:
        return LawAt((1.0,), (_cells(problem, data.arms),))
    weights = np.array([float(amount) for amount in _totals(data)])
    shares = tuple(float(share) for share in weights / weights.sum())
    return LawAt(shares, tuple(_cells(problem, arms) for arms in data.strata.arms))


def _totals(data: ObservedData) -> list[Fraction]:
    assert data.strata is not None
    by_source = [arm.amounts for arm in data.strata.shares]
    return [sum((amounts[i].total for amounts in by_source), Fraction(0)) for i in range(len(data.strata.groups))]


def _cells(problem: OutcomeProblem, arms: Sequence[ObservedArm]) -> tuple[Array, ...]:
    shares = [np.array([float(p) for p in arm.probabilities]) for arm in arms]
    return tuple(shares[group.arm][list(group.cells)] for group in problem.groups)


def law_ends(
    problem: OutcomeProblem, law: LawAt, choice: Mapping[str, Fraction]
) -> tuple[float | None, float | None, float]:
    """Lower and upper bound, and the distance from the model.

    Returns
    -------
    (float or None, float or None, float)

    Raises
    ------
    DataError
        For divisors that may be negative.
    """
    program, distance = LawProgram(problem, law, choice), None
    if not program.feasible():
        program = LawProgram(problem, law, choice, "shares" if problem.apart else "cells")
        distance = program.distance() + ABOVE_LEAST
    far = distance or 0.0
    if not problem.divided:
        low, high = (program.end(sense, program.costs, distance) for sense in ("lower", "upper"))
        assert low is not None
        assert high is not None
        return low.value, high.value, far
    least, most = (program.end(sense, program.divisors, distance) for sense in ("lower", "upper"))
    assert least is not None
    assert most is not None
    if least.value < -SAME:
        raise DataError(
            "the divisor of the estimand may be negative at these data",
            remedy="By the whole law of an outcome a divisor is non-negative: the probability of a condition.",
        )
    if most.value <= SAME:
        return None, None, far
    return program.ratio("lower", distance), program.ratio("upper", distance), far
