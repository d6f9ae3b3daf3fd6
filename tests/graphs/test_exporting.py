"""Models written as graphs for other programs, which read them where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, catalogue, export_graph, import_graph
from boundgen.errors import GraphError
from boundgen.graphs.exporting import WRITERS
from boundgen.graphs.from_model import model_graph
from boundgen.graphs.names import WRITTEN

TWO_STAGES = """model two_stages
variable p_Z in {0, 1, 2} randomized
variable X(p_Z) in {0, 1}
variable M_1(X) in {low, high}
variable L(M_1) in {0, 1}
variable Y(X, L) in {0, 1}
variable S(Y) in {0, 1}
confounded X, M_1, Y
confounded M_1, L
observe P(X, M_1, Y | p_Z, S=1)
assume mono: X(1) >= X(0)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""
WITH_IGRAPH = """
V <- igraph::V; `V<-` <- igraph::`V<-`; E <- igraph::E; `E<-` <- igraph::`E<-`
graph_from_literal <- igraph::graph_from_literal
lines <- readLines(commandArgs(TRUE)[1])
eval(parse(text = lines[!grepl("^library", lines)]))
stopifnot(igraph::is_dag(graph), all(igraph::V(graph)$nvals >= 2))
edges <- igraph::as_edgelist(graph)
cat(paste(edges[, 1], edges[, 2], sep = " "), sep = "\\n")
"""


def test_the_graph_of_a_model() -> None:
    graph = model_graph(Model.parse(TWO_STAGES))
    assert {node.name: sorted(node.marks) for node in graph.nodes if node.marks} == {
        "p_Z": ["randomized"],
        "X": ["exposure"],
        "L": ["latent"],
        "Y": ["outcome"],
        "S": ["selected"],
        "U": ["latent"],
    }
    assert graph.shared == (("M_1", "L"),)
    assert [end for start, end in graph.effects if start == "U"] == ["X", "M_1", "Y"]
    assert graph.remarks == ("1 assumption", "1 estimand")


def test_text_of_dagitty() -> None:
    assert export_graph(TWO_STAGES).splitlines() == [
        "dag {",
        'p_Z [randomized,levels="3"]',
        "X [exposure]",
        'M_1 [domain="{low, high}"]',
        'L [latent,levels="2"]',
        "Y [outcome]",
        "S [selected]",
        "U [latent]",
        "p_Z -> X",
        "X -> M_1",
        "M_1 -> L",
        "X -> Y",
        "L -> Y",
        "Y -> S",
        "U -> X",
        "U -> M_1",
        "U -> Y",
        "M_1 <-> L",
        "}",
    ]


def test_text_of_graphviz() -> None:
    lines = export_graph("iv_ate", "dot").splitlines()
    assert lines[0] == "digraph iv_ate {"
    assert "  Z [randomized=true, shape=box];" in lines
    assert "  X -> Y [dir=both, style=dashed];" in lines


def test_node_link_data() -> None:
    data = json.loads(export_graph("iv_ate", "networkx"))
    assert data["nodes"][0] == {"id": "Z", "hidden": False, "randomized": True, "levels": 2}
    assert data["nodes"][-1] == {"id": "U", "hidden": True}
    assert data["edges"][-1] == {"source": "U", "target": "Y"}
    y0 = pytest.importorskip("y0.graph")
    networkx = pytest.importorskip("networkx")
    mixed = y0.NxMixedGraph.from_latent_variable_dag(networkx.node_link_graph(data, edges="edges"))
    assert {frozenset(map(str, pair)) for pair in mixed.undirected.edges} == {frozenset("XY")}


def test_code_for_y0_says_what_it_does_not_know() -> None:
    text = export_graph(TWO_STAGES, "y0")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# The graph of two_stages.",
        "# L is never observed; its causes affect what it affects, and this shares a cause.",
        "# X, M_1 and Y share one cause; y0 has one for each pair, and identifies the same.",
        "# Randomized: p_Z.",
        "# Only units with values of S are observed, which y0 is not told.",
    ]
    # M_1 affects Y in place of L; the cause of M_1 and L is one of M_1 and Y, which share another.
    assert '    directed=[("p_Z", "X"), ("X", "M_1"), ("X", "Y"), ("M_1", "Y"), ("Y", "S")],' in text


def test_code_for_causaloptim() -> None:
    assert export_graph("iv_ate", "causaloptim").splitlines() == [
        "# The graph of iv_ate; values are numbered from 0.",
        "library(causaloptim)",
        "library(igraph)",
        "",
        "graph <- graph_from_literal(Z -+ X, X -+ Y, Ur -+ X, Ur -+ Y)",
        "V(graph)$leftside <- c(1, 0, 0, 0)",
        "V(graph)$latent <- c(0, 0, 0, 1)",
        "V(graph)$nvals <- c(2, 2, 2, 2)",
        "V(graph)$exposure <- c(0, 1, 0, 0)",
        "V(graph)$outcome <- c(0, 0, 1, 0)",
        "E(graph)$rlconnect <- rep(0, 4)",
        "E(graph)$edge.monotone <- rep(0, 4)",
    ]
    lines = export_graph(TWO_STAGES, "causaloptim").splitlines()
    # causaloptim takes no underscores, and no name that begins with p.
    assert lines[1:3] == ["# VpZ is p_Z.", "# M1 is M_1."]
    assert "not all of X, M_1, L, Y and S share one cause" in lines[3]
    with pytest.raises(GraphError, match="'Y' is any number between two ends, and causaloptim counts values"):
        export_graph("model m\nvariable A in {0, 1}\nvariable Y(A) in [0, 1]", "causaloptim")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R")
def test_r_reads_what_is_written_for_causaloptim(tmp_path: Path) -> None:
    """R parses all of it; igraph, where it is installed, builds the graph of the model."""
    texts = {name: export_graph(name, "causaloptim") for name in ("iv_ate", "mediation_encouragement")}
    texts["two_stages"] = export_graph(TWO_STAGES, "causaloptim")
    for name, text in texts.items():
        (tmp_path / f"{name}.R").write_text(text + "\n", encoding="utf-8")
    names = ", ".join(f'"{name}.R"' for name in texts)
    _r(f"for (name in c({names})) stopifnot(length(parse(name)) > 8)", tmp_path)
    if _r('cat(requireNamespace("igraph", quietly = TRUE))', tmp_path) != "TRUE":
        pytest.skip("needs igraph of R")
    (tmp_path / "read.R").write_text(WITH_IGRAPH, encoding="utf-8")
    done = subprocess.run(["Rscript", "read.R", "iv_ate.R"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split("\n")[:-1]) == ["Ur X", "Ur Y", "X Y", "Z X"]


def _r(code: str, folder: Path) -> str:
    command = ["Rscript", "-e", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", catalogue.names())
def test_every_model_of_the_catalogue_has_its_graph(name: str) -> None:
    model = catalogue.load(name)
    graph = import_graph(export_graph(model), name=name, observe=_observed(model)).model
    assert [_drawn(each) for each in graph.variables] == [_drawn(each) for each in model.variables]
    assert graph.observations == model.observations
    for form in WRITTEN:
        assert export_graph(model, form)


def _drawn(variable: Any) -> tuple[Any, ...]:
    """A variable without the order of its parents, of which a graph has none."""
    return variable.name, variable.domain, variable.bounded, variable.randomized, set(variable.parents)


def _observed(model: Model) -> list[str]:
    return [line for line in str(model).splitlines() if line.startswith("observe ")]


def test_every_format_has_its_writer() -> None:
    assert tuple(WRITERS) == WRITTEN
