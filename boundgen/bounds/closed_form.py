"""The result: sharp bounds on one estimand in closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.bounds.symbols import Notation
from boundgen.data.given import given_data, with_keywords
from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.exact.rational import Written, measured, shown
from boundgen.exact.terms import Term
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm
from boundgen.strata.means import stand_in_values

if TYPE_CHECKING:
    import sympy
    from matplotlib.figure import Figure

    from boundgen.bounds.derived import Derivation
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.bounds.simplest_form import Simplifier
    from boundgen.language.model import Model
    from boundgen.language.statements import Parameter
    from boundgen.program.linear_program import LinearProgram


@dataclass(frozen=True)
class Side:
    """The terms of one side: their max is the lower bound, their min the upper one.

    Parameters
    ----------
    terms : tuple of Term
        In cells and parameters, each strictly the largest (smallest) somewhere.
    shown : tuple of Term
        The same terms for the reader: they may use defined names.
    in_means : tuple of Term
        The same terms in shares and means, where an outcome is bounded: `terms` are then in the cells of its stand-in.
    """

    terms: tuple[Term, ...]
    shown: tuple[Term, ...]
    in_means: tuple[Term, ...] = ()

    @property
    def observed(self) -> tuple[Term, ...]:
        """The terms in what is observed and parameters."""
        return self.in_means or self.terms


@dataclass(frozen=True)
class Quotient:
    """A term as a reader sees it.

    Parameters
    ----------
    term : Term
        With defined names; of a lettered term, with letters.
    divided : bool
        Whether it is over the denominator of the bounds: a multiple of the denominator is a number.
    """

    term: Term
    divided: bool


@dataclass(frozen=True, repr=False)
class Bounds(Rendered):
    """Sharp bounds on one estimand.

    Parameters
    ----------
    name : str
        The estimand.
    lower, upper : Side
        Divided by `denominator`, where there is one.
    denominator, shown_denominator : Term or None
        The probability of the estimand's condition; the shown form may use defined names.
    identified : bool
        Whether lower equals upper at every observable distribution.
    conditions : tuple of Term, or None
        Testable implications, each to be non-negative; None where they were left out.
    notation : Notation
        How cells are printed, and what the symbols are.
    arms : tuple of Arm
        The observed arms.
    parameters : tuple of Parameter
    missing : tuple of str
        What time or memory left undone: the bounds are valid then, but not proved sharp. Empty where they are.
    simplifier : Simplifier
        What may be added to a term without changing its value.
    program : LinearProgram or None
        What the bounds are the optima of.
    model : Model or None
        By which tables are read.
    observed_denominator : Term or None
        The denominator in shares and means, where an outcome is bounded.
    source : Derivation or None
        Where variables share no causes: of which the bounds are, for they are in cells of factors.
    """

    name: str
    lower: Side
    upper: Side
    denominator: Term | None
    shown_denominator: Term | None
    identified: bool
    conditions: tuple[Term, ...] | None
    notation: Notation
    arms: tuple[Arm, ...]
    parameters: tuple[Parameter, ...]
    simplifier: Simplifier = field(compare=False)
    missing: tuple[str, ...] = ()
    program: LinearProgram | None = field(default=None, compare=False)
    model: Model | None = field(default=None, compare=False)
    observed_denominator: Term | None = None
    source: Derivation | None = field(default=None, compare=False)

    @property
    def known_conditions(self) -> tuple[Term, ...] | None:
        """All testable implications; None where they are not known. As for `PiecewiseBounds`."""
        return self.conditions

    def quotients(self, side: Side) -> tuple[Quotient, ...]:
        """The terms of a side as text, LaTeX and sympy write them."""
        return tuple(self.quotient(term, shown) for term, shown in zip(side.terms, side.shown, strict=True))

    def quotient(self, term: Term, shown: Term) -> Quotient:
        """A term over the denominator, where there is one, unless it is a multiple of it."""
        if self.denominator is None:
            return Quotient(shown, divided=False)
        multiple = term.multiple_of(self.denominator)
        if multiple is not None:
            return Quotient(Term(multiple), divided=False)
        if not self.denominator.coefficients:
            return Quotient(shown.scaled(1 / self.denominator.constant), divided=False)
        return Quotient(shown, divided=True)

    def text(self, unicode: bool = True, orbits: bool = False) -> str:
        """The bounds as a line (or a few) of text, with what the symbols are.

        Parameters
        ----------
        unicode : bool
        orbits : bool
            Print terms that differ by relabelling once, and the upper bound as the mirror of the lower one.

        Returns
        -------
        str
        """
        from boundgen.bounds.text import bounds_text

        return bounds_text(self, unicode, orbits)

    def latex(self, orbits: bool = False) -> str:
        """The bounds as a LaTeX display, with a sentence about its symbols; `orbits` as for `text`."""
        from boundgen.bounds.latex import bounds_latex, with_symbols

        return with_symbols(bounds_latex(self, orbits), self.notation)

    def json(self, orbits: bool = False) -> dict[str, Any]:
        """The estimand's entry in the JSON of a derivation (`boundgen.derivation/1`); `orbits` adds them."""
        from boundgen.bounds.to_json import estimand_json

        return estimand_json(self, orbits)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each term of each side, as text in ASCII."""
        from boundgen.bounds.rows import bounds_rows

        return bounds_rows(self)

    def sympy(self) -> tuple[sympy.Expr, sympy.Expr]:
        """Lower and upper bound as unevaluated ``Max`` and ``Min`` of symbols named like cells."""
        from boundgen.bounds.to_sympy import bounds_sympy

        return bounds_sympy(self)

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
        """The bounds at an observed distribution as a bar; `boundgen.pictures.interval_chart` draws several.

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
            As in `evaluate`.
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
        """The bounds at an observed distribution against one parameter, with exact kinks.

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

    @property
    def idle_parameters(self) -> tuple[str, ...]:
        """The parameters that are in no term: whatever their values are, the bounds are the same."""
        terms = [*self.lower.terms, *self.upper.terms]
        terms += [] if self.denominator is None else [self.denominator]
        used = {name for term in terms for name, _ in term.coefficients}
        return tuple(each.name for each in self.parameters if each.name not in used)

    def __repr__(self) -> str:
        return f"<Bounds on {self.name}: {len(self.lower.terms)} lower and {len(self.upper.terms)} upper terms>"

    def _repr_latex_(self) -> str | None:
        from boundgen.bounds.latex import one_display

        return one_display(self.latex())

    # ------------------------------------------------------------ exact evaluation
    def evaluate(
        self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None, **options: Any
    ) -> tuple[Fraction, Fraction]:
        """Exact lower and upper bound at an observed distribution.

        Where the data break a testable implication (see `violations`) the lower bound may be above the upper.

        Parameters
        ----------
        cells : mapping of canonical cell name to number, ObservedData, or what `read_data` reads
            Numbers are Fractions, integers, texts such as "1/3", or floats, taken at their decimal text. Cells that are
            left out are zero; each complete arm must sum to one.
        parameters : mapping of name to number
        **options
            Names of variables, for their columns; names of parameters, for their values; those of `read_data`.

        Returns
        -------
        tuple of (Fraction, Fraction)

        Raises
        ------
        DataError
            For unknown names, negative or unnormalised cells, parameters that miss or are out of range.

        Examples
        --------
        >>> from boundgen import catalogue
        >>> data = {"P(X=0,Y=0)": "1/2", "P(X=1,Y=0)": "1/6", "P(X=1,Y=1)": "1/3"}
        >>> low, high = catalogue.load("confounded_treatment").bound("ate").evaluate(data)
        >>> print(low, high)
        -1/6 5/6
        """
        cells, parameters = with_keywords(self.model, self.parameters, cells, parameters, options)
        at = self.checked(cells, parameters or {})
        over = self.denominator.value(at) if self.denominator else Fraction(1)
        if over == 0:
            raise DataError(f"the condition of {self.name} has probability zero at these data")
        low = max(term.value(at) for term in self.lower.terms)
        high = min(term.value(at) for term in self.upper.terms)
        return low / over, high / over

    def active(
        self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The numbers of the lower and of the upper terms at which the bounds are attained.

        Returns
        -------
        tuple of (tuple of int, tuple of int)
            From 0, in the order of `lower` and `upper`.

        Examples
        --------
        >>> from boundgen import catalogue
        >>> bounds = catalogue.load("confounded_treatment").bound("ate")
        >>> bounds.active({"P(X=0,Y=0)": "1/2", "P(X=1,Y=1)": "1/2"})
        ((0,), (0,))
        """
        at = self.checked(cells, parameters or {})
        low = [term.value(at) for term in self.lower.terms]
        high = [term.value(at) for term in self.upper.terms]
        return _where(low, max(low)), _where(high, min(high))

    def violations(
        self, cells: Mapping[str, Written], parameters: Mapping[str, Written] | None = None, **options: Any
    ) -> tuple[tuple[Term, Fraction], ...]:
        """The testable implications that fail at these data, with their (negative) values.

        Returns
        -------
        tuple of (Term, Fraction)

        Raises
        ------
        DataError
            As in `evaluate`, and where the bounds were derived without conditions.

        Examples
        --------
        >>> from boundgen import catalogue
        >>> bounds = catalogue.load("iv_ate_monotone").bound("ate")
        >>> data = {"P(X=1,Y=1|Z=0)": 1, "P(X=0,Y=0|Z=1)": 1}
        >>> for term, value in bounds.violations(data):
        ...     print(f"{term} is {value}")
        P(X=0,Y=0|Z=0) - P(X=0,Y=0|Z=1) is -1
        -P(X=1,Y=1|Z=0) + P(X=1,Y=1|Z=1) is -1
        """
        if self.conditions is None:
            raise DataError(
                "these bounds were derived without their testable implications", remedy="Derive with conditions=True."
            )
        cells, parameters = with_keywords(self.model, self.parameters, cells, parameters, options)
        at = self.checked(cells, parameters or {})
        values = [(term, term.value(at)) for term in self.conditions]
        return tuple((term, value) for term, value in values if value < 0)

    def checked(self, cells: Mapping[str, Written], parameters: Mapping[str, Written]) -> dict[str, Fraction | int]:
        """The values of cells and parameters, after the checks that `evaluate` names."""
        return values_of(self, given_cells(self.model, cells), parameters)


