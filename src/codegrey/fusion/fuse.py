"""The stages of fusion in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from codegrey.fusion.cite import ItemKey, Names, Spoken, cite, node_kinds
from codegrey.fusion.cluster import Item, cluster, name_of
from codegrey.fusion.decisions import Ruling, Rulings
from codegrey.fusion.findings import findings_of
from codegrey.fusion.identity import Identity, identify
from codegrey.fusion.items import STARTS, items_of
from codegrey.fusion.labels import incident_labels
from codegrey.fusion.mentions import MentionKey
from codegrey.fusion.organisations import Cast, cast, describe
from codegrey.fusion.rules import Rules, fusion_rules
from codegrey.fusion.values import Source, settle, source_of
from codegrey.link import Index, Verdicts, make_index
from codegrey.model import (
    ArticleId,
    CitedClaim,
    FusedOrganisation,
    Fusion,
    Incident,
    OrganisationRef,
    Report,
    Role,
)
from codegrey.ontology import Ontology
from codegrey.registry import Registry
from codegrey.settings import Settings
from codegrey.terms import Iri, Literal
from codegrey.vocab import CG

PART_OF = CG["partOf"]
_HERE = Iri("urn:x-codegrey:incident")  # stands for an incident that has no IRI yet; never leaves this module


@dataclass(frozen=True, slots=True)
class Wholes:
    """What each organisation is part of, by the registry and by what articles state."""

    registry: Registry
    stated: Mapping[Iri, frozenset[Iri]]

    def __call__(self, iri: Iri) -> frozenset[Iri]:
        """All the way up."""
        found: set[Iri] = set()
        queue = [iri]
        while queue:
            node = queue.pop()
            entry = self.registry.get(node)
            wholes = {*(entry.part_of if entry else ()), *self.stated.get(node, ())} - found - {iri}
            found |= wholes
            queue.extend(wholes)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the later stages look at: the reports, who is who, which incident is which."""

    reports: Mapping[ArticleId, Report]
    who: Cast
    wholes: Wholes
    incidents: Mapping[ItemKey, Iri]
    claims: Mapping[Iri, Sequence[tuple[CitedClaim, Spoken]]]
    rules: Rules
    rulings: Rulings


def fuse(
    reports: Iterable[Report],
    registry: Registry,
    *,
    settings: Settings | None = None,
    ontology: Ontology | None = None,
    known: Mapping[str, Iri] | None = None,
    index: Index | None = None,
    rules: Rules | None = None,
    verdicts: Verdicts | None = None,
    rulings: Rulings | None = None,
) -> Fusion:
    """Fuse what articles report into incidents and organisations; the order of the reports does not matter.

    Reports of one article id are one report (the last by content). ``known`` is the ``assignments`` of the last
    fusion, so that nothing is renamed; ``index`` that of ``registry``, if it is at hand. The ontology says which kind
    is the more special where articles give an organisation several. ``verdicts`` on links and ``rulings`` on incidents
    are what curators decided; they win.
    """
    base, before = (settings or Settings()).base, known or {}
    tables, names_index = rules or fusion_rules(), index or make_index(registry)
    by_id = {report.article.id: report for report in sorted(reports, key=lambda r: (r.article.id, repr(r)))}
    unique = [by_id[key] for key in sorted(by_id)]
    who = cast(unique, names_index, base=base, known=before, verdicts=verdicts)
    decided = rulings or Rulings()
    wholes = Wholes(registry, _stated_wholes(unique, who.iri_of))
    described = describe(who, names_index, base=base, ontology=ontology)
    items = items_of(unique, who.iri_of, described)
    clusters = cluster(items, wholes, together=decided.together, apart=decided.apart)
    whens = [_start(items, by_id, tables, decided) for items in clusters]
    identities = identify(clusters, whens, wholes, base=base, known=before)
    iris = {item.key: found.iri for items, found in zip(clusters, identities, strict=True) for item in items}
    scene = Scene(by_id, who, wholes, iris, _claims(unique, Names(who.iri_of, iris)), tables, decided)
    organisations = _organisations(scene, described)
    incidents = [
        _incident(scene, items, found, incident_labels(_names(organisations, found.head), when, tables))
        for items, found, when in zip(clusters, identities, whens, strict=True)
    ]
    ordered = tuple(sorted(incidents, key=lambda incident: incident.iri))
    return Fusion(
        incidents=ordered,
        organisations=tuple(organisations[iri] for iri in sorted(organisations)),
        findings=findings_of(ordered),
        assignments=_assignments(scene, identities, before, base),
    )


def _stated_wholes(reports: Sequence[Report], iri_of: Mapping[MentionKey, Iri]) -> dict[Iri, frozenset[Iri]]:
    stated: dict[Iri, set[Iri]] = defaultdict(set)
    for report in reports:
        for claim in report.claims:
            if claim.predicate == PART_OF and isinstance(claim.value, OrganisationRef):
                part = iri_of.get((report.article.id, claim.subject.owner))
                whole = iri_of.get((report.article.id, claim.value.key))
                if part and whole and part != whole:
                    stated[part].add(whole)
    return {part: frozenset(wholes) for part, wholes in stated.items()}


