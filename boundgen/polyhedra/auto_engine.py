"""The engine `auto`: direct enumeration where that is easy, decomposition over orbits where it is not."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, Known
from boundgen.polyhedra.libraries import exact_library
from boundgen.work.limits import Budget

# Up to this size a look for symmetries takes longer than direct enumeration.
TINY = 600
# Vertices and rays on the way. An instrument of 4 levels meets 400 and is decomposed in two thirds of the time.
EASY = 100
Direct = Callable[[DualPolyhedron, Budget, int | None], Generators | None]


def enumerate_automatically(polyhedron: DualPolyhedron, budget: Budget, known: Known = ()) -> Generators:
    """Vertices and extreme rays, by the way that the size of the polyhedron asks for.

    The number of vertices and rays that double description meets on the way says how hard a polyhedron of middle size
    is for it, which its own size does not: so it is begun, and given up where there are too many.
    """
    size = f"{polyhedron.dimension} dimensions, {len(polyhedron.inequalities)} inequalities"
    if polyhedron.size <= TINY:
        budget.remark(f"{size}: direct enumeration, as it is small")
        found = _direct()[0](polyhedron, budget, None)
        assert found is not None, "there is no limit"
        return found
    # One of which it is known how many vertices and rays it would meet is not begun.
    alike = tuple((other, each) for other, each in known if len(each.vertices) + len(each.rays) > EASY)
    image = _image(polyhedron, budget, alike) if alike else None
    if image is not None:
        return image
    found = enumerate_if_easy(polyhedron, budget)
    if found is not None:
        budget.remark(f"{size}: direct enumeration, which met at most {EASY} vertices and rays")
        return found
    reason = "it is large" if is_large(polyhedron) else "it meets many vertices and rays"
    from boundgen.polyhedra.orbit_engine import enumerate_over_orbits

    budget.remark(f"{size}: decomposition over orbits, as {reason}")
    return enumerate_over_orbits(polyhedron, budget, () if alike == known else known)


def _image(polyhedron: DualPolyhedron, budget: Budget, known: Known) -> Generators | None:
    from boundgen.polyhedra.mirror import mirror_image

    return mirror_image(polyhedron, known, budget.own_share())


def enumerate_if_easy(polyhedron: DualPolyhedron, budget: Budget) -> Generators | None:
    """Vertices and extreme rays, or None where the polyhedron is large or meets many of them on the way."""
    return None if is_large(polyhedron) else _direct()[0](polyhedron, budget, EASY)


def is_large(polyhedron: DualPolyhedron) -> bool:
    """Whether direct enumeration may take long."""
    return polyhedron.size > _direct()[1]


def _direct() -> tuple[Direct, int]:
    """Direct enumeration by the library that is there, and up to which size it needs well under a second."""
    module = import_module(f"boundgen.polyhedra.{exact_library()}_engine")
    return module.enumerate_within, module.SMALL
