"""What an evaluator module holds, whatever its language: everything that a target needs and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.bounds.closed_form import Bounds, Side
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.product_conditions import ProductCondition, merged, products_text
from boundgen.bounds.symbols import Notation, notation
from boundgen.bounds.text import conditions_text, legend_text, term_text
from boundgen.codegen.piece_content import PieceFunction, PiecewiseContent, piecewise_content, shortfall_pieces
from boundgen.derivation import Derivation
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.printer import print_estimand
from boundgen.strata.cells import Arm, mean_cells, shown_cells
from boundgen.version import VERSION

DIGITS = 16
# What every language says of input that it refuses, behind what it calls an error.
REFUSED = "says what is wrong with the input, and where. The cells of an arm must sum to 1, up to 1e-9"
SHORTFALLS = "By how much the testable implications fail, where they do; else numbers that are not positive."
REFUSED_IN_PART = f"{REFUSED} (to at most 1, where only some of them are observed)."


@dataclass(frozen=True)
class ModuleFormula:
    """A function of cells and parameters, and how a paper writes it.

    Parameters
    ----------
    named : bool
        Whether the text has defined names: else it says what the code says.
    """

    term: Term
    text: str
    named: bool

    @property
    def remark(self) -> str:
        """The text, where it says more than the code."""
        return self.text if self.named else ""


@dataclass(frozen=True)
class ModuleArm:
    """Cells that sum to one, or where not all of them are observed to at most one."""

    cells: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class ModuleMean:
    """The mean of a bounded outcome times the indicator of a cell: numbers of both (None: of all units), and the ends.

    What it is checked for: it is `low` times the probability of its cell at least, and `high` times that at most.
    """

    cell: int
    share: int | None
    low: Fraction
    high: Fraction

    @property
    def wanted(self) -> str:
        """What the mean has to be, behind ``must be``."""
        return (
            f"from {self.low} to {self.high} times the probability of its cell"
            if self.share is not None
            else (f"from {self.low} to {self.high}")
        )


@dataclass(frozen=True)
class ModuleFactor:
    """A cell of a factor: its name, a short identifier, and the function of the observed cells that it is."""

    name: str
    symbol: str
    function: RationalFunction


@dataclass(frozen=True)
class ParameterRange:
    """A parameter; None is an unbounded end."""

    name: str
    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True)
class EstimandContent:
    """The terms of an estimand; both sides are divided by the denominator, where there is one."""

    name: str
    meaning: str
    lower: tuple[ModuleFormula, ...]
    upper: tuple[ModuleFormula, ...]
    denominator: ModuleFormula | None
    identified: bool

    def functions(self) -> Iterator[TermFunction]:
        """A function for each side, and for the denominator."""
        over = ", times the probability of its condition," if self.denominator else ""
        name = self.name + " (identified)" * self.identified
        sides: tuple[tuple[Literal["lower", "upper"], str, tuple[ModuleFormula, ...]], ...] = (
            ("lower", "largest", self.lower),
            ("upper", "smallest", self.upper),
        )
        for side, which, formulas in sides:
            many = f"the {which} of these terms" if len(formulas) > 1 else "this term"
            about = f"The {side} bound of {name}{over} is {many}."
            yield TermFunction(side, self.name, about, formulas, (False,) * len(formulas))
        if self.denominator:
            about = f"The probability of the condition of {self.name}."
            yield TermFunction("denominator", self.name, about, (self.denominator,), (False,))


@dataclass(frozen=True)
class TermFunction:
    """A function of laws in a module: what it is about, and its terms.

    Parameters
    ----------
    kind : {"lower", "upper", "denominator", "shortfalls"}
    estimand : str
        Empty for the shortfalls of the testable implications.
    absolute : tuple of bool
        For each formula, whether its absolute value is meant.
    """

    kind: Literal["lower", "upper", "denominator", "shortfalls"]
    estimand: str
    about: str
    formulas: tuple[ModuleFormula, ...]
    absolute: tuple[bool, ...]

    @property
    def name(self) -> str:
        return f"{self.kind}_of_{self.estimand}" if self.estimand else self.kind

    @property
    def used(self) -> frozenset[str]:
        """The cells and parameters that its formulas name."""
        return frozenset(name for formula in self.formulas for name, _ in formula.term.coefficients)


@dataclass(frozen=True)
class ModuleContent:
    """Everything that an evaluator module says.

    Parameters
    ----------
    name, title : str
        Of the model.
    sources : tuple of str
        Citations.
    text : str
        The model in its canonical spelling, without its claims: these do not touch the formulas.
    digest : str
        The beginning of the SHA-256 of the text.
    version : str
        Of boundgen.
    made_from : str
        What `boundgen generate` is given to make the module again.
    legend : tuple of str
        What the symbols of the formulas are.
    cells, symbols : tuple of str
        Canonical names, and for each a short identifier.
    order : tuple of str
        Definitions, cells and parameters in the order of printing.
    conditions : tuple of str
        The testable implications.
    shortfalls : TermFunction or PieceFunction
        By how much each of them fails.
    without_conditions : str
        Why testable implications were not derived; empty where they were.
    means : tuple of ModuleMean
        Which cells are means of bounded outcomes.
    factors : tuple of ModuleFactor
        Where variables share no causes: what the formulas are functions of, in the place of cells.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    text: str
    digest: str
    version: str
    made_from: str
    legend: tuple[str, ...]
    cells: tuple[str, ...]
    symbols: tuple[str, ...]
    order: tuple[str, ...]
    arms: tuple[ModuleArm, ...]
    parameters: tuple[ParameterRange, ...]
    estimands: tuple[EstimandContent | PiecewiseContent, ...]
    conditions: tuple[str, ...]
    shortfalls: TermFunction | PieceFunction
    without_conditions: str
    means: tuple[ModuleMean, ...] = ()
    factors: tuple[ModuleFactor, ...] = ()

    @property
    def probabilities(self) -> tuple[int, ...]:
        """The numbers of the cells that are no means."""
        means = {mean.cell for mean in self.means}
        return tuple(i for i in range(len(self.cells)) if i not in means)

    @property
    def keys(self) -> tuple[str, ...]:
        """What formulas are functions of: cells, or those of factors, then the parameters."""
        return (*([each.name for each in self.factors] or self.cells), *(p.name for p in self.parameters))

    @property
    def key_symbols(self) -> tuple[str, ...]:
        """A short identifier for each of them, but for the parameters."""
        return tuple(each.symbol for each in self.factors) or self.symbols

    @property
    def with_pieces(self) -> tuple[str, ...]:
        """The estimands whose bounds have pieces."""
        return tuple(e.name for e in self.estimands if isinstance(e, PiecewiseContent))

    @property
    def has_pieces(self) -> bool:
        """Whether any formula has pieces."""
        return bool(self.with_pieces) or isinstance(self.shortfalls, PieceFunction)

    def functions(self) -> Iterator[TermFunction | PieceFunction]:
        """The functions of laws, in the order of the module."""
        for estimand in self.estimands:
            yield from estimand.functions()
        yield self.shortfalls

    def places(self, arm: ModuleArm, first: int = 0) -> list[int]:
        """The numbers of an arm's cells, counted from the first."""
        return [self.cells.index(cell) + first for cell in arm.cells]


