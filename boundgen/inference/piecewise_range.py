"""The range of an estimand that is a ratio, or whose program has weights, whatever the data are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import inf, prod

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.exact.rational import Number
from boundgen.inference.estimand_range import Range
from boundgen.program.factored_program import Factor, FactoredProgram, FactoredTerm
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram
from boundgen.strata.cells import Arm

# Numerator and divisor of units that are alike.
StratumParts = tuple[Fraction, Fraction]
MOST_LAWS = 1_000
UNIT = FactoredTerm(ONE, ())
# Of response types of several factors together.
MOST_TYPES = 20_000


def piecewise_range(bounds: PiecewiseBounds, parameters: Mapping[str, Number]) -> Range | None:
    """The range of an estimand at these values of the parameters; None where its divisor may have either sign.

    A ratio of sums lies between the least and the largest ratio of their parts: those of strata, at each law that
    gives all probability to one value. Assumptions that compare probabilities are not counted but for ratios.
    """
    found = _of_ratio(bounds, parameters) if bounds.ratio else None
    if found is not None:
        return found
    parts = _parts(bounds, parameters)
    if parts is None or any(divisor < 0 for _, divisor in parts):
        return None
    ratios = [above / below for above, below in parts if below]
    if not ratios:
        return None
    low = -inf if any(above < 0 for above, below in parts if not below) else min(ratios)
    high = inf if any(above > 0 for above, below in parts if not below) else max(ratios)
    return None if low == -inf and high == inf else Range(low, high)


def _of_ratio(bounds: PiecewiseBounds, parameters: Mapping[str, Number]) -> Range | None:
    assert bounds.ratio
    over = bounds.normal.over.value(parameters)
    if bounds.normal.over.names - parameters.keys() or not over or over < 0:
        return None
    lower, upper = (side.constant for side in bounds.ratio)
    return Range(-inf if lower is None else lower / over, inf if upper is None else upper / over)


def _parts(bounds: PiecewiseBounds, parameters: Mapping[str, Number]) -> list[StratumParts] | None:
    """What each stratum adds to numerator and divisor, at each law; None where that is not said by the program."""
    if bounds.factored is not None:
        return _factored_parts(bounds.factored, bounds.arms, parameters)
    program = bounds.program
    columns = [_column(program, column) for column in program.columns]
    if program.over.denominator != ONE:
        return None
    polynomials = [polynomial for each in columns for polynomial in each or ()]
    names = frozenset[str]().union(*(polynomial.names for polynomial in polynomials))
    laws = list(_laws(bounds.arms, names))
    inside = all(_is_of_each_law_once(polynomial, laws) for polynomial in polynomials)
    if None in columns or not inside or _are_unknown(names, laws, parameters) or prod(map(len, laws)) > MOST_LAWS:
        return None
    found: dict[StratumParts, None] = {}
    for values in itertools.product(*laws):
        at = {**dict.fromkeys((name for name in values if name), 1), **parameters}
        found |= dict.fromkeys((each[0].value(at), each[1].value(at)) for each in columns if each)
    return list(found)


def _factored_parts(
    program: FactoredProgram, arms: Sequence[Arm], parameters: Mapping[str, Number]
) -> list[StratumParts] | None:
    """What units add of whom every factor's response type is known: of independent laws these are the extreme ones."""
    terms = [*program.numerator, *(program.divisor or ())]
    names = frozenset[str]().union(*(term.coefficient.names for term in terms))
    laws, types = list(_laws(arms, names)), [list(dict.fromkeys(_inside(factor))) for factor in program.factors]
    inside = all(_is_of_each_law_once(term.coefficient, laws) for term in terms)
    if not inside or _are_unknown(names, laws, parameters):
        return None
    if prod(map(len, laws)) * prod(map(len, types)) > MOST_TYPES:
        return None
    found: dict[StratumParts, None] = {}
    for values in itertools.product(*laws):
        at = {**dict.fromkeys((name for name in values if name), 1), **parameters}
        above, below = (
            [(term.coefficient.value(at), term.events) for term in part]
            for part in (program.numerator, program.divisor or (UNIT,))
        )
        for chosen in itertools.product(*types):
            found[_sum(above, chosen), _sum(below, chosen)] = None
    return list(found)


def _inside(factor: Factor) -> Iterator[frozenset[int]]:
    """Of each response type the events that it is in."""
    for j in range(len(factor.columns)):
        yield frozenset(k for k, event in enumerate(factor.events) if j in event)


def _sum(terms: Sequence[tuple[Fraction, tuple[tuple[int, int], ...]]], chosen: Sequence[frozenset[int]]) -> Fraction:
    happen = (coefficient for coefficient, events in terms if all(event in chosen[k] for k, event in events))
    return sum(happen, Fraction(0))


def _column(program: WeightedProgram, column: WeightedColumn) -> tuple[Polynomial, Polynomial] | None:
    """Numerator and divisor of a stratum, in laws and parameters."""
    if not program.identified:
        return column.cost, column.divisor * program.over.numerator
    entries = {program.rows[i].name: entry for i, entry in column.entries if program.rows[i].kind == "cell"}
    rows = {row.name for row in program.rows if row.kind == "cell"}
    found = []
    for names, coefficient in program.over.numerator.terms:
        cells = [name for name in names if name in rows]
        if len(cells) > 1:
            return None
        entry = entries[cells[0]].numerator.constant if cells and cells[0] in entries else Fraction(0 if cells else 1)
        if entry is None:
            return None
        found.append((tuple(name for name in names if name not in rows), coefficient * entry))
    return column.cost, Polynomial.of(found)


def _laws(arms: Sequence[Arm], names: frozenset[str]) -> Iterator[list[str]]:
    """The cells of each arm of which some occur; an empty name for units in none of them."""
    for arm in arms:
        cells = [cell.name for cell in arm.cells]
        if names & set(cells):
            yield cells if arm.complete else [*cells, ""]


def _is_of_each_law_once(polynomial: Polynomial, laws: Sequence[Sequence[str]]) -> bool:
    return all(sum(name in law for name in names) < 2 for names, _ in polynomial.terms for law in laws)


def _are_unknown(names: frozenset[str], laws: Sequence[Sequence[str]], parameters: Mapping[str, Number]) -> bool:
    """Whether some of what is multiplied is no cell and no parameter, so that it may be anything."""
    return not names <= {*parameters, *itertools.chain(*laws)}
