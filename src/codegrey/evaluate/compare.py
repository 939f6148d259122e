"""Two sides held against each other: which names agree, which incidents are one, which facts are right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from codegrey.evaluate.facts import Fact, Side
from codegrey.model import Claim
from codegrey.text import fold

Pair: TypeAlias = tuple[Side | None, Side | None]
Judgement: TypeAlias = tuple[str, str, Any, Claim | None]
"""Slot, verdict (``tp``, ``fp``, ``fn``), value, and the most confident claim of it."""


@cache
def generic_words() -> frozenset[str]:
    """Words that two hospitals' names may share without being one: a part of the yardstick, not of the reader."""
    return frozenset(resources.files("codegrey.evaluate").joinpath("generic-words.txt").read_text("utf-8").split())


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def same_name(left: str, right: str) -> bool:
    """Whether two names agree: equal, or the proper words of one among the other's."""
    a, b = _words(left), _words(right)
    if a == b:
        return True
    core_a, core_b = set(a.split()) - generic_words(), set(b.split()) - generic_words()
    return bool(core_a and core_b) and (core_a <= core_b or core_b <= core_a)


def same_victim(left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether two organisations, each by its names, are one."""
    others = tuple(right)
    return any(same_name(a, b) for a in left for b in others)


def equal(slot: str, got: Any, want: Any) -> bool:
    """Whether a claimed value is the annotated one.

    A responder's fuller name is right, a vaguer one is not.
    """
    if slot == "actor":
        return any(_words(label) == _words(want) for label in got)
    if slot == "responder":
        return any(set(_words(want).split()) <= set(_words(label).split()) for label in got)
    return bool(got == want)


def pairs(got: Sequence[Side], want: Sequence[Side]) -> list[Pair]:
    """Incidents of both sides, two and two: most victims in common first, then most facts; each at most once."""
    scored = []
    for i, g in enumerate(got):
        for j, w in enumerate(want):
            common = sum(any(same_victim(a, b) for b in w.victims) for a in g.victims)
            if common or (not g.victims and not w.victims):
                shared = sum(any(s == t and equal(s, x, y) for t, y in w.facts) for s, x in g.facts)
                scored.append((common, shared, -i, -j))
    found: list[Pair] = []
    used_got, used_want = set[int](), set[int]()
    for _, _, i, j in sorted(scored, reverse=True):
        if -i not in used_got and -j not in used_want:
            used_got.add(-i)
            used_want.add(-j)
            found.append((got[-i], want[-j]))
    found += [(side, None) for i, side in enumerate(got) if i not in used_got]
    found += [(None, side) for j, side in enumerate(want) if j not in used_want]
    return found


def compare(got: Side | None, want: Side | None) -> Iterator[Judgement]:
    """Judge every fact of a pair."""
    left, right = got or Side(""), want or Side("")
    yield from _compare_victims(left, right)
    missing = sorted(right.facts, key=repr)
    for slot, value in sorted(left.facts, key=repr):
        match = next((f for f in missing if f[0] == slot and equal(slot, value, f[1])), None)
        if match is not None:
            missing.remove(match)
        yield slot, "tp" if match is not None else "fp", value, left.claims.get((slot, value))
    for slot, value in missing:
        yield slot, "fn", value, None


def _compare_victims(got: Side, want: Side) -> Iterator[Judgement]:
    left, right = list(got.victims), list(want.victims)
    for victim in got.victims:
        match = next((other for other in right if same_victim(victim, other)), None)
        if match is not None:
            right.remove(match)
            left.remove(victim)
            yield "victim", "tp", match[0], _claim(got, victim)
    for victim in left:  # several names for one victim that is already found are no second mistake
        if not any(same_victim(victim, other) for other in want.victims):
            yield "victim", "fp", victim[0], _claim(got, victim)
    for victim in right:
        yield "victim", "fn", victim[0], None


def _claim(side: Side, victim: tuple[str, ...]) -> Claim | None:
    fact: Fact = ("victim", victim)
    return side.claims.get(fact)
