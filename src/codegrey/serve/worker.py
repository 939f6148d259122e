"""A query process: opens one store read-only and answers tasks from a socket until that closes.

Run as ``python -m codegrey.serve.worker FD STORE BASE MEMORY FIRST_BYTES``; relative IRIs of a query stand below BASE.
 Evaluation, serialisation and the end of a
result happen in one call on one thread (a pyoxigraph result that crosses threads aborts the process). Nothing here
watches the clock: the parent kills a worker whose time is up.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

import pyoxigraph as ox

from codegrey.serve import sandbox
from codegrey.serve.counting import RowCounter
from codegrey.serve.formats import NAMES
from codegrey.serve.frames import (
    ANSWER_HEAD,
    TASK_HEAD,
    Code,
    Flag,
    Frame,
    Op,
    Task,
    pack_error,
    unpack_task,
)
from codegrey.serve.syntax import PLAIN, Analysis, Form, analyse, is_plain, prefixes, with_projection
from codegrey.vocab import PREFIXES

_STACK: Final = 256 * 1024 * 1024  # address space only: deep queries need it
_PART: Final = 128 * 1024
_GROWN: Final = 192 * 1024 * 1024  # resident memory beyond which a worker is replaced when it is free
_NATIVE: Final = frozenset({"nt", "nq"})
_PREFIXED: Final = frozenset({"ttl", "trig", "n3"})
_LOOK_AHEAD: Final = 500  # triples that decide which prefixes are declared
_NAME: Final = re.compile(r"[^#/]*$")
_SOCKET_BUFFER: Final = 1024 * 1024


class _RefusedError(Exception):
    """A task that gets an error frame."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Output:
    """The file that the store writes into: gathers parts, counts bytes and rows, sends frames."""

    def __init__(self, wire: socket.socket, task: Task, first: int) -> None:
        self._wire = wire
        self._task = task
        self._part = bytearray()
        self._room = first
        self._sent = 0
        self._counter = RowCounter("")
        self._began = time.perf_counter()
        self._lines = False
        self.flags: int = Flag.NONE

    def start(self, format_name: str, flags: int) -> None:
        """Say what is going to be written."""
        self._counter = RowCounter(format_name)
        self.flags |= flags

    def count(self, rows: int = 1) -> None:
        """Count rows that no serialisation marks."""
        self._counter.rows += rows
        self._check_rows()

    def count_lines(self) -> None:
        """From now on a line is a row, as the store writes Turtle (a list of objects is one line)."""
        self._lines = True

    def write(self, data: bytes) -> int:
        """Take what the store wrote; raise once a limit is met."""
        self._part += data
        if self._lines:
            self._counter.rows += data.count(b"\n")
        if len(self._part) >= self._room:
            self._flush(Frame.DATA)
            self._room = _PART
        return len(data)

    def flush(self) -> None:
        """Part of the file interface; parts are sent when they are full."""

    def _check_rows(self) -> None:
        if self._task.row_limit and self._counter.rows > self._task.row_limit:
            raise _RefusedError(Code.ROWS)

    def _flush(self, kind: Frame) -> None:
        self._counter.feed(self._part)
        self._check_rows()
        self._sent += len(self._part)
        if self._task.byte_limit and self._sent > self._task.byte_limit:
            raise _RefusedError(Code.BYTES)
        self.send(kind, self._part)
        self._part = bytearray()

    def close(self) -> None:
        """Send the last part."""
        self._flush(Frame.LAST)

    def send(self, kind: Frame, payload: bytes | bytearray) -> None:
        """Send one frame."""
        seconds = time.perf_counter() - self._began
        head = ANSWER_HEAD.pack(kind, self.flags, len(payload), seconds, self._counter.rows)
        self._wire.sendall(head + payload)


def _nodes(iris: tuple[str, ...]) -> list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise _RefusedError(Code.EVALUATION, f"a graph name is not an IRI: {error}") from None


def _check(task: Task, analysis: Analysis) -> None:
    if analysis.form is Form.UPDATE:
        raise _RefusedError(Code.UPDATE)
    if task.depth_limit and analysis.depth > task.depth_limit:
        raise _RefusedError(Code.DEPTH, str(analysis.depth))
    if analysis.services:
        raise _RefusedError(Code.SERVICE, " ".join(analysis.services))
    wants_rdf = analysis.form in (Form.CONSTRUCT, Form.DESCRIBE)
    if analysis.form is not Form.UNKNOWN and not (task.rdf if wants_rdf else task.results):
        raise _RefusedError(Code.UNACCEPTABLE, Code.UNACCEPTABLE if wants_rdf else "")


