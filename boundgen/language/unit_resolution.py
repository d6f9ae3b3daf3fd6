"""Syntax to formulas and arithmetic of one unit: looks potential outcomes up, checks values and arms."""

from __future__ import annotations

from fractions import Fraction

from boundgen.errors import ModelError, NotLinearError, Place
from boundgen.language import syntax as s
from boundgen.language.expressions import (
    And,
    Argument,
    Comparison,
    Formula,
    Implication,
    Index,
    Label,
    Not,
    Operand,
    Or,
    Outcome,
    Sum,
    Value,
)
from boundgen.language.printer import print_outcome, print_value
from boundgen.language.scope import Scope, shortened
from boundgen.language.values import is_number, number_value, value_text, values_text
from boundgen.language.variables import Variable, ancestors, arms_needed

MOST_TERMS = 1_000
MOST_DIGITS = 200
MOST_FACTORS = 100


def resolve_formula(node: s.Syntax, scope: Scope) -> Formula:
    """A formula about one unit."""
    match node:
        case s.Both():
            parts = flat(And, [resolve_formula(part, scope) for part in node.parts])
            return And(tuple(parts))
        case s.Either():
            parts = flat(Or, [resolve_formula(part, scope) for part in node.parts])
            return parts[0] if len(parts) == 1 else Or(tuple(parts))
        case s.Negated():
            return Not(resolve_formula(node.part, scope))
        case s.Implies():
            *premises, last = [resolve_formula(part, scope) for part in node.parts]
            if isinstance(last, Implication):
                premises, last = [*premises, *last.premises], last.conclusion
            return Implication(tuple(premises), last)
        case s.Compare():
            return _comparison(node, scope)
        case s.ProbabilityNode() | s.Expected():
            raise NotLinearError(
                "a probability or expectation stands inside a unit-level formula",
                node.where,
                "Population-level assumptions have the form LINEAR <= LINEAR.",
            )
        case _:
            raise ModelError(
                "a formula is wanted here, and this is a value",
                node.where,
                f"Compare it: {s.spelled(node)} = ..." if isinstance(node, s.Name | s.Call) else "Compare it.",
            )


def flat(kind: type[And] | type[Or], parts: list[Formula]) -> list[Formula]:
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
    if isinstance(left, Outcome) and isinstance(right, Outcome):
        _check_common_values(left, right, node, scope)
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
            f"its values: {values_text(values)}; {scope.known()}",
        )
    if any(label.name in variable.domain for variable in scope.variables.values()):
        raise ModelError(
            f"'{label.name}' is a value name, and it is not compared with a potential outcome",
            part.where,
            "Compare it by = or != with a potential outcome.",
        )
    raise scope.unknown(label.name, part.where)


def _check_constant(outcome: Outcome, constant: Fraction, node: s.Compare, scope: Scope) -> None:
    values = scope.variables[outcome.variable].domain
    if node.relation in ("=", "!=") and constant not in values:
        raise ModelError(
            f"'{outcome.variable}' has no value {constant}", node.where, f"its values: {values_text(values)}"
        )


def _check_common_values(left: Outcome, right: Outcome, node: s.Compare, scope: Scope) -> None:
    domains = [scope.variables[outcome.variable].domain for outcome in (left, right)]
    if node.relation in ("=", "!=") and not set(domains[0]) & set(domains[1]):
        listed = " and ".join("{" + values_text(domain) + "}" for domain in domains)
        raise ModelError(
            f"'{left.variable}' and '{right.variable}' have no value in common",
            node.where,
            f"Compare variables with the same values; these have {listed}.",
        )


def _check_named(node: s.Compare, left: Operand, right: Operand) -> None:
    """Named values are equal or not; only values of one variable are ordered."""
    if any(isinstance(side, Sum) and side.constant is None for side in (left, right)):
        raise ModelError(
            "named values cannot be used in arithmetic", node.where, "Compare it by = or != with a potential outcome."
        )
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
        return not all(map(is_number, _values(operand, scope)))
    return isinstance(operand, Label)


def _values(operand: Outcome | Index, scope: Scope) -> tuple[Value, ...]:
    return scope.indices[operand.name] if isinstance(operand, Index) else scope.variables[operand.variable].domain


