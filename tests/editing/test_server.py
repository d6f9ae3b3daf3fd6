"""The language server, driven over standard input and output as an editor drives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from boundgen import catalogue
from support.paths import ROOT

URI = "file:///folder/paper.bounds"


class Editor:
    """The editor's side of the protocol."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "boundgen", "lsp"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.last = 0

    def send(self, **message: Any) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name == b"Content-Length" else length
        assert length, "the server ended"
        found: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return found

    def ask(self, method: str, **params: Any) -> Any:
        self.last += 1
        self.send(id=self.last, method=method, params=params)
        while (answer := self.read()).get("id") != self.last:
            pass
        return answer["result"]

    def open(self, text: str) -> list[dict[str, Any]]:
        document = {"uri": URI, "languageId": "bounds", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": document})
        return self.diagnostics()

    def change(self, text: str) -> list[dict[str, Any]]:
        document = {"uri": URI, "version": 2}
        params = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.send(method="textDocument/didChange", params=params)
        return self.diagnostics()

    def diagnostics(self) -> list[dict[str, Any]]:
        while (told := self.read()).get("method") != "textDocument/publishDiagnostics":
            pass
        found: list[dict[str, Any]] = told["params"]["diagnostics"]
        return found

    def at(self, method: str, line: int, character: int) -> Any:
        return self.ask(method, textDocument={"uri": URI}, position={"line": line, "character": character})


@pytest.fixture
def editor() -> Iterator[Editor]:
    pytest.importorskip("pygls")
    editor = Editor()
    try:
        yield editor
    finally:
        editor.process.kill()
        editor.process.communicate()


def test_a_session(editor: Editor) -> None:
    able = editor.ask("initialize", processId=None, rootUri=None, capabilities={})["capabilities"]
    assert able["hoverProvider"]
    assert able["definitionProvider"]
    assert able["documentFormattingProvider"]
    assert able["completionProvider"] is not None
    editor.send(method="initialized", params={})

    text = catalogue.text("mediation_mmr")
    lines = text.split("\n")
    number = next(i for i, line in enumerate(lines) if line.startswith("estimand delta1"))
    column = lines[number].index("Y(")
    wrong = 'estimand delta1 "\N{GRINNING FACE}" = P(Q=1)'
    [found] = editor.open(text.replace(lines[number], wrong))
    # Editors count in UTF-16, in which that face is two units.
    units = len(wrong[: wrong.index("Q")].encode("utf-16-le")) // 2
    assert units == wrong.index("Q") + 1
    assert found["range"]["start"] == {"line": number, "character": units}
    assert found["message"].startswith("unknown name 'Q'")

    assert editor.change(text) == []
    hover = editor.at("textDocument/hover", number, lines[number].index("delta1"))
    assert "max{−ATM, −p01·1} ≤ δ(1) ≤ min{ATM, p11·1}" in hover["contents"]["value"]
    assert editor.at("textDocument/hover", number, 0) is None

    declared = editor.at("textDocument/definition", number, column)
    where = declared["range"]["start"]
    assert lines[where["line"]].startswith("variable Y")
    assert where["character"] == lines[where["line"]].index("Y")

    editor.change(text + "est")
    [completion] = editor.at("textDocument/completion", len(lines) - 1, 3)
    assert completion["label"] == "estimand"

    editor.change("model  m\nvariable A in {0,1}\n")
    options = {"tabSize": 2, "insertSpaces": True}
    [edit] = editor.ask("textDocument/formatting", textDocument={"uri": URI}, options=options)
    assert edit["newText"] == "model m\nvariable A in {0, 1}\n"

    assert editor.ask("shutdown") is None
    editor.send(method="exit")
    assert editor.process.wait(10) == 0
    assert editor.process.stderr
    assert b"Traceback" not in editor.process.stderr.read()
