"""Fractions, sums of maxima and guards as text and as LaTeX: what both write alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.phrases import Phrase, phraser, written
from boundgen.bounds.piecewise import Guard, Piece, Summand
from boundgen.bounds.piecewise_forms import Products, parted, shown_fraction, shown_polynomial
from boundgen.bounds.piecewise_printing import multiple_of, normal_form, only_value, plain_function
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.symbols import CellSymbol, Notation
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.rendering.latex import fractions
from boundgen.rendering.signs import signs

LATEX_SIGNS = {">": ">", "<": "<", ">=": r"\geq", "<=": r"\leq", "=": "="}
MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
OPPOSITE = {"max": "min", "min": "max"}


@dataclass(frozen=True)
class Script:
    """How the parts of a bound are written: as LaTeX, or as text with or without unicode.

    Parameters
    ----------
    notation : Notation
    reading : Simplifier
    known : tuple of Polynomial
        How guards are turned: as divisors are, and as what decides between chambers.
    shares : mapping of Polynomial to CellSymbol
        Sums of cells that are probabilities of events, by which these are called: ``P(V=1)``.
    latex, unicode : bool
    """

    notation: Notation
    reading: Simplifier
    known: tuple[Polynomial, ...]
    shares: Mapping[Polynomial, CellSymbol]
    latex: bool
    unicode: bool

    @property
    def words(self) -> str:
        """For which levels letters stand; there are none here."""
        return ""

    # ------------------------------------------------------------ signs
    @property
    def minus(self) -> str:
        """The sign."""
        return "-" if self.latex else signs(self.unicode).minus

    @property
    def infinity(self) -> str:
        """The end of a range without end."""
        return r"\infty" if self.latex else "∞" if self.unicode else "infinity"

    def relation(self, sign: str) -> str:
        """``<``, ``>``, ``<=``, ``>=`` or ``=``."""
        return LATEX_SIGNS[sign] if self.latex else signs(self.unicode).relation(sign)

    def _has_minus(self, text: str) -> bool:
        return text.startswith(self.minus) or f" {self.minus} " in text

    def _is_sum(self, text: str) -> bool:
        while (outside := re.sub(r"[({][^(){}]*[)}]", "", text)) != text:
            text = outside
        return f" {self.minus} " in text or " + " in text

    def _joined(self, texts: Sequence[str]) -> str:
        return " ".join(self._signs_apart(texts))

    def _signs_apart(self, texts: Sequence[str]) -> list[str]:
        """What is added up, each but the first behind its sign."""
        first, *others = texts
        rest = [
            f"{self.minus} {text[len(self.minus) :]}" if text.startswith(self.minus) else f"+ {text}" for text in others
        ]
        return [first, *rest]

    # ------------------------------------------------------------ polynomials
    @cached_property
    def _phrase(self) -> Callable[[Term], Phrase]:
        notation = self.notation
        return phraser(notation.order, notation.latex() if self.latex else notation.texts(self.unicode))

    def term(self, term: Term) -> str:
        """A linear function."""
        text = written(self._phrase(term), self.minus, " " if self.latex else "")
        return self.number(text)

    def number(self, text: str | Fraction) -> str:
        """A number, or a text with numbers."""
        return fractions(str(text)) if self.latex else str(text)

    def products(self, products: Products) -> str:
        """A sum of products of linear functions."""
        return self._joined([self._product(factors) for factors in products])

    def polynomial(self, polynomial: Polynomial) -> str:
        """A polynomial, in its shortest form."""
        share = self.shares.get(polynomial)
        if share is not None:
            return share.latex() if self.latex else share.text(self.unicode)
        return self.products(shown_polynomial(polynomial, self.reading))

    def _product(self, factors: Sequence[Term]) -> str:
        if len(factors) == 1:
            return self.term(factors[0])
        number, texts = Fraction(1), []
        for factor in sorted(factors, key=self._depth):
            if not factor.coefficients:
                number *= factor.constant
                continue
            sign = -1 if _is_negative(factor) else 1
            number *= sign
            texts.append(self._in_brackets(self.term(factor.scaled(sign))))
        if abs(number).denominator == 1 and not self.latex and texts[0][0] != "(":
            texts[0] = f"{'' if abs(number) == 1 else abs(number)}{texts[0]}"
            number /= abs(number)
        before = [] if abs(number) == 1 else [self.number(abs(number))]
        times = r" \, " if self.latex else " "
        return (self.minus if number < 0 else "") + times.join([*before, *texts])

    def _depth(self, term: Term) -> int:
        """Parameters stand before what is observed, and the law of randomized variables before other cells."""
        names = [name for name, _ in term.coefficients]
        if not any("(" in name for name in names):
            return 0
        return 1 if all(name in self._laws for name in names) else 2

    @cached_property
    def _laws(self) -> frozenset[str]:
        return frozenset(name for name, symbol in self.notation.symbols if symbol.law and not symbol.context)

    def _in_brackets(self, text: str) -> str:
        return f"({text})" if self._is_sum(text) or text.startswith(self.minus) else text

    # ------------------------------------------------------------ fractions
    def function(self, function: RationalFunction) -> str:
        """A fraction, in its shortest form; one over a product of shares is the sum of fractions over each."""
        if function.denominator.term is None and function.denominator not in self.shares:
            parts = parted(function, [share for share in self.shares if share.term is not None])
            if len(parts) > 1:
                return self._joined(sorted(map(self.function, parts), key=lambda text: text.startswith(self.minus)))
        # Only in print: what is computed stays undefined where the divisor is zero.
        divided = function.numerator.divided_by(function.denominator)
        if divided is not None:
            return self.polynomial(divided)
        fraction = shown_fraction(function, self.reading)
        if fraction.below is None:
            return self.products(fraction.above)
        below = self.polynomial(fraction.below)
        if below.startswith(self.minus) and not self._is_sum(below):
            return self.function(RationalFunction(-function.numerator, -function.denominator))
        sign, above = self._signed(fraction.above)
        quotient = sign + self.over(above, below)
        if not fraction.whole:
            return quotient
        whole = self.term(Term(fraction.whole))
        return self._joined([quotient, whole] if fraction.whole < 0 and not sign else [whole, quotient])

    def over(self, above: str, below: str) -> str:
        """What is written above what divides it."""
        if self.latex:
            return rf"\frac{{{above}}}{{{below}}}"
        return f"{self._in_brackets(above)} / {divisor_text(below)}"

    def _signed(self, products: Products) -> tuple[str, str]:
        """A minus sign that all of it has, and the rest."""
        text = self.products(products)
        if text.startswith(self.minus):
            negated = self.products(tuple((-first, *others) for first, *others in products))
            if not self._has_minus(negated):
                return self.minus, negated
        return "", text

    def _signed_polynomial(self, polynomial: Polynomial) -> tuple[str, str]:
        if polynomial in self.shares:
            return "", self.polynomial(polynomial)
        return self._signed(shown_polynomial(polynomial, self.reading))

    # ------------------------------------------------------------ sums of maxima
    def _summand(self, summand: Summand, op: str) -> str:
        weight, options = summand.weight, summand.options
        if len(options) == 1:
            return self.function(RationalFunction(weight) * options[0])
        if any(-weight == known for known in self.known):
            # Where s <= 0, ``s min{a, b}`` rather than ``−s max{−a, −b}``.
            weight, options, op = -weight, tuple(-option for option in options), OPPOSITE[op]
        inside = self._maximum(op, options)
        if weight == ONE:
            return inside
        sign, text = self._signed_polynomial(weight)
        return f"{sign}{self._in_brackets(text)} {inside}"

    def _summands(self, summands: Sequence[Summand], op: str) -> list[str]:
        return [self._summand(summand, op) for summand in summands]

    def _maximum(self, op: str, options: Sequence[RationalFunction]) -> str:
        return self.extremum(op, [self.function(option) for option in options])

    def extremum(self, op: str, texts: Sequence[str], comma: str = ",") -> str:
        """``max{a, b}`` in a row."""
        if len(texts) == 1:
            return texts[0]
        inside = f"{comma} ".join(texts)
        return rf"\{op} \left\{{ {inside} \right\}}" if self.latex else f"{op}{{{inside}}}"

    def piece(self, piece: Piece, op: str, over: Polynomial | None) -> str:
        """A piece, over what divides it."""
        return " ".join(self.parts(piece, op, over))

    def parts(self, piece: Piece, op: str, over: Polynomial | None) -> list[str]:
        """The same where its lines may be broken."""
        value = only_value(piece)
        if value is not None:
            return [self.function(value if over is None else quotient(value, over, self.reading))]
        if over is None:
            piece, over = _over_one_divisor(piece)
        divided = piece if over is None else _divided(piece, over, self.reading)
        texts = self._signs_apart(self._summands((divided or piece).summands, op))
        if divided is not None or over is None:
            return texts
        below = self.polynomial(over)
        if self.latex:
            return [self.over(" ".join(texts), below)]
        if len(texts) > 1:
            texts = [f"({texts[0]}", *texts[1:-1], f"{texts[-1]})"]
        return [*texts[:-1], f"{texts[-1]} / {divisor_text(below)}"]

    # ------------------------------------------------------------ guards
    def guards(self, guards: Iterable[Guard]) -> str:
        """What must hold, without the word "if"."""
        return (r" \text{ and } " if self.latex else " and ").join(map(self.guard, guards))

    def guard(self, guard: Guard) -> str:
        """``ATM > 0``; of what is no divisor ``a ≥ b``."""
        direction, sign = self._direction(guard.polynomial)
        known = self.directions.get(direction)
        if known is None:
            return self._compared(guard.polynomial, guard.relation)
        return self._compared(known[0], guard.relation if known[1] == sign else MIRRORED[guard.relation])

    @cached_property
    def directions(self) -> dict[Polynomial, tuple[Polynomial, bool]]:
        """What is known by what all its multiples have in common, with its sign; the first of each."""
        found: dict[Polynomial, tuple[Polynomial, bool]] = {}
        for polynomial in self.known:
            direction, sign = self._direction(polynomial)
            found.setdefault(direction, (polynomial, sign))
        return found

    def _direction(self, polynomial: Polynomial) -> tuple[Polynomial, bool]:
        normal = normal_form(polynomial, self.reading)
        leading = normal.terms[0][1] if normal.terms else Fraction(1)
        return normal.scaled(1 / leading), leading > 0

    def _compared(self, polynomial: Polynomial, relation: str) -> str:
        """``ATM > 0``; ``a > b`` for ``a − b > 0``, and ``p < 1`` for ``1 − p > 0``."""
        products = shown_polynomial(polynomial, self.reading)
        if polynomial in self.shares or len(products) > 1 or len(products[0]) > 1:
            return f"{self.polynomial(polynomial)} {self.relation(relation)} 0"
        term = products[0][0]
        left = Term.of(max(term.constant, Fraction(0)), {name: c for name, c in term.coefficients if c > 0})
        right = left - term
        if not left.coefficients:
            left, right, relation = right, left, MIRRORED[relation]
        return f"{self.term(left)} {self.relation(relation)} {self.term(right)}"


def divisor_text(below: str) -> str:
    """Text behind a fraction stroke: in brackets unless it is one symbol."""
    return f"({below})" if " " in below or re.match(r"\d+\D", below) else below


def quotient(value: RationalFunction, over: Polynomial, reading: Simplifier) -> RationalFunction:
    """A value over what divides it; a multiple of the divisor is a number."""
    return plain_function(RationalFunction(value.numerator, value.denominator * over), reading)


def _over_one_divisor(piece: Piece) -> tuple[Piece, Polynomial | None]:
    """A sum all of whose fractions have one divisor, without it."""
    options = [option for summand in piece.summands for option in summand.options if option.numerator]
    divisors = {option.denominator for option in options}
    if len(divisors) != 1 or divisors == {ONE}:
        return piece, None
    summands = (replace(s, options=tuple(RationalFunction(o.numerator) for o in s.options)) for s in piece.summands)
    return replace(piece, summands=tuple(summands)), divisors.pop()


def _divided(piece: Piece, over: Polynomial, reading: Simplifier) -> Piece | None:
    """A piece over a divisor into which all its weights divide; None where they do not."""
    found = []
    for summand in piece.summands:
        multiple = multiple_of(summand.weight, over, reading)
        if multiple is None:
            return None
        found.append(Summand(Polynomial.number(multiple), summand.options))
    return Piece(piece.guards, tuple(found))


def _is_negative(term: Term) -> bool:
    return term.constant <= 0 and all(c < 0 for _, c in term.coefficients)
