"""Where forms of a ratio's program have a sign: at every law of the data that the model allows, by exact tests."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.identification import has_interior
from boundgen.exact.linear_algebra import Span
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.faces import CONSTANT, face
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import AffineFunction, Region, model_region, value_at
from boundgen.program.linear_program import Column, LinearProgram, right_side
from boundgen.program.reduced import ReducedProgram

RowMultiples = Sequence[Number]


@dataclass(frozen=True)
class Support:
    """Which strata may have weight, and which `<=` rows may be slack: what is tight in the dual.

    Parameters
    ----------
    columns : frozenset of int
    slack : frozenset of int
        Rows, as the reduced program numbers them.
    """

    columns: frozenset[int]
    slack: frozenset[int]


@dataclass(frozen=True)
class RatioLaws:
    """The laws of the data in a program with a divisor, and questions about multiples of its rows.

    A form is given by its multiples of the reduced rows. At a distribution of strata it is a sum of what it is at each
    column, and at the unit of each `<=` row for its slack. Without assumptions every such sum occurs, up to scale, so
    tests of columns are exact. With assumptions they prove, and where they do not, a linear program decides.

    Parameters
    ----------
    reduced : ReducedProgram
        Of the program whose last row is the divisor.
    parameters : sequence of Parameter
    """

    reduced: ReducedProgram
    parameters: Sequence[Parameter]

    @cached_property
    def program(self) -> LinearProgram:
        """The reduced program without the divisor's row."""
        return _without_last_row(self.reduced.program)

    @cached_property
    def complete(self) -> LinearProgram:
        """The same with dependent rows."""
        return _without_last_row(self.reduced.complete)

    @cached_property
    def restricted(self) -> bool:
        """Whether right sides do not vary freely."""
        rows = self.complete.rows
        used = {i for column in self.complete.columns for i, _ in column.entries}
        return any(row.kind == "assumption" and (i in used or row.right.coefficients) for i, row in enumerate(rows))

    @cached_property
    def region(self) -> Region:
        """Distributions over strata and values of parameters."""
        return model_region(self.complete, self.parameters)

    def term(self, multiples: RowMultiples) -> Term:
        """A form as a function of the data."""
        return right_side(self.program, multiples)

    # ---------------------------------------------------------------- signs
    def nowhere_negative(self, multiples: RowMultiples) -> bool:
        """Whether a form is non-negative at every law."""
        if all(value >= 0 for value in self.at_columns(multiples)):
            return True
        return self.restricted and self._is_nowhere_positive(-self.term(multiples), ())

    def nowhere_above(self, numerator: RowMultiples, divisor: RowMultiples, limit: Fraction) -> bool:
        """Whether a fraction is at most the limit at every law where its divisor is positive.

        That is so if the numerator is at most h times the divisor everywhere, for a number h that is at most the limit;
        without assumptions only then, by the duality of linear programs.
        """
        least, most = None, limit
        for above, below in zip(self.at_columns(numerator), self.at_columns(divisor), strict=True):
            if below > 0:
                least = Fraction(above) / below if least is None else max(least, Fraction(above) / below)
            elif below < 0:
                most = min(most, Fraction(above) / below)
            elif above > 0:
                break
        else:
            if least is None or least <= most:
                return True
        below_term = self.term(divisor)
        excess = self.term(numerator) - below_term.scaled(limit)
        return self.restricted and self._is_nowhere_positive(excess, [below_term])

    def is_undefined_without(self, divisor: RowMultiples) -> bool:
        """Whether the divisor is zero wherever a form that is nowhere negative is, as columns tell."""
        strata = zip(self.program.columns, self.at_columns(divisor), strict=False)
        return all(value > 0 or (not column.event and not value) for column, value in strata)

    def at_columns(self, multiples: RowMultiples) -> Iterator[Number]:
        """A form at each column, and then at the slack of each `<=` row."""
        for column in self.program.columns:
            yield sum(entry * multiples[i] for i, entry in column.entries)
        yield from (multiples[i] for i, row in enumerate(self.program.rows) if row.relation == "<=")

    def _is_nowhere_positive(self, objective: Term, demands: Sequence[Term]) -> bool:
        """Whether a term is at most zero wherever others are not negative."""
        coefficients, constant = self.region.function(objective)
        constraints = [*self.region.constraints, *(Constraint(*self.region.function(each)) for each in demands)]
        try:
            best = maximum(self.region.size, coefficients, constraints, self.region.nonnegative)
        except ArithmeticError:
            return False
        return best is None or best.value + constant <= 0

    # ---------------------------------------------------------------- ratios
    @cached_property
    def smallest(self) -> Fraction | None:
        """The smallest ratio that the model allows, whatever the data are; None where there is none."""
        return self._smallest_in_region() if self.restricted else self._smallest_of_columns()

    def _smallest_of_columns(self) -> Fraction | None:
        columns = self.program.columns
        if any(not column.event and column.cost < 0 for column in columns):
            return None
        return min((Fraction(column.cost) / column.event for column in columns if column.event), default=None)

    def _smallest_in_region(self) -> Fraction | None:
        """By the program of Charnes & Cooper: distributions and parameters are scaled so that the divisor is one."""
        scale = self.region.size
        raised = [
            Constraint({**each.coefficients, scale: each.constant}, 0, each.relation)
            for each in self.region.constraints
        ]
        divisor = Constraint(_events(self.complete.columns), -1, "=")
        cost = {j: -column.cost for j, column in enumerate(self.complete.columns)}
        try:
            best = maximum(scale + 1, cost, [*raised, divisor], (*self.region.nonnegative, scale))
        except ArithmeticError:
            return None
        return -best.value if best else None

    # ---------------------------------------------------------------- sets of laws that are as large as all of them
    def is_wide(self, support: Support, low: Fraction | None, high: Fraction | None) -> bool:
        """Whether the laws of a support, with a ratio between the limits, have the dimension of all laws.

        The sets of such laws of all supports cover all laws, each being closed where the divisor is not zero. Those of
        lower dimension are not needed for that.
        """
        part = self._part(support, low, high)
        return _dimension(part, _events(self._columns(support))) == self._dimension

    @cached_property
    def _dimension(self) -> int | None:
        return _dimension(self.region, _events(self.complete.columns))

    @cached_property
    def _hull(self) -> Span:
        middle = face(self.region)
        assert middle is not None, "the model is not empty"
        return middle.hull

    def is_smallest(self, numerator: Term, divisor: Term) -> bool:
        """Whether a fraction is the smallest ratio of the model at every law."""
        if self.smallest is None:
            return False
        above = numerator - divisor.scaled(self.smallest)
        return not (self._hull.rest(_vector(self.region.function(above))) if self.restricted else above != Term())

    def key(self, numerator: Term, divisor: Term) -> Hashable:
        """The same for fractions that are equal at every law, one being the other after reduction by a number."""
        if not self.restricted:
            return numerator, divisor
        above, below = (
            sorted(self._hull.rest(_vector(self.region.function(each))).items()) for each in (numerator, divisor)
        )
        scale = abs(below[0][1]) if below else 1
        return tuple((i, c / scale) for i, c in above), tuple((i, c / scale) for i, c in below)

    def _columns(self, support: Support) -> list[Column]:
        return [self.complete.columns[j] for j in sorted(support.columns)]

    def _part(self, support: Support, low: Fraction | None, high: Fraction | None) -> Region:
        columns = self._columns(support)
        number = dict(enumerate(self.reduced.passes[-1].rows))
        tied = {number[i] for i, row in enumerate(self.program.rows) if row.relation == "<=" and i not in support.slack}
        rows = [replace(row, relation="=") if i in tied else row for i, row in enumerate(self.complete.rows)]
        region = model_region(LinearProgram(tuple(rows), tuple(columns)), self.parameters)
        demands = [Constraint(_events(columns))]
        if low is not None:
            demands.append(Constraint({j: c.cost - low * c.event for j, c in enumerate(columns)}))
        if high is not None:
            demands.append(Constraint({j: high * c.event - c.cost for j, c in enumerate(columns)}))
        return region.within(demands)


def _without_last_row(program: LinearProgram) -> LinearProgram:
    last = len(program.rows) - 1
    columns = (replace(c, entries=tuple((i, e) for i, e in c.entries if i < last)) for c in program.columns)
    return LinearProgram(program.rows[:last], tuple(columns))


def _events(columns: Sequence[Column]) -> dict[int, Number]:
    return {j: column.event for j, column in enumerate(columns) if column.event}


def _dimension(region: Region, event: Mapping[int, Number]) -> int | None:
    """The dimension of the cells and parameters of a region; None where it is empty or the event has no weight."""
    if has_interior(region):
        hull = Span()
        for label, each in enumerate(region.constraints):
            if each.relation == "=":
                hull.add(label, _vector((dict(each.coefficients), each.constant)))
    else:
        middle = face(region)
        if middle is None or not value_at((dict(event), 0), middle.point):
            return None
        hull = middle.hull
    hull.add(-1, {CONSTANT: 1})
    return sum(hull.add(-2 - k, function) is None for k, function in enumerate(region.names.values()))


def _vector(function: AffineFunction) -> dict[int, Number]:
    coefficients, constant = function
    return {**coefficients, CONSTANT: constant}
