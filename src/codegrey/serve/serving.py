"""What is served now: one dataset version with its pool and its cache; and the move to the next version.

The new version's processes start beside the old ones; requests move over at once when they are ready; those that run
on the old version end there. A version that cannot be opened leaves the old one serving.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from codegrey.dataset import Dataset, open_dataset
from codegrey.errors import DatasetError
from codegrey.serve.cache import AnswerCache, Key
from codegrey.serve.limits import PoolLimits
from codegrey.serve.pool import Pool
from codegrey.serve.problems import Problem
from codegrey.serve.replay import Replay
from codegrey.serve.settings import ServeSettings
from codegrey.serve.ticket import TaskError
from codegrey.serve.upstream import UpstreamPool
from codegrey.settings import DEFAULT_BASE

_LOG = logging.getLogger("codegrey.serve")


Backend: TypeAlias = Pool | UpstreamPool


@dataclass(slots=True, eq=False)
class Serving:
    """One dataset version at work. ``memo`` keeps what was computed of it (catalogue, descriptions)."""

    dataset: Dataset
    pool: Backend
    cache: AnswerCache
    replay: Replay = field(default_factory=Replay)
    immutable: bool = True  # the data behind a version never change: answers may be kept and tagged
    leaders: dict[Key, asyncio.Future[Problem | None]] = field(default_factory=dict)  # queries that others wait for
    memo: dict[str, asyncio.Future[object]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The dataset's version."""
        return self.dataset.version


def pool_limits(settings: ServeSettings) -> PoolLimits:
    """The pool's share of the settings."""
    return PoolLimits(
        workers=settings.workers or max(2, os.cpu_count() or 2),
        slow_workers=settings.slow_workers,
        slow_after=settings.slow_after,
        time=settings.time_limit,
        memory=settings.memory_limit,
        first_bytes=settings.first_bytes,
        stall=settings.stall_limit,
        transfer=settings.transfer_limit,
        queue=settings.queue_limit,
        client_queue=settings.client_queue_limit,
        queue_seconds=settings.queue_seconds,
    )


async def open_serving(folder: Path, settings: ServeSettings) -> Serving:
    """Open the current version of a dataset folder and start its processes.

    :raises DatasetError: if there is no dataset, or its store cannot be opened.
    """
    if settings.upstream:
        return _upstream_serving(folder, settings)
    dataset = open_dataset(folder)
    pool = Pool(dataset.store_path, pool_limits(settings), base=dataset.base)
    try:
        await pool.start()
    except TaskError as error:
        raise DatasetError(f"{dataset.store_path}: {error.detail}") from None
    return Serving(dataset, pool, AnswerCache(limit=settings.cache_bytes, entry_limit=settings.cache_entry_bytes))


def _upstream_serving(folder: Path, settings: ServeSettings) -> Serving:
    """An upstream holds the data. A local dataset folder, where there is one, says which version of them."""
    pool = UpstreamPool(settings.upstream, pool_limits(settings))
    try:
        dataset, known = open_dataset(folder), True
    except DatasetError:
        dataset, known = Dataset(folder, {"version": "upstream", "base": DEFAULT_BASE}), False
    limit = settings.cache_bytes if known else 0
    return Serving(dataset, pool, AnswerCache(limit=limit, entry_limit=settings.cache_entry_bytes), immutable=known)


class Stage:
    """Holds the version that is served and moves to newer ones."""

    def __init__(self, folder: Path, settings: ServeSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving: Serving | None = None
        self.switches = 0

    @property
    def serving(self) -> Serving | None:
        """What is served now; ``None`` before :meth:`open` and after :meth:`close`."""
        return self._serving

    async def open(self) -> None:
        """Open the current version and keep watch for the next. :raises DatasetError:"""
        self._serving = await open_serving(self._folder, self._settings)
        self._keep(asyncio.create_task(self._watch()))

    async def close(self, grace: float) -> None:
        """Stop: running queries have ``grace`` seconds."""
        serving, self._serving = self._serving, None
        if serving is not None:
            await serving.pool.close(grace)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def refresh(self) -> bool:
        """Look for a new version and move to it; return whether there was one."""
        serving = self._serving
        if serving is None or not serving.immutable:
            return False
        try:
            if open_dataset(self._folder).version == serving.version:
                return False
            fresh = await open_serving(self._folder, self._settings)
        except DatasetError as error:
            _LOG.warning("keeping version %s: %s", serving.version, error)
            return False
        self._serving = fresh
        self.switches += 1
        _LOG.info("moved from version %s to %s", serving.version, fresh.version)
        self._keep(asyncio.create_task(self._retire(serving)))
        return True

    async def _retire(self, serving: Serving) -> None:
        """Let an old version finish; whatever cuts this short ends its processes at once."""
        try:
            await serving.pool.drain(self._settings.transfer_limit)
        finally:
            await serving.pool.close(0)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.watch_seconds)
            await self.refresh()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
