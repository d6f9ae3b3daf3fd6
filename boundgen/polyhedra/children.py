"""Long enumerations in a process of their own: libraries hear neither Ctrl-C nor a limit."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.work.limits import Budget

POLL_SECONDS = 0.1
# On Linux the child asks to be ended with its parent, however that ends; the call does not exist elsewhere.
PR_SET_PDEATHSIG = 1
BEGIN = f"""
import ctypes, runpy, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl({PR_SET_PDEATHSIG}, signal.SIGKILL)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def enumerate_in_child(script: Path, name: str, polyhedron: DualPolyhedron, budget: Budget) -> list[list[str]]:
    """What a script prints for the inequalities of a polyhedron: rows of vertices and rays, as rational strings."""
    polls = itertools.count()
    found: list[list[str]] = answer_of_child(
        script,
        polyhedron.inequalities,
        lambda: budget.step(f"enumerating the dual polyhedron with {name}, tenths of seconds", next(polls)),
        f"the engine {name}",
    )
    return found


def answer_of_child(script: Path, given: Any, step: Callable[[], None], what: str) -> Any:
    """What a script prints as JSON for what it is given as JSON; a step that raises ends it."""
    output = output_of_child([sys.executable, "-c", BEGIN, str(script)], json.dumps(given), step)
    if output is None:
        raise ArithmeticError(f"the library behind {what} failed")
    return json.loads(output)


def output_of_child(command: Sequence[str], given: str, step: Callable[[], None], quiet: bool = False) -> str | None:
    """What a command prints for what it is given; None where it fails. A step that raises ends it.

    Parameters
    ----------
    command : sequence of str
    given : str
        Its standard input.
    step : function
        Called while it runs.
    quiet : bool
        Whether errors and warnings of the command are not shown.

    Returns
    -------
    str or None
    """
    # A session of its own: Ctrl-C on the terminal is for the parent, which then ends the child.
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        encoding="utf-8",
        start_new_session=True,
    ) as child:
        try:
            waiting: str | None = given
            while True:
                step()
                try:
                    output, _ = child.communicate(waiting, timeout=POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    waiting = None
        except BaseException:
            child.kill()
            raise
    return None if child.returncode else output
