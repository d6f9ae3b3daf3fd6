"""Laws of the data of a model whose variables share no causes, drawn at random with rational numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod

from boundgen.bounds.factoring import FactoredModel
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.factored_program import Factor
from boundgen.strata.cells import Assignment
from boundgen.verification.sampled_laws import randomization, within

DrawnLaw = dict[str, Fraction]
# Some types are much more common than others, or the bounds would be near those without data.
WEIGHTS = (1, 1, 1, 2, 5, 20, 60)
MOST_CORNERS = 6
# Parameters may leave a group without a law: so often others are drawn.
TRIES = 50


def factored_laws(factored: FactoredModel, factors: Sequence[Factor], draw: random.Random) -> Iterator[DrawnLaw]:
    """Observed cells and parameters of random populations, of which each factor's law is drawn by itself.

    Parameters
    ----------
    factored : FactoredModel
    factors : sequence of Factor
        With their rows.
    draw : random.Random

    Yields
    ------
    dict of name to Fraction
        No more where parameters leave some factor without a law again and again.
    """
    names = [_names(factored, number) for number in range(len(factors))]
    failed = 0
    while failed < TRIES:
        values: DrawnLaw = {each.name: within(each, draw) for each in factored.model.parameters}
        shares: DrawnLaw = {}
        for factor in factors:
            law = _law(factor, values, draw)
            if law is None:
                break
            shares |= _cells(factor, law)
        else:
            failed = 0
            values |= {name: Fraction(value) for name, value in randomization(factored.arms, draw).items()}
            yield values | _observed(factored, names, shares)
            continue
        failed += 1


def _law(factor: Factor, values: Mapping[str, Fraction], draw: random.Random) -> list[Fraction] | None:
    """A law of the response types that meets the assumptions on a population; None where there is none."""
    size = len(factor.columns)
    rows = [row for row in factor.rows if row.kind == "assumption"]
    if not rows:
        return _mixed([[Fraction(int(j == k)) for j in range(size)] for k in range(size)], draw)
    constraints = [Constraint(dict.fromkeys(range(size), 1), -1, "=")]
    for row in rows:
        right = row.right.value(values)
        assert right is not None, "the right sides of assumptions have no divisor"
        entries = dict(row.entries)
        equal = row.relation == "="
        constraints.append(
            Constraint(entries, -right, "=") if equal else Constraint({j: -c for j, c in entries.items()}, right)
        )
    corners = []
    for _ in range(draw.randint(2, MOST_CORNERS)):
        best = maximum(size, {j: draw.randint(-9, 9) for j in range(size)}, constraints, range(size))
        if best is None:
            return None
        corners.append([Fraction(x) for x in best.point])
    return _mixed(corners, draw)


def _mixed(corners: Sequence[Sequence[Fraction]], draw: random.Random) -> list[Fraction]:
    weights = [draw.choice(WEIGHTS) for _ in corners]
    total = sum(weights)
    return [
        sum((Fraction(w, total) * x for w, x in zip(weights, xs, strict=True)), Fraction(0))
        for xs in zip(*corners, strict=True)
    ]


def _cells(factor: Factor, law: Sequence[Fraction]) -> DrawnLaw:
    return {row.name: sum((law[j] for j, _ in row.entries), Fraction(0)) for row in factor.rows if row.kind == "cell"}


def _names(factored: FactoredModel, number: int) -> dict[tuple[frozenset[object], frozenset[object]], str]:
    """The name of each cell of a factor, by its values and by what affects them from outside."""
    arms = (arm for arm in factored.pseudo_arms if arm.observation == number)
    return {(frozenset(cell.event), frozenset(cell.context)): cell.name for arm in arms for cell in arm.cells}


def _observed(
    factored: FactoredModel,
    names: Sequence[Mapping[tuple[frozenset[object], frozenset[object]], str]],
    shares: Mapping[str, Fraction],
) -> DrawnLaw:
    """The law of all variables: in each arm the product of the factors (Tian & Pearl 2002, equation 2)."""

    def share(values: Assignment) -> Fraction:
        at = dict(values)
        keys = (
            (frozenset((n, at[n]) for n in own.variables), frozenset((n, at[n]) for n in own.outside))
            for own in factored.factors
        )
        return prod((shares[known[key]] for known, key in zip(names, keys, strict=True)), start=Fraction(1))

    cells = (cell for arm in factored.law.arms for cell in arm.cells)
    return {cell.name: share((*cell.event, *cell.context)) for cell in cells}
