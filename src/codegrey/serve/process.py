"""One worker process as the event loop sees it: its socket, its frames, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from codegrey.serve.frames import ANSWER_HEAD, Frame
from codegrey.serve.ticket import Answer

if TYPE_CHECKING:
    from codegrey.serve.ticket import Ticket

_KEPT_VARIABLES: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")
_SOCKET_BUFFER: Final = 1024 * 1024
_BACKGROUND: Final = 10  # how much nicer a query is that is no longer young


class Owner(Protocol):
    """What a worker process reports to."""

    def on_ready(self, worker: WorkerProcess) -> None:
        """The store is open."""

    def on_answer(self, worker: WorkerProcess, answer: Answer) -> None:
        """A part of an answer came."""

    def on_paused(self, ticket: Ticket) -> None:
        """The client is behind."""

    def on_resumed(self, ticket: Ticket) -> None:
        """The client has caught up."""

    def on_error(self, worker: WorkerProcess, payload: bytes) -> None:
        """The worker refused or failed its task, and lives."""

    def on_lost(self, worker: WorkerProcess) -> None:
        """The process is gone."""


class WorkerProcess(asyncio.Protocol):
    """A process that evaluates one task at a time."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = -1
        self._thread = 0
        self.ready = False
        self.ticket: Ticket | None = None
        self.killed_for = ""  # the Stop code, where the parent killed it

    @property
    def pid(self) -> int:
        """The process id, 0 before it started."""
        return self._process.pid if self._process is not None else 0

    async def start(self, store: Path, *, base: str, memory: int, first_bytes: int) -> None:
        """Start the process; ``on_ready`` follows when it has opened the store."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BUFFER)
        self._errors = _scratch_file()
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        arguments = [str(theirs.fileno()), str(store), base, str(memory), str(first_bytes)]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "codegrey.serve.worker", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors if self._errors >= 0 else subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={**environment, "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"},
            )
        await asyncio.get_running_loop().create_connection(lambda: self, sock=ours)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's call."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """asyncio's call: cut the stream into frames."""
        buffer = self._buffer
        buffer += data
        size = ANSWER_HEAD.size
        while len(buffer) >= size:
            kind, flags, length, seconds, rows = ANSWER_HEAD.unpack_from(buffer)
            if len(buffer) < size + length:
                return
            payload = bytes(memoryview(buffer)[size : size + length])
            del buffer[: size + length]
            self._frame(kind, flags, payload, seconds, rows)

    def _frame(self, kind: int, flags: int, payload: bytes, seconds: float, rows: int) -> None:
        if not self.ready:
            self.ready = True
            self._thread = rows
            self._owner.on_ready(self)
        elif kind == Frame.ERROR:
            self._owner.on_error(self, payload)
        else:
            self._owner.on_answer(self, Answer(payload, flags, seconds, rows, kind == Frame.LAST))

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio's call."""
        self._reap(0)

    def _reap(self, attempt: int) -> None:
        """Wait for the exit status without blocking; a process that closed its socket and stays is killed."""
        if self._process is not None and self._process.poll() is None:
            if attempt == 20:
                self._process.kill()
            asyncio.get_running_loop().call_later(0.002 * (attempt + 1), self._reap, attempt + 1)
            return
        self._owner.on_lost(self)
        if self._errors >= 0:
            os.close(self._errors)
            self._errors = -1

    def send(self, frame: bytes) -> None:
        """Hand over a task."""
        if self._transport is not None:
            self._transport.write(frame)

    def pause(self) -> None:
        """Take no more parts: the worker will block when the socket is full."""
        if self._transport is not None and self.ticket is not None and not self.ticket.paused:
            self.ticket.paused = True
            self._transport.pause_reading()
            self._owner.on_paused(self.ticket)

    def resume(self) -> None:
        """Take parts again."""
        if self._transport is not None and self.ticket is not None and self.ticket.paused:
            self.ticket.paused = False
            self._transport.resume_reading()
            self._owner.on_resumed(self.ticket)

    def kill(self, reason: str) -> None:
        """End the process at once."""
        self.killed_for = self.killed_for or reason
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._transport is not None:
            self._transport.abort()

    def dismiss(self) -> None:
        """Let an idle process end by itself."""
        if self._transport is not None:
            self._transport.close()

    def background(self) -> None:
        """Give way to younger queries."""
        self._renice(os.getpriority(os.PRIO_PROCESS, 0) + _BACKGROUND)

    def foreground(self) -> bool:
        """Regain normal priority; return whether the system allows it."""
        return self._renice(os.getpriority(os.PRIO_PROCESS, 0))

    def _renice(self, value: int) -> bool:
        if not self._thread:
            return True
        try:
            os.setpriority(os.PRIO_PROCESS, self._thread, value)
        except OSError:
            return False
        return True

    def verdict(self) -> tuple[int, str]:
        """(signal that ended the process or 0, the end of what it wrote to standard error)."""
        status = self._process.returncode if self._process is not None else 0
        words = b""
        if self._errors >= 0:
            end = os.lseek(self._errors, 0, os.SEEK_END)
            words = os.pread(self._errors, 2000, max(0, end - 2000))
        return (-status if status is not None and status < 0 else 0), words.decode("utf-8", "replace")

    @property
    def was_killed_from_outside(self) -> bool:
        """Whether somebody else's SIGKILL (a person's, the kernel's) ended it."""
        return not self.killed_for and self.verdict()[0] == signal.SIGKILL


def _scratch_file() -> int:
    """A descriptor for the worker's standard error, in memory; -1 where the system has none."""
    return os.memfd_create("codegrey-worker") if hasattr(os, "memfd_create") else -1
