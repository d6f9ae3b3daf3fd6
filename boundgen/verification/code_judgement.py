"""Verdicts on sides of claims that a function computes.

One that comes back as a maximum of linear terms is judged as if these were written. Any other is held against the
sharp bound at laws of the data: one law can refute it, and none proves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.conditions import is_zero
from boundgen.bounds.problem import BoundingProblem
from boundgen.errors import UndecidedError
from boundgen.exact.terms import Term
from boundgen.language.statements import Claim, ClaimedCode, Verdict
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region
from boundgen.polyhedra.weighted_optimum import End
from boundgen.strata.cells import shown_cells
from boundgen.strata.means import of_means, values_of_means
from boundgen.verification.claimed_code import CodeAnswer, CodeCall, CodeWay, in_cells
from boundgen.verification.claimed_functions import ClaimReading
from boundgen.verification.claimed_terms import claimed_term
from boundgen.verification.law_order import Law
from boundgen.verification.verdicts import ClaimVerdict, Witness
from boundgen.work.limits import Budget

# A decimal of R is shown as a fraction as simple as this.
SIMPLE = 10**6


# ---------------------------------------------------------------- what a function is called with
def code_terms(problem: BoundingProblem, claim: Claim, code: ClaimedCode, budget: Budget) -> dict[str, Term]:
    """What a function is called with, as terms in cells and parameters, by name; places stand for names not given."""
    if code.arguments is not None:
        terms = (claimed_term(problem, each, {}, claim.place, budget) for _, each in code.arguments)
        return dict(zip(_places(code), terms, strict=True))
    means = of_means(problem.arms)
    found = {name: means.get(name, Term.of(0, {name: 1})) for name in shown_cells(problem.arms)}
    found |= {each.name: Term.of(0, {each.name: 1}) for each in problem.model.parameters}
    for each in problem.model.definitions:
        found[each.name] = claimed_term(problem, each.expression, {}, claim.place, budget)
    return found


def _places(code: ClaimedCode) -> Iterator[str]:
    """Arguments by position have numbers, which are no names."""
    return (name or str(place) for place, (name, _) in enumerate(code.arguments or ()))


def code_call(claim: Claim, code: ClaimedCode, side: str, known: Sequence[str]) -> CodeCall:
    """The call of a function with what is known by these names."""
    return CodeCall(claim, code, side, tuple("" if name.isdigit() else name for name in known))


@dataclass(frozen=True)
class CodeReading:
    """What a function is called with at a law, where bounds are no linear functions."""

    problem: BoundingProblem
    claim: Claim
    code: ClaimedCode
    budget: Budget

    def at(self, law: Law) -> dict[str, Fraction] | None:
        """By name; None where a conditional mean is undefined."""
        reading = ClaimReading(self.problem, self.claim, self.budget)
        named = [(each.name, each.expression) for each in self.problem.model.definitions]
        found: dict[str, Fraction] = {}
        if self.code.arguments is None:
            seen = values_of_means(self.problem.arms, law)
            parameters = [each.name for each in self.problem.model.parameters]
            found = {name: seen[name] for name in (*shown_cells(self.problem.arms), *parameters)}
        else:
            expressions = [expression for _, expression in self.code.arguments]
            named = list(zip(_places(self.code), expressions, strict=True))
        for name, expression in named:
            value = reading.function(expression).value(law)
            if value is None:
                return None
            found[name] = value
        return found


# ---------------------------------------------------------------- decided
def terms_of_code(
    answer: CodeAnswer, quantities: Sequence[Term], sign: int, region: Region, over: Term | None
) -> list[Term] | None:
    """The terms whose maximum a function is, times a sign and a divisor; None where it is not known to be one.

    Parameters
    ----------
    answer : CodeAnswer
    quantities : sequence of Term
        Its arguments.
    sign : {1, -1}
        -1 for an upper bound, which as all of that side is negated.
    region : Region
        What the model allows.
    over : Term or None
        The denominator of the estimand.

    Returns
    -------
    list of Term or None
    """
    ways = []
    for way in answer.ways or ():
        if way.op not in ("", "max" if sign == 1 else "min"):
            return None
        guards = [in_cells(guard, quantities) for guard in way.guards]
        there = region.within([Constraint(*region.function(guard)) for guard in guards]) if guards else region
        if guards and there.is_empty():
            continue
        terms = _multiplied(way, quantities, region, over)
        if terms is None:
            return None
        ways.append((there, [term.scaled(sign) for term in terms]))
    whole = list(dict.fromkeys(term for _, terms in ways for term in terms))
    for there, terms in ways:
        # Where a way is gone its own terms are nowhere below those of the others.
        for other in whole:
            functions = AffineFunctions(there, [other, *terms])
            if other not in terms and functions.strictly_active(0, range(1, len(terms) + 1))[0]:
                return None
    return whole or None


def _multiplied(way: CodeWay, quantities: Sequence[Term], region: Region, over: Term | None) -> list[Term] | None:
    """The options of a way times the estimand's denominator, by which they are divided; numbers may stand alone."""
    options = [in_cells(option, quantities) for option in way.options]
    if way.over is not None:
        same = over is not None and is_zero(in_cells(way.over, quantities) - over, region)
        return options if same else None
    if over is None:
        return options
    if any(option.coefficients for option in options):
        return None
    return [over.scaled(option.constant) for option in options]


# ---------------------------------------------------------------- at laws
@dataclass(frozen=True)
class CodeSide:
    """One side that a function computes, as a lower bound: for the upper side everything is negated.

    Parameters
    ----------
    call : CodeCall
    sign : {1, -1}
    bound : function of a law
        The sharp bound there; None where the estimand is undefined.
    witness : function of a law and the claimed bound
    """

    call: CodeCall
    sign: int
    expected: Verdict | None
    bound: Callable[[Law], End]
    witness: Callable[[Law, Fraction], Witness]

    def verdict(self, laws: Sequence[Law], values: Sequence[Fraction | None]) -> ClaimVerdict:
        """Refuted by a law; otherwise what the function is at these laws, which proves nothing."""
        above: list[tuple[Law, Fraction]] = []
        below: list[tuple[Law, Fraction]] = []
        met = 0
        for law, value in zip(laws, values, strict=True):
            bound = None if value is None else self.bound(law)
            if value is None or bound is None:
                continue
            met += 1
            close = self.call.tolerance * max(Fraction(1), abs(bound)) if isinstance(bound, Fraction) else 0
            if value * self.sign > bound + close:
                above.append((law, value))
            elif value * self.sign < bound - close:
                below.append((law, value))
        if not met:
            message = f"the {self.call.side} side gives a number at no law at which the estimand has bounds"
            raise UndecidedError(message, self.call.place, "Write its terms into the claim.")
        shown = min(above or below, key=lambda found: _size(found[0]), default=None)
        return ClaimVerdict(
            where=self.call.claim.where,
            estimand=self.call.claim.estimand,
            side="lower" if self.sign == 1 else "upper",
            verdict="invalid" if above else "loose" if below else "agrees",
            expected=self.expected,
            witness=None if shown is None else self.witness(shown[0], self._shown(shown[1])),
            terms=(),
            missing=(),
            laws=None if above else met,
            tolerance=self.call.tolerance,
        )

    def _shown(self, value: Fraction) -> Fraction:
        simple = value.limit_denominator(SIMPLE)
        return simple if abs(simple - value) <= self.call.tolerance else value


def _size(law: Law) -> tuple[int, int]:
    return max(value.denominator for value in law.values()), sum(map(bool, law.values()))
