"""Regions of two numbers: what is a point of them, what is not."""

from __future__ import annotations

from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region, data_region, model_region, value_at
from boundgen.program.linear_program import Column, LinearProgram, Row, Stratum
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Limits

# x, y >= 0, x + y = 1; the cell P is x, the cell Q is y.
SIMPLEX = Region(2, (Constraint({0: 1, 1: 1}, -1, "="),), (0, 1), {"P": {0: 1}, "Q": {1: 1}})


def largest(region: Region, term: Term) -> Fraction:
    coefficients, constant = region.function(term)
    best = maximum(region.size, coefficients, region.constraints, region.nonnegative)
    assert best
    return best.value + constant


def test_terms_are_functions_of_the_unknowns() -> None:
    """Q is y, and where P is x + y its coefficient falls to both."""
    assert SIMPLEX.function(Term.of(2, {"P": 3, "Q": -1})) == ({0: 3, 1: -1}, 2)
    wide = Region(2, (), (0, 1), {"P": {0: 1, 1: 1}, "Q": {1: 1}})
    assert wide.function(Term.of(0, {"P": 1, "Q": -1})) == ({0: 1}, 0)


def test_values_at_a_point() -> None:
    third = Fraction(1, 3)
    assert value_at(({0: 3}, 1), (third, 2 * third)) == 2
    assert SIMPLEX.values((third, 2 * third)) == {"P": third, "Q": 2 * third}


def test_a_part_may_be_empty() -> None:
    assert not SIMPLEX.is_empty()
    assert SIMPLEX.within([Constraint({0: 1}, -2)]).is_empty()
    assert not SIMPLEX.within([Constraint({0: 1}, -1)]).is_empty()


def test_two_regions_side_by_side() -> None:
    """The largest difference of P in the two is one."""
    joint, (p, _) = SIMPLEX.beside(SIMPLEX)
    assert (joint.size, p) == (4, {0: 1, 2: -1})
    best = maximum(joint.size, p, joint.constraints, joint.nonnegative)
    assert best
    assert best.value == 1


def test_the_region_of_a_program() -> None:
    """Of two strata the second is the cell, and assumed to be at most g, which is at most 1/4."""
    total = Row("total", "total", "=", Term.of(1))
    cell = Row("cell", "P", "=", Term.of(0, {"P": 1}))
    few = Row("assumption", "few", "<=", Term.of(0, {"g": 1}))
    everybody = Stratum(())
    columns = (Column(everybody, ((1, 1),), 0), Column(everybody, ((0, 1), (1, 1), (2, 1)), 1))
    region = model_region(LinearProgram((cell, total, few), columns), [Parameter("g", Fraction(0), Fraction(1, 4))])
    assert largest(region, Term.of(0, {"P": 1})) == Fraction(1, 4)
    assert largest(region, Term.of(0, {"P": -1})) == 0


def test_the_region_of_the_data_knows_no_assumption() -> None:
    """Cells of a complete arm sum to one, those of an incomplete one to at most one."""
    head = "model m\nvariable Y in {0, 1}\nassume P(Y=1) <= 1/4\nestimand e = P(Y=1)\n"
    whole = Model.parse(f"{head}observe P(Y)\n")
    part = Model.parse(f"{head}observe P(Y=1)\n")
    regions = [data_region(observed_arms(model, Limits()), ()) for model in (whole, part)]
    assert [largest(region, Term.of(0, {"P(Y=1)": 1})) for region in regions] == [1, 1]
    assert [largest(region, Term.of(0, {"P(Y=1)": -1})) for region in regions] == [0, 0]
    assert largest(regions[0], Term.of(0, {"P(Y=1)": 1, "P(Y=0)": 1})) == 1
