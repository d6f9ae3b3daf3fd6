"""What the catalogue holds, as results: its models, its data, and the counts of one study."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any, Literal

from boundgen import catalogue
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.table import table


@dataclass(frozen=True, repr=False)
class Listing(Rendered):
    """The names of the shipped models, or of the shipped data, with their titles.

    Parameters
    ----------
    kind : {"models", "data"}
    titles : tuple of (name, title)
    """

    kind: Literal["models", "data"]
    titles: tuple[tuple[str, str], ...]

    def text(self, unicode: bool = True) -> str:  # noqa: ARG002
        """The titles beside the names; names and titles are ASCII."""
        return table(self.titles)

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.catalogue/1``."""
        return {"schema": "boundgen.catalogue/1", self.kind: self.rows()}

    def rows(self) -> list[dict[str, Any]]:
        """A row for each, with its name and title."""
        return [{"name": name, "title": title} for name, title in self.titles]

    def __repr__(self) -> str:
        return f"<Listing of {len(self.titles)} {self.kind}>"


@dataclass(frozen=True, repr=False)
class ShippedData(Rendered):
    """The cell counts of a published study.

    Parameters
    ----------
    name : str
    file : str
        CSV below a comment that says what they are and where they come from.
    """

    name: str
    file: str

    def text(self, unicode: bool = True) -> str:  # noqa: ARG002
        """The file as it stands."""
        return self.file

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.shipped_data/1``; the comment as its lines."""
        comment = [line.lstrip("# ") for line in self.file.splitlines() if line.startswith("#")]
        return {"schema": "boundgen.shipped_data/1", "name": self.name, "comment": comment, "rows": self.rows()}

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the file; whole numbers are numbers, and what is missing is None."""
        lines = [line for line in self.file.splitlines() if not line.startswith("#")]
        return [{name: _value(text) for name, text in row.items()} for row in csv.DictReader(lines)]

    def __repr__(self) -> str:
        return f"<ShippedData {self.name}>"


def _value(text: str) -> int | str | None:
    return int(text) if text.removeprefix("-").isdecimal() else text or None


def model_listing() -> Listing:
    """The shipped models.

    Returns
    -------
    Listing

    Examples
    --------
    >>> model_listing().titles[0]
    ('balke_pearl_ate', 'Binary instrument, average effect')
    """
    return Listing("models", tuple((name, catalogue.title(name)) for name in catalogue.names()))


def data_listing() -> Listing:
    """The shipped data."""
    return Listing("data", tuple((name, catalogue.data_title(name)) for name in catalogue.data_names()))


def shipped_data(name: str) -> ShippedData:
    """Shipped data by their name; an unknown one is refused by `boundgen.catalogue.data`."""
    return ShippedData(name, catalogue.data(name))
