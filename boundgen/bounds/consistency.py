"""Assumptions that exclude every distribution, and a smallest set of them that does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from boundgen.errors import ContradictionError
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Assumption
from boundgen.polyhedra.region import model_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.work.limits import Budget


def is_empty(program: LinearProgram, model: Model) -> bool:
    """Whether no distribution over strata and no parameter value meets the assumptions."""
    if not program.columns:
        return True
    if all(row.kind != "assumption" for row in program.rows):
        return False
    return model_region(program, model.parameters).is_empty()


def contradiction(model: Model, budget: Budget) -> tuple[Assumption, ...]:
    """A smallest set of assumptions that contradict one another; empty where all are consistent."""
    if not _contradict(model, model.assumptions, budget):
        return ()
    minimal = _minimal(model, budget)
    for size in range(1, len(minimal)):
        for chosen in itertools.combinations(model.assumptions, size):
            if _contradict(model, chosen, budget):
                return chosen
    return minimal


def _minimal(model: Model, budget: Budget) -> tuple[Assumption, ...]:
    """Drop assumptions one by one as long as the rest contradict."""
    kept = list(model.assumptions)
    for assumption in model.assumptions:
        fewer = [other for other in kept if other is not assumption]
        if _contradict(model, fewer, budget):
            kept = fewer
    return tuple(kept)


def _contradict(model: Model, assumptions: Sequence[Assumption], budget: Budget) -> bool:
    alone = replace(model, assumptions=tuple(assumptions))
    return is_empty(linear_program(alone, (), None, budget), alone)


def refuse_contradiction(model: Model, budget: Budget) -> None:
    """Raise the error that names a smallest contradicting set."""
    found = contradiction(model, budget)
    named = [a.name or f"'{print_assumption(a, model.by_name).removeprefix('assume ')}'" for a in found]
    what = (
        f"assumption {named[0]} holds for no distribution"
        if len(found) == 1
        else (
            f"the assumptions {', '.join(named[:-1])} and {named[-1]} contradict each other: no distribution meets them"
        )
    )
    remedy = (
        "Drop or weaken it." if len(found) == 1 else "Drop or weaken one of them; no smaller set contradicts itself."
    )
    raise ContradictionError(what, found[-1].where, remedy)
