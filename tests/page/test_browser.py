"""The page in a real browser, Debian's chromium: what a methodologist does without a manual.

They run where Playwright and chromium are; `.ci/page` brings both, and axe-core.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from boundgen import Model, catalogue
from boundgen.page import contents as page_files
from boundgen.verification import check_certificate
from boundgen.version import VERSION
from support.served import LONG, Served, served
from support.taken import ESTIMANDS, NAME, READERS, ends

pytest.importorskip("starlette")
sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("BOUNDGEN_AXE", "")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
]
PATIENCE_MS = 30_000
INSTRUMENT = "ate = E[Y(X=1) - Y(X=0)]"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("--time-limit", "60") as found:
        found.ask("read", model="")
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


class Tab:
    """A page, with what went wrong on it."""

    def __init__(self, context: Any, address: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.faults: list[str] = []
        self.address = address
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.faults.append(f"asked of another place: {request.url}")

    def open(self, fragment: str = "") -> Tab:
        self.page.goto(self.address + fragment)
        self.page.wait_for_selector("html[data-ready]")
        return self

    def type(self, text: str) -> None:
        """Put a text in place of the model."""
        if self.page.locator("#doors").is_visible():
            self.page.click("#empty")
        self.page.fill("#text", text)

    @property
    def text(self) -> str:
        return self.page.input_value("#text")

    def node(self, name: str) -> Any:
        return self.page.locator(f'.node[data-name="{name}"]')

    def middle(self, name: str) -> tuple[float, float]:
        box = self.node(name).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def terms(self, estimand: str) -> list[str]:
        """How many terms each side has."""
        place = self.page.locator(f'[data-estimand="{estimand}"] [data-terms]')
        place.first.wait_for()
        return [each.get_attribute("data-terms") for each in place.all()]


@pytest.fixture
def tab(browser: Any, server: Served) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1300, "height": 950}, accept_downloads=True)
    found = Tab(context, server.address)
    yield found
    context.close()
    assert found.faults == []


# ---------------------------------------------------------------- drawing
def test_the_instrument_is_drawn_by_mouse(tab: Tab) -> None:
    page = tab.open().page
    page.click("#empty")
    for name in "XYZ":
        page.click("#add-variable")
        tab.node(name).wait_for()
    tab.node("Z").click()
    page.locator("#inspector").get_by_label("randomized").check()
    tab.node("Z").locator("rect.shape").wait_for()
    page.click("#mode-arrow")
    for start, end in ("ZX", "XY"):
        page.mouse.move(*tab.middle(start))
        page.mouse.down()
        page.mouse.move(*tab.middle(end), steps=5)
        page.mouse.up()
        page.locator(f'.edge.effect[data-start="{start}"][data-end="{end}"]').wait_for(state="attached")
    page.click("#pick-estimand > summary")
    page.locator(".sentence").get_by_label("outcome").select_option("Y")
    page.locator(".sentence").get_by_label("cause").select_option("X")
    page.click("#add-estimand")
    assert tab.terms("ate") == ["8", "8"]
    assert "observe P(X, Y | Z)" in tab.text


def test_the_instrument_is_drawn_by_keys(tab: Tab) -> None:
    page = tab.open().page
    page.focus("#empty")
    page.keyboard.press("Enter")
    for name in "XYZ":
        page.focus("#add-variable")
        page.keyboard.press("Enter")
        tab.node(name).wait_for()
    tab.node("Z").focus()
    page.keyboard.press("r")
    tab.node("Z").locator("rect.shape").wait_for()
    for start, end in ("ZX", "XY"):
        tab.node(start).focus()
        page.keyboard.press("a")
        tab.node(end).focus()
        page.keyboard.press("Enter")
        page.locator(f'.edge.effect[data-start="{start}"][data-end="{end}"]').wait_for(state="attached")
    page.focus("#pick-estimand > summary")
    page.keyboard.press("Enter")
    page.locator(".sentence").get_by_label("outcome").select_option("Y")
    page.focus("#add-estimand")
    page.keyboard.press("Enter")
    assert tab.terms("ate") == ["8", "8"]


def test_the_graph_changes_the_text_and_leaves_the_rest(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=mediation_mmr]")
    before = catalogue.text("mediation_mmr")
    tab.node("M").wait_for()
    tab.node("M").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("Anger")
    page.keyboard.press("Enter")
    tab.node("Anger").wait_for()
    assert tab.text == re.sub(r"(?m)^([^#\n]*?)\bM\b", r"\1Anger", tab.text)
    assert re.findall("#.*", tab.text) == re.findall("#.*", before)
    assert "assume mmr: Anger(1) >= Anger(0)" in tab.text
    page.locator('.edge.effect[data-start="A"][data-end="Y"]').focus()
    page.keyboard.press("Delete")
    page.locator('.edge.effect[data-start="A"][data-end="Y"]').wait_for(state="detached")
    assert "variable Y(Anger) in" in tab.text
    page.locator("body").press("Control+z")
    page.locator('.edge.effect[data-start="A"][data-end="Y"]').wait_for()
    page.click("#undo")
    tab.node("M").wait_for()
    assert tab.text == before
    page.click("#redo")
    tab.node("Anger").wait_for()


def test_two_clicks_make_a_variable_that_stays_there(tab: Tab) -> None:
    page = tab.open().page
    page.click("#empty")
    page.locator("#graph .empty").wait_for()
    box = page.locator("#graph svg").bounding_box()
    page.mouse.dblclick(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"])
    tab.node("X").wait_for()
    page.wait_for_function("document.activeElement.value === 'X'")
    before = tab.middle("X")
    assert before[0] == pytest.approx(box["x"] + 0.6 * box["width"], abs=3)
    page.keyboard.type("Years at school")
    page.keyboard.press("Enter")
    tab.node("Years_at_school").wait_for()
    assert tab.middle("Years_at_school")[0] == pytest.approx(before[0], abs=3)


def test_units_are_selected_in_the_settings_of_a_variable(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    tab.terms("ate")
    tab.node("X").click()
    page.locator("#inspector").get_by_label("Seen only where it is").fill("1")
    page.keyboard.press("Enter")
    page.locator("#graph .selected").wait_for()
    assert "observe P(X=1, Y | Z)" in tab.text
    tab.terms("ate")


def test_a_cycle_is_refused_where_it_is_drawn(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    tab.node("Y").focus()
    page.keyboard.press("a")
    tab.node("X").focus()
    page.keyboard.press("Enter")
    page.locator("#graph-hint", has_text="the arrows make a cycle: X -> Y -> X").wait_for()
    assert tab.text == catalogue.text("iv_ate")


# ---------------------------------------------------------------- text
def test_proposition_1_is_typed_and_set(tab: Tab) -> None:
    page = tab.open().page
    page.click("#empty")
    text = catalogue.text("mediation_mmr").split("claim")[0]
    page.fill("#text", "")
    page.locator("#text").press_sequentially("model mediation_mmr\n", delay=3)
    page.fill("#text", text)
    place = page.locator('[data-estimand="delta1"]')
    place.locator(".katex").first.wait_for()
    assert tab.terms("delta1") == ["2", "2"]
    latex = place.locator("annotation").all_text_contents()
    assert any(r"\mathrm{ATM}" in each for each in latex)
    assert place.locator(".katex-error").count() == 0


def test_errors_are_underlined_with_the_message_of_the_command_line(tab: Tab) -> None:
    page = tab.open().page
    tab.type(catalogue.text("iv_ate").replace("E[Y(1)", "E[Q(1)"))
    wrong = page.locator(".editor .wrong")
    wrong.first.wait_for()
    assert "".join(wrong.all_text_contents()).startswith("Q")
    message = page.locator("#errors button")
    assert message.text_content().endswith("unknown variable 'Q'\ndeclared: Z, X, Y")
    message.click()
    chosen = "(({value, selectionStart, selectionEnd}) => value.slice(selectionStart, selectionEnd))"
    assert page.evaluate(f"{chosen}(document.activeElement)").startswith("Q")


def test_words_are_completed(tab: Tab) -> None:
    page = tab.open().page
    tab.type("model m\nvariable Treatment in {0, 1}\n")
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("obs")
    page.locator("#completions li", has_text="observe").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type(" P(Tr")
    page.locator("#completions li", has_text="Treatment").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert tab.text.endswith("observe P(Treatment")


def test_text_never_becomes_markup(tab: Tab) -> None:
    page = tab.open().page
    page.on("dialog", lambda dialog: tab.faults.append(dialog.message))
    evil = "<img src=x onerror=alert(1)>"
    tab.type(
        f'model m "{evil} \\\\href{{javascript:alert(1)}}{{x}} $x$"\nsource "{evil}"\n'
        f'variable X in {{"{evil}", "b"}} randomized\n'
        f'variable Y(X) in {{0, 1}}  # {evil}\nobserve P(Y | X)\nestimand ate "{evil}" = E[Y("b")]\n'
    )
    page.locator('[data-estimand="ate"]').wait_for()
    assert page.locator("img").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0


# ---------------------------------------------------------------- answers
def test_an_assumption_is_switched_off_and_terms_come_and_go(tab: Tab) -> None:
    page = tab.open().page
    tab.type(
        "\n".join(line for line in catalogue.text("mediation_mmr").split("claim")[0].splitlines() if "zeta" not in line)
    )
    assert tab.terms("delta1") == ["2", "2"]
    page.get_by_label("Use mmr").uncheck()
    page.locator('[data-estimand="delta1"] [data-terms="3"]').first.wait_for()
    page.locator("#adds .come").first.wait_for()
    assert page.locator("#adds .come").count() > 0
    assert page.locator("#adds .go").count() > 0
    assert "assume mmr" in tab.text
    page.get_by_label("Use mmr").check()
    page.locator('[data-estimand="delta1"] [data-terms="2"]').first.wait_for()
    page.click("#ask-each")
    page.locator("#adds-body h3", has_text="mmr").wait_for()


def test_picked_assumptions_are_statements(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    assert tab.terms("ate") == ["8", "8"]
    page.click("#pick-assumption > summary")
    page.locator(".sentence").get_by_label("variable").select_option("X")
    page.click("#add-assume")
    page.locator('[data-estimand="ate"] [data-terms]:not([data-terms="8"])').first.wait_for()
    assert "assume monotone: X(Z=1) >= X(Z=0)" in tab.text
    assert Model.parse(tab.text).assumptions


def test_a_long_derivation_is_stopped(tab: Tab) -> None:
    page = tab.open().page
    tab.type(LONG)
    page.locator("#stop").wait_for()
    page.locator("#progress-text", has_text=":").wait_for()
    page.click("#stop")
    page.locator("#said", has_text="Stopped").wait_for()
    tab.type(catalogue.text("iv_ate"))
    assert tab.terms("ate") == ["8", "8"]


def test_identified_is_said(tab: Tab) -> None:
    page = tab.open().page
    tab.type(
        "model m\nvariable X in {0, 1} randomized\nvariable Y(X) in {0, 1}\n"
        "observe P(Y | X)\nestimand ate = E[Y(1) - Y(0)]\n"
    )
    page.locator('[data-estimand="ate"] .identified').wait_for()


def test_behind_the_bounds(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    tab.terms("ate")
    page.click("#view-strata")
    page.locator("#behind-view tbody tr").nth(15).wait_for()
    page.click("#view-dual")
    page.locator("#behind-view pre", has_text="dual polyhedron of dimension 7").wait_for()


def test_what_is_asked_of_the_bounds_is_answered(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=mediation_mmr]")
    tab.terms("delta1")
    page.click("#view-ask")
    answers = page.locator("#behind-view .asked li")
    answers.first.wait_for()
    said = answers.all_text_contents()
    assert said[0] == "Do the bounds contain 0 at every observable distribution? Yes."
    assert said[-1] == "mmr: M(1) >= M(0): not redundant; testable, data can refute it."


@pytest.mark.parametrize(
    ("name", "data", "way"),
    [
        ("late_nomono", "jobs_take_up", "by the closed form"),
        ("front_door", "smoking", "by the closed form"),
        ("two_confounders", "smoking", "by the linear program"),
        ("nonresponse", "nonresponse", "by the linear program"),
    ],
)
def test_each_model_is_answered_in_the_best_way_there_is(
    tab: Tab, server: Served, name: str, data: str, way: str
) -> None:
    page = tab.open().page
    tab.type(catalogue.text(name))
    page.locator("#bounds .bound").first.wait_for()
    page.select_option(".drop select", data)
    page.locator("#ways", has_text=way).wait_for()
    found = server.ask("evaluate", model=catalogue.text(name), data=[{"shipped": data}])["answer"]
    for each in found["evaluations"]:
        row = page.locator(f'#bounds-table tr[data-estimand="{each["estimand"]}"] td')
        shown = [float(cell.replace("\u2212", "-")) for cell in row.all_text_contents()[:2]]
        assert shown == pytest.approx([each["lower"], each["upper"]], abs=1e-4)
    if "closed form" not in way:
        page.locator("#bounds", has_text="There is no closed form").wait_for()
        assert page.locator("#said").text_content() == ""
        # They are projections, which take their time; that they are being found is said.
        page.locator("#data-said", has_text="Intervals:").wait_for()
    page.click("#counts summary")
    assert page.locator("#counts tbody tr").count() == sum(len(arm["shares"]) for arm in found["data"]["arms"])


# ---------------------------------------------------------------- numbers
COUNTS = "assigned,took,works,count\n0,0,0,130\n0,0,1,169\n1,0,0,84\n1,0,1,144\n1,1,0,139\n1,1,1,233\n"


def test_counts_are_uploaded_and_the_interval_is_read(tab: Tab, tmp_path: Path, server: Served) -> None:
    page = tab.open().page
    tab.type(catalogue.text("iv_ate"))
    tab.terms("ate")
    file = tmp_path / "trial.csv"
    file.write_text(COUNTS, encoding="utf-8")
    page.set_input_files("#data-file", str(file))
    for variable, column in (("Z", "assigned"), ("X", "took"), ("Y", "works")):
        page.select_option(f"#column-{variable}", column)
    row = page.locator('#bounds-table tr[data-estimand="ate"]')
    row.locator("td", has_text="[").wait_for()
    data = [{"name": "trial.csv", "text": COUNTS}]
    answer = server.ask("estimate", model=catalogue.text("iv_ate"), data=data, map=["Z=assigned", "X=took", "Y=works"])
    found = next(each for each in answer["answer"]["estimates"] if each["estimand"] == "ate")
    said = " ".join(row.locator("td").all_text_contents()).replace("\u2212", "-")
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", said)]
    assert numbers == pytest.approx([*found["plug_in"], *found["parameter_interval"]], abs=1e-4)
    assert page.locator(".side .active").count() >= 2


def test_each_source_of_data_has_a_file(tab: Tab, tmp_path: Path, server: Served) -> None:
    page = tab.open().page
    text = "\n".join(
        (
            "model two",
            "variable X in {0, 1}",
            "variable Y(X) in {0, 1}",
            "observe P(X, Y)",
            "observe P(Y | do(X=1))",
            "estimand pns = P(Y(1)=1, Y(0)=0)",
        )
    )
    tab.type(text)
    tab.terms("pns")
    survey, trial = "X,Y,count\n0,0,30\n0,1,20\n1,0,10\n1,1,40\n", "X,Y,count\n1,0,40\n1,1,60\n"
    for name, content in (("survey.csv", survey), ("trial.csv", trial)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    page.set_input_files("#data-file", [str(tmp_path / name) for name in ("survey.csv", "trial.csv")])
    page.locator("#bounds-table td", has_text="[").wait_for()
    data = [{"name": "data.csv", "text": content} for content in (survey, trial)]
    (found,) = server.ask("evaluate", model=text, data=data)["answer"]["evaluations"]
    shown = [cell.replace("\u2212", "-") for cell in page.locator("#bounds-table td").all_text_contents()[:2]]
    assert [float(each) for each in shown] == pytest.approx([found["lower"], found["upper"]], abs=1e-4)
    page.click("#no-data")
    page.locator("#bounds-table").wait_for(state="detached")


def test_names_of_columns_never_become_markup(tab: Tab, tmp_path: Path) -> None:
    page = tab.open().page
    page.on("dialog", lambda dialog: tab.faults.append(dialog.message))
    evil = "<img src=x onerror=alert(1)>"
    columns = (evil, "a,b='c", "$\\href{javascript:alert(1)}{x}$")
    file = tmp_path / "evil.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([columns, *[[z, x, y] for z in "01" for x in "01" for y in "01"]])
    tab.type(catalogue.text("iv_ate"))
    tab.terms("ate")
    page.set_input_files("#data-file", str(file))
    for variable, column in zip("ZXY", columns, strict=True):
        page.select_option(f"#column-{variable}", column)
    page.locator('#bounds-table tr[data-estimand="ate"] td', has_text="[").wait_for()
    assert page.locator("#counts summary").text_content() == "Counts and shares: 8 units"
    assert page.locator("img, a[href^=javascript]").count() == 0


def test_a_file_that_is_no_table_is_said_by_its_name(tab: Tab, tmp_path: Path) -> None:
    page = tab.open().page
    tab.type(catalogue.text("iv_ate"))
    for name, content, said in (
        ("noise.csv", bytes(range(256)), "noise.csv: this is a binary file"),
        ("empty.csv", b"", "empty.csv: the file is empty"),
        ("book.xlsx", b"no book", "book.xlsx: not an Excel file"),
    ):
        (tmp_path / name).write_bytes(content)
        page.set_input_files("#data-file", str(tmp_path / name))
        page.locator("#data-said", has_text=said).wait_for()


def test_a_parameter_is_dragged_along_its_curve(tab: Tab) -> None:
    page = tab.open().page
    tab.type(
        re.sub("(?m)^estimand (delta0|zeta).*$", "", catalogue.text("mediation_limited_defiers").split("claim")[0])
    )
    tab.terms("delta1")
    page.select_option(".drop select", "bursztyn")
    page.locator('[data-curve="delta1"] .bounds').first.wait_for(state="attached")
    slider = page.locator("#slide-gamma")
    row = page.locator('#bounds-table tr[data-estimand="delta1"] td').first
    before = row.text_content()
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('#bounds-table td').textContent !== before", arg=before)
    page.locator('[data-curve="delta1"] .band[d^="M"]').wait_for(state="attached")


# ---------------------------------------------------------------- published bounds
def test_a_wrong_formula_is_refuted_by_units(tab: Tab) -> None:
    page = tab.open().page
    tab.type(catalogue.text("mediation_mmr").split("claim")[0])
    tab.terms("delta1")
    page.locator("#claim-form select").select_option("delta1")
    page.fill("#claim-lower", "max(-1/2 * ATM)")
    page.click("#check-claim")
    page.locator('[data-verdict="invalid"] .unit').first.wait_for()
    page.fill("#claim-lower", "max(-ATM, -P(Y=0, M=1 | A=1))")
    page.click("#check-claim")
    page.locator('[data-verdict="sharp"]').wait_for()
    page.fill("#claim-lower", "-1")
    page.click("#check-claim")
    page.locator('[data-verdict="valid"]').wait_for()


def test_latex_is_pasted(tab: Tab) -> None:
    page = tab.open().page
    tab.type(catalogue.text("mediation_mmr").split("claim")[0])
    tab.terms("delta1")
    page.click("#claim-form summary")
    page.fill(
        "#claim-latex",
        r"\[ \max\{-\mathrm{ATM}, -p_{01\cdot 1}\} \leq \delta(1) \leq \min\{\mathrm{ATM}, p_{11\cdot 1}\} \]",
    )
    page.click("#check-latex")
    page.locator('[data-verdict="sharp"]').nth(1).wait_for()


# ---------------------------------------------------------------- taking away
@pytest.fixture(scope="module")
def taken(browser: Any, server: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What each button of *Take away* gives, for one model: its files, and the texts that are to be copied."""
    folder = tmp_path_factory.mktemp("taken")
    context = browser.new_context(viewport={"width": 1300, "height": 950}, accept_downloads=True)
    tab = Tab(context, server.address).open()
    open_shipped(tab, NAME)
    tab.terms("ate")
    found = {}
    for button in (*READERS, "Certificate", "Graph as drawn (SVG)", "Graph (PDF)"):
        with tab.page.expect_download() as waited:
            tab.page.get_by_role("button", name=button, exact=True).click()
        found[button] = folder / waited.value.suggested_filename
        waited.value.save_as(found[button])
    for button, sign in (("dagitty", "dag {"), ("Citation", "derived by boundgen")):
        tab.page.get_by_role("button", name=button, exact=True).click()
        shown = tab.page.locator("#away-text", has_text=sign)
        shown.wait_for()
        found[button] = folder / button
        found[button].write_text(shown.text_content(), encoding="utf-8")
    context.close()
    assert tab.faults == []
    return found


