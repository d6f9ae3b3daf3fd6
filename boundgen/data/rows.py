"""A table of rows -> the arms of the statements that it serves: micro-data, counts and probabilities alike."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence

from boundgen.data.arms import arms_of
from boundgen.data.cell_places import CellPlaces, parts
from boundgen.data.joint import Clusters, CovariateStratum, Joint, Mixture, Pattern, Units
from boundgen.data.matching import Code, Coder
from boundgen.data.notes import source_of
from boundgen.data.observed import DataSource, ObservedArm
from boundgen.data.placement import Placement, placement_of
from boundgen.data.placing import Placed
from boundgen.data.refusals import (
    refuse_few_clusters,
    refuse_idle_cuts,
    refuse_idle_recodes,
    refuse_many_values,
    refuse_missing,
    refuse_no_weight,
    refuse_unknown,
)
from boundgen.data.roles import Options, Role, check_columns, coder_of, cuts_of, recodes_of, roles_of, statement_of
from boundgen.data.selection import refuse_selection
from boundgen.data.table import Table
from boundgen.data.tally import (
    EXACT,
    Amount,
    Amounts,
    CodeKey,
    Tallied,
    Weight,
    counts,
    probabilities,
    tally,
    tally_amounts,
    tally_clusters,
    tally_weighted_clusters,
    weights,
)
from boundgen.errors import DataError
from boundgen.language.model import Model
from boundgen.strata.cells import Arm
from boundgen.work.limits import Report


def read_rows(
    model: Model,
    model_arms: Sequence[Arm],
    numbers: Sequence[int],
    table: Table,
    kind: str,
    amount_column: str | None,
    options: Options,
    report: Report,
) -> tuple[dict[int, ObservedArm], DataSource, Joint]:
    """The arms of the `observe` statements with these numbers, by their numbers in the model.

    Parameters
    ----------
    model : Model
    model_arms : sequence of Arm
        All arms of the model.
    numbers : sequence of int
        The statements that this table serves.
    table : Table
    kind : {"microdata", "counts", "probabilities"}
    amount_column : str or None
        The column of counts or probabilities; None for micro-data.
    options : Options
    report : function of (what, done, total)

    Returns
    -------
    arms : dict of int to ObservedArm
    source : DataSource
        What was read, for print.
    joint : Joint
        How the units fall in cells together.

    Raises
    ------
    DataError
    """
    check_columns(model, numbers, table, options)
    roles = roles_of(model, numbers, options)
    cuts = cuts_of(table, roles, options, kind, amount_column, report)
    recodes = recodes_of(table, roles, options, kind, amount_column, report)
    coders = [coder_of(model, table, *one) for one in zip(roles, cuts, recodes, strict=True)]
    statements = [statement_of(model, model_arms, number, roles, options) for number in numbers]
    tallied = _tally(table, roles, coders, kind, amount_column, options, report)
    if not tallied.amounts and not tallied.lacking:
        raise DataError(f"{table.name}: there are no rows", remedy="Data have at least one row below the header.")
    covariates = tuple(place for place, role in enumerate(roles) if role.covariate)
    placement = placement_of(statements, tallied, covariates, table)
    refuse_idle_cuts(model, roles, tallied.amounts, table)
    refuse_idle_recodes(roles, coders, table)
    refuse_selection(model, statements, tallied.amounts, table.name)
    refuse_unknown(model, statements, roles, tallied.amounts, table)
    refuse_missing(statements, roles, placement, table, options)
    refuse_no_weight(placement, table, options)
    refuse_many_values(placement, covariates, roles, table)
    arms = dict(arms_of(model_arms, statements, placement, kind, table))
    joint = _joint(model_arms, placement, tallied, covariates, options)
    refuse_few_clusters(joint, arms, table)
    codings = cuts, recodes
    return arms, source_of(model, table, kind, options, roles, codings, statements, placement, joint.clusters), joint


def _tally(
    table: Table,
    roles: Sequence[Role],
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


def _joint(
    model_arms: Sequence[Arm], placement: Placement, tallied: Tallied, covariates: Sequence[int], options: Options
) -> Joint:
    """Units that fall in the same cells, in the same stratum of covariates, together."""
    kinds: dict[tuple[CovariateStratum, Pattern], list[CodeKey]] = {}
    places = [CellPlaces(arm) for arm in model_arms]
    for key in placement.used:
        stratum = tuple(_text(key[place]) for place in covariates)
        kinds.setdefault((stratum, _pattern(places, placement.places[key])), []).append(key)
    # In an order that is not that of the rows, so that sums of floats and resamples are the same for any table.
    kinds = dict(sorted(kinds.items(), key=lambda item: _place_of(*item[0])))
    units = tuple(Units(*kind, sum((placement.used[key] for key in keys), Amount())) for kind, keys in kinds.items())
    if tallied.clusters is None or options.cluster is None:
        return Joint(units)
    by_key = tallied.clusters
    weights = tuple(_summed([by_key[key] for key in keys]) for keys in kinds.values())
    return Joint(units, Clusters.of(options.cluster, weights))


def _place_of(stratum: CovariateStratum, pattern: Pattern) -> tuple[CovariateStratum, list[tuple[int, Mixture]]]:
    return stratum, [(arm, () if cell is None else parts(cell)) for arm, cell in pattern]


def _summed(weights: Sequence[Mapping[str, Weight]]) -> Mapping[str, Weight]:
    """The weights of clusters among units of several keys that fall in the same cells."""
    if len(weights) == 1:
        return weights[0]
    found: dict[str, Weight] = {}
    with decimal.localcontext(EXACT):
        for each in weights:
            for name, weight in each.items():
                found[name] = found.get(name, 0) + weight  # type: ignore[operator]
    return found


def _text(code: Code) -> str:
    assert isinstance(code, str)
    return code


def _pattern(cells: Sequence[CellPlaces], places: Sequence[Placed]) -> Pattern:
    return tuple(
        (place.model_arm, None if place.event is None else cells[place.model_arm].place(place.event))
        for place in places
    )
