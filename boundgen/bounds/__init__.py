"""Vertices and rays to closed form: terms, conditions, and how they are printed."""
