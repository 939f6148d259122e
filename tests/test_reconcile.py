"""Reconciliation: what matches, what does not, and that both APIs' documents are what their schemas say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema  # type: ignore[import-untyped]
import pytest
from referencing import Registry as Schemas
from referencing import Resource
from referencing.jsonschema import DRAFT7 as DRAFT

from codegrey.dataset import publish
from codegrey.link.extension import extend, propose
from codegrey.link.questions import NotThisApiError, Question, parse_new, parse_old
from codegrey.link.reconcile import (
    Incidence,
    Reconciler,
    Type,
    answer_old,
    candidates,
    make_reconciler,
    suggest_entities,
)
from codegrey.registry import Entry
from codegrey.settings import DEFAULT_BASE as BASE
from codegrey.terms import Iri, Literal, Quad, text, typed
from codegrey.vocab import CG, LABEL, OWL, SCHEMA, SKOS, TYPE
from serving import INCIDENTS, REGISTRY, Server, node, running

CONFORMANCE = Path(__file__).resolve().parents[2] / "shared" / "conformance" / "reconciliation"
TYPES = (
    Type("Hospital", "Hospital", frozenset({CG["Hospital"]})),
    Type("Incident", "Cyber incident", frozenset({CG["Incident"]})),
    Type("Responder", "Responder", frozenset({CG["CyberAgency"]})),
)


def entry(slug: str, name: str, kind: str = "Hospital", **more: Any) -> Entry:
    return Entry(Iri(f"{BASE}{slug}"), (CG[kind],), (Literal(name),), **more)


CAHORS = entry("organisation/cahors", "Centre hospitalier de Cahors", city="Cahors", country="FR")
KNOWN = make_reconciler(
    [
        CAHORS,
        entry("organisation/foch", "Hôpital Foch", country="FR", identifiers=("ror:0a", "wikidata:Q1")),
        entry("organisation/mary-a", "St. Mary's Hospital", city="Rochester", country="US"),
        entry("organisation/mary-b", "St. Mary's Hospital", city="Waterbury", country="US"),
        entry("organisation/anssi", "Agence de sécurité", "CyberAgency", abbreviations=("ANSSI",)),
        entry("incident/cahors-2022-09", "Cyberattack on Centre hospitalier de Cahors, September 2022", "Incident"),
    ],
    base=BASE,
    types=TYPES,
    incidence={CAHORS.iri: Incidence(2, Iri(f"{BASE}incident/cahors-2022-09"), "Cyberattack", "2022-09-15")},
)


def ids(question: Question, known: Reconciler = KNOWN) -> list[tuple[str, bool]]:
    return [(known.short(found.entry.iri), found.match) for found in candidates(question, known)]


def test_one_clear_candidate_is_a_match() -> None:
    assert ids(Question("hôpital de Cahors"))[0] == ("organisation/cahors", True)


def test_homonyms_are_no_match_and_all_shown() -> None:
    found = ids(Question("St. Mary's Hospital", country="US"))
    assert found == [("organisation/mary-a", False), ("organisation/mary-b", False)]


def test_a_town_tells_homonyms_apart() -> None:
    found = ids(Question("St. Mary's Hospital", country="US", city="Waterbury"))
    assert found[0] == ("organisation/mary-b", True)


@pytest.mark.parametrize("identifier", ["wikidata:Q1", "http://www.wikidata.org/entity/Q1", "Q1", "ror:0a"])
def test_an_identifier_is_a_match(identifier: str) -> None:
    assert ids(Question(ids=(identifier,))) == [("organisation/foch", True)]


def test_our_own_id_is_a_match() -> None:
    assert ids(Question("organisation/cahors")) == [("organisation/cahors", True)]


def test_incidents_are_found_only_where_they_are_asked_for() -> None:
    asked = "Cyberattack on Centre hospitalier de Cahors, September 2022"
    assert "incident/cahors-2022-09" not in dict(ids(Question(asked)))
    assert ids(Question(asked, type="Incident"))[0][0] == "incident/cahors-2022-09"


def test_a_type_leaves_the_others_out() -> None:
    assert ids(Question("ANSSI", type="Hospital")) == []
    assert ids(Question("ANSSI", type="Responder"))[0] == ("organisation/anssi", True)


def test_a_question_without_words_has_no_answer() -> None:
    assert ids(Question("  ")) == []


def test_the_limit_holds() -> None:
    assert len(ids(Question("St. Mary's Hospital", limit=1))) == 1


def test_scores_are_between_0_and_100() -> None:
    result = answer_old(Question("Cahors hospital"), KNOWN)["result"]
    assert all(0 <= found["score"] <= 100 for found in result)


def test_suggestions_begin_with_the_prefix() -> None:
    assert suggest_entities("hopital f", KNOWN)["result"][0]["id"] == "organisation/foch"


def test_extension_gives_identifiers_and_incidents() -> None:
    names = ["ror", "city", "incidentCount", "lastIncident", "lastIncidentDate", "unknown"]
    (_, row), (_, empty) = extend(["organisation/cahors", "organisation/none"], names, KNOWN)
    last = {"id": "incident/cahors-2022-09", "name": "Cyberattack"}
    assert dict(row) == {
        "ror": [],
        "city": [{"str": "Cahors"}],
        "incidentCount": [{"int": 2}],
        "lastIncident": [last],
        "lastIncidentDate": [{"str": "2022-09-15"}],
        "unknown": [],
    }
    assert not any(values for _, values in empty)


def test_properties_are_proposed_for_a_type() -> None:
    assert [p["id"] for p in propose("Incident")["properties"]] == ["victim", "startDate"]
    assert len(propose("Hospital", limit=2)["properties"]) == 2


def test_both_apis_ask_the_same() -> None:
    old = {"query": "Foch", "type": ["Hospital"], "limit": 3, "properties": [{"pid": "city", "v": ["Suresnes"]}]}
    new = {
        "type": "Hospital",
        "limit": 3,
        "conditions": [
            {"matchType": "name", "propertyValue": "Foch"},
            {"matchType": "property", "propertyId": "city", "propertyValue": {"id": "x", "name": "Suresnes"}},
        ],
    }
    asked = Question("Foch", (), "Hospital", 3, "Suresnes")
    assert (parse_old({"q": old}), parse_new({"queries": [new]})) == ({"q": asked}, [asked])


def examples(api: str, kind: str, verdict: str) -> list[Any]:
    folder = CONFORMANCE / api / "examples" / kind / verdict
    return [pytest.param(path, id=f"{api}-{path.stem}") for path in sorted(folder.glob("*.json"))]


def parse(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise NotThisApiError("not an object")
    parse_new(document) if "1.0" in str(path) else parse_old(document)


BATCH = "reconciliation-query-batch"
VALID = [*examples("0.2", BATCH, "valid"), *examples("1.0-draft", BATCH, "valid")]
INVALID = [*examples("0.2", BATCH, "invalid"), *examples("1.0-draft", BATCH, "invalid")]


@pytest.mark.parametrize("path", VALID or [pytest.param(Path(), marks=pytest.mark.skip(f"no {CONFORMANCE}"))])
def test_valid_batches_are_read(path: Path) -> None:
    parse(path)


@pytest.mark.parametrize("path", INVALID or [pytest.param(Path(), marks=pytest.mark.skip(f"no {CONFORMANCE}"))])
def test_invalid_batches_are_refused(path: Path) -> None:
    with pytest.raises(NotThisApiError):
        parse(path)


def dataset() -> list[Quad]:
    cahors, incident = node("organisation/cahors"), node("incident/cahors-2022-09")
    return [
        (cahors, TYPE, CG["Hospital"], REGISTRY),
        (cahors, LABEL, text("Centre hospitalier de Cahors", "fr"), REGISTRY),
        (cahors, SKOS["altLabel"], text("Cahors hospital", "en"), REGISTRY),
        (cahors, SCHEMA["alternateName"], Literal("CHC"), REGISTRY),
        (cahors, CG["countryCode"], Literal("FR"), REGISTRY),
        (cahors, CG["location"], node("place/cahors"), REGISTRY),
        (cahors, OWL["sameAs"], Iri("http://www.wikidata.org/entity/Q1"), REGISTRY),
        (incident, TYPE, CG["Incident"], INCIDENTS),
        (incident, LABEL, text("Cyberattack on Cahors hospital, September 2022", "en"), INCIDENTS),
        (incident, CG["victim"], cahors, INCIDENTS),
        (incident, CG["startDate"], typed("2022-09-15", "date"), INCIDENTS),
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dataset")
    publish(folder, dataset())
    with running(folder, workers=1) as started:
        yield started


def form(server: Server, path: str = "/reconcile", **fields: Any) -> Any:
    body = urlencode({name: json.dumps(value) for name, value in fields.items()}).encode()
    return server.send("POST", path, {"content-type": "application/x-www-form-urlencoded"}, body).json()


def post(server: Server, path: str, document: Any) -> Any:
    return server.send("POST", path, {"content-type": "application/json"}, json.dumps(document).encode()).json()


EXTENSION = {
    "ids": ["organisation/cahors", "organisation/none"],
    "properties": [{"id": "wikidata"}, {"id": "incidentCount"}, {"id": "lastIncident"}],
}
OLD_ANSWERS = {
    "manifest": lambda s: s.get("/reconcile").json(),
    "reconciliation-result-batch": lambda s: form(s, queries={"q0": {"query": "hôpital de Cahors"}}),
    "suggest-entities-response": lambda s: s.get("/reconcile/suggest/entity?prefix=caho").json(),
    "suggest-types-response": lambda s: s.get("/reconcile/suggest/type?prefix=h").json(),
    "suggest-properties-response": lambda s: s.get("/reconcile/suggest/property?prefix=i").json(),
    "data-extension-response": lambda s: form(s, extend=EXTENSION),
    "data-extension-property-proposal": lambda s: s.get("/reconcile/properties?type=Hospital").json(),
}
NAMED = {"queries": [{"conditions": [{"matchType": "name", "propertyValue": "hôpital de Cahors"}]}]}
NEW_ANSWERS = {
    "manifest": lambda s: s.get("/reconcile/v1").json(),
    "reconciliation-result-batch": lambda s: post(s, "/reconcile/v1/match", NAMED),
    "suggest-entities-response": lambda s: s.get("/reconcile/v1/suggest/entity?prefix=caho").json(),
    "suggest-types-response": lambda s: s.get("/reconcile/v1/suggest/type?prefix=h").json(),
    "suggest-properties-response": lambda s: s.get("/reconcile/v1/suggest/property?prefix=i").json(),
    "data-extension-response": lambda s: post(s, "/reconcile/v1/extend", EXTENSION),
    "data-extension-property-proposal": lambda s: s.get("/reconcile/v1/extend/propose?type=Hospital").json(),
}


def check(api: str, name: str, document: Any) -> None:
    folder = CONFORMANCE / api / "schemas"
    if not folder.is_dir():
        pytest.skip(f"no schemas at {folder}")
    loaded = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    resources = [
        (iri, Resource.from_contents({**s, "$id": iri}, DRAFT)) for s in loaded.values() if (iri := s.get("$id"))
    ]
    swagger = Resource.from_contents({"definitions": {"securityDefinitions": {"additionalProperties": {}}}}, DRAFT)
    schemas = Schemas().with_resources([*resources, ("http://swagger.io/v2/schema.json", swagger)])
    jsonschema.Draft7Validator(loaded[f"{name}.json"], registry=schemas).validate(document)


@pytest.mark.parametrize("name", OLD_ANSWERS)
def test_answers_of_the_old_api_are_what_their_schemas_say(server: Server, name: str) -> None:
    check("0.2", name, OLD_ANSWERS[name](server))


@pytest.mark.parametrize("name", NEW_ANSWERS)
def test_answers_of_the_new_api_are_what_their_schemas_say(server: Server, name: str) -> None:
    check("1.0-draft", name, NEW_ANSWERS[name](server))


def test_a_batch_is_answered_by_its_keys(server: Server) -> None:
    told = form(server, queries={"a": {"query": "hôpital de Cahors"}, "b": {"query": "nobody"}})
    assert [found["id"] for found in told["a"]["result"]] == ["organisation/cahors"]
    assert told["a"]["result"][0]["match"] is True
    assert told["b"] == {"result": []}


def test_an_abbreviation_is_a_name(server: Server) -> None:
    assert form(server, queries={"a": {"query": "CHC"}})["a"]["result"][0]["id"] == "organisation/cahors"


def test_extension_counts_incidents(server: Server) -> None:
    row = form(server, extend=EXTENSION)["rows"]["organisation/cahors"]
    assert (row["wikidata"], row["incidentCount"]) == ([{"str": "Q1"}], [{"int": 1}])


def test_a_preview_is_a_small_page(server: Server) -> None:
    reply = server.get("/reconcile/preview?id=organisation/cahors")
    assert (reply.status, reply.media_type) == (200, "text/html")
    assert "Cahors, FR" in reply.body.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/reconcile/preview?id=nobody", 404), ("/reconcile/nothing", 404), ("/reconcile?queries=%7B", 400)],
)
def test_what_cannot_be_answered_is_a_problem(server: Server, path: str, status: int) -> None:
    reply = server.get(path)
    assert (reply.status, reply.media_type) == (status, "application/problem+json")


def test_other_methods_are_refused(server: Server) -> None:
    assert server.send("DELETE", "/reconcile").status == 405


def test_a_callback_wraps_the_manifest(server: Server) -> None:
    reply = server.get("/reconcile?callback=jsonp1")
    assert reply.media_type == "text/javascript"
    assert reply.body.startswith(b"jsonp1({")
