"""The handlers of linked data: resources, the ontology, VoID, the dumps, OpenAPI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codegrey.errors import DatasetError
from codegrey.serve import entities
from codegrey.serve.ask import some
from codegrey.serve.context import Context
from codegrey.serve.data_page import data_page, dump_names
from codegrey.serve.description import dataset_description, serialize
from codegrey.serve.endpoint import query_problem
from codegrey.serve.entity_page import entity_page
from codegrey.serve.formats import Kind, named
from codegrey.serve.frames import Code
from codegrey.serve.html import page, problem_fragment
from codegrey.serve.http import Request, Response
from codegrey.serve.negotiate import rdf_format, wants_html
from codegrey.serve.ontology_page import ontology_page
from codegrey.serve.openapi import document as openapi_document
from codegrey.serve.problems import Problem, ProblemError, not_acceptable, not_found, problem_html
from codegrey.serve.ticket import TaskError

if TYPE_CHECKING:
    from codegrey.serve.serving import Serving
    from codegrey.serve.sparql import Sparql

_PART: Final = 256 * 1024
_MEDIA: Final = {".nq": "application/n-quads", ".trig": "application/trig", ".ttl": "text/turtle; charset=utf-8"}
_FRESH: Final = ("cache-control", "public, no-cache")


class Documents:
    """Everything that is not a query."""

    def __init__(self, context: Context, sparql: Sparql) -> None:
        self._context = context
        self._sparql = sparql

    async def entity(self, request: Request) -> Response:
        """A resource (303) or one of its documents."""
        serving = self._context.serving()
        path, suffix = entities.split(request.path.removeprefix(entities.PREFIX))
        try:
            iri = entities.iri_of(serving.dataset.base, path)
            return await self._entity_or_none(request, serving, iri, (path, suffix))
        except ProblemError as error:
            if suffix == "html" or (not suffix and wants_html(request.accept)):
                return self._problem_page(serving, error.problem)
            raise

    async def _entity_or_none(self, request: Request, serving: Serving, iri: str, address: tuple[str, str]) -> Response:
        try:
            return await self._entity(request, serving, iri, address)
        except TaskError as error:
            if error.code == Code.SYNTAX:
                raise ProblemError(not_found("No resource has such an address.")) from None
            raise ProblemError(query_problem(error, "", self._context.settings)) from None

    async def _entity(self, request: Request, serving: Serving, iri: str, address: tuple[str, str]) -> Response:
        path, suffix = address
        if path.startswith("graph/") and suffix != "html":
            return await self._graph(request, iri, address)
        if not await some(serving.pool, entities.mention(iri), client=request.client):
            raise ProblemError(not_found(f"There is no resource <{iri}> in this dataset."))
        if not suffix:
            return entities.see_other(path, entities.negotiated_suffix(request))
        if suffix == "html":
            return await entity_page(self._context.site(serving), serving, iri, client=request.client)
        operation = entities.document(iri, suffix)
        return await self._context.endpoint.answer(request, operation, serving)

    async def _graph(self, request: Request, iri: str, address: tuple[str, str]) -> Response:
        path, suffix = address
        if not suffix:
            chosen = entities.negotiated_suffix(request)
            return entities.see_other(path, "ttl" if chosen == "html" else chosen)
        return await self._sparql.graph(request, iri, suffix=suffix)

    def _problem_page(self, serving: Serving, problem: Problem) -> Response:
        content = problem_fragment(problem_html(problem))
        return page(self._context.site(serving), problem.title, content, status=problem.status)

    async def ontology(self, request: Request) -> Response:
        """The ontology as a page or as data."""
        serving = self._context.serving()
        suffix = request.path.removeprefix("/ontology").removeprefix(".")
        if suffix == "html" or (not suffix and wants_html(request.accept)):
            try:
                return await ontology_page(self._context.site(serving), serving, client=request.client)
            except TaskError as error:
                raise ProblemError(query_problem(error, "", self._context.settings)) from None
        if suffix and named(suffix, Kind.RDF) is None:
            raise ProblemError(not_found(request.path))
        return await self._sparql.graph(request, serving.dataset.base + "graph/ontology", suffix=suffix)

    async def void(self, request: Request) -> Response:
        """VoID and DCAT of the dataset."""
        serving = self._context.serving()
        chosen = named("ttl", Kind.RDF) if request.path.endswith(".ttl") else rdf_format(request.accept)
        if chosen is None and wants_html(request.accept):
            chosen = named("ttl", Kind.RDF)
        if chosen is None:
            raise ProblemError(not_acceptable(rdf=True))
        origin = self._context.origin(request)
        triples = dataset_description(serving.dataset, endpoint=f"{origin}/sparql", origin=origin)
        body = serialize(triples, chosen)
        return Response(200, chosen.content_type, body).with_headers(("vary", "Accept"), _FRESH)

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI document."""
        version = self._context.serving().version
        content = openapi_document(self._context.settings, origin=self._context.origin(request), version=version)
        return Response(200, "application/json", json.dumps(content, indent=1).encode()).with_headers(_FRESH)

    async def data(self, request: Request) -> Response:
        """The page of the dumps."""
        serving = self._context.serving()
        return data_page(self._context.site(serving), serving.dataset, origin=self._context.origin(request))

    async def dump(self, request: Request) -> Response:
        """One dump, read from disk part by part."""
        dataset = self._context.serving().dataset
        name = request.path.removeprefix("/dump/")
        if name not in dump_names(dataset):
            raise ProblemError(not_found(request.path))
        try:
            path = dataset.dump_path(name)
        except DatasetError as error:
            raise ProblemError(not_found(str(error))) from None
        etag = f'"{dataset.version}-{name}"'
        headers = (("etag", etag), _FRESH, ("content-length", str(path.stat().st_size)))
        if etag in request.header("if-none-match"):
            return Response(304, "").with_headers(*headers[:2])
        media_type = _MEDIA.get(path.suffix, "application/octet-stream")
        return Response(200, media_type, rest=_parts(path)).with_headers(*headers)


async def _parts(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while part := await asyncio.to_thread(stream.read, _PART):
            yield part
