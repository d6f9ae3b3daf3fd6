"""Whether a source distribution holds every file of the package and of the tests that git holds."""

import subprocess
import sys
import tarfile

NEEDED = ("boundgen/", "tests/", "derived/", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml")

with tarfile.open(sys.argv[1]) as archive:
    held = {name.partition("/")[2] for name in archive.getnames()}
tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
missing = [name for name in tracked if name.startswith(NEEDED) and name not in held]
if missing:
    sys.exit("not in the source distribution: " + ", ".join(missing))
