"""Families as text, in LaTeX and as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from boundgen.bounds.latex import legend_latex
from boundgen.bounds.symbols import latex_name
from boundgen.bounds.text import legend_text
from boundgen.families.writing import PENS, Pen, WrittenKind
from boundgen.rendering import latex
from boundgen.rendering.layout import WIDTH, filled, indented
from boundgen.rendering.signs import signs

if TYPE_CHECKING:
    from boundgen.families.family import BoundsFamily, EstimandFamily, FamilySide


def family_text(family: BoundsFamily, unicode: bool) -> str:
    """Title, symbols, and the bounds of each estimand with why they hold."""
    model, pen = family.model, PENS["text" if unicode else "ascii"]
    count = family.writer(family.estimands[0], pen).count
    title = f"{model.name}: {model.title}" if model.title else model.name
    last = family.first - 1
    top = f"{count} {pen.minus if last < 0 else '+'} {abs(last)}" if last else count
    parts = [f"{title}\n{family.variable} has {count} levels: {family.first}, ..., {top}"]
    legend = [legend_text(family.notation, unicode)]
    if any(each.by_steps for each in family.estimands):
        at_least = signs(unicode).at_least
        legend.append(f"{at_least}i in place of i: level i of {family.variable} or a higher one")
    parts.append(indented("\n".join(legend)))
    parts += [indented(_estimand_text(family, each, pen)) for each in family.estimands]
    if family.unanswered:
        parts.append(indented("\n".join(each.said(unicode) for each in family.unanswered)))
    if family.missing:
        parts.append(filled(family.missing))
    return "\n\n".join(parts) + "\n"


def _estimand_text(family: BoundsFamily, estimand: EstimandFamily, pen: Pen) -> str:
    writer, sign = family.writer(estimand, pen), signs(pen.unicode)
    name = pen.name(estimand.name)
    lines = []
    for relation, op, side in ((sign.at_least, "max", estimand.lower), (sign.at_most, "min", estimand.upper)):
        over = f"{writer.sum_of_maxima(side.kinds)} " if estimand.weighted else ""
        lines.append(f"{name} {relation} {over}{_extremum(op, [writer.kind(kind) for kind in side.kinds])}")
    return "\n".join([*lines, "", *said_of(estimand, writer.count)])


def _extremum(op: str, kinds: Sequence[WrittenKind]) -> str:
    if len(kinds) == 1 and not kinds[0].words:
        return kinds[0].term
    wide = max(len(kind.term) for kind in kinds)
    below = max(wide + len(kind.words) for kind in kinds) > WIDTH
    rows = []
    for i, kind in enumerate(kinds):
        comma = "," if i + 1 < len(kinds) else ""
        between = "\n        " if below else " " * (wide - len(kind.term) + 2)
        rows.append(f"    {kind.term}{between}{kind.words}{comma}" if kind.words else f"    {kind.term}{comma}")
    return f"{op}{{\n" + "\n".join(rows) + "\n}"


def said_of(estimand: EstimandFamily, count: str) -> list[str]:
    """How many terms there were, and why they hold for every number of levels."""
    lower, upper = estimand.lower, estimand.upper
    what = "options" if estimand.weighted else "terms"
    if lower.counts == upper.counts:
        derived = [f"Derived: {_counts(lower, count)} {what} a side."]
    else:
        derived = [f"Derived: {_counts(lower, count)} {what} below, {_counts(upper, count)} above."]
    if estimand.start > lower.counts[0][0]:
        derived.append(f"These are the bounds from {count} = {estimand.start} on.")
    lines = [filled(" ".join(derived))]
    for word in ("valid", "sharp"):
        one, other = (_said(word, side, count) for side in (lower, upper))
        if one == other:
            lines.append(filled(one))
        else:
            lines += [filled(f"Lower bound: {one}"), filled(f"Upper bound: {other}")]
    return lines


def _counts(side: FamilySide, count: str) -> str:
    first, last = side.counts[0][0], side.counts[-1][0]
    return f"{', '.join(str(terms) for _, terms in side.counts)} ({count} = {first}, ..., {last})"


def _said(word: str, side: FamilySide, count: str) -> str:
    argument = side.valid if word == "valid" else side.sharp
    if argument.proved:
        return f"{word.capitalize()} for every {count}, by {argument.name}: {argument.text}."
    if word == "sharp":
        return f"Sharp for {count} = {argument.levels[0]}, ..., {argument.levels[-1]}; conjectured beyond."
    last = side.counts[-1][0]
    return f"Valid for {count} = {side.start}, ..., {last}; conjectured beyond."


def family_latex(family: BoundsFamily) -> str:
    """A sentence about the symbols, and a display for each side of each bound."""
    pen = PENS["latex"]
    model = family.model
    parts = [f"% {model.name}: {latex.comment(model.title or model.name)}", legend_latex(family.notation)]
    if any(each.by_steps for each in family.estimands):
        variable = latex_name(family.variable)
        parts.append(rf"An index $\geq i$ stands for level $i$ of ${variable}$ or a higher one.")
    for estimand in family.estimands:
        writer, name = family.writer(estimand, pen), latex_name(estimand.name)
        parts.append(f"For ${writer.count}$ levels of ${latex_name(family.variable)}$:")
        for relation, op, side in ((r"\geq", "max", estimand.lower), (r"\leq", "min", estimand.upper)):
            kinds = [writer.kind(kind) for kind in side.kinds]
            over = f"{writer.sum_of_maxima(side.kinds)} " if estimand.weighted else ""
            parts.append(f"\\[\n{name} {relation} {over}{_extremum_latex(op, kinds)}\n\\]")
        parts += [f"% {latex.comment(line)}" for text in said_of(estimand, writer.count) for line in text.split("\n")]
    return "\n".join(parts) + "\n"


def _extremum_latex(op: str, kinds: Sequence[WrittenKind]) -> str:
    if len(kinds) == 1 and not kinds[0].words:
        return kinds[0].term
    rows = " \\\\\n".join(
        rf"  {latex.fractions(kind.term)} &" + (rf" \text{{{kind.words}}}" if kind.words else "") for kind in kinds
    )
    return f"\\{op} \\left\\{{ \\begin{{array}}{{ll}}\n{rows}\n\\end{{array}} \\right\\}}"


def family_rows(family: BoundsFamily) -> list[dict[str, Any]]:
    """A row for each kind of each side."""
    rows = []
    for estimand in family.estimands:
        writer = family.writer(estimand, PENS["ascii"])
        for side_name, side in (("lower", estimand.lower), ("upper", estimand.upper)):
            for number, kind in enumerate(side.kinds):
                said = writer.kind(kind)
                rows.append(
                    {
                        "estimand": estimand.name,
                        "side": side_name,
                        "number": number,
                        "term": said.term,
                        "for": said.words,
                        "from": side.start,
                        "valid": side.valid.name,
                        "sharp": side.sharp.name,
                    }
                )
    return rows
