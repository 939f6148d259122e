"""The reconciliation service's answers as values: names in, candidates out.

    query (API 0.2 or 1.0) ──► Question ── link ──► candidates ──► answer (API 0.2 or 1.0)

Both versions of the API ask the same; what differs is where the words stand. What is known of a candidate beyond its
name: :mod:`codegrey.link.extension`.
Specification: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ and the 1.0 draft.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codegrey.link.decide import Candidate, Verdict, link_mention, mention_of
from codegrey.link.index import Index, make_index
from codegrey.link.questions import USUAL, Question
from codegrey.link.verdicts import curie
from codegrey.model import Organisation, OrganisationKey
from codegrey.registry import Entry, Places, make_registry
from codegrey.registry.places import fold
from codegrey.terms import Iri
from codegrey.vocab import CG

Json = dict[str, Any]
INCIDENT = "Incident"  # the id of the type whose entries are no bodies: only found where it is asked for


@dataclass(frozen=True, slots=True)
class Type:
    """A type that can be asked for: its id, its name, the classes that belong to it."""

    id: str
    name: str
    classes: frozenset[Iri]


@dataclass(frozen=True, slots=True)
class Property:
    """A property that can be fetched or that narrows a query."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Incidence:
    """What is known of an organisation's incidents, or of an incident itself, for data extension."""

    count: int = 0
    last: Iri | None = None
    last_name: str = ""
    last_date: str = ""
    victim: str = ""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Everything that the service knows of one dataset."""

    base: str
    index: Index
    types: tuple[Type, ...]
    incidence: Mapping[Iri, Incidence] = field(default_factory=dict)
    by_identifier: Mapping[str, Iri] = field(default_factory=dict)
    prefixes: tuple[tuple[str, Iri], ...] = ()
    bodies: frozenset[Iri] = frozenset()  # the classes of everything but incidents

    def entry(self, identifier: str) -> Entry | None:
        """The entry of an id of ours, in short (``organisation/x``) or in full."""
        short = self.index.registry.get(Iri(self.base + identifier))
        return short or self.index.registry.get(Iri(identifier))

    def short(self, iri: Iri) -> str:
        """An entry's id: its IRI without the base."""
        return iri.removeprefix(self.base)

    def types_of(self, entry: Entry) -> list[Json]:
        """The service's types of an entry."""
        return [{"id": t.id, "name": t.name} for t in self.types if t.classes & set(entry.kinds)]


def make_reconciler(
    entries: Iterable[Entry],
    *,
    base: str,
    types: Sequence[Type],
    incidence: Mapping[Iri, Incidence] | None = None,
    places: Places | None = None,
) -> Reconciler:
    """Index entries (organisations and incidents) for reconciliation."""
    registry = make_registry(entries, places=places, base=base)
    by_identifier = {identifier: entry.iri for entry in registry.entries for identifier in entry.identifiers}
    prefixes = sorted((fold(name), entry.iri) for entry in registry.entries for name in entry.names)
    incidents = frozenset().union(*(t.classes for t in types if t.id == INCIDENT))
    bodies = frozenset(kind for entry in registry.entries for kind in entry.kinds) - incidents
    index = make_index(registry)
    return Reconciler(base, index, tuple(types), incidence or {}, by_identifier, tuple(prefixes), bodies)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate: its entry, its score 0…100, whether it is the one, and what spoke for it."""

    entry: Entry
    score: float
    match: bool
    features: tuple[tuple[str, str, float | bool], ...] = ()


def candidates(question: Question, known: Reconciler) -> list[Found]:
    """What a question may mean, best first. Only an identifier or a clear gap is a match."""
    hit = _by_id(question, known)
    if hit:
        return [Found(hit, 100.0, match=True, features=(("identifier", "identifier", True),))]
    if not question.text.strip():
        return []
    organisation = Organisation(
        OrganisationKey(""), question.text, CG["Organisation"], (), question.city, question.country
    )
    classes = next((t.classes for t in known.types if t.id == question.type), known.bodies)
    decision = link_mention(mention_of(organisation, known.index), known.index, keep=question.limit, kinds=classes)
    return [
        Found(
            known.index.known[candidate.iri].entry,
            _percent(candidate),
            match=decision.verdict is Verdict.CERTAIN and candidate.iri == decision.iri,
            features=_features(candidate),
        )
        for candidate in decision.candidates
        if candidate.score > 0
    ]


def _by_id(question: Question, known: Reconciler) -> Entry | None:
    for identifier in (*question.ids, question.text.strip()):
        iri = known.by_identifier.get(curie(identifier)) or known.by_identifier.get(f"wikidata:{identifier}")
        entry = known.index.registry.get(iri) if iri else known.entry(identifier)
        if entry and identifier:
            return entry
    return None


def _percent(candidate: Candidate) -> float:
    return round(min(1.0, candidate.score / 1.14) * 100, 2)


def _features(candidate: Candidate) -> tuple[tuple[str, str, float | bool], ...]:
    told = candidate.features
    return (
        ("name_similarity", "likeness of the names", round(told.name, 4)),
        ("same_words", "the same words", told.exact or told.same),
        ("city", "same city (1), unknown (0), another (-1)", float(told.city)),
        ("country", "same country (1), unknown (0), another (-1)", float(told.country)),
    )


def answer_old(question: Question, known: Reconciler) -> Json:
    """The answer to one query of API 0.2."""
    return {
        "result": [
            {
                "id": known.short(found.entry.iri),
                "name": found.entry.name,
                "score": found.score,
                "match": found.match,
                "type": known.types_of(found.entry),
                "features": [{"id": name, "value": value} for name, _, value in found.features],
            }
            for found in candidates(question, known)
        ]
    }


def answer_new(question: Question, known: Reconciler) -> Json:
    """The answer to one query of API 1.0."""
    return {
        "candidates": [
            {
                "id": known.short(found.entry.iri),
                "name": found.entry.name,
                "score": found.score,
                "match": found.match,
                "type": known.types_of(found.entry),
                "features": [{"id": name, "name": words, "value": value} for name, words, value in found.features],
            }
            for found in candidates(question, known)
        ]
    }


def suggest_entities(prefix: str, known: Reconciler, *, limit: int = USUAL) -> Json:
    """Entries whose name begins so, then those that are like it."""
    start = fold(prefix)
    found: dict[Iri, None] = {}
    place = bisect_left(known.prefixes, (start, Iri("")))
    while start and place < len(known.prefixes) and known.prefixes[place][0].startswith(start) and len(found) < limit:
        found[known.prefixes[place][1]] = None
        place += 1
    for other in candidates(Question(prefix, limit=limit), known) if len(found) < limit else ():
        found[other.entry.iri] = None
    entries = [known.index.known[iri].entry for iri in list(found)[:limit]]
    return {
        "result": [
            {
                "id": known.short(entry.iri),
                "name": entry.name,
                "description": ", ".join(filter(None, (entry.city, entry.country))),
                "notable": known.types_of(entry),
            }
            for entry in entries
        ]
    }


def suggest_from(prefix: str, items: Iterable[Type | Property]) -> Json:
    """Types or properties whose id or name holds a prefix."""
    words = fold(prefix)
    found = [item for item in items if words in fold(item.name) or words in fold(item.id)]
    return {"result": [{"id": item.id, "name": item.name} for item in found]}
