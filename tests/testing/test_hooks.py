"""The hooks for pre-commit, run by it in a repository of somebody else.

pre-commit would make an environment for them, from a clone of this repository; here they run in this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.paths import ROOT
from support.published_model import MODEL

pytest.importorskip("pre_commit")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    own = [{**hook, "language": "system"} for hook in HOOKS]
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": own}]}))
    (tmp_path / "a paper.bounds").write_text(MODEL, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def pre_commit(folder: Path, *hooks: str) -> tuple[int, str]:
    """Status and output of a run over all files of the repository."""
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    paths = os.pathsep.join(each for each in (str(ROOT), os.environ.get("PYTHONPATH", "")) if each)
    own = {"PATH": path, "PYTHONPATH": paths, "PRE_COMMIT_HOME": str(folder / ".git" / "hooks of pre-commit")}
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", *hooks],
        cwd=folder,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_manifest_is_one() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    subprocess.run(command, check=True)
    assert [hook["id"] for hook in HOOKS] == ["boundgen-verify", "boundgen-generate-check", "boundgen-format"]


@pytest.mark.slow
def test_hooks_run_by_pre_commit_pass_and_fail(repository: Path) -> None:
    status, said = pre_commit(repository, "boundgen-verify")
    assert (status, "Passed" in said) == (0, True), said
    status, said = pre_commit(repository, "boundgen-generate-check")
    assert (status, "iv.py: missing" in said) == (1, True), said
    model = repository / "a paper.bounds"
    model.write_text(MODEL.replace("  expect valid\n", ""), encoding="utf-8")
    status, said = pre_commit(repository, "boundgen-verify")
    assert (status, "lower bound: valid, not sharp" in said) == (1, True), said


@pytest.mark.slow
def test_the_formatter_as_a_hook_lays_files_out_once(repository: Path) -> None:
    model = repository / "a paper.bounds"
    model.write_text(MODEL.replace("in {0, 1}", "in {0,1}"), encoding="utf-8")
    status, said = pre_commit(repository, "boundgen-format")
    assert (status, "files were modified by this hook" in said) == (1, True), said
    assert model.read_text(encoding="utf-8") == MODEL
    status, said = pre_commit(repository, "boundgen-format")
    assert (status, "Passed" in said) == (0, True), said
