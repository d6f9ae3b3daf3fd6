"""Syntax to expressions: looks names up, checks values and arms, refuses what is not linear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from boundgen.errors import ModelError, NotLinearError, Place
from boundgen.language import syntax as s
from boundgen.language.expressions import (
    And,
    Argument,
    Atom,
    Comparison,
    Expectation,
    Formula,
    Given,
    Implication,
    Index,
    Inequality,
    Label,
    Not,
    Operand,
    Or,
    Outcome,
    Probability,
    Quantity,
    Sum,
    Value,
)
from boundgen.language.printer import print_outcome, print_sum, print_value
from boundgen.language.variables import Variable, ancestors, arms_needed

MOST_TERMS = 10_000


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, and the variables that its arm fixes."""

    variables: Mapping[str, Variable]
    parameters: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    indices: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def known(self) -> str:
        """The names in scope, for messages."""
        names = [*self.variables, *sorted(self.parameters | self.definitions), *self.indices]
        return "declared: " + (", ".join(names) or "nothing")


# ---------------------------------------------------------------- entry points
def is_population(node: s.Syntax, scope: Scope) -> bool:
    """Whether an assumption speaks of probabilities, parameters or definitions, not of units."""
    quantities = scope.parameters | scope.definitions
    return any(
        isinstance(part, s.Probability | s.Expected) or (isinstance(part, s.Name) and part.name in quantities)
        for part in s.walk(node)
    )


def resolve_assumption(node: s.Syntax, scope: Scope) -> Formula | Inequality:
    """A unit-level formula, or a population-level inequality."""
    return resolve_inequality(node, scope) if is_population(node, scope) else resolve_formula(node, scope)


def resolve_inequality(node: s.Syntax, scope: Scope) -> Inequality:
    """A comparison of two linear expressions."""
    if not isinstance(node, s.Compare):
        raise NotLinearError(
            "P(...), E[...], parameters and definitions stand on the sides of one comparison",
            node.where,
            "Write LINEAR <= LINEAR, LINEAR = LINEAR or LINEAR >= LINEAR.",
        )
    if node.relation not in ("<=", "=", ">="):
        raise NotLinearError(
            f"'{node.relation}' between population quantities does not give a closed set of distributions",
            node.where,
            "Use <=, = or >=.",
        )
    sides = resolve_linear(node.left, scope), resolve_linear(node.right, scope)
    if any(_is_conditional(side) for side in sides) and any(_uses_quantities(side) for side in sides):
        raise NotLinearError(
            "a parameter or definition beside a conditional mean is not linear in ψ: multiplied out, "
            "it would stand before the probability of the condition",
            node.where,
            "State the assumption with the numerator, P(event, condition), instead.",
        )
    return Inequality(node.relation, *sides)


def resolve_estimand(node: s.Syntax, scope: Scope) -> Sum:
    """A linear expression whose denominators, if there are any, can all be the same."""
    found = resolve_linear(node, scope)
    if not any(isinstance(atom, Probability | Expectation | Quantity) for _, atoms in found.terms for atom in atoms):
        raise ModelError(
            "the estimand is constant: it holds no probability or expectation that data could inform",
            node.where,
            "Write P(...) or E[...] of potential outcomes.",
        )
    if _is_conditional(found) and not all(
        isinstance(atom, Probability | Expectation) and atom.given.event for _, atoms in found.terms for atom in atoms
    ):
        raise NotLinearError(
            "conditional and unconditional parts do not have the same denominator",
            node.where,
            "Put every P and E of the estimand behind the same condition, or bound the parts one by one.",
        )
    return found


def resolve_identified(node: s.Syntax, scope: Scope) -> Sum:
    """A linear expression of a definition or a claim: without conditional means."""
    found = resolve_linear(node, scope)
    if _is_conditional(found):
        raise NotLinearError(
            "a conditional probability is not linear in the observed probabilities",
            node.where,
            "Conditional means may stand in estimands and assumptions; arms (| A=1) may stand anywhere.",
        )
    return found


def _is_conditional(found: Sum) -> bool:
    return any(
        isinstance(atom, Probability | Expectation) and bool(atom.given.event)
        for _, atoms in found.terms
        for atom in atoms
    )


def _uses_quantities(found: Sum) -> bool:
    return any(isinstance(atom, Quantity) for _, atoms in found.terms for atom in atoms)


