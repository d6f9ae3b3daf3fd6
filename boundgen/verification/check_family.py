"""Check the certificate of a family (``boundgen.family-certificate/1``): bounds for every number of levels.

It shares no code with the engine: it needs the standard library and `check_certificate.py` beside it, which reads
models and checks the certificates of single numbers of levels. It answers as that one does.

What it proves of each side of each estimand:

1. The texts are one model with different numbers of levels: they differ in the variable's levels, and in chains of
   comparisons that go through all of them.
2. Every term of every kind is valid, at every number of levels, by one of three arguments. *Dropped arms*: the variable
   is randomized, and the terms hold few of its arms; who forgets the others has the model with fewer levels. *Few
   levels*: a unit has few levels, the others may be left out. *Thresholds*: the levels are numbers of an outcome, in
   means alone, and estimand and terms are sums over its steps. What the argument asks of the statements is looked up in
   them, and with the few levels that are left all principal strata are gone through.
3. With the numbers of levels of which there is a certificate, the terms are the sharp bound: it is checked.
4. There are no other terms at any number of levels, by *identity*, *glued arms*, *one arm*, *one arm, thresholds* or
   *two arms*, where the certificate makes one of these arguments. docs/guide/families.md says why they are proofs.
   Otherwise it is said that it is conjectured.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import floor, prod
from typing import Any

from boundgen.verification.check_certificate import (
    Affine,
    Assumption,
    Block,
    Call,
    Certificate,
    Compare,
    Join,
    Known,
    Malformed,
    Mean,
    Model,
    Name,
    Node,
    Program,
    Response,
    Strata,
    Sum,
    Wrong,
    check_side,
    read,
)
from boundgen.verification.check_certificate import Unit as PartlyKnown
from boundgen.verification.check_certificate import Unknown as NotKnown
from boundgen.verification.check_certificate import check as check_certificate

SCHEMA = "boundgen.family-certificate/1"
WEAK = ("<=", ">=", "=")
TRANSITIVE = (*WEAK, "<", ">")
# Instances of kinds, and levels, that are gone through.
MOST_TERMS = 50_000
MOST_LEVELS = 40
COMPARED, ENDS = 5, 5
SHORTEST_CHAIN = 3


def _demand(holds: bool, complaint: str) -> None:
    if not holds:
        raise Wrong(complaint)


# ---------------------------------------------------------------- kinds
@dataclass(frozen=True)
class Stretch:
    """Levels of one profile."""

    count: int
    grows: bool
    held: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class Kind:
    """Terms of one pattern."""

    ordered: bool
    numbers: tuple[tuple[str, Fraction, tuple[Fraction, ...]], ...]
    fixed: tuple[tuple[str, Fraction], ...]
    named: tuple[tuple[int, tuple[tuple[str, Fraction], ...]], ...]
    blocks: tuple[Stretch, ...]

    @property
    def taken(self) -> int:
        """How many levels it has to have beside the named ones."""
        return sum(block.count for block in self.blocks)

    @staticmethod
    def of(node: Node) -> Kind:
        """A kind as the certificate has it."""
        value = node.value
        try:
            return Kind(
                bool(value["ordered"]),
                tuple((str(n), Fraction(c), tuple(Fraction(x) for x in per)) for n, c, per in value["numbers"]),
                _held(value["fixed"]),
                tuple((int(place), _held(held)) for place, held in value["named"]),
                tuple(Stretch(int(count), bool(grows), _held(held)) for count, grows, held in value["blocks"]),
            )
        except (TypeError, ValueError, KeyError, ZeroDivisionError):
            raise Malformed(f"{node.path}: not a kind") from None


def _held(value: Any) -> tuple[tuple[str, Fraction], ...]:
    return tuple((str(name), Fraction(c)) for name, c in value)


@dataclass(frozen=True)
class Side:
    """One side of an estimand."""

    variable: str
    first: int
    by_steps: bool
    start: int
    kinds: tuple[Kind, ...]

    @property
    def taken(self) -> int:
        """The most levels that a term has to have beside the named ones."""
        return max((kind.taken for kind in self.kinds), default=0)

    @property
    def mark(self) -> str:
        """A cell's level, left open."""
        return f"{self.variable}=*"

    def terms(self, levels: int) -> Iterator[Affine]:
        """All terms with so many levels."""
        for number, (kind, roles) in enumerate(self._placed(levels)):
            if number > MOST_TERMS:
                raise Malformed("kinds: too many terms to go through")
            counts = [roles.count(i) for i in range(len(kind.blocks))]
            numbers = [(n, c + sum(p * k for p, k in zip(per, counts, strict=True))) for n, c, per in kind.numbers]
            yield self._term(kind, numbers, roles, levels)

    def one_step_terms(self) -> Iterator[Affine]:
        """What a step of each block adds to a term, with two levels."""
        for kind in self.kinds:
            for i in range(len(kind.blocks)):
                yield self._term(kind, [(n, per[i]) for n, _, per in kind.numbers], (i,), 2)

    def _placed(self, levels: int) -> Iterator[tuple[Kind, tuple[int, ...]]]:
        for kind in self.kinds:
            size = levels - self.by_steps - len(kind.named)
            choices = (
                itertools.combinations_with_replacement(range(len(kind.blocks)), max(size, 0))
                if kind.ordered
                else itertools.product(range(len(kind.blocks)), repeat=max(size, 0))
            )
            for roles in choices if size >= 0 else ():
                counts = [roles.count(i) for i in range(len(kind.blocks))]
                if all(n >= b.count if b.grows else n == b.count for n, b in zip(counts, kind.blocks, strict=True)):
                    yield kind, roles

    def _term(self, kind: Kind, numbers: Sequence[tuple[str, Fraction]], roles: Sequence[int], levels: int) -> Affine:
        found, constant = dict(kind.fixed), Fraction(0)
        for name, c in numbers:
            if not name:
                constant += c
            elif self.mark in name:
                self._add(found, name, range(levels), c)
            else:
                found[name] = found.get(name, Fraction(0)) + c
        named = dict(kind.named)
        free = [place for place in range(levels - self.by_steps) if place not in named]
        held = [*named.items(), *((p, kind.blocks[r].held) for p, r in zip(free, roles, strict=True))]
        for place, cells in held:
            for name, c in cells:
                self._add(found, name, range(place + 1, levels) if self.by_steps else (place,), c)
        return Affine(constant, found)

    def _add(self, found: dict[str, Fraction], name: str, places: Sequence[int], c: Fraction) -> None:
        for place in places:
            cell = name.replace(self.mark, f"{self.variable}={self.first + place}")
            found[cell] = found.get(cell, Fraction(0)) + c


