"""Our links for those who link: SSSOM, QuickStatements drafts, a Mix'n'match catalogue.

All three are text made from values; nothing is sent anywhere.
SSSOM: https://mapping-commons.github.io/sssom/; QuickStatements: https://www.wikidata.org/wiki/Help:QuickStatements;
Mix'n'match: https://mix-n-match.toolforge.org/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codegrey.link.verdicts import Judgement, Verdicts, curie, resolve
from codegrey.model import FusedOrganisation
from codegrey.registry import Registry
from codegrey.terms import Iri, Literal, Triple
from codegrey.vocab import OWL, SKOS

WIKIDATA = "http://www.wikidata.org/entity/"
HOSPITAL, INSTANCE_OF, ROR = "Q16917", "P31", "P6782"
_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "confidence",
    "object_label",
    "predicate_modifier",
    "author_label",
    "mapping_date",
)
_HEAD = """# mapping_set_id: {base}mappings/organisations
# license: https://creativecommons.org/licenses/by/4.0/
# curie_map:
#   cgr: {base}
#   wikidata: http://www.wikidata.org/entity/
#   ror: https://ror.org/
#   semapv: https://w3id.org/semapv/vocab/
"""


def sssom(organisations: Iterable[FusedOrganisation], registry: Registry, verdicts: Verdicts | None = None) -> str:
    """A mapping set: identities that are certain with confidence 1, likely ones with their score.

    What a curator decided says so, with who and when; what a curator refused is there as a negative mapping.
    """
    ordered = sorted(organisations, key=lambda o: o.iri)
    rows = [row for organisation in ordered for row in _rows(organisation, registry, verdicts or Verdicts())]
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in (_COLUMNS, *rows)]
    return _HEAD.format(base=registry.base) + "\n".join(lines) + "\n"


def _rows(organisation: FusedOrganisation, registry: Registry, verdicts: Verdicts) -> Iterator[tuple[str, ...]]:
    subject, label = "cgr:" + organisation.iri.removeprefix(registry.base), _label(organisation)
    names = [name.lexical for name in (*organisation.labels, *organisation.alt_labels)]
    judged = list(dict.fromkeys(verdicts.about(names, organisation.city, organisation.country)))
    chosen = {_target(j, registry): j for j in judged if not j.negative}
    for other in organisation.same_as:
        by = chosen.get(curie(other)) or chosen.get(organisation.iri)
        yield (subject, label, "owl:sameAs", curie(other), *_why(by, "1.0", ""))
    for other, score in organisation.close:
        entry, sure = registry.get(other), f"{min(score, 1):.2f}"
        by = chosen.get(other)
        ours = "cgr:" + other.removeprefix(registry.base)
        for target in (ours, *(curie(identity) for identity in (entry.same_as if entry else ()))):
            yield (subject, label, "skos:closeMatch", target, *_why(by, sure, entry.name if entry else ""))
    for judgement in judged:
        if judgement.negative:
            node = _target(judgement, registry)
            ours = node.replace(registry.base, "cgr:", 1)
            yield (subject, label, judgement.predicate, ours, *_why(judgement, "", judgement.object_label, "Not"))


def _target(judgement: Judgement, registry: Registry) -> str:
    """What a judgement is about: a node of ours, or an outside record in short."""
    return resolve(judgement.object_id, registry) or curie(judgement.object_id)


def _why(by: Judgement | None, confidence: str, label: str, modifier: str = "") -> tuple[str, ...]:
    """The columns that say why a mapping is there."""
    if by is None:
        return ("semapv:LexicalMatching", confidence, label, modifier, "", "")
    return (by.justification, confidence, label, modifier, by.author, by.date)


def mapping_triples(organisations: Iterable[FusedOrganisation]) -> tuple[Triple, ...]:
    """The same links as plain triples, sorted."""
    triples: list[Triple] = []
    for organisation in organisations:
        triples += [(organisation.iri, OWL["sameAs"], other) for other in organisation.same_as]
        triples += [(organisation.iri, SKOS["closeMatch"], other) for other, _ in organisation.close]
    return tuple(sorted(triples))


def quickstatements(organisations: Iterable[FusedOrganisation], registry: Registry) -> str:
    """Drafts for Wikidata: a ROR id for an item that is known by both, a new item for a hospital that has none.

    For a person to check and to send: whether a hospital has no item is more than this file knows.
    """
    lines: list[str] = []
    for organisation in sorted(organisations, key=lambda o: o.iri):
        items = [other.removeprefix(WIKIDATA) for other in organisation.same_as if other.startswith(WIKIDATA)]
        rors = _identifiers(organisation, registry, "ror")
        if items:
            lines += [f'{items[0]}|{ROR}|"{ror}"' for ror in rors]
        elif not organisation.close:
            lines += ["CREATE", *_described(organisation.labels), f"LAST|{INSTANCE_OF}|{HOSPITAL}"]
            lines += [f'LAST|{ROR}|"{ror}"' for ror in rors]
    return "".join(f"{line}\n" for line in lines)


def _described(labels: Iterable[Literal]) -> list[str]:
    named = ((label.language.split("-")[0] or "mul", label.lexical.replace('"', "'")) for label in labels)
    return [f'LAST|L{language}|"{name}"' for language, name in named]


def mix_n_match(organisations: Iterable[FusedOrganisation], base: str) -> str:
    """A catalogue to import: id, name, description, URL, type."""
    rows = [("id", "name", "description", "url", "type")]
    for organisation in sorted(organisations, key=lambda o: o.iri):
        place = ", ".join(filter(None, (organisation.city, organisation.country)))
        rows.append((organisation.iri.removeprefix(base), _label(organisation), place, organisation.iri, HOSPITAL))
    return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)


def _label(organisation: FusedOrganisation) -> str:
    return organisation.labels[0].lexical if organisation.labels else ""


def _identifiers(organisation: FusedOrganisation, registry: Registry, scheme: str) -> list[str]:
    entry = registry.get(Iri(organisation.iri))
    return [i.split(":", 1)[1] for i in (entry.identifiers if entry else ()) if i.startswith(f"{scheme}:")]
