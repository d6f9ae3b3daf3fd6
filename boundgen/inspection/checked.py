"""What was found of a model without deriving its bounds, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from boundgen.exact.terms import Term
from boundgen.inspection.posed import PosedEstimand
from boundgen.inspection.remarks import remarks
from boundgen.language.model import Model
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.region import Region
from boundgen.program.reduced import ReducedProgram
from boundgen.rendering.rendered import Rendered
from boundgen.work.unanswered import Unanswered


@dataclass(frozen=True)
class CheckedEstimand:
    """The programs of an estimand, and whether it is identified.

    Parameters
    ----------
    name : str
    identified : bool
        Whether the lower bound is the upper one at every observable distribution.
    denominator : Term or None
        Of a conditional estimand, as a function of the data.
    lower, upper : ReducedProgram
    lower_dual, upper_dual : DualPolyhedron
    region : Region
        What the model allows of data and parameters: claims are held against it.
    """

    name: str
    identified: bool
    denominator: Term | None
    lower: ReducedProgram
    upper: ReducedProgram
    lower_dual: DualPolyhedron
    upper_dual: DualPolyhedron
    region: Region = field(compare=False, repr=False)


@dataclass(frozen=True)
class CheckedFactored:
    """An estimand over independent components, and what is identified of it.

    Parameters
    ----------
    name : str
    identified : bool or None
        None where there are no factors, and the bounds are a polynomial program at data.
    factors : tuple of (variables, columns, rows, identified)
        Of each component: how many joint response types the program tells apart, the rows that restrict them, and
        whether these fix all that the estimand asks of it.
    linear : bool
        Whether what would be a polynomial program is linear, as the data identify a factor of each product.
    corners : int
        Where the bounds are attained at corners, one for each level by which units are selected: how many.
    """

    name: str
    identified: bool | None
    factors: tuple[tuple[tuple[str, ...], int, int, bool], ...] = ()
    linear: bool = False
    corners: int = 0

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if self.identified is not None:
            return "independent components"
        return "linear program at data" if self.linear else "polynomial program"


@dataclass(frozen=True, repr=False)
class Checked(Rendered):
    """A model whose assumptions do not contradict one another: its sizes, and what is identified.

    Parameters
    ----------
    model : Model
    arms, cells : int
        How many are observed; none where the model observes nothing.
    estimands : tuple of CheckedEstimand, CheckedFactored, PosedEstimand or Unanswered
        In the order of the model; a `PosedEstimand` is not one linear program over strata.
    refused : tuple of Unanswered
        Claims that cannot be judged.
    functions : int
        How many assumptions have coefficients that depend on data or parameters: whether these contradict the others
        depends on the data, too.
    notes : tuple of str
        What assumptions say of groups that are empty wherever they hold.
    """

    model: Model
    arms: int = 0
    cells: int = 0
    estimands: tuple[CheckedEstimand | CheckedFactored | PosedEstimand | Unanswered, ...] = ()
    refused: tuple[Unanswered, ...] = ()
    functions: int = 0
    notes: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Variables that look like instruments, and are not said to be assigned at random."""
        return remarks(self.model)

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """Estimands without an answer, then claims."""
        return (*(each for each in self.estimands if isinstance(each, Unanswered)), *self.refused)

    def text(self, unicode: bool = True) -> str:
        """What `boundgen check` prints."""
        from boundgen.inspection.check_report import checked_text

        return checked_text(self, unicode)

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.check/1``."""
        from boundgen.inspection.check_report import checked_json

        return checked_json(self)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each side of each estimand, with sizes; what has no answer has a reason."""
        from boundgen.inspection.check_report import checked_rows

        return checked_rows(self)

    def __repr__(self) -> str:
        return f"<Checked {self.model.name}: {', '.join(each.name for each in self.estimands) or 'no estimands'}>"
