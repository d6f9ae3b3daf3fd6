"""The laws of the data by groups of units, where an assumption's right side is a product of what is observed.

Units are parted into groups. Unknowns are the laws of strata given the group, weights are the shares of groups, and
cells are sums of their products. An assumption then is a form of both; it is one of the conditional laws alone where it
is that times a factor which is positive wherever the groups that it speaks of have units.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, over_one_denominator
from boundgen.exact.rational import Number
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region
from boundgen.program.weighted_program import WeightedProgram, WeightedRow
from boundgen.verification.law_space import (
    LawSpace,
    box,
    by_part,
    law_weights,
    numerator_parts,
    of_one_degree,
    reduced,
    rest_of,
    simplex,
)

Places = dict[str, Polynomial]
NamedForms = dict[str, dict[int, Number]]


def group_space(bounds: PiecewiseBounds) -> LawSpace | None:
    """The space of an estimand's laws by groups of units; None where no parting makes the assumptions linear.

    Parameters
    ----------
    bounds : PiecewiseBounds

    Returns
    -------
    LawSpace or None
    """
    laws = law_weights(bounds)
    observed = {row.name for row in bounds.program.rows if row.kind == "cell"}
    cells = {cell.name for arm in bounds.arms if not arm.law for cell in arm.cells}
    selected = any(row.kind == "selection" for row in bounds.program.rows)
    if laws is None or selected or not bounds.program.identified or not cells <= observed:
        return None
    spaces = (_space(_Groups(bounds, columns, laws)) for columns in _partings(bounds))
    return next((space for space in spaces if space is not None), None)


# ---------------------------------------------------------------- groups
def _partings(bounds: PiecewiseBounds) -> Iterator[tuple[tuple[int, ...], ...]]:
    """The columns by each observed law that is of all units, and by events with a share in the program."""
    program = bounds.program
    number = {row.name: i for i, row in enumerate(program.rows) if row.kind == "cell"}
    for arm in bounds.arms:
        if arm.complete and not arm.law:
            rows = [number[cell.name] for cell in arm.cells]
            own = [[i for i, _ in column.entries if i in rows] for column in program.columns]
            if all(len(each) == 1 for each in own):
                yield _parted([each[0] for each in own])
    yield _parted([column.groups for column in program.columns])
    for k in range(len(program.shares)):
        yield _parted([k in column.groups for column in program.columns])


def _parted(of_column: Sequence[Hashable]) -> tuple[tuple[int, ...], ...]:
    """The columns that have the same."""
    found: dict[Hashable, list[int]] = {}
    for j, own in enumerate(of_column):
        found.setdefault(own, []).append(j)
    return tuple(map(tuple, found.values()))


@dataclass(frozen=True)
class _Groups:
    """Strata in groups; the unknowns are their probabilities given the group.

    Parameters
    ----------
    bounds : PiecewiseBounds
    columns : tuple of tuple of int
        Of each group.
    laws : tuple of tuple of str
        The cells of each law of randomized variables.
    """

    bounds: PiecewiseBounds
    columns: tuple[tuple[int, ...], ...]
    laws: tuple[tuple[str, ...], ...]

    @property
    def program(self) -> WeightedProgram:
        return self.bounds.program

    @property
    def shares(self) -> tuple[str, ...]:
        return tuple(f"share {g}" for g in range(len(self.columns)))

    @property
    def share_of(self) -> dict[int, Polynomial]:
        """Of each column the share of its group."""
        return {j: Polynomial.name(share) for share, own in zip(self.shares, self.columns, strict=True) for j in own}

    @property
    def totals(self) -> list[Constraint]:
        """Conditional laws sum to one."""
        return [Constraint(dict.fromkeys(own, -1), 1, "=") for own in self.columns]

    def given(self) -> Places:
        """What is no cell of a law of units: parameters, and laws of randomized variables."""
        places = {p.name: Polynomial.name(p.name) for p in self.bounds.parameters}
        for law in self.laws:
            places |= {name: Polynomial.name(name) for name in law[:-1]} | {law[-1]: rest_of(law)}
        return places

    def cells(self) -> NamedForms | None:
        """The entries of each cell's row; None where they are no numbers."""
        found: NamedForms = {row.name: {} for row in self.program.rows if row.kind == "cell"}
        for j, column in enumerate(self.program.columns):
            for i, entry in column.entries:
                row = self.program.rows[i]
                if row.kind == "cell":
                    if entry.number is None:
                        return None
                    found[row.name][j] = entry.number
        return found


