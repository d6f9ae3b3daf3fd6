"""A sweep as tables: text, CSV, LaTeX and JSON."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.rendering import latex
from boundgen.rendering.table import table
from boundgen.rendering.text import in_ascii
from boundgen.sweep.cases import AT_DATA_ALONE, DERIVED, Case
from boundgen.work.unanswered import unanswered_json

if TYPE_CHECKING:
    from boundgen.sweep.assumption_effects import Matter
    from boundgen.sweep.run import Sweep

SCHEMA = "boundgen.sweep/1"
NONE = "(none)"
# A method that is said: the other is the closed form.
BY_PROGRAM = "linear program"


def case_row(case: Case) -> dict[str, Any]:
    """One derivation as a flat row; numbers at data are exact rationals as texts."""
    low, high = case.interval or (None, None)
    return {
        "model": case.model,
        "estimand": case.estimand,
        "assumptions": ", ".join(case.assumptions),
        "status": case.status,
        "lower_terms": len(case.lower),
        "upper_terms": len(case.upper),
        "identified": case.identified,
        "implications": len(case.conditions),
        "lower": low,
        "upper": high,
        "width": _width(case),
        "violations": case.violations,
        "reason": case.reason,
    }


def _width(case: Case) -> str | None:
    """Infinite where an end is; nothing where the estimand is undefined."""
    if case.interval is None:
        return None
    if any("inf" in end for end in case.interval):
        return "inf"
    return str(Fraction(case.interval[1]) - Fraction(case.interval[0]))


def sweep_json(sweep: Sweep) -> dict[str, Any]:
    """Every case with its terms, and what each assumption adds."""
    matters = [{**_matter_json(matter), "verdict": matter.verdict} for matter in sweep.matters]
    rows = [_case_json(case) for case in sweep.cases]
    return {"schema": SCHEMA, "rows": rows, "matters": matters, **unanswered_json(sweep.unanswered)}


def _matter_json(matter: Matter) -> dict[str, Any]:
    """What is proved has no number of distributions."""
    return {name: value for name, value in asdict(matter).items() if name != "laws" or value}


def _case_json(case: Case) -> dict[str, Any]:
    # What could not be kept is no part of the answer.
    left_out = ("complaints",) if case.method == BY_PROGRAM else ("complaints", "method")
    kept = {name: value for name, value in asdict(case).items() if name not in left_out}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def sweep_text(sweep: Sweep, unicode: bool = True) -> str:
    """Aligned tables."""
    parts = [table(_lines(sweep))]
    if sweep.matters:
        lines = [["assumption", "estimand", "with the others", "narrower by at most: lower", "upper", "width"]]
        lines += [[m.assumption, m.estimand, m.verdict, m.lower, m.upper, m.width] for m in sweep.matters]
        parts.append("What each assumption adds to the others\n" + table(lines))
    text = "\n\n".join(parts) + "\n"
    return text if unicode else in_ascii(text)


def sweep_latex(sweep: Sweep) -> str:
    """A tabular of the derivations."""
    rows = _lines(sweep)
    body = " \\\\\n".join(" & ".join(map(latex.escaped, row)) for row in rows)
    return f"\\begin{{tabular}}{{{'l' * len(rows[0])}}}\n{body}\n\\end{{tabular}}\n"


def _lines(sweep: Sweep) -> list[list[str]]:
    several = len({case.model for case in sweep.cases}) > 1
    return [_head(sweep, several), *(_cells(case, several) for case in sweep.cases)]


def _head(sweep: Sweep, several: bool) -> list[str]:
    at_data = any(case.method for case in sweep.cases)
    head = ["assumptions", "estimand", "terms", "identified", "implications"]
    return (["model"] if several else []) + head + (["at the data", "width", "violated"] if at_data else [])


def _cells(case: Case, several: bool) -> list[str]:
    start = ([case.model] if several else []) + [", ".join(case.assumptions) or NONE, case.estimand]
    if case.status not in (DERIVED, AT_DATA_ALONE) or (case.status == AT_DATA_ALONE and not case.method):
        return [*start, f"{case.status}: {case.reason}"]
    cells = [f"{len(case.lower)} + {len(case.upper)}", "yes" if case.identified else "no", str(len(case.conditions))]
    if case.status == AT_DATA_ALONE:
        cells = [case.status, "", ""]
    return [*start, *cells, *(_numbers(case) if case.method else [])]


def _numbers(case: Case) -> list[str]:
    """At data: the interval, its width, and how many testable implications fail, where that is known."""
    failing = "" if case.violations is None else str(case.violations)
    if case.interval is None:
        return ["undefined", "", failing]
    low, high = (float(end) if "inf" in end else float(Fraction(end)) for end in case.interval)
    return [f"[{low:.4f}, {high:.4f}]", f"{high - low:.4f}", failing]
