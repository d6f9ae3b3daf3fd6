"""A model with another number of levels of one variable.

Levels are the integers from the first one on. Statements *for all* levels then speak of the new ones too, and a chain
that was written out through all of at least three levels is read as one through all of them. A level that a statement
names stays that level, so it must be there at every number of levels: "the last level" cannot be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from boundgen.errors import ModelError, did_you_mean, quoted
from boundgen.language.expressions import And, Comparison, Expectation, Index, Outcome, Sum
from boundgen.language.model import Model
from boundgen.language.parser import parse_model
from boundgen.language.statements import Assumption, Estimand
from boundgen.language.values import values_text
from boundgen.language.variables import Variable

# A chain through two levels names both of them: X(1) >= X(0).
SHORTEST_CHAIN = 3


@dataclass(frozen=True)
class LevelScaling:
    """A model and the variable whose number of levels is changed.

    Parameters
    ----------
    model : Model
        Without claims, which are about one number of levels.
    variable : str
    first : int
        The first level.
    named : tuple of int
        The levels that statements name, in ascending order, as places in the domain.
    """

    model: Model
    variable: str
    first: int
    named: tuple[int, ...]

    @property
    def declared(self) -> Variable:
        """The variable, as the model has it."""
        return self.model.by_name[self.variable]

    def is_arithmetic(self, estimand: Estimand) -> bool:
        """Whether an estimand, or an assumption, uses the levels as numbers, as in a mean."""
        return any(_is_arithmetic(part, self.variable) for part in (*self.model.assumptions, estimand))

    def is_crossed(self, estimand: Estimand) -> bool:
        """Whether there levels are compared with what is no level of this variable, or set another variable."""
        return any(_is_crossed(part, self.variable) for part in (*self.model.assumptions, estimand))

    @property
    def fewest(self) -> int:
        """With how many levels all named ones are there."""
        return max(self.kept, 1)

    @property
    def kept(self) -> int:
        """How many levels stay where others are left out: a named one is at its place if all below it are there."""
        return max((place + 1 for place in self.named), default=0)

    def at(self, levels: int) -> Model:
        """The model with so many levels.

        Raises
        ------
        ModelError
            Where statements name levels that are not there.
        """
        if levels < self.fewest:
            raise ModelError(
                f"{self.variable}={self.first + self.fewest - 1} is named, and is not among {levels} levels",
                self.declared.where,
                f"Begin with {self.fewest} levels: --levels {self.variable}={self.fewest}..{self.fewest + 3}",
            )
        domain = tuple(range(self.first, self.first + levels))
        variables = tuple(replace(v, domain=domain) if v.name == self.variable else v for v in self.model.variables)
        assumptions = tuple(self._chained(each, levels) for each in self.model.assumptions)
        # Read again from text, so that every statement is looked at with the new domain.
        return parse_model(str(replace(self.model, variables=variables, assumptions=assumptions)), self.model.name)

    def _chained(self, assumption: Assumption, levels: int) -> Assumption:
        link = chain_link(assumption, self.declared)
        if link is None:
            return assumption
        links = tuple(_moved(link, self.variable, step) for step in range(levels - 1))
        return replace(assumption, body=links[0] if len(links) == 1 else And(links))


def scaling(model: Model, variable: str) -> LevelScaling:
    """What is needed to change a variable's number of levels.

    Raises
    ------
    ModelError
        Where its levels are no integers in a row.
    """
    if variable not in model.by_name:
        raise ModelError(
            f"model {model.name} has no variable {quoted(variable)}",
            model.where,
            f"{did_you_mean(variable, model.by_name)}variables: {', '.join(model.by_name)}",
        )
    declared = model.by_name[variable]
    first = declared.domain[0]
    if (
        declared.bounded
        or not isinstance(first, int)
        or declared.domain != tuple(range(first, first + len(declared.domain)))
    ):
        between = f"[{declared.domain[0]}, {declared.domain[-1]}]" if declared.bounded else values_text(declared.domain)
        raise ModelError(
            f"the levels of '{variable}' are {between}, of which there is no next one",
            declared.where,
            f"Number them: variable {variable} in 0..{max(len(declared.domain) - 1, 1)}",
        )
    if model.factored:
        raise ModelError(
            "families are found where all variables may share causes, and here some may not",
            model.where,
            "boundgen derive gives the bounds at one number of levels.",
        )
    own = replace(model, claims=())
    assumptions = [each for each in own.assumptions if chain_link(each, declared) is None]
    written = (*assumptions, *own.estimands, *own.definitions, *own.observations)
    named = {first_place for part in written for first_place in _named(part, variable)}
    return LevelScaling(own, variable, first, tuple(sorted(level - first for level in named)))


def chain_link(assumption: Assumption, variable: Variable) -> Comparison | None:
    """The first link of a chain that is written out through all levels: ``X(0) <= X(1)`` of X(0) <= X(1) <= X(2)."""
    body = assumption.body
    if not isinstance(body, And) or assumption.indices or len(body.parts) + 1 != len(variable.domain):
        return None
    link = body.parts[0]
    if len(variable.domain) < SHORTEST_CHAIN or not isinstance(link, Comparison):
        return None
    if not all(part == _moved(link, variable.name, step) for step, part in enumerate(body.parts)):
        return None
    # Links that name no level are one and the same.
    return link if body.parts[0] != body.parts[1] else None


def step_of(part: Any, variable: str) -> Any:
    """An expression in which this variable is set to the next level."""
    return _moved(part, variable, 1)


def _moved(part: Any, variable: str, step: int) -> Any:
    """An expression in which this variable is set to levels further on."""
    if isinstance(part, Outcome):
        settings = tuple(
            (name, value + step if name == variable and isinstance(value, int) else _moved(value, variable, step))
            for name, value in part.interventions
        )
        return replace(part, interventions=settings)
    if isinstance(part, tuple):
        return tuple(_moved(each, variable, step) for each in part)
    if isinstance(part, Comparison):
        return Comparison(part.relation, _moved(part.left, variable, step), _moved(part.right, variable, step))
    if isinstance(part, Sum):
        return Sum(tuple((c, _moved(atoms, variable, step)) for c, atoms in part.terms))
    return part


# ---------------------------------------------------------------- what statements say of the variable
def parts_of(part: Any) -> Iterator[Any]:
    """A part of a statement and all below it."""
    yield part
    if isinstance(part, tuple | list):
        for each in part:
            yield from parts_of(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for each in fields(part):
            if each.compare:
                yield from parts_of(getattr(part, each.name))


def named_levels(statement: Any, variable: str) -> tuple[int, ...]:
    """The levels of the variable that a statement names, each once."""
    return tuple(sorted({*_named(statement, variable)}))


def _named(statement: Any, variable: str) -> Iterator[int]:
    """The levels of the variable that a statement names."""
    for part in parts_of(statement):
        match part:
            case Comparison(_, left, right):
                yield from _compared(left, right, variable)
                yield from _compared(right, left, variable)
            case (str(name), int(value)) if name == variable:
                yield value


def _compared(one: Any, other: Any, variable: str) -> Iterator[int]:
    """The number that an outcome of the variable is compared with."""
    if outcome_of(one, variable) and isinstance(other, Sum) and other.constant is not None:
        yield int(other.constant)


def outcome_of(operand: Any, variable: str) -> bool:
    """Whether an operand is one potential outcome of the variable."""
    if isinstance(operand, Sum):
        return len(operand.terms) == 1 and operand.terms[0][0] == 1 and outcome_of(operand.terms[0][1], variable)
    if isinstance(operand, tuple):
        return len(operand) == 1 and outcome_of(operand[0], variable)
    return isinstance(operand, Outcome) and operand.variable == variable


def _is_arithmetic(statement: Any, variable: str) -> bool:
    """Whether a statement computes with the variable's levels: in a mean, or in a sum of outcomes or indices."""
    indices = {name for name, over in getattr(statement, "indices", ()) if over == variable}
    for part in parts_of(statement):
        if isinstance(part, Expectation) and any(_is_level(p, variable, indices) for p in _factors(part.content)):
            return True
        if isinstance(part, Comparison):
            sums = [
                side for side in (part.left, part.right) if isinstance(side, Sum) and not outcome_of(side, variable)
            ]
            if any(_is_level(p, variable, indices) for side in sums for p in _factors(side)):
                return True
    return False


