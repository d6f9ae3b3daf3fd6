"""The one interface behind which the enumeration engines stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from math import gcd, lcm

from boundgen.errors import EngineError
from boundgen.limits import Work
from boundgen.polyhedra.dual import DualPolyhedron

ENGINES = ("auto", "cdd", "ppl")
CDD_HELP = (
    "pycddlib is built from source against the cdd library: install libcdd-dev and libgmp-dev "
    "(Debian: apt-get install libcdd-dev libgmp-dev; macOS: brew install cddlib gmp), "
    "then: pip install pycddlib. The engine ppl needs neither."
)


@dataclass(frozen=True)
class Generators:
    """The vertices and extreme rays of a polyhedron without lines, both sorted.

    Rays are primitive integer vectors.
    """

    vertices: tuple[tuple[Fraction, ...], ...]
    rays: tuple[tuple[int, ...], ...]


Enumerate = Callable[[DualPolyhedron, Work], Generators]


def engine(name: str) -> Enumerate:
    """The engine of that name; `auto` is ppl, which is the faster one wherever both were measured.

    Raises
    ------
    EngineError
        If there is no such engine, or it is not installed.
    """
    if name not in ENGINES:
        raise EngineError(f"unknown engine '{name}'", remedy=f"engines: {', '.join(ENGINES)}")
    if name == "cdd":
        if not cdd_installed():
            raise EngineError("engine 'cdd' is not installed", remedy=CDD_HELP)
        from boundgen.polyhedra.cdd_engine import enumerate_with_cdd

        return enumerate_with_cdd
    from boundgen.polyhedra.ppl_engine import enumerate_with_ppl

    return enumerate_with_ppl


def cdd_installed() -> bool:
    """Whether pycddlib with exact arithmetic is there (pycddlib-standalone has floats only)."""
    return find_spec("cdd") is not None and find_spec("cdd.gmp") is not None


def generators(vertices: list[tuple[Fraction, ...]], rays: list[tuple[Fraction, ...]]) -> Generators:
    """Sorted generators, the same bytes from every engine."""
    return Generators(tuple(sorted(set(vertices))), tuple(sorted({_primitive(ray) for ray in rays})))


def _primitive(ray: tuple[Fraction, ...]) -> tuple[int, ...]:
    scale = lcm(*(value.denominator for value in ray))
    integers = [int(value * scale) for value in ray]
    divisor = gcd(*integers)
    return tuple(value // divisor for value in integers)
