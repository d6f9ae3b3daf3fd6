"""The parser of the language, from tables that are kept beside the grammar: to make them is half of a small model.

``python -m boundgen.language.tables`` makes them again after a change of the grammar. Tables of another grammar, or by
another version of lark, are not used: the parser is then made from the grammar.
"""

from __future__ import annotations

import io
import json
import pickle
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import lark
from lark import Lark

OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "basic",
    "start": ["start", "lone_formula", "lone_assumption"],
    "propagate_positions": True,
    "maybe_placeholders": True,
}
KEPT = "tables.json"


@cache
def parser() -> Lark:
    """The parser, from its tables where they are of this grammar."""
    grammar = _read("grammar.lark")
    kept = json.loads(_read(KEPT))
    if kept["of"] != _made_of(grammar):
        return made_parser(grammar)
    found: Lark = Lark.load(_with_numbers(kept["tables"]))
    return found


def made_parser(grammar: str) -> Lark:
    """The parser, made from the grammar."""
    return Lark(grammar, **OPTIONS)


def tables_text(grammar: str) -> str:
    """What is kept: the tables, and what they were made of."""
    file = io.BytesIO()
    made_parser(grammar).save(file)
    # Lark writes them by pickle alone; a text can be read by people, and runs nothing.
    return json.dumps({"of": _made_of(grammar), "tables": pickle.loads(file.getvalue())}, separators=(",", ":")) + "\n"


def _made_of(grammar: str) -> list[str]:
    return [lark.__version__, sha256(f"{OPTIONS}\n{grammar}".encode()).hexdigest()]


def _with_numbers(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with numbers for keys where lark has them and JSON cannot."""
    data = tables["data"]
    automaton = data["parser"]["parser"]
    states = {int(state): _numbered(actions) for state, actions in automaton["states"].items()}
    automaton = {**automaton, "tokens": _numbered(automaton["tokens"]), "states": states}
    data = {**data, "parser": {**data["parser"], "parser": automaton}}
    return {"data": data, "memo": _numbered(tables["memo"])}


def _numbered(table: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in table.items()}


def _read(name: str) -> str:
    return resources.files("boundgen.language").joinpath(name).read_text(encoding="utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(KEPT).write_text(tables_text(_read("grammar.lark")), encoding="utf-8")
