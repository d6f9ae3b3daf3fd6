"""Which testable implications of one model data of another can break, where some are no linear functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from boundgen.bounds.derived import Derivation
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.language.statements import Parameter
from boundgen.questions.sampled import random_laws
from boundgen.verification.implied_conditions import Demand, Demands
from boundgen.work.limits import Budget

SAMPLES = 200


@dataclass(frozen=True)
class ComparedImplications:
    """Testable implications of two models, where all groups that assumptions compare have units.

    Parameters
    ----------
    appear, disappear : tuple of Term or ProductCondition
        Those of one model that data of the other are found to break.
    undecided : tuple of Term or ProductCondition
        Those for which there is neither a proof nor such data.
    """

    appear: tuple[AnyCondition, ...]
    disappear: tuple[AnyCondition, ...]
    undecided: tuple[AnyCondition, ...]


def compared_implications(
    first: Derivation, second: Derivation, parameters: Sequence[Parameter], budget: Budget
) -> ComparedImplications:
    """What the testable implications of the second model say beyond those of the first, and the other way round.

    Parameters
    ----------
    first, second : Derivation
        Of models with the same cells, whose testable implications are known.
    parameters : sequence of Parameter
        Of both.
    budget : Budget

    Returns
    -------
    ComparedImplications
    """
    shares = {share for each in (first, second) for asked in each.problem.weighted for share in asked.program.shares}
    found: list[tuple[AnyCondition, ...]] = []
    undecided: list[AnyCondition] = []
    for weak, strong in ((first, second), (second, first)):
        laws = islice(random_laws(weak, parameters, budget), SAMPLES)
        more = tuple({name: Fraction(value) for name, value in law.items()} for law in laws)
        listed = tuple(map(Demand.of, weak.known_conditions or ()))
        demands = Demands(weak.problem, tuple(parameters), listed, tuple(sorted(shares, key=str)), more)
        left, broken = [], []
        for done, each in enumerate(strong.known_conditions or ()):
            budget.step("comparing testable implications", done, len(strong.known_conditions or ()))
            if not demands.imply(Demand.of(each)):
                left.append(each)
                broken.append(next(demands.breaking(Demand.of(each)), None) is not None)
        found.append(_chosen(left, broken))
        undecided += _chosen(left, (not each for each in broken))
    return ComparedImplications(found[0], found[1], tuple(undecided))


def _chosen(conditions: Sequence[AnyCondition], wanted: Iterable[bool]) -> tuple[AnyCondition, ...]:
    return tuple(each for each, is_wanted in zip(conditions, wanted, strict=True) if is_wanted)