def open_shipped(tab: Tab, name: str) -> None:
    """From the catalogue."""
    tab.page.click("#open-shelf")
    tab.page.fill("#shelf-search", name)
    tab.page.locator("#shelf-list button").filter(has=tab.page.get_by_text(name, exact=True)).click()


@pytest.mark.parametrize("button", READERS)
def test_each_form_gives_the_same_bounds(taken: dict[str, Path], button: str) -> None:
    wanted = ends(catalogue.load(NAME))
    found = READERS[button](taken[button])
    assert {name: found[name] for name in wanted} == {name: pytest.approx(both) for name, both in wanted.items()}


def test_the_certificate_is_checked(taken: dict[str, Path]) -> None:
    checker = Path(check_certificate.__file__)
    said = subprocess.run([sys.executable, checker, taken["Certificate"]], capture_output=True, text=True)
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "Every step holds.")
    assert re.findall(r"(?m)^(\w+) = ", said.stdout) == list(ESTIMANDS)


def test_pictures_show_the_graph(taken: dict[str, Path]) -> None:
    drawn = ElementTree.parse(taken["Graph as drawn (SVG)"]).getroot()
    inside = f"{{{drawn.tag.partition('}')[0].strip('{')}}}"
    assert [each.text for each in drawn.iter(f"{inside}text")] == ["A", "M", "Y"]
    arrows = [each for each in drawn.iter(f"{inside}g") if "effect" in each.get("class", "")]
    assert [(each.get("data-start"), each.get("data-end")) for each in arrows] == [("A", "M"), ("A", "Y"), ("M", "Y")]
    assert {each.get("stroke") for each in drawn.iter(f"{inside}path")} == {None, "#1c1b19", "#5a5750"}
    assert taken["Graph (PDF)"].read_bytes().startswith(b"%PDF-")


