"""Fu (2023), Remark 1: a slope that depends on the effect on the mediator, β = θ₀ + θ₁ γ + θ₂ γ²."""

from __future__ import annotations

import numpy as np

from boundgen.companions.heterogeneity.subgroups import Effects
from boundgen.companions.regression.library import library
from boundgen.companions.result import ResultTable

# Four coefficients, and two groups more for their errors.
FEWEST_GROUPS = 6
TITLE = "Remark 1: τ = E δ + (θ₀ + θ₁ γ + θ₂ γ²) γ by least squares, whose errors of γ stay in"


def remark_table(effects: Effects, level: float) -> ResultTable | None:
    """The coefficients, and the mean over groups of the indirect effect β(γ) γ; None with too few groups."""
    g, t = effects.gamma, effects.tau
    design = np.column_stack([np.ones(len(g)), g, g**2, g**3])
    size = np.linalg.norm(design, axis=0)
    if len(g) < FEWEST_GROUPS or np.linalg.matrix_rank(design / size) < design.shape[1]:
        return None
    scaled = design / size
    inverse = np.linalg.inv(scaled.T @ scaled) / np.outer(size, size)
    coefficients = np.linalg.lstsq(scaled, t, rcond=None)[0] / size
    df = len(g) - design.shape[1]
    covariance = float(((t - design @ coefficients) ** 2).sum()) / df * inverse
    mean = np.array([0.0, *design[:, 1:].mean(axis=0)])
    contrasts = {"E δ": np.eye(4)[0], **{f"θ{'₀₁₂'[j]}": np.eye(4)[j + 1] for j in range(3)}, "mean β(γ)·γ": mean}
    stats = library("scipy.stats")
    width = float(stats.t.ppf((1 + level) / 2, df))
    rows = []
    for name, contrast in contrasts.items():
        value, error = float(contrast @ coefficients), float(np.sqrt(max(0.0, contrast @ covariance @ contrast)))
        p = float(2 * stats.t.sf(abs(value) / error, df)) if error else None
        rows.append((name, value, error, value - width * error, value + width * error, p))
    return ResultTable("remark1", TITLE, ("", "estimate", "s.e.", "low", "high", "p"), tuple(rows))
