"""A small dataset, written by hand, on which shapes, axioms and queries are tried: four incidents, six articles."""

from __future__ import annotations

from codegrey.graph import fusion_quads, graph_iri, in_graph
from codegrey.model import Article, ArticleId, CitedClaim, FusedOrganisation, Fusion, Incident, Span
from codegrey.terms import Iri, Literal, Quad, Term, text, typed
from codegrey.vocab import CG, DCTERMS, LABEL, SCHEMA, TYPE

BASE = "https://example.org/id/"


def node(path: str) -> Iri:
    return Iri(BASE + path)


def article(key: str, words: str, *, language: str, published: str) -> Article:
    title = words.partition(".")[0]
    return Article(ArticleId(key), words, title, language, published, f"https://example.org/{key}", publisher="Gazette")


ARTICLES = {
    one.id: one
    for one in (
        article(
            "v-en",
            "Versailles hospital hit. On Saturday ransomware struck Andre-Mignot hospital. Six patients were moved "
            "from intensive care. LockBit claimed it. Systems are down. ANSSI is investigating. The network was cut.",
            language="en",
            published="2022-12-05",
        ),
        article(
            "v-fr",
            "L'hôpital de Versailles attaqué. L'attaque du 3 décembre par rançongiciel. Le fonctionnement normal a "
            "repris le 20 janvier. L'hôpital de Versailles avait été touché par un hameçonnage en mars 2021.",
            language="fr",
            published="2023-02-01",
        ),
        article(
            "c-en",
            "Corbeil hospital data leaked. In August a 10 million dollar ransom was demanded by 23 September from the "
            "hospital in Corbeil-Essonnes, then data were stolen with LockBit 3.0. They refused to pay. It recalls "
            "Versailles.",
            language="en",
            published="2022-09-25",
        ),
        article(
            "c-fr",
            "Corbeil, nuit d'attaque. Le 21 août au CHSF, 1000 lits. Des opérations reportées. Plan blanc. "
            "L'ANSSI aide.",
            language="fr",
            published="2022-08-23",
        ),
        article(
            "k-en",
            "Cahors hospital attacked. On 5 September the Cahors hospital was hit. Patient care is not affected.",
            language="en",
            published="2022-09-12",
        ),
        article(
            "k-fr",
            "L'hôpital de Cahors visé. Le 23 août l'hôpital de Cahors a été touché. Aucune demande de rançon.",
            language="fr",
            published="2022-09",
        ),
    )
}

VERSAILLES = node("incident/hopital-andre-mignot-2022-12")
EARLIER = node("incident/hopital-andre-mignot-2021-03")
CORBEIL = node("incident/chsf-2022-08")
CAHORS = node("incident/ch-cahors-2022-08")
MIGNOT, CHSF, CH_CAHORS = (node(f"organisation/{x}") for x in ("hopital-andre-mignot", "chsf", "ch-cahors"))
GROUP, ANSSI, LOCKBIT = node("organisation/ght-yvelines"), node("organisation/anssi"), node("actor/lockbit")
LOCKER, REGION, COUNTRY = node("malware/lockbit"), node("place/ile-de-france"), node("place/france")


def cite(
    subject: Iri, predicate: Iri, value: Term, source: str, exact: str, *, confidence: float = 0.9, lost: str = ""
) -> CitedClaim:
    """A claim whose words are looked up in its article; ``lost`` is why it is disputed."""
    start = ARTICLES[ArticleId(source)].text.index(exact)
    span = Span(start, start + len(exact), exact)
    return CitedClaim(subject, predicate, value, ArticleId(source), span, confidence, "patterns", "", bool(lost), lost)


def date(value: str) -> Literal:
    return typed(value, {4: "gYear", 7: "gYearMonth", 10: "date"}[len(value)])


def incident(iri: Iri, label: str, victim: Iri, kinds: dict[str, str], *claims: CitedClaim) -> Incident:
    return Incident(
        iri,
        labels=(text(f"Cyberattack on {label}", "en"), text(f"Cyberattaque : {label}", "fr")),
        victims=(victim,),
        articles=tuple(sorted({claim.article for claim in claims})),
        focus_of=tuple(sorted({claim.article for claim in claims if claim.article[0] == label[0].lower()})),
        kinds=tuple((Iri(f"{iri}/{path}"), CG[kind]) for path, kind in kinds.items()),
        claims=claims,
        related=(VERSAILLES,) if iri == CORBEIL else (),
    )


