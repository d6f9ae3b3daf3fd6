"""The verbs `evaluate` and `estimate`: bounds at data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from boundgen.cli.breakdown import Sought, breakdown_options, breakdown_outcome, check_drawn
from boundgen.cli.models import derived, model_of
from boundgen.cli.numbers import REAL, WHOLE
from boundgen.cli.options import (
    FORMATS,
    Output,
    Reading,
    ascii_option,
    check_apart,
    conditions_option,
    data_options,
    engine_option,
    file_argument,
    format_option,
    gathered,
    law_option,
    limit_options,
    names_of,
    output_option,
)
from boundgen.cli.terminal import INCOMPLETE, VerbOutcome, answer_kept, missing, without
from boundgen.data.names import THIN_STRATA, ThinStrata
from boundgen.inference.names import METHODS, ROBUST, Robust
from boundgen.work import clock
from boundgen.work.limits import Limits

if TYPE_CHECKING:
    from boundgen.data.observed import ObservedData
    from boundgen.derivation import Derivation
    from boundgen.evaluation.evaluations import Evaluations
    from boundgen.language.model import Model

ByLaw = TypeVar("ByLaw")
ParameterGrid = Mapping[str, tuple[Fraction, ...]]


@dataclass(frozen=True)
class AtData:
    """What both verbs are asked: a model, data, how the bounds are derived, or an outcome used by its whole law."""

    file: str
    data: tuple[str, ...]
    estimands: tuple[str, ...]
    at: tuple[str, ...]
    reading: Reading
    engine: str
    no_conditions: bool
    limits: Limits
    law: str | None = None

    @cached_property
    def model(self) -> Model:
        return model_of(self.file)

    def values(self) -> ParameterGrid:
        """The values of the parameters; what can be refused at once is refused before long work."""
        from boundgen.bounds.posing import chosen_estimands
        from boundgen.data.options import parameter_values
        from boundgen.evaluation.evaluate import checked_parameters

        chosen_estimands(self.model, self.estimands)
        return checked_parameters(self.model.parameters, parameter_values(self.at))

    def observed(self) -> ObservedData:
        from boundgen.work.progress import progress

        with progress() as report:
            return self.reading.observed(self.model, self.data, self.limits, report)

    def derived(self, programs: bool = False) -> Derivation:
        """Bounds, perhaps not proved sharp; or, if they will do, the programs alone."""
        return derived(
            self.model,
            self.estimands,
            self.engine,
            not self.no_conditions,
            self.limits,
            partial=True,
            programs=programs,
        )

    def by_law(self, solve: Callable[..., ByLaw], **options: Any) -> ByLaw:
        """The bounds by the whole law of an outcome, or estimates of them."""
        from boundgen.data.options import parameter_values
        from boundgen.work.progress import progress

        with progress() as report:
            return solve(
                self.model,
                self.law,
                list(self.data),
                parameter_values(self.at),
                estimands=self.estimands,
                limits=self.limits,
                report=report,
                **vars(self.reading),
                **options,
            )

    def posed(self) -> Derivation:
        """The programs alone."""
        from boundgen.derivation import posed
        from boundgen.work.progress import progress

        with progress() as report:
            return posed(self.model, self.estimands, limits=self.limits, report=report)

    def proved(self) -> Derivation:
        """Bounds that are proved sharp: intervals are made of them."""
        from boundgen.bounds.proved import not_proved

        derivation = self.derived()
        if not derivation.closed_forms:
            raise derivation.unanswered[0].error
        if derivation.missing not in ((), (derivation.conditions_missing,)):
            raise not_proved(derivation.missing[0]).beside(derivation.text())
        return derivation


within_option = click.option(
    "--within",
    multiple=True,
    metavar="COLUMN,...",
    help="Discrete covariates, measured before treatment: sharper bounds, within their strata and averaged over them.",
)
thin_strata_option = click.option(
    "--thin-strata",
    type=click.Choice(THIN_STRATA),
    default=THIN_STRATA[0],
    show_default=True,
    help="Strata with fewer than five units in an arm: merged with the nearest, or left out, with a note; or refused.",
)


@click.command()
@file_argument
@data_options
@within_option
@thin_strata_option
@format_option(*FORMATS)
@click.option("--show-data", is_flag=True, help="With --format json: the units and shares that were read, too.")
@output_option("Write to this file, whole or not at all.")
@click.option("--plot", "picture", metavar="PICTURE", help="Draw them too, in this .png, .svg or .pdf file.")
@law_option
@engine_option
@conditions_option
@ascii_option
@limit_options
@gathered("output", Output, ("form", "ascii_only", "output", "picture"))
@gathered("asked", AtData, names_of(AtData))
def evaluate(
    asked: AtData, output: Output, within: tuple[str, ...], thin_strata: ThinStrata, show_data: bool
) -> str | VerbOutcome:
    """Evaluate bounds at data: plug-in values, the terms that give them, testable implications that fail.

    DATA is a file (text, .xlsx, .rds, .rda, .dta, .parquet) or the name of shipped data. It holds micro-data, one row
    for each unit; or counts (a column count, n, Freq, ...) or probabilities (a column probability, prop, ...), beside a
    column for each variable or beside a column cell of names such as P(Y=1,M=0|A=1); or events and totals of groups;
    or a cross-tabulation. --counts, --probabilities, --events and --totals name columns.

    --recode makes values: Y=cut(1,3,5) and Y=quantiles(4) cut numbers into the values of Y, A=values(treated=1,
    control=0) renames, R=there says whether a value is there. One column may be Y and R: --map R=vote,Y=vote.

    A model with several observe statements takes one file that has all columns, or several: 1=FILE 2=FILE.
    --map, --where say "1: ..." about one statement.

    --plot draws a bar for each estimand; where a parameter has several values, the bounds against it, with their
    kinks and the value at which the sign is lost, from the smallest value to the largest. Of an estimand without a
    closed form it draws the exact bounds at each value.

    --law Y uses every distinct value of a numeric outcome Y (trimming bounds): by a linear program at these data, where
    assumptions and estimands speak of one potential outcome of Y at a time. With --within its bounds are those within
    strata of covariates, averaged over them; without --law these are given by estimate.

    \b
    Examples:
      boundgen evaluate mediation_mmr jobs
      boundgen evaluate mediation_limited_defiers jobs --estimand delta1 --at gamma=0:0.2:0.05
      boundgen evaluate mediation_parallel boundsdata_parallel --format csv
      boundgen evaluate mediation_limited_defiers bursztyn --at gamma=0:0.3:0.1 --plot gamma.svg
    """
    from boundgen.evaluation.evaluate import evaluate as evaluated
    from boundgen.evaluation.report import open_gaps
    from boundgen.work.progress import progress

    asked = replace(asked, reading=replace(asked.reading, within=within, thin_strata=thin_strata))
    if asked.law is not None:
        from boundgen.evaluation.whole_law import evaluate_law

        refuse_beside_law({"--plot": output.picture, "--no-conditions": asked.no_conditions, "--show-data": show_data})
        evaluated_law = asked.by_law(evaluate_law)
        return output.given(output.text(evaluated_law), f"{len(evaluated_law)} evaluations of {asked.model.name}")
    _check_no_strata(within)
    _check_shown(show_data, output.form)
    values = asked.values()
    if output.picture is not None:
        _check_plot(output.picture, output.output, values, asked.no_conditions)
    observed = asked.observed()
    derivation = asked.derived()
    with progress() as report:
        evaluations = evaluated(derivation, observed, values, report=report, limits=asked.limits)
        # The same information gives the same bytes, however it is written: files and units stand there on request.
        text = (
            json.dumps(evaluations.json() | {"data": observed.json()}, indent=1)
            if show_data
            else output.text(evaluations)
        )
    if output.picture is not None:
        with answer_kept(text):
            _plot(output.picture, evaluations, derivation, observed)
    drawn = f"\n{output.picture}: a picture of them" if output.picture is not None else ""
    text = output.given(text, f"{len(evaluations)} evaluations of {asked.model.name}{drawn}")
    not_drawn = _not_drawn(evaluations) if output.picture is not None else []
    gaps = [f"boundgen: {line}" for line in open_gaps(evaluations)]
    complaint = "\n".join([*missing(derivation), *without(evaluations.unanswered), *not_drawn, *gaps])
    return VerbOutcome(text, INCOMPLETE, complaint) if complaint else text


def refuse_beside_law(given: Mapping[str, object]) -> None:
    """Options that say nothing about an outcome's whole law."""
    for name, value in given.items():
        if value:
            raise click.UsageError(f"{name} is not for the whole law of an outcome: leave it or --law out.")


