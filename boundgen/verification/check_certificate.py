"""Check a certificate (``boundgen.certificate/1``) with the standard library alone.

This file shares no code with the engine and may be copied and run by itself: ``python check_certificate.py FILE``.
It answers with exit status 0 if every step holds, 1 if one does not, 2 if the file is not a certificate.

What it proves, for each estimand: the program is min (or max) of cost · ψ over ψ >= 0 with A ψ = b (or <= b), where
b are the observed cells, numbers and parameters.

1. The entries of cells are those of the strata; impossible strata and dependent rows are what they are said to be.
2. Every listed dual vertex is feasible, so its term is valid at all data (weak duality), and it is a vertex.
3. The list is complete: the edges at every vertex are computed here, and each ends at a listed vertex or is a listed
   ray. The graph of a polyhedron is connected, so there are no others, and the largest term is the bound.
4. Every printed term alone is the bound at its witness; for every other term some mean of printed ones is as good.
5. The model implies every testable implication, the testable implications imply the demand of every ray and of
   every dependent row, and none of them is superfluous.

Not proved here: that strata, costs and the entries of assumptions are those of the model's text. They are listed for
the reader to compare.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

SCHEMA = "boundgen.certificate/1"
LARGEST = 200_000_000
RATIONAL = re.compile(r"-?[0-9]{1,300}(/[0-9]{1,300})?", re.ASCII)
Vector = dict[int, Fraction]


class Malformed(ValueError):
    """The file is not a certificate."""


class Wrong(ValueError):
    """The certificate is well-formed, and a step of its proof does not hold."""


# ---------------------------------------------------------------- reading
def read(path: str) -> Any:
    """The JSON in a file, numbers other than counts refused."""
    with open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Malformed(f"it is larger than {LARGEST} bytes")
    try:
        return json.loads(content.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"it is not JSON, or was cut off: {error.msg} in line {error.lineno}") from None
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Malformed) else Malformed("its numbers or its nesting are too large") from None


def _no_float(text: str) -> Any:
    raise Malformed(f"{text} is not a rational in a string")


class Node:
    """A value in the JSON with its path, so that every complaint says where."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.value, self.path = value, path

    def __getitem__(self, key: str) -> Node:
        if key not in self.mapping():
            raise Malformed(f"{self.path or 'the certificate'} has no '{key}'")
        return Node(self.value[key], f"{self.path}.{key}" if self.path else key)

    def has(self, key: str) -> bool:
        return key in self.mapping()

    def mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = self._of(dict, "an object")
        return found

    def items(self) -> list[Node]:
        return [Node(value, f"{self.path}[{i}]") for i, value in enumerate(self._of(list, "a list"))]

    def pairs(self) -> list[tuple[str, Node]]:
        return [(key, self[key]) for key in self.mapping()]

    def text(self) -> str:
        return str(self._of(str, "a text"))

    def name(self) -> str:
        """An identifier, so that nothing that is printed can pass for an answer."""
        text = self.text()
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,200}", text, re.ASCII):
            raise Malformed(f"{self.path} is not a name")
        return text

    def flag(self) -> bool:
        return bool(self._of(bool, "true or false"))

    def none(self) -> bool:
        return self.value is None

    def index(self, size: int) -> int:
        """A number of a row or column, as an integer or as the text of one."""
        value = self.value
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value, re.ASCII):
            value = int(value)
        if type(value) is not int or not 0 <= value < size:
            raise Malformed(f"{self.path} is not a number from 0 to {size - 1}")
        return value

    def rational(self) -> Fraction:
        text = self._of(str, "a rational in a string")
        if not RATIONAL.fullmatch(text):
            raise Malformed(f"{self.path} is not a rational: {text[:40]!r}")
        try:
            return Fraction(text)
        except ZeroDivisionError:
            raise Malformed(f"{self.path} divides by zero") from None

    def rationals(self) -> dict[str, Fraction]:
        return {key: node.rational() for key, node in self.pairs()}

    def vector(self, size: int) -> Vector:
        """Rationals by number."""
        return {Node(key, f"{self.path}.{key}").index(size): node.rational() for key, node in self.pairs()}

    def _of(self, kind: type, what: str) -> Any:
        if type(self.value) is not kind:
            raise Malformed(f"{self.path or 'the certificate'} is not {what}")
        return self.value


