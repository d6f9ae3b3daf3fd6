"""A graph to a model that can be derived, with what had to be chosen in sentences."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from textwrap import wrap
from typing import Any

from boundgen.calls import public
from boundgen.errors import GraphError, did_you_mean, quoted
from boundgen.graphs.attributes import levels as numbered
from boundgen.graphs.causes import Causes, causes
from boundgen.graphs.graph import MOST_SHOWN, CausalGraph, Node, names_listed
from boundgen.graphs.identifiers import identifiers, plain_name
from boundgen.graphs.reading import is_text, read_graph
from boundgen.graphs.roles import AskedEffect, question, sounds_latent
from boundgen.language import syntax as s
from boundgen.language.model import Model
from boundgen.language.statements import Observation
from boundgen.language.values import Value, value_text
from boundgen.language.variables import Variable, ancestors, arms_needed
from boundgen.rendering.text import inline

BINARY: tuple[Value, ...] = (0, 1)
WIDTH = 100


@dataclass(frozen=True)
class ImportedGraph:
    """A model made from a graph.

    Parameters
    ----------
    model : Model
    graph : CausalGraph
        As it was read.
    remarks : tuple of str
        What was chosen, and what the graph says that the model does not hold.
    """

    model: Model
    graph: CausalGraph
    remarks: tuple[str, ...]

    @property
    def text(self) -> str:
        """A model file: the remarks as comments, and the model."""
        comments = [line for remark in self.remarks for line in _commented(remark)]
        return "\n".join([*comments, *([""] if comments else []), str(self.model)])


@public
def import_graph(
    source: Any,
    *,
    name: str | None = None,
    randomized: Sequence[str] = (),
    levels: Mapping[str, int] | None = None,
    observe: Sequence[str] = (),
) -> ImportedGraph:
    """A model from a causal graph that was drawn elsewhere.

    What the graph says is kept: who affects whom, and who shares unmeasured causes with whom. What it does not say is
    chosen and said: values, what is observed, and the effect to bound.

    Parameters
    ----------
    source : path, str or graph
        A file or a text of dagitty, DOT, CausalQueries, GraphML, or JSON of networkx or Causal Fusion; or a graph of
        networkx or y0.
    name : str, optional
        Of the model; by default that of the file or the graph.
    randomized : sequence of str
        Variables that were assigned at random; nothing may affect them or share causes with them.
    levels : mapping of names to numbers, optional
        How many values variables have; two where nothing is said. A latent node with levels is a variable that is
        never observed; others are unmeasured causes of any kind.
    observe : sequence of str
        What is observed, as in the language: ``"P(Y, M | A)"``. By default everything that is not latent, jointly.

    Returns
    -------
    ImportedGraph

    Raises
    ------
    FileError
        For files that cannot be read.
    GraphError
        For what is no graph, cycles, and graphs that contradict what is asked for.

    Examples
    --------
    >>> found = import_graph("X -> M -> Y; X <-> Y", levels={"M": 3})
    >>> found.model.variables[1].domain, found.remarks[1]
    ((0, 1, 2), 'No outcome is marked: Y is taken, which alone affects nothing else.')
    """
    drawn = read_graph(source)
    called = name or plain_name(drawn.name or _stem(source) or "graph", "graph_")
    labels = {value for node in drawn.nodes for value in node.values if isinstance(value, str)}
    names = identifiers(drawn.by_name, labels)
    options = _Options(
        (randomized,) if isinstance(randomized, str) else tuple(randomized),
        dict(levels or {}),
        (observe,) if isinstance(observe, str) else tuple(observe),
    )
    graph = _with_options(drawn.renamed(names), options, names)
    return _imported(graph, called, options.observe, _of_names(names))


def _stem(source: Any) -> str:
    if isinstance(source, str | os.PathLike) and not is_text(source):
        return os.path.basename(os.fspath(source)).partition(".")[0]
    return ""


# ---------------------------------------------------------------- options
@dataclass(frozen=True)
class _Options:
    randomized: tuple[str, ...]
    levels: Mapping[str, int]
    observe: tuple[str, ...]


def _with_options(graph: CausalGraph, options: _Options, names: Mapping[str, str]) -> CausalGraph:
    """The graph in which these are randomized, and have these levels; variables may be named as they were drawn."""
    spelled = {name: name for name in graph.by_name} | dict(names)
    for given in (*options.randomized, *options.levels):
        if given not in spelled:
            raise GraphError(
                f"the graph has no variable {quoted(given)}",
                remedy=f"{did_you_mean(given, spelled)}It has {names_listed(graph.by_name)}.",
            )
    drawn = {spelled[given] for given in options.randomized}
    counts = {spelled[given]: number for given, number in options.levels.items()}

    def changed(node: Node) -> Node:
        if node.name in drawn:
            node = replace(node, marks=(node.marks - {"latent"}) | {"randomized"})
        if node.name in counts:
            node = replace(node, values=numbered(node.name, counts[node.name]), bounded=False)
        return node

    found = replace(graph, nodes=tuple(map(changed, graph.nodes)))
    _check_randomized(found)
    return found


def _check_randomized(graph: CausalGraph) -> None:
    above = graph.parents()
    for name in graph.marked("randomized"):
        latent = [each for each in above[name] if graph.by_name[each].latent]
        shared = [other for pair in graph.shared if name in pair for other in pair if other != name]
        if latent or shared:
            raise GraphError(
                f"{quoted(name)} is to be randomized, and has unmeasured causes in the graph: "
                f"{names_listed([*latent, *(f'that of {name} <-> {other}' for other in shared)])}",
                remedy="What is randomized has none: take the arrow out, or do not call it randomized.",
            )
        if above[name]:
            raise GraphError(
                f"{quoted(name)} is to be randomized, and in the graph it is affected by {names_listed(above[name])}",
                remedy="Nothing affects what is randomized: take the arrow out, or do not call it randomized.",
            )


# ---------------------------------------------------------------- the model
def _imported(graph: CausalGraph, name: str, observe: Sequence[str], of_names: Sequence[str]) -> ImportedGraph:
    kept = [
        node.name
        for node in graph.nodes
        if node.latent and (node.values or node.marks & {"exposure", "outcome", "selected"})
    ]
    simple = causes(graph, kept)
    if not simple.variables:
        raise GraphError("all nodes of the graph are latent", remedy="Something is measured: take [latent] from it.")
    model = Model(name, _variables(graph, simple), _title(graph, name), causes=simple.shared)
    model, of_observed = _observed(model, graph, observe)
    asked = question(graph, simple)
    model, of_estimands = _asked(model, asked)
    remarks = [
        *of_names,
        *(f"{node.name}: {node.label}" for node in graph.nodes if node.label and node.name in simple.variables),
        *simple.remarks,
        *(f"{name} is latent: a variable of the model that is never observed." for name in kept),
        *_of_values(graph, simple),
        *asked.remarks,
        *of_estimands,
        *of_observed,
        *_of_causes(graph, simple),
        *_of_adjusted(graph, simple),
        *graph.remarks,
    ]
    return ImportedGraph(model, graph, tuple(dict.fromkeys(remarks)))


def _title(graph: CausalGraph, name: str) -> str:
    title = inline(" ".join(graph.name.replace('"', "'").split()))[:60]
    return title if title != name else ""


def _variables(graph: CausalGraph, simple: Causes) -> tuple[Variable, ...]:
    above: dict[str, list[str]] = {name: [] for name in simple.variables}
    order = {name: i for i, name in enumerate(simple.variables)}
    nodes = graph.by_name
    for start, end in sorted(simple.effects, key=lambda pair: order[pair[0]]):
        if nodes[start].bounded:
            raise GraphError(
                f"{quoted(start)} is any number between two ends, and affects {quoted(end)}",
                remedy=f"What affects others has a list of values: --levels {start}=2.",
            )
        above[end].append(start)
    return tuple(
        Variable(
            name,
            nodes[name].values or BINARY,
            "randomized" in nodes[name].marks,
            tuple(above[name]),
            bounded=nodes[name].bounded,
        )
        for name in simple.variables
    )


def _observed(model: Model, graph: CausalGraph, observe: Sequence[str]) -> tuple[Model, list[str]]:
    """The model with what is observed: as stated, or everything that is measured, where it is selected and drawn."""
    if observe:
        return _stated(model, observe), []
    marks = {name: graph.by_name[name].marks for name in model.by_name}
    drawn = [name for name, each in marks.items() if "randomized" in each]
    chosen = [name for name, each in marks.items() if "selected" in each and name not in drawn]
    seen = [name for name, each in marks.items() if "latent" not in each and name not in (*drawn, *chosen)]
    if not seen:
        raise GraphError(
            "nothing is observed: all nodes of the graph are latent, randomized or selected",
            remedy="An outcome is measured and not randomized.",
        )
    at = tuple((name, model.by_name[name].domain[-1]) for name in chosen)
    outcomes, arms = (tuple((name, None) for name in names) for names in (seen, drawn))
    said = [f"Units are selected: only those with {_events(at)} are observed."] if at else []
    return replace(model, observations=(Observation(outcomes, arms, selection=at),)), said


def _stated(model: Model, observe: Sequence[str]) -> Model:
    """The model with what is written for observed, read as a part of it."""
    texts = [" ".join(text.split()).removeprefix("observe ") for text in observe]
    read = Model.parse("\n".join([str(model), *(f"observe {text}" for text in texts)]), "observe")
    return replace(model, observations=read.observations)


def _asked(model: Model, asked: AskedEffect) -> tuple[Model, list[str]]:
    """The model with its estimands: each exposure's effect on each outcome, or the mean of an outcome."""
    remarks: dict[str, None] = {}
    pairs = [
        (exposure, outcome)
        for outcome in asked.outcomes
        for exposure in asked.exposures
        if exposure in ancestors(outcome, model.by_name)
    ]
    for exposure, outcome in pairs:
        called = f"ate_{exposure}_{outcome}" if len(pairs) > 1 else "ate"
        domain = model.by_name[exposure].domain
        high, low = (_potential(model, outcome, {exposure: domain[i]}, remarks) for i in (-1, 0))
        words = _top(model, outcome)
        effect = s.E(high - low) if words is None else s.P(high == words) - s.P(low == words)
        model = model.estimand(called, effect)
        if len(domain) > 2:
            remarks[f"The effect of {exposure} is that of its last value against its first."] = None
    for outcome in asked.outcomes if not pairs else ():
        called = f"mean_{outcome}" if len(asked.outcomes) > 1 else "mean"
        written, words = _potential(model, outcome, {}, remarks), _top(model, outcome)
        model = model.estimand(called, s.E(written) if words is None else s.P(written == words))
    return model, list(remarks)