def module_content(derivation: Derivation, made_from: str) -> ModuleContent:
    """The content of the module of a derivation.

    Parameters
    ----------
    derivation : Derivation
        With its testable implications.
    made_from : str
        The name of the model's file, or of the model in the catalogue.
    """
    model, symbols = derivation.model, derivation.notation
    text = str(replace(model, claims=()))
    arms = derivation.independent.arms if derivation.independent else derivation.arms
    cells = shown_cells(arms)
    identifiers = symbols.identifiers()
    meanings = {e.name: print_estimand(e, model.by_name) for e in model.estimands}
    conditions, shortfalls = _implications(derivation)
    without, factors = derivation.conditions_missing, _factors(derivation, identifiers)
    if factors:
        # Independences are equations of other cells, and the rest alone would not be all.
        conditions, shortfalls = _terms((), (), symbols)
        without = "Testable implications of independent causes are not in modules."
    observed = notation(model, arms).identifiers() if factors else identifiers
    return ModuleContent(
        name=model.name,
        title=model.title,
        sources=model.sources,
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest()[:DIGITS],
        version=VERSION,
        made_from=made_from,
        legend=tuple(legend_text(symbols, unicode=False).split("\n")),
        cells=cells,
        symbols=tuple(observed[name] for name in cells),
        order=derivation.order,
        arms=_arms(arms),
        parameters=tuple(ParameterRange(p.name, p.low, p.high) for p in model.parameters),
        estimands=tuple(_estimand(bounds, meanings[bounds.name]) for bounds in derivation.closed_forms),
        conditions=conditions,
        shortfalls=shortfalls,
        without_conditions=without,
        means=_means(arms, cells),
        factors=factors,
    )


