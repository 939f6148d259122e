"""The table of addresses: which path is answered by what, with which methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias

from codegrey.queries import load_queries
from codegrey.serve import pages
from codegrey.serve.endpoint import Endpoint, query_problem, task_of
from codegrey.serve.examples import Example
from codegrey.serve.formats import FORMATS
from codegrey.serve.frames import Flag
from codegrey.serve.html import Site, static
from codegrey.serve.http import FormError, Request, Response
from codegrey.serve.metrics import CONTENT_TYPE as METRICS_TYPE
from codegrey.serve.metrics import Metrics
from codegrey.serve.negotiate import wants_html
from codegrey.serve.problems import Problem, ProblemError, bad_request
from codegrey.serve.protocol import METHODS, Operation, read_operation
from codegrey.serve.serving import Serving, Stage
from codegrey.serve.settings import ServeSettings
from codegrey.serve.ticket import TaskError
from codegrey.vocab import PREFIXES

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
_READ: Final = ("GET", "HEAD", "OPTIONS")
_KEEP: Final = ("cache-control", "public, max-age=3600")


class Routes:
    """Finds and runs the handler of a path."""

    def __init__(self, stage: Stage, settings: ServeSettings, metrics: Metrics) -> None:
        self._stage = stage
        self._settings = settings
        self._metrics = metrics
        self._endpoint = Endpoint(settings)
        self._examples = load_examples()
        self._exact: dict[str, tuple[Handler, tuple[str, ...]]] = {
            "/sparql": (self._sparql, METHODS),
            "/": (self._home, _READ),
            "/healthz": (self._healthz, _READ),
            "/readyz": (self._readyz, _READ),
            "/style.css": (self._style, _READ),
            "/query.js": (self._script, _READ),
            "/robots.txt": (self._robots, _READ),
        }
        if settings.metrics:
            self._exact["/metrics"] = (self._page_of_metrics, _READ)

    def find(self, path: str) -> tuple[str, Handler | None]:
        """(route name for the metrics, handler)."""
        found = self._exact.get(path)
        if found is not None:
            return path, found[0]
        return "other", None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path takes."""
        found = self._exact.get(path)
        return found[1] if found is not None else _READ

    def _serving(self) -> Serving:
        serving = self._stage.serving
        if serving is None:
            raise ProblemError(Problem(503, "closing", "The server is starting or stopping.", retry_after=5))
        return serving

    def site(self, serving: Serving) -> Site:
        """What pages need to know."""
        return Site(self._settings.title, serving.dataset.base, serving.version, PREFIXES)

    async def _sparql(self, request: Request) -> Response:
        serving = self._serving()
        html = request.method in ("GET", "HEAD") and _for_people(request)
        if html:
            return await self._sparql_page(request, serving)
        operation = await read_operation(request, limit=self._settings.query_bytes)
        if operation is None:
            return self._describe(request, serving)
        request.query = operation.query
        response = await self._endpoint.answer(request, operation, serving)
        return _as_file(response) if _named_format(request) else response

    def _describe(self, request: Request, serving: Serving) -> Response:
        if request.method in ("POST", "QUERY"):
            raise ProblemError(bad_request("no-query", "The request carries no query."))
        return self._home_page(request, serving)

    async def _sparql_page(self, request: Request, serving: Serving) -> Response:
        """A person's browser asks: answer with a page."""
        site = self.site(serving)
        query = next((value for name, value in request.parameters if name == "query"), "")
        try:
            operation = await read_operation(_as_table(request), limit=self._settings.query_bytes)
            if operation is None:
                return self._home_page(request, serving)
            request.query = query
            return await self._run_page(request, operation, serving, site)
        except ProblemError as error:
            return pages.problem_page(site, query, error.problem)

    async def _run_page(self, request: Request, operation: Operation, serving: Serving, site: Site) -> Response:
        task = task_of(
            Operation(operation.query, operation.default_graphs, operation.named_graphs, "tsv", "nt"), self._settings
        )
        try:
            ticket = serving.pool.submit(task, request.client)
            answer = await ticket.first
        except TaskError as error:
            raise ProblemError(query_problem(error, operation.query, self._settings)) from None
        if not answer.complete:
            serving.pool.abort(ticket, "page")
        lines = answer.body.decode("utf-8", "replace").split("\n")[:-1]
        if Flag.BOOLEAN in answer.flags:
            return pages.boolean_page(site, operation.query, value=answer.body == b"true", seconds=answer.seconds)
        make = pages.graph_page if Flag.RDF in answer.flags else pages.table_page
        return make(site, operation.query, lines, complete=answer.complete, seconds=answer.seconds)

    async def _home(self, request: Request) -> Response:
        return self._home_page(request, self._serving())

    def _home_page(self, request: Request, serving: Serving) -> Response:
        try:
            chosen = dict(request.parameters)
        except FormError:
            chosen = {}
        name = chosen.get("example", "")
        query = next((item.text for item in self._examples if item.name == name), chosen.get("query", ""))
        counts = serving.dataset.manifest.get("counts", {})
        response = pages.home(self.site(serving), query=query, examples=self._examples, counts=counts, chosen=name)
        return replace(response, body=response.body.replace(b"ORIGIN", self._origin(request).encode()))

    def _origin(self, request: Request) -> str:
        return self._settings.public_base.rstrip("/") or request.origin

    async def _healthz(self, _: Request) -> Response:
        return Response(body=b"ok\n").with_headers(("cache-control", "no-store"))

    async def _readyz(self, _: Request) -> Response:
        serving = self._serving()
        return Response(body=f"ready {serving.version}\n".encode()).with_headers(("cache-control", "no-store"))

    async def _style(self, _: Request) -> Response:
        return Response(200, "text/css; charset=utf-8", static("style.css")).with_headers(_KEEP)

    async def _script(self, _: Request) -> Response:
        return Response(200, "text/javascript; charset=utf-8", static("query.js")).with_headers(_KEEP)

    async def _robots(self, _: Request) -> Response:
        return Response(body=b"User-agent: *\nDisallow: /sparql\n")

    async def _page_of_metrics(self, _: Request) -> Response:
        serving = self._stage.serving
        gauges: dict[str, tuple[str, float]] = {"ready": ("Whether a dataset is served.", serving is not None)}
        stopped: dict[str, int] = {}
        if serving is not None:
            gauges |= {f"pool_{name}": (f"Pool: {name}.", count) for name, count in serving.pool.load.items()}
            gauges["cache_bytes"] = ("Bytes in the answer cache.", serving.cache.size)
            gauges["cache_hits_total"] = ("Answers from the cache.", serving.cache.hits)
            gauges["cache_misses_total"] = ("Answers not in the cache.", serving.cache.misses)
            gauges["pool_started_total"] = ("Query processes started.", serving.pool.counts.started)
            gauges["pool_retried_total"] = ("Tasks given to another process.", serving.pool.counts.retried)
            stopped = serving.pool.counts.stopped
        gauges["dataset_switches_total"] = ("Moves to a new dataset version.", self._stage.switches)
        return Response(200, METRICS_TYPE, self._metrics.text(gauges, stopped).encode())


