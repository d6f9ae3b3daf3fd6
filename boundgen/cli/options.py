"""Options that several verbs have; what travels together through a verb is one value."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import click

from boundgen.cli.numbers import REAL, WholeNumber
from boundgen.cli.terminal import unicode_wanted
from boundgen.data.names import THIN_STRATA, ThinStrata
from boundgen.polyhedra.names import ENGINES
from boundgen.rendering.text import printed
from boundgen.work import clock
from boundgen.work.limits import Limits, Report, ignore

if TYPE_CHECKING:
    from boundgen.data.observed import ObservedData
    from boundgen.language.model import Model
    from boundgen.rendering.rendered import Rendered

FORMATS = ("text", "csv", "latex", "json")
DEFAULT = Limits()
Verb = Callable[..., Any]


def gathered(name: str, make: Callable[..., object], parts: Sequence[str]) -> Callable[[Verb], Verb]:
    """What several options say reaches the verb as one value, under this name; what stands above is gathered first."""

    def decorate(verb: Verb) -> Verb:
        @functools.wraps(verb)
        def with_value(**given: Any) -> Any:
            value = make(**{part: given.pop(part) for part in parts})
            return verb(**given, **{name: value})

        return with_value

    return decorate


def names_of(value: type) -> tuple[str, ...]:
    """The names of a value's parts."""
    return tuple(field.name for field in fields(value))


def with_options(verb: Verb, options: Sequence[Callable[[Verb], Verb]]) -> Verb:
    """The verb with these options, in this order."""
    for option in reversed(options):
        verb = option(verb)
    return verb


# ---------------------------------------------------------------- models and work
file_argument = click.argument("file", metavar="FILE")
estimands_argument = click.argument("estimands", nargs=-1, metavar="[ESTIMAND]...")
ascii_option = click.option("--ascii", "ascii_only", is_flag=True, help="Do not use unicode.")
engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="Exact enumeration: directly by cddlib or the Parma Polyhedra Library, over orbits, or by size.",
)
conditions_option = click.option(
    "--no-conditions", is_flag=True, help="Leave the testable implications out: there can be thousands."
)


law_option = click.option(
    "--law",
    metavar="Y",
    help="Use the whole law of a numeric outcome, whatever its values: sharp bounds at these data, numeric.",
)


def estimand_option(verb: Verb) -> Verb:
    """``--estimand NAME``, where the arguments are something else."""
    return click.option(
        "--estimand", "estimands", multiple=True, metavar="NAME", help="Only this one; may be repeated."
    )(verb)


def limit_options(verb: Verb) -> Verb:
    """``--max-strata`` and the like; the verb takes `limits`."""
    at_least_one = WholeNumber(min=1)
    options = [
        click.option(f"--max-{name}", type=at_least_one, default=getattr(DEFAULT, name), show_default=True, help=text)
        for name, text in (
            ("strata", "Most principal strata to visit."),
            ("cells", "Most observed cells."),
            ("entries", "Largest program, rows times columns."),
            ("assumptions", "Most assumptions, counted for each choice of quantified names."),
        )
    ]
    options.append(
        click.option(
            "--time-limit",
            type=REAL,
            callback=_seconds,
            metavar="SECONDS",
            help="Stop after this time, reading included.",
        )
    )
    options.append(
        click.option("--memory-limit", type=at_least_one, metavar="MIB", help="Stop when this much memory is used.")
    )
    parts = ("max_strata", "max_cells", "max_entries", "max_assumptions", "time_limit", "memory_limit")
    return with_options(gathered("limits", _limits, parts)(verb), options)


def _limits(
    *,
    max_strata: int,
    max_cells: int,
    max_entries: int,
    max_assumptions: int,
    time_limit: float | None,
    memory_limit: int | None,
) -> Limits:
    return Limits(max_strata, max_cells, max_entries, max_assumptions, time_limit, memory_limit)


