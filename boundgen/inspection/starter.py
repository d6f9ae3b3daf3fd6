"""A starter model for a file: what was guessed of its columns, as a model that derives and comments to be changed."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from boundgen.data.cells_file import CELL
from boundgen.data.open_table import open_table
from boundgen.data.quoting import in_quotes
from boundgen.data.reading import read_data
from boundgen.data.recodes import label_in_rule
from boundgen.errors import BoundgenError, DataError, named
from boundgen.inspection.guessed_roles import GuessedRoles, guessed_roles
from boundgen.inspection.seen_columns import SeenColumn, seen_columns
from boundgen.language.model import Model
from boundgen.work.limits import Report, ignore

# What people call the first of two values.
FIRST = "0 no n none control controls placebo untreated false f never absent off unexposed dead fail failed".split()
MOST_LEVELS, MOST_WITH_MEDIATOR = 4, 3
LARGEST_VALUE = 99
MOST_LISTED = 40
WIDTH = 24


@dataclass(frozen=True)
class _Part:
    """A variable of the model and its column.

    Parameters
    ----------
    variable : str
    column : SeenColumn
    domain : tuple of int
    recode : str
        A rule that makes the values; empty where they are those of the column.
    """

    variable: str
    column: SeenColumn
    domain: tuple[int, ...]
    recode: str

    @property
    def comment(self) -> str:
        return f"# {self.column.name}: {self.recode.partition('=')[2] or self.column.text()}"


@dataclass(frozen=True)
class Starter:
    """A starter model.

    Parameters
    ----------
    text : str
        Of the model file.
    options : dict
        With which `read_data` reads the file for it.
    """

    text: str
    options: dict[str, Any]


def starter(source: Any, file: str | None = None, report: Report = ignore) -> Starter:
    """A starter model for a file of data.

    Parameters
    ----------
    source : str or path
        What `read_data` takes.
    file : str, optional
        Where the model will stand, for the commands in its comments.
    report : function of (what, done, total)

    Returns
    -------
    Starter

    Raises
    ------
    FileError
        For files that cannot be read.
    DataError
        Where no column can be a treatment, or no other its outcome.

    Examples
    --------
    >>> print(starter("jobs").text.splitlines()[-2])
    estimand ate = E[Y(1, M(1)) - Y(0, M(0))]
    """
    if not isinstance(source, str | os.PathLike):
        raise DataError(f"{type(source).__name__} is no file", remedy="Give the name of a file of data.")
    table = open_table(source)
    if CELL in table.columns:
        raise DataError(
            f"{table.name}: column '{CELL}' names the cells of a model that is there already",
            remedy="Read these cells with it: boundgen evaluate MODEL DATA.",
        )
    columns = seen_columns(table, report)
    roles = guessed_roles(columns)
    if roles is None:
        raise DataError(
            f"{table.name}: no two columns look like a treatment, with two values, and its outcome",
            remedy="A model needs both: make a column of two values first.",
        )
    data = os.fspath(source)
    parts = _parts(roles)
    model = _identifier(data)
    body = _model(model, data, roles, parts)
    options = _options(roles, parts)
    problem = _problem(body, source, options)
    head = _head(data, columns, roles, parts)
    after = _after(data, file or f"{model}.bounds", options, problem, roles)
    return Starter("\n".join([*head, "", *after, "", *body, ""]), options)


def _identifier(data: str) -> str:
    """The name of a model of this file.

    >>> _identifier("/data/My survey (2).csv"), _identifier("2.csv")
    ('My_survey_2', 'model_2')
    """
    base = os.path.basename(data).partition("#")[0].partition(".")[0]
    plain = re.sub(r"\W+", "_", base, flags=re.ASCII).strip("_")
    return plain if re.match(r"[A-Za-z]", plain) and len(plain) > 1 else f"model_{plain}".rstrip("_")


# ---------------------------------------------------------------- variables
def _parts(roles: GuessedRoles) -> dict[str, _Part]:
    most = MOST_WITH_MEDIATOR if roles.mediator else MOST_LEVELS
    given = {"Z": roles.instrument, "A": roles.treatment, "M": roles.mediator, "Y": roles.outcome}
    parts = {variable: _part(variable, column, most) for variable, column in given.items() if column is not None}
    return parts | ({"Y": _Part("Y", roles.outcome, (0, 1), "")} if roles.totals else {})


def _part(variable: str, column: SeenColumn, most: int) -> _Part:
    integers = column.integers
    as_it_is = 2 <= len(integers) <= most and all(abs(value) <= LARGEST_VALUE for value in integers)
    if as_it_is and len(set(integers)) == len(integers):
        return _Part(variable, column, tuple(sorted(integers)), "")
    if 2 <= len(column.held) <= most and (variable in ("A", "Z") or len(column.held) == 2):
        return _Part(variable, column, tuple(range(len(column.held))), _numbered(variable, column))
    return _Part(variable, column, (0, 1), f"{variable}=quantiles(2)")


def _numbered(variable: str, column: SeenColumn) -> str:
    """Texts as numbers, what sounds like none first."""
    ordered = sorted(column.values, key=lambda text: text.lower() not in FIRST)
    return f"{variable}=values({', '.join(f'{label_in_rule(text)}={i}' for i, text in enumerate(ordered))})"


# ---------------------------------------------------------------- the model
def _model(model: str, data: str, roles: GuessedRoles, parts: dict[str, _Part]) -> list[str]:
    lines = [f'model {model} "A starter for {_title(data)}"', ""]
    lines += list(_variables(roles, parts))
    lines.append("")
    lines += _statements(roles, parts)
    return lines


def _title(data: str) -> str:
    return re.sub(r'["\\]|[^ -~]', "", os.path.basename(data))[:60]


def _variables(roles: GuessedRoles, parts: dict[str, _Part]) -> Iterator[str]:
    for name, part in parts.items():
        parents = {"Z": "", "A": "(Z)" if "Z" in parts else "", "M": "(A)", "Y": "(A, M)" if "M" in parts else "(A)"}
        randomized = name == "Z" or (name == "A" and "Z" not in parts and roles.randomized)
        domain = ", ".join(map(str, part.domain))
        written = f"variable {name}{parents[name]} in {{{domain}}}{' randomized' if randomized else ''}"
        if name == "Y" and _is_indicated(roles):
            yield f"{'variable R(A) in {0, 1}':<40}  # whether {_plain(part.column.name)} is there"
        yield f"{written:<40}  {_plain(part.comment)}"


def _plain(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def _is_indicated(roles: GuessedRoles) -> bool:
    """Whether the outcome is missing for some units, so that a variable says for whom."""
    return bool(roles.outcome.missing) and roles.totals is None


def _statements(roles: GuessedRoles, parts: dict[str, _Part]) -> list[str]:
    outcomes = ["Y", *(["R=1"] if _is_indicated(roles) else []), *(["M"] if "M" in parts else [])]
    low, high = parts["A"].domain[0], parts["A"].domain[-1]
    if "Z" in parts:
        observed = f"observe P({', '.join([*outcomes, 'A'])} | Z)"
    elif roles.randomized:
        observed = f"observe P({', '.join(outcomes)} | A)"
    else:
        observed = f"observe P({', '.join([*outcomes, 'A'])})"
    lines = [observed]
    if "M" in parts and len(parts["M"].domain) == 2:
        lines.append(f"# assume mmr: M({high}) >= M({low})          # a treatment that lowers nobody's mediator")
    if "Z" in parts:
        zero, one = parts["Z"].domain
        lines.append(f"# assume monotone: A({one}) >= A({zero})     # an assignment that keeps nobody from treatment")
    if _is_indicated(roles):
        lines.append(f"# assume response: R({high}) >= R({low})     # a treatment that makes nobody drop out")
    if "M" not in parts:
        lines.append(f"estimand ate = E[Y({high}) - Y({low})]")
    else:
        lines.append(f"estimand ate = E[Y({high}, M({high})) - Y({low}, M({low}))]")
        lines.append(f"# estimand indirect = E[Y({high}, M({high})) - Y({high}, M({low}))]")
    return lines


# ---------------------------------------------------------------- how it is read
def _options(roles: GuessedRoles, parts: dict[str, _Part]) -> dict[str, Any]:
    names = {name: part.column.name for name, part in parts.items()}
    if roles.totals:
        del names["Y"]
    if _is_indicated(roles):
        names["R"] = roles.outcome.name
    needed = {name: column for name, column in names.items() if name != column}
    options: dict[str, Any] = {}
    if needed:
        options["columns"] = ",".join(f"{name}={_column(column)}" for name, column in needed.items())
    rules = [part.recode for part in parts.values() if part.recode]
    if "R" in names and names["R"] not in needed.values():
        rules.append("R=there")
    if rules:
        options["recode"] = ", ".join(rules)
    if any(part.column.missing for name, part in parts.items() if name != "Y"):
        options["drop_missing"] = True
    if roles.counts:
        options["counts"] = roles.counts.name
    return options


def _column(name: str) -> str:
    return name if re.fullmatch(r"[\w.\- ]+", name) else in_quotes(name)


def _problem(body: Sequence[str], source: Any, options: dict[str, Any]) -> str:
    """Why the file cannot be read so; empty where it can. Rows that may be counts are taken for units."""
    model = Model.parse("\n".join(body))
    tries = [{}, {"kind": "microdata"}] if "counts" not in options else [{}]
    problem = ""
    for more in tries:
        try:
            read_data(model, source, **{**options, **more})
        except BoundgenError as error:
            problem = problem or f"{error.message} {error.remedy}"
            continue
        options.update(more)
        return ""
    return problem


def _command(verb: str, file: str, data: str, options: dict[str, Any]) -> str:
    words = ["boundgen", verb, file, data]
    names = {"columns": "--map", "drop_missing": "--drop-missing"}
    for name, value in options.items():
        words += [names.get(name, f"--{name}"), *([] if value is True else [str(value)])]
    return shlex.join(words)


# ---------------------------------------------------------------- comments
def _head(data: str, columns: Sequence[SeenColumn], roles: GuessedRoles, parts: dict[str, _Part]) -> Iterator[str]:
    rows = columns[0].rows
    yield f"# {_plain(named(data))}: {rows} rows, {len(columns)} columns. What follows was guessed from their names and"
    yield "# values: look at every line, and change what is wrong."
    yield "#"
    played = {part.column.name: name for name, part in parts.items()}
    for one in columns[:MOST_LISTED]:
        said = f"  -> {played[one.name]}" if one.name in played else _aside(one, roles)
        yield f"#   {_plain(one.name)[:WIDTH]:<{WIDTH}}  {_plain(one.text())}{said}"
    if len(columns) > MOST_LISTED:
        yield f"#   and {len(columns) - MOST_LISTED} more columns"


def _aside(one: SeenColumn, roles: GuessedRoles) -> str:
    if one is roles.weights:
        return "  perhaps weights: --weights"
    if one is roles.clusters:
        return "  perhaps clusters: --cluster, for estimate"
    if one is roles.counts:
        return "  counts of units"
    if one is roles.totals:
        return f"  units, of which {_plain(roles.outcome.name)} have Y=1"
    if one not in roles.others:
        return ""
    if one.held and len(one.held) <= MOST_LEVELS:
        return "  perhaps a covariate: --within, for estimate"
    return "  perhaps a covariate: --within with --recode, for estimate" if one.is_number else ""


def _after(data: str, file: str, options: dict[str, Any], problem: str, roles: GuessedRoles) -> Iterator[str]:
    if not roles.randomized:
        yield "# No name says that the treatment was randomized. If it was, write `randomized` behind the values"
        yield "# of A, and P(... | A) for what is observed."
    yield "# Next:"
    yield f"#   boundgen derive {shlex.quote(file)}"
    yield f"#   {_plain(_command('evaluate', file, data, options))}"
    yield f"#   {_plain(_command('estimate', file, data, options))}"
    if problem:
        yield f"# These data need more to be read: {_plain(problem)}"
