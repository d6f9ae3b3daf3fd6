"""From a model to its family: derivations, kinds, arguments.

Model -> the model at several numbers of levels -> their bounds and principal strata      (derivation)
   -> each side's terms by levels, or by steps between levels that are numbers            (views)
   -> the kinds that come back                                                            (kinds)
   -> why they are valid, and why there are no others, at every number of levels          (validity, sharpness)
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.derived import Derivation
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.derivation import derivation_within
from boundgen.errors import LimitError, ModelError, NoClosedFormError
from boundgen.families.family import BoundsFamily, EstimandFamily, FamilySide
from boundgen.families.kinds import SideAt, TermKinds, kinds
from boundgen.families.programs import LevelStrata, units_of
from boundgen.families.scaling import LevelScaling, scaling
from boundgen.families.sharpness import conjectured, identified, sharpness
from boundgen.families.validity import SideQuestion, has_thresholds, validity
from boundgen.families.views import ByLevels, BySteps, ByWeights, TermLevels
from boundgen.families.weighted import weighted_sharpness, weighted_terms, weighted_validity
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered

# A kind is believed to come back where it does at one number of levels at least that was not used to find it.
FEWEST = 2
# Of the time that is left, for derivations; kinds and arguments need the rest.
DERIVING = 0.7


@public
def family(
    model: Model | str | os.PathLike[str],
    levels: Mapping[str, Sequence[int]],
    estimands: str | Sequence[str] = (),
    *,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> BoundsFamily:
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
    BoundsFamily

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
    >>> from boundgen import Model, family
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

    scaling: LevelScaling
    numbers: tuple[int, ...]
    bounds: Mapping[str, Mapping[int, Bounds]]
    pieces: Mapping[str, Mapping[int, PiecewiseBounds]]
    units: Mapping[str, Mapping[int, LevelStrata]]
    unanswered: tuple[Unanswered, ...]
    last: Derivation
    missing: str = ""

    @staticmethod
    def of(
        scaled: LevelScaling, numbers: Sequence[int], estimands: str | Sequence[str], engine: str, budget: Budget
    ) -> _Derived:
        """Derive one number of levels after the other, as far as time and memory go."""
        enumerate_dual = engine_named(engine)
        found: dict[int, Derivation] = {}
        share = _share(budget)
        for k in numbers:
            share.step(f"deriving {scaled.variable} with {k} levels", k - numbers[0], len(numbers))
            try:
                one = derivation_within(scaled.at(k), estimands, enumerate_dual, False, share)
                late = next((each.error for each in one.unanswered if type(each.error) is LimitError), None)
            except NoClosedFormError:
                raise
            except LimitError as error:
                one, late = None, error
            if one is None or late is not None:
                if len(found) < FEWEST or late is None:
                    raise late or LimitError("nothing was derived")
                return _Derived._of(scaled, found, f"{k} levels were not derived: {late.message}")
            found[k] = one
        return _Derived._of(scaled, found, "")

    @staticmethod
    def _of(scaled: LevelScaling, derivations: Mapping[int, Derivation], missing: str) -> _Derived:
        bounds: dict[str, dict[int, Bounds]] = {}
        units: dict[str, dict[int, LevelStrata]] = {}
        pieces: dict[str, dict[int, PiecewiseBounds]] = {}
        unanswered: dict[str, Unanswered] = {}
        for k, one in derivations.items():
            unanswered |= {each.name: each for each in one.unanswered}
            for form in one.piecewise:
                pieces.setdefault(form.name, {})[k] = form
            for each, stage in zip(one.bounds, one.stages, strict=True):
                bounds.setdefault(each.name, {})[k] = each
                units.setdefault(each.name, {})[k] = units_of(stage.asked.program, one.arms, k)
        last = derivations[max(derivations)]
        return _Derived(scaled, tuple(derivations), bounds, pieces, units, tuple(unanswered.values()), last, missing)

    def family(self, budget: Budget) -> BoundsFamily:
        """The kinds of every estimand, with the arguments."""
        found: list[EstimandFamily] = []
        unanswered = {each.name: each for each in self.unanswered}
        for name in (*self.bounds, *self.pieces):
            if name in unanswered:
                continue
            try:
                linear = len(self.bounds.get(name, ())) == len(self.numbers)
                found.append(self._estimand(name, budget) if linear else self._weighted(name, budget))
            except NoClosedFormError as error:
                unanswered[name] = Unanswered(name, error.message, error)
        if not found:
            raise next(iter(unanswered.values())).error
        return BoundsFamily(
            self.scaling.at(self.numbers[-1]),
            self.scaling.variable,
            self.scaling.first,
            self.numbers,
            tuple(found),
            tuple(unanswered.values()),
            self.last.notation,
            self.last.arms,
            self.scaling,
            self.missing,
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
                return EstimandFamily(name, by_steps, *identified(made[0], made[1]))
        raise self._no_kinds(name)

    def _weighted(self, name: str, budget: Budget) -> EstimandFamily:
        """The kinds of options of a sum of maxima."""
        own = self.pieces.get(name, {})
        sides: dict[bool, dict[int, SideAt]] = {True: {}, False: {}}
        for k, bounds in own.items():
            levels = ByWeights(bounds, self.scaling.variable, self.scaling.first, k)
            for lower in (True, False):
                terms = weighted_terms(bounds.lower if lower else bounds.upper)
                if terms is not None and bounds.denominator is None and levels.have_levels(terms):
                    sides[lower][k] = SideAt.of(levels, terms)
        if any(set(at) != set(self.numbers) for at in sides.values()):
            raise NoClosedFormError(
                f"the bounds of {name} are neither one maximum of linear terms nor a sum of maxima over the levels of "
                f"{self.scaling.variable}, and no kinds are looked for in them"
            )
        both = {lower: kinds(at, self.scaling.named, budget) for lower, at in sides.items()}
        made = []
        for lower, kept in both.items():
            if kept is None:
                raise NoClosedFormError(f"the options of {name} have no kinds that come back")
            estimand = self.scaling.model.estimand_named(name)
            question = SideQuestion(self.scaling, estimand, lower, kept, False, self.numbers, {})
            counts = tuple((k, len(at.terms)) for k, at in sides[lower].items())
            valid, sharp = weighted_validity(question), weighted_sharpness(question, sides[lower])
            made.append(FamilySide(kept.kinds, question.start, counts, valid, sharp))
        return EstimandFamily(name, False, made[0], made[1], weighted=True)

    def _has_steps(self, estimand: Estimand) -> bool:
        """Whether levels are numbers in this estimand, and only values that units have."""
        trial = SideQuestion(
            self.scaling, estimand, True, TermKinds((), 1), True, self.numbers, self.units[estimand.name]
        )
        return self.numbers[0] > 1 and self.scaling.is_arithmetic(estimand) and has_thresholds(trial)

    def _sides(self, name: str, lower: bool, by_steps: bool) -> dict[int, SideAt]:
        made: dict[int, SideAt] = {}
        for k, bounds in self.bounds[name].items():
            levels: TermLevels = (BySteps if by_steps else ByLevels)(
                bounds, self.scaling.variable, self.scaling.first, k
            )
            made[k - by_steps] = SideAt.of(levels, (bounds.lower if lower else bounds.upper).terms)
        return made

    def _side(
        self,
        estimand: Estimand,
        lower: bool,
        own: TermKinds,
        sides: Mapping[int, SideAt],
        by_steps: bool,
        budget: Budget,
    ) -> FamilySide:
        found = SideQuestion(self.scaling, estimand, lower, own, by_steps, self.numbers, self.units[estimand.name])
        counts = tuple((k, len(sides[k - by_steps].terms)) for k in self.numbers)
        valid = validity(found, budget)
        # What is not valid is no bound, however well it is reached.
        sharp = sharpness(found, sides, budget) if valid.proved else conjectured(found)
        return FamilySide(own.kinds, found.start, counts, valid, sharp)

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


def _share(budget: Budget) -> Budget:
    """The budget of the derivations."""
    if budget.limits.seconds is None:
        return budget
    now = time.monotonic()
    return replace(budget, deadline=now + (budget.end - now) * DERIVING)
