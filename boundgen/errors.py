"""The errors that boundgen raises: each says where, what, and what to do."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

# Control characters, invisible marks, halves of surrogate pairs and separators of lines: no terminal shows them right.
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Of a value that an error message quotes, of a path, and of a message in all.
LONGEST_VALUE = 80
LONGEST_PATH = 200
LONGEST_MESSAGE = 500
# How much two names have to agree for one to be taken for the other, misspelt.
CLOSE = 0.7
# Whether errors speak of options as the command line spells them; elsewhere they speak of arguments.
COMMAND_LINE: ContextVar[bool] = ContextVar("COMMAND_LINE", default=False)
# An option with its value, as messages write them: 'A!=VALUE' in quotation marks, M>7, COLUMN, or a kind of data.
OPTION = re.compile(
    r"""--([a-z][a-z-]*[a-z])(?:[ ]('[^']*'|"[^"]*"|[^\s'"]*[=<>][^\s'"]*[^\s'",.;:)]|[A-Z]+\b|microdata\b))?"""
)
# An option that is given twice is one argument with two values.
TWICE = re.compile(r"(\w+)=('[^']*') \1=('[^']*')")
VERB = re.compile(r"'?\bboundgen (derive|evaluate|estimate|verify|certify|mediate|ask|compare)\b(?! -)'?")
PARAMETER = re.compile(r"['\"]?(\w+)=([0-9][0-9./]*)['\"]?")
# Options that are called otherwise in Python, or that take no value.
ARGUMENTS = {"map": "columns", "at": "parameters"}
# Limits are arguments of `Limits`, which are called by what they count.
COUNTED = {f"max-{name}": name for name in ("strata", "cells", "entries", "assumptions")}
COUNTED |= {"time-limit": "seconds", "memory-limit": "mebibytes"}
FLAGS = ("drop-missing", "project", "numeric", "orbits")
QUOTATION = re.compile(rf"(?<!\w)(['\"])((?:(?!\1(?!\w)).){{{LONGEST_VALUE + 1},}})\1(?!\w)", re.DOTALL)
LONG_WORD = re.compile(rf"\S{{{LONGEST_VALUE + 1},}}")
MARKS = "\"'()[]{}:;,!?"


def shortened(text: str, most: int = LONGEST_PATH) -> str:
    """The beginning of a text, of at most so many characters."""
    return text if len(text) <= most else f"{text[:most]}..."


def quoted(value: object) -> str:
    """A user's value in quotation marks, as a message shows it: its beginning, on one line."""
    return f"'{shortened(_on_one_line(str(value)), LONGEST_VALUE)}'"


def named(path: object) -> str:
    """A file as a message names it."""
    text = _on_one_line(str(path))
    return shortened(text, LONGEST_PATH if os.sep in text else LONGEST_VALUE) or "(no name)"


def _on_one_line(text: str) -> str:
    return "".join("?" if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text[: LONGEST_PATH + 1])


def brief(text: str) -> str:
    """A message without what is too long to be read: values that it quotes, words, and the message itself.

    Messages name what a user wrote, which may be anything, and `quoted` may have been forgotten. A quotation begins
    behind no letter and ends before none, so that an apostrophe is not taken for one.
    """
    text = QUOTATION.sub(lambda found: f"{found[1]}{shortened(found[2], LONGEST_VALUE)}{found[1]}", text)
    return shortened(LONG_WORD.sub(_short_word, text), LONGEST_MESSAGE)


def _short_word(match: re.Match[str]) -> str:
    word = match[0].strip(MARKS)
    return match[0].replace(word, shortened(word, LONGEST_PATH if os.sep in word else LONGEST_VALUE)) if word else "..."


@dataclass(frozen=True)
class Source:
    """A text that is being read: the name of its file and its lines."""

    file: str
    text: str

    def line(self, number: int) -> str:
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(frozen=True)
class Place:
    """Where something stands in a source; lines and columns count from 1."""

    source: Source
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{shortened(self.source.file)}:{self.line}:{self.column}"

    def picture(self) -> str:
        """The line with a mark under the place, cut to what fits on a screen."""
        line = "".join(
            " " if c == "\t" else "?" if unicodedata.category(c) in UNSEEN else c for c in self.source.line(self.line)
        )
        start = max(0, self.column - 1 - 70)
        shown = line[start : start + 110]
        before, rest = shown[: self.column - 1 - start], shown[self.column - 1 - start :]
        marks = max(1, min(_width(rest[: self.length]), _width(rest)))
        return f"  {shown}\n  {' ' * _width(before)}{'^' * marks}"


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def in_python(text: str) -> str:
    """A message in the terms of Python: options of the command line as arguments.

    >>> in_python("Say where A is: --map A=COLUMN; or leave rows out, --where 'A!=VALUE', --drop-missing.")
    "Say where A is: columns='A=COLUMN'; or leave rows out, where='A!=VALUE', drop_missing=True."
    >>> in_python('Leave --weights out, or lower --max-strata; --at "g=0.1"; boundgen evaluate has them.')
    'Leave weights= out, or lower Limits(strata=); parameters={"g": 0.1}; boundgen.evaluate has them.'
    """
    text = text.replace("'boundgen catalogue --data'", "boundgen.catalogue.data_names()")
    text = text.replace("'boundgen catalogue'", "boundgen.catalogue.names()")
    return VERB.sub(r"boundgen.\1", TWICE.sub(r"\1=[\2, \3]", OPTION.sub(_argument, text)))


