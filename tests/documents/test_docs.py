"""What the documents say is what happens: README, guide, help texts, docstrings and notebooks.

In the documents with examples, ```sh blocks hold commands; those that begin with ``boundgen`` are run, and a
```text block that comes next is what they print. ```python blocks are run in order, in one namespace for each document.
```bounds blocks are models, ```dagitty blocks graphs, ```tex blocks LaTeX, ```py blocks code that claims
name; a first line ``# name.bounds``, ``# name.dag``, ``% name.tex`` or ``# name.py`` makes one a file for the commands
of all documents.

Where the printed form changed on purpose,
``BOUNDGEN_UPDATE_GOLDEN=1 python -m pytest tests/documents/test_docs.py`` pastes it.
"""

from __future__ import annotations

import doctest
import importlib.util
import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

import boundgen
from boundgen import Model, derive, pictures, verify
from boundgen.cli.main import HOMES
from boundgen.language.tree import STATEMENTS
from boundgen.version import VERSION
from support.paths import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GUIDE = [f"docs/guide/{path.name}" for path in sorted(ROOT.glob("docs/guide/*.md"))]
EXAMPLES = ["README.md", *GUIDE, "docs/how-it-works.md"]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "RELEASING.md",
    *(f"docs/{path.name}" for path in sorted(ROOT.glob("docs/*.md"))),
    *GUIDE,
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VERBS = tuple(HOMES)
LIBRARIES = {
    "boundgen.pictures": "matplotlib",
    "boundgen.polyhedra.cdd_engine": "cdd",
    "boundgen.polyhedra.ppl_engine": "ppl",
}


@dataclass(frozen=True)
class Block:
    """A fenced block of a document and the line on which it starts."""

    document: str
    kind: str
    text: str
    line: int

    @property
    def id(self) -> str:
        return f"{Path(self.document).stem}-line{self.line}"


def blocks(name: str) -> list[Block]:
    document = (ROOT / name).read_text(encoding="utf-8")
    return [Block(name, m[1], m[2], document.count("\n", 0, m.start()) + 1) for m in FENCE.finditer(document)]


BLOCKS = {name: blocks(name) for name in [*EXAMPLES, "docs/language.md"]}


def examples(kind: str) -> list[Block]:
    """The blocks of that kind in the documents with examples."""
    return [block for name in EXAMPLES for block in BLOCKS[name] if block.kind == kind]


def commands(block: Block) -> list[list[str]]:
    """The commands of a block that begin with boundgen, without their comments."""
    lines = [shlex.split(line, comments=True) for line in block.text.splitlines()]
    return [words[1:] for words in lines if words and words[0] == "boundgen"]


def model_files() -> dict[str, str]:
    """The models, graphs and LaTeX of the documents by file name."""
    models = [block for found in BLOCKS.values() for block in found if block.kind in ("bounds", "dagitty", "tex", "py")]
    named = [(re.match(r"[#%] (\S+\.(bounds|dag|tex|py))\n", block.text), block) for block in models]
    return {match[1]: block.text for match, block in named if match}


def run(arguments: list[str], folder: Path) -> str:
    """What a command prints; it must end well and print no error."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "boundgen", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def paste(block: Block, printed: str) -> None:
    """Replace a text block of a document."""
    file = ROOT / block.document
    old, new = (f"```text\n{text}```\n" for text in (block.text, printed))
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def printed_by(block: Block) -> Block | None:
    """The text block that comes next and is what the commands of a block print."""
    found = BLOCKS[block.document]
    following = found[found.index(block) + 1 :]
    return following[0] if following and following[0].kind == "text" else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model files of the documents."""
    made = tmp_path_factory.mktemp("documents")
    for name, text in model_files().items():
        (made / name).write_text(text, encoding="utf-8")
    return made


# ---------------------------------------------------------------- README and guide
# What goes over the whole catalogue, or enumerates for long.
LONG = re.compile(r"--all|\bgallery -o|--resume")
SHELL = [
    pytest.param(block, id=block.id, marks=[pytest.mark.slow] * (LONG.search(block.text) is not None))
    for block in examples("sh")
    if commands(block)
]


