"""Extreme laws in symbols: whatever the right sides and the costs, the best of those listed is the optimum."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate
from boundgen.errors import BudgetError, LimitError
from boundgen.polyhedra.extreme_laws import Costs, extreme_laws
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.work.limits import Budget, Limits


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[dict[int, int]], list[tuple[int, ...]]]:
    """Cells that types fall into, for several copies of the same types, which cost the same in each."""
    types, copies = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    cells = [
        draw(st.sets(st.integers(0, types - 1), min_size=1, max_size=types - 1)) for _ in range(draw(st.integers(0, 2)))
    ]
    rows = [{copy * types + j: 1 for j in own} for copy in range(copies) for own in [set(range(types)), *cells]]
    costs = draw(st.lists(st.lists(st.integers(-2, 2), min_size=types, max_size=types), min_size=2, max_size=3))
    return rows, [tuple(cost * copies) for cost in costs]


@given(systems(), st.data())
def test_the_best_of_the_laws_is_the_optimum(
    system: tuple[list[dict[int, int]], list[tuple[int, ...]]], data: st.DataObject
) -> None:
    rows, generators = system
    size = len(generators[0])
    kept: list[dict[int, int]] = []
    for row in rows:
        if _rank([*kept, row], size) > len(kept):
            kept.append(row)
    laws = extreme_laws(kept, Costs(tuple(generators)), 1000, Budget())
    law = data.draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
    multiples = data.draw(st.lists(st.integers(0, 9), min_size=len(generators), max_size=len(generators)))
    cost = [sum(m * g[j] for m, g in zip(multiples, generators, strict=True)) for j in range(size)]
    right = [sum(x * law[j] for j, x in row.items()) for row in kept]
    best = maximum(
        size,
        {j: -c for j, c in enumerate(cost) if c},
        [Constraint(row, -b, "=") for row, b in zip(kept, right, strict=True)],
        range(size),
    )
    assert best is not None
    found = []
    for each in laws:
        values = [sum((m * b for m, b in zip(own, right, strict=True)), Fraction(0)) for own in each.values]
        if all(value >= 0 for value in values):
            found.append(sum((cost[j] * v for j, v in zip(each.columns, values, strict=True)), Fraction(0)))
    assert min(found) == -best.value


def test_the_search_for_a_first_law_ends() -> None:
    """Dependent rows have no basis of their number of columns; and time that is over is over here too."""
    rows, costs = [{0: 1, 1: 1}, {0: 2, 1: 2}], Costs(((1, 0),))
    with pytest.raises(LimitError, match="to begin with"):
        extreme_laws(rows, costs, 10, Budget())
    with pytest.raises(BudgetError, match="first extreme law"):
        extreme_laws(rows, costs, 10, Budget(Limits(seconds=0)))


def _rank(rows: list[dict[int, int]], size: int) -> int:
    import numpy as np

    return int(np.linalg.matrix_rank(np.array([[row.get(j, 0) for j in range(size)] for row in rows])))


def test_types_that_differ_in_what_is_not_asked_for() -> None:
    """W splits each response type of X in two that cost the same; what is observed of it changes no bound."""
    text = "model m\nvariable V in {0, 1}\nvariable W in {0, 1}\nvariable X(V) in {0, 1}\nvariable Y(V, X) in {0, 1}\n"
    text += "confounded V, W, X\nobserve P(V, W, X, Y)\nestimand both = P(Y(V=0)=1, Y(V=1)=1)\n"
    without = text.replace("variable W in {0, 1}\n", "").replace("W, ", "")
    cells = {f"P(V={v},X={x},Y={y})": Fraction(2 + v * x + 3 * y, 30) for v in (0, 1) for x in (0, 1) for y in (0, 1)}
    split = {
        name.replace(",X", f",W={w},X"): share * Fraction(1 + w, 3) for name, share in cells.items() for w in (0, 1)
    }
    (one,) = evaluate(derive(Model.parse(text), conditions=False), split)
    (other,) = evaluate(derive(Model.parse(without), conditions=False), cells)
    assert one.method == other.method == "closed form"
    assert (one.lower, one.upper) == (other.lower, other.upper)
