"""boundgen: sharp bounds for discrete causal models, in closed form and exact.

The public names are these; `boundgen.derivation` tells the whole way on one page.

>>> from boundgen import E, Model, P, variable
>>> Z = variable("Z", [0, 1], randomized=True)
>>> X = variable("X", [0, 1], parents=[Z])
>>> Y = variable("Y", [0, 1], parents=[X])
>>> iv = Model("iv", (Z, X, Y)).observe(P(X, Y | Z)).assume(X(1) >= X(0), name="no_defiers")
>>> print(iv.bound(E(Y(1) - Y(0)), name="ate").text(unicode=False).splitlines()[0])
p00.0 + p11.1 - 1 <= ate <= 1 - p01.0 - p10.1
"""

from __future__ import annotations

from functools import cache

from boundgen.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__version__ = VERSION


@cache
def _homes() -> dict[str, str]:
    """Where each public name is at home, as the stub beside this file says: it is the one list of them."""
    # Imported here: the command line starts without.
    import ast
    from pathlib import Path

    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    lines = [(node.module or "", node.names) for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: module for module, names in lines for alias in names}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used."""
    from importlib import import_module

    if name == "__all__":
        return sorted(_homes())
    home = _homes().get(name)
    if home is None:
        raise AttributeError(f"module 'boundgen' has no attribute {name!r}")
    return import_module(f"boundgen.{name}") if home == "boundgen" else getattr(import_module(home), name)


def __dir__() -> list[str]:
    """The public names, of which most are not imported yet, and what every module has."""
    return sorted({*_homes(), *(name for name in globals() if name.startswith("__"))})
