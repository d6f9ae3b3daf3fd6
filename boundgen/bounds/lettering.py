"""A term with letters in place of levels: ``p11·i + p00·j − 1 for all distinct i, j in Z``.

Levels that enter a term alike may be summed over instead: ``Σ_{j≠i} p0j·1`` are all levels but i.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from boundgen.bounds.phrases import phraser
from boundgen.bounds.relabelling import Exchange, LevelClass, NormalForms, exchanged
from boundgen.bounds.symbols import CellSymbol, Notation
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, combination
from boundgen.language.expressions import Value
from boundgen.strata.cells import Assignment, Cell

# Without l and o, which look like numbers.
POOL = "ijkmnrstuvwabcdefgh"
# A sum over a whole variable of two levels is no shorter than its two cells.
FEW_LEVELS = 2


@dataclass(frozen=True)
class Split:
    """Which levels of a class a term names one by one, and which it sums over (none, or all others)."""

    levels: LevelClass
    named: tuple[Value, ...]
    summed: tuple[Value, ...]


@dataclass(frozen=True)
class Quantifier:
    """The letters of one variable's levels.

    Parameters
    ----------
    levels : LevelClass
    letters : tuple of str
        Each stands for any level, different letters for different levels.
    at : tuple of value
        The levels for which they stand in the representative.
    index : str
        Runs over all other levels in sums; empty where there is none.
    """

    levels: LevelClass
    letters: tuple[str, ...]
    at: tuple[Value, ...]
    index: str


@dataclass(frozen=True)
class LetteredCell:
    """A cell with letters, and those of its letters that run over levels in a sum."""

    name: str
    symbol: CellSymbol
    event: Assignment
    context: Assignment
    sums: tuple[str, ...]


@dataclass(frozen=True)
class Lettered:
    """A term with letters.

    Parameters
    ----------
    pattern : Term
        In atoms, parameters and definitions.
    atoms : tuple of LetteredCell
    quantifiers : tuple of Quantifier
    order : tuple of str
        Names in the order of printing.
    """

    pattern: Term
    atoms: tuple[LetteredCell, ...]
    quantifiers: tuple[Quantifier, ...]
    order: tuple[str, ...]

    @property
    def cost(self) -> tuple[Number, ...]:
        """Few letters, few symbols, few sums."""
        size = len(self.pattern.coefficients) + bool(self.pattern.constant)
        magnitude = sum(abs(c) for _, c in self.pattern.coefficients)
        return (
            sum(len(q.letters) for q in self.quantifiers),
            size,
            magnitude,
            sum(len(atom.sums) for atom in self.atoms),
        )


# ---------------------------------------------------------------- levels to letters
def splits(
    term: Term, cells: Mapping[str, Cell], classes: Sequence[LevelClass], fixed: frozenset[LevelClass]
) -> tuple[Split, ...]:
    """For each class, the fewest levels that must be named.

    Parameters
    ----------
    fixed : frozenset of LevelClass
        Those whose relabelling does not change the term: their levels stay numbers, or are summed over.
    """
    found = []
    for levels in classes:
        alike = _alike(term, cells, levels)
        choices = _choices(levels, alike, levels in fixed)
        if choices:
            found.append(min(choices, key=lambda split: (len(split.named), len(split.summed))))
    return tuple(found)


def _alike(
    term: Term, cells: Mapping[str, Cell], levels: LevelClass
) -> dict[frozenset[tuple[object, Number]], list[Value]]:
    """Levels by what the term holds of them: the rest of each cell, with its coefficient."""
    held: dict[Value, set[tuple[object, Number]]] = {level: set() for level in levels.levels}
    for name, c in term.coefficients:
        cell = cells.get(name)
        if cell is not None:
            values = {value for variable, value in (*cell.event, *cell.context) if variable == levels.variable}
            for level in values & held.keys():
                held[level].add((exchanged(cell.event, cell.context, {levels.variable: {level: ""}}), c))
    found: dict[frozenset[tuple[object, Number]], list[Value]] = {}
    for level, what in held.items():
        found.setdefault(frozenset(what), []).append(level)
    return found


def _choices(
    levels: LevelClass, alike: Mapping[frozenset[tuple[object, Number]], Sequence[Value]], fixed: bool
) -> list[Split]:
    """Name all that the term holds, or sum over levels that it holds alike."""
    unused = alike.get(frozenset(), ())
    if len(unused) == len(levels.levels):
        return []
    named = tuple(level for level in levels.levels if level not in unused)
    found = [] if fixed else [Split(levels, named, ())]
    for what, group in alike.items():
        others = tuple(level for level in levels.levels if level not in group)
        enough = 1 if others else FEW_LEVELS
        if what and len(group) > enough and not (fixed and others):
            found.append(Split(levels, others, tuple(group)))
    return found


def lettered(term: Term, cells: Mapping[str, Cell], chosen: Sequence[Split], notation: Notation) -> Lettered:
    """The term with letters; cells that a sum joins are one atom."""
    printed = [name for _, name in phraser(notation.order, {name: name for name in notation.order})(term)]
    pool = _letters(notation)
    quantifiers = tuple(_quantifier(split, printed, cells, pool) for split in chosen)
    exchange: dict[str, dict[Value, Value]] = {}
    for quantifier, split in zip(quantifiers, chosen, strict=True):
        exchange.setdefault(split.levels.variable, {}).update(_replaced(quantifier, split))
    symbols = dict(notation.symbols)
    atoms: dict[str, LetteredCell] = {}
    atom_of: dict[str, str] = {}
    for name in printed:
        if name in cells:
            atom = _atom(cells[name], symbols[name], exchange, quantifiers)
            atoms[atom.name] = atom
            atom_of[name] = atom.name
    # Cells of one atom have one coefficient: the sum says it once.
    pattern = Term.of(term.constant, {atom_of.get(name, name): c for name, c in term.coefficients})
    order = tuple(dict.fromkeys(atom_of.get(name, name) for name in notation.order))
    return Lettered(pattern, tuple(atoms.values()), quantifiers, order)


def _letters(notation: Notation) -> Iterator[str]:
    """Letters that mean nothing else in the model."""
    taken = {name for variable, _ in notation.domains for name in (variable, variable.lower())}
    taken |= {str(value) for _, domain in notation.domains for value in domain}
    taken |= {*notation.order, *(symbol.letter for _, symbol in notation.symbols)}
    found = itertools.chain(POOL, (f"{letter}{n}" for n in itertools.count(1) for letter in POOL))
    return (letter for letter in found if letter not in taken)


def _quantifier(split: Split, printed: Sequence[str], cells: Mapping[str, Cell], pool: Iterator[str]) -> Quantifier:
    """Letters in the order in which the levels appear in print."""
    seen = [
        value
        for name in printed
        if name in cells
        for variable, value in (*cells[name].event, *cells[name].context)
        if variable == split.levels.variable and value in split.named
    ]
    at = tuple(dict.fromkeys([*seen, *split.named]))
    letters = tuple(next(pool) for _ in at)
    return Quantifier(split.levels, letters, at, next(pool) if split.summed else "")


def _replaced(quantifier: Quantifier, split: Split) -> dict[Value, Value]:
    named: dict[Value, Value] = dict(zip(quantifier.at, quantifier.letters, strict=True))
    return named | dict.fromkeys(split.summed, quantifier.index)


def _atom(cell: Cell, symbol: CellSymbol, exchange: Exchange, quantifiers: Sequence[Quantifier]) -> LetteredCell:
    event, context = exchanged(cell.event, cell.context, exchange)
    values = {value for _, value in (*event, *context)}
    sums = tuple(q.index for q in quantifiers if q.index and q.index in values)
    return LetteredCell(f"({event}|{context})", symbol.exchanged(exchange), event, context, sums)


# ---------------------------------------------------------------- letters to levels
def expanded(lettered: Lettered, functions: NormalForms, definitions: Mapping[str, Term]) -> Iterator[Term]:
    """The term at every choice of distinct levels for its letters, in cells and parameters.

    Choices may give the same term: nothing is left out here.
    """
    choices = [itertools.permutations(q.levels.levels, len(q.letters)) for q in lettered.quantifiers]
    atoms = {atom.name: atom for atom in lettered.atoms}
    for levels in itertools.product(*choices):
        parts: list[tuple[Number, Term]] = [(1, Term.of(lettered.pattern.constant))]
        for name, c in lettered.pattern.coefficients:
            if name in atoms:
                parts.append((c, _cells(atoms[name], lettered.quantifiers, levels, functions)))
            else:
                parts.append((c, definitions.get(name, Term.of(0, {name: 1}))))
        yield combination(parts)


def _cells(
    atom: LetteredCell, quantifiers: Sequence[Quantifier], levels: Sequence[tuple[Value, ...]], functions: NormalForms
) -> Term:
    """The cells of an atom where letters stand for those levels."""
    chosen: dict[str, dict[Value, Value]] = {}
    running = []
    for quantifier, values in zip(quantifiers, levels, strict=True):
        variable = quantifier.levels.variable
        chosen.setdefault(variable, {}).update(zip(quantifier.letters, values, strict=True))
        if quantifier.index in atom.sums:
            rest = [level for level in quantifier.levels.levels if level not in values]
            running.append([(variable, quantifier.index, level) for level in rest])
    names = []
    for indices in itertools.product(*running):
        exchange = {v: dict(pairs) for v, pairs in chosen.items()}
        for variable, index, level in indices:
            exchange[variable][index] = level
        names.append(functions.named(*exchanged(atom.event, atom.context, exchange)))
    return Term.of(0, dict.fromkeys(names, 1))
