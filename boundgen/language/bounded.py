"""Bounded outcomes, of which only means are used: where they may stand.

Where they stand linearly, Y = LO + (HI - LO) B with a two-valued B has the same bounds: for a vector of outcomes that
meets order constraints, the indicators of Y > U with one uniform U meet them too, and have the same means. So every
formula here is one that passes from Y to these indicators and back.
"""

from __future__ import annotations

from collections.abc import Iterable

from boundgen.errors import ModelError, Place
from boundgen.language.averaging import outcomes_of
from boundgen.language.expressions import And, Comparison, Formula, Implication, Not, Operand, Or, Outcome, Sum
from boundgen.language.scope import Scope
from boundgen.language.values import value_text
from boundgen.language.variables import Variable

MEANS = "Of a bounded outcome only means are used"


def refuse_events(formulas: Iterable[Formula], scope: Scope, where: Place | None) -> None:
    """Events are of variables with values: a bounded outcome has none."""
    found = _first(formulas, scope)
    if found is not None:
        raise ModelError(
            f"'{found.name}' is a bounded outcome, and an event of it stands here",
            where,
            f"{MEANS}: write E[{found.name}(...)], or give '{found.name}' a list of values.",
        )


def refuse_products(content: Sum, scope: Scope, where: Place | None) -> None:
    """A bounded outcome stands in a mean linearly; what it is multiplied by has values."""
    for _, atoms in content.terms:
        bounded = [a for a in atoms if isinstance(a, Outcome) and scope.variables[a.variable].bounded]
        if len(bounded) > 1:
            names = " and ".join(dict.fromkeys(f"'{each.variable}'" for each in bounded))
            raise ModelError(
                f"a product of bounded outcomes: {names}",
                where,
                f"{MEANS}, and not those of products with one another.",
            )


def check_unit_formula(formula: Formula, scope: Scope, where: Place | None, negated: bool = False) -> None:
    """Potential outcomes of one bounded variable are compared with one another, or with its ends, and not denied."""
    match formula:
        case Comparison():
            _check_comparison(formula, scope, where, negated)
        case And(parts) | Or(parts):
            for part in parts:
                check_unit_formula(part, scope, where, negated)
        case Not(part):
            check_unit_formula(part, scope, where, True)
        case Implication(premises, conclusion):
            for part in premises:
                check_unit_formula(part, scope, where, True)
            check_unit_formula(conclusion, scope, where, negated)


def _check_comparison(formula: Comparison, scope: Scope, where: Place | None, negated: bool) -> None:
    variable = _first([formula], scope)
    if variable is None:
        return
    if negated or formula.relation not in ("<=", "=", ">="):
        raise ModelError(
            f"outcomes of the bounded '{variable.name}' are compared by <=, = or >=, and nothing denies it",
            where,
            "Write what holds: not (Y(1) < Y(0)) is Y(1) >= Y(0); premises of -> are of other variables.",
        )
    if not all(_is_of(side, variable) for side in (formula.left, formula.right)):
        low, high = map(value_text, variable.domain)
        raise ModelError(
            f"the bounded '{variable.name}' is compared with what is neither a potential outcome of it nor {low} "
            f"or {high}",
            where,
            f"Compare potential outcomes of '{variable.name}' with one another, or with its ends.",
        )


def _is_of(side: Operand, variable: Variable) -> bool:
    if isinstance(side, Sum):
        return side.constant is not None and side.constant in variable.domain
    return isinstance(side, Outcome) and side.variable == variable.name


def _first(formulas: Iterable[Formula], scope: Scope) -> Variable | None:
    """The first bounded variable of which a potential outcome stands in formulas."""
    found = (scope.variables[outcome.variable] for outcome in outcomes_of(tuple(formulas)))
    return next((variable for variable in found if variable.bounded), None)
