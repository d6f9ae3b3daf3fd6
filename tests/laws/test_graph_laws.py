"""A graph that is written and read is the same graph; what is left out of it changes nothing that is measured."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from boundgen import BoundgenError, Model, export_graph, import_graph
from boundgen.errors import GraphError
from boundgen.graphs.causes import causes
from boundgen.graphs.graph import CausalGraph, Node
from boundgen.graphs.reading import read_graph
from boundgen.graphs.to_dagitty import name_text, to_dagitty
from boundgen.graphs.to_dot import to_dot
from boundgen.graphs.to_networkx import to_networkx
from support.random_graphs import graphs, separations

networkx = pytest.importorskip("networkx")
LETTERS = list("ABCDFG")
READ_BACK = ["dagitty", "dot", "networkx"]


def with_values(graph: CausalGraph) -> CausalGraph:
    """Two values of something measured are what a text without them means."""

    def said(node: Node) -> Node:
        return replace(node, values=()) if node.values == (0, 1) and not node.latent else node

    return replace(graph, nodes=tuple(map(said, graph.nodes)))


def as_networkx(graph: CausalGraph) -> Any:
    """The graph as a MultiDiGraph, in which arrows with two heads are edges of their own type."""
    made = networkx.MultiDiGraph()
    for node in graph.nodes:
        made.add_node(node.name, hidden=node.latent, **dict.fromkeys(node.marks - {"latent"}, True))
    made.add_edges_from(graph.effects)
    made.add_edges_from(graph.shared, type="bidirected")
    return made


def drawn_alike(graph: CausalGraph) -> tuple[Any, ...]:
    """What networkx keeps: it sorts edges by their first ends."""
    return (
        [(node.name, node.marks) for node in graph.nodes],
        set(graph.effects),
        {frozenset(pair) for pair in graph.shared},
    )


@given(graphs())
def test_dagitty_and_dot_are_read_as_they_are_written(graph: CausalGraph) -> None:
    assert with_values(read_graph(to_dagitty(graph))) == with_values(graph)
    assert with_values(read_graph(to_dot(graph))) == with_values(graph)
    assert not read_graph(to_dot(graph)).remarks


@given(graphs())
def test_networkx_is_read_as_it_is_written(graph: CausalGraph) -> None:
    made = as_networkx(graph)
    expected = drawn_alike(graph)
    assert drawn_alike(read_graph(made)) == expected
    assert drawn_alike(read_graph(json.dumps(networkx.node_link_data(made, edges="links")))) == expected
    file = io.BytesIO()
    networkx.write_graphml(made, file)
    assert drawn_alike(read_graph(file.getvalue().decode("utf-8"))) == expected


@given(graphs())
def test_node_link_data_have_shared_causes_as_nodes(graph: CausalGraph) -> None:
    text = to_networkx(graph)
    read = read_graph(text)
    assert read.nodes[: len(graph.nodes)] == graph.nodes
    assert read.effects[: len(graph.effects)] == graph.effects
    assert causes(read).shared == causes(graph).shared
    assert causes(read).effects == causes(graph).effects
    made = networkx.node_link_graph(json.loads(text), edges="edges")
    assert [*made.nodes] == [node.name for node in read.nodes]


@given(graphs(LETTERS, marked=False))
def test_statements_alone_are_read(graph: CausalGraph) -> None:
    lines = [f"{name_text(node.name)}{'[latent]' if node.latent else ''}" for node in graph.nodes]
    lines += [f"{start} -> {end}" for start, end in graph.effects]
    lines += [f"{start} <-> {end}" for start, end in graph.shared]
    if graph.effects or graph.shared:
        assert read_graph("; ".join(lines) + "\n") == graph


@given(graphs(LETTERS, marked=False, most=5))
def test_latent_nodes_become_causes_without_a_trace(graph: CausalGraph) -> None:
    """The independences among what is measured are the same: those of the model are the graph's."""
    simple = causes(graph)
    left = CausalGraph(
        tuple(Node(name) for name in simple.variables)
        + tuple(Node(f"cause {i}", frozenset({"latent"})) for i in range(len(simple.shared))),
        (*simple.effects, *((f"cause {i}", end) for i, each in enumerate(simple.shared) for end in each)),
    )
    measured = [node.name for node in graph.nodes if not node.latent]
    assert sorted(simple.variables) == sorted(measured)
    assert separations(left, measured) == separations(graph, measured)
    # It is a normal form: nothing is left to be simplified.
    again = causes(left)
    assert (again.effects, again.shared) == (simple.effects, simple.shared)
    for each in simple.shared:
        assert len(each) > 1
        assert not any(set(each) < set(other) for other in simple.shared)
    assert {end for _, end in simple.effects} <= set(measured)


