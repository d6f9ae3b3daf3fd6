"""What the documents say is what happens: README, help texts, docstrings and the notebook.

In README.md, ```sh blocks hold commands; those that begin with ``boundgen`` are run, and a
```text block that comes next is what they print. ```python blocks are run in order in one namespace. ```bounds blocks
are models; a first line ``# name.bounds`` makes one a file for the commands.

Where the printed form changed on purpose, ``BOUNDGEN_UPDATE_GOLDEN=1 python -m pytest tests/test_docs.py`` pastes it.
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

import pytest

import boundgen
from boundgen import Model

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VERBS = ("catalogue", "certify", "check", "check-certificate", "derive", "generate", "show", "verify")
ENGINES = {"boundgen.polyhedra.cdd_engine": "cdd", "boundgen.polyhedra.ppl_engine": "ppl"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a document and the line on which it starts."""

    kind: str
    text: str
    line: int


def blocks(name: str) -> list[Block]:
    document = (ROOT / name).read_text(encoding="utf-8")
    return [Block(m[1], m[2], document.count("\n", 0, m.start()) + 1) for m in FENCE.finditer(document)]


README = blocks("README.md")


def commands(block: Block) -> list[list[str]]:
    """The commands of a block that begin with boundgen, without their comments."""
    lines = [shlex.split(line, comments=True) for line in block.text.splitlines()]
    return [words[1:] for words in lines if words and words[0] == "boundgen"]


def model_files() -> dict[str, str]:
    """The models of the README by file name."""
    named = [(re.match(r"# (\S+\.bounds)\n", block.text), block) for block in README if block.kind == "bounds"]
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
    """Replace a text block of the README."""
    file = ROOT / "README.md"
    old, new = (f"```text\n{text}```\n" for text in (block.text, printed))
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model files of the README."""
    made = tmp_path_factory.mktemp("readme")
    for name, text in model_files().items():
        (made / name).write_text(text, encoding="utf-8")
    return made


# ---------------------------------------------------------------- README
SHELL = [
    pytest.param(block, README[i + 1] if i + 1 < len(README) else None, id=f"line{block.line}")
    for i, block in enumerate(README)
    if block.kind == "sh" and commands(block)
]


def test_readme_has_examples_of_every_verb() -> None:
    shown = {words[0] for block in README if block.kind == "sh" for words in commands(block)}
    assert shown == set(VERBS)


@pytest.mark.parametrize(("block", "following"), SHELL)
def test_readme_commands(block: Block, following: Block | None, folder: Path) -> None:
    printed = "".join(run(words, folder) for words in commands(block))
    assert printed
    if following is not None and following.kind == "text":
        if os.environ.get("BOUNDGEN_UPDATE_GOLDEN"):
            paste(following, printed)
        else:
            assert printed == following.text


def test_readme_python() -> None:
    python = [block for block in README if block.kind == "python"]
    assert python
    namespace: dict[str, Any] = {}
    for block in python:
        # Empty lines before the code make the lines of a traceback those of the README.
        exec(compile("\n" * block.line + block.text, "README.md", "exec"), namespace)


@pytest.mark.parametrize("block", [pytest.param(b, id=f"line{b.line}") for b in README if b.kind == "bounds"])
def test_readme_models(block: Block) -> None:
    model = Model.parse(block.text)
    assert model.estimands
    assert Model.parse(str(model)) == model


def test_readme_python_builds_the_model_of_the_file() -> None:
    namespace: dict[str, Any] = {}
    exec(next(block.text for block in README if block.kind == "python"), namespace)
    from_file = Model.parse(model_files()["anger.bounds"]).bound("delta1")
    assert namespace["bounds"].json() == from_file.json()


def test_links_between_documents_lead_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        document = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)", document):
            assert "://" in target or (ROOT / target).exists(), f"{name} links to {target}"


def test_glossary_avoids_synonyms() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        assert not re.search(r"\btight(er|est|ness)?\b", (ROOT / name).read_text(encoding="utf-8"), re.IGNORECASE)


# ---------------------------------------------------------------- help texts
@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_examples(verb: str, folder: Path) -> None:
    text = run([verb, "--help"] if verb else ["--help"], folder)
    examples = [line.split()[1:] for line in text.splitlines() if line.startswith("    boundgen ")]
    assert examples
    for words in examples:
        assert run(words, folder)


# ---------------------------------------------------------------- docstrings
def modules() -> list[str]:
    """The package's modules; those of an engine only where it is installed."""
    found = [m.name for m in pkgutil.walk_packages(boundgen.__path__, "boundgen.")]
    skipped = {name for name, library in ENGINES.items() if importlib.util.find_spec(library) is None}
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3", resources=resources).execute()
    printed = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert printed
