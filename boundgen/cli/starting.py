"""The verb `init`: a starter model for a file of data."""

from __future__ import annotations

import os

import click

from boundgen.cli.options import output_option


@click.command()
@click.argument("data", metavar="DATA")
@output_option("Write to this file, which is not there yet.")
def init(data: str, output: str | None) -> str:
    """Write a starter model for a file of data: guesses from names and values of its columns, to be changed.

    Which column looks like a treatment, an instrument, a mediator, an outcome, is guessed; nothing is asked. The model
    derives as it is, and its comments say what stands in each column and which command to run next.

    \b
    Examples:
      boundgen init jobs
      boundgen init framing -o framing.bounds
    """
    from boundgen.errors import FileError, named
    from boundgen.inspection.starter import starter
    from boundgen.rendering.text import printed
    from boundgen.work.files import write_whole
    from boundgen.work.progress import progress

    if output is not None and os.path.lexists(output):
        raise FileError(f"{named(output)}: this file is there already", remedy="Name another, or remove it first.")
    with progress() as report:
        text = starter(data, output, report).text
    if output is None:
        return text
    write_whole(output, printed(text))
    return f"{output}: a starter model for {data}; look at its comments, then: boundgen derive {output}"
