"""Assumptions and effects that are picked: what the page offers is a statement, or is refused with its reason."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from typing import Any

import pytest

from boundgen import Model, catalogue
from boundgen.page.contents import STATIC
from boundgen.page.texts import edit, read

# Every way to fill the gaps of every sentence.
OFFERED = """
const { ASSUMPTIONS, ESTIMANDS } = await import("data:text/javascript," + encodeURIComponent(process.argv[1]));
const found = [];
for (const [model, variables] of Object.entries(JSON.parse(process.argv[2]))) {
  const known = (name) => variables.find((each) => each.name === name);
  const fill = (template, gaps, place) => {
    const gap = template.gaps[place];
    if (!gap) found.push([model, template.short, template.code(gaps, known).map((code) => code.replace("{name}", template.name))]);
    else for (const option of gap.options(variables, gaps, known)) fill(template, { ...gaps, [gap.gap]: [option].flat()[0] }, place + 1);
  };
  for (const template of [...ASSUMPTIONS, ...ESTIMANDS]) fill(template, {}, 0);
}
console.log(JSON.stringify(found));
"""  # noqa: E501
MODELS = {
    "mediator": catalogue.text("mediation_mmr").partition("estimand")[0],
    "observational": "\n".join(
        ("model m", "variable V in 0..1", "variable X(V) in 0..1", "variable Y(X, V) in 0..1", "observe P(V, X, Y)")
    ),
    "labels": "\n".join(
        (
            "model m",
            "variable Z in {low, mid, high} randomized",
            'variable X(Z) in {"not treated", treated}',
            "variable Y(X) in {0, 1}",
            "observe P(X, Y | Z)",
        )
    ),
    "bounded": "\n".join(
        (
            "model m",
            "variable a in {0, 1} randomized",
            "variable m(a) in 0..2",
            "variable y(a, m) in [1, 5]",
            "observe P(y, m | a)",
        )
    ),
}


def test_every_sentence_is_a_statement_or_refused_with_its_reason() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    seen: dict[str, Any] = {name: read(text)["model"]["variables"] for name, text in MODELS.items()}
    templates = (STATIC / "templates.js").read_text(encoding="utf-8")
    command = ["node", "--input-type=module", "-e", OFFERED, "--", templates, json.dumps(seen)]
    offered = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    taken = defaultdict(set)
    for model, sentence, statements in offered:
        said = edit(MODELS[model], {"do": "add_statements", "statements": statements})
        if "text" in said:
            assert Model.parse(said["text"]).variables
            taken[sentence].add(model)
        else:
            # What is observed by arms alone has no law over all units.
            assert "names no arm" in said["error"], (model, statements, said)
    assert set(taken) == {sentence for _, sentence, _ in offered}, "each sentence can be said of some model"
    assert len(taken) == 17
