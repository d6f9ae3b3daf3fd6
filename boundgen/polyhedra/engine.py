"""The one interface behind which the enumeration engines stand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from math import gcd, lcm
from typing import Protocol

from boundgen.errors import EngineError, did_you_mean, quoted
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.libraries import ADVICE, cdd_installed, ppl_installed
from boundgen.polyhedra.names import ENGINES
from boundgen.work.limits import Budget


@dataclass(frozen=True)
class Generators:
    """The vertices and extreme rays of a polyhedron without lines, both sorted.

    Rays are primitive integer vectors.

    Parameters
    ----------
    vertices : tuple of tuple of Fraction
    rays : tuple of tuple of int
    missing : str
        What was not looked at because time or memory were used up; empty where the list is proved complete.
    """

    vertices: tuple[tuple[Fraction, ...], ...]
    rays: tuple[tuple[int, ...], ...]
    missing: str = ""


# Polyhedra that are enumerated already: others may be the same up to relabelling.
Known = tuple[tuple[DualPolyhedron, Generators], ...]


class Enumerate(Protocol):
    """What an engine does: the vertices and extreme rays of a polyhedron, beside some that are known."""

    def __call__(self, polyhedron: DualPolyhedron, budget: Budget, known: Known = (), /) -> Generators: ...


def engine(name: str) -> Enumerate:
    """The engine of that name.

    `auto` looks at the size: small polyhedra are enumerated directly by the library that is there; what proves hard
    on the way is decomposed into orbits.

    Raises
    ------
    EngineError
        If there is no such engine, or it is not installed.
    """
    if name not in ENGINES:
        raise EngineError(
            f"unknown engine {quoted(name)}", remedy=f"{did_you_mean(name, ENGINES)}engines: {', '.join(ENGINES)}"
        )
    installed = {"cdd": cdd_installed, "ppl": ppl_installed}
    if name in installed and not installed[name]():
        raise EngineError(f"engine '{name}' is not installed", remedy=ADVICE[name])
    module, function = {
        "auto": ("auto_engine", "enumerate_automatically"),
        "cdd": ("cdd_engine", "enumerate_with_cdd"),
        "ppl": ("ppl_engine", "enumerate_with_ppl"),
        "orbits": ("orbit_engine", "enumerate_over_orbits"),
    }[name]
    found: Enumerate = getattr(import_module(f"boundgen.polyhedra.{module}"), function)
    return found


def generators(vertices: list[tuple[Fraction, ...]], rays: list[tuple[Fraction, ...]], missing: str = "") -> Generators:
    """Sorted generators, the same bytes from every engine."""
    return Generators(tuple(sorted(set(vertices))), tuple(sorted({_primitive(ray) for ray in rays})), missing)


def _primitive(ray: tuple[Fraction, ...]) -> tuple[int, ...]:
    scale = lcm(*[value.denominator for value in ray])
    integers = [value.numerator * (scale // value.denominator) for value in ray]
    divisor = gcd(*integers)
    return tuple(value // divisor for value in integers)
