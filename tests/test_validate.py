from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

import mini
from codegrey.dump import nquads
from codegrey.errors import OntologyError
from codegrey.graph import graph_iri
from codegrey.model import Finding, Severity
from codegrey.ontology import load_ontology
from codegrey.terms import Iri, Literal, Quad, Triple, typed
from codegrey.validate import Shapes, check_store, load_shapes, rejected, validate
from codegrey.validate.split import split
from codegrey.vocab import CG, LABEL, RDF, TYPE

Keep = Callable[[Quad], bool]
INCIDENTS = graph_iri(mini.BASE, "incidents")


@cache
def shapes() -> Shapes:
    return load_shapes()


@cache
def ontology() -> tuple[Triple, ...]:
    return load_ontology().triples


@cache
def quads() -> tuple[Quad, ...]:
    return mini.quads()


def less(drop: Keep) -> list[Quad]:
    return [quad for quad in quads() if not drop(quad)]


def judged(rows: Iterable[Quad], **more: object) -> tuple[Finding, ...]:
    return validate(rows, shapes(), ontology(), base=mini.BASE, **more)  # type: ignore[arg-type]


def no_victim(quad: Quad) -> bool:
    return quad[:2] == (mini.CAHORS, CG["victim"])


def stored(rows: Iterable[Quad]) -> ox.Store:
    store = ox.Store()
    store.load("".join(nquads(rows)).encode(), format=ox.RdfFormat.N_QUADS)
    return store


def test_a_valid_dataset_has_no_finding() -> None:
    assert judged(quads()) == ()


def test_a_violation_names_the_incident_the_article_and_the_words() -> None:
    (finding,) = judged(less(no_victim))
    assert finding.severity == Severity.ERROR
    assert finding.code == "shacl/MinCount"
    assert finding.source == mini.CAHORS
    assert "article k-en" in finding.where
    assert finding.quote == "Cahors hospital"


def test_only_the_incident_that_violates_is_rejected() -> None:
    assert rejected(judged(less(no_victim))) == {mini.CAHORS}


def test_the_words_are_those_of_the_value_that_violates() -> None:
    count = Iri(mini.VERSAILLES + "/impact/patient-transfer")
    rows = less(lambda q: q[:2] == (count, CG["count"]))
    graph = INCIDENTS
    found = judged([*rows, (count, CG["count"], typed(-6, "integer"), graph)])
    assert {finding.quote for finding in found if finding.code == "shacl/MinInclusive"} == {"Six"}


def test_a_violation_at_a_claim_quotes_that_claim() -> None:
    claims = [s for s, p, o, _ in quads() if (p, o) == (RDF["predicate"], CG["dataStatus"])]
    (finding,) = judged(less(lambda q: q[:2] == (claims[0], CG["confidence"])))
    assert finding.source == mini.CORBEIL
    assert finding.quote == "stolen"


def test_a_fault_of_a_body_warns_and_rejects_no_incident() -> None:
    found = judged(less(lambda q: q[:2] == (mini.ANSSI, LABEL)))
    assert {(f.severity, f.source) for f in found} == {(Severity.WARNING, mini.ANSSI)}
    assert not rejected(found)


def test_a_fault_of_a_victim_rejects_its_incidents() -> None:
    found = judged(less(lambda q: q[:2] == (mini.MIGNOT, LABEL)))
    assert rejected(found) == {mini.VERSAILLES, mini.EARLIER}


def test_only_the_incidents_that_are_asked_for_are_judged() -> None:
    assert judged(less(no_victim), only={mini.VERSAILLES}) == ()


def test_the_order_of_the_quads_never_shows() -> None:
    rows = less(lambda q: q[1] in (CG["victim"], CG["confidence"]))
    assert judged(rows) == judged(rows[::-1])


def many() -> list[Quad]:
    """The dataset once and 25 times under other names, 25 of 29 incidents broken: enough to share out."""

    def renamed(term: object, number: int) -> Iri:
        return Iri(
            str(term).replace("/ch-cahors-", f"/ch-cahors-{number:02}-").replace("/claim/", f"/claim/{number:02}-")
        )

    own = {s for s, p, o, _ in quads() if p == RDF["subject"] and str(o).startswith(mini.CAHORS)}
    copies = [
        (renamed(s, n), p, o if isinstance(o, Literal) else renamed(o, n), g)
        for n in range(25)
        for s, p, o, g in quads()
        if "/ch-cahors-" in s or any(s.startswith(claim) for claim in own)
    ]
    rows: list[Quad] = [*quads(), *copies]
    return [q for q in rows if not (q[1] == CG["victim"] and "/ch-cahors-" in q[0] and q[0] != mini.CAHORS)]


