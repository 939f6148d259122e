"""The ASGI application: one table of paths, and what surrounds every request (log, metrics, CORS, errors)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeAlias

from codegrey.errors import CodegreyError
from codegrey.serve.access import AccessLog
from codegrey.serve.http import (
    BrokenAnswerError,
    ClientGoneError,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    respond,
    start_of,
)
from codegrey.serve.metrics import Metrics
from codegrey.serve.problems import ProblemError, method_not_allowed, not_found, problem_response
from codegrey.serve.replay import Finished, key_of
from codegrey.serve.routes import Routes
from codegrey.serve.serving import Stage
from codegrey.serve.settings import ServeSettings

_REPLAYED: Final = (("cache", "replay"),)
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class Application:
    """A dataset folder, served. An ASGI 3 application with a lifespan."""

    def __init__(self, folder: Path, settings: ServeSettings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._log = AccessLog(settings.access_log, with_queries=settings.log_queries)
        self.stage = Stage(folder, settings)
        self._routes = Routes(self.stage, settings, self._metrics)
        self._cors = _cors(settings.cors_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event or request."""
        if scope["type"] == "http":
            await self._http(Request(scope, receive), send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.stage.open()
        except CodegreyError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stage.close(self._settings.graceful_seconds)
        self._log.flush()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, request: Request, send: Send) -> None:
        began = time.perf_counter()
        serving = self.stage.serving
        key = key_of(request.scope)
        finished = serving.replay.get(key) if serving is not None and key is not None else None
        if serving is not None and finished is not None:
            await send(finished.start)
            await send(finished.body)
            serving.cache.hits += 1
            self._note(request, finished.response, finished.size, began=began, query=finished.query, route=request.path)
            return
        route, handler = self._routes.find(request.path)
        try:
            response = await self._handle(request, handler)
        except ProblemError as error:
            response = problem_response(error.problem)
        except ClientGoneError:
            return
        if serving is not None and key is not None and response.repeatable:
            serving.replay.put(key, self._finish(request, response))
        size = len(response.body)
        try:
            size = await respond(response, request, send, self._cors)
        except BrokenAnswerError as error:
            self._metrics.broken += 1
            response = Response(response.status, note=(*response.note, ("broken", str(error))))
        self._note(request, response, size, began=began, query=request.query, route=route)

    def _note(self, request: Request, response: Response, size: int, *, began: float, query: str, route: str) -> None:
        self._metrics.record(route, response.status, time.perf_counter() - began, size)
        self._log.record(request, response, size=size, began=began, query=query)

    def _finish(self, request: Request, response: Response) -> Finished:
        """The response as it is replayed: the same headers but for the time that evaluation took."""
        headers = tuple(pair for pair in response.headers if pair[0] != b"server-timing")
        again = Response(response.status, response.content_type, response.body, headers, note=_REPLAYED)
        body = {"type": "http.response.body", "body": response.body}
        return Finished(start_of(again, self._cors), body, len(response.body), again, request.query)

    async def _handle(self, request: Request, handler: Handler | None) -> Response:
        if request.method == "OPTIONS":
            return self._options(request)
        if handler is None:
            raise ProblemError(not_found(request.path))
        if request.method not in self._routes.methods(request.path):
            raise ProblemError(method_not_allowed(self._routes.methods(request.path)))
        return await handler(request)

    def _options(self, request: Request) -> Response:
        methods = ", ".join(self._routes.methods(request.path))
        response = Response(204, "").with_headers(("allow", methods), ("vary", "Origin"))
        if not self._settings.cors_origin:
            return response
        return response.with_headers(
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", "Accept, Accept-Language, Content-Type, If-None-Match"),
            ("access-control-max-age", "86400"),
        )


def _cors(origin: str) -> tuple[tuple[bytes, bytes], ...]:
    if not origin:
        return ()
    return (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", b"ETag, Retry-After, Server-Timing, X-Query-Hint, Link"),
    )


def create_app(dataset_dir: Path, settings: ServeSettings | None = None) -> Application:
    """The application that serves a dataset folder; processes start with its lifespan.

    Nothing is read before that: a missing dataset fails the startup with one line.
    """
    return Application(dataset_dir, settings or ServeSettings())
