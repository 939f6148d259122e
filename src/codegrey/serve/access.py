"""The access log: one JSON object a line, written in batches so that no request waits for the disk.

Query texts stay out of it unless they are asked for; their hash tells equal ones apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from codegrey.serve.http import Request, Response

_INTERVAL: Final = 0.5
_MOST: Final = 5000


class AccessLog:
    """Collects lines and writes them twice a second. Off if ``target`` is ``""``."""

    def __init__(self, target: str, *, with_queries: bool) -> None:
        self._target = target
        self._with_queries = with_queries
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def record(self, request: Request, response: Response, *, size: int, began: float, query: str) -> None:
        """Note one request. ``began`` is a ``time.perf_counter`` value."""
        if not self._target:
            return
        line: dict[str, str | int | float] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": request.client,
            "method": request.method,
            "path": request.path,
            "status": response.status,
            "bytes": size,
            "ms": round((time.perf_counter() - began) * 1000, 2),
            **dict(response.note),
        }
        if query:
            line["query"] = hashlib.blake2b(query.encode("utf-8", "replace"), digest_size=8).hexdigest()
            if self._with_queries:
                line["text"] = query
        self._lines.append(json.dumps(line, ensure_ascii=False))
        if len(self._lines) >= _MOST:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self.flush)

    def flush(self) -> None:
        """Write what was collected."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if not lines:
            return
        text = "\n".join(lines) + "\n"
        if self._target == "-":
            _write(sys.stderr, text)
        else:
            with Path(self._target).open("a", encoding="utf-8") as stream:
                _write(stream, text)


def _write(stream: IO[str], text: str) -> None:
    stream.write(text)
    stream.flush()
