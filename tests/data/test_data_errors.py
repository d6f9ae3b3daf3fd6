"""Bad data: each ends in one paragraph that says where, what, and what to do."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, catalogue, read_data
from boundgen.data import csv_file
from boundgen.errors import BoundgenError, DataError, FileError
from support.command import Run, assert_refused

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
variable A in {0, 1} randomized
variable W(A) in {low, mid, high}
observe P(W | A)
estimand e = P(W(1)=high)
"""
)
GOOD = "A,M,Y\n" + "".join(f"{a},{m},{y}\n" for a in (0, 1) for m in (0, 1) for y in (0, 1))


def refused(
    content: str | bytes, folder: Path, name: str = "d.csv", model: Model = MMR, **options: Any
) -> BoundgenError:
    """The error that reading this file ends in."""
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BoundgenError) as caught:
        read_data(model, name, **options)
    assert "\n\n" not in str(caught.value)
    return caught.value


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# ---------------------------------------------------------------- files
FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": (b"", "d.csv: the file is empty\n  The first line names the columns."),
    "mark only": (b"\xef\xbb\xbf", "d.csv: the file is empty\n  The first line names the columns."),
    "comment only": ("# nothing\n", "d.csv: the file is empty\n  The first line names the columns."),
    "header only": ("A,M,Y\n", "d.csv: there are no rows\n  Data have at least one row below the header."),
    "latin-1": (b"A,M,Y\n0,1,\xe9\n", "d.csv:2:5: not UTF-8 text\n  Save the file as UTF-8."),
    "latin-1 header": (b"A,M,\xdc\n0,1,1\n", "d.csv:1:5: not UTF-8 text\n  Save the file as UTF-8."),
    "utf-16": (GOOD.encode("utf-16"), "d.csv: this is UTF-16 text\n  Save the file as UTF-8."),
    "binary": (b"A,M\0", "d.csv: this is a binary file, not CSV\n  Export it as CSV, in UTF-8."),
    "parquet": (b"PAR1abc", "d.csv: this is a Parquet file\n  Let its name end in .parquet."),
    "no header": (
        "0,1,1\n1,0,0\n",
        "d.csv: the first line holds numbers, not the names of columns\n"
        "  Add a first line with a name for each column.",
    ),
    "short row": ("A,M,Y\n0,1,1\n0,1\n", "d.csv:3: 2 values under 3 columns\n  The separator is , here. "),
    "long row": ("# c\n\nA,M,Y\n0,1,1,1\n", "d.csv:4: 4 values under 3 columns\n  The separator is , here. "),
    "other separator": ("A;M;Y\n0,1,1\n", "d.csv:2: 1 values under 3 columns\n  The separator is ; here. "),
    "open quote": (
        'A,M,Y\n0,1,"1\n',
        "d.csv: broken CSV: unexpected end of data\n  A quotation mark that does not close",
    ),
    "odd quote": ('A,M,Y\n0,1,"1"1\n', "d.csv: broken CSV: ',' expected after '\"'\n  A quotation mark"),
    "two separators": (
        "A;B,M;Y\n0;1,1;1\n",
        "d.csv: the header does not show what separates the columns\n"
        "  Use commas, or put names that hold one in quotes.",
    ),
    "spaces": (
        "A M Y\n0 1 1 0 1\n",
        "d.csv: no column 'Y'\n  Say where Y is: columns='Y=COLUMN'; columns: A M Y; separators are , ; tab |",
    ),
    "unquoted cells": (
        "cell,count\nP(Y=0,M=0|A=0),3\n",
        'd.csv:2: 3 values under 2 columns\n  The separator is , here. Names of cells stand in quotes: "P(Y=1|A=0)",12',
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, tmp_path: Path) -> None:
    content, message = FILES[name]
    assert str(refused(content, tmp_path)).startswith(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "none.csv: there is no such file\n  boundgen.catalogue.data_names() lists the shipped data."),
        ("folder", "folder: this is a folder, not a data file\n  Name a file in it."),
        ("", "(no name): there is no such file\n  boundgen.catalogue.data_names() lists the shipped data."),
        ("x" * 300, f"{'x' * 80}...: there is no such file\n  boundgen.catalogue.data_names() lists the shipped data."),
        ("/dev/null", "/dev/null: this is not a file that can be read twice\n  Store it as a file first."),
        (
            "d.sav",
            "d.sav: files that end in '.sav' are not read\n"
            "  Text (.csv, .tsv, .txt, .csv.gz), Parquet (.parquet), Stata (.dta), Excel (.xlsx) and R (.rds, .rda) "
            "are; export others as CSV.",
        ),
        (
            "data",
            "data: the name has no ending\n"
            "  Text (.csv, .tsv, .txt, .csv.gz), Parquet (.parquet), Stata (.dta), Excel (.xlsx) and R (.rds, .rda) "
            "are; export others as CSV.",
        ),
    ],
)
def test_what_is_no_data_file(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "d.sav").write_bytes(b"$FL2")
    (tmp_path / "data").write_bytes(b"A\n0\n")
    with pytest.raises(FileError) as caught:
        read_data(MMR, name)
    assert str(caught.value) == message


