"""Costs whose coefficients are polynomials in names: the independent weights, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

from boundgen.exact.linear_algebra import Span, transpose
from boundgen.exact.polynomials import Monomial, Polynomial
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, combination
from boundgen.program.linear_program import LinearProgram

Multiples = tuple[Fraction, ...]
# Products of ends of ranges; above that only signs are looked at.
MOST_CORNERS = 2000


@dataclass(frozen=True)
class WeightNames:
    """What is known of the names that stand in costs.

    Parameters
    ----------
    ranges : mapping of name to (low, high)
        None is an infinite end; a name that is left out may be any number, one of a law is between 0 and 1. Of
        weights that only matter together, the one whose name stands first here is written first.
    laws : tuple of tuple of str
        Names that are not negative and sum to one; no name is in two of them.
    """

    ranges: Mapping[str, tuple[Fraction | None, Fraction | None]]
    laws: tuple[tuple[str, ...], ...] = ()

    def spread(self, costs: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        """The costs with the number one written as the sum of each law that occurs, so that weights are by arm."""
        names = frozenset[str]().union(*(cost.names for cost in costs))
        for law in self.laws:
            if names & set(law):
                costs = [_spread(cost, law) for cost in costs]
        return tuple(costs)

    def collected(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial with the sum of a law written as one, where that is shorter."""
        for law in self.laws:
            if polynomial.names & set(law):
                polynomial = _collected(polynomial, law)
        return polynomial

    def place(self, monomial: Monomial) -> tuple[int, list[int], Monomial]:
        """A sorting key of monomials."""
        order = [*self.ranges, *(name for law in self.laws for name in law)]
        return len(monomial), [order.index(name) if name in order else len(order) for name in monomial], monomial

    def range_of(self, name: str) -> tuple[Fraction | None, Fraction | None]:
        """The ends of a name's range."""
        known = Fraction(0), Fraction(1)
        return self.ranges.get(name, known if any(name in law for law in self.laws) else (None, None))

    def corners(self, monomials: Sequence[Monomial]) -> tuple[Multiples, ...]:
        """Vectors of which the monomials are a non-negative combination, whatever values the names have.

        A function that is linear in each name and in each law is largest at their ends.
        """
        names = sorted({name for monomial in monomials for name in monomial})
        blocks = [law for law in self.laws if set(law) & set(names)]
        blocks += [(name,) for name in names if not any(name in law for law in blocks)]
        ends = [self._ends(block) for block in blocks]
        linear = all(sum(name in block for name in monomial) <= 1 for monomial in monomials for block in blocks)
        if not linear or prod(map(len, ends)) > MOST_CORNERS:
            return self._signs(monomials)
        found = []
        for corner in product(*ends):
            factors = dict(pair for block in corner for pair in block[1].items())
            found.append(tuple(_value(monomial, blocks, corner, factors) for monomial in monomials))
        return tuple(dict.fromkeys(vector for vector in found if any(vector)))

    def _ends(self, block: tuple[str, ...]) -> list[tuple[Fraction, dict[str, Fraction]]]:
        """The ends of a law or of one name: what one is there, and what each name is; at infinity one is zero."""
        one, zero = Fraction(1), Fraction(0)
        if block in self.laws:
            return [(one, {name: one if name == chosen else zero for name in block}) for chosen in block]
        (name,) = block
        low, high = self.range_of(name)
        finite = dict.fromkeys(end for end in (low, high) if end is not None) or {zero: None}
        found = [(one, {name: end}) for end in finite]
        found += [(zero, {name: -one})] if low is None else []
        return found + ([(zero, {name: one})] if high is None else [])

    def _signs(self, monomials: Sequence[Monomial]) -> tuple[Multiples, ...]:
        """The same, looking at the signs of the factors alone."""
        found = []
        for k, monomial in enumerate(monomials):
            unit = tuple(Fraction(int(i == k)) for i in range(len(monomials)))
            found.append(unit)
            if any((low := self.range_of(name)[0]) is None or low < 0 for name in monomial):
                found.append(tuple(-x for x in unit))
        return tuple(found)


def _value(
    monomial: Monomial,
    blocks: Sequence[tuple[str, ...]],
    corner: Sequence[tuple[Fraction, dict[str, Fraction]]],
    factors: Mapping[str, Fraction],
) -> Fraction:
    missing = (one for block, (one, _) in zip(blocks, corner, strict=True) if not set(block) & set(monomial))
    return prod(missing, start=Fraction(1)) * prod((factors[name] for name in monomial), start=Fraction(1))


def _spread(cost: Polynomial, law: tuple[str, ...]) -> Polynomial:
    terms: list[tuple[Monomial, Number]] = []
    for names, c in cost.terms:
        terms += [(names, c)] if set(names) & set(law) else [((*names, name), c) for name in law]
    return Polynomial.of(terms)


