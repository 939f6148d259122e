"""Many patterns over one sentence: only those whose anchor stands in it are tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from codegrey.extract.units import Units
from codegrey.notation import Pattern


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
    """Matches a fixed list of patterns. Keeps, per word form, which of them could match: make one and keep it."""

    items: Sequence[P]
    _always: tuple[int, ...] = field(init=False, repr=False)
    _by: dict[tuple[str, str], list[int]] = field(init=False, repr=False)
    _prefixes: tuple[tuple[str, int], ...] = field(init=False, repr=False)
    _known: dict[str, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the patterns by their anchors."""
        always, by, prefixes = [], defaultdict(list), []
        for number, item in enumerate(self.items):
            if not item.pattern.anchors:
                always.append(number)
            for anchor in item.pattern.anchors:
                if anchor.kind == "prefix":
                    prefixes.append((anchor.value, number))
                else:
                    by[anchor.kind, anchor.value].append(number)
        self._always = tuple(always)
        self._by = dict(by)
        self._prefixes = tuple(prefixes)

    def matches(self, units: Units) -> Iterator[Match[P]]:
        """Every match, pattern by pattern, left to right."""
        tried = set(self._always)
        for record in units.records.split():
            tried.update(self._candidates(record))
        for number in sorted(tried):
            item = self.items[number]
            for found in item.pattern.regex.finditer(units.records):
                if found.end() == found.start():
                    continue
                captures = {
                    name.rstrip("_"): (units.at(found.start(name)), units.at(found.end(name) - 1) + 1)
                    for name, text in found.groupdict().items()
                    if text
                }
                yield Match(item, units.at(found.start()), units.at(found.end() - 1) + 1, captures)

    def _candidates(self, record: str) -> tuple[int, ...]:
        known = self._known.get(record)
        if known is None:
            form, stem, tags = record.split("|")
            numbers = set(self._by.get(("stem", stem), ())) | set(self._by.get(("form", form), ()))
            for tag in (tags,) if tags == "#" else ["@" + name for name in tags.split("@")[1:]]:
                numbers.update(self._by.get(("tag", tag), ()))
            numbers.update(number for prefix, number in self._prefixes if form.startswith(prefix))
            known = tuple(numbers)
            if len(self._known) < 500_000:
                self._known[record] = known
        return known
