"""The command line: what goes where, exit statuses, interrupts, pipes and terminals.

Most tests run `main` in this process; those of signals, pipes and encodings start a real one.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest

from boundgen.catalogue import text as catalogue_text
from boundgen.cli import main as cli
from boundgen.inspection.names import STAGES
from boundgen.language.formatter import format_model
from boundgen.polyhedra.libraries import cdd_installed
from boundgen.polyhedra.names import ENGINES
from boundgen.version import VERSION
from support.command import Result, Run, assert_refused

ROOT = Path(cli.__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
BOUNDGEN = [sys.executable, "-m", "boundgen"]

SIX_LEVELS = """model six
variable Z in 0..5 randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
"""
MANY_STRATA = """model many
variable A in 0..9 randomized
variable M(A) in 0..9
variable Y(A, M) in 0..9
observe P(Y, M | A)
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""
BAD = """model study "Überleben"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume P(Y(1)=1) / P(Y(0)=1) >= 2
estimand ate = E[Y(1) - Y(0)]
"""


STUDY = "treat,anger,fear,vote\n" + "".join(
    f"{a},{int(i % 5 < 2 + a)},{int(i % 7 < 2 + a)},{int(i % 3 == 0)}\n" for i in range(105) for a in (0, 1)
)


# ---------------------------------------------------------------- normal use
# What goes over the whole catalogue.
WHOLE = re.compile(r"--all|\bgallery -o")


def examples() -> list[Any]:
    """The command lines under "Examples" of every help text, but of what waits: for an editor, for a browser."""
    helps = [
        cli.commands,
        *(cli.verb_named(name) for name in cli.HOMES if name not in ("lsp", "serve")),
    ]
    lines = [line.strip() for command in helps for line in (command.help or "").splitlines()]
    found = dict.fromkeys(line for line in lines if line.startswith("boundgen "))
    return [pytest.param(line, marks=[pytest.mark.slow] * (WHOLE.search(line) is not None), id=line) for line in found]


@pytest.mark.parametrize("example", examples())
def test_example_of_the_help_text(example: str, run: Run) -> None:
    words = shlex.split(example)[1:]
    if words[0] == "check-certificate":
        run("certify", "mediation_mmr", "-o", words[1])
    if words[0] == "import":
        Path(words[1]).write_text("digraph { A -> M -> Y }", encoding="utf-8")
    for name in words[1:]:
        if name == "paper.bounds":
            Path(name).write_text(format_model(catalogue_text("mediation_mmr")), encoding="utf-8")
        if name == "study.csv":
            Path(name).write_text(STUDY, encoding="utf-8")
    if words[0] == "claims":
        Path(words[1]).write_text(r"\[ \delta(1) \leq 1 \] \[ T \leq q_{000} + 1 \]", encoding="utf-8")
    found = run(*words)
    # Over the whole catalogue it is said which estimands have no closed form.
    said = [line for line in found.err.splitlines() if "--all" not in words or ": not answered: " not in line]
    assert (found.status, said) == (0, [])
    assert found.out.strip()


@pytest.mark.parametrize("verb", cli.HOMES)
def test_help_has_an_example(verb: str, run: Run) -> None:
    found = run(verb, "--help")
    assert (found.status, found.err) == (0, "")
    assert f"boundgen {verb}" in found.out.split("Example")[1]


def test_help_names_every_verb(run: Run) -> None:
    found = run("-h")
    assert (found.status, found.err) == (0, "")
    assert all(f"\n  {verb} " in found.out for verb in cli.HOMES)


def test_version(run: Run) -> None:
    assert run("--version") == Result(0, f"boundgen {VERSION}\n", "")


def test_formats(run: Run) -> None:
    text = run("derive", "confounded_treatment", "ate").out
    assert text.startswith("confounded_treatment: Observational study of a confounded treatment\n")
    assert run("derive", "confounded_treatment", "ate", "--format", "text").out == text
    assert run("derive", "confounded_treatment", "ate", "--format", "latex").out.count(r"\[") >= 1
    assert "ate_lower = " in run("derive", "confounded_treatment", "ate", "--format", "sympy").out
    found = json.loads(run("derive", "confounded_treatment", "ate", "--format", "json").out)
    assert found["schema"] == "boundgen.derivation/1"
    assert [estimand["name"] for estimand in found["estimands"]] == ["ate"]


