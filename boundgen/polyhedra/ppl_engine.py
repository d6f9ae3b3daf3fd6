"""Enumeration by the Parma Polyhedra Library."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from boundgen.polyhedra.children import enumerate_in_child
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, Known, generators
from boundgen.polyhedra.parma import ppl as _ppl  # noqa: F401 (before anything else imports it)
from boundgen.polyhedra.ppl_script import enumerate_rows
from boundgen.work.limits import Budget

SCRIPT = Path(__file__).with_name("ppl_script.py")
# Up to this many numbers (two 3-level variables) PPL needs well under a second.
SMALL = 2500


def enumerate_with_ppl(polyhedron: DualPolyhedron, budget: Budget, _known: Known = ()) -> Generators:
    """Vertices and extreme rays by double description; of large polyhedra in a process of their own."""
    if polyhedron.size > SMALL:
        rows = enumerate_in_child(SCRIPT, "ppl", polyhedron, budget)
        return of_rows([[Fraction(value) for value in row] for row in rows])
    found = enumerate_within(polyhedron, budget, None)
    assert found is not None, "there is no limit"
    return found


def enumerate_within(polyhedron: DualPolyhedron, budget: Budget, most: int | None) -> Generators | None:
    """Vertices and extreme rays, or None once more than `most` are met on the way."""
    total = len(polyhedron.inequalities)
    rows = enumerate_rows(
        polyhedron.inequalities, lambda done: budget.step("enumerating the dual polyhedron", done, total), most
    )
    return None if rows is None else of_rows(rows)


def of_rows(rows: Sequence[Sequence[Fraction]]) -> Generators:
    """Vertices and rays, told apart by the first column."""
    return generators([tuple(row[1:]) for row in rows if row[0]], [tuple(row[1:]) for row in rows if not row[0]])
