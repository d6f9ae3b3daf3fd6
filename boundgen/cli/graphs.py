"""The verbs `import` and `export`: models from graphs of other programs, and the other way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from boundgen.cli.models import model_of
from boundgen.cli.options import file_argument, output_option
from boundgen.errors import quoted
from boundgen.graphs.names import WRITTEN


@click.command("import")
@click.argument("graph", metavar="FILE")
@click.option(
    "--randomized", multiple=True, metavar="V,...", help="Variables that were assigned at random; may be repeated."
)
@click.option(
    "--levels", multiple=True, metavar="V=NUMBER,...", help="How many values variables have; two where nothing is said."
)
@click.option(
    "--observe",
    multiple=True,
    metavar="P(...)",
    help="What is observed, as in a model; by default all that is not latent, jointly. May be repeated.",
)
@click.option("--name", metavar="NAME", help="The name of the model; by default that of the file.")
@output_option("Write the model to this file.")
def import_(
    graph: str,
    randomized: tuple[str, ...],
    levels: tuple[str, ...],
    observe: tuple[str, ...],
    name: str | None,
    output: str | None,
) -> str:
    """Make a model of a causal graph: dagitty, DOT, CausalQueries, GraphML, JSON of networkx or Causal Fusion.

    Latent nodes and arrows with two heads become unmeasured causes. What had to be chosen (values, what is observed,
    the effect to bound) and what a model does not hold is said in comments.

    \b
    Examples:
      boundgen import smoking.dag
      boundgen import trial.dot --randomized A --levels Y=3 -o trial.bounds
    """
    from pathlib import Path

    from boundgen.graphs.importing import import_graph
    from boundgen.rendering.text import printed
    from boundgen.work.clock import doing
    from boundgen.work.files import write_whole

    doing("reading the graph")
    found = import_graph(
        Path(graph),
        name=name,
        randomized=[part.strip() for text in randomized for part in text.split(",")],
        levels=dict(_numbers(levels)),
        observe=observe,
    )
    if output is None:
        return found.text
    write_whole(output, printed(found.text))
    return f"{output}: the model of {graph}; look at its comments, then: boundgen derive {output}"


def _numbers(levels: Sequence[str]) -> Iterator[tuple[str, int]]:
    for part in (part for text in levels for part in text.split(",")):
        name, sign, number = part.partition("=")
        if not sign or not number.strip().isdecimal():
            raise click.UsageError(f"--levels is V=NUMBER, not {quoted(part)}.")
        yield name.strip(), int(number)


@click.command()
@file_argument
@click.option("--format", "form", type=click.Choice(WRITTEN), default=WRITTEN[0], show_default=True)
@output_option("Write the graph to this file.")
def export(file: str, form: str, output: str | None) -> str:
    """Write the graph of a model for another program: what affects what, and who shares unmeasured causes.

    networkx is node-link data in JSON; causaloptim is R code, y0 Python code. Assumptions and estimands are no part of
    a graph; the variables that the estimands set and ask about are its exposures and outcomes.

    \b
    Examples:
      boundgen export mediation_mmr
      boundgen export iv_ate --format dot -o iv.dot
    """
    from boundgen.graphs.exporting import export_graph
    from boundgen.graphs.from_model import model_graph
    from boundgen.rendering.layout import listed
    from boundgen.rendering.text import printed
    from boundgen.work.files import write_whole

    model = model_of(file)
    text = export_graph(model, form)
    if output is None:
        return text
    write_whole(output, printed(f"{text}\n"))
    left_out = model_graph(model).remarks
    return f"{output}: the graph of {model.name}" + (f", without its {listed(left_out)}" if left_out else "")
