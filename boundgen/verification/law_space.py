"""The laws of the data that a model allows, by unknowns of which cells are products: weights, and what they multiply.

Weights are the law of randomized variables, parameters that multiply something, and shares of groups of units whose
conditional laws are the unknowns. They do not depend on the other unknowns. A function of the data is read as one of
both; where it is linear in each of them, it is enough to look at the ends of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.polynomials import ONE, ZERO, Monomial, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.linear_program import LinearProgram

NUMERATOR, DIVISOR = "the numerator", "the divisor"


@dataclass(frozen=True)
class LawSpace:
    """The laws of the data under one estimand's program, and the estimand among its functions.

    Parameters
    ----------
    region : Region
        The unknowns that are no weights; among its names are parts of the estimand's numerator and its divisor.
    blocks : tuple of Region
        Weights; those of two blocks are independent.
    places : mapping of name to Polynomial
        Cells and parameters in names of the region and of weights.
    estimand : RationalFunction
        In these names.
    shares : tuple of str
        Weights that are shares of groups.
    wholes : tuple of tuple of str
        Other names that sum to one.
    """

    region: Region
    blocks: tuple[Region, ...]
    places: Mapping[str, Polynomial]
    estimand: RationalFunction
    shares: tuple[str, ...]
    wholes: tuple[tuple[str, ...], ...] = ()

    def read(self, function: RationalFunction) -> RationalFunction:
        """A function of cells and parameters in the names of this space, without common factors."""
        return reduced(self.polynomial(function.numerator), self.polynomial(function.denominator))

    def polynomial(self, polynomial: Polynomial) -> Polynomial:
        """The same of a polynomial; of the same degree in the shares of groups, whose sum is one."""
        found = self._read.get(polynomial)
        if found is None:
            found = self._read[polynomial] = of_one_degree(polynomial.substituted(self.places), self.shares)
        return found

    @cached_property
    def _read(self) -> dict[Polynomial, Polynomial]:
        """Each option of a bound is compared with each of the other, and has to be read once."""
        return {}

    @property
    def weights(self) -> frozenset[str]:
        """The names of all weights."""
        return frozenset(name for block in self.blocks for name in block.names)

    def data(self, point: Sequence[Fraction], weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Cells and parameters at a point of the region and values of weights."""
        at = {**self.region.values(point), **weights}
        return {name: place.value(at) for name, place in self.places.items()}


def law_space(bounds: PiecewiseBounds) -> LawSpace | None:
    """The space of an estimand's laws; None where cells are no products of weights and unknowns."""
    normal = bounds.normal
    shares = _shares(bounds)
    if shares is None:
        return None
    laws = law_weights(bounds)
    if laws is None:
        return None
    places = _places(bounds, shares)
    costs = [cost.substituted(places) for cost in normal.costs]
    over = reduced(
        *(
            of_one_degree(part.substituted(places), shares.names)
            for part in (normal.over.numerator, normal.over.denominator)
        )
    )
    used = frozenset[str]().union(over.names, *(cost.names for cost in costs))
    weighing = [parameter for parameter in bounds.parameters if parameter.name in used]
    right = {name for row in normal.program.rows for name, _ in row.right.coefficients}
    known = {row.name for row in normal.program.rows if row.kind == "cell"}
    known |= {p.name for p in (*bounds.parameters, *normal.free)} - {p.name for p in weighing}
    if not right <= known:
        return None
    fixed = model_region(normal.program, [p for p in (*bounds.parameters, *normal.free) if p not in weighing])
    region = _with_right_sides(fixed, bounds, shares, places)
    if region is None:
        return None
    numerator, parts = numerator_parts(costs)
    divisor: dict[int, Number] = {j: each.constant or 0 for j, each in enumerate(normal.divisors)}
    region = replace(region, names={**region.names, **parts, DIVISOR: divisor})
    below = over.numerator if normal.identified else over.numerator * Polynomial.name(DIVISOR)
    blocks = [simplex(shares.names, "=")] if shares.names else []
    blocks += [simplex(law[:-1], ">=") for law in laws]
    blocks += [box(weighing)] if weighing else []
    return LawSpace(region, tuple(blocks), places, reduced(numerator * over.denominator, below), shares.names)


def law_weights(bounds: PiecewiseBounds) -> tuple[tuple[str, ...], ...] | None:
    """The cells of each observed law of randomized variables; None where two of them are about one variable."""
    laws = [arm for arm in bounds.arms if arm.law]
    names = [{name for name, _ in arm.cells[0].event} for arm in laws]
    if sum(map(len, names)) > len(set().union(*names)):
        return None
    return tuple(tuple(cell.name for cell in arm.cells) for arm in laws)


def _with_right_sides(
    region: Region, bounds: PiecewiseBounds, shares: _Shares, places: Mapping[str, Polynomial]
) -> Region | None:
    """The region with what right sides of assumptions are; None where that is not linear in its unknowns."""
    demands = []
    for parameter in bounds.normal.free:
        symbol = bounds.normal.symbols[parameter.name]
        parts = (
            of_one_degree(each.substituted(places), shares.names) for each in (symbol.numerator, symbol.denominator)
        )
        found = reduced(*parts)
        term = found.numerator.term if found.denominator == ONE else None
        if term is None or not found.names <= set(region.names):
            return None
        demands.append(Constraint(*region.function(term - Term.of(0, {parameter.name: 1})), "="))
    return region.within(demands)


# ---------------------------------------------------------------- what cells are
@dataclass(frozen=True)
class _Shares:
    """Groups of cells that are a share times a symbol of the normal program, which the group's last one is not."""

    groups: tuple[tuple[str, tuple[tuple[str, str], ...], bool], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self.groups)


