"""The stages of estimands that are not one linear program, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.derived import SideDerivation
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.ratio import edge_forms, edge_limits
from boundgen.bounds.ratio_side import RatioSide
from boundgen.bounds.symbols import pretty
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.inspection.posed import PosedEstimand, PosedSide
from boundgen.inspection.shown import Shown
from boundgen.program.linear_program import LinearProgram, Row, right_side
from boundgen.program.weighted_program import WeightedProgram, WeightedRow
from boundgen.rendering.layout import indented
from boundgen.rendering.signs import signs
from boundgen.rendering.table import table

TITLES = {"minimise": "lower bound", "maximise": "upper bound (as minus a lower bound)"}
UNKNOWNS = {
    "strata": "{psi}: the strata",
    "shares": "{theta}: the strata of each group over its share, so that entries are numbers",
    "selection": "{theta}: the strata over the probability of the selection, so that entries are numbers",
}


@dataclass(frozen=True)
class PosedView:
    """How one estimand and its rows, columns and functions are written.

    Parameters
    ----------
    posed : PosedEstimand
    shown : Shown
    unicode : bool
    """

    posed: PosedEstimand
    shown: Shown
    unicode: bool

    @property
    def name(self) -> str:
        """The estimand's."""
        return pretty(self.posed.name, self.unicode)

    @cached_property
    def script(self) -> Script:
        """Writes functions of the data."""
        return Script(self.shown.notation, self.shown.simplifier, (), {}, latex=False, unicode=self.unicode)

    @property
    def psi(self) -> str:
        """What strata are called."""
        return signs(self.unicode).psi

    @property
    def unknown(self) -> str:
        """What the unknowns of the normal form are called."""
        return self.psi if self.posed.unknowns == "strata" else "θ" if self.unicode else "theta"

    # ------------------------------------------------------------ functions
    def function(self, function: RationalFunction) -> str:
        """A function of the data."""
        return self.script.function(function)

    def polynomial(self, polynomial: Polynomial) -> str:
        """A function of the data that is not divided."""
        return self.script.polynomial(polynomial)

    def number(self, value: Fraction | int) -> str:
        """With the sign of minus that the terminal can show."""
        return str(value).replace("-", signs(self.unicode).minus)

    def sum(self, entries: Sequence[tuple[RationalFunction, str]]) -> str:
        """``ψ1 − p00 ψ2``."""
        minus = signs(self.unicode).minus
        text = ""
        for function, symbol in entries:
            own = self._multiple(function)
            is_negative = own.startswith(minus)
            own = own.removeprefix(minus)
            sign = f" {minus if is_negative else '+'} " if text else (minus if is_negative else "")
            text += sign + (f"{own} {symbol}" if own else symbol)
        return text or "0"

    def _multiple(self, function: RationalFunction) -> str:
        """A coefficient; nothing for the number one."""
        value = function.numerator.constant if function.denominator == ONE else None
        if value is not None:
            return self.number(value).removesuffix("1") if abs(value) == 1 else self.number(value)
        text = self.function(function)
        inside = text.removeprefix(signs(self.unicode).minus)
        return f"({text})" if " " in inside else text

    # ------------------------------------------------------------ rows
    def row_name(self, row: Row | WeightedRow) -> str:
        """The symbol of a cell; a right side that is no cell is said as what it is."""
        texts = self.shown.notation.texts(self.unicode)
        if row.name in texts:
            return texts[row.name]
        if self.posed.normal is not None and row.name in self.posed.normal.symbols:
            return self.function(self.posed.normal.symbols[row.name])
        return row.name

    def right(self, row: Row) -> str:
        """The right side of a row of the normal form."""
        return self.function(self.posed.form.expanded(row.right))

    def dual_names(self, side: PosedSide) -> list[str]:
        """The coordinates of the dual polyhedron; the last of a ratio is l."""
        names = [f"y[{self.row_name(row)}]" for row in side.program.rows]
        return [*names[:-1], "l"] if self.posed.kind == "ratio" else names


