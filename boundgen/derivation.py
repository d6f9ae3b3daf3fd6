"""The whole way from a model to its bounds. Read this first.

    Model -> blocks of cells -> LinearProgram -> ReducedProgram -> DualPolyhedron
          -> vertices, rays -> active terms, conditions -> Bounds

Every arrow is one function from one frozen value to the next; a `Derivation` keeps them all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from functools import partial as partial_of
from typing import TYPE_CHECKING, Any

from boundgen.bounds.activity import active_terms
from boundgen.bounds.closed_form import Bounds, Side
from boundgen.bounds.conditions import conditions as testable_implications
from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.consistency import is_empty, refuse_contradiction
from boundgen.bounds.identification import (
    event_program,
    identified_cost,
    is_identified,
    row_space_vertex,
    settled_point,
)
from boundgen.bounds.reading import Reader, reader
from boundgen.bounds.symbols import Notation, notation
from boundgen.errors import BudgetError, LimitError, ModelError, NotIdentifiedError
from boundgen.exact.rational import Written
from boundgen.exact.terms import Term, combination
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.polyhedra.cache import cached
from boundgen.polyhedra.dual import DualPolyhedron, dual_of
from boundgen.polyhedra.engine import Enumerate, Generators
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.mirror import is_relabelled
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import Region, data_region, model_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.rendering.rendered import Rendered
from boundgen.strata.cells import Block, Cell, distinct_cells, observed_blocks
from boundgen.strata.enumeration import enumerate_strata
from boundgen.strata.forms import linear_form
from boundgen.strata.stages import form_stage
from boundgen.work import clock
from boundgen.work.limits import Limits, Means, Report, Work, silent, unheard
from boundgen.work.unanswered import Unanswered, answered, attempt

if TYPE_CHECKING:
    from matplotlib.figure import Figure


RAISE = "Raise it with --time-limit SECONDS or --memory-limit MIB."
# What testable implications may take where the bounds took no enumeration and no limit is set.
SECONDS_FOR_CONDITIONS = 20.0


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
    """Every stage of one estimand."""

    estimand: Estimand
    program: LinearProgram
    denominator: Term | None
    lower: SideDerivation
    upper: SideDerivation
    identified: bool


@dataclass(frozen=True, repr=False)
class Derivation(Rendered):
    """A model with its bounds and every stage on the way.

    Parameters
    ----------
    model : Model
    blocks : tuple of Block
        The observed arms.
    stages : tuple of EstimandDerivation
    bounds : tuple of Bounds
        One for each estimand that has an answer.
    conditions : tuple of Term, or None
        Testable implications, each to be non-negative; None where they were left out.
    shown_conditions : tuple of Term, or None
        The same for the reader, with defined names.
    notation : Notation
    conditions_missing : str
        Why testable implications were not derived, where time or memory ended the work.
    unanswered : tuple of Unanswered
        Estimands that were asked for and have no bounds, each with the reason; the others have theirs.
    """

    model: Model
    blocks: tuple[Block, ...]
    stages: tuple[EstimandDerivation, ...]
    bounds: tuple[Bounds, ...]
    conditions: tuple[Term, ...] | None
    shown_conditions: tuple[Term, ...] | None
    notation: Notation
    conditions_missing: str = ""
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not finished when time or memory were used up; empty where everything is proved."""
        sides = [text for bounds in self.bounds for text in bounds.missing]
        return (*dict.fromkeys(sides), *([self.conditions_missing] if self.conditions_missing else []))

    @property
    def cells(self) -> tuple[Cell, ...]:
        return distinct_cells(self.blocks)

    @property
    def order(self) -> tuple[str, ...]:
        """Names in the order of printing."""
        return self.notation.order

    def __repr__(self) -> str:
        return f"<Derivation of {self.model.name}: {', '.join(bounds.name for bounds in self.bounds)}>"

    def text(self, unicode: bool = True, orbits: bool = False) -> str:
        """All bounds and testable implications as text, with what the symbols are.

        Parameters
        ----------
        unicode : bool
        orbits : bool
            Print terms that differ by relabelling once, and an upper bound as the mirror of the lower one.
        """
        from boundgen.bounds.text import derivation_text

        return derivation_text(self, unicode, orbits)

    def latex(self, orbits: bool = False) -> str:
        """All bounds and testable implications as LaTeX displays; `orbits` as for `text`."""
        from boundgen.bounds.latex import derivation_latex

        return derivation_latex(self, orbits)

    def json(self, orbits: bool = False) -> dict[str, Any]:
        """The derivation in the schema ``boundgen.derivation/1``; `orbits` adds them to its keys."""
        from boundgen.bounds.json_form import derivation_json

        return derivation_json(self, orbits)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each term of each side and for each testable implication, as text in ASCII."""
        from boundgen.bounds.rows import derivation_rows

        return derivation_rows(self)

    def _repr_latex_(self) -> str:
        from boundgen.bounds.latex import derivation_display

        return derivation_display(self)

    def plot(
        self,
        cells: Mapping[str, Written],
        parameters: Mapping[str, Written] | None = None,
        *,
        total: Written | None = None,
        title: str = "",
    ) -> Figure:
        """The bounds on all estimands at an observed distribution as bars, one below the other.

        Parameters
        ----------
        cells, parameters
            As for `Bounds.evaluate`.
        total : number, optional
            The total effect, a dotted line.
        title : str

        Raises
        ------
        DataError
            As in `Bounds.evaluate`.
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.intervals import bounds_chart

        return bounds_chart(self.bounds, cells, parameters, total, title)


