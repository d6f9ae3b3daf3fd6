"""Drawing and picking as changes of the text: the least that says it, so that comments and assumptions stay.

Each change is one function from the lines of a text to its lines; the text need not be a model before or after.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from boundgen.editing.analysis import lines_of
from boundgen.errors import ModelError, quoted
from boundgen.graphs.graph import cycle, sorted_forward
from boundgen.language.tree import STATEMENTS
from boundgen.page.statements import (
    PARTS,
    WrittenObservation,
    WrittenStatement,
    WrittenVariable,
    name_of,
    observation_of,
    sharing,
    statements,
    variable_of,
)

NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)
ITEM = re.compile(r'[A-Za-z_]\w*(=("[^"\n]*"|[\w./-]+))?', re.ASCII)
KEYWORDS = {
    *STATEMENTS,
    "in",
    "randomized",
    "for",
    "all",
    "and",
    "or",
    "not",
    "if",
    "do",
    "P",
    "E",
    "max",
    "min",
    "inf",
}
TWO_VALUES = "{0, 1}"
START = "model untitled"
# In this order statements stand where nothing else is there to go by.
RANKS = {kind: place for place, kind in enumerate(STATEMENTS)}


class EditError(ModelError):
    """A change that makes no sense."""


def edited(text: str, edit: Mapping[str, Any]) -> str:
    r"""The text after one change.

    Parameters
    ----------
    text : str
    edit : mapping
        Under ``do`` the name of the change, and what it needs.

    Returns
    -------
    str

    Raises
    ------
    EditError
        Where the change makes no sense.

    Examples
    --------
    >>> edited("model m\nvariable X in {0, 1}  # dose\n", {"do": "set_values", "name": "X", "domain": "0..5"})
    'model m\nvariable X in 0..5    # dose\n'
    """
    change = CHANGES.get(str(edit.get("do")))
    if change is None:
        raise EditError("there is no such change")
    wanted = {str(key): value for key, value in edit.items() if key != "do"}
    try:
        return change(text, **wanted)
    except TypeError:
        raise EditError("the change lacks something, or has too much") from None


# ---------------------------------------------------------------- lines
def _put(text: str, statement: WrittenStatement, code: str) -> str:
    """The text with other code in place of a statement; the comments of its lines stay."""
    if " ".join(code.split()) == " ".join(statement.code.split()):
        return text
    lines = lines_of(text)
    said = [_comment(line) for line in lines[statement.line : statement.end]]
    first, *others = said
    gap = lines[statement.line][: len(lines[statement.line]) - len(first)]
    width = len(gap) if first else 0
    new = [f"{code.ljust(width)}{'' if width > len(code) else '  '}{first}".rstrip() if first else code]
    return "\n".join(
        [*lines[: statement.line], *new, *(f"  {each}" for each in others if each), *lines[statement.end :]]
    )


def _comment(line: str) -> str:
    return next((part for part in PARTS.findall(line) if part.startswith("#")), "")


def _insert(text: str, code: str) -> str:
    """The text with one more statement: behind the last of its kind, or of the kinds that stand before it."""
    kind = code.split(maxsplit=1)[0]
    found = statements(text)
    if not found and kind != "model":
        text = f"{START}\n" + (text if text.strip() else "")
        found = statements(text)
    before = [each for each in found if RANKS[each.kind] <= RANKS[kind]]
    same = [each for each in before if each.kind == kind]
    after = next(reversed(same or before), None)
    lines = lines_of(text)
    place = after.end if after else 0
    apart = after is not None and after.kind != kind
    new = ["", code] if apart else [code]
    rest = lines[place:]
    if apart and rest and rest[0].strip():
        new.append("")
    return "\n".join([*lines[:place], *new, *(rest or [""])])


def _remove(text: str, statement: WrittenStatement) -> str:
    """The text without a statement; an empty line is not left twice."""
    lines = lines_of(text)
    before, after = lines[: statement.line], lines[statement.end :]
    if before and after and not before[-1].strip() and not after[0].strip():
        after = after[1:]
    return "\n".join([*before, *after])


# ---------------------------------------------------------------- what stands there
def _variables(text: str) -> dict[str, tuple[WrittenStatement, WrittenVariable]]:
    found = ((each, variable_of(each)) for each in statements(text) if each.kind == "variable")
    return {variable.name: (statement, variable) for statement, variable in found if variable is not None}


def _variable(text: str, name: str) -> tuple[WrittenStatement, WrittenVariable]:
    found = _variables(text).get(name)
    if found is None:
        raise EditError(f"there is no variable {quoted(name)}", remedy="Correct the text first.")
    return found


def _observations(text: str) -> list[tuple[WrittenStatement, WrittenObservation]]:
    found = ((each, observation_of(each)) for each in statements(text) if each.kind == "observe")
    return [(statement, observation) for statement, observation in found if observation is not None]


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in KEYWORDS:
        raise EditError(
            f"{quoted(name)} is no name of a variable", remedy="Use letters, digits and _, and begin with a letter."
        )
    return name


def _free_name(text: str, name: object) -> str:
    checked = _checked_name(name)
    if any(each.name == checked and each.kind != "model" for each in statements(text)):
        raise EditError(f"there is a {quoted(checked)} already", remedy="Take another name.")
    return checked


# ---------------------------------------------------------------- variables
def add_variable(text: str, name: str, randomized: bool = False) -> str:
    """One more variable with two values, observed where there is one statement that says what is."""
    name = _free_name(text, name)
    text = _insert(text, str(WrittenVariable(name, (), TWO_VALUES, bool(randomized))))
    return observe_variable(text, name, True)


def remove_variable(text: str, name: str) -> str:
    """The graph without a variable; assumptions and estimands that speak of it stay, and are underlined."""
    statement, _ = _variable(text, name)
    text = _remove(text, statement)
    for other, variable in list(_variables(text).values()):
        if name in variable.parents:
            fewer = replace(variable, parents=tuple(each for each in variable.parents if each != name))
            text = _put(text, _same(text, other), str(fewer))
    text = observe_variable(text, name, False)
    for cause in [each for each in statements(text) if each.kind == "confounded"][::-1]:
        text = _without_member(text, cause, name)
    return text


def _same(text: str, statement: WrittenStatement) -> WrittenStatement:
    """The statement of that kind and name, where it stands now."""
    return next(each for each in statements(text) if (each.kind, each.name) == (statement.kind, statement.name))


def rename(text: str, name: str, to: str) -> str:
    """Another name for a variable, everywhere but in comments and quotation marks."""
    if name == to:
        return text
    _variable(text, name)
    to = _free_name(text, to)
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.ASCII)
    parts = (part if part[0] in '#"' else word.sub(to, part) for part in PARTS.findall(text))
    return "".join(parts)


def set_values(text: str, name: str, domain: str) -> str:
    """Other values."""
    statement, variable = _variable(text, name)
    shown = " ".join(str(domain).split())
    if not shown or len(shown) > 500 or "#" in shown or not re.fullmatch(r"\{.*\}|[\[(].*[\])]|\S+\.\.\S+", shown):
        raise EditError(f"{quoted(domain)} are no values", remedy="Write {0, 1}, {low, high}, 0..3 or [0, 1].")
    return _put(text, statement, str(replace(variable, domain=shown)))


def randomize(text: str, name: str, on: bool) -> str:
    """Whether a variable was assigned at random; where it is observed, it stands behind the bar."""
    statement, variable = _variable(text, name)
    text = _put(text, statement, str(replace(variable, randomized=bool(on))))
    for place, (_, observation) in reversed(list(enumerate(_observations(text)))):
        if name in observation.names and not any(name_of(item) == name for item in observation.interventions):
            fewer = observation.without(name)
            moved = fewer.with_given(name) if on else fewer.with_outcome(name)
            place_now = _observations(text)[place][0]
            text = _put(text, place_now, str(moved)) if moved.outcomes else _remove(text, place_now)
    return text if on else observe_variable(text, name, True)


def add_arrow(text: str, start: str, end: str) -> str:
    """One more effect; declarations change places where a cause stood below."""
    statement, variable = _variable(text, end)
    _variable(text, start)
    if start in variable.parents:
        return text
    if start == end:
        raise EditError("a variable has no effect on itself", remedy="Draw between two variables.")
    arrows = [(parent, each.name) for _, each in _variables(text).values() for parent in each.parents]
    if path := cycle(list(_variables(text)), [*arrows, (start, end)]):
        raise EditError(
            f"the arrows make a cycle: {' -> '.join(path)}",
            remedy="Effects run forward in time: drop an arrow, or split a variable into values at two times.",
        )
    return _in_order(_put(text, statement, str(replace(variable, parents=(*variable.parents, start)))))


def _in_order(text: str) -> str:
    """The declarations, causes first, in the places where declarations stand."""
    found = _variables(text)
    arrows = [(parent, name) for name, (_, each) in found.items() for parent in each.parents if parent in found]
    order, _ = sorted_forward(list(found), arrows)
    if order == list(found):
        return text
    lines = lines_of(text)
    blocks = {name: lines[statement.line : statement.end] for name, (statement, _) in found.items()}
    for (statement, _), name in reversed(list(zip(found.values(), order, strict=True))):
        lines[statement.line : statement.end] = blocks[name]
    return "\n".join(lines)


def remove_arrow(text: str, start: str, end: str) -> str:
    """One effect fewer."""
    statement, variable = _variable(text, end)
    fewer = tuple(parent for parent in variable.parents if parent != start)
    return _put(text, statement, str(replace(variable, parents=fewer)))


# ---------------------------------------------------------------- unmeasured causes
def any_causes(text: str) -> str:
    """All variables that are not randomized may share causes: what holds where nothing is said."""
    for each in [each for each in statements(text) if each.kind in ("confounded", "unconfounded")][::-1]:
        text = _remove(text, each)
    return text


def drawn_causes(text: str) -> str:
    """Only variables that an arrow with two heads joins share causes."""
    said = any(each.kind in ("confounded", "unconfounded") for each in statements(text))
    return text if said else _insert(text, "unconfounded")


def share(text: str, names: Sequence[str]) -> str:
    """One more unmeasured cause that these variables share."""
    members = tuple(dict.fromkeys(names))
    if len(members) < 2:
        raise EditError("a cause is shared by two variables or more", remedy="Draw between two variables.")
    for name in members:
        if _variable(text, name)[1].randomized:
            raise EditError(f"{quoted(name)} is randomized, so it shares no cause", remedy="Draw to another variable.")
    found = statements(text)
    if any(each.kind == "confounded" and set(sharing(each)) == set(members) for each in found):
        return text
    code = f"confounded {', '.join(members)}"
    for each in found:
        if each.kind == "unconfounded":
            return _put(text, each, code)
    return _insert(text, code)


def unshare(text: str, names: Sequence[str]) -> str:
    """One unmeasured cause fewer; where none is left, that is said."""
    causes = [each for each in statements(text) if each.kind == "confounded"]
    for each in causes:
        if set(sharing(each)) == set(names):
            return _put(text, each, "unconfounded") if len(causes) == 1 else _remove(text, each)
    return text


def _without_member(text: str, cause: WrittenStatement, name: str) -> str:
    members = sharing(cause)
    if name not in members:
        return text
    fewer = tuple(each for each in members if each != name)
    if len(fewer) > 1:
        return _put(text, cause, f"confounded {', '.join(fewer)}")
    return unshare(text, members)


# ---------------------------------------------------------------- what is observed
def observe_variable(text: str, name: str, on: bool) -> str:
    """Whether a variable is observed: in the one statement of what is, or out of all of them."""
    observations = _observations(text)
    if not on:
        for place in reversed(range(len(observations))):
            statement, observation = _observations(text)[place]
            if name in observation.names:
                fewer = observation.without(name)
                text = _put(text, statement, str(fewer)) if fewer.outcomes else _remove(text, statement)
        return text
    randomized = _variables(text)[name][1].randomized if name in _variables(text) else False
    if any(name in observation.names for _, observation in observations):
        return text
    if not observations:
        others = [each for _, each in _variables(text).values() if each.randomized and each.name != name]
        if randomized:
            return text
        return _insert(text, str(WrittenObservation((name,), tuple(each.name for each in others))))
    if len(observations) > 1:
        return text
    statement, observation = observations[0]
    return _put(text, statement, str(observation.with_given(name) if randomized else observation.with_outcome(name)))


def set_observation(
    text: str, place: int | None, outcomes: Sequence[str], given: Sequence[str] = (), interventions: Sequence[str] = ()
) -> str:
    """Another source of data in place of one, or behind all of them."""
    for item in (*outcomes, *given, *interventions):
        if not isinstance(item, str) or not ITEM.fullmatch(item):
            raise EditError(f"{quoted(item)} is no variable, nor a variable with its value")
    if not outcomes:
        raise EditError("a source observes at least one variable", remedy="Remove the source instead.")
    code = str(WrittenObservation(tuple(outcomes), tuple(given), tuple(interventions)))
    if place is None:
        return _insert(text, code)
    return _put(text, _observation(text, place), code)


def select_on(text: str, name: str, value: str) -> str:
    """Only units with this value of a variable are seen; an empty value lifts that."""
    _variable(text, name)
    item = f"{name}={value}" if value else name
    if not isinstance(value, str) or not ITEM.fullmatch(item):
        raise EditError(f"{quoted(value)} is no value", remedy="Write 1, or a label in quotation marks.")
    observations = _observations(text)
    if not any(name_of(each) == name for _, found in observations for each in (*found.outcomes, *found.given)):
        raise EditError(f"{quoted(name)} is not observed", remedy="Say first that it is.")
    for place, (_, found) in enumerate(observations):
        outcomes, given = (
            tuple(item if name_of(each) == name else each for each in part) for part in (found.outcomes, found.given)
        )
        text = _put(text, _observations(text)[place][0], str(replace(found, outcomes=outcomes, given=given)))
    return text


def remove_observation(text: str, place: int) -> str:
    """One source of data fewer."""
    return _remove(text, _observation(text, place))


def _observation(text: str, place: int) -> WrittenStatement:
    found = [each for each in statements(text) if each.kind == "observe"]
    if not isinstance(place, int) or not 0 <= place < len(found):
        raise EditError("there is no such source of data")
    return found[place]


# ---------------------------------------------------------------- statements
def add_statements(text: str, statements: Sequence[str]) -> str:
    """More statements, each where its kind stands; a parameter that is there already is not declared again."""
    for code in statements:
        if not isinstance(code, str) or len(code) > 2000 or not code.split() or code.split()[0] not in STATEMENTS:
            raise EditError("this is no statement of a model")
        text = _insert_once(text, code.strip())
    return text


def _insert_once(text: str, code: str) -> str:
    known = statements(text)
    same = any(" ".join(each.code.split()) == " ".join(code.split()) for each in known)
    declared = re.match(r"(parameter|define)\s+(\w+)", code)
    if same or (declared and any((each.kind, each.name) == declared.groups() for each in known)):
        return text
    return _insert(text, code)


def remove_statement(text: str, line: int) -> str:
    """The text without the statement that begins there."""
    for each in statements(text):
        if each.line == line:
            return _remove(text, each)
    raise EditError("no statement begins there")


CHANGES: Mapping[str, Callable[..., str]] = {
    change.__name__: change
    for change in (
        add_arrow,
        add_statements,
        add_variable,
        any_causes,
        drawn_causes,
        observe_variable,
        randomize,
        remove_arrow,
        remove_observation,
        remove_statement,
        remove_variable,
        rename,
        select_on,
        set_observation,
        set_values,
        share,
        unshare,
    )
}
