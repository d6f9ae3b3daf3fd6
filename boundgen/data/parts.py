"""Which part a column plays in an analysis: what is named, what is found by its name, and what is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boundgen.data.options import ColumnName, Cut, RowFilter
from boundgen.data.recodes import Recode
from boundgen.data.table import Table
from boundgen.data.texts import listed
from boundgen.errors import DataError, quoted

# What a column may be to a method; those in LABELLED are text or numbers, all others are numbers.
PARTS = {
    "A": "treatment",
    "M": "mediator",
    "Y": "outcome",
    "Z": "instrument",
    "S": "site or subgroup",
    "X": "covariate",
    "W": "further covariate",
    "L": "confounder after treatment",
    "C": "cluster",
    "gamma_hat": "effect on the mediator",
    "tau_hat": "effect on the outcome",
    "sd_u": "standard error of gamma_hat",
    "sd_v": "standard error of tau_hat",
    "cov_uv": "covariance of both errors",
}
LABELLED, SEVERAL = ("S", "C"), ("M", "X", "W", "L", "S")
COVARIATES = ("X", "W", "L")
EFFECTS = ("gamma_hat", "tau_hat", "sd_u", "sd_v")


@dataclass(frozen=True)
class PartColumn:
    """A column that is read, for a part of the analysis; several columns of one part are called by their own names."""

    part: str
    column: str
    cut: Cut | None = None
    alone: bool = True
    recode: Recode | None = None

    @property
    def labelled(self) -> bool:
        """Whether its texts are kept."""
        return self.part in LABELLED and self.cut is None

    @property
    def may_be_text(self) -> bool:
        """Whether texts become indicators: any coding of a covariate spans the same space."""
        return self.part in COVARIATES and self.cut is None

    @property
    def called(self) -> str:
        """How the command line names it: by its part, or where several play it by its own name."""
        return self.part if self.alone else self.column


def part_columns(
    table: Table, named: Sequence[ColumnName], cuts: Sequence[Cut], recodes: Sequence[Recode] = ()
) -> list[PartColumn]:
    """Every column that plays a part, in the order of the parts.

    Raises
    ------
    DataError
        For parts that there are not, columns that are named twice, and cuts of none or of several.
    """
    _check_parts([name.variable for name in named])
    columns: list[PartColumn] = []
    explicit = {name.column for name in named}
    for part in PARTS:
        names = [name.column for name in named if name.variable == part]
        names = names or [column for column in (part,) if column in table.columns and column not in explicit]
        if len(names) > 1 and part not in SEVERAL:
            raise DataError(f"the {PARTS[part]} {part} is named {len(names)} times", remedy="Name one column.")
        columns += [PartColumn(part, column, alone=len(names) == 1) for column in names]
    cut_at = {_place(table, columns, cut.variable): cut for cut in cuts}
    recoded = {_place(table, columns, one.name): one for one in recodes}
    for place in cut_at.keys() & recoded.keys():
        raise DataError(f"{quoted(recoded[place].name)} is recoded and dichotomized", remedy="Say one of both.")
    return [replace(one, cut=cut_at.get(place), recode=recoded.get(place)) for place, one in enumerate(columns)]


def _place(table: Table, columns: Sequence[PartColumn], name: str) -> int:
    """Which column a cut or a recode is about: by its part, or by its name."""
    places = [place for place, one in enumerate(columns) if name in (one.part, one.column)]
    if not places:
        raise DataError(f"{table.name}: no column is {name}, so it cannot be cut", remedy=f"--map {name}=COLUMN.")
    if len(places) > 1:
        names = [columns[place].column for place in places]
        raise DataError(
            f"{table.name}: {len(names)} columns are {name}, so that a cut could mean each of them",
            remedy=f"Name the column: {listed(names)}.",
        )
    return places[0]


def _check_parts(parts: Sequence[str]) -> None:
    for part in parts:
        if part not in PARTS:
            shown = ", ".join(f"{key} {words}" for key, words in PARTS.items())
            raise DataError(f"{quoted(part)} is no part that a column can play", remedy=f"Parts: {shown}.")


def check_part_columns(
    table: Table, columns: Sequence[PartColumn], filters: Sequence[RowFilter], weights: str | None
) -> None:
    """Refuse columns that are not there, that play two parts, and filters of one statement.

    Raises
    ------
    DataError
    """
    taken: dict[str, str] = {}
    for one in columns:
        table.check(one.column, f" for the {PARTS[one.part]} {one.part}", f"Name it: --map {one.part}=COLUMN; ")
        if one.column in taken:
            raise DataError(f"column {quoted(one.column)} cannot be both {taken[one.column]} and {one.part}")
        taken[one.column] = one.part
    for row_filter in filters:
        if row_filter.statement is not None:
            raise DataError("conditions for one observe statement make no sense here", remedy="Write COLUMN=VALUE.")
        table.check(row_filter.column, f" for the condition {row_filter}", "")
    if weights:
        table.check(weights, " for weights", "")
