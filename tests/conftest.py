"""What all tests share: Hypothesis profiles, and the command line in this process.

Of the profiles "fast" and the longer "thorough" (of `make slow`) repeat their examples; "hunt" looks for new ones.
HYPOTHESIS_PROFILE chooses one.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from boundgen import catalogue
from boundgen.cli import main as cli
from support.command import Result, Run

# Before any test asks for them: reading the catalogue once for each file that loops over it took longer than deriving
# it. Models are frozen, so tests may share them.
catalogue.load = cache(catalogue.load)

# The plugin that boundgen brings is for the catalogue (make bounds); models in here are wrong on purpose.
collect_ignore_glob = ["*.bounds"]

UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

settings.register_profile(
    "fast", max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=UNHURRIED
)
settings.register_profile(
    "thorough", max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=UNHURRIED
)
settings.register_profile("hunt", max_examples=800, deadline=None, print_blob=True, suppress_health_check=UNHURRIED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

# A shell that starts the tests in the background makes them ignore interrupts, and their children with them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["boundgen", *words])
        capsys.readouterr()
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call
