"""What independence buys, as text, tidy rows and JSON (schema ``boundgen.comparison/1``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from boundgen.bounds.independences import Independence
from boundgen.bounds.symbols import pretty
from boundgen.bounds.text import condition_text, legend_text
from boundgen.bounds.to_json import condition_json
from boundgen.questions.independence import IndependenceComparison, IndependenceSeen, ShownImplication, is_not_parted
from boundgen.questions.report import RELATIONS, long_lines
from boundgen.questions.sampled import SampledNarrowing
from boundgen.questions.to_json import COMPARISON, sampled_json
from boundgen.rendering.layout import indented
from boundgen.rendering.numbers import decimal
from boundgen.work.unanswered import unanswered_json

MOST = 10
INCLUDED = {
    "first": "Every population of {1} is one of {0}, so that the bounds of {1} are never wider.",
    "second": "Every population of {0} is one of {1}, so that the bounds of {1} are never narrower.",
    "both": "{0} and {1} allow the same populations, so that their bounds are the same.",
    "": "Neither model is a special case of the other, so that nothing is proved of all distributions.",
}


def independence_text(comparison: IndependenceComparison, unicode: bool) -> str:
    """What is proved, then a part for each estimand, then the testable implications."""
    names = _names(comparison)
    parts = [
        f"{names[1]} against {names[0]}",
        long_lines(f"  Note: {note}." for note in comparison.notes),
        long_lines([INCLUDED[comparison.includes].format(*names)]),
        *(long_lines(_estimand(each, names, unicode)) for each in comparison.seen),
        long_lines(each.said(unicode) for each in comparison.unanswered),
        *_implications(comparison, names, unicode),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _names(comparison: IndependenceComparison) -> tuple[str, str]:
    one, other = comparison.first.model.name, comparison.second.model.name
    return (one, other) if one != other else (f"{one} (first)", f"{other} (second)")


def _estimand(each: IndependenceSeen, names: tuple[str, str], unicode: bool) -> Iterator[str]:
    yield pretty(each.sampled.estimand, unicode)
    if not each.sampled.laws:
        yield "  Not compared: no distribution was found that both models allow."
        return
    relation = RELATIONS[each.sampled.relation].replace(" that can be observed under both models", " of these")
    yield (
        f"  At {each.sampled.laws} random distributions that both models allow, evaluated exactly, the bounds of "
        f"{names[1]} are {relation} those of {names[0]}."
    )
    if each.widths is not None:
        one, other = (decimal(width, unicode) for width in each.widths)
        yield f"  Mean width there: {one} in {names[0]}, {other} in {names[1]}."
    if any(narrowing.most > 0 for narrowing in each.sampled.narrowings):
        yield f"  Narrower there by as much as {_narrowings(each.sampled.narrowings, unicode)}."


def _narrowings(narrowings: Sequence[SampledNarrowing], unicode: bool) -> str:
    return " and ".join(f"{_amount(each.most, unicode)} on the {each.of} side" for each in narrowings)


def _amount(value: Fraction | float, unicode: bool) -> str:
    infinity = "∞" if unicode else "infinity"
    return decimal(value, unicode) if isinstance(value, Fraction) else infinity


def _implications(comparison: IndependenceComparison, names: tuple[str, str], unicode: bool) -> Iterator[str]:
    """Those that one model has and the other breaks, in the symbols of the model that has them."""
    for derived, name in zip((comparison.first, comparison.second), names, strict=True):
        own = [each for each in _all(comparison) if each.notation is derived.notation]
        if any(not isinstance(each.implication, Independence) for each in own):
            yield f"Symbols of {name}:\n\n" + indented(legend_text(derived.notation, unicode))
    lists = (
        ("Testable implications that appear", comparison.appear, is_not_parted(comparison.second)),
        ("Testable implications that disappear", comparison.disappear, is_not_parted(comparison.first)),
        (
            "Implications of one model that no such distribution of the other was seen to break",
            comparison.undecided,
            False,
        ),
    )
    for what, found, unknown in lists[: 3 if comparison.undecided else 2]:
        lines = [implication_text(each, unicode) for each in found[:MOST]]
        lines += [f"and {len(found) - MOST} more"] if len(found) > MOST else []
        yield f"{what}:\n\n" + indented("\n".join(lines)) if lines else f"{what}: none{' known' if unknown else ''}"


def _all(comparison: IndependenceComparison) -> tuple[ShownImplication, ...]:
    return (*comparison.appear, *comparison.disappear, *comparison.undecided)


def implication_text(shown: ShownImplication, unicode: bool) -> str:
    """One testable implication."""
    if isinstance(shown.implication, Independence):
        return f"{shown.implication.text}  ({shown.implication.words})"
    return condition_text(shown.implication, shown.notation, unicode)


def independence_rows(comparison: IndependenceComparison) -> list[dict[str, Any]]:
    """A row for each side of each estimand, then for each testable implication with the model that has it."""
    amount = "narrower by as much as {} at {} random distributions"
    rows = [
        _row(each.estimand, side.of, "second", amount.format(side.most, each.laws))
        for each in comparison.sampled
        for side in each.narrowings
    ]
    for where, found in (("first", comparison.disappear), ("second", comparison.appear)):
        rows += [_row(None, "condition", where, implication_text(each, False)) for each in found]
    return rows


def _row(estimand: str | None, side: str, where: str, text: str) -> dict[str, Any]:
    return {"estimand": estimand, "side": side, "model": where, "term": text}


def independence_json(comparison: IndependenceComparison) -> dict[str, Any]:
    """All that changes between two models."""
    return {
        "schema": COMPARISON,
        "first": comparison.first.model.name,
        "second": comparison.second.model.name,
        "notes": list(comparison.notes),
        "estimands": [],
        "includes": comparison.includes or None,
        "sampled": [_seen_json(each) for each in comparison.seen],
        "conditions": {
            "appear": [_implication_json(each) for each in comparison.appear],
            "disappear": [_implication_json(each) for each in comparison.disappear],
            "undecided": [_implication_json(each) for each in comparison.undecided],
        },
        **unanswered_json(comparison.unanswered),
    }


def _seen_json(each: IndependenceSeen) -> dict[str, Any]:
    widths = None if each.widths is None else dict(zip(("first", "second"), map(str, each.widths), strict=True))
    return {**sampled_json(each.sampled), "mean_widths": widths}


def _implication_json(shown: ShownImplication) -> dict[str, Any]:
    if isinstance(shown.implication, Independence):
        return shown.implication.json()
    return condition_json(shown.implication, shown.notation)
