"""The facts that need more than one word of a sentence: when, how many, how much, who helped, who did it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from codegrey.extract.amounts import Money
from codegrey.extract.dates import DateMention
from codegrey.extract.gazetteer import needs_context
from codegrey.extract.mentions import Group
from codegrey.extract.scene import Scene
from codegrey.extract.statements import PATTERNS, Statement
from codegrey.extract.units import Entity
from codegrey.lexicon import LEX, Lexicon
from codegrey.model import Claim, Node, OrganisationKey, OrganisationRef, Role, Span
from codegrey.terms import Iri, Literal, typed
from codegrey.vocab import CG, local_name

AMOUNT, LOSS, DEADLINE, RECORDS, ATTRIBUTION, ACTS, INFORMED, ENDED = (
    LEX + name
    for name in (
        "RansomAmount", "LossAmount", "Deadline", "Records", "Attribution", "Acts", "Informed", "Ended",
    )
)  # fmt: skip
FIGURES = {LEX + "Beds": "beds", LEX + "Staff": "staffCount", LEX + "Physicians": "physicianCount"}
BITCOIN = "XBT"
MALWARE = frozenset({CG["Malware"], CG["RansomwareFamily"]})


def make_claim(
    subject: Node, predicate: Iri, value: object, evidence: Span, confidence: float, rule: str, by: str = PATTERNS
) -> Claim:
    """A claim by the patterns, or by another reader."""
    return Claim(subject, predicate, value, evidence, confidence, by, rule)  # type: ignore[arg-type]


def span_of(scene: Scene, sentence: int, first: int, last: int) -> Span:
    """The words from unit ``first`` to before unit ``last`` of a sentence."""
    tokens = scene.units[sentence].tokens(first, last)
    start, end = tokens[0].start, tokens[-1].end
    return Span(start, end, scene.document.text[start:end])


def captured(scene: Scene, statement: Statement, name: str) -> Entity | None:
    """The entity that a statement captures under a name."""
    places = statement.captures.get(name)
    if places is None:
        return None
    units = scene.units[statement.sentence].units[slice(*places)]
    return next((unit.entity for unit in units if unit.entity is not None), None)


def end_claims(scene: Scene, sentences: set[int], incident: str) -> Iterator[Claim]:
    """When normal operation returned."""
    for statement in scene.states(ENDED):
        entity = captured(scene, statement, "date")
        if statement.sentence in sentences and entity and isinstance(entity.value, DateMention):
            value = entity.value.value
            node = Node(Role.INCIDENT, incident)
            yield make_claim(node, CG["endDate"], typed(value, value.datatype), statement.span, 0.8, statement.rule)
            return


def count_claims(scene: Scene, statement: Statement, node: Node, lexicon: Lexicon) -> Iterator[Claim]:
    """How many patients, operations, appointments: a number beside a noun that this impact counts."""
    nouns = lexicon.words("count-" + local_name(node.kind))
    if not nouns:
        return
    for name, predicate, datatype in (("number", "count", "integer"), ("proportion", "proportion", "decimal")):
        for place, entity in scene.entities(statement.sentence, name):
            near = statement.first - 5 <= place <= statement.last + 4
            if near and _counts(scene, statement.sentence, place, nouns):
                lexical = _lexical(entity.value)
                first, last = min(place, statement.first), max(place + 1, statement.last)
                span = span_of(scene, statement.sentence, first, last)
                yield make_claim(node, CG[predicate], typed(lexical, datatype), span, 0.85, statement.rule)
                return


def _counts(scene: Scene, sentence: int, place: int, nouns: frozenset[str]) -> bool:
    units = scene.units[sentence].units
    tokens = scene.document.sentences[sentence].tokens
    following = units[place + 1 : place + 4]
    return any(u.entity is None and (tokens[u.first].fold in nouns or tokens[u.first].stem in nouns) for u in following)


def _lexical(value: object) -> str:
    number = Decimal(str(value))
    if number == number.to_integral_value():
        return str(int(number))
    return str(round(number, 2))


def ransom_claims(scene: Scene, sentences: set[int], incident: str) -> Iterator[Claim]:
    """The sum first demanded, its currency and the deadline."""
    demand, about = Node(Role.RANSOM, incident), Node(Role.INCIDENT, incident)
    found: list[Claim] = []
    for statement in sorted(scene.states(AMOUNT), key=lambda s: (s.sentence, s.first)):
        if statement.sentence not in sentences or found:
            continue
        money = _stated_money(scene, statement)
        if money is not None:
            amount = typed(_lexical(money.amount), "decimal" if "." in _lexical(money.amount) else "integer")
            found.append(make_claim(demand, CG["amount"], amount, statement.span, 0.85, statement.rule))
            currency = Literal(money.currency)
            found.append(make_claim(demand, CG["currency"], currency, statement.span, 0.85, statement.rule))
    for statement in scene.states(DEADLINE):
        entity = captured(scene, statement, "date")
        if statement.sentence in sentences and entity and isinstance(entity.value, DateMention):
            value = entity.value.value
            if value.day:
                date = typed(value, "date")
                found.append(make_claim(demand, CG["deadline"], date, statement.span, 0.85, statement.rule))
                break
    if found:
        yield make_claim(about, CG["ransomDemand"], demand, found[0].evidence, 0.85, found[0].rule)
        yield from found


def _stated_money(scene: Scene, statement: Statement) -> Money | None:
    """The captured sum; of a sum in bitcoin the money value that stands in the same sentence, if one does."""
    entity = captured(scene, statement, "money")
    if entity is None or not isinstance(entity.value, Money):
        return None
    if entity.value.currency != BITCOIN:
        return entity.value
    others = [e.value for _, e in scene.entities(statement.sentence, "money") if isinstance(e.value, Money)]
    return next((money for money in others if money.currency != BITCOIN), entity.value)


def loss_claims(scene: Scene, sentences: set[int], incident: str) -> Iterator[Claim]:
    """What the incident cost."""
    node = Node(Role.IMPACT, incident, CG["FinancialLoss"])
    for statement in scene.states(LOSS):
        entity = captured(scene, statement, "money")
        if statement.sentence in sentences and entity and isinstance(entity.value, Money):
            about = Node(Role.INCIDENT, incident)
            amount = typed(_lexical(entity.value.amount), "integer")
            yield make_claim(about, CG["impact"], node, statement.span, 0.85, statement.rule)
            yield make_claim(node, CG["amount"], amount, statement.span, 0.85, statement.rule)
            yield make_claim(node, CG["currency"], Literal(entity.value.currency), statement.span, 0.85, statement.rule)
            return


def record_claims(scene: Scene, sentences: set[int], incident: str) -> Iterator[Claim]:
    """How many people or records are concerned."""
    node = Node(Role.IMPACT, incident, CG["DataCompromise"])
    for statement in sorted(scene.states(RECORDS), key=lambda s: (s.sentence, s.first)):
        entity = captured(scene, statement, "n")
        if statement.sentence not in sentences or entity is None or not isinstance(entity.value, Decimal):
            continue
        count = typed(_lexical(entity.value), "integer")
        about = Node(Role.INCIDENT, incident)
        yield make_claim(about, CG["impact"], node, statement.span, 0.8, statement.rule)
        yield make_claim(node, CG["recordCount"], count, statement.span, 0.8, statement.rule)
        return


def actor_claims(scene: Scene, sentences: set[int], incident: str) -> Iterator[Claim]:
    """The group or family that an incident is attributed to: named in one breath with it."""
    attack = Node(Role.ATTACK, incident)
    attributed = {
        (s.sentence, place) for s in scene.states(ATTRIBUTION) for place in range(*s.captures.get("actor", (0, 0)))
    }
    seen: set[str] = set()
    for index in sorted(sentences):
        for place, entity in scene.entities(index, "actor"):
            group = entity.value
            if not isinstance(group, Group) or group.key in seen or group.entry is None:
                continue
            outright = (index, place) in attributed
            written = scene.document.sentences[index].tokens[entity.first : entity.last]
            if outright or not (needs_context(group.entry, written) or "Generic" in scene.effects(index)):
                seen.add(group.key)
                span = span_of(scene, index, place, place + 1)
                reference = OrganisationRef(OrganisationKey(group.key))
                confidence = 0.9 if outright else 0.75
                yield make_claim(attack, CG["attributedTo"], reference, span, confidence, "@actor")
                if MALWARE & set(group.entry.kinds):
                    yield make_claim(attack, CG["malware"], reference, span, confidence, "@actor")


def responder_claims(scene: Scene, sentences: set[int], incident: str, criminal: frozenset[Iri]) -> Iterator[Claim]:
    """Bodies that act, each with what it does; bodies that are only informed make a notification."""
    informed = set(_places(scene, INFORMED))
    inquiries = {statement.sentence for statement in scene.states(CG["CriminalInvestigation"])}
    for statement in sorted(scene.states(ACTS), key=lambda s: (s.sentence, s.first)):
        if statement.sentence not in sentences:
            continue
        for place, group in _bodies(scene, statement):
            if (statement.sentence, place) not in informed:
                inquires = statement.sentence in inquiries and criminal & _kinds(group)
                yield from _acting(group, statement, incident, inquires=bool(inquires))
    for statement in scene.states(INFORMED):
        if statement.sentence in sentences and list(_bodies(scene, statement)):
            node = Node(Role.RESPONSE, incident, CG["RegulatorNotification"])
            about = Node(Role.INCIDENT, incident)
            yield make_claim(about, CG["response"], node, statement.span, 0.85, statement.rule)


def _kinds(group: Group) -> frozenset[Iri]:
    return frozenset(group.entry.kinds if group.entry else (group.kind,))


def _acting(group: Group, statement: Statement, incident: str, *, inquires: bool) -> Iterator[Claim]:
    action = CG["CriminalInvestigation"] if inquires else CG["ExternalAssistance"]
    node, about = Node(Role.RESPONSE, incident, action), Node(Role.INCIDENT, incident)
    yield make_claim(about, CG["response"], node, statement.span, 0.8, statement.rule)
    reference = OrganisationRef(OrganisationKey(group.key))
    yield make_claim(node, CG["performedBy"], reference, statement.span, 0.8, statement.rule)


def _places(scene: Scene, concept: str) -> Iterator[tuple[int, int]]:
    for statement in scene.states(concept):
        for place, _ in _bodies(scene, statement):
            yield statement.sentence, place


def _bodies(scene: Scene, statement: Statement) -> Iterator[tuple[int, Group]]:
    """The bodies that a statement captures, and those that a list joins to them."""
    places = statement.captures.get("body")
    if places is None:
        return
    units = scene.units[statement.sentence].units
    tokens = scene.document.sentences[statement.sentence].tokens
    at = places[0]
    while at < len(units):
        entity = units[at].entity
        if entity is not None and entity.tag == "body" and isinstance(entity.value, Group):
            yield at, entity.value
        elif at >= places[1] and not (entity is None and tokens[units[at].first].fold in ("and", "et", "y")):
            return
        at += 1


def figure_claims(scene: Scene, main: Sequence[Group]) -> Iterator[Claim]:
    """Beds, staff, physicians of a hospital that the sentence names, else of the main victim."""
    seen: set[tuple[str, str]] = set()
    for statement in scene.statements:
        name = FIGURES.get(statement.concept)
        entity = captured(scene, statement, "n") if name else None
        if name is None or entity is None or not isinstance(entity.value, Decimal):
            continue
        named = [group for _, group in scene.named(statement.sentence)]
        owner = next((group for group in named), main[0] if main else None)
        if owner is not None and (owner.key, name) not in seen:
            seen.add((owner.key, name))
            node = Node(Role.ORGANISATION, owner.key)
            yield make_claim(
                node, CG[name], typed(_lexical(entity.value), "integer"), statement.span, 0.85, statement.rule
            )
