# SPDX-License-Identifier: CC0-1.0
# ruff: noqa: E501
# hudgens_halloran: Vaccine effect on the outcome of infection among the doomed
# Source: Gilbert, Bosch & Hudgens (2003), Sensitivity analysis for the assessment of causal vaccine effects on viral load in HIV vaccine trials, Biometrics 59, 531
# Source: Hudgens & Halloran (2006), Causal vaccine effects on binary postinfection outcomes, JASA 101, 51
#
# Made by boundgen 0.1.0 from the model below (SHA-256 cc399ee74ad6c856...). Do not edit; make it again with
#   boundgen generate hudgens_halloran -o derived
#
#   model hudgens_halloran "Vaccine effect on the outcome of infection among the doomed"
#
#   source "Gilbert, Bosch & Hudgens (2003), Sensitivity analysis for the assessment of causal vaccine effects on viral load in HIV vaccine trials, Biometrics 59, 531"
#   source "Hudgens & Halloran (2006), Causal vaccine effects on binary postinfection outcomes, JASA 101, 51"
#
#   variable Z in {0, 1} randomized
#   variable S(Z) in {0, 1}
#   variable Y(Z) in {0, 1}
#
#   observe P(S=1, Y | Z)
#
#   define s1 = P(S=1, Y=1 | Z=1) + P(S=1, Y=0 | Z=1)
#   define s0 = P(S=1, Y=1 | Z=0) + P(S=1, Y=0 | Z=0)
#
#   assume vaccine_protects: S(1) <= S(0)
#
#   estimand doomed = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""Sharp bounds on doomed in model hudgens_halloran: Vaccine effect on the outcome of infection among the doomed.

    lower(p)         lower bound
    upper(p)         upper bound
    bounds(p)        both
    active_terms(p)  which terms attain them
    violations(p)    by how much testable implications fail

p holds the observed probabilities: an array of shape (..., 4) whose last axis follows CELLS, or a mapping (a dict, a
pandas DataFrame) from the name of each cell to an array of shape (...). Results have shape (...), and are plain numbers
for a single law. Parameters are numbers or arrays that broadcast against (...). Numbers are evaluated as 64-bit floats,
without units: probabilities are in [0, 1].

A ValueError says what is wrong and where: an array of another shape, unknown or missing cells, values that are not real
numbers, negative cells, arms whose cells do not sum to 1 (up to 1e-9; to at most 1, where only some of an arm's cells
are observed), a parameter that is missing or out of its range, an estimand that is unknown or, where there are several,
not named.

Symbols:

    p_y.z = P(S=1, Y=y | Z=z)
    s1 = P(S=1, Y=1 | Z=1) + P(S=1, Y=0 | Z=1)
    s0 = P(S=1, Y=1 | Z=0) + P(S=1, Y=0 | Z=0)

Source: Gilbert, Bosch & Hudgens (2003), Sensitivity analysis for the assessment of causal vaccine effects on viral load
in HIV vaccine trials, Biometrics 59, 531

