"""The same information gives the same numbers, whatever kind of table holds it; what is ambiguous is refused."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundgen import Derivation, Model, catalogue, derive, evaluate, read_data
from boundgen.errors import DataError
from boundgen.inference.estimate import estimate
from support.command import Run

MMR = catalogue.load("mediation_mmr")
TWO = Model.parse(
    "model two\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\n"
    "observe P(Y | A)\nestimand e = E[Y(1) - Y(0)]\n"
)
LABELS = Model.parse(
    "model labels\nvariable A in {control, overall} randomized\nvariable Y(A) in {no, some, much}\n"
    "observe P(Y | A)\nestimand e = P(Y(overall)=much)\n"
)
SELECTED = Model.parse(
    "model selected\nvariable A in {0, 1} randomized\nvariable S(A) in {0, 1}\nvariable Y(A) in {0, 1}\n"
    "observe P(Y, S=1 | A)\nestimand e = E[Y(1) - Y(0)]\n"
)
ALL = list(itertools.product((0, 1), repeat=3))
TOTAL = 64
Counts = dict[tuple[int, ...], int]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return derive(MMR, ["delta1"])


def written(text: str, name: str = "t.csv") -> str:
    Path(name).write_text(text)
    return name


def lines(header: str, rows: Any) -> str:
    return written("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")


def shares(model: Model, text: str, **options: Any) -> dict[str, float]:
    return {cell: float(p) for cell, p in read_data(model, written(text), **options).probabilities.items()}


def refusal(model: Model, text: str, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        read_data(model, written(text), **options)
    assert "\n\n" not in str(caught.value)
    return str(caught.value)


# ---------------------------------------------------------------- one information, many tables
def as_rows(counts: Counts) -> list[tuple[int, ...]]:
    return [row for row, n in counts.items() for _ in range(n)]


def tables(counts: Counts) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Tables of the same units, with the options that they need, each in a file of its own."""
    words = {0: ("control", "never", "no"), 1: ("treated", "2nd, or later", "yes")}
    total = sum(counts.values())
    arms = {a: sum(n for row, n in counts.items() if row[0] == a) for a in (0, 1)}
    labelled = [f'{words[a][0]},"{words[m][1]}",{words[y][2]}' for a, m, y in as_rows(counts)]
    rule = "A=values(control=0, treated=1), M=values(never=0, '2nd, or later'=1), Y=values(no=0, else=1)"
    wide = {am: [counts[*am, 0], counts[*am, 1]] for am in itertools.product((0, 1), repeat=2)}
    across = [[a, *(counts[a, *my] for my in itertools.product((0, 1), repeat=2)), arms[a]] for a in (0, 1)]
    sums = [sum(column) for column in zip(*across, strict=True)][1:]

    def file(name: str, header: str, rows: Any) -> str:
        text = "\n".join([header, *(row if isinstance(row, str) else ",".join(map(str, row)) for row in rows)])
        return written(f"{text}\n", f"{name}.csv")

    return {
        "rows": (file("rows", "A,M,Y", as_rows(counts)), {}),
        "counts": (file("counts", "A,M,Y,n", ((*row, n) for row, n in counts.items())), {}),
        "joint": (file("joint", "A,M,Y,prob", ((*row, f"{n}/{total}") for row, n in counts.items())), {}),
        "shares": (file("shares", "A,M,Y,prob", ((*row, f"{n}/{arms[row[0]]}") for row, n in counts.items())), {}),
        "labels": (file("labels", "A,M,Y", labelled), {"recode": rule}),
        "weights": (
            file("weights", "A,M,Y,w", ((*row, f"{n}.0") for row, n in counts.items())),
            {"weights": "w", "kind": "microdata"},
        ),
        "events": (file("events", "A,M,events,total", ((*am, n[1], sum(n)) for am, n in wide.items())), {}),
        "wide": (file("wide", "A,M,Y=0,Y=1", ((*am, *n) for am, n in wide.items())), {}),
        "merged": (file("merged", ",M=0,,M=1,\nA,Y=0,Y=1,Y=0,Y=1", (row[:-1] for row in across)), {}),
        "totals": (
            file("totals", "M,0,,1,,Total\nY,0,1,0,1,\nA,,,,,", [*across, ["Total", *sums]]),
            {},
        ),
    }


