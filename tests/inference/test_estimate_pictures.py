"""The picture of estimates: what is drawn, where the total effect comes from, what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from boundgen import Estimation, Model, breakdown, catalogue, derive, estimate, read_data
from boundgen.bounds.total_effect import total_effect
from boundgen.errors import DataError
from support.catalogue import derived
from support.command import Run, assert_refused

pytest.importorskip("matplotlib")
pandas = pytest.importorskip("pandas")
MMR = catalogue.load("mediation_mmr")
BROKEN = "A,M,Y,count\n0,0,0,30\n0,1,0,70\n0,0,1,30\n0,1,1,70\n1,0,0,60\n1,1,0,45\n1,0,1,50\n1,1,1,45\n"


def drawn(figure: Any, gid: str) -> list[Any]:
    """What stands in the picture under a name."""
    axes = figure.axes[0]
    return [artist for artist in (*axes.patches, *axes.lines) if artist.get_gid() == gid]


@pytest.mark.parametrize("method", ["intersection", "stoye", "bootstrap"])
def test_bars_and_lines_are_the_intervals(method: str) -> None:
    found = estimate(derive(MMR), read_data(MMR, "jobs"), method=method, draws=2000)
    figure = found.plot()
    bars, outer, inner = (drawn(figure, gid) for gid in ("bounds", "outer", "inner"))
    sets = [each for each in found.estimates if each.estimand not in ("atm", "ate")]
    assert len(bars) == len(sets) == 4
    assert len(inner) == (6 if method == "intersection" else 0)
    for each, bar, thin in zip(sets, bars, outer[:4], strict=True):
        low, high = each.found.plug_in
        assert (bar.get_x(), bar.get_width()) == pytest.approx((low, high - low))
        ends = each.found.parameter_interval if method != "bootstrap" else each.found.set_interval
        assert ends
        assert list(thin.get_xdata()) == pytest.approx(list(ends))
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    of = "set" if method == "bootstrap" else "parameter"
    assert f"95% interval of the {of} ({method})" in labels


def test_the_total_effect() -> None:
    data = read_data(MMR, "jobs")
    p = data.probabilities
    by_hand = sum(p[f"P(Y=1,M={m}|A=1)"] - p[f"P(Y=1,M={m}|A=0)"] for m in (0, 1))
    effect = total_effect(derive(MMR), p)
    assert effect
    assert (effect.treatment, effect.outcome, effect.value) == ("A", "Y", by_hand)
    (line,) = drawn(estimate(derive(MMR, ["delta1"]), data, draws=300).plot(), "total")
    assert line.get_xdata()[0] == pytest.approx(float(by_hand))
    (given,) = drawn(estimate(MMR.bound("delta1"), data, draws=300).plot(total=0.5), "total")
    assert given.get_xdata()[0] == 0.5


NAMED = """model named
variable Z in {control, treated} randomized
variable X(Z) in {no, yes}
variable Y(X) in 0..2
observe P(X, Y | Z)
estimand effect = E[Y(X=yes) - Y(X=no)]
"""


def test_the_total_effect_of_named_values_on_several_levels() -> None:
    derived = derive(Model.parse(NAMED))
    cells = {name.name: Fraction(1, 6) for name in derived.cells}
    cells["P(X=yes,Y=2|Z=treated)"], cells["P(X=no,Y=0|Z=treated)"] = Fraction(1, 3), Fraction(0)
    effect = total_effect(derived, cells)
    assert effect
    assert effect.value == Fraction(1, 3)


@pytest.mark.parametrize("name", ["confounded_treatment", "mediation_encouragement", "causation_observational"])
def test_no_total_effect_where_it_is_unclear(name: str) -> None:
    found = derived(name)
    assert total_effect(found, {cell.name: Fraction(1, 4) for cell in found.cells}) is None


def test_what_is_no_interval_is_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text(BROKEN, encoding="utf-8")
    found = estimate(derive(MMR), read_data(MMR, str(tmp_path / "broken.csv")), draws=2000)
    figure = found.plot()
    assert len(drawn(figure, "refuted")) == 6
    assert drawn(figure, "bounds") == []
    assert len(drawn(figure, "outer")) == 6, "intervals that stay valid where the model is wrong"
    assert "narrow because assumptions and data disagree" in [text.get_text() for text in figure.legends[0].get_texts()]


def noted(figure: Any) -> str:
    """What stands over the legend."""
    return " ".join(figure.legends[0].get_title().get_text().split())


def units(per_arm: int, rare: bool) -> Any:
    """As many units in each cell of an arm as in the others; or, of one cell, one unit."""
    kept = (place for place in range(2 * per_arm) if not rare or place % 4 < 3 or place <= per_arm + 4)
    rows = [
        (
            place // per_arm,
            place // 2 % 2,
            place % 2,
            place // per_arm * 10 + place**2 // 7 % 10,
            1 + 300 * (place % 32 < 4),
        )
        for place in kept
    ]
    return pandas.DataFrame(rows, columns=["A", "M", "Y", "village", "w"])


@pytest.mark.parametrize(
    ("per_arm", "rare", "options", "notes"),
    [
        (200, False, {}, ()),
        (200, True, {}, ("fewer than 5 units in P(Y=1,M=1|A=1) (1)",)),
        (36, False, {}, ("small arms (A=0: 36, A=1: 36)",)),
        (200, False, {"cluster": "village"}, ("few clusters (A=0: 10, worth ",)),
        (200, False, {"weights": "w"}, ("a few large weights (A=0: 200, worth ",)),
    ],
)
def test_notes_stand_over_the_legend(per_arm: int, rare: bool, options: dict[str, str], notes: tuple[str, ...]) -> None:
    """Those of the table, and no others."""
    found = estimate(MMR.bound("delta1"), read_data(MMR, units(per_arm, rare), **options), draws=300)
    said = noted(found.plot())
    assert said.count("Note: ") == len(found.notes) == len(notes)
    for note in notes:
        assert note in said


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_the_command_draws(run: Run, ending: str) -> None:
    words = ("estimate", "mediation_limited_defiers", "jobs", "--estimand", "delta1", "--at", "gamma=0,0.1")
    plain = run(*words, "--draws", "500")
    drawing = run(*words, "--draws", "500", "--plot", f"picture.{ending}")
    assert (drawing.status, drawing.out, drawing.err) == (0, plain.out, "")
    first = Path(f"picture.{ending}").read_bytes()
    assert len(first) > 2000
    run(*words, "--draws", "500", "--plot", f"picture.{ending}")
    assert Path(f"picture.{ending}").read_bytes() == first


def test_refused_pictures(run: Run) -> None:
    assert_refused(
        run("estimate", "mediation_mmr", "jobs", "--plot", "picture.jpg"),
        "picture.jpg: not a kind of picture that can be written\n  Name a file that ends in one of: .png, .svg, .pdf",
    )
    found = estimate(MMR.bound("delta1"), read_data(MMR, "jobs"), method="stoye")
    with pytest.raises(DataError, match="a picture of 61 estimates"):
        replace(found, estimates=found.estimates * 61).plot()
    with pytest.raises(DataError, match="without their testable implications"):
        banded(conditions=False).plot()


# ---------------------------------------------------------------- against a parameter
LIMITED = catalogue.load("mediation_limited_defiers")
GRID = [Fraction(k, 50) for k in range(6)]


def banded(estimand: str = "zeta0", conditions: bool = True, **options: Any) -> Estimation:
    derivation = derive(LIMITED, [estimand], conditions=conditions)
    return estimate(derivation, read_data(LIMITED, "bursztyn"), {"gamma": GRID}, draws=500, **options)


def labels(figure: Any) -> set[str]:
    return {text.get_text() for text in figure.legends[0].get_texts()}


def marked(axes: Any, gid: str) -> list[Any]:
    return [artist for artist in (*axes.collections, *axes.lines) if artist.get_gid() == gid]


def test_the_band_is_the_intervals() -> None:
    found = banded()
    (axes,) = found.plot(title="defiers").axes
    (band,) = marked(axes, "interval")
    corners = {(round(x, 9), round(y, 9)) for x, y in band.get_paths()[0].vertices}
    for x, each in zip(GRID, found.estimates, strict=True):
        ends = each.found.parameter_interval
        assert ends
        assert {(round(float(x), 9), round(end, 9)) for end in ends} <= corners
    low, high = marked(axes, "corrected")
    halves = [each.found.half_median_unbiased for each in found.estimates]
    assert [tuple(pair) for pair in zip(low.get_ydata(), high.get_ydata(), strict=True)] == halves
    assert "defiers" in axes.get_title(loc="left")


def test_where_the_sign_is_lost_has_its_interval() -> None:
    found = banded()
    figure = found.plot()
    (axes,) = figure.axes
    lost = breakdown(found.bounds, found.data, "gamma", low=0, high="1/10", draws=500).breakdowns[0]
    (line,) = marked(axes, "lost")
    assert lost.plug_in
    assert list(marked(axes, "sign")[0].get_xdata()) == [float(lost.plug_in)]
    # The interval goes on beyond the picture.
    assert lost.interval[1] is None
    assert list(line.get_xdata()) == [lost.interval[0], 0.1]
    assert marked(axes, "lost on")
    assert "95% interval of where the sign is lost" in labels(figure)
    assert marked(axes, "kinks") == []
    assert not marked(banded(method="stoye").plot().axes[0], "lost")


def test_notes_stand_under_a_curve_too() -> None:
    found = banded()
    assert [note.partition(" (")[0] for note in found.notes] == ["fewer than 5 units in P(Y=1,M=1|A=0)"]
    assert noted(found.plot()) == f"Note: {found.notes[0]}"


def test_what_the_sign_does_is_said() -> None:
    assert "no sign even at γ = 0" in banded("delta1").plot().axes[0].get_title(loc="left")
    found = estimate(
        LIMITED.bound("zeta0"), read_data(LIMITED, "bursztyn"), {"gamma": ["0", "0.01", "0.02"]}, draws=300
    )
    assert "not lost in this range" in found.plot().axes[0].get_title(loc="left")


def test_panels_for_estimands_and_for_other_parameters(tmp_path: Path) -> None:
    text = """model two
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter g in [0, 1]
parameter h in [0, 1]
assume low: P(Y(1)=1, X=0) >= h
assume high: P(Y(1)=1, X=0) <= h + g
estimand one = P(Y(1)=1)
estimand effect = E[Y(1) - Y(0)]
"""
    model = Model.parse(text)
    cells = "X,Y,count\n0,0,60\n0,1,50\n1,0,40\n1,1,50\n"
    (tmp_path / "two.csv").write_text(cells, encoding="utf-8")
    data = read_data(model, str(tmp_path / "two.csv"))
    found = estimate(derive(model), data, {"g": ["0", "0.1", "0.2"], "h": ["0", "0.1"]}, draws=300)
    panels = found.plot(total=0.25).axes
    assert [axes.get_ylabel().split(" ")[0] for axes in panels] == ["one", "one", "effect", "effect"]
    assert ["h = 0.1" in axes.get_title(loc="left") for axes in panels] == [False, True, False, True]
    assert all(marked(axes, "total") for axes in panels)
    many = {"g": ["0", "0.1", "0.2", "0.3"], "h": ["0", "0.1", "0.2", "0.3"]}
    crowded = estimate(derive(model), data, many, draws=300, method="stoye")
    assert len(crowded.plot().axes) == 8
    twice = [
        replace(each, parameters=(*each.parameters, ("k", Fraction(k)))) for k in range(2) for each in crowded.estimates
    ]
    with pytest.raises(DataError, match="a picture of 16 curves against g"):
        replace(crowded, estimates=tuple(twice)).plot()


def test_the_command_draws_a_curve(run: Run) -> None:
    words = ("estimate", "mediation_limited_defiers", "bursztyn", "--estimand", "zeta0", "--draws", "300")
    along = (*words, "--at", "gamma=0:0.1:0.02", "--format", "csv")
    assert run(*along, "--plot", "band.svg").out == run(*along).out
    assert Path("band.svg").read_text(encoding="utf-8").startswith("<?xml")
    lost = (*words, "--breakdown", "gamma", "--at", "gamma=0:0.1:0.02", "--plot", "lost.svg")
    assert run(*lost).status == 0
    assert Path("lost.svg").read_bytes() == Path("band.svg").read_bytes()