def posed_lines(posed: PosedEstimand, shown: Shown, unicode: bool) -> Iterator[str]:
    """The lines of one estimand at the stage that is shown."""
    view = PosedView(posed, shown, unicode)
    yield from POSED_VIEWS[shown.stage](view)


# ---------------------------------------------------------------- strata and program
def _strata(view: PosedView) -> Iterator[str]:
    """Each stratum with its cells, and what it adds to the estimand, to its divisor and to assumptions."""
    program = view.posed.asked.program
    assumed = [i for i, row in enumerate(program.rows) if row.kind == "assumption"]
    yield f"{view.name}: {len(program.columns)} principal strata"
    head = ["", "stratum", "cells", "estimand", *([] if program.identified else ["divisor"])]
    body = []
    for j, column in enumerate(program.columns, 1):
        entries = dict(column.entries)
        line = [f"{view.psi}{j}", str(column.stratum), cells_of(view, program, j - 1), view.polynomial(column.cost)]
        line += [] if program.identified else [view.polynomial(column.divisor)]
        body.append(line + [view.function(entries[i]) if i in entries else "0" for i in assumed])
    yield indented(table([[*head, *(program.rows[i].name for i in assumed)], *body]))
    yield from _divided(view)


def cells_of(view: PosedView, program: WeightedProgram, j: int) -> str:
    """The cells in which a stratum is observed; in a law given a selection, by what is no share of all selected."""
    found = []
    for i, entry in program.columns[j].entries:
        row = program.rows[i]
        if row.kind == "cell" or (row.kind == "selection" and dict(entry.numerator.terms).get(())):
            found.append(view.row_name(row))
    return " ".join(found)


def _divided(view: PosedView) -> Iterator[str]:
    over = view.function(view.posed.asked.program.over)
    if over != "1":
        yield f"  all divided by {over}"


def _program(view: PosedView) -> Iterator[str]:
    """The program over strata, whose entries may be functions of the data."""
    program = view.posed.asked.program
    yield f"{view.name}: {kind_in_words(view.posed)}; {weighted_size(program)}"
    yield f"  infimum and supremum: {objective(view)}"
    yield from _divided(view)
    yield f"  over {view.psi} {signs(view.unicode).at_least} 0 with"
    for left, relation, right in weighted_rows(view):
        yield f"    {left} {signs(view.unicode).relation(relation)} {right}"


def kind_in_words(posed: PosedEstimand) -> str:
    """Of which kind the estimand is, or why it has no closed form."""
    if posed.kind == "linear program":
        if posed.unknowns != "strata":
            return "one linear program in other unknowns"
        functions = "whose right sides are functions of the data"
        return f"one linear program {functions if posed.form.symbols else 'over a divisor that the data identify'}"
    if posed.kind == "ratio":
        return "a ratio whose divisor the data do not identify"
    return "weights that are functions" if posed.kind == "weights" else f"no closed form: {posed.reason}"


def weighted_size(program: WeightedProgram) -> str:
    """The size in words."""
    kinds = [row.kind for row in program.rows]
    cells = kinds.count("cell") + kinds.count("selection")
    assumed = kinds.count("assumption")
    parts = [f"{cells} cells", "the total", *([f"{assumed} of assumptions"] if assumed else [])]
    return f"{len(program.columns)} columns, {len(kinds)} rows ({', '.join(parts)})"


def objective(view: PosedView) -> str:
    """The cost, over the divisor where the data do not identify it."""
    program = view.posed.asked.program
    symbols = [f"{view.psi}{j}" for j in range(1, len(program.columns) + 1)]
    cost = _weighted_sum(view, [column.cost for column in program.columns], symbols)
    if program.identified:
        return cost
    return f"({cost}) / ({_weighted_sum(view, [column.divisor for column in program.columns], symbols)})"


def _weighted_sum(view: PosedView, costs: Sequence[Polynomial], symbols: Sequence[str]) -> str:
    return view.sum([(RationalFunction(cost), symbol) for cost, symbol in zip(costs, symbols, strict=True) if cost])


