"""The values of a derivation, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.problem import BoundingProblem, EstimandProgram
from boundgen.bounds.symbols import Notation
from boundgen.data.given import with_keywords
from boundgen.errors import NoClosedFormError, PiecewiseError
from boundgen.exact.rational import Written
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram
from boundgen.rendering.named import named_part
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Arm, Cell, distinct_cells
from boundgen.work.unanswered import Unanswered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundgen.bounds.independences import Independence
    from boundgen.bounds.independent_problem import IndependentProblem
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.bounds.product_conditions import AnyCondition, ProductCondition


# Not for want of time or memory: these are no linear functions of the data.
NO_IMPLICATIONS = (
    "Testable implications were not derived: assumptions or selections have coefficients that depend on the data."
)


@dataclass(frozen=True)
class SideDerivation:
    """Every stage of one side of a bound; the upper side is minus the lower side of minus the estimand.

    Parameters
    ----------
    reduced : ReducedProgram
    dual : DualPolyhedron
    generators : Generators
        Of an identified estimand the one vertex; the rays only once they were asked for, see `with_rays`.
    terms, active : tuple of Term
    missing : str
        What was not looked at because time or memory were used up.
    enumerated : bool
        Whether the dual polyhedron was enumerated; False where the row space of the program gives the bound.
    """

    reduced: ReducedProgram
    dual: DualPolyhedron
    generators: Generators
    terms: tuple[Term, ...]
    active: tuple[Term, ...]
    missing: str = ""
    enumerated: bool = True


@dataclass(frozen=True)
class EstimandDerivation:
    """Every stage of one estimand.

    Parameters
    ----------
    asked : EstimandProgram
    lower, upper : SideDerivation
    identified : bool
        Whether the lower bound is the upper one at every observable distribution.
    """

    asked: EstimandProgram
    lower: SideDerivation
    upper: SideDerivation
    identified: bool

    @property
    def estimand(self) -> Estimand:
        return self.asked.estimand

    @property
    def program(self) -> LinearProgram:
        return self.asked.program

    @property
    def denominator(self) -> Term | None:
        return self.asked.denominator


@dataclass(frozen=True, repr=False)
class Derivation(Rendered):
    """A model with its bounds and every stage on the way.

    Parameters
    ----------
    problem : BoundingProblem
        The model, its observed arms, and what was asked.
    stages : tuple of EstimandDerivation
    bounds : tuple of Bounds
        One for each stage.
    piecewise : tuple of PiecewiseBounds
        Of the estimands that are not one linear program and have a closed form.
    conditions : tuple of Term, or None
        Testable implications, each to be non-negative; None where they were left out, and where some are no linear
        functions of the data.
    shown_conditions : tuple of Term, or None
        The same for the reader, with defined names.
    notation : Notation
    conditions_missing : str
        Why testable implications were not derived, where time or memory ended the work.
    unanswered : tuple of Unanswered
        Estimands that were asked for and have no bounds, each with the reason; the others have theirs.
    product_conditions : tuple of ProductCondition, or None
        All testable implications, where some are no linear functions of the data.
    independent : IndependentProblem or None
        Where variables share no causes: the model and its data; `problem` and bounds are in cells of factors.
    """

    problem: BoundingProblem
    stages: tuple[EstimandDerivation, ...]
    bounds: tuple[Bounds, ...]
    conditions: tuple[Term, ...] | None
    shown_conditions: tuple[Term, ...] | None
    notation: Notation
    conditions_missing: str = ""
    unanswered: tuple[Unanswered, ...] = ()
    piecewise: tuple[PiecewiseBounds, ...] = ()
    product_conditions: tuple[ProductCondition, ...] | None = None
    independent: IndependentProblem | None = None

    @property
    def known_conditions(self) -> tuple[AnyCondition, ...] | None:
        """All testable implications, of either kind; None where they are not known."""
        return self.conditions if self.product_conditions is None else self.product_conditions

    @property
    def closed_forms(self) -> tuple[Bounds | PiecewiseBounds, ...]:
        """All bounds, of either kind, in the order in which they were asked for."""
        place = {name: i for i, name in enumerate(self.problem.names)}
        return tuple(sorted((*self.bounds, *self.piecewise), key=lambda bounds: place[bounds.name]))

    def __getitem__(self, name: str | int) -> Bounds | PiecewiseBounds:
        """The bounds on one estimand."""
        found: Bounds | PiecewiseBounds = named_part(self, ((each.name, each) for each in self.closed_forms), name)
        return found

    def with_shared_causes(self, what: str) -> Derivation:
        """The same, for those who do not know cells of factors.

        Parameters
        ----------
        what : str
            Who does not, in the plural.

        Returns
        -------
        Derivation

        Raises
        ------
        NoClosedFormError
            Where variables share no causes.
        """
        if self.independent is not None:
            error = NoClosedFormError(
                f"{what} are not made where variables share no causes",
                self.model.where,
                "boundgen derive prints the bounds, and boundgen evaluate gives them at data.",
            )
            raise error.beside(self.text())
        return self

    def linear(self, what: str) -> Derivation:
        """Without what has pieces, for those who speak of linear terms alone.

        Parameters
        ----------
        what : str
            What is said of the others, each of which is without an answer then.
        """
        if not self.piecewise:
            return self
        left = []
        for bounds in self.piecewise:
            error = PiecewiseError(f"{what}, and the bounds of {bounds.name} are not one maximum of linear terms")
            left.append(Unanswered(bounds.name, error.message, error))
        if not self.bounds:
            raise left[0].error
        return replace(self, piecewise=(), unanswered=(*self.unanswered, *left))

    @property
    def model(self) -> Model:
        return self.independent.model if self.independent else self.problem.model

    @property
    def independences(self) -> tuple[Independence, ...]:
        """The conditional independences of the observed law, where variables share no causes."""
        from boundgen.bounds.independences import independences

        factored = self.independent.factored if self.independent else None
        return independences(factored.model) if factored else ()

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The observed arms."""
        return self.problem.arms

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not finished when time or memory were used up; empty where everything is proved."""
        sides = [text for bounds in self.closed_forms for text in bounds.missing]
        late = [] if self.conditions_missing in ("", NO_IMPLICATIONS) else [self.conditions_missing]
        return (*dict.fromkeys(sides), *late)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return distinct_cells(self.arms)

    @property
    def order(self) -> tuple[str, ...]:
        """Names in the order of printing."""
        return self.notation.order

    def __repr__(self) -> str:
        return f"<Derivation of {self.model.name}: {', '.join(bounds.name for bounds in self.closed_forms)}>"

    def text(self, unicode: bool = True, orbits: bool = False) -> str:
        """All bounds and testable implications as text, with what the symbols are.

        Parameters
        ----------
        unicode : bool
        orbits : bool
            Print terms that differ by relabelling once, and an upper bound as the mirror of the lower one.

        Returns
        -------
        str
        """
        from boundgen.bounds.text import derivation_text

        return derivation_text(self, unicode, orbits)

    def latex(self, orbits: bool = False) -> str:
        """All bounds and testable implications as LaTeX displays; `orbits` as for `text`."""
        from boundgen.bounds.latex import derivation_latex

        return derivation_latex(self, orbits)

    def json(self, orbits: bool = False) -> dict[str, Any]:
        """The derivation in the schema ``boundgen.derivation/1``; `orbits` adds them to its keys."""
        from boundgen.bounds.to_json import derivation_json

        return derivation_json(self, orbits)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each term of each side and for each testable implication, as text in ASCII."""
        from boundgen.bounds.rows import derivation_rows

        return derivation_rows(self)

    def _repr_latex_(self) -> str | None:
        from boundgen.bounds.latex import one_display

        return one_display(self.latex())

    def plot(
        self,
        cells: Mapping[str, Written],
        parameters: Mapping[str, Written] | None = None,
        *,
        total: Written | None = None,
        title: str = "",
        **options: Any,
    ) -> Figure:
        """The bounds on all estimands at an observed distribution as bars, one below the other.

        Parameters
        ----------
        cells, parameters
            As for `Bounds.evaluate`.
        total : number, optional
            The total effect, a dotted line.
        title : str
        **options
            As for `Bounds.evaluate`.

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        DataError
            As in `Bounds.evaluate`.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.intervals import bounds_chart

        cells, parameters = with_keywords(self.model, self.model.parameters, cells, parameters, options)
        return bounds_chart(self.closed_forms, cells, parameters, total, title)