def _by_groups(groups: _Groups, cells: NamedForms) -> tuple[Places, NamedForms]:
    """Each cell as the sum of shares times parts of conditional laws, which have names where no others tell them."""
    places: Places = dict.fromkeys(cells, ZERO)
    names: NamedForms = {}
    for share, columns in zip(groups.shares, groups.columns, strict=True):
        told, parts = Span(), [ONE]
        told.add(0, dict.fromkeys(columns, Fraction(1)))
        for cell, entries in cells.items():
            own = {j: Fraction(entries[j]) for j in columns if j in entries}
            multiples = told.add(len(parts), own) if own else {}
            if multiples is None:
                name = f"{cell} in {share}"
                names[name] = dict(own)
                multiples = {len(parts): Fraction(1)}
                parts.append(Polynomial.name(name))
            part = Polynomial.total(parts[k].scaled(c) for k, c in multiples.items())
            places[cell] += Polynomial.name(share) * part
    return groups.given() | places, names


def _one_by_one(groups: _Groups, cells: NamedForms) -> tuple[Places, Places]:
    """Each cell as the sum of shares times unknowns, and these; the last one of a group is one less the others."""
    unknowns: Places = {}
    for columns in groups.columns:
        names = [f"unknown {j}" for j in columns]
        unknowns |= {name: Polynomial.name(name) for name in names[:-1]} | {names[-1]: rest_of(names)}
    places = {
        cell: Polynomial.total(groups.share_of[j] * unknowns[f"unknown {j}"].scaled(c) for j, c in entries.items())
        for cell, entries in cells.items()
    }
    return groups.given() | places, unknowns


# ---------------------------------------------------------------- the space
def _space(groups: _Groups) -> LawSpace | None:
    program, cells = groups.program, groups.cells()
    if cells is None:
        return None
    places, names = _by_groups(groups, cells)
    costs = [c.cost.substituted(places) * groups.share_of[j] for j, c in enumerate(program.columns)]
    parts_of_over = (program.over.numerator, program.over.denominator)
    over = reduced(*(of_one_degree(part.substituted(places), groups.shares) for part in parts_of_over))
    used = frozenset[str]().union(over.names, *(cost.names for cost in costs))
    weighing = [parameter for parameter in groups.bounds.parameters if parameter.name in used]
    fixed = [parameter for parameter in groups.bounds.parameters if parameter not in weighing]
    region = _region(groups, cells, fixed, over.numerator)
    if region is None:
        return None
    numerator, parts = numerator_parts(costs)
    region = replace(region, names={**region.names, **names, **parts})
    blocks = [simplex(groups.shares, "="), *(simplex(law[:-1], ">=") for law in groups.laws)]
    blocks += [box(weighing)] if weighing else []
    estimand = reduced(of_one_degree(numerator, groups.shares) * over.denominator, over.numerator)
    return LawSpace(region, tuple(blocks), places, estimand, groups.shares)


