"""A polynomial program at data that is linear once what occurs as a factor alone is inverted.

Where a variable is seen under a selection that has no cause in common with it, cells are ``q s``: a probability of the
one times that of the other, which occurs nowhere by itself. With ``u = 1 / s``, which is at least one, ``q = cell u``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.exact.polynomials import Polynomial
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow


def inverted(program: PolynomialProgram) -> PolynomialProgram:
    """The program with each share that occurs as a factor alone replaced by its inverse, less one.

    Parameters
    ----------
    program : PolynomialProgram
        At data.

    Returns
    -------
    PolynomialProgram
        What is replaced keeps its name, and may be larger than one.
    """
    rows = list(program.rows)
    for name in program.shares:
        found = _inverted(rows, name, program.numerator.names | program.divisor.names)
        rows = rows if found is None else found
    return replace(program, rows=tuple(rows))


def _inverted(rows: Sequence[PolynomialRow], name: str, asked: frozenset[str]) -> list[PolynomialRow] | None:
    """The rows in the inverse of a share, less one, by its name; None where it does not occur as a factor alone."""
    own = [row for row in rows if name in row.polynomial.names]
    products = [row for row in own if _is_product(row, name)]
    totals = [row for row in own if row not in products and _is_total(row, rows, asked)]
    if name in asked or not products or len(totals) != 1 or len(products) + 1 < len(own):
        return None
    found = [row for row in rows if row not in own]
    if not any(dict(row.polynomial.terms).get(()) for row in products):
        # It may be zero, and then says nothing of what it multiplies.
        return found
    for row in products:
        rest = Polynomial.of((_without(names, name) if names else (), c) for names, c in row.polynomial.terms)
        constant = dict(row.polynomial.terms).get((), Fraction(0))
        found.append(PolynomialRow(rest + Polynomial.name(name).scaled(constant), "="))
    return found


def _is_product(row: PolynomialRow, name: str) -> bool:
    """``name times a sum of others, less a number``."""
    terms = [names for names, _ in row.polynomial.terms if names]
    return row.relation == "=" and all(len(names) == 2 and names.count(name) == 1 for names in terms)


def _is_total(row: PolynomialRow, rows: Sequence[PolynomialRow], asked: frozenset[str]) -> bool:
    """Whether it says no more of the one share that stands elsewhere than that it is at most one."""
    names = row.polynomial.names
    elsewhere = asked.union(*(other.polynomial.names for other in rows if other != row))
    total = Polynomial.of([((), -1), *(((name,), 1) for name in names)])
    return row.relation == "=" and row.polynomial == total and len(names & elsewhere) == 1 and len(names) > 1


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    left = list(names)
    left.remove(name)
    return tuple(left)