COUNTS = st.lists(st.integers(0, 30), min_size=8, max_size=8).filter(
    lambda n: (
        sum(n[:4])
        and sum(n[4:])
        and n[0] + n[2] + n[4] + n[6]
        and n[1] + n[3] + n[5] + n[7]
        and n[2] + n[3] + n[6] + n[7]
        and n[0] + n[1] + n[4] + n[5]
        and any(n[i] > 1 for i in range(8))
    )
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COUNTS)
def test_the_same_information_gives_the_same_bytes(derivation: Derivation, numbers: list[int]) -> None:
    counts = dict(zip(ALL, numbers, strict=True))
    found = {
        name: evaluate(derivation, read_data(MMR, source, **options)).csv()
        for name, (source, options) in tables(counts).items()
    }
    assert len(set(found.values())) == 1, found


def test_the_same_units_give_the_same_intervals(derivation: Derivation) -> None:
    counts = dict(zip(ALL, (203, 20, 23, 87, 31, 31, 7, 84), strict=True))
    found = {
        name: estimate(derivation, read_data(MMR, source, **options), draws=1000).csv()
        for name, (source, options) in tables(counts).items()
        if name not in ("joint", "shares", "weights")
    }
    assert len(set(found.values())) == 1, found


@pytest.mark.parametrize("method", ["intersection", "bootstrap"])
def test_intervals_do_not_depend_on_the_order_of_rows(derivation: Derivation, method: Any) -> None:
    counts = dict(zip(ALL, (203, 20, 23, 87, 31, 31, 7, 84), strict=True))
    found = set()
    for order in (ALL, ALL[::-1], ALL[3:] + ALL[:3]):
        source = lines("A,M,Y,n", ((*row, counts[row]) for row in order))
        found.add(estimate(derivation, read_data(MMR, source), draws=500, method=method).csv())
    assert len(found) == 1


# ---------------------------------------------------------------- joint tables
def test_joint_shares_are_conditioned_on_the_arms() -> None:
    assert shares(TWO, "A,Y,prob\n0,0,0.1\n0,1,0.3\n1,0,0.45\n1,1,0.15\n") == {
        "P(Y=0|A=0)": 0.25,
        "P(Y=1|A=0)": 0.75,
        "P(Y=0|A=1)": 0.75,
        "P(Y=1|A=1)": 0.25,
    }
    assert "sum to" in refusal(TWO, "A,Y,prob\n0,0,0.1\n0,1,0.3\n1,0,0.45\n1,1,0.05\n")


def test_joint_shares_with_units_in_no_cell() -> None:
    """Rows of S=0 say that these are all units: joint shares are no shares of arms then."""
    joint = "A,S,Y,prob\n0,1,0,0.1\n0,1,1,0.1\n0,0,,0.2\n1,1,0,0.3\n1,1,1,0.15\n1,0,,0.15\n"
    assert shares(SELECTED, joint) == pytest.approx(
        {"P(Y=0,S=1|A=0)": 0.25, "P(Y=1,S=1|A=0)": 0.25, "P(Y=0,S=1|A=1)": 0.5, "P(Y=1,S=1|A=1)": 0.25}
    )
    # Without them, cells that sum to one over both arms are shares of arms: half of each is not seen.
    cells = "A,S,Y,prob\n0,1,0,0.25\n0,1,1,0.25\n1,1,0,0.3\n1,1,1,0.2\n"
    assert shares(SELECTED, cells)["P(Y=0,S=1|A=0)"] == 0.25
    assert "sum to 1 in each arm, or over all arms" in refusal(SELECTED, joint.replace("0.15", "0.2"))


