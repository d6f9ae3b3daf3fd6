"""What the page is told of the text of a model, and how drawing changes it: pure functions of the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from boundgen import catalogue
from boundgen.catalogue.listing import data_listing, model_listing
from boundgen.editing import analysis
from boundgen.errors import BoundgenError
from boundgen.graphs.from_model import model_graph
from boundgen.language.model import Model
from boundgen.language.parser import parse_model
from boundgen.language.printer import print_assumption, print_estimand
from boundgen.language.values import value_text
from boundgen.language.words import estimand_words
from boundgen.page.edits import edited
from boundgen.page.statements import name_of, observation_of, sharing, statements, variable_of
from boundgen.work.limits import ignore

# Of a column, to choose from.
MOST_VALUES = 20


def read(text: str) -> dict[str, Any]:
    """Errors at their places, the graph as far as it is written, and where nothing is wrong, the model.

    Parameters
    ----------
    text : str
        Perhaps half written.

    Returns
    -------
    dict
    """
    errors = analysis.diagnostics(text)
    return {
        "errors": [
            {"line": each.span.line, "start": each.span.start, "end": each.span.end, "message": each.message}
            for each in errors
        ],
        "statements": [
            {"kind": each.kind, "name": each.name, "line": each.line, "lines": each.lines, "code": each.code}
            for each in statements(text)
        ],
        "graph": _graph(text),
        "model": None if errors else _model(parse_model(text)),
    }


def _graph(text: str) -> dict[str, Any]:
    """What is drawn: of statements that are whole, whether or not the rest is."""
    found = statements(text)
    observations = [each for each in map(observation_of, found) if each is not None]
    selected = {name_of(item) for each in observations for item in (*each.outcomes, *each.given) if "=" in item}
    causes = [sharing(each) for each in found if each.kind == "confounded"]
    return {
        "variables": [
            {
                "name": each.name,
                "parents": list(each.parents),
                "domain": each.domain,
                "randomized": each.randomized,
                "observed": any(each.name in observation.names for observation in observations),
                "selected": each.name in selected,
            }
            for each in map(variable_of, found)
            if each is not None
        ],
        "causes": causes if causes or any(each.kind == "unconfounded" for each in found) else None,
        "observations": [
            {"outcomes": each.outcomes, "given": each.given, "interventions": each.interventions, "text": str(each)}
            for each in observations
        ],
    }


def _model(model: Model) -> dict[str, Any]:
    """What follows only from a text that can be read."""
    marks = _marks(model)
    return {
        "name": model.name,
        "title": model.title,
        "sources": list(model.sources),
        "variables": [
            {
                "name": each.name,
                "parents": list(each.parents),
                "values": [value_text(value) for value in each.domain],
                "bounded": each.bounded,
                "numeric": all(not isinstance(value, str) for value in each.domain),
                "randomized": each.randomized,
                "marks": marks.get(each.name, []),
            }
            for each in model.variables
        ],
        "parameters": [
            {
                "name": each.name,
                "low": None if each.low is None else str(each.low),
                "high": None if each.high is None else str(each.high),
            }
            for each in model.parameters
        ],
        "assumptions": [
            {"name": each.name, "text": print_assumption(each, model.by_name).removeprefix("assume ")}
            for each in model.assumptions
        ],
        "estimands": [
            {"name": each.name, "text": print_estimand(each, model.by_name), "words": estimand_words(each, model)}
            for each in model.estimands
        ],
        "claims": len(model.claims),
    }


def _marks(model: Model) -> dict[str, list[str]]:
    """What each variable is in the graph; nothing where that is too large for a graph."""
    try:
        return {node.name: sorted(node.marks) for node in model_graph(model).nodes} if model.variables else {}
    except BoundgenError:
        return {}


def complete(text: str, line: int, column: int) -> list[dict[str, str]]:
    """Words that may stand at a place."""
    return [asdict(each) for each in analysis.completions(text, line, column)]


def edit(text: str, edit: Mapping[str, Any]) -> dict[str, Any]:
    """The text after a change by drawing or picking, or why it cannot be changed so."""
    try:
        after = edited(text, edit)
    except BoundgenError as error:
        return {"error": f"{error.message}. {error.remedy}".strip()}
    # A sentence that makes no sense in this model is not written down.
    if edit.get("do") == "add_statements" and not analysis.diagnostics(text) and (wrong := analysis.diagnostics(after)):
        return {"error": ". ".join(wrong[0].message.splitlines())}
    return {"text": after}


def lay_out(text: str) -> dict[str, Any]:
    """The text in the one layout, where it can be read and is not so already."""
    return {"text": analysis.formatted(text)}


def shipped(name: str) -> dict[str, Any]:
    """The text of a model of the catalogue."""
    return {"text": catalogue.text(name)}


def shelves() -> dict[str, Any]:
    """The models and data that come with boundgen."""
    models = [{**row, "sources": catalogue.sources(row["name"])} for row in model_listing().rows()]
    return {"models": models, "data": data_listing().rows()}


def columns(place: str) -> dict[str, Any]:
    """The columns of a file of data, with a few of their values."""
    from boundgen.data.open_table import open_table
    from boundgen.inspection.seen_columns import seen_columns

    try:
        seen = seen_columns(open_table(place), ignore)
    except BoundgenError as error:
        return {"error": f"{error.message}. {error.remedy}".strip()}
    return {
        "columns": [
            {"name": each.name, "text": each.text(), "values": list(each.values[:MOST_VALUES]), "missing": each.missing}
            for each in seen
        ]
    }


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "columns": columns,
    "complete": complete,
    "edit": edit,
    "lay_out": lay_out,
    "read": read,
    "shelves": shelves,
    "shipped": shipped,
}
