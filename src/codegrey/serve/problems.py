"""Refusals that teach: RFC 9457 problem documents, one table for all reasons.

Each names the limit or rule that was met, its value, and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final

from codegrey.errors import CodegreyError
from codegrey.serve.formats import RDF, RESULTS
from codegrey.serve.frames import Code
from codegrey.serve.http import Response
from codegrey.serve.settings import ServeSettings
from codegrey.serve.ticket import Stop, TaskError

PROBLEM_TYPE: Final = "application/problem+json"
BASE: Final = "https://w3id.org/codegrey/problem/"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document: ``kind`` is the last part of its type IRI, ``extra`` its members beyond RFC 9457's."""

    status: int
    kind: str
    title: str
    detail: str = ""
    hint: str = ""
    retry_after: int = 0
    extra: tuple[tuple[str, Any], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        members = {
            "type": BASE + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
            **dict(self.extra),
        }
        return {name: value for name, value in members.items() if value != ""}

    def with_extra(self, **members: Any) -> Problem:
        """The same problem with more members."""
        return replace(self, extra=(*self.extra, *members.items()))


class ProblemError(CodegreyError):
    """A request that is answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem


def problem_response(problem: Problem) -> Response:
    """The HTTP response of a problem. A refusal is never cached."""
    headers = [*problem.headers, ("cache-control", "no-store")]
    if problem.retry_after:
        headers.append(("retry-after", str(problem.retry_after)))
    body = json.dumps(problem.document(), ensure_ascii=False, indent=2).encode() + b"\n"
    note = (("problem", problem.kind),)
    return Response(problem.status, PROBLEM_TYPE, body, note=note).with_headers(*headers)


def problem_html(problem: Problem) -> str:
    """The problem as a fragment of a page."""
    rows = "".join(f"<p>{escape(text)}</p>" for text in (problem.detail, problem.hint) if text)
    return f"<h2>{escape(problem.title)}</h2>{rows}"


def task_problem(error: TaskError, settings: ServeSettings) -> Problem:
    """The problem of a task without an answer."""
    return _TABLE.get(error.code, _crash)(error, settings)


def _limit(kind: str, status: int, title: str, hint: str, **members: Any) -> Problem:
    return Problem(status, kind, title, hint=hint, extra=tuple(members.items()))


def _time(_: TaskError, settings: ServeSettings) -> Problem:
    return _limit(
        "time-limit", 504, f"The query took more than {settings.time_limit:g} seconds.",
        "Narrow it: name predicates and classes, put the most selective pattern first, avoid products of unconnected "
        "patterns, or use the dump.",
        limit="time_limit", value=settings.time_limit, unit="s",
    )  # fmt: skip


def _memory(_: TaskError, settings: ServeSettings) -> Problem:
    return _limit(
        "memory-limit", 503, f"The query needed more than {settings.memory_limit} bytes of memory.",
        "ORDER BY, DISTINCT and GROUP BY keep their input in memory: filter before them, or use the dump.",
        limit="memory_limit", value=settings.memory_limit, unit="bytes",
    )  # fmt: skip


def _bytes(_: TaskError, settings: ServeSettings) -> Problem:
    return _limit(
        "byte-limit", 413, f"The answer is larger than {settings.byte_limit} bytes.",
        "Ask for fewer columns, page through it with ORDER BY, LIMIT and OFFSET, or use the dump.",
        limit="byte_limit", value=settings.byte_limit, unit="bytes",
    )  # fmt: skip


def _rows(_: TaskError, settings: ServeSettings) -> Problem:
    return _limit(
        "row-limit", 413, f"The answer has more than {settings.row_limit} rows.",
        "Page through it with ORDER BY, LIMIT and OFFSET, or use the dump.",
        limit="row_limit", value=settings.row_limit, unit="rows",
    )  # fmt: skip


def _depth(_: TaskError, settings: ServeSettings) -> Problem:
    return _limit(
        "depth-limit", 400, f"The query nests brackets more than {settings.depth_limit} deep.",
        "Flatten it; lists of values go into VALUES.",
        limit="depth_limit", value=settings.depth_limit, unit="brackets",
    )  # fmt: skip


def _queue(error: TaskError, settings: ServeSettings) -> Problem:
    problem = _limit(
        "queue-limit", 429, "Too many queries are waiting.",
        "Send fewer at a time and try again after the time in Retry-After.",
        limit="queue_limit", value=settings.queue_limit, unit="requests",
    )  # fmt: skip
    return replace(problem, retry_after=error.retry_after or 2)


def _overload(error: TaskError, _: ServeSettings) -> Problem:
    return Problem(
        503, "overload", "The query was stopped so that other clients get their share.",
        "All places were taken, and this client held more than its share of long-running queries.",
        "Run fewer long queries at a time.", retry_after=error.retry_after or 10,
    )  # fmt: skip


def _closing(error: TaskError, _: ServeSettings) -> Problem:
    return Problem(503, "closing", "The server is stopping.", retry_after=error.retry_after or 5)


def _gone(_: TaskError, __: ServeSettings) -> Problem:
    return Problem(499, "client-gone", "The client closed the connection.")


def _upstream(error: TaskError, _: ServeSettings) -> Problem:
    return Problem(504, "upstream", "The server that holds the data did not answer as it should.", error.detail)


def _update(_: TaskError, __: ServeSettings) -> Problem:
    return read_only()


def read_only() -> Problem:
    """403 for an update."""
    return Problem(
        403, "read-only", "This endpoint answers queries; it takes no updates.",
        "The graph is built from articles, and each version of it is immutable.",
        "To change it, correct an article or the ontology and build again.",
    )  # fmt: skip


def _service(error: TaskError, settings: ServeSettings) -> Problem:
    allowed = ", ".join(settings.service_allow)
    return Problem(
        403, "service-refused", "This endpoint does not call the SERVICE that the query names.", error.detail,
        f"Allowed: {allowed}." if allowed else "SERVICE is off here. Run the query where it is allowed, e.g. locally.",
    )  # fmt: skip


def _unacceptable(error: TaskError, _: ServeSettings) -> Problem:
    return not_acceptable(rdf=error.detail == Code.UNACCEPTABLE)


def _no_graph(error: TaskError, _: ServeSettings) -> Problem:
    return Problem(
        404, "no-graph", "This dataset has no graph of that name.", error.detail,
        "SELECT DISTINCT ?g WHERE { GRAPH ?g { } } lists them.",
    )  # fmt: skip


def _evaluation(error: TaskError, _: ServeSettings) -> Problem:
    return Problem(400, "evaluation", "The query cannot be evaluated.", error.detail)


def _store(_: TaskError, __: ServeSettings) -> Problem:
    return Problem(503, "store", "The dataset cannot be read at the moment.", retry_after=5)


def _crash(_: TaskError, __: ServeSettings) -> Problem:
    return Problem(
        400, "too-complex", "The query is too complex for the evaluator.",
        "It exhausted the evaluator's stack or made it stop.",
        "Break up very long chains of operators; lists of values go into VALUES.",
    )  # fmt: skip


_TABLE: Final[Mapping[str, Callable[[TaskError, ServeSettings], Problem]]] = {
    Stop.TIME: _time,
    Stop.STALL: _time,
    Stop.TRANSFER: _time,
    Stop.MEMORY: _memory,
    Stop.QUEUE: _queue,
    Stop.OVERLOAD: _overload,
    Stop.CLOSING: _closing,
    Stop.CRASH: _crash,
    Stop.GONE: _gone,
    Stop.UPSTREAM: _upstream,
    Code.BYTES: _bytes,
    Code.ROWS: _rows,
    Code.DEPTH: _depth,
    Code.UPDATE: _update,
    Code.SERVICE: _service,
    Code.UNACCEPTABLE: _unacceptable,
    Code.NO_GRAPH: _no_graph,
    Code.EVALUATION: _evaluation,
    Code.STORE: _store,
}


def service_failed(detail: str) -> Problem:
    """Another endpoint failed. 504: this server is a gateway to it here."""
    return Problem(
        504,
        "service-failed",
        "The endpoint that the query calls by SERVICE did not answer.",
        detail,
        "Try again later, or write SERVICE SILENT to go on without it.",
    )


def not_acceptable(*, rdf: bool) -> Problem:
    """406 with the list of what there is."""
    offers = RDF if rdf else RESULTS
    what = "a graph (CONSTRUCT, DESCRIBE)" if rdf else "a table or boolean (SELECT, ASK)"
    return Problem(
        406,
        "not-acceptable",
        f"None of the accepted media types fits {what}.",
        hint="Ask for one of `available` in the Accept header, or by ?format=.",
        extra=(("available", [media for item in offers for media in item.media_types]),),
    )


def bad_request(kind: str, title: str, detail: str = "", hint: str = "") -> Problem:
    """400: the request itself is off."""
    return Problem(400, kind, title, detail, hint)


def method_not_allowed(allowed: Sequence[str]) -> Problem:
    """405 with ``Allow``."""
    names = ", ".join(allowed)
    return Problem(405, "method", f"This address takes {names}.", headers=(("allow", names),))


def not_found(detail: str = "") -> Problem:
    """404."""
    return Problem(404, "not-found", "There is nothing at this address.", detail, "The home page is at /.")


def too_large(limit: int) -> Problem:
    """413 for a request."""
    return Problem(
        413,
        "request-limit",
        f"The request is larger than {limit} bytes.",
        hint="Shorten the query, or split it.",
        extra=(("limit", "query_bytes"), ("value", limit), ("unit", "bytes")),
    )
