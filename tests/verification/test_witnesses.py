"""Every witness is checked again from the JSON of ``boundgen verify``, by code that does not import the engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from boundgen import catalogue
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ClaimSide, ConditionsClaim
from support.independent import Problem, problem, violation
from support.independent_claims import ConditionsJudge
from support.mutants import CONDITION_KINDS, SIDE_KINDS, condition_mutants, mutants, spread
from support.paths import ROOT, TESTS
from support.population import Population

ENGINE = ("strata", "program", "polyhedra", "bounds", "verification", "derivation")
NEAR = 1e-6
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, TESTS)))}
EVERY_VERDICT = {(side, v) for side in ("lower", "upper", "conditions") for v in ("sharp", "valid", "invalid")}


def boundgen(*arguments: str) -> Any:
    """The JSON that the command line prints."""
    command = [sys.executable, "-m", "boundgen", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert not found.stderr
    assert found.returncode in (0, 1)
    return json.loads(found.stdout)


@cache
def conditions_judge(model: Model) -> ConditionsJudge:
    return ConditionsJudge(model)


@cache
def judge(model: Model, estimand: str | None) -> Problem:
    return problem(model, estimand)


# ---------------------------------------------------------------- one verdict
def check(model: Model, found: dict[str, Any]) -> None:
    """What the JSON says about one side of a claim."""
    assert (found["witness"] is None) == (found["verdict"] == "sharp")
    if found["witness"] is None:
        return
    claim = next(c for c in model.claims if c.where == found["where"] and _about(c) == found["estimand"])
    if isinstance(claim, Claim):
        check_bound(model, claim, found)
    else:
        check_conditions(model, claim, found)


def _about(claim: Claim | ConditionsClaim) -> str:
    return claim.estimand if isinstance(claim, Claim) else "conditions"


def check_bound(model: Model, claim: Claim, found: dict[str, Any]) -> None:
    """A population of the model with these data, this estimand and these bounds, which prove the verdict."""
    witness, sign = found["witness"], 1 if found["side"] == "lower" else -1
    population = read_population(model, witness)
    assert not population.broken()
    assert population.cells() == fractions(witness["cells"])
    estimand = population.value(model.estimand_named(claim.estimand).expression)
    formula = claim.lower if found["side"] == "lower" else claim.upper
    assert estimand is not None
    assert formula is not None
    claimed = max(sign * term for term in claimed_terms(population, formula))
    assert Fraction(witness["estimand"]) == estimand
    assert sign * Fraction(witness["claimed"]) == claimed
    sharp = Fraction(witness["sharp"])
    assert abs(float(sharp) - numeric_bound(model, claim.estimand, population, found["side"])) < NEAR
    assert sign * sharp <= sign * estimand
    assert claimed > sign * estimand if found["verdict"] == "invalid" else claimed < sign * sharp


def read_population(model: Model, witness: dict[str, Any]) -> Population:
    return Population(model, fractions(witness["strata"]), fractions(witness["parameters"]))


def fractions(written: dict[str, str] | None) -> dict[str, Fraction]:
    assert written is not None
    return {name: Fraction(text) for name, text in written.items()}


def claimed_terms(population: Population, formula: ClaimSide) -> list[Fraction]:
    found = []
    for numerator, own in formula.terms:
        value, under = population.value(numerator), own or formula.denominator
        over = population.value(under) if under else Fraction(1)
        assert value is not None
        assert over
        found.append(value / over)
    return found


def numeric_bound(model: Model, estimand: str, population: Population, side: str) -> float:
    """The end of the interval at the population's data, from the numeric program."""
    program = judge(model, estimand)
    data = dict.fromkeys(program.cells, Fraction(0)) | population.cells()
    found = program.numeric(data, population.parameters)
    assert found.lower is not None
    assert found.upper is not None
    over = float(population.condition(model.estimand_named(estimand).expression))
    return (found.lower if side == "lower" else found.upper) / over


def check_conditions(model: Model, claim: ConditionsClaim, found: dict[str, Any]) -> None:
    """Invalid: data of the model that break the claim. Valid: data that meet it and that the model does not allow."""
    witness, conditions = found["witness"], derived_conditions(model)
    parameters, cells = fractions(witness["parameters"]), fractions(witness["cells"])
    program = judge(model, None)
    data = dict.fromkeys(program.cells, Fraction(0)) | cells
    assert all(sum(data[name] for name in names) == 1 for names, whole in program.arms if whole)
    assert min(data.values()) >= 0
    at = {**data, **parameters}
    true = min(
        (Fraction(c["constant"]) + sum(Fraction(k) * at[n] for n, k in c["coefficients"].items())) for c in conditions
    )
    cells_in_order = [data[name] for name in program.cells]
    claimed = min(slack.at(cells_in_order, parameters) for slack in conditions_judge(model).slacks(claim))
    assert witness["estimand"] is None
    assert (Fraction(witness["claimed"]), Fraction(witness["sharp"])) == (claimed, true)
    compatible = violation(program, data, parameters) < NEAR
    if found["verdict"] == "invalid":
        population = read_population(model, witness)
        assert not population.broken()
        assert population.cells() == cells
        assert compatible
        assert claimed < 0 <= true
    else:
        assert witness["strata"] is None
        assert not compatible
        assert true < 0 <= claimed


