"""Closed form -> evaluator modules, one file per target language."""
