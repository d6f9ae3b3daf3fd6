"""The target languages: what a module's file is called, and what writes it."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable
from dataclasses import dataclass

from boundgen.codegen.content import ModuleContent
from boundgen.codegen.javascript_module import javascript_module
from boundgen.codegen.python_module import python_module
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

    >>> python_stem("iv_ate"), python_stem("random"), python_stem("lambda")
    ('iv_ate', 'random_', 'lambda_')
    """
    taken = name in sys.stdlib_module_names or name == "numpy" or keyword.iskeyword(name)
    return f"{name}_" if taken or name == "__init__" else name


def same(name: str) -> str:
    """The name as it is."""
    return name


TARGETS = {
    target.name: target
    for target in (
        Target("python", ".py", python_stem, python_module),
        Target("r", ".R", same, r_module),
        Target("stata", ".ado", stata_program, stata_module),
        Target("js", ".mjs", same, javascript_module),
    )
}
