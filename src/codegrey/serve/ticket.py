"""One request's way through the pool: waiting, running, streaming, done."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Protocol

from codegrey.errors import QueryError
from codegrey.serve.frames import Flag

if TYPE_CHECKING:
    from codegrey.serve.process import WorkerProcess

_PARTS_AHEAD: Final = 8


class Stop:
    """Why the pool, not the worker, ends a request. Codes of the worker are :class:`codegrey.serve.frames.Code`."""

    TIME: Final = "time"
    MEMORY: Final = "memory"
    CRASH: Final = "crash"
    QUEUE: Final = "queue"
    OVERLOAD: Final = "overload"
    STALL: Final = "stall"
    TRANSFER: Final = "transfer"
    GONE: Final = "gone"
    CLOSING: Final = "closing"
    UPSTREAM: Final = "upstream"


class TaskError(QueryError):
    """A task without an answer, or without the rest of one: ``code`` says why, ``detail`` in the worker's words."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int = 0) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """The first part of an answer; ``complete`` if there is no other."""

    body: bytes
    flags: int
    seconds: float
    rows: int
    complete: bool


class Flow(Protocol):
    """A source of parts that can be held back."""

    def resume(self) -> None:
        """Send parts again."""


class _Replay:
    """What of a stream has been passed on, so that another process can begin it again and be checked against it."""

    __slots__ = ("_again", "_digest", "_left", "size")

    def __init__(self) -> None:
        self.size = 0
        self._digest = blake2b(digest_size=16)
        self._again: blake2b | None = None
        self._left = 0

    def restart(self) -> None:
        """The stream begins again."""
        self._again = blake2b(digest_size=16)
        self._left = self.size

    def take(self, body: bytes) -> bytes | None:
        """The new part of a body; ``None`` if the stream is another one this time."""
        if self._again is not None:
            known, body = body[: self._left], body[self._left :]
            self._again.update(known)
            self._left -= len(known)
            if self._left:
                return b""
            if self._again.digest() != self._digest.digest():
                return None
            self._again = None
        self._digest.update(body)
        self.size += len(body)
        return body


class Ticket:
    """A task that was handed in. Await ``first``, then iterate :meth:`parts` if the answer is not complete."""

    __slots__ = (
        "_failure", "_finished", "_parts", "_replay", "_waiter", "client", "deadline", "first", "flow",
        "frame", "old", "on_wait", "paused", "remaining", "retries", "since", "started", "timer", "worker",
    )  # fmt: skip

    def __init__(self, frame: bytes, client: str, first: asyncio.Future[Answer]) -> None:
        self.frame = frame
        self.client = client
        self.first = first
        self.worker: WorkerProcess | None = None
        self.flow: Flow | None = None
        self.on_wait: Callable[[], None] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.deadline: asyncio.TimerHandle | None = None
        self.remaining = 0.0  # working time left when the deadline was last armed
        self.since = 0.0
        self.started = 0.0
        self.old = False
        self.paused = False
        self.retries = 0
        self._replay: _Replay | None = None  # of an answer that streams
        self._parts: deque[bytes] = deque()
        self._finished = False
        self._failure: TaskError | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._finished or self._failure is not None

    def waits(self) -> None:
        """Tell the owner, once, that this takes longer than the usual: it may now watch for the client's leaving."""
        callback, self.on_wait = self.on_wait, None
        if callback is not None:
            callback()

    def deliver(self, answer: Answer) -> None:
        """Take one part from the worker."""
        body: bytes | None = answer.body
        if not answer.complete or self._replay is not None:
            self._replay = self._replay or _Replay()
            body = self._replay.take(answer.body)
        if body is None:
            self.fail(TaskError(Stop.CRASH, "the answer was another one the second time"))
            return
        if not self.first.done():
            self.first.set_result(answer)
        elif body:
            self._parts.append(body)
        self._finished = answer.complete
        self._wake()

    def begin_again(self) -> bool:
        """Make ready for another process to give the answer from its beginning; ``False`` if it may be another one."""
        self.retries += 1
        self.paused = False
        self.flow = None
        if self._replay is not None:
            if self.first.result().flags & Flag.VOLATILE:
                return False
            self._replay.restart()
        return True

    def fail(self, failure: TaskError) -> None:
        """End without the rest."""
        if self.over:
            return
        self._failure = failure
        if not self.first.done():
            self.first.set_exception(failure)
            self.first.exception()  # whoever waits still gets it; nobody has to wait
        self._wake()

    @property
    def full(self) -> bool:
        """Whether the client is behind: enough parts wait for it."""
        return len(self._parts) >= _PARTS_AHEAD

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts after the first one.

        :raises TaskError: when the answer breaks off.
        """
        while True:
            while self._parts:
                part = self._parts.popleft()
                if self.flow is not None and not self.full:
                    self.flow.resume()
                yield part
            if self._failure is not None:
                raise self._failure
            if self._finished:
                return
            self._waiter = self.first.get_loop().create_future()
            await self._waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
