"""The verb ``response``: the check of a monotonic mediator response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from boundgen.cli.numbers import REAL, WHOLE
from boundgen.cli.options import (
    FORMATS,
    KINDS,
    Output,
    ascii_option,
    check_apart,
    format_option,
    gathered,
    names_of,
    output_option,
    recode_option,
)
from boundgen.cli.terminal import answer_kept
from boundgen.companions.names import LEARNERS

if TYPE_CHECKING:
    from boundgen.companions.mediator_response import ResponseSettings
    from boundgen.data.table_columns import TableKind


@dataclass(frozen=True)
class UnitReading:
    """How columns of units are read."""

    columns: tuple[str, ...]
    where: tuple[str, ...]
    dichotomize: tuple[str, ...]
    recode: tuple[str, ...]
    weights: str | None
    cluster: str | None
    kind: TableKind
    counts: str | None
    drop_missing: bool


@dataclass(frozen=True)
class ResponseTuning:
    """How the check is made."""

    learner: str
    decreasing: bool
    share: float
    splits: int
    seed: int
    level: float

    def settings(self) -> ResponseSettings:
        """The same as the check takes it."""
        from boundgen.companions.mediator_response import ResponseSettings

        return ResponseSettings(**vars(self))


@click.command()
@click.argument("data", metavar="DATA")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="PART=COLUMN,...",
    help="A treatment, M mediator, X covariate, C cluster.",
)
@click.option("--covariates", multiple=True, metavar="COLUMN,...", help="Columns from before the treatment; texts too.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Use only such rows; also != < <= > >=.")
@click.option(
    "--dichotomize",
    multiple=True,
    metavar="PART>NUMBER",
    help="Cut a column into 0 and 1: M>7, M=median (above it), M>=median, M=yes.",
)
@recode_option
@click.option("--weights", metavar="COLUMN", help="Weights of micro-data.")
@click.option("--cluster", metavar="COLUMN", help="Clusters of units of micro-data; they are held out whole.")
@click.option("--kind", type=click.Choice(KINDS[:3]), default="auto", show_default=True)
@click.option("--counts", metavar="COLUMN", help="DATA is a table: this column says how many units are alike.")
@click.option("--drop-missing", is_flag=True, help="Leave rows out that miss a value, and say how many.")
@click.option(
    "--learner",
    type=click.Choice(LEARNERS),
    default=LEARNERS[0],
    show_default=True,
    help="What finds the groups: a causal tree, or the causal forest of econml.",
)
@click.option("--decreasing", is_flag=True, help="The assumption is that the treatment raises nobody's mediator.")
@click.option("--share", type=REAL, default=0.2, show_default=True, help="Of units in the group that is tested.")
@click.option("--splits", type=WHOLE, default=20, show_default=True, help="Halvings of the sample.")
@click.option("--seed", type=WHOLE, default=1, show_default=True, help="The same seed gives the same numbers.")
@click.option("--level", type=REAL, default=0.95, show_default=True, help="Of the intervals.")
@format_option(*FORMATS)
@click.option("--plot", "picture", metavar="PICTURE", help="Draw the histogram, in this .png, .svg or .pdf file.")
@output_option("Write to this file, whole or not at all.")
@ascii_option
@gathered("output", Output, ("form", "ascii_only", "output", "picture"))
@gathered("reading", UnitReading, names_of(UnitReading))
@gathered("tuning", ResponseTuning, names_of(ResponseTuning))
def response(
    data: str, covariates: tuple[str, ...], output: Output, reading: UnitReading, tuning: ResponseTuning
) -> str:
    """Check a monotonic mediator response: no group may respond the other way on average.

    On one half of the units a learner finds where effects on the mediator are lowest; on the other half the average
    effect of that group is tested against zero, many times over. Beside the test stand the histogram of estimated
    effects (--plot), and tables of effects by predicted effect and by covariate. DATA is a file (text, .xlsx,
    .rds, .rda, .dta, .parquet) of micro-data or counts, or the name of shipped data. A part that --map does not name
    is the column of that name. The treatment is randomized with the same probability for all; units are independent,
    or in clusters that are.

    \b
    Examples:
      boundgen response jobs_sex --covariates sex
      boundgen response jobs_sex --map X=sex --share 0.3 --plot response.svg
    """
    from boundgen.companions.response import response as checked
    from boundgen.pictures.files import picture_format, write_picture
    from boundgen.work.progress import progress

    if output.picture is not None:
        check_apart(output.output, output.picture)
        picture_format(output.picture)
    with progress() as report:
        found = checked(data, covariates, settings=tuning.settings(), report=report, **vars(reading))
    text = output.text(found)
    if output.picture is not None:
        with answer_kept(text):
            write_picture(found.plot(data), output.picture)
    picture = f"\n{output.picture}: a picture of it" if output.picture else ""
    return output.given(text, f"the check of a monotonic mediator response at {data}{picture}")
