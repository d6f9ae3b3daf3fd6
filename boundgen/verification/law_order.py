"""Whether one function of the data is nowhere below another, at the laws of a model: a proof, or laws that refute it.

Three tests are exact. Linear functions: a linear program. Functions that are linear in each block of weights and in
what these multiply: a linear program at each end of the weights. Fractions of linear functions, a / b >= c / d: there
a d - c b is a form of four linear functions, and it is negative somewhere only if it is so at a sum of two rays of the
cone of these four. (Where a - l b < 0 < c - l d, two rays span a point at which both are so.)

Of a higher degree in shares, which sum to one, a form is nowhere negative if none of its coefficients is, each a
linear program; times powers of the sum of shares this finds all that are positive (Pólya 1928). What refutes is looked
for at shares that are multiples of one over the degree.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, prod

from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import AffineFunction, Region
from boundgen.verification.law_space import LawSpace, by_part, of_one_degree
from boundgen.verification.ray_cones import Ray, point_of, rays_of

MOST_ENDS = 4000
MOST_REFUTATIONS = 40
# How far inside a condition's border a refutation is looked for, and how much of the middle is mixed into one.
MARGINS = (Fraction(1, 20), Fraction(1, 2000), Fraction(0))
MIXED = (Fraction(0), Fraction(1, 16), Fraction(1, 1024), Fraction(1, 10**6), Fraction(1, 10**9))
# So often a form is multiplied by the sum of shares.
MORE_DEGREES = 4
Law = dict[str, Fraction]
NONE: Mapping[str, Fraction] = {}


@dataclass(frozen=True)
class Compared:
    """What is known of "nowhere below": proved, or refuted at these laws, or neither."""

    proved: bool
    refuting: tuple[Law, ...] = ()


UNKNOWN = Compared(False)


@dataclass(frozen=True)
class LawOrder:
    """Compares functions in the names of a space."""

    space: LawSpace

    def nowhere_below(
        self, upper: RationalFunction, lower: RationalFunction, guards: Sequence[Polynomial] = ()
    ) -> Compared:
        """Whether ``upper >= lower`` wherever both divisors are positive and the guards are not negative."""
        found = self._crossed(upper, lower, guards)
        if not found.proved and not found.refuting and self._is_multiple_below(upper, lower, guards):
            return Compared(True)
        return found

    def _crossed(self, upper: RationalFunction, lower: RationalFunction, guards: Sequence[Polynomial]) -> Compared:
        """The same, by what one divisor times the other function is."""
        conditions = [*guards, *(f.denominator for f in (upper, lower) if f.denominator.constant is None)]
        multiple = lower.denominator.multiple_of(upper.denominator)
        if multiple is not None:
            if multiple < 0:
                return Compared(True)
            return self.nowhere_negative(upper.numerator.scaled(multiple) - lower.numerator, conditions)
        parts = (upper.numerator, upper.denominator, lower.numerator, lower.denominator)
        if all(map(self._is_linear, (*parts, *guards))):
            return self._fractions([self._function(part) for part in parts], [self._function(g) for g in guards])
        return self.nowhere_negative(parts[0] * parts[3] - parts[2] * parts[1], conditions)

    def _is_multiple_below(
        self, upper: RationalFunction, lower: RationalFunction, guards: Sequence[Polynomial]
    ) -> bool:
        """Whether it is ``n / b >= q n / d`` with a polynomial q, and n and ``d - q b`` have one sign."""
        multiple = lower.numerator.divided_by(upper.numerator) if upper.numerator.terms else None
        if multiple is None:
            return False
        parts = (upper.numerator, lower.denominator - multiple * upper.denominator)
        return any(all(self.nowhere_negative(part.scaled(s), guards).proved for part in parts) for s in (1, -1))

    def nowhere_negative(self, polynomial: Polynomial, guards: Sequence[Polynomial] = ()) -> Compared:
        """Whether a polynomial is not negative wherever the guards are not."""
        weights = self.space.weights
        if not polynomial.terms or all(c > 0 and set(n) <= self._positive for n, c in polynomial.terms):
            return Compared(True)
        if any((polynomial.multiple_of(guard) or 0) > 0 for guard in guards):
            return Compared(True)
        if any(sum(name not in weights for name in names) > 1 for names, _ in polynomial.terms):
            return Compared(self._is_sum_of_products(polynomial))
        linear = [self._function(guard) for guard in guards if self._is_linear(guard)]
        ends = self._ends([guard for guard in guards if not self._is_linear(guard)])
        if ends is None:
            return UNKNOWN
        if not self._is_linear_in_blocks(polynomial):
            return self._of_higher_degree(polynomial, linear, ends)
        found: list[Law] = []
        for point, end in self._refutations(polynomial, linear, ends):
            found += self._laws(point, end)
            if len(found) >= MOST_REFUTATIONS:
                break
        return Compared(not found, tuple(found))

    def _is_sum_of_products(self, polynomial: Polynomial) -> bool:
        """Whether it has no negative coefficient where all its terms have one degree in what sums to one."""
        form = polynomial
        for whole in self.space.wholes:
            form = of_one_degree(form, whole)
            if len(form.terms) > MOST_ENDS:
                return False
        return all(c > 0 and set(names) <= self._positive for names, c in form.terms)

    # ---------------------------------------------------------------- linear functions
    @cached_property
    def _positive(self) -> frozenset[str]:
        """Names that are nowhere negative."""
        names = {n for n, f in self.space.region.names.items() if _is_sum(f, self.space.region)}
        return frozenset(names.union(*({n for n, f in b.names.items() if _is_sum(f, b)} for b in self.space.blocks)))

    def _is_linear(self, polynomial: Polynomial) -> bool:
        return polynomial.term is not None and polynomial.names <= set(self.space.region.names)

    def _function(self, polynomial: Polynomial) -> AffineFunction:
        assert polynomial.term is not None
        return self.space.region.function(polynomial.term)

    def _negative_points(self, objective: AffineFunction, guards: Sequence[AffineFunction]) -> Iterator[list[Fraction]]:
        """Where a function is negative inside the region and the guards, first well inside; nothing where nowhere."""
        region, (coefficients, constant) = self.space.region, objective
        if not coefficients and constant >= 0:
            return
        for margin in MARGINS if guards else MARGINS[-1:]:
            demands = [Constraint(c, k - margin) for c, k in guards]
            constraints = (*region.constraints, *demands)
            try:
                best = maximum(region.size, {i: -c for i, c in coefficients.items()}, constraints, region.nonnegative)
            except ArithmeticError:
                yield from self._far_points(objective, constraints)
                continue
            if best is not None and constant - best.value < 0:
                yield list(best.point)

    def _far_points(self, objective: AffineFunction, constraints: Sequence[Constraint]) -> Iterator[list[Fraction]]:
        """Of a function that has no least value a point where it is minus one."""
        coefficients, constant = objective
        region = self.space.region
        best = maximum(region.size, {}, [*constraints, Constraint(coefficients, constant + 1, "=")], region.nonnegative)
        if best is not None:
            yield list(best.point)

    # ---------------------------------------------------------------- weights
    def _is_linear_in_blocks(self, polynomial: Polynomial) -> bool:
        return all(
            sum(name in block.names for name in names) <= 1
            for names, _ in polynomial.terms
            for block in self.space.blocks
        )

    def _of_higher_degree(
        self, polynomial: Polynomial, guards: Sequence[AffineFunction], ends: Sequence[Sequence[tuple[Region, Ray]]]
    ) -> Compared:
        """Whether it is nowhere negative, where it has a higher degree in the shares of groups alone."""
        shares = self.space.shares
        others = [own for block, own in zip(self.space.blocks, ends, strict=True) if set(block.names) != set(shares)]
        form = of_one_degree(polynomial, shares)
        whole = Polynomial.total(map(Polynomial.name, shares))
        found: list[Law] = []
        for _ in range(MORE_DEGREES if shares else 0):
            coefficients = by_part(form, shares)
            if len(coefficients) * prod(map(len, others)) > MOST_ENDS:
                break
            if not all(map(self._is_linear_in_blocks, coefficients.values())):
                break
            if not any(True for c in coefficients.values() for _ in self._refutations(c, guards, others)):
                return Compared(True)
            for names in coefficients:
                at = {name: Fraction(names.count(name), len(names)) for name in shares}
                for point, end in self._refutations(polynomial.at(at, shares), guards, others):
                    found += self._laws(point, end, at)
            if found:
                break
            form *= whole
        return Compared(False, tuple(found[:MOST_REFUTATIONS]))

    def _refutations(
        self,
        polynomial: Polynomial,
        guards: Sequence[AffineFunction],
        ends: Sequence[Sequence[tuple[Region, Ray]]],
    ) -> Iterator[tuple[list[Fraction], Sequence[tuple[Region, Ray]]]]:
        """Where a function that is linear in each block is negative: points, with an end of the weights."""
        for end in itertools.product(*ends):
            for point in self._negative_points(self._at_end(polynomial, end), guards):
                yield point, end

    def _ends(self, guards: Sequence[Polynomial]) -> list[list[tuple[Region, Ray]]] | None:
        """For each block its rays; guards in one block's names alone cut it, others are left out."""
        found = []
        for block in self.space.blocks:
            own = [guard for guard in guards if guard.names <= set(block.names) and guard.term is not None]
            rays = rays_of(block, [block.function(g.term) for g in own if g.term], list(_unit_functions(block)))
            if rays is None:
                return None
            found.append([(block, ray) for ray in rays])
        return found if prod(map(len, found)) <= MOST_ENDS else None

    def _at_end(self, polynomial: Polynomial, end: Sequence[tuple[Region, Ray]]) -> AffineFunction:
        """The polynomial with weights put in, each block's at a ray, and its number one times the ray's scale."""
        total: dict[int, Number] = {}
        constant = Fraction(0)
        for names, coefficient in polynomial.terms:
            number, rest = Fraction(coefficient), list(names)
            for block, ray in end:
                own = [name for name in rest if name in block.names]
                number *= _along(block, ray, own[0]) if own else ray.values[-1]
                rest = [name for name in rest if name not in own]
            if not rest:
                constant += number
                continue
            for i, c in self.space.region.names[rest[0]].items():
                total[i] = total.get(i, 0) + number * c
        return {i: c for i, c in total.items() if c}, constant

    def _laws(
        self, point: Sequence[Fraction], end: Sequence[tuple[Region, Ray]], shares: Mapping[str, Fraction] = NONE
    ) -> Iterator[Law]:
        """The law at a point with weights near an end; far out, where the end is at infinity."""
        for mixed in MIXED:
            weights: Law = dict(shares)
            for block, ray in end:
                middle = self._middles[block.size, tuple(block.names)]
                weights |= _near(block, ray, middle, mixed)
            if mixed or all(ray.values[-1] for _, ray in end):
                yield self.space.data(point, weights)

    @cached_property
    def _middles(self) -> dict[tuple[int, tuple[str, ...]], list[Ray]]:
        found = {}
        for block in self.space.blocks:
            rays = rays_of(block, (), list(_unit_functions(block)))
            found[block.size, tuple(block.names)] = rays or []
        return found

    # ---------------------------------------------------------------- fractions
    def _fractions(self, parts: Sequence[AffineFunction], guards: Sequence[AffineFunction]) -> Compared:
        """``a / b >= c / d`` for linear functions, exactly."""
        region = self.space.region
        a, b = _whole(*parts[:2])
        c, d = _whole(*parts[2:])
        rays = rays_of(region, [*guards, b, d], [a, b, c, d])
        if rays is None:
            return UNKNOWN
        if not any(ray.values[1] for ray in rays) or not any(ray.values[3] for ray in rays):
            return Compared(True)
        found = sorted(_negative_pairs(rays), key=lambda parts: len({i for _, ray in parts for i, _ in ray.parts}))
        laws = []
        for pair in found[:MOST_REFUTATIONS]:
            for mixed in MIXED:
                weight = Fraction(mixed, len(rays)) * sum(abs(Fraction(m)) for m, _ in pair)
                point = point_of([*pair, *((weight, ray) for ray in rays if weight)], region.size)
                if point is not None:
                    laws.append(self.space.data(point, {}))
        return Compared(not found, tuple(laws))


