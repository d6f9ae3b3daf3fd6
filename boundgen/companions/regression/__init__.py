"""Regressions that the companion methods share."""