class Affine:
    """A constant and coefficients of named quantities."""

    def __init__(self, constant: Fraction, coefficients: dict[str, Fraction]) -> None:
        self.constant = constant
        self.coefficients = {name: c for name, c in coefficients.items() if c}

    def plus(self, multiple: Fraction | int, other: Affine) -> Affine:
        """This and a multiple of another one."""
        found = dict(self.coefficients)
        for name, c in other.coefficients.items():
            found[name] = found.get(name, Fraction(0)) + multiple * c
        return Affine(self.constant + multiple * other.constant, found)

    def equals(self, other: Affine) -> bool:
        return self.constant == other.constant and self.coefficients == other.coefficients

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        return self.constant + sum((c * values.get(name, 0) for name, c in self.coefficients.items()), Fraction(0))

    def __str__(self) -> str:
        numbers = [(self.constant, "")] * bool(self.constant) + [(c, name) for name, c in self.coefficients.items()]
        shown = "".join(f" {'-' if c < 0 else '+'} {_product(abs(c), name)}" for c, name in numbers)
        return shown.removeprefix(" + ").replace(" - ", "-", 1) if shown.startswith(" - ") else shown[3:] or "0"


def _product(number: Fraction, name: str) -> str:
    return name if name and number == 1 else f"{number} {name}".strip()


NOTHING = Affine(Fraction(0), {})


class Certificate:
    """What all estimands share: variables, cells, arms, parameters, testable implications."""

    def __init__(self, node: Node) -> None:
        if not node.has("schema") or node["schema"].value != SCHEMA:
            raise Malformed(f"its schema is not {SCHEMA}")
        self.node = node
        self.model = node["model"].name()
        node["text"].text()
        self.digest = node["digest"].text()
        self.parents = {v["name"].text(): [p.text() for p in v["parents"].items()] for v in node["variables"].items()}
        self.cells = {c["name"].text(): (_texts(c["event"]), _texts(c["context"])) for c in node["cells"].items()}
        self.low: dict[str, Fraction | None] = {}
        self.high: dict[str, Fraction | None] = {}
        for parameter in node["parameters"].items():
            for end, found in (("low", self.low), ("high", self.high)):
                value = parameter[end]
                found[parameter["name"].text()] = None if value.none() else value.rational()
        self.arms = [([self._cell(c) for c in a["cells"].items()], a["complete"].flag()) for a in node["arms"].items()]
        self.conditions = [self.affine(c["term"]) for c in node["conditions"].items()]

    def _cell(self, node: Node) -> str:
        if node.text() not in self.cells:
            raise Malformed(f"{node.path} is not a cell")
        return node.text()

    def affine(self, node: Node) -> Affine:
        coefficients = node["coefficients"].rationals()
        for name in coefficients:
            if name not in self.cells and name not in self.low:
                raise Malformed(f"{node.path} speaks of {name[:80]!r}, which is neither a cell nor a parameter")
        return Affine(node["constant"].rational(), coefficients)

    def range_function(self, end: str, name: str) -> Affine:
        """What is not negative while a parameter is in its range."""
        limit = (self.low if end == "low" else self.high).get(name)
        if limit is None:
            raise Malformed(f"there is no {end} end of a parameter {name[:80]!r}")
        sign = 1 if end == "low" else -1
        return Affine(-sign * limit, {name: Fraction(sign)})

    def in_range(self, values: Mapping[str, Fraction]) -> bool:
        return all(
            (low is None or values.get(name, 0) >= low)
            and ((high := self.high[name]) is None or high >= values.get(name, 0))
            for name, low in self.low.items()
        )

    def without_ranges(self, function: Affine, proof: Node) -> Affine:
        """The function less the proof's multiples of parameter ranges."""
        for end in ("low", "high"):
            for name, multiple in proof[end].rationals().items() if proof.has(end) else ():
                _demand(multiple >= 0, f"{proof.path}: a multiple of an inequality is negative")
                function = function.plus(-multiple, self.range_function(end, name))
        return function


def _texts(node: Node) -> dict[str, str]:
    return {key: value.text() for key, value in node.pairs()}


def _demand(holds: bool, complaint: str) -> None:
    if not holds:
        raise Wrong(complaint)


# ---------------------------------------------------------------- the program
class Column:
    """A stratum: its potential outcomes, entries by row, cost, and whether the estimand's condition holds in it."""

    def __init__(self, node: Node, rows: int) -> None:
        self.stratum = _texts(node["stratum"])
        self.entries = {i: c for i, c in node["entries"].vector(rows).items() if c}
        self.cost, self.event = node["cost"].rational(), node["event"].rational()


