"""An upper bound that is the lower one with levels exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from boundgen.bounds.relabelling import exchanged, renamed
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.strata.cells import Block, distinct_cells
from boundgen.terms import Term


@dataclass(frozen=True)
class Mirror:
    """The upper bound is `constant` minus the lower one in which levels are exchanged.

    Parameters
    ----------
    constant : Fraction
    exchanges : tuple of (variable, pairs of levels)
    """

    constant: Fraction
    exchanges: tuple[tuple[str, tuple[tuple[Value, Value], ...]], ...]

    def __str__(self) -> str:
        pairs = [f"{name}={one} and {name}={other}" for name, found in self.exchanges for one, other in found]
        minus = f"{self.constant} minus" if self.constant else "minus"
        return f"{minus} the lower one with {', '.join(pairs)} exchanged"


def mirror(
    model: Model,
    blocks: Sequence[Block],
    lower: Sequence[Term],
    upper: Sequence[Term],
    denominator: Term | None,
    form: Callable[[Term], Term],
) -> Mirror | None:
    """The simplest exchange that turns minus the lower terms into the upper ones; None where there is none."""
    if len(lower) != len(upper) or upper == lower:
        return None
    cells = distinct_cells(blocks)
    targets = {form(term) for term in upper}
    for exchange in _exchanges(model):
        names = exchanged(cells, exchange)
        if names is None or (denominator and form(renamed(denominator, names)) != form(denominator)):
            continue
        images = [form(-renamed(term, names)) for term in lower]
        constant = _difference(images[0], targets)
        if constant is None or (denominator and constant):
            continue
        if {form(image + Term.of(constant)) for image in images} == targets:
            return Mirror(constant, _written(exchange))
    return None


def _difference(image: Term, targets: set[Term]) -> Fraction | None:
    """The least number by which some target is larger."""
    found = [t.constant - image.constant for t in targets if t.coefficients == image.coefficients]
    return min(found, key=abs) if found else None


def _exchanges(model: Model) -> Iterator[dict[str, dict[Value, Value]]]:
    """The order of a variable's levels reversed: of one variable, the last first, then of two."""
    reversals = {v.name: dict(zip(v.domain, reversed(v.domain), strict=True)) for v in reversed(model.variables)}
    for count in (1, 2):
        for chosen in combinations(reversals, count):
            yield {name: reversals[name] for name in chosen}


def _written(exchange: dict[str, dict[Value, Value]]) -> tuple[tuple[str, tuple[tuple[Value, Value], ...]], ...]:
    found = []
    for name, levels in exchange.items():
        order = list(levels)
        pairs = tuple((one, levels[one]) for one in order if order.index(one) < order.index(levels[one]))
        found.append((name, pairs))
    return tuple(found)