def derive(
    model: Model,
    estimands: Sequence[str] = (),
    *,
    engine: str = "auto",
    conditions: bool = True,
    limits: Limits = Limits(),
    report: Report = silent,
    remark: Callable[[str], None] = unheard,
    means: Means = Means(),
    partial: bool = False,
) -> Derivation:
    """Derive the sharp bounds of a model's estimands.

    An estimand that has no answer does not take the others down: `Derivation.unanswered` names it with the reason.

    Parameters
    ----------
    model : Model
    estimands : sequence of str
        Names of estimands; all of them where none is named.
    engine : {"auto", "cdd", "ppl", "orbits"}
    conditions : bool
        Whether to derive the testable implications; there can be thousands.
    limits : Limits
    report : function of (what, done, total)
        Called while long work goes on.
    remark : function of str
        Is told how the enumeration is done.
    means : Means
        Executor and checkpoints for long enumerations.
    partial : bool
        Whether bounds that are valid, but not proved sharp within the limits of time and memory, are an answer;
        `Derivation.missing` then says what is missing. Otherwise they are a `LimitError`.

    Returns
    -------
    Derivation

    Raises
    ------
    ModelError
        Nothing observed, no estimand, contradicting assumptions; denominators that are not identified and the like,
        where no estimand has an answer.
    LimitError
        The model is larger than the limits.
    EngineError
        The engine is not installed.

    Examples
    --------
    >>> from boundgen import catalogue, derive
    >>> print(derive(catalogue.load("mediation_mmr"), ["delta1"]).text(unicode=False))
    mediation_mmr: Randomized treatment, monotonic mediator response
    <BLANKLINE>
      p_ym.a = P(Y=y, M=m | A=a)
      ATM = P(M=1 | A=1) - P(M=1 | A=0)
    <BLANKLINE>
      max{-ATM, -p01.1} <= delta1 <= min{ATM, p11.1}
    <BLANKLINE>
    Testable implications:
    <BLANKLINE>
      ATM >= 0
    <BLANKLINE>
    """
    try:
        work = Work(limits, report, remark=remark, means=means)
        enumerate_dual = engine_named(engine)
        if means.cache is not None:
            enumerate_dual = cached(enumerate_dual, means.cache)
        return derivation_within(model, estimands, enumerate_dual, conditions, work, partial)
    except RecursionError:
        raise LimitError(
            "the model nests potential outcomes more deeply than can be evaluated",
            model.where,
            "Shorten chains of variables that affect one another: only those that matter need a name.",
        ) from None


