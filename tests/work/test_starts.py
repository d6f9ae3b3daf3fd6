"""Small models start at once: no large library is imported for them, and less is done than to import two of these."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.paths import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
LARGE = ("numpy", "sympy", "scipy", "matplotlib", "pandas", "igraph", "rich", "multiprocessing")
COMMANDS = ("catalogue", "derive iv_ate", "derive mediation_mmr delta1 --format latex")


@pytest.mark.parametrize("words", COMMANDS)
def test_small_models_need_no_large_library(words: str) -> None:
    code = (
        "import atexit, sys; from boundgen.cli.main import main; sys.argv[0] = 'boundgen'; "
        f"atexit.register(lambda: print([name for name in {LARGE} if name in sys.modules], file=sys.stderr)); main()"
    )
    command = [sys.executable, "-c", code, *words.split()]
    found = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert found.stdout
    assert found.stderr == "[]\n"


def test_importing_boundgen_imports_nothing_more() -> None:
    code = "import sys; before = {*sys.modules}; import boundgen; print(sorted({*sys.modules} - before))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert found.stdout == "['boundgen', 'boundgen.version']\n"


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not say what a child took")
def test_a_small_model_takes_less_than_to_import_numpy_and_sympy() -> None:
    derive, libraries = ("-m", "boundgen", "derive", "iv_ate"), ("-c", "import numpy, sympy")
    rounds = [(processor_seconds(derive), processor_seconds(libraries)) for _ in range(3)]
    assert min(own for own, _ in rounds) < min(theirs for _, theirs in rounds)


def processor_seconds(words: tuple[str, ...]) -> float:
    """What one process takes of the processor."""
    sink = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, [sys.executable, *words], ENVIRONMENT, file_actions=sink)
    _, status, usage = os.wait4(child, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime
