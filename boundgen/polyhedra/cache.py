"""Enumerations kept in a folder, by what was enumerated: a polyhedron that was seen before is not enumerated again.

Nothing is believed that stands in the folder. An entry is used only if its points and directions are all vertices and
extreme rays of this polyhedron, which is proved anew; the checksum is there to find damage soon.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from boundgen.errors import BudgetError, FileError, named
from boundgen.polyhedra.auto_engine import is_large
from boundgen.polyhedra.completeness import is_complete, is_inside
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Enumerate, Generators, Known
from boundgen.polyhedra.mirror import mirror_image
from boundgen.work.files import write_whole
from boundgen.work.folders import doubt, made, own_content, refuse_doubtful
from boundgen.work.limits import Budget

SCHEMA = "boundgen.cache/1"
# Of bytes and of digits; the largest entry that was measured has four million bytes, and numbers of a few digits.
LARGEST = 2**25
LONGEST = 1000
NUMBER = re.compile(rf"-?[0-9]{{1,{LONGEST}}}(/[1-9][0-9]{{0,{LONGEST}}})?")
MISS, HIT, DAMAGED = "miss", "hit", "damaged"


class _Unbelievable(Exception):
    """An entry is not of this polyhedron, or not an entry."""


def cached(enumerate_dual: Enumerate, folder: Path, seen: Callable[[str], None] = lambda _: None) -> Enumerate:
    """An engine that looks into a folder first, and keeps there what it had to enumerate.

    A folder that cannot be written costs nothing but the entry: `Resources.complain` is told.

    Parameters
    ----------
    enumerate_dual : Enumerate
    folder : Path
        Made where it is not there; several processes may share it.
    seen : function of str
        Is told ``hit``, ``miss``, or ``damaged`` for an entry that is not believed and computed again.

    Raises
    ------
    FileError
        If the folder is a file, or others can write in it.
    """
    refuse_doubtful(folder, "cache", "--cache")

    def enumerate_or_remember(polyhedron: DualPolyhedron, budget: Budget, known: Known = ()) -> Generators:
        digest = polyhedron_digest(polyhedron)
        path = folder / digest[:2] / f"{digest[2:]}.json"
        image = mirror_image(polyhedron, known, budget) if is_large(polyhedron) else None
        kept = image if image and not image.missing else _kept(path, polyhedron, digest, budget)
        if isinstance(kept, Generators):
            seen(HIT)
            return kept
        seen(kept)
        found = enumerate_dual(polyhedron, budget, known)
        if not found.missing:
            _write(path, found, digest, budget)
        return found

    return enumerate_or_remember


def polyhedron_digest(polyhedron: DualPolyhedron) -> str:
    """Of the inequalities alone: names of cells and levels make no difference."""
    return sha256(json.dumps([polyhedron.dimension, polyhedron.inequalities]).encode()).hexdigest()


def _write(path: Path, generators: Generators, digest: str, budget: Budget) -> None:
    content = json.dumps(
        {
            "schema": SCHEMA,
            "polyhedron": digest,
            "vertices": [[str(x) for x in vertex] for vertex in generators.vertices],
            "rays": [list(ray) for ray in generators.rays],
        }
    )
    folder = path.parent
    reason = f"it would be larger than {LARGEST} bytes" if len(content) + len(digest) + 2 > LARGEST else ""
    try:
        if not reason:
            made(folder.parent)
            made(folder)
            reason = doubt(folder)
        if not reason:
            write_whole(str(path), f"{_checksum(content)}\n{content}\n")
            return
    except FileError as error:
        reason = error.message.rpartition(": ")[2]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    budget.resources.complain(f"the cache {named(folder.parent)} could not be written: {reason}")


def _kept(path: Path, polyhedron: DualPolyhedron, digest: str, budget: Budget) -> Generators | str:
    """The entry, or why there is none: ``miss`` or ``damaged``."""
    try:
        if not os.path.lexists(path):
            return MISS
        entry = _checked(_read(path, polyhedron, digest), polyhedron, budget)
    except (_Unbelievable, OSError):
        budget.remark(f"the entry {path.name} of the cache is damaged and computed again")
        return DAMAGED
    budget.remark("the enumeration was found in the cache")
    return entry


def _checked(entry: Generators, polyhedron: DualPolyhedron, budget: Budget) -> Generators:
    """The entry, where it is proved to be right; what is valid, where that could not be finished."""
    if not is_inside(entry, polyhedron):
        raise _Unbelievable
    try:
        complete = is_complete(entry, polyhedron, budget.own_share())
    except BudgetError as error:
        reason = error.message.removesuffix("; nothing was derived")
        return replace(entry, missing=f"{reason}: an entry of the cache was not checked to its end.")
    if not complete:
        raise _Unbelievable
    return entry


def _read(path: Path, polyhedron: DualPolyhedron, digest: str) -> Generators:
    content = None if doubt(path.parent) else own_content(path, LARGEST)
    checksum, _, text = (content or b"").decode("utf-8", errors="replace").removesuffix("\n").partition("\n")
    if checksum != _checksum(text):
        raise _Unbelievable
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        raise _Unbelievable from None
    if not isinstance(entry, dict) or set(entry) != {"schema", "polyhedron", "vertices", "rays"}:
        raise _Unbelievable
    if (entry["schema"], entry["polyhedron"]) != (SCHEMA, digest):
        raise _Unbelievable
    size = polyhedron.dimension
    vertices = [tuple(map(_rational, row)) for row in _rows(entry["vertices"], size)]
    rays = [tuple(map(_integer, row)) for row in _rows(entry["rays"], size)]
    return Generators(tuple(sorted(vertices)), tuple(sorted(rays)))


def _rows(table: Any, size: int) -> list[list[Any]]:
    if not isinstance(table, list) or not all(isinstance(row, list) and len(row) == size for row in table):
        raise _Unbelievable
    return table


def _rational(value: Any) -> Fraction:
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        raise _Unbelievable
    return Fraction(value)


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) >= 10**LONGEST:
        raise _Unbelievable
    return value


def _checksum(content: str) -> str:
    return sha256(content.encode(errors="replace")).hexdigest()