def test_dagitty_is_opened_again(tab: Tab, taken: dict[str, Path]) -> None:
    page = tab.open().page
    file = taken["dagitty"].with_suffix(".dag")
    file.write_bytes(taken["dagitty"].read_bytes())
    page.set_input_files("#open-file", str(file))
    tab.node("Y").wait_for()
    edges = page.locator("#graph .edge").all()
    kinds = sorted(tuple(each.get_attribute(f"data-{part}") for part in ("kind", "start", "end")) for each in edges)
    assert kinds == [("effect", "A", "M"), ("effect", "A", "Y"), ("effect", "M", "Y"), ("shared", "M", "Y")]
    assert tab.node("A").locator("rect.shape").count() == 1


def test_the_citation_says_what_is_cited(taken: dict[str, Path]) -> None:
    said = taken["Citation"].read_text(encoding="utf-8")
    assert f"derived by boundgen {VERSION} from the model {NAME}" in said
    assert "Blackwell, Ma & Opacic (2024)" in said
    assert "effect of A on Y" in said


def test_pictures_and_tables_of_numbers_are_taken_away(tab: Tab, tmp_path: Path) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    page.locator('#bounds-table tr[data-estimand="ate"] td', has_text="[").wait_for()
    files = {}
    for button in ("Picture (SVG)", "Picture (PDF)", "Table (CSV)"):
        with page.expect_download() as waited:
            page.get_by_role("button", name=button, exact=True).click()
        files[button] = tmp_path / waited.value.suggested_filename
        waited.value.save_as(files[button])
    assert ElementTree.parse(files["Picture (SVG)"]).getroot().tag.endswith("svg")
    assert files["Picture (PDF)"].read_bytes().startswith(b"%PDF-")
    (row,) = [each for each in csv.DictReader(files["Table (CSV)"].open(encoding="utf-8")) if each["estimand"] == "ate"]
    shown = page.locator('#bounds-table tr[data-estimand="ate"] td').first.text_content().replace("\u2212", "-")
    assert any(value.startswith(shown.rstrip("0")) for value in row.values())


