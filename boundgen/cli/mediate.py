"""The verb ``mediate``: companion methods at data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from boundgen.cli.numbers import REAL, WHOLE
from boundgen.cli.options import (
    FORMATS,
    KINDS,
    OF_COLUMNS,
    Output,
    Reading,
    ascii_option,
    check_apart,
    format_option,
    gathered,
    names_of,
    output_option,
    recode_option,
)
from boundgen.cli.terminal import answer_kept
from boundgen.companions.names import BASES, ERRORS, METHODS, TREES
from boundgen.errors import DataError, quoted
from boundgen.exact.rational import real

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundgen.companions.comparison import MethodComparison
    from boundgen.companions.mediate import Settings
    from boundgen.companions.result import CompanionResult


@dataclass(frozen=True)
class Tuning:
    """What methods are told beside the data; some options are of single methods."""

    level: float
    seed: int
    draws: int
    errors: Any
    tau_r: tuple[str, ...]
    tau_m: tuple[str, ...]
    base: str | None
    tree: str | None
    folds: int | None
    arms: bool

    def settings(self) -> Settings:
        from boundgen.companions.mediate import Settings

        grids = _grid(self.tau_r, "--tau-r"), _grid(self.tau_m, "--tau-m")
        chosen = self.base or BASES[0], self.tree or TREES[0]
        return Settings(self.level, self.seed, self.draws, self.errors, *grids, *chosen, self.folds, self.arms)

    def check(self, method: str | None) -> None:
        """Refuse what the method does not have."""
        grids = self.tau_r or self.tau_m
        if method in ("ignorability", "iv", "heterogeneity") and (self.errors or grids):
            raise click.UsageError(f"--errors, --tau-r and --tau-m are not for {method}.")
        if method == "multisite" and grids:
            raise click.UsageError("--tau-r and --tau-m are for interaction-iv.")
        if method not in (None, "heterogeneity") and (self.base or self.tree):
            raise click.UsageError("--base and --tree are for heterogeneity.")
        if method not in (None, "ignorability") and self.folds is not None:
            raise click.UsageError("--folds is for ignorability with covariates.")
        if method not in (None, "multisite") and self.arms:
            raise click.UsageError("--arms is for multisite.")


@click.command()
@click.argument("given", nargs=-1, metavar="[METHOD] DATA")
@click.option("--all", "everything", is_flag=True, help="Every method that the data allow, side by side.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="PART=COLUMN,...",
    help="A treatment, M mediator, Y outcome, Z instrument, S site or subgroup, X covariate, W further covariate, "
    "L confounder after treatment, C cluster; M, S, X, W and L may be repeated.",
)
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Use only such rows; also != < <= > >=.")
@click.option(
    "--dichotomize",
    multiple=True,
    metavar="PART>NUMBER",
    help="Cut a column into 0 and 1: M>7, M=median (above it), M>=median, Y=yes.",
)
@recode_option
@click.option("--weights", metavar="COLUMN", help="Weights of micro-data.")
@click.option("--kind", type=click.Choice(KINDS[:3]), default="auto", show_default=True)
@click.option("--counts", metavar="COLUMN", help="DATA is a table: this column says how many units are alike.")
@click.option("--drop-missing", is_flag=True, help="Leave rows out that miss a value, and say how many.")
@click.option("--level", type=REAL, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--seed", type=WHOLE, default=1, show_default=True, help="The same seed gives the same numbers.")
@click.option("--draws", type=WHOLE, default=1000, show_default=True, help="Bootstrap resamples; 0 for none.")
@click.option("--errors", type=click.Choice(ERRORS), help="Of multisite and interaction-iv.")
@click.option(
    "--tau-r", multiple=True, metavar="NUMBER,...", help="interaction-iv: sensitivity, one number for each X."
)
@click.option("--tau-m", multiple=True, metavar="NUMBER,...", help="interaction-iv: the same of the mediator.")
@click.option("--base", type=click.Choice(BASES), help="heterogeneity: whose slope makes indirect effects.  [simex]")
@click.option("--tree", type=click.Choice(TREES), help="heterogeneity: the tree that finds subgroups.  [boundgen]")
@click.option("--arms", is_flag=True, help="multisite: each value of the treatment is an arm, the lowest the control.")
@click.option("--folds", type=WHOLE, help="ignorability with covariates: of cross-fitting, 1 for none.  [5]")
@format_option(*FORMATS)
@click.option("--plot", "picture", metavar="PICTURE", help="Draw it too, in this .png, .svg or .pdf file.")
@click.option(
    "--draw", "drawn", default="estimates", show_default=True, metavar="NAME", help="What --plot draws: a table's name."
)
@output_option("Write to this file, whole or not at all.")
@ascii_option
@gathered("output", Output, ("form", "ascii_only", "output", "picture"))
@gathered("reading", Reading, OF_COLUMNS)
@gathered("tuning", Tuning, names_of(Tuning))
def mediate(
    given: tuple[str, ...],
    everything: bool,
    drawn: str,
    output: Output,
    reading: Reading,
    tuning: Tuning,
) -> str:
    """Estimate mediation effects under stronger assumptions, beside the sharp bounds that hold without them.

    METHOD is one of: ignorability (the mediation formula), iv (a binary instrument for the mediator), multisite (sites
    as instruments for several mediators), interaction-iv (covariates that moderate the effect on the mediator),
    heterogeneity (effects of groups, or units with subgroups S or covariates X). DATA is a file (text, .xlsx, .rds,
    .rda, .dta, .parquet) of micro-data or counts, or the name of shipped data. A part that --map does not name is the
    column of that name.

    Every estimate comes with its list of assumptions and with what the data say about them. --all shows every method
    that the data allow, and of the others why they do not apply.

    \b
    Examples:
      boundgen mediate ignorability boundsdata
      boundgen mediate ignorability jobs_sex --where sex=1
      boundgen mediate iv boundsdata_encouragement --where Z!=0 --dichotomize Z=1 --plot iv.svg
      boundgen mediate --all jobs --format json
    """
    from boundgen.pictures.files import picture_format, write_picture

    method, data = _method_and_data(given, everything)
    if output.picture is not None:
        check_apart(output.output, output.picture)
        picture_format(output.picture)
    settings = tuning.settings()
    tuning.check(method)
    result = _result(method, data, settings, reading)
    text = output.text(result)
    if output.picture is not None:
        with answer_kept(text):
            write_picture(_figure(result, drawn), output.picture)
    picture = f"\n{output.picture}: a picture of it" if output.picture else ""
    return output.given(text, f"{method or 'all methods'} at {data}{picture}")


def _grid(given: tuple[str, ...], option: str) -> tuple[tuple[float, ...], ...]:
    """One vector of numbers for each time that an option is given."""
    try:
        return tuple(tuple(real(part, option) for part in text.split(",")) for text in given)
    except DataError as error:
        raise click.UsageError(f"{error.message}: {option} takes numbers, one for each X: {option} 0.1,0,0.") from None


def _method_and_data(given: tuple[str, ...], everything: bool) -> tuple[str | None, str]:
    """What the arguments are: DATA alone with --all, else METHOD and DATA."""
    if everything:
        if len(given) != 1:
            raise click.UsageError("--all takes one source of data and no method.")
        return None, given[0]
    if not given or given[0] not in METHODS:
        said = f"{quoted(given[0])} is not a method" if given else "no method is named"
        raise click.UsageError(f"{said}: {', '.join(METHODS)}, or --all.")
    if len(given) != 2:
        raise click.UsageError(f"{given[0]} takes one source of data, not {len(given) - 1}.")
    return given[0], given[1]


def _result(method: str | None, data: str, settings: Settings, reading: Reading) -> CompanionResult | MethodComparison:
    from boundgen.companions.mediate import mediate as mediated
    from boundgen.companions.mediate import mediate_all
    from boundgen.work.progress import progress

    with progress() as report:
        if method is None:
            return mediate_all(data, settings=settings, report=report, **reading.of_columns())
        return mediated(method, data, settings=settings, report=report, **reading.of_columns())


def _figure(result: CompanionResult | MethodComparison, drawn: str) -> Figure:
    from boundgen.companions.result import CompanionResult

    if isinstance(result, CompanionResult):
        return result.plot(drawn)
    if drawn != "estimates":
        raise click.UsageError("--all draws the estimates alone.")
    return result.plot()
