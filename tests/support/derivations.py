"""Derivations of drawn models, beside the judge that shares nothing with boundgen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import reject

from boundgen import Limits, Model, derive
from boundgen.bounds.closed_form import Bounds
from boundgen.derivation import Derivation
from boundgen.errors import ContradictionError, LimitError, ModelError, NotIdentifiedError
from boundgen.exact.terms import Term
from support.independent import Problem, problem
from support.strategies import Draft

SMALL = Limits(entries=900)
Numbers = Mapping[str, Fraction]


def derived(model: Model, engine: str = "auto") -> Derivation:
    """The derivation of a model; models that are too large, or that ask for nothing, are left out."""
    try:
        return derive(model, engine=engine, limits=SMALL)
    except LimitError:
        reject()
    except ContradictionError:
        reject()
    except NotIdentifiedError:
        reject()
    except ModelError as error:
        if "constant" in error.message or "has probability zero" in error.message:
            reject()
        raise


def read(draft: Draft) -> Model:
    """The model that a draft states; one that asks for a constant is left out."""
    try:
        return draft.model
    except ModelError as error:
        if "the estimand is constant" in error.message:
            reject()
        raise


def linear_function(term: Term, judge: Problem) -> tuple[dict[int, Fraction], Fraction]:
    """A term as a function of a distribution over people and of parameters."""
    size = len(judge.columns)
    number = {parameter.name: size + i for i, parameter in enumerate(judge.model.parameters)}
    found: dict[int, Fraction] = {}
    for name, c in term.coefficients:
        places = [number[name]] if name in number else [i for i, k in enumerate(judge.columns) if name in k.cells]
        for i in places:
            found[i] = found.get(i, Fraction(0)) + c
    return found, term.constant


@dataclass(frozen=True)
class Case:
    """A model, its derivation, and the independent judge of its first estimand."""

    derivation: Derivation
    judge: Problem

    @property
    def bounds(self) -> Bounds:
        return self.derivation.bounds[0]


def case(draft: Draft) -> Case:
    model = read(draft)
    derivation = derived(model)
    return Case(derivation, problem(model))
