"""Models from files, or by their names in the catalogue."""

from __future__ import annotations

import os

from boundgen.catalogue import names, text
from boundgen.errors import FileError, ModelError, did_you_mean, named
from boundgen.language.model import Model
from boundgen.work.clock import doing
from boundgen.work.files import beginning

LARGEST = 1_000_000


def read_model(name: str) -> Model:
    """The model in a file, or the catalogue's model of that name where there is no such file.

    Raises
    ------
    FileError
        If the file cannot be read or is not text.
    """
    doing(f"reading {named(name)}")
    if name in names() and not os.path.exists(name):
        return Model.parse(text(name), f"{name}.bounds")
    close = did_you_mean(os.path.basename(name).removesuffix(".bounds"), names())
    if close and not os.path.lexists(name):
        raise FileError(
            f"{named(name)}: there is no such file", remedy=f"{close}'boundgen catalogue' lists the shipped models."
        )
    return Model.parse(model_text(name), name)


def given_model(model: object) -> Model:
    """A model, or the one of a file, of a name in the catalogue, or of a text of the model language.

    Raises
    ------
    ModelError
        For what is none of these, and for what is wrong in the text.
    FileError
        As `read_model`.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, str) and "\n" in model:
        return Model.parse(model)
    if isinstance(model, str | os.PathLike):
        return read_model(os.fspath(model))
    raise ModelError(
        f"{type(model).__name__} is no model", remedy="Give a Model, a name of the catalogue, a file, or a text."
    )


def model_text(name: str, kind: str = "a model") -> str:
    """The text of a model file, or of another kind of file, which is not read as a model.

    Raises
    ------
    FileError
        If the file cannot be read or is not text.
    """
    return _decoded(_content(name, kind), name, kind)


def _content(name: str, kind: str) -> bytes:
    content = beginning(name, LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError(f"{named(name)}: larger than {LARGEST} bytes, so not {kind}", remedy="Is it a data file?")
    return content


def _decoded(content: bytes, name: str, kind: str) -> str:
    if b"\0" in content:
        raise FileError(f"{named(name)}: this is a binary file, not {kind}", remedy="Model files are UTF-8 text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace").removeprefix("\ufeff")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise FileError(f"{named(name)}:{line}:{column}: not UTF-8 text", remedy="Save the file as UTF-8.") from None
