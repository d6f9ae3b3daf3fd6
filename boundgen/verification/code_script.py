"""A function of Python at laws of the data, and traced: its file, its name and the laws in, values out, as JSON.

It is run by its path, in a process of its own, which can be ended; so it imports nothing of boundgen. Traced, the
function is called with symbols that it may add, multiply by numbers and compare: what comes back is a maximum or a
minimum of linear functions, where comparisons decide between several of these one for each way through the function.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import json
import operator
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from numbers import Rational, Real
from pathlib import Path
from typing import Any

MOST_WAYS = 500
MOST_OPTIONS = 500
LONGEST = 200
# A constant, and the coefficients of arguments by their number.
Linear = tuple[Fraction, tuple[tuple[int, Fraction], ...]]
extremes = {"max": builtins.max, "min": builtins.min}
FLIPPED = {"max": "min", "min": "max", "": ""}


class Untraceable(BaseException):
    """What was done with a symbol is no maximum of linear functions; no code of the function catches it."""


class Refused(Exception):
    """The function cannot be called as it is asked for."""

    def __init__(self, kind: str, said: str = "") -> None:
        super().__init__(kind)
        self.kind, self.said = kind, said


# ---------------------------------------------------------------- symbols
def linear(constant: Fraction, coefficients: dict[int, Fraction]) -> Linear:
    """With coefficients in order, without zeros."""
    return constant, tuple(sorted((i, c) for i, c in coefficients.items() if c))


def added(one: Linear, other: Linear, times: int | Fraction = 1) -> Linear:
    """One plus a multiple of the other."""
    coefficients = dict(one[1])
    for i, c in other[1]:
        coefficients[i] = coefficients.get(i, Fraction(0)) + times * c
    return linear(one[0] + times * other[0], coefficients)


@dataclass(frozen=True, eq=False)
class Traced:
    """A maximum or minimum (`op`) of linear functions, perhaps over one; of one function where op is empty."""

    options: tuple[Linear, ...]
    op: str = ""
    over: Linear | None = None

    @property
    def only(self) -> Linear:
        """Its function, where it is one that nothing divides."""
        if self.op or self.over:
            raise Untraceable
        return self.options[0]

    def __add__(self, other: Any) -> Traced:
        one, other = same_divisor(self, traced(other))
        if one.op and other.op and one.op != other.op:
            raise Untraceable
        sums = tuple(dict.fromkeys(added(a, b) for a in one.options for b in other.options))
        return joined(sums, one.op or other.op, one.over)

    def __neg__(self) -> Traced:
        return self * -1

    def __sub__(self, other: Any) -> Traced:
        return self + traced(other) * -1

    def __rsub__(self, other: Any) -> Traced:
        return traced(other) + self * -1

    def __mul__(self, other: Any) -> Traced:
        one, factor = self, traced(other)
        if factor.op or factor.over or factor.options[0][1]:
            one, factor = factor, one
        if factor.only[1]:
            raise Untraceable
        number = factor.only[0]
        if not number:
            return traced(0)
        scaled = tuple(added((Fraction(0), ()), option, number) for option in one.options)
        return replace(one, options=scaled, op=one.op if number > 0 else FLIPPED[one.op])

    def __truediv__(self, other: Any) -> Traced:
        divisor = traced(other).only
        if not divisor[1]:
            if not divisor[0]:
                raise ZeroDivisionError
            return self * (1 / divisor[0])
        if self.over:
            raise Untraceable
        return replace(self, over=divisor)

    def __rtruediv__(self, other: Any) -> Traced:
        return traced(other) / self

    def __pow__(self, other: Any) -> Traced:
        if other != 1:
            raise Untraceable
        return self

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        found: Traced = extremum("max", self, -self)
        return found

    __radd__, __rmul__ = __add__, __mul__

    def __ge__(self, other: Any) -> bool:
        return decided(self, traced(other))

    def __gt__(self, other: Any) -> bool:
        return not decided(traced(other), self)

    def __le__(self, other: Any) -> bool:
        return decided(traced(other), self)

    def __lt__(self, other: Any) -> bool:
        return not decided(self, traced(other))

    def untraceable(self, *_: Any) -> Any:
        """Whatever else may be done with a number."""
        raise Untraceable

    __eq__ = __ne__ = __bool__ = __float__ = __int__ = __index__ = __round__ = __floordiv__ = __mod__ = untraceable
    __rpow__ = __trunc__ = __floor__ = __ceil__ = __complex__ = untraceable
    __hash__ = object.__hash__

    def _sympy_(self) -> Any:
        """For functions that compute with sympy: its symbols, which `of_sympy` reads again."""
        import sympy

        constant, coefficients = self.only
        symbols = {i: sympy.Symbol(f"argument_{i}", real=True) for i, _ in coefficients}
        parts = [sympy.Rational(c.numerator, c.denominator) * symbols[i] for i, c in coefficients]
        return sympy.Add(sympy.Rational(constant.numerator, constant.denominator), *parts)


Real.register(Traced)


def traced(value: Any) -> Traced:
    """A number as a symbol; floats are none."""
    if isinstance(value, Traced):
        return value
    if isinstance(value, Rational):
        return Traced(((exact(value), ()),))
    raise Untraceable


def exact(value: Any) -> Fraction:
    """Integers of numpy and rationals of sympy too."""
    return Fraction(int(value.numerator), int(value.denominator))


def joined(options: tuple[Linear, ...], op: str, over: Linear | None) -> Traced:
    """An extremum, of one function without its op."""
    if len(options) > MOST_OPTIONS:
        raise Untraceable
    return Traced(options, op if len(options) > 1 else "", over)


def same_divisor(*several: Traced) -> tuple[Traced, ...]:
    """All over the one divisor that there is; numbers are multiplied by it."""
    divisors = {each.over for each in several if each.over}
    if len(divisors) > 1:
        raise Untraceable
    if not divisors:
        return several
    over = divisors.pop()
    found = []
    for each in several:
        if each.over is None:
            if any(coefficients for _, coefficients in each.options):
                raise Untraceable
            multiples = tuple(added((Fraction(0), ()), over, constant) for constant, _ in each.options)
            each = replace(each, options=multiples, over=over)
        found.append(each)
    return tuple(found)


def extremum(op: str, *given: Any, **options: Any) -> Any:
    """`max` or `min` of numbers and symbols; of other things what Python gives."""
    values = list(given[0]) if len(given) == 1 else list(given)
    if options or not any(isinstance(value, Traced) for value in values):
        return extremes[op](values, **options)
    several = same_divisor(*map(traced, values))
    if any(each.op not in ("", op) for each in several):
        raise Untraceable
    return joined(tuple(dict.fromkeys(o for each in several for o in each.options)), op, several[0].over)


def of_sympy(value: Any) -> Any:
    """An expression of sympy's as a symbol of ours."""
    kind = type(value).__name__
    if kind == "Symbol" and value.name.startswith("argument_"):
        return Traced((linear(Fraction(0), {int(value.name.removeprefix("argument_")): Fraction(1)}),))
    if kind in ("Max", "Min"):
        return extremum(kind.lower(), *map(of_sympy, value.args))
    if kind == "Pow" and value.args[1] == -1:
        return 1 / traced(of_sympy(value.args[0]))
    if kind in ("Add", "Mul"):
        total = of_sympy(value.args[0])
        for part in value.args[1:]:
            total = total + of_sympy(part) if kind == "Add" else total * of_sympy(part)
        return total
    return traced(value)


