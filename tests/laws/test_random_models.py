"""Random models against a numeric judge that shares nothing with boundgen.

`make test` looks at a fixed number of models, `make slow` for a fixed time. RANDOM_MODELS_SECONDS sets that time, and
RANDOM_MODELS_SEED the first seed: `RANDOM_MODELS_SEED=random` hunts among models that nobody has seen.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from boundgen import Limits, Model, derive
from boundgen.bounds.closed_form import Bounds
from boundgen.derivation import Derivation
from boundgen.errors import ContradictionError, LimitError, ModelError, NotIdentifiedError
from support.random_models import Drawn, Judge, Law, Laws, drawn_model

CLEAR = 1e-7
FEW_MODELS = 60
SECONDS = float(os.environ.get("RANDOM_MODELS_SECONDS", "120"))
SEED = os.environ.get("RANDOM_MODELS_SEED", "1000000")
SMALL = Limits(entries=3000)
# A model may ask for what is no question; the sentence says so.
NO_QUESTION = ("is constant", "has probability zero")


def derived(drawn: Drawn, judge: Judge) -> Derivation | str:
    """The derivation; or why there is none, which is checked as far as it can be."""
    try:
        return derive(Model.parse(drawn.text), limits=SMALL)
    except LimitError:
        return "too large"
    except ContradictionError:
        assert not len(judge.allowed) or judge.is_empty()
        return "contradiction"
    except NotIdentifiedError:
        raise
    except ModelError as error:
        if any(words in error.message for words in NO_QUESTION):
            return "no question"
        raise


def check_law(found: Derivation, judge: Judge, data: Law, parameters: Law, inside: bool) -> str:
    """Conditions fail exactly where no population gives the data; elsewhere the closed form is the program's value."""
    bounds = found.bounds[0]
    missed, failing = judge.missed(data, parameters), bounds.violations(data, parameters)
    if not failing:
        assert missed < CLEAR, f"no condition fails, and the data miss the model by {missed}"
    else:
        assert not inside, f"a condition fails at data of the model: {failing}"
        assert missed > CLEAR, f"a condition fails, and a population gives the data: {failing}"
        return "outside"
    over = Fraction(1)
    if bounds.denominator:
        over = bounds.denominator.value({**data, **parameters})
        if over == 0:
            return "condition of probability zero"
    numeric = judge.bounds(data, parameters)
    assert numeric is not None
    low, high = bounds.evaluate(data, parameters)
    assert float(low * over) == pytest.approx(numeric[0], abs=CLEAR)
    assert float(high * over) == pytest.approx(numeric[1], abs=CLEAR)
    return "zero cells" if 0 in data.values() else "inside"


def check_model(seed: int) -> list[str]:
    """Everything that is checked about the model of one seed; the names of what was."""
    drawn = drawn_model(seed)
    if drawn is None:
        return ["too many cells"]
    judge = Judge(drawn)
    found = derived(drawn, judge)
    if isinstance(found, str):
        return [found]
    assert {cell.name for cell in found.cells} == set(judge.cells)
    assert not judge.is_empty()
    laws = Laws(judge, random.Random(seed))
    done = ["models", *(["conditional"] if found.bounds[0].denominator else [])]
    for _ in range(2):
        laws.value()
        population = laws.inside()
        if population is not None:
            data = laws.data(population)
            done.append(check_law(found, judge, data, laws.parameters, inside=True))
            check_truth(found, judge, population, data, laws.parameters)
            done.append(check_law(found, judge, laws.near(data), laws.parameters, inside=False))
        done.append(check_law(found, judge, laws.outside(), laws.parameters, inside=False))
    return done


def check_truth(found: Derivation, judge: Judge, population: dict[int, Fraction], data: Law, parameters: Law) -> None:
    """Exactly: the estimand of the population is inside, and its condition has the probability that is derived."""
    added, event = judge.target
    over = sum((share for i, share in population.items() if event[i]), Fraction(0))
    truth = sum((share * int(added[i]) for i, share in population.items()), Fraction(0)) / 6
    truth += judge.fixed(judge.model.estimand, parameters)
    bounds = found.bounds[0]
    if bounds.denominator:
        assert bounds.denominator.value({**data, **parameters}) == over
    if over:
        low, high = bounds.evaluate(data, parameters)
        assert low <= truth / over <= high


def checked(seed: int) -> list[str]:
    try:
        return check_model(seed)
    except BaseException as error:
        drawn = drawn_model(seed)
        error.add_note(f"seed {seed}:\n{drawn.text if drawn else ''}")
        raise


# ---------------------------------------------------------------- tests
def test_some_random_models() -> None:
    counts = Counter(name for seed in range(FEW_MODELS) for name in checked(seed))
    # A generator that draws nothing of a kind would test nothing of it.
    assert counts["models"] > FEW_MODELS / 2
    assert min(counts[name] for name in ("inside", "zero cells", "outside", "conditional")) > FEW_MODELS / 10


@dataclass(frozen=True)
class Wrong:
    """Bounds that are off by a millionth, or that know no condition."""

    right: Bounds
    off: Fraction = Fraction(0)
    silent: bool = False
    denominator = None

    def violations(self, data: Law, parameters: Law) -> tuple[Any, ...]:
        return () if self.silent else self.right.violations(data, parameters)

    def evaluate(self, data: Law, parameters: Law) -> tuple[Fraction, Fraction]:
        low, high = self.right.evaluate(data, parameters)
        return low + self.off, high


def test_the_judge_sees_what_is_wrong() -> None:
    """Seed 3: an effect under monotone response, with testable implications."""
    drawn = drawn_model(3)
    assert drawn
    judge, right = Judge(drawn), derive(Model.parse(drawn.text)).bounds[0]
    laws = Laws(judge, random.Random(3))
    population = laws.inside()
    assert population
    inside, outside = laws.data(population), laws.outside()
    while not right.violations(outside, {}):
        outside = laws.outside()
    for wrong, data in [(Wrong(right, Fraction(1, 10**6)), inside), (Wrong(right, silent=True), outside)]:
        with pytest.raises(AssertionError):
            check_law(SimpleNamespace(bounds=[wrong]), judge, data, {}, inside=False)  # type: ignore[arg-type]
    assert check_law(SimpleNamespace(bounds=[Wrong(right)]), judge, inside, {}, inside=True)  # type: ignore[arg-type]


@pytest.mark.slow
def test_random_models_for_a_time() -> None:
    """As many models as there is time for, in seconds of this process."""
    first = random.SystemRandom().randrange(10**12) if SEED == "random" else int(SEED)
    end, counts, seed = time.process_time() + SECONDS, Counter[str](), first
    while time.process_time() < end:
        counts.update(checked(seed))
        seed += 1
    print(f"seeds {first} to {seed - 1}: {dict(counts)}")
    assert counts["models"]
