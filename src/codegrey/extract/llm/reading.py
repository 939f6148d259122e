"""What is believed of a model's answer: claims whose words stand in the article and whose terms exist.

    JSON object ── read_answer ──► Report, and what was dropped and why

Nothing in the answer is trusted: any value may be of any type, and an article may have told the model what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from codegrey.extract.concepts import Concepts
from codegrey.extract.llm.figures import Figures
from codegrey.extract.llm.prompt import REST
from codegrey.extract.llm.quotes import find_quote, occurrences
from codegrey.extract.llm.schema import ACTOR, COUNTED, DEMAND, FOCUS, RECORDS, RESPONDER, START, VICTIM, Form, Slot
from codegrey.model import (
    Article,
    Claim,
    IncidentKey,
    Node,
    Organisation,
    OrganisationKey,
    OrganisationRef,
    Report,
    ReportedIncident,
    Role,
    Span,
    Value,
)
from codegrey.terms import Iri, Literal, typed
from codegrey.text import fold
from codegrey.vocab import CG

RULE = "llm"
ITEMS = 300  # of one answer; what a rambling model writes beyond that is not read
_NAME = (2, 160)  # characters of a name
_BESIDE = 200  # characters between the words of a system and those of the outage that it belongs to
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Drop:
    """Something of an answer that is not believed; ``code`` is that of the finding."""

    code: str
    quote: str


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What an answer is held against."""

    extractor: str
    slots: tuple[Slot, ...]
    concepts: Concepts
    figures: Figures
    confidence: Mapping[str, float]
    criminal: frozenset[Iri]
    no_victims: frozenset[str]  # folded names of bodies that are known not to give care
    country_of: Callable[[str], str]
    is_place: Callable[[str], bool]

    def is_victim(self, name: str) -> bool:
        """Whether a name may be that of a victim: neither a place alone nor a body that gives no care."""
        return fold(name) not in self.no_victims and not self.is_place(name)


@dataclass(slots=True)
class _Answer:
    """One answer while it is read."""

    article: Article
    window: tuple[int, int]
    beliefs: Beliefs
    near: int
    items: int = 0
    claims: list[Claim] = field(default_factory=list)
    organisations: dict[OrganisationKey, Organisation] = field(default_factory=dict)
    drops: list[Drop] = field(default_factory=list)

    def drop(self, code: str, item: object) -> None:
        quote = item.get("quote") if isinstance(item, dict) else item
        self.drops.append(Drop(code, quote if isinstance(quote, str) else ""))

    def proven(self, incident: Mapping[str, Any], slot: Slot) -> Iterator[tuple[dict[str, Any], Span]]:
        """The items of a slot whose quotes stand in the article."""
        listed = incident.get(slot.name)
        for item in listed if isinstance(listed, list) else ():
            self.items += 1
            if self.items > ITEMS:
                return
            span = None
            if isinstance(item, dict):
                span = find_quote(self.article.text, item.get("quote"), self.window, self.near)
            if span is None:
                self.drop("llm/quote", item)
                continue
            self.near = span.start
            yield item, span

    def claim(self, subject: Node, predicate: str, value: Value, span: Span, slot: str) -> None:
        iri = Iri(predicate) if ":" in predicate else CG[predicate]
        table = self.beliefs.confidence
        confidence = table.get(slot, table[REST])
        self.claims.append(Claim(subject, iri, value, span, confidence, self.beliefs.extractor, RULE))

    def organisation(self, item: Mapping[str, Any], slot: Slot, kind: Iri) -> OrganisationRef | None:
        """The organisation that an item names, if its name stands in the article."""
        name = item.get("name")
        name = name.strip() if isinstance(name, str) else ""
        spans = occurrences(self.article.text, name) if _NAME[0] <= len(name) <= _NAME[1] else ()
        if not spans or "\n" in name or (slot.name == VICTIM and not self.beliefs.is_victim(name)):
            self.drop("llm/name", item)
            return None
        key = OrganisationKey("-".join(_WORDS.findall(fold(name))))
        if not key:
            return None
        city = item.get("city")
        city = city if isinstance(city, str) and occurrences(self.article.text, city) else ""
        country = self.beliefs.country_of(city) if city else ""
        language = self.article.language
        self.organisations.setdefault(
            key, Organisation(key, name, kind, city=city, country=country, language=language, spans=spans)
        )
        return OrganisationRef(key)