Source: Hudgens & Halloran (2006), Causal vaccine effects on binary postinfection outcomes, JASA 101, 51
"""

import numpy as np

# The observed probabilities, in the order of the last axis of p, with their symbols in the formulas.
CELLS = (
    "P(S=1,Y=0|Z=0)",  # p0_0
    "P(S=1,Y=1|Z=0)",  # p1_0
    "P(S=1,Y=0|Z=1)",  # p0_1
    "P(S=1,Y=1|Z=1)",  # p1_1
)
# The least and the largest value of each parameter of the assumptions.
PARAMETERS = {}
# What is bounded.
ESTIMANDS = {
    "doomed": "E[Y(1) - Y(0) | S(0)=1, S(1)=1]",
}
# What the data must meet if the assumptions hold.
CONDITIONS = ("s0 >= s1",)


def lower(p, estimand=None):
    """Lower bound of an estimand.

    Parameters
    ----------
    p : array of shape (..., 4), or mapping from cell name to array of shape (...)
        Observed probabilities.
    estimand : str
        A name in `ESTIMANDS`; may be left out.

    Returns
    -------
    array of shape (...), a float for one law
        In the unit of the estimand; above the upper bound only where the data break a
        testable implication; nan where the probability of its condition is 0.

    Raises
    ------
    ValueError
        As the module says.
    """
    return _evaluate(("lower",), p, estimand, {})[0]


def upper(p, estimand=None):
    """Upper bound of an estimand.

    Parameters
    ----------
    p : array of shape (..., 4), or mapping from cell name to array of shape (...)
        Observed probabilities.
    estimand : str
        A name in `ESTIMANDS`; may be left out.

    Returns
    -------
    array of shape (...), a float for one law
        In the unit of the estimand; below the lower bound only where the data break a
        testable implication; nan where the probability of its condition is 0.

    Raises
    ------
    ValueError
        As the module says.
    """
    return _evaluate(("upper",), p, estimand, {})[0]


def bounds(p, estimand=None):
    """Lower and upper bound of an estimand, faster than one after the other.

    Parameters
    ----------
    p : array of shape (..., 4), or mapping from cell name to array of shape (...)
        Observed probabilities.
    estimand : str
        A name in `ESTIMANDS`; may be left out.

    Returns
    -------
    pair of arrays of shape (...), of floats for one law
        As `lower` and `upper` give them.

    Raises
    ------
    ValueError
        As the module says.
    """
    return _evaluate(("lower", "upper"), p, estimand, {})


def active_terms(p, estimand=None):
    """Which term attains the lower bound and which the upper bound.

    Parameters
    ----------
    p : array of shape (..., 4), or mapping from cell name to array of shape (...)
        Observed probabilities.
    estimand : str
        A name in `ESTIMANDS`; may be left out.

    Returns
    -------
    pair of integer arrays of shape (...), of integers for one law
        Numbers of terms, counted from 0 in the order of the formulas below; the first of several that are
        equal in floating point.

    Raises
    ------
    ValueError
        As the module says.
    """
    name = _chosen(estimand)
    shape, laws = _laws(p, {})
    found = np.zeros((2, *shape), dtype=int)
    for index, law in laws:
        _first_attained(np.greater, _TERMS["lower", name](law), found[0, *index])
        _first_attained(np.less, _TERMS["upper", name](law), found[1, *index])
    return found[0, ...][()], found[1, ...][()]


def violations(p):
    """By how much each testable implication fails.

    Parameters
    ----------
    p : array of shape (..., 4), or mapping from cell name to array of shape (...)
        Observed probabilities.

    Returns
    -------
    dict from condition to array of shape (...), to float for one law
        For each of `CONDITIONS` what its smaller side lacks, a probability: 0 where the condition holds.
        Amounts of the size of 1e-16 are rounding.

    Raises
    ------
    ValueError
        As the module says.
    """
    shape, laws = _laws(p, {})
    found = {condition: np.zeros(shape) for condition in CONDITIONS}
    for index, law in laws:
        for values, shortfall in zip(found.values(), _shortfalls(law), strict=True):
            np.maximum(shortfall, 0, out=values[index])
    return {condition: values[()] for condition, values in found.items()}


# ---------------------------------------------------------------- formulas
# A law is a list of numbers (or of arrays, for many laws at once): the cells, and then the parameters.
def _lower_of_doomed(law):
    """The lower bound of doomed times the probability of its condition is the largest of these terms."""
    p1_0 = law[1]  # P(S=1,Y=1|Z=0)
    p0_1 = law[2]  # P(S=1,Y=0|Z=1)
    p1_1 = law[3]  # P(S=1,Y=1|Z=1)
    yield -p0_1  # -p0.1
    yield p1_1 - p1_0  # p1.1 - p1.0


def _upper_of_doomed(law):
    """The upper bound of doomed times the probability of its condition is the smallest of these terms."""
    p0_0 = law[0]  # P(S=1,Y=0|Z=0)
    p0_1 = law[2]  # P(S=1,Y=0|Z=1)
    p1_1 = law[3]  # P(S=1,Y=1|Z=1)
    yield p1_1  # p1.1
    yield p0_0 - p0_1  # p0.0 - p0.1


def _denominator_of_doomed(law):
    """The probability of the condition of doomed."""
    p0_1 = law[2]  # P(S=1,Y=0|Z=1)
    p1_1 = law[3]  # P(S=1,Y=1|Z=1)
    yield p0_1 + p1_1  # s1


def _shortfalls(law):
    """By how much the testable implications fail, where they do; else a number that is not positive."""
    p0_0 = law[0]  # P(S=1,Y=0|Z=0)
    p1_0 = law[1]  # P(S=1,Y=1|Z=0)
    p0_1 = law[2]  # P(S=1,Y=0|Z=1)
    p1_1 = law[3]  # P(S=1,Y=1|Z=1)
    yield p0_1 + p1_1 - p0_0 - p1_0  # s0 >= s1


_TERMS = {("lower", "doomed"): _lower_of_doomed, ("upper", "doomed"): _upper_of_doomed}
_DENOMINATORS = {"doomed": _denominator_of_doomed}


# ---------------------------------------------------------------- evaluation
# The cells of each arm: where all of them are observed they sum to 1, else to at most 1.
_COMPLETE_ARMS = ()
_INCOMPLETE_ARMS = ((0, 1), (2, 3))
# Data may be off by rounding.
_TOLERANCE = 1e-9
# A denominator as small as this is 0 but for rounding.
_ZERO = 1e-14
# So many laws are evaluated at a time, so that they stay in the processor's cache.
_PIECE = 8192


def _evaluate(sides, p, estimand, parameters):
    """The bound on each of the sides."""
    name = _chosen(estimand)
    shape, laws = _laws(p, parameters)
    found = {side: np.empty(shape) for side in sides}
    for index, law in laws:
        for side, values in found.items():
            _extreme(np.maximum if side == "lower" else np.minimum, _TERMS[side, name](law), values[index])
            if name in _DENOMINATORS:
                _divide(values[index], next(_DENOMINATORS[name](law)))
    return tuple(values[()] for values in found.values())


def _extreme(largest, terms, out):
    """The largest, or the smallest, of the terms."""
    first = next(terms)
    largest(first, next(terms, first), out=out)
    for term in terms:
        largest(out, term, out=out)


def _divide(values, over):
    """Values divided by the probability of the condition."""
    zero = np.abs(over) <= _ZERO
    np.divide(values, np.where(zero, np.nan, over), out=values)


def _first_attained(better, terms, out):
    """The number of the first term that no other is better than."""
    best = np.array(np.broadcast_to(next(terms), out.shape), dtype=float)
    for number, term in enumerate(terms, 1):
        ahead = better(term, best)
        out[ahead] = number
        np.copyto(best, term, where=ahead)


def _chosen(estimand):
    """The name of an estimand."""
    if estimand is None and len(ESTIMANDS) == 1:
        return next(iter(ESTIMANDS))
    if isinstance(estimand, str) and estimand in ESTIMANDS:
        return estimand
    said = "no estimand is named" if estimand is None else f"there is no estimand {estimand!r}"
    raise ValueError(f"{said}; estimands: {', '.join(ESTIMANDS)}")


def _laws(p, parameters):
    """The shape of the result, and checked laws, few at a time: where they stand in the result, and the laws."""
    cells = _cells(p)
    named = {name: _parameter(name, value) for name, value in parameters.items()}
    shapes = {name: values.shape for name, values in (cells | named).items()}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        said = ", ".join(f"{name} {each}" for name, each in shapes.items())
        raise ValueError(f"the shapes of cells and parameters do not go together: {said}") from None
    columns = [np.broadcast_to(values, shape) for values in (cells | named).values()]
    return shape, _pieces(columns, shape)


def _cells(p):
    """An array for each cell."""
    if hasattr(p, "keys"):
        _check_names(list(p.keys()))
        return {name: _real(name, p[name]) for name in CELLS}
    p = _real("p", p)
    if p.ndim == 0 or p.shape[-1] != len(CELLS):
        raise ValueError(f"p has shape {p.shape}; its last axis must have length {len(CELLS)}, one for each of CELLS")
    return {name: p[..., i] for i, name in enumerate(CELLS)}


def _check_names(given):
    """Refuse a mapping that does not have the cells and nothing else."""
    missing = [name for name in CELLS if name not in given]
    unknown = [str(name) for name in given if name not in CELLS]
    if missing:
        raise ValueError(f"p lacks {', '.join(missing)}; it must have every cell of CELLS")
    if unknown:
        raise ValueError(f"p has unknown cells {', '.join(unknown)}; it must have the cells of CELLS and no others")


def _real(name, values):
    """Values as an array of real numbers."""
    try:
        found = np.asarray(values)
        found = found.astype(float) if found.dtype == object else found
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is not an array of real numbers") from None
    if found.dtype.kind not in "biuf":
        raise ValueError(f"{name} is not an array of real numbers: its type is {found.dtype}")
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked values")
    return found


def _parameter(name, value):
    """A parameter's values, which must be in its range."""
    if value is None:
        raise ValueError(f"parameter {name} has no value")
    low, high = PARAMETERS[name]
    found = _real(name, value)
    bad = ~((found >= low) & (found <= high) & np.isfinite(found))
    if bad.any():
        raise ValueError(f"parameter {name} is {_first(found, bad)}; it must be a number between {low} and {high}")
    return found


