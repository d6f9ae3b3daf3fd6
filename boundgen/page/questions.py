"""What the page may ask, as a command of boundgen and the files that it reads: nothing else of a request is used.

Names of files are the server's own, options are checked one by one; what a user wrote stands behind ``--`` or ``=``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from boundgen.errors import BoundgenError, quoted
from boundgen.graphs.names import WRITTEN
from boundgen.inference.names import METHODS
from boundgen.inspection.names import STAGES

LONGEST_TEXT = 1_000_000
LONGEST_WORD = 2_000
MOST_WORDS = 100
MODEL, OTHER, PAPER = "model.bounds", "other.bounds", "paper.tex"
NAME = re.compile(r"[A-Za-z_]\w{0,199}", re.ASCII)
# Endings of files of data that `evaluate` knows; the name itself is not used.
ENDINGS = ("csv", "tsv", "txt", "xlsx", "dta", "parquet", "rds", "rda", "rdata")
TARGETS = ("python", "r", "stata", "js")


class RequestError(BoundgenError, ValueError):
    """A request that no page of boundgen makes."""


@dataclass(frozen=True)
class PageQuestion:
    """What a child is to do.

    Parameters
    ----------
    verb : str
        Of the command line, or a function of `boundgen.page.texts`.
    arguments : tuple of str
        Of the command line, behind the verb.
    files : mapping of str to bytes
        What stands in its folder.
    given : mapping
        The arguments of a function.
    results : tuple of str
        Files to be handed back, where the command writes them; a folder stands for what is in it.
    seconds : float
        How long it may take.
    """

    verb: str
    arguments: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[str, ...] = ()
    seconds: float = 60

    @property
    def quick(self) -> bool:
        """Whether it is answered while somebody types."""
        return not self.arguments


class Request:
    """The fields of a request, each checked as it is taken."""

    def __init__(self, fields: object) -> None:
        if not isinstance(fields, dict):
            raise RequestError("the request is no object of JSON")
        self.fields: dict[str, Any] = fields

    def text(self, name: str, most: int = LONGEST_TEXT, default: str | None = None) -> str:
        """A text of at most so many characters."""
        value = self.fields.get(name, default)
        if not isinstance(value, str):
            raise RequestError(f"{name} is not a text")
        if len(value) > most:
            raise RequestError(f"{name} has more than {most} characters", remedy="Shorten it.")
        return value

    def word(self, name: str, default: str | None = None) -> str:
        """A short text on one line."""
        value = self.text(name, LONGEST_WORD, default)
        if any(ord(sign) < 32 for sign in value):
            raise RequestError(f"{name} holds control characters")
        return value

    def words(self, name: str) -> list[str]:
        """A list of short texts."""
        value = self.fields.get(name, [])
        if not isinstance(value, list) or len(value) > MOST_WORDS:
            raise RequestError(f"{name} is not a list of at most {MOST_WORDS} texts")
        return [Request({name: each}).word(name) for each in value]

    def names(self, name: str) -> list[str]:
        """A list of names of the model."""
        found = self.words(name)
        for each in found:
            if not NAME.fullmatch(each):
                raise RequestError(f"{name}: {quoted(each)} is no name")
        return found

    def choice(self, name: str, known: tuple[str, ...], default: str | None = None) -> str:
        """One of the words that are known."""
        value = self.fields.get(name, default)
        if value not in known:
            raise RequestError(f"{name} is none of {', '.join(known)}")
        return str(value)

    def number(self, name: str, low: float, high: float, default: float) -> float:
        """A number in a range; one beyond it is its end."""
        value = self.fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise RequestError(f"{name} is not a number")
        return min(max(value, low), high)

    def flag(self, name: str) -> bool:
        """Whether something is wanted."""
        return self.fields.get(name, False) is True

    def parts(self, name: str) -> list[Request]:
        """A list of objects."""
        value = self.fields.get(name, [])
        if not isinstance(value, list) or len(value) > MOST_WORDS:
            raise RequestError(f"{name} is not a list")
        return [Request(each) for each in value]


def question_of(fields: object, most_seconds: float, mebibytes: int | None = None) -> PageQuestion:
    """What a request asks.

    Parameters
    ----------
    fields : object
        Of JSON.
    most_seconds : float
        How long an answer may take, whatever is asked for.
    mebibytes : int or None
        How much memory.

    Returns
    -------
    PageQuestion

    Raises
    ------
    RequestError
        For what no page of boundgen asks.
    """
    request = Request(fields)
    verb = request.choice("question", tuple(KNOWN))
    seconds = request.number("time_limit", 0.1, most_seconds, most_seconds)
    found = KNOWN[verb](request)
    limits = [f"--time-limit={seconds:g}"] if verb in LIMITED else []
    limits += [f"--memory-limit={mebibytes}"] if verb in LIMITED and mebibytes is not None else []
    return PageQuestion(
        found.verb,
        (*found.arguments[:1], *limits, *found.arguments[1:]) if found.arguments else (),
        found.files,
        found.given,
        found.results,
        seconds,
    )


# ---------------------------------------------------------------- commands
def _model(request: Request) -> dict[str, bytes]:
    return {MODEL: request.text("model").encode("utf-8", errors="replace")}


def _command(verb: str, *arguments: str, files: Mapping[str, bytes], results: tuple[str, ...] = ()) -> PageQuestion:
    return PageQuestion(verb, (verb, *arguments), files, results=results)


def _derive(request: Request) -> PageQuestion:
    form = request.choice("format", ("typeset", "json", "latex", "text", "sympy"), "typeset")
    return _command(
        "derive", f"--format={form}", *_conditions(request), "--", MODEL, *request.names("estimands"),
        files=_model(request),
    )  # fmt: skip


def _conditions(request: Request) -> list[str]:
    return ["--no-conditions"] if request.flag("no_conditions") else []


def _check(request: Request) -> PageQuestion:
    return _command("check", "--format=json", "--", MODEL, files=_model(request))


def _show(request: Request) -> PageQuestion:
    stage = request.choice("stage", STAGES)
    form = request.choice("format", ("json", "text"), "json")
    return _command(
        "show", f"--at={stage}", f"--format={form}", "--", MODEL, *request.names("estimands"), files=_model(request)
    )


def _ask(request: Request) -> PageQuestion:
    return _command(
        "ask",
        f"--value={request.word('value', '0')}",
        "--format=json",
        "--",
        MODEL,
        *request.names("estimands"),
        files=_model(request),
    )


def _compare(request: Request) -> PageQuestion:
    files = {OTHER: request.text("other").encode("utf-8", errors="replace"), **_model(request)}
    return _command("compare", "--format=json", "--", OTHER, MODEL, *request.names("estimands"), files=files)


def _verify(request: Request) -> PageQuestion:
    return _command("verify", "--format=json", "--", MODEL, files=_model(request))


def _claims(request: Request) -> PageQuestion:
    """The bounds of a paper's LaTeX, as claims in the language."""
    files = {PAPER: request.text("latex").encode("utf-8", errors="replace"), **_model(request)}
    notations = [f"--notation={each}" for each in request.words("notation")]
    return _command("claims", f"--model={MODEL}", *notations, "--", PAPER, files=files)


