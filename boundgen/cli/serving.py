"""The verb `serve`: the page."""

from __future__ import annotations

import click

from boundgen.cli.numbers import REAL, WholeNumber


@click.command()
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--port", type=WholeNumber(min=0, max=65535), default=8765, show_default=True, help="0: a free one.")
@click.option("--open", "opened", is_flag=True, help="Show it in a browser.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Listen there instead; then the link that is printed holds a token, without which nothing is answered.",
)
@click.option("--time-limit", type=REAL, default=600.0, show_default=True, metavar="SECONDS", help="Of one answer.")
@click.option(
    "--memory-limit",
    "memory",
    type=WholeNumber(min=64),
    default=4096,
    show_default=True,
    metavar="MIB",
    help="Of one answer.",
)
@click.option(
    "--export", "folder", metavar="FOLDER", help="Write a page of FILE, or of the catalogue, that needs no server."
)
def serve(
    file: str | None, port: int, opened: bool, host: str, time_limit: float, memory: int, folder: str | None
) -> str | None:
    """Serve a page on this machine: draw a graph, say what you assume, see the bounds.

    FILE is a model, or a name of the catalogue, that the page shows first. The page does what the command line does,
    and answers what that prints. It asks nothing of any other machine.

    --export writes files instead: models with their graphs and bounds, and sliders for data and parameters. They open
    in a browser from where they stand.

    \b
    Examples:
      boundgen serve
      boundgen serve mediation_mmr --open
      boundgen serve --export gallery
    """
    if time_limit <= 0:
        raise click.UsageError("--time-limit is a positive number of seconds.")
    if folder is not None:
        return _exported(folder, file)
    from boundgen.cli.main import main
    from boundgen.cli.terminal import complain
    from boundgen.page.guards import PageGuard
    from boundgen.page.server import Served
    from boundgen.page.serving import serve as served

    start = None if file is None else _text(file)
    served(Served(main, PageGuard(host, port), time_limit, memory, start), host, port, complain, opened)
    return None


def _text(file: str) -> str:
    import os

    from boundgen import catalogue
    from boundgen.catalogue.model_files import model_text

    return catalogue.text(file) if file in catalogue.names() and not os.path.exists(file) else model_text(file)


def _exported(folder: str, file: str | None) -> str:
    from boundgen.page.export import export, shipped_models
    from boundgen.work.progress import progress

    with progress() as report:
        return export(folder, shipped_models() if file is None else [(file, _text(file))], report).text()
