"""Exact elimination over the rationals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from boundgen.exact.rational import Number
from boundgen.exact.terms import exact, plain_number

Vector = Mapping[int, Fraction | int]


@dataclass
class Span:
    """The span of vectors that are added one by one, able to say how another vector depends on them."""

    _basis: list[tuple[int, dict[int, Number], dict[int, Number]]] = field(default_factory=list)

    def copy(self) -> Span:
        """The same span, to which others are added."""
        return Span(list(self._basis))

    def depends(self, vector: Vector) -> dict[int, Fraction] | None:
        """The multiples of added vectors (by label) that sum to `vector`, or None."""
        rest, multiples = self._reduce(vector)
        return None if rest else _exact(multiples)

    def rest(self, vector: Vector) -> dict[int, Fraction]:
        """What is left of a vector: the same for two vectors whose difference is in the span."""
        return _exact(self._reduce(vector)[0])

    def add(self, label: int, vector: Vector) -> dict[int, Fraction] | None:
        """Add a vector unless it depends on those before; then say how."""
        rest, multiples = self._reduce(vector)
        if not rest:
            return _exact(multiples)
        pivot = next(iter(rest))
        # Mostly one: then all stays integers, which are many times faster than fractions.
        factor = plain_number(1 / Fraction(rest[pivot]))
        coordinates = {key: plain_number(-c * factor) for key, c in multiples.items()}
        coordinates[label] = factor
        self._basis.append((pivot, {i: plain_number(c * factor) for i, c in rest.items()}, coordinates))
        return None

    def _reduce(self, vector: Vector) -> tuple[dict[int, Number], dict[int, Number]]:
        rest = {i: plain_number(c) for i, c in vector.items() if c}
        multiples: dict[int, Number] = {}
        for pivot, basis, coordinates in self._basis:
            factor = rest.get(pivot)
            if factor:
                _subtract(rest, factor, basis)
                _subtract(multiples, -factor, coordinates)
        return rest, multiples


def _exact(multiples: Mapping[int, Number]) -> dict[int, Fraction]:
    return {label: exact(c) for label, c in multiples.items() if c}


def _subtract(target: dict[int, Number], factor: Number, vector: Mapping[int, Number]) -> None:
    for i, c in vector.items():
        value = target.get(i, 0) - factor * c
        if value:
            target[i] = plain_number(value)
        else:
            target.pop(i, None)


def transpose(columns: Iterable[Iterable[tuple[int, Fraction | int]]], rows: int) -> list[dict[int, Fraction | int]]:
    """Sparse columns as sparse rows."""
    found: list[dict[int, Fraction | int]] = [{} for _ in range(rows)]
    for j, column in enumerate(columns):
        for i, entry in column:
            found[i][j] = entry
    return found
