"""Covariates that moderate the effect on the mediator as instruments: the method, and its sensitivity analysis."""

from __future__ import annotations

from boundgen.companions.interaction_iv.method import from_columns, interaction_iv

__all__ = ["from_columns", "interaction_iv"]
