"""The gallery page is up to date and complete, and files are written whole or not at all.

Refresh the page with ``make gallery`` and read the difference.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from pathlib import Path

import pytest

from boundgen.catalogue import load, names, path, text
from boundgen.errors import FileError
from boundgen.gallery.entries import entries
from boundgen.gallery.gallery import gallery
from boundgen.language.statements import Claim
from boundgen.verification.shipped_claims import models_with_claims
from boundgen.work import files
from boundgen.work.files import is_written, write_whole
from support.command import Result, Run, assert_refused
from support.paths import ROOT

PAGE = ROOT / "docs" / "gallery.md"
COLLECTION = ROOT.parent / "shared" / "published" / "bounds.json"
MODELS = {model.name: model for model in models_with_claims()}
MEANING = {"sharp": "sharp", "valid": "valid, not sharp", "invalid": "invalid"}
SHARED = pytest.mark.skipif(not COLLECTION.exists(), reason="the collection is not beside the repository")


def plain(words: str) -> str:
    """Markdown as it is read."""
    return re.sub(r"\\(.)", r"\1", words).replace("**", "")


def sections() -> dict[str, str]:
    """The text below each entry's heading."""
    parts = re.split(r'^### <a id="(\w+)"></a>.*$', PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts[-1] = parts[-1].split("\n## ")[0]
    return dict(zip(parts[1::2], map(plain, parts[2::2]), strict=True))


SECTIONS = sections()


# ---------------------------------------------------------------- the page
@pytest.mark.slow
def test_page_is_up_to_date() -> None:
    assert gallery() == PAGE.read_text(encoding="utf-8"), "refresh it: make gallery"


def test_every_model_with_claims_has_one_section() -> None:
    assert sorted(SECTIONS) == sorted(MODELS)
    assert {name for name in names() if load(name).claims} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_section_has_citations_question_claims_and_recorded_verdicts(name: str) -> None:
    model, section = MODELS[name], SECTIONS[name]
    assert all(f"- {source}" in section for source in model.sources)
    assert all(f"\nestimand {estimand.name} =" in section for estimand in model.estimands)
    assert all(f"\nvariable {variable}" in section for variable in model.variables)
    for claim in model.claims:
        (line,) = (
            line for line in section.split("\n") if line.startswith(f"Claim. {claim.where}; ") and is_about(line, claim)
        )
        assert line.rsplit(": ", 1)[1] == recorded(claim)


def is_about(line: str, claim: object) -> bool:
    return not isinstance(claim, Claim) or f"; for {shown(claim.estimand)}: " in line


def shown(estimand: str) -> str:
    return {"delta0": "δ(0)", "delta1": "δ(1)", "psi": "ψ", "theta": "θ", "tau": "τ"}.get(estimand, estimand)


def recorded(claim: object) -> str:
    """The verdicts that the file expects, in the page's words."""
    if not isinstance(claim, Claim):
        return f"{MEANING[claim.expect]}."
    sides = [("lower", claim.expect_lower), ("upper", claim.expect_upper)]
    return "; ".join(f"{side} bound {MEANING[verdict]}" for side, verdict in sides if verdict) + "."


@pytest.mark.parametrize("name", MODELS)
def test_what_is_not_sharp_is_explained_witnessed_and_corrected(name: str) -> None:
    section, claims = SECTIONS[name], MODELS[name].claims
    found = [claim for claim in claims if recorded(claim).count("sharp") != recorded(claim).count("not sharp")]
    loose = [claim for claim in claims if "valid" in recorded(claim)]
    assert len(re.findall(r"^\*What is wrong\.\* \w.{30,}\.$", section, re.MULTILINE)) == len(loose)
    sides = sum(recorded(claim).count("valid") for claim in loose)
    assert section.count("\n- witness: ") == sides
    assert section.count("\n- missing: ") + section.count("\n- wrong: ") >= sides
    for claim in loose:
        assert any(other.where == f"{claim.where}, corrected" for other in found)


def test_links_lead_somewhere() -> None:
    page = PAGE.read_text(encoding="utf-8")
    anchors = re.findall(r'<a id="(\w+)">', page)
    assert len(set(anchors)) == len(anchors)
    targets = re.findall(r"\]\(([^)]+)\)", page)
    assert {target[1:] for target in targets if target.startswith("#")} <= set(anchors)
    assert set(MODELS) <= {target[1:] for target in targets if target.startswith("#")}
    assert all((PAGE.parent / target).is_file() for target in targets if not target.startswith("#"))


def test_totals_are_those_of_the_claims() -> None:
    published = [c for model in MODELS.values() for c in model.claims if not c.where.endswith(", corrected")]
    verdicts = [
        verdict for claim in published for verdict in re.findall(r"valid, not sharp|invalid|sharp", recorded(claim))
    ]
    line = next(line for line in plain(PAGE.read_text(encoding="utf-8")).split("\n") if " published claims, " in line)
    counts = ", ".join(f"{verdicts.count(meaning)} {meaning}" for meaning in MEANING.values())
    assert line == f"{len(MODELS)} models, {len(published)} published claims, {len(verdicts)} sides: {counts}."


# ---------------------------------------------------------------- the collection
def test_every_entry_of_the_collection_is_a_model_or_explained() -> None:
    found = entries()
    assert len({entry.name for entry in found}) == len(found)
    listed = PAGE.read_text(encoding="utf-8").split("## Not expressed")[1]
    for entry in found:
        assert (entry.model is None) == (entry.expressed == "no") == bool(entry.formula) == bool(entry.source)
        assert (entry.expressed != "whole") == bool(entry.reason) == (entry.name in plain(listed))
        assert entry.model is None or entry.model in MODELS


def test_every_published_model_is_an_entry() -> None:
    published = {name for name in names() if "/published/" in path(name)}
    assert published == {entry.model for entry in entries()} - {None}


@SHARED
def test_entries_are_those_of_the_collection() -> None:
    collection = json.loads(COLLECTION.read_text(encoding="utf-8"))
    expected = [
        (e["id"], e["source"]["how"], "unverified" in e["source"].get("equation_numbers", "")) for e in collection
    ]
    assert [(entry.name, entry.how, entry.numbers_from_memory) for entry in entries()] == expected


@SHARED
def test_citations_have_the_years_and_first_authors_of_the_collection() -> None:
    of = {e["id"]: e["source"] for e in json.loads(COLLECTION.read_text(encoding="utf-8"))}
    for entry in entries():
        cited = "; ".join(load(entry.model).sources) if entry.model else entry.source
        for year in re.findall(r"\d{4}", of[entry.name]["year"]):
            assert f"({year})" in cited, entry.name
        for author in re.findall(r"[A-Z]\w+", of[entry.name]["authors"].split("(")[0]):
            assert author in cited, entry.name


# ---------------------------------------------------------------- the notebook on the founding paper
ROWS = {
    "Section 4.2": "mediation_randomization",
    "(7)": "mediation_mmr",
    "(8)": "mediation_mmr",
    "(9)": "mediation_mmr_average",
    "(12)": "mediation_limited_defiers",
    "(13)": "mediation_limited_defiers_small",
    "Proposition 4": "mediation_full_monotonicity",
}


def test_the_notebook_sums_up_the_recorded_verdicts() -> None:
    stored = json.loads((ROOT / "notebooks" / "03_check_a_paper.ipynb").read_text(encoding="utf-8"))
    (table,) = ("".join(cell["source"]) for cell in stored["cells"] if cell["id"] == "summary")
    told: dict[str, dict[str, str]] = {}
    heading = ""
    for row in re.findall(r"^\|(.*)\|(.*)\|(.*)\|.*\|$", table, re.MULTILINE)[2:]:
        where, side, verdict = map(str.strip, row)
        heading = where or heading
        told.setdefault(heading, {}).update(dict.fromkeys(["lower", "upper"] if side == "both" else [side], verdict))
    for mark, name in ROWS.items():
        (sides,) = (sides for heading, sides in told.items() if mark in heading)
        claims = [c for c in MODELS[name].claims if mark in c.where and not c.where.endswith(", corrected")]
        assert claims
        assert {(MEANING[c.expect_lower], MEANING[c.expect_upper]) for c in claims} == {
            (sides["lower"], sides["upper"])
        }


# ---------------------------------------------------------------- the verb
@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is there at once."""
    monkeypatch.setattr("boundgen.gallery.gallery.gallery", lambda **_: "# Page · 1\n")


@pytest.mark.usefixtures("quick")
def test_gallery_is_printed_written_and_compared(run: Run, tmp_path: Path) -> None:
    assert run("gallery") == Result(0, "# Page · 1\n", "")
    stale = "my page.md: not up to date\n  Refresh it: boundgen gallery -o 'my page.md'\n"
    check = ("gallery", "-o", "my page.md", "--check")
    assert run(*check) == Result(1, stale, "")
    assert list(tmp_path.iterdir()) == []
    assert run("gallery", "-o", "my page.md") == Result(0, "my page.md: written\n", "")
    assert (tmp_path / "my page.md").read_bytes() == "# Page · 1\n".encode()
    assert run(*check) == Result(0, "my page.md: up to date\n", "")
    (tmp_path / "my page.md").write_bytes("# Page · 1\r\n".encode())
    assert run(*check) == Result(1, stale, "")
    run(*shlex.split(stale.split("boundgen ")[1]))
    assert run(*check).status == 0


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--check"], "boundgen: --check compares a file: name it with -o.\n  Try: boundgen gallery --help"),
        (["-o", ""], "(no name): not a file that can be replaced\n  Name a file."),
        (["-o", "."], ".: not a file that can be replaced\n  Name a file."),
        (["-o", ".", "--check"], ".: not a file that can be replaced\n  Name a file."),
    ],
)
def test_gallery_refuses(words: list[str], message: str, run: Run, tmp_path: Path) -> None:
    assert_refused(run("gallery", *words), message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none/x.md", "none/x.md: cannot be written: No such file or directory\n  Name a file in another folder.\n"),
        ("a\0b", "a?b: cannot be written: embedded null byte\n  Name a file in another folder.\n"),
    ],
)
def test_a_page_that_cannot_be_written_is_printed(name: str, message: str, run: Run, tmp_path: Path) -> None:
    assert run("gallery", "-o", name) == Result(2, "# Page · 1\n", message)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- files
def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    write_whole(str(file), "new ≤\n")
    assert file.read_bytes() == "new ≤\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert is_written(str(file), "new ≤\n")
    assert not is_written(str(file), "new ≤")
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "page.md", tmp_path / "link.md"
    file.write_text("old", encoding="utf-8")
    link.symlink_to(file)
    write_whole(str(link), "new")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("failing", ["replace", "open"])
def test_after_a_failure_the_old_file_stands_alone(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "page.md"
    file.write_text("old", encoding="utf-8")
    if failing == "replace":
        monkeypatch.setattr(os, "replace", fails)
    else:
        monkeypatch.setattr(files, "open", fails, raising=False)
    with pytest.raises(FileError, match=r"page.md: cannot be written: No space left on device"):
        write_whole(str(file), "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(FileError, match="not a file that can be replaced"):
        write_whole(os.devnull, "text")


def test_the_page_of_somebodys_own_claims(run: Run) -> None:
    Path("bounds").mkdir()
    Path("bounds/paper.bounds").write_text(text("mediation_mmr_average"), encoding="utf-8")
    Path("bounds/none.bounds").write_text(text("late_nomono").partition("claim ")[0], encoding="utf-8")
    page = run("gallery", "bounds/paper.bounds", "bounds/none.bounds").out
    assert "1 model, 1 published claim, 2 sides: 1 sharp, **1 valid, not sharp**." in page
    assert "| Blackwell, Ma & Opacic (2024) | 1 | 1 | 0 |" in page
    assert "File: [bounds/paper.bounds](bounds/paper.bounds)" in page
    assert "late_nomono" not in page


def test_files_without_claims_have_no_page(run: Run) -> None:
    Path("none.bounds").write_text(text("late_nomono").partition("claim ")[0], encoding="utf-8")
    assert_refused(
        run("gallery", "none.bounds"),
        "no claims in these files: there is nothing to show\n"
        '  Write published bounds into them: claim "Paper, eq. (1)" for NAME, and below it lower and upper.',
    )
