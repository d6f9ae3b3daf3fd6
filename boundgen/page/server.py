"""The server of the page: files as they are, and questions, each answered by a child."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from boundgen.page.children import BusyError, Children
from boundgen.page.contents import contents
from boundgen.page.guards import HEADERS, LARGEST_BODY, PageGuard
from boundgen.page.questions import PageQuestion, RequestError, question_of
from boundgen.page.texts import read, shelves
from boundgen.version import VERSION
from boundgen.work.libraries import library

EXTRA, NEED = "web", "boundgen serve needs"
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Served:
    """What a server is started with.

    Parameters
    ----------
    main : function
        The command line, which children run.
    guard : PageGuard
    seconds : float
        How long an answer may take at most.
    mebibytes : int or None
        How much memory each child may take.
    start : str or None
        The model that the page shows first.
    """

    main: Callable[[], None]
    guard: PageGuard
    seconds: float = 600
    mebibytes: int | None = None
    start: str | None = None


def application(served: Served) -> Any:
    """The application, for a server of ASGI.

    Parameters
    ----------
    served : Served

    Returns
    -------
    starlette.applications.Starlette

    Raises
    ------
    LibraryError
        If Starlette is not installed.
    """
    routing = library("starlette.routing", EXTRA, NEED)
    children = Children(served.main, served.mebibytes)
    begun: list[asyncio.Task[dict[str, Any]]] = []

    @asynccontextmanager
    async def living(_: Any) -> AsyncIterator[None]:
        # First what the first view shows, while a browser takes its files; then the children.
        begun.append(asyncio.create_task(asyncio.to_thread(_start, served)))
        warming = asyncio.create_task(_warmed(children, begun[0]))
        yield
        warming.cancel()
        children.end()

    async def ask(request: Any) -> Any:
        return await _answer(request, served, children, begun[0])

    async def file(request: Any) -> Any:
        return _file(request, served)

    routes = [
        routing.Route("/ask", ask, methods=["POST"]),
        routing.Route("/{path:path}", file, methods=["GET"]),
    ]
    return library("starlette.applications", EXTRA, NEED).Starlette(routes=routes, lifespan=living)


async def _warmed(children: Children, begun: asyncio.Task[dict[str, Any]]) -> None:
    await asyncio.wait([begun])
    await children.warm()


# ---------------------------------------------------------------- files
def _file(request: Any, served: Served) -> Any:
    """A file of the page; no other can be named."""
    refused = served.guard.refuses(request.headers, asks=False)
    if refused:
        return _said(*refused)
    found = contents(served.start is not None).get(request.path_params["path"])
    if found is None:
        return _said(404, "There is no such file.")
    if request.headers.get("if-none-match") == found.tag:
        return _response(b"", found.kind, 304, {"ETag": found.tag})
    return _response(found.content, found.kind, more={"ETag": found.tag})


def _response(content: bytes, kind: str, status: int = 200, more: Mapping[str, str] = NOTHING) -> Any:
    response = library("starlette.responses", EXTRA, NEED).Response
    return response(content, status, headers={**HEADERS, "Content-Type": kind, **more})


def _said(status: int, sentence: str) -> Any:
    return _response(_line({"status": status, "complaint": sentence}), "application/json", status)


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"


# ---------------------------------------------------------------- questions
async def _answer(request: Any, served: Served, children: Children, begun: asyncio.Task[dict[str, Any]]) -> Any:
    """Lines of JSON: ``{"progress": ...}`` any number of times, then the answer."""
    refused = served.guard.refuses(request.headers, asks=True)
    if refused:
        return _said(*refused)
    try:
        fields = json.loads(await _body(request))
        if isinstance(fields, dict) and fields.get("question") == "start":
            return _response(_line({"status": 0, "answer": await asyncio.shield(begun)}), "application/json")
        question = question_of(fields, served.seconds, served.mebibytes)
    except _TooLargeError:
        return _said(413, f"More than {LARGEST_BODY} bytes are not read. Use the command line for such files.")
    except RequestError as error:
        return _said(422, f"{error.message}. {error.remedy}".strip())
    except (ValueError, RecursionError):
        return _said(400, "The question is not JSON.")
    stream = library("starlette.responses", EXTRA, NEED).StreamingResponse
    return stream(_lines(question, children), headers=HEADERS | {"Content-Type": "application/x-ndjson"})


async def _lines(question: PageQuestion, children: Children) -> AsyncIterator[bytes]:
    """What a child says; it is ended where the browser has gone away."""
    try:
        async for kind, said in children.events(question):
            yield _line(_document(said) if kind == "answer" else {kind: said})
    except BusyError:
        yield _line({"status": 503, "complaint": "The server is busy with other questions. Ask again."})


def _document(said: dict[str, Any]) -> dict[str, Any]:
    """An answer in JSON: what the command line printed as JSON is under ``answer``, files are texts or in base64."""
    found = {key: value for key, value in said.items() if key != "files"}
    text = found.get("text", "")
    if text.startswith("{"):
        found["answer"] = json.loads(text)
        del found["text"]
    if said.get("files"):
        found["files"] = {name: _file_content(content) for name, content in said["files"].items()}
    return found


def _file_content(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode("ascii")}


class _TooLargeError(ValueError):
    """The body of a request is larger than is read."""


async def _body(request: Any) -> bytes:
    """The body; of one that is too large the rest is read and left, so that a browser hears the answer."""
    body = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LARGEST_BODY:
            body += chunk
        elif size > 4 * LARGEST_BODY:
            break
    if size > LARGEST_BODY:
        raise _TooLargeError
    return bytes(body)


def _start(served: Served) -> dict[str, Any]:
    """What a page that opens needs: the model that it was started with, as it is read, and what comes with boundgen."""
    reading = None if served.start is None else read(served.start)
    return {"version": VERSION, "model": served.start, "reading": reading, "seconds": served.seconds, **shelves()}