def test_a_link_holds_the_model(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    tab.terms("ate")
    page.get_by_role("button", name="Link with the model").click()
    link = page.locator("#away-text")
    link.filter(has_text="#m=").wait_for()
    fragment = "#" + link.text_content().partition("#")[2]
    page.click("#new-model")
    page.goto("about:blank")
    tab.open(fragment)
    assert tab.text == catalogue.text("iv_ate")
    assert tab.terms("ate") == ["8", "8"]


@pytest.mark.parametrize("packed", ["", "!", "AAAA", "x" * 4000])
def test_a_link_that_is_none_of_ours_leaves_what_is_there(tab: Tab, packed: str) -> None:
    page = tab.open().page
    tab.type(catalogue.text("iv_ate"))
    tab.terms("ate")
    page.goto("about:blank")
    tab.open(f"#m={packed}")
    assert tab.text == catalogue.text("iv_ate")


def test_a_link_that_unpacks_to_gigabytes_is_left(tab: Tab) -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join([pack.compress(b'{"text": "'), *(pack.compress(b" " * 10**7) for _ in range(100)), pack.flush()])
    tab.open(f"#m={base64.urlsafe_b64encode(bomb).decode().rstrip('=')}")
    tab.page.locator("#doors").wait_for()


def test_a_link_is_one_step_from_what_was_there(tab: Tab) -> None:
    page = tab.open().page
    page.click("[data-model=iv_ate]")
    tab.terms("ate")
    page.get_by_role("button", name="Link with the model").click()
    fragment = "#" + page.locator("#away-text").filter(has_text="#m=").text_content().partition("#")[2]
    tab.type(catalogue.text("mediation_mmr"))
    tab.terms("delta1")
    page.goto("about:blank")
    tab.open(fragment)
    assert tab.text == catalogue.text("iv_ate")
    page.click("#undo")
    assert tab.text == catalogue.text("mediation_mmr")


# ---------------------------------------------------------------- what is kept
def test_a_model_survives_a_reload_and_tabs_are_apart(tab: Tab) -> None:
    page = tab.open().page
    tab.type(catalogue.text("iv_ate"))
    tab.terms("ate")
    other = Tab(page.context, tab.address).open()
    other.type(catalogue.text("mediation_mmr"))
    other.terms("delta1")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert tab.text == catalogue.text("iv_ate")
    assert tab.terms("ate") == ["8", "8"]
    other.page.reload()
    other.page.wait_for_selector("html[data-ready]")
    assert other.text == catalogue.text("mediation_mmr")
    assert other.faults == []


def test_a_file_that_is_no_model_is_said_where_it_was_opened(tab: Tab, tmp_path: Path) -> None:
    page = tab.open().page
    (tmp_path / "note.txt").write_text("hello world", encoding="utf-8")
    page.set_input_files("#open-file", str(tmp_path / "note.txt"))
    page.locator("#doors-said", has_text="note.txt: this holds no graph").wait_for()


def test_the_catalogue_is_searched(tab: Tab) -> None:
    page = tab.open().page
    page.click("#open-shelf")
    page.fill("#shelf-search", "balke pearl average")
    page.locator("#shelf-list button", has_text="balke_pearl_ate").first.click()
    page.locator("#answer-kicker", has_text="balke_pearl_ate").wait_for()
    page.locator("#graph .node").first.wait_for()


def test_a_storage_that_is_full_is_said_and_the_page_works(browser: Any, server: Served) -> None:
    context = browser.new_context()
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    full = Tab(context, server.address).open()
    full.page.click("[data-model=iv_ate]")
    assert full.terms("ate") == ["8", "8"]
    full.page.locator("#where", has_text="does not survive a reload").wait_for()
    assert full.faults == []
    context.close()


def test_a_server_that_is_gone_is_said_and_nothing_is_lost(browser: Any) -> None:
    with served() as server:
        context = browser.new_context()
        lone = Tab(context, server.address).open()
        lone.type(catalogue.text("iv_ate"))
        lone.terms("ate")
    lone.page.focus("#text")
    lone.page.keyboard.press("Control+End")
    lone.page.keyboard.type("# more")
    lone.page.locator("#said", has_text="The server does not answer").wait_for()
    assert lone.text.endswith("# more")
    context.close()


# ---------------------------------------------------------------- for everybody
@pytest.mark.parametrize("name", ["iv_ate", "mediation_mmr", "late_nomono", "mts_ate"])
def test_nothing_is_out_of_sight_on_a_phone(browser: Any, server: Served, name: str) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True)
    phone = Tab(context, server.address).open()
    phone.type(catalogue.text(name))
    phone.page.locator("#bounds .bound").first.wait_for()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 400
    hidden = (
        "[...document.querySelectorAll('article *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0"
    )
    hidden += " && getComputedStyle(e).overflowX === 'auto' && e.checkVisibility()).map(e => e.className)"
    assert phone.page.evaluate(hidden) == [], "what scrolls is reached by keys"
    assert phone.faults == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(browser: Any, server: Served, scheme: str) -> None:
    if not AXE:
        pytest.skip("BOUNDGEN_AXE names no axe.min.js")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    found = Tab(context, server.address).open()
    faults = serious(found.page)
    found.page.click("[data-model=mediation_mmr]")
    found.terms("delta1")
    found.page.locator("#bounds-table td", has_text="[").first.wait_for()
    for summary in found.page.locator("main summary").all():
        summary.click()
    found.node("M").click()
    found.page.click("#view-strata")
    found.page.locator("#behind-view tbody").wait_for()
    faults += serious(found.page)
    found.page.click("#open-shelf")
    faults += serious(found.page)
    assert faults == []
    context.close()