def _title(operand: Outcome | Index) -> str:
    return f"'{operand.name}'" if isinstance(operand, Index) else f"'{operand.variable}'"


def _operand(node: s.Syntax, scope: Scope) -> Operand:
    """One side of a comparison: a potential outcome, a value name, or arithmetic."""
    match node:
        case s.Name() if node.name in scope.indices:
            return Index(node.name)
        case s.Name() if node.name in scope.variables:
            return _outcome(node, scope)
        case s.Name() if not scope.is_quantity(node.name):
            return Label(node.name)
        case s.Call():
            return _outcome(node, scope)
        case _:
            return unwrapped(resolve_scalar(node, scope))


def unwrapped(expression: Sum) -> Operand:
    """``M + 0`` and ``2 * M - M`` are M."""
    match expression.terms:
        case ((coefficient, (Outcome() | Index() as atom,)),) if coefficient == 1:
            return atom
    return expression


def resolve_scalar(node: s.Syntax, scope: Scope) -> Sum:
    """Arithmetic in potential outcomes of one unit."""
    match node:
        case s.Plus():
            return Sum.total(resolve_scalar(part, scope).scaled(sign) for sign, part in node.parts)
        case s.Times():
            return _scalar_product(node, scope)
        case s.NumberNode():
            return Sum.of((node.value, ()))
        case s.Name() if node.name in scope.indices:
            return Sum.of((1, (index_atom(node, scope),)))
        case s.Name() if scope.is_quantity(node.name):
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
        case s.ProbabilityNode() | s.Expected():
            raise NotLinearError(
                "a probability or expectation stands inside another one",
                node.where,
                "Not linear in ψ: each P(...) and E[...] stands by itself.",
            )
        case s.Extremum():
            raise misplaced_extremum(node)
        case _:
            raise ModelError("a number is wanted here, and this is a formula", node.where, "Its probability is P(...).")


def misplaced_extremum(node: s.Extremum) -> ModelError:
    """The error for a maximum where none can stand."""
    return ModelError(
        f"{node.op}(...) stands where there can be no maximum",
        node.where,
        "In claims it is a term, is added to others, or stands behind a coefficient: lower P(X=0) * max(a, b) + c.",
    )


def _scalar_product(node: s.Times, scope: Scope) -> Sum:
    product = Sum.of((1, ()))
    for operator, part in node.parts:
        factor = resolve_scalar(part, scope)
        if operator == "/":
            if factor.constant is None or factor.constant == 0:
                raise ModelError(
                    "unit-level arithmetic divides by numbers other than zero only",
                    part.where,
                    "A ratio is the value of a formula: write its mean as a sum of P(...).",
                )
            factor = Sum.of((1 / factor.constant, ()))
        product = multiplied(product, factor, node)
    return product


# ---------------------------------------------------------------- potential outcomes
def _digits(number: Fraction) -> int:
    """Of a fraction's longer part."""
    return len(str(max(abs(number.numerator), number.denominator)))


def multiplied(one: Sum, other: Sum, node: s.Syntax) -> Sum:
    """A product, unless it has too many terms, factors or digits."""
    digits = sum(max((_digits(c) for c, _ in found.terms), default=0) for found in (one, other))
    if len(one.terms) * len(other.terms) > MOST_TERMS or digits > MOST_DIGITS:
        raise ModelError(
            f"this product has more than {MOST_TERMS} terms, or a coefficient of more than {MOST_DIGITS} digits",
            node.where,
            "Write it shorter, or split it into several quantities.",
        )
    factors = sum(max((len(atoms) for _, atoms in found.terms), default=0) for found in (one, other))
    if factors > MOST_FACTORS:
        raise ModelError(
            f"this product has more than {MOST_FACTORS} factors that are not numbers",
            node.where,
            "Write it shorter, or split it into several quantities.",
        )
    return one * other


def index_atom(node: s.Name, scope: Scope) -> Index:
    if not all(map(is_number, scope.indices[node.name])):
        raise ModelError(
            f"'{node.name}' runs over named values, which cannot be used in arithmetic",
            node.where,
            "Compare it by = or != with a potential outcome.",
        )
    return Index(node.name)


def known_variable(name: str, scope: Scope, where: Place | None) -> Variable:
    if name not in scope.variables:
        raise scope.unknown(name, where, "variable")
    return scope.variables[name]


