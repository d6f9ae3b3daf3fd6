"""What certificates of linear programs and of ratios are made of: data, programs without impossible strata, JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from boundgen.bounds.derived import Derivation
from boundgen.bounds.posing import has_constant_rows
from boundgen.bounds.to_json import term_json
from boundgen.exact.linear_algebra import Span, transpose
from boundgen.exact.polynomials import RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.proof import nonnegativity_proof
from boundgen.polyhedra.region import AffineFunction, Region, data_region, model_region
from boundgen.program.linear_program import Column, LinearProgram, Row, right_side
from boundgen.program.zeros import remove_zeros
from boundgen.strata.cells import Assignment, Cell
from boundgen.strata.stratum import response_name
from boundgen.verification import check_certificate as checker

Json = dict[str, Any]
ProofLabels = Sequence[tuple[str, str]]


class NotCertifiedError(ValueError):
    """No certificate is found; the message says why."""


# ---------------------------------------------------------------- data
@dataclass(frozen=True)
class CertifiedData:
    """Observable distributions: without and with the testable implications."""

    all: Region
    allowed: Region
    conditions: tuple[Term, ...]
    labels: ProofLabels

    def implied(self, term: Term) -> Json:
        """Why a function of the data is not negative where the testable implications hold."""
        multiples = nonnegativity_proof(self.allowed, self.allowed.function(term))
        if multiples is None:
            raise NotCertifiedError("its testable implications were not derived")
        return labelled(self.labels, multiples)


def certified_conditions(derivation: Derivation) -> tuple[Term, ...] | None:
    """The testable implications, where rows are numbers as they stand; no others are part of a certificate."""
    return derivation.conditions if has_constant_rows(derivation.model) else None


def certified_data(derivation: Derivation) -> CertifiedData:
    """What the data may be, by a derivation."""
    parameters, conditions = derivation.model.parameters, certified_conditions(derivation) or ()
    region = data_region(derivation.arms, parameters)
    demands = tuple(Constraint(*region.function(term)) for term in conditions)
    labels = [
        *range_labels(parameters),
        *(("arms", str(k)) for k in range(len(derivation.arms))),
        *(("conditions", str(k)) for k in range(len(conditions))),
    ]
    return CertifiedData(region, replace(region, constraints=(*region.constraints, *demands)), conditions, labels)


# ---------------------------------------------------------------- programs
@dataclass(frozen=True)
class PossibleProgram:
    """A program without its impossible strata, and where its columns stand in the whole one."""

    program: LinearProgram
    places: tuple[int, ...]
    region: Region
    labels: ProofLabels

    def proof(self, function: AffineFunction) -> Json:
        """Why a function of strata and parameters is nowhere negative."""
        multiples = nonnegativity_proof(self.region, function)
        assert multiples is not None
        return labelled(self.labels, multiples)

    def equality(self, function: AffineFunction) -> list[Json]:
        """Why a function is zero: nowhere negative, nowhere positive."""
        coefficients, constant = function
        return [self.proof(function), self.proof(({i: -c for i, c in coefficients.items()}, -constant))]


def possible_program(parameters: Sequence[Parameter], original: LinearProgram) -> PossibleProgram:
    """A program without its impossible strata; parameters are what stands on the right of rows beside cells."""
    zeros = remove_zeros(original)
    demands = [("rows", str(i)) for i, row in enumerate(original.rows) if row.kind != "cell"]
    region = model_region(zeros.program, parameters)
    return PossibleProgram(zeros.program, zeros.columns, region, [*range_labels(parameters), *demands])


def dependent_rows(program: LinearProgram) -> dict[int, dict[int, Fraction]]:
    """Equality rows that are combinations of earlier ones."""
    rows = transpose((column.entries for column in program.columns), len(program.rows))
    span = Span()
    found: dict[int, dict[int, Fraction]] = {}
    for i in program.equalities:
        multiples = span.add(i, rows[i])
        if multiples is not None:
            found[i] = multiples
    return found


def dependence_json(program: LinearProgram, data: CertifiedData, row: int, multiples: dict[int, Fraction]) -> Json:
    """The demand that a dependent row makes of the data is among the testable implications."""
    full = [multiples.get(i, Fraction(0)) for i in range(len(program.rows))]
    demand = program.rows[row].right - right_side(program, full)
    return {
        "row": row,
        "multiples": numbers_json((str(i), c) for i, c in multiples.items()),
        "implied": [data.implied(demand), data.implied(-demand)],
    }


# ---------------------------------------------------------------- pieces of JSON
def range_labels(parameters: Sequence[Parameter]) -> list[tuple[str, str]]:
    """The labels of the constraints of parameter ranges, in the order of a region."""
    found = []
    for parameter in parameters:
        found += [("low", parameter.name)] if parameter.low is not None else []
        found += [("high", parameter.name)] if parameter.high is not None else []
    return found


def labelled(labels: ProofLabels, multiples: Sequence[Fraction]) -> Json:
    """Multiples by kind and name, without zeros."""
    found: Json = {}
    for (kind, name), value in zip(labels, multiples, strict=True):
        if value:
            found.setdefault(kind, {})[name] = str(value)
    return found


def term_of(derivation: Derivation, term: Term) -> Json:
    """A linear function of the data."""
    return term_json(term, derivation.order)


def row_json(derivation: Derivation, row: Row) -> Json:
    """A row."""
    return {"kind": row.kind, "name": row.name, "relation": row.relation, "right": term_of(derivation, row.right)}


def stratum_json(column: Column) -> Json:
    """Its potential outcomes with their values."""
    return {response_name(response): str(value) for response, value in column.stratum.responses}


def column_json(column: Column) -> Json:
    """A stratum with its entries."""
    return {
        "stratum": stratum_json(column),
        "entries": numbers_json((str(i), entry) for i, entry in column.entries),
        "cost": str(column.cost),
        "event": str(column.event),
    }


def multiples_json(values: Sequence[Fraction]) -> Json:
    """Multiples by number."""
    return numbers_json((str(i), value) for i, value in enumerate(values))


def numbers_json(pairs: Iterable[tuple[str, Number]]) -> Json:
    """Rationals as strings, without zeros."""
    return {name: str(value) for name, value in pairs if value}


def cell_json(cell: Cell) -> Json:
    """An observed probability."""
    found = {"name": cell.name, "event": values_json(cell.event), "context": values_json(cell.context)}
    return found | ({"selection": values_json(cell.selection)} if cell.selection else {})


def values_json(assignment: Assignment) -> Json:
    """Variables with their values."""
    return {name: str(value) for name, value in assignment}


def end_json(value: Fraction | None) -> str | None:
    """An end of a range."""
    return None if value is None else str(value)


# ---------------------------------------------------------------- functions as the checker has them
def checked_function(function: RationalFunction) -> checker.Function:
    """A quotient as the checker reads it."""
    below = [checker.Polynomial(dict(function.denominator.terms))]
    return checker.Function(checker.Polynomial(dict(function.numerator.terms)), below)


def checked_function_json(function: checker.Function) -> Json:
    """A quotient of the checker."""
    below = checker.ONE_
    for factor in function.below:
        below = below * factor
    return {"numerator": checked_polynomial_json(function.above), "denominator": checked_polynomial_json(below)}


def checked_polynomial_json(polynomial: checker.Polynomial) -> Json:
    """A polynomial of the checker."""
    terms = dict(polynomial.terms)
    constant = terms.pop((), Fraction(0))
    return {"constant": str(constant), "coefficients": {"*".join(names): str(c) for names, c in terms.items()}}
