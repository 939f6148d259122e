"""Whatever arrives, the answer is no server error but 503 and 504, and the server lives.

``CODEGREY_FUZZ=10000`` raises the number of requests.
"""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving import Server, make_dataset, running

MANY = int(os.environ.get("CODEGREY_FUZZ", "300"))
PIECES = [
    *"SELECT ASK CONSTRUCT DESCRIBE * { } ( ) ?s ?p ?o WHERE FILTER OPTIONAL UNION GRAPH FROM NAMED < > VALUES".split(),
    *"BIND AS COUNT LIMIT 10 -1 1e999 'a' a : _:b [] / | ^ ! REGEX SERVICE INSERT DELETE # , ; . @en ^^ MINUS".split(),
    *"EXISTS NOT PREFIX BASE UNDEF = << >> {| LATERAL HAVING SUM rdf:type xsd:integer IRI STRDT SUBSTR \\ é".split(),
    *("<http://x/g>", "GROUP BY", "ORDER BY", '"', "'''", "'(a+)+$'", "\n", "\x00", "\U0001f600"),
]
QUERY = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map(lambda words: "SELECT * { " + " ".join(words) + " }"),
    st.text(max_size=60),
)
HEADER = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
NAMES = st.sampled_from([
    "accept", "accept-encoding", "content-type", "if-none-match", "origin", "range", "expect", "x-forwarded-for",
    "accept-language",
])  # fmt: skip
MEDIA = st.sampled_from([
    "application/sparql-query", "application/x-www-form-urlencoded", "application/sparql-update", "text/csv",
    "*/*", "text/html", "text/turtle;q=0.3", "gzip", "br;q=0", "application/json",
])  # fmt: skip
PATHS = st.sampled_from([
    "/sparql", "/sparql", "/sparql", "/rdf-graph-store", "/id/incident/x", "/id/", "/ontology", "/ontology.ttl",
    "/", "/data", "/dump/codegrey.nq", "/.well-known/void", "/openapi.json", "/metrics", "/healthz", "/void.ttl",
    "/sparql.html", "/query.js",
])  # fmt: skip
PARAMETERS = st.lists(
    st.tuples(
        st.sampled_from(["query", "update", "format", "default-graph-uri", "named-graph-uri", "graph", "default", "x"]),
        st.one_of(QUERY, st.sampled_from(["http://x/g", "html", "csv", "ttl", ""])),
    ),
    max_size=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    make_dataset(folder)
    with running(folder, time_limit=2.0, byte_limit=5_000_000, memory_limit=300 * 1024 * 1024) as one:
        yield one


def escaped(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}=" + "".join(f"%{byte:02X}" for byte in value.encode("utf-8", "surrogatepass"))
                    for name, value in pairs)  # fmt: skip


@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["GET", "GET", "POST", "POST", "HEAD", "QUERY", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    PATHS,
    PARAMETERS,
    st.lists(st.tuples(NAMES, st.one_of(HEADER, MEDIA)), max_size=4),
    st.one_of(st.none(), QUERY.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=50)),
)
def test_no_request_makes_a_server_error(
    server: Server,
    method: str,
    path: str,
    parameters: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    body: bytes | None,
) -> None:
    try:
        reply = server.send(method, f"{path}?{escaped(parameters)}" if parameters else path, dict(headers), body)
    except (http.client.HTTPException, ConnectionError):
        return  # uvicorn refuses what is no HTTP by closing
    assert reply.status < 500 or reply.status in (503, 504), reply.body[:500]


@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
@given(QUERY, st.sampled_from(["text/csv", "application/json", "text/turtle", "text/html", "*/*"]))
def test_no_query_makes_a_server_error(server: Server, query: str, accept: str) -> None:
    headers = {"content-type": "application/sparql-query", "accept": accept}
    reply = server.send("POST", "/sparql", headers, query.encode("utf-8", "surrogatepass"))
    assert reply.status < 500 or reply.status in (503, 504), reply.body[:500]
    assert b"Traceback" not in reply.body


@settings(max_examples=max(50, MANY // 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300))
def test_bytes_that_are_no_http_do_no_harm(server: Server, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET /sparql HTTP/1.1\r\n" + data + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    assert server.get("/healthz").status == 200
