"""Answers that were given before: bounded by bytes, least recently used out first. One cache per dataset version."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

Key = tuple[object, ...]
_OVERHEAD = 500


@dataclass(slots=True)
class Entry:
    """A complete answer; ``encoded`` holds its compressed forms by coding."""

    body: bytes
    flags: int
    rows: int
    hint: str = ""
    encoded: dict[str, bytes] = field(default_factory=dict)


class AnswerCache:
    """A bounded mapping from (query, graphs, formats) to answers."""

    def __init__(self, *, limit: int, entry_limit: int) -> None:
        self._limit = limit
        self._entry_limit = min(entry_limit, limit)
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._size = 0
        self.hits = 0
        self.misses = 0

    @property
    def size(self) -> int:
        """Bytes held, compressed forms included."""
        return self._size

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The answer, if it is here."""
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an answer, if it is not too large."""
        if len(entry.body) + _OVERHEAD > self._entry_limit:
            return
        old = self._entries.pop(key, None)
        if old is not None:
            self._size -= _weight(key, old)
        self._entries[key] = entry
        self._size += _weight(key, entry)
        self._shrink()

    def encode(self, key: Key, entry: Entry, coding: str, body: bytes) -> None:
        """Keep a compressed form beside its answer."""
        if self._entries.get(key) is entry and coding not in entry.encoded:
            entry.encoded[coding] = body
            self._size += len(body)
            self._shrink()

    def _shrink(self) -> None:
        while self._size > self._limit:
            key, entry = self._entries.popitem(last=False)
            self._size -= _weight(key, entry)


def _weight(key: Key, entry: Entry) -> int:
    text = key[0] if isinstance(key[0], str) else ""
    return _OVERHEAD + len(text) + len(entry.body) + sum(len(body) for body in entry.encoded.values())
