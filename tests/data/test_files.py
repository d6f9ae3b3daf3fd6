"""Files of other programs: R's, Excel's, compressed text, and text that white space separates."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, read_data
from boundgen.errors import BoundgenError, FileError
from support.command import Run

TEXT = """model two
variable A in {ARMS} randomized
variable Y(A) in {no, yes}
observe P(Y | A)
estimand e = P(Y(FIRST)=yes)
"""
TWO = Model.parse(TEXT.replace("ARMS", "0, 1").replace("FIRST", "0"))
NAMED = Model.parse(TEXT.replace("ARMS", "control, treated").replace("FIRST", "control"))
CSV = "A,Y,n\n0,no,20\n0,yes,10\n1,no,5\n1,yes,6\n"
UNITS = (20, 10, 5, 6)
# What R 4.2 wrote of: n <- c(20, 10, 5, 6); d <- data.frame(A = rep(c(0L, 0L, 1L, 1L), n),
# Y = factor(rep(c("no", "yes", "no", "yes"), n)), and columns with missing values); t <- table(A = d$A, Y = d$Y);
# save(d), save(d, e), saveRDS(t), saveRDS(prop.table(t)), and saveRDS(l) with A as haven makes it of labels.
R_FILES = {
    "frame.rda": (
        "H4sIAAAAAAAAAwtyiTDmiuBiYGBgZmBhYmJgZgUyGVhDQ9x0LRiAIkAOIwMLAyeITgEqEgYy2ICYF4g1GQYOMBKPmWFuJUEPUZiJ"
        "SEyCXpQAZ8tJLUvNKQayBMCyEFGmvHwoi7kytRhNC2tyTmIxTAfcnLTE5JL8IiDrHxDzgULD/gckGAcr7cBAXdr+A21oBkhIa8Ky"
        "SOIQZCRRn8HAwPkfCAjS8IKFJAYDAxcDbXI0UaABC8ZjJk1KH2xuwOEuZiyYBTtGLUryEnNTYUUJGyz0HWGMSBijHMYohjFyYIxs"
        "iJHM/xlQCySulMSSRL20IqAFaJZyFuWX68EsBoUcE8gXwKRynQFSev0DALuUp0exBgAA"
    ),
    "both.rda": (
        "H4sIAAAAAAAAAwtyiTDmiuBiYGBgZmBhYmJgZgUyGVhDQ9x0LRiAIkAOIwMLAyeITgEqEgYy2ICYF4g1GQYOMBKPmWFuJUEPUZiJ"
        "SEyCXpQAZ8tJLUvNKQayBMCyEFGmvHwoi7kytRhNC2tyTmIxTAfcnLTE5JL8IiDrHxDzgULD/gckGAcr7cBAXdr+A21oBkhIa8Ky"
        "SOIQZCRRn8HAwPkfCAjS8IKFJAYDAxcDbXI0UaABC8ZjJk1KH2xuwOEuZiyYBTtGLUryEnNTYUUJGyz0HWGMSBijHMYohjFyYIxs"
        "iJHM/xlQCySulMSSRL20IqAFaJZyFuWX68EsBoUcE8gXwKRynQFceqFWSKmjFRI9KiQmWPzhq4IwInm01hmtdUZrndFah6hahwVW"
        "etC4omH9z4C1XmH4BwDJly4OCQ0AAA=="
    ),
    "table.rds": (
        "H4sIAAAAAAAAA4vgYmBgYGZgYWJiYGYFMhlYQ0PcdC2AYrxADgsQi4AEgRikkA0oxASkGYEynCCNKZm5QAqklAmBUZRwAJXkJeam"
        "FgOlhKFqBMA0RJ7RAMYwRJNhysuHWVMJ0o5iLCvUTFSzHGGMSCDxD11Lck5iMUwLXLAkMSknFaQaAFBrgOMKAQAA"
    ),
    "shares.rds": (
        "H4sIAAAAAAAAA4vgYmBgYGZgYWJiYGYFMhlYQ0PcdC2AYnxADov9fQvDz83yFvb7ofR5KH1od6D2VqHdQCVMQHWMDCwMnCDNyTmJ"
        "xcVAhgCyYEliUk4qmkrmlMxcIMULxEwIjKKEA6gkLzE3FWgekzBUjQCYhsgzGsAYhmgyTHn5MGsqQdpR3Qg1E9UsRxgjEkj8A2EA"
        "QWfVxhoBAAA="
    ),
    "labelled.rds": (
        "H4sIAAAAAAAAA+VSQaoCMQzNtI7igCL8U7jQtTtx4wkU/CuJMxUXnSl06og7b+k1PIH96YxFfkFQ0JWFJmnIS9KXrBIA4NBiDHhM"
        "JsTLxXw0Id8PPRjpPukhfNmZXj6jgZgmEUELuqTbEjdClkS0Y5mF1YPouMBcUDAM6uDG2UlVYbSS/mm0QCMyMq8hPJVYeji/Ofs7"
        "rESxrvuQBGu8SZUaXa6d9J1mar+RIkxZ424pvZOjzpvyvAfN7kRvvuzJ+wI2mIuo6rn8o5oVyn/x6ObgINwGv29vMTVK3/lnNkgT"
        "zbzx+yBHkqHB8VbTuIPGulodxn4NHLvsRMJae3YF/wDU33OhzQMAAA=="
    ),
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def counts(source: Any, model: Model = TWO, **options: Any) -> tuple[int, ...]:
    return tuple(int(count) for count in read_data(model, source, **options).counts.values())


def refusal(source: str, **options: Any) -> str:
    with pytest.raises(BoundgenError) as caught:
        read_data(TWO, source, **options)
    assert "\n\n" not in str(caught.value)
    return str(caught.value)


def r_file(name: str) -> str:
    Path(name).write_bytes(base64.b64decode(R_FILES[name]))
    return name


# ---------------------------------------------------------------- R
def test_files_of_r() -> None:
    pytest.importorskip("rdata")
    assert counts(r_file("frame.rda")) == UNITS
    assert counts(r_file("table.rds")) == UNITS
    assert counts(r_file("both.rda") + "#e") == UNITS
    shares = read_data(TWO, r_file("shares.rds")).probabilities
    assert [float(share) for share in shares.values()] == pytest.approx([20 / 30, 10 / 30, 5 / 11, 6 / 11])


def test_labels_of_haven() -> None:
    pytest.importorskip("rdata")
    assert counts(r_file("labelled.rds")) == counts("labelled.rds", NAMED) == UNITS
    assert counts("labelled.rds", recode="A=values(control=0, treated=1)") == UNITS


def test_files_of_r_that_do_not_say_enough() -> None:
    pytest.importorskip("rdata")
    assert refusal(r_file("both.rda")) == "both.rda: 2 tables are in it: d, e\n  Name one: 'both.rda#d'."
    assert "there is no table 'x'" in refusal("both.rda#x")
    Path("bad.rds").write_bytes(b"nothing")
    assert "not a file of R" in refusal("bad.rds")


# ---------------------------------------------------------------- Excel
def book(name: str, **sheets: list[list[Any]]) -> str:
    openpyxl = pytest.importorskip("openpyxl")
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(name)
    return name


ROWS = [["A", "Y", "n"], [0, "no", 20], [0, "yes", 10], [1, "no", 5], [1, "yes", 6]]
CROSS = [["Counts"], [], ["", "Y", "", ""], ["A", "no", "yes", "Total"], [0, 20, 10, 30], [1, 5, 6, 11]]


def test_files_of_excel() -> None:
    assert counts(book("one.xlsx", first=ROWS)) == UNITS
    assert (
        counts(book("empty.xlsx", first=[], second=[[], [None, *ROWS[0]], *([None, *row] for row in ROWS[1:])]))
        == UNITS
    )
    assert counts(book("cross.xlsx", only=CROSS)) == UNITS
    assert counts(book("two.xlsx", a=ROWS, b=CROSS) + "#b") == UNITS


def test_files_of_excel_that_do_not_say_enough() -> None:
    assert refusal(book("two.xlsx", a=ROWS, b=CROSS)) == (
        "two.xlsx: 2 sheets hold something: a, b\n  Name one: 'two.xlsx#a'."
    )
    assert "there is no sheet 'c'" in refusal("two.xlsx#c")
    assert "the file is empty" in refusal(book("none.xlsx", a=[]))
    computed = [*ROWS[:4], [1, "yes", "=5+1"]]
    assert "row 5 holds the formula '=5+1' without its value" in refusal(book("computed.xlsx", a=computed))
    Path("bad.xlsx").write_bytes(b"nothing")
    assert "not an Excel file" in refusal("bad.xlsx")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    Path("one.xlsx").write_bytes(b"PK")
    with pytest.raises(FileError, match="boundgen\\[data\\]"):
        read_data(TWO, "one.xlsx")


# ---------------------------------------------------------------- text
@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_compressed_text(ending: str, pack: Any, run: Run) -> None:
    Path(f"d.csv.{ending}").write_bytes(pack(CSV.encode()))
    assert counts(f"d.csv.{ending}") == UNITS
    Path(f"bad.csv.{ending}").write_bytes(b"nothing")
    Path(f"cut.csv.{ending}").write_bytes(pack(CSV.encode() * 50)[:-20])
    for name in ("bad", "cut"):
        answer = run("evaluate", "iv_ate", f"{name}.csv.{ending}")
        assert (answer.status, answer.out) == (2, "")
        assert answer.err == f"{name}.csv.{ending}: not a compressed file that can be read\n  Compress it again.\n"


@pytest.mark.parametrize(
    "text",
    [
        "A Y n\n0 no 20\n0 yes 10\n1 no 5\n1 yes 6\n",
        "  A   Y    n  \n  0  no   20 \n  0  yes  10\n\n  1  no    5\n  1  yes   6\n",
        # R's write.table.
        '"A" "Y" "n"\n"1" 0 "no" 20\n"2" 0 "yes" 10\n"3" 1 "no" 5\n"4" 1 "yes" 6\n',
    ],
)
def test_white_space_separates(text: str) -> None:
    Path("d.txt").write_text(text)
    assert counts("d.txt") == UNITS


def test_white_space_that_does_not_separate() -> None:
    Path("d.txt").write_text("A Y n\n0 no 20\n0 yes\n1 no 5\n1 yes 6\n")
    assert "2 values under 3 columns" in refusal("d.txt")
    Path("d.txt").write_text("A Y n\n0 not at all 20\n0 yes 10\n")
    assert "no column 'Y'" in refusal("d.txt")
