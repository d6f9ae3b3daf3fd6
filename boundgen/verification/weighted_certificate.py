"""The part of a certificate that proves bounds with known weights, shares and divisors: rows of numbers, and chambers.

The checker's own reader says what the program is, so that both speak of the same rows. What is found here is how rows
of numbers are multiples of these, and of each chamber of weights a point inside.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.chambers import Chamber, Direction, Subdivision, dual_points, subdivision, whole_subdivision
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.closing import known_form, weight_names
from boundgen.bounds.derived import Derivation
from boundgen.bounds.functions_json import polynomial_json
from boundgen.bounds.normal_form import NormalProgram
from boundgen.bounds.piecewise import Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_json import side_json
from boundgen.bounds.problem import BoundingProblem, WeightedEstimand
from boundgen.bounds.weight_space import WeightSpace, weight_space
from boundgen.bounds.weighted import names_on_the_right, reduced_weights
from boundgen.bounds.weighted_posing import program_with_closed_form
from boundgen.errors import BudgetError, LimitError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.printer import print_estimand
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.proof import mean_proof
from boundgen.polyhedra.region import AffineFunction, model_region
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.linear_program import right_side
from boundgen.program.merging import merge
from boundgen.program.zeros import remove_zeros
from boundgen.verification import check_certificate as checker
from boundgen.verification.certificate_parts import (
    Json,
    NotCertifiedError,
    checked_function,
    checked_function_json,
    checked_polynomial_json,
    labelled,
    multiples_json,
    numbers_json,
    range_labels,
    stratum_json,
)
from boundgen.work.limits import Budget

FunctionMultiples = dict[int, checker.Function]
# Functions of the weights that are positive in a cell.
Path = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Certifiable:
    """An estimand with weights, or with a known divisor, as it is printed.

    Parameters
    ----------
    asked : WeightedEstimand
    normal : NormalProgram
    lower, upper : PiecewiseSide
    denominator : Polynomial or None
    """

    asked: WeightedEstimand
    normal: NormalProgram
    lower: PiecewiseSide
    upper: PiecewiseSide
    denominator: Polynomial | None


def certifiable(derivation: Derivation, bounds: Bounds | PiecewiseBounds, budget: Budget) -> Certifiable:
    """Bounds of an estimand whose divisor is known, if they are proved sharp."""
    if isinstance(bounds, PiecewiseBounds):
        return _of_pieces(derivation, bounds)
    return _of_terms(derivation, derivation.bounds.index(bounds), budget)


def _of_pieces(derivation: Derivation, bounds: PiecewiseBounds) -> Certifiable:
    """Bounds that are printed in pieces."""
    if bounds.missing:
        raise NotCertifiedError("its bounds are not proved sharp")
    asked = WeightedEstimand(derivation.model.estimand_named(bounds.name), bounds.program)
    return Certifiable(asked, bounds.normal, bounds.lower, bounds.upper, bounds.denominator)


def _of_terms(derivation: Derivation, number: int, budget: Budget) -> Certifiable:
    """Linear bounds over a known divisor."""
    stage, bounds = derivation.stages[number], derivation.bounds[number]
    program = program_with_closed_form(derivation.model, derivation.arms, stage.estimand, budget)
    asked = WeightedEstimand(stage.estimand, program)
    normal = known_form(asked, _problem(derivation))
    if isinstance(normal, str):
        raise NotCertifiedError(normal)
    over = None if bounds.denominator is None else Polynomial.linear(bounds.denominator)
    lower, upper = (_pieces_of_terms(op, side.terms) for op, side in (("max", bounds.lower), ("min", bounds.upper)))
    return Certifiable(asked, normal, lower, upper, over)


def _pieces_of_terms(op: str, terms: Sequence[Term]) -> PiecewiseSide:
    options = (RationalFunction(Polynomial.linear(term)) for term in terms)
    return PiecewiseSide("max" if op == "max" else "min", tuple(Piece((), (Summand(ONE, (o,)),)) for o in options))


def _problem(derivation: Derivation) -> BoundingProblem:
    return BoundingProblem(derivation.model, derivation.arms, (), ())


def weighted_json(derivation: Derivation, each: Certifiable, head: Json, budget: Budget) -> Json:
    """All of one estimand, which the checker has found to hold.

    Parameters
    ----------
    derivation : Derivation
    each : Certifiable
    head : dict
        What the certificate says of the model.
    budget : Budget

    Returns
    -------
    dict

    Raises
    ------
    NotCertifiedError
        Where a step of the proof is not found.
    """
    try:
        rows = RowsOfNumbers(derivation, each, checker.Certificate(checker.Node(head)), budget)
    except (checker.Wrong, checker.Malformed) as error:
        raise NotCertifiedError(str(error)) from None
    reasons = []
    for whole in (False, True):
        try:
            document = rows.json(whole)
            if whole:
                add_unprinted(document, head)
            program = checker.Weighted(checker.Certificate(checker.Node(head)), checker.Node(document, "weighted[0]"))
            checker.check_weighted(program, program.node)
            return document
        except (checker.Wrong, checker.Malformed, NotCertifiedError) as error:
            reasons.append(str(error))
    raise NotCertifiedError("; ".join(reasons))


def add_unprinted(document: Json, head: Json) -> None:
    """Add what is proved and not printed, of which a proof that it is never needed is not found.

    Parameters
    ----------
    document : dict
        The proof of an estimand.
    head : dict
        What the certificate says of the model.
    """
    program = checker.Weighted(checker.Certificate(checker.Node(head)), checker.Node(document, "weighted[0]"))
    left = checker.unprinted_pieces(program, program.node)
    document["printed"]["beside"] = {
        name: [
            {
                "if": [{"value": checked_polynomial_json(value), "relation": relation} for value, relation in guards],
                "sum": [
                    {
                        "weight": checked_polynomial_json(checker.ONE_),
                        "op": "max" if name == "lower" else "min",
                        "options": [checked_function_json(option) for option in options],
                    }
                ],
            }
            for guards, options in pieces
        ]
        for name, pieces in left.items()
    }


# ---------------------------------------------------------------- rows of numbers
class RowsOfNumbers:
    """How the rows of the normal program are multiples of the rows of the model."""

    def __init__(
        self,
        derivation: Derivation,
        each: Certifiable,
        head: checker.Certificate,
        budget: Budget,
        ratio: bool = False,
    ) -> None:
        self.derivation, self.each, self.head, self.budget = derivation, each, head, budget
        self.normal, self.program = each.normal, each.normal.program
        self.place = {name: i for i, name in enumerate(derivation.order)}
        _, numerator, divisor = head.model.estimands[each.asked.estimand.name]
        columns = [
            checker.Column(
                checker.Node({"stratum": stratum_json(column), "entries": {}}, "columns"), head.model, "scale"
            )
            for column in self.program.columns
        ]
        self.posed = checker.Posed(head, numerator, divisor, [column.known for column in columns], ratio)
        if len(self.posed.values) < len(columns):
            raise NotCertifiedError("its strata do not tell what the program asks of them")
        self.same = self.posed.identities.equal
        self.scales = [checked_function(RationalFunction(scale)) for scale in self.normal.scales]

    def json(self, whole: bool = False) -> Json:
        """The estimand.

        Parameters
        ----------
        whole : bool
            Whether options and directions are listed that are printed nowhere.

        Returns
        -------
        dict
        """
        printed = self.each
        possible = remove_zeros(self.program)
        independent = drop_dependent_rows(possible.program)
        kept = [possible.rows[i] for i in independent.rows]
        below = printed.denominator
        return {
            **self.program_json(),
            "dependent": [i for i in range(len(self.program.rows)) if i not in kept],
            "printed": {
                "denominator": None if below is None else polynomial_json(below, self.place),
                "lower": side_json(printed.lower, self.place)["pieces"],
                "upper": side_json(printed.upper, self.place)["pieces"],
            },
            "lower": _Side(self, 1, kept, whole).json(),
            "upper": _Side(self, -1, kept, whole).json(),
        }

    def program_json(self) -> Json:
        """The estimand's program in rows of numbers."""
        estimand = self.each.asked.estimand
        rows = [self._row(i) for i in range(len(self.program.rows))]
        mains = {row["main"] for row in rows}
        left = [k for k in range(len(self.posed.rows)) if k not in mains]
        return {
            "name": estimand.name,
            "expression": print_estimand(estimand, self.derivation.model.by_name),
            "columns": [
                {
                    "stratum": stratum_json(column),
                    "entries": numbers_json((str(i), entry) for i, entry in column.entries),
                    "scale": polynomial_json(scale, self.place),
                }
                for column, scale in zip(self.program.columns, self.normal.scales, strict=True)
            ],
            "rows": rows,
            "others": [step for k in left if (step := self._follows(k)) is not None],
            "impossible": [
                {"row": forced.row, "columns": list(forced.columns)} for forced in remove_zeros(self.program).forced
            ],
            "over": checked_function_json(checked_function(self.normal.over)),
        }

    # ------------------------------------------------------------ rows
    def _row(self, i: int) -> Json:
        row = self.program.rows[i]
        target = [
            checker.NONE if not (entry := dict(column.entries).get(i)) else scale.inverse.times(entry)
            for column, scale in zip(self.program.columns, self.scales, strict=True)
        ]
        main = self._main(i)
        multiples = self._multiples(target, main)
        if main not in multiples:
            main = None
        return {
            "kind": row.kind,
            "relation": row.relation,
            "right": checked_function_json(checked_function(self.normal.expanded(row.right))),
            "main": main,
            "of": {str(k): checked_function_json(multiple) for k, multiple in multiples.items()},
        }

    def _main(self, i: int) -> int | None:
        """The row of the model that a row stands for."""
        origin = self.normal.origins[i]
        if origin is None:
            return None
        rows = self.each.asked.program.rows
        same = [k for k, row in enumerate(rows) if (row.kind, row.name) == (rows[origin].kind, rows[origin].name)]
        own = (rows[origin].kind, rows[origin].name)
        found = [k for k, row in enumerate(self.posed.rows) if (row.kind, row.name) == own]
        return found[same.index(origin)] if len(found) == len(same) else None

    def _multiples(self, target: Sequence[checker.Function], main: int | None) -> FunctionMultiples:
        """The target as a multiple of the main row and of rows of numbers that are equalities."""
        if main is not None:
            multiple = self._multiple(target, self.posed.rows[main].entries)
            if multiple is not None:
                return {main: multiple}
        own = None if main is None else self.posed.rows[main].entries
        if own is not None and main is not None:
            multiple = self._multiple(self._rests(target), self._rests(own))
            if multiple is None:
                raise NotCertifiedError("a row is no multiple of an assumption, but for what is observed")
            rest = [a + -(multiple * b) for a, b in zip(target, own, strict=True)]
            return {main: multiple, **self._observed(rest)}
        return self._observed(target)

    def _multiple(self, one: Sequence[checker.Function], other: Sequence[checker.Function]) -> checker.Function | None:
        """The function by which the other is multiplied to give the one."""
        place = next((j for j, x in enumerate(other) if x.above), None)
        if place is None:
            return None
        multiple = one[place] * other[place].inverse
        return multiple if all(self.same(a, multiple * b) for a, b in zip(one, other, strict=True)) else None

    def _rests(self, vector: Sequence[checker.Function]) -> list[checker.Function]:
        """What is left of a vector without what rows of numbers say."""
        by_monomial, below = _monomials(vector)
        found = [checker.NONE] * len(vector)
        for names, numbers in by_monomial.items():
            for j, c in self.posed.span.rest(numbers).items():
                found[j] += checker.Function(checker.Polynomial({names: c}), below)
        return found

    def _observed(self, vector: Sequence[checker.Function]) -> FunctionMultiples:
        """A vector as a combination of rows of numbers."""
        by_monomial, below = _monomials(vector)
        found: FunctionMultiples = {}
        for names, numbers in by_monomial.items():
            multiples = self.posed.span.depends(numbers)
            if multiples is None:
                raise NotCertifiedError("a row is no combination of observed rows")
            for k, c in multiples.items():
                step = checker.Function(checker.Polynomial({names: c}), below)
                found[k] = found.get(k, checker.NONE) + step
        return {k: multiple for k, multiple in found.items() if multiple.above}

    def _follows(self, k: int) -> Json | None:
        """The total as the sum over groups, each with its share."""
        if self.posed.rows[k].kind != "total":
            return None
        found = {}
        for i, origin in enumerate(self.normal.origins):
            inside = [j for j, column in enumerate(self.program.columns) if dict(column.entries).get(i)]
            if origin is None and inside:
                found[str(i)] = checked_function_json(self.scales[inside[0]])
        return {"row": k, "of": found}


