"""Letters in place of levels: p1·2 is p1·i at i = 2."""

from __future__ import annotations

from boundgen.bounds.lettering import Lettered, expanded, lettered, splits
from boundgen.bounds.relabelling import LevelClass, NormalForms
from boundgen.bounds.symbols import notation
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.strata.cells import distinct_cells, observed_arms
from boundgen.work.limits import Limits

MODEL = Model.parse("""
model m
variable Z in {0, 1, 2} randomized
variable Y(Z) in {0, 1}
observe P(Y | Z)
estimand e = P(Y(0)=1)
""")
ARMS = observed_arms(MODEL, Limits())
CELLS = {cell.name: cell for cell in distinct_cells(ARMS)}
NOTATION = notation(MODEL, ARMS)
LEVELS = LevelClass("Z", (0, 1, 2), True)


def y_is_one(**multiples: int) -> Term:
    """Multiples of P(Y=1 | Z=z), by z."""
    return Term.of(0, {f"P(Y=1|Z={level[1:]})": c for level, c in multiples.items()})


def with_letters(term: Term, fixed: bool = False) -> Lettered:
    chosen = splits(term, CELLS, [LEVELS], frozenset([LEVELS]) if fixed else frozenset())
    return lettered(term, CELLS, chosen, NOTATION)


def every_choice(found: Lettered) -> list[Term]:
    return list(expanded(found, NormalForms(ARMS, (), ()), {}))


def test_one_level_is_one_letter() -> None:
    found = with_letters(y_is_one(z2=1))
    (quantifier,) = found.quantifiers
    assert (quantifier.letters, quantifier.at, quantifier.index) == (("i",), (2,), "")
    assert [atom.symbol.text(False) for atom in found.atoms] == ["p1.i"]
    assert every_choice(found) == [y_is_one(z0=1), y_is_one(z1=1), y_is_one(z2=1)]


def test_two_levels_are_two_distinct_letters() -> None:
    """p1·i - p1·j at all distinct i and j: six choices."""
    term = y_is_one(z0=1, z1=-1)
    found = with_letters(term)
    assert found.quantifiers[0].letters == ("i", "j")
    choices = every_choice(found)
    assert choices[0] == term
    assert len(set(choices)) == 6
    assert y_is_one(z2=1, z1=-1) in choices


def test_levels_that_are_held_alike_are_summed() -> None:
    """2 p1·0 + p1·1 + p1·2: all but i once, and i twice."""
    term = y_is_one(z0=2, z1=1, z2=1)
    found = with_letters(term)
    (quantifier,) = found.quantifiers
    assert (quantifier.letters, quantifier.at, quantifier.index) == (("i",), (0,), "j")
    assert [atom.sums for atom in found.atoms] == [(), ("j",)]
    assert len(found.pattern.coefficients) == 2
    assert every_choice(found) == [term, y_is_one(z0=1, z1=2, z2=1), y_is_one(z0=1, z1=1, z2=2)]


def test_a_term_that_no_relabelling_changes_is_one_sum() -> None:
    term = y_is_one(z0=1, z1=1, z2=1)
    found = with_letters(term, fixed=True)
    assert [(q.letters, q.index) for q in found.quantifiers] == [((), "i")]
    assert every_choice(found) == [term]


def test_few_letters_and_few_sums_are_cheap() -> None:
    one, two = with_letters(y_is_one(z0=1)), with_letters(y_is_one(z0=1, z1=-1))
    assert one.cost < two.cost


def test_a_class_that_the_term_does_not_touch_is_left_out() -> None:
    assert splits(Term.of(1), CELLS, [LEVELS], frozenset()) == ()
