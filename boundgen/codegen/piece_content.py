"""What an evaluator module holds of bounds with pieces: fractions and sums of maxima, each where its guards hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_forms import Products, shown_fraction, shown_polynomial
from boundgen.bounds.piecewise_layout import is_unbounded, script
from boundgen.bounds.piecewise_printing import multiple_of
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.product_conditions import ProductCondition
from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.rendering.layout import listed
from boundgen.strata.means import polynomial_in_means


@dataclass(frozen=True)
class ModuleDivisor:
    """What a piece is divided by; the piece holds where it is positive, or where it is only not to be zero."""

    value: Products
    positive: bool


@dataclass(frozen=True)
class ModuleFraction:
    """``whole + above / below``, or ``above`` alone."""

    whole: Fraction
    above: Products
    below: ModuleDivisor | None


@dataclass(frozen=True)
class ModuleSummand:
    """``weight`` (None: one) times the largest, in an upper side the smallest, of the options."""

    weight: Products | None
    options: tuple[ModuleFraction, ...]


@dataclass(frozen=True)
class ModuleGuard:
    """A function that must be positive, or not negative."""

    value: Products
    strict: bool


@dataclass(frozen=True)
class ModulePiece:
    """A sum that is a bound where its guards hold, and the text of it where defined names make that shorter."""

    guards: tuple[ModuleGuard, ...]
    summands: tuple[ModuleSummand, ...]
    remark: str


@dataclass(frozen=True)
class PieceFunction:
    """A function of laws in a module: a side of bounds with pieces, or what both sides are divided by.

    Parameters
    ----------
    kind : {"lower", "upper", "denominator", "shortfalls"}
    estimand : str
        Empty for the shortfalls of the testable implications.
    about : str
    pieces : tuple of ModulePiece
        Of a denominator one, which is a sum of products; of the shortfalls one for each testable implication.
    is_unbounded : bool
        Whether the bound is infinite where no piece holds and the estimand is defined.
    defined : tuple of Products
        The estimand is where all are positive; empty where there is nothing to be said.
    laws : tuple of int
        How many pieces there are for each extreme law of independent causes, of which the worst counts; empty where
        there are no such.
    needed : Products
        What is a number only where all that the laws are made of is; empty without laws.
    is_positive : bool
        Whether it must be more than zero.
    """

    kind: Literal["lower", "upper", "denominator", "shortfalls"]
    estimand: str
    about: str
    pieces: tuple[ModulePiece, ...]
    is_unbounded: bool = False
    defined: tuple[Products, ...] = ()
    laws: tuple[int, ...] = ()
    needed: Products = ()
    is_positive: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is said of each line of code; of the worst of several laws there is one."""
        return ("",) if self.laws else tuple(piece.remark for piece in self.pieces)

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.kind}_of_{self.estimand}" if self.estimand else self.kind

    @property
    def used(self) -> frozenset[str]:
        """The cells and parameters that its formulas name."""
        return frozenset(
            name
            for products in (*self.defined, *(part for piece in self.pieces for part in _products(piece)))
            for factors in products
            for term in factors
            for name, _ in term.coefficients
        )


@dataclass(frozen=True)
class PiecewiseContent:
    """An estimand whose bounds have pieces."""

    name: str
    meaning: str
    lower: PieceFunction
    upper: PieceFunction
    denominator: PieceFunction | None

    def functions(self) -> Iterator[PieceFunction]:
        """In the order of the module."""
        yield from (self.lower, self.upper)
        if self.denominator:
            yield self.denominator


def _products(piece: ModulePiece) -> Iterator[Products]:
    yield from (guard.value for guard in piece.guards)
    for summand in piece.summands:
        yield summand.weight or ()
        for option in summand.options:
            yield option.above
            yield option.below.value if option.below else ()


