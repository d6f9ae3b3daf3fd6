"""What pytest loads: options, and model files as collectors.

It costs nothing where no ``*.bounds`` file is collected: nothing else is imported before.
``-p no:boundgen`` turns it off.
"""

from __future__ import annotations

from pathlib import Path

import pytest

SUFFIX = ".bounds"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin, in a group of their own."""
    group = parser.getgroup("boundgen", "published bounds and generated modules")
    group.addoption(
        "--boundgen-derived",
        metavar="DIR",
        help="Also test that the generated modules of collected models in DIR are up to date (one test an estimand).",
    )
    group.addoption(
        "--boundgen-target",
        metavar="LANGUAGE",
        default="python",
        help="Of the generated modules: python, r, stata or js. Default: python.",
    )
    group.addoption(
        "--boundgen-package", action="store_true", help="The generated modules are those of generate --package."
    )
    group.addoption(
        "--boundgen-data",
        metavar="NAME",
        help="Also test the testable implications at the data file of this name in the model's folder, where there is "
        "one; {name} stands for the model's: {name}.csv.",
    )
    group.addoption(
        "--boundgen-at",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="The value of a parameter for --boundgen-data.",
    )
    group.addoption(
        "--boundgen-time-limit", metavar="SECONDS", type=float, help="How long the derivations of one test may take."
    )
    group.addoption(
        "--boundgen-engine", metavar="ENGINE", default="auto", help="auto, cdd, ppl or orbits. Default: auto."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Every test of the plugin has the mark ``boundgen``."""
    config.addinivalue_line("markers", "boundgen: tests of claims and generated modules in *.bounds files")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A model file, and nothing else."""
    if file_path.suffix != SUFFIX:
        return None
    from boundgen.testing.items import ModelFile

    return ModelFile.from_parent(parent, path=file_path)
