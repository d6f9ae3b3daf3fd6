"""The statements of a model as frozen values, and the rules for names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from boundgen.errors import ModelError, NotIdentifiedError, NotLinearError, Place
from boundgen.language.expressions import Formula, Inequality, Sum, Value
from boundgen.language.syntax import RelationSign
from boundgen.language.values import KEYWORDS, ONE_LINE
from boundgen.language.variables import Variable
from boundgen.rendering.characters import character_name, first_unplain

Verdict = Literal["sharp", "valid", "invalid"]
Setting = tuple[str, Value | None]
# A quantified name, a relation, and the quantified name behind it: z1 > z0.
Ordering = tuple[str, RelationSign, str]


@dataclass(frozen=True)
class Observation:
    """One observed distribution: ``observe P(outcomes | arms, selection, do(interventions))``.

    Each setting is a variable with a value, or with None for each of its values. The `selection` is an event of
    variables that are not randomized: only units for which it holds are seen. Where the outcomes are randomized
    variables it is their law, which has neither arm nor intervention nor selection.
    """

    outcomes: tuple[Setting, ...]
    arms: tuple[Setting, ...] = ()
    interventions: tuple[Setting, ...] = ()
    where: Place | None = field(default=None, compare=False, repr=False)
    places: tuple[Place | None, ...] = field(default=(), compare=False, repr=False)
    selection: tuple[tuple[str, Value], ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All that stands in it: outcomes, arms, interventions and the selection."""
        return (*self.outcomes, *self.arms, *self.interventions, *self.selection)

    def place(self, position: int) -> Place | None:
        """Where the item at this position, counted over all settings, stands."""
        return self.places[position] if position < len(self.places) else self.where


@dataclass(frozen=True)
class Parameter:
    """A symbolic constant of the assumptions; None is an unbounded end of its range."""

    name: str
    low: Fraction | None
    high: Fraction | None
    where: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Definition:
    """A named quantity that the observed data identify."""

    name: str
    expression: Sum
    where: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Assumption:
    """A unit-level formula or a population-level inequality, for all values of its indices in these orders."""

    name: str | None
    body: Formula | Inequality
    indices: tuple[tuple[str, str], ...] = ()
    where: Place | None = field(default=None, compare=False, repr=False)
    orders: tuple[Ordering, ...] = ()


@dataclass(frozen=True)
class Estimand:
    """A quantity to bound: a linear expression, or the ratio of two.

    One whose parts can be read and which is neither (two divisions, a product of three) keeps what was `written`, and
    the `refusal` that whoever asks for its bounds gets; its expression is empty. The `label` says in words what it is.
    """

    name: str
    expression: Sum
    where: Place | None = field(default=None, compare=False, repr=False)
    written: str = ""
    refusal: NotLinearError | NotIdentifiedError | None = field(default=None, compare=False, repr=False)
    divisor: Sum | None = None
    label: str = ""


Named = Variable | Parameter | Definition | Assumption | Estimand


ClaimedRatio = tuple[Sum, Sum | None]


@dataclass(frozen=True)
class ClaimedMaximum:
    """``coefficient / divisor * max(options)``, or min; each option a numerator with its denominator, or None."""

    op: Literal["max", "min"]
    coefficient: ClaimedRatio
    options: tuple[ClaimedRatio, ...]


@dataclass(frozen=True)
class ClaimedPiece:
    """A term plus multiples of maxima, which counts where all guards hold."""

    term: ClaimedRatio
    maxima: tuple[ClaimedMaximum, ...] = ()
    guards: tuple[Inequality, ...] = ()


CodeLanguage = Literal["python", "r"]


