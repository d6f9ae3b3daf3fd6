"""The gallery: a page of all claims of the catalogue with their verdicts, in Markdown."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boundgen.bounds.symbols import pretty
from boundgen.bounds.text import all_conditions_text, closed_form_text, legend_text
from boundgen.catalogue import path, text
from boundgen.catalogue.model_files import model_text, read_model
from boundgen.derivation import Derivation
from boundgen.errors import ModelError
from boundgen.gallery.entries import CollectionEntry, entries
from boundgen.gallery.model_text import AnyClaim, claim_text, is_correction, question_text, what_is_wrong
from boundgen.language.statements import Claim, about
from boundgen.rendering.html import escaped
from boundgen.rendering.layout import indented
from boundgen.rendering.markdown import block, prose, span
from boundgen.verification.judgement import Verification, verify
from boundgen.verification.report import AT_LAWS, MEANING, meaning, missing_text, population_text
from boundgen.verification.shipped_claims import models_with_claims
from boundgen.verification.verdicts import ClaimVerdict, Witness
from boundgen.work.limits import Report, ignore

LONGEST = 25  # lines of a formula that stand open; longer ones are folded
UP = ".."  # from the folder of the page to the root of the repository
INTRODUCTION = """\
# Published bounds, checked

Each entry is a model of the catalogue with a published bound, or published testable implications, as claims.
boundgen derives the sharp bound and judges each side of each claim by exact linear programs:

- **sharp**: always right, and no better bound exists.
- **valid, not sharp**: always right, and somewhere a better bound exists. The witness is a population where it does.
- **invalid**: somewhere wrong. The witness is a population whose true value the claim excludes.

"""
SYMBOLS = """\
`boundgen verify NAME` repeats the judgement.
Symbols such as p10·1 are explained above each derived formula. Cells that are not named in a witness are 0.
"""
COLLECTION = """\
What is not sharp has a correction, which is judged in the same way. Most of the other published bounds come from a
collection of formulas. Many were written down from memory there, and each entry says so. A verdict is on the formula
as it stands in the model file; where it is not sharp, look into the source first.
"""
END = """\
## Not expressed, or only in part

Entries of the collection that the language cannot hold as they were published.
"""


@dataclass(frozen=True)
class Exhibit:
    """One model on the page.

    Parameters
    ----------
    text : str
        Its file.
    found : Verification
    file : str
        Where it stands, as a link from the page.
    entries : tuple of CollectionEntry
        The entries of the collection that it claims.
    """

    text: str
    found: Verification
    file: str
    entries: tuple[CollectionEntry, ...] = ()

    @property
    def name(self) -> str:
        return self.found.model.name

    @property
    def claims(self) -> tuple[AnyClaim, ...]:
        return self.found.model.claims

    def sides(self, claim: AnyClaim) -> tuple[ClaimVerdict, ...]:
        """The verdicts on one claim."""
        return tuple(v for v in self.found.claims if (v.where, v.estimand) == (claim.where, about(claim)))

    def published(self) -> tuple[AnyClaim, ...]:
        """The claims that are not the catalogue's own corrections."""
        return tuple(claim for claim in self.claims if not is_correction(claim))


def gallery(*, report: Report = ignore) -> str:
    """The whole page; the same catalogue gives the same bytes."""
    collection = entries()
    models = models_with_claims()
    exhibits = []
    for done, model in enumerate(models):
        report("judging the catalogue", done, len(models))
        own = tuple(entry for entry in collection if entry.model == model.name)
        exhibits.append(Exhibit(text(model.name), verify(model), f"{UP}/{path(model.name)}", own))
    founding = [exhibit for exhibit in exhibits if exhibit.name.startswith("mediation_")]
    others = [exhibit for exhibit in exhibits if exhibit not in founding]
    return "\n".join(
        [
            INTRODUCTION,
            SYMBOLS,
            COLLECTION,
            _totals(exhibits),
            "## Summary\n",
            *_summary("The founding paper:", founding),
            *_summary("Other published bounds:", others),
            *_by_source(exhibits),
            "## Entries\n",
            *(part for exhibit in (*founding, *others) for part in _section(exhibit)),
            END,
            *(part for entry in collection if entry.expressed != "whole" for part in _not_whole(entry)),
        ]
    ).replace("\n\n\n", "\n\n")