class Program:
    """The program of one estimand, and proofs about functions of its strata."""

    def __init__(self, certificate: Certificate, node: Node) -> None:
        self.certificate, self.path, self.name = certificate, node.path, node["name"].name()
        rows = node["rows"].items()
        self.kinds = [row["kind"].text() for row in rows]
        self.names = [row["name"].text() for row in rows]
        self.relations = [row["relation"].text() for row in rows]
        self.right = [certificate.affine(row["right"]) for row in rows]
        self.columns = [Column(column, len(rows)) for column in node["columns"].items()]
        self.offset = certificate.affine(node["offset"])
        self.possible = list(range(len(self.columns)))
        self.row_of = {name: i for i, name in enumerate(self.names) if self.kinds[i] == "cell"}
        self._check_rows()

    def _check_rows(self) -> None:
        names = [self.names[i] for i, kind in enumerate(self.kinds) if kind == "cell"]
        _demand(sorted(names) == sorted(self.certificate.cells), f"{self.path}.rows: not one row for each cell")
        _demand(self.kinds.count("total") == 1, f"{self.path}.rows: not one row for the total")
        for i, kind in enumerate(self.kinds):
            place, right = f"{self.path}.rows[{i}]", self.right[i]
            if kind not in ("cell", "total", "assumption") or self.relations[i] not in ("=", "<="):
                raise Malformed(f"{place} is neither of a cell, the total nor an assumption, or has no relation")
            _demand(kind == "assumption" or self.relations[i] == "=", f"{place}: a cell or the total is an equality")
            cell = kind == "cell" and right.equals(Affine(Fraction(0), {self.names[i]: Fraction(1)}))
            total = kind == "total" and right.equals(Affine(Fraction(1), {}))
            parameters = kind == "assumption" and right.coefficients.keys() <= self.certificate.low.keys()
            _demand(cell or total or parameters, f"{place}: the right side is not that of its kind")

    def check_entries(self) -> None:
        """The entries of cells and of the total are those of the strata."""
        for j, column in enumerate(self.columns):
            for i, kind in enumerate(self.kinds):
                if kind == "cell":
                    expected = self._cell_entry(self.names[i], column)
                elif kind == "total":
                    expected = Fraction(1)
                else:
                    continue
                found = column.entries.get(i, Fraction(0))
                _demand(found == expected, f"{self.path}.columns[{j}]: the entry of {self.names[i]} is not {expected}")

    def _cell_entry(self, cell: str, column: Column) -> Fraction:
        """1 where the event holds in the arm; a stratum may leave open what cannot matter."""
        event, context = self.certificate.cells[cell]
        found = [(self._value(name, column, context, 0), value) for name, value in event.items()]
        if any(here not in (None, value) for here, value in found):
            return Fraction(0)
        _demand(all(here for here, _ in found), f"{self.path}.columns: a stratum does not tell whether {cell} holds")
        return Fraction(1)

    def _value(self, name: str, column: Column, context: dict[str, str], depth: int) -> str | None:
        """The value of a variable in a stratum, in an arm; None where the stratum does not say."""
        if name in context:
            return context[name]
        if name not in self.certificate.parents or depth > len(self.certificate.parents):
            raise Malformed(f"variables: {name[:80]!r} is not there, or is its own ancestor")
        given = [self._value(parent, column, context, depth + 1) for parent in self.certificate.parents[name]]
        response = f"{name}({','.join(str(value) for value in given)})" if given else name
        return None if None in given else column.stratum.get(response)

    def remove_impossible(self, node: Node) -> None:
        """Strata that a row with right side zero and entries of one sign forbids, step by step."""
        for step in node.items():
            i = step["row"].index(len(self.kinds))
            listed = {j.index(len(self.columns)) for j in step["columns"].items()}
            entries = {j: self.columns[j].entries[i] for j in self.possible if i in self.columns[j].entries}
            one_sign = all(e > 0 for e in entries.values()) or (
                self.relations[i] == "=" and all(e < 0 for e in entries.values())
            )
            forbids = self.kinds[i] == "assumption" and self.right[i].equals(NOTHING) and one_sign
            _demand(forbids and listed == set(entries), f"{step.path}: the row does not forbid just these strata")
            self.possible = [j for j in self.possible if j not in listed]

    def over_strata(self, function: Affine) -> tuple[Vector, Affine]:
        """A function of cells and parameters: its value in each stratum, and the rest."""
        found: Vector = {}
        for j in self.possible:
            entries = self.columns[j].entries
            found[j] = sum(
                (
                    c
                    for name, c in function.coefficients.items()
                    if name in self.row_of and self.row_of[name] in entries
                ),
                Fraction(0),
            )
        rest = {name: c for name, c in function.coefficients.items() if name not in self.row_of}
        return found, Affine(function.constant, rest)

    def check_nonnegative(self, strata: Vector, rest: Affine, proof: Node, what: str) -> None:
        """Less multiples of rows and ranges, nothing negative is left."""
        strata = dict(strata)
        for i, multiple in (proof["rows"].vector(len(self.kinds)) if proof.has("rows") else {}).items():
            if self.kinds[i] == "cell":
                raise Malformed(f"{proof.path}: a proof uses the row of a cell")
            _demand(multiple >= 0 or self.relations[i] == "=", f"{proof.path}: a multiple of an inequality is negative")
            rest = rest.plus(-multiple, self.right[i])
            for j in self.possible:
                strata[j] += multiple * self.columns[j].entries.get(i, 0)
        rest = self.certificate.without_ranges(rest, proof)
        proved = rest.constant >= 0 and not rest.coefficients and all(value >= 0 for value in strata.values())
        _demand(proved, f"{proof.path}: this does not prove that {what}")

    def check_implied(self, function: Affine, proof: Node, what: str) -> None:
        """A function of the data is nowhere negative under the model."""
        self.check_nonnegative(*self.over_strata(function), proof, what)

    def check_zero(self, strata: Vector, rest: Affine, node: Node, what: str) -> None:
        """Nowhere negative and nowhere positive."""
        proofs = node.items()
        if len(proofs) != 2:
            raise Malformed(f"{node.path} is not two proofs")
        self.check_nonnegative(strata, rest, proofs[0], what)
        opposite = {j: -value for j, value in strata.items()}
        self.check_nonnegative(opposite, NOTHING.plus(-1, rest), proofs[1], what)

    def check_denominator(self, node: Node) -> Affine | None:
        """The probability of the condition is the listed function of the data."""
        if node.none():
            certain = all(self.columns[j].event == 1 for j in self.possible)
            _demand(certain, f"{node.path}: the estimand has a condition, and there is no denominator")
            return None
        term = self.certificate.affine(node["term"])
        strata, rest = self.over_strata(NOTHING.plus(-1, term))
        difference = {j: value + self.columns[j].event for j, value in strata.items()}
        self.check_zero(difference, rest, node["equal"], "the denominator is the probability of the condition")
        happens = any(self.columns[j].event for j in self.possible)
        _demand(happens and not term.equals(NOTHING), f"{node.path}: the condition has probability zero")
        return term

    def dependent_rows(self, node: Node) -> set[int]:
        """Equality rows that are combinations of others; the testable implications imply that their data are too."""
        found: set[int] = set()
        for step in node.items():
            i = step["row"].index(len(self.kinds))
            _demand(self.relations[i] == "=", f"{step.path}: the row is not an equality")
            demand = self.right[i]
            entries = {j: self.columns[j].entries.get(i, Fraction(0)) for j in self.possible}
            for k, multiple in step["multiples"].vector(len(self.kinds)).items():
                _demand(k != i and k not in found, f"{step.path}: a dependent row explains another one")
                _demand(self.relations[k] == "=", f"{step.path}: an inequality explains an equality")
                demand = demand.plus(-multiple, self.right[k])
                for j in self.possible:
                    entries[j] -= multiple * self.columns[j].entries.get(k, 0)
            _demand(not any(entries.values()), f"{step.path}: the row is not this combination of others")
            proofs = step["implied"].items()
            if len(proofs) != 2:
                raise Malformed(f"{step.path}.implied is not two proofs")
            for sign, proof in zip((1, -1), proofs, strict=True):
                check_from_data(self.certificate, NOTHING.plus(sign, demand), proof)
            found.add(i)
        return found


