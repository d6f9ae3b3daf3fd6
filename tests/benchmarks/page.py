"""Tables in the page of large models, between two comments."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "large-models.md"


def write_into_page(name: str, lines: Iterable[str]) -> None:
    """Replace what stands between ``<!-- NAME: start -->`` and ``<!-- NAME: end -->``, whole or not at all."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(start)
    _, _, after = rest.partition(end)
    temporary = PAGE.with_suffix(".tmp")
    temporary.write_text("\n".join([before + start, *lines, end + after]), encoding="utf-8")
    temporary.replace(PAGE)
