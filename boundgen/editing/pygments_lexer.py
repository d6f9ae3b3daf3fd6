"""Colours for the model language where Pygments draws text: sites of documentation, LaTeX, terminals.

Pygments finds it by its entry point; nothing else in boundgen imports it.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from boundgen.language.values import KEYWORDS

FUNCTIONS = frozenset({"P", "E", "max", "min", "do"})


class BoundsLexer(RegexLexer):  # type: ignore[misc]
    """The words of a model file; what is not of the language is marked as an error."""

    name = "boundgen model"
    aliases: ClassVar = ["bounds", "boundgen"]
    filenames: ClassVar = ["*.bounds"]
    tokens: ClassVar = {
        "root": [
            (r"\s+", Whitespace),
            (r"#.*", Comment.Single),
            (r'"[^"\n]*"', String),
            (words(sorted(FUNCTIONS), prefix=r"\b", suffix=r"(?=[(\[])"), Name.Builtin),
            (words(sorted(KEYWORDS - FUNCTIONS), prefix=r"\b", suffix=r"\b"), Keyword),
            (r"\d+(\.\d+)?([eE][+-]?\d+)?", Number),
            (r"[A-Za-z_]\w*", Name),
            (r"->|!=|<=|>=|\.\.|[-+*/=<>|≤≥−·]", Operator),
            (r"[(){}\[\],:;]", Punctuation),
            # Symbols as they are printed, which claims may hold.
            (r"[^\x00-\x7f]", Name),
        ]
    }
