"""Counting rows in what the store serialises, without parsing it.

The store writes results natively (iterating them in Python is several times slower), so rows are counted where its
serialisations mark them.
"""

from __future__ import annotations

from typing import Final

_MARKS: Final[dict[str, tuple[bytes, ...]]] = {
    "json": (b'"bindings":[{"', b'}},{"'),
    "xml": (b"<result>",),
    "tsv": (b"\n",),
    "nt": (b"\n",),
    "nq": (b"\n",),
}


class RowCounter:
    """Counts the rows in a stream of parts of one serialisation.

    Exact for XML, TSV, N-Triples and N-Quads (their marks are escaped in values) and for CSV (quotes are followed);
    JSON counts boundaries between rows, which only a literal that ends in ``}},{`` can imitate.
    """

    def __init__(self, format_name: str) -> None:
        self.rows = 0
        self._csv = format_name == "csv"
        self._marks = _MARKS.get(format_name, ())
        self._keep = max((len(mark) for mark in self._marks), default=1) - 1
        self._tail = b""
        self._quoted = False
        self._heading = format_name in ("csv", "tsv")

    def feed(self, part: bytes | bytearray) -> None:
        """Count one more part."""
        if self._csv:
            self._feed_csv(part)
        elif self._marks:
            self._feed_marks(part)
        if self._heading and self.rows:
            self._heading = False
            self.rows -= 1

    def _feed_marks(self, part: bytes | bytearray) -> None:
        window = self._tail + part if self._keep else part
        for mark in self._marks:
            self.rows += window.count(mark) - self._tail.count(mark)
        if self._keep:
            self._tail = bytes(window[-self._keep :])

    def _feed_csv(self, part: bytes | bytearray) -> None:
        if not self._quoted and b'"' not in part:
            self.rows += part.count(b"\n")
            return
        for index, piece in enumerate(part.split(b'"')):
            if index:
                self._quoted = not self._quoted
            if not self._quoted:
                self.rows += piece.count(b"\n")
