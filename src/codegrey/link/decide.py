"""Candidates → a decision that can be looked into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from codegrey.link.compare import SAME_TOWN, Features, Mention, compare
from codegrey.link.index import Index, Known, localised
from codegrey.link.verdicts import SAME, Verdicts, resolve
from codegrey.model import Organisation
from codegrey.registry.places import fold, kilometres
from codegrey.terms import Iri

CERTAIN, LIKELY, GAP, TIE = 0.93, 0.76, 0.05, 0.01  # tuned with benchmarks/linking.py
RARITY, ALONE, SHORT = 0.66, 0.85, 0.9
_BRACKETS = re.compile(r"\(([^()]*)\)")


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
    places = index.registry.places
    names = [form for name in (organisation.name, *organisation.aliases) for form in _forms(name)]
    keys = [key for key in dict.fromkeys(map(index.parts.key, names)) if key.words]
    country = organisation.country or places.country_of(organisation.city)
    points = places.points(organisation.city, country) if organisation.city else ()
    city = fold(organisation.city)
    towns = {key.core: places.points(" ".join(key.core), country) for key in keys if key.core}
    return Mention(
        keys=localised(keys, index.abroad),
        city=index.abroad.get(city, city),
        country=country,
        points=points,
        kinded=any(key.kind or not key.quality for key in keys),
        ambiguous=not city and any(len(found) > 1 for found in towns.values()),
    )


def _forms(name: str) -> tuple[str, ...]:
    """A name as written, without what it puts in brackets, and that, unless it is an abbreviation of three letters."""
    inside = _BRACKETS.findall(name)
    return (name, _BRACKETS.sub(" ", name), *(words for words in inside if len(words) > 3)) if inside else (name,)


def link(organisation: Organisation, index: Index, verdicts: Verdicts | None = None) -> Decision:
    """Which node of the registry an organisation is.

    A curator's verdict wins; then an extractor that knew the body for certain (``iri``); then the scores.
    """
    names = (organisation.name, *organisation.aliases)
    judged = list(verdicts.about(names, organisation.city, organisation.country)) if verdicts else []
    for judgement in judged:
        node = (
            None if judgement.negative or judgement.predicate != SAME else resolve(judgement.object_id, index.registry)
        )
        if node:
            return Decision(Verdict.CERTAIN, node, 1.0, reason=f"decided by {judgement.author} on {judgement.date}")
    never = {resolve(judgement.object_id, index.registry) for judgement in judged if judgement.negative}
    if organisation.iri and organisation.iri not in never:
        return Decision(Verdict.CERTAIN, organisation.iri, 1.0, reason="known to the extractor")
    return link_mention(mention_of(organisation, index), index, never=frozenset(node for node in never if node))


def link_mention(
    mention: Mention,
    index: Index,
    *,
    keep: int = 5,
    never: frozenset[Iri] = frozenset(),
    kinds: frozenset[Iri] = frozenset(),
) -> Decision:
    """Score the candidates of a mention, except those it is ``never``, and decide; the best ``keep`` stay in it.

    With ``kinds``, only entries of one of these classes are candidates.
    """
    scored: list[Candidate] = []
    for found in index.candidates(mention.keys, mention.country, mention.city):
        if found in never or (kinds and kinds.isdisjoint(index.known[found].entry.kinds)):
            continue
        features = compare(mention, index.known[found], index)
        scored.append(Candidate(found, score(features), features))
    scored.sort(key=lambda candidate: (-candidate.score, index.known[candidate.iri].unit, candidate.iri))
    kept = tuple(scored[:keep])
    if not scored or scored[0].score < LIKELY:
        return Decision(Verdict.NONE, candidates=kept, reason="no candidate is close enough")
    best = scored[0]
    rival = next((other for other in scored[1:] if not _one_body(best, other, mention, index)), None)
    gap = best.score - rival.score if rival else 1.0
    verdict, reason = _verdict(best, gap, mention, named=_named(best, mention, index))
    return Decision(verdict, None if verdict is Verdict.NONE else best.iri, best.score, kept, reason)


def score(features: Features) -> float:
    """One number out of the features: the names' likeness, moved by what the context says. May exceed 1."""
    value = features.name + 0.06 * features.exact
    value += {1: 0.06, 0: 0.0, -1: -0.35}[features.city]
    value += {1: 0.02, 0: -0.02, -1: -0.5}[features.country]
    return round(max(0.0, value), 4)


def _named(best: Candidate, mention: Mention, index: Index) -> int:
    """What the very words say: 1 they name this entry alone, -1 they name it only in its own country, 0 neither."""
    known, features = index.known[best.iri], best.features
    if features.country != 1 and any(key.words in known.local for key in mention.keys):
        return -1
    own = best.iri in index.shipped
    alone = any((own or not key.kind) and index.exact.get(key.words) == (best.iri,) for key in mention.keys)
    return int(features.exact and features.country >= 0 and (alone or (own and features.country == 1)))


def _verdict(best: Candidate, gap: float, mention: Mention, *, named: int) -> tuple[Verdict, str]:
    features = best.features
    if gap < TIE and features.city != 1:
        return Verdict.NONE, "another candidate is as close"
    if gap < GAP:
        return Verdict.LIKELY, "another candidate is nearly as close"
    if named < 0:
        return Verdict.LIKELY, "in another country the name means another body"
    if mention.ambiguous and features.city != 1 and not features.exact:
        return Verdict.LIKELY, "several towns have this name"
    rare = RARITY if mention.country else ALONE
    placed = features.city == 1 or features.rarity >= rare or named == 1
    sure = features.same or features.exact or (features.city == 1 and features.name >= SHORT and mention.kinded)
    if best.score >= CERTAIN and placed and sure:
        return Verdict.CERTAIN, "one candidate is close and no other is"
    return Verdict.LIKELY, "close, but not beyond doubt"


def _one_body(best: Candidate, other: Candidate, mention: Mention, index: Index) -> bool:
    """Whether two candidates are no rivals: a site and its whole, sites of one legal entity, or one body twice."""
    left, right = index.known[best.iri], index.known[other.iri]
    if right.entry.iri in index.registry.wholes(best.iri) or left.entry.iri in index.registry.wholes(other.iri):
        return True
    return bool(_legal(left) & _legal(right)) or (best.features.city == 1 and _same_words(left, right, mention))


def _legal(known: Known) -> frozenset[str]:
    return frozenset(i for i in known.entry.identifiers if i.startswith("finess-ej:"))


def _same_words(left: Known, right: Known, mention: Mention) -> bool:
    """Whether two entries at one place have the same distinctive words, their town's aside."""
    near = any(kilometres(here, there) <= SAME_TOWN for here in left.points for there in right.points)
    town = set(mention.city.split())
    ours = {frozenset(key.core) - town for key in left.keys} - {frozenset()}
    theirs = {frozenset(key.core) - town for key in right.keys} - {frozenset()}
    return (near or bool(left.cities & right.cities)) and bool(ours & theirs)