def _seconds(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and value <= 0:
        raise click.BadParameter(f"{value:g} is not a positive number of seconds.")
    if value is not None:
        clock.begin(value)
    return value


# ---------------------------------------------------------------- data
@dataclass(frozen=True)
class Reading:
    """How data are read: the options of `read_data`, and those of `mediate` that are the same."""

    columns: tuple[str, ...]
    where: tuple[str, ...]
    dichotomize: tuple[str, ...]
    recode: tuple[str, ...]
    weights: str | None
    kind: Literal["auto", "microdata", "counts", "probabilities"]
    counts: str | None
    drop_missing: bool
    probabilities: str | None = None
    cluster: str | None = None
    within: tuple[str, ...] = ()
    events: str | None = None
    totals: str | None = None
    thin_strata: ThinStrata = THIN_STRATA[0]

    def observed(
        self, model: Model, data: Sequence[str], limits: Limits = DEFAULT, report: Report = ignore
    ) -> ObservedData:
        """The observed distribution of a model's cells."""
        from boundgen.data.reading import read_data

        return read_data(model, data, **vars(self), limits=limits, report=report)

    def of_columns(self) -> dict[str, Any]:
        """What companion methods take, which read columns and no cells."""
        return {name: value for name, value in vars(self).items() if name not in CELLS_ALONE}


CELLS_ALONE = ("probabilities", "cluster", "within", "events", "totals", "thin_strata")
OF_COLUMNS = tuple(name for name in names_of(Reading) if name not in CELLS_ALONE)
KINDS = ("auto", "microdata", "counts", "probabilities")


recode_option = click.option(
    "--recode",
    multiple=True,
    metavar="V=RULE,...",
    help="Make values: Y=cut(1,3,5), Y=quantiles(4), A=values(treated=1, control=0, else=NA), R=there.",
)


map_option = click.option(
    "--map", "columns", multiple=True, metavar="V=COLUMN,...", help="Columns with other names than variables."
)


def data_options(verb: Verb) -> Verb:
    """Where the data are, and how they are read; the verb takes `data`, `estimands`, `at` and `reading`."""
    argument = click.argument("data", nargs=-1, required=True, metavar="DATA...")
    return argument(estimand_option(reading_options(map_option)(verb)))


def reading_options(columns: Callable[[Verb], Verb]) -> Callable[[Verb], Verb]:
    """How data are read, columns as this option says; the verb takes `at` and `reading`."""
    options: list[Callable[[Verb], Verb]] = [
        columns,
        click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Use only such rows; also != < <= > >=."),
        click.option(
            "--dichotomize",
            multiple=True,
            metavar="V>NUMBER",
            help="Cut a column for a variable with two values: M>7, M=median (above it), M>=median, Y=yes.",
        ),
        recode_option,
        click.option("--weights", metavar="COLUMN", help="Weights of micro-data."),
        click.option("--kind", type=click.Choice(KINDS), default="auto"),
        click.option("--counts", metavar="COLUMN", help="DATA is a table: this column says how many units are alike."),
        click.option("--probabilities", metavar="COLUMN", help="DATA is a table of probabilities: in this column."),
        click.option(
            "--events", metavar="[V=]COLUMN", help="DATA is a table: how many of each group have V's second value."
        ),
        click.option("--totals", metavar="COLUMN", help="Of how many units the events are."),
        click.option("--drop-missing", is_flag=True, help="Leave rows out that miss a value, and say how many."),
        click.option(
            "--at", multiple=True, metavar="NAME=VALUES", help="Parameters: gamma=0.1, gamma=0,0.1 or gamma=0:0.3:0.01."
        ),
    ]
    parts = (*OF_COLUMNS, "probabilities", "events", "totals")
    return lambda verb: with_options(gathered("reading", Reading, parts)(verb), options)


# ---------------------------------------------------------------- results
@dataclass(frozen=True)
class Output:
    """In which form a result is wanted, and where."""

    form: str
    ascii_only: bool = False
    output: str | None = None
    picture: str | None = None

    def text(self, result: Rendered) -> str:
        """The result in the form that is asked for."""
        return shown(result, self.form, self.ascii_only)

    def given(self, text: str, summary: str) -> str:
        """The text; where it is written to a file, a line about it."""
        from boundgen.work.files import write_whole

        if self.output is None:
            return text
        write_whole(self.output, printed(text if text.endswith("\n") else text + "\n"))
        return f"{self.output}: {summary}"


def shown(result: Rendered, form: str, ascii_only: bool = False) -> str:
    """A result in one of its forms."""
    if form == "json":
        return json.dumps(result.json(), indent=1)
    if form == "csv":
        return result.csv()
    return result.latex() if form == "latex" else result.text(unicode_wanted(ascii_only))


def format_option(*formats: str) -> Callable[[Verb], Verb]:
    """``--format``, of which text comes first."""
    return click.option("--format", "form", type=click.Choice(formats), default=formats[0], show_default=True)


def output_option(text: str) -> Callable[[Verb], Verb]:
    """``-o FILE``; what is no file is refused before the work, and not when its result is to be written."""
    return click.option("-o", "--output", metavar="FILE", callback=_replaceable, help=text)


def _replaceable(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from boundgen.work.files import check_replaceable

    if value is not None:
        check_replaceable(value)
    return value


def check_apart(output: str | None, picture: str) -> None:
    """A table and its picture do not go to one file."""
    from os.path import realpath

    if output is not None and realpath(output) == realpath(picture):
        raise click.UsageError("-o and --plot name the same file.")