def values_of(
    bounds: Bounds | PiecewiseBounds, cells: Mapping[str, Written], parameters: Mapping[str, Written]
) -> dict[str, Fraction | int]:
    """What bounds are functions of; where variables share no causes, cells of factors, from observed ones if given.

    Raises
    ------
    DataError
        As in `Bounds.evaluate`, and where nobody meets the condition of a cell of a factor.
    """
    independent = None if bounds.source is None else bounds.source.independent
    own = {cell.name for arm in bounds.arms for cell in arm.cells}
    observed = [] if independent is None else [cell.name for arm in independent.arms for cell in arm.cells]
    if independent is None or independent.factored is None or not any(n in cells for n in observed if n not in own):
        return checked_values(bounds.arms, bounds.parameters, cells, parameters)
    values = checked_values(independent.arms, independent.model.parameters, cells, parameters)
    for name, value in independent.factored.at(values).items():
        if value is None:
            raise DataError(
                f"nobody in these data tells of {name}, and the bounds on {bounds.name} are written in such cells",
                remedy="boundgen.evaluate gives the exact bounds at these data.",
            )
        values[name] = value
    return values


def given_cells(model: Model | None, data: Any) -> Mapping[str, Written]:
    """The cells of data in whatever form they are given."""
    found = given_data(model, data, {})
    return found if isinstance(found, dict) else found.probabilities


