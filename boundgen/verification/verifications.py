"""The verdicts on several models as one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boundgen.rendering.rendered import Rendered
from boundgen.verification.judgement import Verification
from boundgen.work.unanswered import Unanswered


@dataclass(frozen=True, repr=False)
class Verifications(Rendered):
    """What was judged of each model, in the order of the models.

    Parameters
    ----------
    of_models : tuple of Verification
    """

    of_models: tuple[Verification, ...]

    @property
    def as_expected(self) -> bool:
        """Whether every verdict is the recorded one."""
        return all(claim.as_expected for each in self.of_models for claim in each.claims)

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """What was left without a verdict."""
        return tuple(one for each in self.of_models for one in each.unanswered)

    def text(self, unicode: bool = True) -> str:
        """The texts of all, one below the other."""
        return "\n".join(each.text(unicode) for each in self.of_models)

    def json(self) -> list[Any]:
        """A document for each model."""
        return [each.json() for each in self.of_models]

    def rows(self) -> list[dict[str, Any]]:
        """The rows of all: each names its model."""
        return [row for each in self.of_models for row in each.rows()]

    def __repr__(self) -> str:
        return f"<Verifications of {len(self.of_models)} models>"
