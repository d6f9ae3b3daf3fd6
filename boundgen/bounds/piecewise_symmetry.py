"""What exchanges of levels do to pieces: fractions, sums of maxima, and the guards that they carry along."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

from boundgen.bounds.piecewise import Guard, Piece, Summand
from boundgen.bounds.relabelling import Exchange, LevelClass, classes_of
from boundgen.bounds.symbols import CellSymbol
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, ZERO, Monomial, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.expressions import Value
from boundgen.strata.cells import Assignment, Cell

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds

# Sums of more maxima than these choices are compared maximum by maximum.
MOST_CHOICES = 300
Images = Mapping[str, str]
# Numerator and denominator, whose first coefficient is one.
FunctionKey = tuple[Polynomial, Polynomial]


@dataclass(frozen=True)
class PieceForms:
    """Pieces as functions of the observable distributions: keys that are equal for equal ones, and exchanges.

    Parameters
    ----------
    bounds : PiecewiseBounds
        Whose names these are.
    """

    bounds: PiecewiseBounds

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Everything whose symbol shows levels, also conditional probabilities and probabilities of events."""
        from boundgen.bounds.shares import shares

        domains = {name: {str(value): value for value in domain} for name, domain in self.bounds.notation.domains}
        found = {symbol.text(False): _cell(symbol, domains) for symbol in shares(self.bounds).values()}
        return found | {name: _cell(symbol, domains) for name, symbol in self.bounds.notation.symbols}

    # ---------------------------------------------------------------- exchanges
    def images(self, exchange: Exchange) -> Images | None:
        """Each name's image; None where one has none, or what is zero does not stay zero."""
        by_symbol = {symbol: name for name, symbol in self.bounds.notation.symbols}
        if len(by_symbol) < len(self.bounds.notation.symbols):
            return None
        found = {}
        for name, symbol in self.bounds.notation.symbols:
            image = by_symbol.get(symbol.exchanged(exchange))
            if image is None:
                return None
            found[name] = image
        return None if any(self.normal(renamed(Polynomial.linear(zero), found)) for zero in self._zeros) else found

    def classes(self) -> tuple[LevelClass, ...]:
        """The levels whose exchange maps the pieces of each side onto themselves, and leaves what divides all."""
        bounds = self.bounds
        over = bounds.denominator or ONE
        sides = [side.pieces for side in (bounds.lower, bounds.upper)]

        def is_exchangeable(exchange: Exchange) -> bool:
            images = self.images(exchange)
            if images is None or all(name == image for name, image in images.items()):
                return False
            if self.normal(renamed(over, images)) != self.normal(over):
                return False
            return all(self.moves(pieces, images) is not None for pieces in sides)

        return classes_of(bounds.notation, is_exchangeable)

    def moves(self, pieces: Sequence[Piece], images: Images) -> list[int] | None:
        """Where other names take each of the pieces; None where they take one to none of them."""
        own = self._keys.get(tuple(pieces))
        if own is None:
            own = self._keys[tuple(pieces)] = [*map(self.parts, pieces)], [*map(self.piece, pieces)]
        moved = [renamed_piece(piece, images) for piece in pieces]
        return permutation(own[0], map(self.parts, moved)) or permutation(own[1], map(self.piece, moved))

    @cached_property
    def _keys(self) -> dict[tuple[Piece, ...], tuple[list[Hashable], list[Hashable]]]:
        """Of the pieces of a side, in both ways: each is asked for many times."""
        return {}

    # ---------------------------------------------------------------- keys
    @property
    def _zeros(self) -> Iterator[Term]:
        reading = self.bounds.simplifier
        yield from (Term.of(-1, dict.fromkeys(cells, 1)) for cells in reading.complete)
        yield from reading.equalities

    @cached_property
    def _rest(self) -> dict[str, Polynomial]:
        """Each name without what the zero functions say of it."""
        names = list(
            dict.fromkeys(
                [
                    *self.bounds.notation.order,
                    *(name for zero in self._zeros for name, _ in zero.coefficients),
                    *(parameter.name for parameter in self.bounds.parameters),
                ]
            )
        )
        place, span, last = {name: i for i, name in enumerate(names)}, Span(), len(names)
        for i, zero in enumerate(self._zeros):
            span.add(i, {**{place[name]: c for name, c in zero.coefficients}, last: zero.constant})
        found = {}
        for name, i in place.items():
            rest = span.rest({i: 1})
            found[name] = Polynomial.of(((names[j],) if j < last else (), c) for j, c in rest.items())
        return found

    def normal(self, polynomial: Polynomial) -> Polynomial:
        """Equal for equal functions."""
        if polynomial not in self._normals:
            self._normals[polynomial] = Polynomial.total(self._product(names, c) for names, c in polynomial.terms)
        return self._normals[polynomial]

    def _product(self, names: Monomial, c: Fraction) -> Polynomial:
        product = Polynomial.number(c)
        for name in names:
            product = self._rest.get(name, Polynomial.name(name)) * product
        return product

    @cached_property
    def _normals(self) -> dict[Polynomial, Polynomial]:
        """Each is asked for many times."""
        return {}

    def function(self, function: RationalFunction) -> FunctionKey:
        """Equal for fractions that are one function, but for factors that nobody divided out."""
        if function not in self._functions:
            self._functions[function] = self._function(function)
        return self._functions[function]

    @cached_property
    def _functions(self) -> dict[RationalFunction, FunctionKey]:
        """Each is asked for many times."""
        return {}

    def _function(self, function: RationalFunction) -> FunctionKey:
        above, below = self.normal(function.numerator), self.normal(function.denominator)
        found = RationalFunction.of(above, below) if below else function
        lead = found.denominator.terms[0][1]
        return found.numerator.scaled(1 / lead), found.denominator.scaled(1 / lead)

    def guard(self, guard: Guard) -> Hashable:
        """Equal for conditions that positive numbers multiply."""
        normal = self.normal(guard.polynomial)
        lead = abs(normal.terms[0][1]) if normal.terms else Fraction(1)
        return normal.scaled(1 / lead).terms, guard.relation

    def summand(self, summand: Summand) -> Hashable:
        """Equal for a weight and options that are the same."""
        return self.normal(summand.weight).terms, frozenset(map(self.function, summand.options))

    def guards(self, piece: Piece) -> frozenset[Hashable]:
        """Equal for guards that say the same."""
        return frozenset(map(self.guard, piece.guards))

    def parts(self, piece: Piece) -> Hashable:
        """Equal for pieces with equal guards and summands."""
        return self.guards(piece), frozenset(map(self.summand, piece.summands))

    def piece(self, piece: Piece) -> Hashable:
        """Equal for pieces with equal guards whose sums of one option of each maximum are the same functions."""
        # Sums of many maxima, and of fractions over several divisors, are compared summand by summand.
        divisors = {option.denominator for summand in piece.summands for option in summand.options}
        if len(divisors) > 1 < len(piece.summands) or prod(len(s.options) for s in piece.summands) > MOST_CHOICES:
            return self.parts(piece)
        return self.guards(piece), frozenset(self.function(function) for function in choices(piece))


