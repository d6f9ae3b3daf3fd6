"""Estimands that are not one linear program: ratios, and programs some of whose coefficients are functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from boundgen.bounds.assembly import weighted_program
from boundgen.bounds.normal_form import is_numeric, normal_form, with_objective
from boundgen.bounds.plain_rows import with_plain_rows
from boundgen.bounds.posing import has_constant_rows
from boundgen.bounds.problem import EstimandProgram
from boundgen.bounds.signs import sign_of
from boundgen.bounds.superfluous import Homogeneous
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.program.weighted_program import WeightedProgram
from boundgen.strata.cells import Arm
from boundgen.strata.forms import LinearForm
from boundgen.work.limits import Budget

NO_NORMAL_FORM, WEIGHTED_RATIO, PLAIN = range(3)


def program_with_closed_form(model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget) -> WeightedProgram:
    """The program in the form that has a normal one, if there is such; rather one without weights beside a divisor."""
    program = weighted_program(model, arms, estimand, budget)
    if _rank(program) == PLAIN:
        return program
    known = weighted_program(model, arms, estimand, budget, known_means=True)
    plain = with_plain_rows(program, Homogeneous.of(model, arms).is_nonnegative)
    return max(program, known, plain, key=_rank)


def _rank(program: WeightedProgram) -> int:
    """How much of a normal form a program has."""
    normal = normal_form(program)
    if isinstance(normal, str):
        return NO_NORMAL_FORM
    is_weighted_ratio = not normal.identified and not (is_numeric(normal.costs) and is_numeric(normal.divisors))
    return WEIGHTED_RATIO if is_weighted_ratio else PLAIN


def as_linear(model: Model, estimand: Estimand, program: WeightedProgram, budget: Budget) -> EstimandProgram | None:
    """A ratio whose divisor is a linear function of the data that is nowhere negative, as a linear program over it."""
    over = program.over.numerator.term
    scale = program.over.denominator.constant
    numbers = all(column.cost.constant is not None for column in program.columns)
    if over is None or scale is None or not (program.identified and numbers and has_constant_rows(model)):
        return None
    normal = normal_form(program)
    if isinstance(normal, str) or normal.symbols:
        return None
    linear = with_objective(normal)
    if sign_of(program.over.numerator, linear, model, (), budget) != 1:
        return None
    form = LinearForm(Fraction(0), (), ())
    return EstimandProgram(estimand, form, linear, None if over == Term(scale) else over.scaled(1 / scale))
