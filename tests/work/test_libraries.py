"""Libraries that only some of boundgen needs: nothing asks for one before it is used, and each error names its extra.

Each test runs in a Python of its own, in which the import of some libraries fails as where they are not installed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boundgen
from boundgen.work.libraries import EXTRAS
from support.paths import ROOT

OPTIONAL = (*EXTRAS,)
# Words of the command line, none of which ask for a picture.
WITHOUT_LIBRARIES = [
    "init people.csv",
    "ci make",
    "format model.bounds",
    "export mediation_mmr --format dagitty",
    "import graph.txt",
    "derive mediation_mmr delta1",
    "derive iv_ate --format json",
    "family iv_ate risk0 --levels Z=2..3",
    "check mediation_mmr",
    "ask iv_ate",
    "compare mediation_randomization mediation_mmr delta1",
    "show iv_ate --at strata",
    "catalogue",
    "claims paper.tex --model iv_ate",
    "certify iv_ate -o certificate.json",
    "check-certificate certificate.json",
    "evaluate mediation_mmr jobs",
    "generate iv_ate -o derived",
    "verify iv_ate",
    "sweep iv_ate --no-cache",
    "mediate ignorability jobs",
    "mediate iv boundsdata_encouragement --where Z!=0 --dichotomize Z=1",
]
WITH_SCIPY = [
    "estimate mediation_mmr jobs",
    "estimate mediation_mmr jobs --method stoye",
    "mediate heterogeneity people.csv --map A=t,M=m,Y=y,S=site --draws 20",
    "report mediation_randomization mediation_mmr jobs",
]
WITH_COMPANIONS = [
    "mediate multisite people.csv --map A=t,M=m,Y=y,S=site",
    "mediate interaction-iv people.csv --map A=t,M=m,Y=y,X=x",
    "response people.csv --map A=t,M=m --covariates x",
]
BEFORE = """
import json, sys
from importlib.abc import MetaPathFinder
class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""
RUN = """
import contextlib, io
from boundgen.cli import main as cli
found = []
for words in COMMANDS:
    sys.argv = ["boundgen", *words.split()]
    out, error, status = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO()), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            cli.main()
        except SystemExit as end:
            status = end.code
    error.flush()
    found.append((words, status, error.buffer.getvalue().decode()))
print(json.dumps(found))
"""


