"""What became of evaluator modules in a folder, as a result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from boundgen.rendering.rendered import Rendered
from boundgen.work.unanswered import Unanswered, unanswered_json

FileStatus = Literal["written", "up to date", "missing", "stale", "left over"]
# What is said of a file that is not as it should be.
WRONG: Mapping[FileStatus, str] = {"missing": "missing", "stale": "stale", "left over": "left over; delete it"}


@dataclass(frozen=True)
class FileState:
    """A file in the folder, and how it stands."""

    name: str
    status: FileStatus


@dataclass(frozen=True, repr=False)
class Generated(Rendered):
    """The files of evaluator modules: what was written, or how they stand where nothing was to be written.

    Parameters
    ----------
    folder : str
    files : tuple of FileState
    refresh : str
        The command that writes what is not up to date; empty where it was to be written.
    unanswered : tuple of Unanswered
        Estimands that the modules could not hold.
    """

    folder: str
    files: tuple[FileState, ...]
    refresh: str = ""
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def wrong(self) -> tuple[FileState, ...]:
        """What is missing, stale or left over."""
        return tuple(file for file in self.files if file.status in WRONG)

    def text(self, unicode: bool = True) -> str:  # noqa: ARG002
        """The files that were written, or those that are not as they should be."""
        modules = sum(file.status != "left over" for file in self.files)
        count = f"{modules} module{'' if modules == 1 else 's'}"
        if self.refresh:
            lines = [f"{self._path(file)}: {WRONG[file.status]}" for file in self.wrong]
            return "\n".join([*lines, f"to refresh: {self.refresh}"]) if lines else f"{self.folder}: {count} up to date"
        written = [self._path(file) for file in self.files if file.status == "written"]
        return "\n".join([*written, f"{count}, {len(written)} written"])

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.generated/1``."""
        refresh = {"refresh": self.refresh} if self.wrong else {}
        return {"schema": "boundgen.generated/1", "files": self.rows(), **refresh, **unanswered_json(self.unanswered)}

    def rows(self) -> list[dict[str, Any]]:
        """A row for each file, with its status."""
        return [{"file": self._path(file), "status": file.status} for file in self.files]

    def _path(self, file: FileState) -> str:
        return os.path.join(self.folder, file.name)

    def __repr__(self) -> str:
        return f"<Generated {len(self.files)} files in {self.folder}>"
