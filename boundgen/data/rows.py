"""A table of rows -> the arms of the statements that it serves: micro-data, counts and probabilities alike."""

from __future__ import annotations

import decimal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from boundgen.data.joint import Clusters, Joint, Pattern, Stratum, Units
from boundgen.data.matching import (
    MISSING,
    MOST_COVARIATE_VALUES,
    OTHERS,
    Code,
    Coder,
    Unknown,
    condition_coder,
    covariate_coder,
    cut_coder,
    domain_coder,
)
from boundgen.data.median import median
from boundgen.data.observed import ObservedArm, Source, arm_name, observed_arm, rescaled
from boundgen.data.options import ColumnName, Condition, Cut
from boundgen.data.placing import Needs, Placed, Statement
from boundgen.data.selection import refuse_selection
from boundgen.data.tables import Table
from boundgen.data.tally import (
    EXACT,
    Amount,
    Amounts,
    Key,
    Number,
    Tallied,
    Tally,
    count_value,
    counts,
    probabilities,
    tally,
    tally_amounts,
    tally_clusters,
    tally_weighted_clusters,
    weights,
)
from boundgen.data.texts import as_number, listed
from boundgen.errors import LONGEST_VALUE, DataError, quoted, shortened
from boundgen.language.model import Model
from boundgen.strata.cells import Assignment, Block
from boundgen.work.limits import Report

SHOWN_VALUES = 8
KINDS = {"microdata": "micro-data", "counts": "cell counts", "probabilities": "probabilities"}


@dataclass(frozen=True)
class Options:
    """How rows are to be read."""

    names: tuple[ColumnName, ...] = ()
    conditions: tuple[Condition, ...] = ()
    cuts: tuple[Cut, ...] = ()
    weights: str | None = None
    drop_missing: bool = False
    cluster: str | None = None
    within: tuple[str, ...] = ()
    counts: str | None = None
    probabilities: str | None = None

    def column(self, statement: int, variable: str) -> str:
        """Where a variable is found: what is said about this statement comes first, then what is said about all."""
        for scope in (statement, None):
            for name in self.names:
                if name.statement == scope and name.variable == variable:
                    return name.column
        return variable

    def conditions_of(self, statement: int) -> tuple[Condition, ...]:
        return tuple(condition for condition in self.conditions if condition.statement in (None, statement))


@dataclass(frozen=True)
class _Role:
    """What a column is read for: a variable with its cut, a condition, or a covariate."""

    column: str
    variable: str | None
    cut: Cut | None
    condition: Condition | None
    covariate: bool = False

    def __str__(self) -> str:
        return self.column if self.variable in (None, self.column) else f"{self.column} ({self.variable})"


@dataclass(frozen=True)
class _Placement:
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

    places: Mapping[Key, tuple[Placed, ...]]
    used: Tally
    left_out: Tally
    missing: Tally
    lacking: Mapping[tuple[str, ...], Tally]

    @property
    def missing_units(self) -> int:
        return _units(self.missing) + sum(map(_units, self.lacking.values()))


@dataclass(frozen=True)
class _Cells:
    """What stands in cells and arms, and the arms in which some units are in none of the cells."""

    cells: Mapping[tuple[int, Assignment], Amount]
    arms: Mapping[int, Amount]
    beside: frozenset[int]


def observed_variables(model: Model, statement: int) -> tuple[str, ...]:
    """The variables of an `observe` statement."""
    observation = model.observations[statement]
    return tuple(name for name, _ in (*observation.outcomes, *observation.arms, *observation.interventions))


