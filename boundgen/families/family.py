"""The closed form of a model for every number of levels of one variable."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from boundgen.bounds.closed_form import Bounds, checked_values
from boundgen.bounds.derived import Derivation
from boundgen.bounds.symbols import Notation
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.derivation import derivation_within
from boundgen.errors import DataError, LimitError, ModelError, NoClosedFormError, did_you_mean, quoted
from boundgen.exact.rational import Written
from boundgen.families.evaluator import bound
from boundgen.families.kinds import Kind, Kinds, SideAt, kinds
from boundgen.families.programs import Units, units_of
from boundgen.families.scaling import Scaling, scaling
from boundgen.families.sharpness import sharpness
from boundgen.families.to_json import estimand_json
from boundgen.families.validity import Argument, Found, has_thresholds, validity
from boundgen.families.views import ByLevels, BySteps, Levels
from boundgen.families.writing import Pen, Writer
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm, observed_arms
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered

# A kind is believed to come back where it does at one number of levels at least that was not used to find it.
FEWEST = 2


@dataclass(frozen=True)
class FamilySide:
    """One side of a bound for every number of levels.

    Parameters
    ----------
    kinds : tuple of Kind
        The bound is the largest (smallest) of all terms of all kinds.
    start : int
        From how many levels on.
    counts : tuple of (levels, terms)
        How many terms there are at the numbers of levels that were derived.
    valid, sharp : Argument
        Why each term is valid, and why there are no others, at every number of levels.
    """

    kinds: tuple[Kind, ...]
    start: int
    counts: tuple[tuple[int, int], ...]
    valid: Argument
    sharp: Argument


@dataclass(frozen=True)
class EstimandFamily:
    """The bounds of one estimand for every number of levels."""

    name: str
    by_steps: bool
    lower: FamilySide
    upper: FamilySide

    @property
    def start(self) -> int:
        """From how many levels on both sides hold."""
        return max(self.lower.start, self.upper.start)


@dataclass(frozen=True, repr=False)
class Family(Rendered):
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
    scaling : Scaling
    """

    model: Model
    variable: str
    first: int
    derived: tuple[int, ...]
    estimands: tuple[EstimandFamily, ...]
    unanswered: tuple[Unanswered, ...]
    notation: Notation
    arms: tuple[Arm, ...]
    scaling: Scaling = field(compare=False)

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
        >>> from boundgen import Model
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
        return f"<Family over {self.variable}: {', '.join(each.name for each in self.estimands)}>"


