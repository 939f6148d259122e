"""Questions that the server asks its own store, for pages and hints: small tables, read whole."""

from __future__ import annotations

import asyncio

from codegrey.serve.frames import Task
from codegrey.serve.serving import Backend
from codegrey.serve.tables import Row, parse_table


async def rows(pool: Backend, query: str, *, client: str = "", seconds: float = 0.0) -> list[Row]:
    """The rows of a SELECT query, unbound variables left out.

    :param seconds: give up after this time (0: the pool's own limit).
    :raises TaskError: if there is no answer; ``TimeoutError`` after ``seconds``.
    """
    ticket = pool.submit(Task(query, "json", "nt"), client)
    try:
        async with asyncio.timeout(seconds or None):
            answer = await ticket.first
            parts = [answer.body, *[part async for part in ticket.parts()]]
    except (TimeoutError, asyncio.CancelledError):
        pool.abort(ticket)
        raise
    return parse_table(b"".join(parts))[1]


async def some(pool: Backend, pattern: str, *, client: str = "", seconds: float = 0.0) -> bool:
    """Whether a graph pattern has a solution that binds ``?p``. Raises as :func:`rows` does."""
    query = f"SELECT ?p WHERE {{ {pattern} }} LIMIT 1"
    return any(row for row in await rows(pool, query, client=client, seconds=seconds))
