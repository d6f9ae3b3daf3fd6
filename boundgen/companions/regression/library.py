"""The libraries of regressions, imported when they are needed."""

from __future__ import annotations

from typing import Any

from boundgen.work.libraries import library as optional_library


def library(name: str) -> Any:
    """A library of regressions.

    Raises
    ------
    LibraryError
    """
    return optional_library(name, "companions", "this method needs")
