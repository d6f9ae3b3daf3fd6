"""Models that are derived at several numbers of levels of a variable."""

from __future__ import annotations

from boundgen import Model

INSTRUMENT = """
variable Z in 0..{last} randomized
variable X(Z) in {{0, 1}}
variable Y(X) in {{0, 1}}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
"""
MEDIATOR = """
variable A in {{0, 1}} randomized
variable M(A) in 0..{last}
variable Y(A, M) in {{0, 1}}
observe P(Y, M | A)
estimand nde = E[Y(1, M(0)) - Y(0, M(0))]
"""
TREATMENT = """
variable Z in {{0, 1}} randomized
variable X(Z) in 0..{last}
variable Y(X) in {{0, 1}}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
"""
OUTCOME = """
variable X in {{0, 1}} randomized
variable Y(X) in 0..{last}
observe P(Y | X)
estimand helped = P(Y(1) > Y(0))
"""
OUTCOME_OF_INSTRUMENT = """
variable Z in {{0, 1}} randomized
variable X(Z) in {{0, 1}}
variable Y(X) in 0..{last}
observe P(X, Y | Z)
estimand share = P(Y(1)=1)
"""
MEAN = """
variable X in {{0, 1}}
variable Y(X) in 0..{last}
observe P(X, Y)
estimand ate = E[Y(1) - Y(0)]
"""
MEAN_OF_MEDIATOR = """
variable A in {{0, 1}} randomized
variable M(A) in {{0, 1}}
variable Y(A, M) in 0..{last}
observe P(Y, M | A)
estimand nde = E[Y(1, M(0)) - Y(0, M(0))]
"""
RESPONSE = """
variable X in 0..{last}
variable Y(X) in {{0, 1}}
observe P(X, Y)
assume mtr: Y(x1) >= Y(x0) for all x1 > x0 in X
estimand ate = E[Y(1) - Y(0)]
"""
MONOTONE = """
variable Z in 0..{last} randomized
variable X(Z) in {{0, 1}}
variable Y(X) in {{0, 1}}
observe P(X, Y | Z)
assume chain: X(0) <= X(1) <= X(2)
estimand ate = E[Y(1) - Y(0)]
"""
IDENTIFIED = """
variable A in {{0, 1}} randomized
variable M(A) in {{0, 1}}
variable Y(A, M) in 0..{last}
observe P(Y, M | A)
estimand effect_on_m = P(M(1)=1) - P(M(0)=1)
"""
MONOTONE_INSTRUMENT = """
model miv
variable V in {0, 1, 2} randomized
variable X(V) in {0, 1}
variable Y(V, X) in {0, 1}
observe P(X, Y, V)
assume miv: E[Y(v1, 1)] >= E[Y(v0, 1)] for all v1 > v0 in V
estimand mean = E[Y(X=1)]
"""
# The text, the variable, the numbers of levels to find kinds at, and the number at which they are tried.
FAMILIES = {
    "instrument": (INSTRUMENT, "Z", range(2, 5), 5),
    "mediator": (MEDIATOR, "M", range(2, 6), 6),
    "treatment": (TREATMENT, "X", range(2, 5), 5),
    "outcome": (OUTCOME, "Y", range(2, 8), 9),
    "outcome_of_instrument": (OUTCOME_OF_INSTRUMENT, "Y", range(2, 5), 5),
    "mean": (MEAN, "Y", range(2, 5), 8),
    "mean_of_mediator": (MEAN_OF_MEDIATOR, "Y", range(2, 5), 5),
    "response": (RESPONSE, "X", range(2, 5), 6),
    "identified": (IDENTIFIED, "Y", range(2, 5), 5),
    "monotone": (MONOTONE, "Z", range(2, 6), 7),
}


def scalable(name: str, levels: int = 3) -> Model:
    """One of these models."""
    return Model.parse(f"model {name}\n{FAMILIES[name][0].format(last=levels - 1).strip()}\n")
