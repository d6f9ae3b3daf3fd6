"""Texts in HTML."""

from __future__ import annotations

import html

from boundgen.rendering.characters import plain_line


def escaped(text: str) -> str:
    """Words between tags, or the value of an attribute between quotes.

    >>> escaped('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return html.escape(plain_line(text), quote=True)
