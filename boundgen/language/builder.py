"""Statements, as they were read, to a `Model`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from boundgen.errors import ModelSyntaxError, Place, Source
from boundgen.language.causes import beside_unconfounded, check_cause
from boundgen.language.claims import side_parts
from boundgen.language.model import Model
from boundgen.language.observed import read_observations, with_observations
from boundgen.language.ratios import read_estimand
from boundgen.language.resolution import resolve_assumption, resolve_identified
from boundgen.language.statements import (
    Assumption,
    Claim,
    ClaimSide,
    ConditionsClaim,
    Definition,
    Estimand,
    Observation,
    Parameter,
    check_range,
)
from boundgen.language.tree import HOW_TO_START, STATEMENTS, Interventions, OutcomeEnds, Statement, placed
from boundgen.language.variables import Variable, bounded_outcome


def build_model(statements: list[Statement], source: Source) -> Model:
    """Names first, then what uses them: an assumption may stand above a definition that it uses."""
    if not statements:
        raise ModelSyntaxError(f"{source.file}: the text holds no statement", remedy=HOW_TO_START)
    first = statements[0]
    if first.kind != "model":
        raise ModelSyntaxError("the first statement is not 'model'", first.where, HOW_TO_START)
    of: dict[str, list[Statement]] = {kind: [] for kind in STATEMENTS}
    for statement in statements:
        of[statement.kind].append(statement)
    if len(of["model"]) > 1:
        raise ModelSyntaxError("'model' stands twice", of["model"][1].where, "One file holds one model.")
    name, title = first.parts
    model: Model = placed(
        first.where, lambda: Model(name, tuple(map(_variable, of["variable"])), title or "", where=first.where)
    )
    model = replace(
        model,
        sources=tuple(statement.parts[0] for statement in of["source"]),
        parameters=tuple(map(_parameter, of["parameter"])),
        observations=_observations(model, of["observe"]),
        causes=_causes(model, of["confounded"], of["unconfounded"]),
    )
    model = replace(model, definitions=_definitions(model, of["define"]))
    model = replace(
        model,
        assumptions=tuple(_assumption(model, statement) for statement in of["assume"]),
        estimands=tuple(_estimand(model, statement) for statement in of["estimand"]),
    )
    return replace(model, claims=tuple(_any_claim(model, statement) for statement in of["claim"]))


def _variable(statement: Statement) -> Variable:
    name, parents, domain, randomized = statement.parts
    above = tuple(parents or ())
    if isinstance(domain, OutcomeEnds):
        ends = domain.low, domain.high
        return placed(statement.where, lambda: bounded_outcome(name, ends, above, bool(randomized), statement.where))
    return placed(statement.where, lambda: Variable(name, domain, bool(randomized), above, statement.where))


def _parameter(statement: Statement) -> Parameter:
    name, low, high = statement.parts
    placed(statement.where, lambda: check_range(name, low, high))
    return Parameter(name, low, high, statement.where)


def _causes(model: Model, shared: list[Statement], none: list[Statement]) -> tuple[tuple[str, ...], ...] | None:
    """The unmeasured causes that are stated; None where nothing is said of them."""
    for statement in shared:
        placed(statement.where, partial(check_cause, statement.parts, model.by_name))
    for statement in none:
        if shared:
            raise beside_unconfounded().located(statement.where)
    if len(none) > 1:
        raise ModelSyntaxError(
            "'unconfounded' stands twice", none[1].where, "It speaks of all variables: once is enough."
        )
    return tuple(statement.parts for statement in shared) if shared or none else None


def _observations(model: Model, statements: list[Statement]) -> tuple[Observation, ...]:
    found: tuple[Observation, ...] = ()
    for statement in statements:
        items, bar = statement.parts
        behind = [part for part in bar or () if not isinstance(part, Interventions)]
        sets = [item for part in bar or () if isinstance(part, Interventions) for item in part.items]
        before, arms, interventions = (
            [(item.setting, item.where) for item in group] for group in (items, behind, sets)
        )
        stated = read_observations(before, arms, interventions, model.by_name, statement.where)
        found = with_observations(found, stated)
    return found


def _definitions(model: Model, statements: list[Statement]) -> tuple[Definition, ...]:
    """Each definition may use those above it."""
    found: list[Definition] = []
    above: set[str] = set()
    later = {statement.parts[0] for statement in statements}
    for statement in statements:
        name, node = statement.parts
        scope = replace(model.scope, definitions=above, later=later, own=name)
        expression = placed(statement.where, partial(resolve_identified, node, scope))
        found.append(Definition(name, expression, statement.where))
        above.add(name)
        later.discard(name)
    return tuple(found)


def _assumption(model: Model, statement: Statement) -> Assumption:
    name, node, quantifier = statement.parts
    indices, orders = quantifier or ((), ())
    scope = placed(statement.where, partial(model.quantified, indices, orders))
    body = placed(statement.where, partial(resolve_assumption, node, scope))
    return Assumption(name, body, indices, statement.where, orders)


def _estimand(model: Model, statement: Statement) -> Estimand:
    name, node, label = statement.parts
    found = placed(statement.where, partial(read_estimand, name, node, model.scope))
    return replace(found, where=statement.where, label=label)


def _any_claim(model: Model, statement: Statement) -> Claim | ConditionsClaim:
    where, about, *lines = statement.parts
    read = _conditions_claim if about == "conditions" else _claim
    return read(model, where, about, lines, statement.where)


def _claim(model: Model, where: str, about: str, lines: list[Statement], place: Place) -> Claim:
    found: dict[str, Any] = {}
    for line in lines:
        if line.kind == "holds":
            raise ModelSyntaxError("'holds' belongs to a claim for conditions", line.where, "Write lower or upper.")
        entries = {line.parts[0]: _side(model, about, line)} if line.kind == "claim_side" else _expectations(line)
        for key, value in entries.items():
            if key in found:
                raise _stands_twice(key, line.where)
            found[key] = value
    for line in lines:
        _drop_or_refuse(found, line)
    return Claim(where, about, **found, place=place)


def _expectations(line: Statement) -> dict[str, str]:
    return {f"expect_{side}": verdict for side, verdict in line.parts}


def _stands_twice(key: str, where: Place) -> ModelSyntaxError:
    side = key.removeprefix("expect_")
    if key != side:
        message = f"'expect' stands twice for the {side} side of one claim"
        return ModelSyntaxError(message, where, "Write one verdict for each side.")
    extremum = "Write the terms of one side in one max(...) or min(...)."
    return ModelSyntaxError(f"'{side}' stands twice in one claim", where, extremum)


def _drop_or_refuse(fields: dict[str, Any], line: Statement) -> None:
    """``expect sharp`` speaks of the sides that there are; ``expect upper sharp`` needs that side."""
    for side in ("lower", "upper"):
        if side in fields or line.kind not in ("expect_all", "expect_sides"):
            continue
        if line.kind == "expect_sides" and side in dict(line.parts):
            raise ModelSyntaxError(
                f"'expect {side}' in a claim that has no {side} side",
                line.where,
                f"Write the {side} side, or leave its verdict out.",
            )
        fields.pop(f"expect_{side}", None)


def _side(model: Model, about: str, line: Statement) -> ClaimSide:
    name, node = line.parts
    op, terms, over = side_parts(node)
    right = "max" if name == "lower" else "min"
    if op not in (None, right):
        article = "a" if name == "lower" else "an"
        raise ModelSyntaxError(
            f"{article} {name} bound is a {right}, not a {op}", line.where, f"Write {name} {right}(...)."
        )
    return placed(line.where, lambda: model.claim_side(op, terms, over, about))


def _conditions_claim(model: Model, where: str, _: str, lines: list[Statement], place: Place) -> ConditionsClaim:
    holds = []
    expect = None
    for line in lines:
        if line.kind == "claim_side":
            raise ModelSyntaxError("a claim for conditions has 'holds' lines", line.where, "holds LINEAR <= LINEAR")
        if line.kind == "holds":
            holds.append(placed(line.where, partial(model.holds, line.parts[0], *(line.parts[1] or ((), ())))))
        elif line.kind == "expect_sides" or expect:
            raise ModelSyntaxError(
                "a claim for conditions expects one verdict",
                line.where,
                "Write expect sharp, expect valid or expect invalid.",
            )
        else:
            expect = line.parts[0][1]
    if not holds:
        raise ModelSyntaxError("a claim for conditions has no 'holds' line", place, "holds LINEAR <= LINEAR")
    return ConditionsClaim(where, tuple(holds), expect, place)
