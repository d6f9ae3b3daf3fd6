"""Closed forms over extreme laws of several unknown factors: at each of them that of the last factor."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.bounds.law_kinds import kinds_of_laws, symmetries_of
from boundgen.bounds.normal_form import NormalProgram
from boundgen.bounds.outer_factors import SymbolicLaw, symbolic_laws
from boundgen.bounds.piecewise import Guard, LawKinds, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_printing import multiple_of, normal_form
from boundgen.bounds.problem import BoundingProblem, WeightedEstimand
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.sums_of_maxima import TermOptions, sum_of_maxima
from boundgen.bounds.superfluous import Homogeneous, without_idle_guards
from boundgen.bounds.weight_space import WeightNames
from boundgen.bounds.weighted import weighted_side
from boundgen.errors import LimitError
from boundgen.exact.polynomials import ONE, ZERO, Monomial, Polynomial, RationalFunction
from boundgen.exact.terms import Term, combination
from boundgen.program.dependence import drop_dependent_rows
from boundgen.work.limits import Budget

# More of these make no closed form.
MOST_LAWS = 400
MOST_PIECES = 4000
# So few are enumerated each, and then each is written in its own way.
FEW_LAWS = 4


def sides_over_laws(
    asked: WeightedEstimand,
    normal: NormalProgram,
    problem: BoundingProblem,
    names: WeightNames,
    reading: Simplifier,
    budget: Budget,
) -> tuple[PiecewiseSide, PiecewiseSide]:
    """Both sides of an estimand with outer factors.

    Parameters
    ----------
    asked : WeightedEstimand
        With outer factors.
    normal : NormalProgram
        Over the last factor.
    problem : BoundingProblem
    names : WeightNames
        What is known of cells and parameters.
    reading : Simplifier
    budget : Budget

    Returns
    -------
    tuple of PiecewiseSide
        With kinds of laws, the pieces of the first law of each kind; the others are its images.

    Raises
    ------
    LimitError
        Where a side has no form that is short enough.
    """
    parameters = problem.model.parameters
    known = Homogeneous.of(problem.model, problem.arms, asked.program.shares)
    equal = reading.knowing(drop_dependent_rows(normal.program).equalities)
    found = []
    relabelled = symmetries_of(problem, normal, asked.outer)
    for sign in (1, -1):
        op: Literal["max", "min"] = "max" if sign > 0 else "min"
        laws = list(symbolic_laws(asked.outer, names, parameters, sign, MOST_LAWS, budget))
        pieces: list[Piece] = []
        many = 0
        symmetries = relabelled if len(laws) > FEW_LAWS else []
        kinds = kinds_of_laws(laws, symmetries)
        for kind in kinds:
            law = laws[kind.first]
            at_law = replace(names, laws=(*names.laws, *(law.present(each) for each in asked.outer)))
            costs = [cost.at({}, law.absent) for cost in normal.costs]
            inner = weighted_side(normal.program, costs, at_law, parameters, reading, sign, budget)
            if inner.form is None:
                raise LimitError(inner.reason)
            own = [replace(piece, law=kind.first) for piece in _AtLaw(inner.form, equal, known).pieces(law)]
            many += len(own) * len(kind.images)
            if many > MOST_PIECES:
                raise LimitError(f"a side of it would have more than {MOST_PIECES} pieces")
            pieces += own
        side = PiecewiseSide(op, tuple(pieces), LawKinds(tuple(kinds), tuple(symmetries)) if symmetries else None)
        found.append(side if symmetries else _as_chambers(side, equal))
    return found[0], found[1]


def _as_chambers(side: PiecewiseSide, reading: Simplifier) -> PiecewiseSide:
    """Laws of which two are possible only at data where they give the same are pieces as others are."""
    laws = list(side.laws.values())
    if any(len(pieces) > 1 for pieces in laws) or not all(
        any((multiple_of(a.polynomial, b.polynomial, reading) or 0) < 0 for a in one[0].guards for b in other[0].guards)
        for one, other in itertools.combinations(laws, 2)
    ):
        return side
    return replace(side, pieces=tuple(replace(piece, law=0) for piece in side.pieces))


@dataclass(frozen=True)
class _Sum:
    """Weights of maxima, by their options; and of what has no maximum, each with a function of the data."""

    maxima: dict[TermOptions, Polynomial]
    rest: dict[Polynomial, Term]


class _AtLaw:
    """The side of the last factor with extreme laws put in."""

    def __init__(self, form: PiecewiseSide, reading: Simplifier, known: Homogeneous) -> None:
        self.form = replace(form, pieces=tuple(_by_shares(piece, reading) for piece in form.pieces))
        self.reading, self.known = reading, known
        self.parted: dict[TermOptions, tuple[TermOptions, ...]] = {}

    def pieces(self, law: SymbolicLaw) -> Iterator[Piece]:
        """The pieces at a law, none of which says what another one says already."""
        guards = tuple(Guard(Polynomial.linear(guard), ">=") for guard in law.guards)
        own = []
        for piece in self.form.pieces:
            more = tuple(replace(guard, polynomial=law.put_in(guard.polynomial)) for guard in piece.guards)
            own.append(Piece((*guards, *more), self._summands(piece, law)))
        kept = without_idle_guards(PiecewiseSide(self.form.op, tuple(own)), self.known).pieces
        equal: dict[object, list[Piece]] = {}
        for piece in sorted(kept, key=lambda piece: (len(piece.guards), _length(piece))):
            known = equal.setdefault(self._key(piece), [])
            if not any(set(other.guards) <= set(piece.guards) for other in known):
                known.append(piece)
                yield piece

    def _key(self, piece: Piece) -> object:
        """The same for pieces that are the same function."""
        weights: dict[object, Polynomial] = {}
        rest: dict[Monomial, Term] = {}
        for summand in piece.summands:
            options = _options(summand)
            start = combination((Fraction(1, len(options)), option) for option in options)
            weight = normal_form(summand.weight, self.reading)
            for monomial, c in weight.terms:
                rest[monomial] = rest.get(monomial, Term()) + start.scaled(c)
            if len(options) > 1:
                shape = frozenset(self.reading.key(option - start) for option in options)
                weights[shape] = weights.get(shape, ZERO) + weight
        beside = frozenset((monomial, key) for monomial, term in rest.items() if (key := self.reading.key(term)))
        return frozenset(weights.items()), beside

    def _summands(self, piece: Piece, law: SymbolicLaw) -> tuple[Summand, ...]:
        found = _Sum({}, {})
        for summand in piece.summands:
            options = _options(summand)
            weight = law.put_in(summand.weight)
            if len(options) > 1:
                found.maxima[options] = found.maxima.get(options, ZERO) + weight
            else:
                found.rest[weight] = found.rest.get(weight, Term()) + options[0]
        summands = []
        for options, weight in found.maxima.items():
            if normal_form(weight, self.reading):
                moved = self._with_rest(options, weight, found.rest)
                summands += [_summand(weight, each) for each in self._parted(moved)]
        summands += [_summand(weight, [term]) for weight, term in found.rest.items() if weight and term != Term()]
        return tuple(summands) or (_summand(ONE, [Term()]),)

    def _with_rest(self, options: TermOptions, weight: Polynomial, rest: dict[Polynomial, Term]) -> TermOptions:
        """Options with what else stands beside multiples of their weight, where that makes them no longer."""
        for other, term in list(rest.items()):
            multiple = multiple_of(other, weight, self.reading)
            if multiple is None:
                continue
            moved = tuple(self.reading.plain(option + term.scaled(multiple)) for option in options)
            if _size(moved) <= _size((*options, term)):
                del rest[other]
                options = moved
        return options

    def _parted(self, options: TermOptions) -> tuple[TermOptions, ...]:
        if options not in self.parted:
            self.parted[options] = sum_of_maxima(options, self.reading)
        return self.parted[options]


def _length(piece: Piece) -> int:
    return sum(len(each.weight.terms) + _size(_options(each)) for each in piece.summands)


def _by_shares(piece: Piece, reading: Simplifier) -> Piece:
    """Each share with what it multiplies, where it multiplies one maximum: ``r01 min{a, b} + r10 min{c, d}``."""
    rest: dict[Monomial, Term] = {}
    for summand in piece.summands:
        if len(summand.options) == 1:
            for monomial, c in summand.weight.terms:
                rest[monomial] = rest.get(monomial, Term()) + _options(summand)[0].scaled(c)
    maxima = [summand for summand in piece.summands if len(summand.options) > 1]
    places = Counter(monomial for summand in maxima for monomial, _ in summand.weight.terms)
    found = []
    for summand in maxima:
        terms = summand.weight.terms
        if any(c < 0 or places[monomial] > 1 for monomial, c in terms):
            found.append(summand)
            continue
        for monomial, c in terms:
            beside = rest.pop(monomial, Term()).scaled(1 / c)
            options = [reading.plain(option + beside) for option in _options(summand)]
            found.append(_summand(Polynomial(((monomial, c),)), options))
    found += [_summand(Polynomial(((monomial, Fraction(1)),)), [reading.plain(t)]) for monomial, t in rest.items()]
    return replace(piece, summands=tuple(found))


def _options(summand: Summand) -> TermOptions:
    return tuple(term for each in summand.options if (term := each.numerator.term) is not None)


def _summand(weight: Polynomial, options: Sequence[Term]) -> Summand:
    return Summand(weight, tuple(RationalFunction(Polynomial.linear(term)) for term in options))


def _size(terms: Sequence[Term]) -> int:
    return sum(len(term.coefficients) + bool(term.constant) for term in terms)
