"""The method cox-shi: the conditional chi-squared test, refined, of each value of an estimand (Cox & Shi 2023).

A value l is tested as the inequalities that it makes: no term of the lower side is above l and none of the upper side
below, and what the model demands of the observed probabilities holds. Nothing is divided: terms over a denominator are
``numerator - l * denominator``. There are no draws, no seed and nothing to be chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.arrays import Array
from boundgen.exact.rational import Number
from boundgen.inference.bound_lines import BoundLine, Level
from boundgen.inference.common_covariance import common_covariance
from boundgen.inference.conditional_test import NOTHING_ALLOWED, Projection, of_length_one, projection
from boundgen.inference.critical import CriticalValue, root_of
from boundgen.inference.estimated_bounds import ROUNDING, EstimatedBounds, Interval
from boundgen.inference.estimated_functions import known
from boundgen.inference.estimated_terms import EstimatedTerms, estimated_terms
from boundgen.inference.feasibility import ConditionsTest, tangents, violations_of
from boundgen.inference.inversion import Inversion, LineTable, Position
from boundgen.inference.rejection import Search
from boundgen.inference.resampling import Resampling
from boundgen.inference.sample import Sample

NAME = "cox-shi"


# ---------------------------------------------------------------- tests of values
@dataclass(frozen=True, eq=False)
class InequalitiesTest:
    """Tests of the inequalities that values of an estimand make.

    Parameters
    ----------
    chambers : tuple of tuple of LineTable
        For each chamber in which the data may lie, lines none of which is positive; a value must be rejected in all.
    implied : EstimatedTerms or None
        What the model says whatever the estimand is, none of them positive.
    sample : Sample
    """

    chambers: tuple[tuple[LineTable, ...], ...]
    implied: EstimatedTerms | None
    sample: Sample

    @cached_property
    def root(self) -> Array:
        """In units of its columns the cells' errors are standard normal."""
        return root_of(common_covariance(self.sample))

    def at(self, position: Position) -> Projection:
        """The test of one value: of the chambers the one in which it fits best."""
        found = [self._of(tables, position) for tables in self.chambers]
        return max(found, key=lambda each: (each.p_value, -each.statistic))

    def _of(self, tables: Sequence[LineTable], position: Position) -> Projection:
        terms = [table.at(position)[1] for table in tables]
        return tested(terms if self.implied is None else [*terms, self.implied], self.root)

    def active(self, position: Position) -> tuple[tuple[int, ...], ...]:
        """Of each table of the first chamber the numbers of the lines that are active at a value."""
        active, start, found = set(self._of(self.chambers[0], position).active), 0, []
        for table in self.chambers[0]:
            numbers, _ = table.at(position)
            found.append(tuple(int(number) for i, number in enumerate(numbers, start) if i in active))
            start += len(numbers)
        return tuple(found)


def tested(parts: Sequence[EstimatedTerms], root: Array) -> Projection:
    """The test that no term is positive.

    Terms that do not vary are not tested: they are known. Their errors are those of one covariance of the cells, as the
    test needs it, and not each term's own. What terms that are nearly flat owe to second derivatives is their own.

    Returns
    -------
    Projection
    """
    values, errors = (np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "errors"))
    varying = errors > 0
    if (values[~varying] > ROUNDING).any():
        return NOTHING_ALLOWED
    bent = np.concatenate([part.bent for part in parts])[varying]
    moves = np.vstack([part.gradients for part in parts])[varying] @ root
    if bent.any():
        moves = np.hstack([moves, np.diag(np.sqrt(bent))])
    found = projection(of_length_one(moves), -values[varying] / np.linalg.norm(moves, axis=1))
    places = np.flatnonzero(varying)
    return Projection(found.statistic, found.freedom, tuple(int(places[i]) for i in found.active), found.room)


def implied_terms(
    bounds: Bounds | PiecewiseBounds, sample: Sample, parameters: Mapping[str, Number]
) -> EstimatedTerms | None:
    """Minus the testable implications, each of which is not negative in the model; None where there are none.

    That cells are not negative holds in every sample too. To test it moves no interval inwards, and where cells are
    rare it adds degrees of freedom, and length.

    Returns
    -------
    EstimatedTerms or None
    """
    conditions = bounds.known_conditions
    if not conditions:
        return None
    return estimated_terms(tangents(conditions, sample, parameters), None, sample, parameters, sign=-1)


def implications_test(
    bounds: Bounds | PiecewiseBounds, sample: Sample, parameters: Mapping[str, Number]
) -> ConditionsTest | None:
    """The test that the model holds, whatever the estimand is; None where its implications were left out."""
    conditions = bounds.known_conditions
    if conditions is None:
        return None
    implied = implied_terms(bounds, sample, parameters)
    p_value = 1.0 if implied is None else tested([implied], root_of(common_covariance(sample))).p_value
    return ConditionsTest(violations_of(conditions, sample, parameters), p_value)


