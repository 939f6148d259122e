"""Killable workers: limits, neighbours, replacement, new dataset versions."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from select import select
from typing import Any
from urllib.parse import urlencode

import pytest

from serving import Reply, Server, make_dataset, running, wait_until

TIME = 2.0
MEMORY = 200 * 1024 * 1024
LIGHT = "SELECT ?label { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } LIMIT 2"
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
HEAVY = f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"
RUNAWAYS = {
    "cross join": (HEAVY, "time_limit"),
    "sorted product": (f"SELECT * {{ {CROSS} }} ORDER BY RAND()", "memory_limit or time_limit"),
    "path from everywhere": (
        "SELECT (COUNT(*) AS ?n) { ?s (<urn:p>|!<urn:p>)* ?o . ?a (<urn:p>|!<urn:p>)* ?b . ?c (<urn:p>|!<urn:p>)* ?d }",
        "time_limit",
    ),
    "regex": (
        f'SELECT (COUNT(*) AS ?n) {{ {CROSS} FILTER(REGEX(CONCAT(STR(?a), STR(?l)), "^(([a-z:/.])+.)+[A-Z]+$")) }}',
        "time_limit",
    ),
    "endless rows": (f"SELECT * {{ {CROSS} }}", "byte_limit"),
    "long chain": (f"SELECT * {{ FILTER({'1+' * 100_000}1) }}", "time_limit"),
    "deep nesting": ("ASK " + "{" * 5000 + "}" * 5000, "depth_limit"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dataset")
    make_dataset(path, 60)
    return path


@pytest.fixture(scope="module")
def strict(folder: Path) -> Iterator[Server]:
    """A server with narrow limits."""
    limits: dict[str, Any] = {
        "time_limit": TIME,
        "memory_limit": MEMORY,
        "byte_limit": 2_000_000,
        "first_bytes": 3_000_000,
    }
    with running(folder, cache_bytes=0, **limits) as one:
        yield one


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """A server whose limits nothing here meets."""
    with running(folder, cache_bytes=0, slow_workers=8, time_limit=60.0) as one:
        yield one


@contextmanager
def heavy(server: Server, count: int, client: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Heavy queries that run until their clients leave at the end of the block."""
    address = ("127.0.0.1", server.port)
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(address, 30, (client, 0))) for _ in range(count)]
        for number, one in enumerate(sockets):
            query = urlencode({"query": f"{HEAVY} # {number}"})  # equal ones would be evaluated once
            one.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        yield sockets


def light(server: Server, client: str = "127.0.0.1") -> float:
    """Ask a light query; return its seconds."""
    began = time.perf_counter()
    assert server.query(LIGHT, "text/csv", client=client).status == 200
    return time.perf_counter() - began


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_dies_at_its_limit_and_the_refusal_names_it(strict: Server, name: str) -> None:
    query, limit = RUNAWAYS[name]
    began = time.perf_counter()
    headers = {"content-type": "application/sparql-query", "accept": "text/csv"}
    reply = strict.send("POST", "/sparql", headers, query.encode())
    assert time.perf_counter() - began < TIME + 1.0  # half of it on a machine of one's own
    document = reply.json()
    assert reply.status in (400, 413, 503, 504)
    assert document["limit"] in limit
    assert document["value"]
    assert document["hint"]
    light(strict)


def test_light_queries_stay_fast_while_heavy_ones_run(server: Server) -> None:
    with heavy(server, 4):
        wait_until(lambda: _load(server)["old"] >= 4, 30)
        times = sorted(light(server) for _ in range(50))
    assert times[-5] < 0.5  # generous: test machines are shared


def _load(server: Server) -> dict[str, int]:
    serving = server.app.stage.serving
    assert serving is not None
    return serving.pool.load


def _is_free(server: Server) -> bool:
    return _load(server)["old"] + _load(server)["young"] == 0


def test_a_client_that_leaves_stops_its_query(server: Server) -> None:
    wait_until(lambda: _is_free(server), 30)
    with heavy(server, 1):
        wait_until(lambda: _load(server)["old"] == 1)
    wait_until(lambda: _is_free(server))


def test_killed_workers_are_replaced_and_no_request_fails(server: Server) -> None:
    stop = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        while not stop.is_set():
            statuses.append(server.query(LIGHT, "text/csv").status)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for _ in range(20):
        time.sleep(0.05)
        for pid in server.pids()[:1]:
            if pid:
                os.kill(pid, signal.SIGKILL)
    stop.set()
    for asker in askers:
        asker.join()
    assert set(statuses) == {200}
    assert len(statuses) > 20


def test_a_stream_whose_process_is_killed_goes_on_where_it_was(folder: Path) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 40000"
    with running(folder, first_bytes=10_000, cache_bytes=0, time_limit=60.0) as one:
        whole = one.query(query, "text/csv").body
        request = f"GET /sparql?{urlencode({'query': query})} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
        with socket.create_connection(("127.0.0.1", one.port)) as connection:
            connection.sendall(request.encode())
            data = connection.recv(5000)
            for pid in one.pids():
                os.kill(pid, signal.SIGKILL)
            while not data.endswith(b"\r\n0\r\n\r\n") and (part := connection.recv(1 << 20)):
                data += part
        serving = one.app.stage.serving
        assert serving is not None
        assert serving.pool.counts.retried >= 1
    body, rest = b"", data.split(b"\r\n\r\n", 1)[1]
    while size := int(rest.split(b"\r\n", 1)[0], 16):
        head = rest.index(b"\r\n") + 2
        body, rest = body + rest[head : head + size], rest[head + size + 2 :]
    assert body == whole


