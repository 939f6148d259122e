"""Another SPARQL 1.1 server in place of local query processes: same front, same limits on time and size.

Its answers are taken in the format that the client gets (nothing is converted), with the same rules: the first part is
held back so that an error has a status, and what breaks off breaks off for the client too.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlencode, urlsplit

import h11

from codegrey.serve.formats import NAMES, Format
from codegrey.serve.frames import Code, Flag, Op, Task
from codegrey.serve.limits import PoolCounts, PoolLimits
from codegrey.serve.syntax import Analysis, Form, analyse
from codegrey.serve.ticket import Answer, Stop, TaskError, Ticket

_READ: Final = 128 * 1024
_MOST_DETAIL: Final = 500
_ROWS_UNKNOWN: Final = -1


class _Flow:
    """Holds an upstream's answer back while its client is behind."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def pause(self) -> None:
        self._open.clear()

    def resume(self) -> None:
        self._open.set()

    async def wait(self) -> None:
        await self._open.wait()


class UpstreamPool:
    """Answers tasks by asking the endpoint at ``url``. The same interface as :class:`codegrey.serve.pool.Pool`."""

    def __init__(self, url: str, limits: PoolLimits) -> None:
        self._url = url
        self._limits = limits
        self._places = asyncio.Semaphore(limits.workers + limits.slow_workers)
        self._tasks: dict[Ticket, asyncio.Task[None]] = {}
        self._running = 0
        self._closing = False
        self.counts = PoolCounts()

    async def start(self) -> None:
        """Nothing to start: the upstream may come later than we do."""

    async def close(self, grace: float) -> None:
        """Take nothing new; let running queries end for ``grace`` seconds, then stop."""
        self._closing = True
        tasks = list(self._tasks.values())
        if tasks and grace > 0:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self, limit: float) -> None:
        """Let what is in hand end."""
        await self.close(limit)

    @property
    def load(self) -> dict[str, int]:
        """How many tasks run and wait."""
        return {"running": self._running, "queued": len(self._tasks) - self._running}

    @property
    def pids(self) -> tuple[int, ...]:
        """No processes."""
        return ()

    def submit(self, task: Task, client: str = "") -> Ticket:
        """Hand in a task. :raises TaskError: if too many wait, or the server ends."""
        if self._closing:
            raise TaskError(Stop.CLOSING, retry_after=5)
        if len(self._tasks) - self._running >= self._limits.queue:
            raise TaskError(Stop.QUEUE, retry_after=2)
        loop = asyncio.get_running_loop()
        ticket = Ticket(b"", client, loop.create_future())
        self.counts.tasks += 1
        self._tasks[ticket] = loop.create_task(self._run(ticket, task))
        loop.call_later(self._limits.slow_after, ticket.waits)
        return ticket

    def abort(self, ticket: Ticket, reason: str = Stop.GONE) -> None:
        """End a ticket whose client is gone."""
        if ticket.over:
            return
        ticket.fail(TaskError(reason))
        self.counts.stopped[reason] += 1
        task = self._tasks.get(ticket)
        if task is not None:
            task.cancel()

    async def _run(self, ticket: Ticket, task: Task) -> None:
        try:
            async with self._places:
                self._running += 1
                try:
                    await self._answer(ticket, task)
                finally:
                    self._running -= 1
        except TaskError as error:
            self._stop(ticket, error)
        except TimeoutError:
            self._stop(ticket, TaskError(Stop.TIME))
        except (OSError, h11.RemoteProtocolError, asyncio.IncompleteReadError) as error:
            self._stop(ticket, TaskError(Stop.UPSTREAM, type(error).__name__))
        except asyncio.CancelledError:
            self._stop(ticket, TaskError(Stop.CLOSING))
            raise
        finally:
            self._tasks.pop(ticket, None)

    def _stop(self, ticket: Ticket, error: TaskError) -> None:
        if not ticket.over:
            self.counts.stopped[error.code] += 1
        ticket.fail(error)

    async def _answer(self, ticket: Ticket, task: Task) -> None:
        analysis = analyse(task.text) if task.op == Op.QUERY else None
        text = task.text if analysis is not None else _graph_query(task.text)
        chosen, flags = _expected(task, analysis)
        loop = asyncio.get_running_loop()
        began = loop.time()
        flow = _Flow()
        ticket.flow = flow
        size = 0
        first = bytearray()
        async with asyncio.timeout(self._limits.time or None) as clock:
            async for part in _ask(self._url, _form(task, text), chosen):
                size += len(part)
                if task.byte_limit and size > task.byte_limit:
                    raise TaskError(Code.BYTES)
                if not ticket.first.done():
                    first += part
                    if len(first) >= self._limits.first_bytes:
                        ticket.deliver(Answer(bytes(first), flags, loop.time() - began, _ROWS_UNKNOWN, complete=False))
                        clock.reschedule(loop.time() + self._limits.transfer)
                else:
                    ticket.deliver(Answer(part, flags, loop.time() - began, _ROWS_UNKNOWN, complete=False))
                    if ticket.full:
                        flow.pause()
                        await flow.wait()
        rest = b"" if ticket.first.done() else bytes(first)
        ticket.deliver(Answer(rest, flags, loop.time() - began, _ROWS_UNKNOWN, complete=True))


