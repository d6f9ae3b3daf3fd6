"""A starter model derives, and the commands in its comments run."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from boundgen import Model, catalogue, derive
from boundgen.errors import DataError
from boundgen.inspection.starter import starter
from support.command import Run
from support.golden import compare


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def survey() -> str:
    """An experiment with a covariate, weights, a mediator on a scale, and an outcome in words that some lack."""
    rows = [
        f"{i},{'control' if i % 2 else 'treated'},{1 + i % 3},{0.5 + i % 4},{i * 7 % 11},{('no', 'yes', '')[i * i % 3]}"
        for i in range(60)
    ]
    Path("survey.csv").write_text("id,arm,educ,weight,med,voted\n" + "\n".join(rows) + "\n")
    return "survey.csv"


def commands(text: str) -> list[list[str]]:
    return [
        shlex.split(line.removeprefix("#   "))[1:] for line in text.splitlines() if line.startswith("#   boundgen ")
    ]


def test_a_file_of_every_kind_of_column(run: Run) -> None:
    answer = run("init", survey())
    assert (answer.status, answer.err) == (0, "")
    compare("starter.txt", answer.out)
    written = run("init", "survey.csv", "-o", "mine.bounds")
    assert written.status == 0
    assert Path("mine.bounds").read_text() == answer.out.replace("survey.bounds", "mine.bounds")
    for words in commands(Path("mine.bounds").read_text()):
        assert run(*words, *(["--draws", "200"] if words[0] == "estimate" else [])).status == 0


def test_nothing_is_overwritten(run: Run) -> None:
    Path("mine.bounds").write_text("model mine\n")
    answer = run("init", survey(), "-o", "mine.bounds")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == "mine.bounds: this file is there already\n  Name another, or remove it first.\n"
    assert Path("mine.bounds").read_text() == "model mine\n"


@pytest.mark.parametrize("name", catalogue.data_names())
def test_shipped_data(name: str) -> None:
    if "\ncell," in catalogue.data(name):
        with pytest.raises(DataError, match="names the cells of a model"):
            starter(name)
        return
    assert len(derive(Model.parse(starter(name).text)).bounds) == 1


def test_an_instrument(run: Run) -> None:
    rows = "".join(f"{i % 2},{int(i % 2 or i % 5 == 0)},{i % 3 % 2}\n" for i in range(60))
    Path("d.csv").write_text("assigned,took,died\n" + rows)
    text = run("init", "d.csv").out
    assert "observe P(Y, A | Z)" in text
    assert "--map Z=assigned,A=took,Y=died" in text
    assert len(derive(Model.parse(text)).bounds) == 1


def test_events_out_of_totals(run: Run) -> None:
    Path("d.csv").write_text("arm,centre,deaths,n\ndrug,1,3,20\nplacebo,1,5,22\ndrug,2,1,9\nplacebo,2,4,11\n")
    text = run("init", "d.csv", "-o", "d.bounds")
    assert text.status == 0
    text = Path("d.bounds").read_text()
    assert "units, of which deaths have Y=1" in text
    (_, evaluate, _) = commands(text)
    answer = run(*evaluate)
    assert answer.status == 0
    assert "A=0: 33; A=1: 29" in answer.out
    assert "-0.1348" in run(*evaluate, "--ascii").out


def test_what_was_not_randomized(run: Run) -> None:
    Path("d.csv").write_text("exposed,died\n" + "".join(f"{i % 2},{i % 3 % 2}\n" for i in range(30)))
    text = run("init", "d.csv").out
    assert "observe P(Y, A)" in text
    assert "No name says that the treatment was randomized" in text


@pytest.mark.parametrize("text", ["x,y\n1.5,2.5\n3.5,7.5\n4.5,9.5\n", "a\n0\n1\n", "a,b\n0,1\n1,1\n", "a,b\n"])
def test_no_treatment(text: str, run: Run) -> None:
    Path("d.csv").write_text(text)
    answer = run("init", "d.csv")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("d.csv: no two columns look like a treatment, with two values, and its outcome\n")


NAMES = st.one_of(
    st.sampled_from(["treat", "Z", "M", "Y", "P", "E", "age", "n", "weight", "id", "1st class", "é", "a,b", 'q"']),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8),
)
VALUES = st.sampled_from(["0", "1", "2", "yes", "no", "1st class", "", "NA", "2.5", "-1", 'a "b"', "x=y, z", "#"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_file_gives_a_model_or_a_refusal(data: st.DataObject) -> None:
    names = data.draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=str.strip))
    assume(all(name.strip() for name in names))
    columns = [data.draw(st.lists(VALUES, min_size=1, max_size=3)) for _ in names]
    rows = [[column[(i * (j + 1) + i // 2) % len(column)] for j, column in enumerate(columns)] for i in range(20)]
    quoted = [",".join('"' + text.replace('"', '""') + '"' for text in row) for row in [names, *rows]]
    Path("d.csv").write_text("\n".join(quoted) + "\n", encoding="utf-8")
    try:
        found = starter("d.csv")
    except (DataError, OSError):
        return
    assert Model.parse(found.text).estimands[0].name == "ate"
