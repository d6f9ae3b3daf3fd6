"""Texts in JavaScript, also where a module is pasted into a page."""

from __future__ import annotations

import json
import re

from boundgen.rendering.characters import plain_line


def comment(text: str) -> str:
    """Text behind ``//`` and a blank; it ends no script element of a page.

    >>> comment("</script>")
    '< /script>'
    """
    return re.sub(r"<(?=[/!])", "< ", plain_line(text))


def quoted(text: str) -> str:
    r"""A string literal: ASCII, so that line separators and halves of surrogate pairs are escapes.

    >>> quoted("p <= q"), quoted("</script>")
    ('"p <= q"', '"\\u003c/script>"')
    """
    return re.sub(r"<(?=[/!])", r"\\u003c", json.dumps(text))


def key(name: str) -> str:
    """A key of an object literal: ``"__proto__": x`` would set the prototype, a computed key is one like the others.

    >>> key("ate"), key("__proto__")
    ('"ate"', '["__proto__"]')
    """
    return f"[{quoted(name)}]" if name == "__proto__" else quoted(name)
