"""Companion results side by side: each with what it assumes, and why other methods do not apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boundgen.companions.latex import table_latex
from boundgen.companions.report import as_ascii, estimate_rows, result_rows
from boundgen.companions.result import CompanionResult
from boundgen.companions.to_json import result_json
from boundgen.rendering.layout import filled, indented
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.table import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCHEMA = "boundgen.mediate-all/1"


@dataclass(frozen=True, repr=False)
class MethodComparison(Rendered):
    """All methods that some data allow.

    Parameters
    ----------
    results : tuple of CompanionResult
        One at least.
    refused : tuple of (str, str)
        Other methods, and why they do not apply.
    unused : tuple of (str, str)
        Methods that do not use all that was named, and what they do not use.
    """

    results: tuple[CompanionResult, ...]
    refused: tuple[tuple[str, str], ...] = ()
    unused: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(found.method for found in self.results)}>"

    def result(self, method: str) -> CompanionResult | None:
        """The result of a method, or None where it does not apply."""
        return next((found for found in self.results if found.method == method), None)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of all results, one below the other."""
        return [row for found in self.results for row in result_rows(found)]

    def text(self, unicode: bool = True) -> str:
        """Each method: estimates beside bounds, what it assumes, its warnings; then those that do not apply."""
        idle = dict(self.unused)
        parts = [_section(found, idle.get(found.method, "")) for found in self.results]
        parts += [filled(f"{method} does not apply: {reason}") for method, reason in self.refused]
        text = "\n\n".join(parts) + "\n"
        return text if unicode else as_ascii(text)

    def latex(self) -> str:
        """One LaTeX table (booktabs) of all results."""
        return table_latex(self.results)

    def json(self) -> dict[str, Any]:
        """All results, each in the schema ``boundgen.mediate/1``, and why other methods do not apply."""
        return {
            "schema": SCHEMA,
            "results": [result_json(found) for found in self.results],
            "refused": [{"method": method, "reason": reason} for method, reason in self.refused],
            "unused": [{"method": method, "parts": parts} for method, parts in self.unused],
        }

    def plot(self, *, title: str = "") -> Figure:
        """All estimates with their intervals, beside the sharp bounds.

        Raises
        ------
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.companions import estimates_chart

        return estimates_chart(self.results, title)


def _section(result: CompanionResult, unused: str) -> str:
    assumed = "; ".join(f"{each.number} {each.name}".strip() for each in result.assumptions)
    parts = [
        f"{result.method}: {result.title}\n  {result.source}",
        indented(table(estimate_rows(result))),
        indented(filled(f"Assumes: {assumed}.")),
        *([indented(filled(f"Does not use {unused}."))] if unused else []),
        *(indented(filled(f"Warning: {warning}")) for warning in result.warnings),
        *([indented(filled(result.no_bounds))] if result.no_bounds else []),
    ]
    return "\n\n".join(parts)