def pieces_note(estimands: Sequence[str], undefined: str, unbounded: str) -> str:
    """What a module says of bounds that have pieces.

    Parameters
    ----------
    estimands : sequence of str
        One or more.
    undefined, unbounded : str
        What the language has for a number that is not there, and for an infinite one.

    Returns
    -------
    str
        A paragraph.
    """
    return (
        f"The formulas of {listed(estimands)} have pieces, each {undefined} where it does not hold. A bound is "
        f"{undefined} where the divisor is 0 or no piece holds, and {unbounded} where the estimand has no bound on "
        "that side. Where cells are 0 these bounds may be wider than the exact ones, which boundgen evaluate gives."
    )


def piecewise_content(bounds: PiecewiseBounds, meaning: str) -> PiecewiseContent:
    """The functions of an estimand whose bounds have pieces."""
    bounds = bounds.observed
    # Formulas are to be right at all data, also where these break a testable implication.
    reading = replace(bounds.simplifier, definitions=(), equalities=())
    over = None if bounds.denominator == ONE else bounds.denominator
    lower, upper = (_side(bounds, side, over is not None, reading) for side in (bounds.lower, bounds.upper))
    return PiecewiseContent(bounds.name, meaning, lower, upper, _denominator(bounds.name, over, reading))


def shortfall_pieces(conditions: Iterable[tuple[ProductCondition, bool]]) -> Iterator[ModulePiece]:
    """By how much testable implications fail, each where it demands something; of an equality the absolute value.

    Parameters
    ----------
    conditions : iterable of (ProductCondition, bool)
        Each with whether it is an equality.

    Yields
    ------
    ModulePiece
    """
    for each, equality in conditions:
        options = (-each.function, each.function) if equality else (-each.function,)
        reading = replace(each.script.reading, definitions=(), equalities=())
        guards, summands = _parts(Piece(each.guards, (Summand(ONE, options),)), reading)
        yield ModulePiece(guards, summands, each.text(unicode=False) if each.shown else "")


def _denominator(name: str, over: Polynomial | None, reading: Simplifier) -> PieceFunction | None:
    if over is None:
        return None
    fraction = ModuleFraction(Fraction(0), shown_polynomial(over, reading), None)
    piece = ModulePiece((), (ModuleSummand(None, (fraction,)),), "")
    return PieceFunction("denominator", name, f"The divisor of {name}.", (piece,))


def _side(bounds: PiecewiseBounds, side: PiecewiseSide, is_divided: bool, reading: Simplifier) -> PieceFunction:
    kind: Literal["lower", "upper"] = "lower" if side.op == "max" else "upper"
    writing = script(bounds, latex=False, unicode=False) if bounds.simplifier.definitions else None
    laws = tuple(side.laws.values())
    pieces = tuple(
        ModulePiece(guards, summands, _remark(piece, side.op, writing))
        for own in laws
        for piece in own
        for guards, summands in [_parts(piece, reading)]
    )
    about = f"The {kind} bound of {bounds.name}{' (identified)' * bounds.identified}"
    about += f"{', times its divisor,' * is_divided} is {_what(side.op, pieces)}."
    endless = is_unbounded(bounds.program, side.op)
    defined = tuple(shown_polynomial(each, reading) for each in _largest_divisor(bounds)) if endless else ()
    function = PieceFunction(kind, bounds.name, about, pieces, endless, defined)
    if len(laws) < 2:
        return function
    worst = "smallest" if kind == "lower" else "largest"
    about = about.removesuffix(".") + f", at each of {len(laws)} extreme laws; of these the {worst}."
    cells = {cell.name for arm in bounds.arms for cell in arm.cells}
    needed = ((Term.of(0, dict.fromkeys(sorted(function.used & cells), 1)),),)
    function = replace(function, about=about, laws=tuple(map(len, laws)), needed=needed)
    if bounds.corners is None:
        return function
    # A corner at which nobody is seen says nothing of how far the others are from the bound.
    shares = (term for level in bounds.corners.levels if (term := level.share.term) is not None)
    return replace(function, needed=(tuple(shares),), is_positive=True)