# ---------------------------------------------------------------- ways through the function
class Way:
    """The comparisons on one way through the function, each with its answer, and what they say of the symbols."""

    def __init__(self) -> None:
        self.answers: list[bool] = []
        self.asked = 0
        self.guards: list[Linear] = []

    def begin(self, answers: list[bool]) -> None:
        """Go the way on which the first comparisons have these answers."""
        self.answers, self.asked, self.guards = answers, 0, []


WAY = Way()


def decided(one: Traced, other: Traced) -> bool:
    """Whether one is at least the other: known of numbers, else as this way through the function has it."""
    difference = added(one.only, other.only, -1)
    if not difference[1]:
        return difference[0] >= 0
    if WAY.asked == len(WAY.answers):
        WAY.answers.append(True)
    answer = WAY.answers[WAY.asked]
    WAY.asked += 1
    WAY.guards.append(difference if answer else added((Fraction(0), ()), difference, -1))
    return answer


def ways(call: Callable[[], Any]) -> list[dict[str, Any]] | None:
    """What the function gives on each way through it; None where a symbol does not get through."""
    found: list[dict[str, Any]] = []
    waiting: list[list[bool]] = [[]]
    builtins.max, builtins.min = partial(extremum, "max"), partial(extremum, "min")
    try:
        while waiting:
            if len(found) >= MOST_WAYS:
                return None
            given = waiting.pop()
            WAY.begin(list(given))
            result = call()
            result = traced(of_sympy(result) if hasattr(result, "free_symbols") else result)
            found.append({"guards": WAY.guards, "options": result.options, "op": result.op, "over": result.over})
            waiting += [[*WAY.answers[:k], False] for k in range(len(given), len(WAY.answers))]
    except (Exception, Untraceable):
        return None
    finally:
        builtins.max, builtins.min = extremes["max"], extremes["min"]
    return found


