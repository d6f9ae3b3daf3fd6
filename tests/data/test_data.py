"""What does not change an observed distribution: the kind of file, the order, the size of chunks, the spelling."""

from __future__ import annotations

import csv
import io
import itertools
import numbers
import random
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundgen import Model, ObservedData, catalogue, read_data
from boundgen.data import csv_file, frames, parquet_file, stata_file
from boundgen.data.median import median
from boundgen.data.open_table import open_table
from boundgen.data.options import parameter_values
from boundgen.data.texts import text_of
from boundgen.work.limits import ignore

MMR = catalogue.load("mediation_mmr")
PARALLEL = catalogue.load("mediation_parallel")
SELECTED = Model.parse(
    """model selected
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A, S) in {0, 1}
observe P(Y, S=1 | A)
estimand e = E[Y(1, 1) - Y(0, 1)]
"""
)
NAMED = Model.parse(
    """model named
variable A in {control, treated} randomized
variable W(A) in {low, mid, very_high}
observe P(W | A)
estimand e = P(W(treated)=low)
"""
)
LEVELS = Model.parse(
    """model levels
variable Z in {-1, 0, 2} randomized
variable X(Z) in 0..2
observe P(X | Z)
estimand e = P(X(0)=0, X(2)=2)
"""
)
Row = tuple[int, ...]
ALL: list[Row] = list(itertools.product((0, 1), repeat=3))
# Rows of A, M and Y with both arms.
STUDIES = st.lists(st.sampled_from(ALL), min_size=1, max_size=30).map(lambda rows: [*rows, (0, 0, 1), (1, 1, 0)])


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, header: str, rows: Sequence[Sequence[Any]], separator: str = ",") -> str:
    """A CSV file."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n").writerows([header.split(","), *rows])
    Path(name).write_text(stream.getvalue(), encoding="utf-8")
    return name


def by_hand(rows: Sequence[Row]) -> dict[str, Fraction]:
    """Shares of the arms, counted here."""
    arms = Counter(row[0] for row in rows)
    counts = Counter(rows)
    return {f"P(Y={y},M={m}|A={a})": Fraction(counts[a, m, y], arms[a]) for a, m, y in ALL}


class _OtherInteger:
    """An integer of another library, as numpy has them."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __str__(self) -> str:
        return str(self.value)


numbers.Integral.register(_OtherInteger)


# ---------------------------------------------------------------- laws
@given(STUDIES)
def test_shares_are_those_counted_by_hand(rows: list[Row]) -> None:
    data = read_data(MMR, write("d.csv", "A,M,Y", rows))
    assert data.probabilities == by_hand(rows)
    assert dict(data.units) == {f"A={a}": count for a, count in Counter(r[0] for r in rows).items()}


@given(STUDIES)
def test_counts_are_micro_data(rows: list[Row]) -> None:
    micro = read_data(MMR, write("d.csv", "A,M,Y", rows))
    counts = Counter(rows)
    table = write("c.csv", "A,M,Y,count", [(*row, count) for row, count in counts.items()])
    cells = {f"P(Y={y},M={m}|A={a})": counts[a, m, y] for a, m, y in ALL}
    assert read_data(MMR, table).arms == micro.arms
    assert read_data(MMR, cells).arms == micro.arms
    assert read_data(MMR, {name: _OtherInteger(count) for name, count in cells.items()}).arms == micro.arms
    assert read_data(MMR, write("n.csv", "cell,n", list(cells.items()))).arms == micro.arms


@given(STUDIES)
def test_probabilities_are_counts_divided(rows: list[Row]) -> None:
    shares = by_hand(rows)
    table = write("p.csv", "A,M,Y,probability", [(a, m, y, shares[f"P(Y={y},M={m}|A={a})"]) for a, m, y in ALL])
    for data in (read_data(MMR, table), read_data(MMR, shares)):
        assert data.probabilities == shares
        assert {units for _, units in data.units} == {None}


@given(STUDIES, st.randoms(use_true_random=False))
def test_order_of_rows_and_columns(rows: list[Row], chance: random.Random) -> None:
    shuffled = chance.sample(rows, len(rows))
    order = chance.sample(range(3), 3)
    header = ",".join("AMY"[i] for i in order)
    other = write("e.csv", header, [[row[i] for i in order] for row in shuffled])
    assert read_data(MMR, other).arms == read_data(MMR, write("d.csv", "A,M,Y", rows)).arms


