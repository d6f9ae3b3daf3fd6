"""Tables in the README, between two comments."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def write_into_readme(name: str, lines: Iterable[str]) -> None:
    """Replace what stands between ``<!-- NAME: start -->`` and ``<!-- NAME: end -->``, whole or not at all."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    before, _, rest = README.read_text(encoding="utf-8").partition(start)
    _, _, after = rest.partition(end)
    temporary = README.with_suffix(".tmp")
    temporary.write_text("\n".join([before + start, *lines, end + after]), encoding="utf-8")
    temporary.replace(README)
