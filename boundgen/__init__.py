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

from importlib import import_module
from typing import TYPE_CHECKING, Any

from boundgen.version import VERSION

if TYPE_CHECKING:
    from boundgen import catalogue
    from boundgen.bounds.closed_form import Bounds
    from boundgen.companions.mediate import mediate, mediate_all
    from boundgen.companions.result import CompanionResult
    from boundgen.data.observed import ObservedData
    from boundgen.data.reading import read_data
    from boundgen.derivation import Derivation, derive
    from boundgen.errors import BoundgenError
    from boundgen.evaluation.evaluate import evaluate
    from boundgen.evaluation.evaluations import Evaluation, Evaluations, Violation
    from boundgen.inference.estimate import Estimation, estimate
    from boundgen.language.declarations import index, parameter, variable
    from boundgen.language.model import Model
    from boundgen.language.syntax import E, P, do, either
    from boundgen.questions.answers import ask
    from boundgen.questions.comparison import compare
    from boundgen.verification.certificate import certify
    from boundgen.verification.judgement import ClaimVerdict, Verification, Witness, verify
    from boundgen.work.limits import Limits

__version__ = VERSION
__all__ = [
    "BoundgenError",
    "Bounds",
    "ClaimVerdict",
    "CompanionResult",
    "Derivation",
    "E",
    "Estimation",
    "Evaluation",
    "Evaluations",
    "Limits",
    "Model",
    "ObservedData",
    "P",
    "Verification",
    "Violation",
    "Witness",
    "ask",
    "catalogue",
    "certify",
    "compare",
    "derive",
    "do",
    "either",
    "estimate",
    "evaluate",
    "index",
    "mediate",
    "mediate_all",
    "parameter",
    "read_data",
    "variable",
    "verify",
]
_HOMES = {
    "boundgen.bounds.closed_form": ("Bounds",),
    "boundgen.companions.mediate": ("mediate", "mediate_all"),
    "boundgen.companions.result": ("CompanionResult",),
    "boundgen.evaluation.evaluate": ("evaluate",),
    "boundgen.evaluation.evaluations": ("Evaluation", "Evaluations", "Violation"),
    "boundgen.data.observed": ("ObservedData",),
    "boundgen.data.reading": ("read_data",),
    "boundgen.derivation": ("Derivation", "derive"),
    "boundgen.errors": ("BoundgenError",),
    "boundgen.inference.estimate": ("Estimation", "estimate"),
    "boundgen.language.declarations": ("index", "parameter", "variable"),
    "boundgen.language.model": ("Model",),
    "boundgen.language.syntax": ("E", "P", "do", "either"),
    "boundgen.work.limits": ("Limits",),
    "boundgen.verification.certificate": ("certify",),
    "boundgen.verification.judgement": ("ClaimVerdict", "Verification", "Witness", "verify"),
    "boundgen.questions.answers": ("ask",),
    "boundgen.questions.comparison": ("compare",),
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: the command line starts without all of them."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    if name == "catalogue":
        return import_module("boundgen.catalogue")
    raise AttributeError(f"module 'boundgen' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, of which most are not imported yet, and what every module has."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