def _pieces(columns, shape):
    """Checked laws, few at a time, with where they stand."""
    for index in _indices(shape):
        law = [np.asarray(column[index], dtype=float, order="C") for column in columns]
        _check(law[: len(CELLS)], index)
        yield index, law


def _indices(shape):
    """Indices of parts that together are the whole."""
    if not shape:
        yield (...,)
    elif 0 not in shape:
        step = _PIECE // int(np.prod(shape[1:]))
        if step:
            yield from ((slice(i, i + step), ...) for i in range(0, shape[0], step))
        else:
            yield from ((i, *rest) for i in range(shape[0]) for rest in _indices(shape[1:]))


def _check(cells, index):
    """Refuse cells that are no probabilities. (A comparison with nan is false.)"""
    good = all(values.min() >= -_TOLERANCE for values in cells)
    for arm in _COMPLETE_ARMS:
        total = _total(cells, arm)
        good = good and total.min() >= 1 - _TOLERANCE and total.max() <= 1 + _TOLERANCE
    for arm in _INCOMPLETE_ARMS:
        good = good and _total(cells, arm).max() <= 1 + _TOLERANCE
    if not good:
        _refuse(cells, index)


def _total(cells, arm):
    """The sum of the cells of an arm."""
    total = cells[arm[0]] + cells[arm[1]] if len(arm) > 1 else cells[arm[0]]
    for i in arm[2:]:
        total += cells[i]
    return total


