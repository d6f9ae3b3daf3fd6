"""Whether a testable implication follows from others: a proof, or data that meet the others and break it.

Linear ones are decided by linear programs. Of products it is seen that two are one function, or that one exceeds
another by what is nowhere negative; what refutes is looked for among random data.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.piecewise import Guard
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.superfluous import Homogeneous
from boundgen.bounds.weighted_implications import without_last
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region, data_region
from boundgen.strata.cells import Arm
from boundgen.verification.law_order import Law
from boundgen.verification.sampled_laws import populations, randomization, within

SEED = 20261
# So many data of populations are looked at, and so many of each arm by itself.
LAWS = 600
UNITS = (0, 1, 1, 2, 3, 6)
FEW = 5
# How much of data that meet everything is mixed into what breaks a linear one.
MIXED = (Fraction(0), Fraction(1, 10), Fraction(1, 1000))


@dataclass(frozen=True)
class Demand:
    """``function >= 0`` where it is defined and all guards hold.

    Parameters
    ----------
    function : RationalFunction
        Its denominator is not negative.
    guards : tuple of Guard
    """

    function: RationalFunction
    guards: tuple[Guard, ...] = ()

    @staticmethod
    def of(condition: AnyCondition) -> Demand:
        """What a testable implication demands."""
        if isinstance(condition, Term):
            return Demand(RationalFunction(Polynomial.linear(condition)))
        return Demand(condition.function, condition.guards)

    @property
    def term(self) -> Term | None:
        """The same as a linear function, where it is one that is demanded everywhere."""
        return None if self.guards or self.function.denominator != ONE else self.function.numerator.term

    def value(self, at: Mapping[str, Number]) -> Fraction:
        """The value at data; zero where nothing is demanded."""
        return (
            (self.function.value(at) or Fraction(0)) if all(guard.holds(at) for guard in self.guards) else Fraction(0)
        )


@dataclass(frozen=True)
class Demands:
    """What is demanded of data and parameters of a problem, where groups of units are not empty.

    Parameters
    ----------
    problem : BoundingProblem
    parameters : tuple of Parameter
    listed : tuple of Demand
    shares : tuple of RationalFunction
        What is positive at the data that are looked at: a guard that says so says nothing.
    more : tuple of mapping
        Data that are looked at before random ones.
    """

    problem: BoundingProblem
    parameters: tuple[Parameter, ...]
    listed: tuple[Demand, ...]
    shares: tuple[RationalFunction, ...]
    more: tuple[Law, ...] = ()

    # ---------------------------------------------------------------- proofs
    def imply(self, demand: Demand) -> bool:
        """Whether another one is seen to follow.

        Parameters
        ----------
        demand : Demand

        Returns
        -------
        bool
        """
        top, term = self._normal(demand.function.numerator), demand.term
        # Of linear functions a program says all that data and linear ones do.
        if self._known.is_nonnegative(top) if term is None else self._breaking(term) is None:
            return True
        guards = self._guards(demand)
        return any(
            self._guards(each) <= guards and self._known.is_nonnegative(excess)
            for each in self.listed
            if term is None or each.term is None
            for excess in _excesses(top, self._normal(each.function.numerator))
        )

    def _guards(self, demand: Demand) -> frozenset[Guard]:
        return frozenset(g for g in demand.guards if g.relation != ">" or not self._is_share(g.polynomial))

    def _is_share(self, polynomial: Polynomial) -> bool:
        normal = self._normal(polynomial)
        multiples = (normal.multiple_of(self._normal(share.numerator)) for share in self.shares)
        return any(multiple is not None and multiple > 0 for multiple in multiples)

    def _normal(self, polynomial: Polynomial) -> Polynomial:
        return without_last(polynomial, self.problem.arms)

    @cached_property
    def _known(self) -> Homogeneous:
        return Homogeneous.of(self.problem.model, self.problem.arms)

    @cached_property
    def _region(self) -> Region:
        """The data that meet the linear ones."""
        region = data_region(self.problem.arms, self.parameters)
        terms = [each.term for each in self.listed if each.term is not None]
        return region.within(Constraint(*region.function(term)) for term in terms)

    def _breaking(self, term: Term) -> Law | None:
        """Data that meet all linear ones and break another; None where there are none."""
        coefficients, constant = self._region.function(-term)
        region = self._region.within([Constraint({i: -c for i, c in coefficients.items()}, 1 - constant)])
        best = maximum(region.size, coefficients, region.constraints, region.nonnegative)
        return region.values(best.point) if best is not None and best.value + constant > 0 else None

    # ---------------------------------------------------------------- data that meet all
    def breaking(self, demand: Demand) -> Iterator[Law]:
        """Data that meet all and break another.

        Parameters
        ----------
        demand : Demand

        Yields
        ------
        mapping of name to Fraction
        """
        worst = None if demand.term is None else self._breaking(demand.term)
        if worst is not None:
            near = (_between(worst, law, mixed) for mixed in MIXED for law in self.laws[:FEW])
            yield from (law for law in near if self._are_met(law) and demand.value(law) < 0)
        yield from (law for law in self.laws if demand.value(law) < 0)

    @cached_property
    def laws(self) -> tuple[Law, ...]:
        """Data that meet all that is demanded."""
        return tuple(filter(self._are_met, (*self.more, *_drawn(self.problem, self.parameters))))

    def _are_met(self, law: Law) -> bool:
        positive = all((share.value(law) or 0) > 0 for share in self.shares)
        return positive and all(each.value(law) >= 0 for each in self.listed)


def _between(one: Law, other: Law, mixed: Fraction) -> Law:
    return {name: (1 - mixed) * value + mixed * other[name] for name, value in one.items()}


def _excesses(one: Polynomial, other: Polynomial) -> Iterator[Polynomial]:
    """What one is more than a multiple of another, for multiples that cancel a product."""
    mine = dict(one.terms)
    for factor in dict.fromkeys(mine[names] / c for names, c in other.terms if names in mine):
        if factor > 0:
            yield one - other.scaled(factor)


# ---------------------------------------------------------------- random data
def _drawn(problem: BoundingProblem, parameters: Sequence[Parameter]) -> Iterator[Law]:
    """Of populations that need not meet assumptions, and of each arm by itself."""
    draw = random.Random(SEED)
    if problem.weighted:
        found = populations(problem.weighted[0].program, problem.arms, parameters, draw)
        for values in itertools.islice(found, LAWS):
            law = {**values, **randomization(problem.arms, draw)}
            yield {name: Fraction(value) for name, value in law.items()}
    for _ in range(LAWS):
        yield {**_of_arms(problem.arms, draw), **{each.name: within(each, draw) for each in parameters}}


def _of_arms(arms: Sequence[Arm], draw: random.Random) -> Law:
    """Small numbers of units in the cells of each arm, so that many are zero or equal."""
    law: Law = {}
    for arm in arms:
        fresh = [cell.name for cell in arm.cells if cell.name not in law]
        left = 1 - sum((law[cell.name] for cell in arm.cells if cell.name in law), Fraction(0))
        units = [draw.choice(UNITS) for _ in fresh]
        total = sum(units) + (0 if arm.complete else draw.choice(UNITS))
        if fresh and not total:
            units[0] = total = 1
        law |= {name: left * Fraction(n, total) for name, n in zip(fresh, units, strict=True)}
    return law