def _claims(reports: Sequence[Report], names: Names) -> dict[Iri, list[tuple[CitedClaim, Spoken]]]:
    """Claims by the incident or organisation that owns them."""
    owned: dict[Iri, list[tuple[CitedClaim, Spoken]]] = defaultdict(list)
    for report in reports:
        for owner, claim, spoken in cite(report, names):
            owned[owner].append((claim, spoken))
    return owned


def _start(items: Sequence[Item], by_id: Mapping[ArticleId, Report], rules: Rules, rulings: Rulings) -> str:
    """The start date that a cluster will carry, before it has an IRI."""
    stated: list[CitedClaim] = []
    for item in items:
        article, key = item.key
        for claim in by_id[article].claims:
            here = claim.subject.role is Role.INCIDENT and claim.subject.owner == key
            if here and claim.predicate in STARTS and isinstance(claim.value, Literal):
                stated.append(
                    CitedClaim(_HERE, claim.predicate, claim.value, article, claim.evidence, claim.confidence, "")
                )
    settled = [
        claim
        for claim in settle(stated, rules.choices, _sources(items, by_id), _ruled(items, rulings))
        if claim.asserted
    ]
    for predicate in STARTS:
        for cited in settled:
            if cited.predicate == predicate and isinstance(cited.object, Literal):
                return cited.object.lexical
    return ""


def _sources(items: Sequence[Item], by_id: Mapping[ArticleId, Report]) -> dict[ArticleId, Source]:
    focus = {item.key[0] for item in items if item.focus}
    return {item.key[0]: source_of(by_id[item.key[0]].article, focus=item.key[0] in focus) for item in items}


def _names(organisations: Mapping[Iri, FusedOrganisation], iri: Iri | None) -> tuple[Literal, ...]:
    found = organisations.get(iri) if iri else None
    return (*found.labels, *found.alt_labels) if found else ()


def _organisations(scene: Scene, described: Mapping[Iri, FusedOrganisation]) -> dict[Iri, FusedOrganisation]:
    """The organisations with the figures and wholes that articles state."""
    whole = {}
    for iri, organisation in described.items():
        mentions = scene.who.members[iri]
        sources = {m.key[0]: source_of(scene.reports[m.key[0]].article, focus=m.focus) for m in mentions}
        own = settle((claim for claim, _ in scene.claims.get(iri, ())), scene.rules.choices, sources)
        stated = scene.wholes.stated.get(iri, frozenset())
        whole[iri] = replace(organisation, claims=own, part_of=tuple(sorted({*organisation.part_of, *stated})))
    return whole


def _incident(scene: Scene, items: Sequence[Item], identity: Identity, labels: tuple[Literal, ...]) -> Incident:
    claims = scene.claims.get(identity.iri, ())
    return Incident(
        iri=identity.iri,
        labels=labels,
        victims=tuple(sorted({victim for item in items for victim in item.victims})),
        articles=tuple(sorted({item.key[0] for item in items})),
        focus_of=tuple(sorted({item.key[0] for item in items if item.focus})),
        kinds=node_kinds(claims),
        claims=settle(
            (claim for claim, _ in claims),
            scene.rules.choices,
            _sources(items, scene.reports),
            _ruled(items, scene.rulings),
        ),
        related=_related(scene, items, identity.iri),
        replaces=identity.replaces,
    )


def _ruled(items: Sequence[Item], rulings: Rulings) -> dict[str, Ruling]:
    """Which values curators chose for an incident, by the local name of the property."""
    found = [rulings.values[key] for key in rulings.values if key[0] in {name_of(item) for item in items}]
    return {ruling.right: ruling for ruling in sorted(found, key=lambda ruling: (ruling.date, ruling))}


def _related(scene: Scene, items: Sequence[Item], iri: Iri) -> tuple[Iri, ...]:
    related = {
        scene.incidents.get((item.key[0], other))
        for item in items
        for incident in scene.reports[item.key[0]].incidents
        if incident.key == item.key[1]
        for other in incident.related
    }
    return tuple(sorted(other for other in related if other and other != iri))


def _assignments(
    scene: Scene, identities: Sequence[Identity], before: Mapping[str, Iri], base: str
) -> tuple[tuple[str, Iri], ...]:
    assigned = {old: new for old, new in before.items() if old.startswith(base)}
    assigned |= {str(old): found.iri for found in identities for old in found.replaces}
    assigned |= {f"{article}#{key}": iri for (article, key), iri in scene.incidents.items()}
    assigned |= {f"{article}@{key}": iri for (article, key), iri in scene.who.iri_of.items()}
    return tuple(sorted(assigned.items()))
