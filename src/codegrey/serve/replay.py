"""Repeated requests: the finished messages of small answers, by the request as it came, before anything is parsed.

What the answer cache saves in evaluation, this saves in protocol: decoding, negotiation, hashing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from codegrey.serve.http import Message, Response, Scope

Key: TypeAlias = tuple[str, bytes, bytes, bytes]
_MOST: Final = 1000
_LARGEST: Final = 16 * 1024
_CONDITIONAL: Final = frozenset({b"if-none-match", b"range"})


@dataclass(frozen=True, slots=True)
class Finished:
    """A response as messages, with what the log notes of it."""

    start: Message
    body: Message
    size: int
    response: Response
    query: str


def key_of(scope: Scope) -> Key | None:
    """The key of a plain GET; ``None`` for a request whose answer depends on more."""
    if scope["method"] != "GET":
        return None
    accept = coding = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            if accept:
                return None
            accept = value
        elif name == b"accept-encoding":
            if coding:
                return None
            coding = value
        elif name in _CONDITIONAL:
            return None
    return (scope["path"], scope["query_string"], accept, coding)


class Replay:
    """Finished responses of one dataset version. Forgets everything when it is full: what repeats comes back."""

    def __init__(self) -> None:
        self._finished: dict[Key, Finished] = {}

    def get(self, key: Key) -> Finished | None:
        """The finished response of a request."""
        return self._finished.get(key)

    def put(self, key: Key, finished: Finished) -> None:
        """Keep a response, if it is small."""
        if finished.size <= _LARGEST:
            if len(self._finished) >= _MOST:
                self._finished.clear()
            self._finished[key] = finished