@public
def family(
    model: Model | str | os.PathLike[str],
    levels: Mapping[str, Sequence[int]],
    estimands: str | Sequence[str] = (),
    *,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> Family:
    """The closed form of a model for every number of levels of one variable.

    The model is derived at several numbers of levels. Terms of one kind come back at each of them, and the kinds are
    the closed form, if they are all terms. What proves that they are valid, and that there are no others, at every
    number of levels stands beside them; where nothing does, that is said.

    Parameters
    ----------
    model : Model, or str or path
        Levels of the variable are integers in a row.
    levels : mapping of variable to sequence of int
        One variable with at least two numbers of levels in a row: ``{"Z": range(3, 7)}``.
    estimands : str or sequence of str
        All of them where none is named.
    engine : {"auto", "cdd", "ppl", "orbits"}
    limits : Limits
        For all numbers of levels together.
    report : function of (what, done, total)

    Returns
    -------
    Family

    Raises
    ------
    ModelError
        For a variable whose levels are no integers in a row, and where a named level is not there.
    NoClosedFormError
        Where the terms have no kinds that come back.
    LimitError
        As in `derive`.

    Examples
    --------
    >>> from boundgen import Model
    >>> text = '''model shift
    ... variable X in {0, 1} randomized
    ... variable Y(X) in 0..2
    ... observe P(Y | X)
    ... estimand helped = P(Y(1) > Y(0))
    ... '''
    >>> found = family(Model.parse(text), {"Y": range(2, 6)})
    >>> [len(side.kinds) for side in (found.estimands[0].lower, found.estimands[0].upper)]
    [1, 1]
    """
    model = given_model(model)
    variable, numbers = _asked(levels)
    scaled = scaling(model, variable)
    scaled.at(numbers[0])
    budget = Budget(limits, report)
    return _Derived.of(scaled, numbers, estimands, engine, budget).family(budget)


def _asked(levels: Mapping[str, Sequence[int]]) -> tuple[str, tuple[int, ...]]:
    """The variable, and the numbers of its levels."""
    if len(levels) != 1:
        raise ModelError(f"{len(levels)} variables are given levels", remedy="Give one: --levels Z=3..8")
    ((variable, given),) = levels.items()
    numbers = tuple(given)
    if not numbers or numbers != tuple(range(numbers[0], numbers[0] + len(numbers))) or numbers[0] < 1:
        raise ModelError(
            f"the numbers of levels of {variable} are no positive integers in a row",
            remedy=f"Write the fewest and the most: --levels {variable}=3..8",
        )
    if len(numbers) < FEWEST:
        raise ModelError(
            f"{variable} is given one number of levels",
            remedy="Kinds of terms are those that come back: give two numbers at least, better four.",
        )
    return variable, numbers


@dataclass(frozen=True)
class _Derived:
    """The bounds of each estimand at each number of levels, with the principal strata."""

    scaling: Scaling
    numbers: tuple[int, ...]
    bounds: Mapping[str, Mapping[int, Bounds]]
    units: Mapping[str, Mapping[int, Units]]
    unanswered: tuple[Unanswered, ...]
    notation: Notation
    arms: tuple[Arm, ...]

    @staticmethod
    def of(
        scaled: Scaling, numbers: Sequence[int], estimands: str | Sequence[str], engine: str, budget: Budget
    ) -> _Derived:
        bounds: dict[str, dict[int, Bounds]] = {}
        units: dict[str, dict[int, Units]] = {}
        unanswered: dict[str, Unanswered] = {}
        enumerate_dual = engine_named(engine)
        last: Derivation | None = None
        for k in numbers:
            budget.step(f"deriving {scaled.variable} with {k} levels", k - numbers[0], len(numbers))
            found = derivation_within(scaled.at(k), estimands, enumerate_dual, False, budget)
            last = found
            unanswered |= {each.name: each for each in found.unanswered}
            for name in (pieces.name for pieces in found.piecewise):
                error = NoClosedFormError(
                    f"the bounds of {name} are not one maximum of linear terms, and no kinds are looked for in them"
                )
                unanswered.setdefault(name, Unanswered(name, error.message, error))
            for each, stage in zip(found.bounds, found.stages, strict=True):
                bounds.setdefault(each.name, {})[k] = each
                units.setdefault(each.name, {})[k] = units_of(stage.asked.program, found.arms, k)
        assert last is not None
        return _Derived(scaled, tuple(numbers), bounds, units, tuple(unanswered.values()), last.notation, last.arms)

    def family(self, budget: Budget) -> Family:
        """The kinds of every estimand, with the arguments."""
        found: list[EstimandFamily] = []
        unanswered = {each.name: each for each in self.unanswered}
        for name in self.bounds:
            if name in unanswered:
                continue
            try:
                found.append(self._estimand(name, budget))
            except NoClosedFormError as error:
                unanswered[name] = Unanswered(name, error.message, error)
        if not found:
            raise next(iter(unanswered.values())).error
        return Family(
            self.scaling.at(self.numbers[-1]),
            self.scaling.variable,
            self.scaling.first,
            self.numbers,
            tuple(found),
            tuple(unanswered.values()),
            self.notation,
            self.arms,
            self.scaling,
        )

    def _estimand(self, name: str, budget: Budget) -> EstimandFamily:
        estimand = self.scaling.model.estimand_named(name)
        own = self.bounds[name]
        if any(bounds.denominator is not None for bounds in own.values()):
            raise NoClosedFormError(
                f"the bounds of {name} are divided by a probability, and no kinds are looked for in these",
                remedy="Ask for the numerator: it is a linear estimand.",
            )
        if any(mean for bounds in own.values() for arm in bounds.arms for mean in arm.means):
            raise NoClosedFormError(
                f"the bounds of {name} are in means of a bounded outcome, and no kinds are looked for in these",
                remedy="Give the outcome the values at its ends: Y(X) in {0, 1}.",
            )
        tried = (True, False) if self._has_steps(estimand) else (False,)
        for by_steps in tried:
            sides = {lower: self._sides(name, lower, by_steps) for lower in (True, False)}
            places = () if by_steps else self.scaling.named
            both = {lower: kinds(at, places, budget) for lower, at in sides.items()}
            lower, upper = both[True], both[False]
            if lower is not None and upper is not None:
                made = [
                    self._side(estimand, way, found, sides[way], by_steps, budget)
                    for way, found in ((True, lower), (False, upper))
                ]
                return EstimandFamily(name, by_steps, made[0], made[1])
        raise self._no_kinds(name)

    def _has_steps(self, estimand: Estimand) -> bool:
        """Whether levels are numbers in this estimand, and only values that units have."""
        trial = Found(self.scaling, estimand, True, Kinds((), 1), True, self.numbers, self.units[estimand.name])
        return self.numbers[0] > 1 and self.scaling.arithmetic and has_thresholds(trial)

    def _sides(self, name: str, lower: bool, by_steps: bool) -> dict[int, SideAt]:
        made: dict[int, SideAt] = {}
        for k, bounds in self.bounds[name].items():
            levels: Levels = (BySteps if by_steps else ByLevels)(bounds, self.scaling.variable, self.scaling.first, k)
            made[k - by_steps] = SideAt.of(levels, (bounds.lower if lower else bounds.upper).terms)
        return made

    def _side(
        self, estimand: Estimand, lower: bool, own: Kinds, sides: Mapping[int, SideAt], by_steps: bool, budget: Budget
    ) -> FamilySide:
        found = Found(self.scaling, estimand, lower, own, by_steps, self.numbers, self.units[estimand.name])
        counts = tuple((k, len(sides[k - by_steps].terms)) for k in self.numbers)
        valid = validity(found, budget)
        return FamilySide(own.kinds, found.start, counts, valid, sharpness(found, sides, budget))

    def _no_kinds(self, name: str) -> LimitError:
        lower, upper = (
            ", ".join(str(len(getattr(bounds, side).terms)) for bounds in self.bounds[name].values())
            for side in ("lower", "upper")
        )
        last = self.numbers[-1]
        return NoClosedFormError(
            f"the terms of {name} have no kinds that come back from {self.numbers[0]} to {last} levels of "
            f"{self.scaling.variable} (lower bound: {lower} terms; upper: {upper})",
            remedy=f"More levels may show them: --levels {self.scaling.variable}={self.numbers[0]}..{last + 2}",
        )
