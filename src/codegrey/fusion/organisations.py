"""Every organisation that any report names → one node each.

A mention that links to the registry for certain is that node. The others are brought together by name and place: the
same distinctive words, kinds that go together, and neither another city nor another country.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from codegrey.fusion.mentions import MentionKey, Named, named
from codegrey.fusion.sets import Sets
from codegrey.link import Index, Key, Verdict, Verdicts
from codegrey.model import FusedOrganisation, Report
from codegrey.ontology import Ontology
from codegrey.registry import Entry
from codegrey.registry.places import fold
from codegrey.terms import Iri, Literal, text
from codegrey.vocab import CG

ACTOR = CG["ThreatActor"]


@dataclass(frozen=True, slots=True)
class Cast:
    """All organisations: which node each mention is, and the nodes."""

    iri_of: Mapping[MentionKey, Iri]
    members: Mapping[Iri, tuple[Named, ...]]
    known_by: Mapping[Iri, Iri | None]  # node → its registry entry, if it has one


def cast(
    reports: Sequence[Report], index: Index, *, base: str, known: Mapping[str, Iri], verdicts: Verdicts | None = None
) -> Cast:
    """Resolve every organisation of every report to a node.

    ``known`` maps ``<article>@<organisation key>`` to the node it had before; a node keeps its IRI as long as one of
    its mentions is still in it.
    """
    mentions = [
        named(report, organisation, index, verdicts) for report in reports for organisation in report.organisations
    ]
    mentions.sort(key=lambda mention: mention.key)
    registered = {m.key: m.decision.iri for m in mentions if m.decision.verdict is Verdict.CERTAIN and m.decision.iri}
    strangers = [mention for mention in mentions if mention.key not in registered]
    groups = together(strangers)
    taken = set(registered.values()) | set(index.known)
    iris = _names_for(groups, taken, base, known)
    iri_of = dict(registered) | {m.key: iri for iri, group in iris.items() for m in group}
    members: dict[Iri, list[Named]] = defaultdict(list)
    for mention in mentions:
        members[iri_of[mention.key]].append(mention)
    entries = {iri: iri if iri in index.known else None for iri in members}
    return Cast(iri_of, {iri: tuple(them) for iri, them in sorted(members.items())}, entries)


def together(mentions: Sequence[Named]) -> list[tuple[Named, ...]]:
    """Mentions of one organisation, by what their names say; the result does not depend on their order."""
    buckets: dict[tuple[str, ...], list[Named]] = defaultdict(list)
    for mention in mentions:
        for core in {_bucket(mention, key) for key in mention.names}:
            buckets[core].append(mention)
    sets: Sets[MentionKey] = Sets(mention.key for mention in mentions)
    for _, bucket in sorted(buckets.items()):
        for part in _parts(bucket):
            sets.join(mention.key for mention in part)
    by_key = {mention.key: mention for mention in mentions}
    return [tuple(by_key[key] for key in group) for group in sets.groups()]


def _bucket(mention: Named, key: Key) -> tuple[str, ...]:
    group = "actor" if mention.organisation.kind == ACTOR else "body"
    if key.core:
        return (group, *sorted(key.core))
    return (group, key.words, mention.city or mention.country)


def _parts(bucket: Sequence[Named]) -> Iterable[Sequence[Named]]:
    """Split mentions of like names by country, then city, then kind; what says nothing joins the only part."""
    parts: list[Sequence[Named]] = [bucket]
    for attribute in (lambda m: m.country, lambda m: m.city):
        parts = [piece for part in parts for piece in _split(part, attribute)]
    return [piece for part in parts for piece in _split_kinds(part)]


def _split(part: Sequence[Named], attribute: Callable[[Named], str]) -> list[list[Named]]:
    by_value: dict[str, list[Named]] = defaultdict(list)
    for mention in part:
        by_value[attribute(mention)].append(mention)
    silent = by_value.pop("", [])
    values = list(by_value.values())
    if len(values) == 1:
        return [values[0] + silent]
    return values + ([silent] if silent else [])


def _split_kinds(part: Sequence[Named]) -> list[list[Named]]:
    """Mentions whose names say kinds that share nothing (a hospital, a clinic) are different bodies."""
    kinds = {m.key: frozenset(code for key in m.names for code in key.kind) for m in part}
    codes: Sets[str] = Sets(code for kind in kinds.values() for code in kind)
    for kind in kinds.values():
        codes.join(sorted(kind))
    root = {code: group[0] for group in codes.groups() for code in group}
    return _split(part, lambda m: root[min(kinds[m.key])] if kinds[m.key] else "")


def _names_for(
    groups: Sequence[tuple[Named, ...]], taken: set[Iri], base: str, known: Mapping[str, Iri]
) -> dict[Iri, tuple[Named, ...]]:
    """An IRI for every group: the one it had, else one made from its name; never one that another has."""
    named: dict[Iri, tuple[Named, ...]] = {}
    fresh: list[tuple[Named, ...]] = []
    for group in sorted(groups, key=lambda group: (-len(group), group[0].key)):
        had = Counter(known.get(f"{m.key[0]}@{m.key[1]}") for m in group)
        before = sorted((iri for iri in had if iri), key=lambda iri: (-had[iri], iri))
        free = next((iri for iri in before if iri not in named and iri not in taken), None)
        if free:
            named[free] = group
        else:
            fresh.append(group)
    for group in sorted(fresh, key=lambda group: group[0].key):
        iri = next(iri for iri in _proposals(group, base) if iri not in named and iri not in taken)
        named[iri] = group
    return named


def _proposals(group: Sequence[Named], base: str) -> Iterable[Iri]:
    folder = "actor" if group[0].organisation.kind == ACTOR else "organisation"
    name, city, country = main_name(group), _common(m.city for m in group), _common(m.country for m in group)
    key = group[0].names[0] if group[0].names else None
    slug = slugged(name)
    places = [slugged(city)] if city and slugged(city) not in slug else []
    if key and not key.core and places:
        slug = f"{slug}-{places[0]}"
        places = []
    for extra in ("", *places, country.lower()):
        yield Iri(f"{base}{folder}/{slug}-{extra}" if extra else f"{base}{folder}/{slug}")
    digest = hashlib.sha256("\0".join(sorted("@".join(m.key) for m in group)).encode()).hexdigest()
    yield Iri(f"{base}{folder}/{slug}-{digest[:8]}")


def slugged(name: str) -> str:
    """A name as the end of an IRI; a hash where nothing Latin is left of it."""
    slug = "-".join(part for part in fold(name).split() if part.isascii())
    return slug or hashlib.sha256(name.encode()).hexdigest()[:12]


def main_name(group: Sequence[Named]) -> str:
    """The name that most mentions use; of those the longest, then the first by alphabet."""
    counts = Counter(mention.organisation.name for mention in group)
    return min(counts, key=lambda name: (-counts[name], -len(name), name))


def _common(values: Iterable[str]) -> str:
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else ""


def describe(cast_: Cast, index: Index, *, base: str, ontology: Ontology | None = None) -> dict[Iri, FusedOrganisation]:
    """The nodes as the graph shows them; figures and wholes that articles state are added by the caller."""
    shipped = {triple[0] for triple in index.registry.triples}
    fused = {}
    for iri, group in cast_.members.items():
        entry = index.registry.get(iri)
        if entry:
            fused[iri] = _registered(entry, group, index, shipped=iri in shipped)
        else:
            fused[iri] = _stranger(iri, group, index, kinds=_kinds(group, ontology), base=base)
    return fused


def _registered(entry: Entry, group: Sequence[Named], index: Index, *, shipped: bool) -> FusedOrganisation:
    names = {literal.lexical for literal in (*entry.labels, *entry.aliases)} | set(entry.abbreviations)
    extra = (literal for literal in _written(group) if literal.lexical not in names)
    city, country = entry.city or _city(group), entry.country or _common(m.country for m in group)
    return FusedOrganisation(
        iri=entry.iri,
        kinds=entry.kinds,
        labels=entry.labels,
        alt_labels=tuple(sorted({*entry.aliases, *map(Literal, entry.abbreviations), *extra})),
        city=city,
        country=country,
        registered=shipped,
        same_as=entry.same_as,
        part_of=entry.part_of,
        location=entry.location or _place(index, city, country),
    )


def _stranger(
    iri: Iri, group: Sequence[Named], index: Index, *, kinds: tuple[Iri, ...], base: str
) -> FusedOrganisation:
    written, name = _written(group), main_name(group)
    city, country = _city(group), _common(m.country for m in group)
    location = _place(index, city, country)
    place = index.registry.places.by_slug.get(location.removeprefix(f"{base}place/")) if location else None
    close = {m.decision.iri: m.decision.score for m in group if m.decision.iri and m.decision.iri != iri}
    return FusedOrganisation(
        iri=iri,
        kinds=kinds,
        labels=tuple(literal for literal in written if literal.lexical == name),
        alt_labels=tuple(literal for literal in written if literal.lexical != name),
        city=city,
        country=country or (place.country if place else ""),
        same_as=tuple(sorted({iri for m in group for iri in m.same_as})),
        close=tuple(sorted(close.items())),
        location=location,
    )


def _place(index: Index, city: str, country: str) -> Iri | None:
    """The node of a city; of several namesakes none, unless the country or fame tells which."""
    places = index.registry.places
    found = places.find(city, country or places.country_of(city)) if city else None
    sure = found and (country or places.country_of(city))
    return Iri(f"{index.registry.base}place/{found.slug}") if found and sure else None


def _kinds(group: Sequence[Named], ontology: Ontology | None) -> tuple[Iri, ...]:
    """The kind that most mentions give; of kinds where one is the other, the more special."""
    counts = Counter(mention.organisation.kind for mention in group)
    general = {above for kind in counts for above in (ontology.superclasses(kind) if ontology else ())}
    special = [kind for kind in counts if kind not in general - {kind}] or list(counts)
    return (min(special, key=lambda kind: (-counts[kind], kind)),)


def _city(group: Sequence[Named]) -> str:
    return _common(mention.organisation.city for mention in group)


def _written(group: Sequence[Named]) -> tuple[Literal, ...]:
    """Every name as written, once, in the language of the mention that most often wrote it."""
    counts: Counter[tuple[str, str]] = Counter()
    for mention in group:
        for name in dict.fromkeys((mention.organisation.name, *mention.organisation.aliases)):
            counts[name, mention.organisation.language] += 1
    best: dict[str, str] = {}
    for name, language in sorted(counts, key=lambda pair: (-counts[pair], pair)):
        best.setdefault(name, language)
    return tuple(text(name, lang) if lang else Literal(name) for name, lang in sorted(best.items()))