def derivation_within(
    model: Model,
    estimands: Sequence[str],
    enumerate_dual: Enumerate,
    conditions: bool,
    work: Work,
    partial: bool = False,
) -> Derivation:
    """The stages one after the other, as part of work that may have begun before."""
    chosen = chosen_estimands(model, estimands)
    blocks = observed_blocks(model, work.limits)
    definitions = identified_definitions(model, blocks, work)
    # Before any enumeration: what has no answer, such as a denominator that is not identified, is said at once.
    ready, refused = answered(_prepared(model, blocks, estimand, work) for estimand in chosen)
    stages, late, work = _stages(model, ready, enumerate_dual, work)
    if not stages:
        raise (*late, *refused)[0].error
    everything = data_region(blocks, model.parameters)
    equalities = _binding_equalities(_first_complete(stages).reduced, everything)
    plain = reader(model, blocks, definitions, ())
    found, missing = None, ""
    if conditions:
        side, own = _side_with_rays(stages), _own_budget(stages, work) if partial else work
        if not side.enumerated:
            side, missing = _rays_within(side, enumerate_dual, own)
        if not missing:
            found, missing = _conditions_within(side, equalities, everything, plain, own)
    with clock.held():
        symbols = notation(model, blocks)
        # Two opposite conditions are an equality too.
        opposite = [term for term in found or () if -term in (found or ())]
        reading = reader(model, blocks, definitions, equalities).knowing(opposite)
        bounds = tuple(_bounds(model, blocks, stage, reading, symbols, found) for stage in stages)
        shown = None if found is None else _shown_conditions(found, plain)
    derived = Derivation(model, blocks, stages, bounds, found, shown, symbols, missing, (*refused, *late))
    return derived if partial else _proved(derived)


def _proved(derived: Derivation) -> Derivation:
    """The derivation without estimands whose bounds are not proved sharp."""
    kept = [k for k, bounds in enumerate(derived.bounds) if not bounds.missing]
    if derived.conditions_missing or not kept:
        raise _not_proved(derived.missing[0])
    without = [
        Unanswered(bounds.name, bounds.missing[0], _not_proved(bounds.missing[0]))
        for bounds in derived.bounds
        if bounds.missing
    ]
    return replace(
        derived,
        stages=tuple(derived.stages[k] for k in kept),
        bounds=tuple(derived.bounds[k] for k in kept),
        unanswered=(*derived.unanswered, *without),
    )


def _not_proved(missing: str) -> LimitError:
    return LimitError(missing, remedy=RAISE)


def _stages(
    model: Model, ready: Sequence[Prepared], enumerate_dual: Enumerate, work: Work
) -> tuple[tuple[EstimandDerivation, ...], tuple[Unanswered, ...], Work]:
    """The stages of the estimands that are reached in time, the others, and the work with what was enumerated."""
    stages: list[EstimandDerivation] = []
    late: list[Unanswered] = []
    for k, one in enumerate(ready):
        share = replace(work, shares=2 * (len(ready) - k))
        stage = attempt(one.estimand.name, partial_of(_stage_in_time, model, one, enumerate_dual, share, k, len(ready)))
        if isinstance(stage, Unanswered):
            late.append(stage)
            continue
        stages.append(stage)
        for side in (stage.lower, stage.upper):
            work = _knowing(work, side)
    return tuple(stages), tuple(late), work


def _stage_in_time(
    model: Model, one: Prepared, enumerate_dual: Enumerate, work: Work, done: int, total: int
) -> EstimandDerivation:
    work.step("deriving estimands", done, total)
    sides = _both_sides(model, one.program, enumerate_dual, work)
    return _stage(model, one.estimand, one.program, one.denominator, sides, work)


def chosen_estimands(model: Model, names: Sequence[str]) -> tuple[Estimand, ...]:
    """The estimands of those names; all of them where none is named."""
    if not model.estimands:
        raise ModelError(
            f"model {model.name} has no estimand", model.where, "Add a statement such as: estimand ate = E[Y(1) - Y(0)]"
        )
    return tuple(model.estimand_named(name) for name in dict.fromkeys(names)) if names else model.estimands


