"""Texts in Markdown, as CommonMark, GitHub and MyST read it."""

from __future__ import annotations

import re

from boundgen.rendering.characters import plain_line


def prose(words: str) -> str:
    r"""Words inside a paragraph, a link's text or a table's cell: they mean nothing to Markdown.

    >>> prose("a | [b](c) <i>&lt;"), prose("Balke & Pearl")
    ('a \\| \\[b\\](c) \\<i\\>\\&lt;', 'Balke & Pearl')
    """
    escaped = re.sub(r"([\\`*_\[\]<>|~$])|&(?=#?\w+;)", r"\\\g<0>", re.sub(r"^ +", " ", plain_line(words)))
    # What begins a heading or a list where it begins a line.
    return re.sub(r"^( ?\d*)(?=[#+=.)-])", r"\1\\", escaped)


def span(code: str) -> str:
    """Code inside a line, between more backticks than it holds in a row.

    >>> span("p10"), span("a`b")
    ('`p10`', '``a`b``')
    """
    line = plain_line(code)
    marks = "`" * (_longest_run(line) + 1)
    blank = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{marks}{blank}{line}{blank}{marks}"


def block(kind: str, code: str) -> str:
    """Lines of code, between fences longer than any in them."""
    fence = "`" * max(3, _longest_run(code) + 1)
    return f"{fence}{kind}\n{code}\n{fence}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
