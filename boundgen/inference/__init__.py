"""Observed distributions and sample sizes -> estimates and intervals."""
