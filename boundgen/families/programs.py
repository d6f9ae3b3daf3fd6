"""What one unit has to do with a term: its cells, what it adds to the estimand, and the value of a term for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.posing import program_problem
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.families.scaling import LevelScaling
from boundgen.families.views import LevelledTerm, Shape, shape_of, whole_name
from boundgen.program.linear_program import LinearProgram
from boundgen.strata.cells import Arm, Cell, distinct_cells
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget


@dataclass(frozen=True)
class CostedStratum:
    """A principal stratum: its cells, and what it adds to the estimand."""

    stratum: Stratum
    cells: tuple[Cell, ...]
    cost: Number


@dataclass(frozen=True)
class LevelStrata:
    """All principal strata of a model with so many levels of a variable.

    Parameters
    ----------
    levels : int
    arms : tuple of Arm
    units : tuple of CostedStratum
    plain : bool
        Whether nothing but cells is demanded of their shares, and the estimand is their mean.
    """

    levels: int
    arms: tuple[Arm, ...]
    units: tuple[CostedStratum, ...]
    plain: bool


def units_at(scaling: LevelScaling, estimand: str, levels: int, budget: Budget) -> LevelStrata | None:
    """The principal strata with so many levels; None where the estimand is no mean over them."""
    model = scaling.at(levels)
    problem = program_problem(model, (model.estimand_named(estimand),), budget)
    if not problem.programs:
        return None
    return units_of(problem.programs[0].program, problem.arms, levels)


def units_of(program: LinearProgram, arms: Sequence[Arm], levels: int) -> LevelStrata:
    """The principal strata of a program."""
    cells = {cell.name: cell for cell in distinct_cells(arms)}
    units = []
    for column in program.columns:
        own = tuple(cells[program.rows[i].name] for i, _ in column.entries if program.rows[i].kind == "cell")
        units.append(CostedStratum(column.stratum, own, column.cost))
    plain = not program.restricted and program.offset == Term() and all(c.event == 1 for c in program.columns)
    return LevelStrata(levels, tuple(arms), tuple(units), plain)


class TermOfUnits:
    """A term, for one unit after the other."""

    def __init__(self, view: LevelledTerm, variable: str, first: int, by_steps: bool) -> None:
        self.variable, self.first = variable, first
        self._fixed = dict(view.fixed)
        self._rows: Mapping[Shape, Sequence[Fraction]] = dict(_rows(view, by_steps))
        self._number, self._by_steps = view.constant, by_steps

    def value(self, unit: CostedStratum) -> Fraction:
        """The value where everybody is such a unit."""
        return self._number + sum((self._coefficient(cell) for cell in unit.cells), Fraction(0))

    def _coefficient(self, cell: Cell) -> Fraction:
        shape, level = shape_of(cell, self.variable)
        if level is None:
            return self._fixed.get(cell.name, Fraction(0))
        whole = self._fixed.get(whole_name(shape), Fraction(0)) if self._by_steps else Fraction(0)
        row = self._rows.get(shape)
        return whole + (row[level - self.first] if row else Fraction(0))


def _rows(view: LevelledTerm, by_steps: bool) -> Iterator[tuple[Shape, list[Fraction]]]:
    """The coefficients of each shape by level; by steps they add up."""
    held = [dict(profile) for profile in view.profiles]
    for shape in {shape for each in held for shape in each}:
        row = [each.get(shape, Fraction(0)) for each in held]
        if by_steps:
            row = [sum(row[:place], Fraction(0)) for place in range(len(row) + 1)]
        yield shape, row


def is_valid(view: LevelledTerm, units: LevelStrata, scaling: LevelScaling, lower: bool, by_steps: bool) -> bool:
    """Whether a term is on its side of the estimand for every unit, and so for every population."""
    term = TermOfUnits(view, scaling.variable, scaling.first, by_steps)
    return all((term.value(unit) <= unit.cost) if lower else (term.value(unit) >= unit.cost) for unit in units.units)
