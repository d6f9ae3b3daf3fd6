"""The verbs `verify`, `claims`, `certify` and `check-certificate`: published bounds, and proofs for others."""

from __future__ import annotations

import json

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
    output_option,
    shown,
)
from boundgen.cli.terminal import INCOMPLETE, UNEXPECTED, VerbOutcome, beside
from boundgen.work.limits import Limits


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--all", "everything", is_flag=True, help="All models of the catalogue that have claims.")
@format_option(*FORMATS)
@engine_option
@ascii_option
@limit_options
def verify(
    files: tuple[str, ...], everything: bool, form: str, engine: str, ascii_only: bool, limits: Limits
) -> VerbOutcome:
    """Judge published bounds: each side of each claim is sharp, valid (but not sharp), or invalid.

    Functions of Python and R that claims name are run.

    Exit status 0 if every verdict is the one that the model records with `expect` (sharp where it records none), 1 if
    not; 3 if claims or estimands were left without a verdict.

    \b
    Examples:
      boundgen verify mediation_limited_defiers
      boundgen verify --all --format csv
    """
    from boundgen.verification.judgement import verify as judge
    from boundgen.verification.shipped_claims import models_with_claims
    from boundgen.verification.verifications import Verifications
    from boundgen.work.progress import progress

    if everything == bool(files):
        raise click.UsageError("name model files, or --all.")
    models = models_with_claims() if everything else tuple(model_of(file) for file in files)
    with progress() as report:
        result = Verifications(tuple(judge(model, engine=engine, limits=limits, report=report) for model in models))
    # One model that is named is one document of JSON.
    text = shown(result.of_models[0] if len(files) == 1 else result, form, ascii_only)
    return beside(text, result.unanswered, status=0 if result.as_expected else UNEXPECTED)


@click.command()
@file_argument
@click.option("--model", "model_file", required=True, metavar="MODEL", help="The model that the bounds are about.")
@click.option(
    "--notation",
    "notations",
    multiple=True,
    metavar="LATEX",
    help="Symbols of the paper: 'p_{ym \\cdot a}' for cells, 'ate = \\tau' for a name of the model.",
)
@click.option("--lines", metavar="FIRST-LAST", help="Read only the displays in these lines of the file.")
@click.option("--verify", "judged", is_flag=True, help="Judge the claims instead of printing them.")
@engine_option
@ascii_option
@limit_options
def claims(
    file: str,
    model_file: str,
    notations: tuple[str, ...],
    lines: str | None,
    judged: bool,
    engine: str,
    ascii_only: bool,
    limits: Limits,
) -> VerbOutcome:
    """Read the bounds in the LaTeX of a paper as claims, to be appended to a model file.

    Displays that bound an estimand are read; one with a maximum or a minimum that cannot be read is refused with its
    place. With --verify the claims are judged: exit status 1 if a bound is not sharp, 3 if one is left without a
    verdict.

    \b
    Examples:
      boundgen claims paper.tex --model mediation_mmr
      boundgen claims paper.tex --model iv_ate --notation "q_{zxy}" --notation "ate = T"
    """
    from boundgen.catalogue.model_files import model_text
    from boundgen.verification.judgement import verify as judge
    from boundgen.verification.latex_claims import latex_claims
    from boundgen.verification.verifications import Verifications
    from boundgen.work.progress import progress

    read = latex_claims(model_text(file, "LaTeX"), file, model_of(model_file), notations, lines)
    if not judged:
        return VerbOutcome(str(read), 0)
    with progress() as report:
        result = Verifications((judge(read.judged, engine=engine, limits=limits, report=report),))
    text = shown(result.of_models[0], "text", ascii_only)
    return beside(text, result.unanswered, read.unread, status=0 if result.as_expected else UNEXPECTED)


@click.command()
@file_argument
@estimands_argument
@output_option("Write the certificate there, not on stdout.")
@engine_option
@limit_options
def certify(file: str, estimands: tuple[str, ...], output: str | None, engine: str, limits: Limits) -> VerbOutcome:
    """Write a certificate: everything that is needed to believe the bounds without trusting the engine.

    \b
    Examples:
      boundgen certify mediation_mmr delta1
      boundgen certify mediation_mmr -o cert.json
    """
    from boundgen.verification.certificate import certified
    from boundgen.work.files import write_whole
    from boundgen.work.progress import progress

    model = model_of(file)
    with progress() as report:
        certificate, unanswered = certified(model, estimands, engine=engine, limits=limits, report=report)
    text = json.dumps(certificate, indent=1)
    if output is None or output == "-":
        return beside(text, unanswered)
    write_whole(output, text + "\n")
    written = f"{output}: a certificate of {model.name}; check it with: boundgen check-certificate {output}"
    return beside(written, unanswered)


@click.command("check-certificate")
@click.argument("file", metavar="FILE")
def check_certificate(file: str) -> VerbOutcome:
    """Check a certificate with code that shares nothing with the engine (and may be run without boundgen).

    It may be one of certify, or one of family --format certificate.

    Exit status 0 if every step of the proof holds, 1 with the first step that does not, 2 if it is no certificate,
    3 if too many response types were left to compare the model's statements with the list of strata.

    \b
    Examples:
      boundgen certify mediation_mmr -o cert.json
      boundgen check-certificate cert.json
    """
    from boundgen.errors import CertificateError, FileError, named
    from boundgen.verification import check_family
    from boundgen.verification.check_certificate import NOT_COMPARED, Malformed, Wrong, check, read

    try:
        document = read(file)
        of_family = isinstance(document, dict) and document.get("schema") == check_family.SCHEMA
        report = check_family.check(document) if of_family else check(document)
        return VerbOutcome(report, INCOMPLETE if report.startswith(NOT_COMPARED) else 0)
    except Wrong as error:
        return VerbOutcome(f"{file}: this certificate does not hold\n  {error}", UNEXPECTED)
    except Malformed as error:
        raise CertificateError(
            f"{named(file)}: not a certificate: {error}", remedy="Make one with: boundgen certify MODEL -o FILE"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{named(file)}: cannot be read: {reason}", remedy="Name a file that you may read.") from None
