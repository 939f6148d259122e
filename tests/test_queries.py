from __future__ import annotations

from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql.parser import parseQuery

import mini
from codegrey.errors import OntologyError
from codegrey.graph import graph_iri, in_graph
from codegrey.ontology import load_ontology
from codegrey.queries import Query, load_queries, read_query
from codegrey.reason import compile_rules, entail
from codegrey.terms import ntriples

QUERIES = load_queries()
LOCAL = [query for query in QUERIES if not query.federated]
EMPTY_ON_MINI = {"care-unaffected-yet-disrupted", "contradicted-statuses"}
VERSAILLES, CORBEIL, CAHORS = mini.VERSAILLES, mini.CORBEIL, mini.CAHORS


@cache
def store() -> ox.Store:
    ontology = load_ontology()
    quads = list(mini.quads())
    entailed = entail([quad[:3] for quad in quads], compile_rules(ontology.triples))
    quads += in_graph(entailed, graph_iri(mini.BASE, "entailed"))
    quads += in_graph(ontology.triples, graph_iri(mini.BASE, "ontology"))
    loaded = ox.Store()
    loaded.load("".join(" ".join(map(ntriples, quad)) + " .\n" for quad in quads), format=ox.RdfFormat.N_QUADS)
    return loaded


def rows(name: str) -> list[tuple[str, ...]]:
    """What a query answers on the mini dataset, over the union of its graphs; values as plain text."""
    [query] = [query for query in QUERIES if query.name == name]
    result = store().query(query.text, use_default_graph_as_union=True)
    assert isinstance(result, ox.QuerySolutions)
    return [tuple("" if value is None else value.value for value in row) for row in result]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_query_parses(query: Query) -> None:
    assert parseQuery(query.text)


@pytest.mark.parametrize("query", LOCAL, ids=lambda query: query.name)
def test_every_query_answers_on_the_mini_dataset(query: Query) -> None:
    result = store().query(query.text, use_default_graph_as_union=True)
    assert isinstance(result, ox.QuerySolutions | ox.QueryTriples)
    assert bool(list(result)) is (query.name not in EMPTY_ON_MINI)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_query_has_a_question_and_tags(query: Query) -> None:
    assert query.question["en"].endswith(("?", "."))
    assert query.question["fr"].endswith(("\N{NO-BREAK SPACE}?", " ?", "."))
    assert query.tags


def test_a_query_is_federated_if_and_only_if_it_calls_a_service() -> None:
    assert [q.name for q in QUERIES if q.federated] == [q.name for q in QUERIES if "SERVICE <" in q.text]


def test_there_are_at_least_eighteen_questions() -> None:
    assert len(LOCAL) >= 18


def test_no_query_names_the_base_of_the_resources() -> None:
    assert [q.name for q in QUERIES if "w3id.org/codegrey/id" in q.text] == []


ANSWERS: list[tuple[str, tuple[str, ...]]] = [
    ("incidents-by-month-and-region", ("2022-12", "Île-de-France", "1")),
    ("incidents-by-month-and-region", ("2022-08", "unknown", "1")),
    ("incidents-by-country-and-year", ("2022", "FR", "3")),
    ("hospitals-hit-twice", (mini.MIGNOT, "Hôpital André-Mignot", "2", "2021-03", "2022-12-03")),
    ("groups-hit-through-their-sites", (mini.GROUP, "GHT Yvelines Sud", "2")),
    ("time-to-recovery", ("1", "48", "48", "48")),
    ("double-extortion", (CORBEIL, "Cyberattack on CHSF, August 2022", "2022-08-21")),
    ("critical-care", (VERSAILLES, "Cyberattack on Versailles hospital, December 2022", "intensive care")),
    ("threat-actors", (mini.LOCKBIT, "LockBit", "1", "1")),
    ("coverage-by-language", ("fr", "3", "4", "1")),
    ("security-posture", ("ransomware attack", "availability", "2")),
    ("hospitals-on-wikidata", (mini.MIGNOT, "Hôpital André-Mignot", "http://www.wikidata.org/entity/Q30279724", "2")),
    ("size-of-the-hit", (mini.CHSF, "Centre Hospitalier Sud Francilien", "1000", "", "", "")),
    ("responders", (mini.ANSSI, "ANSSI", "technical investigation", "1")),
]


@pytest.mark.parametrize(("name", "answer"), ANSWERS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(ANSWERS)])
def test_a_query_gives_the_answer_that_a_reader_would_give(name: str, answer: tuple[str, ...]) -> None:
    assert answer in rows(name)


def test_conflicting_dates_come_with_the_words_of_each_article() -> None:
    found = {(row[1], row[2], row[3]) for row in rows("conflicting-dates") if row[0] == CAHORS}
    assert found == {("2022-08-23", "true", "23 août"), ("2022-09-05", "false", "5 September")}


def test_what_is_only_entailed_holds_nothing_that_is_asserted() -> None:
    asserted = {tuple(str(getattr(term, "lexical", term)) for term in quad[:3]) for quad in mini.quads()}
    assert not {row for row in rows("only-entailed") if row in asserted}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# question@en: Who?\nSELECT * {}", "question@fr"),
        ("# question@en: Who?\n# question@fr: Qui ?\n# minimum: many\nSELECT * {}", "minimum"),
    ],
)
def test_a_header_that_is_wanting_is_refused_with_the_name_of_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "who.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OntologyError, match=rf"who\.rq.*{message}"):
        read_query(path)


def test_queries_are_read_from_another_root(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    path = tmp_path / "queries" / "who.rq"
    path.write_text(
        "# question@en: Who?\n# question@fr: Qui ?\n# tags: a, b\n# federated: true\n\nSELECT * {}", encoding="utf-8"
    )
    [query] = load_queries(tmp_path)
    assert (query.name, query.tags, query.federated, query.minimum) == ("who", ("a", "b"), True, 1)
