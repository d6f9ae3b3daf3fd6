"""The command line: verbs (`mediate` and `sweep` are in ``cli_mediate.py`` and ``cli_sweep.py``).

The only file that prints or exits.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from boundgen.cli.mediate import mediate
from boundgen.cli.numbers import REAL, WHOLE, WholeNumber
from boundgen.cli.options import output_option
from boundgen.cli.sweep import sweep
from boundgen.errors import BoundgenError, FileError, LimitError, brief
from boundgen.rendering.text import printed
from boundgen.version import VERSION
from boundgen.work import clock
from boundgen.work.libraries import missing_library
from boundgen.work.limits import Limits, Means, unheard

if TYPE_CHECKING:
    from fractions import Fraction

    from boundgen.data.observed import ObservedData
    from boundgen.derivation import Derivation
    from boundgen.evaluation.evaluate import Evaluation
    from boundgen.language.model import Model
    from boundgen.work.unanswered import Unanswered

STAGES = ("model", "strata", "program", "reduced", "dual", "vertices")
FORMATS = ("text", "latex", "json", "sympy")
ESTIMATION_METHODS = ("intersection", "stoye", "directional", "subsampling", "bootstrap")
EVALUATION_FORMATS = ("text", "csv", "latex", "json")
LANGUAGES = ("python", "r", "stata", "js")
UNEXPECTED, USAGE_ERROR, INCOMPLETE, INTERRUPTED = 1, 2, 3, 130
DEFAULT = Limits()


@dataclass(frozen=True)
class Outcome:
    """What a verb prints, and an exit status that is an answer rather than an error."""

    text: str
    status: int
    complaint: str = ""


def main() -> None:
    """Run the command line; every error is one paragraph on stderr and exit status 2.

    The verbs return their text and it is printed here, so that output is whole or not at all.
    """
    try:
        text = commands(prog_name="boundgen", standalone_mode=False)
        clock.quiet()
        if isinstance(text, Outcome):
            _write(text.text)
            if text.complaint:
                _complain(text.complaint)
            sys.exit(text.status)
        if isinstance(text, str):
            _write(text)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        _write(error.format_message())
    except click.ClickException as error:
        _fail(_click_message(error))
    except BoundgenError as error:
        if unwritten := getattr(error, "unwritten", ""):
            # It may have taken hours.
            _write(unwritten)
        _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        _complain("boundgen: interrupted; nothing was written")
        sys.exit(INTERRUPTED)
    except RecursionError:
        _fail("boundgen: the model is nested too deeply\n  Split long expressions into several statements.")
    except MemoryError:
        _fail("boundgen: the model needs more memory than there is\n  Coarsen variables, or lower --max-strata.")
    except ImportError as error:
        _fail(str(missing_library(error, None, "boundgen needs")))
    finally:
        clock.end()


def _write(text: str) -> None:
    """Text on stdout, in characters that it can show."""
    if sys.stdout is None:
        _fail("boundgen: there is no standard output\n  Redirect it to a file.")
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        sys.stdout.write(printed(text if text.endswith("\n") else text + "\n"))
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    except OSError as error:
        _silence_stdout()
        _fail(f"boundgen: the output cannot be written: {error.strerror}\n  Write it to another place.")


@contextmanager
def answer_kept(text: str) -> Iterator[None]:
    """Where a picture cannot be written, the answer that it shows is printed all the same."""
    try:
        yield
    except FileError as error:
        error.unwritten = error.unwritten or text
        raise


def _silence_stdout() -> None:
    """The interpreter must not try, and complain, again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    if sys.stderr is not None:
        sys.stderr.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.stderr.write(printed(message + "\n"))


def _fail(message: str) -> NoReturn:
    _complain(message)
    sys.exit(USAGE_ERROR)


def _click_message(error: click.ClickException) -> str:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx:
        known = "" if error.ctx.parent else f"\n  verbs: {', '.join(sorted(commands.commands))}"
        hint = f"{known}\n  Try: {error.ctx.command_path} --help"
    return f"boundgen: {brief(error.format_message())}{hint}"


def _unicode(ascii_only: bool) -> bool:
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    return not ascii_only and encoding in ("utf8", "utf16", "utf32", "utf8sig")


