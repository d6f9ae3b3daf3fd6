"""The verb `format`: model files in one layout."""

from __future__ import annotations

import sys

import click

from boundgen.cli.terminal import UNEXPECTED, VerbOutcome


@click.command("format")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", "compare", is_flag=True, help="Write nothing; exit status 1 if a file is laid out otherwise.")
def format_files(files: tuple[str, ...], compare: bool) -> VerbOutcome:
    """Lay out model files: spaces, indents, columns of comments. Comments and the order of statements stay.

    The files state the same models as before. - reads standard input and writes standard output.

    \b
    Examples:
      boundgen format paper.bounds
      boundgen format --check paper.bounds
    """
    from boundgen.catalogue.model_files import model_text
    from boundgen.language.formatter import format_model
    from boundgen.work.files import write_whole

    if files == ("-",):
        return VerbOutcome(format_model(sys.stdin.read(), "-"), 0)
    texts = [(file, model_text(file)) for file in files]
    # All are read before one is written.
    found = [(file, text, format_model(text, file)) for file, text in texts]
    changed = [(file, new) for file, old, new in found if new != old]
    if not compare:
        for file, new in changed:
            write_whole(file, new)
    told = [f"{file}: {'would be laid out otherwise' if compare else 'laid out'}" for file, _ in changed]
    unchanged = len(files) - len(changed)
    told += [f"{unchanged} file{'s' * (unchanged != 1)} unchanged"] if unchanged else []
    return VerbOutcome("\n".join(told), UNEXPECTED if compare and changed else 0)
