"""Models some of whose variables share no causes: closed forms, and exact bounds at data.

``python tests/benchmarks/independent_causes.py`` prints, for each model, the seconds of the processor that its
derivation takes inside a running process, and those of the bounds at data, and by which method these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from run import best

from boundgen import Derivation, Model, derive, evaluate


@dataclass(frozen=True)
class Independent:
    """A model, and its goal: seconds in which it is derived and evaluated at data."""

    name: str
    text: str
    goal: float


def front_door(levels: int) -> str:
    return f"""model front_door
variable X in {{0, 1}}
variable M(X) in 0..{levels - 1}
variable Y(M) in {{0, 1}}
confounded X, Y
observe P(X, M, Y)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""


SECOND_STAGE = """model second_stage
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, M
observe P(X, M, Y | Z)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
TRIAL = """model trial
variable X in {0, 1} randomized
variable M(X) in {0, 1}
variable Y(X, M) in {0, 1}
unconfounded
observe P(M, Y | X)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""
LOST = """model lost
variable X in {0, 1}
variable Y(X) in {0, 1}
variable S(Y) in {0, 1}
confounded X, Y
observe P(X, Y, S=1)
estimand ate = E[Y(1) - Y(0)]
"""
CASES = [
    Independent("instrument, then an unconfounded second stage", SECOND_STAGE, 0.2),
    Independent("front door, probability of causation", front_door(2), 0.2),
    Independent("the same, 3 levels of the mediator", front_door(3), 1),
    Independent("the same, 4 levels of the mediator", front_door(4), 2),
    Independent("trial without confounding, probability of causation", TRIAL, 0.2),
    Independent("loss to follow-up by the outcome alone", LOST, 0.2),
]


def law(derived: Derivation) -> dict[str, Fraction]:
    """A law without zeros; where not all cells are seen, half of the whole is."""
    assert derived.independent is not None
    cells: dict[str, Fraction] = {}
    for arm in derived.independent.arms:
        weights = [1 + 3 * k * k % 11 for k, _ in enumerate(arm.cells)]
        total = sum(weights) * (1 if arm.complete else 2)
        cells |= {cell.name: Fraction(w, total) for cell, w in zip(arm.cells, weights, strict=True)}
    return cells


def main() -> None:
    """Print the table."""
    print("model | derived, s | at data, s | goal, s | method")
    for case in CASES:
        model = Model.parse(case.text)
        derived = derive(model, partial=True)
        cells = law(derived)
        (found,) = evaluate(derived, cells)
        once = best(partial(derive, model, partial=True)).processor
        at_data = best(partial(evaluate, derived, cells)).processor
        print(f"{case.name} | {once:.3f} | {at_data:.3f} | {case.goal} | {found.method}")


if __name__ == "__main__":
    main()
