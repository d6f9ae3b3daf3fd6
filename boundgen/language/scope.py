"""The names that an expression may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from boundgen.language.expressions import (
    Value,
)
from boundgen.language.variables import Variable


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, and the variables that its arm fixes."""

    variables: Mapping[str, Variable]
    parameters: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    indices: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def known(self) -> str:
        """The names in scope, for messages."""
        names = [*self.variables, *sorted(self.parameters | self.definitions), *self.indices]
        return "declared: " + (", ".join(names) or "nothing")
