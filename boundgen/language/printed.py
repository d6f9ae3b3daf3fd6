"""What is printed may be written in claims: ``p01·0``, ``p01.0``, ``γ``, ``−``, ``max{...}``.

The symbols of a model are exchanged for as many characters of private use, so that every place in the text stays
what it is; the grammar reads them, and each means what the model's output gives it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from boundgen.errors import LimitError, ModelError

if TYPE_CHECKING:
    from boundgen.language.model import Model

# Characters of private use: the first of a symbol says which it is, the others fill it up.
FIRST, FILL = 0xF0000, "\ue000"
AT_MOST, AT_LEAST = "\ue001", "\ue002"
MOST_SYMBOLS = 60_000
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
CLAIM = re.compile(r"^claim\b[^\n]*(?:\n(?:[ \t#][^\n]*|[ \t]*(?=\n)))*", re.MULTILINE)
# Texts in quotes and comments are left alone.
PARTS = re.compile(r'"[^"\n]*"|#[^\n]*|[^"#]+|["#]')
SIGNS = str.maketrans({"−": "-", "≤": AT_MOST, "≥": AT_LEAST})


@dataclass(frozen=True)
class PrintedSymbols:
    """The symbols of a model.

    Parameters
    ----------
    meanings : mapping of symbol to its meanings, as formulas of the language
        More than one where the output does not tell them apart.
    """

    meanings: Mapping[str, tuple[str, ...]]

    @cached_property
    def _symbols(self) -> tuple[str, ...]:
        return tuple(self.meanings)

    @cached_property
    def _place(self) -> Mapping[str, str]:
        """The character that says which symbol it is."""
        return {symbol: chr(FIRST + i) for i, symbol in enumerate(self._symbols)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest = sorted(self.meanings, key=len, reverse=True)
        either = "|".join(map(re.escape, longest))
        # Behind a coefficient a symbol stands without a blank: 2p01·0.
        return re.compile(rf"(?<![\w.·])(\d*)({either})(?![\w·]|\.[\w-])")

    def exchanged(self, text: str) -> str:
        """A claim, or a term of one, with its symbols exchanged; of the same length."""
        if PRIVATE.search(text) or not 0 < len(self.meanings) < MOST_SYMBOLS:
            return text
        if any('"' in symbol for symbol in self._symbols):
            # Labels in quotation marks are parts of symbols: these come before what else stands in quotation marks.
            text = self._pattern.sub(lambda m: self._exchange(m) if '"' in m[2] else m[0], text)
        return "".join(part if part[0] in '"#' else self._part(part) for part in PARTS.findall(text))

    def _exchange(self, match: re.Match[str]) -> str:
        return match[1] + self._place[match[2]] + FILL * (len(match[2]) - 1)

    def _part(self, text: str) -> str:
        text = self._pattern.sub(self._exchange, text)
        braced = re.sub(r"\b(max|min)(\s*)\{", r"\1\2(", text)
        return (braced.replace("}", ")") if braced != text else text).translate(SIGNS)

    def meaning(self, token: str) -> str:
        """The formula that an exchanged symbol stands for.

        Raises
        ------
        ModelError
            Where it could be several.
        """
        symbol = self._symbols[ord(token[0]) - FIRST]
        several = self.meanings[symbol]
        if len(several) > 1:
            raise ModelError(
                f"'{symbol}' is printed for {' and for '.join(several)}", remedy="Write out the one that is meant."
            )
        return several[0]


NOTHING = PrintedSymbols({})


def printed_symbols(model: Model) -> PrintedSymbols:
    """What the output of a model calls its cells, parameters and definitions, with unicode and without."""
    from boundgen.bounds.factoring import printed_cells
    from boundgen.bounds.symbols import pretty
    from boundgen.work.limits import Limits

    try:
        cells = printed_cells(model, Limits())
    except (ModelError, LimitError):
        return NOTHING
    pairs = [(symbol.text(unicode), name) for name, symbol in cells for unicode in (True, False) if not symbol.law]
    named = [*(each.name for each in model.parameters), *(each.name for each in model.definitions)]
    # A name of the model is read as such wherever it stands.
    pairs = [(text, name) for text, name in pairs if text not in named]
    pairs += [(pretty(name), name) for name in named if pretty(name) != name]
    found: dict[str, dict[str, None]] = {}
    for text, name in pairs:
        found.setdefault(text, {})[name] = None
    return PrintedSymbols({text: tuple(names) for text, names in found.items()})


def without_claims(text: str) -> str:
    """The same text, with blanks in place of its claims."""
    return CLAIM.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def exchanged_claims(text: str, printed: PrintedSymbols) -> str:
    """The same text, with the symbols of its claims exchanged."""
    return CLAIM.sub(lambda m: printed.exchanged(m[0]), text)
