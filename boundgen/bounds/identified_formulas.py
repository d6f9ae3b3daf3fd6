"""What the data identify of variables within a group that several causes join (Tian & Pearl 2002, algorithm Identify).

Variables that nothing outside of a set affects may be summed out of its factor; what is left may fall into groups that
share no cause, whose factors are quotients: ``P(y | do(x)) = sum_w P(x, y, w | do(r)) / sum_w P(x, w | do(r))``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

from boundgen.bounds.estimand_parts import Expanded, parts_of
from boundgen.bounds.factoring import FactoredModel
from boundgen.bounds.needed_responses import KnownValues
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.language.statements import Estimand

# Of values of variables that do not matter.
MOST_CHOICES = 64
WorldValues = Mapping[str, Value]
# The factor of some variables at values of them and of what affects them.
Function = Callable[[WorldValues], RationalFunction]


class InnerFactors:
    """The factors of sets of variables within one group.

    Parameters
    ----------
    factored : FactoredModel
    number : int
        Of the group.
    others : mapping of variable to value
        The values of variables that do not matter; where it is left out, their first ones.
    """

    def __init__(self, factored: FactoredModel, number: int, others: WorldValues | None = None) -> None:
        self.others = others or {}
        self.model, self.variables = factored.model, factored.factors[number].variables
        arms = (arm for arm in factored.pseudo_arms if arm.observation == number)
        self.cells = {frozenset((*cell.event, *cell.context)): cell.name for arm in arms for cell in arm.cells}

    def probability(self, part: KnownValues) -> RationalFunction | None:
        """The probability of some potential outcomes in cells of the group's factor; None where it is not found.

        They must be values that one intervention shows: one of each variable, and parents that agree with these.

        Returns
        -------
        RationalFunction or None
        """
        values: dict[str, Value] = {}
        for (name, above), value in part:
            for other, own in ((name, value), *zip(self.model.by_name[name].parents, above, strict=True)):
                if values.setdefault(other, own) != own:
                    return None
        names = [name for (name, _), _ in part]
        if len(set(names)) < len(names):
            return None
        found = RationalFunction(ONE)
        for inside in joined(self.model, names):
            function = self._identified(frozenset(inside), frozenset(self.variables), self._whole)
            if function is None:
                return None
            found *= function(values)
        return found

    def _whole(self, values: WorldValues) -> RationalFunction:
        """A cell of the group's factor."""
        wanted = {*self.variables, *self._outside}
        return RationalFunction(
            Polynomial.name(self.cells[frozenset((n, v) for n, v in values.items() if n in wanted)])
        )

    @cached_property
    def _outside(self) -> set[str]:
        return {p for name in self.variables for p in self.model.by_name[name].parents} - set(self.variables)

    def _identified(self, wanted: frozenset[str], within: frozenset[str], factor: Function) -> Function | None:
        """The factor of variables that share causes, from the factor of a set that holds them."""
        above = self._ancestors(wanted, within)
        if above == within and within != wanted:
            return None
        summed = self._summed(factor, within, above)
        if above == wanted:
            return summed
        inside = next(frozenset(own) for own in joined(self.model, above) if wanted <= set(own))
        order = [variable.name for variable in self.model.variables if variable.name in above]

        def quotients(values: WorldValues) -> RationalFunction:
            found = RationalFunction(ONE)
            for k, name in enumerate(order):
                if name in inside:
                    top, below = (self._summed(summed, above, order[: k + j])(values) for j in (1, 0))
                    found *= RationalFunction.of(top.numerator * below.denominator, top.denominator * below.numerator)
            return found

        return self._identified(wanted, inside, quotients)

    def _ancestors(self, wanted: Collection[str], within: Collection[str]) -> frozenset[str]:
        found, waiting = set(wanted), list(wanted)
        while waiting:
            new = {p for p in self.model.by_name[waiting.pop()].parents if p in within} - found
            found |= new
            waiting += new
        return frozenset(found)

    def _summed(self, factor: Function, within: Collection[str], kept: Collection[str]) -> Function:
        """Without what nothing that is kept needs; what else is not given does not matter, and has its first value."""
        left = [name for name in within if name not in kept]

        def total(values: WorldValues) -> RationalFunction:
            first = {variable.name: variable.domain[0] for variable in self.model.variables}
            every = {**first, **self.others, **values}
            found = RationalFunction.of_number(0)
            for chosen in itertools.product(*(self.model.by_name[name].domain for name in left)):
                found += factor({**every, **dict(zip(left, chosen, strict=True))})
            return found

        return total


def joined(model: Model, names: Collection[str]) -> list[list[str]]:
    """Variables in groups that causes join without the others."""
    groups: list[set[str]] = [{name} for name in names]
    for cause in model.causes or ():
        together = [group for group in groups if group & set(cause)]
        groups = [group for group in groups if not group & set(cause)] + ([set().union(*together)] if together else [])
    return [[name for name in names if name in group] for group in groups]


def identified_formula(factored: FactoredModel, estimand: Estimand) -> tuple[RationalFunction, ...]:
    """The fractions whose sum an estimand is, in cells of factors; none where it was not found to be identified.

    Parameters
    ----------
    factored : FactoredModel
        Whatever causes join its groups.
    estimand : Estimand

    Returns
    -------
    tuple of RationalFunction
    """
    numerator, divisor = parts_of(factored.model, estimand)
    inner = [InnerFactors(factored, number) for number in range(len(factored.factors))]
    above = _summed_up(inner, numerator)
    below = [RationalFunction(ONE)] if divisor is None else _summed_up(inner, divisor)
    if above is None or below is None:
        return ()
    over = sum(below, RationalFunction(ZERO))
    return tuple(
        RationalFunction.of(each.numerator * over.denominator, each.denominator * over.numerator) for each in above
    )


def formulas_elsewhere(factored: FactoredModel, estimand: Estimand) -> tuple[tuple[RationalFunction, ...], ...]:
    """Of each part of an identified estimand its fractions, one for each choice of what does not matter.

    They are equal at laws of the model; at data at which one divides by zero another may not.

    Parameters
    ----------
    factored : FactoredModel
    estimand : Estimand
        That `identified_formula` identifies.

    Returns
    -------
    tuple of tuple of RationalFunction
        No part for an estimand with a divisor.
    """
    numerator, divisor = parts_of(factored.model, estimand)
    if divisor is not None:
        return ()
    names = [variable.name for variable in factored.model.variables]
    choices = itertools.product(*(variable.domain for variable in factored.model.variables))
    found: list[dict[RationalFunction, None]] = [{} for _ in numerator]
    for values in itertools.islice(choices, MOST_CHOICES):
        others = dict(zip(names, values, strict=True))
        inner = [InnerFactors(factored, number, others) for number in range(len(factored.factors))]
        for part, own in zip(numerator, found, strict=True):
            own |= dict.fromkeys(_summed_up(inner, [part]) or ())
    return tuple(tuple(own) for own in found)


def _summed_up(inner: Sequence[InnerFactors], parts: Sequence[Expanded]) -> list[RationalFunction] | None:
    """A fraction for each denominator."""
    found: dict[Polynomial, RationalFunction] = {}
    for part in parts:
        total = RationalFunction(part.coefficient)
        for each in inner:
            own = tuple(pair for pair in part.responses if pair[0][0] in each.variables)
            value = each.probability(own) if own else RationalFunction(ONE)
            if value is None:
                return None
            total *= value
        before = found.get(total.denominator)
        found[total.denominator] = total if before is None else before + total
    return [each for each in found.values() if each.numerator] or [RationalFunction(ZERO)]