def test_readme_is_short() -> None:
    """A visitor reads what it is, for whom, one example, and where to go; the guide has the rest."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 170


def test_documents_have_examples_of_every_verb() -> None:
    shown = {words[0] for block in examples("sh") for words in commands(block)}
    assert shown == set(VERBS)


@pytest.mark.parametrize("block", SHELL)
def test_commands(block: Block, folder: Path) -> None:
    printed = "".join(run(words, folder) for words in commands(block))
    assert printed
    following = printed_by(block)
    if following is None:
        return
    if os.environ.get("BOUNDGEN_UPDATE_GOLDEN"):
        paste(following, printed)
    else:
        assert printed == following.text


@pytest.mark.parametrize("name", sorted({block.document for block in examples("python")}))
def test_python(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    namespace: dict[str, Any] = {}
    for block in BLOCKS[name]:
        if block.kind == "python":
            # Empty lines before the code make the lines of a traceback those of the document.
            exec(compile("\n" * block.line + block.text, name, "exec"), namespace)


@pytest.mark.parametrize("block", [pytest.param(block, id=block.id) for block in examples("bounds")])
def test_models(block: Block) -> None:
    model = Model.parse(block.text)
    assert model.estimands
    assert Model.parse(str(model)) == model


def test_readme_python_builds_the_model_of_the_file() -> None:
    namespace: dict[str, Any] = {}
    exec(next(block.text for block in BLOCKS["README.md"] if block.kind == "python"), namespace)
    from_file = Model.parse(model_files()["anger.bounds"]).bound("delta1")
    assert namespace["bounds"].json() == from_file.json()


def test_readme_shows_the_picture_that_its_code_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its labels and its number of shapes; where exactly they stand may differ between versions of matplotlib."""
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    exec(next(block.text for block in examples("python") if "framing.svg" in block.text), {})
    files = ROOT / "docs/images/framing.svg", Path("framing.svg")
    shown, drawn = (file.read_text(encoding="utf-8") for file in files)
    label, shape = r"<!-- (.*) -->", r'<g id="patch_'
    assert re.findall(label, shown) == re.findall(label, drawn)
    assert "nobody feels less bad" in re.findall(label, shown)
    assert shown.count(shape) == drawn.count(shape)


# ---------------------------------------------------------------- all documents, and the site that is made of them
@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    document = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document):
        assert "://" in target or ((ROOT / name).parent / target).exists(), f"{name} links to {target}"


@pytest.mark.parametrize("name", [*DOCUMENTS, *(f"notebooks/{path.name}" for path in NOTEBOOKS)])
def test_links_to_other_sites_are_well_formed(name: str) -> None:
    """As far as that can be seen from here: https, a host with a domain, and nothing that must be quoted."""
    document = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\w+://[^\s)>\"`\\]*", document):
        found = urlsplit(target)
        assert found.scheme == "https", target
        assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", found.netloc), target
        assert quote(target, safe=":/?#[]@!$&'()*+,;=%~") == target