# ---------------------------------------------------------------- linear expressions
def resolve_linear(node: s.Syntax, scope: Scope) -> Sum:
    """A sum of rational multiples of probabilities, expectations, parameters and definitions."""
    match node:
        case s.Plus():
            return _added(resolve_linear(part, scope).scaled(sign) for sign, part in node.parts)
        case s.Times():
            return _linear_product(node, scope)
        case s.Number():
            return Sum.of((node.value, ()))
        case s.Probability():
            inner, given = _bar(node.given, scope)
            event = _flat(And, [resolve_formula(part, inner) for part in node.event])
            return Sum.of((1, (Probability(tuple(event), given, node.where),)))
        case s.Expected():
            inner, given = _bar(node.given, scope)
            return Sum.of((1, (Expectation(resolve_scalar(node.content, inner), given, node.where),)))
        case s.Name() if node.name in scope.parameters | scope.definitions:
            return Sum.of((1, (Quantity(node.name),)))
        case s.Name() if node.name in scope.indices:
            return Sum.of((1, (_index(node, scope),)))
        case s.Name() | s.Call() if node.name in scope.variables:
            raise ModelError(
                f"'{node.name}' is a potential outcome of one unit; a population-level expression needs its mean",
                node.where,
                f"Write E[{_spelled(node)}] or P({_spelled(node)} = ...).",
            )
        case s.Name():
            raise ModelError(f"unknown name '{node.name}'", node.where, scope.known())
        case s.Call():
            raise ModelError(f"unknown variable '{node.name}'", node.where, scope.known())
        case s.Bar():
            raise ModelError("the bar stands inside P(...) or E[...]", node.where)
        case _:
            raise NotLinearError(
                "a formula is not a number; put it inside P(...)", node.where, "P(formula) is its probability."
            )


def _added(parts: Iterator[Sum]) -> Sum:
    return Sum.of(*(term for part in parts for term in part.terms))


def _linear_product(node: s.Times, scope: Scope) -> Sum:
    product = Sum.of((1, ()))
    for operator, part in node.parts:
        factor = resolve_linear(part, scope)
        if operator == "/":
            product = product.scaled(_divisor(part, factor, scope))
        elif not _is_known(product) and not _is_known(factor):
            raise _not_linear(node, product, factor, scope)
        else:
            product = product * factor
    return product


def _divisor(part: s.Syntax, factor: Sum, scope: Scope) -> Fraction:
    if factor.constant is None:
        raise NotLinearError(
            f"a ratio of population quantities is not linear in ψ: division by {print_sum(factor, scope.variables)}",
            part.where,
            "Divide by numbers only. A conditional mean is written E[... | event]; risk ratios and "
            "attributable fractions are not linear: bound their parts.",
        )
    if factor.constant == 0:
        raise ModelError("division by zero", part.where)
    return 1 / factor.constant


def _is_known(found: Sum) -> bool:
    """Whether a value is fixed once quantified names are: it may then be a coefficient."""
    return all(isinstance(atom, Index) for _, atoms in found.terms for atom in atoms)


def _not_linear(node: s.Times, left: Sum, right: Sum, scope: Scope) -> NotLinearError:
    names = scope.variables
    if _uses_quantities(left) != _uses_quantities(right):
        quantity, unknown = (left, right) if _uses_quantities(left) else (right, left)
        return NotLinearError(
            f"{print_sum(quantity, names)} times {print_sum(unknown, names)} is not linear: a parameter or definition "
            "may not be multiplied by an unknown probability",
            node.where,
            "A parameter may be added to a linear expression or be multiplied by a number.",
        )
    return NotLinearError(
        f"the product of {print_sum(left, names)} and {print_sum(right, names)} is not linear in ψ",
        node.where,
        "Bounds need expressions that are linear in the probabilities of the principal strata: "
        "multiply inside one E[...], or by a number.",
    )


def _bar(given: tuple[s.Syntax, ...], scope: Scope) -> tuple[Scope, Given]:
    """What stands behind a bar, and the scope of what stands before it."""
    arm: dict[str, Value | Index] = {}
    interventions: dict[str, Value | Index] = {}
    events: list[s.Syntax] = []
    for part in _unjoined(given):
        named = _arm_name(part, scope)
        if isinstance(part, s.Do):
            _collect_interventions(part, scope, interventions)
        elif named:
            if named in arm:
                raise ModelError(f"'{named}' stands twice behind the bar", part.where)
            assert isinstance(part, s.Compare)
            arm[named] = _setting(scope.variables[named], part.right, scope)
        else:
            events.append(part)
    for name in arm.keys() & interventions.keys():
        raise ModelError(f"'{name}' stands both behind the bar and in do(...)", given[0].where)
    inner = replace(scope, fixed=scope.fixed | arm.keys() | interventions.keys())
    event = _flat(And, [resolve_formula(part, inner) for part in events])
    return inner, Given(tuple(arm.items()), tuple(interventions.items()), tuple(event))


