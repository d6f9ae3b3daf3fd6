"""Which exact libraries are there: on Windows cddlib, elsewhere the Parma Polyhedra Library, by wheels; or both.

Where both are, PPL does the work, since it was faster wherever both were measured, and cddlib checks it in the tests.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from boundgen.errors import EngineError

ADVICE = {
    "ppl": "On Linux: pip install pplpy; on macOS: pip install passagemath-ppl. For Windows there is none; "
    "the engine cdd does its work there.",
    "cdd": "On Windows: pip install pycddlib. Elsewhere it is built from source against the cdd library: install "
    "libcdd-dev and libgmp-dev (Debian: apt-get install libcdd-dev libgmp-dev; macOS: brew install cddlib gmp), "
    "then: pip install pycddlib. The engine ppl needs neither.",
}


def ppl_installed() -> bool:
    """Whether the Parma Polyhedra Library is there (pplpy or passagemath-ppl)."""
    return find_spec("ppl") is not None


def cdd_installed() -> bool:
    """Whether pycddlib with exact arithmetic is there (pycddlib-standalone has floats only)."""
    return find_spec("cdd") is not None and find_spec("cdd.gmp") is not None


def exact_library() -> Literal["ppl", "cdd"]:
    """The library that does what is not enumeration by a named engine.

    Raises
    ------
    EngineError
        If neither is installed.
    """
    if ppl_installed():
        return "ppl"
    if cdd_installed():
        return "cdd"
    raise EngineError("no exact library is installed", remedy=f"{ADVICE['ppl']} {ADVICE['cdd']}")
