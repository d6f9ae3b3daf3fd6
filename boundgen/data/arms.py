"""Units in their places -> the arms of the statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.data.cell_places import CellPlaces, parts
from boundgen.data.observed import SUM_ROUNDING, ObservedArm, arm_name, observed_arm, rescaled
from boundgen.data.placement import Placement, units_in
from boundgen.data.placing import PlacedStatement
from boundgen.data.table import Table
from boundgen.data.tally import Amount
from boundgen.errors import DataError
from boundgen.language.values import value_text
from boundgen.strata.cells import Arm


@dataclass(frozen=True)
class _Held:
    """What stands in cells and arms, and the arms in which some units are in none of the cells."""

    cells: Mapping[tuple[int, int], Amount]
    arms: Mapping[int, Amount]
    beside: frozenset[int]


def arms_of(
    model_arms: Sequence[Arm], statements: Sequence[PlacedStatement], placement: Placement, kind: str, table: Table
) -> Iterator[tuple[int, ObservedArm]]:
    """Each arm by its number in the model, checked to have units and to say how many are in none of its cells."""
    held = _held(model_arms, placement)
    are_joint = kind == "probabilities" and _are_joint(model_arms, statements, placement, held, table)
    for statement in statements:
        if kind == "microdata":
            _refuse_selected_alone(model_arms, statement, held, table)
        for i in statement.model_arms.values():
            amounts = [held.cells.get((i, number), Amount()) for number in range(len(model_arms[i].cells))]
            whole = held.arms.get(i, Amount())
            if not whole.total and (model_arms[i].complete or kind != "probabilities" or are_joint):
                raise _empty(model_arms[i], table, placement)
            if kind == "probabilities":
                if not are_joint and i in held.beside:
                    _refuse_other_sum(model_arms[i], whole, table)
                over = whole.total if are_joint else 1
                yield i, rescaled(model_arms[i], [amount.total / over for amount in amounts], table.name)
                continue
            if kind == "counts" and not model_arms[i].complete and i not in held.beside:
                raise no_rest(model_arms[i], table.name)
            yield i, observed_arm(model_arms[i], amounts, whole, whole.units)


def _are_joint(
    model_arms: Sequence[Arm], statements: Sequence[PlacedStatement], placement: Placement, held: _Held, table: Table
) -> bool:
    """Whether probabilities are those of whole rows, arms included, which then sum to one over all rows."""
    own = [i for statement in statements for i in statement.model_arms.values()]
    tallies = (placement.used, placement.left_out)
    total = sum((amount.total for tally in tallies for amount in tally.values()), Fraction(0))
    laws = [statement for statement in statements if statement.law]
    if abs(total - 1) <= SUM_ROUNDING:
        # Cells alone, with no row for who is in none of them, sum to one by chance: they are shares of arms.
        return bool(laws) or any(_is_whole(model_arms[i], i, held) for i in own)
    if laws and len(laws) < len(statements):
        names = ", ".join(name for name, _ in laws[0].observation.outcomes)
        raise DataError(
            f"{table.name}: the probabilities sum to {float(total):.10g}",
            remedy=f"As the law of {names} is read from them too, they are those of all variables jointly, and sum to "
            f"1; where they are those of each arm, give the law in a file of its own: {laws[0].number + 1}=FILE.",
        )
    return False


def _is_whole(model_arm: Arm, number: int, held: _Held) -> bool:
    """Whether the rows of an arm are all that there is of it."""
    return model_arm.complete or number in held.beside


def _held(model_arms: Sequence[Arm], placement: Placement) -> _Held:
    cells: dict[tuple[int, int], Amount] = {}
    places = [CellPlaces(arm) for arm in model_arms]
    arms: dict[int, Amount] = {}
    beside: set[int] = set()
    for key, amount in placement.used.items():
        for place in placement.places[key]:
            arms[place.model_arm] = arms.get(place.model_arm, Amount()) + amount
            if place.event is None:
                beside.add(place.model_arm)
            else:
                for k, (number, share) in enumerate(parts(places[place.model_arm].place(place.event))):
                    cell = (place.model_arm, number)
                    cells[cell] = cells.get(cell, Amount()) + amount.part(share, counted=not k)
    return _Held(cells, arms, frozenset(beside))


def _refuse_other_sum(model_arm: Arm, whole: Amount, table: Table) -> None:
    """With rows for who is in none of the cells, probabilities of an arm sum to one too."""
    if abs(whole.total - 1) > SUM_ROUNDING:
        raise DataError(
            f"{table.name}: the probabilities of the arm {arm_name(model_arm)} sum to {float(whole.total):.10g}",
            remedy="With rows for units in none of the observed cells they sum to 1 in each arm, or over all arms.",
        )


def _refuse_selected_alone(model_arms: Sequence[Arm], statement: PlacedStatement, held: _Held, table: Table) -> None:
    """Rows of the observed cells alone are no shares either: a survey of those who answered."""
    incomplete = [i for i in statement.model_arms.values() if not model_arms[i].complete]
    if not any(i in held.arms for i in incomplete) or any(i in held.beside for i in incomplete):
        return
    event = ", ".join(
        f"{name}={value_text(value)}" for name, value in statement.observation.outcomes if value is not None
    )
    raise DataError(
        f"{table.name}: every row has {event}, so nothing says how many units have not",
        remedy=f"Add a row for each unit without {event}; what is not seen of it stays empty. "
        "If there are none, give counts, with such a row of count 0 in each arm.",
    )


def _empty(model_arm: Arm, table: Table, placement: Placement) -> DataError:
    name = arm_name(model_arm)
    what = f"the arm {name} is empty: no unit is in it" if name else "no unit is left"
    if model_arm.cells[0].selection:
        what = f"no unit has {name}"
    lost = units_in(placement.left_out)
    return DataError(
        f"{table.name}: {what}",
        remedy="Bounds need every arm that the model observes"
        + (f"; {lost} units are in none of them." if lost else "."),
    )


def no_rest(model_arm: Arm, name: str) -> DataError:
    """Counts of some cells alone are no shares."""
    arm = arm_name(model_arm)
    where = f" of the arm {arm}" if arm else ""
    return DataError(
        f"{name}: nothing says how many units{where} are in none of the observed cells",
        remedy="Add a row for them, with the count 0 if there are none.",
    )
