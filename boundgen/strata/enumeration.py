"""Principal strata on demand: branch over a potential outcome the first time that it is asked for.

The leaves are the strata that data, assumptions and estimand can tell apart (for δ(1), the
ψ_{y1 y0 m1 m0} of Blackwell, Ma & Opacic 2024, Supplement A); those that they cannot are merged
while they are found, so that memory follows the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from boundgen.language.expressions import Value
from boundgen.language.variables import Variable
from boundgen.limits import Work
from boundgen.program.linear_program import Stratum
from boundgen.strata.unit import Response, Unit, UnknownOutcome

Stage = Callable[[Unit], Hashable]
EXCLUDED = None
Leaves = dict[tuple[Any, ...], tuple[Stratum, int]]


def enumerate_strata(variables: Mapping[str, Variable], stages: Sequence[Stage], work: Work) -> Leaves:
    """Evaluate the stages in order on every unit that differs in them.

    Parameters
    ----------
    variables : mapping
    stages : sequence of functions of a `Unit`
        A stage that gives None excludes the unit: an assumption removes it.
    work : Work

    Returns
    -------
    dict
        The stages' values, with a stratum that has them and how many strata do.
    """
    found: Leaves = {}
    steps = leaves = 0
    stack: list[tuple[int, dict[Response, Value], tuple[Any, ...]]] = [(0, {}, ())]
    while stack:
        position, known, values = stack.pop()
        if position == len(stages):
            leaves += 1
            first, count = found.get(values, (None, 0))
            found[values] = (first or Stratum(tuple(known.items())), count + 1)
            continue
        steps += 1
        if steps % 1000 == 0:
            work.step("listing principal strata", leaves)
            work.limits.check("principal strata", leaves, work.limits.strata, "--max-strata")
        try:
            value = stages[position](Unit(variables, known))
        except UnknownOutcome as unknown:
            stack += [(position, {**known, unknown.response: v}, values) for v in reversed(unknown.domain)]
            continue
        if value is EXCLUDED:
            leaves += 1
        else:
            stack.append((position + 1, known, (*values, value)))
    return found
