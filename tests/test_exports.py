"""What linkers are given: every row from a value, nothing made up."""

from __future__ import annotations

from codegrey.fusion.exports import mapping_triples, mix_n_match, quickstatements, sssom
from codegrey.model import FusedOrganisation
from codegrey.registry import Entry, make_registry
from codegrey.terms import Iri, text
from codegrey.vocab import CG, OWL, SKOS

BASE = "https://w3id.org/codegrey/id/"
WD = "http://www.wikidata.org/entity/"
FOCH = Iri(f"{BASE}organisation/foch")
SHORT = Iri(f"{BASE}organisation/karmanos-cancer-institute")
KARMANOS = Iri(f"{BASE}organisation/karmanos")
REGISTRY = make_registry(
    [
        Entry(FOCH, identifiers=("ror:0a", "wikidata:Q1")),
        Entry(KARMANOS, labels=(text("Barbara Ann Karmanos Cancer Institute", "en"),), same_as=(Iri(f"{WD}Q2"),)),
    ],
    base=BASE,
)
KNOWN = FusedOrganisation(
    FOCH, (CG["Hospital"],), (text("Hôpital Foch", "fr"),), city="Suresnes", country="FR", same_as=(Iri(f"{WD}Q1"),)
)
LIKELY = FusedOrganisation(
    SHORT, (CG["Hospital"],), (text("Karmanos Cancer Institute", "en"),), close=((KARMANOS, 0.873),)
)
NEW = FusedOrganisation(Iri(f"{BASE}organisation/x"), (CG["Hospital"],), (text('The "X"', "en"),))


def rows(table: str) -> list[list[str]]:
    return [line.split("\t") for line in table.splitlines() if not line.startswith("#")]


def test_certain_links_are_same_as_and_likely_ones_close_with_their_score() -> None:
    told = [(row[0], row[2], row[3], row[5]) for row in rows(sssom([LIKELY, KNOWN], REGISTRY))[1:]]
    assert told == [
        ("cgr:organisation/foch", "owl:sameAs", "wikidata:Q1", "1.0"),
        ("cgr:organisation/karmanos-cancer-institute", "skos:closeMatch", "cgr:organisation/karmanos", "0.87"),
        ("cgr:organisation/karmanos-cancer-institute", "skos:closeMatch", "wikidata:Q2", "0.87"),
    ]


def test_every_row_has_every_column() -> None:
    table = rows(sssom([KNOWN, LIKELY, NEW], REGISTRY))
    assert {len(row) for row in table} == {len(table[0])}


def test_the_same_links_as_triples() -> None:
    assert mapping_triples([LIKELY, KNOWN]) == (
        (FOCH, OWL["sameAs"], Iri(f"{WD}Q1")),
        (SHORT, SKOS["closeMatch"], KARMANOS),
    )


def test_drafts_add_an_identifier_or_an_item_and_leave_what_is_only_likely() -> None:
    assert quickstatements([NEW, LIKELY, KNOWN], REGISTRY).splitlines() == [
        'Q1|P6782|"0a"',
        "CREATE",
        "LAST|Len|\"The 'X'\"",
        "LAST|P31|Q16917",
    ]


def test_a_catalogue_has_a_row_a_body() -> None:
    assert rows(mix_n_match([KNOWN], BASE)) == [
        ["id", "name", "description", "url", "type"],
        ["organisation/foch", "Hôpital Foch", "Suresnes, FR", FOCH, "Q16917"],
    ]
