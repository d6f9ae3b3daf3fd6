"""Certificates as documents: their leaves, and the digest that fits a changed one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from boundgen import Model

Json = dict[str, Any]
Path_ = tuple[str | int, ...]
# Conditional means are compared where the shares of their conditions are numbers.
HALF = """model half "Monotone treatment response and selection, where half are treated"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X)
assume half: P(X=1) = 1/2
assume mtr: Y(1) >= Y(0)
assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X
estimand ate = E[Y(1) - Y(0)]
"""
RECORDS = """model records "Biased administrative records, at rho = 1/4 and P(D=1 | M=1) = 2/5"
variable D in {0, 1} randomized
variable T in {0, 1}
variable Y(D) in {0, 1}
observe P(T)
observe P(Y | D=1)
observe P(Y, T=0 | D=0)
assume share: P(T=1) = 1/4
assume severity: E[Y(1) | T=0] >= E[Y(1) | T=1]
estimand ate_m1 = 2/5 * P(Y(1)=1) - 2/5 * P(T=0, Y(0)=1) + 4/5 * P(T=0, Y(1)=1) - 4/5 * P(T=0, Y(0)=1)
"""
ZERO = """model zero
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume P(X(0)=1, X(1)=0) <= 0
estimand ate = E[Y(1) - Y(0)]
"""
LAW = """model law
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y, Z)
estimand ate = E[Y(1) - Y(0)]
estimand ett = E[Y(1) - Y(0) | X=1]
"""
SYMMETRIC = Model.parse("""
model symmetric
variable Z in 0..2 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
""")


def without_digest(document: Json) -> Json:
    return {key: value for key, value in document.items() if key != "digest"}


def signed(document: Json) -> Json:
    """The document with the digest that fits: only the proofs can find what was changed."""
    rest = without_digest(document)
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return {**rest, "digest": hashlib.sha256(text.encode()).hexdigest()}


def leaves(node: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    if isinstance(node, dict | list):
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in pairs:
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def parent(document: Any, path: Path_) -> Any:
    for key in path[:-1]:
        document = document[key]
    return document
