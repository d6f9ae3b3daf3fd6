"""A term with letters in place of levels: ``p11·i + p00·j − 1 for all distinct i, j in Z``.

Levels that enter a term alike may be summed over instead: ``Σ_{j≠i} p0j·1`` are all levels but i.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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
        alike = _alike([term], cells, levels)
        choices = _choices(levels, alike, levels in fixed)
        if choices:
            found.append(min(choices, key=lambda split: (len(split.named), len(split.summed))))
    return tuple(found)


def _alike(
    terms: Sequence[Term], cells: Mapping[str, Cell], levels: LevelClass
) -> dict[frozenset[tuple[object, Number]], list[Value]]:
    """Levels by what the terms hold of them: the rest of each cell, with its coefficient."""
    held: dict[Value, set[tuple[object, Number]]] = {level: set() for level in levels.levels}
    for number, term in enumerate(terms):
        for name, c in term.coefficients:
            cell = cells.get(name)
            if cell is not None:
                values = {value for variable, value in (*cell.event, *cell.context) if variable == levels.variable}
                for level in values & held.keys():
                    rest = exchanged(cell.event, cell.context, {levels.variable: {level: ""}})
                    held[level].add(((number, rest, cell.selection), c))
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
    printed = _printed(term, notation)
    pool = letters_of(notation)
    quantifiers = tuple(_quantifier(split, printed, cells, pool, bool(split.summed)) for split in chosen)
    exchange = _exchange((quantifier, split.summed) for quantifier, split in zip(quantifiers, chosen, strict=True))
    return _with_letters(term, cells, quantifiers, exchange, notation)


def _exchange(chosen: Iterable[tuple[Quantifier, Sequence[Value]]]) -> Exchange:
    """The letter of each level that has one, and the index of those that are summed over."""
    exchange: dict[str, dict[Value, Value]] = {}
    for quantifier, summed in chosen:
        named: dict[Value, Value] = dict(zip(quantifier.at, quantifier.letters, strict=True))
        exchange.setdefault(quantifier.levels.variable, {}).update(named | dict.fromkeys(summed, quantifier.index))
    return exchange


def _with_letters(
    term: Term, cells: Mapping[str, Cell], quantifiers: tuple[Quantifier, ...], exchange: Exchange, notation: Notation
) -> Lettered:
    symbols = dict(notation.symbols)
    atoms: dict[str, LetteredCell] = {}
    atom_of: dict[str, str] = {}
    held = {name for name, _ in term.coefficients}
    for name in notation.order:
        if name in cells and name in held:
            atom = _atom(cells[name], symbols[name], exchange, quantifiers)
            atoms[atom.name] = atom
            atom_of[name] = atom.name
    # Cells of one atom have one coefficient: the sum says it once.
    pattern = Term.of(term.constant, {atom_of.get(name, name): c for name, c in term.coefficients})
    order = tuple(dict.fromkeys(atom_of.get(name, name) for name in notation.order))
    return Lettered(pattern, tuple(atoms.values()), quantifiers, order)


def letters_of(notation: Notation) -> Iterator[str]:
    """Letters that mean nothing else in the model."""
    taken = {name for variable, _ in notation.domains for name in (variable, variable.lower())}
    taken |= {str(value) for _, domain in notation.domains for value in domain}
    taken |= {*notation.order, *(symbol.letter for _, symbol in notation.symbols)}
    found = itertools.chain(POOL, (f"{letter}{n}" for n in itertools.count(1) for letter in POOL))
    return (letter for letter in found if letter not in taken)


def _quantifier(
    split: Split, printed: Sequence[str], cells: Mapping[str, Cell], pool: Iterator[str], is_summed: bool
) -> Quantifier:
    """Letters in the order in which the levels appear in print, and one more where there is a sum."""
    seen = [
        value
        for name in printed
        if name in cells
        for variable, value in (*cells[name].event, *cells[name].context)
        if variable == split.levels.variable and value in split.named
    ]
    at = tuple(dict.fromkeys([*seen, *split.named]))
    letters = tuple(next(pool) for _ in at)
    return Quantifier(split.levels, letters, at, next(pool) if is_summed else "")


def _atom(cell: Cell, symbol: CellSymbol, exchange: Exchange, quantifiers: Sequence[Quantifier]) -> LetteredCell:
    event, context = exchanged(cell.event, cell.context, exchange)
    values = {value for _, value in (*event, *context)}
    sums = tuple(q.index for q in quantifiers if q.index and q.index in values)
    return LetteredCell(f"({symbol.letter}: {event}|{context})", symbol.exchanged(exchange), event, context, sums)


# ---------------------------------------------------------------- several terms with the same letters
@dataclass(frozen=True)
class Lettering:
    """Letters for several terms that are printed together.

    Parameters
    ----------
    quantifiers : tuple of Quantifier
    summed : tuple of tuple of value
        For each of them, the levels that its index runs over beside the letters.
    cells : mapping of name to Cell
        What has levels that letters may stand for.
    """

    quantifiers: tuple[Quantifier, ...]
    summed: tuple[tuple[Value, ...], ...]
    cells: Mapping[str, Cell]

    @cached_property
    def exchange(self) -> Exchange:
        """What stands in place of levels."""
        return _exchange(zip(self.quantifiers, self.summed, strict=True))

    def term(self, term: Term, notation: Notation) -> Lettered:
        """A term with these letters; one that holds all levels alike is a sum over all of them."""
        known = {name: cell for name, cell in self.cells.items() if name in notation.order}
        chosen = []
        for quantifier, summed in zip(self.quantifiers, self.summed, strict=True):
            whole = _whole(term, known, quantifier.levels, notation) if quantifier.index else None
            alone = whole and Quantifier(whole, (), (), quantifier.index)
            chosen.append((alone, whole.levels) if alone and whole else (quantifier, summed))
        return _with_letters(term, known, tuple(q for q, _ in chosen), _exchange(chosen), notation)


def lettering(
    terms: Sequence[Term],
    cells: Mapping[str, Cell],
    classes: Mapping[LevelClass, bool],
    notation: Notation,
    taken: Container[str] = (),
) -> Lettering:
    """Letters for terms that are printed together.

    Parameters
    ----------
    terms : sequence of Term
        In the order of printing.
    cells : mapping of name to Cell
    classes : mapping of LevelClass to bool
        Whether letters are to stand for its levels; where relabelling changes nothing, levels stay as they are.
    notation : Notation
    taken : container of str
        Letters that mean something else.
    """
    printed = [name for term in terms for name in _printed(term, notation)]
    pool = (letter for letter in letters_of(notation) if letter not in taken)
    quantifiers, summed = [], []
    for levels, is_named in classes.items():
        whole = [term for term in terms if _whole(term, cells, levels, notation)]
        rest = [term for term in terms if term not in whole]
        choices = _choices(levels, _alike(rest, cells, levels), False) if is_named and rest else []
        best = min(choices, key=lambda each: (len(each.named), len(each.summed)), default=Split(levels, (), ()))
        quantifiers.append(_quantifier(best, printed, cells, pool, bool(best.summed or whole)))
        summed.append(best.summed)
    return Lettering(tuple(quantifiers), tuple(summed), cells)


def _whole(term: Term, cells: Mapping[str, Cell], levels: LevelClass, notation: Notation) -> LevelClass | None:
    """Levels, all of a class or all of its variable, that a term holds alike; None where it is not so, or few are."""
    domain = dict(notation.domains)[levels.variable]
    for each in (LevelClass(levels.variable, domain, True), levels):
        found = _alike([term], cells, each)
        if len(each.levels) > FEW_LEVELS and len(found) == 1 and frozenset() not in found:
            return each
    return None


def _printed(term: Term, notation: Notation) -> list[str]:
    """Names in the order of printing."""
    known = dict.fromkeys(notation.order) | {name: None for name, _ in term.coefficients}
    return [name for _, name in phraser(tuple(known), {name: name for name in known})(term)]


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
