"""A server of the page in a process of its own, and questions to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# Its dual polyhedra have thousands of vertices.
LONG = """model long
variable Z in 0..7 randomized
variable X(Z) in 0..3
variable Y(X) in 0..3
observe P(X, Y | Z)
estimand ate = E[Y(3) - Y(0)]
"""


class Served:
    """Where a server is, and what it answers."""

    def __init__(self, address: str, process: subprocess.Popen[str]) -> None:
        self.address, self.process = address, process

    def post(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, list[dict[str, Any]]]:
        """The status of HTTP and the lines of the answer."""
        given = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(f"{self.address}ask", body, given)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, [json.loads(line) for line in response.read().splitlines()]
        except urllib.error.HTTPError as error:
            return error.code, [json.loads(line) for line in error.read().splitlines()]

    def ask(self, question: str, **fields: Any) -> dict[str, Any]:
        """The last line of an answer."""
        return self.post(json.dumps({"question": question, **fields}).encode())[1][-1]


@contextmanager
def served(*options: str, within: Sequence[str] = (), **environment: str) -> Iterator[Served]:
    """A server on a free port of this machine, perhaps within another command, which is ended with what it started."""
    command = [*within, sys.executable, "-m", "boundgen", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stderr.read()
        yield Served(found[0], process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
