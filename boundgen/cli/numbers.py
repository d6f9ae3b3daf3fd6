"""Numbers on the command line: integers and reals of the one reader, with the ranges and the help of click's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.types import FloatParamType, IntParamType

from boundgen.errors import DataError
from boundgen.exact.rational import real, whole


class _Read(click.ParamType):  # type: ignore[type-arg]
    """A type of click that is given numbers and no texts."""

    reader: Callable[[object, str], float]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = type(self).reader(value, "the number")
        except DataError as error:
            self.fail(f"{error.message.removeprefix('the number = ')}.", param, ctx)
        return super().convert(number, param, ctx)


class _Whole(_Read):
    reader = staticmethod(whole)


class _Real(_Read):
    reader = staticmethod(real)


class WholeNumber(_Whole, click.IntRange):
    """An integer in a range."""


class RealNumber(_Real, click.FloatRange):
    """A finite number in a range."""


class AnyWholeNumber(_Whole, IntParamType):
    """An integer."""


class AnyRealNumber(_Real, FloatParamType):
    """A finite number."""


WHOLE, REAL = AnyWholeNumber(), AnyRealNumber()
