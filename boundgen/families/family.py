"""The closed form of a model for every number of levels of one variable, as it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from boundgen.bounds.closed_form import checked_values
from boundgen.bounds.symbols import Notation
from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.exact.rational import Written
from boundgen.families.evaluator import bound
from boundgen.families.kinds import TermKind
from boundgen.families.scaling import LevelScaling
from boundgen.families.to_json import estimand_json
from boundgen.families.validity import LevelArgument
from boundgen.families.writing import Pen, Writer
from boundgen.language.model import Model
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm, observed_arms
from boundgen.work.limits import Limits
from boundgen.work.unanswered import Unanswered


@dataclass(frozen=True)
class FamilySide:
    """One side of a bound for every number of levels.

    Parameters
    ----------
    kinds : tuple of TermKind
        The bound is the largest (smallest) of all terms of all kinds.
    start : int
        From how many levels on.
    counts : tuple of (levels, terms)
        How many terms there are at the numbers of levels that were derived.
    valid, sharp : LevelArgument
        Why each term is valid, and why there are no others, at every number of levels.
    """

    kinds: tuple[TermKind, ...]
    start: int
    counts: tuple[tuple[int, int], ...]
    valid: LevelArgument
    sharp: LevelArgument


@dataclass(frozen=True)
class EstimandFamily:
    """The bounds of one estimand for every number of levels.

    Parameters
    ----------
    name : str
    by_steps : bool
        Whether terms are by steps between levels that are numbers.
    lower, upper : FamilySide
    weighted : bool
        Whether a side is a sum over levels of a weight times a maximum, of which the kinds are the options.
    """

    name: str
    by_steps: bool
    lower: FamilySide
    upper: FamilySide
    weighted: bool = False

    @property
    def start(self) -> int:
        """From how many levels on both sides hold."""
        return max(self.lower.start, self.upper.start)


@dataclass(frozen=True, repr=False)
class BoundsFamily(Rendered):
    """Bounds in closed form for every number of levels of one variable.

    Parameters
    ----------
    model : Model
        At the largest number of levels that was derived.
    variable : str
    first : int
        The first level of the variable.
    derived : tuple of int
        The numbers of levels that were derived.
    estimands : tuple of EstimandFamily
    unanswered : tuple of Unanswered
        Estimands whose kinds do not come back, each with the reason.
    notation : Notation
    arms : tuple of Arm
        At that number of levels.
    scaling : LevelScaling
    missing : str
        Where time or memory ended before all derivations that were asked for.
    """

    model: Model
    variable: str
    first: int
    derived: tuple[int, ...]
    estimands: tuple[EstimandFamily, ...]
    unanswered: tuple[Unanswered, ...]
    notation: Notation
    arms: tuple[Arm, ...]
    scaling: LevelScaling = field(compare=False)
    missing: str = ""

    def text(self, unicode: bool = True) -> str:
        """The bounds of each estimand with letters in place of levels, and why they hold for every number of them."""
        from boundgen.families.text import family_text

        return family_text(self, unicode)

    def latex(self) -> str:
        """The same as LaTeX displays."""
        from boundgen.families.text import family_latex

        return family_latex(self)

    def json(self) -> dict[str, Any]:
        """The family in the schema ``boundgen.family/1``."""
        from boundgen.families.to_json import family_json

        return family_json(self)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each kind of terms of each side, as text in ASCII."""
        from boundgen.families.text import family_rows

        return family_rows(self)

    def python(self) -> str:
        """A module that evaluates the bounds for every number of levels, with the standard library alone."""
        from boundgen.families.python_module import python_module

        return python_module(self)

    def certificate(self, limits: Limits = Limits()) -> dict[str, Any]:
        """What is needed to believe the family without trusting the engine, ready for `json.dump`.

        It is checked by `boundgen.verification.check_family`. Making it may take as long as the derivations did.
        """
        from boundgen.families.certificate import family_certificate

        return family_certificate(self, limits)

    def writer(self, estimand: EstimandFamily, pen: Pen) -> Writer:
        """What writes the kinds of an estimand."""
        return Writer(self.notation, self.arms, self.variable, self.first, estimand.by_steps, pen)

    def evaluate(
        self,
        name: str,
        levels: int,
        cells: Mapping[str, Written],
        parameters: Mapping[str, Written] | None = None,
    ) -> tuple[Fraction, Fraction]:
        r"""Exact lower and upper bound at an observed distribution with any number of levels.

        Parameters
        ----------
        name : str
            The estimand.
        levels : int
        cells, parameters : mapping
            As for `Bounds.evaluate`; the names of cells are those of the model with so many levels.

        Returns
        -------
        tuple of (Fraction, Fraction)

        Raises
        ------
        DataError
            As `Bounds.evaluate` does, for an estimand that has no family, and for fewer levels than it has bounds for.

        Examples
        --------
        >>> from boundgen import Model, family
        >>> text = "model m\nvariable X in 0..1\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\nestimand r = E[Y(1)]"
        >>> found = family(Model.parse(text), {"X": range(2, 5)})
        >>> low, high = found.evaluate("r", 7, {"P(X=1,Y=1)": "1/4", "P(X=1,Y=0)": "1/4", "P(X=6,Y=0)": "1/2"})
        >>> print(low, high)
        1/4 3/4
        """
        estimand = next((each for each in self.estimands if each.name == name), None)
        if estimand is None:
            names = [each.name for each in self.estimands]
            raise DataError(
                f"there is no family of {quoted(name)}", remedy=did_you_mean(name, names) + f"known: {', '.join(names)}"
            )
        if levels < estimand.start:
            raise DataError(
                f"{levels} levels of {self.variable} are given, and these bounds hold from {estimand.start} on"
            )
        model = self.scaling.at(levels)
        values = checked_values(observed_arms(model, Limits()), model.parameters, cells, parameters or {})
        document = estimand_json(self, estimand)
        low, high = (bound(document[side], values, levels, side == "lower") for side in ("lower", "upper"))
        return Fraction(low), Fraction(high)

    def __repr__(self) -> str:
        return f"<BoundsFamily over {self.variable}: {', '.join(each.name for each in self.estimands)}>"
