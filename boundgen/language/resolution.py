"""Syntax to population-level expressions: looks names up, refuses what is not linear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from boundgen.errors import ModelError, NotLinearError
from boundgen.language import syntax as s
from boundgen.language.averaging import averaged_arms
from boundgen.language.bounded import check_unit_formula, refuse_events
from boundgen.language.bounded import refuse_products as refuse_bounded_products
from boundgen.language.expressions import (
    And,
    Atom,
    Comparison,
    Expectation,
    Formula,
    Given,
    Index,
    Inequality,
    Outcome,
    Probability,
    Quantity,
    Sum,
    Value,
)
from boundgen.language.printer import print_sum
from boundgen.language.scope import Scope
from boundgen.language.unit_resolution import (
    argument_of,
    flat,
    index_atom,
    known_variable,
    misplaced_extremum,
    multiplied,
    resolve_formula,
    resolve_scalar,
    unwrapped,
)
from boundgen.language.variables import Variable

COEFFICIENTS = (
    "A probability or mean is multiplied by one linear expression in numbers, parameters, definitions and observed "
    "probabilities."
)


# ---------------------------------------------------------------- entry points
def is_population(node: s.Syntax, scope: Scope) -> bool:
    """Whether an assumption speaks of probabilities, parameters or definitions, not of units."""
    return any(
        isinstance(part, s.ProbabilityNode | s.Expected) or (isinstance(part, s.Name) and scope.is_quantity(part.name))
        for part in s.walk(node)
    )


def resolve_assumption(node: s.Syntax, scope: Scope) -> Formula | Inequality:
    """A unit-level formula, or a population-level inequality."""
    if not is_population(node, scope):
        # A unit is in one arm: what it is there is not averaged, whatever is observed of the arms.
        formula = resolve_formula(node, replace(scope, laws=frozenset()))
        check_unit_formula(formula, scope, node.where)
        return formula
    found = resolve_inequality(node, scope)
    if _uses_population(found.left) or _uses_population(found.right):
        return found
    # Everything cancelled: what is left prints, and reads, as a statement about numbers.
    return Comparison(found.relation, unwrapped(found.left), unwrapped(found.right))


def _uses_population(expression: Sum) -> bool:
    return any(not isinstance(atom, Index) for atom in atoms_of(expression))


def resolve_inequality(node: s.Syntax, scope: Scope) -> Inequality:
    """A comparison of two linear expressions."""
    if not isinstance(node, s.Compare):
        raise _not_a_comparison(node)
    if node.relation not in ("<=", "=", ">="):
        raise NotLinearError(
            f"'{node.relation}' between population quantities does not give a closed set of distributions",
            node.where,
            "Use <=, = or >=.",
        )
    sides = resolve_linear(node.left, scope), resolve_linear(node.right, scope)
    return Inequality(node.relation, *sides)


def _not_a_comparison(node: s.Syntax) -> NotLinearError:
    one = "A population-level assumption is one comparison: LINEAR <= LINEAR, LINEAR = LINEAR or LINEAR >= LINEAR."
    match node:
        case s.Both():
            message, one = (
                "comparisons of probabilities are joined by 'and', or chained",
                "Write one assume statement for each comparison.",
            )
        case s.Either():
            message = "comparisons of probabilities are joined by 'or', which is not linear in ψ"
        case s.Implies():
            message = "comparisons of probabilities are joined by '->', which is not linear in ψ"
        case s.Negated():
            message = "a comparison of probabilities stands under 'not', which is not linear in ψ"
        case _:
            message = "a probability is not an assumption until it is compared"
    return NotLinearError(message, node.where, one)


def resolve_identified(node: s.Syntax, scope: Scope) -> Sum:
    """A linear expression of a definition: without conditional means and products."""
    found = resolve_linear(node, scope)
    refuse_products(found, node, scope)
    if is_conditional(found):
        raise NotLinearError(
            "a conditional probability is not linear in the observed probabilities",
            node.where,
            "Conditional means may stand in estimands and assumptions; arms (| A=1) may stand anywhere.",
        )
    return found


def refuse_products(expression: Sum, node: s.Syntax, scope: Scope) -> None:
    """Definitions and claims are linear: a population quantity is multiplied by numbers only."""
    for _, atoms in expression.terms:
        if sum(not isinstance(atom, Index) for atom in atoms) > 1:
            product = print_sum(Sum.of((1, atoms)), scope.variables)
            raise NotLinearError(
                f"the product {product} is not linear in the observed probabilities",
                node.where,
                "Definitions and claims multiply by numbers only; products may stand in estimands and assumptions.",
            )


def is_conditional(expression: Sum) -> bool:
    """Whether a mean in it is given a factual event, not an arm alone."""
    return any(
        isinstance(atom, Probability | Expectation) and bool(atom.given.event)
        for _, atoms in expression.terms
        for atom in atoms
    )


# ---------------------------------------------------------------- linear expressions
def resolve_linear(node: s.Syntax, scope: Scope) -> Sum:
    """A sum of rational multiples of probabilities, expectations, parameters and definitions, or of two of them."""
    match node:
        case s.Plus():
            return Sum.total(resolve_linear(part, scope).scaled(sign) for sign, part in node.parts)
        case s.Times():
            return _linear_product(node, scope)
        case s.NumberNode():
            return Sum.of((node.value, ()))
        case s.ProbabilityNode():
            inner, given = _bar(node.given, scope)
            event = _event(node.event, inner)
            return _averaged(Probability(event, given, node.where), node, scope)
        case s.Expected():
            inner, given = _bar(node.given, scope)
            content = resolve_scalar(node.content, inner)
            refuse_bounded_products(content, scope, node.where)
            return _averaged(Expectation(content, given, node.where, _event(node.event, inner)), node, scope)
        case s.Name() if scope.is_quantity(node.name):
            return Sum.of((1, (Quantity(node.name),)))
        case s.Name() if node.name in scope.indices:
            return Sum.of((1, (index_atom(node, scope),)))
        case s.Name() | s.Call() if node.name in scope.variables:
            raise ModelError(
                f"'{node.name}' is a potential outcome of one unit; a population-level expression needs its mean",
                node.where,
                f"Write E[{s.spelled(node)}] or P({s.spelled(node)} = ...).",
            )
        case s.Name():
            raise scope.unknown(node.name, node.where)
        case s.Call():
            raise scope.unknown(node.name, node.where, "variable")
        case s.Extremum():
            raise misplaced_extremum(node)
        case s.Bar():
            raise ModelError("the bar stands inside P(...) or E[...]", node.where)
        case _:
            raise NotLinearError(
                "a formula is not a number; put it inside P(...)", node.where, "P(formula) is its probability."
            )


def _event(parts: Sequence[s.Syntax], scope: Scope) -> tuple[Formula, ...]:
    """Formulas of which all hold, of variables that have values."""
    event = flat(And, [resolve_formula(part, scope) for part in parts])
    refuse_events(event, scope, parts[0].where if parts else None)
    return tuple(event)


def _averaged(atom: Probability | Expectation, node: s.Syntax, scope: Scope) -> Sum:
    """A probability or mean, whose parts may depend on arms only if the joint law of all of these is observed."""
    arms = averaged_arms(atom, scope.variables) if scope.laws else []
    if arms and not scope.averages(frozenset(arms)):
        raise scope.cannot_average(s.spelled(node), arms, node.where)
    return Sum.of((1, (atom,)))


def _linear_product(node: s.Times, scope: Scope) -> Sum:
    product = Sum.of((1, ()))
    for operator, part in node.parts:
        factor = resolve_linear(part, scope)
        if operator == "/":
            product = multiplied(product, number_divisor(part, factor, scope), node)
        else:
            product = product_of(product, factor, node, scope)
    return product


def product_of(one: Sum, other: Sum, node: s.Syntax, scope: Scope) -> Sum:
    """A product whose terms hold at most two population quantities, and at most one parameter, outside claims."""
    # Which of two is a coefficient that the data identify is not seen here, but over the strata.
    product = multiplied(one, other, node)
    for _, atoms in () if scope.products else product.terms:
        factors = [atom for atom in atoms if not isinstance(atom, Index)]
        parameters = [atom for atom in factors if isinstance(atom, Quantity) and atom.name in scope.parameters]
        if len(parameters) < 2 and len(factors) < 3:
            continue
        count, few = (len(parameters), "parameters") if len(parameters) > 1 else (len(factors), "population quantities")
        raise NotLinearError(
            f"a product of {'two' if count == 2 else 'three'} {few}: {print_sum(Sum.of((1, atoms)), scope.variables)}",
            node.where,
            COEFFICIENTS,
        )
    return product


def number_divisor(part: s.Syntax, factor: Sum, scope: Scope) -> Sum:
    """What a division by a number multiplies by."""
    if factor.constant is None:
        raise NotLinearError(
            f"a ratio of population quantities is not linear in ψ: division by {print_sum(factor, scope.variables)}",
            part.where,
            "Only an estimand may be a ratio. Elsewhere divide by numbers, or multiply both sides by the divisor; "
            "a conditional mean is written E[... | event].",
        )
    if factor.constant == 0:
        raise ModelError("division by zero", part.where, "Divide by a number other than zero.")
    return Sum.of((1 / factor.constant, ()))


def _is_known(expression: Sum) -> bool:
    """Whether a value is fixed once quantified names are: it may then be a coefficient."""
    return all(isinstance(atom, Index) for _, atoms in expression.terms for atom in atoms)


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
                raise ModelError(f"'{named}' stands twice behind the bar", part.where, "Name one arm.")
            assert isinstance(part, s.Compare)
            value = part.right if isinstance(part.left, s.Name) and part.left.name == named else part.left
            arm[named] = _setting(scope.variables[named], value, scope)
        else:
            events.append(part)
    for name in arm.keys() & interventions.keys():
        where = next((part.where for part in given if isinstance(part, s.Do)), None)
        raise ModelError(f"'{name}' stands both behind the bar and in do(...)", where, "Name it once.")
    inner = replace(scope, fixed=scope.fixed | arm.keys() | interventions.keys())
    return inner, Given(tuple(arm.items()), tuple(interventions.items()), _event(events, inner))


def _unjoined(given: tuple[s.Syntax, ...]) -> Iterator[s.Syntax]:
    """``A=1 and X=1`` behind the bar means what ``A=1, X=1`` means."""
    for part in given:
        if isinstance(part, s.Both):
            yield from _unjoined(part.parts)
        else:
            yield part


def _arm_name(part: s.Syntax, scope: Scope) -> str | None:
    """The randomized variable that `part` sets, where it has the form ``A=1``."""
    if not (isinstance(part, s.Compare) and part.relation == "="):
        return None
    for side, other in ((part.left, part.right), (part.right, part.left)):
        variable = scope.variables.get(side.name) if isinstance(side, s.Name) else None
        if variable and variable.randomized and not _is_factual_event(variable.name, other, scope):
            return variable.name
    return None


def _is_factual_event(name: str, other: s.Syntax, scope: Scope) -> bool:
    """``X = Z`` behind a bar: an event where the law of Z is observed."""
    return scope.averages({name}) and isinstance(other, s.Name | s.Call) and other.name in scope.variables


def _collect_interventions(part: s.Do, scope: Scope, interventions: dict[str, Value | Index]) -> None:
    for name, value in part.settings:
        variable = known_variable(name, scope, part.where)
        if value is None:
            raise ModelError(f"do({name}) names no value", part.where, f"Write do({name}=...).")
        if name in interventions:
            raise ModelError(f"'{name}' is set twice", part.where, "Set each variable once.")
        interventions[name] = _setting(variable, value, scope)


def _setting(variable: Variable, node: s.Syntax, scope: Scope) -> Value | Index:
    argument = argument_of(variable, node, scope)
    if isinstance(argument, Outcome):
        raise ModelError(
            f"'{variable.name}' is set to a potential outcome", node.where, "Here it takes a value of its domain."
        )
    return argument


def atoms_of(expression: Sum) -> Iterator[Atom]:
    """Every atom of a sum, in order."""
    return (atom for _, atoms in expression.terms for atom in atoms)
