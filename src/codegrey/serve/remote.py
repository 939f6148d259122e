"""Calling another SPARQL endpoint for SERVICE, safely: only allowed URLs, only public addresses, everything bounded.

The name is resolved once, every address is checked, and the connection goes to the very address that was checked (so a
name that changes its mind between check and use gains nothing); a redirect is checked like a first call. Runs in a
thread of the web process; the query processes have no network at all.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from codegrey.errors import ServiceError

_MOST_REDIRECTS: Final = 3
_PART: Final = 64 * 1024
_ACCEPT: Final = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class RemoteLimits:
    """What a call may do. ``allowed`` are whole URLs; ``private`` lets it reach addresses that are not public."""

    allowed: tuple[str, ...]
    seconds: float
    max_bytes: int
    private: bool = False


@dataclass(frozen=True, slots=True)
class Bindings:
    """A SPARQL JSON result."""

    names: tuple[str, ...]
    rows: tuple[dict[str, dict[str, str]], ...]


def call(url: str, query: str, limits: RemoteLimits) -> Bindings:
    """Ask a query of another endpoint.

    :raises ServiceError: if the URL is not allowed, its address not public, the answer late, too large or no result.
    """
    end = time.monotonic() + limits.seconds
    for _ in range(_MOST_REDIRECTS + 1):
        check_url(url, limits)
        status, location, body = _post(url, query, limits, end)
        if status not in (301, 302, 303, 307, 308):
            break
        url = urljoin(url, location)
    else:
        raise ServiceError(f"{url} redirects too often")
    if status != 200:
        raise ServiceError(f"{url} answered with status {status}")
    return parse_bindings(body, url)


def check_url(url: str, limits: RemoteLimits) -> None:
    """Check that a URL is on the list. :raises ServiceError:"""
    if url not in limits.allowed:
        raise ServiceError(f"{url} is not among the allowed endpoints")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ServiceError(f"{url} is no http or https URL")


def checked_address(host: str, port: int, *, private: bool) -> str:
    """An address of the host, all of whose addresses are public (unless ``private``).

    :raises ServiceError: if there is none, or one of them is loopback, link-local, private or otherwise special.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ServiceError(f"{host} cannot be resolved: {error.strerror or error}") from None
    addresses = [str(item[4][0]) for item in found]
    for address in addresses:
        if not private and not is_public(address):
            raise ServiceError(f"{host} has an address that is not public")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast


class _Pinned(http.client.HTTPConnection):
    """A connection to a checked address, whatever the name resolves to by now."""

    def __init__(self, host: str, port: int, address: str, *, seconds: float, secure: bool) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address = address
        self._secure = secure

    def connect(self) -> None:
        """Connect to the address; verify the certificate against the name."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _post(url: str, query: str, limits: RemoteLimits, end: float) -> tuple[int, str, bytes]:
    """(status, Location, body) of one request."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = checked_address(host, port, private=limits.private)
    connection = _Pinned(host, port, address, seconds=_left(end), secure=secure)
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    headers = {"accept": _ACCEPT, "content-type": "application/x-www-form-urlencoded", "user-agent": "codegrey"}
    try:
        connection.request("POST", path, urlencode({"query": query}).encode(), headers)
        response = connection.getresponse()
        body = _read(connection, response, limits.max_bytes, end)
        return response.status, response.getheader("location") or "", body
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{url} cannot be reached: {type(error).__name__}") from None
    finally:
        connection.close()


def _read(connection: http.client.HTTPConnection, response: http.client.HTTPResponse, limit: int, end: float) -> bytes:
    parts = bytearray()
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(_left(end))
        part = response.read1(_PART)
        if not part:
            return bytes(parts)
        parts += part
        if len(parts) > limit:
            raise ServiceError(f"the endpoint's answer is larger than {limit} bytes")


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise ServiceError("the endpoint took too long")
    return left


def parse_bindings(body: bytes, url: str) -> Bindings:
    """Read a SPARQL JSON result. :raises ServiceError: if it is none."""
    try:
        document: Any = json.loads(body)
        names = tuple(str(name) for name in document["head"]["vars"])
        rows = tuple(dict(row) for row in document["results"]["bindings"])
    except (ValueError, KeyError, TypeError):
        raise ServiceError(f"{url} did not answer with SPARQL JSON results") from None
    return Bindings(names, rows)
