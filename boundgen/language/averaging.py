"""The arms over which a factual quantity is averaged, by the law of the randomized variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from boundgen.language.expressions import (
    And,
    Comparison,
    Expectation,
    Formula,
    Implication,
    Index,
    Label,
    Not,
    Or,
    Outcome,
    Probability,
    Sum,
)
from boundgen.language.variables import Variable, arms_needed


def averaged_arms(atom: Probability | Expectation, variables: Mapping[str, Variable]) -> list[str]:
    """The randomized variables on which it depends, its condition included, and which its bar does not set."""
    fixed = {name for name, _ in (*atom.given.arm, *atom.given.interventions)}
    content = atom.content if isinstance(atom, Expectation) else atom.event
    found: set[str] = set()
    for outcome in (*outcomes_of(content), *outcomes_of(event_beside(atom)), *outcomes_of(atom.given.event)):
        found |= set(arms_needed(outcome.variable, fixed | {name for name, _ in outcome.interventions}, variables))
    return [name for name in variables if name in found]


def event_beside(atom: Probability | Expectation) -> tuple[Formula, ...]:
    """The event outside which the content of a mean counts zero."""
    return atom.event if isinstance(atom, Expectation) else ()


def outcomes_of(content: tuple[Formula, ...] | Sum) -> Iterator[Outcome]:
    """Every potential outcome in an event or in arithmetic, those that set others among them."""
    stack: list[Formula | Sum | Outcome | Index | Label] = list(content) if isinstance(content, tuple) else [content]
    while stack:
        match stack.pop():
            case Outcome(_, interventions) as outcome:
                yield outcome
                stack += [value for _, value in interventions if isinstance(value, Outcome)]
            case Sum(terms):
                stack += [atom for _, atoms in terms for atom in atoms if isinstance(atom, Outcome)]
            case Comparison(_, left, right):
                stack += [left, right]
            case And(inner) | Or(inner):
                stack += inner
            case Not(part):
                stack.append(part)
            case Implication(premises, conclusion):
                stack += [*premises, conclusion]
