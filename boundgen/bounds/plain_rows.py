"""Assumptions whose coefficients are functions of the data, with the help of what is observed as rows of numbers.

``a(w) · ψ <= r`` has a vector of coefficients for each product of weights in it. Where all of these are multiples of
one vector, but for combinations of observed rows, the assumption is ``f(w) v · ψ <= r - known``: if f has a sign, a row
of numbers. So it is where a mean in a group is compared with that in a larger one, whose total is observed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, Monomial, Polynomial, RationalFunction, over_one_denominator
from boundgen.program.weighted_program import WeightedProgram, WeightedRow

# A longer right side makes no form that anyone would read.
MOST_PRODUCTS_OF_A_RIGHT_SIDE = 24
ColumnNumbers = dict[int, Fraction]
IsNonnegative = Callable[[Polynomial], bool]


@dataclass(frozen=True)
class PlainRow:
    """``vector · ψ  (= or <=)  right``."""

    vector: ColumnNumbers
    right: RationalFunction


def with_plain_rows(program: WeightedProgram, is_nonnegative: IsNonnegative) -> WeightedProgram:
    """The program with each assumption as a row of numbers where it can be one.

    Parameters
    ----------
    program : WeightedProgram
    is_nonnegative : function of Polynomial
        Whether it is seen to be no negative number.

    Returns
    -------
    WeightedProgram
    """
    observed = Span()

    def has_sign(polynomial: Polynomial) -> bool:
        return is_nonnegative(polynomial.without(share.numerator for share in program.shares))

    vectors = {i: _numbers(program, i) for i in range(len(program.rows))}
    for i, row in enumerate(program.rows):
        if row.relation == "=" and (own := vectors[i]) is not None:
            observed.add(i, own)
    changed = {}
    for i, own in vectors.items():
        if own is None and (plain := _plain(program, i, observed, has_sign)) is not None:
            changed[i] = plain
    return _replaced(program, changed).merged()


def _numbers(program: WeightedProgram, i: int) -> ColumnNumbers | None:
    """The entries of a row, if they are numbers."""
    found = {}
    for j, entry in _entries(program, i):
        if entry.number is None:
            return None
        found[j] = entry.number
    return found


def _entries(program: WeightedProgram, i: int) -> Iterable[tuple[int, RationalFunction]]:
    return ((j, entry) for j, column in enumerate(program.columns) for k, entry in column.entries if k == i)


def _plain(program: WeightedProgram, i: int, observed: Span, is_nonnegative: IsNonnegative) -> PlainRow | None:
    row, entries = program.rows[i], dict(_entries(program, i))
    (right, *tops), over = over_one_denominator([row.right, *entries.values()])
    vectors: dict[Monomial, ColumnNumbers] = {}
    for j, top in zip(entries, tops, strict=True):
        for names, c in top.terms:
            vectors.setdefault(names, {})[j] = c
    base = next((vector for vector in vectors.values() if observed.depends(vector) is None), None)
    parted = None if base is None else _parted(program, vectors, observed, base)
    if base is None or parted is None or not is_nonnegative(over):
        return None
    factor, known = parted
    sign = 1 if is_nonnegative(factor) else -1
    if not is_nonnegative(factor.scaled(sign)):
        return None
    factor = factor.scaled(sign)
    rest = (RationalFunction(right) + -known) * RationalFunction(ONE, factor)
    rest = rest.without([factor, *(share.numerator for share in program.shares)])
    if len(rest.numerator.terms) + len(rest.denominator.terms) > MOST_PRODUCTS_OF_A_RIGHT_SIDE:
        return None
    return PlainRow({j: sign * c for j, c in base.items()}, rest)


def _parted(
    program: WeightedProgram, vectors: dict[Monomial, ColumnNumbers], observed: Span, base: ColumnNumbers
) -> tuple[Polynomial, RationalFunction] | None:
    """What multiplies the one vector, and what is known of the rest; None where one vector does not suffice."""
    factor, known = Polynomial(), RationalFunction(Polynomial())
    own = next(names for names, vector in vectors.items() if vector is base)
    remainders = observed.rest(base)
    for names, vector in vectors.items():
        multiple = Fraction(1) if names == own else _multiple(observed.rest(vector), remainders)
        if multiple is None:
            return None
        product = Polynomial(((names, Fraction(1)),))
        factor += product.scaled(multiple)
        left = {j: vector.get(j, Fraction(0)) - multiple * base.get(j, Fraction(0)) for j in {*vector, *base}}
        for i, c in (observed.depends({j: c for j, c in left.items() if c}) or {}).items():
            known += RationalFunction(product.scaled(c)) * program.rows[i].right
    return factor, known


def _multiple(one: ColumnNumbers, other: ColumnNumbers) -> Fraction | None:
    """The number by which the other is multiplied to give the one, which may be nothing."""
    if not one:
        return Fraction(0)
    place = next(iter(other))
    multiple = one.get(place, Fraction(0)) / other[place]
    return multiple if one == {j: multiple * c for j, c in other.items()} else None


def _replaced(program: WeightedProgram, changed: dict[int, PlainRow]) -> WeightedProgram:
    rows: list[WeightedRow] = [
        replace(row, right=changed[i].right) if i in changed else row for i, row in enumerate(program.rows)
    ]
    columns = []
    for j, column in enumerate(program.columns):
        own = {i: entry for i, entry in column.entries if i not in changed}
        own |= {i: RationalFunction.of_number(plain.vector[j]) for i, plain in changed.items() if plain.vector.get(j)}
        columns.append(replace(column, entries=tuple(sorted(own.items(), key=lambda entry: entry[0]))))
    return replace(program, rows=tuple(rows), columns=tuple(columns))
