"""Distributions over all arms of a randomized variable: read, and said not to be derived."""

from __future__ import annotations

import pytest

from boundgen import Model, derive
from boundgen.errors import NoClosedFormError

TEXT = """model m
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(Z)
observe OBSERVED
estimand ate = E[Y(X=1) - Y(X=0)]
"""


@pytest.mark.parametrize("observed", ["P(X, Y)", "P(X=1, Y)", "P(Y)", "P(Y | X=1)"])
@pytest.mark.parametrize("causes", ["", "unconfounded\n"])
def test_a_mixture_of_arms_is_not_derived(observed: str, causes: str) -> None:
    model = Model.parse(TEXT.replace("OBSERVED", observed) + causes)
    with pytest.raises(NoClosedFormError, match="over all arms of Z mixes them by the law of Z"):
        derive(model)


@pytest.mark.parametrize("observed", ["P(X, Y | Z)", "P(Y | Z)", "P(Z, X, Y)"])
def test_arms_and_their_law_are(observed: str) -> None:
    text = TEXT.replace("OBSERVED", observed).replace(
        "observe P(Z)\n", "" if observed == "P(Z, X, Y)" else "observe P(Z)\n"
    )
    assert derive(Model.parse(text)).bounds
