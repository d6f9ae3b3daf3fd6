"""Verdicts on claims whose estimand is a ratio or has weights: fractions and sums of maxima against the sharp bound.

Each claimed function is held against the estimand itself, and each function of the sharp bound against the claimed
ones, by proofs (`law_order`). What refutes is a law of the data, at which the sharp bound is computed exactly. Where
neither a proof nor such a law is found, the side has no verdict.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Literal, TypeVar

from boundgen.bounds.derived import Derivation
from boundgen.bounds.piecewise import Piece, PiecewiseSide
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import ModelError, UndecidedError
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.language.statements import Claim, ClaimedCode
from boundgen.polyhedra.weighted_optimum import End, extreme_population
from boundgen.strata.means import values_of_means
from boundgen.verification.claimed_code import called
from boundgen.verification.claimed_functions import ClaimedFunction, ClaimReading
from boundgen.verification.code_judgement import CodeReading, CodeSide, code_call
from boundgen.verification.group_space import group_space
from boundgen.verification.law_order import Law, LawOrder
from boundgen.verification.law_space import LawSpace, law_space
from boundgen.verification.sampled_laws import corner_laws, sampled_laws
from boundgen.verification.verdicts import ClaimVerdict, Status, TermVerdict, Witness
from boundgen.work.limits import Budget

T = TypeVar("T")
WhichSide = Literal["lower", "upper"]
SAMPLES = 200
MOST_FUNCTIONS = 3000


@dataclass(frozen=True)
class SharpFunction:
    """A function of the sharp bound, in cells and parameters, with what must not be negative for it to count."""

    function: RationalFunction
    guards: tuple[Polynomial, ...]


@dataclass(frozen=True)
class FunctionCase(ABC):
    """One side of an estimand as a lower bound: for the upper side everything is negated.

    Parameters
    ----------
    side : {"lower", "upper"}
    space : LawSpace
    sharp : tuple of SharpFunction
    claimed : tuple of ClaimedFunction
    """

    side: WhichSide
    space: LawSpace
    sharp: tuple[SharpFunction, ...]
    claimed: tuple[ClaimedFunction, ...]

    @property
    def sign(self) -> int:
        """By what everything is multiplied."""
        return 1 if self.side == "lower" else -1

    @cached_property
    def order(self) -> LawOrder:
        """Compares functions of this space."""
        return LawOrder(self.space)

    # ---------------------------------------------------------------- values at a law
    def claims(self, law: Law) -> Fraction | None:
        """The claimed bound; None where no term counts."""
        return max((v for each in self.claimed if (v := claimed_value(each, law)) is not None), default=None)

    @abstractmethod
    def bound(self, law: Law) -> End:
        """The sharp bound, exactly."""

    @abstractmethod
    def told(self, law: Law, claimed: Fraction | None) -> Witness:
        """A population with this law that attains the sharp bound, where that is finite; the claimed bound as meant."""

    # ---------------------------------------------------------------- claimed against the estimand
    def validity(self, claimed: ClaimedFunction) -> bool | Law | None:
        """Whether a claimed function is nowhere above the estimand: proved, a law that refutes it, or None."""
        guards = self._needs(claimed)
        term = self.space.read(claimed.function)
        estimand = self.space.estimand.scaled(self.sign)
        refuting: list[Law] = []
        proved = True
        for way in self._ways(estimand):
            found = self.order.nowhere_below(way, term, guards)
            proved = proved and found.proved
            refuting += found.refuting
        if proved:
            return True
        for law in self._candidates(sorted(refuting, key=_size)):
            if self._is_above(claimed, law):
                return law
        if self._is_a_sharp_one(term, guards):
            return True
        return next((law for law in self._samples() if self._is_above(claimed, law)), None)

    def _samples(self) -> Iterator[Law]:
        """Laws at random."""
        return sampled_laws(self.space, SAMPLES)

    def _candidates(self, laws: Sequence[Law]) -> Iterator[Law]:
        """The laws that may refute, as the model allows them."""
        yield from laws

    def _needs(self, claimed: ClaimedFunction) -> list[Polynomial]:
        """What is not negative where a claimed function counts, beside its denominator."""
        return [self.space.polynomial(each) for each in (*(g.polynomial for g in claimed.guards), *claimed.cancelled)]

    def _ways(self, estimand: RationalFunction) -> Iterator[RationalFunction]:
        """The estimand, written so that its divisor is positive; one that the data identify may have either sign."""
        for sign in (1, -1):
            way = RationalFunction(estimand.numerator.scaled(sign), estimand.denominator.scaled(sign))
            if not self._is_vacuous([way.denominator]):
                yield way

    def _is_vacuous(self, conditions: Sequence[Polynomial]) -> bool:
        """Whether something that is to be positive is nowhere so."""
        return any(self.order.nowhere_negative(-each).proved for each in conditions)

    def _is_above(self, claimed: ClaimedFunction, law: Law) -> bool:
        # Where something is divided by zero a claim says nothing, and may be meant as a limit.
        value, quick = claimed_value(claimed, law), self._quick(law)
        if value is None or not self._is_defined(law) or (quick is not None and value <= quick):
            return False
        bound = self.bound(law)
        return bound is not None and value > bound

    def _is_a_sharp_one(self, term: RationalFunction, guards: Sequence[Polynomial]) -> bool:
        """Whether it is nowhere above a function of the sharp bound that counts where it does."""
        positive = [*guards, *([] if term.denominator.constant is not None else [term.denominator])]
        for sharp in self.sharp:
            own = self.space.read(sharp.function)
            needs = [*map(self.space.polynomial, sharp.guards), own.denominator]
            counts = all(self.order.nowhere_negative(each, positive).proved for each in needs)
            if counts and self.order.nowhere_below(own, term, guards).proved:
                return True
        return False

    # ---------------------------------------------------------------- the sharp bound against what is claimed
    def reached(self, sharp: SharpFunction, valid: Sequence[ClaimedFunction]) -> bool | Law | None:
        """Whether claimed functions are as high as a function of the sharp bound; a law where none of them is."""
        own = self.space.read(sharp.function)
        guards = [*map(self.space.polynomial, sharp.guards)]
        guards += [] if own.denominator.constant is not None else [own.denominator]
        if self._is_vacuous(guards):
            return True
        laws: list[Law] = []
        for claimed in valid:
            if claimed.function == sharp.function and not claimed.guards and not claimed.cancelled:
                return True
            term = self.space.read(claimed.function)
            needs = [*self._needs(claimed), term.denominator]
            counts = all(self.order.nowhere_negative(each, guards).proved for each in needs)
            found = self.order.nowhere_below(term, own, guards)
            if counts and found.proved:
                return True
            laws += found.refuting[:10]
        near = self._candidates(list(self._between(sorted(laws, key=_size))))
        return next((law for law in near if self._is_loose(law)), None)

    def _between(self, laws: Sequence[Law]) -> Iterator[Law]:
        """These laws; where cells are linear in the unknowns, also what lies between two or three of them."""
        yield from laws
        if not self.space.blocks:
            few = laws[:: max(1, len(laws) // 12)][:12]
            for count in (2, 3):
                for several in itertools.combinations(few, count):
                    yield {name: sum((law[name] for law in several), Fraction(0)) / count for name in several[0]}
        yield from self._samples()

    def _is_loose(self, law: Law) -> bool:
        quick, claimed = self._quick(law), self.claims(law)
        if quick is None or (claimed is not None and claimed >= quick) or not self._is_defined(law):
            return False
        bound = self.bound(law)
        return bound is not None and (claimed is None or claimed < bound)

    def seen(self) -> str:
        """What random laws say of the claimed bound where nothing is proved: none of them refutes it."""
        held = [
            (value, bound)
            for law in self._samples()
            if self._is_defined(law)
            and (value := self.claims(law)) is not None
            and (bound := self.bound(law)) is not None
        ]
        equal = sum(value == bound for value, bound in held)
        return f"nowhere beyond the sharp bound at {len(held)} laws of the data, and equal to it at {equal} of them"

    def _is_defined(self, law: Law) -> bool:
        return all(part.value(law) for each in self.claimed for part in (each.function.denominator, *each.divisors))

    def _quick(self, law: Law) -> Fraction | None:
        """What the closed form says; None where it says nothing."""
        values = [f.function.value(law) for f in self.sharp if all(g.value(law) >= 0 for g in f.guards)]
        return max((value for value in values if value is not None), default=None)


@dataclass(frozen=True)
class PiecewiseCase(FunctionCase):
    """One side of bounds that have pieces.

    Parameters
    ----------
    bounds : PiecewiseBounds
    """

    bounds: PiecewiseBounds

    def bound(self, law: Law) -> End:
        """The sharp bound, exactly."""
        end = self.bounds.program_ends(law)[0 if self.sign == 1 else 1]
        return None if end is None else self.sign * end

    def shown(self, law: Law) -> dict[str, Fraction]:
        """The observed cells of a law, as they are read."""
        return values_of_means(self.bounds.arms, law)

    def told(self, law: Law, claimed: Fraction | None) -> Witness:
        """A population with this law that attains the sharp bound, where that is finite; the claimed bound as meant."""
        bound = self.bound(law)
        parameters = [parameter.name for parameter in self.bounds.parameters]
        shares = extreme_population(self.bounds.program, law, self.side)
        columns = self.bounds.program.columns
        nobody = len(columns) == 1 and not columns[0].stratum.responses
        strata = (
            None
            if shares is None or nobody
            else tuple((c.stratum, w) for c, w in zip(columns, shares, strict=True) if w)
        )
        assert bound is not None
        return Witness(
            cells=tuple((name, value) for name, value in self.shown(law).items() if name not in parameters and value),
            parameters=tuple((name, law[name]) for name in parameters),
            strata=strata,
            estimand=None if strata is None else bound * self.sign,
            claimed=claimed,
            sharp=bound * self.sign,
        )


def claimed_value(claimed: ClaimedFunction, law: Mapping[str, Fraction]) -> Fraction | None:
    """A claimed function where its guards hold and what it divides by is positive."""
    below = (claimed.function.denominator, *claimed.divisors)
    if any(part.value(law) <= 0 for part in below) or not all(guard.holds(law) for guard in claimed.guards):
        return None
    return claimed.function.value(law)


# ---------------------------------------------------------------- one side of a claim
def piecewise_verdict(derivation: Derivation, claim: Claim, side: WhichSide, budget: Budget) -> ClaimVerdict:
    """The verdict on one side of a claim about an estimand whose bounds have pieces; as `verdict_of`."""
    case = _case(derivation, claim, side, budget)
    formula = claim.lower if side == "lower" else claim.upper
    if formula and formula.code:
        return _code_verdict(derivation, claim, formula.code, case, budget)
    return verdict_of(case, claim, budget)


def verdict_of(case: FunctionCase, claim: Claim, budget: Budget) -> ClaimVerdict:
    """The verdict on one side that was made ready.

    Returns
    -------
    ClaimVerdict

    Raises
    ------
    UndecidedError
        Where neither a proof nor a law of the data decides; `ModelError` where a sum of maxima in the claim is no
        maximum, because a coefficient may have either sign.
    """
    side = case.side
    _refuse_signs(case, claim)
    doing = f"judging {claim.where}"
    validities = [case.validity(each) for each in budget.counted(doing, case.claimed)]
    valid = [each for each, holds in zip(case.claimed, validities, strict=True) if holds is True]
    wrong = [law for law in validities if isinstance(law, dict)]
    reached = [] if wrong else [case.reached(sharp, valid) for sharp in budget.counted(doing, case.sharp)]
    loose = [law for law in reached if isinstance(law, dict)]
    if not wrong and (None in validities or (not loose and None in reached)):
        raise UndecidedError(
            f"the {side} side is {case.seen()}; it is neither proved nor refuted",
            claim.place,
            "boundgen derive prints the sharp bound.",
        )
    laws = wrong or loose
    return ClaimVerdict(
        where=claim.where,
        estimand=claim.estimand,
        side=side,
        verdict="invalid" if wrong else "valid" if loose else "sharp",
        expected=claim.expect_lower if side == "lower" else claim.expect_upper,
        witness=_witness(case, min(laws, key=_size)) if laws else None,
        terms=tuple(_term_verdicts(case, validities)),
        missing=(),
    )


def _code_verdict(
    derivation: Derivation, claim: Claim, code: ClaimedCode, case: PiecewiseCase, budget: Budget
) -> ClaimVerdict:
    """What a function is at laws; that it is the sharp one is not decided."""
    reading = CodeReading(derivation.problem, claim, code, budget)
    every = [*corner_laws(case.space, SAMPLES), *sampled_laws(case.space, SAMPLES)]
    given = [(law, values) for law in every if (values := reading.at(law)) is not None]
    names = tuple(given[0][1]) if given else ()
    call = code_call(claim, code, case.side, names)
    answer = called(call, [tuple(values.values()) for _, values in given], budget)
    expected = claim.expect_lower if case.side == "lower" else claim.expect_upper
    found = CodeSide(call, case.sign, expected, case.bound, case.told)
    return found.verdict([law for law, _ in given], answer.values)


def _case(derivation: Derivation, claim: Claim, side: WhichSide, budget: Budget) -> PiecewiseCase:
    formula = claim.lower if side == "lower" else claim.upper
    assert formula
    bounds = next(each for each in derivation.piecewise if each.name == claim.estimand)
    space = law_space(bounds) or group_space(bounds)
    if space is None:
        raise UndecidedError(
            "cells are no products of shares and of what these multiply in the programs of this estimand, so that no "
            "claim about it is judged",
            claim.place,
            "boundgen evaluate gives the exact bounds at data.",
        )
    sign, op, form = (1, "max", bounds.lower) if side == "lower" else (-1, "min", bounds.upper)
    claimed = [] if formula.code else ClaimReading(derivation.problem, claim, budget).functions(formula, op)
    sharp = tuple(sharp_functions(form, bounds.denominator, sign))
    signed = tuple(replace(each, function=each.function.scaled(sign)) for each in claimed)
    return PiecewiseCase(side, space, sharp, signed, bounds)


def sharp_functions(side: PiecewiseSide, over: Polynomial | None, sign: int) -> Iterator[SharpFunction]:
    """The functions whose largest a side is, times a sign; sums of maxima multiplied out."""
    for piece in side.pieces:
        for function in _expanded(piece):
            if over is not None:
                function = RationalFunction.of(function.numerator, function.denominator * over)
            yield SharpFunction(function.scaled(sign), tuple(guard.polynomial for guard in piece.guards))


def _expanded(piece: Piece) -> Iterable[RationalFunction]:
    """The sums of one option of each summand."""
    options = [[option * RationalFunction(s.weight) for option in s.options] for s in piece.summands]
    if prod(map(len, options)) > MOST_FUNCTIONS:
        raise UndecidedError(f"the sharp bound has more than {MOST_FUNCTIONS} sums of one option of each maximum")
    for choice in itertools.product(*options):
        total = choice[0]
        for part in choice[1:]:
            total += part
        yield total


def _refuse_signs(case: FunctionCase, claim: Claim) -> None:
    """A coefficient before a maximum in a lower bound is not negative, and one before a minimum not positive."""
    for claimed in case.claimed:
        guards = [case.space.polynomial(guard.polynomial) for guard in claimed.guards]
        for demand in claimed.demands:
            if not case.order.nowhere_negative(case.space.polynomial(demand), guards).proved:
                raise ModelError(
                    f"in the claimed term {claimed.written} a coefficient before a maximum or minimum may have either "
                    "sign",
                    claim.place,
                    "Say where the term counts: max(s * max(a, b) if s >= 0, s * min(c, d) if s <= 0).",
                )


def _term_verdicts(case: FunctionCase, validities: Sequence[bool | Law | None]) -> Iterator[TermVerdict]:
    """What is written once has one verdict, the worst of its choices of options."""
    own = {each.function for each in case.sharp}
    status: dict[str, Status] = {}
    for claimed, holds in zip(case.claimed, validities, strict=True):
        here: Status = "wrong" if isinstance(holds, dict) else "sharp" if claimed.function in own else "loose"
        status[claimed.written] = "wrong" if "wrong" in (here, status.get(claimed.written)) else here
    return (TermVerdict(written, each) for written, each in status.items())


# ---------------------------------------------------------------- witnesses
def _size(law: Law) -> tuple[int, int]:
    return max(value.denominator for value in law.values()), sum(map(bool, law.values()))


def _witness(case: FunctionCase, law: Law) -> Witness:
    claimed = case.claims(law)
    return case.told(law, None if claimed is None else claimed * case.sign)
