"""Sites as instruments for several mediators: the method, what it reports, site effects, and rank conditions."""

from __future__ import annotations

from boundgen.companions.multisite.method import from_columns, multisite, study_of

__all__ = ["from_columns", "multisite", "study_of"]
