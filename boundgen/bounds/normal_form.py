"""A program whose coefficients are functions of the data, in new unknowns so that its entries are numbers.

Strata are divided by known shares (conditional laws instead of joint ones), or by the unknown probability of a
selection; what was a coefficient then stands in the objective or in a right side. Where no such change of unknowns is
found there is no closed form.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm

from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.program.linear_program import Column, Entry, LinearProgram, Row
from boundgen.program.weighted_program import WeightedProgram, WeightedRow

UNIT = RationalFunction(ONE)
# Powers of polynomials that are multiplied.
Factors = dict[Polynomial, int]


@dataclass(frozen=True)
class NormalProgram:
    """Bound ``(costs · θ) / (divisors · θ) / over`` over θ >= 0 that meet the rows of `program`.

    Parameters
    ----------
    program : LinearProgram
        Entries are numbers; right sides are linear in names, which are cells, parameters or `symbols`.
    costs, divisors : tuple of Polynomial
        One for each column.
    over : RationalFunction
    identified : bool
        Whether the divisor is one.
    symbols : mapping of name to RationalFunction
        What the right sides that are not linear stand for.
    scales : tuple of Polynomial
        By what each column was multiplied, but for the unknown probability of a selection.
    origins : tuple of (int or None)
        The row of the weighted program that each row is; None for the total of a group.
    """

    program: LinearProgram
    costs: tuple[Polynomial, ...]
    divisors: tuple[Polynomial, ...]
    over: RationalFunction
    identified: bool
    symbols: Mapping[str, RationalFunction] = field(default_factory=dict)
    scales: tuple[Polynomial, ...] = ()
    origins: tuple[int | None, ...] = ()

    def expanded(self, term: Term) -> RationalFunction:
        """A combination of right sides as a function of cells and parameters."""
        total = RationalFunction.of_number(term.constant)
        for name, coefficient in term.coefficients:
            total += self.symbols.get(name, RationalFunction(Polynomial.name(name))).scaled(coefficient)
        return total

    def substituted(self, polynomial: Polynomial) -> RationalFunction:
        """A polynomial in right sides as a function of cells and parameters."""
        total = RationalFunction(ZERO)
        for names, coefficient in polynomial.terms:
            product = RationalFunction.of_number(coefficient)
            for name in names:
                product *= self.symbols.get(name, RationalFunction(Polynomial.name(name)))
            total += product
        return total

    def costing(self, costs: Sequence[Fraction]) -> LinearProgram:
        """The program with other costs, which are numbers."""
        columns = (replace(c, cost=cost) for c, cost in zip(self.program.columns, costs, strict=True))
        return replace(self.program, columns=tuple(columns))

    def divided(self, share: RationalFunction) -> NormalProgram:
        """The same with a divisor that is known."""
        return replace(self, over=self.over * share, divisors=(ONE,) * len(self.divisors), identified=True)

    @property
    def free(self) -> tuple[Parameter, ...]:
        """Right sides of assumptions that are no function of the unknowns: as parameters of any value."""
        cells = {row.name for row in self.program.rows if row.kind == "cell"}
        return tuple(Parameter(name, None, None) for name in self.symbols if name not in cells)


def normal_form(program: WeightedProgram) -> NormalProgram | str:
    """The program in unknowns that make its entries numbers, or why there are none."""
    if all(entry.number is not None for column in program.columns for _, entry in column.entries):
        return _in_rows(program, list(program.rows), [ONE] * len(program.columns), {}, totals=[])
    if any(column.selected for column in program.columns):
        return _selected(program)
    found = _scales(program)
    if found is None:
        return "assumptions mix groups of units whose coefficients differ with the data"
    return _scaled(program, *found)


def constant_rows(program: WeightedProgram) -> NormalProgram:
    """The program without the rows whose entries are functions of the data: it allows all that the model does."""
    rest = without_varying_rows(program)
    return _in_rows(rest, rest.rows, [ONE] * len(rest.columns), {}, totals=[])


def without_varying_rows(program: WeightedProgram) -> WeightedProgram:
    """The program without the rows whose entries are functions of the data."""
    varying = {i for column in program.columns for i, entry in column.entries if entry.number is None}
    kept = [i for i in range(len(program.rows)) if i not in varying]
    place = {i: k for k, i in enumerate(kept)}
    columns = tuple(
        replace(column, entries=tuple((place[i], entry) for i, entry in column.entries if i in place))
        for column in program.columns
    )
    return replace(program, rows=tuple(program.rows[i] for i in kept), columns=columns)


# ---------------------------------------------------------------- rows whose entries are numbers
def _in_rows(
    program: WeightedProgram,
    rows: Sequence[WeightedRow],
    scales: Sequence[Polynomial],
    row_scales: Mapping[int, RationalFunction],
    totals: Sequence[tuple[str, Sequence[bool]]],
) -> NormalProgram:
    """The program with columns multiplied by `scales`, rows by `row_scales`; and rows of groups whose total is one."""
    symbols: dict[str, RationalFunction] = {}
    found: list[Row] = []
    place: dict[int, int] = {}
    shares = [share.numerator for share in program.shares]
    rights = [(row.right * row_scales.get(i, UNIT)).without(shares) for i, row in enumerate(rows)]
    # Cells that are no functions of the new unknowns.
    moved = {row.name for row, right in zip(rows, rights, strict=True) if _is_other_cell(row, right)}
    for i, (row, right) in enumerate(zip(rows, rights, strict=True)):
        if totals and row.kind == "total":
            continue
        place[i] = len(found)
        found.append(_row(i, row, right, moved, symbols))
    entries: list[dict[int, Entry]] = []
    for column, scale in zip(program.columns, scales, strict=True):
        own: dict[int, Entry] = {}
        for i, entry in column.entries:
            if i in place:
                own[place[i]] = _as_number(entry, scale, row_scales.get(i, UNIT))
        entries.append(own)
    for name, inside in totals:
        for own, x in zip(entries, inside, strict=True):
            if x:
                own[len(found)] = 1
        found.append(Row("total", name, "=", Term(Fraction(1))))
    columns = tuple(
        Column(column.stratum, tuple((i, e) for i, e in own.items() if e), 0)
        for column, own in zip(program.columns, entries, strict=True)
    )
    return NormalProgram(
        LinearProgram(tuple(found), columns),
        tuple(column.cost * scale for column, scale in zip(program.columns, scales, strict=True)),
        tuple(column.divisor * scale for column, scale in zip(program.columns, scales, strict=True)),
        program.over,
        program.identified,
        symbols,
        tuple(scales),
        (*place, *(None for _ in totals)),
    )


def _as_number(entry: RationalFunction, scale: Polynomial, row_scale: RationalFunction) -> Fraction:
    top = entry.numerator * scale * row_scale.numerator
    number = top.multiple_of(entry.denominator * row_scale.denominator)
    assert number is not None, "the scales make entries numbers"
    return number


def _is_other_cell(row: WeightedRow, right: RationalFunction) -> bool:
    """Whether the row of a cell has another right side than the cell."""
    return row.kind in ("cell", "selection") and right != RationalFunction(Polynomial.name(row.name))


def _row(
    i: int, row: WeightedRow, right: RationalFunction, moved: Collection[str], symbols: dict[str, RationalFunction]
) -> Row:
    """A row whose right side has a name of its own where it is not linear, or names a cell that is no other row."""
    term = right.numerator.term if right.denominator == ONE and right.names.isdisjoint(moved) else None
    kind = "cell" if row.kind == "selection" else row.kind
    if term is not None and not _is_other_cell(row, right):
        return Row(kind, row.name, row.relation, term)
    name = f"right side {i}"
    symbols[name] = right
    return Row(kind, name if _is_other_cell(row, right) else row.name, row.relation, Term.of(0, {name: 1}))


# ---------------------------------------------------------------- conditional laws instead of joint ones
def _scaled(program: WeightedProgram, scales: list[Factors], of_row: dict[int, Factors]) -> NormalProgram | str:
    """Columns multiplied by shares. The total row becomes one row for each group of columns with the same share."""
    cells = frozenset(row.name for row in program.rows if row.kind == "cell")
    if not all(_is_share(polynomial, cells) for factors in scales for polynomial in factors):
        return "assumptions have coefficients that are no shares of groups"
    if _may_vanish(program, scales, of_row):
        return "an assumption demands nothing where its coefficients are zero"
    polynomials = _in_groups(program, [_product(factors).numerator for factors in scales])
    row_scales = {i: _product(factors) for i, factors in of_row.items()}
    for column, factors, scale in zip(program.columns, scales, polynomials, strict=True):
        if not factors and scale != ONE:
            row_scales |= {i: RationalFunction(ONE, scale) for i, _ in column.entries if i in row_scales}
    totals = _totals(program, polynomials)
    if totals is None:
        return "the shares of its groups do not sum to what the data say of them"
    return _in_rows(program, program.rows, polynomials, row_scales, totals)


def _may_vanish(program: WeightedProgram, scales: Sequence[Factors], of_row: Mapping[int, Factors]) -> bool:
    """Whether a row would be divided by what may be zero, or negative, while its columns are not."""
    return any(
        power < 0 and polynomial not in scale
        for column, scale in zip(program.columns, scales, strict=True)
        for i, _ in column.entries
        for polynomial, power in of_row.get(i, {}).items()
    )


def _in_groups(program: WeightedProgram, scales: Sequence[Polynomial]) -> list[Polynomial]:
    """Columns that no comparison touches, and that share no row with those, are divided by the share of their group."""
    shares = {k: s.numerator for k, s in enumerate(program.shares) if s.denominator == ONE}
    touched: set[int] = {
        i for column, scale in zip(program.columns, scales, strict=True) if scale != ONE for i, _ in column.entries
    }
    touched = {i for i in touched if program.rows[i].kind != "total"}
    found = []
    for column, scale in zip(program.columns, scales, strict=True):
        groups = [k for k in column.groups if k in shares and shares[k] in scales]
        alone = scale == ONE and not any(i in touched for i, _ in column.entries)
        found.append(shares[groups[0]] if alone and len(groups) == 1 else scale)
    return found


def _totals(program: WeightedProgram, scales: Sequence[Polynomial]) -> list[tuple[str, list[bool]]] | None:
    """For each scale a group of columns whose probability it is; None where a scale is that of no group."""
    found = []
    for scale in dict.fromkeys(scales):
        inside = [other == scale for other in scales]
        for k, share in enumerate(program.shares):
            if share == RationalFunction(scale) and inside == [k in column.groups for column in program.columns]:
                found.append((f"total of group {k}", inside))
                break
        else:
            rest = ONE
            for other in dict.fromkeys(scales):
                rest = rest if other == scale else rest - other
            if rest != scale:
                return None
            found.append(("total of the rest", inside))
    return found


def _factors(function: RationalFunction) -> Factors:
    """Numerator and denominator as factors, but for numbers."""
    found: dict[Polynomial, int] = {}
    for polynomial, power in ((function.numerator, 1), (function.denominator, -1)):
        primitive = _primitive(polynomial)
        if primitive != ONE:
            found[primitive] = found.get(primitive, 0) + power
    return _without_zeros(found)


def _times(*many: Factors) -> Factors:
    found: dict[Polynomial, int] = {}
    for factors in many:
        for polynomial, power in factors.items():
            found[polynomial] = found.get(polynomial, 0) + power
    return _without_zeros(found)


def _inverse(factors: Factors) -> Factors:
    return {polynomial: -power for polynomial, power in factors.items()}


def _without_zeros(factors: Factors) -> Factors:
    return {polynomial: power for polynomial, power in factors.items() if power}


def _product(factors: Factors) -> RationalFunction:
    top, bottom = ONE, ONE
    for polynomial, power in factors.items():
        for _ in range(abs(power)):
            top, bottom = (top * polynomial, bottom) if power > 0 else (top, bottom * polynomial)
    return RationalFunction(top, bottom)


def _primitive(polynomial: Polynomial) -> Polynomial:
    """A multiple with coprime integer coefficients, the first of them positive."""
    numbers = [c for _, c in polynomial.terms]
    scale = lcm(*(c.denominator for c in numbers))
    divisor = gcd(*(int(c * scale) for c in numbers))
    return polynomial.scaled(Fraction(scale, divisor) * (1 if numbers[0] > 0 else -1))


def _scales(program: WeightedProgram) -> tuple[list[Factors], dict[int, Factors]] | None:
    """Factors of columns and rows for which all entries are numbers; None where there are none.

    Rows and columns are gone through along the entries that are not zero: a row's factor follows from one of its
    columns, and gives those of the others.
    """
    rows: list[list[tuple[int, Factors]]] = [[] for _ in program.rows]
    columns: list[list[tuple[int, Factors]]] = []
    for j, column in enumerate(program.columns):
        own = [(i, _factors(entry)) for i, entry in column.entries if program.rows[i].kind != "total"]
        columns.append(own)
        for i, factors in own:
            rows[i].append((j, factors))
    of_row: dict[int, Factors] = {}
    of_column: dict[int, Factors] = {}
    for start in range(len(columns)):
        if start not in of_column:
            component = _component(start, rows, columns, of_row, of_column)
            if component is None:
                return None
            _clear(component, of_column, of_row, columns)
    return [of_column[j] for j in range(len(columns))], of_row


def _component(
    start: int,
    rows: Sequence[Sequence[tuple[int, Factors]]],
    columns: Sequence[Sequence[tuple[int, Factors]]],
    of_row: dict[int, Factors],
    of_column: dict[int, Factors],
) -> list[int] | None:
    """The columns that hang together with one; None where they contradict one another."""
    of_column[start] = {}
    component, stack = [start], [start]
    while stack:
        j = stack.pop()
        for i, factors in columns[j]:
            own = _inverse(_times(factors, of_column[j]))
            if of_row.setdefault(i, own) != own:
                return None
            for k, other in rows[i]:
                needed = _inverse(_times(other, own))
                if k not in of_column:
                    component.append(k)
                    stack.append(k)
                if of_column.setdefault(k, needed) != needed:
                    return None
    return component


def _clear(
    component: Sequence[int],
    of_column: dict[int, Factors],
    of_row: dict[int, Factors],
    columns: Sequence[Sequence[tuple[int, Factors]]],
) -> None:
    """Columns that hang together are multiplied by their denominators, and their rows divided."""
    most: dict[Polynomial, int] = {}
    for j in component:
        for polynomial, power in of_column[j].items():
            most[polynomial] = max(most.get(polynomial, 0), -power)
    factor = _without_zeros(most)
    for i in {i for j in component for i, _ in columns[j]}:
        of_row[i] = _times(of_row[i], _inverse(factor))
    for j in component:
        of_column[j] = _times(of_column[j], factor)


def _is_share(polynomial: Polynomial, cells: frozenset[str]) -> bool:
    """Whether a factor is a sum of cells, or one minus such a sum: no function that may be negative."""
    rest = ONE - polynomial
    plain = [all(c > 0 for _, c in each.terms) for each in (polynomial, rest)]
    return any(plain) and polynomial.names <= cells


# ---------------------------------------------------------------- laws given a selection of unknown probability
def _selected(program: WeightedProgram) -> NormalProgram | str:
    """Unknowns θ = ψ / P(selection): the selection has total one, and the estimand is a ratio over the total of θ."""
    inside = [bool(column.selected) for column in program.columns]
    if any(column.selected and column.selected != (0,) for column in program.columns):
        return "more than one selection has an unknown probability"
    symbols: dict[str, RationalFunction] = {}
    found: list[Row] = []
    place: dict[int, int] = {}
    for i, row in enumerate(program.rows):
        if row.kind == "total":
            continue
        if row.kind == "selection":
            place[i] = len(found)
            found.append(Row("cell", row.name, "=", Term.of(0, {row.name: 1})))
        elif row.right.numerator:
            return "other observed probabilities, or numbers, stand beside a selection of unknown probability"
        else:
            place[i] = len(found)
            found.append(Row("assumption", row.name, row.relation, Term()))
    total = len(found)
    found.append(Row("total", "selected", "=", Term(Fraction(1))))
    columns = []
    for column, x in zip(program.columns, inside, strict=True):
        own: dict[int, Entry] = {total: 1} if x else {}
        for i, entry in column.entries:
            if i not in place:
                continue
            kind = program.rows[i].kind
            number = _constant_part(entry) if kind == "selection" else entry.number
            if number is None:
                return "assumptions have coefficients that depend on the data"
            own[place[i]] = number
        columns.append(Column(column.stratum, tuple((i, e) for i, e in sorted(own.items()) if e), 0))
    return NormalProgram(
        LinearProgram(tuple(found), tuple(columns)),
        tuple(column.cost for column in program.columns),
        tuple(column.divisor for column in program.columns),
        program.over,
        False,
        symbols,
        (ONE,) * len(columns),
        (*place, next(i for i, row in enumerate(program.rows) if row.kind == "total")),
    )


def _constant_part(function: RationalFunction) -> Fraction:
    return sum((c for names, c in function.numerator.terms if not names), Fraction(0))


def with_objective(normal: NormalProgram) -> LinearProgram:
    """The program with costs and divisors that are numbers in its columns."""
    columns = tuple(
        replace(column, cost=cost.constant or 0, event=divisor.constant or 0)
        for column, cost, divisor in zip(normal.program.columns, normal.costs, normal.divisors, strict=True)
    )
    return replace(normal.program, columns=columns)


def is_numeric(polynomials: Sequence[Polynomial]) -> bool:
    """Whether all are numbers."""
    return all(polynomial.constant is not None for polynomial in polynomials)
