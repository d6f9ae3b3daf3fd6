"""Evaluator modules as files: made all together, then written, or compared with what is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from boundgen import catalogue
from boundgen.codegen.content import ModuleContent, module_content
from boundgen.codegen.generated import FileState, FileStatus, Generated
from boundgen.codegen.header import MARK
from boundgen.codegen.python_module import SHARED, python_package_module, python_shared
from boundgen.codegen.targets import TARGETS
from boundgen.derivation import Derivation, derive
from boundgen.errors import FileError, ModelError, NoClosedFormError
from boundgen.language.model import Model
from boundgen.work.files import is_written, write_whole
from boundgen.work.limits import Limits, Report, ignore
from boundgen.work.unanswered import Unanswered

# A module's mark stands near its beginning.
BEGINNING = 20_000


@dataclass(frozen=True)
class File:
    """A file to be: its name inside the folder, its text, and the estimands that it could not hold.

    Where it could hold none of a model there is no text, and no file is written.
    """

    name: str
    text: str
    unanswered: tuple[Unanswered, ...] = ()


def evaluator_files(
    models: Sequence[tuple[str, Model]],
    target: str = "python",
    *,
    package: bool = False,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> tuple[File, ...]:
    """The evaluator modules of models.

    Parameters
    ----------
    models : sequence of (name of the file or catalogue model, Model)
    target : {"python", "r", "stata", "js"}
    package : bool
        Whether Python modules import what they share from a file beside them, which is then the first.
    engine, limits, report
        As for `boundgen.derive`.

    Returns
    -------
    tuple of File

    Raises
    ------
    ModelError
        As for `boundgen.derive`, and where two models would be one file.
    NoClosedFormError
        If no estimand of any model has a closed form.
    """
    found: dict[str, File] = {}
    names: dict[str, str] = {}
    contents: list[ModuleContent] = []
    text = python_package_module if package else TARGETS[target].text
    for made_from, model in models:
        name = TARGETS[target].file_name(model.name)
        if name in found:
            said = f"models {names[name]} and {model.name}"
            said = f"two models are called {model.name}, and" if names[name] == model.name else said
            raise ModelError(f"{said} would be one file {name}", remedy="Rename one of them.")
        names[name] = model.name
        derivation = _derivation(model, engine, limits, report)
        if derivation.closed_forms:
            contents.append(module_content(derivation, source_name(made_from, model)))
        without = [_of_model(each, model, len(models)) for each in derivation.unanswered]
        found[name] = File(name, text(contents[-1]) if derivation.closed_forms else "", tuple(without))
    if found and not contents:
        raise _unanswered(found.values())[0].error
    shared = [File(f"{SHARED}.py", python_shared(any(c.has_pieces for c in contents)))] if package else []
    return (*shared, *found.values())


def _of_model(without: Unanswered, model: Model, models: int) -> Unanswered:
    """With the model's name, where there are several models."""
    return without if models == 1 else replace(without, name=f"{model.name}: {without.name}")


def _derivation(model: Model, engine: str, limits: Limits, report: Report) -> Derivation:
    """The bounds of a model; where none has a closed form, the reason of each."""
    try:
        return derive(model, engine=engine, limits=limits, report=report)
    except NoClosedFormError:
        return derive(model, engine=engine, limits=limits, report=report, partial=True)


def source_name(made_from: str, model: Model) -> str:
    """What makes the module again anywhere: the catalogue's name, or the file's name without its folder."""
    if model.name in catalogue.names() and catalogue.load(model.name) == model:
        return model.name
    return os.path.basename(made_from)


def write_files(files: Iterable[File], folder: str) -> Generated:
    """Write what is not yet written.

    Returns
    -------
    Generated

    Raises
    ------
    FileError
        If the folder cannot be made or a file not be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{folder}: cannot be made: {reason}", remedy="Name another folder with -o.") from None
    files = tuple(files)
    written = [file for file in files if file.text]
    before = compare_files(written, folder)
    stale = {state.name for state in before if state.status != "up to date"}
    for file in written:
        if file.name in stale:
            write_whole(os.path.join(folder, file.name), file.text)
    states = [FileState(each.name, "written") if each.name in stale else each for each in before]
    return Generated(folder, tuple(states), unanswered=_unanswered(files))


def check_files(files: Iterable[File], folder: str, target: str, refresh: str, everything: bool = False) -> Generated:
    """How the files stand in the folder; nothing is written.

    Parameters
    ----------
    files : iterable of File
    folder, target : str
    refresh : str
        The command that writes them.
    everything : bool
        Whether these are all modules that should be there.

    Returns
    -------
    Generated

    Raises
    ------
    FileError
        If the folder or a file in it cannot be read.
    """
    files = tuple(files)
    written = [file for file in files if file.text]
    states = [*compare_files(written, folder), *(left_over(written, folder, target) if everything else [])]
    return Generated(folder, tuple(states), refresh, _unanswered(files))


def _unanswered(files: Iterable[File]) -> tuple[Unanswered, ...]:
    return tuple(each for file in files for each in file.unanswered)


def compare_files(files: Iterable[File], folder: str) -> list[FileState]:
    """Which files are up to date, stale or missing."""
    return [FileState(file.name, _status(os.path.join(folder, file.name), file.text)) for file in files]


def _status(path: str, text: str) -> FileStatus:
    if not os.path.exists(path):
        return "missing"
    return "up to date" if is_written(path, text) else "stale"


def left_over(files: Iterable[File], folder: str, target: str) -> list[FileState]:
    """Modules that boundgen made, and makes no more.

    Returns
    -------
    list of FileState

    Raises
    ------
    FileError
        If the folder or a file in it cannot be read.
    """
    made = {file.name for file in files}
    suffix = TARGETS[target].suffix
    try:
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        old = [name for name in names if name not in made and name.endswith(suffix)]
        return [FileState(name, "left over") for name in old if _is_marked(os.path.join(folder, name))]
    except OSError as error:
        raise FileError(f"{folder}: cannot be read: {error.strerror}", remedy="Name another folder with -o.") from None


def _is_marked(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return MARK.encode() in file.read(BEGINNING)