# ---------------------------------------------------------------- model to program
@dataclass(frozen=True)
class Prepared:
    """An estimand before the enumeration."""

    estimand: Estimand
    program: LinearProgram
    denominator: Term | None


def _prepared(model: Model, blocks: Sequence[Block], estimand: Estimand, work: Work) -> Prepared | Unanswered:
    """The program and the denominator, or why there are none."""

    def prepare() -> Prepared:
        program = estimand_program(model, blocks, estimand, work)
        return Prepared(estimand, program, denominator(model, estimand, program, work))

    return attempt(estimand.name, prepare)


def estimand_program(model: Model, blocks: Sequence[Block], estimand: Estimand, work: Work) -> LinearProgram:
    """The program of an estimand, after the checks that need the strata."""
    if estimand.refusal is not None:
        raise estimand.refusal
    program = linear_program(model, blocks, linear_form(model, estimand.expression, {}), work)
    if is_empty(program, model):
        refuse_contradiction(model, work)
    if not _can_happen(model, program):
        raise _impossible_condition(estimand)
    if len({column.cost for column in program.columns}) == 1:
        _refuse_constant(model, estimand, work)
    return program


def _can_happen(model: Model, program: LinearProgram) -> bool:
    """Whether the condition of the estimand has a positive probability somewhere in the model."""
    if not any(column.event for column in program.columns):
        return False
    if not program.restricted or all(column.event for column in program.columns):
        return True
    most = reduce(event_program(program).negated()).complete
    region = model_region(most, model.parameters)
    found = maximum(
        region.size, {j: -c.cost for j, c in enumerate(most.columns)}, region.constraints, region.nonnegative
    )
    return found is not None and found.value > 0


def _impossible_condition(estimand: Estimand) -> ModelError:
    return ModelError(
        f"the condition of estimand '{estimand.name}' has probability zero",
        estimand.where,
        "Condition on an event that can happen.",
    )


def _refuse_constant(model: Model, estimand: Estimand, work: Work) -> None:
    """An estimand that has one value for every unit whatever is assumed is a slip."""
    form = linear_form(model, estimand.expression, {})
    values = [values[0] for values in enumerate_strata(model.by_name, [], [form_stage(form)], work)]
    if len(values) == 1 and not form.parameters:
        raise ModelError(
            f"estimand '{estimand.name}' is constant: every unit contributes the same, whatever the data are",
            estimand.where,
            "Ask for something that differs between units.",
        )


def identified_definitions(model: Model, blocks: Sequence[Block], work: Work) -> tuple[tuple[str, Term], ...]:
    """Each definition as a function of the observed cells."""
    found = []
    for definition in model.definitions:
        program = linear_program(model, blocks, linear_form(model, definition.expression, {}), work)
        if is_empty(program, model):
            refuse_contradiction(model, work)
        term = identified_quantity(model, program, work)
        if term is None:
            raise NotIdentifiedError(
                f"definition '{definition.name}' is not identified by the observed data",
                definition.where,
                "A definition names a quantity that the data identify; bound others as estimands.",
            )
        found.append((definition.name, term))
    return tuple(found)


def denominator(model: Model, estimand: Estimand, program: LinearProgram, work: Work) -> Term | None:
    """The probability of a conditional estimand's condition as a function of the data; None without a condition."""
    if not linear_form(model, estimand.expression, {}).conditional:
        return None
    found = identified_quantity(model, event_program(program), work)
    if found is None:
        raise NotIdentifiedError(
            f"the denominator of estimand '{estimand.name}' is not identified: "
            "data and assumptions do not determine the probability of its condition",
            estimand.where,
            "Add an assumption that identifies it (for a complier effect: monotonicity), or bound the numerator.",
        )
    if found == Term():
        raise _impossible_condition(estimand)
    return found