def gallery_of(files: Sequence[str], folder: str = "", *, report: Report = ignore) -> str:
    """The same page of somebody's own model files; those without claims are left out.

    Parameters
    ----------
    files : sequence of str
    folder : str
        Where the page will stand, from which it links to the files.
    report : function of (what, done, total)

    Returns
    -------
    str

    Raises
    ------
    ModelError
        Where no file has a claim, and as `verify`.
    """
    exhibits = []
    for done, file in enumerate(files):
        report("judging claims", done, len(files))
        model = read_model(file)
        if model.claims:
            link = os.path.relpath(file, folder or os.curdir).replace(os.sep, "/")
            exhibits.append(Exhibit(model_text(file), verify(model), link))
    if not exhibits:
        raise ModelError(
            "no claims in these files: there is nothing to show",
            remedy='Write published bounds into them: claim "Paper, eq. (1)" for NAME, and below it lower and upper.',
        )
    summary = _summary("Published bounds:", exhibits)
    sections = [part for exhibit in exhibits for part in _section(exhibit)]
    parts = [INTRODUCTION, SYMBOLS, _totals(exhibits), "## Summary\n", *summary, *_by_source(exhibits), "## Entries\n"]
    return "\n".join([*parts, *sections]).replace("\n\n\n", "\n\n")


# ---------------------------------------------------------------- the table
def _totals(exhibits: Sequence[Exhibit]) -> str:
    published = [(exhibit, claim) for exhibit in exhibits for claim in exhibit.published()]
    sides = [side for exhibit, claim in published for side in exhibit.sides(claim)]
    numbers = [(len(exhibits), "model"), (len(published), "published claim"), (len(sides), "side")]
    return ", ".join(f"{n} {noun}{'s' * (n != 1)}" for n, noun in numbers) + f": {_counted(sides)}.\n"


def _counted(sides: Sequence[ClaimVerdict]) -> str:
    counts: Counter[str] = Counter(side.verdict for side in sides)
    return ", ".join(
        f"{counts[verdict]} {words}" if verdict in ("sharp", "agrees") else f"**{counts[verdict]} {words}**"
        for verdict, words in (MEANING | AT_LAWS).items()
        if counts[verdict]
    )


def _summary(title: str, exhibits: Sequence[Exhibit]) -> list[str]:
    rows = ["| entry | source | claims | sides |", "| --- | --- | --- | --- |"]
    for exhibit in exhibits:
        sides = [side for claim in exhibit.published() for side in exhibit.sides(claim)]
        partly = " (in part)" if any(entry.expressed == "in part" for entry in exhibit.entries) else ""
        cells = [f"[{exhibit.name}](#{exhibit.name}){partly}", _sources(exhibit), str(len(exhibit.published()))]
        rows.append(f"| {' | '.join([*cells, _counted(sides)])} |")
    return [f"{title}\n", *rows, ""]


def _by_source(exhibits: Sequence[Exhibit]) -> list[str]:
    """How many sides were found sharp, valid and invalid, source by source; the first named one of a model counts."""
    counts: dict[str, Counter[str]] = {}
    for exhibit in exhibits:
        named = exhibit.found.model.sources[0] if exhibit.found.model.sources else exhibit.name
        source = re.sub(r"(\(\d{4}\)).*", r"\1", named)
        verdicts = [side.verdict for claim in exhibit.published() for side in exhibit.sides(claim)]
        counts.setdefault(source, Counter()).update(verdicts)
    # Functions that laws alone speak of have columns where there are some.
    found = {verdict for each in counts.values() for verdict in each}
    columns = MEANING | {verdict: words for verdict, words in AT_LAWS.items() if verdict in found}
    rows = [f"| source | {' | '.join(columns.values())} |", f"| {' | '.join(['---'] * (len(columns) + 1))} |"]
    for source, each in sorted(counts.items()):
        rows.append(f"| {prose(source)} | {' | '.join(str(each[verdict]) for verdict in columns)} |")
    return ["By source:\n", *rows, ""]


def _sources(exhibit: Exhibit) -> str:
    """Authors and years."""
    return prose("; ".join(re.sub(r"(\(\d{4}\)).*", r"\1", source) for source in exhibit.found.model.sources))


# ---------------------------------------------------------------- one entry
def _section(exhibit: Exhibit) -> Iterator[str]:
    model = exhibit.found.model
    yield f'### <a id="{escaped(model.name)}"></a>{prose(model.name)}\n'
    shown = exhibit.file.removeprefix(f"{UP}/")
    yield f"{prose(model.title)}. File: [{shown}]({exhibit.file})\n"
    yield "\n".join(f"- {prose(source)}" for source in model.sources) + "\n"
    for entry in exhibit.entries:
        yield _transcription(entry)
    yield _code("bounds", question_text(exhibit.text), open_lines=len(exhibit.text))
    assert exhibit.found.derivation
    yield "Derived:\n"
    yield _code("text", _derived(exhibit, exhibit.found.derivation))
    for claim in exhibit.published():
        yield from _claim(exhibit, claim)
    for claim in exhibit.claims:
        if is_correction(claim):
            yield from _claim(exhibit, claim)


