"""What is kept in folders: nothing in them is believed that is not proved or signed, and no folder loses bounds.

Contents are forged with right checksums and right signatures: the answer is that of an enumeration all the same.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from boundgen import derive
from boundgen.errors import FileError
from boundgen.language.model import Model
from boundgen.polyhedra import completeness, journal
from boundgen.polyhedra.cache import SCHEMA, cached, polyhedron_digest
from boundgen.polyhedra.completeness import is_complete, is_inside
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, engine
from boundgen.polyhedra.journal import Signer
from boundgen.work import files, folders
from boundgen.work.limits import Budget, Limits, Resources
from support.command import Run
from support.models import instrument
from support.paths import ROOT

Tree = Any


# No symmetry is left, and a row of its own kind.
ASSUMED = Model.parse(
    "model mediated\nvariable A in {0, 1} randomized\nvariable M(A) in {0, 1}\nvariable Y(A, M) in {0, 1}\n"
    "observe P(Y, M | A)\nparameter g in [0, 1]\nassume P(M(1)=0, M(0)=1) <= g\n"
    "estimand nie = E[Y(1, M(1)) - Y(1, M(0))]\n"
)


def dual(model: Model) -> DualPolyhedron:
    return derive(model, conditions=False).stages[0].lower.dual


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("caches")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    folders.user_key.cache_clear()
    yield folder
    folders.user_key.cache_clear()


def leaves(tree: Tree, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of everything in a tree, containers too."""
    if path:
        yield path
    if isinstance(tree, dict | list):
        for key in tree if isinstance(tree, dict) else range(len(tree)):
            yield from leaves(tree[key], (*path, key))


def changed(tree: Tree, path: tuple[Any, ...], value: Tree) -> Tree:
    """The tree with another value somewhere; DROPPED takes it away."""
    found = json.loads(json.dumps(tree))
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    if value is DROPPED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return found


DROPPED = object()
ODD: tuple[Tree, ...] = (DROPPED, 0, -1, 7, "1/2", "x", None, True, 1.5, [], {}, [[0]], 10**400)
STRANGE: tuple[Tree, ...] = ("1e100000000", "1/0", "nan", "٣", " 1", "1_0", "9" * 5000, float("nan"), float("inf"))