def read_answer(
    answer: Mapping[str, Any],
    article: Article,
    window: tuple[int, int],
    beliefs: Beliefs,
    *,
    before: Report | None = None,
) -> tuple[Report, tuple[Drop, ...]]:
    """The report of one answer about a window of an article.

    An incident without a victim in this window is that of the window ``before``, if there was one incident.
    """
    state = _Answer(article, window, beliefs, window[0])
    incidents: dict[IncidentKey, ReportedIncident] = {}
    for incident in answer["incidents"]:
        if not isinstance(incident, dict):
            state.drop("llm/shape", "")
            continue
        key = _victims(incident, state) or _continued(incident, before)
        if not key:
            state.drop("llm/no-victim", "")
            continue
        focus = incident.get(FOCUS) is True or (key in incidents and incidents[key].focus)
        incidents[key] = ReportedIncident(key, focus)
        for slot in beliefs.slots[1:]:
            _READERS[slot.form](incident, slot, key, state)
    report = Report(
        article, tuple(state.organisations.values()), tuple(incidents.values()), tuple(dict.fromkeys(state.claims))
    )
    return without_strays(report), tuple(state.drops)


def without_strays(report: Report) -> Report:
    """The report with those organisations only that some claim speaks of."""
    spoken = {claim.value.key for claim in report.claims if isinstance(claim.value, OrganisationRef)}
    spoken |= {
        OrganisationKey(claim.subject.owner) for claim in report.claims if claim.subject.role is Role.ORGANISATION
    }
    kept = tuple(organisation for organisation in report.organisations if organisation.key in spoken)
    return Report(report.article, kept, report.incidents, report.claims, report.rejections)


