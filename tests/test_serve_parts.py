"""The pure parts of the endpoint: negotiation, tokens, row counts, the fair queue, settings, formats."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegrey.errors import UsageError
from codegrey.serve.cache import AnswerCache, Entry
from codegrey.serve.counting import RowCounter
from codegrey.serve.fairness import FairQueue, over_its_share
from codegrey.serve.formats import FORMATS, RDF, RESULTS, Kind, named
from codegrey.serve.frames import Flag, Task, pack_task, unpack_task
from codegrey.serve.html import Cell, parse_terms
from codegrey.serve.http import decode_form
from codegrey.serve.negotiate import coding, parse_accept, rdf_format, results_format, wants_html
from codegrey.serve.settings import load_settings, setting_rows
from codegrey.serve.syntax import Form, analyse, prefixes, scan, with_projection
from codegrey.serve.tables import parse_table
from codegrey.serve.ticket import TaskError, Ticket

ACCEPT = [
    ("", "json"), ("*/*", "json"), ("text/csv", "csv"), ("text/csv;q=0.5, */*;q=0.1", "csv"),
    ("text/*", "csv"), ("application/*;q=0.2, text/csv;q=0.1", "json"), ("application/sparql-results+xml", "xml"),
    ("TEXT/CSV", "csv"), ("text/csv;q=0", ""), ("text/html", ""), ("text/csv;q=2, application/xml", "xml"),
    ('text/csv;x="a,b;q=0"', "csv"), ("application/json;charset=utf-8", "json"), ("nonsense, text/csv", "csv"),
    ("*", "json"), ("*/csv", ""),
]  # fmt: skip


@pytest.mark.parametrize(("accept", "name"), ACCEPT)
def test_the_results_format_follows_accept(accept: str, name: str) -> None:
    found = results_format(accept)
    assert (found.name if found else "") == name


@given(st.text(alphabet='abcdeimnopstvx/*;,=q."+- 01', max_size=60))
def test_any_accept_header_is_parsed(header: str) -> None:
    assert all(0 <= item.quality <= 1 for item in parse_accept(header))
    assert results_format(header) in (None, *RESULTS)
    assert rdf_format(header) in (None, *RDF)


@given(st.permutations(["text/csv;q=0.3", "application/json;q=0.7", "text/tab-separated-values;q=0.5"]))
def test_the_order_of_ranges_never_matters(ranges: list[str]) -> None:
    found = results_format(", ".join(ranges))
    assert found is not None
    assert found.name == "json"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True), ("*/*", False), ("", False),
     ("text/html;q=0.1, text/turtle", False), ("text/html", True), ("text/turtle, text/html;q=0.9", False)],
)  # fmt: skip
def test_only_browsers_want_html(accept: str, expected: bool) -> None:
    assert wants_html(accept) is expected


@pytest.mark.parametrize(
    ("header", "name"),
    [("gzip", "gzip"), ("br, gzip", "br"), ("gzip;q=0", ""), ("*", "zstd"), ("identity, gzip;q=0.5", ""),
     ("deflate", ""),      ("gzip;q=0.2, br;q=0.1", "gzip"), ("", "")],
)  # fmt: skip
def test_the_coding_follows_accept_encoding(header: str, name: str) -> None:
    assert coding(header, ("zstd", "br", "gzip")) == name


def test_a_format_is_found_by_name_alias_and_media_type() -> None:
    for item in FORMATS:
        assert named(item.name, item.kind) is item
        assert named(item.media_types[0], item.kind) is item
    assert named("turtle", Kind.RDF) is named("ttl", Kind.RDF)
    assert named("csv", Kind.RDF) is None


QUERIES = [
    ("SELECT * { ?s ?p ?o }", Form.SELECT, False, False),
    ("# c\nPREFIX select: <urn:x#ASK> ASK FROM <urn:g> {}", Form.ASK, True, False),
    ("BASE <urn:b> CONSTRUCT { ?s ?p 'FROM' } WHERE { ?s ?p ?o }", Form.CONSTRUCT, False, False),
    ("DESCRIBE <urn:x> FROM NAMED <urn:g>", Form.DESCRIBE, True, False),
    ("CONSTRUCT { ?s ?p ?o } FROM <urn:g> WHERE { ?s ?p ?o }", Form.CONSTRUCT, True, False),
    ("INSERT DATA { <urn:s> <urn:p> 1 }", Form.UPDATE, False, False),
    ("PREFIX a: <urn:a> WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", Form.UPDATE, False, False),
    ("SELECT (NOW() AS ?n) {}", Form.SELECT, False, True),
    ("SELECT ('RAND()' AS ?n) { # UUID()\n }", Form.SELECT, False, False),
    ("", Form.UNKNOWN, False, False),
    ("nonsense", Form.UNKNOWN, False, False),
]


@pytest.mark.parametrize(("text", "form", "dataset", "volatile"), QUERIES)
def test_tokens_tell_form_dataset_and_volatility(text: str, form: Form, dataset: bool, volatile: bool) -> None:
    found = analyse(text)
    assert (found.form, found.has_dataset, found.volatile) == (form, dataset, volatile)


def test_every_service_is_found() -> None:
    text = "SELECT * { SERVICE <urn:a> { ?s ?p 'SERVICE <urn:x>' } SERVICE SILENT ?v { } # SERVICE <urn:c>\n }"
    assert analyse(text).services == ("<urn:a>", "?v")


@given(st.text(max_size=200))
def test_scanning_covers_every_character_that_is_no_space(text: str) -> None:
    tokens = tuple(scan(text))
    gaps = zip((0, *(token.end for token in tokens)), (*(token.start for token in tokens), len(text)), strict=True)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert all(re.fullmatch(r"(?:[ \t\r\n]|#[^\r\n]*)*", text[start:end]) for start, end in gaps)
    analyse(text)


def test_scanning_takes_linear_time_on_hostile_text() -> None:
    for hostile in ("a." * 100_000, "<" * 200_000, "'''" * 3000, "((" * 100_000, "a" * 300_000, '"' + "\\" * 100_000):
        assert sum(1 for _ in scan(hostile)) >= 0


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("SELECT * { ?b ?a ?c }", ["a", "b", "c"], "SELECT ?b ?a ?c  { ?b ?a ?c }"),
        ("SELECT DISTINCT * WHERE { $z ?a ?z }", ["a", "z"], "SELECT DISTINCT ?z ?a  WHERE { $z ?a ?z }"),
        ("SELECT * { { SELECT * { ?y ?x ?w } } }", ["w", "x", "y"], "SELECT ?y ?x ?w  { { SELECT * { ?y ?x ?w } } }"),
        ("SELECT ?a { ?a ?b (1*2) }", ["a"], "SELECT ?a { ?a ?b (1*2) }"),
        ("SELECT * { ?a ?b ?c }", ["a", "unseen"], "SELECT * { ?a ?b ?c }"),
    ],
)
def test_a_star_becomes_the_variables_in_the_order_of_the_query(text: str, names: list[str], expected: str) -> None:
    assert with_projection(text, analyse(text), names) == expected


def test_prefixes_are_read_from_the_prologue() -> None:
    assert prefixes("PREFIX a: <urn:a#> prefix : <urn:b#> ASK { a:b :c 1 }") == {"a": "urn:a#", "": "urn:b#"}


VALUES = st.lists(st.text(alphabet='a"\n\r,{}[]\\<>&;\t', max_size=8), max_size=12)


@given(VALUES, st.sampled_from(["csv", "tsv", "xml", "json"]), st.integers(1, 40))
def test_rows_are_counted_in_parts_of_any_size(values: list[str], name: str, size: int) -> None:
    store = ox.Store()
    for index, value in enumerate(values):
        store.add(ox.Quad(ox.NamedNode(f"urn:s{index}"), ox.NamedNode("urn:p"), ox.Literal("x" + value + "x")))
    found = store.query("SELECT ?s ?o { ?s ?p ?o }")
    assert isinstance(found, ox.QuerySolutions)
    body = found.serialize(format=getattr(ox.QueryResultsFormat, name.upper())) or b""
    counter = RowCounter(name)
    for start in range(0, len(body), size):
        counter.feed(body[start : start + size])
    assert counter.rows == len(values)


@given(st.text(max_size=30), st.sampled_from(["", "en", "fr-CA"]))
def test_a_literal_survives_n_triples(value: str, language: str) -> None:
    literal = ox.Literal(value, language=language) if language else ox.Literal(value)
    cell = Cell("literal", value, literal.language or "")
    triple = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), literal)
    line = (ox.serialize([triple], format=ox.RdfFormat.N_TRIPLES) or b"").decode().removesuffix(" .\n")
    assert parse_terms(line)[2] == cell


@given(st.integers(0, 400))
def test_the_beginning_of_a_table_gives_its_whole_rows(length: int) -> None:
    terms: list[ox.Literal | ox.NamedNode | ox.BlankNode] = [ox.Literal('}},{"', language="en"), ox.NamedNode("urn:x")]
    terms += [ox.BlankNode("b"), ox.Literal("5")]
    store = ox.Store()
    for number, term in enumerate(terms):
        store.add(ox.Quad(ox.NamedNode(f"urn:s{number}"), ox.NamedNode("urn:p"), term))
    found = store.query("SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s")
    assert isinstance(found, ox.QuerySolutions)
    body = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
    names, rows = parse_table(body)
    assert (names, [row["o"].kind for row in rows]) == (("s", "o"), ["literal", "iri", "blank", "literal"])
    assert parse_table(body[:length])[1] == rows[: len(parse_table(body[:length])[1])]
    assert parse_table(b'{ "head": {"vars": ["a"]}, "results": { "bindings": [ {}, {"a": {"type": "uri"}} ] } }')[1]


def test_forms_are_decoded_once_and_strictly() -> None:
    assert decode_form(b"a=%2B+b&a=%C3%A9&c") == (("a", "+ b"), ("a", "é"), ("c", ""))
    with pytest.raises(ValueError, match="UTF-8"):
        decode_form(b"a=%FF")


@given(st.text(max_size=50), st.lists(st.text(max_size=5), max_size=3))
def test_a_task_survives_the_wire(text: str, graphs: list[str]) -> None:
    clean = text.encode("utf-8", "replace").decode()
    task = Task(clean, default_graphs=tuple(graphs), byte_limit=5)
    frame = pack_task(task)
    assert unpack_task(frame[4:]) == task


def tickets(clients: str) -> list[Ticket]:
    loop = asyncio.new_event_loop()
    loop.close()
    return [Ticket(client.encode(), client, asyncio.Future(loop=loop)) for client in clients]


def test_the_queue_goes_round_the_clients() -> None:
    queue = FairQueue(limit=10, client_limit=10)
    for ticket in tickets("aaabbc"):
        queue.add(ticket)
    order = [queue.pop() for _ in range(6)]
    assert "".join(ticket.client for ticket in order if ticket) == "abcaba"
    assert queue.pop() is None


SHARES = [("aaa", "b", "a"), ("aab", "b", "a"), ("ab", "c", ""), ("aaa", "a", ""), ("aaa", "", ""), ("", "a", ""),
          ("abab", "c", "a"), ("bbba", "a", "b")]  # fmt: skip


@pytest.mark.parametrize(("running", "waiting", "expected"), SHARES)
def test_only_a_client_beyond_its_share_gives_way_and_only_to_another(
    running: str, waiting: str, expected: str
) -> None:
    victim = over_its_share(tickets(running), tuple(waiting))
    assert (victim.client if victim else "") == expected


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_the_queue_never_exceeds_its_bounds(clients: list[str]) -> None:
    queue = FairQueue(limit=5, client_limit=3)
    for ticket in tickets("".join(clients)):
        with suppress(TaskError):
            queue.add(ticket)
    assert len(queue) == min(5, sum(min(3, clients.count(name)) for name in "abc"))
    assert len(queue.drain()) <= 5
    assert len(queue) == 0


def test_the_cache_stays_within_its_bytes_and_drops_the_oldest() -> None:
    cache = AnswerCache(limit=10_000, entry_limit=5_000)
    for number in range(20):
        cache.put((f"q{number}",), Entry(b"x" * 1500, Flag.NONE, 1))
        cache.get(("q0",))
    assert cache.size <= 10_000
    assert cache.get(("q0",)) is not None
    assert cache.get(("q1",)) is None
    cache.put(("large",), Entry(b"x" * 6000, Flag.NONE, 1))
    assert cache.get(("large",)) is None


def test_settings_come_from_file_environment_and_flags(tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('[serve]\ntime_limit = 5\nrow_limit = 7\nservice_allow = ["https://a/"]\n', encoding="utf-8")
    environment = {"CODEGREY_SERVE_ROW_LIMIT": "8", "CODEGREY_SERVE_METRICS": "no", "OTHER": "x"}
    found = load_settings(file=file, environment=environment, flags={"row_limit": 9, "title": None})
    assert (found.time_limit, found.row_limit, found.metrics) == (5.0, 9, False)
    assert found.service_allow == ("https://a/",)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"tme_limit": 1}, "unknown setting"),
        ({"time_limit": "x"}, "must be of kind float"),
        ({"workers": -1}, "workers"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(flags: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_settings(environment={}, flags=flags)


def test_every_setting_says_what_it_does() -> None:
    assert all(row.text.endswith(".") or row.text.endswith(")") for row in setting_rows())
