"""Parts of results by name."""

from __future__ import annotations

import pytest

from boundgen import BoundgenError, derive, estimate, evaluate, read_data
from support.catalogue import derived


def test_parts_have_names() -> None:
    found = derived("mediation_mmr")
    data = read_data(found.model, "jobs")
    evaluations, estimation = evaluate(found, data), estimate(found, data, draws=200)
    for result in (found, evaluations, estimation):
        part = result["delta1"]
        assert part is result[1]
        assert [*result][1] is part
        with pytest.raises(BoundgenError, match=r"has nothing for 'delta2'\n  Did you mean 'delta1'\?"):
            result["delta2"]


def test_several_of_one_name_are_a_tuple() -> None:
    found = derive(derived("mediation_limited_defiers").model, ["delta0", "delta1"])
    grid = evaluate(found, read_data(found.model, "jobs"), {"gamma": ["0", "0.1"]})
    assert [each.estimand for each in grid["delta1"]] == ["delta1", "delta1"]
