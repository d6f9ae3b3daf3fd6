"""A polynomial program at data that is linear once what occurs as a factor alone is inverted.

Where a variable is seen under a selection that has no cause in common with it, cells are ``q s``: a probability of the
one times that of the other, which occurs nowhere by itself. With ``u = 1 / s``, which is at least one, ``q = cell u``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.exact.polynomials import Polynomial
from boundgen.program.known_products import with_known_products
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow
from boundgen.program.weighted_program import WeightedProgram


def linear_at_data(program: PolynomialProgram) -> WeightedProgram | None:
    """The program as a linear one, where what it identifies and inversion leave no product of shares; else None.

    Parameters
    ----------
    program : PolynomialProgram
        At data.

    Returns
    -------
    WeightedProgram or None
    """
    direct = inverted(program).linear()
    return inverted(among_seen(with_known_products(program))).linear() if direct is None else direct


def among_seen(program: PolynomialProgram) -> PolynomialProgram:
    """Where all that is asked is of units that are seen: the program over their shares alone, ``φ = q s``.

    Where each response type shows itself in one cell nothing else restricts these: units that are not seen make up
    for the rest.

    Parameters
    ----------
    program : PolynomialProgram
        At data.

    Returns
    -------
    PolynomialProgram
        The same one where it is not of that kind.
    """
    asked = {names for each in (program.numerator, program.divisor) for names, _ in each.terms if names}
    for name in sorted(frozenset[str]().union(*asked)):
        cells = [row for row in program.rows if name in row.polynomial.names and _is_product(row, name)]
        if cells and any(len(names) == 2 and name in names for names in asked):
            return _of_seen(program, asked) or program
    return program


def _of_seen(program: PolynomialProgram, asked: Collection[tuple[str, ...]]) -> PolynomialProgram | None:
    """With the name of each type for its share among those who are seen; None where more is said of types."""
    chances = {name for name in program.shares if any(_is_cell(row, name) for row in program.rows)}
    types: dict[str, str] = {}
    cells, rest = [], []
    for row in program.rows:
        chance = next((name for name in sorted(row.polynomial.names & chances) if _is_cell(row, name)), None)
        if chance is None:
            rest.append(row)
            continue
        cells.append(PolynomialRow(_without_name(row.polynomial, chance), "="))
        for own in cells[-1].polynomial.names:
            if own in types or own in chances:
                return None
            types[own] = chance
    whole = Polynomial.of([((), -1), *(((name,), 1) for name in types)])
    is_seen = all(len(names) == 2 and {types.get(names[0]), types.get(names[1])} & set(names) for names in asked)
    totals = [row for row in rest if row.polynomial.names & (types.keys() | chances) and row.polynomial != whole]
    if not is_seen or not any(row.polynomial == whole for row in rest):
        return None
    if not all(_is_total(row, program.rows, frozenset(types.keys() | chances)) for row in totals):
        return None
    above, below = (
        Polynomial.of((tuple(name for name in names if name in types), c) for names, c in each.terms)
        for each in (program.numerator, program.divisor)
    )
    rows = [
        *cells,
        PolynomialRow(-whole, ">="),
        *(row for row in rest if row not in totals and row.polynomial != whole),
    ]
    return replace(program, rows=tuple(rows), numerator=above, divisor=below)


def _is_cell(row: PolynomialRow, chance: str) -> bool:
    """``chance times a sum of types, less a number``, where the chance is what stands in all products."""
    return chance in row.polynomial.names and _is_product(row, chance)


def _without_name(polynomial: Polynomial, name: str) -> Polynomial:
    return Polynomial.of((_without(names, name) if names else (), c) for names, c in polynomial.terms)


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
