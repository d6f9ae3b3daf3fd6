"""The JSON of a family, schema ``boundgen.family/1``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boundgen.families.kinds import TermKind
from boundgen.families.validity import LevelArgument
from boundgen.families.views import LEVEL, Profile, Shape, is_mark, shape_of, unmarked, whole_name
from boundgen.families.writing import PENS, Writer, has_mark
from boundgen.language.values import value_text
from boundgen.strata.cells import Arm, distinct_cells
from boundgen.work.unanswered import unanswered_json

if TYPE_CHECKING:
    from boundgen.families.family import BoundsFamily, EstimandFamily, FamilySide

SCHEMA = "boundgen.family/1"


def family_json(family: BoundsFamily) -> dict[str, Any]:
    """A whole family."""
    return {
        "schema": SCHEMA,
        "model": family.model.name,
        "text": str(family.model),
        "variable": family.variable,
        "first": family.first,
        "derived": list(family.derived),
        "missing": family.missing or None,
        "estimands": [estimand_json(family, each) for each in family.estimands],
        **unanswered_json(family.unanswered),
    }


def estimand_json(family: BoundsFamily, estimand: EstimandFamily) -> dict[str, Any]:
    """The bounds of one estimand; each side is what `evaluator.bound` takes."""
    writer = family.writer(estimand, PENS["ascii"])
    names = templates(family.arms, family.variable)
    return {
        "name": estimand.name,
        "start": estimand.start,
        "lower": _side(family, estimand, estimand.lower, writer, names),
        "upper": _side(family, estimand, estimand.upper, writer, names),
    }


def _side(
    family: BoundsFamily, estimand: EstimandFamily, side: FamilySide, writer: Writer, names: Mapping[Shape, str]
) -> dict[str, Any]:
    return {
        "variable": family.variable,
        "first": family.first,
        "by_steps": estimand.by_steps,
        "weight": _weight(side, names) if estimand.weighted else None,
        "start": side.start,
        "terms": {str(levels): count for levels, count in side.counts},
        "valid": argument_json(side.valid),
        "sharp": argument_json(side.sharp),
        "kinds": [kind_json(kind, writer, names) for kind in side.kinds],
    }


def argument_json(argument: LevelArgument) -> dict[str, Any]:
    """Why something holds for every number of levels; without a name, that it is not proved."""
    return {"argument": argument.name or None, "levels": list(argument.levels), "text": argument.text}


def kind_json(kind: TermKind, writer: Writer, names: Mapping[Shape, str]) -> dict[str, Any]:
    """A kind in words, and as numbers."""
    pattern, said = kind.pattern, writer.kind(kind)
    wholes = {whole_name(shape): name for shape, name in names.items()}
    return {
        "term": said.term,
        "for": said.words,
        "ordered": pattern.ordered,
        "numbers": [[wholes.get(name, name), str(n.number), [str(c) for c in n.per]] for name, n in kind.numbers],
        "fixed": [[name, str(c)] for name, c in pattern.fixed],
        "named": [[place, _held(held, names)] for place, held in pattern.named],
        "blocks": [[block.count, block.grows, _held(block.profile, names)] for block in pattern.blocks],
        "weighted": next((i for i, block in enumerate(pattern.blocks) if has_mark(block)), None),
    }


def _held(profile: Profile, names: Mapping[Shape, str]) -> list[list[str]]:
    return [[names[shape], str(c)] for shape, c in profile if not is_mark(shape)]


def _weight(side: FamilySide, names: Mapping[Shape, str]) -> str:
    """The weights of maxima, with a star in place of the level."""
    shapes = (shape for kind in side.kinds for block in kind.pattern.blocks for shape, _ in block.profile)
    return names[unmarked(next(filter(is_mark, shapes)))]


def templates(arms: Sequence[Arm], variable: str) -> dict[Shape, str]:
    """The names of cells with a star in place of the level."""
    found = {}
    for cell in distinct_cells(arms):
        shape, level = shape_of(cell, variable)
        if level is not None and shape not in found:
            found[shape] = _starred(cell.name, variable, value_text(level))
    return found


def _starred(name: str, variable: str, level: str) -> str:
    """A cell's name in which one value is a star: behind ``(``, ``,`` or ``|``, before another one or the end."""
    for before in "(,|":
        for behind in ",|)":
            name = name.replace(f"{before}{variable}={level}{behind}", f"{before}{variable}={LEVEL}{behind}")
    return name
