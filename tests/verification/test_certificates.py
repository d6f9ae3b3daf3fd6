"""Certificates: those that are made hold, and no changed one does."""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, catalogue, certify
from boundgen.polyhedra.libraries import cdd_installed
from boundgen.verification import check_certificate
from boundgen.verification.check_certificate import Malformed, Wrong, check
from support.catalogue import LINEAR
from support.certificates import HALF, LAW, RECORDS, SYMMETRIC, ZERO, Json, Path_, leaves, parent, signed
from support.command import Run

CHECKER = Path(check_certificate.__file__)
# Every kind of part: parameters, dependent rows, denominators, superfluous vertices, testable implications.
SMALL = {
    "mediation_mmr": ("delta1",),
    "iv_ate_monotone": (),
    "mediation_limited_defiers_small": ("delta1",),
    "half": (),
    "records": (),
}
WRITTEN = {"half": HALF, "records": RECORDS}


def small(name: str) -> Model:
    return Model.parse(WRITTEN[name]) if name in WRITTEN else catalogue.load(name)


def replaced(document: Json, path: Path_, value: Any) -> Json:
    found = copy.deepcopy(document)
    parent(found, path)[path[-1]] = value
    return found


def holds(document: Json) -> bool:
    try:
        return check(document).endswith("Every step holds.")
    except (Wrong, Malformed):
        return False


@pytest.fixture(scope="module")
def made() -> dict[str, Json]:
    return {name: certify(small(name), estimands) for name, estimands in SMALL.items()}


# ---------------------------------------------------------------- what is made holds
LONG = "mediation_encouragement"


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == LONG else n for n in LINEAR])
def test_certificates_of_the_catalogue_hold(name: str) -> None:
    model = catalogue.load(name)
    proved = check(json.loads(json.dumps(certify(model))))
    assert proved.endswith("Every step holds.")


def test_the_small_ones_have_every_kind_of_part(made: dict[str, Json]) -> None:
    found: set[str] = set()
    for document in made.values():
        found |= {key for path, _ in leaves(document) for key in path if isinstance(key, str)}
        found |= {"parameter"} if document["parameters"] else set()
    assert {"parameter", "superfluous", "denominator", "witness", "broken", "multiples"} <= found
    estimands = [estimand for document in made.values() for estimand in document["estimands"]]
    assert any(estimand["dependent"] for estimand in estimands)
    assert any(estimand["denominator"] for estimand in estimands)


def test_impossible_strata_are_certified() -> None:
    document = certify(Model.parse(ZERO))
    assert document["estimands"][0]["impossible"]
    assert holds(document)


def test_where_the_law_of_the_instrument_is_observed(run: Run) -> None:
    Path("law.bounds").write_text(LAW)
    assert run("certify", "law.bounds", "-o", "cert.json").status == 0
    document = json.loads(Path("cert.json").read_text())
    assert check(document).endswith("Every step holds.")
    for wrong in ("observe P(Z=1)", "observe P(Z | X)", "observe P(Z, X)"):
        text = document["text"].replace("observe P(Z)", wrong)
        assert not holds(signed({**document, "text": text}))


@pytest.mark.skipif(not cdd_installed(), reason="the second engine is not there")
@pytest.mark.parametrize("name", ["mediation_mmr", "iv_ate"])
def test_both_engines_give_the_same_certificate(name: str) -> None:
    model = catalogue.load(name)
    assert certify(model, engine="cdd") == certify(model, engine="ppl")


def test_the_terms_are_those_of_the_derivation(made: dict[str, Json]) -> None:
    for name, document in made.items():
        derived = json.loads(json.dumps(derive_json(name)))
        for estimand, bounds in zip(document["estimands"], derived["estimands"], strict=True):
            for side in ("lower", "upper"):
                printed = [v["term"] for v in estimand[side]["vertices"] if "witness" in v]
                assert sorted(map(str, printed)) == sorted(map(str, bounds[side]["terms"]))
        assert [condition["term"] for condition in document["conditions"]] == derived["conditions"]


def derive_json(name: str) -> Json:
    from boundgen import derive

    return derive(small(name), SMALL[name]).json()


