"""What the formats are called that are written; nothing is imported, so that the command line starts at once."""

WRITTEN = ("dagitty", "dot", "networkx", "causaloptim", "y0")
