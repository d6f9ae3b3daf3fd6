"""Laws of the data near others: where equations stay true, or where the laws of factors are drawn apart."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import Polynomial
from boundgen.strata.cells import Arm

AnyLaw = Mapping[str, Fraction]
STEPS = (Fraction(1, 2), Fraction(1, 16), Fraction(1, 1024))


def laws_with_equations(
    law: AnyLaw, equations: Sequence[Polynomial], arms: Sequence[Arm], draw: random.Random
) -> Iterator[dict[str, Fraction]]:
    """Laws near one at which these polynomials are zero, where they are so too.

    Cells are chosen of which no product holds two: in these the polynomials are linear, and what keeps all of them
    is the kernel of a matrix.

    Parameters
    ----------
    law : mapping of name to Fraction
        Where they are zero.
    equations : sequence of Polynomial
    arms : sequence of Arm
    draw : random.Random

    Yields
    ------
    dict of name to Fraction
    """
    together: dict[str, set[str]] = {}
    for names in {names for equation in equations for names, _ in equation.terms}:
        for place, name in enumerate(names):
            together.setdefault(name, set()).update(names[:place], names[place + 1 :])
    order = [cell.name for arm in arms for cell in arm.cells if law[cell.name]]
    draw.shuffle(order)
    chosen: list[str] = []
    for name in order:
        if not together.get(name, set()) & {*chosen, name}:
            chosen.append(name)
    slopes = [{name: equation.slope(name).value(law) for name in chosen} for equation in equations]
    wholes = [{cell.name: Fraction(1) for cell in arm.cells} for arm in arms if arm.complete]
    kept = [row for row in (*slopes, *wholes) if any(row.get(name) for name in chosen)]
    kernel = _kernel(chosen, kept)
    if kernel:
        move = _combined(kernel, draw)
        parts = [arm for arm in arms if not arm.complete]
        moved = (_moved(law, move, step) for step in STEPS if move)
        yield from (each for each in moved if all(sum(each[cell.name] for cell in arm.cells) <= 1 for arm in parts))


def _kernel(names: Sequence[str], rows: Sequence[Mapping[str, Fraction]]) -> list[dict[str, Fraction]]:
    """Moves of these cells that change none of the rows."""
    span, found = Span(), []
    for number, name in enumerate(names):
        multiples = span.add(number, {k: row[name] for k, row in enumerate(rows) if row.get(name)})
        if multiples is not None:
            found.append({**{names[k]: -c for k, c in multiples.items()}, name: Fraction(1)})
    return found


def _combined(kernel: Sequence[Mapping[str, Fraction]], draw: random.Random) -> dict[str, Fraction]:
    move: dict[str, Fraction] = {}
    for each in kernel:
        weight = draw.choice((-2, -1, 0, 1, 2))
        for name, value in each.items():
            move[name] = move.get(name, Fraction(0)) + weight * value
    return {name: value for name, value in move.items() if value}


def apart(one: AnyLaw, other: AnyLaw, step: Fraction) -> dict[str, Fraction] | None:
    """A law that lies beyond one, seen from another; None where they are the same."""
    move = {name: value - other[name] for name, value in one.items() if value != other[name]}
    return _moved(one, move, step) if move else None


def _moved(law: AnyLaw, move: Mapping[str, Fraction], step: Fraction) -> dict[str, Fraction]:
    """A part of the way to where the first cell is zero or one."""
    farthest = min(law[name] / -value if value < 0 else (1 - law[name]) / value for name, value in move.items())
    return {**law, **{name: law[name] + step * farthest * value for name, value in move.items()}}