def test_joint_cells_by_name() -> None:
    expected = read_data(TWO, {"P(Y=0|A=0)": 10, "P(Y=1|A=0)": 30, "P(Y=0|A=1)": 45, "P(Y=1|A=1)": 15})
    counts = {"P(Y=0, A=0)": 10, "P(A=0, Y=1)": 30, "P(Y=0, A=1)": 45, "P(Y=1, A=1)": 15}
    assert read_data(TWO, counts).counts == expected.counts
    joint = {cell: count / 100 for cell, count in counts.items()}
    assert read_data(TWO, joint).probabilities == expected.probabilities
    with pytest.raises(DataError, match=r"the joint probabilities sum to 1\.05"):
        read_data(TWO, joint | {"P(Y=1, A=1)": 0.2})
    with pytest.raises(DataError, match="is a joint probability, and"):
        read_data(TWO, {"P(Y=1 | A=1)": 0.2, **dict(list(joint.items())[:3])})
    # Units in none of the cells count too.
    seen = {"P(Y=0,S=1,A=0)": 0.1, "P(Y=1,S=1,A=0)": 0.1, "P(S=0,A=0)": 0.2, "P(Y=0,S=1,A=1)": 0.3, "P(S=0,A=1)": 0.3}
    assert [float(p) for p in read_data(SELECTED, seen).probabilities.values()] == [0.25, 0.25, 0.5, 0]


# ---------------------------------------------------------------- events
def test_events_out_of_totals(run: Run) -> None:
    expected = shares(TWO, "A,Y,n\n0,1,10\n0,0,20\n1,1,5\n1,0,6\n")
    assert shares(TWO, "A,deaths,N\n0,10,30\n1,5,11\n") == expected
    assert shares(TWO, "A,ill,of\n0,10,30\n1,5,11\n", events="ill", totals="of") == expected
    assert shares(TWO, "A,ill,of\n0,10,30\n1,5,11\n", events="Y=ill", totals="of") == expected
    assert shares(TWO, "A,Y,of\n0,4,10\n0,6,20\n1,5,11\n", events="Y", totals="of") == expected
    assert shares(TWO, "A,g,Y,of\n0,1,10,30\n0,2,1,1\n1,1,5,11\n", events="Y", totals="of", where="g=1") == expected
    answer = run("evaluate", "iv_ate", written("Z,X,died,n\n0,0,1,9\n0,1,2,4\n1,0,3,8\n1,1,1,7\n"), "--map", "Y=vital")
    assert (answer.status, answer.err) == (0, "")
    assert "Y is 1 for died, of n" in answer.out


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("A,e,n\n0,40,30\n1,5,11\n", {"events": "e", "totals": "n"}, "40 in column 'e' is more than 30 in column 'n'"),
        ("A,e,n\n0,,30\n1,5,11\n", {"events": "e", "totals": "n"}, "'' in column 'e' is not a count"),
        ("A,e,n\n0,1.5,30\n1,5,11\n", {"events": "e", "totals": "n"}, "'1.5' in column 'e' is not a count"),
        ("A,e,n\n0,1,30\n1,5,11\n", {"events": "e"}, "events= and totals= belong together"),
        ("A,e,n\n0,1,30\n1,5,11\n", {"events": "x", "totals": "y"}, "no column 'x' for events"),
        ("A,e,n\n0,1,30\n1,5,11\n", {"events": "W=e", "totals": "n"}, "the model observes no variable 'W'"),
        ("A,Y,e,n\n0,1,1,30\n1,0,5,11\n", {"events": "e", "totals": "n"}, "nothing says which variable"),
        ("e,n\n1,30\n5,11\n", {"events": "e", "totals": "n"}, "nothing says which variable"),
    ],
)
def test_events_that_say_nothing(text: str, options: dict[str, str], message: str) -> None:
    assert message in refusal(TWO, text, **options)


# ---------------------------------------------------------------- cross-tabulations
AS_IS = {"P(Y=0|A=0)": 10, "P(Y=1|A=0)": 20, "P(Y=0|A=1)": 5, "P(Y=1|A=1)": 6}


