"""What is proved of a derivation that time or memory may have ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from boundgen.bounds.derived import Derivation
from boundgen.errors import LimitError
from boundgen.work.unanswered import Unanswered

RAISE = "Raise it with --time-limit SECONDS or --memory-limit MIB."


def proved(derived: Derivation) -> Derivation:
    """The derivation without estimands whose bounds are not proved sharp."""
    kept = [k for k, bounds in enumerate(derived.bounds) if not bounds.missing]
    pieces = tuple(bounds for bounds in derived.piecewise if not bounds.missing)
    late = derived.missing
    if late and (not (kept or pieces) or derived.conditions_missing in late):
        raise not_proved(late[0]).beside(derived.text())
    without = [
        Unanswered(bounds.name, bounds.missing[0], not_proved(bounds.missing[0]))
        for bounds in derived.closed_forms
        if bounds.missing
    ]
    return replace(
        derived,
        stages=tuple(derived.stages[k] for k in kept),
        bounds=tuple(derived.bounds[k] for k in kept),
        piecewise=pieces,
        unanswered=(*derived.unanswered, *without),
    )


def not_proved(missing: str) -> LimitError:
    return LimitError(missing, remedy=RAISE)


def notes(missing: Sequence[str]) -> tuple[str, ...]:
    """What must be said beside bounds that are not proved sharp."""
    return ("Valid bounds that are not proved sharp.", *missing) if missing else ()
