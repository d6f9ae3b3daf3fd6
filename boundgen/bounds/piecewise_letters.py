"""Pieces with letters in place of levels: ``max{p11·i for all i in Z}``, and sums over levels of products and maxima.

What a piece is, and which terms it shows, does not change: each term is written with letters, and options of a
maximum and summands that differ by relabelling are written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from boundgen.bounds.lettering import Lettering, Quantifier, lettering
from boundgen.bounds.phrases import phraser, written
from boundgen.bounds.piecewise import Piece, Summand
from boundgen.bounds.piecewise_symmetry import (
    Images,
    PieceForms,
    permutation,
    renamed_function,
    renamed_summand,
)
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.relabelling import LevelClass, connected
from boundgen.bounds.wording import ASCII, LATEX, TEXT, Style, names, quantified
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.terms import Term

# The levels that may be relabelled, each with what the exchanges of neighbours do to names.
Relabellings = Mapping[LevelClass, tuple[Images, ...]]


def group_of(forms: PieceForms) -> Relabellings:
    """The levels whose relabelling maps each side onto itself."""
    return with_images(forms.classes(), forms)


def with_images(classes: Sequence[LevelClass], forms: PieceForms) -> Relabellings:
    """Levels with what the exchanges of neighbours do to names."""
    found: dict[LevelClass, tuple[Images, ...]] = {}
    for levels in classes:
        images = (forms.images(generator) for generator in levels.generators())
        found[levels] = tuple(each for each in images if each is not None)
    return found


@dataclass(frozen=True)
class RecordingScript(Script):
    """Writes as the usual one, and keeps which terms it writes."""

    plain: Script
    terms: list[Term] = field(default_factory=list, compare=False)

    @property
    def directions(self) -> dict[Polynomial, tuple[Polynomial, bool]]:
        """They are found once."""
        return self.plain.directions

    def term(self, term: Term) -> str:
        """A linear function."""
        self.terms.append(term)
        return super().term(term)

    def polynomial(self, polynomial: Polynomial) -> str:
        """A polynomial, in its shortest form."""
        share = self.shares.get(polynomial)
        if share is not None:
            self.terms.append(Term.of(0, {share.text(False): 1}))
        return super().polynomial(polynomial)


@dataclass(frozen=True)
class LetteredScript(Script):
    """Writes with letters in place of levels.

    Parameters
    ----------
    plain : Script
        What it would write without letters; names of probabilities of events are those without letters.
    forms : PieceForms
    lettering : Lettering
    inner : Relabellings
        Relabellings that do not change what is written, though they may exchange its options and its summands.
    """

    plain: Script
    forms: PieceForms
    lettering: Lettering
    inner: Relabellings = field(compare=False)

    @property
    def style(self) -> Style:
        """How words are said."""
        return LATEX if self.latex else TEXT if self.unicode else ASCII

    @property
    def words(self) -> str:
        """``for all i in Z``; empty where there are no letters."""
        return quantified(self.lettering.quantifiers, self.style)

    def term(self, term: Term) -> str:
        """A linear function."""
        found = self.lettering.term(term, self.notation)
        phrase = phraser(found.order, {**self._names, **names(found, self.notation, self.style)})
        text = written(phrase(found.pattern), self.minus, " " if self.latex else "")
        return self.number(re.sub(r"(\d)sum_", r"\1 sum_", text))

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return self.notation.latex() if self.latex else self.notation.texts(self.unicode)

    def _is_sum(self, text: str) -> bool:
        return "\\sum_" in text or "Σ_" in text or "sum_" in text or super()._is_sum(text)

    @property
    def directions(self) -> dict[Polynomial, tuple[Polynomial, bool]]:
        """They are found once."""
        return self.plain.directions

    # ------------------------------------------------------------ options
    def _maximum(self, op: str, options: Sequence[RationalFunction]) -> str:
        found = self.folded_options(options)
        if all(len(members) == 1 for members, _ in found):
            return super()._maximum(op, options)
        texts = [self._option(options[members[0]], group) for members, group in found]
        said = [f"{text} {words}" if words else text for text, words in texts]
        if len(said) == 1:
            return rf"\{op} \left\{{ {said[0]} \right\}}" if self.latex else f"{op}{{{said[0]}}}"
        return self.extremum(op, said, ";")

    def folded_options(self, options: Sequence[RationalFunction]) -> list[tuple[tuple[int, ...], Relabellings]]:
        """The options by orbit, and which relabellings lead from one of an orbit to the others."""
        keys = list(map(self.forms.function, options))
        moves: dict[LevelClass, list[list[int]]] = {}
        for levels, images in self.inner.items():
            found = [
                permutation(keys, [self.forms.function(renamed_function(o, each)) for o in options]) for each in images
            ]
            if None not in found:
                moves[levels] = [each for each in found if each is not None]
        generators = [each for found in moves.values() for each in found]
        return [
            (
                members,
                {
                    levels: self.inner[levels]
                    for levels, found in moves.items()
                    if any(move[i] != i for move in found for i in members)
                },
            )
            for members in connected(len(options), generators)
        ]

    def _option(self, option: RationalFunction, moving: Relabellings) -> tuple[str, str]:
        """One option with letters of its own, and for which levels these stand."""
        inside, own = self.within(lambda script: script.function(option), moving)
        words = quantified(own.quantifiers, self.style)
        return inside.function(option), rf"\text{{ {words}}}" if words and self.latex else words

    def within(
        self, write: Callable[[Script], object], moving: Container[LevelClass]
    ) -> tuple[LetteredScript, Lettering]:
        """The script of a part that has letters for more levels, and these letters."""
        recorder = recording(self.plain)
        write(recorder)
        own = {levels: levels in moving for levels in self.inner}
        kept = [
            (q, s)
            for q, s in zip(self.lettering.quantifiers, self.lettering.summed, strict=True)
            if q.levels not in own
        ]
        taken = {letter for q, _ in kept for letter in (*q.letters, q.index)}
        more = lettering(recorder.terms, self.forms.cells, own, self.notation, taken)
        both = Lettering(
            (*(q for q, _ in kept), *more.quantifiers), (*(s for _, s in kept), *more.summed), self.forms.cells
        )
        rest = {levels: images for levels, images in self.inner.items() if levels not in moving}
        return lettered_script(self.plain, self.forms, both, rest), more

    # ------------------------------------------------------------ summands
    def _summands(self, summands: Sequence[Summand], op: str) -> list[str]:
        found = []
        for members, levels in self.folded_summands(summands):
            if levels is None:
                found += [(i, self._summand(summands[i], op)) for i in members]
            else:
                found.append((members[0], self._sum(summands[members[0]], op, levels)))
        return [text for _, text in sorted(found)]

    def folded_summands(self, summands: Sequence[Summand]) -> list[tuple[tuple[int, ...], LevelClass | None]]:
        """Summands by orbit: those that are one for each level of a class, with it, and those that are none."""
        keys = list(map(self.forms.summand, summands))
        left = set(range(len(summands)))
        found: list[tuple[tuple[int, ...], LevelClass | None]] = []
        for levels, images in self.inner.items():
            moves = [
                permutation(keys, [self.forms.summand(renamed_summand(s, each)) for s in summands]) for each in images
            ]
            if None in moves:
                continue
            for members in connected(len(summands), [each for each in moves if each is not None]):
                is_one_each = len(members) == len(levels.levels) > 1 and set(members) <= left
                if is_one_each and self._named(summands[members[0]], levels) == 1:
                    found.append((members, levels))
                    left -= set(members)
        return [*found, *(((i,), None) for i in sorted(left))]

    def _named(self, summand: Summand, levels: LevelClass) -> int:
        """How many levels of a class have a letter in a summand."""
        recorder = recording(self.plain)
        recorder.piece(Piece((), (summand,)), "max", None)
        own = lettering(recorder.terms, self.forms.cells, {levels: True}, self.notation)
        return len(own.quantifiers[0].letters) if not own.summed[0] else 0

    def _sum(self, summand: Summand, op: str, levels: LevelClass) -> str:
        """``Σ_{i∈V} P(V=i) max{…}``."""
        inside, _ = self.within(lambda script: script.piece(Piece((), (summand,)), op, None), (levels,))
        text = inside._summand(summand, op)
        letter = next(q.letters[0] for q in inside.lettering.quantifiers if q.levels == levels)
        sign = self.minus if text.startswith(self.minus) and not self._is_sum(text) else ""
        body = text.removeprefix(sign)
        body = f"({body})" if Script._is_sum(self, body) else body
        return sign + self.style.sum(Quantifier(levels, (), (), letter)) + body


def recording(plain: Script) -> RecordingScript:
    """A script that keeps which terms another one writes."""
    return RecordingScript(plain.notation, plain.reading, plain.known, plain.shares, plain.latex, plain.unicode, plain)


def lettered_script(plain: Script, forms: PieceForms, letters: Lettering, inner: Relabellings) -> LetteredScript:
    """A script that writes with letters what another one writes without."""
    shares = {share: symbol.exchanged(letters.exchange) for share, symbol in plain.shares.items()}
    return LetteredScript(
        plain.notation, plain.reading, plain.known, shares, plain.latex, plain.unicode, plain, forms, letters, inner
    )


def script_of(
    plain: Script,
    forms: PieceForms,
    group: Relabellings,
    moving: Container[LevelClass],
    write: Callable[[Script], object],
) -> LetteredScript:
    """The script of what some relabellings change and others do not.

    Parameters
    ----------
    plain : Script
    forms : PieceForms
    group : Relabellings
        The levels that may be relabelled.
    moving : container of LevelClass
        Those whose relabelling changes what is written.
    write : callable
        What is to be written.

    Returns
    -------
    LetteredScript
    """
    recorder = recording(plain)
    write(recorder)
    letters = lettering(recorder.terms, forms.cells, {each: each in moving for each in group}, plain.notation)
    return lettered_script(
        plain, forms, letters, {each: images for each, images in group.items() if each not in moving}
    )
