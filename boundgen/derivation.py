"""The whole way from a model to its bounds. Read this first.

    Model -> blocks of cells -> LinearProgram -> ReducedProgram -> DualPolyhedron
          -> vertices, rays -> active terms, conditions -> Bounds

Every arrow is one function from one frozen value to the next; a `Derivation` keeps them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial as partial_of
from typing import TYPE_CHECKING, Any

from boundgen.bounds.activity import active_terms
from boundgen.bounds.closed_form import Bounds, Rational, Side
from boundgen.bounds.conditions import conditions as testable_implications
from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.identification import event_program, identified_cost, is_identified
from boundgen.bounds.reading import Reader, reader
from boundgen.bounds.symbols import Notation, notation
from boundgen.consistency import is_empty, refuse_contradiction
from boundgen.errors import BudgetError, LimitError, ModelError, NotIdentifiedError
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.limits import Limits, Means, Report, Work, silent, unheard
from boundgen.polyhedra.cache import cached
from boundgen.polyhedra.dual import DualPolyhedron, dual_of
from boundgen.polyhedra.engine import Enumerate, Generators
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import Region, data_region, model_region
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.strata.cells import Block, Cell, distinct_cells, observed_blocks
from boundgen.strata.enumeration import enumerate_strata
from boundgen.strata.forms import linear_form
from boundgen.strata.program import linear_program
from boundgen.strata.stages import form_stage
from boundgen.terms import Term, combination
from boundgen.unanswered import Unanswered, answered, attempt

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SideDerivation:
    """Every stage of one side of a bound; the upper side is minus the lower side of minus the estimand."""

    reduced: ReducedProgram
    dual: DualPolyhedron
    generators: Generators
    terms: tuple[Term, ...]
    active: tuple[Term, ...]
    missing: str = ""


@dataclass(frozen=True)
class EstimandDerivation:
    """Every stage of one estimand."""

    estimand: Estimand
    program: LinearProgram
    denominator: Term | None
    lower: SideDerivation
    upper: SideDerivation


@dataclass(frozen=True, repr=False)
class Derivation:
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

    def __str__(self) -> str:
        return self.text()

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

    def plot(
        self,
        cells: Mapping[str, Rational],
        parameters: Mapping[str, Rational] | None = None,
        *,
        total: Rational | None = None,
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
    stages: list[EstimandDerivation] = []
    for left, one in zip(range(len(ready), 0, -1), ready, strict=True):
        sides = attempt(
            one.estimand.name,
            partial_of(_both_sides, model, one.program, enumerate_dual, replace(work, shares=2 * left)),
        )
        if isinstance(sides, Unanswered):
            refused = (*refused, sides)
            continue
        stages.append(EstimandDerivation(one.estimand, one.program, one.denominator, *sides))
        for side in sides:
            work = work.knowing(side.dual, side.generators)
    if not stages:
        raise refused[0].error
    everything = data_region(blocks, model.parameters)
    source = next((stage.lower for stage in stages if not stage.lower.generators.missing), stages[0].lower)
    equalities = _binding_equalities(source.reduced, everything)
    plain = reader(model, blocks, definitions, ())
    found, missing = None, ""
    if conditions:
        found, missing = _conditions_within(source, equalities, everything, plain, work)
    symbols = notation(model, blocks)
    # Two opposite conditions are an equality too.
    opposite = [term for term in found or () if -term in (found or ())]
    reading = reader(model, blocks, definitions, equalities).knowing(opposite)
    bounds = tuple(_bounds(model, blocks, stage, reading, symbols, found) for stage in stages)
    shown = None if found is None else _shown_conditions(found, plain)
    derived = Derivation(model, blocks, tuple(stages), bounds, found, shown, symbols, missing, refused)
    return derived if partial else _proved(derived)


def _proved(derived: Derivation) -> Derivation:
    """The derivation without estimands whose bounds are not proved sharp."""
    kept = [k for k, bounds in enumerate(derived.bounds) if not bounds.missing]
    if derived.conditions_missing or not kept:
        raise _not_proved(derived.missing[0]) if derived.missing else derived.unanswered[0].error
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
    return LimitError(missing, remedy="Raise it with --time-limit SECONDS or --memory-limit MIB.")


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
    if found is None and program.restricted:
        lower, upper = reduce(program), reduce(program.negated())
        if is_identified(program, lower, upper, model.parameters):
            return _side(model, program, engine_named("auto"), work).active[0]
    return found


# ---------------------------------------------------------------- program to terms
def _both_sides(
    model: Model, program: LinearProgram, enumerate_dual: Enumerate, work: Work
) -> tuple[SideDerivation, SideDerivation]:
    lower = _side(model, program, enumerate_dual, work)
    later = replace(work.knowing(lower.dual, lower.generators), shares=work.shares - 1)
    return lower, _side(model, program.negated(), enumerate_dual, later)


def _side(model: Model, program: LinearProgram, enumerate_dual: Enumerate, work: Work) -> SideDerivation:
    """The terms whose max is the minimum of the program.

    With cells and the total alone every vertex is the unique optimum at the data of some ψ that is positive
    exactly on its tight columns. The right sides of assumption rows do not vary freely, so with them some
    vertices may be never active.
    """
    reduced = reduce(program)
    dual = dual_of(reduced)
    found = enumerate_dual(dual, work)
    terms = tuple(right_side(reduced.program, vertex) + program.offset for vertex in found.vertices)
    if found.missing or not reduced.original.restricted:
        return SideDerivation(reduced, dual, found, terms, terms, found.missing)
    try:
        return SideDerivation(reduced, dual, found, terms, _active(model, reduced, terms, work))
    except BudgetError as error:
        missing = f"{_reason(error)}: the bound is sharp, but terms that are never active may be left."
        return SideDerivation(reduced, dual, found, terms, terms, missing)


def _reason(error: BudgetError) -> str:
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
    identified = is_identified(stage.program, stage.lower.reduced, stage.upper.reduced, model.parameters)
    if identified and len(lower.terms) == len(upper.terms) == 1:
        # Both sides are one function of the data, in one form.
        order = simplest_first(reading.order)
        lower = upper = min((lower, upper), key=lambda side: (order(side.shown[0]), order(side.terms[0])))
    return Bounds(
        name=stage.estimand.name,
        lower=lower,
        upper=upper,
        denominator=over and over[0],
        shown_denominator=over and over[1],
        identified=identified,
        conditions=conditions,
        notation=symbols,
        blocks=blocks,
        parameters=model.parameters,
        missing=tuple(dict.fromkeys(side.missing for side in (stage.lower, stage.upper) if side.missing)),
        reading=reading,
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
