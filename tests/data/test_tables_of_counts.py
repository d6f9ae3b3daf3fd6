"""A table is read as a table, or refused: never as micro-data of as many units as it has rows."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, catalogue, mediate, read_data
from boundgen.companions.mediate import Settings
from boundgen.data.amounts import sure_amounts
from boundgen.data.table_columns import read_columns
from boundgen.errors import DataError
from support.command import Run

MMR = catalogue.load("mediation_mmr")
ONE = Model.parse("model one\nvariable X in 0..3\nobserve P(X)\nestimand e = P(X=3)\n")
NAMED_N = Model.parse(
    "model named\nvariable A in {0, 1} randomized\nvariable N(A) in {0, 1}\nobserve P(N | A)\nestimand e = P(N(1)=1)\n"
)
ALL = list(itertools.product((0, 1), repeat=3))
COUNTS = (203, 20, 23, 87, 31, 31, 7, 84)
TOTALS = (sum(COUNTS[:4]), sum(COUNTS[4:]))
SHARES = tuple(f"{count}/{TOTALS[row[0]]}" for row, count in zip(ALL, COUNTS, strict=True))
COUNT_NAMES = [
    *("count", "Count", "COUNT", "counts", "n", "N", "n()", "Freq", "freq", "_freq", "_FREQ_", "Frequency", "N_obs"),
    *("count_star()", "COUNT(*)", ".N", "N_BREAK", "nrow", "Count of id", "size", "len", "Total", "cases", "V1"),
    *("Anzahl", "Häufigkeit", "HÄUFIGKEIT", "Haeufigkeit", "effectif", "Effectifs", "nombre", "frecuencia", "Recuento"),
    *("frequência", "frequenza", "aantal", "antal", "liczba", "četnost", "число", "数量", "度数", "빈도", "adet"),
]
PROBABILITY_NAMES = [
    *("prob", "Prob", "probability", "proportion", "prop", "_percent", "percent", "Percent", "pct", "%", "share", "p"),
    *("Anteil", "Wahrscheinlichkeit", "probabilité", "porcentaje", "доля", "確率", "rel. freq.", "Freq"),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(name: str, amounts: Any = COUNTS, names: str = "A,M,Y") -> str:
    lines = [f'{names},"{name}"', *(f"{a},{m},{y},{k}" for (a, m, y), k in zip(ALL, amounts, strict=True))]
    Path("t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "t.csv"


EXPECTED = {f"P(Y={y},M={m}|A={a})": count / TOTALS[a] for (a, m, y), count in zip(ALL, COUNTS, strict=True)}


def shares(source: Any, **options: Any) -> dict[str, float]:
    return {cell: float(share) for cell, share in read_data(MMR, source, **options).probabilities.items()}


def refusal(reader: Any, *given: Any, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        reader(*given, **options)
    assert "\n\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", COUNT_NAMES)
def test_words_for_counts(name: str) -> None:
    data = read_data(MMR, table(name))
    assert dict(data.units) == {"A=0": TOTALS[0], "A=1": TOTALS[1]}
    assert shares("t.csv") == EXPECTED
    assert len(read_columns("t.csv").one("A")) == sum(COUNTS)


@pytest.mark.parametrize("name", PROBABILITY_NAMES)
def test_words_for_probabilities(name: str) -> None:
    assert shares(table(name, SHARES)) == EXPECTED
    assert {units for _, units in read_data(MMR, "t.csv").units} == {None}
    assert "probabilities do not say how many units there are" in refusal(read_columns, "t.csv")


@pytest.mark.parametrize("name", ["percent", "_percent", "Prozent", "%", "prob", "p"])
def test_percents_are_refused(name: str) -> None:
    percents = (40, 10, 20, 30, 40, 10, 20, 30)
    assert "divide percents by 100" in refusal(read_data, MMR, table(name, percents))


@pytest.mark.parametrize("name", ["n", "N", "count", "Freq", "prob"])
def test_rows_that_are_alike_are_units_or_counts(name: str, run: Run) -> None:
    """A column ``n`` that numbers units is no count of them."""
    rows = [row for row, count in zip(ALL, COUNTS, strict=True) for _ in range(count)]
    numbered = [f"{a},{m},{y},{k}" for k, (a, m, y) in enumerate(rows, 1)]
    Path("t.csv").write_text("\n".join([f"A,M,Y,{name}", *numbered]) + "\n")
    for reader, given in (
        (read_data, (MMR, "t.csv")),
        (read_columns, ("t.csv",)),
        (mediate, ("ignorability", "t.csv")),
    ):
        assert "may number units or count them" in refusal(reader, *given)
    for verb in ("evaluate", "estimate"):
        answer = run(verb, "mediation_mmr", "t.csv")
        assert (answer.status, answer.out) == (2, "")
        assert "--kind microdata, --counts COLUMN" in answer.err
    assert shares("t.csv", kind="microdata") == EXPECTED


@pytest.mark.parametrize("name", ["foo", "0", "value", "Menge", "x_1"])
def test_what_looks_like_a_table_is_refused_until_it_is_declared(name: str, run: Run) -> None:
    table(name)
    for reader, given in ((read_data, (MMR, "t.csv")), (read_columns, ("t.csv",))):
        message = refusal(reader, *given)
        assert "this looks like a table and not like micro-data" in message
        assert f"counts='{name}'" in message
        assert "kind='microdata'" in message
    assert shares("t.csv", counts=name) == EXPECTED
    assert len(read_columns("t.csv", counts=name).one("A")) == sum(COUNTS)
    assert dict(read_data(MMR, "t.csv", kind="microdata").units) == {"A=0": 4, "A=1": 4}
    expected = run("evaluate", "mediation_mmr", table("count")).out
    table(name)
    assert run("evaluate", "mediation_mmr", "t.csv", "--counts", name).out == expected
    for verb in (("evaluate", "mediation_mmr"), ("estimate", "mediation_mmr"), ("mediate", "ignorability")):
        found = run(*verb, "t.csv")
        assert (found.status, found.out) == (2, "")
        assert run(*verb, "t.csv", "--counts", name, *(["--draws", "0"] if verb[0] == "mediate" else [])).status == 0
    assert run("sweep", "mediation_mmr", "--data", "t.csv", "--no-cache").status == 2
    assert run("sweep", "mediation_mmr", "--data", "t.csv", "--no-cache", "--counts", name).status == 0
    assert shares(table(name, SHARES), probabilities=name) == EXPECTED


def test_tables_with_more_columns() -> None:
    rows = [(a, m, y, sex, i + 1, i / 200) for i, ((a, m, y), sex) in enumerate(itertools.product(ALL, (0, 1)))]
    text = "A,M,Y,sex,foo,part\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    Path("t.csv").write_text(text)
    assert "are these micro-data" not in refusal(read_data, MMR, "t.csv", where="sex=1")
    narrow = "".join(",".join(line.split(",")[:5]) + "\n" for line in text.splitlines())
    Path("t.csv").write_text(narrow)
    for options in ({}, {"where": "sex=1"}, {"within": "sex"}):
        assert "looks like a table" in refusal(read_data, MMR, "t.csv", **options)
    found = read_data(MMR, "t.csv", counts="foo", where="sex=1")
    assert found.sources[0].used == sum(range(2, 17, 2))
    Path("t.csv").write_text(narrow.replace("foo", "Freq"))
    assert "are these micro-data, counts or probabilities?" in refusal(read_data, MMR, "t.csv")
    assert read_data(MMR, "t.csv", where="sex=1").sources[0].used == sum(range(2, 17, 2))


def test_columns_that_number_rows_are_no_others() -> None:
    lines = ['"","A","M","Y","Freq"', *(f'"{i}",{a},{m},{y},{COUNTS[i - 1]}' for i, (a, m, y) in enumerate(ALL, 1))]
    Path("t.csv").write_text("\n".join(lines) + "\n")
    assert shares("t.csv") == EXPECTED
    Path("t.csv").write_text("\n".join(lines).replace('"Freq"', '"0"') + "\n")
    assert "counts='0'" in refusal(read_data, MMR, "t.csv")


@pytest.mark.parametrize("gap", [",,,", "NA,NA,NA,NA", ""])
def test_empty_rows_and_empty_amounts_do_not_hide_a_table(gap: str) -> None:
    lines = Path(table("foo")).read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ","
    Path("t.csv").write_text("\n".join(f"{line}\n{gap}\n{gap}" for line in lines) + "\n")
    for options in ({}, {"drop_missing": True}):
        assert "looks like a table" in refusal(read_data, MMR, "t.csv", **options)
        assert "looks like a table" in refusal(read_columns, "t.csv", **options)


def test_a_model_with_one_variable() -> None:
    Path("t.csv").write_text("X,foo\n0,10\n1,20\n2,30\n3,40\n")
    assert "looks like a table" in refusal(read_data, ONE, "t.csv")
    assert float(read_data(ONE, "t.csv", counts="foo").probabilities["P(X=3)"]) == 0.4


def test_variables_and_mapped_columns_are_no_amounts() -> None:
    Path("t.csv").write_text("A,N\n0,0\n0,1\n1,1\n1,1\n")
    assert float(read_data(NAMED_N, "t.csv").probabilities["P(N=1|A=1)"]) == 1
    Path("t.csv").write_text("A,count\n0,0\n0,1\n1,1\n1,1\n")
    assert float(read_data(NAMED_N, "t.csv", columns="N=count").probabilities["P(N=1|A=1)"]) == 1
    message = refusal(read_data, NAMED_N, "t.csv", columns="N=count", counts="count")
    assert message.startswith("column 'count' cannot be both what is analysed and the counts")


def test_micro_data_with_covariates_stay_micro_data() -> None:
    rows = [(*ALL[i % 8], i % 7, 20 + i % 40, f"{i / 7:.3f}", i) for i in range(200)]
    text = "A,M,Y,size,age,share,id\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    Path("t.csv").write_text(text)
    assert read_data(MMR, "t.csv").sources[0].kind == "micro-data"
    assert len(read_columns("t.csv", columns="X=age").one("A")) == 200


def test_options_that_contradict() -> None:
    table("Freq")
    assert "exclude each other" in refusal(read_data, MMR, "t.csv", counts="Freq", probabilities="Freq")
    assert "exclude each other" in refusal(read_data, MMR, "t.csv", counts="Freq", kind="microdata")
    assert "counts take no weights" in refusal(read_data, MMR, "t.csv", counts="Freq", weights="Freq")
    assert "counts='Freq'" in refusal(read_data, MMR, "t.csv", weights="Freq")
    assert "no column 'n' for counts" in refusal(read_data, MMR, "t.csv", counts="n")
    Path("t.csv").write_text("A,M,Y,count,n\n" + "".join(f"{a},{m},{y},1,2\n" for a, m, y in ALL))
    assert "columns count, n could hold the counts" in refusal(read_data, MMR, "t.csv", kind="counts")


def test_effects_of_groups_beside_their_sizes() -> None:
    lines = [f"{0.1 * i},{0.2 * i + 0.01 * (i % 3)},0.1,0.1,{100 + i}" for i in range(1, 9)]
    Path("t.csv").write_text("gamma_hat,tau_hat,sd_u,sd_v,n\n" + "\n".join(lines) + "\n")
    assert "beside effects of groups" in refusal(mediate, "heterogeneity", "t.csv")
    found = mediate("heterogeneity", "t.csv", kind="microdata", settings=Settings(draws=0))
    assert found.data.used == 8


def test_words_are_those_of_amounts_alone() -> None:
    plain = ["age", "sex", "income", "treat", "Name", "nom", "frequent", "county", "country", "wave", "weight"]
    assert sure_amounts(plain) == {"counts": [], "probabilities": []}


def test_a_data_frame_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    rows = [row for row, count in zip(ALL, COUNTS, strict=True) for _ in range(count)]
    frame = pandas.DataFrame(rows, columns=["A", "M", "Y"])
    for source in (
        frame,
        frame.value_counts().reset_index(),
        frame.groupby(["A", "M", "Y"]).size().reset_index(name="size"),
        frame.groupby("A").value_counts(normalize=True).reset_index(),
    ):
        assert shares(source) == pytest.approx(EXPECTED)
    assert "counts='0'" in refusal(read_data, MMR, frame.groupby(["A", "M", "Y"]).size().reset_index())
    assert shares(frame.value_counts(normalize=True).reset_index()) == pytest.approx(EXPECTED)
    halves = frame.groupby("A").value_counts(normalize=True).reset_index()
    halves["proportion"] /= 3
    assert "sum to" in refusal(read_data, MMR, halves)
