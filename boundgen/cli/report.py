"""The verb `report`: several mediators, outcomes or sets of assumptions in one table and one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from boundgen.cli.numbers import REAL, WHOLE
from boundgen.cli.options import (
    FORMATS,
    Output,
    Reading,
    ascii_option,
    check_apart,
    estimand_option,
    format_option,
    gathered,
    limit_options,
    output_option,
    reading_options,
)
from boundgen.cli.terminal import INCOMPLETE, VerbOutcome, answer_kept, without
from boundgen.inference.names import METHODS
from boundgen.work.limits import Limits

if TYPE_CHECKING:
    from boundgen.inference.side_by_side import SideBySide

several_columns = click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="V=COLUMN,...",
    help="Columns of variables; of one variable several: M=anger,fear,guilt. Every choice of columns is a row.",
)


@click.command()
@click.argument("given", nargs=-1, required=True, metavar="FILE... DATA")
@estimand_option
@reading_options(several_columns)
@click.option("--level", type=REAL, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--seed", type=WHOLE, default=1, show_default=True, help="The same seed gives the same numbers.")
@click.option("--draws", type=WHOLE, default=100_000, show_default=True, help="Gaussian vectors for critical values.")
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True, help="As for estimate.")
@format_option(*FORMATS)
@output_option("Write to this file, whole or not at all.")
@click.option("--plot", "picture", metavar="PICTURE", help="Draw it too, in this .png, .svg or .pdf file.")
@click.option("--title", default="", metavar="TEXT", help="Of the picture.")
@ascii_option
@limit_options
@gathered("output", Output, ("form", "ascii_only", "output", "picture"))
def report(
    given: tuple[str, ...],
    estimands: tuple[str, ...],
    at: tuple[str, ...],
    reading: Reading,
    level: float,
    seed: int,
    draws: int,
    method: str,
    title: str,
    output: Output,
    limits: Limits,
) -> VerbOutcome:
    """Estimate bounds for several mediators, outcomes or sets of assumptions, in one table and one picture.

    FILE... are models, one for each set of assumptions; DATA is one source, as for evaluate. Where --map names several
    columns of a variable, each is a row. Beside the bounds stand the effect of the treatment on the mediator and its
    total effect. --plot draws them as Figures 2 and 4 of Blackwell, Ma & Opacic (2024): effects on the mediator at
    left, bounds thick, intervals thin, zero and the total effect dotted.

    \b
    Examples:
      boundgen report mediation_randomization mediation_mmr framing --estimand delta0 --plot framing.svg
      boundgen report mediation_randomization mediation_mmr study.csv --map A=treat,M=anger,fear,Y=vote
        --dichotomize M=median --estimand delta0 --format latex
    """
    from boundgen.data.options import parameter_values
    from boundgen.inference.side_by_side import side_by_side
    from boundgen.pictures.files import picture_format, write_picture
    from boundgen.work.progress import progress

    *models, data = given
    if not models:
        raise click.UsageError("report takes models, and behind them data: FILE... DATA.")
    if output.picture is not None:
        picture_format(output.picture)
        check_apart(output.output, output.picture)
    options = {name: value for name, value in vars(reading).items() if name != "columns"}
    with progress() as told:
        study = side_by_side(
            models,
            data,
            estimands,
            columns=reading.columns,
            parameters=parameter_values(at),
            level=level,
            seed=seed,
            draws=draws,
            method=method,
            limits=limits,
            report=told,
            **options,
        )
    text = output.text(study)
    if output.picture is not None:
        with answer_kept(text):
            write_picture(study.plot(title=title), output.picture)
    return _outcome(study, output, text)


def _outcome(study: SideBySide, output: Output, text: str) -> VerbOutcome:
    drawn = f"\n{output.picture}: a picture of them" if output.picture is not None else ""
    text = output.given(text, f"{len(study.chosen)} rows of {len(study.models)} sets of assumptions{drawn}")
    complaint = "\n".join(without(study.unanswered))
    return VerbOutcome(text, INCOMPLETE if complaint else 0, complaint)
