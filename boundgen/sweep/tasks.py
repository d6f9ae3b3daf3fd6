"""What is to be derived: one estimand of a model under some of its assumptions, as a value that can be sent away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from boundgen.errors import LimitError, ModelError, quoted
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption


@dataclass(frozen=True)
class Task:
    """One derivation.

    Parameters
    ----------
    model : str
        The text of the model with the assumptions of this task alone.
    name : str
        The model's name.
    estimand : str
    assumptions : tuple of str
        Their names; a nameless one is written out.
    cells : tuple of (cell, value), or None
        An observed distribution at which widths are wanted; rationals as texts.
    parameters : tuple of (name, value)
        Their values there.
    seconds : float or None
    cache : str or None
        A folder.
    """

    model: str
    name: str
    estimand: str
    assumptions: tuple[str, ...]
    cells: tuple[tuple[str, str], ...] | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    cache: str | None = None


def tasks(model: Model, estimands: Sequence[str], always: Sequence[str], most: int) -> tuple[Task, ...]:
    """Every estimand under every subset of the assumptions, small subsets first.

    Parameters
    ----------
    model : Model
    estimands : sequence of str
        All, where none is named.
    always : sequence of str
        Assumptions that stand in every subset.
    most : int
        How many subsets there may be.

    Raises
    ------
    ModelError, LimitError
    """
    names = assumption_names(model)
    for name in always:
        if name not in names:
            raise ModelError(
                f"model {model.name} has no assumption {quoted(name)}",
                model.where,
                f"assumptions: {', '.join(names)}" if names else "It has no assumptions.",
            )
    free = [k for k, name in enumerate(names) if name not in always]
    if 2 ** len(free) > most:
        raise LimitError(
            f"{len(free)} assumptions have {2 ** len(free)} subsets, more than {most}",
            remedy="Keep some in every subset (--always NAME), or raise the limit with --max-subsets.",
        )
    fixed = {k for k, name in enumerate(names) if name in always}
    chosen = estimands or tuple(estimand.name for estimand in model.estimands)
    found = []
    for subset in _subsets(free):
        kept = sorted(fixed | set(subset))
        text = str(replace(model, assumptions=tuple(model.assumptions[k] for k in kept), claims=()))
        for estimand in chosen:
            model.estimand_named(estimand)
            found.append(Task(text, model.name, estimand, tuple(names[k] for k in kept)))
    return tuple(found)


def assumption_names(model: Model) -> tuple[str, ...]:
    """What each assumption is called; a nameless one is written out."""
    return tuple(
        assumption.name or print_assumption(assumption, model.by_name).removeprefix("assume ")
        for assumption in model.assumptions
    )


def _subsets(items: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(items) + 1):
        yield from combinations(items, size)
