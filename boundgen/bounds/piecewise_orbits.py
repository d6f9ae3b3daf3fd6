"""Pieces that differ by relabelling, written once with letters in place of levels, their guards too.

pieces -> keys -> levels that may be relabelled -> orbits -> the spelling that reads best
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from boundgen.bounds.mirror import Mirror, exchanged_pairs, exchanges
from boundgen.bounds.piecewise import LawKinds, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_letters import LetteredScript, Relabellings, group_of, recording, script_of, with_images
from boundgen.bounds.piecewise_printing import only_number
from boundgen.bounds.piecewise_symmetry import (
    MOST_CHOICES,
    Images,
    PieceForms,
    choices,
    renamed,
    renamed_piece,
)
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.relabelling import Exchange, LevelClass, classes_of, connected
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.language.expressions import Value

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds

# Members of an orbit are spelled alike but for ties, so a few of them, simplest first, show the best spelling.
MOST_SPELLINGS = 6


@dataclass(frozen=True)
class PieceOrbit:
    """Pieces that differ by relabelling.

    Parameters
    ----------
    members : tuple of int
        Places among the pieces of the side.
    representative : Piece
        The member that is written.
    moving : tuple of LevelClass
        The levels whose relabelling leads from one member to others.
    """

    members: tuple[int, ...]
    representative: Piece
    moving: tuple[LevelClass, ...]


@dataclass(frozen=True)
class PieceOrbits:
    """Both sides of bounds with pieces by orbit.

    Parameters
    ----------
    bounds : PiecewiseBounds
        Whose pieces these are, in the names in which they are written.
    group : Relabellings
        The levels whose relabelling maps each side onto itself.
    forms : PieceForms
    written : Script
        How they are written, as text.
    """

    bounds: PiecewiseBounds
    group: Relabellings = field(compare=False)
    forms: PieceForms = field(compare=False)
    written: Script = field(compare=False)

    @cached_property
    def lower(self) -> tuple[PieceOrbit, ...]:
        """The pieces of the lower side by orbit."""
        return tuple(_orbits(self.bounds.lower, self, self.plain(self.written)))

    @cached_property
    def upper(self) -> tuple[PieceOrbit, ...]:
        """Those of the upper side; with a mirror nobody asks."""
        return tuple(_orbits(self.bounds.upper, self, self.plain(self.written)))

    @cached_property
    def mirror(self) -> Mirror | None:
        """How the upper bound follows from the lower one, where it does."""
        return _mirror(self, self.plain(self.written))

    @property
    def grouped(self) -> bool:
        """Whether anything may be written otherwise than piece by piece."""
        return self.mirror is not None or bool(self.group)

    def script(self, orbit: PieceOrbit, op: str, plain: Script) -> LetteredScript:
        """How a piece is written with letters.

        Parameters
        ----------
        orbit : PieceOrbit
        op : {"max", "min"}
        plain : Script
            As `plain` gives it.

        Returns
        -------
        LetteredScript
        """
        return _script(plain, self, [orbit.representative], orbit.moving, op)

    def law_script(self, pieces: Sequence[Piece], op: str, plain: Script) -> LetteredScript:
        """How the pieces of one extreme law are written with letters, the same in all of them; as for `script`."""
        return _script(plain, self, pieces, tuple(self.group), op)

    def common(self, plain: Script, polynomials: Iterable[Polynomial]) -> LetteredScript:
        """How that is written which no relabelling changes: sums over all levels are sums."""
        parts = tuple(polynomials)
        return script_of(plain, self.forms, self.group, (), lambda script: [script.polynomial(p) for p in parts])

    def plain(self, script: Script) -> Script:
        """The script without letters, of simplest forms that use no definition which relabelling changes."""
        definitions = script.reading.definitions
        kept = tuple((name, term) for name, term in definitions if self._is_fixed(Polynomial.linear(term)))
        return replace(script, reading=replace(script.reading, definitions=kept))

    def _is_fixed(self, polynomial: Polynomial) -> bool:
        return all(
            self.forms.normal(renamed(polynomial, images)) == self.forms.normal(polynomial)
            for each in self.group.values()
            for images in each
        )

    def moves(self, polynomial: Polynomial) -> bool:
        """Whether relabelling changes a function that stands in a guard, up to a positive factor."""
        return not self._is_fixed(polynomial)


def piece_orbits(bounds: PiecewiseBounds, script: Script) -> PieceOrbits:
    """The pieces of both sides by orbit, and the mirror where there is one.

    Parameters
    ----------
    bounds : PiecewiseBounds
        In the names in which they are written.
    script : Script
        How they are written, as text.

    Returns
    -------
    PieceOrbits
    """
    forms = PieceForms(bounds)
    return PieceOrbits(bounds, _group_of_laws(forms) if bounds.over_laws else group_of(forms), forms, script)


def _group_of_laws(forms: PieceForms) -> Relabellings:
    """The levels whose relabelling takes extreme laws to such, on both sides: not all that it leads to are listed."""
    sides = (forms.bounds.lower, forms.bounds.upper)
    if any(side.kinds is None for side in sides):
        return {}
    known = [[_changes(each, forms) for each in side.kinds.symmetries] for side in sides if side.kinds]

    def is_exchangeable(exchange: Exchange) -> bool:
        images = forms.images(exchange)
        return images is not None and all(_changes(images, forms) in each for each in known)

    return with_images(classes_of(forms.bounds.notation, is_exchangeable), forms)


def _changes(images: Images, forms: PieceForms) -> dict[str, str]:
    """What becomes of the names of cells that do not stay."""
    return {name: image for name, image in images.items() if name != image and name in forms.cells}


def _orbits(side: PiecewiseSide, folded: PieceOrbits, plain: Script) -> Iterator[PieceOrbit]:
    """The orbits in the order of their first members."""
    if side.kinds is not None and folded.bounds.over_laws:
        yield from _orbits_of_laws(side, side.kinds, folded)
        return
    forms, own = folded.forms, side.pieces
    moves: dict[LevelClass, list[list[int]]] = {}
    for levels, images in folded.group.items():
        moved = (forms.moves(own, each) for each in images)
        moves[levels] = [each for each in moved if each is not None]
    generators = [each for moved in moves.values() for each in moved]
    for members in connected(len(own), generators):
        moving = tuple(levels for levels, moved in moves.items() if any(m[i] != i for m in moved for i in members))
        best = min(members[:MOST_SPELLINGS], key=lambda i: (*_cost(plain, folded, own[i], moving, side.op), i))
        yield PieceOrbit(members, own[best], moving)


def _orbits_of_laws(side: PiecewiseSide, kinds: LawKinds, folded: PieceOrbits) -> Iterator[PieceOrbit]:
    """The pieces of a law with their images in the other laws of its kind."""
    places: dict[int, list[int]] = {}
    for i, piece in enumerate(side.pieces):
        places.setdefault(piece.law, []).append(i)
    for kind in kinds.kinds:
        for members in zip(*(places[law] for law in kind.images), strict=True):
            yield PieceOrbit(tuple(sorted(members)), side.pieces[members[0]], tuple(folded.group))


def _script(
    plain: Script, folded: PieceOrbits, pieces: Sequence[Piece], moving: tuple[LevelClass, ...], op: str
) -> LetteredScript:
    over = folded.bounds.denominator

    def write(script: Script) -> None:
        for piece in pieces:
            for below in dict.fromkeys((over, None)):
                script.parts(piece, op, below)
            script.guards(piece.guards)

    return script_of(plain, folded.forms, folded.group, moving, write)


def _cost(plain: Script, folded: PieceOrbits, piece: Piece, moving: tuple[LevelClass, ...], op: str) -> tuple[int, int]:
    """Few letters, and a short text."""
    if not moving:
        return 0, 0
    script = _script(plain, folded, [piece], moving, op)
    text = script.piece(piece, op, folded.bounds.denominator) + script.guards(piece.guards)
    return sum(len(q.letters) for q in script.lettering.quantifiers), len(text)


# ---------------------------------------------------------------- the way back
def unfolded(folded: PieceOrbits, orbit: PieceOrbit, op: str, plain: Script) -> tuple[Piece, ...]:
    """The pieces that a written orbit stands for: the representative at every choice of levels for its letters."""
    quantifiers = folded.script(orbit, op, plain).lettering.quantifiers
    chosen = [[(q, levels) for levels in itertools.permutations(q.levels.levels, len(q.letters))] for q in quantifiers]
    pieces: dict[Hashable, Piece] = {}
    for each in itertools.product(*chosen):
        exchange: dict[str, dict[Value, Value]] = {}
        for q, levels in each:
            rest = [level for level in q.levels.levels if level not in q.at]
            free = [level for level in q.levels.levels if level not in levels]
            pairs = zip((*q.at, *rest), (*levels, *free), strict=True)
            exchange.setdefault(q.levels.variable, {}).update(pairs)
        images = folded.forms.images(exchange)
        assert images is not None, "relabelled levels have cells"
        piece = renamed_piece(orbit.representative, images)
        pieces.setdefault(folded.forms.piece(piece), piece)
    return tuple(pieces.values())


# ---------------------------------------------------------------- the mirror
def _mirror(folded: PieceOrbits, script: Script) -> Mirror | None:
    """The simplest exchange that mirrors the lower bound's pieces to the upper one's, or None."""
    bounds, forms = folded.bounds, folded.forms
    if bounds.over_laws:
        return None
    lower, upper = bounds.lower.pieces, bounds.upper.pieces
    if bounds.identified or len(lower) != len(upper) or all(only_number(piece) is not None for piece in lower):
        return None
    keys, guards = {forms.piece(piece) for piece in upper}, {forms.guards(piece) for piece in upper}
    over = bounds.denominator or ONE
    for exchange in exchanges(bounds.notation.domains):
        images = forms.images(exchange)
        if images is None or forms.normal(renamed(over, images)) != forms.normal(over):
            continue
        moved = [renamed_piece(piece, images) for piece in lower]
        if {forms.guards(piece) for piece in moved} != guards:
            continue
        for constant in _constants(folded, moved):
            shift = over.scaled(constant)
            if {forms.piece(_reflected(piece, shift)) for piece in moved} == keys:
                return Mirror(constant, exchanged_pairs(exchange), _changed(folded, script, images))
    return None


def _reflected(piece: Piece, shift: Polynomial) -> Piece:
    """A function minus a piece."""
    constant = RationalFunction(shift)
    first, *others = (Summand(s.weight, tuple(-option for option in s.options)) for s in piece.summands)
    if first.weight == ONE:
        first = Summand(ONE, tuple(option + constant for option in first.options))
    elif shift:
        others.append(Summand(ONE, (constant,)))
    return replace(piece, summands=(first, *others))


def _constants(folded: PieceOrbits, moved: Sequence[Piece]) -> tuple[Fraction, ...]:
    """What the upper bound plus the exchanged lower one can be: one function of the one and any of the other."""
    forms, over = folded.forms, folded.bounds.denominator or ONE
    first = moved[0]
    above, below = forms.function(next(choices(first)))
    guards, constants = forms.guards(first), dict[Fraction, None]()
    for piece in folded.bounds.upper.pieces:
        if forms.guards(piece) == guards:
            for other in itertools.islice(choices(piece), MOST_CHOICES):
                own, divisor = forms.function(other)
                number = (above + own).multiple_of(forms.normal(divisor * over)) if divisor == below else None
                if number is not None:
                    constants[number] = None
    return tuple(constants)


def _changed(folded: PieceOrbits, script: Script, images: Images) -> tuple[str, ...]:
    """The definitions with which the lower bound is written and that an exchange changes."""
    recorder = recording(script)
    for piece in folded.bounds.lower.pieces:
        recorder.parts(piece, "max", folded.bounds.denominator)
        recorder.guards(piece.guards)
    used = {name for term in recorder.terms for name, _ in term.coefficients}
    forms = folded.forms

    def is_changed(polynomial: Polynomial) -> bool:
        return forms.normal(renamed(polynomial, images)) != forms.normal(polynomial)

    return tuple(d for d, term in script.reading.definitions if d in used and is_changed(Polynomial.linear(term)))
