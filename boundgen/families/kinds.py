"""The kinds of terms that come back at each number of levels.

    terms at the largest number of levels -> patterns that such a term may be of
    -> the most general one all of whose terms are there at the other numbers of levels too
    -> until every term is of a kind

Nothing is asked of how the terms were found, and none is taken for one of a kind that does not come back.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.relabelling import FormKey
from boundgen.exact.terms import Term
from boundgen.families.patterns import Block, Drift, Pattern, drifted
from boundgen.families.views import Levels, Profile, Shape, View
from boundgen.work.limits import Budget

# More roles than these are no pattern that anybody would read.
MOST_BLOCKS = 6
FEWEST_NUMBERS = 2


@dataclass(frozen=True)
class Linear:
    """A number that grows with the number of levels: ``number + per_level * k``."""

    number: Fraction
    per_level: Fraction = Fraction(0)

    def at(self, levels: int) -> Fraction:
        """Its value at so many levels."""
        return self.number + self.per_level * levels


@dataclass(frozen=True)
class Kind:
    """Terms of one pattern, with the number in them."""

    pattern: Pattern
    constant: Linear


@dataclass(frozen=True)
class Kinds:
    """The kinds of one side, and from how many levels on they are all its terms."""

    kinds: tuple[Kind, ...]
    start: int


@dataclass(frozen=True)
class SideAt:
    """The terms of one side at one number of levels."""

    levels: Levels
    terms: tuple[Term, ...]
    keys: Mapping[FormKey, Fraction]

    @staticmethod
    def of(levels: Levels, terms: Sequence[Term]) -> SideAt:
        return SideAt(levels, tuple(terms), levels.keys(terms))


def kinds(sides: Mapping[int, SideAt], named: Sequence[int], arithmetic: bool, budget: Budget) -> Kinds | None:
    """The kinds of a side's terms; None where they do not come back.

    Parameters
    ----------
    sides : mapping of number of levels to SideAt
    named : sequence of int
        The places of levels that the model names.
    arithmetic : bool
        Whether levels are used as numbers, so that coefficients may grow with them.
    budget : Budget
    """
    for ordered in (False, True):
        fixed = tuple(range(max(named) + 1)) if ordered and named else tuple(named)
        found = _Search(sides, fixed, ordered, arithmetic, budget).kinds()
        if found is not None:
            return found
    return None


class _Search:
    """The search for kinds in one order, or in none."""

    def __init__(
        self, sides: Mapping[int, SideAt], named: Sequence[int], ordered: bool, arithmetic: bool, budget: Budget
    ) -> None:
        self.sides, self.named, self.ordered, self.arithmetic = sides, tuple(named), ordered, arithmetic
        self.budget, self.numbers = budget, sorted(sides)
        self.most = self.numbers[-1]

    def kinds(self) -> Kinds | None:
        """All kinds, or None where a term is of none."""
        covered: dict[int, set[FormKey]] = {k: set() for k in self.numbers}
        found: list[tuple[Kind, int]] = []
        side = self.sides[self.most]
        views = [side.levels.view(term) for term in side.terms]
        for view in sorted(views, key=self._simplicity):
            self.budget.step("finding kinds of terms", len(covered[self.most]), len(views))
            if side.levels.key(view)[0] in covered[self.most]:
                continue
            best = self._best(view)
            if best is None:
                return None
            kind, start, keys = best
            found.append((kind, start))
            for k, own in keys.items():
                covered[k] |= own
        start = max([start for _, start in found], default=self.numbers[0])
        whole = [k for k in self.numbers if covered[k] == set(self.sides[k].keys)]
        start = next(k for k in self.numbers if k >= start and {n for n in self.numbers if n >= k} <= {*whole})
        if start > self.numbers[-FEWEST_NUMBERS]:
            return None
        return Kinds(tuple(kind for kind, _ in _without_contained(found, self.numbers, self.sides)), start)

    def _simplicity(self, view: View) -> tuple[int, ...]:
        """Terms with the most different stretches come first: what is simpler may be a case of them."""
        free = self._free(view, ())
        return (-len(list(itertools.groupby(free))),) if self.ordered else (len(set(free)),)

    def _free(self, view: View, drift: Drift) -> list[Profile]:
        return [
            drifted(held, drift, place, self.most, -1) if drift else held
            for place, held in enumerate(view.profiles)
            if place not in self.named
        ]

    # ------------------------------------------------------------ patterns of one term
    def _best(self, view: View) -> tuple[Kind, int, dict[int, set[FormKey]]] | None:
        """The first pattern that holds at every number of levels, or else from the least number on."""
        best = None
        for pattern in self._patterns(view):
            held = self._held(pattern)
            if held is None:
                continue
            kind, start, keys = held
            if best is None or start < best[1]:
                best = kind, start, keys
            if start == self.numbers[0]:
                break
        return best

    def _held(self, pattern: Pattern) -> tuple[Kind, int, dict[int, set[FormKey]]] | None:
        """The kind of a pattern, from how many levels on all of its terms are there, and which they are."""
        keys: dict[int, set[FormKey]] = {}
        constants: dict[int, Fraction] = {}
        for k in reversed(self.numbers):
            at = self._keys(pattern, k)
            if at is None:
                break
            keys[k] = at[0]
            if at[1] is not None:
                constants[k] = at[1]
        if len(constants) < FEWEST_NUMBERS or self.most not in constants or self.numbers[-2] not in constants:
            return None
        constant, start = _line(constants, min(keys))
        if start > self.numbers[-FEWEST_NUMBERS]:
            return None
        return Kind(pattern, constant), start, {k: own for k, own in keys.items() if k >= start}

    def _keys(self, pattern: Pattern, k: int) -> tuple[set[FormKey], Fraction | None] | None:
        """The terms of a pattern at one number of levels, and the number in them; None where one is not there."""
        side, found = self.sides[k], set()
        constant = None
        for view in pattern.views(k):
            key, own = side.levels.key(view)
            if key not in side.keys:
                return None
            number = side.keys[key] - own
            if constant is not None and number != constant:
                return None
            constant = number
            found.add(key)
        return found, constant

    def _patterns(self, view: View) -> Iterator[Pattern]:
        """What a term may be a case of, the most general first."""
        for drift in self._drifts(view):
            named = tuple(
                (place, drifted(view.profiles[place], drift, place, self.most, -1)) for place in self.named
            )
            free = self._free(view, drift)
            tried = self._ordered_blocks(free) if self.ordered else self._unordered_blocks(free)
            for blocks in tried:
                yield Pattern(view.fixed, named, blocks, self.ordered, drift)

    def _drifts(self, view: View) -> list[Drift]:
        """Nothing, and where levels are numbers the most common step from one level to the next."""
        found: dict[Shape, Fraction] = {}
        held = [dict(each) for each in view.profiles]
        for shape in sorted({shape for each in held for shape in each}, key=repr):
            steps = Counter(b.get(shape, Fraction(0)) - a.get(shape, Fraction(0)) for a, b in itertools.pairwise(held))
            found[shape] = steps.most_common(1)[0][0] if steps else Fraction(0)
        drift = tuple((shape, step) for shape, step in found.items() if step)
        return [(), drift] if self.arithmetic and drift else [()]

    def _unordered_blocks(self, free: Sequence[Profile]) -> Iterator[tuple[Block, ...]]:
        counts = Counter(free)
        if len(counts) > MOST_BLOCKS:
            return
        profiles = sorted(counts, key=lambda each: (-counts[each], repr(each)))
        for size in range(len(profiles), 0, -1):
            for growing in itertools.combinations(profiles, size):
                for least in _least(size):
                    mins = dict(zip(growing, least, strict=True))
                    yield tuple(Block(p, mins.get(p, counts[p]), p in mins) for p in profiles)

    def _ordered_blocks(self, free: Sequence[Profile]) -> Iterator[tuple[Block, ...]]:
        runs = [(held, len(list(group))) for held, group in itertools.groupby(free)]
        usual = Counter(free).most_common(1)[0][0]
        for skeleton in (_spaced(runs, usual), runs):
            if len(skeleton) > MOST_BLOCKS + 1:
                continue
            places = [i for i, (held, count) in enumerate(skeleton)]
            sure = [i for i, (held, count) in enumerate(skeleton) if count == 0 or count > 1]
            maybe = [i for i in places if i not in sure]
            for size in range(len(maybe), -1, -1):
                for more in itertools.combinations(maybe, size):
                    growing = sorted([*sure, *more])
                    for least in _least(len(growing)):
                        mins = dict(zip(growing, least, strict=True))
                        yield tuple(
                            Block(held, mins.get(i, count), i in mins) for i, (held, count) in enumerate(skeleton)
                        )


def _least(size: int) -> list[tuple[int, ...]]:
    """The least numbers of levels that are tried: none, one of all, or one of some."""
    return sorted(itertools.product((0, 1), repeat=size), key=lambda each: (sum(each), each)) if size else []


def _spaced(runs: Sequence[tuple[Profile, int]], usual: Profile) -> list[tuple[Profile, int]]:
    """Runs with room for levels of the usual profile between, before and after them."""
    found: list[tuple[Profile, int]] = []
    for held, count in runs:
        if held != usual and (not found or found[-1][0] != usual):
            found.append((usual, 0))
        found.append((held, count))
    return found if found and found[-1][0] == usual else [*found, (usual, 0)]


def _line(values: Mapping[int, Fraction], start: int) -> tuple[Linear, int]:
    """The line through the values from the largest numbers of levels down, and from where on it goes through them."""
    numbers = sorted(values, reverse=True)
    step = (values[numbers[0]] - values[numbers[1]]) / (numbers[0] - numbers[1])
    line = Linear(values[numbers[0]] - step * numbers[0], step)
    off = [k for k in numbers if line.at(k) != values[k]]
    return line, max([start, *(k + 1 for k in off)])


def _without_contained(
    found: Sequence[tuple[Kind, int]], numbers: Sequence[int], sides: Mapping[int, SideAt]
) -> list[tuple[Kind, int]]:
    """The kinds without those whose terms all are of others."""
    most = numbers[-1]
    own = [{sides[most].levels.key(view)[0] for view in kind.pattern.views(most)} for kind, _ in found]
    kept = list(range(len(found)))
    for i in sorted(kept, key=lambda i: len(own[i])):
        others: set[FormKey] = set().union(*(own[j] for j in kept if j != i))
        if own[i] <= others:
            kept.remove(i)
    return [found[i] for i in kept]