def read_rows(
    model: Model,
    blocks: Sequence[Block],
    numbers: Sequence[int],
    table: Table,
    kind: str,
    amount_column: str | None,
    options: Options,
    report: Report,
) -> tuple[dict[int, ObservedArm], Source, Joint]:
    """The arms of the `observe` statements with these numbers, by the number of their block."""
    _check_columns(model, numbers, table, options)
    roles = _roles(model, numbers, options)
    cuts = _with_medians(table, roles, options, kind, amount_column, report)
    coders = [_coder(model, table, role, cut) for role, cut in zip(roles, cuts, strict=True)]
    statements = [_statement(model, blocks, number, roles, options) for number in numbers]
    tallied = _tally(table, roles, coders, kind, amount_column, options, report)
    if not tallied.found and not tallied.lacking:
        raise DataError(f"{table.name}: there are no rows", remedy="Data have at least one row below the header.")
    covariates = tuple(place for place, role in enumerate(roles) if role.covariate)
    placement = _placed(statements, tallied, covariates, table)
    _refuse_idle_cuts(model, roles, tallied.found, table)
    refuse_selection(model, statements, tallied.found, table.name)
    _refuse_unknown(model, statements, roles, tallied.found, table)
    _refuse_missing(statements, roles, placement, table, options)
    _refuse_no_weight(placement, table, options)
    _refuse_many_values(placement, covariates, roles, table)
    arms = dict(_arms(blocks, statements, placement, kind, table))
    joint = _joint(blocks, placement, tallied, covariates, options)
    _refuse_few_clusters(joint, arms, table)
    return arms, _source(model, table, kind, options, roles, cuts, statements, placement, joint.clusters), joint


# ---------------------------------------------------------------- before reading
def _check_columns(model: Model, numbers: Sequence[int], table: Table, options: Options) -> None:
    several = len(model.observations) > 1
    for number in numbers:
        taken: dict[str, str] = {}
        for variable in observed_variables(model, number):
            column = options.column(number, variable)
            where = f" for observe statement {number + 1}" if several else ""
            said = "" if column == variable else f" for {variable}"
            table.check(column, f"{said}{where}", f"Say where {variable} is: --map {variable}=COLUMN; ")
            if column in taken:
                raise DataError(
                    f"column {quoted(column)} cannot be both {taken[column]} and {variable}", remedy="Name two columns."
                )
            taken[column] = variable
        for condition in options.conditions_of(number):
            table.check(condition.column, f" for the condition {shortened(str(condition), LONGEST_VALUE)}", "")
    if options.weights:
        table.check(options.weights, " for weights", "")
    if options.cluster:
        table.check(options.cluster, " for clusters", "")
    for column in options.within:
        table.check(column, " for covariates", "")


def _roles(model: Model, numbers: Sequence[int], options: Options) -> tuple[_Role, ...]:
    """Everything that is read, each once."""
    cuts = {cut.variable: cut for cut in options.cuts}
    found: list[_Role] = []
    for number in numbers:
        for variable in observed_variables(model, number):
            found.append(_Role(options.column(number, variable), variable, cuts.get(variable), None))
        found += [_condition_role(condition) for condition in options.conditions_of(number)]
    return (*dict.fromkeys(found), *(_Role(column, None, None, None, covariate=True) for column in options.within))


def _condition_role(condition: Condition) -> _Role:
    return _Role(condition.column, None, None, replace(condition, statement=None))


def _statement(
    model: Model, blocks: Sequence[Block], number: int, roles: tuple[_Role, ...], options: Options
) -> Statement:
    cuts = {cut.variable: cut for cut in options.cuts}
    variables = observed_variables(model, number)
    places = {v: roles.index(_Role(options.column(number, v), v, cuts.get(v), None)) for v in variables}
    conditions = tuple(roles.index(_condition_role(condition)) for condition in options.conditions_of(number))
    arms = {block.cells[0].context: i for i, block in enumerate(blocks) if block.observation == number}
    return Statement(number, model.observations[number], arms, conditions, places)


def _coder(model: Model, table: Table, role: _Role, cut: Cut | None) -> Coder:
    labels = table.labels.get(role.column, {})
    if role.condition is not None:
        return condition_coder(role.condition, labels)
    if role.covariate:
        return covariate_coder()
    variable = model.by_name[role.variable or ""]
    return domain_coder(variable, labels) if cut is None else cut_coder(cut, variable, labels)


# ---------------------------------------------------------------- medians
def _with_medians(
    table: Table, roles: Sequence[_Role], options: Options, kind: str, amount_column: str | None, report: Report
) -> list[Cut | None]:
    """The cut of each role; ``median`` becomes the number."""
    if kind == "probabilities" and any(role.cut and role.cut.at_median for role in roles):
        raise DataError("probabilities have no median of units", remedy="Name the cut: --dichotomize 'M>7'.")
    return [
        _at_median(table, role, options, amount_column if kind == "counts" else None, report)
        if role.cut and role.cut.at_median
        else role.cut
        for role in roles
    ]