def test_estimands_in_the_order_asked_for_each_once(run: Run) -> None:
    found = json.loads(run("derive", "iv_ate", "risk1", "ate", "risk1", "--format", "json").out)
    assert [estimand["name"] for estimand in found["estimands"]] == ["risk1", "ate"]


def test_no_conditions(run: Run) -> None:
    with_them, without = run("derive", "iv_ate", "ate"), run("derive", "iv_ate", "ate", "--no-conditions")
    assert "Testable implications:" in with_them.out
    assert "Testable implications:" not in without.out


def test_formats_of_answers(run: Run) -> None:
    text = run("ask", "confounded_treatment", "ate", "--value=-1/3", "--ascii")
    assert (text.status, text.err) == (0, "")
    assert text.out.isascii()
    assert "Do the bounds contain -1/3 at every observable distribution? No." in text.out
    answers = json.loads(run("ask", "confounded_treatment", "ate", "--format", "json").out)
    assert (answers["schema"], answers["value"]) == ("boundgen.answers/1", "0")
    csv = run("ask", "confounded_treatment", "ate", "--format", "csv").out.splitlines()
    assert csv[:2] == ["about,name,question,answer", "estimand,ate,bounds contain the value,True"]
    latex = run("ask", "confounded_treatment", "ate", "--format", "latex").out
    assert "estimand & ate & bounds contain the value & yes \\\\\n" in latex


def test_formats_of_comparisons(run: Run) -> None:
    words = ("compare", "mediation_mmr", "mediation_mmr_average", "delta1")
    assert json.loads(run(*words, "--format", "json").out)["schema"] == "boundgen.comparison/1"
    assert run(*words, "--format", "csv").out.startswith("estimand,side,model,term\ndelta1,lower,both,")
    assert "delta1 & lower & both & " in run(*words, "--format", "latex").out


def test_formats_of_verdicts(run: Run) -> None:
    one, two = "mediation_mmr", "mediation_limited_defiers"
    head = "model,where,estimand,side,verdict,expected,misprint"
    found = run("verify", one, two, "--format", "csv")
    lines = found.out.splitlines()
    assert (found.status, lines[0], lines.count(head)) == (0, head, 1)
    assert {line.partition(",")[0] for line in lines[1:]} == {one, two}
    assert run("verify", one, "--format", "latex").out.count(r"\begin{tabular}") == 1
    assert [each["model"] for each in json.loads(run("verify", one, two, "--format", "json").out)] == [one, two]
    assert json.loads(run("verify", one, "--format", "json").out)["model"] == one


def test_questions_that_cannot_be_asked(run: Run) -> None:
    found = run("ask", "confounded_treatment", "--value", "half")
    assert_refused(found, "the value = 'half' is not a number\n  Give a number such as 0, -1/2 or 0.1.")
    found = run("compare", "iv_ate", "causation_observational")
    assert (found.status, found.out) == (2, "")
    assert (
        "iv_ate and causation_observational have no estimand of the same name: ate, risk0, risk1 and pns" in found.err
    )
    found = run("compare", "iv_ate", "balke_pearl_ate")
    assert "do not observe the same cells: P(X=0,Y=0|Z=0)" in found.err


@pytest.mark.parametrize("stage", STAGES)
def test_show(stage: str, run: Run) -> None:
    found = run("show", "confounded_treatment", "ate", "--at", stage, "--ascii")
    assert (found.status, found.err) == (0, "")
    assert found.out.isascii()
    assert "ate" in found.out


def test_check(run: Run) -> None:
    found = run("check", "iv_ate_monotone")
    assert (found.status, found.err) == (0, "")
    assert "the assumptions are consistent" in found.out


def test_catalogue_lists_what_it_derives(run: Run) -> None:
    listed = [line.split()[0] for line in run("catalogue").out.splitlines()]
    assert "iv_ate" in listed
    shown = run("catalogue", "iv_ate").out
    assert shown.startswith("model iv_ate ")
    assert shown.endswith(run("derive", "iv_ate").out)