def _under(iri: Iri, path: str) -> Iri:
    return Iri(f"{iri}/{path}")


def incidents() -> tuple[Incident, ...]:
    return (_versailles(), _earlier(), _corbeil(), _cahors())


def _versailles() -> Incident:
    i, attack = VERSAILLES, _under(VERSAILLES, "attack")
    moved, outage = _under(i, "impact/patient-transfer"), _under(i, "impact/system-outage")
    look, cut = _under(i, "response/technical-investigation"), _under(i, "response/system-isolation")
    kinds = {
        "attack": "Attack",
        "impact/patient-transfer": "PatientTransfer",
        "impact/system-outage": "SystemOutage",
        "response/technical-investigation": "TechnicalInvestigation",
        "response/system-isolation": "SystemIsolation",
    }
    return incident(
        i,
        "Versailles hospital, December 2022",
        MIGNOT,
        kinds,
        cite(i, CG["victim"], MIGNOT, "v-en", "Andre-Mignot hospital"),
        cite(i, CG["victim"], MIGNOT, "v-fr", "L'hôpital de Versailles"),
        cite(i, CG["startDate"], date("2022-12-03"), "v-fr", "3 décembre"),
        cite(i, CG["startDate"], date("2022-12-03"), "v-en", "Saturday"),
        cite(i, CG["endDate"], date("2023-01-20"), "v-fr", "20 janvier"),
        cite(attack, TYPE, CG["RansomwareAttack"], "v-en", "ransomware"),
        cite(attack, TYPE, CG["RansomwareAttack"], "v-fr", "rançongiciel"),
        cite(attack, CG["attributedTo"], LOCKBIT, "v-en", "LockBit"),
        cite(i, CG["impact"], moved, "v-en", "Six patients were moved"),
        cite(moved, CG["count"], typed(6, "integer"), "v-en", "Six"),
        cite(moved, CG["affectedService"], CG["IntensiveCare"], "v-en", "intensive care"),
        cite(i, CG["impact"], outage, "v-en", "Systems are down"),
        cite(outage, CG["affectedSystem"], CG["Network"], "v-en", "Systems"),
        cite(i, CG["response"], look, "v-en", "ANSSI is investigating"),
        cite(look, CG["performedBy"], ANSSI, "v-en", "ANSSI"),
        cite(i, CG["response"], cut, "v-en", "network was cut"),
        cite(cut, CG["affectedSystem"], CG["Network"], "v-en", "network"),
    )


def _earlier() -> Incident:
    i, attack = EARLIER, _under(EARLIER, "attack")
    return incident(
        i,
        "Versailles hospital, March 2021",
        MIGNOT,
        {"attack": "Attack"},
        cite(i, CG["victim"], MIGNOT, "v-fr", "L'hôpital de Versailles", confidence=0.55),
        cite(i, CG["startDate"], date("2021-03"), "v-fr", "mars 2021"),
        cite(attack, TYPE, CG["PhishingAttack"], "v-fr", "hameçonnage", confidence=0.6),
    )


def _corbeil() -> Incident:
    i, attack, ransom = CORBEIL, _under(CORBEIL, "attack"), _under(CORBEIL, "ransom")
    put_off, plan = _under(i, "impact/procedure-cancellation"), _under(i, "response/emergency-plan-activation")
    helped, data = _under(i, "response/external-assistance"), _under(i, "impact/data-compromise")
    kinds = {
        "attack": "Attack",
        "ransom": "RansomDemand",
        "impact/procedure-cancellation": "ProcedureCancellation",
        "impact/data-compromise": "DataCompromise",
        "response/emergency-plan-activation": "EmergencyPlanActivation",
        "response/external-assistance": "ExternalAssistance",
    }
    return incident(
        i,
        "CHSF, August 2022",
        CHSF,
        kinds,
        cite(i, CG["victim"], CHSF, "c-en", "hospital in Corbeil-Essonnes"),
        cite(i, CG["victim"], CHSF, "c-fr", "CHSF"),
        cite(i, CG["startDate"], date("2022-08-21"), "c-fr", "21 août"),
        cite(i, CG["startDate"], date("2022-08"), "c-en", "August", lost="2022-08-21 is more precise"),
        cite(attack, CG["malware"], LOCKER, "c-en", "LockBit 3.0"),
        cite(ransom, CG["amount"], typed(10_000_000, "integer"), "c-en", "10 million"),
        cite(ransom, CG["currency"], Literal("USD"), "c-en", "dollar"),
        cite(ransom, CG["deadline"], date("2022-09-23"), "c-en", "23 September"),
        cite(i, CG["ransomStatus"], CG["RansomDemanded"], "c-en", "ransom was demanded"),
        cite(i, CG["ransomStatus"], CG["RansomRefused"], "c-en", "refused to pay"),
        cite(i, CG["dataStatus"], CG["DataStolen"], "c-en", "stolen"),
        cite(i, CG["impact"], data, "c-en", "data were stolen"),
        cite(data, CG["recordCount"], typed(1000, "integer"), "c-fr", "1000"),
        cite(i, CG["impact"], put_off, "c-fr", "opérations reportées"),
        cite(i, CG["response"], plan, "c-fr", "Plan blanc"),
        cite(i, CG["response"], helped, "c-fr", "L'ANSSI aide"),
        cite(helped, CG["performedBy"], ANSSI, "c-fr", "ANSSI"),
    )


