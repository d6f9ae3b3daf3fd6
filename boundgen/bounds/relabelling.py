"""Exchanges of a variable's levels, and which of them leave bounds as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.language.variables import Variable
from boundgen.strata.cells import Block, Cell, distinct_cells
from boundgen.terms import Term

Names = Mapping[str, str]
Form = Callable[[Term], Term]


@dataclass(frozen=True)
class Levels:
    """Levels of a variable that may be exchanged with one another.

    Parameters
    ----------
    variable : str
    levels : tuple of Value
        At least two, in the order of the domain.
    all : bool
        Whether they are all levels of the variable.
    """

    variable: str
    levels: tuple[Value, ...]
    all: bool


def exchanged(cells: Sequence[Cell], levels: Mapping[str, Mapping[Value, Value]]) -> Names | None:
    """Each cell's name after levels are replaced; None where that gives a cell that is not observed."""
    by_setting = {(frozenset(cell.event), frozenset(cell.context)): cell.name for cell in cells}
    found: dict[str, str] = {}
    for cell in cells:
        event, context = (
            frozenset((name, levels.get(name, {}).get(value, value)) for name, value in part)
            for part in (cell.event, cell.context)
        )
        if (event, context) not in by_setting:
            return None
        found[cell.name] = by_setting[event, context]
    return found


def renamed(term: Term, names: Names) -> Term:
    """A term of other cells."""
    return Term.of(term.constant, {names.get(name, name): c for name, c in term.coefficients})


def exchangeable_levels(
    model: Model, blocks: Sequence[Block], sets: Sequence[tuple[Sequence[Term], Form]]
) -> tuple[tuple[Levels, ...], tuple[Names, ...]]:
    """All levels whose exchange maps each set of terms, by its forms, to itself; and exchanges that generate these.

    Exchanging a with b and b with c makes a and c exchangeable too, so only levels that are not known to be
    exchangeable are tried.
    """
    cells = distinct_cells(blocks)
    forms = [({form(term) for term in terms}, form) for terms, form in sets]
    classes: list[Levels] = []
    generators: list[Names] = []
    for variable in model.variables:
        if not _always_shown(model, variable.name):
            continue
        groups: list[list[Value]] = [[value] for value in variable.domain]
        for one, other in combinations(variable.domain, 2):
            first, second = (next(group for group in groups if value in group) for value in (one, other))
            names = None if first is second else exchanged(cells, {variable.name: {one: other, other: one}})
            if names is not None and all(_keeps(each, names, form) for each, form in forms):
                generators.append(names)
                groups = [group for group in groups if group not in (first, second)] + [first + second]
        classes += _classes(variable, groups)
    return tuple(classes), tuple(generators)


def _classes(variable: Variable, groups: Iterable[list[Value]]) -> list[Levels]:
    found = [
        Levels(variable.name, tuple(v for v in variable.domain if v in group), len(group) == len(variable.domain))
        for group in groups
        if len(group) > 1
    ]
    return sorted(found, key=lambda levels: variable.domain.index(levels.levels[0]))


def _keeps(forms: set[Term], names: Names, form: Form) -> bool:
    return all(form(renamed(term, names)) in forms for term in forms)


def _always_shown(model: Model, variable: str) -> bool:
    """Whether a symbol shows the variable's level wherever a cell has it; a letter in its place needs that."""
    settings = [
        setting
        for observation in model.observations
        for setting in (*observation.outcomes, *observation.arms, *observation.interventions)
    ]
    return all(value is None for name, value in settings if name == variable)