def _argument(match: re.Match[str]) -> str:
    option, value = match[1], match[2]
    name = ARGUMENTS.get(option, option.replace("-", "_"))
    if option in FLAGS:
        return f"{name}=True" + (f" {value}" if value else "")
    if option in COUNTED:
        return f"Limits({COUNTED[option]}={value or ''})"
    if value is None:
        return f"{name}="
    if option == "at" and (found := PARAMETER.fullmatch(value)):
        return f'{name}={{"{found[1]}": {found[2]}}}'
    return f"{name}={value}" if value[0] in "'\"" else f"{name}='{value}'"


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """The question whether a name was meant that looks much like one that there is not, or nothing.

    >>> did_you_mean("delta_0", ["delta0", "zeta0"]), did_you_mean("risk", ["delta0"])
    ("Did you mean 'delta0'? ", '')
    """
    from difflib import get_close_matches

    names = {str(each).lower(): str(each) for each in known}
    close = get_close_matches(str(name)[:LONGEST_VALUE].lower(), names, 1, CLOSE)
    return f"Did you mean {quoted(names[close[0]])}? " if close else ""


# Options of the command line that are called otherwise in Python.
OTHERWISE = {"map": "columns", "at": "parameters", "estimand": "estimands"}


def no_option(name: str, known: Iterable[str]) -> DataError:
    """The error that a keyword is no option."""
    names = list(known)
    meant = f"Did you mean {quoted(OTHERWISE[name])}? " if OTHERWISE.get(name) in names else did_you_mean(name, names)
    return DataError(f"there is no option {quoted(name)}", remedy=f"{meant}options: {', '.join(names)}")


class BoundgenError(Exception):
    """Root of all errors of boundgen.

    Parameters
    ----------
    message : str
        What is wrong, in one sentence.
    where : Place, optional
        Where in the model file.
    remedy : str, optional
        What was allowed, or what to do.
    """

    def __init__(self, message: str, where: Place | None = None, remedy: str = "") -> None:
        self.message, self.where, self.remedy = brief(message), where, brief(remedy)
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.where:
            lines.append(self.where.picture())
        if self.remedy:
            lines.append(f"  {self.remedy}")
        text = "\n".join(lines)
        return text if COMMAND_LINE.get() else in_python(text)

    def located(self, where: Place | None) -> BoundgenError:
        """The same error with a place, where it has none of its own."""
        return self if self.where or not where else type(self)(self.message, where, self.remedy)


class FileError(BoundgenError, OSError):
    """A file cannot be read or written.

    Attributes
    ----------
    unwritten : str
        The text that was to be written, where there is one: it may have taken long to make.
    """

    unwritten: str = ""


class ModelSyntaxError(BoundgenError, ValueError):
    """A text is not of the model language."""


class ModelError(BoundgenError, ValueError):
    """A model says something that makes no sense: unknown names, wrong values, missing parts."""


class GraphError(BoundgenError, ValueError):
    """A text, a file or an object is no causal graph, or one that no model has."""


class NotLinearError(ModelError):
    """An expression is not linear in the probabilities of the principal strata."""


class NotIdentifiedError(ModelError):
    """A quantity that must be identified by the observed data is not."""


class ContradictionError(ModelError):
    """The assumptions exclude every distribution."""


class LimitError(BoundgenError, RuntimeError):
    """The work is larger than a stated limit.

    Attributes
    ----------
    derived : str
        The bounds that were derived before the limit was reached, as text; empty where there are none.
    """

    derived: str = ""

    def beside(self, derived: str) -> LimitError:
        """The same error, with what was derived."""
        self.derived = self.derived or derived
        return self


class NoClosedFormError(LimitError):
    """An estimand has bounds at given data, and no closed form."""


class PiecewiseError(LimitError):
    """Bounds of a shape that a question cannot be asked of."""


class UndecidedError(LimitError):
    """A claim that is neither proved nor refuted."""


class BudgetError(LimitError):
    """Time or memory is used up."""

    def located(self, _where: Place | None) -> BoundgenError:
        """The same error: what was being read when time was over is not at fault."""
        return self


class EngineError(BoundgenError, ImportError):
    """An enumeration engine is unknown or not installed."""


class SchedulerError(BoundgenError, ConnectionError):
    """Nobody answers where a scheduler should be."""


class LibraryError(BoundgenError, ImportError):
    """A library that only some of boundgen needs is not installed."""


class DataError(BoundgenError, ValueError):
    """Observed probabilities that are not of the model's shape."""


class CallError(BoundgenError, TypeError):
    """A function is called without what it needs, or with what it does not take."""


class CertificateError(BoundgenError, ValueError):
    """A file is not a certificate. (One that is wrong is an answer, not an error.)"""