def check_from_data(certificate: Certificate, function: Affine, proof: Node) -> None:
    """A function is not negative at any data that meet the testable implications."""
    function = certificate.without_ranges(function, proof)
    for key in ("arms", "conditions"):
        size = len(certificate.arms if key == "arms" else certificate.conditions)
        for k, multiple in (proof[key].vector(size) if proof.has(key) else {}).items():
            if key == "arms":
                cells, complete = certificate.arms[k]
                part = Affine(Fraction(1), dict.fromkeys(cells, Fraction(-1)))
            else:
                part, complete = certificate.conditions[k], False
            _demand(complete or multiple >= 0, f"{proof.path}: a multiple of an inequality is negative")
            function = function.plus(-multiple, part)
    left = function.coefficients
    plain = function.constant >= 0 and all(c >= 0 and name in certificate.cells for name, c in left.items())
    _demand(plain, f"{proof.path}: the testable implications do not imply it by these multiples")


# ---------------------------------------------------------------- vertices and rays
class Dual:
    """The dual polyhedron of one side: inequalities ``a · y <= c`` in integers, over the rows that are kept."""

    def __init__(self, program: Program, sign: int, kept: list[int]) -> None:
        self.size = len(kept)
        number = {i: k for k, i in enumerate(kept)}
        least: dict[tuple[Fraction, ...], Fraction] = {}
        for j in program.possible:
            a = [Fraction(0)] * self.size
            for i, entry in program.columns[j].entries.items():
                if i in number:
                    a[number[i]] = entry
            cost = sign * program.columns[j].cost
            least[tuple(a)] = min(cost, least.get(tuple(a), cost))
        for i in kept:
            if program.relations[i] == "<=":
                a = [Fraction(0)] * self.size
                a[number[i]] = Fraction(1)
                least[tuple(a)] = min(Fraction(0), least.get(tuple(a), Fraction(0)))
        self.inequalities = [_integers([*a, c]) for a, c in least.items()]

    def edges(self, vertex: Sequence[int]) -> list[tuple[int, ...]] | None:
        """The directions of the edges at a vertex (given with its denominator last); None if it is not one."""
        on = [row[:-1] for row in self.inequalities if _dot(row, vertex) == row[-1] * vertex[-1]]
        return extreme_rays(on, self.size)

    def end(self, vertex: Sequence[int], edge: Sequence[int]) -> tuple[int, ...] | None:
        """The vertex at the other end of an edge; None where the edge has no end."""
        best: Fraction | None = None
        for row in self.inequalities:
            rate = _dot(row, edge)
            if rate > 0:
                step = Fraction(row[-1] * vertex[-1] - _dot(row, vertex), rate)
                best = step if best is None or step < best else best
        if best is None:
            return None
        # vertex / d + best / d * edge, where d is the denominator and best was taken times d.
        return _point([Fraction(x, vertex[-1]) + best / vertex[-1] * e for x, e in zip(vertex[:-1], edge, strict=True)])