# ---------------------------------------------------------------- the check itself
@pytest.mark.parametrize("small", [True, False], ids=["anew", "closure"])
@pytest.mark.parametrize("model", [instrument(2), instrument(3), ASSUMED], ids=["2", "3", "assumed"])
def test_only_the_whole_list_is_complete(model: Model, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each vertex and each ray is missed, and what is no vertex is found."""
    if not small:
        monkeypatch.setattr(completeness, "enumerate_if_easy", lambda *_: None)
    polyhedron = dual(model)
    found = engine("ppl")(polyhedron, Budget())
    assert is_inside(found, polyhedron)
    assert is_complete(found, polyhedron, Budget())
    vertices, rays = found.vertices, found.rays
    for k in range(0, len(vertices), 1 + len(vertices) // 40):
        assert not is_complete(replace(found, vertices=vertices[:k] + vertices[k + 1 :]), polyhedron, Budget())
    for k in range(0, len(rays), 1 + len(rays) // 40):
        assert not is_complete(replace(found, rays=rays[:k] + rays[k + 1 :]), polyhedron, Budget())
    middle = tuple((x + y) / 2 for x, y in zip(vertices[0], vertices[-1], strict=True))
    beside = tuple(x + y for x, y in zip(vertices[0], rays[0], strict=True))
    for point in (middle, beside):
        assert not is_complete(replace(found, vertices=tuple(sorted((*vertices, point)))), polyhedron, Budget())
    more = tuple(x + y for x, y in zip(rays[0], rays[-1], strict=True))
    assert not is_complete(replace(found, rays=(*rays, more)), polyhedron, Budget())
    assert not is_complete(replace(found, rays=(*rays, (0,) * polyhedron.dimension)), polyhedron, Budget())
    assert not is_complete(replace(found, vertices=(*vertices, vertices[0])), polyhedron, Budget())


# ---------------------------------------------------------------- the cache
def entry_of(polyhedron: DualPolyhedron, found: Generators) -> dict[str, Tree]:
    return {
        "schema": SCHEMA,
        "polyhedron": polyhedron_digest(polyhedron),
        "vertices": [[str(x) for x in vertex] for vertex in found.vertices],
        "rays": [list(ray) for ray in found.rays],
    }


def forge(folder: Path, polyhedron: DualPolyhedron, text: str) -> Path:
    """An entry with a right checksum, whatever it holds."""
    digest = polyhedron_digest(polyhedron)
    path = folder / digest[:2] / f"{digest[2:]}.json"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(f"{sha256(text.encode()).hexdigest()}\n{text}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("small", [pytest.param(True, marks=pytest.mark.slow), False], ids=["anew", "closure"])
def test_no_forged_entry_changes_an_answer(small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not small:
        monkeypatch.setattr(completeness, "enumerate_if_easy", lambda *_: None)
    polyhedron = dual(instrument(2))
    right = engine("ppl")(polyhedron, Budget())
    entry = entry_of(polyhedron, right)
    told: list[str] = []
    remembering = cached(engine("ppl"), tmp_path, told.append)
    forge(tmp_path, polyhedron, json.dumps(entry))
    assert remembering(polyhedron, Budget()) == right
    assert told == ["hit"]
    for path in leaves(entry):
        for value in ODD:
            forged = changed(entry, path, value)
            forge(tmp_path, polyhedron, json.dumps(forged))
            assert remembering(polyhedron, Budget()) == right, (path, value)
            same = json.dumps(forged) == json.dumps(entry)
            assert told[-1] == ("hit" if same else "damaged"), (path, value)
    for value in STRANGE:
        for path in (("vertices", 0, 0), ("rays", 0, 0), ("schema",), ("polyhedron",), ("vertices",)):
            forge(tmp_path, polyhedron, json.dumps(changed(entry, path, value)))
            assert remembering(polyhedron, Budget()) == right
            assert told[-1] == "damaged", (path, value)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "7", '"x"', "{}", "{", "[" * 100_000, "[" * 10_000_000, "9" * 100_000, "1e999999999", "\ud800x"],
    ids=lambda text: text[:8].encode("ascii", "replace").decode(),
)
def test_what_is_no_entry_is_computed_again(text: str, tmp_path: Path) -> None:
    polyhedron, told = dual(instrument(2)), list[str]()
    content = text.encode("utf-8", "surrogatepass")
    path = forge(tmp_path, polyhedron, "")
    path.write_bytes(sha256(content).hexdigest().encode() + b"\n" + content + b"\n")
    remembering = cached(engine("ppl"), tmp_path, told.append)
    assert remembering(polyhedron, Budget()) == engine("ppl")(polyhedron, Budget())
    assert remembering(polyhedron, Budget()) == engine("ppl")(polyhedron, Budget())
    assert told == ["damaged", "hit"]


@pytest.mark.parametrize("what", ["folder", "pipe", "device", "link to itself", "large"])
def test_what_is_no_file_is_computed_again(what: str, tmp_path: Path) -> None:
    polyhedron, said, told = dual(instrument(2)), list[str](), list[str]()
    path = forge(tmp_path, polyhedron, "")
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "large":
        with path.open("wb") as file:
            file.truncate(2**40)
    else:
        path.symlink_to("/dev/zero" if what == "device" else path)
    remembering = cached(engine("ppl"), tmp_path, told.append)
    budget = Budget(resources=Resources(complain=said.append))
    assert remembering(polyhedron, budget) == engine("ppl")(polyhedron, Budget())
    assert told == ["damaged"]
    assert all("could not be written" in text for text in said)


@pytest.mark.slow
def test_bounds_do_not_depend_on_a_forged_cache(tmp_path: Path) -> None:
    """As was done: every entry loses vertices, and its checksum is right."""
    for model in (instrument(4), instrument(6), ASSUMED):
        right = derive(model)
        folder = tmp_path / f"{model.name}{len(right.cells)}"
        derive(model, resources=Resources(cache=folder))
        for path in folder.rglob("*.json"):
            entry = json.loads(path.read_text(encoding="utf-8").partition("\n")[2])
            entry["vertices"] = entry["vertices"][::2]
            text = json.dumps(entry)
            path.write_text(f"{sha256(text.encode()).hexdigest()}\n{text}\n", encoding="utf-8")
        assert derive(model, resources=Resources(cache=folder)).json() == right.json()


def test_time_that_ends_the_check_leaves_valid_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = instrument(6)
    right = derive(model, conditions=False, resources=Resources(cache=tmp_path))
    original = Budget.step

    def hurried(self: Budget, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        original(self, what, done, total, 10**6 if what.startswith("checking") and done > 2 else reserve)

    monkeypatch.setattr(Budget, "step", hurried)
    found = derive(
        model, conditions=False, resources=Resources(cache=tmp_path), limits=Limits(seconds=1000), partial=True
    )
    assert "an entry of the cache was not checked to its end" in found.missing[0]
    assert found.bounds[0].lower.terms == right.bounds[0].lower.terms


# ---------------------------------------------------------------- checkpoints
@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, DualPolyhedron, Generators]:
    """A file with all notes of a finished enumeration, with the polyhedron and what is right."""
    monkeypatch.setattr(journal, "PATIENCE", -1.0)
    with monkeypatch.context() as patch:
        patch.setattr(journal.Journal, "finish", journal.Journal.close)
        polyhedron = dual(instrument(3))
        right = engine("orbits")(polyhedron, Budget(resources=Resources(checkpoints=tmp_path / "notes")))
    (file,) = (tmp_path / "notes").iterdir()
    return file, polyhedron, right


def lines_of(file: Path) -> list[Tree]:
    return [json.loads(line.partition(" ")[2]) for line in file.read_text(encoding="ascii").splitlines()]


def sign(file: Path, lines: list[Tree]) -> None:
    """Write lines with right signatures."""
    signer = Signer(sha256(json.dumps(POLYHEDRON[0].inequalities).encode()).hexdigest())
    file.write_text("".join(map(signer.line, lines)), encoding="ascii")


POLYHEDRON = [dual(instrument(3))]


def resumed(file: Path, remark: Callable[[str], None] = lambda _: None) -> Generators:
    resources = Resources(checkpoints=file.parent, resume=True)
    return engine("orbits")(POLYHEDRON[0], Budget(resources=resources, remark=remark))


def test_notes_of_the_user_are_resumed(noted: tuple[Path, DualPolyhedron, Generators]) -> None:
    file, _, right = noted
    remarks: list[str] = []
    assert resumed(file, remarks.append) == right
    assert any(remark.startswith("resumed: the neighbours of 5 orbits are known") for remark in remarks)


@pytest.mark.slow
def test_no_forged_note_changes_an_answer(noted: tuple[Path, DualPolyhedron, Generators]) -> None:
    """Every leaf, signed with the user's own key."""
    file, _, right = noted
    lines = lines_of(file)
    places = list(leaves(lines))
    for number, path in enumerate(places):
        for value in (DROPPED, ODD[1 + number % (len(ODD) - 1)]):
            sign(file, changed(lines, path, value))
            assert resumed(file) == right, (path, value)
    for path in ((1, "ray", 0), (2, "new"), (2, "done"), (2,), (0, "schema")):
        for value in STRANGE:
            forged = changed(lines, path, value)
            sign(file, forged)
            assert resumed(file) == right, (path, value)


def test_notes_that_call_a_part_complete(noted: tuple[Path, DualPolyhedron, Generators]) -> None:
    file, _, right = noted
    schema, first, *_ = lines_of(file)
    sign(file, [schema, first, {"ray": first["ray"], "new": [], "done": True}])
    remarks: list[str] = []
    assert resumed(file, remarks.append) == right
    assert "the notes were wrong: the neighbours of their orbits are looked for again" in remarks


def test_notes_without_a_signature_count_for_nothing(noted: tuple[Path, DualPolyhedron, Generators]) -> None:
    """A line that is changed, taken out, or moved; another user's notes; another polyhedron's."""
    file, _, right = noted
    lines = file.read_text(encoding="ascii").splitlines(keepends=True)
    for forged in (
        [*lines[:2], *lines[3:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
        [f"{sha256(line.partition(' ')[2].encode()).hexdigest()[:16]} {line.partition(' ')[2]}" for line in lines],
        ["[" * 100_000 + "\n"],
        [lines[0], "0 " + "[" * 10_000_000],
        ["\n"] * 9,
    ):
        file.write_text("".join(forged), encoding="ascii")
        remarks: list[str] = []
        assert resumed(file, remarks.append) == right
        assert any("lines of" in remark and "are not believed" in remark for remark in remarks)
        assert not any("resumed: the neighbours of 5" in remark for remark in remarks)
    file.write_text("".join(lines), encoding="ascii")
    folders.user_folder("key").write_bytes(b"x" * folders.KEY_BYTES)
    folders.user_key.cache_clear()
    remarks = []
    assert resumed(file, remarks.append) == right
    assert not any(remark.startswith("resumed") for remark in remarks)


def test_the_key_is_the_users_alone(own_caches: Path) -> None:
    key = folders.user_key()
    file = own_caches / "boundgen" / "key"
    assert (len(key), file.read_bytes()) == (folders.KEY_BYTES, key)
    assert file.stat().st_mode & 0o077 == 0
    folders.user_key.cache_clear()
    assert folders.user_key() == key
    file.chmod(0o644)
    folders.user_key.cache_clear()
    assert folders.user_key() != key, "others may have read it"


# ---------------------------------------------------------------- folders of others
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_can_write_is_refused(mode: int, run: Run) -> None:
    Path("kept").mkdir()
    Path("kept").chmod(mode)
    for words, option in (
        (("derive", "iv_ate", "--cache", "kept"), "--cache"),
        (("sweep", "mediation_mmr", "--cache", "kept"), "--cache"),
        (("derive", "iv_ate", "--engine", "orbits", "--resume", "--checkpoint", "kept"), "--checkpoint"),
    ):
        refused = run(*words)
        assert (refused.status, refused.out) == (2, "")
        assert "is not used, since others can write there\n" in refused.err
        assert refused.err.endswith(f"chmod go-w FOLDER. Or name another folder: {option} FOLDER.\n")
    assert not list(Path("kept").iterdir())
    Path("kept").chmod(0o755)
    assert run("derive", "iv_ate", "--cache", "kept").status == 0


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(FileError, match="belongs to another user"):
        derive(instrument(2), resources=Resources(cache=tmp_path))


def test_an_entry_that_others_can_write_is_not_read(tmp_path: Path) -> None:
    polyhedron, told = dual(instrument(2)), list[str]()
    remembering = cached(engine("ppl"), tmp_path, told.append)
    remembering(polyhedron, Budget())
    (file,) = tmp_path.rglob("*.json")
    file.chmod(0o666)
    remembering(polyhedron, Budget())
    file.parent.chmod(0o777)
    with pytest.warns(RuntimeWarning, match=r"could not be written: others can write there \(chmod go-w\)"):
        remembering(polyhedron, Budget())
    assert told == ["miss", "damaged", "damaged"]


def test_the_users_own_cache_is_left_out_where_others_can_write(run: Run, own_caches: Path) -> None:
    """Nobody asked for it, so it is no reason to refuse."""
    folder = own_caches / "boundgen" / "enumerations"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    found = run("sweep", "mediation_mmr", "--estimand", "delta1")
    assert found.status == 0
    assert found.err == f"boundgen: the cache {folder} is not used: others can write there (chmod go-w)\n"
    assert not list(folder.iterdir())
    assert run("sweep", "mediation_mmr", "--estimand", "delta1", "--no-cache").err == ""


def test_new_folders_are_the_users_alone(run: Run) -> None:
    before = os.umask(0)
    try:
        assert run("derive", "iv_ate", "--cache", "kept").status == 0
    finally:
        os.umask(before)
    assert all(path.stat().st_mode & 0o022 == 0 for path in (Path("kept"), *Path("kept").iterdir()))
    assert run("derive", "iv_ate", "--cache", "kept").err == ""


# ---------------------------------------------------------------- a full disk
@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_replace", no_space)
    monkeypatch.setattr(journal, "new_file", no_space)
    monkeypatch.setattr(journal, "PATIENCE", -1.0)


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("form", ["text", "json", "latex", "sympy"])
def test_bounds_are_printed_and_then_the_full_disk_is_said(form: str, run: Run) -> None:
    right = run("derive", "iv_ate", "--format", form)
    words = ("derive", "iv_ate", "--format", form, "--engine", "orbits", "--cache", "kept", "--checkpoint", "notes")
    found = run(*words)
    assert (found.status, found.out) == (0, right.out)
    cache, *notes = sorted(found.err.splitlines())
    assert cache == "boundgen: the cache kept could not be written: No space left on device"
    assert all("the checkpoint notes/" in line and line.endswith("No space left on device") for line in notes)
    assert notes


@pytest.mark.usefixtures("full_disk")
def test_a_sweep_says_it_once(run: Run) -> None:
    right = run("sweep", "mediation_mmr", "--no-cache")
    found = run("sweep", "mediation_mmr", "--cache", "kept")
    assert (found.status, found.out) == (0, right.out)
    assert found.err == "boundgen: the cache kept could not be written: No space left on device\n"


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize(
    "words",
    [
        ("certify", "mediation_mmr", "delta1"),
        ("evaluate", "mediation_mmr", "jobs"),
        ("estimate", "mediation_mmr", "jobs", "--draws", "1000"),
        ("sweep", "mediation_mmr", "--no-cache"),
        ("mediate", "ignorability", "jobs"),
    ],
    ids=lambda words: words[0],
)
def test_what_could_not_be_written_is_printed(words: tuple[str, ...], run: Run) -> None:
    Path("answer").write_text("old", encoding="utf-8")
    right = run(*words)
    found = run(*words, "-o", "answer")
    assert found.status == 2
    assert found.err == "answer: cannot be written: No space left on device\n  Name a file in another folder.\n"
    assert found.out == right.out
    assert Path("answer").read_text(encoding="utf-8") == "old"


@pytest.mark.usefixtures("full_disk")
def test_an_answer_outlives_its_picture(run: Run) -> None:
    pytest.importorskip("matplotlib")
    right = run("evaluate", "mediation_mmr", "jobs")
    found = run("evaluate", "mediation_mmr", "jobs", "--plot", "bounds.svg")
    assert (found.status, found.out) == (2, right.out)


def test_python_is_warned(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.warns(RuntimeWarning, match="the cache .* could not be written: "):
        found = derive(instrument(2), resources=Resources(cache=tmp_path / "file" / "kept"))
    assert found.json() == derive(instrument(2)).json()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of file sizes are those of Unix")
def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """A real failure of a real write, half way: the journal and the cache are left without half of anything."""
    script = (
        "import resource, signal, boundgen.polyhedra.journal as j\n"
        "j.PATIENCE = -1\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
        "from boundgen.cli.main import main; main()\n"
    )
    (tmp_path / "model.bounds").write_text(str(instrument(4)), encoding="utf-8")
    words = ["derive", "model.bounds", "--engine", "orbits", "--cache", "kept", "--checkpoint", "notes"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    found = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert found.returncode == 0
    assert found.stdout.decode().rstrip("\n") == derive(instrument(4)).text().rstrip("\n")
    assert b"the cache kept could not be written: File too large" in found.stderr
    assert not [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]


def test_values_of_vertices_are_exact(tmp_path: Path) -> None:
    """Fractions go through the cache as they are."""
    polyhedron = DualPolyhedron(2, ((0, 1, 0), (0, 0, 1), (-1, 3, 7)))
    right = engine("ppl")(polyhedron, Budget())
    told: list[str] = []
    for _ in range(2):
        assert cached(engine("ppl"), tmp_path, told.append)(polyhedron, Budget()) == right
    assert told == ["miss", "hit"]
    assert (Fraction(0), Fraction(1, 7)) in right.vertices
