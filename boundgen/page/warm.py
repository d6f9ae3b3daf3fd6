"""What a child needs, imported and used once: children are copies of a process that has read this module."""

from __future__ import annotations

import contextlib
import gc
from importlib import import_module

from boundgen.derivation import derive
from boundgen.editing import analysis
from boundgen.errors import BoundgenError
from boundgen.language.parser import parse_model
from boundgen.page import texts

# A model whose derivation walks through every stage.
SMALL = """model small
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
parameter gamma in [0, 1]
assume P(X(1) < X(0)) <= gamma
estimand ate = E[Y(1) - Y(0)]
"""
# Of the verbs; those of libraries that are not installed are asked for when they are needed. Without scipy.stats, which
# few calls need: it would take a quarter of the time until the first bounds.
USED = (
    "boundgen.bounds.typeset",
    "boundgen.data.reading",
    "boundgen.evaluation.evaluate",
    "boundgen.evaluation.report",
    "boundgen.inference.estimate",
    "boundgen.inspection.check",
    "boundgen.inspection.show",
    "boundgen.page.child",
    "boundgen.questions.answers",
    "boundgen.questions.comparison",
    "boundgen.verification.judgement",
    "encodings.ascii",
    "multiprocessing.popen_forkserver",
    "numpy.random",
    "resource",
    "scipy.optimize",
    "scipy.special",
)

derive(parse_model(SMALL)).latex()
analysis.diagnostics(SMALL)
texts.read(SMALL)
for module in USED:
    with contextlib.suppress(ImportError, BoundgenError):
        import_module(module)
# What is here stays: a child that looks for garbage in it would copy every page.
gc.collect()
gc.freeze()