def _for_people(request: Request) -> bool:
    """Whether the answer is a page: ``format=html``, or HTML is what ``Accept`` likes most and no format is named."""
    named = _named_format(request)
    return named == "html" if named else wants_html(request.accept)


def _named_format(request: Request) -> str:
    """The format that the URL names."""
    try:
        return next((value for name, value in request.parameters if name in ("format", "output") and value), "")
    except FormError:
        return ""


def _as_file(response: Response) -> Response:
    """An answer that a browser saves under a fitting name."""
    media_type = response.content_type.partition(";")[0]
    suffix = next((item.name for item in FORMATS if item.media_types[0] == media_type), "")
    return response.with_headers(("content-disposition", f'attachment; filename="result.{suffix}"'))


def _as_table(request: Request) -> Request:
    """The same request, asking for a table or triples that a page can show."""
    scope = dict(request.scope)
    scope["query_string"] = b"&".join(
        item for item in request.query_string.split(b"&") if not item.startswith((b"format=", b"output="))
    )
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept"]
    return Request(scope, request.receive)


def load_examples() -> tuple[Example, ...]:
    """The competency questions that ship with codegrey, as examples."""
    return tuple(
        Example(item.name, tuple(item.question.items()), item.text, tuple(item.tags), item.federated)
        for item in load_queries()
    )
