"""Counting rows in what the store serialises, without parsing it.

The store writes results natively (iterating them in Python is several times slower), so rows are counted where its
serialisations mark them.
"""

from __future__ import annotations

from typing import Final

_MARKS: Final = {"json": b'}},{"', "xml": b"<result>", "tsv": b"\n", "nt": b"\n", "nq": b"\n"}


class RowCounter:
    """Counts the rows in a stream of parts of one serialisation.

    Exact for XML, TSV, N-Triples and N-Quads (their marks are escaped in values) and for CSV (quotes are followed);
    JSON counts boundaries between rows, which only a literal that ends in ``}},{`` can imitate.
    """

    def __init__(self, format_name: str) -> None:
        self.rows = 0
        self._csv = format_name == "csv"
        self._mark = _MARKS.get(format_name, b"")
        self._keep = len(self._mark) - 1
        self._tail = b""
        self._quoted = False
        self._heading = format_name in ("csv", "tsv")
        self._json = format_name == "json"

    def feed(self, part: bytes | bytearray) -> None:
        """Count one more part."""
        if self._csv:
            self._feed_csv(part)
        elif self._mark:
            self._feed_mark(part)
        if self._heading and self.rows:
            self._heading = False
            self.rows -= 1

    def _feed_mark(self, part: bytes | bytearray) -> None:
        if self._keep:
            if self._json and b'"bindings":[{"' in part:
                self.rows += 1
            part = self._tail + part
            self._tail = bytes(part[-self._keep :])
        self.rows += part.count(self._mark)

    def _feed_csv(self, part: bytes | bytearray) -> None:
        if not self._quoted and b'"' not in part:
            self.rows += part.count(b"\n")
            return
        for index, piece in enumerate(part.split(b'"')):
            if index:
                self._quoted = not self._quoted
            if not self._quoted:
                self.rows += piece.count(b"\n")
