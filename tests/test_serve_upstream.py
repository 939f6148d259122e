"""The same front before another SPARQL server (here: a second codegrey), and the walls around query processes."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from serving import Server, make_dataset, running, wait_until

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    make_dataset(folder)
    with running(folder) as one:
        yield one


@pytest.fixture(scope="module")
def front(back: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = f"http://127.0.0.1:{back.port}/sparql"
    with running(tmp_path_factory.mktemp("none"), upstream=url, time_limit=1.0) as one:
        yield one


@pytest.mark.parametrize(
    ("query", "accept"),
    [(COUNT, "text/csv"), ("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o", "application/sparql-results+json"),
     ("ASK {}", "*/*"),
     ("DESCRIBE <https://w3id.org/codegrey/id/organisation/hospital-1>", "text/turtle"),
     ("SELECT * { ?s ?p ?o . ?x ?y ?z } LIMIT 5000", "text/tab-separated-values")],
)  # fmt: skip
def test_the_front_answers_what_the_upstream_answers(front: Server, back: Server, query: str, accept: str) -> None:
    one, other = front.query(query, accept), back.query(query, accept)
    assert (one.status, one.media_type, one.body) == (200, other.media_type, other.body)


def test_the_front_negotiates_refuses_and_describes_itself(front: Server) -> None:
    assert front.query(COUNT, "application/pdf").status == 406
    assert front.get("/sparql?update=CLEAR%20ALL").status == 403
    assert front.query("SELEC", "text/csv").status == 400
    assert front.get("/sparql", "text/turtle").status == 200
    assert front.get("/", "text/html").status == 200
    assert front.query(COUNT, "text/html").body.decode().count("<tr>") == 2


def test_the_front_dereferences_resources_and_graphs(front: Server) -> None:
    reply = front.get("/id/organisation/hospital-1", "text/turtle")
    assert (reply.status, reply.headers["location"]) == (303, "/id/organisation/hospital-1.ttl")
    assert b"beds" in front.get("/id/organisation/hospital-1.ttl").body
    assert b"Hospital" in front.get("/id/organisation/hospital-1.html").body
    assert front.get("/id/organisation/nobody.ttl").status == 404
    assert front.get("/rdf-graph-store?graph=https://w3id.org/codegrey/id/graph/registry", "text/turtle").status == 200


def test_without_a_version_nothing_is_tagged_or_kept(front: Server) -> None:
    assert "etag" not in front.query(COUNT, "text/csv").headers


def test_the_front_keeps_its_own_time_limit(front: Server) -> None:
    began = time.perf_counter()
    reply = front.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "text/csv")
    assert (reply.status, reply.json()["limit"]) == (504, "time_limit")
    assert time.perf_counter() - began < 1.5


def test_when_the_front_gives_up_the_query_behind_it_ends_too(front: Server, back: Server) -> None:
    front.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "text/csv")
    serving = back.app.stage.serving
    assert serving is not None
    wait_until(lambda: serving.pool.load["old"] + serving.pool.load["young"] == 0, 5)


@contextmanager
def bad_upstream(response: bytes) -> Iterator[str]:
    """A server that says one thing and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(response)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


TABLE = b"content-type: text/csv\r\n"
BAD = {
    "error": b"HTTP/1.1 500 No\r\ncontent-length: 4\r\n\r\noops",
    "other format": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi",
    "cut short": b"HTTP/1.1 200 OK\r\n" + TABLE + b"content-length: 100\r\n\r\nn\r\n",
    "cut chunk": b"HTTP/1.1 200 OK\r\n" + TABLE + b"transfer-encoding: chunked\r\n\r\n5\r\nn\r\n1",
    "no HTTP": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_an_upstream_that_fails_is_never_a_partial_answer(tmp_path: Path, name: str) -> None:
    with bad_upstream(BAD[name]) as url, running(tmp_path, upstream=url, time_limit=5.0) as server:
        reply = server.query(COUNT, "text/csv")
    assert (reply.status, reply.json()["type"].rpartition("/")[2]) == (504, "upstream")


def in_a_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp and /proc are Linux's")
def test_a_query_process_can_open_no_socket_and_start_no_program() -> None:
    code = """
import socket, os
from codegrey.serve import sandbox
print(sandbox.without_network())
for attempt in (lambda: socket.socket(), lambda: os.execv("/bin/true", ["true"])):
    try:
        attempt()
    except PermissionError:
        print("refused")
"""
    assert in_a_process(code).split() == ["True", "refused", "refused"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_query_process_cannot_outgrow_its_memory() -> None:
    code = """
from codegrey.serve import sandbox
print(sandbox.bound_memory(50_000_000))
try:
    bytearray(100_000_000)
except MemoryError:
    print("refused")
"""
    assert in_a_process(code).split() == ["True", "refused"]
