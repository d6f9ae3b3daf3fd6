"""The verb `family`: one closed form for every number of levels."""

from __future__ import annotations

import json
import re

import click

from boundgen.cli.models import model_of
from boundgen.cli.options import (
    FORMATS,
    Output,
    ascii_option,
    engine_option,
    estimands_argument,
    file_argument,
    format_option,
    gathered,
    limit_options,
    output_option,
)
from boundgen.cli.terminal import INCOMPLETE, VerbOutcome, beside
from boundgen.work.limits import Limits

LEVELS = re.compile(r"([A-Za-z_]\w*)=([1-9]\d{0,3})\.\.([1-9]\d{0,3})", re.ASCII)
PYTHON, CERTIFICATE = "python", "certificate"


def _levels(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, range]:
    match = LEVELS.fullmatch(value.replace(" ", ""))
    if match is None:
        raise click.BadParameter("write a variable with the fewest and the most levels: Z=3..8.")
    low, high = int(match[2]), int(match[3])
    if low >= high:
        raise click.BadParameter(f"{value} has no two numbers of levels: write the smaller one first, Z=3..8.")
    return match[1], range(low, high + 1)


@click.command("family")
@file_argument
@estimands_argument
@click.option(
    "--levels", required=True, metavar="V=LOW..HIGH", callback=_levels, help="Derive with so many levels of V: Z=3..8."
)
@format_option(*FORMATS, PYTHON, CERTIFICATE)
@ascii_option
@output_option("Write to this file, whole or not at all.")
@engine_option
@limit_options
@gathered("output", Output, ("form", "ascii_only", "output"))
def family_verb(
    file: str, estimands: tuple[str, ...], levels: tuple[str, range], engine: str, limits: Limits, output: Output
) -> VerbOutcome:
    """Find the bounds of a model for every number of levels of a variable.

    The model is derived with several numbers of levels. The kinds of terms that come back at each are the closed form,
    printed with letters in place of levels, and with what proves that they are valid and that there are no others at
    every number of levels; where nothing does, that is said. Exit status 3 where the kinds do not come back.

    \b
    Examples:
      boundgen family iv_ate ate --levels Z=2..6
      boundgen family iv_ate ate --levels Z=2..6 --format python -o iv_family.py
      boundgen family iv_ate ate --levels Z=2..4 --format certificate -o iv_family.json
    """
    from boundgen.families.finding import family
    from boundgen.work.progress import progress

    variable, numbers = levels
    model = model_of(file)
    with progress() as report:
        found = family(model, {variable: numbers}, estimands, engine=engine, limits=limits, report=report)
        if output.form == CERTIFICATE:
            text = json.dumps(found.certificate(limits), indent=1)
        else:
            text = found.python() if output.form == PYTHON else output.text(found)
    summary = f"{found.model.name} for every number of levels of {variable}"
    late = [f"boundgen: {found.missing}"] if found.missing else []
    return beside(output.given(text, summary), found.unanswered, late, INCOMPLETE if late else 0)
