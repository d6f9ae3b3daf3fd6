"""The lines at the top of every module: what it is, where it comes from, how to make it again."""

from __future__ import annotations

import shlex

from boundgen.codegen.content import ModuleContent
from boundgen.codegen.layout import plain_line

FOLDER = "derived"
MARK = "Made by boundgen "


def header_lines(content: ModuleContent, target: str) -> list[str]:
    """Without comment marks; the model stands last, indented by two blanks."""
    title = f"{content.name}: {content.title}" if content.title else content.name
    return [
        title,
        *(f"Source: {source}" for source in content.sources),
        "",
        f"{MARK}{content.version} from the model below (SHA-256 {content.digest}...). Do not edit; make it again with",
        f"  {regenerate(content, target)}",
        "",
        *(f"  {line}".rstrip() for line in content.text.rstrip("\n").split("\n")),
    ]


def regenerate(content: ModuleContent, target: str) -> str:
    """The command that makes the module again."""
    option = "" if target == "python" else f" --target {target}"
    return f"boundgen generate {shlex.quote(plain_line(content.made_from))}{option} -o {FOLDER}"