def weighted_rows(view: PosedView) -> Iterator[tuple[str, str, str]]:
    """Left side, relation and right side of each row over strata."""
    program = view.posed.asked.program
    entries: list[list[tuple[RationalFunction, str]]] = [[] for _ in program.rows]
    for j, column in enumerate(program.columns, 1):
        for i, entry in column.entries:
            entries[i].append((entry, f"{view.psi}{j}"))
    for row, own in zip(program.rows, entries, strict=True):
        yield view.sum(own), row.relation, view.function(row.right)


# ---------------------------------------------------------------- the normal form
def _reduced(view: PosedView) -> Iterator[str]:
    """The program that is enumerated, and what each pass made of it."""
    for side in view.posed.sides:
        yield f"{view.name}, {side.goal}: {kind_in_words(view.posed)}; {view.posed.form.program.size()}"
        yield "  " + UNKNOWNS[view.posed.unknowns].format(psi=view.psi, theta=view.unknown)
        for reduction in side.passes:
            yield f"  {reduction.name}: {normal_size(view.posed, reduction.program)}"
        for j, column in zip(side.columns, side.program.columns, strict=True):
            alike = f" (merged with {column.merged - 1} more)" if column.merged > 1 else ""
            yield f"  {view.unknown}{j + 1}: {column.stratum}{alike}"
        yield f"  {side.goal}: {normal_objective(view, side)}"
        yield f"  over {view.unknown} {signs(view.unicode).at_least} 0 with"
        for _, left, relation, right in normal_rows(view, side):
            yield f"    {left} {signs(view.unicode).relation(relation)} {right}"


def normal_size(posed: PosedEstimand, program: LinearProgram) -> str:
    """The size in words; the last row of a ratio is its divisor."""
    if posed.kind != "ratio":
        return program.size()
    return f"{LinearProgram(program.rows[:-1], program.columns).size()} and the divisor"


def normal_objective(view: PosedView, side: PosedSide) -> str:
    """What is minimised: over the divisor, where that is unknown, and over what is known."""
    text = _weighted_sum(view, side.costs, _symbols(view, side))
    over = view.function(view.posed.form.over)
    if view.posed.kind == "ratio":
        text = f"({text}) / the divisor"
    return text if over == "1" else f"({text}) / ({over})"


def _symbols(view: PosedView, side: PosedSide) -> list[str]:
    return [f"{view.unknown}{j + 1}" for j in side.columns]


def normal_rows(view: PosedView, side: PosedSide) -> Iterator[tuple[str, str, str, str]]:
    """Kind, left side, relation and right side of each row; the last one of a ratio is its divisor."""
    entries: list[list[tuple[RationalFunction, str]]] = [[] for _ in side.program.rows]
    for column, symbol in zip(side.program.columns, _symbols(view, side), strict=True):
        for i, entry in column.entries:
            entries[i].append((RationalFunction(Polynomial.number(entry)), symbol))
    last = len(entries) - 1
    for i, (row, own) in enumerate(zip(side.program.rows, entries, strict=True)):
        if view.posed.kind == "ratio" and i == last:
            yield "divisor", view.sum(own), "=", "the divisor"
        else:
            yield row.kind, view.sum(own), row.relation, view.right(row)


# ---------------------------------------------------------------- dual
def _dual(view: PosedView) -> Iterator[str]:
    """The inequalities of each side's dual polyhedron."""
    for side in view.posed.sides:
        inequalities = list(dual_inequalities(view, side))
        size = f"dimension {len(side.program.rows)}, {len(inequalities)} inequalities"
        yield f"{view.name}, {TITLES[side.goal]}: dual polyhedron of {size}"
        yield f"  {dual_objective(view, side)}"
        for left, right in inequalities:
            yield f"    {left} {signs(view.unicode).at_most} {right}"


