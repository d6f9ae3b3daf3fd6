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
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.families.patterns import Block, KindPattern
from boundgen.families.views import Key, LevelledTerm, Profile, TermLevels, TermNumbers
from boundgen.work.limits import Budget

# More roles than these are no pattern that anybody would read.
MOST_BLOCKS = 6
FEWEST_NUMBERS = 2


@dataclass(frozen=True)
class Affine:
    """A number that depends on how many levels each block has: ``number + the sum of per * count``."""

    number: Fraction
    per: tuple[Fraction, ...]

    def at(self, counts: Sequence[int]) -> Fraction:
        """Its value where the blocks have so many levels."""
        return self.number + sum((c * n for c, n in zip(self.per, counts, strict=True)), Fraction(0))


@dataclass(frozen=True)
class TermKind:
    """Terms of one pattern, with the numbers in them.

    Parameters
    ----------
    pattern : KindPattern
    numbers : tuple of (name, Affine)
        The number in a term has the empty name; beside it, by steps, the coefficients of sums over all levels.
    """

    pattern: KindPattern
    numbers: tuple[tuple[str, Affine], ...]

    def views(self, size: int) -> Iterator[LevelledTerm]:
        """Every term of this kind."""
        for counts, view in self.pattern.views(size):
            found = {name: number.at(counts) for name, number in self.numbers}
            constant = found.pop("")
            fixed = dict(view.fixed) | found
            yield replace(view, constant=constant, fixed=tuple(sorted((n, c) for n, c in fixed.items() if c)))


@dataclass(frozen=True)
class TermKinds:
    """The kinds of one side, and from how many levels on they are all its terms.

    Parameters
    ----------
    kinds : tuple of TermKind
    start : int
        The number of levels, or of steps.
    """

    kinds: tuple[TermKind, ...]
    start: int


@dataclass(frozen=True)
class SideAt:
    """The terms of one side at one number of levels."""

    levels: TermLevels
    terms: tuple[Term, ...]
    keys: Mapping[Key, TermNumbers]

    @staticmethod
    def of(levels: TermLevels, terms: Sequence[Term]) -> SideAt:
        """The terms with what is equal for terms that differ by numbers alone."""
        return SideAt(levels, tuple(terms), dict(levels.key(levels.view(term)) for term in terms))


def kinds(sides: Mapping[int, SideAt], named: Sequence[int], budget: Budget) -> TermKinds | None:
    """The kinds of a side's terms; None where they do not come back.

    Parameters
    ----------
    sides : mapping of number of levels, or of steps, to SideAt
    named : sequence of int
        The places of levels that the model names.
    budget : Budget
    """
    # Where two terms differ by numbers alone they are no two terms of one pattern.
    if any(len(side.keys) < len(side.terms) for side in sides.values()):
        return None
    for ordered in (False, True):
        fixed = tuple(range(max(named) + 1)) if ordered and named else tuple(named)
        found = _Search(sides, fixed, ordered, budget).kinds()
        if found is not None:
            return found
    return None


HeldKind = tuple[TermKind, int, dict[int, set[Key]]]


