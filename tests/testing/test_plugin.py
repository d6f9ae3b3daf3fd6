"""Model files as tests of pytest: what passes, fails, is stale, and what is said of it."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import pytest

# Imported before pytest runs inside of pytest, which forgets what was imported on the way: numpy is not loaded twice.
import boundgen.bounds.to_sympy  # noqa: F401
import boundgen.evaluation.evaluate  # noqa: F401
import boundgen.polyhedra.ppl_engine  # noqa: F401
import boundgen.verification.judgement  # noqa: F401
from boundgen.catalogue import text
from boundgen.codegen.generate import evaluator_files, write_files
from boundgen.language.model import Model

pytest_plugins = ["pytester"]

# By its module, whether it is installed as a plugin or not.
PLUGIN = ("-p", "no:boundgen", "-p", "boundgen.testing.plugin")
IV = """model iv "An instrument"
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume monotone: X(1) >= X(0)
estimand ate = E[Y(1) - Y(0)]
"""
RIGHT = """claim "Balke & Pearl (1997), eq. (1)" for ate
  lower P(X=0, Y=0 | Z=0) + P(X=1, Y=1 | Z=1) - 1
"""
WRONG = """claim "Somebody (2001)" for ate
  lower P(X=0, Y=1 | Z=0) + P(X=1, Y=1 | Z=1) - 1
  upper 1 - P(X=0, Y=1 | Z=0)
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    def of(*options: str, **files: str) -> pytest.RunResult:
        for name, content in files.items():
            pytester.path.joinpath(f"{name}.bounds").write_text(content, encoding="utf-8")
        return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *options)

    return of


def test_each_side_of_each_claim_is_a_test_with_a_readable_id(run) -> None:
    result = run("--collect-only", "-q", paper=IV + RIGHT + WRONG)
    result.stdout.fnmatch_lines(
        [
            "paper.bounds::Balke & Pearl (1997), eq. (1)::ate::lower",
            "paper.bounds::Somebody (2001)::ate::lower",
            "paper.bounds::Somebody (2001)::ate::upper",
            "3 tests collected*",
        ]
    )


def test_a_claim_passes_where_its_verdict_is_the_recorded_one(run) -> None:
    run(paper=IV + RIGHT).assert_outcomes(passed=1)
    run(paper=IV + WRONG + "  expect lower invalid, upper valid\n").assert_outcomes(passed=2)
    run(paper=IV + RIGHT + "  expect lower valid\n").assert_outcomes(failed=1)


def test_a_failure_says_verdict_witness_and_misprint_and_nothing_of_our_code(run) -> None:
    result = run(paper=IV + WRONG)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "sharp was expected",
            "*Somebody (2001)",
            "*ate, lower bound: invalid",
            "*wrong: P(X=0, Y=1 | Z=0) + P(X=1, Y=1 | Z=1) - 1",
            "*likely misprint: *",
            "*witness: *",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*items.py*")


def test_a_claim_without_a_verdict_says_its_own_reason_alone(run) -> None:
    unanswered = [f'claim "{name}" for ate\n  lower from python "{name}.py:f"\n' for name in ("one", "two")]
    result = run(paper=IV + RIGHT + "".join(unanswered))
    result.assert_outcomes(passed=1, failed=2)
    # pytest's short summary repeats reasons where the variable CI is set.
    assert (
        sum(
            line.startswith("claim ")
            for line in "\n".join(result.outlines).partition("short test summary")[0].split("\n")
        )
        == 2
    )


def test_one_claim_is_chosen_by_its_id_and_by_words(run) -> None:
    run("paper.bounds::Somebody (2001)::ate::upper", paper=IV + RIGHT + WRONG).assert_outcomes(failed=1)
    run("-k", "Balke", paper=IV + RIGHT + WRONG).assert_outcomes(passed=1, deselected=2)
    run("-m", "not boundgen", paper=IV + RIGHT).assert_outcomes(deselected=1)


def test_the_claims_of_the_catalogue_with_testable_implications(run) -> None:
    model = text("mediation_mmr_average")
    claim = 'claim "Ours" for conditions\n  holds P(M=1 | A=1) >= P(M=1 | A=0)\n'
    result = run("-v", paper=model + "\n" + claim)
    result.stdout.fnmatch_lines(["*paper.bounds::Ours::testable implications::conditions*"])
    assert result.parseoutcomes()["passed"] == 4


