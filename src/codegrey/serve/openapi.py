"""The OpenAPI 3.1 document of the endpoint, written by hand: the addresses are few and the protocol is a standard."""

from __future__ import annotations

from typing import Any

from codegrey.serve.formats import FORMATS, RDF, RESULTS
from codegrey.serve.problems import PROBLEM_TYPE
from codegrey.serve.settings import ServeSettings

_PROBLEM = {"$ref": "#/components/responses/problem"}


def document(settings: ServeSettings, *, origin: str, version: str) -> dict[str, Any]:
    """The document for a server at ``origin``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.title,
            "version": version,
            "description": "SPARQL 1.1 queries over the dataset, and its resources as linked data.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": origin}],
        "paths": _paths(settings),
        "components": {
            "responses": {"problem": {"description": "RFC 9457", "content": {PROBLEM_TYPE: {"schema": _problem()}}}}
        },
    }


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {"type": text, "title": text, "status": {"type": "integer"}, "detail": text, "hint": text},
    }


def _paths(settings: ServeSettings) -> dict[str, Any]:
    sparql = {"get": _sparql_get(), "post": _sparql_post()}
    paths: dict[str, Any] = {
        "/sparql": sparql,
        "/rdf-graph-store": {"get": _graph_store()},
        "/id/{path}": {"get": _entity()},
        "/ontology": {"get": _plain("The ontology", ["text/html", *(item.media_types[0] for item in RDF)])},
        "/.well-known/void": {"get": _plain("VoID and DCAT", ["text/html", *(item.media_types[0] for item in RDF)])},
        "/data": {"get": _plain("The dumps", ["text/html"])},
        "/": {"get": _plain("The home page", ["text/html"])},
        "/healthz": {"get": _plain("Whether the process runs", ["text/plain"])},
        "/readyz": {"get": _plain("Whether it answers queries", ["text/plain"])},
    }
    if settings.metrics:
        paths["/metrics"] = {"get": _plain("Prometheus metrics", ["text/plain"])}
    return paths


def _responses(media_types: list[str], *codes: int) -> dict[str, Any]:
    content: dict[str, Any] = {media: {} for media in media_types}
    errors = {str(code): _PROBLEM for code in codes}
    return {"200": {"description": "The answer", "content": content}, **errors}


def _plain(text: str, media_types: list[str]) -> dict[str, Any]:
    return {"summary": text, "responses": _responses(media_types, 404, 406, 503)}


def _parameter(name: str, text: str, *, required: bool = False, many: bool = False) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}} if many else {"type": "string"}
    return {"name": name, "in": "query", "required": required, "description": text, "schema": schema}


def _query_parameters() -> list[dict[str, Any]]:
    return [
        _parameter("query", "A SPARQL 1.1 query; without one the service description is returned."),
        _parameter("default-graph-uri", "Graphs of the query's default graph.", many=True),
        _parameter("named-graph-uri", "Graphs that GRAPH reaches.", many=True),
        _parameter("format", "Instead of Accept: html, " + ", ".join(item.name for item in FORMATS) + "."),
    ]


def _sparql_get() -> dict[str, Any]:
    media = ["text/html", *(item.media_types[0] for item in (*RESULTS, *RDF))]
    codes = (400, 403, 406, 413, 429, 500, 503, 504)
    return {"summary": "Ask a query", "parameters": _query_parameters(), "responses": _responses(media, *codes)}


def _sparql_post() -> dict[str, Any]:
    fields = {"query": {"type": "string"}, "default-graph-uri": {"type": "array", "items": {"type": "string"}}}
    form = {"schema": {"type": "object", "required": ["query"], "properties": fields}}
    media = [item.media_types[0] for item in (*RESULTS, *RDF)]
    return {
        "summary": "Ask a query by a form, or directly",
        "parameters": _query_parameters()[1:],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": form,
                "application/sparql-query": {"schema": {"type": "string"}},
            },
        },
        "responses": _responses(media, 400, 403, 406, 413, 415, 429, 503, 504),
    }


def _graph_store() -> dict[str, Any]:
    parameters = [_parameter("graph", "A graph of the dataset."), _parameter("default", "Empty: the union of all.")]
    media = [item.media_types[0] for item in RDF]
    return {"summary": "One graph", "parameters": parameters, "responses": _responses(media, 400, 404, 406, 429, 503)}


def _entity() -> dict[str, Any]:
    path = {"name": "path", "in": "path", "required": True, "schema": {"type": "string"}}
    responses = {"303": {"description": "To the page or the data"}, **_responses(["text/html"], 404, 406, 429, 503)}
    return {"summary": "A resource, and its documents with a suffix", "parameters": [path], "responses": responses}
