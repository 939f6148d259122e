"""HTTP as this package sees it: a request read off an ASGI scope, a response as a value. No framework in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Pairs: TypeAlias = tuple[tuple[str, str], ...]

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

SECURITY: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


class BodyTooLargeError(Exception):
    """A request body larger than the limit."""


class ClientGoneError(Exception):
    """The client closed the connection while its body was read."""


class FormError(ValueError):
    """A query string or form that cannot be decoded."""


class Request:
    """One request. Header names are lower-case; a header that comes several times is joined by commas."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query_string: bytes = scope["query_string"]
        self.query = ""  # the SPARQL text, once it is known, for the log

    @cached_property
    def _headers(self) -> dict[bytes, bytes]:
        pairs = self.scope["headers"]
        result = dict(pairs)
        if len(result) < len(pairs):
            result.clear()
            for name, value in pairs:
                result[name] = result[name] + b", " + value if name in result else value
        return result

    def header(self, name: str) -> str:
        """One header, ``""`` if it is absent."""
        return self._headers.get(name.encode("latin-1"), b"").decode("latin-1")

    @cached_property
    def accept(self) -> str:
        """The ``Accept`` header."""
        return self.header("accept")

    @property
    def client(self) -> str:
        """The client's address."""
        address = self.scope.get("client")
        return str(address[0]) if address else ""

    @property
    def origin(self) -> str:
        """Scheme and authority at which the client sees this server."""
        host = self.header("host") or "localhost"
        return f"{self.scope.get('scheme', 'http')}://{host}"

    @cached_property
    def parameters(self) -> Pairs:
        """The decoded query string. :raises FormError:"""
        return decode_form(self.query_string)

    async def body(self, limit: int) -> bytes:
        """The whole body.

        :raises BodyTooLargeError: beyond ``limit`` bytes.
        :raises ClientGoneError: if the client leaves.
        """
        announced = self.header("content-length")
        if announced.isdigit() and int(announced) > limit:
            raise BodyTooLargeError
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise BodyTooLargeError
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    async def gone(self) -> None:
        """Return when the client has closed the connection (call after the body was read, or of a request without)."""
        while (await self.receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


def decode_form(data: bytes) -> Pairs:
    """Decode ``application/x-www-form-urlencoded`` bytes, strictly.

    :raises FormError: if a value is not UTF-8.
    """
    try:
        items = (item.partition(b"=") for item in data.replace(b"+", b" ").split(b"&") if item)
        return tuple((_decoded(name), _decoded(value)) for name, _, value in items)
    except UnicodeDecodeError:
        raise FormError("not UTF-8 once percent-decoded") from None


def _decoded(data: bytes) -> str:
    return (unquote_to_bytes(data) if b"%" in data else data).decode()


@dataclass(frozen=True, slots=True)
class Response:
    """A response.

    ``rest`` yields the parts after ``body``; if it raises :class:`BrokenAnswerError`, the connection breaks.

    ``note`` goes into the access log.
    """

    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    rest: AsyncIterator[bytes] | None = None
    note: tuple[tuple[str, str | int | float], ...] = ()
    repeatable: bool = False  # the same request on the same dataset version has the same response

    def with_headers(self, *pairs: tuple[str, str]) -> Response:
        """The same response with more headers."""
        more = tuple((name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in pairs)
        return replace(self, headers=self.headers + more)

    def header(self, name: str) -> str:
        """One header of the response, ``""`` if it is absent."""
        key = name.lower().encode("latin-1")
        return next((value.decode("latin-1") for found, value in self.headers if found == key), "")


def start_of(response: Response, more: Headers = ()) -> Message:
    """The ASGI message with status and headers."""
    headers = [*response.headers, *SECURITY, *more]
    if response.content_type:
        headers.append((b"content-type", response.content_type.encode("latin-1")))
    if response.rest is None and response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    return {"type": "http.response.start", "status": response.status, "headers": headers}


class BrokenAnswerError(Exception):
    """An answer that cannot be completed after its beginning was sent."""


async def respond(response: Response, request: Request, send: Send, more: Headers = ()) -> int:
    """Send a response with ``more`` headers; return the number of body bytes.

    :raises BrokenAnswerError: after the connection was left broken: the client sees a transport error, never a
        shorter answer.
    """
    head = request.method == "HEAD"
    await send(start_of(response, more))
    if response.rest is None or head:
        await send({"type": "http.response.body", "body": b"" if head else response.body})
        return 0 if head else len(response.body)
    size = len(response.body)
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    async for part in response.rest:
        size += len(part)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return size
