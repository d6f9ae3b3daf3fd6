"""Folders of boundgen's own, in the user's folder for caches."""

from __future__ import annotations

import os
from pathlib import Path


def checkpoint_folder(given: str | None) -> Path:
    """The folder for checkpoints: the one that is named, or one in the user's folder for caches."""
    return Path(given) if given is not None else user_folder("checkpoints")


def user_folder(name: str) -> Path:
    """A folder of that name in the user's folder for caches."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "boundgen" / name
