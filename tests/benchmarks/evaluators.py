"""A million laws: generated numpy modules beside the same formulas written by hand, without any check of the data.

``python tests/benchmarks/evaluators.py`` prints, for each model and each form of the input, the best of several runs.
By hand comes in two ways: on whole columns, as one would write it, and a few thousand laws at a time.
"""

from __future__ import annotations

import importlib
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

LAWS = 1_000_000
RUNS = 15
PIECE = 8192
MODELS = (("iv_ate", "ate"), ("mediation_mmr", "delta1"), ("richardson_robins_ace_z3", "ate"))
Columns = Sequence[np.ndarray]


def laws(module: Any) -> np.ndarray:
    """Random laws, one a row."""
    chance = np.random.default_rng(1)
    found = np.empty((LAWS, len(module.CELLS)))
    for arm in module._COMPLETE_ARMS:
        found[:, arm] = chance.dirichlet(np.ones(len(arm)), LAWS)
    return found


def mmr_lower(c: Columns) -> np.ndarray:
    """Proposition 1, by hand."""
    return np.maximum(c[1] + c[3] - c[5] - c[7], -c[5])


def mmr_upper(c: Columns) -> np.ndarray:
    return np.minimum(c[5] + c[7] - c[1] - c[3], c[7])


def by_hand(module: Any, estimand: str, side: str) -> Callable[[Columns], np.ndarray]:
    """The terms of a side, with nothing but numpy around them."""
    if module.__name__ == "mediation_mmr":
        return mmr_lower if side == "lower" else mmr_upper
    terms, better = module._TERMS[side, estimand], np.maximum if side == "lower" else np.minimum

    def evaluate(c: Columns) -> np.ndarray:
        first, *rest = terms(c)
        best = first.copy()
        for term in rest:
            better(best, term, out=best)
        return best

    return evaluate


def in_pieces(evaluate: Callable[[Columns], np.ndarray], columns: Columns) -> np.ndarray:
    found = np.empty(LAWS)
    for start in range(0, LAWS, PIECE):
        part = slice(start, start + PIECE)
        found[part] = evaluate([np.ascontiguousarray(column[part]) for column in columns])
    return found


def best_times(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best of several runs in turns, in milliseconds."""
    found = {name: float("inf") for name in calls}
    for _ in range(RUNS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            found[name] = min(found[name], 1000 * (time.perf_counter() - start))
    return found


def extra_memory(call: Callable[[], object]) -> float:
    """The peak of what a call allocates, in columns of a million floats."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (8 * LAWS)


def report(name: str, estimand: str) -> None:
    module = importlib.import_module(name)
    p = laws(module)
    by_name = {cell: p[:, i].copy() for i, cell in enumerate(module.CELLS)}
    fortran = np.asfortranarray(p)
    forms: dict[str, tuple[Any, Columns]] = {
        "rows": (p, list(p.T)),
        "columns": (by_name, list(by_name.values())),
        "Fortran": (fortran, list(fortran.T)),
    }
    low, high = by_hand(module, estimand, "lower"), by_hand(module, estimand, "upper")
    for form, (given, columns) in forms.items():
        for what, hand in (("lower", [low]), ("bounds", [low, high])):
            call = getattr(module, what)
            times = best_times(
                {
                    "whole": lambda c=columns, h=hand: [f(c) for f in h],
                    "pieces": lambda c=columns, h=hand: [in_pieces(f, c) for f in h],
                    "module": lambda g=given, f=call: f(g, estimand),
                }
            )
            memory = extra_memory(lambda g=given, f=call: f(g, estimand))
            ratio = times["module"] / min(times["whole"], times["pieces"])
            print(
                f"| {name} | {what} | {form} | {times['whole']:.0f} | {times['pieces']:.0f} | {times['module']:.0f} "
                f"| {ratio:.1f} | {memory:.2f} |"
            )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2] / "derived"))
    print("| model | what | input | by hand (ms) | by hand, in pieces (ms) | module (ms) | times the best | columns |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for model, asked in MODELS:
        report(model, asked)
