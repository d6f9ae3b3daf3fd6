"""`boundgen mediate`: reading columns, every form of output, all methods side by side, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from boundgen import mediate, mediate_all
from boundgen.companions.interaction_iv import interaction_iv
from boundgen.companions.mediate import METHODS, Settings
from boundgen.companions.multisite import multisite
from boundgen.companions.names import METHODS as OFFERED
from boundgen.companions.report import as_ascii
from boundgen.data.table_columns import read_columns
from boundgen.errors import DataError
from support.command import Run
from support.golden import compare

pandas = pytest.importorskip("pandas")
USES = "gamma_hat, tau_hat, sd_u, sd_v, or A, M, Y and S (with Z, if named) or X, or A, M, Y with several treatments"
ENCOURAGED = ("boundsdata_encouragement", "--where", "Z!=0", "--dichotomize", "Z>0")


@pytest.fixture
def trial(tmp_path: Path) -> str:
    """Micro-data with text, missing values, weights and a condition."""
    rows = ["treat,anger,vote,party,w"]
    chance = np.random.default_rng(1)
    for i in range(120):
        treat, anger = i % 2, int(chance.integers(0, 11))
        rows.append(
            f"{treat},{anger if i != 7 else ''},{'yes' if chance.random() < 0.4 else 'no'},{'DR'[i % 3 == 0]},1.5"
        )
    file = tmp_path / "trial.csv"
    file.write_text("\n".join(rows) + "\n")
    return str(file)


# ---------------------------------------------------------------- columns
def test_columns_are_mapped_cut_selected_and_counted(trial):
    found = read_columns(
        trial,
        columns="A=treat,M=anger,Y=vote",
        dichotomize=("M>5", "Y=yes"),
        where="party=D",
        weights="w",
        drop_missing=True,
    )
    frame = pandas.read_csv(trial)
    frame = frame[(frame.party == "D") & frame.anger.notna()]
    assert found.one("M").tolist() == (frame.anger > 5).astype(float).tolist()
    assert found.one("Y").tolist() == (frame.vote == "yes").astype(float).tolist()
    # Only the ratios of weights matter: they are kept at a scale of their own.
    assert len({*found.weights.tolist()}) == 1
    assert len(found.weights) == len(frame)
    assert (found.rows, found.size) == (120, len(frame))
    assert "1 rows with missing values left out" in found.notes


def test_a_median_is_that_of_the_rows_that_are_used(trial):
    frame = pandas.read_csv(trial)
    used = frame[frame.party == "R"]
    found = read_columns(
        trial, columns="A=treat,M=anger", parts=("A", "M"), dichotomize="M=median", where="party=R", drop_missing=True
    )
    anger = used.anger.dropna()
    assert found.one("M").tolist() == (anger > anger.median()).astype(float).tolist()


def test_counts_stand_for_that_many_units():
    counted = read_columns("boundsdata")
    assert len(counted.one("A")) == counted.size == 486
    rows = pandas.DataFrame({"A": counted.one("A"), "M": counted.one("M"), "Y": counted.one("Y")})
    assert read_columns(rows).one("Y").sum() == counted.one("Y").sum()


def test_several_covariates_and_mediators_keep_their_order(trial):
    found = read_columns(trial, columns="A=treat,M=anger,M=w", parts=("A", "M"), drop_missing=True)
    assert found.names["M"] == ("anger", "w")
    with pytest.raises(DataError, match="2 columns are the mediator"):
        found.one("M")


def test_one_of_several_covariates_is_cut_by_its_name(trial):
    found = read_columns(
        trial, columns="A=treat,X=party,X=vote", parts=("A", "X"), dichotomize="party=D,vote=yes", drop_missing=True
    )
    frame = pandas.read_csv(trial)
    party, vote = found.several("X")
    assert party.tolist() == (frame.party == "D").astype(float).tolist()
    assert vote.tolist() == (frame.vote == "yes").astype(float).tolist()
    assert "party is 1 where party = D" in found.notes


def test_sites_and_clusters_are_labels(trial):
    found = read_columns(trial, columns="A=treat,S=party,C=vote", parts=("A", "S", "C"))
    assert set(found.labels["S"].names) == {"D", "R"}
    assert set(found.labels["C"].names) == {"yes", "no"}
    assert set(found.numbers) == {"A"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": "X=party,X=vote", "dichotomize": "X=yes"}, r"2 columns are X.*\n  Name the column: party, vote"),
        ({"columns": "M=anger,M=vote", "drop_missing": True}, "dichotomize='vote=(yes|no)'"),
        ({"columns": "B=treat"}, "'B' is no part that a column can play"),
        ({"columns": "A=nothing"}, "no column 'nothing' for the treatment A"),
        ({"columns": "A=treat,Y=treat"}, "column 'treat' cannot be both A and Y"),
        ({"columns": "A=treat,A=vote"}, "the treatment A is named 2 times"),
        ({"columns": "A=treat,M=anger"}, "1 of 120 rows miss a value: anger 1"),
        ({"columns": "A=treat,Y=vote"}, r"column 'vote' \(outcome\) holds '(yes|no)', which is not a number"),
        ({"columns": "A=treat", "where": "party=X"}, "no unit is left"),
        ({"columns": "A=treat", "where": "1: party=D"}, "make no sense here"),
        ({"columns": "A=treat", "weights": "vote"}, "in column 'vote' is not a weight"),
        ({"dichotomize": "M=median"}, "no column is M, so it cannot be cut"),
        ({"columns": "A=treat", "kind": "counts"}, "no column is known to hold counts"),
    ],
)
def test_what_cannot_be_read_is_refused(trial, options, message):
    with pytest.raises(DataError, match=message):
        read_columns(trial, **options)


# ---------------------------------------------------------------- one method
def test_text_holds_estimates_bounds_assumptions_and_diagnostics(run: Run):
    found = run("mediate", "ignorability", "boundsdata")
    assert found.status == 0
    for part in (
        "δ(0)                                  0.1067    0.0216  [0.0645, 0.1490]",
        "sharp, randomization",
        "sharp, monotonic mediator response                    [−0.2734, 0.2734]",
        "1 (5) ignorability of the mediator:",
        "smallest cell: 62",
        "Options: level 0.95, draws 1000, seed 1",
    ):
        assert part in found.out


def test_json_is_the_result(run: Run):
    found = json.loads(run("mediate", "iv", *ENCOURAGED, "--format", "json").out)
    assert found["schema"] == "boundgen.mediate/1"
    assert [each["name"] for each in found["estimates"]] == ["nie0", "nie1", "nde0", "nde1"]
    assert {each["number"] for each in found["assumptions"]} >= {"1", "2(i)", "2(ii)", "2(iii)"}
    assert len(found["bounds"]) == 32
    assert found["tables"][0]["name"] == "lemma1"
    same = mediate("iv", "boundsdata_encouragement", where="Z!=0", dichotomize="Z>0")
    assert same.json() == found


def test_csv_is_tidy(run: Run):
    rows = list(csv.DictReader(io.StringIO(run("mediate", "ignorability", "jobs", "--format", "csv").out)))
    assert {row["kind"] for row in rows} == {"estimate", "sharp bounds"}
    assert [row["name"] for row in rows if row["of"] == "delta method"] == [
        "delta0",
        "delta1",
        "zeta0",
        "zeta1",
        "total",
    ]


def test_latex_is_a_table(run: Run):
    text = run("mediate", "ignorability", "jobs", "--format", "latex").out
    assert text.startswith("\\begin{tabular}{lrrrr}\n\\toprule")
    assert r"$\delta (0)$ & $0.0057$" in text
    assert text.isascii()


def test_ascii(run: Run):
    text = run("mediate", "iv", *ENCOURAGED, "--ascii").out
    assert text.isascii()
    assert "NIE0" in text
    assert as_ascii("δ(0) ≤ β₁") == "delta(0) <= beta1"


def test_pictures_and_files(run: Run, tmp_path: Path):
    found = run("mediate", "iv", *ENCOURAGED, "--plot", "iv.svg", "-o", "iv.txt", "--draws", "0")
    assert found.out == "iv.txt: iv at boundsdata_encouragement\niv.svg: a picture of it\n"
    assert (tmp_path / "iv.svg").read_text().startswith("<?xml")
    assert "Lemma 1" in (tmp_path / "iv.txt").read_text()


def test_the_picture_shows_estimates_and_bounds():
    figure = mediate("ignorability", "boundsdata", settings=Settings(draws=0)).plot()
    axes = figure.axes[0]
    assert [label.get_text().partition(":")[0] for label in axes.get_yticklabels()] == [
        "δ(0)",
        "δ(1)",
        "ζ(0)",
        "ζ(1)",
        "τ",
    ]
    assert sum(line.get_gid() == "point" for line in axes.lines) == 5
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {
        "sharp: randomization",
        "sharp: monotonic mediator response",
        "95% interval (delta method)",
        "estimate",
        "zero",
    }
    with pytest.raises(DataError, match="ignorability has no picture 'cells'\n  Pictures: estimates"):
        mediate("ignorability", "boundsdata", settings=Settings(draws=0)).plot("cells")


def test_options_reach_the_method(run: Run):
    found = json.loads(
        run("mediate", "ignorability", "jobs", "--level", "0.9", "--seed", "3", "--draws", "50", "--format", "json").out
    )
    assert found["options"] == {"level": 0.9, "draws": 50, "seed": 3}


# ---------------------------------------------------------------- all methods
def test_all_shows_what_applies_and_why_others_do_not(run: Run):
    found = run("mediate", "--all", "jobs")
    assert found.status == 0
    assert found.out.startswith("ignorability: the mediation formula")
    assert "Assumes: 1 (4) ignorability of the treatment;" in found.out
    assert "iv does not apply: iv needs a column for the instrument Z." in found.out


def test_all_is_every_method_once(run: Run):
    found = json.loads(run("mediate", "--all", *ENCOURAGED, "--format", "json").out)
    assert found["schema"] == "boundgen.mediate-all/1"
    named = [each["method"] for each in found["results"]] + [each["method"] for each in found["refused"]]
    assert sorted(named) == sorted(METHODS)


@pytest.mark.slow
def test_all_in_other_forms(run: Run, tmp_path: Path):
    latex = run("mediate", "--all", *ENCOURAGED, "--draws", "0", "--format", "latex", "--plot", "all.png").out
    assert r"\emph{ignorability}" in latex
    assert r"\emph{iv}" in latex
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    rows = mediate_all("boundsdata_encouragement", where="Z!=0", dichotomize="Z>0", settings=Settings(draws=0)).rows()
    assert {"ignorability", "iv"} <= {row["method"] for row in rows}


# ---------------------------------------------------------------- bad input: one paragraph, status 2, nothing on stdout
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "boundgen: no method is named:"),
        (("guess", "jobs"), "boundgen: 'guess' is not a method:"),
        (("iv",), "boundgen: iv takes one source of data, not 0."),
        (("iv", "jobs", "jobs"), "boundgen: iv takes one source of data, not 2."),
        (("--all", "iv", "jobs"), "boundgen: --all takes one source of data and no method."),
        (("iv", "jobs"), "iv needs a column for the instrument Z\n  Name it: --map Z=COLUMN."),
        (("iv", "boundsdata_encouragement"), "the instrument has 3 values (-1, 0, 1), where 0 and 1 are needed"),
        (("ignorability", "nothing.csv"), "nothing.csv: there is no such file"),
        (("ignorability", "jobs", "--map", "A=x"), "jobs: no column 'x' for the treatment A"),
        (("--all", "jobs", "--map", "A=x"), "jobs: no column 'x' for the treatment A"),
        (("ignorability", "jobs", "--level", "2"), "2 is not a level of confidence"),
        (("ignorability", "jobs", "--draws", "3"), "3 bootstrap draws"),
        (("ignorability", "jobs", "--seed", "-1"), "-1 is not a seed"),
        (("ignorability", "jobs", "--plot", "x.bmp"), "x.bmp: not a kind of picture that can be written"),
        (("ignorability", "jobs", "--plot", "x.svg", "--draw", "scatter"), "ignorability has no picture 'scatter'"),
        (("ignorability", "jobs", "--plot", "x.svg", "-o", "x.svg"), "boundgen: -o and --plot name the same file."),
        (("ignorability", "jobs", "--where", "A=1"), "the treatment is 1 in every unit"),
    ],
)
def test_bad_input(run: Run, tmp_path: Path, words, message):
    found = run("mediate", *words)
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith(message)
    assert len(found.err.strip().splitlines()) <= 4
    assert not list(tmp_path.iterdir())


def test_golden_text_of_an_instrument(run: Run):
    """Everything that people read: bounds beside estimates, assumptions, diagnostics, Lemma 1."""
    found = run("mediate", "iv", *ENCOURAGED, "--draws", "0").out
    compare("companions_iv.txt", found)


def test_the_command_line_offers_every_method():
    assert set(OFFERED) == set(METHODS)


# ---------------------------------------------------------------- sites, and covariates that moderate
@pytest.fixture
def sites(tmp_path: Path) -> str:
    """Two mediators at twelve sites, and two covariates that moderate the treatment."""
    chance = np.random.default_rng(2)
    lines = ["T,m1,m2,y,site,age,sex"]
    for site in range(12):
        gamma = chance.normal(1, 1, 2)
        for i in range(40):
            t, age, sex = i % 2, chance.normal(), int(chance.integers(0, 2))
            m = gamma * t + np.array([age * t, sex * t]) + chance.normal(0, 1, 2)
            lines.append(
                f"{t},{m[0]:.5f},{m[1]:.5f},{0.5 * m[0] - 0.3 * m[1] + chance.normal():.5f},s{site},{age:.4f},{sex}"
            )
    file = tmp_path / "sites.csv"
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def test_multisite_by_the_verb(run: Run, sites: str, tmp_path: Path) -> None:
    words = ("multisite", sites, "--map", "A=T,M=m1,M=m2,Y=y,S=site")
    found = json.loads(run("mediate", *words, "--format", "json").out)
    direct = multisite(pandas.read_csv(sites), outcome="y", treatment="T", mediators=["m1", "m2"], site="site")
    assert [e["value"] for e in found["estimates"]] == [e.value for e in direct.estimates]
    plain = json.loads(run("mediate", *words, "--errors", "homoskedastic", "--format", "json").out)
    assert plain["estimates"][0]["value"] == found["estimates"][0]["value"]
    assert plain["estimates"][0]["error"] != found["estimates"][0]["error"]
    assert run("mediate", *words, "--plot", str(tmp_path / "sites.png"), "--draw", "sites").status == 0
    assert (tmp_path / "sites.png").stat().st_size > 10_000


def test_interaction_iv_by_the_verb(run: Run, sites: str, tmp_path: Path) -> None:
    words = ("interaction-iv", sites, "--map", "A=T,M=m1,Y=y,X=age,X=sex")
    found = json.loads(run("mediate", *words, "--format", "json").out)
    direct = interaction_iv(
        pandas.read_csv(sites), outcome="y", treatment="T", mediator="m1", interactions=["age", "sex"]
    )
    assert [e["value"] for e in found["estimates"]] == [e.value for e in direct.estimates]
    grid = ("--tau-r", "0,0", "--tau-r", "0.1,0", "--tau-m", "0,0", "--tau-m", "0,0.2")
    tables = {t["name"]: t for t in json.loads(run("mediate", *words, *grid, "--format", "json").out)["tables"]}
    assert len(tables["sensitivity"]["rows"]) == 4
    assert run("mediate", *words, "--plot", str(tmp_path / "contour.png"), "--draw", "contour").status == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ignorability boundsdata --errors robust", "--errors, --tau-r and --tau-m are not for ignorability."),
        ("multisite boundsdata --tau-r 1", "--tau-r and --tau-m are for interaction-iv."),
        (
            "interaction-iv boundsdata --tau-r one",
            "--tau-r = 'one' is not a number: --tau-r takes numbers, one for each X: --tau-r 0.1,0,0.",
        ),
        (
            "interaction-iv boundsdata --tau-m nan",
            "--tau-m = 'nan' is not a number: --tau-m takes numbers, one for each X: --tau-m 0.1,0,0.",
        ),
    ],
)
def test_options_of_other_methods_are_refused(run: Run, words: str, message: str) -> None:
    found = run("mediate", *words.split())
    assert (found.status, found.out) == (2, "")
    assert found.err == f"boundgen: {message}\n  Try: boundgen mediate --help\n"


# ---------------------------------------------------------------- covariates of texts
def moderated(texts: bool) -> str:
    chance = np.random.default_rng(3)
    rows = ["A,M,Y,sex,town"]
    for _ in range(300):
        a, female, town = chance.integers(0, 2), chance.integers(0, 2), chance.integers(0, 3)
        m = a * (1 + female - town) + chance.normal()
        shown = (("female" if female else "male"), "abc"[town]) if texts else (1 - female, town)
        rows.append(f"{a},{m},{m + a + chance.normal()},{shown[0]},{shown[1]}")
    return "\n".join(rows) + "\n"


def test_covariates_of_texts_become_indicators(run: Run, tmp_path: Path):
    (tmp_path / "texts.csv").write_text(moderated(True))
    words = ("--map", "X=sex,X=town", "--format", "json")
    found = run("mediate", "interaction-iv", "texts.csv", *words)
    assert found.status == 0, found.err
    # The same by hand: indicators of male, b and c.
    lines = moderated(False).splitlines()
    coded = [line.split(",") for line in lines[1:]]
    head = "A,M,Y,male,b,c\n"
    body = "".join(f"{a},{m},{y},{s},{int(t == '1')},{int(t == '2')}\n" for a, m, y, s, t in coded)
    (tmp_path / "coded.csv").write_text(head + body)
    other = run("mediate", "interaction-iv", "coded.csv", "--map", "X=male,X=b,X=c", "--format", "json")
    assert json.loads(found.out)["estimates"] == json.loads(other.out)["estimates"]
    assert "sex is coded by indicators of male, against female" in found.out
    assert "town is coded by indicators of b, c, against a" in found.out


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["a"] * 300, "column 'sex' (covariate) has 1 different texts"),
        ([f"t{i}" for i in range(300)], "column 'sex' (covariate) has 300 different texts"),
        (["1", "2", "many"] * 100, "column 'sex' (covariate) holds 'many', which is not a number"),
    ],
)
def test_texts_that_are_no_groups(run: Run, tmp_path: Path, column: list[str], message: str):
    rows = [line.split(",") for line in moderated(True).splitlines()[1:]]
    text = "".join(f"{a},{m},{y},{s}\n" for (a, m, y, *_), s in zip(rows, column, strict=True))
    (tmp_path / "texts.csv").write_text("A,M,Y,sex\n" + text)
    found = run("mediate", "interaction-iv", "texts.csv", "--map", "X=sex")
    assert (found.status, found.out) == (2, "")
    assert message in " ".join(found.err.split())


def test_a_column_that_is_named_for_a_part_plays_no_other_by_its_name(run: Run, tmp_path: Path):
    (tmp_path / "trial.csv").write_text(moderated(False).replace("A,M,Y,sex,town", "A,M,Y,Z,S"))
    found = run("mediate", "interaction-iv", "trial.csv", "--map", "X=Z,X=S")
    assert found.status == 0, found.err
    assert "A × S" in found.out


# ---------------------------------------------------------------- what is named is used
@pytest.mark.parametrize(
    ("method", "part", "uses"),
    [
        ("ignorability", "Z", "A, M, Y, and perhaps X, W"),
        ("ignorability", "C", "A, M, Y, and perhaps X, W"),
        ("ignorability", "S", "A, M, Y, and perhaps X, W"),
        ("ignorability", "cov_uv", "A, M, Y, and perhaps X, W"),
        ("iv", "C", "A, Z, M, Y, and perhaps X, W"),
        ("multisite", "X", "A, M, Y, S, and perhaps W, C"),
        ("multisite", "Z", "A, M, Y, S, and perhaps W, C"),
        ("interaction-iv", "S", "A, M, Y, X, and perhaps W, L, C"),
        ("heterogeneity", "Z", USES),
        ("heterogeneity", "C", USES),
    ],
)
def test_a_part_that_a_method_does_not_use_is_refused(run: Run, trial, method, part, uses):
    given = [method, trial, "--map", f"A=treat,M=anger,Y=vote,{part}=w", "--dichotomize", "Y=yes", "--drop-missing"]
    found = run("mediate", *given)
    assert (found.status, found.out) == (2, "")
    assert f"{method} does not use the " in found.err
    assert f" {part}\n  It uses {uses}: leave the rest out" in found.err


def test_a_part_that_is_cut_and_not_used_is_refused(run: Run):
    found = run("mediate", "ignorability", "boundsdata_encouragement", "--where", "Z!=0", "--dichotomize", "Z=1")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("ignorability does not use the instrument Z\n")


def test_covariates_beside_subgroups_are_refused_where_they_are_named(tmp_path):
    lines = ["A,M,Y,S,X"]
    chance = np.random.default_rng(2)
    for i in range(400):
        a, s = i % 2, i // 2 % 8
        m = a * s + chance.normal()
        lines.append(f"{a},{m},{m + chance.normal()},{s},{i % 3}")
    file = tmp_path / "groups.csv"
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match="heterogeneity does not use the covariate X"):
        mediate("heterogeneity", str(file), columns="X=X", settings=Settings(draws=0))
    # What the file has and nobody names is no mistake; the notes say it.
    notes = mediate("heterogeneity", str(file), settings=Settings(draws=0)).data.notes
    assert any("no tree looks for them in X" in note for note in notes)


def test_all_methods_say_what_they_do_not_use(run: Run):
    found = run("mediate", "--all", "jobs_sex", "--map", "S=sex", "--draws", "0")
    assert found.status == 0
    assert found.out.count("Does not use the site or subgroup S.") == 1
    document = json.loads(run("mediate", "--all", "jobs_sex", "--map", "S=sex", "--draws", "0", "--format", "json").out)
    assert document["unused"] == [{"method": "ignorability", "parts": "the site or subgroup S"}]
    refused = run("mediate", "--all", "jobs_sex", "--map", "C=sex", "--draws", "0")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith("no method that applies to these data uses the cluster C (")
    assert "\n\n" not in refused.err


@pytest.mark.parametrize(
    ("header", "options"), [("a,m,y,count", ("--counts", "count")), ("count", ()), ("a,m,y,b", ()), ("a", ())]
)
def test_data_without_any_part_say_which_are_needed(run: Run, tmp_path, header, options):
    line = ",".join("1" for _ in header.split(","))
    (tmp_path / "d.csv").write_text(f"{header}\n{line}\n{line}\n")
    found = run("mediate", "ignorability", "d.csv", *options)
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("ignorability needs a column for the treatment A and mediator M and outcome Y\n")
