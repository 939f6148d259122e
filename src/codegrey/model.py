"""The values that flow from stage to stage. All of them are frozen; none of them touches the world.

    Article ── extract ──► Report (organisations, incidents, claims) ── fusion ──► Incident (statements)

A :class:`Claim` speaks in report-local terms: its subject and, where it points at a node, its value are a
:class:`Node`; organisations are named by the key that the report gave them. Fusion replaces both by IRIs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, TypeAlias

from codegrey.terms import Iri, Literal, Term

ArticleId = NewType("ArticleId", str)
OrganisationKey = NewType("OrganisationKey", str)
IncidentKey = NewType("IncidentKey", str)


@dataclass(frozen=True, slots=True)
class Article:
    """One article. ``text`` is what every offset counts in: Unicode code points, title first if it has one.

    ``published`` is an ISO date of the precision that is known (``2022-12-05``, ``2022-12``, ``2022``) or ``""``.
    ``id`` comes from the content, so that the same text has the same id everywhere.
    """

    id: ArticleId
    text: str
    title: str = ""
    language: str = ""
    published: str = ""
    url: str = ""
    publisher: str = ""
    source: str = ""  # the file, URL or line that it was read from; never part of the graph
    stem: str = ""  # how `extract` names its output


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of an article: ``text[start:end] == exact``, always."""

    start: int
    end: int
    exact: str


class Role(StrEnum):
    """What kind of node of a report a claim speaks about."""

    INCIDENT = "incident"
    ATTACK = "attack"
    IMPACT = "impact"
    RESPONSE = "response"
    RANSOM = "ransom"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A node of a report: the incident itself, its attack, one impact or response by class, its ransom demand.

    ``owner`` is the incident's key (or the organisation's, for its figures); ``kind`` is the class IRI where there
    is one node a class (impacts, responses) and ``""`` elsewhere.
    """

    role: Role
    owner: str
    kind: str = ""


@dataclass(frozen=True, slots=True, order=True)
class OrganisationRef:
    """An organisation of the same report, by its key."""

    key: OrganisationKey


Value: TypeAlias = Iri | Literal | Node | OrganisationRef


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact that one article states, with the very words. ``rule`` names the pattern or model that read it."""

    subject: Node
    predicate: Iri
    value: Value
    evidence: Span
    confidence: float
    extractor: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as one article names it. ``kind`` is a class IRI of the ontology.

    ``iri`` is set where the mention is a body that the registry knows for certain (by an extractor, or by linking).
    """

    key: OrganisationKey
    name: str
    kind: Iri
    aliases: tuple[str, ...] = ()
    city: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    language: str = ""
    iri: Iri | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedIncident:
    """An incident as one article reports it. ``focus`` is false for one mentioned in passing."""

    key: IncidentKey
    focus: bool
    related: tuple[IncidentKey, ...] = ()  # incidents that the article compares it with


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that was read and not believed, for `explain`."""

    evidence: Span
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one article states."""

    article: Article
    organisations: tuple[Organisation, ...] = ()
    incidents: tuple[ReportedIncident, ...] = ()
    claims: tuple[Claim, ...] = ()
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """A claim once fused: subject, predicate and object are RDF, and the article is named.

    A claim that lost to a better one is ``disputed``, and ``reason`` says what won and why. One that agrees with the
    chosen value but is less precise ("2022-12" beside "2022-12-03") is neither disputed nor ``asserted``: the incident
    carries the asserted triples only.
    """

    subject: Iri
    predicate: Iri
    object: Term
    article: ArticleId
    evidence: Span
    confidence: float
    extractor: str
    rule: str = ""
    disputed: bool = False
    reason: str = ""
    asserted: bool = True


@dataclass(frozen=True, slots=True)
class FusedOrganisation:
    """An organisation of the graph: one node for all its mentions.

    ``same_as`` are identities that are certain (``owl:sameAs``), ``close`` likely ones with their score.
    ``claims`` back its figures (beds, staff) and ``part_of``; ``location`` is a place of the registry.
    """

    iri: Iri
    kinds: tuple[Iri, ...]
    labels: tuple[Literal, ...]
    alt_labels: tuple[Literal, ...] = ()
    city: str = ""
    country: str = ""
    registered: bool = False  # its own facts stand in graph/registry already
    same_as: tuple[Iri, ...] = ()
    close: tuple[tuple[Iri, float], ...] = ()
    part_of: tuple[Iri, ...] = ()
    location: Iri | None = None
    claims: tuple[CitedClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident, whoever reports it. ``claims`` hold every fact, the disputed ones too."""

    iri: Iri
    labels: tuple[Literal, ...]
    victims: tuple[Iri, ...]
    articles: tuple[ArticleId, ...]
    focus_of: tuple[ArticleId, ...] = ()
    kinds: tuple[tuple[Iri, Iri], ...] = ()  # (node, class) of attack, impacts, responses, ransom demand
    claims: tuple[CitedClaim, ...] = ()
    related: tuple[Iri, ...] = ()
    replaces: tuple[Iri, ...] = ()


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  # something was left out
    WARNING = "warning"  # something was kept that deserves a look
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the input that a person should know: what, where, and how to mend it."""

    severity: Severity
    code: str  # stable, e.g. "empty-file", "shacl/MinCount"
    message: str
    source: str = ""  # file, URL, article id or IRI
    where: str = ""  # line, offset, property path
    hint: str = ""
    quote: str = ""  # the words of the article, where there are some


@dataclass(frozen=True, slots=True)
class Fusion:
    """What fusion makes of a set of reports.

    ``assignments`` say which IRI each reported incident and organisation got (and where a replaced IRI leads): hand
    them to the next fusion as ``known`` and no incident that is already there is renamed.
    """

    incidents: tuple[Incident, ...] = ()
    organisations: tuple[FusedOrganisation, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    assignments: tuple[tuple[str, Iri], ...] = ()
