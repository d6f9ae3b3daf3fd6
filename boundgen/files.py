"""Reading model files."""

from __future__ import annotations

from pathlib import Path

from boundgen.catalogue import names, text
from boundgen.errors import FileError
from boundgen.language.model import Model

LARGEST = 1_000_000


def read_model(name: str) -> Model:
    """The model in a file, or the catalogue's model of that name where there is no such file.

    Raises
    ------
    FileError
        If the file cannot be read or is not text.
    """
    path = Path(name)
    if not path.exists() and name in names():
        return Model.parse(text(name), f"{name}.bounds")
    return Model.parse(_text(path, name), name)


def _text(path: Path, name: str) -> str:
    if not path.exists():
        raise FileError(f"{name}: there is no such file", remedy="See 'boundgen catalogue' for the shipped models.")
    if path.is_dir():
        raise FileError(f"{name}: this is a folder, not a model file")
    try:
        if path.stat().st_size > LARGEST:
            raise FileError(f"{name}: larger than {LARGEST} bytes, so not a model", remedy="Is it a data file?")
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{name}: cannot be read: {error.strerror or error}") from None
    if b"\0" in content:
        raise FileError(f"{name}: this is a binary file, not a model", remedy="Model files are UTF-8 text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise FileError(f"{name}:{line}:{column}: not UTF-8 text", remedy="Save the file as UTF-8.") from None
