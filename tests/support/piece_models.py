"""Models whose bounds have pieces, one of every kind; some have estimands beside them that are one linear program."""

from __future__ import annotations

INSTRUMENT = """
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
CONFOUNDED = """
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
"""
MEDIATION = """
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
define TE = P(Y=1 | A=1) - P(Y=1 | A=0)
"""
STOPS = """
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
assume more_stops: M(1) >= M(0)
assume no_force: Y(d, 0) = 0 for all d in D
"""
# One of its testable implications is a sum of products.
COMPLIERS = """model compliers
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume mono: X(1) >= X(0)
assume more: E[Y(1) - Y(0) | X(0) < X(1)] >= E[Y(1) - Y(0)]
estimand ate = E[Y(1) - Y(0)]
"""
PIECE_MODELS = {
    name: f"model {name}\n{text.strip()}\n"
    for name, text in {
        "complier_effect": INSTRUMENT + "estimand ate = E[Y(1) - Y(0)]\n"
        "estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]\n",
        "survivors": """
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
""",
        "always_takers": MEDIATION + "parameter over1 in [0, 1]\nassume few: P(M(1)=0, M(0)=1) <= over1\n"
        "estimand affected = P(Y(1, 1) != Y(0, 1) | M(0)=1, M(1)=1)\n",
        "two_ratios": CONFOUNDED + "estimand rr = E[Y(1)] / E[Y(0)]\nestimand less = -E[Y(1)] / E[Y(0)]\n",
        "ratio_with_instrument": INSTRUMENT + "estimand rr = E[Y(1)] / E[Y(0)]\n"
        "estimand odd = (P(Y(1)=1) - P(Y(0)=1)) / P(Y(0)=1, Y(1)=0)\n",
        "proportion": MEDIATION + "estimand share = (E[Y(A=1)] - E[Y(1, M(0))]) / (E[Y(A=1)] - E[Y(A=0)])\n"
        "estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]\n",
        "monotone_selection": CONFOUNDED + "assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X\n"
        "estimand ate = E[Y(1) - Y(0)]\nestimand risk1 = E[Y(1)]\n",
        "monotone_instrument": """
variable V in {0, 1}
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(V, X, Y)
assume miv: E[Y(x) | V=1] >= E[Y(x) | V=0] for all x in X
estimand risk1 = E[Y(1)]
""",
        # Their testable implications are quotients and products, one with a guard, another an equality.
        "chain": """
variable X in 0..2
variable Y(X) in {0, 1}
observe P(X, Y)
assume first: E[Y(2) | X=1] >= E[Y(2) | X=0]
assume second: E[Y(2) | X=2] >= E[Y(2) | X=1]
assume never: Y(2) = Y(0)
estimand risk = E[Y(2)]
""",
        "two_sources": """
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
observe P(M, D)
assume low: E[Y(1, 1) | D=1] <= E[Y(0, 1) | D=0]
estimand effect = E[Y(1, 1) - Y(0, 1) | D=1, M=1]
""",
        # Parameters are called as functions of modules with pieces call their own.
        "pay_offs": CONFOUNDED
        + "observe P(Y | do(X))\n"
        + "".join(f"parameter {name} in [-2, 2]\n" for name in ("positive", "where"))
        + "parameter sum1 in [0, 1]\n"
        "estimand benefit = positive * P(Y(1)=1, Y(0)=0) + where * P(Y(1)=1, Y(0)=1) - P(Y(1)=0, Y(0)=1) + sum1\n"
        "estimand attributable = P(Y(1)=1, Y(0)=0) / P(Y(1)=1)\n",
        "treated": INSTRUMENT.replace("P(X, Y | Z)", "P(X, Y, Z)") + "estimand ett = E[Y(1) - Y(0) | X=1]\n"
        "estimand joint = P(Y(1)=1, Y(0)=0, X=1)\n",
        "trial_with_shares": """
variable X in {0, 1} randomized
variable Y(X) in {0, 1}
observe P(Y, X)
estimand pn = P(Y(0)=0 | X=1, Y=1)
estimand mean = E[Y]
estimand harmed = P(Y(1) < Y(0) | Y=0)
""",
        "stops": STOPS + "estimand stopped = E[Y(D=1) - Y(D=0) | M=1]\n",
        "stops_with_shares": STOPS + "observe P(M)\nestimand ate = E[Y(D=1) - Y(D=0)]\n",
    }.items()
}
