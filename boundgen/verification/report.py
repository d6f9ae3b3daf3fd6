"""Verdicts as text that a referee can check with a pencil, and as JSON (``boundgen.verification/1``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from boundgen.bounds.derived import Derivation
from boundgen.bounds.independences import Independence
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.symbols import pretty
from boundgen.bounds.text import term_text
from boundgen.exact.terms import Term
from boundgen.verification.judgement import Verification
from boundgen.verification.verdicts import ClaimVerdict, Witness
from boundgen.work.unanswered import unanswered_json

SCHEMA = "boundgen.verification/1"
MEANING = {"sharp": "sharp", "valid": "valid, not sharp", "invalid": "invalid"}
# Of functions, as far as laws of the data say.
AT_LAWS = {"agrees": "agrees", "loose": "not sharp, and nowhere wrong"}
MOST_MISSING = 4


def verification_json(verification: Verification) -> dict[str, Any]:
    """All verdicts of a model, numbers as rational strings."""
    return {
        "schema": SCHEMA,
        "model": verification.model.name,
        "claims": [
            {
                "where": claim.where,
                "estimand": claim.estimand,
                "side": claim.side,
                "verdict": claim.verdict,
                **({} if claim.laws is None else {"laws": claim.laws}),
                "witness": None if claim.witness is None else _witness_json(claim.witness),
            }
            for claim in verification.claims
        ],
        **unanswered_json(verification.unanswered),
    }


def verification_rows(verification: Verification) -> list[dict[str, Any]]:
    """A row for each side of each claim."""
    return [
        {
            "model": verification.model.name,
            "where": claim.where,
            "estimand": claim.estimand,
            "side": claim.side,
            "verdict": claim.verdict,
            "expected": claim.expected,
            "misprint": claim.misprint or None,
        }
        for claim in verification.claims
    ]


def _witness_json(witness: Witness) -> dict[str, Any]:
    strata = None if witness.strata is None else {str(stratum): str(p) for stratum, p in witness.strata}
    return {
        "cells": {name: str(value) for name, value in witness.cells},
        "parameters": {name: str(value) for name, value in witness.parameters},
        "strata": strata,
        "estimand": None if witness.estimand is None else str(witness.estimand),
        "claimed": None if witness.claimed is None else str(witness.claimed),
        "sharp": str(witness.sharp),
    }


def verification_text(verification: Verification, unicode: bool) -> str:
    """A paragraph for each side of each claim."""
    title = (
        f"{verification.model.name}: {verification.model.title}"
        if verification.model.title
        else verification.model.name
    )
    paragraphs = [claim_text(verification, claim, unicode) for claim in verification.claims]
    said = ["\n".join(f"  {each.said(unicode)}" for each in verification.unanswered)] if verification.unanswered else []
    return "\n\n".join([title, *(paragraphs or said or ["  no claims"]), *(said if paragraphs else [])]) + "\n"


def claim_text(verification: Verification, claim: ClaimVerdict, unicode: bool) -> str:
    """One side of a claim: its verdict, what is missing, the likely misprint, and the witness."""
    return "\n".join(_lines(verification, claim, unicode))


def meaning(claim: ClaimVerdict) -> str:
    """The verdict in words."""
    if claim.laws is None:
        return MEANING[claim.verdict]
    within = f", within {float(claim.tolerance):g}" if claim.tolerance else ""
    return f"{AT_LAWS[claim.verdict]} at {claim.laws} laws of the data{within}"


def _lines(verification: Verification, claim: ClaimVerdict, unicode: bool) -> Iterator[str]:
    subject = (
        "testable implications"
        if claim.side == "conditions"
        else f"{pretty(claim.estimand, unicode)}, {claim.side} bound"
    )
    unexpected = "" if claim.as_expected or claim.expected is None else f"  (recorded: {claim.expected})"
    yield f"  {claim.where}"
    yield f"    {subject}: {meaning(claim)}{unexpected}"
    for term in claim.terms:
        if term.status in ("wrong", "superfluous"):
            yield f"    {term.status}: {term.written}"
    if claim.missing and verification.derivation:
        for missing in claim.missing[:MOST_MISSING]:
            yield f"    missing: {missing_text(missing, claim.estimand, verification.derivation, unicode)}"
        if len(claim.missing) > MOST_MISSING:
            yield f"    missing: {len(claim.missing) - MOST_MISSING} more"
    if claim.misprint:
        yield f"    likely misprint: {claim.misprint}"
    if claim.witness:
        yield from _witness(claim, claim.witness)


def missing_text(missing: AnyCondition | Independence, estimand: str, derivation: Derivation, unicode: bool) -> str:
    """A term, over what the estimand is divided by, or what is demanded that is no linear function."""
    if isinstance(missing, Independence):
        return f"{missing.text}  ({missing.words})"
    if not isinstance(missing, Term):
        return missing.text(unicode)
    text = term_text(missing, derivation.notation, unicode)
    over = next((each.denominator for each in derivation.stages if each.estimand.name == estimand), None)
    return text if over is None else f"({text}) / ({term_text(over, derivation.notation, unicode)})"


def _witness(claim: ClaimVerdict, witness: Witness) -> Iterator[str]:
    if witness.strata is not None:
        yield "    witness: " + population_text(witness)
    values = [f"{name} = {value}" for name, value in (*witness.cells, *witness.parameters)]
    yield f"    {'data' if witness.strata is None else 'so'}: {', '.join(values)}"
    if claim.side == "conditions":
        yield f"    least slack claimed {witness.claimed}, true {witness.sharp}"
    else:
        claimed = "nothing claimed" if witness.claimed is None else f"claimed {claim.side} {witness.claimed}"
        true = "" if witness.estimand is None else f"true {claim.estimand} {witness.estimand}, "
        yield f"    {true}{claimed}, sharp {witness.sharp}"


def population_text(witness: Witness) -> str:
    """The shares of the strata, in words."""
    strata = witness.strata or ()
    if len(strata) == 1:
        return f"every unit has {strata[0][0]}"
    return "; ".join(f"a share {p} has {stratum}" for stratum, p in strata)