@given(STUDIES, st.data())
def test_weights_are_repeated_rows(rows: list[Row], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(1, 3), min_size=len(rows), max_size=len(rows)))
    weighted = read_data(
        MMR, write("w.csv", "A,M,Y,w", [(*r, w) for r, w in zip(rows, weights, strict=True)]), weights="w"
    )
    repeated = read_data(
        MMR, write("d.csv", "A,M,Y", [r for r, w in zip(rows, weights, strict=True) for _ in range(w)])
    )
    assert weighted.probabilities == repeated.probabilities
    assert weighted.counts == repeated.counts
    # but the units are those of the file, and squares tell how uneven the weights are
    assert dict(weighted.units) == {f"A={a}": n for a, n in Counter(r[0] for r in rows).items()}
    assert sum(arm.whole.squares for arm in weighted.arms) == sum(w * w for w in weights)


def test_weights_are_exact() -> None:
    """Ten times 0.1 is 1, and ten to the twentieth does not swallow what is small."""
    rows = [(0, 0, 0, "0.1")] * 10 + [(0, 0, 1, 1), (1, 0, 0, "1e20"), (1, 0, 0, "1e-20"), (1, 0, 1, "0")]
    data = read_data(MMR, write("d.csv", "A,M,Y,w", rows), weights="w")
    assert data.probabilities["P(Y=0,M=0|A=0)"] == Fraction(1, 2)
    assert data.counts["P(Y=0,M=0|A=1)"] == 10**20 + Fraction(1, 10**20)
    assert dict(data.units) == {"A=0": 11, "A=1": 2}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_size_of_chunks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(4)
    rows = [(*chance.choice(ALL), chance.choice(["0.1", "2", "1/2"[:1]]), chance.gauss(0, 1)) for _ in range(200)]
    name = write("d.csv", "A,M,Y,w,score", rows)
    asked: list[dict[str, Any]] = [
        {},
        {"weights": "w"},
        {"columns": "M=score", "dichotomize": "M=median", "where": "w!=2"},
        {"columns": "M=score", "dichotomize": "M>=0.3"},
    ]
    whole = [read_data(MMR, name, **options) for options in asked]
    monkeypatch.setattr(csv_file, "ROWS_PER_CHUNK", size)
    assert [read_data(MMR, name, **options) for options in asked] == whole


