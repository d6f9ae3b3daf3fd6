"""The verb `sweep`."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from boundgen.cli.numbers import RealNumber, WholeNumber
from boundgen.cli.options import output_option

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from boundgen.cli.main import Outcome


FORMATS = ("text", "csv", "json", "latex")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--estimand", "estimands", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--always", multiple=True, metavar="NAME", help="An assumption that stands in every subset.")
@click.option("--max-subsets", type=WholeNumber(min=1), default=256, show_default=True, help="Most subsets.")
@click.option("--data", "data", multiple=True, metavar="DATA", help="Give the bounds at these data too, as evaluate.")
@click.option("--map", "columns", multiple=True, metavar="V=COLUMN,...", help="As for evaluate.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="As for evaluate.")
@click.option("--dichotomize", multiple=True, metavar="V>NUMBER", help="As for evaluate.")
@click.option("--weights", metavar="COLUMN", help="As for evaluate.")
@click.option("--kind", type=click.Choice(("auto", "microdata", "counts", "probabilities")), default="auto")
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
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@output_option("Write to this file, whole or not at all.")
def sweep(files: tuple[str, ...], form: str, output: str | None, **given: Any) -> Outcome:
    """Derive every subset of a model's assumptions for every estimand; of several models, each as it is.

    The table says how many terms each side has, whether the estimand is identified, and how many testable
    implications there are; then what each assumption adds to all the others.

    \b
    Examples:
      boundgen sweep mediation_mmr
      boundgen sweep mediation_limited_defiers --estimand delta1 --data jobs --at gamma=0.1 --jobs 2
    """
    from boundgen.cli.main import beside
    from boundgen.rendering.text import printed
    from boundgen.sweep import sweep as swept
    from boundgen.work.files import read_model, write_whole
    from boundgen.work.progress import progress

    models = [read_model(file) for file in files]
    if len(models) > 1 and (given["always"] or given["data"]):
        raise click.UsageError("--always and --data are for a single model.")
    cells, parameters = _at_data(models[0], given) if given["data"] else (None, {})
    cache, complaints = _cache(given["cache"], given["no_cache"])
    with progress() as report, _executor(given) as executor:
        found = swept(
            models[0] if len(models) == 1 else models,
            given["estimands"],
            always=given["always"],
            cells=cells,
            parameters=parameters,
            executor=executor,
            cache=cache,
            seconds=given["time_limit"],
            most=given["max_subsets"],
            done=lambda k, total: report("derivations", k, total),
        )
    text = json.dumps(found.json(), indent=1) if form == "json" else getattr(found, form)()
    without = found.unanswered
    if len({(each.model, each.estimand) for each in found.cases}) == len(without):
        raise without[0].error
    said = [f"boundgen: {complaint}" for complaint in (*complaints, *found.complaints)]
    if output is not None:
        write_whole(output, printed(text))
        text = f"{output}: {len(found.cases)} derivations"
    return beside(text, without, said)


def _cache(given: str | None, none: bool) -> tuple[Path | None, tuple[str, ...]]:
    """The folder for enumerations, and what is to be said of it: nobody asked for the one of the user's caches."""
    from pathlib import Path

    from boundgen.work.folders import doubt, user_folder

    if given:
        return Path(given), ()
    folder = user_folder("enumerations")
    if none:
        return None, ()
    reason = doubt(folder)
    return (None, (f"the cache {folder} is not used: {reason}",)) if reason else (folder, ())


def _executor(given: dict[str, Any]) -> AbstractContextManager[Executor | None]:
    from boundgen.work.executors import local_executor, scheduler_executor

    if given["scheduler"]:
        return scheduler_executor(given["scheduler"])
    return local_executor(given["executor"], given["jobs"])


def _at_data(model: Any, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The observed distribution, and one value for each parameter."""
    from boundgen.data.options import parameter_values
    from boundgen.data.reading import read_data
    from boundgen.evaluation.evaluate import checked_parameters

    values = checked_parameters(model.parameters, parameter_values(given["at"]))
    for name, found in values.items():
        if len(found) != 1:
            raise click.UsageError(f"parameter {name} takes one value here: --at {name}=0.1.")
    observed = read_data(
        model,
        given["data"],
        columns=given["columns"],
        where=given["where"],
        dichotomize=given["dichotomize"],
        weights=given["weights"],
        kind=given["kind"],
        counts=given["counts"],
        probabilities=given["probabilities"],
        drop_missing=given["drop_missing"],
    )
    return dict(observed.probabilities), {name: found[0] for name, found in values.items()}