# ---------------------------------------------------------------- units
@dataclass(frozen=True)
class Stratum:
    """Units that cells and the estimand do not tell apart."""

    known: Known
    cells: tuple[str, ...]
    cost: Fraction

    def value(self, term: Affine) -> Fraction:
        """A term, where everybody is such a unit."""
        return term.constant + sum((term.coefficients.get(cell, Fraction(0)) for cell in self.cells), Fraction(0))


class At:
    """The model with one number of levels."""

    def __init__(self, text: str, estimand: str) -> None:
        self.text, self.model = text, Model(text)
        if estimand not in self.model.estimands or self.model.causes is not None:
            raise Malformed(f"texts: no estimand {estimand}, or variables that share no causes")
        self.estimand = estimand
        _, self.numerator, self.divisor = self.model.estimands[estimand]
        self.blocks = [block for block in self.model.blocks() if not block.law]

    @property
    def plain(self) -> bool:
        """Whether the bound is about the mean over all strata, of which nothing but cells is known."""
        form = self.model.form(self.numerator, {})
        selected = any(block.selection for block in self.blocks)
        return not (self.divisor or form.conditional or form.parameters or self.model.inequalities() or selected)

    @cached_property
    def strata(self) -> list[Stratum]:
        """All of them."""
        form = self.model.form(self.numerator, {})
        search = Strata(self.model, [], [form.value])
        opened = search._open({}, search.restrictions)
        stack: list[tuple[Known, tuple[Any, ...], Any]] = [] if opened is None else [({}, (), opened)]
        found = []
        while stack:
            known, values, pending = stack.pop()
            search._tick()
            if len(values) == len(search.stages):
                if search._satisfiable(known, pending):
                    cells = tuple(cell for cell in values[:-1] if cell)
                    found.append(Stratum(known, cells, values[-1] + form.constant))
                continue
            try:
                stack.append((known, (*values, search.stages[len(values)](PartlyKnown(self.model, known))), pending))
            except NotKnown as asked:
                stack += [(more, values, left) for more, left in search._branches(known, asked, pending)]
        return found

    def normal(self, term: Affine) -> tuple[Any, ...]:
        """Equal for terms that are equal at all data whose arms sum to one."""
        found, constant = dict(term.coefficients), term.constant
        for block in self.blocks:
            cells = list(block.cells.values())
            if block.complete and (c := found.get(cells[0], Fraction(0))):
                constant += c
                for cell in cells:
                    found[cell] = found.get(cell, Fraction(0)) - c
        return constant, tuple(sorted((name, c) for name, c in found.items() if c))