def _certify(request: Request) -> PageQuestion:
    return _command("certify", "--", MODEL, *request.names("estimands"), files=_model(request))


def _generate(request: Request) -> PageQuestion:
    target = request.choice("target", TARGETS)
    return _command(
        "generate", f"--target={target}", "-o", "code", "--format=json", "--", MODEL,
        files=_model(request), results=("code",),
    )  # fmt: skip


def _export(request: Request) -> PageQuestion:
    return _command("export", f"--format={request.choice('format', WRITTEN)}", "--", MODEL, files=_model(request))


def _import(request: Request) -> PageQuestion:
    """The starter model of a graph of another program."""
    files = {"graph.txt": request.text("graph").encode("utf-8", errors="replace")}
    return _command("import", "--", "graph.txt", files=files)


def _draw(request: Request) -> PageQuestion:
    kind = request.choice("format", ("svg", "pdf"))
    return _command("draw", "-o", f"graph.{kind}", "--", MODEL, files=_model(request), results=(f"graph.{kind}",))


def _starter(request: Request) -> PageQuestion:
    files, (place,) = _data(request, 1)
    return _command("init", "--", place, files=files)


# ---------------------------------------------------------------- data
def _data(request: Request, most: int = 8) -> tuple[dict[str, bytes], list[str]]:
    """The files of data and how the command line calls them: shipped ones by name, others as ``data1.csv``."""
    files: dict[str, bytes] = {}
    places = []
    sources = request.parts("data")
    if not 0 < len(sources) <= most:
        raise RequestError(f"data are not one file, or up to {most}")
    for number, source in enumerate(sources, 1):
        if "shipped" in source.fields:
            places.append(shipped(source.word("shipped")))
        else:
            ending = source.word("name", "data.csv").rpartition(".")[2].lower()
            name = f"data{number}.{ending if ending in ENDINGS else 'csv'}"
            files[name] = _content(source)
            places.append(name)
    return files, places


