"""The names that an expression may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from boundgen.errors import ModelError, Place
from boundgen.language.expressions import (
    Value,
)
from boundgen.language.variables import Variable

MOST_NAMES = 20
LONGEST_NAME = 40


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, the variables that its arm fixes, and definitions still to come."""

    variables: Mapping[str, Variable]
    parameters: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    indices: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    later: tuple[str, ...] = ()

    def known(self) -> str:
        """The names in scope, for messages."""
        names = [*self.variables, *sorted(self.parameters | self.definitions), *self.indices]
        more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return "declared: " + (", ".join(map(shortened, names[:MOST_NAMES])) or "nothing") + more

    def unknown(self, name: str, where: Place | None, what: str = "name") -> ModelError:
        """The error for a name that is not in scope."""
        if name in self.later:
            fault = "uses itself" if name == self.later[0] else "is declared later"
            return ModelError(f"definition '{name}' {fault}", where, "A definition uses definitions above it.")
        if any(name in variable.domain for variable in self.variables.values()):
            return ModelError(
                f"'{name}' is a value name, which cannot be used in arithmetic",
                where,
                "Compare it by = or != with a potential outcome.",
            )
        return ModelError(f"unknown {what} '{shortened(name)}'", where, self.known())


def shortened(name: str) -> str:
    """A name as a message quotes it."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
