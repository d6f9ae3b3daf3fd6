"""Texts of users in every language: nothing in them is run, ends a comment, or is lost.

What can be run is run: Python imports the modules, R sources them, Node.js imports them, a CommonMark reader and an
HTML reader read what was escaped. LaTeX and Stata are read by the few lines below.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tokenize
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from boundgen import E, Model, P, derive, variable
from boundgen.bounds.symbols import latex_name, latex_value
from boundgen.codegen.content import ModuleContent, module_content
from boundgen.codegen.targets import TARGETS
from boundgen.companions.latex import symbol_latex
from boundgen.errors import BoundgenError, ModelError
from boundgen.rendering import characters, javascript, latex, markdown, python, r, spreadsheet, stata
from boundgen.rendering import html as hypertext
from boundgen.rendering import text as reports
from support.command import Run, assert_refused

# Each may be a title: they hold no control characters. Whoever runs one makes the file `ran`.
HOSTILE = (
    r"coding: unicode_escape \x0aimport os; os.mkdir('ran')",
    "coding: utf-7",
    "-*- coding: rot13 -*-",
    "vim: set fileencoding=utf-16le foldexpr=system('touch\\ ran') :",
    " vi: ft=sh",
    "''' + __import__('os').mkdir('ran') + '''",
    "ends with a backslash \\",
    r"\N \u \U0001 \x \000 \8 {} {0} %s %d {{header}} {{cells}}",
    "*/ require('fs').mkdirSync('ran') /*",
    "</script><script>alert(1)</script><!-- -->",
    "${require('fs').mkdirSync('ran')} `mkdir ran` $(mkdir ran)",
    "///// //* /*/ */* ///",
    "`x' `=1+1' $x ${S_ADO} `macval(x)'",
    r"50% of x_1 & #2 ^^M ~ \input{/etc/passwd} $x^2$ {",
    "| [a](javascript:x) ![b](c) **d** __e__ `f` <i>g</i> &lt; &amp;lt; ~~h~~",
    "# heading",
    "1. one",
    "- item",
    "=====",
    "      code",
    "=cmd|'/C calc'!A0",
    "#' @export",
    "Sjölander — «Ψ» 因果 😀 \u00ad\u200d",
)
# In names of files alone; the texts of a model that hold them are refused.
BROKEN = "a\rimport os\x85b\u2028c\x0bd\x1b[2J\u202ee\udcff\\"
PLAIN = """model plain
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X=1)
estimand y1 = P(Y(1)=1)
"""
any_text = st.text(st.characters(codec=None), max_size=40)


@pytest.fixture(scope="module")
def plain() -> ModuleContent:
    return module_content(derive(Model.parse(PLAIN)), "plain.bounds")


def told(content: ModuleContent, number: int, text: str) -> ModuleContent:
    """The module of the model with this title and source, made from a file of this name."""
    model = replace(Model.parse(content.text), name=f"m{number}", title=text, sources=(text, text))
    digest = hashlib.sha256(str(model).encode()).hexdigest()[:16]
    return replace(
        content, name=model.name, title=text, sources=(text, text), text=str(model), digest=digest, made_from=text
    )


def modules(plain: ModuleContent, target: str, folder: Path) -> list[str]:
    """A module for each hostile text; its first five lines are the same whatever the text is."""
    contents = [told(plain, i, text) for i, text in enumerate(HOSTILE)]
    contents.append(replace(told(plain, len(HOSTILE), ""), title=BROKEN, sources=(BROKEN,), made_from=BROKEN))
    names = []
    for content in contents:
        name = TARGETS[target].file_name(content.name)
        text = TARGETS[target].text(content)
        assert characters.first_unplain(text.replace("\n", "")) is None
        exemptions = [line for line in text.split("\n") if not line.startswith("# ruff: noqa")]
        wanted = TARGETS[target].text(replace(plain, digest=content.digest)).split("\n")
        assert exemptions[:5] == wanted[:5]
        (folder / name).write_text(text, encoding="utf-8")
        names.append(name)
    return names


def ran(words: list[str], folder: Path) -> str:
    """What a command that succeeds prints; nothing else happens."""
    done = subprocess.run(words, cwd=folder, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    assert not (folder / "ran").exists()
    return done.stdout.decode()


def interpreter(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def squeezed(text: str) -> str:
    return " ".join(text.split())


def blanked(text: str) -> str:
    """A blank for each character that no output keeps; said here once more, without the pattern of the package."""
    turning = {ord(c) for c in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    broken = ("Cc", "Cs", "Zl", "Zp")
    return "".join(" " if ord(c) in turning or unicodedata.category(c) in broken else c for c in text)


# ---------------------------------------------------------------- modules, run
def test_python_modules_import_and_say_their_titles(plain: ModuleContent, tmp_path: Path) -> None:
    names = modules(plain, "python", tmp_path)
    for name in names:
        with (tmp_path / name).open("rb") as file:
            assert tokenize.detect_encoding(file.readline)[0] == "utf-8"
    code = """