@pytest.mark.parametrize("ending", ["parquet", "dta"])
def test_damaged_file_of_a_library(ending: str, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    kind = {"parquet": "Parquet", "dta": "Stata"}[ending]
    for content in (b"", b"A,M,Y\n0,0,0\n", b"PAR1" + bytes(100), b"<stata_dta><header><release>118</release>"):
        error = refused(content, tmp_path, f"d.{ending}")
        assert isinstance(error, FileError)
        assert error.message.startswith(f"d.{ending}: not a {kind} file that can be read: ")


@pytest.mark.parametrize(("ending", "library"), [("parquet", "pyarrow"), ("dta", "pandas")])
def test_library_that_is_not_installed(
    ending: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    error = refused(b"", tmp_path, f"d.{ending}")
    assert error.message.endswith(f"files needs {library}, which is not installed")
    assert error.remedy == "Install it: pip install 'boundgen[data]', or export the file as CSV."


# ---------------------------------------------------------------- columns and values
ROWS: dict[str, tuple[str, dict[str, Any], str]] = {
    "absent column": (
        "A,M,Z\n0,0,0\n",
        {},
        "d.csv: no column 'Y'\n  Say where Y is: columns='Y=COLUMN'; columns: A, M, Z",
    ),
    "absent mapped column": (
        GOOD,
        {"columns": "Y=vote"},
        "d.csv: no column 'vote' for Y\n  Say where Y is: columns='Y=COLUMN'; columns: A, M, Y",
    ),
    "column twice": ("A,M,Y,Y\n0,0,0,0\n", {}, "d.csv: 2 columns are called 'Y'\n  Names are unique."),
    "column for two": (
        GOOD,
        {"columns": "M=Y"},
        "column 'Y' cannot be both Y and M\n"
        "  Name two columns, or say that M is whether it is there: recode='M=there'.",
    ),
    "unknown variable": (
        GOOD,
        {"columns": "Q=Y"},
        "the model observes no variable 'Q'\n  observed: Y, M, A",
    ),
    "no mapping": (GOOD, {"columns": "M"}, "'M' does not name columns\n  Write VARIABLE=COLUMN,VARIABLE=COLUMN."),
    "unknown statement": (
        GOOD,
        {"where": "2: A=0"},
        "there is no observe statement 2\n  1 of Y, M, A",
    ),
    "absent condition": (
        GOOD,
        {"where": "wave=1"},
        "d.csv: no column 'wave' for the condition wave=1\n  columns: A, M, Y",
    ),
    "no condition": (
        GOOD,
        {"where": "wave"},
        "'wave' is not a comparison\n  Write COLUMN=VALUE, or !=, <, <=, >, >= for =.",
    ),
    "condition without number": (
        GOOD,
        {"where": "A>low"},
        "'A>low' compares with 'low', which is not a number",
    ),
    "unknown value": (
        GOOD + "0,2,0\n0,2,1\n1,no,1\n",
        {},
        "d.csv: column 'M' holds values that are not in {0, 1}: '2' 2 times, 'no' 1 times\n"
        "  Leave rows out, where='M!=VALUE', dichotomize='M=no', or declare the values in the model.",
    ),
    "unknown value of a mapped column": (
        GOOD.replace("M", "anger") + "0,7,0\n",
        {"columns": "M=anger"},
        "d.csv: column 'anger' for M holds values that are not in {0, 1}: '7' 1 times\n"
        "  Leave rows out, where='anger!=VALUE', dichotomize='M>NUMBER', or declare the values in the model.",
    ),
    "half value": (
        GOOD + "0,0.5,0\n",
        {},
        "d.csv: column 'M' holds values that are not in {0, 1}: '0.5' 1 times\n"
        "  Leave rows out, where='M!=VALUE', dichotomize='M>NUMBER', or declare the values in the model.",
    ),
    "missing": (
        GOOD + "0,,0\n0,NA,\n.,1,1\n",
        {},
        "d.csv: 3 of 11 rows miss a value: M 2, A 1, Y 1\n  drop_missing=True leaves them out.",
    ),
    "empty arm": (
        "A,M,Y\n0,0,0\n0,1,1\n",
        {},
        "d.csv: the arm A=1 is empty: no unit is in it\n  Bounds need every arm that the model observes.",
    ),
    "arm emptied by a condition": (
        GOOD,
        {"where": "A=0"},
        "d.csv: the arm A=1 is empty: no unit is in it\n"
        "  Bounds need every arm that the model observes; 4 units are in none of them.",
    ),
    "cut of text": (
        GOOD + "0,angry,0\n",
        {"dichotomize": "M>0"},
        "d.csv: column 'M' holds what is not a number: 'angry' 1 times\n  Only numbers are above or below a cut.",
    ),
    "cut at no number": (GOOD, {"dichotomize": "M>low"}, "'M' is compared with 'low', which is not a number"),
    "cut of no variable": (
        GOOD,
        {"dichotomize": "Q>1"},
        "the model observes no variable 'Q'\n  observed: Y, M, A",
    ),
    "column of two names": (
        GOOD,
        {"columns": ["A=M", "A=Y"]},
        "'A' is both column 'M' and column 'Y'\n  Name one column.",
    ),
    "cut twice": (GOOD, {"dichotomize": ["M>1", "M>2"]}, "'M' is dichotomized twice\n  Say it once."),
    "no cut": (
        GOOD,
        {"dichotomize": "M"},
        "'M' is not a comparison\n  Write VARIABLE=median, VARIABLE>NUMBER or VARIABLE=VALUE.",
    ),
    "median of nothing": (
        "A,M,Y\n0,x,0\n",
        {"dichotomize": "M=median"},
        "d.csv: column 'M' has no numbers, so no median",
    ),
    "absent weights": (GOOD, {"weights": "w"}, "d.csv: no column 'w' for weights\n  columns: A, M, Y"),
    "negative weight": (
        "A,M,Y,w\n0,0,0,1\n1,0,0,-1\n",
        {"weights": "w"},
        "d.csv: '-1' in column 'w' is not a weight\n  Weights are numbers, zero or more.",
    ),
    "decimal comma": (
        "A;M;Y;w\n0;0;0;1,5\n",
        {"weights": "w"},
        "d.csv: '1,5' in column 'w' is not a weight\n  Write numbers with a decimal point.",
    ),
    "missing weight": (
        "A,M,Y,w\n0,0,0,1\n1,0,0,\n1,0,0,1\n",
        {"weights": "w"},
        "d.csv: 1 of 3 rows miss a value: w 1\n  drop_missing=True leaves them out.",
    ),
    "weights of zero": (
        "A,M,Y,w\n0,0,0,1\n1,0,0,0\n",
        {"weights": "w"},
        "d.csv: the arm A=1 is empty: no unit is in it\n  Bounds need every arm that the model observes.",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_rows(name: str, tmp_path: Path) -> None:
    content, options, message = ROWS[name]
    error = refused(content, tmp_path, **options)
    assert isinstance(error, DataError)
    assert str(error) == message


def test_strange_values_are_counted_over_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "ROWS_PER_CHUNK", 10)
    content = GOOD + "0,5,0\n" * 25 + "".join(f"0,{i},0\n" for i in range(100, 400))
    error = refused(content, tmp_path)
    assert "holds values that are not in {0, 1}: '5' 25 times, '100' 1 times, " in error.message
    assert error.message.endswith(", and 43 more")
    assert len(str(error)) < 500


def test_first_bad_line_far_down(tmp_path: Path) -> None:
    content = GOOD.encode() + b"0,0,0\n" * 30_000
    assert str(refused(content + b"0,0,\xff\n", tmp_path)).startswith("d.csv:30010:5: not UTF-8 text")
    assert str(refused(content + b"0,0\n", tmp_path)).startswith("d.csv:30010: 2 values under 3 columns")


# ---------------------------------------------------------------- counts and probabilities
CELLS = [f"P(Y={y},M={m}|A={a})" for a in (0, 1) for m in (0, 1) for y in (0, 1)]


def cells(what: str, amounts: list[str]) -> str:
    return f"cell,{what}\n" + "".join(f'"{c}",{x}\n' for c, x in zip(CELLS, amounts, strict=True))


AMOUNTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "negative count": (
        "A,M,Y,count\n0,0,0,3\n1,0,0,-1\n",
        {},
        "d.csv: '-1' in column 'count' is not a count\n  Counts are integers, zero or more.",
    ),
    "count without a number": (
        "A,M,Y,n\n0,0,0,\n",
        {},
        "d.csv: '' in column 'n' is not a count\n  Counts are integers, zero or more.",
    ),
    "sum above one": (
        cells("probability", ["0.25", "0.25", "0.25", "0.26", "0.25", "0.25", "0.25", "0.25"]),
        {},
        "d.csv: the probabilities of the arm A=0 sum to 1.01\n  They must sum to 1.",
    ),
    "sum below one": (
        "A,M,Y,probability\n0,0,0,1\n1,0,0,0.999999998\n",
        {},
        "d.csv: the probabilities of the arm A=1 sum to 0.999999998\n  They must sum to 1.",
    ),
    "no probability": (
        cells("probability", ["1.5"] * 8),
        {},
        "d.csv: '1.5' is not the probability of P(Y=0,M=0|A=0)\n  Write 0.25 or 1/4, from 0 to 1.",
    ),
    "no count": (
        cells("count", ["1.5"] * 8),
        {},
        "d.csv: '1.5' is not the count of P(Y=0,M=0|A=0)\n  Counts are integers, zero or more.",
    ),
    "cell twice": (
        cells("count", ["1"] * 8) + '"P(M=0, Y=0 | A=0)",1\n',
        {},
        "d.csv: the cell P(Y=0,M=0|A=0) stands there twice\n  Give each cell once.",
    ),
    "unknown cell": (
        'cell,count\n"P(Y=2,M=0|A=0)",1\n',
        {},
        "d.csv: the model has no cell 'P(Y=2,M=0|A=0)'\n  cells: P(Y=0,M=0|A=0), P(Y=0,M=1|A=0), P(Y=1,M=0|A=0), ",
    ),
    "no cell": ('cell,count\n"Y=2",1\n', {}, "d.csv: the model has no cell 'Y=2'\n  cells: P(Y=0,M=0|A=0), "),
    "no rows": ("cell,count\n", {}, "d.csv: there are no rows\n  Data have at least one row below the header."),
    "empty arm": (
        cells("count", ["1"] * 4 + ["0"] * 4),
        {},
        "d.csv: an arm is empty: its cells, of which P(Y=0,M=0|A=1) is one, count 0 units\n"
        "  Bounds need every arm that the model observes.",
    ),
    "map cells": (
        cells("count", ["1"] * 8),
        {"columns": "A=treat"},
        "d.csv: cells by name leave nothing to map, to select or to recode\n"
        "  Leave columns=, where=, dichotomize= and recode= out.",
    ),
    "weigh counts": (
        cells("count", ["1"] * 8),
        {"weights": "count", "kind": "counts"},
        "d.csv: counts take no weights\n  weights= is for micro-data.",
    ),
    "not counts": (
        GOOD,
        {"kind": "counts"},
        "d.csv: no column is known to hold counts\n  Name it: counts='COLUMN'; columns: A, M, Y",
    ),
    "which kind": (
        "A,M,Y,n,age\n0,0,0,3,20\n",
        {},
        "d.csv: a column 'n' beside others: are these micro-data, counts or probabilities?\n"
        "  Say it: kind='microdata', counts='COLUMN' or probabilities='COLUMN'.",
    ),
    "two kinds": (
        "A,M,Y,count,probability\n0,0,0,3,1\n",
        {},
        "d.csv: columns count, probability: are these micro-data, counts or probabilities?\n"
        "  Say it: kind='microdata', counts='COLUMN' or probabilities='COLUMN'.",
    ),
    "median of probabilities": (
        "A,M,Y,probability\n0,0,0,1\n1,0,0,1\n",
        {"dichotomize": "M=median"},
        "probabilities have no median of units\n  Name the cut: dichotomize='M>7'.",
    ),
}


@pytest.mark.parametrize("name", AMOUNTS)
def test_counts_and_probabilities(name: str, tmp_path: Path) -> None:
    content, options, message = AMOUNTS[name]
    error = refused(content, tmp_path, **options)
    assert isinstance(error, DataError)
    assert str(error).startswith(message)


@pytest.mark.parametrize(
    "content",
    ["A,S,Y,count\n0,1,0,3\n0,1,1,2\n1,1,1,2\n", 'cell,count\n"P(Y=0,S=1|A=0)",3\n"P(Y=1,S=1|A=1)",2\n'],
)
def test_counts_of_incomplete_arms_need_the_rest(content: str, tmp_path: Path) -> None:
    error = refused(content, tmp_path, model=SELECTED)
    assert str(error) == (
        "d.csv: nothing says how many units of the arm A=0 are in none of the observed cells\n"
        "  Add a row for them, with the count 0 if there are none."
    )


def test_incomplete_probabilities_above_one(tmp_path: Path) -> None:
    content = 'cell,probability\n"P(Y=0,S=1|A=0)",0.7\n"P(Y=1,S=1|A=0)",0.4\n'
    error = refused(content, tmp_path, model=SELECTED)
    assert str(error) == "d.csv: the probabilities of the arm A=0 sum to 1.1\n  They must sum to 1 at most."


def test_unknown_name_lists_the_values(tmp_path: Path) -> None:
    error = refused("A,W\n0,low\n1,medium\n", tmp_path, model=NAMED)
    assert str(error) == (
        "d.csv: column 'W' holds values that are not in {low, mid, high}: 'medium' 1 times\n"
        "  Leave rows out, where='W!=VALUE', recode='W=values(medium=VALUE)', or declare the values in the model."
    )
    error = refused("A,W\n0,low\n1,mid\n", tmp_path, model=NAMED, dichotomize="W>1")
    assert str(error) == "'W' has 3 values, so it cannot be dichotomized\n  Only a variable with two values can."


# ---------------------------------------------------------------- several sources
def test_different_experiments_do_not_share_rows(tmp_path: Path) -> None:
    message = (
        "d.csv: observe statements 1 and 2 are different experiments, and the same rows would serve both\n"
        "  Tell rows apart, where=['1: COLUMN=VALUE', '2: COLUMN=VALUE'], or give two files, 1=FILE 2=FILE."
    )
    assert str(refused(GOOD, tmp_path, model=PARALLEL)) == message
    assert str(refused(GOOD, tmp_path, model=PARALLEL, where="1: A>=0")) == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            ["a.csv", "b.csv"],
            "a.csv and b.csv could both serve observe statement 1 (Y, M, A)\n  Say which: 1=FILE.",
        ),
        (["1=a.csv", "1=b.csv"], "an observe statement was given two files\n  Pool them in one."),
        (["3=a.csv"], "there is no observe statement 3\n  The model has 2: 1 of Y, M, A, 2 of Y, A, M."),
        (["1=a.csv", "2=a.csv", "b.csv"], "b.csv: no observe statement needs it\n  1 of Y, M, A, 2 of Y, A, M"),
        (["1=a.csv"], "no file serves observe statement 2 (Y, A, M)\n  Say which: 2=FILE."),
        (
            [],
            "no data were given\n  Give a data frame, columns by name, a file, or data from "
            "boundgen.catalogue.data_names().",
        ),
        (
            3,
            "int is no data\n  Give a data frame, columns by name, a file, or data from "
            "boundgen.catalogue.data_names().",
        ),
        (
            [3],
            "int is not a source of data\n"
            "  Give the name of a file, a data frame, or a mapping of cells to counts or probabilities.",
        ),
    ],
)
def test_who_serves_whom(source: Any, message: str, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_data(PARALLEL, source)
    assert str(caught.value) == message


def test_cells_that_two_sources_disagree_about(tmp_path: Path) -> None:
    model = Model.parse(
        "model twice\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\n"
        "observe P(Y=1, X)\nobserve P(Y, X)\nestimand e = E[Y(1) - Y(0)]\n"
    )
    (tmp_path / "a.csv").write_text("X,Y\n0,0\n0,1\n1,0\n1,1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("X,Y\n0,1\n0,1\n1,0\n1,1\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_data(model, ["1=a.csv", "2=b.csv"])
    assert str(caught.value) == (
        "two observe statements share the cell P(Y=1,X=0), and their data give it 0.25 and 0.5\n"
        "  Pool the data of both in one file."
    )
    assert read_data(model, ["1=a.csv", "2=a.csv"]).probabilities["P(Y=1,X=0)"] * 4 == 1


# ---------------------------------------------------------------- the command
COMMANDS = [
    (
        ("mediation_mmr", "d.csv", "--map", "Y=vote"),
        "d.csv: no column 'vote' for Y\n  Say where Y is: --map Y=COLUMN; columns: A, M, Y",
    ),
    (
        ("mediation_mmr", "d.csv", "--estimand", "risk"),
        "model mediation_mmr has no estimand 'risk'\n  estimands: delta0, delta1, zeta0, zeta1, atm, ate",
    ),
    (
        ("mediation_limited_defiers", "d.csv"),
        "parameter 'gamma' has no value\n  Give it one of [0, 1]: --at \"gamma=0.1\", or a grid 0:0.3:0.01.",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=1.5"),
        "gamma = 3/2 is out of its range\n  Its range is [0, 1].",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=0:2:0.5"),
        "gamma = 3/2 is out of its range\n  Its range is [0, 1].",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=0.1,rho=1"),
        "the model has no parameter 'rho'\n  parameters: gamma",
    ),
    (("mediation_mmr", "d.csv", "--at", "gamma=0.1"), "the model has no parameter 'gamma'\n  parameters: none"),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=x"),
        "gamma = 'x' is not a number\n  Write a number: 0.1 or 1/10.",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=0:1"),
        "'gamma=0:1' is not a grid\n  Write NAME=LOW:HIGH:STEP.",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=1:0:0.1"),
        "the grid 'gamma=1:0:0.1' has no values\n  LOW is at most HIGH, and STEP above zero.",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "gamma=0:1:0.000001"),
        "the grid 'gamma=0:1:0.000001' has 1000001 values\n  At most 100000.",
    ),
    (
        ("mediation_limited_defiers", "d.csv", "--at", "0.1"),
        "'0.1' gives no parameter a value\n  Write NAME=VALUE or NAME=LOW:HIGH:STEP.",
    ),
    (("mediation_mmr", "d.csv", "-o", "."), ".: not a file that can be replaced\n  Name a file."),
]


