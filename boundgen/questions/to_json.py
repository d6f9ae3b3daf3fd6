"""Answers as JSON (``boundgen.answers/1``) and comparisons (``boundgen.comparison/1``); numbers are texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.symbols import Notation
from boundgen.bounds.to_json import condition_json, term_json
from boundgen.exact.terms import Term
from boundgen.questions.answers import Answers, EstimandAnswers
from boundgen.questions.assumptions import Addition, AssumptionAnswer
from boundgen.questions.comparison import EstimandComparison, ModelComparison, Narrowing
from boundgen.questions.containment import ContainmentProof
from boundgen.questions.distributions import Distribution
from boundgen.questions.extremes import SideAnswer
from boundgen.questions.piece_signs import PieceSign
from boundgen.questions.point_identification import Collapse
from boundgen.questions.ratio_signs import RatioSign
from boundgen.questions.report import bounds_of
from boundgen.questions.sampled import SampledComparison
from boundgen.work.unanswered import unanswered_json

ANSWERS, COMPARISON = "boundgen.answers/1", "boundgen.comparison/1"
Order = Notation


def answers_json(answers: Answers) -> dict[str, Any]:
    """All answers about a model."""
    order = answers.derivation.notation
    return {
        "schema": ANSWERS,
        "model": answers.derivation.model.name,
        "value": str(answers.value),
        "estimands": _about_estimands(answers, order),
        "assumptions": [_assumption(each, order) for each in answers.assumptions],
        **unanswered_json(answers.derivation.unanswered),
    }


def comparison_json(comparison: ModelComparison) -> dict[str, Any]:
    """All that changes between two models."""
    order = comparison.notation
    bounds = {each.estimand: bounds_of(comparison, each.estimand) for each in comparison.estimands}
    undecided = [condition_json(each, order) for each in comparison.undecided]
    return {
        "schema": COMPARISON,
        "first": comparison.first.model.name,
        "second": comparison.second.model.name,
        "notes": list(comparison.notes),
        "estimands": [_compared(each, order, bounds[each.estimand]) for each in comparison.estimands],
        **({"sampled": [sampled_json(each) for each in comparison.sampled]} if comparison.sampled else {}),
        "conditions": {
            "appear": [condition_json(each, order) for each in comparison.appear],
            "disappear": [condition_json(each, order) for each in comparison.disappear],
            **({"undecided": undecided} if undecided else {}),
        },
        **unanswered_json(comparison.unanswered),
    }


# ---------------------------------------------------------------- estimands
def _about_estimands(answers: Answers, order: Order) -> list[dict[str, Any]]:
    """In the order in which they were asked about; a ratio and what has pieces have a key ``kind``."""
    found = {each.bounds.name: _estimand(each, order) for each in answers.estimands}
    found |= {each.bounds.name: _ratio(each, order) for each in answers.ratios}
    found |= {each.bounds.name: _pieces(each, order) for each in answers.pieces}
    return [found[name] for name in answers.derivation.problem.names if name in found]


def _ratio(ratio: RatioSign, order: Order) -> dict[str, Any]:
    """About the numerator minus the value times the divisor, whose bounds are linear."""
    sides = {
        side.side: {
            "terms": _terms(of.terms, order),
            "never_beyond_value": side.always,
            "proofs": [_proof(each, order) for each in side.proofs],
            "witness": _distribution(side.witness, {"": ratio.bounds}, order),
        }
        for side, of in ((ratio.lower, ratio.difference.lower), (ratio.upper, ratio.difference.upper))
    }
    return {"name": ratio.bounds.name, "kind": "ratio", "contains_value": ratio.contains_value, "difference": sides}


def _pieces(sign: PieceSign, order: Order) -> dict[str, Any]:
    """About functions of the data whose best one each side is."""
    sides: dict[str, Any] = {
        side.side: {
            "functions": side.functions,
            "never_beyond_value": side.always,
            "witness": _distribution(side.witness, {"": sign.bounds}, order),
        }
        for side in (sign.lower, sign.upper)
    }
    return {"name": sign.bounds.name, "kind": "pieces", "contains_value": sign.contains_value, **sides}


def _estimand(answers: EstimandAnswers, order: Order) -> dict[str, Any]:
    over = answers.bounds.denominator
    return {
        "name": answers.bounds.name,
        "denominator": None if over is None else term_json(over, order),
        "contains_value": answers.contains_value,
        "lower": _side(answers.lower, answers.bounds, order),
        "upper": _side(answers.upper, answers.bounds, order),
        "identified": {
            "where": answers.identified.where,
            "pairs": answers.identified.pairs,
            "faces": [_face(each, order) for each in answers.identified.faces],
        },
    }


def _side(answer: SideAnswer, bounds: Bounds, order: Order) -> dict[str, Any]:
    return {
        "never_above_value" if answer.side == "lower" else "never_below_value": answer.always,
        "proofs": [_proof(each, order) for each in answer.proofs],
        "witness": _distribution(answer.witness, {"": bounds}, order),
        "largest" if answer.side == "lower" else "smallest": None if answer.extreme is None else str(answer.extreme),
        "attained_at": _distribution(answer.at, {"": bounds}, order),
    }


def _proof(proof: ContainmentProof, order: Order) -> dict[str, Any]:
    return {
        "term": term_json(proof.term, order),
        "relation": proof.relation,
        "right": term_json(proof.right, order),
        "parts": [
            {
                "multiple": str(part.multiple),
                "because": part.reason.kind,
                "not_negative": term_json(part.reason.term, order),
            }
            for part in proof.parts
        ],
    }


def _face(collapse: Collapse, order: Order) -> dict[str, Any]:
    return {
        "equations": _terms(collapse.equations, order),
        "value": None if collapse.value is None else str(collapse.value),
        "term": term_json(collapse.term, order),
    }


# ---------------------------------------------------------------- assumptions
def _assumption(answer: AssumptionAnswer, order: Order) -> dict[str, Any]:
    return {
        "name": answer.name,
        "assumption": answer.written,
        "unanswered": answer.unanswered or None,
        "redundant": answer.redundant,
        "violation": _distribution(answer.violation, {}, order),
        "testable": answer.testable,
        "implications": _terms(answer.implications, order),
        "refuting": _distribution(answer.refuting, {}, order),
        "adds": [_addition(each, order) for each in answer.additions],
    }


def _addition(addition: Addition, order: Order) -> dict[str, Any]:
    if addition.sampled is not None:
        return {**sampled_json(addition.sampled), "unanswered": None}
    if addition.comparison is None:
        return {"estimand": addition.estimand, "unanswered": addition.unanswered}
    return {**_compared(addition.comparison, order, None), "unanswered": None}


# ---------------------------------------------------------------- comparisons
def _compared(comparison: EstimandComparison, order: Order, bounds: tuple[Bounds, Bounds] | None) -> dict[str, Any]:
    named = {} if bounds is None else {"first_": bounds[0], "second_": bounds[1]}
    return {
        "estimand": comparison.estimand,
        "second_is": comparison.relation,
        "note": comparison.note or None,
        **{
            side.side: {
                "both": _terms(side.both, order),
                "disappear": _terms(side.disappear, order),
                "appear": _terms(side.appear, order),
            }
            for side in comparison.sides
        },
        "narrower_by_at_most": {each.of: _narrowing(each, named, order) for each in comparison.narrowings},
    }


def sampled_json(comparison: SampledComparison) -> dict[str, Any]:
    """What was seen at random distributions: no proof of others."""
    return {
        "estimand": comparison.estimand,
        "distributions": comparison.laws,
        "second_is": comparison.relation,
        "proved": comparison.proved,
        "narrower_by_as_much_as": {
            each.of: {"most": str(each.most), "at": {name: str(value) for name, value in each.at} or None}
            for each in comparison.narrowings
        },
    }


def _narrowing(narrowing: Narrowing, bounds: dict[str, Bounds], order: Order) -> dict[str, Any]:
    return {
        "status": narrowing.status,
        "most": None if narrowing.most is None else str(narrowing.most),
        "attained_at": _distribution(narrowing.at, bounds, order),
    }


def _distribution(
    distribution: Distribution | None, bounds: Mapping[str, Bounds | PiecewiseBounds], order: Order
) -> dict[str, Any] | None:
    """A population and its data; with the bounds there, by a prefix of their names."""
    if distribution is None:
        return None
    ends = {prefix: distribution.bounds(each) for prefix, each in bounds.items()}
    return {
        "strata": {str(stratum): str(weight) for stratum, weight in distribution.strata},
        "cells": _numbers(list(order.observed_values(dict(distribution.cells)).items())),
        "parameters": _numbers(distribution.parameters),
        **{f"{prefix}bounds": [None if end is None else str(end) for end in pair] for prefix, pair in ends.items()},
    }


def _numbers(values: Sequence[tuple[str, Fraction]]) -> dict[str, str]:
    return {name: str(value) for name, value in values}


def _terms(terms: Sequence[Term], order: Order) -> list[dict[str, Any]]:
    return [term_json(term, order) for term in terms]
