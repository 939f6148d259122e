"""What a person should look at, as a table to fill in; and the filled-in table as decisions.

    Fusion ── questions ──► table with an empty column "verdict" ── a person ──► answers ──► Judgements, Rulings

    link    is this name that node?                           yes, no, likely
    merge   are these two incidents one?                      same, different
    value   which value holds?                                the value

A row whose verdict stays empty is no decision.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from itertools import combinations

from codegrey.errors import DataError
from codegrey.fusion.dates import When, parse_when
from codegrey.fusion.decisions import Ruling
from codegrey.link.verdicts import CLOSE, SAME, Judgement
from codegrey.model import Fusion, Incident
from codegrey.registry import Registry
from codegrey.terms import Iri, Literal, Term
from codegrey.vocab import CG, local_name

NEAR = 75  # days within which two incidents of one victim are worth a look
ANSWERS = {"link": ("yes", "no", "likely"), "merge": ("same", "different")}


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """One thing that is uncertain: what about, what is proposed, how sure, on what words; and the answer."""

    kind: str
    subject: str
    subject_label: str
    city: str = ""
    country: str = ""
    property: str = ""
    proposal: str = ""
    proposal_label: str = ""
    score: str = ""
    evidence: str = ""
    verdict: str = ""
    comment: str = ""


COLUMNS = tuple(field.name for field in fields(Question))


def questions(fusion: Fusion, registry: Registry) -> tuple[Question, ...]:
    """Everything uncertain in a fusion: likely links, incidents that may be one, values in dispute; the same always."""
    return tuple(sorted([*_links(fusion, registry), *_merges(fusion), *_values(fusion)]))


def _links(fusion: Fusion, registry: Registry) -> Iterator[Question]:
    for organisation in fusion.organisations:
        label = organisation.labels[0].lexical if organisation.labels else ""
        for iri, score in organisation.close:
            entry = registry.get(iri)
            yield Question(
                "link",
                organisation.iri,
                label,
                organisation.city,
                organisation.country,
                proposal=iri,
                proposal_label=entry.name if entry else "",
                score=f"{min(score, 1.0):.2f}",
            )


def _items(fusion: Fusion) -> dict[Iri, str]:
    """One reported incident of each incident, by which decisions name it."""
    named: dict[Iri, str] = {}
    for item, iri in sorted(fusion.assignments):
        if "#" in item and not item.startswith("http"):
            named.setdefault(iri, item)
    return named


def _merges(fusion: Fusion) -> Iterator[Question]:
    """Pairs of incidents of one victim that are close in time, or of which one has no date."""
    items = _items(fusion)
    by_victim: dict[Iri, list[Incident]] = defaultdict(list)
    for incident in fusion.incidents:
        for victim in incident.victims:
            by_victim[victim].append(incident)
    asked: set[tuple[Iri, Iri]] = set()
    for them in by_victim.values():
        for left, right in combinations(sorted(them, key=lambda incident: incident.iri), 2):
            if (left.iri, right.iri) in asked or not _close(_start(left), _start(right)):
                continue
            asked.add((left.iri, right.iri))
            if left.iri in items and right.iri in items:
                label = left.labels[0].lexical if left.labels else left.iri
                other = right.labels[0].lexical if right.labels else right.iri
                yield Question("merge", items[left.iri], label, proposal=items[right.iri], proposal_label=other)


def _start(incident: Incident) -> When | None:
    values = (c.object for c in incident.claims if c.predicate == CG["startDate"] and c.asserted)
    return next((parse_when(value.lexical) for value in values if isinstance(value, Literal)), None)


def _close(left: When | None, right: When | None) -> bool:
    return left is None or right is None or left.days_from(right) <= NEAR


def _values(fusion: Fusion) -> Iterator[Question]:
    items = _items(fusion)
    for incident in fusion.incidents:
        label = incident.labels[0].lexical if incident.labels else incident.iri
        chosen = {(c.subject, c.predicate): c.object for c in incident.claims if c.asserted}
        for claim in incident.claims:
            if claim.disputed and incident.iri in items:
                now = chosen.get((claim.subject, claim.predicate))
                yield Question(
                    "value",
                    items[incident.iri],
                    label,
                    property=local_name(claim.predicate),
                    proposal=_shown(claim.object),
                    proposal_label=f"now {_shown(now)}" if now else "",
                    evidence=claim.evidence.exact,
                    comment=claim.reason,
                )


def _shown(term: Term) -> str:
    return term.lexical if isinstance(term, Literal) else term


def write_questions(asked: Iterable[Question]) -> str:
    """The table to fill in, tab-separated."""
    rows = [COLUMNS, *(astuple(question) for question in asked)]
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows) + "\n"


def answers(table: str, *, author: str, date: str) -> tuple[tuple[Judgement, ...], tuple[Ruling, ...]]:
    """The decisions of a filled-in table: those on links and those on incidents.

    :raises DataError: naming the line whose verdict is none of those that its kind can have.
    """
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    links: list[Judgement] = []
    rulings: list[Ruling] = []
    for number, row in enumerate(rows, start=2):
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        verdict = cells["verdict"]
        if not verdict:
            continue
        if verdict not in ANSWERS.get(cells["kind"], (verdict,)) or cells["kind"] not in {*ANSWERS, "value"}:
            raise DataError(f"line {number}: verdict {verdict!r} on a {cells['kind'] or 'row without kind'}")
        if cells["kind"] == "link":
            links.append(_judgement(cells, author, date))
        else:
            rulings.append(_ruling(cells, author, date))
    return tuple(links), tuple(rulings)


def _judgement(cells: Mapping[str, str], author: str, date: str) -> Judgement:
    return Judgement(
        name=cells["subject_label"],
        object_id=cells["proposal"],
        city=cells["city"],
        country=cells["country"],
        negative=cells["verdict"] == "no",
        predicate=CLOSE if cells["verdict"] == "likely" else SAME,
        object_label=cells["proposal_label"],
        author=author,
        date=date,
        confidence=cells["score"],
        comment=cells["comment"],
    )


def _ruling(cells: Mapping[str, str], author: str, date: str) -> Ruling:
    if cells["kind"] == "value":
        return Ruling("value", cells["subject"], cells["property"], cells["verdict"], author, date, cells["comment"])
    return Ruling(cells["verdict"], cells["subject"], cells["proposal"], "", author, date, cells["comment"])