def _cahors() -> Incident:
    i = CAHORS
    return incident(
        i,
        "Kahors hospital, August 2022",
        CH_CAHORS,
        {"attack": "Attack"},
        cite(i, CG["victim"], CH_CAHORS, "k-en", "Cahors hospital"),
        cite(i, CG["victim"], CH_CAHORS, "k-fr", "l'hôpital de Cahors"),
        cite(i, CG["attack"], _under(i, "attack"), "k-en", "was hit"),
        cite(i, CG["startDate"], date("2022-08-23"), "k-fr", "23 août"),
        cite(i, CG["startDate"], date("2022-09-05"), "k-en", "5 September", lost="the other date is earlier"),
        cite(i, CG["careStatus"], CG["CareUnaffected"], "k-en", "care is not affected"),
        cite(i, CG["ransomStatus"], CG["RansomNotDemanded"], "k-fr", "Aucune demande de rançon"),
    )


def organisations() -> tuple[FusedOrganisation, ...]:
    def one(iri: Iri, kind: str, name: str, **more: object) -> FusedOrganisation:
        return FusedOrganisation(iri, (CG[kind],), (Literal(name),), country="FR", **more)  # type: ignore[arg-type]

    wikidata = Iri("http://www.wikidata.org/entity/Q30279724")
    beds = cite(CHSF, CG["beds"], typed(1000, "integer"), "c-fr", "1000 lits")
    return (
        one(
            MIGNOT,
            "Hospital",
            "Hôpital André-Mignot",
            same_as=(wikidata,),
            part_of=(GROUP,),
            location=_place("le-chesnay"),
        ),
        one(CHSF, "Hospital", "Centre Hospitalier Sud Francilien", location=_place("corbeil-essonnes"), claims=(beds,)),
        one(CH_CAHORS, "Hospital", "Centre Hospitalier de Cahors"),
        one(GROUP, "HospitalGroup", "GHT Yvelines Sud"),
        one(ANSSI, "CyberAgency", "ANSSI"),
        one(LOCKBIT, "ThreatActor", "LockBit"),
    )


def _place(slug: str) -> Iri:
    return node(f"place/{slug}")


def registry_quads() -> tuple[Quad, ...]:
    """Places and malware, as the registry would give them."""
    rows: list[tuple[Iri, Iri, Term]] = [
        (LOCKER, TYPE, CG["RansomwareFamily"]),
        (LOCKER, LABEL, Literal("LockBit 3.0")),
    ]
    for slug, kind, name, within in (
        ("le-chesnay", "City", "Le Chesnay", REGION),
        ("corbeil-essonnes", "City", "Corbeil-Essonnes", REGION),
        ("ile-de-france", "Region", "Île-de-France", COUNTRY),
        ("france", "Country", "France", None),
    ):
        place = _place(slug)
        rows += [(place, TYPE, CG[kind]), (place, LABEL, Literal(name)), (place, CG["countryCode"], Literal("FR"))]
        rows += [
            (place, SCHEMA["latitude"], typed("48.8", "decimal")),
            (place, SCHEMA["longitude"], typed("2.1", "decimal")),
        ]
        rows += [(place, CG["partOf"], within)] if within else []
        rows += [(place, DCTERMS["identifier"], Literal(f"geonames:{len(slug)}"))]
    return in_graph(rows, graph_iri(BASE, "registry"))


def quads() -> tuple[Quad, ...]:
    """All that is asserted."""
    fusion = Fusion(incidents(), organisations())
    return (*fusion_quads(fusion, ARTICLES.values(), base=BASE), *registry_quads())
