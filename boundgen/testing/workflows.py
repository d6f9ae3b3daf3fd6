"""What a repository needs so that its claims and modules are tested at each push: text to copy, for three hosts."""

from __future__ import annotations

import re
from collections.abc import Callable

from boundgen.errors import ModelError, quoted

# Nothing else is put into shell commands and YAML.
FOLDER = re.compile(r"(?!-)[A-Za-z0-9_.][A-Za-z0-9_./-]*")
MODELS = "git ls-files -z '*.bounds' | xargs -0"


def workflow(host: str, derived: str | None = None) -> str:
    """The file that makes a host test a repository's model files.

    Parameters
    ----------
    host : {"github", "gitlab", "make"}
    derived : str or None
        The folder of generated modules, which then are to be up to date.

    Returns
    -------
    str
        Each model file of the repository is read; a test for each side of each claim, and the gallery as a page.

    Raises
    ------
    ModelError
        For a folder whose name is not plain.

    Examples
    --------
    >>> print(workflow("make").splitlines()[0])
    # Claims in model files, tested: make bounds
    """
    if derived is not None and not FOLDER.fullmatch(derived):
        raise ModelError(
            f"the folder {quoted(derived)} has a name that is not plain",
            remedy="Name one of letters, digits, dots, slashes, dashes and underscores.",
        )
    return HOSTS[host](f" --boundgen-derived {derived}" if derived else "")


def _github(options: str) -> str:
    return f"""\
# Claims in model files, tested at each push. The badge, for a README:
# [![bounds](https://github.com/OWNER/REPOSITORY/actions/workflows/boundgen.yml/badge.svg)](https://github.com/OWNER/REPOSITORY/actions/workflows/boundgen.yml)
name: boundgen
on: [push, pull_request]
# BOUNDGEN, a variable of the repository, may name a version or the address of a wheel instead: boundgen==1.0.
env:
  BOUNDGEN: ${{{{ vars.BOUNDGEN }}}}
permissions:
  contents: read
jobs:
  bounds:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install
        run: 'python -m pip install --only-binary :all: "${{BOUNDGEN:-boundgen}}" pytest'
      - name: Published bounds
        run: {MODELS} python -m pytest --junitxml boundgen.xml{options}
      - name: Gallery
        if: always()
        run: |
          {MODELS} boundgen gallery > gallery.md
          cat gallery.md >> "$GITHUB_STEP_SUMMARY"
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: bounds
          path: |
            boundgen.xml
            gallery.md
"""


def _gitlab(options: str) -> str:
    return f"""\
# Claims in model files, tested at each push: include this in .gitlab-ci.yml.
bounds:
  image: python:3.12
  script:
    - 'python -m pip install --only-binary :all: "${{BOUNDGEN:-boundgen}}" pytest'
    - {MODELS} boundgen gallery > gallery.md
    - {MODELS} python -m pytest --junitxml boundgen.xml{options}
  artifacts:
    when: always
    paths: [gallery.md]
    reports:
      junit: boundgen.xml
"""


def _make(options: str) -> str:
    return f"""\
# Claims in model files, tested: make bounds
.PHONY: bounds gallery
bounds:
\t{MODELS} python -m pytest{options}

gallery:
\t{MODELS} boundgen gallery > gallery.md
"""


HOSTS: dict[str, Callable[[str], str]] = {"github": _github, "gitlab": _gitlab, "make": _make}