def _refuse(cells, index):
    """Say which cells are no probabilities, and where."""
    for name, values in zip(CELLS, cells, strict=True):
        bad = ~((values >= -_TOLERANCE) & np.isfinite(values))
        if bad.any():
            raise ValueError(f"{name} is {_first(values, bad, index)}; it must be a probability")
    for arm in (*_COMPLETE_ARMS, *_INCOMPLETE_ARMS):
        total = _total(cells, arm)
        bad = (total > 1 + _TOLERANCE) | ((total < 1 - _TOLERANCE) & (arm in _COMPLETE_ARMS))
        if bad.any():
            names = ", ".join(CELLS[i] for i in arm)
            sums = "1" if arm in _COMPLETE_ARMS else "at most 1"
            raise ValueError(f"the cells {names} sum to {_first(total, bad, index)}; they must sum to {sums}")


def _first(values, bad, index=(...,)):
    """The first bad value, and its index in the whole."""
    here = [int(i) for i in np.argwhere(bad)[0]]
    said = f"{values[tuple(here)]}"
    *fixed, _ = index
    if fixed and isinstance(fixed[-1], slice):
        here[0] += fixed.pop().start
    place = (*fixed, *here)
    return f"{said} at index {place if len(place) > 1 else place[0]}" if place else said
