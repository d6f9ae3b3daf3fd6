"""Who may ask the server: pages of its own, under its own name, and with the token where others reach it."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

# No script, style, picture or font of another place, and none that stands in the page itself.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
LOCAL = ("127.0.0.1", "localhost", "[::1]")
# Of one request: a file of data, in base64.
LARGEST_BODY = 32_000_000


@dataclass(frozen=True)
class PageGuard:
    """What a request must say.

    Parameters
    ----------
    host : str
        The address on which the server listens.
    port : int
    token : str or None
        What must stand behind ``Bearer`` in the header Authorization; None on this machine alone.
    """

    host: str
    port: int
    token: str | None = None

    def refuses(self, headers: Mapping[str, str], asks: bool) -> tuple[int, str] | None:
        """Why a request is not answered, as a status of HTTP and a sentence; None where it is.

        Parameters
        ----------
        headers : mapping
            With names in lower case.
        asks : bool
            Whether it asks something, rather than reads a file of the page.

        Returns
        -------
        pair of int and str, or None
        """
        host = headers.get("host", "")
        if not self.knows(host):
            return 421, "This server is not called so."
        if not asks:
            return None
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return 403, "Pages of other places may not ask."
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "Pages of other places may not ask."
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return 415, "Questions are in JSON."
        if self.token is not None and not self._is_token(headers.get("authorization", "")):
            return 401, "The link that the server printed holds a token: open that."
        return None

    def knows(self, host: str) -> bool:
        """Whether the server may be called so: a name that leads here by another's doing is refused."""
        name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "80")
        if port != str(self.port):
            return False
        if name in LOCAL:
            return self.token is None or self.listens_everywhere or self.host in ("127.0.0.1", "localhost", "::1")
        if name == self.host:
            return True
        return self.listens_everywhere and (name.lower() == socket.gethostname().lower() or _is_address(name))

    @property
    def listens_everywhere(self) -> bool:
        """Whether it listens on all addresses of the machine."""
        return self.host in ("0.0.0.0", "::")

    def _is_token(self, authorization: str) -> bool:
        kind, _, given = authorization.partition(" ")
        return kind == "Bearer" and hmac.compare_digest(given.encode(), (self.token or "").encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
