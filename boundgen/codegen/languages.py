"""What the target languages are called; nothing is imported, so that the command line starts at once."""

LANGUAGES = ("python", "r", "stata", "js")