def _top(model: Model, outcome: str) -> Value | None:
    """The last value, where values are words, of which there are no means."""
    domain = model.by_name[outcome].domain
    return domain[-1] if any(isinstance(value, str) for value in domain) else None


def _potential(model: Model, outcome: str, settings: Mapping[str, Value], remarks: dict[str, None]) -> s.Syntax:
    """A potential outcome; other randomized variables that affect it are held, as their arms are not mixed."""
    others = arms_needed(outcome, set(settings), model.by_name)
    held = {} if model.scope.averages(set(others)) else {name: model.by_name[name].domain[0] for name in others}
    if held:
        remarks[f"It is asked for where {_events(held.items())}."] = None
    values = {name: s.written(value) for name, value in {**settings, **held}.items()}
    return s.Name(outcome)(**values) if values else s.Name(outcome)


def _events(settings: Iterable[tuple[str, Value]]) -> str:
    return " and ".join(f"{name}={value_text(value)}" for name, value in settings)


# ---------------------------------------------------------------- remarks
def _of_names(names: Mapping[str, str]) -> list[str]:
    return [f"{name} is {quoted(drawn)} in the graph." for drawn, name in names.items() if drawn != name]


def _of_values(graph: CausalGraph, simple: Causes) -> Iterator[str]:
    silent = [name for name in simple.variables if not graph.by_name[name].values]
    if silent:
        every = len(silent) == len(simple.variables) > 1
        whose = "any variable has" if every else f"{names_listed(silent)} {'has' if len(silent) == 1 else 'have'}"
        yield f"The graph does not say how many values {whose}: 0 and 1 are taken."


