"""The endpoint as a FastAPI application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codegrey.serve import create_app
from codegrey.serve.app import Application
from codegrey.serve.service import Service
from codegrey.serve.settings import ServeSettings
from serving import Server, make_dataset, running


def with_hello(endpoint: Application) -> Service:
    app = Service(endpoint, ServeSettings())

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    return app


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    make_dataset(folder)
    with running(folder, wrap=with_hello) as one:
        yield one


def test_queries_are_answered_by_the_endpoint(server: Server) -> None:
    reply = server.query("SELECT (1 AS ?one) {}", "text/csv")
    assert (reply.status, reply.lines) == (200, ["one", "1"])


def test_a_route_of_ones_own_stands_beside_the_endpoint(server: Server) -> None:
    assert server.get("/hello").json() == "hello"


def test_what_nobody_serves_is_a_problem_of_the_endpoint(server: Server) -> None:
    reply = server.get("/nothing-here")
    assert (reply.status, reply.media_type) == (404, "application/problem+json")


def test_the_description_names_the_endpoint_and_added_routes(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    app = create_app(tmp_path)
    app.get("/hello")(lambda: "hello")
    assert {"/sparql", "/hello"} <= set(app.openapi()["paths"])