@cache
def derived_conditions(model: Model) -> Any:
    return boundgen("derive", model.name, "--format", "json")["conditions"]


# ---------------------------------------------------------------- the catalogue, and mutants of it
def test_nothing_here_imports_the_engine() -> None:
    modules = "import sys, test_witnesses; print(*sys.modules)"
    command, here = [sys.executable, "-c", modules], Path(__file__).parent
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=here, env=ENVIRONMENT)
    assert "boundgen.language.model" in found.stdout.split()
    assert not {f"boundgen.{name}" for name in ENGINE} & set(found.stdout.split())


@pytest.mark.slow
def test_witnesses_of_the_catalogue() -> None:
    seen = Counter()
    for document in boundgen("verify", "--all", "--format", "json"):
        model = catalogue.load(document["model"])
        for found in document["claims"]:
            check(model, found)
            seen[found["verdict"]] += 1
    assert seen["sharp"] > 100
    assert seen["valid"] > 5
    assert seen["invalid"] > 5


@pytest.mark.parametrize(
    "name",
    [
        "bpbounds_z3_mono",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("mediation_limited_defiers", "instrumental_inequality_z3")
        ),
    ],
)
def test_changed_witnesses_are_found_out(name: str) -> None:
    """The check can fail: it notices every number that is another one."""
    model = catalogue.load(name)
    found = next(c for c in boundgen("verify", name, "--format", "json")["claims"] if c["witness"])
    check(model, found)
    for changed in other_numbers(found["witness"]):
        with pytest.raises(AssertionError):
            check(model, {**found, "witness": changed})
    wrong = {"valid": "invalid", "invalid": "valid"}[found["verdict"]]
    with pytest.raises(AssertionError):
        check(model, {**found, "verdict": wrong})


def other_numbers(witness: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The witness with one number changed by a hundredth."""
    for key, value in witness.items():
        if isinstance(value, str):
            yield {**witness, key: str(Fraction(value) + Fraction(1, 100))}
        for name in value if isinstance(value, dict) and key != "parameters" else ():
            yield {**witness, key: {**value, name: str(Fraction(value[name]) + Fraction(1, 100))}}


def mutated(model: Model, most: int) -> Model:
    """The model with so many mutants of each right claim instead of its claims."""
    found: list[Claim | ConditionsClaim] = []
    for claim in model.claims:
        if isinstance(claim, Claim):
            every = [m for kind in SIDE_KINDS for m in spread(mutants(model, claim, kind), 8)]
        else:
            every = [m for kind in CONDITION_KINDS for m in spread(condition_mutants(model, claim, kind), 8)]
        found += [mutant.claim for mutant in spread(every, most)]
    return replace(model, claims=tuple(replace(claim, where=f"mutant {k}") for k, claim in enumerate(found)))


def check_mutants(most: int, largest: int, folder: Path) -> Counter[str]:
    from support.catalogue import LINEAR  # it imports the engine, which nothing else here does

    models = [mutated(model, most) for model in map(catalogue.load, LINEAR) if is_small(model, largest)]
    files = []
    for model in models:
        if model.claims:
            files.append(folder / f"{model.name}.bounds")
            files[-1].write_text(str(model), encoding="utf-8")
    seen: Counter[str] = Counter()
    read = {model.name: model for model in models}
    for document in boundgen("verify", *map(str, files), "--format", "json"):
        for found in document["claims"]:
            check(read[document["model"]], found)
            seen[found["side"], found["verdict"]] += 1
    return seen


def is_small(model: Model, largest: int) -> bool:
    return all(
        len(side.terms) <= largest
        for claim in model.claims
        if isinstance(claim, Claim)
        for side in (claim.lower, claim.upper)
        if side
    )


@pytest.mark.slow
def test_witnesses_of_mutants(tmp_path: Path) -> None:
    seen = check_mutants(4, 8, tmp_path)
    assert set(seen) == EVERY_VERDICT
    assert sum(seen.values()) > 100


@pytest.mark.slow
def test_witnesses_of_many_mutants(tmp_path: Path) -> None:
    seen = check_mutants(24, 100, tmp_path)
    assert set(seen) == EVERY_VERDICT