def _unjoined(given: tuple[s.Syntax, ...]) -> Iterator[s.Syntax]:
    """``A=1 and X=1`` behind the bar means what ``A=1, X=1`` means."""
    for part in given:
        if isinstance(part, s.Both):
            yield from _unjoined(part.parts)
        else:
            yield part


def _arm_name(part: s.Syntax, scope: Scope) -> str | None:
    """The randomized variable that `part` sets, where it has the form ``A=1``."""
    if isinstance(part, s.Compare) and part.relation == "=" and isinstance(part.left, s.Name):
        variable = scope.variables.get(part.left.name)
        return variable.name if variable and variable.randomized else None
    return None


def _collect_interventions(part: s.Do, scope: Scope, found: dict[str, Value | Index]) -> None:
    for name, value in part.settings:
        variable = _variable(name, scope, part.where)
        if value is None:
            raise ModelError(f"do({name}) names no value", part.where, f"Write do({name}=...).")
        if name in found:
            raise ModelError(f"'{name}' is set twice", part.where)
        found[name] = _setting(variable, value, scope)


def _setting(variable: Variable, node: s.Syntax, scope: Scope) -> Value | Index:
    argument = _argument(variable, node, scope)
    if isinstance(argument, Outcome):
        raise ModelError(
            f"'{variable.name}' is set to a potential outcome", node.where, "Here it takes a value of its domain."
        )
    return argument


# ---------------------------------------------------------------- unit-level formulas
def resolve_formula(node: s.Syntax, scope: Scope) -> Formula:
    """A formula about one unit."""
    match node:
        case s.Both():
            parts = _flat(And, [resolve_formula(part, scope) for part in node.parts])
            return And(tuple(parts))
        case s.Either():
            parts = _flat(Or, [resolve_formula(part, scope) for part in node.parts])
            return parts[0] if len(parts) == 1 else Or(tuple(parts))
        case s.Negated():
            return Not(resolve_formula(node.part, scope))
        case s.Implies():
            *premises, last = [resolve_formula(part, scope) for part in node.parts]
            for premise in reversed(premises):
                last = Implication(premise, last)
            return last
        case s.Compare():
            return _comparison(node, scope)
        case s.Probability() | s.Expected():
            raise NotLinearError(
                "a probability or expectation stands inside a unit-level formula",
                node.where,
                "Population-level assumptions have the form LINEAR <= LINEAR.",
            )
        case _:
            raise ModelError(
                "a formula is wanted here, and this is a value",
                node.where,
                f"Compare it: {_spelled(node)} = ..." if isinstance(node, s.Name | s.Call) else "Compare it.",
            )


def _flat(kind: type[And] | type[Or], parts: list[Formula]) -> list[Formula]:
    """The parts of nested conjunctions (disjunctions) in one list."""
    return [inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))]


def _comparison(node: s.Compare, scope: Scope) -> Comparison:
    left, right = _operand(node.left, scope), _operand(node.right, scope)
    sides = ((left, right, node.left), (right, left, node.right))
    for this, other, part in sides:
        if isinstance(this, Label):
            _check_label(this, other, part, scope)
            if node.relation not in ("=", "!="):
                raise ModelError(
                    f"'{this.name}' is a value name: it is compared by = and != only",
                    node.where,
                    "Order comparisons of named values stand between potential outcomes of one variable.",
                )
        if isinstance(this, Outcome) and isinstance(other, Sum) and other.constant is not None:
            _check_constant(this, other.constant, node, scope)
    if any(_is_named(side, scope) for side in (left, right)):
        _check_named(node, left, right)
    return Comparison(node.relation, left, right)


def _check_label(label: Label, other: Operand, part: s.Syntax, scope: Scope) -> None:
    if isinstance(other, Outcome | Index):
        values = _values(other, scope)
        if label.name in values:
            return
        raise ModelError(
            f"unknown name '{label.name}': {_title(other)} has no such value",
            part.where,
            f"its values: {', '.join(map(str, values))}; {scope.known()}",
        )
    raise ModelError(f"unknown name '{label.name}'", part.where, scope.known())


