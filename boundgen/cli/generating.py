"""The verb `generate`: code that evaluates bounds without boundgen."""

from __future__ import annotations

import shlex
from dataclasses import replace

import click

from boundgen.cli.models import model_of
from boundgen.cli.options import FORMATS, engine_option, format_option, limit_options, shown
from boundgen.cli.terminal import UNEXPECTED, VerbOutcome, beside
from boundgen.codegen.languages import LANGUAGES
from boundgen.work.limits import Limits


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--all", "everything", is_flag=True, help="All models of the catalogue.")
@click.option("-o", "--output", metavar="FOLDER", required=True, help="Where the modules stand.")
@click.option("--target", type=click.Choice(LANGUAGES), default="python", show_default=True, help="The language.")
@click.option("--package", is_flag=True, help="Python modules import what they share from _evaluate.py beside them.")
@click.option("--check", "compare", is_flag=True, help="Write nothing; exit status 1 if a module is not up to date.")
@format_option(*FORMATS)
@engine_option
@limit_options
def generate(
    files: tuple[str, ...],
    everything: bool,
    output: str,
    target: str,
    package: bool,
    compare: bool,
    form: str,
    engine: str,
    limits: Limits,
) -> VerbOutcome:
    """Write evaluator modules: code that evaluates the bounds of a model at many data sets, without boundgen.

    Estimands without a closed form are left out, and said: the exit status then is 3, but for --all.
    A Python module needs numpy; R, Stata and JavaScript need nothing more. No file has a name that test runners
    collect: test_iv becomes bounds_test_iv.py.

    \b
    Examples:
      boundgen generate mediation_mmr -o derived
      boundgen generate mediation_mmr iv_ate --target r -o derived
      boundgen generate --all --package -o formulas
    """
    from boundgen.catalogue import names
    from boundgen.codegen.generate import check_files, evaluator_files, write_files
    from boundgen.work.progress import progress

    if everything == bool(files):
        raise click.UsageError("name model files, or --all.")
    if package and target != "python":
        raise click.UsageError("--package is for Python modules.")
    models = [(file, model_of(file)) for file in (names() if everything else files)]
    with progress() as report:
        modules = evaluator_files(models, target, package=package, engine=engine, limits=limits, report=report)
    if compare:
        named = "--all" if everything else shlex.join(files)
        option = ("" if target == "python" else f" --target {target}") + " --package" * package
        refresh = f"boundgen generate {named}{option} -o {shlex.quote(output)}"
        result = check_files(modules, output, target, refresh, everything)
    else:
        result = write_files(modules, output)
    outcome = beside(shown(result, form), result.unanswered, status=UNEXPECTED if result.wrong else 0)
    # Which models of the catalogue have no closed form is known: that is said, and is no failure.
    return replace(outcome, status=0) if everything and not result.wrong else outcome
