"""Which assumptions matter: what each adds to all the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boundgen.errors import BoundgenError
from boundgen.language.model import Model
from boundgen.questions.sampled import SampledComparison
from boundgen.sweep.tasks import assumption_names
from boundgen.work.limits import Limits


@dataclass(frozen=True)
class Question:
    """Two models to compare: all assumptions but one, and all.

    Parameters
    ----------
    assumption, estimand : str
    without, full : str
        Texts of models.
    seconds : float or None
    """

    assumption: str
    estimand: str
    without: str
    full: str
    seconds: float | None = None


@dataclass(frozen=True)
class Matter:
    """What one assumption adds to the others for one estimand.

    Parameters
    ----------
    assumption, estimand : str
    lower, upper, width : str
        By how much the bounds are narrower with it, at most over all data: a rational number, or a word where
        there is no such number. Zero on both sides means that the bounds are the same.
    implications : int
        How many testable implications appear with it.
    reason : str
        Why there is no answer; else empty.
    laws : int
        At how many random distributions that was seen, where no proof says it of all; else zero.
    """

    assumption: str
    estimand: str
    lower: str = ""
    upper: str = ""
    width: str = ""
    implications: int = 0
    reason: str = ""
    laws: int = 0

    @property
    def verdict(self) -> str:
        if self.reason:
            return f"no answer: {self.reason}"
        if not self.laws and self.lower == self.upper == "0":
            return "testable, but does not change the bounds" if self.implications else "does not matter"
        if self.laws:
            changed = any(amount not in ("", "0") for amount in (self.lower, self.upper))
            what = "narrows the bounds" if changed else "no change seen"
            return f"{what} (at {self.laws} random distributions)"
        return "narrows the bounds"


def questions(model: Model, estimands: Sequence[str], seconds: float | None) -> tuple[Question, ...]:
    """One question for each assumption and estimand."""
    full = replace(model, claims=())
    found = []
    for k, name in enumerate(assumption_names(model)):
        without = replace(full, assumptions=(*model.assumptions[:k], *model.assumptions[k + 1 :]))
        found += [Question(name, estimand, str(without), str(full), seconds) for estimand in estimands]
    return tuple(found)


def matter(question: Question) -> Matter:
    """The answer to one question: a pure function of what is sent."""
    from boundgen.questions.comparison import compare
    from boundgen.questions.independence import IndependenceComparison

    without, full = Model.parse(question.without), Model.parse(question.full)
    try:
        found = compare(without, full, [question.estimand], limits=Limits(seconds=question.seconds))
    except BoundgenError as error:
        return Matter(question.assumption, question.estimand, reason=error.message)
    if isinstance(found, IndependenceComparison) or found.sampled:
        return _seen(question, found.sampled[0])
    amounts = {
        narrowing.of: str(narrowing.most) if narrowing.most is not None else narrowing.status
        for narrowing in found.estimands[0].narrowings
    }
    if not amounts:
        return Matter(question.assumption, question.estimand, reason=found.estimands[0].note or "not comparable")
    return Matter(
        question.assumption,
        question.estimand,
        amounts.get("lower", ""),
        amounts.get("upper", ""),
        amounts.get("width", ""),
        len(found.appear),
    )


def _seen(question: Question, comparison: SampledComparison) -> Matter:
    """What was seen at random distributions."""
    if not comparison.laws:
        return Matter(question.assumption, question.estimand, reason="no distribution that both models allow was found")
    lower, upper = (str(narrowing.most) for narrowing in comparison.narrowings)
    # That nothing changes may be proved; by how much something does is seen alone.
    unproved = not (comparison.proved and comparison.relation == "the same")
    return Matter(question.assumption, question.estimand, lower, upper, laws=comparison.laws if unproved else 0)
