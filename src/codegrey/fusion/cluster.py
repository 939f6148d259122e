"""Reported incidents → incidents: which reports speak of the same one.

Two reported incidents can be one only if a victim of one is a victim of the other or a part of it. Then time decides:

    days apart ≤ 10, or the same month, or one date the other with less precision    one incident
    up to six weeks apart in different months                                        one, if they share two facts
    further apart                                                                    two incidents
    a year alone                      joins the only incident of that year
    no date                           joins the last one before the article, or the only one

An attack on a supplier and those on its clients are one incident if they name one actor, in one country and one week.

Never one: two incidents that one article tells apart, and two that are attributed to different actors.
Dates come first, by value, so the order of articles does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from codegrey.fusion.dates import When
from codegrey.fusion.sets import Sets
from codegrey.model import ArticleId, IncidentKey
from codegrey.terms import Iri

NEAR, FAR, FOCUS_DAYS, SHARED, WEEK = 10, 42, 366, 2, 7
ItemKey = tuple[ArticleId, IncidentKey]
Apart = Mapping[str, frozenset[str]]  # reported incidents that a curator holds apart, as "article#key"


@dataclass(frozen=True, slots=True)
class Item:
    """One incident as one article reports it, reduced to what clustering looks at.

    ``facts`` are the other things said of it, comparable across articles.
    """

    key: ItemKey
    victims: frozenset[Iri]
    focus: bool
    when: When | None = None
    published: When | None = None
    actors: frozenset[Iri] = frozenset()
    facts: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    supplier: bool = False  # a victim of it serves other victims


@dataclass(slots=True)
class Cluster:
    """Items that are one incident, while it is being put together."""

    items: list[Item] = field(default_factory=list)
    apart: Apart = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The first day that the earliest of its dates may mean; 0 if none has a date."""
        return min((item.when.first for item in self.items if item.when), default=0)

    @property
    def precise(self) -> bool:
        """Whether the month at least is known."""
        return any(item.when and not item.when.year_only for item in self.items)

    def forbids(self, item: Item) -> bool:
        """Whether an item cannot be of this incident, whatever its date."""
        same_article = any(other.key[0] == item.key[0] and not _echo(item, other) for other in self.items)
        held = self.apart.get(name_of(item), frozenset())
        if held and any(name_of(other) in held for other in self.items):
            return True
        actors = frozenset().union(*(other.actors for other in self.items))
        return same_article or bool(actors and item.actors and actors.isdisjoint(item.actors))

    def shared(self, item: Item) -> int:
        """How many facts an item shares with the most alike of its items."""
        return max((len(item.facts & other.facts) for other in self.items), default=0)

    def days(self, item: Item) -> float:
        """Days between an item and the nearest date here; infinite where there is none."""
        if not item.when:
            return float("inf")
        return min((item.when.days_from(o.when) for o in self.items if o.when), default=float("inf"))

    def span(self, item: Item) -> float:
        """Days between an item and the farthest date here."""
        when = item.when
        return max((when.days_from(o.when) for o in self.items if when and o.when), default=0.0)


def _echo(item: Item, other: Item) -> bool:
    """Whether two incidents of one article are one told twice: on one day, or undated at the whole of its victim."""
    if item.when:
        return other.when == item.when and bool(item.victims & other.victims)
    return item.victims.isdisjoint(other.victims)


def name_of(item: Item) -> str:
    """A reported incident as decisions and assignments name it."""
    return f"{item.key[0]}#{item.key[1]}"


def cluster(
    items: Iterable[Item],
    wholes: Callable[[Iri], frozenset[Iri]],
    *,
    together: Iterable[tuple[str, str]] = (),
    apart: Apart | None = None,
) -> list[tuple[Item, ...]]:
    """The incidents, each as its items; ``wholes`` gives what an organisation is part of, all the way up.

    ``together`` and ``apart`` are reported incidents that a curator joined or parted: they win over everything.
    """
    ordered = sorted(items, key=lambda item: item.key)
    clusters = [found for group in _by_victim(ordered, wholes) for found in _by_time(group, apart or {})]
    clusters = _joined(_with_clients(clusters), together)
    return [tuple(sorted(found.items, key=lambda item: item.key)) for found in clusters]


def _joined(clusters: Sequence[Cluster], together: Iterable[tuple[str, str]]) -> list[Cluster]:
    number_of = {name_of(item): number for number, found in enumerate(clusters) for item in found.items}
    sets: Sets[int] = Sets(range(len(clusters)))
    for left, right in together:
        if left in number_of and right in number_of:
            sets.join(sorted((number_of[left], number_of[right])))
    return [Cluster([item for number in group for item in clusters[number].items]) for group in sets.groups()]