@dataclass(frozen=True)
class ClaimedCode:
    """A function of Python or R that is the bound: ``from python "bounds.py:lower"(share, P(Y=1 | A=1))``.

    Parameters
    ----------
    language : {"python", "r"}
    path : str
        A file or a module, a colon, and the function's name; files stand where the model does.
    arguments : tuple of (name, Sum), or None
        What it is called with, the name empty where it is given by position. None: with all cells, parameters and
        definitions by their names.
    """

    language: CodeLanguage
    path: str
    arguments: tuple[tuple[str, Sum], ...] | None = None

    @property
    def file(self) -> str:
        """The file or the module."""
        return self.path.rpartition(":")[0]

    @property
    def function(self) -> str:
        """The function's name."""
        return self.path.rpartition(":")[2]


@dataclass(frozen=True)
class ClaimSide:
    """A claimed max or min of terms (numerator, denominator or None), perhaps over a denominator.

    Where terms have conditions, or hold maxima themselves, they are `pieces`, and `terms` is empty; and so it is where
    the bound is computed by `code`.
    """

    op: Literal["max", "min"] | None
    terms: tuple[ClaimedRatio, ...]
    denominator: Sum | None = None
    pieces: tuple[ClaimedPiece, ...] = ()
    code: ClaimedCode | None = None


@dataclass(frozen=True)
class Claim:
    """A published bound of an estimand, and the verdicts that the catalogue records."""

    where: str
    estimand: str
    lower: ClaimSide | None = None
    upper: ClaimSide | None = None
    expect_lower: Verdict | None = None
    expect_upper: Verdict | None = None
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def sides(self) -> tuple[Literal["lower", "upper"], ...]:
        """Which sides it bounds."""
        both: tuple[tuple[Literal["lower", "upper"], ClaimSide | None], ...]
        both = ("lower", self.lower), ("upper", self.upper)
        return tuple(side for side, written in both if written)


@dataclass(frozen=True)
class Holds:
    """One published testable implication."""

    body: Inequality
    indices: tuple[tuple[str, str], ...] = ()
    orders: tuple[Ordering, ...] = ()


@dataclass(frozen=True)
class ConditionsClaim:
    """Published testable implications."""

    where: str
    holds: tuple[Holds, ...]
    expect: Verdict | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


# ---------------------------------------------------------------- rules
def check_name(name: str, what: str, where: Place | None = None) -> None:
    """Names are ASCII identifiers that are not keywords."""
    if not (name.isascii() and name.isidentifier()):
        raise ModelError(
            f"{what} {name!r} is not an identifier",
            where,
            "Names are ASCII letters, digits and underscores, and do not start with a digit.",
        )
    if name in KEYWORDS:
        raise ModelError(f"{what} '{name}' is a reserved word", where, f"reserved: {', '.join(sorted(KEYWORDS))}")


def check_text(text: str, what: str = "text") -> None:
    """Titles, sources and places of claims are one line that every output can hold."""
    if not isinstance(text, str):
        raise ModelError(f"the {what} is no text but of type {type(text).__name__}", remedy="Write a str.")
    if '"' in text or "\n" in text:
        raise ModelError(f"the text {text!r} holds a quotation mark or a line break, which the language cannot write")
    at = first_unplain(text)
    if at is not None:
        raise ModelError(f"the {what} holds {character_name(text[at])} at character {at + 1}", remedy=ONE_LINE)


def check_range(name: str, low: Fraction | None, high: Fraction | None) -> None:
    if low is not None and high is not None and low > high:
        raise ModelError(
            f"the range of parameter '{name}' is empty: {low} is above {high}",
            remedy="Write the smaller end first: [0, 1].",
        )


def check_once(items: Sequence[Named], what: str) -> None:
    """Names are identifiers, and no two are the same."""
    seen: set[str] = set()
    for item in items:
        if item.name is None:
            continue
        check_name(item.name, what, item.where)
        if item.name in seen:
            raise ModelError(f"{what} '{item.name}' is declared twice", item.where, "Names are unique.")
        seen.add(item.name)


def about(claim: Claim | ConditionsClaim) -> str:
    return claim.estimand if isinstance(claim, Claim) else "conditions"


def named_claim(claim: Claim | ConditionsClaim) -> str:
    """What a claim is called where several are spoken of."""
    return f'claim "{claim.where}" for {about(claim)}'
