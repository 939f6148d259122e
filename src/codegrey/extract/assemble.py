"""From what an article's sentences state to its report: incidents, organisations, claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codegrey.extract.concepts import Concepts
from codegrey.extract.facts import (
    actor_claims,
    count_claims,
    end_claims,
    figure_claims,
    loss_claims,
    make_claim,
    ransom_claims,
    record_claims,
    responder_claims,
    span_of,
)
from codegrey.extract.mentions import Group
from codegrey.extract.scene import Scene, patterned
from codegrey.extract.scope import Case, Scope, find_scope
from codegrey.extract.statements import Statement
from codegrey.extract.when import start_claims
from codegrey.lexicon import LEX, Lexicon
from codegrey.model import (
    Claim,
    IncidentKey,
    Node,
    Organisation,
    OrganisationKey,
    OrganisationRef,
    Rejection,
    Report,
    ReportedIncident,
    Role,
    Span,
)
from codegrey.registry import Registry
from codegrey.terms import Iri
from codegrey.vocab import CG

ENOUGH = 3  # claims of one fact that one article needs


def assemble(
    scene: Scene, lexicon: Lexicon, concepts: Concepts, registry: Registry, criminal: frozenset[Iri]
) -> Report:
    """Decide which incident each statement belongs to, and make its claims."""
    scope = find_scope(patterned(scene), lexicon)
    claims: list[Claim] = []
    for case in scope.cases:
        sentences = {index for index, owner in enumerate(scope.of) if owner is case}
        claims += _victim_claims(scene, case)
        claims += _concept_claims(scene, sentences, case.key, lexicon, concepts)
        claims += start_claims(scene, case, sentences, lexicon)
        claims += end_claims(scene, sentences, case.key)
        claims += ransom_claims(scene, sentences, case.key)
        claims += loss_claims(scene, sentences, case.key)
        claims += record_claims(scene, sentences, case.key)
        claims += actor_claims(scene, sentences, case.key)
        claims += responder_claims(scene, sentences, case.key, criminal)
    if scope.cases:
        claims += figure_claims(scene, scope.cases[0].victims)
    claims = _limited(claims)
    return Report(
        article=scene.article,
        organisations=tuple(_organisations(scene, claims, registry)),
        incidents=tuple(_incidents(scope)),
        claims=tuple(claims),
        rejections=tuple(_rejections(scene, scope)),
    )


def _incidents(scope: Scope) -> Iterator[ReportedIncident]:
    for case in scope.cases:
        related = tuple(IncidentKey(other.key) for other in scope.cases if other is not case and not other.focus)
        yield ReportedIncident(IncidentKey(case.key), case.focus, related if case.focus else ())


def _victim_claims(scene: Scene, case: Case) -> Iterator[Claim]:
    for group in case.victims:
        statement = case.evidence.get(group.key)
        if statement is not None:
            span, confidence, rule = statement.span, statement.confidence, statement.rule
        else:
            start, end = min(group.spans)
            span, confidence, rule = Span(start, end, scene.document.text[start:end]), 0.7, "@org"
        reference = OrganisationRef(OrganisationKey(group.key))
        yield make_claim(Node(Role.INCIDENT, case.key), CG["victim"], reference, span, confidence, rule)


def _concept_claims(
    scene: Scene, sentences: set[int], incident: str, lexicon: Lexicon, concepts: Concepts
) -> Iterator[Claim]:
    stated = [s for s in scene.statements if s.sentence in sentences]
    believed = [s for s in stated if not s.weak or _supported(s, stated, concepts)]
    had = {s.concept for s in believed}
    said = frozenset[Iri]().union(*(concepts.readings.subsumes.get(concept, ()) for concept in had))
    believed = [s for s in believed if s.concept not in said]
    for statement in believed:
        role = concepts.role(statement.concept)
        if role == "system":
            yield from _system_claims(statement, believed, incident, concepts)
            continue
        made = concepts.claim(statement.concept, incident)
        if made is None:
            continue
        yield make_claim(*made, statement.span, statement.confidence, statement.rule, statement.extractor)
        if isinstance(made[2], Node) and made[2].role is Role.IMPACT:
            yield from count_claims(scene, statement, made[2], lexicon)
            yield from _service_claims(scene, statement, made[2], believed, concepts)


def _supported(statement: Statement, stated: Iterable[Statement], concepts: Concepts) -> bool:
    """Whether a weak statement has a strong one of the incident in its own sentence or the one before."""
    return any(
        not other.weak and 0 <= statement.sentence - other.sentence <= 1 and concepts.role(other.concept)
        for other in stated
    )


def _system_claims(
    statement: Statement, believed: Iterable[Statement], incident: str, concepts: Concepts
) -> Iterator[Claim]:
    """A system hangs on the outage or isolation that its sentence states, else on an impact of no known kind."""
    options = [
        other
        for other in believed
        if other.sentence == statement.sentence and other.concept in (CG["SystemOutage"], CG["SystemIsolation"])
    ]
    nearest = min(options, key=lambda o: (abs(o.first - statement.first), o.concept), default=None)
    concept = nearest.concept if nearest else CG["Impact"]
    made = concepts.claim(concept, incident)
    if made is None or not isinstance(made[2], Node):
        return
    if nearest is None:
        yield make_claim(*made, statement.span, statement.confidence, statement.rule, statement.extractor)
    yield make_claim(
        made[2],
        CG["affectedSystem"],
        statement.concept,
        statement.span,
        statement.confidence,
        statement.rule,
        statement.extractor,
    )


def _service_claims(
    scene: Scene, statement: Statement, node: Node, believed: Iterable[Statement], concepts: Concepts
) -> Iterator[Claim]:
    """The services that the sentence of an impact names."""
    for other in believed:
        if other.sentence == statement.sentence and concepts.role(other.concept) == "service":
            first, last = min(statement.first, other.first), max(statement.last, other.last)
            span = span_of(scene, statement.sentence, first, last)
            yield make_claim(node, CG["affectedService"], other.concept, span, 0.7, other.rule)


def _limited(claims: Iterable[Claim]) -> list[Claim]:
    """The best claims of each fact, no more than are needed, none twice."""
    by_fact: dict[object, list[Claim]] = {}
    for claim in claims:
        same = by_fact.setdefault((claim.subject, claim.predicate, claim.value), [])
        if all(claim.evidence != other.evidence for other in same):
            same.append(claim)
    best: list[Claim] = []
    for same in by_fact.values():
        best += sorted(same, key=lambda c: (-c.confidence, c.evidence))[:ENOUGH]
    return best


def _organisations(scene: Scene, claims: Iterable[Claim], registry: Registry) -> Iterator[Organisation]:
    """The organisations that some claim speaks of."""
    wanted = {claim.value.key for claim in claims if isinstance(claim.value, OrganisationRef)}
    wanted |= {OrganisationKey(c.subject.owner) for c in claims if c.subject.role is Role.ORGANISATION}
    everyone = [*scene.groups, *scene.bodies, *_unnamed_bodies(scene)]
    for group in everyone:
        if group.key not in wanted:
            continue
        wanted.discard(OrganisationKey(group.key))
        yield _organisation(scene, group, registry)


def _organisation(scene: Scene, group: Group, registry: Registry) -> Organisation:
    entry = group.entry
    health = group in scene.groups
    name = group.name if entry is None or health else entry.name
    known = () if entry is None else entry.names
    city, country = _place(group, registry)
    return Organisation(
        key=OrganisationKey(group.key),
        name=name,
        kind=entry.kinds[0] if entry and entry.kinds else group.kind,
        aliases=tuple(sorted({*group.names, *known} - {name})),
        city=city,
        country=country,
        language=scene.article.language,
        iri=entry.iri if entry else None,
        spans=tuple(Span(s, e, scene.document.text[s:e]) for s, e in sorted(group.spans)),
    )


def _place(group: Group, registry: Registry) -> tuple[str, str]:
    if group.entry is not None and group.entry.country:
        return group.entry.city, group.entry.country
    city = group.city or " ".join(word for word in group.name.replace("-", " ").split() if word.lower() in group.proper)
    place = registry.places.find(city) if city else None
    if place is None or place.kind != "city":
        return group.city, ""
    return place.name, registry.places.country_of(place.name)


def _unnamed_bodies(scene: Scene) -> Iterator[Group]:
    for index in range(len(scene.units)):
        for _, entity in scene.entities(index, "body"):
            if isinstance(entity.value, Group) and entity.value.entry is None:
                yield entity.value


def _rejections(scene: Scene, scope: Scope) -> Iterator[Rejection]:
    for refusal in scene.refusals:
        if not refusal.concept.startswith(LEX):
            yield Rejection(refusal.span, refusal.rule, refusal.effect)
    for statement in scene.statements:
        if scope.of[statement.sentence] is None and not statement.concept.startswith(LEX):
            yield Rejection(statement.span, statement.rule, "OutOfScope")
