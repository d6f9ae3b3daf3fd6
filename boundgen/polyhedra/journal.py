"""A file in which a decomposition notes what it has found, so that another process can go on from there.

One line for each orbit whose neighbours are known: a checksum, and as JSON the ray and those neighbours that began
new orbits. Lines are only added, so whatever ends the process, all but a last half-written line is kept.
"""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from boundgen.errors import FileError
from boundgen.limits import Work
from boundgen.polyhedra.decomposition import Orbits
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.integers import Integers, vector

SCHEMA = "boundgen.checkpoint/1"
# What takes less time than this is not worth a file.
PATIENCE = 1.0


def journal(polyhedron: DualPolyhedron, work: Work) -> Journal:
    """The journal of a polyhedron in the folder for checkpoints."""
    digest = sha256(json.dumps(polyhedron.inequalities).encode()).hexdigest()
    folder = work.means.checkpoints
    return Journal(folder / f"{digest[:40]}.orbits" if folder else None, digest, work.means.resume)


class Journal:
    """What has been found, in memory until it is worth a file, then in the file line by line.

    Parameters
    ----------
    path : Path or None
        None keeps no file.
    digest : str
        Of the polyhedron.
    resume : bool
        Whether to read what the file holds before; otherwise it begins anew.
    """

    def __init__(self, path: Path | None, digest: str, resume: bool) -> None:
        self.path, self._digest, self._resume = path, digest, resume
        self._waiting: list[str] = []
        self._file: IO[str] | None = None
        self._start = time.monotonic()

    def replay(self, orbits: Orbits) -> int:
        """Put what the file holds into the orbits; how many rays need not be explored again.

        Raises
        ------
        FileError
            If there is a file that cannot be read.
        """
        lines = self._read() if self._resume and self.path else []
        if not lines:
            return 0
        for line in lines:
            ray = vector(line["ray"])
            orbits.add(ray)
            for neighbour in line["new"]:
                orbits.add(vector(neighbour))
            if line["done"]:
                orbits.finish(ray)
            self._waiting.append(_line(line))
        return orbits.done

    def begin(self, ray: Integers) -> None:
        """The first ray."""
        self._add({"ray": ray.tolist(), "new": [], "done": False})

    def write(self, ray: Integers, new: list[Integers]) -> None:
        """A ray whose neighbours are known, and those of them that are of new orbits."""
        self._add({"ray": ray.tolist(), "new": [other.tolist() for other in new], "done": True})

    def finish(self) -> None:
        """All is found: the file has served its purpose."""
        self.close()
        if self.path:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write what waits, and close the file."""
        if self.path and self._waiting:
            self._flush()
        if self._file:
            self._file.close()

    def _add(self, line: dict[str, Any]) -> None:
        if self.path:
            self._waiting.append(_line(line))
            if time.monotonic() - self._start > PATIENCE:
                self._flush()

    def _flush(self) -> None:
        assert self.path
        try:
            if not self._file:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("w", encoding="ascii")
                self._file.write(_line({"schema": SCHEMA, "polyhedron": self._digest}))
            self._file.write("".join(self._waiting))
            self._file.flush()
        except OSError as error:
            raise FileError(
                f"{self.path}: the checkpoint cannot be written: {error.strerror}",
                remedy="Give a folder that can be written: --checkpoint FOLDER.",
            ) from None
        self._waiting = []

    def _read(self) -> list[dict[str, Any]]:
        """The lines that are whole; none where the file is of another polyhedron or not there."""
        assert self.path
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise FileError(f"{self.path}: the checkpoint cannot be read: {error.strerror}") from None
        found = []
        for line in text.splitlines():
            checksum, _, content = line.partition(" ")
            if checksum != _checksum(content):
                break
            found.append(json.loads(content))
        if not found or found[0] != {"schema": SCHEMA, "polyhedron": self._digest}:
            return []
        return found[1:]


def _line(content: dict[str, Any]) -> str:
    text = json.dumps(content)
    return f"{_checksum(text)} {text}\n"


def _checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