def _seconds(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and value <= 0:
        raise click.BadParameter(f"{value:g} is not a positive number of seconds.")
    if value is not None:
        clock.begin(value)
    return value


def _limits(function: Callable[..., Any]) -> Callable[..., Any]:
    at_least_one = WholeNumber(min=1)
    options = [
        click.option(f"--max-{name}", type=at_least_one, default=getattr(DEFAULT, name), show_default=True, help=text)
        for name, text in (
            ("strata", "Most principal strata to visit."),
            ("cells", "Most observed cells."),
            ("entries", "Largest program, rows times columns."),
            ("assumptions", "Most assumptions, counted for each choice of quantified names."),
        )
    ]
    options.append(
        click.option(
            "--time-limit",
            type=REAL,
            callback=_seconds,
            metavar="SECONDS",
            help="Stop after this time, reading included.",
        )
    )
    options.append(
        click.option("--memory-limit", type=at_least_one, metavar="MIB", help="Stop when this much memory is used.")
    )
    for option in reversed(options):
        function = option(function)
    return function


def _data_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where the data are, and how they are read."""
    options = [
        click.argument("data", nargs=-1, required=True, metavar="DATA..."),
        click.option("--estimand", "estimands", multiple=True, metavar="NAME", help="Only this one; may be repeated."),
        click.option(
            "--map", "columns", multiple=True, metavar="V=COLUMN,...", help="Columns with other names than variables."
        ),
        click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Use only such rows; also != < <= > >=."),
        click.option(
            "--dichotomize",
            multiple=True,
            metavar="V>NUMBER",
            help="Cut a column for a variable with two values: M>7, M=median (above it), M>=median, Y=yes.",
        ),
        click.option("--weights", metavar="COLUMN", help="Weights of micro-data."),
        click.option("--kind", type=click.Choice(("auto", "microdata", "counts", "probabilities")), default="auto"),
        click.option("--counts", metavar="COLUMN", help="DATA is a table: this column says how many units are alike."),
        click.option("--probabilities", metavar="COLUMN", help="DATA is a table of probabilities: in this column."),
        click.option("--drop-missing", is_flag=True, help="Leave rows out that miss a value, and say how many."),
        click.option(
            "--at", multiple=True, metavar="NAME=VALUES", help="Parameters: gamma=0.1, gamma=0,0.1 or gamma=0:0.3:0.01."
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


_file = click.argument("file", metavar="FILE")
_estimands = click.argument("estimands", nargs=-1, metavar="[ESTIMAND]...")
_ascii = click.option("--ascii", "ascii_only", is_flag=True, help="Do not use unicode.")
_engine = click.option(
    "--engine",
    type=click.Choice(("auto", "cdd", "ppl", "orbits")),
    default="auto",
    show_default=True,
    help="Exact enumeration: directly by cddlib or the Parma Polyhedra Library, over orbits, or by size.",
)


_answer_format = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="boundgen", message="%(prog)s %(version)s")
def commands() -> None:
    """Sharp bounds for discrete causal models, in closed form and exact.

    FILE is a model file (*.bounds), or the name of a model in the catalogue.

    \b
    Example:
      boundgen derive mediation_mmr delta1
    """


@commands.command()
@_file
@_estimands
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@_engine
@click.option("--no-conditions", is_flag=True, help="Leave the testable implications out: there can be thousands.")
@click.option("--orbits", is_flag=True, help="Print terms that differ by relabelling levels once.")
@_ascii
@click.option("--verbose", is_flag=True, help="Say on stderr how the dual polyhedra are enumerated.")
@click.option("--jobs", type=WholeNumber(min=1), default=1, show_default=True, help="Processes for hard polyhedra.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler for hard polyhedra, instead of --jobs.")
@click.option("--cache", metavar="FOLDER", help="Keep enumerations there, and look there first.")
@click.option("--checkpoint", metavar="FOLDER", help="Where long enumerations note what they have found.")
@click.option("--resume", is_flag=True, help="Go on from such notes.")
@_limits
def derive(
    file: str,
    estimands: tuple[str, ...],
    form: str,
    engine: str,
    no_conditions: bool,
    orbits: bool,
    ascii_only: bool,
    verbose: bool,
    jobs: int,
    scheduler: str | None,
    cache: str | None,
    checkpoint: str | None,
    resume: bool,
    **limits: Any,
) -> Outcome:
    """Derive the sharp bounds of a model's estimands (of all, where none is named).

    Where time or memory end the work, valid bounds are printed that are not proved sharp, with exit status 3; so are
    the bounds of the others where one estimand has no answer.

    \b
    Examples:
      boundgen derive mediation_mmr delta1
      boundgen derive iv_ate --format latex --no-conditions
      boundgen derive iv_ate --orbits
    """
    from boundgen.work.executors import local_executor, scheduler_executor
    from boundgen.work.folders import checkpoint_folder

    if orbits and form == "sympy":
        raise click.UsageError("--orbits prints for readers; sympy takes every term. Leave --orbits out.")
    remark = _remark if verbose else None
    complaints: list[str] = []
    with scheduler_executor(scheduler) if scheduler else local_executor("processes", jobs) as executor:
        means = Means(
            executor, checkpoint_folder(checkpoint), resume, Path(cache) if cache else None, complaints.append
        )
        found = _derived(file, estimands, engine, not no_conditions, limits, remark=remark, means=means, partial=True)
    clock.quiet()
    text = _printed(found, form, _unicode(ascii_only), orbits)
    incomplete = _incomplete(found)
    said = [f"boundgen: {complaint}" for complaint in dict.fromkeys(complaints)]
    return Outcome(text, INCOMPLETE if incomplete else 0, "\n".join([*said, *([incomplete] if incomplete else [])]))


def _incomplete(found: Derivation) -> str:
    """What is not proved, then a line for each estimand without an answer; empty where everything is answered."""
    return "\n".join([*_missing(found), *_without(found.unanswered)])


def _missing(found: Derivation) -> list[str]:
    if not found.missing:
        return []
    if found.missing == (found.conditions_missing,):
        return [f"boundgen: the bounds are complete, the testable implications are not: {found.conditions_missing}"]
    return ["boundgen: the derivation is not complete: " + " ".join(found.missing)]


def _without(unanswered: Sequence[Unanswered]) -> list[str]:
    return [f"boundgen: {each.line}" for each in unanswered]


def beside(text: str, unanswered: Sequence[Unanswered], said: Sequence[str] = (), status: int = 0) -> Outcome:
    """What is answered; a line on stderr, and an exit status of its own, for what is not."""
    return Outcome(text, status or (INCOMPLETE if unanswered else 0), "\n".join([*said, *_without(unanswered)]))


def _printed(found: Derivation, form: str, unicode: bool, orbits: bool) -> str:
    if form == "json":
        return json.dumps(found.json(orbits), indent=1)
    if form == "latex":
        return found.latex(orbits)
    return _sympy(found) if form == "sympy" else found.text(unicode, orbits)


def _remark(text: str) -> None:
    _complain(f"boundgen: {text}")


@commands.command()
@_file
@_estimands
@click.option("--at", "stage", type=click.Choice(STAGES), default="strata", show_default=True, help="Which stage.")
@_engine
@_ascii
@_limits
def show(file: str, estimands: tuple[str, ...], stage: str, engine: str, ascii_only: bool, **limits: Any) -> Outcome:
    """Show a stage of the derivation: the model, its principal strata, the programs, the dual, its vertices.

    \b
    Example:
      boundgen show mediation_mmr delta1 --at strata
    """
    from boundgen.inspection.show import shown
    from boundgen.work.limits import Work
    from boundgen.work.progress import progress

    model = _model(file)
    with progress() as report:
        found = shown(model, estimands, stage, engine, Work(_made(limits), report), _unicode(ascii_only))
    return beside(found.text, found.unanswered)


@commands.command()
@_file
@_ascii
@_limits
def check(file: str, ascii_only: bool, **limits: Any) -> Outcome:
    """Parse a model; report its sizes, whether its assumptions agree, and what is identified.

    \b
    Example:
      boundgen check mediation_mmr
    """
    from boundgen.inspection.check import checked
    from boundgen.work.limits import Work
    from boundgen.work.progress import progress

    model = _model(file)
    with progress() as report:
        found = checked(model, Work(_made(limits), report), _unicode(ascii_only))
    return beside(found.text, found.unanswered)


@commands.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--all", "everything", is_flag=True, help="All models of the catalogue that have claims.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@_engine
@_ascii
@_limits
def verify(
    files: tuple[str, ...], everything: bool, form: str, engine: str, ascii_only: bool, **limits: Any
) -> Outcome:
    """Judge published bounds: each side of each claim is sharp, valid (but not sharp), or invalid.

    Exit status 0 if every verdict is the one that the model records with `expect` (sharp where it records none), 1 if
    not; 3 if claims or estimands were left without a verdict.

    \b
    Examples:
      boundgen verify mediation_limited_defiers
      boundgen verify --all
    """
    from boundgen.verification.judgement import verify as judge
    from boundgen.verification.report import verification_json, verification_text
    from boundgen.verification.shipped_claims import models_with_claims
    from boundgen.work.progress import progress

    if everything == bool(files):
        raise click.UsageError("name model files, or --all.")
    models = models_with_claims() if everything else tuple(_model(file) for file in files)
    found = []
    with progress() as report:
        for model in models:
            found.append(judge(model, engine=engine, limits=_made(limits), report=report))
    if form == "json":
        documents = [verification_json(each) for each in found]
        text = json.dumps(documents[0] if len(files) == 1 else documents, indent=1)
    else:
        text = "\n".join(verification_text(each, _unicode(ascii_only)) for each in found)
    surprises = sum(not claim.as_expected for each in found for claim in each.claims)
    return beside(text, [one for each in found for one in each.unanswered], status=UNEXPECTED if surprises else 0)


@commands.command()
@_file
@_estimands
@output_option("Write the certificate there, not on stdout.")
@_engine
@_limits
def certify(file: str, estimands: tuple[str, ...], output: str | None, engine: str, **limits: Any) -> Outcome:
    """Write a certificate: everything that is needed to believe the bounds without trusting the engine.

    \b
    Examples:
      boundgen certify mediation_mmr delta1
      boundgen certify mediation_mmr -o cert.json
    """
    from boundgen.verification.certificate import certified
    from boundgen.work.files import write_whole
    from boundgen.work.progress import progress

    model = _model(file)
    with progress() as report:
        found, without = certified(model, estimands, engine=engine, limits=_made(limits), report=report)
    text = json.dumps(found, indent=1)
    if output is None or output == "-":
        return beside(text, without)
    write_whole(output, text + "\n")
    written = f"{output}: a certificate of {model.name}; check it with: boundgen check-certificate {output}"
    return beside(written, without)


@commands.command("check-certificate")
@click.argument("file", metavar="FILE")
def check_certificate(file: str) -> Outcome:
    """Check a certificate with code that shares nothing with the engine (and may be run without boundgen).

    Exit status 0 if every step of the proof holds, 1 with the first step that does not, 2 if it is no certificate,
    3 if too many response types were left to compare the model's statements with the list of strata.

    \b
    Examples:
      boundgen certify mediation_mmr -o cert.json
      boundgen check-certificate cert.json
    """
    from boundgen.errors import CertificateError, FileError, named
    from boundgen.verification.check_certificate import NOT_COMPARED, Malformed, Wrong, check, read

    try:
        report = check(read(file))
        return Outcome(report, INCOMPLETE if report.startswith(NOT_COMPARED) else 0)
    except Wrong as error:
        return Outcome(f"{file}: this certificate does not hold\n  {error}", UNEXPECTED)
    except Malformed as error:
        raise CertificateError(
            f"{named(file)}: not a certificate: {error}", remedy="Make one with: boundgen certify MODEL -o FILE"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{named(file)}: cannot be read: {reason}", remedy="Name a file that you may read.") from None


@commands.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--all", "everything", is_flag=True, help="All models of the catalogue.")
@click.option("-o", "--output", metavar="FOLDER", required=True, help="Where the modules stand.")
@click.option("--target", type=click.Choice(LANGUAGES), default="python", show_default=True, help="The language.")
@click.option("--check", "compare", is_flag=True, help="Write nothing; exit status 1 if a module is not up to date.")
@_engine
@_limits
def generate(
    files: tuple[str, ...], everything: bool, output: str, target: str, compare: bool, engine: str, **limits: Any
) -> str | Outcome:
    """Write evaluator modules: code that evaluates the bounds of a model at many data sets, without boundgen.

    A Python module needs numpy; R, Stata and JavaScript need nothing more.

    \b
    Examples:
      boundgen generate mediation_mmr -o derived
      boundgen generate mediation_mmr iv_ate --target r -o derived
    """
    from boundgen.catalogue import names
    from boundgen.codegen.generate import differences, evaluator_files, left_over, write_files
    from boundgen.work.progress import progress

    if everything == bool(files):
        raise click.UsageError("name model files, or --all.")
    models = [(file, _model(file)) for file in (names() if everything else files)]
    with progress() as report:
        found = evaluator_files(models, target, engine=engine, limits=_made(limits), report=report)
    count = f"{len(found)} module{'' if len(found) == 1 else 's'}"
    without = [one for each in found for one in each.unanswered]
    if not compare:
        written = write_files(found, output)
        lines = [*(os.path.join(output, name) for name in written), f"{count}, {len(written)} written"]
        return beside("\n".join(lines), without)
    wrong = [*differences(found, output), *(left_over(found, output, target) if everything else [])]
    if not wrong:
        return beside(f"{output}: {count} up to date", without)
    named = "--all" if everything else shlex.join(files)
    option = "" if target == "python" else f" --target {target}"
    again = f"to refresh: boundgen generate {named}{option} -o {shlex.quote(output)}"
    return beside("\n".join([*wrong, again]), without, status=UNEXPECTED)


@commands.command()
@_file
@_estimands
@click.option("--value", default="0", show_default=True, metavar="V", help="The value that bounds may contain.")
@_answer_format
@_engine
@_ascii
@_limits
def ask(
    file: str, estimands: tuple[str, ...], value: str, form: str, engine: str, ascii_only: bool, **limits: Any
) -> Outcome:
    """Ask about bounds and assumptions; each answer comes with its proof or a population that shows it.

    Does the bound contain 0 (or --value) at every observable distribution? Can data establish the sign? Where is
    the estimand identified? Is an assumption redundant or testable, and what does it add?

    \b
    Examples:
      boundgen ask mediation_mmr delta1
      boundgen ask confounded_treatment ate --value 1/2 --format json
    """
    from boundgen.questions.answers import ask as answers
    from boundgen.work.progress import progress

    model = _model(file)
    with progress() as report:
        found = answers(model, estimands, value=value, engine=engine, limits=_made(limits), report=report)
    text = json.dumps(found.json(), indent=1) if form == "json" else found.text(_unicode(ascii_only))
    return beside(text, found.derivation.unanswered)


@commands.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@_estimands
@_answer_format
@_engine
@_ascii
@_limits
def compare(
    first: str, second: str, estimands: tuple[str, ...], form: str, engine: str, ascii_only: bool, **limits: Any
) -> Outcome:
    """Compare two sets of assumptions about the same data: model files, or models of the catalogue.

    Which terms of the bounds and which testable implications appear and disappear from A to B, and how much
    narrower the bounds get at most.

    \b
    Example:
      boundgen compare mediation_randomization mediation_mmr delta1
    """
    from boundgen.questions.comparison import compare as compared
    from boundgen.work.progress import progress

    models = _model(first), _model(second)
    with progress() as report:
        found = compared(*models, estimands, engine=engine, limits=_made(limits), report=report)
    text = json.dumps(found.json(), indent=1) if form == "json" else found.text(_unicode(ascii_only))
    return beside(text, found.unanswered)


@commands.command()
@_file
@_data_options
@click.option("--format", "form", type=click.Choice(EVALUATION_FORMATS), default="text", show_default=True)
@output_option("Write to this file, whole or not at all.")
@click.option("--plot", "picture", metavar="PICTURE", help="Draw them too, in this .png, .svg or .pdf file.")
@_engine
@click.option("--no-conditions", is_flag=True, help="Leave the testable implications out: there can be thousands.")
@_ascii
@_limits
def evaluate(
    file: str,
    data: tuple[str, ...],
    estimands: tuple[str, ...],
    columns: tuple[str, ...],
    where: tuple[str, ...],
    dichotomize: tuple[str, ...],
    weights: str | None,
    kind: Literal["auto", "microdata", "counts", "probabilities"],
    counts: str | None,
    probabilities: str | None,
    drop_missing: bool,
    at: tuple[str, ...],
    form: str,
    output: str | None,
    picture: str | None,
    engine: str,
    no_conditions: bool,
    ascii_only: bool,
    **limits: Any,
) -> str | Outcome:
    """Evaluate bounds at data: plug-in values, the terms that give them, testable implications that fail.

    DATA is a file (CSV, Parquet .parquet, Stata .dta) or the name of shipped data. It holds micro-data, one row for
    each unit; or counts (a column count, n, Freq, ...) or probabilities (a column probability, prop, ...), beside a
    column for each variable or beside a column cell of names such as P(Y=1,M=0|A=1). --counts and --probabilities
    name such a column.

    A model with several observe statements takes one file that has all columns, or several: 1=FILE 2=FILE.
    --map, --where say "1: ..." about one statement.

    --plot draws a bar for each estimand; where a parameter has several values, the bounds against it, with their
    kinks and the value at which the sign is lost, from the smallest value to the largest.

    \b
    Examples:
      boundgen evaluate mediation_mmr jobs
      boundgen evaluate mediation_limited_defiers jobs --estimand delta1 --at gamma=0:0.2:0.05
      boundgen evaluate mediation_parallel boundsdata_parallel --format csv
      boundgen evaluate mediation_limited_defiers bursztyn --at gamma=0:0.3:0.1 --plot gamma.svg
    """
    from boundgen.data.options import parameter_values
    from boundgen.data.reading import read_data
    from boundgen.derivation import chosen_estimands
    from boundgen.evaluation.evaluate import checked_parameters
    from boundgen.evaluation.evaluate import evaluate as evaluated
    from boundgen.evaluation.numeric_program import numeric_text, possible_numeric_bounds
    from boundgen.evaluation.report import evaluation_csv, evaluation_json, evaluation_latex, evaluation_text
    from boundgen.work.files import write_whole
    from boundgen.work.progress import progress

    model = _model(file)
    # What can be refused at once is refused before long work: estimands, parameters, then data.
    chosen_estimands(model, estimands)
    values = checked_parameters(model.parameters, parameter_values(at))
    if picture is not None:
        _check_plot(picture, output, values, no_conditions)
    with progress() as report:
        observed = read_data(
            model,
            data,
            columns=columns,
            where=where,
            dichotomize=dichotomize,
            weights=weights,
            kind=kind,
            counts=counts,
            probabilities=probabilities,
            drop_missing=drop_missing,
            limits=_made(limits),
            report=report,
        )
    derived = _derived(file, estimands, engine, not no_conditions, limits, model, partial=True)
    with progress() as report:
        found = evaluated(derived, observed, values, report=report)
        numeric, missing = possible_numeric_bounds(derived, observed.probabilities, found)
    if form == "json":
        more = {"missing": list(missing), "numeric": [asdict(each) for each in numeric]} if derived.missing else {}
        text = json.dumps({**evaluation_json(derived, found), **more}, indent=1, default=str)
    elif form == "csv":
        text = evaluation_csv(derived, found)
    elif form == "latex":
        text = evaluation_latex(derived, observed, found)
    else:
        text = evaluation_text(derived, observed, found, _unicode(ascii_only))
        if any(bounds.missing for bounds in derived.bounds):
            text += "\n" + numeric_text(numeric, missing) + "\n"
        elif derived.missing:
            text += "\n" + "\n".join(derived.missing) + "\n"
    if picture is not None:
        with answer_kept(text):
            _plot(picture, derived, observed, found)
    if output is not None:
        write_whole(output, printed(text if text.endswith("\n") else text + "\n"))
        drawn = f"\n{picture}: a picture of them" if picture is not None else ""
        text = f"{output}: {len(found)} evaluations of {model.name}{drawn}"
    # A table says where an estimand is undefined at these data; a picture cannot.
    undefined = dict.fromkeys(each.estimand for each in found if each.lower is None) if picture is not None else {}
    not_drawn = [f"boundgen: {name}: not drawn: undefined at these data" for name in undefined]
    complaint = "\n".join(part for part in (_incomplete(derived), *not_drawn) if part)
    return Outcome(text, INCOMPLETE, complaint) if complaint else text


def _check_plot(
    picture: str, output: str | None, values: Mapping[str, Sequence[Fraction]], no_conditions: bool
) -> None:
    """What cannot be drawn is refused before long work."""
    from boundgen.pictures.evaluations import varying_parameter
    from boundgen.pictures.files import picture_format

    picture_format(picture)
    if output is not None and os.path.realpath(output) == os.path.realpath(picture):
        raise click.UsageError("-o and --plot name the same file.")
    name = varying_parameter(values)
    if name is not None and no_conditions:
        raise click.UsageError(
            f"a picture against {name} shows where testable implications fail: leave --no-conditions out."
        )


def _plot(picture: str, derived: Derivation, observed: ObservedData, found: Sequence[Evaluation]) -> None:
    from boundgen.data.report import sources_text
    from boundgen.pictures.evaluations import evaluation_chart
    from boundgen.pictures.files import write_picture

    title = f"{derived.model.title or derived.model.name}\n{sources_text(observed)}"
    write_picture(evaluation_chart(found, derived, observed.probabilities, title=title), picture)


@commands.command()
@_file
@_data_options
@click.option("--cluster", metavar="COLUMN", help="Clusters of units of micro-data, for the covariance.")
@click.option(
    "--within",
    multiple=True,
    metavar="COLUMN,...",
    help="Discrete covariates, measured before treatment: sharper bounds, within their strata and averaged over them.",
)
@click.option("--level", type=REAL, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--seed", type=WHOLE, default=1, show_default=True, help="The same seed gives the same numbers.")
@click.option(
    "--draws",
    type=WHOLE,
    default=100_000,
    show_default=True,
    help="Gaussian vectors for critical values; 0: exact probabilities, for few terms.",
)
@click.option(
    "--method",
    type=click.Choice(ESTIMATION_METHODS),
    default=ESTIMATION_METHODS[0],
    show_default=True,
    help="What each assumes is printed with its intervals; bootstrap is invalid where terms tie.",
)
@click.option("--plot", "picture", metavar="FILE", help="Draw bounds and intervals too: .svg, .pdf or .png.")
@click.option("--project", is_flag=True, help="Where data break the model: bounds at its nearest distribution too.")
@click.option("--format", "form", type=click.Choice(EVALUATION_FORMATS), default="text", show_default=True)
@output_option("Write to this file, whole or not at all.")
@_engine
@click.option("--no-conditions", is_flag=True, help="Leave the testable implications out: there can be thousands.")
@_ascii
@_limits
def estimate(
    file: str,
    data: tuple[str, ...],
    estimands: tuple[str, ...],
    columns: tuple[str, ...],
    where: tuple[str, ...],
    dichotomize: tuple[str, ...],
    weights: str | None,
    kind: Literal["auto", "microdata", "counts", "probabilities"],
    counts: str | None,
    probabilities: str | None,
    drop_missing: bool,
    at: tuple[str, ...],
    cluster: str | None,
    within: tuple[str, ...],
    level: float,
    seed: int,
    draws: int,
    method: str,
    picture: str | None,
    project: bool,
    form: str,
    output: str | None,
    engine: str,
    no_conditions: bool,
    ascii_only: bool,
    **limits: Any,
) -> Outcome:
    """Estimate bounds from a sample: half-median-unbiased bounds and intervals, by intersection bounds.

    Plug-in bounds are too narrow in samples, because of the max and min. These intervals (Chernozhukov, Lee & Rosen
    2013) cover the bounds, or the estimand, with the stated probability. Data and options are those of evaluate.

    Statements about the same rows, weights and clusters are accounted for. With --within, bounds within strata of
    covariates are averaged over these; every arm needs five units in every stratum.

    \b
    Examples:
      boundgen estimate mediation_mmr boundsdata
      boundgen estimate mediation_mmr jobs_sex --within sex --estimand delta0
      boundgen estimate mediation_limited_defiers jobs --estimand delta1 --at gamma=0:0.1:0.05
      boundgen estimate mediation_mmr jobs --method directional --plot jobs.svg
    """
    from boundgen.data.options import parameter_values
    from boundgen.data.reading import read_data
    from boundgen.derivation import chosen_estimands
    from boundgen.evaluation.evaluate import checked_parameters
    from boundgen.inference.estimate import estimate as estimated
    from boundgen.inference.report import estimation_csv
    from boundgen.pictures.files import picture_format, write_picture
    from boundgen.work.files import write_whole
    from boundgen.work.progress import progress

    model = _model(file)
    chosen_estimands(model, estimands)
    if picture is not None:
        picture_format(picture)
    values = checked_parameters(model.parameters, parameter_values(at))
    with progress() as report:
        observed = read_data(
            model,
            data,
            columns=columns,
            where=where,
            dichotomize=dichotomize,
            weights=weights,
            cluster=cluster,
            within=within,
            kind=kind,
            counts=counts,
            probabilities=probabilities,
            drop_missing=drop_missing,
            limits=_made(limits),
            report=report,
        )
    derived = _derived(file, estimands, engine, not no_conditions, limits, model, partial=True)
    if derived.missing not in ((), (derived.conditions_missing,)):
        raise LimitError(derived.missing[0], remedy="Raise it with --time-limit SECONDS or --memory-limit MIB.")
    with progress() as report:
        found = estimated(
            derived,
            observed,
            values,
            level=level,
            seed=seed,
            draws=draws,
            method=method,
            project=project,
            report=report,
        )
    if form == "json":
        text = json.dumps(found.json(), indent=1)
    elif form == "csv":
        text = estimation_csv(found)
    else:
        text = found.latex() if form == "latex" else found.text(_unicode(ascii_only))
    if picture is not None:
        with answer_kept(text):
            write_picture(found.plot(), picture)
    if output is not None:
        write_whole(output, printed(text if text.endswith("\n") else text + "\n"))
        text = f"{output}: {len(found.estimates)} estimates of {model.name}"
    complaint = "\n".join([*_missing(derived), *_without(found.unanswered)])
    return Outcome(text, INCOMPLETE if complaint else 0, complaint)


@commands.command()
@click.argument("name", required=False)
@click.option("--data", "shipped", is_flag=True, help="The shipped data (cell counts of published studies) instead.")
@_ascii
def catalogue(name: str | None, shipped: bool, ascii_only: bool) -> str:
    """List the shipped models, or print and derive one of them; with --data, the shipped data.

    \b
    Examples:
      boundgen catalogue
      boundgen catalogue mediation_mmr
      boundgen catalogue --data
      boundgen catalogue --data jobs
    """
    from boundgen.catalogue import data, data_names, data_title, load, names, text

    if shipped:
        return data(name) if name else _titled({each: data_title(each) for each in data_names()})
    if name is None:
        return _titled({each: load(each).title for each in names()})
    found = _derived(name, (), "auto", True, {}, load(name))
    return f"{text(name)}\n{found.text(_unicode(ascii_only))}"


@commands.command()
@output_option("Write the page to this file, whole or not at all.")
@click.option("--check", "compare", is_flag=True, help="Write nothing: is FILE what would be written?")
def gallery(output: str | None, compare: bool) -> str | Outcome:
    """Print the gallery: a page (Markdown) of all published bounds in the catalogue, with verdicts and witnesses.

    With --check the exit status is 0 if FILE is up to date, 1 if not.

    \b
    Example:
      boundgen gallery -o gallery.md
    """
    from boundgen.gallery.gallery import gallery as page
    from boundgen.work.files import is_written, write_whole
    from boundgen.work.progress import progress

    if compare and output is None:
        raise click.UsageError("--check compares a file: name it with -o.")
    with progress() as report:
        text = page(report=report)
    if output is None:
        return text
    if not compare:
        write_whole(output, text)
        return f"{output}: written"
    if is_written(output, text):
        return f"{output}: up to date"
    return Outcome(f"{output}: not up to date\n  Refresh it: boundgen gallery -o {shlex.quote(output)}", UNEXPECTED)


@commands.command()
@_file
@click.option("-o", "--output", metavar="PICTURE", required=True, help="Write to this .png, .svg or .pdf file.")
def draw(file: str, output: str) -> str:
    """Draw the graph of a model: effects, what is randomized, unmeasured confounding (dashed).

    \b
    Example:
      boundgen draw mediation_mmr -o graph.svg
    """
    from boundgen.pictures.files import picture_format, write_picture

    picture_format(output)
    model = _model(file)
    write_picture(model.graph(), output)
    return f"{output}: the graph of {model.name}"


commands.add_command(sweep)
commands.add_command(mediate)


# ---------------------------------------------------------------- helpers
def _model(file: str) -> Model:
    from boundgen.work.files import read_model

    return read_model(file)


def _titled(titles: dict[str, str]) -> str:
    width = max(map(len, titles))
    return "\n".join(f"{name.ljust(width)}  {title}" for name, title in titles.items())


def _made(limits: dict[str, Any]) -> Limits:
    if not limits:
        return DEFAULT
    return Limits(
        limits["max_strata"],
        limits["max_cells"],
        limits["max_entries"],
        limits["max_assumptions"],
        limits["time_limit"],
        limits["memory_limit"],
    )


def _derived(
    file: str,
    estimands: tuple[str, ...],
    engine: str,
    conditions: bool,
    limits: dict[str, Any],
    model: Model | None = None,
    *,
    remark: Callable[[str], None] | None = None,
    means: Means = Means(),
    partial: bool = False,
) -> Derivation:
    from boundgen.derivation import derive as derive_bounds
    from boundgen.work.progress import progress

    found = model or _model(file)
    with progress() as report:
        return derive_bounds(
            found,
            estimands,
            engine=engine,
            conditions=conditions,
            limits=_made(limits),
            report=report,
            remark=remark or unheard,
            means=means,
            partial=partial,
        )


def _sympy(found: Derivation) -> str:
    lines = []
    for bounds in found.bounds:
        lower, upper = bounds.sympy()
        lines += [f"{bounds.name}_lower = {lower}", f"{bounds.name}_upper = {upper}"]
    lines += [f"# {each.line}" for each in found.unanswered]
    identifiers = found.notation.identifiers()
    lines += [f"# {identifiers[cell.name]}: {cell.name}" for cell in found.cells]
    return "\n".join(lines)
