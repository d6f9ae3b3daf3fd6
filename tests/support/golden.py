"""Golden files: what was printed, byte by byte."""

from __future__ import annotations

import os

from support.paths import GOLDEN


def compare(name: str, text: str) -> None:
    """The text is the golden file's, byte by byte."""
    file = GOLDEN / name
    if os.environ.get("BOUNDGEN_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
