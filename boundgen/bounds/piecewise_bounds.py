"""The result beyond one linear program: sharp bounds whose sides have pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import given_cells, values_of
from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.bounds.product_conditions import AnyCondition, ProductCondition
from boundgen.bounds.symbols import Notation
from boundgen.data.given import with_keywords
from boundgen.errors import DataError
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number, Written
from boundgen.exact.terms import Term
from boundgen.polyhedra.product_optimum import factored_bounds_at
from boundgen.polyhedra.weighted_optimum import UNDEFINED, Ends, divided_end, weighted_bounds_at
from boundgen.program.factored_program import FactoredProgram
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm
from boundgen.work.limits import Budget

if TYPE_CHECKING:
    import sympy
    from matplotlib.figure import Figure

    from boundgen.bounds.corner_form import Corners
    from boundgen.bounds.derived import Derivation
    from boundgen.bounds.normal_form import NormalProgram
    from boundgen.bounds.ratio_side import RatioSide
    from boundgen.bounds.simplest_form import Simplifier
    from boundgen.language.model import Model
    from boundgen.language.statements import Parameter
    from boundgen.program.weighted_program import WeightedProgram

MANY_LAWS = 12


@dataclass(frozen=True, repr=False)
class PiecewiseBounds(Rendered):
    """Sharp bounds on one estimand that is a ratio, or whose program has weights: fractions and sums of maxima.

    Parameters
    ----------
    name : str
        The estimand.
    lower, upper : PiecewiseSide
        In cells and parameters; divided by `denominator`, where there is one.
    denominator : Polynomial or None
        What the data identify of the divisor, never negative.
    identified : bool
        Whether lower equals upper at every observable distribution.
    conditions : tuple of Term, or None
        Testable implications, each to be non-negative; None where they were left out, and where some are no linear
        functions of the data.
    notation : Notation
    arms : tuple of Arm
    parameters : tuple of Parameter
    program : WeightedProgram
        What the bounds are the optima of.
    normal : NormalProgram
        The same in unknowns that make its entries numbers.
    ratio : pair of RatioSide, or None
        Where the divisor is not identified: by their vertices and edges the values at data are found.
    simplifier : Simplifier
        What may be added to a term without changing its value.
    missing : tuple of str
        What time or memory left undone.
    shown : PiecewiseBounds or None
        The same for readers, with conditional probabilities by name, where there are such.
    product_conditions : tuple of ProductCondition, or None
        All testable implications, where some are no linear functions of the data.
    model : Model or None
        By which tables are read.
    in_means : PiecewiseBounds or None
        The same in shares and means, where an outcome is bounded: the sides are then in the cells of its stand-in.
    factored : FactoredProgram or None
        Where several independent laws are unknown: `program` then is over one of them, at any of the others.
    corners : Corners or None
        Where units are selected by the levels of something: `program` then is for data with units in each of these.
    source : Derivation or None
        As for `Bounds`.
    """

    name: str
    lower: PiecewiseSide
    upper: PiecewiseSide
    denominator: Polynomial | None
    identified: bool
    conditions: tuple[Term, ...] | None
    notation: Notation
    arms: tuple[Arm, ...]
    parameters: tuple[Parameter, ...]
    program: WeightedProgram = field(compare=False)
    normal: NormalProgram = field(compare=False)
    ratio: tuple[RatioSide, RatioSide] | None = field(compare=False)
    simplifier: Simplifier = field(compare=False)
    missing: tuple[str, ...] = ()
    shown: PiecewiseBounds | None = field(default=None, compare=False)
    product_conditions: tuple[ProductCondition, ...] | None = None
    model: Model | None = field(default=None, compare=False)
    in_means: PiecewiseBounds | None = field(default=None, compare=False)
    factored: FactoredProgram | None = field(default=None, compare=False)
    corners: Corners | None = field(default=None, compare=False)
    source: Derivation | None = field(default=None, compare=False)

    @property
    def known_conditions(self) -> tuple[AnyCondition, ...] | None:
        """All testable implications, of either kind; None where they are not known."""
        return self.conditions if self.product_conditions is None else self.product_conditions

    @property
    def observed(self) -> PiecewiseBounds:
        """The bounds in what is observed and parameters."""
        return self.in_means or self

    @property
    def over_laws(self) -> bool:
        """Whether a side is the worst of its values at several extreme laws of independent causes."""
        return any(len(side.laws) > 1 for side in (self.lower, self.upper))

    @property
    def many_laws(self) -> bool:
        """Whether a side goes over so many extreme laws that one of each kind is printed in any case."""
        return any(side.kinds is not None and len(side.laws) > MANY_LAWS for side in (self.lower, self.upper))

    def __repr__(self) -> str:
        return f"<PiecewiseBounds on {self.name}: {len(self.lower.pieces)} and {len(self.upper.pieces)} pieces>"

    def evaluate(
        self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None, **options: Any
    ) -> Ends:
        """Exact lower and upper bound at an observed distribution, also where cells are zero.

        Infinite where the estimand is not bounded there; None where it is not defined: no population has these data,
        or none in which the divisor differs from zero.

        Parameters
        ----------
        cells
            As for `Bounds.evaluate`.
        parameters : mapping of name to number
        **options
            Names of variables, for their columns; names of parameters, for their values; those of `read_data`.

        Raises
        ------
        DataError
            As in `Bounds.evaluate`.
        """
        cells, parameters = with_keywords(self.model, self.parameters, cells, parameters, options)
        return self.ends(self.checked(cells, parameters or {}))[0]

    def checked(self, cells: Mapping[str, Written], parameters: Mapping[str, Written]) -> dict[str, Fraction | int]:
        """The values of cells and parameters, as exact numbers; refused as in `evaluate`."""
        return values_of(self, given_cells(self.model, cells), parameters)

    def active(
        self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The numbers of the lower and of the upper pieces at which the bounds are attained.

        Returns
        -------
        tuple of (tuple of int, tuple of int)
            From 0, in the order of `lower` and `upper`; none where the exact bound at these data is that of no piece,
            as it may be where cells are zero.
        """
        at = self.checked(cells, parameters or {})
        ends, over = self.ends(at)[0], self.denominator.value(at) if self.denominator else Fraction(1)
        found = []
        for side, end in zip((self.lower, self.upper), ends, strict=True):
            values = enumerate(side.values(at))
            reached = side.value(at) if over else None
            is_end = reached is not None and reached / over == end
            found.append(tuple(i for i, value in values if is_end and value == reached))
        return found[0], found[1]

    def violations(
        self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None, **options: Any
    ) -> tuple[tuple[AnyCondition, Fraction], ...]:
        """The testable implications that fail at these data, with their (negative) values.

        Raises
        ------
        DataError
            As in `evaluate`, and where the bounds were derived without conditions.
        """
        if self.known_conditions is None:
            raise DataError("the testable implications of these bounds are not known")
        cells, parameters = with_keywords(self.model, self.parameters, cells, parameters, options)
        at = self.checked(cells, parameters or {})
        values = ((condition, condition.value(at)) for condition in self.known_conditions)
        return tuple((condition, value) for condition, value in values if value < 0)

    # ------------------------------------------------------------ pictures
    def plot(
        self,
        cells: Mapping[str, Written],
        parameters: Mapping[str, Written] | None = None,
        *,
        total: Written | None = None,
        title: str = "",
        **options: Any,
    ) -> Figure:
        """The bounds at an observed distribution as a bar, as `Bounds.plot` does; an infinite end is an arrow.

        Parameters
        ----------
        cells, parameters
            As for `evaluate`.
        total : number, optional
            The total effect, a dotted line.
        title : str
        **options
            As for `evaluate`.

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        DataError
            As in `evaluate`, and where the estimand is undefined at these data.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.intervals import bounds_chart

        cells, parameters = with_keywords(self.model, self.parameters, cells, parameters, options)
        return bounds_chart([self], cells, parameters, total, title)

    def plot_sensitivity(
        self,
        cells: Mapping[str, Written],
        parameter: str,
        low: Written | None = None,
        high: Written | None = None,
        parameters: Mapping[str, Written] | None = None,
        *,
        title: str = "",
        **options: Any,
    ) -> Figure:
        """The bounds at an observed distribution against one parameter, with exact kinks and gaps.

        Parameters
        ----------
        cells : mapping
            As for `evaluate`.
        parameter : str
        low, high : number, optional
            The range of the parameter; by default the declared one.
        parameters : mapping
            The values of the other parameters.
        title : str
        **options
            As for `evaluate`.

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        DataError
            As in `evaluate`, and for a range without end.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.sensitivity import sensitivity_picture

        cells, parameters = with_keywords(self.model, self.parameters, cells, parameters, options)
        return sensitivity_picture(self, cells, parameter, low=low, high=high, parameters=parameters, title=title)

    def ends(self, values: Mapping[str, Number]) -> tuple[Ends, bool]:
        """Both ends at checked values, and whether the closed form gave them.

        It does not where a share by which it divides is zero, or no piece applies; nor where a group is empty whose
        means assumptions compare, for what is compared with it is then free. There the program at these data does.
        """
        over = self.program.over.value(values)
        if over is not None and not over:
            return UNDEFINED, True
        known = all(share.value(values) for share in self.program.shares)
        known = known and (self.corners is None or self.corners.allow(values))
        found = (self._of_ratio(values) if self.ratio else self._of_pieces(values)) if known else None
        return (self.program_ends(values), False) if found is None else (found, True)

    def program_ends(self, values: Mapping[str, Number]) -> Ends:
        """Both ends at checked values by the program at these data, whatever the closed form says."""
        if self.corners is not None:
            return self.corners.ends(values)
        if self.factored is not None:
            return factored_bounds_at(self.factored, values, Budget())
        return weighted_bounds_at(self.program, values)

    def _of_pieces(self, values: Mapping[str, Number]) -> Ends | None:
        over = self.denominator.value(values) if self.denominator else Fraction(1)
        low, high = self.lower.value(values), self.upper.value(values)
        return None if low is None or high is None or not over else (low / over, high / over)

    def _of_ratio(self, values: Mapping[str, Number]) -> Ends | None:
        """By vertices and edges, which are exact also where cells are zero."""
        assert self.ratio is not None
        over = self.normal.over.value(values)
        rights = [self.normal.expanded(row.right).value(values) for row in self.normal.program.rows]
        known = [right for right in rights if right is not None]
        if not over or len(known) < len(rights):
            return None
        low, high = (side.value(known) for side in self.ratio)
        if low is None or high is None:
            return UNDEFINED
        ends = (divided_end(low, over), divided_end(high, over))
        return ends if over > 0 else (ends[1], ends[0])

    def text(self, unicode: bool = True, orbits: bool = False) -> str:
        """The bounds as text, with what the symbols are.

        Parameters
        ----------
        unicode : bool
        orbits : bool
            Print pieces that differ by relabelling once, and the upper bound as the mirror of the lower one. Extreme
            laws are printed so in any case where there are many.

        Returns
        -------
        str
        """
        from boundgen.bounds.piecewise_text import piecewise_text

        return piecewise_text(self, unicode, orbits)

    def latex(self, orbits: bool = False) -> str:
        """The bounds as LaTeX displays, with a sentence about their symbols; `orbits` as for `text`."""
        from boundgen.bounds.latex import with_symbols
        from boundgen.bounds.piecewise_latex import piecewise_latex

        return with_symbols(piecewise_latex(self, orbits), self.notation)

    def json(self, orbits: bool = False) -> dict[str, Any]:
        """The estimand's entry in the JSON of a derivation (`boundgen.derivation/1`); `orbits` adds them."""
        from boundgen.bounds.piecewise_json import piecewise_json

        return piecewise_json(self, orbits)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each piece of each side, as text in ASCII."""
        from boundgen.bounds.piecewise_text import piecewise_rows

        return piecewise_rows(self)

    def sympy(self) -> tuple[sympy.Expr, sympy.Expr]:
        """Lower and upper bound as expressions of symbols named like cells: ``Piecewise`` in ``Max`` and ``Min``."""
        from boundgen.bounds.piecewise_sympy import piecewise_sympy

        return piecewise_sympy(self)

    def _repr_latex_(self) -> str | None:
        from boundgen.bounds.latex import one_display

        return one_display(self.latex())
