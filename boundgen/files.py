"""Reading model files."""

from __future__ import annotations

import os

from boundgen.catalogue import names, text
from boundgen.errors import FileError
from boundgen.language.model import Model

LARGEST = 1_000_000
LONGEST_NAME = 200


def read_model(name: str) -> Model:
    """The model in a file, or the catalogue's model of that name where there is no such file.

    Raises
    ------
    FileError
        If the file cannot be read or is not text.
    """
    if name in names() and not os.path.exists(name):
        return Model.parse(text(name), f"{name}.bounds")
    return Model.parse(_decoded(_content(name), name), name)


def _content(name: str) -> bytes:
    """At most the largest size of a model, so that devices and data files end soon."""
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
    try:
        with open(name, "rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise FileError(
            f"{shown or '(no name)'}: there is no such file", remedy="See 'boundgen catalogue' for the shipped models."
        ) from None
    except IsADirectoryError:
        raise FileError(f"{shown}: this is a folder, not a model file", remedy="Name a file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{shown}: cannot be read: {reason}", remedy="Name a file that you may read.") from None
    if len(content) > LARGEST:
        raise FileError(f"{shown}: larger than {LARGEST} bytes, so not a model", remedy="Is it a data file?")
    return content


def _decoded(content: bytes, name: str) -> str:
    if b"\0" in content:
        raise FileError(f"{name}: this is a binary file, not a model", remedy="Model files are UTF-8 text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace").removeprefix("\ufeff")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise FileError(f"{name}:{line}:{column}: not UTF-8 text", remedy="Save the file as UTF-8.") from None
