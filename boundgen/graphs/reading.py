"""A file, a text or an object to a graph: which format it is, is seen from its first signs."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import Any

from boundgen.errors import FileError, GraphError, Source, named
from boundgen.graphs.arrow_text import read_arrow_text
from boundgen.graphs.drawing import Drawing, graph_of
from boundgen.graphs.graph import CausalGraph
from boundgen.graphs.graph_object import read_graph_object
from boundgen.graphs.graphml import read_graphml
from boundgen.graphs.json_text import drawn_json, read_json
from boundgen.work.files import beginning

LARGEST = 2_000_000
READ = "It reads dagitty, DOT, statements such as X -> M -> Y; X <-> Y, GraphML, and JSON of networkx or Causal Fusion."
ARROW = re.compile(r"->|<-|--|→|←|↔")
HEAD = re.compile(r"\s*(strict\s+)?(di|sub)?(graph|dag|pdag|mag|pag)\b[^{]*\{", re.IGNORECASE)
# A text as it stands in R or Python: in quotation marks, given to a function, and that to a name.
QUOTED = re.compile(
    r"""\s*([\w.]+\s*(<-|=)\s*)?      # model <-
    ([\w.:]+\(\s*)?                  # dagitty(
    (?P<mark>"{3}|'{3}|["'])(?P<text>.*)(?P=mark)
    \s*\)?\s*""",
    re.VERBOSE | re.DOTALL,
)
MERMAID = re.compile(r"(flowchart|graph)\s+(TB|TD|BT|RL|LR)\b")
OLD_DAGITTY = re.compile(r"\S+[ \t]+[1EOUA][ \t]*@-?[0-9.]+,-?[0-9.]+")
TEXT = re.compile(r"->|<-|[{<\n→←↔]")


def read_graph(source: Any) -> CausalGraph:
    """The graph of a file, of a text, or of an object of networkx or y0.

    Parameters
    ----------
    source : path, str or graph
        A text is told from the name of a file by its arrows, brackets and lines.

    Returns
    -------
    CausalGraph

    Raises
    ------
    FileError
        For files that cannot be read.
    GraphError
        For what is no graph.
    """
    if isinstance(source, CausalGraph):
        return source
    if is_text(source):
        return graph_of(_drawn(Source("<text>", source)))
    if isinstance(source, str | os.PathLike):
        return graph_file(os.fspath(source))
    return graph_of(drawn_json(source) if isinstance(source, dict) else read_graph_object(source))


def is_text(source: object) -> bool:
    """Whether a source is the text of a graph, and no name of a file."""
    return isinstance(source, str) and TEXT.search(source) is not None and not os.path.lexists(source)


def graph_file(name: str) -> CausalGraph:
    """The graph of a file.

    Parameters
    ----------
    name : str

    Returns
    -------
    CausalGraph

    Raises
    ------
    FileError, GraphError
    """
    if not os.path.lexists(name):
        raise FileError(f"{named(name)}: there is no such file", remedy="Name a file that holds a graph.")
    content = beginning(name, LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError(f"{named(name)}: larger than {LARGEST} bytes, so not a causal graph", remedy=READ)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise FileError(f"{named(name)}: not UTF-8 text, so not a graph", remedy=READ)
    try:
        return graph_of(_drawn(Source(named(name), text.replace("\r\n", "\n"))))
    except GraphError as error:
        if error.where is not None or error.message.startswith(named(name)):
            raise
        raise GraphError(f"{named(name)}: {error.message}", remedy=error.remedy) from None


def _drawn(source: Source) -> Drawing:
    quoted = QUOTED.fullmatch(source.text)
    if quoted and ARROW.search(quoted["text"]) and quoted["mark"] not in quoted["text"]:
        # The blanks keep its places.
        before = re.sub(r"[^\n]", " ", source.text[: quoted.start("text")])
        source = replace(source, text=before + quoted["text"])
    text = source.text.lstrip()
    if text.startswith("<"):
        return read_graphml(source)
    if re.match(r'\{\s*("[^"]*"\s*:|\})', text) or text.startswith("[") or text in ("null", "true", "false"):
        return read_json(source)
    if re.match(r"(Creator[^\n]*\s+)?graph\s*\[", text):
        raise GraphError(f"{source.file}: this is GML, which is not read", remedy=READ)
    if MERMAID.match(text):
        raise GraphError(f"{source.file}: this is Mermaid, which is not read", remedy=READ)
    if OLD_DAGITTY.match(text):
        raise GraphError(
            f"{source.file}: this is how dagitty wrote graphs before its version 2",
            remedy="Paste it into the model code at dagitty.net, which writes it anew: dag { ... }.",
        )
    if not text or not (HEAD.match(text) or ARROW.search(text)):
        raise GraphError(f"{source.file}: this holds no graph", remedy=READ)
    return read_arrow_text(source)
