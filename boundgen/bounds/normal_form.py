"""One form for all terms that are equal wherever the data can lie, for comparing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from boundgen.strata.cells import Block
from boundgen.terms import Number, Term, plain_number

# A function without a name: the number itself stands under this key.
NUMBER = ""
Coefficients = dict[str, Number]


def normal_form(blocks: Iterable[Block], equalities: Iterable[Term]) -> Callable[[Term], Term]:
    """What takes a term to its normal form, modulo "complete arms sum to one" and equalities of the data.

    Functions that are zero are brought to reduced echelon form; what is left of a term has none of their leading
    names, which makes it unique.
    """
    sums = [Term.of(-1, dict.fromkeys((cell.name for cell in block.cells), 1)) for block in blocks if block.complete]
    zeros = [_coefficients(zero) for zero in (*sums, *equalities)]
    echelon: dict[str, Coefficients] = {}
    for zero in zeros:
        rest = _reduced(zero, echelon)
        leading = max((name for name in rest if name != NUMBER), default=None)
        if leading is not None:
            scaled = {name: plain_number(Fraction(c) / rest[leading]) for name, c in rest.items()}
            echelon = {name: _reduced(row, {leading: scaled}) for name, row in echelon.items()} | {leading: scaled}

    def form(term: Term) -> Term:
        rest = _reduced(_coefficients(term), echelon)
        return Term.of(rest.pop(NUMBER, 0), rest)

    return form


def _coefficients(term: Term) -> Coefficients:
    found = {name: plain_number(c) for name, c in term.coefficients}
    return {**found, NUMBER: plain_number(term.constant)} if term.constant else found


def _reduced(coefficients: Coefficients, echelon: dict[str, Coefficients]) -> Coefficients:
    """Without the leading names of the echelon form."""
    for name in [name for name in coefficients if name in echelon]:
        factor = coefficients.get(name, 0)
        for other, c in echelon[name].items():
            value = coefficients.get(other, 0) - factor * c
            if value:
                coefficients[other] = plain_number(value)
            else:
                coefficients.pop(other, None)
    return coefficients
