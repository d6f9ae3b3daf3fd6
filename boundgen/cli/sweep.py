"""The verb `sweep`: many derivations."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from boundgen.cli.models import model_of
from boundgen.cli.numbers import RealNumber, WholeNumber
from boundgen.cli.options import (
    FORMATS,
    KINDS,
    OF_COLUMNS,
    Output,
    Reading,
    estimand_option,
    format_option,
    gathered,
    names_of,
    output_option,
    recode_option,
)
from boundgen.cli.terminal import VerbOutcome, beside

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from boundgen.language.model import Model


@dataclass(frozen=True)
class SweepData:
    """Data at which bounds are wanted too."""

    data: tuple[str, ...]
    at: tuple[str, ...]
    reading: Reading

    def cells(self, model: Model) -> dict[str, Fraction] | None:
        """The observed distribution, if there are data."""
        return dict(self.reading.observed(model, self.data).probabilities) if self.data else None

    def parameters(self, model: Model) -> dict[str, Fraction]:
        """One value for each parameter."""
        from boundgen.data.options import parameter_values
        from boundgen.evaluation.evaluate import checked_parameters

        if not self.data:
            return {}
        values = checked_parameters(model.parameters, parameter_values(self.at))
        for name, several in values.items():
            if len(several) != 1:
                raise click.UsageError(f"parameter {name} takes one value here: --at {name}=0.1.")
        return {name: value for name, (value,) in values.items()}


@dataclass(frozen=True)
class Machines:
    """Where derivations run, and where their enumerations are kept."""

    jobs: int
    executor: str
    scheduler: str | None
    cache: str | None
    no_cache: bool

    def started(self) -> AbstractContextManager[Executor | None]:
        """The executor, while it is needed."""
        from boundgen.work.executors import local_executor, scheduler_executor

        if self.scheduler:
            return scheduler_executor(self.scheduler)
        return local_executor(self.executor, self.jobs)

    def folder(self) -> tuple[Path | None, tuple[str, ...]]:
        """The cache, and what is to be said of it: nobody asked for the one of the user's caches."""
        from pathlib import Path

        from boundgen.work.folders import doubt, user_folder

        if self.cache:
            return Path(self.cache), ()
        folder = user_folder("enumerations")
        if self.no_cache:
            return None, ()
        reason = doubt(folder)
        return (None, (f"the cache {folder} is not used: {reason}",)) if reason else (folder, ())


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@estimand_option
@click.option("--always", multiple=True, metavar="NAME", help="An assumption that stands in every subset.")
@click.option("--max-subsets", type=WholeNumber(min=1), default=256, show_default=True, help="Most subsets.")
@click.option("--data", "data", multiple=True, metavar="DATA", help="Give the bounds at these data too, as evaluate.")
@click.option("--map", "columns", multiple=True, metavar="V=COLUMN,...", help="As for evaluate.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="As for evaluate.")
@click.option("--dichotomize", multiple=True, metavar="V>NUMBER", help="As for evaluate.")
@recode_option
@click.option("--weights", metavar="COLUMN", help="As for evaluate.")
@click.option("--kind", type=click.Choice(KINDS), default="auto")
@click.option("--counts", metavar="COLUMN", help="As for evaluate.")
@click.option("--probabilities", metavar="COLUMN", help="As for evaluate.")
@click.option("--drop-missing", is_flag=True, help="As for evaluate.")
@click.option("--at", multiple=True, metavar="NAME=VALUE", help="Values of parameters at the data.")
@click.option("--jobs", type=WholeNumber(min=1), default=1, show_default=True, help="Derivations at a time.")
@click.option("--executor", type=click.Choice(("processes", "threads")), default="processes", show_default=True)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler: tcp://HOST:PORT; instead of --jobs.")
@click.option("--cache", metavar="FOLDER", help="Keep enumerations there. [default: a folder of the user's caches]")
@click.option("--no-cache", is_flag=True, help="Keep nothing.")
@click.option("--time-limit", type=RealNumber(min=0, min_open=True), metavar="SECONDS", help="Of each derivation.")
@format_option(*FORMATS)
@output_option("Write to this file, whole or not at all.")
@gathered("output", Output, ("form", "output"))
@gathered("machines", Machines, names_of(Machines))
@gathered("reading", Reading, (*OF_COLUMNS, "probabilities"))
@gathered("at_data", SweepData, names_of(SweepData))
def sweep(
    files: tuple[str, ...],
    estimands: tuple[str, ...],
    always: tuple[str, ...],
    max_subsets: int,
    time_limit: float | None,
    at_data: SweepData,
    machines: Machines,
    output: Output,
) -> VerbOutcome:
    """Derive every subset of a model's assumptions for every estimand; of several models, each as it is.

    The table says how many terms each side has, whether the estimand is identified, and how many testable
    implications there are; then what each assumption adds to all the others.

    \b
    Examples:
      boundgen sweep mediation_mmr
      boundgen sweep mediation_limited_defiers --estimand delta1 --data jobs --at gamma=0.1 --jobs 2
    """
    from boundgen.sweep import sweep as swept
    from boundgen.work.progress import progress

    models = [model_of(file) for file in files]
    if len(models) > 1 and (always or at_data.data):
        raise click.UsageError("--always and --data are for a single model.")
    parameters, cells = at_data.parameters(models[0]), at_data.cells(models[0])
    cache, complaints = machines.folder()
    with progress() as report, machines.started() as executor:
        result = swept(
            models[0] if len(models) == 1 else models,
            estimands,
            always=always,
            cells=cells,
            parameters=parameters,
            executor=executor,
            cache=cache,
            seconds=time_limit,
            most=max_subsets,
            done=lambda k, total: report("derivations", k, total),
        )
    unanswered = result.unanswered
    if not result.has_answers:
        raise unanswered[0].error
    said = [f"boundgen: {complaint}" for complaint in (*complaints, *result.complaints)]
    return beside(output.given(output.text(result), f"{len(result.cases)} derivations"), unanswered, said)
