"""The part of a certificate that proves testable implications by rows of numbers, also where they are no linear ones.

The checker says what the rows demand: it enumerates the cone of their multiples. What is found here is how each listed
implication is one of these demands, and how each demand follows from what is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, islice, product

from boundgen.bounds.derived import Derivation
from boundgen.bounds.piecewise import Guard
from boundgen.bounds.product_conditions import ProductCondition
from boundgen.errors import BudgetError
from boundgen.exact.polynomials import Polynomial as Products
from boundgen.exact.polynomials import RationalFunction
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.verification import check_certificate as checker
from boundgen.verification.certificate_parts import (
    Json,
    NotCertifiedError,
    checked_function,
    checked_function_json,
    checked_polynomial_json,
    numbers_json,
)
from boundgen.work.limits import Budget

# More rays, or products by which one implication is multiplied, are not gone through.
MOST_RAYS = 400
MOST_MULTIPLES = 60
# Of so many divisors products are looked at.
MOST_DIVISORS = 6
CheckedSum = checker.Polynomial


def implications_json(derivation: Derivation, document: Json, budget: Budget) -> Json | None:
    """How the testable implications of a derivation are proved; None where they are not, or by linear programs.

    Parameters
    ----------
    derivation : Derivation
    document : dict
        The certificate of the estimands.
    budget : Budget

    Returns
    -------
    dict or None
    """
    known = derivation.known_conditions
    if known is None or document["estimands"]:
        return None
    apart = document["conditions"] is None
    for name, program in _programs(document):
        listed = [_listed(condition) for condition in known] if apart else None
        entry: Json = {"of": name, "listed": listed, "complete": None}
        try:
            proof = _Proof(program, entry, budget)
            implied = {**entry, "listed": proof.listed_json() if apart else None}
            _check(program, implied)
        except (checker.Wrong, checker.Malformed, NotCertifiedError):
            continue
        try:
            complete = {**implied, "complete": proof.complete_json()}
            _check(program, complete)
            return complete
        except (checker.Wrong, checker.Malformed, NotCertifiedError, BudgetError):
            return implied
    return None


def _check(program: checker.Program, entry: Json) -> None:
    implications = checker.Implications(program.certificate, [program], checker.Node(entry, "implications"))
    implications.check_implied()
    implications.check_complete()


def _programs(document: Json) -> Iterator[tuple[str, checker.Program]]:
    """The programs whose rows say all that the model says."""
    certificate = checker.Certificate(checker.Node(document))
    for kind in ("ratios", "quotients", "weighted"):
        for node in certificate.node[kind].items() if certificate.node.has(kind) else ():
            program = checker.KINDS[kind](certificate, node)
            program.remove_impossible(node["impossible"])
            if program.whole:
                yield program.name, program


def _listed(condition: Term | ProductCondition) -> Json:
    """A testable implication, of which nothing is proved yet."""
    if isinstance(condition, Term):
        function, guards = RationalFunction(Products.linear(condition)), tuple[Guard, ...]()
    else:
        function, guards = condition.function, condition.guards
    return {
        "function": checked_function_json(checked_function(function)),
        "if": [{"value": checked_polynomial_json(_polynomial(g.polynomial)), "relation": g.relation} for g in guards],
        "multiples": {},
        "by": checked_polynomial_json(checker.ONE_),
    }


def _polynomial(polynomial: Products) -> CheckedSum:
    return CheckedSum(dict(polynomial.terms))


class _Proof:
    """The demands of one program's rows, and how they and the listed implications follow from one another."""

    def __init__(self, program: checker.Program, entry: Json, budget: Budget) -> None:
        self.certificate = program.certificate
        self.node, self.program, self.budget = checker.Node(entry, "implications"), program, budget
        self.implications = checker.Implications(self.certificate, [program], self.node)
        self.kept, self.rays = self.implications.cone()
        if len(self.rays) > MOST_RAYS:
            raise NotCertifiedError("there are too many rays")
        self.listed = [function.above for function, _ in self.implications.listed]
        self.plain = checker.Identities()
        for cells, complete in self.certificate.arms:
            if complete:
                self.plain.add(checker.Affine(Fraction(-1), dict.fromkeys(cells, Fraction(1))))
        self.dependent = [program.dependence(i, self.kept) for i in range(len(program.kinds)) if i not in self.kept]

    # ---------------------------------------------------------------- each is implied
    def listed_json(self) -> list[Json]:
        """Each with multiples of rows that demand it."""
        demands = [*self.rays, *self.dependent, *({i: -c for i, c in row.items()} for row in self.dependent)]
        functions = [self.implications.above(-self.program.combined(multiples)) for multiples in demands]
        found = []
        for entry, polynomial in zip(self.node["listed"].value, self.listed, strict=True):
            for multiples, demand in zip(demands, functions, strict=True):
                by = self._quotient(demand, polynomial)
                if by is not None and self.implications.is_nonzero(by):
                    rows = numbers_json((str(i), c) for i, c in multiples.items())
                    found.append({**entry, "multiples": rows, "by": checked_polynomial_json(by)})
                    break
            else:
                raise NotCertifiedError("a testable implication is no demand of the rows")
        return found

    def _quotient(self, one: CheckedSum, other: CheckedSum) -> CheckedSum | None:
        """One function by another that divides it at all data: as it is, or with one cell of each arm less."""
        if not one or not other:
            return None
        plain = self.plain.plain
        first = checker.divided(one, other)
        return first if first is not None else checker.divided(plain(one), plain(other))

    # ---------------------------------------------------------------- together they are all
    def complete_json(self) -> Json:
        """How all demands follow from what is listed."""
        positive, zero = self.program.assumed()
        everything = range(len(self.listed))
        plain = [k for k in everything if all(map(self.certificate.is_nonnegative, self._signs(k)))]
        dependent = [self.implications.above(self.program.combined(row)) for row in self.dependent]
        found = []
        for k, ray in enumerate(self.rays):
            self.budget.step("proving that testable implications are all", k, len(self.rays))
            found.append(self._follows(self.implications.above(-self.program.combined(ray)), everything))
        return {
            "positive": [self._follows(each, plain) for each in positive],
            "zero": [[self._follows(own, plain) for own in (each, -each)] for each in zero],
            "rows": [[self._follows(own, everything) for own in (each, -each)] for each in dependent],
            "rays": found,
        }

    def _signs(self, k: int) -> list[CheckedSum]:
        """The functions that are positive where an implication says something."""
        function, guards = self.implications.listed[k]
        return [*function.below, *(guard for guard, _ in guards)]

    def _follows(self, polynomial: CheckedSum, allowed: Sequence[int]) -> Json:
        """Multiples of the listed functions that leave nothing negative of one, or of one times divisors."""
        nonnegative = self.certificate.is_nonnegative
        if nonnegative(polynomial):
            return _proof_json({})
        for k in allowed:
            by = self._quotient(polynomial, self.listed[k])
            if by is not None and nonnegative(by):
                return _proof_json({k: by})
        whole = len(allowed) == len(self.listed)
        for times in self.products if whole else self.products[:1]:
            found = self._combination(times * polynomial, allowed)
            if found is not None:
                return _proof_json(found, times)
        raise NotCertifiedError("the listed implications are not seen to imply a demand")

    @cached_property
    def products(self) -> list[CheckedSum]:
        """The number one, divisors, and products of two."""
        divisors = self.implications.divisors
        pairs = combinations_with_replacement(divisors, 2) if len(divisors) <= MOST_DIVISORS else ()
        return [checker.ONE_, *divisors, *(one * other for one, other in pairs)]

    def _combination(self, polynomial: CheckedSum, allowed: Sequence[int]) -> dict[int, CheckedSum] | None:
        """By a linear program in the multiples of products, all brought to the same degrees."""
        arms = self.certificate.laws()
        everything = [polynomial, *(self.listed[k] for k in allowed)]
        degrees = [max(_degree(each, arm) for each in everything) for arm in arms]
        variables = [(k, factor) for k in allowed for factor in self._factors(k, arms, degrees)]
        parameters = sorted(set[str]().union(*(each.names for each in everything)) & self.certificate.low.keys())

        def parts(each: CheckedSum) -> list[CheckedSum] | None:
            ends = self._at_ends(each, parameters)
            return None if ends is None else [_raised(end, arms, degrees) for end in ends]

        target = parts(polynomial)
        columns = [parts(self.listed[k] * factor) for k, factor in variables]
        if target is None or not variables or any(column is None for column in columns):
            return None
        demands: dict[tuple[int, tuple[str, ...]], dict[int, Fraction]] = {}
        for v, column in enumerate(columns):
            for e, part in enumerate(column or ()):
                for names, c in part.terms.items():
                    demands.setdefault((e, names), {})[v] = -c
        constants = {(e, names): c for e, part in enumerate(target) for names, c in part.terms.items()}
        places = dict.fromkeys((*demands, *constants))
        constraints = [Constraint(demands.get(place, {}), constants.get(place, Fraction(0))) for place in places]
        size = range(len(variables))
        best = maximum(len(variables), dict.fromkeys(size, -1), constraints, size)
        if best is None:
            return None
        found: dict[int, CheckedSum] = {}
        for (k, factor), c in zip(variables, best.point, strict=True):
            if c:
                found[k] = found.get(k, checker.ZERO_) + factor.times(c)
        return found

    def _factors(self, k: int, arms: Sequence[set[str]], degrees: Sequence[int]) -> list[CheckedSum]:
        """What an implication may be multiplied by: products of cells, or where those are too many of divisors."""
        missing = [most - _degree(self.listed[k], arm) for most, arm in zip(degrees, arms, strict=True)]
        found = _monomials(arms, missing)
        if len(found) <= MOST_MULTIPLES:
            return found
        return [
            each
            for each in self.products
            if all(_degree(each, arm) <= most for most, arm in zip(missing, arms, strict=True))
        ]

    def _at_ends(self, polynomial: CheckedSum, names: Sequence[str]) -> list[CheckedSum] | None:
        """The polynomials in cells that are not negative if one is not, whatever the parameters are."""
        found = [polynomial]
        for name in names:
            fresh = []
            for each in found:
                constant, slope = checker.in_parameter(each, name)
                if slope is None:
                    return None
                low, high = self.certificate.low[name], self.certificate.high[name]
                fresh += [constant + slope.times(end) for end in (low, high) if end is not None]
                fresh += ([slope] if high is None else []) + ([-slope] if low is None else [])
            found = fresh
        return found


def _proof_json(multiples: dict[int, CheckedSum], times: CheckedSum = checker.ONE_) -> Json:
    return {
        "times": checked_polynomial_json(times),
        "from": {str(k): checked_polynomial_json(multiple) for k, multiple in multiples.items()},
    }


def _degree(polynomial: CheckedSum, arm: set[str]) -> int:
    return max((sum(name in arm for name in names) for names in polynomial.terms), default=0)


def _monomials(arms: Sequence[set[str]], degrees: Sequence[int]) -> list[CheckedSum]:
    """All products of these degrees in the cells of arms, up to one more than are gone through."""
    choices = (combinations_with_replacement(sorted(arm), d) for arm, d in zip(arms, degrees, strict=True))
    some = islice(product(*choices), MOST_MULTIPLES + 1)
    return [CheckedSum({tuple(sorted(name for names in each for name in names)): Fraction(1)}) for each in some]


def _raised(polynomial: CheckedSum, arms: Sequence[set[str]], degrees: Sequence[int]) -> CheckedSum:
    """The same with all products at given degrees in each arm, whose cells sum to one."""
    for arm, degree in zip(arms, degrees, strict=True):
        polynomial = checker.homogeneous(polynomial, arm, degree)
    return polynomial