def _graph_query(graph: str) -> str:
    pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"


def _expected(task: Task, analysis: Analysis | None) -> tuple[Format, int]:
    """The format to ask for and what the answer is. :raises TaskError: for what is refused before anybody is asked."""
    flags = Flag.RDF
    if analysis is not None:
        if analysis.form is Form.UPDATE:
            raise TaskError(Code.UPDATE)
        if task.depth_limit and analysis.depth > task.depth_limit:
            raise TaskError(Code.DEPTH)
        if analysis.services:
            raise TaskError(Code.SERVICE, " ".join(analysis.services))
        if analysis.form not in (Form.CONSTRUCT, Form.DESCRIBE):
            flags = Flag.BOOLEAN if analysis.form is Form.ASK else Flag.NONE
        if analysis.volatile:
            flags |= Flag.VOLATILE
    name = task.rdf if flags & Flag.RDF else task.results
    if not name:
        raise TaskError(Code.UNACCEPTABLE, Code.UNACCEPTABLE if flags & Flag.RDF else "")
    return NAMES[name], flags


def _form(task: Task, text: str) -> bytes:
    pairs = [("query", text)]
    pairs += [("default-graph-uri", iri) for iri in task.default_graphs or ()]
    pairs += [("named-graph-uri", iri) for iri in task.named_graphs or ()]
    return urlencode(pairs).encode()


async def _ask(url: str, body: bytes, chosen: Format) -> AsyncIterator[bytes]:
    """The parts of the upstream's answer.

    :raises TaskError: if it refuses, or answers in another format.
    """
    parts = urlsplit(url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure, limit=_READ
    )
    try:
        connection = h11.Connection(h11.CLIENT)
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        headers = [
            ("host", parts.netloc.rpartition("@")[2]), ("accept", chosen.media_types[0]), ("connection", "close"),
            ("content-type", "application/x-www-form-urlencoded"), ("content-length", str(len(body))),
        ]  # fmt: skip
        request = h11.Request(method="POST", target=target, headers=headers)
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        async for part in _body(connection, reader, chosen):
            yield part
    finally:
        writer.close()


async def _body(connection: h11.Connection, reader: asyncio.StreamReader, chosen: Format) -> AsyncIterator[bytes]:
    refusal: bytearray | None = None
    status = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Response):
            status = event.status_code
            kind = dict(event.headers).get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
            refusal = None if status == 200 and kind in chosen.media_types else bytearray(kind.encode() + b": ")
        elif isinstance(event, h11.Data):
            if refusal is None:
                yield bytes(event.data)
            else:
                refusal += event.data[:_MOST_DETAIL]
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    if refusal is not None:
        detail = refusal[:_MOST_DETAIL].decode("utf-8", "replace")
        raise TaskError(Code.SYNTAX if 400 <= status < 500 else Stop.UPSTREAM, f"{status} {detail}")