def shipped(name: str) -> str:
    """The name of shipped data, where there are such data."""
    from boundgen import catalogue

    if name not in catalogue.data_names():
        raise RequestError(f"there are no shipped data {quoted(name)}")
    return name


def _content(source: Request) -> bytes:
    if "text" in source.fields:
        return source.text("text", 100 * LONGEST_TEXT).encode("utf-8", errors="replace")
    try:
        return base64.b64decode(source.text("base64", 100 * LONGEST_TEXT), validate=True)
    except (binascii.Error, ValueError):
        raise RequestError("the content of the data is not in base64") from None


def _reading(request: Request) -> list[str]:
    """How data are read, in the options of the command line."""
    options = [
        f"--{name}={each}"
        for name in ("map", "where", "dichotomize", "recode", "at", "estimand")
        for each in request.words(name)
    ]
    for name in ("counts", "probabilities", "weights"):
        if value := request.word(name, ""):
            options.append(f"--{name}={value}")
    return [*options, *(["--drop-missing"] if request.flag("drop_missing") else [])]


def _at_data(verb: str, request: Request, *options: str) -> PageQuestion:
    files, places = _data(request)
    if len(places) > 1:
        places = [f"{number}={place}" for number, place in enumerate(places, 1)]
    form = request.choice("format", ("json", "text", "csv", "latex"), "json")
    picture = request.choice("picture", ("", "svg", "pdf"), "")
    drawn = [f"--plot=picture.{picture}"] if picture else []
    return _command(
        verb,
        f"--format={form}",
        *drawn,
        *options,
        *_reading(request),
        "--",
        MODEL,
        *places,
        files=files | _model(request),
        results=(f"picture.{picture}",) if picture else (),
    )


def _evaluate(request: Request) -> PageQuestion:
    shown = ["--show-data"] if request.word("format", "json") == "json" else []
    return _at_data("evaluate", request, *shown, *_conditions(request))


def _estimate(request: Request) -> PageQuestion:
    level = request.number("level", 0.5, 0.999, 0.95)
    draws = int(request.number("draws", 1000, 1_000_000, 100_000))
    method = request.choice("method", METHODS, METHODS[0])
    within = [f"--within={each}" for each in request.words("within")]
    cluster = request.word("cluster", "")
    return _at_data(
        "estimate",
        request,
        f"--level={level}",
        f"--draws={draws}",
        f"--method={method}",
        *within,
        *([f"--cluster={cluster}"] if cluster else []),
    )


# ---------------------------------------------------------------- texts
def _function(name: str, /, **given: Any) -> PageQuestion:
    return PageQuestion(name, given=given)


def _read(request: Request) -> PageQuestion:
    return _function("read", text=request.text("model"))


def _complete(request: Request) -> PageQuestion:
    line, column = (int(request.number(name, 0, 10**6, 0)) for name in ("line", "column"))
    return _function("complete", text=request.text("model"), line=line, column=column)


def _edit(request: Request) -> PageQuestion:
    edit = request.fields.get("edit")
    if not isinstance(edit, dict):
        raise RequestError("edit is no object")
    return _function("edit", text=request.text("model"), edit=edit)


def _format(request: Request) -> PageQuestion:
    return _function("lay_out", text=request.text("model"))


def _shipped_model(request: Request) -> PageQuestion:
    return _function("shipped", name=request.word("name"))


def _columns(request: Request) -> PageQuestion:
    files, (place,) = _data(request, 1)
    return PageQuestion("columns", files=files, given={"place": place})


KNOWN: Mapping[str, Callable[[Request], PageQuestion]] = {
    "ask": _ask,
    "certify": _certify,
    "check": _check,
    "claims": _claims,
    "columns": _columns,
    "compare": _compare,
    "complete": _complete,
    "derive": _derive,
    "draw": _draw,
    "edit": _edit,
    "estimate": _estimate,
    "evaluate": _evaluate,
    "export": _export,
    "format": _format,
    "generate": _generate,
    "import": _import,
    "read": _read,
    "shipped": _shipped_model,
    "show": _show,
    "starter": _starter,
    "verify": _verify,
}
# Verbs that take --time-limit and --memory-limit; the others end with their process.
LIMITED = (
    "ask",
    "certify",
    "check",
    "claims",
    "compare",
    "derive",
    "estimate",
    "evaluate",
    "generate",
    "show",
    "verify",
)