def _largest_divisor(bounds: PiecewiseBounds) -> Iterator[Polynomial]:
    """The functions of which the smallest is the largest divisor of a population with these data, where they are known.

    They are the rays of the polyhedron of a side along which the ratio grows.

    Yields
    ------
    Polynomial
    """
    side = bounds.ratio[0] if bounds.ratio else None
    if side is None or side.generators.missing or not side.generators.vertices:
        return
    rights = [bounds.normal.expanded(bounds.normal.program.rows[i].right) for i in side.reduced.passes[-1].rows[:-1]]
    if any(right.denominator != ONE for right in rights):
        return
    for *ray, rise in side.generators.rays:
        if rise > 0:
            total = Polynomial.total(
                right.numerator.scaled(-step / Fraction(rise)) for right, step in zip(rights, ray, strict=True)
            )
            yield polynomial_in_means(total, dict(bounds.notation.means))


def _what(op: str, pieces: Sequence[ModulePiece]) -> str:
    """What a side is, in words."""
    holds_always = not any(
        piece.guards or option.below for piece in pieces for summand in piece.summands for option in summand.options
    )
    if len(pieces) == 1:
        return "this term" if holds_always else "this piece, where it holds"
    which = "largest" if op == "max" else "smallest"
    return f"the {which} of these {'terms' if holds_always else 'pieces that hold'}"


# ---------------------------------------------------------------- pieces
def _remark(piece: Piece, op: str, writing: Script | None) -> str:
    """The piece as a paper writes it, where it says more than the code."""
    if writing is None:
        return ""
    plain = replace(writing, reading=replace(writing.reading, definitions=()))
    said, without = (f"{each.piece(piece, op, None)} {each.guards(piece.guards)}" for each in (writing, plain))
    if said == without:
        return ""
    guards = writing.guards(piece.guards)
    return writing.piece(piece, op, None) + f" if {guards}" * bool(guards)


def _parts(piece: Piece, reading: Simplifier) -> tuple[tuple[ModuleGuard, ...], tuple[ModuleSummand, ...]]:
    """Guards and summands; that a divisor is positive is said by the divisor alone."""
    strict = [guard.polynomial for guard in piece.guards if guard.relation == ">"]
    summands = tuple(_summand(summand, strict, reading) for summand in piece.summands)
    divisors = [option.denominator for summand in piece.summands for option in summand.options]
    kept = [guard for guard in piece.guards if guard.relation != ">" or not _is_among(guard, divisors, reading)]
    guards = tuple(ModuleGuard(shown_polynomial(g.polynomial, reading), g.relation == ">") for g in kept)
    return guards, summands


def _is_among(guard: Guard, divisors: Iterable[Polynomial], reading: Simplifier) -> bool:
    return any(multiple_of(divisor, guard.polynomial, reading) for divisor in divisors)


def _summand(summand: Summand, positive: Iterable[Polynomial], reading: Simplifier) -> ModuleSummand:
    weight = None if summand.weight == ONE else shown_polynomial(summand.weight, reading)
    return ModuleSummand(weight, tuple(_fraction(option, positive, reading) for option in summand.options))


def _fraction(option: RationalFunction, positive: Iterable[Polynomial], reading: Simplifier) -> ModuleFraction:
    """A fraction whose divisor is positive, where a guard says so."""
    multiples = (multiple_of(option.denominator, known, reading) for known in positive)
    sign = next((multiple for multiple in multiples if multiple), Fraction(0))
    if sign < 0:
        option = RationalFunction(-option.numerator, -option.denominator)
    shown = shown_fraction(option, reading)
    below = None if shown.below is None else ModuleDivisor(shown_polynomial(shown.below, reading), bool(sign))
    return ModuleFraction(shown.whole, shown.above, below)