def choices(piece: Piece) -> Iterator[RationalFunction]:
    """The sums of one option of each summand."""
    for chosen in itertools.product(*(summand.options for summand in piece.summands)):
        total = RationalFunction(ZERO)
        for summand, option in zip(piece.summands, chosen, strict=True):
            total += RationalFunction(summand.weight) * option
        yield total


# ---------------------------------------------------------------- renaming
def renamed(polynomial: Polynomial, images: Images) -> Polynomial:
    """The polynomial with other names."""
    return Polynomial.of((tuple(images.get(name, name) for name in names), c) for names, c in polynomial.terms)


def renamed_function(function: RationalFunction, images: Images) -> RationalFunction:
    """The fraction with other names."""
    return RationalFunction(renamed(function.numerator, images), renamed(function.denominator, images))


def renamed_summand(summand: Summand, images: Images) -> Summand:
    """Weight and options with other names."""
    options = tuple(renamed_function(option, images) for option in summand.options)
    return Summand(renamed(summand.weight, images), options)


def renamed_piece(piece: Piece, images: Images) -> Piece:
    """The piece with other names, its guards too."""
    return Renaming(images).piece(piece)


class Renaming:
    """Other names for several pieces that have parts in common: each part is renamed once."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self._polynomials: dict[Polynomial, Polynomial] = {}
        self._summands: dict[Summand, Summand] = {}

    def piece(self, piece: Piece) -> Piece:
        """The piece with these names, its guards too."""
        guards = tuple(replace(guard, polynomial=self._polynomial(guard.polynomial)) for guard in piece.guards)
        return Piece(guards, tuple(map(self._summand, piece.summands)))

    def _summand(self, summand: Summand) -> Summand:
        if summand not in self._summands:
            options = (
                RationalFunction(self._polynomial(option.numerator), self._polynomial(option.denominator))
                for option in summand.options
            )
            self._summands[summand] = Summand(self._polynomial(summand.weight), tuple(options))
        return self._summands[summand]

    def _polynomial(self, polynomial: Polynomial) -> Polynomial:
        if polynomial not in self._polynomials:
            self._polynomials[polynomial] = renamed(polynomial, self.images)
        return self._polynomials[polynomial]


def _cell(symbol: CellSymbol, domains: Mapping[str, Mapping[str, Value]]) -> Cell:
    """The levels that a symbol shows."""
    values = symbol.event + symbol.context
    pairs: Assignment = tuple(
        (name, domains.get(name, {}).get(value, value)) for name, value in zip(symbol.variables, values, strict=True)
    )
    shown = len(symbol.event)
    kind = (("letter", symbol.letter), ("law", str(symbol.law)))
    return Cell(symbol.text(False), pairs[:shown], pairs[shown:], kind)


def permutation(keys: Sequence[Hashable], images: Iterable[Hashable]) -> list[int] | None:
    """Where each of several things goes, by the keys of all and of their images; None where one goes to none."""
    place = {key: i for i, key in enumerate(keys)}
    found = []
    for image in images:
        if image not in place:
            return None
        found.append(place[image])
    return None if len(set(found)) < len(keys) else found
