"""Enumerations kept in a folder, by what was enumerated: a polyhedron that was seen before is not enumerated again.

An entry is believed only if its checksum is right, it is of this polyhedron, and its points and directions are in it.
Whether the list is complete rests on the checksum: entries hold complete enumerations alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from boundgen.errors import FileError
from boundgen.files import write_whole
from boundgen.limits import Work
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Enumerate, Generators

SCHEMA = "boundgen.cache/1"


def cached(enumerate_dual: Enumerate, folder: Path, seen: Callable[[str], None] = lambda _: None) -> Enumerate:
    """An engine that looks into a folder first, and keeps there what it had to enumerate.

    Parameters
    ----------
    enumerate_dual : Enumerate
    folder : Path
        Made where it is not there; several processes may share it.
    seen : function of str
        Is told ``hit``, ``miss``, or ``damaged`` for an entry that is not believed and computed again.
    """

    def enumerate_or_remember(polyhedron: DualPolyhedron, work: Work) -> Generators:
        digest = polyhedron_digest(polyhedron)
        path = folder / digest[:2] / f"{digest[2:]}.json"
        kept = _read(path, polyhedron, digest)
        if isinstance(kept, Generators):
            seen("hit")
            work.remark("the enumeration was found in the cache")
            return kept
        seen(kept)
        if kept == "damaged":
            work.remark(f"the entry {path.name} of the cache is damaged and computed again")
        found = enumerate_dual(polyhedron, work)
        if not found.missing:
            _write(path, found, digest)
        return found

    return enumerate_or_remember


def polyhedron_digest(polyhedron: DualPolyhedron) -> str:
    """Of the inequalities alone: names of cells and levels make no difference."""
    return sha256(json.dumps([polyhedron.dimension, polyhedron.inequalities]).encode()).hexdigest()


def _write(path: Path, found: Generators, digest: str) -> None:
    content = json.dumps(
        {
            "schema": SCHEMA,
            "polyhedron": digest,
            "vertices": [[str(x) for x in vertex] for vertex in found.vertices],
            "rays": [list(ray) for ray in found.rays],
        }
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"{path.parent}: the cache cannot be written: {error.strerror}",
            remedy="Name another folder: --cache FOLDER.",
        ) from None
    write_whole(str(path), f"{_checksum(content)}\n{content}\n")


def _read(path: Path, polyhedron: DualPolyhedron, digest: str) -> Generators | str:
    """The entry, or why there is none: ``miss`` or ``damaged``."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "miss"
    except UnicodeDecodeError:
        return "damaged"
    except OSError as error:
        raise FileError(
            f"{path}: the cache cannot be read: {error.strerror}", remedy="Name another folder: --cache FOLDER."
        ) from None
    checksum, _, content = text.removesuffix("\n").partition("\n")
    if checksum != _checksum(content):
        return "damaged"
    entry = json.loads(content)
    if (entry["schema"], entry["polyhedron"]) != (SCHEMA, digest):
        return "damaged"
    found = Generators(
        tuple(tuple(Fraction(x) for x in vertex) for vertex in entry["vertices"]),
        tuple(tuple(ray) for ray in entry["rays"]),
    )
    return found if _is_inside(found, polyhedron) else "damaged"


def _is_inside(found: Generators, polyhedron: DualPolyhedron) -> bool:
    from boundgen.polyhedra.integers import product
    from boundgen.polyhedra.mirror import homogeneous_rays
    from boundgen.polyhedra.symmetry import homogeneous

    if not found.vertices or any(len(row) != polyhedron.dimension for row in (*found.vertices, *found.rays)):
        return False
    return bool((product(homogeneous_rays(found), homogeneous(polyhedron).T) >= 0).all())


def _checksum(content: str) -> str:
    return sha256(content.encode()).hexdigest()
