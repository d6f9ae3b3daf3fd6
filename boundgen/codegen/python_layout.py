"""Python literals and definitions as `ruff format` lays them out."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.codegen.layout import WIDTH

Nested = str | Sequence["Nested"]


def literal(before: str, items: Sequence[Nested], brackets: str, indent: str = "", after: str = "") -> list[str]:
    """A tuple, list or dict behind some text: on one line, or with an item a line.

    >>> literal("CELLS = ", ['"a"'], "()")
    ['CELLS = ("a",)']
    """
    line = f"{indent}{before}{_flat(items, brackets)}{after}"
    if len(line) <= WIDTH or not items:
        return [line]
    deeper = f"{indent}    "
    inner = [
        line
        for item in items
        for line in ([f"{deeper}{item},"] if isinstance(item, str) else literal("", item, "()", deeper, ","))
    ]
    return [f"{indent}{before}{brackets[0]}", *inner, f"{indent}{brackets[1]}{after}"]


def _flat(items: Sequence[Nested], brackets: str) -> str:
    inside = ", ".join(item if isinstance(item, str) else _flat(item, "()") for item in items)
    return f"{brackets[0]}{inside}{',' if brackets == '()' and len(items) == 1 else ''}{brackets[1]}"


def definition(name: str, arguments: Sequence[str]) -> list[str]:
    """The head of a function: on one line, with its arguments on one line, or an argument a line."""
    inside = ", ".join(arguments)
    line = f"def {name}({inside}):"
    if len(line) <= WIDTH:
        return [line]
    inner = [f"    {inside}"] if len(inside) + 4 <= WIDTH else [f"    {argument}," for argument in arguments]
    return [f"def {name}(", *inner, "):"]


def call(function: str, arguments: Sequence[Sequence[str]], indent: str) -> list[str]:
    """A call whose arguments are sums: on one line, with its arguments on one line, or an argument a line.

    >>> call("yield f", [["a", "- b"], ["c"]], "    ")
    ['    yield f(a - b, c)']
    """
    texts = [" ".join(argument) for argument in arguments]
    line = f"{indent}{function}({', '.join(texts)})"
    if len(line) <= WIDTH:
        return [line]
    deeper = f"{indent}    "
    inner = [f"{deeper}{', '.join(texts)}"]
    if len(inner[0]) > WIDTH:
        comma = "," if len(texts) > 1 else ""
        inner = [line for argument in arguments for line in _argument(argument, deeper, comma)]
    return [f"{indent}{function}(", *inner, f"{indent})"]


def _argument(argument: Sequence[str], indent: str, comma: str) -> list[str]:
    """On one line, or with an operand a line."""
    line = f"{indent}{' '.join(argument)}{comma}"
    if len(line) <= WIDTH and comma:
        return [line]
    return [*(f"{indent}{part}" for part in argument[:-1]), f"{indent}{argument[-1]}{comma}"]
