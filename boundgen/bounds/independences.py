"""Conditional independences that follow where variables share no causes: equations of products of what is observed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.bounds.symbols import latex_name
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.rendering.layout import listed

if TYPE_CHECKING:
    from boundgen.bounds.observed_law import ObservedLaw

# Of more variables only what stands above each is looked at, and not every ancestral set.
MOST_VARIABLES = 10
PRIME = "'"


@dataclass(frozen=True)
class Independence:
    """A variable is independent of others given some.

    Parameters
    ----------
    variable : str
    others, given : tuple of str
        In the order of the declarations.
    randomized : tuple of str
        Those of both that are randomized: they choose arms.
    """

    variable: str
    others: tuple[str, ...]
    given: tuple[str, ...]
    randomized: tuple[str, ...]

    @property
    def text(self) -> str:
        """``P(X, M, Y) P(M) = P(X, M) P(M, Y)``, for all values; arms stand behind the bar."""
        own, moved = self._parted(self.others)
        given, arms = self._parted(self.given)
        here, there = [*moved, *arms], [*(name + PRIME for name in moved), *arms]
        left = [_written([*own, *given, self.variable], here), _written(given, there)]
        right = [_written([*own, *given], here), _written([*given, self.variable], there)]
        return " = ".join(" ".join(filter(None, side)) for side in (left, right))

    @property
    def latex(self) -> str:
        """The same as LaTeX."""
        symbols = {name: latex_name(name) for name in (self.variable, *self.others, *self.given)}
        found = re.sub(r"[A-Za-z_]\w*(?!\w*\()", lambda word: symbols.get(word[0], word[0]), self.text)
        return found.replace("P(", r"\mathrm{P}(").replace(" | ", r" \mid ").replace(") \\mathrm", r") \, \mathrm")

    @property
    def words(self) -> str:
        """``Y is independent of X given M``."""
        given = f" given {listed(self.given)}" if self.given else ""
        return f"{self.variable} is independent of {listed(self.others)}{given}"

    def _parted(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """Those that are observed, and those that choose arms."""
        return [n for n in names if n not in self.randomized], [n for n in names if n in self.randomized]

    def equations(
        self, law: ObservedLaw
    ) -> Iterator[tuple[tuple[Polynomial, Polynomial], tuple[Polynomial, Polynomial]]]:
        """The same for all values but a last one, of which the rest follows: each side as two probabilities.

        What the variable is independent of is compared with all units of the last choice of arms, so that there is one
        equation for each degree of freedom.

        Yields
        ------
        tuple of two pairs of Polynomial
            The products of both pairs are equal.
        """
        own, moved = self._parted(self.others)
        given, arms = self._parted(self.given)
        domains = law.model.by_name
        for common in _choices([*given, *arms], domains):
            *_, there = _choices(moved, domains)
            known = law.total({**common, **there})
            for here in _choices(moved, domains):
                every = list(_choices(own, domains))
                for others in every[:-1] if here == there else every:
                    beside = law.total({**common, **here, **others})
                    for value in domains[self.variable].domain[:-1]:
                        it = {self.variable: value}
                        left = law.total({**common, **here, **others, **it})
                        yield (left, known), (beside, law.total({**common, **there, **it}))

    def distance(self, law: ObservedLaw, at: Mapping[str, Number]) -> Fraction:
        """The largest difference of the two sides at data: zero where it holds."""
        own, moved = self._parted(self.others)
        given, arms = self._parted(self.given)
        domains = law.model.by_name
        most = Fraction(0)
        for common in _choices([*given, *arms], domains):
            for here, there in itertools.product(_choices(moved, domains), repeat=2):
                known = law.total({**common, **there}).value(at)
                for others in _choices(own, domains):
                    beside = law.total({**common, **here, **others}).value(at)
                    for value in domains[self.variable].domain:
                        it = {self.variable: value}
                        left = law.total({**common, **here, **others, **it}).value(at) * known
                        right = beside * law.total({**common, **there, **it}).value(at)
                        most = max(most, abs(left - right))
        return most

    def json(self) -> dict[str, Any]:
        """The three parts by name, and the equation as it is printed."""
        return {
            "variable": self.variable,
            "others": list(self.others),
            "given": list(self.given),
            "equation": self.text,
        }


def _written(event: Sequence[str], arms: Sequence[str]) -> str:
    """``P(X, M | Z)``; the probability of nothing is one, and not written."""
    behind = f" | {', '.join(arms)}" if arms else ""
    return f"P({', '.join(event)}{behind})" if event else ""


def _choices(names: Sequence[str], domains: Mapping[str, Any]) -> Iterator[dict[str, Value]]:
    for values in itertools.product(*(domains[name].domain for name in names)):
        yield dict(zip(names, values, strict=True))


def independences(model: Model) -> tuple[Independence, ...]:
    """What follows for the joint law of all variables, by the ordered local Markov property (Richardson 2003).

    Each variable, last in a set that holds all that affects its members, is independent of the others in it given those
    that share its causes there and what affects any of these. All conditional independences follow from these.

    Returns
    -------
    tuple of Independence
    """
    order = sorted(model.by_name, key=lambda name: not model.by_name[name].randomized)
    found: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for i, name in enumerate(order):
        if model.by_name[name].randomized:
            continue
        for inside in _ancestral(model, order[: i + 1], name):
            given = _blanket(model, name, inside)
            key = name, tuple(other for other in model.by_name if other in given)
            found.setdefault(key, set()).update(inside - given - {name})
    randomized = tuple(name for name in model.by_name if model.by_name[name].randomized)
    return tuple(
        Independence(name, tuple(other for other in model.by_name if other in others), given, randomized)
        for (name, given), others in found.items()
        if others and not _follows(name, given, others, found)
    )


def _ancestral(model: Model, names: Sequence[str], last: str) -> Iterator[set[str]]:
    """The sets of these variables with the last one that hold the parents of all their members; the largest first."""
    before = [name for name in names if name != last]
    sizes = range(len(before), -1, -1) if len(names) <= MOST_VARIABLES else [len(before)]
    for size in sizes:
        for chosen in itertools.combinations(before, size):
            inside = {*chosen, last}
            if all(set(model.by_name[name].parents) <= inside for name in inside):
                yield inside


def _blanket(model: Model, name: str, inside: set[str]) -> set[str]:
    """What shares causes with a variable, directly or by others of the set, and what affects any of these."""
    joined, before = {name}, set[str]()
    while joined != before:
        before = set(joined)
        for cause in model.causes or ():
            own = set(cause) & inside
            if own & joined:
                joined |= own
    parents = {parent for other in joined for parent in model.by_name[other].parents}
    return (joined | parents) - {name}


def _follows(
    name: str, given: tuple[str, ...], others: set[str], known: Mapping[tuple[str, tuple[str, ...]], set[str]]
) -> bool:
    """Whether another one says as much: with less given, the rest among what it is independent of (weak union)."""
    return any(
        same == name and (set(less), more) != (set(given), others) and set(less) <= set(given) <= set(less) | more
        and others <= more
        for (same, less), more in known.items()
    )  # fmt: skip


def are_complete(model: Model) -> bool:
    """Whether nothing else can be seen: then every law that meets them is one of the model."""
    return all(len(component) == 1 for component in model.components) and not model.assumptions
