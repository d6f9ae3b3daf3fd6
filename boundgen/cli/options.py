"""Options that several verbs have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def output_option(text: str) -> Callable[..., Any]:
    """``-o FILE``; what is no file is refused before the work, and not when its result is to be written."""
    return click.option("-o", "--output", metavar="FILE", callback=_replaceable, help=text)


def _replaceable(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    from boundgen.work.files import check_replaceable

    if value is not None:
        check_replaceable(value)
    return value
