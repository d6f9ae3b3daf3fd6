"""Texts of dagitty, DOT and CausalQueries to what they draw.

The three are one language: statements of nodes and of chains of arrows, with attributes in brackets. dagitty's
grammar is that of DOT with more kinds of edges (Textor et al., 2016); CausalQueries writes the statements alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from boundgen.errors import GraphError, Source
from boundgen.graphs.drawing import Arrow, Drawing, LineKind, headed
from boundgen.graphs.graph import check_size
from boundgen.graphs.scanning import REMEDY, TextPlaces, Token, tokens

HEADS = ("graph", "digraph", "dag", "pdag", "mag", "pag")
DEFAULTS = ("graph", "node", "edge")
DEEPEST = 50
KINDS: dict[str, tuple[LineKind, bool]] = {
    "->": ("->", True),
    "-->": ("->", True),
    "<-": ("->", False),
    "<--": ("->", False),
    "<->": ("<->", True),
    "--": ("--", True),
}
ANCESTRAL = (
    "Its marks leave open what affects what: give one graph of arrows, dag { X -> Y }, where X <-> Y is an unmeasured "
    "common cause."
)


def read_arrow_text(source: Source) -> Drawing:
    """What a text of dagitty, DOT or CausalQueries draws.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Drawing

    Raises
    ------
    GraphError
        With the place where the text is of none of these.
    """
    return _Reader(source).drawing()


class _Reader:
    """Reads the tokens in order; `nodes` and `arrows` grow."""

    def __init__(self, source: Source) -> None:
        self.places = TextPlaces(source)
        self.tokens = tokens(source)
        self.next = 0
        self.nodes: dict[str, dict[str, Any]] = {}
        self.arrows: list[Arrow] = []
        self.name = ""
        self.attributes: dict[str, Any] = {}
        self.depth = 0

    # ------------------------------------------------------------ tokens
    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.token
        self.next += token.kind != "end"
        return token

    def is_sign(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def skip(self, *signs: str) -> bool:
        """Whether one of these stands here; then it is passed."""
        found = self.is_sign(*signs)
        self.next += found
        return found

    def is_word(self, *words: str) -> bool:
        return self.token.kind == "word" and self.token.text.lower() in words

    def fail(self, message: str, remedy: str = REMEDY, token: Token | None = None) -> NoReturn:
        token = token or self.token
        raise GraphError(message, self.places.at(token.at, max(1, len(token.text))), remedy)

    def expect(self, sign: str) -> None:
        if not self.skip(sign):
            here = f"'{self.token.text}' stands" if self.token.kind != "end" else "the text ends"
            self.fail(f"{here} where '{sign}' is missing")

    # ------------------------------------------------------------ the graph
    def drawing(self) -> Drawing:
        wrapped = self._head()
        self._statements({}, {})
        if wrapped:
            self.expect("}")
        if self.token.kind != "end":
            self.fail(f"'{self.token.text}' stands behind the graph", "One text holds one graph.")
        return Drawing(self.nodes, tuple(self.arrows), self.name, self.attributes)

    def _head(self) -> bool:
        """Pass ``dag name {``; whether it is there. The statements of CausalQueries have none."""
        start = self.next
        if self.is_word("strict"):
            self.take()
        if self.is_sign("{"):
            # A graph without its kind, or a chain that begins with a group: {a b} -> c.
            return self._closes_all()
        if not self.is_word(*HEADS):
            self.next = start
            return False
        kind = self.take()
        if self.token.is_name:
            self.name = self.take().text
        if not self.is_sign("{"):
            self.next, self.name = start, ""
            return False
        if kind.text.lower() in ("mag", "pag"):
            self.fail(f"a {kind.text} says who is an ancestor of whom, not who affects whom", ANCESTRAL, kind)
        self.take()
        return True

    def _closes_all(self) -> bool:
        """Whether the bracket that opens here closes at the end; then it is passed."""
        depth = 0
        for i, token in enumerate(self.tokens[self.next :], self.next):
            depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "sign" else 0
            if not depth:
                passed = self.tokens[i + 1].kind == "end"
                self.next += passed
                return passed
        return False

    def _statements(self, of_nodes: dict[str, Any], of_arrows: dict[str, Any]) -> list[str]:
        """The nodes that the statements name; defaults hold for what follows them, within these brackets."""
        named: dict[str, None] = {}
        while not self.is_sign("}") and self.token.kind != "end":
            if self.skip(";", ","):
                continue
            following = self.tokens[self.next + 1]
            if self.is_word(*HEADS) and following.text == "{" and following.kind == "sign":
                self.fail("a graph begins here, behind something else", "One text holds one graph, and nothing else.")
            if self.is_word(*DEFAULTS) and following.text == "[" and following.kind == "sign":
                word = self.take().text.lower()
                {"node": of_nodes, "edge": of_arrows}.get(word, self.attributes).update(self._attributes())
            elif self.token.is_name and following.text == "=" and following.kind == "sign":
                key = self.take().text
                self.take()
                if not self.token.is_name:
                    self.fail("the value behind '=' is missing")
                self.attributes[key] = self._joined()
            else:
                named |= dict.fromkeys(self._chain(of_nodes, of_arrows))
        return list(named)

    def _chain(self, of_nodes: dict[str, Any], of_arrows: dict[str, Any]) -> list[str]:
        """``a -> {b c} <- d [attributes]``, or a node with its attributes."""
        ends = [self._end(of_nodes, of_arrows)]
        edges: list[Token] = []
        while self.token.kind == "edge":
            edges.append(self.take())
            ends.append(self._end(of_nodes, of_arrows))
        attributes = self._attributes()
        if edges:
            for left, edge, right in zip(ends, edges, ends[1:], strict=False):
                self._draw(left, edge, right, of_arrows | attributes)
        else:
            for name in ends[0]:
                self.nodes[name].update(attributes)
        return [name for names in ends for name in names]

    def _end(self, of_nodes: dict[str, Any], of_arrows: dict[str, Any]) -> list[str]:
        """A node, or the nodes of a group."""
        if self.is_word("subgraph"):
            self.take()
            if self.token.is_name:
                self.take()
            if not self.is_sign("{"):
                self.fail("'{' is missing behind 'subgraph'")
        opening = self.token
        if self.skip("{"):
            self.depth += 1
            if self.depth > DEEPEST:
                self.fail(f"groups stand in one another more than {DEEPEST} times", "Name the nodes themselves.")
            named = self._statements(dict(of_nodes), dict(of_arrows))
            if not self.skip("}"):
                self.fail("a bracket is not closed", "Close it: { ... }.", opening)
            self.depth -= 1
            return named
        if not self.token.is_name:
            here = f"'{self.token.text}' stands" if self.token.kind != "end" else "the text ends"
            self.fail(f"{here} where the name of a node is missing")
        return [self._node(of_nodes)]

    def _node(self, of_nodes: dict[str, Any]) -> str:
        token = self.take()
        name = token.text
        if token.kind == "word" and name.startswith("-"):
            self.fail("a name begins with '-'", token=token)
        while token.kind == "text" and self.skip("+"):
            if self.token.kind != "text":
                self.fail("'+' joins two texts in quotation marks")
            name += self.take().text
        # The side of a node at which a line is drawn.
        while self.skip(":"):
            if not self.token.is_name:
                self.fail("the port behind ':' is missing")
            if self.is_word(*HEADS) and self.tokens[self.next + 1].text == "{":
                self.fail("a graph begins here, behind something else", "One text holds one graph, and nothing else.")
            self.take()
        if name not in self.nodes:
            self.nodes[name] = dict(of_nodes)
            check_size(len(self.nodes), 0)
        return name

    def _attributes(self) -> dict[str, Any]:
        """``[latent, pos="0,1"][color=red]``; those without a value have None."""
        found: dict[str, Any] = {}
        while self.is_sign("["):
            opening = self.take()
            while not self.is_sign("]"):
                if self.skip(",", ";"):
                    continue
                if self.token.kind == "end":
                    self.fail("a bracket is not closed", "Close it: [ ... ].", opening)
                if not self.token.is_name:
                    self.fail(f"'{self.token.text}' stands where the name of an attribute is missing")
                key = self.take().text
                found[key] = None
                if self.skip("="):
                    if not self.token.is_name:
                        self.fail("the value behind '=' is missing")
                    found[key] = self._joined()
            self.take()
        return found

    def _joined(self) -> str:
        text = self.take().text
        while self.skip("+"):
            if self.token.kind != "text":
                self.fail("'+' joins two texts in quotation marks")
            text += self.take().text
        return text

    def _draw(self, left: Iterable[str], edge: Token, right: Iterable[str], attributes: dict[str, Any]) -> None:
        where = self.places.at(edge.at, len(edge.text))
        if edge.text not in KINDS:
            raise GraphError(f"'{edge.text}' is an edge of several graphs at once", where, ANCESTRAL)
        kind, forward = KINDS[edge.text]
        if kind == "->":
            kind, forward = _heads(attributes, forward)
        right = list(right)
        for first in left:
            check_size(0, len(self.arrows) + len(right))
            for second in right:
                start, end = (first, second) if forward else (second, first)
                self.arrows.append(Arrow(start, end, kind, attributes, where))


def _heads(attributes: dict[str, Any], forward: bool) -> tuple[LineKind, bool]:
    """How Graphviz draws an arrow: at which of its ends there are heads, and whether its only one is in front."""
    direction = str(attributes.get("dir", "")).lower()
    front = direction not in ("back", "none") and str(attributes.get("arrowhead", "")).lower() != "none"
    back = direction in ("back", "both") and str(attributes.get("arrowtail", "")).lower() != "none"
    kind, ahead = headed(back, front)
    return kind, forward == ahead
