"""The check of a monotonic mediator response as text, table rows, LaTeX and JSON (schema ``boundgen.response/1``)."""

from __future__ import annotations

from dataclasses import asdict
from statistics import NormalDist
from typing import Any

from boundgen.companions.mediator_response import ResponseTest
from boundgen.companions.report import data_text
from boundgen.companions.response_groups import EffectGroup
from boundgen.rendering import latex
from boundgen.rendering.layout import indented
from boundgen.rendering.numbers import decimal, percent_of
from boundgen.rendering.table import table
from boundgen.rendering.text import in_ascii

SCHEMA = "boundgen.response/1"


def response_text(test: ResponseTest, unicode: bool) -> str:
    """What was found, and what it means; then groups of units."""
    by_covariate = [each for each in test.groups if each.kind == "covariate"]
    parts = [
        f"Monotonic mediator response: does the treatment {'raise' if test.decreasing else 'lower'} nobody's mediator?",
        *([indented(data_text(test.data))] if test.data else []),
        indented("\n".join(_lines(test))),
        indented(_table(test, [each for each in test.groups if each.kind != "covariate"], "by predicted effect")),
        *([indented(_table(test, by_covariate, "by covariate"))] if by_covariate else []),
        indented(_explanation(test, bool(by_covariate))),
    ]
    text = "\n\n".join(parts) + "\n"
    return text if unicode else in_ascii(text)


def _lines(test: ResponseTest) -> list[str]:
    side, extreme = ("above", "highest") if test.decreasing else ("below", "lowest")
    lines = [
        f"Average effect on the mediator: {test.average:.4f} (standard error {test.average_error:.4f}), n = {test.n}",
        f"Estimated conditional effects ({test.learner}): from {test.effects.min():.4f} "
        f"to {test.effects.max():.4f}, {test.contrary:.1%} {side} zero",
    ]
    if test.intervals_contrary is not None:
        lines.append(f"  95% intervals wholly {side} zero: {test.intervals_contrary:.1%}")
    return [
        *lines,
        f"  Noise alone puts some {side} zero. The test does not count that:",
        f"The {test.share:.0%} with the {extreme} predicted effects, held out ({2 * test.splits} halves): "
        f"{test.lowest:.4f} (standard error {test.lowest_error:.4f})",
        f"p = {test.p_value:.3f} of no group responding the other way on average",
    ]


def _table(test: ResponseTest, groups: list[EffectGroup], title: str) -> str:
    header = [title, "units", "effect", "s.e.", f"{percent_of(test.level)}% interval", "p"]
    return table([header, *(_cells(test, each) for each in groups)], numbers=(1, 2, 3))


def _cells(test: ResponseTest, each: EffectGroup) -> list[str]:
    low, high = _interval(test, each)
    interval = "" if low is None or high is None else f"[{decimal(low, True)}, {decimal(high, True)}]"
    p_value = "" if each.p_value is None else f"{each.p_value:.3f}"
    return [each.group, str(each.units), decimal(each.effect, True), decimal(each.error, True), interval, p_value]


def _interval(test: ResponseTest, each: EffectGroup) -> tuple[float | None, float | None]:
    """Medians over halves have none."""
    if each.kind in ("tested", "fifth"):
        return None, None
    width = NormalDist().inv_cdf((1 + test.level) / 2) * each.error
    return each.effect - width, each.effect + width


def _explanation(test: ResponseTest, by_covariate: bool) -> str:
    order = "highest" if test.decreasing else "lowest"
    lines = [
        f"Fifths by predicted effect, the {order} first: medians over halves that the prediction has not seen. Units",
        "of one prediction stay together, so that some are larger, or have too few units in an arm and are left out.",
    ]
    if by_covariate:
        lines.append("p of subgroups by covariate is adjusted for their number (Holm 1979).")
    return "\n".join(lines)


# ---------------------------------------------------------------- other forms
def response_json(test: ResponseTest) -> dict[str, Any]:
    """Everything, with the estimated effect of each unit."""
    names = (
        "n learner splits share average average_error lowest lowest_error p_value intervals_contrary decreasing level"
    )
    return {
        "schema": SCHEMA,
        **{name: getattr(test, name) for name in names.split()},
        "contrary": test.contrary,
        "data": None if test.data is None else _facts_json(asdict(test.data)),
        "groups": response_rows(test),
        "effects": test.effects.tolist(),
    }


def _facts_json(facts: dict[str, Any]) -> dict[str, Any]:
    return {**facts, "roles": [list(role) for role in facts["roles"]], "notes": list(facts["notes"])}


def response_rows(test: ResponseTest) -> list[dict[str, Any]]:
    """One row for each group."""
    rows = []
    for each in test.groups:
        low, high = _interval(test, each)
        rows.append(
            {
                "kind": each.kind,
                "group": each.group,
                "units": each.units,
                "effect": each.effect,
                "standard_error": each.error,
                "lower": low,
                "upper": high,
                "p_value": each.p_value,
            }
        )
    return rows


def response_latex(test: ResponseTest) -> str:
    """The groups as a table for booktabs."""
    header = ["", "Units", "Effect", "s.e.", f"{percent_of(test.level)}\\% interval", "$p$"]
    rows = [_latex_cells(_cells(test, each)) for each in test.groups]
    return latex.tabular("lrrrrr", [header, *rows])


def _latex_cells(cells: list[str]) -> list[str]:
    name, *numbers = cells
    return [latex.escaped(name), *(f"${text.replace('−', '-')}$" if text else "" for text in numbers)]
