"""Extreme laws that differ by relabelling levels: of each kind one is enumerated, the others are its images.

An exchange of levels counts where it maps the rows and columns of every factor, and what columns add to the estimand,
onto themselves.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from boundgen.bounds.normal_form import NormalProgram
from boundgen.bounds.outer_factors import OuterFactor, SymbolicLaw
from boundgen.bounds.piecewise import KindOfLaw
from boundgen.bounds.piecewise_symmetry import Images, renamed, renamed_function
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.relabelling import Exchange, NormalForms, transposition
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.program.factored_program import Factor, FactorRow
from boundgen.strata.stratum import Stratum
from boundgen.strata.unit import Response

# Relabelled laws that are looked at to find those of a kind.
MOST_IMAGES = 5000


def kinds_of_laws(laws: Sequence[SymbolicLaw], symmetries: Sequence[Images]) -> list[KindOfLaw]:
    """The laws by kind.

    Parameters
    ----------
    laws : sequence of SymbolicLaw
    symmetries : sequence of mapping of str to str
        As `symmetries_of` gives them.

    Returns
    -------
    list of KindOfLaw
        In the order of their first laws.
    """
    place = {law.absent: number for number, law in enumerate(laws)}
    found: list[KindOfLaw] = []
    done: set[int] = set()
    for first, law in enumerate(laws):
        if first not in done:
            reached = _images(law.absent, symmetries)
            found.append(KindOfLaw(first, {place[absent]: own for absent, own in reached.items() if absent in place}))
            done.update(found[-1].images)
    return found


def _images(absent: frozenset[str], symmetries: Sequence[Images]) -> dict[frozenset[str], Images]:
    """Where relabelling takes a law, by what is zero in it; of laws that are equal at all data only one is listed."""
    found: dict[frozenset[str], Images] = {absent: {}}
    waiting = [absent]
    while waiting and len(found) < MOST_IMAGES:
        start = waiting.pop()
        own = found[start]
        for each in symmetries:
            image = frozenset(each.get(name, name) for name in start)
            if image not in found:
                names = ((name, own.get(name, name)) for name in {**each, **own})
                found[image] = {name: each.get(middle, middle) for name, middle in names}
                waiting.append(image)
    return found


def symmetries_of(problem: BoundingProblem, normal: NormalProgram, outer: Sequence[OuterFactor]) -> list[Images]:
    """What exchanges of two levels do to the names of cells and of shares, where they change nothing else."""
    if normal.symbols:
        return []
    forms = NormalForms(problem.arms, (), ())
    found: list[Images] = []
    for exchange in _exchanges(problem.model):
        cells = forms.images(exchange)
        moved = [_moved_columns(problem.model, each.factor, exchange) for each in outer]
        if cells is None or None in moved:
            continue
        shares = {
            each.shares[j]: each.shares[image]
            for each, own in zip(outer, moved, strict=True)
            for j, image in enumerate(own or ())
        }
        images = {name: image for name, image in (cells | shares).items() if name != image}
        kept = all(_keeps_rows(each.factor, own or (), images) for each, own in zip(outer, moved, strict=True))
        if images and kept and _keeps_costs(normal, images):
            found.append(images)
    return found


def _exchanges(model: Model) -> Iterator[Exchange]:
    for variable in model.variables:
        for one, other in itertools.combinations(variable.domain, 2):
            yield transposition(variable.name, one, other)


def _moved_columns(model: Model, factor: Factor, exchange: Exchange) -> list[int] | None:
    """Where an exchange takes each column of a factor; None where one goes to none."""
    place = {frozenset(stratum.responses): j for j, stratum in enumerate(factor.columns)}
    found = [place.get(_exchanged(model, stratum, exchange)) for stratum in factor.columns]
    return None if None in found else [j for j in found if j is not None]


def _exchanged(model: Model, stratum: Stratum, exchange: Exchange) -> frozenset[tuple[Response, Value]]:
    def level(name: str, value: Value) -> Value:
        return exchange.get(name, {}).get(value, value)

    return frozenset(
        ((name, tuple(map(level, model.by_name[name].parents, values))), level(name, value))
        for (name, values), value in stratum.responses
    )


def _keeps_rows(factor: Factor, moved: Sequence[int], images: Images) -> bool:
    """Whether the rows that an exchange makes of those of a factor are these rows."""

    def key(row: FactorRow, names: Images, columns: Sequence[int]) -> object:
        is_cell = row.kind == "cell"
        right = names.get(row.name, row.name) if is_cell else renamed_function(row.right, names)
        return row.relation, right, frozenset((columns[j], entry) for j, entry in row.entries)

    rows = [row for row in factor.rows if row.kind != "part"]
    same = range(len(factor.columns))
    return {key(row, {}, same) for row in rows} == {key(row, images, moved) for row in rows}


def _keeps_costs(normal: NormalProgram, images: Images) -> bool:
    """Whether the columns of the last factor are those of which an exchange makes them, with their costs."""
    program = normal.program
    place = {row.name: i for i, row in enumerate(program.rows) if row.kind == "cell"}
    moved = [place.get(images.get(row.name, row.name), i) for i, row in enumerate(program.rows)]
    columns = [
        (frozenset(column.entries), frozenset((moved[i], entry) for i, entry in column.entries))
        for column in program.columns
    ]
    own = Counter((entries, cost) for (entries, _), cost in zip(columns, normal.costs, strict=True))
    return own == Counter(
        (entries, renamed(cost, images)) for (_, entries), cost in zip(columns, normal.costs, strict=True)
    )
