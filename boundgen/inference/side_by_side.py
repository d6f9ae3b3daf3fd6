"""Estimates side by side: several mediators, outcomes or sets of assumptions in one table and one picture.

As Figures 2 and 4 of Blackwell, Ma & Opacic (2024): for each mediator the effect of the treatment on it, and beside it
the bounds on effects through it under each set of assumptions.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.total_effect import treatment_and_outcome
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.data.given import given_sample
from boundgen.data.observed import ObservedData
from boundgen.data.options import ColumnName, WrittenOption, column_choices
from boundgen.derivation import Derivation, derive
from boundgen.errors import BoundgenError, DataError, LimitError, ModelError, did_you_mean, quoted
from boundgen.evaluation.asked import WrittenValues, derived_for_data
from boundgen.inference.critical import DRAWS
from boundgen.inference.estimate import estimate
from boundgen.inference.estimated_bounds import Interval
from boundgen.inference.estimation import Estimation
from boundgen.inference.methods import DEFAULT
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.language.syntax import E, Name
from boundgen.language.values import is_number
from boundgen.language.words import estimand_words
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.text import inline
from boundgen.work.limits import Limits, Report, ignore
from boundgen.work.unanswered import Unanswered, answered, attempt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AnyModel = Model | str | os.PathLike[str]


@dataclass(frozen=True)
class TreatmentEffect:
    """The effect of the treatment on one variable, which randomization identifies.

    Parameters
    ----------
    treatment, variable : str
    value : float
    interval : (low, high) or None
        Confidence interval; None where the method gives none.
    """

    treatment: str
    variable: str
    value: float
    interval: Interval | None


@dataclass(frozen=True)
class ChosenColumns:
    """Estimates at one choice of columns.

    Parameters
    ----------
    columns : tuple of (variable, column)
        Of the variables for which several columns are named.
    estimations : tuple of Estimation
        One for each set of assumptions that has an answer.
    effects : tuple of TreatmentEffect
        On the mediator, where there is one, and on the outcome.
    without : tuple of Unanswered
        The sets of assumptions that have no answer, by the names of their models.
    """

    columns: tuple[tuple[str, str], ...]
    estimations: tuple[Estimation, ...]
    effects: tuple[TreatmentEffect, ...]
    without: tuple[Unanswered, ...] = ()

    @property
    def label(self) -> str:
        """What is chosen: the columns; the data, where no variable has several."""
        if not self.columns:
            return inline(os.path.basename(self.estimations[0].data.sources[0].name))
        return " → ".join(inline(column) for _, column in self.columns)

    @property
    def n(self) -> int:
        """Units in all arms."""
        return self.estimations[0].n

    def effect(self, variable: str | None) -> TreatmentEffect | None:
        """The effect of the treatment on a variable, where it is there."""
        return next((each for each in self.effects if each.variable == variable), None)


@dataclass(frozen=True, repr=False)
class SideBySide(Rendered):
    """Estimates at each choice of columns under each set of assumptions.

    Parameters
    ----------
    models : tuple of Model
        The sets of assumptions.
    mediator, outcome : str or None
        The variables of `ChosenColumns.effects`; None where it is unclear which they are.
    chosen : tuple of ChosenColumns
    """

    models: tuple[Model, ...]
    mediator: str | None
    outcome: str | None
    chosen: tuple[ChosenColumns, ...]

    @property
    def estimations(self) -> tuple[Estimation, ...]:
        """All of them, choice by choice."""
        return tuple(each for chosen in self.chosen for each in chosen.estimations)

    @property
    def estimands(self) -> tuple[str, ...]:
        """What was estimated, in the order of the models."""
        return tuple(dict.fromkeys(each.estimand for found in self.estimations for each in found.estimates))

    @property
    def sets(self) -> tuple[str, ...]:
        """What each set of assumptions is called: its title, or its name where titles do not tell."""
        titles = [model.title for model in self.models]
        told = all(titles) and len(set(titles)) == len(titles)
        return tuple(model.title if told else model.name for model in self.models)

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """Sets of assumptions without an answer, then estimands of the others, each once, with the reason."""
        found = [each for chosen in self.chosen for each in chosen.without]
        found += [
            replace(each, name=f"{each.name} in {estimation.model}")
            for estimation in self.estimations
            for each in estimation.unanswered
        ]
        return tuple({each.line: each for each in found}.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What all estimates have to say of their samples, each once."""
        return tuple(dict.fromkeys(note for each in self.estimations for note in each.notes))

    def rows(self) -> list[dict[str, Any]]:
        """A tidy table: one row for each choice of columns, set of assumptions and estimate."""
        from boundgen.inference.side_by_side_report import side_by_side_rows

        return side_by_side_rows(self)

    def text(self, unicode: bool = True) -> str:
        """The effects of the treatment, the bounds below them, and what the symbols and columns are."""
        from boundgen.inference.side_by_side_report import side_by_side_text

        return side_by_side_text(self, unicode)

    def latex(self) -> str:
        """The same as two LaTeX tables (booktabs), with what the symbols are."""
        from boundgen.inference.side_by_side_report import side_by_side_latex

        return side_by_side_latex(self)

    def json(self) -> dict[str, Any]:
        """In the schema ``boundgen.report/1``."""
        from boundgen.inference.side_by_side_report import side_by_side_json

        return side_by_side_json(self)

    def plot(self, *, title: str = "") -> Figure:
        """The effect of the treatment on the mediator at left; beside it a panel of bounds for each estimand.

        Parameters
        ----------
        title : str
            Above the names of the data and the numbers of units.

        Raises
        ------
        DataError
            For more panels or bars than fit in a picture.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.side_by_side import side_by_side_picture

        return side_by_side_picture(self, title)

    def __repr__(self) -> str:
        return f"<SideBySide: {len(self.chosen)} choices of columns, {len(self.models)} sets of assumptions>"


@public
def side_by_side(
    models: AnyModel | Sequence[AnyModel],
    data: Any,
    estimands: Sequence[str] = (),
    *,
    columns: WrittenOption | Mapping[str, str | Sequence[str]] = (),
    parameters: WrittenValues | None = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = DRAWS,
    method: str = DEFAULT,
    limits: Limits = Limits(),
    report: Report = ignore,
    **options: Any,
) -> SideBySide:
    """Estimate bounds for several mediators, outcomes or sets of assumptions, for one table and one picture.

    A model that has no answer does not take the others down: `SideBySide.unanswered` names it with the reason.

    Parameters
    ----------
    models : Model, str or path, or several
        Sets of assumptions about the same variables.
    data
        A source of `read_data`.
    estimands : sequence of str
        By default all but the effects that stand beside them; each model answers those that it declares.
    columns : mapping, str or sequence of str
        As for `read_data`, and of a variable several: ``{"M": ["anger", "fear"]}``, ``"M=anger,fear"``. Where several
        variables have several, every choice is taken.
    parameters : mapping of name to number, or to several
        Each model takes those that it declares.
    level, seed, draws, method
        As for `estimate`.
    limits : Limits
    report : function of (what, done, total)
    **options
        Of `read_data`.

    Returns
    -------
    SideBySide

    Raises
    ------
    DataError
        As in `read_data` and `estimate`.
    ModelError
        For an estimand that no model has, and a model twice.
    LimitError
        Where no model has an answer, as in `derive` and `estimate`.

    Examples
    --------
    >>> found = side_by_side(["mediation_randomization", "mediation_mmr"], "jobs", ["delta0"])
    >>> print(f"{found.chosen[0].effects[0].value:.4f}")
    0.0781
    """
    several = (models,) if isinstance(models, Model | str | os.PathLike) else tuple(models)
    read = tuple(given_model(model) for model in several)
    _check_models(read)
    if options.get("within"):
        raise DataError(
            "bounds within strata of covariates do not stand side by side", remedy="Ask estimate for them, one by one."
        )
    mediator, (treatment, outcome) = _mediator(read[0]), treatment_and_outcome(read[0]) or ("", None)
    beside = [name for name in (mediator, outcome) if name is not None]
    asked = [_own_estimands(model, read, estimands, beside) for model in read]
    values = _own_parameters(read, parameters or {})
    choices = column_choices(columns)
    derivations = [
        attempt(model.name, partial(derived_for_data, model, own, limits, report))
        for model, own in zip(read, asked, strict=True)
    ]
    effects = _effect_estimands(read[0], beside)
    identified = _identified(read[0], effects)
    settings: dict[str, Any] = {"level": level, "seed": seed, "draws": draws, "method": method}
    varying = _varying(choices)
    chosen = []
    for number, choice in enumerate(choices):
        report("estimating", number, len(choices))
        reading = {**options, **({"columns": tuple(map(str, choice))} if choice else {})}
        samples = [given_sample(model, data, reading) for model in read]
        estimations, without = answered(
            _estimation(model, derivation, sample, own, settings)
            for model, derivation, sample, own in zip(read, derivations, samples, values, strict=True)
        )
        pairs = tuple((name.variable, name.column) for name in choice if name.variable in varying)
        beside_them = _estimated(treatment, effects, identified, samples[0], settings)
        chosen.append(ChosenColumns(pairs, tuple(estimations), beside_them, without))
    return SideBySide(read, mediator, outcome, tuple(chosen))


def _estimation(
    model: Model,
    derivation: Derivation | Unanswered,
    sample: ObservedData,
    parameters: WrittenValues,
    settings: Mapping[str, Any],
) -> Estimation | Unanswered:
    """What `estimate` finds, or why there is nothing; what is wrong with the data or an option concerns all models."""
    if isinstance(derivation, Unanswered):
        return derivation
    try:
        found: Estimation = estimate(derivation, sample, parameters, **settings)
    except LimitError as error:
        return Unanswered(model.name, " ".join(error.message.split()), error)
    return found


def _check_models(models: Sequence[Model]) -> None:
    if not models:
        raise ModelError("there is no model", remedy="Give one at least.")
    names = [model.name for model in models]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ModelError(f"two models have the name {quoted(twice[0])}", remedy="Give each a name of its own.")


def _own_estimands(
    model: Model, models: Sequence[Model], asked: Sequence[str], beside: Sequence[str]
) -> tuple[str, ...]:
    """The estimands of a model that are asked for; each that is asked for must be in some model.

    By default all but the effects on the variables `beside`, if there are others.

    Raises
    ------
    ModelError
    """
    known = [estimand.name for each in models for estimand in each.estimands]
    for name in asked:
        if name not in known:
            raise ModelError(
                f"no model has the estimand {quoted(name)}",
                remedy=f"{did_you_mean(name, known)}estimands: {', '.join(dict.fromkeys(known))}",
            )
    effects = _effect_estimands(model, beside).values()
    names = [each.name for each in model.estimands]
    shown = [each.name for each in model.estimands if each not in effects]
    own = tuple(name for name in names if name in asked) if asked else tuple(shown or names)
    if not own:
        raise ModelError(f"{model.name} has no estimand of those that are asked for", remedy="Leave the model out.")
    return own


def _own_parameters(models: Sequence[Model], given: WrittenValues) -> list[WrittenValues]:
    """What each model declares; each value must be for some model."""
    declared = [[parameter.name for parameter in model.parameters] for model in models]
    unknown = [name for name in given if not any(name in names for names in declared)]
    if unknown:
        raise DataError(f"no model has the parameter {quoted(unknown[0])}", remedy="Leave it out.")
    return [{name: given[name] for name in names if name in given} for names in declared]


def _varying(choices: Sequence[Sequence[ColumnName]]) -> set[str]:
    """The variables for which several columns are named."""
    columns: dict[str, set[str]] = {}
    for name in itertools.chain.from_iterable(choices):
        columns.setdefault(name.variable, set()).add(name.column)
    return {variable for variable, several in columns.items() if len(several) > 1}


# ---------------------------------------------------------------- effects of the treatment
def _mediator(model: Model) -> str | None:
    """The one variable between treatment and outcome; None where that is unclear."""
    pair = treatment_and_outcome(model)
    if pair is None:
        return None
    treatment, outcome = pair
    between = [
        variable
        for variable in model.variables
        if treatment in variable.parents and variable.name in model.by_name[outcome].parents
    ]
    return between[0].name if len(between) == 1 and all(map(is_number, between[0].domain)) else None


def _effect_estimands(model: Model, variables: Sequence[str]) -> dict[str, Estimand]:
    """The effect of the treatment on each variable: the model's own estimand, where it has one."""
    pair = treatment_and_outcome(model)
    if pair is None:
        return {}
    treatment, _ = pair
    low, high = model.by_name[treatment].domain
    found = {}
    for variable in variables:
        name = f"effect_on_{variable}_"
        effect = E(Name(variable)(**{treatment: high}) - Name(variable)(**{treatment: low}))
        asked = model.estimand(name, effect).estimand_named(name)
        found[variable] = next((own for own in model.estimands if _is_called(own, asked, model)), asked)
    return found


