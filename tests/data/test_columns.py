"""The one reader of columns: a table and columns in memory give the same sample."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from boundgen.data.coding import coded
from boundgen.data.columns import Labels, columns_of
from boundgen.data.table_columns import read_columns
from boundgen.errors import DataError

FRAME = pandas.DataFrame(
    {
        "t": [0, 1, 1, 0],
        "y": [0.1, 2.5, 1e-3, 4.0],
        "sex": ["f", "m", "f", "m"],
        "site": ["site 10", "site 2", "site 2", "site 10"],
        "w": [1.0, 2.0, 1.0, 4.0],
    }
)
NAMES = {"A": "t", "Y": "y", "X": "sex", "S": "site"}


def test_a_table_and_columns_in_memory_are_the_same_sample():
    read = read_columns(FRAME, columns="A=t,Y=y,X=sex,S=site", weights="w")
    held = columns_of(FRAME, NAMES, "w")
    for part in ("A", "Y", "X"):
        assert read.names[part] == held.names[part]
        assert read.one(part).tolist() == held.one(part).tolist()
    assert read.names["X"] == ("sex=m",)
    assert read.labels["S"].texts == held.labels["S"].texts == FRAME.site.tolist()
    assert read.weights.tolist() == held.weights.tolist() == [0.125, 0.25, 0.125, 0.5]


def test_counts_are_that_many_units():
    table = pandas.DataFrame({"A": [0, 1], "Y": [3, 5], "S": ["a", "b"], "count": [2, 1]})
    found = read_columns(table)
    assert (found.one("Y").tolist(), found.labels["S"].texts, found.size) == ([3, 3, 5], ["a", "a", "b"], 3)


def test_the_order_of_rows_does_not_matter():
    parts = ("Y", "A", "X", "S")
    one, other = (columns_of(frame, NAMES, "w").ordered(parts) for frame in (FRAME, FRAME[::-1]))
    assert one.one("Y").tolist() == other.one("Y").tolist() == sorted(FRAME.y)
    assert one.labels["S"].texts == other.labels["S"].texts
    assert one.weights.tolist() == other.weights.tolist()
    assert one.weights.mean() == pytest.approx(1)


def test_labels_are_in_rising_order_with_numbers_by_size():
    assert Labels.of(["site 10", "site 2", "site 10"]).names == ("site 2", "site 10")


def test_numbers_truth_and_texts():
    assert coded("x", "X", ["1", "0.5", "true"])[0][1].tolist() == [1, 0.5, 1]
    assert [name for name, _ in coded("x", "X", ["b", "c", "a"])] == ["x=b", "x=c"]
    with pytest.raises(DataError, match=r"column 'x' \(covariate\) holds 'low', which is not a number"):
        coded("x", "X", ["1", "low"])


@pytest.mark.parametrize("read", [lambda frame: columns_of(frame, NAMES), lambda f: read_columns(f, columns="X=sex")])
def test_a_covariate_of_one_text_is_refused_by_both(read):
    with pytest.raises(DataError, match=r"column 'sex' \(covariate\) has 1 different texts"):
        read(FRAME.assign(sex="f"))


def test_what_is_missing_is_refused():
    with pytest.raises(DataError, match="the column 'y' has missing or infinite values"):
        columns_of(FRAME.assign(y=np.nan), NAMES)
    with pytest.raises(DataError, match="column 'site' misses 4 values"):
        columns_of(FRAME.assign(site="NA"), NAMES)
