"""Two sets of assumptions about the same data: what the bounds and the testable implications gain or lose."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import Derivation
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.simplest_form import Simplifier, simplifier_of
from boundgen.bounds.symbols import Notation, notation
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.derivation import derivation_within
from boundgen.errors import ModelError
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.printer import print_estimand
from boundgen.language.statements import Definition, Parameter
from boundgen.language.values import values_text
from boundgen.language.variables import Variable
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.faces import Face, face
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import AffineFunction, Region
from boundgen.polyhedra.scaled import Scaled, scaled
from boundgen.program.linear_program import LinearProgram
from boundgen.questions.compared_implications import compared_implications
from boundgen.questions.distributions import Distribution, Populations, populations
from boundgen.questions.independence import IndependenceComparison, compared_independence
from boundgen.questions.observable import Observable, observable
from boundgen.questions.sampled import SampledComparison, WidthRelation, relation_of, sampled
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered

# Above these numbers of pairs of terms, bounds and widths are not compared: each pair is a linear program.
MOST_TERM_PAIRS, MOST_PAIRS = 10_000, 400
FEW_NAMES = 6
SideName = Literal["lower", "upper"]
SIDES: tuple[SideName, SideName] = ("lower", "upper")
ONE = Term(Fraction(1))


@dataclass(frozen=True)
class SideComparison:
    """The terms of one side in the first and in the second model, which stand for functions on common data.

    Parameters
    ----------
    side : {"lower", "upper"}
    both, disappear, appear : tuple of Term
        Terms of both bounds (as the second writes them), of the first alone, and of the second alone.
    """

    side: SideName
    both: tuple[Term, ...]
    disappear: tuple[Term, ...]
    appear: tuple[Term, ...]


@dataclass(frozen=True)
class Narrowing:
    """By how much the second bounds are narrower than the first at most.

    Parameters
    ----------
    of : {"lower", "upper", "width"}
    status : {"attained", "unlimited", "not attempted"}
    most : Fraction or None
        Negative or zero where the second are nowhere narrower.
    at : Distribution or None
        Where it is attained: a population of the second model that the first lets be observed too.
    """

    of: Literal["lower", "upper", "width"]
    status: Literal["attained", "unlimited", "not attempted"]
    most: Fraction | None = None
    at: Distribution | None = None


@dataclass(frozen=True)
class EstimandComparison:
    """One estimand under both models.

    Parameters
    ----------
    estimand : str
    sides : tuple of SideComparison
    relation : str
        Of the second bounds to the first, at every distribution that both let be observed.
    narrowings : tuple of Narrowing
    note : str
        Why there is no relation; else empty.
    """

    estimand: str
    sides: tuple[SideComparison, ...]
    relation: WidthRelation
    narrowings: tuple[Narrowing, ...]
    note: str = ""

    @property
    def lower(self) -> SideComparison:
        return self.sides[0]

    @property
    def upper(self) -> SideComparison:
        return self.sides[1]


@dataclass(frozen=True, repr=False)
class ModelComparison(Rendered):
    """Two models with the same observed cells.

    Parameters
    ----------
    first, second : Derivation
    estimands : tuple of EstimandComparison
    appear, disappear : tuple of Term or ProductCondition
        Testable implications of one model that data of the other can break, each to be non-negative.
    notes : tuple of str
        What else differs.
    simplifier : Simplifier
    notation : Notation
    sampled : tuple of SampledComparison
        Estimands whose bounds are no linear terms in one of the models.
    unanswered : tuple of Unanswered
        Estimands that one of the models has no bounds for.
    undecided : tuple of Term or ProductCondition
        Testable implications of one model of which it is not known whether data of the other can break them.
    """

    first: Derivation
    second: Derivation
    estimands: tuple[EstimandComparison, ...]
    appear: tuple[AnyCondition, ...]
    disappear: tuple[AnyCondition, ...]
    notes: tuple[str, ...]
    simplifier: Simplifier
    notation: Notation
    sampled: tuple[SampledComparison, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    undecided: tuple[AnyCondition, ...] = ()

    def text(self, unicode: bool = True) -> str:
        """What changes, as text."""
        from boundgen.questions.report import comparison_text

        return comparison_text(self, unicode)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each term and testable implication: of both models, of the first, or of the second."""
        from boundgen.questions.rows import comparison_rows

        return comparison_rows(self)

    def json(self) -> dict[str, Any]:
        """What changes, in the schema ``boundgen.comparison/1``."""
        from boundgen.questions.to_json import comparison_json

        return comparison_json(self)

    def __repr__(self) -> str:
        return f"<Comparison of {self.first.model.name} and {self.second.model.name}>"


