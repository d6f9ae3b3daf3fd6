"""The order in which terms are printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from boundgen.exact.terms import Term, plain_number


def simplest_first(order: Sequence[str]) -> Callable[[Term], tuple[Any, ...]]:
    """A sorting key: few and small coefficients first, then the order of the names in the model."""
    place = {name: i for i, name in enumerate(order)}

    def key(term: Term) -> tuple[Any, ...]:
        size = len(term.coefficients) + bool(term.constant)
        named = sorted([(place[name], plain_number(c)) for name, c in term.coefficients])
        return size, sum(abs(c) for _, c in named), plain_number(term.constant), named

    return key