@given(graphs())
def test_a_model_is_imported_from_what_it_is_exported_to(graph: CausalGraph) -> None:
    """Variables, effects, causes, what is observed and the effect that is asked for are the graph's."""
    try:
        found = import_graph(graph, name="model_of_it")
    except GraphError as error:
        # Something latent or affected is marked as randomized, or nothing is measured.
        assume("random" not in str(error) and "nothing is observed" not in str(error))
        raise
    assume(not any("no effect" in remark for remark in found.remarks))
    model = found.model
    for form in READ_BACK:
        assert import_graph(export_graph(model, form), name="model_of_it").model == model
    # And once more: what is exported is a normal form.
    assert export_graph(model) == export_graph(import_graph(export_graph(model), name="model_of_it").model)


@given(graphs(LETTERS, marked=False))
def test_a_model_has_the_causes_of_its_graph(graph: CausalGraph) -> None:
    model = import_graph(graph).model
    simple = causes(graph)
    assert model.causes == simple.shared
    assert {(parent, each.name) for each in model.variables for parent in each.parents} == set(simple.effects)
    assert not any(each.randomized for each in model.variables)


@given(graphs(LETTERS, marked=False))
def test_y0_gets_the_pairs_that_share_a_cause(graph: CausalGraph) -> None:
    pytest.importorskip("y0.graph")
    model = import_graph(graph).model
    namespace: dict[str, Any] = {}
    exec(export_graph(model, "y0"), namespace)
    read = read_graph(namespace["graph"])
    pairs = {frozenset(pair) for each in model.causes or () for pair in combinations(each, 2)}
    assert {frozenset(pair) for pair in read.shared} == pairs
    assert set(read.effects) == set(causes(graph).effects)
    assert {node.name for node in read.nodes} == {each.name for each in model.variables}


PIECES = [
    "a",
    "b",
    '"c d"',
    "->",
    "<->",
    "<-",
    "--",
    "@->",
    "{",
    "}",
    "[",
    "]",
    "=",
    ";",
    ",",
    ":",
    "+",
    " ",
    "\n",
    "dag",
    "graph",
]
PIECES += [
    "subgraph",
    "node",
    "latent",
    "levels",
    "3",
    "-1",
    "#",
    "//",
    "/*",
    '"',
    "<",
    ">",
    "</graph>",
    "<graphml>",
    "\0",
    "é",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sampled_from(["{}", "dag {{ {} }}", "a -> b {}"])
)
def test_any_text_is_a_graph_or_refused_in_one_paragraph(text: str, around: str) -> None:
    found, refusal = None, ""
    try:
        found = import_graph(around.format(text) + "\n")
    except BoundgenError as error:
        refusal = str(error)
    assert "\n\n" not in refusal
    assert found is None or Model.parse(found.text) == found.model


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 2), st.sampled_from(["X", "Y", "directed", "latent", ""])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from("nodes edges links id source target from to type name task sets treatment".split()),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries({"nodes": st.lists(JSON, max_size=3), "edges": st.lists(JSON, max_size=2), "task": JSON})
    | JSON
)
def test_any_json_is_a_graph_or_refused(data: Any) -> None:
    with suppress(GraphError):
        assert read_graph(json.dumps(data) + "\n")
