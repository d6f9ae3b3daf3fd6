"""The command line: verbs. The only file that prints or exits."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from boundgen.errors import BoundgenError
from boundgen.limits import Limits
from boundgen.version import VERSION

if TYPE_CHECKING:
    from boundgen.derivation import Derivation
    from boundgen.language.model import Model

STAGES = ("model", "strata", "program", "reduced", "dual", "vertices")
FORMATS = ("text", "latex", "json", "sympy")
USAGE_ERROR, INTERRUPTED = 2, 130
DEFAULT = Limits()


def main() -> None:
    """Run the command line; every error is one paragraph on stderr and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        commands(prog_name="boundgen", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.ClickException as error:
        _fail(_click_message(error))
    except BoundgenError as error:
        _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        click.echo("boundgen: interrupted; nothing was written", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe has gone; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except MemoryError:
        _fail("the model needs more memory than there is; coarsen variables or lower --max-strata")


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(USAGE_ERROR)


def _click_message(error: click.ClickException) -> str:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx:
        known = "" if error.ctx.parent else f"\n  verbs: {', '.join(sorted(commands.commands))}"
        hint = f"{known}\n  Try: {error.ctx.command_path} --help"
    return f"boundgen: {error.format_message()}{hint}"


def _unicode(ascii_only: bool) -> bool:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return not ascii_only and encoding in ("utf8", "utf16", "utf32", "utf8sig")


def _print(text: str) -> None:
    click.echo(text, nl=not text.endswith("\n"))


def _limits(function: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--max-strata", default=DEFAULT.strata, show_default=True, help="Most principal strata to visit."),
        click.option("--max-cells", default=DEFAULT.cells, show_default=True, help="Most observed cells."),
        click.option(
            "--max-entries", default=DEFAULT.entries, show_default=True, help="Largest program, rows times columns."
        ),
        click.option(
            "--time-limit", type=click.FloatRange(min=0), default=None, metavar="SECONDS", help="Stop after this time."
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


_file = click.argument("file", metavar="FILE")
_estimands = click.argument("estimands", nargs=-1, metavar="[ESTIMAND]...")
_ascii = click.option("--ascii", "ascii_only", is_flag=True, help="Do not use unicode.")
_engine = click.option(
    "--engine",
    type=click.Choice(("auto", "cdd", "ppl")),
    default="auto",
    show_default=True,
    help="Exact enumeration by cddlib or the Parma Polyhedra Library; auto is ppl.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="boundgen", message="%(prog)s %(version)s")
def commands() -> None:
    """Sharp bounds for discrete causal models, in closed form and exact.

    FILE is a model file (*.bounds), or the name of a model in the catalogue.

    \b
    Example:
      boundgen derive mediation_mmr delta1
    """


@commands.command()
@_file
@_estimands
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@_engine
@click.option("--no-conditions", is_flag=True, help="Leave the testable implications out: there can be thousands.")
@_ascii
@_limits
def derive(
    file: str, estimands: tuple[str, ...], form: str, engine: str, no_conditions: bool, ascii_only: bool, **limits: Any
) -> None:
    """Derive the sharp bounds of a model's estimands (of all, where none is named).

    \b
    Examples:
      boundgen derive mediation_mmr delta1
      boundgen derive iv_ate --format latex --no-conditions
    """
    found = _derived(file, estimands, engine, not no_conditions, limits)
    if form == "json":
        _print(json.dumps(found.json(), indent=1, ensure_ascii=False))
    elif form == "latex":
        _print(found.latex())
    elif form == "sympy":
        _print(_sympy(found))
    else:
        _print(found.text(_unicode(ascii_only)))


@commands.command()
@_file
@_estimands
@click.option("--at", "stage", type=click.Choice(STAGES), default="strata", show_default=True, help="Which stage.")
@_engine
@_ascii
@_limits
def show(file: str, estimands: tuple[str, ...], stage: str, engine: str, ascii_only: bool, **limits: Any) -> None:
    """Show a stage of the derivation: the model, its principal strata, the programs, the dual, its vertices.

    \b
    Example:
      boundgen show mediation_mmr delta1 --at strata
    """
    from boundgen.limits import Work
    from boundgen.progress import progress
    from boundgen.show import show as shown_stage

    model = _model(file)
    with progress() as report:
        text = shown_stage(model, estimands, stage, engine, Work(_made(limits), report), _unicode(ascii_only))
    _print(text)


@commands.command()
@_file
@_ascii
@_limits
def check(file: str, ascii_only: bool, **limits: Any) -> None:
    """Parse a model; report its sizes, whether its assumptions agree, and what is identified.

    \b
    Example:
      boundgen check mediation_mmr
    """
    from boundgen.check import check as report
    from boundgen.limits import Work
    from boundgen.progress import progress

    model = _model(file)
    with progress() as shown:
        text = report(model, Work(_made(limits), shown), _unicode(ascii_only))
    _print(text)


@commands.command()
@click.argument("name", required=False)
@_ascii
def catalogue(name: str | None, ascii_only: bool) -> None:
    """List the shipped models, or print and derive one of them.

    \b
    Examples:
      boundgen catalogue
      boundgen catalogue mediation_mmr
    """
    from boundgen.catalogue import load, names, text

    if name is None:
        width = max(map(len, names()))
        for each in names():
            _print(f"{each.ljust(width)}  {load(each).title}")
        return
    _print(text(name))
    found = _derived(name, (), "auto", True, {}, load(name))
    _print("\n" + found.text(_unicode(ascii_only)))


# ---------------------------------------------------------------- helpers
def _model(file: str) -> Model:
    from boundgen.files import read_model

    return read_model(file)


def _made(limits: dict[str, Any]) -> Limits:
    if not limits:
        return DEFAULT
    return Limits(limits["max_strata"], limits["max_cells"], limits["max_entries"], limits["time_limit"])


def _derived(
    file: str,
    estimands: tuple[str, ...],
    engine: str,
    conditions: bool,
    limits: dict[str, Any],
    model: Model | None = None,
) -> Derivation:
    from boundgen.derivation import derive as derive_bounds
    from boundgen.progress import progress

    found = model or _model(file)
    with progress() as report:
        return derive_bounds(
            found, estimands, engine=engine, conditions=conditions, limits=_made(limits), report=report
        )


def _sympy(found: Derivation) -> str:
    lines = []
    for bounds in found.bounds:
        lower, upper = bounds.sympy()
        lines += [f"{bounds.name}_lower = {lower}", f"{bounds.name}_upper = {upper}"]
    identifiers = found.notation.identifiers()
    lines += [f"# {identifiers[cell.name]}: {cell.name}" for cell in found.cells]
    return "\n".join(lines)