@pytest.mark.parametrize(
    "text",
    [
        "A,0,1\n0,10,20\n1,5,6\n",
        "A,Y=0,Y=1\n0,10,20\n1,5,6\n",
        ",Y=0,Y=1\nA=0,10,20\nA=1,5,6\n",
        ",A=0,A=1\nY=0,10,5\nY=1,20,6\n",
        "Y,0,1\nA,,\n0,10,20\n1,5,6\n",
        ",Y,\nA,0,1\n0,10,20\n1,5,6\n",
        "Deaths by arm,,\n,Y,\nA,0,1\n0,10,20\n1,5,6\n",
        "A,Y: 0,Y: 1,Total\n0,10,20,30\n1,5,6,11\nTotal,15,26,41\n",
        "A;Y=0;Y=1\n0;10;20\n1;5;6\n",
        '"A=0,Y=0","A=0,Y=1","A=1,Y=0","A=1,Y=1"\n10,20,5,6\n',
    ],
)
def test_cross_tabulations(text: str) -> None:
    assert read_data(TWO, written(text)).counts == AS_IS


def test_labels_tell_what_is_not_said() -> None:
    plain = ",no,some,much\ncontrol,10,20,30\noverall,5,6,7\n"
    assert read_data(LABELS, written(plain)).counts["P(Y=much|A=overall)"] == 7
    turned = ",control,overall\nno,10,5\nsome,20,6\nmuch,30,7\n"
    assert read_data(LABELS, written(turned)).counts == read_data(LABELS, written(plain)).counts
    # What is called like a total and is a value is no total.
    summed = ",no,some,much,Total\ncontrol,10,20,30,60\noverall,5,6,7,18\nTotal,15,26,37,78\n"
    assert read_data(LABELS, written(summed)).counts == read_data(LABELS, written(plain)).counts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",0,1\n0,10,20\n1,5,6\n", "can be read in 2 ways"),
        ("A,Y=0,Y=1,Total\n0,10,20,31\n1,5,6,11\n", "the total of A=0 is 31, and its cells sum to 30"),
        ("A,Y=1\n0,10\n1,5\n", "no column 'Y'"),
        ("A,Y=0,Y=1\n0,10 (33%),20 (67%)\n1,5,6\n", "no column 'Y'"),
        ("A,Y=0,Y=1\n0,10,20\n0,1,2\n1,5,6\n", "no column 'Y'"),
        ("A,Y=0,Y=2\n0,10,20\n1,5,6\n", "no column 'Y'"),
        ("A,Y=0,Y=1\n0,40,60\n1,45.5,54.5\n", "no column 'Y'"),
    ],
)
def test_cross_tabulations_that_are_refused(text: str, message: str) -> None:
    assert message in refusal(TWO, text)


def test_labelled_factors(derivation: Derivation) -> None:
    """Categories of pandas and labels of Stata say the same as the values that they label."""
    pandas = pytest.importorskip("pandas")
    counts = dict(zip(ALL, (203, 20, 23, 87, 31, 31, 7, 84), strict=True))
    frame = pandas.DataFrame(as_rows(counts), columns=["A", "M", "Y"])
    labels = {"A": {0: "control", 1: "1st, treated"}, "M": {0: "never", 1: "some"}, "Y": {0: "no", 1: "yes"}}
    rule = "A=values(control=0, '1st, treated'=1), M=values(never=0, else=1), Y=values(yes=1, no=0)"
    frame.to_stata("d.dta", write_index=False, value_labels=labels)
    texts = frame.apply(lambda column: column.map(labels[column.name]))
    expected = evaluate(derivation, read_data(MMR, frame)).csv()
    for source, options in (
        ("d.dta", {}),
        ("d.dta", {"recode": rule}),
        (texts.astype("category"), {"recode": rule}),
        (texts.astype("category").value_counts().reset_index(), {"recode": rule}),
        (pandas.crosstab(texts.A, [texts.M, texts.Y]), {"recode": rule}),
    ):
        assert evaluate(derivation, read_data(MMR, source, **options)).csv() == expected