def _check_no_strata(within: tuple[str, ...]) -> None:
    """Closed forms are averaged over strata by `estimate` alone."""
    if within:
        raise click.UsageError("--within goes with --law, or with the verb estimate: plug-in bounds stand there too.")


def _check_shown(show_data: bool, form: str) -> None:
    """What was read stands in JSON alone, and there on request."""
    if show_data and form != "json":
        raise click.UsageError("--show-data goes with --format json: text says what was read, other forms do not.")


def _check_plot(picture: str, output: str | None, values: ParameterGrid, no_conditions: bool) -> None:
    """What cannot be drawn is refused before long work."""
    from boundgen.pictures.evaluations import varying_parameter
    from boundgen.pictures.files import picture_format

    picture_format(picture)
    check_apart(output, picture)
    name = varying_parameter(values)
    if name is not None and no_conditions:
        raise click.UsageError(
            f"a picture against {name} shows where testable implications fail: leave --no-conditions out."
        )


def _plot(picture: str, evaluations: Evaluations, derivation: Derivation, observed: ObservedData) -> None:
    from boundgen.data.report import sources_text
    from boundgen.pictures.evaluations import evaluation_chart
    from boundgen.pictures.files import write_picture

    title = f"{derivation.model.title or derivation.model.name}\n{sources_text(observed)}"
    write_picture(evaluation_chart(evaluations, derivation, observed.probabilities, title=title), picture)


