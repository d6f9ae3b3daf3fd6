"""The names that an expression may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from boundgen.errors import ModelError, NotIdentifiedError, Place, did_you_mean
from boundgen.language.expressions import (
    Value,
)
from boundgen.language.variables import Variable
from boundgen.rendering.layout import listed

MOST_NAMES = 20
LONGEST_NAME = 40


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, the variables that its arm fixes, and definitions still to come.

    Those still to come hold the definition that is being read itself, by the name `own`. `laws` are the sets of
    randomized variables whose joint law is observed: what depends on them may be averaged over their arms. In a claim
    all is identified, and products may have any number of factors (`products`).
    """

    variables: Mapping[str, Variable]
    parameters: frozenset[str] = frozenset()
    definitions: AbstractSet[str] = frozenset()
    indices: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    later: AbstractSet[str] = frozenset()
    own: str | None = None
    laws: frozenset[frozenset[str]] = frozenset()
    products: bool = False

    def is_quantity(self, name: str) -> bool:
        """Whether a name is one of a parameter or a definition."""
        return name in self.parameters or name in self.definitions

    def is_known(self, name: str) -> bool:
        """Whether a name is one of a variable, a quantity, a quantified name or a value."""
        if name in self.variables or name in self.indices or self.is_quantity(name):
            return True
        return any(name in variable.domain for variable in self.variables.values())

    def averages(self, arms: AbstractSet[str]) -> bool:
        """Whether a quantity that depends on these randomized variables may be averaged over their arms."""
        return any(law >= arms for law in self.laws)

    def cannot_average(self, what: str, arms: Sequence[str], where: Place | None) -> NotIdentifiedError:
        """The error for what is averaged over arms of which each has a law, and whose joint law is not observed."""
        return NotIdentifiedError(
            f"{what} is averaged over the arms of {listed(arms)}, and their joint law is not observed",
            where,
            f"It needs the joint law of {listed(arms)}: observe P({', '.join(arms)}).",
        )

    def known(self, name: str = "") -> str:
        """The names in scope, for messages about one that is not."""
        names = [*self.variables, *sorted(self.parameters | self.definitions), *self.indices]
        more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return (
            did_you_mean(name, names)
            + "declared: "
            + (", ".join(map(shortened, names[:MOST_NAMES])) or "nothing")
            + more
        )

    def unknown(self, name: str, where: Place | None, what: str = "name") -> ModelError:
        """The error for a name that is not in scope."""
        if name in self.later:
            fault = "uses itself" if name == self.own else "is declared later"
            return ModelError(f"definition '{name}' {fault}", where, "A definition uses definitions above it.")
        if any(name in variable.domain for variable in self.variables.values()):
            return ModelError(
                f"'{name}' is a value name, which cannot be used in arithmetic",
                where,
                "Compare it by = or != with a potential outcome.",
            )
        return ModelError(f"unknown {what} '{shortened(name)}'", where, self.known(name))


def shortened(name: str) -> str:
    """A name as a message quotes it."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
