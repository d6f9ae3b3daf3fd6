"""The verb `ci`: a workflow to copy."""

from __future__ import annotations

import os

import click

from boundgen.cli.options import output_option


@click.command()
@click.argument("host", type=click.Choice(["github", "gitlab", "make"]))
@click.option("--derived", metavar="FOLDER", help="Generated modules stand there, and are to be up to date.")
@output_option("Write to this file, which is not there yet.")
def ci(host: str, derived: str | None, output: str | None) -> str:
    """Write a workflow that tests a repository's model files: claims, generated modules, and a gallery to look at.

    \b
    Examples:
      boundgen ci github -o .github/workflows/boundgen.yml
      boundgen ci make --derived derived
    """
    from boundgen.errors import FileError, named
    from boundgen.testing.workflows import workflow
    from boundgen.work.files import write_whole

    text = workflow(host, derived)
    if output is None:
        return text.rstrip("\n")
    if os.path.lexists(output):
        raise FileError(f"{named(output)}: this file is there already", remedy="Name another, or remove it first.")
    try:
        os.makedirs(os.path.dirname(output) or os.curdir, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{named(output)}: cannot be written: {reason}", remedy="Name another file.") from None
    write_whole(output, text)
    return f"{output}: written; commit it"