def identified_quantity(model: Model, program: LinearProgram, work: Work) -> Term | None:
    """The mean of the cost over strata as a function of the data, or None where it is not identified.

    It is identified where it is a combination of rows; otherwise inequality rows may still leave it one value,
    and then any term of its bound is that value.
    """
    found = identified_cost(program)
    if found is None and is_identified(program, model.parameters, partial(work.step, "finding what is identified", 0)):
        reduced = reduce(program)
        side = _side(model, reduced, dual_of(reduced), engine_named("auto"), work)
        return _settled(model, side).active[0]
    return found


# ---------------------------------------------------------------- program to terms
def _both_sides(
    model: Model, program: LinearProgram, enumerate_dual: Enumerate, work: Work
) -> tuple[SideDerivation, SideDerivation]:
    reduced = reduce(program), reduce(program.negated())
    low, high = ((each, dual_of(each)) for each in reduced)
    # An upper bound that is the lower one relabelled needs no time of its own.
    needed = (
        work.shares - 1 if work.limits.seconds is not None and is_relabelled(low[1], high[1], work) else work.shares
    )
    lower = _side(model, *low, enumerate_dual, replace(work, shares=needed))
    later = replace(_knowing(work, lower), shares=work.shares - 1)
    return lower, _side(model, *high, enumerate_dual, later)


def _stage(
    model: Model,
    estimand: Estimand,
    program: LinearProgram,
    over: Term | None,
    sides: tuple[SideDerivation, SideDerivation],
    work: Work,
) -> EstimandDerivation:
    """The stages of an estimand; one that is found identified misses nothing, whatever ended its enumeration."""
    lower, upper = sides
    try:
        identified = is_identified(program, model.parameters, partial(work.step, "finding what is identified", 0))
        if identified:
            lower, upper = _settled(model, lower), _settled(model, upper)
    except BudgetError:
        # It then is not known to be, and of bounds that are not complete nothing more is said.
        identified = False
    return EstimandDerivation(estimand, program, over, lower, upper, identified)


def _settled(model: Model, side: SideDerivation) -> SideDerivation:
    """The side of an identified estimand, by one linear program where the enumeration did not finish."""
    if not side.missing:
        return side
    point = settled_point(side.reduced, model.parameters)
    term = right_side(side.reduced.program, point) + side.reduced.program.offset
    return replace(
        side, generators=Generators((point,), ()), terms=(term,), active=(term,), missing="", enumerated=False
    )


def _knowing(work: Work, side: SideDerivation) -> Work:
    """The same work, with what an enumeration found."""
    known = side.enumerated and side.generators.vertices
    return work.knowing(side.dual, side.generators) if known else work


def _side(
    model: Model, reduced: ReducedProgram, dual: DualPolyhedron, enumerate_dual: Enumerate, work: Work
) -> SideDerivation:
    """The terms whose max is the minimum of the program.

    With cells and the total alone every vertex is the unique optimum at the data of some ψ that is positive
    exactly on its tight columns. The right sides of assumption rows do not vary freely, so with them some
    vertices may be never active.
    """
    program = reduced.program
    vertex = row_space_vertex(program)
    if vertex is not None:
        term = right_side(program, vertex) + program.offset
        return SideDerivation(reduced, dual, Generators((vertex,), ()), (term,), (term,), enumerated=False)
    try:
        found = enumerate_dual(dual, work)
    except BudgetError as error:
        found = Generators((), (), f"{_reason(error)}: no term is known but the end of the estimand's range.")
    if found.missing:
        return _unfinished(reduced, dual, found)
    terms = tuple(right_side(program, vertex) + program.offset for vertex in found.vertices)
    if not reduced.original.restricted:
        return SideDerivation(reduced, dual, found, terms, terms)
    try:
        return SideDerivation(reduced, dual, found, terms, _active(model, reduced, terms, work))
    except BudgetError as error:
        missing = f"{_reason(error)}: the bound is sharp, but terms that are never active may be left."
        return SideDerivation(reduced, dual, found, terms, terms, missing)


def _unfinished(reduced: ReducedProgram, dual: DualPolyhedron, found: Generators) -> SideDerivation:
    """What is valid of a side of which not all is known: the terms that were found, or the end of the range."""
    program = reduced.program
    terms = tuple(right_side(program, vertex) + program.offset for vertex in found.vertices)
    if not terms:
        terms = (Term(Fraction(min(column.cost for column in program.columns))) + program.offset,)
    return SideDerivation(reduced, dual, found, terms, terms, found.missing)


