"""A report arranged for reading: facts as numbered notes, the text as segments that know which notes cover them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from codegrey.explain.words import Words
from codegrey.model import Article, Claim, Rejection, Report, ReportedIncident, Role, Span
from codegrey.ontology import Ontology
from codegrey.terms import Iri
from codegrey.vocab import CG, local_name


class Kind(NamedTuple):
    """A kind of fact: its name, and the term of the ontology whose label people read."""

    name: str
    term: Iri


KINDS = (
    Kind("victim", CG["victim"]),
    Kind("time", CG["date"]),
    Kind("attack", CG["Attack"]),
    Kind("ransom", CG["RansomDemand"]),
    Kind("data", CG["DataCompromise"]),
    Kind("impact", CG["Impact"]),
    Kind("system", CG["affectedSystem"]),
    Kind("response", CG["ResponseAction"]),
    Kind("organisation", CG["Organisation"]),
)
_BY_PREDICATE = {
    "victim": "victim",
    "startDate": "time",
    "detectedDate": "time",
    "endDate": "time",
    "ransomStatus": "ransom",
    "ransomDemand": "ransom",
    "dataStatus": "data",
    "recordCount": "data",
    "careStatus": "impact",
    "impact": "impact",
    "response": "response",
    "affectedSystem": "system",
    "affectedService": "system",
}
_BY_ROLE = {
    Role.INCIDENT: "impact",
    Role.ATTACK: "attack",
    Role.IMPACT: "impact",
    Role.RESPONSE: "response",
    Role.RANSOM: "ransom",
    Role.ORGANISATION: "organisation",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One claim of a fact: the words, who read them by which rule, and how sure."""

    evidence: Span
    confidence: float
    extractor: str
    rule: str


@dataclass(frozen=True, slots=True)
class Note:
    """One fact. ``number`` is its footnote; ``text`` says it in the ontology's labels."""

    number: int
    kind: str
    text: str
    proofs: tuple[Proof, ...]

    @property
    def confidence(self) -> float:
        """That of the most confident claim."""
        return max(proof.confidence for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was read and not believed. ``reason`` is a name, ``why`` says it in words."""

    number: int
    evidence: Span
    rule: str
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """The facts given to one incident; ``title`` is ``""`` for facts about organisations."""

    title: str
    focus: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text in which nothing begins or ends, with the notes that cover it, the shortest words first.

    ``closing`` are those of them whose words end with it, and so are their footnotes due.
    """

    text: str
    notes: tuple[Note, ...] = ()
    refused: tuple[Refused, ...] = ()
    closing: tuple[Note | Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation: its name, the label of its class, its other names, its IRI if the registry knows it."""

    name: str
    kind: str
    aliases: tuple[str, ...]
    iri: str
    mentions: int


@dataclass(frozen=True, slots=True)
class View:
    """One article as it was read. The segments of all paragraphs, joined by line breaks, are the article's text."""

    article: Article
    kinds: Mapping[str, str]  # name → label
    cases: tuple[Case, ...]
    organisations: tuple[Named, ...]
    refused: tuple[Refused, ...]
    paragraphs: tuple[tuple[Segment, ...], ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """All of them, by number."""
        return tuple(note for case in self.cases for note in case.notes)


def kind_of(claim: Claim) -> str:
    """The kind of fact that a claim states."""
    found = _BY_PREDICATE.get(local_name(claim.predicate))
    if claim.subject.role is Role.ORGANISATION or found is None:
        return _BY_ROLE[claim.subject.role]
    return found


def view(report: Report, ontology: Ontology, *, language: str = "en") -> View:
    """Arrange a report; labels are those of ``language``."""
    words = Words(report, ontology, language)
    cases = tuple(_cases(report, words))
    refused = tuple(_refused(report.rejections))
    notes = [note for case in cases for note in case.notes]
    return View(
        article=report.article,
        kinds={kind.name: ontology.label(kind.term, language) for kind in KINDS},
        cases=cases,
        organisations=tuple(
            Named(o.name, ontology.label(o.kind, language), o.aliases, o.iri or "", len(o.spans))
            for o in report.organisations
        ),
        refused=refused,
        paragraphs=tuple(_paragraphs(report.article.text, notes, refused)),
    )


def _cases(report: Report, words: Words) -> Iterator[Case]:
    facts: dict[str, dict[object, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in report.claims:
        owner = "" if claim.subject.role is Role.ORGANISATION else claim.subject.owner
        facts[owner][claim.subject, claim.predicate, claim.value].append(claim)
    number = 0
    about: tuple[ReportedIncident | None, ...] = (*report.incidents, None)
    for incident in about:
        found = facts.get(incident.key if incident else "")
        if found is None:
            continue
        ordered = sorted(found.values(), key=_place)
        notes = tuple(_note(number + i, claims, words) for i, claims in enumerate(ordered, start=1))
        number += len(notes)
        yield Case(words.incident(incident.key) if incident else "", bool(incident and incident.focus), notes)


def _place(claims: list[Claim]) -> tuple[int, Span]:
    """Where a fact stands in its list: by kind, then by its words."""
    order = [kind.name for kind in KINDS]
    return order.index(kind_of(claims[0])), min(claim.evidence for claim in claims)


def _note(number: int, claims: list[Claim], words: Words) -> Note:
    proofs = [Proof(c.evidence, c.confidence, c.extractor, c.rule) for c in claims]
    ordered = tuple(sorted(proofs, key=lambda p: (-p.confidence, p.evidence)))
    return Note(number, kind_of(claims[0]), words.claim(claims[0]), ordered)


def _refused(rejections: Iterable[Rejection]) -> Iterator[Refused]:
    seen = dict.fromkeys(sorted(rejections, key=lambda r: (r.evidence, r.reason, r.rule)))
    for number, rejection in enumerate(seen, start=1):
        why = REASONS.get(rejection.reason, rejection.reason)
        yield Refused(number, rejection.evidence, rejection.rule, rejection.reason, why)


REASONS = {
    "Exercise": "it is about an exercise",
    "Generic": "it speaks of such things in general",
    "Hedge": "it is only thought possible",
    "Hypothesis": "it is imagined",
    "Intention": "it is intended or promised",
    "Negation": "it is denied",
    "OutOfScope": "it belongs to no incident of the article",
}
"""What the reasons that extraction gives mean."""


def _paragraphs(text: str, notes: Iterable[Note], refused: Iterable[Refused]) -> Iterator[tuple[Segment, ...]]:
    marks: list[tuple[Span, Note | Refused]] = [(p.evidence, note) for note in notes for p in note.proofs]
    marks += [(one.evidence, one) for one in refused]
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        inside = [(span, mark) for span, mark in marks if span.start < end and span.end > start]
        yield tuple(_segments(text, start, end, inside))
        start = end + 1


def _segments(text: str, start: int, end: int, marks: list[tuple[Span, Note | Refused]]) -> Iterator[Segment]:
    edges = {start, end, *(e for span, _ in marks for e in (span.start, span.end) if start < e < end)}
    cuts = sorted(edges)
    for left, right in pairwise(cuts):
        covering = sorted(
            ((span.end - span.start, mark.number, span, mark) for span, mark in marks if span.start <= left < span.end),
            key=lambda found: (found[0], isinstance(found[3], Refused), found[1]),
        )
        yield Segment(
            text[left:right],
            tuple(dict.fromkeys(mark for *_, mark in covering if isinstance(mark, Note))),
            tuple(dict.fromkeys(mark for *_, mark in covering if isinstance(mark, Refused))),
            tuple(dict.fromkeys(mark for *_, span, mark in covering if min(span.end, end) == right)),
        )
