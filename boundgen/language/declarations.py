"""Variables, parameters and quantified names that Python expressions are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from boundgen.calls import public
from boundgen.errors import ModelError
from boundgen.exact.rational import Written, rational
from boundgen.language import syntax as s
from boundgen.language.statements import Ordering, Parameter, check_range
from boundgen.language.values import Value, number_value
from boundgen.language.variables import Variable, bounded_outcome


@dataclass(frozen=True, eq=False, repr=False)
class Declaration(s.Name):
    """A variable that may be used in expressions before it is part of a model."""

    variable: Variable = field(kw_only=True)


@dataclass(frozen=True, eq=False, repr=False)
class ParameterName(s.Name):
    """A parameter that may be used in expressions."""

    parameter: Parameter = field(kw_only=True)


@dataclass(frozen=True, eq=False, repr=False)
class IndexName(s.Name):
    """A quantified name with the variable over whose values it runs."""

    over: str = field(kw_only=True)


@public
def variable(
    name: str,
    domain: Sequence[Value | Decimal | float] | range = (),
    *,
    parents: Sequence[str | s.Name] = (),
    randomized: bool = False,
    between: tuple[Written | float, Written | float] | None = None,
) -> Declaration:
    """Declare a variable: ``M = variable("M", [0, 1], parents=[A])``.

    Parameters
    ----------
    name : str
    domain : sequence of int, Fraction, Decimal, float or str
        The values in their order; floats are taken at their decimal text, 0.1 as 1/10.
    parents : sequence of variables or their names
    randomized : bool
    between : pair of numbers
        In place of a domain: a bounded outcome, any number between these ends, of which only means are used.

    Returns
    -------
    Declaration

    Raises
    ------
    ModelError
        For domains and ends that make no sense.
    """
    above = tuple(parent.name if isinstance(parent, s.Name) else parent for parent in parents)
    if between is not None:
        if tuple(domain) or len(between) != 2:
            raise ModelError(
                f"'{name}' has a domain and ends, or not two ends",
                remedy="Write variable('Y', between=(0, 1)) or variable('Y', [0, 1]).",
            )
        low, high = (Fraction(_as_value(end)) if not isinstance(end, str) else _end(name, end) for end in between)
        return Declaration(name, variable=bounded_outcome(name, (low, high), above, randomized))
    return Declaration(name, variable=Variable(name, tuple(map(_as_value, domain)), randomized, above))


def _as_value(value: object) -> Value:
    """A rational number as int where it is one; a Decimal and a float as the number that its text says."""
    if isinstance(value, str | bool | int):
        return value
    return number_value(rational(str(value) if isinstance(value, float) else value, "a value", ModelError))


@public
def parameter(name: str, low: Written | None = 0, high: Written | None = 1) -> ParameterName:
    """Declare a parameter with its range; None is an unbounded end.

    Returns
    -------
    ParameterName

    Examples
    --------
    >>> from boundgen import Model, parameter
    >>> print(Model("limited").parameter(parameter("gamma", 0, "1/2")))
    model limited
    <BLANKLINE>
    parameter gamma in [0, 1/2]
    <BLANKLINE>
    """
    least, most = (None if end is None else _end(name, end) for end in (low, high))
    check_range(name, least, most)
    return ParameterName(name, parameter=Parameter(name, least, most))


ForAll = IndexName | tuple[str, str] | s.Compare


def quantifiers(for_all: Sequence[ForAll]) -> tuple[tuple[tuple[str, str], ...], tuple[Ordering, ...]]:
    """Quantified names with their variables, and the orders between them: ``z1 > z0`` names both."""
    indices: list[tuple[str, str]] = []
    orders: list[Ordering] = []
    for item in for_all:
        if isinstance(item, s.Compare):
            left, right = item.left, item.right
            if not (isinstance(left, IndexName) and isinstance(right, IndexName) and left.over == right.over):
                raise ModelError(
                    f"for_all takes quantified names and orders of two over one variable, not {s.spelled(item)}",
                    remedy="Write for_all=[z1 > z0] with index('z1', Z) and index('z0', Z).",
                )
            indices += [(left.name, left.over), (right.name, right.over)]
            orders.append((left.name, item.relation, right.name))
        else:
            indices.append((item.name, item.over) if isinstance(item, IndexName) else item)
    return tuple(indices), tuple(orders)


def _end(name: str, end: Written) -> Fraction:
    return rational(end, f"an end of the range of parameter '{name}'", ModelError)


@public
def index(name: str, over: s.Name | str) -> IndexName:
    """A quantified name: ``m = index("m", M)``, used with ``assume(..., for_all=[m])``.

    Returns
    -------
    IndexName

    Examples
    --------
    >>> from boundgen import Model, index, variable
    >>> X = variable("X", [0, 1])
    >>> Y = variable("Y", [0, 1, 2], parents=[X])
    >>> x = index("x", X)
    >>> model = Model("small", (X, Y)).assume(Y(x) <= 1, for_all=[x])
    >>> "assume Y(x) <= 1 for all x in X" in str(model)
    True
    """
    return IndexName(name, over=over.name if isinstance(over, s.Name) else over)
