"""The wire between the web process and its query workers: length-prefixed frames over a socket pair.

A task travels as one ``marshal`` frame (the worker trusts the web process); answers travel as frames with a fixed
header and raw bytes, so that nothing that a worker sends is ever interpreted as code or objects.
"""

from __future__ import annotations

import marshal
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

TASK_HEAD: Final = struct.Struct("!I")
ANSWER_HEAD: Final = struct.Struct("!BBIfQ")  # kind, flags, payload length, seconds of work, rows so far


class Op:
    """What a task asks for."""

    QUERY: Final = 0
    GRAPH: Final = 1  # all triples of the graph named in ``text``; ``""`` is the union of all


class Frame(IntEnum):
    """The kinds of answer frames."""

    DATA = 1  # a part of an answer, more follows
    LAST = 2  # the last part (often the only one)
    ERROR = 3  # no answer, or no rest of it: payload is ``code`` NUL ``message``


class Flag:
    """What is known of an answer, as bits of an ``int`` (an enumeration would cost microseconds in each request)."""

    NONE: Final = 0
    VOLATILE: Final = 1  # another call may give another answer: do not cache
    RETIRE: Final = 2  # the worker ends itself now: its memory has grown
    RDF: Final = 4  # a graph, not a table or boolean
    BOOLEAN: Final = 8


class Code:
    """Why there is no answer."""

    SYNTAX: Final = "syntax"
    UPDATE: Final = "update"
    DEPTH: Final = "depth"
    SERVICE: Final = "service"
    UNACCEPTABLE: Final = "unacceptable"
    EVALUATION: Final = "evaluation"
    BYTES: Final = "bytes"
    ROWS: Final = "rows"
    NO_GRAPH: Final = "no-graph"
    STORE: Final = "store"


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work. Graph lists are ``None`` where the request names none (protocol, section 2.1.4).

    ``results`` and ``rdf`` are format names (``""``: the client accepts none of that kind). Limits of 0 mean none.
    """

    text: str
    results: str = "json"
    rdf: str = "ttl"
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    byte_limit: int = 0
    row_limit: int = 0
    depth_limit: int = 100
    op: int = Op.QUERY


def pack_task(task: Task) -> bytes:
    """A task as one frame."""
    body = marshal.dumps(
        (
            task.text,
            task.results,
            task.rdf,
            task.default_graphs,
            task.named_graphs,
            task.byte_limit,
            task.row_limit,
            task.depth_limit,
            task.op,
        )
    )
    return TASK_HEAD.pack(len(body)) + body


def unpack_task(body: bytes) -> Task:
    """The inverse of :func:`pack_task`, without its head."""
    return Task(*marshal.loads(body))  # noqa: S302 - written by the parent process


def pack_error(code: str, message: str) -> bytes:
    """The payload of an error frame."""
    return f"{code}\0{message}".encode("utf-8", "replace")


def unpack_error(payload: bytes) -> tuple[str, str]:
    """(code, message) of an error frame."""
    code, _, message = payload.decode("utf-8", "replace").partition("\0")
    return code, message
