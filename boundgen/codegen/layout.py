"""Filling a template, and laying lines out within the width."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources

from boundgen.rendering.characters import plain_line

WIDTH = 120


def template(name: str) -> str:
    """The text of a template."""
    return (resources.files("boundgen.codegen") / "templates" / name).read_text(encoding="utf-8")


def filled(name: str, slots: Mapping[str, str]) -> str:
    """The text of a template with its ``{{slots}}`` filled; a line whose only slot is empty goes away."""
    text = template(name)
    for slot in re.findall(r"^\{\{(\w+)\}\}\n", text, re.MULTILINE):
        if not slots[slot]:
            text = text.replace(f"{{{{{slot}}}}}\n", "")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: slots[match[1]], text)


def comment(lines: Iterable[str], mark: str, harmless: Callable[[str], str]) -> str:
    """Lines behind a comment mark, each made harmless as the language needs it."""
    return "\n".join(f"{mark} {harmless(line)}".rstrip() for line in lines)


def wrapped(text: str, indent: str = "", hanging: str | None = None, width: int = WIDTH) -> list[str]:
    """A paragraph as lines that fit, broken at blanks alone."""
    later = indent if hanging is None else hanging
    return textwrap.wrap(
        plain_line(text),
        width,
        initial_indent=indent,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def sum_lines(before: str, parts: Sequence[str], indent: str, width: int = WIDTH) -> list[str]:
    """``before`` and a sum: in a line, or in brackets in a line, or in brackets a summand a line.

    >>> sum_lines("yield", ["a", "- b"], "    ")
    ['    yield a - b']
    """
    line = f"{indent}{before} {' '.join(parts)}"
    if len(line) <= width:
        return [line]
    inner = f"{indent}    {' '.join(parts)}"
    body = [inner] if len(inner) <= width else [f"{indent}    {part}" for part in parts]
    return [f"{indent}{before} (", *body, f"{indent})"]


def with_comment(lines: list[str], text: str, mark: str, indent: str, width: int = WIDTH) -> list[str]:
    """A comment behind the line where it fits, and else above."""
    short = f"{lines[0]}  {mark} {text}"
    if len(lines) == 1 and len(short) <= width:
        return [short]
    return [*wrapped(text, f"{indent}{mark} ", f"{indent}{mark}   ", width), *lines]
