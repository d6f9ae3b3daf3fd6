"""Reading model files, and writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil

from boundgen.catalogue import names, text
from boundgen.errors import FileError, named
from boundgen.language.model import Model
from boundgen.work.clock import doing

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
    return Model.parse(_decoded(_content(name), name), name)


def write_whole(name: str, content: str | bytes) -> None:
    """Write a file (text as UTF-8) so that nobody ever finds half of it: the old stands until the new is complete.

    Raises
    ------
    FileError
        If the file cannot be written, or something stands there that is not a file.
    """
    check_replaceable(name)
    try:
        _replace(os.path.realpath(name), content.encode("utf-8") if isinstance(content, str) else content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        failed = FileError(f"{named(name)}: cannot be written: {reason}", remedy="Name a file in another folder.")
        failed.unwritten = content if isinstance(content, str) else ""
        raise failed from None


def check_replaceable(name: str) -> None:
    """Refuse what is no file before there is something to write.

    Raises
    ------
    FileError
    """
    with contextlib.suppress(ValueError):
        if not name or (os.path.exists(name) and not os.path.isfile(name)):
            raise FileError(f"{named(name)}: not a file that can be replaced", remedy="Name a file.")


def is_written(name: str, text: str) -> bool:
    """Whether the file is there and holds exactly this text.

    Raises
    ------
    FileError
        If something stands there that cannot be read.
    """
    content = text.encode("utf-8")
    return os.path.exists(name) and _beginning(name, len(content) + 1) == content


def _replace(target: str, content: bytes) -> None:
    """A temporary file in the same folder takes the place of the old one in one step."""
    temporary = f"{target}.{os.getpid()}.part"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)


def _content(name: str) -> bytes:
    content = _beginning(name, LARGEST + 1)
    if len(content) > LARGEST:
        raise FileError(f"{named(name)}: larger than {LARGEST} bytes, so not a model", remedy="Is it a data file?")
    return content


def _beginning(name: str, most: int) -> bytes:
    """At most so many bytes, so that devices and data files end soon."""
    shown = named(name)
    try:
        with open(name, "rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise FileError(
            f"{shown}: there is no such file", remedy="See 'boundgen catalogue' for the shipped models."
        ) from None
    except IsADirectoryError:
        raise FileError(f"{shown}: this is a folder, not a model file", remedy="Name a file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{shown}: cannot be read: {reason}", remedy="Name a file that you may read.") from None


def _decoded(content: bytes, name: str) -> str:
    if b"\0" in content:
        raise FileError(f"{named(name)}: this is a binary file, not a model", remedy="Model files are UTF-8 text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace").removeprefix("\ufeff")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise FileError(f"{named(name)}:{line}:{column}: not UTF-8 text", remedy="Save the file as UTF-8.") from None
