"""Whether a bound contains a value at every observable distribution: a proof for each term, or a population."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.polyhedra.proof import nonnegativity_proof
from boundgen.polyhedra.region import AffineFunction
from boundgen.questions.observable import Observable, Reason


@dataclass(frozen=True)
class Part:
    """A positive multiple of something that is not negative."""

    multiple: Fraction
    reason: Reason


@dataclass(frozen=True)
class ContainmentProof:
    """Why a term is nowhere on the wrong side: the difference is a sum of parts that are not negative.

    Parameters
    ----------
    term : Term
        Of the bound.
    relation : {"<=", ">="}
    right : Term
        The value, times the denominator where there is one.
    parts : tuple of Part
        Their sum is the distance of the term from the value, where the cells of each arm sum to one. No parts:
        the distance is zero.
    """

    term: Term
    relation: Literal["<=", ">="]
    right: Term
    parts: tuple[Part, ...]


def proof(observable: Observable, term: Term, right: Term, sign: int) -> ContainmentProof | None:
    """Why ``sign * term <= sign * right`` wherever the model can be observed; None where it is not so."""
    function = observable.region.function((right - term).scaled(sign))
    multiples = nonnegativity_proof(observable.region, function)
    if multiples is None:
        return None
    used = [
        Part(multiple, reason)
        for multiple, reason, constraint in zip(
            multiples, observable.reasons, observable.region.constraints, strict=True
        )
        if multiple and constraint.relation == ">="
    ]
    coefficients, constant = _left(observable, function, multiples)
    cells = [Part(Fraction(c), observable.cell(i)) for i, c in sorted(coefficients.items()) if c]
    number = [Part(Fraction(constant), Reason("number", Term(Fraction(1))))] if constant else []
    return ContainmentProof(term, "<=" if sign > 0 else ">=", right, (*cells, *used, *number))


def _left(observable: Observable, function: AffineFunction, multiples: tuple[Fraction, ...]) -> AffineFunction:
    """What is left of a function when the multiples of the constraints are taken away."""
    coefficients: dict[int, Number] = dict(function[0])
    constant = Fraction(function[1])
    for multiple, constraint in zip(multiples, observable.region.constraints, strict=True):
        constant -= multiple * constraint.constant
        for i, c in constraint.coefficients.items():
            coefficients[i] = coefficients.get(i, 0) - multiple * c
    return coefficients, constant
