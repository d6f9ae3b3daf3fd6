"""Variables and what follows from who affects whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from boundgen.errors import ModelError, Place
from boundgen.language.values import Value, check_label, is_number, number_value, value_text

MOST_VALUES = 1000


@dataclass(frozen=True)
class Variable:
    """A variable with its finite domain and the variables that may affect it directly.

    Parameters
    ----------
    name : str
    domain : tuple of int, Fraction or str
        The values in their order; rational numbers that are integers are int.
    randomized : bool
        Assigned at random, hence a root that is independent of every response type.
    parents : tuple of str
    bounded : bool
        Whether it is any number between the two values of its domain, of which only means are used.
    """

    name: str
    domain: tuple[Value, ...]
    randomized: bool = False
    parents: tuple[str, ...] = ()
    where: Place | None = field(default=None, compare=False, repr=False)
    bounded: bool = False
    most_values: ClassVar[int] = MOST_VALUES

    def __post_init__(self) -> None:
        check_domain(self.name, self.domain, self.where, self.most_values)
        if self.randomized and self.parents:
            raise ModelError(
                f"randomized variable '{self.name}' has parents",
                remedy="A randomized variable is a root: nothing affects it.",
            )
        for name in _repeated(self.parents):
            raise ModelError(f"'{self.name}' names its parent '{name}' twice", remedy="Name each parent once.")
        if self.name in self.parents:
            raise ModelError(f"'{self.name}' is its own parent: a cycle", remedy="A variable may not affect itself.")

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.parents)})" if self.parents else self.name


@dataclass(frozen=True)
class ManyValued(Variable):
    """A variable with the values that data have: its bounds are asked for at these data, and in no closed form."""

    most_values: ClassVar[int] = 100_000


def bounded_outcome(
    name: str,
    ends: tuple[Fraction | None, Fraction | None],
    parents: tuple[str, ...] = (),
    randomized: bool = False,
    where: Place | None = None,
) -> Variable:
    """The variable that is any number between two ends."""
    low, high = ends
    if low is None or high is None:
        raise ModelError(
            f"the bounded outcome '{name}' has an end that is no number",
            where,
            "Its bounds come from both ends: write the least and the largest value that it can have, [0, 100].",
        )
    if low >= high:
        raise ModelError(
            f"the ends of '{name}' are {low} and {high}", where, "Write the smaller one first; they differ: [0, 1]."
        )
    if randomized:
        raise ModelError(
            f"randomized '{name}' is a bounded outcome",
            where,
            "What is randomized has values that name its arms: give it a list of them, {0, 1}.",
        )
    return Variable(name, (number_value(low), number_value(high)), False, parents, where, bounded=True)


def check_domain(name: str, domain: tuple[Value, ...], where: Place | None = None, most: int = MOST_VALUES) -> None:
    """Domains hold between one and so many different values; numbers ascend."""
    if not domain:
        raise ModelError(f"'{name}' has no values", remedy="A domain lists at least one value.")
    if len(domain) > most:
        raise ModelError(
            f"'{name}' has {len(domain)} values, and a domain may have at most {most}",
            remedy="Bounds of this size cannot be derived in closed form; coarsen the variable.",
        )
    for value in _repeated(domain):
        raise ModelError(f"'{name}' lists the value {value_text(value)} twice", remedy="List each value once.")
    if any(isinstance(value, bool) or not (is_number(value) or isinstance(value, str)) for value in domain):
        raise ModelError(f"the values of '{name}' must be rational numbers or names")
    for value in domain:
        if isinstance(value, str):
            check_label(value, name, where)
    numbers = [value for value in domain if not isinstance(value, str)]
    if numbers != sorted(numbers):
        raise ModelError(
            f"the numbers among the values of '{name}' do not ascend, so their order would contradict arithmetic",
            remedy="Write them in increasing order, or use names.",
        )


def _repeated(items: tuple[Value, ...]) -> list[Value]:
    seen: set[Value] = set()
    found = []
    for item in items:
        if item in seen:
            found.append(item)
        seen.add(item)
    return found


def ancestors(name: str, variables: Mapping[str, Variable]) -> list[str]:
    """Every variable that affects this one, directly or not, in the order of declaration."""
    found: set[str] = set()
    stack = [*variables[name].parents]
    while stack:
        parent = stack.pop()
        if parent not in found:
            found.add(parent)
            stack += variables[parent].parents
    return [other for other in variables if other in found]


def arms_needed(name: str, fixed: frozenset[str] | set[str], variables: Mapping[str, Variable]) -> list[str]:
    """The randomized variables on which a value still depends once the fixed variables are set."""
    found: set[str] = set()
    seen: set[str] = set()
    stack = [name]
    while stack:
        current = stack.pop()
        if current in fixed or current in seen:
            continue
        seen.add(current)
        if variables[current].randomized:
            found.add(current)
        stack += variables[current].parents
    return [other for other in variables if other in found]
