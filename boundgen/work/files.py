"""Files: their beginnings, and writing them whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil

from boundgen.errors import FileError, named


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
    return os.path.exists(name) and beginning(name, len(content) + 1) == content


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


def beginning(name: str, most: int) -> bytes:
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