def _outcome(node: s.Name | s.Call, scope: Scope) -> Outcome:
    """A potential outcome whose interventions are complete and whose arm is named."""
    variable = known_variable(node.name, scope, node.where)
    settings = _settings(variable, node, scope) if isinstance(node, s.Call) else ()
    missing = arms_needed(variable.name, scope.fixed | {name for name, _ in settings}, scope.variables)
    if missing and not scope.averages(frozenset(missing)):
        raise _no_arm(variable, node, missing, scope)
    return Outcome(variable.name, settings)


def _no_arm(variable: Variable, node: s.Name | s.Call, missing: list[str], scope: Scope) -> ModelError:
    unknown = [name for name in missing if not scope.averages({name})]
    if not unknown:
        return scope.cannot_average(f"'{s.spelled(node)}'", missing, node.where)
    arm = ", ".join(f"{name}=..." for name in missing)
    what = "has no distribution in the model" if variable.randomized else f"differs between arms of {unknown[0]}"
    return ModelError(
        f"'{s.spelled(node)}' names no arm: {variable.name} {what}",
        node.where,
        f"Randomized variables are set or conditioned on: P(... | {arm})"
        + ("" if variable.randomized else f" or {variable.name}({arm})")
        + f"; in P(...) and E[...] their law may be observed instead: observe P({', '.join(missing)}).",
    )


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
    return tuple((parent, argument_of(scope.variables[parent], part, scope)) for parent, part in pairs)


def _named_settings(variable: Variable, node: s.Call, scope: Scope) -> tuple[tuple[str, Argument], ...]:
    above = ancestors(variable.name, scope.variables)
    found: dict[str, Argument] = {}
    for name, part in node.named:
        target = known_variable(name, scope, node.where)
        if name not in above:
            raise ModelError(
                f"'{name}' does not affect {variable.name}, so it cannot be set in {variable.name}(...)",
                node.where,
                f"declared: {variable}; it is affected by: {', '.join(above) or 'nothing'}",
            )
        if name in found:
            raise ModelError(f"'{name}' is set twice in {variable.name}(...)", node.where, "Set each variable once.")
        found[name] = argument_of(target, part, scope)
    # Exactly the parents: the same value as by position. Otherwise the order of the declarations.
    order = variable.parents if set(found) == set(variable.parents) else tuple(scope.variables)
    return tuple((name, found[name]) for name in order if name in found)


def argument_of(variable: Variable, node: s.Syntax, scope: Scope) -> Argument:
    """The value that an intervention gives to a variable."""
    if isinstance(node, s.Name) and node.name in scope.indices:
        found: Argument = Index(node.name)
        values = scope.indices[node.name]
    elif isinstance(node, s.Call) or (isinstance(node, s.Name) and node.name in scope.variables):
        found = _outcome(node, scope)
        values = scope.variables[found.variable].domain
    elif isinstance(node, s.Name):
        if scope.is_quantity(node.name):
            raise ModelError(
                f"'{node.name}' is a population quantity, not a value of {variable.name}",
                node.where,
                f"its values: {values_text(variable.domain)}",
            )
        found, values = node.name, (node.name,)
    else:
        constant = resolve_scalar(node, scope).constant
        if constant is None:
            raise ModelError(
                f"an argument for {variable.name} is a value, a quantified name or a potential outcome",
                node.where,
                f"its values: {values_text(variable.domain)}",
            )
        found = number_value(constant)
        values = (found,)
    outside = [value for value in values if value not in variable.domain]
    if outside:
        unknown = f"unknown name '{shortened(str(outside[0]))}': " if isinstance(found, str) else ""
        if isinstance(found, Index):
            runs = next(n for n, v in scope.variables.items() if v.domain == scope.indices[found.name])
            raise ModelError(
                f"'{found.name}' stands for each value of {runs}, and '{variable.name}' has no value "
                f"{print_value(outside[0])}",
                node.where,
                f"its values: {values_text(variable.domain)}",
            )
        raise ModelError(
            f"{unknown}'{variable.name}' has no value {shortened(value_text(outside[0]))}",
            node.where,
            f"its values: {values_text(variable.domain)}" + (f"; {scope.known()}" if unknown else ""),
        )
    return found