# ---------------------------------------------------------------- the function
def loaded(folder: str, file: str) -> Any:
    """The module of a file in the folder, or of a name."""
    sys.path.insert(0, folder)
    try:
        if not file.endswith(".py"):
            return importlib.import_module(file)
        path = Path(folder, file)
        if not path.is_file():
            raise Refused("file")
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
    except Refused:
        raise
    except BaseException as error:
        raise Refused("import", told(error)) from None
    return module


def told(error: BaseException) -> str:
    """An exception in one line, with the place in the code of the user that raised it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if not frame.filename.startswith("<") and "importlib" not in frame.filename]
    at = f" ({os.path.basename(own[-1].filename)}, line {own[-1].lineno})" if own else ""
    said = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return (said if len(said) <= LONGEST else f"{said[:LONGEST]}...") + at


def chosen(result: Any, side: str) -> Any:
    """Of a pair of bounds the one that is asked for; what an array without axes holds."""
    if getattr(result, "shape", None) == () and hasattr(result, "item"):
        result = result.item()
    if isinstance(result, tuple | list) and len(result) == 2:
        return chosen(result[0 if side == "lower" else 1], side)
    return result


def value_of(result: Any) -> str:
    """An exact number as text; an error for anything else."""
    if isinstance(result, Rational) and not isinstance(result, bool):
        return str(exact(result))
    if isinstance(result, Real) and not isinstance(result, bool | Rational):
        raise Refused("float", type(result).__name__)
    raise Refused("kind", type(result).__name__)


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """`values` at the laws, None where something is divided by zero; and `ways`, or None."""
    module = loaded(given["folder"], given["file"])
    try:
        function = operator.attrgetter(given["function"])(module)
    except AttributeError:
        names = sorted(name for name, value in vars(module).items() if callable(value) and not name.startswith("_"))
        raise Refused("missing", ", ".join(names)) from None
    if not callable(function):
        raise Refused("call", type(function).__name__)

    def call(values: list[Any]) -> Any:
        if given["mapped"]:
            return chosen(function(dict(zip(given["names"], values, strict=True))), given["side"])
        pairs = list(zip(given["names"], values, strict=True))
        return chosen(
            function(*(v for name, v in pairs if not name), **{name: v for name, v in pairs if name}), given["side"]
        )

    def at(law: list[str]) -> str | None:
        try:
            return value_of(call([Fraction(value) for value in law]))
        except ZeroDivisionError:
            return None
        except Refused:
            raise
        except BaseException as error:
            raise Refused("raises", told(error)) from None

    values = [at(law) for law in given["laws"]]
    if any(at(law) != value for law, value in zip(given["laws"][:3], values, strict=False)):
        raise Refused("changes")
    symbols = [Traced((linear(Fraction(0), {i: Fraction(1)}),)) for i in range(len(given["names"]))]
    return {"values": values, "ways": ways(lambda: call(list(symbols)))}


def said(given: dict[str, Any]) -> Iterator[str]:
    """The answer as JSON, or why there is none."""
    try:
        yield json.dumps(answer(given), default=str)
    except Refused as error:
        yield json.dumps({"refused": error.kind, "said": error.said})


if __name__ == "__main__":
    # What the function prints is not for the reader of verdicts.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    asked = json.load(sys.stdin)
    with out:
        out.writelines(said(asked))
