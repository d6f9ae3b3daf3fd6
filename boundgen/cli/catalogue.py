"""The verbs `catalogue` and `gallery`: what comes with boundgen."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import click

from boundgen.cli.models import derived
from boundgen.cli.options import FORMATS, ascii_option, format_option, output_option, shown
from boundgen.cli.terminal import UNEXPECTED, VerbOutcome
from boundgen.work.limits import Limits

if TYPE_CHECKING:
    from boundgen.rendering.rendered import Rendered


@click.command()
@click.argument("name", required=False)
@click.option("--data", is_flag=True, help="The shipped data (cell counts of published studies) instead.")
@format_option(*FORMATS)
@ascii_option
def catalogue(name: str | None, data: bool, form: str, ascii_only: bool) -> str:
    """List the shipped models, or print and derive one of them; with --data, the shipped data.

    \b
    Examples:
      boundgen catalogue
      boundgen catalogue mediation_mmr
      boundgen catalogue --data --format csv
      boundgen catalogue --data jobs
    """
    return shown(_shipped(name, data), form, ascii_only)


def _shipped(name: str | None, data: bool) -> Rendered:
    from boundgen.catalogue import load, text
    from boundgen.catalogue.listing import data_listing, model_listing, shipped_data

    if data:
        return shipped_data(name) if name else data_listing()
    if name is None:
        return model_listing()
    from boundgen.inspection.shipped_model import ShippedModel

    # What has no closed form is said in the text.
    return ShippedModel(text(name), derived(load(name), (), "auto", True, Limits(), partial=True))


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@output_option("Write the page to this file, whole or not at all.")
@click.option("--check", "compare", is_flag=True, help="Write nothing: is FILE what would be written?")
def gallery(files: tuple[str, ...], output: str | None, compare: bool) -> str | VerbOutcome:
    """Print the gallery: a page (Markdown) of all published bounds in the catalogue, with verdicts and witnesses.

    With model files it is the page of the claims in these.
    With --check the exit status is 0 if FILE is up to date, 1 if not.

    \b
    Examples:
      boundgen gallery -o gallery.md
      boundgen gallery paper.bounds -o gallery.md
    """
    from boundgen.gallery.gallery import gallery as page
    from boundgen.gallery.gallery import gallery_of
    from boundgen.work.files import is_written, write_whole
    from boundgen.work.progress import progress

    if compare and output is None:
        raise click.UsageError("--check compares a file: name it with -o.")
    with progress() as report:
        folder = os.path.dirname(output) if output else ""
        text = gallery_of(files, folder, report=report) if files else page(report=report)
    if output is None:
        return text
    if not compare:
        write_whole(output, text)
        return f"{output}: written"
    if is_written(output, text):
        return f"{output}: up to date"
    return VerbOutcome(
        f"{output}: not up to date\n  Refresh it: {shlex.join(['boundgen', 'gallery', *files, '-o', output])}",
        UNEXPECTED,
    )
