"""Graphs as dagitty, Graphviz, networkx, igraph, yEd and Causal Fusion write them, and texts that are no graphs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boundgen.errors import FileError, GraphError
from boundgen.graphs.graph import CausalGraph
from boundgen.graphs.reading import read_graph

# Didelez et al. (2010), among the examples that dagitty ships.
DIDELEZ = """
dag {
bb="-3,-2,2,2"
Age [adjusted,pos="-1.973,-0.123"]
HRT [exposure,pos="-0.536,-0.016"]
Occ [pos="-1.645,0.432"]
S [selected,pos="0.925,-0.500"]
TCI [outcome,pos="0.488,0.090"]
Age -> HRT
Age -> S [pos="-0.945,-0.571"]
Age -> TCI
Occ -> HRT
HRT -> TCI
TCI -> S
}
"""
# As igraph writes what causaloptim draws.
IGRAPH = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="v_name" for="node" attr.name="name" attr.type="string"/>
  <key id="v_leftside" for="node" attr.name="leftside" attr.type="double"/>
  <key id="v_latent" for="node" attr.name="latent" attr.type="double"/>
  <key id="v_nvals" for="node" attr.name="nvals" attr.type="double"/>
  <key id="e_rlconnect" for="edge" attr.name="rlconnect" attr.type="double"/>
  <key id="e_edge.monotone" for="edge" attr.name="edge.monotone" attr.type="double"/>
  <graph id="G" edgedefault="directed">
    <node id="n0"><data key="v_name">Z</data><data key="v_leftside">1</data><data key="v_nvals">3</data></node>
    <node id="n1"><data key="v_name">X</data><data key="v_latent">0</data><data key="v_nvals">2</data></node>
    <node id="n2"><data key="v_name">Ur</data><data key="v_latent">1</data><data key="v_nvals">2</data></node>
    <edge source="n0" target="n1"><data key="e_rlconnect">0</data><data key="e_edge.monotone">1</data></edge>
    <edge source="n2" target="n1"><data key="e_rlconnect">0</data></edge>
  </graph>
</graphml>
"""
YED = """<graphml xmlns:y="http://www.yworks.com/xml/graphml">
  <key id="d0" for="node" yfiles.type="nodegraphics"/>
  <graph edgedefault="directed">
    <node id="n0"><data key="d0"><y:ShapeNode><y:NodeLabel>Smoking</y:NodeLabel></y:ShapeNode></data></node>
    <node id="n1"><data key="d0"><y:ShapeNode><y:NodeLabel>Lung cancer</y:NodeLabel></y:ShapeNode></data></node>
    <edge source="n0" target="n1"/>
  </graph>
</graphml>
"""
FUSION = {
    "name": "front door",
    "nodes": [
        {"id": "1", "name": "X", "label": "X", "type": "basic", "metadata": {"x": 1}},
        {"id": "2", "name": "Z", "label": "Tar", "type": "basic"},
        {"id": "3", "name": "Y", "label": "Y", "type": "basic"},
        {"id": "4", "name": "W", "label": "W", "type": "latent"},
    ],
    "edges": [
        {"id": "a", "from": "X", "to": "Z", "type": "directed", "metadata": {}},
        {"id": "b", "from": "Z", "to": "Y", "type": "directed"},
        {"id": "c", "from": "X", "to": "Y", "type": "bidirected"},
        {"id": "d", "from": "4", "to": "3", "type": "directed"},
    ],
    "task": {"sets": {"treatment": ["X"], "outcome": ["Y"], "adjusted": []}},
}


def marks(graph: CausalGraph) -> dict[str, list[str]]:
    return {node.name: sorted(node.marks) for node in graph.nodes if node.marks}


def test_a_graph_of_dagitty() -> None:
    graph = read_graph(DIDELEZ)
    assert [node.name for node in graph.nodes] == ["Age", "HRT", "Occ", "S", "TCI"]
    assert marks(graph) == {"Age": ["adjusted"], "HRT": ["exposure"], "S": ["selected"], "TCI": ["outcome"]}
    assert graph.effects[0] == ("Age", "HRT")
    assert len(graph.effects) == 6
    assert graph.remarks == ()


