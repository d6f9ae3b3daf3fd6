"""Libraries that only some of boundgen needs: imported when they are used, and where missing, which extra brings them.

An extra is a name in brackets at installation, as in ``pip install 'boundgen[pictures]'``; `pyproject.toml` has them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from boundgen.errors import LibraryError

# For each such library the smallest extra that brings it.
EXTRAS = {
    "cdd": "cdd",
    "distributed": "distributed",
    "econml": "forest",
    "linearmodels": "companions",
    "matplotlib": "pictures",
    "pandas": "data",
    "pulp": "numeric",
    "pyarrow": "data",
    "pygls": "lsp",
    "pyscipopt": "polynomial",
    "scipy": "inference",
    "starlette": "web",
    "statsmodels": "companions",
    "uvicorn": "web",
}


def install(extra: str = "") -> str:
    """What to do where a library is missing: the extra that brings it; where it belongs to all of boundgen, none.

    pip adds what is missing to the boundgen that is there.
    """
    return f"Install it: pip install 'boundgen[{extra}]'" if extra else "Install it: pip install boundgen"


def missing_library(error: ImportError, extra: str | None, need: str) -> LibraryError:
    """What is said where an import fails.

    Parameters
    ----------
    error : ImportError
    extra : str or None
        The extra that brings the library and whatever it imports; None for the one in `EXTRAS`.
    need : str
        What needs it, in the plural or the singular with its verb: "pictures need".
    """
    name = (error.name or "").partition(".")[0] or "a library"
    return LibraryError(
        f"{need} {name}, which is not installed", remedy=install(EXTRAS.get(name, "") if extra is None else extra)
    )


def library(module: str, extra: str, need: str) -> Any:
    """A module of a library that not everybody has.

    Raises
    ------
    LibraryError
        Where it is not installed, or something that it imports.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise missing_library(error, extra, need) from None


def scipy_function(module: str, name: str) -> Callable[..., Any]:
    """A function of scipy for estimates and intervals, which is imported when it is first called.

    So what else stands in a module that needs it works without it.
    """

    @cache
    def found() -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(
            library(f"scipy.{module}", "inference", "estimates and intervals need"), name
        )
        return function

    def call(*arguments: Any, **options: Any) -> Any:
        return found()(*arguments, **options)

    return call
