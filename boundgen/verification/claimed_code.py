"""Functions of Python and R that claims name: called at laws of the data in a process of their own, and traced.

Code of others runs here and nowhere else: where a claim is judged, not where a model is read, checked or derived.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from boundgen.errors import ModelError, Place, UndecidedError, did_you_mean, quoted
from boundgen.exact.terms import Term, combination
from boundgen.language.statements import Claim, ClaimedCode
from boundgen.polyhedra.children import BEGIN, output_of_child
from boundgen.work.limits import Budget

PYTHON_SCRIPT = Path(__file__).with_name("code_script.py")
R_SCRIPT = Path(__file__).with_name("code_script.R")
# Whether code is run at all: of a model that somebody was sent, and opened in a page, it is not.
RUNS_CODE: ContextVar[bool] = ContextVar("RUNS_CODE", default=True)
# R computes in floating point; the numbers that go in are rounded too.
R_TOLERANCE = Fraction(1, 10**9)


@dataclass(frozen=True)
class CodeCall:
    """A function, and what it is called with.

    Parameters
    ----------
    claim : Claim
    code : ClaimedCode
    side : str
        Which one of a pair is meant.
    names : tuple of str
        Of arguments, empty for those by position; of all that is observed, where the function takes a mapping.
    """

    claim: Claim
    code: ClaimedCode
    side: str
    names: tuple[str, ...]

    @property
    def place(self) -> Place | None:
        """Where the claim stands."""
        return self.claim.place

    @property
    def folder(self) -> str:
        """Where the function's file is looked for: in the model's folder."""
        file = self.claim.place.source.file if self.claim.place else ""
        return os.path.dirname(os.path.abspath(file))

    @property
    def mapped(self) -> bool:
        """Whether it takes one mapping."""
        return self.code.arguments is None

    @property
    def tolerance(self) -> Fraction:
        """By how much a value may differ from another and be the same."""
        return R_TOLERANCE if self.code.language == "r" else Fraction(0)


@dataclass(frozen=True)
class CodeWay:
    """What the function is on one way through it: an extremum of terms in its arguments' places, where guards hold."""

    op: str
    options: tuple[Term, ...]
    over: Term | None
    guards: tuple[Term, ...]


@dataclass(frozen=True)
class CodeAnswer:
    """Values at the laws, None where the function divides by zero; and its ways, or None where it cannot be traced."""

    values: tuple[Fraction | None, ...]
    ways: tuple[CodeWay, ...] | None = None


def r_is_there() -> bool:
    """Whether R code can be called."""
    return shutil.which("Rscript") is not None


def called(call: CodeCall, laws: Sequence[Sequence[Fraction]], budget: Budget) -> CodeAnswer:
    """Call a function at the values that its arguments have at each law.

    Parameters
    ----------
    call : CodeCall
    laws : sequence of sequence of Fraction
    budget : Budget

    Returns
    -------
    CodeAnswer

    Raises
    ------
    ModelError
        Where there is no such function, or it raises, rounds, or is none of its arguments.
    UndecidedError
        Where there is no R, or no code is run.
    """
    if not RUNS_CODE.get():
        raise UndecidedError(
            f"{quoted(call.code.path)} is code, and none is run here",
            call.place,
            "Judge the claim by boundgen verify, where its file is.",
        )
    polls = count()
    step = partial(_step, budget, f"calling {call.code.path}, tenths of seconds", polls)
    answer = _python(call, laws, step) if call.code.language == "python" else _r(call, laws, step)
    if all(value is None for value in answer.values):
        message = f"{quoted(call.code.path)} gives no number: it divides by zero at every law of the data"
        raise ModelError(message, call.place, _what_it_gets(call))
    return answer


def _step(budget: Budget, what: str, polls: Any) -> None:
    budget.step(what, next(polls))


def _python(call: CodeCall, laws: Sequence[Sequence[Fraction]], step: Any) -> CodeAnswer:
    given = {
        "folder": call.folder,
        "file": call.code.file,
        "function": call.code.function,
        "mapped": call.mapped,
        "names": call.names,
        "side": call.side,
        "laws": [[str(value) for value in law] for law in laws],
    }
    output = output_of_child([sys.executable, "-c", BEGIN, str(PYTHON_SCRIPT)], json.dumps(given), step, quiet=True)
    if not output:
        raise _ended(call)
    found = json.loads(output)
    if "refused" in found:
        raise _refused(call, found["refused"], found["said"])
    values = tuple(None if value is None else Fraction(value) for value in found["values"])
    return CodeAnswer(values, None if found["ways"] is None else tuple(map(_way, found["ways"])))