@pytest.mark.parametrize(
    ("text", "effects", "shared"),
    [
        ("X -> M -> Y; X <-> Y", ["XM", "MY"], ["XY"]),
        ("dag{a -> b <- c}", ["ab", "cb"], []),
        ("dag { {a b} -> c -> {d e} }", ["ac", "bc", "cd", "ce"], []),
        ("{a b} -> c", ["ac", "bc"], []),
        ("{ a -> {b} }", ["ab"], []),
        ("pdag { a -> b; b <-> c ; a <- d}", ["ab", "da"], ["bc"]),
        (
            "strict digraph G { a -> b -> c; c -> d [dir=back]; a -> c [dir=both, style=dashed] }",
            ["ab", "bc", "dc"],
            ["ac"],
        ),
        ("digraph { edge [dir=both]; a -> b; subgraph s { edge [dir=forward] c -> d } e -> f }", ["cd"], ["ab", "ef"]),
        ('digraph { "a":n -> b:port:s // a comment\n /* another\n one */ # and this\n b -> "c" }', ["ab", "bc"], []),
        (
            "digraph { rankdir=LR; node [shape=box]; a -> b [label=<<b>x</b> of <i>y</i>>, weight=-0.5] ; a -> c }",
            ["ab", "ac"],
            [],
        ),
        ("dag { a → b ↔ c }", ["ab"], ["bc"]),
        ("a → b", ["ab"], []),
        ("graph { a -> b }", ["ab"], []),
        # Graphviz draws no head where it is told to, and what is invisible places the rest.
        (
            "digraph { a -> b [arrowhead=none, arrowtail=normal, dir=both]; c -> b [dir=back, arrowhead=none] }",
            ["ba", "bc"],
            [],
        ),
        ("digraph { a -> b; a -> c [style=invis]; d -> c [style=dotted] }", ["ab", "dc"], []),
        # As it stands in R and Python.
        ('g <- dagitty::dagitty("dag { a -> b }")', ["ab"], []),
        ("make_model('a -> b; a <-> c')\n", ["ab"], ["ac"]),
        ('graph = """\ndag { "a" -> b }\n"""', ["ab"], []),
        ('"a -> b; a <-> c"', ["ab"], ["ac"]),
        ("'a -> b'\n", ["ab"], []),
    ],
)
def test_one_language_of_arrows(text: str, effects: list[str], shared: list[str]) -> None:
    graph = read_graph(text)
    assert [start + end for start, end in graph.effects] == effects
    assert [start + end for start, end in graph.shared] == shared


def test_names_and_attributes() -> None:
    graph = read_graph(
        'dag { "IL-6" [l, label="a \\"cytokine\\""] ; x [e] y [o=1] z [observed=no] w [u=0, levels=3] Größe [a] '
        'n0 [label="Number" + " zero"] "IL-6" -> x }'
    )
    assert marks(graph) == {
        "IL-6": ["latent"],
        "x": ["exposure"],
        "y": ["outcome"],
        "z": ["latent"],
        "Größe": ["adjusted"],
    }
    assert graph.by_name["IL-6"].label == 'a "cytokine"'
    assert graph.by_name["n0"].label == "Number zero"
    assert graph.by_name["w"].values == (0, 1, 2)


def test_names_among_the_attributes() -> None:
    """igraph numbers the nodes of DOT, and others the nodes of JSON; labels are names where nodes are numbers."""
    for text in (
        'digraph { 0 [ name="IL-6" ]; 1 [ name=Y ]; 0 -> 1 }',
        'digraph { 0 [label="IL-6"]; 1 [label=Y]; 0 -> 1 }',
        '{"nodes": [{"id": 0, "name": "IL-6"}, {"id": 1, "name": "Y"}], "links": [{"source": 0, "target": 1}]}',
    ):
        assert read_graph(text) == read_graph('"IL-6" -> Y')
    assert read_graph("digraph { 0 [name=X]; 0 -> 1 }").remarks == ("'name' of 0 is not used.",)


def test_what_a_graph_does_not_hold_is_said() -> None:
    assert read_graph('dag { a [levels=3, domain="{x, y}"] }').remarks == (
        "a has several sets of values (levels, domain); domain is taken.",
    )
    assert read_graph("digraph { a -> b; a -> c [style=invis] }").remarks == (
        "a -> c is invisible in the drawing; it is left out.",
    )
    graph = read_graph(
        'digraph { rankdir=LR; era="1990"; a [distribution="N(0,1)"]; b [distribution=1]; '
        "a -> b [beta=0.3, color=red]; a -> b }"
    )
    assert graph.remarks == (
        "a -> b is drawn 2 times; once is enough.",
        "'distribution' of a and b is not used.",
        "'beta' of a -> b is not used.",
        "'era' of the graph is not used.",
    )


def test_graphml_of_igraph_and_of_yed() -> None:
    graph = read_graph(IGRAPH)
    assert [node.name for node in graph.nodes] == ["Z", "X", "Ur"]
    assert graph.by_name["Z"].values == (0, 1, 2)
    # What causaloptim notes for a latent node is no number of values that it is known to have.
    assert graph.by_name["Ur"].values == ()
    assert marks(graph) == {"Ur": ["latent"]}
    assert graph.remarks == ("Z -> X is marked as monotone: state it, as in: assume X(Z=1) >= X(Z=0)",)
    assert read_graph(YED).effects == (("Smoking", "Lung cancer"),)


