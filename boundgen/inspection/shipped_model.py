"""One model of the catalogue as a result: its text and its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boundgen.bounds.derived import Derivation
from boundgen.rendering.rendered import Rendered


@dataclass(frozen=True, repr=False)
class ShippedModel(Rendered):
    """A shipped model and what is derived from it.

    Parameters
    ----------
    file : str
        The text of the model.
    derivation : Derivation
    """

    file: str
    derivation: Derivation

    def text(self, unicode: bool = True) -> str:
        """The file, then the bounds."""
        return f"{self.file}\n{self.derivation.text(unicode)}"

    def latex(self) -> str:
        """The bounds, which are what a paper wants."""
        return self.derivation.latex()

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.model/1``: the text, and the derivation in its own schema."""
        name, derivation = self.derivation.model.name, self.derivation.json()
        return {"schema": "boundgen.model/1", "model": name, "text": self.file, "derivation": derivation}

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the derivation."""
        return self.derivation.rows()

    def __repr__(self) -> str:
        return f"<ShippedModel {self.derivation.model.name}>"