def python_without(absent: Any, script: str, folder: Path, **given: Any) -> Any:
    """What a script prints last, as JSON, where some libraries are not installed."""
    constants = "".join(f"{name} = {value!r}\n" for name, value in {"ABSENT": set(absent), **given}.items())
    found = subprocess.run(
        [sys.executable, "-c", constants + BEFORE + script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout.splitlines()[-1])


def commands_without(absent: Any, commands: list[str], folder: Path) -> list[tuple[str, int, str]]:
    return [tuple(each) for each in python_without(absent, RUN, folder, COMMANDS=commands)]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A folder with micro-data of eight sites."""
    chance = np.random.default_rng(5)
    lines = ["t,m,y,site,x"]
    for i in range(800):
        t, x, u, site = i // 8 % 2, chance.integers(0, 2), chance.normal(), i % 8
        m = (0.2 + 0.3 * x + 0.1 * site) * t + u + chance.normal()
        lines.append(f"{t},{m:.3f},{m + 0.5 * t + u:.3f},{site},{x}")
    (tmp_path / "paper.tex").write_text(r"\[ \mathrm{ate} \geq p_{11 \cdot 1} - 1 \]", encoding="utf-8")
    (tmp_path / "model.bounds").write_text("model m\n", encoding="utf-8")
    (tmp_path / "graph.txt").write_text("dag { A -> M -> Y }", encoding="utf-8")
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


# ---------------------------------------------------------------- nothing is imported before it is used
def test_no_command_without_a_picture_needs_matplotlib(people: Path) -> None:
    commands = [*WITHOUT_LIBRARIES, *WITH_SCIPY, *WITH_COMPANIONS, "mediate --all jobs"]
    assert {words.split()[0] for words in commands} >= {*command_names()} - {"draw", "gallery", "lsp", "serve"}
    for words, status, error in commands_without({"matplotlib"}, commands, people):
        assert (words, status, error) == (words, 0, "")


def command_names() -> list[str]:
    from boundgen.cli import main as cli

    return list(cli.HOMES)


def test_what_needs_no_optional_library_runs_without_all_of_them(people: Path) -> None:
    for words, status, error in commands_without(OPTIONAL, WITHOUT_LIBRARIES, people):
        assert (words, status, error) == (words, 0, "")


@pytest.mark.slow
def test_estimates_need_scipy_alone(people: Path) -> None:
    for words, status, error in commands_without({*OPTIONAL} - {"scipy"}, WITH_SCIPY, people):
        assert (words, status, error) == (words, 0, "")


def test_all_public_names_are_there_without_libraries(tmp_path: Path) -> None:
    script = """
from boundgen import *
import boundgen, boundgen.pictures
from boundgen.pictures.files import picture_format
picture_format("a.svg")
model = catalogue.load("iv_ate")
data = {"P(X=0,Y=0|Z=0)": "1/2", "P(X=1,Y=1|Z=0)": "1/2", "P(X=0,Y=0|Z=1)": "1/4", "P(X=1,Y=1|Z=1)": "3/4"}
for found in (
    evaluate(derive(model), read_data(model, data)), ask(model), certify(model), verify(model),
    compare(model, model), mediate("ignorability", "jobs"), mediate_all("jobs"),
):
    assert found
print(json.dumps(sorted({name for name in dir(boundgen) if not name.startswith("_")})))
"""
    names = python_without(OPTIONAL, script, tmp_path)
    assert names == sorted(boundgen.__all__)


# ---------------------------------------------------------------- what is said
NEEDS = [
    ("matplotlib", "draw iv_ate -o graph.svg", "pictures need matplotlib", "pictures"),
    ("matplotlib", "evaluate mediation_mmr jobs --plot a.svg", "pictures need matplotlib", "pictures"),
    ("matplotlib", "estimate mediation_mmr jobs --plot a.svg", "pictures need matplotlib", "pictures"),
    ("matplotlib", "mediate ignorability jobs --plot a.svg", "pictures need matplotlib", "pictures"),
    ("scipy", "estimate mediation_mmr jobs", "estimates and intervals need scipy", "inference"),
    ("scipy", "estimate mediation_mmr jobs --method stoye", "estimates and intervals need scipy", "inference"),
    ("scipy", "estimate mediation_mmr jobs --method directional", "estimates and intervals need scipy", "inference"),
    ("scipy", WITH_SCIPY[2], "this method needs scipy", "companions"),
    ("scipy", WITH_COMPANIONS[0], "this method needs scipy", "companions"),
    ("statsmodels", WITH_COMPANIONS[0], "this method needs statsmodels", "companions"),
    ("linearmodels", WITH_COMPANIONS[1], "this method needs linearmodels", "companions"),
    ("pandas", WITH_COMPANIONS[1], "this method needs pandas", "companions"),
    (
        "distributed",
        "sweep iv_ate --scheduler tcp://127.0.0.1:9",
        "a scheduler of Dask needs distributed",
        "distributed",
    ),
    ("econml", WITH_SCIPY[2].replace("S=site", "X=x") + " --tree econml", "forest needs econml", "forest"),
    ("pyarrow", "evaluate mediation_mmr d.parquet", "reading Parquet files needs pyarrow", "data"),
    ("pygls", "lsp", "the language server needs pygls", "lsp"),
    ("pandas", "evaluate mediation_mmr d.dta", "reading Stata files needs pandas", "data"),
    ("numpy", "mediate ignorability jobs", "boundgen needs numpy", ""),
]


@pytest.mark.parametrize(("absent", "words", "said", "extra"), NEEDS, ids=[f"{a}: {w[:30]}" for a, w, *_ in NEEDS])
def test_what_a_missing_library_says(absent: str, words: str, said: str, extra: str, people: Path) -> None:
    """One paragraph that names the extra; and the extra brings the library."""
    (people / "d.parquet").write_bytes(b"PAR1")
    (people / "d.dta").write_bytes(b"")
    [(_, status, error)] = commands_without({absent}, [words], people)
    brought = f"boundgen[{extra}]" if extra else "boundgen"
    assert status == 2
    assert f"{said}, which is not installed\n  Install it: pip install " in error
    assert error.count("\n") == 2
    assert (f"'{brought}'" if extra else f"pip install {brought}\n") in error
    assert absent in brought_by(extra)


def test_python_says_the_same(tmp_path: Path) -> None:
    script = """
from boundgen import BoundgenError, catalogue, derive, estimate, read_data
model = catalogue.load("mediation_mmr")
try:
    estimate(derive(model), read_data(model, "jobs"))
except BoundgenError as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""
    kind, said = python_without({"scipy"}, script, tmp_path)
    assert kind == "LibraryError"
    assert said == (
        "estimates and intervals need scipy, which is not installed\n  Install it: pip install 'boundgen[inference]'"
    )


@pytest.mark.slow
def test_a_method_whose_library_is_missing_does_not_end_the_others(people: Path) -> None:
    script = """
from boundgen import mediate_all
found = mediate_all("people.csv", columns="A=t,M=m,Y=y,S=site,X=x")
print(json.dumps(sorted([each.method for each in found.results]) + [list(each) for each in found.refused]))
"""
    refused = [each for each in python_without({"statsmodels"}, script, people) if each[0] == "multisite"]
    assert refused == [
        [
            "multisite",
            "this method needs statsmodels, which is not installed. Install it: pip install 'boundgen[companions]'",
        ]
    ]


NUMERIC = """
from boundgen import Limits, catalogue, derive
from boundgen.evaluation.numeric_program import _library
from boundgen.errors import LibraryError
try:
    OLD
    _library()
except LibraryError as error:
    print(json.dumps(str(error)))
"""


@pytest.mark.parametrize(
    ("absent", "old", "said"),
    [
        ("pulp", "pass", "the numeric linear program needs pulp, which is not installed"),
        (
            "no",
            "import pulp; del pulp.PULP_CBC_CMD",
            "the numeric linear program needs PuLP 3.3.2 or a later 3; version",
        ),
    ],
)
def test_numeric_bounds_say_the_same(absent: str, old: str, said: str, tmp_path: Path) -> None:
    found = python_without({absent}, NUMERIC.replace("OLD", old), tmp_path)
    assert found.startswith(said)
    assert found.endswith("\n  Install it: pip install 'boundgen[numeric]'")
    assert "pulp" in brought_by("numeric")


# ---------------------------------------------------------------- extras
def declared() -> dict[str, list[str]]:
    """The extras of pyproject.toml, and under the empty name what is always brought."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {**project["optional-dependencies"], "": project["dependencies"]}


def brought_by(extra: str) -> set[str]:
    """The libraries that an extra brings, by the names of their modules."""
    found = set()
    for line in declared()[extra]:
        inner = re.fullmatch(r"boundgen\[(.*?)\](; .*)?", line)
        if inner:
            found |= {name for other in inner.group(1).split(",") for name in brought_by(other)}
        else:
            name = re.match(r"[\w-]+", line)
            assert name
            found.add({"pycddlib": "cdd", "pplpy": "ppl"}.get(name.group(), name.group()))
    return found


def test_every_extra_that_is_advised_brings_its_library() -> None:
    for module, extra in EXTRAS.items():
        assert module in brought_by(extra), (module, extra)
    # Errors of the companions name one extra for whatever their libraries import.
    assert brought_by("companions") >= {"linearmodels", "pandas", "scipy", "statsmodels"}


def test_all_is_the_union_of_what_users_ask_for() -> None:
    """Not of what developers need, nor of what pip cannot build everywhere."""
    users = set(declared()) - {"", "all", "test", "docs", "lint", "cdd"}
    assert brought_by("all") == {name for extra in users for name in brought_by(extra)}
    assert {EXTRAS[name] for name in EXTRAS} - {"cdd"} <= users


SOURCES = [path for folder in ("boundgen", "docs") for path in (ROOT / folder).rglob("*.*")]


def test_every_advice_in_code_and_documents_names_an_extra_that_is_there() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES if path.suffix in (".py", ".md")]
    texts.append((ROOT / "README.md").read_text(encoding="utf-8"))
    advised = {found for text in texts for found in re.findall(r"pip install '?(?:boundgen|\.)\[([\w,]+)\]", text)}
    assert {"data", "inference", "companions", "pictures", "all"} <= advised
    for each in advised:
        assert set(each.split(",")) <= set(declared())
