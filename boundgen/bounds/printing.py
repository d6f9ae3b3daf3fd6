"""Active terms to bounds: each term in the form in which it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from boundgen.bounds.closed_form import Bounds, Side
from boundgen.bounds.derived import EstimandDerivation
from boundgen.bounds.order import simplest_first
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.simplest_form import Simplifier, simplifier_in_means
from boundgen.bounds.symbols import Notation
from boundgen.exact.terms import Term
from boundgen.strata.means import in_means, term_in_means

PrintedTerm = tuple[Term, Term]


def printed_bounds(
    problem: BoundingProblem,
    stages: Sequence[EstimandDerivation],
    equalities: tuple[Term, ...],
    conditions: tuple[Term, ...] | None,
    symbols: Notation,
) -> tuple[Bounds, ...]:
    """The bounds of all estimands that were reached.

    Parameters
    ----------
    problem : BoundingProblem
    stages : sequence of EstimandDerivation
    equalities : tuple of Term
        What is zero at every distribution of the model.
    conditions : tuple of Term, or None
        The testable implications. Two opposite ones are an equality too.
    symbols : Notation
    """
    known = set(conditions or ())
    opposite = [term for term in conditions or () if -term in known]
    reader = replace(problem.reader, equalities=equalities) if equalities else problem.reader
    simplifier = reader.knowing(opposite)
    found = tuple(_bounds(problem, stage, simplifier, symbols, conditions) for stage in stages)
    if not symbols.means:
        return found
    reader = simplifier_in_means(problem.model, problem.arms, problem.definitions, equalities)
    return tuple(_in_means(bounds, reader.knowing(map(symbols.observed, opposite))) for bounds in found)


def _in_means(bounds: Bounds, reader: Simplifier) -> Bounds:
    """The bounds as they are printed where an outcome is bounded: in shares and means, each term in its best form."""
    observed = bounds.notation.observed
    over, shown = bounds.denominator, bounds.shown_denominator
    if over is not None:
        known = reader if reader.number(observed(over)) is None else replace(reader, equalities=())
        over, shown = _both_forms(known.plain(observed(over)), known)
    lower, upper = (_side_in_means(side, bounds, reader, over, shown) for side in (bounds.lower, bounds.upper))
    return replace(bounds, lower=lower, upper=upper, shown_denominator=shown, observed_denominator=over)


def _side_in_means(side: Side, bounds: Bounds, reader: Simplifier, over: Term | None, shown: Term | None) -> Side:
    pairs = []
    for term in side.terms:
        multiple = None if bounds.denominator is None else term.multiple_of(bounds.denominator)
        if multiple is not None and over is not None and shown is not None:
            pairs.append((over.scaled(multiple), shown.scaled(multiple), term))
        else:
            pairs.append((*_both_forms(reader.plain(bounds.notation.observed(term)), reader), term))
    order = simplest_first(reader.order)
    pairs.sort(key=lambda pair: (order(pair[1]), order(pair[0])))
    return Side(
        tuple(term for *_, term in pairs), tuple(form for _, form, _ in pairs), tuple(form for form, *_ in pairs)
    )


def shown_conditions(problem: BoundingProblem, conditions: Sequence[Term]) -> tuple[Term, ...]:
    """The conditions with defined names; of two opposite ones the second mirrors the first."""
    known = in_means(problem.arms)
    if known:
        reader = simplifier_in_means(problem.model, problem.arms, problem.definitions, ())
        return tuple(reader.with_definitions(reader.sign(term_in_means(term, known))) for term in conditions)
    plain = problem.reader
    shown: dict[Term, Term] = {}
    for term in conditions:
        shown[term] = -shown[-term] if -term in shown else plain.with_definitions(term)
    return tuple(shown.values())


def _bounds(
    problem: BoundingProblem,
    stage: EstimandDerivation,
    simplifier: Simplifier,
    symbols: Notation,
    conditions: tuple[Term, ...] | None,
) -> Bounds:
    over = _printed_denominator(stage.denominator, simplifier)
    lower = _printed(stage.lower.active, simplifier, over)
    upper = _printed([-term for term in stage.upper.active], simplifier, over)
    if stage.identified and len(lower.terms) == len(upper.terms) == 1:
        # Both sides are one function of the data, in one form.
        order = simplest_first(simplifier.order)
        lower = upper = min((lower, upper), key=lambda side: (order(side.shown[0]), order(side.terms[0])))
    return Bounds(
        name=stage.estimand.name,
        lower=lower,
        upper=upper,
        denominator=over and over[0],
        shown_denominator=over and over[1],
        identified=stage.identified,
        conditions=conditions,
        notation=symbols,
        arms=problem.arms,
        parameters=problem.model.parameters,
        missing=tuple(dict.fromkeys(side.missing for side in (stage.lower, stage.upper) if side.missing)),
        simplifier=simplifier,
        program=stage.program,
        model=problem.model,
    )


def _printed_denominator(over: Term | None, simplifier: Simplifier) -> PrintedTerm | None:
    """In cells and parameters, and for the reader: a probability, though the model may make it a number."""
    if over is None:
        return None
    known = simplifier if simplifier.number(over) is None else replace(simplifier, equalities=())
    return _both_forms(known.plain(over), known)


def _both_forms(plain: Term, simplifier: Simplifier) -> PrintedTerm:
    return plain, simplifier.with_definitions(plain) if simplifier.definitions else plain


def _printed(terms: Sequence[Term], simplifier: Simplifier, over: PrintedTerm | None) -> Side:
    """The terms as they are printed, in all forms; multiples of the denominator are written as its multiples."""
    multiples = simplifier.multiples(terms, over[0]) if over else [None for _ in terms]
    pairs = [
        _both_forms(simplifier.plain(term), simplifier)
        if over is None or multiple is None
        else (over[0].scaled(multiple), over[1].scaled(multiple))
        for term, multiple in zip(terms, multiples, strict=True)
    ]
    order = simplest_first(simplifier.order)
    pairs.sort(key=lambda pair: (order(pair[1]), order(pair[0])))
    return Side(tuple(plain for plain, _ in pairs), tuple(shown for _, shown in pairs))