def _factors(derivation: Derivation, identifiers: Mapping[str, str]) -> tuple[ModuleFactor, ...]:
    """Cells of factors, and those of laws of randomized variables, which are observed as they are."""
    factored = derivation.independent.factored if derivation.independent else None
    if factored is None:
        return ()
    known = dict(factored.cells)
    names = [cell.name for arm in derivation.arms for cell in arm.cells]
    return tuple(
        ModuleFactor(name, identifiers[name], known.get(name) or RationalFunction(Polynomial.name(name)))
        for name in names
    )


def _means(arms: Sequence[Arm], cells: Sequence[str]) -> tuple[ModuleMean, ...]:
    return tuple(
        ModuleMean(cells.index(mean.name), cells.index(mean.share) if mean.share else None, mean.low, mean.high)
        for mean in mean_cells(arms)
    )


def _arms(arms: Sequence[Arm]) -> tuple[ModuleArm, ...]:
    """Each set of cells once."""
    found = [ModuleArm(arm.shown if not arm.means else _shares(arm), arm.complete) for arm in arms]
    return tuple(dict.fromkeys(each for each in found if each.cells))


def _shares(arm: Arm) -> tuple[str, ...]:
    return tuple(mean.share for mean in arm.means if mean.share)


def _estimand(bounds: Bounds | PiecewiseBounds, meaning: str) -> EstimandContent | PiecewiseContent:
    if isinstance(bounds, PiecewiseBounds):
        return piecewise_content(bounds, meaning)
    over = None
    if bounds.denominator is not None and bounds.shown_denominator is not None:
        text = term_text(bounds.shown_denominator, bounds.notation, unicode=False)
        denominator = bounds.observed_denominator or bounds.denominator
        over = ModuleFormula(denominator, text, bounds.shown_denominator != denominator)
    lower, upper = _formulas(bounds.lower, bounds.notation), _formulas(bounds.upper, bounds.notation)
    return EstimandContent(bounds.name, meaning, lower, upper, over, bounds.identified)


def _formulas(side: Side, symbols: Notation) -> tuple[ModuleFormula, ...]:
    pairs = zip(side.observed, side.shown, strict=True)
    return tuple(ModuleFormula(term, term_text(shown, symbols, unicode=False), shown != term) for term, shown in pairs)


def _implications(derivation: Derivation) -> tuple[tuple[str, ...], TermFunction | PieceFunction]:
    """The testable implications as text, and the function of these."""
    if derivation.product_conditions is not None:
        return _products([each.observed for each in derivation.product_conditions])
    terms = [derivation.notation.observed(term) for term in derivation.conditions or ()]
    return _terms(terms, derivation.shown_conditions or (), derivation.notation)


def _products(conditions: Sequence[ProductCondition]) -> tuple[tuple[str, ...], PieceFunction]:
    kept = tuple(merged(conditions))
    texts = products_text(conditions, unicode=False)
    if len(set(texts)) < len(texts):
        guards = (" and ".join(f"{g.polynomial} {g.relation} 0" for g in each.guards) for each, _ in kept)
        said = (f"{each.function} {'=' if equality else '>='} 0" for each, equality in kept)
        texts = [f"{text} if {guard}" if guard else text for text, guard in zip(said, guards, strict=True)]
    about = "By how much the testable implications that demand something fail; else numbers that are not positive."
    return tuple(texts), PieceFunction("shortfalls", "", about, tuple(shortfall_pieces(kept)))


def _terms(terms: Sequence[Term], shown: tuple[Term, ...], symbols: Notation) -> tuple[tuple[str, ...], TermFunction]:
    """Two opposite implications are one equality, as `relations` has it."""
    kept = [i for i, term in enumerate(shown) if -term not in shown[:i]]
    texts = conditions_text(shown, symbols, unicode=False)
    if len(set(texts)) < len(texts):
        # A parameter may be called like the symbol of a cell; canonical names are never the same.
        texts = [f"{terms[i]} {'=' if -shown[i] in shown else '>='} 0" for i in kept]
    formulas = (ModuleFormula(-terms[i], text, shown[i] != terms[i]) for i, text in zip(kept, texts, strict=True))
    equalities = tuple(-shown[i] in shown for i in kept)
    return tuple(texts), TermFunction("shortfalls", "", SHORTFALLS, tuple(formulas), equalities)