def test_groups_and_heads_of_yed() -> None:
    """A node around others is no variable; edges are directed, and a second head is drawn."""
    group = '<node id="g"><data key="d0"><y:NodeLabel>Group</y:NodeLabel></data><graph>NODE</graph></node>'
    inner = '<node id="g::n"><data key="d0"><y:NodeLabel>Lung\n cancer 2</y:NodeLabel></data></node>'
    text = YED.replace("</graph>\n</graphml>", f"{group.replace('NODE', inner)}EDGES</graph>\n</graphml>")
    edge = '<edge source="g::n" target="n0"><data><y:Arrows source="BACK" target="FRONT"/></data></edge>'
    ends = {}
    for back, front in (("none", "standard"), ("delta", "none"), ("standard", "standard")):
        read = read_graph(text.replace("EDGES", edge.replace("BACK", back).replace("FRONT", front)))
        assert [node.name for node in read.nodes] == ["Smoking", "Lung cancer", "Lung cancer 2"]
        ends[back, front] = read.effects[1:], read.shared
    forward = "Lung cancer 2", "Smoking"
    assert [*ends.values()] == [((forward,), ()), ((forward[::-1],), ()), ((), (forward,))]
    with pytest.raises(GraphError, match="'g', which is no node"):
        read_graph(text.replace("EDGES", '<edge source="g" target="n0"/>'))


def test_causal_fusion() -> None:
    graph = read_graph(json.dumps(FUSION))
    assert graph.effects == (("X", "Z"), ("Z", "Y"), ("W", "Y"))
    assert graph.shared == (("X", "Y"),)
    assert marks(graph) == {"X": ["exposure"], "Y": ["outcome"], "W": ["latent"]}
    assert (graph.name, graph.by_name["Z"].label, graph.remarks) == ("front door", "Tar", ())


def test_what_of_json_is_not_read_is_said() -> None:
    task = {"sets": {**FUSION["task"]["sets"], "covariate": ["Z"]}}  # type: ignore[index]
    graph = read_graph(json.dumps({**FUSION, "task": task, "interventions": [{"X": 1}], "populations": []}))
    assert graph.remarks == ("'interventions' of the graph is not used.", "'task: covariate' of the graph is not used.")
    data = {"nodes": [{"id": "X"}, {"id": "Y"}], "edges": [{"source": "X", "target": "Y"}], "latents": ["Y"]}
    assert read_graph(data).remarks == ("'latents' of the graph is not used.",)


def test_graphs_of_networkx_and_what_looks_like_them() -> None:
    networkx = pytest.importorskip("networkx")
    made = networkx.DiGraph(name="small")
    made.add_node("U", h=True)
    made.add_edges_from([("U", 1), ("U", "Y"), (1, "Y")])
    graph = read_graph(made)
    assert graph.effects == (("U", "1"), ("U", "Y"), ("1", "Y"))
    assert (marks(graph), graph.name) == ({"U": ["latent"]}, "small")
    assert read_graph(networkx.node_link_data(made, edges="edges")).effects == graph.effects
    made.nodes["U"]["h"] = None
    assert marks(read_graph(made)) == {}
    # pgmpy keeps a set of names.
    made.latents = {"U"}
    assert marks(read_graph(made)) == {"U": ["latent"]}
    with pytest.raises(GraphError, match="the line between 'a' and 'b' has no direction"):
        read_graph(networkx.Graph([("a", "b")]))
    with pytest.raises(GraphError, match="two nodes print the same name"):
        read_graph(networkx.DiGraph([("1", 1)]))


def test_mixed_graphs_of_y0() -> None:
    y0 = pytest.importorskip("y0.graph")
    mixed = y0.NxMixedGraph.from_str_edges(directed=[("X", "Z"), ("Z", "Y")], undirected=[("X", "Y")])
    assert read_graph(mixed).shared == (("X", "Y"),)
    latent = read_graph(mixed.to_latent_variable_dag())
    assert latent.marked("latent") == ["u_0"]


