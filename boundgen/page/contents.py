"""What the server hands out: the files of the page, read once, and its modules as one script.

Twenty modules in four layers would be twenty requests, and four waits; each file stays a module to read and to test.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from boundgen.page.bundle import bundle, ordered

STATIC = Path(__file__).parent / "static"
# The module that imports the others.
FIRST = "page.js"
START = "index.html"
PLAIN = "text/plain; charset=utf-8"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class PageFile:
    """A file of the page.

    Parameters
    ----------
    content : bytes
    kind : str
        Its type, for HTTP.
    """

    content: bytes
    kind: str

    @property
    def tag(self) -> str:
        """Tells versions of the file apart: a browser that has this one is not sent it again."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:20]}"'


@cache
def contents(begins: bool = False) -> Mapping[str, PageFile]:
    """The files of the page by their addresses; no other can be asked for.

    Parameters
    ----------
    begins : bool
        Whether the page begins with a model, for which it is to wait rather than to show its doors.

    Returns
    -------
    mapping of str to PageFile
    """
    paths = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}
    modules = {
        name: paths[name].read_text(encoding="utf-8") for name in paths if name.endswith(".js") and "/" not in name
    }
    script = {FIRST: bundle(ordered(modules)).encode()}
    kept = {name: path for name, path in paths.items() if name not in modules}
    found = {name: path.read_bytes() for name, path in kept.items()} | script
    found[START] = found[START].replace(b"<html", b"<html data-begins", 1) if begins else found[START]
    found[""] = found[START]
    return {name: PageFile(content, TYPES.get(Path(name or START).suffix, PLAIN)) for name, content in found.items()}
