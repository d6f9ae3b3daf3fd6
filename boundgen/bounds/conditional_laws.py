"""Names for quotients of observed probabilities that are conditional probabilities: ``P(Y=1|X=1)``, as papers write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from boundgen.bounds.normal_form import NormalProgram
from boundgen.bounds.symbols import CellSymbol, Notation, shown_value
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.strata.cells import Arm, Assignment, Cell, cell_name


@dataclass(frozen=True)
class ConditionalLaw:
    """The cells of an arm given an event that they share.

    Parameters
    ----------
    given : str
        The name of the event's probability.
    share : Polynomial
        That probability.
    names : mapping of cell to name
        What each cell of the event is called given it.
    symbols : tuple of (name, CellSymbol)
        How these names, and that of the event, are printed.
    """

    given: str
    share: Polynomial
    names: Mapping[str, str]
    symbols: tuple[tuple[str, CellSymbol], ...]

    @property
    def functions(self) -> dict[str, RationalFunction]:
        """What the names stand for."""
        found = {name: RationalFunction(Polynomial.name(cell), self.share) for cell, name in self.names.items()}
        return {self.given: RationalFunction(self.share), **found}


def conditional_laws(normal: NormalProgram, arms: Sequence[Arm]) -> tuple[ConditionalLaw, ...]:
    """The conditional laws that are right sides of a program."""
    shares = dict.fromkeys(function.denominator for function in normal.symbols.values())
    found = (_law(share, arm) for share in shares for arm in arms if not arm.law)
    return tuple(law for law in found if law is not None)


def _law(share: Polynomial, arm: Arm) -> ConditionalLaw | None:
    """The cells of an arm that sum to a share, if these are all with some values."""
    cells = {cell.name: cell for cell in arm.cells}
    term = share.term
    if term is None or term.constant or any(c != 1 or name not in cells for name, c in term.coefficients):
        return None
    inside = [cells[name] for name, _ in term.coefficients]
    if len(inside) < 2:
        return None
    common = tuple(pair for pair in inside[0].event if all(pair in cell.event for cell in inside))
    whole = [cell.name for cell in arm.cells if set(common) <= set(cell.event)]
    if not common or set(whole) != {cell.name for cell in inside}:
        return None
    names = {cell.name: cell_name(_rest(cell, common), cell.context, (), common) for cell in inside}
    given = cell_name(common, inside[0].context, ())
    symbols = [(names[cell.name], _symbol(_rest(cell, common), cell.context + common)) for cell in inside]
    return ConditionalLaw(given, share, names, ((given, _symbol(common, inside[0].context)), *symbols))


def _rest(cell: Cell, common: Assignment) -> Assignment:
    return tuple(pair for pair in cell.event if pair not in common)


def _symbol(event: Assignment, context: Assignment) -> CellSymbol:
    values = [tuple(shown_value(value) for _, value in part) for part in (event, context)]
    return CellSymbol("P", values[0], values[1], tuple(name for name, _ in (*event, *context)), law=True)


def named(normal: NormalProgram, laws: Sequence[ConditionalLaw]) -> NormalProgram:
    """The program whose right sides have the names of conditional probabilities where they are such."""
    by_function = {function: name for law in laws for name, function in law.functions.items()}
    new = {old: by_function[function] for old, function in normal.symbols.items() if function in by_function}
    rows = tuple(
        replace(row, name=new.get(row.name, row.name), right=_renamed(row.right, new)) for row in normal.program.rows
    )
    symbols = {new.get(name, name): function for name, function in normal.symbols.items()}
    return replace(normal, program=replace(normal.program, rows=rows), symbols=symbols)


def _renamed(term: Term, new: Mapping[str, str]) -> Term:
    return Term.of(term.constant, {new.get(name, name): c for name, c in term.coefficients})


def with_laws(notation: Notation, laws: Sequence[ConditionalLaw]) -> Notation:
    """The notation with symbols for conditional probabilities."""
    symbols = dict(pair for law in laws for pair in law.symbols)
    new = tuple((name, symbol) for name, symbol in symbols.items() if name not in notation.order)
    return replace(notation, symbols=(*notation.symbols, *new), order=(*(name for name, _ in new), *notation.order))
