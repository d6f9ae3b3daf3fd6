"""What a child of the server does: answer one question in a folder of its own, within its limits, and end.

It runs the command line, so that every answer is what a terminal would print. Progress and the answer go through a
pipe; when the server is gone, so is the child.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from boundgen.errors import BoundgenError, brief
from boundgen.page.questions import PageQuestion
from boundgen.work.progress import LISTENER

# Seconds between two words of progress.
REFRESH = 0.25
LARGEST_ANSWER = 40_000_000
# Of derivations, beside what is typed.
NICE = 5
# The exit status of what the command line did not end itself.
ENDED = 1
OUT_OF_MEMORY = "The model needs more memory than the server gives it. Coarsen variables, or raise --memory-limit."
TOO_LONG = "The answer is too long for a page. Ask for fewer effects, or use the command line."
FAULT = "This is a fault of boundgen: please report it, with the model."


def answer(question: PageQuestion, pipe: Connection, main: Callable[[], None], mebibytes: int | None) -> None:
    """Answer one question through the pipe.

    Parameters
    ----------
    question : PageQuestion
    pipe : Connection
    main : function
        The command line, which reads ``sys.argv``.
    mebibytes : int or None
        How much memory the process may take beyond what it has.
    """
    _own_group()
    _last_in_line(question.quick)
    threading.Thread(target=_end_with_server, args=(pipe,), daemon=True).start()
    _limit_memory(mebibytes)
    LISTENER.set(_teller(pipe))
    _run_no_code()
    pipe.send(("answer", _or_reason(question, main)))


def _or_reason(question: PageQuestion, main: Callable[[], None]) -> dict[str, Any]:
    """The answer, or why there is none; no question leaves a trace on the server's terminal."""
    try:
        with tempfile.TemporaryDirectory(prefix="boundgen-", ignore_cleanup_errors=True) as folder:
            os.chdir(folder)
            try:
                return _answered(question, main)
            finally:
                os.chdir(os.sep)
    except BoundgenError as error:
        return {"status": ENDED, "complaint": f"{error.message}. {error.remedy}".strip()}
    except MemoryError:
        return {"status": ENDED, "complaint": OUT_OF_MEMORY}
    except OSError as error:
        return {"status": ENDED, "complaint": f"The server cannot write its files: {error.strerror or error}"}
    except Exception as error:
        return {"status": ENDED, "complaint": f"{FAULT} ({type(error).__name__}: {brief(str(error))})"}


def _answered(question: PageQuestion, main: Callable[[], None]) -> dict[str, Any]:
    for name, content in question.files.items():
        Path(name).write_bytes(content)
    if question.quick:
        from boundgen.page.texts import FUNCTIONS

        return {"status": 0, "answer": FUNCTIONS[question.verb](**question.given)}
    status, text, complaint = run(question.arguments, main)
    if len(text) > LARGEST_ANSWER:
        return {"status": ENDED, "complaint": TOO_LONG}
    return {"status": status, "text": text, "complaint": complaint, "files": _results(question.results)}


def run(arguments: tuple[str, ...], main: Callable[[], None]) -> tuple[int, str, str]:
    """A command of boundgen in this process: its exit status, what it prints, and what it complains of."""
    kept = sys.argv, sys.stdout, sys.stderr
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    sys.argv, sys.stdout, sys.stderr = ["boundgen", *arguments], out, err
    status = 0
    try:
        main()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    finally:
        sys.argv, sys.stdout, sys.stderr = kept
    return status, _written(out), _written(err)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read(LARGEST_ANSWER + 1)


def _results(names: tuple[str, ...]) -> dict[str, bytes]:
    """The files that were asked for and are there; of a folder, those in it."""
    found = [path for name in names for path in ([*Path(name).iterdir()] if Path(name).is_dir() else [Path(name)])]
    return {path.name: path.read_bytes() for path in sorted(found) if path.is_file()}


# ---------------------------------------------------------------- its process
def _own_group() -> None:
    """What the child starts is ended with it, and Ctrl-C at the terminal is the server's."""
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run_no_code() -> None:
    """A model may come from anybody, by a link or a file: code that its claims name is not run."""
    from boundgen.verification.claimed_code import RUNS_CODE

    RUNS_CODE.set(False)


def _last_in_line(quick: bool) -> None:
    """Where the machine has too little: what is typed comes first, and memory is taken from a child, not the server."""
    if not quick and hasattr(os, "nice"):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _end_with_server(pipe: Connection) -> None:
    with suppress(OSError):
        pipe.poll(None)
    if hasattr(os, "killpg"):
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _limit_memory(mebibytes: int | None) -> None:
    if mebibytes is None:
        return
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return
    most = pages * os.sysconf("SC_PAGE_SIZE") + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _teller(pipe: Connection) -> Callable[[str, int, int | None], None]:
    """Says through the pipe how far the work is, now and then."""
    last = time.monotonic()

    def tell(what: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last > REFRESH:
            last = time.monotonic()
            pipe.send(("progress", {"what": what, "done": done, "total": total}))

    return tell