def test_the_catalogue_has_all_formats(run: Run) -> None:
    assert run("catalogue", "--format", "csv").out.startswith("name,title\nbalke_pearl_ate,")
    assert json.loads(run("catalogue", "--data", "--format", "json").out)["data"][0]["name"] == "boundsdata"
    assert run("catalogue", "--data", "jobs", "--format", "csv").out.startswith("A,M,Y,count\n0,0,0,98\n")
    assert run("catalogue", "iv_ate", "--format", "latex").out == run("derive", "iv_ate", "--format", "latex").out
    found = json.loads(run("catalogue", "iv_ate", "--format", "json").out)
    assert found["text"].startswith("model iv_ate ")
    assert found["derivation"] == json.loads(run("derive", "iv_ate", "--format", "json").out)


def test_a_file_goes_before_the_catalogue(run: Run, tmp_path: Path) -> None:
    (tmp_path / "iv_ate").write_text(SIX_LEVELS, encoding="utf-8")
    assert run("check", "iv_ate").out.startswith("six\n")


def test_nothing_is_written(run: Run, tmp_path: Path) -> None:
    run("derive", "iv_ate")
    run("check", "iv_ate")
    run("derive", "nowhere.bounds")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- bad use
VERBS = ", ".join(cli.HOMES)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--bogus", f"boundgen: No such option '--bogus'.\n  verbs: {VERBS}\n  Try: boundgen --help"),
        ("frob", f"boundgen: No such command 'frob'.\n  verbs: {VERBS}\n  Try: boundgen --help"),
        ("derive", "boundgen: Missing argument 'FILE'.\n  Try: boundgen derive --help"),
        ("derive --zzz iv_ate", "boundgen: No such option '--zzz'.\n  Try: boundgen derive --help"),
        (
            "derive iv_ate --format xml",
            "boundgen: Invalid value for '--format': 'xml' is not one of 'text', 'latex', 'json', 'sympy', 'typeset'.\n"
            "  Try: boundgen derive --help",
        ),
        (
            "derive iv_ate --engine lrs",
            "boundgen: Invalid value for '--engine': 'lrs' is not one of 'auto', 'cdd', 'ppl', 'orbits'.\n"
            "  Try: boundgen derive --help",
        ),
        (
            "derive iv_ate --max-strata few",
            "boundgen: Invalid value for '--max-strata': 'few' is not a number.\n  Try: boundgen derive --help",
        ),
        (
            "derive iv_ate --max-strata -5",
            "boundgen: Invalid value for '--max-strata': -5 is not in the range x>=1.\n  Try: boundgen derive --help",
        ),
        (
            "check iv_ate --time-limit -1",
            "boundgen: Invalid value for '--time-limit': -1 is not a positive number of seconds.\n"
            "  Try: boundgen check --help",
        ),
        (
            "check iv_ate --time-limit nan",
            "boundgen: Invalid value for '--time-limit': 'nan' is not a number.\n  Try: boundgen check --help",
        ),
        (
            "estimate iv_ate d.csv --cluster village --level 0.9 --cluster region",
            "boundgen: --cluster is given 2 times: say it once.\n  Try: boundgen estimate --help",
        ),
        (
            "derive iv_ate --format json --format text --format latex",
            "boundgen: --format is given 3 times: say it once.\n  Try: boundgen derive --help",
        ),
        ("check iv_ate ate", "boundgen: Got unexpected extra argument (ate)\n  Try: boundgen check --help"),
        (
            "derive iv_ate late",
            "model iv_ate has no estimand 'late'\n  Did you mean 'ate'? estimands: ate, risk0, risk1",
        ),
        ("derive none", "none: there is no such file\n  See 'boundgen catalogue' for the shipped models."),
    ],
)
def test_bad_use(words: str, message: str, run: Run) -> None:
    assert_refused(run(*shlex.split(words)), message)


def test_what_may_be_repeated_is(run: Run) -> None:
    found = run("estimate", "mediation_mmr", "jobs", "--estimand", "delta0", "--estimand", "zeta1", "--draws", "500")
    assert found.status == 0
    assert run("derive", "iv_ate", "--ascii", "--ascii").status == 0


def test_no_verb_shows_the_help(run: Run) -> None:
    assert run() == run("--help")