def _check_constant(outcome: Outcome, constant: Fraction, node: s.Compare, scope: Scope) -> None:
    values = scope.variables[outcome.variable].domain
    if node.relation in ("=", "!=") and constant not in values:
        raise ModelError(
            f"'{outcome.variable}' has no value {constant}", node.where, f"its values: {', '.join(map(str, values))}"
        )


def _check_named(node: s.Compare, left: Operand, right: Operand) -> None:
    """Named values are equal or not; only values of one variable are ordered."""
    if any(isinstance(side, Sum) and side.constant is None for side in (left, right)):
        raise ModelError("named values cannot be used in arithmetic", node.where)
    if node.relation in ("=", "!="):
        return
    if not (isinstance(left, Outcome) and isinstance(right, Outcome) and left.variable == right.variable):
        raise ModelError(
            f"named values are ordered by '{node.relation}' only between potential outcomes of one variable",
            node.where,
            "With a value, use = or !=, joined by 'or'.",
        )


def _is_named(operand: Operand, scope: Scope) -> bool:
    if isinstance(operand, Outcome | Index):
        return not all(isinstance(value, int) for value in _values(operand, scope))
    return isinstance(operand, Label)


def _values(operand: Outcome | Index, scope: Scope) -> tuple[Value, ...]:
    return scope.indices[operand.name] if isinstance(operand, Index) else scope.variables[operand.variable].domain


def _title(operand: Outcome | Index) -> str:
    return f"'{operand.name}'" if isinstance(operand, Index) else f"'{operand.variable}'"


def _operand(node: s.Syntax, scope: Scope) -> Operand:
    """One side of a comparison: a potential outcome, a value name, or integer arithmetic."""
    match node:
        case s.Name() if node.name in scope.indices:
            return Index(node.name)
        case s.Name() if node.name in scope.variables:
            return _outcome(node, scope)
        case s.Name() if node.name not in scope.parameters | scope.definitions:
            return Label(node.name)
        case s.Call():
            return _outcome(node, scope)
        case _:
            return resolve_scalar(node, scope)


def resolve_scalar(node: s.Syntax, scope: Scope) -> Sum:
    """Integer arithmetic in potential outcomes of one unit."""
    match node:
        case s.Plus():
            return _added(resolve_scalar(part, scope).scaled(sign) for sign, part in node.parts)
        case s.Times():
            return _scalar_product(node, scope)
        case s.Number():
            return Sum.of((node.value, ()))
        case s.Name() if node.name in scope.indices:
            return Sum.of((1, (_index(node, scope),)))
        case s.Name() if node.name in scope.parameters | scope.definitions:
            raise ModelError(
                f"'{node.name}' is a population quantity; it has no value for one unit",
                node.where,
                "Parameters and definitions stand outside P(...) and E[...].",
            )
        case s.Name() | s.Call():
            outcome = _outcome(node, scope)
            if _is_named(outcome, scope):
                raise ModelError(
                    f"'{outcome.variable}' has named values, which cannot be used in arithmetic",
                    node.where,
                    f"Write P({print_outcome(outcome, scope.variables)} = ...).",
                )
            return Sum.of((1, (outcome,)))
        case s.Probability() | s.Expected():
            raise NotLinearError(
                "a probability or expectation stands inside another one",
                node.where,
                "Not linear in ψ: each P(...) and E[...] stands by itself.",
            )
        case _:
            raise ModelError("a number is wanted here, and this is a formula", node.where, "Its probability is P(...).")


def _scalar_product(node: s.Times, scope: Scope) -> Sum:
    product = Sum.of((1, ()))
    for operator, part in node.parts:
        factor = resolve_scalar(part, scope)
        if operator == "/":
            if factor.constant is None or factor.constant == 0:
                raise ModelError("unit-level arithmetic divides by numbers other than zero only", part.where)
            factor = Sum.of((1 / factor.constant, ()))
        if len(product.terms) * len(factor.terms) > MOST_TERMS:
            raise ModelError(f"this product has more than {MOST_TERMS} terms", node.where)
        product = product * factor
    return product


# ---------------------------------------------------------------- potential outcomes
def _index(node: s.Name, scope: Scope) -> Index:
    if not all(isinstance(value, int) for value in scope.indices[node.name]):
        raise ModelError(f"'{node.name}' runs over named values, which cannot be used in arithmetic", node.where)
    return Index(node.name)


def _variable(name: str, scope: Scope, where: Place | None) -> Variable:
    if name not in scope.variables:
        raise ModelError(f"unknown variable '{name}'", where, scope.known())
    return scope.variables[name]