def _is_crossed(statement: Any, variable: str) -> bool:
    """Whether levels meet something that is none: an outcome of another variable, or its place among parents."""
    indices = {name for name, over in getattr(statement, "indices", ()) if over == variable}
    others = {name for name, over in getattr(statement, "indices", ()) if over != variable}
    for part in parts_of(statement):
        match part:
            case Comparison(_, left, right):
                one, other = (_kind_of(side, variable, indices, others) for side in (left, right))
                if {one, other} == {"level", "other"}:
                    return True
            case Outcome(_, settings):
                for name, value in settings:
                    kind = _kind_of(value, variable, indices, others)
                    if kind and kind != ("level" if name == variable else "other"):
                        return True
    return False


def _kind_of(operand: Any, variable: str, indices: set[str], others: set[str]) -> str:
    """Whether it is a level of the variable, a value of another one, or just a number."""
    if outcome_of(operand, variable) or (isinstance(operand, Index) and operand.name in indices):
        return "level"
    if isinstance(operand, Outcome) or (isinstance(operand, Index) and operand.name in others):
        return "other"
    return ""


def _factors(total: Sum) -> Iterator[Any]:
    for _, atoms in total.terms:
        yield from atoms


def _is_level(part: Any, variable: str, indices: set[str]) -> bool:
    return outcome_of(part, variable) or (isinstance(part, Index) and part.name in indices)
