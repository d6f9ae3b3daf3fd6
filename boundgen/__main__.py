"""``python -m boundgen``."""

from boundgen.cli import main

main()