class _Search:
    """The search for kinds in one order, or in none."""

    def __init__(self, sides: Mapping[int, SideAt], named: Sequence[int], ordered: bool, budget: Budget) -> None:
        self.sides, self.named, self.ordered = sides, tuple(named), ordered
        self.budget, self.numbers = budget, sorted(sides)
        self.most = self.numbers[-1]

    def kinds(self) -> TermKinds | None:
        """All kinds, or None where a term is of none."""
        covered: dict[int, set[Key]] = {k: set() for k in self.numbers}
        found: list[tuple[TermKind, int]] = []
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
        begin = self._start(max([least for _, least in found], default=self.numbers[0]), covered)
        return None if begin is None else TermKinds(tuple(self._without_contained([kind for kind, _ in found])), begin)

    def _start(self, least: int, covered: Mapping[int, set[Key]]) -> int | None:
        """From which number of levels on the kinds are all terms, at more than one of the numbers."""
        start: int | None = None
        for k in reversed(self.numbers):
            if k < least or covered[k] != set(self.sides[k].keys):
                break
            start = k
        return start if start is not None and start <= self.numbers[-FEWEST_NUMBERS] else None

    def _simplicity(self, view: LevelledTerm) -> tuple[int, ...]:
        """In order, terms with the most stretches come first: what has fewer may be a case of them."""
        free = self._free(view)
        return (-len(list(itertools.groupby(free))),) if self.ordered else (len(set(free)),)

    def _free(self, view: LevelledTerm) -> list[Profile]:
        return [held for place, held in enumerate(view.profiles) if place not in self.named]

    # ------------------------------------------------------------ patterns of one term
    def _best(self, view: LevelledTerm) -> HeldKind | None:
        """The first pattern that holds at every number of levels, or else from the least number on."""
        best: HeldKind | None = None
        for pattern in self._patterns(view):
            self.budget.step("finding kinds of terms", 0)
            held = self._held(pattern)
            if held is not None and (best is None or held[1] < best[1]):
                best = held
            if best is not None and best[1] == self.numbers[0]:
                break
        return best

    def _held(self, pattern: KindPattern) -> HeldKind | None:
        """The kind of a pattern, from how many levels on all of its terms are there, and which they are."""
        keys: dict[int, set[Key]] = {}
        numbers: dict[int, dict[tuple[int, ...], TermNumbers]] = {}
        for k in sorted(self.numbers):
            at = self._keys(pattern, k)
            if at is None:
                # What is there with few levels alone is no kind.
                keys.clear()
                numbers.clear()
            else:
                keys[k], numbers[k] = at
        last = self.numbers[-FEWEST_NUMBERS:]
        if not all(k in numbers and numbers[k] for k in last):
            return None
        fitted = self._fitted(pattern, numbers)
        if fitted is None:
            return None
        return fitted[0], fitted[1], {k: own for k, own in keys.items() if k >= fitted[1]}

    def _keys(self, pattern: KindPattern, k: int) -> tuple[set[Key], dict[tuple[int, ...], TermNumbers]] | None:
        """The terms of a pattern at one number of levels, and the numbers in them; None where one is not there."""
        side, found = self.sides[k], set()
        numbers: dict[tuple[int, ...], TermNumbers] = {}
        for counts, view in pattern.views(k):
            key, own = side.levels.key(view)
            if key not in side.keys:
                return None
            held = tuple(a - b for a, b in zip(side.keys[key], own, strict=True))
            if numbers.setdefault(counts, held) != held:
                return None
            found.add(key)
        return found, numbers

    def _fitted(
        self, pattern: KindPattern, numbers: Mapping[int, Mapping[tuple[int, ...], TermNumbers]]
    ) -> tuple[TermKind, int] | None:
        """The kind whose numbers grow evenly with the blocks, and from how many levels on."""
        names = self.sides[self.most].levels.names
        for start in sorted(numbers):
            if start > self.numbers[-FEWEST_NUMBERS]:
                break
            points = [(counts, held) for k, at in numbers.items() if k >= start for counts, held in at.items()]
            lines = [affine([(counts, held[i]) for counts, held in points]) for i in range(len(names))]
            if None not in lines:
                pairs = [(name, line) for name, line in zip(names, lines, strict=True) if line is not None]
                kept = [(name, line) for name, line in pairs if not name or line.number or any(line.per)]
                return TermKind(pattern, tuple(kept)), start
        return None

    def _patterns(self, view: LevelledTerm) -> Iterator[KindPattern]:
        """What a term may be a case of, the most general first."""
        named = tuple((place, view.profiles[place]) for place in self.named)
        fixed = view.fixed if len(self.sides[self.most].levels.names) == 1 else ()
        free = self._free(view)
        for blocks in _ordered_blocks(free) if self.ordered else _unordered_blocks(free):
            yield KindPattern(fixed, named, blocks, self.ordered)

    def _without_contained(self, candidates: Sequence[TermKind]) -> list[TermKind]:
        """The kinds without those whose terms all are of others."""
        levels = self.sides[self.most].levels
        own = [{levels.key(view)[0] for view in kind.views(self.most)} for kind in candidates]
        kept = list(range(len(candidates)))
        for i in sorted(kept, key=lambda i: len(own[i])):
            others: set[Key] = set().union(*(own[j] for j in kept if j != i))
            if own[i] <= others:
                kept.remove(i)
        return [candidates[i] for i in kept]


def affine(points: Sequence[tuple[tuple[int, ...], Fraction]]) -> Affine | None:
    """The affine function through all points, zero in directions that no point tells of; None where there is none."""
    size = len(points[0][0])
    # Elimination with the columns: a count each, the number, the value.
    rows: list[tuple[int, list[Fraction]]] = []
    for counts, value in points:
        row = [Fraction(1), *map(Fraction, counts), value]
        for pivot, other in rows:
            if row[pivot]:
                factor = row[pivot]
                row = [a - factor * b for a, b in zip(row, other, strict=True)]
        lead = next((i for i, entry in enumerate(row[:-1]) if entry), None)
        if lead is None:
            if row[-1]:
                return None
            continue
        row = [entry / row[lead] for entry in row]
        rows = [(p, [a - o[lead] * b for a, b in zip(o, row, strict=True)]) for p, o in rows]
        rows.append((lead, row))
    solved = {pivot: row[-1] for pivot, row in rows}
    return Affine(solved.get(0, Fraction(0)), tuple(solved.get(i + 1, Fraction(0)) for i in range(size)))


def _unordered_blocks(free: Sequence[Profile]) -> Iterator[tuple[Block, ...]]:
    counts = Counter(free)
    if len(counts) > MOST_BLOCKS:
        return
    profiles = sorted(counts, key=lambda each: (-counts[each], repr(each)))
    for size in range(len(profiles), 0, -1):
        for growing in itertools.combinations(profiles, size):
            for least in _least(size):
                mins = dict(zip(growing, least, strict=True))
                yield tuple(Block(p, mins.get(p, counts[p]), p in mins) for p in profiles)


def _ordered_blocks(free: Sequence[Profile]) -> Iterator[tuple[Block, ...]]:
    runs = [(held, len(list(group))) for held, group in itertools.groupby(free)]
    usual = Counter(free).most_common(1)[0][0]
    for skeleton in (_spaced(runs, usual), runs):
        if len(skeleton) > MOST_BLOCKS + 1:
            continue
        sure = [i for i, (_, count) in enumerate(skeleton) if count != 1]
        maybe = [i for i, (_, count) in enumerate(skeleton) if count == 1]
        for size in range(len(maybe), -1, -1):
            for more in itertools.combinations(maybe, size):
                growing = sorted([*sure, *more])
                for least in _least(len(growing)):
                    mins = dict(zip(growing, least, strict=True))
                    yield tuple(Block(held, mins.get(i, n), i in mins) for i, (held, n) in enumerate(skeleton))


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
