"""The target languages: what a module's file is called, and what writes it."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable
from dataclasses import dataclass

from boundgen.codegen.content import ModuleContent
from boundgen.codegen.javascript_module import javascript_module
from boundgen.codegen.python_module import SHARED, python_module
from boundgen.codegen.r_module import r_module
from boundgen.codegen.stata_module import stata_module, stata_program


@dataclass(frozen=True)
class Target:
    """A language: the end of a file's name, its beginning given the model's name, and its text given the content."""

    name: str
    suffix: str
    stem: Callable[[str], str]
    text: Callable[[ModuleContent], str]

    def file_name(self, model: str) -> str:
        return self.stem(model) + self.suffix


def python_stem(name: str) -> str:
    """A module that hides neither numpy nor a module that numpy needs, and that can be imported.

    >>> python_stem("iv_ate"), python_stem("random"), python_stem("lambda"), python_stem("test")
    ('iv_ate', 'random_', 'lambda_', 'bounds_test_')
    """
    stem = uncollected(name)
    taken = stem in sys.stdlib_module_names or stem in ("numpy", "__init__", SHARED) or keyword.iskeyword(stem)
    return f"{stem}_" if taken else stem


def uncollected(name: str) -> str:
    """A name that no test runner takes for a file of tests: they look at the beginning or at the end.

    >>> uncollected("iv_ate"), uncollected("test_of_iv"), uncollected("iv_test")
    ('iv_ate', 'bounds_test_of_iv', 'iv_test_')
    """
    begun = f"bounds_{name}" if name.lower().startswith("test") else name
    return f"{begun}_" if name.lower().endswith("test") else begun


TARGETS = {
    target.name: target
    for target in (
        Target("python", ".py", python_stem, python_module),
        Target("r", ".R", uncollected, r_module),
        Target("stata", ".ado", stata_program, stata_module),
        Target("js", ".mjs", uncollected, javascript_module),
    )
}
