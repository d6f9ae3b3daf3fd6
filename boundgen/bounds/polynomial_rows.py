"""Independent causes of any kind as a polynomial program at data: several causes of one variable, or a part unobserved.

Each group of variables that causes join has a law over its joint response types; laws of groups are independent, and
so a cell is a sum of products, one factor a group. Inside a group, sets of variables that share no cause have
independent response types: products again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Literal

from boundgen.bounds.estimand_parts import estimand_parts
from boundgen.bounds.needed_responses import KnownValues, leaves, population_forms, restriction_leaves
from boundgen.errors import LimitError
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality, Value
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.program.inverted import linear_at_data
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow
from boundgen.strata.cells import Arm, Assignment
from boundgen.strata.enumeration import Restriction
from boundgen.strata.stages import restrictions
from boundgen.strata.unit import Response, Unit
from boundgen.work.limits import Budget

MOST_TYPES = 4_096
MOST_PRODUCTS = 200_000
Leaves = Sequence[tuple[Fraction | int, KnownValues]]


@dataclass(frozen=True)
class GroupTypes:
    """The joint response types of variables that causes join: those that data, assumptions and the estimand need.

    Parameters
    ----------
    variables : tuple of str
    responses : tuple of Response
    types : tuple of tuple of value
        Each gives every response a value.
    first : int
        The number of the first of its unknowns.
    """

    variables: tuple[str, ...]
    responses: tuple[Response, ...]
    types: tuple[tuple[Value, ...], ...]
    first: int

    def share(self, event: Mapping[Response, Value]) -> Polynomial:
        """The probability of some responses: the sum of the shares of types that have them."""
        wanted = [(self.responses.index(response), value) for response, value in event.items()]
        return Polynomial.of(
            ((share_name(self.first + j),), 1)
            for j, each in enumerate(self.types)
            if all(each[i] == value for i, value in wanted)
        )


def share_name(number: int) -> str:
    """What an unknown is called."""
    return f"share{number:05d}"


@dataclass(frozen=True)
class PolynomialProblem:
    """A model and an estimand as polynomials in shares of response types; the data are put in later.

    Parameters
    ----------
    groups : tuple of GroupTypes
    cells : tuple of (str, Polynomial, Polynomial or None)
        Each observed cell, its probability, and that of the selection among which alone it is seen.
    assumed : tuple of PolynomialRow
        In shares and parameters.
    totals : tuple of PolynomialRow
        The shares of each group sum to one.
    independent : tuple of (Polynomial, Polynomial, Polynomial)
        Inside of groups: a joint share, and the two of which it is the product.
    low, high : Fraction
        What the estimand lies between without data.
    numerator, divisor : Polynomial
        In shares, parameters and cells of the laws of randomized variables.
    """

    groups: tuple[GroupTypes, ...]
    cells: tuple[tuple[str, Polynomial, Polynomial | None], ...]
    assumed: tuple[PolynomialRow, ...]
    totals: tuple[PolynomialRow, ...]
    independent: tuple[tuple[Polynomial, Polynomial, Polynomial], ...]
    low: Fraction
    high: Fraction
    numerator: Polynomial
    divisor: Polynomial

    @cached_property
    def linear(self) -> bool:
        """Whether the program at data is linear: they identify all but one factor of every product, or invert it."""
        # It depends on which products the equations identify, not on the numbers: those of any law will do.
        return linear_at_data(self.at(self._some_data())) is not None

    def _some_data(self) -> dict[str, Fraction]:
        """Cells of a law without zeros, and numbers for parameters."""
        shares = {
            share_name(group.first + j): Fraction(2 * (j + 2), len(group.types) * (len(group.types) + 3))
            for group in self.groups
            for j in range(len(group.types))
        }
        # Where assumptions leave nobody selected, its cells are multiplied by zero, and any number does.
        found = {
            name: chance.value(shares) / whole.value(shares) if whole.terms else Fraction(0)
            for name, chance, whole in self._seen
        }
        parameters = frozenset[str]().union(*(row.polynomial.names for row in self.assumed)) - shares.keys()
        return {**dict.fromkeys(sorted(parameters), Fraction(1, 3)), **found}

    def at(self, values: Mapping[str, Number]) -> PolynomialProgram:
        """The program of these data and parameter values.

        Where these identify one of two shares that are multiplied, there is nothing to multiply.
        """
        return self._program(
            [PolynomialRow(chance - whole.scaled(values[name]), "=") for name, chance, whole in self._seen], values
        )

    def within(self, ends: Mapping[str, tuple[Number, Number]], values: Mapping[str, Number]) -> PolynomialProgram:
        """The program of all data whose cells lie between these ends, at parameter values.

        Its least and greatest values are those of the bounds at the data between the ends.
        """
        rows = []
        for name, chance, whole in self._seen:
            low, high = ends[name]
            rows += [PolynomialRow(chance - whole.scaled(low), ">="), PolynomialRow(whole.scaled(high) - chance, ">=")]
        return self._program(rows, values)

    @property
    def _seen(self) -> Iterator[tuple[str, Polynomial, Polynomial]]:
        """Each cell, its probability, and that of the selection in which it is seen, or one."""
        return ((name, chance, ONE if selection is None else selection) for name, chance, selection in self.cells)

    def _program(self, seen: Sequence[PolynomialRow], values: Mapping[str, Number]) -> PolynomialProgram:
        shares = tuple(share_name(n) for n in range(sum(len(group.types) for group in self.groups)))
        known = [name for name in values if name not in shares]
        rows = [*self.totals, *seen]
        rows += [PolynomialRow(row.polynomial.at(values, known), row.relation) for row in self.assumed]
        rows += _products_at(self.independent, rows)
        above, below = self.numerator.at(values, known), self.divisor.at(values, known)
        return PolynomialProgram(shares, tuple(rows), above, below, self.low, self.high)


def polynomial_problem(model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget) -> PolynomialProblem:
    """A model with independent causes and an estimand as polynomials.

    Raises
    ------
    LimitError
        For too many response types or products.
    NotLinearError
        As `estimand_parts`.
    """
    parts = estimand_parts(model, estimand)
    own_cells = [cell for arm in arms if not arm.law for cell in arm.cells]
    seen = [(cell, _showing(model, (*cell.event, *cell.selection), cell.context)) for cell in own_cells]
    selected = {
        (cell.selection, cell.context): _showing(model, cell.selection, cell.context)
        for cell in own_cells
        if cell.selection
    }
    assumed = list(_assumed(model))
    restricted = [
        each for a in model.assumptions if not isinstance(a.body, Inequality) for each in restrictions(model, a)
    ]
    needed: dict[Response, None] = {}
    together: list[set[Response]] = []
    for found in (
        *(own for _, own in seen),
        *selected.values(),
        *(own for _, own, _ in assumed),
        *(restriction_leaves(model, each) for each in restricted),
        parts.leaves,
    ):
        needed |= dict.fromkeys(response for _, known in found for response, _ in known)
        together += [{response for response, _ in known} for _, known in found]
    groups = _groups(model, tuple(needed), together, restricted)
    budget.step("writing the polynomial program", 0)
    size = sum(_products(own, groups) for _, own in seen) + _products(parts.leaves, groups)
    if size > MOST_PRODUCTS:
        raise LimitError(
            f"the polynomial program has {size} products, which is more than {MOST_PRODUCTS}",
            remedy="Coarsen variables, or state fewer independent causes.",
        )
    cells = tuple(
        (
            cell.name,
            _polynomial(own, groups),
            _polynomial(selected[cell.selection, cell.context], groups) if cell.selection else None,
        )
        for cell, own in seen
    )
    rows = [
        PolynomialRow(start + _polynomial(own, groups), "=" if relation == "=" else ">=")
        for start, own, relation in assumed
    ]
    return PolynomialProblem(
        groups=groups,
        cells=cells,
        assumed=tuple(rows),
        totals=tuple(PolynomialRow(group.share({}) - ONE, "=") for group in groups),
        independent=tuple(each for group in groups for each in _independences(model, group)),
        low=parts.low,
        high=parts.high,
        numerator=Polynomial.total(c * _polynomial([(1, known)], groups) for c, known in parts.numerator),
        divisor=ONE
        if parts.divisor is None
        else Polynomial.total(c * _polynomial([(1, known)], groups) for c, known in parts.divisor),
    )


# ---------------------------------------------------------------- what units show
def _showing(model: Model, wanted: Assignment, context: Assignment) -> Leaves:
    """The units that show these values in a context."""
    world = dict(context)
    found = leaves(model, lambda unit: int(all(unit.value(name, world) == value for name, value in wanted)))
    return [(value, known) for value, known in found if value]


def _assumed(model: Model) -> Iterator[tuple[Polynomial, Leaves, Literal["=", "<="]]]:
    """``start + means``, which is zero or not negative."""
    for assumption in model.assumptions:
        if not isinstance(assumption.body, Inequality):
            continue
        for form, relation in population_forms(model, assumption):
            sign = 1 if relation == "=" else -1
            start = Polynomial.of([((), form.constant), *(((name,), c) for name, c in form.parameters)]).scaled(sign)
            found = [
                (sign * value, known) for mean in form.means for value, known in leaves(model, mean.value) if value
            ]
            yield start, found, relation


# ---------------------------------------------------------------- groups
def _groups(
    model: Model, needed: Sequence[Response], together: Sequence[set[Response]], restricted: Sequence[Restriction]
) -> tuple[GroupTypes, ...]:
    found, first = [], 0
    for variables, responses in _parted(model, needed, together):
        size = prod(len(model.by_name[name].domain) for name, _ in responses)
        if size > MOST_TYPES:
            raise LimitError(
                f"the variables {', '.join(variables)} have {size} joint response types, more than {MOST_TYPES}",
                remedy="Coarsen variables, or give them fewer parents.",
            )
        types = tuple(
            values
            for values in itertools.product(*(model.by_name[name].domain for name, _ in responses))
            if _allowed(model, dict(zip(responses, values, strict=True)), restricted)
        )
        found.append(GroupTypes(variables, responses, types, first))
        first += len(types)
    return tuple(found)


def _parted(
    model: Model, needed: Sequence[Response], together: Sequence[set[Response]]
) -> Iterator[tuple[tuple[str, ...], tuple[Response, ...]]]:
    """The responses of each group; those that nothing asks for together are as good as independent.

    Only their own laws matter then, and any two laws are those of some joint law. It makes the program much smaller.
    """
    for variables in model.components:
        own = [response for response in needed if response[0] in variables]
        if len(variables) > 1 and not any(set(variables) <= set(cause) for cause in model.causes or ()):
            yield variables, tuple(own)
            continue
        parts: list[set[Response]] = [{response} for response in own]
        for asked in together:
            joined = [part for part in parts if part & asked]
            parts = [part for part in parts if not part & asked] + ([set().union(*joined)] if joined else [])
        for part in sorted(parts, key=lambda part: min(own.index(response) for response in part)):
            yield variables, tuple(response for response in own if response in part)


def _allowed(model: Model, known: dict[Response, Value], restricted: Sequence[Restriction]) -> bool:
    """Whether no assumption is broken; those on other variables are not decided."""
    unit = Unit(model.by_name, known)
    return not any(each.decided(unit) is False for each in restricted)


def _independences(model: Model, group: GroupTypes) -> Iterator[tuple[Polynomial, Polynomial, Polynomial]]:
    """Sets of variables of a group that share no cause have independent response types."""
    causes = [set(cause) for cause in model.causes or ()]
    done: set[frozenset[tuple[str, ...]]] = set()
    for size in range(1, len(group.variables)):
        for one in itertools.combinations(group.variables, size):
            near = set(one).union(*(cause for cause in causes if cause & set(one)))
            other = tuple(name for name in group.variables if name not in near)
            pair = frozenset((one, other))
            if not other or pair in done:
                continue
            done.add(pair)
            for a, b in itertools.product(_values(group, one), _values(group, other)):
                yield group.share({**a, **b}), group.share(a), group.share(b)


def _values(group: GroupTypes, names: Iterable[str]) -> list[dict[Response, Value]]:
    """All values of the responses of some variables; the last one follows from the others."""
    places = [i for i, (name, _) in enumerate(group.responses) if name in names]
    found = dict.fromkeys(tuple(each[i] for i in places) for each in group.types)
    return [{group.responses[i]: value for i, value in zip(places, values, strict=True)} for values in list(found)[:-1]]


# ---------------------------------------------------------------- at data
def _products_at(
    independent: Sequence[tuple[Polynomial, Polynomial, Polynomial]], rows: Sequence[PolynomialRow]
) -> Iterator[PolynomialRow]:
    """``joint - one * other = 0``, with a number for a factor that the rows identify."""
    known = _Known()
    for row in rows:
        known.add(row)
    left = list(independent)
    while left:
        unknown = []
        for joint, one, other in left:
            number, times = (known.value(one), other) if known.value(one) is not None else (known.value(other), one)
            if number is None:
                unknown.append((joint, one, other))
                continue
            row = PolynomialRow(joint - times.scaled(number), "=")
            known.add(row)
            yield row
        if len(unknown) == len(left):
            break
        left = unknown
    yield from (PolynomialRow(joint - one * other, "=") for joint, one, other in left)


class _Known:
    """What equality rows that are linear in shares say of other linear functions of them."""

    def __init__(self) -> None:
        self._span = Span()
        self._places: dict[str, int] = {}
        self._constants: list[Fraction] = []

    def add(self, row: PolynomialRow) -> None:
        """One more row; one that is not linear, or an inequality, says nothing."""
        term = row.polynomial.term
        if term is not None and row.relation == "=":
            self._span.add(len(self._constants), self._vector(term))
            self._constants.append(term.constant)

    def value(self, polynomial: Polynomial) -> Fraction | None:
        """Its value, where the rows have it."""
        term = polynomial.term
        multiples = None if term is None else self._span.depends(self._vector(term))
        if term is None or multiples is None:
            return None
        return term.constant - sum((c * self._constants[k] for k, c in multiples.items()), Fraction(0))

    def _vector(self, term: Term) -> dict[int, Fraction]:
        return {self._places.setdefault(name, len(self._places)): c for name, c in term.coefficients}


# ---------------------------------------------------------------- polynomials
def _polynomial(expanded: Leaves, groups: Sequence[GroupTypes]) -> Polynomial:
    return Polynomial.total(_product(known, groups).scaled(value) for value, known in expanded)


def _product(known: KnownValues, groups: Sequence[GroupTypes]) -> Polynomial:
    total = ONE
    for group in groups:
        own = {response: value for response, value in known if response in group.responses}
        if own:
            total = total * group.share(own)
    return total


def _products(expanded: Leaves, groups: Sequence[GroupTypes]) -> int:
    count = 0
    for _, known in expanded:
        count += prod(
            len(group.share({r: v for r, v in known if r in group.responses}).terms)
            for group in groups
            if any(r in group.responses for r, _ in known)
        )
    return count