def checked_values(
    arms: Sequence[Arm],
    parameters: Sequence[Parameter],
    cells: Mapping[str, Written],
    given: Mapping[str, Written],
) -> dict[str, Fraction | int]:
    """The values of cells and parameters, as exact numbers.

    Raises
    ------
    DataError
        For unknown names, negative or unnormalised cells, parameters that miss or are out of range.
    """
    known = {cell.name for arm in arms for cell in arm.cells}
    # A stand-in has the cells of a bounded outcome.
    at = stand_in_values(arms, {name: measured(value, name) for name, value in cells.items()})
    for name, value in at.items():
        if name not in known:
            raise DataError(f"unknown cell {quoted(name)}", remedy=f"cells: {', '.join(sorted(known))}")
        if value < 0:
            raise DataError(f"cell {name} is negative: {shown(value)}")
    for arm in arms:
        total = sum((at.get(cell.name, Fraction(0)) for cell in arm.cells), Fraction(0))
        if total > 1 or (arm.complete and total != 1):
            names = ", ".join(cell.name for cell in arm.cells)
            raise DataError(f"the cells {names} sum to {shown(total)}", remedy="They must sum to 1 exactly.")
    return {**at, **_checked_parameters(parameters, given)}


def _checked_parameters(parameters: Sequence[Parameter], given: Mapping[str, Written]) -> dict[str, Fraction]:
    found = {name: measured(value, name) for name, value in given.items()}
    for parameter in parameters:
        if parameter.name not in found:
            raise DataError(f"parameter {quoted(parameter.name)} has no value")
        value = found[parameter.name]
        if (parameter.low is not None and value < parameter.low) or (
            parameter.high is not None and value > parameter.high
        ):
            raise DataError(f"parameter {parameter.name} = {shown(value)} is out of its range")
    for name in found.keys() - {parameter.name for parameter in parameters}:
        names = [parameter.name for parameter in parameters]
        raise DataError(
            f"unknown parameter {quoted(name)}",
            remedy=f"{did_you_mean(name, names)}parameters: {', '.join(names) or 'none'}",
        )
    return found


def _where(values: Sequence[Fraction], best: Fraction) -> tuple[int, ...]:
    return tuple(i for i, value in enumerate(values) if value == best)
