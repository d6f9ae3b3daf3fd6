"""The language server: `analysis` by the Language Server Protocol, over standard input and output.

pygls calls the functions of `FEATURES` with the server, as whose name it knows ``ls``, and the parameters of a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundgen.editing import analysis
from boundgen.editing.analysis import TextSpan
from boundgen.version import VERSION
from boundgen.work.libraries import library

if TYPE_CHECKING:
    from lsprotocol import types
    from pygls.lsp.server import LanguageServer
    from pygls.workspace import TextDocument

EXTRA, NEED = "lsp", "the language server needs"
# The protocol's names for what is completed.
KINDS = {
    "statement": "Keyword",
    "variable": "Variable",
    "parameter": "Constant",
    "definition": "Value",
    "estimand": "Field",
    "assumption": "Property",
    "function": "Function",
}


def serve() -> None:
    """Answer an editor on standard input and output until it ends the connection."""
    language_server().start_io()


def language_server() -> LanguageServer:
    """A server with all features; nothing is read yet."""
    server_class = library("pygls.lsp.server", EXTRA, NEED).LanguageServer
    # Whole texts: models are small, and pygls breaks lines at more characters than editors do.
    server: LanguageServer = server_class(
        "boundgen", VERSION, text_document_sync_kind=_types().TextDocumentSyncKind.Full
    )
    for name, answer in FEATURES.items():
        server.feature(name)(answer)
    # A derivation takes seconds, in which the editor goes on.
    server.feature("textDocument/hover")(server.thread()(hover))
    return server


def _types() -> Any:
    return library("lsprotocol.types", EXTRA, NEED)


# ---------------------------------------------------------------- places
def _lines(document: TextDocument) -> list[str]:
    return analysis.lines_of(document.source)


def _place(document: TextDocument, position: types.Position) -> tuple[int, int]:
    """A position of the editor, which counts in its own units, as a line and a column in characters."""
    lines, codec = _lines(document), document.position_codec
    if position.line >= len(lines):
        return position.line, 0
    line = lines[position.line]
    inside = _types().Position(0, min(position.character, codec.client_num_units(line)))
    return position.line, codec.position_from_client_units([line], inside).character


def _range(document: TextDocument, span: TextSpan) -> types.Range:
    lines, codec = _lines(document), document.position_codec
    line = lines[span.line] if span.line < len(lines) else ""
    start, end = (codec.client_num_units(line[:column]) for column in (span.start, span.end))
    Position, Range = _types().Position, _types().Range
    found: types.Range = Range(Position(span.line, start), Position(span.line, end))
    return found


# ---------------------------------------------------------------- what is answered
def told(ls: LanguageServer, params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
    """Say what is wrong in a text that was opened or changed."""
    document = ls.workspace.get_text_document(params.text_document.uri)
    kinds = _types()
    found = [
        kinds.Diagnostic(
            range=_range(document, finding.span),
            message=finding.message,
            severity=kinds.DiagnosticSeverity.Error,
            source="boundgen",
        )
        for finding in analysis.diagnostics(document.source)
    ]
    ls.text_document_publish_diagnostics(
        kinds.PublishDiagnosticsParams(uri=document.uri, diagnostics=found, version=document.version)
    )


def closed(ls: LanguageServer, params: types.DidCloseTextDocumentParams) -> None:
    """Nothing is wrong any more in a text that was closed."""
    ls.text_document_publish_diagnostics(_types().PublishDiagnosticsParams(params.text_document.uri, []))


def completion(ls: LanguageServer, params: types.CompletionParams) -> list[types.CompletionItem]:
    """Words that may stand at a place."""
    document = ls.workspace.get_text_document(params.text_document.uri)
    kinds = _types()
    return [
        kinds.CompletionItem(each.word, kind=kinds.CompletionItemKind[KINDS[each.kind]], detail=each.detail)
        for each in analysis.completions(document.source, *_place(document, params.position))
    ]


def definition(ls: LanguageServer, params: types.DefinitionParams) -> types.Location | None:
    """Where the name at a place is declared."""
    document = ls.workspace.get_text_document(params.text_document.uri)
    declared = analysis.declaration_of(document.source, *_place(document, params.position))
    if declared is None:
        return None
    found: types.Location = _types().Location(document.uri, _range(document, declared.span))
    return found


def hover(ls: LanguageServer, params: types.HoverParams) -> types.Hover | None:
    """The declaration of the name at a place; an estimand's bounds."""
    document = ls.workspace.get_text_document(params.text_document.uri)
    said = analysis.hover(document.source, *_place(document, params.position))
    if said is None:
        return None
    kinds = _types()
    content = kinds.MarkupContent(kinds.MarkupKind.Markdown, f"```bounds\n{said}\n```")
    found: types.Hover = kinds.Hover(content)
    return found


def formatting(ls: LanguageServer, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The whole text in the one layout, where it is a model and not laid out so already."""
    document = ls.workspace.get_text_document(params.text_document.uri)
    new = analysis.formatted(document.source)
    if new is None:
        return None
    kinds, lines = _types(), _lines(document)
    whole = kinds.Range(kinds.Position(0, 0), kinds.Position(len(lines), 0))
    return [kinds.TextEdit(whole, new)]


FEATURES = {
    "textDocument/didOpen": told,
    "textDocument/didChange": told,
    "textDocument/didClose": closed,
    "textDocument/completion": completion,
    "textDocument/definition": definition,
    "textDocument/formatting": formatting,
}
