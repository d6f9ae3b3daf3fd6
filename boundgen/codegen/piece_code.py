"""Pieces as code: expressions in the words of a language, and names for what is long or used more than once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from boundgen.bounds.piecewise_forms import Products
from boundgen.codegen.expressions import number, operands
from boundgen.codegen.piece_content import ModuleDivisor, ModuleFraction, ModulePiece, ModuleSummand, PieceFunction
from boundgen.exact.terms import Term

# What is longer has a name, so that a fraction with a number beside it fits in a line; an argument has its own line.
LONGEST, LONGEST_ARGUMENT = 44, 100
# A divisor or guard up to here is rounding.
EXPONENT = 14
ZERO = f"1e-{EXPONENT}"
Operands = tuple[str, ...]


@dataclass(frozen=True)
class CodeExpression:
    """The operands of a sum, each with its sign; or a call of a function, whose arguments are sums."""

    arguments: tuple[Operands, ...]
    call: str = ""

    @staticmethod
    def of(parts: Iterable[str]) -> CodeExpression:
        """A sum."""
        return CodeExpression((tuple(parts),))

    @property
    def parts(self) -> Operands:
        """As operands of another sum."""
        return (str(self),) if self.call else self.arguments[0]

    def __str__(self) -> str:
        inside = ", ".join(" ".join(argument) for argument in self.arguments)
        return f"{self.call}({inside})" if self.call else inside


@dataclass(frozen=True)
class PieceWords:
    """How a language says what pieces need; what a piece is where it does not hold is nan, or missing.

    Parameters
    ----------
    names : mapping of cell or parameter to text
    local : function of str
        A name of the function's own in an expression.
    divisor : function of (CodeExpression, positive, zero)
        The same, nan where it is not positive, or where it is zero; what is as small as `zero` is rounding.
    where : function of (value, guards)
        The value where all guards hold, each a CodeExpression and whether it must be positive; else nan.
    extremum : function of (options, is_upper, is_divided)
        The largest or smallest of some values; nan where one of them is, which it can be where one is divided.
    among : function of (options, is_upper)
        The largest or smallest of those that are not nan.
    """

    names: Mapping[str, str]
    local: Callable[[str], str]
    divisor: Callable[[CodeExpression, bool, str], CodeExpression]
    where: Callable[[CodeExpression, Sequence[tuple[CodeExpression, bool]]], CodeExpression]
    extremum: Callable[[Sequence[CodeExpression], bool, bool], CodeExpression]
    among: Callable[[Sequence[CodeExpression], bool], CodeExpression]

    def endless(self, function: PieceFunction, code: PieceCode, infinity: str) -> str:
        """What a side is where no piece holds, of one that is unbounded: nan where the estimand is not defined."""
        sign = "-" * (function.kind == "lower")
        return f"{sign}{infinity}" + (f" * {self.divisor(code.defined, True, ZERO)}" if code.defined else "")


def words_of_functions(
    names: Mapping[str, str],
    positive: str,
    nonzero: str,
    where: str,
    largest: str,
    smallest: str,
    among: Callable[[Sequence[CodeExpression], bool], CodeExpression],
) -> PieceWords:
    """The words of a language in which all that pieces need are calls of functions, with these names."""

    def over(code: CodeExpression, is_positive: bool, zero: str = ZERO) -> CodeExpression:
        more = () if zero == ZERO else ((zero,),)
        return CodeExpression((code.parts, *more), positive if is_positive else nonzero)

    def held(value: CodeExpression, guards: Sequence[tuple[CodeExpression, bool]]) -> CodeExpression:
        parts = (over(guard, True).parts if strict else guard.parts for guard, strict in guards)
        return CodeExpression((value.parts, *parts), where)

    def extremum(options: Sequence[CodeExpression], is_upper: bool, _is_divided: bool) -> CodeExpression:
        return CodeExpression(tuple(option.parts for option in options), smallest if is_upper else largest)

    return PieceWords(names, str, over, held, extremum, among)


@dataclass(frozen=True)
class PieceCode:
    """A function's code.

    Parameters
    ----------
    named : tuple of (name, CodeExpression)
        In the order in which they are needed.
    pieces : tuple of CodeExpression
    defined : CodeExpression or None
        What is positive where the estimand is defined, of a side that is infinite where no piece holds.
    """

    named: tuple[tuple[str, CodeExpression], ...]
    pieces: tuple[CodeExpression, ...]
    defined: CodeExpression | None


def piece_code(
    function: PieceFunction, order: tuple[str, ...], words: PieceWords, reserved: Collection[str] = ()
) -> PieceCode:
    """The code of a function.

    Parameters
    ----------
    function : PieceFunction
    order : tuple of str
        Names in the order of printing.
    words : PieceWords
    reserved : collection of str
        Names that nothing gets here, beside those of cells and parameters.

    Returns
    -------
    PieceCode
    """
    taken = frozenset((*reserved, *words.names.values()))
    first = _Writing(order, words, function.kind == "upper", taken)
    first.function(function)
    # Now it is known what is used more than once.
    return _Writing(order, words, first.is_upper, taken, first.uses).function(function)


def _always(code: CodeExpression) -> Callable[[Any], CodeExpression]:
    """Code that is there already, as what makes it."""
    return lambda _: code


@dataclass
class _Writing:
    """Writes the pieces of a function; names are given on the way.

    Parameters
    ----------
    order, words, is_upper
    taken : frozenset of str
        Names that are not given.
    often : Counter
        How often each expression is used, where that is known.
    uses : Counter
        The same, as it is counted now.
    made : mapping of expression to CodeExpression
    named : mapping of expression to name and CodeExpression
    """

    order: tuple[str, ...]
    words: PieceWords
    is_upper: bool
    taken: frozenset[str]
    often: Counter[Hashable] = field(default_factory=Counter)
    uses: Counter[Hashable] = field(default_factory=Counter)
    made: dict[Hashable, CodeExpression] = field(default_factory=dict)
    named: dict[Hashable, tuple[str, CodeExpression]] = field(default_factory=dict)

    def function(self, function: PieceFunction) -> PieceCode:
        """All pieces, and what they share."""
        pieces = tuple(self._piece(piece) for piece in function.pieces)
        if function.laws:
            pieces = (self._worst(function, pieces),)
        defined = self._short("best", function.defined, self._least) if function.defined else None
        return PieceCode(tuple(self.named.values()), pieces, defined)

    def _worst(self, function: PieceFunction, pieces: Sequence[CodeExpression]) -> CodeExpression:
        """Of the best piece at each law the worst; nan where not all that laws are made of is a number."""
        best, start = [], 0
        for size in function.laws:
            own = pieces[start : start + size]
            code = own[0] if size == 1 else self.words.among(own, self.is_upper)
            best.append(self._short("law", (function.name, start), _always(code)))
            start += size
        needed = self._short("sum", function.needed, self._sum)
        return self.words.where(self.words.among(best, not self.is_upper), [(needed, function.is_positive)])

    def _piece(self, piece: ModulePiece) -> CodeExpression:
        """A sum, where its guards hold."""
        total = CodeExpression.of(_added(self._summand(summand) for summand in piece.summands))
        if not piece.guards:
            return total
        guards = [(self._short("sum", guard.value, self._sum), guard.strict) for guard in piece.guards]
        return self.words.where(self._argument(piece.summands, total), guards)

    # ------------------------------------------------------------ names
    def _short(self, kind: str, key: Hashable, make: Callable[[Any], CodeExpression]) -> CodeExpression:
        """An expression's name, where it is long or used often; else itself."""
        self.uses[key] += 1
        if key not in self.made:
            code = self.made[key] = make(key)
            is_name = " " not in str(code) and "(" not in str(code)
            if not is_name and (self.often[key] > 1 or len(str(code)) > LONGEST):
                self.named[key] = self._name(kind), code
        return CodeExpression.of([self.words.local(self.named[key][0])]) if key in self.named else self.made[key]

    def _argument(self, key: Hashable, code: CodeExpression) -> CodeExpression:
        """An argument that fits in a line."""
        return code if len(str(code)) <= LONGEST_ARGUMENT else self._short("sum", key, _always(code))

    def _name(self, kind: str) -> str:
        taken = self.taken.union(name for name, _ in self.named.values())
        return next(name for i in itertools.count(1) if (name := f"{kind}{i}") not in taken)

    # ------------------------------------------------------------ sums of products
    def _sum(self, products: Products) -> CodeExpression:
        return CodeExpression.of(_added(self._product(factors) for factors in products))

    def _product(self, factors: Sequence[Term]) -> Operands:
        if len(factors) == 1:
            return tuple(operands(factors[0], self.order, self.words.names))
        multiple, texts = Fraction(1), []
        for factor in factors:
            if factor.coefficients:
                texts.append(self._factor(((factor,),)))
            else:
                multiple *= factor.constant
        before = [] if abs(multiple) == 1 else [number(abs(multiple))]
        return ("-" * (multiple < 0) + " * ".join([*before, *texts]),)

    def _factor(self, products: Products) -> str:
        """In brackets where it is a sum or negative."""
        return _bracketed(self._short("sum", products, self._sum))

    # ------------------------------------------------------------ fractions and maxima
    def _fraction(self, fraction: ModuleFraction) -> CodeExpression:
        if fraction.below is None:
            return self._sum(fraction.above)
        above, sign = fraction.above, ""
        if all(part.startswith("-") for part in self._sum(above).parts):
            above, sign = tuple((-first, *others) for first, *others in above), "-"
        over = self._short("over", fraction.below, self._divisor)
        quotient = (f"{sign}{self._factor(above)} / {over}",)
        return CodeExpression.of(_added([(number(fraction.whole),), quotient]) if fraction.whole else quotient)

    def _divisor(self, divisor: ModuleDivisor) -> CodeExpression:
        return self.words.divisor(self._sum(divisor.value), divisor.positive, _zero(divisor.value))

    def _summand(self, summand: ModuleSummand) -> Operands:
        is_one = len(summand.options) == 1
        if is_one and summand.weight is None:
            return self._fraction(summand.options[0]).parts
        value = self._short("sum" if is_one else "best", summand.options, self._extremum)
        if summand.weight is None:
            return value.parts
        return (f"{self._factor(summand.weight)} * {_bracketed(value)}",)

    def _least(self, values: Sequence[Products]) -> CodeExpression:
        """The smallest of sums."""
        if len(values) == 1:
            return self._sum(values[0])
        return self.words.extremum([self._argument(value, self._sum(value)) for value in values], True, False)

    def _extremum(self, options: Sequence[ModuleFraction]) -> CodeExpression:
        codes = [self._fraction(option) for option in options]
        if len(codes) == 1:
            return codes[0]
        fitting = [self._argument(option, code) for option, code in zip(options, codes, strict=True)]
        return self.words.extremum(fitting, self.is_upper, any(option.below for option in options))


def _zero(products: Products) -> str:
    """Up to where a divisor is zero but for rounding; products of small numbers alone are smaller, and exact."""
    terms = [term for factors in products for term in factors]
    is_sum = all(c >= 0 for term in terms for c in (term.constant, *term.mapping().values()))
    degree = max(sum(bool(term.coefficients) for term in factors) for factors in products)
    return f"1e-{EXPONENT * degree}" if is_sum else ZERO


def _bracketed(code: CodeExpression) -> str:
    is_sum = not code.call and (len(code.parts) > 1 or code.parts[0].startswith("-"))
    return f"({code})" if is_sum else str(code)


def _added(sums: Iterable[Operands]) -> Operands:
    """The operands of all; each but the first behind its sign and a blank."""
    first, *others = (part for parts in sums for part in parts)
    return (first, *map(_behind, others))


def _behind(part: str) -> str:
    if part.startswith(("- ", "+ ")):
        return part
    return f"- {part[1:]}" if part.startswith("-") else f"+ {part}"
