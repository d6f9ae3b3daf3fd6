"""What was read from a source, and what its reader should know of cuts and of outcomes that do not vary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from boundgen.data.joint import Clusters
from boundgen.data.matching import Code
from boundgen.data.observed import DataSource
from boundgen.data.options import Cut
from boundgen.data.placement import Placement, missing_by_column, units_in
from boundgen.data.placing import PlacedStatement, usable
from boundgen.data.recodes import Recode, rule_text
from boundgen.data.roles import Options, Role
from boundgen.data.table import Table
from boundgen.data.tally import Tally
from boundgen.language.model import Model

KINDS = {"microdata": "micro-data", "counts": "cell counts", "probabilities": "probabilities"}


def source_of(
    model: Model,
    table: Table,
    kind: str,
    options: Options,
    roles: Sequence[Role],
    codings: tuple[Sequence[Cut | None], Sequence[Recode | None]],
    statements: Sequence[PlacedStatement],
    placement: Placement,
    clusters: Clusters | None,
) -> DataSource:
    """What was read: how many units, how many of them are used or left out, and notes."""
    known = kind != "probabilities"
    cuts, recodes = codings
    units = placement.missing_units + units_in(placement.used) + units_in(placement.left_out)
    notes = (f"{clusters.count} clusters ({clusters.column})",) if clusters else ()
    weighted = "weighted " if options.weights else ""
    return DataSource(
        name=table.name,
        kind=weighted + KINDS[kind],
        units=units if known else None,
        used=units_in(placement.used) if known else None,
        left_out=units_in(placement.left_out),
        dropped=missing_by_column(statements, roles, placement),
        dropped_units=placement.missing_units,
        notes=(
            *notes,
            *table.notes,
            *_cut_notes(model, roles, cuts, placement.used, known),
            *_recode_notes(model, roles, recodes, placement.used, known),
            *_selection_notes(statements, placement),
            *_constant_notes(model, roles, statements, placement, table),
        ),
    )


def _cut_notes(
    model: Model, roles: Sequence[Role], cuts: Sequence[Cut | None], used: Tally, known: bool
) -> Iterator[str]:
    """How values were cut, and how many units are above, where that is known."""
    for place, (role, cut) in enumerate(zip(roles, cuts, strict=True)):
        if cut and role.cut and role.variable:
            high = model.by_name[role.variable].domain[1]
            count, total = units_in({k: a for k, a in used.items() if k[place] == high}), units_in(used)
            median = ", its median" if role.cut.at_median else ""
            shares = f": {count} of {total} units" if known and total else ""
            yield f"{role.variable} is {high} where {role.column} {cut.operator} {cut.value}{median}{shares}"


def _recode_notes(
    model: Model, roles: Sequence[Role], recodes: Sequence[Recode | None], used: Tally, known: bool
) -> Iterator[str]:
    """How values were made, and of how many units each is, where that is known."""
    total = units_in(used)
    for place, (role, recode) in enumerate(zip(roles, recodes, strict=True)):
        if recode is None:
            continue
        held: Counter[Code] = Counter()
        for key, amount in used.items():
            held[key[place]] += amount.units
        variable = model.by_name[role.variable] if role.variable else None
        codes = variable.domain if variable else sorted(map(str, filter(usable, held)))
        levels = [] if variable and variable.bounded else [(code, held[code]) for code in codes]
        name = role.column if role.covariate else f"{role.variable} of {role.column}"
        shown = ", ".join(f"{code} for {n}" for code, n in levels) if known and total and levels else ""
        yield f"{name}: {rule_text(recode.rule)}" + (f": {shown} of {total} units" if shown else "")


def _selection_notes(statements: Sequence[PlacedStatement], placement: Placement) -> Iterator[str]:
    """Units that a selection leaves out may be very many."""
    for selection in dict.fromkeys(each.observation.selection for each in statements if each.observation.selection):
        places = {name: each.places[name] for each in statements for name, _ in selection if name in each.places}
        without = {
            key: amount
            for key, amount in placement.left_out.items()
            if any(usable(key[places[name]]) and key[places[name]] != value for name, value in selection)
        }
        if without:
            named = ", ".join(f"{name}={value}" for name, value in selection)
            yield f"{units_in(without)} of them are not seen by the model: it observes units with {named}"


def _constant_notes(
    model: Model, roles: Sequence[Role], statements: Sequence[PlacedStatement], placement: Placement, table: Table
) -> Iterator[str]:
    """An outcome that never varies is possible, and more often a slip; what selects units has one value in them."""
    selecting = {name for each in statements for name, _ in each.observation.selection if placement.left_out}
    for place, role in enumerate(roles):
        if role.variable and role.variable not in selecting and len(model.by_name[role.variable].domain) > 1:
            values = {key[place] for key, amount in placement.used.items() if amount.total}
            if len(values) == 1:
                yield f"{role.variable} is {_only(values)} in every unit of {table.name}"


def _only(values: Iterable[object]) -> object:
    (value,) = values
    return value
