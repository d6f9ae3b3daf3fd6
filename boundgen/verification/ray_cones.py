"""Cones given by rays that generate them, cut by half-spaces; of each ray the values of some functions are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from boundgen.exact.integers import integers, primitive_vector, vector
from boundgen.exact.linear_algebra import Span
from boundgen.exact.rational import Number
from boundgen.polyhedra.cones import direct_rays
from boundgen.polyhedra.region import AffineFunction, Region
from boundgen.polyhedra.symmetry import no_step

MOST_RAYS = 6000
# Fewer rays are not looked through for superfluous ones.
FEW = 40


@dataclass(frozen=True)
class Ray:
    """Values of functions along a ray, and its multiples of the unknowns; the last one is the scale of constants."""

    values: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]


def rays_of(region: Region, demands: Sequence[AffineFunction], functions: Sequence[AffineFunction]) -> list[Ray] | None:
    """Rays whose sums with non-negative multiples are, as far as functions tell, the region times any scale.

    Rays may be superfluous, or turn round when negated. Two with the same values are one.

    Parameters
    ----------
    region : Region
    demands : sequence of AffineFunction
        More that is not negative.
    functions : sequence of AffineFunction
        Whose values are wanted; that of the number one is added to them.

    Returns
    -------
    list of Ray or None
        None where there are too many on the way.
    """
    scale = region.size
    equalities = [(dict(c.coefficients), c.constant) for c in region.constraints if c.relation == "="]
    others = [(dict(c.coefficients), c.constant) for c in region.constraints if c.relation != "="]
    cuts: list[AffineFunction] = [*equalities, *others, *demands]
    forms = [_whole(form, scale) for form in (*cuts, *functions, ({}, 1))]
    free = set(range(region.size)) - set(region.nonnegative)
    directions = [(i, 1) for i in range(scale + 1)] + [(i, -1) for i in sorted(free)]
    rays: list[Ray] = _distinct(Ray(tuple(form.get(i, 0) * s for form in forms), ((i, s),)) for i, s in directions)
    for k in range(len(cuts)):
        cut = _cut(rays, k < len(equalities))
        if cut is None:
            return None
        rays = cut if len(cut) < FEW else _extreme(cut)
    return rays


def _whole(form: AffineFunction, scale: int) -> dict[int, int]:
    coefficients, constant = form
    multiple = lcm(*(Fraction(c).denominator for c in (*coefficients.values(), constant)))
    found = {i: int(c * multiple) for i, c in coefficients.items()}
    return {**found, scale: int(constant * multiple)}


def _cut(rays: Sequence[Ray], equal: bool) -> list[Ray] | None:
    """The rays where the first function is not negative, or zero; it is left out of their values."""
    kept = [Ray(ray.values[1:], ray.parts) for ray in rays if not ray.values[0] or (ray.values[0] > 0 and not equal)]
    above = [ray for ray in rays if ray.values[0] > 0]
    below = [ray for ray in rays if ray.values[0] < 0]
    if len(above) * len(below) > MOST_RAYS * 20:
        return None
    mixed = (_sum(x, -y.values[0], y, x.values[0]) for x in above for y in below)
    found = _distinct([*kept, *(Ray(ray.values[1:], ray.parts) for ray in mixed)])
    return None if len(found) > MOST_RAYS else found


def _extreme(rays: list[Ray]) -> list[Ray]:
    """Without rays whose values are sums of those of others; all of them where the cone of values has a line."""
    columns = _independent(list(zip(*(ray.values for ray in rays), strict=True)))
    own = {tuple(primitive_vector(vector([ray.values[k] for k in columns])).tolist()): ray for ray in rays}
    facets = direct_rays(integers([list(values) for values in own]), no_step, None)
    if facets is None or len(_independent(facets.tolist())) < len(columns):
        return rays
    found = direct_rays(facets, no_step, None)
    kept = [] if found is None else [own.get(tuple(ray)) for ray in found.tolist()]
    return [ray for ray in kept if ray] if kept and None not in kept else rays


def _independent(rows: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of rows that are no combinations of those before."""
    span = Span()
    return [k for k, row in enumerate(rows) if span.add(k, {i: x for i, x in enumerate(row) if x}) is None]


def _sum(one: Ray, a: int, other: Ray, b: int) -> Ray:
    values = tuple(a * x + b * y for x, y in zip(one.values, other.values, strict=True))
    parts = {i: a * c for i, c in one.parts}
    for i, c in other.parts:
        parts[i] = parts.get(i, 0) + b * c
    return Ray(values, tuple((i, c) for i, c in sorted(parts.items()) if c))


def _distinct(rays: Iterable[Ray]) -> list[Ray]:
    """One ray for each direction of values, that of the fewest unknowns."""
    found: dict[tuple[int, ...], Ray] = {}
    for ray in rays:
        divisor = gcd(*ray.values, *(c for _, c in ray.parts))
        if not divisor or not any(ray.values):
            continue
        whole = Ray(tuple(x // divisor for x in ray.values), tuple((i, c // divisor) for i, c in ray.parts))
        key = tuple(x // (gcd(*whole.values) or 1) for x in whole.values)
        if key not in found or len(whole.parts) < len(found[key].parts):
            found[key] = whole
    return list(found.values())


def point_of(parts: Sequence[tuple[Number, Ray]], size: int) -> list[Fraction] | None:
    """The point of a region that a sum of multiples of rays is; None of one at infinity."""
    found = [Fraction(0)] * (size + 1)
    for multiple, ray in parts:
        for i, c in ray.parts:
            found[i] += Fraction(multiple) * c
    return [x / found[size] for x in found[:size]] if found[size] > 0 else None
