"""A model to the graph of it: what affects what, what is measured, and who shares unmeasured causes."""

from __future__ import annotations

from collections.abc import Iterator

from boundgen.graphs.graph import CausalGraph, NamePair, Node
from boundgen.graphs.identifiers import free_name
from boundgen.language.averaging import outcomes_of
from boundgen.language.expressions import Argument, Expectation, Outcome, Probability, Sum
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.language.values import Value


def model_graph(model: Model) -> CausalGraph:
    """The graph of a model.

    A cause that two variables share is an arrow with two heads, one that more share a latent node. Exposures and
    outcomes are those of the estimands.

    Parameters
    ----------
    model : Model

    Returns
    -------
    CausalGraph
        Its remarks say what of the model it does not hold.
    """
    marks = _marks(model)
    nodes = [
        Node(each.name, frozenset(marks[each.name]), each.domain, bounded=each.bounded) for each in model.variables
    ]
    effects = [(parent, each.name) for each in model.variables for parent in each.parents]
    shared: list[NamePair] = []
    for members in _causes(model):
        if len(members) == 2:
            shared.append((members[0], members[1]))
        else:
            name = free_name("U", {node.name for node in nodes})
            nodes.append(Node(name, frozenset({"latent"})))
            effects += [(name, member) for member in members]
    return CausalGraph(tuple(nodes), tuple(effects), tuple(shared), model.name, tuple(_left_out(model)))


def _causes(model: Model) -> list[tuple[str, ...]]:
    """The variables that share a cause, for each; where none is stated, all that are not randomized share one."""
    if model.causes is not None:
        return [tuple(dict.fromkeys(each)) for each in model.causes]
    free = tuple(variable.name for variable in model.variables if not variable.randomized)
    return [free] if len(free) > 1 else []


def _marks(model: Model) -> dict[str, set[str]]:
    marks: dict[str, set[str]] = {variable.name: set() for variable in model.variables}
    measured = {name for each in model.observations for name, _ in each.settings}
    selected = {name for each in model.observations for name, _ in each.selection}
    exposures, outcomes = _roles(model)
    for variable in model.variables:
        name = variable.name
        marks[name] |= {"randomized"} if variable.randomized else set()
        marks[name] |= {"latent"} if name not in measured and not variable.randomized else set()
        marks[name] |= {"selected"} if name in selected else set()
        marks[name] |= {"exposure"} if name in exposures else set()
        marks[name] |= {"outcome"} if name in outcomes else set()
    return marks


def _roles(model: Model) -> tuple[set[str], set[str]]:
    """The variables that estimands set, to several values where one is; and those that they ask about."""
    exposures: set[str] = set()
    outcomes: set[str] = set()
    for estimand in model.estimands:
        asked = list(_asked(estimand))
        nested = {each.variable for outcome in asked for _, each in outcome.interventions if isinstance(each, Outcome)}
        outcomes |= {outcome.variable for outcome in asked} - nested
        values: dict[str, set[Argument]] = {}
        for outcome in asked:
            for name, value in _settings(outcome):
                values.setdefault(name, set()).add(value)
        several = {name for name, each in values.items() if len(each) > 1}
        exposures |= several or set(values)
    return exposures, outcomes - exposures


def _asked(estimand: Estimand) -> Iterator[Outcome]:
    """The potential outcomes of an estimand that stand before a bar."""
    for part in (estimand.expression, estimand.divisor or Sum()):
        for _, atoms in part.terms:
            for atom in atoms:
                if isinstance(atom, Expectation):
                    yield from outcomes_of(atom.content)
                elif isinstance(atom, Probability):
                    yield from outcomes_of(atom.event)


def _settings(outcome: Outcome) -> Iterator[tuple[str, Value]]:
    """The variables that are set to values, in nested outcomes too."""
    for name, argument in outcome.interventions:
        if isinstance(argument, Outcome):
            yield from _settings(argument)
        elif isinstance(argument, Value):
            yield name, argument


def _left_out(model: Model) -> Iterator[str]:
    for items, one, several in (
        (model.assumptions, "assumption", "assumptions"),
        (model.parameters, "parameter", "parameters"),
        (model.definitions, "definition", "definitions"),
        (model.estimands, "estimand", "estimands"),
        (model.claims, "claim", "claims"),
    ):
        if items:
            yield f"{len(items)} {one if len(items) == 1 else several}"
