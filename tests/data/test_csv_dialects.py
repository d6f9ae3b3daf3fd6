"""However a CSV file is written, its numbers are those of the plain file, or it is refused: never others."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundgen import catalogue, read_data
from boundgen.data.table_columns import read_columns
from boundgen.errors import BoundgenError

MMR = catalogue.load("mediation_mmr")
Row = tuple[int | float | str | None, ...]
HEADER = ("A", "M", "Y", "wave", "score", "w", "village", "group")
# The last values are where a point or a comma may be read as a thousand or as a fraction.
SCORES = (0, 1, 7.25, 0.5, 12, 987, 1234.5, 1234, 1250)
WEIGHTS = (1, 2, 0.25, 1.5, 1000, 1500, 12000, 3)


@dataclass(frozen=True)
class Dialect:
    """How a file is written; the default is the plain way."""

    separator: str = ","
    quotes: str = "none"
    end: str = "\n"
    mark: str = ""
    encoding: str = "utf-8"
    spaces: str = ""
    numbers: str = "plain"
    missing: str = ""
    blank: str = "none"
    comment: str = ""
    trailing: str = "none"
    header: str = "same"
    index: str = "none"
    doubled: str = ""
    spreadsheet: bool = False

    def text(self, header: Sequence[str], rows: Sequence[Row]) -> str:
        names = [*map(HEADERS[self.header], header), *([self.doubled] if self.doubled else [])]
        lines = [[self.written(value) for value in row] + ["1"] * bool(self.doubled) for row in rows]
        if self.index != "none":
            names = names if self.index == "short" else ["" if self.index == "R" else "Unnamed: 0", *names]
            lines = [[str(i + (self.index == "R")), *line] for i, line in enumerate(lines)]
        found = [self.line(names, header=True), *(self.line(line) for line in lines)]
        if self.blank != "none":
            blank = {"empty": "", "spaces": "  ", "separators": self.separator * (len(names) - 1)}[self.blank]
            found = [found[0], *itertools.chain.from_iterable((line, blank) for line in found[1:])]
        above = [self.comment] if self.comment else []
        above += [f"sep={self.separator}"] if self.spreadsheet else []
        return self.mark + self.end.join([*above, *found]) + self.end

    def line(self, values: Sequence[str], *, header: bool = False) -> str:
        ends = self.separator * (self.trailing == "all" or (self.trailing == "rows" and not header))
        return self.separator.join(f"{self.spaces}{self.quoted(value)}{self.spaces}" for value in values) + ends

    def quoted(self, value: str) -> str:
        needed = self.separator in value or '"' in value
        if self.quotes == "single" and value:
            return f"'{value}'"
        inside = f" {value} " if self.quotes == "wide" else value
        return f'"{inside}"' if needed or self.quotes in ("all", "wide") else value

    def written(self, value: int | float | str | None) -> str:
        if value is None:
            return self.missing
        return value if isinstance(value, str) else NUMBERS[self.numbers](value)


def thousands(separator: str, point: str) -> Callable[[float], str]:
    return lambda x: f"{x:,}".replace(",", "_").replace(".", point).replace("_", separator)


NUMBERS: dict[str, Callable[[float], str]] = {
    "plain": str,
    "float": lambda x: str(float(x)),
    "padded": lambda x: f"{Decimal(str(float(x))):f}00",
    "scientific": lambda x: f"{Decimal(str(x)):e}",
    "R": lambda x: f"{x:.0e}" if x >= 1000 and x == float(f"{x:.0e}") else str(x),
    "plus": lambda x: f"+{x}",
    "comma": lambda x: str(x).replace(".", ","),
    "float comma": lambda x: str(float(x)).replace(".", ","),
    "English": thousands(",", "."),
    "German": thousands(".", ","),
    "French": thousands("\u202f", ","),
    "spaced": thousands(" ", "."),
    "Swiss": thousands("'", "."),
    "percent": lambda x: f"{100 * x}%",
    "truth": lambda x: {0: "FALSE", 1: "TRUE"}.get(x, str(x)),
    "apostrophe": lambda x: f"'{x}",
    "minus": lambda x: str(x).replace("-", "\u2212"),
    "underscore": lambda x: f"{x:_}",
}
HEADERS: dict[str, Callable[[str], str]] = {
    "same": str,
    "lower": str.lower,
    "upper": str.upper,
    "spaced": lambda name: f" {name}\u00a0",
    "quoted": lambda name: f"'{name}'",
    "accents": lambda name: f"{name}\u00e9",
}
MISSING = (
    "",
    "NA",
    "na",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "NAN",
    ".",
    "null",
    "NULL",
    "None",
    "<NA>",
    "#N/A",
    "#DIV/0!",
    " ",
)
DIALECTS = st.builds(
    Dialect,
    st.sampled_from(",;\t|"),
    st.sampled_from(["none", "all", "wide", "single"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-16-le", "latin-1"]),
    st.sampled_from(["", " ", "  "]),
    st.sampled_from(sorted(NUMBERS)),
    st.sampled_from(MISSING),
    st.sampled_from(["none", "none", "empty", "spaces", "separators"]),
    st.sampled_from(["", "", "# about; these, data", '"# quoted"']),
    st.sampled_from(["none", "none", "all", "rows"]),
    st.sampled_from([*["same"] * 4, *HEADERS]),
    st.sampled_from(["none", "none", "R", "pandas", "short"]),
    st.sampled_from(["", "", "", "Y", "score", "other", "count"]),
    st.sampled_from([False, False, False, True]),
)
ALL = list(itertools.product((0, 1), repeat=3))
VALUES = st.tuples(
    st.sampled_from(ALL),
    st.sampled_from((1, 2, 10)),
    st.sampled_from(SCORES),
    st.sampled_from(WEIGHTS),
    st.sampled_from((1, 2, 10, 1000)),
    st.sampled_from(("x", "y z", "1a")),
    st.sampled_from((None, None, None, None, "M", "w", "wave", "village")),
)


def row(parts: Any) -> Row:
    values = [*parts[0], *parts[1:6]]
    return tuple(None if name == parts[6] else value for name, value in zip(HEADER, values, strict=True))


# Every arm is there at each wave, with two clusters.
BASE: list[Row] = [
    (a, m, 1 - m, wave, score, w, village, "x")
    for a, m in itertools.product((0, 1), repeat=2)
    for wave, score, w, village in ((1, 1234, 1500, 1), (2, 12, 1, 2), (10, 0.5, 0.25, 10))
]
STUDIES = st.lists(VALUES, max_size=12).map(lambda found: [*BASE, *map(row, found)])
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"drop_missing": True},
    {"drop_missing": True, "where": "wave!=1"},
    {"drop_missing": True, "where": "wave>1"},
    {"drop_missing": True, "where": ["score<1000", "village!=2"]},
    {"drop_missing": True, "where": "M!=1", "columns": "M=Y,Y=A,A=M", "dichotomize": ()},
    {"drop_missing": True, "weights": "w"},
    {"drop_missing": True, "columns": "M=score", "dichotomize": "M>7"},
    {"drop_missing": True, "columns": "M=score", "dichotomize": "M=median"},
    {"drop_missing": True, "columns": "M=score", "dichotomize": "M=12"},
    {"drop_missing": True, "dichotomize": "Y!=0"},
)
CLUSTERED: tuple[dict[str, Any], ...] = (
    {"drop_missing": True, "cluster": "village"},
    {"drop_missing": True, "cluster": "village", "weights": "w"},
)
MEDIATED: tuple[dict[str, Any], ...] = (
    {"drop_missing": True, "columns": "X=score,S=village"},
    {"drop_missing": True, "columns": "X=group,C=village", "weights": "w"},
    {"drop_missing": True, "columns": "M=score", "dichotomize": "M=median", "where": "wave!=1"},
    {"drop_missing": True, "columns": "M=wave,W=score", "dichotomize": "Y=1,M!=10"},
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def renamed(label: str) -> str:
    """Programs that write truth for 1, or 1,000, give a cluster another name: the clusters stay the same."""
    return {"TRUE": "1", "FALSE": "0"}.get(label, re.sub(r"(?<=\d)[,' \u202f](?=\d{3})", "", label))


def bounds_data(name: str, **options: Any) -> Any:
    """All that bounds and their intervals are computed from."""
    data = read_data(MMR, name, **options)
    clusters = [
        [sorted((renamed(label), weight) for label, weight in held.items()) for held in joint.clusters.weights]
        for joint in data.joints
        if joint.clusters
    ]
    return data.arms, clusters


def companion_data(name: str, **options: Any) -> Any:
    """All that companion methods are computed from; each needs a treatment, a mediator and an outcome."""
    data = read_columns(name, parts=("A", "M", "Y", "S", "X", "W", "C"), **options)
    numbers = {part: [column.tolist() for column in data.several(part)] for part in ("A", "M", "Y", *data.numbers)}
    labels = {part: list(map(renamed, labels.texts)) for part, labels in data.labels.items()}
    return numbers, labels, None if data.weights is None else data.weights.tolist(), data.names


def answer(reader: Callable[..., Any], name: str, options: dict[str, Any]) -> Any:
    """What is read; None where it is refused, in one paragraph."""
    try:
        return reader(name, **options)
    except BoundgenError as error:
        message = str(error)
    assert message.strip()
    assert "\n\n" not in message
    return None


def write(name: str, text: str, encoding: str = "utf-8") -> str:
    Path(name).write_bytes(text.encode(encoding, errors="replace"))
    return name


def assert_same_or_refused(
    dialect: Dialect, header: Sequence[str], rows: Sequence[Row], reader: Callable[..., Any], options: dict[str, Any]
) -> bool:
    """Whether the file was read."""
    plain = write("plain.csv", Dialect().text(header, rows))
    other = write("other.csv", dialect.text(header, rows), dialect.encoding)
    found = answer(reader, other, options)
    if found is not None:
        assert found == answer(reader, plain, options), (dialect, Path(other).read_bytes())
    return found is not None


@given(STUDIES, DIALECTS, st.sampled_from([*OPTIONS, *CLUSTERED]))
def test_bounds_data_are_the_same_or_refused(rows: list[Row], dialect: Dialect, options: dict[str, Any]) -> None:
    assert_same_or_refused(dialect, HEADER, rows, bounds_data, options)


@given(STUDIES, DIALECTS, st.sampled_from(MEDIATED))
def test_companion_data_are_the_same_or_refused(rows: list[Row], dialect: Dialect, options: dict[str, Any]) -> None:
    assert_same_or_refused(dialect, HEADER, rows, companion_data, options)


AMOUNTS = st.lists(st.sampled_from((0, 1, 7, 987, 1000, 1234, 12000)), min_size=8, max_size=8)


@given(AMOUNTS, DIALECTS, st.sampled_from(["count", "Freq", "_freq", "N", "size", "any"]))
def test_counts_are_the_same_or_refused(counts: list[int], dialect: Dialect, name: str) -> None:
    rows = [(*each, count) for each, count in zip(ALL, counts, strict=True)]
    for reader in (bounds_data, companion_data):
        for options in ({}, {"counts": name}):
            assert_same_or_refused(dialect, ("A", "M", "Y", name), rows, reader, options)


@given(AMOUNTS, DIALECTS)
def test_probabilities_are_the_same_or_refused(counts: list[int], dialect: Dialect) -> None:
    totals = [sum(counts[:4]) or 1, sum(counts[4:]) or 1]
    rows = [(*each, count / totals[each[0]]) for each, count in zip(ALL, counts, strict=True)]
    assert_same_or_refused(dialect, ("A", "M", "Y", "prob"), rows, bounds_data, {})


@pytest.mark.parametrize("name", [*Dialect.__dataclass_fields__])
def test_one_thing_that_is_not_plain(name: str) -> None:
    """Each way of writing by itself, at every option; what only people of good will write is read."""
    ways: dict[str, Sequence[Any]] = {
        "separator": ",;\t|",
        "quotes": ["all", "wide", "single"],
        "end": ["\r\n", "\r"],
        "mark": ["\ufeff"],
        "encoding": ["utf-16", "utf-16-le", "latin-1"],
        "spaces": [" ", "  "],
        "numbers": sorted(NUMBERS),
        "missing": MISSING,
        "blank": ["empty", "spaces", "separators"],
        "comment": ["# about; these, data", '"# quoted"'],
        "trailing": ["all", "rows"],
        "header": list(HEADERS),
        "index": ["R", "pandas", "short"],
        "doubled": ["Y", "score", "other"],
        "spreadsheet": [True],
    }
    gaps: Row = (0, None, 1, None, 12, 2, 2, "y z")
    rows = [*BASE, *BASE[:3], gaps]
    read: set[Any] = set()
    for way in ways[name]:
        for separator in {",", ";"} if name == "numbers" else {None}:
            dialect = Dialect(**{"separator": separator or ",", name: way})
            for reader, asked in ((bounds_data, (*OPTIONS, *CLUSTERED)), (companion_data, MEDIATED)):
                for options in asked:
                    if assert_same_or_refused(dialect, HEADER, rows, reader, options):
                        read.add(way)
    never = {"spreadsheet": {True}, "index": {"short"}, "trailing": {"rows"}, "encoding": {"utf-16", "utf-16-le"}}
    never |= {"header": {"lower", "quoted", "accents"}, "quotes": {"single"}, "comment": {'"# quoted"'}}
    never |= {"blank": {"spaces"}, "doubled": {"Y"}}
    never |= {"numbers": {"percent", "apostrophe", "float comma"}}
    assert read == set(ways[name]) - never.get(name, set())
