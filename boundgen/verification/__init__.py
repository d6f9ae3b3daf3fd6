"""Closed form against the world: claims, verdicts, witnesses."""