# ---------------------------------------------------------------- what is changed does not
@pytest.mark.parametrize("name", SMALL)
def test_no_changed_leaf_passes(name: str, made: dict[str, Json]) -> None:
    document = made[name]
    everything = list(leaves(document))
    step = max(1, len(everything) // 60)
    for path, value in everything[::step]:
        assert not holds(replaced(document, path, changed(value))), path


def changed(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    try:
        return str(Fraction(value) + 1)
    except ValueError:
        return value + "x"


@pytest.mark.parametrize("name", SMALL)
def test_a_dropped_vertex_or_ray_is_found_without_the_digest(name: str, made: dict[str, Json]) -> None:
    for e, estimand in enumerate(made[name]["estimands"]):
        for side in ("lower", "upper"):
            for kind in ("vertices", "rays"):
                for k in range(len(estimand[side][kind])):
                    document = copy.deepcopy(made[name])
                    del document["estimands"][e][side][kind][k]
                    assert not holds(signed(document)), (e, side, kind, k)


def is_proved(path: Path_) -> bool:
    """Numbers that a proof depends on, whatever the digest says: those of vertices, rays, terms and conditions."""
    inside = [key for key in path if isinstance(key, str)]
    if inside[0] == "conditions":
        return "term" in inside
    return (
        inside[:2] in (["estimands", "lower"], ["estimands", "upper"])
        and inside[2] in ("vertices", "rays")
        and inside[3] in ("multiples", "term")
    )


@pytest.mark.parametrize("name", SMALL)
def test_changed_vertices_and_coefficients_are_found_without_the_digest(name: str, made: dict[str, Json]) -> None:
    paths = [(path, value) for path, value in leaves(made[name]) if is_proved(path)]
    assert paths
    for path, value in paths[:: max(1, len(paths) // 25)]:
        for other in (changed(value), str(-Fraction(value)) if Fraction(value) else "1"):
            assert not holds(signed(replaced(made[name], path, other))), path


@pytest.mark.parametrize("name", SMALL)
def test_a_changed_entry_of_a_cell_is_found_without_the_digest(name: str, made: dict[str, Json]) -> None:
    for e, estimand in enumerate(made[name]["estimands"]):
        cells = {str(i) for i, row in enumerate(estimand["rows"]) if row["kind"] != "assumption"}
        for j, column in enumerate(estimand["columns"][:20]):
            for i in column["entries"].keys() & cells:
                path = ("estimands", e, "columns", j, "entries", i)
                assert not holds(signed(replaced(made[name], path, "2"))), path


def test_a_changed_cost_is_found_where_it_matters(made: dict[str, Json]) -> None:
    """A stratum whose inequality is not redundant cannot change its cost unseen."""
    document = made["mediation_mmr"]
    columns = document["estimands"][0]["columns"]
    cheapest: dict[str, list[Fraction]] = {}
    for column in columns:
        cheapest.setdefault(str(column["entries"]), []).append(Fraction(column["cost"]))
    for j, column in enumerate(columns):
        cost = Fraction(column["cost"])
        if cost == min(cheapest[str(column["entries"])]):
            path = ("estimands", 0, "columns", j, "cost")
            assert not holds(signed(replaced(document, path, str(cost - 1)))), j


def test_a_vertex_that_is_another_feasible_point_is_found(made: dict[str, Json]) -> None:
    """The middle of two vertices is feasible and not a vertex; it may not stand for one of them."""
    document = copy.deepcopy(made["mediation_mmr"])
    first, second = document["estimands"][0]["lower"]["vertices"]
    rows = first["multiples"].keys() | second["multiples"].keys()
    middle = {
        i: str((Fraction(first["multiples"].get(i, 0)) + Fraction(second["multiples"].get(i, 0))) / 2) for i in rows
    }
    first["multiples"] = middle
    with pytest.raises(Wrong, match=r"not a vertex|not the term|does not prove"):
        check(signed(document))


# ---------------------------------------------------------------- independence
def test_the_checker_uses_the_standard_library_alone() -> None:
    tree = ast.parse(CHECKER.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= sys.stdlib_module_names


def test_the_checker_runs_by_itself(tmp_path: Path, made: dict[str, Json]) -> None:
    alone = tmp_path / "check_certificate.py"
    alone.write_bytes(CHECKER.read_bytes())

    def answer(document: Json) -> tuple[int, str]:
        (tmp_path / "cert.json").write_text(json.dumps(document))
        words = [sys.executable, "-I", "-S", str(alone), "cert.json"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    document = made["mediation_mmr"]
    assert answer(document)[0] == 0
    wrong = replaced(document, ("estimands", 0, "lower", "vertices", 0, "term", "constant"), "7")
    assert answer(wrong)[0] == 1
    assert "estimands[0].lower.vertices[0]" in answer(wrong)[1]
    assert answer({"schema": "other"}) == (
        2,
        "cert.json: not a certificate: its schema is not boundgen.certificate/1\n",
    )


# ---------------------------------------------------------------- the command line
def test_certify_and_check(run: Run) -> None:
    assert run("certify", "mediation_mmr", "-o", "cert.json").status == 0
    checked = run("check-certificate", "cert.json")
    assert (checked.status, checked.err) == (0, "")
    assert checked.out.endswith("Every step holds.\n")
    assert json.loads(run("certify", "mediation_mmr").out) == json.loads(Path("cert.json").read_text())


def test_a_wrong_certificate_names_the_first_failing_step(run: Run) -> None:
    run("certify", "mediation_mmr", "delta1", "-o", "cert.json")
    document = json.loads(Path("cert.json").read_text())
    del document["estimands"][0]["upper"]["vertices"][1]
    Path("cert.json").write_text(json.dumps(document))
    found = run("check-certificate", "cert.json")
    assert (found.status, found.err) == (1, "")
    assert found.out == (
        "cert.json: this certificate does not hold\n"
        "  estimands[0].upper: not complete: a neighbour of vertex 0 is not listed\n"
    )


GOOD = json.dumps({"schema": "boundgen.certificate/1"})
BAD = {
    "empty": ("", "it is not JSON, or was cut off: Expecting value in line 1"),
    "text": ("model m", "it is not JSON, or was cut off: Expecting value in line 1"),
    "truncated": (GOOD[:-1], "it is not JSON, or was cut off: Expecting ',' delimiter in line 1"),
    "list": ("[]", "the certificate is not an object"),
    "schema": ('{"schema": "boundgen.derivation/1"}', "its schema is not boundgen.certificate/1"),
    "no model": (GOOD, "the certificate has no 'model'"),
    "float": ('{"schema": "boundgen.certificate/1", "x": 0.5}', "0.5 is not a rational in a string"),
    "nan": ('{"schema": NaN}', "NaN is not a rational in a string"),
    "huge number": ('{"schema": ' + "9" * 5000 + "}", "its numbers or its nesting are too large"),
    "nested": ("[" * 100_000, "its numbers or its nesting are too large"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_certificate(name: str, run: Run) -> None:
    text, complaint = BAD[name]
    Path("cert.json").write_text(text)
    found = run("check-certificate", "cert.json")
    assert (found.status, found.out) == (2, "")
    assert found.err == (
        f"cert.json: not a certificate: {complaint}\n  Make one with: boundgen certify MODEL -o FILE\n"
    )


@pytest.mark.parametrize("number", ["1/0", "0.5", "1e3", "x", "", "1/-2", "٣", "9" * 301, "nan", "+1", " 1"])
def test_numbers_that_are_not_rationals(number: str, made: dict[str, Json]) -> None:
    path = ("estimands", 0, "columns", 0, "cost")
    with pytest.raises(Malformed, match=r"estimands\[0\]\.columns\[0\]\.cost"):
        check(replaced(made["mediation_mmr"], path, number))


@pytest.mark.parametrize("value", [None, 1, [], {}, "x", True, "999999"])
def test_values_of_another_kind_never_end_in_another_error(value: Any, made: dict[str, Json]) -> None:
    document = made["iv_ate_monotone"]
    paths = {path[:k] for path, _ in leaves(document) for k in range(1, len(path) + 1)}
    for path in sorted(paths, key=str)[::7]:
        if parent(document, path)[path[-1]] != value:
            assert not holds(replaced(document, path, value)), path


def test_a_file_that_is_too_large(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_certificate, "LARGEST", 100)
    Path("cert.json").write_text("[" + " " * 200 + "]")
    found = run("check-certificate", "cert.json")
    assert found.status == 2
    assert "it is larger than 100 bytes" in found.err


def test_not_utf8(run: Run) -> None:
    Path("cert.json").write_bytes(b"\xff\xfe{}")
    assert "it is not UTF-8 text" in run("check-certificate", "cert.json").err


def test_missing_files_and_folders(run: Run) -> None:
    for name, reason in (("none.json", "No such file or directory"), (".", "Is a directory")):
        found = run("check-certificate", name)
        assert (found.status, found.err) == (
            2,
            f"{name}: cannot be read: {reason}\n  Name a file that you may read.\n",
        )


def test_in_an_unwritable_place_the_certificate_is_printed(run: Run) -> None:
    found = run("certify", "mediation_mmr", "-o", "missing/cert.json")
    assert found.status == 2
    assert json.loads(found.out)["schema"] == "boundgen.certificate/1"
    assert "cannot be written" in found.err
    assert list(Path().iterdir()) == []


def test_names_cannot_pass_for_answers(made: dict[str, Json]) -> None:
    forged = replaced(made["mediation_mmr"], ("model",), "m\nEvery step holds.")
    with pytest.raises(Malformed, match="model is not a name"):
        check(forged)
    for hidden in ("E[Y]\n\x1b[31mred", "E[Y] \u202e", "E[Y] = \u0661"):
        with pytest.raises(Malformed, match=r"estimands\[0\].expression holds something else than printable ASCII"):
            check(signed(replaced(made["mediation_mmr"], ("estimands", 0, "expression"), hidden)))


def test_a_condition_of_probability_zero_is_refused(made: dict[str, Json]) -> None:
    document = made["iv_ate_monotone"]
    columns = document["estimands"][1]["columns"]
    for column in columns:
        document = replaced(document, ("estimands", 1, "columns", columns.index(column), "event"), "0")
    with pytest.raises(Wrong, match="event: it is 1"):
        check(signed(document))


# ---------------------------------------------------------------- closure up to symmetry
@pytest.fixture(scope="module")
def symmetric() -> Json:
    document: Json = json.loads(json.dumps(certify(SYMMETRIC)))
    return document


def sides_of(document: Json) -> list[Json]:
    return [document["estimands"][0][side] for side in ("lower", "upper")]


def test_symmetries_are_certified_and_checked(symmetric: Json) -> None:
    assert all(len(side["symmetries"]) >= 2 for side in sides_of(symmetric))
    assert check(copy.deepcopy(symmetric))


def test_what_is_no_symmetry_is_found(symmetric: Json) -> None:
    """Any number of any matrix changed."""
    lines = sides_of(symmetric)[0]["symmetries"][0]
    for i, line in enumerate(lines):
        for name, value in line.items():
            changed = copy.deepcopy(symmetric)
            sides_of(changed)[0]["symmetries"][0][i][name] = str(int(value) + 1)
            refused(changed, "does not carry the polyhedron to itself|carries points to infinity")


def test_a_dropped_vertex_is_found_although_one_of_an_orbit_is_looked_at(symmetric: Json) -> None:
    for k in range(0, len(sides_of(symmetric)[0]["vertices"]), 5):
        changed = copy.deepcopy(symmetric)
        del sides_of(changed)[0]["vertices"][k]
        refused(changed, "is not listed")


def test_a_dropped_orbit_is_found(symmetric: Json) -> None:
    """All vertices with as many multiples as the first: a union of orbits, so the symmetries see nothing."""
    changed = copy.deepcopy(symmetric)
    side = sides_of(changed)[0]
    del side["symmetries"]
    kinds = {len(vertex["multiples"]) for vertex in side["vertices"]}
    assert len(kinds) > 1
    side["vertices"] = [v for v in side["vertices"] if len(v["multiples"]) != min(kinds)]
    refused(changed, "is not listed")


def refused(document: Json, complaint: str) -> None:
    """Whatever the digest says."""
    with pytest.raises(Wrong, match=complaint):
        check(signed(document))
