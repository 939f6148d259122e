"""What fusion brings together, keeps apart, chooses and remembers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegrey.fusion import fuse
from codegrey.model import CitedClaim, Fusion, Incident, Node, OrganisationKey, OrganisationRef, Report, Role
from codegrey.registry import Entry, make_registry
from codegrey.terms import Iri, Literal, text, typed
from codegrey.vocab import CG, TYPE
from reports import claim, hospital, incident, report

BASE = "https://w3id.org/codegrey/id/"
CAHORS = hospital("Hôpital de Cahors", "Cahors", "FR")
CH_CAHORS = hospital("Centre Hospitalier de Cahors", "Cahors", "FR")
RYUK, LOCKBIT = Iri(f"{BASE}actor/ryuk"), Iri(f"{BASE}actor/lockbit")
FACTS = ("SystemIsolation", "TechnicalInvestigation")


def entry(slug: str, name: str, *, part_of: str = "", country: str = "FR") -> Entry:
    wholes = (Iri(f"{BASE}organisation/{part_of}"),) if part_of else ()
    kinds = (CG["Hospital"],)
    return Entry(Iri(f"{BASE}organisation/{slug}"), kinds, (text(name, "fr"),), country=country, part_of=wholes)


EMPTY = make_registry([], base=BASE)
VERSAILLES = make_registry(
    [
        entry("hopital-andre-mignot", "Hôpital André-Mignot", part_of="centre-hospitalier-de-versailles"),
        entry("centre-hospitalier-de-versailles", "Centre hospitalier de Versailles"),
    ],
    base=BASE,
)


def at(article: str, start: str = "", *, who: object = None, **facts: object) -> Report:
    victim = who or CAHORS
    return report(article, incident("i", [victim], start=start, **facts), organisations=[victim])  # type: ignore[list-item, arg-type]


def slugs(fusion: Fusion) -> list[str]:
    return [found.iri.removeprefix(f"{BASE}incident/") for found in fusion.incidents]


def stated(found: Incident, predicate: str) -> list[CitedClaim]:
    return [one for one in found.claims if one.predicate == CG[predicate]]


def chosen(found: Incident, predicate: str) -> set[str]:
    values = (one.object for one in stated(found, predicate) if one.asserted)
    return {value.lexical if isinstance(value, Literal) else value for value in values}


def test_an_incident_is_named_after_its_victim_and_month() -> None:
    assert slugs(fuse([at("a", "2022-09-15")], EMPTY)) == ["hopital-de-cahors-2022-09"]


def test_an_incident_without_date_is_undated() -> None:
    assert slugs(fuse([at("a")], EMPTY)) == ["hopital-de-cahors-undated"]


def test_labels_follow_the_templates_of_each_language() -> None:
    found = fuse([at("a", "2022-12-03")], EMPTY).incidents[0]
    assert found.labels == (
        text("Cyberattack on Hôpital de Cahors, December 2022", "en"),
        text("Cyberattaque contre Hôpital de Cahors, décembre 2022", "fr"),
    )


def test_generic_names_of_one_town_are_one_hospital() -> None:
    assert len(fuse([at("a", "2022-09-15"), at("b", "2022-09-15", who=CH_CAHORS)], EMPTY).organisations) == 1


def test_a_hospital_and_a_clinic_of_one_town_are_two() -> None:
    clinic = hospital("Clinique de Cahors", "Cahors", "FR")
    assert len(fuse([at("a", "2022-09-15"), at("b", "2022-09-15", who=clinic)], EMPTY).incidents) == 2


def test_namesakes_in_two_countries_are_two() -> None:
    left, right = hospital("Mercy Hospital", "", "US"), hospital("Mercy Hospital", "", "IE")
    assert len(fuse([at("a", "2022-09", who=left), at("b", "2022-09", who=right)], EMPTY).organisations) == 2


def test_dates_six_weeks_apart_are_one_incident_if_facts_are_shared() -> None:
    fusion = fuse([at("a", "2022-08-23", actions=FACTS), at("b", "2022-09-15", actions=FACTS)], EMPTY)
    assert slugs(fusion) == ["hopital-de-cahors-2022-08"]
    assert {one.object.lexical for one in stated(fusion.incidents[0], "startDate")} == {"2022-08-23", "2022-09-15"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "second"), [("2022-08-23", "2022-09-15"), ("2022-08", "2022-10"), ("2021-03-05", "2022-03-05")]
)
def test_attacks_in_different_months_that_share_nothing_stay_apart(first: str, second: str) -> None:
    assert len(fuse([at("a", first), at("b", second)], EMPTY).incidents) == 2


def test_attacks_months_apart_stay_apart_whatever_they_share() -> None:
    assert len(fuse([at("a", "2022-03-01", actions=FACTS), at("b", "2022-09-15", actions=FACTS)], EMPTY).incidents) == 2


def test_the_claim_that_loses_is_disputed_and_says_why() -> None:
    reports = [at("a", "2022-08-23"), at("b", "2022-08-23"), at("c", "2022-08-30")]
    lost = [one for one in fuse(reports, EMPTY).incidents[0].claims if one.disputed]
    assert [(one.article, one.reason) for one in lost] == [("c", "2022-08-23 is better supported.")]


def test_a_less_precise_date_agrees_and_is_not_asserted() -> None:
    found = fuse([at("a", "2022-08"), at("b", "2022-08-23")], EMPTY).incidents[0]
    assert chosen(found, "startDate") == {"2022-08-23"}
    assert not any(one.disputed for one in found.claims)


def test_a_year_joins_the_only_incident_of_that_year() -> None:
    assert slugs(fuse([at("a", "2022"), at("b", "2022-08-23")], EMPTY)) == ["hopital-de-cahors-2022-08"]


def test_an_undated_mention_joins_the_last_incident_before_its_article() -> None:
    mention = report("m", incident("i", [CAHORS]), organisations=[CAHORS], passing=["i"], published="2023-01-10")
    fusion = fuse([at("a", "2021-08-23"), at("b", "2022-09-15"), at("c", "2023-05-01"), mention], EMPTY)
    assert [found.iri[-7:] for found in fusion.incidents if "m" in found.articles] == ["2022-09"]


def test_two_incidents_that_one_article_tells_apart_stay_apart() -> None:
    both = report("a", incident("i", [CAHORS], start="2022-08-23"), incident("j", [CAHORS]), organisations=[CAHORS])
    assert slugs(fuse([both], EMPTY)) == ["hopital-de-cahors-2022-08", "hopital-de-cahors-undated"]


def test_an_undated_attack_on_the_whole_is_the_dated_one_on_its_site_in_the_same_article() -> None:
    whole, site = hospital("Centre hospitalier de Versailles", "Versailles", "FR"), hospital("Hôpital André-Mignot")
    told = [incident("i", [site], start="2022-12-03"), incident("j", [whole])]
    assert len(fuse([report("a", *told, organisations=[whole, site])], VERSAILLES).incidents) == 1


def test_a_supplier_and_its_clients_hit_by_one_actor_in_one_week_are_one_incident() -> None:
    supplier = hospital("Hipocrate", "", "RO", kind="HealthSupplier")
    client = hospital("Santa Clinic", "", "RO")
    reports = [at("a", "2024-02-10", who=supplier, actors=[RYUK]), at("b", "2024-02-12", who=client, actors=[RYUK])]
    assert len(fuse(reports, EMPTY).incidents) == 1


def test_two_hospitals_hit_by_one_actor_in_one_week_are_two_incidents() -> None:
    left, right = hospital("Santa Clinic", "", "RO"), hospital("Mercy Clinic", "", "RO")
    reports = [at("a", "2024-02-10", who=left, actors=[RYUK]), at("b", "2024-02-12", who=right, actors=[RYUK])]
    assert len(fuse(reports, EMPTY).incidents) == 2


def test_two_actors_are_two_attacks() -> None:
    reports = [at("a", "2022-08-23", actors=[RYUK]), at("b", "2022-08-25", actors=[LOCKBIT])]
    assert len(fuse(reports, EMPTY).incidents) == 2


def test_a_site_and_its_whole_are_one_victim() -> None:
    whole, site = hospital("Hospital Centre of Versailles", "Versailles", "FR"), hospital("André Mignot hospital")
    fusion = fuse([at("a", "2022-12-03", who=whole), at("b", "2022-12", who=site)], VERSAILLES)
    assert slugs(fusion) == ["centre-hospitalier-de-versailles-2022-12"]


def test_a_whole_that_an_article_states_counts_too() -> None:
    site, whole = hospital("Waikato Hospital", "", "NZ"), hospital("Waikato District Health Board", "", "NZ")
    part = claim(Node(Role.ORGANISATION, site.key), "partOf", OrganisationRef(whole.key))
    first = report("a", [*incident("i", [site], start="2021-05-18"), part], organisations=[site, whole])
    assert len(fuse([first, at("b", "2021-05-18", who=whole)], EMPTY).incidents) == 1


def test_a_count_is_the_best_supported() -> None:
    reports = [at(key, "2022-08-23", impacts={"PatientTransfer": n}) for key, n in (("a", 6), ("b", 8), ("c", 6))]
    assert chosen(fuse(reports, EMPTY).incidents[0], "count") == {"6"}


def test_a_currency_goes_with_the_amount_that_won() -> None:
    def demand(article: str, amount: str, currency: str) -> Report:
        node = Node(Role.RANSOM, "i")
        money = [claim(node, "amount", typed(amount, "decimal")), claim(node, "currency", Literal(currency))]
        return report(article, incident("i", [CAHORS], start="2022-08-23"), money, organisations=[CAHORS])

    reports = [demand("a", "10000000", "USD"), demand("b", "10000000", "USD"), demand("c", "9500000", "EUR")]
    found = fuse(reports, EMPTY).incidents[0]
    assert (chosen(found, "amount"), chosen(found, "currency")) == ({"10000000"}, {"USD"})


def test_types_and_statuses_keep_every_value() -> None:
    found = fuse(
        [at("a", "2022-08", attacks=["Intrusion"]), at("b", "2022-08", attacks=["DataTheft"])], EMPTY
    ).incidents[0]
    assert {one.object for one in found.claims if one.predicate == TYPE} == {CG["Intrusion"], CG["DataTheft"]}


def test_nodes_are_below_their_incident_and_typed() -> None:
    found = fuse([at("a", "2022-08-23", attacks=["Intrusion"], impacts={"PatientTransfer": 6})], EMPTY).incidents[0]
    assert found.kinds == (
        (Iri(f"{found.iri}/attack"), CG["Intrusion"]),
        (Iri(f"{found.iri}/impact/patient-transfer"), CG["PatientTransfer"]),
    )


def test_a_node_that_no_claim_links_is_linked_by_the_words_about_it() -> None:
    found = fuse([at("a", "2022-08-23", attacks=["Intrusion"])], EMPTY).incidents[0]
    assert [one.object for one in stated(found, "attack")] == [f"{found.iri}/attack"]


def test_who_performs_an_action_is_a_node() -> None:
    who = hospital("ANSSI", kind="CyberAgency")
    claims = incident("i", [CAHORS], start="2022-08-23", performed={"TechnicalInvestigation": "ANSSI"})
    found = fuse([report("a", claims, organisations=[CAHORS, who])], EMPTY).incidents[0]
    assert [one.object for one in stated(found, "performedBy")] == [f"{BASE}organisation/anssi"]


def test_an_actor_that_is_not_registered_gets_an_actor_iri() -> None:
    gang = hospital("BackMyData", kind="ThreatActor")
    line = claim(Node(Role.ATTACK, "i"), "attributedTo", OrganisationRef(OrganisationKey("BackMyData")))
    found = fuse([report("a", [*incident("i", [CAHORS]), line], organisations=[CAHORS, gang])], EMPTY).incidents[0]
    assert [one.object for one in stated(found, "attributedTo")] == [f"{BASE}actor/backmydata"]


def test_incidents_that_an_article_compares_are_related() -> None:
    other = hospital("Hôpital de Corbeil-Essonnes", "Corbeil-Essonnes", "FR")
    claims = [incident("i", [CAHORS], start="2022-09-15"), incident("j", [other], start="2022-08")]
    both = report("a", *claims, organisations=[CAHORS, other], passing=["j"], related={"i": ["j"]})
    first, second = fuse([both], EMPTY).incidents
    assert first.related == (second.iri,)


def test_a_claim_about_an_incident_that_is_not_listed_is_left_out() -> None:
    stray = claim(Node(Role.INCIDENT, "nobody"), "victim", OrganisationRef(CAHORS.key))
    whole = report("a", incident("i", [CAHORS]), organisations=[CAHORS])
    assert fuse([Report(whole.article, whole.organisations, whole.incidents, (*whole.claims, stray))], EMPTY) == fuse(
        [whole], EMPTY
    )


def test_an_added_article_does_not_rename_an_incident() -> None:
    before = fuse([at("a")], EMPTY)
    after = fuse([at("a"), at("b", "2022-08-23", who=CH_CAHORS)], EMPTY, known=dict(before.assignments))
    assert slugs(after) == ["hopital-de-cahors-undated"]


def test_a_later_article_that_proves_two_incidents_one_leaves_a_redirect() -> None:
    first, last = at("a", "2022-08-01"), at("b", "2022-09-30")
    before = fuse([first, last], EMPTY)
    bridge = report("a", incident("i", [CAHORS], start="2022-09-28"), organisations=[CAHORS])
    after = fuse([bridge, last], EMPTY, known=dict(before.assignments))
    assert (slugs(after), after.incidents[0].replaces) == (
        ["hopital-de-cahors-2022-08"],
        (Iri(f"{BASE}incident/hopital-de-cahors-2022-09"),),
    )


def test_a_redirect_survives_the_next_fusion() -> None:
    reports = [at("a", "2022-08-01"), at("b", "2022-09-30")]
    known = dict(fuse(reports, EMPTY).assignments)
    merged = [at("a", "2022-09-28"), at("b", "2022-09-30")]
    known = dict(fuse(merged, EMPTY, known=known).assignments)
    again = fuse([*merged, at("c", "2022-09-29")], EMPTY, known=known)
    assert again.incidents[0].replaces == (Iri(f"{BASE}incident/hopital-de-cahors-2022-09"),)


NAMES = (
    CAHORS,
    CH_CAHORS,
    hospital("Cahors hospital"),
    hospital("CHU de Rouen", "Rouen", "FR"),
    hospital("André Mignot"),
)
STARTS = ("", "2022", "2022-08", "2022-08-23", "2022-09-15", "2021-03-01")


@st.composite
def some_reports(draw: st.DrawFn) -> list[Report]:
    made = []
    for number in range(draw(st.integers(1, 7))):
        victim, start = draw(st.sampled_from(NAMES)), draw(st.sampled_from(STARTS))
        actions = draw(st.sets(st.sampled_from(FACTS)))
        count = draw(st.sampled_from([None, 6, 8]))
        claims = incident("i", [victim], start=start, actions=sorted(actions), impacts={"PatientTransfer": count})
        published = draw(st.sampled_from(["", "2022-10-01", "2023"]))
        made.append(report(f"r{number}", claims, organisations=[victim], published=published))
    return made


@given(some_reports(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_order_never_matters(reports: list[Report], chance: object) -> None:
    shuffled = list(reports)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fuse(shuffled, VERSAILLES) == fuse(reports, VERSAILLES)


@given(some_reports())
@settings(max_examples=60, deadline=None)
def test_twice_is_once(reports: list[Report]) -> None:
    assert fuse([*reports, *reports], VERSAILLES) == fuse(reports, VERSAILLES)


@given(some_reports())
@settings(max_examples=60, deadline=None)
def test_what_is_known_changes_nothing_when_nothing_is_new(reports: list[Report]) -> None:
    first = fuse(reports, VERSAILLES)
    assert fuse(reports, VERSAILLES, known=dict(first.assignments)) == first


@given(some_reports(), st.integers(0, 6))
@settings(max_examples=200, deadline=None)
def test_every_iri_goes_on_working_when_articles_are_added(reports: list[Report], cut: int) -> None:
    before = fuse(reports[:cut], VERSAILLES)
    after = fuse(reports, VERSAILLES, known=dict(before.assignments))
    alive = {iri for found in after.incidents for iri in (found.iri, *found.replaces)}
    assert {found.iri for found in before.incidents} <= alive


@given(some_reports())
@settings(max_examples=60, deadline=None)
def test_claims_never_disappear(reports: list[Report]) -> None:
    words = sum(len(one.claims) for one in reports)
    assert sum(len(found.claims) for found in fuse(reports, VERSAILLES).incidents) >= words
