"""Rooms stand on one another: a room imports itself and the rooms below it, and what points up is named here.

An order in which nothing points up has no circle, also where an import waits inside a function or is for types alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "boundgen"
# From the ground up.
ROOMS = """errors version calls exact rendering work language catalogue graphs strata program data polyhedra bounds
derivation evaluation companions inference verification families codegen inspection questions gallery simulation
pictures sweep testing editing page cli""".split()
# The methods of values that open a room above, at the call or for a type; claims may use the symbols that are printed.
DOORS = {
    ("language.model", "bounds"),
    ("language.model", "derivation"),
    ("language.model", "graphs"),
    ("language.model", "inspection"),
    ("language.model", "pictures"),
    ("language.printed", "bounds"),
    ("bounds.closed_form", "pictures"),
    ("bounds.derived", "pictures"),
    ("bounds.piecewise_bounds", "pictures"),
    ("companions.comparison", "pictures"),
    ("companions.mediator_response", "pictures"),
    ("companions.result", "pictures"),
    ("evaluation.evaluations", "pictures"),
    ("inference.estimation", "pictures"),
    ("inference.side_by_side", "pictures"),
}
# Libraries that one room or a few files keep to themselves; the type of a figure may be named anywhere.
KEPT = {
    "cdd": "polyhedra",
    "igraph": "polyhedra",
    "linearmodels": "companions.regression",
    "lsprotocol": "editing.server",
    "matplotlib": "pictures",
    "ppl": "polyhedra",
    "pulp": "evaluation.numeric_program",
    "pygls": "editing.server",
    "pygments": "editing.pygments_lexer",
    "starlette": "page.server",
    "statsmodels": "companions",
    "sympy": "bounds.to_sympy bounds.piecewise_sympy bounds.lowest_terms verification.code_script",
    "uvicorn": "page.serving",
}


@dataclass(frozen=True)
class Import:
    """One module that a file imports; `late` inside a function, `typed` for types alone."""

    path: Path
    line: int
    target: str
    late: bool
    typed: bool

    @property
    def module(self) -> str:
        """The importing module, without the package's name."""
        return ".".join(self.path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")

    @property
    def room(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.module} imports {self.target}"


def imports() -> Iterator[Import]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node, late, typed in nodes(ast.parse(path.read_text(encoding="utf-8"))):
            for target in targets(node):
                yield Import(path, getattr(node, "lineno", 0), target, late, typed)


def nodes(node: ast.AST, late: bool = False, typed: bool = False) -> Iterator[tuple[ast.AST, bool, bool]]:
    """Every node, whether it stands in a function, and whether behind ``if TYPE_CHECKING``."""
    yield node, late, typed
    late = late or isinstance(node, ast.FunctionDef)
    typed = typed or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    for child in ast.iter_child_nodes(node):
        yield from nodes(child, late, typed)


def targets(node: ast.AST) -> list[str]:
    """The modules that a statement imports, and those that it asks `library` for."""
    match node:
        case ast.Import(names):
            return [name.name for name in names]
        case ast.ImportFrom("boundgen", names, 0):
            return [f"boundgen.{name.name}" for name in names]
        case ast.ImportFrom(str(module), _, 0):
            return [module]
        case ast.ImportFrom():
            return ["boundgen.(a relative name)"]
        case ast.Call(ast.Name("library" | "optional_library"), [ast.Constant(str(module)), *_]):
            return [module]
    return []


# The package's own two files open every room.
IMPORTS = [each for each in imports() if each.room not in ("", "__init__", "__main__")]
OWN = [(each, each.target.split(".")[1]) for each in IMPORTS if each.target.startswith("boundgen.")]


def test_every_room_has_its_floor() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert rooms - {"__init__", "__main__", "__pycache__", "py"} == set(ROOMS)


def test_rooms_stand_on_one_another() -> None:
    strange = [f"{each}, which is no room" for each, room in OWN if room not in ROOMS]
    assert not strange, "\n".join(strange)
    up = [(each, room) for each, room in OWN if ROOMS.index(room) > ROOMS.index(each.room)]
    doors = {(each.module, room) for each, room in up if each.late or each.typed}
    wrong = [str(each) for each, room in up if (each.module, room) not in DOORS or not (each.late or each.typed)]
    assert not wrong, "these point up; move what both need into the lower room:\n" + "\n".join(wrong)
    assert doors == DOORS, f"doors that nobody uses: {sorted(DOORS - doors)}"


def test_libraries_are_kept_where_they_belong() -> None:
    kept = [(each, KEPT[name]) for each in IMPORTS if (name := each.target.partition(".")[0]) in KEPT]
    wrong = [
        f"{each}; only {places} may"
        for each, places in kept
        if not any(f"{each.module}.".startswith(f"{place}.") for place in places.split()) and not each.typed
    ]
    assert not wrong, "\n".join(wrong)
    assert {places for _, places in kept} == set(KEPT.values())


def test_the_checker_of_certificates_stands_alone() -> None:
    shared = [str(each) for each, _ in OWN if each.module == "verification.check_certificate"]
    assert not shared, "it shares no code with what it checks:\n" + "\n".join(shared)
