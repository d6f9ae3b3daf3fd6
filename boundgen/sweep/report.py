"""A sweep as tables: text, CSV, LaTeX and JSON."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.rendering import latex, spreadsheet
from boundgen.rendering.table import table
from boundgen.sweep.rows import DERIVED, Row
from boundgen.work.unanswered import unanswered_json

if TYPE_CHECKING:
    from boundgen.sweep.run import Sweep

SCHEMA = "boundgen.sweep/1"
NONE = "(none)"


def tidy(row: Row) -> dict[str, Any]:
    """One derivation as a flat row; numbers at data are exact rationals as texts."""
    low, high = row.interval or ("", "")
    return {
        "model": row.model,
        "estimand": row.estimand,
        "assumptions": ", ".join(row.assumptions),
        "status": row.status,
        "lower_terms": len(row.lower),
        "upper_terms": len(row.upper),
        "identified": row.identified,
        "implications": len(row.conditions),
        "lower": low,
        "upper": high,
        "width": str(Fraction(high) - Fraction(low)) if row.interval else "",
        "violations": "" if row.violations is None else row.violations,
        "reason": row.reason,
    }


def sweep_json(found: Sweep) -> dict[str, Any]:
    """Every row with its terms, and what each assumption adds."""
    # What could not be kept is no part of the answer.
    rows = [{key: value for key, value in asdict(row).items() if key != "complaints"} for row in found.rows]
    matters = [{**asdict(matter), "verdict": matter.verdict} for matter in found.matters]
    return {"schema": SCHEMA, "rows": rows, "matters": matters, **unanswered_json(found.unanswered)}


def sweep_csv(found: Sweep) -> str:
    """The tidy table."""
    return spreadsheet.csv_text([spreadsheet.cells(tidy(row)) for row in found.rows])


def sweep_text(found: Sweep) -> str:
    """Aligned tables."""
    several = len({row.model for row in found.rows}) > 1
    parts = [table([_head(found, several), *(_cells(row, several) for row in found.rows)])]
    if found.matters:
        lines = [["assumption", "estimand", "with the others", "narrower by at most: lower", "upper", "width"]]
        lines += [[m.assumption, m.estimand, m.verdict, m.lower, m.upper, m.width] for m in found.matters]
        parts.append("What each assumption adds to the others\n" + table(lines))
    return "\n\n".join(parts) + "\n"


def sweep_latex(found: Sweep) -> str:
    """A tabular of the derivations."""
    several = len({row.model for row in found.rows}) > 1
    rows = [_head(found, several), *(_cells(row, several) for row in found.rows)]
    body = " \\\\\n".join(" & ".join(map(latex.escaped, row)) for row in rows)
    return f"\\begin{{tabular}}{{{'l' * len(rows[0])}}}\n{body}\n\\end{{tabular}}\n"


def _head(found: Sweep, several: bool) -> list[str]:
    at_data = any(row.violations is not None for row in found.rows)
    head = ["assumptions", "estimand", "terms", "identified", "implications"]
    return (["model"] if several else []) + head + (["at the data", "width", "violated"] if at_data else [])


def _cells(row: Row, several: bool) -> list[str]:
    start = ([row.model] if several else []) + [", ".join(row.assumptions) or NONE, row.estimand]
    if row.status != DERIVED:
        return [*start, f"{row.status}: {row.reason}"]
    cells = [f"{len(row.lower)} + {len(row.upper)}", "yes" if row.identified else "no", str(len(row.conditions))]
    if row.interval:
        low, high = map(Fraction, row.interval)
        cells += [f"[{float(low):.4f}, {float(high):.4f}]", f"{float(high - low):.4f}", str(row.violations)]
    elif row.violations is not None:
        cells += ["undefined", "", str(row.violations)]
    return start + cells
