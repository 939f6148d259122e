"""Running the server (uvicorn) and single queries, for the command line."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from codegrey.dataset import open_dataset
from codegrey.errors import QueryError, QueryLimitError, ServiceError, UsageError
from codegrey.serve.app import Application, create_app
from codegrey.serve.endpoint import query_problem
from codegrey.serve.formats import Kind, named
from codegrey.serve.frames import Code, Task
from codegrey.serve.limits import PoolLimits
from codegrey.serve.pool import Pool
from codegrey.serve.service import Service
from codegrey.serve.settings import ServeSettings
from codegrey.serve.ticket import Stop, TaskError

_BACKLOG = 2048
_LIMITS = frozenset({Stop.TIME, Stop.MEMORY, Code.BYTES, Code.ROWS, Code.DEPTH})


def serve(dataset_dir: Path, settings: ServeSettings, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve a dataset folder until a signal says stop.

    :raises DatasetError: at once, if there is no dataset.
    :raises ServiceError: if the store cannot be opened.
    """
    if not settings.upstream:
        open_dataset(dataset_dir)
    app = create_app(dataset_dir, settings)
    config = uvicorn.Config(
        Service(app, settings),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=int(settings.graceful_seconds) + 5,
        timeout_keep_alive=30,
        ws="none",
        lifespan="on",
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_broken_answer)
    server = _Server(config, app, settings.graceful_seconds)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise ServiceError(f"the server could not start on {host}:{port}")


def _is_no_broken_answer(record: logging.LogRecord) -> bool:
    """Leave out uvicorn's words for an answer that was broken off: the access log and the metrics say why."""
    return "without completing response" not in record.getMessage()


class _Server(uvicorn.Server):
    """Ends running queries with an answer of their own (503) when their time after the stop signal is over."""

    def __init__(self, config: uvicorn.Config, app: Application, grace: float) -> None:
        super().__init__(config)
        self._app = app
        self._grace = grace

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called once, when a signal has said stop."""
        closing = asyncio.create_task(self._app.stage.close(self._grace))
        await super().shutdown(sockets)
        await closing


def run_query(
    dataset_dir: Path,
    text: str,
    *,
    format_name: str = "csv",
    time_limit: float = 0.0,
    memory_limit: int = 0,
) -> bytes:
    """Answer one query on a dataset in a process of its own; no limits unless they are given.

    ``format_name`` is a name or media type of :mod:`codegrey.serve.formats`. A graph (CONSTRUCT, DESCRIBE) asked for
    in a table's format comes as Turtle, a table asked for in a graph's format as JSON.

    :raises UsageError: for an unknown format.
    :raises DatasetError: if there is no dataset.
    :raises QueryError: if the query is wrong; :class:`QueryLimitError` if it met a limit.
    """
    results, rdf = named(format_name, Kind.RESULTS), named(format_name, Kind.RDF)
    if results is None and rdf is None:
        raise UsageError(f"unknown format {format_name!r}")
    task = Task(text, results.name if results else "json", rdf.name if rdf else "ttl", depth_limit=0)
    limits = PoolLimits(workers=1, slow_workers=1, time=time_limit, memory=memory_limit)
    dataset = open_dataset(dataset_dir)
    return asyncio.run(_query(Pool(dataset.store_path, limits, base=dataset.base), task, limits))


async def _query(pool: Pool, task: Task, limits: PoolLimits) -> bytes:
    await pool.start()
    try:
        ticket = pool.submit(task)
        parts = [(await ticket.first).body]
        parts.extend([part async for part in ticket.parts()])
    except TaskError as error:
        raise _shown(error, task.text, limits) from None
    finally:
        await pool.close(0)
    return b"".join(parts)


def _shown(error: TaskError, query: str, limits: PoolLimits) -> QueryError:
    values: dict[str, Any] = {"time_limit": limits.time, "memory_limit": limits.memory}
    problem = query_problem(error, query, ServeSettings(**values))
    message = " ".join(part for part in (problem.title, problem.detail, problem.hint) if part)
    return (QueryLimitError if error.code in _LIMITS else QueryError)(message)
