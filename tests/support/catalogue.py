"""The catalogue, for tests that ask what comes after: models are read once in a process, and derived once.

Models and derivations are frozen, so tests may share them. Tests of reading and of deriving themselves call
`Model.parse` and `derive`. Processes do not share them: to derive the whole catalogue takes a second or two.
"""

from __future__ import annotations

from functools import cache

from boundgen import Derivation, catalogue, derive


@cache
def derived(name: str) -> Derivation:
    """The derivation of a shipped model, with all estimands and conditions."""
    return derive(catalogue.load(name))