def _not_drawn(evaluations: Evaluations) -> list[str]:
    """A table says where an estimand is undefined at these data; a picture cannot."""
    defined = {each.estimand for each in evaluations if each.lower is not None}
    undefined = dict.fromkeys(each.estimand for each in evaluations if each.estimand not in defined)
    return [f"boundgen: {name}: not drawn: undefined at these data" for name in undefined]


@click.command()
@file_argument
@data_options
@click.option("--cluster", metavar="COLUMN", help="Clusters of units of micro-data, for the covariance.")
@within_option
@thin_strata_option
@click.option("--level", type=REAL, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--seed", type=WHOLE, default=1, show_default=True, help="The same seed gives the same numbers.")
@click.option(
    "--draws",
    type=WHOLE,
    default=100_000,
    show_default=True,
    help="Gaussian vectors for critical values; 0: exact probabilities, for few terms.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="What each assumes is printed with its intervals; bootstrap is invalid where terms tie.",
)
@breakdown_options
@click.option("--plot", "picture", metavar="FILE", help="Draw bounds and intervals too: .svg, .pdf or .png.")
@click.option(
    "--robust",
    type=click.Choice(ROBUST),
    default=ROBUST[0],
    show_default=True,
    help="Intervals that are never empty and stay valid in a wrong model: where the sample contradicts it, or as said.",
)
@click.option(
    "--numeric",
    is_flag=True,
    help="Derive no bounds: test the program over strata at each value, where terms would be thousands.",
)
@click.option("--project", is_flag=True, help="Where data break the model: bounds at its nearest distribution too.")
@format_option(*FORMATS)
@output_option("Write to this file, whole or not at all.")
@law_option
@engine_option
@conditions_option
@ascii_option
@limit_options
@gathered("output", Output, ("form", "ascii_only", "output", "picture"))
@gathered("asked", AtData, names_of(AtData))
def estimate(
    asked: AtData,
    output: Output,
    cluster: str | None,
    within: tuple[str, ...],
    thin_strata: ThinStrata,
    level: float,
    seed: int,
    draws: int,
    method: str,
    robust: Robust,
    numeric: bool,
    project: bool,
    sought: Sought,
) -> VerbOutcome:
    """Estimate bounds from a sample: half-median-unbiased bounds and intervals, by intersection bounds.

    Plug-in bounds are too narrow in samples, because of the max and min. These intervals (Chernozhukov, Lee & Rosen
    2013) cover the bounds, or the estimand, with the stated probability. Data and options are those of evaluate.

    Where an estimand has no closed form, or its enumeration was not finished in time, or with --numeric, the program
    over strata is tested at each value instead (Cox & Shi 2023); it is said which.

    Statements about the same rows, weights and clusters are accounted for. With --within, bounds within strata of
    covariates are averaged over these. A stratum with fewer than five units in an arm is merged with the one from which
    it differs least, and that is said; --thin-strata leave-out or refuse.

    --law Y uses every distinct value of a numeric outcome Y, as evaluate does; intervals are cross-fitted dual bounds.

    --plot draws a bar for each estimand; where a parameter has three values or more, bounds and intervals against
    it, and the interval of the value at which the sign is lost. --breakdown gives that value and its limits.

    \b
    Examples:
      boundgen estimate mediation_mmr boundsdata
      boundgen estimate mediation_mmr jobs_sex --within sex --estimand delta0
      boundgen estimate mediation_limited_defiers jobs --estimand delta1 --at gamma=0:0.1:0.05
      boundgen estimate mediation_mmr jobs --method directional --plot jobs.svg
      boundgen estimate mediation_limited_defiers bursztyn --at gamma=0:0.2:0.01 --plot gamma.svg
      boundgen estimate mediation_limited_defiers bursztyn --breakdown gamma
      boundgen estimate mediation_mmr jobs --method cox-shi
    """
    from boundgen.inference.estimate import estimate as estimated
    from boundgen.inference.report import open_projections
    from boundgen.pictures.files import write_picture
    from boundgen.work.progress import progress

    asked = replace(asked, reading=replace(asked.reading, cluster=cluster, within=within, thin_strata=thin_strata))
    if asked.law is not None:
        from boundgen.inference.law_estimation import estimate_law

        beside: dict[str, object] = {
            "--method": method != METHODS[0],
            "--robust": robust != ROBUST[0],
            "--numeric": numeric,
        }
        beside |= {"--project": project, "--breakdown": sought.parameter, "--plot": output.picture}
        refuse_beside_law({**beside, "--no-conditions": asked.no_conditions})
        by_law = asked.by_law(estimate_law, level=level, seed=seed)
        summary = f"{len(by_law.estimates)} estimates of {asked.model.name}"
        return VerbOutcome(output.given(output.text(by_law), summary), 0)
    sought.check(method, METHODS[0], within, project, robust)
    if sought.parameter is not None:
        return breakdown_outcome(asked, output, sought.along(asked, output.picture), level, seed, draws)
    values = asked.values()
    if output.picture is not None:
        check_drawn(output.picture, output.output, values, asked.no_conditions)
    observed = asked.observed()
    derivation = asked.posed() if numeric else asked.derived(programs=True)
    if derivation.unanswered or derivation.missing:
        # The time was for the closed form; what is answered without one is answered after it.
        clock.quiet()
    with progress() as report:
        estimation = estimated(
            derivation,
            observed,
            values,
            level=level,
            seed=seed,
            draws=draws,
            method=method,
            project=project,
            robust=robust,
            limits=asked.limits,
            report=report,
        )
    text = output.text(estimation)
    if output.picture is not None:
        with answer_kept(text):
            write_picture(estimation.plot(), output.picture)
    text = output.given(text, f"{len(estimation.estimates)} estimates of {asked.model.name}")
    # What has no proved form is answered by numbers, or without an answer; what is left are testable implications.
    late = missing(derivation) if derivation.missing == (derivation.conditions_missing,) else []
    gaps = [f"boundgen: {line}" for line in open_projections(estimation)]
    complaint = "\n".join([*late, *without(estimation.unanswered), *gaps])
    return VerbOutcome(text, INCOMPLETE if complaint else 0, complaint)