def _with_clients(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Clusters of suppliers joined with those of the clients that were hit through them."""
    numbers = range(len(clusters))
    sets: Sets[int] = Sets(numbers)
    for number in numbers:
        if any(item.supplier for item in clusters[number].items):
            sets.join([number, *(other for other in numbers if _client(clusters[number], clusters[other]))])
    return [Cluster([item for number in group for item in clusters[number].items]) for group in sets.groups()]


def _client(supplier: Cluster, other: Cluster) -> bool:
    return any(
        one.actors & two.actors
        and one.countries & two.countries
        and one.when
        and two.when
        and one.when.days_from(two.when) <= WEEK
        for one in supplier.items
        for two in other.items
    ) and not any(supplier.forbids(item) for item in other.items if other is not supplier)


def _by_victim(items: Sequence[Item], wholes: Callable[[Iri], frozenset[Iri]]) -> list[list[Item]]:
    """Items whose victims are connected: the same, or one within the other. No victim, no company."""
    sets: Sets[ItemKey] = Sets(item.key for item in items)
    by_victim: dict[Iri, list[ItemKey]] = defaultdict(list)
    for item in items:
        for victim in item.victims:
            by_victim[victim].append(item.key)
    for victim, keys in by_victim.items():
        sets.join(keys)
        for whole in wholes(victim):
            if whole in by_victim:
                sets.join([keys[0], by_victim[whole][0]])
    by_key = {item.key: item for item in items}
    return [[by_key[key] for key in group] for group in sets.groups()]


def _by_time(items: Sequence[Item], apart: Apart) -> list[Cluster]:
    clusters: list[Cluster] = []
    dated = [item for item in items if item.when and not item.when.year_only]
    for item in sorted(dated, key=lambda i: (i.when, i.key)):
        _join(clusters, item, _same_time, apart)
    years = [item for item in items if item.when and item.when.year_only]
    for item in sorted(years, key=lambda i: (i.when, i.key)):
        _join(clusters, item, _same_year, apart)
    undated = [item for item in items if not item.when]
    dated_clusters = list(clusters)
    homeless = [item for item in undated if not _attach(dated_clusters, item)]
    loose: list[Cluster] = []
    for item in sorted(homeless, key=lambda i: (i.published is None, i.published, i.key) if i.published else (True,)):
        _join(loose, item, _same_news, apart)
    return clusters + loose


def _join(clusters: list[Cluster], item: Item, fits: Callable[[Cluster, Item], bool], apart: Apart) -> None:
    """Put an item into the nearest cluster that it fits, or into one of its own."""
    open_ = [found for found in clusters if not found.forbids(item) and fits(found, item)]
    if open_:
        best = min(open_, key=lambda c: (c.days(item), -c.shared(item), c.first, c.items[0].key))
        best.items.append(item)
    else:
        clusters.append(Cluster([item], apart))


def _same_time(found: Cluster, item: Item) -> bool:
    """Close enough to every date here, so that a chain of near dates does not drift."""
    span = found.span(item)
    if span <= NEAR or _same_month(found, item):
        return True
    return span <= FAR and found.shared(item) >= SHARED


def _same_month(found: Cluster, item: Item) -> bool:
    return bool(item.when) and all(o.when.month == item.when.month for o in found.items if o.when and item.when)


def _same_year(found: Cluster, item: Item) -> bool:
    return found.days(item) == 0.0


def _same_news(found: Cluster, item: Item) -> bool:
    """Undated reports of one victim are one incident unless they were published far apart."""
    if not item.published:
        return True
    return all(abs(item.published.middle - o.published.middle) <= FOCUS_DAYS / 2 for o in found.items if o.published)


def _attach(clusters: Sequence[Cluster], item: Item) -> bool:
    """Put an undated item where it belongs: the last incident before its article, or the only one."""
    open_ = [found for found in clusters if not found.forbids(item)]
    if item.published:
        limit = item.published.last
        open_ = [
            found for found in open_ if found.first <= limit and (not item.focus or limit - found.first <= FOCUS_DAYS)
        ]
        open_ = sorted(open_, key=lambda found: (found.first, found.items[0].key))[-1:]
    if len(open_) > 1:
        kin = [found for found in open_ if found.shared(item) >= SHARED or _same_actor(found, item)]
        open_ = kin if len(kin) == 1 else []
    if len(open_) != 1:
        return False
    open_[0].items.append(item)
    return True


def _same_actor(found: Cluster, item: Item) -> bool:
    return any(item.actors & other.actors for other in found.items)
