"""From a name to a node: what is the same name, what is certain, what is likely, what is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegrey.errors import OntologyError
from codegrey.link import Decision, Index, Verdict, link, load_name_parts, make_index, name_parts
from codegrey.link.bodies import bodies, legal_entities
from codegrey.link.full import load_full_registry
from codegrey.registry import Entry, Registry, load_registry, make_registry
from codegrey.registry.register import Row, update_register
from codegrey.terms import Iri
from codegrey.vocab import CG
from reports import hospital

BASE = "https://w3id.org/codegrey/id/"
PARTS = name_parts()


def row(key: str, name: str, *aliases: str, city: str = "", country: str = "FR", at: str = "", kind: str = "") -> Row:
    latitude, _, longitude = at.partition(",")
    return Row((key,), name, aliases, (), kind, country, city, latitude, longitude)


ROWS = [
    row("wikidata:Q1", "Centre hospitalier Jean Rougier Cahors", city="Cahors", kind="Centre Hospitalier (C.H.)"),
    row("finess:1", "USLD CH Cahors", city="Cahors"),
    row("wikidata:Q2", "Rennes University Hospital", "CHU de Rennes", at="48.12,-1.69"),
    row("wikidata:Q3", "Hospital Clinic of Barcelona", country="ES", at="41.389,2.152"),
    row("wikidata:Q4", "Lister Hospital, Stevenage", country="GB", at="51.92,-0.21"),
    row("wikidata:Q5", "Lister Hospital, Chelsea", country="GB", at="51.49,-0.15"),
    row("wikidata:Q6", "St. Mary's Hospital", country="US", at="44.02,-92.48"),
    row("wikidata:Q7", "St. Mary's Hospital", country="US", at="41.55,-73.05"),
    row("wikidata:Q8", "Barbara Ann Karmanos Cancer Institute", country="US", at="42.36,-83.1"),
    row("wikidata:Q9", "Lukaskrankenhaus Neuss", country="DE", at="51.18,6.71"),
    row("wikidata:Q10", "All India Institute of Medical Sciences, Patna", country="IN", at="25.59,85.14"),
    row("wikidata:Q11", "All India Institute of Medical Sciences, Nagpur", country="IN", at="21.1,79.0"),
    row("ror:12", "Centre hospitalier Sud Francilien", city="Corbeil-Essonnes"),
    row("wikidata:Q13", "Springfield Hospital Center", country="US", at="39.39,-76.96"),
    row("wikidata:Q14", "Baptist Hospital", country="US", at="30.43,-87.23"),
    *(row(f"wikidata:Q2{n}", f"Baptist Medical Center of {t}", country="US") for n, t in enumerate("ABCDEFGHIJ")),
    *(row(f"wikidata:Q3{n}", f"{t} Clinic", country="US") for n, t in enumerate(("Ash", "Elm", "Oak", "Fir", "Yew"))),
]


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return load_registry()


@pytest.fixture(scope="module")
def index(shipped: Registry) -> Index:
    return make_index(make_registry(bodies(ROWS, base=BASE, places=shipped.places), places=shipped.places, base=BASE))


@pytest.fixture(scope="module")
def known(shipped: Registry) -> Index:
    return make_index(shipped)


def decide(index: Index, name: str, city: str = "", country: str = "") -> tuple[Verdict, str]:
    decision = link(hospital(name, city, country), index)
    identifiers = index.known[decision.iri].entry.identifiers if decision.iri else ("",)
    return decision.verdict, identifiers[0]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("L'hôpital de Cahors", "Centre Hospitalier de Cahors"),
        ("CHU de Rennes", "Rennes University Hospital"),
        ("CHRU de Tours", "Centre Hospitalier Régional Universitaire de Tours"),
        ("Saint-Gaudens Hospital", "hôpital de St-Gaudens"),
        ("Lukaskrankenhaus", "Lukas Hospital"),
        ("Universitätsklinikum Düsseldorf", "Düsseldorf University Hospital"),
        ("Wirral Women and Children's Hospital", "Wirral Women & Childrens Hospital"),
        ("Hospital Centre of Versailles", "hôpital de Versailles"),
    ],
)
def test_names_that_say_the_same_have_one_key(left: str, right: str) -> None:
    assert PARTS.key(left).bag == PARTS.key(right).bag


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Clinique de Cahors", "Hôpital de Cahors"),
        ("CIUSSS du Centre-Ouest-de-l'Île-de-Montréal", "CIUSSS de l'Ouest-de-l'Île-de-Montréal"),
        ("Eskenazi Health", "Eskenazi Health Foundation"),
        ("Mercy Hospital", "Mercy Memorial Hospital"),
    ],
)
def test_names_that_say_something_else_have_two(left: str, right: str) -> None:
    assert PARTS.key(left).bag != PARTS.key(right).bag


def test_a_name_of_nothing_but_kinds_has_no_core() -> None:
    assert PARTS.key("the University Hospital").core == ()


def test_a_name_suggests_a_class() -> None:
    names = ("EHPAD Les Tilleuls", "CHU de Brest", "Groupe hospitalier du Havre", "Les Bluets")
    assert [PARTS.suggest(PARTS.key(name)) for name in names] == [
        CG["CareHome"],
        CG["Hospital"],
        CG["HospitalGroup"],
        None,
    ]


def test_a_part_without_a_role_that_is_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "linking.ttl"
    path.write_text('<http://x/a> <https://w3id.org/codegrey/ontology#partRole> "odd" .', encoding="utf-8")
    with pytest.raises(OntologyError, match="kind, quality, synonym, nothing"):
        load_name_parts(path)


@pytest.mark.parametrize(
    ("name", "city", "country", "key"),
    [
        ("CHU Rennes", "Rennes", "FR", "wikidata:Q2"),
        ("Hospital Clínic de Barcelone", "Barcelone", "ES", "wikidata:Q3"),
        ("Lister Hospital", "Stevenage", "GB", "wikidata:Q4"),
        ("St Mary's Hospital", "Rochester", "US", "wikidata:Q6"),
        ("hôpital de Cahors", "Cahors", "FR", "wikidata:Q1"),
        ("Lukas Hospital", "Neuss", "DE", "wikidata:Q9"),
    ],
)
def test_certain_links(index: Index, name: str, city: str, country: str, key: str) -> None:
    assert decide(index, name, city, country) == (Verdict.CERTAIN, key)


@pytest.mark.parametrize(
    ("name", "city", "country", "key"),
    [
        ("Karmanos Cancer Institute", "", "US", "wikidata:Q8"),
        ("CHSF", "Corbeil-Essonnes", "FR", "ror:12"),
        ("Springfield Hospital", "", "US", "wikidata:Q13"),
    ],
)
def test_likely_links(index: Index, name: str, city: str, country: str, key: str) -> None:
    assert decide(index, name, city, country) == (Verdict.LIKELY, key)


@pytest.mark.parametrize(
    ("name", "city", "country"),
    [
        ("St. Mary's Hospital", "", "US"),
        ("All India Institute of Medical Sciences", "New Delhi", "IN"),
        ("CHU de Rennes", "Lille", "FR"),
        ("Rennes University Hospital", "", "CA"),
        ("University Hospital", "", "US"),
        ("the hospital", "", ""),
        ("", "", ""),
        ("Synnovis", "London", "GB"),
    ],
)
def test_no_link(index: Index, name: str, city: str, country: str) -> None:
    assert decide(index, name, city, country)[0] is Verdict.NONE


def test_a_common_name_without_a_town_is_never_certain(index: Index) -> None:
    assert decide(index, "Baptist Hospital", "", "US")[0] is not Verdict.CERTAIN


def test_every_candidate_is_kept_with_its_features_and_score(index: Index) -> None:
    decision = link(hospital("Lister Hospital", "Stevenage", "GB"), index)
    assert [candidate.features.city for candidate in decision.candidates[:2]] == [1, -1]
    assert decision.candidates[0].score > decision.candidates[1].score
    assert decision.reason


def test_a_body_that_an_extractor_knows_is_certain(index: Index) -> None:
    known = Iri(f"{BASE}organisation/x")
    named = hospital("X")
    told = type(named)(named.key, "X", named.kind, iri=known)
    assert link(told, index) == Decision(Verdict.CERTAIN, known, 1.0, reason="known to the extractor")


@pytest.mark.parametrize(
    ("name", "country", "slug"),
    [
        ("ANSSI", "FR", "anssi"),
        ("CERT Cyberveille", "FR", "cert-sante"),
        ("ARS d'Île-de-France", "FR", "ars-ile-de-france"),
        ("Agence régionale de santé (ARS) Île-de-France", "FR", "ars-ile-de-france"),
        ("Orange CyberDéfense", "FR", "orange-cyberdefense"),
        ("NCSC", "GB", "ncsc-uk"),
        ("NCSC", "IE", "ncsc-ie"),
        ("Department of Health & Human Services", "US", "hhs"),
        ("Andre-Mignot Hospital", "FR", "hopital-andre-mignot"),
        ("Corbeil-Essonnes hospital", "FR", "centre-hospitalier-sud-francilien"),
    ],
)
def test_bodies_that_ship_are_linked(known: Index, name: str, country: str, slug: str) -> None:
    decision = link(hospital(name, "", country), known)
    assert (decision.verdict, decision.iri) == (Verdict.CERTAIN, f"{BASE}organisation/{slug}")


def test_rows_that_share_an_identifier_are_one_body() -> None:
    rows = [row("wikidata:Q1", "Hôpital Foch"), Row(("ror:1", "wikidata:Q1"), "Foch", country="FR")]
    assert [entry.identifiers for entry in bodies(rows, base=BASE)] == [("ror:1", "wikidata:Q1")]


def test_rows_of_one_name_at_one_place_are_one_body() -> None:
    rows = [row("wikidata:Q1", "Hôpital Foch", at="48.87,2.22"), row("ror:1", "Foch Hospital", at="48.871,2.221")]
    assert len(bodies(rows, base=BASE)) == 1


def test_two_wikidata_items_are_two_bodies_whatever_they_are_called() -> None:
    rows = [row("wikidata:Q1", "Hôpital Foch", city="Suresnes"), row("wikidata:Q2", "Hôpital Foch", city="Suresnes")]
    assert len(bodies(rows, base=BASE)) == 2


def test_rows_that_a_shipped_entry_stands_for_are_left_out() -> None:
    entry = Entry(Iri(f"{BASE}organisation/foch"), identifiers=("wikidata:Q1",))
    assert bodies([row("wikidata:Q1", "Hôpital Foch")], base=BASE, shipped=[entry]) == ()


def test_what_is_called_only_hospital_is_left_out() -> None:
    assert bodies([row("finess:1", "Centre Hospitalier")], base=BASE) == ()


def test_sites_of_one_legal_entity_give_it_the_name_that_they_share() -> None:
    sites = [
        Row((f"finess:{n}", "finess-ej:9"), f"CHI Castres Mazamet Site {site}", country="FR", city="Castres")
        for n, site in enumerate(("Autan", "Mazamet"))
    ]
    assert [entity.name for entity in legal_entities(sites)] == ["CHI Castres Mazamet"]


def test_a_full_registry_holds_what_ships_and_what_was_loaded(tmp_path: Path) -> None:
    update_register("x", [row("wikidata:Q1", "Hôpital Imaginaire"), row("wikidata:Q30279724", "Hôpital A")], tmp_path)
    full = load_full_registry(tmp_path)
    assert f"{BASE}organisation/anssi" in full.by_iri
    assert f"{BASE}organisation/hopital-imaginaire-q1" in full.by_iri
    assert not [iri for iri in full.by_iri if "q30279724" in iri]
