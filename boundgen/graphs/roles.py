"""Which effect a graph asks for: of the marked exposure on the marked outcome, or of what looks like them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from boundgen.graphs.causes import Causes
from boundgen.graphs.graph import CausalGraph, Node, names_listed

EXPOSURES = "x a d t treat treatment exposure".split()
OUTCOMES = "y outcome response".split()
# What people call common causes that nobody measures.
SOUNDS_LATENT = re.compile(r"(u|unobserved|unmeasured|latent|hidden)([_0-9\s].*)?", re.IGNORECASE)


def sounds_latent(node: Node) -> bool:
    """Whether something that is not marked as latent is called as if nobody measured it."""
    return not node.latent and any(SOUNDS_LATENT.fullmatch(text) for text in (node.name, node.label))


@dataclass(frozen=True)
class AskedEffect:
    """The variables that are set and those that are asked about, and why these."""

    exposures: tuple[str, ...]
    outcomes: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _View:
    """The graph of a model, for questions of who affects whom."""

    causes: Causes
    unseen: Collection[str]
    drawn: Collection[str]
    doubtful: Collection[str]

    def children(self, name: str) -> list[str]:
        return [end for start, end in self.causes.effects if start == name]

    def above(self, name: str) -> set[str]:
        """The variables that affect this one, directly or not."""
        parents: dict[str, list[str]] = {}
        for start, end in self.causes.effects:
            parents.setdefault(end, []).append(start)
        found: set[str] = set()
        stack = [name]
        while stack:
            new = [each for each in parents.get(stack.pop(), ()) if each not in found]
            found.update(new)
            stack += new
        return found

    @property
    def seen(self) -> list[str]:
        return [name for name in self.causes.variables if name not in self.unseen]

    @property
    def sources(self) -> list[str]:
        ends = {end for _, end in self.causes.effects}
        return [name for name in self.seen if name not in ends]

    @property
    def sinks(self) -> list[str]:
        starts = {start for start, _ in self.causes.effects}
        return [name for name in self.seen if name not in starts]


def question(graph: CausalGraph, causes: Causes) -> AskedEffect:
    """The effect that is asked for.

    Parameters
    ----------
    graph : CausalGraph
    causes : Causes
        Of that graph.

    Returns
    -------
    AskedEffect
        Without exposures where nothing affects the outcome.
    """
    drawn = graph.marked("randomized")
    doubtful = [node.name for node in graph.nodes if sounds_latent(node)]
    view = _View(causes, {*graph.marked("latent"), *graph.marked("selected")}, drawn, doubtful)
    marks = {name: graph.by_name[name].marks for name in causes.variables}
    outcomes = [name for name, each in marks.items() if "outcome" in each and name not in drawn]
    exposures = [name for name, each in marks.items() if "exposure" in each]
    remarks: list[str] = []
    if not outcomes:
        outcome, why = _outcome(view, exposures)
        outcomes = [outcome]
        remarks.append(f"No outcome is marked: {outcome} is taken, {why}.")
    if not exposures:
        exposure, why = _exposure(view, outcomes[0], drawn)
        exposures = [exposure] if exposure else []
        remarks.append(f"No exposure is marked: {exposure} is taken, {why}." if exposure else f"{why}.")
    idle = [name for name in exposures if not any(name in view.above(outcome) for outcome in outcomes)]
    both = [name for name in idle if name in outcomes]
    if both:
        remarks.append(f"{names_listed(both)} cannot be exposure and outcome: no effect.")
    idle = [name for name in idle if name not in both]
    if idle:
        verb = "does" if len(idle) == 1 else "do"
        remarks.append(f"{names_listed(idle)} {verb} not affect {names_listed(outcomes)} in this graph: no effect.")
    kept = tuple(name for name in exposures if name not in (*idle, *both))
    return AskedEffect(kept, tuple(outcomes), tuple(remarks))


def _outcome(view: _View, exposures: Sequence[str]) -> tuple[str, str]:
    measured = [name for name in view.seen if name not in view.drawn] or list(view.causes.variables)
    sinks = [name for name in view.sinks if name in measured and name not in exposures] or measured
    if len(sinks) == 1:
        return sinks[0], "which alone affects nothing else"
    called = [name for name in sinks if name.lower() in OUTCOMES]
    if called:
        return called[0], "by its name"
    return max(reversed(sinks), key=lambda name: len(view.above(name))), "which most variables affect"


def _exposure(view: _View, outcome: str, randomized: Collection[str]) -> tuple[str, str]:
    above = view.above(outcome)
    every = [name for name in view.seen if name in above]
    candidates = [name for name in every if name not in view.doubtful] or every
    if not candidates:
        return "", f"Nothing affects {outcome}, so its mean is asked for"
    called = [name for name in candidates if name.lower() in EXPOSURES]
    sources = [name for name in view.sources if name in candidates] or candidates
    if len(called) == 1 and called != sources:
        return called[0], "by its name"
    moved = [below for name in sources if (below := _moved(view, name, outcome))]
    if len(set(moved)) == 1:
        return moved[0], f"which {names_listed([name for name in sources if _moved(view, name, outcome)])} moves alone"
    if len(sources) == 1:
        alone = not any(name in view.sources for name in every if name in view.doubtful)
        return sources[0], "which alone is affected by nothing" if alone else "which nothing affects"
    drawn = [name for name in sources if name in randomized]
    if len(drawn) == 1:
        return drawn[0], "which alone is randomized"
    return sources[0], f"the first of {names_listed(sources)}, which nothing affects"


def _moved(view: _View, source: str, outcome: str) -> str:
    """The one child of an instrument: it shares causes with the outcome, and the instrument shares none."""
    below = view.children(source)
    if len(below) != 1 or below[0] == outcome or any(source in each for each in view.causes.shared):
        return ""
    return below[0] if any({below[0], outcome} <= set(each) for each in view.causes.shared) else ""
