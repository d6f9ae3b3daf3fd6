"""Principal strata on demand: branch over a potential outcome the first time that it is asked for.

The leaves are the strata that data, assumption rows and estimand can tell apart (for δ(1), the
ψ_{y1 y0 m1 m0} of Blackwell, Ma & Opacic 2024, Supplement A); those that they cannot are merged
while they are found, so that memory follows the columns.

A unit-level assumption is never a reason to branch: it removes a branch as soon as the outcomes that are
known decide it, and at a leaf it is enough that the outcomes nobody asked for can be chosen to meet it.
``Y(1, m) >= Y(0, m) for all m`` costs nothing at the values of m that M never takes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boundgen.language.expressions import Formula, Value
from boundgen.language.variables import Variable
from boundgen.strata.stratum import Stratum
from boundgen.strata.unit import Response, Unit, UnknownOutcome
from boundgen.work.limits import Budget

Stage = Callable[[Unit], Hashable]
KnownResponses = dict[Response, Value]


@dataclass(frozen=True)
class Restriction:
    """A unit-level assumption for one choice of its quantified names."""

    formula: Formula
    indices: tuple[tuple[str, Value], ...] = ()

    def decided(self, unit: Unit) -> bool | None:
        """Whether the unit meets it; None where the known outcomes do not tell."""
        return unit.decided(self.formula, {}, dict(self.indices))

    def asks(self, unit: Unit) -> UnknownOutcome:
        """The outcome that it needs first."""
        try:
            unit.holds(self.formula, {}, dict(self.indices))
        except UnknownOutcome as unknown:
            return unknown
        raise AssertionError("a decided restriction asks for nothing")


def enumerate_strata(
    variables: Mapping[str, Variable], restrictions: Sequence[Restriction], stages: Sequence[Stage], budget: Budget
) -> dict[tuple[Any, ...], Stratum]:
    """Evaluate the stages in order on every unit that differs in them and can meet the restrictions.

    Returns
    -------
    dict
        The stages' values, each with a stratum that has them.
    """
    search = _Search(variables, budget)
    found: dict[tuple[Any, ...], Stratum] = {}
    stack: list[tuple[int, KnownResponses, tuple[Any, ...], Sequence[Restriction]]] = []
    open_at_start = search.open({}, restrictions)
    if open_at_start is not None:
        stack.append((0, {}, (), open_at_start))
    while stack:
        position, known, values, pending = stack.pop()
        search.tick()
        if position == len(stages):
            search.count()
            if values not in found and search.satisfiable(known, pending):
                found[values] = search.stratum(known)
            continue
        try:
            value = stages[position](Unit(variables, known))
        except UnknownOutcome as unknown:
            branches = [(more, search.open(more, pending)) for more in search.branches(known, unknown)]
            stack += [(position, more, values, left) for more, left in reversed(branches) if left is not None]
        else:
            stack.append((position + 1, known, (*values, value), pending))
    return found


class _Search:
    """Branching with restrictions, counted against the limits."""

    def __init__(self, variables: Mapping[str, Variable], budget: Budget) -> None:
        self._variables, self._budget = variables, budget
        self._visited = self._steps = 0

    def count(self) -> None:
        """One more stratum was visited."""
        self._visited += 1
        self._budget.limits.check("principal strata", self._visited, self._budget.limits.strata, "--max-strata")

    def tick(self) -> None:
        """One more step, so that long work is seen and can be stopped."""
        self._steps += 1
        if self._steps % 100 == 0:
            self._budget.step("listing principal strata", self._visited)

    def stratum(self, known: KnownResponses) -> Stratum:
        """The known outcomes in the order of the declarations."""
        place = {name: i for i, name in enumerate(self._variables)}

        def order(item: tuple[Response, Value]) -> tuple[int, ...]:
            (name, values), _ = item
            parents = self._variables[name].parents
            domains = [self._variables[parent].domain for parent in parents]
            return place[name], *(domain.index(value) for domain, value in zip(domains, values, strict=True))

        return Stratum(tuple(sorted(known.items(), key=order)))

    def branches(self, known: KnownResponses, unknown: UnknownOutcome) -> list[KnownResponses]:
        """What is known, with each value of one more outcome."""
        return [{**known, unknown.response: value} for value in unknown.domain]

    def open(self, known: KnownResponses, restrictions: Sequence[Restriction]) -> Sequence[Restriction] | None:
        """The restrictions that are not decided yet, or None where one is broken."""
        if not restrictions:
            return restrictions
        unit = Unit(self._variables, known)
        left = []
        for restriction in restrictions:
            self.tick()
            decided = restriction.decided(unit)
            if decided is False:
                self.count()
                return None
            if decided is None:
                left.append(restriction)
        return left

    def satisfiable(self, known: KnownResponses, restrictions: Sequence[Restriction]) -> bool:
        """Whether the outcomes that are not known can be chosen so that all restrictions hold."""
        stack = [(known, restrictions)]
        while stack:
            known, restrictions = stack.pop()
            if not restrictions:
                return True
            unknown = restrictions[0].asks(Unit(self._variables, known))
            branches = [(more, self.open(more, restrictions)) for more in self.branches(known, unknown)]
            stack += [(more, left) for more, left in reversed(branches) if left is not None]
        return False