import importlib, json
found = [importlib.import_module(f"m{i}") for i in range(%d)]
print(json.dumps([(m.__doc__, m.lower([0.5, 0.25])) for m in found]))
"""
    found = json.loads(ran([sys.executable, "-W", "error", "-c", code % len(names)], tmp_path))
    for (doc, low), title in zip(found, [*HOSTILE, BROKEN], strict=True):
        assert low == 0.25
        said = squeezed(blanked(title))
        assert re.search(rf"in model m\d+: {re.escape(said)} ?\.", squeezed(doc))


def test_model_is_kept_in_the_header(plain: ModuleContent, tmp_path: Path) -> None:
    """Where a comment holds any text, the model can be read back from it."""
    for target, mark in (("python", "#"), ("r", "#"), ("js", "//")):
        for name, text in zip(modules(plain, target, tmp_path), HOSTILE, strict=False):
            lines = (tmp_path / name).read_text(encoding="utf-8").split("\n")
            start = next(i for i, line in enumerate(lines) if line.startswith(f"{mark}   model "))
            end = next(i for i, line in enumerate(lines) if line.startswith(f"{mark}   estimand "))
            model = "\n".join(line.removeprefix(mark)[3:] for line in lines[start : end + 1])
            if "<" not in text or target != "js":
                read = Model.parse(model)
                assert (read.title, set(read.sources)) == (text, {text})


def test_r_sources_modules(plain: ModuleContent, tmp_path: Path) -> None:
    rscript = interpreter("Rscript")
    names = modules(plain, "r", tmp_path)
    code = "options(warn = 2); for (i in %d:0) { source(paste0('m', i, '.R')); cat(m%d_lower(c(0.5, 0.25)), '') }"
    (tmp_path / "run.R").write_text(code % (len(names) - 1, len(names) - 1), encoding="utf-8")
    assert ran([rscript, "--vanilla", "run.R"], tmp_path).split() == ["0.25"] * len(names)


def test_javascript_imports_modules(plain: ModuleContent, tmp_path: Path) -> None:
    node = interpreter("node")
    names = modules(plain, "js", tmp_path)
    code = f"for (const name of {json.dumps(names)}) console.log((await import(`./${{name}}`)).lower([0.5, 0.25]));"
    (tmp_path / "run.mjs").write_text(code, encoding="utf-8")
    assert ran([node, "run.mjs"], tmp_path).split() == ["0.25"] * len(names)
    for name in names:
        assert not re.search(r"</script|<!--", (tmp_path / name).read_text(encoding="utf-8"), re.IGNORECASE)


def test_stata_modules_are_the_same_program(plain: ModuleContent, tmp_path: Path) -> None:
    """Outside of comments nothing depends on the texts, and in comments nothing is a macro or another mark."""
    programs = set()
    for name in modules(plain, "stata", tmp_path):
        lines = (tmp_path / name).read_text(encoding="utf-8").split("\n")
        comments = [line for line in lines if line.startswith("*")]
        assert not [line for line in comments if re.search(r"///|/\*|\*/|`|\$", line)]
        rest = "\n".join(line for line in lines if not line.startswith("*"))
        programs.add(rest.replace(name.removesuffix(".ado"), "NAME"))
    assert len(programs) == 1


# ---------------------------------------------------------------- escapes, read back
@given(any_text)
@pytest.mark.parametrize("known", [None, *HOSTILE])
def test_python_literals(known: str | None, text: str) -> None:
    text = text if known is None else known
    assert ast.literal_eval(python.quoted(text)) == text
    said = blanked(text)
    assert ast.literal_eval(f'"""{python.docstring(text)}"""') == said
    assert ast.parse(f"# {python.comment(text)}").body == []


def read_tex(text: str) -> str:
    """What TeX prints, for words that hold escapes and no commands of their own."""
    commands = {r"\leq": "<=", r"\geq": ">=", r"\cdot": "·"}
    commands |= {spelled: letter for letter, spelled in latex.SPELLED.items()}
    digits = {digit: sign for sign, digit in latex.SUBSCRIPTS.items()}
    shown = {"textbackslash{}": "\\", "textasciicircum{}": "^", "textasciitilde{}": "~", "textless{}": "<"}
    shown |= {"textgreater{}": ">", "textbar{}": "|"}
    found = ""
    while text:
        if text[0] == "$":
            inside, text = text[1:].split("$", 1)
            below = re.fullmatch(r"_\{(\w+)\}", inside)
            found += "".join(map(digits.__getitem__, below[1])) if below else commands[inside]
        elif text[0] == "\\":
            name = next((name for name in shown if text[1:].startswith(name)), text[1])
            assert name in shown or name in "&%$#_{}", text
            found, text = found + shown.get(name, name), text[1 + len(name) :]
        else:
            assert text[0] not in "&%$#_{}^~<>|\r\n", text
            found, text = found + text[0], text[1:]
    return found


@given(any_text)
@pytest.mark.parametrize("known", [None, *HOSTILE, "δ₁ ≥ α · ₂", "a\\b^c~d&e%f$g#h_i{j}"])
def test_latex_words(known: str | None, text: str) -> None:
    text = text if known is None else known
    said = blanked(text).replace("≤", "<=").replace("≥", ">=")
    assert read_tex(latex.escaped(text)) == said


def test_latex_names_and_symbols() -> None:
    assert (latex_name("_"), latex_name("a_b"), latex_name("delta1")) == (r"\_", r"\mathrm{a\_b}", r"\delta(1)")
    assert (latex_value("_"), latex_value("low_1"), latex_value("-2")) == (r"\_", r"\text{low\_1}", "-2")
    assert symbol_latex("δ(0)") == r"$\delta (0)$"
    assert symbol_latex("NIE₀") == r"$\mathrm{NIE}_{0}$"
    assert symbol_latex(r"x_1\%$") == r"x\_1\textbackslash{}\%\$"


@given(any_text)
@pytest.mark.parametrize("known", [None, *HOSTILE])
def test_markdown_prose_is_text(known: str | None, text: str) -> None:
    text = text if known is None else known
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(f"Title: {markdown.prose(text)}!")
    assert re.fullmatch(r"<p>[^<]*</p>\n", shown)
    said = re.sub("^ +", " ", blanked(text))
    assert html.unescape(shown.removeprefix("<p>").removesuffix("</p>\n")).replace("\ufffd", "") == (
        f"Title: {said}!".replace("\ufffd", "")
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_alone_in_a_cell_and_in_code(text: str) -> None:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    alone = reader.render(markdown.prose(text))
    assert re.fullmatch(r"<p>[^<]*</p>\n", alone)
    table = reader.render(f"| a | b |\n| --- | --- |\n| {markdown.prose(text)} | c |")
    assert re.findall(r"<td>([^<]*)</td>", table)[1:] == ["c"]
    assert html.unescape(re.findall(r"<td>([^<]*)</td>", table)[0]) == text.strip()
    code = reader.render(f"- wrong: {markdown.span(text)}")
    assert html.unescape(re.findall(r"<code>(.*)</code>", code)[0]).strip() == text.strip()
    lines = f"{text}\n```\n{text}\n````"
    block = reader.render(markdown.block("text", lines) + "end")
    assert html.unescape(re.findall(r"<code[^>]*>(.*)\n</code>", block, re.DOTALL)[0]) == lines
    assert block.endswith("<p>end</p>\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_text(text: str) -> None:
    escaped = hypertext.escaped(text)
    assert not re.search("[<>\"']", escaped)
    assert html.unescape(escaped) == text


def test_r_literals_are_read_back(tmp_path: Path) -> None:
    rscript = interpreter("Rscript")
    texts = [*HOSTILE, BROKEN.replace("\udcff", ""), 'say "x"', "tab\t\n"]
    lines = [f"cat(utf8ToInt({r.quoted(text)}), '\\n')" for text in texts]
    (tmp_path / "run.R").write_text("\n".join(lines), encoding="ascii")
    found = ran([rscript, "--vanilla", "run.R"], tmp_path).splitlines()
    assert ["".join(chr(int(code)) for code in line.split()) for line in found] == texts


def test_javascript_literals_and_keys_are_read_back(tmp_path: Path) -> None:
    node = interpreter("node")
    texts = [*HOSTILE, BROKEN, 'say "x"', "\0", "__proto__", "constructor", "toString", "hasOwnProperty"]
    pairs = ", ".join(f"{javascript.key(text)}: {javascript.quoted(text)}" for text in texts)
    code = f"const found = {{{pairs}}};\nconsole.log(JSON.stringify([Object.keys(found), Object.values(found)]));\n"
    (tmp_path / "run.mjs").write_text(code, encoding="ascii")
    assert json.loads(ran([node, "run.mjs"], tmp_path)) == [texts, texts]


@given(any_text)
def test_stata_texts_have_no_marks(text: str) -> None:
    assert not re.search(r"///|/\*|\*/|[`$\r\n]", stata.comment(text))
    assert stata.quoted(text, 80)[1:-1].count('"') == 0
    assert len(stata.quoted(text, 80)) <= 82


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("-x", "'-x"),
        ("-1/2", "-1/2"),
        ("+1.5e-3", "+1.5e-3"),
        ("age", "age"),
        ("a\rb", "a b"),
    ],
)
def test_spreadsheets_compute_nothing(text: str, cell: str) -> None:
    assert spreadsheet.cell(text) == cell


def test_reports_do_not_move_the_cursor() -> None:
    assert reports.printed(f"{BROKEN}\n\tx") == "a?import os?b?c?d?[2J\u202ee?\\\n\tx"
    assert reports.inline("d\nEvery step holds") == "d Every step holds"


# ---------------------------------------------------------------- texts that cannot be kept
UNKEPT = {
    "\r": "a carriage return (U+000D)",
    "\t": "a tab (U+0009)",
    "\0": "NUL (U+0000)",
    "\x1b": "a control character (U+001B)",
    "\x85": "a control character (U+0085)",
    "\u2028": "a line separator (U+2028)",
    "\u2029": "a paragraph separator (U+2029)",
    "\ud800": "a lone surrogate (U+D800)",
    "\u202e": "a mark that turns the direction of text (U+202E)",
    "\u200f": "a mark that turns the direction of text (U+200F)",
}
ONE_LINE = "Texts are one line of letters, digits and signs, which every output can hold as they are."
MAKERS: dict[str, Callable[[str], Model]] = {
    "title": lambda text: Model("m", title=text),
    "source": lambda text: Model("m", sources=("fine", text)),
    "place of a claim": lambda text: Model.parse(PLAIN).claim(text, "y1", lower=["0"]),
}


@pytest.mark.parametrize("character", UNKEPT, ids=lambda c: f"{ord(c):04x}")
@pytest.mark.parametrize("what", MAKERS)
def test_python_refuses_texts_that_cannot_be_kept(what: str, character: str) -> None:
    with pytest.raises(ModelError) as error:
        MAKERS[what](f"ab{character}c")
    assert str(error.value) == f"the {what} holds {UNKEPT[character]} at character 3\n  {ONE_LINE}"


@pytest.mark.parametrize("character", [c for c in UNKEPT if c != "\r"], ids=lambda c: f"{ord(c):04x}")
def test_text_refuses_texts_that_cannot_be_kept(character: str) -> None:
    for text in (
        f'model m "ab{character}c"',
        f'model m "fine"\nsource "ab{character}c"',
        f'{PLAIN}claim "ab{character}c" for y1\n  lower 0',
    ):
        with pytest.raises(BoundgenError) as error:
            Model.parse(text, "m.bounds")
        first, shown, *_ = str(error.value).split("\n")
        line = text[: text.index(character)].count("\n") + 1
        column = len(text[: text.index(character)].split("\n")[-1]) + 1
        assert first == f"m.bounds:{line}:{column}: a text in quotes holds {UNKEPT[character]}"
        assert characters.first_unplain(shown) is None
        assert str(error.value).endswith(ONE_LINE)


def test_a_carriage_return_ends_a_line_of_a_text() -> None:
    with pytest.raises(BoundgenError, match="a text in quotes does not end on its line"):
        Model.parse('model m "ab\rc"')


def test_python_refuses_what_is_no_text() -> None:
    with pytest.raises(ModelError, match="the title is no text but of type int"):
        Model("m", title=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\u202eb", "a b", "é", "a\ud800", "x'", "$x", "`x", "a%", ""])
def test_names_are_identifiers(name: str) -> None:
    """Of models, variables and estimands; values may be texts."""
    x, y = variable("X", [0, 1]), variable("Y", [0, 1], parents=["X"])
    fine = Model("m", (x, y)).observe(P(y, x))
    for make in (
        lambda: Model(name),
        lambda: Model("m", (variable(name, [0, 1]),)),
        lambda: fine.estimand(name, E(y(1))),
        lambda: fine.assume(y(1) >= y(0), name=name),
    ):
        with pytest.raises(ModelError, match="is not an identifier"):
            make()


def test_ordinary_texts_are_kept() -> None:
    for text in HOSTILE:
        model = Model("m", title=text, sources=(text,))
        assert Model.parse(str(model)) == model


# ---------------------------------------------------------------- the command line
def test_command_line_refuses_a_text_that_cannot_be_kept(run: Run) -> None:
    Path("m.bounds").write_text('model m "a\u202eb"\n', encoding="utf-8")
    assert_refused(
        run("check", "m.bounds"),
        "m.bounds:1:11: a text in quotes holds a mark that turns the direction of text (U+202E)\n"
        '  model m "a?b"\n'
        "            ^\n"
        f"  {ONE_LINE}",
    )


@pytest.mark.parametrize("name", [BROKEN, "vim: set x:", "</script>", "`x' $x */", "=1", "\\%$^"])
def test_names_of_files(name: str, run: Run) -> None:
    model, data = f"{name}.bounds".replace("/", "_"), f"{name}.csv".replace("/", "_")
    with open(os.fsencode(model), "w") as file:
        file.write(PLAIN.replace("Y, X=1", "Y, X"))
    with open(os.fsencode(data), "w") as file:
        file.write("X,Y\n" + "0,0\n0,1\n1,0\n1,1\n" * 5)
    for target in TARGETS:
        found = run("generate", model, "--target", target, "-o", "made")
        assert (found.status, found.err) == (0, "")
    text = Path("made/plain.py").read_text(encoding="utf-8")
    assert characters.first_unplain(text.replace("\n", "")) is None
    compile(text, "plain.py", "exec")
    for form in ("text", "csv", "latex", "json"):
        found = run("evaluate", model, data, "--format", form)
        assert (found.status, found.err) == (0, "")
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", found.out)
    assert run("evaluate", model, data, "--plot", "p.svg").status == 0
    assert "<script" not in Path("p.svg").read_text(encoding="utf-8")


def test_names_of_columns(run: Run) -> None:
    """In LaTeX they are words, and in CSV no formulas; a dollar is no mathematics in a picture."""
    Path("m.bounds").write_text(PLAIN.replace("Y, X=1", "Y, X"), encoding="utf-8")
    name = r"=cmd|x_1&%$\frac$^~\{}"
    rows = [f"{i % 2},{i // 2 % 2},{i // 4 % 2}" for i in range(160)]
    Path("d.csv").write_text("\n".join([f'X,Y,"{name}"', *rows]) + "\n", encoding="utf-8")
    words = ("estimate", "m.bounds", "d.csv", "--within", name, "--draws", "200")
    table = run(*words, "--format", "latex").out
    [cell] = re.findall(r"\\quad within (.*?) & ", table)
    assert read_tex(cell) == name
    [row] = [row for row in csv.DictReader(io.StringIO(run(*words, "--format", "csv").out)) if row["within"]]
    assert row["within"] == f"'{name}"
    assert run(*words, "--plot", "p.png").status == 0


def test_latex_of_a_model_is_the_same_whatever_its_title_is() -> None:
    plain = derive(Model.parse(PLAIN))
    first, *rest = plain.latex().split("\n")
    assert first == "% plain: plain"
    for title in (*HOSTILE, BROKEN):
        model = replace(plain.model)
        object.__setattr__(model, "title", title)  # also one that no model may have
        said, *lines = replace(plain, problem=replace(plain.problem, model=model)).latex().split("\n")
        assert lines == rest
        assert said.startswith("% plain: ")
        assert not re.search(r"\bvim?:|-\*-|[\r\x0b\x85\u2028]", said)


def test_latex_names_of_a_model(run: Run) -> None:
    """Names with underscores stand in mathematics, in words and in comments that can be moved into the text."""
    text = """model m
