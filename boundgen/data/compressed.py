"""Text files, compressed or not: what opens them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO, cast

COMPRESSED = (".gz", ".bz2", ".xz")


def opener(name: str) -> Callable[[], BinaryIO]:
    """What opens a file for reading, by the ending of its name."""
    ending = os.path.splitext(name)[1].lower()
    if ending == ".gz":
        import gzip

        return lambda: cast(BinaryIO, gzip.open(name, "rb"))
    if ending == ".bz2":
        import bz2

        return lambda: cast(BinaryIO, bz2.open(name, "rb"))
    if ending == ".xz":
        import lzma

        return lambda: cast(BinaryIO, lzma.open(name, "rb"))
    return lambda: open(name, "rb")