def _collected(polynomial: Polynomial, law: tuple[str, ...]) -> Polynomial:
    others: dict[Monomial, dict[str, Fraction]] = {}
    for names, c in polynomial.terms:
        inside = [name for name in names if name in law]
        if len(inside) == 1:
            others.setdefault(tuple(name for name in names if name not in law), {})[inside[0]] = c
    for monomial, multiples in others.items():
        one = Polynomial.of([(monomial, 1), *(((*monomial, name), -1) for name in law)])
        found = [polynomial, *(polynomial + one.scaled(c) for c in dict.fromkeys(multiples.values()))]
        polynomial = min(found, key=lambda each: len(each.terms))
    return polynomial


# ---------------------------------------------------------------- coordinates
@dataclass(frozen=True)
class WeightSpace:
    """``cost = the sum of weight i times costs i, plus multiples of rows``.

    Parameters
    ----------
    monomials : tuple of Monomial
    weights : tuple of tuple of Fraction
        Each weight as multiples of the monomials; they are independent modulo what rows identify.
    costs : tuple of mapping
        For each weight the cost of each column, by number.
    signed : tuple of bool
        Whether a weight may be negative.
    corners : tuple of tuple of Fraction
        Vectors of weights of which all possible ones are non-negative combinations.
    identified : tuple of Term
        The value of what is identified beside each monomial.
    combinations : tuple of mapping
        The multiples of rows that it is, by number.
    """

    monomials: tuple[Monomial, ...]
    weights: tuple[Multiples, ...]
    costs: tuple[Mapping[int, Number], ...]
    signed: tuple[bool, ...]
    corners: tuple[Multiples, ...]
    identified: tuple[Term, ...]
    combinations: tuple[Mapping[int, Fraction], ...]

    def polynomial(self, multiples: Sequence[Number]) -> Polynomial:
        """A linear function of the weights as a polynomial in names."""
        combined = combine(zip(multiples, self.weights, strict=True), len(self.monomials))
        return Polynomial.of(zip(self.monomials, combined, strict=True))


def weight_space(program: LinearProgram, costs: Sequence[Polynomial], names: WeightNames) -> WeightSpace:
    """The weights of a program whose rows are independent.

    Parameters
    ----------
    program : LinearProgram
    costs : sequence of Polynomial
        For each column, as `WeightNames.spread` gives them or not; those that the program has are not used.
    names : WeightNames
    """
    by_monomial: dict[Monomial, dict[int, Number]] = {}
    for j, cost in enumerate(costs):
        for monomial, c in cost.terms:
            by_monomial.setdefault(monomial, {})[j] = c
    monomials = sorted(by_monomial, key=names.place)
    functions, basis, combinations = _independent(program, [by_monomial[monomial] for monomial in monomials])
    corners = names.corners(monomials)
    weights = []
    for k in basis:
        weight = tuple(function.get(k, Fraction(0)) for function in functions)
        # A weight that is never positive is turned round.
        turned = all(dot(weight, corner) <= 0 for corner in corners)
        weights.append((tuple(-c for c in weight), k, -1) if turned else (weight, k, 1))
    ends = tuple(dict.fromkeys(tuple(dot(weight, corner) for weight, *_ in weights) for corner in corners))
    return WeightSpace(
        tuple(monomials),
        tuple(weight for weight, *_ in weights),
        tuple({j: sign * c for j, c in by_monomial[monomials[k]].items()} for _, k, sign in weights),
        tuple(any(end[i] < 0 for end in ends) for i in range(len(weights))),
        tuple(end for end in ends if any(end)),
        tuple(combination((c, program.rows[i].right) for i, c in own.items()) for own in combinations),
        tuple(combinations),
    )


def _independent(
    program: LinearProgram, costs: Sequence[Mapping[int, Number]]
) -> tuple[list[dict[int, Fraction]], list[int], list[dict[int, Fraction]]]:
    """Each monomial's costs as multiples of those of a basis, the basis, and the multiples of rows beside them."""
    rows = transpose((column.entries for column in program.columns), len(program.rows))
    span = Span()
    for i in program.equalities:
        span.add(i, rows[i])
    functions: list[dict[int, Fraction]] = []
    basis: list[int] = []
    identified: list[dict[int, Fraction]] = []
    for k, cost in enumerate(costs):
        multiples = span.add(-1 - k, cost)
        if multiples is None:
            basis.append(k)
            functions.append({k: Fraction(1)})
            identified.append({})
            continue
        functions.append({-1 - label: c for label, c in multiples.items() if label < 0})
        identified.append({i: c for i, c in multiples.items() if i >= 0})
    return functions, basis, identified


def dot(one: Sequence[Number], other: Sequence[Number]) -> Fraction:
    """The sum of products."""
    return sum((Fraction(a) * b for a, b in zip(one, other, strict=True) if a and b), Fraction(0))


def combine(parts: Iterable[tuple[Number, Multiples]], size: int) -> Multiples:
    """The sum of multiples of vectors."""
    found = [Fraction(0)] * size
    for multiple, vector in parts:
        for k, c in enumerate(vector):
            found[k] += multiple * c
    return tuple(found)