def _r(call: CodeCall, laws: Sequence[Sequence[Fraction]], step: Any) -> CodeAnswer:
    if not r_is_there():
        raise UndecidedError(
            f"{quoted(call.code.path)} is R code, and Rscript is not there to call it",
            call.place,
            "Install R, or judge the claim where it is.",
        )
    file = os.path.join(call.folder, call.code.file) if call.code.file[-2:] in (".R", ".r") else call.code.file
    head = [file, call.code.function, call.side, "mapped" if call.mapped else "given", "\t".join(call.names)]
    lines = [*head, *("\t".join(repr(float(value)) for value in law) for law in laws)]
    output = output_of_child(["Rscript", "--vanilla", str(R_SCRIPT)], "\n".join(lines) + "\n", step, quiet=True)
    if not output:
        raise _ended(call)
    found = output.splitlines()
    for line in found:
        if line.startswith("refused\t"):
            raise _refused(call, *line.split("\t")[1:3])
    return CodeAnswer(tuple(Fraction(line) if line[-1].isdigit() else None for line in found))


def _way(given: Mapping[str, Any]) -> CodeWay:
    over = given["over"]
    return CodeWay(
        given["op"],
        tuple(map(_argument_term, given["options"])),
        None if over is None else _argument_term(over),
        tuple(map(_argument_term, given["guards"])),
    )


def _argument_term(given: Any) -> Term:
    constant, coefficients = given
    return Term.of(Fraction(constant), {str(i): Fraction(c) for i, c in coefficients})


def in_cells(term: Term, quantities: Sequence[Term]) -> Term:
    """A term in the places of arguments as one in cells and parameters."""
    parts = [(c, quantities[int(place)]) for place, c in term.coefficients]
    return combination([(1, Term(term.constant)), *parts])


# ---------------------------------------------------------------- refusals
def _ended(call: CodeCall) -> ModelError:
    return ModelError(
        f"{quoted(call.code.path)} ended the process that called it", call.place, "A bound gives a number back."
    )


def _refused(call: CodeCall, kind: str, said: str) -> ModelError:
    path, file = quoted(call.code.path), quoted(call.code.file)
    where = f"Files stand in the folder of the model, {call.folder}"
    modules = "; modules are looked for there, then where the command runs and among what is installed"
    python = call.code.language == "python"
    exact = "Write Fraction(1, 2) for 1/2, and max and min for what numpy and math round."
    messages = {
        "file": (f"there is no file {file}", f"{where}."),
        "import": (f"{file} cannot be imported: {said}", f"{where}{modules if python else ''}."),
        "missing": (
            f"{file} has no function {quoted(call.code.function)}",
            f"{did_you_mean(call.code.function, said.split(', '))}It has: {said or 'none'}.",
        ),
        "call": (f"{path} is of type {said}, and no function", "Name a function that gives a bound."),
        "raises": (f"{path} raises {said}" if python else f"{path} stops: {said}", _what_it_gets(call)),
        "float": (f"{path} gives a {said}, and is called with exact rationals", f"A float is rounded. {exact}"),
        "kind": (f"{path} gives a value of type {said}, and no number", "A bound is a number, or a pair of two."),
        "changes": (
            f"{path} is no function of what it is called with: a second call gives another value",
            "A bound depends on the cells and parameters alone.",
        ),
    }
    message, remedy = messages[kind]
    return ModelError(message, call.place, remedy)


def _what_it_gets(call: CodeCall) -> str:
    numbers = "exact rationals (Fraction)" if call.code.language == "python" else "numbers"
    if not call.mapped:
        return f"It is called with the {len(call.names)} arguments that the claim names, which are {numbers}."
    kind = "mapping" if call.code.language == "python" else "vector with names"
    names = ", ".join(map(quoted, call.names[:2]))
    return (
        f"It is called with one {kind}: {names}, ... are its names and {numbers} its values. "
        "Arguments of another kind stand behind it in the claim, in brackets."
    )
