"""What lies of a dual polyhedron in the plane of two multipliers: half-planes of strata, vertices, rays. Exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from boundgen.bounds.sides import with_rays
from boundgen.bounds.text import conditions_text, term_text
from boundgen.derivation import Derivation
from boundgen.errors import ModelError
from boundgen.exact.rational import Written
from boundgen.polyhedra.engine import engine
from boundgen.program.linear_program import LinearProgram, right_side
from boundgen.work.limits import Budget

Pair = tuple[Fraction, Fraction]
MARGIN = Fraction(5, 4)


@dataclass(frozen=True)
class HalfPlane:
    """``normal · y <= height``, and the strata (or the row) that demand it."""

    normal: Pair
    height: Fraction
    name: str

    def slack(self, point: Pair) -> Fraction:
        return self.height - times(self.normal, point)


@dataclass(frozen=True)
class Plane:
    """The part of a dual polyhedron in which all multipliers but two are zero.

    Parameters
    ----------
    rows : tuple of str
        The two rows, as they are printed.
    half_planes : tuple of HalfPlane
        Strata that are in neither row demand nothing here.
    vertices, rays : tuple of (Fraction, Fraction)
        Those of the whole polyhedron that lie in the plane.
    terms, conditions : tuple of str
        What vertices and rays stand for.
    """

    rows: tuple[str, str]
    half_planes: tuple[HalfPlane, ...]
    vertices: tuple[Pair, ...]
    rays: tuple[Pair, ...]
    terms: tuple[str, ...]
    conditions: tuple[str, ...]

    @property
    def window(self) -> tuple[Pair, Pair]:
        """The smallest and the largest multipliers worth drawing: square, with the vertices well inside."""
        sides = [(min(v[i] for v in self.vertices), max(v[i] for v in self.vertices)) for i in (0, 1)]
        half = max(high - low for low, high in sides) / 2 + MARGIN
        middle = [(low + high) / 2 for low, high in sides]
        return (middle[0] - half, middle[1] - half), (middle[0] + half, middle[1] + half)

    @property
    def polygon(self) -> tuple[Pair, ...]:
        """The corners of what lies in the window."""
        (left, bottom), (right, top) = self.window
        corners: Sequence[Pair] = ((left, bottom), (right, bottom), (right, top), (left, top))
        for half_plane in self.half_planes:
            corners = list(_cut(corners, half_plane))
        return tuple(corners)


def times(a: Pair, b: Pair) -> Fraction:
    return a[0] * b[0] + a[1] * b[1]


def dual_plane(derivation: Derivation, first: str, second: str) -> Plane:
    """The part of the dual polyhedron of the first estimand's lower bound where only two rows have a multiplier.

    Raises
    ------
    ModelError
        For rows that the reduced program does not have, and where no vertex lies in their plane.
    """
    linear = derivation.linear("a picture of a dual polyhedron shows that of linear terms")
    side = with_rays(linear.stages[0].lower, engine("auto"), Budget())
    program, notation = side.reduced.program, derivation.notation
    at = _row_numbers(program, first, second)
    vertices, rays = (list(_inside(points, at)) for points in (side.generators.vertices, side.generators.rays))
    if not vertices:
        raise ModelError(
            f"no vertex of the dual polyhedron has multipliers of {first} and {second} alone",
            remedy="Choose two other rows, or a smaller model.",
        )
    names = notation.texts(True)
    return Plane(
        rows=(names.get(first, first), names.get(second, second)),
        half_planes=tuple(_half_planes(program, at)),
        vertices=tuple(_pair(point, at) for point in vertices),
        rays=tuple(_pair(point, at) for point in rays),
        terms=tuple(term_text(right_side(program, point), notation, True) for point in vertices),
        conditions=tuple(conditions_text((-right_side(program, point),), notation, True)[0] for point in rays),
    )


def direction(derivation: Derivation, first: str, second: str, cells: Mapping[str, Written]) -> Pair:
    """Where the bound grows fastest at given data: the right sides of the two rows."""
    values = derivation.bounds[0].checked(cells, {})
    rows = derivation.stages[0].lower.reduced.program.rows
    a, b = (row.right.value(values) for name in (first, second) for row in rows if row.name == name)
    return a, b


def _row_numbers(program: LinearProgram, first: str, second: str) -> tuple[int, int]:
    known = [row.name for row in program.rows]
    for name in (first, second):
        if name not in known:
            raise ModelError(f"no row '{name}' in the reduced program", remedy=f"rows: {', '.join(known)}")
    if first == second:
        raise ModelError(f"the row '{first}' cannot span a plane alone", remedy="Name two rows.")
    return known.index(first), known.index(second)


def _pair(point: Sequence[Fraction | int], at: tuple[int, int]) -> Pair:
    return Fraction(point[at[0]]), Fraction(point[at[1]])


def _inside(points: Iterable[Sequence[Fraction | int]], at: tuple[int, int]) -> Iterator[Sequence[Fraction | int]]:
    """Those with no other multiplier."""
    for point in points:
        if not any(value for i, value in enumerate(point) if i not in at):
            yield point


def _half_planes(program: LinearProgram, at: tuple[int, int]) -> Iterator[HalfPlane]:
    found: dict[tuple[Pair, Fraction], list[str]] = {}
    for column in program.columns:
        entries = dict(column.entries)
        normal = (Fraction(entries.get(at[0], 0)), Fraction(entries.get(at[1], 0)))
        if any(normal):
            found.setdefault((normal, Fraction(column.cost)), []).append(str(column.stratum))
    for i, normal in zip(at, ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))), strict=True):
        if program.rows[i].relation == "<=":
            found.setdefault((normal, Fraction(0)), []).append(f"{program.rows[i].name} is an inequality")
    for (normal, height), names in found.items():
        yield HalfPlane(normal, height, "; ".join(names))


def _cut(corners: Sequence[Pair], half_plane: HalfPlane) -> Iterator[Pair]:
    """A convex polygon without what lies beyond a line."""
    for start, end in pairwise([*corners, *corners[:1]]):
        inside, outside = half_plane.slack(start), half_plane.slack(end)
        if inside >= 0:
            yield start
        if inside * outside < 0:
            share = inside / (inside - outside)
            yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