def _of_causes(graph: CausalGraph, simple: Causes) -> Iterator[str]:
    """On pairs that could be one cause, and on variables that could have been randomized."""
    pairs = {frozenset(each) for each in simple.shared if len(each) == 2}
    members = [name for name in simple.variables if any(name in pair for pair in pairs)]
    for three in combinations(members, 3) if len(pairs) > 2 and len(members) <= MOST_SHOWN else ():
        if all(frozenset(pair) in pairs for pair in combinations(three, 2)):
            yield (
                f"{names_listed(three)} share three causes, one for each pair; "
                f"one of all three is: confounded {', '.join(three)}"
            )
    for name, number in Counter(start for start, _ in simple.effects).items():
        if number > 1 and sounds_latent(graph.by_name[name]):
            yield f"{name} is taken as measured; if it is not, mark it in the graph: {name} [latent]"
    moved = {end for _, end in simple.effects} | {name for each in simple.shared for name in each}
    alone = [
        name
        for name in dict.fromkeys(start for start, _ in simple.effects)
        if name not in moved and not graph.by_name[name].marks & {"randomized", "latent", "selected"}
    ]
    if alone:
        it = "it is" if len(alone) == 1 else "they are"
        yield (
            f"Nothing affects {names_listed(alone)}, and no causes are shared with others: "
            f"if assigned at random, {it} randomized."
        )


def _of_adjusted(graph: CausalGraph, simple: Causes) -> Iterator[str]:
    adjusted = [name for name in graph.marked("adjusted") if name in simple.variables]
    if adjusted:
        yield (
            f"{names_listed(adjusted)} {'is' if len(adjusted) == 1 else 'are'} marked as adjusted: "
            "bounds use all that is observed, so nothing is to be done."
        )


def _commented(remark: str) -> list[str]:
    return wrap(inline(remark), WIDTH, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False)
