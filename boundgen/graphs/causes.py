"""Latent nodes to unmeasured causes that have no causes themselves, as many as are needed (Evans, 2016)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from boundgen.graphs.graph import CausalGraph, NamePair, names_listed, sorted_forward


@dataclass(frozen=True)
class Causes:
    """What of a graph stays where latent nodes are unmeasured causes.

    Parameters
    ----------
    variables : tuple of str
        Causes before effects.
    effects : tuple of pairs of names
    shared : tuple of tuples of names
        One for each unmeasured cause: the variables that it affects. None is a part of another.
    remarks : tuple of str
    """

    variables: tuple[str, ...]
    effects: tuple[NamePair, ...]
    shared: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...]


def causes(graph: CausalGraph, kept: Collection[str] = ()) -> Causes:
    """The graph without latent nodes, but those that are kept, and the causes that stand for them.

    What causes a latent node affects the node's children directly, and these share what is left of it; so the
    distributions of the other variables, under any intervention on them, are those of the graph whatever values the
    latent node has (Evans, 2016, lemmas 1 to 3). One with a single child adds nothing to the child's own
    causes, and one whose children another cause has too adds nothing to that.

    Parameters
    ----------
    graph : CausalGraph
    kept : collection of str
        Latent nodes that are variables of the model, with values of their own.

    Returns
    -------
    Causes
    """
    names = [node.name for node in graph.nodes]
    latent = {node.name for node in graph.nodes if node.latent and node.name not in kept}
    children = {name: dict.fromkeys(below) for name, below in graph.children().items()}
    parents = {name: dict.fromkeys(above) for name, above in graph.parents().items()}
    pairs: list[tuple[str, ...]] = []
    remarks: list[str] = []
    for number, pair in enumerate(graph.shared):
        if latent & set(pair):
            # An unmeasured cause of a latent node is a latent node that causes it.
            children[f"<->{number}"], parents[f"<->{number}"] = dict.fromkeys(pair), {}
            for name in pair:
                parents[name][f"<->{number}"] = None
        else:
            pairs.append(pair)
    between = [name for name in children if name.startswith("<->") and name not in names]
    forward = sorted_forward([*between, *names], [(a, b) for a, below in children.items() for b in below])[0]
    for name in forward:
        if name in latent and parents[name]:
            above = [each for each in parents[name] if each not in between]
            if above:
                remarks.append(_passed_on(name, above, list(children[name])))
            for parent in parents[name]:
                del children[parent][name]
                for child in children[name]:
                    children[parent][child] = parents[child][parent] = None
            parents[name] = {}
    hidden = [name for name in forward if name in latent or name in between]
    measured = [name for name in names if name not in latent]
    order = sorted_forward(measured, [(start, end) for start in measured for end in children[start]])[0]
    visible = {name: i for i, name in enumerate(order)}
    found = [(name, tuple(sorted(children[name], key=visible.__getitem__))) for name in hidden]
    found += [("", tuple(sorted(pair, key=visible.__getitem__))) for pair in pairs]
    remarks += [_said(name, below) for name, below in found if name in latent]
    shared, absorbed = _largest([below for _, below in found if len(below) > 1])
    return Causes(
        tuple(visible),
        tuple((start, end) for start in visible for end in sorted(children[start], key=visible.__getitem__)),
        tuple(sorted(shared, key=lambda each: [visible[name] for name in each])),
        tuple(remarks + absorbed),
    )


def _passed_on(name: str, above: list[str], below: list[str]) -> str:
    if not below:
        return f"{name} is latent and affects nothing."
    affect = "affects" if len(above) == 1 else "affect"
    return (
        f"{name} is latent and has causes: {names_listed(above)} {affect} {names_listed(below)} directly instead, "
        f"which is the same for all that is measured."
    )


def _said(name: str, below: tuple[str, ...]) -> str:
    if len(below) > 1:
        return f"{name} is an unmeasured cause of {names_listed(below)}."
    if below:
        return f"{name} is a cause of {below[0]} alone, which has unmeasured causes of its own anyway; it is left out."
    return f"{name} is latent and is left out: it affects no two variables."


def _largest(shared: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], list[str]]:
    """Each cause that is not part of another, and sentences on those that are."""
    counts = Counter(shared)
    kept: list[tuple[str, ...]] = []
    by_member: dict[str, list[tuple[str, ...]]] = {}
    remarks = []
    for below in sorted(counts, key=len, reverse=True):
        larger = next((each for each in by_member.get(below[0], ()) if set(below) < set(each)), None)
        if larger is None:
            kept.append(below)
            for name in below:
                by_member.setdefault(name, []).append(below)
        else:
            remarks.append(f"The cause of {names_listed(below)} is a part of that of {names_listed(larger)}.")
    remarks += [f"{n} causes of {names_listed(below)} are one." for below, n in counts.items() if n > 1]
    return kept, remarks