@public
def compare(
    first: Model | str | os.PathLike[str],
    second: Model | str | os.PathLike[str],
    estimands: str | Sequence[str] = (),
    *,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> ModelComparison | IndependenceComparison:
    """What the second model's assumptions change against the first's.

    Parameters
    ----------
    first, second : Model
        With the same observed cells; parameters of the same name are the same.
    estimands : str or sequence of str
        Names in both models; all that both have, where none is named.
    engine, limits, report
        As in `derive`.

    Returns
    -------
    ModelComparison
        Or `IndependenceComparison`, where in one of them not all variables share causes: compared at random
        distributions, exactly.

    Raises
    ------
    ModelError
        Where the models cannot be compared, with what differs; and as in `derive`.

    Examples
    --------
    >>> from boundgen import catalogue
    >>> found = compare(catalogue.load("mediation_randomization"), catalogue.load("mediation_mmr"), ["delta1"])
    >>> print(found.estimands[0].relation, *(narrowing.most for narrowing in found.estimands[0].narrowings))
    never wider 1 1 1
    """
    first, second = given_model(first), given_model(second)
    budget = Budget(limits, report)
    names = _common_estimands(first, second, [estimands] if isinstance(estimands, str) else estimands)
    _check_variables(first, second)
    _check_parameters(first, second)
    _check_cells(first, second, limits)
    if first.factored or second.factored:
        own = [derivation_within(model, names, engine_named(engine), True, budget, True) for model in (first, second)]
        return compared_independence(own[0], own[1], names, budget)
    pair = [derivation_within(model, names, engine_named(engine), True, budget) for model in (first, second)]
    without = tuple(
        Unanswered(each.name, f"{each.reason} ({derived.model.name})", each.error)
        for derived in pair
        for each in derived.unanswered
    )
    one, two = (_only(derived, {each.name for each in without}, without) for derived in pair)
    found = replace(compared(one, two, budget), unanswered=without)
    if None in (one.known_conditions, two.known_conditions) or not (one.product_conditions or two.product_conditions):
        return found
    parameters = _parameters(first.parameters, second.parameters)
    seen = compared_implications(one, two, parameters, budget)
    return replace(found, appear=seen.appear, disappear=seen.disappear, undecided=seen.undecided)


def _only(derived: Derivation, without: Container[str], reasons: Sequence[Unanswered]) -> Derivation:
    """The derivation without estimands that one of the models has no bounds for."""
    bounds = tuple(each for each in derived.bounds if each.name not in without)
    piecewise = tuple(each for each in derived.piecewise if each.name not in without)
    if not bounds and not piecewise:
        raise reasons[0].error
    stages = tuple(each for each in derived.stages if each.estimand.name not in without)
    return replace(derived, bounds=bounds, stages=stages, piecewise=piecewise)


# ---------------------------------------------------------------- can they be compared
def _common_estimands(first: Model, second: Model, asked: Sequence[str]) -> tuple[str, ...]:
    for name in asked:
        first.estimand_named(name)
        second.estimand_named(name)
    of_first, of_second = ([e.name for e in model.estimands] for model in (first, second))
    common = tuple(dict.fromkeys(asked)) or tuple(name for name in of_first if name in of_second)
    if not common:
        raise ModelError(
            f"{first.name} and {second.name} have no estimand of the same name: "
            f"{_listed(of_first)} and {_listed(of_second)}",
            # It is no fault of a line.
            None,
            "Only estimands that both models name alike are compared.",
        )
    return common


def _check_variables(first: Model, second: Model) -> None:
    for name, variable in first.by_name.items():
        other = second.by_name.get(name)
        if other and (other.domain, other.bounded) != (variable.domain, variable.bounded):
            one, two = (_values(each) for each in (variable, other))
            raise ModelError(
                f"variable '{name}' has the values {one} in {first.name} and {two} in {second.name}",
                second.where,
                "Models are compared on the same data: give the variable the same values.",
            )


def _values(variable: Variable) -> str:
    inside = values_text(variable.domain)
    return f"[{inside}]" if variable.bounded else f"{{{inside}}}"


def _check_parameters(first: Model, second: Model) -> None:
    taken = {*first.by_name, *(str(value) for variable in first.variables for value in variable.domain)}
    for parameter in second.parameters:
        if parameter.name in taken:
            raise ModelError(
                f"'{parameter.name}' is a parameter in {second.name} and a variable or a value in {first.name}",
                second.where,
                "Give one of them another name.",
            )


def _check_cells(first: Model, second: Model, limits: Limits) -> None:
    cells = [
        {cell.name: None for arm in observed_arms(model, limits) for cell in arm.cells} for model in (first, second)
    ]
    missing = [[name for name in mine if name not in theirs] for mine, theirs in (cells, cells[::-1])]
    if missing[0] or missing[1]:
        alone = [
            f"{_listed(names)} only in {model.name}"
            for names, model in zip(missing, (first, second), strict=True)
            if names
        ]
        raise ModelError(
            f"{first.name} and {second.name} do not observe the same cells: {'; '.join(alone)}",
            second.where,
            "Models are compared on the same data: let both observe the same, with variables in the same order.",
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW_NAMES} more" if len(names) > FEW_NAMES else ""
    return ", ".join(names[:FEW_NAMES]) + more or "none"


# ---------------------------------------------------------------- comparison of derivations
@dataclass(frozen=True)
class Common:
    """What two models share: parameters, and the distributions that both let be observed.

    Parameters
    ----------
    first, second : Derivation
    parameters : tuple of Parameter
        Of both; where both have one, its range is that in both.
    own : pair of Observable
        What each lets be observed, in all these parameters.
    both : Observable
    disappear : tuple of Term
        The first's testable implications that the second's do not imply.
    faces : tuple of Face
        Where functions are the same: what vanishes on one of these regions. Empty ones are left out.
    """

    first: Derivation
    second: Derivation
    parameters: tuple[Parameter, ...]
    own: tuple[Observable, Observable]
    both: Observable
    disappear: tuple[Term, ...]
    faces: tuple[Face, ...]

    def same(self, one: Term, other: Term) -> bool:
        """Whether two terms are one function on what either model lets be observed."""
        function = self.both.region.function(one - other)
        return any(found.vanishes(function) for found in self.faces)


def compared(first: Derivation, second: Derivation, budget: Budget) -> ModelComparison:
    """Compare derivations of the same estimands from the same cells, with testable implications."""
    common = _common(first, second)
    pairs = [
        (one, next(other for other in second.bounds if other.name == one.name), stage)
        for one in first.bounds
        for stage in second.stages
        if stage.estimand.name == one.name
    ]
    proved = {one.name for one, _, _ in pairs}
    others = [each.name for each in first.closed_forms if each.name not in proved]
    appear = _not_implied(second.conditions or (), common.own[0].region)
    found = tuple(
        _estimand(common, one, other, stage.lower.reduced.complete, stage.upper.reduced.complete, budget)
        for one, other, stage in pairs
    )
    merged = _merged(first.model, second.model, common.parameters)
    definitions = _definitions(merged, first, second)
    kept = replace(merged, definitions=tuple(d for d in merged.definitions if d.name in dict(definitions)))
    return ModelComparison(
        first,
        second,
        found,
        appear,
        common.disappear,
        tuple(_notes(first, second)),
        simplifier_of(kept, first.arms, definitions, ()),
        notation(kept, first.arms),
        sampled(first, second, others, common.parameters, budget),
    )


def _common(first: Derivation, second: Derivation) -> Common:
    parameters = _parameters(first.model.parameters, second.model.parameters)
    known = {frozenset(cell.name for cell in arm.cells) for arm in first.arms if arm.complete}
    more = [b for b in second.arms if b.complete and frozenset(cell.name for cell in b.cells) not in known]
    arms = (*first.arms, *more)
    given = [tuple(derivation.conditions or ()) for derivation in (first, second)]
    own = (observable(arms, parameters, given[0]), observable(arms, parameters, given[1]))
    disappear = _not_implied(given[0], own[1].region)
    both = observable(arms, parameters, (*disappear, *given[1]))
    faces = tuple(found for seen in own if (found := face(seen.region)))
    return Common(first, second, parameters, own, both, disappear, faces)


def _parameters(first: Sequence[Parameter], second: Sequence[Parameter]) -> tuple[Parameter, ...]:
    found = {parameter.name: parameter for parameter in first}
    for parameter in second:
        known = found.get(parameter.name, parameter)
        lows = [p.low for p in (known, parameter) if p.low is not None]
        highs = [p.high for p in (known, parameter) if p.high is not None]
        found[parameter.name] = replace(known, low=max(lows, default=None), high=min(highs, default=None))
    return tuple(found.values())


def _not_implied(conditions: Sequence[Term], region: Region) -> tuple[Term, ...]:
    """The conditions that some distribution of the region breaks."""
    return tuple(condition for condition in conditions if not is_trivial(condition, region))


# ---------------------------------------------------------------- one estimand
def _estimand(
    common: Common, one: Bounds, other: Bounds, low: LinearProgram, high: LinearProgram, budget: Budget
) -> EstimandComparison:
    budget.step("comparing bounds", 0)
    sides = (
        _terms("lower", one.lower.terms, other.lower.terms, common.same),
        _terms("upper", one.upper.terms, other.upper.terms, common.same),
    )
    note = _incomparable(common, one, other)
    if note:
        return EstimandComparison(one.name, sides, "not compared", (), note)
    return _compared_bounds(common, one, other, sides, (low, high), budget)


def _terms(
    side: SideName, first: Sequence[Term], second: Sequence[Term], same: Callable[[Term, Term], bool]
) -> SideComparison:
    both = tuple(term for term in second if any(same(term, other) for other in first))
    appear = tuple(term for term in second if term not in both)
    disappear = tuple(term for term in first if not any(same(term, other) for other in second))
    return SideComparison(side, both, disappear, appear)


def _incomparable(common: Common, one: Bounds, other: Bounds) -> str:
    """Why two bounds cannot be compared as numbers; empty where they can."""
    region = common.both.region
    if region.is_empty():
        return "no distribution can be observed under both models"
    if (one.denominator is None) != (other.denominator is None):
        return "one of the bounds has a denominator and the other has none"
    if one.denominator and other.denominator:
        difference = one.denominator - other.denominator
        if not (is_trivial(difference, region) and is_trivial(-difference, region)):
            return "the denominators differ, so the terms alone are compared"
        if is_trivial(-one.denominator, region):
            return "the condition never happens where both models can be observed"
    pairs = max(
        len(mine.terms) * len(theirs.terms) for mine, theirs in ((one.lower, other.lower), (one.upper, other.upper))
    )
    return f"there are {pairs} pairs of terms, so the terms alone are compared" if pairs > MOST_TERM_PAIRS else ""


def _compared_bounds(
    common: Common,
    one: Bounds,
    other: Bounds,
    sides: tuple[SideComparison, ...],
    programs: tuple[LinearProgram, LinearProgram],
    budget: Budget,
) -> EstimandComparison:
    over = one.denominator
    space = scaled(common.both.region, over)
    people = [_people(common, program) for program in programs]
    lows, highs = (one.lower.terms, other.lower.terms), (_negated(one.upper.terms), _negated(other.upper.terms))
    gains = [_side_gain(space, second, first, budget) for first, second in (lows, highs)]
    losses = [_side_gain(space, first, second, budget) for first, second in (lows, highs)]
    positive = [over] if over else [ONE]
    narrowings = [
        replace(_narrowing(name, gain), at=_side_witness(who, pair, gain, over, positive))
        for name, gain, pair, who in zip(SIDES, gains, (lows, highs), people, strict=True)
    ]
    narrowings.append(_width(space, one, other, (gains, losses), narrowings, people[0], positive, budget))
    return EstimandComparison(one.name, sides, _relation(gains, losses), tuple(narrowings))


def _people(common: Common, program: LinearProgram) -> Populations:
    """The populations of the second model whose data the first lets be observed too."""
    found = populations(program, common.parameters)
    seen = common.both
    own = set(common.second.conditions or ())
    demands = [
        Constraint(*found.region.function(reason.term), constraint.relation)
        for reason, constraint in zip(seen.reasons, seen.region.constraints, strict=True)
        if reason.term not in own
    ]
    return replace(found, region=found.region.within(demands))


@dataclass(frozen=True)
class Gain:
    """The largest difference of two maxima, and the term that attains it; None is no limit."""

    most: Fraction | None
    term: Term


def _side_gain(space: Scaled, ones: Sequence[Term], others: Sequence[Term], budget: Budget) -> Gain:
    """By how much the largest of some terms is above the largest of others, at most."""
    margin = space.region.size
    best: Gain | None = None
    for k, one in enumerate(ones):
        budget.step("comparing bounds", k, len(ones))
        above = [_with(space.function(one - other), {margin: -1}) for other in others]
        try:
            found = space.largest(({margin: 1}, 0), above, more=1)
        except ArithmeticError:
            return Gain(None, one)
        assert found, "both models can be observed together"
        if best is None or best.most is None or found.value > best.most:
            best = Gain(found.value, one)
    assert best, "a bound has a term"
    return best


def _with(function: AffineFunction, more: dict[int, int]) -> AffineFunction:
    coefficients, constant = function
    return {**coefficients, **more}, constant


def _negated(terms: Sequence[Term]) -> tuple[Term, ...]:
    return tuple(-term for term in terms)


def _narrowing(name: SideName, gain: Gain) -> Narrowing:
    return Narrowing(name, "unlimited") if gain.most is None else Narrowing(name, "attained", gain.most)


def _side_witness(
    people: Populations,
    pair: tuple[Sequence[Term], Sequence[Term]],
    gain: Gain,
    over: Term | None,
    positive: list[Term],
) -> Distribution | None:
    """The smallest population where a side gains most."""
    if gain.most is None or gain.most <= 0:
        return None
    room = (over or ONE).scaled(gain.most)
    return people.smallest(
        [positive], [Constraint(*people.region.function(gain.term - other - room)) for other in pair[0]]
    )


def _relation(gains: Sequence[Gain], losses: Sequence[Gain]) -> WidthRelation:
    narrower = any(gain.most is None or gain.most > 0 for gain in gains)
    wider = any(loss.most is None or loss.most > 0 for loss in losses)
    return relation_of(narrower, wider)


# ---------------------------------------------------------------- width
def _width(
    space: Scaled,
    one: Bounds,
    other: Bounds,
    changes: tuple[Sequence[Gain], Sequence[Gain]],
    known: Sequence[Narrowing],
    people: Populations,
    positive: list[Term],
    budget: Budget,
) -> Narrowing:
    """The first width is the smallest difference of an upper and a lower term, so it is concave; minus the second
    is the largest difference of a lower and an upper term: one program for each pair of the second's terms."""
    gains, losses = changes
    for k in (0, 1):
        if gains[k].most == losses[k].most == 0:
            # One side is the same everywhere, so the width changes as the other side does.
            return replace(known[1 - k], of="width")
    pairs = list(itertools.product(other.lower.terms, other.upper.terms))
    if len(pairs) > MOST_PAIRS:
        return Narrowing("width", "not attempted")
    best: tuple[Fraction, Term] | None = None
    for n, (low, high) in enumerate(pairs):
        budget.step("comparing widths", n, len(pairs))
        most = _pair_width(space, one, low - high)
        if most is None:
            return Narrowing("width", "unlimited")
        if best is None or most > best[0]:
            best = most, low - high
    assert best, "a bound has terms"
    return Narrowing("width", "attained", best[0], _width_witness(people, one, best, positive))


def _pair_width(space: Scaled, one: Bounds, term: Term) -> Fraction | None:
    """The largest of ``term + min upper - max lower``; None is no limit."""
    high, low = space.region.size, space.region.size + 1
    below = [_with(space.function(term), {high: -1}) for term in one.upper.terms]
    above = [_with(space.function(-term), {low: 1}) for term in one.lower.terms]
    coefficients, constant = space.function(term)
    try:
        found = space.largest(({**coefficients, high: 1, low: -1}, constant), [*below, *above], more=2)
    except ArithmeticError:
        return None
    assert found, "both models can be observed together"
    return found.value


def _width_witness(
    people: Populations, one: Bounds, best: tuple[Fraction, Term], positive: list[Term]
) -> Distribution | None:
    most, term = best
    if most <= 0:
        return None
    high, low = people.region.size, people.region.size + 1
    wider = replace(people, region=replace(people.region, size=people.region.size + 2))
    region = wider.region
    demands = [
        _with(region.function(term - (one.denominator or ONE).scaled(most)), {high: 1, low: -1}),
        *(_with(region.function(upper), {high: -1}) for upper in one.upper.terms),
        *(_with(region.function(-lower), {low: 1}) for lower in one.lower.terms),
    ]
    return wider.smallest([positive], [Constraint(*demand) for demand in demands])


# ---------------------------------------------------------------- words for both
def _merged(first: Model, second: Model, parameters: Sequence[Parameter]) -> Model:
    """A model that has the names of both, to print terms with."""
    taken = {*first.by_name, *(p.name for p in parameters), *(d.name for d in first.definitions)}
    taken |= {str(value) for variable in first.variables for value in variable.domain}
    more: list[Definition] = [d for d in second.definitions if d.name not in taken]
    names = {p.name for p in parameters}
    own = [d for d in first.definitions if d.name not in names]
    return replace(
        first, parameters=tuple(parameters), definitions=(*own, *more), assumptions=(), estimands=(), claims=()
    )


def _definitions(merged: Model, first: Derivation, second: Derivation) -> tuple[tuple[str, Term], ...]:
    """The definitions of the merged model as functions of the cells."""
    found = {**dict(second.problem.definitions), **dict(first.problem.definitions)}
    return tuple((d.name, found[d.name]) for d in merged.definitions)


def _notes(first: Derivation, second: Derivation) -> list[str]:
    unknown = dict.fromkeys(each.model.name for each in (first, second) if each.known_conditions is None)
    found = [f"the testable implications of {name} are not among those compared" for name in unknown]
    for name in (each.name for each in first.closed_forms):
        mine = first.model.estimand_named(name)
        theirs = second.model.estimand_named(mine.name)
        one, two = (
            print_estimand(each, model.by_name) for each, model in ((mine, first.model), (theirs, second.model))
        )
        if one != two:
            found.append(f"{mine.name} is {one} in {first.model.name} and {two} in {second.model.name}")
    return found
