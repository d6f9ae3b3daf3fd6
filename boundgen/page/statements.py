"""Where the statements of a text stand, whether or not the text is a model: what changes by drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from boundgen.editing.analysis import lines_of
from boundgen.language.tree import STATEMENTS

FIRST_WORD = re.compile(rf"({'|'.join(STATEMENTS)})\b", re.ASCII)
NAMED = re.compile(
    r"(?:variable|parameter|define|estimand|model)\s+([A-Za-z_]\w*)|assume\s+([A-Za-z_]\w*)\s*:", re.ASCII
)
# A text in quotes, a comment to the end of its line, or what is neither.
PARTS = re.compile(r'"[^"\n]*"?|#[^\n]*|[^"#]+')
VARIABLE = re.compile(
    r"variable\s+(?P<name>[A-Za-z_]\w*)\s*(?:\((?P<parents>[^)]*)\))?\s*in\s*(?P<domain>.*?)(?P<randomized>\s+randomized)?\s*$",
    re.ASCII | re.DOTALL,
)
OBSERVED = re.compile(r"observe\s+P\s*\((?P<inside>.*)\)\s*$", re.ASCII | re.DOTALL)
DO = re.compile(r"\bdo\s*\(([^)]*)\)")


@dataclass(frozen=True)
class WrittenStatement:
    """A statement as it stands in a text.

    Parameters
    ----------
    kind : str
        Its first word.
    name : str
        What it declares; empty where that has no name.
    line, lines : int
        Its first line, from 0, and how many it has, those that go on with it among them.
    code : str
        Without comments.
    """

    kind: str
    name: str
    line: int
    lines: int
    code: str

    @property
    def end(self) -> int:
        """The line behind it."""
        return self.line + self.lines


def statements(text: str) -> list[WrittenStatement]:
    r"""The statements of a text, in its order.

    Returns
    -------
    list of WrittenStatement

    Examples
    --------
    >>> [(each.kind, each.name, each.line, each.lines) for each in statements("model m\n\nassume a: X(1) >=\n  X(0)\n")]
    [('model', 'm', 0, 1), ('assume', 'a', 2, 2)]
    """
    lines = lines_of(text)
    return [
        _statement(lines, number, match[1]) for number, line in enumerate(lines) if (match := FIRST_WORD.match(line))
    ]


def _statement(lines: list[str], number: int, kind: str) -> WrittenStatement:
    end = number + 1
    for place in range(number + 1, len(lines)):
        code = without_comments(lines[place]).strip()
        if code and not lines[place][0].isspace():
            break
        if code:
            end = place + 1
    code = without_comments("\n".join(lines[number:end])).strip()
    named = NAMED.match(code)
    return WrittenStatement(kind, (named[1] or named[2]) if named else "", number, end - number, code)


def without_comments(text: str) -> str:
    """The code alone; texts in quotes stay."""
    return "".join(part for part in PARTS.findall(text) if not part.startswith("#"))


# ---------------------------------------------------------------- what drawing changes
@dataclass(frozen=True)
class WrittenVariable:
    """A declaration of a variable, as it is written."""

    name: str
    parents: tuple[str, ...]
    domain: str
    randomized: bool

    def __str__(self) -> str:
        parents = f"({', '.join(self.parents)})" if self.parents else ""
        return f"variable {self.name}{parents} in {self.domain}" + (" randomized" if self.randomized else "")


def variable_of(statement: WrittenStatement) -> WrittenVariable | None:
    """What a statement declares, where it is whole."""
    match = VARIABLE.match(statement.code)
    if match is None:
        return None
    domain = " ".join(match["domain"].split())
    return WrittenVariable(
        match["name"], tuple(_names(match["parents"] or "")), domain, match["randomized"] is not None
    )


@dataclass(frozen=True)
class WrittenObservation:
    """What is observed, given what, and what an experiment sets: names, each perhaps with ``=value``."""

    outcomes: tuple[str, ...]
    given: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()

    def __str__(self) -> str:
        behind = [*self.given, *([f"do({', '.join(self.interventions)})"] if self.interventions else [])]
        return f"observe P({', '.join(self.outcomes)}{' | ' if behind else ''}{', '.join(behind)})"

    @property
    def names(self) -> set[str]:
        """The variables that it speaks of."""
        return {name_of(item) for item in (*self.outcomes, *self.given, *self.interventions)}

    def without(self, name: str) -> WrittenObservation:
        """The same without a variable."""
        kept = (
            tuple(item for item in part if name_of(item) != name)
            for part in (self.outcomes, self.given, self.interventions)
        )
        return WrittenObservation(*kept)

    def with_outcome(self, name: str) -> WrittenObservation:
        """The same with one more observed variable."""
        return replace(self, outcomes=(*self.outcomes, name))

    def with_given(self, name: str) -> WrittenObservation:
        """The same with one more variable behind the bar."""
        return replace(self, given=(*self.given, name))


def observation_of(statement: WrittenStatement) -> WrittenObservation | None:
    """What a statement observes, where it is whole."""
    match = OBSERVED.match(statement.code)
    if match is None:
        return None
    front, _, behind = match["inside"].partition("|")
    done = DO.search(behind)
    return WrittenObservation(
        tuple(_names(front)), tuple(_names(DO.sub("", behind))), tuple(_names(done[1])) if done else ()
    )


def sharing(statement: WrittenStatement) -> tuple[str, ...]:
    """The variables of a ``confounded``."""
    return tuple(_names(statement.code.removeprefix("confounded")))


def name_of(item: str) -> str:
    """The variable of an item: ``R`` of ``R=1``."""
    return item.partition("=")[0].strip()


def _names(text: str) -> Iterator[str]:
    return (" ".join(part.split()) for part in text.split(",") if part.strip())
