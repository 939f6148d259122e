"""What the registry that ships with codegrey knows, and what it refuses."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from codegrey.errors import OntologyError
from codegrey.registry import Entry, Registry, load_registry, make_registry
from codegrey.registry.load import read_cities
from codegrey.registry.places import Place, fold, kilometres, make_places
from codegrey.settings import DEFAULT_BASE
from codegrey.terms import Iri, Literal, typed
from codegrey.vocab import CG, DCTERMS, LABEL, OWL, SCHEMA, TYPE

BASE = DEFAULT_BASE


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def organisation(slug: str) -> Iri:
    return Iri(f"{BASE}organisation/{slug}")


def test_it_loads_in_a_second_or_two(registry: Registry) -> None:
    start = time.perf_counter()
    load_registry()
    assert time.perf_counter() - start < 5


def test_every_entry_has_a_kind_and_a_label(registry: Registry) -> None:
    assert not [entry.iri for entry in registry.entries if not entry.kinds or not entry.labels]


def test_every_whole_is_an_entry(registry: Registry) -> None:
    assert not [whole for entry in registry.entries for whole in entry.part_of if whole not in registry.by_iri]


def test_every_location_is_a_place(registry: Registry) -> None:
    located = [entry.location for entry in registry.entries if entry.location]
    assert not [iri for iri in located if iri.removeprefix(f"{BASE}place/") not in registry.places.by_slug]


def test_no_identifier_stands_for_two_entries(registry: Registry) -> None:
    schemes = ("wikidata:", "ror:", "finess:")
    seen = [i for e in registry.entries if "/organisation/" in e.iri for i in e.identifiers if i.startswith(schemes)]
    assert len(seen) == len(set(seen))


def test_a_label_has_one_form_a_language(registry: Registry) -> None:
    doubled = [e.iri for e in registry.entries if len({label.language for label in e.labels}) < len(e.labels)]
    assert not doubled


def test_the_base_can_be_another() -> None:
    assert Iri("https://example.org/x/organisation/anssi") in load_registry(base="https://example.org/x/").by_iri


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("anssi", "ANSSI"),
        ("cert-sante", "CERT Cyberveille"),
        ("ars-ile-de-france", "ARS Île-de-France"),
        ("centre-hospitalier-sud-francilien", "Hôpital de Corbeil-Essonnes"),
        ("ncsc-uk", "NCSC"),
    ],
)
def test_bodies_are_known_by_their_usual_names(registry: Registry, slug: str, name: str) -> None:
    assert name in registry.by_iri[organisation(slug)].names


def test_all_eighteen_regional_health_agencies_are_there(registry: Registry) -> None:
    assert sum(entry.iri.startswith(f"{BASE}organisation/ars-") for entry in registry.entries) == 18


def test_a_site_is_part_of_its_hospital(registry: Registry) -> None:
    assert list(registry.wholes(organisation("hopital-andre-mignot"))) == [
        organisation("centre-hospitalier-de-versailles")
    ]


@pytest.mark.parametrize("name", ["Royal", "Play", "Hive", "Medusa", "Snatch", "Cactus", "Everest", "Monti", "Akira"])
def test_names_that_are_ordinary_words_ask_for_context(registry: Registry, name: str) -> None:
    actor = next(e for e in registry.entries if "/actor/" in e.iri and e.labels[0].lexical == name)
    assert name in actor.needs_context


def test_ransomware_is_told_from_other_malware(registry: Registry) -> None:
    kinds = {slug: registry.by_iri[Iri(f"{BASE}malware/{slug}")].kinds for slug in ("wannacry", "emotet")}
    assert kinds == {"wannacry": (CG["RansomwareFamily"],), "emotet": (CG["Malware"],)}


def test_a_wikidata_identity_is_stated_as_same_as(registry: Registry) -> None:
    same = {o for s, p, o in registry.triples if s == organisation("hopital-andre-mignot") and p == OWL["sameAs"]}
    assert Iri("http://www.wikidata.org/entity/Q30279724") in same


def test_describing_a_body_tells_its_whole_its_town_and_its_country(registry: Registry) -> None:
    told = registry.describe([organisation("hopital-richaud")])
    subjects = {s.removeprefix(BASE) for s, _, _ in told}
    assert subjects >= {
        "organisation/hopital-richaud",
        "organisation/centre-hospitalier-de-versailles",
        "place/versailles",
        "place/ile-de-france",
        "place/france",
    }


def test_a_described_city_is_typed_and_named(registry: Registry) -> None:
    iri = Iri(f"{BASE}place/cahors")
    told = registry.describe([iri])
    assert (iri, TYPE, CG["City"]) in told
    assert (iri, LABEL, Literal("Cahors")) in told


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Cahors", "FR"),
        ("Londres", "GB"),
        ("Moûtiers", "FR"),
        ("Tokoroa", "NZ"),
        ("Vermont", "US"),
        ("Scotland", "GB"),
        ("Québec", "CA"),
        ("États-Unis", "US"),
        ("Kettering", ""),
        ("Nowhere-sur-Mer", ""),
    ],
)
def test_a_place_leads_to_its_country_unless_it_is_ambiguous(registry: Registry, name: str, country: str) -> None:
    assert registry.places.country_of(name) == country


def test_a_country_tells_namesakes_apart(registry: Registry) -> None:
    found = registry.places.find("Manchester", "US")
    assert found is not None
    assert found.within == "new-hampshire"


def test_folding_leaves_letters_and_blanks() -> None:
    assert fold("L’Hôpital d'Œuvre—Straße") == "l hopital d oeuvre strasse"


def test_distances_are_in_kilometres() -> None:
    assert round(kilometres((48.8566, 2.3522), (51.5074, -0.1278))) == 344


def test_a_region_counts_as_a_large_city() -> None:
    suburb, state = Place("vermont", "Vermont", "city", "AU", population=10_993), Place("vt", "Vermont", "region", "US")
    assert make_places([suburb, state]).named("vermont")[0] == state


def test_malformed_turtle_is_refused_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("<a> <b> ", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"bad\.ttl"):
        load_registry(tmp_path)


def test_a_blank_node_is_refused_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text("[] <http://x/p> 1 .", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"bad\.ttl: a blank node"):
        load_registry(tmp_path)


def test_a_city_without_all_columns_is_refused_with_the_line(tmp_path: Path) -> None:
    table = tmp_path / "cities.tsv"
    table.write_text("slug\tname\nx\n", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"cities\.tsv:2"):
        list(read_cities(table))


def test_an_entry_of_a_full_register_is_described_when_it_is_asked_for() -> None:
    iri = Iri(f"{DEFAULT_BASE}organisation/foch-q1")
    found = make_registry(
        [Entry(iri, labels=(Literal("Foch"),), identifiers=("ror:0a",), latitude=48.87, longitude=2.2)]
    )
    assert found.triples == ()
    assert set(found.describe([iri])) == {
        (iri, LABEL, Literal("Foch")),
        (iri, DCTERMS["identifier"], Literal("ror:0a")),
        (iri, SCHEMA["latitude"], typed("48.87000", "decimal")),
        (iri, SCHEMA["longitude"], typed("2.20000", "decimal")),
    }
