"""What `boundgen check` says of a model: sizes, consistency, identification."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from boundgen.bounds.identification import is_identified
from boundgen.bounds.symbols import pretty
from boundgen.consistency import is_empty, refuse_contradiction
from boundgen.derivation import denominator, estimand_program, identified_definitions
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ConditionsClaim, Estimand
from boundgen.limits import Work
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.reduced import reduce
from boundgen.strata.cells import Block, distinct_cells, observed_blocks
from boundgen.strata.program import linear_program
from boundgen.terms import Term
from boundgen.verification.claimed_terms import claimed_conditions, claimed_side


def check(model: Model, work: Work, unicode: bool) -> str:
    """A report on the model.

    Raises
    ------
    ContradictionError
        With a smallest set of assumptions that contradict one another.
    """
    return "\n".join(_report(model, work, unicode)) + "\n"


def _report(model: Model, work: Work, unicode: bool) -> Iterator[str]:
    yield f"{model.name}: {model.title}" if model.title else model.name
    yield f"  {_count(len(model.variables), 'variable')}: {', '.join(map(str, model.variables))}"
    units = sum(not isinstance(a.body, Inequality) for a in model.assumptions)
    yield (
        f"  {_count(len(model.assumptions), 'assumption')} ({units} unit-level), "
        f"{_count(len(model.parameters), 'parameter')}, {_count(len(model.definitions), 'definition')}, "
        f"{_count(len(model.estimands), 'estimand')}, {_count(len(model.claims), 'claim')}"
    )
    if is_empty(linear_program(model, (), None, work), model):
        refuse_contradiction(model, work)
    yield "  the assumptions are consistent" if model.assumptions else "  nothing is assumed beyond the declarations"
    if not model.observations:
        yield "  nothing is observed: bounds need a statement such as 'observe P(Y, M | A)'"
        return
    blocks = observed_blocks(model, work.limits)
    yield f"  {_count(len(distinct_cells(blocks)), 'observed cell')} in {_count(len(blocks), 'arm')}"
    identified_definitions(model, blocks, work)
    for estimand in model.estimands:
        yield from _estimand(model, blocks, estimand, work, unicode)
    if not model.estimands:
        yield "  no estimand is stated"
    for claim in model.claims:
        if isinstance(claim, ConditionsClaim):
            claimed_conditions(model, blocks, claim, work)


def _estimand(model: Model, blocks: tuple[Block, ...], estimand: Estimand, work: Work, unicode: bool) -> Iterator[str]:
    program = estimand_program(model, blocks, estimand, work)
    over = denominator(model, estimand, program, work)
    lower, upper = reduce(program), reduce(program.negated())
    _check_claims(model, blocks, estimand.name, over, model_region(lower.complete, model.parameters), work)
    step = partial(work.step, "finding what is identified", 0)
    verdict = "identified" if is_identified(program, model.parameters, step) else "not identified"
    yield f"{pretty(estimand.name, unicode)}: {verdict}" + (", denominator identified" if over else "")
    yield f"  program: {program.size()}"
    before = program.size(), program.size()
    for low, high in zip(lower.passes, upper.passes, strict=True):
        sizes = low.program.size(), high.program.size()
        text = sizes[0] + (f"; upper side {sizes[1]}" if sizes[0] != sizes[1] else "")
        yield f"  {low.name}: {'no change' if sizes == before else text}"
        before = sizes
    duals = [dual_polyhedron(side.program) for side in (lower, upper)]
    shapes = [f"dimension {dual.dimension}, {len(dual.inequalities)} inequalities" for dual in duals]
    yield f"  dual polyhedron: {shapes[0]}" + (f"; upper side {shapes[1]}" if shapes[0] != shapes[1] else "")


def _check_claims(
    model: Model, blocks: tuple[Block, ...], name: str, over: Term | None, region: Region, work: Work
) -> None:
    """Refuse claims that cannot be judged: terms that are not identified, other denominators than the estimand's."""
    claims = [claim for claim in model.claims if isinstance(claim, Claim) and claim.estimand == name]
    for claim in claims:
        for side in (claim.lower, claim.upper):
            if side:
                claimed_side(model, blocks, claim, side, over, region, work)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
