"""The SPARQL 1.1 Protocol over real HTTP: operations, formats, refusals."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from rdflib import Dataset, Graph

from serving import INCIDENTS, REGISTRY, Reply, Server, make_dataset, running

SELECT = "SELECT ?s ?label WHERE { ?s rdfs:label ?label } ORDER BY ?label LIMIT 3"
PREFIX = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX cg: <https://w3id.org/codegrey/ontology#> "
FORM = "application/x-www-form-urlencoded"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    make_dataset(folder)
    with running(folder, time_limit=10.0, query_bytes=20_000) as one:
        yield one


def by_get(server: Server, query: str, accept: str) -> Reply:
    return server.get("/sparql?" + urlencode({"query": query}), accept)


def by_form(server: Server, query: str, accept: str) -> Reply:
    body = urlencode({"query": query}).encode()
    return server.send("POST", "/sparql", {"content-type": FORM, "accept": accept}, body)


def direct(server: Server, query: str, accept: str) -> Reply:
    headers = {"content-type": "application/sparql-query", "accept": accept}
    return server.send("POST", "/sparql", headers, query.encode())


def by_query(server: Server, query: str, accept: str) -> Reply:
    headers = {"content-type": "application/sparql-query", "accept": accept}
    return server.send("QUERY", "/sparql", headers, query.encode())


WAYS = {"get": by_get, "form": by_form, "direct": direct, "query": by_query}
FORMS = {
    "SELECT": PREFIX + SELECT,
    "ASK": "ASK { ?s ?p ?o }",
    "CONSTRUCT": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3",
    "DESCRIBE": "DESCRIBE <https://w3id.org/codegrey/id/organisation/hospital-1>",
}
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
TABLE = {
    "*/*": JSON, JSON: JSON, "application/json": JSON, XML: XML, "application/xml": XML, "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values", "text/*": "text/csv",
    "text/csv;q=0.1, application/sparql-results+json;q=0.9": JSON, "text/csv;q=0, */*;q=0.1": JSON,
    "application/pdf": "", "text/turtle": "",
}  # fmt: skip
GRAPH = {
    "*/*": "text/turtle", "text/turtle": "text/turtle", "application/n-triples": "application/n-triples",
    "application/rdf+xml": "application/rdf+xml", "application/xml": "application/rdf+xml",
    "application/ld+json": "application/ld+json", "application/json": "application/ld+json",
    "application/trig": "application/trig", "application/n-quads": "application/n-quads", "text/n3": "text/n3",
    "text/turtle;q=0.1, application/n-triples;q=0.5": "application/n-triples", "text/csv": "",
}  # fmt: skip
MATRIX = [
    (form, way, accept, expected)
    for form in FORMS
    for way in WAYS
    for accept, expected in (TABLE if form in ("SELECT", "ASK") else GRAPH).items()
]


def readable(reply: Reply) -> bool:
    """Whether a strict reader takes the body for what its media type says."""
    kind, body = reply.media_type, reply.body
    if kind == JSON:
        document = json.loads(body)
        return "boolean" in document or "bindings" in document["results"]
    if kind == XML:
        return ET.fromstring(body).tag == "{http://www.w3.org/2005/sparql-results#}sparql"
    if kind.startswith("text/") and kind not in ("text/turtle", "text/n3"):
        return bool(body)
    if kind in ("application/trig", "application/n-quads"):
        return len(Dataset().parse(data=body, format="trig" if "trig" in kind else "nquads")) > 0
    names = {"application/rdf+xml": "xml", "application/ld+json": "json-ld", "application/n-triples": "nt"}
    return len(Graph().parse(data=body, format=names.get(kind, "turtle"))) > 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize(("form", "way", "accept", "expected"), MATRIX)
def test_every_form_by_every_way_in_every_format(
    server: Server, form: str, way: str, accept: str, expected: str
) -> None:
    reply = WAYS[way](server, FORMS[form], accept)
    if expected:
        assert (reply.status, reply.media_type) == (200, expected)
        assert readable(reply)
    else:
        assert (reply.status, reply.media_type) == (406, "application/problem+json")
        assert ("text/csv" if form in ("SELECT", "ASK") else "text/turtle") in reply.json()["available"]


def test_columns_of_select_star_come_in_the_order_of_the_query(server: Server) -> None:
    query = PREFIX + "SELECT * { ?z cg:victim ?m . ?m rdfs:label ?a } LIMIT 1"
    assert server.query(query, "text/csv").lines[0] == "z,m,a"


def test_select_star_of_a_subquery_shows_only_what_the_subquery_projects(server: Server) -> None:
    query = "SELECT * { { SELECT ?y { ?x ?y ?z } } ?b ?y ?a } LIMIT 1"
    assert server.query(query, "text/csv").lines[0] == "y,b,a"


def test_select_star_in_a_string_or_comment_is_left_alone(server: Server) -> None:
    query = '# SELECT * {\nSELECT ("SELECT * { ?b }" AS ?text) (1 AS ?a) {}'
    assert server.query(query, "text/csv").lines == ["text,a", "SELECT * { ?b },1"]


def test_union_of_all_graphs_is_the_default_graph(server: Server) -> None:
    reply = server.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "text/csv")
    assert {INCIDENTS, REGISTRY} <= set(reply.lines[1:])
    assert server.query("ASK { ?a a <https://w3id.org/codegrey/ontology#Hospital> }", JSON).json()["boolean"]


def counted(reply: Reply) -> int:
    return int(reply.lines[1])


def test_from_replaces_the_default_graph(server: Server) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{REGISTRY}> {{ ?s ?p ?o }}"
    assert counted(server.query(query, "text/csv")) == 15


def test_from_named_alone_leaves_the_default_graph_empty(server: Server) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{REGISTRY}> {{ ?s ?p ?o }}"
    assert counted(server.query(query, "text/csv")) == 0


def test_from_reads_no_file(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text("<http://x/s> <http://x/p> 'leaked' .", encoding="utf-8")
    reply = server.query(f"SELECT * FROM <{secret.as_uri()}> {{ ?s ?p ?o }}", "text/csv")
    assert reply.lines == ["s,p,o"]


def test_default_graph_uri_wins_over_from(server: Server) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{INCIDENTS}> {{ ?s ?p ?o }}"
    assert counted(server.query(query, "text/csv", default_graph_uri=REGISTRY)) == 15


def test_named_graph_uri_alone_leaves_the_default_graph_empty(server: Server) -> None:
    assert counted(server.query(COUNT, "text/csv", named_graph_uri=REGISTRY)) == 0
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert counted(server.query(inside, "text/csv", named_graph_uri=REGISTRY)) == 15


def test_several_default_graphs_are_merged(server: Server) -> None:
    path = "/sparql?" + urlencode([("query", COUNT), ("default-graph-uri", REGISTRY), ("default-graph-uri", INCIDENTS)])
    assert counted(server.get(path, "text/csv")) == 15 + 80


def test_graphs_come_from_the_url_with_a_direct_query_and_from_the_form_with_a_form(server: Server) -> None:
    where = "?" + urlencode({"default-graph-uri": REGISTRY})
    head = {"accept": "text/csv", "content-type": "application/sparql-query"}
    assert counted(server.send("POST", "/sparql" + where, head, COUNT.encode())) == 15
    form = urlencode({"query": COUNT, "default-graph-uri": REGISTRY}).encode()
    assert counted(server.send("POST", "/sparql", {"accept": "text/csv", "content-type": FORM}, form)) == 15


REFUSALS = [
    ("two queries", "GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, b"", 400, "two-queries"),
    ("relative graph", "GET", "/sparql?query=ASK%7B%7D&default-graph-uri=x", {}, b"", 400, "graph-uri"),
    ("not UTF-8", "GET", "/sparql?query=%FF", {}, b"", 400, "encoding"),
    ("update in a URL", "GET", "/sparql?update=CLEAR%20ALL", {}, b"", 403, "read-only"),
    ("update in a form", "POST", "/sparql", {"content-type": FORM}, b"update=CLEAR+ALL", 403, "read-only"),
    ("update direct", "POST", "/sparql", {"content-type": "application/sparql-update"}, b"CLEAR ALL", 403, "read-only"),
    ("update as a query", "POST", "/sparql", {"content-type": FORM}, b"query=CLEAR+ALL", 403, "read-only"),
    ("no media type", "POST", "/sparql", {}, b"ASK {}", 415, "media-type"),
    ("JSON", "POST", "/sparql", {"content-type": "application/json"}, b"{}", 415, "media-type"),
    ("another charset", "POST", "/sparql", {"content-type": "application/sparql-query; charset=utf-16"},
     "ASK {}".encode("utf-16"), 415, "charset"),
    ("bytes", "POST", "/sparql", {"content-type": "application/sparql-query"}, b"ASK {<\xff> ?p 1}", 400, "encoding"),
    ("empty form", "POST", "/sparql", {"content-type": FORM}, b"", 400, "no-query"),
    ("query twice", "POST", "/sparql?query=ASK%7B%7D", {"content-type": "application/sparql-query"}, b"ASK {}", 400,
     "two-queries"),
    ("PUT", "PUT", "/sparql?query=ASK%7B%7D", {}, b"", 405, "method"),
    ("too large", "POST", "/sparql", {"content-type": "application/sparql-query"}, b"#" * 20_001, 413, "request-limit"),
    ("long URL", "GET", "/sparql?query=" + "%23" * 7000, {}, b"", 413, "request-limit"),
    ("unknown format", "GET", "/sparql?query=ASK%7B%7D&format=pdf", {}, b"", 406, "not-acceptable"),
    ("elsewhere", "GET", "/nothing", {}, b"", 404, "not-found"),
    ("SERVICE", "GET", "/sparql?query=" + quote("ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"), {}, b"", 403,
     "service-refused"),
    ("deep", "GET", "/sparql?query=" + quote("ASK " + "{" * 200 + "}" * 200), {}, b"", 400, "depth-limit"),
    ("unknown function", "GET", "/sparql?query=" + quote("SELECT (<urn:f>(1) AS ?x) {}"), {}, b"", 400, "evaluation"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "headers", "body", "status", "kind"), [row[1:] for row in REFUSALS],
                         ids=[row[0] for row in REFUSALS])  # fmt: skip
def test_a_refusal_is_a_problem_document_with_a_sentence(
    server: Server, method: str, path: str, headers: dict[str, str], body: bytes, status: int, kind: str
) -> None:
    reply = server.send(method, path, headers, body or None)
    assert (reply.status, reply.media_type) == (status, "application/problem+json")
    document = reply.json()
    assert document["type"].endswith("/" + kind)
    assert document["title"].endswith(".")
    assert reply.headers["cache-control"] == "no-store"


def test_a_syntax_error_names_line_column_and_token(server: Server) -> None:
    reply = server.query("SELECT ?s\nWHERE { ?s ?p ?o } ORDR BY ?s")
    document = reply.json()
    assert (reply.status, document["line"], document["column"], document["token"]) == (400, 2, 20, "ORDR")
    assert document["hint"] == "Did you mean ORDER?"


def test_an_undeclared_prefix_that_is_known_is_given(server: Server) -> None:
    document = server.query("SELECT ?s { ?s cg:victim ?o }").json()
    assert document["hint"] == "Add this line: PREFIX cg: <https://w3id.org/codegrey/ontology#>"


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [("ASK {}", "csv", "text/csv"), (FORMS["CONSTRUCT"], "json", "application/ld+json"),
     (FORMS["CONSTRUCT"], "ntriples", "application/n-triples"), ("ASK {}", "application/sparql-results+xml", XML)],
)  # fmt: skip
def test_the_format_parameter_wins_over_accept(server: Server, query: str, name: str, expected: str) -> None:
    reply = server.query(query, "text/html", format=name)
    assert reply.media_type == expected
    assert reply.headers["content-disposition"].startswith("attachment")


def test_head_answers_as_get_without_a_body(server: Server) -> None:
    path = "/sparql?" + urlencode({"query": COUNT})
    head, get = server.send("HEAD", path), server.send("GET", path)
    assert (head.status, head.body) == (200, b"")
    assert {name: head.headers[name] for name in ("content-type", "etag", "content-length")} == {
        name: get.headers[name] for name in ("content-type", "etag", "content-length")
    }


def test_a_preflight_allows_what_browsers_need(server: Server) -> None:
    headers = {"origin": "https://x.example", "access-control-request-method": "POST"}
    reply = server.send("OPTIONS", "/sparql", headers)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "*")
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Content-Type" in reply.headers["access-control-allow-headers"]
    assert server.query("ASK {}").headers["access-control-allow-origin"] == "*"


def test_vary_names_what_the_answer_depends_on(server: Server) -> None:
    assert server.query("ASK {}", "text/csv").headers["vary"] == "Accept, Accept-Encoding"


def test_a_known_entity_tag_gets_304(server: Server) -> None:
    path = "/sparql?" + urlencode({"query": COUNT})
    tag = server.get(path, "text/csv").headers["etag"]
    assert server.get(path, "text/csv", if_none_match=tag).status == 304
    assert server.get(path, "text/csv", if_none_match=f'"other", {tag}').status == 304
    assert server.get(path, "application/json", if_none_match=tag).status == 200


def test_an_answer_that_changes_is_not_cached(server: Server) -> None:
    replies = [server.query("SELECT (RAND() AS ?x) {}", "text/csv") for _ in range(2)]
    assert replies[0].body != replies[1].body
    assert "etag" not in replies[0].headers
    assert replies[0].headers["cache-control"] == "no-store"


def test_a_large_answer_is_compressed_for_a_client_that_can(server: Server) -> None:
    query = "SELECT * { ?s ?p ?o }"
    plain = server.query(query, "text/csv")
    packed = server.get("/sparql?" + urlencode({"query": query}), "text/csv", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    refused = server.get("/sparql?" + urlencode({"query": query}), "text/csv", accept_encoding="gzip;q=0, identity")
    assert "content-encoding" not in refused.headers


def test_every_response_carries_the_security_headers(server: Server) -> None:
    for path in ("/", "/sparql?query=ASK%7B%7D", "/nothing"):
        assert server.get(path).headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in server.get("/", "text/html").headers["content-security-policy"]


def test_the_query_parameter_is_decoded_once(server: Server) -> None:
    body = urlencode({"query": 'SELECT ("a%2Bb" AS ?x) {}'}).encode()
    assert server.send("POST", "/sparql", {"content-type": FORM, "accept": "text/csv"}, body).lines[1] == "a%2Bb"


def test_a_repeated_request_gets_the_same_answer_and_headers(server: Server) -> None:
    path = "/sparql?" + urlencode({"query": "SELECT (7 AS ?seven) { ?s ?p ?o } LIMIT 1"})
    replies = [server.get(path, "text/csv") for _ in range(4)]
    assert {reply.body for reply in replies} == {b"seven\r\n7\r\n"}
    changing = ("date", "server-timing")
    assert len({tuple(sorted((name, value) for name, value in reply.headers.items() if name not in changing))
                for reply in replies}) == 1  # fmt: skip
    assert server.get(path, "application/json").media_type == JSON
    assert server.send("HEAD", path, {"accept": "text/csv"}).body == b""
    assert server.get(path, "text/csv", if_none_match=replies[3].headers["etag"]).status == 304
