"""Terms that differ by relabelling, written once with letters in place of levels.

    terms -> normal forms -> levels that may be relabelled -> orbits -> the spelling that reads best

How the terms were found does not matter: relabellings are found on the terms themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.lettering import Lettered, expanded, lettered, splits
from boundgen.bounds.mirror import Mirror, Sides, mirror
from boundgen.bounds.phrases import two_sides
from boundgen.bounds.relabelling import (
    Action,
    FormVector,
    LevelClass,
    NormalForms,
    Scaling,
    connected,
    exact,
    level_classes,
    up_to_scale,
    up_to_sign,
)
from boundgen.bounds.symbols import Notation
from boundgen.exact.terms import Term, combination
from boundgen.strata.cells import Cell


@dataclass(frozen=True)
class Orbit:
    """Terms that differ by relabelling.

    Parameters
    ----------
    members : tuple of int
        Places in the list of terms.
    representative : Term
        The member that is printed, in cells and parameters.
    lettered : Lettered
        The same with letters; it may use definitions that relabelling does not change.
    """

    members: tuple[int, ...]
    representative: Term
    lettered: Lettered


@dataclass(frozen=True)
class BoundOrbits:
    """Both sides of a bound by orbit.

    Parameters
    ----------
    classes : tuple of LevelClass
        The levels whose relabelling maps each side onto itself.
    lower, upper : tuple of Orbit
    mirror : Mirror or None
        How the upper bound follows from the lower one.
    """

    classes: tuple[LevelClass, ...]
    lower: tuple[Orbit, ...]
    upper: tuple[Orbit, ...]
    mirror: Mirror | None

    @property
    def grouped(self) -> bool:
        """Whether anything is printed otherwise than term by term."""
        return self.mirror is not None or any(
            quantifier.letters for orbit in (*self.lower, *self.upper) for quantifier in orbit.lettered.quantifiers
        )


@dataclass(frozen=True)
class ConditionOrbits:
    """Testable implications by orbit: those ``f = 0``, of which one of two opposite terms is kept, and ``f >= 0``."""

    equalities: tuple[Orbit, ...]
    inequalities: tuple[Orbit, ...]

    def relations(self) -> list[tuple[Orbit, Term, str, Term]]:
        """Each orbit as left, relation, right, without minus signs, in the order of first members."""
        found = []
        for orbit in sorted((*self.equalities, *self.inequalities), key=lambda orbit: orbit.members):
            left, relation, right = two_sides(orbit.lettered.pattern)
            found.append((orbit, left, "=" if orbit in self.equalities else relation, right))
        return found


# Members of an orbit are spelled alike but for ties, so a few of them, simplest first, show the best spelling.
MOST_SPELLINGS = 12
# The levels that may be relabelled, with what the generators do to normal forms.
Group = Mapping[LevelClass, tuple[Action, ...]]


@dataclass(frozen=True)
class Family:
    """Terms that are relabelled together: plain, for the reader, their places in the list, and normal forms."""

    terms: tuple[Term, ...]
    shown: tuple[Term, ...]
    places: tuple[int, ...]
    vectors: tuple[FormVector, ...]


def bound_orbits(bounds: Bounds) -> BoundOrbits:
    """The terms of both sides by orbit, and the mirror where there is one."""
    context = _Context.of(bounds, bounds.simplifier.equalities, exact)
    lower, upper = (
        _family(side.terms, side.shown, range(len(side.terms)), context.functions)
        for side in (bounds.lower, bounds.upper)
    )
    group = _group([lower, upper], context)
    found = [tuple(_orbits(family, group, context)) for family in (lower, upper)]
    # Where both sides are one function of the data, or numbers, that is said and nothing else.
    point = bounds.identified and len(lower.terms) == len(upper.terms) == 1
    plain = point or not any(term.coefficients for term in lower.terms)
    reflected = None if plain else _mirror(bounds, lower, upper, found[0], context)
    return BoundOrbits(tuple(group), found[0], found[1], reflected)


def condition_orbits(bounds: Bounds, shown: Sequence[Term]) -> ConditionOrbits:
    """The testable implications by orbit.

    Parameters
    ----------
    bounds : Bounds
        Any bounds of the derivation.
    shown : sequence of Term
        The conditions as the reader sees them, in their order.
    """
    terms = bounds.conditions or ()
    place = {term: i for i, term in enumerate(terms)}
    opposite = [i for i, term in enumerate(terms) if -term in place]
    equal = [i for i in opposite if place[-terms[i]] > i]
    others = sorted({*range(len(terms))} - {*opposite})
    groups = [
        (equal, _Context.of(bounds, (), up_to_sign)),
        (others, _Context.of(bounds, [terms[i] for i in equal], up_to_scale)),
    ]
    found = []
    for places, context in groups:
        family = _family(terms, shown, places, context.functions)
        found.append(tuple(_orbits(family, _group([family], context), context)))
    return ConditionOrbits(found[0], found[1])


# ---------------------------------------------------------------- the parts
@dataclass(frozen=True)
class _Context:
    """What the terms of one model have in common."""

    functions: NormalForms
    scaling: Scaling
    definitions: Mapping[str, Term]
    notation: Notation
    cells: Mapping[str, Cell]

    @staticmethod
    def of(bounds: Bounds, zeros: Sequence[Term], scaling: Scaling) -> _Context:
        functions = NormalForms(bounds.arms, bounds.notation.order, zeros)
        cells = {cell.name: cell for cell in functions.cells}
        return _Context(functions, scaling, dict(bounds.simplifier.definitions), bounds.notation, cells)


def _family(terms: Sequence[Term], shown: Sequence[Term], places: Sequence[int], functions: NormalForms) -> Family:
    return Family(
        tuple(terms[i] for i in places),
        tuple(shown[i] for i in places),
        tuple(places),
        tuple(functions.vector(terms[i]) for i in places),
    )


def _group(families: Sequence[Family], context: _Context) -> Group:
    vectors = [family.vectors for family in families]
    found: dict[LevelClass, tuple[Action, ...]] = {}
    for levels in level_classes(context.functions, context.notation, vectors, context.scaling):
        actions = (context.functions.action(generator) for generator in levels.generators())
        found[levels] = tuple(act for act in actions if act is not None)
    return found


def _orbits(family: Family, group: Group, context: _Context) -> Iterator[Orbit]:
    """The orbits in the order of their first members."""
    images = {levels: _images(family, actions, context.scaling) for levels, actions in group.items()}
    generators = [image for each in images.values() for image in each]
    for members in connected(len(family.terms), generators):
        first = members[0]
        fixed = frozenset(levels for levels, each in images.items() if all(image[first] == first for image in each))
        tried = members[:MOST_SPELLINGS]
        spellings = [(i, each) for i in tried for each in _spellings(family, i, group, fixed, context)]
        best, found = min(spellings, key=lambda spelling: (spelling[1].cost, spelling[0]))
        yield Orbit(tuple(family.places[i] for i in members), family.terms[best], found)


def _images(family: Family, actions: Sequence[Action], scaling: Scaling) -> list[list[int]]:
    """Where each generator of a class takes each term."""
    place = {scaling(vector): i for i, vector in enumerate(family.vectors)}
    return [[place[scaling(act(vector))] for vector in family.vectors] for act in actions]


def _spellings(family: Family, i: int, group: Group, fixed: frozenset[LevelClass], context: _Context) -> list[Lettered]:
    """A term without definitions, and as the reader sees it where relabelling leaves its definitions as they are."""
    terms = [family.terms[i]]
    if family.shown[i] != family.terms[i]:
        moving = [act for levels, actions in group.items() if levels not in fixed for act in actions]
        terms += [family.shown[i]] if _defined_alike(family.shown[i], moving, context) else []
    chosen = [splits(term, context.cells, tuple(group), fixed) for term in terms]
    return [lettered(term, context.cells, each, context.notation) for term, each in zip(terms, chosen, strict=True)]


def _defined_alike(term: Term, actions: Sequence[Action], context: _Context) -> bool:
    """Whether relabelling leaves what the definitions add to a term as it is."""
    parts = [(c, context.definitions[name]) for name, c in term.coefficients if name in context.definitions]
    vector = context.functions.vector(combination(parts))
    return all(act(vector) == vector for act in actions)


# ---------------------------------------------------------------- the mirror, and the way back
def _mirror(bounds: Bounds, lower: Family, upper: Family, printed: Sequence[Orbit], context: _Context) -> Mirror | None:
    over = context.functions.vector(Term.of(1) if bounds.denominator is None else bounds.denominator)
    shown = [orbit.lettered.pattern for orbit in printed]
    if bounds.shown_denominator is not None:
        shown.append(bounds.shown_denominator)
    sides = Sides(lower.vectors, upper.vectors, over)
    return mirror(context.functions, bounds.notation.domains, sides, shown, context.definitions)


def expand(bounds: Bounds, orbit: Orbit) -> tuple[Term, ...]:
    """The terms that a printed orbit stands for, in cells and parameters, equal ones once.

    They are spelled as the printed one is: to compare them with the terms of a bound, compare functions.
    """
    functions = NormalForms(bounds.arms, bounds.notation.order, ())
    found = expanded(orbit.lettered, functions, dict(bounds.simplifier.definitions))
    return tuple({exact(functions.vector(term)): term for term in found}.values())
