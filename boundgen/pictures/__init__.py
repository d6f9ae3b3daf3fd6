"""Pictures of bounds, of bounds against a sensitivity parameter, and of models; they need matplotlib."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundgen.pictures.dual import dual_picture
    from boundgen.pictures.evaluations import evaluation_chart
    from boundgen.pictures.files import picture_bytes, write_picture
    from boundgen.pictures.graph import graph_picture
    from boundgen.pictures.intervals import BoundsBar, assumption_chart, interval_chart, interval_of
    from boundgen.pictures.sensitivity import sensitivity_picture

__all__ = [
    "BoundsBar",
    "assumption_chart",
    "dual_picture",
    "evaluation_chart",
    "graph_picture",
    "interval_chart",
    "interval_of",
    "picture_bytes",
    "sensitivity_picture",
    "write_picture",
]
_HOMES = {
    "dual": ("dual_picture",),
    "evaluations": ("evaluation_chart",),
    "files": ("picture_bytes", "write_picture"),
    "graph": ("graph_picture",),
    "intervals": ("BoundsBar", "assumption_chart", "interval_chart", "interval_of"),
    "sensitivity": ("sensitivity_picture",),
}


def __getattr__(name: str) -> Any:
    """matplotlib is imported when something is drawn: names of files are checked without it."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"boundgen.pictures.{home}"), name)
    raise AttributeError(f"module 'boundgen.pictures' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
