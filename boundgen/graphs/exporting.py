"""A model's graph as text that other programs read."""

from __future__ import annotations

from collections.abc import Callable

from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.errors import GraphError, did_you_mean, quoted
from boundgen.graphs.from_model import model_graph
from boundgen.graphs.graph import CausalGraph
from boundgen.graphs.to_causaloptim import to_causaloptim
from boundgen.graphs.to_dagitty import to_dagitty
from boundgen.graphs.to_dot import to_dot
from boundgen.graphs.to_networkx import to_networkx
from boundgen.graphs.to_y0 import to_y0
from boundgen.language.model import Model

WRITERS: dict[str, Callable[[CausalGraph], str]] = {
    "dagitty": to_dagitty,
    "dot": to_dot,
    "networkx": to_networkx,
    "causaloptim": to_causaloptim,
    "y0": to_y0,
}


@public
def export_graph(model: Model | str, format: str = "dagitty") -> str:
    """The graph of a model in the format of another program.

    Parameters
    ----------
    model : Model, or what names one
    format : {"dagitty", "dot", "networkx", "causaloptim", "y0"}
        Text of dagitty or Graphviz; node-link data of networkx in JSON, with the attribute ``hidden``; R code for
        causaloptim; Python code for y0.

    Returns
    -------
    str
        Assumptions, estimands and the rest of the model are not part of it.

    Raises
    ------
    GraphError
        For other formats.

    Examples
    --------
    >>> print(export_graph("iv_ate"))
    dag {
    Z [randomized]
    X [exposure]
    Y [outcome]
    Z -> X
    X -> Y
    X <-> Y
    }
    """
    if format not in WRITERS:
        raise GraphError(
            f"there is no format {quoted(format)}",
            remedy=f"{did_you_mean(format, WRITERS)}It is one of {', '.join(WRITERS)}.",
        )
    return WRITERS[format](model_graph(given_model(model)))