@pytest.mark.parametrize(("words", "message"), COMMANDS)
def test_command(words: tuple[str, ...], message: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(GOOD, encoding="utf-8")
    assert_refused(run("evaluate", *words), message)


def test_command_without_data(run: Run) -> None:
    assert_refused(
        run("evaluate", "mediation_mmr"),
        "boundgen: Missing argument 'DATA...'.\n  Try: boundgen evaluate --help",
    )


# ---------------------------------------------------------------- slips
STRAY = [
    '"',
    ",",
    ";",
    "\n",
    "\r",
    "#",
    "=",
    "P(",
    "|",
    "-1",
    "1e999",
    "9" * 400,
    "nan",
    "é",
    "\x00",
    "\ufeff",
    "２",
    " ",
]
FILES_TO_SPOIL = [
    (GOOD, {}),
    (GOOD.replace("Y\n", "Y,w\n").replace("0\n", "0,0.5\n").replace("1\n", "1,2\n"), {"weights": "w"}),
    (cells("count", ["3"] * 8), {}),
    (cells("probability", ["0.25"] * 8), {}),
    (GOOD, {"dichotomize": "M=median", "where": "Y>=0", "drop_missing": True}),
]


def ending(**options: Any) -> str:
    """The message in which reading d.csv ends; empty where it can be read."""
    try:
        read_data(MMR, "d.csv", **options)
    except BoundgenError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("number", range(len(FILES_TO_SPOIL)))
def test_slips_never_end_in_another_error(number: int, tmp_path: Path) -> None:
    content, options = FILES_TO_SPOIL[number]
    chance = random.Random(number)
    messages = []
    for _ in range(150):
        here = chance.randrange(len(content))
        spoilt = content[:here] + chance.choice([*STRAY, ""]) + content[here + chance.randrange(3) :]
        (tmp_path / "d.csv").write_bytes(spoilt.encode())
        messages.append(ending(**options))
    assert not any("\n\n" in message or len(message) > 700 for message in messages)
    assert sum(map(bool, messages)) > 20


@pytest.mark.parametrize("option", ["columns", "where", "dichotomize"])
def test_slips_in_options_never_end_in_another_error(option: str, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(GOOD, encoding="utf-8")
    chance = random.Random(option)
    parts = ["A", "M", "Y", "=", ">", "<=", "!=", "==", ":", ",", "1", "0.5", "median", " ", "1:", "9:", "", "nan", "é"]
    for _ in range(300):
        text = "".join(chance.choices(parts, k=chance.randrange(1, 6)))
        assert "\n\n" not in ending(**{option: text})
