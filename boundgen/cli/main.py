"""The command line: its verbs, and what becomes of their answers and errors."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module

import click

from boundgen.cli.terminal import INCOMPLETE, INTERRUPTED, VerbOutcome, complain, fail, write
from boundgen.errors import (
    COMMAND_LINE,
    BoundgenError,
    LimitError,
    NoClosedFormError,
    PiecewiseError,
    UndecidedError,
    brief,
)
from boundgen.version import VERSION
from boundgen.work import clock
from boundgen.work.libraries import missing_library

# The file of each verb: that of the one that is asked for is imported, and no other.
HOMES = {
    "ask": "asking",
    "catalogue": "catalogue",
    "certify": "claims",
    "check": "deriving",
    "check-certificate": "claims",
    "ci": "ci",
    "claims": "claims",
    "compare": "asking",
    "derive": "deriving",
    "draw": "deriving",
    "estimate": "at_data",
    "evaluate": "at_data",
    "export": "graphs",
    "family": "families",
    "format": "formatting",
    "gallery": "catalogue",
    "generate": "generating",
    "import": "graphs",
    "init": "starting",
    "lsp": "editing",
    "mediate": "mediate",
    "report": "report",
    "response": "response",
    "serve": "serving",
    "show": "deriving",
    "sweep": "sweep",
    "verify": "claims",
}


@cache
def verb_named(name: str) -> click.Command:
    """A verb of the command line."""
    home = vars(import_module(f"boundgen.cli.{HOMES[name]}"))
    return next(each for each in home.values() if isinstance(each, click.Command) and each.name == name)


class Verbs(click.Group):
    """Verbs whose options are said once, but for those that may be repeated: click would silently take the last."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of the verbs."""
        return list(HOMES)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, which is imported now."""
        return verb_named(cmd_name) if cmd_name in HOMES else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb and its words, of which no option is said twice."""
        name, verb, words = super().resolve_command(ctx, args)
        if verb is not None:
            _check_once(click.Context(verb, parent=ctx, info_name=name), list(words))
        return name, verb, words


def _check_once(verb: click.Context, words: list[str]) -> None:
    _, _, said = verb.command.make_parser(verb).parse_args(words)
    for option in said:
        if isinstance(option, click.Option) and not (option.multiple or option.is_flag) and said.count(option) > 1:
            raise click.UsageError(f"{option.opts[0]} is given {said.count(option)} times: say it once.", verb)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="boundgen", message="%(prog)s %(version)s")
def commands() -> None:
    """Sharp bounds for discrete causal models, in closed form and exact.

    FILE is a model file (*.bounds), or the name of a model in the catalogue.

    \b
    Example:
      boundgen derive mediation_mmr delta1
    """


# Questions that make sense and have no answer, however long one looks.
UNANSWERABLE = (NoClosedFormError, PiecewiseError, UndecidedError)


def main() -> None:
    """Run the command line; every error is one paragraph on stderr and exit status 2, or 3 where there is no answer.

    The verbs return their text and it is printed here, so that output is whole or not at all.
    """
    spelling = COMMAND_LINE.set(True)
    try:
        text = commands(prog_name="boundgen", standalone_mode=False)
        clock.quiet()
        if isinstance(text, VerbOutcome):
            write(text.text)
            if text.complaint:
                complain(text.complaint)
            sys.exit(text.status)
        if isinstance(text, str):
            write(text)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        write(error.format_message())
    except click.ClickException as error:
        fail(_click_message(error))
    except LimitError as error:
        if not error.derived and not isinstance(error, UNANSWERABLE):
            fail(str(error))
        # On stderr: the answer that was asked for has another form, or there is none.
        complain(f"{error}\n\n{error.derived}" if error.derived else str(error))
        sys.exit(INCOMPLETE)
    except BoundgenError as error:
        if unwritten := getattr(error, "unwritten", ""):
            # It may have taken hours.
            write(unwritten)
        fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        complain("boundgen: interrupted; nothing was written")
        sys.exit(INTERRUPTED)
    except RecursionError:
        fail("boundgen: the model is nested too deeply\n  Split long expressions into several statements.")
    except MemoryError:
        fail("boundgen: the model needs more memory than there is\n  Coarsen variables, or lower --max-strata.")
    except ImportError as error:
        fail(str(missing_library(error, None, "boundgen needs")))
    finally:
        COMMAND_LINE.reset(spelling)
        clock.end()


def _click_message(error: click.ClickException) -> str:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx:
        known = "" if error.ctx.parent else f"\n  verbs: {', '.join(HOMES)}"
        hint = f"{known}\n  Try: {error.ctx.command_path} --help"
    return f"boundgen: {brief(error.format_message())}{hint}"
