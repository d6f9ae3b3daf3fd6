"""Natural effects given covariates: learners of the nuisances, the mediation formula, and the doubly robust version."""

from __future__ import annotations

from boundgen.companions.adjustment.method import from_columns

__all__ = ["from_columns"]
