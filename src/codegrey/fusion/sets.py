"""Disjoint sets (union-find), whose groups do not depend on the order of the joins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T", bound=Any)


class Sets(Generic[T]):
    """Members that start alone and are joined; members must be sortable."""

    def __init__(self, members: Iterable[T]) -> None:
        self._parent = {member: member for member in members}

    def find(self, member: T) -> T:
        """The member that stands for the set of this one."""
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, members: Iterable[T]) -> None:
        """Make one set of all that hold these members."""
        first: T | None = None
        for member in members:
            if first is None:
                first = self.find(member)
            else:
                self._parent[self.find(member)] = first

    def groups(self) -> list[list[T]]:
        """The sets, each sorted, in the order of their first members."""
        found: dict[T, list[T]] = defaultdict(list)
        for member in self._parent:
            found[self.find(member)].append(member)
        return sorted((sorted(group) for group in found.values()), key=lambda group: group[0])