def test_a_full_queue_answers_429_with_retry_after(folder: Path) -> None:
    settings: dict[str, Any] = {"workers": 1, "slow_workers": 0, "queue_limit": 1, "time_limit": 60.0}
    with running(folder, **settings) as one, heavy(one, 2):
        wait_until(lambda: _load(one)["young"] == 1 and _load(one)["queued"] == 1)
        reply = one.query(LIGHT)
    assert (reply.status, reply.json()["limit"]) == (429, "queue_limit")
    assert int(reply.headers["retry-after"]) > 0


def test_a_client_with_more_than_its_share_gives_way_to_another(folder: Path) -> None:
    with running(folder, workers=1, slow_workers=2, time_limit=60.0) as one, heavy(one, 3, "127.0.0.2") as sockets:
        wait_until(lambda: _load(one)["old"] == 2 and _load(one)["young"] == 1, 30)
        assert light(one, client="127.0.0.3") < 20
        ended = [item for item in sockets if select([item], [], [], 0)[0]]
        assert len(ended) == 1
        assert b"503" in ended[0].recv(100)


def test_an_answer_that_breaks_off_is_a_transport_error(tmp_path: Path) -> None:
    make_dataset(tmp_path, 60)
    with running(tmp_path, time_limit=1.0, first_bytes=1000, stall_limit=0.5) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            path = "/sparql?" + urlencode({"query": f"SELECT * {{ {CROSS} }}"})
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode())
            data = b""
            while part := connection.recv(1 << 20):
                data = (data + part)[-200:]
        assert not data.endswith(b"0\r\n\r\n")  # chunked coding without its end: the client knows


def test_a_large_answer_arrives_whole(server: Server) -> None:
    reply = server.query("SELECT ?s ?o ?x { ?s ?p ?o . ?x ?y ?z }", "text/tab-separated-values")
    total = int(server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?x ?y ?z }", "text/csv").lines[1])
    assert reply.body.count(b"\n") == total + 1


def test_a_row_limit_refuses_and_never_cuts(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    with running(tmp_path, row_limit=10) as server:
        for accept in ("text/csv", "text/tab-separated-values", "application/json", "application/xml"):
            assert server.query("SELECT * { ?s ?p ?o } LIMIT 10", accept).status == 200
            reply = server.query("SELECT * { ?s ?p ?o } LIMIT 11", accept)
            assert (reply.status, reply.json()["limit"]) == (413, "row_limit")
        for accept in ("text/turtle", "application/n-triples", "application/ld+json"):
            assert server.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 10", accept).status == 200
            assert server.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 11", accept).status == 413


def test_a_new_version_is_served_without_losing_a_request(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    count = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/codegrey/ontology#Incident> }"
    with running(tmp_path) as server:
        replies: list[Reply] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                replies.append(server.query(count, "text/csv"))

        asker = threading.Thread(target=ask)
        asker.start()
        for number in (21, 22, 23):
            make_dataset(tmp_path, number)
            wait_until(lambda number=number: replies[-1].lines[1:] == [str(number)])
        stop.set()
        asker.join()
    assert {reply.status for reply in replies} == {200}


def test_a_damaged_version_leaves_the_old_one_serving(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    with running(tmp_path) as server:
        version = server.get("/readyz").body
        (tmp_path / "versions" / "broken").mkdir()
        (tmp_path / "next").symlink_to("versions/broken")
        (tmp_path / "next").replace(tmp_path / "current")
        time.sleep(0.4)
        assert server.get("/readyz").body == version
        assert server.query(LIGHT).status == 200


def test_equal_queries_at_the_same_time_are_evaluated_once(folder: Path) -> None:
    with running(folder, time_limit=60.0) as one:
        serving = one.app.stage.serving
        assert serving is not None
        query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g <http://www.w3.org/2000/01/rdf-schema#label> ?i }"
        before = serving.pool.counts.tasks
        with ThreadPoolExecutor(6) as executor:
            replies = [item.result() for item in [executor.submit(one.query, query, "text/csv") for _ in range(6)]]
        assert {reply.status for reply in replies} == {200}
        assert len({reply.body for reply in replies}) == 1
        assert serving.pool.counts.tasks == before + 1


def test_equal_queries_share_the_refusal_too(folder: Path) -> None:
    with running(folder, time_limit=1.0) as one, ThreadPoolExecutor(3) as executor:
        began = time.perf_counter()
        replies = [item.result() for item in [executor.submit(one.query, HEAVY) for _ in range(3)]]
        assert {reply.status for reply in replies} == {504}
        assert time.perf_counter() - began < 2.0