def _outcome(node: s.Name | s.Call, scope: Scope) -> Outcome:
    """A potential outcome whose interventions are complete and whose arm is named."""
    variable = _variable(node.name, scope, node.where)
    settings = _settings(variable, node, scope) if isinstance(node, s.Call) else ()
    missing = arms_needed(variable.name, scope.fixed | {name for name, _ in settings}, scope.variables)
    if missing:
        arm = ", ".join(f"{name}=..." for name in missing)
        what = "has no distribution in the model" if variable.randomized else f"differs between arms of {missing[0]}"
        raise ModelError(
            f"'{_spelled(node)}' names no arm: {variable.name} {what}",
            node.where,
            f"Randomized variables are set or conditioned on: P(... | {arm})"
            + ("." if variable.randomized else f" or {variable.name}({arm})."),
        )
    return Outcome(variable.name, settings)


def _settings(variable: Variable, node: s.Call, scope: Scope) -> tuple[tuple[str, Argument], ...]:
    if node.positional and node.named:
        raise ModelError(
            f"positional and named arguments are mixed in {variable.name}(...)", node.where, f"declared: {variable}"
        )
    if node.named:
        return _named_settings(variable, node, scope)
    if len(node.positional) != len(variable.parents):
        count = len(variable.parents)
        raise ModelError(
            f"{variable.name} takes {count} argument{'' if count == 1 else 's'}, not {len(node.positional)}",
            node.where,
            f"declared: {variable}"
            + (f"; by name, parents may be left out: {variable.name}({variable.parents[0]}=...)" if count else ""),
        )
    pairs = zip(variable.parents, node.positional, strict=True)
    return tuple((parent, _argument(scope.variables[parent], part, scope)) for parent, part in pairs)


def _named_settings(variable: Variable, node: s.Call, scope: Scope) -> tuple[tuple[str, Argument], ...]:
    above = ancestors(variable.name, scope.variables)
    found: dict[str, Argument] = {}
    for name, part in node.named:
        target = _variable(name, scope, node.where)
        if name not in above:
            raise ModelError(
                f"'{name}' does not affect {variable.name}, so it cannot be set in {variable.name}(...)",
                node.where,
                f"declared: {variable}; it is affected by: {', '.join(above) or 'nothing'}",
            )
        if name in found:
            raise ModelError(f"'{name}' is set twice in {variable.name}(...)", node.where)
        found[name] = _argument(target, part, scope)
    return tuple((name, found[name]) for name in scope.variables if name in found)


def _argument(variable: Variable, node: s.Syntax, scope: Scope) -> Argument:
    """The value that an intervention gives to a variable."""
    if isinstance(node, s.Name) and node.name in scope.indices:
        found: Argument = Index(node.name)
        values = scope.indices[node.name]
    elif isinstance(node, s.Call) or (isinstance(node, s.Name) and node.name in scope.variables):
        found = _outcome(node, scope)
        values = scope.variables[found.variable].domain
    elif isinstance(node, s.Name):
        if node.name in scope.parameters | scope.definitions:
            raise ModelError(f"'{node.name}' is a population quantity, not a value of {variable.name}", node.where)
        found, values = node.name, (node.name,)
    else:
        constant = resolve_scalar(node, scope).constant
        if constant is None or constant.denominator != 1:
            raise ModelError(
                f"an argument for {variable.name} is a value, a quantified name or a potential outcome", node.where
            )
        found, values = int(constant), (int(constant),)
    outside = [value for value in values if value not in variable.domain]
    if outside:
        unknown = f"unknown name '{outside[0]}': " if isinstance(found, str) else ""
        raise ModelError(
            f"{unknown}'{variable.name}' has no value {print_value(outside[0])}",
            node.where,
            f"its values: {', '.join(map(str, variable.domain))}" + (f"; {scope.known()}" if unknown else ""),
        )
    return found


def _spelled(node: s.Syntax) -> str:
    """Roughly what was written, for messages."""
    match node:
        case s.Call():
            arguments = [_spelled(part) for part in node.positional]
            arguments += [f"{name}={_spelled(part)}" for name, part in node.named]
            return f"{node.name}({', '.join(arguments)})"
        case s.Name():
            return node.name
        case s.Number():
            return str(node.value)
        case _:
            return "..."


def atoms_of(found: Sum) -> Iterator[Atom]:
    """Every atom of a sum, in order."""
    return (atom for _, atoms in found.terms for atom in atoms)
