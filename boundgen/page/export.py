"""The page without a server: models with their graphs, formulas and evaluators, which opens from a file.

Each model is a script that registers its values: the typeset derivation, the graph, data that come with boundgen, and
the generated module of JavaScript, which evaluates its bounds as somebody moves a slider.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boundgen import catalogue
from boundgen.bounds.derived import Derivation
from boundgen.bounds.typeset import derivation_typeset
from boundgen.codegen.content import module_content
from boundgen.codegen.generate import source_name
from boundgen.codegen.targets import TARGETS
from boundgen.data.reading import read_data
from boundgen.derivation import derive
from boundgen.errors import BoundgenError, FileError
from boundgen.language.model import Model
from boundgen.page.bundle import bundle, script_of
from boundgen.page.contents import STATIC
from boundgen.page.texts import read
from boundgen.rendering.javascript import quoted
from boundgen.work.files import write_whole
from boundgen.work.limits import Limits, Report, ignore

# Of one model; larger ones are for the command line.
SECONDS = 20
# Behind those that they import.
MODULES = ("dom.js", "layout.js", "sketch.js", "bounds.js", "charts.js")
COPIED = ("page.css", "icon.svg")
ALONE = Path(__file__).parent / "alone"


@dataclass(frozen=True)
class Exported:
    """What was written.

    Parameters
    ----------
    folder : str
    models : tuple of str
    left_out : tuple of (name, reason)
        Models without bounds in time.
    """

    folder: str
    models: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """A line for what is there, and one for each model that is not."""
        many = f"{len(self.models)} model{'' if len(self.models) == 1 else 's'}"
        said = [f"{os.path.join(self.folder, 'index.html')}: a page of {many}; open it in a browser"]
        return "\n".join([*said, *(f"  without {name}: {reason}" for name, reason in self.left_out)])


def export(folder: str, models: Iterable[tuple[str, str]], report: Report = ignore) -> Exported:
    """Write the page.

    Parameters
    ----------
    folder : str
        Is made where it is not there; files of other names stay.
    models : iterable of (name, text)
        The names are those of catalogue models, or of files.
    report : function of (what, done, total)

    Returns
    -------
    Exported

    Raises
    ------
    FileError
        Where a file cannot be written.
    """
    wanted = list(models)
    written: list[dict[str, Any]] = []
    left_out = []
    _make(folder, "models", "vendor/katex/fonts")
    for done, (name, text) in enumerate(wanted):
        report("deriving the models of the page", done, len(wanted))
        try:
            derivation = _derived(text)
        except BoundgenError as error:
            left_out.append((name, error.message))
            continue
        file = f"{derivation.model.name}.js"
        write_whole(os.path.join(folder, "models", file), _script(name, text, derivation))
        written.append(_entry(file, text, derivation))
    write_whole(os.path.join(folder, "index.html"), (ALONE / "gallery.html").read_text(encoding="utf-8"))
    write_whole(os.path.join(folder, "gallery.js"), _gallery(written))
    vendored = (path for path in (STATIC / "vendor").rglob("*") if path.is_file())
    for path in (*(STATIC / name for name in COPIED), *vendored):
        write_whole(os.path.join(folder, path.relative_to(STATIC).as_posix()), path.read_bytes())
    return Exported(folder, tuple(each["name"] for each in written), tuple(left_out))


def shipped_models() -> Iterator[tuple[str, str]]:
    """The models of the catalogue."""
    for name in catalogue.names():
        yield name, catalogue.text(name)


def _derived(text: str) -> Derivation:
    model = Model.parse(text)
    derivation = derive(model, partial=True, limits=Limits(seconds=SECONDS))
    if not derivation.closed_forms:
        raise derivation.unanswered[0].error
    return derivation


def _gallery(written: list[dict[str, Any]]) -> str:
    paths = (*(STATIC / name for name in MODULES), ALONE / "gallery.js")
    modules = {path.name: path.read_text(encoding="utf-8") for path in paths}
    return f"const boundgenModels = {_literal(written)};\n{bundle(modules)}"


def _entry(file: str, text: str, derivation: Derivation) -> dict[str, Any]:
    """What the list of models says."""
    model = derivation.model
    return {
        "name": model.name,
        "file": file,
        "title": model.title,
        "sources": list(model.sources),
        "graph": read(text)["graph"],
    }


def _script(name: str, text: str, derivation: Derivation) -> str:
    """A script that registers one model; text in quotes is data, and ends no script."""
    values = {
        "text": text,
        "typeset": derivation_typeset(derivation),
        "arms": _arms(derivation),
        "data": _data(derivation),
    }
    return f"boundgenModel({quoted(derivation.model.name)}, {_literal(values)},\n{_evaluator(name, derivation)});\n"


def _evaluator(name: str, derivation: Derivation) -> str:
    """The generated module, as a call; null where it has none."""
    if derivation.independent is not None:
        return "null"
    return script_of(TARGETS["js"].text(module_content(derivation, source_name(name, derivation.model))))


def _arms(derivation: Derivation) -> list[dict[str, Any]] | None:
    """The cells to which counts may be given; None where means are observed, or laws of what is randomized."""
    if derivation.independent is not None or any(arm.means or arm.law for arm in derivation.arms):
        return None
    return [{"cells": list(arm.shown), "complete": arm.complete} for arm in derivation.arms]


def _data(derivation: Derivation) -> list[dict[str, Any]]:
    """The data that come with boundgen and have the model's cells, as the shares that they show."""
    found = []
    for name in catalogue.data_names():
        try:
            observed = read_data(derivation.model, [name])
        except BoundgenError:
            continue
        law = {cell: float(share) for cell, share in observed.observed.items()}
        found.append({"name": name, "title": catalogue.data_title(name), "law": law})
    return found


def _literal(values: Any) -> str:
    """Values as a literal of JavaScript, which ends no script."""
    return json.dumps(values).replace("<", "\\u003c")


def _make(folder: str, *below: str) -> None:
    for name in below:
        try:
            os.makedirs(Path(folder) / name, exist_ok=True)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FileError(f"{folder}: cannot be made: {reason}", remedy="Name another folder.") from None
