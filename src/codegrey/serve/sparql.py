"""The handlers of ``/sparql`` and ``/rdf-graph-store``: protocol in, answer, page or description out."""

from __future__ import annotations

from dataclasses import replace

from codegrey.serve import pages
from codegrey.serve.context import Context
from codegrey.serve.description import serialize, service_description
from codegrey.serve.endpoint import query_problem, task_of
from codegrey.serve.formats import FORMATS, Kind, named
from codegrey.serve.frames import Flag, Op
from codegrey.serve.hints import hint_for
from codegrey.serve.http import FormError, Request, Response
from codegrey.serve.negotiate import rdf_format, wants_html
from codegrey.serve.problems import (
    ProblemError,
    bad_request,
    not_acceptable,
    read_only,
)
from codegrey.serve.protocol import Operation, read_operation
from codegrey.serve.serving import Serving
from codegrey.serve.tables import parse_boolean
from codegrey.serve.ticket import TaskError

_FORMAT_NAMES = ("format", "output")


class Sparql:
    """Queries."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def query(self, request: Request) -> Response:
        """The endpoint. Without a query: a description of the service."""
        context = self._context
        serving = context.serving()
        if request.method in ("GET", "HEAD") and _for_people(request):
            return await self._page(request, serving)
        operation = await read_operation(request, limit=context.settings.query_bytes)
        if operation is None:
            if request.method in ("POST", "QUERY"):
                raise ProblemError(bad_request("no-query", "The request carries no query."))
            return self._describe(request, serving)
        request.query = operation.query
        response = await context.endpoint.answer(request, operation, serving, explain=self._explain)
        return _as_file(response) if named_format(request) else response

    async def _explain(self, query: str, serving: Serving) -> str:
        catalogue = await self._context.catalogue(serving)
        return await hint_for(query, catalogue, serving.pool, base=serving.dataset.base)

    def _describe(self, request: Request, serving: Serving) -> Response:
        wanted = named_format(request)
        chosen = named(wanted, Kind.RDF) if wanted else rdf_format(request.accept)
        if chosen is None:
            raise ProblemError(not_acceptable(rdf=True))
        origin = self._context.origin(request)
        triples = service_description(
            serving.dataset, self._context.settings, self._context.examples, endpoint=f"{origin}/sparql", origin=origin
        )
        response = Response(200, chosen.content_type, serialize(triples, chosen))
        return response.with_headers(("vary", "Accept"), ("cache-control", "public, no-cache"))

    async def page(self, request: Request) -> Response:
        """The description of the endpoint for people."""
        serving = self._context.serving()
        site = self._context.site(serving)
        return pages.endpoint_page(site, self._context.settings, origin=self._context.origin(request))

    async def _page(self, request: Request, serving: Serving) -> Response:
        """A person's browser asks: answer with a page."""
        site = self._context.site(serving)
        query = ""
        try:
            query = next((value for name, value in request.parameters if name == "query"), "")
            operation = await read_operation(_as_table(request), limit=self._context.settings.query_bytes)
            if operation is None:
                return pages.endpoint_page(site, self._context.settings, origin=self._context.origin(request))
            request.query = query
            return await self._run_page(request, operation, serving)
        except FormError as error:
            problem = bad_request("encoding", f"The parameters are {error}.")
            return pages.problem_page(site, query, problem)
        except ProblemError as error:
            return pages.problem_page(site, query, error.problem)

    async def _run_page(self, request: Request, operation: Operation, serving: Serving) -> Response:
        site, settings = self._context.site(serving), self._context.settings
        try:
            ticket = serving.pool.submit(
                task_of(replace(operation, results="json", rdf="nt"), settings), request.client
            )
            answer = await ticket.first
        except TaskError as error:
            raise ProblemError(query_problem(error, operation.query, settings)) from None
        if not answer.complete:
            serving.pool.abort(ticket, "page")
        if answer.flags & Flag.BOOLEAN:
            return pages.boolean_page(site, operation.query, value=parse_boolean(answer.body), seconds=answer.seconds)
        hint = "" if answer.rows or not answer.complete else await self._explain(operation.query, serving)
        make = pages.graph_page if answer.flags & Flag.RDF else pages.table_page
        shown = pages.Shown(operation.query, answer.body, complete=answer.complete, seconds=answer.seconds, hint=hint)
        return make(site, shown)

    async def graph_store(self, request: Request) -> Response:
        """SPARQL 1.1 Graph Store HTTP Protocol, the reading half (sections 4 and 5.2)."""
        if request.method not in ("GET", "HEAD"):
            raise ProblemError(read_only())
        try:
            parameters = request.parameters
        except FormError as error:
            raise ProblemError(bad_request("encoding", f"The parameters are {error}.")) from None
        graphs = [value for name, value in parameters if name == "graph"]
        default = any(name == "default" for name, _ in parameters)
        if len(graphs) + default != 1 or "" in graphs:
            hint = "Say ?graph=IRI, or ?default for the union of all graphs."
            raise ProblemError(bad_request("graph", "The request must name one graph.", hint=hint))
        return await self.graph(request, graphs[0] if graphs else "")

    async def graph(self, request: Request, iri: str, *, suffix: str = "") -> Response:
        """The triples of one graph (``""``: of all)."""
        wanted = suffix or named_format(request)
        chosen = named(wanted, Kind.RDF) if wanted else rdf_format(request.accept)
        if chosen is None:
            raise ProblemError(not_acceptable(rdf=True))
        operation = Operation(iri, None, None, "", chosen.name)
        return await self._context.endpoint.answer(request, operation, self._context.serving(), op=Op.GRAPH)


def _for_people(request: Request) -> bool:
    """Whether the answer is a page: ``format=html``, or HTML is what ``Accept`` likes most and no format is named."""
    wanted = named_format(request)
    return wanted == "html" if wanted else wants_html(request.accept)


def named_format(request: Request) -> str:
    """The format that the URL names, ``""`` if it names none."""
    if b"format=" not in request.query_string and b"output=" not in request.query_string:
        return ""
    try:
        return next((value for name, value in request.parameters if name in _FORMAT_NAMES and value), "")
    except FormError:
        return ""


def _as_table(request: Request) -> Request:
    """The same request without its wish for HTML."""
    scope = dict(request.scope)
    scope["query_string"] = b"&".join(
        item for item in request.query_string.split(b"&") if not item.startswith((b"format=", b"output="))
    )
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept"]
    return Request(scope, request.receive)


def _as_file(response: Response) -> Response:
    """An answer that a browser saves under a fitting name."""
    media_type = response.content_type.partition(";")[0]
    suffix = next((item.name for item in FORMATS if item.media_types[0] == media_type), "")
    return (
        response.with_headers(("content-disposition", f'attachment; filename="result.{suffix}"'))
        if suffix
        else response
    )