def dual_objective(view: PosedView, side: PosedSide) -> str:
    """What is maximised; of a ratio l, where the multiples of the right sides are not negative."""
    names = view.dual_names(side)
    rows = side.program.rows[:-1] if view.posed.kind == "ratio" else side.program.rows
    priced = [f"{name} {times(view.right(row))}" for name, row in zip(names, rows, strict=False)]
    total = " + ".join(priced)
    if view.posed.kind == "ratio":
        return f"maximise l where {total} {signs(view.unicode).at_least} 0 and"
    return f"maximise {total}"


def times(text: str) -> str:
    """A factor."""
    return f"({text})" if " " in text else text


def dual_inequalities(view: PosedView, side: PosedSide) -> Iterator[tuple[str, str]]:
    """Left and right sides; where costs are functions of the data, these stand on the right."""
    names = view.dual_names(side)
    if side.dual is not None:
        for constant, *coefficients in side.dual.inequalities:
            left = [(RationalFunction(Polynomial.number(-c)), n) for c, n in zip(coefficients, names, strict=True) if c]
            yield view.sum(left), view.number(constant)
        return
    seen = dict.fromkeys(
        (
            view.sum([(RationalFunction(Polynomial.number(entry)), names[i]) for i, entry in column.entries]),
            view.polynomial(cost),
        )
        for column, cost in zip(side.program.columns, side.costs, strict=True)
    )
    yield from seen
    yield from ((name, "0") for name, row in zip(names, side.program.rows, strict=True) if row.relation == "<=")


# ---------------------------------------------------------------- vertices
def _vertices(view: PosedView) -> Iterator[str]:
    """Vertices, rays and edges with what they stand for; of weights, the summands of the closed form."""
    if view.posed.kind == "weights":
        yield from _summands(view)
        return
    for side in view.posed.sides:
        found = list(generators_of(view, side))
        counted = [f"{sum(each.kind == kind for each in found)} {words}" for kind, words in COUNTED.items()]
        yield f"{view.name}, {TITLES[side.goal]}: {', '.join(counted[: 3 if view.posed.kind == 'ratio' else 2])}"
        for each in found:
            never = "" if each.matters else "  (never active)"
            says = f"  {each.verb}  {each.term}" if each.term else ""
            yield f"  {each.kind:6} {each.place}{says}{never}"
        if view.function(view.posed.form.over) != "1":
            yield f"  (what is given is over {view.function(view.posed.form.over)})"


COUNTED = {"vertex": "vertices", "ray": "extreme rays", "edge": "edges along which l changes"}


@dataclass(frozen=True)
class ShownGenerator:
    """A vertex, ray or edge: where it is, and the function of the data that it stands for."""

    kind: str
    number: int
    place: str
    verb: str
    term: str
    matters: bool


def generators_of(view: PosedView, side: PosedSide) -> Iterator[ShownGenerator]:
    """Vertices and rays by their numbers, then edges, which name them."""
    sign = 1 if side.goal == "minimise" else -1
    if isinstance(side.found, RatioSide):
        yield from _of_ratio(view, side, side.found, sign)
    elif side.found is not None:
        yield from _of_program(view, side, side.found, sign)


def _of_program(view: PosedView, side: PosedSide, derived: SideDerivation, sign: int) -> Iterator[ShownGenerator]:
    normal = view.posed.form
    for i, (vertex, term) in enumerate(zip(derived.generators.vertices, derived.terms, strict=True), 1):
        function = view.function(normal.expanded(term.scaled(sign)))
        yield ShownGenerator("vertex", i, point(view, side, vertex), "gives", function, term in derived.active)
    for i, ray in enumerate(derived.generators.rays, 1):
        condition = view.function(normal.expanded(-right_side(side.program, ray)))
        demand = f"{condition} {signs(view.unicode).at_least} 0"
        yield ShownGenerator("ray", i, point(view, side, ray), "demands", demand, matters=True)


