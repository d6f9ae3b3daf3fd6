"""The list in pyproject.toml of files that are excused from rules about docstrings. It is to shrink.

Without an argument: status 1 where the list names what is mended already, or a file that is gone. With ``--write``: the
list as it has to be today; where it grows, somebody should look at the difference.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
START, END = "# excused: start\n", "# excused: end\n"


def folders(settings: str) -> str:
    """The excuses of whole folders, which stand above the list, as an option for ruff."""
    table = settings.partition("[tool.ruff.lint.per-file-ignores]\n")[2].partition(START)[0]
    lines = [line.partition("#")[0].strip() for line in table.splitlines()]
    return f"lint.per-file-ignores={{{', '.join(line for line in lines if line)}}}"


def findings(option: str) -> dict[str, set[str]]:
    """The rules about docstrings that each file breaks."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "json", "--config", option, "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = defaultdict(set)
    for finding in json.loads(done.stdout):
        if finding["code"].startswith("D"):
            found[Path(finding["filename"]).relative_to(ROOT).as_posix()].add(finding["code"])
    return found


def main() -> None:
    """Compare the list with what ruff finds without it."""
    file = ROOT / "pyproject.toml"
    settings = file.read_text(encoding="utf-8")
    before, _, rest = settings.partition(START)
    listed, _, after = rest.partition(END)
    found = findings(folders(settings))
    lines = "".join(f'"{name}" = {json.dumps(sorted(found[name]))}\n' for name in sorted(found))
    if "--write" in sys.argv:
        file.write_text(before + START + lines + END + after, encoding="utf-8")
    elif lines != listed:
        sys.exit("The list of excused files in pyproject.toml is out of date: python .ci/excused.py --write")


if __name__ == "__main__":
    main()