def test_the_number_of_processes_never_shows() -> None:
    rows = many()
    one, two = judged(rows, jobs=1), judged(rows, jobs=2)
    assert one == two
    assert len(rejected(one)) == 25


def test_an_incident_is_judged_with_its_own_claims_only() -> None:
    pieces = {piece.incident: piece for piece in split(quads(), ontology(), base=mini.BASE)}
    subjects = {o for _, p, o in pieces[mini.CAHORS].triples if p == RDF["subject"]}
    assert {str(subject).startswith(mini.CAHORS) for subject in subjects} == {True}


def test_another_incident_is_not_judged_along() -> None:
    (piece,) = split(quads(), ontology(), base=mini.BASE, only={mini.CORBEIL})
    assert [s for s, p, o in piece.triples if (p, o) == (TYPE, CG["Incident"])] == [mini.CORBEIL]


def test_what_is_entailed_is_not_judged() -> None:
    entailed: Quad = (mini.CAHORS, CG["count"], typed(1, "integer"), graph_iri(mini.BASE, "entailed"))
    (piece,) = split([*quads(), entailed], ontology(), base=mini.BASE, only={mini.CAHORS})
    assert entailed[:3] not in piece.triples


def test_a_folder_without_shapes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="no shapes"):
        load_shapes(tmp_path)


def shape_file(tmp_path: Path, words: str) -> Path:
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "x.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n" + words, encoding="utf-8"
    )
    return tmp_path


def test_a_malformed_shape_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"x\.ttl"):
        load_shapes(shape_file(tmp_path, "not turtle"))


def test_more_than_shacl_core_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="SHACL Core only"):
        load_shapes(shape_file(tmp_path, '<urn:s> sh:sparql [ sh:select "" ] .'))


def test_a_shape_that_cannot_be_evaluated_is_an_ontology_error(tmp_path: Path) -> None:
    words = "<urn:s> a sh:NodeShape ; sh:targetNode <urn:n> ; sh:property [ sh:minCount 1 ] ."
    broken = load_shapes(shape_file(tmp_path, words))
    with pytest.raises(OntologyError, match="cannot be evaluated"):
        validate(quads(), broken, ontology(), base=mini.BASE)


def test_a_sound_dataset_passes_the_checks_on_the_whole() -> None:
    assert check_store(stored(quads()), mini.BASE) == ()


def whole(rows: Iterable[Quad]) -> set[tuple[str, str]]:
    return {(finding.code, finding.source) for finding in check_store(stored(rows), mini.BASE)}


def test_a_fact_without_a_claim_is_found() -> None:
    fact: Quad = (mini.CAHORS, CG["endDate"], typed("2022-10", "gYearMonth"), INCIDENTS)
    assert whole([*quads(), fact]) == {("graph/unclaimed", mini.CAHORS)}


def test_a_fact_that_only_a_disputed_claim_states_is_found() -> None:
    lost: Quad = (mini.CAHORS, CG["startDate"], typed("2022-09-05", "date"), INCIDENTS)
    assert whole([*quads(), lost]) == {("graph/unclaimed", mini.CAHORS)}


def test_a_reference_into_the_void_is_found() -> None:
    loose: Quad = (
        mini.CAHORS,
        CG["relatedIncident"],
        mini.node("incident/none"),
        INCIDENTS,
    )
    assert whole([*quads(), loose]) == {("graph/loose-end", mini.CAHORS)}


def test_a_blank_node_is_found() -> None:
    store = stored(quads())
    store.add(ox.Quad(ox.BlankNode("b"), ox.NamedNode(LABEL), ox.Literal("x"), ox.NamedNode("urn:g")))
    assert [finding.code for finding in check_store(store, mini.BASE)] == ["graph/blank-node"]


def test_a_quote_that_does_not_fit_its_position_is_found() -> None:
    end = Iri("http://www.w3.org/ns/oa#end")
    (first, *_) = sorted(s for s, p, _, _ in quads() if p == end)
    rows = [(s, p, typed(9999, "nonNegativeInteger") if (s, p) == (first, end) else o, g) for s, p, o, g in quads()]
    assert whole(rows) == {("graph/misquoted", first.replace("/position", "/evidence"))}
