"""On which side of a value bounds with pieces can be, function by function: weights, divisors of either sign.

A lower bound that is the largest of functions is nowhere above v where v is nowhere below any of them: proved by linear
programs (`law_order`), or refuted by a law of the data at which the sharp bound is computed exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import PiecewiseError
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.polyhedra.weighted_optimum import extreme_population
from boundgen.questions.distributions import Distribution
from boundgen.verification.factored_claims import ModelLaws, factored_space
from boundgen.verification.law_order import LawOrder
from boundgen.verification.law_space import LawSpace, law_space
from boundgen.verification.piecewise_judgement import SharpFunction, WhichSide, sharp_functions
from boundgen.verification.sampled_laws import sampled_laws
from boundgen.work.limits import Budget

SAMPLES = 200
# Above so many functions of a side nothing is proved: each needs several linear programs.
MOST_FUNCTIONS = 200


@dataclass(frozen=True)
class PieceSideSign:
    """Whether a side can be beyond a value.

    Parameters
    ----------
    side : {"lower", "upper"}
    always : bool
        Whether the lower bound is never above the value (the upper never below it): proved.
    functions : int
        How many functions of the data that was proved of; zero where there are none.
    witness : Distribution or None
        Where it is beyond the value.
    """

    side: WhichSide
    always: bool
    functions: int
    witness: Distribution | None


@dataclass(frozen=True)
class PieceSign:
    """What is to be said of the side of a value on which an estimand whose bounds have pieces can be shown to be.

    Parameters
    ----------
    bounds : PiecewiseBounds
    lower, upper : PieceSideSign
    """

    bounds: PiecewiseBounds
    lower: PieceSideSign
    upper: PieceSideSign

    @property
    def contains_value(self) -> bool:
        """Whether no observable distribution shows that the estimand is on one side of the value."""
        return self.lower.always and self.upper.always


def piece_sign(bounds: PiecewiseBounds, value: Fraction, budget: Budget, laws: ModelLaws | None = None) -> PieceSign:
    """On which side of a value data can show an estimand to be; refused where nothing decides it."""
    space = law_space(bounds) if laws is None else factored_space(bounds, laws.factors)
    if space is None:
        raise _undecided(bounds, "its cells are no products of shares and of what these multiply")
    return PieceSign(bounds, *(_side(bounds, space, value, side, budget, laws) for side in ("lower", "upper")))


def _side(
    bounds: PiecewiseBounds,
    space: LawSpace,
    value: Fraction,
    side: WhichSide,
    budget: Budget,
    laws: ModelLaws | None,
) -> PieceSideSign:
    sign, form = (1, bounds.lower) if side == "lower" else (-1, bounds.upper)
    # Over several extreme laws a side is no best of functions: laws may refute, and nothing proves.
    single = form.pieces and bounds.factored is None
    functions = list(sharp_functions(form, bounds.denominator, sign)) if single else []
    if len(functions) > MOST_FUNCTIONS:
        raise _undecided(bounds, f"a side is the best of more than {MOST_FUNCTIONS} functions")
    order, proved, refuting = LawOrder(space), bounds.factored is None, list[Mapping[str, Fraction]]()
    limit = RationalFunction(Polynomial.number(value * sign))
    for done, function in enumerate(functions):
        budget.step("asking about functions of the data", done, len(functions))
        for way, guards in _ways(order, function):
            found = order.nowhere_below(limit, way, guards)
            proved = proved and found.proved
            refuting += found.refuting
    if proved:
        return PieceSideSign(side, True, len(functions), None)
    found_there = sorted(refuting, key=_size)
    candidates = (
        [*found_there, *sampled_laws(space, SAMPLES)]
        if laws is None
        else [*laws.near(map(dict, found_there)), *laws.drawn]
    )
    for law in candidates:
        end = bounds.program_ends(law)[0 if side == "lower" else 1]
        if end is not None and sign * end > sign * value:
            return PieceSideSign(side, False, len(functions), _population(bounds, law, side))
    raise _undecided(bounds, f"neither a proof nor one of {SAMPLES} random distributions says it of the {side} side")


def _ways(order: LawOrder, function: SharpFunction) -> Iterator[tuple[RationalFunction, Sequence[Polynomial]]]:
    """A function written so that its divisor is positive, which may be so in two ways; with its guards."""
    guards = [order.space.polynomial(guard) for guard in function.guards]
    return ((way, guards) for way in _signed(order, order.space.read(function.function)))


def _signed(order: LawOrder, function: RationalFunction) -> Iterator[RationalFunction]:
    """The ways of a fraction whose divisor is positive somewhere."""
    for sign in (1, -1) if function.denominator.constant is None else (1,):
        way = RationalFunction(function.numerator.scaled(sign), function.denominator.scaled(sign))
        if not order.nowhere_negative(-way.denominator).proved:
            yield way


def _population(bounds: PiecewiseBounds, law: Mapping[str, Fraction], side: WhichSide) -> Distribution:
    """A population with this law that attains the bound, where that is finite."""
    shares = extreme_population(bounds.program, law, side) or ()
    if bounds.factored is not None:
        # Of several groups no one program has the population; the data are what the form is written in.
        seen = {cell.name for arm in bounds.arms for cell in arm.cells} | {each.name for each in bounds.parameters}
        shares, law = (), {name: value for name, value in law.items() if name in seen}
    names = [parameter.name for parameter in bounds.parameters]
    # Who is randomized to what is even where it is not said.
    laws = {cell.name for arm in bounds.arms if arm.law for cell in arm.cells}
    return Distribution(
        # Of an identified estimand everybody is one stratum.
        tuple(
            (c.stratum, w) for c, w in zip(bounds.program.columns, shares, strict=False) if w and c.stratum.responses
        ),
        tuple((name, value) for name, value in law.items() if name not in names and (value or name in laws)),
        tuple((name, law[name]) for name in names),
    )


def _size(law: Mapping[str, Fraction]) -> tuple[int, int]:
    return max(value.denominator for value in law.values()), sum(map(bool, law.values()))


def _undecided(bounds: PiecewiseBounds, why: str) -> PiecewiseError:
    return PiecewiseError(f"on which side of the value the bounds of {bounds.name} can be was not decided: {why}")
