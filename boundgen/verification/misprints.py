"""The likely misprint: one coefficient or one cell of a wrong term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.strata.cells import Arm

COEFFICIENTS = (1, -1, 2, -2, 0, 3, -3)


def likely_misprint(printed: Term, right: Term, arms: Sequence[Arm]) -> Term | None:
    """A term that differs from the printed one in one cell or one coefficient and equals the right one.

    Equal means modulo "the cells of a complete arm sum to one".
    """
    wanted = normal_form(right, arms)
    for candidate in _neighbours(printed, arms):
        if normal_form(candidate, arms) == wanted:
            return candidate
    return None


def normal_form(term: Term, arms: Sequence[Arm]) -> Term:
    """The one representative of a term without the last cell of any complete arm."""
    for arm in arms:
        last = term.mapping().get(arm.cells[-1].name)
        if arm.complete and last:
            term = term - Term.of(-last, {cell.name: last for cell in arm.cells})
    return term


def _neighbours(term: Term, arms: Sequence[Arm]) -> Iterator[Term]:
    """Other cells first, then other coefficients of cells, parameters and the number, then one cell more."""
    cells = [cell.name for arm in arms for cell in arm.cells]
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
