"""SERVICE: off by default, allowed by list, checked addresses, evaluated outside the query process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from codegrey.errors import QueryError, ServiceError
from codegrey.serve.federation import find_clauses, values
from codegrey.serve.remote import Bindings, RemoteLimits, call, is_public, parse_bindings
from codegrey.vocab import CG
from serving import make_dataset, running

PREFIX = f"PREFIX cg: <{CG}> "


@contextmanager
def endpoint(answer: Any, status: int = 200, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A small endpoint on loopback that always answers the same; yields its URL and the queries that came."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            asked.append(form["query"][0])
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def table(*rows: dict[str, dict[str, str]]) -> dict[str, Any]:
    names = sorted({name for row in rows for name in row})
    return {"head": {"vars": names}, "results": {"bindings": list(rows)}}


HOSPITAL = {"type": "uri", "value": "https://w3id.org/codegrey/id/organisation/hospital-1"}
REMOTE = table({"h": HOSPITAL, "city": {"type": "literal", "value": 'Ville "1"\n', "xml:lang": "fr"}})


def test_an_allowed_endpoint_is_asked_with_the_values_that_can_join(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    with endpoint(REMOTE) as (url, asked), running(tmp_path, service_allow=(url,), service_private=True) as server:
        query = f"{PREFIX}SELECT ?h ?beds ?city {{ ?h cg:beds ?beds . SERVICE <{url}> {{ ?h <urn:city> ?city }} }}"
        reply = server.query(query, "application/json")
    rows = reply.json()["results"]["bindings"]
    assert [(row["beds"]["value"], row["city"]["value"]) for row in rows] == [("100", 'Ville "1"\n')]
    assert reply.headers["cache-control"] == "no-store"
    assert asked[0].count("organisation/hospital-") == 5


def test_an_endpoint_that_is_not_listed_is_refused_even_if_silent(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    with endpoint(REMOTE) as (url, asked), running(tmp_path, service_allow=("https://other/",)) as server:
        for silent in ("", "SILENT "):
            reply = server.query(f"ASK {{ SERVICE {silent}<{url}> {{ ?s ?p ?o }} }}", "application/json")
            assert (reply.status, reply.json()["type"].rpartition("/")[2]) == (403, "service-refused")
    assert asked == []


def test_a_listed_endpoint_at_a_private_address_is_not_called(tmp_path: Path) -> None:
    make_dataset(tmp_path)
    with endpoint(REMOTE) as (url, asked), running(tmp_path, service_allow=(url,)) as server:
        reply = server.query(f"ASK {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
        assert (reply.status, "not public" in reply.json()["detail"]) == (504, True)
        silent = server.query(f"SELECT (1 AS ?x) {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}", "text/csv")
        assert silent.lines == ["x", "1"]
    assert asked == []


def test_a_redirect_is_checked_like_a_first_call() -> None:
    with (
        endpoint(b"", 307, location="http://127.0.0.1:1/elsewhere") as (url, _),
        pytest.raises(ServiceError, match="among"),
    ):
        call(url, "ASK {}", RemoteLimits((url,), 5.0, 1000, private=True))


def test_an_endless_redirect_an_error_and_a_large_answer_are_errors() -> None:
    with endpoint(b"", 302, location="/sparql") as (url, _), pytest.raises(ServiceError, match="too often"):
        call(url, "ASK {}", RemoteLimits((url,), 5.0, 1000, private=True))
    with endpoint(b"", 500) as (url, _), pytest.raises(ServiceError, match="status 500"):
        call(url, "ASK {}", RemoteLimits((url,), 5.0, 1000, private=True))
    with endpoint(b" " * 2000) as (url, _), pytest.raises(ServiceError, match="larger than"):
        call(url, "ASK {}", RemoteLimits((url,), 5.0, 1000, private=True))


NOT_PUBLIC = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 ::1 fe80::1%eth0 fc00::1
::ffff:10.0.0.1 2002:0a00:0001::1
""".split()


@pytest.mark.parametrize(
    ("address", "public"), [*((address, False) for address in NOT_PUBLIC), ("8.8.8.8", True), ("2606:4700::1", True)]
)
def test_only_addresses_of_the_open_internet_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


CLAUSES = [
    ("SELECT * { ?a ?b ?c . SERVICE <urn:e> { ?c ?d ?e } }", "?a ?b ?c"),
    ("SELECT * { SERVICE <urn:e> { ?c ?d ?e } ?a ?b ?c . ?c a ?f FILTER(?f > 1) }", "?a ?b ?c . ?c a ?f"),
    ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?x ?y } SERVICE <urn:e> { ?c ?d ?e } ?m ?n ?o }", "?a ?b ?c"),
    ("SELECT * { OPTIONAL { ?a ?x ?y } SERVICE <urn:e> { ?c ?d ?e } }", ""),
    ("SELECT * { { ?a ?b ?c . SERVICE <urn:e> { ?c ?d ?e } } }", ""),
]


@pytest.mark.parametrize(("query", "beside"), CLAUSES)
def test_only_triple_patterns_that_surely_join_are_asked_first(query: str, beside: str) -> None:
    (clause,) = find_clauses(query)
    assert clause.beside.strip() == beside
    assert (clause.url, clause.pattern.strip()) == ("urn:e", "?c ?d ?e")


@pytest.mark.parametrize(
    "query",
    ["SELECT * { SERVICE ?e { ?s ?p ?o } }", "SELECT * { SERVICE <urn:e> { SERVICE <urn:f> { } } }",
     "SELECT * { SERVICE <urn:e> { ?s ?p ?o", "SELECT * { SERVICE x:y { } }", "SELECT * { SERVICE"],
)  # fmt: skip
def test_a_clause_that_cannot_be_evaluated_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        find_clauses(query)


def test_values_cannot_break_out_of_their_block() -> None:
    evil = {"type": "uri", "value": "urn:x> } } DROP ALL #"}
    with pytest.raises(ServiceError):
        values(Bindings(("x",), ({"x": evil},)))
    with pytest.raises(ServiceError):
        values(Bindings(("x) {} #",), ()))
    text = values(Bindings(("x", "y"), ({"x": {"type": "literal", "value": 'a"\\\n', "datatype": "urn:d> }"}},)))
    assert text == ' VALUES (?x ?y) { ("a\\"\\\\\\n" UNDEF) } '


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"head": {"vars": 1}}', b'{"head":{},"boolean":true}'])
def test_what_is_no_result_is_an_error(body: bytes) -> None:
    with pytest.raises(ServiceError):
        parse_bindings(body, "urn:e")