def _whole(*functions: AffineFunction) -> list[AffineFunction]:
    """The parts of a fraction in whole numbers, both times the same: of rays each function has its own multiple."""
    multiple = lcm(*(Fraction(x).denominator for c, k in functions for x in (*c.values(), k)))
    return [({i: x * multiple for i, x in c.items()}, k * multiple) for c, k in functions]


def _is_sum(function: Mapping[int, Number], region: Region) -> bool:
    return all(c > 0 and i in region.nonnegative for i, c in function.items())


def _unit_functions(block: Region) -> Iterator[AffineFunction]:
    """Each unknown."""
    return (({i: 1}, 0) for i in range(block.size))


def _along(block: Region, ray: Ray, name: str) -> Fraction:
    return sum((Fraction(c) * ray.values[i] for i, c in block.names[name].items()), Fraction(0))


def _near(block: Region, ray: Ray, middle: Sequence[Ray], mixed: Fraction) -> Law:
    """Values of weights at a ray with a share of the middle mixed in."""
    parts: list[tuple[Number, Ray]] = [(1, ray), *((mixed, other) for other in middle if mixed)]
    point = point_of(parts, block.size)
    return block.values(point) if point is not None else dict.fromkeys(block.names, Fraction(0))


def _negative_pairs(rays: Sequence[Ray]) -> Iterator[list[tuple[Number, Ray]]]:
    """Sums of two rays (or one) at which ``a d - c b`` is negative, with small multiples."""
    for i, x in enumerate(rays):
        own = _form(x, x)
        if own < 0:
            yield [(1, x)]
        for y in rays[i + 1 :]:
            other, mixed = _form(y, y), _form(x, y) + _form(y, x)
            if other < 0 or mixed >= 0:
                continue
            ratio = _negative_ratio(max(own, 0), mixed, other)
            if ratio is not None:
                yield [(ratio.denominator, x), (ratio.numerator, y)]


def _negative_ratio(own: int, mixed: int, other: int) -> Fraction | None:
    """A positive s, as simple as can be found, with ``own + mixed s + other s² < 0``."""
    best = Fraction(-mixed, 2 * other) if other else Fraction(own, -mixed) + 1
    if own + mixed * best + other * best * best >= 0:
        return None
    for most in (1, 2, 4, 10, 100, 10_000):
        near = best.limit_denominator(most)
        if near > 0 and own + mixed * near + other * near * near < 0:
            return near
    return best


def _form(x: Ray, y: Ray) -> int:
    """The value of ``a(x) d(y) - c(x) b(y)``."""
    return x.values[0] * y.values[3] - x.values[2] * y.values[1]