variable Z_ in {0, 1} randomized
variable X__y(Z_) in {__, low_1}
observe P(X__y | Z_)
parameter _ in [0, 1]
define _d_ = P(X__y=__ | Z_=0)
assume P(X__y(1)=__, X__y(0)=low_1) <= _
estimand __proto__ = P(X__y(1)=__, X__y(0)=low_1)
"""
    Path("m.bounds").write_text(text, encoding="utf-8")
    Path("d.csv").write_text("Z_,X__y\n" + "0,__\n1,__\n0,low_1\n1,low_1\n" * 5, encoding="utf-8")
    for words in (("derive", "m.bounds"), ("evaluate", "m.bounds", "d.csv", "--at", "_=0.5")):
        found = run(*words, "--format", "latex")
        assert found.status == 0
        assert r"\mathrm{\_\_proto\_\_}" in found.out
        body = "\n".join(line for line in found.out.split("\n") if words[0] == "derive" or not line.startswith("%"))
        assert not re.search(r"(?<!\\)_(?!\{)", body)
        assert body.count("{") - body.count(r"\{") == body.count("}") - body.count(r"\}")


def test_columns_of_companions(run: Run) -> None:
    rows = [f"{i % 2},{(i * 7 // 3 + i % 2) % 5},{(i * 3 + i // 2) % 7 + i % 2}" for i in range(80)]
    names = ["A", "$M_1$\\frac x^2~{}", "=Y|%#&"]
    Path("d.csv").write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")
    words = ("mediate", "ignorability", "d.csv", "--map", f"A=A,M={names[1]},Y={names[2]}")
    for form in ("text", "csv", "latex", "json"):
        found = run(*words, "--format", form)
        assert (found.status, found.err) == (0, "")
        if form == "latex":
            for line in found.out.split("\n"):
                assert re.fullmatch(r"\\(top|mid|bottom)rule|\\(begin|end)\{tabular\}.*|.* \\\\|", line)
        if form == "csv":
            cells = [cell for row in csv.reader(io.StringIO(found.out)) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert run(*words, "--plot", "p.svg").status == 0
