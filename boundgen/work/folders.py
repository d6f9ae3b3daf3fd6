"""Folders of boundgen's own: which one, whether it may be believed, and what is read from it."""

from __future__ import annotations

import os
import secrets
import stat
from functools import cache
from pathlib import Path
from typing import IO

from boundgen.errors import FileError, named

KEY_BYTES = 32
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def checkpoint_folder(given: str | None) -> Path:
    """The folder for checkpoints: the one that is named, or one in the user's folder for caches."""
    return Path(given) if given is not None else user_folder("checkpoints")


def user_folder(name: str) -> Path:
    """A folder of that name in the user's folder for caches."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "boundgen" / name


def doubt(path: Path) -> str:
    """Why what stands in a folder or file need not be the user's own; empty where it is, or where nothing is there.

    Systems without owners and modes (Windows) have lists of rights instead, which are not looked at.
    """
    if not hasattr(os, "geteuid"):
        return ""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ""
    if found.st_uid != os.geteuid():
        return "it belongs to another user"
    return "others can write there (chmod go-w)" if found.st_mode & WRITABLE_BY_OTHERS else ""


def refuse_doubtful(folder: Path, what: str, option: str) -> None:
    """Refuse a folder that is none, or in which others can put what would be read.

    Parameters
    ----------
    folder : Path
    what : str
        For the message: "cache".
    option : str
        The option that names a folder.

    Raises
    ------
    FileError
    """
    shown = named(folder)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise FileError(f"{shown}: not a folder, so not a {what}", remedy=f"Name another folder: {option} FOLDER.")
    reason = doubt(folder)
    if reason:
        raise FileError(
            f"{shown}: this {what} is not used, since {reason.partition(' (')[0]}",
            remedy=f"Make it yours alone: chmod go-w FOLDER. Or name another folder: {option} FOLDER.",
        )


def made(folder: Path) -> None:
    """Make a folder, with those above it, in which only the user can write.

    Raises
    ------
    OSError
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def own_content(path: Path, most: int) -> bytes | None:
    """What stands in a file of the user's own, or None: not there, no file, larger than that, or another's.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        # Without waiting for somebody to write, should it be a pipe.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most or doubt(path):
            return None
        content = file.read(most + 1)
    return content if len(content) <= most else None


def new_file(path: Path) -> IO[str]:
    """A file to write text to, in place of an old one; never through a link to somewhere else.

    Raises
    ------
    OSError
    """
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii")


@cache
def user_key() -> bytes:
    """A secret of the user's, made when it is first needed; of this process alone, where it cannot be kept.

    Cached because one process is to sign with one key, also where none can be kept.
    """
    path = user_folder("key")
    try:
        return _kept_key(path) or _new_key(path)
    except OSError:
        return secrets.token_bytes(KEY_BYTES)


def _kept_key(path: Path) -> bytes | None:
    content = own_content(path, KEY_BYTES)
    is_secret = content is not None and not (hasattr(os, "geteuid") and path.stat().st_mode & 0o077)
    return content if is_secret and content is not None and len(content) == KEY_BYTES else None


def _new_key(path: Path) -> bytes:
    made(path.parent)
    temporary = path.with_name(f"key.{os.getpid()}.part")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    os.replace(temporary, path)
    # Another process may have been later than this one.
    return _kept_key(path) or secrets.token_bytes(KEY_BYTES)
