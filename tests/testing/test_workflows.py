"""Workflows to copy: what they run, runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from boundgen.testing.workflows import workflow
from support.command import Run, assert_refused
from support.paths import ROOT
from support.published_model import MODEL


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "my models"
    folder.mkdir()
    (folder / "a paper.bounds").write_text(MODEL, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    return tmp_path


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A step as a host runs it, with this boundgen."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    options = f"-p no:boundgen -p boundgen.testing.plugin {os.environ.get('PYTEST_ADDOPTS', '')}"
    own = {"PATH": path, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": options, "GITHUB_STEP_SUMMARY": "summary.md"}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_steps_on_github_run(repository: Path) -> None:
    steps = yaml.safe_load(workflow("github"))["jobs"]["bounds"]["steps"]
    install, claims, page = [step["run"] for step in steps if "run" in step]
    assert install == 'python -m pip install --only-binary :all: "${BOUNDGEN:-boundgen}" pytest'
    done = shell(claims, repository)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    assert shell(page, repository).returncode == 0
    assert "[a paper.bounds]" in (repository / "gallery.md").read_text(encoding="utf-8").replace("my models/", "")
    assert {"boundgen.xml", "gallery.md"} <= {path.name for path in repository.iterdir()}


@pytest.mark.slow
def test_a_claim_that_does_not_hold_fails_the_step(repository: Path) -> None:
    model = repository / "my models" / "a paper.bounds"
    model.write_text(MODEL.replace("  expect valid\n", ""), encoding="utf-8")
    claims = yaml.safe_load(workflow("github"))["jobs"]["bounds"]["steps"][3]["run"]
    done = shell(claims, repository)
    assert done.returncode not in (0, 2)
    assert "valid, not sharp" in done.stdout


@pytest.mark.slow
def test_the_job_on_gitlab_is_yaml_and_the_rule_of_make_runs(repository: Path) -> None:
    job = yaml.safe_load(workflow("gitlab", "derived"))["bounds"]
    assert job["script"][2].endswith(" --boundgen-derived derived")
    (repository / "Makefile").write_text(workflow("make"), encoding="utf-8")
    done = shell("make bounds", repository)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_workflow_is_written_once(run: Run) -> None:
    name = ".github/workflows/boundgen.yml"
    assert run("ci", "github", "-o", name).out == f"{name}: written; commit it\n"
    assert Path(name).read_text(encoding="utf-8") == workflow("github")
    assert_refused(
        run("ci", "github", "-o", name), f"{name}: this file is there already\n  Name another, or remove it first."
    )


@pytest.mark.parametrize("folder", ["$(rm -r .)", "a b", "-x", "a'b", ""])
def test_a_folder_that_could_be_code_is_refused(run: Run, folder: str) -> None:
    found = run("ci", "make", "--derived", folder)
    assert (found.status, found.out) == (2, "")
    assert "has a name that is not plain" in found.err
