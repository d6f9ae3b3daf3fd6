"""The part of a certificate that proves a ratio by what is unknown whose coefficients are functions of the data.

In rows of numbers (`weighted_certificate`) it is a ratio of numbers (`ratio_certificate`), divided by what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from boundgen.bounds.derived import Derivation
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.polynomials import ONE
from boundgen.verification import check_certificate as checker
from boundgen.verification.certificate_parts import (
    Json,
    NotCertifiedError,
    dependent_rows,
    possible_program,
)
from boundgen.verification.ratio_certificate import RatioSideProof, StratumWeights, population_json, ratio_program
from boundgen.verification.weighted_certificate import RowsOfNumbers, certifiable
from boundgen.work.limits import Budget


def quotient_json(derivation: Derivation, bounds: PiecewiseBounds, head: Json, budget: Budget) -> Json:
    """All of one estimand, which the checker has found to hold.

    Parameters
    ----------
    derivation : Derivation
    bounds : PiecewiseBounds
    head : dict
        What the certificate says of the model.
    budget : Budget

    Returns
    -------
    dict

    Raises
    ------
    NotCertifiedError
        Where a step of the proof is not found.
    """
    try:
        each, certificate = certifiable(derivation, bounds, budget), checker.Certificate(checker.Node(head))
        rows = RowsOfNumbers(derivation, each, certificate, budget, ratio=True)
        document = _document(derivation, bounds, rows, head, budget)
        program = checker.WeightedRatio(certificate, checker.Node(document, "quotients[0]"))
        checker.check_ratio(program, program.node)
    except (checker.Wrong, checker.Malformed) as error:
        raise NotCertifiedError(str(error)) from None
    return document


def _document(derivation: Derivation, bounds: PiecewiseBounds, rows: RowsOfNumbers, head: Json, budget: Budget) -> Json:
    original, parameters = ratio_program(bounds), (*derivation.model.parameters, *bounds.normal.free)
    program = possible_program(parameters, original)
    dependent = tuple(dependent_rows(program.program))
    document = rows.program_json()
    for entry, column in zip(document["columns"], original.columns, strict=True):
        entry |= {"cost": str(column.cost), "event": str(column.event)}
    document["dependent"] = list(dependent)
    over = bounds.normal.over
    known = [part.term for part in (over.numerator, over.denominator) if part.term is not None and part.names]
    witness = _Witnesses(derivation, bounds, document, head)
    assert bounds.ratio
    for name, side in zip(("lower", "upper"), bounds.ratio, strict=True):
        proof = RatioSideProof(parameters, side, program, dependent, witness.of, budget, known)
        document[name] = proof.json()
    return document


class _Witnesses:
    """Populations in unknowns that are strata divided by shares, as populations of the model."""

    def __init__(self, derivation: Derivation, bounds: PiecewiseBounds, document: Json, head: Json) -> None:
        self.parameters, self.rows = derivation.model.parameters, bounds.normal.program.rows
        self.program = checker.WeightedRatio(
            checker.Certificate(checker.Node(head)), checker.Node(document, "quotients[0]")
        )
        self.scales = bounds.normal.scales

    def of(self, strata: StratumWeights, at: Mapping[str, Fraction]) -> Json | None:
        """The population, where its data are those that it was found at."""
        found = population_json(self.parameters, self._undivided(strata), at)
        found["laws"] = self._laws()
        try:
            _, event, data = self.program.ratio_at(checker.Node(found, "witness"))
        except checker.Wrong:
            return None
        rights = [function.at(data) for function in self.program.functions]
        same = all(right == row.right.value(at) for right, row in zip(rights, self.rows, strict=True))
        return found if event and same else None

    def _undivided(self, strata: StratumWeights) -> StratumWeights:
        """Times shares, which may be any that sum to one: they are the same."""
        plain = sum((w for j, w in strata.items() if self.scales[j] == ONE), Fraction(0))
        groups = {self.scales[j] for j in strata} - {ONE}
        share = (1 - plain) / len(groups) if groups else Fraction(1)
        return {j: w if self.scales[j] == ONE else w * share for j, w in strata.items()}

    def _laws(self) -> dict[str, str]:
        """Laws of randomized variables that are even."""
        laws = [block for block in self.program.certificate.blocks if block.law]
        return {cell: str(Fraction(1, len(block.cells))) for block in laws for cell in block.cells.values()}
