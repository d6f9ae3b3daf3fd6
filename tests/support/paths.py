"""Where things stand: found from here alone, so that a test may change its room."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
GOLDEN = TESTS / "golden"
# Files of real data that may not be shipped; beside the repository, where they are.
SHARED = ROOT.parent / "shared" / "data"
