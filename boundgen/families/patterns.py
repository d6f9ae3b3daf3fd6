"""Terms of one kind at every number of levels: which profiles the levels have, and how many levels have each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.families.views import Fixed, LevelledTerm, Profile


@dataclass(frozen=True)
class Block:
    """Levels that have one profile.

    Parameters
    ----------
    profile : Profile
    count : int
        How many they are; where they grow, the least number of them.
    grows : bool
        Whether there may be any number more.
    """

    profile: Profile
    count: int
    grows: bool


@dataclass(frozen=True)
class KindPattern:
    """What terms of one kind have in common, but for the numbers in them.

    Parameters
    ----------
    fixed : Fixed
        Cells of no level, parameters.
    named : tuple of (place, Profile)
        The levels that the model names: they stay where they are.
    blocks : tuple of Block
        All other levels, or all steps between levels.
    ordered : bool
        Whether the blocks stand in this order; otherwise the levels may be any.
    """

    fixed: Fixed
    named: tuple[tuple[int, Profile], ...]
    blocks: tuple[Block, ...]
    ordered: bool

    @property
    def slots(self) -> int:
        """How many levels it takes one by one."""
        return sum(block.count for block in self.blocks if not block.grows)

    @property
    def least(self) -> int:
        """With how many levels, or steps, there is a term of this kind."""
        return len(self.named) + self.taken

    @property
    def taken(self) -> int:
        """How many levels a term has to have beside the named ones."""
        return sum(block.count for block in self.blocks)

    def counts(self, size: int) -> Iterator[tuple[int, ...]]:
        """How many levels each block may have, in every way."""
        return counts_of(self.blocks, size - len(self.named))

    def views(self, size: int) -> Iterator[tuple[tuple[int, ...], LevelledTerm]]:
        """Every term of this kind, without the numbers in it, and how many levels each block has."""
        named = dict(self.named)
        free = [place for place in range(size) if place not in named]
        for counts in self.counts(size):
            for roles in arrangements(counts, self.ordered):
                held = named | {place: self.blocks[role].profile for place, role in zip(free, roles, strict=True)}
                yield counts, LevelledTerm(Fraction(0), self.fixed, tuple(held[place] for place in range(size)))


def counts_of(blocks: Sequence[Block], size: int) -> Iterator[tuple[int, ...]]:
    """How many of so many levels each block has, in every way."""
    spare = size - sum(block.count for block in blocks)
    growing = [i for i, block in enumerate(blocks) if block.grows]
    for more in compositions(spare, len(growing)) if spare >= 0 else ():
        found = [block.count for block in blocks]
        for i, extra in zip(growing, more, strict=True):
            found[i] += extra
        yield tuple(found)


def arrangements(counts: Sequence[int], ordered: bool) -> Iterator[tuple[int, ...]]:
    """Which block each level is of: in the blocks' order, or in every order."""
    if ordered:
        yield tuple(i for i, count in enumerate(counts) for _ in range(count))
    else:
        yield from _placed(counts, sum(counts))


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to write a number as a sum of so many."""
    if parts == 0:
        if total == 0:
            yield ()
    elif parts == 1:
        yield (total,)
    else:
        for first in range(total + 1):
            yield from ((first, *rest) for rest in compositions(total - first, parts - 1))


def _placed(counts: Sequence[int], levels: int) -> Iterator[tuple[int, ...]]:
    """Every arrangement of so many levels of each block; the most frequent one is what is left at the end."""
    most = max(range(len(counts)), key=lambda i: counts[i])
    others = [i for i in range(len(counts)) if i != most and counts[i]]

    def fill(roles: list[int], rest: Sequence[int]) -> Iterator[tuple[int, ...]]:
        if not rest:
            yield tuple(roles)
            return
        free = [place for place, role in enumerate(roles) if role == most]
        for chosen in itertools.combinations(free, counts[rest[0]]):
            filled = list(roles)
            for place in chosen:
                filled[place] = rest[0]
            yield from fill(filled, rest[1:])

    yield from fill([most] * levels, others)
