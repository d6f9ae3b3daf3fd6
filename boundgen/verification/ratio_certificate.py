"""The part of a certificate that proves bounds of a ratio: its polyhedron, closed, and the fractions of its edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from boundgen.bounds.derived import Derivation
from boundgen.bounds.normal_form import with_objective
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.ratio_side import RatioEdge, RatioSide
from boundgen.exact.linear_algebra import transpose
from boundgen.exact.polynomials import ONE, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality, Quantity, Sum
from boundgen.language.printer import print_estimand
from boundgen.language.resolution import atoms_of, is_conditional
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint, Maximum, maximum
from boundgen.polyhedra.region import AffineFunction, Region, model_region
from boundgen.program.linear_program import LinearProgram, lifted, right_side
from boundgen.program.zeros import remove_zeros
from boundgen.strata.averages import is_plain
from boundgen.verification.certificate_parts import (
    CertifiedData,
    Json,
    NotCertifiedError,
    PossibleProgram,
    certified_conditions,
    column_json,
    dependence_json,
    dependent_rows,
    multiples_json,
    numbers_json,
    possible_program,
    row_json,
    term_of,
)
from boundgen.work.limits import Budget

# Weights of strata by number.
StratumWeights = Mapping[int, Fraction]
AllMultiples = tuple[Fraction, ...]
# Where between the ends of an edge a population is looked for.
PLACES = (Fraction(1, 2), Fraction(1, 5), Fraction(4, 5), Fraction(1, 50), Fraction(49, 50))


def is_certifiable(derivation: Derivation, bounds: PiecewiseBounds) -> bool:
    """Whether bounds are those of a ratio of numbers in each stratum, whose divisor is nowhere negative."""
    if bounds.ratio is None or bounds.normal.symbols or bounds.program.over != RationalFunction(ONE):
        return False
    estimand = derivation.model.estimand_named(bounds.name)
    parts = [estimand.expression, estimand.divisor or Sum()]
    bodies = [a.body for a in derivation.model.assumptions if isinstance(a.body, Inequality)]
    plain = all(is_plain(derivation.model, part) for part in (*parts, *(s for b in bodies for s in (b.left, b.right))))
    named = any(isinstance(atom, Quantity) for part in parts for atom in atoms_of(part))
    mixed = estimand.divisor is not None and any(map(is_conditional, parts))
    positive = all(column.event >= 0 for column in ratio_program(bounds).columns)
    # Rows are numbers, or become such where all is seen in one selection.
    within = len([arm for arm in derivation.arms if not arm.law]) == 1 and bool(derivation.cells[0].selection)
    known = within or certified_conditions(derivation) is not None
    return known and positive and plain and not (named or mixed or bounds.missing)


def ratio_program(bounds: PiecewiseBounds) -> LinearProgram:
    """Its program: costs and divisors by columns."""
    return with_objective(bounds.normal)


def ratio_json(derivation: Derivation, bounds: PiecewiseBounds, data: CertifiedData, budget: Budget) -> Json:
    """All of one ratio; refused where a step of its proof is not found."""
    original = ratio_program(bounds)
    parameters = derivation.model.parameters
    program = possible_program(parameters, original)
    dependent = dependent_rows(program.program)
    model = derivation.model
    assert bounds.ratio
    lower, upper = bounds.ratio
    population = partial(population_json, parameters)
    return {
        "name": bounds.name,
        "expression": print_estimand(model.estimand_named(bounds.name), model.by_name),
        "rows": [row_json(derivation, row) for row in original.rows],
        "columns": [column_json(column) for column in original.columns],
        "offset": term_of(derivation, original.offset),
        "impossible": [
            {"row": forced.row, "columns": list(forced.columns)} for forced in remove_zeros(original).forced
        ],
        "dependent": [dependence_json(original, data, i, multiples) for i, multiples in dependent.items()],
        "lower": RatioSideProof(parameters, lower, program, tuple(dependent), population, budget).json(),
        "upper": RatioSideProof(parameters, upper, program, tuple(dependent), population, budget).json(),
    }


def population_json(parameters: Sequence[Parameter], strata: StratumWeights, at: Mapping[str, Fraction]) -> Json:
    """StratumWeights and values of parameters."""
    return {
        "strata": numbers_json((str(j), w) for j, w in strata.items()),
        "parameters": {p.name: str(at[p.name]) for p in parameters},
    }


@dataclass(frozen=True)
class _RangedFraction:
    """A fraction, and the ends between which it is a bound."""

    numerator: Term
    divisor: Term
    low: Fraction | None
    high: Fraction | None

    def is_as_good(self, level: Fraction, at: Mapping[str, Fraction]) -> bool:
        """Whether it counts at data and is at least a number."""
        over = self.divisor.value(at)
        if over <= 0:
            return False
        value = self.numerator.value(at) / over
        above, below = self.low is None or value >= self.low, self.high is None or value <= self.high
        return above and below and value >= level


class RatioSideProof:
    """One side: its generators as multiples of all rows and of the divisor, which stands last.

    Parameters
    ----------
    parameters : sequence of Parameter
        What else stands on the right of rows than cells.
    side : RatioSide
    program : PossibleProgram
    dependent : sequence of int
        Rows that are combinations of others.
    population : callable
        StratumWeights, by the columns of the whole program, and values of names to a witness; None where they are none.
    budget : Budget
    positive : sequence of Term
        What may not be zero at a witness.
    """

    def __init__(
        self,
        parameters: Sequence[Parameter],
        side: RatioSide,
        program: PossibleProgram,
        dependent: Sequence[int],
        population: Callable[[StratumWeights, Mapping[str, Fraction]], Json | None],
        budget: Budget,
        positive: Sequence[Term] = (),
    ) -> None:
        self.positive = positive
        self.side, self.program, self.parameters, self.budget = side, program, parameters, budget
        self.sign, self.population = (1 if side.op == "max" else -1), population
        rows = side.reduced.passes[-1].rows
        size = len(program.program.rows) + 1
        self.vertices = [lifted(vertex, rows, size) for vertex in side.generators.vertices]
        rays = [lifted(tuple(map(Fraction, ray)), rows, size) for ray in side.generators.rays]
        # An inequality row in which only dominated strata had a part is a ray of its own.
        alone = [i for i in range(size - 1) if i not in rows and i not in dependent]
        self.rays = [*rays, *(tuple(Fraction(-(i == row)) for i in range(size)) for row in alone)]

    def json(self) -> Json:
        """Vertices and rays, the constant with its proof, and fractions with their edges; or that there is no end."""
        if not self.vertices:
            return {"unbounded": self._unbounded()}
        groups: dict[tuple[Term, Term], list[RatioEdge]] = {}
        for edge in self.side.edges:
            if self._matters(edge):
                groups.setdefault(self._fraction(edge), []).append(edge)
        ranged = [_RangedFraction(*fraction, *self._range(edges)) for fraction, edges in groups.items()]
        terms = []
        for k, edges in enumerate(groups.values()):
            self.budget.step("finding a witness for each fraction", k, len(groups))
            witness = self._witness(edges[0], [other for i, other in enumerate(ranged) if i != k])
            entry: Json = {"edges": [[edge.vertex, self._end(edge)] for edge in edges]}
            terms.append(entry | ({} if witness is None else {"witness": witness}))
        return {
            "vertices": [multiples_json(vertex) for vertex in self.vertices],
            "rays": [multiples_json(ray) for ray in self.rays],
            "constant": self._constant(),
            "terms": terms,
        }

    def _unbounded(self) -> Json:
        """StratumWeights that no row and no divisor sees, with a numerator that goes on and on."""
        program, demands = self.program.program, list[Constraint]()
        entries = transpose((column.entries for column in program.columns), len(program.rows))
        for row, own in zip(program.rows, entries, strict=True):
            demands.append(Constraint({j: -e for j, e in own.items()}, 0, "=" if row.relation == "=" else ">="))
        demands.append(Constraint({j: c.event for j, c in enumerate(program.columns)}, 0, "="))
        demands.append(Constraint({j: self.sign * c.cost for j, c in enumerate(program.columns)}, 1, "="))
        found = maximum(len(program.columns), {}, demands, range(len(program.columns)))
        if found is None:
            raise NotCertifiedError("of one of its sides no end is known, and not that there is none")
        return numbers_json((str(self.program.places[j]), w) for j, w in enumerate(found.point))

    def _end(self, edge: RatioEdge) -> int:
        return edge.other + (len(self.vertices) if edge.unbounded else 0)

    def _constant(self) -> Json | None:
        value = self.side.constant
        if value is None:
            return None
        strata: dict[int, Number] = {
            j: self.sign * (c.cost - value * c.event) for j, c in enumerate(self.program.program.columns)
        }
        return {"value": str(value), "proof": self.program.proof((strata, 0))}

    # ------------------------------------------------------------ edges
    def _ends(self, edge: RatioEdge) -> tuple[AllMultiples, AllMultiples]:
        return self.vertices[edge.vertex], (self.rays if edge.unbounded else self.vertices)[edge.other]

    def _limits(self, edge: RatioEdge) -> tuple[Fraction | None, Fraction | None]:
        here, there = (end[-1] for end in self._ends(edge))
        if edge.unbounded:
            return (here, None) if there > 0 else (None, here)
        return min(here, there), max(here, there)

    def _range(self, edges: Sequence[RatioEdge]) -> tuple[Fraction | None, Fraction | None]:
        lows, highs = zip(*map(self._limits, edges), strict=True)
        return None if None in lows else min(lows), None if None in highs else max(highs)

    def _fraction(self, edge: RatioEdge) -> tuple[Term, Term]:
        start, end = self._ends(edge)
        rise = end[-1] if edge.unbounded else end[-1] - start[-1]
        step = [(b if edge.unbounded else b - a) / rise for a, b in zip(start, end, strict=True)]
        program = self.program.program
        numerator = right_side(program, [a - start[-1] * s for a, s in zip(start[:-1], step[:-1], strict=True)])
        return numerator, right_side(program, [-s for s in step[:-1]])

    def _tight(self, edge: RatioEdge) -> list[int]:
        """The strata whose inequality the whole edge meets as an equality."""
        start, end = self._ends(edge)
        found = []
        for j, column in enumerate(self.program.program.columns):
            here, there = (sum((e * y[i] for i, e in column.entries), column.event * y[-1]) for y in (start, end))
            cost = self.sign * column.cost
            if here == cost and there == (0 if edge.unbounded else cost):
                found.append(j)
        return found

    def _reach(self, edge: RatioEdge) -> tuple[Fraction | None, Fraction | None] | None:
        """The least and the largest ratio of mixtures of these strata; None where none has one."""
        columns = [self.program.program.columns[j] for j in self._tight(edge)]
        finite = [self.sign * Fraction(c.cost) / c.event for c in columns if c.event]
        if not finite:
            return None
        least = None if any(not c.event and self.sign * c.cost < 0 for c in columns) else min(finite)
        most = None if any(not c.event and self.sign * c.cost > 0 for c in columns) else max(finite)
        return least, most

    def _matters(self, edge: RatioEdge) -> bool:
        reach, (low, high) = self._reach(edge), self._limits(edge)
        if reach is None:
            return False
        least, most = reach
        if not (high is None or least is None or least < high) or not (low is None or most is None or most > low):
            return False
        constant = None if self.side.constant is None else self.sign * self.side.constant
        return not (least is not None and least == most and constant is not None and least <= constant)

    # ------------------------------------------------------------ witnesses
    def _witness(self, edge: RatioEdge, rivals: Sequence[_RangedFraction]) -> Json | None:
        """A population on the strata of an edge at which its fraction alone is the bound, where one is found."""
        for level in self._levels(edge):
            found = self._population(edge, level, rivals)
            if found is not None:
                return found
        return None

    def _levels(self, edge: RatioEdge) -> Iterator[Fraction]:
        """Ratios strictly between the ends that the strata may have."""
        reach, (low, high) = self._reach(edge), self._limits(edge)
        assert reach is not None
        lows = [x for x in (low, reach[0]) if x is not None]
        highs = [x for x in (high, reach[1]) if x is not None]
        start = max(lows) if lows else min(highs) - 2 if highs else Fraction(-1)
        end = min(highs) if highs else start + 2
        yield from (start + place * (end - start) for place in PLACES)

    def _population(self, edge: RatioEdge, level: Fraction, rivals: Sequence[_RangedFraction]) -> Json | None:
        """One with this ratio on the strata of an edge; what is as good there is made worse, or not to count."""
        program, on = self.program.program, self._tight(edge)
        start, end = self._ends(edge)
        tied = (bool(start[i] or end[i]) for i in range(len(program.rows)))
        rows = tuple(replace(row, relation="=") if own else row for row, own in zip(program.rows, tied, strict=True))
        small = LinearProgram(rows, tuple(program.columns[j] for j in on))
        region = model_region(small, self.parameters)
        ratio = Constraint({k: self.sign * c.cost - level * c.event for k, c in enumerate(small.columns)}, 0, "=")
        demands: list[AffineFunction] = [({k: c.event for k, c in enumerate(small.columns)}, Fraction(0))]
        demands += [region.function(term) for term in self.positive]
        point = _strictly_inside(region.within([ratio]), demands)
        for _ in range(2 * len(rivals)):
            at = None if point is None else region.values(point)
            rival = None if at is None else next((each for each in rivals if each.is_as_good(level, at)), None)
            if rival is None:
                break
            for demand in (rival.divisor.scaled(level) - rival.numerator, -rival.divisor):
                function = region.function(demand)
                point = _strictly_inside(region.within([ratio]), [*demands, function])
                if point is not None:
                    demands.append(function)
                    break
        if point is None or any(each.is_as_good(level, region.values(point)) for each in rivals):
            return None
        strata = {self.program.places[j]: w for j, w in zip(on, point, strict=False) if w}
        return self.population(strata, region.values(point))


def _strictly_inside(region: Region, demands: Sequence[AffineFunction]) -> Sequence[Fraction] | None:
    """A point of a region at which functions are positive."""
    margin = region.size
    best = Maximum(margin + 1, {margin: 1}, region.constraints, region.nonnegative)
    best.add(Constraint({margin: -1}, 1))
    for coefficients, constant in demands:
        best.add(Constraint({**coefficients, margin: -1}, constant))
    found = best.solve()
    return None if found is None or found.value <= 0 else found.point[:margin]
