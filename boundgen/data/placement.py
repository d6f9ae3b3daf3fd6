"""Where all units of a tally belong: in which cells and arms, in none, and which of them miss a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boundgen.data.matching import MISSING
from boundgen.data.placing import Needs, Placed, PlacedStatement
from boundgen.data.roles import Role
from boundgen.data.table import Table
from boundgen.data.tally import CodeKey, Tallied, Tally
from boundgen.errors import DataError


@dataclass(frozen=True)
class Placement:
    """Where the units of a tally belong.

    Parameters
    ----------
    places : mapping of key to tuple of Placed
        One for each statement that is about these units.
    used, left_out : mapping of key to Amount
        Units that some statement is about, and others.
    missing : mapping of key to Amount
        Units that miss a value which is needed.
    lacking : mapping of columns to mapping of key to Amount
        Units without a weight or a cluster.
    """

    places: Mapping[CodeKey, tuple[Placed, ...]]
    used: Tally
    left_out: Tally
    missing: Tally
    lacking: Mapping[tuple[str, ...], Tally]

    @property
    def missing_units(self) -> int:
        """Units that miss a value, a weight or a cluster."""
        return units_in(self.missing) + sum(map(units_in, self.lacking.values()))


def placement_of(
    statements: Sequence[PlacedStatement], tallied: Tallied, covariates: Sequence[int], table: Table
) -> Placement:
    """A unit that misses what one statement needs is missing for all: every statement is about the same units."""
    places: dict[CodeKey, tuple[Placed, ...]] = {}
    groups: tuple[Tally, Tally, Tally] = ({}, {}, {})
    used, left_out, missing = groups
    for key, amount in tallied.amounts.items():
        found = [(statement, statement.place(key)) for statement in statements]
        in_arms = [(statement, place) for statement, place in found if isinstance(place, Placed)]
        if lacks(statements, covariates, key):
            missing[key] = amount
            continue
        _check_one_experiment([statement for statement, _ in in_arms if not statement.law], table)
        (used if in_arms else left_out)[key] = amount
        places[key] = tuple(place for _, place in in_arms)
    return Placement(places, *groups, _asked(statements, tallied.lacking))


def needs(statement: PlacedStatement, key: CodeKey) -> tuple[int, ...]:
    """The places of codes that a statement needs of these units and that are no values."""
    place = statement.place(key)
    return place.places if isinstance(place, Needs) else ()


def lacks(statements: Sequence[PlacedStatement], covariates: Sequence[int], key: CodeKey) -> tuple[int, ...]:
    """The places of codes that some statement needs, and of covariates of units that some statement is about."""
    needed = [place for statement in statements for place in needs(statement, key)]
    if any(statement.place(key) is not None for statement in statements):
        needed += [place for place in covariates if key[place] is MISSING]
    return tuple(dict.fromkeys(needed))


def _asked(
    statements: Sequence[PlacedStatement], lacking: Mapping[tuple[str, ...], Tally]
) -> Mapping[tuple[str, ...], Tally]:
    """Rows without a weight or a cluster are rows that miss a value, where some statement is about them."""
    return {
        columns: {key: amount for key, amount in rows.items() if any(s.place(key) for s in statements)}
        for columns, rows in lacking.items()
    }


def _check_one_experiment(statements: Sequence[PlacedStatement], table: Table) -> None:
    for other in statements[1:]:
        if other.sets != statements[0].sets:
            first, second = statements[0].number + 1, other.number + 1
            raise DataError(
                f"{table.name}: observe statements {first} and {second} are different experiments, "
                "and the same rows would serve both",
                remedy=f"Tell rows apart, --where '{first}: COLUMN=VALUE' --where '{second}: COLUMN=VALUE', "
                f"or give two files, {first}=FILE {second}=FILE.",
            )


def missing_by_column(
    statements: Sequence[PlacedStatement], roles: Sequence[Role], placement: Placement
) -> tuple[tuple[str, int], ...]:
    """How many units miss a value, by what is missing; one unit may miss several."""
    found: Counter[str] = Counter()
    covariates = [place for place, role in enumerate(roles) if role.covariate]
    for columns, rows in ((), placement.missing), *placement.lacking.items():
        for key, amount in rows.items():
            lost = [*columns, *(str(roles[place]) for place in lacks(statements, covariates, key))]
            found.update(dict.fromkeys(lost, amount.units))
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def units_in(tally: Tally) -> int:
    """How many units a tally has."""
    return sum(amount.units for amount in tally.values())
