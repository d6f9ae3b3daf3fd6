"""Answers and comparisons as tidy rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from boundgen.questions.answers import Answers, EstimandAnswers
from boundgen.questions.assumptions import AssumptionAnswer
from boundgen.questions.comparison import EstimandComparison, ModelComparison
from boundgen.questions.piece_signs import PieceSign
from boundgen.questions.ratio_signs import RatioSign
from boundgen.questions.report import Words


def answers_rows(answers: Answers) -> list[dict[str, Any]]:
    """A row for each question about an estimand, then about an assumption."""
    return [
        *(_row("estimand", each.bounds.name, *said) for each in answers.estimands for said in _estimand(each)),
        *(_row("estimand", each.bounds.name, *said) for each in answers.ratios for said in _sign(each)),
        *(_row("estimand", each.bounds.name, *said) for each in answers.pieces for said in _sign(each)),
        *(_row("assumption", each.written, *said) for each in answers.assumptions for said in _assumption(each)),
    ]


def _row(about: str, name: str, question: str, answer: str | bool | None) -> dict[str, Any]:
    return {"about": about, "name": name, "question": question, "answer": answer}


def _estimand(answers: EstimandAnswers) -> Iterator[tuple[str, str | bool | None]]:
    largest, smallest = answers.lower.extreme, answers.upper.extreme
    yield "bounds contain the value", answers.contains_value
    yield "largest lower bound", None if largest is None else str(largest)
    yield "smallest upper bound", None if smallest is None else str(smallest)
    yield "identified", answers.identified.where


def _sign(sign: RatioSign | PieceSign) -> Iterator[tuple[str, str | bool | None]]:
    yield "bounds contain the value", sign.contains_value
    yield "can be above the value", not sign.lower.always
    yield "can be below the value", not sign.upper.always


def _assumption(answer: AssumptionAnswer) -> Iterator[tuple[str, bool | None]]:
    yield "redundant", answer.redundant
    yield "testable", answer.testable


def comparison_rows(comparison: ModelComparison) -> list[dict[str, Any]]:
    """A row for each term of each side, then for each testable implication, with the models that have it."""
    words = Words(comparison.notation, comparison.simplifier, unicode=False)
    rows = [row for each in comparison.estimands for row in _terms(each, comparison, words)]
    for each in comparison.sampled:
        amount = "narrower by as much as {} at {} random distributions"
        rows += [_term(each.estimand, x.of, "second", amount.format(x.most, each.laws)) for x in each.narrowings]
    for where, conditions in (("first", comparison.disappear), ("second", comparison.appear)):
        rows += [_term(None, "condition", where, words.plain(words.any_conditions([each]))) for each in conditions]
    return rows


def _terms(estimand: EstimandComparison, comparison: ModelComparison, words: Words) -> Iterator[dict[str, Any]]:
    over = next(bounds.denominator for bounds in comparison.first.bounds if bounds.name == estimand.estimand)
    for side in estimand.sides:
        for where, terms in (("both", side.both), ("first", side.disappear), ("second", side.appear)):
            for term in terms:
                yield _term(estimand.estimand, side.side, where, words.plain(words.term(term, over)))


def _term(estimand: str | None, side: str, where: str, text: str) -> dict[str, Any]:
    return {"estimand": estimand, "side": side, "model": where, "term": text}