def _dot(row: Sequence[int], vector: Sequence[int]) -> int:
    """Products of the places that both have, a last constant or denominator left out."""
    return sum([a * x for a, x in zip(row[:-1], vector, strict=False) if a])


def _integers(values: Sequence[Fraction]) -> tuple[int, ...]:
    scale = lcm(*(value.denominator for value in values))
    return tuple(int(value * scale) for value in values)


def _point(values: Sequence[Fraction]) -> tuple[int, ...]:
    """Numerators over a common denominator, which stands last."""
    return _integers([*values, Fraction(1)])


def _primitive(vector: Sequence[int]) -> tuple[int, ...]:
    divisor = gcd(*vector)
    return tuple(x // divisor for x in vector) if divisor else tuple(vector)


def extreme_rays(rows: Sequence[Sequence[int]], size: int) -> list[tuple[int, ...]] | None:
    """The extreme rays of the cone ``a · d <= 0`` for all rows (double description); None where it has a line."""
    basis = _independent(rows, size)
    if basis is None:
        return None
    rays = [(ray, _met(rows, ray, basis)) for ray in _simplex_rays([rows[k] for k in basis], size)]
    done = sum(1 << k for k in basis)
    rays = [(ray, met & done) for ray, met in rays]
    for k in range(len(rows)):
        if not done >> k & 1:
            rays = _cut(rays, rows[k], k, size)
            done |= 1 << k
    return [ray for ray, _ in rays]


def _cut(
    rays: list[tuple[tuple[int, ...], int]], row: Sequence[int], k: int, size: int
) -> list[tuple[tuple[int, ...], int]]:
    """The rays of a cone after one more inequality."""
    values = [sum([a * x for a, x in zip(row, ray, strict=True) if a]) for ray, _ in rays]
    kept = [(ray, met | (value == 0) << k) for (ray, met), value in zip(rays, values, strict=True) if value <= 0]
    inside = [i for i, value in enumerate(values) if value < 0]
    outside = [i for i, value in enumerate(values) if value > 0]
    for i in outside:
        for j in inside:
            common = rays[i][1] & rays[j][1]
            if common.bit_count() >= size - 2 and _adjacent(rays, i, j, common):
                between = [values[i] * x - values[j] * y for x, y in zip(rays[j][0], rays[i][0], strict=True)]
                kept.append((_primitive(between), common | 1 << k))
    return kept


def _adjacent(rays: list[tuple[tuple[int, ...], int]], i: int, j: int, common: int) -> bool:
    return not any(common & met == common for k, (_, met) in enumerate(rays) if k not in (i, j))


def _met(rows: Sequence[Sequence[int]], ray: Sequence[int], which: Iterable[int]) -> int:
    return sum(1 << k for k in which if not sum(a * x for a, x in zip(rows[k], ray, strict=True)))


def _independent(rows: Sequence[Sequence[int]], size: int) -> list[int] | None:
    """Rows that span everything, the first that do; None where all rows together do not."""
    reduced: list[tuple[int, list[Fraction]]] = []
    chosen: list[int] = []
    for k, row in enumerate(rows):
        rest = [Fraction(x) for x in row]
        for pivot, basis in reduced:
            if rest[pivot]:
                rest = [x - rest[pivot] * y for x, y in zip(rest, basis, strict=True)]
        pivot = next((i for i, x in enumerate(rest) if x), -1)
        if pivot >= 0:
            reduced.append((pivot, [x / rest[pivot] for x in rest]))
            chosen.append(k)
        if len(chosen) == size:
            return chosen
    return None


def _simplex_rays(rows: Sequence[Sequence[int]], size: int) -> list[tuple[int, ...]]:
    """The rays of a cone with as many independent inequalities as dimensions: the columns of minus the inverse."""
    wide = [[Fraction(x) for x in row] + [Fraction(-(i == k)) for k in range(size)] for i, row in enumerate(rows)]
    for c in range(size):
        pivot = next(r for r in range(c, size) if wide[r][c])
        wide[c], wide[pivot] = wide[pivot], wide[c]
        wide[c] = [x / wide[c][c] for x in wide[c]]
        for r in range(size):
            if r != c and wide[r][c]:
                wide[r] = [x - wide[r][c] * y for x, y in zip(wide[r], wide[c], strict=True)]
    return [_primitive(_integers([wide[r][size + k] for r in range(size)])) for k in range(size)]


def check_side(program: Program, side: Node, sign: int, dependent: set[int]) -> list[Affine]:
    """All of one side; the printed terms."""
    kept = [i for i in range(len(program.kinds)) if i not in dependent]
    dual = Dual(program, sign, kept)
    nodes = side["vertices"].items()
    multiples = [node["multiples"].vector(len(program.kinds)) for node in nodes]
    rays = [node["multiples"].vector(len(program.kinds)) for node in side["rays"].items()]
    for i in dependent:
        _demand(not any(y.get(i) for y in (*multiples, *rays)), f"{side.path}: a dependent row is used")
    vertices = [_point([y.get(i, Fraction(0)) for i in kept]) for y in multiples]
    directions = [_primitive(_integers([y.get(i, Fraction(0)) for i in kept])) for y in rays]
    for vertex, node in zip(vertices, nodes, strict=True):
        feasible = all(_dot(row, vertex) <= row[-1] * vertex[-1] for row in dual.inequalities)
        _demand(feasible, f"{node.path}: not dual feasible, so its term is not valid")
    _demand(len(set(vertices)) == len(vertices), f"{side.path}: a vertex is listed twice")
    _demand(len(set(directions)) == len(directions), f"{side.path}: a ray is listed twice")
    _check_closed(dual, vertices, directions, side)
    terms = [_sided_term(program, node, y, sign) for node, y in zip(nodes, multiples, strict=True)]
    _check_terms(program, nodes, terms, sign)
    for node, y in zip(side["rays"].items(), rays, strict=True):
        demand = NOTHING
        for i, multiple in y.items():
            demand = demand.plus(-multiple, program.right[i])
        check_from_data(program.certificate, demand, node["implied"])
    return [program.certificate.affine(node["term"]) for node in nodes if node.has("witness")]


def _check_closed(dual: Dual, vertices: list[tuple[int, ...]], rays: list[tuple[int, ...]], side: Node) -> None:
    """Every edge at every vertex ends at a listed vertex or is a listed ray, and every listed ray is such an edge.

    Where linear maps are given that carry the polyhedron and the lists to themselves, they carry the edges at a vertex
    to those at its image, so one vertex of each orbit is enough.
    """
    path = side.path
    _demand(bool(vertices), f"{path}.vertices: there is none")
    maps = [_symmetry(dual, node) for node in side["symmetries"].items()] if side.has("symmetries") else []
    listed = [*vertices, *((*ray, 0) for ray in rays)]
    images = [_images(listed, matrix, f"{path}.symmetries[{k}]") for k, matrix in enumerate(maps)]
    orbits = _orbits(len(listed), images)
    known, found = {vertex: k for k, vertex in enumerate(listed)}, set()
    for orbit in orbits:
        first = min(orbit)
        if first >= len(vertices):
            continue
        edges = dual.edges(vertices[first])
        _demand(edges is not None, f"{path}.vertices[{first}]: not a vertex")
        for edge in edges or ():
            end = dual.end(vertices[first], edge)
            if end is None:
                _demand((*edge, 0) in known, f"{path}: not complete: a ray at vertex {first} is not listed")
                found.add(known[*edge, 0])
            else:
                _demand(end in known, f"{path}: not complete: a neighbour of vertex {first} is not listed")
    for orbit in orbits:
        if min(orbit) >= len(vertices):
            _demand(not orbit.isdisjoint(found), f"{path}.rays[{min(orbit) - len(vertices)}]: not an extreme ray")


def _symmetry(dual: Dual, node: Node) -> list[list[int]]:
    """A matrix that multiplies points, denominator last, from the right, and carries the polyhedron to itself."""
    size = dual.size + 1
    matrix = [[0] * size for _ in range(size)]
    for i, row in enumerate(node.items()):
        for k, value in row.vector(size).items():
            if i >= size or value.denominator != 1:
                raise Malformed(f"{row.path} is not a row of {size} integers")
            matrix[i][k] = int(value)
    # Row (a, c) says c d - a . y >= 0 of a point (y, d); of its image it says the same of the point with this row.
    rows = {_primitive([*(-a for a in row[:-1]), row[-1]]) for row in dual.inequalities}
    carried = {_primitive([sum(x * y for x, y in zip(line, row, strict=True) if x) for line in matrix]) for row in rows}
    _demand(carried == rows, f"{node.path}: does not carry the polyhedron to itself")
    last = [line[-1] for line in matrix]
    _demand(not any(last[:-1]) and last[-1] > 0, f"{node.path}: carries points to infinity")
    return matrix


def _images(listed: list[tuple[int, ...]], matrix: list[list[int]], path: str) -> list[int]:
    """Where each listed vertex and ray goes."""
    place = {_primitive(point): k for k, point in enumerate(listed)}
    columns = list(zip(*matrix, strict=True))
    found = []
    for point in listed:
        image = _primitive([sum(x * y for x, y in zip(point, column, strict=True) if x) for column in columns])
        _demand(image in place, f"{path}: carries a listed vertex or ray to one that is not listed")
        found.append(place[image])
    return found


def _orbits(size: int, images: list[list[int]]) -> list[set[int]]:
    """Which numbers the permutations connect."""
    found: list[set[int]] = []
    seen: set[int] = set()
    for start in range(size):
        if start not in seen:
            orbit, queue = {start}, [start]
            while queue:
                k = queue.pop()
                fresh = {image[k] for image in images} - orbit
                orbit |= fresh
                queue += fresh
            seen |= orbit
            found.append(orbit)
    return found


def _sided_term(program: Program, node: Node, y: Vector, sign: int) -> Affine:
    """A vertex's term: its multiples of the right sides, and what parameters add to the estimand."""
    term = program.offset
    for i, multiple in y.items():
        term = term.plus(sign * multiple, program.right[i])
    listed = program.certificate.affine(node["term"])
    difference = listed.plus(-1, term)
    if node.has("equal"):
        program.check_zero(*program.over_strata(difference), node["equal"], "the term is that of its vertex")
    else:
        _demand(difference.equals(NOTHING), f"{node.path}.term: not the term of its vertex")
    return listed


def _check_terms(program: Program, nodes: list[Node], terms: list[Affine], sign: int) -> None:
    printed = {k: NOTHING.plus(sign, terms[k]) for k, node in enumerate(nodes) if node.has("witness")}
    _demand(bool(printed), f"{program.path}: no term has a witness")
    for k, node in enumerate(nodes):
        if k in printed:
            _check_witness(program, node["witness"], k, printed, sign)
        else:
            _check_superfluous(program, node["superfluous"], NOTHING.plus(sign, terms[k]), printed)


def _check_witness(program: Program, node: Node, k: int, printed: dict[int, Affine], sign: int) -> None:
    """A population of the model whose estimand is this term, and where every other printed term is worse."""
    strata, parameters = node["strata"].vector(len(program.columns)), node["parameters"].rationals()
    _demand(all(w >= 0 for w in strata.values()), f"{node.path}: a probability is negative")
    _demand(set(parameters) == set(program.certificate.low), f"{node.path}: not a value for each parameter")
    _demand(program.certificate.in_range(parameters), f"{node.path}: a parameter is out of its range")
    sums = [Fraction(0)] * len(program.kinds)
    for j, weight in strata.items():
        for i, entry in program.columns[j].entries.items():
            sums[i] += entry * weight
    at = dict(parameters)
    for i, total in enumerate(sums):
        if program.kinds[i] == "cell":
            at[program.names[i]] = total
            continue
        right = program.right[i].at(parameters)
        holds = total == right if program.relations[i] == "=" else total <= right
        _demand(holds, f"{node.path}: the population breaks {program.names[i]}")
    estimand = sum((program.columns[j].cost * w for j, w in strata.items()), program.offset.at(parameters))
    value = printed[k].at(at)
    _demand(value == sign * estimand, f"{node.path}: the term is not the estimand of this population")
    rivals = all(value > other.at(at) for i, other in printed.items() if i != k)
    _demand(rivals, f"{node.path}: another term is as good here")


def _check_superfluous(program: Program, node: Node, term: Affine, printed: dict[int, Affine]) -> None:
    """A weighted mean of printed terms is nowhere worse."""
    size = max(printed) + 1
    weights = node["weights"].vector(size)
    proper = all(w >= 0 and k in printed for k, w in weights.items()) and sum(weights.values()) == 1
    _demand(proper, f"{node.path}.weights: not weights of printed terms that sum to one")
    mean = NOTHING.plus(-1, term)
    for k, weight in weights.items():
        mean = mean.plus(weight, printed[k])
    program.check_implied(mean, node["proof"], "printed terms are as good")


# ---------------------------------------------------------------- everything
def check(document: Any) -> str:
    """Check a certificate that was read as JSON.

    Returns
    -------
    str
        What is proved.

    Raises
    ------
    Malformed
        If it is not a certificate.
    Wrong
        If a step does not hold; the message names the first one.
    """
    certificate = Certificate(Node(document))
    lines = [certificate.model, f"testable implications: {len(certificate.conditions) or 'none'}"]
    lines += [f"    {condition} >= 0" for condition in certificate.conditions]
    programs = []
    for node in certificate.node["estimands"].items():
        program = Program(certificate, node)
        programs.append(program)
        lines += _check_estimand(program, node)
    if not programs:
        raise Malformed("estimands: there is none")
    _check_conditions(certificate, programs[0])
    _check_digest(document)
    lines.append("What is taken as given stands in the certificate, to be compared with the model.")
    # Nothing in a certificate may look like an answer of this program, or move the cursor of a terminal.
    shown = ["".join(c if c.isprintable() else "?" for c in line) for line in lines]
    return "\n".join([*shown, "Every step holds."])


def _check_estimand(program: Program, node: Node) -> list[str]:
    expression = node["expression"].text()
    program.check_entries()
    program.remove_impossible(node["impossible"])
    dependent = program.dependent_rows(node["dependent"])
    over = program.check_denominator(node["denominator"])
    assumed = sum(kind == "assumption" for kind in program.kinds)
    lines = [f"{program.name} = {expression}"]
    lines.append(
        f"  taken as given: {len(program.columns)} strata, the estimand in each, {assumed} rows of assumptions"
    )
    for name, sign, word in (("lower", 1, "max"), ("upper", -1, "min")):
        terms = check_side(program, node[name], sign, dependent)
        size = len(node[name]["vertices"].items())
        lines.append(f"  {name} bound: {word} of {len(terms)} terms (of {size} dual vertices)")
        lines += [f"    {term}" for term in terms]
    return lines + ([f"  divided by {over}"] if over else [])


def _check_conditions(certificate: Certificate, program: Program) -> None:
    for k, node in enumerate(certificate.node["conditions"].items()):
        program.check_implied(certificate.conditions[k], node["implied"], "the model implies it")
        at = node["broken"].rationals()
        known = all(name in certificate.cells or name in certificate.low for name in at)
        _demand(known and certificate.in_range(at), f"{node.path}.broken: not data and parameters in range")
        _demand(all(at.get(cell, 0) >= 0 for cell in certificate.cells), f"{node.path}.broken: a cell is negative")
        for cells, complete in certificate.arms:
            total = sum((at.get(cell, Fraction(0)) for cell in cells), Fraction(0))
            _demand(total <= 1 and (not complete or total == 1), f"{node.path}.broken: an arm does not sum to one")
        for other, condition in enumerate(certificate.conditions):
            holds = condition.at(at) >= 0
            _demand(holds == (other != k), f"{node.path}.broken: these data do not break this condition alone")


def _check_digest(document: dict[str, Any]) -> None:
    rest = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    found = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    _demand(found == document["digest"], "digest: something was changed that no proof depends on")


def main() -> int:
    """Check the file that the command line names."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python check_certificate.py FILE\n")
        return 2
    try:
        print(check(read(sys.argv[1])))
    except Wrong as error:
        print(f"{sys.argv[1]}: does not hold: {error}")
        return 1
    except (Malformed, OSError) as error:
        sys.stderr.write(f"{sys.argv[1]}: not a certificate: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