NODES = '<node id="a"/><node id="b"/>'
BAD: list[tuple[Any, str]] = [
    ("dag { }", "the graph has no nodes"),
    ("dag { a -> b -> c -> a }", "the arrows make a cycle: a -> b -> c -> a"),
    ("a -> b; b -> a", "the arrows make a cycle: a -> b -> a"),
    ("a -> a", "<text>:1:3: 'a' has an arrow to itself"),
    ("a <-> a", "<text>:1:3: 'a' has an arrow to itself"),
    ("dag {\n a -- b }", "<text>:2:4: the line between 'a' and 'b' has no direction"),
    ("digraph { a -> b [arrowhead=none] }", "<text>:1:13: the line between 'a' and 'b' has no direction"),
    ("digraph { a -> b [dir=none] }", "<text>:1:13: the line between 'a' and 'b' has no direction"),
    ("pag { a @-> b }", "<text>:1:1: a pag says who is an ancestor of whom, not who affects whom"),
    ("dag { a @-> b }", "<text>:1:9: '@->' is an edge of several graphs at once"),
    ("dag { a -> }", "<text>:1:12: '}' stands where the name of a node is missing"),
    ("dag { a -> b", "<text>:1:13: the text ends where '}' is missing"),
    ("dag { a -> b } c", "<text>:1:16: 'c' stands behind the graph"),
    ("dag { IL-6 -> b }", "<text>:1:9: a name begins with '-'"),
    ('dag { "a -> b }', "<text>:1:7: '\"' is of no graph\n  dag { \"a -> b }\n        ^\n  The quotation mark"),
    ("dag { a [latent -> b }", "<text>:1:17: '->' stands where the name of an attribute is missing"),
    ("dag { a [levels=1] }", "'a' has '1' levels"),
    ('dag { a [domain="{0"] }', "the domain of 'a' is '{0'"),
    ("dag { a " + "{" * 60 + " b", "groups stand in one another more than 50 times"),
    (
        "dag { " + "; ".join(f"v{i}" for i in range(1001)) + "}",
        "the graph has more than 1000 nodes",
    ),
    ("My DAG:\ndag { a -> b }", "<text>:2:1: a graph begins here, behind something else"),
    ("a -> b\ndigraph { c -> d }", "<text>:2:1: a graph begins here, behind something else"),
    ("Dear all,\nplease find attached the graph.", "<text>: this holds no graph"),
    ("graph [\n directed 1 ]", "<text>: this is GML, which is not read"),
    ("flowchart LR\n  X --> Y", "<text>: this is Mermaid, which is not read"),
    ("A E @-2.2,-1.5\nB O @1.4,-1.4\n\nA B", "<text>: this is how dagitty wrote graphs before its version 2"),
    ("{", "<text>: this holds no graph"),
    ('{"nodes": 3}', "this JSON holds no list of nodes"),
    ('{"nodes": [', "<text>: this is no JSON"),
    ('{"nodes": [{"id": 1}]}', "this JSON holds no list of edges"),
    ('{"nodes": [{"name": 1}], "edges": []}', "the node .* has no 'id'"),
    ('{"nodes": [{"id": 1}, {"id": "1"}], "edges": []}', "two nodes have one name"),
    ('{"nodes": [{"id": 1}], "edges": [{"source": 1, "target": 2}]}', "an edge has the end '2', which is no node"),
    ('{"nodes": [{"id": 1}], "edges": [], "links": [{"source": 1, "target": 2}]}', "an edge has the end '2'"),
    ('{"nodes": [{"name": "a"}], "links": [{"from": "b", "to": "a"}], "task": {}}', "an edge has the end 'b'"),
    ('{"nodes": [{"name": "a"}], "edges": [{"from": "a", "to": "a", "type": "odd"}]}', "is of the type 'odd'"),
    ('<!DOCTYPE g [<!ENTITY a "aaaa">]>\n<graphml>&a;</graphml>', "this XML has a document type"),
    ("<graphml>", "<text>: this is no XML"),
    ("<html></html>", "<text>: this XML holds no graph"),
    ('<graphml><graph><node id="a"/><edge source="a" target="b"/></graph></graphml>', "'b', which is no node"),
    (
        f'<graphml><graph edgedefault="undirected">{NODES}<edge source="a" target="b"/></graph></graphml>',
        "no direction",
    ),
    ("<graphml><graph/><graph/></graphml>", "this XML holds 2 graphs"),
    (3, "int is no graph"),
    ({"nodes": 3}, "this JSON holds no list of nodes"),
]


@pytest.mark.parametrize(("source", "message"), BAD, ids=[str(i) for i in range(len(BAD))])
def test_what_is_no_graph_is_refused_in_one_paragraph(source: Any, message: str) -> None:
    with pytest.raises(GraphError, match=_pattern(message)) as found:
        read_graph(source)
    assert "\n\n" not in str(found.value)
    assert found.value.remedy


def _pattern(message: str) -> str:
    import re

    return ".*".join(map(re.escape, message.split(".*")))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "g.dag"
    file.write_bytes(b"\x00\x01")
    with pytest.raises(FileError, match="not UTF-8 text, so not a graph"):
        read_graph(file)
    with pytest.raises(FileError, match="there is no such file"):
        read_graph("nowhere.dag")
    with pytest.raises(FileError, match="this is a folder"):
        read_graph(tmp_path)
    file.write_bytes("\ufeffX -> Y\r\n".encode())
    assert read_graph(file).effects == (("X", "Y"),)
    file.write_text("X -> Y; Y -> X", encoding="utf-8")
    with pytest.raises(GraphError, match=r"g\.dag: the arrows make a cycle: X -> Y -> X"):
        read_graph(file)