def with_rays(side: SideDerivation, enumerate_dual: Enumerate, work: Work) -> SideDerivation:
    """A side with all vertices and extreme rays of its dual polyhedron, also where the bound did not need them.

    Raises
    ------
    LimitError
        Where time or memory do not suffice.
    """
    if side.enumerated:
        return side
    found = enumerate_dual(side.dual, work)
    missing = found.missing
    if not missing and side.generators.vertices[0] not in found.vertices:
        missing = "the estimand is identified, but its dual polyhedron could not be enumerated in time"
    if missing:
        raise LimitError(missing, remedy=RAISE)
    program = side.reduced.program
    terms = tuple(right_side(program, vertex) + program.offset for vertex in found.vertices)
    return replace(side, generators=found, terms=terms, enumerated=True)


def stage_with_rays(stage: EstimandDerivation, enumerate_dual: Enumerate, work: Work) -> EstimandDerivation:
    """`with_rays` on both sides of an estimand; the second is often the first one relabelled."""
    lower = with_rays(stage.lower, enumerate_dual, work)
    return replace(stage, lower=lower, upper=with_rays(stage.upper, enumerate_dual, _knowing(work, lower)))


def _reason(error: LimitError) -> str:
    return error.message.removesuffix("; nothing was derived")


def _active(model: Model, reduced: ReducedProgram, terms: Sequence[Term], work: Work) -> tuple[Term, ...]:
    """Terms that can be active; of terms that are equal wherever the assumptions hold, the simplest."""
    cells = [row.name for row in reduced.original.rows if row.kind == "cell"]
    order = simplest_first([*cells, *(parameter.name for parameter in model.parameters)])
    return active_terms(sorted(terms, key=order), model_region(reduced.complete, model.parameters), work)


def right_side(program: LinearProgram, multiples: Sequence[Fraction | int]) -> Term:
    """``y · b``: a combination of the right sides of the rows."""
    return combination((y, row.right) for y, row in zip(multiples, program.rows, strict=True))


# ---------------------------------------------------------------- terms to bounds
def _binding_equalities(reduced: ReducedProgram, everything: Region) -> tuple[Term, ...]:
    """The demands of dropped rows that some data would break."""
    return tuple(e for e in reduced.equalities if not (is_trivial(e, everything) and is_trivial(-e, everything)))


def _side_with_rays(stages: Sequence[EstimandDerivation]) -> SideDerivation:
    """The side whose rays are the testable implications: the first one, or one that is enumerated already.

    Without assumption rows the rays are the facets of the cone of observable distributions, whatever the estimand.
    """
    first = _first_complete(stages)
    sides = [side for stage in stages for side in (stage.lower, stage.upper)]
    if first.enumerated or first.reduced.original.restricted:
        return first
    return next((side for side in sides if side.enumerated and not side.missing), first)


def _first_complete(stages: Sequence[EstimandDerivation]) -> SideDerivation:
    return next((stage.lower for stage in stages if not stage.lower.generators.missing), stages[0].lower)


def _own_budget(stages: Sequence[EstimandDerivation], work: Work) -> Work:
    """Where no bound took an enumeration and no limit is set, testable implications do not hold the bounds up."""
    if work.limits.seconds is not None or any(stage.lower.enumerated or stage.upper.enumerated for stage in stages):
        return work
    return replace(work, deadline=time.monotonic() + SECONDS_FOR_CONDITIONS)


def _rays_within(side: SideDerivation, enumerate_dual: Enumerate, work: Work) -> tuple[SideDerivation, str]:
    """The side with its rays, or why they are missing."""
    try:
        return with_rays(side, enumerate_dual, replace(work, shares=1)), ""
    except LimitError as error:
        return side, f"{_reason(error).rstrip('.')}: testable implications were not derived."


