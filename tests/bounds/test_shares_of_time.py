"""What has weights takes its part of a time limit, as what is one linear program does."""

from __future__ import annotations

from boundgen import Limits, catalogue, derive


def test_both_sides_of_a_program_in_other_unknowns_have_time() -> None:
    model = catalogue.load("proportion_mediated")
    asked = derive(model, ["mediated0"], engine="orbits", conditions=False, limits=Limits(seconds=60))
    assert asked.piecewise == derive(model, ["mediated0"], conditions=False).piecewise
