"""A million laws: generated numpy modules beside the same formulas written by hand, without any check of the data.

``python tests/benchmarks/evaluators.py`` prints, for each model and each form of the input, the best of several runs.
By hand comes in two ways: on whole columns, as one would write it, and a few thousand laws at a time.
Fractions are the effect among survivors; status 1 where the module takes more than twice the time of the better way.

``python tests/benchmarks/evaluators.py FOLDER`` runs in turns the modules of another version, which stand in FOLDER,
and those of today; and says whether the numbers are the same bits. All times are times of the processor.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from boundgen import Model
from boundgen.codegen.generate import evaluator_files, write_files

LAWS = 1_000_000
RUNS = 7
PIECE = 8192
DERIVED = Path(__file__).parents[2] / "derived"
MODELS = (("iv_ate", "ate"), ("mediation_mmr", "delta1"), ("richardson_robins_ace_z3", "ate"))
# With a parameter, and with a denominator.
CONDITIONED = (("mediation_limited_defiers", "zeta0"), ("iv_ate_monotone", "late"))
Columns = Sequence[np.ndarray]
Hand = Callable[[Columns], np.ndarray]
FRACTIONS = """model survivors
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""
GOAL = 2


def laws(module: Any) -> np.ndarray:
    """Random laws, one a row."""
    chance = np.random.default_rng(1)
    found = np.empty((LAWS, len(module.CELLS)))
    for arm, least in module._ARMS:
        found[:, arm] = chance.dirichlet(np.ones(len(arm) + (not least)), LAWS)[:, : len(arm)]
    return found


def mmr_lower(c: Columns) -> np.ndarray:
    """Proposition 1, by hand."""
    return np.maximum(c[1] + c[3] - c[5] - c[7], -c[5])


def mmr_upper(c: Columns) -> np.ndarray:
    return np.minimum(c[5] + c[7] - c[1] - c[3], c[7])


def survivors_lower(c: Columns) -> np.ndarray:
    """The trimming formula, by hand: what is divided by the share of survivors is divided once."""
    share = c[0] + c[1] + c[2] + c[3] - 1
    over = np.where(share > 1e-14, share, 1)
    best = np.maximum(np.maximum(-c[1], -c[2]) / over, 1 - (c[1] + c[2]) / over)
    return np.where(share > 1e-14, np.maximum(best, -1), -1)


def survivors_upper(c: Columns) -> np.ndarray:
    share = c[0] + c[1] + c[2] + c[3] - 1
    over = np.where(share > 1e-14, share, 1)
    best = np.minimum(np.minimum(c[0], c[3]) / over, (c[0] + c[3]) / over - 1)
    return np.where(share > 1e-14, np.minimum(best, 1), 1)


def by_hand(module: Any, estimand: str, side: str) -> Hand:
    """The terms of a side, with nothing but numpy around them."""
    if module.__name__ == "survivors":
        return survivors_lower if side == "lower" else survivors_upper
    if module.__name__ == "mediation_mmr":
        return mmr_lower if side == "lower" else mmr_upper
    terms, better = module._FORMULAS[estimand][side == "upper"], np.maximum if side == "lower" else np.minimum

    def evaluate(c: Columns) -> np.ndarray:
        first, *rest = terms(c)
        best = first.copy()
        for term in rest:
            better(best, term, out=best)
        return best

    return evaluate


def in_pieces(evaluate: Hand, columns: Columns) -> np.ndarray:
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
            start = time.process_time()
            call()
            found[name] = min(found[name], 1000 * (time.process_time() - start))
    return found


def extra_memory(call: Callable[[], object]) -> float:
    """The peak of what a call allocates, in columns of a million floats."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (8 * LAWS)


def loaded(folder: Path, name: str) -> Any:
    """A module of the folder, whatever else is called so."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(text: str) -> Any:
    """The module of a model that is not in the folder."""
    model = Model.parse(text)
    with tempfile.TemporaryDirectory() as folder:
        write_files(evaluator_files([(model.name, model)]), folder)
        return loaded(Path(folder), model.name)


def forms_of(module: Any) -> dict[str, tuple[Any, Columns]]:
    """Laws as each form of input, with their columns."""
    p = laws(module)
    by_name = {cell: p[:, i].copy() for i, cell in enumerate(module.CELLS)}
    fortran = np.asfortranarray(p)
    return {
        "rows": (p, list(p.T)),
        "columns": (by_name, list(by_name.values())),
        "Fortran": (fortran, list(fortran.T)),
    }


def arrays(found: Any) -> tuple[Any, ...]:
    """What a function of a module gives, as a tuple."""
    if isinstance(found, dict):
        return tuple(found.values())
    return found if isinstance(found, tuple) else (found,)


def compare(folder: Path, name: str, estimand: str) -> None:
    """Another version, and today's."""
    before, now = loaded(folder, name), loaded(DERIVED, name)
    forms = {form: given for form, (given, _) in forms_of(now).items()}
    forms["one law"] = forms["rows"][0]
    given = dict.fromkeys(now.PARAMETERS, 0.1)
    if given:
        forms["grid"] = forms["rows"][:1000, None]
    for form, p in forms.items():
        values = {parameter: np.linspace(0, 0.3, 1000) for parameter in given} if form == "grid" else given
        for what in ("lower", "bounds", "active_terms", "violations"):
            words = (p,) if what == "violations" else (p, estimand)
            modules = {"before": before, "now": now}
            calls = {key: lambda m=m, w=what, a=words, v=values: getattr(m, w)(*a, **v) for key, m in modules.items()}
            times = best_times(calls)
            memory = {key: extra_memory(call) for key, call in calls.items()}
            one, other = (arrays(calls[key]()) for key in ("before", "now"))
            same = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))
            print(
                f"| {name} | {what} | {form} | {times['before']:.3g} | {times['now']:.3g} "
                f"| {times['now'] / times['before']:.2f} "
                f"| {memory['before']:.2f} | {memory['now']:.2f} | {'yes' if same else 'NO'} |"
            )


def report(module: Any, estimand: str) -> float:
    """A line for each form of the input; the largest ratio to the best by hand."""
    forms, ratios = forms_of(module), []
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
            ratios.append(ratio)
            print(
                f"| {module.__name__} | {what} | {form} "
                f"| {times['whole']:.0f} | {times['pieces']:.0f} | {times['module']:.0f} | {ratio:.1f} | {memory:.2f} |"
            )
    return max(ratios)


def print_heads(*heads: str) -> None:
    print(f"| {' | '.join(heads)} |")
    print(f"| {' | '.join('---' for _ in heads)} |")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        columns = [f"columns {version}" for version in ("before", "now")]
        print_heads("model", "what", "input", "before (ms)", "now", "now / before", *columns, "same")
        for model, asked in (*MODELS, *CONDITIONED):
            compare(Path(sys.argv[1]), model, asked)
    else:
        print_heads(
            "model", "what", "input", "by hand (ms)", "in pieces (ms)", "module (ms)", "times the best", "columns"
        )
        for model, asked in MODELS:
            report(loaded(DERIVED, model), asked)
        sys.exit(report(made(FRACTIONS), "sace") > GOAL)
