"""A pool of query processes over one store.

A query starts young. Once it is older than ``slow_after`` it turns old: it loses priority, and a young place is free
again, so that heavy queries never keep light ones waiting while fewer than ``slow_workers`` of them run. When all
places are taken, the client that holds more than its share gives one up. One spare process is always ready.

A process that is killed from outside is replaced and its task given to another one. If a part of the answer has left
the pool already, the other one begins again, and what it says is compared with what was said before it goes on. A
process that dies of its own task (memory, nesting) fails that task alone.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Final

from codegrey.serve.fairness import FairQueue, over_its_share
from codegrey.serve.frames import Code, Flag, Task, pack_task, unpack_error
from codegrey.serve.limits import PoolCounts, PoolLimits
from codegrey.serve.process import WorkerProcess
from codegrey.serve.ticket import Answer, Stop, TaskError, Ticket

_STUCK: Final = 1.0  # seconds that all young places may be held by queries that cannot turn old
_LONGEST_PAUSE: Final = 5.0  # seconds between attempts to start a process, once several have failed
_RETRIES: Final = 5  # of one task whose processes are killed from outside
_LATECOMERS: Final = 1.0  # seconds in which requests that were read before a switch are still handed in


class Pool:
    """Answers tasks. Use from one event loop only; :meth:`start` first, :meth:`close` at the end."""

    def __init__(self, store: Path, limits: PoolLimits, *, base: str = "") -> None:
        self._store = store
        self._base = base
        self._limits = limits
        self._queue = FairQueue(limit=limits.queue, client_limit=limits.client_queue)
        self._workers: set[WorkerProcess] = set()
        self._idle: list[WorkerProcess] = []
        self._young = 0
        self._old = 0
        self._ripe: list[Ticket] = []  # past their youth, and no old place is free
        self._failures = 0
        self._last_words = ""
        self._pause: asyncio.TimerHandle | None = None
        self._closing = False
        self._emptied = asyncio.Event()
        self._ready = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts = PoolCounts()

    # -- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the first processes and wait until one is ready.

        :raises TaskError: with ``Code.STORE`` if they cannot open the store.
        """
        await asyncio.gather(*(self._spawn(self._new()) for _ in range(self._limits.workers + 1)))
        await self._ready.wait()
        if self._failures:
            await self.close(0)
            raise TaskError(Code.STORE, f"no query process can open it: {self._last_words}")

    async def close(self, grace: float) -> None:
        """Take nothing new, let running queries end for ``grace`` seconds, then kill."""
        self._closing = True
        if self._pause is not None:
            self._pause.cancel()
        for ticket in self._queue.drain():
            self._stop(ticket, TaskError(Stop.CLOSING, retry_after=5))
        for worker in self._idle:
            worker.dismiss()
        self._idle.clear()
        if self._workers and grace > 0:
            try:
                async with asyncio.timeout(grace):
                    await self._emptied.wait()
            except TimeoutError:
                pass
        for worker in tuple(self._workers):
            if worker.ticket is not None:
                self._stop(worker.ticket, TaskError(Stop.CLOSING, retry_after=5))
            worker.kill(Stop.CLOSING)
        while self._workers:
            self._emptied.clear()
            await self._emptied.wait()

    async def drain(self, limit: float) -> None:
        """Answer what is in hand, and what still arrives in the next second, then end: a newer pool has taken over."""
        loop = asyncio.get_running_loop()
        last = loop.time() + limit
        await asyncio.sleep(_LATECOMERS)
        while loop.time() < last and self._young + self._old + len(self._queue):
            await asyncio.sleep(_LATECOMERS / 4)
        await self.close(0)

    @property
    def load(self) -> dict[str, int]:
        """How many processes and tasks there are, by state."""
        return {
            "workers": len(self._workers),
            "idle": len(self._idle),
            "young": self._young,
            "old": self._old,
            "queued": len(self._queue),
        }

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers."""
        return tuple(worker.pid for worker in self._workers)

    async def _spawn(self, worker: WorkerProcess) -> None:
        try:
            await worker.start(
                self._store, base=self._base, memory=self._limits.memory, first_bytes=self._limits.first_bytes
            )
        except OSError as error:  # no process, descriptor or memory left: others may still end and make room
            self._last_words = str(error)
            self._workers.discard(worker)
            self._start_failed()

    def _new(self) -> WorkerProcess:
        worker = WorkerProcess(self)
        self._workers.add(worker)
        self.counts.started += 1
        return worker

    def _grow(self) -> None:
        """Keep one process ready beyond those that work, up to the maximum."""
        starting = sum(1 for worker in self._workers if not worker.ready)
        room = self._limits.workers + self._limits.slow_workers - len(self._workers)
        if self._closing or room <= 0 or self._pause is not None:
            return
        if len(self._idle) + starting < max(1, self._limits.workers - self._young) or not self._workers:
            task = asyncio.get_running_loop().create_task(self._spawn(self._new()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _start_failed(self) -> None:
        """A process ended before it was ready: try again, ever more slowly."""
        self._failures += 1
        self._ready.set()
        if self._pause is None and not self._closing:
            seconds = min(_LONGEST_PAUSE, 0.01 * 2.0**self._failures)
            self._pause = asyncio.get_running_loop().call_later(seconds, self._resume_growth)

    def _resume_growth(self) -> None:
        self._pause = None
        self._grow()

    # -- tasks ----------------------------------------------------------------------------------------------------

    def submit(self, task: Task, client: str = "") -> Ticket:
        """Hand in a task.

        :raises TaskError: with ``Stop.QUEUE`` if too many wait, ``Stop.CLOSING`` if the pool ends.
        """
        if self._closing:
            raise TaskError(Stop.CLOSING, retry_after=5)
        loop = asyncio.get_running_loop()
        ticket = Ticket(pack_task(task), client, loop.create_future())
        self.counts.tasks += 1
        if self._idle and self._young < self._limits.workers and not len(self._queue):
            self._begin(ticket, self._idle.pop())
        else:
            self._queue.add(ticket)
            ticket.timer = loop.call_later(self._limits.queue_seconds, self._expire, ticket)
            loop.call_later(self._limits.slow_after, ticket.waits)
            self._grow()
        return ticket

    def abort(self, ticket: Ticket, reason: str = Stop.GONE) -> None:
        """End a ticket whose client is gone; of one that is over nothing happens."""
        if ticket.over:
            return
        self._queue.remove(ticket)
        self._cancel_timers(ticket)
        ticket.fail(TaskError(reason))
        self.counts.stopped[reason] += 1
        if ticket.worker is not None:
            ticket.worker.kill(reason)

    def _begin(self, ticket: Ticket, worker: WorkerProcess) -> None:
        loop = asyncio.get_running_loop()
        if ticket.timer is not None:
            ticket.timer.cancel()
        ticket.worker, ticket.flow, worker.ticket = worker, worker, ticket
        ticket.old = False
        ticket.started = loop.time()
        self._young += 1
        ticket.timer = loop.call_later(self._limits.slow_after, self._ripen, ticket)
        worker.send(ticket.frame)

    def _dispatch(self) -> None:
        while self._idle and self._young < self._limits.workers:
            ticket = self._queue.pop()
            if ticket is None:
                break
            self._begin(ticket, self._idle.pop())
        self._grow()

    def _expire(self, ticket: Ticket) -> None:
        if self._queue.remove(ticket):
            self._stop(ticket, TaskError(Stop.QUEUE, str(len(self._queue)), retry_after=5))

    def _stop(self, ticket: Ticket, failure: TaskError) -> None:
        """Fail a ticket and kill what works on it."""
        self._cancel_timers(ticket)
        self.counts.stopped[failure.code] += 1
        ticket.fail(failure)
        if ticket.worker is not None:
            ticket.worker.kill(failure.code)

    @staticmethod
    def _cancel_timers(ticket: Ticket) -> None:
        for timer in (ticket.timer, ticket.deadline):
            if timer is not None:
                timer.cancel()
        ticket.timer = ticket.deadline = None

    # -- ageing ---------------------------------------------------------------------------------------------------

    def _ripen(self, ticket: Ticket) -> None:
        """A query has outlived its youth: start its clocks, and make room for another one."""
        loop = asyncio.get_running_loop()
        if self._limits.time:
            ticket.remaining = self._limits.time - (loop.time() - ticket.started)
            self._arm(ticket)
        ticket.timer = loop.call_later(self._limits.transfer, self._stop, ticket, TaskError(Stop.TRANSFER))
        ticket.waits()
        if self._old < self._limits.slow_workers:
            self._age(ticket)
        else:
            self._ripe.append(ticket)
            loop.call_later(_STUCK, self._share)
        self._dispatch()

    def _age(self, ticket: Ticket) -> None:
        ticket.old = True
        self._young -= 1
        self._old += 1
        if ticket.worker is not None:
            ticket.worker.background()

    def _arm(self, ticket: Ticket) -> None:
        """Start the clock of a query's working time; it stands still while the query waits for its client."""
        if not self._limits.time or ticket.over:
            return
        loop = asyncio.get_running_loop()
        ticket.since = loop.time()
        failure = TaskError(Stop.TIME)
        ticket.deadline = loop.call_later(max(0.0, ticket.remaining), self._stop, ticket, failure)

    def _share(self) -> None:
        """All places are held: if somebody waits, the client with more than its share gives up its oldest query."""
        if len(self._ripe) < self._limits.workers:
            return
        running = [worker.ticket for worker in self._workers if worker.ticket is not None]
        victim = over_its_share(running, self._queue.clients)
        if victim is not None:
            self._stop(victim, TaskError(Stop.OVERLOAD, retry_after=10))
            asyncio.get_running_loop().call_later(_STUCK / 4, self._share)

    # -- what processes report --------------------------------------------------------------------------------------

    def on_ready(self, worker: WorkerProcess) -> None:
        """A process has opened the store."""
        self._failures = 0
        self._ready.set()
        if self._closing:
            worker.dismiss()
            return
        self._idle.append(worker)
        self._dispatch()

    def on_answer(self, worker: WorkerProcess, answer: Answer) -> None:
        """A part of an answer came."""
        ticket = worker.ticket
        if ticket is None:
            return
        if answer.complete:
            self._release(worker, reusable=not answer.flags & Flag.RETIRE)
        ticket.deliver(answer)
        if ticket.over and not answer.complete:
            worker.kill(Stop.CRASH)
        elif not answer.complete and ticket.full and not ticket.paused:
            worker.pause()

    def on_paused(self, ticket: Ticket) -> None:
        """The client is behind: the working time stands still, the client's patience runs."""
        loop = asyncio.get_running_loop()
        if ticket.deadline is not None:
            ticket.deadline.cancel()
            ticket.remaining -= loop.time() - ticket.since
        ticket.deadline = loop.call_later(self._limits.stall, self._stop, ticket, TaskError(Stop.STALL))

    def on_resumed(self, ticket: Ticket) -> None:
        """The client has caught up."""
        if ticket.deadline is not None:
            ticket.deadline.cancel()
            ticket.deadline = None
        self._arm(ticket)

    def on_error(self, worker: WorkerProcess, payload: bytes) -> None:
        """A worker refused its task."""
        ticket = worker.ticket
        if ticket is not None:
            code, detail = unpack_error(payload)
            self._release(worker, reusable=True)
            ticket.fail(TaskError(code, detail))

    def _release(self, worker: WorkerProcess, *, reusable: bool) -> None:
        """A worker is done with its ticket."""
        ticket = worker.ticket
        if ticket is None:
            return
        self._cancel_timers(ticket)
        self._leave(ticket)
        worker.ticket = ticket.worker = None
        if ticket.old and reusable:
            reusable = worker.foreground()
        if self._closing or not reusable:
            worker.dismiss()
        else:
            self._idle.append(worker)
        if len(self._queue) or not self._idle:
            self._dispatch()

    def _leave(self, ticket: Ticket) -> None:
        """Give back the place of a ticket."""
        if ticket.old:
            self._old -= 1
            if self._ripe:
                self._age(self._ripe.pop(0))
        else:
            self._young -= 1
            if ticket in self._ripe:
                self._ripe.remove(ticket)

    def on_lost(self, worker: WorkerProcess) -> None:
        """A process is gone: replace it; give its task to another one if that is safe."""
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not worker.ready:
            self._last_words = worker.verdict()[1].strip().rpartition("\n")[2]
            self._start_failed()
        ticket, worker.ticket = worker.ticket, None
        if ticket is not None:
            self._cancel_timers(ticket)
            self._leave(ticket)
            ticket.worker = None
            if not ticket.over:
                self._orphan(worker, ticket)
        if not self._workers:
            self._emptied.set()
        self._dispatch()

    def _orphan(self, worker: WorkerProcess, ticket: Ticket) -> None:
        """A worker died and its ticket is open."""
        outside = worker.was_killed_from_outside and not self._closing
        if outside and ticket.retries < _RETRIES and ticket.begin_again():
            self.counts.retried += 1
            self._queue.push_front(ticket)
            return
        number, words = worker.verdict()
        memory = "memory allocation" in words or "bad_alloc" in words or "MemoryError" in words
        code = Stop.MEMORY if memory or number in (signal.SIGKILL, signal.SIGABRT) else Stop.CRASH
        self.counts.stopped[code] += 1
        ticket.fail(TaskError(code, f"signal {number}"))
