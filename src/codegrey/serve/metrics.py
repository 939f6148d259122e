"""Counters and gauges in the Prometheus text format (version 0.0.4), without a client library."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0)


class Metrics:
    """What the web process counts itself."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets = [0] * (len(_BUCKETS) + 1)
        self._seconds = 0.0
        self._bytes = 0
        self.broken = 0

    def record(self, route: str, status: int, seconds: float, size: int) -> None:
        """Note one request."""
        self._requests[route, status] += 1
        self._buckets[bisect_left(_BUCKETS, seconds)] += 1
        self._seconds += seconds
        self._bytes += size

    def text(self, gauges: Mapping[str, tuple[str, float]], stopped: Mapping[str, int]) -> str:
        """The page. ``gauges``: name → (help, value); ``stopped``: queries stopped, by reason."""
        return "".join((*self._own(), *_stopped(stopped), *_gauges(gauges)))

    def _own(self) -> Iterable[str]:
        yield "# HELP codegrey_requests_total Requests by route and status.\n# TYPE codegrey_requests_total counter\n"
        for (route, status), count in sorted(self._requests.items()):
            yield f'codegrey_requests_total{{route="{route}",status="{status}"}} {count}\n'
        yield "# HELP codegrey_request_seconds Time to answer.\n# TYPE codegrey_request_seconds histogram\n"
        total = 0
        for bound, count in zip((*_BUCKETS, "+Inf"), self._buckets, strict=True):
            total += count
            yield f'codegrey_request_seconds_bucket{{le="{bound}"}} {total}\n'
        yield f"codegrey_request_seconds_sum {self._seconds:.6f}\ncodegrey_request_seconds_count {total}\n"
        yield "# HELP codegrey_sent_bytes_total Bytes of bodies sent.\n# TYPE codegrey_sent_bytes_total counter\n"
        yield f"codegrey_sent_bytes_total {self._bytes}\n"
        yield "# HELP codegrey_broken_total Answers broken off.\n# TYPE codegrey_broken_total counter\n"
        yield f"codegrey_broken_total {self.broken}\n"


def _stopped(stopped: Mapping[str, int]) -> Iterable[str]:
    yield "# HELP codegrey_stopped_total Queries stopped, by reason.\n# TYPE codegrey_stopped_total counter\n"
    for reason, count in sorted(stopped.items()):
        yield f'codegrey_stopped_total{{reason="{reason}"}} {count}\n'


def _gauges(gauges: Mapping[str, tuple[str, float]]) -> Iterable[str]:
    for name, (text, value) in gauges.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        yield f"# HELP codegrey_{name} {text}\n# TYPE codegrey_{name} {kind}\ncodegrey_{name} {value:g}\n"
