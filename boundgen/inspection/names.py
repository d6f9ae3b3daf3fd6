"""What the stages of a derivation are called; nothing is imported, so that the command line starts at once."""

STAGES = ("model", "strata", "program", "reduced", "dual", "vertices")
