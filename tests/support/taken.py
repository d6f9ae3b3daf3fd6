"""The forms of a model that the page gives away, each read again from its file: bounds at the data of one study."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, catalogue, derive
from boundgen.cli.main import main
from boundgen.codegen.content import module_content
from boundgen.codegen.generate import source_name
from boundgen.codegen.stata_module import stata_names
from boundgen.data.reading import read_data
from boundgen.evaluation.evaluate import evaluate
from boundgen.page.child import run
from support.stata import stata_blocks, stata_bounds

NAME, DATA = "mediation_limited_defiers", "bursztyn"
GAMMA = Fraction(1, 10)
# Bounds of each estimand.
Ends = dict[str, tuple[float, float]]
ESTIMANDS = ("delta0", "delta1", "zeta0", "zeta1", "atm", "ate")
JAVASCRIPT = """
import { bounds } from "./module.mjs";
const { law, estimands, gamma } = JSON.parse(process.argv[2]);
const found = estimands.map((estimand) => [estimand, bounds(law, { estimand, gamma })]);
console.log(JSON.stringify(Object.fromEntries(found)));
"""
R = """
given <- commandArgs(trailingOnly = TRUE)
source(given[1])
p <- setNames(as.numeric(read.csv("law.csv", header = FALSE)[, 1]), readLines("cells.txt"))
for (estimand in given[-1]) {
  both <- mediation_limited_defiers_bounds(p[mediation_limited_defiers_cells], estimand, gamma = 0.1)
  cat(estimand, format(both$lower, digits = 17), format(both$upper, digits = 17), "\\n")
}
"""


@cache
def law() -> dict[str, float]:
    """The shares in the data."""
    return {cell: float(share) for cell, share in _data().observed.items()}


def _data() -> Any:
    return read_data(catalogue.load(NAME), [DATA])


def ends(model: Model) -> Ends:
    """The bounds of a model at the data."""
    found = evaluate(derive(model, partial=True), read_data(model, [DATA]), {"gamma": [GAMMA]})
    pairs = ((each.estimand, each.lower, each.upper) for each in found)
    return {name: (float(low), float(high)) for name, low, high in pairs if low is not None and high is not None}


def of_model(file: Path) -> Ends:
    """Derived from the text."""
    return ends(Model.parse(file.read_text(encoding="utf-8")))


def of_latex(file: Path) -> Ends:
    """The displays are read back as claims, every one of which is sharp: so they are the bounds."""
    status, claims, complaint = run(("claims", f"--model={NAME}", "--", str(file)), main)
    assert status == 0, complaint
    text = catalogue.text(NAME).partition("claim ")[0] + claims
    checked = file.with_suffix(".bounds")
    checked.write_text(text, encoding="utf-8")
    status, said, complaint = run(("verify", "--format=json", "--", str(checked)), main)
    verdicts = [(each["estimand"], each["side"]) for each in json.loads(said)["claims"] if each["verdict"] == "sharp"]
    assert sorted(verdicts) == sorted((name, side) for name in ESTIMANDS for side in ("lower", "upper")), complaint
    return ends(catalogue.load(NAME))


def of_python(file: Path) -> Ends:
    """The module is imported."""
    spec = importlib.util.spec_from_file_location("taken", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: tuple(map(float, module.bounds(law(), name, gamma=float(GAMMA)))) for name in ESTIMANDS}  # type: ignore[misc]


def of_r(file: Path) -> Ends:
    """The script is sourced."""
    (file.parent / "run.R").write_text(R, encoding="utf-8")
    (file.parent / "cells.txt").write_text("\n".join(law()) + "\n", encoding="utf-8")
    (file.parent / "law.csv").write_text("\n".join(map(repr, law().values())) + "\n", encoding="utf-8")
    said = _printed("Rscript", "--vanilla", "run.R", file.name, *ESTIMANDS, folder=file.parent)
    rows = [line.split() for line in said.splitlines()]
    return {name: (float(low), float(high)) for name, low, high in rows}


def of_javascript(file: Path) -> Ends:
    """The module is imported."""
    shutil.copy(file, file.parent / "module.mjs")
    (file.parent / "run.mjs").write_text(JAVASCRIPT, encoding="utf-8")
    given = json.dumps({"law": law(), "estimands": ESTIMANDS, "gamma": float(GAMMA)})
    said = json.loads(_printed("node", "run.mjs", given, folder=file.parent))
    return {name: tuple(both) for name, both in said.items()}


def of_stata(file: Path) -> Ends:
    """Its expressions are evaluated: there is no free interpreter."""
    model = catalogue.load(NAME)
    names = stata_names(module_content(derive(model), source_name(NAME, model)))
    macros = {names[cell]: share for cell, share in law().items()} | {names["gamma"]: float(GAMMA)}
    blocks = stata_blocks(file.read_text(encoding="utf-8"))
    return {name: tuple(stata_bounds(lines, macros)) for name, lines in blocks.items()}  # type: ignore[misc]


def of_json(file: Path) -> Ends:
    """Its terms are added up."""
    said = json.loads(file.read_text(encoding="utf-8"))
    values = {**law(), "gamma": float(GAMMA)}

    def term(each: Mapping[str, Any]) -> float:
        parts = (float(Fraction(size)) * values[name] for name, size in each["coefficients"].items())
        return float(Fraction(each["constant"])) + float(sum(parts))

    return {
        each["name"]: (max(map(term, each["lower"]["terms"])), min(map(term, each["upper"]["terms"])))
        for each in said["estimands"]
    }


def _printed(program: str, *arguments: str, folder: Path) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return subprocess.run([found, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


READERS: Mapping[str, Callable[[Path], Ends]] = {
    "Model (.bounds)": of_model,
    "LaTeX": of_latex,
    "Python": of_python,
    "R": of_r,
    "Stata": of_stata,
    "JavaScript": of_javascript,
    "JSON of the bounds": of_json,
}
