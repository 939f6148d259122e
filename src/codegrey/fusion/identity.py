"""Which IRI an incident has: the one that it had, or one made from its victim and its month."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from codegrey.fusion.cluster import Item
from codegrey.terms import Iri


@dataclass(frozen=True, slots=True)
class Identity:
    """An incident's IRI, the victim that it is named after, and the IRIs that now lead to it."""

    iri: Iri
    head: Iri | None
    replaces: tuple[Iri, ...] = ()


def head_victim(items: Sequence[Item], wholes: Callable[[Iri], frozenset[Iri]]) -> Iri | None:
    """The victim that an incident is named after: the whole that most others are part of, then the best reported."""
    support: Counter[Iri] = Counter()
    for item in items:
        for victim in item.victims:
            support[victim] += 2 if item.focus else 1
    if not support:
        return None
    parts = Counter(whole for victim in support for whole in wholes(victim) if whole in support)
    return min(support, key=lambda victim: (-parts[victim], -support[victim], victim))


def identify(
    clusters: Sequence[tuple[Item, ...]],
    whens: Sequence[str],
    wholes: Callable[[Iri], frozenset[Iri]],
    *,
    base: str,
    known: Mapping[str, Iri],
) -> list[Identity]:
    """An identity for each cluster, in their order; ``whens`` are their start dates (``""`` where none is known).

    An IRI that two clusters' members had stays with the one that holds more of them; a cluster whose members had
    several keeps the one of most members and replaces the others.
    """
    kept, replaced = _kept(clusters, known)
    redirects: dict[Iri, list[Iri]] = defaultdict(list)
    for old, new in known.items():
        if old.startswith(base):
            redirects[new].append(Iri(old))
    taken = (
        set(kept.values())
        | {iri for iris in replaced.values() for iri in iris}
        | set(map(Iri, redirects_of(known, base)))
    )
    heads = [head_victim(items, wholes) for items in clusters]
    identities: dict[int, Identity] = {}
    for number, iri in kept.items():
        led_here = _closure([iri, *replaced[number]], redirects)
        identities[number] = Identity(iri, heads[number], tuple(sorted(led_here - {iri})))
    fresh = sorted(set(range(len(clusters))) - set(kept), key=lambda n: (whens[n], clusters[n][0].key))
    for number in fresh:
        iri = next(iri for iri in _proposals(clusters[number], heads[number], whens[number], base) if iri not in taken)
        taken.add(iri)
        identities[number] = Identity(iri, heads[number])
    return [identities[number] for number in range(len(clusters))]


def redirects_of(known: Mapping[str, Iri], base: str) -> list[str]:
    """The IRIs in ``known`` that were replaced."""
    return [old for old in known if old.startswith(base)]


def _kept(
    clusters: Sequence[tuple[Item, ...]], known: Mapping[str, Iri]
) -> tuple[dict[int, Iri], dict[int, list[Iri]]]:
    holders: dict[Iri, Counter[int]] = defaultdict(Counter)
    for number, items in enumerate(clusters):
        for item in items:
            iri = known.get(f"{item.key[0]}#{item.key[1]}")
            if iri:
                holders[iri][number] += 1
    claims: dict[int, list[tuple[int, Iri]]] = defaultdict(list)
    for iri, counts in holders.items():
        owner = min(counts, key=lambda number: (-counts[number], clusters[number][0].key))
        claims[owner].append((counts[owner], iri))
    kept: dict[int, Iri] = {}
    replaced: dict[int, list[Iri]] = defaultdict(list)
    for number, had in claims.items():
        best = min(had, key=lambda pair: (-pair[0], "undated" in pair[1], pair[1]))[1]
        kept[number] = best
        replaced[number] = [iri for _, iri in had if iri != best]
    return kept, replaced


def _closure(iris: Iterable[Iri], redirects: Mapping[Iri, Sequence[Iri]]) -> set[Iri]:
    found: set[Iri] = set()
    queue = list(iris)
    while queue:
        iri = queue.pop()
        if iri not in found:
            found.add(iri)
            queue.extend(redirects.get(iri, ()))
    return found


def _proposals(items: Sequence[Item], head: Iri | None, when: str, base: str) -> Iterable[Iri]:
    victim = head.rsplit("/", 1)[-1] if head else "unnamed"
    stem = f"{base}incident/{victim}-{when[:7] or 'undated'}"
    first = hashlib.sha256("#".join(items[0].key).encode()).hexdigest()
    if head:
        yield Iri(stem)
    yield Iri(f"{stem}-{first[:6]}")
    yield Iri(f"{stem}-{first[:16]}")
