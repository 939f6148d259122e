"""Scores as tables for people and as values for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from codegrey.evaluate.calibration import Bin
from codegrey.evaluate.facts import SLOTS
from codegrey.evaluate.tally import Outcome, Score, Tally

INCIDENTS, ALL = "incidents", "all facts"
_EMPTY = Tally()


def rows(score: Score, languages: Sequence[str]) -> Iterator[tuple[str, Tally]]:
    """Every line of a table: the slots, the languages in brackets, incidents, all facts."""
    yield from ((slot, score.slots.get(slot, _EMPTY)) for slot in SLOTS)
    yield from ((f"[{language}]", score.languages.get(language, _EMPTY)) for language in languages)
    yield INCIDENTS, score.incidents
    yield ALL, score.total


def table_lines(scores: Mapping[str, Score]) -> Iterator[str]:
    """Splits side by side: precision, recall, F1, and how many were right, wrong and missing."""
    languages = sorted(set(chain.from_iterable(score.languages for score in scores.values())))
    titles = (f"{name}: {score.articles} article{'s' * (score.articles != 1)}" for name, score in scores.items())
    yield " " * 12 + "".join(f"   {title:<36}" for title in titles).rstrip()
    head = f"   {'P':>6}{'R':>6}{'F1':>6}{'tp':>6}{'fp':>6}{'fn':>6}"
    yield f"{'slot':<12}" + head * len(scores)
    for line in zip(*(rows(score, languages) for score in scores.values()), strict=True):
        yield f"{line[0][0]:<12}" + "".join(f"   {_cells(tally)}" for _, tally in line)


def _cells(tally: Tally) -> str:
    if not (tally.tp or tally.fp or tally.fn):
        return f"{'–':>6}{'–':>6}{'–':>6}{0:>6}{0:>6}{0:>6}"
    ratios = "".join(f"{value:>6.3f}" for value in (tally.precision, tally.recall, tally.f1))
    return f"{ratios}{tally.tp:>6}{tally.fp:>6}{tally.fn:>6}"


def bin_lines(bins: Mapping[str, Sequence[Bin]]) -> Iterator[str]:
    """Reliability, split by split: of the facts claimed at a confidence, how many are right."""
    for name, found in bins.items():
        yield f"{name}: confidence   facts   right   share"
        for one in found:
            yield f"{'':<{len(name)}}   {one.low:.2f}–{one.high:.2f}{one.claimed:>8}{one.right:>8}{one.share:>8.3f}"


def error_lines(score: Score) -> Iterator[str]:
    """Every wrong and every missing fact."""
    for outcome in score.outcomes:
        if outcome.verdict != "tp":
            sure = "" if outcome.confidence is None else f" ({outcome.confidence:.2f})"
            rule = f"  {outcome.rule}" if outcome.rule else ""
            what = f"{outcome.verdict} {outcome.slot} = {_value(outcome)}{sure}"
            yield f"{outcome.article}: {what}  [{outcome.incident}]{rule}"


def rule_lines(score: Score) -> Iterator[str]:
    """How often each rule was wrong and right, by slot, the worst first; only those that were wrong."""
    counts: dict[tuple[str, str], Tally] = {}
    for outcome in score.outcomes:
        if outcome.rule:
            counts.setdefault((outcome.slot, outcome.rule), Tally()).add(outcome.verdict)
    yield f"{'wrong':>6}{'right':>6}  {'slot':<10}rule"
    for (slot, rule), tally in sorted(counts.items(), key=lambda item: (-item[1].fp, item[1].tp, item[0])):
        if tally.fp:
            yield f"{tally.fp:>6}{tally.tp:>6}  {slot:<10}{rule}"


def _value(outcome: Outcome) -> str:
    value = outcome.value
    if outcome.slot in ("actor", "responder") and isinstance(value, tuple):
        return str(value[0])
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def figures(score: Score, bins: Sequence[Bin]) -> dict[str, Any]:
    """All figures as plain values, rounded to four digits."""
    return {
        "articles": score.articles,
        "all": _figures(score.total),
        "incidents": _figures(score.incidents),
        "languages": {name: _figures(score.languages[name]) for name in sorted(score.languages)},
        "slots": {slot: _figures(score.slots[slot]) for slot in SLOTS if slot in score.slots},
        "reliability": [
            {"low": b.low, "high": b.high, "facts": b.claimed, "right": b.right, "share": round(b.share, 4)}
            for b in bins
        ],
    }


def _figures(tally: Tally) -> dict[str, float]:
    ratios = {"precision": tally.precision, "recall": tally.recall, "f1": tally.f1}
    return {name: round(value, 4) for name, value in ratios.items()} | {"tp": tally.tp, "fp": tally.fp, "fn": tally.fn}
