"""Bounds at a distribution: closed form, exact program, numeric program."""