def test_every_page_of_the_site_is_in_its_contents() -> None:
    """An entry is a file without its ending, perhaps ``title <file>``."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.MULTILINE | re.DOTALL)
    lines = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    listed = {(ROOT / "docs" / re.sub(r".*<(.*)>", r"\1", line)).resolve() for line in lines}
    pages = {(ROOT / name).resolve().with_suffix("") for name in DOCUMENTS if name != "docs/index.md"}
    assert listed == pages | {ROOT.resolve() / "notebooks" / "*"}


def test_language_page() -> None:
    """Its models print to themselves and have bounds; its Python runs."""
    found = BLOCKS["docs/language.md"]
    models = [Model.parse(block.text) for block in found if block.kind == "bounds"]
    assert len(models) >= 5
    for model in models:
        assert Model.parse(str(model)) == model
        assert derive(model).closed_forms
    assert all(claim.as_expected for model in models for claim in verify(model).claims)
    for block in found:
        if block.kind == "python":
            exec(compile("\n" * block.line + block.text, "docs/language.md", "exec"), {})


@pytest.mark.parametrize("kind", sorted(STATEMENTS))
def test_language_page_names_every_statement(kind: str) -> None:
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert re.search(rf"^{kind} |`{kind}[ `]", page, re.MULTILINE)


def test_every_public_name_has_a_page() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (boundgen\.[\w.]+)$", page, re.MULTILINE))
    drawing = {f"boundgen.pictures.{name}" for name in pictures.__all__}
    # What the guide imports, and what `mediate` is told with.
    inner = {"boundgen.companions.mediate.Settings", "boundgen.companions.mediator_response.mediator_response"}
    assert {f"boundgen.{name}" for name in boundgen.__all__} | drawing | inner <= listed


def test_changelog_counts_the_models_of_the_gallery() -> None:
    gallery, changed = ((ROOT / name).read_text(encoding="utf-8") for name in ("docs/gallery.md", "CHANGELOG.md"))
    others = gallery.partition("Other published bounds:\n")[2].partition("## Entries")[0]
    assert f" and {others.count('| [')} other models with published bounds" in changed


def test_glossary_avoids_synonyms() -> None:
    """The gallery may: it quotes."""
    for name in set(DOCUMENTS) - {"docs/gallery.md"}:
        assert not re.search(r"\btight(er|est|ness)?\b", (ROOT / name).read_text(encoding="utf-8"), re.IGNORECASE)


# ---------------------------------------------------------------- habits
def test_hooks_before_a_commit_are_the_commands_of_make_lint() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe
    models = re.search(r"^MODELS = (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert models
    lines = recipe[1].replace("$(MODELS)", models[1]).replace("$(BIN)", ".venv/bin").splitlines()
    # A shell is needed for the names of files alone.
    checks = [f"bash -c '{line.strip()}'" if "*" in line else line.strip() for line in lines if "pip" not in line]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^ +entry: (.*)$", hooks, re.MULTILINE) == checks


def test_only_files_that_need_it_are_excused_from_rules_about_docstrings() -> None:
    pytest.importorskip("ruff")
    done = subprocess.run([sys.executable, ".ci/excused.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_version_is_the_same_wherever_it_stands() -> None:
    places = ("CITATION.cff", "CHANGELOG.md", "r/boundgen/DESCRIPTION")
    cited, changed, of_r = ((ROOT / name).read_text(encoding="utf-8") for name in places)
    assert re.findall(r"^version: (.*)$", cited, re.MULTILINE) == [VERSION]
    assert re.findall(r"^Version: (.*)$", of_r, re.MULTILINE) == [VERSION]
    assert re.findall(r"^## (\d.*)$", changed, re.MULTILINE)[0].split()[0] == VERSION


# ---------------------------------------------------------------- docstrings
def modules() -> list[str]:
    """The package's modules; those that need a further library only where it is installed."""
    found = [m.name for m in pkgutil.walk_packages(boundgen.__path__, "boundgen.")]
    skipped = {name for name, library in LIBRARIES.items() if importlib.util.find_spec(library) is None}
    return ["boundgen", *(name for name in found if name not in skipped | {"boundgen.__main__"})]


def test_docstrings() -> None:
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner(verbose=False)
    report: list[str] = []
    for name in modules():
        for example in finder.find(importlib.import_module(name), name):
            runner.run(example, out=report.append)
    assert runner.failures == 0, "".join(report)


# ---------------------------------------------------------------- notebooks
def test_there_is_a_notebook() -> None:
    assert [path.name for path in NOTEBOOKS][:1] == ["01_first_bound.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_output(path: Path) -> None:
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert (stored["nbformat"], stored["nbformat_minor"]) == (4, 5)
    identifiers = [cell["id"] for cell in stored["cells"]]
    assert len(set(identifiers)) == len(identifiers)
    for cell in stored["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


# The documentation site runs them too.
@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    printed = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert printed
