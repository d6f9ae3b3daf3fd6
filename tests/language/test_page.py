"""The statements on the language page that stand for a part of a model are read, and printed as what they say."""

from __future__ import annotations

import re

import pytest

from boundgen import Model
from support.paths import ROOT

INSTRUMENT = "variable Z in {0, 1} randomized\nvariable X(Z) in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y, Z)\n"
STUDY = "variable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, M, Y)\n"
SECTIONS = {
    "The law of a randomized variable": "",
    "Laws given selection": "",
    "Bounded outcomes": "",
    "Ratios": INSTRUMENT,
    "Coefficients": STUDY,
}


def section(title: str) -> list[str]:
    """The text blocks of a section."""
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    part = page.split(f"### {title}\n")[1].split("\n## ")[0].split("\n### ")[0]
    return re.findall(r"```text\n(.*?)```", part, re.DOTALL)


@pytest.mark.parametrize("title", SECTIONS)
def test_statements_of_a_section(title: str) -> None:
    assert section(title)
    for block in section(title):
        model = Model.parse(f"model m\n{SECTIONS[title]}{block}")
        assert all(estimand.refusal is None for estimand in model.estimands)
        assert Model.parse(str(model)) == model