# ---------------------------------------------------------------- statements
def nodes(part: Any) -> Iterator[Any]:
    """A part of a statement and all below it."""
    yield part
    if isinstance(part, tuple | list):
        for each in part:
            yield from nodes(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for each in fields(part):
            yield from nodes(getattr(part, each.name))


def moved(part: Any, variable: str, step: int) -> Any:
    """A formula in which this variable is set to levels further on."""
    if isinstance(part, Call):
        return Call(
            part.variable,
            tuple(
                (name, value + step if name == variable and isinstance(value, int) else moved(value, variable, step))
                for name, value in part.settings
            ),
        )
    if isinstance(part, tuple):
        return tuple(moved(each, variable, step) for each in part)
    if isinstance(part, Compare | Join | Sum):
        return replace(part, **{each.name: moved(getattr(part, each.name), variable, step) for each in fields(part)})
    return part


class Statements:
    """What the statements say of the variable, at one number of levels."""

    def __init__(self, at: At, variable: str) -> None:
        self.model, self.variable = at.model, variable
        self.own = self.model.variables[variable]
        self.estimand = at.numerator

    @property
    def size(self) -> int:
        """The number of levels."""
        return len(self.own.domain)

    def chain(self, assumption: Assumption) -> Compare | None:
        """The first link of an assumption that goes from each level to the next one, through all of them."""
        parts = assumption.parts()
        if assumption.indices or assumption.population or len(parts) != self.size - 1:
            return None
        link = parts[0]
        if not isinstance(link, Compare) or any(p != moved(link, self.variable, i) for i, p in enumerate(parts)):
            return None
        return link if moved(link, self.variable, 1) != link else None

    def is_chain(self, assumption: Assumption) -> bool:
        """Whether it goes through all levels; one through two of them names both."""
        return self.size >= SHORTEST_CHAIN and self.chain(assumption) is not None

    def named(self, part: Any) -> set[Any]:
        """The levels that are named."""
        found: set[Any] = set()
        for each in nodes(part):
            if isinstance(each, Call):
                found |= {value for name, value in each.settings if name == self.variable and isinstance(value, int)}
            if isinstance(each, Mean):
                found |= {value for name, value in each.context if name == self.variable and isinstance(value, int)}
            if isinstance(each, Compare):
                for one, other in ((each.left, each.right), (each.right, each.left)):
                    if self._is_own(one.single) and other.constant is not None:
                        found.add(other.constant)
        return found

    def _is_own(self, atom: Any) -> bool:
        return isinstance(atom, Call) and atom.variable == self.variable

    def are_labels(self) -> bool:
        """Whether levels are nothing but names of levels, which may be left out: not numbers, nor values of others."""
        parts: list[tuple[Any, dict[str, Any]]] = [(self.estimand, {})]
        parts += [(each.body, dict(each.indices)) for each in self.model.assumptions]
        return all(self._is_label(each, indices) for part, indices in parts for each in nodes(part))

    def _is_label(self, part: Any, indices: Mapping[str, Any]) -> bool:
        if isinstance(part, Compare):
            kinds = {self._kind(part.left, indices), self._kind(part.right, indices)}
            return "sum" not in kinds and kinds != {"level", "other"}
        if isinstance(part, Mean):
            return self._kind(part.content, indices) not in ("sum", "level")
        if isinstance(part, Call):
            return all(
                self._kind(value, indices) in ("", "level" if name == self.variable else "other")
                for name, value in part.settings
            )
        return True

    def _kind(self, part: Any, indices: Mapping[str, Any]) -> str:
        """A level of the variable, a value of another one, a number, or a sum in which there are levels."""
        if isinstance(part, Sum):
            if part.single is None:
                inside = (atom for _, atoms in part.terms for atom in atoms)
                return "sum" if any(self._kind(atom, indices) == "level" for atom in inside) else ""
            part = part.single
        if isinstance(part, Call):
            return "level" if part.variable == self.variable else "other"
        if isinstance(part, Name) and part.name in indices:
            return "level" if indices[part.name].name == self.variable else "other"
        return ""

    def are_inherited(self) -> bool:
        """Whether each assumption of the model with fewer levels follows from those of the one with more."""
        for assumption in self.model.assumptions:
            link = self.chain(assumption)
            if link is None:
                continue
            if link.relation not in TRANSITIVE or moved(link.left, self.variable, 1) != link.right:
                return False
        return True

    def join_nothing(self) -> bool:
        """Whether each assumption is about units, and about one level at most."""
        for each in self.model.assumptions:
            indices = {name for name, over in each.indices if over.name == self.variable}
            used = {part.name for part in nodes(each.body) if isinstance(part, Name) and part.name in indices}
            if each.population or len(used) + len(self.named(each.body)) > 1:
                return False
        return True

    def mentions(self, part: Any) -> bool:
        """Whether an outcome of the variable is in it."""
        return any(isinstance(each, Call) and each.variable == self.variable for each in nodes(part))

    def is_linear(self) -> bool:
        """Whether the estimand is a combination of means of the variable's outcomes."""
        for _, atoms in self.estimand.terms:
            if len(atoms) != 1 or not isinstance(atoms[0], Mean):
                return False
            mean = atoms[0]
            if self.mentions((mean.event, mean.condition, mean.context)):
                return False
            if any(sum(map(self._is_own, factors)) != 1 for _, factors in mean.content.terms):
                return False
        return True

    def are_weak(self, flat: bool = False) -> bool:
        """Whether assumptions about the variable compare its outcomes, and not strictly."""
        for each in self.model.assumptions:
            if not self.mentions(each.body):
                continue
            for part in each.parts():
                sides = (part.left.single, part.right.single) if isinstance(part, Compare) else (None, None)
                if not isinstance(part, Compare) or part.relation not in WEAK or not all(map(self._is_own, sides)):
                    return False
                if flat and any(isinstance(v, Call) for s in sides if isinstance(s, Call) for _, v in s.settings):
                    return False
        return True

    def can_grow(self) -> bool:
        """Whether a new level may do what one beside it does."""
        if not any(self.variable in other.parents for other in self.model.variables.values()):
            return True
        return all(self._is_even(each) for each in self.model.assumptions)

    def _is_even(self, assumption: Assumption) -> bool:
        calls = [each for each in nodes(assumption.body) if isinstance(each, Call)]
        over = any(v.name == self.variable for _, v in assumption.indices)
        if not over and not any(c.variable == self.variable or self.variable in dict(c.settings) for c in calls):
            return True
        for part in assumption.parts():
            if not isinstance(part, Compare) or part.relation not in WEAK:
                return False
            one, other = part.left.single, part.right.single
            if not isinstance(one, Call) or not isinstance(other, Call) or self._blank(one) != self._blank(other):
                return False
        return True

    def _blank(self, call: Call) -> tuple[str, tuple[tuple[str, Any], ...]]:
        return call.variable, tuple((name, None if name == self.variable else v) for name, v in call.settings)

    def in_contexts(self, blocks: Sequence[Block]) -> bool:
        """Whether arms, interventions or selections are by the variable."""
        return any(self.variable in block.context or self.variable in block.selection for block in blocks)


# ---------------------------------------------------------------- one side
class Checked:
    """One side of one estimand, checked step by step."""

    def __init__(self, document: Node, estimand: Node, lower: bool, texts: Mapping[int, str]) -> None:
        node, opposite = (estimand[name] for name in (("lower", "upper") if lower else ("upper", "lower")))
        value, self.of_estimand = node.value, estimand
        self.name, self.lower, self.path = str(estimand["name"].value), lower, node.path
        try:
            self.side, self.other = (
                Side(
                    str(each.value["variable"]),
                    int(each.value["first"]),
                    bool(each.value["by_steps"]),
                    int(each.value["start"]),
                    tuple(map(Kind.of, each["kinds"].items())),
                )
                for each in (node, opposite)
            )
            self.derived = [int(k) for k in document["family"]["derived"].value]
            self.arguments = {key: (value[key]["argument"], list(value[key]["levels"])) for key in ("valid", "sharp")}
        except (TypeError, ValueError, KeyError):
            raise Malformed(f"{node.path}: not one side of a family") from None
        self.at = {k: At(text, self.name) for k, text in texts.items()}
        self.say = {k: Statements(at, self.side.variable) for k, at in self.at.items()}
        self.some = self.say[max(self.say)]
        family = document["family"]
        same = (self.side.variable, self.side.first) == (family["variable"].value, family["first"].value)
        _demand(same, f"{node.path}: of another variable")
        self.certified: set[int] = set()

    # ------------------------------------------------------------ steps
    def _valid_at(self, levels: int, terms: Iterator[Affine] | None = None) -> int:
        """Each term is valid for every stratum, or a term of a certificate."""
        at, count = self._at(levels), 0
        if terms is None and levels in self.certified:
            return sum(1 for _ in self.side.terms(levels))
        _demand(at.plain, f"{self.path}: with {levels} levels there is more than strata, and no certificate")
        for term in terms if terms is not None else self.side.terms(levels):
            count += 1
            for stratum in at.strata:
                value = stratum.value(term)
                holds = value <= stratum.cost if self.lower else value >= stratum.cost
                _demand(holds, f"{self.path}: with {levels} levels the term {term} is not valid")
        return count

    def _at(self, levels: int) -> At:
        if levels not in self.at:
            raise Malformed(f"texts: there is none with {levels} levels")
        return self.at[levels]

    def compare(self, levels: int, document: Node) -> None:
        """The terms of a certificate are those of the kinds."""
        certificate = Certificate(document)
        _demand(_same_text(document["text"].text(), self._at(levels).text), f"{document.path}: of another text")
        node = next((each for each in document["estimands"].items() if each["name"].value == self.name), None)
        if node is None:
            raise Malformed(f"{document.path}: it is not about {self.name}")
        program = Program(certificate, node)
        program.remove_impossible(node["impossible"])
        dependent = program.dependent_rows(node["dependent"])
        _demand(not program.check_denominator(node["denominator"]), f"{document.path}: a conditional estimand")
        terms = check_side(program, node["lower" if self.lower else "upper"], 1 if self.lower else -1, dependent)
        at = self._at(levels)
        certain = {at.normal(term) for term in terms}
        _demand(certain == {at.normal(term) for term in self.side.terms(levels)}, f"{self.path}: other terms")
        self.certified.add(levels)

    def valid(self) -> str:
        """Why the kinds are valid for every number of levels."""
        name, _ = self.arguments["valid"]
        if name is None:
            return "valid where derived, conjectured beyond"
        known = {"dropped arms": self._dropped_arms, "few levels": self._few_levels, "thresholds": self._thresholds}
        if name not in known:
            raise Malformed(f"{self.path}.valid: {name} is no argument")
        return f"valid for every number of levels, by {name}: {known[name]()}"

    def sharp(self) -> str:
        """Why there are no other terms at any number of levels."""
        name, _ = self.arguments["sharp"]
        if name is None:
            return f"sharp where derived ({self.derived[0]} to {self.derived[-1]} levels), conjectured beyond"
        known = {
            "identity": self._identity,
            "glued arms": self._glued_arms,
            "one arm": self._one_arm,
            "one arm, thresholds": self._one_arm_by_thresholds,
            "two arms": self._two_arms,
        }
        if name not in known:
            raise Malformed(f"{self.path}.sharp: {name} is no argument")
        _demand(self.arguments["valid"][0] is not None, f"{self.path}: sharp for every number, and not proved valid")
        return f"sharp for every number of levels, by {name}: {known[name]()}"

    # ------------------------------------------------------------ validity
    def _droppable(self) -> None:
        say, variable = self.some, self.side.variable
        law = any(block.law and variable in block.names for block in say.model.blocks())
        _demand(say.own.randomized, f"{self.path}: {variable} is not randomized")
        _demand(not law, f"{self.path}: the law of {variable} is observed")
        _demand(say.are_labels() and say.are_inherited(), f"{self.path}: levels of {variable} cannot be left out")
        _demand(
            not self.side.by_steps and all(not b.held for kind in self.side.kinds for b in kind.blocks if b.grows),
            f"{self.path}: a term holds all levels",
        )

    def _dropped_arms(self) -> str:
        self._droppable()
        levels = max(self._most(), self.side.start)
        return f"with {levels} levels {self._valid_at(levels)} terms are valid"

    def _few(self) -> None:
        say, variable = self.some, self.side.variable
        _demand(not say.own.randomized and not self.side.by_steps, f"{self.path}: {variable} is randomized")
        _demand(not say.in_contexts(say.model.blocks()), f"{self.path}: arms are by {variable}")
        _demand(say.are_labels() and say.are_inherited(), f"{self.path}: levels of {variable} cannot be left out")
        even = not any(c for kind in self.side.kinds for _, _, per in kind.numbers for c in per)
        _demand(even, f"{self.path}: numbers in terms depend on levels")
        _demand(self.at[max(self.at)].plain, f"{self.path}: more is known than cells")

    def _few_levels(self) -> str:
        self._few()
        taken = prod(len(self.some.model.variables[parent].domain) for parent in self.some.own.parents)
        needed = max(self._most() + taken, self.side.start)
        _demand(needed <= MOST_LEVELS, f"{self.path}: too many levels to look at")
        count = [self._valid_at(levels) for levels in range(self.side.start, needed + 1)]
        return f"with {self.side.start} to {needed} levels {', '.join(map(str, count))} terms are valid for all strata"

    def _thresholds(self) -> str:
        say, variable = self.some, self.side.variable
        _demand(self.side.by_steps and say.is_linear() and say.are_weak(), f"{self.path}: no sum over steps")
        _demand(say.own.domain[0] == 0, f"{self.path}: the first level of {variable} is not 0")
        _demand(not say.named(self._statements()), f"{self.path}: a level of {variable} is named")
        children = any(variable in other.parents for other in say.model.variables.values())
        _demand(not children and not say.in_contexts(say.model.blocks()), f"{self.path}: {variable} affects others")
        none = not any(number for kind in self.side.kinds for _, number, _ in kind.numbers)
        fixed = any(kind.fixed or kind.named for kind in self.side.kinds)
        _demand(none and not fixed, f"{self.path}: a number in a term is no sum over steps")
        return (
            f"with two levels {self._valid_at(2, self.side.one_step_terms())} parts of terms are valid for all strata"
        )

    def _statements(self) -> list[Any]:
        return [self.some.estimand, *(each.body for each in self.some.model.assumptions)]

    def _kept(self) -> int:
        """How many levels stay where others are left out: a named one is at its place if all below it are there."""
        say, variable = self.some, self.side.variable
        parts = [say.estimand, *(each.body for each in say.model.assumptions if not say.is_chain(each))]
        named: set[int] = {floor(level) for part in parts for level in say.named(part)}
        observed = (line for line in self.at[max(self.at)].text.split("\n") if line.startswith("observe "))
        written = re.compile(rf"\b{re.escape(variable)}\s*=\s*(-?\d+)")
        named |= {int(level) for line in observed for level in written.findall(line)}
        places = {place for kind in self.side.kinds for place, _ in kind.named}
        return max([0, *(level - self.side.first + 1 for level in named), *(place + 1 for place in places)])

    def _most(self) -> int:
        """The most levels that have to be there for a term."""
        return self._kept() + self.side.taken

    # ------------------------------------------------------------ sharpness
    def _identity(self) -> str:
        _demand(self.side.kinds == self.other.kinds, f"{self.path}: the other side is another function")
        _demand(len(self.side.kinds) == 1 and not self._is_several(), f"{self.path}: more than one term")
        other = self.of_estimand["lower" if not self.lower else "upper"].value["valid"]["argument"]
        _demand(
            self.arguments["valid"][0] is not None and other is not None, f"{self.path}: a side is not proved valid"
        )
        return "the lower bound is the upper one"

    def _is_several(self) -> bool:
        """Whether there may be several terms at some number of levels."""
        blocks = self.side.kinds[0].blocks
        one_by_one = sum(block.count for block in blocks if not block.grows)
        return sum(block.grows for block in blocks) > 1 or (not self.side.kinds[0].ordered and one_by_one > 0)

    def _glued_arms(self) -> str:
        self._droppable()
        say, variable = self.some, self.side.variable
        _demand(say.join_nothing() and not say.named(say.estimand), f"{self.path}: levels of {variable} are joined")
        combinations = self._combinations()
        needed = max(combinations - 1 + self._kept(), self.side.start)
        _demand(needed in self.certified, f"{self.path}: there is no certificate with {needed} levels")
        _demand(self._most() <= needed, f"{self.path}: a kind needs more levels")
        return (
            f"at most {combinations} combinations of what {variable} does not affect directly, and with {needed} "
            "levels the kinds are all terms of a certificate"
        )

    def _combinations(self) -> int:
        model, variable = self.some.model, self.side.variable
        shared = [v for v in model.variables.values() if not v.randomized and variable not in v.parents]
        if model.assumptions:
            return prod(
                len(v.domain) ** prod(len(model.variables[parent].domain) for parent in v.parents) for v in shared
            )
        small = self.at[min(k for k in self.at if k > 1)]
        _demand(small.plain, f"{self.path}: more than strata is known")
        names = {v.name for v in shared}
        asked = {response for stratum in small.strata for response in stratum.known if response[0] in names}
        return prod(len(model.variables[name].domain) for name, _ in asked)

    def _one(self) -> Block:
        blocks = self.at[max(self.at)].blocks
        _demand(len(blocks) == 1 and blocks[0].complete, f"{self.path}: not all units are seen in one arm")
        _demand(len(self.side.kinds) == 1, f"{self.path}: more than one kind")
        return blocks[0]

    def _one_arm(self) -> str:
        self._few()
        self._one()
        _demand(self.some.can_grow(), f"{self.path}: a new level may not do what one beside it does")
        needed = max(self._most() + 1, self.side.start)
        (term,) = self.side.terms(needed)
        at = self._at(needed)
        reached = {s.cells[0] for s in at.strata if s.value(term) == s.cost}
        every = reached == {s.cells[0] for s in at.strata}
        _demand(every, f"{self.path}: a cell has no stratum with the value of the term")
        return f"with {needed} levels each of {len(reached)} cells has a stratum with the value of the term"

    def _one_arm_by_thresholds(self) -> str:
        self._thresholds()
        self._one()
        block = self._at(2).blocks[0]
        _demand(self.some.are_weak(flat=True), f"{self.path}: outcomes are compared under values that others have")
        _demand(len(list(self.side.terms(max(self.derived)))) == 1, f"{self.path}: more than one term")
        (term,) = self.side.one_step_terms()
        where = block.names.index(self.side.variable)
        best: dict[tuple[Any, ...], tuple[list[Known], list[Known]]] = {}
        events = {cell: event for event, cell in block.cells.items()}
        for stratum in self._at(2).strata:
            event = events[stratum.cells[0]]
            found = best.setdefault(event[:where] + event[where + 1 :], ([], []))
            if stratum.value(term) == stratum.cost:
                found[event[where] != self.side.first].append(stratum.known)
        fits = all(any(_fit(a, b, self.side.variable) for a in low for b in high) for low, high in best.values())
        _demand(fits, f"{self.path}: the best strata of two levels do not fit together")
        return f"with two levels {len(best)} pairs of cells have strata that fit together"

    def _two_arms(self) -> str:
        self._few()
        _demand(len(self.some.model.blocks()) == 2, f"{self.path}: not two arms")
        needed = COMPARED + self._kept()
        if any(kind.ordered for kind in self.side.kinds):
            needed = max(needed, ENDS + 2 * self._most())
        for levels in range(self.side.start, needed + 1):
            at = self._at(levels)
            known = {at.normal(term) for term in self.side.terms(levels)}
            for term in self._transport(at):
                _demand(at.normal(term) in known, f"{self.path}: with {levels} levels {term} is no term")
        return f"with {self.side.start} to {needed} levels every set of cells that may count gives a term"

    def _transport(self, at: At) -> Iterator[Affine]:
        """The terms of the cheapest way to pair the cells of two arms."""
        sign = 1 if self.lower else -1
        _demand(all(block.complete for block in at.blocks), f"{self.path}: an arm is not complete")
        rows, columns = (list(block.cells.values()) for block in at.blocks)
        cost: dict[tuple[str, str], Fraction] = {}
        for stratum in at.strata:
            one, other = stratum.cells
            cost[one, other] = min(sign * stratum.cost, cost.get((one, other), sign * stratum.cost))
        _demand(len(cost) == len(rows) * len(columns), f"{self.path}: not every pair of cells is possible")
        first = {one: min(cost[one, other] for other in columns) for one in rows}
        second = {other: min(cost[one, other] - first[one] for one in rows) for other in columns}
        rest = {(a, b): c - first[a] - second[b] for (a, b), c in cost.items()}
        _demand(set(rest.values()) <= {0, 1}, f"{self.path}: costs of pairs are not 0 or 1")
        free = {one: frozenset(other for other in columns if not rest[one, other]) for one in rows}
        whole = frozenset(columns)
        for a, b in itertools.combinations({*free.values()}, 2):
            _demand(a <= b or b <= a or a | b == whole, f"{self.path}: sets of free cells are not simple")
        alone = Affine(Fraction(0), {**first, **second})
        yield Affine(Fraction(0), {}).plus(sign, alone)
        for chosen in {*free.values()} - {whole}:
            taken = Affine(Fraction(0), {one: Fraction(1) for one in rows if free[one] <= chosen})
            given = Affine(Fraction(0), dict.fromkeys(chosen, Fraction(1)))
            yield Affine(Fraction(0), {}).plus(sign, alone.plus(1, taken).plus(-1, given))


def _fit(low: Mapping[Response, Any], high: Mapping[Response, Any], variable: str) -> bool:
    """Whether two strata differ alone by outcomes of the variable that are lower in the first one."""
    if set(low) != set(high):
        return False
    return all(low[r] == high[r] or (r[0] == variable and low[r] < high[r]) for r in low)


# ---------------------------------------------------------------- everything
def check(document: Any) -> str:
    """Check the certificate of a family that was read as JSON; a `Wrong` names the first step that does not hold.

    Returns
    -------
    str
        What is proved.

    Raises
    ------
    Malformed
        If it is none.
    """
    node = Node(document)
    if not node.has("schema") or node["schema"].value != SCHEMA:
        raise Malformed(f"its schema is not {SCHEMA}")
    node.only("schema", "family", "texts", "certificates")
    variable, first = str(node["family"]["variable"].value), int(node["family"]["first"].value)
    texts = {int(k): each.text() for k, each in node["texts"].pairs()}
    if not texts or any(not 0 < k <= MOST_LEVELS for k in texts):
        raise Malformed("texts: there is none, or one with too many levels")
    _check_texts(texts, variable, first)
    certificates = {int(k): each for k, each in node["certificates"].pairs()}
    for each in certificates.values():
        check_certificate(each.value)
    lines = [f"{Model(texts[max(texts)]).name}: every number of levels of {variable}"]
    lines += [f"  {line}" for line in texts[max(texts)].split("\n") if line]
    for estimand in node["family"]["estimands"].items():
        for lower in (True, False):
            side = Checked(node, estimand, lower, texts)
            for levels, each in certificates.items():
                side.compare(levels, each)
            lines.append(f"{side.name}, {'lower' if lower else 'upper'} bound: {len(side.side.kinds)} kinds of terms")
            listed = ", ".join(map(str, sorted(side.certified))) or "none"
            left = ", ".join(str(k) for k in side.derived if k not in side.certified)
            lines.append(f"  levels with a certificate, in which the terms are those of the kinds: {listed}")
            lines += [f"  derived, and no part of this certificate: {left}"] if left else []
            lines += [f"  {side.valid()}", f"  {side.sharp()}"]
    return "\n".join([*lines, "Every step holds."])


def _check_texts(texts: Mapping[int, str], variable: str, first: int) -> None:
    """The texts are one model with different numbers of levels."""
    read_texts = {k: [line for line in text.split("\n") if line] for k, text in texts.items()}
    models = {k: Model(text) for k, text in texts.items()}
    for k, model in models.items():
        if variable not in model.variables:
            raise Malformed(f"texts: there is no variable {variable}")
        domain = model.variables[variable].domain
        _demand(domain == tuple(range(first, first + k)), f"texts: not {k} levels of {variable}")
    most = max(texts)
    for k, lines in read_texts.items():
        _demand(len(lines) == len(read_texts[most]), "texts: not one model")
        pairs = enumerate(zip(lines, read_texts[most], strict=True))
        differing = [i for i, (one, two) in pairs if _without_levels(one, variable) != _without_levels(two, variable)]
        assumed = [i for i, line in enumerate(lines) if line.startswith("assume ")]
        for i in differing:
            _demand(i in assumed, "texts: not one model")
            one, other = (models[m].assumptions[assumed.index(i)] for m in (k, most))
            links = [Statements(_Bare(models[m]), variable).chain(a) for m, a in ((k, one), (most, other))]
            _demand(links[0] is not None and links[0] == links[1], "texts: not one model")


class _Bare(At):
    """A model without an estimand of its own."""

    def __init__(self, model: Model) -> None:
        self.model, self.numerator = model, Sum(())


def _without_levels(line: str, variable: str) -> str:
    """A statement; of the declaration of the variable without its levels."""
    head, found, tail = line.partition(" in ")
    own = head == f"variable {variable}" or head.startswith(f"variable {variable}(")
    return f"{head}{' randomized' * tail.endswith(' randomized')}" if own and found else line


def _same_text(one: str, other: str) -> bool:
    return [line for line in one.split("\n") if line] == [line for line in other.split("\n") if line]


def main() -> int:
    """Check the file that the command line names."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python check_family.py FILE\n")
        return 2
    try:
        report = check(read(sys.argv[1]))
    except Wrong as error:
        print(f"{sys.argv[1]}: does not hold: {error}")
        return 1
    except (Malformed, OSError) as error:
        sys.stderr.write(f"{sys.argv[1]}: not a certificate: {error}\n")
        return 2
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