def test_frames_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    counts = dict(zip(ALL, (203, 20, 23, 87, 31, 31, 7, 84), strict=True))
    frame = pandas.DataFrame(as_rows(counts), columns=["A", "M", "Y"])
    by_arm = frame.groupby(["A", "M"]).Y
    expected = read_data(MMR, frame).probabilities
    for source in (
        frame.value_counts(),
        frame.value_counts(normalize=True),
        frame.groupby(["A", "M", "Y"]).size().rename("n"),
        pandas.crosstab(frame.A, [frame.M, frame.Y]),
        pandas.crosstab(frame.A, [frame.M, frame.Y], margins=True),
        pandas.crosstab([frame.A, frame.M], frame.Y),
        pandas.crosstab(frame.A, [frame.M, frame.Y], normalize="index"),
        by_arm.value_counts().unstack(),
        by_arm.agg(["sum", "count"]).rename(columns={"sum": "events", "count": "n"}),
    ):
        found = read_data(MMR, source).probabilities
        assert {cell: float(p) for cell, p in found.items()} == pytest.approx(expected)


# ---------------------------------------------------------------- nothing silently different
HEADERS = st.sampled_from(["A", "Y", "Y=0", "Y=1", "0", "1", "", "Total", "n", "events", "total", "prob", "w", "A=0"])
CELLS = st.sampled_from(["0", "1", "2", "7", "", "0.5", "Total", "Y", "A=1", "NA"])
# One table in several layouts.
LAYOUTS = [
    "A,Y=0,Y=1\n0,10,20\n1,5,6\n",
    "A,Y=0,Y=1,Total\n0,10,20,30\n1,5,6,11\nTotal,15,26,41\n",
    "Y,0,1\nA,,\n0,10,20\n1,5,6\n",
    ",Y,\nA,0,1\n0,10,20\n1,5,6\n",
    "A,events,total\n0,20,30\n1,6,11\n",
    "A,Y,n\n0,0,10\n0,1,20\n1,0,5\n1,1,6\n",
]
SPOILT = st.sampled_from(["", "x", "Unnamed: 1", "Total", "total", "a", "y", "N", "P", "E", "NA", "2", "Y=2"])
NO_FIXTURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=100, deadline=None, suppress_health_check=NO_FIXTURE)
@given(st.data())
def test_a_spoilt_header_gives_the_same_numbers_or_none(data: st.DataObject) -> None:
    rows = [line.split(",") for line in data.draw(st.sampled_from(LAYOUTS)).splitlines()]
    level = data.draw(st.integers(0, 1 if rows[1][0] == "A" else 0))
    rows[level][data.draw(st.integers(0, len(rows[level]) - 1))] = data.draw(SPOILT)
    separator = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    ending, mark = data.draw(st.sampled_from(["\n", "\r\n"])), data.draw(st.sampled_from(["", "\ufeff", "# a note\n"]))
    text = mark + ending.join(separator.join(row) for row in rows) + ending
    try:
        found = read_data(TWO, written(text))
    except (DataError, OSError):
        return
    assert found.counts == AS_IS


@settings(max_examples=100, deadline=None, suppress_health_check=NO_FIXTURE)
@given(st.data())
def test_headers_and_cells_at_random_are_read_or_refused(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 4))
    header = data.draw(st.lists(HEADERS, min_size=width, max_size=width))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=4))
    try:
        found = read_data(TWO, written("\n".join(",".join(row) for row in [header, *rows]) + "\n"))
    except (DataError, OSError):
        return
    # Another order of the rows, and another dialect, change nothing where no cell is merged with the one above.
    if all(row[0] for row in rows):
        again = "\r\n".join('"' + '";"'.join(row) + '"' for row in [header, *rows[::-1]])
        assert read_data(TWO, written(again)).counts == found.counts
