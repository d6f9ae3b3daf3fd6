"""One stage of a derivation, as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from boundgen.bounds.derived import EstimandDerivation
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.symbols import Notation, notation
from boundgen.inspection.posed import PosedEstimand
from boundgen.language.model import Model
from boundgen.polyhedra.region import Region, data_region
from boundgen.rendering.rendered import Rendered
from boundgen.work.unanswered import Unanswered

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Shown(Rendered):
    """One stage of the derivation of each estimand.

    Parameters
    ----------
    model : Model
    stage : {"model", "strata", "program", "reduced", "dual", "vertices"}
    asked : BoundingProblem or None
        The program of each estimand; None at the stage of the model.
    derived : tuple of EstimandDerivation
        With the rays of both sides; at the stage of vertices alone.
    posed : tuple of PosedEstimand
        Estimands that are not one linear program over strata.
    piecewise : tuple of PiecewiseBounds
        Their bounds; at the stage of vertices alone.
    unanswered : tuple of Unanswered
    """

    model: Model
    stage: str
    asked: BoundingProblem | None = None
    derived: tuple[EstimandDerivation, ...] = ()
    posed: tuple[PosedEstimand, ...] = ()
    piecewise: tuple[PiecewiseBounds, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def problem(self) -> BoundingProblem:
        """The program of each estimand, at every stage but that of the model."""
        assert self.asked is not None, "the stage of the model has no programs"
        return self.asked

    @cached_property
    def notation(self) -> Notation:
        """How cells are printed."""
        return notation(self.problem.model, self.problem.arms)

    @cached_property
    def everything(self) -> Region:
        """All distributions of the data."""
        return data_region(self.problem.arms, self.problem.model.parameters)

    @cached_property
    def simplifier(self) -> Simplifier:
        """Puts terms in the form in which they are printed."""
        return self.problem.reader

    def piecewise_of(self, name: str) -> PiecewiseBounds:
        """The bounds of an estimand that is not one linear program."""
        return next(bounds for bounds in self.piecewise if bounds.name == name)

    def in_order(self, linear: Iterable[tuple[str, T]], others: Iterable[tuple[str, T]]) -> list[T]:
        """What is shown of each estimand, as they were asked for."""
        found = dict((*linear, *others))
        return [found[name] for name in self.problem.names if name in found]

    def text(self, unicode: bool = True) -> str:
        """What `boundgen show` prints."""
        from boundgen.inspection.views import shown_text

        return shown_text(self, unicode)

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.stage/1``."""
        from boundgen.inspection.to_json import shown_json

        return shown_json(self)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each statement, stratum, row of a program, inequality, or vertex and ray."""
        from boundgen.inspection.rows import shown_rows

        return shown_rows(self)

    def __repr__(self) -> str:
        return f"<Shown {self.model.name}: {self.stage}>"
