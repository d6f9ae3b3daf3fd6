"""One door to all companion methods: from a source of data to a result, or to all results that the data allow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from boundgen.calls import check_fields, public
from boundgen.companions.result import CompanionResult
from boundgen.data.columns import Columns, Labels
from boundgen.data.options import WrittenOption, column_names, cuts, one_column, with_columns
from boundgen.data.parts import EFFECTS, PARTS
from boundgen.data.recodes import recodes
from boundgen.data.table_columns import TableKind, check_columns, read_columns
from boundgen.errors import BoundgenError, DataError, LibraryError, did_you_mean, no_option, quoted
from boundgen.work.limits import Report, ignore

if TYPE_CHECKING:
    from boundgen.companions.comparison import MethodComparison
    from boundgen.companions.regression.covariance import CovType


FOLDS = 5


@dataclass(frozen=True)
class Settings:
    """What a method may be told beside the data.

    Parameters
    ----------
    level : float
        Of the intervals.
    seed, draws : int
        Of bootstraps.
    errors : {"homoskedastic", "robust", "cluster"}, optional
        Of the two-stage least squares methods, as the command line calls them; each has its own default.
    tau_r, tau_m : tuple of tuples of float
        The grid of the sensitivity analysis of `interaction-iv`: one number for each moderating covariate.
        Empty for its own grid.
    base : {"simex", "bces", "ols"}
        Whose slope the indirect effects of `heterogeneity` use.
    tree : {"boundgen", "econml"}
        Which causal tree finds its subgroups.
    folds : int, optional
        Of the cross-fitting of `ignorability` with covariates; 5, and 1 for none.
    arms : bool
        Whether each value of the treatment of `multisite` is an arm of its own.
    """

    level: float = 0.95
    seed: int = 1
    draws: int = 1000
    errors: str | None = None
    tau_r: tuple[tuple[float, ...], ...] = ()
    tau_m: tuple[tuple[float, ...], ...] = ()
    base: str = "simex"
    tree: str = "boundgen"
    folds: int | None = None
    arms: bool = False

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def cov_type(self) -> CovType | None:
        """The type of covariance of these errors."""
        from boundgen.companions.regression.covariance import cov_type_called

        return cov_type_called(self.errors)


SETTINGS = tuple(each.name for each in fields(Settings))
Run = Callable[[Columns, Settings], CompanionResult]


@dataclass(frozen=True)
class CompanionMethod:
    """A companion method.

    Parameters
    ----------
    name : str
    needed, optional : tuple of str
        The parts that columns must, or may, play: keys of `PARTS`.
    run : function of (Columns, Settings)
    """

    name: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    run: Run

    @property
    def uses(self) -> str:
        """Its parts, for messages."""
        if not self.needed:
            return f"{', '.join(EFFECTS)}, or A, M, Y and S (with Z, if named) or X, or A, M, Y with several treatments"
        return ", ".join(self.needed) + (f", and perhaps {', '.join(self.optional)}" if self.optional else "")

    def unused(self, named: Sequence[str], present: Collection[str]) -> tuple[str, ...]:
        """Those of the named parts that it leaves alone at data where these parts are present."""
        used = {*self.needed, *self.optional} if self.needed else _effects_or_units(present)
        return tuple(part for part in named if part in PARTS and part not in used)


def _effects_or_units(present: Collection[str]) -> set[str]:
    """What `heterogeneity` uses: effects of groups, or units with subgroups, or with covariates for a tree."""
    if any(part in EFFECTS for part in present):
        return {*EFFECTS, "cov_uv", "S"}
    return {"A", "M", "Y", "S" if "S" in present else "X", *(("Z",) if "S" in present else ())}


def _ignorability(data: Columns, settings: Settings) -> CompanionResult:
    from boundgen.companions.ignorability import from_columns

    return from_columns(
        data, level=settings.level, seed=settings.seed, draws=settings.draws, folds=settings.folds or FOLDS
    )


def _iv(data: Columns, settings: Settings) -> CompanionResult:
    from boundgen.companions.iv import from_columns

    return from_columns(data, level=settings.level, seed=settings.seed, draws=settings.draws)


def _multisite(data: Columns, settings: Settings) -> CompanionResult:
    from boundgen.companions.multisite import from_columns

    return from_columns(data, level=settings.level, cov_type=settings.cov_type, arms=settings.arms)


def _interaction_iv(data: Columns, settings: Settings) -> CompanionResult:
    from boundgen.companions.interaction_iv import from_columns

    return from_columns(
        data,
        level=settings.level,
        cov_type=settings.cov_type,
        tau_r=settings.tau_r or None,
        tau_m=settings.tau_m or None,
    )


def _heterogeneity(data: Columns, settings: Settings) -> CompanionResult:
    """From effects of groups if the data have them, else from units."""
    from boundgen.companions.heterogeneity import from_effects, from_instrument, from_treatments, from_units

    said: dict[str, Any] = {
        "level": settings.level, "seed": settings.seed, "draws": settings.draws, "base": settings.base
    }  # fmt: skip
    if data.weights is not None:
        raise DataError("heterogeneity takes no weights", remedy="Leave --weights out.")
    if any(data.has(part) for part in EFFECTS):
        return from_effects(data, **said)
    if not data.has("A"):
        raise DataError(
            "heterogeneity needs effects of groups (gamma_hat, tau_hat, sd_u, sd_v), or units with A, M, Y and S or X",
            remedy="Name columns: --map gamma_hat=COLUMN,tau_hat=COLUMN,sd_u=COLUMN,sd_v=COLUMN.",
        )
    for part in ("A", "M", "Y"):
        data.one(part)
    if data.has("Z") and data.has("S"):
        return from_instrument(data, **said)
    if not (data.has("S") or data.has("X")) and len(np.unique(data.one("A"))) > 2:
        return from_treatments(data, **said)
    if not data.has("S"):
        return from_units(_with_leaves(data, settings), **said)
    unused = ("subgroups are given, so that no tree looks for them in X",) if data.has("X") else ()
    return from_units(replace(data, notes=(*data.notes, *unused)), **said)


def _with_leaves(data: Columns, settings: Settings) -> Columns:
    """Subgroups found by a causal tree, as the notes of the data say: half of the units, each with its leaf."""
    from boundgen.companions.checks import check_binary
    from boundgen.companions.heterogeneity.method import MIN_GROUPS
    from boundgen.companions.heterogeneity.subgroups import tree_subgroups
    from boundgen.companions.intervals import check_draws

    if not data.has("X"):
        raise DataError(
            "heterogeneity needs subgroups S, or covariates X by which a causal tree finds them",
            remedy="Name them: --map S=COLUMN, or --map X=COLUMN.",
        )
    check_draws(settings.draws, settings.seed)
    a, m = data.one("A"), data.one("M")
    check_binary(a, "A", "treatment")
    units, labels = tree_subgroups(data.matrix("X"), a, m, settings.seed, settings.tree)
    leaves = Labels.of(labels)
    if len(leaves.names) < MIN_GROUPS:
        found = "no subgroups" if len(leaves.names) == 1 else f"{len(leaves.names)} subgroups"
        raise DataError(
            f"the causal tree finds {found} with different effects on the mediator",
            remedy=f"A line needs {MIN_GROUPS} at least: name other covariates, or subgroups, --map S=COLUMN.",
        )
    note = f"a causal tree ({settings.tree}), grown on the other half of the units, has {len(leaves.names)} leaves"
    return replace(
        data,
        numbers={part: tuple(column[units] for column in columns) for part, columns in data.numbers.items()},
        labels={"S": leaves},
        size=len(units),
        notes=(*data.notes, note),
    )


METHODS: Mapping[str, CompanionMethod] = {
    method.name: method
    for method in (
        CompanionMethod("ignorability", ("A", "M", "Y"), ("X", "W"), _ignorability),
        CompanionMethod("iv", ("A", "Z", "M", "Y"), ("X", "W"), _iv),
        CompanionMethod("multisite", ("A", "M", "Y", "S"), ("W", "C"), _multisite),
        CompanionMethod("interaction-iv", ("A", "M", "Y", "X"), ("W", "L", "C"), _interaction_iv),
        CompanionMethod("heterogeneity", (), ("A", "Z", "M", "Y", "S", "X", *EFFECTS, "cov_uv"), _heterogeneity),
    )
}


def method_named(name: str) -> CompanionMethod:
    """The method of that name.

    Returns
    -------
    CompanionMethod

    Raises
    ------
    DataError
    """
    if not isinstance(name, str) or name not in METHODS:
        raise DataError(
            f"there is no method {quoted(name)}", remedy=f"{did_you_mean(name, METHODS)}Methods: {', '.join(METHODS)}."
        )
    return METHODS[name]


@public
def mediate(
    method: str,
    source: Any,
    *,
    columns: WrittenOption | Mapping[str, str] = (),
    where: WrittenOption = (),
    dichotomize: WrittenOption = (),
    recode: WrittenOption | Mapping[str, Any] = (),
    weights: str | None = None,
    kind: TableKind = "auto",
    counts: str | None = None,
    drop_missing: bool = False,
    settings: Settings = Settings(),
    report: Report = ignore,
    **parts: Any,
) -> CompanionResult:
    """Estimate mediation effects by a companion method, beside the sharp bounds that hold without its assumptions.

    Parameters
    ----------
    method : str
        A key of `METHODS`.
    source : str, path or data frame
        Micro-data or counts: a file, or the name of data that boundgen ships.
    columns, where, dichotomize, recode, weights, kind, counts, drop_missing
        As for `boundgen.data.table_columns.read_columns`: which column plays which part, and which rows are used.
    settings : Settings
    report : function of (what, done, total)
    **parts
        Columns of parts by keyword, ``A="treat"``; several in a list, ``X=["age", "sex"]``. Settings by keyword:
        ``draws=500``.

    Returns
    -------
    CompanionResult

    Raises
    ------
    FileError
        For files that cannot be read.
    DataError
        For data that the method cannot use, and why; for parts that are named and that it does not use.

    Examples
    --------
    >>> found = mediate("ignorability", "boundsdata")
    >>> print(round(found.estimate("delta0").value, 6))
    0.106736
    """
    chosen = method_named(method)
    columns, settings = _with_keywords(columns, settings, parts)
    reading = _Reading(source, columns, where, dichotomize, recode, weights, kind, counts, drop_missing)
    data = _read(chosen, reading, report)
    unused = chosen.unused(reading.named, data.names)
    if unused:
        raise DataError(
            f"{chosen.name} does not use {_named(unused)}",
            remedy=f"It uses {chosen.uses}: leave the rest out of --map, --dichotomize and --recode, "
            "or choose another method.",
        )
    _check_parts(chosen, data)
    return chosen.run(data, settings)


def _with_keywords(columns: Any, settings: Settings, keywords: Mapping[str, Any]) -> tuple[Any, Settings]:
    """Columns and settings, with what is said of them by keyword."""
    told = {name: value for name, value in keywords.items() if name in SETTINGS}
    parts = {name: value for name, value in keywords.items() if name not in SETTINGS}
    return with_columns(columns, _named_columns(parts)), replace(settings, **told)


def _named_columns(parts: Mapping[str, Any]) -> list[dict[str, str]]:
    """Columns of parts by keyword; a part may have several."""
    found: list[dict[str, str]] = []
    for name, columns in parts.items():
        if name not in PARTS:
            options = (
                "columns",
                "where",
                "dichotomize",
                "recode",
                "weights",
                "kind",
                "counts",
                "drop_missing",
                "settings",
                *SETTINGS,
            )
            raise no_option(name, [*PARTS, *options])
        several = columns if isinstance(columns, list | tuple) else [columns]
        found += [{name: str(one_column(name, each))} for each in several if each is not None]
    return found


@dataclass(frozen=True)
class _Reading:
    """Where the columns are and how they are read."""

    source: Any
    columns: WrittenOption | Mapping[str, str]
    where: WrittenOption
    dichotomize: WrittenOption
    recode: WrittenOption | Mapping[str, Any]
    weights: str | None
    kind: TableKind
    counts: str | None
    drop_missing: bool

    @property
    def named(self) -> tuple[str, ...]:
        """The parts that the caller names, to map or to cut them."""
        names = column_names(self.columns)
        by_column = {name.column: name.variable for name in names}
        said = [*(one.variable for one in cuts(self.dichotomize)), *(one.name for one in recodes(self.recode))]
        return tuple(dict.fromkeys([*(name.variable for name in names), *(by_column.get(one, one) for one in said)]))


def _read(method: CompanionMethod, reading: _Reading, report: Report) -> Columns:
    return read_columns(
        reading.source,
        parts=(*method.needed, *method.optional),
        columns=reading.columns,
        where=reading.where,
        dichotomize=reading.dichotomize,
        recode=reading.recode,
        weights=reading.weights,
        kind=reading.kind,
        counts=reading.counts,
        drop_missing=reading.drop_missing,
        report=report,
    )


def _named(parts: Sequence[str]) -> str:
    return " and ".join(f"the {PARTS[part]} {part}" for part in parts)


def _check_parts(method: CompanionMethod, data: Columns) -> None:
    missing = [part for part in method.needed if not data.has(part)]
    if missing:
        what = " and ".join(f"{PARTS[part]} {part}" for part in missing)
        raise DataError(
            f"{method.name} needs a column for the {what}",
            remedy=f"Name it: --map {','.join(f'{part}=COLUMN' for part in missing)}.",
        )


@public
def mediate_all(
    source: Any,
    *,
    columns: WrittenOption | Mapping[str, str] = (),
    where: WrittenOption = (),
    dichotomize: WrittenOption = (),
    recode: WrittenOption | Mapping[str, Any] = (),
    weights: str | None = None,
    kind: TableKind = "auto",
    counts: str | None = None,
    drop_missing: bool = False,
    settings: Settings = Settings(),
    report: Report = ignore,
    **parts: Any,
) -> MethodComparison:
    """Every method that the data allow, side by side; of the others, why they do not apply.

    Parameters
    ----------
    source, columns, where, dichotomize, recode, weights, kind, counts, drop_missing, settings, report, **parts
        As for `mediate`.

    Returns
    -------
    MethodComparison

    Raises
    ------
    FileError
    DataError
        For options and parts that no method that applies uses, and where no method applies. A method whose library is
        not installed does not.
    """
    from boundgen.companions.comparison import MethodComparison

    columns, settings = _with_keywords(columns, settings, parts)
    said: dict[str, Any] = {
        "columns": columns,
        "where": where,
        "dichotomize": dichotomize,
        "recode": recode,
        "weights": weights,
    }
    check_columns(source, **said)
    reading = _Reading(source, columns, where, dichotomize, recode, weights, kind, counts, drop_missing)
    tries: list[_Try] = []
    for number, method in enumerate(METHODS.values()):
        report("methods", number, len(METHODS))
        tries.append(_tried(method, reading, settings, report))
    _refuse_none(tries)
    _refuse_idle(reading.named, tries)
    results = tuple(each.result for each in tries if each.result is not None)
    refused = tuple((each.method.name, each.reason) for each in tries if each.result is None)
    return MethodComparison(
        results, refused, tuple((each.method.name, _named(each.unused)) for each in tries if each.unused)
    )


@dataclass(frozen=True)
class _Try:
    """A method at the data: its result and the named parts that it leaves alone, or why it does not apply."""

    method: CompanionMethod
    result: CompanionResult | None = None
    unused: tuple[str, ...] = ()
    reason: str = ""
    lacks_library: bool = False

    @property
    def parts(self) -> set[str]:
        """What it may use."""
        return {*self.method.needed, *self.method.optional}


def _tried(method: CompanionMethod, reading: _Reading, settings: Settings, report: Report) -> _Try:
    try:
        data = _read(method, reading, report)
        _check_parts(method, data)
        return _Try(method, method.run(data, settings), method.unused(reading.named, data.names))
    except DataError as error:
        return _Try(method, reason=_reason(error))
    except LibraryError as error:
        return _Try(method, reason=_reason(error), lacks_library=True)


def _refuse_none(tries: Sequence[_Try]) -> None:
    if all(each.result is None for each in tries):
        reasons = "; ".join(f"{each.method.name}: {each.reason}" for each in tries)
        raise DataError(f"no method applies to these data: {reasons}", remedy="Name columns with --map.")


def _refuse_idle(named: Sequence[str], tries: Sequence[_Try]) -> None:
    """Refuse parts that no method uses; one whose library is missing applies, and the reason is not the parts."""
    applied = [each for each in tries if each.result is not None]
    waiting: set[str] = set().union(*(each.parts for each in tries if each.lacks_library))
    idle = [part for part in named if all(part in each.unused for each in applied) and part not in waiting]
    if not idle:
        return
    users = [each for each in tries if each.result is None and not each.parts.isdisjoint(idle)]
    why = "; ".join(f"{each.method.name}: {each.reason}" for each in users)
    raise DataError(
        f"no method that applies to these data uses {_named(idle)}" + (f" ({why})" if why else ""),
        remedy="Leave it out of --map, --dichotomize and --recode.",
    )


def _reason(error: BoundgenError) -> str:
    return f"{error.message}. {error.remedy}" if error.remedy else error.message
