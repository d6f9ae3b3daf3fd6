"""The extension for Visual Studio Code: its grammar colours models as Pygments does; its files fit together."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String

from boundgen.editing.pygments_lexer import BoundsLexer
from boundgen.language.tree import STATEMENTS
from boundgen.language.values import KEYWORDS
from support.paths import ROOT

FOLDER = ROOT / "editors" / "vscode"
PACKAGE = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
GRAMMAR = json.loads((FOLDER / PACKAGE["contributes"]["grammars"][0]["path"]).read_text(encoding="utf-8"))
# What is used of Oniguruma's expressions means the same in Python.
PATTERNS = [(each["name"], re.compile(each["match"], re.ASCII)) for each in GRAMMAR["patterns"]]
MODELS = sorted((ROOT / "boundgen" / "catalogue").rglob("*.bounds"))
KINDS = {
    "comment.line.number-sign.bounds": Comment.Single,
    "string.quoted.double.bounds": String,
    "support.function.bounds": Name.Builtin,
    "keyword.control.bounds": Keyword,
    "keyword.other.bounds": Keyword,
    "constant.numeric.bounds": Number,
    "variable.other.bounds": Name,
    "keyword.operator.bounds": Operator,
    "punctuation.bounds": Punctuation,
}


def scopes(line: str) -> Iterator[tuple[str, str]]:
    """The scopes of a line as TextMate finds them: the first match, and of several there the first pattern's."""
    at = 0
    while at < len(line):
        matches = [(match.start(), i, match) for i, (_, p) in enumerate(PATTERNS) if (match := p.search(line, at))]
        if not matches:
            return
        _, i, match = min(matches, key=lambda each: each[:2])
        yield PATTERNS[i][0], match[0]
        at = match.end()


def test_every_pattern_has_a_kind() -> None:
    assert [name for name, _ in PATTERNS] == list(KINDS)


def test_every_reserved_word_is_coloured_as_what_it_is() -> None:
    for word in KEYWORDS:
        [(name, text), *_] = scopes(f"{word}(1)")
        assert text == word
        assert name == (
            "support.function.bounds"
            if word in {"P", "E", "max", "min", "do"}
            else "keyword.control.bounds"
            if word in STATEMENTS
            else "keyword.other.bounds"
        )
        assert list(scopes(f"{word}_of")) == [("variable.other.bounds", f"{word}_of")]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_have_the_colours_that_pygments_gives(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        expected = [(kind, text) for kind, text in BoundsLexer().get_tokens(line) if text.strip()]
        assert [(KINDS[name], text) for name, text in scopes(line)] == expected


def test_the_files_that_the_extension_names_are_there() -> None:
    contributes = PACKAGE["contributes"]
    [language], [grammar] = contributes["languages"], contributes["grammars"]
    for file in (PACKAGE["main"], language["configuration"], grammar["path"], *PACKAGE["files"]):
        assert (FOLDER / file).exists(), file
    json.loads((FOLDER / language["configuration"]).read_text(encoding="utf-8"))
    assert language["id"] == grammar["language"]
    assert grammar["scopeName"] == GRAMMAR["scopeName"]


RUN = """
const Module = require("module");
const started = [];
class LanguageClient {
  constructor(...given) { started.push(given); }
  start() { started.push("start"); }
  stop() { started.push("stop"); }
}
const command = require("./package.json").contributes.configuration.properties["boundgen.command"].default;
const settings = { get: (name) => ({ command })[name] };
const load = Module._load;
Module._load = (name, ...rest) =>
  name === "vscode" ? { workspace: { getConfiguration: () => settings } }
  : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest);
const extension = require("./extension.js");
extension.activate();
extension.deactivate();
console.log(JSON.stringify(started));
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_extension_starts_and_ends_the_server() -> None:
    done = subprocess.run(["node", "-e", RUN], cwd=FOLDER, capture_output=True, text=True, check=True)
    [made, *after] = json.loads(done.stdout)
    assert made[2:] == [{"command": "boundgen", "args": ["lsp"]}, {"documentSelector": [{"language": "bounds"}]}]
    assert after == ["start", "stop"]