def _monomials(
    vector: Sequence[checker.Function],
) -> tuple[dict[tuple[str, ...], dict[int, Fraction]], list[checker.Polynomial]]:
    """Numerators over one divisor: for each product of names a vector of numbers, and the factors of the divisor."""
    below: list[checker.Polynomial] = []
    for function in vector:
        below += checker.Function(checker.ONE_, below).missing(function)
    common = checker.Function(checker.ONE_, below)
    found: dict[tuple[str, ...], dict[int, Fraction]] = {}
    for j, function in enumerate(vector):
        top = function.above
        for factor in function.missing(common):
            top = top * factor
        for names, c in top.terms.items():
            found.setdefault(names, {})[j] = c
    return found, below


# ---------------------------------------------------------------- one side
class _Side:
    """One side: directions with all their options, the pieces that are printed, and cells that cover all weights."""

    def __init__(self, rows: RowsOfNumbers, sign: int, kept: Sequence[int], whole: bool) -> None:
        self.rows, self.sign, self.kept, self.budget, self.whole = rows, sign, kept, rows.budget, whole
        problem = _problem(rows.derivation)
        self.names, parameters = weight_names(problem), rows.derivation.model.parameters
        self.possible = remove_zeros(rows.program)
        others = names_on_the_right(self.possible.program, self.names, parameters)
        self.active_region = model_region(merge(self.possible.program).program, (*parameters, *others))
        self.region = model_region(self.possible.program, (*parameters, *others))
        rowed = [("rows", str(i)) for i, row in enumerate(rows.program.rows) if row.kind != "cell"]
        self.labels = [*range_labels([*parameters, *others]), *rowed]
        self.small, self.costs = reduced_weights(rows.program, rows.normal.costs)

    def json(self) -> Json:
        """The shortest of the forms that the weights give."""
        spaces = [weight_space(self.small, each, self.names) for each in self._spreads()]
        if not spaces[0].corners:
            return self._identified(spaces[0])
        found: list[tuple[tuple[int, int], WeightSpace, Subdivision]] = []
        for space in spaces:
            try:
                divided = self._divided(space)
            except BudgetError:
                raise
            except LimitError:
                continue
            options = [len(divided.directions[d]) for chamber in divided.chambers for d in chamber.directions]
            found.append(((len(divided.chambers), sum(options)), space, divided))
        if not found:
            raise NotCertifiedError("its directions are not found again")
        _, space, divided = min(found, key=lambda each: each[0])
        return self._of(space, divided)

    def _divided(self, space: WeightSpace) -> Subdivision:
        """What matters somewhere; or all, with the options that matter where a direction has such."""
        needed = subdivision(self.small, space, self.sign, self.active_region, self.budget)
        if not self.whole:
            return needed
        found = whole_subdivision(self.small, space, self.sign, self.budget)
        self.needed = {chamber.directions for chamber in needed.chambers}
        return Subdivision({**found.directions, **needed.directions}, found.chambers)

    def _spreads(self) -> list[tuple[Polynomial, ...]]:
        return list(dict.fromkeys((self.names.spread(self.costs), tuple(self.costs))))

    def _identified(self, space: WeightSpace) -> Json:
        return {**self._objective(space, ()), "directions": [], "pieces": [[]], "cells": {"point": {}}}

    def _of(self, space: WeightSpace, divided: Subdivision) -> Json:
        used = list(dict.fromkeys(d for chamber in divided.chambers for d in chamber.directions))
        points = dual_points(self.small, space, self.sign, self.budget)
        directions = [
            {
                "direction": multiples_json(tuple(map(Fraction, direction))),
                "options": self._options(points[direction], divided.directions[direction]),
            }
            for direction in used
        ]
        size = range(len(space.weights))
        weights = [checker.Polynomial(dict(space.polynomial([Fraction(i == k) for k in size]).terms)) for i in size]
        pieces = [[used.index(d) for d in chamber.directions] for chamber in divided.chambers]
        guards = [[tuple(multiple) for multiple in chamber.multiples] for chamber in divided.chambers]
        corners = [tuple(corner) for corner in checker.corners(self.rows.head, weights)]
        return {
            **self._objective(space, weights),
            "directions": directions,
            "pieces": pieces,
            "cells": self._cells(guards, corners),
            **({"cut": self._cuts(divided.chambers, used, directions)} if self.whole else {}),
        }

    # ------------------------------------------------------------ pieces that are cut
    def _cuts(
        self,
        chambers: Sequence[Chamber],
        used: Sequence[Direction],
        directions: Sequence[Json],
    ) -> list[Json]:
        """How pieces that are not printed are cut into smaller ones, where that is seen."""
        options: dict[Direction, dict[int, AffineFunction]] = {}
        for direction, entry in zip(used, directions, strict=True):
            options[direction] = {
                k: self.region.function(self._term(option["multiples"]))
                for k, option in enumerate(entry["options"])
                if "superfluous" not in option
            }
        number = {frozenset(chamber.directions): p for p, chamber in enumerate(chambers)}
        left = [p for p, chamber in enumerate(chambers) if chamber.directions not in self.needed]
        found: list[Json] = []
        progress = True
        while progress:
            progress = False
            for p in list(left):
                cut = self._cut(chambers[p], options, number, left)
                if cut is not None:
                    inside, means = cut
                    found.append({"piece": p, "direction": used.index(inside), "means": means})
                    left.remove(p)
                    progress = True
        return found

    def _cut(
        self,
        chamber: Chamber,
        options: Mapping[Direction, Mapping[int, AffineFunction]],
        number: Mapping[frozenset[Direction], int],
        left: Sequence[int],
    ) -> tuple[Direction, list[Json]] | None:
        """A direction inside of a chamber, with a mean of its options for each choice of options of the chamber."""
        for inside in options:
            shares = chamber.at(inside) if inside not in chamber.directions else None
            if shares is None or len(shares) < 2:
                continue
            smaller = [frozenset({*chamber.directions, inside} - {each}) for each in shares]
            if any(number.get(each) in left for each in smaller):
                continue
            means = self._means(options[inside], [(shares[each], options[each]) for each in shares])
            if means is not None:
                return inside, means
        return None

    def _means(
        self, inside: Mapping[int, AffineFunction], parts: Sequence[tuple[Fraction, Mapping[int, AffineFunction]]]
    ) -> list[Json] | None:
        """For each sum of one option of each part a mean of options inside that is at least it."""
        found = []
        for chosen in itertools.product(*(options for _, options in parts)):
            total = [(share, options[k]) for (share, options), k in zip(parts, chosen, strict=True)]
            proof = mean_proof(self.region, [_less(function, total) for function in inside.values()])
            if proof is None:
                return None
            weights = numbers_json((str(k), w) for k, w in zip(inside, proof.weights, strict=True))
            found.append({"weights": weights, "proof": labelled(self.labels, proof.multiples)})
        return found

    def _term(self, multiples: Json) -> Term:
        """An option as a combination of right sides."""
        full = [Fraction(0)] * len(self.rows.program.rows)
        for i, c in multiples.items():
            full[int(i)] = Fraction(c)
        return right_side(self.rows.program, full)

    def _cells(self, guards: Sequence[Sequence[tuple[Fraction, ...]]], corners: Sequence[tuple[Fraction, ...]]) -> Json:
        """One cone where one piece applies everywhere; otherwise cells."""
        cells = _Cells(guards, corners)
        return {"cone": {}} if len(guards) == 1 and not cells.cuts else cells.json(())

    def _objective(self, space: WeightSpace, weights: Sequence[checker.Polynomial]) -> Json:
        small = {(c.entries, cost): j for j, (c, cost) in enumerate(zip(self.small.columns, self.costs, strict=True))}
        whole = drop_dependent_rows(self.possible.program).program
        of = {}
        for column, place in zip(whole.columns, self.possible.columns, strict=True):
            of[place] = small[column.entries, self.rows.normal.costs[place]]
        return {
            "weights": [
                {
                    "weight": checked_polynomial_json(weight),
                    "costs": numbers_json((str(j), costs.get(k, 0)) for j, k in of.items()),
                }
                for weight, costs in zip(weights, space.costs, strict=bool(weights))
            ],
            "identified": [
                {
                    "weight": polynomial_json(Polynomial.of([(monomial, 1)]), self.rows.place),
                    "multiples": numbers_json((str(self.kept[i]), c) for i, c in multiples.items()),
                }
                for monomial, multiples in zip(space.monomials, space.combinations, strict=True)
                if multiples
            ],
        }

    # ------------------------------------------------------------ options
    def _options(self, points: Sequence[tuple[Fraction, ...]], printed: Sequence[Term]) -> list[Json]:
        """Those that are printed first; of the others why they need not be."""
        terms = {point: right_side(self.small, point) for point in points}
        shown: list[tuple[Fraction, ...]] = []
        for term in printed:
            shown.append(next(point for point in points if terms[point] == term))
        found: list[Json] = [{"multiples": self._lifted(point)} for point in shown]
        functions = [terms[point] for point in shown]
        for point in points:
            if point not in shown:
                found.append({"multiples": self._lifted(point), **self._superfluous(terms[point], functions)})
        return found

    def _superfluous(self, term: Term, others: Sequence[Term]) -> Json:
        try:
            return {"superfluous": self._beaten(term, others)}
        except NotCertifiedError:
            if not self.whole:
                raise
            return {}

    def _lifted(self, point: Sequence[Fraction]) -> Json:
        return numbers_json((str(self.kept[i]), c) for i, c in enumerate(point))

    def _beaten(self, term: Term, others: Sequence[Term]) -> Json:
        proof = mean_proof(self.region, [self.region.function(other - term) for other in others])
        if proof is None:
            raise NotCertifiedError("what leaves out an option is no mean of options in its direction")
        weights = numbers_json((str(k), w) for k, w in enumerate(proof.weights))
        return {"weights": weights, "proof": labelled(self.labels, proof.multiples)}


