"""Several factors that the data do not identify: all but one go over their extreme laws, in cells of factors.

An estimand that is linear in the law of each factor is least at an extreme law of each; with these put in, it is a
program over the last factor whose weights are their probabilities (Sherali & Shetty 1980, with symbolic right sides).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

from boundgen.bounds.weight_space import WeightNames
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.extreme_laws import Costs, extreme_laws
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.region import model_region
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.factored_program import Factor, FactoredTerm
from boundgen.program.linear_program import Column, LinearProgram, Reduction, Row, right_side
from boundgen.program.zeros import remove_zeros
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget


@dataclass(frozen=True)
class OuterFactor:
    """A factor that goes over its extreme laws.

    Parameters
    ----------
    factor : Factor
    shares : tuple of str
        What the probabilities of its columns are called in weights.
    costs : tuple of tuple of Polynomial
        What each column adds to the estimand, for each choice of columns of the other factors that are not identified.
    """

    factor: Factor
    shares: tuple[str, ...]
    costs: tuple[tuple[Polynomial, ...], ...]

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """The columns of the program, by number in the factor; slacks have numbers behind those."""
        return self._possible.columns

    @cached_property
    def program(self) -> LinearProgram:
        """Its rows as equations, of which none follows from the others, with slacks; no column must be zero."""
        return drop_dependent_rows(self._possible.program).program

    @cached_property
    def _possible(self) -> Reduction:
        rows: list[Row] = []
        entries = [list[tuple[int, Fraction]]() for _ in self.factor.columns]
        slacks = []
        for row in self.factor.rows:
            right = Term.of(0, {row.name: 1}) if row.kind == "cell" else row.right.numerator.term
            if row.kind == "part" or right is None:
                continue
            for j, entry in row.entries:
                entries[j].append((len(rows), Fraction(entry)))
            if row.relation == "<=":
                slacks.append(Column(Stratum(()), ((len(rows), 1),), 0))
            rows.append(Row(row.kind, row.name, "=", right))
        columns = [Column(s, tuple(own), 0) for s, own in zip(self.factor.columns, entries, strict=True)]
        return remove_zeros(LinearProgram(tuple(rows), (*columns, *slacks)))

    def cone(self, names: WeightNames, sign: int) -> Costs:
        """Of what its columns add, times a sign; what the data identify takes its values at ends of their ranges."""
        found: dict[tuple[int, ...], None] = {}
        size = len(self.shares)
        for costs in self.costs:
            monomials = sorted({names for cost in costs for names, _ in cost.terms})
            known = [dict(cost.terms) for cost in costs]
            for corner in names.corners(monomials):
                pairs = list(zip(monomials, corner, strict=True))
                own = [
                    sum((c * known[j].get(m, 0) for m, c in pairs), Fraction(0)) if j < size else Fraction(0)
                    for j in self.columns
                ]
                scale = sign * lcm(*(x.denominator for x in own))
                if any(own):
                    found[tuple(int(x * scale) for x in own)] = None
        return Costs(tuple(found) or ((0,) * len(self.columns),))


def outer_factors(
    terms: Sequence[FactoredTerm], factors: Sequence[Factor], known: Sequence[Polynomial], unknown: Sequence[int]
) -> tuple[OuterFactor, ...]:
    """All factors that are not identified but the last one.

    Parameters
    ----------
    terms : sequence of FactoredTerm
        Of the estimand.
    factors : sequence of Factor
    known : sequence of Polynomial
        The coefficient of each term, times what of it is identified.
    unknown : sequence of int
        The numbers of factors that are not identified; the last one does not go over its laws.

    Returns
    -------
    tuple of OuterFactor
    """
    found = []
    for k in unknown[:-1]:
        others = [other for other in unknown if other != k]
        choices = itertools.product(*(_signatures(factors[other]) for other in others))
        costs = [_costs(k, dict(zip(others, choice, strict=True)), terms, factors, known) for choice in choices]
        shares = tuple(f"({', '.join(factors[k].variables)}):{j}" for j in range(len(factors[k].columns)))
        found.append(OuterFactor(factors[k], shares, tuple(dict.fromkeys(costs))))
    return tuple(found)


def _signatures(factor: Factor) -> list[frozenset[int]]:
    """For each column the events in which it is, each set of them once."""
    columns = range(len(factor.columns))
    found = ((frozenset(e for e, event in enumerate(factor.events) if j in event)) for j in columns)
    return list(dict.fromkeys(found))


def _costs(
    k: int,
    chosen: Mapping[int, frozenset[int]],
    terms: Sequence[FactoredTerm],
    factors: Sequence[Factor],
    known: Sequence[Polynomial],
) -> tuple[Polynomial, ...]:
    costs: list[list[Polynomial]] = [[] for _ in factors[k].columns]
    for term, coefficient in zip(terms, known, strict=True):
        events = dict(term.events)
        if all(events[other] in own for other, own in chosen.items() if other in events):
            for j in factors[k].events[events[k]] if k in events else range(len(costs)):
                costs[j].append(coefficient)
    return tuple(map(Polynomial.total, costs))


# ---------------------------------------------------------------- extreme laws in cells
@dataclass(frozen=True)
class SymbolicLaw:
    """Extreme laws of the factors.

    Parameters
    ----------
    shares : mapping of str to Term
        The probabilities that are not zero, by name, in cells of factors.
    absent : frozenset of str
        The names of those that are.
    guards : tuple of Term
        They are laws where none of these is negative; what follows from the others is left out.
    """

    shares: Mapping[str, Term]
    absent: frozenset[str]
    guards: tuple[Term, ...]

    def present(self, outer: OuterFactor) -> tuple[str, ...]:
        """The names of the probabilities of one factor that are not zero."""
        return tuple(name for name in outer.shares if name in self.shares)

    def put_in(self, weight: Polynomial) -> Polynomial:
        """A polynomial with these probabilities for their names; the others are zero."""
        return weight.at({}, self.absent).substituted(self._polynomials)

    @cached_property
    def _polynomials(self) -> dict[str, Polynomial]:
        return {name: Polynomial.linear(term) for name, term in self.shares.items()}


def symbolic_laws(
    outer: Sequence[OuterFactor],
    names: WeightNames,
    parameters: Sequence[Parameter],
    sign: int,
    most: int,
    budget: Budget,
) -> Iterator[SymbolicLaw]:
    """The choices of extreme laws of which, at all data, one has the least (of sign -1, the greatest) value.

    Yields
    ------
    SymbolicLaw

    See Also
    --------
    extreme_laws : Ends with an error where there are more than `most`.
    """
    for choice in itertools.product(*(_laws(each, names, parameters, sign, most, budget) for each in outer)):
        shares = {name: term for law in choice for name, term in law.shares.items()}
        absent = frozenset[str]().union(*(law.absent for law in choice))
        yield SymbolicLaw(shares, absent, tuple(guard for law in choice for guard in law.guards))


def _laws(
    outer: OuterFactor, names: WeightNames, parameters: Sequence[Parameter], sign: int, most: int, budget: Budget
) -> list[SymbolicLaw]:
    program = outer.program
    rows: list[dict[int, Number]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            rows[i][j] = entry
    region = model_region(program, parameters)
    found = []
    for law in extreme_laws(rows, outer.cone(names, sign), most, budget):
        values = [right_side(program, multiples) for multiples in law.values]
        kept = list(range(len(values)))
        if not AffineFunctions(region, [*(-value for value in values), Term()]).strictly_active(len(values), kept)[0]:
            # It is one at the edge of the possible data alone, where others are too.
            continue
        functions = AffineFunctions(region, values)
        for k in tuple(kept):
            others = [other for other in kept if other != k]
            if not functions.violated_alone(k, others)[0]:
                kept = others
        numbers = [outer.columns[j] for j in law.columns]
        shares = {outer.shares[j]: v for j, v in zip(numbers, values, strict=True) if j < len(outer.shares)}
        found.append(SymbolicLaw(shares, frozenset(outer.shares) - shares.keys(), tuple(values[k] for k in kept)))
    return found
