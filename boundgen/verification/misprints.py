"""The likely misprint: one coefficient or one cell of a wrong term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.strata.cells import Block

COEFFICIENTS = (1, -1, 2, -2, 0, 3, -3)


def likely_misprint(printed: Term, right: Term, blocks: Sequence[Block]) -> Term | None:
    """A term that differs from the printed one in one cell or one coefficient and equals the right one.

    Equal means modulo "the cells of a complete arm sum to one".
    """
    wanted = normal_form(right, blocks)
    for candidate in _neighbours(printed, blocks):
        if normal_form(candidate, blocks) == wanted:
            return candidate
    return None


def normal_form(term: Term, blocks: Sequence[Block]) -> Term:
    """The one representative of a term without the last cell of any complete arm."""
    for block in blocks:
        last = term.mapping().get(block.cells[-1].name)
        if block.complete and last:
            term = term - Term.of(-last, {cell.name: last for cell in block.cells})
    return term


def _neighbours(term: Term, blocks: Sequence[Block]) -> Iterator[Term]:
    """Other cells first, then other coefficients of cells, parameters and the number, then one cell more."""
    cells = [cell.name for block in blocks for cell in block.cells]
    coefficients = term.mapping()
    for name, c in coefficients.items():
        for other in cells:
            if name in cells and other != name:
                moved = {k: v for k, v in coefficients.items() if k != name}
                yield Term.of(term.constant, moved | {other: moved.get(other, Fraction(0)) + c})
    for name, c in coefficients.items():
        for value in COEFFICIENTS:
            if value != c:
                yield Term.of(term.constant, coefficients | {name: Fraction(value)})
    for value in COEFFICIENTS:
        if value != term.constant:
            yield Term.of(value, coefficients)
    for other in cells:
        for value in (1, -1):
            if other not in coefficients:
                yield Term.of(term.constant, coefficients | {other: Fraction(value)})
