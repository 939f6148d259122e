"""Answering one SPARQL operation: cache, pool, compression, headers. The hot path of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final, TypeAlias

from codegrey.errors import QueryError, ServiceError
from codegrey.serve.cache import Entry, Key
from codegrey.serve.compress import available, compressed, compressed_parts
from codegrey.serve.federation import federate, find_clauses
from codegrey.serve.formats import NAMES, Format
from codegrey.serve.frames import Code, Flag, Op, Task
from codegrey.serve.http import BrokenAnswerError, Request, Response
from codegrey.serve.negotiate import coding
from codegrey.serve.problems import Problem, ProblemError, bad_request, service_failed, task_problem
from codegrey.serve.protocol import Operation
from codegrey.serve.remote import Bindings, RemoteLimits, parse_bindings
from codegrey.serve.serving import Serving
from codegrey.serve.settings import ServeSettings
from codegrey.serve.teaching import syntax_problem
from codegrey.serve.ticket import Answer, TaskError, Ticket

_OF_THE_MOMENT: Final = frozenset({"queue-limit", "overload", "closing", "client-gone", "store", "upstream"})
Explain: TypeAlias = Callable[[str, Serving], Awaitable[str]]
_VARY: Final = (b"vary", b"Accept, Accept-Encoding")


def task_of(operation: Operation, settings: ServeSettings, op: int = Op.QUERY) -> Task:
    """The worker's task of an operation."""
    return Task(
        operation.query,
        operation.results,
        operation.rdf,
        operation.default_graphs,
        operation.named_graphs,
        settings.byte_limit,
        settings.row_limit,
        settings.depth_limit,
        op,
    )


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation on its way to an answer."""

    request: Request
    operation: Operation
    serving: Serving
    op: int
    key: Key
    etag: bytes
    explain: Explain | None
    volatile: bool = False

    def format(self, flags: int) -> Format:
        """The format of the answer."""
        return NAMES[self.operation.rdf if flags & Flag.RDF else self.operation.results]


class Endpoint:
    """Answers operations on a dataset version."""

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._codings = available()
        self._freshness = (
            b"cache-control",
            b"public, max-age=%d" % settings.max_age if settings.max_age else b"public, no-cache",
        )

    async def answer(
        self,
        request: Request,
        operation: Operation,
        serving: Serving,
        *,
        op: int = Op.QUERY,
        explain: Explain | None = None,
    ) -> Response:
        """Answer an operation. ``explain`` may say why an answer is empty; that goes into a header.

        :raises ProblemError: when there is no answer.
        """
        key = (operation.query, operation.default_graphs, operation.named_graphs, operation.results, operation.rdf, op)
        etag = entity_tag(serving.version, request, operation) if serving.immutable else b""
        if etag and matches(request.header("if-none-match"), etag):
            return Response(
                304, "", headers=(_VARY, (b"etag", etag), self._freshness), note=(("cache", "revalidated"),)
            )
        call = _Call(request, operation, serving, op, key, etag, explain)
        entry = await self._kept(call)
        if entry is None:
            return await self._led(call)
        headers = (*self._headers(etag), *_hint(entry.hint))
        note = (("cache", "hit"), ("rows", entry.rows))
        content_type = call.format(entry.flags).content_type
        response = Response(200, content_type, entry.body, headers, note=note, repeatable=True)
        return await self._encoded(call, response, entry)

    async def _kept(self, call: _Call) -> Entry | None:
        """The answer from the cache; if the same query is being answered already, wait for that first."""
        entry = call.serving.cache.get(call.key)
        leader = call.serving.leaders.get(call.key)
        if entry is None and leader is not None:
            problem = await asyncio.shield(leader)
            if problem is not None:
                raise ProblemError(problem)
            entry = call.serving.cache.get(call.key)
        return entry

    async def _led(self, call: _Call) -> Response:
        """Answer a query while others that ask the same wait."""
        leaders = call.serving.leaders
        if call.key in leaders:
            return await self._from_pool(call)
        leader = leaders[call.key] = asyncio.get_running_loop().create_future()
        problem: Problem | None = None
        try:
            return await self._from_pool(call)
        except ProblemError as error:
            problem = error.problem if error.problem.kind not in _OF_THE_MOMENT else None
            raise
        finally:
            leader.set_result(problem)
            del leaders[call.key]

    async def _from_pool(self, call: _Call) -> Response:
        watch = Watch(call.request, call.serving)
        try:
            answer = await self._first(call, watch)
        except TaskError as error:
            watch.end()
            if error.code == Code.SERVICE and self._settings.service_allow:
                return await self._from_pool(await federated(call, self._settings))
            raise ProblemError(query_problem(error, call.operation.query, self._settings)) from None
        except asyncio.CancelledError:
            watch.abandon()
            raise
        if call.volatile:
            answer = replace(answer, flags=answer.flags | Flag.VOLATILE)
        volatile = bool(answer.flags & Flag.VOLATILE)
        response = Response(
            200,
            call.format(answer.flags).content_type,
            answer.body,
            headers=(*self._headers(b"" if volatile else call.etag, volatile=volatile), _timing(answer)),
            note=(("cache", "miss"), ("rows", answer.rows), ("seconds", round(answer.seconds, 6))),
        )
        return await self._deliver(call, response, answer, watch)

    async def _first(self, call: _Call, watch: Watch) -> Answer:
        ticket = call.serving.pool.submit(task_of(call.operation, self._settings, call.op), call.request.client)
        watch.over(ticket)
        return await ticket.first

    async def _deliver(self, call: _Call, response: Response, answer: Answer, watch: Watch) -> Response:
        if answer.complete:
            watch.end()
            hint = await self._hint(call, answer)
            entry = Entry(answer.body, answer.flags, answer.rows, hint)
            if hint:
                response = replace(response, headers=(*response.headers, *_hint(hint)))
            if not answer.flags & Flag.VOLATILE:
                call.serving.cache.put(call.key, entry)
            return await self._encoded(call, response, entry)
        if call.request.method == "HEAD":
            watch.abandon()
            return response
        watch.stay()
        return self._streamed(call.request, response, watch.parts())

    @staticmethod
    async def _hint(call: _Call, answer: Answer) -> str:
        if answer.rows or call.explain is None or answer.flags & Flag.BOOLEAN:
            return ""
        return await call.explain(call.operation.query, call.serving)

    def _headers(self, etag: bytes, *, volatile: bool = False) -> tuple[tuple[bytes, bytes], ...]:
        headers = (_VARY, (b"cache-control", b"no-store") if volatile else self._freshness)
        return (*headers, (b"etag", etag)) if etag else headers

    def _coding(self, request: Request) -> str:
        wanted = request.header("accept-encoding")
        return coding(wanted, self._codings) if wanted else ""

    async def _encoded(self, call: _Call, response: Response, entry: Entry) -> Response:
        """A complete answer in the coding that the client likes; compressed once."""
        name = self._coding(call.request)
        if not name or len(response.body) <= self._settings.compress_over:
            return response
        body = entry.encoded.get(name)
        if body is None:
            body = await compressed(name, response.body)
            call.serving.cache.encode(call.key, entry, name, body)
        return replace(response, body=body, headers=(*response.headers, (b"content-encoding", name.encode())))

    def _streamed(self, request: Request, response: Response, parts: AsyncIterator[bytes]) -> Response:
        name = self._coding(request)
        if not name:
            return replace(response, rest=parts)
        headers = (*response.headers, (b"content-encoding", name.encode()))
        return replace(response, body=b"", rest=compressed_parts(name, response.body, parts), headers=headers)


async def federated(call: _Call, settings: ServeSettings) -> _Call:
    """The same call with its SERVICE clauses answered.

    :raises ProblemError: 403 for an endpoint that is not allowed, 502 for one that fails.
    """
    limits = RemoteLimits(
        settings.service_allow, settings.service_time_limit, settings.service_byte_limit, settings.service_private
    )
    query = call.operation.query

    async def local(text: str) -> Bindings | None:
        task = task_of(Operation(text, None, None, "json", "ttl"), settings)
        ticket = call.serving.pool.submit(task, call.request.client)
        answer = await ticket.first
        if not answer.complete:
            call.serving.pool.abort(ticket)
            return None
        return parse_bindings(answer.body, "")

    try:
        refused = [clause.url for clause in find_clauses(query) if clause.url not in settings.service_allow]
        if refused:
            raise ProblemError(task_problem(TaskError(Code.SERVICE, refused[0]), settings))
        answered = await federate(query, limits, local=local)
    except TaskError as error:
        raise ProblemError(query_problem(error, query, settings)) from None
    except QueryError as error:
        raise ProblemError(bad_request("service", "The SERVICE clause cannot be evaluated here.", str(error))) from None
    except ServiceError as error:
        raise ProblemError(service_failed(str(error))) from None
    return replace(call, operation=replace(call.operation, query=answered), volatile=True)


def query_problem(error: TaskError, query: str, settings: ServeSettings) -> Problem:
    """The problem of a query without an answer."""
    return syntax_problem(query, error.detail) if error.code == Code.SYNTAX else task_problem(error, settings)


class Watch:
    """Watches for the client's leaving while its query waits, runs long or streams; then the query ends too."""

    def __init__(self, request: Request, serving: Serving) -> None:
        self._request = request
        self._serving = serving
        self._ticket: Ticket | None = None
        self._task: asyncio.Task[None] | None = None

    def over(self, ticket: Ticket) -> None:
        """Watch over a ticket, once it turns out to take long: most are answered before."""
        self._ticket = ticket
        ticket.on_wait = self.stay

    def stay(self) -> None:
        """Watch from now on."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        await self._request.gone()
        self._task = None
        self.abandon()

    def end(self) -> None:
        """The answer is complete."""
        if self._ticket is not None:
            self._ticket.on_wait = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def abandon(self) -> None:
        """Nobody wants the answer any more."""
        self.end()
        if self._ticket is not None:
            self._serving.pool.abort(self._ticket)

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts after the first. :raises BrokenAnswerError: when the answer breaks off."""
        ticket = self._ticket
        if ticket is None:
            return
        try:
            async for part in ticket.parts():
                yield part
        except TaskError as error:
            raise BrokenAnswerError(error.code) from None
        finally:
            self.abandon()


def _hint(text: str) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"x-query-hint", text.encode("ascii", "backslashreplace")),) if text else ()


def _timing(answer: Answer) -> tuple[bytes, bytes]:
    return (b"server-timing", b"query;dur=%.3f" % (answer.seconds * 1000))


def entity_tag(version: str, request: Request, operation: Operation) -> bytes:
    """A weak entity tag: versions are immutable, so version, URL or query, and formats determine the answer.

    None (``b""``) for a POST, whose answers nobody can ask for again by URL.
    """
    if request.method == "POST":
        return b""
    seed = request.query_string if request.method != "QUERY" else repr(operation).encode("utf-8", "backslashreplace")
    formats = f"{request.path} {operation.results} {operation.rdf} "
    digest = blake2b(formats.encode() + seed, digest_size=12).hexdigest()
    return f'W/"{version}-{digest}"'.encode()


def matches(header: str, etag: bytes) -> bool:
    """Whether ``If-None-Match`` names the tag (weak comparison, RFC 9110, section 13.1.2)."""
    if not header:
        return False
    opaque = etag.decode().removeprefix("W/")
    return any(item.strip().removeprefix("W/") == opaque for item in header.split(","))
