"""Model to text, in the canonical spelling: reading it back gives the same model."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

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
from boundgen.language.statements import (
    Assumption,
    Claim,
    ClaimedCode,
    ClaimedMaximum,
    ClaimedPiece,
    ClaimedRatio,
    ClaimSide,
    ConditionsClaim,
    Estimand,
    Observation,
    Ordering,
    Parameter,
    Setting,
)
from boundgen.language.values import value_text, values_text

if TYPE_CHECKING:
    from boundgen.language.model import Model
    from boundgen.language.variables import Variable

Variables = Mapping[str, "Variable"]
LOOSE = {Implication: 0, Or: 1, And: 2, Not: 3, Comparison: 4}


# ---------------------------------------------------------------- expressions
def print_value(value: Value | Index) -> str:
    return value.name if isinstance(value, Index) else value_text(value)


def print_argument(argument: Argument, variables: Variables) -> str:
    return print_outcome(argument, variables) if isinstance(argument, Outcome) else print_value(argument)


def print_outcome(outcome: Outcome, variables: Variables) -> str:
    """By position where exactly the parents are set, by name otherwise."""
    if not outcome.interventions:
        return outcome.variable
    names = [name for name, _ in outcome.interventions]
    values = [print_argument(argument, variables) for _, argument in outcome.interventions]
    variable = variables.get(outcome.variable)
    if variable is None or sorted(names) != sorted(variable.parents):
        return f"{outcome.variable}({', '.join(f'{n}={v}' for n, v in zip(names, values, strict=True))})"
    by_name = dict(zip(names, values, strict=True))
    return f"{outcome.variable}({', '.join(by_name[parent] for parent in variable.parents)})"


def print_formula(formula: Formula, variables: Variables) -> str:
    match formula:
        case Comparison(relation, left, right):
            return f"{_operand(left, variables)} {relation} {_operand(right, variables)}"
        case And(parts):
            return " and ".join(_inside(part, 3, variables) for part in parts)
        case Or(parts):
            return " or ".join(_inside(part, 2, variables) for part in parts)
        case Not(part):
            return f"not ({print_formula(part, variables)})"
        case Implication(premises, conclusion):
            return " -> ".join(_inside(part, 1, variables) for part in (*premises, conclusion))


def _inside(formula: Formula, level: int, variables: Variables) -> str:
    text = print_formula(formula, variables)
    return text if LOOSE[type(formula)] >= level else f"({text})"


def _operand(operand: Operand, variables: Variables) -> str:
    match operand:
        case Outcome():
            return print_outcome(operand, variables)
        case Index(name):
            return name
        case Label(name):
            return value_text(name)
        case Sum():
            return print_sum(operand, variables)


def print_sum(expression: Sum, variables: Variables | None = None) -> str:
    """A sum with explicit signs and products."""
    names = variables or {}
    text = ""
    for coefficient, atoms in expression.terms:
        sign = ("-" if coefficient < 0 else "") if not text else (" - " if coefficient < 0 else " + ")
        text += sign + _product(abs(coefficient), atoms, names)
    return text or "0"


def _product(coefficient: Fraction, atoms: tuple[Atom, ...], variables: Variables) -> str:
    factors = [_atom(atom, variables) for atom in sorted(atoms, key=_rank)]
    if coefficient != 1 or not factors:
        factors = [str(coefficient), *factors]
    return " * ".join(factors)


def _rank(atom: Atom) -> int:
    """Coefficients stand before what they multiply: b * P(...), P(...) * E[...]."""
    return {Quantity: 0, Expectation: 2}.get(type(atom), 1)


def _atom(atom: Atom, variables: Variables) -> str:
    match atom:
        case Outcome():
            return print_outcome(atom, variables)
        case Index(name) | Quantity(name):
            return name
        case Probability(event, given):
            return f"P({_event(event, variables)}{_bar(given, variables)})"
        case Expectation(content, given):
            beside = f"; {_event(atom.event, variables)}" if atom.event else ""
            return f"E[{print_sum(content, variables)}{beside}{_bar(given, variables)}]"


def _event(event: tuple[Formula, ...], variables: Variables) -> str:
    return ", ".join(_member(part, variables) for part in event)


def _member(formula: Formula, variables: Variables) -> str:
    """One formula of a comma list; an equality with a value is set tight, as papers do."""
    match formula:
        case Comparison("=", Outcome() as left, Label() | Index() | Sum() as right):
            return f"{print_outcome(left, variables)}={_operand(right, variables)}"
        case _:
            return print_formula(formula, variables)


def _bar(given: Given, variables: Variables) -> str:
    parts = [f"{name}={print_value(value)}" for name, value in given.arm]
    if given.event:
        parts.append(_event(given.event, variables))
    if given.interventions:
        parts.append(f"do({', '.join(f'{name}={print_value(value)}' for name, value in given.interventions)})")
    return f" | {', '.join(parts)}" if parts else ""


def print_estimand(estimand: Estimand, variables: Variables) -> str:
    """Its expression; one that has no answer stands as it was written."""
    return estimand.written or print_ratio(estimand.expression, estimand.divisor, variables)


def print_ratio(numerator: Sum, divisor: Sum | None, variables: Variables) -> str:
    """One expression over another, with the brackets that it needs; the numerator alone where nothing divides it."""
    text = print_sum(numerator, variables)
    if divisor is None:
        return text
    top = text if len(numerator.terms) == 1 else f"({text})"
    under = print_sum(divisor, variables)
    match divisor.terms:
        case ((coefficient, (_,)),) if coefficient == 1:
            return f"{top} / {under}"
    return f"{top} / ({under})"


def print_inequality(inequality: Inequality, variables: Variables) -> str:
    left, right = print_sum(inequality.left, variables), print_sum(inequality.right, variables)
    return f"{left} {inequality.relation} {right}"


# ---------------------------------------------------------------- statements
def print_model(model: Model) -> str:
    """The whole model, a statement a line, with an empty line between kinds of statement."""
    groups = [
        [f"model {model.name}" + (f' "{model.title}"' if model.title else "")],
        [f'source "{source}"' for source in model.sources],
        [print_variable(variable) for variable in model.variables],
        print_causes(model.causes),
        [print_observation(observation) for observation in model.observations],
        [_parameter(parameter) for parameter in model.parameters],
        [f"define {d.name} = {print_sum(d.expression, model.by_name)}" for d in model.definitions],
        [print_assumption(assumption, model.by_name) for assumption in model.assumptions],
        [f"estimand {_labelled(e)} = {print_estimand(e, model.by_name)}" for e in model.estimands],
        *([_claim(claim, model.by_name)] for claim in model.claims),
    ]
    return "\n\n".join("\n".join(group) for group in groups if group) + "\n"


def _labelled(estimand: Estimand) -> str:
    return f'{estimand.name} "{estimand.label}"' if estimand.label else estimand.name


def print_variable(variable: Variable) -> str:
    domain = f"[{values_text(variable.domain)}]" if variable.bounded else _domain(variable.domain)
    return f"variable {variable} in {domain}" + (" randomized" if variable.randomized else "")


def _domain(domain: tuple[Value, ...]) -> str:
    first, last = domain[0], domain[-1]
    if len(domain) > 3 and isinstance(first, int) and isinstance(last, int) and domain == tuple(range(first, last + 1)):
        return f"{first}..{last}"
    return f"{{{values_text(domain)}}}"


def print_causes(causes: tuple[tuple[str, ...], ...] | None) -> list[str]:
    """A statement for each unmeasured cause; one that there are none."""
    if causes is None:
        return []
    return [f"confounded {', '.join(cause)}" for cause in causes] or ["unconfounded"]


def print_observation(observation: Observation) -> str:
    behind = _items((*observation.arms, *observation.selection))
    if observation.interventions:
        behind.append(f"do({', '.join(_items(observation.interventions))})")
    bar = f" | {', '.join(behind)}" if behind else ""
    return f"observe P({', '.join(_items(observation.outcomes))}{bar})"


def _items(settings: tuple[Setting, ...]) -> list[str]:
    return [name if value is None else f"{name}={value_text(value)}" for name, value in settings]


def _parameter(parameter: Parameter) -> str:
    low = "(-inf" if parameter.low is None else f"[{parameter.low}"
    high = "inf)" if parameter.high is None else f"{parameter.high}]"
    return f"parameter {parameter.name} in {low}, {high}"


def print_assumption(assumption: Assumption, variables: Variables) -> str:
    name = f"{assumption.name}: " if assumption.name else ""
    return f"assume {name}{print_body(assumption.body, variables)}{_quantifier(assumption.indices, assumption.orders)}"


def print_body(body: Formula | Inequality, variables: Variables) -> str:
    return print_inequality(body, variables) if isinstance(body, Inequality) else print_formula(body, variables)


def _quantifier(indices: tuple[tuple[str, str], ...], orders: tuple[Ordering, ...]) -> str:
    """``for all z1 > z0 in Z, x in X``: an order stands between two names, one behind the other."""
    if not indices:
        return ""
    relations = {(left, right): relation for left, relation, right in orders}
    text = ""
    for (index, variable), (following, _) in zip(indices, (*indices[1:], ("", "")), strict=True):
        relation = relations.get((index, following))
        text += f"{index} {relation} " if relation else f"{index} in {variable}, "
    return f" for all {text.removesuffix(', ')}"


def _claim(claim: Claim | ConditionsClaim, variables: Variables) -> str:
    if not isinstance(claim, Claim):
        lines = [f'claim "{claim.where}" for conditions']
        lines += [
            f"  holds {print_inequality(h.body, variables)}{_quantifier(h.indices, h.orders)}" for h in claim.holds
        ]
        return "\n".join(lines + ([f"  expect {claim.expect}"] if claim.expect else []))
    lines = [f'claim "{claim.where}" for {claim.estimand}']
    sides = [("lower", claim.lower, claim.expect_lower), ("upper", claim.upper, claim.expect_upper)]
    lines += [f"  {name} {_side(side, variables)}" for name, side, _ in sides if side]
    expected = [(name, verdict) for name, _, verdict in sides if verdict]
    if len(expected) == 2 and expected[0][1] == expected[1][1]:
        lines.append(f"  expect {expected[0][1]}")
    elif expected:
        lines.append("  expect " + ", ".join(f"{name} {verdict}" for name, verdict in expected))
    return "\n".join(lines)


def print_code(code: ClaimedCode, variables: Variables) -> str:
    """As it stands in a claim: ``from python "bounds.py:lower"(P(Y=1 | A=1), g=gamma)``."""
    written = [(f"{name}=" if name else "") + print_sum(each, variables) for name, each in code.arguments or ()]
    return f'from {code.language} "{code.path}"' + (f"({', '.join(written)})" if written else "")


def _side(side: ClaimSide, variables: Variables) -> str:
    if side.code:
        return print_code(side.code, variables)
    terms = [print_claimed_term(each, variables) for each in side.terms]
    terms += [print_claimed_piece(piece, variables) for piece in side.pieces]
    if side.op is None:
        return terms[0]
    over = f" / ({print_sum(side.denominator, variables)})" if side.denominator else ""
    return f"{side.op}({', '.join(terms)}){over}"


def print_claimed_term(term: ClaimedRatio, variables: Variables) -> str:
    """A numerator over its denominator, each in brackets; the numerator alone where there is none."""
    numerator, denominator = term
    text = print_sum(numerator, variables)
    return f"({text}) / ({print_sum(denominator, variables)})" if denominator else text


def print_claimed_piece(piece: ClaimedPiece, variables: Variables) -> str:
    """A sum of a term and maxima, with its condition."""
    texts = [] if piece.maxima and piece.term == (Sum(), None) else [print_claimed_term(piece.term, variables)]
    for maximum in piece.maxima:
        text = _claimed_maximum(maximum, variables)
        sign = ("- " if text.startswith("-") else "+ ") if texts else ""
        texts.append(sign + (text.removeprefix("-") if sign else text))
    if not piece.guards:
        return " ".join(texts)
    if len(texts) == 1 and texts[0][-1].isdigit():
        # A number and the word behind it would be read as their product.
        texts = [f"({texts[0]})"]
    return f"{' '.join(texts)} if {' and '.join(print_inequality(guard, variables) for guard in piece.guards)}"


def _claimed_maximum(maximum: ClaimedMaximum, variables: Variables) -> str:
    coefficient, divisor = maximum.coefficient
    inside = f"{maximum.op}({', '.join(print_claimed_term(each, variables) for each in maximum.options)})"
    over = f" / ({print_sum(divisor, variables)})" if divisor else ""
    if coefficient.constant is not None and abs(coefficient.constant) == 1:
        return f"{'-' if coefficient.constant < 0 else ''}{inside}{over}"
    text = print_sum(coefficient, variables)
    return f"{text if len(coefficient.terms) == 1 else f'({text})'} * {inside}{over}"