# ---------------------------------------------------------------- cells
@dataclass(frozen=True)
class _Cells:
    """The weights cut by all functions that decide where pieces apply.

    Parameters
    ----------
    guards : sequence of sequence of tuple of Fraction
        For each piece the multiples of its directions as functions of the weights.
    corners : sequence of tuple of Fraction
    """

    guards: Sequence[Sequence[tuple[Fraction, ...]]]
    corners: Sequence[tuple[Fraction, ...]]

    @cached_property
    def cuts(self) -> list[tuple[int, int]]:
        """The functions that may be negative, by piece and position; of those that are multiples the first."""
        found: dict[tuple[int, int], tuple[Fraction, ...]] = {}
        for p, functions in enumerate(self.guards):
            for k, function in enumerate(functions):
                negative = any(checker.value_at(function, corner) < 0 for corner in self.corners)
                if negative and not any(_is_multiple(function, other) for other in found.values()):
                    found[p, k] = function
        return list(found)

    def json(self, path: Path) -> Json:
        """The tree of cells from one on, whose place is what is positive in it."""
        point, empty = self._inside(path)
        if point is None:
            return {"empty": [str(x) for x in empty]}
        if len(path) == len(self.cuts):
            return {"point": numbers_json((str(k), x) for k, x in enumerate(point))}
        p, k = self.cuts[len(path)]
        guard = self.guards[p][k]
        return {
            "piece": p,
            "position": k,
            "positive": self.json((*path, guard)),
            "negative": self.json((*path, tuple(-x for x in guard))),
        }

    def _inside(self, path: Path) -> tuple[Sequence[Fraction] | None, Sequence[Fraction]]:
        """Positive multiples of all corners inside of a cell; or multiples of its functions that say it is empty."""
        values = [[checker.value_at(function, corner) for corner in self.corners] for function in path]
        size = len(self.corners)
        demands = [Constraint({**dict(enumerate(row)), size: -1}) for row in values]
        demands += [Constraint({k: 1, size: -1}) for k in range(size)]
        demands.append(Constraint(dict.fromkeys(range(size), -1), size))
        best = maximum(size + 1, {size: 1}, demands, range(size + 1))
        if best is not None and best.value > 0:
            return best.point[:size], ()
        columns = range(len(path))
        against = [Constraint({g: -values[g][k] for g in columns}) for k in range(size)]
        against.append(Constraint(dict.fromkeys(columns, 1), -1, "="))
        found = maximum(len(path), {}, against, columns)
        if found is None:
            raise NotCertifiedError("a cell of weights has no inside and is not empty")
        return None, found.point


def _less(function: AffineFunction, parts: Iterable[tuple[Fraction, AffineFunction]]) -> AffineFunction:
    """A function less multiples of others."""
    coefficients, constant = dict(function[0]), Fraction(function[1])
    for multiple, (others, number) in parts:
        constant -= multiple * number
        for i, c in others.items():
            coefficients[i] = coefficients.get(i, 0) - multiple * c
    return coefficients, constant


def _is_multiple(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    return checker.parallel(one, other) or checker.parallel(one, [-x for x in other])
