"""What every companion method returns: estimates, what they assume, what bears on it, and the sharp bounds beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boundgen.rendering.rendered import Rendered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TableCell = str | int | float | bool | None


@dataclass(frozen=True)
class ConfidenceSet:
    """A further confidence set of an estimate: a bootstrap interval, or an Anderson-Rubin set (perhaps no interval).

    Parameters
    ----------
    kind : str
        How it was made: ``bootstrap percentile``, ``Anderson-Rubin``.
    pieces : tuple of (low, high)
        Closed intervals in rising order; ends may be infinite. None at all: every value is rejected.
    """

    kind: str
    pieces: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class CompanionEstimate:
    """One estimated quantity.

    Parameters
    ----------
    name : str
        An identifier, such as ``delta0``; sharp bounds on the same quantity carry the same name.
    symbol : str
        As the paper writes it, in unicode: ``δ(0)``, ``NIE₀``.
    value : float
    error : float or None
        Standard error.
    low, high : float or None
        The ends of the first interval; None where the method gives none.
    words : str
        What the quantity is, in half a sentence.
    interval : str
        What kind of interval the first is: ``delta method``, ``normal, HC1 errors``.
    others : tuple of ConfidenceSet
        Further confidence sets, of other kinds.
    """

    name: str
    symbol: str
    value: float
    error: float | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""
    interval: str = "normal"
    others: tuple[ConfidenceSet, ...] = ()


@dataclass(frozen=True)
class CompanionAssumption:
    """An assumption of the estimator.

    Parameters
    ----------
    number : str
        As the paper numbers it: ``1``, ``2(ii)``, ``(vii)``.
    name : str
        Its name there: ``exclusion restriction``.
    words : str
        What it says, in one or two sentences.
    """

    number: str
    name: str
    words: str


@dataclass(frozen=True)
class Diagnostic:
    """A figure that bears on an assumption.

    Parameters
    ----------
    name : str
    value : float, int, str, bool or None
    words : str
        What it says about which assumption.
    warning : bool
        Whether it speaks against trusting the estimate.
    """

    name: str
    value: TableCell
    words: str = ""
    warning: bool = False


@dataclass(frozen=True)
class ResultTable:
    """A further table, such as estimates over a grid of sensitivity parameters.

    Parameters
    ----------
    name : str
        An identifier; `CompanionResult.plot` draws it where there is a drawing of that name.
    title : str
    columns : tuple of str
    rows : tuple of tuple
        One cell for each column: text, number, truth value or None.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]

    def records(self) -> list[dict[str, TableCell]]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class SharpBounds:
    """Sharp bounds at the sample's shares, on one estimand under one set of assumptions.

    Parameters
    ----------
    estimand : str
        The name of the estimate that they stand beside.
    assumptions : str
        What they assume, in a few words: ``randomization``.
    lower, upper : float or None
        None where the data contradict the assumptions.
    contradicted : bool
        Whether a testable implication of the assumptions fails at the sample's shares.
    symbol, words : str
        As a table calls an estimand that has no estimate, and what it is; empty where the estimate says it.
    """

    estimand: str
    assumptions: str
    lower: float | None
    upper: float | None
    contradicted: bool = False
    symbol: str = ""
    words: str = ""


@dataclass(frozen=True)
class DataFacts:
    """What was estimated from.

    Parameters
    ----------
    rows : int
        Rows that were read, or groups.
    used : int
        How many of them the estimates use.
    unit : str
        What a row is: ``units``, ``sites``, ``subgroups``.
    roles : tuple of (str, str)
        Which column plays which part: ``("treatment", "treat")``.
    notes : tuple of str
        What was left out or recoded, in half sentences.
    """

    rows: int
    used: int
    unit: str = "units"
    roles: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class CompanionResult(Rendered):
    """The estimates of one companion method beside the sharp bounds that hold without its assumptions.

    Parameters
    ----------
    method : str
        As the command line calls it: ``ignorability``.
    title : str
        What it is, in half a sentence.
    source : str
        Citation: authors, year, equations.
    data : DataFacts
    estimates : tuple of CompanionEstimate
    assumptions : tuple of CompanionAssumption
        All that the estimator uses, numbered as in the source.
    diagnostics : tuple of Diagnostic
    warnings : tuple of str
        What makes the estimates doubtful, one or two sentences each.
    tables : tuple of ResultTable
    bounds : tuple of SharpBounds
        Sharp bounds beside the estimates; empty where there are none.
    no_bounds : str
        Why there are none, as a sentence; empty if there are some.
    options : tuple of (str, value)
        What was asked for: level, seed, draws, kind of errors.
    """

    method: str
    title: str
    source: str
    data: DataFacts
    estimates: tuple[CompanionEstimate, ...]
    assumptions: tuple[CompanionAssumption, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    warnings: tuple[str, ...] = ()
    tables: tuple[ResultTable, ...] = ()
    bounds: tuple[SharpBounds, ...] = ()
    no_bounds: str = ""
    options: tuple[tuple[str, TableCell], ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(each.name for each in self.estimates)
        return f"CompanionResult({self.method}: {names})"

    def estimate(self, name: str) -> CompanionEstimate:
        """The estimate of that name.

        Returns
        -------
        CompanionEstimate

        Raises
        ------
        DataError
            If there is none.
        """
        from boundgen.errors import DataError

        for each in self.estimates:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.estimates)
        raise DataError(f"{self.method} has no estimate '{name}'", remedy=f"Estimates: {known}.")

    def rows(self) -> list[dict[str, Any]]:
        """A row for each estimate and each of the sharp bounds."""
        from boundgen.companions.report import result_rows

        return result_rows(self)

    def text(self, unicode: bool = True) -> str:
        """The estimates and bounds as a table, then assumptions, diagnostics and warnings."""
        from boundgen.companions.report import result_text

        return result_text(self, unicode)

    def latex(self) -> str:
        """The estimates and bounds as a LaTeX table (booktabs)."""
        from boundgen.companions.latex import result_latex

        return result_latex(self)

    def json(self) -> dict[str, Any]:
        """Everything in the schema ``boundgen.mediate/1``."""
        from boundgen.companions.to_json import result_json

        return result_json(self)

    def plot(self, what: str = "estimates", *, title: str = "") -> Figure:
        """Estimates with intervals beside the sharp bounds, or a drawing of one of the tables.

        Parameters
        ----------
        what : str
            ``estimates``, or the name of a table that has a drawing.
        title : str

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        DataError
            For a name that nothing is drawn for.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.companions import companion_picture

        return companion_picture(self, what, title)
