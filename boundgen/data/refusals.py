"""Rows that are refused: values that no domain has, values that miss, weights and clusters that say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from boundgen.data.cuts import idle_cut
from boundgen.data.joint import Joint
from boundgen.data.matching import MOST_COVARIATE_VALUES, OTHERS, Coder, Unknown
from boundgen.data.observed import ObservedArm
from boundgen.data.placement import Placement, missing_by_column, needs, units_in
from boundgen.data.placing import PlacedStatement
from boundgen.data.recodes import CutAt, Quantiles, label_in_rule
from boundgen.data.recoding import ValuesCoder
from boundgen.data.roles import Options, Role
from boundgen.data.table import Table
from boundgen.data.tally import Tally
from boundgen.data.texts import listed
from boundgen.errors import DataError, quoted
from boundgen.exact.rational import number_in
from boundgen.language.model import Model
from boundgen.language.values import values_text

SHOWN_VALUES = 8
# What people call the first of two values.
FIRST_VALUES = ("control", "controls", "placebo", "untreated", "no", "n", "none", "false", "f", "never", "absent")


def refuse_unknown(
    model: Model, statements: Sequence[PlacedStatement], roles: Sequence[Role], tally: Tally, table: Table
) -> None:
    """Name the values that no domain has, and how often they stand there."""
    strange: dict[int, Counter[str]] = {}
    for key, amount in tally.items():
        for place in dict.fromkeys(p for s in statements for p in needs(s, key)):
            code = key[place]
            if isinstance(code, Unknown):
                strange.setdefault(place, Counter())[code.text] += amount.units
    for place, texts in strange.items():
        raise _unknown(model, roles[place], texts, table)


def _unknown(model: Model, role: Role, texts: Counter[str], table: Table) -> DataError:
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
    if role.cut or (role.recode and isinstance(role.recode.rule, CutAt | Quantiles)):
        return DataError(
            f"{name} holds what is not a number: {listed(shown, SHOWN_VALUES)}",
            remedy="Only numbers are above or below a cut.",
        )
    domain = values_text(model.by_name[variable].domain)
    if model.by_name[variable].bounded:
        return DataError(
            f"{name} holds what is no number between its ends [{domain}]: {listed(shown, SHOWN_VALUES)}",
            remedy=f"Leave rows out, --where '{role.column}!=VALUE', or declare the ends that '{variable}' has.",
        )
    cut = f", --dichotomize {_cut(variable, texts)}" if len(model.by_name[variable].domain) == 2 else ""
    if not cut and role.recode is None:
        cut = f", --recode '{variable}=values({label_in_rule(ordered[0][0])}=VALUE)'"
    return DataError(
        f"{name} holds values that are not in {{{domain}}}: {listed(shown, SHOWN_VALUES)}",
        remedy=f"Leave rows out, --where '{role.column}!=VALUE'{cut}, or declare the values in the model.",
    )


def _cut(variable: str, texts: Counter[str]) -> str:
    """A cut that these values can have: of texts, one of them is the second value."""
    words = [text for text in texts if text != OTHERS and number_in(text) is None]
    words.sort(key=lambda word: word.lower() in FIRST_VALUES)
    return quoted(f"{variable}={words[0]}" if words else f"{variable}>NUMBER")


def refuse_idle_cuts(model: Model, roles: Sequence[Role], tally: Tally, table: Table) -> None:
    """``Y=yes`` where the file says ``Yes`` would make all units alike."""
    for place, role in enumerate(roles):
        if role.cut and role.variable and role.cut.operator in ("=", "!=") and not role.cut.at_median:
            met = model.by_name[role.variable].domain[role.cut.operator == "="]
            if all(key[place] != met for key in tally):
                raise idle_cut(table, role.column, role.cut)


def refuse_idle_recodes(roles: Sequence[Role], coders: Sequence[Coder], table: Table) -> None:
    """A value that is recoded and stands nowhere is misspelt."""
    for role, coder in zip(roles, coders, strict=True):
        if role.recode and isinstance(coder, ValuesCoder):
            coder.becoming.check(table, role.column, role.recode.name)


def refuse_missing(
    statements: Sequence[PlacedStatement], roles: Sequence[Role], placement: Placement, table: Table, options: Options
) -> None:
    """Refuse rows that miss a value, unless they are to be left out."""
    if placement.missing_units and not options.drop_missing:
        columns = missing_by_column(statements, roles, placement)
        total = placement.missing_units + units_in(placement.used) + units_in(placement.left_out)
        raise DataError(
            f"{table.name}: {placement.missing_units} of {total} rows miss a value: "
            + listed([f"{column} {count}" for column, count in columns], SHOWN_VALUES),
            remedy="--drop-missing leaves them out.",
        )


def refuse_no_weight(placement: Placement, table: Table, options: Options) -> None:
    """Refuse weights that are all zero."""
    if options.weights and placement.used and not any(amount.total for amount in placement.used.values()):
        raise DataError(
            f"{table.name}: all weights in column {quoted(options.weights)} are zero",
            remedy="Some unit needs a positive one.",
        )


def refuse_many_values(placement: Placement, covariates: Sequence[int], roles: Sequence[Role], table: Table) -> None:
    """Refuse covariates with so many values that they are hardly discrete."""
    for place in covariates:
        strange = [code for key in placement.used if isinstance(code := key[place], Unknown)]
        if strange and roles[place].recode:
            raise DataError(
                f"{table.name}: {quoted(strange[0].text)} in column '{roles[place]}' is not a number",
                remedy="Only numbers are above or below a cut; --where leaves rows out.",
            )
        if strange:
            raise DataError(
                f"{table.name}: column '{roles[place]}' has more than {MOST_COVARIATE_VALUES} values, "
                "so it is no discrete covariate",
                remedy=f"Make a few classes of it: --recode '{roles[place]}=quantiles(4)'.",
            )


def refuse_few_clusters(joint: Joint, arms: Mapping[int, ObservedArm], table: Table) -> None:
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
