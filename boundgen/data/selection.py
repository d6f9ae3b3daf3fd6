"""Values that are missing by selection: Y is not seen where S is 0. Leaving such units out compares selected units.

The model language has a statement for it, ``observe P(Y, S=1 | D)``, under which the units count and Y may be empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from boundgen.data.matching import Missing, Unknown
from boundgen.data.placing import Placed, PlacedStatement, usable
from boundgen.data.tally import CodeKey, Tally
from boundgen.data.texts import listed
from boundgen.errors import DataError
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.language.printer import print_observation
from boundgen.language.statements import Observation, Setting

# One unit may miss a value by chance in a level of its own. Where values are missing elsewhere too, so may a few.
MIN_LOST_UNITS, MIN_LOST_AMONG_OTHERS = 2, 5
UnseenCell = tuple[tuple[Value, ...], Value]


@dataclass(frozen=True)
class _Selection:
    """Variables that are missing in all units in which another has some of its values.

    Parameters
    ----------
    selecting : str
    lost : tuple of str
        What is missing.
    unseen, seen : tuple of values
        Of the selecting variable: where it is, in some arm, and where it is not.
    units, total : int
        How many miss it there, and how many there are.
    """

    selecting: str
    lost: tuple[str, ...]
    unseen: tuple[Value, ...]
    seen: tuple[Value, ...]
    units: int
    total: int


def refuse_selection(model: Model, statements: Sequence[PlacedStatement], tally: Tally, name: str) -> None:
    """Refuse values that are missing by selection, with the statement that says so.

    Raises
    ------
    DataError
    """
    candidates = dict.fromkeys(
        variable for s in statements for variable, value in (*s.observation.outcomes, *s.observation.arms) if not value
    )
    elsewhere = {variable: place for s in statements for variable, place in s.places.items()}
    for each in statements:
        # Another statement may observe what selects; these are the same rows.
        statement = replace(each, places={**elsewhere, **each.places})
        selections = [one for s in candidates if (one := _selection(model, statement, s, tally)) is not None]
        if selections:
            raise _refusal(statement.observation, max(selections, key=lambda one: one.units), name)


def _selection(model: Model, statement: PlacedStatement, selecting: str, tally: Tally) -> _Selection | None:
    patterns = {}
    for variable, _ in statement.observation.outcomes:
        if variable != selecting and (unseen := _unseen(statement, variable, selecting, tally)):
            patterns[variable] = unseen
    if not patterns:
        return None
    unseen = next(iter(patterns.values()))
    lost = tuple(variable for variable, values in patterns.items() if values == unseen)
    met = {key[statement.places[selecting]] for key in tally}
    seen = tuple(value for value in model.by_name[selecting].domain if value in met and value not in unseen)
    about = [(key, amount.units) for key, amount in tally.items() if statement.place(key) is not None]
    units = sum(n for key, n in about if not usable(key[statement.places[lost[0]]]))
    return _Selection(selecting, lost, unseen, seen, units, sum(n for _, n in about)) if seen else None


def _unseen(statement: PlacedStatement, variable: str, selecting: str, tally: Tally) -> tuple[Value, ...]:
    """The values of the selecting variable at which, in some arm, every unit misses the other."""
    held, missing, strange = _counted(statement, variable, selecting, tally)
    lost = {cell: units for cell, units in missing.items() if not held[cell]}
    elsewhere = sum(missing.values()) - sum(lost.values())
    # Codes that no domain has may stand for what is missing; where they stand anywhere else, they do not.
    by_arm = selecting in dict(statement.observation.arms)
    if not any(held.values()) or any(by_arm or held[cell] for cell in strange):
        return ()
    fewest = MIN_LOST_AMONG_OTHERS if elsewhere else MIN_LOST_UNITS
    return tuple(dict.fromkeys(value for _, value in lost)) if sum(lost.values()) >= fewest else ()


def _counted(
    statement: PlacedStatement, variable: str, selecting: str, tally: Tally
) -> tuple[Counter[UnseenCell], Counter[UnseenCell], set[UnseenCell]]:
    """Units with and without the variable in each arm at each value of the selecting one; where codes are unknown."""
    held: Counter[UnseenCell] = Counter()
    missing: Counter[UnseenCell] = Counter()
    strange: set[UnseenCell] = set()
    for key, amount in tally.items():
        code = key[statement.places[variable]]
        for cell in _cell(statement, selecting, key):
            (held if usable(code) else missing)[cell] += amount.units
            strange |= {cell} if isinstance(code, Unknown) else set()
    return held, missing, strange


def _cell(statement: PlacedStatement, selecting: str, key: CodeKey) -> Iterator[UnseenCell]:
    """The arm and the value, where both are known and the statement asks for all of the unit."""
    context = (*statement.observation.arms, *statement.observation.interventions)
    codes = [key[statement.places[name]] for name in (*(name for name, _ in context), selecting)]
    values = [code for code in codes if not isinstance(code, Missing | Unknown)]
    place = statement.place(key)
    asked = place is not None and not (isinstance(place, Placed) and place.event is None)
    if asked and len(values) == len(codes):
        yield tuple(values[:-1]), values[-1]


def _refusal(observation: Observation, selection: _Selection, name: str) -> DataError:
    what = f"{selection.selecting}={listed([str(value) for value in selection.unseen])}"
    lost = listed(list(selection.lost))
    better = " and ".join(print_observation(each) for each in _statements(observation, selection))
    return DataError(
        f"{name}: {lost} {'are' if len(selection.lost) > 1 else 'is'} missing in every unit with {what}, "
        f"{selection.units} of {selection.total}: without these units the bounds would be about selected units alone",
        remedy=f"Let the model say where {lost} {'are' if len(selection.lost) > 1 else 'is'} seen: {better} "
        f"instead of {print_observation(observation)}.",
    )


def _statements(observation: Observation, selection: _Selection) -> Iterator[Observation]:
    """What is seen: all where the selecting variable has a value at which nothing is lost, and the rest everywhere."""
    plain = replace(observation, where=None, places=())
    for value in selection.seen:
        yield _fixed(plain, selection.selecting, value)
    rest = tuple(setting for setting in plain.outcomes if setting[0] not in selection.lost)
    if rest and (len(rest) > 1 or len(selection.unseen) > 1 or selection.selecting not in dict(rest)):
        yield replace(plain, outcomes=rest)


def _fixed(observation: Observation, name: str, value: Value) -> Observation:
    def fixed(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
        return tuple((each, value if each == name else known) for each, known in settings)

    if name in dict((*observation.outcomes, *observation.arms)):
        return replace(observation, outcomes=fixed(observation.outcomes), arms=fixed(observation.arms))
    return replace(observation, outcomes=(*observation.outcomes, (name, value)))
