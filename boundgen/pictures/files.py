"""Pictures to files: png, svg or pdf, whole or not at all, always the same bytes."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from boundgen.errors import FileError, named
from boundgen.work.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")


def picture_format(path: str) -> str:
    """The kind of picture that a file name asks for.

    Raises
    ------
    FileError
        If it is not one of png, svg and pdf.
    """
    form = PurePath(path).suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise FileError(
            f"{named(path)}: not a kind of picture that can be written",
            remedy=f"Name a file that ends in one of: {', '.join(f'.{known}' for known in FORMATS)}",
        )
    return form


def picture_bytes(figure: Figure, form: str) -> bytes:
    """A figure as the content of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    form : {"png", "svg", "pdf"}

    Returns
    -------
    bytes
        Without dates; the same for the same figure and version of matplotlib.
    """
    from boundgen.pictures.canvas import rendered

    return rendered(figure, form)


def write_picture(figure: Figure, path: str) -> None:
    """Write a figure to a file; the ending of its name says how.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str
        Ends in ``.png``, ``.svg`` or ``.pdf``.

    Raises
    ------
    FileError
        Another ending, or a place where nothing can be written.
    """
    form = picture_format(path)
    write_whole(path, picture_bytes(figure, form))
