"""boundgen: sharp bounds for discrete causal models, in closed form and exact.

The public names are these; `boundgen.derivation` tells the whole way on one page.
"""

from boundgen import catalogue
from boundgen.bounds.closed_form import Bounds
from boundgen.derivation import Derivation, derive
from boundgen.errors import BoundgenError
from boundgen.language.declarations import index, parameter, variable
from boundgen.language.model import Model
from boundgen.language.syntax import E, P, do, either
from boundgen.limits import Limits
from boundgen.version import VERSION

__version__ = VERSION
__all__ = [
    "BoundgenError",
    "Bounds",
    "Derivation",
    "E",
    "Limits",
    "Model",
    "P",
    "catalogue",
    "derive",
    "do",
    "either",
    "index",
    "parameter",
    "variable",
]