class Worker:
    """One store and the socket on which its tasks come."""

    def __init__(self, wire: socket.socket, store: ox.Store, base: str, first: int) -> None:
        self._wire = wire
        self._base = base or None
        self._store = store
        self._empty = ox.Store()
        self._first = first
        self._grown = sandbox.memory_pages()[1] * 4096 + _GROWN

    def run(self) -> None:
        """Answer tasks until the parent closes the socket or this worker has grown too large."""
        while (body := self._next()) is not None and self._answer(unpack_task(body)):
            pass

    def _next(self) -> bytes | None:
        """The next task; ``None`` when there are no more. One comes at a time, mostly in one piece."""
        data = self._wire.recv(_PART)
        while len(data) < TASK_HEAD.size or len(data) < TASK_HEAD.size + TASK_HEAD.unpack_from(data)[0]:
            part = self._wire.recv(_PART)
            if not part:
                return None
            data += part
        return data[TASK_HEAD.size :]

    def _answer(self, task: Task) -> bool:
        """Answer one task; return whether the worker can go on."""
        output = _Output(self._wire, task, self._first)
        began = time.perf_counter()
        try:
            if task.op == Op.GRAPH:
                self._graph(task, output)
            else:
                self._query(task, output)
            # a short task cannot have grown much: reading /proc would cost more than it did
            if time.perf_counter() - began > 0.02 and sandbox.memory_pages()[1] * 4096 > self._grown:
                output.flags |= Flag.RETIRE
            output.close()
        except _RefusedError as refused:
            output.send(Frame.ERROR, pack_error(refused.code, refused.message))
        except SyntaxError as error:
            output.send(Frame.ERROR, pack_error(Code.SYNTAX, str(error)))
        except (RuntimeError, ValueError) as error:
            output.send(Frame.ERROR, pack_error(Code.EVALUATION, str(error)))
        except BrokenPipeError:
            return False
        except OSError as error:
            output.send(Frame.ERROR, pack_error(Code.STORE, str(error)))
        return not output.flags & Flag.RETIRE

    def _query(self, task: Task, output: _Output) -> None:
        analysis = PLAIN if task.results and task.rdf and is_plain(task.text, task.depth_limit) else analyse(task.text)
        _check(task, analysis)
        if analysis.volatile:
            output.flags |= Flag.VOLATILE
        result = self._evaluate(task, analysis, self._projected(task.text, analysis))
        if isinstance(result, ox.QueryTriples):
            self._triples(result, task, output)
            return
        flags = Flag.BOOLEAN if isinstance(result, ox.QueryBoolean) else Flag.NONE
        output.start("" if flags else task.results, flags)
        result.serialize(output, format=getattr(ox.QueryResultsFormat, NAMES[task.results].oxigraph))  # type: ignore[arg-type]

    def _projected(self, text: str, analysis: Analysis) -> str:
        """Name the columns of ``SELECT *``: the store would return them sorted by name."""
        if analysis.star < 0:
            return text
        found = self._empty.query(text, base_iri=self._base)
        names = [item.value for item in found.variables] if isinstance(found, ox.QuerySolutions) else []
        return with_projection(text, analysis, names)

    def _evaluate(
        self, task: Task, analysis: Analysis, text: str
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        if task.default_graphs is not None or task.named_graphs is not None:
            return self._store.query(
                text,
                base_iri=self._base,
                default_graph=_nodes(task.default_graphs or ()),
                named_graphs=_nodes(task.named_graphs or ()),  # type: ignore[arg-type]
            )
        return self._store.query(text, base_iri=self._base, use_default_graph_as_union=not analysis.has_dataset)

    def _triples(self, result: ox.QueryTriples, task: Task, output: _Output) -> None:
        if not task.rdf:
            raise _RefusedError(Code.UNACCEPTABLE, Code.UNACCEPTABLE)
        if task.rdf in _NATIVE:
            output.start(task.rdf, Flag.RDF)
            result.serialize(output, format=getattr(ox.RdfFormat, NAMES[task.rdf].oxigraph))  # type: ignore[arg-type]
            return
        _write_triples(result, task, output)

    def _graph(self, task: Task, output: _Output) -> None:
        """Write all triples of one graph (or of all), in constant memory."""
        graph: ox.NamedNode | None = None
        if task.text:
            graph = ox.NamedNode(task.text)
            if not self._store.contains_named_graph(graph):
                raise _RefusedError(Code.NO_GRAPH, task.text)
        if not task.rdf:
            raise _RefusedError(Code.UNACCEPTABLE, Code.UNACCEPTABLE)
        quads = self._store.quads_for_pattern(None, None, None, graph)
        _write_triples((quad.triple for quad in quads), task, output)


def _write_triples(triples: Iterator[ox.Triple], task: Task, output: Any) -> None:
    """Serialise triples, with the prefixes that the first of them use.

    A long Turtle answer goes on natively, without prefixed names: half as long again, in two thirds of the time.
    """
    output.start("", Flag.RDF)
    form = getattr(ox.RdfFormat, NAMES[task.rdf].oxigraph)
    if task.rdf not in _PREFIXED:
        ox.serialize(_counted(triples, output), output, form)
        return
    beginning = list(islice(triples, _LOOK_AHEAD))
    spaces = {_NAME.sub("", node.value) for triple in beginning for node in triple if isinstance(node, ox.NamedNode)}
    names = {**PREFIXES, **prefixes(task.text)}
    used = {prefix: space for prefix, space in names.items() if space in spaces}
    if isinstance(triples, ox.QueryTriples) and len(beginning) == _LOOK_AHEAD and not task.row_limit:
        ox.serialize(_counted(beginning, output), output, form, prefixes=used)
        output.count_lines()
        triples.serialize(output, format=form)
        return
    ox.serialize(_counted(chain(beginning, triples), output), output, form, prefixes=used)


def _counted(triples: Iterable[ox.Triple], output: _Output) -> Iterator[ox.Triple]:
    for triple in triples:
        output.count()
        yield triple


def main(arguments: list[str]) -> int:
    """Entry point of the process."""
    descriptor, path, base, memory, first = arguments
    sandbox.die_with_parent()
    wire = socket.socket(fileno=int(descriptor))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
    store = ox.Store.read_only(path)
    threading.stack_size(_STACK)
    sandbox.without_network()
    thread = threading.Thread(target=_serve, args=(Worker(wire, store, base, int(first)), wire, int(memory)))
    thread.start()
    thread.join()
    return 0


def _serve(worker: Worker, wire: socket.socket, memory: int) -> None:
    wire.sendall(ANSWER_HEAD.pack(Frame.LAST, 0, 0, 0.0, threading.get_native_id()))  # ready; who to renice
    sandbox.bound_memory(memory)
    worker.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
