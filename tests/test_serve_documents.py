"""Linked data, descriptions, pages, operations: everything but queries."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import Graph, URIRef

from codegrey.serve.settings import ServeSettings, setting_rows, settings_table
from codegrey.settings import DEFAULT_BASE
from codegrey.vocab import CG
from serving import INCIDENTS, REGISTRY, Server, make_dataset, node, running

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
HOSPITAL = node("organisation/hospital-1")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SD = "http://www.w3.org/ns/sparql-service-description#"
DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    make_dataset(folder)
    with running(folder) as one:
        yield one


def graph(body: bytes, name: str = "turtle") -> Graph:
    return Graph().parse(data=body, format=name)


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [(BROWSER, "html"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld"), ("application/n-triples", "nt"),
     ("application/rdf+xml", "rdf"), ("*/*", "ttl"), ("text/html", "html")],
)  # fmt: skip
def test_a_resource_leads_to_the_document_that_fits(server: Server, accept: str, suffix: str) -> None:
    reply = server.get("/id/organisation/hospital-1", accept)
    assert (reply.status, reply.headers["location"]) == (303, f"/id/organisation/hospital-1.{suffix}")
    assert reply.headers["vary"] == "Accept"
    assert server.get(reply.headers["location"]).status == 200


@pytest.mark.parametrize(("suffix", "name"), [("ttl", "turtle"), ("jsonld", "json-ld"), ("nt", "nt"), ("rdf", "xml")])
def test_a_document_holds_what_is_said_of_the_resource_and_what_points_at_it(
    server: Server, suffix: str, name: str
) -> None:
    found = graph(server.get(f"/id/organisation/hospital-1.{suffix}").body, name)
    assert len(list(found.triples((URIRef(HOSPITAL), None, None)))) == 3
    assert len(list(found.triples((None, URIRef(CG["victim"]), URIRef(HOSPITAL))))) == 4


def test_an_unknown_resource_is_404_as_a_problem_or_a_page(server: Server) -> None:
    assert server.get("/id/organisation/nobody").media_type == "application/problem+json"
    for path, accept in (("/id/organisation/nobody", BROWSER), ("/id/organisation/nobody.html", "")):
        reply = server.get(path, accept)
        assert (reply.status, reply.media_type) == (404, "text/html")
    assert server.get("/id/organisation/nobody.ttl").status == 404


def test_a_path_that_is_no_iri_is_404_and_not_a_query(server: Server) -> None:
    for path in ("x%3E%20%3Fp%20%3Fo%20%7D%20%23", "%C2%8B%F1%87%A9%91M3", "", "%FF", "..%2F..%2Fetc"):
        assert server.get(f"/id/{path}").status == 404


def test_a_resource_for_which_no_format_fits_is_406(server: Server) -> None:
    assert server.get("/id/organisation/hospital-1", "image/png").status == 406


def test_the_page_of_a_resource_shows_labels_facts_and_links(server: Server) -> None:
    text = server.get("/id/organisation/hospital-1.html").body.decode()
    assert "<h1>Hospital &quot;1&quot;</h1>" in text
    assert 'href="/id/incident/hospital-1-2011"' in text
    assert '<link rel="alternate" type="text/turtle"' in text


def test_a_graph_is_read_by_name_directly_and_as_default(server: Server) -> None:
    store = "/rdf-graph-store?graph="
    assert len(graph(server.get(store + REGISTRY, "text/turtle").body)) == 15
    assert len(graph(server.get("/id/graph/registry.nt").body, "nt")) == 15
    whole = graph(server.get("/rdf-graph-store?default", "application/n-triples").body, "nt")
    assert len(whole) >= 80 + 15 + 10


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?graph=http://x/none", 404),
        ("", 400),
        ("?default&graph=http://x/", 400),
        ("?graph=", 400),
        ("?graph=a%20b", 400),
    ],
)
def test_a_graph_that_is_not_there_or_not_named_is_refused(server: Server, path: str, status: int) -> None:
    assert server.get("/rdf-graph-store" + path, "text/turtle").status == status


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_writing_a_graph_is_refused_with_a_sentence(server: Server, method: str) -> None:
    reply = server.send(method, f"/rdf-graph-store?graph={INCIDENTS}", {"content-type": "text/turtle"}, b"")
    assert (reply.status, reply.json()["type"].rpartition("/")[2]) == (403, "read-only")


def test_head_of_a_graph_has_no_body(server: Server) -> None:
    reply = server.send("HEAD", f"/rdf-graph-store?graph={INCIDENTS}", {"accept": "text/turtle"})
    assert (reply.status, reply.body, reply.media_type) == (200, b"", "text/turtle")


def test_the_endpoint_without_a_query_describes_the_service(server: Server) -> None:
    found = graph(server.get("/sparql", "text/turtle").body)
    service = URIRef(f"http://127.0.0.1:{server.port}/sparql")
    features = {str(item) for item in found.objects(service, URIRef(SD + "feature"))}
    assert features == {SD + "UnionDefaultGraph"}
    assert len(set(found.objects(service, URIRef(SD + "resultFormat")))) == 11
    names = {str(item) for item in found.objects(None, URIRef(SD + "name"))}
    assert {INCIDENTS, REGISTRY} <= names
    limit = URIRef("https://w3id.org/codegrey/endpoint#time-limit")
    assert float(str(found.value(service, limit))) == ServeSettings().time_limit
    assert not [item for item in found.subjects() if not isinstance(item, URIRef)]


def test_void_names_the_endpoint_and_where_the_dumps_are(server: Server) -> None:
    for path, accept in (("/.well-known/void", "text/turtle"), ("/void.ttl", "")):
        found = graph(server.get(path, accept).body)
        endpoint = URIRef(f"http://127.0.0.1:{server.port}/sparql")
        assert (None, URIRef("http://rdfs.org/ns/void#sparqlEndpoint"), endpoint) in found
        dump = found.value(predicate=URIRef("http://www.w3.org/ns/dcat#downloadURL"), any=True, subject=URIRef(
            f"{DEFAULT_BASE}dataset/distribution/dump/codegrey.nq"))  # fmt: skip
        assert str(dump).endswith("/dump/codegrey.nq")


def test_a_dump_arrives_byte_for_byte(server: Server) -> None:
    reply = server.get("/dump/codegrey.nq")
    version = server.get("/readyz").body.decode().split()[1]
    assert hashlib.sha256(reply.body).hexdigest()[:16] == version
    assert server.get("/dump/codegrey.nq", if_none_match=reply.headers["etag"]).status == 304
    assert server.get("/dump/../manifest.json").status == 404


def test_the_ontology_is_a_page_and_data(server: Server) -> None:
    page = server.get("/ontology", BROWSER)
    assert (page.status, page.media_type) == (200, "text/html")
    assert 'id="Incident"' in page.body.decode()
    assert len(graph(server.get("/ontology", "text/turtle").body)) == 10
    assert len(graph(server.get("/ontology.nt").body, "nt")) == 10
    assert server.get("/ontology.pdf").status == 404


def test_the_home_page_has_a_form_that_needs_no_script(server: Server) -> None:
    text = server.get("/", BROWSER).body.decode()
    assert '<form action="/sparql" method="get">' in text
    assert '<label for="query">' in text
    assert "Example questions" in text
    assert not re.search(r"(?:src|href)=\"https?://(?!127)", text), "no other host is needed"
    name = re.search(r'href="/\?example=([^"#&]+)', text)
    assert name is not None
    assert "SELECT" in server.get(f"/?example={name.group(1)}", BROWSER).body.decode()


def test_a_browser_gets_a_table_and_the_way_to_all_rows(server: Server) -> None:
    reply = server.query("SELECT ?s ?o { ?s ?p ?o } LIMIT 3", BROWSER)
    text = reply.body.decode()
    assert text.count("<tr>") == 4
    assert "format=csv" in text
    assert "Yes" in server.query("ASK { ?s ?p ?o }", BROWSER).body.decode()
    assert "subject" in server.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 2", format="html").body.decode()


def test_a_page_shows_values_as_text_and_never_as_markup(server: Server) -> None:
    text = server.query('SELECT ("<script>alert(1)</script>" AS ?x) {}', BROWSER).body.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_browser_sees_where_its_query_is_wrong(server: Server) -> None:
    reply = server.query("SELEC * {}", BROWSER)
    text = reply.body.decode()
    assert (reply.status, "Did you mean SELECT?" in text) == (400, True)
    assert '<div class="notice" role="alert">' in text


def test_a_page_shows_the_beginning_of_a_long_answer_and_says_so(server: Server) -> None:
    text = server.query("SELECT ?s { ?s ?p ?o . ?x ?y ?z }", BROWSER).body.decode()
    assert "These are the first 1,000 rows." in text


HINTS = [
    ("ASK-like", "SELECT ?x { ?x a cg:Hospitl }", "Nothing here uses cg:Hospitl. Did you mean cg:Hospital?"),
    ("predicate", "SELECT ?x { ?x cg:Victim ?y }", "Nothing here uses cg:Victim. Did you mean cg:victim?"),
    ("graph", "SELECT ?x { GRAPH <http://x/g> { ?x ?p ?o } }", "This dataset has no graph <http://x/g>."),
    ("datatype", 'SELECT ?x { ?x cg:startDate "2011" }', 'cg:startDate has "2011"^^xsd:gYear here, which'),
    ("language", 'SELECT ?x { ?x rdfs:label "Incident 1" }', 'rdfs:label has "Incident 1"@en here'),
    ("resource", "SELECT ?p { <organisation/nobody> ?p ?o }", "There is no resource <https://w3id.org/codegrey/id/"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "hint"), [row[1:] for row in HINTS], ids=[row[0] for row in HINTS])
def test_an_empty_answer_carries_a_hint(server: Server, query: str, hint: str) -> None:
    prefixes = f"PREFIX cg: <{CG}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    for _ in range(2):  # computed, then from the cache
        reply = server.query(prefixes + query, "text/csv")
        assert reply.headers["x-query-hint"].startswith(hint)


def test_an_answer_with_rows_carries_no_hint(server: Server) -> None:
    assert "x-query-hint" not in server.query("SELECT * { ?s ?p ?o } LIMIT 1", "text/csv").headers


def test_health_readiness_and_metrics(server: Server) -> None:
    assert server.get("/healthz").body == b"ok\n"
    assert server.get("/readyz").body.startswith(b"ready ")
    text = server.get("/metrics").body.decode()
    assert 'codegrey_requests_total{route="/healthz",status="200"}' in text
    assert "codegrey_pool_workers" in text
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .*|\w+(\{[^}]*\})? [-+\d.e]+", line)


def test_openapi_names_every_address_of_the_table(server: Server) -> None:
    document = server.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path in ("/sparql", "/rdf-graph-store", "/ontology", "/data", "/healthz", "/readyz", "/.well-known/void"):
        assert path in document["paths"]


def test_the_access_log_has_no_query_text_unless_asked(tmp_path: Path) -> None:
    make_dataset(tmp_path / "data")
    for name, wanted in (("a", False), ("b", True)):
        log = tmp_path / name
        with running(tmp_path / "data", access_log=str(log), log_queries=wanted) as server:
            server.query("ASK { <http://x/secret> ?p ?o }", "text/csv")
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        assert (lines[0]["path"], lines[0]["status"]) == ("/sparql", 200)
        assert re.fullmatch("[0-9a-f]{16}", lines[0]["query"])
        assert ("secret" in log.read_text(encoding="utf-8")) is wanted


def test_every_setting_stands_in_the_documentation() -> None:
    text = (DOCS / "serve-settings.md").read_text(encoding="utf-8")
    assert settings_table() in text
    assert all(row.environment in text or row.name in text for row in setting_rows())