def serious(page: Any) -> list[str]:
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {json.dumps(node['target'])} {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("start", [(), ("iv_ate",)])
def test_the_first_view_is_quick(browser: Any, start: tuple[str, ...]) -> None:
    """Of a server that has just said where it is: its doors, or the graph of the model that it begins with."""
    with served(*start) as fresh:
        context = browser.new_context()
        lone = Tab(context, fresh.address)
        lone.page.goto(fresh.address)
        (lone.node("Y") if start else lone.page.locator("#empty")).wait_for()
        # 1000 where nothing else runs.
        assert lone.page.evaluate("performance.now()") < 3000
        context.close()
    assert lone.faults == []


def test_bounds_follow_the_last_key_at_once(tab: Tab) -> None:
    page = tab.open().page
    tab.type(catalogue.text("iv_ate").partition("estimand risk0")[0])
    tab.terms("ate")
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.evaluate(TIMED)
    page.keyboard.type("assume X(1) >= X(0)")
    page.locator('[data-estimand="ate"] [data-terms="1"]').first.wait_for()
    # 300 where nothing else runs.
    assert page.evaluate("window.found - window.typed") < 1500


TIMED = """
const [text, bounds] = ["text", "bounds"].map((id) => document.getElementById(id));
text.addEventListener("input", () => { window.typed = performance.now(); });
new MutationObserver(() => { window.found = performance.now(); }).observe(bounds, { childList: true });
"""


def test_files_of_others_are_small() -> None:
    vendored = (Path(page_files.STATIC) / "vendor").rglob("*")
    assert sum(path.stat().st_size for path in vendored if path.is_file()) < 1_500_000


def test_the_page_without_a_server_opens_from_a_file(browser: Any, tmp_path: Path) -> None:
    from boundgen.page.export import export

    names = ("mediation_limited_defiers", "late_nomono")
    export(str(tmp_path), [(name, catalogue.text(name)) for name in names])
    context = browser.new_context(offline=True)
    alone = Tab(context, "file:")
    page = alone.page
    page.goto((tmp_path / "index.html").as_uri())
    page.fill("#search", "defiers")
    page.click(".door")
    cell = page.locator('#bounds-table tr[data-estimand="delta1"] td').last
    before = cell.text_content()
    page.locator("#slide-gamma").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelectorAll('#bounds-table tr')[2].cells[2].textContent !== before", arg=before
    )
    assert alone.terms("delta1") == ["6", "6"]
    page.click("#cells summary")
    page.locator("#cells input").first.focus()
    page.keyboard.press("End")
    page.locator("#bounds-table td", has_text="0.").first.wait_for()
    page.goto((tmp_path / "index.html").as_uri() + "#late_nomono")
    page.locator('[data-estimand="late"] .katex').first.wait_for()
    assert alone.faults == []
    context.close()