def _transcription(entry: CollectionEntry) -> str:
    """What the collection says about its own formula, and what of it the language cannot hold."""
    told = [f"Entry {prose(entry.name)} of the collection; how it has the formula: {prose(entry.how)}."]
    if entry.numbers_from_memory:
        told.append("Equation and theorem numbers are from memory.")
    if entry.expressed == "in part":
        told.append(f"**Expressed in part.** {prose(entry.reason)}")
    return " ".join(told) + "\n"


def _derived(exhibit: Exhibit, derivation: Derivation) -> str:
    """The bounds that are claimed, and the testable implications where those are."""
    parts = [legend_text(derivation.notation, unicode=True)]
    asked = {claim.estimand for claim in exhibit.claims if isinstance(claim, Claim)}
    parts += [closed_form_text(bounds, unicode=True) for bounds in derivation.closed_forms if bounds.name in asked]
    lines = all_conditions_text(derivation, unicode=True)
    if lines:
        parts.append("Testable implications:\n\n" + "\n".join(f"  {line}" for line in lines))
    return "\n\n".join(parts)


def _claim(exhibit: Exhibit, claim: AnyClaim) -> Iterator[str]:
    sides = exhibit.sides(claim)
    subject = f"for {pretty(claim.estimand)}" if isinstance(claim, Claim) else "testable implications"
    yield f"**Claim.** {prose(claim.where)}; {subject}: {'; '.join(map(_verdict, sides))}.\n"
    yield _code("bounds", claim_text(exhibit.text, claim))
    if any(side.verdict not in ("sharp", "agrees") for side in sides):
        yield f"*What is wrong.* {prose(what_is_wrong(exhibit.text, exhibit.claims, claim))}\n"
    for side in sides:
        if side.verdict not in ("sharp", "agrees"):
            yield "\n".join(_findings(exhibit.found, side)) + "\n"


def _verdict(side: ClaimVerdict) -> str:
    said = meaning(side) if side.verdict in ("sharp", "agrees") else f"**{meaning(side)}**"
    return said if side.side == "conditions" else f"{side.side} bound {said}"


def _findings(verification: Verification, side: ClaimVerdict) -> Iterator[str]:
    """Terms, likely misprint and witness of a side that is not sharp."""
    yield "Testable implications:\n" if side.side == "conditions" else f"{side.side.capitalize()} bound:\n"
    yield from (f"- wrong: {span(term.written)}" for term in side.terms if term.status == "wrong")
    yield from (f"- never needed: {span(term.written)}" for term in side.terms if term.status == "superfluous")
    assert verification.derivation
    missing = [span(missing_text(each, side.estimand, verification.derivation, unicode=True)) for each in side.missing]
    if missing:
        yield f"- missing: {', '.join(missing)}"
    if side.misprint:
        wrong, _, right = side.misprint.partition(" should be ")
        yield f"- likely misprint: {span(wrong)} should be {span(right)}"
    if side.witness:
        yield f"- witness: {_witness(side, side.witness)}"


def _witness(side: ClaimVerdict, witness: Witness) -> str:
    data = ", ".join(f"{name} = {value}" for name, value in (*witness.cells, *witness.parameters))
    if side.side == "conditions":
        numbers = f"the least slack of the claimed ones is {witness.claimed}, and of the true ones {witness.sharp}"
    else:
        numbers = (
            f"the true {pretty(side.estimand)} is {witness.estimand}, "
            f"the claimed {side.side} bound {witness.claimed}, the sharp one {witness.sharp}"
        )
    if witness.strata is None:
        return prose(f"at the data {data}, {numbers}.")
    return prose(f"{population_text(witness)}. Then {data}; {numbers}.")


# ---------------------------------------------------------------- the end
def _not_whole(entry: CollectionEntry) -> Iterator[str]:
    if entry.model:
        yield f"- [{prose(entry.name)}](#{entry.model}), in part. {prose(entry.reason)}"
        return
    yield f'- <a id="{escaped(entry.name)}"></a>{prose(entry.name)}, not at all. {prose(entry.reason)}'
    yield f"  {prose(entry.source)}.\n"
    yield indented(_code("text", entry.formula))


# ---------------------------------------------------------------- Markdown
def _code(kind: str, lines: str, open_lines: int = LONGEST) -> str:
    fenced = block(kind, lines)
    count = lines.count("\n") + 1
    return fenced if count <= open_lines else f"<details><summary>{count} lines</summary>\n\n{fenced}\n</details>\n"
