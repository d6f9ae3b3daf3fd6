"""The work of a derivation: limits, progress, executors, folders, files written whole."""