@pytest.mark.parametrize("verb", ["derive", "check", "show"])
def test_bad_model(verb: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.bounds").write_text(BAD, encoding="utf-8")
    message = (
        "bad.bounds:5:20: a ratio of population quantities is not linear in ψ: division by P(Y(0)=1)\n"
        "  assume P(Y(1)=1) / P(Y(0)=1) >= 2\n"
        "                     ^^^^^^^^^\n"
        "  Only an estimand may be a ratio. Elsewhere divide by numbers, or multiply both sides by the divisor; "
        "a conditional mean is written E[... | event]."
    )
    assert_refused(run(verb, "bad.bounds"), message)
    assert [file.name for file in tmp_path.iterdir()] == ["bad.bounds"]


def test_limits_are_passed_on(run: Run) -> None:
    found = run("derive", "iv_ate", "--max-cells", "7")
    assert (found.status, found.out) == (2, "")
    assert "more than 7 observed cells" in found.err
    assert "--max-cells" in found.err


# ---------------------------------------------------------------- a real process
def real(*words: str, folder: Path, **changes: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*BOUNDGEN, *words], cwd=folder, env={**ENVIRONMENT, **changes}, capture_output=True, timeout=30, check=False
    )


def wait_until_at_work(process: subprocess.Popen[str]) -> None:
    """Until it has used a second of processor time or has a child that works; on a busy machine that takes long."""
    stat, children = (Path(f"/proc/{process.pid}/{name}") for name in ("stat", f"task/{process.pid}/children"))
    if not children.exists():
        time.sleep(3)
        return
    ticks = os.sysconf("SC_CLK_TCK")
    for _ in range(300):
        used = sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13])) / ticks
        if used > 1 or children.read_text().strip():
            break
        time.sleep(0.1)
    time.sleep(0.3)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize(
    ("model", "words"),
    [
        (SIX_LEVELS, "derive model.bounds --engine ppl"),
        pytest.param(
            SIX_LEVELS,
            "derive model.bounds --engine cdd",
            marks=pytest.mark.skipif(not cdd_installed(), reason="pycddlib is not installed"),
        ),
        (MANY_STRATA, "show model.bounds --at strata --max-strata 100000000"),
    ],
    ids=["ppl", "cdd", "strata"],
)
def test_interrupt(model: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "model.bounds").write_text(model, encoding="utf-8")
    with subprocess.Popen(
        [*BOUNDGEN, *shlex.split(words)],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_at_work(process)
        assert process.poll() is None, "it was over before it could be interrupted"
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail("it went on after an interrupt")
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "boundgen: interrupted; nothing was written")
    assert [file.name for file in tmp_path.iterdir()] == ["model.bounds"]


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_a_killed_process_leaves_none_behind(tmp_path: Path) -> None:
    (tmp_path / "model.bounds").write_text(SIX_LEVELS, encoding="utf-8")
    words = [*BOUNDGEN, "derive", "model.bounds", "--engine", "ppl"]
    with subprocess.Popen(words, cwd=tmp_path, env=ENVIRONMENT) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for _ in range(200):
            if children.read_text().strip():
                break
            time.sleep(0.1)
        (child,) = children.read_text().split()
        time.sleep(1)
        process.kill()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text():
            break
        time.sleep(0.1)
    else:
        pytest.fail("its child went on")


