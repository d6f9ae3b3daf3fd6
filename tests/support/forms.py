"""Bounds as they are printed, and models whose forms are hard to print."""

from functools import cache

from boundgen import Bounds, Derivation, Model, derive
from support.catalogue import derived as derived_from_catalogue

# Models with ratios, definitions, parameters, equalities; among them numbers that come out as multiples of a condition.
HERE = {
    "multiples": """model multiples
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand twice = -2 P(Y(0)=1 | X=1)
estimand att = E[Y(1) - Y(0) | X=1]
estimand half = 1/2 E[Y(1)] + 1/3 P(X=1)
estimand one = E[Y(0) + Y(1) | X=1, Y=0]
""",
    "equal": """model equal
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume above: P(X=1) >= 1/2
assume below: P(X=1) <= 1/2
estimand e = 1/2 + 2 P(X=1)
estimand f = 1 + P(X=0) + P(Y(0)=1)
estimand g = E[Y(1) | X=1]
estimand att = E[Y(1) - Y(0) | X=1]
""",
    "defined": """model defined
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
define ATX = P(X=1 | Z=1) - P(X=1 | Z=0)
assume mono: X(1) >= X(0)
estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]
estimand loss = -P(Y(0) <= 1 and X(1)=1 | X(0)=0, X(1)=1) - P(Y(1) > Y(0) | X(0)=0, X(1)=1)
estimand share = 3/2 - P(X(0)=0, X(1)=1)
estimand benefit = P(Y(1) > Y(0) | X(0)=0, X(1)=1)
""",
    "sources": """model sources
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
observe P(Y | do(X))
estimand pn = P(Y(0)=0 | X=1, Y=1)
estimand pns = P(Y(1)=1, Y(0)=0)
""",
}


@cache
def derived(name: str) -> Derivation:
    """The derivation of one of these models, or of a shipped one."""
    return derive(Model.parse(HERE[name])) if name in HERE else derived_from_catalogue(name)


def text_sides(bounds: Bounds) -> tuple[str, str]:
    shown = bounds.text(unicode=False).split("\n\n")[0]
    shown = shown.replace("  (identified)", "")
    if f"\n{bounds.name} <= " in shown:
        low, high = shown.split(f"\n{bounds.name} <= ")
        return low.removeprefix(f"{bounds.name} >= "), high
    if shown.startswith(f"{bounds.name} = "):
        return (shown.removeprefix(f"{bounds.name} = "),) * 2
    low, high = shown.split(f" <= {bounds.name} <= ")
    return low, high