# ---------------------------------------------------------------- intervals
@dataclass(frozen=True, eq=False)
class SidesAtSample:
    """The lines of both sides at a sample, and what is known of the estimand before.

    Parameters
    ----------
    chambers : tuple of pair of LineTable
    plug_in : (lower, upper)
    least, most : number
        The range of the estimand.
    implied : EstimatedTerms or None
    sample : Sample
    """

    chambers: tuple[tuple[LineTable, ...], ...]
    plug_in: Interval
    least: Level
    most: Level
    implied: EstimatedTerms | None
    sample: Sample

    @property
    def ends(self) -> tuple[Position, Position]:
        """Those of the range."""
        return Position.of(self.least), Position.of(self.most)

    @property
    def both(self) -> InequalitiesTest:
        """Of both sides and of what the model implies."""
        return InequalitiesTest(self.chambers, self.implied, self.sample)

    def one(self, side: int) -> InequalitiesTest:
        """Of one side alone: any value far enough out is accepted."""
        chambers = {tables[side].lines: (tables[side],) for tables in self.chambers}
        return InequalitiesTest(tuple(chambers.values()), None, self.sample)

    @property
    def exact(self) -> tuple[Position, ...]:
        """Where bounds are that nothing moves, and plug-in bounds, which may be known."""
        lines = ((table.sign, line) for tables in self.chambers for table in tables for line in table.lines)
        fixed: set[Level] = {sign * level for sign, line in lines for level in line.fixed}
        return tuple(Position.of(level) for level in (*fixed, *self.plug_in))

    def within(self, value: float) -> Position:
        """A value, or the end of the range that is nearest to it."""
        return Position.of(max(self.least, min(self.most, value)))


def inverted(sides: SidesAtSample, level: float) -> EstimatedBounds:
    """Estimates and intervals.

    The set interval has on each side the values that a test of that side alone does not reject, at a level that leaves
    half of the error to either side.

    Returns
    -------
    EstimatedBounds
    """
    low, high = (sides.within(end) for end in sides.plug_in)
    outer = 1 - (1 - level) / 2
    ends, dimension = [], sides.both.root.shape[1]
    for side, plug_in in enumerate((low, high)):
        search = Search(sides.one(side).at, outer, dimension, sides.exact)
        ends.append(search.outermost(plug_in, sides.ends[side]) or plug_in)
    both, search = sides.both, Search(sides.both.at, level, dimension, sides.exact)
    inside = low.middle(high)
    if search.at(inside).statistic:
        inside = search.best(*sides.ends)
    values = search.values(inside, *sides.ends)
    at_ends = [] if values is None else [values.low, values.high]
    active = [both.active(position)[side] for side, position in enumerate(at_ends)]
    return EstimatedBounds(
        plug_in=sides.plug_in,
        half_median_unbiased=None,
        set_interval=(ends[0].level, ends[1].level),
        parameter_interval=None if values is None else (values.low.level, values.high.level),
        parameter_interval_adaptive=None,
        kept=(active[0], active[1]) if active else ((), ()),
        critical_values=tuple(
            (name, CriticalValue(found.critical(level), 0.0))
            for name, found in zip(
                ("parameter, lower end", "parameter, upper end"), map(search.at, at_ends), strict=False
            )
        ),
    )


def _table(terms: EstimatedTerms, sample: Sample, sign: int) -> LineTable:
    assert terms.exact
    return LineTable(tuple(BoundLine(terms.exact(i), known(1)) for i in range(len(terms.values))), sample, sign)


def sides_of_terms(lower: EstimatedTerms, upper: EstimatedTerms, sample: Sample) -> SidesAtSample:
    """Terms alone, without what the model implies; `upper` holds minus the upper terms."""
    plug_in = float(lower.values.max()), -float(upper.values.max())
    return SidesAtSample(((_table(lower, sample, 1), _table(upper, sample, -1)),), plug_in, -inf, inf, None, sample)


def cox_shi_bounds(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, _seed: int, _draws: int
) -> EstimatedBounds:
    """From terms alone, without what the model implies; `upper` holds minus the upper terms."""
    return inverted(sides_of_terms(lower, upper, resampling.sample), level)


def cox_shi_inverted(
    lines: Inversion, bounds: Bounds | PiecewiseBounds, parameters: Mapping[str, Number], level: float
) -> EstimatedBounds:
    """Of the lines that terms, ratios or sums of maxima have at each value, and of what the model implies."""
    return inverted(sides_at_sample(lines, bounds, parameters), level)


def sides_at_sample(
    lines: Inversion, bounds: Bounds | PiecewiseBounds, parameters: Mapping[str, Number]
) -> SidesAtSample:
    """What is tested of them."""
    lower = lines.sides[0]
    implied = implied_terms(bounds, lines.sample, parameters)
    return SidesAtSample(lines.joint_tests.chambers, lines.plug_in, lower.least, lower.most, implied, lines.sample)
