"""From bounds and data to estimates and intervals that can be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, overload

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.independent_problem import FactoredEstimand, PolynomialEstimand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.proved import not_proved
from boundgen.calls import public
from boundgen.data.given import given_sample
from boundgen.data.observed import ObservedData
from boundgen.data.options import choices
from boundgen.derivation import Derivation
from boundgen.errors import (
    BoundgenError,
    DataError,
    LibraryError,
    LimitError,
    NoClosedFormError,
    PiecewiseError,
    quoted,
)
from boundgen.evaluation.asked import (
    AnyBounds,
    Asked,
    Derived,
    WrittenValues,
    bounds_request,
    declared_parameters,
    model_alone,
)
from boundgen.evaluation.evaluate import checked_parameters
from boundgen.exact.rational import real, shown, whole
from boundgen.inference.cautions import cautions
from boundgen.inference.cox_shi import NAME as COX_SHI
from boundgen.inference.critical import DRAWS
from boundgen.inference.equations_test import EquationTests, equations_test, inequalities
from boundgen.inference.estimation import Estimate, Estimation
from boundgen.inference.factor_sample import factor_sample
from boundgen.inference.from_data import sample_of
from boundgen.inference.linear_estimate import linear_estimate
from boundgen.inference.methods import DEFAULT, Method, method_named
from boundgen.inference.names import ROBUST, Robust
from boundgen.inference.numeric_estimate import Program, numeric_estimate
from boundgen.inference.piecewise_estimate import check_closed_form, piecewise_estimate
from boundgen.inference.projected_estimate import projected_estimate
from boundgen.inference.resampling import FEWEST_DRAWS, Resampling, check_resamples, resampling_of
from boundgen.inference.sample import Sample
from boundgen.inference.within import StrataSample, strata_sample
from boundgen.strata.cells import Arm
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered, answered, attempt

if TYPE_CHECKING:
    from boundgen.inference.law_estimation import LawEstimation

MOST_DRAWS = 10_000_000
WITHIN = (
    "covariates are taken to be measured before treatment, and every assumption to hold within each stratum:\n"
    "unit-level ones do if they hold at all, population-level ones and parameters then say more"
)


@overload
def estimate(
    asked: Asked,
    data: Any,
    parameters: WrittenValues | None = ...,
    *,
    law: None = ...,
    level: float = ...,
    seed: int = ...,
    draws: int = ...,
    method: str = ...,
    project: bool = ...,
    robust: Robust = ...,
    limits: Limits = ...,
    report: Report = ...,
    **options: Any,
) -> Estimation: ...
@overload
def estimate(
    asked: Asked,
    data: Any,
    parameters: WrittenValues | None = ...,
    *,
    law: str,
    level: float = ...,
    seed: int = ...,
    draws: int = ...,
    method: str = ...,
    project: bool = ...,
    robust: Robust = ...,
    limits: Limits = ...,
    report: Report = ...,
    **options: Any,
) -> LawEstimation: ...
@public
def estimate(
    asked: Asked,
    data: Any,
    parameters: WrittenValues | None = None,
    *,
    law: str | None = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = DRAWS,
    method: str = DEFAULT,
    project: bool = False,
    robust: Robust = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
    **options: Any,
) -> Estimation | LawEstimation:
    """Half-median-unbiased bounds and intervals (by default Chernozhukov, Lee & Rosen 2013) at a sample.

    Of ratios and sums of maxima the intervals are the values that the test of intersection bounds does not reject.
    Where variables share no causes they are functions of cells of factors, by the delta method.
    Of an estimand of a `Derivation` without a closed form, the program over strata is tested at each value (Cox & Shi
    2023); where its coefficients are functions of the data it has no intervals, and `Estimation.unanswered` says so.

    Parameters
    ----------
    asked : Model, str, path, Bounds, PiecewiseBounds, Derivation or sequence of bounds
        A name of the catalogue or a file stands for its model.
    data : ObservedData, or what `read_data` reads
        Micro-data or counts.
    parameters : mapping of name to number, or to several
        As in `evaluate`.
    law : str, optional
        A numeric outcome of which every distinct value in the data is used, of a model:
        `boundgen.inference.law_estimation.estimate_law`; of what follows it takes `level`, `seed` and `report`.
    level : float
        Of the intervals, between 0 and 1.
    seed : int
        The same seed gives the same numbers.
    draws : int
        Gaussian vectors for critical values; 0 asks for exact probabilities, for few terms. For the methods that
        resample: resamples.
    method : {"intersection", "cox-shi", "stoye", "directional", "subsampling", "bootstrap"}
        `boundgen.inference.methods.METHODS` says what each assumes.
    project : bool
        Whether to give, for a sample outside the model, the bounds at the nearest distribution of the model.
    robust : {"auto", "always", "never"}
        Whether intervals are such that are never empty and stay valid where the model is wrong
        (`boundgen.inference.misspecified`): where the sample breaks an implication, always, or never. Of the method
        intersection alone.
    limits : Limits
        Of the polynomial programs where independent causes leave no closed form; without seconds, 40 for each.
    report : function of (what, done, total)
    **options
        As for `evaluate`.

    Returns
    -------
    Estimation, or LawEstimation with `law`

    Raises
    ------
    DataError
        For data without numbers of units, arms that are too small, and options out of range.
    LimitError
        Where no estimand has an answer for want of a closed form. Where variables share no causes also where nobody in
        the sample meets a condition of a factor, within strata, and for robust intervals.

    Examples
    --------
    >>> from boundgen import catalogue
    >>> from boundgen.data.reading import read_data
    >>> model = catalogue.load("mediation_mmr")
    >>> found = estimate(model.bound("delta0"), read_data(model, "boundsdata")).estimates[0].found
    >>> " ".join(f"{end:.3f}" for end in (*found.plug_in, *found.half_median_unbiased))
    '-0.273 0.273 -0.295 0.296'
    """
    if law is not None:
        from boundgen.inference.law_estimation import estimate_law

        _check_alone(method, project, robust)
        return estimate_law(model_alone(asked), law, data, parameters, level=level, seed=seed, report=report, **options)
    put = bounds_request(asked, parameters, options)
    derived, parameters, data = put.derived, put.parameters, given_sample(put.model, data, put.reading)
    level, draws, seed = real(level, "the level"), whole(draws, "draws"), whole(seed, "the seed")
    check_options(level, draws, seed)
    wanted = tuple(_with_implications(each, derived) for each in _asked(derived, method))
    by = method_named(method)
    if by.resamples:
        check_resamples(level, draws)
    robust = _checked_robust(robust, method)
    try:
        sample, resampling = _sample(derived, data, robust)
    except NoClosedFormError as error:
        if isinstance(derived, Derivation):
            error.beside(derived.text())
        raise
    strata = _strata(data, method)
    programs = {} if not isinstance(derived, Derivation) else {p.estimand.name: p for p in derived.problem.posed}
    at = {**data.probabilities, **dict(zip(sample.cells, sample.variation.shares, strict=True))}
    chosen = list(choices(checked_parameters(declared_parameters(derived), parameters or {})))

    # Each projection has a program for its interval and one for its plug-in bounds: among these the time is divided.
    budget = Budget(limits, report)
    projections = sum(isinstance(each, WithoutForm) and each.independent is not None for each in wanted)
    programs_left = iter(range(2 * projections * len(chosen), 0, -2))

    def all_choices(each: AnyBounds | WithoutForm) -> list[Estimate]:
        found = []
        for number, choice in enumerate(chosen):
            report(f"estimating {each.name}", number, len(chosen))
            if isinstance(each, WithoutForm) and each.independent is not None:
                share = replace(_limited(budget), shares=next(programs_left))
                found.append(_projected(each, derived, method, data, choice, level, share))
                continue
            if isinstance(each, WithoutForm):
                found.append(_numeric(each, method, sample, choice, level, strata, robust))
                continue
            if isinstance(each, PiecewiseBounds):
                _check_piecewise(each, method, strata)
                try:
                    check_closed_form(each, {**at, **choice})
                except DataError as error:
                    without_form = WithoutForm(each.name, programs.get(each.name), error)
                    found.append(_numeric(without_form, method, sample, choice, level, strata, robust))
                    continue
                found.append(piecewise_estimate(each, sample, choice, method, level, seed, draws, project, robust))
            else:
                found.append(linear_estimate(each, resampling, strata, choice, by, level, seed, draws, project, robust))
        return found

    try:
        estimates, without = answered(attempt(each.name, partial(all_choices, each)) for each in wanted)
    except LimitError as error:
        if isinstance(derived, Derivation):
            error.beside(derived.text())
        raise
    undefined = {each.name for each in without}
    bounds = [each for each in wanted if not isinstance(each, WithoutForm)]
    without_form = [each.program for each in wanted if isinstance(each, WithoutForm) and each.name not in undefined]
    answered_by = [*bounds, *(program for program in without_form if program)]
    arms = derived.arms if isinstance(derived, Derivation) else ()
    posed = {each.name for each in wanted}
    unposed = derived.unanswered if isinstance(derived, Derivation) else ()
    return Estimation(
        data.model,
        tuple(each for each in bounds if each.name not in undefined),
        data,
        level,
        seed,
        draws,
        sample.n,
        (flat := tuple(each for several in estimates for each in several)),
        (
            *sample_notes(data, resampling, answered_by, by, arms, strata),
            *dict.fromkeys(cut for each in flat for cut in each.cuts),
        ),
        method,
        derived if isinstance(derived, Derivation) else None,
        (*(each for each in unposed if each.name not in posed), *without),
        _equations(derived, data),
    )


def _check_alone(method: str, project: bool, robust: str) -> None:
    """What is said of other intervals says nothing of those by a whole law."""
    for name, given in (("method", method != DEFAULT), ("project", project), ("robust", robust != "auto")):
        if given:
            raise DataError(f"{name} is not for the whole law of an outcome", remedy=f"Leave {name} or law out.")


def check_options(level: float, draws: int, seed: int) -> None:
    """Refuse levels, draws and seeds out of range."""
    if not 0 < level < 1:
        raise DataError(f"the level {level:g} is not between 0 and 1", remedy="0.95 is usual.")
    if draws and not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise DataError(
            f"{shown(draws)} draws", remedy=f"0 (exact, for few terms), or from {FEWEST_DRAWS} to {MOST_DRAWS}."
        )
    if seed < 0:
        raise DataError(f"the seed {seed} is negative", remedy="Give zero or a positive integer.")


def _checked_robust(robust: str, method: str) -> Robust:
    """Whether intervals stay valid in a wrong model; those of other methods do not."""
    if robust not in ROBUST:
        raise DataError(f"there is no choice {quoted(robust)} for robust", remedy=f"choices: {', '.join(ROBUST)}")
    if robust == "always" and method != DEFAULT:
        raise DataError(
            f"intervals that stay valid in a wrong model are of the method {DEFAULT}, not of {method}",
            remedy="Leave one of the two out.",
        )
    return robust if method == DEFAULT else "never"


def _sample(derived: Derived, data: ObservedData, robust: Robust) -> tuple[Sample, Resampling]:
    """The estimated cells that the bounds are functions of, and how to draw them anew."""
    sample = sample_of(data)
    independent = derived.independent if isinstance(derived, Derivation) else None
    if independent is None or independent.factored is None:
        return sample, resampling_of(data, sample)
    if data.strata is not None:
        raise NoClosedFormError(
            "bounds within strata are not made where variables share no causes",
            remedy="Leave --within out: the bounds hold all the same.",
        )
    if robust == "always":
        raise NoClosedFormError(
            "intervals that stay valid in a wrong model are not made where variables share no causes: "
            "equations cannot be relaxed as inequalities can",
            remedy="Leave --robust out; the equations are tested.",
        )
    factors = factor_sample(independent.factored, sample)
    return factors, Resampling(factors, None)


def _with_implications(each: AnyBounds | WithoutForm, derived: Derived) -> AnyBounds | WithoutForm:
    """Where variables share no causes: with what response types demand of the cells of factors, but for equations."""
    independent = derived.independent if isinstance(derived, Derivation) else None
    if independent is None or isinstance(each, WithoutForm):
        return each
    assert isinstance(derived, Derivation)
    if derived.conditions is None:
        return each
    names = {parameter.name for parameter in independent.model.parameters}
    return replace(each, conditions=inequalities(derived.conditions, names))


def _equations(derived: Derived, data: ObservedData) -> EquationTests | None:
    """The test of what independent causes imply."""
    independent = derived.independent if isinstance(derived, Derivation) else None
    if independent is None or independent.factored is None:
        return None
    assert isinstance(derived, Derivation)
    return equations_test(derived, independent.factored, sample_of(data))


def _strata(data: ObservedData, method: str) -> StrataSample | None:
    if data.strata is None:
        return None
    if method != DEFAULT:
        raise DataError(
            f"bounds within strata are for the method {DEFAULT}, not for {method}",
            remedy="Their terms are combinations of those of the strata, which may tie: leave the method out.",
        )
    return strata_sample(data, data.strata)


def all_bounds(derived: Derived) -> tuple[AnyBounds, ...]:
    """The closed forms; an error where there are none."""
    if isinstance(derived, Derivation):
        if not derived.closed_forms:
            error = without_intervals(derived)[0].error
            raise error.beside(derived.text()) if isinstance(error, LimitError) else error
        return derived.closed_forms
    return derived


def without_intervals(derived: Derivation) -> tuple[Unanswered, ...]:
    """What has no answer; of estimands without a closed form it is said that intervals need one."""
    needs = ((each, _needs_form(each.error, DEFAULT)) for each in derived.unanswered)
    return tuple(each if error is each.error else Unanswered(each.name, error.message, error) for each, error in needs)


# For a projection where no limit of time is set: its interval, and its plug-in bounds.
SECONDS = 40.0


def _limited(budget: Budget) -> Budget:
    """The budget of what may take long in any case: with a limit of its own where none is set."""
    if budget.limits.seconds is not None:
        return budget
    return Budget(replace(budget.limits, seconds=SECONDS), budget.report)


@dataclass(frozen=True)
class WithoutForm:
    """An estimand whose bounds have no closed form that can be used, and why; its program, where that is known."""

    name: str
    program: Program | None
    error: BoundgenError
    independent: FactoredEstimand | PolynomialEstimand | None = None


def _asked(derived: Derived, method: str) -> tuple[AnyBounds | WithoutForm, ...]:
    """Closed forms; of a derivation also the programs of the estimands that have none, in the order of asking."""
    if not isinstance(derived, Derivation):
        return derived
    closed = {each.name: each for each in derived.closed_forms if not each.missing}
    reasons = {each.name: each.error for each in derived.unanswered}
    reasons |= {each.name: not_proved(each.missing[0]) for each in derived.closed_forms if each.missing}
    asked = [
        closed[name] if name in closed else WithoutForm(name, program, _needs_form(reasons[name], method))
        for name, program in ((each.estimand.name, each) for each in derived.problem.posed)
        if name in closed or name in reasons
    ]
    posed = () if derived.independent is None else derived.independent.posed
    known = {each.name for each in asked}
    asked += [
        WithoutForm(name, None, _needs_form(reasons[name], method), each)
        for name, each in ((each.estimand.name, each) for each in posed)
        if name in reasons and name not in known
    ]
    if not asked:
        error = derived.unanswered[0].error
        raise error.beside(derived.text()) if isinstance(error, LimitError) else error
    return tuple(asked)


def _needs_form(error: BoundgenError, method: str) -> BoundgenError:
    """What is said where there is no answer without a closed form either."""
    if not isinstance(error, NoClosedFormError):
        return error
    need = f"intervals by the method {method} need" if method not in (DEFAULT, COX_SHI) else "intervals need"
    return NoClosedFormError(f"{need} a closed form, and {error.message}", error.where)


def _numeric(
    asked: WithoutForm,
    method: str,
    sample: Sample,
    choice: Mapping[str, Fraction],
    level: float,
    strata: StrataSample | None,
    robust: Robust,
) -> Estimate:
    """The test of the program over strata, where its coefficients are numbers."""
    if asked.program is None or method not in (DEFAULT, COX_SHI) or strata is not None or robust == "always":
        raise asked.error
    found = numeric_estimate(asked.program, sample, choice, level)
    if found is None:
        raise asked.error
    return found


def _projected(
    asked: WithoutForm,
    derived: Derived,
    method: str,
    data: ObservedData,
    choice: Mapping[str, Fraction],
    level: float,
    budget: Budget,
) -> Estimate:
    """The interval over all data that the sample does not exclude, where causes are independent."""
    if method != DEFAULT or data.strata is not None or asked.independent is None:
        raise asked.error
    assert isinstance(derived, Derivation)
    try:
        return projected_estimate(derived, asked.independent, sample_of(data), choice, level, budget)
    except LibraryError as error:
        raise NoClosedFormError(f"{asked.error.message}; {error.message}") from None


def _check_piecewise(bounds: PiecewiseBounds, method: str, strata: StrataSample | None) -> None:
    """Other methods, and averages over strata, are of linear terms."""
    if method not in (DEFAULT, COX_SHI):
        raise PiecewiseError(
            f"the method {method} is for a maximum of linear terms, which the bounds of {bounds.name} are not; "
            f"the method {DEFAULT} inverts its test for them, and so does {COX_SHI}"
        ).beside(bounds.text())
    if strata is not None:
        raise PiecewiseError(
            f"bounds within strata are averages of maxima of linear terms, which the bounds of {bounds.name} are not; "
            "without --within they have intervals"
        ).beside(bounds.text())


def sample_notes(
    data: ObservedData,
    resampling: Resampling,
    bounds: Sequence[AnyBounds | Program],
    by: Method,
    arms: Sequence[Arm] = (),
    strata: StrataSample | None = None,
) -> list[str]:
    """What the reader should know of a sample."""
    within = None if strata is None else strata.cautioned(resampling.sample)
    notes = cautions(resampling.sample, bounds, arms=arms, unseen=by.unseen, student=by.student, within=within)
    notes += [WITHIN] if data.strata else []
    notes += [joint.apart for joint in data.joints if joint.apart]
    if by.resamples and resampling.arms is None:
        notes.append("these are not counts of independent units: resamples are normal, with the sample's covariance")
    linear = [each for each in bounds if isinstance(each, Bounds)]
    if by.resamples and any(each.denominator is not None for each in linear):
        notes.append("resamples of conditional estimands are linearised (the delta method)")
    return notes