def _at_median(table: Table, role: _Role, options: Options, count_column: str | None, report: Report) -> Cut:
    """``M=median`` is above it; ``M>=median`` at it or above."""
    assert role.cut
    found = median(lambda: _numbers(table, role.column, options.conditions, count_column, report))
    if found is None:
        raise DataError(f"{table.name}: column {quoted(role.column)} has no numbers, so no median")
    operator = ">" if role.cut.operator == "=" else role.cut.operator
    return Cut(role.cut.variable, operator, str(found))


def _numbers(
    table: Table, column: str, conditions: Sequence[Condition], count_column: str | None, report: Report
) -> Iterator[tuple[float, int]]:
    """The numbers of a column in rows that meet the conditions about some statement, and how many units they are."""
    coders = [condition_coder(condition, table.labels.get(condition.column, {})) for condition in conditions]
    ways = _ways(conditions)
    extra = [condition.column for condition in conditions] + ([count_column] if count_column else [])
    for texts, *others in table.chunks([column, *extra], report):
        tests = [coder.column(part) for coder, part in zip(coders, others, strict=False)]
        amounts = others[-1] if count_column else [None] * len(texts)
        for (text, amount, *held), times in Counter(zip(texts, amounts, *tests, strict=True)).items():
            number = None if text is None else as_number(text)
            if number is not None and (not held or any(all(held[i] == 1 for i in way) for way in ways)):
                yield number, times * (1 if amount is None else count_value(amount) or 0)


def _ways(conditions: Sequence[Condition]) -> list[list[int]]:
    """Each way for a row to be of use, as places of conditions: those on all, and those on some one statement."""
    scopes = {condition.statement for condition in conditions} - {None} or {None}
    return [[i for i, c in enumerate(conditions) if c.statement in (None, scope)] for scope in scopes]


# ---------------------------------------------------------------- reading and placing
def _tally(
    table: Table,
    roles: Sequence[_Role],
    coders: Sequence[Coder],
    kind: str,
    amount_column: str | None,
    options: Options,
    report: Report,
) -> Tallied:
    columns = [role.column for role in roles]
    if kind == "microdata" and options.weights is None:
        if options.cluster is not None:
            return tally_clusters(table, columns, coders, options.cluster, report)
        return tally(table, columns, coders, report)
    amounts = _amounts(kind, amount_column, options)
    if options.cluster is not None:
        return tally_weighted_clusters(table, columns, coders, options.cluster, amounts, report)
    return tally_amounts(table, columns, coders, amounts, report)


def _amounts(kind: str, amount_column: str | None, options: Options) -> Amounts:
    if kind == "microdata":
        return weights(options.weights or "")
    return (counts if kind == "counts" else probabilities)(amount_column or "")


def _placed(statements: Sequence[Statement], tallied: Tallied, covariates: Sequence[int], table: Table) -> _Placement:
    """A unit that misses what one statement needs is missing for all: every statement is about the same units."""
    places: dict[Key, tuple[Placed, ...]] = {}
    groups: tuple[Tally, Tally, Tally] = ({}, {}, {})
    used, left_out, missing = groups
    for key, amount in tallied.found.items():
        found = [(statement, statement.place(key)) for statement in statements]
        in_arms = [(statement, place) for statement, place in found if isinstance(place, Placed)]
        if _lacks(statements, covariates, key):
            missing[key] = amount
            continue
        _check_one_experiment([statement for statement, _ in in_arms], table)
        (used if in_arms else left_out)[key] = amount
        places[key] = tuple(place for _, place in in_arms)
    return _Placement(places, *groups, _asked(statements, tallied.lacking))


def _lacks(statements: Sequence[Statement], covariates: Sequence[int], key: Key) -> tuple[int, ...]:
    """The places of codes that some statement needs, and of covariates of units that some statement is about."""
    needed = [place for statement in statements for place in _needs(statement, key)]
    if any(statement.place(key) is not None for statement in statements):
        needed += [place for place in covariates if key[place] is MISSING]
    return tuple(dict.fromkeys(needed))


def _asked(
    statements: Sequence[Statement], lacking: Mapping[tuple[str, ...], Tally]
) -> Mapping[tuple[str, ...], Tally]:
    """Rows without a weight or a cluster are rows that miss a value, where some statement is about them."""
    return {
        columns: {key: amount for key, amount in rows.items() if any(s.place(key) for s in statements)}
        for columns, rows in lacking.items()
    }


