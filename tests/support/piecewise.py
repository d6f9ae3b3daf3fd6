"""Bounds with pieces, made by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from typing import Literal

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_printing import printed_piecewise
from boundgen.bounds.symbols import Notation, notation
from boundgen.derivation import derive
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.language.model import Model
from boundgen.language.statements import Observation
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram
from boundgen.strata.cells import observed_arms
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Limits

NUMBER = re.compile(r"\d+(/\d+)?")


def observed(model: Model, *observations: Observation) -> Model:
    """A model that observes more, whether or not the language has words for it."""
    model = replace(model)
    object.__setattr__(model, "observations", (*model.observations, *observations))
    return model


class Hand:
    """Sides in short symbols: ``hand.side("max", ("p11.0 - g", "p1.0 - g", ["p1.0 - g > 0"]), "0")``."""

    def __init__(self, text: str, *observations: Observation) -> None:
        self.model = observed(Model.parse(text), *observations)
        self.arms = observed_arms(self.model, Limits())
        self.notation: Notation = notation(self.model, self.arms)
        self.names = {short: name for name, short in self.notation.texts(unicode=False).items()}
        problem = derive(Model.parse(text), conditions=False).problem
        self.definitions = dict(problem.definitions)
        self.reading = replace(problem, model=self.model, arms=self.arms).reader

    def polynomial(self, text: str) -> Polynomial:
        """``1 - 2*p11.0 + P(Z=0)*p1.1``."""
        parts = re.split(r"\s+(?=[+-]\s)", text.strip())
        return Polynomial.total(self._product(part) for part in parts)

    def _product(self, text: str) -> Polynomial:
        sign = -1 if text.startswith("-") else 1
        found = Polynomial.number(sign)
        for factor in text.lstrip("+- ").split("*"):
            found *= self._factor(factor)
        return found

    def _factor(self, text: str) -> Polynomial:
        if NUMBER.fullmatch(text):
            return Polynomial.number(Fraction(text))
        if text in self.definitions:
            return Polynomial.linear(self.definitions[text])
        return Polynomial.name(self.names[text])

    def function(self, text: str) -> RationalFunction:
        """``a : b`` or a polynomial."""
        above, _, below = text.partition(" : ")
        return RationalFunction(self.polynomial(above), self.polynomial(below) if below else ONE)

    def guard(self, text: str) -> Guard:
        """``a > 0`` or ``a >= 0``."""
        value, relation, _ = re.split(r" (>=?) 0()", text)[:3]
        assert relation in (">", ">=")
        return Guard(self.polynomial(value), ">" if relation == ">" else ">=")

    def piece(self, *summands: tuple[str, Sequence[str]], guards: Sequence[str] = ()) -> Piece:
        """A sum of (weight, options)."""
        found = [Summand(self.polynomial(w), tuple(map(self.function, options))) for w, options in summands]
        return Piece(tuple(map(self.guard, guards)), tuple(found))

    def fractions(self, op: Literal["max", "min"], *pieces: str) -> PiecewiseSide:
        """Each ``a : b if c > 0 and d >= 0``."""
        found = []
        for text in pieces:
            value, _, guards = text.partition(" if ")
            found.append(self.piece(("1", [value]), guards=guards.split(" and ") if guards else ()))
        return PiecewiseSide(op, tuple(found))

    def bounds(
        self,
        name: str,
        lower: PiecewiseSide,
        upper: PiecewiseSide,
        denominator: str = "",
        columns: Sequence[tuple[int, int]] = (),
        known_divisor: bool = True,
    ) -> PiecewiseBounds:
        """What is printed; columns are pairs of cost and divisor."""
        program = WeightedProgram(
            (),
            tuple(
                WeightedColumn(Stratum(()), (), Polynomial.number(cost), Polynomial.number(divisor))
                for cost, divisor in columns
            ),
            RationalFunction(ONE),
            known_divisor,
        )
        values = {
            "name": name,
            "lower": lower,
            "upper": upper,
            "denominator": self.polynomial(denominator) if denominator else None,
            "identified": False,
            "conditions": (),
            "notation": self.notation,
            "arms": self.arms,
            "parameters": self.model.parameters,
            "program": program,
            "simplifier": self.reading,
            "missing": (),
        }
        # Printing does not look at what values at data are found by.
        others = [each.name for each in fields(PiecewiseBounds) if each.name not in values]
        return printed_piecewise(PiecewiseBounds(**dict.fromkeys(others), **values))