def _of_ratio(view: PosedView, side: PosedSide, ratio: RatioSide, sign: int) -> Iterator[ShownGenerator]:
    """A vertex gives its l where its form is not negative, an edge its fraction between the l of its ends."""
    rows, normal, at_least = without_divisor(side.program), view.posed.form, signs(view.unicode).at_least
    for i, vertex in enumerate(ratio.generators.vertices, 1):
        form = view.function(normal.expanded(right_side(rows, vertex[:-1])))
        where = f"{view.number(sign * vertex[-1])} where {form} {at_least} 0"
        yield ShownGenerator("vertex", i, f"{i}: {point(view, side, vertex)}", "gives", where, matters=True)
    for i, ray in enumerate(ratio.generators.rays, 1):
        form = view.function(normal.expanded(-right_side(rows, ray[:-1])))
        says = ("", "") if ray[-1] else ("demands", f"{form} {at_least} 0")
        yield ShownGenerator("ray", i, f"{i}: {point(view, side, ray)}", *says, matters=True)
    needed = {e for term in ratio.terms for e in term.edges}
    for e, edge in enumerate(ratio.edges):
        place = f"vertex {edge.vertex + 1} to {'ray' if edge.unbounded else 'vertex'} {edge.other + 1}"
        low, high = _levels(view, ratio, e, sign)
        fraction = edge_fraction(view, side, ratio, e, sign)
        if fraction is None:
            yield ShownGenerator("edge", e + 1, place, "has", "the divisor zero", matters=False)
            continue
        term = f"{view.function(fraction)} from {low} to {high}"
        yield ShownGenerator("edge", e + 1, place, "gives", term, e in needed)


def _levels(view: PosedView, ratio: RatioSide, e: int, sign: int) -> tuple[str, str]:
    """Between which values the fraction of an edge is the bound."""
    low, high = edge_limits(ratio.generators, ratio.edges[e])
    if sign < 0:
        low, high = (None if end is None else -end for end in (high, low))
    infinity = view.script.infinity
    return (
        signs(view.unicode).minus + infinity if low is None else view.number(low),
        infinity if high is None else view.number(high),
    )


def edge_fraction(view: PosedView, side: PosedSide, ratio: RatioSide, e: int, sign: int) -> RationalFunction | None:
    """The numerator over the divisor of the distributions that are tight on an edge; None where the divisor is zero."""
    rows = without_divisor(side.program)
    above, below = (
        view.posed.form.expanded(right_side(rows, form)) for form in edge_forms(ratio.generators, ratio.edges[e])
    )
    if not below.numerator:
        return None
    quotient = RationalFunction.of(above.numerator * below.denominator, above.denominator * below.numerator)
    return quotient.scaled(sign)


def without_divisor(program: LinearProgram) -> LinearProgram:
    """Without the row of the divisor."""
    return LinearProgram(program.rows[:-1], ())


def point(view: PosedView, side: PosedSide, values: Sequence[Fraction | int]) -> str:
    """The entries of a vertex or ray that are not zero; l is always said."""
    names = view.dual_names(side)
    entries = [f"{n}={view.number(x)}" for n, x in zip(names, values, strict=True) if x or n == "l"]
    return ", ".join(entries) or "origin"


def _summands(view: PosedView) -> Iterator[str]:
    """Directions of the weights, each with the vertices of the dual polyhedron at the costs of that direction."""
    bounds = view.shown.piecewise_of(view.posed.name)
    script = view.script
    for title, side in (("lower bound", bounds.lower), ("upper bound", bounds.upper)):
        yield f"{view.name}, {title}: {len(side.pieces)} {'chamber' if len(side.pieces) == 1 else 'chambers'}"
        for piece in side.pieces:
            yield f"  {f'where {script.guards(piece.guards)}' if piece.guards else 'everywhere'}"
            for summand in piece.summands:
                options = ", ".join(script.function(option) for option in summand.options)
                what = f"{side.op} of {options}" if len(summand.options) > 1 else options
                yield f"    weight {script.polynomial(summand.weight)}: {what}"


POSED_VIEWS: dict[str, Callable[[PosedView], Iterator[str]]] = {
    "strata": _strata,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
    "vertices": _vertices,
}
