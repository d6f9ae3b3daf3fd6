"""One word for one thing: no class or type has the name of another one in the package."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from support.paths import ROOT

PACKAGE = ROOT / "boundgen"
# The checkers of certificates share nothing with the rest, and each exact library has the same class behind one
# protocol.
APART = {"check_certificate.py", "check_family.py"}
TWINS = {"LibrarySolver"}


def names(path: Path) -> Iterator[str]:
    """The classes and types that a file defines."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) if name[0].isupper() and not name.isupper():
                yield name


def test_no_name_has_two_meanings() -> None:
    places = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in names(path) if path.name not in APART else ():
            places[name].append(str(path.relative_to(PACKAGE)))
    assert len(places) > 300
    twice = {name: files for name, files in places.items() if len(files) > 1 and not name.startswith("_")}
    assert set(twice) == TWINS, "\n".join(f"{name}: {', '.join(files)}" for name, files in twice.items())


def test_parameters_are_called_by_the_noun_of_their_type() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in APART
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        if any(each.arg == "found" for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
    ]
    assert not found, "\n".join(found)
