"""Which column may be the treatment, the instrument, the mediator, the outcome: guesses by names and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boundgen.data.amounts import is_index, plain_word, sure_amounts
from boundgen.data.events import EVENTS, TOTALS
from boundgen.inspection.seen_columns import SeenColumn

# Words of names, the most telling first; a name is taken apart at what is no letter, and at capitals. A letter is the
# whole name, but for numbers.
ASSIGNED = (
    "z assign assigned assignment encouraged encouragement instrument iv lottery offer offered itt random randomized"
)
TREATED = (
    "a treat treated treatment ttt trt tx arm intervention exposure exposed drug vaccine vaccinated training program "
    "programme took received enrolled participated condition group dose d t x"
)
OBSERVED = "exposure exposed took received enrolled participated d x"
MEDIATED = "m med mediator mediation mechanism mech"
OUTCOMES = (
    "y out outcome outcomes result results endpoint dv dead death died deaths survival survived vote voted recovered "
    "cured relapse hired employed employment score"
)
LEFT = "id ids pid uid caseid code name date time year"
WEIGHTS = "w wt wts weight weights pweight"
CLUSTERS = "cluster village school site household hh district class classroom clinic hospital"
MOST_ARMS = 4


@dataclass(frozen=True)
class GuessedRoles:
    """The columns of a model, by the part that they may play; None where no column looks so.

    Parameters
    ----------
    instrument, mediator : SeenColumn or None
    treatment, outcome : SeenColumn
    randomized : bool
        Whether the name of the treatment speaks of an experiment.
    weights, clusters, counts : SeenColumn or None
    totals : SeenColumn or None
        Of which units the outcome's column counts events.
    others : tuple of SeenColumn
        That may be covariates.
    """

    instrument: SeenColumn | None
    treatment: SeenColumn
    mediator: SeenColumn | None
    outcome: SeenColumn
    randomized: bool
    weights: SeenColumn | None
    clusters: SeenColumn | None
    counts: SeenColumn | None
    totals: SeenColumn | None
    others: tuple[SeenColumn, ...]


def guessed_roles(columns: Sequence[SeenColumn]) -> GuessedRoles | None:
    """The parts of the columns; None where no two columns can be a treatment and its outcome."""
    events, totals = _events(columns)
    amounts = sure_amounts([one.name for one in columns])["counts"]
    counts = None if totals else next((one for one in columns if one.name in amounts), None)
    weights = _named(columns, WEIGHTS, lambda one: one.is_number and len(one.held) != 2)
    clusters = _named(columns, CLUSTERS, lambda one: len(one.held) != 2)
    aside = [counts, weights, clusters, totals]
    free = [one for one in columns if one not in aside and _varies(one) and not _is_label(one)]
    first = _named(free, f"{TREATED} {ASSIGNED}", _has_arms) or next(filter(_is_two, free), None)
    if first is None:
        return None
    assigned = _named(free, ASSIGNED, _is_two)
    treated = _named([one for one in free if one is not assigned], TREATED, _is_two)
    instrument = assigned if assigned and treated else None
    treatment = treated if instrument and treated else first
    left = [one for one in free if one not in (instrument, treatment, events)]
    mediator = None if instrument else _named(left, MEDIATED, _is_measured)
    ends = [one for one in left if one is not mediator and _is_measured(one)]
    outcome = events or _named(ends, OUTCOMES, _is_measured) or (ends[-1] if ends else None)
    if outcome is None and mediator is not None:
        outcome, mediator = mediator, None
    if outcome is None:
        return None
    spoken = _words(treatment.name) & {*TREATED.split(), *ASSIGNED.split()}
    randomized = instrument is not None or bool(spoken - set(OBSERVED.split()))
    others = tuple(one for one in left if one not in (mediator, outcome))
    return GuessedRoles(instrument, treatment, mediator, outcome, randomized, weights, clusters, counts, totals, others)


def _events(columns: Sequence[SeenColumn]) -> tuple[SeenColumn | None, SeenColumn | None]:
    """A column of events and one of totals, where each is the only one of such a name."""
    events = [one for one in columns if plain_word(one.name) in EVENTS and one.is_number]
    totals = [one for one in columns if plain_word(one.name) in TOTALS and one.is_number]
    return (events[0], totals[0]) if len(events) == len(totals) == 1 else (None, None)


def _named(columns: Sequence[SeenColumn], words: str, fits: Callable[[SeenColumn], bool]) -> SeenColumn | None:
    """The column of which the name is, or else holds, the first of these words, where its values fit."""
    able = [one for one in columns if fits(one)]
    for word in words.split():
        named = [one for one in able if one.name.lower() == word] or [one for one in able if word in _words(one.name)]
        if named:
            return named[0]
    return None


def _words(name: str) -> set[str]:
    """The words in a name, without numbers; a letter beside others is none.

    >>> sorted(_words("jobTreat_2")), _words("Z1"), _words("t_2_age")
    (['job', 'treat'], {'z'}, {'age'})
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.sub(r"\d+", " ", plain_word(apart)).split()
    return {word for word in words if len(word) > 1 or len(words) == 1}


def _varies(one: SeenColumn) -> bool:
    return len(one.held) != 1 and one.missing < one.rows


def _is_label(one: SeenColumn) -> bool:
    """What numbers or names units."""
    if is_index(one.name) or (not one.held and not one.is_number):
        return True
    return bool(_words(one.name) & set(LEFT.split())) and len(one.held) != 2


def _is_two(one: SeenColumn) -> bool:
    return len(one.held) == 2


def _has_arms(one: SeenColumn) -> bool:
    return _is_two(one) or (2 < len(one.held) <= MOST_ARMS and (not one.is_number or bool(one.integers)))


def _is_measured(one: SeenColumn) -> bool:
    """Two values, or numbers that can be cut."""
    return _is_two(one) or one.is_number
