"""A file in which a decomposition notes what it has found, so that another process can go on from there.

One line for each orbit whose neighbours are known: a signature, and as JSON the ray and those neighbours that began
new orbits. Lines are only added, so whatever ends the process, all but a last half-written line is kept.

A list of neighbours cannot be checked faster than it is made. So a line counts only if it is signed with a key that
only the user can read; each signature is of all lines before it too, so that none can be taken out.
"""

from __future__ import annotations

import hmac
import json
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from boundgen.errors import FileError, named
from boundgen.exact.integers import Integers, vector
from boundgen.polyhedra.cones import Cone
from boundgen.polyhedra.decomposition import Orbits
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.work.folders import doubt, made, new_file, own_content, refuse_doubtful, user_key
from boundgen.work.limits import Budget

SCHEMA = "boundgen.checkpoint/2"
# What takes less time than this is not worth a file.
PATIENCE = 1.0
LARGEST = 2**28
LONGEST = 1000


def journal(polyhedron: DualPolyhedron, budget: Budget) -> Journal:
    """The journal of a polyhedron in the folder for checkpoints.

    Raises
    ------
    FileError
        If the work is to be resumed from a folder that is none, or in which others can write.
    """
    digest = sha256(json.dumps(polyhedron.inequalities).encode()).hexdigest()
    folder = budget.resources.checkpoints
    if folder and budget.resources.resume:
        refuse_doubtful(folder, "checkpoint folder", "--checkpoint")
    return Journal(folder / f"{digest[:40]}.orbits" if folder else None, digest, budget)


class Journal:
    """What has been found, in memory until it is worth a file, then in the file line by line.

    Where the file cannot be written, that is said and the enumeration goes on.

    Parameters
    ----------
    path : Path or None
        None keeps no file.
    digest : str
        Of the polyhedron.
    budget : Budget
        Says whether to read what the file holds before (otherwise it begins anew), and hears complaints.
    """

    def __init__(self, path: Path | None, digest: str, budget: Budget) -> None:
        self.path, self._digest, self._budget = path, digest, budget
        self._waiting: list[dict[str, Any]] = []
        self._file: IO[str] | None = None
        self._signer = Signer(digest)
        self._start = time.monotonic()

    def replay(self, orbits: Orbits, cone: Cone) -> list[Integers]:
        """Put what the file holds into the orbits; the rays that need not be explored again.

        Raises
        ------
        FileError
            If there is a file that cannot be read.
        """
        taken = []
        for line in self._read() if self._budget.resources.resume and self.path else []:
            rays = _rays(line, cone)
            if rays is None:
                break
            for ray in rays:
                orbits.add(ray)
            if line["done"] and orbits.is_pending(rays[0]):
                orbits.finish(rays[0])
                taken.append(rays[0])
            self._waiting.append(line)
        return taken

    def begin(self, ray: Integers) -> None:
        """The first ray."""
        self._add({"ray": ray.tolist(), "new": [], "done": False})

    def write(self, ray: Integers, new: list[Integers]) -> None:
        """A ray whose neighbours are known, and those of them that are of new orbits."""
        self._add({"ray": ray.tolist(), "new": [other.tolist() for other in new], "done": True})

    def finish(self) -> None:
        """All is found: the file has served its purpose."""
        self._waiting = []
        self.close()
        if self.path:
            with suppress(OSError):
                self.path.unlink()

    def close(self) -> None:
        """Write what waits, and close the file."""
        if self.path and self._waiting:
            self._flush()
        if self._file:
            # What is still in its buffer was said to be lost.
            with suppress(OSError):
                self._file.close()

    def _add(self, line: dict[str, Any]) -> None:
        if self.path:
            self._waiting.append(line)
            if time.monotonic() - self._start > PATIENCE:
                self._flush()

    def _flush(self) -> None:
        assert self.path
        try:
            if not self._file:
                made(self.path.parent)
                if doubt(self.path.parent):
                    raise PermissionError(0, doubt(self.path.parent))
                self._file = new_file(self.path)
                self._file.write(self._signer.line({"schema": SCHEMA, "polyhedron": self._digest}))
            self._file.write("".join(map(self._signer.line, self._waiting)))
            self._file.flush()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._budget.resources.complain(f"the checkpoint {named(self.path)} could not be written: {reason}")
            self._give_up()
        self._waiting = []

    def _give_up(self) -> None:
        """Give the file up; what it holds already may still serve."""
        self.path, self._waiting = None, []
        self.close()
        self._file = None

    def _read(self) -> list[dict[str, Any]]:
        """The lines that are whole and signed; none where the file is of another polyhedron or not there."""
        assert self.path
        try:
            content = own_content(self.path, LARGEST)
        except OSError as error:
            raise FileError(
                f"{named(self.path)}: the checkpoint cannot be read: {error.strerror}",
                remedy="Leave --resume out to begin anew.",
            ) from None
        signer, found = Signer(self._digest), []
        lines = (content or b"").decode("ascii", errors="replace").splitlines(keepends=True)
        for line in lines:
            read = _parsed(line.partition(" ")[2])
            if read is None or not hmac.compare_digest(signer.line(read).encode(), line.encode(errors="replace")):
                break
            found.append(read)
        if not found or found[0] != {"schema": SCHEMA, "polyhedron": self._digest}:
            found = found[:0]
        if lines and len(found) < len(lines):
            self._budget.remark(f"{len(lines) - len(found)} lines of {self.path.name} are not believed")
        return found[1:]


class Signer:
    """Signatures of lines, each of which is of all lines before it too."""

    def __init__(self, digest: str) -> None:
        self._state = hmac.new(user_key(), digest.encode(), sha256)

    def line(self, content: dict[str, Any]) -> str:
        """The next line, signed."""
        text = json.dumps(content)
        self._state.update(text.encode() + b"\n")
        return f"{self._state.hexdigest()} {text}\n"


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _rays(line: dict[str, Any], cone: Cone) -> list[Integers] | None:
    """The ray of a line and its new neighbours; None where the line is not as it is written here."""
    if set(line) != {"ray", "new", "done"} or not isinstance(line["new"], list) or not isinstance(line["done"], bool):
        return None
    rows = [line["ray"], *line["new"]]
    if not all(isinstance(row, list) and len(row) == cone.dimension and all(map(_is_number, row)) for row in rows):
        return None
    rays = [vector(row) for row in rows]
    from boundgen.polyhedra.completeness import is_extreme

    return rays if all(is_extreme(cone, ray) for ray in rays) else None


def _is_number(value: Any) -> bool:
    return type(value) is int and abs(value) < 10**LONGEST
