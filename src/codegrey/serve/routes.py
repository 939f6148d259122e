"""The table of addresses: which path is answered by what, with which methods."""

from __future__ import annotations

import asyncio
from typing import Final

from codegrey.queries import load_queries
from codegrey.serve import pages
from codegrey.serve.context import Context, Handler, once
from codegrey.serve.description import about, counts_of
from codegrey.serve.documents import Documents
from codegrey.serve.endpoint import Endpoint
from codegrey.serve.entities import PREFIX
from codegrey.serve.examples import Example
from codegrey.serve.html import static
from codegrey.serve.http import FormError, Request, Response
from codegrey.serve.metrics import CONTENT_TYPE as METRICS_TYPE
from codegrey.serve.metrics import Metrics
from codegrey.serve.protocol import METHODS
from codegrey.serve.reconcile import METHODS as RECONCILE
from codegrey.serve.reconcile import PREFIX as RECONCILIATION
from codegrey.serve.reconcile import Reconcile
from codegrey.serve.serving import Stage
from codegrey.serve.settings import ServeSettings
from codegrey.serve.sparql import Sparql

_READ: Final = ("GET", "HEAD", "OPTIONS")
_STORE: Final = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS")  # the writing ones get 403 and a sentence
_KEEP: Final = ("cache-control", "public, max-age=3600")
_NEVER: Final = ("cache-control", "no-store")


class Routes:
    """Finds the handler of a path."""

    def __init__(self, stage: Stage, settings: ServeSettings, metrics: Metrics) -> None:
        self._context = Context(stage, settings, Endpoint(settings), load_examples())
        self._metrics = metrics
        sparql = Sparql(self._context)
        self._documents = documents = Documents(self._context, sparql)
        self._reconcile = Reconcile(self._context)
        self._exact: dict[str, tuple[Handler, tuple[str, ...]]] = {
            "/sparql": (sparql.query, METHODS),
            "/sparql/": (sparql.query, METHODS),
            "/sparql.html": (sparql.page, _READ),
            "/rdf-graph-store": (sparql.graph_store, _STORE),
            "/": (self._home, _READ),
            "/data": (documents.data, _READ),
            "/.well-known/void": (documents.void, _READ),
            "/void": (documents.void, _READ),
            "/void.ttl": (documents.void, _READ),
            "/openapi.json": (documents.openapi, _READ),
            "/healthz": (_healthz, _READ),
            "/readyz": (self._readyz, _READ),
            "/style.css": (_style, _READ),
            "/query.js": (_script, _READ),
            "/robots.txt": (_robots, _READ),
        }
        if settings.metrics:
            self._exact["/metrics"] = (self._page_of_metrics, _READ)

    def find(self, path: str) -> tuple[str, Handler | None]:
        """(route name for the metrics, handler)."""
        found = self._exact.get(path)
        if found is not None:
            return path, found[0]
        if path.startswith(PREFIX):
            return "/id", self._documents.entity
        if path == "/ontology" or path.startswith("/ontology."):
            return "/ontology", self._documents.ontology
        if _is_reconciliation(path):
            return RECONCILIATION, self._reconcile.handle
        if path.startswith("/dump/"):
            return "/dump", self._documents.dump
        return "other", None

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path takes."""
        found = self._exact.get(path)
        if found is not None:
            return found[1]
        return RECONCILE if _is_reconciliation(path) else _READ

    async def _home(self, request: Request) -> Response:
        serving = self._context.serving()
        try:
            chosen = dict(request.parameters)
        except FormError:
            chosen = {}
        name = chosen.get("example", "")
        query = next((item.text for item in self._context.examples if item.name == name), chosen.get("query", ""))
        view = pages.Home(
            query=query,
            examples=self._context.examples,
            counts=counts_of(serving.dataset),
            chosen=name,
            origin=self._context.origin(request),
            about=await once(serving, "about", lambda: asyncio.to_thread(about, serving.dataset)),
        )
        return pages.home(self._context.site(serving), view)

    async def _readyz(self, _: Request) -> Response:
        return Response(body=f"ready {self._context.serving().version}\n".encode()).with_headers(_NEVER)

    async def _page_of_metrics(self, _: Request) -> Response:
        stage = self._context.stage
        serving = stage.serving
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
        gauges["dataset_switches_total"] = ("Moves to a new dataset version.", stage.switches)
        return Response(200, METRICS_TYPE, self._metrics.text(gauges, stopped).encode()).with_headers(_NEVER)


def _is_reconciliation(path: str) -> bool:
    return path == RECONCILIATION or path.startswith(f"{RECONCILIATION}/")


async def _healthz(_: Request) -> Response:
    return Response(body=b"ok\n").with_headers(_NEVER)


async def _style(_: Request) -> Response:
    return Response(200, "text/css; charset=utf-8", static("style.css")).with_headers(_KEEP)


async def _script(_: Request) -> Response:
    return Response(200, "text/javascript; charset=utf-8", static("query.js")).with_headers(_KEEP)


async def _robots(_: Request) -> Response:
    return Response(body=b"User-agent: *\nDisallow: /sparql\nDisallow: /rdf-graph-store\n")


def load_examples() -> tuple[Example, ...]:
    """The competency questions that ship with codegrey, as examples."""
    return tuple(
        Example(item.name, tuple(item.question.items()), item.text, tuple(item.tags), item.federated)
        for item in load_queries()
    )
