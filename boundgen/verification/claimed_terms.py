"""A claim's formulas as terms of cells and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from boundgen.derivation import identified_quantity
from boundgen.errors import NotIdentifiedError, Place
from boundgen.language.expressions import Sum
from boundgen.language.model import Model
from boundgen.language.printer import print_sum
from boundgen.limits import Work
from boundgen.strata.cells import Block
from boundgen.strata.forms import LinearForm, Mean, linear_form
from boundgen.strata.program import linear_program
from boundgen.strata.unit import Unit, UnknownOutcome
from boundgen.terms import Term, combination


def claimed_term(
    model: Model,
    blocks: Sequence[Block],
    expression: Sum,
    indices: dict[str, int | str],
    where: Place | None,
    work: Work,
) -> Term:
    """An expression as a function of the observed cells and the parameters.

    Probabilities of factual events in an observed arm are sums of its cells, as printed; anything else is
    expressed by the cells that identify it.

    Raises
    ------
    NotIdentifiedError
        If data and assumptions do not identify it.
    """
    form = linear_form(model, expression, indices)
    parts: list[tuple[int, Term]] = [(1, Term.of(form.constant, dict(form.parameters)))]
    for mean in form.means:
        found = _cells_of(model, blocks, mean) or _identified(model, blocks, mean, work)
        if found is None:
            raise NotIdentifiedError(
                f"the claim uses {print_sum(expression, model.by_name)}, which the observed data do not identify",
                where,
                "A claim is written in what the data identify, parameters and definitions.",
            )
        parts.append((1, found))
    return combination(parts)


def _cells_of(model: Model, blocks: Sequence[Block], mean: Mean) -> Term | None:
    """The mean as a sum over the cells of one observed arm, where it is one."""
    if not mean.factual:
        return None
    unit = Unit(model.by_name, {})
    for block in blocks:
        if not block.complete or set(block.cells[0].context) != set(mean.context):
            continue
        found: dict[str, Fraction | int] = {}
        try:
            for cell in block.cells:
                found[cell.name] = mean.value(unit, dict(cell.context + cell.event))
        except UnknownOutcome:
            continue
        return Term.of(0, found)
    return None


def _identified(model: Model, blocks: Sequence[Block], mean: Mean, work: Work) -> Term | None:
    form = LinearForm(Fraction(0), (), (mean,))
    return identified_quantity(model, linear_program(model, blocks, form, work), work)