def _region(groups: _Groups, cells: NamedForms, fixed: Sequence[Parameter], over: Polynomial) -> Region | None:
    """The conditional laws that assumptions allow; None where one of them says something of shares too."""
    size = len(groups.program.columns)
    places, unknowns = _one_by_one(groups, cells)
    known: NamedForms = {f"unknown {j}": {j: 1} for j in range(size)}
    known |= {parameter.name: {size + k: 1} for k, parameter in enumerate(fixed)}
    ranges = [
        Constraint({i + size: c for i, c in each.coefficients.items()}, each.constant, each.relation)
        for each in box(fixed).constraints
    ]
    demands = []
    for i, row in enumerate(groups.program.rows):
        if row.kind == "assumption":
            demand = _demand(groups, i, row, places | unknowns, known)
            if demand is None:
                return None
            demands.append(demand)
    names = {parameter.name: known[parameter.name] for parameter in fixed}
    region = Region(size + len(fixed), (*ranges, *groups.totals, *demands), tuple(range(size)), names)
    return region if _empty_groups_meet(groups, demands, ranges, region, over) else None


def _demand(groups: _Groups, i: int, row: WeightedRow, places: Places, known: NamedForms) -> Constraint | None:
    """An assumption as one on conditional laws alone; None where it is none."""
    entries = {j: e for j, column in enumerate(groups.program.columns) for k, e in column.entries if k == i}
    (right, *tops), over = over_one_denominator([row.right, *entries.values()])
    form = right.substituted(places)
    for j, top in zip(entries, tops, strict=True):
        form -= top.substituted(places) * groups.share_of[j] * places[f"unknown {j}"]
    parts = by_part(of_one_degree(form, groups.shares), tuple(known))
    factor = next(iter(parts.values()), ONE)
    factor = factor if _is_positive(factor, groups.shares) else -factor
    divisor = of_one_degree(over.substituted(places), groups.shares)
    coefficients: dict[int, Number] = {}
    constant = Fraction(0)
    for names, weights in parts.items():
        multiple = weights.multiple_of(factor)
        if multiple is None or len(names) > 1:
            return None
        constant += 0 if names else multiple
        for k, c in known[names[0]].items() if names else ():
            coefficients[k] = coefficients.get(k, 0) + c * multiple
    about = {share for share, own in zip(groups.shares, groups.columns, strict=True) if set(own) & set(coefficients)}
    for each in (factor, divisor):
        # Where it is zero the model demands nothing: then a group that this is about has no units.
        if not _is_positive(each, groups.shares) or not any(set(names) <= about for names, _ in each.terms):
            return None
    return Constraint(coefficients, constant, "=" if row.relation == "=" else ">=")


def _is_positive(polynomial: Polynomial, names: Sequence[str]) -> bool:
    """Whether it is a sum of positive multiples of products of these names."""
    return all(c > 0 and set(monomial) <= set(names) for monomial, c in polynomial.terms)


# ---------------------------------------------------------------- groups without units
def _empty_groups_meet(
    groups: _Groups, demands: Sequence[Constraint], ranges: Sequence[Constraint], region: Region, over: Polynomial
) -> bool:
    """Whether some law of each group meets all demands on it, whatever the laws of the other groups are."""
    # Of a group without units a model demands nothing: its laws are in the region only if that is so. Where the
    # estimand is divided by a group's share, the group has units.
    for share, columns in zip(groups.shares, groups.columns, strict=True):
        if over and all(share in names for names, _ in over.terms):
            continue
        cautious = [Constraint(dict.fromkeys(columns, -1), 1, "=")]
        for form, constant in _inequalities(demands):
            if not set(columns) & set(form):
                continue
            others = {i: -c for i, c in form.items() if i not in columns}
            try:
                worst = maximum(region.size, others, (*groups.totals, *ranges), region.nonnegative)
            except ArithmeticError:
                return False
            if worst is None:
                return False
            own = {i: c for i, c in form.items() if i in columns}
            cautious.append(Constraint(own, constant - worst.value))
        if maximum(region.size, {}, cautious, region.nonnegative) is None:
            return False
    return True


def _inequalities(demands: Sequence[Constraint]) -> Iterator[tuple[dict[int, Number], Number]]:
    """What is not negative; of an equality both its sides."""
    for demand in demands:
        for sign in (1, -1) if demand.relation == "=" else (1,):
            yield {i: sign * c for i, c in demand.coefficients.items()}, sign * demand.constant
