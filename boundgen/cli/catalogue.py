"""The verbs `catalogue` and `gallery`: what comes with boundgen."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import click

from boundgen.cli.models import derived
from boundgen.cli.options import ascii_option, output_option
from boundgen.cli.terminal import UNEXPECTED, VerbOutcome, unicode_wanted
from boundgen.rendering.table import table
from boundgen.work.limits import Limits


@click.command()
@click.argument("name", required=False)
@click.option("--data", "shipped", is_flag=True, help="The shipped data (cell counts of published studies) instead.")
@ascii_option
def catalogue(name: str | None, shipped: bool, ascii_only: bool) -> str:
    """List the shipped models, or print and derive one of them; with --data, the shipped data.

    \b
    Examples:
      boundgen catalogue
      boundgen catalogue mediation_mmr
      boundgen catalogue --data
      boundgen catalogue --data jobs
    """
    from boundgen.catalogue import data, data_names, data_title, load, names, text

    if shipped:
        return data(name) if name else _titled({each: data_title(each) for each in data_names()})
    if name is None:
        return _titled({each: load(each).title for each in names()})
    derivation = derived(load(name), (), "auto", True, Limits())
    return f"{text(name)}\n{derivation.text(unicode_wanted(ascii_only))}"


def _titled(titles: Mapping[str, str]) -> str:
    return table(list(titles.items()))


@click.command()
@output_option("Write the page to this file, whole or not at all.")
@click.option("--check", "compare", is_flag=True, help="Write nothing: is FILE what would be written?")
def gallery(output: str | None, compare: bool) -> str | VerbOutcome:
    """Print the gallery: a page (Markdown) of all published bounds in the catalogue, with verdicts and witnesses.

    With --check the exit status is 0 if FILE is up to date, 1 if not.

    \b
    Example:
      boundgen gallery -o gallery.md
    """
    from boundgen.gallery.gallery import gallery as page
    from boundgen.work.files import is_written, write_whole
    from boundgen.work.progress import progress

    if compare and output is None:
        raise click.UsageError("--check compares a file: name it with -o.")
    with progress() as report:
        text = page(report=report)
    if output is None:
        return text
    if not compare:
        write_whole(output, text)
        return f"{output}: written"
    if is_written(output, text):
        return f"{output}: up to date"
    return VerbOutcome(f"{output}: not up to date\n  Refresh it: boundgen gallery -o {shlex.quote(output)}", UNEXPECTED)