def _cells(placement: _Placement) -> _Cells:
    cells: dict[tuple[int, Assignment], Amount] = {}
    arms: dict[int, Amount] = {}
    beside: set[int] = set()
    for key, amount in placement.used.items():
        for place in placement.places[key]:
            arms[place.block] = arms.get(place.block, Amount()) + amount
            if place.event is None:
                beside.add(place.block)
            else:
                cell = (place.block, place.event)
                cells[cell] = cells.get(cell, Amount()) + amount
    return _Cells(cells, arms, frozenset(beside))


def _check_one_experiment(statements: Sequence[Statement], table: Table) -> None:
    for other in statements[1:]:
        if other.sets != statements[0].sets:
            first, second = statements[0].number + 1, other.number + 1
            raise DataError(
                f"{table.name}: observe statements {first} and {second} are different experiments, "
                "and the same rows would serve both",
                remedy=f"Tell rows apart, --where '{first}: COLUMN=VALUE' --where '{second}: COLUMN=VALUE', "
                f"or give two files, {first}=FILE {second}=FILE.",
            )


def _joint(
    blocks: Sequence[Block], placement: _Placement, tallied: Tallied, covariates: Sequence[int], options: Options
) -> Joint:
    """Units that fall in the same cells, in the same stratum of covariates, together."""
    kinds: dict[tuple[Stratum, Pattern], list[Key]] = {}
    for key in placement.used:
        stratum = tuple(_text(key[place]) for place in covariates)
        kinds.setdefault((stratum, _pattern(blocks, placement.places[key])), []).append(key)
    units = tuple(Units(*kind, sum((placement.used[key] for key in keys), Amount())) for kind, keys in kinds.items())
    if tallied.clusters is None or options.cluster is None:
        return Joint(units)
    by_key = tallied.clusters
    weights = tuple(_summed([by_key[key] for key in keys]) for keys in kinds.values())
    return Joint(units, Clusters.of(options.cluster, weights))


def _summed(weights: Sequence[Mapping[str, Number]]) -> Mapping[str, Number]:
    """The weights of clusters among units of several keys that fall in the same cells."""
    if len(weights) == 1:
        return weights[0]
    found: dict[str, Number] = {}
    with decimal.localcontext(EXACT):
        for each in weights:
            for name, weight in each.items():
                found[name] = found.get(name, 0) + weight  # type: ignore[operator]
    return found


def _text(code: Code) -> str:
    assert isinstance(code, str)
    return code


def _pattern(blocks: Sequence[Block], places: Sequence[Placed]) -> Pattern:
    return tuple((place.block, _cell_number(blocks[place.block], place.event)) for place in places)


def _cell_number(block: Block, event: Assignment | None) -> int | None:
    return None if event is None else [cell.event for cell in block.cells].index(event)


# ---------------------------------------------------------------- what is refused
def _refuse_unknown(
    model: Model, statements: Sequence[Statement], roles: Sequence[_Role], found: Tally, table: Table
) -> None:
    """Name the values that no domain has, and how often they stand there."""
    strange: dict[int, Counter[str]] = {}
    for key, amount in found.items():
        for place in dict.fromkeys(p for s in statements for p in _needs(s, key)):
            code = key[place]
            if isinstance(code, Unknown):
                strange.setdefault(place, Counter())[code.text] += amount.units
    for place, texts in strange.items():
        raise _unknown(model, roles[place], texts, table)


def _needs(statement: Statement, key: Key) -> tuple[int, ...]:
    place = statement.place(key)
    return place.places if isinstance(place, Needs) else ()


def _unknown(model: Model, role: _Role, texts: Counter[str], table: Table) -> DataError:
    variable = role.variable or ""
    labels = table.labels.get(role.column, {})
    ordered = sorted(texts.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0]))
    shown = [
        f"{text!r}{f' ({labels[text]})' if text in labels else ''} {count} times"
        if text != OTHERS
        else f"{count} times others"
        for text, count in ordered
    ]
    name = f"{table.name}: column {quoted(role.column)}" + ("" if variable == role.column else f" for {variable}")
    if role.cut:
        return DataError(
            f"{name} holds what is not a number: {listed(shown, SHOWN_VALUES)}",
            remedy="Only numbers are above or below a cut.",
        )
    domain = ", ".join(map(str, model.by_name[variable].domain))
    cut = f", --dichotomize '{variable}>NUMBER'" if len(model.by_name[variable].domain) == 2 else ""
    return DataError(
        f"{name} holds values that are not in {{{domain}}}: {listed(shown, SHOWN_VALUES)}",
        remedy=f"Leave rows out, --where '{role.column}!=VALUE'{cut}, or declare the values in the model.",
    )


