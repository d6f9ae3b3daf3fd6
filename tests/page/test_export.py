"""The page without a server: scripts that hold the same numbers as boundgen."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from boundgen import Model, catalogue, derive
from boundgen.data.reading import read_data
from boundgen.evaluation.evaluate import evaluate
from boundgen.page.bundle import bundle
from boundgen.page.export import export

# Registers what a model's script says, and evaluates its bounds at the data that came with it.
READ = """
const found = {};
globalThis.boundgenModel = (name, model, evaluator) => { found[name] = { model, evaluator }; };
require(process.argv[1]);
const [name] = Object.keys(found);
const { model, evaluator } = found[name];
const data = model.data.find((each) => each.name === process.argv[2]);
console.log(JSON.stringify(Object.keys(evaluator.ESTIMANDS).map((estimand) =>
  [estimand, ...evaluator.bounds(data.law, { estimand, gamma: 0.1 })])));
"""


def test_a_model_is_a_script_with_its_numbers(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    text = catalogue.text("mediation_limited_defiers")
    found = export(str(tmp_path), [("mediation_limited_defiers", text)])
    assert found.models == ("mediation_limited_defiers",)
    script = tmp_path / "models/mediation_limited_defiers.js"
    said = subprocess.run(["node", "-e", READ, str(script), "jobs"], capture_output=True, text=True, check=True).stdout
    model = Model.parse(text)
    expected = evaluate(derive(model), read_data(model, ["jobs"]), {"gamma": ["1/10"]})
    assert json.loads(said) == [
        [each.estimand, pytest.approx(float(each.lower)), pytest.approx(float(each.upper))] for each in expected
    ]


def test_files_name_only_files_that_are_there(tmp_path: Path) -> None:
    export(str(tmp_path), [("iv_ate", catalogue.text("iv_ate"))])
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert (tmp_path / address).is_file()
    assert (tmp_path / "vendor/katex/LICENSE").is_file()
    assert 'type="module"' not in page, "browsers load no modules from files"


def test_a_text_of_a_model_ends_no_script(tmp_path: Path) -> None:
    text = catalogue.text("iv_ate").replace("Binary instrument", "</script><b>")
    export(str(tmp_path), [("iv_ate", text)])
    for script in (tmp_path / "models/iv_ate.js", tmp_path / "gallery.js"):
        assert "</script" not in script.read_text(encoding="utf-8")


def test_what_has_no_bounds_is_said(tmp_path: Path) -> None:
    found = export(str(tmp_path), [("broken", "model broken\nvariable X in {0, 1}\n")])
    assert found.models == ()
    assert "without broken: " in found.text()


def test_modules_become_one_script() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    modules = {
        "a.js": "export const one = 1;\nexport function two() {\n  return one + 1;\n}\n",
        "b.js": 'import { one, two as other } from "./a.js";\nconsole.log(one, other());\n',
    }
    said = subprocess.run(["node", "-e", bundle(modules)], capture_output=True, text=True, check=True)
    assert said.stdout == "1 2\n"
