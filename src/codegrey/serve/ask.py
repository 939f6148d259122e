"""Questions that the server asks its own store, for pages and hints: small tables, read whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from codegrey.serve.frames import Flag, Task
from codegrey.serve.html import Cell, parse_field
from codegrey.serve.serving import Backend

Row = dict[str, Cell]


async def rows(pool: Backend, query: str, *, client: str = "", seconds: float = 0.0) -> list[Row]:
    """The rows of a SELECT query, unbound variables left out.

    :param seconds: give up after this time (0: the pool's own limit).
    :raises TaskError: if there is no answer; ``TimeoutError`` after ``seconds``.
    """
    body, _ = await _whole(pool, Task(query, "tsv", "nt"), client=client, seconds=seconds)
    lines = body.decode("utf-8", "replace").split("\n")
    names = [name.lstrip("?") for name in lines[0].split("\t")]
    return [_row(names, line) for line in lines[1:] if line or len(names) == 1]


async def yes(pool: Backend, query: str, *, client: str = "", seconds: float = 0.0) -> bool:
    """The answer of an ASK query. Raises as :func:`rows` does."""
    body, flags = await _whole(pool, Task(query, "csv", "nt"), client=client, seconds=seconds)
    return bool(flags & Flag.BOOLEAN) and body == b"true"


def _row(names: Iterable[str], line: str) -> Row:
    cells = zip(names, (parse_field(field) for field in line.split("\t")), strict=False)
    return {name: cell for name, cell in cells if cell.kind}


async def _whole(pool: Backend, task: Task, *, client: str, seconds: float) -> tuple[bytes, int]:
    ticket = pool.submit(task, client)
    try:
        async with asyncio.timeout(seconds or None):
            answer = await ticket.first
            parts = [answer.body, *[part async for part in ticket.parts()]]
    except (TimeoutError, asyncio.CancelledError):
        pool.abort(ticket)
        raise
    return b"".join(parts), answer.flags
