"""What the methods of inference are called; nothing is imported, so that the command line starts at once."""

# The first is taken where none is named.
METHODS = ("intersection", "stoye", "directional", "subsampling", "bootstrap")
