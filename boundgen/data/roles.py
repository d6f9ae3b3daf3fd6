"""What is read from a table of rows, and for what: each column with its role for the statements that it serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boundgen.data.cuts import with_median
from boundgen.data.matching import Coder, bounded_coder, covariate_coder, cut_coder, domain_coder, filter_coder
from boundgen.data.options import ColumnName, Cut, RowFilter
from boundgen.data.placing import PlacedStatement
from boundgen.data.recodes import Quantiles, Recode, There
from boundgen.data.recoding import level_coder, variable_coder, with_limits
from boundgen.data.table import Table
from boundgen.errors import LONGEST_VALUE, DataError, quoted, shortened
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.strata.cells import Arm
from boundgen.work.limits import Report


@dataclass(frozen=True)
class Options:
    """How rows are to be read: which columns, which rows, and what they count."""

    names: tuple[ColumnName, ...] = ()
    filters: tuple[RowFilter, ...] = ()
    cuts: tuple[Cut, ...] = ()
    weights: str | None = None
    drop_missing: bool = False
    cluster: str | None = None
    within: tuple[str, ...] = ()
    counts: str | None = None
    probabilities: str | None = None
    recodes: tuple[Recode, ...] = ()
    events: str | None = None
    totals: str | None = None

    def recode(self, name: str) -> Recode | None:
        """How a variable or covariate is recoded."""
        return next((one for one in self.recodes if one.name == name), None)

    def column(self, statement: int, variable: str) -> str:
        """Where a variable is found: what is said about this statement comes first, then what is said about all."""
        for scope in (statement, None):
            for name in self.names:
                if name.statement == scope and name.variable == variable:
                    return name.column
        return variable

    def filters_of(self, statement: int) -> tuple[RowFilter, ...]:
        """Those about all statements, and those about this one."""
        return tuple(each for each in self.filters if each.statement in (None, statement))


@dataclass(frozen=True)
class Role:
    """What a column is read for: a variable with its cut or its recode, a filter of rows, or a covariate."""

    column: str
    variable: str | None
    cut: Cut | None
    row_filter: RowFilter | None
    covariate: bool = False
    recode: Recode | None = None

    def __str__(self) -> str:
        return self.column if self.variable in (None, self.column) else f"{self.column} ({self.variable})"


def observed_variables(model: Model, statement: int) -> tuple[str, ...]:
    """The variables of an `observe` statement."""
    return tuple(name for name, _ in model.observations[statement].settings)


def check_columns(model: Model, numbers: Sequence[int], table: Table, options: Options) -> None:
    """Refuse names of columns that are not there, or that stand for two variables that are read alike."""
    several = len(model.observations) > 1
    for number in numbers:
        taken: dict[str, str] = {}
        for variable in observed_variables(model, number):
            column = options.column(number, variable)
            where = f" for observe statement {number + 1}" if several else ""
            said = "" if column == variable else f" for {variable}"
            table.check(column, f"{said}{where}", _remedy(model, number, variable))
            other = taken.get(column)
            if other is not None and options.recode(other) == options.recode(variable) is None:
                two = [name for name in (variable, other) if len(model.by_name[name].domain) == 2]
                there = f", or say that {two[0]} is whether it is there: --recode {two[0]}=there." if two else "."
                raise DataError(
                    f"column {quoted(column)} cannot be both {other} and {variable}",
                    remedy=f"Name two columns{there}",
                )
            taken[column] = variable
        for each in options.filters_of(number):
            table.check(each.column, f" for the condition {shortened(str(each), LONGEST_VALUE)}", "")
    if options.weights:
        table.check(options.weights, " for weights", "")
    if options.cluster:
        table.check(options.cluster, " for clusters", "")
    for column in options.within:
        table.check(column, " for covariates", "")


def _remedy(model: Model, number: int, variable: str) -> str:
    say = f"Say where {variable} is: --map {variable}=COLUMN"
    selected = dict(model.observations[number].selection).get(variable)
    if selected is None or any(variable in dict(each.outcomes) for each in model.observations):
        return f"{say}; "
    return f"{say}, or that every row is of a unit with {variable}={selected}: --where {variable}={selected}; "


def roles_of(model: Model, numbers: Sequence[int], options: Options) -> tuple[Role, ...]:
    """Everything that is read, each once."""
    found: list[Role] = []
    for number in numbers:
        found += [_variable_role(number, variable, options) for variable in observed_variables(model, number)]
        found += [_filter_role(each) for each in options.filters_of(number)]
    covariates = (Role(column, None, None, None, True, options.recode(column)) for column in options.within)
    return (*dict.fromkeys(found), *covariates)


def _variable_role(number: int, variable: str, options: Options) -> Role:
    cut = next((cut for cut in options.cuts if cut.variable == variable), None)
    return Role(options.column(number, variable), variable, cut, None, recode=options.recode(variable))


def _filter_role(row_filter: RowFilter) -> Role:
    return Role(row_filter.column, None, None, replace(row_filter, statement=None))


def statement_of(
    model: Model, model_arms: Sequence[Arm], number: int, roles: tuple[Role, ...], options: Options
) -> PlacedStatement:
    """An `observe` statement with the places of its parts among the roles."""
    places = {v: roles.index(_variable_role(number, v, options)) for v in observed_variables(model, number)}
    filters = tuple(roles.index(_filter_role(each)) for each in options.filters_of(number))
    arms = {model_arm.cells[0].context: i for i, model_arm in enumerate(model_arms) if model_arm.observation == number}
    law = all(model_arms[i].law for i in arms.values())
    return PlacedStatement(number, model.observations[number], arms, filters, places, law)


def coder_of(model: Model, table: Table, role: Role, cut: Cut | None, recode: Recode | None) -> Coder:
    """What the texts of a column mean in its role."""
    labels = table.labels.get(role.column, {})
    if role.row_filter is not None:
        return filter_coder(role.row_filter, labels)
    if role.covariate:
        return covariate_coder() if recode is None else level_coder(recode, labels)
    variable = model.by_name[role.variable or ""]
    if recode is not None:
        return variable_coder(recode, variable, labels, seen_value(model, variable.name))
    if cut is not None:
        return cut_coder(cut, variable, labels)
    return bounded_coder(variable) if variable.bounded else domain_coder(variable, labels)


def cuts_of(
    table: Table, roles: Sequence[Role], options: Options, kind: str, amount_column: str | None, report: Report
) -> list[Cut | None]:
    """The cut of each role; ``median`` becomes the number."""
    if kind == "probabilities" and any(role.cut and role.cut.at_median for role in roles):
        raise DataError("probabilities have no median of units", remedy="Name the cut: --dichotomize 'M>7'.")
    count_column = amount_column if kind == "counts" else None
    return [
        role.cut and with_median(table, role.column, role.cut, options.filters, count_column, report) for role in roles
    ]


def recodes_of(
    table: Table, roles: Sequence[Role], options: Options, kind: str, amount_column: str | None, report: Report
) -> list[Recode | None]:
    """The recode of each role; quantiles become the numbers to cut at."""
    if kind == "probabilities" and any(role.recode and isinstance(role.recode.rule, Quantiles) for role in roles):
        raise DataError("probabilities have no quantiles of units", remedy="Name the limits: --recode 'Y=cut(1,3,5)'.")
    count_column = amount_column if kind == "counts" else None
    return [
        role.recode and with_limits(table, role.column, role.recode, options.filters, count_column, report)
        for role in roles
    ]


def seen_value(model: Model, name: str) -> Value | None:
    """The value at which an `observe` statement sees units: 1 under P(Y, R=1 | X); None where none says it."""
    fixed = [
        value
        for each in model.observations
        for variable, value in (*each.outcomes, *each.selection)
        if variable == name and value is not None
    ]
    return fixed[0] if fixed else None


def with_indicators(model: Model, options: Options) -> Options:
    """A column for two variables, of which one is fixed where the other is seen, says whether the other is there.

    Under ``observe P(Y, R=1 | X)`` with ``R=anycond, Y=anycond``, R is 1 where the column is not empty.
    """
    found: list[Recode] = []
    for number, each in enumerate(model.observations):
        fixed = {name for name, value in (*each.outcomes, *each.selection) if value is not None}
        free = [name for name, value in each.outcomes if value is None]
        said = {*(one.name for one in options.recodes), *(cut.variable for cut in options.cuts)}
        shared = {options.column(number, name) for name in free}
        found += [Recode(name, There()) for name in sorted(fixed - said) if options.column(number, name) in shared]
    return replace(options, recodes=(*options.recodes, *dict.fromkeys(found)))
