"""The limits of a pool, and what it counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """The limits of a pool, in seconds and bytes; 0: none (for sizes and ``time``)."""

    workers: int = 2
    slow_workers: int = 8
    slow_after: float = 0.05
    time: float = 30.0
    memory: int = 0
    first_bytes: int = 256 * 1024
    stall: float = 30.0
    transfer: float = 1800.0
    queue: int = 256
    client_queue: int = 64
    queue_seconds: float = 30.0


@dataclass(slots=True)
class PoolCounts:
    """What happened so far, for the metrics."""

    started: int = 0
    tasks: int = 0
    retried: int = 0
    stopped: Counter[str] = field(default_factory=Counter)
