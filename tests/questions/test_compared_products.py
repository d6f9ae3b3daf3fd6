"""Two sets of assumptions whose testable implications are products of what is observed."""

from __future__ import annotations

import pytest

from boundgen import Model, compare
from support.piece_models import COMPLIERS, PIECE_MODELS

CHAIN = PIECE_MODELS["chain"]
LOOSE = CHAIN.replace("model chain", "model loose").replace("assume never: Y(2) = Y(0)\n", "")
MORE = "assume more: E[Y(1) - Y(0) | X(0) < X(1)] >= E[Y(1) - Y(0)]\n"
MONOTONE = COMPLIERS.replace("model compliers", "model monotone").replace(MORE, "")
HOMOGENEOUS = COMPLIERS.replace("model compliers", "model homogeneous").replace(">= E[Y(1) - Y(0)]", "= E[Y(1) - Y(0)]")


@pytest.mark.parametrize("text", [CHAIN, COMPLIERS, PIECE_MODELS["two_sources"]])
def test_nothing_appears_beside_the_same_assumptions(text: str) -> None:
    found = compare(Model.parse(text), Model.parse(text.replace("model ", "model other_", 1)))
    assert (found.appear, found.disappear, found.undecided) == ((), (), ())


@pytest.mark.parametrize(("weak", "strong", "count"), [(LOOSE, CHAIN, 1), (MONOTONE, COMPLIERS, 1)])
def test_an_assumption_adds_products(weak: str, strong: str, count: int) -> None:
    """What appears from the weaker to the stronger model disappears on the way back."""
    there, back = (compare(Model.parse(a), Model.parse(b)) for a, b in ((weak, strong), (strong, weak)))
    assert len(there.appear) == count
    assert there.appear == back.disappear
    assert there.disappear == there.undecided == back.appear == ()
    assert there.json()["conditions"].keys() == {"appear", "disappear"}


def test_an_equality_implies_the_inequality() -> None:
    found = compare(Model.parse(COMPLIERS), Model.parse(HOMOGENEOUS))
    assert (len(found.appear), found.disappear) == (1, ())


def test_what_is_printed() -> None:
    found = compare(Model.parse(LOOSE), Model.parse(CHAIN))
    appears = "Testable implications that appear: if P(X=1) > 0: P(Y=1|X=2) >= P(Y=1|X=0)\n"
    assert appears in found.text(unicode=False)
    assert found.rows()[-1]["term"] == "if P(X=1) > 0: P(Y=1|X=2) >= P(Y=1|X=0)"
