"""Laws of randomized variables, and laws given a selection, from every kind of data."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, derive, evaluate, read_data
from boundgen.errors import DataError
from support.command import Run

LAW = """model law
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y, Z)
estimand att = E[Y(1) - Y(0) | X=1]
"""
TWO = """model two
variable Z in {0, 1} randomized
variable W in {0, 1} randomized
variable Y(Z, W) in {0, 1}
observe P(Y | Z, W)
observe P(Z, W)
estimand e = E[Y]
"""
STOPS = """model stops
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
estimand e = E[Y(D=1) - Y(D=0) | M=1]
"""
SURVEY = """model survey
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A, S) in {0, 1}
observe P(Y | A, S=1)
estimand e = E[Y(1, 1) - Y(0, 1)]
"""
# Z, X, Y, how many.
UNITS = [(z, x, y, 3 + 4 * z + 2 * x * z + y) for z, x, y in itertools.product((0, 1), repeat=3)]
N = sum(n for *_, n in UNITS)
# D, M, Y, how many; Y is not seen where M is 0.
PATROL = [(0, 0, "", 7), (1, 0, "", 4), (0, 1, 0, 3), (0, 1, 1, 2), (1, 1, 0, 6), (1, 1, 1, 5)]
SEEN = {f"P(D={d},Y={y}|M=1)": Fraction(n, 16) for d, m, y, n in PATROL if m}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(rows: list[tuple[Any, ...]], names: str, name: str = "d.csv") -> str:
    """A table of counts or probabilities as it is."""
    Path(name).write_text("\n".join([names, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return name


def micro(rows: list[tuple[Any, ...]], names: str, name: str = "d.csv") -> str:
    return write([row[:-1] for row in rows for _ in range(row[-1])], names, name)


def shares() -> dict[str, Fraction]:
    arms = {z: sum(n for other, *_, n in UNITS if other == z) for z in (0, 1)}
    found = {f"P(X={x},Y={y}|Z={z})": Fraction(n, arms[z]) for z, x, y, n in UNITS}
    return found | {f"P(Z={z})": Fraction(n, N) for z, n in arms.items()}


def refusal(text: str, source: Any, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        read_data(Model.parse(text), source, **options)
    assert "\n\n" not in str(caught.value)
    return str(caught.value)


# ---------------------------------------------------------------- laws
def test_one_file_gives_cells_and_law(run: Run) -> None:
    model = Model.parse(LAW)
    micro(UNITS, "Z,X,Y")
    Path("m.bounds").write_text(LAW)
    data = read_data(model, "d.csv")
    assert dict(data.probabilities) == shares()
    assert dict(read_data(model, write(UNITS, "Z,X,Y,n", "n.csv")).probabilities) == shares()
    (found,) = evaluate(derive(model), data)
    assert f"{float(found.lower or 0):.4f}".replace("-", "\u2212") in run("evaluate", "m.bounds", "d.csv").out


def test_each_unit_is_in_the_law_too() -> None:
    data = read_data(Model.parse(LAW), micro(UNITS, "Z,X,Y"))
    names = [arm.name for arm in data.arms]
    (joint,) = data.joints
    assert names == ["Z=0", "Z=1", ""]
    assert {tuple(arm for arm, _ in each.pattern) for each in joint.units} == {(0, 2), (1, 2)}
    assert all(dict(each.pattern)[2] == min(dict(each.pattern)) for each in joint.units)
    assert sum(each.amount.units for each in joint.units) == N == data.sources[0].used


def test_weights_weigh_the_law_too() -> None:
    rows = [(z, x, y, n) for z, x, y, n in UNITS]
    data = read_data(Model.parse(LAW), write(rows, "Z,X,Y,w"), weights="w", kind="microdata")
    assert dict(data.probabilities) == shares()
    assert dict(read_data(Model.parse(LAW), micro(UNITS, "Z,X,Y"), cluster=None).probabilities) == shares()


def test_joint_probabilities_give_cells_and_law() -> None:
    table = write([(z, x, y, Fraction(n, N)) for z, x, y, n in UNITS], "Z,X,Y,probability")
    assert dict(read_data(Model.parse(LAW), table).probabilities) == shares()


def test_probabilities_of_each_arm_say_no_law() -> None:
    arms = {z: sum(n for other, *_, n in UNITS if other == z) for z in (0, 1)}
    write([(z, x, y, Fraction(n, arms[z])) for z, x, y, n in UNITS], "Z,X,Y,probability", "arms.csv")
    assert refusal(LAW, "arms.csv") == (
        "arms.csv: the probabilities sum to 2\n  As the law of Z is read from them too, they are those of all "
        "variables jointly, and sum to 1; where they are those of each arm, give the law in a file of its own: 2=FILE."
    )
    write([(z, Fraction(n, N)) for z, n in arms.items()], "Z,probability", "law.csv")
    for source in (["1=arms.csv", "2=law.csv"], ["arms.csv", "2=law.csv"]):
        assert dict(read_data(Model.parse(LAW), source).probabilities) == shares()
    write([(0, "1/3"), (1, "1/3")], "Z,probability", "law.csv")
    assert "law.csv: the probabilities sum to 0.66666" in refusal(LAW, ["1=arms.csv", "2=law.csv"])


def test_cells_by_name() -> None:
    model = Model.parse(LAW)
    assert dict(read_data(model, shares()).probabilities) == shares()
    counts = {f"P(X={x},Y={y}|Z={z})": n for z, x, y, n in UNITS}
    law = {f"P( Z={z} )": sum(n for other, *_, n in UNITS if other == z) for z in (0, 1)}
    data = read_data(model, counts | law)
    assert dict(data.probabilities) == shares()
    assert data.sources[0].used == N
    assert not data.joints[0].apart
    assert refusal(LAW, counts) == (
        "mapping: the law of Z is observed too, and nothing says it\n  Add the counts of P(Z=0), P(Z=1)."
    )


def test_the_law_comes_with_the_file_of_its_statement() -> None:
    """`observe P(X, Y, Z)` is printed as two statements, of which a user may know one."""
    text = LAW.replace("variable Y(X)", "variable V(Z) in {0, 1}\nvariable Y(X)") + "observe P(V | Z)\n"
    model = Model.parse(text)
    micro(UNITS, "Z,X,Y", "a.csv")
    micro([(0, 1, 3), (0, 0, 1), (1, 1, 2)], "Z,V", "b.csv")
    for source in (["1=a.csv", "3=b.csv"], ["a.csv", "b.csv"], ["a.csv", "3=b.csv"]):
        assert read_data(model, source).probabilities["P(Z=0)"] == shares()["P(Z=0)"]
    other = read_data(model, ["1=a.csv", "2=b.csv", "3=b.csv"]).probabilities
    assert other["P(Z=0)"] == Fraction(2, 3)


def test_a_joint_law() -> None:
    rows = [(z, w, y, 1 + z + 2 * w + y) for z, w, y in itertools.product((0, 1), repeat=3)]
    data = read_data(Model.parse(TWO), micro(rows, "Z,W,Y"))
    whole = sum(n for *_, n in rows)
    assert data.probabilities["P(Z=1,W=0)"] == Fraction(sum(n for z, w, _, n in rows if (z, w) == (1, 0)), whole)


def test_laws_that_contradict_one_another() -> None:
    text = TWO.replace("observe P(Z, W)", "observe P(Z, W)\nobserve P(Z)")
    cells = {f"P(Y={y}|Z={z},W={w})": "1/2" for z, w, y in itertools.product((0, 1), repeat=3)}
    law = {f"P(Z={z},W={w})": "1/4" for z, w in itertools.product((0, 1), repeat=2)}
    message = (
        "two observed laws give Z=0 the probabilities 0.5 and 0.333333: P(Z, W) and P(Z)\n"
        "  Take both laws from the same units."
    )
    wrong = {**cells, **law, "P(Z=0)": "1/3", "P(Z=1)": "2/3"}
    assert refusal(text, wrong) == message
    model = Model.parse(text)
    with pytest.raises(DataError) as caught:
        evaluate(derive(model), wrong)
    assert str(caught.value) == message
    assert read_data(model, {**cells, **law, "P(Z=0)": "1/2", "P(Z=1)": "1/2"})


def test_an_arm_of_the_law_that_nobody_is_in() -> None:
    micro([row for row in UNITS if row[0]], "Z,X,Y")
    assert "the arm Z=0 is empty" in refusal(LAW, "d.csv")


# ---------------------------------------------------------------- laws given a selection
@pytest.mark.parametrize("kind", ["microdata", "counts", "probabilities"])
def test_only_selected_units_count(kind: str) -> None:
    rows = PATROL if kind != "probabilities" else [(*row[:-1], Fraction(row[-1], 27)) for row in PATROL]
    column = {"counts": ",n", "probabilities": ",probability"}.get(kind, "")
    source = (write if column else micro)(rows, f"D,M,Y{column}")
    data = read_data(Model.parse(STOPS), source)
    assert dict(data.probabilities) == SEEN
    if kind != "probabilities":
        assert (data.sources[0].used, data.sources[0].left_out) == (16, 11)
    known = read_data(Model.parse(STOPS + "observe P(M)\n"), source).probabilities
    assert dict(known) == SEEN | {"P(M=0)": Fraction(11, 27), "P(M=1)": Fraction(16, 27)}


def test_units_that_are_not_selected_are_named(run: Run) -> None:
    micro(PATROL, "D,M,Y")
    Path("m.bounds").write_text(STOPS)
    out = run("evaluate", "m.bounds", "d.csv").out
    assert (
        "16 of 27 units\n    11 left out: not asked for\n    11 of them are not seen by the model: it observes" in out
    )
    assert "M is 1 in every unit" not in out


def test_probabilities_given_a_selection() -> None:
    rows = [(d, m, y, SEEN[f"P(D={d},Y={y}|M=1)"]) for d, m, y, _ in PATROL if m]
    assert dict(read_data(Model.parse(STOPS), write(rows, "D,M,Y,probability")).probabilities) == SEEN
    assert dict(read_data(Model.parse(STOPS), SEEN).probabilities) == SEEN
    counts = {name: int(16 * share) for name, share in SEEN.items()}
    assert dict(read_data(Model.parse(STOPS), counts).probabilities) == SEEN


def test_selected_rows_alone() -> None:
    """Without a column it must be said that all are selected; of how many units says such a file nothing."""
    micro([(d, y, n) for d, m, y, n in PATROL if m], "D,Y")
    assert refusal(STOPS, "d.csv") == (
        "d.csv: no column 'M'\n  Say where M is: columns='M=COLUMN', or that every row is of a unit with M=1: "
        "where='M=1'; columns: D, Y"
    )
    assert dict(read_data(Model.parse(STOPS), "d.csv", where="M=1").probabilities) == SEEN
    assert "no column 'M'" in refusal(STOPS, "d.csv", where="M=0")
    assert "no column 'M'" in refusal(STOPS + "observe P(M)\n", "d.csv", where="M=1")
    micro([(m, n) for _, m, _, n in PATROL], "M", "all.csv")
    both = read_data(Model.parse(STOPS + "observe P(M)\n"), ["1=d.csv", "2=all.csv"], where="1: M=1").probabilities
    assert dict(both) == SEEN | {"P(M=0)": Fraction(11, 27), "P(M=1)": Fraction(16, 27)}


def test_a_selection_that_nobody_is_in() -> None:
    micro([row for row in PATROL if not row[1]], "D,M,Y")
    assert refusal(STOPS, "d.csv") == (
        "d.csv: no unit has M=1\n  Bounds need every arm that the model observes; 11 units are in none of them."
    )


def test_selected_in_an_arm() -> None:
    rows = [(0, 0, "", 2), (0, 1, 0, 3), (0, 1, 1, 1), (1, 0, "", 5), (1, 1, 1, 4)]
    found = read_data(Model.parse(SURVEY), micro(rows, "A,S,Y")).probabilities
    assert found["P(Y=1|A=0,S=1)"] == Fraction(1, 4)
    assert found["P(Y=1|A=1,S=1)"] == 1
    micro(rows[:4], "A,S,Y")
    assert "no unit has A=1,S=1" in refusal(SURVEY, "d.csv")


def test_a_value_that_is_missing_among_the_selected() -> None:
    micro([*PATROL, (1, 1, "", 2)], "D,M,Y")
    assert "2 of 29 rows miss a value: Y 2" in refusal(STOPS, "d.csv")
    assert dict(read_data(Model.parse(STOPS), "d.csv", drop_missing=True).probabilities) == SEEN
    micro([*PATROL, (1, "", 1, 2)], "D,M,Y")
    assert "2 of 29 rows miss a value: M 2" in refusal(STOPS, "d.csv")