def _is_called(own: Estimand, asked: Estimand, model: Model) -> bool:
    """Whether words say the same of both, labels aside: `Y(A=1)` may also be written `Y(1, M(1))`."""
    words = estimand_words(replace(own, label=""), model)
    return bool(words) and words == estimand_words(asked, model)


def _identified(model: Model, effects: Mapping[str, Estimand]) -> tuple[Bounds, ...]:
    """Those of these effects that randomization alone identifies."""
    bare = replace(model, assumptions=(), parameters=(), definitions=(), estimands=tuple(effects.values()), claims=())
    try:
        derived = derive(bare, conditions=False)
    except BoundgenError:
        return ()
    return tuple(each for each in derived.bounds if isinstance(each, Bounds) and each.identified)


def _estimated(
    treatment: str,
    effects: Mapping[str, Estimand],
    identified: Sequence[Bounds],
    sample: ObservedData,
    settings: Mapping[str, Any],
) -> tuple[TreatmentEffect, ...]:
    """Estimates of identified effects, from the data of these bounds."""
    if not identified:
        return ()
    found = {each.estimand: each.found for each in estimate(identified, sample, **settings).estimates}
    return tuple(
        TreatmentEffect(treatment, variable, each.plug_in[0], each.parameter_interval or each.set_interval)
        for variable, effect in effects.items()
        if (each := found.get(effect.name))
    )
