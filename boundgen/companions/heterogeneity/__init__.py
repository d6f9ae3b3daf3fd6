"""Mediation from heterogeneous effects: the method, its slopes (BCES, SIMEX), and effects of subgroups."""

from __future__ import annotations

from boundgen.companions.heterogeneity.method import (
    from_effects,
    from_instrument,
    from_treatments,
    from_units,
    heterogeneity,
    heterogeneity_units,
)

__all__ = ["from_effects", "from_instrument", "from_treatments", "from_units", "heterogeneity", "heterogeneity_units"]