# ---------------------------------------------------------------- kinds of file
def typed_files(columns: dict[str, list[Any]], labels: dict[str, dict[int, str]] | None = None) -> list[str]:
    """The same values as CSV, Parquet and Stata."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(columns)
    frame.to_csv("d.csv", index=False)
    frame.to_parquet("d.parquet", index=False)
    frame.to_stata("d.dta", write_index=False, value_labels=labels or {}, version=118)
    return ["d.csv", "d.parquet", "d.dta"]


def test_kinds_of_file_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    for module in (frames, parquet_file, stata_file, csv_file):
        monkeypatch.setattr(module, "ROWS_PER_CHUNK", 17)
    chance = random.Random(2)
    rows = [chance.choice(ALL) for _ in range(100)]
    columns = {
        "A": [row[0] for row in rows],
        "M": [float(row[1]) if i % 9 else float("nan") for i, row in enumerate(rows)],
        "Y": [row[2] for row in rows],
        "score": numpy.array([chance.choice([0.1, 0.2, 0.7, 3]) for _ in rows], dtype="float32"),
        "w": [chance.choice([0.1, 2.5, 1]) for _ in rows],
        "group": [chance.choice(["a", "b é"]) for _ in rows],
    }
    files = typed_files(columns)
    options: list[dict[str, Any]] = [
        {"drop_missing": True},
        {"drop_missing": True, "weights": "w", "where": "group=b é"},
        {"columns": "M=score", "dichotomize": "M>0.1"},
        {"columns": "M=score", "dichotomize": "M>=median"},
        {"drop_missing": True, "weights": "w", "where": ["w>0.5", "A>=0", "M!=7"]},
    ]
    for option in options:
        found = [read_data(MMR, file, **option) for file in [*files, pandas.DataFrame(columns)]]
        assert len({data.arms for data in found}) == 1
        assert len({(s.units, s.used, s.dropped, s.notes) for data in found for s in data.sources}) == 1


def test_booleans_and_categories() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({"A": [True, False, True], "M": ["0", "1", "1"], "Y": [0, 1, None]})
    frame["M"] = frame["M"].astype("category")
    frame["Y"] = frame["Y"].astype("Int64")
    frame.to_parquet("d.parquet")
    frame.to_csv("d.csv", index=False)
    found = [read_data(MMR, source, drop_missing=True).arms for source in ("d.parquet", "d.csv", frame)]
    assert found[0] == found[1] == found[2]
    assert found[0][1].units == 1


def test_stata_labels_name_values() -> None:
    labels = {"A": {0: "control", 1: "treated"}, "W": {1: "low", 2: "mid", 3: "very high"}}
    *_, file = typed_files({"A": [0, 1, 1], "W": [3, 1, 2]}, labels)
    data = read_data(NAMED, file)
    assert data.probabilities["P(W=very_high|A=control)"] == 1
    assert data.probabilities["P(W=mid|A=treated)"] == Fraction(1, 2)
    # Integers are matched by code, cuts and conditions by either.
    *_, file = typed_files({"A": [0, 1, 1], "M": [0, 1, 0], "Y": [1, 2, 2]}, {"Y": {1: "no", 2: "yes"}, "M": {0: "1"}})
    for cut in ("Y=yes", "Y=2", "Y>1"):
        assert read_data(MMR, file, dichotomize=cut).probabilities["P(Y=1,M=1|A=1)"] == Fraction(1, 2)
    with pytest.raises(ValueError, match=r"not in \{0, 1\}: '2' \(yes\) 2 times"):
        read_data(MMR, file)


def test_csv_dialects() -> None:
    expected = read_data(MMR, write("d.csv", "A,M,Y", ALL)).arms
    for separator in ";\t|":
        assert read_data(MMR, write("e.txt", "A,M,Y", ALL, separator)).arms == expected
    lines = ["# about, the data", "", "A , M,Y", *(f'"{a}", {m} ,{y}.0' for a, m, y in ALL), "", ""]
    for mark, end in itertools.product(("", "\ufeff"), ("\n", "\r\n", "\r")):
        Path("f.CSV").write_bytes((mark + end.join(lines)).encode())
        assert read_data(MMR, "f.CSV").arms == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        (True, "True"),
        (None, None),
        (float("nan"), None),
        (7, "7"),
    ],
)
def test_texts_of_values(value: Any, text: str | None) -> None:
    assert text_of(value) == text


# ---------------------------------------------------------------- values
@pytest.mark.parametrize("one", ["1", "1.0", "01", " 1 ", "true", "TRUE", "True", "1e0"])
def test_spellings_of_one(one: str) -> None:
    data = read_data(MMR, write("d.csv", "A,M,Y", [(0, 0, 0), (one, one, one)]))
    assert data.probabilities["P(Y=1,M=1|A=1)"] == 1


def test_domains_of_any_integers_and_names() -> None:
    data = read_data(LEVELS, write("d.csv", "Z,X", [(-1, 0), ("-1.0", 2), (0, 1), (2, 2)]))
    assert data.probabilities["P(X=2|Z=-1)"] == Fraction(1, 2)
    data = read_data(NAMED, write("d.csv", "A,W", [("control", "low"), ("treated", "very high"), ("treated", "mid")]))
    assert data.probabilities["P(W=very_high|A=treated)"] == Fraction(1, 2)


def test_a_declared_name_is_never_missing() -> None:
    model = Model.parse("model m\nvariable X in {NA, None, high}\nobserve P(X)\nestimand e = P(X=high)\n")
    data = read_data(model, write("d.csv", "X", [["NA"], ["None"], ["high"], ["NA"]]))
    assert data.probabilities == {"P(X=NA)": Fraction(1, 2), "P(X=None)": Fraction(1, 4), "P(X=high)": Fraction(1, 4)}


# ---------------------------------------------------------------- rows that are used
def test_conditions() -> None:
    rows = [(*row, wave, name) for row in ALL for wave in (1, 2, 10) for name in ("x", "y=z")]
    name = write("d.csv", "A,M,Y,wave,site name", [*rows, (0, 0, 0, "", "x"), (7, 7, 7, 3, "x")])
    for condition, kept in {
        "wave=1": 1,
        "wave != 1": 2,
        "wave<10": 2,
        "wave>=10": 1,
        "wave>2": 1,
        "wave<=1.0": 1,
    }.items():
        data = read_data(MMR, name, where=[condition, "wave!=3"])
        assert data.sources[0].used == 16 * kept
    assert read_data(MMR, name, where=["site name=y=z"]).sources[0].used == 24
    (source,) = read_data(MMR, name, where=["wave=1", "site name=x"]).sources
    assert (source.units, source.used, source.left_out) == (50, 8, 42)


def test_dropped_rows_are_counted_once() -> None:
    rows = [*ALL, ("", 0, 0), (0, "NA", ""), (1, ".", 1)]
    (source,) = read_data(MMR, write("d.csv", "A,M,Y", rows), drop_missing=True).sources
    assert (source.units, source.used, source.dropped_units) == (11, 8, 3)
    assert source.dropped == (("M", 2), ("A", 1), ("Y", 1))


def test_missing_values_nobody_asks_for() -> None:
    """Y may be missing, or anything, where the unit is not selected; not where it is."""
    rows = [(0, 1, 1), (0, 1, 0), (0, 0, ""), (0, 0, 99), (1, 1, 1), (1, 0, "")]
    data = read_data(SELECTED, write("d.csv", "A,S,Y", rows))
    assert data.probabilities == {
        "P(Y=0,S=1|A=0)": Fraction(1, 4),
        "P(Y=1,S=1|A=0)": Fraction(1, 4),
        "P(Y=0,S=1|A=1)": 0,
        "P(Y=1,S=1|A=1)": Fraction(1, 2),
    }
    assert dict(data.units) == {"A=0": 4, "A=1": 2}
    with pytest.raises(ValueError, match="1 of 7 rows miss a value: Y 1"):
        read_data(SELECTED, write("d.csv", "A,S,Y", [*rows, (1, 1, "")]))


def test_counts_and_probabilities_of_incomplete_arms() -> None:
    micro = read_data(SELECTED, write("d.csv", "A,S,Y", [(0, 1, 1)] * 3 + [(0, 0, "")] * 2 + [(1, 1, 0)] * 4))
    counts = write("c.csv", "A,S,Y,count", [(0, 1, 1, 3), (0, 0, "", 2), (1, 1, 0, 4), (1, 0, "", 0)])
    cells = {"P(Y=1,S=1|A=0)": 3, "P(S=0|A=0)": 2, "P(Y=0, S=1 | A=1)": 4, "P(Y=1,S=0|A=1)": 0}
    assert read_data(SELECTED, counts).arms == micro.arms
    assert read_data(SELECTED, cells).arms == micro.arms
    shares = read_data(SELECTED, {"P(Y=1,S=1|A=0)": "0.6", "P(Y=0,S=1|A=1)": 1.0})
    assert shares.probabilities == micro.probabilities


def test_arms_that_nobody_observes() -> None:
    """Rows of an arm that the model does not observe are left out, whatever stands in them."""
    model = Model.parse(
        "model one\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\n"
        "observe P(Y | A=1)\nestimand e = P(Y(1)=1)\n"
    )
    (source,) = read_data(model, write("d.csv", "A,Y", [(1, 1), (0, "what"), (0, ""), (1, 0)])).sources
    assert (source.used, source.left_out) == (2, 2)


def test_margins_from_one_file() -> None:
    model = Model.parse(
        "model margins\nvariable A in {0, 1} randomized\nvariable M(A) in {0, 1}\nvariable Y(A, M) in {0, 1}\n"
        "observe P(Y | A)\nobserve P(M | A)\nestimand e = E[Y(A=1) - Y(A=0)]\n"
    )
    rows = [(0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 1, 1), (1, "", 0)]
    with pytest.raises(ValueError, match="1 of 5 rows miss a value: M 1"):
        read_data(model, write("d.csv", "A,M,Y", rows))
    # A row that misses what one of the statements needs is dropped for both: both are about the same units.
    data = read_data(model, "d.csv", drop_missing=True)
    assert data.probabilities["P(Y=1|A=0)"] == data.probabilities["P(M=1|A=0)"] == Fraction(2, 3)
    assert data.probabilities["P(Y=1|A=1)"] == 1
    joint = write("p.csv", "A,M,Y,probability", [(0, 0, 1, "1/3"), (0, 1, 1, "1/3"), (0, 1, 0, "1/3"), (1, 1, 1, 1)])
    assert read_data(model, joint).probabilities == data.probabilities


# ---------------------------------------------------------------- several sources
def test_two_experiments_from_one_file_or_two() -> None:
    rows = [(*row, manip) for row in ALL for manip in (0, 1)] + [(1, 1, 1, 1), (0, 0, 0, 0)]
    one = read_data(PARALLEL, write("d.csv", "A,M,Y,manip", rows), where=["1: manip=0", "2: manip=1"])
    first = write("1.csv", "A,M,Y", [row[:3] for row in rows if not row[3]])
    second = write("2.csv", "T,M,Y", [row[:3] for row in rows if row[3]])
    two = read_data(PARALLEL, [f"2={second}", f"1={first}"], columns="2: A=T")
    by_number = read_data(PARALLEL, {1: first, 2: second}, columns=["2: A=T"])
    assert one.arms == two.arms == by_number.arms
    assert one.probabilities["P(Y=1|A=1,do(M=1))"] == Fraction(2, 3)
    assert [arm.units for arm in one.arms] == [5, 4, 2, 2, 2, 3]


def test_columns_tell_which_file_serves() -> None:
    model = Model.parse(
        "model fusion\nvariable A in {0, 1} randomized\nvariable M(A) in {0, 1}\nvariable Y(A, M) in {0, 1}\n"
        "observe P(M | A)\nobserve P(Y | A)\nestimand e = E[Y(A=1) - Y(A=0)]\n"
    )
    m = write("m.csv", "A,M", [(0, 0), (1, 1)])
    y = write("y.csv", "A,Y,count", [(0, 0, 3), (0, 1, 1), (1, 1, 2)])
    cells = write("c.csv", "cell,count", [("P(Y=0|A=0)", 3), ("P(Y=1|A=0)", 1), ("P(Y=1|A=1)", 2)])
    assert read_data(model, [m, y]).arms == read_data(model, [y, m]).arms == read_data(model, [cells, m]).arms
    assert [source.kind for source in read_data(model, [cells, m]).sources] == ["cell counts", "micro-data"]


def test_a_statement_that_repeats_another_needs_no_data() -> None:
    model = MMR.observe(next(iter(_distribution())))
    assert read_data(model, "jobs").arms == read_data(MMR, "jobs").arms


def _distribution() -> list[Any]:
    from boundgen import P, variable

    a = variable("A", [0, 1], randomized=True)
    m = variable("M", [0, 1], parents=[a])
    y = variable("Y", [0, 1], parents=[a, m])
    return [P(y, m | a)]


# ---------------------------------------------------------------- medians
@given(st.lists(st.integers(-50, 50) | st.floats(-1e6, 1e6), min_size=1), st.integers(1, 5))
def test_median_in_little_memory(numbers: list[float], most: int) -> None:
    found = median(lambda: [(number, 1) for number in numbers], most)
    assert found == pytest.approx(statistics.median(numbers), rel=1e-12)
    low, high = statistics.median_low(numbers), statistics.median_high(numbers)
    assert found is not None
    assert low <= found <= high


def test_dichotomized_at_the_median() -> None:
    rows = [(a, score, y) for a, _, y in ALL for score in (1, 2, 2, 3, 9)]
    name = write("d.csv", "A,score,Y", rows)
    above = read_data(MMR, name, columns="M=score", dichotomize="M=median")
    at_least = read_data(MMR, name, columns="M=score", dichotomize="M>=median")
    assert above == read_data(MMR, name, columns="M=score", dichotomize="M>median")
    assert sum(share for cell, share in above.probabilities.items() if "M=1|A=1" in cell) == Fraction(2, 5)
    assert sum(share for cell, share in at_least.probabilities.items() if "M=1|A=1" in cell) == Fraction(4, 5)
    assert above.sources[0].notes == ("M is 1 where score > 2, its median: 16 of 40 units",)
    # of the rows that are used, and of units where they are counted
    used = read_data(MMR, name, columns="M=score", dichotomize="M=median", where="score>2")
    assert used.sources[0].notes == ("M is 1 where score > 6.0, its median: 8 of 16 units",)
    counted = write("c.csv", "A,M,Y,count", [(0, 1, 0, 9), (0, 5, 0, 1), (1, 7, 1, 9), (1, 8, 1, 2)])
    assert read_data(MMR, counted, dichotomize="M=median").sources[0].notes[0] == (
        "M is 1 where M > 7, its median: 2 of 21 units"
    )


def test_an_outcome_that_never_varies_is_said() -> None:
    data = read_data(MMR, write("d.csv", "A,M,Y", [(a, m, 1) for a, m, _ in ALL]))
    assert data.sources[0].notes == ("Y is 1 in every unit of d.csv",)
    assert "  Y is 1 in every unit of d.csv" in str(data)


# ---------------------------------------------------------------- how it looks, and how much it needs
def test_summary() -> None:
    rows = [*ALL, ("", 0, 0), (0, 0, 0)]
    data = read_data(MMR, write("d.csv", "A,M,Y", rows), drop_missing=True)
    assert str(data) == "data: d.csv (micro-data), 9 of 10 units\n  1 dropped: they miss A 1\n  A=0: 5; A=1: 4"
    assert repr(data) == "<ObservedData of mediation_mmr: 8 cells in 2 arms>"
    assert isinstance(data, ObservedData)
    assert data == read_data(MMR, "d.csv", drop_missing=True)
    assert hash(data)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("g=0.1", {"g": ["1/10"]}),
        ("g=0:0.3:0.1", {"g": ["0", "1/10", "1/5", "3/10"]}),
        ("g=0:1:0.3", {"g": ["0", "3/10", "3/5", "9/10"]}),
        ("g=1/3,0.5,1/3 , h=0:0:1", {"g": ["1/3", "1/2"], "h": ["0"]}),
        ("g=-1:1:1", {"g": ["-1", "0", "1"]}),
    ],
)
def test_values_of_parameters(text: str, values: dict[str, list[str]]) -> None:
    assert parameter_values(text) == {name: tuple(map(Fraction, each)) for name, each in values.items()}


def test_progress_is_reported() -> None:
    seen: list[tuple[str, int, int | None]] = []
    name = write("d.csv", "A,M,Y", ALL * 5000)
    read_data(MMR, name, report=lambda *step: seen.append(step))
    assert seen[-1] == ("reading d.csv, percent", 100, 100)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert len(seen) == 4


MEASURE = """
import resource, sys
from boundgen import catalogue, read_data
model = catalogue.load("mediation_mmr")
options = {"columns": "M=score", "dichotomize": sys.argv[3], "weights": "w"}
read_data(model, sys.argv[1], **options)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
data = read_data(model, sys.argv[2], **options)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(units for _, units in data.units), after - before)
"""


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("ending", "cut"),
    [
        ("csv", "M>0.5"),
        pytest.param("csv", "M=median", marks=SLOW),
        pytest.param("parquet", "M=median", marks=SLOW),
        pytest.param("dta", "M>0.5", marks=SLOW),
    ],
)
@pytest.mark.slow
def test_a_million_rows_need_no_more_memory_than_a_few(ending: str, cut: str) -> None:
    """Every weight and every score is another: nothing may be kept of them."""
    pytest.importorskip("resource")
    chance = random.Random(3)
    for name, count in (("small", 150_000), ("large", 1_000_000)):
        with open(f"{name}.csv", "w", encoding="utf-8") as file:
            file.write("A,score,Y,w\n")
            file.writelines(f"{i & 1},{chance.random()},{i >> 1 & 1},{chance.random()}\n" for i in range(count))
        if ending != "csv":
            frame = pytest.importorskip("pandas").read_csv(f"{name}.csv")
            frame.to_parquet(f"{name}.parquet") if ending == "parquet" else frame.to_stata(f"{name}.dta")
    root = str(Path(csv_file.__file__).parents[2])
    words = [sys.executable, "-c", MEASURE, f"small.{ending}", f"large.{ending}", cut]
    done = subprocess.run(words, capture_output=True, text=True, env={"PYTHONPATH": root, "PATH": ""}, check=False)
    assert done.stderr == ""
    units, more = map(int, done.stdout.split())
    assert units == 1_000_000
    # In KiB on Linux, in bytes on macOS; the file alone has 48 MB, and its texts in memory would take 200.
    assert more < 20_000 * (1024 if sys.platform == "darwin" else 1)


def test_tables_can_be_read_again() -> None:
    """A median reads the file several times."""
    table = open_table(write("d.csv", "A,M,Y", ALL))
    assert list(table.chunks(["Y", "A"], ignore)) == list(table.chunks(["Y", "A"], ignore))
