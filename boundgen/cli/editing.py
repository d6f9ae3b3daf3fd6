"""The verb `lsp`: help in editors."""

from __future__ import annotations

import click


@click.command()
def lsp() -> None:
    """Serve an editor by the Language Server Protocol, on standard input and output.

    An editor starts it for *.bounds files and shows errors at their place, completions, the bounds of the estimand
    under the mouse, where a name is declared, and the layout of `boundgen format`. It ends with the editor.

    \b
    Example:
      boundgen lsp
    """
    from boundgen.editing.server import serve

    serve()