def _conditions_within(
    side: SideDerivation, equalities: tuple[Term, ...], everything: Region, plain: Reader, work: Work
) -> tuple[tuple[Term, ...] | None, str]:
    """The testable implications, or what is missing of them."""
    if side.generators.missing:
        return None, "Testable implications were not derived: they need the complete enumeration."
    try:
        return _conditions(side, equalities, everything, plain, work), ""
    except BudgetError as error:
        return None, f"{_reason(error)}: testable implications were not derived."


def _conditions(
    side: SideDerivation, equalities: tuple[Term, ...], everything: Region, plain: Reader, work: Work
) -> tuple[Term, ...]:
    rays = [plain.sign(-right_side(side.reduced.program, ray)) for ray in side.generators.rays]
    order = simplest_first(plain.order)
    simple_first = sorted(rays, key=order)
    equal = [plain.plain(equality) for equality in equalities]
    found = testable_implications(simple_first, equal, everything, not side.reduced.original.restricted, work)
    return tuple(sorted(found, key=order))


def _bounds(
    model: Model,
    blocks: tuple[Block, ...],
    stage: EstimandDerivation,
    reading: Reader,
    symbols: Notation,
    conditions: tuple[Term, ...] | None,
) -> Bounds:
    over = _printed_denominator(stage.denominator, reading)
    lower = _printed(stage.lower.active, reading, over)
    upper = _printed([-term for term in stage.upper.active], reading, over)
    if stage.identified and len(lower.terms) == len(upper.terms) == 1:
        # Both sides are one function of the data, in one form.
        order = simplest_first(reading.order)
        lower = upper = min((lower, upper), key=lambda side: (order(side.shown[0]), order(side.terms[0])))
    return Bounds(
        name=stage.estimand.name,
        lower=lower,
        upper=upper,
        denominator=over and over[0],
        shown_denominator=over and over[1],
        identified=stage.identified,
        conditions=conditions,
        notation=symbols,
        blocks=blocks,
        parameters=model.parameters,
        missing=tuple(dict.fromkeys(side.missing for side in (stage.lower, stage.upper) if side.missing)),
        reading=reading,
        program=stage.program,
    )


Printed = tuple[Term, Term]


def _printed_denominator(over: Term | None, reading: Reader) -> Printed | None:
    """In cells and parameters, and for the reader: a probability, though the model may make it a number."""
    if over is None:
        return None
    known = reading if reading.number(over) is None else replace(reading, equalities=())
    return _both_forms(known.plain(over), known)


def _both_forms(plain: Term, reading: Reader) -> Printed:
    return plain, reading.with_definitions(plain) if reading.definitions else plain


def _printed(terms: Sequence[Term], reading: Reader, over: Printed | None) -> Side:
    """The terms as they are printed, in all forms; multiples of the denominator are written as its multiples."""
    multiples = reading.multiples(terms, over[0]) if over else [None for _ in terms]
    pairs = [
        _both_forms(reading.plain(term), reading)
        if over is None or multiple is None
        else (over[0].scaled(multiple), over[1].scaled(multiple))
        for term, multiple in zip(terms, multiples, strict=True)
    ]
    order = simplest_first(reading.order)
    pairs.sort(key=lambda pair: (order(pair[1]), order(pair[0])))
    return Side(tuple(plain for plain, _ in pairs), tuple(shown for _, shown in pairs))


def _shown_conditions(conditions: tuple[Term, ...], plain: Reader) -> tuple[Term, ...]:
    """The conditions with defined names; of two opposite ones the second mirrors the first."""
    shown: dict[Term, Term] = {}
    for term in conditions:
        shown[term] = -shown[-term] if -term in shown else plain.with_definitions(term)
    return tuple(shown.values())


def simplest_first(order: Sequence[str]) -> Callable[[Term], tuple[Any, ...]]:
    """A sorting key: few and small coefficients first, then the order of the names in the model."""
    place = {name: i for i, name in enumerate(order)}

    def key(term: Term) -> tuple[Any, ...]:
        size = len(term.coefficients) + bool(term.constant)
        named = sorted((place[name], c) for name, c in term.coefficients)
        return size, sum(abs(c) for _, c in term.coefficients), term.constant, named

    return key
