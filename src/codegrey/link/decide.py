"""Candidates → a decision that can be looked into."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from codegrey.link.compare import Features, Mention, compare
from codegrey.link.index import Index
from codegrey.model import Organisation
from codegrey.registry.places import fold
from codegrey.terms import Iri

CERTAIN, LIKELY, GAP = 0.93, 0.78, 0.05  # tuned with benchmarks/linking.py


class Verdict(StrEnum):
    """How sure a link is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that could be meant, with what spoke for and against it."""

    iri: Iri
    score: float
    features: Features


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one mention: ``iri`` where there is one, the best candidates first, and why."""

    verdict: Verdict
    iri: Iri | None = None
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""


def mention_of(organisation: Organisation, index: Index) -> Mention:
    """What can be compared of an organisation as one article names it."""
    keys = dict.fromkeys(index.parts.key(name) for name in (organisation.name, *organisation.aliases))
    places = index.registry.places
    country = organisation.country or places.country_of(organisation.city)
    points = places.points(organisation.city, country) if organisation.city else ()
    return Mention(tuple(key for key in keys if key.words), fold(organisation.city), country, points)


def link(organisation: Organisation, index: Index) -> Decision:
    """Which node of the registry an organisation is.

    An organisation that an extractor knew for certain (``iri``) is that node.
    """
    if organisation.iri:
        return Decision(Verdict.CERTAIN, organisation.iri, 1.0, reason="known to the extractor")
    return link_mention(mention_of(organisation, index), index)


def link_mention(mention: Mention, index: Index, *, keep: int = 5) -> Decision:
    """Score the candidates of a mention and decide; ``keep`` of them stay in the decision."""
    scored = []
    for found in index.candidates(mention.keys):
        features = compare(mention, index.known[found], index)
        scored.append(Candidate(found, score(features), features))
    scored.sort(key=lambda candidate: (-candidate.score, candidate.iri))
    if not scored or scored[0].score < LIKELY:
        return Decision(Verdict.NONE, candidates=tuple(scored[:keep]), reason="no candidate is close enough")
    best: Candidate = scored[0]
    rival = next((other for other in scored[1:] if not _one_family(best.iri, other.iri, index)), None)
    gap = best.score - rival.score if rival else 1.0
    verdict, reason = _verdict(best, gap)
    iri = None if verdict is Verdict.NONE else best.iri
    return Decision(verdict, iri, best.score, tuple(scored[:keep]), reason)


def score(features: Features) -> float:
    """One number out of the features, 0…1: the names' likeness, moved by what the context says."""
    value = features.name + 0.01 * features.exact
    value += {1: 0.06, 0: 0.0, -1: -0.25}[features.city]
    value += {1: 0.02, 0: -0.02, -1: -0.5}[features.country]
    value += {1: 0.0, 0: -0.01, -1: -0.06}[features.kind]
    return round(max(0.0, min(1.0, value)), 4)


def _verdict(best: Candidate, gap: float) -> tuple[Verdict, str]:
    placed = best.features.country == 1 or best.features.city == 1 or best.features.rarity > 0.7
    if gap < GAP:
        return Verdict.NONE if gap == 0 else Verdict.LIKELY, "another candidate is as close"
    if best.score >= CERTAIN and placed:
        return Verdict.CERTAIN, "one candidate is close and no other is"
    return Verdict.LIKELY, "close, but not beyond doubt"


def _one_family(left: Iri, right: Iri, index: Index) -> bool:
    return right in index.registry.wholes(left) or left in index.registry.wholes(right)
