"""Bounds of two models where no linear program compares them: at random distributions, exactly; then proofs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Literal

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.derived import Derivation
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.posing import has_constant_rows
from boundgen.errors import NotLinearError
from boundgen.evaluation.asked import AnyBounds
from boundgen.exact.rational import Number
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import Region, model_region
from boundgen.polyhedra.weighted_optimum import Ends, is_possible
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.questions.proved_order import UNKNOWN, Ordered, never_narrower, never_wider
from boundgen.verification.sampled_laws import populations, randomization
from boundgen.work.limits import Budget

WidthRelation = Literal["the same", "never wider", "never narrower", "neither", "not compared"]
LAWS, TRIES = 60, 600
# A distribution is a mean of so many corners of those that a model allows, at most.
MOST_CORNERS = 6
LawValues = Mapping[str, Number]
EndsAt = Callable[[LawValues], Ends]
# A distribution with the bounds of both models.
LawAndEnds = tuple[LawValues, Ends, Ends]


@dataclass(frozen=True)
class SampledNarrowing:
    """By how much one side of the second bounds was narrower at some distribution.

    Parameters
    ----------
    of : {"lower", "upper"}
    most : Fraction or infinity
        Zero where it never was.
    at : tuple of (name, number)
        The cells and parameters where it was, those that are not zero.
    """

    of: Literal["lower", "upper"]
    most: Fraction | float
    at: tuple[tuple[str, Number], ...] = ()


@dataclass(frozen=True)
class SampledComparison:
    """One estimand under two models whose bounds are not both maxima of linear terms.

    Parameters
    ----------
    estimand : str
    laws : int
        At how many random distributions that both models allow its bounds were evaluated, exactly.
    relation : str
        Of the second bounds to the first at these.
    narrowings : tuple of SampledNarrowing
    proved : bool
        Whether the relation holds at every distribution that both allow and whose cells are positive.
    """

    estimand: str
    laws: int
    relation: WidthRelation
    narrowings: tuple[SampledNarrowing, ...]
    proved: bool = False


def sampled(
    first: Derivation, second: Derivation, names: Sequence[str], parameters: Sequence[Parameter], budget: Budget
) -> tuple[SampledComparison, ...]:
    """Compare the bounds of estimands at random distributions that both models allow; the same ones each time."""
    if not names:
        return ()
    found = []
    for name in names:
        ends = [ends_of(derived, name) for derived in (first, second)]
        laws: list[LawAndEnds] = []
        for tried, law in enumerate(random_laws(second, parameters, budget)):
            budget.step("comparing bounds at random distributions", len(laws), LAWS)
            each = _both(first, second, ends, law)
            laws += [] if each is None else [each]
            if len(laws) == LAWS or tried == TRIES:
                break
        pair = _bounds_of(first, name), _bounds_of(second, name)
        found.append(_judged(name, pair, laws, partial(_both, first, second, ends), budget))
    return tuple(found)


def _both(first: Derivation, second: Derivation, ends: Sequence[EndsAt], law: LawValues) -> LawAndEnds | None:
    """The bounds of both models at a distribution that both allow; None at any other."""
    one, other = (at(law) for at in ends)
    allowed = is_interval(one) and is_interval(other) and _is_allowed(first, law) and _is_allowed(second, law)
    return (law, one, other) if allowed else None


def _judged(
    name: str,
    pair: tuple[AnyBounds, AnyBounds],
    laws: Sequence[LawAndEnds],
    both: Callable[[LawValues], LawAndEnds | None],
    budget: Budget,
) -> SampledComparison:
    """What is seen, with a proof that it is so everywhere; laws that refute what was seen are seen too."""
    seen, proved = seen_at(name, laws), True
    if not laws:
        return seen
    one, other = pair
    if isinstance(one, PiecewiseBounds) and isinstance(other, PiecewiseBounds) and one.program == other.program:
        return replace(seen, proved=seen.relation == "the same")
    wanted: tuple[WidthRelation, WidthRelation] = ("never wider", "never narrower")
    for relation in wanted:
        if seen.relation not in (relation, "the same"):
            continue
        answer = _ordered(pair, relation, budget)
        more = [each for law in answer.refuting if (each := both(law)) is not None]
        laws, before = [*laws, *more], seen.relation
        seen = seen_at(name, laws)
        # A distribution shows that it is not so; what is left of the relation is asked for, or was proved.
        proved = proved and (answer.proved or seen.relation != before)
    return replace(seen, proved=proved)


def _ordered(pair: tuple[AnyBounds, AnyBounds], relation: WidthRelation, budget: Budget) -> Ordered:
    """Whether the second bounds have the relation to the first, at the laws of either that has pieces."""
    found = [UNKNOWN]
    for own, other, is_second in ((pair[1], pair[0], True), (pair[0], pair[1], False)):
        if isinstance(own, PiecewiseBounds):
            # The second are never wider where the first, held against them, are never narrower.
            ask = never_narrower if (relation == "never wider") == is_second else never_wider
            found.append(ask(other, own, budget))
            if found[-1].proved:
                return found[-1]
    return Ordered(False, tuple(law for each in found for law in each.refuting))


def relation_of(narrower: bool, wider: bool) -> WidthRelation:
    """In words, whether bounds are somewhere narrower and somewhere wider than others."""
    if narrower and wider:
        return "neither"
    return "never wider" if narrower else "never narrower" if wider else "the same"


def seen_at(name: str, laws: Sequence[LawAndEnds]) -> SampledComparison:
    """The relation of bounds that are known at some laws, and where the second are narrower by most."""
    gains: dict[Literal["lower", "upper"], list[tuple[Fraction | float, LawValues]]] = {"lower": [], "upper": []}
    for law, one, other in laws:
        gains["lower"].append((_difference(other[0], one[0]), law))
        gains["upper"].append((_difference(one[1], other[1]), law))
    narrowings = []
    for side, changes in gains.items():
        most, law = max(changes, key=lambda change: change[0], default=(Fraction(0), {}))
        at = tuple((each, value) for each, value in law.items() if value) if most > 0 else ()
        narrowings.append(SampledNarrowing(side, max(most, Fraction(0)), at))
    every = [change for changes in gains.values() for change, _ in changes]
    relation = relation_of(any(x > 0 for x in every), any(x < 0 for x in every)) if laws else "not compared"
    return SampledComparison(name, len(laws), relation, tuple(narrowings))


def _difference(one: Fraction | float | None, other: Fraction | float | None) -> Fraction | float:
    """Equal infinities do not differ."""
    assert one is not None
    assert other is not None
    return Fraction(0) if one == other else one - other


def is_interval(ends: Ends) -> bool:
    """Whether there is a value between the ends."""
    low, high = ends
    return low is not None and high is not None and low <= high


def _is_allowed(derived: Derivation, law: LawValues) -> bool:
    """Whether no testable implication fails; where these are not known, whether some population has these data."""
    if derived.known_conditions is None and derived.problem.weighted:
        return is_possible(derived.problem.weighted[0].program, law)
    return all(condition.value(law) >= 0 for condition in derived.known_conditions or ())


def _bounds_of(derived: Derivation, name: str) -> AnyBounds:
    return next(each for each in derived.closed_forms if each.name == name)


def ends_of(derived: Derivation, name: str) -> EndsAt:
    """What evaluates the closed form of an estimand."""
    bounds = _bounds_of(derived, name)
    return _piecewise_ends(bounds) if isinstance(bounds, PiecewiseBounds) else _linear_ends(bounds)


def _piecewise_ends(bounds: PiecewiseBounds) -> EndsAt:
    return lambda law: bounds.ends(law)[0]


def _linear_ends(bounds: Bounds) -> EndsAt:
    def ends(law: LawValues) -> Ends:
        over = bounds.denominator.value(law) if bounds.denominator else Fraction(1)
        if over <= 0:
            return None, None
        low, high = (max(t.value(law) for t in bounds.lower.terms), min(t.value(law) for t in bounds.upper.terms))
        return low / over, high / over

    return ends


# ---------------------------------------------------------------- random distributions
def random_laws(derived: Derivation, parameters: Sequence[Parameter], budget: Budget) -> Iterator[LawValues]:
    """Cells and parameters of random populations of a model, with random laws of randomized variables.

    Parameters
    ----------
    derived : Derivation
    parameters : sequence of Parameter
    budget : Budget

    Yields
    ------
    mapping of name to number
        Where coefficients depend on the data, also of populations that do not meet the assumptions.
    """
    draw = random.Random(derived.model.name)
    populations = _populations(derived, parameters, draw, budget)
    for values in populations:
        yield {**values, **randomization(derived.arms, draw)}


def _populations(
    derived: Derivation, parameters: Sequence[Parameter], draw: random.Random, budget: Budget
) -> Iterator[LawValues]:
    model = derived.model
    if has_constant_rows(model):
        try:
            program = linear_program(model, derived.arms, None, budget)
        except NotLinearError:
            pass
        else:
            return _of_region(model_region(program, parameters), program, parameters, draw)
    weighted = [each.program for each in derived.problem.weighted]
    return populations(weighted[0], derived.arms, parameters, draw) if weighted else iter(())


def _of_region(
    region: Region, program: LinearProgram, parameters: Sequence[Parameter], draw: random.Random
) -> Iterator[LawValues]:
    """Means of corners of all that the rows allow."""
    size = len(program.columns)
    while True:
        corners = []
        for _ in range(draw.randint(1, MOST_CORNERS)):
            costs: dict[int, Number] = {j: draw.randint(-9, 9) for j in range(size)}
            costs |= {size + k: _towards_an_end(each, draw) for k, each in enumerate(parameters)}
            best = maximum(region.size, costs, region.constraints, region.nonnegative)
            if best is None:
                return
            corners.append(best.point)
        weights = [Fraction(draw.randint(1, 9)) for _ in corners]
        total = sum(weights)
        mean = (
            sum((w * x for w, x in zip(weights, xs, strict=True)), Fraction(0)) for xs in zip(*corners, strict=True)
        )
        yield region.values([x / total for x in mean])


def _towards_an_end(parameter: Parameter, draw: random.Random) -> int:
    """A cost whose maximum is finite."""
    low, high = (0 if parameter.low is None else -1), (0 if parameter.high is None else 1)
    return draw.randint(low, high)
