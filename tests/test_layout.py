"""Tests stand in the rooms of the package, and each by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from support.paths import ROOT, TESTS

BESIDE = {"laws", "golden", "documents", "support", "benchmarks"}


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_rooms_of_tests_are_those_of_the_package() -> None:
    rooms = {path.parent.name for path in (ROOT / "boundgen").glob("*/__init__.py")}
    folders = {path.parent.relative_to(TESTS).parts[0] for path in TESTS.glob("*/*.py")}
    assert folders - rooms == BESIDE


def test_no_test_imports_another() -> None:
    """What several need is in support: a test then fails for its own reasons, and may move."""
    found = [
        f"{path.relative_to(TESTS)} imports {module}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for module in imported(path)
        if module.rpartition(".")[2].startswith("test_")
    ]
    assert not found, "\n".join(found)