def _refuse_idle_cuts(model: Model, roles: Sequence[_Role], found: Tally, table: Table) -> None:
    """``Y=yes`` where the file says ``Yes`` would make all units alike."""
    for place, role in enumerate(roles):
        if role.cut and role.variable and role.cut.operator in ("=", "!=") and not role.cut.at_median:
            met = model.by_name[role.variable].domain[role.cut.operator == "="]
            if all(key[place] != met for key in found):
                raise DataError(
                    f"{table.name}: column '{role.column}' nowhere holds '{role.cut.value}'",
                    remedy="Write the value as it stands there, capitals too.",
                )


def _refuse_missing(
    statements: Sequence[Statement], roles: Sequence[_Role], placement: _Placement, table: Table, options: Options
) -> None:
    if placement.missing_units and not options.drop_missing:
        columns = _missing_by_column(statements, roles, placement)
        total = placement.missing_units + _units(placement.used) + _units(placement.left_out)
        raise DataError(
            f"{table.name}: {placement.missing_units} of {total} rows miss a value: "
            + listed([f"{column} {count}" for column, count in columns], SHOWN_VALUES),
            remedy="--drop-missing leaves them out.",
        )


def _missing_by_column(
    statements: Sequence[Statement], roles: Sequence[_Role], placement: _Placement
) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    covariates = [place for place, role in enumerate(roles) if role.covariate]
    for columns, rows in ((), placement.missing), *placement.lacking.items():
        for key, amount in rows.items():
            lost = [*columns, *(str(roles[place]) for place in _lacks(statements, covariates, key))]
            found.update(dict.fromkeys(lost, amount.units))
    return tuple(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _units(tally: Tally) -> int:
    return sum(amount.units for amount in tally.values())


def _refuse_no_weight(placement: _Placement, table: Table, options: Options) -> None:
    if options.weights and placement.used and not any(amount.total for amount in placement.used.values()):
        raise DataError(
            f"{table.name}: all weights in column {quoted(options.weights)} are zero",
            remedy="Some unit needs a positive one.",
        )


def _refuse_many_values(placement: _Placement, covariates: Sequence[int], roles: Sequence[_Role], table: Table) -> None:
    for place in covariates:
        if any(isinstance(key[place], Unknown) for key in placement.used):
            raise DataError(
                f"{table.name}: column '{roles[place]}' has more than {MOST_COVARIATE_VALUES} values, "
                "so it is no discrete covariate",
                remedy="Make a column of a few classes of it.",
            )


def _refuse_few_clusters(joint: Joint, arms: Mapping[int, ObservedArm], table: Table) -> None:
    """What is in one cluster varies in a way that one sample does not show."""
    if joint.clusters is None:
        return
    name = f"{table.name}: column {quoted(joint.clusters.column)}"
    alone = [arms[i].name or "of all units" for i in joint.with_one_cluster()]
    if not alone:
        return
    count = joint.clusters.count
    if count == 1:
        raise DataError(f"{name} has a single cluster", remedy="A variance needs two clusters at least, and many more.")
    if len(alone) == count == len(arms):
        raise DataError(
            f"{name}: the clusters coincide with the arms, {listed(sorted(alone), SHOWN_VALUES)}",
            remedy="One cluster for each arm shows no variance: name smaller clusters.",
        )
    raise DataError(
        f"{name} has only one cluster in the arm {listed(sorted(alone), SHOWN_VALUES)}",
        remedy="A variance needs two clusters in every arm at least, and many more.",
    )


# ---------------------------------------------------------------- arms
def _arms(
    blocks: Sequence[Block], statements: Sequence[Statement], placement: _Placement, kind: str, table: Table
) -> Iterator[tuple[int, ObservedArm]]:
    held = _cells(placement)
    for statement in statements:
        if kind == "microdata":
            _refuse_selected_alone(blocks, statement, held, table)
        for i in statement.blocks.values():
            amounts = [held.cells.get((i, cell.event), Amount()) for cell in blocks[i].cells]
            whole = held.arms.get(i, Amount())
            if not whole.total and (blocks[i].complete or kind != "probabilities"):
                raise _empty(blocks[i], table, placement)
            if kind == "probabilities":
                yield i, rescaled(blocks[i], [amount.total for amount in amounts], table.name)
                continue
            if kind == "counts" and not blocks[i].complete and i not in held.beside:
                raise no_rest(blocks[i], table.name)
            yield i, observed_arm(blocks[i], amounts, whole, whole.units)


def _refuse_selected_alone(blocks: Sequence[Block], statement: Statement, held: _Cells, table: Table) -> None:
    """Rows of the observed cells alone are no shares either: a survey of those who answered."""
    incomplete = [i for i in statement.blocks.values() if not blocks[i].complete]
    if not any(i in held.arms for i in incomplete) or any(i in held.beside for i in incomplete):
        return
    event = ", ".join(f"{name}={value}" for name, value in statement.observation.outcomes if value is not None)
    raise DataError(
        f"{table.name}: every row has {event}, so nothing says how many units have not",
        remedy=f"Add a row for each unit without {event}; what is not seen of it stays empty. "
        "If there are none, give counts, with such a row of count 0 in each arm.",
    )


def _empty(block: Block, table: Table, placement: _Placement) -> DataError:
    name = arm_name(block)
    what = f"the arm {name} is empty: no unit is in it" if name else "no unit is left"
    lost = _units(placement.left_out)
    return DataError(
        f"{table.name}: {what}",
        remedy="Bounds need every arm that the model observes"
        + (f"; {lost} units are in none of them." if lost else "."),
    )


def no_rest(block: Block, name: str) -> DataError:
    """Counts of some cells alone are no shares."""
    arm = arm_name(block)
    where = f" of the arm {arm}" if arm else ""
    return DataError(
        f"{name}: nothing says how many units{where} are in none of the observed cells",
        remedy="Add a row for them, with the count 0 if there are none.",
    )


# ---------------------------------------------------------------- what was done
def _source(
    model: Model,
    table: Table,
    kind: str,
    options: Options,
    roles: Sequence[_Role],
    cuts: Sequence[Cut | None],
    statements: Sequence[Statement],
    placement: _Placement,
    clusters: Clusters | None,
) -> Source:
    known = kind != "probabilities"
    units = placement.missing_units + _units(placement.used) + _units(placement.left_out)
    notes = (f"{clusters.count} clusters ({clusters.column})",) if clusters else ()
    weighted = "weighted " if options.weights else ""
    return Source(
        name=table.name,
        kind=weighted + KINDS[kind],
        units=units if known else None,
        used=_units(placement.used) if known else None,
        left_out=_units(placement.left_out),
        dropped=_missing_by_column(statements, roles, placement),
        dropped_units=placement.missing_units,
        notes=(
            *notes,
            *_cut_notes(model, roles, cuts, placement.used),
            *_constant_notes(model, roles, placement.used, table),
        ),
    )


def _cut_notes(model: Model, roles: Sequence[_Role], cuts: Sequence[Cut | None], used: Tally) -> Iterator[str]:
    for place, (role, cut) in enumerate(zip(roles, cuts, strict=True)):
        if cut and role.cut and role.variable:
            high = model.by_name[role.variable].domain[1]
            count, total = _units({k: a for k, a in used.items() if k[place] == high}), _units(used)
            median = ", its median" if role.cut.at_median else ""
            shares = f": {count} of {total} units" if total else ""
            yield f"{role.variable} is {high} where {role.column} {cut.operator} {cut.value}{median}{shares}"


def _constant_notes(model: Model, roles: Sequence[_Role], used: Tally, table: Table) -> Iterator[str]:
    """An outcome that never varies is possible, and more often a slip."""
    for place, role in enumerate(roles):
        if role.variable and len(model.by_name[role.variable].domain) > 1:
            values = {key[place] for key, amount in used.items() if amount.total}
            if len(values) == 1:
                yield f"{role.variable} is {_only(values)} in every unit of {table.name}"


def _only(values: Iterable[object]) -> object:
    (value,) = values
    return value
