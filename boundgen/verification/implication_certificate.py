"""The part of a certificate that proves testable implications by rows of numbers, also where they are no linear ones.

The checker says what the rows demand: it enumerates the cone of their multiples. What is found here is how each listed
implication is one of these demands, and how each demand follows from what is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import prod

from boundgen.bounds.derived import Derivation
from boundgen.bounds.piecewise import Guard
from boundgen.bounds.product_conditions import ProductCondition
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
Polynomial = checker.Polynomial


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
            return {**entry, "listed": proof.listed_json() if apart else None, "complete": proof.complete_json()}
        except (checker.Wrong, checker.Malformed, NotCertifiedError):
            continue
    return None


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


def _polynomial(polynomial: Products) -> Polynomial:
    return Polynomial(dict(polynomial.terms))


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

    def _quotient(self, one: Polynomial, other: Polynomial) -> Polynomial | None:
        """One function by another that divides it at all data: as it is, or with one cell of each arm less."""
        if not one or not other:
            return None
        plain = self.plain.plain
        first = checker.divided(one, other)
        return first if first is not None else checker.divided(plain(one), plain(other))

    # ---------------------------------------------------------------- together they are all
    def complete_json(self) -> Json | None:
        """How all demands follow from what is listed; None where that is not found."""
        try:
            positive, zero = self.program.assumed()
            dependent = [self.implications.above(self.program.combined(row)) for row in self.dependent]
            rays = [self.implications.above(-self.program.combined(ray)) for ray in self.rays]
            found = []
            for k, ray in enumerate(rays):
                self.budget.step("proving that testable implications are all", k, len(rays))
                found.append(self._follows(ray))
            return {
                "positive": [self._follows(each) for each in positive],
                "zero": [[self._follows(own) for own in (each, -each)] for each in zero],
                "rows": [[self._follows(own) for own in (each, -each)] for each in dependent],
                "rays": found,
            }
        except NotCertifiedError:
            return None

    def _follows(self, polynomial: Polynomial) -> Json:
        """Multiples of the listed functions that leave nothing negative of one."""
        nonnegative = self.certificate.is_nonnegative
        if nonnegative(polynomial):
            return _proof_json({})
        for k, own in enumerate(self.listed):
            by = self._quotient(polynomial, own)
            if by is not None and nonnegative(by):
                return _proof_json({k: by})
        found = self._combination(polynomial)
        if found is None:
            raise NotCertifiedError("the listed implications are not seen to imply a demand")
        return _proof_json(found)

    def _combination(self, polynomial: Polynomial) -> dict[int, Polynomial] | None:
        """By a linear program in the multiples of products, all brought to the same degrees."""
        arms = [set(cells) for cells, complete in self.certificate.arms if complete]
        everything = [polynomial, *self.listed]
        degrees = [max(_degree(each, arm) for each in everything) for arm in arms]
        variables = [
            (k, monomial)
            for k, own in enumerate(self.listed)
            for monomial in _monomials(
                arms, [most - _degree(own, arm) for most, arm in zip(degrees, arms, strict=True)]
            )
        ]
        parameters = sorted(set[str]().union(*(each.names for each in everything)) & self.certificate.low.keys())

        def parts(each: Polynomial) -> list[Polynomial] | None:
            ends = self._at_ends(each, parameters)
            return None if ends is None else [_raised(end, arms, degrees) for end in ends]

        target = parts(polynomial)
        columns = [parts(self.listed[k] * monomial) for k, monomial in variables]
        if target is None or any(column is None for column in columns):
            return None
        demands: dict[tuple[int, tuple[str, ...]], dict[int, Fraction]] = {}
        for v, column in enumerate(columns):
            for e, part in enumerate(column or ()):
                for names, c in part.terms.items():
                    demands.setdefault((e, names), {})[v] = -c
        constants = {(e, names): c for e, part in enumerate(target) for names, c in part.terms.items()}
        constraints = [Constraint(demands.get(k, {}), constants.get(k, Fraction(0))) for k in demands | constants]
        size = range(len(variables))
        if not variables:
            return None
        best = maximum(len(variables), dict.fromkeys(size, -1), constraints, size)
        if best is None:
            return None
        found: dict[int, Polynomial] = {}
        for (k, monomial), c in zip(variables, best.point, strict=True):
            if c:
                found[k] = found.get(k, checker.ZERO_) + monomial.times(c)
        return found

    def _at_ends(self, polynomial: Polynomial, names: Sequence[str]) -> list[Polynomial] | None:
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


def _proof_json(multiples: dict[int, Polynomial]) -> Json:
    return {
        "times": checked_polynomial_json(checker.ONE_),
        "from": {str(k): checked_polynomial_json(multiple) for k, multiple in multiples.items()},
    }


def _degree(polynomial: Polynomial, arm: set[str]) -> int:
    return max((sum(name in arm for name in names) for names in polynomial.terms), default=0)


def _monomials(arms: Sequence[set[str]], degrees: Sequence[int]) -> list[Polynomial]:
    """All products of these degrees in the cells of arms; the number one where there are too many."""
    choices = [list(combinations_with_replacement(sorted(arm), d)) for arm, d in zip(arms, degrees, strict=True)]
    if prod(map(len, choices)) > MOST_MULTIPLES:
        return [checker.ONE_]
    return [
        Polynomial({tuple(sorted(name for names in chosen for name in names)): Fraction(1)})
        for chosen in product(*choices)
    ]


def _raised(polynomial: Polynomial, arms: Sequence[set[str]], degrees: Sequence[int]) -> Polynomial:
    """The same with all products at given degrees in each arm, whose cells sum to one."""
    for arm, degree in zip(arms, degrees, strict=True):
        polynomial = checker.homogeneous(polynomial, arm, degree)
    return polynomial
