"""Answers as JSON (``boundgen.answers/1``) and comparisons (``boundgen.comparison/1``); numbers are texts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.to_json import term_json
from boundgen.exact.terms import Term
from boundgen.questions.answers import Answers, EstimandAnswers
from boundgen.questions.assumptions import Addition, AssumptionAnswer
from boundgen.questions.comparison import EstimandComparison, ModelComparison, Narrowing
from boundgen.questions.containment import ContainmentProof
from boundgen.questions.distributions import Distribution
from boundgen.questions.extremes import SideAnswer
from boundgen.questions.point_identification import Collapse
from boundgen.work.unanswered import unanswered_json

ANSWERS, COMPARISON = "boundgen.answers/1", "boundgen.comparison/1"
Order = tuple[str, ...]


def answers_json(found: Answers) -> dict[str, Any]:
    """All answers about a model."""
    order = found.derivation.order
    return {
        "schema": ANSWERS,
        "model": found.derivation.model.name,
        "value": str(found.value),
        "estimands": [_estimand(each, order) for each in found.estimands],
        "assumptions": [_assumption(each, order) for each in found.assumptions],
        **unanswered_json(found.derivation.unanswered),
    }


def comparison_json(found: ModelComparison) -> dict[str, Any]:
    """All that changes between two models."""
    order = found.notation.order
    bounds = {each.name: (each, other) for each, other in zip(found.first.bounds, found.second.bounds, strict=True)}
    return {
        "schema": COMPARISON,
        "first": found.first.model.name,
        "second": found.second.model.name,
        "notes": list(found.notes),
        "estimands": [_compared(each, order, bounds[each.estimand]) for each in found.estimands],
        "conditions": {"appear": _terms(found.appear, order), "disappear": _terms(found.disappear, order)},
        **unanswered_json(found.unanswered),
    }


# ---------------------------------------------------------------- estimands
def _estimand(found: EstimandAnswers, order: Order) -> dict[str, Any]:
    over = found.bounds.denominator
    return {
        "name": found.bounds.name,
        "denominator": None if over is None else term_json(over, order),
        "contains_value": found.contains_value,
        "lower": _side(found.lower, found.bounds, order),
        "upper": _side(found.upper, found.bounds, order),
        "identified": {
            "where": found.identified.where,
            "pairs": found.identified.pairs,
            "faces": [_face(each, order) for each in found.identified.faces],
        },
    }


def _side(found: SideAnswer, bounds: Bounds, order: Order) -> dict[str, Any]:
    return {
        "never_above_value" if found.side == "lower" else "never_below_value": found.always,
        "proofs": [_proof(each, order) for each in found.proofs],
        "witness": _distribution(found.witness, {"": bounds}),
        "largest" if found.side == "lower" else "smallest": None if found.extreme is None else str(found.extreme),
        "attained_at": _distribution(found.at, {"": bounds}),
    }


def _proof(found: ContainmentProof, order: Order) -> dict[str, Any]:
    return {
        "term": term_json(found.term, order),
        "relation": found.relation,
        "right": term_json(found.right, order),
        "parts": [
            {
                "multiple": str(part.multiple),
                "because": part.reason.kind,
                "not_negative": term_json(part.reason.term, order),
            }
            for part in found.parts
        ],
    }


def _face(found: Collapse, order: Order) -> dict[str, Any]:
    return {
        "equations": _terms(found.equations, order),
        "value": None if found.value is None else str(found.value),
        "term": term_json(found.term, order),
    }


# ---------------------------------------------------------------- assumptions
def _assumption(found: AssumptionAnswer, order: Order) -> dict[str, Any]:
    return {
        "name": found.name,
        "assumption": found.written,
        "unanswered": found.unanswered or None,
        "redundant": found.redundant,
        "violation": _distribution(found.violation, {}),
        "testable": found.testable,
        "implications": _terms(found.implications, order),
        "refuting": _distribution(found.refuting, {}),
        "adds": [_addition(each, order) for each in found.additions],
    }


def _addition(found: Addition, order: Order) -> dict[str, Any]:
    if found.comparison is None:
        return {"estimand": found.estimand, "unanswered": found.unanswered}
    return {**_compared(found.comparison, order, None), "unanswered": None}


# ---------------------------------------------------------------- comparisons
def _compared(found: EstimandComparison, order: Order, bounds: tuple[Bounds, Bounds] | None) -> dict[str, Any]:
    named = {} if bounds is None else {"first_": bounds[0], "second_": bounds[1]}
    return {
        "estimand": found.estimand,
        "second_is": found.relation,
        "note": found.note or None,
        **{
            side.side: {
                "both": _terms(side.both, order),
                "disappear": _terms(side.disappear, order),
                "appear": _terms(side.appear, order),
            }
            for side in found.sides
        },
        "narrower_by_at_most": {each.of: _narrowing(each, named) for each in found.narrowings},
    }


def _narrowing(found: Narrowing, bounds: dict[str, Bounds]) -> dict[str, Any]:
    return {
        "status": found.status,
        "most": None if found.most is None else str(found.most),
        "attained_at": _distribution(found.at, bounds),
    }


def _distribution(found: Distribution | None, bounds: dict[str, Bounds]) -> dict[str, Any] | None:
    """A population and its data; with the bounds there, by a prefix of their names."""
    if found is None:
        return None
    ends = {prefix: found.bounds(each) for prefix, each in bounds.items()}
    return {
        "strata": {str(stratum): str(weight) for stratum, weight in found.strata},
        "cells": _numbers(found.cells),
        "parameters": _numbers(found.parameters),
        **{f"{prefix}bounds": [str(end) for end in pair] for prefix, pair in ends.items()},
    }


def _numbers(values: Sequence[tuple[str, Fraction]]) -> dict[str, str]:
    return {name: str(value) for name, value in values}


def _terms(terms: Sequence[Term], order: Order) -> list[dict[str, Any]]:
    return [term_json(term, order) for term in terms]