def _shares(bounds: PiecewiseBounds) -> _Shares | None:
    normal, weighted = bounds.normal, bounds.program
    found: dict[Polynomial, list[tuple[str, str]]] = {}
    observed = [row for row in weighted.rows if row.kind in ("cell", "selection")]
    # In the normal program they stand in the same order, by what their right sides are called.
    called = [row.name for row in normal.program.rows if row.kind == "cell"]
    for row, symbol in zip(observed, called, strict=True):
        if symbol in normal.symbols:
            share = _share_of(row.name, normal.symbols[symbol])
            if share is None:
                return None
            found.setdefault(share, []).append((row.name, symbol))
    groups = []
    for k, (share, cells) in enumerate(found.items()):
        total = Polynomial.total(Polynomial.name(cell) for cell, _ in cells)
        whole = _without_last(total - share, bounds) == ZERO
        groups.append((f"share {k}", tuple(cells), whole))
    return _Shares(tuple(groups))


def _share_of(cell: str, symbol: RationalFunction) -> Polynomial | None:
    """By what a cell is divided to give a symbol."""
    name = Polynomial.name(cell)
    if symbol.numerator.constant:
        return name.scaled(1 / symbol.numerator.constant) if symbol.denominator == ONE else None
    multiple = symbol.numerator.multiple_of(name)
    return symbol.denominator.scaled(1 / multiple) if multiple else None


def _without_last(polynomial: Polynomial, bounds: PiecewiseBounds) -> Polynomial:
    rest = {cells[-1]: rest_of(cells) for cells in bounds.simplifier.complete}
    return polynomial.substituted(rest)


def rest_of(names: Sequence[str]) -> Polynomial:
    """One less the others: the last of names that sum to one."""
    return Polynomial.of([((), 1), *(((name,), -1) for name in names[:-1])])


def _places(bounds: PiecewiseBounds, shares: _Shares) -> dict[str, Polynomial]:
    """Each cell and parameter; the last of those that sum to one is written by the others."""
    places: dict[str, Polynomial] = {parameter.name: Polynomial.name(parameter.name) for parameter in bounds.parameters}
    for arm in bounds.arms:
        for cell in arm.cells:
            places[cell.name] = Polynomial.name(cell.name)
        if arm.complete:
            names = [cell.name for cell in arm.cells]
            places[names[-1]] = rest_of(names)
    for name, cells, whole in shares.groups:
        share = Polynomial.name(name)
        for own, symbol in cells:
            last = whole and own == cells[-1][0]
            places[own] = share * (rest_of([s for _, s in cells]) if last else Polynomial.name(symbol))
    return places


def of_one_degree(polynomial: Polynomial, names: Sequence[str]) -> Polynomial:
    """A polynomial whose terms hold equally many of names that sum to one."""
    if not polynomial.names & set(names):
        return polynomial
    total = Polynomial.total(map(Polynomial.name, names))
    most = max(sum(name in names for name in monomial) for monomial, _ in polynomial.terms)
    parts = []
    for monomial, c in polynomial.terms:
        product = Polynomial.of([(monomial, c)])
        for _ in range(most - sum(name in names for name in monomial)):
            product *= total
        parts.append(product)
    return Polynomial.total(parts)


def by_part(polynomial: Polynomial, names: Sequence[str]) -> dict[Monomial, Polynomial]:
    """The coefficients of products of these names, which are polynomials in the others."""
    found: dict[Monomial, list[tuple[Monomial, Fraction]]] = {}
    for monomial, c in polynomial.terms:
        own = tuple(name for name in monomial if name in names)
        found.setdefault(own, []).append((tuple(name for name in monomial if name not in names), c))
    return {own: Polynomial.of(terms) for own, terms in found.items()}


def reduced(numerator: Polynomial, denominator: Polynomial) -> RationalFunction:
    """A quotient without the names that divide all of both, or all of a factor of both."""
    for name in sorted(denominator.names & numerator.names):
        while numerator.terms and all(name in names for names, _ in (*numerator.terms, *denominator.terms)):
            numerator, denominator = (_divided(each, name) for each in (numerator, denominator))
    return RationalFunction.of(numerator, denominator)


def _divided(polynomial: Polynomial, name: str) -> Polynomial:
    terms = []
    for names, c in polynomial.terms:
        place = names.index(name)
        terms.append((names[:place] + names[place + 1 :], c))
    return Polynomial.of(terms)


# ---------------------------------------------------------------- the estimand
def numerator_parts(costs: Sequence[Polynomial]) -> tuple[Polynomial, dict[str, dict[int, Number]]]:
    """The sum of costs times unknowns, as products of weights and named sums of unknowns."""
    parts: dict[tuple[str, ...], dict[int, Number]] = {}
    for j, cost in enumerate(costs):
        for names, c in cost.terms:
            parts.setdefault(names, {})[j] = c
    named = {f"{NUMERATOR} {k}": part for k, part in enumerate(parts.values())}
    monomials = zip(parts, named, strict=True)
    return Polynomial.of(((*names, own), 1) for names, own in monomials), named


# ---------------------------------------------------------------- weights
def simplex(names: Sequence[str], relation: Literal["=", ">="]) -> Region:
    """Weights that are not negative and sum to one, or to at most one, where one more has the rest."""
    region = box([Parameter(name, Fraction(0), None) for name in names])
    return region.within([Constraint(dict.fromkeys(range(len(names)), -1), 1, relation)])


def box(parameters: Sequence[Parameter]) -> Region:
    """Parameters in their ranges."""
    return model_region(LinearProgram((), ()), parameters)
