"""Bounds at data where there is no closed form, or none is asked for: exact programs a second.

``python tests/benchmarks/at_data.py`` prints, for each model, the columns and rows of its program, how many laws a
second of the processor are done with, and the time of one in times of the yardstick of the other benchmarks.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

import history
from run import best

from boundgen import Limits, Model
from boundgen.bounds.posing import bounding_problem, chosen_estimands
from boundgen.bounds.problem import BoundingProblem
from boundgen.polyhedra.weighted_optimum import weighted_bounds_at
from boundgen.work.limits import Budget, ignore

LAWS = 50
# Units in an arm, and how far cells are from even shares: small, so that most laws are possible.
UNITS, SHIFT = 100, 10


@dataclass(frozen=True)
class AtData:
    """A model of which one estimand is a weighted program."""

    name: str
    text: str


def instrument(levels: int, observed: str, estimand: str) -> str:
    return f"""model instrument
variable Z in 0..{levels - 1} randomized
variable X(Z) in {{0, 1}}
variable Y(X) in {{0, 1}}
observe P({observed})
estimand effect = {estimand}
"""


MEDIATOR = """model mediator
variable A in {0, 1} randomized
variable M(A) in 0..2
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
estimand effect = E[Y(1, M(1)) - Y(1, M(0)) | M(0) < M(1)]
"""
DIRECT = """model direct
variable Z in 0..2 randomized
variable X(Z) in {0, 1}
variable Y(Z, X) in {0, 1}
observe P(X, Y, Z)
estimand effect = E[Y(X=1) - Y(X=0) | X=1]
"""
MEANS = """model means
variable V in 0..2
variable X(V) in {0, 1}
variable Y(V, X) in {0, 1}
observe P(V, X, Y)
assume E[Y(X=1) | V=1] >= E[Y(X=1) | V=0]
assume E[Y(X=1) | V=2] >= E[Y(X=1) | V=1]
estimand effect = E[Y(X=1) - Y(X=0)]
"""
LATE = "E[Y(1) - Y(0) | X(0)=0, X({top})=1]"
CASES = [
    AtData("effect on compliers, 4 levels", instrument(4, "X, Y | Z", LATE.format(top=3))),
    AtData("effect on the treated, 4 levels", instrument(4, "X, Y, Z", "E[Y(1) - Y(0) | X=1]")),
    AtData("effect on the treated, exclusion not assumed", DIRECT),
    AtData("effect through a 3-level mediator where it rises", MEDIATOR),
    AtData("monotone instrument, 3 levels", MEANS),
]


def laws(problem: BoundingProblem) -> list[dict[str, Fraction]]:
    """Counts near to even ones in every arm."""
    chance = random.Random(1)
    found: list[dict[str, Fraction]] = []
    for _ in range(LAWS):
        law: dict[str, Fraction] = {}
        for arm in problem.arms:
            counts = [UNITS + chance.randint(-SHIFT, SHIFT) for _ in arm.cells]
            law |= {cell.name: Fraction(n, sum(counts)) for cell, n in zip(arm.cells, counts, strict=True)}
        found.append(law)
    return found


def row(case: AtData, unit: float) -> str:
    model = Model.parse(case.text)
    problem = bounding_problem(model, chosen_estimands(model, ()), Budget(Limits(), ignore))
    program, drawn = problem.weighted[0].program, laws(problem)
    done = best(lambda: [weighted_bounds_at(program, law) for law in drawn]).processor
    size = f"{len(program.columns)} | {len(program.rows)}"
    return f"| {case.name} | {size} | {LAWS / done:.0f} | {done / LAWS / unit:.4f} |"


def main() -> None:
    names = ("model", "columns", "rows", "a second", "yardsticks for one")
    print(f"| {' | '.join(names)} |", "| --- | --- | --- | --- | --- |", sep="\n")
    unit = best(history.yardstick).processor
    for case in CASES:
        print(row(case, unit), flush=True)


if __name__ == "__main__":
    main()
