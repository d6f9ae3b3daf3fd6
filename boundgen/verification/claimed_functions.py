"""A side of a claim as functions of the data: sums of maxima multiplied out, each choice of options a function."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod

from boundgen.bounds.assembly import identified_function
from boundgen.bounds.piecewise import Guard
from boundgen.bounds.problem import BoundingProblem
from boundgen.errors import LimitError
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.language.expressions import Inequality, Sum, Value
from boundgen.language.printer import print_claimed_piece, print_claimed_term
from boundgen.language.statements import Claim, ClaimedPiece, ClaimedRatio, ClaimSide, ConditionsClaim
from boundgen.verification.claimed_terms import not_identified, selected_cells
from boundgen.work.limits import Budget

MOST_CHOICES = 2000
UNIT = RationalFunction(ONE)


@dataclass(frozen=True)
class ClaimedFunction:
    """One function whose maximum with others a claimed side is.

    Parameters
    ----------
    written : str
        The term that it is, or that it is a choice of.
    function : RationalFunction
        In cells and parameters.
    guards : tuple of Guard
        What must hold for it to count, beside a positive denominator.
    demands : tuple of Polynomial
        What must not be negative wherever it counts, so that a sum of maxima is the maximum of sums.
    divisors : tuple of Polynomial
        What the term divides by as it is written, each to be positive; the function may be in lower terms.
    """

    written: str
    function: RationalFunction
    guards: tuple[Guard, ...] = ()
    demands: tuple[Polynomial, ...] = ()
    divisors: tuple[Polynomial, ...] = ()

    @property
    def cancelled(self) -> tuple[Polynomial, ...]:
        """Divisors that a positive denominator does not say to be positive."""
        return tuple(each for each in self.divisors if each.multiple_of(self.function.denominator) is None)


@dataclass(frozen=True)
class ClaimReading:
    """Reads sums of a claim as functions of the data, each once, with values for quantified names."""

    problem: BoundingProblem
    claim: Claim | ConditionsClaim
    budget: Budget
    indices: Mapping[str, Value] = field(default_factory=dict)
    known: dict[Sum, RationalFunction] = field(default_factory=dict)

    def functions(self, side: ClaimSide, op: str) -> list[ClaimedFunction]:
        """The functions of a side; an error where a part of one is not identified by the data."""
        names = self.problem.model.by_name
        over = UNIT if side.denominator is None else inverse(self.function(side.denominator))
        found = [ClaimedFunction(print_claimed_term(each, names), self.ratio(each) * over) for each in side.terms]
        found = [replace(f, divisors=self._divisors([each])) for f, each in zip(found, side.terms, strict=True)]
        for piece in side.pieces:
            found += self._choices(piece, over, op)
        below = self._divisors([(Sum(), side.denominator)])
        return [_in_lowest_terms(replace(each, divisors=(*below, *each.divisors))) for each in found]

    def _divisors(self, ratios: Iterable[ClaimedRatio]) -> tuple[Polynomial, ...]:
        """What these divide by, but numbers."""
        # Probabilities of conditions, by which a divisor itself may be divided, are positive.
        written = [self.function(denominator).numerator for _, denominator in ratios if denominator is not None]
        return tuple(dict.fromkeys(each for each in written if each.constant is None))

    def _choices(self, piece: ClaimedPiece, over: RationalFunction, op: str) -> Iterator[ClaimedFunction]:
        if prod(len(maximum.options) for maximum in piece.maxima) > MOST_CHOICES:
            raise LimitError(f"the maxima of one claimed term have more than {MOST_CHOICES} choices of options")
        written = print_claimed_piece(piece, self.problem.model.by_name)
        coefficients = [self.ratio(maximum.coefficient) for maximum in piece.maxima]
        guards = tuple(map(self._guard, piece.guards))
        # A coefficient before a minimum in a lower bound turns it round, and is not positive there.
        demands = tuple(
            self._sign(c, maximum.coefficient, guards).scaled(1 if maximum.op == op else -1)
            for c, maximum in zip(coefficients, piece.maxima, strict=True)
            if len(maximum.options) > 1
        )
        outside = [piece.term, *(maximum.coefficient for maximum in piece.maxima)]
        for options in itertools.product(*(maximum.options for maximum in piece.maxima)):
            total = self.ratio(piece.term)
            for coefficient, option in zip(coefficients, options, strict=True):
                total += coefficient * self.ratio(option)
            yield ClaimedFunction(written, total * over, guards, demands, self._divisors([*outside, *options]))

    def _sign(self, coefficient: RationalFunction, written: ClaimedRatio, guards: tuple[Guard, ...]) -> Polynomial:
        """What has the sign of a coefficient where the term counts: without guards what it divides by is positive."""
        multiples = (coefficient.denominator.multiple_of(each) for each in self._divisors([written]))
        if not guards and any(multiple is not None and multiple > 0 for multiple in multiples):
            return coefficient.numerator
        return coefficient.numerator * coefficient.denominator

    def _guard(self, inequality: Inequality) -> Guard:
        left, right = self.function(inequality.left), self.function(inequality.right)
        more = left + -right if inequality.relation in (">", ">=") else right + -left
        # Probabilities of conditions are positive where they are divided by.
        return Guard(more.numerator, ">" if inequality.relation in ("<", ">") else ">=")

    def ratio(self, ratio: ClaimedRatio) -> RationalFunction:
        """A numerator over its denominator, if it has one."""
        numerator, denominator = ratio
        found = self.function(numerator)
        return found if denominator is None else found * inverse(self.function(denominator))

    def function(self, expression: Sum) -> RationalFunction:
        """A sum of products of what the data identify."""
        if expression not in self.known:
            self.known[expression] = self._summed(expression) or self._identified(expression)
        return self.known[expression]

    def _summed(self, expression: Sum) -> RationalFunction | None:
        """Factor by factor; None where one of them is identified only together with others."""
        total = RationalFunction(ZERO)
        for coefficient, atoms in expression.terms:
            product = RationalFunction.of_number(coefficient)
            for atom in atoms:
                factor = self._atom(Sum.of((1, (atom,))))
                if factor is None:
                    return None
                product *= factor
            total += product
        return total

    def _atom(self, alone: Sum) -> RationalFunction | None:
        if alone not in self.known:
            problem = self.problem
            selected = selected_cells(problem, alone, self.indices)
            if selected is None:
                found = identified_function(problem.model, problem.arms, alone, self.budget, self.indices)
            else:
                found = RationalFunction(Polynomial.linear(selected))
            if found is None:
                return None
            self.known[alone] = found
        return self.known[alone]

    def _identified(self, expression: Sum) -> RationalFunction:
        problem = self.problem
        found = identified_function(problem.model, problem.arms, expression, self.budget, self.indices)
        if found is None:
            raise not_identified(problem.model, expression, self.claim.place)
        return found


def _in_lowest_terms(claimed: ClaimedFunction) -> ClaimedFunction:
    """In lowest terms, and ``a / b if b < 0`` as ``-a / -b``: a condition says which sign of a divisor is meant."""

    def is_negative(divisor: Polynomial) -> bool:
        multiples = (guard.polynomial.multiple_of(-divisor) for guard in claimed.guards)
        return any(multiple is not None and multiple > 0 for multiple in multiples)

    function = claimed.function
    if is_negative(function.denominator):
        function = RationalFunction(-function.numerator, -function.denominator)
    divisors = tuple(-each if is_negative(each) else each for each in claimed.divisors)
    return replace(claimed, function=function.without(divisors), divisors=divisors)


def inverse(function: RationalFunction) -> RationalFunction:
    """One over a function."""
    return RationalFunction.of(function.denominator, function.numerator)
