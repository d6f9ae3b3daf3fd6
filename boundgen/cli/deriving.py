"""The verbs `derive`, `show`, `check` and `draw`: what follows from a model alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from boundgen.cli.models import derived, model_of
from boundgen.cli.numbers import WholeNumber
from boundgen.cli.options import (
    FORMATS,
    ascii_option,
    conditions_option,
    engine_option,
    estimands_argument,
    file_argument,
    format_option,
    limit_options,
    shown,
)
from boundgen.cli.terminal import INCOMPLETE, VerbOutcome, beside, complain, incomplete, unicode_wanted
from boundgen.inspection.names import STAGES
from boundgen.work import clock
from boundgen.work.limits import Limits, Resources, ignore

if TYPE_CHECKING:
    from boundgen.derivation import Derivation


@click.command()
@file_argument
@estimands_argument
@format_option("text", "latex", "json", "sympy", "typeset")
@engine_option
@conditions_option
@click.option("--orbits", is_flag=True, help="Print terms that differ by relabelling levels once.")
@ascii_option
@click.option("--verbose", is_flag=True, help="Say on stderr how the dual polyhedra are enumerated.")
@click.option("--jobs", type=WholeNumber(min=1), default=1, show_default=True, help="Processes for hard polyhedra.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler for hard polyhedra, instead of --jobs.")
@click.option("--cache", metavar="FOLDER", help="Keep enumerations there, and look there first.")
@click.option("--checkpoint", metavar="FOLDER", help="Where long enumerations note what they have found.")
@click.option("--resume", is_flag=True, help="Go on from such notes.")
@limit_options
def derive(
    file: str,
    estimands: tuple[str, ...],
    form: str,
    engine: str,
    no_conditions: bool,
    orbits: bool,
    ascii_only: bool,
    verbose: bool,
    jobs: int,
    scheduler: str | None,
    cache: str | None,
    checkpoint: str | None,
    resume: bool,
    limits: Limits,
) -> VerbOutcome:
    """Derive the sharp bounds of a model's estimands (of all, where none is named).

    Where time or memory end the work, valid bounds are printed that are not proved sharp, with exit status 3; so are
    the bounds of the others where one estimand has no answer.

    \b
    Examples:
      boundgen derive mediation_mmr delta1
      boundgen derive iv_ate --format latex --no-conditions
      boundgen derive iv_ate --orbits
    """
    from boundgen.work.executors import local_executor, scheduler_executor
    from boundgen.work.folders import checkpoint_folder

    if orbits and form == "sympy":
        raise click.UsageError("--orbits prints for readers; sympy takes every term. Leave --orbits out.")
    complaints: list[str] = []
    with scheduler_executor(scheduler) if scheduler else local_executor("processes", jobs) as executor:
        resources = Resources(
            executor, checkpoint_folder(checkpoint), resume, Path(cache) if cache else None, complaints.append
        )
        derivation = derived(
            model_of(file),
            estimands,
            engine,
            not no_conditions,
            limits,
            remark=_remark if verbose else ignore,
            resources=resources,
            partial=True,
        )
    clock.quiet()
    unproved = incomplete(derivation)
    said = [f"boundgen: {complaint}" for complaint in dict.fromkeys(complaints)]
    text = _printed(derivation, form, unicode_wanted(ascii_only), orbits)
    return VerbOutcome(text, INCOMPLETE if unproved else 0, "\n".join([*said, *([unproved] if unproved else [])]))


def _printed(derivation: Derivation, form: str, unicode: bool, orbits: bool) -> str:
    if form == "json":
        return json.dumps(derivation.json(orbits), indent=1)
    if form == "typeset":
        return json.dumps(_typeset(derivation), indent=1)
    if form == "latex":
        return derivation.latex(orbits)
    return _sympy(derivation) if form == "sympy" else derivation.text(unicode, orbits)


def _typeset(derivation: Derivation) -> dict[str, Any]:
    from boundgen.bounds.typeset import derivation_typeset

    return derivation_typeset(derivation)


def _sympy(derivation: Derivation) -> str:
    lines = []
    for bounds in derivation.closed_forms:
        lower, upper = bounds.sympy()
        lines += [f"{bounds.name}_lower = {lower}", f"{bounds.name}_upper = {upper}"]
    lines += [f"# {each.line}" for each in derivation.unanswered]
    identifiers = derivation.notation.identifiers()
    lines += [f"# {identifiers[cell.name]}: {cell.name}" for cell in derivation.cells]
    return "\n".join(lines)


def _remark(text: str) -> None:
    complain(f"boundgen: {text}")


@click.command()
@file_argument
@estimands_argument
@click.option("--at", "stage", type=click.Choice(STAGES), default="strata", show_default=True, help="Which stage.")
@format_option(*FORMATS)
@engine_option
@ascii_option
@limit_options
def show(
    file: str, estimands: tuple[str, ...], stage: str, form: str, engine: str, ascii_only: bool, limits: Limits
) -> VerbOutcome:
    """Show a stage of the derivation: the model, its principal strata, the programs, the dual, its vertices.

    Of ratios and weights: the program over strata, the one in unknowns that make its entries numbers, the dual with
    the coordinate l of a ratio, and its edges with their fractions.

    \b
    Example:
      boundgen show mediation_mmr delta1 --at strata
    """
    from boundgen.inspection.show import show as shown_stage
    from boundgen.work.limits import Budget
    from boundgen.work.progress import progress

    model = model_of(file)
    with progress() as report:
        result = shown_stage(model, estimands, stage, engine, Budget(limits, report))
        text = shown(result, form, ascii_only)
    return beside(text, result.unanswered)


@click.command()
@file_argument
@format_option(*FORMATS)
@ascii_option
@limit_options
def check(file: str, form: str, ascii_only: bool, limits: Limits) -> VerbOutcome:
    """Parse a model; report its sizes, whether its assumptions agree, what is identified, and what has a closed form.

    \b
    Example:
      boundgen check mediation_mmr
    """
    from boundgen.inspection.check import check as checked
    from boundgen.work.limits import Budget
    from boundgen.work.progress import progress

    model = model_of(file)
    with progress() as report:
        result = checked(model, Budget(limits, report))
    return beside(shown(result, form, ascii_only), result.unanswered)


@click.command()
@file_argument
@click.option("-o", "--output", metavar="PICTURE", required=True, help="Write to this .png, .svg or .pdf file.")
def draw(file: str, output: str) -> str:
    """Draw the graph of a model: effects, what is randomized, unmeasured confounding (dashed).

    \b
    Example:
      boundgen draw mediation_mmr -o graph.svg
    """
    from boundgen.pictures.files import picture_format, write_picture

    picture_format(output)
    model = model_of(file)
    write_picture(model.graph(), output)
    return f"{output}: the graph of {model.name}"
