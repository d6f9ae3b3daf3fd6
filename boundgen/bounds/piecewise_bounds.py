"""The result beyond one linear program: sharp bounds whose sides have pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import checked_values
from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.bounds.symbols import Notation
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number, Written
from boundgen.exact.terms import Term
from boundgen.polyhedra.weighted_optimum import UNDEFINED, Ends, weighted_bounds_at
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm

if TYPE_CHECKING:
    import sympy

    from boundgen.bounds.normal_form import NormalProgram
    from boundgen.bounds.ratio_side import RatioSide
    from boundgen.bounds.simplest_form import Simplifier
    from boundgen.language.statements import Parameter
    from boundgen.program.weighted_program import WeightedProgram


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
        Testable implications, each to be non-negative; None where they were left out.
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

    def __repr__(self) -> str:
        return f"<PiecewiseBounds on {self.name}: {len(self.lower.pieces)} and {len(self.upper.pieces)} pieces>"

    def evaluate(self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None) -> Ends:
        """Exact lower and upper bound at an observed distribution, also where cells are zero.

        Infinite where the estimand is not bounded there; None where it is not defined: no population has these data,
        or none in which the divisor differs from zero.

        Parameters
        ----------
        cells : mapping of canonical cell name to Fraction, int or string such as "1/3" or "0.25"
            Cells that are left out are zero; each complete arm must sum to one.
        parameters : mapping of name to number

        Raises
        ------
        DataError
            As in `Bounds.evaluate`.
        """
        return self.ends(checked_values(self.arms, self.parameters, cells, parameters or {}))[0]

    def ends(self, values: Mapping[str, Number]) -> tuple[Ends, bool]:
        """Both ends at checked values, and whether the closed form gave them.

        It does not where a share by which it divides is zero, or no piece applies; nor where a group is empty whose
        means assumptions compare, for what is compared with it is then free. There the program at these data does.
        """
        over = self.program.over.value(values)
        if over is not None and not over:
            return UNDEFINED, True
        if not all(share.value(values) for share in self.program.shares):
            return weighted_bounds_at(self.program, values), False
        found = self._of_ratio(values) if self.ratio else self._of_pieces(values)
        return (weighted_bounds_at(self.program, values), False) if found is None else (found, True)

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
        ends = (
            low / float(over) if isinstance(low, float) else low / over,
            (high / float(over) if isinstance(high, float) else high / over),
        )
        return ends if over > 0 else (ends[1], ends[0])

    def text(self, unicode: bool = True) -> str:
        """The bounds as text, with what the symbols are."""
        from boundgen.bounds.piecewise_text import piecewise_text

        return piecewise_text(self, unicode)

    def latex(self) -> str:
        """The bounds as a LaTeX display."""
        from boundgen.bounds.piecewise_latex import piecewise_latex

        return piecewise_latex(self)

    def json(self) -> dict[str, Any]:
        """The estimand's entry in the JSON of a derivation (`boundgen.derivation/1`)."""
        from boundgen.bounds.piecewise_json import piecewise_json

        return piecewise_json(self)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each piece of each side, as text in ASCII."""
        from boundgen.bounds.piecewise_text import piecewise_rows

        return piecewise_rows(self)

    def sympy(self) -> tuple[sympy.Expr, sympy.Expr]:
        """Lower and upper bound as expressions of symbols named like cells: ``Piecewise`` in ``Max`` and ``Min``."""
        from boundgen.bounds.piecewise_sympy import piecewise_sympy

        return piecewise_sympy(self)

    def _repr_latex_(self) -> str:
        return self.latex()


def _over(end: Fraction | float, divisor: Fraction) -> Fraction | float:
    """Infinities keep their size."""
    return end / divisor if isinstance(end, Fraction) else end * (1 if divisor > 0 else -1)