def test_a_side_that_a_function_computes_is_a_test(run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("published.py").write_text("def lower(a, b):\n    return a + b - 1\n", encoding="utf-8")
    code = 'claim "published.py" for ate\n  lower from python "published.py:lower"(p00.0, p11.1)\n'
    run(paper=IV + code).assert_outcomes(passed=1)
    result = run(paper=IV + code.replace("published.py:lower", "published.py:upper"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*'published.py' has no function 'upper'", "  It has: lower."])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_functions_of_r_are_skipped_where_r_is_not(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.verification.claimed_code.r_is_there", lambda: False)
    code = 'claim "published.R" for ate\n  lower from r "published.R:lower"\n'
    run(paper=IV + RIGHT + code).assert_outcomes(passed=1, skipped=1)


def test_a_model_that_cannot_be_read_is_an_error_of_collection_in_one_paragraph(run) -> None:
    result = run(paper="model m\nvariable A in\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*paper.bounds:2:*", "*variable A in*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_model_without_claims_is_skipped_with_the_reason(run) -> None:
    result = run("-rs", paper=IV)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*paper.bounds has no claims*"])


def test_a_module_is_fresh_missing_or_stale(run, pytester: pytest.Pytester) -> None:
    result = run("--boundgen-derived", "derived", paper=IV + RIGHT)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["derived/iv.py is missing", "  Renew it: boundgen generate paper.bounds -o derived"])
    folder = pytester.path / "derived"
    write_files(evaluator_files([("paper.bounds", Model.parse(IV + RIGHT))]), str(folder))
    run("--boundgen-derived", "derived").assert_outcomes(passed=2)
    run("--boundgen-derived", "derived", paper=IV.replace("X(1) >= X(0)", "X(1) <= X(0)")).assert_outcomes(failed=1)


def test_two_files_with_one_model_would_be_one_module(run) -> None:
    result = run("--boundgen-derived", "derived", a=IV, b=IV)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*b.bounds: its model is called iv, and so is that of *a.bounds*"])


def test_testable_implications_at_a_file_in_the_models_folder(run, pytester: pytest.Pytester) -> None:
    data = pytester.path / "iv.csv"
    data.write_text("Z,X,Y,count\n0,0,0,5\n0,1,1,5\n1,0,0,2\n1,1,1,8\n", encoding="utf-8")
    run("--boundgen-data", "{name}.csv", paper=IV + RIGHT).assert_outcomes(passed=2)
    data.write_text("Z,X,Y,count\n0,0,0,5\n0,1,1,5\n1,0,0,8\n1,1,1,2\n", encoding="utf-8")
    result = run("--boundgen-data", "iv.csv", paper=IV + RIGHT)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["iv.csv contradicts the assumptions of iv", "*is missed by 0.3*"])
    run("--boundgen-data", "other.csv", paper=IV + RIGHT).assert_outcomes(passed=1)
    result = run("--boundgen-data", "iv.csv", paper=IV.partition("estimand")[0])
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*model iv has no estimand"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_time_that_is_over_is_a_failure_in_our_words(run) -> None:
    result = run("--boundgen-time-limit", "0", paper=IV + RIGHT)
    result.assert_outcomes(failed=1)
    lines = ["*the time limit of 0 s was reached*", "  Raise it with --boundgen-time-limit SECONDS*"]
    result.stdout.fnmatch_lines(lines)


@pytest.mark.slow
def test_workers_and_reports_in_xml(run, pytester: pytest.Pytester) -> None:
    result = run("-n", "2", "--junitxml", "report.xml", paper=IV + RIGHT + WRONG)
    result.assert_outcomes(passed=1, failed=2)
    cases = ElementTree.parse(pytester.path / "report.xml").getroot().iter("testcase")
    assert {case.get("name") for case in cases} == {"lower", "upper"}


def test_the_last_failures_are_run_again(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("paper.bounds").write_text(IV + RIGHT + WRONG, encoding="utf-8")
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=1, failed=2)
    pytester.runpytest_inprocess(*PLUGIN, "--lf").assert_outcomes(failed=2)


def test_who_has_no_model_pays_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "def test_it():\n    import sys\n    assert not {m for m in sys.modules if m.startswith('lark')}\n"
    )
    result = pytester.run(sys.executable, "-m", "pytest", *PLUGIN, "-q")
    result.assert_outcomes(passed=1)
