"""From a file to a model, and from a model to its derivation, with progress on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from boundgen.work.limits import Limits, Resources, ignore

if TYPE_CHECKING:
    from boundgen.derivation import Derivation
    from boundgen.language.model import Model


def model_of(file: str) -> Model:
    """The model of a file or of the catalogue."""
    from boundgen.catalogue.model_files import read_model

    return read_model(file)


def derived(
    model: Model,
    estimands: Sequence[str],
    engine: str,
    conditions: bool,
    limits: Limits,
    *,
    remark: Callable[[str], None] = ignore,
    resources: Resources = Resources(),
    partial: bool = False,
    programs: bool = False,
) -> Derivation:
    """The derivation; its progress is shown."""
    from boundgen.derivation import derive
    from boundgen.work.progress import progress

    with progress() as report:
        return derive(
            model,
            estimands,
            engine=engine,
            conditions=conditions,
            limits=limits,
            report=report,
            remark=remark,
            resources=resources,
            partial=partial,
            programs=programs,
        )
