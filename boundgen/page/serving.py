"""Start the server, say where it is, and end it with what it started."""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from boundgen.errors import BoundgenError, quoted
from boundgen.page.guards import PageGuard
from boundgen.page.server import EXTRA, NEED, Served, application
from boundgen.work.libraries import library

THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class AddressError(BoundgenError, OSError):
    """The server cannot listen where it should."""


def serve(served: Served, host: str, port: int, said: Callable[[str], None], opened: bool) -> None:
    """Serve the page until somebody ends it.

    Parameters
    ----------
    served : Served
        Its guard is made here.
    host : str
    port : int
        0 takes one that is free.
    said : function of str
        Is told where the page is.
    opened : bool
        Whether a browser is to show it.

    Raises
    ------
    AddressError
        Where the address is taken, or is none of this machine.
    LibraryError
        If Starlette or uvicorn is not installed.
    """
    uvicorn = library("uvicorn", EXTRA, NEED)
    # Children calculate side by side; threads of linear algebra would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    listening = _listening(host, port)
    port = listening.getsockname()[1]
    token = None if host in THIS_MACHINE else secrets.token_urlsafe(24)
    app = application(replace(served, guard=PageGuard(host, port, token)))
    address = _address(host, port, token)
    said(f"boundgen serve: {address}\n  Nothing leaves this machine. Ctrl-C ends it.")
    if opened:
        _open(address)
    configuration = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=1, lifespan="on"
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(configuration).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    if os.name != "nt":
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressError(
                f"port {port} is in use, perhaps by another boundgen serve: http://{host}:{port}/",
                remedy="Open that, or name another with --port; --port 0 takes one that is free.",
            ) from None
        raise AddressError(
            f"{quoted(host)} and port {port}: {error.strerror}",
            remedy="Leave --host out, or name an address of this machine, and a port from 1024 to 65535.",
        ) from None
    return found


def _address(host: str, port: int, token: str | None) -> str:
    """The link to be opened; browsers keep what stands behind # to themselves."""
    shown = socket.gethostname() if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"#token={token}" if token else "")


def _open(address: str) -> None:
    import threading
    import webbrowser

    threading.Timer(0.5, webbrowser.open, [address]).start()
