"""The SPARQL 1.1 Protocol: from an HTTP request to one operation, or the problem with it.

Source: SPARQL 1.1 Protocol, section 2; the QUERY method of HTTP.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from codegrey.serve.formats import Kind, named
from codegrey.serve.http import BodyTooLargeError, FormError, Pairs, Request, decode_form
from codegrey.serve.negotiate import rdf_format, results_format
from codegrey.serve.problems import (
    Problem,
    ProblemError,
    bad_request,
    method_not_allowed,
    not_acceptable,
    read_only,
    too_large,
)

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
METHODS: Final = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
_BODY_SECONDS: Final = 30.0
_GRAPHS: Final = ("default-graph-uri", "named-graph-uri")
_FORMAT_NAMES: Final = ("format", "output")


@dataclass(frozen=True, slots=True)
class Operation:
    """One query with its dataset and the formats of its answer, by name (``""``: none acceptable).

    Graph lists are ``None`` where the request names no graph at all.
    """

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    results: str
    rdf: str


async def read_operation(request: Request, *, limit: int) -> Operation | None:
    """Read the operation of a request; ``None`` if it carries none (a GET without a query: service description).

    :raises ProblemError: 400, 403, 405, 406, 413 or 415, each with a sentence.
    """
    if request.method not in METHODS:
        raise ProblemError(method_not_allowed(METHODS))
    if len(request.query_string) > limit:
        raise ProblemError(too_large(limit))
    try:
        parameters = request.parameters
        if request.method in ("POST", "QUERY"):
            return await _with_body(request, parameters, limit)
    except FormError as error:
        raise ProblemError(bad_request("encoding", f"The parameters are {error}.")) from None
    except BodyTooLargeError:
        raise ProblemError(too_large(limit)) from None
    return _operation(request, parameters, parameters)


async def _with_body(request: Request, parameters: Pairs, limit: int) -> Operation | None:
    media_type, charset = _content_type(request.header("content-type"))
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            body = await request.body(limit)
    except TimeoutError:
        raise ProblemError(Problem(408, "slow-body", "The request's body took too long to arrive.")) from None
    if media_type == FORM:
        form = decode_form(body)
        operation = _operation(request, form, form + _only_formats(parameters))
        if operation is None:
            raise ProblemError(bad_request("no-query", "The form has no field named query."))
        return operation
    if media_type == UPDATE:
        raise ProblemError(read_only())
    if media_type == QUERY:
        if any(name in ("query", "update") for name, _ in parameters):
            raise ProblemError(bad_request("two-queries", "A query stands in the body and another in the URL."))
        return _operation(request, (*parameters, ("query", _text(body, charset))), parameters)
    hint = f"Send the query itself as {QUERY}, or a form as {FORM}."
    raise ProblemError(
        Problem(415, "media-type", f"The body's media type is {media_type or 'not named'}.", hint=hint,
                headers=(("accept-post", f"{QUERY}, {FORM}"), ("accept-query", QUERY)))
    )  # fmt: skip


def _content_type(header: str) -> tuple[str, str]:
    media_type, _, rest = header.partition(";")
    charset = ""
    for item in rest.split(";"):
        name, _, value = item.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return media_type.strip().lower(), charset


def _text(body: bytes, charset: str) -> str:
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise ProblemError(
            Problem(415, "charset", "A query is UTF-8.", f"The request says {charset}.", "Send it as UTF-8.")
        )
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError(bad_request("encoding", "The query is not UTF-8.")) from None


def _only_formats(parameters: Pairs) -> Pairs:
    return tuple(pair for pair in parameters if pair[0] in _FORMAT_NAMES)


def _operation(request: Request, parameters: Pairs, for_format: Pairs) -> Operation | None:
    if any(name == "update" for name, _ in parameters):
        raise ProblemError(read_only())
    queries = [value for name, value in parameters if name == "query"]
    if len(queries) > 1:
        raise ProblemError(bad_request("two-queries", "The request has more than one query.", hint="Send them apart."))
    if not queries:
        return None
    graphs = [tuple(value for name, value in parameters if name == kind) for kind in _GRAPHS]
    for iri in (*graphs[0], *graphs[1]):
        if not urlsplit(iri).scheme:
            raise ProblemError(bad_request("graph-uri", "A graph is named by an absolute IRI.", repr(iri)))
    asked = any(graphs)
    results, rdf = _formats(request, for_format)
    return Operation(queries[0], graphs[0] if asked else None, graphs[1] if asked else None, results, rdf)


def _formats(request: Request, parameters: Pairs) -> tuple[str, str]:
    """The names of the results and RDF format; ``?format=`` wins over ``Accept``.

    :raises ProblemError: 406 if neither kind can be answered.
    """
    wanted = next((value for name, value in reversed(parameters) if name in _FORMAT_NAMES and value), "")
    if wanted:
        results, rdf = named(wanted, Kind.RESULTS), named(wanted, Kind.RDF)
    else:
        results, rdf = results_format(request.accept), rdf_format(request.accept)
    if results is None and rdf is None:
        problem = not_acceptable(rdf=False)
        everything = [*dict(problem.extra)["available"], *dict(not_acceptable(rdf=True).extra)["available"]]
        raise ProblemError(
            Problem(406, problem.kind, "There is no such format.", wanted or request.accept, problem.hint,
                    extra=(("available", sorted(set(everything))),))
        )  # fmt: skip
    return results.name if results else "", rdf.name if rdf else ""