def _continued(incident: Mapping[str, Any], before: Report | None) -> IncidentKey | None:
    """The incident of the window before, if there was one and this one names no other victim."""
    if before is None or len(before.incidents) != 1:
        return None
    known = {organisation.name for organisation in before.organisations}
    listed = incident.get(VICTIM)
    named = [item.get("name") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return before.incidents[0].key if all(isinstance(name, str) and name in known for name in named) else None


def _victims(incident: Mapping[str, Any], state: _Answer) -> IncidentKey | None:
    """Read the victims; the first one names the incident."""
    slot = state.beliefs.slots[0]
    key: IncidentKey | None = None
    for item, span in state.proven(incident, slot):
        kind = _kind(item, slot, state)
        reference = state.organisation(item, slot, kind) if kind else None
        if reference is not None:
            key = key or IncidentKey(reference.key)
            state.claim(Node(Role.INCIDENT, key), VICTIM, reference, span, VICTIM)
    return key


def _kind(item: Mapping[str, Any], slot: Slot, state: _Answer) -> Iri | None:
    kind = item.get("kind")
    found = slot.terms.get(kind) if isinstance(kind, str) else None
    if found is None:
        state.drop("llm/term", item)
    return found


def _terms(incident: Mapping[str, Any], slot: Slot, key: IncidentKey, state: _Answer) -> None:
    for item, span in state.proven(incident, slot):
        term = item.get("term")
        concept = slot.terms.get(term) if isinstance(term, str) else None
        if concept is None:
            state.drop("llm/term", item)
        elif slot.name != slot.role:
            _attach(slot, concept, span, key, state)
        elif (made := state.beliefs.concepts.claim(concept, key)) is not None:
            state.claim(*made, span, slot.name)
            if slot.role == COUNTED and isinstance(made[2], Node) and item.get("count") is not None:
                _count(item, "count", made[2], span, state)


def _attach(slot: Slot, concept: Iri, span: Span, key: IncidentKey, state: _Answer) -> None:
    """Hang a system or service on the impact or response beside it, else on an impact of no known kind."""
    kinds = {CG["SystemOutage"], CG["SystemIsolation"]} if slot.role == "system" else None
    nodes = (
        (max(0, claim.evidence.start - span.end, span.start - claim.evidence.end), claim.value)
        for claim in state.claims
        if claim.subject == Node(Role.INCIDENT, key) and isinstance(claim.value, Node)
        if (claim.value.kind in kinds if kinds else claim.value.role is Role.IMPACT)
    )
    distance, node = min(nodes, default=(_BESIDE, None))
    if node is None or distance >= _BESIDE:
        node = Node(Role.IMPACT, key, CG["Impact"])
        state.claim(Node(Role.INCIDENT, key), "impact", node, span, slot.name)
    state.claim(node, slot.name, concept, span, slot.name)


def _named(incident: Mapping[str, Any], slot: Slot, key: IncidentKey, state: _Answer) -> None:
    for item, span in state.proven(incident, slot):
        kind = _kind(item, slot, state) if slot.terms else CG["ThreatActor"]
        reference = state.organisation(item, slot, kind) if kind else None
        if reference is None or kind is None:
            continue
        if slot.name == ACTOR:
            state.claim(Node(Role.ATTACK, key), ACTOR, reference, span, slot.name)
            continue
        action = "CriminalInvestigation" if kind in state.beliefs.criminal else "ExternalAssistance"
        node = Node(Role.RESPONSE, key, CG[action])
        state.claim(Node(Role.INCIDENT, key), "response", node, span, slot.name)
        state.claim(node, "performedBy", reference, span, RESPONDER)


def _date(incident: Mapping[str, Any], slot: Slot, key: IncidentKey, state: _Answer) -> None:
    for item, span in state.proven(incident, slot):
        value = item.get("date")
        if isinstance(value, str) and state.beliefs.figures.states_date(span.exact, value, state.article):
            datatype = ("gYear", "gYearMonth", "date")[value.count("-")]
            state.claim(Node(Role.INCIDENT, key), START, typed(value, datatype), span, slot.name)
            return
        state.drop("llm/value", item)


def _count(item: Mapping[str, Any], name: str, node: Node, span: Span, state: _Answer) -> bool:
    """A number that the quote states; a bare one would be no count of anything."""
    number = item.get("count")
    stated = state.beliefs.figures.numbers(span.exact, state.article.language)
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0 or Decimal(number) not in stated:
        state.drop("llm/value", item)
        return False
    state.claim(node, name, typed(number, "integer"), span, name)
    return True


def _records(incident: Mapping[str, Any], slot: Slot, key: IncidentKey, state: _Answer) -> None:
    node = Node(Role.IMPACT, key, CG["DataCompromise"])
    for item, span in state.proven(incident, slot):
        if _count(item, RECORDS, node, span, state):
            state.claim(Node(Role.INCIDENT, key), "impact", node, span, slot.name)
            return


def _money(incident: Mapping[str, Any], slot: Slot, key: IncidentKey, state: _Answer) -> None:
    """The sum demanded; its currency is the one that the quote states beside it."""
    demand = Node(Role.RANSOM, key)
    for item, span in state.proven(incident, slot):
        amount, deadline = item.get("amount"), item.get("deadline")
        sums = state.beliefs.figures.sums(span.exact, state.article.language)
        money = next((s for s in sums if isinstance(amount, int | float) and s.amount == Decimal(str(amount))), None)
        if money is None:
            state.drop("llm/value", item)
            continue
        whole = money.amount == money.amount.to_integral_value()
        value = typed(int(money.amount), "integer") if whole else typed(money.amount, "decimal")
        state.claim(Node(Role.INCIDENT, key), DEMAND, demand, span, slot.name)
        state.claim(demand, "amount", value, span, slot.name)
        state.claim(demand, "currency", Literal(money.currency), span, slot.name)
        if isinstance(deadline, str) and deadline.count("-") == 2:
            _deadline(deadline, demand, span, state)
        return


def _deadline(value: str, demand: Node, span: Span, state: _Answer) -> None:
    unpublished = Article(state.article.id, state.article.text, language=state.article.language)
    if state.beliefs.figures.states_date(span.exact, value, unpublished):
        state.claim(demand, "deadline", typed(value, "date"), span, DEMAND)


_Reader = Callable[[Mapping[str, Any], Slot, IncidentKey, _Answer], None]
_READERS: Mapping[Form, _Reader] = {
    Form.TERM: _terms,
    Form.NAME: _named,
    Form.DATE: _date,
    Form.COUNT: _records,
    Form.MONEY: _money,
}
