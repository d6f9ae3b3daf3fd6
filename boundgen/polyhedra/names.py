"""What the engines are called; nothing is imported, so that the command line starts at once."""

ENGINES = ("auto", "cdd", "ppl", "orbits")
