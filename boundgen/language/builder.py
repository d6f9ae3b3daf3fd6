"""Statements, as they were read, to a `Model`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from boundgen.errors import ModelSyntaxError, Place, Source
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ClaimSide, ConditionsClaim, Observation, Parameter, check_range
from boundgen.language.tree import STATEMENTS, Interventions, Statement, placed
from boundgen.language.variables import Variable

HOW_TO_START = 'A model starts with: model NAME "title"'


def build_model(statements: list[Statement], source: Source) -> Model:
    """Names first, then what uses them: a definition may be used above its line."""
    if not statements:
        raise ModelSyntaxError(f"{source.file}: the text holds no statement", remedy=HOW_TO_START)
    first = statements[0]
    if first.kind != "model":
        raise ModelSyntaxError("the first statement is not 'model'", first.where, HOW_TO_START)
    by_kind: dict[str, list[Statement]] = {kind: [] for kind in STATEMENTS}
    for statement in statements:
        by_kind[statement.kind].append(statement)
    if len(by_kind["model"]) > 1:
        raise ModelSyntaxError("'model' stands twice", by_kind["model"][1].where, "One file holds one model.")
    name, title = first.parts
    model: Model = placed(
        first.where,
        lambda: Model(name, tuple(_variable(statement) for statement in by_kind["variable"]), title or ""),
    )
    for kind in STATEMENTS[1:]:
        for statement in by_kind[kind]:
            if kind != "variable":
                model = placed(statement.where, partial(_ADD[statement.kind], model, statement))
    return model


def _variable(statement: Statement) -> Variable:
    name, parents, domain, randomized = statement.parts
    return placed(  # type: ignore[no-any-return]
        statement.where, lambda: Variable(name, domain, bool(randomized), tuple(parents or ()), statement.where)
    )


def _add_source(model: Model, statement: Statement) -> Model:
    return model.source(statement.parts[0])


def _add_observation(model: Model, statement: Statement) -> Model:
    items, bar = statement.parts
    arms = tuple(part for part in bar or () if not isinstance(part, Interventions))
    sets = tuple(each for part in bar or () if isinstance(part, Interventions) for each in part.settings)
    found = Observation(tuple(items), arms, sets, statement.where)
    return replace(model, observations=(*model.observations, found))


def _add_parameter(model: Model, statement: Statement) -> Model:
    name, low, high = statement.parts
    check_range(name, low, high)
    return replace(model, parameters=(*model.parameters, Parameter(name, low, high, statement.where)))


def _add_definition(model: Model, statement: Statement) -> Model:
    name, node = statement.parts
    found = model.define(name, node)
    last = replace(found.definitions[-1], where=statement.where)
    return replace(found, definitions=(*found.definitions[:-1], last))


def _add_assumption(model: Model, statement: Statement) -> Model:
    name, node, indices = statement.parts
    found = model.assume(node, name, indices or ())
    last = replace(found.assumptions[-1], where=statement.where)
    return replace(found, assumptions=(*found.assumptions[:-1], last))


def _add_estimand(model: Model, statement: Statement) -> Model:
    name, node = statement.parts
    found = model.estimand(name, node)
    last = replace(found.estimands[-1], where=statement.where)
    return replace(found, estimands=(*found.estimands[:-1], last))


def _add_claim(model: Model, statement: Statement) -> Model:
    where, about, *lines = statement.parts
    read = _conditions_claim if about == "conditions" else _claim
    return replace(model, claims=(*model.claims, read(model, where, about, lines, statement.where)))


_ADD: dict[str, Callable[[Model, Statement], Model]] = {
    "source": _add_source,
    "observe": _add_observation,
    "parameter": _add_parameter,
    "define": _add_definition,
    "assume": _add_assumption,
    "estimand": _add_estimand,
    "claim": _add_claim,
}


def _claim(model: Model, where: str, about: str, lines: list[Statement], place: Place) -> Claim:
    found: dict[str, Any] = {}
    for line in lines:
        if line.kind == "holds":
            raise ModelSyntaxError("'holds' belongs to a claim for conditions", line.where, "Write lower or upper.")
        entries = _expectations(line) if line.kind == "expect" else {line.parts[0]: _side(model, line)}
        for key, value in entries.items():
            if key in found:
                raise ModelSyntaxError(f"'{key.split('_')[-1]}' stands twice in one claim", line.where)
            found[key] = value
    for side in ("lower", "upper"):
        if side not in found:
            found.pop(f"expect_{side}", None)
    return Claim(where, about, **found, place=place)


def _expectations(line: Statement) -> dict[str, str]:
    return {f"expect_{side}": verdict for side, verdict in line.parts}


def _side(model: Model, line: Statement) -> ClaimSide:
    name, (op, terms, over) = line.parts
    if op not in (None, "max" if name == "lower" else "min"):
        raise ModelSyntaxError(
            f"a {name} bound is a {'max' if name == 'lower' else 'min'}, not a {op}", line.where, "Write the other one."
        )
    return placed(line.where, lambda: model.claim_side(op, terms, over))  # type: ignore[no-any-return]


def _conditions_claim(model: Model, where: str, _: str, lines: list[Statement], place: Place) -> ConditionsClaim:
    holds = []
    expect = None
    for line in lines:
        if line.kind == "claim_side":
            raise ModelSyntaxError("a claim for conditions has 'holds' lines", line.where, "holds LINEAR <= LINEAR")
        if line.kind == "holds":
            holds.append(placed(line.where, partial(model.holds, line.parts[0], line.parts[1] or ())))
        elif line.parts[0][1] != line.parts[-1][1] or len(line.parts) != 2:
            raise ModelSyntaxError("a claim for conditions expects one verdict", line.where)
        else:
            expect = line.parts[0][1]
    if not holds:
        raise ModelSyntaxError("a claim for conditions has no 'holds' line", place, "holds LINEAR <= LINEAR")
    return ConditionsClaim(where, tuple(holds), expect, place)
