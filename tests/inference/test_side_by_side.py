"""Several mediators, outcomes and sets of assumptions in one table: each number is that of `estimate` alone."""

from __future__ import annotations

import csv
import itertools
import json
import random
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from boundgen import SideBySide, estimate, read_data, side_by_side
from boundgen.data.options import column_choices
from boundgen.errors import BoundgenError, DataError, ModelError
from support.command import Run, assert_refused
from support.golden import compare

SETS = ["mediation_randomization", "mediation_mmr"]
COLUMNS = {"A": "visit", "M": ["fear", "anger"], "Y": ["vote", "trust, 2nd wave"]}
OPTIONS: dict[str, Any] = {"draws": 300, "dichotomize": "M=median"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A made-up study: two mediators on scales, of which one misses some values, and two outcomes."""
    draw = random.Random(2024)
    path = tmp_path_factory.mktemp("study") / "study.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["visit", "fear", "anger", "vote", "trust, 2nd wave"])
        for unit in range(240):
            visit = unit % 2
            fear = draw.randint(1, 5) + visit
            anger = "" if unit % 20 == 7 else draw.randint(1, 7)
            vote, trust = (int(draw.random() < 0.4 + 0.05 * (fear > 3) * visit) for _ in range(2))
            table.writerow([visit, fear, anger, vote, trust])
    return str(path)


@pytest.fixture(scope="module")
def found(study: str) -> SideBySide:
    return side_by_side(SETS, study, ["delta0"], columns=COLUMNS, drop_missing=True, **OPTIONS)


def test_each_number_is_that_of_estimate(found: SideBySide, study: str) -> None:
    pairs = list(itertools.product(COLUMNS["M"], COLUMNS["Y"]))
    assert [chosen.label for chosen in found.chosen] == [" → ".join(pair) for pair in pairs]
    for (mediator, outcome), chosen in zip(pairs, found.chosen, strict=True):
        columns = {"A": "visit", "M": mediator, "Y": outcome}
        for name, estimation in zip(SETS, chosen.estimations, strict=True):
            data = read_data(name, study, columns=columns, dichotomize="M=median", drop_missing=True)
            alone = estimate(name, data, draws=300)
            (same,) = [each for each in alone.estimates if each.estimand == "delta0"]
            (one,) = estimation.estimates
            assert one.found.plug_in == same.found.plug_in
            assert one.found.set_interval == same.found.set_interval
            assert chosen.n == data_units(data)


def data_units(data: Any) -> int:
    return sum(source.used for source in data.sources)


def test_effects_of_the_treatment_are_differences_of_means(found: SideBySide) -> None:
    for chosen in found.chosen:
        cells = chosen.estimations[0].data.probabilities
        for variable in ("M", "Y"):
            effect = chosen.effect(variable)
            assert effect is not None
            arms = [sum(p for c, p in cells.items() if f"{variable}=1" in c and c.endswith(f"A={a})")) for a in (0, 1)]
            assert effect.value == pytest.approx(float(arms[1] - arms[0]))
            assert effect.interval is not None
            assert effect.interval[0] < effect.value < effect.interval[1]


def test_effects_that_the_models_have_stand_beside_the_bounds_and_are_no_rows() -> None:
    """The catalogue's own `atm` and `ate`, unless they are asked for by name; the numbers are the same."""
    found = side_by_side(SETS, "jobs", draws=300)
    assert found.estimands == ("delta0", "delta1", "zeta0", "zeta1")
    asked = side_by_side(SETS, "jobs", ["atm", "ate"], draws=300)
    for name, variable in (("atm", "M"), ("ate", "Y")):
        effect = found.chosen[0].effect(variable)
        assert effect is not None
        assert effect == asked.chosen[0].effect(variable)
        for each in asked.estimations:
            (own,) = [estimate for estimate in each.estimates if estimate.estimand == name]
            assert own.found.plug_in == (effect.value, effect.value)


def test_rows_can_be_read_alone(found: SideBySide) -> None:
    rows = list(csv.DictReader(StringIO(found.csv())))
    assert len(rows) == 2 * 2 * 2
    for row in rows:
        assert row["column_M"] in COLUMNS["M"]
        assert row["column_Y"] in COLUMNS["Y"]
        assert row["model"] in SETS
        effect = float(row["effect_on_mediator"])
        if row["model"] == "mediation_mmr" and effect > 0:
            # Blackwell, Ma & Opacic (2024), eq. (7)
            assert -effect - 1e-9 <= float(row["plug_in_lower"]) <= 0 <= float(row["plug_in_upper"]) <= effect + 1e-9


def test_units_that_are_not_used_are_said_where_they_are_not(found: SideBySide) -> None:
    """Twelve of `anger`, in both of its rows; none of `fear`."""
    dropped = [line.strip() for line in found.text().splitlines() if "dropped" in line]
    assert dropped == [f"anger → {outcome}: 12 dropped: they miss anger (M) 12" for outcome in COLUMNS["Y"]]


def test_text_explains_each_thing_once(found: SideBySide) -> None:
    text = found.text()
    for once in ("δ(0) = ", "Method: ", "mediation_mmr: ", "effect of A on M", "indirect effect of A on Y through M"):
        assert text.count(once) == 1
    assert found.text(unicode=False).isascii()
    for estimand in (found.latex(), text):
        assert "trust, 2nd wave" in estimand


def test_json(found: SideBySide) -> None:
    document = json.loads(json.dumps(found.json()))
    assert document["schema"] == "boundgen.report/1"
    assert [choice["columns"] for choice in document["choices"]] == [dict(each.columns) for each in found.chosen]
    assert all(len(choice["estimations"]) == 2 for choice in document["choices"])


def test_picture(found: SideBySide) -> None:
    pytest.importorskip("matplotlib")
    figure = found.plot(title="A made-up study")
    left, right = figure.axes
    assert left.get_title() == "effect of A on M"
    assert "indirect effect" in right.get_title()
    labels = [label.get_text().replace("\n", " ") for label in left.get_yticklabels()]
    assert labels == [f"{chosen.label} (n = {chosen.n})" for chosen in found.chosen]
    totals: list[Any] = figure.findobj(lambda artist: artist.get_gid() == "total")
    effects = [each.value for chosen in found.chosen for each in chosen.effects if each.variable == "Y"]
    assert [line.get_xdata()[0] for line in totals] == effects
    bars = figure.findobj(lambda artist: artist.get_gid() in ("bounds", "refuted"))
    assert len(bars) == 8
    assert figure.legends[0].get_title().get_text() == ""


def test_notes_stand_in_every_form() -> None:
    """Few units in a cell, for one set of assumptions as for the other: said once."""
    few = {"A": [0] * 40 + [1] * 40, "M": [0] * 38 + [1] * 2 + [0, 1] * 20, "Y": [0, 1] * 40}
    found = side_by_side(SETS, few, ["delta0"], draws=300)
    cells, small = found.notes
    assert cells.startswith("no unit in P(")
    assert small.startswith("small arms (A=0: 40")
    picture = found.plot().legends[0].get_title().get_text()
    for text in (found.latex(), found.text(), picture):
        plain = " ".join(text.split())
        assert plain.count("Note: no unit in P(") == plain.count("Note: small arms (A=0: 40") == 1


def test_each_model_takes_its_own_parameters_and_estimands() -> None:
    sets = ["mediation_mmr", "mediation_limited_defiers"]
    found = side_by_side(sets, "jobs", ["delta1"], parameters={"gamma": ["0", "0.1"]}, draws=300)
    (chosen,) = found.chosen
    assert [len(each.estimates) for each in chosen.estimations] == [1, 2]
    # Without defiers the mediator responds in one direction.
    (one,), (same, wider) = (each.estimates for each in chosen.estimations)
    assert one.found.plug_in == pytest.approx(same.found.plug_in)
    assert wider.found.plug_in[1] > one.found.plug_in[1]


@pytest.mark.parametrize(
    ("models", "options", "error"),
    [
        ([], {}, ModelError),
        (["mediation_mmr", "mediation_mmr"], {}, ModelError),
        (SETS, {"estimands": ["delta7"]}, ModelError),
        (SETS, {"parameters": {"gamma": "0.1"}}, DataError),
        (SETS, {"columns": {"M": ["anger", "no such column"]}}, DataError),
        (SETS, {"columns": "M"}, DataError),
        (SETS, {"within": "sex"}, DataError),
        (SETS, {"columns": {"M": [f"c{i}" for i in range(41)]}}, DataError),
    ],
)
def test_refused(models: list[str], options: Mapping[str, Any], error: type[BoundgenError]) -> None:
    with pytest.raises(error):
        side_by_side(models, "jobs", **options)


def test_a_column_without_a_variable_belongs_to_the_one_before() -> None:
    written = [[str(name) for name in choice] for choice in column_choices('A=t,M=a,"b, c"')]
    assert written == [['"A"="t"', '"M"="a"'], ['"A"="t"', '"M"="b, c"']]
    assert column_choices(["M=a", "M=b"]) == column_choices("M=a,b") == column_choices({"M": ["a", "b"]})
    assert column_choices("1: M=a,b")[1][0].statement == 0


def test_command(run: Run, study: str, tmp_path: Path) -> None:
    picture = tmp_path / "report.svg"
    columns = ["--map", 'A=visit,M=fear,Y=vote,"trust, 2nd wave"']
    options = ["--dichotomize", "M=median", "--estimand", "delta0", "--draws", "300", "--plot", str(picture)]
    result = run("report", *SETS, study, *columns, *options)
    assert (result.status, result.err) == (0, "")
    compare("report.txt", result.out)
    assert picture.read_bytes().startswith(b"<?xml")


def test_command_without_models(run: Run) -> None:
    result = run("report", "jobs")
    assert_refused(
        result,
        "boundgen: report takes models, and behind them data: FILE... DATA.\n  Try: boundgen report --help",
    )


def test_a_model_without_an_answer_leaves_the_others_theirs(run: Run) -> None:
    """Whichever stands first; alone it is refused as before."""
    for models in (("front_door", "two_confounders"), ("two_confounders", "front_door")):
        done = run("report", *models, "smoking", "--method", "cox-shi", "--format", "json")
        assert done.status == 3
        assert done.err.startswith("boundgen: two_confounders: not answered: intervals need a closed form")
        read = json.loads(done.out)
        (choice,) = read["choices"]
        (estimation,) = choice["estimations"]
        assert [each["name"] for each in read["unanswered"]] == ["two_confounders"]
        alone = estimate("front_door", "smoking", method="cox-shi")
        assert [each["set_interval"] for each in estimation["estimates"]] == [
            list(each.found.set_interval) for each in alone.estimates
        ]
    alone = run("report", "two_confounders", "smoking", "--method", "cox-shi")
    assert (alone.status, alone.out) == (3, "")


def test_a_model_without_a_closed_form_has_the_interval_of_estimate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside one that has; and it is said how that was found."""
    pytest.importorskip("pyscipopt")
    monkeypatch.chdir(tmp_path)
    ate = "observe P(X, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\n"
    Path("plain.bounds").write_text(f"model plain\nvariable X in {{0, 1}}\nvariable Y(X) in {{0, 1}}\n{ate}")
    between = "variable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nconfounded X, Y"
    Path("hidden.bounds").write_text(f"model hidden\nvariable X in {{0, 1}}\n{between}\n{ate}")
    Path("d.csv").write_text("X,Y,n\n0,0,60\n0,1,50\n1,0,90\n1,1,150\n")
    found = side_by_side(["hidden.bounds", "plain.bounds"], "d.csv", counts="n", draws=300)
    assert not found.unanswered
    alone = estimate("hidden.bounds", "d.csv", counts="n")
    (same,), (one,) = alone.estimates, found.estimations[0].estimates
    assert one.found.set_interval == same.found.set_interval
    text = found.text()
    assert "By projection, without a closed form: ate in hidden." in text
    assert "hold up to 2e-6" in " ".join(text.split())
    assert "Method: intersection" in text
