"""Kinds with letters in place of levels, in text and in LaTeX.

Of kinds without an order letters are different levels, and of two stretches that grow each is a set of levels. In an
order a letter is a level, or the first one of a stretch that follows another one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from boundgen.bounds.lettering import letters_of
from boundgen.bounds.phrases import written
from boundgen.bounds.symbols import Notation, latex_name, latex_value, pretty
from boundgen.families.kinds import TermKind
from boundgen.families.patterns import Block
from boundgen.families.views import Profile, Shape, is_mark, shape_of, unmarked, whole_name
from boundgen.rendering.layout import listed
from boundgen.strata.cells import Arm, distinct_cells

# A number that depends on letters: the plain part has the empty letter.
LetteredNumber = Mapping[str, Fraction]
SETS = "STUVW"


@dataclass(frozen=True)
class Pen:
    """Text, text without unicode, or LaTeX."""

    latex: bool
    unicode: bool

    @property
    def minus(self) -> str:
        """The sign before a number that is subtracted."""
        return "-" if self.latex or not self.unicode else "−"

    def relation(self, sign: str) -> str:
        """``<``, ``<=``, ``=``, ``!=`` or ``in``, with blanks where it is a word."""
        if self.latex:
            return {"<": " < ", "<=": r" \leq ", "=": " = ", "!=": r" \neq ", "in": r" \in "}[sign]
        if self.unicode:
            return {"<": " < ", "<=": " ≤ ", "=": " = ", "!=": "≠", "in": "∈"}[sign]
        return {"in": " in ", "!=": "!="}.get(sign, f" {sign} ")

    def sum(self, condition: str) -> str:
        """A sum over levels that meet a condition."""
        sign = r"\sum" if self.latex else "Σ" if self.unicode else "sum"
        return f"{sign}_{{{condition}}} "

    def math(self, text: str) -> str:
        """Mathematics among words."""
        return f"${text}$" if self.latex else text

    def name(self, name: str) -> str:
        """The name of an estimand or of a variable."""
        return latex_name(name) if self.latex else pretty(name, self.unicode)

    def number(self, lettered: LetteredNumber) -> str:
        """A number that depends on letters."""
        parts = [(c, letter) for letter, c in lettered.items() if c and letter]
        if lettered.get("") or not parts:
            parts.append((lettered.get("", Fraction(0)), ""))
        return written(tuple(sorted(parts, key=lambda part: part[0] < 0)), self.minus, " " if self.latex else "")


PENS = {"latex": Pen(True, True), "text": Pen(False, True), "ascii": Pen(False, False)}


@dataclass(frozen=True)
class WrittenKind:
    """A kind in words.

    Parameters
    ----------
    term : str
    words : str
        For which levels it stands; empty where it is one term.
    """

    term: str
    words: str


class Writer:
    """Writes the kinds of one estimand.

    Parameters
    ----------
    notation : Notation
    arms : sequence of Arm
    variable : str
    first : int
        The first level.
    by_steps : bool
    pen : Pen
    """

    def __init__(
        self, notation: Notation, arms: Sequence[Arm], variable: str, first: int, by_steps: bool, pen: Pen
    ) -> None:
        self.notation, self.variable, self.first, self.by_steps, self.pen = notation, variable, first, by_steps, pen
        symbols = dict(notation.symbols)
        shapes = {cell.name: shape_of(cell, variable) for cell in distinct_cells(arms)}
        found = {shape: (symbols[name], level) for name, (shape, level) in shapes.items() if level is not None}
        self._symbols = {shape: symbol for shape, (symbol, _) in found.items()}
        self._levels = {shape: level for shape, (_, level) in found.items()}
        self._plain = {name: symbols[name] for name, (_, level) in shapes.items() if level is None}
        self._wholes = {whole_name(shape): shape for shape in self._symbols}
        free = [letter for letter in itertools.islice(letters_of(notation), 60) if letter != "k"]
        self.count = "k" if "k" not in {*notation.order, *(name.lower() for name, _ in notation.domains)} else "K"
        self._letters = free

    # ------------------------------------------------------------ one kind
    def kind(self, kind: TermKind) -> WrittenKind:
        """A kind with its letters."""
        pattern = kind.pattern
        lettered = _ordered(self, kind) if pattern.ordered else _unordered(self, kind)
        counts = lettered.counts
        parts: list[tuple[LetteredNumber, str]] = []
        for name, line in kind.numbers:
            number = _added({"": line.number}, *(_times(c, n) for c, n in zip(line.per, counts, strict=True)))
            parts.append((number, "" if not name else self._whole(name)))
        parts += [({"": c}, self._cell(name)) for name, c in pattern.fixed]
        single = [*((str(self.first + place), held) for place, held in pattern.named), *lettered.single]
        for level, held in single:
            parts += [({"": c}, self._at(shape, level)) for shape, c in held if not is_mark(shape)]
        for index, condition, held in lettered.summed:
            parts += self._sum(index, condition, held)
        return WrittenKind(self._term(parts), lettered.words)

    def _sum(self, index: str, condition: str, held: Profile) -> Iterator[tuple[LetteredNumber, str]]:
        """A sum over the levels of a stretch."""
        if len({c for _, c in held}) == 1 and len(held) == 1:
            yield {"": held[0][1]}, self.pen.sum(condition) + self._at(held[0][0], index)
        elif held:
            sign = 1 if held[0][1] > 0 or any(c > 0 for _, c in held) else -1
            inside = tuple((sign * c, self._at(shape, index)) for shape, c in sorted(held, key=lambda each: -each[1]))
            text = written(inside, self.pen.minus, " " if self.pen.latex else "")
            yield {"": Fraction(sign)}, f"{self.pen.sum(condition)}({text})"

    def _term(self, parts: Sequence[tuple[LetteredNumber, str]]) -> str:
        """Positive parts, then negative ones; a number at its end, or at the start where it is positive."""
        signed: list[tuple[Fraction, str]] = []
        for number, symbol in parts:
            letters = [letter for letter, c in number.items() if letter and c]
            plain = number.get("", Fraction(0))
            if not letters:
                if plain:
                    signed.append((plain, symbol))
                continue
            leading = number.get(self.count) or max(number[letter] for letter in letters)
            sign = 1 if leading > 0 else -1
            text = self.pen.number({letter: sign * c for letter, c in number.items()})
            several = sum(bool(c) for c in number.values()) > 1
            factor = f"({text})" if several and (symbol or sign < 0) else text
            signed.append((Fraction(sign), f"{factor} {symbol}" if symbol else factor))
        placed = sorted(signed, key=lambda part: int(part[0] < 0) if part[1] else (-1 if part[0] > 0 else 2))
        ordered = tuple(placed) or ((Fraction(0), ""),)
        return written(ordered, self.pen.minus, " " if self.pen.latex else "")

    # ------------------------------------------------------------ symbols
    def _at(self, shape: Shape, level: str) -> str:
        """A cell with a level, or by steps that level and all above it."""
        if self.by_steps:
            level = (r"\geq " if self.pen.latex else "≥" if self.pen.unicode else ">=") + level
        symbol = self._symbols[shape]
        if self.variable not in symbol.variables:
            # An arm or a selection of one level, which symbols do not show.
            return symbol.latex() if self.pen.latex else symbol.text(self.pen.unicode)
        place = symbol.variables.index(self.variable)
        if symbol.law:
            changed = symbol.exchanged({self.variable: {self._levels[shape]: level}})
            return changed.latex() if self.pen.latex else changed.text(self.pen.unicode)
        values = [latex_value(value) if self.pen.latex else value for value in (*symbol.event, *symbol.context)]
        values[place] = level
        parts = [_joined(part) for part in (values[: len(symbol.event)], values[len(symbol.event) :]) if part]
        dot = r" \cdot " if self.pen.latex else "·" if self.pen.unicode else "."
        if self.pen.latex:
            return f"{symbol.letter}_{{{dot.join(parts)}}}"
        compact = level.isdigit() and all(len(value) == 1 for value in values) and len(symbol.letter) == 1
        return f"{symbol.letter}{'' if compact else '_'}{dot.join(parts)}"

    def sum_of_maxima(self, kinds: Sequence[TermKind]) -> str:
        """The sum over levels with its weight, before the maximum."""
        marks = (shape for kind in kinds for block in kind.pattern.blocks for shape, _ in block.profile)
        weight = unmarked(next(filter(is_mark, marks)))
        letter, inside = self.weight_letter, self.pen.relation("in")
        return self.pen.sum(f"{letter}{inside}{self.pen.name(self.variable)}") + self._at(weight, letter)

    @property
    def weight_letter(self) -> str:
        """The letter of the level of a weight."""
        return self._letters[0]

    def _whole(self, name: str) -> str:
        """A sum over all levels, or what else has a number of its own."""
        return self._at(self._wholes[name], str(self.first)) if name in self._wholes else self._cell(name)

    def _cell(self, name: str) -> str:
        known = self.notation.latex() if self.pen.latex else self.notation.texts(self.pen.unicode)
        return known[name]

    def letters(self, kind: TermKind) -> Iterator[str]:
        """Letters that mean nothing else: in options of weighted maxima the first one means the level of the weight."""
        return iter(self._letters[any(map(has_mark, kind.pattern.blocks)) :])

    @property
    def where(self) -> str:
        """The variable, among words."""
        return self.pen.math(self.pen.name(self.variable))


def _joined(values: Sequence[str]) -> str:
    """Values in an index: next to each other where each is one character."""
    return ("" if all(len(value) == 1 for value in values) else ",").join(values)


# ---------------------------------------------------------------- letters of one kind
@dataclass
class _Lettered:
    """What the letters of a kind are.

    Parameters
    ----------
    single : list of (letter, Profile)
        The levels that it takes one by one.
    summed : list of (index, condition, Profile)
    counts : list of LetteredNumber
        How many levels each block has.
    words : str
    """

    single: list[tuple[str, Profile]] = field(default_factory=list)
    summed: list[tuple[str, str, Profile]] = field(default_factory=list)
    counts: list[LetteredNumber] = field(default_factory=list)
    words: str = ""


def _unordered(writer: Writer, kind: TermKind) -> _Lettered:
    """Different levels, and sets of all others."""
    pen, pattern, letters = writer.pen, kind.pattern, writer.letters(kind)
    found = _Lettered()
    slots = [block for block in pattern.blocks if not block.grows]
    names = {
        id(block): [writer.weight_letter if has_mark(block) else next(letters) for _ in range(block.count)]
        for block in slots
    }
    chosen = [letter for block in slots for letter in names[id(block)]]
    index = next(letters)
    growing = [block for block in pattern.blocks if block.grows]
    sets = iter(SETS)
    parted: list[tuple[str, Block]] = []
    apart = [*(str(writer.first + place) for place, _ in pattern.named), *chosen]
    for block in pattern.blocks:
        if not block.grows:
            found.single += [(letter, block.profile) for letter in names[id(block)]]
            found.counts.append({"": Fraction(block.count)})
            continue
        if len(growing) == 1:
            inside = f"{index}{pen.relation('in')}{pen.name(writer.variable)}"
            inside = f"{index}>{writer.first}" if writer.by_steps else inside
            condition = f"{index}{pen.relation('!=')}{', '.join(apart)}" if apart else inside
            taken = Fraction(-len(apart) - writer.by_steps)
            found.counts.append({writer.count: Fraction(1), "": taken})
        else:
            name = next(sets)
            parted.append((name, block))
            condition = f"{index}{pen.relation('in')}{name}"
            found.counts.append({f"|{name}|": Fraction(1)})
        if block.profile:
            found.summed.append((index, condition, block.profile))
    found.words = _unordered_words(writer, chosen, [str(writer.first + place) for place, _ in pattern.named], parted)
    return found


def _unordered_words(
    writer: Writer, chosen: Sequence[str], named: Sequence[str], parted: Sequence[tuple[str, Block]]
) -> str:
    """``for all distinct i, j in Z``."""
    pen, parts = writer.pen, []
    others = f" other than {listed([pen.math(level) for level in named])}" if named else ""
    if chosen:
        distinct = "distinct " if len(chosen) > 1 else ""
        parts.append(f"for all {distinct}{pen.math(', '.join(chosen))} in {writer.where}{others}")
    if parted:
        shown = [pen.math(name) for name, _ in parted]
        least = [pen.math(name) for name, block in parted if block.count]
        what = "steps between levels" if writer.by_steps else "levels"
        rest = f"the other {what} of {writer.where}" if chosen or named else f"the {what} of {writer.where}"
        empty = f" ({listed(least)} not empty)" if least else ""
        parts.append(f"for all ways to part {rest} into {listed(shown)}{empty}")
    return ", ".join(parts)


@dataclass
class _Mark:
    """A letter in an order, or an end: where a stretch begins behind it, and where one ends before it."""

    text: LetteredNumber
    behind: LetteredNumber
    before: LetteredNumber


def _ordered(writer: Writer, kind: TermKind) -> _Lettered:
    """Levels in ascending order, and first levels of stretches that follow one another."""
    pattern, letters = kind.pattern, writer.letters(kind)
    found = _Lettered()
    first = Fraction(writer.first + len(pattern.named) + writer.by_steps)
    one = Fraction(1)
    end: LetteredNumber = {writer.count: one, "": Fraction(writer.first - 1)}
    marks = [_Mark({"": first - 1}, {"": first}, {"": first - 2})]
    stretches: list[tuple[Block, int]] = []
    for i, block in enumerate(pattern.blocks):
        if not block.grows:
            for _ in range(block.count):
                letter = writer.weight_letter if has_mark(block) else next(letters)
                marks.append(_Mark({letter: one}, {letter: one, "": one}, {letter: one, "": -one}))
                found.single.append((letter, block.profile))
            continue
        stretches.append((block, len(marks) - 1))
        follower = pattern.blocks[i + 1] if i + 1 < len(pattern.blocks) else None
        if follower is not None and follower.grows:
            letter = next(letters)
            marks.append(_Mark({letter: one}, {letter: one}, {letter: one, "": -one}))
    marks.append(_Mark(_added(end, {"": one}), {}, end))
    index = next(letters)
    grown = {at: block for block, at in stretches}
    counts = iter([_length(marks[at], marks[at + 1]) for _, at in stretches])
    found.counts = [next(counts) if block.grows else {"": Fraction(block.count)} for block in pattern.blocks]
    for block, at in stretches:
        if block.profile:
            found.summed.append((index, _between(writer, marks, at, index), block.profile))
    words = _ordered_words(writer, marks, grown)
    found.words = words
    if any(map(has_mark, pattern.blocks)):
        others = [letter for letter, _ in found.single if letter != writer.weight_letter]
        chain = words.removeprefix("for all ")
        found.words = f"for all {pen_letters(writer, others)} with {chain}" if others else ""
        if not others and any(block.count for block in pattern.blocks if block.grows):
            found.words = f"where {chain}"
    return found


def pen_letters(writer: Writer, letters: Sequence[str]) -> str:
    """Letters among words."""
    return writer.pen.math(", ".join(letters))


def has_mark(block: Block) -> bool:
    """Whether a block is the level of a weight."""
    return any(is_mark(shape) for shape, _ in block.profile)


def _length(one: _Mark, other: _Mark) -> LetteredNumber:
    """How many levels are between two marks."""
    return _added(other.before, _times(Fraction(-1), one.behind), {"": Fraction(1)})


def _between(writer: Writer, marks: Sequence[_Mark], at: int, index: str) -> str:
    """The condition of a sum over the levels between two marks."""
    pen = writer.pen
    below = pen.relation("<=").strip()
    low, high = marks[at], marks[at + 1]
    start = pen.number(low.behind) if at == 0 else pen.number(low.text)
    strict_low = at > 0 and low.behind != low.text
    left = f"{start}{'<' if strict_low else below}" if at else ""
    last = at + 1 == len(marks) - 1
    if not at and last:
        whole = f"{index}{pen.relation('in')}{pen.name(writer.variable)}"
        return f"{index}>{writer.first}" if writer.by_steps else whole
    if not at and writer.by_steps:
        left = f"{writer.first}<"
    right = "" if last else f"<{pen.number(high.text)}"
    if left and not right:
        # Σ_{n>i} reads better than Σ_{i<n}.
        sign = ">" if strict_low else (r"\geq " if pen.latex else "≥" if pen.unicode else ">=")
        return f"{index}{sign}{pen.number(low.text)}"
    return f"{left}{index}{right}"


def _ordered_words(writer: Writer, marks: Sequence[_Mark], grown: Mapping[int, Block]) -> str:
    """``for all 0 ≤ i < j ≤ k − 1``."""
    if len(marks) == 2:
        return ""
    pen = writer.pen
    chains: list[list[str]] = []
    for at, (low, high) in enumerate(itertools.pairwise(marks)):
        block, last = grown.get(at), at + 2 == len(marks)
        # The least level at which the next mark may stand, or the end: behind this one and the levels between.
        least = _added(low.behind, {"": Fraction((block.count if block else 0) - last)})
        left = low.text if at else least
        shift = _added(least, _times(Fraction(-1), left))
        right = _added(high.before if last else high.text, _times(Fraction(-1), shift))
        relation = "<=" if block else "="
        if relation == "<=" and shift == {"": Fraction(1)}:
            relation, right = "<", _added(right, {"": Fraction(1)})
        if not chains or chains[-1][-1] != pen.number(left):
            chains.append([pen.number(left)])
        chains[-1] += [pen.relation(relation), pen.number(right)]
    return "for all " + ", ".join(pen.math("".join(chain)) for chain in chains)


def _added(*numbers: LetteredNumber) -> LetteredNumber:
    found: dict[str, Fraction] = {}
    for number in numbers:
        for letter, c in number.items():
            found[letter] = found.get(letter, Fraction(0)) + c
    return {letter: c for letter, c in found.items() if c}


def _times(factor: Fraction, number: LetteredNumber) -> LetteredNumber:
    return {letter: factor * c for letter, c in number.items()}
