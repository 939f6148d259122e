"""Patterns and cues over one sentence: what it says, and whether it says so, denies it or only wonders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from codegrey.extract.matcher import Match, Matcher
from codegrey.extract.units import Units
from codegrey.lexicon import LEX, Cue, Entry, Lexicon, Readings
from codegrey.model import Span
from codegrey.terms import Iri
from codegrey.vocab import local_name

STRONG, WEAK = 0.9, 0.6
BLOCKING = ("Generic", "Hypothesis", "Intention")
QUESTION = "Question"
PATTERNS = "patterns"


class Statement(NamedTuple):
    """One concept that a sentence states, from unit ``first`` to before unit ``last`` of it."""

    concept: Iri
    sentence: int
    first: int
    last: int
    span: Span
    weak: bool
    confidence: float
    rule: str
    captures: dict[str, tuple[int, int]]
    extractor: str = PATTERNS


class Refusal(NamedTuple):
    """A match that does not count, and the effect of the cue that forbids it."""

    concept: Iri
    sentence: int
    span: Span
    rule: str
    effect: str


class Turned(NamedTuple):
    """A cue found: the units it covers and those it reaches."""

    effect: str
    first: int
    last: int
    reach_first: int
    reach_last: int


@dataclass(slots=True)
class Reader:
    """Reads the sentences of one language. Keeps the matchers' memory: make one and keep it."""

    lexicon: Lexicon
    readings: Readings
    _entries: Matcher[Entry] = field(init=False, repr=False)
    _cues: Matcher[Cue] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the lexicon's entries and cues."""
        self._entries = Matcher(self.lexicon.entries)
        self._cues = Matcher(self.lexicon.cues)

    def cues(self, units: Units) -> list[Turned]:
        """The cues of a sentence with their reach; a contrast (`but`) ends it."""
        stops = self._stops(units)
        found = [_turn(match, len(units.units), stops) for match in self._cues.matches(units)]
        size = len(units.units)
        if size and any(token.fold == "?" for token in units.sentence.tokens[-2:]):
            found.append(Turned(QUESTION, size - 1, size, 0, size))
        return found

    def read(self, units: Units, text: str, cues: Sequence[Turned]) -> Iterator[Statement | Refusal]:
        """What a sentence states. Of one concept the longest match at each place stands."""
        judged = [(match, self._judge(match, units, text, cues)) for match in self._entries.matches(units)]
        read = _distinct(judged)
        stated = [r for r in read if isinstance(r, Statement)]
        for each in read:
            if isinstance(each, Statement) and (by := self._suppressor(each, stated)) is not None:
                yield Refusal(each.concept, each.sentence, each.span, each.rule, local_name(by.concept))
            else:
                yield each

    def _suppressor(self, statement: Statement, stated: Sequence[Statement]) -> Statement | None:
        """A statement over some of the same words that takes the place of this one."""
        none: frozenset[Iri] = frozenset()
        return next(
            (
                other
                for other in stated
                if statement.concept in self.readings.suppresses.get(other.concept, none)
                and other.first < statement.last
                and statement.first < other.last
            ),
            None,
        )

    def _judge(self, match: Match[Entry], units: Units, text: str, cues: Sequence[Turned]) -> Statement | Refusal:
        entry = match.item
        effects = {
            cue.effect for cue in cues if cue.reach_first < match.last and match.first < cue.reach_last
        } - entry.ignores
        tokens = units.tokens(match.first, match.last)
        span = Span(tokens[0].start, tokens[-1].end, text[tokens[0].start : tokens[-1].end])
        index = units.sentence.index
        blocked = next((effect for effect in BLOCKING if effect in effects), None)
        if QUESTION in effects and not entry.concept.startswith(LEX):
            blocked = QUESTION
        concept: Iri | None = None if blocked else entry.concept
        if concept and "Negation" in effects:
            concept, blocked = self.readings.negated.get(concept), "Negation"
        if concept and "Hedge" in effects:
            concept, blocked = self.readings.hedged.get(concept), "Hedge"
        if concept is None:
            return Refusal(entry.concept, index, span, entry.pattern.source, blocked or "")
        confidence = WEAK if entry.weak else STRONG
        return Statement(
            concept, index, match.first, match.last, span, entry.weak, confidence, entry.pattern.source, match.captures
        )

    def _stops(self, units: Units) -> list[int]:
        contrast = self.lexicon.words("contrast")
        marks = ";:?"
        return [
            i
            for i, unit in enumerate(units.units)
            if unit.entity is None and ((fold := units.sentence.tokens[unit.first].fold) in contrast or fold in marks)
        ]


def _turn(match: Match[Cue], size: int, stops: Sequence[int]) -> Turned:
    cue = match.item
    first = match.first if cue.side == "before" else max(0, match.first - cue.reach)
    last = match.last if cue.side == "after" else min(size, match.last + cue.reach)
    if cue.reach < 40:
        before = [stop for stop in stops if stop < match.first]
        after = [stop for stop in stops if stop >= match.last]
        first = max([first, *(stop + 1 for stop in before)])
        last = min([last, *after])
    return Turned(cue.effect, match.first, match.last, first, last)


def _distinct(judged: Sequence[tuple[Match[Entry], Statement | Refusal]]) -> list[Statement | Refusal]:
    """Of overlapping matches of one concept: what stands before what is refused, strong before weak, then long."""
    kept: list[tuple[Match[Entry], Statement | Refusal]] = []
    for match, read in sorted(
        judged,
        key=lambda j: (isinstance(j[1], Refusal), j[0].item.weak, j[0].first - j[0].last, j[0].first, j[1].rule),
    ):
        if not any(
            k.item.concept == match.item.concept and k.first < match.last and match.first < k.last for k, _ in kept
        ):
            kept.append((match, read))
    kept.sort(key=lambda k: (k[0].first, k[0].last, k[0].item.concept))
    return [read for _, read in kept]
