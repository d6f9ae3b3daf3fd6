"""Models written as graphs for other programs, which read them where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
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
for (name in commandArgs(TRUE)) stopifnot(length(parse(name)) > 6)
if (!requireNamespace("igraph", quietly = TRUE)) { cat("no igraph"); quit() }
suppressMessages(library(igraph))
for (name in commandArgs(TRUE)) {
  lines <- readLines(name)
  eval(parse(text = lines[lines != "library(causaloptim)"]))
  stopifnot(is_dag(graph), length(E(graph)$rlconnect) == ecount(graph), E(graph)$edge.monotone == 0)
  nodes <- data.frame(V(graph)$name, V(graph)$leftside, V(graph)$latent, V(graph)$nvals)
  nodes <- cbind(nodes, V(graph)$exposure, V(graph)$outcome)
  edges <- as_edgelist(graph)
  cat("graph", sub(".R", "", name, fixed = TRUE), "\\n")
  cat(paste("node", apply(nodes, 1, function(row) paste(trimws(row), collapse = " "))), sep = "\\n")
  cat(sprintf("edge %s %s", edges[, 1], edges[, 2]), sep = "\\n")
  cat("\\n")
}
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
    """R parses it; igraph, where it is installed, builds the graph of each model."""
    models = {"two_stages": Model.parse(TWO_STAGES)}
    for name in catalogue.names():
        model = catalogue.load(name)
        if not any(each.bounded for each in model.variables):
            models[name] = model
    for name, model in models.items():
        (tmp_path / f"{name}.R").write_text(export_graph(model, "causaloptim") + "\n", encoding="utf-8")
    (tmp_path / "read.R").write_text(WITH_IGRAPH, encoding="utf-8")
    command = ["Rscript", "read.R", *(f"{name}.R" for name in models)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    if done.stdout == "no igraph":
        pytest.skip("needs igraph of R")
    parts = done.stdout.split("graph ")[1:]
    read = {each.split()[0]: each.splitlines()[1:] for each in parts}
    assert list(read) == list(models)
    assert read["iv_ate"] == [
        *("node Z 1 0 2 0 0", "node X 0 0 2 1 0", "node Y 0 0 2 0 1", "node Ur 0 1 2 0 0"),
        *("edge Z X", "edge X Y", "edge Ur X", "edge Ur Y", ""),
    ]
    for name, model in models.items():
        assert sorted(line for line in read[name] if line) == sorted(_of_igraph(model)), name


def _of_igraph(model: Model) -> Iterator[str]:
    """What igraph should know: of each variable its name, whether it is randomized, latent, its values and roles."""
    graph = model_graph(model)
    plain = {each.name: _plain(each.name) for each in model.variables}
    for each in model.variables:
        marks = graph.by_name[each.name].marks
        roles = (int("exposure" in marks), int("outcome" in marks))
        known = (int(each.randomized), int("latent" in marks), len(each.domain), *roles)
        yield f"node {plain[each.name]} {' '.join(map(str, known))}"
        yield from (f"edge {plain[parent]} {plain[each.name]}" for parent in each.parents)
    right = [each.name for each in model.variables if not each.randomized]
    if len(right) > 1:
        yield "node Ur 0 1 2 0 0"
        yield from (f"edge Ur {plain[name]}" for name in right)


def _plain(name: str) -> str:
    letters = name.replace("_", "")
    return f"V{letters}" if letters.startswith("p") else letters


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
