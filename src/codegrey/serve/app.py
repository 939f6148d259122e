"""The ASGI application: one table of paths, and what surrounds every request (log, metrics, CORS, errors)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

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
)
from codegrey.serve.metrics import Metrics
from codegrey.serve.problems import ProblemError, method_not_allowed, not_found, problem_response
from codegrey.serve.routes import Routes
from codegrey.serve.serving import Stage
from codegrey.serve.settings import ServeSettings

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
        route, handler = self._routes.find(request.path)
        try:
            response = await self._handle(request, handler)
        except ProblemError as error:
            response = problem_response(error.problem)
        except ClientGoneError:
            return
        response = Response(
            response.status,
            response.content_type,
            response.body,
            (*response.headers, *self._cors),
            response.rest,
            response.note,
        )
        size = len(response.body)
        try:
            size = await respond(response, request, send)
        except BrokenAnswerError as error:
            self._metrics.broken += 1
            response = Response(response.status, note=(*response.note, ("broken", str(error))))
        seconds = time.perf_counter() - began
        self._metrics.record(route, response.status, seconds, size)
        self._log.record(request, response, size=size, began=began, query=request.query)

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
