"""Many patterns over one sentence: only those whose anchor stands in it are tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from codegrey.extract.units import Units
from codegrey.notation import Anchor, Pattern

KEPT = 200_000  # words


class HasPattern(Protocol):
    """Anything that carries a compiled pattern."""

    @property
    def pattern(self) -> Pattern:
        """The pattern."""


P = TypeVar("P", bound=HasPattern)


class Match(NamedTuple, Generic[P]):
    """A pattern found over the units ``first`` to before ``last``, with its captures as unit ranges."""

    item: P
    first: int
    last: int
    captures: dict[str, tuple[int, int]]


@dataclass(slots=True)
class Matcher(Generic[P]):
    """Matches a fixed list of patterns. Keeps, per word, which anchors it meets: make one and keep it."""

    items: Sequence[P]
    _required: tuple[tuple[frozenset[int], ...], ...] = field(init=False, repr=False)
    _always: tuple[int, ...] = field(init=False, repr=False)
    _by_anchor: dict[int, tuple[int, ...]] = field(init=False, repr=False)
    _ids: dict[Anchor, int] = field(init=False, repr=False)
    _prefixes: tuple[tuple[str, int], ...] = field(init=False, repr=False)
    _known: dict[str, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Number the anchors and index the patterns by those of their rarest set."""
        anchors = sorted({a for item in self.items for group in item.pattern.required for a in group})
        self._ids = {anchor: number for number, anchor in enumerate(anchors)}
        self._required = tuple(
            tuple(frozenset(self._ids[a] for a in group) for group in item.pattern.required) for item in self.items
        )
        by_anchor: dict[int, list[int]] = defaultdict(list)
        for number, groups in enumerate(self._required):
            for anchor_id in groups[0] if groups else ():
                by_anchor[anchor_id].append(number)
        self._by_anchor = {anchor_id: tuple(numbers) for anchor_id, numbers in by_anchor.items()}
        self._always = tuple(number for number, groups in enumerate(self._required) if not groups)
        self._prefixes = tuple((a.value, number) for a, number in self._ids.items() if a.kind == "prefix")

    def matches(self, units: Units) -> Iterator[Match[P]]:
        """Every match, pattern by pattern, left to right."""
        met: set[int] = set()
        for record in units.records.split():
            met.update(self._met(record))
        tried = set(self._always)
        for anchor_id in met:
            tried.update(self._by_anchor.get(anchor_id, ()))
        for number in sorted(tried):
            if any(group.isdisjoint(met) for group in self._required[number][1:]):
                continue
            yield from self._found(self.items[number], units)

    def _found(self, item: P, units: Units) -> Iterator[Match[P]]:
        for found in item.pattern.regex.finditer(units.records):
            if found.end() == found.start():
                continue
            captures = {
                name.rstrip("_"): (units.at(found.start(name)), units.at(found.end(name) - 1) + 1)
                for name, text in found.groupdict().items()
                if text
            }
            yield Match(item, units.at(found.start()), units.at(found.end() - 1) + 1, captures)

    def _met(self, record: str) -> tuple[int, ...]:
        """The anchors that a record meets."""
        known = self._known.get(record)
        if known is None:
            form, stem, tags = record.split("|")
            wanted = [Anchor("stem", stem), Anchor("form", form)]
            wanted += [Anchor("tag", tag) for tag in (("#",) if tags == "#" else _split(tags))]
            ids = {self._ids[anchor] for anchor in wanted if anchor in self._ids}
            ids.update(number for prefix, number in self._prefixes if form.startswith(prefix))
            known = tuple(sorted(ids))
            if len(self._known) < KEPT:
                self._known[record] = known
        return known


def _split(tags: str) -> list[str]:
    return ["@" + name for name in tags.split("@")[1:]]
