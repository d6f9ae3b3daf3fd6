"""The verbs `ask` and `compare`: questions about bounds and assumptions."""

from __future__ import annotations

import click

from boundgen.cli.models import model_of
from boundgen.cli.options import (
    FORMATS,
    ascii_option,
    engine_option,
    estimands_argument,
    file_argument,
    format_option,
    limit_options,
    shown,
)
from boundgen.cli.terminal import VerbOutcome, beside
from boundgen.work.limits import Limits


@click.command()
@file_argument
@estimands_argument
@click.option("--value", default="0", show_default=True, metavar="V", help="The value that bounds may contain.")
@format_option(*FORMATS)
@engine_option
@ascii_option
@limit_options
def ask(
    file: str, estimands: tuple[str, ...], value: str, form: str, engine: str, ascii_only: bool, limits: Limits
) -> VerbOutcome:
    """Ask about bounds and assumptions; each answer comes with its proof or a population that shows it.

    Does the bound contain 0 (or --value) at every observable distribution? Can data establish the sign? Where is
    the estimand identified? Is an assumption redundant or testable, and what does it add? Of a ratio: can data show
    on which side of the value it is?

    \b
    Examples:
      boundgen ask mediation_mmr delta1
      boundgen ask confounded_treatment ate --value 1/2 --format json
    """
    from boundgen.questions.answers import ask as asked
    from boundgen.work.progress import progress

    model = model_of(file)
    with progress() as report:
        answers = asked(model, estimands, value=value, engine=engine, limits=limits, report=report)
    return beside(shown(answers, form, ascii_only), answers.derivation.unanswered)


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@estimands_argument
@format_option(*FORMATS)
@engine_option
@ascii_option
@limit_options
def compare(
    first: str, second: str, estimands: tuple[str, ...], form: str, engine: str, ascii_only: bool, limits: Limits
) -> VerbOutcome:
    """Compare two sets of assumptions about the same data: model files, or models of the catalogue.

    Which terms of the bounds and which testable implications appear and disappear from A to B, and how much
    narrower the bounds get at most. Bounds of ratios, and with weights, are compared exactly at random
    distributions.

    \b
    Example:
      boundgen compare mediation_randomization mediation_mmr delta1
    """
    from boundgen.questions.comparison import compare as compared
    from boundgen.work.progress import progress

    models = model_of(first), model_of(second)
    with progress() as report:
        comparison = compared(*models, estimands, engine=engine, limits=limits, report=report)
    return beside(shown(comparison, form, ascii_only), comparison.unanswered)
