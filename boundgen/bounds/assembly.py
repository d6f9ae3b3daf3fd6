"""A model and an estimand to a program whose coefficients are functions of the data: shares, weights, divisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from boundgen.bounds.consistency import is_empty, refuse_contradiction
from boundgen.bounds.sides import identified_quantity
from boundgen.bounds.signs import is_nonnegative
from boundgen.errors import ModelError, NotIdentifiedError, NotLinearError, Place
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction, over_one_denominator
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Assumption, Estimand, Parameter
from boundgen.program.linear_program import Column, LinearProgram, Row
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram, WeightedRow
from boundgen.strata.averages import Average, Product, is_plain, products
from boundgen.strata.cells import Arm
from boundgen.strata.enumeration import enumerate_strata
from boundgen.strata.stages import arm_stage, restrictions, selection_stage
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget

# A function of the stratum: one polynomial in weights for each column.
StratumValues = tuple[Polynomial, ...]
UNIT = RationalFunction(ONE)
NOTHING = RationalFunction(ZERO)
NO_INDICES: Mapping[str, Value] = {}


def weighted_program(
    model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget, known_means: bool = False
) -> WeightedProgram:
    """The program of an estimand that need not be linear with constant coefficients.

    Parameters
    ----------
    model : Model
    arms : sequence of Arm
    estimand : Estimand
    budget : Budget
    known_means : bool
        Whether conditional means that the data identify stand in right sides of assumptions, as numbers would.

    Raises
    ------
    NotIdentifiedError
        A condition whose probability the data do not identify, where assumptions compare means or the estimand adds
        means given different conditions.
    NotLinearError
        A product of two unknown probabilities; a divisor of either sign that is not identified.
    """
    return _Assembly.of(model, arms, estimand, budget, known_means).program(estimand)


def identified_function(
    model: Model, arms: Sequence[Arm], expression: Sum, budget: Budget, indices: Mapping[str, Value] = NO_INDICES
) -> RationalFunction | None:
    """A quantity as a function of the data, or None where they do not identify it; `indices` are quantified names."""
    assembly = _Assembly.of(model, arms, Estimand("quantity", expression), budget, indices=indices)
    total = NOTHING
    for product in products(model, expression, indices):
        coefficient, average = assembly.resolved(product)
        known = UNIT if average is None else assembly.mean(average)
        if known is None:
            return None
        total += coefficient * known
    return total


@dataclass(frozen=True)
class AssumedRow:
    """A population-level assumption for one choice of its quantified names: ``products <= 0`` or ``= 0``."""

    assumption: Assumption
    label: str
    relation: Literal["=", "<="]
    products: tuple[Product, ...]

    @property
    def where(self) -> Place | None:
        """Where the assumption stands."""
        return self.assumption.where


@dataclass(frozen=True)
class PosedRatio:
    """A quantity of the model as ``numerator · ψ / divisor · ψ / over``; no divisor is one."""

    numerator: StratumValues
    divisor: StratumValues | None
    over: RationalFunction


@dataclass
class _Assembly:
    """Rows are added one by one: what earlier ones identify may be a coefficient of later ones."""

    model: Model
    budget: Budget
    strata: tuple[Stratum, ...]
    values: Mapping[object, tuple[StratumValues, StratumValues]]
    # The sum over each observed law of randomized variables, which is one.
    laws: tuple[Polynomial, ...]
    known_means: bool
    rows: list[WeightedRow] = field(default_factory=list)
    entries: list[dict[int, RationalFunction]] = field(default_factory=list)
    selected: list[tuple[int, ...]] = field(default_factory=list)
    symbols: dict[str, RationalFunction] = field(default_factory=dict)
    known: dict[StratumValues, RationalFunction | None] = field(default_factory=dict)
    shares: dict[StratumValues, RationalFunction] = field(default_factory=dict)
    cells: list[list[str]] = field(default_factory=list)

    # ------------------------------------------------------------ strata
    @classmethod
    def of(
        cls,
        model: Model,
        arms: Sequence[Arm],
        estimand: Estimand,
        budget: Budget,
        known_means: bool = False,
        indices: Mapping[str, Value] = NO_INDICES,
    ) -> _Assembly:
        """The strata that cells, assumptions and the estimand tell apart, and the rows."""
        assumed = _assumed_rows(model)
        asked = [products(model, e, indices, estimand.where) for e in (estimand.expression, estimand.divisor or Sum())]
        averages: dict[object, Average] = {
            average.key: average
            for group in (*(row.products for row in assumed), *asked)
            for product in group
            for average in product.averages
        }
        own = [arm for arm in arms if not arm.law]
        numbers = {cell.name: i for i, cell in enumerate(c for arm in own for c in arm.cells)}
        stages = [
            *(average.stage() for average in averages.values()),
            *(arm_stage(arm, numbers) for arm in own),
            *(selection_stage(arm) for arm in own if arm.cells[0].selection),
        ]
        restricted = [
            restriction
            for assumption in model.assumptions
            if not isinstance(assumption.body, Inequality)
            for restriction in restrictions(model, assumption)
        ]
        leaves = enumerate_strata(model.by_name, restricted, stages, budget)
        values = {
            key: _polynomials(average, [leaf[k] for leaf in leaves])
            for k, (key, average) in enumerate(averages.items())
        }
        laws = tuple(Polynomial.of(((cell.name,), 1) for cell in arm.cells) for arm in arms if arm.law)
        assembly = cls(model, budget, tuple(leaves.values()), values, laws, known_means)
        assembly._observe(own, [leaf[len(averages) :] for leaf in leaves], numbers)
        assembly._assume(assumed)
        assembly._refuse_empty()
        return assembly

    def _refuse_empty(self) -> None:
        """Assumptions whose coefficients are numbers may contradict one another whatever the data are."""
        if not is_empty(self._linear_part([Fraction(0)] * len(self.strata)), self.model):
            return
        plain = [a for a in self.model.assumptions if not isinstance(a.body, Inequality) or _has_numbers(self.model, a)]
        refuse_contradiction(replace(self.model, assumptions=tuple(plain)), self.budget)

    def _observe(self, arms: Sequence[Arm], leaves: Sequence[tuple[Any, ...]], numbers: Mapping[str, int]) -> None:
        """Rows of cells and of the total, then of those that are seen only in a selection."""
        self.entries = [{} for _ in leaves]
        self.selected = [() for _ in leaves]
        by_arm = {id(arm): [leaf[k] for leaf in leaves] for k, arm in enumerate(arms)}
        for arm in arms:
            if not arm.cells[0].selection:
                names = {numbers[cell.name]: cell.name for cell in arm.cells}
                self.cells.append([names.get(seen, "") for seen in by_arm[id(arm)]])
                for cell in arm.cells:
                    inside = [seen == numbers[cell.name] for seen in by_arm[id(arm)]]
                    self._add("cell", cell.name, "=", _indicators(inside), RationalFunction(Polynomial.name(cell.name)))
        self._add("total", "total", "=", [UNIT] * len(leaves), UNIT)
        chosen = [arm for arm in arms if arm.cells[0].selection]
        for k, arm in enumerate(chosen):
            inside = [bool(leaf[len(arms) + k]) for leaf in leaves]
            share = self.identified(tuple(Polynomial.number(int(x)) for x in inside))
            if share is None:
                self.selected = [(*own, k) if x else own for own, x in zip(self.selected, inside, strict=True)]
            for cell in arm.cells:
                self._select(cell.name, [s == numbers[cell.name] for s in by_arm[id(arm)]], inside, share)

    def _select(self, name: str, seen: Sequence[bool], inside: Sequence[bool], share: RationalFunction | None) -> None:
        """The units of a cell are its share of the selection, whose own share is known or not."""
        cell = RationalFunction(Polynomial.name(name))
        seen = [a and b for a, b in zip(seen, inside, strict=True)]
        if share is not None:
            self._add("selection", name, "=", _indicators(seen), cell * share)
            return
        entries = [
            RationalFunction.of_number(int(a)) + (-cell if b else NOTHING) for a, b in zip(seen, inside, strict=True)
        ]
        self._add("selection", name, "=", entries, NOTHING)

    def _add(
        self,
        kind: Literal["cell", "total", "selection", "assumption"],
        name: str,
        relation: Literal["=", "<="],
        entries: Sequence[RationalFunction],
        right: RationalFunction,
    ) -> None:
        if kind == "cell" and any(row.kind == "cell" and row.name == name for row in self.rows):
            return
        for own, entry in zip(self.entries, entries, strict=True):
            if entry.numerator:
                own[len(self.rows)] = entry
        self.rows.append(WeightedRow(kind, name, relation, right))
        self.known.clear()

    # ------------------------------------------------------------ what the data identify
    def identified(self, values: StratumValues) -> RationalFunction | None:
        """The mean of a function of the stratum as a function of the data, or None where they do not identify it."""
        if values not in self.known:
            self.known[values] = self._identify(values)
        return self.known[values]

    def _identify(self, values: StratumValues) -> RationalFunction | None:
        total = NOTHING
        for monomial, numbers in _by_monomial(values, self.laws).items():
            term = self._identified_term(numbers)
            if term is None:
                return None
            total += RationalFunction(monomial) * self._expanded(term)
        return total

    def _identified_term(self, numbers: Sequence[Fraction]) -> Term | None:
        if len(set(numbers)) == 1:
            return Term(numbers[0])
        direct = self._in_one_arm(numbers)
        if direct is not None:
            return direct
        program = self._constant_part(numbers)
        free = (Parameter(name, None, None) for name in self.symbols)
        return identified_quantity(program, (*self.model.parameters, *free), self.budget)

    def _in_one_arm(self, numbers: Sequence[Fraction]) -> Term | None:
        """A mean that is one over the cells of an arm, as such: a sum of cells is seen to be no negative number."""
        for names in self.cells:
            found = {"": Fraction(0)}
            if all(found.setdefault(name, number) == number for name, number in zip(names, numbers, strict=True)):
                return Term.of(0, {name: number for name, number in found.items() if number})
        return None

    def _linear_part(self, costs: Sequence[Fraction]) -> LinearProgram:
        """The rows whose entries are numbers, but for assumptions whose right sides are not linear."""
        kept = [i for i in range(len(self.rows)) if self._is_constant(i) and self._is_linear(i)]
        return self._of_rows(kept, costs)

    def _constant_part(self, costs: Sequence[Fraction]) -> LinearProgram:
        """The rows whose entries are numbers, with symbols as the right sides that are not linear."""
        return self._of_rows([i for i in range(len(self.rows)) if self._is_constant(i)], costs)

    def _of_rows(self, kept: Sequence[int], costs: Sequence[Fraction]) -> LinearProgram:
        rows = []
        for i in kept:
            row = self.rows[i]
            right = row.right.numerator.term if row.right.denominator == ONE else None
            if right is not None and row.kind != "selection":
                rows.append(Row(row.kind, row.name, row.relation, right))
                continue
            # What is known and not linear is like a cell of its own.
            name = f"right side {i}"
            self.symbols[name] = row.right
            rows.append(Row("cell", name, row.relation, Term.of(0, {name: 1})))
        place = {i: k for k, i in enumerate(kept)}
        columns = tuple(
            Column(stratum, tuple((place[i], e.numerator.constant or 0) for i, e in own.items() if i in place), cost)
            for stratum, own, cost in zip(self.strata, self.entries, costs, strict=True)
        )
        return LinearProgram(tuple(rows), columns)

    def _is_constant(self, i: int) -> bool:
        numbers = all(own[i].number is not None for own in self.entries if i in own)
        return numbers and (self._is_linear(i) or self.rows[i].relation == "=")

    def _is_linear(self, i: int) -> bool:
        """Whether the right side is linear, or a name like that of a cell."""
        row = self.rows[i]
        return row.kind == "selection" or (row.right.denominator == ONE and row.right.numerator.term is not None)

    def _expanded(self, term: Term) -> RationalFunction:
        total = RationalFunction.of_number(term.constant)
        for name, coefficient in term.coefficients:
            total += self.symbols.get(name, RationalFunction(Polynomial.name(name))).scaled(coefficient)
        return total

    # ------------------------------------------------------------ products
    def resolved(self, product: Product) -> tuple[RationalFunction, Average | None]:
        """A product as a coefficient that is known times one average, or none.

        Raises
        ------
        NotLinearError
            Where both factors are unknown.
        """
        coefficient, averages = RationalFunction(product.coefficient), list(product.averages)
        if len(averages) == 2:
            place = next((k for k, each in enumerate(averages) if each.is_coefficient and self.mean(each)), None)
            if place is None:
                raise NotLinearError(
                    "the product of two probabilities is not linear where neither is observed",
                    averages[1].where,
                    "One factor has to be a number, a parameter, a definition or an observed probability.",
                )
            known = self.mean(averages.pop(place))
            assert known is not None
            coefficient *= known
        return coefficient, averages[0] if averages else None

    def mean(self, average: Average) -> RationalFunction | None:
        """An average as a function of the data, or None where they do not identify it."""
        values, event = self.values[average.key]
        value = self.identified(values)
        over = self.identified(event) if average.conditional else UNIT
        if value is None or over is None or not over.numerator:
            return None
        return RationalFunction.of(value.numerator * over.denominator, value.denominator * over.numerator)

    # ------------------------------------------------------------ assumptions
    def _assume(self, assumed: Sequence[AssumedRow]) -> None:
        """Each in an order in which what it needs is identified by those before it."""
        waiting = list(assumed)
        while waiting:
            failures: list[tuple[AssumedRow, NotLinearError | NotIdentifiedError]] = []
            for row in waiting:
                try:
                    self._assume_one(row)
                    break
                except (NotLinearError, NotIdentifiedError) as error:
                    failures.append((row, error))
            else:
                raise failures[0][1].located(failures[0][0].where)
            waiting.remove(row)

    def _assume_one(self, row: AssumedRow) -> None:
        right = NOTHING
        unknown: list[tuple[RationalFunction, Average]] = []
        for product in row.products:
            coefficient, average = self.resolved(product)
            known = UNIT if average is None else self._moved(coefficient, average)
            if known is not None:
                right += -(coefficient * known)
            elif average is not None:
                unknown.append((coefficient, average))
        entries, right = self._entries(row, unknown, right)
        self._add("assumption", row.label, row.relation, entries, right)

    def _moved(self, coefficient: RationalFunction, average: Average) -> RationalFunction | None:
        """What is known and would stand in a coefficient that is not constant goes to the right side."""
        plain = coefficient.denominator == ONE and coefficient.numerator.constant is not None
        return self.mean(average) if not plain or (average.conditional and self.known_means) else None

    def _entries(
        self, row: AssumedRow, unknown: Sequence[tuple[RationalFunction, Average]], right: RationalFunction
    ) -> tuple[list[RationalFunction], RationalFunction]:
        """Entries and right side; multiplied by the probability of the one condition, where there is one."""
        events = {self.values[average.key][1] if average.conditional else None for _, average in unknown}
        if len(events) > 1:
            unknown = [(c * self._inverse(row, average), average) for c, average in unknown]
        entries = [NOTHING] * len(self.strata)
        for coefficient, average in unknown:
            values = self.values[average.key][0]
            entries = [e + coefficient * RationalFunction(v) if v else e for e, v in zip(entries, values, strict=True)]
        event = next(iter(events)) if len(events) == 1 else None
        if event is None or not right.numerator:
            return entries, right
        share = self.identified(event)
        if share is not None:
            return entries, right * share
        return [e + -(right * RationalFunction(v)) for e, v in zip(entries, event, strict=True)], NOTHING

    def _inverse(self, row: AssumedRow, average: Average) -> RationalFunction:
        if not average.conditional:
            return UNIT
        share = self.identified(self.values[average.key][1])
        if share is None:
            raise NotIdentifiedError(
                f"assumption {row.label} compares means given different conditions, "
                "and the data do not identify the probability of each condition",
                average.where or row.where,
                "Conditional means are compared behind one condition, or where data and assumptions identify the "
                "probability of each condition.",
            )
        self.shares[self.values[average.key][1]] = share
        return RationalFunction(share.denominator, share.numerator) if share.numerator else NOTHING

    # ------------------------------------------------------------ the estimand
    def program(self, estimand: Estimand) -> WeightedProgram:
        """The program of an estimand over the rows that are there."""
        found = self._fraction(products(self.model, estimand.expression, {}, estimand.where), estimand)
        if estimand.divisor is not None:
            divisor = self._fraction(products(self.model, estimand.divisor, {}, estimand.where), estimand)
            found = self._quotient(found, divisor, estimand)
        numerator, divisor_values, over = found.numerator, found.divisor, found.over
        known = self.identified(divisor_values) if divisor_values else UNIT
        if known is not None:
            if not known.numerator:
                raise _zero_divisor(estimand)
            over, divisor_values = over * known, None
        elif divisor_values and not self._is_nonnegative(divisor_values):
            numerator, divisor_values = (tuple(-v for v in values) for values in (numerator, divisor_values))
            if not self._is_nonnegative(divisor_values):
                raise NotLinearError(
                    f"the divisor of estimand '{estimand.name}' may have either sign, and the data do not identify it",
                    estimand.where,
                    "A divisor is identified by the data, or not negative at any distribution that the model allows.",
                )
        columns = tuple(
            WeightedColumn(
                stratum,
                tuple(sorted(self.entries[j].items(), key=lambda entry: entry[0])),
                numerator[j],
                divisor_values[j] if divisor_values else ONE,
                self.selected[j],
                tuple(k for k, event in enumerate(self.shares) if event[j]),
            )
            for j, stratum in enumerate(self.strata)
        )
        shares = tuple(self.shares.values())
        mean = self.identified(numerator)
        return WeightedProgram(tuple(self.rows), columns, over, known is not None, shares, mean).merged()

    def _is_nonnegative(self, values: StratumValues) -> bool:
        return is_nonnegative(values, self._linear_part, self.model, self.budget)

    def _fraction(self, group: Sequence[Product], estimand: Estimand) -> PosedRatio:
        """An expression as one quotient."""
        constant, unknown = NOTHING, []
        for product in group:
            coefficient, average = self.resolved(product)
            if average is None:
                constant += coefficient
            else:
                unknown.append((coefficient, average))
        events = {self.values[average.key][1] if average.conditional else None for _, average in unknown}
        event = next(iter(events)) if len(events) == 1 else None
        if len(events) > 1:
            unknown = [(c * self._share(estimand, average), average) for c, average in unknown]
        (known, *coefficients), over = over_one_denominator([constant, *(c for c, _ in unknown)])
        numerator = [known * v for v in event or (ONE,) * len(self.strata)]
        for factor, (_, average) in zip(coefficients, unknown, strict=True):
            values = self.values[average.key][0]
            numerator = [n + factor * v if v else n for n, v in zip(numerator, values, strict=True)]
        return PosedRatio(tuple(numerator), event, RationalFunction(over))

    def _share(self, estimand: Estimand, average: Average) -> RationalFunction:
        """One over the probability of a condition."""
        if not average.conditional:
            return UNIT
        share = self.identified(self.values[average.key][1])
        if share is None or not share.numerator:
            raise NotLinearError(
                f"the conditions behind the bars of estimand '{estimand.name}' differ, "
                "and the data do not identify the probability of each",
                average.where or estimand.where,
                "Bound the parts one by one, or put every part behind the same condition.",
            )
        return RationalFunction(share.denominator, share.numerator)

    def _quotient(self, one: PosedRatio, other: PosedRatio, estimand: Estimand) -> PosedRatio:
        """One quotient over another: at most one unknown divisor may be left."""
        over = RationalFunction.of(
            one.over.numerator * other.over.denominator, one.over.denominator * other.over.numerator
        )
        if one.divisor == other.divisor:
            return PosedRatio(one.numerator, other.numerator, over)
        shares = [self.identified(f.divisor) if f.divisor else UNIT for f in (one, other)]
        if shares[0] is None or shares[1] is None:
            raise NotLinearError(
                f"estimand '{estimand.name}' divides means given different conditions, "
                "and the data do not identify the probability of each",
                estimand.where,
                "Put both behind the same condition, or bound the parts one by one.",
            )
        inverse = RationalFunction(shares[1].denominator, shares[1].numerator)
        return PosedRatio(one.numerator, other.numerator, over * shares[0] * inverse)


# ---------------------------------------------------------------- helpers
def _zero_divisor(estimand: Estimand) -> ModelError:
    if estimand.divisor is None:
        return ModelError(
            f"the condition of estimand '{estimand.name}' has probability zero",
            estimand.where,
            "Condition on an event that can happen.",
        )
    return ModelError(
        f"the divisor of estimand '{estimand.name}' is zero whatever the data are",
        estimand.where,
        "Divide by a quantity that can differ from zero.",
    )


def _assumed_rows(model: Model) -> list[AssumedRow]:
    found = []
    for assumption in model.assumptions:
        body = assumption.body
        if not isinstance(body, Inequality):
            continue
        label = assumption.name or print_assumption(assumption, model.by_name).removeprefix("assume ")
        difference = (body.left + body.right.scaled(-1)).scaled(-1 if body.relation == ">=" else 1)
        for indices in model.environments(assumption.indices, assumption.orders):
            group = products(model, difference, indices, assumption.where)
            found.append(AssumedRow(assumption, label, "=" if body.relation == "=" else "<=", group))
    return found


def _has_numbers(model: Model, assumption: Assumption) -> bool:
    body = assumption.body
    return isinstance(body, Inequality) and is_plain(model, body.left) and is_plain(model, body.right)


def _polynomials(
    average: Average, leaves: Sequence[tuple[tuple[Fraction | int, int], ...]]
) -> tuple[StratumValues, StratumValues]:
    """What each stratum adds to an average, and to the probability of its event: means over arms."""
    weights = [weight for weight, _ in average.parts]
    values, events = [], []
    for leaf in leaves:
        pairs = list(zip(weights, leaf, strict=True))
        values.append(Polynomial.total(weight.scaled(value) for weight, (value, _) in pairs if value))
        events.append(Polynomial.total(weight.scaled(event) for weight, (_, event) in pairs if event))
    return tuple(values), tuple(events)


def _by_monomial(values: StratumValues, laws: Sequence[Polynomial]) -> dict[Polynomial, list[Fraction]]:
    """The coefficients of each product of weights, over columns; what names no arm of a law stands in all its arms."""
    for law in laws:
        if any(law.names & value.names for value in values):
            values = tuple(_spread(value, law) for value in values)
    found: dict[Polynomial, list[Fraction]] = {}
    for j, value in enumerate(values):
        for names, coefficient in value.terms:
            key = Polynomial(((names, Fraction(1)),))
            found.setdefault(key, [Fraction(0)] * len(values))[j] = coefficient
    return found


def _spread(value: Polynomial, law: Polynomial) -> Polynomial:
    inside = [(names, c) for names, c in value.terms if law.names & set(names)]
    outside = [(names, c) for names, c in value.terms if not law.names & set(names)]
    return Polynomial.of(inside) + Polynomial.of(outside) * law


def _indicators(inside: Sequence[bool]) -> list[RationalFunction]:
    return [UNIT if x else NOTHING for x in inside]
