"""Bounds in cells of factors for readers: how these cells are computed, and identified formulas as sums of products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from boundgen.bounds.derived import Derivation
from boundgen.bounds.independent import KnownFactor, known_factors, times_known
from boundgen.bounds.independent_problem import FactoredEstimand, IndependentProblem, PolynomialEstimand
from boundgen.bounds.piecewise import Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_printing import multiple_of, normal_form, plain_polynomial
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.symbols import Notation, with_estimands
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.language.model import Model
from boundgen.program.factored_program import FactoredProgram, FactoredTerm


def with_formulas(derived: Derivation, independent: IndependentProblem) -> Derivation:
    """The derivation of a model with independent causes, in words of its own data."""
    if independent.factored is None:
        return replace(derived, independent=independent)
    symbols = _with_formulas(derived.notation, independent)
    asked = {each.estimand.name: each for each in independent.posed}
    pieces = tuple(_for_readers(replace(bounds, notation=symbols), asked[bounds.name]) for bounds in derived.piecewise)
    bounds = tuple(replace(each, notation=symbols) for each in derived.bounds)
    return replace(derived, bounds=bounds, piecewise=pieces, notation=symbols, independent=independent)


def with_source(derivation: Derivation, model: Model) -> Derivation:
    """The same whose bounds know the model, whose data they are read by, and how its cells become those of factors."""
    bounds = tuple(replace(each, source=derivation, model=model) for each in derivation.bounds)
    pieces = tuple(replace(each, source=derivation, model=model) for each in derivation.piecewise)
    return replace(derivation, bounds=bounds, piecewise=pieces)


def _with_formulas(symbols: Notation, independent: IndependentProblem) -> Notation:
    """Behind what a symbol is, how the data give it; estimands as the model writes them, not as the factors do."""
    factored = independent.factored
    assert factored is not None, "closed forms are in cells of factors"
    formulas = [factor.formula() for factor in factored.factors]
    legend = list(symbols.legend)
    for number, formula in enumerate(formulas):
        left, right = legend[number]
        if "do(" in right:
            legend[number] = left, f"{right} = {formula}"
    return with_estimands(replace(symbols, legend=tuple(legend)), independent.model)


def _for_readers(bounds: PiecewiseBounds, asked: FactoredEstimand | PolynomialEstimand) -> PiecewiseBounds:
    """An identified estimand as a sum of products, grouped by the events of one factor (front-door adjustment, ...)."""
    if isinstance(asked, PolynomialEstimand):
        return _shown(bounds, tuple(Summand(ONE, (fraction,)) for fraction in asked.formula))
    known = [_plain(each, bounds.simplifier) for each in known_factors(asked.program)]
    if bounds.shown is not None or not bounds.identified or any(None in each.events for each in known):
        return bounds
    summands = _products(asked.program.numerator, known)
    if not summands:
        return bounds
    return _shown(bounds, *_lowest(summands, _divisor(asked.program, known, bounds.simplifier), bounds.simplifier))


def _plain(known: KnownFactor, reading: Simplifier) -> KnownFactor:
    """With the probability of each event in the shortest form."""
    events = tuple(None if each is None else plain_polynomial(each, reading) for each in known.events)
    return replace(known, events=events)


def _divisor(program: FactoredProgram, known: Sequence[KnownFactor], reading: Simplifier) -> Polynomial | None:
    """What divides an identified estimand; None where nothing does."""
    if program.divisor is None:
        return None
    over = plain_polynomial(Polynomial.total(times_known(term, known) for term in program.divisor), reading)
    return None if over == ONE else over


def _lowest(
    summands: tuple[Summand, ...], over: Polynomial | None, reading: Simplifier
) -> tuple[tuple[Summand, ...], Polynomial | None]:
    """Without factors that all summands share with what divides them."""
    if over is None:
        return summands, None
    for factor in (summands[0].weight, summands[0].options[0].numerator):
        rest = normal_form(over, reading).divided_by(normal_form(factor, reading))
        less = [_over(each, factor, reading) for each in summands]
        if rest is not None and factor.constant is None and None not in less:
            kept = tuple(each for each in less if each is not None)
            over = plain_polynomial(rest, reading)
            return (kept, None) if over == ONE else (kept, over)
    return summands, over


def _over(summand: Summand, factor: Polynomial, reading: Simplifier) -> Summand | None:
    """A summand one part of which is a multiple of a factor, without that."""
    weight, value = summand.weight, summand.options[0]
    for part, other in ((weight, value.numerator), (value.numerator, weight)):
        multiple = multiple_of(part, factor, reading)
        if multiple is not None:
            return Summand(ONE, (RationalFunction(other.scaled(multiple)),))
    return None


def _shown(
    bounds: PiecewiseBounds, summands: tuple[Summand, ...], denominator: Polynomial | None = None
) -> PiecewiseBounds:
    piece = Piece((), summands)
    shown = replace(
        bounds, denominator=denominator, lower=PiecewiseSide("max", (piece,)), upper=PiecewiseSide("min", (piece,))
    )
    return replace(bounds, shown=shown)


def _products(terms: Sequence[FactoredTerm], known: Sequence[KnownFactor]) -> tuple[Summand, ...]:
    """``weight * value`` for each event of the factor that has the fewest, where every term speaks of it."""
    places = [dict(term.events) for term in terms]
    common = [k for k in range(len(known)) if all(k in own for own in places)]
    if not common:
        return ()
    chosen = min(common, key=lambda k: len({own[k] for own in places}))
    weights: dict[int, Polynomial] = {}
    for term, own in zip(terms, places, strict=True):
        weights[own[chosen]] = weights.get(own[chosen], ZERO) + times_known(term, known, [chosen])
    found = []
    for event, weight in weights.items():
        value = known[chosen].events[event]
        assert value is not None, "all factors are identified"
        if weight:
            found.append(Summand(weight, (RationalFunction(value),)))
    return tuple(found) if all(each.weight != ONE for each in found) else ()