@pytest.mark.parametrize("words", ["derive iv_ate", "catalogue"])
def test_broken_pipe_is_quiet(words: str, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        found = subprocess.run(
            [*BOUNDGEN, *words.split()],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(write)
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_full_disk_is_an_error(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        found = subprocess.run(
            [*BOUNDGEN, "derive", "iv_ate"],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert found.stderr == (
        b"boundgen: the output cannot be written: No space left on device\n  Write it to another place.\n"
    )
    assert found.returncode == 2


TERMINALS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
}


@pytest.mark.parametrize("terminal", ["ascii", "C"])
def test_ascii_terminal(terminal: str, tmp_path: Path) -> None:
    found = real("derive", "iv_ate", "ate", folder=tmp_path, **TERMINALS[terminal])
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout.isascii()
    assert b"ate >= max{" in found.stdout


@pytest.mark.parametrize("terminal", ["ascii", "latin-1"])
def test_error_on_another_terminal(terminal: str, tmp_path: Path) -> None:
    (tmp_path / "bad.bounds").write_text(BAD, encoding="utf-8")
    found = real("derive", "bad.bounds", folder=tmp_path, **TERMINALS[terminal])
    assert (found.returncode, found.stdout) == (2, b"")
    assert b"is not linear in ?: division by P(Y(0)=1)" in found.stderr


def test_unicode_terminal(tmp_path: Path) -> None:
    found = real("derive", "iv_ate", "ate", folder=tmp_path, PYTHONIOENCODING="utf-8")
    assert (found.returncode, found.stderr) == (0, b"")
    assert "ate ≥ max{" in found.stdout.decode()


def test_help_texts_are_plain() -> None:
    """Help is printed on any terminal."""
    assert all((command.help or "").isascii() for command in (cli.commands, *map(cli.verb_named, cli.HOMES)))
    assert all(
        (option.help or "").isascii()
        for command in map(cli.verb_named, cli.HOMES)
        for option in command.params
        if isinstance(option, click.Option)
    )


# ---------------------------------------------------------------- verify
CLAIM = """model claimed
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand ate = E[Y(1) - Y(0)]
claim "a guess" for ate
"""


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("  lower -1", 1),
        ("  lower 0", 1),
        ("  lower -P(X=0, Y=1) - P(X=1, Y=0)", 0),
        ("  lower -1\n  expect valid", 0),
        ("  lower 0\n  expect invalid", 0),
        ("  lower -1\n  expect sharp", 1),
        ("  lower 0\n  expect valid", 1),
        ("  lower -P(X=0, Y=1) - P(X=1, Y=0)\n  upper 1\n  expect lower sharp", 1),
    ],
    ids=[
        "not recorded, valid",
        "not recorded, invalid",
        "not recorded, sharp",
        "as recorded",
        "as recorded, invalid",
        "not as recorded",
        "not as recorded, invalid",
        "one side not recorded",
    ],
)
def test_verify_says_whether_verdicts_are_the_recorded_ones(run: Run, lines: str, status: int) -> None:
    Path("claimed.bounds").write_text(f"{CLAIM}{lines}\n", encoding="utf-8")
    found = run("verify", "claimed.bounds")
    assert (found.status, found.err) == (status, "")
    assert "ate, lower bound: " in found.out


@pytest.mark.parametrize("verb", ["verify", "check"])
@pytest.mark.parametrize("line", ["lower P(Y(1)=1, Y(0)=0)", "lower P(Y=1) / P(X=1)", "lower P(Y=1 | X=1)"])
def test_a_claim_that_cannot_be_judged_is_an_error(run: Run, verb: str, line: str) -> None:
    Path("claimed.bounds").write_text(f"{CLAIM}  {line}\n", encoding="utf-8")
    found = run(verb, "claimed.bounds")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("claimed.bounds:7:")
    assert "\n\n" not in found.err


# ---------------------------------------------------------------- names, once
def test_names_are_those_of_what_they_name() -> None:
    """What the command line offers without importing it."""
    from boundgen.codegen.languages import LANGUAGES
    from boundgen.codegen.targets import TARGETS
    from boundgen.companions import mediate, mediator_response, names
    from boundgen.inference import methods
    from boundgen.inference.names import METHODS
    from boundgen.inspection.views import VIEWS

    assert tuple(TARGETS) == LANGUAGES
    assert tuple(methods.METHODS) == METHODS
    assert tuple(mediate.METHODS) == names.METHODS
    assert tuple(mediator_response.LEARNER_FUNCTIONS) == names.LEARNERS
    assert set(VIEWS) == {*STAGES} - {"model", "vertices"}


def test_docstrings_name_all_engines() -> None:
    wanted = f"engine : {{{', '.join(f'{chr(34)}{name}{chr(34)}' for name in ENGINES)}}}"
    lines = [
        line.strip()
        for path in (ROOT / "boundgen").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("engine : {")
    ]
    assert lines
    assert set(lines) == {wanted}


def test_the_command_line_starts_without_large_libraries() -> None:
    large = ("numpy", "sympy", "gmpy2", "lark", "pandas", "matplotlib", "igraph", "rich", "cdd", "ppl")
    code = f"import sys, boundgen.cli.main; print([name for name in {large} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert found.stdout == "[]\n"
