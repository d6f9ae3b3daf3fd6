"""Golden files: what people read, stage by stage, for a handful of models.

Refresh them with ``BOUNDGEN_UPDATE_GOLDEN=1 python -m pytest tests/golden/test_golden.py`` and read the difference.
"""

from __future__ import annotations

import json

import pytest

from boundgen import catalogue
from boundgen.derivation import Derivation
from boundgen.inspection.check import check
from boundgen.inspection.names import STAGES
from boundgen.inspection.show import show
from boundgen.work.limits import Budget
from support.catalogue import derived
from support.golden import compare

STAGED = ["mediation_mmr", "mediation_limited_defiers", "iv_ate_monotone", "causation_both"]
READ = [*STAGED, "mediation_randomization", "mediation_mmr_average", "mediation_full_monotonicity", "iv_ate"]


@pytest.fixture(scope="module")
def derivations() -> dict[str, Derivation]:
    return {name: derived(name) for name in READ}


@pytest.mark.parametrize("name", READ)
def test_text(name: str, derivations: dict[str, Derivation]) -> None:
    compare(f"{name}.txt", derivations[name].text())


@pytest.mark.parametrize("name", READ)
def test_ascii_text_is_ascii(name: str, derivations: dict[str, Derivation]) -> None:
    text = derivations[name].text(unicode=False)
    assert text.isascii()
    compare(f"{name}.ascii.txt", text)


@pytest.mark.parametrize("name", READ)
def test_latex(name: str, derivations: dict[str, Derivation]) -> None:
    compare(f"{name}.tex", derivations[name].latex())


@pytest.mark.parametrize("name", STAGED)
def test_json(name: str, derivations: dict[str, Derivation]) -> None:
    compare(f"{name}.json", json.dumps(derivations[name].json(), indent=1) + "\n")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", STAGED)
def test_stage(name: str, stage: str) -> None:
    model = catalogue.load(name)
    first = model.estimands[0].name
    compare(f"{name}.{stage}.txt", show(model, [first], stage, "auto", Budget()).text())


@pytest.mark.parametrize("name", STAGED)
def test_check(name: str) -> None:
    compare(f"{name}.check.txt", check(catalogue.load(name), Budget()).text())
