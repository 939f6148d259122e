"""Reports against annotations: what was right, wrong and missing, by slot, language and incident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from codegrey.evaluate.compare import compare, pairs
from codegrey.evaluate.facts import claimed, expected
from codegrey.model import Report


class Outcome(NamedTuple):
    """One fact judged: ``tp`` (right), ``fp`` (wrong) or ``fn`` (missing, and then without confidence and rule)."""

    article: str
    language: str
    slot: str
    verdict: str
    value: Any
    incident: str
    confidence: float | None = None
    rule: str = ""


@dataclass(slots=True)
class Tally:
    """True positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, verdict: str) -> None:
        """Count one verdict."""
        setattr(self, verdict, getattr(self, verdict) + 1)

    @property
    def expected(self) -> int:
        """How many there were to find."""
        return self.tp + self.fn

    @property
    def precision(self) -> float:
        """tp / (tp + fp), 0 where nothing was claimed."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """tp / (tp + fn), 0 where nothing was there."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(slots=True)
class Score:
    """The figures of one evaluation."""

    articles: int = 0
    slots: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    languages: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    incidents: Tally = field(default_factory=Tally)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        """All facts together."""
        tallies = self.slots.values()
        return Tally(sum(t.tp for t in tallies), sum(t.fp for t in tallies), sum(t.fn for t in tallies))

    def add(self, outcome: Outcome) -> None:
        """Count one fact."""
        self.slots[outcome.slot].add(outcome.verdict)
        self.languages[outcome.language].add(outcome.verdict)
        self.outcomes.append(outcome)


def score(reports: Iterable[Report], gold: Mapping[str, Mapping[str, Any]]) -> Score:
    """Hold reports against annotations by article name; an article without a report has claimed nothing.

    :raises codegrey.errors.DataError: if an annotation is malformed.
    """
    by_stem = {report.article.stem: report for report in reports}
    result = Score(articles=len(gold))
    for name, annotation in gold.items():
        language = str(annotation.get("language", "?"))
        got = claimed(by_stem[name]) if name in by_stem else []
        for left, right in pairs(got, expected(annotation)):
            result.incidents.add("tp" if left and right else "fp" if left else "fn")
            incident = right.name if right else left.name if left else ""
            for slot, verdict, value, claim in compare(left, right):
                confidence, rule = (claim.confidence, claim.rule) if claim else (None, "")
                result.add(Outcome(name, language, slot, verdict, value, incident, confidence, rule))
    return result
