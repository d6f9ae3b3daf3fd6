"""Laws of the data of a model whose variables share no causes, drawn at random with rational numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from boundgen.bounds.factoring import DistrictFactor, FactoredModel
from boundgen.language.expressions import Value
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.factored_program import Factor, FactorRow
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
    names = observed_names(factored)
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
            yield values | _products(names, shares)
            continue
        failed += 1


def _law(factor: Factor, values: Mapping[str, Fraction], draw: random.Random) -> list[Fraction] | None:
    """A law of the response types that meets the assumptions on a population; None where there is none."""
    size = len(factor.columns)
    rows = [row for row in factor.rows if row.kind == "assumption"]
    if not rows:
        weights = [draw.choice(WEIGHTS) for _ in range(size)]
        return [Fraction(weight, sum(weights)) for weight in weights]
    constraints = [Constraint(dict.fromkeys(range(size), 1), -1, "="), *(_demand(row, values) for row in rows)]
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


def observed_names(factored: FactoredModel) -> dict[str, list[str]]:
    """Each observed cell, and the cells of factors whose product it is (Tian & Pearl 2002, equation 2)."""
    known = {
        (arm.observation, frozenset(cell.event), frozenset(cell.context)): cell.name
        for arm in factored.pseudo_arms
        if not arm.law
        for cell in arm.cells
    }

    def key(number: int, own: DistrictFactor, at: Mapping[str, Value]) -> tuple[int, frozenset[Any], frozenset[Any]]:
        event, context = (frozenset((name, at[name]) for name in names) for names in (own.variables, own.outside))
        return number, event, context

    return {
        cell.name: [
            known[key(number, own, dict((*cell.event, *cell.context)))] for number, own in enumerate(factored.factors)
        ]
        for arm in factored.law.arms
        for cell in arm.cells
    }


def observed_shares(factored: FactoredModel, shares: Mapping[str, Fraction]) -> DrawnLaw:
    """The observed law where factors have these cells."""
    return _products(observed_names(factored), shares)


def _products(names: Mapping[str, Sequence[str]], shares: Mapping[str, Fraction]) -> DrawnLaw:
    return {name: prod((shares[key] for key in keys), start=Fraction(1)) for name, keys in names.items()}


def factor_possible(factor: Factor, values: Mapping[str, Fraction]) -> bool:
    """Whether a factor has a law with these cells, at values of parameters."""
    size = len(factor.columns)
    rows = [Constraint(dict.fromkeys(range(size), 1), -1, "=")]
    rows += [Constraint(dict(row.entries), -values[row.name], "=") for row in factor.rows if row.kind == "cell"]
    rows += [_demand(row, values) for row in factor.rows if row.kind == "assumption"]
    return maximum(size, {}, rows, range(size)) is not None


def _demand(row: FactorRow, values: Mapping[str, Fraction]) -> Constraint:
    """An assumption on a population, at values of parameters."""
    right = row.right.value(values)
    assert right is not None, "the right sides of assumptions have no divisor"
    if row.relation == "=":
        return Constraint(dict(row.entries), -right, "=")
    return Constraint({j: -c for j, c in row.entries}, right)
